/* topic.h -- topics: what is published goes from its publisher to each of its subscribers.
 *
 *     topic Prices(symbol: string): Tick;                                    in the schema
 *
 *     kmsg_must(Prices_publish(node, kmsg_str("ACME"), &tick));              who publishes
 *
 *     static void on_tick(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
 *                         const Tick *tick) { ... }                          who subscribes
 *     Prices_filter filter = {.symbol = kmsg_str("AC*")};
 *     kmsg_must(Prices_subscribe(node, &filter, NULL, ctx, on_tick, NULL));
 *
 * There is no broker: publishers and subscribers of a topic find one another by its name, in any
 * order, and each subscriber's node is connected to each publisher's. A message comes at most once,
 * and those of one publisher come in order. Who subscribes gets what is published from then on;
 * what is published while nobody has subscribed is gone. How many messages a subscriber has missed
 * he is told exactly.
 *
 * A publisher waits for nobody, unless a subscriber asks for that: what one of them does not take
 * in time waits for him in a queue, and when that is full it goes as he has said
 * (kmsg_when_behind). What is published is sent when the node's turn ends, or once there are
 * KMSG_TOPIC_BATCH bytes of it: many messages in one.
 *
 * Threads: as for kmsg/kmsg.h, all on the node's own.
 */
#ifndef KMSG_TOPIC_H
#define KMSG_TOPIC_H

#include <kmsg/names.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kmsg_topic; /* Prices_topic: kmsg/gen.h */

typedef struct kmsg_subscriber kmsg_subscriber;

#define KMSG_TOPIC_BATCH           ((size_t)31 << 10) /* bytes of messages that are sent as one */
#define KMSG_TOPIC_QUEUE_MESSAGES  65536u             /* that wait for a subscriber, unless said */
#define KMSG_TOPIC_QUEUE_SIZE      ((size_t)1 << 20)  /* bytes of these */
#define KMSG_TOPIC_QUEUE_MAX       ((size_t)16 << 20) /* of these, unless the publisher says so */
#define KMSG_TOPIC_SUBSCRIBERS_MAX 4096u              /* of a publisher, unless said */
#define KMSG_TOPIC_PUBLISHERS_MAX  1024u              /* of a subscriber, unless said */
#define KMSG_TOPIC_TTL_MAX         16u

/* ---- publishing ------------------------------------------------------------------------------ */

/* All zeros, or NULL: as at first. */
typedef struct kmsg_publisher_options {
    kmsg_scope scope;         /* who finds it; 0: KMSG_SCOPE_HOST */
    bool       unnamed;       /* nobody finds it: it is for those who know where its node listens
                               * (kmsg_subscriber_join()) */
    uint32_t subscribers_max; /* at a time; 0: KMSG_TOPIC_SUBSCRIBERS_MAX */
    size_t   queue_max;       /* bytes that may wait for one of them, whatever he wants; 0:
                               * KMSG_TOPIC_QUEUE_MAX */
    uint32_t last_keys;       /* of so many keys the last value is kept, for subscribers who want
                               * it; of more, those that were published last. 0: of none */
    size_t   last_size;       /* bytes of these; 0: KMSG_TOPIC_QUEUE_SIZE */
    uint32_t timeout_ms;      /* how long X_publish() waits at most for subscribers who want it to
                               * wait (KMSG_BEHIND_WAIT); 0: KMSG_CALL_TIMEOUT_MS */
    uint32_t ttl; /* its messages may pass through so many nodes that relay the topic; 0: through
                   * none. At most KMSG_TOPIC_TTL_MAX */
} kmsg_publisher_options;

/* What there is to know of a node's topic, since it was offered. */
typedef struct kmsg_topic_facts {
    uint32_t subscribers; /* now */
    uint64_t published;   /* messages */
    uint64_t delivered;   /* messages, once for each subscriber who was sent it */
    uint64_t missed;  /* in the same way: that passed a subscriber's filter, and were not sent */
    uint64_t relayed; /* that others have published, and were sent on */
} kmsg_topic_facts;

/* X_publish() offers its topic, with the options of X_offer(), or as at first if that was not
 * called before. KMSG_ENOENT: the node does not publish it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_topic_info(const kmsg_node *node, const struct kmsg_topic *topic,
                                             kmsg_topic_facts *ret);

/* The node publishes it no more; until the next X_offer() or X_publish(). Its subscribers are sent
 * what was published before. */
KMSG_API void kmsg_topic_withdraw(kmsg_node *node, const struct kmsg_topic *topic);

/* ---- subscribing ----------------------------------------------------------------------------- */

/* What becomes of messages for which a subscriber's queue, which is at each of his publishers, has
 * no room. */
typedef enum kmsg_when_behind {
    KMSG_BEHIND_DROP_OLDEST, /* the oldest ones that wait are missed */
    KMSG_BEHIND_LATEST,    /* of what waits only the latest message of each key is kept, before the
                            * queue is full, too; when it is the oldest is missed */
    KMSG_BEHIND_WAIT,      /* the publisher waits, for as long as he wants to; then it is missed,
                            * and his X_publish() says KMSG_EFULL */
    KMSG_BEHIND_DISCONNECT /* he is cut off, and told: KMSG_TOPIC_DETACHED, KMSG_EOVERLOADED */
} kmsg_when_behind;

typedef enum kmsg_topic_event_kind {
    KMSG_TOPIC_ATTACHED, /* to a publisher: what he publishes from now on comes */
    KMSG_TOPIC_DETACHED, /* from one. KMSG_ECLOSED: it publishes no more; KMSG_ELOST: its process or
                          * host is gone; KMSG_EOVERLOADED: see above; KMSG_EPERM: one of both has
                          * none of the topic's roles; KMSG_EMISMATCH: its topic is of another type;
                          * KMSG_EFULL: it has as many subscribers as it wants; KMSG_EDECODE */
    KMSG_TOPIC_MISSED    /* messages of a publisher; then come those that are behind them */
} kmsg_topic_event_kind;

typedef struct kmsg_topic_event {
    kmsg_topic_event_kind kind;
    kmsg_peer            *publisher; /* ask it nothing once it is told that it has gone */
    uint64_t              missed;    /* MISSED: how many */
    kmsg_err              err;       /* KMSG_OK unless said */
    const char           *words;     /* what there is to say about it; "" */
} kmsg_topic_event;

/* What `event` points to is gone when it returns. */
typedef void kmsg_topic_fn(void *ctx, const kmsg_topic_event *event);

/* A lossy subscriber takes datagrams: a message may be lost. Nothing waits for him, and nobody
 * waits for him: KMSG_BEHIND_WAIT and _DISCONNECT are KMSG_EINVAL. What comes too late or twice is
 * left out, so the order holds. How many messages were lost he is told exactly, by the next one
 * that comes, or when the topic is withdrawn; kmsg_topic_facts counts only those that were not
 * sent.
 *
 * That is for publishers on the same host, over unix: and inproc:; from others all comes by the
 * connection, as for anybody else. So do topics with @roles, last values, and messages beyond
 * KMSG_DATAGRAM_MAX: one that others overtake meanwhile is too late, too. The node listens at a
 * port of 127.0.0.1 from then on; datagrams that nobody has asked for are refused. X_subscribe()
 * says why if it cannot listen.
 */

/* All zeros, or NULL: as at first. */
typedef struct kmsg_subscriber_options {
    kmsg_scope       scope;   /* where publishers are looked for; 0: KMSG_SCOPE_HOST */
    bool             unnamed; /* nowhere: only kmsg_subscriber_join() brings any */
    kmsg_when_behind when_behind;
    uint32_t         messages;       /* that wait at a publisher at most; 0: as above */
    size_t           size;           /* bytes of these; 0: as above. The publisher may have less */
    bool             last;           /* the last value of each key first, where it is kept */
    uint32_t         publishers_max; /* so many at a time; 0: KMSG_TOPIC_PUBLISHERS_MAX */
    bool             lossy;          /* by datagrams, where that may be: see below */
    bool             relay; /* what comes, and may pass through this node, goes on to those who have
                             * subscribed here: it is offered here, as X_offer() has said */
    kmsg_topic_fn *heard;   /* of publishers that come and go, and of what was missed; or NULL */
    void          *ctx;
} kmsg_subscriber_options;

/* Of a message. */
typedef struct kmsg_topic_news {
    kmsg_peer *publisher; /* who has sent it: its publisher, or a node that relays */
    uint64_t   origin;    /* the instance of its publisher's node (kmsg_peer_info()) */
    uint64_t   missed;    /* so many messages of who has sent it were missed right before it */
    bool       last;      /* it was published before: the last value of its key */
} kmsg_topic_news;

/* No message comes any more, and no event. NULL is fine. */
KMSG_API void kmsg_subscriber_end(kmsg_subscriber *subscriber);

/* Take what is published at this node too, wherever it is; a peer of kmsg_dial(), say, that stays
 * until kmsg_subscriber_end() or kmsg_subscriber_leave(). When its connection is lost it is
 * attached again, and told what it has missed meanwhile. KMSG_EEXIST: it is joined already;
 * KMSG_EFULL: publishers_max; KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_subscriber_join(kmsg_subscriber *subscriber, kmsg_peer *peer);
KMSG_API void                kmsg_subscriber_leave(kmsg_subscriber *subscriber, kmsg_peer *peer);

typedef struct kmsg_subscriber_facts {
    uint32_t publishers; /* that it is attached to now */
    uint64_t received;   /* messages */
    uint64_t missed;
    uint64_t repeated; /* that have come once more by another way */
} kmsg_subscriber_facts;

KMSG_API void kmsg_subscriber_info(const kmsg_subscriber *subscriber, kmsg_subscriber_facts *ret);

#ifdef __cplusplus
}
#endif
#endif
