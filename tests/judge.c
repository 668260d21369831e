/* judge.c -- see judge.h. Messages are copied to memory of exactly their size, so that a sanitizer
 * sees a byte read beyond them.
 */
#include "judge.h"

#include "test.h"
#include "version.h"

#include <kmsg/codec.h>

#include <stdlib.h>

static kmsg_layout plain(const kmsg_layout *layout)
{
    kmsg_layout copy = *layout;

    copy.row_end = NULL;
    copy.row_put = NULL;
    copy.row_get = NULL;
    return copy;
}

static void *room_for(const kmsg_layout *layout, kmsg_arena *mem)
{
    void *p = kmsg_alloc_zeroed(mem, 1, layout->size, 16);

    CHECK(p != NULL);
    return p;
}

/* ---- values ---------------------------------------------------------------------------------- */

static kmsg_bytes encode(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes = {NULL, 0};
    size_t     size = 0;

    OK(kmsg_encode(layout, value, mem, &bytes));
    OK(kmsg_encoded_size(layout, value, &size));
    EQ_UINT(size, bytes.size);
    return bytes;
}

static void refuse_truncated(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem)
{
    void *ret = room_for(layout, mem);

    for (size_t size = 0; size < bytes.size; size += 1 + size / 128)
        FAILS(kmsg_decode(layout, (kmsg_bytes){bytes.data, size}, mem, ret), KMSG_EDECODE);
}

kmsg_bytes judge_value(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    const kmsg_layout slow = plain(layout);
    kmsg_bytes        one = encode(layout, value, mem), two = encode(&slow, value, mem);
    void             *back = room_for(layout, mem), *copy = room_for(layout, mem);

    EQ_MEM(two.data, two.size, one.data, one.size);
    OK(kmsg_decode(layout, one, mem, back));
    CHECK(kmsg_equal(layout, value, back));
    OK(kmsg_decode(&slow, one, mem, back));
    CHECK(kmsg_equal(layout, value, back));
    OK(kmsg_copy(layout, back, mem, copy));
    CHECK(kmsg_equal(layout, copy, value));
    two = encode(layout, copy, mem);
    EQ_MEM(two.data, two.size, one.data, one.size);
    CHECK(version_wrote(layout, one));
    refuse_truncated(layout, one, mem);
    if (layout->row_get != NULL)
        refuse_truncated(&slow, one, mem);
    return one;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static size_t asked; /* bytes that the allocator has given out */

static void *counting(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    asked += size;
    return realloc(old, size);
}

static size_t memory_max(const kmsg_layout *layout, kmsg_bytes bytes)
{
    return 16 * bytes.size + 4096 + layout->size + 16;
}

/* An arena of one block, which has room for all that is made of a message. */
static kmsg_arena *arena_for(const kmsg_layout *layout, kmsg_bytes bytes)
{
    static kmsg_arena *mem;
    static size_t      room;
    const size_t       needed = 8 * memory_max(layout, bytes);

    kmsg_set_allocator((kmsg_allocator){counting, NULL});
    if (room < needed) {
        kmsg_arena_free(mem);
        mem = kmsg_arena_new();
        room = needed + (1 << 20);
        CHECK(kmsg_alloc(mem, room, 16) != NULL);
    }
    kmsg_arena_reset(mem);
    return mem;
}

static kmsg_err decode(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    const size_t   most = memory_max(layout, bytes);
    const uint8_t *at = mem->at, *end = mem->end;
    size_t         taken;
    kmsg_err       err;

    asked = 0;
    err = kmsg_decode(layout, bytes, mem, ret);
    CHECK(mem->end == end); /* still in the one block */
    taken = (size_t)(mem->at - at);
    if (err == KMSG_OK)
        CHECK(taken + asked <= most);
    CHECK(taken <= most && asked <= 3 * most + 8192);
    return err;
}

kmsg_err judge_memory(const kmsg_layout *layout, kmsg_bytes bytes)
{
    kmsg_arena *mem = arena_for(layout, bytes);

    return decode(layout, bytes, mem, room_for(layout, mem));
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* What an older writer lacked takes its default, which need not be within limits: then it is not
 * written again. */
static void judge_good(const kmsg_layout *layout, const void *value, kmsg_bytes bytes,
                       kmsg_arena *mem)
{
    bool       same = version_wrote(layout, bytes);
    void      *back = room_for(layout, mem);
    kmsg_bytes again;
    kmsg_err   err = kmsg_encode(layout, value, mem, &again);

    if (err == KMSG_EVALUE && !same)
        return;
    OK(err);
    if (same)
        EQ_MEM(again.data, again.size, bytes.data, bytes.size);
    OK(kmsg_decode(layout, again, mem, back));
    CHECK(kmsg_equal(layout, value, back));
}

static kmsg_err judge_in(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem)
{
    const kmsg_layout slow = plain(layout);
    void             *one = room_for(layout, mem), *two = room_for(layout, mem);
    kmsg_err          err = decode(layout, bytes, mem, one);

    if (layout->row_get != NULL)
        EQ_INT(decode(&slow, bytes, mem, two), err);
    if (err != KMSG_OK) {
        CHECK(err == KMSG_EDECODE || err == KMSG_EDEPTH || err == KMSG_ETOOBIG);
        CHECK(kmsg_last_error()[0] != '\0');
        return err;
    }
    if (layout->row_get != NULL)
        CHECK(kmsg_equal(layout, one, two));
    judge_good(layout, one, bytes, mem);
    return KMSG_OK;
}

kmsg_err judge_bytes(const kmsg_layout *layout, kmsg_bytes bytes)
{
    uint8_t *exact = malloc(bytes.size == 0 ? 1 : bytes.size);
    kmsg_err err;

    memcpy(exact, bytes.data, bytes.size);
    err = judge_in(layout, (kmsg_bytes){exact, bytes.size}, arena_for(layout, bytes));
    free(exact);
    return err;
}

/* Bytes changed, runs moved, words made extreme or a little larger, the end cut off. */
static void mutate(uint8_t *data, size_t *size)
{
    static const uint32_t words[] = {0, 1, 0xff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    size_t                at = test_random() % *size, from = test_random() % *size;
    uint8_t              *word = data + (at & ~(size_t)3) % (*size - 3);
    uint32_t              value = words[test_random() % 7];

    switch (test_random() % 6) {
    case 0: data[at] = (uint8_t)test_random(); break;
    case 1: data[at] ^= (uint8_t)(1u << test_random() % 8); break;
    case 2: memmove(data + at, data + from, (at > from ? *size - at : *size - from) % 16); break;
    case 3: memcpy(word, &value, sizeof value); break;
    case 4:
        kmsg_store32(word, kmsg_load32(word) + (uint32_t)(int32_t)(test_random() % 9) - 4);
        break;
    default:
        if (test_random() % 8 == 0)
            *size = 8 + at * (*size - 8) / *size;
        break;
    }
}

void judge_mutants(const kmsg_layout *layout, kmsg_bytes bytes, unsigned count)
{
    uint8_t *mutant = malloc(bytes.size);

    for (unsigned i = 0; i < count; i++) {
        size_t size = bytes.size;
        memcpy(mutant, bytes.data, size);
        for (unsigned n = 1 + test_random() % 4; n > 0; n--)
            mutate(mutant, &size);
        (void)judge_bytes(layout, (kmsg_bytes){mutant, size});
    }
    free(mutant);
}
