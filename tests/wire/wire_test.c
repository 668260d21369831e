/* wire_test.c -- the examples of idl/wire.md, byte for byte: each block of hex decodes to the value
 * that is shown behind it, and the value encodes to those bytes again.
 */
#include "tests/test.h"

#include "wire.kmsg.h"

#include <kmsg/gen.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PAGE "idl/wire.md"

static const kmsg_layout *const layouts[] = {
    &Point_layout, &Sample_layout, &Note_layout,  &Shape_layout,  &Stock_layout, &Grid_layout,
    &Board_layout, &Sets_layout,   &Scene_layout, &Parcel_layout, &Node_layout};

static char *read_page(const char *path)
{
    FILE  *f = fopen(path, "rb");
    char  *text = calloc(1, 1 << 20);
    size_t size = f == NULL ? 0 : fread(text, 1, (1 << 20) - 1, f);

    CHECK(size > 0);
    fclose(f);
    return text;
}

static const kmsg_layout *layout_of(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strlen(layouts[i]->name) == size && memcmp(layouts[i]->name, name, size) == 0)
            return layouts[i];
    return NULL;
}

/* The bytes of a block of hex, its comments left out, up to the closing fence. */
static size_t read_hex(const char *at, uint8_t *to)
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

static void check_example(const kmsg_layout *layout, const uint8_t *bytes, size_t size,
                          const char *value, size_t value_size)
{
    _Alignas(16) uint8_t out[1024];
    char                 text[1024] = "";
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_bytes           again;
    FILE                *f = tmpfile();
    size_t               n;

    OK(kmsg_decode(layout, (kmsg_bytes){bytes, size}, mem, out));
    kmsg_print(layout, out, f);
    rewind(f);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    EQ_MEM(text, n, value, value_size);
    OK(kmsg_encode(layout, out, mem, &again));
    EQ_MEM(bytes, size, again.data, again.size);
    kmsg_arena_free(mem);
}

TEST(every_example_of_the_page_is_true)
{
    char       *page = read_page(PAGE);
    const char *at = page, *value;
    uint8_t     bytes[1024];
    size_t      count = 0;

    while ((at = strstr(at, "```hex ")) != NULL) {
        const char        *name = at + strlen("```hex ");
        const kmsg_layout *layout = layout_of(name, strcspn(name, "\n"));
        size_t             size = read_hex(strchr(name, '\n') + 1, bytes);
        CHECK(layout != NULL);
        value = strstr(name, "```value\n");
        CHECK(value != NULL);
        value += strlen("```value\n");
        check_example(layout, bytes, size, value, strcspn(value, "\n"));
        at = value;
        count++;
    }
    EQ_UINT(count, sizeof layouts / sizeof *layouts);
    free(page);
}

TEST(the_schema_of_the_page_is_the_one_of_the_test)
{
    char       *page = read_page(PAGE), *schema = read_page("tests/wire/wire.kmsg");
    const char *begin = strstr(page, "```kmsg\n"), *end;

    CHECK(begin != NULL);
    begin += strlen("```kmsg\n");
    end = strstr(begin, "```");
    EQ_MEM(begin, (size_t)(end - begin), schema, strlen(schema));
    free(page);
    free(schema);
}
