/* frame.h -- what travels between two nodes: a header of 16 bytes, for requests 8 bytes more, and a
 * message. wire/frames.md has it to the byte.
 */
#ifndef KMI_FRAME_H
#define KMI_FRAME_H

#include <kmsg/kmsg.h>

#include "base/slab.h"

#define KMI_HEADER_SIZE   16u
#define KMI_REQUEST_SIZE  24u /* header of a CALL or TELL: with its target */
#define KMI_ENVELOPE_SIZE 40u /* behind it, where it is for an object: two places without hops */
#define KMI_HOPS_MAX      8u
#define KMI_ENVELOPE_MAX  (KMI_ENVELOPE_SIZE + 2u * 8u * KMI_HOPS_MAX)
#define KMI_FRAME_MAX     (KMSG_MESSAGE_MAX + 256u)

typedef enum kmi_kind {
    KMI_VOID,  /* says nothing; unknown kinds are treated so where their flag allows it */
    KMI_HELLO, /* first frame of each side */
    KMI_CALL,  /* aux: ms until the caller gives up, at least 1 */
    KMI_TELL,  /* one-way */
    KMI_ANSWER,
    KMI_FAIL,   /* aux: kmsg_err; body: text, or for ETHROWN the error's id and the error */
    KMI_CANCEL, /* nobody waits for this call any more */
    KMI_PING,
    KMI_PONG,
    KMI_BYE,    /* an orderly end */
    KMI_CREDIT, /* call: bytes, aux: requests that may be sent in addition */
    KMI_ITEM,   /* one of a stream */
    KMI_END,    /* the caller's stream has ended; the other one ends with ANSWER or FAIL */
    KMI_WINDOW, /* aux: bytes of items that may be sent in addition */
    KMI_LEAVE,  /* aux: one of kmi_leave */
    KMI_SHARED, /* what the sender says behind this comes through shared memory */
    KMI_KINDS
} kmi_kind;

/* May this connection end? The answer is a BYE, or no. */
typedef enum kmi_leave { KMI_LEAVE_ASK, KMI_LEAVE_NO } kmi_leave;

#define KMI_NO_DEADLINE UINT32_MAX /* aux of a CALL */

#define KMI_FLAG_IGNORABLE 1u /* who does not know this kind may skip it */
#define KMI_FLAG_ADDRESSED 2u /* a request with an envelope: for an object */
#define KMI_FLAG_CALLER    4u /* an ITEM or WINDOW from the side that made the call */

/* An object of some node, and the way there: the instances of the nodes to pass through, the
 * nearest first. */
typedef struct kmi_place {
    uint64_t instance; /* of its node; 0: none */
    uint64_t object;
    uint32_t hop_count;
    uint64_t hops[KMI_HOPS_MAX];
} kmi_place;

/* What an envelope holds. */
typedef struct kmi_letter {
    kmi_place to;
    kmi_place from;    /* instance 0: nobody */
    bool      outside; /* from one node of a process to another: it has come from outside */
} kmi_letter;

typedef struct kmi_frame {
    uint8_t        kind;
    uint8_t        flags;
    uint16_t       method;
    uint32_t       call;
    uint32_t       aux;
    uint64_t       target;   /* CALL, TELL: id of the service, or of the message's type */
    const uint8_t *envelope; /* of an addressed one, else NULL */
    size_t         size;     /* of the whole frame, without padding */
    const uint8_t *body;
    size_t         body_size;
    kmi_slab      *slab; /* a reference that keeps `body`; NULL: there is no body */
} kmi_frame;

static inline uint32_t kmi_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t kmi_load64(const uint8_t *p)
{
    return (uint64_t)kmi_load32(p) | (uint64_t)kmi_load32(p + 4) << 32;
}

static inline void kmi_store32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void kmi_store64(uint8_t *p, uint64_t v)
{
    kmi_store32(p, (uint32_t)v);
    kmi_store32(p + 4, (uint32_t)(v >> 32));
}

/* The room that a frame takes in the stream. */
static inline size_t kmi_frame_room(size_t size)
{
    return (size + 7u) & ~(size_t)7;
}

static inline bool kmi_is_request(uint8_t kind)
{
    return kind == KMI_CALL || kind == KMI_TELL;
}

/* An envelope to bytes and back; one that is read was checked. */
size_t kmi_envelope_size(const kmi_letter *letter);
void   kmi_envelope_put(uint8_t *at, const kmi_letter *letter);
void   kmi_envelope_get(const uint8_t *at, kmi_letter *ret);

/* Of a whole request's frame: its header, target and envelope; 0: they do not fit into it. */
size_t kmi_request_header(const uint8_t *at, size_t size);

/* Writes frame->{size,kind,flags,method,call,aux} and, for requests, target. */
void kmi_frame_put(uint8_t *at, const kmi_frame *frame);

/* Reads the header's 16 bytes; target, body and slab are left alone. */
static inline void kmi_frame_get_header(const uint8_t *at, kmi_frame *ret)
{
    uint32_t word = kmi_load32(at + 4);

    ret->size = kmi_load32(at);
    ret->kind = (uint8_t)word;
    ret->flags = (uint8_t)(word >> 8);
    ret->method = (uint16_t)(word >> 16);
    ret->call = kmi_load32(at + 8);
    ret->aux = kmi_load32(at + 12);
}

/* The rest, once all bytes of the frame lie at `at`. Takes no reference. False: its envelope is
 * malformed. */
KMSG_CHECK bool kmi_frame_get_body(const uint8_t *at, kmi_frame *frame);

/* NULL, or what is wrong with a header: then the connection cannot go on. */
const char *kmi_frame_check(const kmi_frame *frame);

/* What nearly all frames are, and nothing is wrong with: requests without an envelope, answers. */
static inline bool kmi_frame_is_usual(const kmi_frame *f)
{
    if (f->flags != 0 || f->size > KMI_FRAME_MAX)
        return false;
    if (f->kind == KMI_ANSWER)
        return f->size >= KMI_HEADER_SIZE && f->aux == 0 && f->method == 0;
    if (f->size < KMI_REQUEST_SIZE)
        return false;
    return f->kind == KMI_TELL ? (f->aux | f->call) == 0 : f->kind == KMI_CALL && f->aux != 0;
}

/* The last bytes of a whole frame, which fill up its room, are zero. */
static inline bool kmi_frame_is_padded(const uint8_t *at, size_t size)
{
    size_t used = size & 7;

    return used == 0 || kmi_load64(at + size - used) >> 8 * used == 0;
}

#endif
