/* roles.c -- one service, asked over two links: the one tells who is asking, the other does not. */
#include "orders.kmsg.h"

#include <kmsg/security.h>

static const char *kind_of(const kmsg_identity *who)
{
    switch (who->kind) {
    case KMSG_IDENTITY_NONE: return "nobody knows who";
    case KMSG_IDENTITY_PROCESS: return "this process";
    case KMSG_IDENTITY_USER: return "a process of this host, by its user";
    case KMSG_IDENTITY_KEY: return "a host, by its key";
    }
    return "?";
}

static kmsg_err place(void *ctx, kmsg_call *call, kmsg_string item, uint64_t *ret)
{
    (void)ctx;
    printf("  the handler: %s for %s\n", item.data, kind_of(kmsg_call_identity(call)));
    *ret = 1;
    return KMSG_OK;
}

static kmsg_err cancel(void *ctx, kmsg_call *call, uint64_t number)
{
    (void)ctx;
    (void)call;
    (void)number;
    return KMSG_OK;
}

static kmsg_err hours(void *ctx, kmsg_call *call, kmsg_string *ret)
{
    (void)ctx;
    (void)call;
    *ret = kmsg_str("nine to five");
    return KMSG_OK;
}

static void tell(const char *what, kmsg_err err)
{
    printf("  %s: %s\n", what, err == KMSG_OK ? "done" : kmsg_strerror(err));
}

/* `url` is where a server listens, that runs on a thread of its own. */
static void ask(const char *url)
{
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    uint64_t    number;
    kmsg_string text;

    kmsg_must(kmsg_dial(node, url, &peer));
    tell("hours", orders_Desk_hours(peer, mem, &text));
    tell("place", orders_Orders_place(peer, kmsg_str("tea"), mem, &number));
    tell("cancel", orders_Orders_cancel(peer, 1));
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

int main(void)
{
    static const orders_Desk_impl impl = {.Orders = {.place = place, .cancel = cancel},
                                          .hours = hours};
    kmsg_node                    *server = kmsg_node_new();
    kmsg_listener                *near, *far;

    setvbuf(stdout, NULL, _IOLBF, 0);
    kmsg_must(orders_Desk_serve(server, &impl, NULL));
    kmsg_must(kmsg_listen(server, "unix:", &near));
    kmsg_must(kmsg_listen(server, "tcp:127.0.0.1:0", &far));
    kmsg_must(kmsg_start(server));
    puts("over a unix socket");
    ask(kmsg_listener_url(near));
    puts("over clear tcp");
    ask(kmsg_listener_url(far));
    kmsg_node_free(server);
    return 0;
}
