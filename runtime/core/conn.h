/* conn.h -- connections: what they have, who does what with them. Private to core/; it is read
 * through core.h.
 */
#ifndef KMI_CORE_CONN_H
#define KMI_CORE_CONN_H

#include <kmsg/gen.h>

#include "net/link.h"

#define KMI_MS ((int64_t)1000000)

typedef struct kmi_who   kmi_who;
typedef struct kmi_ask   kmi_ask;
typedef struct kmi_conn  kmi_conn;
typedef struct kmi_ping  kmi_ping;
typedef struct kmi_watch kmi_watch;

/* ---- connections --------------------------------------------------------------------------- */

typedef enum kmi_conn_state {
    KMI_CONN_IDLE,
    KMI_CONN_CONNECTING,
    KMI_CONN_UP,
    KMI_CONN_WAITING, /* for the next try */
    KMI_CONN_GONE
} kmi_conn_state;

typedef struct kmi_slot {
    kmi_ask *ask;
    uint32_t next_free;
    uint16_t generation;
} kmi_slot;

#define KMI_NO_SLOT UINT32_MAX

/* How many requests each side may still send, and what came and is not done with. All of it counts
 * from the beginning of the link. */
typedef struct kmi_credit {
    int64_t  left;       /* requests that may be sent */
    int64_t  left_bytes; /* is positive: one more may be sent, of any size */
    uint32_t granted;    /* that the other side had at first */
    uint32_t granted_bytes;
    uint32_t kept; /* requests that came and are not released */
    uint64_t kept_bytes;
    uint32_t owed; /* that are released, and the other side does not know */
    uint64_t owed_bytes;
} kmi_credit;

/* What has happened on a connection, over all its links; the bytes of the last one are its own. */
typedef struct kmi_counts {
    uint64_t sent;      /* requests that a link was given */
    uint64_t received;  /* requests */
    uint64_t dropped;   /* one-way messages that nobody will get */
    uint64_t refused;   /* times that nobody was there to receive datagrams */
    uint64_t bytes_out; /* of links that are gone */
    uint64_t bytes_in;
    uint32_t ups;
    uint32_t restarts;
    uint32_t losses;
} kmi_counts;

/* From PING to PONG. */
typedef struct kmi_rtt {
    int64_t last_ns;
    int64_t smooth_ns; /* 0: never measured */
    int64_t jitter_ns;
} kmi_rtt;

struct kmi_conn {
    kmsg_node     *node;
    kmi_conn      *next;
    kmi_conn      *prev;
    kmi_conn      *dirty_next;
    kmi_conn      *left_next;
    kmsg_peer     *peer;   /* that stands for it */
    kmsg_peer     *others; /* that do so, too: it is shared */
    uint32_t       refs;
    kmi_conn_state state;
    bool           accepted;
    bool           guest;    /* it is dialled here, but its link was accepted: it is shared */
    bool           datagram; /* carries one-way requests, and nobody answers */
    bool           dirty;
    bool           closing;   /* closed by the user, writes what is left */
    bool           farewell;  /* BYE was said */
    bool           carries;   /* is the way to its instance: route.c has chosen it */
    bool           inside;    /* made by route.c, to another node of this process */
    bool           nowhere;   /* it is never dialled: see named.c */
    bool           over;      /* that node has ended, or nobody needs it: it is about to go */
    bool           doubted;   /* nothing was heard for long: requests wait until something is */
    bool           leaving;   /* has asked whether it may end: requests wait for the answer */
    bool           unproved;  /* the last link was lost with requests that may not have been read */
    bool           addressed; /* addresses went over it: objects may be known to the other side */
    bool           hungry;    /* had no memory to send what may be sent: next turn */
    uint32_t       serial;    /* of the link: another one each time it comes up */
    uint64_t       instance;  /* of the other side's node, 0: it was never reached */
    kmi_link      *link;
    kmi_who       *who;   /* is at the other side, of this link or the last one */
    kmi_out        out;   /* what the link writes */
    kmi_out        queue; /* requests that wait for a link, or for credit */
    kmi_credit     credit;
    uint64_t       request_at; /* behind the beginning of the last request in `out`; 0: none */
    kmi_counts     counts;
    kmi_rtt        rtt;
    kmi_ping      *pings;   /* that wait for a PONG, or for a link */
    uint32_t       window;  /* of each stream, as it was told the other side */
    bool           starved; /* somebody wants to know when there is room in `out` */
    kmi_timer      timer;   /* dialling, the next try, closing */
    kmi_timer      idle;    /* not used for long; requests held back for long */
    int64_t        used_ns; /* when it was of use */
    kmsg_retry     retry;
    uint32_t       tries;   /* that were waited for since it was up */
    uint32_t       wanted;  /* so many wait for nothing but a link */
    kmsg_err       failed;  /* how the last dial did */
    kmi_address   *address; /* NULL for self and accepted ones */
    char          *url;
    char          *guest_url; /* what it was while it was accepted */

    bool               limited;       /* in how many requests may wait, by the user */
    bool               dropping;      /* of the oldest; has been logged */
    bool               held_back;     /* requests, since the output is long enough */
    bool               guest_limited; /* and while it was accepted */
    kmsg_queue_options limits;
    kmsg_queue_options guest_limits;

    kmi_slot *slots; /* calls made */
    size_t    slot_count;
    size_t    slot_capacity;
    uint32_t  free_slot;

    kmsg_call **in; /* calls that came, by slot */
    size_t      in_count;
    size_t      in_used;
};

extern const kmi_net_events kmi_conn_events;

kmi_conn *kmi_conn_new(kmsg_node *node, const char *url); /* one reference; NULL: no memory */
static inline kmi_conn *kmi_conn_ref(kmi_conn *conn)
{
    conn->refs++;
    return conn;
}

void kmi_conn_last_unref(kmi_conn *conn);

static inline void kmi_conn_unref(kmi_conn *conn)
{
    if (--conn->refs == 0)
        kmi_conn_last_unref(conn);
}

void      kmi_conn_leave(kmi_conn *conn);  /* the node; it is there until kmi_conns_reap() */
void      kmi_conns_reap(kmsg_node *node); /* gives back the references of those that have left */
kmi_conn *kmi_conn_new_self(kmsg_node *node);

/* May the other side have requests of this link that it has not read? */
static inline bool kmi_conn_is_unproved(const kmi_conn *conn)
{
    return conn->request_at > conn->link->proved_at;
}

/* Can something still be asked there? KMSG_ECLOSED. */
KMSG_CHECK kmsg_err kmi_conn_check(const kmi_conn *conn);

/* Can somebody answer there? KMSG_EDATAGRAM. */
KMSG_CHECK kmsg_err kmi_conn_check_answers(const kmi_conn *conn);

/* It leads from a listener for datagrams, and to nobody. */
static inline bool kmi_conn_is_mute(const kmi_conn *conn)
{
    return conn->datagram && conn->accepted;
}

/* A one-way message that came goes no further, `text` says more: nobody is told but the log, and
 * the facts of a listener for datagrams. */
void kmi_conn_refused(kmi_conn *conn, kmsg_err err, const char *text);

/* Dial if nobody has. */
void kmi_conn_connect(kmi_conn *conn);

/* There is output; dials if that is what it takes. */
void kmi_conn_written(kmi_conn *conn);

/* By the user: ends its calls, writes what is left. */
void kmi_conn_close(kmi_conn *conn);

/* At its node's end: BYE, all calls end. */
void kmi_conn_end(kmi_conn *conn);
void kmi_conn_flush(kmi_conn *conn);

/* It broke the protocol: that is the end of its link. */
void kmi_conn_breach(kmi_conn *conn, const char *why);

/* A frame without a body that must not get lost: if there is no room for it the link is given up.
 */
void kmi_conn_bare(kmi_conn *conn, const kmi_frame *frame);
void kmi_conn_control(kmi_conn *conn, kmi_kind kind, uint32_t call, uint32_t aux);

/* ---- trying again -------------------------------------------------------------------------- */

extern const kmsg_retry kmi_retry_default;

/* How long to wait before try number `index`, from 0; at least 1 ms. `random` is any number. */
uint32_t kmi_retry_delay(const kmsg_retry *retry, uint32_t index, uint32_t random);

/* The other side agrees that nobody needs the link: it ends with a BYE. */
void kmi_conn_part(kmi_conn *conn);

/* ---- not used, or in doubt ----------------------------------------------------------------- */

KMSG_CHECK kmsg_err kmi_idle_init(kmi_conn *conn); /* its timer; KMSG_ENOMEM */
void                kmi_idle_up(kmi_conn *conn);
bool                kmi_idle_down(kmi_conn *conn); /* were requests held back? */
void                kmi_idle_use(kmi_conn *conn);  /* a request is about to be sent */
void                kmi_idle_heard(kmi_conn *conn);
void                kmi_idle_leave(kmi_conn *conn, uint32_t what); /* a LEAVE has come */

/* ---- watching, measuring ------------------------------------------------------------------- */

void kmi_watch_peer_up(kmsg_peer *peer, bool restarted);
void kmi_watch_tell(const kmi_conn *conn, kmsg_peer_event event, kmsg_err err);
bool kmi_watch_any(const kmi_conn *conn); /* does anybody want to hear of this very peer? */
void kmi_watch_queue(kmi_watch *watch);
void kmi_watches_end(kmsg_peer *peer); /* nothing more is told */

/* One that was accepted, to who watches the node. False: no memory. */
KMSG_CHECK bool kmi_watch_guest(kmi_conn *conn);

/* The link is up: asks for a sign of life, unless that was done. */
void kmi_ping_send(kmi_conn *conn);
void kmi_ping_answered(kmi_conn *conn);
void kmi_pings_end(kmi_conn *conn, kmsg_err err);

/* ---- what waits to be sent ----------------------------------------------------------------- */

/* Bytes that wait, whether they may be sent yet or not. */
static inline size_t kmi_conn_waiting(const kmi_conn *conn)
{
    return kmi_out_waiting(&conn->out) + kmi_out_waiting(&conn->queue);
}

/* A message behind a header of `header_size` bytes in `out`, which is one of the two: a record, or,
 * where `layout` is NULL, the kmsg_bytes of one. The caller
 * writes the header at *ret and commits. KMSG_EVALUE, KMSG_EDEPTH, KMSG_ETOOBIG, KMSG_EFULL,
 * KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_conn_put(kmi_conn *conn, kmi_out *out, size_t header_size,
                                 const kmsg_layout *layout, const void *value, uint8_t **ret,
                                 size_t *ret_size);

/* A request: sent if it may be, else it waits. `ask` is NULL for one-way messages, `letter` for
 * services. `frame` has all but its size. */
KMSG_CHECK kmsg_err kmi_queue_request(kmi_conn *conn, kmi_frame *frame, const kmi_letter *letter,
                                      const kmsg_layout *layout, const void *value, kmi_ask *ask);

/* Is there room for one more, as far as its user has limited that? */
bool kmi_room_fits(const kmi_conn *conn, size_t room);

/* A one-way message. Where it has no room, some is made as the user wants it: that may drop others,
 * and wait unless timeout_ms is 0. KMSG_EFULL; KMSG_ECLOSED, and the connection may be gone. */
KMSG_CHECK kmsg_err kmi_room_tell(kmi_conn *conn, kmi_frame *frame, const kmi_letter *letter,
                                  const kmsg_layout *layout, const void *value,
                                  uint32_t timeout_ms);

/* For a call, which has then what is left of its time. One that passes through does not wait. */
KMSG_CHECK kmsg_err kmi_room_ask(kmi_ask *ask, const kmi_letter *letter, const kmsg_layout *layout,
                                 const void *value);

/* Of a message; without a layout it is a kmsg_bytes, encoded already. */
KMSG_CHECK kmsg_err kmi_message_size(const kmsg_layout *layout, const void *value, size_t *ret);

/* The oldest request that waits gives way. False: there is none. */
bool kmi_queue_drop_oldest(kmi_conn *conn);

/* The link is up: what its other side takes, and what has waited for it goes out. */
void kmi_queue_up(kmi_conn *conn);

/* The link is gone: the requests that have not left wait for the next one, in order. */
void kmi_queue_down(kmi_conn *conn);

/* As much as there is credit for. */
void kmi_queue_pump(kmi_conn *conn);

/* The other side has taken `count` requests of `size` bytes more. */
void kmi_queue_credit(kmi_conn *conn, uint32_t count, uint32_t size);

/* One of `room` bytes has come: counts it. False: there was no credit for it. */
KMSG_CHECK bool kmi_queue_keep(kmi_conn *conn, size_t room);

/* One that came is done with; `serial` is that of the link it came over. */
void kmi_queue_release(kmi_conn *conn, uint32_t serial, size_t room);

/* Tells the other side what was released, if it is worth a frame. */
void kmi_queue_repay(kmi_conn *conn);

/* Unsays an ask's frame that has not left. False: it has. */
bool kmi_queue_take_back(kmi_conn *conn, const kmi_ask *ask);

/* The oldest call that waits and was not sent before, or NULL. */
kmi_ask *kmi_queue_oldest(kmi_conn *conn);

/* One-way messages (0 or 1) of which a part has left. */
size_t kmi_queue_cut(const kmi_conn *conn);

/* So many one-way messages go no further: that is counted and logged. 0 is fine. */
void kmi_queue_dropped(kmi_conn *conn, size_t count, const char *why);

/* Without a link: nobody is dialled for what waits any more. Calls end with `err`. */
void kmi_queue_give_up(kmi_conn *conn, kmsg_err err, const char *why);

#endif
