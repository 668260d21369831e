/* with_uv.c -- a node on a libuv loop of the program's own.
 *
 * Three handles do it, and nothing else of the loop needs to know of the node:
 *   uv_poll     the node's descriptor is readable: step
 *   uv_timer    the time that the node asked for has passed: step
 *   uv_prepare  before the loop waits: ask the node how long. Other callbacks of the loop may have
 *               used the node since the last step, so this is asked each time
 */
#define _POSIX_C_SOURCE 200809L /* libuv's header wants it with -std=c11 */

#include "loop.h"

#include <uv.h>

#include <stdlib.h>

typedef struct guest {
    uv_poll_t    poll;
    uv_timer_t   timer;
    uv_prepare_t prepare;
    kmsg_node   *node;
} guest;

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

/* ---- the node on the loop -------------------------------------------------------------------- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    kmsg_must(kmsg_node_step(((guest *)poll->data)->node));
}

static void on_time(uv_timer_t *timer)
{
    kmsg_must(kmsg_node_step(((guest *)timer->data)->node));
}

static void before_waiting(uv_prepare_t *prepare)
{
    guest *g = prepare->data;
    int    wait_ms = kmsg_node_wait_ms(g->node);

    if (wait_ms < 0)
        uv_timer_stop(&g->timer);
    else
        must(uv_timer_start(&g->timer, on_time, (uint64_t)wait_ms, 0));
}

static void guest_begin(guest *g, uv_loop_t *loop, kmsg_node *node)
{
    g->node = node;
    g->poll.data = g->timer.data = g->prepare.data = g;
    must(uv_poll_init(loop, &g->poll, kmsg_node_fd(node)));
    must(uv_timer_init(loop, &g->timer));
    must(uv_prepare_init(loop, &g->prepare));
    must(uv_poll_start(&g->poll, UV_READABLE, on_readable));
    must(uv_prepare_start(&g->prepare, before_waiting));
}

static void guest_end(guest *g)
{
    uv_close((uv_handle_t *)&g->poll, NULL);
    uv_close((uv_handle_t *)&g->timer, NULL);
    uv_close((uv_handle_t *)&g->prepare, NULL);
}

/* ---- the program's own part ------------------------------------------------------------------ */

static void on_tick(uv_timer_t *timer)
{
    ticker *t = timer->data;

    t->tick(t->ctx);
}

void loop_with_uv(kmsg_node *node, const bool *stop, void *ctx, void (*tick)(void *ctx))
{
    uv_loop_t loop;
    guest     g;
    ticker    t = {.ctx = ctx, .tick = tick};

    must(uv_loop_init(&loop));
    guest_begin(&g, &loop, node);
    must(uv_timer_init(&loop, &t.timer));
    t.timer.data = &t;
    must(uv_timer_start(&t.timer, on_tick, TICK_MS, TICK_MS));
    while (!*stop)
        uv_run(&loop, UV_RUN_ONCE);
    guest_end(&g);
    uv_close((uv_handle_t *)&t.timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT); /* until what was closed is gone */
    must(uv_loop_close(&loop));
}
