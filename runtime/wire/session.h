/* session.h -- one side of a connection, without any I/O: bytes and the time in, frames out.
 *
 * The owner reads bytes into a slab at any address whose last three bits are those of
 * kmi_session_alignment(), feeds them, and takes frames until there are none. A frame that lies
 * whole in the slab is taken where it lies; only one that was cut is put together in memory of its
 * own, after its size was checked. What the session has to say itself it appends to `out`.
 */
#ifndef KMI_SESSION_H
#define KMI_SESSION_H

#include "wire/out.h"

#define KMI_HELLO_MS      5000 /* how long the other side may take to say hello */
#define KMI_PREAMBLE_SIZE 56u
#define KMI_REFUSAL_SIZE  24u

/* Why there is a BYE in place of a hello, as its aux. */
enum { KMI_REFUSED_COUNT = 1, KMI_REFUSED_DESCRIPTORS = 2, KMI_REFUSED_USER = 3 };

/* What a node says of itself in its hello. */
typedef struct kmi_terms {
    uint64_t instance;     /* another number each time it starts, never 0 */
    size_t   message_max;  /* that it takes */
    uint32_t credit;       /* requests that it takes before the first of them is released */
    uint32_t credit_bytes; /* of these; the last one may go beyond */
    uint16_t port;         /* where it listens for tcp, 0: nowhere */
    uint32_t window; /* bytes of each stream's items that it takes before it gives more room */

    kmsg_timestamp epoch; /* when it started; 0: it has not said */
} kmi_terms;

typedef struct kmi_session_options {
    kmi_terms own;
    int64_t   idle_ns;
    int64_t   dead_ns;

    kmi_slab_pool *pool; /* for large frames that came in pieces; NULL: none */
} kmi_session_options;

typedef enum kmi_session_state {
    KMI_SESSION_MAGIC, /* waiting for the first eight bytes */
    KMI_SESSION_GREETING,
    KMI_SESSION_OPEN,
    KMI_SESSION_OVER
} kmi_session_state;

typedef struct kmi_session {
    kmi_session_options options;
    kmi_session_state   state;
    kmi_terms           their; /* from OPEN on */
    kmsg_err            err;   /* OVER: why */
    const char         *why;
    int64_t             heard_ns;  /* when there was a sign of life; until OPEN: when it began */
    bool                asked;     /* for one, and nothing came since */
    bool                may_share; /* set by the owner: the other side may say SHARED */
    bool                shared;    /* it has: the next bytes to be fed are of the shared memory */

    /* private */
    kmi_slab      *chunk; /* what was fed, and is not parsed yet */
    const uint8_t *at;
    const uint8_t *end;
    kmi_slab      *cut; /* a frame that is being put together */
    size_t         cut_size;
    size_t         cut_room;
    uint64_t       skip;
    uint64_t       received;
    int64_t        fed_ns;
    int64_t        asked_ns;
    bool           ponged;
    uint64_t       pong_at; /* offset of the last pong in the output */
    uint8_t        head_size;
    uint8_t        head[KMI_HEADER_SIZE];
} kmi_session;

void kmi_session_init(kmi_session *s, const kmi_session_options *options, int64_t now_ns);
void kmi_session_done(kmi_session *s);

/* The first bytes of each side: KMI_PREAMBLE_SIZE of them. */
void kmi_session_preamble(const kmi_session *s, uint8_t *ret);

/* What the first bytes of who has connected say: more of them are needed; he goes on in the clear;
 * or encrypted; or he does not speak kmsg. */
typedef enum kmi_magic {
    KMI_MAGIC_CUT,
    KMI_MAGIC_CLEAR,
    KMI_MAGIC_SECRET,
    KMI_MAGIC_FOREIGN
} kmi_magic;

kmi_magic kmi_magic_of(const uint8_t *bytes, size_t size);

/* The first and last bytes that somebody hears who is not let in: KMI_REFUSAL_SIZE of them. For him
 * the session ends with KMSG_EOVERLOADED, or KMSG_EPERM. */
void kmi_session_refusal(uint32_t why, uint8_t *ret);

/* The other side's hello has come by another way: the session is OPEN. */
void kmi_session_greeted(kmi_session *s, const kmi_terms *their, int64_t now_ns);

static inline size_t kmi_session_alignment(const kmi_session *s)
{
    return s->received & 7;
}

/* `size` bytes at `data`, in `slab`, of which a reference is taken. Not before the last ones have
 * been parsed. */
void kmi_session_feed(kmi_session *s, kmi_slab *slab, const uint8_t *data, size_t size,
                      int64_t now_ns);

static inline bool kmi_session_hungry(const kmi_session *s)
{
    return s->chunk == NULL;
}

/* Between two feeds: was the last frame cut? */
static inline bool kmi_session_is_inside(const kmi_session *s)
{
    return s->head_size > 0 || s->cut != NULL || s->skip > 0;
}

/* The next frame for the owner: first the other side's hello, which says that the session is OPEN;
 * then requests, answers, failures, cancellations, pongs, leaves, items, ends, windows; each with a
 * reference to its slab. An item that was too large comes without a body, and with KMSG_ETOOBIG as
 * its aux. `out` may be NULL until the hello. False: all is parsed (or state is OVER). */
bool kmi_session_next(kmi_session *s, kmi_out *out, kmi_frame *ret);

/* A sign of life other than bytes: the other side has taken some. */
void kmi_session_alive(kmi_session *s, int64_t now_ns);

/* When kmi_session_tick() wants to be called. */
int64_t kmi_session_deadline(const kmi_session *s);

/* Asks a silent other side for a sign of life; may end in state OVER. */
void kmi_session_tick(kmi_session *s, kmi_out *out, int64_t now_ns);

#endif
