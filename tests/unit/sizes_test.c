/* sizes_test.c -- X_ENCODED_MAX: no message is longer, and where nothing needs padding one is as
 * long.
 */
#include "maker.h"
#include "test.h"

#include "sizes.kmsg.h"

#define ROUNDS 300

static const struct {
    const kmsg_layout *layout;
    size_t             max;
} bounded[] = {
    {&sizes_Scalars_layout, sizes_Scalars_ENCODED_MAX},
    {&sizes_Texts_layout, sizes_Texts_ENCODED_MAX},
    {&sizes_Lists_layout, sizes_Lists_ENCODED_MAX},
    {&sizes_Nested_layout, sizes_Nested_ENCODED_MAX},
    {&sizes_D1_layout, sizes_D1_ENCODED_MAX},
    {&sizes_D4_layout, sizes_D4_ENCODED_MAX},
};

#define BOUNDED (sizeof bounded / sizeof *bounded)

#if defined(sizes_Free_ENCODED_MAX) || defined(sizes_Some_ENCODED_MAX) ||                          \
    defined(sizes_Chain_ENCODED_MAX) || defined(sizes_Holder_ENCODED_MAX) ||                       \
    defined(sizes_Packed_ENCODED_MAX) || defined(sizes_Linked_ENCODED_MAX) ||                      \
    defined(sizes_Huge_ENCODED_MAX)
#error "a bound for what has none"
#endif

TEST(no_message_is_longer_than_the_longest)
{
    for (size_t i = 0; i < BOUNDED; i++)
        for (unsigned round = 0; round < test_rounds(ROUNDS); round++) {
            kmsg_arena *mem = kmsg_arena_new();
            maker       m = {.mem = mem};
            size_t      size = 0;
            test_seed(round * 100 + i);
            test_at("%s, seed %u", bounded[i].layout->name, round);
            OK(kmsg_encoded_size(bounded[i].layout, maker_record(&m, bounded[i].layout), &size));
            CHECK(size <= bounded[i].max);
            kmsg_arena_free(mem);
        }
}

TEST(scalars_have_one_size)
{
    const sizes_Scalars zero = {0};
    size_t              size = 0;

    OK(sizes_Scalars_encoded_size(&zero, &size));
    EQ_UINT(size, sizes_Scalars_ENCODED_MAX);
}

TEST(a_buffer_of_the_longest_message_takes_the_longest_texts)
{
    static const uint8_t key[16] = {1};
    const sizes_Texts    full = {.name = KMSG_STR("twenty letters, a-m!"),
                                 .key = {key, sizeof key},
                                 .code = KMSG_STR("abc")};
    uint8_t              buffer[sizes_Texts_ENCODED_MAX];
    size_t               size = 0;

    OK(sizes_Texts_encode_into(&full, buffer, sizeof buffer, &size));
    EQ_UINT(size, sizes_Texts_ENCODED_MAX);
}
