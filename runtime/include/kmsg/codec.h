/* codec.h -- the straight-line half of the codec: what generated code is made of.
 *
 * A message is a header and one *row*: a scalar block, which is the leading part of the C struct,
 * then the length in bytes of each variable field; the fields' bytes (tails) follow in order.
 * A list of records is a header, all rows, then all tails. Behind the record of a message stand the
 * objects that refs lead to. idl/wire.md has it to the byte.
 *
 * Three functions a record, made by kmsgc out of the pieces below:
 *   X_row_end   where the tails of this value end, when they begin at offset `at` of the message
 *   X_row_put   write the tails, if there is room for them, and the row, for which there is
 *   X_row_get   fill in the struct from a row of exactly this shape and from its tails, which may
 *               not reach beyond dec.end; whoever calls looks whether they end where they should
 * and one more for records of scalars alone:
 *   X_row_set   write the row; not 0 for what may not be written
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

/* With -Os the compiler decides. */
#if defined(__GNUC__) && !defined(__OPTIMIZE_SIZE__)
#define KMSG_INLINE static inline __attribute__((always_inline, unused))
#elif defined(__GNUC__)
#define KMSG_INLINE static inline __attribute__((unused))
#else
#define KMSG_INLINE static inline
#endif

/* A short function of a .c file that is written out where it is called, and is there for others.
 * Clang does so by itself, and warns of calls to static functions in such a one. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__OPTIMIZE_SIZE__)
#define KMSG_LEAF inline __attribute__((always_inline))
#else
#define KMSG_LEAF
#endif

typedef struct kmsg_objects  kmsg_objects;  /* what refs lead to, in memory */
typedef struct kmsg_incoming kmsg_incoming; /* the objects of a message */

struct kmsg_enc {
    const uint8_t *base;     /* start of the message, NULL while measuring */
    uint8_t       *end;      /* of the room for it */
    uint64_t       over;     /* while measuring: all sizes and counts, or-ed together */
    uint32_t       depth;    /* of recursive records */
    bool           measured; /* there is room for the tail that is being written */
    kmsg_err       err;
    kmsg_objects  *objects; /* what refs lead to; NULL until the first */
};

#define KMSG_MEASURING                                                                             \
    {                                                                                              \
        NULL, NULL, 0, 0, false, KMSG_OK, NULL                                                     \
    }

struct kmsg_dec {
    kmsg_arena    *mem;
    const uint8_t *end;    /* of the record or list that is being read */
    uint8_t       *at;     /* the arena's place; it learns of it when all is read */
    uint8_t       *stop;   /* where the arena's block ends, or what may be allocated */
    uint8_t       *from;   /* what has been taken since counts against... */
    size_t         budget; /* ... the bytes that may be allocated */
    uint32_t       depth;
    kmsg_err       err;
    bool           other;   /* something was of another version, and not all of it was read */
    kmsg_incoming *objects; /* what refs lead to; NULL where the message has none */
};

/* The C form of every list and map. */
typedef struct kmsg_items {
    const void *items;
    size_t      count;
} kmsg_items;

typedef uint64_t kmsg_row_end(kmsg_enc *e, const void *value, uint64_t at);
typedef uint8_t *kmsg_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
typedef uint32_t kmsg_row_bad(const uint8_t *row);              /* not 0: its block may not be so */
typedef uint32_t kmsg_row_set(const void *value, uint8_t *row); /* not 0: it may not be sent */
typedef bool     kmsg_sorted(const void *items, size_t count, size_t size);
typedef const uint8_t *kmsg_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);

/* ---- off the hot path (libkmsg-codec) -------------------------------------------------------- */

KMSG_API KMSG_COLD void kmsg_enc_fail(kmsg_enc *e, kmsg_err err);

/* KMSG_ETOOBIG; `at` again, as nothing was written. */
KMSG_API KMSG_COLD uint8_t *kmsg_enc_full(kmsg_enc *e, uint8_t *at);

KMSG_API KMSG_COLD void kmsg_dec_fail(kmsg_dec *d, kmsg_err err);

/* Memory beyond dec.stop: of another block, if the budget allows. NULL and dec.err otherwise. */
KMSG_API KMSG_COLD void *kmsg_take_more(kmsg_dec *d, uint64_t size);

/* Whole text where the quick look was not sure. */
KMSG_API KMSG_COLD void kmsg_put_check_text(kmsg_enc *e, const char *data, size_t size);
KMSG_API KMSG_COLD void kmsg_get_check_text(kmsg_dec *d, const uint8_t *data, size_t size);

/* A record or list of another shape, through the descriptors. The slice is [at, at + size), `at` at
 * a multiple of 8. */
KMSG_API KMSG_COLD void kmsg_get_other_record(kmsg_dec *d, const kmsg_layout *layout,
                                              const uint8_t *at, size_t size, void *ret);
KMSG_API KMSG_COLD void kmsg_get_other_rows(kmsg_dec *d, const kmsg_layout *layout,
                                            const uint8_t *at, size_t size, kmsg_items *ret);

/* Tails that have no straight-line code: unions, any, ref, T[N] of what has tails, sets and maps
 * with keys that are no plain values. `member` is the C value, or where it is optional what stands
 * for it in the struct; absent is handled here. */
KMSG_API uint64_t       kmsg_end_tail(kmsg_enc *e, const kmsg_field *field, const void *member,
                                      uint64_t at);
KMSG_API uint8_t       *kmsg_put_tail(kmsg_enc *e, const kmsg_field *field, const void *member,
                                      uint8_t *length, uint8_t *at);
KMSG_API const uint8_t *kmsg_get_tail(kmsg_dec *d, const kmsg_field *field, uint32_t size,
                                      const uint8_t *at, void *member);

/* Is the C value inside the limits of its type, and all its items inside theirs? For lists of
 * scalars, strings and bytes, and for patterns; numbers and sizes are looked at in line. */
KMSG_API bool kmsg_within(const kmsg_type *type, const void *value);

/* Three-way, of two C values anywhere in memory: the order of keys and of items in sets. The type
 * is one that can be a key: numbers, times, texts and bytes, and T[N] and fixed records of them. */
KMSG_API int kmsg_compare_keys(const kmsg_type *type, const void *a, const void *b);

/* Make zero what is not part of the values: padding and reserved places of `count` fixed records
 * that stand side by side. */
KMSG_API void kmsg_clean_items(const kmsg_layout *layout, uint8_t *items, size_t count);

/* The objects that were met while measuring or writing the record of a message, which ends at `at`;
 * where the message ends. `e->objects` is freed in any case. */
KMSG_API KMSG_COLD uint64_t kmsg_end_objects(kmsg_enc *e, uint64_t at);
KMSG_API KMSG_COLD uint8_t *kmsg_put_objects(kmsg_enc *e, uint8_t *at);

/* A message, 8-aligned, whose record does not end where it does: there are objects behind it. `ret`
 * is scratch on failure. */
KMSG_API KMSG_COLD kmsg_err kmsg_decode_graph(const kmsg_layout *layout, kmsg_bytes bytes,
                                              kmsg_arena *mem, void *ret);

/* What the type's own limits (not those of its items) have against the C value, as a sentence in
 * `text`: "200 is above 150", "11 items, at most 10"; NULL if nothing. */
KMSG_API KMSG_COLD const char *kmsg_limits_bad(const kmsg_type *type, const void *value, char *text,
                                               size_t size);

/* A map whose entries are not in order. KMSG_EVALUE for a key that is there twice, KMSG_ENOMEM. */
KMSG_API KMSG_COLD uint64_t kmsg_end_unsorted(kmsg_enc *e, const kmsg_layout *entry,
                                              const void *items, size_t count, uint64_t at);
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

/* Any number of a scalar block: kmsg_load_i16(row + 6). */
#if KMSG_SWAP
#define KMSG_LOADED(bytes, size)                                                                   \
    for (size_t i_ = 0; i_ + 1 < (size)-i_; i_++) {                                                \
        uint8_t byte_ = (bytes)[i_];                                                               \
        (bytes)[i_] = (bytes)[(size)-1 - i_];                                                      \
        (bytes)[(size)-1 - i_] = byte_;                                                            \
    }
#else
#define KMSG_LOADED(bytes, size)
#endif
#define KMSG_LOAD(name, type)                                                                      \
    KMSG_INLINE type kmsg_load_##name(const uint8_t *at)                                           \
    {                                                                                              \
        uint8_t bytes[sizeof(type)];                                                               \
        type    v;                                                                                 \
        memcpy(bytes, at, sizeof v);                                                               \
        KMSG_LOADED(bytes, sizeof v)                                                               \
        memcpy(&v, bytes, sizeof v);                                                               \
        return v;                                                                                  \
    }

KMSG_LOAD(i8, int8_t)
KMSG_LOAD(i16, int16_t)
KMSG_LOAD(i32, int32_t)
KMSG_LOAD(i64, int64_t)
KMSG_LOAD(u8, uint8_t)
KMSG_LOAD(u16, uint16_t)
KMSG_LOAD(u32, uint32_t)
KMSG_LOAD(u64, uint64_t)
KMSG_LOAD(f32, float)
KMSG_LOAD(f64, double)
KMSG_LOAD(rune, kmsg_rune)
KMSG_LOAD(timestamp, kmsg_timestamp)
KMSG_LOAD(duration, kmsg_duration)

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

/* Bytes that are looked at together. Of good lanes, from 1 to 127, KMSG_LANES_GOOD() has the high
 * bit. */
#if defined(__GNUC__)
typedef signed char kmsg_lanes __attribute__((vector_size(16)));
#define KMSG_LANES_GOOD(w) ((w) > 0)
#else
typedef uint64_t kmsg_lanes;
#define KMSG_LANES_GOOD(w) (~((w) | ((w)-KMSG_ONES)))
#endif
#define KMSG_LANES sizeof(kmsg_lanes)

/* Not zero unless all lanes are good. */
KMSG_INLINE uint64_t kmsg_lanes_odd(const kmsg_lanes *good)
{
#if defined(__SSE2__)
    typedef char chars __attribute__((vector_size(16)));

    return (unsigned)__builtin_ia32_pmovmskb128((chars)*good) ^ 0xffff;
#else
    uint64_t words[KMSG_LANES / 8], all = KMSG_HIGHS;

    memcpy(words, good, sizeof words);
    for (size_t i = 0; i < KMSG_LANES / 8; i++)
        all &= words[i];
    return all ^ KMSG_HIGHS;
#endif
}

/* Not zero unless all bytes of the word are from 1 to 127. */
KMSG_INLINE uint64_t kmsg_word_odd(uint64_t word)
{
    return (word | (word - KMSG_ONES)) & KMSG_HIGHS;
}

/* The same of two words. */
KMSG_INLINE uint64_t kmsg_words_odd(uint64_t a, uint64_t b)
{
#if defined(__SSE2__)
    typedef uint64_t pair __attribute__((vector_size(16)));
    const pair       both = {a, b};
    const kmsg_lanes good = KMSG_LANES_GOOD((kmsg_lanes)both);

    return kmsg_lanes_odd(&good);
#else
    return kmsg_word_odd(a) | kmsg_word_odd(b);
#endif
}

/* Of one to three bytes, first, middle and last: a word whose other bytes are harmless. */
KMSG_INLINE uint64_t kmsg_few(uint8_t a, uint8_t b, uint8_t c)
{
    return 0x0101010101000000u | (uint64_t)c << 16 | (uint64_t)b << 8 | a;
}

/* Not zero unless all bytes are from 1 to 127 (and there are some). The last lanes may overlap
 * those before. */
KMSG_INLINE uint64_t kmsg_scan(const uint8_t *s, size_t size)
{
    kmsg_lanes w, good;

    if (size >= KMSG_LANES) {
        memcpy(&w, s + size - KMSG_LANES, KMSG_LANES);
        good = KMSG_LANES_GOOD(w);
        for (size_t i = 0; i + KMSG_LANES < size; i += KMSG_LANES) {
            memcpy(&w, s + i, KMSG_LANES);
            good &= KMSG_LANES_GOOD(w);
        }
        return kmsg_lanes_odd(&good);
    }
    if (size >= 8)
        return kmsg_words_odd(kmsg_word(s), kmsg_word(s + size - 8));
    if (size >= 4)
        return kmsg_word_odd(kmsg_half(s) | (uint64_t)kmsg_half(s + size - 4) << 32);
    return size == 0 ? 1 : kmsg_word_odd(kmsg_few(s[0], s[size / 2], s[size - 1]));
}

#if defined(__SSE2__)
/* The last so many bits of 16. */
static const uint32_t kmsg_last_bits[KMSG_LANES + 1] = {
    0,      0x8000, 0xc000, 0xe000, 0xf000, 0xf800, 0xfc00, 0xfe00, 0xff00,
    0xff80, 0xffc0, 0xffe0, 0xfff0, 0xfff8, 0xfffc, 0xfffe, 0xffff};

/* Are not all of the `size` bytes that end here, KMSG_LANES at most, from 1 to 127? They are looked
 * at in one piece with those in front of them, which can be read. */
KMSG_INLINE bool kmsg_odd_before(const uint8_t *end, size_t size)
{
    typedef char chars __attribute__((vector_size(16)));
    kmsg_lanes   w;

    memcpy(&w, end - KMSG_LANES, KMSG_LANES);
    w = KMSG_LANES_GOOD(w);
    return (uint32_t)__builtin_ia32_pmovmskb128((chars)w) < kmsg_last_bits[size];
}
#else
KMSG_INLINE bool kmsg_odd_before(const uint8_t *end, size_t size)
{
    return kmsg_scan(end - size, size) != 0;
}
#endif

/* The same of one byte and more, while copying: 16 and more, 8 and more, 4 and more, the rest. */
KMSG_INLINE uint64_t kmsg_copy_lanes(uint8_t *to, const uint8_t *s, size_t size)
{
    kmsg_lanes last, w, good;

    memcpy(&last, s + size - KMSG_LANES, KMSG_LANES);
    good = KMSG_LANES_GOOD(last);
    for (size_t i = 0; i + KMSG_LANES < size; i += KMSG_LANES) {
        memcpy(&w, s + i, KMSG_LANES);
        memcpy(to + i, &w, KMSG_LANES);
        good &= KMSG_LANES_GOOD(w);
    }
    memcpy(to + size - KMSG_LANES, &last, KMSG_LANES);
    return kmsg_lanes_odd(&good);
}

KMSG_INLINE uint64_t kmsg_copy_words(uint8_t *to, const uint8_t *s, size_t size)
{
    const uint64_t a = kmsg_word(s), b = kmsg_word(s + size - 8);

    memcpy(to, &a, 8);
    memcpy(to + size - 8, &b, 8);
    return kmsg_words_odd(a, b);
}

KMSG_INLINE uint64_t kmsg_copy_halves(uint8_t *to, const uint8_t *s, size_t size)
{
    const uint32_t a = kmsg_half(s), b = kmsg_half(s + size - 4);

    memcpy(to, &a, 4);
    memcpy(to + size - 4, &b, 4);
    return kmsg_word_odd(a | (uint64_t)b << 32);
}

KMSG_INLINE uint64_t kmsg_copy_few(uint8_t *to, const uint8_t *s, size_t size)
{
    const uint8_t a = s[0], b = s[size / 2], c = s[size - 1];

    to[0] = a;
    to[size / 2] = b;
    to[size - 1] = c;
    return kmsg_word_odd(kmsg_few(a, b, c));
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

/* Are the entries of a map in strictly ascending order? The key is an entry's first member. More
 * than any message can have are not looked at: false. */
#define KMSG_SORTED(name, type, order)                                                             \
    KMSG_INLINE bool kmsg_sorted_##name(const void *items, size_t count, size_t size)              \
    {                                                                                              \
        const uint8_t *at = (const uint8_t *)items;                                                \
        if (KMSG_UNLIKELY(count > KMSG_MESSAGE_MAX))                                               \
            return false;                                                                          \
        for (size_t i = 1; i < count; i++, at += size)                                             \
            if (KMSG_UNLIKELY(order(*(const type *)(const void *)at,                               \
                                    *(const type *)(const void *)(at + size)) >= 0))               \
                return false;                                                                      \
        return true;                                                                               \
    }

KMSG_INLINE bool kmsg_texts_ascend(const uint8_t *a, const uint8_t *b)
{
    return kmsg_compare_string(*(const kmsg_string *)(const void *)a,
                               *(const kmsg_string *)(const void *)b) < 0;
}

/* First bytes mostly decide. An empty text counts as if it began with 0, as no other does. */
KMSG_INLINE bool kmsg_sorted_string(const void *items, size_t count, size_t size)
{
    const uint8_t *at = (const uint8_t *)items, *end;
    unsigned       before = 0, first;

    if (KMSG_UNLIKELY(count - 1 >= KMSG_MESSAGE_MAX))
        return count == 0;
    for (end = at + count * size; at != end; at += size, before = first) {
        const kmsg_string *s = (const kmsg_string *)(const void *)at;
        first = KMSG_LIKELY(s->size != 0) ? (uint8_t)s->data[0] : 0;
        if (KMSG_UNLIKELY(first <= before) && at != (const uint8_t *)items &&
            (first < before || !kmsg_texts_ascend(at - size, at)))
            return false;
    }
    return true;
}

/* Of texts that were read: an empty one begins with its NUL. */
KMSG_INLINE bool kmsg_sorted_text(const void *items, size_t count, size_t size)
{
    const uint8_t *at = (const uint8_t *)items, *end;
    unsigned       before = 0, first;

    if (count == 0)
        return true;
    for (end = at + count * size; at != end; at += size, before = first) {
        first = (uint8_t)((const kmsg_string *)(const void *)at)->data[0];
        if (KMSG_UNLIKELY(first <= before) && at != (const uint8_t *)items &&
            (first < before || !kmsg_texts_ascend(at - size, at)))
            return false;
    }
    return true;
}

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
KMSG_INLINE bool kmsg_nonzero(const uint8_t *at, size_t size)
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

/* Not a Unicode scalar value. */
KMSG_INLINE uint32_t kmsg_rune_bad(uint32_t rune)
{
    return rune > 0x10ffff || (rune & 0xfffff800u) == 0xd800;
}

/* Lists of strings, bytes, addresses and anys are rows of one length each. */
#define KMSG_SHAPE_TEXT KMSG_SHAPE(0, 1, 2)
KMSG_API extern const kmsg_layout kmsg_row_string, kmsg_row_bytes, kmsg_row_address, kmsg_row_any;

#ifdef __cplusplus
}
#endif

#include <kmsg/codec_get.h>
#include <kmsg/codec_put.h>

#endif
