/* read_row.c -- decoding rows of any shape: records, lists, maps, tables; see reader.h.
 *
 * What the writer's schema had and ours has not is skipped, and noted in dec.other: there may have
 * been refs in it, whose objects nobody mentions then.
 */
#include "codec/order.h"
#include "codec/reader.h"
#include "codec/scalar.h"
#include "codec/value.h"

static const uint8_t none[1];

/* ---- defaults -------------------------------------------------------------------------------- */

static void default_record(reader *r, const kmsg_layout *layout, void *ret, const kmi_place *place);

/* Of a value with a tail that is not optional. Memory is zeroed. */
static void default_tail(reader *r, const kmsg_field *f, void *member, const kmi_place *place)
{
    const kmsg_layout *layout = f->type->layout;

    if (f->type->kind == KMSG_KIND_RECORD)
        default_record(r, layout, member, place);
    else if (f->type->kind == KMSG_KIND_TABLE)
        for (uint32_t i = 0; i < f->type->count; i++)
            default_record(r, layout, (uint8_t *)member + i * layout->size, place);
    else if (f->initial != NULL)
        memcpy(member, f->initial, f->type->size);
    else if (f->type->kind != KMSG_KIND_UNION && f->type->kind != KMSG_KIND_REF)
        memcpy(member, &(const void *){none}, sizeof(void *)); /* .data, .items, .type.data */
}

static void default_record(reader *r, const kmsg_layout *layout, void *ret, const kmi_place *place)
{
    memset(ret, 0, layout->size);
    kmi_read_block(r, layout, none, 0, ret, place);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type) && f->name != NULL && !f->optional)
            default_tail(r, f, (uint8_t *)ret + f->offset, place);
    }
}

/* ---- one row --------------------------------------------------------------------------------- */

/* Bytes of all tails of a row. Absent is all ones, and counts for nothing. */
static uint64_t sum_lengths(const uint8_t *lengths, uint32_t slots)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < slots; i++) {
        uint32_t n = kmsg_load32(lengths + 4 * i);
        sum += n == KMSG_ABSENT ? 0 : n;
    }
    return sum;
}

void kmi_read_field(reader *r, const kmsg_field *f, const uint8_t *at, uint32_t size, void *member,
                    const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);
    void           *value = member;

    if (size == KMSG_ABSENT) { /* *member is zero: that is absent */
        if (!f->optional && f->type->kind != KMSG_KIND_REF)
            kmi_read_bad(r, &place, "absent, but not optional");
        return;
    }
    if (kmi_is_pointer(f)) {
        value = kmi_read_take(r, &place, f->type->size);
        if (value == NULL)
            return;
        memset(value, 0, f->type->size);
        memcpy(member, &value, sizeof value);
    }
    kmi_read_tail(r, f->type, (slice){at, at + size}, value, &place);
}

/* The tail of a field that the schema has given up: may a ref have been in it? */
static void skip_field(reader *r, const kmsg_type *type, uint32_t size)
{
    const uint32_t least = type->kind == KMSG_KIND_RECORD ? KMSG_REF_RECORD : 1;

    r->d->other |= kmsg_skip(size) >= least;
}

static bool is_straight(const reader *r, const kmsg_layout *layout, uint32_t shape)
{
    return shape == layout->shape && layout->row_get != NULL && !r->speak;
}

/* The alignment follows from the fields: no other version has our fields and another one. */
static bool check_alignment(reader *r, const kmsg_layout *layout, uint32_t shape,
                            const kmi_place *place)
{
    const uint32_t fields = KMSG_SHAPE(0xffff, 0x3fff, 0);
    const bool     ours = ((shape ^ layout->shape) & fields) == 0;

    if ((!ours || shape == layout->shape) &&
        (kmsg_shape_slots(shape) == 0 || kmsg_shape_align(shape) >= 4))
        return true;
    kmi_read_bad(r, place, "its header tells another alignment than its fields have");
    return false;
}

/* A row of any shape whose lengths have been summed. Returns the end of its tails. */
static const uint8_t *read_row(reader *r, const kmsg_layout *layout, uint32_t shape,
                               const uint8_t *row, const uint8_t *tails, void *ret,
                               const kmi_place *place)
{
    const uint8_t *lengths = row + kmsg_shape_lengths(shape);
    const uint32_t slots = kmsg_shape_slots(shape);
    uint32_t       slot = 0, mine = kmsg_shape_slots(layout->shape);

    if (is_straight(r, layout, shape))
        return layout->row_get(r->d, row, tails, ret);
    r->d->other |= shape != layout->shape;
    if (slots < mine)
        default_record(r, layout, ret, place);
    else
        memset(ret, 0, layout->size);
    kmi_read_block(r, layout, row, kmsg_shape_block(shape), ret, place);
    if (slots > 0 && kmsg_nonzero(row + kmsg_shape_block(shape),
                                  kmsg_shape_lengths(shape) - kmsg_shape_block(shape)))
        kmi_read_bad(r, place, "padding that is not zero");
    for (uint32_t i = 0; i < layout->count && slot < slots; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint32_t          size;
        if (kmi_in_block(f->type))
            continue;
        size = kmsg_load32(lengths + 4 * slot++);
        if (f->name != NULL)
            kmi_read_field(r, f, tails, size, (uint8_t *)ret + f->offset, place);
        else
            skip_field(r, f->type, size);
        tails += kmsg_skip(size);
    }
    return tails + sum_lengths(lengths + 4 * slot, slots - slot);
}

/* Straight-line code counts the depth itself. */
static bool enter(reader *r, const kmsg_layout *layout, uint32_t shape, const kmi_place *place)
{
    return is_straight(r, layout, shape) || kmi_read_enter(r, layout, place);
}

static void leave(reader *r, const kmsg_layout *layout, uint32_t shape)
{
    if (!is_straight(r, layout, shape))
        kmi_read_leave(r, layout);
}

/* ---- records --------------------------------------------------------------------------------- */

void kmi_read_record(reader *r, const kmsg_layout *layout, slice s, void *ret,
                     const kmi_place *place)
{
    size_t   size, fixed;
    uint32_t shape;

    memset(ret, 0, layout->size);
    if (!kmi_read_pad(r, place, &s, 8))
        return;
    size = (size_t)(s.end - s.at);
    if (size < KMSG_HEADER || kmsg_load32(s.at) != size) {
        kmi_read_bad(r, place,
                     size < KMSG_HEADER ? "too short for a record"
                                        : "its header tells another size than it has");
        return;
    }
    shape = kmsg_load32(s.at + 4);
    fixed = KMSG_HEADER + kmsg_shape_fixed(shape);
    if (fixed > size || sum_lengths(s.at + KMSG_HEADER + kmsg_shape_lengths(shape),
                                    kmsg_shape_slots(shape)) != size - fixed) {
        kmi_read_bad(r, place,
                     fixed > size ? "too short for its fields"
                                  : "its lengths do not add up to its size");
        return;
    }
    if (!check_alignment(r, layout, shape, place) || !enter(r, layout, shape, place))
        return;
    read_row(r, layout, shape, s.at + KMSG_HEADER, s.at + fixed, ret, place);
    leave(r, layout, shape);
}

/* ---- lists of rows --------------------------------------------------------------------------- */

/* Rows whose header and lengths have been found good. */
typedef struct rows {
    const uint8_t *row;
    const uint8_t *tails;
    size_t         count;
    uint32_t       shape;
} rows;

static bool check_rows(reader *r, slice s, const rows *l, const kmi_place *place)
{
    const size_t stride = kmsg_shape_stride(l->shape), fixed = kmsg_shape_fixed(l->shape);
    uint64_t     sum = 0;

    if (l->count == 0 || stride == 0 || l->count > (size_t)(s.end - s.at) / stride) {
        kmi_read_bad(r, place,
                     l->count == 0 ? "an empty list with a length"
                     : stride == 0 ? "items of no size"
                                   : "more items than there are bytes for");
        return false;
    }
    for (size_t i = 0; i < l->count; i++) {
        const uint8_t *row = s.at + i * stride;
        sum += sum_lengths(row + kmsg_shape_lengths(l->shape), kmsg_shape_slots(l->shape));
        if (kmsg_nonzero(row + fixed, stride - fixed))
            kmi_read_bad(r, place, "padding that is not zero");
    }
    if (sum != (uint64_t)(s.end - s.at) - l->count * stride) {
        kmi_read_bad(r, place, "its lengths do not add up to its size");
        return false;
    }
    return true;
}

/* False: there are none, or dec.err is set. */
static bool open_rows(reader *r, const kmsg_layout *layout, slice s, rows *ret,
                      const kmi_place *place)
{
    if (s.at == s.end || !kmi_read_pad(r, place, &s, 8))
        return false;
    if (s.end - s.at < (ptrdiff_t)KMSG_HEADER) {
        kmi_read_bad(r, place, "too short for a list");
        return false;
    }
    ret->count = kmsg_load32(s.at);
    ret->shape = kmsg_load32(s.at + 4);
    s.at += KMSG_HEADER;
    if (!check_rows(r, s, ret, place) || !check_alignment(r, layout, ret->shape, place))
        return false;
    ret->row = s.at;
    ret->tails = s.at + ret->count * kmsg_shape_stride(ret->shape);
    return true;
}

/* The next `count` rows into memory for as many items. */
static void read_items(reader *r, const kmsg_type *type, rows *l, size_t count, uint8_t *items,
                       const kmi_place *place)
{
    const kmsg_layout *layout = type->layout;

    if (!enter(r, layout, l->shape, place))
        return;
    for (size_t i = 0; i < count; i++, l->row += kmsg_shape_stride(l->shape)) {
        const kmi_place here = kmi_place_row(place, type, i, items);
        l->tails = read_row(r, layout, l->shape, l->row, l->tails, items, &here);
        items += layout->size;
    }
    leave(r, layout, l->shape);
}

void kmi_read_order(reader *r, const kmsg_type *type, const kmsg_items *items, const kmi_place *up)
{
    const bool is_map = type->kind == KMSG_KIND_MAP;
    kmi_keys   keys;

    if (!kmi_has_keys(type) || items->count == 0)
        return;
    keys = kmi_keys_of(type, items);
    for (size_t i = 1; i < keys.count && r->d->err == KMSG_OK; i++) {
        const void     *key = kmi_key(&keys, i);
        const kmi_place place = kmi_place_key(up, keys.type, key);
        int             order = kmsg_compare_keys(keys.type, kmi_key(&keys, i - 1), key);
        if (order == 0)
            kmi_read_bad(r, &place,
                         is_map ? "a key that is there twice" : "an item that is there twice");
        else if (order > 0)
            kmi_read_bad(r, &place,
                         is_map ? "keys that are not in order" : "items that are not in order");
    }
}

void kmi_read_rows(reader *r, const kmsg_type *type, slice s, kmsg_items *ret,
                   const kmi_place *place)
{
    const kmsg_layout *layout = type->layout;
    rows               l;
    uint8_t           *items;

    *ret = (kmsg_items){s.at, 0};
    if (!open_rows(r, layout, s, &l, place))
        return;
    r->d->other |= l.shape != layout->shape;
    items = kmi_read_take(r, place, (uint64_t)l.count * layout->size);
    if (items == NULL)
        return;
    *ret = (kmsg_items){items, l.count};
    read_items(r, type, &l, l.count, items, place);
    kmi_read_order(r, type, ret, place);
}

/* As many items as there are places: what is missing takes its default, the rest is skipped. */
void kmi_read_table(reader *r, const kmsg_type *type, slice s, void *ret, const kmi_place *place)
{
    const kmsg_layout *layout = type->layout;
    rows               l = {.count = 0};
    size_t             both;

    memset(ret, 0, type->size);
    (void)open_rows(r, layout, s, &l, place);
    if (r->d->err != KMSG_OK)
        return;
    both = l.count < type->count ? l.count : type->count;
    r->d->other |= l.count != type->count;
    if (both != 0)
        read_items(r, type, &l, both, ret, place);
    for (size_t i = both; i < type->count; i++)
        default_record(r, layout, (uint8_t *)ret + i * layout->size, place);
}
