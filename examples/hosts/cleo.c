/* cleo.c -- writes to everybody who is introduced to her, and waits for one answer. */
#define _POSIX_C_SOURCE 200809L

#include "hosts.h"
#include "mail.kmsg.h"

#include <kmsg/object.h>

#include <unistd.h>

static kmsg_err introduce(void *ctx, kmsg_call *call, kmsg_address who)
{
    const Postcard card = {.text = KMSG_STR("Dear Ada, how are you? Cleo"), .to = who};

    (void)call;
    printf("Cleo: an address of %zu bytes, it leads through Bob\n", who.size);
    return Postcard_send(ctx, who, &card);
}

/* An old machine may have no IPv6. */
static kmsg_listener *listen_somewhere(kmsg_node *node)
{
    kmsg_listener *listener;

    if (kmsg_listen(node, "tcp:[::1]:0?insecure", &listener) != KMSG_OK)
        kmsg_must(kmsg_listen(node, "tcp:127.0.0.1:0?insecure", &listener));
    return listener;
}

/* While she waits for messages her node serves others. */
void cleo(int ret_url)
{
    static const Post_impl impl = {.introduce = introduce};
    kmsg_node             *node = kmsg_node_new();
    kmsg_arena            *mem = kmsg_arena_new();
    kmsg_message          *message;
    Postcard               card;

    kmsg_must(Post_serve(node, &impl, kmsg_root(node)));
    dprintf(ret_url, "%s", kmsg_listener_url(listen_somewhere(node)));
    close(ret_url);
    kmsg_must(kmsg_receive(kmsg_root(node), UINT32_MAX, &message));
    kmsg_must(Postcard_read(message, mem, &card));
    printf("Cleo reads: %s\n", card.text.data);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}
