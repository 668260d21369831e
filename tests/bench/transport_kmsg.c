/* transport_kmsg.c -- kmsg: a service, asked by the generated functions. The client's node runs on
 * the thread that asks.
 */
#define _POSIX_C_SOURCE 200809L

#include "transport.h"

#include "echo.kmsg.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define BURST 128 /* one-way messages between two turns of the loop */

/* ---- server ---- */

typedef struct server {
    kmsg_node *node;
    uint64_t   pushed;
} server;

static kmsg_err echo(void *ctx, kmsg_call *call, const Payload *payload, Payload *ret)
{
    (void)ctx;
    (void)call;
    *ret = *payload;
    return KMSG_OK;
}

static kmsg_err push(void *ctx, kmsg_call *call, const Payload *payload)
{
    server *s = ctx;

    (void)call;
    (void)payload;
    s->pushed++;
    return KMSG_OK;
}

static kmsg_err count_pushed(void *ctx, kmsg_call *call, uint64_t *ret)
{
    server *s = ctx;

    (void)call;
    *ret = s->pushed;
    return KMSG_OK;
}

static const Echo_impl impl = {.echo = echo, .push = push, .count = count_pushed};

static void *server_new(transport_kind kind, const char *name, transport_address *ret)
{
    server        *s = bench_alloc(sizeof *s);
    kmsg_listener *listener;
    char           url[300];

    if (kind == TRANSPORT_TCP) {
        snprintf(url, sizeof url, "tcp:127.0.0.1:0");
    } else {
        snprintf(url, sizeof url, kind == TRANSPORT_INPROC ? "inproc:%s" : "unix:%s", name);
    }
    s->node = kmsg_node_new();
    BENCH_NEED(s->node);
    kmsg_must(Echo_serve(s->node, &impl, s));
    kmsg_must(kmsg_listen(s->node, url, &listener));
    snprintf(ret->text, sizeof ret->text, "%s", kmsg_listener_url(listener));
    kmsg_must(kmsg_start(s->node));
    return s;
}

static void server_free(void *ctx)
{
    server *s = ctx;

    kmsg_node_free(s->node);
}

/* ---- client ---- */

typedef struct client {
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
    Payload     payload;
    uint64_t    pushed;
    size_t      unsent; /* calls yet to be made, and yet to be answered */
    size_t      unanswered;
} client;

static void *client_new(transport_kind kind, const char *address)
{
    client *c = bench_alloc(sizeof *c);

    (void)kind;
    c->node = kmsg_node_new();
    c->mem = kmsg_arena_new();
    BENCH_NEED(c->node && c->mem);
    c->payload.data = (kmsg_bytes){transport_payload, TRANSPORT_SIZE};
    kmsg_must(kmsg_dial(c->node, address, &c->peer));
    return c;
}

static bool came_back(const Payload *payload)
{
    return payload->data.size == TRANSPORT_SIZE &&
           memcmp(payload->data.data, transport_payload, TRANSPORT_SIZE) == 0;
}

static void ping(void *ctx)
{
    client *c = ctx;
    Payload answer;

    kmsg_must(Echo_echo(c->peer, &c->payload, c->mem, &answer));
    BENCH_NEED(came_back(&answer));
    kmsg_arena_reset(c->mem);
}

static void answered(void *ctx, kmsg_err err, const Payload *payload)
{
    client *c = ctx;

    kmsg_must(err);
    BENCH_NEED(came_back(payload));
    if (c->unsent > 0) {
        c->unsent--;
        Echo_echo_async(c->peer, &c->payload, c, answered);
    }
    if (--c->unanswered == 0) {
        kmsg_stop_ts(c->node);
    }
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;

    c->unanswered = count;
    c->unsent = count;
    for (int i = 0; i < TRANSPORT_WINDOW && c->unsent > 0; i++) {
        c->unsent--;
        Echo_echo_async(c->peer, &c->payload, c, answered);
    }
    kmsg_must(kmsg_run(c->node));
    BENCH_NEED(c->unanswered == 0);
}

/* The queue is full: until something was written. */
static void wait_for_room(client *c)
{
    struct pollfd fd = {.fd = kmsg_node_fd(c->node), .events = POLLIN};

    poll(&fd, 1, kmsg_node_wait_ms(c->node));
    kmsg_must(kmsg_node_step(c->node));
}

static void oneway(void *ctx, size_t count)
{
    client  *c = ctx;
    uint64_t there;

    for (size_t i = 0; i < count; i++) {
        kmsg_err err;
        while ((err = Echo_push(c->peer, &c->payload)) == KMSG_EFULL) {
            wait_for_room(c);
        }
        kmsg_must(err);
        if (i % BURST == BURST - 1) {
            kmsg_must(kmsg_node_step(c->node));
        }
    }
    c->pushed += count;
    kmsg_must(Echo_count(c->peer, c->mem, &there));
    kmsg_arena_reset(c->mem);
    BENCH_NEED(there == c->pushed);
}

static void client_free(void *ctx)
{
    client *c = ctx;

    kmsg_arena_free(c->mem);
    kmsg_node_free(c->node);
}

static const transport_ops ops = {server_new, server_free, client_new, ping,
                                  calls,      oneway,      client_free};

const transport_subject transport_kmsg = {.name = "kmsg", .ops = {&ops, &ops, &ops}};
