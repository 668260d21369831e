/* scalar.c -- see scalar.h. Values are read with memcpy: they may lie in a message. */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS        64 /* where long has 32 bits, time_t ends in 2038 otherwise */

#include "codec/scalar.h"

#include <kmsg/codec.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define TEXT_SHOWN_MAX  32u
#define BYTES_SHOWN_MAX 12u
#define PARTS_SHOWN_MAX 8u

bool kmi_in_block(const kmsg_type *type)
{
    return type->kind <= KMSG_KIND_VECTOR;
}

bool kmi_any_bits(const kmsg_type *type)
{
    if (type->limits != NULL)
        return false;
    switch (type->kind) {
    case KMSG_KIND_BOOL:
    case KMSG_KIND_RUNE:
    case KMSG_KIND_FIXED: return false;
    case KMSG_KIND_ENUM: return !type->enum_->closed;
    case KMSG_KIND_VECTOR: return kmi_any_bits(type->item);
    default: return kmi_in_block(type);
    }
}

bool kmi_has_padding(const kmsg_type *type)
{
    while (type->kind == KMSG_KIND_VECTOR)
        type = type->item;
    return type->kind == KMSG_KIND_FIXED;
}

static bool enum_has(const kmsg_enum *enum_, int32_t number)
{
    for (uint32_t i = 0; i < enum_->count; i++)
        if (enum_->values[i].number == number)
            return true;
    return false;
}

const char *kmi_text_bad(const void *data, size_t size)
{
    if (size != 0 && memchr(data, 0, size) != NULL)
        return "a NUL inside the text";
    return kmsg_utf8_valid(data, size) ? NULL : "not UTF-8";
}

const char *kmi_scalar_bad(const kmsg_type *type, const void *value)
{
    kmsg_string text;

    switch (type->kind) {
    case KMSG_KIND_BOOL: return *(const uint8_t *)value > 1 ? "neither true nor false" : NULL;
    case KMSG_KIND_RUNE:
        return kmsg_rune_bad(kmsg_half(value)) ? "not a Unicode scalar value" : NULL;
    case KMSG_KIND_ENUM:
        if (type->enum_->closed && !enum_has(type->enum_, (int32_t)kmsg_half(value)))
            return "not a member of its closed enum";
        return NULL;
    case KMSG_KIND_STRING:
        memcpy(&text, value, sizeof text);
        return kmi_text_bad(text.data, text.size);
    default: return NULL;
    }
}

int64_t kmi_scalar_int(const kmsg_type *type, const void *value)
{
    union {
        int8_t   i8;
        int16_t  i16;
        int32_t  i32;
        int64_t  i64;
        uint8_t  u8;
        uint16_t u16;
        uint32_t u32;
    } v;

    memcpy(&v, value, type->size);
    switch (type->kind) {
    case KMSG_KIND_BOOL:
    case KMSG_KIND_U8: return v.u8;
    case KMSG_KIND_I8: return v.i8;
    case KMSG_KIND_I16: return v.i16;
    case KMSG_KIND_U16: return v.u16;
    case KMSG_KIND_I32:
    case KMSG_KIND_ENUM: return v.i32;
    case KMSG_KIND_U32:
    case KMSG_KIND_RUNE: return v.u32;
    default: return v.i64;
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

static void string_text(kmsg_string s, char *text, size_t size)
{
    size_t shown = s.size < TEXT_SHOWN_MAX ? s.size : TEXT_SHOWN_MAX;

    snprintf(text, size, "\"%.*s\"%s", (int)shown, shown == 0 ? "" : s.data,
             shown < s.size ? "..." : "");
}

static void bytes_text(const uint8_t *data, size_t size, char *text, size_t room)
{
    size_t shown = size < BYTES_SHOWN_MAX ? size : BYTES_SHOWN_MAX;
    int    n = snprintf(text, room, "0x");

    for (size_t i = 0; i < shown; i++)
        n += snprintf(text + n, room - (size_t)n, "%02x", data[i]);
    snprintf(text + n, room - (size_t)n, "%s", shown < size ? "..." : "");
}

static void uuid_text(const uint8_t *u, char *text, size_t size)
{
    snprintf(text, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13],
             u[14], u[15]);
}

/* RFC 3339, with as many decimals as there are. Outside the years 0 to 9999: the bare number. */
static void timestamp_text(int64_t ns, char *text, size_t size)
{
    time_t    seconds = (time_t)(ns / 1000000000);
    int       rest = (int)(ns % 1000000000);
    struct tm tm;
    char      date[32], decimals[16] = "";

    if (rest < 0) {
        rest += 1000000000;
        seconds--;
    }
    if (gmtime_r(&seconds, &tm) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        snprintf(date, sizeof date, "%" PRId64 "ns", ns);
    if (rest != 0) {
        snprintf(decimals, sizeof decimals, ".%09d", rest);
        for (size_t n = strlen(decimals); decimals[n - 1] == '0'; n--)
            decimals[n - 1] = '\0';
    }
    snprintf(text, size, "%s%sZ", date, decimals);
}

static void duration_text(int64_t ns, char *text, size_t size)
{
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    int      n = snprintf(text, size, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
                          magnitude / 1000000000, magnitude % 1000000000);

    if (n < 0 || (size_t)n + 1 >= size)
        return;
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    memcpy(text + n, "s", 2);
}

static void enum_text(const kmsg_enum *enum_, int32_t number, char *text, size_t size)
{
    for (uint32_t i = 0; i < enum_->count; i++)
        if (enum_->values[i].number == number) {
            snprintf(text, size, "%s", enum_->values[i].name);
            return;
        }
    snprintf(text, size, "%" PRId32, number);
}

void kmi_scalar_text(const kmsg_type *type, const void *value, char *text, size_t size)
{
    union {
        float       f32;
        double      f64;
        uint64_t    u64;
        kmsg_string string;
        kmsg_bytes  bytes;
        uint8_t     uuid[16];
    } v;

    memcpy(&v, value, type->size < sizeof v ? type->size : sizeof v);
    switch (type->kind) {
    case KMSG_KIND_BOOL:
        snprintf(text, size, "%s", *(const uint8_t *)value ? "true" : "false");
        break;
    case KMSG_KIND_F32: snprintf(text, size, "%.9g", (double)v.f32); break;
    case KMSG_KIND_F64: snprintf(text, size, "%.17g", v.f64); break;
    case KMSG_KIND_U64: snprintf(text, size, "%" PRIu64, v.u64); break;
    case KMSG_KIND_RUNE: snprintf(text, size, "U+%04" PRIX64, kmi_scalar_int(type, value)); break;
    case KMSG_KIND_UUID: uuid_text(v.uuid, text, size); break;
    case KMSG_KIND_TIMESTAMP: timestamp_text(kmi_scalar_int(type, value), text, size); break;
    case KMSG_KIND_DURATION: duration_text(kmi_scalar_int(type, value), text, size); break;
    case KMSG_KIND_ENUM:
        enum_text(type->enum_, (int32_t)kmi_scalar_int(type, value), text, size);
        break;
    case KMSG_KIND_STRING: string_text(v.string, text, size); break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: bytes_text(v.bytes.data, v.bytes.size, text, size); break;
    default: snprintf(text, size, "%" PRId64, kmi_scalar_int(type, value)); break;
    }
}

/* Behind what stands in `text` already; what does not fit is left out. */
static void append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s", more);
}

static void append_part(const kmsg_type *type, const void *value, uint32_t i, char *text,
                        size_t size)
{
    char part[80];

    kmi_key_text(type, value, part, sizeof part);
    append(text, size, i == 0 ? "" : ", ");
    append(text, size, i < PARTS_SHOWN_MAX ? part : i == PARTS_SHOWN_MAX ? "..." : "");
}

void kmi_key_text(const kmsg_type *type, const void *value, char *text, size_t size)
{
    const uint8_t *at = value;
    uint32_t       shown;

    if (type->kind != KMSG_KIND_FIXED && type->kind != KMSG_KIND_VECTOR) {
        kmi_scalar_text(type, value, text, size);
        return;
    }
    shown = type->kind == KMSG_KIND_FIXED ? type->layout->count : type->count;
    shown = shown <= PARTS_SHOWN_MAX ? shown : PARTS_SHOWN_MAX + 1;
    snprintf(text, size, "[");
    for (uint32_t i = 0; i < shown; i++) {
        if (type->kind == KMSG_KIND_VECTOR)
            append_part(type->item, at + i * type->item->size, i, text, size);
        else
            append_part(type->layout->fields[i].type, at + type->layout->fields[i].offset, i, text,
                        size);
    }
    append(text, size, "]");
}
