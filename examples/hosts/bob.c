/* bob.c -- introduces to Cleo who is introduced to him. What they write passes through his node: he
 * has no part in that.
 */
#define _POSIX_C_SOURCE 200809L

#include "hosts.h"
#include "mail.kmsg.h"

#include <kmsg/object.h>
#include <kmsg/security.h>

#include <signal.h>
#include <unistd.h>

static kmsg_node *node;

static kmsg_err introduce(void *ctx, kmsg_call *call, kmsg_address who)
{
    (void)call;
    printf("Bob: an address of %zu bytes goes on to Cleo\n", who.size);
    return Post_introduce(ctx, who);
}

static void on_signal(int number)
{
    (void)number;
    kmsg_stop_ts(node);
}

void bob(const char *cleo, int ret_url)
{
    static const Post_impl impl = {.introduce = introduce};
    kmsg_peer             *peer;
    kmsg_listener         *listener;
    kmsg_node_facts        facts;

    node = kmsg_node_new();
    kmsg_node_set_relay(node, KMSG_RELAY_ALL); /* what comes in the clear is from nobody known */
    signal(SIGTERM, on_signal);
    kmsg_must(kmsg_dial(node, cleo, &peer));
    kmsg_must(Post_serve(node, &impl, peer));
    kmsg_must(kmsg_listen(node, "tcp:127.0.0.1:0?insecure", &listener));
    dprintf(ret_url, "%s", kmsg_listener_url(listener));
    close(ret_url);
    kmsg_must(kmsg_run(node));
    kmsg_node_info(node, &facts);
    printf("Bob: messages that passed through here: %d\n", (int)facts.relayed);
    kmsg_node_free(node);
}
