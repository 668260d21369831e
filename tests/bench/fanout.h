/* fanout.h -- what the fanout suite measures, and of whom: one publisher, and many who have
 * subscribed.
 *
 * The publisher is a process, and all its subscribers are another one: each has a connection of its
 * own. Both have one half of the processors. Whatever is between them (a broker) may use all. All
 * messages count that have come, and all must come.
 */
#ifndef FANOUT_H
#define FANOUT_H

#include "bench.h"

#include <stdatomic.h>
#include <stdbool.h>

#define FANOUT_SIZE            64 /* bytes of a payload */
#define FANOUT_SUBSCRIBERS_MAX 64

typedef enum fanout_kind { FANOUT_UNIX, FANOUT_TCP, FANOUT_SHM, FANOUT_KINDS } fanout_kind;

typedef struct fanout_case {
    const char *name;
    fanout_kind kind;
    size_t      subscribers;
} fanout_case;

typedef struct fanout_address {
    char text[400];
} fanout_address;

/* What has come, in memory of both sides. One thread writes it. */
typedef struct fanout_tally {
    _Atomic uint64_t total; /* messages, of all subscribers */
    _Atomic uint64_t there; /* subscribers that something has come to */
} fanout_tally;

typedef struct fanout_ops {
    /* `name` is a path in a folder where it may make files. *ret is what subscribers need to know.
     * NULL: it cannot be measured here. */
    void *(*publisher_new)(const fanout_case *c, const char *name, fanout_address *ret);
    void (*publish)(void *publisher, size_t count);
    void (*turn)(void *publisher); /* while the subscribers take what was published */
    void (*publisher_end)(void *publisher);

    /* So many, in a process of their own: does not return. */
    void (*subscribe)(const fanout_case *c, const fanout_address *at, fanout_tally *tally);
} fanout_ops;

typedef struct fanout_subject {
    const char *name;
    fanout_ops  ops;
    bool        has[FANOUT_KINDS];
} fanout_subject;

/* A message has come to one of the subscribers, the first one of his or another. */
static inline void fanout_came(fanout_tally *tally, bool *was_there)
{
    uint64_t total = atomic_load_explicit(&tally->total, memory_order_relaxed);

    atomic_store_explicit(&tally->total, total + 1, memory_order_release);
    if (!*was_there) {
        *was_there = true;
        atomic_fetch_add(&tally->there, 1);
    }
}

extern const uint8_t fanout_payload[FANOUT_SIZE + 1];

extern const fanout_subject fanout_kmsg, fanout_zeromq, fanout_nats;

#endif
