/* order.c -- sets and maps come in any order and leave in theirs.
 *
 * What is sorted are indices: values may hold refs, whose slots are noted by their address, so they
 * are read where they stay.
 */
#include "json/reader.h"

#include <string.h>

typedef struct sorting {
    const kmsg_type *key;
    const uint8_t   *first; /* key */
    size_t           stride;
} sorting;

static int compare(const sorting *s, uint32_t a, uint32_t b)
{
    return kmsg_compare_keys(s->key, s->first + a * s->stride, s->first + b * s->stride);
}

/* Merge the sorted runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge(const sorting *s, const uint32_t *in, uint32_t *out, size_t from, size_t middle,
                  size_t to)
{
    size_t a = from, b = middle;

    for (size_t i = from; i < to; i++) {
        bool left = a < middle && (b >= to || compare(s, in[a], in[b]) <= 0);
        out[i] = left ? in[a++] : in[b++];
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

const uint32_t *kmi_json_order(kmi_json_reader *r, const kmi_json_place *up, const kmsg_type *key,
                               const void *first, size_t stride, size_t count)
{
    const sorting s = {key, first, stride};
    uint32_t     *in = kmi_json_take(r, up, count, 2 * sizeof *in, sizeof *in), *out, *swap;

    if (in == NULL)
        return NULL;
    out = in + count;
    for (size_t i = 0; i < count; i++)
        in[i] = (uint32_t)i;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t from = 0; from < count; from += 2 * width)
            merge(&s, in, out, from, least(from + width, count), least(from + 2 * width, count));
        swap = in;
        in = out;
        out = swap;
    }
    for (size_t i = 1; i < count; i++)
        if (compare(&s, in[i - 1], in[i]) == 0) {
            const kmi_json_place place = {.up = up, .index = in[i]};
            kmi_json_fail(r, &place, KMSG_EDECODE, "is there twice");
        }
    return r->err == KMSG_OK ? in : NULL;
}

const void *kmi_json_sort_set(kmi_json_reader *r, const kmi_json_place *place,
                              const kmsg_type *item, const void *items, size_t count)
{
    const uint32_t *order = kmi_json_order(r, place, item, items, item->size, count);
    uint8_t        *sorted = kmi_json_take(r, place, count, item->size, 16);

    if (order == NULL || sorted == NULL)
        return items;
    for (size_t i = 0; i < count; i++)
        memcpy(sorted + i * item->size, (const uint8_t *)items + order[i] * item->size, item->size);
    return sorted;
}
