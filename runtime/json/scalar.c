/* scalar.c -- single values out of a tree.
 *
 * jansson gives every number as a double, so an integer of up to 53 bits is exact whatever its
 * spelling, and larger ones are refused: they are strings. Limits are looked at in read.c.
 */
#include "json/reader.h"
#include "json/text.h"

#include <string.h>

#define EXACT_MAX 9007199254740991.0 /* 2^53 - 1 */

/* ---- numbers --------------------------------------------------------------------------------- */

typedef struct range {
    double low, high;
} range;

static range range_of(kmsg_kind kind)
{
    switch (kind) {
    case KMSG_KIND_I8: return (range){INT8_MIN, INT8_MAX};
    case KMSG_KIND_I16: return (range){INT16_MIN, INT16_MAX};
    case KMSG_KIND_I64: return (range){-EXACT_MAX, EXACT_MAX};
    case KMSG_KIND_U8: return (range){0, UINT8_MAX};
    case KMSG_KIND_U16: return (range){0, UINT16_MAX};
    case KMSG_KIND_U32: return (range){0, UINT32_MAX};
    case KMSG_KIND_U64: return (range){0, EXACT_MAX};
    default: return (range){INT32_MIN, INT32_MAX}; /* i32, enum */
    }
}

static bool is_wide(kmsg_kind kind)
{
    return kind == KMSG_KIND_I64 || kind == KMSG_KIND_U64;
}

static void out_of_range(kmi_json_reader *r, const kmsg_type *type, double number,
                         const kmi_json_place *place)
{
    const char *why = is_wide(type->kind) && (number > EXACT_MAX || number < -EXACT_MAX)
                          ? "may have lost digits, being a number: write it as a string for"
                          : "is out of the range of";
    char        text[KMI_JSON_TEXT_MAX];
    int         size = (int)kmi_json_f64_text(number, text);

    if (text[size - 1] == '0' && text[size - 2] == '.')
        size -= 2;
    kmi_json_fail(r, place, KMSG_EDECODE, "%.*s %s %s", size, text, why, type->name);
}

/* Little or big endian: the number is stored in its own type. */
static void store_int(kmsg_kind kind, int64_t number, void *ret)
{
    int8_t   i8 = (int8_t)number;
    int16_t  i16 = (int16_t)number;
    int32_t  i32 = (int32_t)number;
    uint8_t  u8 = (uint8_t)number;
    uint16_t u16 = (uint16_t)number;
    uint32_t u32 = (uint32_t)number;

    switch (kind) {
    case KMSG_KIND_I8: memcpy(ret, &i8, sizeof i8); break;
    case KMSG_KIND_I16: memcpy(ret, &i16, sizeof i16); break;
    case KMSG_KIND_U8: memcpy(ret, &u8, sizeof u8); break;
    case KMSG_KIND_U16: memcpy(ret, &u16, sizeof u16); break;
    case KMSG_KIND_U32: memcpy(ret, &u32, sizeof u32); break;
    case KMSG_KIND_I64:
    case KMSG_KIND_U64: memcpy(ret, &number, sizeof number); break;
    default: memcpy(ret, &i32, sizeof i32); break;
    }
}

static void read_number(kmi_json_reader *r, const kmsg_type *type, double number, void *ret,
                        const kmi_json_place *place)
{
    const range within = range_of(type->kind);

    if (number < within.low || number > within.high)
        out_of_range(r, type, number, place);
    else if ((double)(int64_t)number != number)
        kmi_json_fail(r, place, KMSG_EDECODE, "%.15g is not an integer", number);
    else
        store_int(type->kind, (int64_t)number, ret);
}

static void read_digits(kmi_json_reader *r, const kmsg_type *type, kmsg_string text, void *ret,
                        const kmi_json_place *place)
{
    bool good, is_digits;

    good = type->kind == KMSG_KIND_I64 ? kmi_json_i64_read(text, ret, &is_digits)
                                       : kmi_json_u64_read(text, ret, &is_digits);
    if (good)
        return;
    if (is_digits)
        kmi_json_fail(r, place, KMSG_EDECODE, "%.40s is out of the range of %s", text.data,
                      type->name);
    else
        kmi_json_mismatch(r, place, type);
}

static void read_int(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                     const kmi_json_place *place)
{
    const kmsg_string text = {json_string_value(json), json_string_length(json)};

    if (json_is_real(json))
        read_number(r, type, json_real_value(json), ret, place);
    else if (json_is_string(json) && is_wide(type->kind))
        read_digits(r, type, text, ret, place);
    else
        kmi_json_mismatch(r, place, type);
}

/* From here on a number rounds to more than the largest float. */
#define F32_BEYOND 0x1.ffffffp127

static void read_float(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                       const kmi_json_place *place)
{
    const kmsg_string text = {json_string_value(json), json_string_length(json)};
    double            f64 = json_real_value(json);
    float             f32;

    if (!json_is_real(json) && !(json_is_string(json) && kmi_json_word_read(text, &f64))) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    if (type->kind == KMSG_KIND_F64) {
        memcpy(ret, &f64, sizeof f64);
        return;
    }
    if (json_is_real(json) && (f64 >= F32_BEYOND || f64 <= -F32_BEYOND)) {
        out_of_range(r, type, f64, place);
        return;
    }
    f32 = (float)f64;
    memcpy(ret, &f32, sizeof f32);
}

/* ---- enums ----------------------------------------------------------------------------------- */

static void read_enum(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                      const kmi_json_place *place)
{
    const kmsg_enum *enum_ = type->enum_;
    const char      *name = json_string_value(json);

    for (uint32_t i = 0; name != NULL && i < enum_->count; i++)
        if (strcmp(enum_->values[i].name, name) == 0) {
            memcpy(ret, &enum_->values[i].number, sizeof enum_->values[i].number);
            return;
        }
    if (name != NULL)
        kmi_json_fail(r, place, KMSG_EDECODE, "%s has no member \"%.40s\"", enum_->name, name);
    else if (!json_is_real(json))
        kmi_json_mismatch(r, place, type);
    else if (enum_->closed)
        kmi_json_fail(r, place, KMSG_EDECODE, "the closed enum %s is read by name, not by number",
                      enum_->name);
    else
        read_number(r, type, json_real_value(json), ret, place);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void read_bytes(kmi_json_reader *r, kmsg_string text, void *ret, const kmi_json_place *place)
{
    uint8_t   *data = kmi_json_take(r, place, text.size / 4, 3, 1);
    kmsg_bytes bytes = {data, 0};

    if (data == NULL)
        return;
    if (kmi_json_base64_read(text, data, &bytes.size))
        memcpy(ret, &bytes, sizeof bytes);
    else
        kmi_json_fail(r, place, KMSG_EDECODE, "not base64 with its padding");
}

/* What is wrong with it; NULL if it was read. */
static const char *read_text(kmsg_kind kind, kmsg_string text, void *ret)
{
    switch (kind) {
    case KMSG_KIND_RUNE: return kmi_json_rune_read(text, ret) ? NULL : "not a single code point";
    case KMSG_KIND_UUID: return kmi_json_uuid_read(text, ret) ? NULL : "not a uuid";
    case KMSG_KIND_TIMESTAMP:
        return kmi_json_timestamp_read(text, ret)
                   ? NULL
                   : "not a timestamp of RFC 3339 between the years 1677 and 2262";
    case KMSG_KIND_DURATION:
        return kmi_json_duration_read(text, ret)
                   ? NULL
                   : "not a duration, such as \"1.5s\", within 292 years";
    default:
        memcpy(ret, &text, sizeof text);
        return memchr(text.data, 0, text.size) == NULL ? NULL : "a NUL inside the text";
    }
}

static void read_string(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                        const kmi_json_place *place)
{
    const kmsg_string text = {json_string_value(json), json_string_length(json)};
    const char       *why;

    if (!json_is_string(json)) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    if (type->kind == KMSG_KIND_BYTES || type->kind == KMSG_KIND_ADDRESS) {
        read_bytes(r, text, ret, place);
        return;
    }
    why = read_text(type->kind, text, ret);
    if (why != NULL)
        kmi_json_fail(r, place, KMSG_EDECODE, "%s", why);
}

void kmi_json_read_scalar(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                          const kmi_json_place *place)
{
    bool yes = json_is_true(json);

    switch (type->kind) {
    case KMSG_KIND_BOOL:
        if (json_is_boolean(json))
            memcpy(ret, &yes, sizeof yes);
        else
            kmi_json_mismatch(r, place, type);
        break;
    case KMSG_KIND_I8:
    case KMSG_KIND_I16:
    case KMSG_KIND_I32:
    case KMSG_KIND_I64:
    case KMSG_KIND_U8:
    case KMSG_KIND_U16:
    case KMSG_KIND_U32:
    case KMSG_KIND_U64: read_int(r, type, json, ret, place); break;
    case KMSG_KIND_F32:
    case KMSG_KIND_F64: read_float(r, type, json, ret, place); break;
    case KMSG_KIND_ENUM: read_enum(r, type, json, ret, place); break;
    default: read_string(r, type, json, ret, place); break;
    }
}
