/* out.c -- one contiguous buffer a peer. Writing one piece costs a third of writing the same frames
 * as vectors, and a burst of calls costs one system call.
 */
#include "wire/out.h"

#include <string.h>

#define CONTROL_LIMIT (2 * KMSG_SEND_QUEUE_MAX)

void kmi_out_init(kmi_out *out, kmi_slab_pool *pool)
{
    *out = (kmi_out){.pool = pool};
}

void kmi_out_done(kmi_out *out)
{
    kmi_slab_unref(out->slab);
    out->slab = NULL;
    out->size = out->sent = out->whole = 0;
    out->requests = 0;
}

/* What has left wholly goes; the rest moves to the beginning of `slab`. */
static void move_to(kmi_out *out, kmi_slab *slab)
{
    memmove(slab->data, out->slab->data + out->whole, out->size - out->whole);
    out->slab = slab;
    out->origin += out->whole;
    out->size -= out->whole;
    out->sent -= out->whole;
    out->whole = 0;
}

/* At most twice of what waits is held, and three times while it is moved. */
static kmsg_err make_room(kmi_out *out, size_t room)
{
    kmi_slab *before = out->slab, *larger;
    size_t    kept = out->size - out->whole;

    if (before == NULL) {
        out->slab = kmi_slab_take(out->pool, room);
        return out->slab == NULL ? KMSG_ENOMEM : KMSG_OK;
    }
    if (out->whole >= kept && before->capacity - kept >= room) {
        move_to(out, before);
        return KMSG_OK;
    }
    larger = kmi_slab_new(kept + (kept > room ? kept : room));
    if (larger == NULL)
        return KMSG_ENOMEM;
    move_to(out, larger);
    kmi_slab_give(out->pool, before);
    return KMSG_OK;
}

kmsg_err kmi_out_reserve(kmi_out *out, size_t size, size_t limit, uint8_t **ret)
{
    size_t   room = kmi_frame_room(size);
    kmsg_err err = KMSG_OK;

    if (room > limit || kmi_out_waiting(out) > limit - room)
        return KMSG_EFULL;
    if (out->slab == NULL || out->slab->capacity - out->size < room)
        err = make_room(out, room);
    if (err == KMSG_OK)
        *ret = out->slab->data + out->size;
    return err;
}

/* The bytes after `at` up to the next multiple of 8. No word of them is read: its last bytes were
 * written a moment ago, and the processor would wait for them. */
static void pad(uint8_t *at, size_t size)
{
    if (size & 4) {
        kmi_store32(at, 0);
        at += 4;
    }
    if (size & 2) {
        at[0] = at[1] = 0;
        at += 2;
    }
    if (size & 1)
        at[0] = 0;
}

void kmi_out_commit(kmi_out *out, size_t size)
{
    uint8_t *at = out->slab->data + out->size;
    size_t   room = kmi_frame_room(size);

    out->requests += kmi_is_request(at[4]);
    pad(at + size, room - size);
    out->size += room;
}

kmsg_err kmi_out_bare(kmi_out *out, const kmi_frame *frame)
{
    kmi_frame bare = *frame;
    uint8_t  *at;
    kmsg_err  err = kmi_out_reserve(out, KMI_HEADER_SIZE, CONTROL_LIMIT, &at);

    if (err != KMSG_OK)
        return err;
    bare.size = KMI_HEADER_SIZE;
    kmi_frame_put(at, &bare);
    kmi_out_commit(out, KMI_HEADER_SIZE);
    return KMSG_OK;
}

kmsg_err kmi_out_control(kmi_out *out, kmi_kind kind, uint32_t call, uint32_t aux)
{
    return kmi_out_bare(out, &(kmi_frame){.kind = (uint8_t)kind, .call = call, .aux = aux});
}

static size_t frame_room_at(const kmi_out *out, size_t at)
{
    return kmi_frame_room(kmi_load32(out->slab->data + at));
}

static void clear(kmi_out *out)
{
    kmi_slab_give(out->pool, out->slab);
    out->slab = NULL;
    out->origin += out->size;
    out->size = out->sent = out->whole = 0;
    out->requests = 0;
}

void kmi_out_sent(kmi_out *out, size_t size)
{
    out->sent += size;
    if (out->sent == out->size) {
        if (out->size > 0)
            clear(out);
        return;
    }
    while (out->whole + frame_room_at(out, out->whole) <= out->sent) {
        out->requests -= kmi_is_request(out->slab->data[out->whole + 4]);
        out->whole += frame_room_at(out, out->whole);
    }
}

kmi_slab *kmi_out_take(kmi_out *out)
{
    kmi_slab *slab = out->slab;

    if (out->size == 0)
        return NULL;
    slab->size = out->size;
    out->slab = NULL;
    out->origin += out->size;
    out->size = out->sent = out->whole = 0;
    out->requests = 0;
    return slab;
}

void kmi_out_put_back(kmi_out *out, kmi_slab *slab)
{
    out->slab = slab;
    out->size = slab->size;
    out->origin -= slab->size;
    for (size_t at = 0; at < out->size; at += frame_room_at(out, at))
        out->requests += kmi_is_request(slab->data[at + 4]);
}

void kmi_out_void(kmi_out *out, uint64_t offset)
{
    uint8_t *at = out->slab->data + (size_t)(offset - out->origin);

    out->requests -= kmi_is_request(at[4]);
    kmi_store32(at + 4, KMI_VOID | KMI_FLAG_IGNORABLE << 8);
}

static size_t first_unsent(const kmi_out *out)
{
    return out->whole == out->sent ? out->whole : out->whole + frame_room_at(out, out->whole);
}

const uint8_t *kmi_out_cut(const kmi_out *out)
{
    return out->slab == NULL || out->whole == out->sent ? NULL : out->slab->data + out->whole;
}

void kmi_out_carry(kmi_out *out, kmi_out_moved *moved, void *ctx)
{
    size_t from, to = 0;

    if (out->slab == NULL)
        return;
    from = first_unsent(out);
    out->requests = 0;
    out->origin += from; /* offsets never go back: what has left stays below every one to come */
    while (from < out->size) {
        size_t   room = frame_room_at(out, from);
        uint8_t *at = out->slab->data + from;
        if (kmi_is_request(at[4])) {
            memmove(out->slab->data + to, at, room);
            moved(ctx, out->slab->data + to, out->origin + to);
            out->requests++;
            to += room;
        }
        from += room;
    }
    out->size = to;
    out->sent = out->whole = 0;
    if (to == 0)
        clear(out);
}

void kmi_out_each(kmi_out *out, kmi_out_moved *fn, void *ctx)
{
    size_t at;

    if (out->slab == NULL)
        return;
    for (at = first_unsent(out); at < out->size; at += frame_room_at(out, at))
        fn(ctx, out->slab->data + at, out->origin + at);
}
