/* value_text_test.c -- constants of a schema as text, and patterns as JSON Schema has them. */
#include "test.h"

#include "compiler/ctype.h"
#include "compiler/pattern_text.h"
#include "compiler/value_text.h"

#include <stdlib.h>

#define S UINT64_C(1000000000)

static kmsg_arena *mem;

static void begin(void)
{
    mem = mem == NULL ? ctype_arena() : mem;
}

/* ---- floating point ---- */

TEST(a_number_has_as_few_digits_as_bring_it_back)
{
    begin();
    EQ_STR(value_float_text(0, IDL_F64, mem), "0.0");
    EQ_STR(value_float_text(-0.0, IDL_F64, mem), "-0.0");
    EQ_STR(value_float_text(100, IDL_F64, mem), "100.0");
    EQ_STR(value_float_text(-90.5e3, IDL_F32, mem), "-90500.0");
    EQ_STR(value_float_text(1e15, IDL_F64, mem), "1e+15");
    EQ_STR(value_float_text(0.1, IDL_F64, mem), "0.1");
    EQ_STR(value_float_text((double)(float)0.1f, IDL_F32, mem), "0.1");
    EQ_STR(value_float_text((double)(float)0.1f, IDL_F64, mem), "0.10000000149011612");
    EQ_STR(value_float_text(1.7976931348623157e308, IDL_F64, mem), "1.7976931348623157e+308");
    EQ_STR(value_float_text(5e-324, IDL_F64, mem), "5e-324");
}

/* ---- times ---- */

TEST(a_duration_is_in_the_largest_unit_that_holds_it)
{
    begin();
    EQ_STR(value_duration_text(false, 0, mem), "0s");
    EQ_STR(value_duration_text(false, 7200 * S, mem), "2h");
    EQ_STR(value_duration_text(false, 5400 * S, mem), "90min");
    EQ_STR(value_duration_text(true, 61 * S, mem), "-61s");
    EQ_STR(value_duration_text(false, 1500000000, mem), "1500ms");
    EQ_STR(value_duration_text(false, 1001000, mem), "1001us");
    EQ_STR(value_duration_text(true, UINT64_C(1) << 63, mem), "-9223372036854775808ns");
}

TEST(json_durations_have_0_3_6_or_9_digits)
{
    begin();
    EQ_STR(value_json_duration(false, 0, mem), "0s");
    EQ_STR(value_json_duration(false, 1500000000, mem), "1.500s");
    EQ_STR(value_json_duration(true, 1000, mem), "-0.000001s");
    EQ_STR(value_json_duration(true, UINT64_C(1) << 63, mem), "-9223372036.854775808s");
}

TEST(json_timestamps_are_days_of_the_calendar)
{
    static const struct {
        int64_t     s;
        uint32_t    ns;
        const char *text;
    } cases[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {-1, 999999999, "1969-12-31T23:59:59.999999999Z"},
        {-1, 0, "1969-12-31T23:59:59Z"},
        {86399, 500000000, "1970-01-01T23:59:59.500Z"},
        {951782400, 0, "2000-02-29T00:00:00Z"},
        {951868800, 0, "2000-03-01T00:00:00Z"},
        {4107542400, 0, "2100-03-01T00:00:00Z"},
        {4107456000, 0, "2100-02-28T00:00:00Z"},
        {-2203977600, 0, "1900-02-28T00:00:00Z"},
        {-2203891200, 0, "1900-03-01T00:00:00Z"},
        {1795255200, 123456000, "2026-11-21T10:00:00.123456Z"},
        {INT64_MAX / 1000000000, 854775807, "2262-04-11T23:47:16.854775807Z"},
        {-9223372037, 145224192, "1677-09-21T00:12:43.145224192Z"},
    };

    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool     negative = cases[i].s < 0;
        uint64_t s = (uint64_t)(negative ? -cases[i].s : cases[i].s);
        uint64_t ns = negative ? s * S - cases[i].ns : s * S + cases[i].ns;
        EQ_STR(value_json_timestamp(negative, ns, mem), cases[i].text);
    }
}

/* ---- values ---- */

TEST(values_are_as_a_schema_writes_them)
{
    static const idl_enum_value red = {.name = "RED", .number = -3};
    static const idl_enum       color = {.values = &red, .value_count = 1};
    static const idl_type       u8 = {.kind = IDL_U8}, text = {.kind = IDL_STRING};
    static const idl_type       enum_ = {.kind = IDL_ENUM, .enum_ = &color};
    static const idl_type       lasting = {.kind = IDL_DURATION};
    const idl_value             three = {.kind = IDL_VALUE_INT, .magnitude = 3};
    const idl_value             minus = {.kind = IDL_VALUE_INT, .magnitude = 3, .negative = true};
    const idl_value             hard = {
                    .kind = IDL_VALUE_STRING, .string = "\"\\\n\x01\x7f\xc3\xa4", .size = 7};

    begin();
    EQ_STR(value_text(&(idl_value){0}, &u8, mem), "");
    EQ_STR(value_text(&three, &u8, mem), "3");
    EQ_STR(value_text(&minus, &enum_, mem), "RED");
    EQ_STR(value_text(&three, &enum_, mem), "3");
    EQ_STR(value_text(&minus, &lasting, mem), "-3ns");
    EQ_STR(value_text(&hard, &text, mem), "\"\\\"\\\\\\n\\u{1}\\u{7f}\xc3\xa4\"");
}

TEST(limits_are_as_a_schema_writes_them)
{
    const idl_pattern letters = {.text = "[a-z]\\d"};
    const idl_value   two = {.kind = IDL_VALUE_INT, .magnitude = 2};
    const idl_value   four = {.kind = IDL_VALUE_INT, .magnitude = 4};
    idl_limits        l = {.low = two};
    const idl_type    t = {.kind = IDL_STRING, .limits = &l};

    begin();
    EQ_STR(value_limits_text(&t, mem), "2..");
    l.high = four;
    EQ_STR(value_limits_text(&t, mem), "2..4");
    l.low = four;
    EQ_STR(value_limits_text(&t, mem), "4");
    l.pattern = &letters;
    EQ_STR(value_limits_text(&t, mem), "4, \"[a-z]\\\\d\"");
    l = (idl_limits){.pattern = &letters};
    EQ_STR(value_limits_text(&t, mem), "\"[a-z]\\\\d\"");
    EQ_STR(value_limits_text(&(idl_type){.kind = IDL_STRING}, mem), "");
}

/* ---- patterns ---- */

TEST(a_pattern_keeps_its_meaning_in_another_engine)
{
    static const char *const cases[][2] = {
        {"abc", "^(?:abc)$"},
        {"^a|b$", "^(?:a|b)$"},
        {"(?:x|y){2,4}z*", "^(?:(?:x|y){2,4}z*)$"},
        {"a.b", "^(?:a[\\s\\S]b)$"},
        {"\\d+\\w?\\s", "^(?:[0-9]+[0-9A-Z_a-z]?[\\x09-\\x0d ])$"},
        {"\\D", "^(?:[\\x01-\\/:-\xf4\x8f\xbf\xbf])$"},
        {"[^\\d_]", "^(?:[^0-9_])$"},
        {"[a-]", "^(?:[a\\x2d])$"},
        {"[\\d-a]", "^(?:[0-9\\x2da])$"},
        {"[[^]", "^(?:[\\[\\^])$"},
        {"[\\u{e4}-\\u{1F600}\\]]", "^(?:[\xc3\xa4-\xf0\x9f\x98\x80\\]])$"},
        {"\\-\\\"\\/\\.\\$", "^(?:\\x2d\"\\/\\.\\$)$"},
        {"\\n\\u{9}", "^(?:\\x0a\\x09)$"},
        {"\xe2\x82\xac", "^(?:\xe2\x82\xac)$"},
        {"", "^(?:)$"},
    };

    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const idl_pattern pattern = {.text = cases[i][0]};
        EQ_STR(pattern_for_json(&pattern, mem), cases[i][1]);
    }
    EQ_STR(pattern_of_range('A', ']', mem), "^[A-\\]]$");
    EQ_STR(pattern_of_range(0, 0x10ffff, mem), "^[\\x00-\xf4\x8f\xbf\xbf]$");
}
