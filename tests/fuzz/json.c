/* json.c -- the reader of JSON against any text.
 *
 * What it takes comes back: written and read again it is the same text and, but for NaNs, the same
 * value. What it refuses it explains. It takes no more memory than it was allowed.
 */
#include "rich.kmsg.h"

#include <kmsg/json.h>

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const kmsg_layout *const known[] = {&rich_Node_layout, &rich_Leaf_layout, &rich_Rich_layout};

static size_t taken; /* bytes that the allocator has given out in this run */

static void *counting(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    taken += size;
    return realloc(old, size);
}

static void must(bool good)
{
    if (!good)
        abort();
}

static void go_round(const rich_Rich *value, const kmsg_json_options *options, kmsg_arena *mem)
{
    kmsg_json_options more = *options;
    rich_Rich         back;
    kmsg_string       one, two;
    kmsg_err          err;

    more.memory_max = 0; /* what is missing in the text may be much more in the next */
    err = kmsg_json_encode(&rich_Rich_layout, value, &more, mem, &one);
    if (err == KMSG_EVALUE || err == KMSG_EDEPTH) /* a default outside of its limits; one that
                                                   * has more brackets than its text had */
        return;
    must(err == KMSG_OK);
    must(kmsg_utf8_valid(one.data, one.size));
    must(kmsg_json_decode(&rich_Rich_layout, one, &more, mem, &back) == KMSG_OK);
    must(strstr(one.data, "\"NaN\"") != NULL || rich_Rich_equal(value, &back));
    must(kmsg_json_encode(&rich_Rich_layout, &back, &more, mem, &two) == KMSG_OK);
    must(kmsg_string_equal(one, two));
}

static void try(kmsg_string text, const kmsg_json_options *options)
{
    kmsg_arena *mem = kmsg_arena_new();
    rich_Rich   value;

    taken = 0;
    if (kmsg_json_decode(&rich_Rich_layout, text, options, mem, &value) == KMSG_OK)
        go_round(&value, options, mem);
    else
        must(kmsg_last_error()[0] != '\0' && taken <= 20 * MEMORY_MAX);
    kmsg_arena_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const kmsg_json_options alone = {.memory_max = MEMORY_MAX};
    const kmsg_json_options knowing = {
        .types = known, .type_count = 3, .memory_max = MEMORY_MAX, .indent = size % 2 != 0};

    kmsg_set_allocator((kmsg_allocator){counting, NULL});
    try((kmsg_string){(const char *)data, size}, &alone);
    try((kmsg_string){(const char *)data, size}, &knowing);
    return 0;
}
