/* core.h -- the inside of nodes, peers and calls. Private to core/.
 *
 * Everything here belongs to the thread of its node. What arrives becomes an *item* (a request to
 * handle, an asynchronous call that has ended), and user code runs from items alone:
 *
 *   node.c      a turn: wait, dispatch, timers, flush; run, step, start, free
 *   dispatch.c  frames to items, items to user code
 *   connect.c   waiting for a connection, and nothing else
 *   conn.c      connections and their links: dial, lose, dial again
 *   queue.c     requests on their way out: what waits for a connection, for credit, for room
 *   idle.c      connections that are not used, or may be dead
 *   retry.c     when a dial that failed is tried again
 *   share.c     one connection for both sides, whoever has dialled
 *   room.c      what becomes of a request when too many wait already
 *   peer.c      what the user holds: a connection, and whom to ask there
 *   watch.c     who hears of connections that come and go
 *   pair.c      one other, and nobody else: who comes first, or has the other end
 *   ping.c      how long the way there and back takes
 *   ask.c       the caller's half of a call
 *   slot.c      the numbers of calls in flight
 *   call.c      the handler's half
 *   answer.c    what a call is told
 *   inbox.c     requests that wait for user code to return
 *   handler.c   what a handler may know, and be told
 *   arrive.c    values from another node: the addresses in them
 *   stream.c    the streams of a call: what comes and goes
 *   stream_use.c  and what users do with them
 *   named.c     peers that stand for a name, whoever has it
 *   part.c      what layers above keep for a node
 *   refused.c   one-way messages that came and go no further
 *   repeat.c    calls that may be asked again
 *   pending.c   calls that their caller waits for later, many at a time
 *   hold.c      messages that are kept longer than their handlers run
 *   defer.c     functions that other threads want to be run here
 *   service.c   who serves what
 *   identity.c  who is asking
 *   strangers.c what is not believed of who is not known
 */
#ifndef KMI_CORE_H
#define KMI_CORE_H

#include <kmsg/gen.h>

#include "base/err.h"
#include "base/forked.h"
#include "core/conn.h"

#include <assert.h>
#include <stdatomic.h>

/* What a pooled arena may keep from one call to the next. */
#define KMI_ARENA_KEEP ((size_t)128 << 10)

typedef struct kmi_serving kmi_serving;

/* ---- items --------------------------------------------------------------------------------- */

/* `run` is user code's turn: it takes the item. A call is one whose run is kmi_call_run_item. */
typedef struct kmi_item kmi_item;
struct kmi_item {
    kmi_item *next;
    void (*run)(kmi_item *item);
};

typedef struct kmi_queue {
    kmi_item *first;
    kmi_item *last;
} kmi_queue;

void kmi_queue_add(kmi_queue *queue, kmi_item *item);

/* To the node's inbox. */
void kmi_inbox_add(kmsg_node *node, kmi_item *item);

/* The same; or, where `inner`, to what runs also while user code waits: kmsg's own, which may not
 * wait itself. */
void kmi_inbox_add_as(kmsg_node *node, kmi_item *item, bool inner);

/* ---- services ------------------------------------------------------------------------------ */

struct kmi_serving {
    const kmsg_service *service; /* NULL: the object's messages */
    const void         *impl;
    void               *ctx;
    kmsg_object        *object; /* NULL: the node itself serves it */
    bool *executing;            /* a handler of it, or of what is served with it, is on the stack */
    bool  own_executing;
};

typedef struct kmi_services {
    kmi_serving **items; /* by ascending id */
    size_t        count;
    size_t        capacity;
    size_t        last; /* that was found */
} kmi_services;

kmi_serving *kmi_service_find(kmi_services *services, uint64_t id); /* NULL: nobody */

/* With all it inherits from. `object` NULL: for the node. KMSG_EEXIST, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_services_add(kmi_services *services, const kmsg_service *service,
                                     const void *impl, void *ctx, kmsg_object *object);
void                kmi_services_done(kmi_services *services);

/* ---- objects (core/object.h) --------------------------------------------------------------- */

typedef struct kmi_child kmi_child;

typedef struct kmi_object_slot {
    kmsg_object *object;
    uint32_t     generation;
    uint32_t     next_free;
} kmi_object_slot;

typedef struct kmi_objects_table {
    kmi_object_slot     *slots;
    size_t               count;
    size_t               capacity;
    kmsg_object        **foreign; /* put there by other threads; by ascending id */
    size_t               foreign_count;
    size_t               foreign_capacity;
    atomic_uint_fast64_t next_foreign;
    uint32_t             free;
    uint32_t             live;
} kmi_objects_table;

/* ---- messages that are held ---------------------------------------------------------------- */

typedef struct kmi_held  kmi_held;
typedef struct kmi_holds kmi_holds;

/* Of one node; all zeros until something is held. What stands in it is guarded by a lock of all. */
struct kmi_holds {
    kmi_holds   *next;
    uint64_t     serial; /* of the node, in tickets; 0: nothing was ever held */
    unsigned     forks;  /* of the node */
    kmi_mailbox *mailbox;
    kmi_held    *places;
    size_t       count;
    size_t       capacity;
    uint32_t     free_place;
};

/* The mailbox has been closed: tickets find nothing any more. */
void kmi_holds_done(kmi_holds *holds);

/* The link is gone that these came over: who releases them is told. */
void kmi_holds_lost(kmi_holds *holds, const kmi_conn *conn);

/* ---- identities ---------------------------------------------------------------------------- */

/* Who is at the other side of a link. Counted, as a call may live longer than the link that it came
 * over; what the identity points to lies behind it. */
struct kmi_who {
    kmsg_identity identity;
    bool          known; /* this process, its user, root, the owner of a trusted key */
    uint32_t      refs;
};

static inline kmi_who *kmi_who_ref(kmi_who *who)
{
    who->refs++;
    return who;
}

void kmi_who_free(kmi_who *who);

static inline void kmi_who_unref(kmi_who *who)
{
    if (--who->refs == 0)
        kmi_who_free(who);
}

/* Of a list that ends with NULL. */
bool kmi_who_has_one_of(const kmi_who *who, const char *const *roles);

/* Both could be one node. False: a key or user differs. */
bool kmi_who_may_be(const kmi_who *who, const kmi_who *other);

/* The same, and they were met in the same way. */
static inline bool kmi_who_is_same(const kmi_who *who, const kmi_who *other)
{
    return who->identity.kind == other->identity.kind && kmi_who_may_be(who, other);
}

/* The connection's link has come up: this is who is there from now on. */
void kmi_who_came(kmi_conn *conn);

/* ---- parts --------------------------------------------------------------------------------- */

/* What a layer above keeps for a node. `end` is called when the node begins to end, and nothing of
 * it has yet; `free` when no callback can come any more. `flush`, which may be NULL, is called
 * before what was written leaves, if somebody has set node->laden since the last time. */
typedef struct kmi_part kmi_part;
struct kmi_part {
    kmi_part   *next;
    const void *kind; /* whose it is: an address of that layer's own */
    /* What it publishes, for tools: the i-th, NULL behind the last. NULL: nothing. */
    const struct kmsg_topic *(*topic)(const kmi_part *part, size_t i);
    void (*flush)(kmi_part *part);
    void (*end)(kmi_part *part);
    void (*free)(kmi_part *part);
};

kmi_part *kmi_part_find(const kmsg_node *node, const void *kind); /* or NULL */
void      kmi_part_add(kmsg_node *node, kmi_part *part);
void      kmi_parts_flush(kmsg_node *node);
void      kmi_parts_end(kmsg_node *node);
void      kmi_parts_free(kmsg_node *node);

/* ---- nodes --------------------------------------------------------------------------------- */

struct kmsg_node {
    const kmi_sys *sys;
    kmi_net        net;
    kmi_timers     timers;
    kmi_services   services;
    kmi_holds      holds;
    kmi_conn      *conns;  /* all of them */
    kmi_conn      *left;   /* are no more among these, and not reaped yet */
    uint32_t       guests; /* of `conns`, that were accepted */
    kmsg_peer     *self;
    kmsg_listener *listeners;

    kmi_objects_table objects;
    kmsg_object      *root;
    uint32_t          away; /* children on other threads */
    kmsg_node_facts   facts;
    kmi_who           nobody;  /* KMSG_IDENTITY_NONE */
    kmi_who           process; /* KMSG_IDENTITY_PROCESS */
    kmi_who          *user;    /* KMSG_IDENTITY_USER: who came last; or NULL */
    struct kmi_way   *ways;    /* by ascending instance: the connections that lead there */
    size_t            way_count;
    size_t            way_capacity;
    kmsg_peer        *reached; /* peers of addresses */
    kmsg_peer        *kept;    /* peers that the user keeps longer than their connections */
    kmsg_peer_heard  *heard;   /* of those that connect; NULL: nobody wants to */
    void             *heard_ctx;

    kmi_queue  inbox;
    kmi_queue  inner;         /* of the same, that runs at any depth */
    kmi_part  *parts;         /* of layers above */
    bool       laden;         /* these have something to write before the turn ends */
    uint32_t   waiting;       /* requests in the inbox */
    size_t     waiting_bytes; /* of their bodies */
    uint32_t   mailbox_max;
    int64_t    reuse_ns; /* how long a connection that is not used stays; 0: for ever */
    uint32_t   depth;    /* of user code on the stack */
    uint32_t   skipped;  /* turns since the last look at the system */
    kmsg_call *running;  /* the innermost call being handled */

    kmi_conn    *dirty;   /* have output to be flushed */
    kmi_conn    *stalled; /* the same, but it could not be: next turn */
    kmi_ask     *spare_asks;
    kmsg_call   *spare_calls;
    uint32_t     spare_call_count;
    kmsg_arena  *spare_arena;
    kmsg_call   *calls;       /* that came in and have not ended */
    kmi_ask     *pendings;    /* asks that somebody has begun and not ended */
    int64_t      deadline_ns; /* of all calls that are made now */
    uint32_t     later;       /* of these were left for later: at most KMSG_CALLS_MAX */
    kmsg_stream *streams;     /* that were opened and not closed */
    size_t       item_bytes;  /* of items of streams that wait, with their book-keeping */

    unsigned    forks;   /* kmi_forks when it was made */
    bool        outside; /* driven by another's loop, which waits for the descriptor */
    bool        closing;
    bool        announced; /* others of this process find it by its instance */
    kmsg_relay  relay;
    atomic_bool stop;
    atomic_uint tasks; /* functions that wait to be run for other threads */
    atomic_uint tasks_max;
    kmi_thread *thread;
};

/* Is it this process's own? KMSG_EFORKED. Whatever may wait, or speak to others, asks first. */
static inline bool kmi_node_is_foreign(const kmsg_node *node)
{
    return KMSG_UNLIKELY(node->forks != kmi_forks);
}

KMSG_CHECK kmsg_err kmi_node_check(const kmsg_node *node);

/* On a platform of the caller's: kmsg_node_new() is this on libuv's. */
kmsg_node *kmi_node_new_on(const kmi_sys *sys);

/* One turn; waits if `wait` and nothing is there to be done. Ends early once *until. */
void kmi_node_turn(kmsg_node *node, bool wait, const bool *until);

/* One turn of a wait that ends with *done. From within user code only what ends the wait is taken
 * in, and, if `nested` is not NULL, this service's requests that come from the node itself. */
void kmi_node_wait_a_turn(kmsg_node *node, const bool *done, kmi_serving *nested);

void kmi_node_flush(kmsg_node *node);

/* Until kmsg_stop_ts(). */
void kmi_node_run(kmsg_node *node);

/* A time that is only looked at. */
typedef struct kmi_limit {
    kmi_timer timer;
    bool      over;
} kmi_limit;

/* UINT32_MAX ms is for ever. KMSG_ENOMEM, KMSG_EFORKED. */
KMSG_CHECK kmsg_err kmi_limit_init(kmi_limit *limit, kmsg_node *node, uint32_t ms);
void                kmi_limit_done(kmi_limit *limit, kmsg_node *node);

/* Frames of ready links, and items unless user code is on the stack. */
void kmi_dispatch(kmsg_node *node, const bool *until);
void kmi_dispatch_nested(kmsg_node *node, kmi_serving *serving, const bool *until);
void kmi_dispatch_ends(kmsg_node *node); /* all but requests: what must not be lost at the end */

/* ---- peers --------------------------------------------------------------------------------- */

/* What a peer of a name has besides. */
typedef struct kmi_named {
    kmi_conn *room; /* where what is asked waits until somebody is found */
    void (*on_close)(void *ctx, kmsg_peer *peer); /* by its user */
    void *ctx;
} kmi_named;

struct kmsg_peer {
    kmsg_node *node;
    kmsg_peer *next; /* node->reached, or node->kept */
    kmsg_peer *prev;
    kmsg_peer *sibling; /* conn->others */
    kmi_conn  *conn;    /* of an address: the last one that led there */
    kmi_watch *watches;
    kmi_place  to;
    kmi_named *named;          /* it is of a name; else NULL */
    bool       is_reached;     /* it is of an address */
    bool       inner;          /* kmsg's own: what it is told is no user code's turn */
    bool       kept;           /* by the user, also when its connection is gone */
    bool       timeout_is_set; /* by the user: it goes before the schema's deadlines */
    uint32_t   refs;
    uint32_t   timeout_ms;

    uint32_t       thrown_size;
    uint64_t       thrown_id; /* the last call's error, as kmsg_caught() looks for it */
    kmi_slab      *thrown;    /* NULL: it ended otherwise */
    const uint8_t *thrown_body;
};

kmsg_peer               *kmi_peer_new(kmi_conn *conn); /* one reference; NULL: no memory */
static inline kmsg_peer *kmi_peer_ref(kmsg_peer *peer)
{
    peer->refs++;
    return peer;
}

void kmi_peer_last_unref(kmsg_peer *peer);

static inline void kmi_peer_unref(kmsg_peer *peer)
{
    if (--peer->refs == 0)
        kmi_peer_last_unref(peer);
}

/* ---- peers of names (named.c) -- */

/* One that nobody has been found for yet. `url` is what error texts call it. The caller's, until
 * kmi_named_end(), which `on_close` may call; by its node's end at the latest. NULL: no memory. */
kmsg_peer *kmi_named_new(kmsg_node *node, const char *url,
                         void (*on_close)(void *ctx, kmsg_peer *peer), void *ctx);

/* Somebody has it: at the other end of `conn`, an object there or (0) the node itself. What waits
 * goes there. */
void kmi_named_settle(kmsg_peer *peer, kmi_conn *conn, uint64_t object);

/* Who has it cannot be asked: that is what those get who wait, and ask from now on. KMSG_OK: it was
 * so. */
void kmi_named_refuse(kmsg_peer *peer, kmsg_err err, const char *words);

/* Nobody has it any more: what has not left waits again. */
void kmi_named_unsettle(kmsg_peer *peer);
void kmi_named_end(kmsg_peer *peer); /* what was asked of it ends with KMSG_ECLOSED */

static inline bool kmi_named_is_settled(const kmsg_peer *peer)
{
    return peer->conn != peer->named->room;
}

void kmi_peers_done(kmsg_node *node); /* those of addresses, and those that are kept */

/* It stays until kmsg_peer_close(), or kmi_peer_release(), whatever becomes of its connection. */
void kmi_peer_keep(kmsg_peer *peer);
void kmi_peer_release(kmsg_peer *peer);

/* Ends all that was asked of this peer: KMSG_ECLOSED. */
void kmi_peer_drop_asks(kmsg_peer *peer);

/* Has no connection: takes part in one that leads to the same node, if there is one. */
void kmi_share(kmsg_peer *peer);

/* The peer is closed, its connection stays for others. False: it does not. */
bool kmi_share_leave(kmsg_peer *peer);

/* That a request is about to go over. A peer of an address has none of its own. */
static inline kmi_conn *kmi_peer_conn(kmsg_peer *peer)
{
    if (peer->conn->state == KMI_CONN_IDLE && !peer->is_reached)
        kmi_share(peer);
    return peer->conn;
}

/* For what lives until a callback returns; NULL: no memory. */
kmsg_arena *kmi_arena_take(kmsg_node *node);
void        kmi_arena_give(kmsg_node *node, kmsg_arena *mem); /* NULL is fine */

/* ---- deadlines ------------------------------------------------------------------------------ */

/* UINT32_MAX for one that never comes, 0 for one that has passed. */
uint32_t kmi_deadline_left_ms(const kmsg_node *node, int64_t deadline_ns);

/* User code begins and ends: what was set for calls made before is not for those that it makes. */
static inline int64_t kmi_user_begin(kmsg_node *node)
{
    int64_t deadline_ns = node->deadline_ns;

    node->depth++;
    node->deadline_ns = KMI_NEVER;
    return deadline_ns;
}

static inline void kmi_user_end(kmsg_node *node, int64_t deadline_ns)
{
    node->deadline_ns = deadline_ns;
    node->depth--;
}

/* ---- asks ---------------------------------------------------------------------------------- */

struct kmi_ask {
    kmi_item            item; /* in the inbox when it has ended and is asynchronous */
    kmsg_peer          *peer;
    kmi_conn           *conn; /* that it goes over */
    const kmsg_service *service;
    const kmsg_method  *method;
    kmi_timer           timer;
    uint64_t            frame_at; /* in conn->out, or conn->queue */
    bool                queued;   /* in the latter */
    uint32_t            id;
    uint32_t            timeout_ms;
    bool                blocking;
    bool                in_flight; /* has a slot */
    bool                ended;
    kmsg_err            err;
    kmi_slab           *slab; /* of body */
    const uint8_t      *body; /* the answer; of a failure its text, or the error thrown */
    size_t              body_size;
    const kmsg_layout  *layout;  /* of a message to an object: service and method are NULL */
    kmsg_call          *through; /* it was asked for another node, and goes back there */
    kmsg_finish        *finish;
    kmsg_done          *done;
    void               *ctx;
    kmi_slab           *kept;    /* its frame, to be asked again; NULL: it may not be */
    uint32_t            repeats; /* times that it was */
    kmsg_pending       *pending; /* of the user, who waits later; NULL: it is none */
    kmi_ask            *next;    /* node->pendings */
    kmi_ask            *prev;
    kmsg_stream        *stream; /* NULL: the method has none */
};

/* Acknowledged messages to objects: asynchronous (an `err` is told like a failure that comes
 * later), and blocking, until it has ended or *until (may be NULL); timeout_ms 0 is the peer's.
 * `letter` is routed. */
void kmi_ask_letter(kmi_conn *conn, kmsg_err err, kmi_letter *letter, const kmsg_layout *layout,
                    const void *value, kmsg_finish *finish, kmsg_done *done, void *ctx);
KMSG_CHECK kmsg_err kmi_ask_letter_wait(kmi_conn *conn, kmi_letter *letter,
                                        const kmsg_layout *layout, const void *value,
                                        uint32_t timeout_ms, const bool *until);

/* A call that passes through, to the next node. It ends with kmi_call_pass_back(). */
void kmi_ask_onward(kmsg_call *call, kmi_conn *to, kmi_letter *letter, kmsg_bytes body);

/* A number of its connection; KMSG_EFULL, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_slot_take(kmi_ask *ask);
void                kmi_slot_give(kmi_ask *ask);               /* if it has one */
void                kmi_ask_use(kmi_ask *ask, kmi_conn *conn); /* one that has no number */

/* One that has not left goes over another connection, under another number; its frame does not come
 * along. KMSG_EFULL, KMSG_ENOMEM: it has none, and is to be ended. */
KMSG_CHECK kmsg_err kmi_ask_move(kmi_ask *ask, kmi_conn *to);

kmi_ask *kmi_ask_new(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method);
void     kmi_ask_free(kmi_ask *ask);

/* On failure nothing has happened. */
KMSG_CHECK kmsg_err kmi_ask_send(kmi_ask *ask, const void *args);

/* What a call of this peer may take. `method` may be NULL. */
uint32_t kmi_timeout_of(const kmsg_peer *peer, const kmsg_method *method);

/* Its frame, as it is about to be committed, is kept if it may be asked again. */
void kmi_repeat_keep(kmi_ask *ask, const uint8_t *frame, size_t size);

/* It was lost with its link: it waits for the next one. False: that is its end. */
bool kmi_repeat(kmi_ask *ask);

/* How one ends that is not sent: if it was before, it may have been seen. */
static inline kmsg_err kmi_unsent_err(const kmi_ask *ask, kmsg_err err)
{
    return ask->repeats > 0 ? KMSG_ELOST : err;
}

/* Until it has ended, which is at once if waiting would never end. */
void kmi_ask_wait(kmi_ask *ask);

/* The answer, or what went wrong, of one that has ended. */
KMSG_CHECK kmsg_err kmi_ask_collect(kmi_ask *ask, kmsg_arena *mem, void *ret);

void kmi_pendings_done(kmsg_node *node); /* at its end */

/* Of a call that has failed: sets the error's words, and what was thrown. */
kmsg_err kmi_ask_tell(kmi_ask *ask);

/* Who will handle this call, if it is on this very node and user code of the node waits for it:
 * then the handler must run inside. Else NULL. KMSG_EDEADLOCK if it is on the stack. */
KMSG_CHECK kmsg_err kmi_ask_find_nested(const kmi_ask *ask, kmi_serving **ret);

kmi_ask *kmi_ask_find(const kmi_conn *conn, uint32_t id);    /* NULL: it has ended */
void     kmi_ask_answered(kmi_conn *conn, kmi_frame *frame); /* takes the frame's reference */

/* Ends a call that is in flight. `why` (may be NULL) is copied. */
void kmi_ask_fail(kmi_ask *ask, kmsg_err err, const char *why);

/* The same, and the other side need not go on with it. */
void kmi_ask_break(kmi_ask *ask, kmsg_err err, const char *why);
void kmi_ask_drop(kmi_ask *ask, kmsg_err err); /* which nothing of it may have reached */
void kmi_ask_finish_item(kmi_item *item);      /* calls the user back and frees it */
void kmi_asks_done(kmsg_node *node);

/* ---- calls --------------------------------------------------------------------------------- */

typedef enum kmi_call_state {
    KMI_CALL_QUEUED,
    KMI_CALL_RUNNING,
    KMI_CALL_LATER,
    KMI_CALL_HANDLED /* and held: nothing else keeps it */
} kmi_call_state;

struct kmsg_call {
    kmi_item           item;
    kmsg_node         *node;
    kmsg_call         *next; /* node->calls, or spare_calls */
    kmsg_call         *prev;
    kmi_ask           *waits_for; /* the call that its handler waits for */
    kmsg_call         *outer;     /* that was being handled when this one began */
    kmi_conn          *conn;
    kmsg_peer         *peer;
    kmi_who           *who;     /* has made it */
    kmi_serving       *serving; /* NULL: nobody is there */
    const kmsg_method *method;
    uint64_t           target;   /* the service, or the type of the message */
    const uint8_t     *envelope; /* in the slab, right before the body; NULL: it has none */
    kmsg_address       from;     /* of the envelope, once somebody has asked; in the arena */
    kmi_ask           *onward;   /* it passes through: the call to the next node */
    bool               nobody;   /* its object is not there */
    kmsg_arena        *arena;
    kmi_slab          *slab; /* of the arguments */
    const uint8_t     *body;
    size_t             body_size;
    int64_t            deadline_ns; /* KMI_NEVER for one-way messages */
    uint32_t           id;
    uint32_t           serial; /* of the link that it came over */
    size_t             credit; /* bytes of it that its sender waits for */
    uint16_t           number; /* of the method, as it came */
    kmi_call_state     state;
    bool               oneway;
    bool               local; /* came from the node itself */
    bool               over;  /* nobody waits any more */
    bool               saved; /* by its handler, which gets it again */
    bool               held;  /* until its ticket is released */
    bool               answered;
    bool               replied; /* X_m_reply() was called, whether anything could be sent or not */
    bool               gone;    /* has ended but for what is in the inbox */
    kmi_item           over_item;
    bool               over_posted;
    uint32_t           visits; /* of user code that is on the stack */
    kmsg_call_fn      *on_over;
    void              *over_ctx;
    kmsg_stream       *stream;  /* NULL: the method has none, or it was not looked at */
    kmsg_err           failure; /* what kmsg_fail() or kmsg_throw() said */
    kmsg_bytes         words;   /* and its text or the error, in the arena */
};

void kmi_call_run_item(kmi_item *item);

static inline bool kmi_is_call(const kmi_item *item)
{
    return item->run == kmi_call_run_item;
}

void kmi_call_arrived(kmi_conn *conn, kmi_frame *frame); /* takes the frame's reference */

void kmi_inbox_leave(kmsg_call *call); /* it has been taken out */

/* It may wait for long: not in the slab it was read to. KMSG_ENOMEM. */
kmsg_err kmi_call_keep_body(kmsg_call *call);

/* A one-way message from this node to one of its objects, by way of the inbox or the object's
 * mailbox: `slab`, which it takes, holds envelope and body. KMSG_ENOMEM, KMSG_EFULL. */
KMSG_CHECK kmsg_err kmi_call_local(kmsg_object *object, uint64_t type, kmi_slab *slab,
                                   size_t envelope_size);

/* A message that its object does not handle: a kmsg.Stop ends the object, others are dropped. */
kmsg_err kmi_call_unhandled(kmsg_call *call, kmsg_object *object);

/* What became of a message that was `saved` when its handler returned. */
void kmi_call_end_saved(kmsg_call *call, kmsg_err err);

/* A message that has been taken out of a mailbox is done with. */
void kmi_call_release(kmsg_call *call, kmsg_err err);

/* All calls of an object that is gone are answered. */
void kmi_calls_of_object_over(kmsg_node *node, kmsg_object *object);

/* Puts one that came into its slot, for a message that passes through; NULL: it was turned away. */
kmsg_call *kmi_call_through(kmi_conn *conn, kmi_frame *frame);
void       kmi_call_pass_back(kmsg_call *call, kmsg_err err, const uint8_t *body, size_t size);

/* For what lives as long as the call. */
kmsg_arena *kmi_call_mem(kmsg_call *call);

/* The addresses in what came with a call, as they are to be understood here. */
KMSG_CHECK kmsg_err kmi_call_addresses(const kmsg_call *call, const kmsg_layout *layout,
                                       kmsg_arena *mem, void *value);
KMSG_CHECK kmsg_err kmi_addresses_arrive(const kmi_place *sender, uint64_t own,
                                         const kmsg_layout *layout, kmsg_arena *mem, void *value);

/* Without a call to hold it: the caller is told, and its credit is given back. */
void kmi_call_turn_away(kmi_conn *conn, kmi_frame *frame, kmsg_err err);
void kmi_call_canceled(kmi_conn *conn, uint32_t id);
void kmi_calls_over(kmi_conn *conn);     /* the link is gone */
void kmi_call_released(kmsg_call *call); /* that was held */
void kmi_calls_done(kmsg_node *node);

/* Whom an item of the inbox is about: a request, or what became of it; else NULL. */
kmsg_call *kmi_call_of_item(kmi_item *item);

kmsg_call         *kmi_call_find(const kmi_conn *conn, uint32_t id); /* NULL: it has ended */
const kmsg_method *kmi_call_method(const kmsg_call *call);           /* NULL: there is none */

/* Tells its handler that nobody waits, if that is so and it wants to know. */
void kmi_call_post_over(kmsg_call *call);
void kmi_call_recycle(kmsg_call *call); /* the memory of one that has ended */

/* User code from the inbox: of a call's service, as its handler is, or (NULL) of a caller. */
typedef struct kmi_visit {
    kmsg_node *node;
    kmsg_call *call; /* or NULL */
    kmsg_call *outer;
    int64_t    outer_ns;
    bool      *executing; /* or NULL */
} kmi_visit;

kmi_visit kmi_visit_begin(kmsg_node *node, kmsg_call *call);
void      kmi_visit_end(kmi_visit *visit);

/* The answer (`layout` NULL: it is none, all was streamed), once. What cannot be sent fails it. */
void kmi_answer(kmsg_call *call, const kmsg_layout *layout, const void *result);
void kmi_answer_failure(kmsg_call *call, kmsg_err err, kmsg_bytes words);
void kmi_answer_error(kmsg_call *call, kmsg_err err, const char *text);
void kmi_acknowledge(kmsg_call *call); /* a message that has been released */
bool kmi_can_answer(const kmsg_call *call);

/* One that has come back for a call that passes through: its body, or a failure's, as it is. */
void kmi_answer_as_is(kmsg_call *call, kmsg_err err, kmsg_bytes body);
void kmi_call_leave_slot(kmsg_call *call); /* its id is free */

#define KMI_WORDS_MAX (KMI_ERROR_TEXT_MAX - 1)
kmsg_bytes kmi_words_of(const char *text);

/* It fails whatever its handler does, which can find out. */
void kmi_call_break(kmsg_call *call, kmsg_err err, const char *why);

/* ---- streams ------------------------------------------------------------------------------- */

void kmi_stream_item(kmi_conn *conn, kmi_frame *frame); /* takes the frame's reference */
void kmi_stream_half_closed(kmi_conn *conn, const kmi_frame *frame);
void kmi_stream_window(kmi_conn *conn, const kmi_frame *frame);
/* Whom an item is about that a stream has put into the inbox. False: it is none of a stream. */
bool kmi_stream_call_of(kmi_item *item, kmsg_call **ret);

void kmi_streams_drained(kmi_conn *conn);
void kmi_streams_done(kmsg_node *node);

/* ---- listeners ----------------------------------------------------------------------------- */

struct kmsg_listener {
    kmsg_node     *node;
    kmsg_listener *next;
    kmi_acceptor  *acceptor; /* NULL: it is closed, and freed when nobody waits there any more */
    kmsg_peer     *came;     /* of one that lets in one: who it was; NULL: nobody yet */
    bool           handed;   /* to the user, by kmsg_accept() */
    uint32_t       waits;    /* times that kmsg_accept() is under way */
};

KMSG_CHECK kmsg_err kmi_listen(kmsg_node *node, const char *url, bool once, kmsg_listener **ret);

/* The one has come. */
void kmi_listener_came(kmsg_listener *listener, kmi_conn *conn);

/* A peer that leads to the other end of the connection that `fd` is an end of, for the user to
 * keep. On failure `fd` stays as it was. */
KMSG_CHECK kmsg_err kmi_pair_adopt(kmsg_node *node, int fd, bool guest, kmsg_peer **ret);

#endif
