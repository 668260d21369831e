/* value.c -- deep copy, equality, and the order of map entries, through descriptors. */
#include "codec/value.h"

#include "base/alloc.h"
#include "base/err.h"
#include "codec/scalar.h"

const void *kmi_item(const kmsg_layout *row, const kmsg_items *list, size_t i)
{
    return (const uint8_t *)list->items + i * row->size;
}

bool kmi_is_there(const kmsg_field *f, const void *member)
{
    const void *first;

    memcpy(&first, member, sizeof first); /* .data, .items, or the pointer to the record */
    return !f->optional || first != NULL;
}

const void *kmi_record(const kmsg_field *f, const void *member)
{
    const void *record = member;

    if (f->optional)
        memcpy(&record, member, sizeof record);
    return record;
}

size_t kmi_item_align(const kmsg_type *item)
{
    if (item->kind == KMSG_KIND_FIXED)
        return kmsg_shape_align(item->layout->shape);
    return item->kind == KMSG_KIND_UUID ? 1 : item->size;
}

/* ---- copy ------------------------------------------------------------------------------------ */

static void copy_fields(const kmsg_layout *layout, kmsg_arena *mem, uint8_t *value);

static void *copy_bytes(kmsg_arena *mem, const void *from, size_t size, size_t align)
{
    void *to = kmsg_alloc(mem, size, align);

    if (to != NULL && size != 0)
        memcpy(to, from, size);
    return to;
}

static void copy_rows(const kmsg_layout *row, kmsg_arena *mem, kmsg_items *l)
{
    uint8_t *items = copy_bytes(mem, l->items, l->count * row->size, 16);

    l->items = items;
    for (size_t i = 0; items != NULL && i < l->count; i++)
        copy_fields(row, mem, items + i * row->size);
}

/* `member` holds what it had in the original; make it lead into `mem`. */
static void copy_member(const kmsg_field *f, kmsg_arena *mem, uint8_t *member)
{
    const kmsg_layout *layout = f->type->layout;
    kmsg_items        *l = (kmsg_items *)(void *)member;
    kmsg_bytes        *bytes = (kmsg_bytes *)(void *)member;
    kmsg_string       *text = (kmsg_string *)(void *)member;
    void              *record;

    switch (f->type->kind) {
    case KMSG_KIND_STRING: *text = kmsg_string_copy(mem, *text); break;
    case KMSG_KIND_BYTES: bytes->data = copy_bytes(mem, bytes->data, bytes->size, 1); break;
    case KMSG_KIND_ARRAY:
        l->items = copy_bytes(mem, l->items, l->count * f->type->item->size, 16);
        break;
    case KMSG_KIND_RECORD:
        record = member;
        if (f->optional) {
            record = copy_bytes(mem, kmi_record(f, member), layout->size, 16);
            memcpy(member, &record, sizeof record);
        }
        if (record != NULL)
            copy_fields(layout, mem, record);
        break;
    default: copy_rows(layout, mem, l); break;
    }
}

static void copy_fields(const kmsg_layout *layout, kmsg_arena *mem, uint8_t *value)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type) && f->name != NULL && kmi_is_there(f, value + f->offset))
            copy_member(f, mem, value + f->offset);
    }
}

kmsg_err kmsg_copy(const kmsg_layout *layout, const void *value, kmsg_arena *mem, void *ret)
{
    bool     failed_before = mem->failed;
    uint8_t *copy = kmsg_alloc(mem, layout->size, 16);

    mem->failed = false;
    if (copy != NULL) {
        memcpy(copy, value, layout->size);
        copy_fields(layout, mem, copy);
    }
    if (copy == NULL || mem->failed) {
        mem->failed = true;
        return kmi_error(KMSG_ENOMEM, "%s: no memory for a copy", layout->name);
    }
    memcpy(ret, copy, layout->size);
    mem->failed = failed_before;
    return KMSG_OK;
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool equal_rows(const kmsg_type *type, const kmsg_items *a, const kmsg_items *b)
{
    const kmsg_layout *row = type->layout;

    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!kmsg_equal(row, kmi_item(row, a, i), kmi_item(row, b, i)))
            return false;
    return true;
}

/* Entries may stand in any order; those that kmsg made are sorted, and found at once. */
static bool equal_maps(const kmsg_type *type, const kmsg_items *a, const kmsg_items *b)
{
    const kmsg_layout *entry = type->layout;
    size_t             k = 0;

    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++, k++) {
        const void *mine = kmi_item(entry, a, i);
        size_t      tried = 0;
        while (tried < b->count && kmi_compare_keys(entry->fields[0].type, mine,
                                                    kmi_item(entry, b, k % b->count)) != 0) {
            k++;
            tried++;
        }
        if (tried == b->count || !kmsg_equal(entry, mine, kmi_item(entry, b, k % b->count)))
            return false;
    }
    return true;
}

static bool equal_arrays(const kmsg_type *item, const kmsg_items *a, const kmsg_items *b)
{
    size_t i = 0;

    if (a->count != b->count)
        return false;
    if (item->kind != KMSG_KIND_FIXED)
        return a->count == 0 || memcmp(a->items, b->items, a->count * item->size) == 0;
    while (i < a->count &&
           kmsg_equal(item->layout, kmi_item(item->layout, a, i), kmi_item(item->layout, b, i)))
        i++;
    return i == a->count;
}

static bool equal_field(const kmsg_field *f, const uint8_t *a, const uint8_t *b)
{
    const kmsg_type *type = f->type;

    if (kmi_in_block(type)) {
        const uint8_t *x = a + f->offset, *y = b + f->offset;
        if (f->optional && a[f->has_offset] != b[f->has_offset])
            return false;
        if (f->optional && !a[f->has_offset])
            return true;
        return type->kind == KMSG_KIND_FIXED ? kmsg_equal(type->layout, x, y)
                                             : memcmp(x, y, type->size) == 0;
    }
    a += f->offset;
    b += f->offset;
    if (!kmi_is_there(f, a) || !kmi_is_there(f, b))
        return kmi_is_there(f, a) == kmi_is_there(f, b);
    switch (type->kind) {
    case KMSG_KIND_STRING:
    case KMSG_KIND_BYTES: /* the same members in the same places */
        return kmsg_string_equal(*(const kmsg_string *)(const void *)a,
                                 *(const kmsg_string *)(const void *)b);
    case KMSG_KIND_ARRAY: return equal_arrays(type->item, (const void *)a, (const void *)b);
    case KMSG_KIND_RECORD: return kmsg_equal(type->layout, kmi_record(f, a), kmi_record(f, b));
    case KMSG_KIND_MAP: return equal_maps(type, (const void *)a, (const void *)b);
    default: return equal_rows(type, (const void *)a, (const void *)b);
    }
}

bool kmsg_equal(const kmsg_layout *layout, const void *a, const void *b)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL && !equal_field(&layout->fields[i], a, b))
            return false;
    return true;
}

/* ---- the order of map entries ---------------------------------------------------------------- */

typedef struct sorting {
    const kmsg_type *key;
    const uint8_t   *first; /* the key of entry 0 */
    size_t           size;  /* of an entry */
} sorting;

static int compare(const sorting *s, uint32_t a, uint32_t b)
{
    return kmi_compare_keys(s->key, s->first + a * s->size, s->first + b * s->size);
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

/* Bottom-up merge sort between the two halves of `room`. Returns the half that holds the result. */
static uint32_t *merge_sort(const sorting *s, uint32_t *room, size_t count)
{
    uint32_t *in = room, *out = room + count, *swap;

    for (size_t width = 1; width < count; width *= 2) {
        for (size_t from = 0; from < count; from += 2 * width) {
            size_t middle = from + width < count ? from + width : count;
            size_t to = middle + width < count ? middle + width : count;
            merge(s, in, out, from, middle, to);
        }
        swap = in;
        in = out;
        out = swap;
    }
    return in;
}

const uint32_t *kmi_order_new(kmsg_enc *e, const kmsg_layout *entry, const void *items,
                              size_t count)
{
    const sorting s = {entry->fields[0].type, (const uint8_t *)items + entry->fields[0].offset,
                       entry->size};
    uint32_t     *room = kmi_alloc(2 * count * sizeof *room), *sorted;

    if (room == NULL) {
        kmsg_enc_fail(e, KMSG_ENOMEM);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        room[i] = (uint32_t)i;
    sorted = merge_sort(&s, room, count);
    if (sorted != room)
        memmove(room, sorted, count * sizeof *room);
    for (size_t i = 1; i < count; i++)
        if (compare(&s, room[i - 1], room[i]) == 0)
            kmsg_enc_fail(e, KMSG_EVALUE);
    return room;
}

void kmi_order_free(const uint32_t *order)
{
    kmi_free((void *)(uintptr_t)order);
}
