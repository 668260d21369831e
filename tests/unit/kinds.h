/* kinds.h -- descriptors made by hand, and what every sample of a message has to stand. */
#ifndef KINDS_H
#define KINDS_H

#include "tests/test.h"

#include <kmsg/codec.h>

#include "codec/objects.h"
#include "codec/reader.h"

#include <stdlib.h>
#include <string.h>

#define FIELD(type_c, member, type_, number_, place_)                                              \
    .name = #member, .type = &(type_), .number = (number_), .offset = offsetof(type_c, member),    \
    .place = (place_)

/* A part of an entry or row: it has no name of its own. */
#define PART(type_c, member, type_, number_, place_)                                               \
    .name = "", .type = &(type_), .number = (number_), .offset = offsetof(type_c, member),         \
    .place = (place_)

#define LAYOUT(name_, type_c, fields_, shape_)                                                     \
    .name = (name_), .fields = (fields_), .count = sizeof(fields_) / sizeof *(fields_),            \
    .size = sizeof(type_c), .shape = (shape_)

#define TYPE(name_, kind_, type_c)                                                                 \
    .name = (name_), .kind = (kind_), .size = sizeof(type_c), .align = _Alignof(type_c)

/* The bytes of a text of hex, in which `# ...` up to the end of a line is a comment. */
static inline size_t from_hex(const char *hex, uint8_t *to)
{
    size_t n = 0;

    while (*hex != '\0') {
        if (*hex == '#') {
            hex += strcspn(hex, "\n");
        } else if (*hex == ' ' || *hex == '\n') {
            hex++;
        } else {
            to[n++] = (uint8_t)strtoul((char[]){hex[0], hex[1], '\0'}, NULL, 16);
            hex += 2;
        }
    }
    return n;
}

/* A layout as it is without straight-line code. */
static inline kmsg_layout by_descriptors(const kmsg_layout *layout)
{
    kmsg_layout slow = *layout;

    slow.row_end = NULL;
    slow.row_put = NULL;
    slow.row_get = NULL;
    return slow;
}

static inline bool prints(const kmsg_layout *layout, const void *value, const char *text)
{
    char   is[4096] = "";
    FILE  *f = tmpfile();
    size_t n;

    kmsg_print(layout, value, f);
    rewind(f);
    n = fread(is, 1, sizeof is - 1, f);
    fclose(f);
    EQ_STR(is, text);
    return n == strlen(text);
}

/* Good bytes: was nothing in them skipped as another version's? */
static inline bool is_of_this_version(const kmsg_layout *layout, const uint8_t *data, size_t size,
                                      kmsg_arena *mem)
{
    const size_t root = kmsg_load32(data);
    void        *value = kmsg_alloc(mem, layout->size, 16);
    kmsg_dec     d = kmsg_dec_of((kmsg_bytes){data, size}, mem);
    reader       r = {&d, false};
    kmi_place    place = {.name = "x"};

    if (root < size)
        d.objects = kmi_incoming_new(&d, data + ((root + 7) & ~(size_t)7), data + size);
    kmi_read_record(&r, layout, (slice){data, data + root}, value, &place);
    for (uint32_t i = 0; d.objects != NULL && i < d.objects->queued; i++) {
        const kmi_part *part = &d.objects->parts[d.objects->queue[i]];
        d.depth = 0;
        kmi_read_record(&r, part->layout, (slice){part->at, part->at + part->size}, part->value,
                        &place);
    }
    kmi_incoming_free(d.objects);
    OK(d.err);
    return !d.other;
}

/* What no other version has written comes back as the same bytes, and every value as itself. */
static inline void comes_back(const kmsg_layout *layout, const uint8_t *data, size_t size,
                              const void *value, kmsg_arena *mem)
{
    void      *again = kmsg_alloc(mem, layout->size, 16);
    kmsg_bytes a, b;

    OK(kmsg_encode(layout, value, mem, &a));
    OK(kmsg_decode(layout, a, mem, again));
    CHECK(kmsg_equal(layout, value, again));
    OK(kmsg_encode(layout, again, mem, &b));
    EQ_MEM(b.data, b.size, a.data, a.size);
    if (is_of_this_version(layout, data, size, mem))
        EQ_MEM(a.data, a.size, data, size);
}

/* Bytes from anywhere: refused with words, or accepted, and then the value can be used. */
static inline void try_bytes(const kmsg_layout *layout, const uint8_t *data, size_t size)
{
    kmsg_arena *mem = kmsg_arena_new();
    uint8_t    *exact = aligned_alloc(8, (size + 8) & ~(size_t)7);
    void       *value = kmsg_alloc(mem, layout->size, 16);

    memcpy(exact, data, size);
    if (kmsg_decode(layout, (kmsg_bytes){exact, size}, mem, value) != KMSG_OK)
        CHECK(kmsg_last_error()[0] != '\0');
    else
        comes_back(layout, exact, size, value, mem);
    kmsg_arena_free(mem);
    free(exact);
}

/* Every truncation, every flipped bit, every byte set to all ones. */
static inline void torture(const kmsg_layout *layout, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size);

    for (size_t n = 0; n < size; n++)
        try_bytes(layout, data, n);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        memcpy(copy, data, size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        try_bytes(layout, copy, size);
    }
    for (size_t i = 0; i < size; i++) {
        memcpy(copy, data, size);
        copy[i] = 0xff;
        try_bytes(layout, copy, size);
    }
    free(copy);
}

/* The value has these bytes, and the bytes are this value, which prints as this text; and all that
 * can be done with it works. */
static inline void is_on_the_wire(const kmsg_layout *layout, const void *value, const char *hex,
                                  const char *text)
{
    _Alignas(8) uint8_t bytes[4096], shifted[4096 + 8];
    kmsg_arena         *mem = kmsg_arena_new(), *keep = kmsg_arena_new();
    const size_t        size = from_hex(hex, bytes);
    void               *out = kmsg_alloc(mem, layout->size, 16);
    void               *copy = kmsg_alloc(keep, layout->size, 16);
    kmsg_layout         slow = by_descriptors(layout);
    kmsg_bytes          is;
    size_t              n;

    OK(kmsg_encode(layout, value, mem, &is));
    EQ_MEM(is.data, is.size, bytes, size);
    OK(kmsg_encode(&slow, value, mem, &is));
    EQ_MEM(is.data, is.size, bytes, size);
    OK(kmsg_decode(layout, (kmsg_bytes){bytes, size}, mem, out));
    CHECK(kmsg_equal(layout, value, out));
    CHECK(prints(layout, out, text));
    OK(kmsg_encode(layout, out, mem, &is));
    EQ_MEM(is.data, is.size, bytes, size);
    for (size_t shift = 1; shift < 8; shift++) {
        OK(kmsg_encode_into(layout, out, shifted + shift, sizeof shifted - shift, &n));
        EQ_MEM(shifted + shift, n, bytes, size);
        OK(kmsg_decode(layout, (kmsg_bytes){shifted + shift, n}, mem, copy));
        CHECK(kmsg_equal(layout, out, copy));
    }
    OK(kmsg_decode(&slow, (kmsg_bytes){bytes, size}, mem, out));
    OK(kmsg_copy(layout, out, keep, copy));
    torture(layout, bytes, size);
    memset(bytes, 0xee, sizeof bytes);
    kmsg_arena_free(mem);
    CHECK(kmsg_equal(layout, value, copy));
    kmsg_arena_free(keep);
}

/* These bytes are refused, and this is said. */
static inline void is_refused(const kmsg_layout *layout, const char *hex, kmsg_err err,
                              const char *words)
{
    _Alignas(8) uint8_t bytes[4096];
    kmsg_arena         *mem = kmsg_arena_new();
    void               *out = kmsg_alloc(mem, layout->size, 16);
    kmsg_layout         slow = by_descriptors(layout);
    const size_t        size = from_hex(hex, bytes);

    FAILS(kmsg_decode(layout, (kmsg_bytes){bytes, size}, mem, out), err);
    EQ_STR(kmsg_last_error(), words);
    FAILS(kmsg_decode(&slow, (kmsg_bytes){bytes, size}, mem, out), err);
    EQ_STR(kmsg_last_error(), words);
    kmsg_arena_free(mem);
}

/* This value is not sent, and this is said. */
static inline void is_not_sent(const kmsg_layout *layout, const void *value, kmsg_err err,
                               const char *words)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_layout slow = by_descriptors(layout);
    kmsg_bytes  bytes;

    FAILS(kmsg_encode(layout, value, mem, &bytes), err);
    EQ_STR(kmsg_last_error(), words);
    FAILS(kmsg_encode(&slow, value, mem, &bytes), err);
    EQ_STR(kmsg_last_error(), words);
    kmsg_arena_free(mem);
}

#endif
