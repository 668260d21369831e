/* copy.c -- deep copy through descriptors.
 *
 * A piece is copied as it is, and then what it leads to is copied and put in its place. What refs
 * lead to waits in a list: each object is copied once, so that sharing and cycles stay, and no
 * chain of them takes C stack.
 */
#include "base/err.h"
#include "codec/objects.h"
#include "codec/scalar.h"
#include "codec/value.h"

typedef struct copier {
    kmsg_arena  *mem; /* remembers that it ran out */
    kmsg_objects objects;
} copier;

static void copy_fields(copier *c, const kmsg_layout *layout, uint8_t *value);
static void copy_value(copier *c, const kmsg_type *type, void *value);

static void *copy_bytes(copier *c, const void *from, size_t size, size_t align)
{
    void *to = kmsg_alloc(c->mem, size, align);

    if (to != NULL && size != 0)
        memcpy(to, from, size);
    return to;
}

static void copy_rows(copier *c, const kmsg_layout *row, uint8_t *items, size_t count)
{
    for (size_t i = 0; items != NULL && i < count; i++)
        copy_fields(c, row, items + i * row->size);
}

static void copy_list(copier *c, const kmsg_type *type, kmsg_items *l)
{
    const kmsg_layout *row = type->layout;
    uint8_t           *items;

    if (type->kind == KMSG_KIND_ARRAY) {
        l->items = copy_bytes(c, l->items, l->count * type->item->size, 16);
        return;
    }
    items = copy_bytes(c, l->items, l->count * row->size, 16);
    l->items = items;
    copy_rows(c, row, items, l->count);
}

/* A pointer to a value of this type: to a copy of it. */
static void copy_pointer(copier *c, const kmsg_type *type, uint8_t *member)
{
    void *value;

    memcpy(&value, member, sizeof value);
    if (value == NULL)
        return;
    value = copy_bytes(c, value, type->size, 16);
    memcpy(member, &value, sizeof value);
    if (value != NULL)
        copy_value(c, type, value);
}

static void copy_union(copier *c, const kmsg_layout *layout, uint8_t *value)
{
    const kmsg_field *f = kmi_union_member(layout, kmi_union_kind(value));

    if (kmi_union_kind(value) == 0)
        return;
    if (kmi_union_points(f))
        copy_pointer(c, f->type, value + f->offset);
    else
        copy_value(c, f->type, value + f->offset);
}

/* The object that a ref leads to: its copy, which is filled in later. */
static void copy_ref(copier *c, const kmsg_layout *layout, uint8_t *member)
{
    kmi_object *object;
    const void *value;
    size_t      number;
    bool        met;

    memcpy(&value, member, sizeof value);
    if (value == NULL)
        return;
    number = kmi_objects_put(&c->objects, (kmi_object){layout, value, NULL, NULL}, &met);
    if (number == SIZE_MAX) {
        c->mem->failed = true;
        return;
    }
    object = &c->objects.list[number];
    if (!met)
        object->copy = copy_bytes(c, value, layout->size, 16);
    memcpy(member, &object->copy, sizeof object->copy);
}

/* `value` holds what it had in the original; make it lead into memory of its own. */
static void copy_value(copier *c, const kmsg_type *type, void *value)
{
    kmsg_bytes  *bytes = value;
    kmsg_string *text = value;
    kmsg_any    *any = value;

    switch (type->kind) {
    case KMSG_KIND_STRING: *text = kmsg_string_copy(c->mem, *text); break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: bytes->data = copy_bytes(c, bytes->data, bytes->size, 1); break;
    case KMSG_KIND_ANY:
        any->type = kmsg_string_copy(c->mem, any->type);
        any->message.data = copy_bytes(c, any->message.data, any->message.size, 8);
        break;
    case KMSG_KIND_RECORD: copy_fields(c, type->layout, value); break;
    case KMSG_KIND_UNION: copy_union(c, type->layout, value); break;
    case KMSG_KIND_REF: copy_ref(c, type->layout, value); break;
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: copy_list(c, type, value); break;
    case KMSG_KIND_TABLE: copy_rows(c, type->layout, value, type->count); break;
    default: break; /* complete in itself */
    }
}

static void copy_fields(copier *c, const kmsg_layout *layout, uint8_t *value)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint8_t          *member = value + f->offset;
        if (kmi_in_block(f->type) || f->name == NULL || !kmi_is_there(f, member))
            continue;
        if (kmi_is_pointer(f))
            copy_pointer(c, f->type, member);
        else
            copy_value(c, f->type, member);
    }
}

static void copy_objects(copier *c)
{
    for (size_t i = 0; i < c->objects.count && !c->mem->failed; i++) {
        const kmi_object object = c->objects.list[i];
        copy_fields(c, object.layout, object.copy);
    }
}

kmsg_err kmsg_copy_value(const kmsg_type *type, const void *value, kmsg_arena *mem, void *ret)
{
    const bool failed_before = mem->failed;
    copier     c = {mem, {NULL, 0, 0, NULL, 0, 0}};
    void      *copy;

    mem->failed = false;
    copy = copy_bytes(&c, value, type->size, 16);
    if (copy != NULL)
        copy_value(&c, type, copy);
    copy_objects(&c);
    kmi_objects_done(&c.objects);
    if (mem->failed)
        return kmi_error(KMSG_ENOMEM, "%s: no memory for a copy", type->name);
    memcpy(ret, copy, type->size);
    mem->failed = failed_before;
    return KMSG_OK;
}

kmsg_err kmsg_copy(const kmsg_layout *layout, const void *value, kmsg_arena *mem, void *ret)
{
    const kmsg_type type = {
        .name = layout->name, .kind = KMSG_KIND_RECORD, .size = layout->size, .layout = layout};

    return kmsg_copy_value(&type, value, mem, ret);
}
