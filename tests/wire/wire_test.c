/* wire_test.c -- the examples of idl/wire.md, byte for byte: each block of hex decodes to the value
 * that is shown behind it, and the value encodes to those bytes again.
 */
#include "tests/test.h"

#include "tests/wire/page.h"
#include "wire.kmsg.h"

#include <kmsg/gen.h>

#include <string.h>

static const kmsg_layout *const layouts[] = {
    &Point_layout, &Sample_layout, &Note_layout,  &Shape_layout,  &Stock_layout, &Grid_layout,
    &Board_layout, &Sets_layout,   &Scene_layout, &Parcel_layout, &Seats_layout, &Node_layout};

static const kmsg_layout *layout_of(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strlen(layouts[i]->name) == size && memcmp(layouts[i]->name, name, size) == 0)
            return layouts[i];
    return NULL;
}

static void check_example(const kmsg_layout *layout, const example *e)
{
    _Alignas(16) uint8_t out[1024];
    char                 text[1024] = "";
    kmsg_arena          *mem = kmsg_arena_new();
    kmsg_bytes           again;
    FILE                *f = tmpfile();
    size_t               n;

    OK(kmsg_decode(layout, (kmsg_bytes){e->bytes, e->size}, mem, out));
    kmsg_print(layout, out, f);
    rewind(f);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    EQ_MEM(text, n, e->value.data, e->value.size);
    OK(kmsg_encode(layout, out, mem, &again));
    EQ_MEM(e->bytes, e->size, again.data, again.size);
    kmsg_arena_free(mem);
}

TEST(every_example_of_the_page_is_true)
{
    char       *page = page_read(PAGE);
    const char *at = page;
    size_t      count = 0;
    example     e;

    for (; page_next(&at, &e); count++) {
        const kmsg_layout *layout = layout_of(e.record.data, e.record.size);
        CHECK(layout != NULL);
        check_example(layout, &e);
    }
    EQ_UINT(count, sizeof layouts / sizeof *layouts);
    free(page);
}

TEST(the_schema_of_the_page_is_the_one_of_the_test)
{
    char       *page = page_read(PAGE), *schema = page_read("tests/wire/wire.kmsg");
    const char *begin = strstr(page, "```kmsg\n"), *end;

    CHECK(begin != NULL);
    begin += strlen("```kmsg\n");
    end = strstr(begin, "```");
    EQ_MEM(begin, (size_t)(end - begin), schema, strlen(schema));
    free(page);
    free(schema);
}
