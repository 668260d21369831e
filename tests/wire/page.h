/* page.h -- the examples of idl/wire.md: the record's name, its bytes in hex, the value in words.
 */
#ifndef TEST_PAGE_H
#define TEST_PAGE_H

#include "tests/test.h"

#include <ctype.h>
#include <stdlib.h>

#define PAGE "idl/wire.md"

typedef struct example {
    kmsg_string record;
    kmsg_string value;
    uint8_t     bytes[1024];
    size_t      size;
} example;

/* A file, terminated; the caller frees it. */
static inline char *page_read(const char *path)
{
    FILE  *f = fopen(path, "rb");
    char  *text = calloc(1, 1 << 20);
    size_t size = f == NULL ? 0 : fread(text, 1, (1 << 20) - 1, f);

    CHECK(size > 0);
    fclose(f);
    return text;
}

/* The bytes of a block of hex, its comments left out, up to the closing fence. */
static inline size_t page_hex(const char *at, uint8_t *to)
{
    size_t n = 0;

    while (*at != '`') {
        if (*at == '#') {
            at = strchr(at, '\n');
        } else if (isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1])) {
            to[n++] = (uint8_t)strtoul((char[]){at[0], at[1], '\0'}, NULL, 16);
            at += 2;
        } else {
            CHECK(isspace((unsigned char)*at));
            at++;
        }
    }
    return n;
}

/* The next example from *at on, which moves behind it; false: there are no more. */
static inline bool page_next(const char **at, example *ret)
{
    const char *name = strstr(*at, "```hex "), *value;

    if (name == NULL)
        return false;
    name += strlen("```hex ");
    value = strstr(name, "```value\n");
    CHECK(value != NULL);
    value += strlen("```value\n");
    ret->record = (kmsg_string){name, strcspn(name, "\n")};
    ret->value = (kmsg_string){value, strcspn(value, "\n")};
    ret->size = page_hex(strchr(name, '\n') + 1, ret->bytes);
    *at = value;
    return true;
}

#endif
