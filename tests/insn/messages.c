/* messages.c -- messages oneway|call TIMES: so many messages of 64 bytes between two nodes of this
 * thread, over a socket, BURST at a time; all that both nodes do for them, and nothing else that
 * would differ between two runs with other TIMES. For tests/insn/count, as ops.c is.
 */
#include "bench.h"

#include "echo.kmsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BURST 50

typedef struct world {
    kmsg_node *server, *client;
    kmsg_peer *peer;
    Payload    payload;
    uint64_t   pushed;
    uint64_t   answered;
} world;

static kmsg_err echo(void *ctx, kmsg_call *call, const Payload *payload, Payload *ret)
{
    (void)ctx;
    (void)call;
    *ret = *payload;
    return KMSG_OK;
}

static kmsg_err push(void *ctx, kmsg_call *call, const Payload *payload)
{
    (void)call;
    (void)payload;
    ((world *)ctx)->pushed++;
    return KMSG_OK;
}

static void answered(void *ctx, kmsg_err err, const Payload *payload)
{
    (void)payload;
    kmsg_must(err);
    ((world *)ctx)->answered++;
}

static void begin(world *w)
{
    static const Echo_impl impl = {.echo = echo, .push = push};
    static const uint8_t   bytes[64] = "0123456789 abcdefghijklmnopqrstuvwxyz";
    char                   url[64];

    *w = (world){.server = kmsg_node_new(), .client = kmsg_node_new()};
    w->payload.data = (kmsg_bytes){bytes, sizeof bytes};
    BENCH_NEED(w->server && w->client);
    kmsg_must(kmsg_node_set_shared_memory(w->client, 0));
    kmsg_must(Echo_serve(w->server, &impl, w));
    snprintf(url, sizeof url, "unix:@kmsg-insn-%d", (int)getpid());
    kmsg_must(kmsg_listen(w->server, url, NULL));
    kmsg_must(kmsg_dial(w->client, url, &w->peer));
}

static void step_until(world *w, const uint64_t *count, uint64_t wanted)
{
    while (*count < wanted) {
        kmsg_must(kmsg_node_step(w->client));
        kmsg_must(kmsg_node_step(w->server));
    }
}

static void burst(world *w, bool oneway)
{
    for (int i = 0; i < BURST; i++) {
        if (oneway) {
            kmsg_must(Echo_push(w->peer, &w->payload));
        } else {
            Echo_echo_async(w->peer, &w->payload, w, answered);
        }
    }
    step_until(w, oneway ? &w->pushed : &w->answered,
               (oneway ? w->pushed : w->answered) / BURST * BURST + BURST);
}

int main(int argc, char **argv)
{
    world w;

    if (argc != 3) {
        bench_die("usage: messages oneway|call TIMES");
    }
    begin(&w);
    for (unsigned long i = strtoul(argv[2], NULL, 10); i > 0; i -= BURST) {
        burst(&w, strcmp(argv[1], "oneway") == 0);
    }
    kmsg_node_free(w.client);
    kmsg_node_free(w.server);
    return 0;
}
