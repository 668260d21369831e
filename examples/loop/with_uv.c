/* with_uv.c -- a node on a libuv loop of the program's own.
 *
 * One uv_poll_t does it: the node's descriptor is readable, so step. Nothing else of the loop needs
 * to know of the node.
 */
#define _POSIX_C_SOURCE 200809L /* libuv's header wants it with -std=c11 */

#include "loop.h"

#include <uv.h>

#include <stdlib.h>

typedef struct ticker {
    uv_timer_t timer;
    void      *ctx;
    void (*tick)(void *ctx);
} ticker;

static void must(int status)
{
    if (status == 0)
        return;
    fprintf(stderr, "libuv: %s\n", uv_strerror(status));
    exit(1);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    kmsg_must(kmsg_node_step(poll->data));
}

static void on_tick(uv_timer_t *timer)
{
    ticker *t = timer->data;

    t->tick(t->ctx);
}

void loop_with_uv(kmsg_node *node, const bool *stop, void *ctx, void (*tick)(void *ctx))
{
    uv_loop_t loop;
    uv_poll_t poll = {.data = node};
    ticker    t = {.ctx = ctx, .tick = tick};

    must(uv_loop_init(&loop));
    must(uv_poll_init(&loop, &poll, kmsg_node_fd(node)));
    must(uv_poll_start(&poll, UV_READABLE, on_readable));
    must(uv_timer_init(&loop, &t.timer));
    t.timer.data = &t;
    must(uv_timer_start(&t.timer, on_tick, TICK_MS, TICK_MS));
    while (!*stop)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&poll, NULL);
    uv_close((uv_handle_t *)&t.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT); /* until what was closed is gone */
    must(uv_loop_close(&loop));
}
