/* steady.h -- what the tests of the steady state share: a node that asks and some that serve, on
 * every kind of link, all of them stepped by the test's own thread on seam.h's platform. So what
 * they do is the same in each run, and can be counted.
 */
#ifndef STEADY_H
#define STEADY_H

#define _GNU_SOURCE
#include "fault/seam.h"
#include "keys.h"

#define STEADY_SERVERS 8

typedef enum steady_kind {
    STEADY_INPROC,
    STEADY_UNIX,
    STEADY_SHARED,
    STEADY_TCP,
    STEADY_SECRET, /* tcp, encrypted */
    STEADY_KINDS
} steady_kind;

static const char *const steady_names[] = {"inproc", "unix", "shared memory", "tcp",
                                           "encrypted tcp"};

/* Before `seam` counts, all of them are connected, and over shared memory if that is the kind. */
typedef struct steady {
    steady_kind kind;
    kmsg_node  *node;
    kmsg_peer  *peers[STEADY_SERVERS];
    server      servers[STEADY_SERVERS];
    size_t      count; /* of servers */
    uint64_t    answered;
    uint64_t    unsent; /* asynchronous calls yet to be made, one with each that ends */
} steady;

/* So many turns of all nodes in which nothing new is begun. */
static inline void steady_step(steady *s)
{
    OK(kmsg_node_step(s->node));
    for (size_t i = 0; i < s->count; i++)
        OK(kmsg_node_step(s->servers[i].node));
}

#define STEADY_UNTIL(s, condition)                                                                 \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition) && clock_ms() < until_ms)                                              \
            steady_step(s);                                                                        \
        CHECK(condition);                                                                          \
    } while (0)

static inline const char *steady_url(steady_kind kind, size_t i)
{
    static char url[48];

    if (kind == STEADY_UNIX || kind == STEADY_SHARED)
        return new_name();
    if (kind == STEADY_TCP || kind == STEADY_SECRET)
        return "tcp:127.0.0.1:0";
    snprintf(url, sizeof url, "inproc:steady-%zu", i);
    return url;
}

static inline kmsg_node *steady_node(steady_kind kind)
{
    const kmsg_security security = {.folder = test_keys(), .encrypt_loopback = true};
    kmsg_node          *node = seam_node_new();

    CHECK(node != NULL);
    if (kind == STEADY_SECRET)
        OK(kmsg_node_set_security(node, &security));
    return node;
}

static inline void steady_serve(server *s, steady_kind kind, const char *url)
{
    *s = (server){.node = steady_node(kind)};
    OK(talk_Talk_serve(s->node, &talk_impl, s));
    OK(kmsg_listen(s->node, url, &s->listener));
}

static inline bool steady_is_up(const kmsg_peer *peer, bool shared)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts.state == KMSG_PEER_CONNECTED && facts.shared_memory == shared;
}

static inline void steady_begin(steady *s, steady_kind kind, size_t count)
{
    outcome o[STEADY_SERVERS] = {{0}};

    test_at("%s", steady_names[kind]);
    *s = (steady){.kind = kind, .count = count};
    seam.apart = kind == STEADY_UNIX;
    s->node = steady_node(kind);
    for (size_t i = 0; i < count; i++)
        steady_serve(&s->servers[i], kind, steady_url(kind, i));
    for (size_t i = 0; i < count; i++) {
        s->peers[i] = dial(s->node, &s->servers[i]);
        talk_Talk_sum_async(s->peers[i], &o[i], sum_done);
        STEADY_UNTIL(s, o[i].count == 1 && steady_is_up(s->peers[i], kind == STEADY_SHARED));
    }
    seam.apart = false;
    steady_step(s);
}

static inline void steady_end(steady *s)
{
    kmsg_node_free(s->node);
    for (size_t i = 0; i < s->count; i++)
        server_done(&s->servers[i]);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static inline void steady_ask(steady *s);

static inline void steady_answered(void *ctx, kmsg_err err, const talk_Note *note)
{
    steady *s = ctx;

    OK(err);
    EQ_INT(note->number, 7);
    s->answered++;
    if (s->unsent > 0) {
        s->unsent--;
        steady_ask(s);
    }
}

static inline void steady_ask(steady *s)
{
    talk_Note note = note_of("as it came", 7);

    talk_Talk_echo_async(s->peers[0], &note, s, steady_answered);
}

#endif
