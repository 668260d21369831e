/* codec.h -- the straight-line half of the codec: what generated .c files are made of.
 *
 * A message is a header and one *row*: a scalar block, which is the leading part of the C struct,
 * then the length in bytes of each variable field; the fields' bytes (tails) follow in order.
 * A list of records is a header, all rows, then all tails. idl/wire.md has it to the byte.
 *
 * Three functions a record, made by kmsgc out of the pieces below:
 *   X_row_end   where the tails of this value end, when they begin at offset `at` of the message
 *   X_row_put   write row and tails into memory that row_end has measured: no checks of room
 *   X_row_get   fill in the struct from a row of exactly this shape, whose lengths have already
 * been summed and found to be exactly the bytes that are there: so every slice [at, at + length) is
 * inside the message, and only its contents need looking at
 *
 * Errors are sticky (enc.err, dec.err): code runs straight on, every step stays inside its slice,
 * and one check at the end decides. What is wrong and where is found out afterwards, by the
 * descriptors, off this path; and so is everything that was written by another version of a schema.
 *
 * Alignment counts from the start of the message. Decoding asks for an 8-aligned message (the entry
 * points copy one that is not), encoding does not.
 */
#ifndef KMSG_CODEC_H
#define KMSG_CODEC_H

#include <kmsg/gen.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KMSG_ABSENT        0xffffffffu /* the length of an optional field that is not there */
#define KMSG_HEADER        8u          /* bytes of a record's or a list's header */
#define KMSG_DEPTH_MAX     64u         /* of records that may contain themselves */
#define KMSG_EXPANSION_MAX 16u /* decoding allocates at most this times the wire size + 4 KiB */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define KMSG_SWAP 1
#else
#define KMSG_SWAP 0
#endif

#if defined(__GNUC__)
#define KMSG_INLINE static inline __attribute__((always_inline, unused))
#else
#define KMSG_INLINE static inline
#endif

struct kmsg_enc {
    const uint8_t *base;  /* start of the message, NULL while measuring */
    uint64_t       over;  /* while measuring: all sizes and counts, or-ed together */
    uint32_t       depth; /* of recursive records */
    kmsg_err       err;
};

struct kmsg_dec {
    kmsg_arena *mem;
    size_t      budget; /* bytes that may still be allocated */
    uint32_t    depth;
    kmsg_err    err;
};

/* The C form of every list and map. */
typedef struct kmsg_items {
    const void *items;
    size_t      count;
} kmsg_items;

typedef size_t         kmsg_row_end(kmsg_enc *e, const void *value, size_t at);
typedef uint8_t       *kmsg_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
typedef const uint8_t *kmsg_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);

/* ---- off the hot path (libkmsg-codec) -------------------------------------------------------- */

KMSG_API KMSG_COLD void kmsg_enc_fail(kmsg_enc *e, kmsg_err err);
KMSG_API KMSG_COLD void kmsg_dec_fail(kmsg_dec *d, kmsg_err err);

/* Whole text where the quick look was not sure. */
KMSG_API KMSG_COLD void kmsg_put_check_text(kmsg_enc *e, const char *data, size_t size);
KMSG_API KMSG_COLD void kmsg_get_check_text(kmsg_dec *d, const uint8_t *data, size_t size);

/* A record or list of another shape, through the descriptors. The slice is [at, at + size), `at` at
 * a multiple of 8. */
KMSG_API KMSG_COLD void kmsg_get_other_record(kmsg_dec *d, const kmsg_layout *layout,
                                              const uint8_t *at, size_t size, void *ret);
KMSG_API KMSG_COLD void kmsg_get_other_rows(kmsg_dec *d, const kmsg_layout *layout,
                                            const uint8_t *at, size_t size, kmsg_items *ret);

/* A map whose entries are not in order. KMSG_EVALUE for a key that is there twice, KMSG_ENOMEM. */
KMSG_API KMSG_COLD uint8_t *kmsg_put_unsorted(kmsg_enc *e, const kmsg_layout *entry,
                                              const void *items, size_t count, uint8_t *length,
                                              uint8_t *at);

/* Set kmsg_last_error() to what is wrong and where; return the code. */
KMSG_API KMSG_COLD kmsg_err kmsg_explain_value(const kmsg_layout *layout, const void *value,
                                               kmsg_err err);
KMSG_API KMSG_COLD kmsg_err kmsg_explain_bytes(const kmsg_layout *layout, kmsg_bytes bytes,
                                               kmsg_err err);

/* The message at an 8-aligned place: itself, or a copy in `mem`; data NULL without memory. */
KMSG_API KMSG_COLD kmsg_bytes kmsg_realign(kmsg_bytes bytes, kmsg_arena *mem);

/* Big-endian hosts: turn a scalar block, or the items of an array, round in place. */
KMSG_API void kmsg_swap_block(const kmsg_layout *layout, void *block);
KMSG_API void kmsg_swap_items(const kmsg_type *item, void *items, size_t count);

/* ---- numbers --------------------------------------------------------------------------------- */

KMSG_INLINE uint32_t kmsg_load32(const uint8_t *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof v);
#if KMSG_SWAP
    v = __builtin_bswap32(v);
#endif
    return v;
}

KMSG_INLINE void kmsg_store32(uint8_t *at, uint32_t v)
{
#if KMSG_SWAP
    v = __builtin_bswap32(v);
#endif
    memcpy(at, &v, sizeof v);
}

KMSG_INLINE uint64_t kmsg_word(const void *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof v);
    return v;
}

KMSG_INLINE uint32_t kmsg_half(const void *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof v);
    return v;
}

KMSG_INLINE uint32_t kmsg_shape_block(uint32_t shape)
{
    return shape & 0xffff;
}

KMSG_INLINE uint32_t kmsg_shape_slots(uint32_t shape)
{
    return shape >> 16 & 0x3fff;
}

KMSG_INLINE uint32_t kmsg_shape_align(uint32_t shape)
{
    return 1u << (shape >> 30);
}

/* Where the lengths stand in a row. */
KMSG_INLINE uint32_t kmsg_shape_lengths(uint32_t shape)
{
    return (kmsg_shape_block(shape) + 3) & ~3u;
}

/* Bytes of a row: block, padding, lengths. In a list the next row begins a stride later. */
KMSG_INLINE uint32_t kmsg_shape_fixed(uint32_t shape)
{
    return kmsg_shape_slots(shape) == 0 ? kmsg_shape_block(shape)
                                        : kmsg_shape_lengths(shape) + 4 * kmsg_shape_slots(shape);
}

KMSG_INLINE uint32_t kmsg_shape_stride(uint32_t shape)
{
    uint32_t align = kmsg_shape_align(shape);

    return (kmsg_shape_fixed(shape) + align - 1) & ~(align - 1);
}

/* ---- text ------------------------------------------------------------------------------------ */

#define KMSG_ONES  0x0101010101010101u
#define KMSG_HIGHS 0x8080808080808080u

/* Of one to three bytes: a word whose other bytes are harmless. */
KMSG_INLINE uint64_t kmsg_few(const uint8_t *s, size_t size)
{
    return 0x0101010101000000u | (uint64_t)s[size - 1] << 16 | (uint64_t)s[size / 2] << 8 | s[0];
}

/* Not zero unless all bytes are from 1 to 127 (and there are some). Each word is looked at once,
 * the last one may overlap the one before. */
KMSG_INLINE uint64_t kmsg_scan(const uint8_t *s, size_t size)
{
    uint64_t w, seen;
    size_t   i;

    if (KMSG_LIKELY(size >= 8)) {
        w = kmsg_word(s + size - 8);
        seen = w | (w - KMSG_ONES);
        for (i = 0; i + 8 < size; i += 8) {
            w = kmsg_word(s + i);
            seen |= w | (w - KMSG_ONES);
        }
        return seen & KMSG_HIGHS;
    }
    if (size >= 4)
        w = kmsg_half(s) | (uint64_t)kmsg_half(s + size - 4) << 32;
    else if (size > 0)
        w = kmsg_few(s, size);
    else
        return 1;
    return (w | (w - KMSG_ONES)) & KMSG_HIGHS;
}

/* The same while copying. */
KMSG_INLINE uint64_t kmsg_copy_scan(uint8_t *to, const void *from, size_t size)
{
    const uint8_t *s = (const uint8_t *)from;
    uint64_t       w, seen;
    uint32_t       a, b;
    size_t         i;

    if (KMSG_LIKELY(size >= 8)) {
        uint64_t last = kmsg_word(s + size - 8);
        seen = last | (last - KMSG_ONES);
        for (i = 0; i + 8 < size; i += 8) {
            w = kmsg_word(s + i);
            memcpy(to + i, &w, sizeof w);
            seen |= w | (w - KMSG_ONES);
        }
        memcpy(to + size - 8, &last, sizeof last);
        return seen & KMSG_HIGHS;
    }
    if (size >= 4) {
        a = kmsg_half(s);
        b = kmsg_half(s + size - 4);
        memcpy(to, &a, sizeof a);
        memcpy(to + size - 4, &b, sizeof b);
        w = a | (uint64_t)b << 32;
    } else {
        w = kmsg_few(s, size);
        to[0] = s[0];
        to[size / 2] = s[size / 2];
        to[size - 1] = s[size - 1];
    }
    return (w | (w - KMSG_ONES)) & KMSG_HIGHS;
}

/* Three-way, by bytes, a prefix first: the order of keys. */
KMSG_INLINE int kmsg_compare_string(kmsg_string a, kmsg_string b)
{
    size_t n = a.size < b.size ? a.size : b.size;
    int    c;

    if (n == 0)
        return (a.size > b.size) - (a.size < b.size);
    if (a.data[0] != b.data[0])
        return (uint8_t)a.data[0] < (uint8_t)b.data[0] ? -1 : 1;
    c = memcmp(a.data, b.data, n);
    return c != 0 ? c : (a.size > b.size) - (a.size < b.size);
}

KMSG_INLINE int kmsg_compare_uuid(kmsg_uuid a, kmsg_uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

#define KMSG_COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* Are the entries of a map in strictly ascending order? The key is an entry's first member. */
#define KMSG_SORTED(name, type, order)                                                             \
    KMSG_INLINE bool kmsg_sorted_##name(const void *items, size_t count, size_t size)              \
    {                                                                                              \
        const uint8_t *at = (const uint8_t *)items;                                                \
        for (size_t i = 1; i < count; i++, at += size)                                             \
            if (KMSG_UNLIKELY(order(*(const type *)(const void *)at,                               \
                                    *(const type *)(const void *)(at + size)) >= 0))               \
                return false;                                                                      \
        return true;                                                                               \
    }

KMSG_SORTED(string, kmsg_string, kmsg_compare_string)
KMSG_SORTED(uuid, kmsg_uuid, kmsg_compare_uuid)
KMSG_SORTED(bool, uint8_t, KMSG_COMPARE)
KMSG_SORTED(i8, int8_t, KMSG_COMPARE)
KMSG_SORTED(i16, int16_t, KMSG_COMPARE)
KMSG_SORTED(i32, int32_t, KMSG_COMPARE)
KMSG_SORTED(i64, int64_t, KMSG_COMPARE)
KMSG_SORTED(u8, uint8_t, KMSG_COMPARE)
KMSG_SORTED(u16, uint16_t, KMSG_COMPARE)
KMSG_SORTED(u32, uint32_t, KMSG_COMPARE)
KMSG_SORTED(u64, uint64_t, KMSG_COMPARE)
KMSG_SORTED(rune, kmsg_rune, KMSG_COMPARE)
KMSG_SORTED(timestamp, kmsg_timestamp, KMSG_COMPARE)
KMSG_SORTED(duration, kmsg_duration, KMSG_COMPARE)

/* Some of these bytes are not zero. */
KMSG_INLINE bool kmsg_any(const uint8_t *at, size_t size)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < size; i++)
        seen |= at[i];
    return seen != 0;
}

/* Some of these bytes are neither 0 nor 1. */
KMSG_INLINE bool kmsg_bools_bad(const void *items, size_t count)
{
    const uint8_t *at = (const uint8_t *)items;
    uint8_t        seen = 0;

    for (size_t i = 0; i < count; i++)
        seen |= at[i];
    return seen > 1;
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* Offsets are 64 bits wide while measuring, and no item may be larger than a message (enc.over), so
 * that no sum can wrap; one look at the end decides (kmsg_measure_with). */

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

/* ---- writing --------------------------------------------------------------------------------- */

/* At least `align` bytes follow the padding, so all of them can be zeroed first. */
KMSG_INLINE uint8_t *kmsg_put_pad(const kmsg_enc *e, uint8_t *at, size_t align)
{
    memset(at, 0, align);
    return at + (-(size_t)(at - e->base) & (align - 1));
}

KMSG_INLINE uint8_t *kmsg_put_absent(uint8_t *length, uint8_t *at)
{
    kmsg_store32(length, KMSG_ABSENT);
    return at;
}

KMSG_INLINE uint8_t *kmsg_put_string(kmsg_enc *e, kmsg_string s, uint8_t *length, uint8_t *at)
{
    if (s.size == 0) {
        kmsg_store32(length, 0);
        return at;
    }
    kmsg_store32(length, (uint32_t)s.size + 1);
    if (KMSG_UNLIKELY(kmsg_copy_scan(at, s.data, s.size)))
        kmsg_put_check_text(e, s.data, s.size);
    at[s.size] = 0;
    return at + s.size + 1;
}

KMSG_INLINE uint8_t *kmsg_put_bytes(kmsg_bytes b, uint8_t *length, uint8_t *at)
{
    kmsg_store32(length, (uint32_t)b.size);
    if (b.size != 0)
        memcpy(at, b.data, b.size);
    return at + b.size;
}

KMSG_INLINE uint8_t *kmsg_put_array(kmsg_enc *e, const kmsg_type *item, const void *items,
                                    size_t count, size_t size, size_t align, uint8_t *length,
                                    uint8_t *at)
{
    uint8_t *begin = at;

    if (count != 0) {
        at = kmsg_put_pad(e, at, align);
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
    uint8_t *end = kmsg_put_message(e, value, kmsg_put_pad(e, at, 8), shape, row_put);

    kmsg_store32(length, (uint32_t)(end - at));
    return end;
}

/* What stands where a record was that the schema has no more: all of it default. */
KMSG_INLINE uint8_t *kmsg_put_no_record(kmsg_enc *e, uint8_t *length, uint8_t *at)
{
    uint8_t *start = kmsg_put_pad(e, at, 8);

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

KMSG_INLINE uint8_t *kmsg_put_rows_header(kmsg_enc *e, size_t count, uint32_t shape, uint8_t *at)
{
    uint8_t *header = kmsg_put_pad(e, at, 8);

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
                                  size_t count, size_t                                   item_size,
                                  bool (*sorted)(const void *, size_t, size_t), uint32_t shape,
                                  kmsg_row_put *row_put, uint8_t *length, uint8_t *at)
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

/* ---- reading --------------------------------------------------------------------------------- */

/* Not zero unless the `pad` bytes before `at`, fewer than 8, are zero. There is always a header
 * before padding, so the eight bytes before `at` can be read. */
KMSG_INLINE uint64_t kmsg_pad_bad(const uint8_t *at, size_t pad)
{
#if KMSG_SWAP
    return pad == 0 ? 0 : kmsg_word(at - 8) << (64 - 8 * pad);
#else
    return pad == 0 ? 0 : kmsg_word(at - 8) >> (64 - 8 * pad);
#endif
}

KMSG_INLINE size_t kmsg_pad_of(const uint8_t *at, size_t align)
{
    return -(size_t)(uintptr_t)at & (align - 1);
}

/* Memory for decoded values, within the budget; NULL and dec.err otherwise. */
KMSG_INLINE void *kmsg_take(kmsg_dec *d, size_t size, size_t align)
{
    kmsg_arena *mem = d->mem;
    size_t      pad = kmsg_pad_of(mem->at, align);
    void       *p;

    if (KMSG_UNLIKELY(size > d->budget)) {
        kmsg_dec_fail(d, KMSG_ETOOBIG);
        return NULL;
    }
    d->budget -= size;
    if (KMSG_LIKELY(size + pad <= (size_t)(mem->end - mem->at))) {
        mem->at += pad + size;
        return mem->at - size;
    }
    p = kmsg_alloc(mem, size, align);
    if (p == NULL)
        kmsg_dec_fail(d, KMSG_ENOMEM);
    return p;
}

/* Bytes of all tails of a row. Absent is all ones, and counts for nothing. */
KMSG_INLINE uint64_t kmsg_sum_lengths(const uint8_t *lengths, uint32_t slots)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < slots; i++) {
        uint32_t n = kmsg_load32(lengths + 4 * i);
        sum += n == KMSG_ABSENT ? 0 : n;
    }
    return sum;
}

/* The scalar block into the struct. */
KMSG_INLINE void kmsg_get_block(const kmsg_layout *layout, void *ret, const uint8_t *row,
                                size_t size)
{
    memcpy(ret, row, size);
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

/* Not a Unicode scalar value. */
KMSG_INLINE uint32_t kmsg_rune_bad(uint32_t rune)
{
    return rune > 0x10ffff || (rune & 0xfffff800u) == 0xd800;
}

KMSG_INLINE const uint8_t *kmsg_get_string(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                           kmsg_string *ret)
{
    const uint32_t n = size - 1;

    if (KMSG_UNLIKELY(n >= KMSG_ABSENT - 1)) { /* empty, or absent */
        if (size != 0)
            kmsg_dec_fail(d, KMSG_EDECODE);
        ret->data = "";
        ret->size = 0;
        return at;
    }
    ret->data = (const char *)at;
    ret->size = n;
    if (KMSG_UNLIKELY((kmsg_scan(at, n) | at[n]) != 0))
        kmsg_get_check_text(d, at, n);
    return at + size;
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

/* A slice that must be there; its size. */
KMSG_INLINE uint32_t kmsg_present(kmsg_dec *d, uint32_t size)
{
    if (KMSG_UNLIKELY(size == KMSG_ABSENT)) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        return 0;
    }
    return size;
}

KMSG_INLINE const uint8_t *kmsg_get_bytes(kmsg_dec *d, uint32_t size, const uint8_t *at,
                                          kmsg_bytes *ret)
{
    size = kmsg_present(d, size);
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

/* Bytes of a tail that nobody reads. */
KMSG_INLINE uint32_t kmsg_skip(uint32_t size)
{
    return size == KMSG_ABSENT ? 0 : size;
}

KMSG_INLINE const uint8_t *kmsg_get_array(kmsg_dec *d, const kmsg_type *item, uint32_t size,
                                          const uint8_t *at, size_t item_size, size_t align,
                                          kmsg_items *ret)
{
    size_t pad, bytes;

    size = kmsg_present(d, size);
    pad = size == 0 ? 0 : kmsg_pad_of(at, align);
    bytes = size - pad;
    if (KMSG_UNLIKELY(size < pad || bytes % item_size != 0 || (size != 0 && bytes == 0) ||
                      kmsg_pad_bad(at + pad, pad) != 0)) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        bytes = 0;
    }
    ret->items = at + pad; /* never NULL: that would be absent */
    ret->count = bytes / item_size;
#if KMSG_SWAP
    {
        void *copy = kmsg_take(d, bytes, 8);
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
    const uint8_t *start = at + pad;

    size = kmsg_present(d, size);
    if (KMSG_UNLIKELY(size < pad + KMSG_HEADER || kmsg_pad_bad(start, pad) != 0 ||
                      kmsg_load32(start) != size - pad))
        kmsg_dec_fail(d, KMSG_EDECODE);
    else if (KMSG_UNLIKELY(kmsg_load32(start + 4) != shape))
        kmsg_get_other_record(d, layout, start, size - pad, ret);
    else if (KMSG_UNLIKELY(size - pad < fixed ||
                           kmsg_sum_lengths(start + KMSG_HEADER + kmsg_shape_lengths(shape),
                                            kmsg_shape_slots(shape)) != size - pad - fixed))
        kmsg_dec_fail(d, KMSG_EDECODE);
    else
        row_get(d, start + KMSG_HEADER, start + fixed, ret);
    return at + size;
}

/* Where the rows of a list stand, once its header is found good and of this shape. */
typedef struct kmsg_rows {
    const uint8_t *row;
    const uint8_t *tails;
    size_t         count;
} kmsg_rows;

/* False: there are none, or dec.err is set, or (*other) they are of another shape. */
KMSG_INLINE bool kmsg_open_rows(kmsg_dec *d, uint32_t size, const uint8_t *at, uint32_t shape,
                                bool *other, kmsg_rows *ret)
{
    const uint32_t slots = kmsg_shape_slots(shape), lengths = kmsg_shape_lengths(shape);
    const size_t   stride = kmsg_shape_stride(shape), fixed = kmsg_shape_fixed(shape);
    const size_t   pad = kmsg_pad_of(at, 8);
    const uint8_t *end = at + size;
    uint64_t       sum = 0;
    uint8_t        gap = 0;

    if (size == 0)
        return false;
    ret->row = at + pad + KMSG_HEADER;
    if (KMSG_UNLIKELY(size < pad + KMSG_HEADER || kmsg_pad_bad(at + pad, pad) != 0))
        goto bad;
    ret->count = kmsg_load32(at + pad);
    if (KMSG_UNLIKELY(kmsg_load32(at + pad + 4) != shape)) {
        *other = true;
        return false;
    }
    if (KMSG_UNLIKELY(ret->count == 0 || ret->count > (size_t)(end - ret->row) / stride))
        goto bad;
    ret->tails = ret->row + ret->count * stride;
    for (size_t i = 0; i < ret->count && (slots != 0 || stride != fixed); i++) {
        sum += kmsg_sum_lengths(ret->row + i * stride + lengths, slots);
        for (size_t k = fixed; k < stride; k++)
            gap |= ret->row[i * stride + k];
    }
    if (KMSG_UNLIKELY(sum != (uint64_t)(end - ret->tails) || gap != 0))
        goto bad;
    return true;
bad:
    kmsg_dec_fail(d, KMSG_EDECODE);
    return false;
}

/* Optional: NULL when absent, else memory of its own. */
KMSG_INLINE const void *kmsg_get_optional_record(kmsg_dec *d, const kmsg_layout *layout,
                                                 uint32_t size, const uint8_t **at,
                                                 size_t item_size, size_t item_align,
                                                 uint32_t shape, kmsg_row_get *row_get)
{
    void *record;

    if (size == KMSG_ABSENT)
        return NULL;
    record = kmsg_take(d, item_size, item_align);
    if (KMSG_UNLIKELY(record == NULL))
        *at += size;
    else
        *at = kmsg_get_record(d, layout, size, *at, shape, row_get, record);
    return record;
}

/* A list of records or a map: each row into an item of its own. */
KMSG_INLINE const uint8_t *kmsg_get_rows(kmsg_dec *d, const kmsg_layout *layout, uint32_t size,
                                         const uint8_t *at, size_t item_size, size_t item_align,
                                         uint32_t shape, kmsg_row_get *row_get, kmsg_items *ret)
{
    kmsg_rows      r;
    uint8_t       *item;
    const uint8_t *tails;
    bool           other = false;

    size = kmsg_present(d, size);
    ret->items = at; /* never NULL: that would be absent */
    ret->count = 0;
    if (!kmsg_open_rows(d, size, at, shape, &other, &r)) {
        if (other)
            kmsg_get_other_rows(d, layout, r.row - KMSG_HEADER,
                                (size_t)(at + size - r.row) + KMSG_HEADER, ret);
        return at + size;
    }
    item = (uint8_t *)kmsg_take(d, r.count * item_size, item_align);
    if (KMSG_UNLIKELY(item == NULL))
        return at + size;
    ret->items = item;
    ret->count = r.count;
    tails = r.tails;
    for (size_t i = 0; i < r.count; i++) {
        tails = row_get(d, r.row, tails, item);
        r.row += kmsg_shape_stride(shape);
        item += item_size;
    }
    return at + size;
}

/* A list of records without tails, whose rows are the C structs: they are used where they stand,
 * after `bad` has looked at each (not zero: refused; NULL: nothing to look at). */
KMSG_INLINE const uint8_t *kmsg_get_plain_rows(kmsg_dec *d, const kmsg_layout *layout,
                                               uint32_t size, const uint8_t *at, size_t item_size,
                                               uint32_t    shape, uint32_t (*bad)(const uint8_t *),
                                               kmsg_items *ret)
{
    kmsg_rows r;
    uint32_t  seen = 0;
    bool      other = false;

    size = kmsg_present(d, size);
    ret->items = at;
    ret->count = 0;
    if (!kmsg_open_rows(d, size, at, shape, &other, &r)) {
        if (other)
            kmsg_get_other_rows(d, layout, r.row - KMSG_HEADER,
                                (size_t)(at + size - r.row) + KMSG_HEADER, ret);
        return at + size;
    }
    if (bad != NULL)
        for (size_t i = 0; i < r.count; i++)
            seen |= bad(r.row + i * item_size);
    if (KMSG_UNLIKELY(seen != 0)) {
        kmsg_dec_fail(d, KMSG_EDECODE);
        return at + size;
    }
    ret->items = r.row;
    ret->count = r.count;
#if KMSG_SWAP
    {
        uint8_t *copy = (uint8_t *)kmsg_take(d, r.count * item_size, 8);
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

/* Lists of strings and of bytes are rows of one length each. */
#define KMSG_SHAPE_TEXT KMSG_SHAPE(0, 1, 2)

KMSG_INLINE const uint8_t *kmsg_text_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                             void *ret)
{
    return kmsg_get_string(d, kmsg_load32(row), at, (kmsg_string *)ret);
}

KMSG_INLINE uint8_t *kmsg_text_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    return kmsg_put_string(e, *(const kmsg_string *)value, row, at);
}

KMSG_INLINE uint64_t kmsg_text_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    return kmsg_end_string(e, *(const kmsg_string *)value, at);
}

KMSG_INLINE const uint8_t *kmsg_bytes_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                              void *ret)
{
    return kmsg_get_bytes(d, kmsg_load32(row), at, (kmsg_bytes *)ret);
}

KMSG_INLINE uint8_t *kmsg_bytes_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    return kmsg_put_bytes(*(const kmsg_bytes *)value, row, at);
}

KMSG_INLINE uint64_t kmsg_bytes_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    return kmsg_end_bytes(e, *(const kmsg_bytes *)value, at);
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

KMSG_INLINE kmsg_err kmsg_measure_with(const kmsg_layout *layout, uint32_t shape,
                                       kmsg_row_end *row_end, const void *value, size_t *ret)
{
    kmsg_enc e = {NULL, 0, 0, KMSG_OK};
    uint64_t size = row_end(&e, value, KMSG_HEADER + kmsg_shape_fixed(shape));

    if (KMSG_UNLIKELY(e.err != KMSG_OK))
        return kmsg_explain_value(layout, value, e.err);
    if (KMSG_UNLIKELY(size > KMSG_MESSAGE_MAX || e.over > 2 * KMSG_MESSAGE_MAX))
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    *ret = (size_t)size;
    return KMSG_OK;
}

/* `buffer` has the room that was measured. */
KMSG_INLINE kmsg_err kmsg_write_with(const kmsg_layout *layout, uint32_t shape,
                                     kmsg_row_put *row_put, const void *value, uint8_t *buffer)
{
    kmsg_enc e = {buffer, 0, 0, KMSG_OK};

    kmsg_put_message(&e, value, buffer, shape, row_put);
    return KMSG_LIKELY(e.err == KMSG_OK) ? KMSG_OK : kmsg_explain_value(layout, value, e.err);
}

KMSG_INLINE kmsg_err kmsg_encode_with(const kmsg_layout *layout, uint32_t shape,
                                      kmsg_row_end *row_end, kmsg_row_put *row_put,
                                      const void *value, void *buffer, size_t capacity, size_t *ret)
{
    size_t   size = 0;
    kmsg_err err = kmsg_measure_with(layout, shape, row_end, value, &size);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        return err;
    if (KMSG_UNLIKELY(size > capacity))
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    err = kmsg_write_with(layout, shape, row_put, value, (uint8_t *)buffer);
    if (KMSG_LIKELY(err == KMSG_OK))
        *ret = size;
    return err;
}

/* A record of scalars alone: looked at where it stands, then copied once. `ret` is untouched on
 * failure. Other shapes, and what is wrong, go the long way. */
KMSG_INLINE kmsg_err kmsg_decode_plain(const kmsg_layout *layout, uint32_t          shape,
                                       uint32_t (*bad)(const uint8_t *), kmsg_bytes bytes,
                                       kmsg_arena *mem, void *ret)
{
    const size_t block = kmsg_shape_block(shape);

    if (KMSG_UNLIKELY(bytes.size != KMSG_HEADER + block || kmsg_load32(bytes.data) != bytes.size ||
                      kmsg_load32(bytes.data + 4) != shape ||
                      (bad != NULL && bad(bytes.data + KMSG_HEADER) != 0)))
        return kmsg_decode(layout, bytes, mem, ret);
    kmsg_get_block(layout, ret, bytes.data + KMSG_HEADER, block);
    return KMSG_OK;
}

/* `ret` is scratch on failure: callers hand in a temporary. */
KMSG_INLINE kmsg_err kmsg_decode_with(const kmsg_layout *layout, uint32_t shape,
                                      kmsg_row_get *row_get, kmsg_bytes bytes, kmsg_arena *mem,
                                      void *ret)
{
    kmsg_dec d = {mem, bytes.size * KMSG_EXPANSION_MAX + 4096, 0, KMSG_OK};

    if (KMSG_UNLIKELY(bytes.size > KMSG_MESSAGE_MAX))
        return kmsg_explain_bytes(layout, bytes, KMSG_ETOOBIG);
    if (KMSG_UNLIKELY(kmsg_pad_of(bytes.data, 8) != 0)) {
        bytes = kmsg_realign(bytes, mem);
        if (bytes.data == NULL)
            return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
    }
    kmsg_get_record(&d, layout, (uint32_t)bytes.size, bytes.data, shape, row_get, ret);
    return KMSG_LIKELY(d.err == KMSG_OK) ? KMSG_OK : kmsg_explain_bytes(layout, bytes, d.err);
}

#ifdef __cplusplus
}
#endif
#endif
