/* budget_test.c -- reading a message takes at most 16 times its size and 4 KiB (judge.h says of
 * what): messages that are made to take the most, of one item to many. Those that would take more
 * are refused.
 */
#include "judge.h"
#include "large.kmsg.h"
#include "test.h"

#include <kmsg/codec.h>
#include <kmsg/schema.h>

#include <stdlib.h>

#define ITEMS_MAX 20000

/* Every value here is a record with one list. */
static kmsg_bytes encode(const kmsg_layout *layout, const void *items, size_t count,
                         kmsg_arena *mem)
{
    const kmsg_items value = {items, count};
    kmsg_bytes       bytes = {NULL, 0};

    EQ_UINT(layout->size, sizeof value);
    OK(kmsg_encode(layout, &value, mem, &bytes));
    return bytes;
}

static kmsg_err judge_both(const kmsg_layout *layout, kmsg_bytes bytes)
{
    kmsg_layout slow = *layout;
    kmsg_err    err = judge_memory(layout, bytes);

    slow.row_get = NULL;
    EQ_INT(judge_memory(&slow, bytes), err);
    return err;
}

/* `count` items of `size` bytes, each of them the one at `item`. */
static void *repeated(const void *item, size_t size, size_t count, kmsg_arena *mem)
{
    uint8_t *items = kmsg_alloc_zeroed(mem, count, size, 16);

    for (size_t i = 0; i < count; i++)
        memcpy(items + i * size, item, size);
    return items;
}

/* How many of up to ITEMS_MAX items are read. */
static size_t most_read(const kmsg_layout *from, const kmsg_layout *to, const void *item,
                        size_t size)
{
    size_t most = 0;

    for (size_t count = 1; count <= ITEMS_MAX; count += 1 + count / 8) {
        kmsg_arena *mem = kmsg_arena_new();
        kmsg_bytes  bytes = encode(from, repeated(item, size, count, mem), count, mem);
        kmsg_err    err = judge_both(to, bytes);

        test_at("%s, %zu items", to->name, count);
        CHECK(err == KMSG_OK || err == KMSG_ETOOBIG);
        if (err == KMSG_OK)
            most = count;
        kmsg_arena_free(mem);
    }
    return most;
}

/* ---- of this version ------------------------------------------------------------------------- */

static void is_read(const kmsg_layout *layout, const void *item, size_t size)
{
    CHECK(most_read(layout, layout, item, size) > ITEMS_MAX / 2);
}

TEST(what_this_version_wrote_is_read_however_many_items_there_are)
{
    static const large_Nothing nothing;
    const kmsg_string          text = {"", 0};
    const kmsg_any             any = {{"", 0}, {NULL, 0}};
    const kmsg_items           list = {NULL, 0};
    const kmsg_items           lists = {&list, 1};
    const large_Nothing_row    row = {&nothing, &nothing};
    const large_Union          none = {.kind = large_Union_kind_NONE};
    const large_Union          some = {.kind = large_Union_kind_any, .any = any};
    const large_Small          small = {0};
    const large_Old_maybe_row  maybe = {&small, &small};

    is_read(&large_Texts_layout, &text, sizeof text);
    is_read(&large_Anys_layout, &any, sizeof any);
    is_read(&large_Empties_layout, &list, sizeof list);
    is_read(&large_Empties_layout, &lists, sizeof lists);
    is_read(&large_Nothings_layout, &row, sizeof row);
    is_read(&large_Unions_layout, &none, sizeof none);
    is_read(&large_Unions_layout, &some, sizeof some);
    is_read(&large_Old_rows_layout, &small, sizeof small);
    is_read(&large_Old_maybe_layout, &maybe, sizeof maybe);
}

TEST(so_are_objects)
{
    kmsg_arena         *mem = kmsg_arena_new();
    large_Small        *small = kmsg_alloc_array(mem, large_Small, ITEMS_MAX);
    const large_Small **refs = kmsg_alloc_array(mem, const large_Small *, ITEMS_MAX);

    for (size_t i = 0; i < ITEMS_MAX; i++)
        refs[i] = &small[i];
    for (size_t count = 1; count <= ITEMS_MAX; count *= 3)
        OK(judge_both(&large_Old_refs_layout, encode(&large_Old_refs_layout, refs, count, mem)));
    kmsg_arena_free(mem);
}

/* ---- of another version ---------------------------------------------------------------------- */

/* Some are read, as 4 KiB are for all; many are not. */
static void is_bounded(const kmsg_layout *from, const kmsg_layout *to, const void *item,
                       size_t size)
{
    size_t most = most_read(from, to, item, size);

    CHECK(most < ITEMS_MAX / 2);
    HAS(kmsg_last_error(),
        "takes more memory than such a message may, 16 times its size and 4 KiB");
}

TEST(small_rows_that_have_grown_are_refused_when_they_are_many)
{
    const large_Small         small = {1};
    const large_Old_maybe_row maybe = {&small, &small};
    const large_Old_union     one = {.kind = large_Old_union_kind_small, .small = &small};
    const large_Old_table     table = {.many = {{1}}};

    is_bounded(&large_Old_rows_layout, &large_Rows_layout, &small, sizeof small);
    HAS(kmsg_last_error(), ": it was written by a version of the schema whose records are smaller");
    is_bounded(&large_Old_maybe_layout, &large_Maybe_layout, &maybe, sizeof maybe);
    is_bounded(&large_Old_unions_layout, &large_Unions_layout, &one, sizeof one);
    is_bounded(&large_Old_tables_layout, &large_Tables_layout, &table, sizeof table);
}

/* 8193 rows of 4 bytes, each of which is a T[65535] in C: where size_t has 32 bits, the bytes that
 * they take are more than it counts to. */
TEST(what_overflows_32_bits_is_too_much)
{
    enum { COUNT = 8193, SIZE = 24 + 4 * COUNT };
    kmsg_arena  *mem = kmsg_arena_new();
    uint8_t     *bytes = kmsg_alloc_zeroed(mem, SIZE, 1, 8);
    kmsg_schema *schema;

    OK(kmsg_schema_load_text("wide.kmsg",
                             kmsg_str("record Row { names: string[65535] }\n"
                                      "record Wide { rows: list<Row> }"),
                             NULL, &schema));
    kmsg_store32(bytes, SIZE);
    kmsg_store32(bytes + 4, KMSG_SHAPE(0, 1, 2));
    kmsg_store32(bytes + 8, SIZE - 12);
    kmsg_store32(bytes + 16, COUNT);
    kmsg_store32(bytes + 20, KMSG_SHAPE(0, 1, 2));
    FAILS(judge_memory(kmsg_schema_record(schema, "Wide"), (kmsg_bytes){bytes, SIZE}),
          KMSG_ETOOBIG);
    kmsg_schema_free(schema);
    kmsg_arena_free(mem);
}

TEST(so_are_values_of_maps_and_objects)
{
    kmsg_arena             *mem = kmsg_arena_new();
    large_Old_map_by_entry *by = kmsg_alloc_array(mem, large_Old_map_by_entry, ITEMS_MAX);
    large_Small            *small = kmsg_alloc_array(mem, large_Small, ITEMS_MAX);
    const large_Small     **refs = kmsg_alloc_array(mem, const large_Small *, ITEMS_MAX);
    kmsg_bytes              bytes;

    for (uint32_t i = 0; i < ITEMS_MAX; i++) {
        by[i].key = i;
        refs[i] = &small[i];
    }
    for (size_t count = 1; count <= ITEMS_MAX; count += 1 + count / 4) {
        bytes = encode(&large_Old_map_layout, by, count, mem);
        (void)judge_both(&large_Map_layout, bytes);
        bytes = encode(&large_Old_refs_layout, refs, count, mem);
        (void)judge_both(&large_Refs_layout, bytes);
    }
    bytes = encode(&large_Old_map_layout, by, ITEMS_MAX, mem);
    FAILS(judge_both(&large_Map_layout, bytes), KMSG_ETOOBIG);
    bytes = encode(&large_Old_refs_layout, refs, ITEMS_MAX, mem);
    FAILS(judge_both(&large_Refs_layout, bytes), KMSG_ETOOBIG);
    kmsg_arena_free(mem);
}

/* ---- blocks of an arena ---------------------------------------------------------------------- */

static size_t asked;

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

/* Each take is a little larger than what is left of the block before. */
TEST(an_arena_asks_for_at_most_three_times_what_is_taken_of_it)
{
    kmsg_allocator usual = {NULL, NULL}, counted = {counting, NULL};

    test_seed(1);
    for (unsigned round = 0; round < 2000; round++) {
        kmsg_arena *mem;
        size_t      taken = 0;
        kmsg_set_allocator(counted);
        asked = 0;
        mem = kmsg_arena_new();
        while (taken < 3 << 20) {
            size_t left = (size_t)(mem->end - mem->at);
            size_t size = round == 0 ? left + 8 : 1 + test_random() % (2 * left + 64);
            CHECK(kmsg_alloc(mem, size, 8) != NULL);
            taken += size;
            CHECK(asked <= 3 * taken + 8192);
        }
        kmsg_arena_free(mem);
        kmsg_set_allocator(usual);
    }
}
