/* pattern_text.c -- see pattern_text.h.
 *
 * A pattern that idl/pattern.c took is known to be whole, so nothing is checked here.
 */
#include "compiler/pattern_text.h"

#include "compiler/ctype.h"
#include "compiler/out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *pattern_rune(uint32_t rune, kmsg_arena *mem)
{
    char text[5] = {0};

    if (rune < 0x80) {
        text[0] = (char)rune;
    } else if (rune < 0x800) {
        text[0] = (char)(0xc0 | rune >> 6);
        text[1] = (char)(0x80 | (rune & 0x3f));
    } else if (rune < 0x10000) {
        text[0] = (char)(0xe0 | rune >> 12);
        text[1] = (char)(0x80 | (rune >> 6 & 0x3f));
        text[2] = (char)(0x80 | (rune & 0x3f));
    } else {
        text[0] = (char)(0xf0 | rune >> 18);
        text[1] = (char)(0x80 | (rune >> 12 & 0x3f));
        text[2] = (char)(0x80 | (rune >> 6 & 0x3f));
        text[3] = (char)(0x80 | (rune & 0x3f));
    }
    return ctype_text(mem, "%s", text);
}

/* A character that stands for itself, in brackets or out of them. */
static const char *literal(uint32_t rune, kmsg_arena *mem)
{
    if (rune < ' ' || rune == 0x7f)
        return ctype_text(mem, "\\x%02" PRIx32, rune);
    if (rune < 0x80 && strchr("^$\\.*+?()[]{}|/", (int)rune) != NULL)
        return ctype_text(mem, "\\%c", (char)rune);
    return rune == '-' ? "\\x2d" : pattern_rune(rune, mem); /* \- is good in brackets only */
}

const char *pattern_of_range(uint32_t low, uint32_t high, kmsg_arena *mem)
{
    return ctype_text(mem, "^[%s-%s]$", literal(low, mem), literal(high, mem));
}

/* ---- patterns -------------------------------------------------------------------------------- */

/* \d and its like in brackets: engines differ in what these letters mean. */
static const struct {
    char        letter;
    const char *ranges;
} named[] = {
    {'d', "0-9"},
    {'w', "0-9A-Z_a-z"},
    {'s', "\\x09-\\x0d "},
    {'D', "\\x01-\\/:-\xf4\x8f\xbf\xbf"},
    {'W', "\\x01-\\/:-@\\[-\\^`\\{-\xf4\x8f\xbf\xbf"},
    {'S', "\\x01-\\x08\\x0e-\\x1f!-\xf4\x8f\xbf\xbf"},
};

static const char *find_named(const char *escape)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (escape[0] == '\\' && escape[1] == named[i].letter)
            return named[i].ranges;
    return NULL;
}

/* The character at *at, which is good UTF-8, or its escape; *at moves behind it. */
static uint32_t read_point(const char **at)
{
    const unsigned char *c = (const unsigned char *)*at;
    unsigned             more = c[0] < 0x80 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;
    uint32_t             point = more == 0 ? c[0] : c[0] & (0x3fu >> more);

    for (unsigned i = 1; i <= more; i++)
        point = point << 6 | (c[i] & 0x3f);
    *at += more + 1;
    return point;
}

static uint32_t read_escape(const char **at)
{
    char    *end;
    uint32_t point;

    switch (*++*at) {
    case 'n': ++*at; return '\n';
    case 'r': ++*at; return '\r';
    case 't': ++*at; return '\t';
    case 'u':
        point = (uint32_t)strtoul(*at + 2, &end, 16);
        *at = end + 1;
        return point;
    default: return read_point(at);
    }
}

static void put_literal(out *o, const char **at, kmsg_arena *mem)
{
    uint32_t point = **at == '\\' ? read_escape(at) : read_point(at);

    out_fmt(o, "%s", literal(point, mem));
}

/* A set, at its '['. Like the reader of patterns: "-" is a range's where a member is on both sides
 * of it. */
static void put_set(out *o, const char **at, kmsg_arena *mem)
{
    const char *c = *at + 1;

    out_put(o, "[");
    if (*c == '^') {
        out_put(o, "^");
        c++;
    }
    while (*c != ']') {
        const char *ranges = find_named(c);
        if (ranges != NULL) {
            out_put(o, ranges);
            c += 2;
            continue;
        }
        put_literal(o, &c, mem);
        if (c[0] == '-' && c[1] != ']') {
            out_put(o, "-");
            c++;
            put_literal(o, &c, mem);
        }
    }
    out_put(o, "]");
    *at = c + 1;
}

static void put_pattern(out *o, const char *c, kmsg_arena *mem)
{
    while (*c != '\0' && !(c[0] == '$' && c[1] == '\0')) {
        const char *ranges = find_named(c);
        if (ranges != NULL) {
            out_fmt(o, "[%s]", ranges);
            c += 2;
        } else if (*c == '.') {
            out_put(o, "[\\s\\S]"); /* also the end of a line */
            c++;
        } else if (*c == '[') {
            put_set(o, &c, mem);
        } else if (*c == '\\') {
            put_literal(o, &c, mem);
        } else {
            out_fmt(o, "%c", *c++);
        }
    }
}

const char *pattern_for_json(const idl_pattern *pattern, kmsg_arena *mem)
{
    const char *text = pattern->text, *ret;
    out        *o = out_new();

    put_pattern(o, text + (text[0] == '^'), mem);
    ret = ctype_text(mem, "^(?:%s)$", out_text(o));
    out_free(o);
    return ret;
}
