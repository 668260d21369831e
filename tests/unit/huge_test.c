/* huge_test.c -- sizes and counts above what any message may have: each is refused before anything
 * of what they count is read. And none counts where the value is absent.
 */
#include "huge.kmsg.h"
#include "test.h"

#include <kmsg/codec.h>

#include <pthread.h>

/* Whoever reads here dies. */
#define NOWHERE ((const void *)(uintptr_t)64)

static const size_t counts[] = {KMSG_MESSAGE_MAX + 1, 2 * KMSG_MESSAGE_MAX - 1,
                                2 * KMSG_MESSAGE_MAX, 2 * KMSG_MESSAGE_MAX + 1,
                                SIZE_MAX / 2 + 1,     SIZE_MAX - 15,
                                SIZE_MAX - 1,         SIZE_MAX};

#define COUNTS (sizeof counts / sizeof *counts)

static void refused(const kmsg_layout *layout, const void *value)
{
    kmsg_arena *mem = kmsg_arena_new();
    uint8_t     room[2048];
    size_t      size;
    kmsg_bytes  bytes;

    CHECK(kmsg_alloc(mem, 1, 1) != NULL); /* now there is room in it */
    FAILS(kmsg_encoded_size(layout, value, &size), KMSG_ETOOBIG);
    FAILS(kmsg_encode_into(layout, value, room, sizeof room, &size), KMSG_ETOOBIG);
    FAILS(kmsg_encode_into(layout, value, room, 20, &size), KMSG_ETOOBIG);
    FAILS(kmsg_encode(layout, value, mem, &bytes), KMSG_ETOOBIG);
    HAS(kmsg_last_error(), "larger than any message may be");
    kmsg_arena_free(mem);
}

static void refused_by_all(const kmsg_layout *layout, const void *value)
{
    kmsg_layout slow = *layout;

    slow.row_end = NULL;
    slow.row_put = NULL;
    refused(layout, value);
    refused(&slow, value);
}

static void refused_alone(const kmsg_type *type, const void *value)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;

    FAILS(kmsg_encode_value(type, value, mem, &bytes), KMSG_ETOOBIG);
    kmsg_arena_free(mem);
}

/* Each field in turn has so many; the others are zero. */
static void refused_fields(const kmsg_layout *layout, void *value)
{
    for (uint32_t i = 0; i < layout->count; i++)
        for (size_t k = 0; k < COUNTS; k++) {
            const kmsg_items many = {NOWHERE, counts[k]};
            test_at("%s.%s, %zu", layout->name, layout->fields[i].name, counts[k]);
            memset(value, 0, layout->size);
            memcpy((uint8_t *)value + layout->fields[i].offset, &many, sizeof many);
            refused_by_all(layout, value);
            refused_alone(layout->fields[i].type, &many);
        }
}

TEST(what_is_larger_than_any_message_is_refused_unread)
{
    huge_Must  must;
    huge_Maybe maybe;

    refused_fields(&huge_Must_layout, &must);
    refused_fields(&huge_Maybe_layout, &maybe);
}

TEST(what_a_union_holds_is_no_exception)
{
    const kmsg_layout *layout = huge_Any_of_type.layout;

    for (uint32_t i = 0; i < layout->count; i++)
        for (size_t k = 0; k < COUNTS; k++) {
            const kmsg_items many = {NOWHERE, counts[k]};
            const uint32_t   kind = i == 0 ? 99 : layout->fields[i].number;
            huge_Chosen      chosen = {.one.kind = huge_Any_of_kind_NONE};
            test_at("%s.%s, %zu", layout->name, layout->fields[i].name, counts[k]);
            memcpy(&chosen.one, &kind, sizeof kind);
            memcpy((uint8_t *)&chosen.one + layout->fields[i].offset, &many, sizeof many);
            refused_by_all(&huge_Chosen_layout, &chosen);
            refused_alone(&huge_Any_of_type, &chosen.one);
        }
}

TEST(neither_is_what_an_any_holds)
{
    for (size_t k = 0; k < COUNTS; k++) {
        const huge_Letter name = {.what = {{NOWHERE, counts[k]}, {NULL, 0}}};
        const huge_Letter message = {.what = {KMSG_STR("a.B"), {NOWHERE, counts[k]}}};
        test_at("%zu", counts[k]);
        refused_by_all(&huge_Letter_layout, &name);
        refused_by_all(&huge_Letter_layout, &message);
    }
}

TEST(the_count_of_what_is_absent_is_not_looked_at)
{
    kmsg_arena      *mem = kmsg_arena_new();
    const huge_Maybe nothing = huge_Maybe_initial;
    kmsg_bytes       wanted, bytes;

    OK(huge_Maybe_encode(&nothing, mem, &wanted));
    for (uint32_t i = 0; i < huge_Maybe_layout.count; i++) {
        const kmsg_items absent = {NULL, 5};
        huge_Maybe       maybe = nothing;
        test_at("%s", huge_Maybe_layout.fields[i].name);
        memcpy((uint8_t *)&maybe + huge_Maybe_layout.fields[i].offset, &absent, sizeof absent);
        OK(huge_Maybe_encode(&maybe, mem, &bytes));
        EQ_MEM(bytes.data, bytes.size, wanted.data, wanted.size);
    }
    kmsg_arena_free(mem);
}

/* Where pointers have 32 bits, the stack may stand at their end. The text is none, which is seen at
 * its first byte: so it need not be there. */
TEST(a_text_whose_end_wraps_round_does_not_fit)
{
    for (unsigned log2 = 12; log2 < 30; log2++) {
        const huge_Item item = {.name = {"", (size_t)1 << log2}};
        uint8_t         room[64];
        size_t          size;
        test_at("2 to the %u", log2);
        FAILS(huge_Item_encode_into(&item, room, sizeof room, &size), KMSG_EVALUE);
        HAS(kmsg_last_error(), "Item.name: a NUL inside the text");
    }
}

/* ---- on a small stack ------------------------------------------------------------------------ */

static void *send_and_take(void *ctx)
{
    huge_Wide  *wide = ctx;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;

    OK(huge_Wide_encode(wide, mem, &bytes));
    wide->bytes[65534] = 0;
    FAILS(huge_Wide_decode((kmsg_bytes){bytes.data, bytes.size - 8}, mem, wide), KMSG_EDECODE);
    EQ_UINT(wide->bytes[65534], 0);
    OK(huge_Wide_decode(bytes, mem, wide));
    EQ_UINT(wide->bytes[65534], 7);
    kmsg_arena_free(mem);
    return NULL;
}

TEST(a_wide_record_is_decoded_on_a_small_stack)
{
    static huge_Wide wide;
    pthread_attr_t   small;
    pthread_t        thread;

    wide.bytes[65534] = 7;
    CHECK(sizeof wide > 1 << 18);
    CHECK(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 1 << 18) == 0);
    CHECK(pthread_create(&thread, &small, send_and_take, &wide) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&small);
}
