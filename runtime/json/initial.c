/* initial.c -- the defaults of what a text does not have, as the codec gives them to what an older
 * writer did not know.
 */
#include "json/reader.h"

#include <string.h>

void kmi_json_initial_value(const kmsg_type *type, void *ret)
{
    const kmsg_string  none = KMSG_STR("");
    uint8_t           *at = ret;
    const kmsg_layout *layout = type->layout;

    memset(ret, 0, type->size);
    if (type->kind == KMSG_KIND_STRING || type->kind == KMSG_KIND_ANY)
        memcpy(ret, &none, sizeof none); /* an any begins with its type's name */
    else if (type->kind == KMSG_KIND_RECORD || type->kind == KMSG_KIND_FIXED)
        kmi_json_initial_record(layout, ret);
    else if (type->kind == KMSG_KIND_TABLE)
        for (uint32_t i = 0; i < type->count; i++, at += layout->size)
            kmi_json_initial_record(layout, at);
    else if (type->kind == KMSG_KIND_VECTOR)
        for (uint32_t i = 0; i < type->count; i++, at += type->item->size)
            kmi_json_initial_value(type->item, at);
}

void kmi_json_initial_field(const kmsg_field *f, void *record)
{
    uint8_t *member = (uint8_t *)record + f->offset;

    if (f->optional || f->name == NULL)
        return;
    if (f->initial != NULL)
        memcpy(member, f->initial, f->type->size);
    else
        kmi_json_initial_value(f->type, member);
}

void kmi_json_initial_record(const kmsg_layout *layout, void *ret)
{
    memset(ret, 0, layout->size);
    for (uint32_t i = 0; i < layout->count; i++)
        kmi_json_initial_field(&layout->fields[i], ret);
}
