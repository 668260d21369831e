/* out.h -- the output of a peer: whole frames, side by side, in chunks of memory.
 *
 * A sender reserves room, encodes straight into it, and commits; a link writes chunk after chunk
 * out, as much as the system takes. Offsets count from the first frame there ever was, so that a
 * call can remember where its frame lies and find out later whether any byte of it has left.
 */
#ifndef KMI_OUT_H
#define KMI_OUT_H

#include "wire/frame.h"

typedef struct kmi_out {
    kmi_slab_pool *pool;
    kmi_slab      *first; /* chunks, linked by `next`; each knows its size and its requests. Only */
    kmi_slab      *last;  /* the last may be empty; NULL while there is nothing */
    size_t         waiting;  /* bytes that have not left */
    size_t         sent;     /* bytes of the first chunk that have */
    size_t         sealed;   /* behind these, that a link has encrypted: they cannot be changed */
    size_t         whole;    /* where in it the first frame begins that has not left wholly */
    uint32_t       requests; /* among the frames that have not left wholly */
    uint64_t       origin;   /* offset of the first chunk's first byte */
    uint64_t       end;      /* where the next frame will lie */
} kmi_out;

void kmi_out_init(kmi_out *out, kmi_slab_pool *pool);
void kmi_out_done(kmi_out *out);

static inline size_t kmi_out_waiting(const kmi_out *out)
{
    return out->waiting;
}

static inline uint64_t kmi_out_offset(const kmi_out *out)
{
    return out->end;
}

/* What leaves first, of what waits: so many bytes in one piece. */
static inline uint8_t *kmi_out_front(const kmi_out *out, size_t *ret_size)
{
    *ret_size = out->waiting == 0 ? 0 : out->first->size - out->sent;
    return out->waiting == 0 ? NULL : out->first->data + out->sent;
}

/* Room that is there behind the last frame, and where. */
static inline size_t kmi_out_room(const kmi_out *out)
{
    return out->last == NULL ? 0 : (out->last->capacity - out->last->size) & ~(size_t)7;
}

static inline uint8_t *kmi_out_end(const kmi_out *out)
{
    return out->last->data + out->last->size;
}

/* A frame that has not left. */
uint8_t *kmi_out_frame(const kmi_out *out, uint64_t offset);

static inline bool kmi_out_is_unsent(const kmi_out *out, uint64_t offset)
{
    return offset >= out->origin + out->sent + out->sealed;
}

/* So many bytes of the front are on their way, as something else: they are what they are, and leave
 * soon. With unseal() they have not been touched, as nobody will ever read the rest. */
static inline void kmi_out_seal(kmi_out *out, size_t size)
{
    out->sealed = size;
}

static inline void kmi_out_unseal(kmi_out *out)
{
    out->sealed = 0;
}

/* Room for a frame of `size` bytes. KMSG_EFULL when more than `limit` bytes would be waiting,
 * KMSG_ENOMEM. Nothing has happened until it is committed. */
KMSG_CHECK kmsg_err kmi_out_reserve(kmi_out *out, size_t size, size_t limit, uint8_t **ret);
void                kmi_out_commit(kmi_out *out, size_t size);

/* A frame without a body that must not be lost behind the limit: up to twice the limit. Of `frame`
 * kind, flags, call and aux are looked at. */
KMSG_CHECK kmsg_err kmi_out_bare(kmi_out *out, const kmi_frame *frame);
KMSG_CHECK kmsg_err kmi_out_control(kmi_out *out, kmi_kind kind, uint32_t call, uint32_t aux);

/* `size` more bytes have left. */
void kmi_out_sent(kmi_out *out, size_t size);

/* For links that pass memory on, of which no byte leaves by itself: the first chunk, or NULL; put
 * back; or, where nothing is left, lent one to be filled. */
kmi_slab *kmi_out_take(kmi_out *out);
void      kmi_out_put_back(kmi_out *out, kmi_slab *chunk);
void      kmi_out_lend(kmi_out *out, kmi_slab *chunk);

/* Unsay an unsent frame: it becomes one that is skipped. */
void kmi_out_void(kmi_out *out, uint64_t offset);

/* The connection is gone: keep, in order, the requests of which not a byte has left, all else is
 * dropped. `moved` hears each kept frame and its new offset, and may change its header. */
typedef void kmi_out_moved(void *ctx, uint8_t *frame, uint64_t offset);
void         kmi_out_carry(kmi_out *out, kmi_out_moved *moved, void *ctx);

/* All of `more`, of which nothing has left, behind it; `more` is empty then. */
void kmi_out_append(kmi_out *out, kmi_out *more);

/* The frame of which some bytes have left and others not, or NULL. */
const uint8_t *kmi_out_cut(const kmi_out *out);

/* Each frame that waits whole and can be changed, in order. */
void kmi_out_each(kmi_out *out, kmi_out_moved *fn, void *ctx);

#endif
