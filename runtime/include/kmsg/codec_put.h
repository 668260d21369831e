/* codec_put.h -- measuring and writing values, in straight lines.
 *
 * A part of kmsg/codec.h, which says how it all goes together and includes it.
 */
#ifndef KMSG_CODEC_PUT_H
#define KMSG_CODEC_PUT_H

#include <kmsg/codec.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- measuring ------------------------------------------------------------------------------- */

/* Offsets are 64 bits wide while measuring, and no item may be larger than a message (enc.over), so
 * that no sum can wrap; one look at the end decides (kmsg_measure_with). KMSG_MESSAGE_MAX is a
 * power of two: or-ed together, what is below it stays so. */

KMSG_INLINE uint64_t kmsg_align(uint64_t at, uint64_t align)
{
    return (at + align - 1) & ~(align - 1);
}

KMSG_INLINE uint64_t kmsg_end_string(kmsg_enc *e, kmsg_string s, uint64_t at)
{
    e->over |= s.size;
    return at + s.size + (s.size != 0);
}

KMSG_INLINE uint64_t kmsg_end_bytes(kmsg_enc *e, kmsg_bytes b, uint64_t at)
{
    e->over |= b.size;
    return at + b.size;
}

KMSG_INLINE uint64_t kmsg_end_address(kmsg_enc *e, kmsg_address a, uint64_t at)
{
    e->over |= a.size;
    return at + a.size;
}

KMSG_INLINE uint64_t kmsg_end_array(kmsg_enc *e, size_t count, size_t size, size_t align,
                                    uint64_t at)
{
    e->over |= count;
    return count == 0 ? at : kmsg_align(at, align) + (uint64_t)count * size;
}

KMSG_INLINE uint64_t kmsg_end_record(kmsg_enc *e, const void *value, uint64_t at, uint32_t shape,
                                     kmsg_row_end *row_end)
{
    return row_end(e, value, kmsg_align(at, 8) + KMSG_HEADER + kmsg_shape_fixed(shape));
}

KMSG_INLINE uint64_t kmsg_end_rows(kmsg_enc *e, const void *items, size_t count, size_t item_size,
                                   uint64_t at, uint32_t shape, kmsg_row_end *row_end)
{
    const uint8_t *item = (const uint8_t *)items;

    if (count == 0)
        return at;
    e->over |= count;
    at = kmsg_align(at, 8) + KMSG_HEADER + (uint64_t)count * kmsg_shape_stride(shape);
    if (kmsg_shape_slots(shape) != 0 && KMSG_LIKELY(count <= KMSG_MESSAGE_MAX))
        for (size_t i = 0; i < count; i++)
            at = row_end(e, item + i * item_size, at);
    return at;
}

/* The same for a map with tails that are padded: how much depends on the order of its entries, and
 * they are put in order. */
KMSG_INLINE uint64_t kmsg_end_map(kmsg_enc *e, const kmsg_layout *entry, const void *items,
                                  size_t count, size_t item_size, kmsg_sorted *sorted, uint64_t at,
                                  uint32_t shape, kmsg_row_end *row_end)
{
    if (KMSG_LIKELY(sorted(items, count, item_size)))
        return kmsg_end_rows(e, items, count, item_size, at, shape, row_end);
    return kmsg_end_unsorted(e, entry, items, count, at);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Each looks whether there is room before it writes; where there is none, it writes nothing, and
 * what follows may still be written, for nothing: enc.err says so. */

KMSG_INLINE size_t kmsg_room(const kmsg_enc *e, const uint8_t *at)
{
    return (size_t)(e->end - at);
}

KMSG_INLINE size_t kmsg_put_pad_of(const kmsg_enc *e, const uint8_t *at, size_t align)
{
    return -(size_t)(at - e->base) & (align - 1);
}

/* Padding up to a multiple of `align`, in front of `size` bytes and more, at least `align` of them:
 * so it can all be zeroed first. NULL: there is no room. */
KMSG_INLINE uint8_t *kmsg_put_pad(const kmsg_enc *e, uint8_t *at, size_t align, size_t size)
{
    const size_t pad = kmsg_put_pad_of(e, at, align);

    if (KMSG_UNLIKELY(kmsg_room(e, at) < pad + size))
        return NULL;
    memset(at, 0, align);
    return at + pad;
}

KMSG_INLINE uint8_t *kmsg_put_empty(uint8_t *length, uint8_t *at)
{
    kmsg_store32(length, 0);
    return at;
}

KMSG_INLINE uint8_t *kmsg_put_absent(uint8_t *length, uint8_t *at)
{
    kmsg_store32(length, KMSG_ABSENT);
    return at;
}

/* `end` has 64 bits also where pointers have 32; a size for which it wraps round is far above what
 * a message may have. */
KMSG_INLINE uint8_t *kmsg_put_string(kmsg_enc *e, kmsg_string s, uint8_t *length, uint8_t *at)
{
    const uint8_t *from = (const uint8_t *)s.data;
    const uint64_t end = (uint64_t)(uintptr_t)at + s.size + 1;
    uint64_t       odd;

    if (KMSG_UNLIKELY(end > (uintptr_t)e->end))
        return s.size == 0 ? kmsg_put_empty(length, at) : kmsg_enc_full(e, at);
    if (s.size >= KMSG_LANES) {
        if (KMSG_UNLIKELY(s.size > KMSG_MESSAGE_MAX))
            return kmsg_enc_full(e, at);
        odd = kmsg_copy_lanes(at, from, s.size);
    } else if (s.size >= 8) {
        odd = kmsg_copy_words(at, from, s.size);
    } else if (s.size >= 4) {
        odd = kmsg_copy_halves(at, from, s.size);
    } else if (s.size > 0) {
        odd = kmsg_copy_few(at, from, s.size);
    } else {
        return kmsg_put_empty(length, at);
    }
    kmsg_store32(length, (uint32_t)s.size + 1);
    at[s.size] = 0;
    if (KMSG_UNLIKELY(odd != 0))
        kmsg_put_check_text(e, s.data, s.size);
    return (uint8_t *)(uintptr_t)end;
}

KMSG_INLINE uint8_t *kmsg_put_bytes(kmsg_enc *e, kmsg_bytes b, uint8_t *length, uint8_t *at)
{
    if (KMSG_UNLIKELY(b.size > kmsg_room(e, at)))
        return kmsg_enc_full(e, at);
    kmsg_store32(length, (uint32_t)b.size);
    if (b.size != 0)
        memcpy(at, b.data, b.size);
    return at + b.size;
}

KMSG_INLINE uint8_t *kmsg_put_address(kmsg_enc *e, kmsg_address a, uint8_t *length, uint8_t *at)
{
    const kmsg_bytes bytes = {a.data, a.size};

    return kmsg_put_bytes(e, bytes, length, at);
}

KMSG_INLINE uint8_t *kmsg_put_array(kmsg_enc *e, const kmsg_type *item, const void *items,
                                    size_t count, size_t size, size_t align, uint8_t *length,
                                    uint8_t *at)
{
    uint8_t *begin = at;

    if (count != 0) {
        at = kmsg_put_pad(e, at, align, align);
        if (KMSG_UNLIKELY(at == NULL || count > kmsg_room(e, at) / size))
            return kmsg_enc_full(e, begin);
        memcpy(at, items, count * size);
#if KMSG_SWAP
        kmsg_swap_items(item, at, count);
#else
        (void)item;
#endif
        at += count * size;
    }
    kmsg_store32(length, (uint32_t)(at - begin));
    return at;
}

/* A record's bytes, header first, at a multiple of 8. Returns their end. */
KMSG_INLINE uint8_t *kmsg_put_message(kmsg_enc *e, const void *value, uint8_t *at, uint32_t shape,
                                      kmsg_row_put *row_put)
{
    uint8_t *end = row_put(e, value, at + KMSG_HEADER, at + KMSG_HEADER + kmsg_shape_fixed(shape));

    kmsg_store32(at, (uint32_t)(end - at));
    kmsg_store32(at + 4, shape);
    return end;
}

KMSG_INLINE uint8_t *kmsg_put_record(kmsg_enc *e, const void *value, uint32_t shape,
                                     kmsg_row_put *row_put, uint8_t *length, uint8_t *at)
{
    uint8_t *start = kmsg_put_pad(e, at, 8, KMSG_HEADER + kmsg_shape_fixed(shape)), *end;

    if (KMSG_UNLIKELY(start == NULL))
        return kmsg_enc_full(e, at);
    end = kmsg_put_message(e, value, start, shape, row_put);
    kmsg_store32(length, (uint32_t)(end - at));
    return end;
}

/* What stands where a record was that the schema has no more: all of it default. */
KMSG_INLINE uint8_t *kmsg_put_no_record(kmsg_enc *e, uint8_t *length, uint8_t *at)
{
    uint8_t *start = kmsg_put_pad(e, at, 8, KMSG_HEADER);

    if (KMSG_UNLIKELY(start == NULL))
        return kmsg_enc_full(e, at);
    kmsg_store32(start, KMSG_HEADER);
    kmsg_store32(start + 4, 0);
    kmsg_store32(length, (uint32_t)(start + KMSG_HEADER - at));
    return start + KMSG_HEADER;
}

/* One row of a list, with the gap behind it. */
KMSG_INLINE uint8_t *kmsg_put_one_row(kmsg_enc *e, const void *item, uint32_t shape,
                                      kmsg_row_put *row_put, uint8_t *row, uint8_t *at)
{
    const size_t stride = kmsg_shape_stride(shape), fixed = kmsg_shape_fixed(shape);

    at = row_put(e, item, row, at);
    if (stride != fixed)
        memset(row + fixed, 0, stride - fixed);
    return at;
}

/* The header of a list, with room for its rows behind it; the first row. NULL: no room. */
KMSG_INLINE uint8_t *kmsg_put_rows_header(kmsg_enc *e, size_t count, uint32_t shape, uint8_t *at)
{
    uint8_t *header = kmsg_put_pad(e, at, 8, KMSG_HEADER);

    if (KMSG_UNLIKELY(header == NULL ||
                      count > (kmsg_room(e, header) - KMSG_HEADER) / kmsg_shape_stride(shape)))
        return NULL;
    kmsg_store32(header, (uint32_t)count);
    kmsg_store32(header + 4, shape);
    return header + KMSG_HEADER;
}

KMSG_INLINE uint8_t *kmsg_put_rows(kmsg_enc *e, const void *items, size_t count, size_t item_size,
                                   uint32_t shape, kmsg_row_put *row_put, uint8_t *length,
                                   uint8_t *at)
{
    const uint8_t *item = (const uint8_t *)items;
    uint8_t       *begin = at, *row;
    const size_t   stride = kmsg_shape_stride(shape);

    if (count != 0) {
        row = kmsg_put_rows_header(e, count, shape, at);
        if (KMSG_UNLIKELY(row == NULL))
            return kmsg_enc_full(e, at);
        at = row + count * stride;
        for (const uint8_t *end = item + count * item_size; item != end; item += item_size) {
            at = kmsg_put_one_row(e, item, shape, row_put, row, at);
            row += stride;
        }
    }
    kmsg_store32(length, (uint32_t)(at - begin));
    return at;
}

/* The same for a map, whose entries are put in order first if they are not. */
KMSG_INLINE uint8_t *kmsg_put_map(kmsg_enc *e, const kmsg_layout *entry, const void *items,
                                  size_t count, size_t item_size, kmsg_sorted *sorted,
                                  uint32_t shape, kmsg_row_put *row_put, uint8_t *length,
                                  uint8_t *at)
{
    if (KMSG_LIKELY(sorted(items, count, item_size)))
        return kmsg_put_rows(e, items, count, item_size, shape, row_put, length, at);
    return kmsg_put_unsorted(e, entry, items, count, length, at);
}

/* One more record inside a record that may contain itself; false: too deep, write nothing. */
KMSG_INLINE bool kmsg_enc_enter(kmsg_enc *e)
{
    if (KMSG_LIKELY(e->depth < KMSG_DEPTH_MAX)) {
        e->depth++;
        return true;
    }
    kmsg_enc_fail(e, KMSG_EDEPTH);
    return false;
}

KMSG_INLINE void kmsg_put_scalar(const kmsg_type *type, uint8_t *at, const void *value, size_t size)
{
    memcpy(at, value, size);
#if KMSG_SWAP
    kmsg_swap_items(type, at, 1);
#else
    (void)type;
#endif
}

KMSG_INLINE void kmsg_put_block(const kmsg_layout *layout, uint8_t *row, const void *value,
                                size_t size)
{
    memcpy(row, value, size);
#if KMSG_SWAP
    kmsg_swap_block(layout, row);
#else
    (void)layout;
#endif
}

KMSG_INLINE uint8_t *kmsg_text_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    return kmsg_put_string(e, *(const kmsg_string *)value, row, at);
}

KMSG_INLINE uint64_t kmsg_text_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    return kmsg_end_string(e, *(const kmsg_string *)value, at);
}

KMSG_INLINE uint8_t *kmsg_bytes_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    return kmsg_put_bytes(e, *(const kmsg_bytes *)value, row, at);
}

KMSG_INLINE uint64_t kmsg_bytes_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    return kmsg_end_bytes(e, *(const kmsg_bytes *)value, at);
}

KMSG_INLINE uint8_t *kmsg_any_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    return kmsg_put_tail(e, &kmsg_row_any.fields[0], value, row, at);
}

KMSG_INLINE uint64_t kmsg_any_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    return kmsg_end_tail(e, &kmsg_row_any.fields[0], value, at);
}

/* ---- whole messages -------------------------------------------------------------------------- */

KMSG_INLINE kmsg_err kmsg_measure_with(const kmsg_layout *layout, uint32_t shape,
                                       kmsg_row_end *row_end, const void *value, size_t *ret)
{
    kmsg_enc e = KMSG_MEASURING;
    uint64_t size = row_end(&e, value, KMSG_HEADER + kmsg_shape_fixed(shape));

    if (KMSG_UNLIKELY(e.objects != NULL))
        size = kmsg_end_objects(&e, size);
    if (KMSG_UNLIKELY(e.err != KMSG_OK))
        return kmsg_explain_value(layout, value, e.err);
    if (KMSG_UNLIKELY(size > KMSG_MESSAGE_MAX || e.over >= KMSG_MESSAGE_MAX))
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    *ret = (size_t)size;
    return KMSG_OK;
}

/* In one go: what does not fit is found on the way. The error is not explained; *ret is the size
 * where there is none. */
KMSG_INLINE kmsg_err kmsg_write_with(uint32_t shape, kmsg_row_put *row_put, const void *value,
                                     uint8_t *buffer, size_t capacity, size_t *ret)
{
    const size_t room = capacity < KMSG_MESSAGE_MAX ? capacity : KMSG_MESSAGE_MAX;
    kmsg_enc     e = {buffer, NULL, 0, 0, false, KMSG_OK, NULL};
    uint8_t     *at;

    if (KMSG_UNLIKELY(room < KMSG_HEADER + kmsg_shape_fixed(shape)))
        return KMSG_ETOOBIG;
    e.end = buffer + room;
    at = kmsg_put_message(&e, value, buffer, shape, row_put);
    if (KMSG_UNLIKELY(e.objects != NULL))
        at = kmsg_put_objects(&e, at);
    *ret = (size_t)(at - buffer);
    return e.err;
}

/* A record of scalars alone. `set` is X_row_set. */
KMSG_INLINE kmsg_err kmsg_encode_plain(const kmsg_layout *layout, uint32_t shape, kmsg_row_set *set,
                                       const void *value, void *buffer, size_t capacity,
                                       size_t *ret)
{
    const uint32_t size = KMSG_HEADER + kmsg_shape_block(shape);
    uint8_t       *at = (uint8_t *)buffer;

    if (KMSG_UNLIKELY(capacity < size))
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    kmsg_store32(at, size);
    kmsg_store32(at + 4, shape);
    if (KMSG_UNLIKELY(set(value, at + KMSG_HEADER) != 0))
        return kmsg_explain_value(layout, value, KMSG_EVALUE);
    *ret = size;
    return KMSG_OK;
}

KMSG_INLINE kmsg_err kmsg_encode_with(const kmsg_layout *layout, uint32_t shape,
                                      kmsg_row_put *row_put, const void *value, void *buffer,
                                      size_t capacity, size_t *ret)
{
    size_t   size;
    kmsg_err err = kmsg_write_with(shape, row_put, value, (uint8_t *)buffer, capacity, &size);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        return kmsg_explain_value(layout, value, err);
    *ret = size;
    return KMSG_OK;
}

#ifdef __cplusplus
}
#endif
#endif
