/* transport_zeromq.c -- ZeroMQ: calls from a DEALER to a ROUTER, which let many be in flight, and
 * one-way messages from PUSH to PULL.
 */
#include "transport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <zmq.h>

#define SIZE ((size_t)TRANSPORT_SIZE)

enum { COUNT = 'c' }; /* first byte of a request: how many were pushed? */

typedef struct server {
    void            *context;
    void            *router;
    void            *pull;
    pthread_t        threads[2];
    _Atomic uint64_t pushed;
} server;

typedef struct client {
    void    *context; /* its own, or NULL: the server's */
    void    *dealer;
    void    *push;
    uint64_t pushed;
} client;

static void *inproc_context; /* which both sides of an inproc link must share */

static void *new_socket(void *context, int type)
{
    void *socket = zmq_socket(context, type);

    BENCH_NEED(socket);
    BENCH_NEED(zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int)) == 0);
    return socket;
}

/* ---- server ---- */

static void *answer_all(void *ctx)
{
    server  *s = ctx;
    uint8_t  caller[256];
    uint8_t  body[SIZE];
    uint64_t pushed;
    int      caller_size;

    while ((caller_size = zmq_recv(s->router, caller, sizeof caller, 0)) >= 0) {
        BENCH_NEED(zmq_recv(s->router, body, SIZE, 0) == (int)SIZE);
        if (body[0] == COUNT) {
            pushed = atomic_load(&s->pushed);
            memcpy(body + 8, &pushed, sizeof pushed);
        }
        zmq_send(s->router, caller, (size_t)caller_size, ZMQ_SNDMORE);
        zmq_send(s->router, body, SIZE, 0);
    }
    zmq_close(s->router);
    return NULL;
}

static void *pull_all(void *ctx)
{
    server *s = ctx;
    uint8_t body[SIZE];

    while (zmq_recv(s->pull, body, SIZE, 0) >= 0) {
        atomic_fetch_add_explicit(&s->pushed, 1, memory_order_relaxed);
    }
    zmq_close(s->pull);
    return NULL;
}

/* Binds; the endpoint as a client must know it. */
static void bind_at(void *socket, transport_kind kind, const char *name, char *ret, size_t size)
{
    if (kind == TRANSPORT_TCP) {
        snprintf(ret, size, "tcp://127.0.0.1:*");
    } else {
        snprintf(ret, size, "%s://%s", kind == TRANSPORT_INPROC ? "inproc" : "ipc", name);
    }
    BENCH_NEED(zmq_bind(socket, ret) == 0);
    BENCH_NEED(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, ret, &size) == 0);
}

static void *server_new(transport_kind kind, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);
    char    call_name[240], push_name[240];
    char    call_url[180], push_url[180];

    snprintf(call_name, sizeof call_name, "%s-call", name);
    snprintf(push_name, sizeof push_name, "%s-push", name);
    s->context = zmq_ctx_new();
    BENCH_NEED(s->context);
    if (kind == TRANSPORT_INPROC) {
        inproc_context = s->context;
    }
    s->router = new_socket(s->context, ZMQ_ROUTER);
    s->pull = new_socket(s->context, ZMQ_PULL);
    bind_at(s->router, kind, call_name, call_url, sizeof call_url);
    bind_at(s->pull, kind, push_name, push_url, sizeof push_url);
    snprintf(ret->text, sizeof ret->text, "%s %s", call_url, push_url);
    BENCH_NEED(pthread_create(&s->threads[0], NULL, answer_all, s) == 0);
    BENCH_NEED(pthread_create(&s->threads[1], NULL, pull_all, s) == 0);
    return s;
}

/* The threads' calls fail once the context shuts down, and they close their sockets. */
static void server_free(void *ctx)
{
    server *s = ctx;

    zmq_ctx_shutdown(s->context);
    pthread_join(s->threads[0], NULL);
    pthread_join(s->threads[1], NULL);
    zmq_ctx_term(s->context);
}

/* ---- client ---- */

static void *client_new(transport_kind kind, const char *address)
{
    client *c = bench_alloc(sizeof *c);
    char    urls[2][180];
    void   *context = inproc_context;

    BENCH_NEED(sscanf(address, "%179s %179s", urls[0], urls[1]) == 2);
    if (kind != TRANSPORT_INPROC) {
        c->context = context = zmq_ctx_new();
    }
    c->dealer = new_socket(context, ZMQ_DEALER);
    c->push = new_socket(context, ZMQ_PUSH);
    BENCH_NEED(zmq_connect(c->dealer, urls[0]) == 0);
    BENCH_NEED(zmq_connect(c->push, urls[1]) == 0);
    return c;
}

static void send_payload(void *socket)
{
    BENCH_NEED(zmq_send(socket, transport_payload, SIZE, 0) == (int)SIZE);
}

static void take_answer(client *c)
{
    uint8_t body[SIZE];

    BENCH_NEED(zmq_recv(c->dealer, body, SIZE, 0) == (int)SIZE);
    BENCH_NEED(memcmp(body, transport_payload, SIZE) == 0);
}

static void ping(void *ctx)
{
    client *c = ctx;

    send_payload(c->dealer);
    take_answer(c);
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;
    size_t  sent = 0;

    for (size_t received = 0; received < count; received++) {
        for (; sent < count && sent - received < TRANSPORT_WINDOW; sent++) {
            send_payload(c->dealer);
        }
        take_answer(c);
    }
}

static uint64_t count_there(client *c)
{
    uint8_t  body[SIZE] = {COUNT};
    uint64_t there;

    BENCH_NEED(zmq_send(c->dealer, body, SIZE, 0) == (int)SIZE);
    BENCH_NEED(zmq_recv(c->dealer, body, SIZE, 0) == (int)SIZE);
    memcpy(&there, body + 8, sizeof there);
    return there;
}

/* The two sockets know nothing of each other, so the count must be asked for until it is whole. */
static void oneway(void *ctx, size_t count)
{
    client *c = ctx;

    for (size_t i = 0; i < count; i++) {
        send_payload(c->push);
    }
    c->pushed += count;
    while (count_there(c) < c->pushed) {
    }
}

static void client_free(void *ctx)
{
    client *c = ctx;

    zmq_close(c->push);
    zmq_close(c->dealer);
    if (c->context) {
        zmq_ctx_term(c->context);
    }
}

static const transport_ops ops = {server_new, server_free, client_new, ping,
                                  calls,      oneway,      client_free};

const transport_subject transport_zeromq = {.name = "zeromq", .ops = {&ops, &ops, &ops}};
