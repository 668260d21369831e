/* hostile_test.c -- what other decoders let through: counts and lengths that announce more than
 * there is, numbers that are no value of their type, texts that are none. Each is refused by
 * generated code and by the descriptors, in words of its own, and takes no memory beyond what a
 * message of its size may.
 *
 * That lengths overflow 64 bits takes 2^32 of them, or 16 GiB: sums are of 64 bits.
 */
#include "hostile.kmsg.h"
#include "judge.h"
#include "test.h"

#include <kmsg/codec.h>

typedef struct message {
    uint8_t data[256];
    size_t  size;
} message;

static void put(message *m, const void *data, size_t size)
{
    CHECK(m->size + size <= sizeof m->data);
    memcpy(m->data + m->size, data, size);
    m->size += size;
}

static void put32(message *m, uint32_t number)
{
    uint8_t bytes[4];

    kmsg_store32(bytes, number);
    put(m, bytes, 4);
}

/* A record of a block and lengths, and what follows it; its size is put in front. */
static message record(const kmsg_layout *layout)
{
    message m = {.size = 0};

    put32(&m, 0);
    put32(&m, layout->shape);
    return m;
}

static kmsg_bytes whole(message *m)
{
    kmsg_store32(m->data, (uint32_t)m->size);
    return (kmsg_bytes){m->data, m->size};
}

static void refused(const kmsg_layout *layout, message m, const char *words)
{
    kmsg_layout slow = *layout;
    kmsg_bytes  bytes = whole(&m);

    slow.row_get = NULL;
    FAILS(judge_memory(&slow, bytes), KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), words);
    FAILS(judge_memory(layout, bytes), KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), words);
    FAILS(judge_bytes(layout, bytes), KMSG_EDECODE);
}

static void accepted(const kmsg_layout *layout, message m)
{
    OK(judge_bytes(layout, whole(&m)));
}

/* ---- counts and lengths ---------------------------------------------------------------------- */

TEST(two_to_the_28_doubles_are_not_in_44_bytes)
{
    static const uint8_t zeroes[32];
    message              m = record(&hostile_Doubles_layout);

    put32(&m, 8u << 28);
    put(&m, zeroes, 32);
    EQ_UINT(m.size, 44);
    refused(&hostile_Doubles_layout, m, "Doubles: its lengths do not add up to its size");
}

/* A list of rows of one tail each, which is announced in a message of 32 bytes. */
static message announced(const kmsg_layout *layout, uint32_t count, uint32_t shape)
{
    message m = record(layout);

    put32(&m, 4 + 8 + 8);
    put32(&m, 0);
    put32(&m, count);
    put32(&m, shape);
    put32(&m, 0);
    put32(&m, 0);
    return m;
}

TEST(a_count_is_checked_before_it_is_allocated)
{
    static const uint32_t counts[] = {9, 0x10000000, 0x40000001, 0x80000000, 0xffffffff};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        test_at("count %u", counts[i]);
        refused(&hostile_Rows_layout,
                announced(&hostile_Rows_layout, counts[i], KMSG_SHAPE(1, 0, 0)),
                "Rows.rows: more items than there are bytes for");
        refused(&hostile_Names_layout,
                announced(&hostile_Names_layout, counts[i], KMSG_SHAPE(0, 1, 2)),
                "Names.names: more items than there are bytes for");
        refused(&hostile_Map_layout, announced(&hostile_Map_layout, counts[i], KMSG_SHAPE(4, 1, 2)),
                "Map.by: more items than there are bytes for");
        refused(&hostile_Pair_layout,
                announced(&hostile_Pair_layout, counts[i], KMSG_SHAPE(0, 1, 2)),
                "Pair.pair: more items than there are bytes for");
    }
    refused(&hostile_Rows_layout, announced(&hostile_Rows_layout, 0, KMSG_SHAPE(1, 0, 0)),
            "Rows.rows: an empty list with a length");
    refused(&hostile_Rows_layout, announced(&hostile_Rows_layout, 1u << 28, KMSG_SHAPE(0, 0, 0)),
            "Rows.rows: items of no size");
}

TEST(an_object_is_not_there_because_its_number_is)
{
    message m = record(&hostile_Leading_layout);

    put32(&m, 4);
    put32(&m, 0xffffffff);
    refused(&hostile_Leading_layout, m, "Leading.to: leads to an object that is not there");
}

/* Two lengths of which the sum is 2^32 and the bytes that are there. */
TEST(lengths_whose_sum_overflows_32_bits_do_not_add_up)
{
    message m = record(&hostile_Two_layout);

    put32(&m, 0x80000000);
    put32(&m, 0x80000008);
    put(&m, "12345678", 8);
    refused(&hostile_Two_layout, m, "Two: its lengths do not add up to its size");
}

TEST(so_do_lengths_of_rows)
{
    message m = record(&hostile_Texts_layout);

    put32(&m, 4 + 8 + 8 + 2);
    put32(&m, 0);
    put32(&m, 2);
    put32(&m, KMSG_SHAPE(0, 1, 2));
    put32(&m, 0xfffffffe);
    put32(&m, 4);
    put(&m, "a", 2);
    refused(&hostile_Texts_layout, m, "Texts.texts: its lengths do not add up to its size");
}

TEST(the_sizes_of_an_any_do_not_overflow)
{
    static const uint32_t sizes[][2] = {
        {0xfffffff8, 16}, {0xffffffff, 0xffffffff}, {2, 0xfffffffe}};

    for (size_t i = 0; i < 3; i++) {
        message m = record(&hostile_Any_layout);
        put32(&m, 4 + 16);
        put32(&m, 0);
        put32(&m, sizes[i][0]);
        put32(&m, sizes[i][1]);
        put(&m, "a\0\0\0\0\0\0", 8);
        refused(&hostile_Any_layout, m, "Any.any: its sizes do not add up");
    }
}

TEST(what_is_inside_is_not_larger_than_what_is_around_it)
{
    static const uint32_t sizes[] = {0, 7, 8, 10, 0x7fffffff, 0xffffffff};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        message m = record(&hostile_Inner_layout); /* the others have the same shape */
        put32(&m, 4 + 9);
        put32(&m, 0);
        put32(&m, sizes[i]);
        put32(&m, hostile_Row_layout.shape);
        put(&m, "x", 1);
        refused(&hostile_Inner_layout, m, "Inner.row: its header tells another size than it has");
        refused(&hostile_Maybe_layout, m, "Maybe.row: its header tells another size than it has");
        refused(&hostile_Chosen_layout, m,
                "Chosen.choice: its header tells another size than it has");
    }
}

/* ---- scalars --------------------------------------------------------------------------------- */

typedef struct order {
    int32_t  side;
    uint8_t  urgent, pad[3]; /* one behind the other in the message */
    uint32_t letter, price;
    uint8_t  has_price;
} order;

static message order_of(order o)
{
    message m = record(&hostile_Order_layout);

    put32(&m, (uint32_t)o.side);
    put(&m, &o.urgent, 4);
    put32(&m, o.letter);
    put32(&m, o.price);
    put(&m, &o.has_price, 1);
    return m;
}

TEST(an_enum_of_99_is_no_member_of_a_closed_enum)
{
    static const int32_t sides[] = {99, 2, -1, INT32_MIN, INT32_MAX, 256};

    accepted(&hostile_Order_layout, order_of((order){.side = 1}));
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        refused(&hostile_Order_layout, order_of((order){.side = sides[i]}),
                "Order.side: not a member of its closed enum");
}

TEST(a_bool_is_0_or_1)
{
    accepted(&hostile_Order_layout, order_of((order){.urgent = 1}));
    for (unsigned i = 2; i < 256; i++)
        refused(&hostile_Order_layout, order_of((order){.urgent = (uint8_t)i}),
                "Order.urgent: neither true nor false");
}

TEST(a_rune_is_a_unicode_scalar_value)
{
    static const uint32_t bad[] = {0xd800,   0xdbff,     0xdc00,    0xdfff,
                                   0x110000, 0x7fffffff, 0xffffffff};
    static const uint32_t good[] = {0, 0xd7ff, 0xe000, 0x10ffff};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(&hostile_Order_layout, order_of((order){.letter = bad[i]}),
                "Order.letter: not a Unicode scalar value");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        accepted(&hostile_Order_layout, order_of((order){.letter = good[i]}));
}

TEST(what_is_absent_is_zero_and_padding_too)
{
    accepted(&hostile_Order_layout, order_of((order){.price = 7, .has_price = 1}));
    refused(&hostile_Order_layout, order_of((order){.price = 7}),
            "Order.price: absent, but not zero");
    refused(&hostile_Order_layout, order_of((order){.price = 7, .has_price = 2}),
            "Order.price: neither there nor absent");
    refused(&hostile_Order_layout, order_of((order){.pad = {0, 1}}),
            "Order: padding that is not zero");
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* It begins with its 13th byte: nothing in front of the message may be looked at. */
static message text_of(const char *text, size_t size)
{
    message m = record(&hostile_Text_layout); /* the others have the same shape */

    put32(&m, (uint32_t)size + 1);
    put(&m, text, size);
    put(&m, "", 1);
    return m;
}

static void refused_text(message m, const char *why)
{
    static const kmsg_layout *const layouts[] = {&hostile_Text_layout, &hostile_Maybe_text_layout,
                                                 &hostile_Few_layout};
    char                            words[200];

    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        snprintf(words, sizeof words, "%s.text: %s", strchr(layouts[i]->name, '.') + 1, why);
        refused(layouts[i], m, words);
    }
}

/* Alone, and at each place of a text that spans several words. */
static void everywhere(const char *bad, size_t size, const char *words)
{
    char text[64];

    refused_text(text_of(bad, size), words);
    for (size_t at = 0; at + size <= 40; at++) {
        test_at("at %zu: %s", at, words);
        memset(text, 'a', sizeof text);
        memcpy(text + at, bad, size);
        refused_text(text_of(text, 40), words);
    }
}

TEST(what_is_not_utf8_is_refused)
{
    static const struct {
        const char *bytes, *what;
    } bad[] = {{"\x80", "a byte that goes on, alone"},
               {"\xbf\xbf", "two of them"},
               {"\xc0\xaf", "a slash in two bytes"},
               {"\xc1\xbf", "U+007F in two bytes"},
               {"\xe0\x80\xaf", "a slash in three"},
               {"\xe0\x9f\xbf", "U+07FF in three"},
               {"\xf0\x80\x80\xaf", "a slash in four"},
               {"\xf0\x8f\xbf\xbf", "U+FFFF in four"},
               {"\xed\xa0\x80", "the surrogate U+D800"},
               {"\xed\xbf\xbf", "the surrogate U+DFFF"},
               {"\xed\xa0\x80\xed\xb0\x80", "a pair of them"},
               {"\xf4\x90\x80\x80", "U+110000"},
               {"\xf5\x80\x80\x80", "more than that"},
               {"\xf8\x88\x80\x80\x80", "five bytes"},
               {"\xfe", "no byte of UTF-8"},
               {"\xff", "nor this"},
               {"\xc3", "the first of two bytes"},
               {"\xe2\x82", "two of three"},
               {"\xf0\x9f\x98", "three of four"},
               {"\xe2\x28\xa1", "one in between that does not go on"}};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_at("%s", bad[i].what);
        everywhere(bad[i].bytes, strlen(bad[i].bytes), "not UTF-8");
    }
}

static void accepted_text(const char *text)
{
    accepted(&hostile_Text_layout, text_of(text, strlen(text)));
    accepted(&hostile_Maybe_text_layout, text_of(text, strlen(text)));
    accepted(&hostile_Few_layout, text_of(text, strlen(text)));
}

TEST(texts_of_each_length_are_taken)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn";

    for (size_t size = 1; size < sizeof letters; size++)
        accepted_text(letters + sizeof letters - 1 - size);
}

TEST(the_edges_of_utf8_are_taken)
{
    static const char *const good[] = {"\x7f",         "\xc2\x80",         "\xdf\xbf",
                                       "\xe0\xa0\x80", "\xed\x9f\xbf",     "\xee\x80\x80",
                                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        accepted_text(good[i]);
}

TEST(a_nul_inside_a_text_is_refused)
{
    everywhere("", 1, "a NUL inside the text");
    everywhere("\0\0", 2, "a NUL inside the text");
}

TEST(a_text_ends_with_its_nul)
{
    for (uint32_t size = 2; size <= 40; size++) {
        message m = record(&hostile_Text_layout);
        put32(&m, size);
        for (uint32_t i = 0; i < size; i++)
            put(&m, "a", 1);
        refused_text(m, "a text without its NUL");
    }
}

TEST(a_text_of_nothing_but_its_nul_is_refused)
{
    refused_text(text_of("", 0), "an empty text with a length");
}

/* ---- items ----------------------------------------------------------------------------------- */

static message sides_of(const char *flags, const void *sides, uint32_t sides_size, const void *keys,
                        uint32_t keys_size)
{
    message m = record(&hostile_Sides_layout);

    put(&m, flags, 3);
    put(&m, "", 1);
    put32(&m, sides_size);
    put32(&m, keys_size);
    put(&m, sides, sides_size);
    put(&m, keys, keys_size);
    return m;
}

TEST(items_are_looked_at_each)
{
    static const char sides[] = "\0\0\0\0\1\0\0\0\1\0\0\0\143\0\0";
    static const char keys[] = "\2\0\0\0\2\0\1\0";

    accepted(&hostile_Sides_layout, sides_of("\1\0\1", sides, 12, keys, 8));
    refused(&hostile_Sides_layout, sides_of("\1\0\1", sides, 16, keys, 8),
            "Sides.sides[3]: not a member of its closed enum");
    refused(&hostile_Sides_layout, sides_of("\1\0\3", sides, 12, keys, 8),
            "Sides.flags[2]: neither true nor false");
    refused(&hostile_Sides_layout, sides_of("\1\0\1", sides, 12, "\2\0\1\0\2\0\0\0", 8),
            "Sides.keys[[2, false]]: items that are not in order");
    refused(&hostile_Sides_layout, sides_of("\1\0\1", sides, 12, "\2\0\1\0\2\0\1\0", 8),
            "Sides.keys[[2, true]]: an item that is there twice");
    refused(&hostile_Sides_layout, sides_of("\1\0\1", sides, 12, "\2\0\2\0", 4),
            "Sides.keys[0].b: neither true nor false");
    refused(&hostile_Sides_layout, sides_of("\1\0\1", sides, 10, keys, 8),
            "Sides.sides: its bytes are not a whole number of items");
}
