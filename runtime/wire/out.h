/* out.h -- the output of a peer: whole frames, side by side, in one piece of memory.
 *
 * A sender reserves room, encodes straight into it, and commits; a link writes the piece out, as
 * much as the system takes. Offsets count from the first frame there ever was, so that a call can
 * remember where its frame lies and find out later whether any byte of it has left.
 */
#ifndef KMI_OUT_H
#define KMI_OUT_H

#include "wire/frame.h"

typedef struct kmi_out {
    kmi_slab_pool *pool;
    kmi_slab      *slab;     /* NULL while there is nothing */
    size_t         size;     /* bytes in it */
    size_t         sent;     /* bytes of these that have left */
    uint32_t       requests; /* among the frames that have not left wholly */
    size_t         whole;    /* where the first frame begins that has not left wholly */
    uint64_t       origin;   /* offset of the slab's first byte */
} kmi_out;

void kmi_out_init(kmi_out *out, kmi_slab_pool *pool);
void kmi_out_done(kmi_out *out);

static inline size_t kmi_out_waiting(const kmi_out *out)
{
    return out->size - out->sent;
}

/* Where the next frame will lie. */
static inline uint64_t kmi_out_offset(const kmi_out *out)
{
    return out->origin + out->size;
}

static inline bool kmi_out_is_unsent(const kmi_out *out, uint64_t offset)
{
    return offset >= out->origin + out->sent;
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

/* All that waits, as a slab of its own with its size set; NULL if nothing. For links that pass
 * memory on. */
kmi_slab *kmi_out_take(kmi_out *out);

/* Undoes kmi_out_take(). */
void kmi_out_put_back(kmi_out *out, kmi_slab *slab);

/* Unsay an unsent frame: it becomes one that is skipped. */
void kmi_out_void(kmi_out *out, uint64_t offset);

/* The connection is gone: keep, in order, the requests of which not a byte has left, all else is
 * dropped. `moved` hears each kept frame and its new offset, and may change its header. */
typedef void kmi_out_moved(void *ctx, uint8_t *frame, uint64_t offset);
void         kmi_out_carry(kmi_out *out, kmi_out_moved *moved, void *ctx);

/* The frame of which some bytes have left and others not, or NULL. */
const uint8_t *kmi_out_cut(const kmi_out *out);

/* Each frame that waits whole, in order. */
void kmi_out_each(kmi_out *out, kmi_out_moved *fn, void *ctx);

#endif
