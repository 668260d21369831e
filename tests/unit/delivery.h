/* delivery.h -- what the tests of delivery share: a server of delivery.kmsg that does with a
 * message what the test has told it to.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "talk.h"

#include "delivery.kmsg.h"

#include "core/core.h"

#define TICKETS_MAX 64

/* What put() does. */
typedef enum post_way {
    POST_TAKE,
    POST_HOLD,
    POST_HOLD_TWICE,
    POST_HOLD_AND_FAIL,
    POST_RELEASE,
    POST_FAIL,
    POST_LATER
} post_way;

typedef struct post {
    kmsg_node     *node;
    kmsg_listener *listener;
    post_way       way;
    int64_t        sum;
    int            puts;
    int            asked;   /* slow(), again() and soon() */
    kmsg_call     *later;   /* the last of these */
    uint32_t       left_ms; /* what it had left */
    kmsg_ticket    tickets[TICKETS_MAX];
    size_t         ticket_count;
    kmsg_bytes     blob;     /* of what is held last */
    size_t         capacity; /* of the memory it lies in */
    kmsg_err       hold_err;
} post;

static inline void post_hold(post *p, kmsg_call *call, kmsg_bytes blob)
{
    kmsg_ticket ticket;

    p->hold_err = kmsg_hold(call, &ticket);
    if (p->hold_err != KMSG_OK)
        return;
    p->tickets[p->ticket_count++ % TICKETS_MAX] = ticket;
    p->blob = blob;
    p->capacity = call->slab->capacity;
}

static inline kmsg_err post_put(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    post *p = ctx;

    p->puts++;
    p->sum = (int64_t)((uint64_t)p->sum + (uint64_t)number); /* strangers send any */
    switch (p->way) {
    case POST_FAIL: return kmsg_fail(call, KMSG_ENOENT, "nobody wants %d", (int)number);
    case POST_LATER: return KMSG_LATER;
    case POST_TAKE: return KMSG_OK;
    default: post_hold(p, call, blob);
    }
    if (p->way == POST_HOLD_TWICE)
        post_hold(p, call, blob);
    if (p->way == POST_RELEASE)
        p->hold_err = kmsg_release_ts(p->tickets[0]);
    return p->way == POST_HOLD_AND_FAIL ? kmsg_fail(call, KMSG_EBUSY, "not now") : p->hold_err;
}

static inline kmsg_err post_sum(void *ctx, kmsg_call *call, int64_t *ret)
{
    (void)call;
    *ret = ((post *)ctx)->sum;
    return KMSG_OK;
}

static inline kmsg_err post_later(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    post *p = ctx;

    (void)ret;
    (void)number;
    p->asked++;
    p->later = call;
    p->left_ms = kmsg_call_remaining_ms(call);
    return KMSG_LATER;
}

static inline kmsg_err post_nothing(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    return KMSG_OK;
}

static const delivery_Post_impl post_impl = {.put = post_put,
                                             .sum = post_sum,
                                             .slow = post_later,
                                             .again = post_later,
                                             .soon = post_later,
                                             .nothing = post_nothing};

static inline void post_init(post *p, const char *url)
{
    *p = (post){.node = kmsg_node_new()};
    CHECK(p->node != NULL);
    OK(delivery_Post_serve(p->node, &post_impl, p));
    if (url != NULL)
        OK(kmsg_listen(p->node, url, &p->listener));
}

static inline void post_done(post *p)
{
    kmsg_node_free(p->node);
    p->node = NULL;
}

static inline kmsg_peer *post_dial(kmsg_node *node, const post *p)
{
    kmsg_peer *peer = NULL;

    OK(kmsg_dial(node, kmsg_listener_url(p->listener), &peer));
    return peer;
}

/* `done` of what has no answer. */
static inline void put_done(void *ctx, kmsg_err err)
{
    outcome *o = ctx;

    o->count++;
    o->err = err;
    o->at_ms = clock_ms();
    snprintf(o->words, sizeof o->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
}

/* A log that is kept in a text of 1024 bytes. */
static inline void keep_line(void *ctx, kmsg_log_level level, const char *text)
{
    char  *said = ctx;
    size_t at = strlen(said);

    (void)level;
    snprintf(said + at, 1024 - at, "%s\n", text);
}

static inline uint64_t dropped(const kmsg_peer *peer)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts.dropped;
}

static const kmsg_bytes no_blob = {(const uint8_t *)"", 0};

#endif
