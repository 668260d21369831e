/* addresses.c -- see addresses.h.
 *
 * A walk as copy.c does it, that turns back where a layout leads to no address: so a million ticks
 * beside one address are not looked at. C stack is bounded as it was for the decoder that made the
 * value; what refs lead to waits in a list.
 */
#include "codec/addresses.h"

#include "base/err.h"
#include "codec/objects.h"
#include "codec/scalar.h"
#include "codec/value.h"

typedef struct walk {
    void (*fn)(void *ctx, kmsg_address *address);
    void        *ctx;
    kmsg_objects objects;
    bool         failed; /* no memory for them */
} walk;

static void walk_fields(walk *w, const kmsg_layout *layout, uint8_t *value);
static void walk_union(walk *w, const kmsg_layout *layout, uint8_t *value);

static void *pointer_at(const uint8_t *member)
{
    void *value;

    memcpy(&value, member, sizeof value);
    return value;
}

static void walk_address(walk *w, kmsg_address *address)
{
    if (address->data != NULL && address->size != 0)
        w->fn(w->ctx, address);
}

static void walk_rows(walk *w, const kmsg_layout *row, uint8_t *items, size_t count)
{
    for (size_t i = 0; row->has_addresses && i < count; i++)
        walk_fields(w, row, items + i * row->size);
}

static void walk_list(walk *w, const kmsg_layout *row, const uint8_t *value)
{
    kmsg_items list;

    memcpy(&list, value, sizeof list);
    walk_rows(w, row, (uint8_t *)(uintptr_t)list.items, list.count);
}

static void walk_ref(walk *w, const kmsg_layout *layout, void *object)
{
    if (object != NULL && layout->has_addresses &&
        kmi_objects_put(&w->objects, (kmi_object){layout, object, NULL, object}, NULL) == SIZE_MAX)
        w->failed = true;
}

static void walk_value(walk *w, const kmsg_type *type, uint8_t *value)
{
    switch (type->kind) {
    case KMSG_KIND_ADDRESS: walk_address(w, (kmsg_address *)(void *)value); break;
    case KMSG_KIND_RECORD: walk_fields(w, type->layout, value); break;
    case KMSG_KIND_UNION: walk_union(w, type->layout, value); break;
    case KMSG_KIND_REF: walk_ref(w, type->layout, pointer_at(value)); break;
    case KMSG_KIND_ROWS:
    case KMSG_KIND_MAP: walk_list(w, type->layout, value); break;
    case KMSG_KIND_TABLE: walk_rows(w, type->layout, value, type->count); break;
    default: break; /* has none in it, or is bytes */
    }
}

static void walk_union(walk *w, const kmsg_layout *layout, uint8_t *value)
{
    const kmsg_field *f = kmi_union_member(layout, kmi_union_kind(value));
    uint8_t          *held = value + f->offset;

    if (!layout->has_addresses || kmi_union_kind(value) == 0)
        return;
    if (kmi_union_points(f))
        held = pointer_at(held);
    if (held != NULL)
        walk_value(w, f->type, held);
}

static void walk_fields(walk *w, const kmsg_layout *layout, uint8_t *value)
{
    for (uint32_t i = 0; layout->has_addresses && i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        uint8_t          *member = value + f->offset;
        if (kmi_in_block(f->type) || f->name == NULL || !kmi_is_there(f, member))
            continue;
        walk_value(w, f->type, kmi_is_pointer(f) ? pointer_at(member) : member);
    }
}

kmsg_err kmi_each_address(const kmsg_layout *layout, void                    *value,
                          void (*fn)(void *ctx, kmsg_address *address), void *ctx)
{
    walk w = {.fn = fn, .ctx = ctx};

    if (!layout->has_addresses)
        return KMSG_OK;
    walk_fields(&w, layout, value);
    for (size_t i = 0; i < w.objects.count && !w.failed; i++)
        walk_fields(&w, w.objects.list[i].layout, w.objects.list[i].copy);
    kmi_objects_done(&w.objects);
    if (w.failed)
        return kmi_error(KMSG_ENOMEM, "%s: no memory to look for addresses in it", layout->name);
    return KMSG_OK;
}
