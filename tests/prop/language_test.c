/* language_test.c -- random values of every form of the language: what generated code and what the
 * descriptors make of them is the same, and comes back equal.
 */
#include "maker.h"
#include "test.h"

#include "language.kmsg.h"

#include <kmsg/codec.h>

#include <stdlib.h>

#define ROUNDS 200

static const kmsg_layout *const layouts[] = {
    &lang_Scalars_layout, &lang_Edges_layout,  &lang_Optionals_layout, &lang_Limited_layout,
    &lang_Arrays_layout,  &lang_Sets_layout,   &lang_Maps_layout,      &lang_Unions_layout,
    &lang_Lists_layout,   &lang_Node_layout,   &lang_Tree_layout,      &lang_Graph_layout,
    &lang_Missing_layout, &lang_Larger_layout, &lang_Circle_layout,    &lang_Cell_layout,
    &lang_Key_layout};

#define LAYOUTS (sizeof layouts / sizeof *layouts)

/* Allocations until one is refused, and all after it; 0: none is. */
static size_t refused_in, refused;

static void *counting(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    if (refused_in != 0 && --refused_in == 0) {
        refused++;
        refused_in = 1;
        return NULL;
    }
    return realloc(old, size);
}

__attribute__((constructor)) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){counting, NULL});
}

static kmsg_layout plain(const kmsg_layout *layout)
{
    kmsg_layout copy = *layout;

    copy.row_end = NULL;
    copy.row_put = NULL;
    copy.row_get = NULL;
    return copy;
}

/* Each value, in an arena of its own. */
static void for_values(void (*check)(const kmsg_layout *layout, const void *value, kmsg_arena *mem))
{
    const unsigned rounds = test_rounds(ROUNDS);

    for (unsigned i = 0; i < LAYOUTS; i++)
        for (unsigned round = 0; round < rounds; round++) {
            kmsg_arena *mem = kmsg_arena_new();
            maker       m = {.mem = mem};
            test_seed(round * 1000 + i);
            check(layouts[i], maker_record(&m, layouts[i]), mem);
            kmsg_arena_free(mem);
        }
}

static void must(kmsg_err err, const kmsg_layout *layout, const void *value)
{
    if (err != KMSG_OK) {
        fprintf(stderr, "%s: %s\n", kmsg_err_name(err), kmsg_last_error());
        kmsg_print(layout, value, stderr);
        fputs("\n", stderr);
    }
    OK(err);
}

static void check_round(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_bytes one, two;
    void      *back = kmsg_alloc(mem, layout->size, 16), *copy = kmsg_alloc(mem, layout->size, 16);

    must(kmsg_encode(layout, value, mem, &one), layout, value);
    must(kmsg_decode(layout, one, mem, back), layout, value);
    CHECK(kmsg_equal(layout, value, back));
    must(kmsg_copy(layout, back, mem, copy), layout, value);
    CHECK(kmsg_equal(layout, copy, value));
    must(kmsg_encode(layout, copy, mem, &two), layout, value);
    EQ_MEM(two.data, two.size, one.data, one.size);
}

TEST(every_value_comes_back_equal_with_the_same_bytes)
{
    for_values(check_round);
}

static void check_descriptors(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    const kmsg_layout slow = plain(layout);
    kmsg_bytes        one, two;
    void             *back = kmsg_alloc(mem, layout->size, 16);

    must(kmsg_encode(layout, value, mem, &one), layout, value);
    must(kmsg_encode(&slow, value, mem, &two), layout, value);
    EQ_MEM(two.data, two.size, one.data, one.size);
    must(kmsg_decode(&slow, one, mem, back), layout, value);
    CHECK(kmsg_equal(layout, value, back));
}

TEST(descriptors_and_generated_code_make_the_same_bytes)
{
    for_values(check_descriptors);
}

static void check_mutants(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    const kmsg_layout slow = plain(layout);
    kmsg_bytes        bytes;
    uint8_t          *mutant;
    void *one = kmsg_alloc(mem, layout->size, 16), *two = kmsg_alloc(mem, layout->size, 16);

    must(kmsg_encode(layout, value, mem, &bytes), layout, value);
    mutant = kmsg_alloc(mem, bytes.size, 8);
    for (unsigned i = 0; i < 100; i++) {
        kmsg_err a, b;
        memcpy(mutant, bytes.data, bytes.size);
        mutant[test_random() % bytes.size] ^= (uint8_t)(1u << test_random() % 8);
        if (i % 2 == 0)
            mutant[test_random() % bytes.size] = (uint8_t)test_random();
        a = kmsg_decode(layout, (kmsg_bytes){mutant, bytes.size}, mem, one);
        b = kmsg_decode(&slow, (kmsg_bytes){mutant, bytes.size}, mem, two);
        EQ_INT(a, b);
        if (a == KMSG_OK)
            CHECK(kmsg_equal(layout, one, two));
    }
}

TEST(mutants_are_judged_alike)
{
    for_values(check_mutants);
}

/* With the n-th allocation refused, for every n: done, or told. */
static void refuse(const kmsg_layout *layout, const void *value, uint8_t *buffer, size_t size,
                   void *back)
{
    for (size_t n = 1;; n++) {
        kmsg_arena *mem = kmsg_arena_new();
        size_t      written;
        kmsg_err    put, get = KMSG_OK, copied;

        refused = 0;
        refused_in = n;
        put = kmsg_encode_into(layout, value, buffer, size, &written);
        if (put == KMSG_OK)
            get = kmsg_decode(layout, (kmsg_bytes){buffer, size}, mem, back);
        copied = kmsg_copy(layout, value, mem, back);
        refused_in = 0;
        kmsg_arena_free(mem);
        CHECK(put == KMSG_OK || put == KMSG_ENOMEM);
        CHECK(get == KMSG_OK || get == KMSG_ENOMEM);
        CHECK(copied == KMSG_OK || copied == KMSG_ENOMEM);
        if (refused == 0)
            return;
    }
}

static void check_memory(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    const kmsg_layout slow = plain(layout);
    kmsg_bytes        bytes;
    uint8_t          *buffer; /* exactly as long as the message: a sanitizer sees what is behind */

    must(kmsg_encode(layout, value, mem, &bytes), layout, value);
    buffer = malloc(bytes.size);
    memcpy(buffer, bytes.data, bytes.size);
    refuse(layout, value, buffer, bytes.size, kmsg_alloc(mem, layout->size, 16));
    memcpy(buffer, bytes.data, bytes.size);
    refuse(&slow, value, buffer, bytes.size, kmsg_alloc(mem, layout->size, 16));
    free(buffer);
}

TEST(every_refused_allocation_is_told)
{
    for_values(check_memory);
}

static void check_truncated(const kmsg_layout *layout, const void *value, kmsg_arena *mem)
{
    kmsg_bytes bytes;
    void      *back = kmsg_alloc(mem, layout->size, 16);

    must(kmsg_encode(layout, value, mem, &bytes), layout, value);
    for (size_t size = 0; size < bytes.size; size++)
        FAILS(kmsg_decode(layout, (kmsg_bytes){bytes.data, size}, mem, back), KMSG_EDECODE);
}

TEST(every_truncation_is_refused)
{
    for_values(check_truncated);
}
