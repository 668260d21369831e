/* peer.h -- what there is to set and to know of the connection behind a peer.
 *
 *   1  trying again   how soon after a dial that failed
 *   2  what waits     how much may, and what happens to more
 *   3  watching       to be told when it comes, goes, and was started anew
 *   4  staying        how long a connection that is not used is kept
 *   5  facts          how far away it is, what waits, what went there and came from there
 *   6  datagrams      what is different over udp:
 *
 * Nothing of it is needed to make calls: kmsg_dial() of kmsg/kmsg.h gives a peer that connects,
 * connects again, and ends what must end. Threads: as for kmsg/kmsg.h.
 */
#ifndef KMSG_PEER_H
#define KMSG_PEER_H

#include <kmsg/kmsg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. trying again ------------------------------------------------------------------------- */

#define KMSG_RETRY_STEPS  8u
#define KMSG_RETRY_MAX_MS (24u * 60u * 60u * 1000u)

/* How long to wait before a dial that failed is tried again, as long as something waits for it.
 * First come the steps, if there are any, one after the other. Then first_ms; then each time
 * `factor` times the delay before, and step_ms more. max_ms cuts off what is longer. At last chance
 * is added, so that many who have lost the same server do not all come back at once. All zeros but
 * first_ms is a regular interval:
 *
 *   {.first_ms = 1000, .factor = 2, .max_ms = 30000, .jitter_percent = 20}       1, 2, 4 .. 30 s
 *   {.step_count = 2, .steps_ms = {8000, 32000}, .first_ms = 120000}             8, 32, 120, 120 s
 */
typedef struct kmsg_retry {
    uint32_t step_count; /* of steps_ms: at most KMSG_RETRY_STEPS */
    uint32_t steps_ms[KMSG_RETRY_STEPS];
    uint32_t first_ms;
    uint32_t step_ms;
    uint32_t max_ms;         /* 0: KMSG_RETRY_MAX_MS, which is the most */
    uint32_t limit;          /* so many delays; 0: for ever. When the dial behind the last one fails
                              * too, all that waits ends with its error; the next use begins anew */
    uint32_t jitter_percent; /* at most so much is added or taken away; 100 at most */
    uint32_t spread_ms;      /* at most so much less one is added */
    double   factor;         /* 0 is 1; not below 1 */
} kmsg_retry;

/* From the next failure on. NULL: what it is at first, {.first_ms = 50, .spread_ms = 500}. A
 * connection that has come up begins with the first delay again. KMSG_EINVAL. */
KMSG_API KMSG_CHECK kmsg_err kmsg_peer_set_retry(kmsg_peer *peer, const kmsg_retry *retry);

/* ---- 2. what waits --------------------------------------------------------------------------- */

/* What happens to a request for which there is no room. */
typedef enum kmsg_when_full {
    KMSG_REFUSE,     /* KMSG_EFULL at once */
    KMSG_WAIT,       /* its sender waits for room, as a blocking call does: at most the peer's
                      * timeout, then KMSG_EFULL; a call's deadline runs meanwhile */
    KMSG_DROP_OLDEST /* the oldest one that has not been sent gives way: a call ends with
                      * KMSG_EFULL, a plain one-way message is counted (kmsg_peer_info()), and the
                      * first of them is logged */
} kmsg_when_full;

/* How much may wait to be sent to a peer: for a connection, for credit, for the system to take it.
 * Calls and one-way messages are requests; answers are never held back. */
typedef struct kmsg_queue_options {
    uint32_t       messages; /* requests; 0: as many as there is room for */
    size_t         size;     /* bytes; 0: KMSG_SEND_QUEUE_MAX, which is the most. One request of any
                              * size is taken where nothing waits. */
    kmsg_when_full when_full;
} kmsg_queue_options;

/* For requests from now on; NULL: as it was at first. KMSG_EINVAL: a size over the most; a peer of
 * kmsg_reach(), whose messages go over other peers' connections. */
KMSG_API KMSG_CHECK kmsg_err kmsg_peer_set_queue(kmsg_peer                *peer,
                                                 const kmsg_queue_options *options);

/* ---- 3. watching ----------------------------------------------------------------------------- */

typedef enum kmsg_peer_event {
    KMSG_PEER_UP,        /* connected */
    KMSG_PEER_RESTARTED, /* connected, and the other node is not the one of the last time: what it
                          * knew of us is gone. That follows a KMSG_PEER_DOWN */
    KMSG_PEER_DOWN,      /* was connected. KMSG_ECLOSED: the other side has said good-bye;
                          * KMSG_ELOST: it has not, or gives no sign of life; KMSG_EPROTOCOL ... */
    KMSG_PEER_UNREACHED  /* could not connect: KMSG_EREFUSED, KMSG_EUNREACHABLE, KMSG_EVERSION ...
                          * It is tried again while something waits, and with the next use */
} kmsg_peer_event;

/* `err` is KMSG_OK unless the event says otherwise. May do all that a callback may: ask, close the
 * peer, watch no more. */
typedef void kmsg_peer_heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err);

/* From now on, and at first that it is up if it is. Events come in order; what changes while
 * nobody can be told (user code of this node waits) is told as far as it still matters. There may
 * be several watches. They end with the peer, and after kmsg_peer_close() nothing more is told.
 * KMSG_ENOMEM, KMSG_ECLOSED; KMSG_EINVAL: a peer of kmsg_reach(); KMSG_EDATAGRAM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_peer_watch(kmsg_peer *peer, void *ctx, kmsg_peer_heard *heard);

/* All watches with this ctx. */
KMSG_API void kmsg_peer_unwatch(kmsg_peer *peer, const void *ctx);

/* Those that connect to this node from now on: UP, then DOWN, each once. The peer may be asked; it
 * is good until DOWN was told. One function a node; NULL: none any more. */
KMSG_API void kmsg_node_watch(kmsg_node *node, void *ctx, kmsg_peer_heard *heard);

/* ---- 4. staying ------------------------------------------------------------------------------ */

#define KMSG_REUSE_MS 30000u

/* A connection that this node has dialled ends when it was of no use for so long, and nothing is
 * pending on either side: no call in flight or being handled, nothing that is held. The peer stays
 * as it is: the next use connects again. Whoever watches a peer keeps its connection, on either
 * side: a server that wants to call back later watches who has asked. From now on; KMSG_REUSE_MS at
 * first; 0: for ever; a day at most. KMSG_EINVAL. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_reuse(kmsg_node *node, uint32_t reuse_ms);

/* ---- 5. facts -------------------------------------------------------------------------------- */

typedef enum kmsg_peer_state {
    KMSG_PEER_IDLE, /* nobody needs it: the next use connects */
    KMSG_PEER_CONNECTING,
    KMSG_PEER_CONNECTED,
    KMSG_PEER_WAITING, /* for the next try */
    KMSG_PEER_CLOSED
} kmsg_peer_state;

/* Of a connection since it was made, over all the times it was up. */
typedef struct kmsg_peer_facts {
    kmsg_peer_state state;
    bool            accepted;      /* the other side has dialled */
    bool            shared_memory; /* what goes there and comes from there, does so through it */
    bool            encrypted;     /* and its key was trusted: see kmsg_peer_identity() */
    uint64_t        instance;      /* of the other node: another number each time it starts; 0: it
                                    * was never reached */
    uint32_t        ups;           /* times that it came up */
    uint32_t        restarts;      /* times that it was another node then */
    uint32_t        losses;        /* times that it was lost without a good-bye: what was told then
                                    * may have been lost with it, and may be overtaken */
    kmsg_duration   rtt;           /* there and back, smoothed; 0: not measured yet. Measured when a
                                    * silent side is asked for a sign of life, and by kmsg_ping() */
    kmsg_duration   jitter;        /* by how much it differs, smoothed */
    uint32_t        calls;         /* in flight */
    uint32_t        waiting;       /* requests that are not written yet */
    size_t          waiting_bytes; /* of these, and of answers */
    int64_t         credit;        /* requests that may be sent before one is released there */
    int64_t         credit_bytes;
    uint64_t        sent; /* requests */
    uint64_t        received;
    uint64_t        dropped; /* one-way messages that could not be delivered */
    uint64_t        refused; /* datagrams: times that the other host said that nobody receives */
    uint64_t        bytes_sent;
    uint64_t        bytes_received;
} kmsg_peer_facts;

KMSG_API void kmsg_peer_info(const kmsg_peer *peer, kmsg_peer_facts *ret);

/* Wait for a sign of life; connects if it is not. A peer of kmsg_reach(): of the next node there.
 * `ret_rtt` (may be NULL) is the time there and back. KMSG_ETIMEDOUT, KMSG_EREFUSED and what else a
 * dial may end with, KMSG_ELOST, KMSG_ECLOSED, KMSG_EDATAGRAM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_ping(kmsg_peer *peer, uint32_t timeout_ms,
                                       kmsg_duration *ret_rtt);

/* ---- 6. datagrams -----------------------------------------------------------------------------
 *
 * A peer at udp:HOST:PORT takes plain one-way messages, X_m(peer, ...) of a oneway method, which
 * nobody answers for: each may be lost, may come twice, and may come before one that was sent
 * earlier. It is for what is out of date soon, and comes again. Messages of one turn that are small
 * travel together, in the order in which they were sent.
 *
 * All that needs an answer fails at once with KMSG_EDATAGRAM: calls, acknowledged one-way messages,
 * streams, kmsg_ping(), kmsg_peer_watch(). There are no connections either: such a peer counts as
 * connected as soon as its name is known. A name is looked up again when the peer was of no use for
 * a while (kmsg_node_set_reuse()).
 *
 * One message must fit into one datagram: KMSG_DATAGRAM_MAX bytes, or KMSG_ETOOBIG before anything
 * is sent. A network cuts what is larger than about KMSG_DATAGRAM_WHOLE bytes into pieces, and the
 * message is lost when one of these is: small ones arrive more often.
 *
 * Where a message is lost here, that is counted: `dropped` is what the system did not take, or what
 * gave way in the queue; `refused` says how often the other host has reported that nobody receives
 * there. Of what is lost on the way nobody knows.
 *
 * A node that listens at udp:HOST:PORT hands what comes to the services that it serves, as if from
 * one peer for all who send there: kmsg_call_peer() in the handler. Who it was is not known, as any
 * name can be written on a datagram; nothing is ever sent back: telling that peer something is
 * KMSG_EDATAGRAM, closing it does nothing. What is not handled is counted by reason, and of each
 * reason the 1st, 10th, 100th ... time is logged. At most as many messages as
 * kmsg_node_set_credit() allows are taken before the first of them is released. */

#define KMSG_DATAGRAM_WHOLE 1368u

/* What was wrong with a datagram, or with a message in one. */
typedef enum kmsg_refusal {
    KMSG_REFUSED_FOREIGN,    /* a datagram that is none of kmsg's */
    KMSG_REFUSED_VERSION,    /* a datagram of another version of the format */
    KMSG_REFUSED_MALFORMED,  /* a datagram with something in it that is no frame */
    KMSG_REFUSED_TOO_LARGE,  /* a message beyond kmsg_node_set_message_max(); a datagram that is
                              * larger than any of kmsg's */
    KMSG_REFUSED_KIND,       /* a frame that is no one-way message to a service */
    KMSG_REFUSED_UNKNOWN,    /* a message: there is no such service or method here */
    KMSG_REFUSED_REQUEST,    /* a message that cannot be decoded, or whose method is not oneway */
    KMSG_REFUSED_OVERLOADED, /* a message: too many are not released, or wait for their handlers */
    KMSG_REFUSED_NO_MEMORY,  /* a message */
    KMSG_REFUSED_BY_HANDLER, /* a message whose handler has failed */
    KMSG_REFUSED_ROLE,       /* a message for a method that has @roles: who sent it is not known */
    KMSG_REFUSALS
} kmsg_refusal;

typedef struct kmsg_listener_facts {
    uint64_t datagrams; /* that came */
    uint64_t bytes;     /* of these */
    uint64_t messages;  /* in them, without those that are no messages or too large */
    uint64_t overrun;   /* datagrams that the system has dropped, as they came faster than they were
                         * read; it says so with the next one that it delivers */
    uint64_t refused[KMSG_REFUSALS];
} kmsg_listener_facts;

/* Since it began to listen. All zeros unless it listens for datagrams. */
KMSG_API void kmsg_listener_info(const kmsg_listener *listener, kmsg_listener_facts *ret);

#ifdef __cplusplus
}
#endif

#endif
