/* transport_nng.c -- nng, as its manual proposes: calls over REQ and REP, with a context for each
 * call in flight on both sides, and one-way messages over PUSH and PULL, or where there are several
 * servers PUB and SUB, which drop what there is no room for. It knows no acknowledged messages.
 * Encrypted, it speaks TLS by mbed TLS, both sides with a certificate.
 */
#define _POSIX_C_SOURCE 200809L

#include "transport_certificate.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/tls/tls.h>

#define QUEUE 8192 /* messages, of a PUB and a SUB: the most there can be */

enum { COUNT = 'c' }; /* first byte of a request: how many were pushed? */

static void need(int rv)
{
    if (rv != 0) {
        bench_die("nng: %s", nng_strerror(rv));
    }
}

static void check(nng_msg *msg, size_t size)
{
    BENCH_NEED(nng_msg_len(msg) == size && transport_is_whole(nng_msg_body(msg), size));
}

/* `name` is the server's, from which the certificates have theirs. */
static nng_tls_config *new_tls(bool accepts, const char *name)
{
    nng_tls_config *tls;
    char            own[TRANSPORT_PATH], other[TRANSPORT_PATH];

    transport_certificate_path(name, accepts, own, sizeof own);
    transport_certificate_path(name, !accepts, other, sizeof other);
    need(nng_tls_config_alloc(&tls, accepts ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT));
    need(nng_tls_config_cert_key_file(tls, own, NULL));
    need(nng_tls_config_ca_file(tls, other));
    need(nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED));
    if (!accepts) {
        need(nng_tls_config_server_name(tls, "localhost"));
    }
    return tls;
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
    nng_socket       pull; /* or SUB */
    size_t           size;
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
    check(msg, w->server->size);
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
        check(msg, s->size);
        nng_msg_free(msg);
        atomic_fetch_add(&s->pushed, 1);
    }
    return NULL;
}

static void listen_tls(nng_socket socket, const char *name, char *ret, size_t size)
{
    nng_listener    listener;
    nng_sockaddr    at;
    nng_tls_config *tls = new_tls(true, name);

    need(nng_listener_create(&listener, socket, "tls+tcp://127.0.0.1:0"));
    need(nng_listener_setopt_ptr(listener, NNG_OPT_TLS_CONFIG, tls));
    need(nng_listener_start(listener, 0));
    need(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at));
    snprintf(ret, size, "tls+tcp://127.0.0.1:%d", ntohs(at.s_in.sa_port));
    nng_tls_config_free(tls);
}

/* Listens; the URL as a client must dial it. `name` is that of the certificates where there are
 * some. */
static void listen_at(nng_socket socket, transport_kind kind, const char *name, char *ret,
                      size_t size)
{
    nng_listener listener;
    nng_sockaddr at;

    if (kind == TRANSPORT_SECURE) {
        listen_tls(socket, name, ret, size);
        return;
    }
    if (kind == TRANSPORT_TCP) {
        need(nng_listen(socket, "tcp://127.0.0.1:0", &listener, 0));
        need(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &at));
        snprintf(ret, size, "tcp://127.0.0.1:%d", ntohs(at.s_in.sa_port));
        return;
    }
    snprintf(ret, size, "%s://%s", kind == TRANSPORT_INPROC ? "inproc" : "ipc", name);
    need(nng_listen(socket, ret, &listener, 0));
}

static void open_pull(server *s, bool several)
{
    if (!several) {
        need(nng_pull0_open(&s->pull));
        return;
    }
    need(nng_sub0_open(&s->pull));
    need(nng_setopt(s->pull, NNG_OPT_SUB_SUBSCRIBE, "", 0));
    need(nng_setopt_int(s->pull, NNG_OPT_RECVBUF, QUEUE));
}

static void *server_new(const transport_case *c, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);
    bool    secure = c->kind == TRANSPORT_SECURE;
    char    call_name[240], push_name[240];
    char    call_url[100], push_url[100];

    snprintf(call_name, sizeof call_name, "%s-call", name);
    snprintf(push_name, sizeof push_name, "%s-push", name);
    need(nng_rep0_open(&s->rep));
    open_pull(s, c->server_count > 1);
    s->size = c->size;
    if (secure) {
        transport_certificates_new(name);
    }
    listen_at(s->rep, c->kind, secure ? name : call_name, call_url, sizeof call_url);
    listen_at(s->pull, c->kind, secure ? name : push_name, push_url, sizeof push_url);
    snprintf(ret->text, sizeof ret->text, "%s %s %s", call_url, push_url, secure ? name : "");
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
    size_t          size;
    size_t          server_count;
    nng_socket      reqs[TRANSPORT_SERVERS_MAX];
    nng_socket      push; /* or PUB */
    uint64_t        pushed;
    pthread_mutex_t lock;
    pthread_cond_t  all_done;
    _Atomic size_t  unsent;
    _Atomic size_t  unanswered;
    asker           askers[TRANSPORT_WINDOW];
};

/* Where a server is, and whose certificates it has. */
typedef struct place {
    char call_url[100];
    char push_url[100];
    char name[180]; /* "": not encrypted */
} place;

static place find_place(const transport_address *at)
{
    place it = {0};

    BENCH_NEED(sscanf(at->text, "%99s %99s %179s", it.call_url, it.push_url, it.name) >= 2);
    return it;
}

static void dial(nng_socket socket, const char *url, const char *name, int flags)
{
    nng_dialer      dialer;
    nng_tls_config *tls;

    need(nng_dialer_create(&dialer, socket, url));
    if (*name) {
        tls = new_tls(false, name);
        need(nng_dialer_setopt_ptr(dialer, NNG_OPT_TLS_CONFIG, tls));
        nng_tls_config_free(tls);
    }
    need(nng_dialer_start(dialer, flags));
}

static nng_msg *new_message(const client *c)
{
    nng_msg *msg;

    need(nng_msg_alloc(&msg, c->size));
    memcpy(nng_msg_body(msg), transport_payload, c->size);
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
    nng_aio_set_msg(a->aio, new_message(a->client));
    nng_ctx_send(a->ctx, a->aio);
}

static void check_answer(const client *c, nng_msg *msg)
{
    check(msg, c->size);
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
    check_answer(c, nng_aio_get_msg(a->aio));
    if (atomic_fetch_sub(&c->unanswered, 1) == 1) {
        pthread_mutex_lock(&c->lock);
        pthread_cond_signal(&c->all_done);
        pthread_mutex_unlock(&c->lock);
    }
    ask_next(a);
}

static uint64_t count_there(const client *c, nng_socket req)
{
    nng_msg *msg = new_message(c);
    uint64_t there;

    *(char *)nng_msg_body(msg) = COUNT;
    need(nng_sendmsg(req, msg, 0));
    need(nng_recvmsg(req, &msg, 0));
    memcpy(&there, (uint8_t *)nng_msg_body(msg) + 8, sizeof there);
    nng_msg_free(msg);
    return there;
}

static uint64_t count_everywhere(const client *c)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < c->server_count; i++) {
        sum += count_there(c, c->reqs[i]);
    }
    return sum;
}

/* Those that were published before somebody had connected are gone. */
static void wait_for_subscribers(client *c)
{
    for (size_t i = 0; i < c->server_count; i++) {
        while (count_there(c, c->reqs[i]) == 0) {
            need(nng_sendmsg(c->push, new_message(c), 0));
        }
    }
}

static void open_push(client *c)
{
    if (c->server_count == 1) {
        need(nng_push0_open(&c->push));
        return;
    }
    need(nng_pub0_open(&c->push));
    need(nng_setopt_int(c->push, NNG_OPT_SENDBUF, QUEUE));
}

static void open_askers(client *c)
{
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->all_done, NULL);
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        c->askers[i].client = c;
        need(nng_ctx_open(&c->askers[i].ctx, c->reqs[0]));
        need(nng_aio_alloc(&c->askers[i].aio, asked, &c->askers[i]));
    }
}

static void *client_new(const transport_case *c, const transport_address *servers)
{
    client *it = bench_alloc(sizeof *it);

    it->size = c->size;
    it->server_count = c->server_count;
    open_push(it);
    for (size_t i = 0; i < c->server_count; i++) {
        place at = find_place(&servers[i]);
        need(nng_req0_open(&it->reqs[i]));
        dial(it->reqs[i], at.call_url, at.name, 0);
        dial(it->push, at.push_url, at.name, 0);
    }
    open_askers(it);
    if (c->server_count > 1) {
        wait_for_subscribers(it);
    }
    return it;
}

static void client_free(void *ctx)
{
    client *c = ctx;

    nng_close(c->push);
    for (size_t i = 0; i < c->server_count; i++) {
        nng_close(c->reqs[i]);
    }
    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        nng_aio_stop(c->askers[i].aio);
        nng_aio_free(c->askers[i].aio);
    }
}

static void ping(void *ctx)
{
    client  *c = ctx;
    nng_msg *msg;

    need(nng_sendmsg(c->reqs[0], new_message(c), 0));
    need(nng_recvmsg(c->reqs[0], &msg, 0));
    check_answer(c, msg);
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

/* The sockets know nothing of each other, so the count must be asked for until it is whole. */
static void oneway(void *ctx, size_t count)
{
    client *c = ctx;

    for (size_t i = 0; i < count; i++) {
        need(nng_sendmsg(c->push, new_message(c), 0));
    }
    c->pushed += count;
    while (count_there(c, c->reqs[0]) < c->pushed) {
    }
}

/* Until no more come. */
static size_t publish(void *ctx, size_t count)
{
    client  *c = ctx;
    uint64_t before = count_everywhere(c);
    uint64_t last = before;
    uint64_t now;

    for (size_t i = 0; i < count; i++) {
        need(nng_sendmsg(c->push, new_message(c), 0));
    }
    while ((now = count_everywhere(c)) > last) {
        last = now;
    }
    return (size_t)(now - before);
}

/* ---- connections ---- */

typedef struct connections {
    nng_socket      req;
    _Atomic size_t  there;
    size_t          count;
    pthread_mutex_t lock;
    pthread_cond_t  all;
} connections;

static void came(nng_pipe pipe, nng_pipe_ev event, void *ctx)
{
    connections *all = ctx;

    (void)pipe;
    (void)event;
    pthread_mutex_lock(&all->lock);
    all->there++;
    pthread_cond_signal(&all->all);
    pthread_mutex_unlock(&all->lock);
}

/* A pipe is there when both sides have said what they are. */
static void *connect_all(const transport_case *c, const transport_address *at, size_t count)
{
    connections *it = bench_alloc(sizeof *it);
    place        there = find_place(at);

    (void)c;
    pthread_mutex_init(&it->lock, NULL);
    pthread_cond_init(&it->all, NULL);
    need(nng_req0_open(&it->req));
    need(nng_pipe_notify(it->req, NNG_PIPE_EV_ADD_POST, came, it));
    for (size_t i = 0; i < count; i++) {
        dial(it->req, there.call_url, there.name, NNG_FLAG_NONBLOCK);
    }
    pthread_mutex_lock(&it->lock);
    while (it->there < count) {
        pthread_cond_wait(&it->all, &it->lock);
    }
    pthread_mutex_unlock(&it->lock);
    return it;
}

static void disconnect_all(void *ctx)
{
    connections *it = ctx;

    nng_close(it->req);
}

static void handshakes(const transport_case *c, const transport_address *at, size_t count)
{
    client   one = {.size = c->size};
    place    there = find_place(at);
    nng_msg *msg;

    for (size_t i = 0; i < count; i++) {
        need(nng_req0_open(&one.reqs[0]));
        dial(one.reqs[0], there.call_url, there.name, 0);
        need(nng_sendmsg(one.reqs[0], new_message(&one), 0));
        need(nng_recvmsg(one.reqs[0], &msg, 0));
        check_answer(&one, msg);
        nng_close(one.reqs[0]);
    }
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

/* A thousand connections, three times, would take it a minute. */
static const transport_ops secure = {.server_new = server_new,
                                     .server_free = server_free,
                                     .client_new = client_new,
                                     .client_free = client_free,
                                     .ping = ping,
                                     .calls = calls,
                                     .oneway = oneway,
                                     .handshakes = handshakes};

const transport_subject transport_nng = {"nng", {&ops, &ops, &ops, NULL, &secure}, false};
