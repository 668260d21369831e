/* kinds_limits_test.c -- limits of numbers, sizes, counts and patterns, at each edge: what is one
 * beyond is neither sent nor taken, and is named.
 */
#include "kinds.h"

/* ---- a type and its limits ------------------------------------------------------------------- */

static kmsg_limits of_ints(int64_t low, int64_t high)
{
    return (kmsg_limits){.has_low = true, .has_high = true, .low.i = low, .high.i = high};
}

static kmsg_limits of_sizes(uint64_t low, uint64_t high)
{
    return (kmsg_limits){.has_low = true, .has_high = true, .low.u = low, .high.u = high};
}

static kmsg_limits of_floats(double low, double high)
{
    return (kmsg_limits){.has_low = true, .has_high = true, .low.f = low, .high.f = high};
}

static kmsg_type with(kmsg_type type, const kmsg_limits *limits)
{
    type.limits = limits;
    return type;
}

/* The value is taken and sent, or both are refused with these words. */
static void check(const kmsg_type *type, const void *value, const char *words)
{
    kmsg_type   free_type = *type;
    kmsg_arena *mem = kmsg_arena_new();
    void       *out = kmsg_alloc(mem, type->size, 16);
    kmsg_bytes  bytes;
    char        whole[256];

    free_type.limits = NULL;
    OK(kmsg_encode_value(&free_type, value, mem, &bytes));
    EQ_INT(kmsg_within(type, value), words == NULL);
    if (words == NULL) {
        OK(kmsg_decode_value(type, bytes, mem, out));
        OK(kmsg_encode_value(type, value, mem, &bytes));
    } else {
        snprintf(whole, sizeof whole, "%s: %s", type->name, words);
        FAILS(kmsg_decode_value(type, bytes, mem, out), KMSG_EDECODE);
        EQ_STR(kmsg_last_error(), whole);
        FAILS(kmsg_encode_value(type, value, mem, &bytes), KMSG_EVALUE);
        EQ_STR(kmsg_last_error(), whole);
    }
    kmsg_arena_free(mem);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void check_number(const kmsg_type *type, int64_t number, const char *words)
{
    const int8_t  one = (int8_t)number;
    const int16_t two = (int16_t)number;
    const int32_t four = (int32_t)number;

    switch (type->size) {
    case 1: check(type, &one, words); break;
    case 2: check(type, &two, words); break;
    case 4: check(type, &four, words); break;
    default: check(type, &number, words); break;
    }
}

static void check_int(const kmsg_type *basic, int64_t low, int64_t high, const char *below,
                      const char *above)
{
    const kmsg_limits limits = of_ints(low, high);
    const kmsg_type   type = with(*basic, &limits);

    check_number(&type, low - 1, below);
    check_number(&type, low, NULL);
    check_number(&type, high, NULL);
    check_number(&type, high + 1, above);
}

TEST(a_number_is_from_low_to_high)
{
    check_int(&kmsg_type_i8, -5, 5, "-6 is below -5", "6 is above 5");
    check_int(&kmsg_type_i16, -300, -2, "-301 is below -300", "-1 is above -2");
    check_int(&kmsg_type_i32, 0, 70000, "-1 is below 0", "70001 is above 70000");
    check_int(&kmsg_type_i64, INT64_MIN + 1, INT64_MAX - 1,
              "-9223372036854775808 is below -9223372036854775807",
              "9223372036854775807 is above 9223372036854775806");
    check_int(&kmsg_type_u8, 1, 150, "0 is below 1", "151 is above 150");
    check_int(&kmsg_type_u16, 1000, 1001, "999 is below 1000", "1002 is above 1001");
    check_int(&kmsg_type_u32, 7, UINT32_MAX - 1, "6 is below 7", "4294967295 is above 4294967294");
    check_int(&kmsg_type_rune, 'a', 'z', "U+0060 is below U+0061", "U+007B is above U+007A");
    check_int(&kmsg_type_duration, 1000000, 2000000000, "0.000999999s is below 0.001s",
              "2.000000001s is above 2s");
    check_int(&kmsg_type_timestamp, 0, 1000000000,
              "1969-12-31T23:59:59.999999999Z is below 1970-01-01T00:00:00Z",
              "1970-01-01T00:00:01.000000001Z is above 1970-01-01T00:00:01Z");
}

TEST(a_large_unsigned_number_is_not_taken_for_a_negative_one)
{
    const kmsg_limits limits = of_sizes(1, UINT64_MAX - 1);
    const kmsg_type   type = with(kmsg_type_u64, &limits);
    const uint64_t    numbers[] = {0, 1, UINT64_MAX - 1, UINT64_MAX};

    check(&type, &numbers[0], "0 is below 1");
    check(&type, &numbers[1], NULL);
    check(&type, &numbers[2], NULL);
    check(&type, &numbers[3], "18446744073709551615 is above 18446744073709551614");
}

TEST(a_limit_may_be_on_one_side)
{
    const kmsg_limits low = {.has_low = true, .low.u = 3}, high = {.has_high = true, .high.u = 3};
    const kmsg_type   from = with(kmsg_type_u8, &low), to = with(kmsg_type_u8, &high);
    const uint8_t     two = 2, four = 4;

    check(&from, &two, "2 is below 3");
    check(&from, &four, NULL);
    check(&to, &two, NULL);
    check(&to, &four, "4 is above 3");
}

TEST(floats_have_limits_and_not_a_number_has_none)
{
    const kmsg_limits limits = of_floats(-1, 0.5);
    const kmsg_type   narrow = with(kmsg_type_f32, &limits), wide = with(kmsg_type_f64, &limits);
    const float       f[] = {-1, 0.5f, 0.75f};
    const double      d[] = {-1.5, 0.5, 0.0 / 0.0};

    check(&narrow, &f[0], NULL);
    check(&narrow, &f[1], NULL);
    check(&narrow, &f[2], "0.75 is above 0.5");
    check(&wide, &d[0], "-1.5 is below -1");
    check(&wide, &d[1], NULL);
    check(&wide, &d[2], "not a number, which is outside of any limit");
}

/* ---- sizes and counts ------------------------------------------------------------------------ */

TEST(texts_and_bytes_have_sizes_in_bytes)
{
    const kmsg_limits limits = of_sizes(1, 3);
    const kmsg_type   text = with(kmsg_type_string, &limits);
    const kmsg_type   blob = with(kmsg_type_bytes, &limits);
    const kmsg_string texts[] = {KMSG_STR(""), KMSG_STR("a"), KMSG_STR("abc"), KMSG_STR("abcd"),
                                 KMSG_STR("\xc3\xa4\xc3\xb6")};
    const kmsg_bytes  blobs[] = {{NULL, 0}, {(const uint8_t *)"abcd", 4}};

    check(&text, &texts[0], "0 bytes, at least 1");
    check(&text, &texts[1], NULL);
    check(&text, &texts[2], NULL);
    check(&text, &texts[3], "4 bytes, at most 3");
    check(&text, &texts[4], "4 bytes, at most 3");
    check(&blob, &blobs[0], "0 bytes, at least 1");
    check(&blob, &blobs[1], "4 bytes, at most 3");
}

TEST(lists_have_counts)
{
    static const uint8_t     numbers[4] = {1, 2, 3, 4};
    static const kmsg_string texts[3] = {KMSG_STR("a"), KMSG_STR("b"), KMSG_STR("c")};
    const kmsg_limits        limits = of_sizes(2, 3), few = of_sizes(0, 2);
    const kmsg_type          list = with(kmsg_type_list_u8, &limits);
    const kmsg_type          rows = with(kmsg_type_list_string, &few);
    const kmsg_items         lists[] = {{numbers, 1}, {numbers, 2}, {numbers, 3},
                                        {numbers, 4}, {texts, 2},   {texts, 3}};

    check(&list, &lists[0], "1 item, at least 2");
    check(&list, &lists[1], NULL);
    check(&list, &lists[2], NULL);
    check(&list, &lists[3], "4 items, at most 3");
    check(&rows, &lists[4], NULL);
    check(&rows, &lists[5], "3 items, at most 2");
}

/* ---- patterns -------------------------------------------------------------------------------- */

/* [A-Z]+: from state 1 with a capital to 2, and from there with another to 2. */
static const uint8_t capital_classes[256] = {
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1,
    ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
    ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,
    ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1};
static const uint16_t     capital_next[] = {0, 0, 0, 2, 0, 2};
static const uint8_t      capital_accepts[] = {0, 0, 1};
static const kmsg_pattern capitals = {.text = "[A-Z]+",
                                      .classes = capital_classes,
                                      .next = capital_next,
                                      .accepts = capital_accepts,
                                      .class_count = 2};

TEST(the_whole_text_matches)
{
    const kmsg_limits limits = {.has_high = true, .high.u = 8, .pattern = &capitals};
    const kmsg_type   type = with(kmsg_type_string, &limits);
    const kmsg_string texts[] = {KMSG_STR("A"),  KMSG_STR("ZULU"), KMSG_STR(""),
                                 KMSG_STR("Ab"), KMSG_STR("aB"),   KMSG_STR("ABCDEFGHI")};

    check(&type, &texts[0], NULL);
    check(&type, &texts[1], NULL);
    check(&type, &texts[2], "does not match \"[A-Z]+\"");
    check(&type, &texts[3], "does not match \"[A-Z]+\"");
    check(&type, &texts[4], "does not match \"[A-Z]+\"");
    check(&type, &texts[5], "9 bytes, at most 8");
}

/* ---- inside of others ------------------------------------------------------------------------ */

typedef struct Inner {
    uint8_t age;
    bool    has_age;
} Inner;

typedef struct code_entry {
    kmsg_string key;
    kmsg_items  value; /* list<u8> */
} code_entry;

typedef struct Limited {
    uint8_t      vector[3];
    uint8_t      age;
    bool         has_age;
    kmsg_string  name;
    kmsg_list_u8 numbers;
    kmsg_items   map;
    kmsg_string  pair[2];
    Inner        inner;
} Limited;

static const kmsg_limits to_nine = {.has_high = true, .high.u = 9};
static const kmsg_limits two_bytes = {.has_low = true, .low.u = 2};
static const kmsg_limits a_pattern = {.pattern = &capitals};
static const kmsg_type   digit_type = {TYPE("u8(..9)", KMSG_KIND_U8, uint8_t), .limits = &to_nine};
static const kmsg_type   vector_type = {TYPE("u8(..9)[3]", KMSG_KIND_VECTOR, uint8_t[3]),
                                        .item = &digit_type, .count = 3};
static const kmsg_type   numbers_type = {TYPE("list<u8(..9)>", KMSG_KIND_ARRAY, kmsg_list_u8),
                                         .item = &digit_type};
static const kmsg_type   name_type = {TYPE("string(2..)", KMSG_KIND_STRING, kmsg_string),
                                      .limits = &two_bytes};
static const kmsg_type   code_type = {TYPE("string(\"[A-Z]+\")", KMSG_KIND_STRING, kmsg_string),
                                      .limits = &a_pattern};
static const kmsg_field  name_fields[] = {{.name = "", .type = &name_type, .number = 1}};
static const kmsg_layout name_row = {LAYOUT("string", kmsg_string, name_fields, KMSG_SHAPE_TEXT)};
static const kmsg_type   pair_type = {TYPE("string(2..)[2]", KMSG_KIND_TABLE, kmsg_string[2]),
                                      .item = &name_type, .layout = &name_row, .count = 2};
static const kmsg_field  code_fields[] = {{PART(code_entry, key, code_type, 1, 0)},
                                          {PART(code_entry, value, numbers_type, 2, 1)}};
static const kmsg_layout code_row = {LAYOUT("codes", code_entry, code_fields, KMSG_SHAPE(0, 2, 2))};
static const kmsg_type   map_type = {TYPE("map<...>", KMSG_KIND_MAP, kmsg_items),
                                     .layout = &code_row};
static const kmsg_field  inner_fields[] = {
     {FIELD(Inner, age, digit_type, 1, 0), .has_offset = offsetof(Inner, has_age), .optional = 1}};
static const kmsg_layout inner_layout = {LAYOUT("Inner", Inner, inner_fields, KMSG_SHAPE(2, 0, 0))};
static const kmsg_type   inner_type = {TYPE("Inner", KMSG_KIND_RECORD, Inner),
                                       .layout = &inner_layout};
static const kmsg_field  limited_fields[] = {
     {FIELD(Limited, vector, vector_type, 1, 0)},
     {FIELD(Limited, age, digit_type, 2, 3), .has_offset = offsetof(Limited, has_age),
      .optional = 1},
     {FIELD(Limited, name, name_type, 3, 0), .optional = 1},
     {FIELD(Limited, numbers, numbers_type, 4, 1)},
     {FIELD(Limited, map, map_type, 5, 2)},
     {FIELD(Limited, pair, pair_type, 6, 3)},
     {FIELD(Limited, inner, inner_type, 7, 4)},
};
static const kmsg_layout limited_layout = {
    LAYOUT("kinds.Limited", Limited, limited_fields, KMSG_SHAPE(5, 5, 2))};

static Limited some_limited(void)
{
    return (Limited){.vector = {1, 2, 9}, .pair = {KMSG_STR("ab"), KMSG_STR("abc")}};
}

/* Encoding it is refused; and so are its bytes, written by a schema that has no limits. */
static void check_refused(const Limited *limited, const char *words)
{
    kmsg_type   types[6] = {digit_type, vector_type, numbers_type, name_type, code_type, pair_type};
    kmsg_field  fields[7], name[1] = {name_fields[0]}, code[2] = {code_fields[0], code_fields[1]};
    kmsg_field  age[1] = {inner_fields[0]};
    kmsg_layout rows[4] = {limited_layout, name_row, code_row, inner_layout};
    kmsg_type   map = map_type, inner = inner_type;
    kmsg_arena *mem = kmsg_arena_new();
    Limited     out;
    kmsg_bytes  bytes;

    memcpy(fields, limited_fields, sizeof fields);
    for (size_t i = 0; i < 6; i++)
        types[i].limits = NULL;
    types[1].item = types[2].item = age[0].type = fields[1].type = &types[0];
    fields[0].type = &types[1];
    fields[2].type = name[0].type = types[5].item = &types[3];
    fields[3].type = code[1].type = &types[2];
    code[0].type = &types[4];
    rows[0].fields = fields;
    rows[1].fields = name;
    rows[2].fields = code;
    rows[3].fields = age;
    types[5].layout = &rows[1];
    map.layout = &rows[2];
    inner.layout = &rows[3];
    fields[4].type = &map;
    fields[5].type = &types[5];
    fields[6].type = &inner;
    is_not_sent(&limited_layout, limited, KMSG_EVALUE, words);
    OK(kmsg_encode(&rows[0], limited, mem, &bytes));
    OK(kmsg_decode(&rows[0], bytes, mem, &out));
    FAILS(kmsg_decode(&limited_layout, bytes, mem, &out), KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), words);
    kmsg_arena_free(mem);
}

TEST(limits_hold_in_whatever_a_value_stands)
{
    static const uint8_t ten[] = {3, 10};
    const code_entry     lower[] = {{KMSG_STR("A"), {ten, 1}}, {KMSG_STR("b"), {ten, 1}}};
    const code_entry     high[] = {{KMSG_STR("A"), {ten, 1}}, {KMSG_STR("B"), {ten, 2}}};
    Limited              limited = some_limited();

    limited.vector[1] = 10;
    check_refused(&limited, "Limited.vector[1]: 10 is above 9");
    limited = some_limited();
    limited.has_age = true;
    limited.age = 200;
    check_refused(&limited, "Limited.age: 200 is above 9");
    limited = some_limited();
    limited.name = kmsg_str("a");
    check_refused(&limited, "Limited.name: 1 byte, at least 2");
    limited = some_limited();
    limited.numbers = (kmsg_list_u8){ten, 2};
    check_refused(&limited, "Limited.numbers[1]: 10 is above 9");
    limited = some_limited();
    limited.map = (kmsg_items){lower, 2};
    check_refused(&limited, "Limited.map[\"b\"]: does not match \"[A-Z]+\"");
    limited.map = (kmsg_items){high, 2};
    check_refused(&limited, "Limited.map[\"B\"][1]: 10 is above 9");
    limited = some_limited();
    limited.pair[1] = kmsg_str("");
    check_refused(&limited, "Limited.pair[1]: 0 bytes, at least 2");
    limited = some_limited();
    limited.inner = (Inner){10, true};
    check_refused(&limited, "Limited.inner.age: 10 is above 9");
}

TEST(what_is_within_goes_through)
{
    static const uint8_t numbers[] = {3, 9};
    const code_entry     codes[] = {{KMSG_STR("A"), {numbers, 1}}, {KMSG_STR("B"), {numbers, 2}}};
    Limited              limited = some_limited(), out;
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_bytes           bytes;

    limited.map = (kmsg_items){codes, 2};
    limited.numbers = (kmsg_list_u8){numbers, 2};
    limited.name = kmsg_str("Al");
    OK(kmsg_encode(&limited_layout, &limited, mem, &bytes));
    OK(kmsg_decode(&limited_layout, bytes, mem, &out));
    CHECK(kmsg_equal(&limited_layout, &limited, &out));
    torture(&limited_layout, bytes.data, bytes.size);
    kmsg_arena_free(mem);
}

/* What an absent value would be, and what an older writer did not know, is not looked at. */
TEST(limits_are_for_values_that_are_there)
{
    const kmsg_limits from_five = {.has_low = true, .low.u = 5};
    const kmsg_type   age_type = {TYPE("u8(5..)", KMSG_KIND_U8, uint8_t), .limits = &from_five};
    kmsg_field        fields[7];
    kmsg_layout       layout = limited_layout, older = limited_layout;
    const Limited     limited = some_limited();
    kmsg_arena       *mem = kmsg_arena_new();
    kmsg_bytes        bytes;
    Limited           out;

    memcpy(fields, limited_fields, sizeof fields);
    fields[1].type = &age_type;
    layout.fields = fields;
    OK(kmsg_encode(&layout, &limited, mem, &bytes));
    OK(kmsg_decode(&layout, bytes, mem, &out));
    older.count = 1;
    older.shape = KMSG_SHAPE(3, 0, 2);
    OK(kmsg_encode(&older, &limited, mem, &bytes));
    OK(kmsg_decode(&layout, bytes, mem, &out));
    CHECK(!out.has_age && out.pair[0].size == 0 && out.pair[1].data != NULL);
    kmsg_arena_free(mem);
}

TEST(within_looks_at_the_type_and_at_what_it_is_made_of)
{
    static const uint8_t numbers[] = {9, 10};
    const code_entry     codes[] = {{KMSG_STR("A"), {numbers, 1}}, {KMSG_STR("B"), {numbers, 2}}};
    const kmsg_items     good = {codes, 1}, bad = {codes, 2};
    const kmsg_list_u8   list = {numbers, 2};
    const Limited        limited = some_limited();
    const uint8_t        vector[3] = {0, 0, 10};
    const kmsg_string    pair[2] = {KMSG_STR("ab"), KMSG_STR("a")};

    CHECK(kmsg_within(&map_type, &good));
    CHECK(!kmsg_within(&map_type, &bad));
    CHECK(!kmsg_within(&numbers_type, &list));
    CHECK(kmsg_within(&vector_type, limited.vector));
    CHECK(!kmsg_within(&vector_type, vector));
    CHECK(kmsg_within(&pair_type, limited.pair));
    CHECK(!kmsg_within(&pair_type, pair));
    CHECK(kmsg_within(&inner_type, &(Inner){10, true})); /* it looks after itself */
}
