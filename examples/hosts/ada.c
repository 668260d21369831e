/* ada.c -- gives her address to Bob, and gets a postcard from somebody she has no connection to. */
#include "hosts.h"
#include "mail.kmsg.h"

#include <kmsg/object.h>

void ada(const char *bob)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_object  *me = kmsg_root(node);
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_peer    *peer;
    kmsg_message *message;
    Postcard      card;

    kmsg_must(kmsg_dial(node, bob, &peer));
    kmsg_must(Post_introduce(peer, kmsg_object_address(me)));
    kmsg_must(kmsg_receive(me, UINT32_MAX, &message));
    kmsg_must(Postcard_read(message, mem, &card));
    printf("Ada reads: %s\n", card.text.data);
    if (kmsg_address_equal(card.to, kmsg_object_address(me)))
        printf("Ada: the address in it is mine, %zu bytes again\n", card.to.size);
    card = (Postcard){.text = KMSG_STR("Dear Cleo, thank you."), .to = kmsg_message_from(message)};
    kmsg_must(Postcard_send(me, card.to, &card));
    kmsg_must(kmsg_flush(peer)); /* it has left when the node ends */
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}
