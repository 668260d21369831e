/* kinds_keys_test.c -- sets, keys of every kind that can be one, and values of any type alone. */
#include "kinds.h"

typedef struct Point {
    int16_t x, y;
} Point;

typedef struct by_bytes_entry {
    kmsg_bytes key;
    kmsg_any   value;
} by_bytes_entry;

typedef struct by_mac_entry {
    uint8_t key[2];
    uint8_t value;
} by_mac_entry;

typedef struct Keys {
    kmsg_list_string words;
    kmsg_items       bits; /* u16 */
    kmsg_items       points;
    kmsg_items       by_bytes;
    kmsg_items       by_mac;
    kmsg_items       places; /* address */
} Keys;

static const kmsg_field  point_fields[] = {{FIELD(Point, x, kmsg_type_i16, 1, 0)},
                                           {FIELD(Point, y, kmsg_type_i16, 2, 2)}};
static const kmsg_layout point_layout = {LAYOUT("Point", Point, point_fields, KMSG_SHAPE(4, 0, 1))};
static const kmsg_type   point_type = {TYPE("Point", KMSG_KIND_FIXED, Point),
                                       .layout = &point_layout};

static const kmsg_field  text_fields[] = {{.name = "", .type = &kmsg_type_string, .number = 1}};
static const kmsg_layout text_row = {LAYOUT("string", kmsg_string, text_fields, KMSG_SHAPE_TEXT)};
static const kmsg_field  address_fields[] = {{.name = "", .type = &kmsg_type_address, .number = 1}};
static const kmsg_layout address_row = {
    LAYOUT("address", kmsg_address, address_fields, KMSG_SHAPE_TEXT)};

static const kmsg_type words_type = {TYPE("set<string>", KMSG_KIND_ROWS, kmsg_items),
                                     .item = &kmsg_type_string, .layout = &text_row,
                                     .is_set = true};
static const kmsg_type places_type = {TYPE("set<address>", KMSG_KIND_ROWS, kmsg_items),
                                      .item = &kmsg_type_address, .layout = &address_row,
                                      .is_set = true};
static const kmsg_type bits_type = {TYPE("set<u16>", KMSG_KIND_ARRAY, kmsg_items),
                                    .item = &kmsg_type_u16, .is_set = true};
static const kmsg_type points_type = {TYPE("set<Point>", KMSG_KIND_ARRAY, kmsg_items),
                                      .item = &point_type, .is_set = true};

static const kmsg_type   mac_type = {TYPE("u8[2]", KMSG_KIND_VECTOR, uint8_t[2]),
                                     .item = &kmsg_type_u8, .count = 2};
static const kmsg_field  by_bytes_fields[] = {{PART(by_bytes_entry, key, kmsg_type_bytes, 1, 0)},
                                              {PART(by_bytes_entry, value, kmsg_type_any, 2, 1)}};
static const kmsg_layout by_bytes_layout = {
    LAYOUT("by_bytes", by_bytes_entry, by_bytes_fields, KMSG_SHAPE(0, 2, 2))};
static const kmsg_type   by_bytes_type = {TYPE("map<bytes, any>", KMSG_KIND_MAP, kmsg_items),
                                          .layout = &by_bytes_layout};
static const kmsg_field  by_mac_fields[] = {{PART(by_mac_entry, key, mac_type, 1, 0)},
                                            {PART(by_mac_entry, value, kmsg_type_u8, 2, 2)}};
static const kmsg_layout by_mac_layout = {
    LAYOUT("by_mac", by_mac_entry, by_mac_fields, KMSG_SHAPE(3, 0, 0))};
static const kmsg_type by_mac_type = {TYPE("map<u8[2], u8>", KMSG_KIND_MAP, kmsg_items),
                                      .layout = &by_mac_layout};

static const kmsg_field keys_fields[] = {
    {FIELD(Keys, words, words_type, 1, 0)},
    {FIELD(Keys, bits, bits_type, 2, 1), .optional = 1},
    {FIELD(Keys, points, points_type, 3, 2)},
    {FIELD(Keys, by_bytes, by_bytes_type, 4, 3)},
    {FIELD(Keys, by_mac, by_mac_type, 5, 4)},
    {FIELD(Keys, places, places_type, 6, 5), .optional = 1},
};
static const kmsg_layout keys_layout = {
    LAYOUT("kinds.Keys", Keys, keys_fields, KMSG_SHAPE(0, 6, 2))};

/* ---- in order -------------------------------------------------------------------------------- */

/* Nothing in here is in order. */
static Keys some_keys(void)
{
    static const kmsg_string    words[] = {KMSG_STR("b"), KMSG_STR("ab"), KMSG_STR("a")};
    static const uint16_t       bits[] = {256, 255, 1};
    static const Point          points[] = {{1, -1}, {1, -2}, {-1, 5}};
    static const by_bytes_entry by_bytes[] = {
        {{(const uint8_t *)"\xff", 1}, {{"", 0}, {NULL, 0}}},
        {{(const uint8_t *)"\x7f\x00", 2}, {KMSG_STR("T"), {(const uint8_t *)"mess", 4}}}};
    static const by_mac_entry by_mac[] = {{{2, 1}, 9}, {{1, 200}, 8}};
    static const kmsg_address places[] = {{(const uint8_t *)"z", 1}, {NULL, 0}};

    return (Keys){.words = {words, 3},
                  .bits = {bits, 3},
                  .points = {points, 3},
                  .by_bytes = {by_bytes, 2},
                  .by_mac = {by_mac, 2},
                  .places = {places, 2}};
}

#define KEYS_TEXT                                                                                  \
    "kinds.Keys { words: [\"a\", \"ab\", \"b\"], bits: [1, 255, 256], "                            \
    "points: [{ x: -1, y: 5 }, { x: 1, y: -2 }, { x: 1, y: -1 }], "                                \
    "by_bytes: {0x7f00: T 0x6d657373, 0xff: none}, by_mac: {[1, 200]: 8, [2, 1]: 9}, "             \
    "places: [0x, 0x7a] }"

TEST(keys_are_written_in_order)
{
    const Keys keys = some_keys();

    is_on_the_wire(&keys_layout, &keys,
                   "a9 00 00 00  00 00 06 80\n"
                   "1b 00 00 00  07 00 00 00  0c 00 00 00  37 00 00 00  11 00 00 00  13 00 00 00\n"
                   "03 00 00 00  00 00 01 80  02 00 00 00  03 00 00 00  02 00 00 00\n"
                   "61 00 61 62 00 62 00\n"
                   "00 01 00 ff 00 00 01                 # bits: padding up to 60\n"
                   "ff ff 05 00 01 00 fe ff 01 00 ff ff  # points, from 66\n"
                   "00 00                                # by_bytes: padding up to 80\n"
                   "02 00 00 00  00 00 02 80  02 00 00 00  1a 00 00 00  01 00 00 00  00 00 00 00\n"
                   "7f 00  00 00 00 00 00 00\n"
                   "02 00 00 00  04 00 00 00  54 00 00 00 00 00 00 00  6d 65 73 73  ff\n"
                   "00 00 00                             # by_mac: padding up to 136\n"
                   "02 00 00 00  03 00 00 00  01 c8 08  02 01 09\n"
                   "00 00                                # places: padding up to 152\n"
                   "02 00 00 00  00 00 01 80  00 00 00 00  01 00 00 00  7a",
                   KEYS_TEXT);
}

TEST(values_are_equal_whatever_the_order_of_their_keys)
{
    const kmsg_string sorted[] = {KMSG_STR("a"), KMSG_STR("ab"), KMSG_STR("b")};
    const kmsg_string other[] = {KMSG_STR("a"), KMSG_STR("ab"), KMSG_STR("c")};
    Keys              a = some_keys(), b = some_keys();

    b.words.items = sorted;
    CHECK(kmsg_equal(&keys_layout, &a, &b));
    b.words.items = other;
    CHECK(!kmsg_equal(&keys_layout, &a, &b));
    b = some_keys();
    b.bits.count = 2;
    CHECK(!kmsg_equal(&keys_layout, &a, &b));
    b.bits = (kmsg_items){NULL, 0};
    CHECK(!kmsg_equal(&keys_layout, &a, &b));
}

/* ---- addresses ---------------------------------------------------------------------------------
 */

#define NODE_1   "\1\0\0\0\0\0\0\0"
#define OBJECT_1 "\1\0\0\0\0\0\0\0"
#define OBJECT_2 "\2\0\0\0\0\0\0\0"
#define HOP_1    "\1\0\0\0\0\0\0\0"
#define HOP_9    "\011\0\0\0\0\0\0\0"

#define ADDRESS(bytes)                                                                             \
    {                                                                                              \
        (const uint8_t *)(bytes), sizeof(bytes) - 1                                                \
    }

TEST(of_addresses_the_object_counts_and_not_the_way)
{
    static const kmsg_address near[] = {ADDRESS(NODE_1 OBJECT_1), ADDRESS(NODE_1 OBJECT_2)};
    static const kmsg_address far[] = {ADDRESS(NODE_1 OBJECT_2 HOP_1),
                                       ADDRESS(NODE_1 OBJECT_1 HOP_9)};
    static const kmsg_address other[] = {ADDRESS(NODE_1 OBJECT_1), ADDRESS(NODE_1 "\3")};
    const Keys a = {.places = {near, 2}}, b = {.places = {far, 2}}, c = {.places = {other, 2}};

    EQ_INT(kmsg_compare_keys(&kmsg_type_address, &near[0], &far[1]), 0);
    CHECK(kmsg_compare_keys(&kmsg_type_address, &far[1], &near[1]) < 0);
    CHECK(kmsg_compare_keys(&kmsg_type_address, &other[1], &near[0]) > 0);
    CHECK(kmsg_equal_value(&kmsg_type_address, &near[0], &far[1]));
    CHECK(kmsg_equal(&keys_layout, &a, &b));
    CHECK(!kmsg_equal(&keys_layout, &a, &c));
}

TEST(two_ways_to_an_object_are_not_two_items)
{
    static const kmsg_address places[] = {ADDRESS(NODE_1 OBJECT_1 HOP_9), ADDRESS(NODE_1 OBJECT_1)};
    const Keys                keys = {.places = {places, 2}};

    is_not_sent(&keys_layout, &keys, KMSG_EVALUE,
                "Keys.places[0x010000000000000001000000...]: an item that is there twice");
}

/* ---- twice, and out of order ----------------------------------------------------------------- */

TEST(what_is_there_twice_is_not_sent)
{
    const kmsg_string  words[] = {KMSG_STR("b"), KMSG_STR("a"), KMSG_STR("b")};
    const uint16_t     bits[] = {1, 1};
    const Point        points[] = {{3, -4}, {5, 6}, {3, -4}};
    const by_mac_entry by_mac[] = {{{2, 1}, 9}, {{2, 1}, 8}};
    const kmsg_address places[] = {{(const uint8_t *)"z", 1}, {(const uint8_t *)"z", 1}};
    Keys               keys = {.words = {words, 3}};

    is_not_sent(&keys_layout, &keys, KMSG_EVALUE, "Keys.words[\"b\"]: an item that is there twice");
    keys = (Keys){.bits = {bits, 2}};
    is_not_sent(&keys_layout, &keys, KMSG_EVALUE, "Keys.bits[1]: an item that is there twice");
    keys = (Keys){.points = {points, 3}};
    is_not_sent(&keys_layout, &keys, KMSG_EVALUE,
                "Keys.points[[3, -4]]: an item that is there twice");
    keys = (Keys){.by_mac = {by_mac, 2}};
    is_not_sent(&keys_layout, &keys, KMSG_EVALUE, "Keys.by_mac[[2, 1]]: a key that is there twice");
    keys = (Keys){.places = {places, 2}};
    is_not_sent(&keys_layout, &keys, KMSG_EVALUE, "Keys.places[0x7a]: an item that is there twice");
}

TEST(what_is_not_in_order_is_refused)
{
#define BITS(size)                                                                                 \
    size " 00 00 00  00 00 06 80  00 00 00 00  04 00 00 00  00 00 00 00 "                          \
         "00 00 00 00  00 00 00 00  ff ff ff ff "
    is_refused(&keys_layout, BITS("24") "00 01 ff 00", KMSG_EDECODE,
               "Keys.bits[255]: items that are not in order");
    is_refused(&keys_layout, BITS("24") "00 01 00 01", KMSG_EDECODE,
               "Keys.bits[256]: an item that is there twice");
#undef BITS
    is_refused(&keys_layout,
               "2e 00 00 00  00 00 06 80  00 00 00 00  ff ff ff ff  00 00 00 00 "
               "00 00 00 00  0e 00 00 00  ff ff ff ff  02 00 00 00  03 00 00 00 "
               "02 01 09 01 c8 08",
               KMSG_EDECODE, "Keys.by_mac[[1, 200]]: keys that are not in order");
}

/* ---- values of any type ---------------------------------------------------------------------- */

TEST(a_value_of_any_type_travels_as_a_record_with_that_one_field)
{
    static const uint8_t mac[2] = {7, 8};
    kmsg_arena          *mem = kmsg_arena_new();
    const Keys           keys = some_keys();
    const Point          point = {-3, 4};
    uint8_t              mac_back[2] = {0, 0}, wanted[64];
    Point                point_back = {0, 0};
    kmsg_list_string     words;
    kmsg_string          text = KMSG_STR("hi"), text_back;
    kmsg_bytes           bytes;

    OK(kmsg_encode_value(&mac_type, mac, mem, &bytes));
    EQ_MEM(bytes.data, bytes.size, wanted, from_hex("0a 00 00 00  02 00 00 00  07 08", wanted));
    OK(kmsg_decode_value(&mac_type, bytes, mem, mac_back));
    CHECK(kmsg_equal_value(&mac_type, mac, mac_back));
    OK(kmsg_encode_value(&point_type, &point, mem, &bytes));
    EQ_MEM(bytes.data, bytes.size, wanted,
           from_hex("0c 00 00 00  04 00 00 40  fd ff 04 00", wanted));
    OK(kmsg_decode_value(&point_type, bytes, mem, &point_back));
    EQ_INT(point_back.x, -3);
    OK(kmsg_encode_value(&kmsg_type_string, &text, mem, &bytes));
    EQ_MEM(bytes.data, bytes.size, wanted,
           from_hex("0f 00 00 00  00 00 01 80  03 00 00 00  68 69 00", wanted));
    OK(kmsg_decode_value(&kmsg_type_string, bytes, mem, &text_back));
    EQ_STR(text_back.data, "hi");
    OK(kmsg_encode_value(&words_type, &keys.words, mem, &bytes));
    OK(kmsg_decode_value(&words_type, bytes, mem, &words));
    EQ_STR(words.items[2].data, "b");
    CHECK(kmsg_equal_value(&words_type, &keys.words, &words));
    OK(kmsg_copy_value(&words_type, &words, mem, &words));
    CHECK(kmsg_equal_value(&words_type, &keys.words, &words));
    kmsg_arena_free(mem);
}

TEST(a_record_alone_is_itself)
{
    const kmsg_type type = {TYPE("kinds.Keys", KMSG_KIND_RECORD, Keys), .layout = &keys_layout};
    kmsg_arena     *mem = kmsg_arena_new();
    const Keys      keys = some_keys();
    kmsg_bytes      a, b;
    Keys            out;

    OK(kmsg_encode(&keys_layout, &keys, mem, &a));
    OK(kmsg_encode_value(&type, &keys, mem, &b));
    EQ_MEM(a.data, a.size, b.data, b.size);
    OK(kmsg_decode_value(&type, a, mem, &out));
    CHECK(kmsg_equal_value(&type, &keys, &out));
    kmsg_arena_free(mem);
}

TEST(what_is_wrong_with_a_value_alone_has_its_place)
{
    const kmsg_string      words[] = {KMSG_STR("a"), {"\xff", 1}};
    const kmsg_list_string list = {words, 2};
    kmsg_arena            *mem = kmsg_arena_new();
    kmsg_list_string       out = {NULL, 77};
    kmsg_bytes             bytes;

    FAILS(kmsg_encode_value(&words_type, &list, mem, &bytes), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "set<string>[1]: not UTF-8");
    FAILS(kmsg_decode_value(&words_type, (kmsg_bytes){(const uint8_t *)"abc", 3}, mem, &out),
          KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), "set<string>: too short for a record");
    EQ_UINT(out.count, 77);
    kmsg_arena_free(mem);
}

TEST(a_value_alone_is_printed)
{
    const Keys keys = some_keys();
    char       text[256] = "";
    FILE      *f = tmpfile();

    kmsg_print_value(&by_mac_type, &keys.by_mac, f);
    putc(' ', f);
    kmsg_print_value(&kmsg_type_u16, keys.bits.items, f);
    rewind(f);
    CHECK(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    EQ_STR(text, "{[2, 1]: 9, [1, 200]: 8} 256");
}
