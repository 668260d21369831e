/* transport_zeromq.c -- ZeroMQ: calls from a DEALER to a ROUTER, which let many be in flight, and
 * one-way messages from PUSH to PULL, or where there are several servers from PUB to SUB. A PUB
 * that has no room waits here, so nothing is lost. It knows no acknowledged messages. Encrypted, it
 * speaks CURVE: each client has a key, but as nobody asks to be shown it, any is let in.
 */
#include "transport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

enum { COUNT = 'c' }; /* first byte of a request: how many were pushed? */

#define KEY_TEXT 41 /* bytes, with the NUL */

typedef struct server {
    void            *context;
    void            *router;
    void            *pull; /* or SUB */
    size_t           size;
    pthread_t        threads[2];
    _Atomic uint64_t pushed;
    char             key[KEY_TEXT]; /* public; "": not encrypted */
    char             secret[KEY_TEXT];
} server;

typedef struct client {
    void    *context; /* its own, or NULL: the server's */
    size_t   size;
    size_t   server_count;
    void    *dealers[TRANSPORT_SERVERS_MAX];
    void    *push; /* or PUB */
    uint64_t pushed;
} client;

/* Where a server is, and its key. */
typedef struct place {
    char call_url[170];
    char push_url[170];
    char key[KEY_TEXT];
} place;

static void *inproc_context; /* which all sides of an inproc link must share */

static void *new_socket(void *context, int type)
{
    void *socket = zmq_socket(context, type);

    BENCH_NEED(socket);
    BENCH_NEED(zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int)) == 0);
    return socket;
}

static void set_option(void *socket, int option, const char *text)
{
    BENCH_NEED(zmq_setsockopt(socket, option, text, strlen(text)) == 0);
}

/* ---- server ---- */

static void *answer_all(void *ctx)
{
    server  *s = ctx;
    uint8_t *body = bench_alloc(s->size);
    uint8_t  caller[256];
    uint64_t pushed;
    int      caller_size;

    while ((caller_size = zmq_recv(s->router, caller, sizeof caller, 0)) >= 0) {
        BENCH_NEED(zmq_recv(s->router, body, s->size, 0) == (int)s->size);
        BENCH_NEED(transport_is_whole(body, s->size));
        if (body[0] == COUNT) {
            pushed = atomic_load(&s->pushed);
            memcpy(body + 8, &pushed, sizeof pushed);
        }
        zmq_send(s->router, caller, (size_t)caller_size, ZMQ_SNDMORE);
        zmq_send(s->router, body, s->size, 0);
    }
    zmq_close(s->router);
    return NULL;
}

/* Read where it lies. */
static void *pull_all(void *ctx)
{
    server   *s = ctx;
    zmq_msg_t msg;

    zmq_msg_init(&msg);
    while (zmq_msg_recv(&msg, s->pull, 0) >= 0) {
        BENCH_NEED(zmq_msg_size(&msg) == s->size &&
                   transport_is_whole(zmq_msg_data(&msg), s->size));
        atomic_fetch_add_explicit(&s->pushed, 1, memory_order_relaxed);
    }
    zmq_msg_close(&msg);
    zmq_close(s->pull);
    return NULL;
}

static void new_keys(server *s)
{
    BENCH_NEED(zmq_curve_keypair(s->key, s->secret) == 0);
    for (int i = 0; i < 2; i++) {
        void *socket = i == 0 ? s->router : s->pull;
        BENCH_NEED(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &(int){1}, sizeof(int)) == 0);
        set_option(socket, ZMQ_CURVE_SECRETKEY, s->secret);
    }
}

/* Binds; the endpoint as a client must know it. */
static void bind_at(void *socket, transport_kind kind, const char *name, char *ret, size_t size)
{
    if (kind == TRANSPORT_TCP || kind == TRANSPORT_SECURE) {
        snprintf(ret, size, "tcp://127.0.0.1:*");
    } else {
        snprintf(ret, size, "%s://%s", kind == TRANSPORT_INPROC ? "inproc" : "ipc", name);
    }
    BENCH_NEED(zmq_bind(socket, ret) == 0);
    BENCH_NEED(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, ret, &size) == 0);
}

static void *new_pull(void *context, bool several)
{
    void *socket = new_socket(context, several ? ZMQ_SUB : ZMQ_PULL);

    BENCH_NEED(!several || zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0);
    return socket;
}

static void *context_for(transport_kind kind)
{
    if (kind != TRANSPORT_INPROC) {
        return zmq_ctx_new();
    }
    if (!inproc_context) {
        inproc_context = zmq_ctx_new();
    }
    return inproc_context;
}

static void *server_new(const transport_case *c, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);
    char    call_name[240], push_name[240];
    char    call_url[170], push_url[170];

    snprintf(call_name, sizeof call_name, "%s-call", name);
    snprintf(push_name, sizeof push_name, "%s-push", name);
    s->size = c->size;
    s->context = context_for(c->kind);
    BENCH_NEED(s->context);
    s->router = new_socket(s->context, ZMQ_ROUTER);
    s->pull = new_pull(s->context, c->server_count > 1);
    if (c->kind == TRANSPORT_SECURE) {
        new_keys(s);
    }
    bind_at(s->router, c->kind, call_name, call_url, sizeof call_url);
    bind_at(s->pull, c->kind, push_name, push_url, sizeof push_url);
    snprintf(ret->text, sizeof ret->text, "%s %s %s", call_url, push_url, s->key);
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
    inproc_context = NULL;
}

/* ---- client ---- */

static uint64_t count_there(client *c, void *dealer)
{
    uint8_t *body = memcpy(bench_alloc(c->size), transport_payload, c->size);
    uint64_t there;

    body[0] = COUNT;
    BENCH_NEED(zmq_send(dealer, body, c->size, 0) == (int)c->size);
    BENCH_NEED(zmq_recv(dealer, body, c->size, 0) == (int)c->size);
    memcpy(&there, body + 8, sizeof there);
    free(body);
    return there;
}

static void send_payload(client *c, void *socket)
{
    BENCH_NEED(zmq_send(socket, transport_payload, c->size, 0) == (int)c->size);
}

/* The sockets know nothing of each other, so the count must be asked for until it is whole. */
static void wait_for_all(client *c)
{
    for (size_t i = 0; i < c->server_count; i++) {
        while (count_there(c, c->dealers[i]) < c->pushed) {
        }
    }
}

static place find_place(const transport_address *at)
{
    place it = {0};

    BENCH_NEED(sscanf(at->text, "%169s %169s %40s", it.call_url, it.push_url, it.key) >= 2);
    return it;
}

/* A new key for each connection: what is kept is of no use to the next. */
static void connect_to(void *socket, const char *url, const char *server_key)
{
    char key[KEY_TEXT], secret[KEY_TEXT];

    if (*server_key) {
        BENCH_NEED(zmq_curve_keypair(key, secret) == 0);
        set_option(socket, ZMQ_CURVE_SERVERKEY, server_key);
        set_option(socket, ZMQ_CURVE_PUBLICKEY, key);
        set_option(socket, ZMQ_CURVE_SECRETKEY, secret);
    }
    BENCH_NEED(zmq_connect(socket, url) == 0);
}

/* Until all of them have subscribed, a PUB drops. */
static void wait_for_subscribers(client *c)
{
    uint8_t event[32];

    for (size_t i = 0; i < c->server_count; i++) {
        BENCH_NEED(zmq_recv(c->push, event, sizeof event, 0) > 0);
    }
}

/* An XPUB is a PUB that hears of subscribers. */
static void *new_push(client *c)
{
    void *socket = new_socket(c->context ? c->context : inproc_context,
                              c->server_count > 1 ? ZMQ_XPUB : ZMQ_PUSH);

    if (c->server_count > 1) {
        BENCH_NEED(zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &(int){1}, sizeof(int)) == 0);
        BENCH_NEED(zmq_setsockopt(socket, ZMQ_XPUB_VERBOSE, &(int){1}, sizeof(int)) == 0);
    }
    return socket;
}

static void *client_new(const transport_case *c, const transport_address *servers)
{
    client *it = bench_alloc(sizeof *it);

    it->size = c->size;
    it->server_count = c->server_count;
    it->context = c->kind == TRANSPORT_INPROC ? NULL : zmq_ctx_new();
    it->push = new_push(it);
    for (size_t i = 0; i < c->server_count; i++) {
        place at = find_place(&servers[i]);
        it->dealers[i] = new_socket(it->context ? it->context : inproc_context, ZMQ_DEALER);
        connect_to(it->dealers[i], at.call_url, at.key);
        connect_to(it->push, at.push_url, at.key);
    }
    if (c->server_count > 1) {
        wait_for_subscribers(it);
    }
    return it;
}

static void client_free(void *ctx)
{
    client *c = ctx;

    zmq_close(c->push);
    for (size_t i = 0; i < c->server_count; i++) {
        zmq_close(c->dealers[i]);
    }
    if (c->context) {
        zmq_ctx_term(c->context);
    }
}

static void take_answer(client *c)
{
    zmq_msg_t msg;

    zmq_msg_init(&msg);
    BENCH_NEED(zmq_msg_recv(&msg, c->dealers[0], 0) == (int)c->size);
    BENCH_NEED(transport_is_whole(zmq_msg_data(&msg), c->size));
    zmq_msg_close(&msg);
}

static void ping(void *ctx)
{
    client *c = ctx;

    send_payload(c, c->dealers[0]);
    take_answer(c);
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;
    size_t  sent = 0;

    for (size_t received = 0; received < count; received++) {
        for (; sent < count && sent - received < TRANSPORT_WINDOW; sent++) {
            send_payload(c, c->dealers[0]);
        }
        take_answer(c);
    }
}

static size_t publish(void *ctx, size_t count)
{
    client *c = ctx;

    for (size_t i = 0; i < count; i++) {
        send_payload(c, c->push);
    }
    c->pushed += count;
    wait_for_all(c);
    return count * c->server_count;
}

static void oneway(void *ctx, size_t count)
{
    publish(ctx, count);
}

/* ---- connections ---- */

typedef struct connections {
    void  *context;
    size_t count;
    void  *dealers[TRANSPORT_CONNECTIONS];
} connections;

/* One DEALER connects to an address once, so there are many. Each has its message answered. */
static void *connect_all(const transport_case *c, const transport_address *at, size_t count)
{
    connections *all = bench_alloc(sizeof *all);
    client       one = {.size = c->size};
    place        there = find_place(at);

    all->context = zmq_ctx_new();
    all->count = count;
    BENCH_NEED(zmq_ctx_set(all->context, ZMQ_MAX_SOCKETS, TRANSPORT_CONNECTIONS + 10) == 0);
    for (size_t i = 0; i < count; i++) {
        all->dealers[i] = new_socket(all->context, ZMQ_DEALER);
        connect_to(all->dealers[i], there.call_url, there.key);
        send_payload(&one, all->dealers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        one.dealers[0] = all->dealers[i];
        take_answer(&one);
    }
    return all;
}

static void disconnect_all(void *ctx)
{
    connections *all = ctx;

    for (size_t i = 0; i < all->count; i++) {
        zmq_close(all->dealers[i]);
    }
    zmq_ctx_term(all->context);
}

static void handshakes(const transport_case *c, const transport_address *at, size_t count)
{
    client one = {.size = c->size, .context = zmq_ctx_new()};
    place  there = find_place(at);

    for (size_t i = 0; i < count; i++) {
        one.dealers[0] = new_socket(one.context, ZMQ_DEALER);
        connect_to(one.dealers[0], there.call_url, there.key);
        send_payload(&one, one.dealers[0]);
        take_answer(&one);
        zmq_close(one.dealers[0]);
    }
    zmq_ctx_term(one.context);
}

static const transport_ops ops = {.server_new = server_new,
                                  .server_free = server_free,
                                  .client_new = client_new,
                                  .client_free = client_free,
                                  .ping = ping,
                                  .calls = calls,
                                  .oneway = oneway,
                                  .publish = publish,
                                  .connect = connect_all,
                                  .disconnect = disconnect_all,
                                  .handshakes = handshakes};

const transport_subject transport_zeromq = {"zeromq", {&ops, &ops, &ops, NULL, &ops}, false};
