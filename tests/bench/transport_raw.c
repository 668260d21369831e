/* transport_raw.c -- the limit over sockets: messages of a fixed size, written and read by plain
 * system calls. They are not framed and not checked but for being whole; what a message is for says
 * its first byte.
 *
 * raw-epoll, raw-spin   one message there and back, both sides waiting so
 * raw-blocking          one write a message; the reader takes what is there, by one read
 * raw-batch             as many messages in one write as there are, at most a burst: each is
 *                       put into the buffer by itself
 * raw-chacha            so too, encrypted: a burst is one record
 * openssl, ..-chacha    the same over TLS: no limit but a rival, who is asked in the same way
 */
#define _GNU_SOURCE

#include "transport_certificate.h"
#include "transport_raw.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUFFER ((size_t)256 << 10) /* a whole number of messages of any size */
#define RECORD ((size_t)16 << 10)  /* the most that is encrypted as one */

typedef struct server {
    int              listener;
    raw_wait         wait;
    const raw_cover *cover; /* NULL: none */
    char             name[TRANSPORT_PATH];
    size_t           size; /* of a message */
    uint64_t         pushed;
    size_t           from; /* in[from..to) is not a whole message yet */
    size_t           to;
    pthread_t        thread;
    uint8_t          in[BUFFER];
    uint8_t          out[BUFFER];
} server;

typedef struct client {
    size_t     size;
    size_t     batch; /* messages in a write */
    uint64_t   pushed;
    size_t     server_count;
    raw_socket servers[TRANSPORT_SERVERS_MAX];
    uint8_t    out[BUFFER];
    uint8_t    in[BUFFER];
} client;

/* ---- server ---- */

/* The answer to the message, if it has one; its size. */
static size_t answer_one(server *s, const uint8_t *message, uint8_t *out)
{
    BENCH_NEED(transport_is_whole(message, s->size));
    switch (message[0]) {
    case RAW_PUSH: s->pushed++; return 0;
    case RAW_ACKED: memcpy(out, &s->pushed, RAW_ACK_SIZE); return RAW_ACK_SIZE;
    case RAW_COUNT:
        memcpy(out, transport_payload, s->size);
        memcpy(out + 8, &s->pushed, sizeof s->pushed);
        return s->size;
    default: memcpy(out, message, s->size); return s->size;
    }
}

/* What is whole. Whole messages fill the buffer, so one that is not never has to be moved. */
static void answer(server *s, raw_socket *to)
{
    size_t out = 0;

    for (; s->from + s->size <= s->to; s->from += s->size) {
        out += answer_one(s, s->in + s->from, s->out + out);
    }
    if (out > 0) {
        raw_write_all(to, s->out, out);
    }
    if (s->from == s->to) {
        s->from = s->to = 0;
    }
}

static void serve_next(server *s)
{
    raw_socket from = raw_accept(s->listener, s->wait);
    size_t     n;

    if (s->cover) {
        raw_cover_with(&from, s->cover, true, s->name);
    }
    while ((n = raw_read(&from, s->in + s->to, BUFFER - s->to)) > 0) {
        s->to += n;
        answer(s, &from);
    }
    raw_close(&from);
}

/* One client after the other. */
static void *serve(void *ctx)
{
    for (;;) {
        serve_next(ctx);
    }
    return NULL;
}

static server *new_server(const transport_case *c, const char *name, raw_wait wait,
                          transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);

    s->size = c->size;
    s->wait = wait;
    s->listener = raw_listen(c, name, ret);
    return s;
}

static void *serve_so(const transport_case *c, const char *name, raw_wait wait,
                      transport_address *ret)
{
    server *s = new_server(c, name, wait, ret);

    BENCH_NEED(pthread_create(&s->thread, NULL, serve, s) == 0);
    return s;
}

/* A client must know where its keys are, too: behind the port. */
static void *serve_covered(const transport_case *c, const char *name, const raw_cover *cover,
                           transport_address *ret)
{
    server *s = new_server(c, name, RAW_BLOCK, ret);
    size_t  used = strlen(ret->text);

    s->cover = cover;
    snprintf(s->name, sizeof s->name, "%s", name);
    snprintf(ret->text + used, sizeof ret->text - used, " %s", name);
    BENCH_NEED(pthread_create(&s->thread, NULL, serve, s) == 0);
    return s;
}

static void *server_blocking(const transport_case *c, const char *name, transport_address *ret)
{
    return c->works & 1u << TRANSPORT_CONNECT ? raw_accept_new(c, name, ret)
                                              : serve_so(c, name, RAW_BLOCK, ret);
}

static void *server_epoll(const transport_case *c, const char *name, transport_address *ret)
{
    return serve_so(c, name, RAW_EPOLL, ret);
}

static void *server_spinning(const transport_case *c, const char *name, transport_address *ret)
{
    return serve_so(c, name, RAW_SPIN, ret);
}

static void *server_chacha(const transport_case *c, const char *name, transport_address *ret)
{
    return serve_covered(c, name, &raw_chacha, ret);
}

static void *server_openssl(const transport_case *c, const char *name, transport_address *ret)
{
    transport_certificates_new(name);
    return serve_covered(c, name, &raw_openssl, ret);
}

static void *server_openssl_chacha(const transport_case *c, const char *name,
                                   transport_address *ret)
{
    transport_certificates_new(name);
    return serve_covered(c, name, &raw_openssl_chacha, ret);
}

/* ---- client ---- */

static void *connect_so(const transport_case *c, const transport_address *servers, raw_wait wait,
                        size_t batch)
{
    client *it = bench_alloc(sizeof *it);

    it->size = c->size;
    it->batch = batch < BUFFER / c->size ? batch : BUFFER / c->size;
    it->server_count = c->server_count;
    for (size_t i = 0; i < c->server_count; i++) {
        it->servers[i] = raw_connect(c, &servers[i], wait);
    }
    return it;
}

static void *client_blocking(const transport_case *c, const transport_address *servers)
{
    return connect_so(c, servers, RAW_BLOCK, 1);
}

static void *client_batch(const transport_case *c, const transport_address *servers)
{
    return connect_so(c, servers, RAW_BLOCK, TRANSPORT_BURST);
}

static void *client_epoll(const transport_case *c, const transport_address *servers)
{
    return connect_so(c, servers, RAW_EPOLL, 1);
}

static void *client_spinning(const transport_case *c, const transport_address *servers)
{
    return connect_so(c, servers, RAW_SPIN, 1);
}

static raw_socket connect_covered(const transport_case *c, const transport_address *at,
                                  const raw_cover *cover)
{
    raw_socket  s = raw_connect(c, at, RAW_BLOCK);
    const char *name = strchr(at->text, ' ');

    BENCH_NEED(name);
    raw_cover_with(&s, cover, false, name + 1);
    return s;
}

static void *client_covered(const transport_case *c, const transport_address *servers,
                            const raw_cover *cover)
{
    client *it = bench_alloc(sizeof *it);

    BENCH_NEED(c->server_count == 1);
    it->size = c->size;
    it->batch = c->size * TRANSPORT_SECURE_BURST <= RECORD ? TRANSPORT_SECURE_BURST : 1;
    it->server_count = 1;
    it->servers[0] = connect_covered(c, servers, cover);
    return it;
}

static void *client_chacha(const transport_case *c, const transport_address *servers)
{
    return client_covered(c, servers, &raw_chacha);
}

static void *client_openssl(const transport_case *c, const transport_address *servers)
{
    return client_covered(c, servers, &raw_openssl);
}

static void *client_openssl_chacha(const transport_case *c, const transport_address *servers)
{
    return client_covered(c, servers, &raw_openssl_chacha);
}

static void client_free(void *ctx)
{
    client *c = ctx;

    for (size_t i = 0; i < c->server_count; i++) {
        raw_close(&c->servers[i]);
    }
}

/* So many messages of a kind, made one by one. */
static void put(client *c, size_t count, uint8_t what)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(c->out + i * c->size, transport_payload, c->size);
        c->out[i * c->size] = what;
    }
}

static void ping(void *ctx)
{
    client *c = ctx;

    put(c, 1, RAW_ECHO);
    raw_write_all(&c->servers[0], c->out, c->size);
    raw_read_all(&c->servers[0], c->in, c->size);
    BENCH_NEED(transport_is_whole(c->in, c->size));
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* All answers are of the same size, and begin where the buffer does but for `kept` bytes. */
static size_t take_answers(client *c, size_t size, size_t *kept)
{
    size_t there = *kept + raw_read(&c->servers[0], c->in + *kept, BUFFER - *kept);
    size_t at = 0;

    BENCH_NEED(there > *kept);
    for (; at + size <= there; at += size) {
        BENCH_NEED(size == RAW_ACK_SIZE || transport_is_whole(c->in + at, size));
    }
    *kept = there - at;
    memmove(c->in, c->in + at, *kept);
    return at / size;
}

static void ask(client *c, size_t count, size_t window, uint8_t what, size_t answer_size)
{
    size_t sent = 0;
    size_t received = 0;
    size_t kept = 0;

    while (received < count) {
        size_t n;
        while ((n = least(least(window - (sent - received), count - sent), c->batch)) > 0) {
            put(c, n, what);
            raw_write_all(&c->servers[0], c->out, n * c->size);
            sent += n;
        }
        received += take_answers(c, answer_size, &kept);
    }
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;

    ask(c, count, TRANSPORT_WINDOW, RAW_ECHO, c->size);
}

static void acked(void *ctx, size_t count)
{
    ask(ctx, count, TRANSPORT_ACKED_WINDOW, RAW_ACKED, RAW_ACK_SIZE);
}

/* Behind all that was pushed. */
static void wait_for_all(client *c, raw_socket *at)
{
    uint64_t there;

    put(c, 1, RAW_COUNT);
    raw_write_all(at, c->out, c->size);
    raw_read_all(at, c->in, c->size);
    memcpy(&there, c->in + 8, sizeof there);
    BENCH_NEED(there == c->pushed);
}

static size_t publish(void *ctx, size_t count)
{
    client *c = ctx;

    for (size_t left = count; left > 0;) {
        size_t n = least(left, c->batch);
        put(c, n, RAW_PUSH);
        for (size_t i = 0; i < c->server_count; i++) {
            raw_write_all(&c->servers[i], c->out, n * c->size);
        }
        left -= n;
    }
    c->pushed += count;
    for (size_t i = 0; i < c->server_count; i++) {
        wait_for_all(c, &c->servers[i]);
    }
    return count * c->server_count;
}

static void oneway(void *ctx, size_t count)
{
    publish(ctx, count);
}

/* Each from where it lies. */
static void oneway_blocking(void *ctx, size_t count)
{
    client *c = ctx;

    put(c, 1, RAW_PUSH);
    for (size_t i = 0; i < count; i++) {
        raw_write_all(&c->servers[0], c->out, c->size);
    }
    c->pushed += count;
    wait_for_all(c, &c->servers[0]);
}

/* One that is a record by itself is sealed from where it lies. */
static void oneway_covered(void *ctx, size_t count)
{
    client *c = ctx;

    if (c->batch > 1) {
        oneway(ctx, count);
    } else {
        oneway_blocking(ctx, count);
    }
}

/* ---- handshakes ---- */

static void shake_hands(const transport_case *c, const transport_address *at, size_t count,
                        const raw_cover *cover)
{
    uint8_t *answer = bench_alloc(c->size);

    for (size_t i = 0; i < count; i++) {
        raw_socket s = connect_covered(c, at, cover);
        raw_write_all(&s, transport_payload, c->size);
        raw_read_all(&s, answer, c->size);
        BENCH_NEED(transport_is_whole(answer, c->size));
        raw_close(&s);
    }
    free(answer);
}

static void handshakes_chacha(const transport_case *c, const transport_address *at, size_t count)
{
    shake_hands(c, at, count, &raw_chacha);
}

static void handshakes_openssl(const transport_case *c, const transport_address *at, size_t count)
{
    shake_hands(c, at, count, &raw_openssl);
}

static void handshakes_openssl_chacha(const transport_case *c, const transport_address *at,
                                      size_t count)
{
    shake_hands(c, at, count, &raw_openssl_chacha);
}

static const transport_ops epolled = {.server_new = server_epoll,
                                      .client_new = client_epoll,
                                      .client_free = client_free,
                                      .ping = ping};

static const transport_ops spin = {.server_new = server_spinning,
                                   .client_new = client_spinning,
                                   .client_free = client_free,
                                   .ping = ping};

static const transport_ops blocking = {.server_new = server_blocking,
                                       .client_new = client_blocking,
                                       .client_free = client_free,
                                       .ping = ping,
                                       .oneway = oneway_blocking,
                                       .connect = raw_accept_connect,
                                       .disconnect = raw_accept_disconnect};

static const transport_ops batch = {.server_new = server_blocking,
                                    .client_new = client_batch,
                                    .client_free = client_free,
                                    .calls = calls,
                                    .oneway = oneway,
                                    .acked = acked,
                                    .publish = publish};

static const transport_ops chacha = {.server_new = server_chacha,
                                     .client_new = client_chacha,
                                     .client_free = client_free,
                                     .ping = ping,
                                     .calls = calls,
                                     .oneway = oneway_covered,
                                     .acked = acked,
                                     .handshakes = handshakes_chacha};

static const transport_ops openssl = {.server_new = server_openssl,
                                      .client_new = client_openssl,
                                      .client_free = client_free,
                                      .ping = ping,
                                      .calls = calls,
                                      .oneway = oneway_covered,
                                      .acked = acked,
                                      .handshakes = handshakes_openssl};

static const transport_ops openssl_chacha = {.server_new = server_openssl_chacha,
                                             .client_new = client_openssl_chacha,
                                             .client_free = client_free,
                                             .ping = ping,
                                             .calls = calls,
                                             .oneway = oneway_covered,
                                             .acked = acked,
                                             .handshakes = handshakes_openssl_chacha};

const transport_subject transport_raw_epoll = {
    "raw-epoll", {&raw_ring_epoll, &epolled, &epolled, NULL}, false};
const transport_subject transport_raw_spin = {
    "raw-spin", {&raw_ring_spin, &spin, &spin, &raw_shared_spin}, true};
const transport_subject transport_raw_blocking = {
    "raw-blocking", {&raw_ring_blocking, &blocking, &blocking, &raw_shared_blocking}, false};
const transport_subject transport_raw_batch = {
    "raw-batch", {&raw_ring_batch, &batch, &batch, &raw_shared_batch}, false};
const transport_subject transport_raw_chacha = {
    "raw-chacha", {NULL, NULL, NULL, NULL, &chacha}, false};
const transport_subject transport_openssl = {"openssl", {NULL, NULL, NULL, NULL, &openssl}, false};
const transport_subject transport_openssl_chacha = {
    "openssl-chacha", {NULL, NULL, NULL, NULL, &openssl_chacha}, false};
