/* order.c -- comparing keys, and sorting them by index with a merge sort: it needs room for two
 * indices a key, makes no more than n log n comparisons whatever the input, and leaves the values
 * where they are.
 */
#include "codec/order.h"

#include "base/address.h"
#include "base/alloc.h"
#include "codec/scalar.h"

/* ---- two keys -------------------------------------------------------------------------------- */

/* Of each at most `size` bytes count. */
static int compare_bytes(const void *a, const void *b, size_t size)
{
    kmsg_string s, t; /* bytes and addresses have the same members in the same places */

    memcpy(&s, a, sizeof s);
    memcpy(&t, b, sizeof t);
    s.size = s.size < size ? s.size : size;
    t.size = t.size < size ? t.size : size;
    return kmsg_compare_string(s, t);
}

static int compare_fixed(const kmsg_layout *layout, const uint8_t *a, const uint8_t *b)
{
    int order = 0;

    for (uint32_t i = 0; i < layout->count && order == 0; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (f->name == NULL)
            continue;
        if (f->optional)
            order = KMSG_COMPARE(a[f->has_offset], b[f->has_offset]);
        if (order == 0 && (!f->optional || a[f->has_offset]))
            order = kmsg_compare_keys(f->type, a + f->offset, b + f->offset);
    }
    return order;
}

static int compare_vector(const kmsg_type *type, const uint8_t *a, const uint8_t *b)
{
    int order = 0;

    for (uint32_t i = 0; i < type->count && order == 0; i++)
        order = kmsg_compare_keys(type->item, a + i * type->item->size, b + i * type->item->size);
    return order;
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = kmsg_word(a), y = kmsg_word(b);

    return KMSG_COMPARE(x, y);
}

int kmsg_compare_keys(const kmsg_type *type, const void *a, const void *b)
{
    switch (type->kind) {
    case KMSG_KIND_STRING:
    case KMSG_KIND_BYTES: return compare_bytes(a, b, SIZE_MAX);
    case KMSG_KIND_ADDRESS: return compare_bytes(a, b, KMI_IDENTITY_SIZE);
    case KMSG_KIND_UUID: return memcmp(a, b, sizeof(kmsg_uuid));
    case KMSG_KIND_U64: return compare_u64(a, b);
    case KMSG_KIND_FIXED: return compare_fixed(type->layout, a, b);
    case KMSG_KIND_VECTOR: return compare_vector(type, a, b);
    default: return KMSG_COMPARE(kmi_scalar_int(type, a), kmi_scalar_int(type, b));
    }
}

/* ---- many ------------------------------------------------------------------------------------ */

kmi_keys kmi_keys_of(const kmsg_type *type, const kmsg_items *items)
{
    const kmsg_field *key = type->kind == KMSG_KIND_ARRAY ? NULL : &type->layout->fields[0];

    if (key == NULL)
        return (kmi_keys){type->item, items->items, type->item->size, items->count};
    return (kmi_keys){key->type, (const uint8_t *)items->items + key->offset, type->layout->size,
                      items->count};
}

bool kmi_has_keys(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_MAP || type->is_set;
}

const void *kmi_key(const kmi_keys *keys, size_t i)
{
    return keys->first + i * keys->stride;
}

bool kmi_ascends(const kmi_keys *keys)
{
    for (size_t i = 1; i < keys->count; i++)
        if (kmsg_compare_keys(keys->type, kmi_key(keys, i - 1), kmi_key(keys, i)) >= 0)
            return false;
    return true;
}

/* ---- sorting --------------------------------------------------------------------------------- */

static int compare(const kmi_keys *keys, uint32_t a, uint32_t b)
{
    return kmsg_compare_keys(keys->type, kmi_key(keys, a), kmi_key(keys, b));
}

/* Merge the sorted runs [from, middle) and [middle, to) of `in` into `out`. */
static void merge(const kmi_keys *keys, const uint32_t *in, uint32_t *out, size_t from,
                  size_t middle, size_t to)
{
    size_t a = from, b = middle;

    for (size_t i = from; i < to; i++) {
        bool left = a < middle && (b >= to || compare(keys, in[a], in[b]) <= 0);
        out[i] = left ? in[a++] : in[b++];
    }
}

/* Bottom-up merge sort between the two halves of `room`. Returns the half that holds the result. */
static uint32_t *merge_sort(const kmi_keys *keys, uint32_t *room)
{
    size_t    count = keys->count;
    uint32_t *in = room, *out = room + count, *swap;

    for (size_t width = 1; width < count; width *= 2) {
        for (size_t from = 0; from < count; from += 2 * width) {
            size_t middle = from + width < count ? from + width : count;
            size_t to = middle + width < count ? middle + width : count;
            merge(keys, in, out, from, middle, to);
        }
        swap = in;
        in = out;
        out = swap;
    }
    return in;
}

const uint32_t *kmi_order_new(kmsg_enc *e, const kmi_keys *keys)
{
    size_t    count = keys->count;
    uint32_t *room = NULL, *sorted;

    if (count <= SIZE_MAX / (2 * sizeof *room))
        room = kmi_alloc(2 * count * sizeof *room);
    if (room == NULL) {
        kmsg_enc_fail(e, KMSG_ENOMEM);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        room[i] = (uint32_t)i;
    sorted = merge_sort(keys, room);
    if (sorted != room)
        memmove(room, sorted, count * sizeof *room);
    for (size_t i = 1; i < count; i++)
        if (compare(keys, room[i - 1], room[i]) == 0)
            kmsg_enc_fail(e, KMSG_EVALUE);
    return room;
}

void kmi_order_free(const uint32_t *order)
{
    kmi_free((void *)(uintptr_t)order);
}
