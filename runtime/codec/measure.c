/* measure.c -- how long a value gets, and whether it may be written: see writer.h.
 *
 * Measuring looks at everything, so writing has nothing left to check. Records that have
 * straight-line code are the exception: that code looks when it writes.
 */
#include "codec/limits.h"
#include "codec/objects.h"
#include "codec/order.h"
#include "codec/scalar.h"
#include "codec/value.h"
#include "codec/writer.h"

static uint64_t end_row(writer *w, const kmsg_layout *layout, const uint8_t *value, uint64_t at,
                        const kmi_place *place);
static uint64_t end_tail(writer *w, const kmsg_type *type, const void *value, uint64_t at,
                         const kmi_place *place);

/* ---- what stands in a block ------------------------------------------------------------------ */

static void check_limits(writer *w, const kmsg_type *type, const void *value,
                         const kmi_place *place)
{
    char        text[KMI_LIMIT_TEXT_MAX];
    const char *why;

    if (type->limits == NULL)
        return;
    why = kmi_limits_bad(type, value, text, sizeof text);
    if (why != NULL)
        kmi_write_bad(w, place, KMSG_EVALUE, why);
}

static void check_block(writer *w, const kmsg_type *type, const uint8_t *value,
                        const kmi_place *place);

static void check_block_field(writer *w, const kmsg_field *f, const uint8_t *value,
                              const kmi_place *up)
{
    const kmi_place here = kmi_place_field(up, f);

    if (!f->optional || value[f->has_offset] == 1)
        check_block(w, f->type, value + f->offset, &here);
    else if (value[f->has_offset] > 1)
        kmi_write_bad(w, &here, KMSG_EVALUE, "its has_ flag is neither true nor false");
}

static void check_fixed(writer *w, const kmsg_layout *layout, const uint8_t *value,
                        const kmi_place *place)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL)
            check_block_field(w, &layout->fields[i], value, place);
}

static void check_items(writer *w, const kmsg_type *item, const uint8_t *items, size_t count,
                        const kmi_place *up)
{
    for (size_t i = 0; i < count && !kmi_any_bits(item); i++) {
        const kmi_place place = kmi_place_item(up, i);
        check_block(w, item, items + i * item->size, &place);
    }
}

/* A value of a kind that lies in the block, or a text. */
static void check_block(writer *w, const kmsg_type *type, const uint8_t *value,
                        const kmi_place *place)
{
    const char *why;

    if (type->kind == KMSG_KIND_FIXED) {
        check_fixed(w, type->layout, value, place);
        return;
    }
    if (type->kind == KMSG_KIND_VECTOR) {
        check_items(w, type->item, value, type->count, place);
        return;
    }
    why = kmi_scalar_bad(type, value);
    if (why != NULL)
        kmi_write_bad(w, place, KMSG_EVALUE, why);
    else
        check_limits(w, type, value, place);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void tell_double(writer *w, const kmsg_type *type, const kmi_keys *keys,
                        const uint32_t *order, const kmi_place *up)
{
    for (size_t i = 1; i < keys->count; i++) {
        const void     *key = kmi_key(keys, order[i]);
        const kmi_place place = kmi_place_key(up, keys->type, key);
        if (kmsg_compare_keys(keys->type, kmi_key(keys, order[i - 1]), key) == 0)
            kmi_write_bad(w, &place, KMSG_EVALUE,
                          type->kind == KMSG_KIND_MAP ? "a key that is there twice"
                                                      : "an item that is there twice");
    }
}

/* In which order its items will be written, to be given back; NULL: as they stand. */
static const uint32_t *order_of(writer *w, const kmsg_type *type, const kmsg_items *items,
                                const kmi_place *up)
{
    kmi_keys        keys;
    kmsg_enc        quiet = KMSG_MEASURING;
    const uint32_t *order;

    if (!kmi_has_keys(type))
        return NULL;
    keys = kmi_keys_of(type, items);
    if (kmi_ascends(&keys))
        return NULL;
    order = kmi_order_new(&quiet, &keys);
    if (quiet.err == KMSG_ENOMEM)
        kmi_write_bad(w, up, KMSG_ENOMEM, "no memory to sort its keys");
    else if (quiet.err == KMSG_EVALUE)
        tell_double(w, type, &keys, order, up);
    return order;
}

/* Padding between tails depends on the order in which they stand. */
static uint64_t end_rows(writer *w, const kmsg_type *type, const kmsg_items *l, uint64_t at,
                         const kmi_place *up)
{
    const kmsg_layout *row = type->layout;
    const uint32_t    *order;

    if (l->count == 0)
        return at;
    w->e->over |= l->count;
    if (l->count > KMSG_MESSAGE_MAX)
        return at;
    order = order_of(w, type, l, up);
    at = kmsg_align(at, 8) + KMSG_HEADER + (uint64_t)l->count * kmsg_shape_stride(row->shape);
    for (size_t i = 0; i < l->count; i++) {
        const size_t    k = order == NULL ? i : order[i];
        const kmi_place place = kmi_place_row(up, type, k, kmi_item(row, l, k));
        at = end_row(w, row, kmi_item(row, l, k), at, &place);
    }
    kmi_order_free(order);
    return at;
}

static uint64_t end_array(writer *w, const kmsg_type *type, const kmsg_items *l, uint64_t at,
                          const kmi_place *place)
{
    const kmsg_type *item = type->item;

    w->e->over |= l->count;
    if (l->count == 0 || l->count > KMSG_MESSAGE_MAX)
        return at;
    check_items(w, item, l->items, l->count, place);
    kmi_order_free(order_of(w, type, l, place));
    return kmsg_end_array(w->e, l->count, item->size, kmi_item_align(item), at);
}

/* ---- any, unions, refs ----------------------------------------------------------------------- */

static uint64_t end_any(writer *w, const kmsg_any *any, uint64_t at, const kmi_place *place)
{
    const char *why;

    if (any->type.size == 0) {
        if (any->message.size != 0)
            kmi_write_bad(w, place, KMSG_EVALUE, "a message of no type");
        return at;
    }
    at = kmsg_end_string(w->e, any->type, kmsg_align(at, 8) + KMSG_HEADER);
    if (any->type.size > KMSG_MESSAGE_MAX)
        return at;
    why = kmi_text_bad(any->type.data, any->type.size);
    if (why != NULL)
        kmi_write_bad(w, place, KMSG_EVALUE, why);
    return kmsg_end_bytes(w->e, any->message, kmsg_align(at, 8));
}

static uint64_t end_member(writer *w, const kmsg_field *f, const void *held, uint64_t at,
                           const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);

    if (held == NULL) {
        kmi_write_bad(w, &place, KMSG_EVALUE, "its member is NULL");
        return at;
    }
    if (!kmi_in_block(f->type))
        return end_tail(w, f->type, held, at, &place);
    check_block(w, f->type, held, &place);
    return at + f->type->size;
}

static bool enter(writer *w, const kmsg_layout *layout, const kmi_place *place)
{
    if (!layout->recursive)
        return true;
    if (w->e->depth >= KMSG_DEPTH_MAX) {
        kmi_write_bad(w, place, KMSG_EDEPTH, "records are nested too deeply");
        return false;
    }
    w->e->depth++;
    return true;
}

static void leave(writer *w, const kmsg_layout *layout)
{
    if (layout->recursive)
        w->e->depth--;
}

static uint64_t end_union(writer *w, const kmsg_layout *layout, const void *value, uint64_t at,
                          const kmi_place *place)
{
    const kmsg_field *f = kmi_union_member(layout, kmi_union_kind(value));

    if (kmi_union_kind(value) >= KMI_UNION_REFS)
        kmi_write_bad(w, place, KMSG_EVALUE, "no kind that a union can be of");
    if (kmi_union_kind(value) == 0 || !enter(w, layout, place))
        return at;
    at = end_member(w, f, kmi_union_held(f, value), kmsg_align(at, 8) + KMSG_HEADER, place);
    leave(w, layout);
    return at;
}

static uint64_t end_ref(writer *w, const kmsg_layout *layout, const void *member, uint64_t at,
                        const kmi_place *place)
{
    const kmsg_err before = w->e->err;
    const void    *object;

    memcpy(&object, member, sizeof object);
    if (object == NULL)
        return at;
    kmi_object_number(w->e, layout, object);
    if (before == KMSG_OK && w->e->err != KMSG_OK && w->speak)
        kmi_place_error(place, w->e->err, "no memory for what refs lead to");
    return kmsg_align(at, 4) + 4;
}

/* ---- any of them ----------------------------------------------------------------------------- */

static uint64_t end_text(writer *w, const kmsg_type *type, const void *value, uint64_t at,
                         const kmi_place *place)
{
    kmsg_string text;

    memcpy(&text, value, sizeof text);
    w->e->over |= text.size;
    if (text.size > KMSG_MESSAGE_MAX)
        return at;
    check_block(w, type, value, place);
    return kmsg_end_string(w->e, text, at);
}

static uint64_t end_table(writer *w, const kmsg_type *type, const void *value, uint64_t at,
                          const kmi_place *place)
{
    const kmsg_items l = {value, type->count};

    return end_rows(w, type, &l, at, place);
}

static uint64_t end_tail(writer *w, const kmsg_type *type, const void *value, uint64_t at,
                         const kmi_place *place)
{
    if (type->kind != KMSG_KIND_STRING) /* which is looked at as a text first */
        check_limits(w, type, value, place);
    switch (type->kind) {
    case KMSG_KIND_STRING: return end_text(w, type, value, at, place);
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: return kmsg_end_bytes(w->e, *(const kmsg_bytes *)value, at);
    case KMSG_KIND_ANY: return end_any(w, value, at, place);
    case KMSG_KIND_RECORD: return kmi_end_record(w, type->layout, value, at, place);
    case KMSG_KIND_UNION: return end_union(w, type->layout, value, at, place);
    case KMSG_KIND_REF: return end_ref(w, type->layout, value, at, place);
    case KMSG_KIND_ARRAY: return end_array(w, type, value, at, place);
    case KMSG_KIND_TABLE: return end_table(w, type, value, at, place);
    default: return end_rows(w, type, value, at, place);
    }
}

/* ---- rows and records ------------------------------------------------------------------------ */

uint64_t kmi_end_field(writer *w, const kmsg_field *f, const void *member, uint64_t at,
                       const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);

    if (f->name == NULL)
        return f->type->kind == KMSG_KIND_RECORD && !f->optional ? kmsg_align(at, 8) + KMSG_HEADER
                                                                 : at;
    return kmi_is_there(f, member) ? end_tail(w, f->type, kmi_held(f, member), at, &place) : at;
}

static uint64_t end_fields(writer *w, const kmsg_layout *layout, const uint8_t *value, uint64_t at,
                           const kmi_place *place)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type))
            at = kmi_end_field(w, f, value + f->offset, at, place);
        else if (f->name != NULL)
            check_block_field(w, f, value, place);
    }
    return at;
}

static uint64_t end_row(writer *w, const kmsg_layout *layout, const uint8_t *value, uint64_t at,
                        const kmi_place *place)
{
    if (layout->row_end != NULL && !w->speak)
        return layout->row_end(w->e, value, at);
    if (!enter(w, layout, place))
        return at;
    at = end_fields(w, layout, value, at, place);
    leave(w, layout);
    return at;
}

uint64_t kmi_end_record(writer *w, const kmsg_layout *layout, const void *value, uint64_t at,
                        const kmi_place *place)
{
    at = kmsg_align(at, 8) + KMSG_HEADER + kmsg_shape_fixed(layout->shape);
    return end_row(w, layout, value, at, place);
}

/* What is met on the way is appended to the list that is walked, which may move. */
uint64_t kmi_end_objects(writer *w, uint64_t at)
{
    const kmsg_objects *objects = w->e->objects;
    char                name[128];

    for (size_t i = 0; i < objects->count && w->e->err == KMSG_OK && at <= KMSG_MESSAGE_MAX; i++) {
        const kmi_object object = objects->list[i];
        const kmi_place  place = kmi_place_object(object.layout, i, name, sizeof name);
        w->e->depth = 0;
        at = kmi_end_record(w, object.layout, object.value, at, &place);
    }
    return kmsg_align(at, 8);
}
