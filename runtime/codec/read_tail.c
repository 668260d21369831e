/* read_tail.c -- decoding values that have a tail and are not made of rows; see reader.h. */
#include "codec/objects.h"
#include "codec/order.h"
#include "codec/reader.h"
#include "codec/scalar.h"
#include "codec/value.h"

static size_t size_of(slice s)
{
    return (size_t)(s.end - s.at);
}

/* ---- texts and arrays ------------------------------------------------------------------------ */

static void read_string(reader *r, slice s, kmsg_string *ret, const kmi_place *place)
{
    size_t      size = size_of(s);
    const char *why;

    *ret = (kmsg_string){"", 0};
    if (size == 0)
        return;
    if (size == 1 || s.end[-1] != 0) {
        kmi_read_bad(r, place,
                     size == 1 ? "an empty text with a length" : "a text without its NUL");
        return;
    }
    why = kmi_text_bad(s.at, size - 1);
    if (why != NULL) {
        kmi_read_bad(r, place, why);
        return;
    }
    *ret = (kmsg_string){(const char *)s.at, size - 1};
}

static void read_array(reader *r, const kmsg_type *type, slice s, kmsg_items *ret,
                       const kmi_place *place)
{
    const kmsg_type *item = type->item;
    size_t           size;

    *ret = (kmsg_items){s.at, 0};
    if (s.at == s.end || !kmi_read_pad(r, place, &s, kmi_item_align(item)))
        return;
    size = size_of(s);
    if (size == 0 || size % item->size != 0) {
        kmi_read_bad(r, place, "its bytes are not a whole number of items");
        return;
    }
    for (size_t i = 0; i < size / item->size && !kmi_any_bits(item); i++) {
        const kmi_place here = kmi_place_item(place, i);
        kmi_check_scalar(r, item, s.at + i * item->size, &here);
    }
    *ret = (kmsg_items){s.at, size / item->size};
#if KMSG_SWAP
    {
        void *copy = kmi_read_take(r, place, size);
        if (copy == NULL) {
            ret->count = 0;
            return;
        }
        memcpy(copy, s.at, size);
        kmsg_swap_items(item, copy, ret->count);
        ret->items = copy;
    }
#endif
    kmi_read_order(r, type, ret, place);
}

/* ---- any ------------------------------------------------------------------------------------- */

/* Two sizes, the name, the message: not looked into, whoever unpacks it does that. */
static void read_any(reader *r, slice s, kmsg_any *ret, const kmi_place *place)
{
    uint32_t       name_size, message_size;
    const uint8_t *name;

    *ret = (kmsg_any){{"", 0}, {s.at, 0}};
    if (s.at == s.end || !kmi_read_pad(r, place, &s, 8))
        return;
    if (size_of(s) < KMSG_HEADER) {
        kmi_read_bad(r, place, "too short for an any");
        return;
    }
    name_size = kmsg_load32(s.at);
    message_size = kmsg_load32(s.at + 4);
    name = s.at + KMSG_HEADER;
    if (size_of(s) != kmsg_align(KMSG_HEADER + (uint64_t)name_size, 8) + message_size) {
        kmi_read_bad(r, place, "its sizes do not add up");
        return;
    }
    s.at = name + name_size;
    if (name_size < 2)
        kmi_read_bad(r, place, "something of a type without a name");
    else
        read_string(r, (slice){name, s.at}, &ret->type, place);
    if (kmi_read_pad(r, place, &s, 8))
        ret->message = (kmsg_bytes){s.at, message_size};
}

/* ---- unions ---------------------------------------------------------------------------------- */

/* A value that lies in the scalar block of its record, but here stands alone. */
static void read_alone(reader *r, const kmsg_type *type, slice s, void *ret, const kmi_place *place)
{
    if (size_of(s) != type->size) {
        kmi_read_bad(r, place, "of another size than its type");
        return;
    }
    kmi_check_scalar(r, type, s.at, place);
    memcpy(ret, s.at, type->size);
#if KMSG_SWAP
    kmsg_swap_items(type, ret, 1);
#endif
}

static void read_member(reader *r, const kmsg_field *f, slice s, void *member, const kmi_place *up)
{
    const kmi_place place = kmi_place_field(up, f);
    void           *value = member;

    if (kmi_union_points(f)) {
        value = kmi_read_take(r, &place, f->type->size);
        if (value == NULL)
            return;
        memset(value, 0, f->type->size);
        memcpy(member, &value, sizeof value);
    }
    if (kmi_in_block(f->type))
        read_alone(r, f->type, s, value, &place);
    else if (f->type->kind != KMSG_KIND_REF || s.at != s.end)
        kmi_read_tail(r, f->type, s, value, &place);
}

static uint64_t mentions(const reader *r)
{
    return r->d->objects == NULL ? 0 : r->d->objects->mentions;
}

/* The member of this kind; `refs` is what the tag says of it. If it does, and we have seen none,
 * they are in what was skipped. A member that is not known is kept whole: nothing is skipped. */
static void read_chosen(reader *r, const kmsg_layout *layout, uint32_t kind, bool refs, slice s,
                        uint8_t *ret, const kmi_place *place)
{
    const kmsg_field *f = kmi_union_member(layout, kind);
    const uint64_t    before = mentions(r);

    if (f->number == 0 && refs)
        kmi_read_bad(r, place,
                     "a member that this schema does not know, with refs: it cannot be kept");
    memcpy(ret, &kind, sizeof kind);
    read_member(r, f, s, ret + f->offset, place);
    if (refs != (mentions(r) != before) && !(refs && r->d->other))
        kmi_read_bad(r, place, "tells wrongly whether it leads to objects");
}

static void read_union(reader *r, const kmsg_layout *layout, slice s, void *ret,
                       const kmi_place *place)
{
    uint32_t tag;

    memset(ret, 0, layout->size);
    if (s.at == s.end || !kmi_read_pad(r, place, &s, 8))
        return;
    if (size_of(s) < KMSG_HEADER || kmsg_load32(s.at) != size_of(s)) {
        kmi_read_bad(r, place,
                     size_of(s) < KMSG_HEADER ? "too short for a union"
                                              : "its header tells another size than it has");
        return;
    }
    tag = kmsg_load32(s.at + 4);
    s.at += KMSG_HEADER;
    if ((tag & ~KMI_UNION_REFS) == 0)
        kmi_read_bad(r, place, "a union of no kind with a length");
    else if (kmi_read_enter(r, layout, place)) {
        read_chosen(r, layout, tag & ~KMI_UNION_REFS, (tag & KMI_UNION_REFS) != 0, s, ret, place);
        kmi_read_leave(r, layout);
    }
}

/* ---- refs ------------------------------------------------------------------------------------ */

static void read_ref(reader *r, const kmsg_layout *layout, slice s, const void **ret,
                     const kmi_place *place)
{
    const kmsg_err before = r->d->err;
    const char    *why;

    if (!kmi_read_pad(r, place, &s, 4))
        return;
    if (size_of(s) != 4) {
        kmi_read_bad(r, place, "not the number of an object");
        return;
    }
    why = kmi_incoming_mention(r->d, kmsg_load32(s.at), layout, ret);
    if (why != NULL)
        kmi_read_bad(r, place, why);
    else if (r->d->err != before && r->speak)
        kmi_place_error(place, r->d->err, kmi_read_no_memory(r));
}

/* ---- any of them ----------------------------------------------------------------------------- */

void kmi_read_tail(reader *r, const kmsg_type *type, slice s, void *ret, const kmi_place *place)
{
    switch (type->kind) {
    case KMSG_KIND_STRING: read_string(r, s, ret, place); break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: *(kmsg_bytes *)ret = (kmsg_bytes){s.at, size_of(s)}; break;
    case KMSG_KIND_ANY: read_any(r, s, ret, place); break;
    case KMSG_KIND_RECORD: kmi_read_record(r, type->layout, s, ret, place); break;
    case KMSG_KIND_UNION: read_union(r, type->layout, s, ret, place); break;
    case KMSG_KIND_REF: read_ref(r, type->layout, s, ret, place); break;
    case KMSG_KIND_ARRAY: read_array(r, type, s, ret, place); break;
    case KMSG_KIND_TABLE: kmi_read_table(r, type, s, ret, place); break;
    default: kmi_read_rows(r, type, s, ret, place); break;
    }
    kmi_read_limits(r, type, ret, place);
}
