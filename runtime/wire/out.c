/* out.c -- chunks of whole frames. Writing one piece costs a third of writing the same frames as
 * vectors, and a burst of calls costs one system call; so a chunk holds as many frames as there is
 * room for. What does not fit begins the next one: nothing that waits is ever moved to make room.
 */
#include "wire/out.h"

#include <string.h>

#define CHUNK         ((size_t)64 << 10)
#define CONTROL_LIMIT (2 * KMSG_SEND_QUEUE_MAX)

void kmi_out_init(kmi_out *out, kmi_slab_pool *pool)
{
    *out = (kmi_out){.pool = pool};
}

void kmi_out_done(kmi_out *out)
{
    while (out->first != NULL) {
        kmi_slab *next = out->first->next;
        kmi_slab_unref(out->first);
        out->first = next;
    }
    *out = (kmi_out){.pool = out->pool, .origin = out->end, .end = out->end};
}

/* ---- chunks -------------------------------------------------------------------------------- */

static size_t frame_room_at(const kmi_slab *chunk, size_t at)
{
    return kmi_frame_room(kmi_load32(chunk->data + at));
}

static void add(kmi_out *out, kmi_slab *chunk)
{
    chunk->next = NULL;
    if (out->first == NULL)
        out->first = chunk;
    else
        out->last->next = chunk;
    out->last = chunk;
}

/* It and its bytes are not counted any more. */
static kmi_slab *remove_first(kmi_out *out)
{
    kmi_slab *chunk = out->first;

    out->first = chunk->next;
    if (out->first == NULL)
        out->last = NULL;
    chunk->next = NULL;
    out->origin += chunk->size;
    out->waiting -= chunk->size - out->sent;
    out->requests -= chunk->requests;
    out->sent = out->whole = 0;
    return chunk;
}

/* It was reserved for a frame that did not come, or did not fit. */
static void drop_empty_last(kmi_out *out)
{
    kmi_slab *empty = out->last, *before = NULL;

    if (empty == NULL || empty->size > 0)
        return;
    for (kmi_slab *chunk = out->first; chunk != empty; chunk = chunk->next)
        before = chunk;
    if (before == NULL)
        out->first = NULL;
    else
        before->next = NULL;
    out->last = before;
    kmi_slab_give(out->pool, empty);
}

/* The first one is small: most connections say little at a time. */
static kmsg_err add_chunk(kmi_out *out, size_t room)
{
    kmi_slab *chunk;

    drop_empty_last(out);
    chunk = kmi_slab_take(out->pool, out->waiting == 0 || room > CHUNK ? room : CHUNK);
    if (chunk == NULL)
        return KMSG_ENOMEM;
    add(out, chunk);
    return KMSG_OK;
}

/* The chunk that holds this offset, and its own. */
static kmi_slab *chunk_of(const kmi_out *out, uint64_t offset, uint64_t *ret_origin)
{
    kmi_slab *chunk = out->first;
    uint64_t  origin = out->origin;

    for (; offset >= origin + chunk->size; chunk = chunk->next)
        origin += chunk->size;
    *ret_origin = origin;
    return chunk;
}

uint8_t *kmi_out_frame(const kmi_out *out, uint64_t offset)
{
    uint64_t  origin;
    kmi_slab *chunk = chunk_of(out, offset, &origin);

    return chunk->data + (size_t)(offset - origin);
}

/* ---- writing frames ------------------------------------------------------------------------ */

kmsg_err kmi_out_reserve(kmi_out *out, size_t size, size_t limit, uint8_t **ret)
{
    size_t   room = kmi_frame_room(size);
    kmsg_err err = KMSG_OK;

    if (room > limit || out->waiting > limit - room)
        return KMSG_EFULL;
    if (kmi_out_room(out) < room)
        err = add_chunk(out, room);
    if (err == KMSG_OK)
        *ret = kmi_out_end(out);
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
    kmi_slab *chunk = out->last;
    uint8_t  *at = chunk->data + chunk->size;
    size_t    room = kmi_frame_room(size);
    bool      request = kmi_is_request(at[4]);

    chunk->requests += request;
    out->requests += request;
    pad(at + size, room - size);
    chunk->size += room;
    out->waiting += room;
    out->end += room;
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

/* ---- what leaves --------------------------------------------------------------------------- */

/* Which frames of the first chunk have left wholly. */
static void find_whole(kmi_out *out)
{
    kmi_slab *chunk = out->first;

    while (out->whole + frame_room_at(chunk, out->whole) <= out->sent) {
        bool request = kmi_is_request(chunk->data[out->whole + 4]);
        chunk->requests -= request;
        out->requests -= request;
        out->whole += frame_room_at(chunk, out->whole);
    }
}

void kmi_out_sent(kmi_out *out, size_t size)
{
    while (size > 0) {
        kmi_slab *chunk = out->first;
        size_t    left = chunk->size - out->sent, n = size < left ? size : left;
        out->sent += n;
        out->sealed -= out->sealed < n ? out->sealed : n;
        out->waiting -= n;
        size -= n;
        if (n == left)
            kmi_slab_give(out->pool, remove_first(out));
        else
            find_whole(out);
    }
}

kmi_slab *kmi_out_take(kmi_out *out)
{
    return out->waiting == 0 ? NULL : remove_first(out);
}

void kmi_out_put_back(kmi_out *out, kmi_slab *chunk)
{
    chunk->next = out->first;
    if (out->first == NULL)
        out->last = chunk;
    out->first = chunk;
    out->origin -= chunk->size;
    out->waiting += chunk->size;
    out->requests += chunk->requests;
}

void kmi_out_lend(kmi_out *out, kmi_slab *chunk)
{
    chunk->size = 0;
    chunk->requests = 0;
    add(out, chunk);
}

/* ---- what does not ------------------------------------------------------------------------- */

void kmi_out_void(kmi_out *out, uint64_t offset)
{
    uint64_t  origin;
    kmi_slab *chunk = chunk_of(out, offset, &origin);
    uint8_t  *at = chunk->data + (size_t)(offset - origin);
    bool      request = kmi_is_request(at[4]);

    chunk->requests -= request;
    out->requests -= request;
    kmi_store32(at + 4, KMI_VOID | KMI_FLAG_IGNORABLE << 8);
}

static size_t first_unsent(const kmi_out *out)
{
    return out->whole == out->sent ? out->whole
                                   : out->whole + frame_room_at(out->first, out->whole);
}

const uint8_t *kmi_out_cut(const kmi_out *out)
{
    return out->waiting == 0 || out->whole == out->sent ? NULL : out->first->data + out->whole;
}

/* The requests of a chunk from `from` on, moved together. */
static void sift(kmi_out *out, kmi_slab *chunk, size_t from, kmi_out_moved *moved, void *ctx)
{
    size_t size = chunk->size;

    chunk->size = 0;
    chunk->requests = 0;
    while (from < size) {
        size_t   room = frame_room_at(chunk, from);
        uint8_t *at = chunk->data + from, *to = chunk->data + chunk->size;
        if (kmi_is_request(at[4])) {
            memmove(to, at, room);
            moved(ctx, to, out->end);
            chunk->requests++;
            chunk->size += room;
            out->end += room;
        }
        from += room;
    }
    out->requests += chunk->requests;
    out->waiting += chunk->size;
}

void kmi_out_carry(kmi_out *out, kmi_out_moved *moved, void *ctx)
{
    kmi_slab *chunk = out->first, *next;
    size_t    from = chunk == NULL || out->waiting == 0 ? 0 : first_unsent(out);

    out->first = out->last = NULL;
    out->origin += from; /* offsets never go back: what has left stays below every one to come */
    out->end = out->origin;
    out->waiting = out->sent = out->sealed = out->whole = 0;
    out->requests = 0;
    for (; chunk != NULL; chunk = next) {
        next = chunk->next;
        sift(out, chunk, from, moved, ctx);
        from = 0;
        if (chunk->size > 0)
            add(out, chunk);
        else
            kmi_slab_give(out->pool, chunk);
    }
}

void kmi_out_append(kmi_out *out, kmi_out *more)
{
    if (more->waiting > 0) {
        drop_empty_last(out);
        if (out->first == NULL)
            out->first = more->first;
        else
            out->last->next = more->first;
        out->last = more->last;
        out->waiting += more->waiting;
        out->requests += more->requests;
        out->end += more->waiting;
        more->first = NULL;
    }
    kmi_out_done(more);
}

void kmi_out_each(kmi_out *out, kmi_out_moved *fn, void *ctx)
{
    size_t   at = out->waiting == 0 ? 0 : first_unsent(out);
    uint64_t origin = out->origin;

    while (out->sealed > 0 && at < out->sent + out->sealed && at < out->first->size)
        at += frame_room_at(out->first, at);
    for (kmi_slab *chunk = out->first; chunk != NULL; chunk = chunk->next) {
        for (; at < chunk->size; at += frame_room_at(chunk, at))
            fn(ctx, chunk->data + at, origin + at);
        origin += chunk->size;
        at = 0;
    }
}
