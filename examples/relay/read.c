/* read.c -- opens what it knows. */
#include "file.h"
#include "letters.kmsg.h"
#include "mail.kmsg.h"
#include "relay.h"

static void print_item(const letters_Item *item)
{
    switch (item->kind) {
    case letters_Item_kind_book:
        printf("  a book: %s, %u pages\n", item->book->title.data, item->book->pages);
        break;
    case letters_Item_kind_coins: printf("  %u coins\n", item->coins); break;
    case letters_Item_kind_plant: printf("  a plant: %s\n", item->plant.data); break;
    default: printf("  something new, of kind %u\n", item->kind); break;
    }
}

static void open_envelope(const mail_Envelope *e, kmsg_arena *mem)
{
    letters_Letter letter;
    letters_Parcel parcel;

    printf("for %s, %s, %s:\n", e->to.data, e->stamps.items[0].data, e->stamps.items[1].data);
    if (kmsg_any_is(&e->content, &letters_Letter_layout)) {
        kmsg_must(kmsg_any_unpack(&e->content, &letters_Letter_layout, mem, &letter));
        for (size_t i = 0; i < letter.lines.count; i++)
            printf("  %s\n", letter.lines.items[i].data);
        printf("  %s\n", letter.from.data);
    } else if (kmsg_any_is(&e->content, &letters_Parcel_layout)) {
        kmsg_must(kmsg_any_unpack(&e->content, &letters_Parcel_layout, mem, &parcel));
        for (size_t i = 0; i < parcel.items.count; i++)
            print_item(&parcel.items.items[i]);
    }
}

void relay_read(const char *path)
{
    kmsg_arena *mem = kmsg_arena_new();
    mail_Bag    bag;

    kmsg_must(mail_Bag_decode(file_read(path, mem), mem, &bag));
    for (size_t i = 0; i < bag.envelopes.count; i++)
        open_envelope(&bag.envelopes.items[i], mem);
    kmsg_arena_free(mem);
}
