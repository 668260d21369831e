/* json_test.c -- single values as JSON: what each type is written as, what it is read from, and
 * what is said of everything else. Records and all that has parts are in json_parts_test.c.
 */
#include "tests/test.h"

#include "language.kmsg.h"

#include <kmsg/json.h>

#include <float.h>
#include <math.h>

/* Text of a value of the type, without the object around it. */
static const char *written(const kmsg_type *type, const void *value)
{
    static char text[4096];
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_string json = KMSG_STR("");

    OK(kmsg_json_encode_value(type, value, NULL, mem, &json));
    CHECK(json.size > 10 && json.size < sizeof text && memcmp(json.data, "{\"value\":", 9) == 0);
    CHECK(json.data[json.size - 1] == '}' && json.data[json.size] == '\0');
    memcpy(text, json.data + 9, json.size - 10);
    text[json.size - 10] = '\0';
    kmsg_arena_free(mem);
    return text;
}

static kmsg_err read_as(const kmsg_type *type, const char *json, kmsg_arena *mem, void *ret)
{
    return kmsg_json_decode_value(type, kmsg_printf(mem, "{\"value\":%s}", json), NULL, mem, ret);
}

/* What is written of what was read; or what was said. */
static const char *again(const kmsg_type *type, const char *json)
{
    static char text[4096];
    _Alignas(16) uint8_t value[256];
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_err    err = read_as(type, json, mem, value);

    CHECK(err == KMSG_OK || err == KMSG_EDECODE);
    snprintf(text, sizeof text, "%s", err == KMSG_OK ? written(type, value) : kmsg_last_error());
    kmsg_arena_free(mem);
    return text;
}

typedef struct example {
    const kmsg_type *type;
    const char      *json;
    const char      *becomes;
} example;

static void hold(const example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        EQ_STR(again(examples[i].type, examples[i].json), examples[i].becomes);
}

#define HOLD(examples) hold(examples, sizeof examples / sizeof *examples)

TEST(bools)
{
    static const example examples[] = {
        {&kmsg_type_bool, "true", "true"},
        {&kmsg_type_bool, " false ", "false"},
        {&kmsg_type_bool, "null", "bool: null, which is no bool"},
        {&kmsg_type_bool, "1", "bool: not a bool"},
        {&kmsg_type_bool, "\"true\"", "bool: not a bool"},
    };

    HOLD(examples);
}

TEST(integers_up_to_32_bits_are_numbers)
{
    static const example examples[] = {
        {&kmsg_type_i8, "-128", "-128"},
        {&kmsg_type_i8, "127", "127"},
        {&kmsg_type_i8, "128", "i8: 128 is out of the range of i8"},
        {&kmsg_type_i8, "-129", "i8: -129 is out of the range of i8"},
        {&kmsg_type_i16, "-32768", "-32768"},
        {&kmsg_type_i16, "32767", "32767"},
        {&kmsg_type_i16, "32768", "i16: 32768 is out of the range of i16"},
        {&kmsg_type_i32, "-2147483648", "-2147483648"},
        {&kmsg_type_i32, "2147483647", "2147483647"},
        {&kmsg_type_i32, "3000000000", "i32: 3000000000 is out of the range of i32"},
        {&kmsg_type_u8, "255", "255"},
        {&kmsg_type_u8, "256", "u8: 256 is out of the range of u8"},
        {&kmsg_type_u8, "-1", "u8: -1 is out of the range of u8"},
        {&kmsg_type_u16, "65535", "65535"},
        {&kmsg_type_u16, "65536", "u16: 65536 is out of the range of u16"},
        {&kmsg_type_u32, "4294967295", "4294967295"},
        {&kmsg_type_u32, "4294967296", "u32: 4294967296 is out of the range of u32"},
        {&kmsg_type_u32, "1e300", "u32: 1e+300 is out of the range of u32"},
        {&kmsg_type_i32, "3.0", "3"},
        {&kmsg_type_i32, "3e0", "3"},
        {&kmsg_type_i32, "30e-1", "3"},
        {&kmsg_type_i32, "-0", "0"},
        {&kmsg_type_i32, "3.5", "i32: 3.5 is not an integer"},
        {&kmsg_type_i32, "\"3\"", "i32: not an i32"},
        {&kmsg_type_u8, "[3]", "u8: not a u8"},
        {&kmsg_type_u8, "null", "u8: null, which is no u8"},
    };

    HOLD(examples);
}

TEST(integers_of_64_bits_are_strings)
{
    static const example examples[] = {
        {&kmsg_type_i64, "\"-9223372036854775808\"", "\"-9223372036854775808\""},
        {&kmsg_type_i64, "\"9223372036854775807\"", "\"9223372036854775807\""},
        {&kmsg_type_i64, "\"0\"", "\"0\""},
        {&kmsg_type_i64, "\"9223372036854775808\"",
         "i64: 9223372036854775808 is out of the range of i64"},
        {&kmsg_type_i64, "\"-9223372036854775809\"",
         "i64: -9223372036854775809 is out of the range of i64"},
        {&kmsg_type_u64, "\"18446744073709551615\"", "\"18446744073709551615\""},
        {&kmsg_type_u64, "\"18446744073709551616\"",
         "u64: 18446744073709551616 is out of the range of u64"},
        {&kmsg_type_u64, "\"99999999999999999999999\"",
         "u64: 99999999999999999999999 is out of the range of u64"},
        {&kmsg_type_u64, "\"-1\"", "u64: -1 is out of the range of u64"},
        {&kmsg_type_u64, "\"+1\"", "u64: not a u64"},
        {&kmsg_type_u64, "\"01\"", "u64: not a u64"},
        {&kmsg_type_u64, "\"\"", "u64: not a u64"},
        {&kmsg_type_u64, "\"1 \"", "u64: not a u64"},
        {&kmsg_type_u64, "\"1.0\"", "u64: not a u64"},
        {&kmsg_type_u64, "\"99999999999999999999x\"", "u64: not a u64"},
        {&kmsg_type_i64, "\"-0\"", "i64: not an i64"},
        {&kmsg_type_i64, "\"-\"", "i64: not an i64"},
        {&kmsg_type_i64, "9007199254740991", "\"9007199254740991\""},
        {&kmsg_type_i64, "-9007199254740991", "\"-9007199254740991\""},
        {&kmsg_type_i64, "9007199254740992",
         "i64: 9007199254740992 may have lost digits, being a number: write it as a string "
         "for i64"},
        {&kmsg_type_u64, "18446744073709551615",
         "u64: 1.8446744073709552e+19 may have lost digits, being a number: write it as a string "
         "for u64"},
        {&kmsg_type_u64, "-3", "u64: -3 is out of the range of u64"},
        {&kmsg_type_u64, "0.5", "u64: 0.5 is not an integer"},
        {&kmsg_type_u64, "true", "u64: not a u64"},
        {&kmsg_type_u64, "null", "u64: null, which is no u64"},
    };

    HOLD(examples);
}

TEST(floating_point_comes_back_with_the_fewest_digits)
{
    static const example examples[] = {
        {&kmsg_type_f64, "0", "0.0"},
        {&kmsg_type_f64, "17", "17.0"},
        {&kmsg_type_f64, "1e20", "1e+20"},
        {&kmsg_type_f64, "-0.0", "-0.0"},
        {&kmsg_type_f64, "-0", "-0.0"},
        {&kmsg_type_f64, "0.1", "0.1"},
        {&kmsg_type_f64, "2.50", "2.5"},
        {&kmsg_type_f64, "0.30000000000000004", "0.30000000000000004"},
        {&kmsg_type_f64, "1.7976931348623157e308", "1.7976931348623157e+308"},
        {&kmsg_type_f64, "2.2250738585072014e-308", "2.2250738585072014e-308"},
        {&kmsg_type_f64, "5e-324", "5e-324"},
        {&kmsg_type_f64, "1e-400", "0.0"},
        {&kmsg_type_f64, "12345678901234567890", "1.2345678901234567e+19"},
        {&kmsg_type_f64, "\"NaN\"", "\"NaN\""},
        {&kmsg_type_f64, "\"Infinity\"", "\"Infinity\""},
        {&kmsg_type_f64, "\"-Infinity\"", "\"-Infinity\""},
        {&kmsg_type_f64, "\"nan\"", "f64: not an f64"},
        {&kmsg_type_f64, "\"1\"", "f64: not an f64"},
        {&kmsg_type_f32, "0.1", "0.1"},
        {&kmsg_type_f32, "16777217", "16777216.0"},
        {&kmsg_type_f32, "3.4028235e38", "3.4028235e+38"},
        {&kmsg_type_f32, "1e-45", "1e-45"},
        {&kmsg_type_f32, "1e-46", "0.0"},
        {&kmsg_type_f32, "1e39", "f32: 1e+39 is out of the range of f32"},
        {&kmsg_type_f32, "-3.4028236e38", "f32: -3.4028236e+38 is out of the range of f32"},
        {&kmsg_type_f32, "\"-Infinity\"", "\"-Infinity\""},
        {&kmsg_type_f32, "null", "f32: null, which is no f32"},
    };

    HOLD(examples);
}

/* Every exponent, and mantissas of all kinds. */
TEST(any_bits_come_back_from_their_text)
{
    kmsg_arena *mem = kmsg_arena_new();

    test_seed(14);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)test_random() << 32 | test_random(), got_bits;
        uint32_t half = test_random(), got_half;
        double   f64, got_f64;
        float    f32, got_f32;

        memcpy(&f64, &bits, sizeof f64);
        memcpy(&f32, &half, sizeof f32);
        if (isnan(f64) || isnan(f32))
            continue;
        OK(read_as(&kmsg_type_f64, written(&kmsg_type_f64, &f64), mem, &got_f64));
        OK(read_as(&kmsg_type_f32, written(&kmsg_type_f32, &f32), mem, &got_f32));
        memcpy(&got_bits, &got_f64, sizeof got_bits);
        memcpy(&got_half, &got_f32, sizeof got_half);
        EQ_UINT(got_bits, bits);
        EQ_UINT(got_half, half);
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
}

TEST(a_nan_of_any_kind_is_read_as_the_quiet_one)
{
    const uint64_t odd = 0xfff8000000000123u;
    double         value;
    uint64_t       bits;
    kmsg_arena    *mem = kmsg_arena_new();

    EQ_STR(written(&kmsg_type_f64, &odd), "\"NaN\"");
    OK(read_as(&kmsg_type_f64, "\"NaN\"", mem, &value));
    memcpy(&bits, &value, sizeof bits);
    EQ_UINT(bits & 0x7fffffffffffffffu, 0x7ff8000000000000u);
    kmsg_arena_free(mem);
}

TEST(runes_are_strings_of_one_code_point)
{
    static const example examples[] = {
        {&kmsg_type_rune, "\"a\"", "\"a\""},
        {&kmsg_type_rune, "\"\\u0000\"", "\"\\u0000\""},
        {&kmsg_type_rune, "\"\\u001f\"", "\"\\u001f\""},
        {&kmsg_type_rune, "\"\\n\"", "\"\\n\""},
        {&kmsg_type_rune, "\"\\u00e9\"", "\"\xc3\xa9\""},
        {&kmsg_type_rune, "\"\xe2\x82\xac\"", "\"\xe2\x82\xac\""},
        {&kmsg_type_rune, "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
        {&kmsg_type_rune, "\"\xf4\x8f\xbf\xbf\"", "\"\xf4\x8f\xbf\xbf\""},
        {&kmsg_type_rune, "\"\"", "rune: not a single code point"},
        {&kmsg_type_rune, "\"ab\"", "rune: not a single code point"},
        {&kmsg_type_rune, "\"e\\u0301\"", "rune: not a single code point"},
        {&kmsg_type_rune, "97", "rune: not a rune"},
    };

    HOLD(examples);
}

TEST(uuids)
{
    static const example examples[] = {
        {&kmsg_type_uuid, "\"123e4567-e89b-12d3-a456-426614174000\"",
         "\"123e4567-e89b-12d3-a456-426614174000\""},
        {&kmsg_type_uuid, "\"ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB\"",
         "\"abcdefab-cdef-abcd-efab-cdefabcdefab\""},
        {&kmsg_type_uuid, "\"123e4567e89b12d3a456426614174000\"", "uuid: not a uuid"},
        {&kmsg_type_uuid, "\"123e4567-e89b-12d3-a456-42661417400\"", "uuid: not a uuid"},
        {&kmsg_type_uuid, "\"123e4567-e89b-12d3-a456-42661417400g\"", "uuid: not a uuid"},
        {&kmsg_type_uuid, "\"123e45670e89b-12d3-a456-426614174000\"", "uuid: not a uuid"},
    };

    HOLD(examples);
}

#define NO_TIME "timestamp: not a timestamp of RFC 3339 between the years 1677 and 2262"

TEST(timestamps)
{
    static const example examples[] = {
        {&kmsg_type_timestamp, "\"1970-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\""},
        {&kmsg_type_timestamp, "\"2026-11-21T10:00:00.5Z\"", "\"2026-11-21T10:00:00.500Z\""},
        {&kmsg_type_timestamp, "\"2026-11-21T10:00:00.000001Z\"",
         "\"2026-11-21T10:00:00.000001Z\""},
        {&kmsg_type_timestamp, "\"2026-11-21T10:00:00.123456789Z\"",
         "\"2026-11-21T10:00:00.123456789Z\""},
        {&kmsg_type_timestamp, "\"1969-12-31T23:59:59.999999999Z\"",
         "\"1969-12-31T23:59:59.999999999Z\""},
        {&kmsg_type_timestamp, "\"2026-01-01T00:30:00+01:00\"", "\"2025-12-31T23:30:00Z\""},
        {&kmsg_type_timestamp, "\"2026-12-31T23:30:00.25-23:59\"",
         "\"2027-01-01T23:29:00.250Z\""},
        {&kmsg_type_timestamp, "\"2024-02-29T00:00:00Z\"", "\"2024-02-29T00:00:00Z\""},
        {&kmsg_type_timestamp, "\"2000-02-29T12:00:00Z\"", "\"2000-02-29T12:00:00Z\""},
        {&kmsg_type_timestamp, "\"1677-09-21T00:12:43.145224192Z\"",
         "\"1677-09-21T00:12:43.145224192Z\""},
        {&kmsg_type_timestamp, "\"2262-04-11T23:47:16.854775807Z\"",
         "\"2262-04-11T23:47:16.854775807Z\""},
        {&kmsg_type_timestamp, "\"1677-09-21T00:12:43.145224191Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2262-04-11T23:47:16.854775808Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"9999-12-31T23:59:59Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"0000-01-01T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-02-29T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"1900-02-29T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-00-10T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-13-10T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-04-31T00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2016-12-31T23:59:60Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T24:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01 00:00:00Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01t00:00:00z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00.Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00.1234567890Z\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00+24:00\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00+0100\"", NO_TIME},
        {&kmsg_type_timestamp, "\"2023-01-01T00:00:00Z \"", NO_TIME},
        {&kmsg_type_timestamp, "\"\"", NO_TIME},
        {&kmsg_type_timestamp, "0", "timestamp: not a timestamp"},
    };

    HOLD(examples);
}

/* The calendar both ways, on each day that a timestamp can be of. */
TEST(every_day_comes_back)
{
    kmsg_arena *mem = kmsg_arena_new();

    for (int64_t day = -106751; day <= 106751; day += 13) {
        kmsg_timestamp is = day * 86400 * 1000000000, got;
        OK(read_as(&kmsg_type_timestamp, written(&kmsg_type_timestamp, &is), mem, &got));
        EQ_INT(got, is);
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
}

#define NO_DURATION "duration: not a duration, such as \"1.5s\", within 292 years"

TEST(durations)
{
    static const example examples[] = {
        {&kmsg_type_duration, "\"0s\"", "\"0s\""},
        {&kmsg_type_duration, "\"1.5s\"", "\"1.500s\""},
        {&kmsg_type_duration, "\"-0.000001s\"", "\"-0.000001s\""},
        {&kmsg_type_duration, "\"3600s\"", "\"3600s\""},
        {&kmsg_type_duration, "\"0.000000001s\"", "\"0.000000001s\""},
        {&kmsg_type_duration, "\"-0s\"", "\"0s\""},
        {&kmsg_type_duration, "\"9223372036.854775807s\"", "\"9223372036.854775807s\""},
        {&kmsg_type_duration, "\"-9223372036.854775808s\"", "\"-9223372036.854775808s\""},
        {&kmsg_type_duration, "\"9223372036.854775808s\"", NO_DURATION},
        {&kmsg_type_duration, "\"-9223372036.854775809s\"", NO_DURATION},
        {&kmsg_type_duration, "\"99999999999999999999999s\"", NO_DURATION},
        {&kmsg_type_duration, "\"+1s\"", NO_DURATION},
        {&kmsg_type_duration, "\"01s\"", NO_DURATION},
        {&kmsg_type_duration, "\".5s\"", NO_DURATION},
        {&kmsg_type_duration, "\"1.s\"", NO_DURATION},
        {&kmsg_type_duration, "\"1e3s\"", NO_DURATION},
        {&kmsg_type_duration, "\"1\"", NO_DURATION},
        {&kmsg_type_duration, "\"s\"", NO_DURATION},
        {&kmsg_type_duration, "\"1.0000000000s\"", NO_DURATION},
        {&kmsg_type_duration, "1.5", "duration: not a duration"},
    };

    HOLD(examples);
}

TEST(strings)
{
    static const example examples[] = {
        {&kmsg_type_string, "\"\"", "\"\""},
        {&kmsg_type_string, "null", "string: null, which is no string"},
        {&kmsg_type_string, "\"a\\\"b\\\\c\\/d\"", "\"a\\\"b\\\\c/d\""},
        {&kmsg_type_string, "\"\\b\\f\\n\\r\\t\\u0001\\u007f\"", "\"\\b\\f\\n\\r\\t\\u0001\x7f\""},
        {&kmsg_type_string, "\"\\u00fc\xc3\xbc\"", "\"\xc3\xbc\xc3\xbc\""},
        {&kmsg_type_string, "\"a\\u0000b\"", "string: a NUL inside the text"},
        {&kmsg_type_string, "7", "string: not a string"},
        {&kmsg_type_string, "\"\\ud800\"", "1:17: invalid Unicode '\\uD800' near '\"\\ud800\"'"},
        {&kmsg_type_string, "\"\xc0\xaf\"", "1:10: unable to decode byte 0xc0 near '\"'"},
        {&kmsg_type_string, "\"\xed\xa0\x80\"", "1:10: unable to decode byte 0xed near '\"'"},
    };

    HOLD(examples);
}

TEST(bytes_and_addresses_are_base64)
{
    static const example examples[] = {
        {&kmsg_type_bytes, "\"\"", "\"\""},
        {&kmsg_type_bytes, "\"aGk=\"", "\"aGk=\""},
        {&kmsg_type_bytes, "\"aGkh\"", "\"aGkh\""},
        {&kmsg_type_bytes, "\"aA==\"", "\"aA==\""},
        {&kmsg_type_bytes, "\"+/+/\"", "\"+/+/\""},
        {&kmsg_type_bytes, "null", "bytes: null, which is no bytes"},
        {&kmsg_type_bytes, "\"aGk\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"aGl=\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"aB==\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"-_-_\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"a===\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"====\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"aG=k\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"aA==aGk=\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "\"aG\\n=\"", "bytes: not base64 with its padding"},
        {&kmsg_type_bytes, "[1]", "bytes: not bytes"},
        {&kmsg_type_address, "\"AQID\"", "\"AQID\""},
        {&kmsg_type_address, "\"A\"", "address: not base64 with its padding"},
    };

    HOLD(examples);
}

TEST(bytes_of_every_length_come_back)
{
    uint8_t     data[64];
    kmsg_arena *mem = kmsg_arena_new();

    test_seed(64);
    for (size_t size = 0; size <= sizeof data; size++) {
        const kmsg_bytes is = {data, size};
        kmsg_bytes       got;
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)test_random();
        OK(read_as(&kmsg_type_bytes, written(&kmsg_type_bytes, &is), mem, &got));
        EQ_MEM(got.data, got.size, data, size);
    }
    kmsg_arena_free(mem);
}

TEST(enums_are_names)
{
    static const example examples[] = {
        {&lang_Color_type, "\"GREEN\"", "\"GREEN\""},
        {&lang_Color_type, "7", "\"GREEN\""},
        {&lang_Color_type, "17", "17"},
        {&lang_Color_type, "-2147483648", "-2147483648"},
        {&lang_Color_type, "2147483648", "Color: 2147483648 is out of the range of lang.Color"},
        {&lang_Color_type, "1.5", "Color: 1.5 is not an integer"},
        {&lang_Color_type, "\"PURPLE\"", "Color: lang.Color has no member \"PURPLE\""},
        {&lang_Color_type, "\"7\"", "Color: lang.Color has no member \"7\""},
        {&lang_Color_type, "true", "Color: not a lang.Color"},
        {&lang_Level_type, "\"HIGH\"", "\"HIGH\""},
        {&lang_Level_type, "2", "Level: the closed enum lang.Level is read by name, not by number"},
    };

    HOLD(examples);
}

TEST(what_the_codec_refuses_is_not_written)
{
    const kmsg_string bad = {"\xff", 1};
    const kmsg_rune   surrogate = 0xd800;
    kmsg_string       ret = KMSG_STR("as it was");
    kmsg_arena       *mem = kmsg_arena_new();

    FAILS(kmsg_json_encode_value(&kmsg_type_string, &bad, NULL, mem, &ret), KMSG_EVALUE);
    EQ_STR(kmsg_last_error(), "string: not UTF-8");
    FAILS(kmsg_json_encode_value(&kmsg_type_rune, &surrogate, NULL, mem, &ret), KMSG_EVALUE);
    EQ_STR(ret.data, "as it was");
    kmsg_arena_free(mem);
}

TEST(a_value_by_itself_is_in_an_object)
{
    kmsg_arena *mem = kmsg_arena_new();
    int32_t     value = 5;

    OK(kmsg_json_decode_value(&kmsg_type_i32, kmsg_str("{\"value\":7,\"more\":[]}"), NULL, mem,
                              &value));
    EQ_INT(value, 7);
    OK(kmsg_json_decode_value(&kmsg_type_i32, kmsg_str("{}"), NULL, mem, &value));
    EQ_INT(value, 0);
    FAILS(kmsg_json_decode_value(&kmsg_type_i32, kmsg_str("[7]"), NULL, mem, &value),
          KMSG_EDECODE);
    EQ_STR(kmsg_last_error(), "i32: not an object with a \"value\"");
    kmsg_arena_free(mem);
}
