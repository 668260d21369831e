/* value.c -- see value.h. */
#include "codec/value.h"

#include "codec/scalar.h"

const void *kmi_item(const kmsg_layout *row, const kmsg_items *list, size_t i)
{
    return (const uint8_t *)list->items + i * row->size;
}

bool kmi_is_there(const kmsg_field *f, const void *member)
{
    const void *first;

    if (!f->optional && f->type->kind != KMSG_KIND_REF)
        return true;
    memcpy(&first, member, sizeof first); /* .data, .items, or the pointer to the value */
    return first != NULL;
}

bool kmi_is_pointer(const kmsg_field *f)
{
    return f->optional && (f->type->kind == KMSG_KIND_RECORD || f->type->kind == KMSG_KIND_TABLE);
}

static const void *pointer_at(const void *member)
{
    const void *held;

    memcpy(&held, member, sizeof held);
    return held;
}

const void *kmi_held(const kmsg_field *f, const void *member)
{
    return kmi_is_pointer(f) ? pointer_at(member) : member;
}

size_t kmi_item_align(const kmsg_type *item)
{
    switch (item->kind) {
    case KMSG_KIND_FIXED: return kmsg_shape_align(item->layout->shape);
    case KMSG_KIND_VECTOR: return kmi_item_align(item->item);
    case KMSG_KIND_UUID: return 1;
    default: return item->size;
    }
}

/* ---- unions ---------------------------------------------------------------------------------- */

uint32_t kmi_union_kind(const void *value)
{
    return kmsg_half(value);
}

const kmsg_field *kmi_union_member(const kmsg_layout *layout, uint32_t kind)
{
    for (uint32_t i = 1; i < layout->count; i++)
        if (layout->fields[i].number == kind && layout->fields[i].name != NULL)
            return &layout->fields[i];
    return &layout->fields[0];
}

bool kmi_union_points(const kmsg_field *member)
{
    switch (member->type->kind) {
    case KMSG_KIND_FIXED:
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_RECORD:
    case KMSG_KIND_UNION:
    case KMSG_KIND_TABLE: return true;
    default: return false;
    }
}

const void *kmi_union_held(const kmsg_field *member, const void *value)
{
    const uint8_t *at = (const uint8_t *)value + member->offset;

    return kmi_union_points(member) ? pointer_at(at) : at;
}
