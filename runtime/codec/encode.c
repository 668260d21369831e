/* encode.c -- encoding through descriptors, and the words for what cannot be encoded.
 *
 * Generated code encodes; this file serves layouts that have none (made at run time, or by hand in
 * a test), and goes over every value that generated code refused, to find out where and why.
 * Measuring looks at everything, so writing has nothing left to check.
 */
#include <kmsg/codec.h>

#include "base/err.h"
#include "codec/place.h"
#include "codec/scalar.h"
#include "codec/value.h"

static void bad(kmsg_enc *e, const kmi_place *place, kmsg_err err, const char *why)
{
    if (e->err == KMSG_OK)
        kmi_place_error(place, err, why);
    kmsg_enc_fail(e, err);
}

/* ---- measuring and looking ------------------------------------------------------------------- */

static uint64_t end_row(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value, uint64_t at,
                        const kmi_place *place);

static void check_scalar(kmsg_enc *e, const kmsg_type *type, const uint8_t *value,
                         const kmi_place *place)
{
    const char *why;

    if (type->kind == KMSG_KIND_FIXED) {
        for (uint32_t i = 0; i < type->layout->count; i++) {
            const kmsg_field *f = &type->layout->fields[i];
            const kmi_place   here = {.up = place, .name = f->name};
            check_scalar(e, f->type, value + f->offset, &here);
        }
        return;
    }
    why = kmi_scalar_bad(type, value);
    if (why != NULL)
        bad(e, place, KMSG_EVALUE, why);
}

static void check_keys(kmsg_enc *e, const kmsg_layout *entry, const kmsg_items *map,
                       const kmi_place *up)
{
    const kmsg_type *type = entry->fields[0].type;
    kmsg_enc         quiet = {NULL, 0, 0, KMSG_OK, NULL};
    const uint32_t  *order = kmi_order_new(&quiet, entry, map->items, map->count);

    if (quiet.err == KMSG_ENOMEM)
        bad(e, up, KMSG_ENOMEM, "no memory to sort a map");
    for (size_t i = 1; order != NULL && i < map->count; i++) {
        const void     *a = kmi_item(entry, map, order[i - 1]);
        const void     *b = kmi_item(entry, map, order[i]);
        const kmi_place place = {.up = up, .key_type = type, .key = b};
        if (kmi_compare_keys(type, a, b) == 0)
            bad(e, &place, KMSG_EVALUE, "a key that is there twice");
    }
    kmi_order_free(order);
}

static uint64_t end_rows(kmsg_enc *e, const kmsg_type *type, const kmsg_items *l, uint64_t at,
                         const kmi_place *up)
{
    const kmsg_layout *row = type->layout;

    if (l->count == 0)
        return at;
    e->over |= l->count;
    if (l->count > KMSG_MESSAGE_MAX)
        return at;
    at = kmsg_align(at, 8) + KMSG_HEADER + (uint64_t)l->count * kmsg_shape_stride(row->shape);
    for (size_t i = 0; i < l->count; i++) {
        const kmi_place place = kmi_place_row(up, type, i, kmi_item(row, l, i));
        at = end_row(e, row, kmi_item(row, l, i), at, &place);
    }
    if (type->kind == KMSG_KIND_MAP)
        check_keys(e, row, l, up);
    return at;
}

static uint64_t end_array(kmsg_enc *e, const kmsg_type *item, const kmsg_items *l, uint64_t at,
                          const kmi_place *up)
{
    for (size_t i = 0; i < l->count; i++) {
        const kmi_place place = {.up = up, .index = i};
        check_scalar(e, item, (const uint8_t *)l->items + i * item->size, &place);
    }
    return kmsg_end_array(e, l->count, item->size, kmi_item_align(item), at);
}

static uint64_t end_field(kmsg_enc *e, const kmsg_field *f, const uint8_t *member, uint64_t at,
                          const kmi_place *up)
{
    const kmi_place    place = kmi_place_field(up, f);
    const kmsg_type   *type = f->type;
    const kmsg_layout *layout = type->layout;

    if (!kmi_is_there(f, member))
        return at;
    switch (type->kind) {
    case KMSG_KIND_STRING:
        check_scalar(e, type, member, &place);
        return kmsg_end_string(e, *(const kmsg_string *)member, at);
    case KMSG_KIND_BYTES: return kmsg_end_bytes(e, *(const kmsg_bytes *)member, at);
    case KMSG_KIND_ARRAY: return end_array(e, type->item, (const kmsg_items *)member, at, &place);
    case KMSG_KIND_RECORD:
        at = kmsg_align(at, 8) + KMSG_HEADER + kmsg_shape_fixed(layout->shape);
        return end_row(e, layout, kmi_record(f, member), at, &place);
    default: return end_rows(e, type, (const kmsg_items *)member, at, &place);
    }
}

static uint64_t end_fields(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value,
                           uint64_t at, const kmi_place *place)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        const kmi_place   here = kmi_place_field(place, f);
        if (f->name == NULL) {
            if (f->type->kind == KMSG_KIND_RECORD && !f->optional)
                at = kmsg_align(at, 8) + KMSG_HEADER;
        } else if (!kmi_in_block(f->type)) {
            at = end_field(e, f, value + f->offset, at, place);
        } else if (!f->optional || value[f->has_offset] == 1) {
            check_scalar(e, f->type, value + f->offset, &here);
        } else if (value[f->has_offset] > 1) {
            bad(e, &here, KMSG_EVALUE, "its has_ flag is neither true nor false");
        }
    }
    return at;
}

static uint64_t end_row(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value, uint64_t at,
                        const kmi_place *place)
{
    if (!layout->recursive)
        return end_fields(e, layout, value, at, place);
    if (e->depth >= KMSG_DEPTH_MAX) {
        bad(e, place, KMSG_EDEPTH, "records are nested too deeply");
        return at;
    }
    e->depth++;
    at = end_fields(e, layout, value, at, place);
    e->depth--;
    return at;
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint8_t *put_row(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value, uint8_t *row,
                        uint8_t *at);

static void put_block(const kmsg_layout *layout, const uint8_t *value, uint8_t *row)
{
    memset(row, 0, kmsg_shape_fixed(layout->shape));
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint8_t          *to = row + f->place;
        if (f->name == NULL || !kmi_in_block(f->type) || (f->optional && !value[f->has_offset]))
            continue;
        if (f->type->kind == KMSG_KIND_FIXED) {
            put_block(f->type->layout, value + f->offset, to);
            continue;
        }
        memcpy(to, value + f->offset, f->type->size);
#if KMSG_SWAP
        kmsg_swap_items(f->type, to, 1);
#endif
        if (f->optional)
            to[f->type->size] = 1;
    }
}

static uint8_t *put_rows(kmsg_enc *e, const kmsg_type *type, const kmsg_items *l, uint8_t *length,
                         uint8_t *at)
{
    const kmsg_layout *layout = type->layout;
    const size_t       stride = kmsg_shape_stride(layout->shape);
    const uint32_t    *order = NULL;
    uint8_t           *begin = at, *row;

    if (l->count == 0) {
        kmsg_store32(length, 0);
        return at;
    }
    if (type->kind == KMSG_KIND_MAP)
        order = kmi_order_new(e, layout, l->items, l->count);
    row = kmsg_put_pad(e, at, 8);
    kmsg_store32(row, (uint32_t)l->count);
    kmsg_store32(row + 4, layout->shape);
    row += KMSG_HEADER;
    at = row + l->count * stride;
    memset(row, 0, l->count * stride);
    for (size_t i = 0; i < l->count; i++, row += stride)
        at = put_row(e, layout, kmi_item(layout, l, order == NULL ? i : order[i]), row, at);
    kmi_order_free(order);
    kmsg_store32(length, (uint32_t)(at - begin));
    return at;
}

static uint8_t *put_array(kmsg_enc *e, const kmsg_type *item, const kmsg_items *l, uint8_t *length,
                          uint8_t *at)
{
    uint8_t *end =
        kmsg_put_array(e, item, l->items, l->count, item->size, kmi_item_align(item), length, at);

    if (item->kind == KMSG_KIND_FIXED) /* once more, without what lies in the padding */
        for (size_t i = 0; i < l->count; i++)
            put_block(item->layout, (const uint8_t *)l->items + i * item->size,
                      end - (l->count - i) * item->size);
    return end;
}

static uint8_t *put_record(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value,
                           uint8_t *at)
{
    uint8_t *row = at + KMSG_HEADER;
    uint8_t *end = put_row(e, layout, value, row, row + kmsg_shape_fixed(layout->shape));

    kmsg_store32(at, (uint32_t)(end - at));
    kmsg_store32(at + 4, layout->shape);
    return end;
}

static uint8_t *put_field(kmsg_enc *e, const kmsg_field *f, const uint8_t *member, uint8_t *length,
                          uint8_t *at)
{
    const kmsg_type *type = f->type;
    uint8_t         *end;

    if (f->name == NULL) {
        if (type->kind == KMSG_KIND_RECORD && !f->optional)
            return kmsg_put_no_record(e, length, at);
        kmsg_store32(length, f->optional ? KMSG_ABSENT : 0);
        return at;
    }
    if (!kmi_is_there(f, member))
        return kmsg_put_absent(length, at);
    switch (type->kind) {
    case KMSG_KIND_STRING: return kmsg_put_string(e, *(const kmsg_string *)member, length, at);
    case KMSG_KIND_BYTES: return kmsg_put_bytes(*(const kmsg_bytes *)member, length, at);
    case KMSG_KIND_ARRAY: return put_array(e, type->item, (const kmsg_items *)member, length, at);
    case KMSG_KIND_RECORD:
        end = put_record(e, type->layout, kmi_record(f, member), kmsg_put_pad(e, at, 8));
        kmsg_store32(length, (uint32_t)(end - at));
        return end;
    default: return put_rows(e, type, (const kmsg_items *)member, length, at);
    }
}

static uint8_t *put_row(kmsg_enc *e, const kmsg_layout *layout, const uint8_t *value, uint8_t *row,
                        uint8_t *at)
{
    uint8_t *lengths = row + kmsg_shape_lengths(layout->shape);

    put_block(layout, value, row);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type))
            at = put_field(e, f, value + f->offset, lengths + 4 * f->place, at);
    }
    return at;
}

/* ---- entry points ---------------------------------------------------------------------------- */

void kmsg_enc_fail(kmsg_enc *e, kmsg_err err)
{
    if (e->err == KMSG_OK)
        e->err = err;
}

uint8_t *kmsg_put_unsorted(kmsg_enc *e, const kmsg_layout *entry, const void *items, size_t count,
                           uint8_t *length, uint8_t *at)
{
    const kmsg_items map = {items, count};
    const uint32_t  *order = kmi_order_new(e, entry, items, count);
    const size_t     stride = kmsg_shape_stride(entry->shape);
    uint8_t         *begin = at, *row;

    if (order == NULL)
        return at;
    row = kmsg_put_rows_header(e, count, entry->shape, at);
    at = row + count * stride;
    for (size_t i = 0; i < count; i++, row += stride)
        at = kmsg_put_one_row(e, kmi_item(entry, &map, order[i]), entry->shape, entry->row_put, row,
                              at);
    kmi_order_free(order);
    kmsg_store32(length, (uint32_t)(at - begin));
    return at;
}

void kmsg_put_check_text(kmsg_enc *e, const char *data, size_t size)
{
    if (kmi_text_bad(data, size) != NULL)
        kmsg_enc_fail(e, KMSG_EVALUE);
}

static kmsg_err measure(const kmsg_layout *layout, const void *value, size_t *ret)
{
    kmsg_enc  e = {NULL, 0, 0, KMSG_OK, NULL};
    kmi_place root = kmi_place_root(layout);
    uint64_t  size = KMSG_HEADER + kmsg_shape_fixed(layout->shape);

    size = end_row(&e, layout, value, size, &root);
    if (size > KMSG_MESSAGE_MAX || e.over > 2 * KMSG_MESSAGE_MAX)
        bad(&e, &root, KMSG_ETOOBIG, "larger than any message may be");
    if (e.err == KMSG_OK)
        *ret = (size_t)size;
    return e.err;
}

kmsg_err kmsg_explain_value(const kmsg_layout *layout, const void *value, kmsg_err err)
{
    kmi_place root = kmi_place_root(layout);
    size_t    size;

    if (err == KMSG_ENOMEM || measure(layout, value, &size) == KMSG_OK)
        kmi_place_error(&root, err, err == KMSG_ETOOBIG ? "does not fit" : kmsg_strerror(err));
    return err;
}

kmsg_err kmsg_encoded_size(const kmsg_layout *layout, const void *value, size_t *ret)
{
    if (layout->row_end != NULL)
        return kmsg_measure_with(layout, layout->shape, layout->row_end, value, ret);
    return measure(layout, value, ret);
}

static kmsg_err write_message(const kmsg_layout *layout, const void *value, uint8_t *buffer)
{
    kmsg_enc e = {buffer, 0, 0, KMSG_OK, NULL};

    if (layout->row_put != NULL)
        return kmsg_write_with(layout, layout->shape, layout->row_put, value, buffer);
    put_record(&e, layout, value, buffer);
    return e.err == KMSG_OK ? KMSG_OK : kmsg_explain_value(layout, value, e.err);
}

kmsg_err kmsg_encode_into(const kmsg_layout *layout, const void *value, void *buffer,
                          size_t capacity, size_t *ret_size)
{
    size_t   size = 0;
    kmsg_err err = kmsg_encoded_size(layout, value, &size);

    if (err == KMSG_OK && size > capacity)
        return kmsg_explain_value(layout, value, KMSG_ETOOBIG);
    if (err == KMSG_OK)
        err = write_message(layout, value, buffer);
    if (err == KMSG_OK)
        *ret_size = size;
    return err;
}

kmsg_err kmsg_encode(const kmsg_layout *layout, const void *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    size_t   size = 0;
    kmsg_err err = kmsg_encoded_size(layout, value, &size);
    uint8_t *buffer;

    if (err != KMSG_OK)
        return err;
    buffer = kmsg_alloc(mem, size, 8);
    if (buffer == NULL)
        return kmsg_explain_value(layout, value, KMSG_ENOMEM);
    err = write_message(layout, value, buffer);
    if (err == KMSG_OK)
        *ret = (kmsg_bytes){buffer, size};
    return err;
}
