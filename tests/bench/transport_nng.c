/* transport_nng.c -- nng, as its manual proposes: calls over REQ and REP, with a context for each
 * call in flight on both sides, and one-way messages over PUSH and PULL.
 */
#define _POSIX_C_SOURCE 200809L

#include "transport.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#define SIZE ((size_t)TRANSPORT_SIZE)

enum { COUNT = 'c' }; /* first byte of a request: how many were pushed? */

static void need(int rv)
{
    if (rv != 0) {
        bench_die("nng: %s", nng_strerror(rv));
    }
}

/* ---- server ---- */

typedef struct server server;

/* One request at a time: received, answered, and again. */
typedef struct worker {
    server  *server;
    nng_ctx  ctx;
    nng_aio *aio;
    bool     sending;
} worker;

struct server {
    nng_socket       rep;
    nng_socket       pull;
    pthread_t        puller;
    _Atomic uint64_t pushed;
    worker           workers[TRANSPORT_WINDOW];
};

static void work(void *arg)
{
    worker  *w = arg;
    nng_msg *msg;
    uint64_t pushed;

    if (nng_aio_result(w->aio) != 0) {
        return;
    }
    if (w->sending) {
        w->sending = false;
        nng_ctx_recv(w->ctx, w->aio);
        return;
    }
    msg = nng_aio_get_msg(w->aio);
    if (*(const char *)nng_msg_body(msg) == COUNT) {
        pushed = atomic_load(&w->server->pushed);
        memcpy((uint8_t *)nng_msg_body(msg) + 8, &pushed, sizeof pushed);
    }
    w->sending = true;
    nng_aio_set_msg(w->aio, msg);
    nng_ctx_send(w->ctx, w->aio);
}

static void *pull(void *ctx)
{
    server  *s = ctx;
    nng_msg *msg;

    while (nng_recvmsg(s->pull, &msg, 0) == 0) {
        nng_msg_free(msg);
        atomic_fetch_add(&s->pushed, 1);
    }
    return NULL;
}

/* Listens; the URL as a client must dial it. */
static void listen_at(nng_socket socket, transport_kind kind, const char *name, char *ret,
                      size_t size)
{
    nng_listener listener;
    nng_sockaddr at;

    if (kind == TRANSPORT_TCP) {
        need(nng_listen(socket, "tcp://127.0.0.1:0", &listener, 0));
        need(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at));
        snprintf(ret, size, "tcp://127.0.0.1:%d", ntohs(at.s_in.sa_port));
        return;
    }
    snprintf(ret, size, "%s://%s", kind == TRANSPORT_INPROC ? "inproc" : "ipc", name);
    need(nng_listen(socket, ret, &listener, 0));
}

static void *server_new(transport_kind kind, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);
    char    call_name[240], push_name[240];
    char    call_url[180], push_url[180];

    snprintf(call_name, sizeof call_name, "%s-call", name);
    snprintf(push_name, sizeof push_name, "%s-push", name);
    need(nng_rep0_open(&s->rep));
    need(nng_pull0_open(&s->pull));
    listen_at(s->rep, kind, call_name, call_url, sizeof call_url);
    listen_at(s->pull, kind, push_name, push_url, sizeof push_url);
    snprintf(ret->text, sizeof ret->text, "%s %s", call_url, push_url);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        worker *w = &s->workers[i];
        w->server = s;
        need(nng_ctx_open(&w->ctx, s->rep));
        need(nng_aio_alloc(&w->aio, work, w));
        nng_ctx_recv(w->ctx, w->aio);
    }
    BENCH_NEED(pthread_create(&s->puller, NULL, pull, s) == 0);
    return s;
}

static void server_free(void *ctx)
{
    server *s = ctx;

    nng_close(s->pull);
    pthread_join(s->puller, NULL);
    nng_close(s->rep);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        nng_aio_stop(s->workers[i].aio);
        nng_aio_free(s->workers[i].aio);
    }
}

/* ---- client ---- */

typedef struct client client;

typedef struct asker {
    client  *client;
    nng_ctx  ctx;
    nng_aio *aio;
    bool     receiving;
} asker;

struct client {
    nng_socket      req;
    nng_socket      push;
    uint64_t        pushed;
    pthread_mutex_t lock;
    pthread_cond_t  all_done;
    _Atomic size_t  unsent;
    _Atomic size_t  unanswered;
    asker           askers[TRANSPORT_WINDOW];
};

static nng_msg *new_message(void)
{
    nng_msg *msg;

    need(nng_msg_alloc(&msg, SIZE));
    memcpy(nng_msg_body(msg), transport_payload, SIZE);
    return msg;
}

/* Takes one of the calls that are left to be made; false when there is none. */
static bool take_call(client *c)
{
    size_t left = atomic_load(&c->unsent);

    while (left > 0 && !atomic_compare_exchange_weak(&c->unsent, &left, left - 1)) {
    }
    return left > 0;
}

static void ask_next(asker *a)
{
    if (!take_call(a->client)) {
        return;
    }
    a->receiving = false;
    nng_aio_set_msg(a->aio, new_message());
    nng_ctx_send(a->ctx, a->aio);
}

static void check_answer(nng_msg *msg)
{
    BENCH_NEED(nng_msg_len(msg) == SIZE && memcmp(nng_msg_body(msg), transport_payload, SIZE) == 0);
    nng_msg_free(msg);
}

static void asked(void *arg)
{
    asker  *a = arg;
    client *c = a->client;

    need(nng_aio_result(a->aio));
    if (!a->receiving) {
        a->receiving = true;
        nng_ctx_recv(a->ctx, a->aio);
        return;
    }
    check_answer(nng_aio_get_msg(a->aio));
    if (atomic_fetch_sub(&c->unanswered, 1) == 1) {
        pthread_mutex_lock(&c->lock);
        pthread_cond_signal(&c->all_done);
        pthread_mutex_unlock(&c->lock);
    }
    ask_next(a);
}

static void *client_new(transport_kind kind, const char *address)
{
    client *c = bench_alloc(sizeof *c);
    char    urls[2][180];

    (void)kind;
    BENCH_NEED(sscanf(address, "%179s %179s", urls[0], urls[1]) == 2);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->all_done, NULL);
    need(nng_req0_open(&c->req));
    need(nng_push0_open(&c->push));
    need(nng_dial(c->req, urls[0], NULL, 0));
    need(nng_dial(c->push, urls[1], NULL, 0));
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        c->askers[i].client = c;
        need(nng_ctx_open(&c->askers[i].ctx, c->req));
        need(nng_aio_alloc(&c->askers[i].aio, asked, &c->askers[i]));
    }
    return c;
}

static void ping(void *ctx)
{
    client  *c = ctx;
    nng_msg *msg;

    need(nng_sendmsg(c->req, new_message(), 0));
    need(nng_recvmsg(c->req, &msg, 0));
    check_answer(msg);
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;

    atomic_store(&c->unanswered, count);
    atomic_store(&c->unsent, count);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        ask_next(&c->askers[i]);
    }
    pthread_mutex_lock(&c->lock);
    while (atomic_load(&c->unanswered) > 0) {
        pthread_cond_wait(&c->all_done, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        nng_aio_wait(c->askers[i].aio);
    }
}

static uint64_t count_there(client *c)
{
    nng_msg *msg = new_message();
    uint64_t there;

    *(char *)nng_msg_body(msg) = COUNT;
    need(nng_sendmsg(c->req, msg, 0));
    need(nng_recvmsg(c->req, &msg, 0));
    memcpy(&there, (uint8_t *)nng_msg_body(msg) + 8, sizeof there);
    nng_msg_free(msg);
    return there;
}

/* The two sockets know nothing of each other, so the count must be asked for until it is whole. */
static void oneway(void *ctx, size_t count)
{
    client *c = ctx;

    for (size_t i = 0; i < count; i++) {
        need(nng_sendmsg(c->push, new_message(), 0));
    }
    c->pushed += count;
    while (count_there(c) < c->pushed) {
    }
}

static void client_free(void *ctx)
{
    client *c = ctx;

    nng_close(c->push);
    nng_close(c->req);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        nng_aio_stop(c->askers[i].aio);
        nng_aio_free(c->askers[i].aio);
    }
}

static const transport_ops ops = {server_new, server_free, client_new, ping,
                                  calls,      oneway,      client_free};

const transport_subject transport_nng = {.name = "nng", .ops = {&ops, &ops, &ops}};
