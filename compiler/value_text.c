/* value_text.c -- see value_text.h. */
#include "compiler/value_text.h"

#include "compiler/ctype.h"

#include <inttypes.h>
#include <string.h>

#define NS_IN_S UINT64_C(1000000000)

/* ---- as a schema writes it ------------------------------------------------------------------- */

static const char *sign(bool negative)
{
    return negative ? "-" : "";
}

const char *value_float_text(double number, idl_kind kind, kmsg_arena *mem)
{
    char text[IDL_FLOAT_TEXT_MAX];

    idl_float_text(number, kind == IDL_F32, text);
    return ctype_text(mem, strpbrk(text, ".e") == NULL ? "%s.0" : "%s", text);
}

const char *value_duration_text(bool negative, uint64_t ns, kmsg_arena *mem)
{
    static const struct {
        uint64_t    ns;
        const char *unit;
    } units[] = {{3600 * NS_IN_S, "h"}, {60 * NS_IN_S, "min"}, {NS_IN_S, "s"},
                 {1000000, "ms"},       {1000, "us"},          {1, "ns"}};
    size_t i = 0;

    if (ns == 0)
        return "0s";
    while (ns % units[i].ns != 0)
        i++;
    return ctype_text(mem, "%s%" PRIu64 "%s", sign(negative), ns / units[i].ns, units[i].unit);
}

const idl_enum_value *value_member(const idl_enum *enum_, const idl_value *value)
{
    int64_t number = value->negative ? -(int64_t)value->magnitude : (int64_t)value->magnitude;

    for (size_t i = 0; i < enum_->value_count; i++)
        if (enum_->values[i].number == number)
            return &enum_->values[i];
    return NULL;
}

/* The bytes of a character that a literal has to write otherwise. */
static const char *escaped(char c, kmsg_arena *mem)
{
    switch (c) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: return ctype_text(mem, "\\u{%x}", (unsigned)c);
    }
}

static const char *quoted(const char *text, kmsg_arena *mem)
{
    size_t size = strlen(text), at = 0;
    char  *copy = kmsg_alloc(mem, size * 8 + 3, 1); /* a byte is at most \u{1f} */

    if (copy == NULL)
        ctype_no_memory();
    copy[at++] = '"';
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\' || *text == 0x7f) {
            const char *e = escaped(*text, mem);
            memcpy(copy + at, e, strlen(e));
            at += strlen(e);
        } else {
            copy[at++] = *text;
        }
    }
    copy[at++] = '"';
    copy[at] = '\0';
    return copy;
}

static const char *int_text(const idl_value *v, const idl_type *type, kmsg_arena *mem)
{
    const idl_enum_value *member = type->kind == IDL_ENUM ? value_member(type->enum_, v) : NULL;

    if (member != NULL)
        return member->name;
    if (type->kind == IDL_DURATION)
        return value_duration_text(v->negative, v->magnitude, mem);
    return ctype_text(mem, "%s%" PRIu64, sign(v->negative), v->magnitude);
}

const char *value_text(const idl_value *v, const idl_type *type, kmsg_arena *mem)
{
    switch (v->kind) {
    case IDL_VALUE_NONE: return "";
    case IDL_VALUE_INT: return int_text(v, type, mem);
    case IDL_VALUE_FLOAT: return value_float_text(v->number, type->kind, mem);
    case IDL_VALUE_BOOL: return v->magnitude != 0 ? "true" : "false";
    case IDL_VALUE_STRING: return quoted(v->string, mem);
    }
    return "";
}

const char *value_limits_text(const idl_type *type, kmsg_arena *mem)
{
    const idl_limits *l = type->limits;
    const char       *low, *high, *range = "", *comma;

    if (l == NULL)
        return "";
    low = value_text(&l->low, type, mem);
    high = value_text(&l->high, type, mem);
    if (low[0] != '\0' && strcmp(low, high) == 0)
        range = low;
    else if (low[0] != '\0' || high[0] != '\0')
        range = ctype_text(mem, "%s..%s", low, high);
    comma = range[0] != '\0' && l->pattern != NULL ? ", " : "";
    return ctype_text(mem, "%s%s%s", range, comma,
                      l->pattern != NULL ? quoted(l->pattern->text, mem) : "");
}

/* ---- as JSON has it -------------------------------------------------------------------------- */

/* Of a second: "", ".500", ".000001", ".123456789". */
static const char *fraction(uint64_t ns, kmsg_arena *mem)
{
    if (ns == 0)
        return "";
    if (ns % 1000000 == 0)
        return ctype_text(mem, ".%03" PRIu64, ns / 1000000);
    if (ns % 1000 == 0)
        return ctype_text(mem, ".%06" PRIu64, ns / 1000);
    return ctype_text(mem, ".%09" PRIu64, ns);
}

const char *value_json_duration(bool negative, uint64_t ns, kmsg_arena *mem)
{
    return ctype_text(mem, "%s%" PRIu64 "%ss", sign(negative), ns / NS_IN_S,
                      fraction(ns % NS_IN_S, mem));
}

/* A day, counted from 1970-01-01, in the Gregorian calendar. Years are counted from March, so that
 * the leap day is a year's last. */
static const char *day_text(int64_t day, kmsg_arena *mem)
{
    int64_t from_0000_03_01 = day + 719468; /* positive: i64 nanoseconds begin in 1677 */
    int64_t era = from_0000_03_01 / 146097, of_era = from_0000_03_01 % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * of_year + 2) / 153, of_month = of_year - (153 * month + 2) / 5 + 1;
    int64_t calendar_month = month < 10 ? month + 3 : month - 9;

    return ctype_text(mem, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
                      era * 400 + year_of_era + (calendar_month <= 2), calendar_month, of_month);
}

const char *value_json_timestamp(bool negative, uint64_t ns, kmsg_arena *mem)
{
    uint64_t s = ns / NS_IN_S, part = ns % NS_IN_S;
    int64_t  at = (int64_t)s, day;

    if (negative) {
        at = -at - (part > 0);
        part = part > 0 ? NS_IN_S - part : 0;
    }
    day = at / 86400 - (at % 86400 < 0);
    at -= day * 86400;
    return ctype_text(mem, "%sT%02" PRId64 ":%02" PRId64 ":%02" PRId64 "%sZ", day_text(day, mem),
                      at / 3600, at / 60 % 60, at % 60, fraction(part, mem));
}
