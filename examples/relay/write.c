/* write.c -- a letter and a parcel go into a bag. */
#include "file.h"
#include "letters.kmsg.h"
#include "mail.kmsg.h"
#include "relay.h"

void relay_write(const char *path)
{
    kmsg_arena          *mem = kmsg_arena_new();
    const letters_Letter letter = {
        .from = KMSG_STR("Ada"),
        .lines = KMSG_LIST(kmsg_string, KMSG_STR("Dear Bob,"), KMSG_STR("come soon."))};
    const letters_Book   book = {.title = KMSG_STR("Sketch of the Analytical Engine"), .pages = 66};
    const letters_Parcel parcel = {
        .grams = 950,
        .items = KMSG_LIST(letters_Item, {.kind = letters_Item_kind_book, .book = &book},
                           {.kind = letters_Item_kind_coins, .coins = 3})};
    mail_Envelope  envelopes[] = {{.to = KMSG_STR("Bob")}, {.to = KMSG_STR("Cleo")}};
    const mail_Bag bag = {{envelopes, 2}};
    kmsg_bytes     bytes;

    kmsg_must(kmsg_any_pack(&letters_Letter_layout, &letter, mem, &envelopes[0].content));
    kmsg_must(kmsg_any_pack(&letters_Parcel_layout, &parcel, mem, &envelopes[1].content));
    kmsg_must(mail_Bag_encode(&bag, mem, &bytes));
    file_write(path, bytes);
    kmsg_arena_free(mem);
}
