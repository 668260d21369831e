/* decode.c -- decoding through descriptors: any shape, any version, and the words for what is
 * wrong.
 *
 * Generated code decodes what was written by its own version of the schema. Everything else comes
 * here: rows of another shape (a field that the writer lacked takes its default, one that we lack
 * is skipped by its length), layouts that have no generated code, and every message that generated
 * code refused, once more, to find out where and why. Both must agree on what is good: the fuzzer
 * of the decoder holds them against each other.
 *
 * Like the straight-line half it is sticky: after a failure it goes on as long as that is safe, and
 * the first failure is the one that is told.
 */
#include "codec/place.h"
#include "codec/scalar.h"
#include "codec/value.h"

typedef struct slice {
    const uint8_t *at;
    const uint8_t *end;
} slice;

typedef struct reader {
    kmsg_dec *d;
    bool      speak; /* set kmsg_last_error() at the first failure */
} reader;

static void fail(reader *r, const kmi_place *place, kmsg_err err, const char *why)
{
    if (r->d->err == KMSG_OK && r->speak)
        kmi_place_error(place, err, why);
    kmsg_dec_fail(r->d, err);
}

static void bad(reader *r, const kmi_place *place, const char *why)
{
    fail(r, place, KMSG_EDECODE, why);
}

static void *take(reader *r, const kmi_place *place, size_t size, size_t align)
{
    kmsg_err before = r->d->err;
    void    *p = kmsg_take(r->d, size, align);

    if (p == NULL && before == KMSG_OK && r->speak)
        kmi_place_error(place, r->d->err,
                        r->d->err == KMSG_ETOOBIG ? "takes more memory than such a message may"
                                                  : "out of memory");
    return p;
}

static bool all_zero(const uint8_t *at, size_t size)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < size; i++)
        seen |= at[i];
    return seen == 0;
}

/* Skip to a multiple of `align`; false when the slice is too short or the padding is not zero. */
static bool skip_pad(reader *r, const kmi_place *place, slice *s, size_t align)
{
    size_t pad = kmsg_pad_of(s->at, align);

    if (pad > (size_t)(s->end - s->at)) {
        bad(r, place, "ends in its padding");
        return false;
    }
    if (!all_zero(s->at, pad)) {
        bad(r, place, "padding that is not zero");
        return false;
    }
    s->at += pad;
    return true;
}

/* ---- scalar blocks
 * ------------------------------------------------------------------------------- */

static void check_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
                        const kmi_place *place);

static void check_scalar(reader *r, const kmsg_type *type, const uint8_t *at,
                         const kmi_place *place)
{
    uint8_t     native[16];
    const char *why;

    if (type->kind == KMSG_KIND_FIXED) {
        check_block(r, type->layout, at, type->size, place);
        return;
    }
    memcpy(native, at, type->size);
#if KMSG_SWAP
    kmsg_swap_items(type, native, 1);
#endif
    why = kmi_scalar_bad(type, native);
    if (why != NULL)
        bad(r, place, why);
}

static size_t field_end(const kmsg_field *f)
{
    return f->place + f->type->size + f->optional;
}

static void check_field(reader *r, const kmsg_field *f, const uint8_t *block, const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);
    const uint8_t  *has = block + f->place + f->type->size;

    if (f->name == NULL)
        return;
    if (f->optional && *has > 1)
        bad(r, &place, "neither there nor absent");
    else if (f->optional && *has == 0 && !all_zero(block + f->place, f->type->size))
        bad(r, &place, "absent, but not zero");
    else
        check_scalar(r, f->type, block + f->place, &place);
}

/* The first `size` bytes of a block: each field in it is good, every hole is zero, and it ends
 * where a field ends. */
static void check_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
                        const kmi_place *place)
{
    size_t at = 0;

    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!kmi_in_block(f->type))
            continue;
        if (f->place >= size)
            break;
        if (field_end(f) > size) {
            bad(r, place, "its scalars end within a field");
            return;
        }
        if (!all_zero(block + at, f->place - at))
            bad(r, place, "padding that is not zero");
        check_field(r, f, block, place);
        at = field_end(f);
    }
    if (size <= kmsg_shape_block(layout->shape) && !all_zero(block + at, size - at))
        bad(r, place, "padding that is not zero");
    if (size < kmsg_shape_block(layout->shape) && at != size)
        bad(r, place, "its scalars end between fields");
}

/* The struct's scalars: those that are there, the defaults of the others. */
static void read_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
                       void *ret, const kmi_place *place)
{
    size_t mine = kmsg_shape_block(layout->shape);
    size_t both = size < mine ? size : mine;

    check_block(r, layout, block, both, place);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint8_t          *member = (uint8_t *)ret + f->offset;
        if (!kmi_in_block(f->type) || f->name == NULL)
            continue;
        if (field_end(f) <= both) {
            memcpy(member, block + f->place, f->type->size);
#if KMSG_SWAP
            kmsg_swap_items(f->type, member, 1);
#endif
            if (f->optional)
                *((uint8_t *)ret + f->has_offset) = block[f->place + f->type->size];
        } else if (f->initial != NULL) {
            memcpy(member, f->initial, f->type->size);
        }
    }
}

/* ---- tails
 * --------------------------------------------------------------------------------------- */

static void read_record(reader *r, const kmsg_layout *layout, slice s, void *ret,
                        const kmi_place *place);
static void read_rows(reader *r, const kmsg_type *type, slice s, kmsg_items *ret,
                      const kmi_place *place);

static void read_string(reader *r, slice s, kmsg_string *ret, const kmi_place *place)
{
    size_t      size = (size_t)(s.end - s.at);
    const char *why;

    *ret = (kmsg_string){"", 0};
    if (size == 0)
        return;
    if (size == 1 || s.end[-1] != 0) {
        bad(r, place, size == 1 ? "an empty text with a length" : "a text without its NUL");
        return;
    }
    why = kmi_text_bad(s.at, size - 1);
    if (why != NULL) {
        bad(r, place, why);
        return;
    }
    *ret = (kmsg_string){(const char *)s.at, size - 1};
}

static void read_array(reader *r, const kmsg_type *item, slice s, kmsg_items *ret,
                       const kmi_place *place)
{
    size_t size;

    *ret = (kmsg_items){s.at, 0};
    if (s.at == s.end)
        return;
    if (!skip_pad(r, place, &s, kmi_item_align(item)))
        return;
    size = (size_t)(s.end - s.at);
    if (size == 0 || size % item->size != 0) {
        bad(r, place, "its bytes are not a whole number of items");
        return;
    }
    for (size_t i = 0; i < size / item->size; i++) {
        const kmi_place here = {.up = place, .index = i};
        check_scalar(r, item, s.at + i * item->size, &here);
    }
    *ret = (kmsg_items){s.at, size / item->size};
#if KMSG_SWAP
    {
        void *copy = take(r, place, size, 8);
        if (copy == NULL) {
            ret->count = 0;
            return;
        }
        memcpy(copy, s.at, size);
        kmsg_swap_items(item, copy, ret->count);
        ret->items = copy;
    }
#endif
}

/* A value with a tail, that is there. `member` is a record itself, also where it is optional. */
static void read_tail(reader *r, const kmsg_type *type, slice s, void *member,
                      const kmi_place *place)
{
    switch (type->kind) {
    case KMSG_KIND_STRING: read_string(r, s, member, place); break;
    case KMSG_KIND_BYTES: *(kmsg_bytes *)member = (kmsg_bytes){s.at, (size_t)(s.end - s.at)}; break;
    case KMSG_KIND_ARRAY: read_array(r, type->item, s, member, place); break;
    case KMSG_KIND_RECORD: read_record(r, type->layout, s, member, place); break;
    default: read_rows(r, type, s, member, place); break;
    }
}

static void default_record(reader *r, const kmsg_layout *layout, void *ret, const kmi_place *place)
{
    static const uint8_t none[1];

    memset(ret, 0, layout->size);
    read_block(r, layout, none, 0, ret, place);
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint8_t          *member = (uint8_t *)ret + f->offset;
        if (kmi_in_block(f->type) || f->name == NULL || f->optional)
            continue;
        if (f->type->kind == KMSG_KIND_RECORD)
            default_record(r, f->type->layout, member, place);
        else if (f->initial != NULL)
            memcpy(member, f->initial, f->type->size);
        else
            read_tail(r, f->type, (slice){none, none}, member, place);
    }
}

/* A field that the writer knew: its slice, or absent. */
static void read_field(reader *r, const kmsg_field *f, const uint8_t *at, uint32_t size, void *ret,
                       const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);
    const slice     s = {at, at + (size == KMSG_ABSENT ? 0 : size)};
    uint8_t        *member = (uint8_t *)ret + f->offset;
    void           *record;

    if (size == KMSG_ABSENT && !f->optional) {
        bad(r, &place, "absent, but not optional");
        return;
    }
    if (size == KMSG_ABSENT)
        return; /* *ret is zero: that is absent */
    if (!f->optional || f->type->kind != KMSG_KIND_RECORD) {
        read_tail(r, f->type, s, member, &place);
        return;
    }
    record = take(r, &place, f->type->size, f->type->align);
    if (record == NULL)
        return;
    read_record(r, f->type->layout, s, record, &place);
    memcpy(member, &record, sizeof record);
}

/* A row of any shape whose lengths have been summed. Returns the end of its tails. */
static const uint8_t *read_row(reader *r, const kmsg_layout *layout, uint32_t shape,
                               const uint8_t *row, const uint8_t *tails, void *ret,
                               const kmi_place *place)
{
    const uint8_t *lengths = row + kmsg_shape_lengths(shape);
    const uint32_t slots = kmsg_shape_slots(shape);
    uint32_t       slot = 0, mine = kmsg_shape_slots(layout->shape);

    if (slots < mine)
        default_record(r, layout, ret, place);
    else
        memset(ret, 0, layout->size);
    read_block(r, layout, row, kmsg_shape_block(shape), ret, place);
    if (slots > 0 && !all_zero(row + kmsg_shape_block(shape),
                               kmsg_shape_lengths(shape) - kmsg_shape_block(shape)))
        bad(r, place, "padding that is not zero");
    for (uint32_t i = 0; i < layout->count && slot < slots; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint32_t          size;
        if (kmi_in_block(f->type))
            continue;
        size = kmsg_load32(lengths + 4 * slot++);
        if (f->name != NULL)
            read_field(r, f, tails, size, ret, place);
        tails += size == KMSG_ABSENT ? 0 : size;
    }
    return tails + kmsg_sum_lengths(lengths + 4 * slot, slots - slot);
}

static bool enter(reader *r, const kmsg_layout *layout, const kmi_place *place)
{
    if (!layout->recursive)
        return true;
    if (r->d->depth >= KMSG_DEPTH_MAX) {
        fail(r, place, KMSG_EDEPTH, "records are nested too deeply");
        return false;
    }
    r->d->depth++;
    return true;
}

static void leave(reader *r, const kmsg_layout *layout)
{
    if (layout->recursive)
        r->d->depth--;
}

static void read_record(reader *r, const kmsg_layout *layout, slice s, void *ret,
                        const kmi_place *place)
{
    size_t   size, fixed;
    uint32_t shape;

    memset(ret, 0, layout->size);
    if (!skip_pad(r, place, &s, 8))
        return;
    size = (size_t)(s.end - s.at);
    if (size < KMSG_HEADER || kmsg_load32(s.at) != size) {
        bad(r, place,
            size < KMSG_HEADER ? "too short for a record"
                               : "its header tells another size than it has");
        return;
    }
    shape = kmsg_load32(s.at + 4);
    fixed = KMSG_HEADER + kmsg_shape_fixed(shape);
    if (fixed > size || kmsg_sum_lengths(s.at + KMSG_HEADER + kmsg_shape_lengths(shape),
                                         kmsg_shape_slots(shape)) != size - fixed) {
        bad(r, place,
            fixed > size ? "too short for its fields" : "its lengths do not add up to its size");
        return;
    }
    if (!enter(r, layout, place))
        return;
    read_row(r, layout, shape, s.at + KMSG_HEADER, s.at + fixed, ret, place);
    leave(r, layout);
}

/* Count and shape are good for the bytes that are there, and so are the lengths of all rows. */
static bool check_rows(reader *r, slice s, uint32_t shape, size_t count, const kmi_place *place)
{
    const size_t stride = kmsg_shape_stride(shape), fixed = kmsg_shape_fixed(shape);
    uint64_t     sum = 0;

    if (count == 0 || stride == 0 || count > (size_t)(s.end - s.at) / stride) {
        bad(r, place,
            count == 0    ? "an empty list with a length"
            : stride == 0 ? "items of no size"
                          : "more items than there are bytes for");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = s.at + i * stride;
        sum += kmsg_sum_lengths(row + kmsg_shape_lengths(shape), kmsg_shape_slots(shape));
        if (!all_zero(row + fixed, stride - fixed))
            bad(r, place, "padding that is not zero");
    }
    if (sum != (uint64_t)(s.end - s.at) - count * stride) {
        bad(r, place, "its lengths do not add up to its size");
        return false;
    }
    return true;
}

static void check_order(reader *r, const kmsg_layout *entry, const uint8_t *items, size_t count,
                        const kmi_place *up)
{
    const kmsg_type *type = entry->fields[0].type;

    for (size_t i = 1; i < count && r->d->err == KMSG_OK; i++) {
        const uint8_t  *key = items + i * entry->size + entry->fields[0].offset;
        const kmi_place place = {.up = up, .key_type = type, .key = key};
        int             order = kmi_compare_keys(type, key - entry->size, key);
        if (order >= 0)
            bad(r, &place, order == 0 ? "a key that is there twice" : "keys that are not in order");
    }
}

static uint32_t item_align(const kmsg_layout *layout)
{
    uint32_t align = kmsg_shape_align(layout->shape);

    return kmsg_shape_slots(layout->shape) != 0 && align < sizeof(void *) ? sizeof(void *) : align;
}

static void read_rows(reader *r, const kmsg_type *type, slice s, kmsg_items *ret,
                      const kmi_place *place)
{
    const kmsg_layout *layout = type->layout;
    const uint8_t     *row, *tails;
    uint8_t           *items;
    uint32_t           shape;
    size_t             count;

    *ret = (kmsg_items){s.at, 0};
    if (s.at == s.end || !skip_pad(r, place, &s, 8))
        return;
    if (s.end - s.at < (ptrdiff_t)KMSG_HEADER) {
        bad(r, place, "too short for a list");
        return;
    }
    count = kmsg_load32(s.at);
    shape = kmsg_load32(s.at + 4);
    s.at += KMSG_HEADER;
    if (!check_rows(r, s, shape, count, place))
        return;
    items = take(r, place, count * layout->size, item_align(layout));
    if (items == NULL || !enter(r, layout, place))
        return;
    row = s.at;
    tails = row + count * kmsg_shape_stride(shape);
    for (size_t i = 0; i < count; i++, row += kmsg_shape_stride(shape)) {
        const kmi_place here = kmi_place_row(place, type, i, items + i * layout->size);
        tails = read_row(r, layout, shape, row, tails, items + i * layout->size, &here);
    }
    leave(r, layout);
    if (type->kind == KMSG_KIND_MAP)
        check_order(r, layout, items, count, place);
    *ret = (kmsg_items){items, count};
}

/* ---- entry points ---------------------------------------------------------------------------- */

void kmsg_dec_fail(kmsg_dec *d, kmsg_err err)
{
    if (d->err == KMSG_OK)
        d->err = err;
}

void kmsg_get_check_text(kmsg_dec *d, const uint8_t *data, size_t size)
{
    if (size == 0 || data[size] != 0 || kmi_text_bad(data, size) != NULL)
        kmsg_dec_fail(d, KMSG_EDECODE);
}

void kmsg_get_other_record(kmsg_dec *d, const kmsg_layout *layout, const uint8_t *at, size_t size,
                           void *ret)
{
    reader    r = {d, false};
    kmi_place root = kmi_place_root(layout);

    read_record(&r, layout, (slice){at, at + size}, ret, &root);
}

void kmsg_get_other_rows(kmsg_dec *d, const kmsg_layout *layout, const uint8_t *at, size_t size,
                         kmsg_items *ret)
{
    const kmsg_type type = {.kind = KMSG_KIND_ROWS,
                            .layout = layout}; /* the caller looks at order */
    reader          r = {d, false};
    kmi_place       root = kmi_place_root(layout);

    read_rows(&r, &type, (slice){at, at + size}, ret, &root);
}

kmsg_bytes kmsg_realign(kmsg_bytes bytes, kmsg_arena *mem)
{
    void *copy = kmsg_alloc(mem, bytes.size, 8);

    if (copy != NULL)
        memcpy(copy, bytes.data, bytes.size);
    return (kmsg_bytes){copy, bytes.size};
}

static kmsg_err read_message(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem,
                             void *ret)
{
    kmsg_dec  d = {mem, bytes.size * KMSG_EXPANSION_MAX + 4096, 0, KMSG_OK, false, NULL};
    reader    r = {&d, true};
    kmi_place root = kmi_place_root(layout);

    read_record(&r, layout, (slice){bytes.data, bytes.data + bytes.size}, ret, &root);
    return d.err;
}

kmsg_err kmsg_explain_bytes(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_err err)
{
    kmi_place   root = kmi_place_root(layout);
    kmsg_arena *mem;
    void       *scratch;

    if (err == KMSG_ENOMEM || bytes.size > KMSG_MESSAGE_MAX)
        return kmi_place_error(&root, err, kmsg_strerror(err));
    mem = kmsg_arena_new();
    scratch = mem == NULL ? NULL : kmsg_alloc(mem, layout->size, 16);
    if (scratch == NULL || read_message(layout, bytes, mem, scratch) == KMSG_OK)
        kmi_place_error(&root, err, kmsg_strerror(err));
    kmsg_arena_free(mem);
    return err;
}

kmsg_err kmsg_decode(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    void    *value = kmsg_alloc(mem, layout->size == 0 ? 1 : layout->size, 16);
    kmsg_err err;

    if (value == NULL)
        return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
    if (layout->row_get != NULL) {
        err = kmsg_decode_with(layout, layout->shape, layout->row_get, bytes, mem, value);
    } else {
        if (bytes.size > KMSG_MESSAGE_MAX)
            return kmsg_explain_bytes(layout, bytes, KMSG_ETOOBIG);
        if (kmsg_pad_of(bytes.data, 8) != 0)
            bytes = kmsg_realign(bytes, mem);
        if (bytes.data == NULL && bytes.size != 0)
            return kmsg_explain_bytes(layout, bytes, KMSG_ENOMEM);
        err = read_message(layout, bytes, mem, value);
    }
    if (err == KMSG_OK)
        memcpy(ret, value, layout->size);
    return err;
}
