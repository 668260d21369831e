/* glob.c -- any pattern of names against any name: the bytes up to the first zero byte are the
 * pattern, the rest is the name. What it says is held against a matcher that reads the pattern as a
 * person would, from the left, and tries everything (but nothing twice).
 *
 *     make fuzz F=glob S=60
 */
#include "directory/glob.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct text {
    const uint8_t *at;
    size_t         size;
} text;

static bool tried[KMI_GLOB_MAX + 2][KMI_GLOB_MAX + 2]; /* in vain: [pattern's rest][name's] */

/* The code point at the front; *ret_size is how many bytes it has. */
static uint32_t rune(text t, size_t *ret_size)
{
    uint32_t value = t.at[0];
    size_t   size = value < 0x80 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;

    value &= size == 1 ? 0x7fu : 0xffu >> (size + 1);
    for (size_t i = 1; i < size; i++)
        value = value << 6 | (t.at[i] & 0x3fu);
    *ret_size = size;
    return value;
}

static text skip(text t, size_t size)
{
    return (text){t.at + size, t.size - size};
}

/* Takes one character of a set off its front. */
static uint32_t take(text *set)
{
    size_t   size;
    uint32_t value;

    if (*set->at == '\\')
        *set = skip(*set, 1);
    value = rune(*set, &size);
    *set = skip(*set, size);
    return value;
}

/* The set's text, from behind its '[' on; goes behind its ']'. */
static bool is_in(text *set, uint32_t c)
{
    bool others = *set->at == '!', found = false;

    if (others)
        *set = skip(*set, 1);
    while (*set->at != ']') {
        uint32_t low = take(set), high = low;
        if (*set->at == '-' && set->at[1] != ']') {
            *set = skip(*set, 1);
            high = take(set);
        }
        found = found || (low <= c && c <= high);
    }
    *set = skip(*set, 1);
    return found != others && c != '/';
}

static bool fits(text pattern, text name);

static bool fits_run(text pattern, text name)
{
    size_t stars = 0;
    bool   across;

    while (stars < pattern.size && pattern.at[stars] == '*')
        stars++;
    across = stars > 1;
    pattern = skip(pattern, stars);
    for (;; name = skip(name, 1)) {
        if ((name.size == 0 || (*name.at & 0xc0) != 0x80) && fits(pattern, name))
            return true;
        if (name.size == 0 || (*name.at == '/' && !across))
            return false;
    }
}

static bool fits_one(text pattern, text name)
{
    size_t   size, pattern_size;
    uint32_t c;

    if (name.size == 0)
        return false;
    c = rune(name, &size);
    name = skip(name, size);
    if (*pattern.at == '[') {
        text set = skip(pattern, 1);
        return is_in(&set, c) && fits(set, name);
    }
    if (*pattern.at == '?')
        return c != '/' && fits(skip(pattern, 1), name);
    if (*pattern.at == '\\')
        pattern = skip(pattern, 1);
    return rune(pattern, &pattern_size) == c && fits(skip(pattern, pattern_size), name);
}

static bool fits(text pattern, text name)
{
    if (pattern.size == 0)
        return name.size == 0;
    if (tried[pattern.size][name.size])
        return false;
    tried[pattern.size][name.size] = true;
    return *pattern.at == '*' ? fits_run(pattern, name) : fits_one(pattern, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, 0, size);
    size_t         pattern_size = end == NULL ? size : (size_t)(end - data);
    kmsg_string    pattern = {(const char *)data, pattern_size};
    kmsg_string    name = {end == NULL ? "" : (const char *)end + 1,
                        end == NULL ? 0 : size - pattern_size - 1};
    kmi_glob glob;
    bool     is_name = kmi_name_check(name) == KMSG_OK;

    if (kmi_glob_init(&glob, pattern) != KMSG_OK) {
        if (kmsg_last_error()[0] == '\0')
            abort();
        return 0;
    }
    if (!is_name)
        return 0;
    memset(tried, 0, sizeof tried);
    if (kmi_glob_matches(&glob, name) !=
        fits((text){data, pattern_size}, (text){(const uint8_t *)name.data, name.size}))
        abort();
    return 0;
}
