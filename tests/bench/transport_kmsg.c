/* transport_kmsg.c -- kmsg: a service, asked by the generated functions. The client's node runs on
 * the thread that asks. Encrypted, each side has a key of its own and trusts that of the other;
 * kmsg-clear is the same over tcp without it.
 */
#define _POSIX_C_SOURCE 200809L

#include "transport_keys.h"

#include "echo.kmsg.h"

#include <kmsg/peer.h>
#include <kmsg/security.h>
#include <stdio.h>
#include <string.h>

#define SPIN_US 100

/* Where both sides share memory, both must want it; over unix: they do so unless they are told. */
static kmsg_node *new_node(transport_kind kind)
{
    kmsg_node *node = kmsg_node_new();

    BENCH_NEED(node);
    kmsg_must(kmsg_node_set_shared_memory(node, kind == TRANSPORT_SHM ? KMSG_SHARED_MEMORY : 0));
    return node;
}

/* `name` is the server's: where the keys of both are. */
static void secure(kmsg_node *node, bool accepts, const char *name)
{
    char          folder[300];
    kmsg_security options = {.folder = folder, .encrypt_loopback = true};

    transport_keys_path(name, accepts, folder, sizeof folder);
    kmsg_must(kmsg_node_set_security(node, &options));
}

/* The server's address has its URL, and where it is encrypted its name. */
typedef struct place {
    char url[200];
    char name[200];
} place;

static place find_place(const transport_address *at)
{
    place it = {0};

    BENCH_NEED(sscanf(at->text, "%199s %199s", it.url, it.name) >= 1);
    return it;
}

static kmsg_node *new_client_node(const transport_case *c, const transport_address *at)
{
    kmsg_node *node = new_node(c->kind);
    place      there = find_place(at);

    if (*there.name) {
        secure(node, false, there.name);
    }
    return node;
}

/* ---- server ---- */

typedef struct server {
    kmsg_node *node;
    size_t     size; /* of a payload */
    uint64_t   pushed;
} server;

static kmsg_err echo(void *ctx, kmsg_call *call, const Payload *payload, Payload *ret)
{
    server *s = ctx;

    (void)call;
    BENCH_NEED(payload->data.size == s->size && transport_is_whole(payload->data.data, s->size));
    *ret = *payload;
    return KMSG_OK;
}

static kmsg_err push(void *ctx, kmsg_call *call, const Payload *payload)
{
    server *s = ctx;

    (void)call;
    BENCH_NEED(payload->data.size == s->size && transport_is_whole(payload->data.data, s->size));
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

static void listen_at(server *s, transport_kind kind, const char *name, transport_address *ret)
{
    kmsg_listener *listener;
    char           url[300];

    if (kind == TRANSPORT_TCP || kind == TRANSPORT_SECURE) {
        snprintf(url, sizeof url, "tcp:127.0.0.1:0");
    } else {
        snprintf(url, sizeof url, kind == TRANSPORT_INPROC ? "inproc:%s" : "unix:%s", name);
    }
    kmsg_must(kmsg_listen(s->node, url, &listener));
    snprintf(ret->text, sizeof ret->text, "%s %s", kmsg_listener_url(listener),
             kind == TRANSPORT_SECURE ? name : "");
}

static void *serve(const transport_case *c, const char *name, uint32_t spin_us,
                   transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);

    s->size = c->size;
    s->node = new_node(c->kind);
    kmsg_must(kmsg_node_set_spin_us(s->node, spin_us));
    kmsg_must(Echo_serve(s->node, &impl, s));
    if (c->kind == TRANSPORT_SECURE) {
        transport_keys_new(name);
        secure(s->node, true, name);
    }
    listen_at(s, c->kind, name, ret);
    kmsg_must(kmsg_start(s->node));
    return s;
}

static void *server_new(const transport_case *c, const char *name, transport_address *ret)
{
    return serve(c, name, 0, ret);
}

static void *server_spinning(const transport_case *c, const char *name, transport_address *ret)
{
    return serve(c, name, SPIN_US, ret);
}

/* As over tcp, to be measured beside what is encrypted. */
static void *server_clear(const transport_case *c, const char *name, transport_address *ret)
{
    transport_case tcp = *c;

    tcp.kind = TRANSPORT_TCP;
    return serve(&tcp, name, 0, ret);
}

static void server_free(void *ctx)
{
    server *s = ctx;

    kmsg_node_free(s->node);
}

/* ---- client ---- */

typedef struct client {
    kmsg_node  *node;
    size_t      burst;
    size_t      peer_count;
    kmsg_peer  *peers[TRANSPORT_SERVERS_MAX];
    kmsg_arena *mem;
    Payload     payload;
    uint64_t    pushed;
    size_t      unsent; /* calls yet to be made, and yet to be answered */
    size_t      unanswered;
} client;

/* Who sends faster than it can be taken, waits. */
static const kmsg_queue_options queue = {.size = (size_t)1 << 20, .when_full = KMSG_WAIT};

static void *client_new(const transport_case *c, const transport_address *servers)
{
    client *it = bench_alloc(sizeof *it);

    it->node = new_client_node(c, servers);
    it->mem = kmsg_arena_new();
    BENCH_NEED(it->mem);
    it->payload.data = (kmsg_bytes){transport_payload, c->size};
    it->burst = c->kind == TRANSPORT_SECURE ? TRANSPORT_SECURE_BURST : TRANSPORT_BURST;
    it->peer_count = c->server_count;
    for (size_t i = 0; i < c->server_count; i++) {
        place there = find_place(&servers[i]);
        kmsg_must(kmsg_dial(it->node, there.url, &it->peers[i]));
        kmsg_must(kmsg_peer_set_queue(it->peers[i], &queue));
    }
    return it;
}

static void *client_spinning(const transport_case *c, const transport_address *servers)
{
    client *it = client_new(c, servers);

    kmsg_must(kmsg_node_set_spin_us(it->node, SPIN_US));
    return it;
}

static void client_free(void *ctx)
{
    client *c = ctx;

    kmsg_arena_free(c->mem);
    kmsg_node_free(c->node);
}

static void check_answer(const client *c, const Payload *answer)
{
    BENCH_NEED(answer->data.size == c->payload.data.size &&
               transport_is_whole(answer->data.data, answer->data.size));
}

static void ping(void *ctx)
{
    client *c = ctx;
    Payload answer;

    kmsg_must(Echo_echo(c->peers[0], &c->payload, c->mem, &answer));
    check_answer(c, &answer);
    kmsg_arena_reset(c->mem);
}

/* ---- many in flight ---- */

static void begin_calls(client *c, size_t count, size_t window, void (*ask)(client *c))
{
    c->unanswered = count;
    c->unsent = count;
    for (size_t i = 0; i < window && c->unsent > 0; i++) {
        ask(c);
    }
    kmsg_must(kmsg_run(c->node));
    BENCH_NEED(c->unanswered == 0);
}

/* One has ended: asks the next. */
static void ended(client *c, void (*ask)(client *c))
{
    if (c->unsent > 0) {
        ask(c);
    }
    if (--c->unanswered == 0) {
        kmsg_stop_ts(c->node);
    }
}

static void ask_echo(client *c);

static void answered(void *ctx, kmsg_err err, const Payload *payload)
{
    kmsg_must(err);
    check_answer(ctx, payload);
    ended(ctx, ask_echo);
}

static void ask_echo(client *c)
{
    c->unsent--;
    Echo_echo_async(c->peers[0], &c->payload, c, answered);
}

static void calls(void *ctx, size_t count)
{
    begin_calls(ctx, count, TRANSPORT_WINDOW, ask_echo);
}

static void push_acked(client *c);

static void was_acked(void *ctx, kmsg_err err)
{
    kmsg_must(err);
    ended(ctx, push_acked);
}

static void push_acked(client *c)
{
    c->unsent--;
    Echo_push_async(c->peers[0], &c->payload, c, was_acked);
}

static void acked(void *ctx, size_t count)
{
    client *c = ctx;

    begin_calls(c, count, TRANSPORT_ACKED_WINDOW, push_acked);
    c->pushed += count;
}

/* ---- one-way ---- */

static size_t publish(void *ctx, size_t count)
{
    client  *c = ctx;
    uint64_t there;

    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < c->peer_count; p++) {
            kmsg_must(Echo_push(c->peers[p], &c->payload));
        }
        if (i % c->burst == c->burst - 1) {
            kmsg_must(kmsg_node_step(c->node));
        }
    }
    c->pushed += count;
    for (size_t p = 0; p < c->peer_count; p++) {
        kmsg_must(Echo_count(c->peers[p], c->mem, &there));
        BENCH_NEED(there == c->pushed);
    }
    kmsg_arena_reset(c->mem);
    return count * c->peer_count;
}

static void oneway(void *ctx, size_t count)
{
    publish(ctx, count);
}

/* ---- connections ---- */

#define SHAKING                                                                                    \
    32 /* at a time: a stranger may not begin many more, and all are strangers at first */

typedef struct connections {
    kmsg_node *node;
    place      there;
    size_t     undialled;
    size_t     awaited;
} connections;

static void connect_next(connections *all);

static void is_usable(void *ctx, kmsg_err err, const uint64_t *pushed)
{
    connections *all = ctx;

    (void)pushed;
    kmsg_must(err);
    if (all->undialled > 0) {
        connect_next(all);
    }
    if (--all->awaited == 0) {
        kmsg_stop_ts(all->node);
    }
}

/* A peer connects when it is first used, so each is asked something. */
static void connect_next(connections *all)
{
    kmsg_peer *peer;

    all->undialled--;
    kmsg_must(kmsg_dial(all->node, all->there.url, &peer));
    Echo_count_async(peer, all, is_usable);
}

static void *connect_all(const transport_case *c, const transport_address *at, size_t count)
{
    connections *all = bench_alloc(sizeof *all);
    size_t       first = c->kind == TRANSPORT_SECURE && count > SHAKING ? SHAKING : count;

    all->node = new_client_node(c, at);
    all->there = find_place(at);
    all->awaited = count;
    all->undialled = count;
    for (size_t i = 0; i < first; i++) {
        connect_next(all);
    }
    kmsg_must(kmsg_run(all->node));
    return all;
}

static void disconnect_all(void *ctx)
{
    connections *all = ctx;

    kmsg_node_free(all->node);
}

static void handshakes(const transport_case *c, const transport_address *at, size_t count)
{
    kmsg_node  *node = new_client_node(c, at);
    kmsg_arena *mem = kmsg_arena_new();
    place       there = find_place(at);
    uint64_t    pushed;

    BENCH_NEED(mem);

    for (size_t i = 0; i < count; i++) {
        kmsg_peer *peer;
        kmsg_must(kmsg_dial(node, there.url, &peer));
        kmsg_must(Echo_count(peer, mem, &pushed));
        kmsg_peer_close(peer);
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
    kmsg_node_free(node);
}

static const transport_ops ops = {.server_new = server_new,
                                  .server_free = server_free,
                                  .client_new = client_new,
                                  .client_free = client_free,
                                  .ping = ping,
                                  .calls = calls,
                                  .oneway = oneway,
                                  .acked = acked,
                                  .publish = publish,
                                  .connect = connect_all,
                                  .disconnect = disconnect_all,
                                  .handshakes = handshakes};

static const transport_ops spin = {.server_new = server_spinning,
                                   .server_free = server_free,
                                   .client_new = client_spinning,
                                   .client_free = client_free,
                                   .ping = ping};

static const transport_ops clear = {.server_new = server_clear,
                                    .server_free = server_free,
                                    .client_new = client_new,
                                    .client_free = client_free,
                                    .ping = ping,
                                    .calls = calls,
                                    .oneway = oneway,
                                    .acked = acked};

const transport_subject transport_kmsg_clear = {
    "kmsg-clear", {NULL, NULL, NULL, NULL, &clear}, false};
const transport_subject transport_kmsg_spin = {"kmsg-spin", {&spin, &spin, &spin, &spin}, true};
const transport_subject transport_kmsg = {"kmsg", {&ops, &ops, &ops, &ops, &ops}, false};
