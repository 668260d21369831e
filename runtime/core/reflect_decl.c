/* reflect_decl.c -- what services lead to: records, enums, errors, each once. See reflect.h.
 *
 * They are found by name: two descriptors of one name are one declaration. What leads where is one
 * walk (kmi_decl_each), which collecting, ordering and importing share.
 */
#include "core/reflect.h"

#include <string.h>

/* ---- one step -------------------------------------------------------------------------------- */

static void to(void *ctx, kmi_decl_fn *fn, kmi_decl_kind kind, const void *what, const char *name,
               const char *word)
{
    const char    *dot = strrchr(name, '.');
    const kmi_decl decl = {.kind = kind,
                           .name = name,
                           .module_size = dot == NULL ? 0 : (size_t)(dot - name),
                           .what = what,
                           .word = word};

    fn(ctx, &decl);
}

static void to_record(void *ctx, kmi_decl_fn *fn, const kmsg_layout *layout, const char *word)
{
    to(ctx, fn, KMI_DECL_RECORD, layout, layout->name, word);
}

static void each_of_type(const kmsg_type *type, void *ctx, kmi_decl_fn *fn)
{
    switch (type->kind) {
    case KMSG_KIND_ENUM: to(ctx, fn, KMI_DECL_ENUM, type->enum_, type->enum_->name, "enum"); break;
    case KMSG_KIND_FIXED: to_record(ctx, fn, type->layout, "fixed record"); break;
    case KMSG_KIND_UNION: to_record(ctx, fn, type->layout, "union"); break;
    case KMSG_KIND_RECORD:
    case KMSG_KIND_REF: to_record(ctx, fn, type->layout, "record"); break;
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_TABLE:
        if (type->item != NULL)
            each_of_type(type->item, ctx, fn);
        else
            to_record(ctx, fn, type->layout, "record");
        break;
    case KMSG_KIND_MAP:
        each_of_type(type->layout->fields[0].type, ctx, fn);
        each_of_type(type->layout->fields[1].type, ctx, fn);
        break;
    default: break;
    }
}

static void each_of_layout(const kmsg_layout *layout, void *ctx, kmi_decl_fn *fn)
{
    for (uint32_t i = 0; i < layout->count; i++)
        each_of_type(layout->fields[i].type, ctx, fn);
}

/* The answer of a method, an item of a stream; NULL is fine. */
static void each_of_carried(const kmsg_layout *layout, const kmsg_service *s, const kmsg_method *m,
                            void *ctx, kmi_decl_fn *fn)
{
    if (layout != NULL && kmi_is_carried(layout, s, m))
        each_of_layout(layout, ctx, fn);
    else if (layout != NULL)
        to_record(ctx, fn, layout, "record");
}

static void to_service(void *ctx, kmi_decl_fn *fn, const kmsg_service *s)
{
    to(ctx, fn, KMI_DECL_SERVICE, s, s->name, "service");
}

static void each_of_service(const kmsg_service *s, void *ctx, kmi_decl_fn *fn)
{
    for (uint32_t i = 0; i < s->base_count; i++)
        to_service(ctx, fn, s->bases[i].service);
    for (uint32_t i = 0; i < s->count; i++) {
        const kmsg_method *m = &s->methods[i];
        each_of_layout(m->args, ctx, fn);
        each_of_carried(m->result, s, m, ctx, fn);
        each_of_carried(m->sends, s, m, ctx, fn);
        each_of_carried(m->streams, s, m, ctx, fn);
        for (size_t k = 0; m->throws != NULL && m->throws[k] != NULL; k++)
            to_record(ctx, fn, m->throws[k], "error");
    }
}

static void each_of_topic(const kmsg_topic *topic, void *ctx, kmi_decl_fn *fn)
{
    if (topic->key != NULL)
        each_of_layout(topic->key, ctx, fn);
    if (kmi_is_carried_by(topic->value, topic))
        each_of_layout(topic->value, ctx, fn);
    else
        to_record(ctx, fn, topic->value, "record");
}

void kmi_decl_each(const kmi_decl *decl, void *ctx, kmi_decl_fn *fn)
{
    if (decl->kind == KMI_DECL_RECORD)
        each_of_layout(decl->what, ctx, fn);
    else if (decl->kind == KMI_DECL_SERVICE)
        each_of_service(decl->what, ctx, fn);
    else if (decl->kind == KMI_DECL_TOPIC)
        each_of_topic(decl->what, ctx, fn);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Where the name is, or would be. */
static uint32_t *slot_of(const kmi_decls *decls, const char *name)
{
    size_t mask = 2 * decls->room - 1, at = (size_t)kmsg_id(name) & mask;

    while (decls->slots[at] != 0 && strcmp(decls->items[decls->slots[at] - 1].name, name) != 0)
        at = (at + 1) & mask;
    return &decls->slots[at];
}

kmi_decl *kmi_decls_find(const kmi_decls *decls, const char *name)
{
    uint32_t slot = decls->room == 0 ? 0 : *slot_of(decls, name);

    return slot == 0 ? NULL : &decls->items[slot - 1];
}

static bool make_room(kmi_decls *decls)
{
    size_t    room = decls->room == 0 ? 32 : 2 * decls->room;
    kmi_decl *items;

    if (decls->count < decls->room)
        return true;
    items = kmsg_alloc_array(decls->mem, kmi_decl, room);
    decls->slots = kmsg_alloc_array(decls->mem, uint32_t, 2 * room);
    if (items == NULL || decls->slots == NULL) {
        decls->failed = true;
        return false;
    }
    if (decls->count > 0)
        memcpy(items, decls->items, decls->count * sizeof *items);
    decls->items = items;
    decls->room = room;
    for (size_t i = 0; i < decls->count; i++)
        *slot_of(decls, items[i].name) = (uint32_t)i + 1;
    return true;
}

/* What a method throws is an error, wherever else it stands. */
static void add(void *ctx, const kmi_decl *decl)
{
    kmi_decls *decls = ctx;
    kmi_decl  *known = decls->failed ? NULL : kmi_decls_find(decls, decl->name);

    if (known != NULL && strcmp(decl->word, "error") == 0)
        known->word = decl->word;
    if (known != NULL || decls->failed || !make_room(decls))
        return;
    decls->items[decls->count++] = *decl;
    *slot_of(decls, decl->name) = (uint32_t)decls->count;
}

void kmi_decls_collect(kmi_decls *decls, const kmi_subjects *subjects)
{
    for (size_t i = 0; i < subjects->service_count; i++)
        to_service(decls, add, subjects->services[i]);
    for (size_t i = 0; i < subjects->topic_count; i++)
        to(decls, add, KMI_DECL_TOPIC, subjects->topics[i], subjects->topics[i]->name, "topic");
    for (size_t i = 0; i < decls->count && !decls->failed; i++) {
        const kmi_decl decl = decls->items[i]; /* they move */
        kmi_decl_each(&decl, decls, add);
    }
}
