/* write.c -- writing what has been measured: see writer.h. */
#include "codec/objects.h"
#include "codec/order.h"
#include "codec/scalar.h"
#include "codec/value.h"
#include "codec/writer.h"

static uint8_t *put_tail(writer *w, const kmsg_type *type, const void *value, uint8_t *at);

/* ---- what stands in a block ------------------------------------------------------------------ */

static void put_block(const kmsg_layout *layout, const uint8_t *value, uint8_t *row);

/* Where it stands everything is zero: nothing of what lies in a struct's padding gets there. */
static void put_alone(const kmsg_type *type, const uint8_t *value, uint8_t *to)
{
    if (type->kind == KMSG_KIND_FIXED) {
        put_block(type->layout, value, to);
    } else if (type->kind == KMSG_KIND_VECTOR) {
        for (uint32_t i = 0; i < type->count; i++)
            put_alone(type->item, value + i * type->item->size, to + i * type->item->size);
    } else {
        memcpy(to, value, type->size);
#if KMSG_SWAP
        kmsg_swap_items(type, to, 1);
#endif
    }
}

static void put_block(const kmsg_layout *layout, const uint8_t *value, uint8_t *row)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (f->name == NULL || !kmi_in_block(f->type) || (f->optional && !value[f->has_offset]))
            continue;
        put_alone(f->type, value + f->offset, row + f->place);
        if (f->optional)
            row[f->place + f->type->size] = 1;
    }
}

/* Padding, and not a byte more. */
static uint8_t *put_few(const writer *w, uint8_t *at, size_t align)
{
    size_t pad = kmsg_put_pad_of(w->e, at, align);

    memset(at, 0, pad);
    return at + pad;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint8_t *put_row(writer *w, const kmsg_layout *layout, const uint8_t *value, uint8_t *row,
                        uint8_t *at)
{
    uint8_t *lengths = row + kmsg_shape_lengths(layout->shape);

    if (layout->row_put != NULL && !w->speak)
        return layout->row_put(w->e, value, row, at);
    put_block(layout, value, row);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type))
            at = kmi_put_field(w, f, value + f->offset, lengths + 4 * f->place, at);
    }
    return at;
}

uint8_t *kmi_put_rows(writer *w, const kmsg_layout *layout, const void *items, size_t count,
                      const uint32_t *order, uint8_t *at)
{
    const kmsg_items l = {items, count};
    const size_t     stride = kmsg_shape_stride(layout->shape);
    uint8_t         *header = put_few(w, at, 8), *row = header + KMSG_HEADER;

    kmsg_store32(header, (uint32_t)count);
    kmsg_store32(header + 4, layout->shape);
    at = row + count * stride;
    memset(row, 0, count * stride);
    for (size_t i = 0; i < count; i++, row += stride)
        at = put_row(w, layout, kmi_item(layout, &l, order == NULL ? i : order[i]), row, at);
    return at;
}

/* NULL: as they stand; or there is no memory, and enc.err is set. */
static const uint32_t *order_of(writer *w, const kmsg_type *type, const kmsg_items *l)
{
    kmi_keys keys;

    if (!kmi_has_keys(type))
        return NULL;
    keys = kmi_keys_of(type, l);
    return kmi_ascends(&keys) ? NULL : kmi_order_new(w->e, &keys);
}

static uint8_t *put_rows(writer *w, const kmsg_type *type, const kmsg_items *l, uint8_t *at)
{
    const uint32_t *order;

    if (l->count == 0)
        return at;
    order = order_of(w, type, l);
    if (w->e->err != KMSG_OK) { /* out of order it may be longer than was measured */
        kmi_order_free(order);
        return at;
    }
    at = kmi_put_rows(w, type->layout, l->items, l->count, order, at);
    kmi_order_free(order);
    return at;
}

static uint8_t *put_array(writer *w, const kmsg_type *type, const kmsg_items *l, uint8_t *at)
{
    const kmsg_type *item = type->item;
    const uint8_t   *items = l->items;
    const uint32_t  *order;

    if (l->count == 0)
        return at;
    order = order_of(w, type, l);
    at = put_few(w, at, kmi_item_align(item));
    if (order == NULL && !kmi_has_padding(item)) {
        memcpy(at, items, l->count * item->size);
#if KMSG_SWAP
        kmsg_swap_items(item, at, l->count);
#endif
        return at + l->count * item->size;
    }
    memset(at, 0, l->count * item->size);
    for (size_t i = 0; i < l->count; i++, at += item->size)
        put_alone(item, items + (order == NULL ? i : order[i]) * item->size, at);
    kmi_order_free(order);
    return at;
}

/* ---- texts, any, unions, refs ---------------------------------------------------------------- */

static uint8_t *put_raw(kmsg_bytes bytes, uint8_t *at)
{
    if (bytes.size != 0)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

static uint8_t *put_text(kmsg_string text, uint8_t *at)
{
    at = put_raw((kmsg_bytes){(const uint8_t *)text.data, text.size}, at);
    if (text.size != 0)
        *at++ = 0;
    return at;
}

static uint8_t *put_any(writer *w, const kmsg_any *any, uint8_t *at)
{
    if (any->type.size == 0)
        return at;
    at = put_few(w, at, 8);
    kmsg_store32(at, (uint32_t)any->type.size + 1);
    kmsg_store32(at + 4, (uint32_t)any->message.size);
    at = put_text(any->type, at + KMSG_HEADER);
    return put_raw(any->message, put_few(w, at, 8));
}

static uint64_t mentions(const writer *w)
{
    return w->e->objects == NULL ? 0 : w->e->objects->mentions;
}

static uint8_t *put_union(writer *w, const kmsg_layout *layout, const void *value, uint8_t *at)
{
    const uint32_t    kind = kmi_union_kind(value);
    const kmsg_field *f = kmi_union_member(layout, kind);
    const void       *held = kmi_union_held(f, value);
    const uint64_t    before = mentions(w);
    uint8_t          *header, *end;

    if (kind == 0)
        return at;
    header = put_few(w, at, 8);
    end = header + KMSG_HEADER;
    if (kmi_in_block(f->type)) {
        memset(end, 0, f->type->size);
        put_alone(f->type, held, end);
        end += f->type->size;
    } else {
        end = put_tail(w, f->type, held, end);
    }
    kmsg_store32(header, (uint32_t)(end - header));
    kmsg_store32(header + 4, mentions(w) == before ? kind : kind | KMI_UNION_REFS);
    return end;
}

static uint8_t *put_ref(writer *w, const kmsg_layout *layout, const void *member, uint8_t *at)
{
    const void *object;

    memcpy(&object, member, sizeof object);
    if (object == NULL)
        return at;
    at = put_few(w, at, 4);
    kmsg_store32(at, kmi_object_number(w->e, layout, object));
    return at + 4;
}

/* ---- any of them ----------------------------------------------------------------------------- */

static uint8_t *put_tail(writer *w, const kmsg_type *type, const void *value, uint8_t *at)
{
    const kmsg_items table = {value, type->count};

    switch (type->kind) {
    case KMSG_KIND_STRING: return put_text(*(const kmsg_string *)value, at);
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: return put_raw(*(const kmsg_bytes *)value, at);
    case KMSG_KIND_ANY: return put_any(w, value, at);
    case KMSG_KIND_RECORD: return kmi_put_record(w, type->layout, value, put_few(w, at, 8));
    case KMSG_KIND_UNION: return put_union(w, type->layout, value, at);
    case KMSG_KIND_REF: return put_ref(w, type->layout, value, at);
    case KMSG_KIND_ARRAY: return put_array(w, type, value, at);
    case KMSG_KIND_TABLE: return put_rows(w, type, &table, at);
    default: return put_rows(w, type, value, at);
    }
}

static uint8_t *put_reserved(writer *w, const kmsg_field *f, uint8_t *length, uint8_t *at)
{
    if (f->type->kind == KMSG_KIND_RECORD && !f->optional)
        return kmsg_put_no_record(w->e, length, at);
    kmsg_store32(length, f->optional || f->type->kind == KMSG_KIND_REF ? KMSG_ABSENT : 0);
    return at;
}

uint8_t *kmi_put_field(writer *w, const kmsg_field *f, const void *member, uint8_t *length,
                       uint8_t *at)
{
    uint8_t *end;

    if (f->name == NULL)
        return put_reserved(w, f, length, at);
    if (!kmi_is_there(f, member))
        return kmsg_put_absent(length, at);
    end = put_tail(w, f->type, kmi_held(f, member), at);
    kmsg_store32(length, (uint32_t)(end - at));
    return end;
}

uint8_t *kmi_put_record(writer *w, const kmsg_layout *layout, const void *value, uint8_t *at)
{
    uint8_t *row = at + KMSG_HEADER, *end;

    memset(row, 0, kmsg_shape_fixed(layout->shape));
    end = put_row(w, layout, value, row, row + kmsg_shape_fixed(layout->shape));
    kmsg_store32(at, (uint32_t)(end - at));
    kmsg_store32(at + 4, layout->shape);
    return end;
}

uint8_t *kmi_put_objects(writer *w, uint8_t *at)
{
    const kmsg_objects *objects = w->e->objects;

    for (size_t i = 0; i < objects->count && w->e->err == KMSG_OK; i++) {
        const kmi_object object = objects->list[i];
        w->e->depth = 0;
        at = kmi_put_record(w, object.layout, object.value, put_few(w, at, 8));
    }
    return put_few(w, at, 8);
}
