/* equal.c -- are two values equal, through descriptors.
 *
 * Values are equal if they read the same: floats by their bits, maps and sets in whatever order
 * they stand, addresses of one object whatever the way to it. Graphs are equal if nobody who
 * follows refs can tell them apart: a pair of objects that was met before is taken for equal, and
 * what is still to be compared waits in a list.
 */
#include "codec/objects.h"
#include "codec/order.h"
#include "codec/scalar.h"
#include "codec/value.h"

static bool equal_value(kmsg_objects *pairs, const kmsg_type *type, const void *a, const void *b);
static bool equal_fields(kmsg_objects *pairs, const kmsg_layout *layout, const uint8_t *a,
                         const uint8_t *b);

/* ---- lists ----------------------------------------------------------------------------------- */

static bool equal_items(kmsg_objects *pairs, const kmsg_type *item, const uint8_t *a,
                        const uint8_t *b, size_t count)
{
    size_t i = 0;

    if (item->kind < KMSG_KIND_FIXED)
        return count == 0 || memcmp(a, b, count * item->size) == 0;
    while (i < count && equal_value(pairs, item, a + i * item->size, b + i * item->size))
        i++;
    return i == count;
}

static bool equal_rows(kmsg_objects *pairs, const kmsg_layout *row, const uint8_t *a,
                       const uint8_t *b, size_t count)
{
    size_t i = 0;

    while (i < count && equal_fields(pairs, row, a + i * row->size, b + i * row->size))
        i++;
    return i == count;
}

/* Entries may stand in any order; those that kmsg made are sorted, and found at once. */
static bool equal_keyed(kmsg_objects *pairs, const kmsg_type *type, const kmsg_items *a,
                        const kmsg_items *b)
{
    const kmi_keys mine = kmi_keys_of(type, a), theirs = kmi_keys_of(type, b);
    size_t         k = 0;

    for (size_t i = 0; i < mine.count; i++, k++) {
        size_t tried = 0;
        while (tried < mine.count &&
               kmsg_compare_keys(mine.type, kmi_key(&mine, i), kmi_key(&theirs, k % mine.count))) {
            k++;
            tried++;
        }
        if (tried == mine.count)
            return false;
        if (type->kind == KMSG_KIND_MAP &&
            !equal_fields(pairs, type->layout, kmi_item(type->layout, a, i),
                          kmi_item(type->layout, b, k % mine.count)))
            return false;
    }
    return true;
}

static bool equal_lists(kmsg_objects *pairs, const kmsg_type *type, const kmsg_items *a,
                        const kmsg_items *b)
{
    if (a->count != b->count)
        return false;
    if (a->count == 0)
        return true;
    if (kmi_has_keys(type))
        return equal_keyed(pairs, type, a, b);
    if (type->kind == KMSG_KIND_ARRAY)
        return equal_items(pairs, type->item, a->items, b->items, a->count);
    return equal_rows(pairs, type->layout, a->items, b->items, a->count);
}

/* ---- any, unions, refs ----------------------------------------------------------------------- */

static bool equal_bytes(const kmsg_bytes *a, const kmsg_bytes *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static bool equal_any(const kmsg_any *a, const kmsg_any *b)
{
    return kmsg_string_equal(a->type, b->type) && equal_bytes(&a->message, &b->message);
}

static bool equal_union(kmsg_objects *pairs, const kmsg_layout *layout, const void *a,
                        const void *b)
{
    const kmsg_field *f = kmi_union_member(layout, kmi_union_kind(a));
    const void       *x, *y;

    if (kmi_union_kind(a) != kmi_union_kind(b))
        return false;
    if (kmi_union_kind(a) == 0)
        return true;
    x = kmi_union_held(f, a);
    y = kmi_union_held(f, b);
    if (x == NULL || y == NULL)
        return x == y;
    return equal_value(pairs, f->type, x, y);
}

static bool equal_ref(kmsg_objects *pairs, const kmsg_layout *layout, const void *a, const void *b)
{
    const void *x, *y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    if (x == NULL || y == NULL || x == y)
        return x == y;
    return kmi_objects_put(pairs, (kmi_object){layout, x, y, NULL}, NULL) != SIZE_MAX;
}

/* ---- any of them ----------------------------------------------------------------------------- */

static bool equal_value(kmsg_objects *pairs, const kmsg_type *type, const void *a, const void *b)
{
    switch (type->kind) {
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD: return equal_fields(pairs, type->layout, a, b);
    case KMSG_KIND_VECTOR: return equal_items(pairs, type->item, a, b, type->count);
    case KMSG_KIND_STRING:
        return kmsg_string_equal(*(const kmsg_string *)a, *(const kmsg_string *)b);
    case KMSG_KIND_BYTES: return equal_bytes(a, b);
    case KMSG_KIND_ADDRESS:
        return kmsg_address_equal(*(const kmsg_address *)a, *(const kmsg_address *)b);
    case KMSG_KIND_ANY: return equal_any(a, b);
    case KMSG_KIND_UNION: return equal_union(pairs, type->layout, a, b);
    case KMSG_KIND_REF: return equal_ref(pairs, type->layout, a, b);
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: return equal_lists(pairs, type, a, b);
    case KMSG_KIND_TABLE: return equal_rows(pairs, type->layout, a, b, type->count);
    default: return memcmp(a, b, type->size) == 0;
    }
}

static bool equal_field(kmsg_objects *pairs, const kmsg_field *f, const uint8_t *a,
                        const uint8_t *b)
{
    const uint8_t *x = a + f->offset, *y = b + f->offset;
    bool           there, both;

    if (kmi_in_block(f->type)) {
        there = !f->optional || a[f->has_offset];
        both = there == (!f->optional || b[f->has_offset]);
    } else {
        there = kmi_is_there(f, x);
        both = there == kmi_is_there(f, y);
    }
    return both && (!there || equal_value(pairs, f->type, kmi_held(f, x), kmi_held(f, y)));
}

static bool equal_fields(kmsg_objects *pairs, const kmsg_layout *layout, const uint8_t *a,
                         const uint8_t *b)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL && !equal_field(pairs, &layout->fields[i], a, b))
            return false;
    return true;
}

/* ---- entry points ---------------------------------------------------------------------------- */

static bool equal_objects(kmsg_objects *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const kmi_object pair = pairs->list[i];
        if (!equal_fields(pairs, pair.layout, pair.value, pair.twin))
            return false;
    }
    return true;
}

bool kmsg_equal_value(const kmsg_type *type, const void *a, const void *b)
{
    kmsg_objects pairs = {NULL, 0, 0, NULL, 0, 0};
    bool         equal = equal_value(&pairs, type, a, b) && equal_objects(&pairs);

    kmi_objects_done(&pairs);
    return equal;
}

bool kmsg_equal(const kmsg_layout *layout, const void *a, const void *b)
{
    const kmsg_type type = {.kind = KMSG_KIND_RECORD, .layout = layout};

    return kmsg_equal_value(&type, a, b);
}
