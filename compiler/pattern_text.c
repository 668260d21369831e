/* pattern_text.c -- see pattern_text.h. */
#include "compiler/pattern_text.h"

#include "compiler/ctype.h"

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

/* What stands behind a backslash; *at moves to its end. Escapes of what needs none would be errors
 * under the u flag. */
static const char *escape(const char **at, kmsg_arena *mem)
{
    const char *c = *at;
    char       *end;
    uint32_t    rune;

    if (c[0] == 'u' && c[1] == '{') {
        rune = (uint32_t)strtoul(c + 2, &end, 16);
        *at = end + (*end == '}');
        return literal(rune, mem);
    }
    *at = c + 1;
    if (strchr("dDwWsSnrt", *c) != NULL)
        return ctype_text(mem, "\\%c", *c);
    return literal((unsigned char)*c, mem);
}

const char *pattern_for_json(const idl_pattern *pattern, kmsg_arena *mem)
{
    const char *c = pattern->text, *ret = "^(?:";

    while (*c != '\0') {
        size_t plain = strcspn(c, "\\");
        if (plain > 0) {
            ret = ctype_text(mem, "%s%.*s", ret, (int)plain, c);
            c += plain;
        } else if (c[1] == '\0') {
            break;
        } else {
            c++;
            ret = ctype_text(mem, "%s%s", ret, escape(&c, mem));
        }
    }
    return ctype_text(mem, "%s)$", ret);
}
