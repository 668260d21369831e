/* read_block.c -- decoding scalar blocks, of any length: see reader.h. */
#include "codec/reader.h"
#include "codec/scalar.h"
#include "codec/value.h"

/* The first `size` bytes of a block: each field in it is good, every hole is zero, and it ends
 * where a field ends. */
static void check_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
                        const kmi_place *place);

static void check_vector(reader *r, const kmsg_type *type, const uint8_t *at,
                         const kmi_place *place)
{
    for (uint32_t i = 0; i < type->count; i++) {
        const kmi_place here = kmi_place_item(place, i);
        kmi_check_scalar(r, type->item, at + i * type->item->size, &here);
    }
}

void kmi_check_scalar(reader *r, const kmsg_type *type, const uint8_t *at, const kmi_place *place)
{
    uint8_t     native[16];
    const char *why;

    if (type->kind == KMSG_KIND_FIXED) {
        check_block(r, type->layout, at, type->size, place);
        return;
    }
    if (type->kind == KMSG_KIND_VECTOR) {
        check_vector(r, type, at, place);
        return;
    }
    memcpy(native, at, type->size);
#if KMSG_SWAP
    kmsg_swap_items(type, native, 1);
#endif
    why = kmi_scalar_bad(type, native);
    if (why != NULL)
        kmi_read_bad(r, place, why);
    else
        kmi_read_limits(r, type, native, place);
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
        kmi_read_bad(r, &place, "neither there nor absent");
    else if (f->optional && *has == 0 && kmsg_nonzero(block + f->place, f->type->size))
        kmi_read_bad(r, &place, "absent, but not zero");
    else if (!f->optional || *has == 1)
        kmi_check_scalar(r, f->type, block + f->place, &place);
}

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
            kmi_read_bad(r, place, "its scalars end within a field");
            return;
        }
        if (kmsg_nonzero(block + at, f->place - at))
            kmi_read_bad(r, place, "padding that is not zero");
        check_field(r, f, block, place);
        at = field_end(f);
    }
    if (size <= kmsg_shape_block(layout->shape) && kmsg_nonzero(block + at, size - at))
        kmi_read_bad(r, place, "padding that is not zero");
    if (size < kmsg_shape_block(layout->shape) && at != size)
        kmi_read_bad(r, place, "its scalars end between fields");
}

void kmi_read_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
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
