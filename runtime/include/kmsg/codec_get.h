/* codec_get.h -- reading values, in straight lines.
 *
 * A part of kmsg/codec.h, which says how it all goes together and includes it.
 */
#ifndef KMSG_CODEC_GET_H
#define KMSG_CODEC_GET_H

#include <kmsg/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading --------------------------------------------------------------------------------- */

/* Not zero unless the `pad` bytes at `at`, fewer than 8, are zero. Eight can be read. */
KMSG_INLINE uint64_t kmsg_pad_bad(const uint8_t *at, size_t pad)
{
#if KMSG_SWAP
    return kmsg_word(at) & ~(UINT64_MAX >> 8 * pad);
#else
    return kmsg_word(at) & ~(UINT64_MAX << 8 * pad);
#endif
}

KMSG_INLINE size_t kmsg_pad_of(const uint8_t *at, size_t align)
{
    return -(size_t)(uintptr_t)at & (align - 1);
}

/* Memory for decoded values at a multiple of 8, within the budget; NULL and dec.err otherwise. What
 * is taken is a multiple of 8, too, and so it stays aligned. */
KMSG_INLINE void *kmsg_take(kmsg_dec *d, uint64_t size)
{
    const uint64_t all = (size + 7) & ~(uint64_t)7;
    uint8_t       *p = d->at;

    if (KMSG_UNLIKELY(all > (size_t)(d->stop - p)))
        return kmsg_take_more(d, all);
    d->at = p + all;
    return p;
}

/* Begin to take from the arena, and from now on count it against the budget. */
KMSG_INLINE void kmsg_take_from(kmsg_dec *d, kmsg_arena *mem)
{
    const size_t pad = kmsg_pad_of(mem->at, 8), left = (size_t)(mem->end - mem->at);
    const size_t room = left <= pad ? 0 : left - pad;

    d->mem = mem;
    d->at = d->from = room == 0 ? mem->end : mem->at + pad; /* NULL where there is no block yet */
    d->stop = room < d->budget ? mem->end : d->at + d->budget;
}

/* Each looks whether its tail ends where the record or list around it does, or before; if not,
 * there is no tail for it, and `at` stays where it is. */

KMSG_INLINE bool kmsg_reaches(const kmsg_dec *d, const uint8_t *at, uint64_t size)
{
    return (uint64_t)(uintptr_t)at + size <= (uintptr_t)d->end;
}

/* A block of a size that the compiler knows, in pieces that do not overlap, as those of memcpy()
 * would: a member that is read at once lies in one store then, and the processor need not wait. */
KMSG_INLINE void kmsg_copy_block(void *to, const void *from, size_t size)
{
    const size_t   words = size & ~(size_t)7;
    uint8_t       *t = (uint8_t *)to + words;
    const uint8_t *f = (const uint8_t *)from + words;

    if (words != 0)
        memcpy(to, from, words);
    if (size & 4)
        memcpy(t, f, 4);
    if (size & 2)
        memcpy(t + (size & 4), f + (size & 4), 2);
    if (size & 1)
        t[size & 6] = f[size & 6];
}

/* The scalar block into the struct. */
KMSG_INLINE void kmsg_get_block(const kmsg_layout *layout, void *ret, const uint8_t *row,
                                size_t size)
{
    kmsg_copy_block(ret, row, size);
#if KMSG_SWAP
    kmsg_swap_block(layout, ret);
#else
    (void)layout;
#endif
}

/* One scalar, where the block is not a part of the struct. */
KMSG_INLINE void kmsg_get_scalar(const kmsg_type *type, void *ret, const uint8_t *at, size_t size)
{
    memcpy(ret, at, size);
#if KMSG_SWAP
    kmsg_swap_items(type, ret, 1);
#else
    (void)type;
#endif
}

/* `ahead`: bytes of the message in front of `at`, at least. */
KMSG_INLINE const uint8_t *kmsg_get_text(kmsg_dec *d, uint64_t size, const uint8_t *at,
                                         size_t ahead, kmsg_string *ret)
{
    const size_t n = (size_t)size - 1;

    if (size < 2 || KMSG_UNLIKELY(!kmsg_reaches(d, at, size))) {
        if (size != 0)
            kmsg_dec_fail(d, KMSG_EDECODE);
        ret->data = "";
        ret->size = 0;
        return at;
    }
    ret->data = (const char *)at;
    ret->size = n;
    if (KMSG_UNLIKELY(at[n] != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    if (ahead >= KMSG_LANES && KMSG_LIKELY(n <= KMSG_LANES)) {
        if (KMSG_UNLIKELY(kmsg_odd_before(at + n, n)))
            kmsg_get_check_text(d, at, n);
    } else if (KMSG_UNLIKELY(kmsg_scan(at, n) != 0)) {
        kmsg_get_check_text(d, at, n);
    }
    return at + size;
}

KMSG_INLINE const uint8_t *kmsg_get_string(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                           kmsg_string *ret)
{
    return kmsg_get_text(d, size, at, KMSG_LANES, ret);
}

/* Of a record that has nothing else: behind its header and one length. */
KMSG_INLINE const uint8_t *kmsg_get_lone_string(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                                kmsg_string *ret)
{
    return kmsg_get_text(d, size, at, KMSG_HEADER + 4, ret);
}

KMSG_INLINE const uint8_t *kmsg_get_optional_string(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                                    kmsg_string *ret)
{
    if (size == KMSG_ABSENT) {
        ret->data = NULL;
        ret->size = 0;
        return at;
    }
    return kmsg_get_string(d, size, at, ret);
}

KMSG_INLINE const uint8_t *kmsg_get_optional_lone_string(kmsg_dec *d, uint32_t size,
                                                         const uint8_t *at, kmsg_string *ret)
{
    if (size == KMSG_ABSENT) {
        ret->data = NULL;
        ret->size = 0;
        return at;
    }
    return kmsg_get_lone_string(d, size, at, ret);
}

/* A tail that must be there; its size. */
KMSG_INLINE uint32_t kmsg_present(kmsg_dec *d, uint32_t size, const uint8_t *at)
{
    if (KMSG_UNLIKELY(!kmsg_reaches(d, at, size))) { /* KMSG_ABSENT does not */
        kmsg_dec_fail(d, KMSG_EDECODE);
        return 0;
    }
    return size;
}

KMSG_INLINE const uint8_t *kmsg_get_bytes(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                          kmsg_bytes *ret)
{
    size = kmsg_present(d, size, at);
    ret->data = at; /* never NULL: that would be absent */
    ret->size = size;
    return at + size;
}

KMSG_INLINE const uint8_t *kmsg_get_optional_bytes(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                                   kmsg_bytes *ret)
{
    if (size == KMSG_ABSENT) {
        ret->data = NULL;
        ret->size = 0;
        return at;
    }
    return kmsg_get_bytes(d, size, at, ret);
}

KMSG_INLINE const uint8_t *kmsg_get_address(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                            kmsg_address *ret)
{
    kmsg_bytes bytes;

    at = kmsg_get_bytes(d, size, at, &bytes);
    ret->data = bytes.data;
    ret->size = bytes.size;
    return at;
}

KMSG_INLINE const uint8_t *kmsg_get_optional_address(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                                     kmsg_address *ret)
{
    kmsg_bytes bytes;

    at = kmsg_get_optional_bytes(d, size, at, &bytes);
    ret->data = bytes.data;
    ret->size = bytes.size;
    return at;
}

/* Bytes of a tail that nobody reads. */
KMSG_INLINE uint32_t kmsg_skip(uint32_t size)
{
    return size == KMSG_ABSENT ? 0 : size;
}

/* A tail of a field that the schema has no more. There may have been refs in it: then there are
 * objects that nobody mentions. */
KMSG_INLINE const uint8_t *kmsg_get_reserved(kmsg_dec *d, uint32_t size, const uint8_t *at)
{
    d->other |= kmsg_skip(size) != 0;
    return at + kmsg_present(d, kmsg_skip(size), at);
}

/* The smallest record with a ref in it: a header, a length, a number. */
#define KMSG_REF_RECORD 16u

/* Of a record: what our own version writes there has a header and nothing else. */
KMSG_INLINE const uint8_t *kmsg_get_reserved_record(kmsg_dec *d, uint32_t size, const uint8_t *at)
{
    d->other |= kmsg_skip(size) >= KMSG_REF_RECORD;
    return at + kmsg_present(d, kmsg_skip(size), at);
}

KMSG_INLINE const uint8_t *kmsg_get_array(kmsg_dec *d, const kmsg_type *item, uint32_t size,
                                          const uint8_t *at, size_t item_size, size_t align,
                                          kmsg_items *ret)
{
    size_t pad, bytes;

    size = kmsg_present(d, size, at);
    pad = size == 0 ? 0 : kmsg_pad_of(at, align);
    bytes = size - pad;
    if (KMSG_UNLIKELY(size < pad || bytes % item_size != 0 || (size != 0 && bytes == 0) ||
                      kmsg_nonzero(at, pad))) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        bytes = 0;
    }
    ret->items = at + pad; /* never NULL: that would be absent */
    ret->count = bytes / item_size;
#if KMSG_SWAP
    {
        void *copy = kmsg_take(d, bytes);
        if (copy == NULL) {
            ret->count = 0;
            return at + size;
        }
        memcpy(copy, at + pad, bytes);
        kmsg_swap_items(item, copy, ret->count);
        ret->items = copy;
    }
#else
    (void)item;
#endif
    return at + size;
}

KMSG_INLINE const uint8_t *kmsg_get_record(kmsg_dec *d, const kmsg_layout *layout, uint32_t size,
                                           const uint8_t *at, uint32_t shape, kmsg_row_get *row_get,
                                           void *ret)
{
    const size_t   fixed = KMSG_HEADER + kmsg_shape_fixed(shape);
    const size_t   pad = kmsg_pad_of(at, 8);
    const uint8_t *start = at + pad, *around = d->end;

    size = kmsg_present(d, size, at);
    d->end = at + size;
    if (KMSG_UNLIKELY(size < pad + KMSG_HEADER || kmsg_pad_bad(at, pad) != 0 ||
                      kmsg_load32(start) != size - pad))
        kmsg_dec_fail(d, KMSG_EDECODE);
    else if (KMSG_UNLIKELY(kmsg_load32(start + 4) != shape))
        kmsg_get_other_record(d, layout, start, size - pad, ret);
    else if (KMSG_UNLIKELY(size - pad < fixed ||
                           row_get(d, start + KMSG_HEADER, start + fixed, ret) != d->end))
        kmsg_dec_fail(d, KMSG_EDECODE);
    d->end = around;
    return at + size;
}

/* Where the rows of a list stand, once its header is found good and of this shape. */
typedef struct kmsg_rows {
    const uint8_t *row;
    const uint8_t *tails;
    size_t         count;
} kmsg_rows;

/* Not zero unless nothing stands between a row and the next. */
KMSG_INLINE uint32_t kmsg_row_gap(const uint8_t *row, uint32_t shape)
{
    const uint32_t stride = kmsg_shape_stride(shape);
    uint32_t       gap = 0;

    for (uint32_t k = kmsg_shape_fixed(shape); k < stride; k++)
        gap |= row[k];
    return gap;
}

/* False: there are none, or dec.err is set, or (*other) they are of another shape. */
KMSG_INLINE bool kmsg_open_rows(kmsg_dec *d, uint32_t size, const uint8_t *at, uint32_t shape,
                                bool *other, kmsg_rows *ret)
{
    const size_t   stride = kmsg_shape_stride(shape);
    const size_t   pad = kmsg_pad_of(at, 8);
    const uint8_t *end = at + size;

    if (size < pad + KMSG_HEADER) {
        if (KMSG_UNLIKELY(size != 0))
            goto bad;
        return false;
    }
    if (KMSG_UNLIKELY(kmsg_pad_bad(at, pad) != 0))
        goto bad;
    ret->row = at + pad + KMSG_HEADER;
    ret->count = kmsg_load32(at + pad);
    if (KMSG_UNLIKELY(kmsg_load32(at + pad + 4) != shape)) {
        *other = true;
        return false;
    }
    if (KMSG_UNLIKELY(ret->count - 1 >= (size_t)(end - ret->row) / stride)) /* none: too many */
        goto bad;
    ret->tails = ret->row + ret->count * stride;
    return true;
bad:
    kmsg_dec_fail(d, KMSG_EDECODE);
    return false;
}

/* Optional: NULL when absent, else memory of its own. */
KMSG_INLINE const void *kmsg_get_optional_record(kmsg_dec *d, const kmsg_layout *layout,
                                                 uint32_t size, const uint8_t **at,
                                                 size_t item_size, uint32_t shape,
                                                 kmsg_row_get *row_get)
{
    void *record;

    if (size == KMSG_ABSENT)
        return NULL;
    record = kmsg_take(d, item_size);
    if (KMSG_LIKELY(record != NULL))
        *at = kmsg_get_record(d, layout, size, *at, shape, row_get, record);
    return record;
}

/* A list of records or a map: each row into an item of its own. */
KMSG_INLINE const uint8_t *kmsg_get_rows(kmsg_dec *d, const kmsg_layout *layout, uint32_t size,
                                         const uint8_t *at, size_t item_size, uint32_t shape,
                                         kmsg_row_get *row_get, kmsg_items *ret)
{
    kmsg_rows      r;
    uint8_t       *item;
    const uint8_t *tails, *around = d->end;
    uint32_t       gap = 0;
    bool           other = false;

    size = kmsg_present(d, size, at);
    ret->items = at; /* never NULL: that would be absent */
    ret->count = 0;
    if (!kmsg_open_rows(d, size, at, shape, &other, &r)) {
        if (other)
            kmsg_get_other_rows(d, layout, r.row - KMSG_HEADER,
                                (size_t)(at + size - r.row) + KMSG_HEADER, ret);
        return at + size;
    }
    item = (uint8_t *)kmsg_take(d, (uint64_t)r.count * item_size);
    if (KMSG_UNLIKELY(item == NULL))
        return at + size;
    ret->items = item;
    ret->count = r.count;
    tails = r.tails;
    d->end = at + size;
    for (const uint8_t *end = item + r.count * item_size; item != end; item += item_size) {
        gap |= kmsg_row_gap(r.row, shape);
        tails = row_get(d, r.row, tails, item);
        r.row += kmsg_shape_stride(shape);
    }
    if (KMSG_UNLIKELY(tails != d->end || gap != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    d->end = around;
    return at + size;
}

/* A list of records without tails, whose rows are the C structs: they are used where they stand,
 * after `bad` has looked at each (not zero: refused; NULL: nothing to look at). */
KMSG_INLINE const uint8_t *kmsg_get_plain_rows(kmsg_dec *d, const kmsg_layout *layout,
                                               uint32_t size, const uint8_t *at, size_t item_size,
                                               uint32_t shape, kmsg_row_bad *bad, kmsg_items *ret)
{
    kmsg_rows r;
    uint32_t  seen = 0;
    bool      other = false;

    size = kmsg_present(d, size, at);
    ret->items = at;
    ret->count = 0;
    if (!kmsg_open_rows(d, size, at, shape, &other, &r)) {
        if (other)
            kmsg_get_other_rows(d, layout, r.row - KMSG_HEADER,
                                (size_t)(at + size - r.row) + KMSG_HEADER, ret);
        return at + size;
    }
    for (size_t i = 0; i < r.count; i++)
        seen |= kmsg_row_gap(r.row + i * item_size, shape) |
                (bad == NULL ? 0 : bad(r.row + i * item_size));
    if (KMSG_UNLIKELY(seen != 0 || r.tails != at + size)) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        return at + size;
    }
    ret->items = r.row;
    ret->count = r.count;
#if KMSG_SWAP
    {
        uint8_t *copy = (uint8_t *)kmsg_take(d, (uint64_t)r.count * item_size);
        ret->count = 0;
        if (copy == NULL)
            return at + size;
        memcpy(copy, r.row, r.count * item_size);
        for (size_t i = 0; i < r.count; i++)
            kmsg_swap_block(layout, copy + i * item_size);
        ret->items = copy;
        ret->count = r.count;
    }
#endif
    return at + size;
}

KMSG_INLINE const uint8_t *kmsg_text_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                             void *ret)
{
    return kmsg_get_string(d, kmsg_load32(row), at, (kmsg_string *)ret);
}

KMSG_INLINE const uint8_t *kmsg_bytes_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                              void *ret)
{
    return kmsg_get_bytes(d, kmsg_load32(row), at, (kmsg_bytes *)ret);
}

KMSG_INLINE const uint8_t *kmsg_any_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                            void *ret)
{
    return kmsg_get_tail(d, &kmsg_row_any.fields[0], kmsg_load32(row), at, ret);
}

KMSG_INLINE bool kmsg_dec_enter(kmsg_dec *d)
{
    if (KMSG_LIKELY(d->depth < KMSG_DEPTH_MAX)) {
        d->depth++;
        return true;
    }
    kmsg_dec_fail(d, KMSG_EDEPTH);
    return false;
}

/* ---- whole messages -------------------------------------------------------------------------- */

/* A record of scalars alone: looked at where it stands, then copied once. `ret` is untouched on
 * failure. Other shapes, and what is wrong, go the long way. */
KMSG_INLINE kmsg_err kmsg_decode_plain(const kmsg_layout *layout, uint32_t shape, kmsg_row_bad *bad,
                                       kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    const size_t block = kmsg_shape_block(shape);

    if (KMSG_UNLIKELY(bytes.size != KMSG_HEADER + block || kmsg_load32(bytes.data) != bytes.size ||
                      kmsg_load32(bytes.data + 4) != shape ||
                      (bad != NULL && bad(bytes.data + KMSG_HEADER) != 0)))
        return kmsg_decode(layout, bytes, mem, ret);
    kmsg_get_block(layout, ret, bytes.data + KMSG_HEADER, block);
    return KMSG_OK;
}

/* Nobody else takes from the arena while this is in use. */
KMSG_INLINE kmsg_dec kmsg_dec_of(kmsg_bytes bytes, kmsg_arena *mem)
{
    const size_t most = (SIZE_MAX - 4096) / KMSG_EXPANSION_MAX;
    kmsg_dec     d = {NULL, bytes.data + bytes.size, NULL, NULL, NULL, 0, 0, KMSG_OK, false, NULL};

    d.budget = (bytes.size < most ? bytes.size : most) * KMSG_EXPANSION_MAX + 4096;
    kmsg_take_from(&d, mem);
    return d;
}

/* `ret` is scratch on failure; what was taken from the arena is given back then. */
KMSG_INLINE kmsg_err kmsg_decode_with(const kmsg_layout *layout, uint32_t shape,
                                      kmsg_row_get *row_get, kmsg_bytes bytes, kmsg_arena *mem,
                                      void *ret)
{
    kmsg_dec d;

    if (KMSG_UNLIKELY(bytes.size > KMSG_MESSAGE_MAX))
        return kmsg_explain_bytes(layout, bytes, KMSG_ETOOBIG);
    if (KMSG_UNLIKELY(kmsg_pad_of(bytes.data, 8) != 0)) {
        bytes = kmsg_realign(bytes, mem);
        if (bytes.data == NULL)
            return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
    }
    if (KMSG_UNLIKELY(bytes.size < KMSG_HEADER || kmsg_load32(bytes.data) != bytes.size))
        return kmsg_decode_graph(layout, bytes, mem, ret);
    d = kmsg_dec_of(bytes, mem);
    kmsg_get_record(&d, layout, (uint32_t)bytes.size, bytes.data, shape, row_get, ret);
    if (KMSG_UNLIKELY(d.err != KMSG_OK))
        return kmsg_explain_bytes(layout, bytes, d.err);
    d.mem->at = d.at;
    return KMSG_OK;
}

#ifdef __cplusplus
}
#endif
#endif
