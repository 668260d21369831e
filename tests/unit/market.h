/* market.h -- what the tests of topics share: nodes that publish and nodes that subscribe, all of
 * them driven by the test's own thread.
 *
 * Who has subscribed takes little at a time, so that a test can make it fall behind: its streams
 * have a window of 1 KiB, of which FILLING messages are more.
 */
#ifndef MARKET_H
#define MARKET_H

#include "talk.h"

#include "market.kmsg.h"

#include "core/core.h"

#define FILLING 20 /* messages of Prices that fill a window, and come in one batch */
#define TOLD    4096

/* A node, and what it has been told. */
typedef struct reader {
    kmsg_node       *node;
    kmsg_peer       *peer; /* the publisher */
    kmsg_subscriber *subscriber;
    size_t           count; /* of messages */
    uint64_t         numbers[TOLD];
    char             symbols[TOLD][16];
    uint64_t         missed[TOLD]; /* right before each */
    bool             last[TOLD];
    uint64_t         missed_told; /* by events, all together */
    int              attached, detached;
    kmsg_err         err; /* of the last end */
    char             words[256];
    bool             stops; /* ends its subscriber at the next message */
} reader;

typedef struct publisher {
    kmsg_node     *node;
    kmsg_listener *listener;
} publisher;

static inline void on_tick(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
                           const market_Tick *tick)
{
    reader *r = ctx;

    CHECK(r->count < TOLD);
    r->numbers[r->count] = tick->number;
    snprintf(r->symbols[r->count], sizeof r->symbols[0], "%s", symbol.data);
    r->missed[r->count] = news->missed;
    r->last[r->count] = news->last;
    r->count++;
    if (r->stops) {
        kmsg_subscriber_end(r->subscriber);
        r->subscriber = NULL;
    }
}

static inline void on_event(void *ctx, const kmsg_topic_event *event)
{
    reader *r = ctx;

    r->attached += event->kind == KMSG_TOPIC_ATTACHED;
    r->detached += event->kind == KMSG_TOPIC_DETACHED;
    r->missed_told += event->missed;
    if (event->kind != KMSG_TOPIC_DETACHED)
        return;
    r->err = event->err;
    snprintf(r->words, sizeof r->words, "%s", event->words);
}

static inline void publisher_init(publisher *p, const char *url)
{
    *p = (publisher){.node = kmsg_node_new()};
    CHECK(p->node != NULL);
    OK(kmsg_listen(p->node, url, &p->listener));
}

static inline void publisher_done(publisher *p)
{
    kmsg_node_free(p->node);
    p->node = NULL;
}

static inline void reader_init(reader *r)
{
    memset(r, 0, sizeof *r);
    r->node = kmsg_node_new();
    CHECK(r->node != NULL);
    OK(kmsg_node_set_stream_window(r->node, 1024));
}

/* To prices, at that publisher; `symbol` NULL: to all. Of `options` heard and ctx are set. */
static inline void reader_join(reader *r, const publisher *p, const char *symbol,
                               kmsg_subscriber_options options)
{
    const market_Prices_filter filter = {.symbol = kmsg_str(symbol == NULL ? "" : symbol)};

    options.unnamed = true;
    options.heard = on_event;
    options.ctx = r;
    OK(market_Prices_subscribe(r->node, symbol == NULL ? NULL : &filter, &options, r, on_tick,
                               &r->subscriber));
    OK(kmsg_dial(r->node, kmsg_listener_url(p->listener), &r->peer));
    OK(kmsg_subscriber_join(r->subscriber, r->peer));
}

/* The same, and it is attached. The publisher offers prices. */
static inline void reader_attach(reader *r, const publisher *p, const char *symbol,
                                 kmsg_subscriber_options options)
{
    int before = r->attached;

    reader_join(r, p, symbol, options);
    DRIVE(r->node, p->node, r->attached == before + 1);
}

static inline void reader_done(reader *r)
{
    kmsg_node_free(r->node);
    r->node = NULL;
}

static inline kmsg_err publish_tick(const publisher *p, const char *symbol, uint64_t number)
{
    return market_Prices_publish(p->node, kmsg_str(symbol),
                                 &(market_Tick){.number = number, .bid = 1.5});
}

static inline void turn(kmsg_node *node)
{
    OK(kmsg_node_step(node));
}

/* `count` messages, the first of that number; then they are sent, as far as there is room. */
static inline void publish_all(const publisher *p, const char *symbol, uint64_t first, int count)
{
    for (int i = 0; i < count; i++)
        OK(publish_tick(p, symbol, first + (uint64_t)i));
    turn(p->node);
}

/* Numbers 1 to FILLING: now there is no room for more. */
static inline void fill_window(const publisher *p)
{
    publish_all(p, "FILL", 1, FILLING);
}

static inline uint64_t missed_in_all(const reader *r)
{
    uint64_t missed = 0;

    for (size_t i = 0; i < r->count; i++)
        missed += r->missed[i];
    return missed;
}

#endif
