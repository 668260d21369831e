/* carry.c -- stamps every envelope. This file has never heard of letters and parcels: what is
 * inside stays as it came, byte for byte.
 */
#include "file.h"
#include "mail.kmsg.h"
#include "relay.h"

void relay_carry(const char *path)
{
    static const kmsg_string stamps[] = {KMSG_STR("by road"), KMSG_STR("by sea")};
    kmsg_arena              *mem = kmsg_arena_new();
    mail_Bag                 bag;
    mail_Envelope           *stamped;
    kmsg_bytes               bytes;

    kmsg_must(mail_Bag_decode(file_read(path, mem), mem, &bag));
    stamped = kmsg_alloc_array(mem, mail_Envelope, bag.envelopes.count);
    for (size_t i = 0; i < bag.envelopes.count; i++) {
        stamped[i] = bag.envelopes.items[i];
        stamped[i].stamps.items = stamps;
        stamped[i].stamps.count = 2;
        printf("carried: %s for %s, %zu bytes\n", stamped[i].content.type.data, stamped[i].to.data,
               stamped[i].content.message.size);
    }
    bag.envelopes.items = stamped;
    kmsg_must(mail_Bag_encode(&bag, mem, &bytes));
    file_write(path, bytes);
    kmsg_arena_free(mem);
}
