/* clean.c -- what is not part of a value, made zero: padding, and the places of fields that a
 * schema has no more. For fixed records that have been copied in one piece; generated code does
 * this in line where they do not stand in an array.
 */
#include <kmsg/codec.h>

#include "codec/scalar.h"

static void clean_value(const kmsg_type *type, uint8_t *at)
{
    if (type->kind == KMSG_KIND_FIXED)
        kmsg_clean_items(type->layout, at, 1);
    for (uint32_t i = 0; type->kind == KMSG_KIND_VECTOR && i < type->count; i++)
        clean_value(type->item, at + i * type->item->size);
}

static void clean_block(const kmsg_layout *layout, uint8_t *block)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        memset(block + at, 0, f->place - at);
        at = f->place + f->type->size;
        if (f->name == NULL)
            memset(block + f->place, 0, f->type->size);
        else
            clean_value(f->type, block + f->place);
    }
    memset(block + at, 0, layout->size - at);
}

void kmsg_clean_items(const kmsg_layout *layout, uint8_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        clean_block(layout, items + i * layout->size);
}
