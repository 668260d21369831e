/* room_test.c -- encoding into rooms of each size up to more than enough, decoding out of memory
 * that ends where the message does, and both in arenas that are nearly full: exactly what fits is
 * written, and nothing beside it is read or touched.
 *
 * Buffers are allocated with the very size that is told, so that a sanitizer sees a byte too far in
 * either direction; bytes of a known value behind larger ones show it without.
 */
#include "hostile.kmsg.h"
#include "layouts.h"
#include "maker.h"
#include "test.h"

#include <kmsg/codec.h>

#include <stdlib.h>

#define ROUNDS    50   /* at most, of one layout */
#define ENOUGH    3000 /* of messages of one layout: then it is enough */
#define BEHIND    32   /* bytes that must stay */
#define MARK      0xa5
#define BYTES_MAX 1500u /* of messages, as the work grows by their square */

static const kmsg_layout *const more_layouts[] = {
    &lang_Edges_layout,    &lang_Missing_layout, &lang_Larger_layout,        &lang_Large_layout,
    &lang_Row_layout,      &lang_Circle_layout,  &lang_Square_layout,        &lang_Key_layout,
    &lang_Leaf_layout,     &hostile_Text_layout, &hostile_Maybe_text_layout, &hostile_Few_layout,
    &hostile_Chosen_layout};

typedef struct sample {
    const kmsg_layout *layout;
    const void        *value;
    kmsg_bytes         bytes;
    kmsg_arena        *mem;
} sample;

static kmsg_layout slow_of(const kmsg_layout *layout)
{
    kmsg_layout copy = *layout;

    copy.row_end = NULL;
    copy.row_put = NULL;
    copy.row_get = NULL;
    return copy;
}

static void for_layout(const kmsg_layout *layout, void (*check)(const sample *s))
{
    const kmsg_layout slow = slow_of(layout);
    const size_t      enough = test_rounds(ENOUGH);
    size_t            seen = 0;

    for (unsigned round = 0; round < ROUNDS && seen < enough; round++) {
        kmsg_arena *mem = kmsg_arena_new();
        maker       m = {.mem = mem};
        sample      s = {.layout = layout, .mem = mem};
        test_seed(round);
        s.value = maker_record(&m, layout);
        test_at("%s, seed %u", layout->name, round);
        OK(kmsg_encode(layout, s.value, mem, &s.bytes));
        if (s.bytes.size <= BYTES_MAX) {
            seen += s.bytes.size;
            check(&s);
            s.layout = &slow;
            check(&s);
        }
        kmsg_arena_free(mem);
    }
}

static void for_values(void (*check)(const sample *s))
{
    for (size_t i = 0; i < TEST_LAYOUTS; i++)
        for_layout(test_layouts[i], check);
    for (size_t i = 0; i < sizeof more_layouts / sizeof *more_layouts; i++)
        for_layout(more_layouts[i], check);
}

/* ---- encoding -------------------------------------------------------------------------------- */

static void encode_in(const sample *s, uint8_t *buffer, size_t room)
{
    size_t   size = 4711;
    kmsg_err err = kmsg_encode_into(s->layout, s->value, buffer, room, &size);

    if (room < s->bytes.size) {
        FAILS(err, KMSG_ETOOBIG);
        EQ_UINT(size, 4711);
    } else {
        OK(err);
        EQ_MEM(buffer, size, s->bytes.data, s->bytes.size);
    }
}

static void encode_exactly(const sample *s)
{
    for (size_t room = 0; room <= s->bytes.size + 8; room++) {
        uint8_t *buffer = malloc(room == 0 ? 1 : room);
        encode_in(s, room == 0 ? NULL : buffer, room);
        free(buffer);
    }
}

TEST(each_room_that_is_too_small_is_told_and_others_hold_the_same_bytes)
{
    for_values(encode_exactly);
}

/* At an odd address, too. */
static void encode_in_front(const sample *s)
{
    uint8_t *buffer = malloc(1 + s->bytes.size + 8 + BEHIND), marks[BEHIND];

    memset(marks, MARK, sizeof marks);
    for (size_t room = 0; room <= s->bytes.size + 8; room++) {
        uint8_t *begin = buffer + room % 2;
        memset(buffer, MARK, 1 + s->bytes.size + 8 + BEHIND);
        encode_in(s, begin, room);
        EQ_MEM(begin + room, BEHIND, marks, BEHIND);
        if (room >= s->bytes.size)
            EQ_MEM(begin + s->bytes.size, BEHIND, marks, BEHIND);
    }
    free(buffer);
}

TEST(nothing_behind_the_room_or_behind_the_message_is_touched)
{
    for_values(encode_in_front);
}

/* An arena whose block has room for so many bytes. */
static kmsg_arena *arena_with(size_t block, size_t room)
{
    kmsg_arena *mem = kmsg_arena_new();

    CHECK(mem != NULL && kmsg_alloc(mem, block, 1) != NULL);
    kmsg_arena_reset(mem);
    CHECK(kmsg_alloc(mem, (size_t)(mem->end - mem->at) - room, 1) != NULL);
    EQ_UINT((size_t)(mem->end - mem->at), room);
    return mem;
}

static void encode_in_arenas(const sample *s)
{
    for (size_t room = 0; room <= s->bytes.size + 16; room++) {
        kmsg_arena *mem = arena_with(s->bytes.size + 16, room);
        kmsg_bytes  bytes = {NULL, 0};
        OK(kmsg_encode(s->layout, s->value, mem, &bytes));
        EQ_MEM(bytes.data, bytes.size, s->bytes.data, s->bytes.size);
        EQ_UINT((uintptr_t)bytes.data % 8, 0);
        CHECK(mem->at >= bytes.data + bytes.size && mem->at <= mem->end);
        kmsg_arena_free(mem);
    }
}

TEST(an_arena_that_is_nearly_full_gets_the_same_bytes)
{
    for_values(encode_in_arenas);
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* The first `size` bytes alone. As they are, or with a header that tells their number, so that what
 * is missing is found farther on. */
static void decode_cut(const sample *s, size_t size, bool is_told, void *ret)
{
    const kmsg_layout slow = slow_of(s->layout);
    uint8_t          *exact = malloc(size == 0 ? 1 : size);
    const kmsg_bytes  bytes = {size == 0 ? NULL : exact, size};
    kmsg_arena       *mem = kmsg_arena_new();
    kmsg_err          err;

    memcpy(exact, s->bytes.data, size);
    if (is_told && size >= 4 && kmsg_load32(exact) > size)
        kmsg_store32(exact, (uint32_t)size);
    err = kmsg_decode(s->layout, bytes, mem, ret);
    EQ_INT(kmsg_decode(&slow, bytes, mem, ret), err);
    if (size == s->bytes.size)
        OK(err);
    else if (!is_told)
        FAILS(err, KMSG_EDECODE);
    kmsg_arena_free(mem);
    free(exact);
}

static void decode_cuts(const sample *s)
{
    void *ret = kmsg_alloc(s->mem, s->layout->size, 16);

    CHECK(ret != NULL);
    for (size_t size = 0; size <= s->bytes.size; size++) {
        decode_cut(s, size, false, ret);
        decode_cut(s, size, true, ret);
    }
}

TEST(nothing_in_front_of_a_message_or_behind_it_is_read)
{
    for_values(decode_cuts);
}

static void decode_in_arenas(const sample *s)
{
    void *ret = kmsg_alloc(s->mem, s->layout->size, 16);

    for (size_t room = 0; room <= 2 * s->bytes.size; room += 1 + room / 64) {
        kmsg_arena *mem = arena_with(2 * s->bytes.size, room);
        OK(kmsg_decode(s->layout, s->bytes, mem, ret));
        CHECK(kmsg_equal(s->layout, s->value, ret));
        CHECK(mem->at <= mem->end);
        kmsg_arena_free(mem);
    }
}

TEST(an_arena_that_is_nearly_full_is_read_into)
{
    for_values(decode_in_arenas);
}
