/* child.c -- the process that was started: all that it knows is where its parent is. */
#include "pair.h"
#include "pair.kmsg.h"

#include <kmsg/peer.h>

static kmsg_err square(void *ctx, kmsg_call *call, uint32_t of, uint32_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = of * of;
    return KMSG_OK;
}

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)ctx;
    (void)err;
    if (event == KMSG_PEER_DOWN)
        kmsg_stop_ts(kmsg_peer_node(peer));
}

void child(const char *url)
{
    static const Child_impl impl = {.square = square};
    static const kmsg_retry three_tries = {.first_ms = 3000, .limit = 2};
    kmsg_node              *node = kmsg_node_new();
    kmsg_peer              *parent;

    kmsg_must(Child_serve(node, &impl, NULL));
    kmsg_must(kmsg_dial(node, url, &parent));
    kmsg_must(kmsg_peer_watch(parent, NULL, heard));
    kmsg_must(kmsg_peer_set_retry(parent, &three_tries));
    kmsg_must(kmsg_connect(parent, 9000));
    kmsg_must(Parent_report(parent, kmsg_str("here I am")));
    kmsg_must(kmsg_run(node)); /* until the parent is gone */
    kmsg_node_free(node);
}
