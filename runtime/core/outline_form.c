/* outline_form.c -- a service as a form: its descriptors without what is of this machine or this
 * compiler alone (sizes and offsets in C, code).
 *
 * Records and enums stand in the form once, types once for each descriptor. A record is given its
 * number when something leads to it, and is filled in later, so that records may contain themselves
 * and the depth here is that of one type. In which order all that comes is a matter of the schema
 * alone: the print is made of it.
 */
#include "core/outline.h"

#include "codec/limits.h"
#include "codec/scalar.h"

#include <string.h>

/* What grows, one element at a time. */
typedef struct bag {
    void  *items;
    size_t count, room;
} bag;

typedef struct maker {
    kmsg_arena *mem;
    bag         services;               /* kmsg_outline_Service */
    bag         records, types, enums;  /* kmsg_outline_Record ... */
    bag         layouts, kinds, values; /* what each of them was made of: const void * */
    bool        failed;                 /* no memory */
} maker;

/* NULL: no memory. Elements move. */
static void *bag_add(maker *m, bag *b, size_t size)
{
    if (b->count == b->room) {
        size_t room = b->room == 0 ? 16 : 2 * b->room;
        void  *items = kmsg_alloc_zeroed(m->mem, room, size, 16);
        if (items == NULL) {
            m->failed = true;
            return NULL;
        }
        if (b->count > 0)
            memcpy(items, b->items, b->count * size);
        b->items = items;
        b->room = room;
    }
    return (uint8_t *)b->items + size * b->count++;
}

#define ADD(m, b, type) ((type *)bag_add((m), (b), sizeof(type)))

/* The number of what has been met before. */
static bool met(const bag *b, const void *what, uint32_t *ret)
{
    const void *const *all = b->items;

    for (size_t i = 0; i < b->count; i++)
        if (all[i] == what) {
            *ret = (uint32_t)i;
            return true;
        }
    return false;
}

static void meet(maker *m, bag *b, const void *what)
{
    const void **place = ADD(m, b, const void *);

    if (place != NULL)
        *place = what;
}

static kmsg_string text_of(const char *text)
{
    return kmsg_str(text == NULL ? "" : text);
}

/* ---- enums ----------------------------------------------------------------------------------- */

static uint32_t add_enum(maker *m, const kmsg_enum *e)
{
    kmsg_outline_Enum  *to;
    kmsg_outline_Value *values;
    uint32_t            number = (uint32_t)m->enums.count;

    if (met(&m->values, e, &number))
        return number;
    meet(m, &m->values, e);
    to = ADD(m, &m->enums, kmsg_outline_Enum);
    values = kmsg_alloc_array(m->mem, kmsg_outline_Value, e->count);
    if (to == NULL || values == NULL) {
        m->failed = true;
        return number;
    }
    for (uint32_t i = 0; i < e->count; i++)
        values[i] =
            (kmsg_outline_Value){.number = e->values[i].number, .name = text_of(e->values[i].name)};
    *to = (kmsg_outline_Enum){.closed = e->closed, .name = text_of(e->name)};
    to->values.items = values;
    to->values.count = e->count;
    return number;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* From `low` to `high`, as bits; false: it is open there. */
typedef struct range {
    bool     has_low, has_high;
    uint64_t low, high;
} range;

/* What a type keeps to by itself. */
static range range_of(kmsg_kind kind)
{
    switch (kind) {
    case KMSG_KIND_I8: return (range){true, true, (uint64_t)INT8_MIN, INT8_MAX};
    case KMSG_KIND_I16: return (range){true, true, (uint64_t)INT16_MIN, INT16_MAX};
    case KMSG_KIND_I32: return (range){true, true, (uint64_t)INT32_MIN, INT32_MAX};
    case KMSG_KIND_TIMESTAMP:
    case KMSG_KIND_DURATION:
    case KMSG_KIND_I64: return (range){true, true, (uint64_t)INT64_MIN, INT64_MAX};
    case KMSG_KIND_U8: return (range){true, true, 0, UINT8_MAX};
    case KMSG_KIND_U16: return (range){true, true, 0, UINT16_MAX};
    case KMSG_KIND_U32: return (range){true, true, 0, UINT32_MAX};
    case KMSG_KIND_U64: return (range){true, true, 0, UINT64_MAX};
    case KMSG_KIND_F32:
    case KMSG_KIND_F64: return (range){false, false, 0, 0};
    default: return (range){true, false, 0, 0}; /* a length */
    }
}

/* -0.0 is 0.0. */
static uint64_t bits_of(const kmsg_type *type, uint64_t bits)
{
    bool is_float = type->kind == KMSG_KIND_F32 || type->kind == KMSG_KIND_F64;

    return is_float && bits == UINT64_C(1) << 63 ? 0 : bits;
}

static void add_limits(const kmsg_type *type, kmsg_outline_Type *to)
{
    const kmsg_limits *l = type->limits;
    range              own = range_of(type->kind);

    if (l == NULL)
        return;
    to->low = bits_of(type, l->low.u);
    to->high = bits_of(type, l->high.u);
    to->has_low = l->has_low && !(own.has_low && own.low == to->low);
    to->has_high = l->has_high && !(own.has_high && own.high == to->high);
    to->low = to->has_low ? to->low : 0;
    to->high = to->has_high ? to->high : 0;
    to->pattern = text_of(l->pattern == NULL ? NULL : l->pattern->text);
}

static bool refuses_zero(const kmsg_type *type);

static bool fields_refuse_zero(const kmsg_layout *layout)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL && refuses_zero(layout->fields[i].type))
            return true;
    return false;
}

/* Is it no value of the type that stands where nothing was written? */
static bool refuses_zero(const kmsg_type *type)
{
    static const union {
        uint64_t    number;
        kmsg_string text;
        kmsg_items  items;
        kmsg_uuid   uuid;
    } zero;
    const kmsg_string empty = kmsg_str("");
    const void       *value = type->kind == KMSG_KIND_STRING ? (const void *)&empty : &zero;
    char              text[KMI_LIMIT_TEXT_MAX];

    if (type->kind == KMSG_KIND_VECTOR)
        return refuses_zero(type->item);
    if (type->kind == KMSG_KIND_FIXED)
        return fields_refuse_zero(type->layout);
    if (type->kind == KMSG_KIND_ENUM && kmi_scalar_bad(type, value) != NULL)
        return true;
    return type->limits != NULL && kmi_limits_bad(type, value, text, sizeof text) != NULL;
}

/* ---- types ----------------------------------------------------------------------------------- */

static uint32_t add_record(maker *m, const kmsg_layout *layout)
{
    uint32_t number = (uint32_t)m->records.count;

    if (met(&m->layouts, layout, &number))
        return number;
    meet(m, &m->layouts, layout);
    if (ADD(m, &m->records, kmsg_outline_Record) == NULL)
        m->failed = true;
    return number;
}

static bool leads_to_refs(const kmsg_type *type)
{
    if (type->kind == KMSG_KIND_REF)
        return true;
    if (type->layout != NULL && type->layout->has_refs)
        return true;
    return type->item != NULL && leads_to_refs(type->item);
}

static uint32_t add_type(maker *m, const kmsg_type *type);

static void add_parts(maker *m, const kmsg_type *type, kmsg_outline_Type *to)
{
    if (type->kind == KMSG_KIND_MAP) {
        to->has_item = to->has_value = true;
        to->item = add_type(m, type->layout->fields[0].type);
        to->value = add_type(m, type->layout->fields[1].type);
    } else if (type->item != NULL) {
        to->has_item = true;
        to->item = add_type(m, type->item);
    } else if (type->layout != NULL) {
        to->has_record = true;
        to->record = add_record(m, type->layout);
    } else if (type->enum_ != NULL) {
        to->has_enumeration = true;
        to->enumeration = add_enum(m, type->enum_);
    }
}

static uint32_t add_type(maker *m, const kmsg_type *type)
{
    kmsg_outline_Type *place, to = kmsg_outline_Type_initial;
    uint32_t           number;

    if (met(&m->kinds, type, &number))
        return number;
    to.kind = (kmsg_outline_Kind)type->kind;
    to.count = type->count;
    to.is_set = type->is_set;
    to.has_refs = leads_to_refs(type);
    to.refuses_zero = refuses_zero(type);
    to.name = text_of(type->name);
    add_limits(type, &to);
    add_parts(m, type, &to);
    meet(m, &m->kinds, type);
    place = ADD(m, &m->types, kmsg_outline_Type);
    if (place != NULL)
        *place = to;
    return (uint32_t)m->types.count - 1;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Of the bytes of the default, which are the same on each machine. What is embedded has defaults of
 * its own, which may be outside of its limits: nobody writes them. */
static uint64_t initial_of(maker *m, const kmsg_field *f)
{
    kmsg_bytes bytes;

    if (f->initial == NULL || f->type->kind == KMSG_KIND_FIXED || f->type->kind == KMSG_KIND_VECTOR)
        return 0;
    if (kmsg_encode_value(f->type, f->initial, m->mem, &bytes) != KMSG_OK) {
        m->failed = true;
        return 0;
    }
    return kmi_outline_hash(bytes);
}

/* The number that a field 0 has is that of no member: it stands for those that are not known. */
static bool is_unknown(const kmsg_layout *layout, uint32_t i)
{
    return i == 0 && layout->count > 0 && layout->fields[0].number == 0;
}

static void fill_record(maker *m, uint32_t number)
{
    const kmsg_layout  *layout = ((const void *const *)m->layouts.items)[number];
    kmsg_outline_Field *fields = kmsg_alloc_array(m->mem, kmsg_outline_Field, layout->count);
    size_t              count = 0;
    kmsg_outline_Record to = {.name = text_of(layout->name)};

    m->failed = m->failed || fields == NULL;
    for (uint32_t i = 0; i < layout->count && !m->failed; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (!is_unknown(layout, i))
            fields[count++] = (kmsg_outline_Field){.number = f->number,
                                                   .type = add_type(m, f->type),
                                                   .optional = f->optional != 0,
                                                   .reserved = f->name == NULL,
                                                   .initial = initial_of(m, f),
                                                   .name = text_of(f->name)};
    }
    to.fields.items = fields;
    to.fields.count = count;
    if (!m->failed)
        ((kmsg_outline_Record *)m->records.items)[number] = to;
}

/* ---- services -------------------------------------------------------------------------------- */

static uint32_t add_maybe(maker *m, const kmsg_layout *layout, bool *has)
{
    *has = layout != NULL;
    return layout == NULL ? 0 : add_record(m, layout);
}

static kmsg_outline_Method method_of(maker *m, const kmsg_method *method)
{
    kmsg_outline_Method to = {.number = method->number,
                              .oneway = method->oneway,
                              .args = add_record(m, method->args),
                              .name = text_of(method->name)};

    to.result = add_maybe(m, method->result, &to.has_result);
    to.sends = add_maybe(m, method->sends, &to.has_sends);
    to.streams = add_maybe(m, method->streams, &to.has_streams);
    return to;
}

static bool has_service(const maker *m, const kmsg_service *service)
{
    const kmsg_outline_Service *all = m->services.items;

    for (size_t i = 0; i < m->services.count; i++)
        if (strcmp(all[i].name.data, service->name) == 0)
            return true;
    return false;
}

/* As deep as services inherit from one another: 64. */
static void add_service(maker *m, const kmsg_service *service)
{
    kmsg_outline_Method  *methods = kmsg_alloc_array(m->mem, kmsg_outline_Method, service->count);
    kmsg_outline_Service *to;

    if (has_service(m, service))
        return;
    to = ADD(m, &m->services, kmsg_outline_Service);
    if (methods == NULL || to == NULL) {
        m->failed = true;
        return;
    }
    for (uint32_t i = 0; i < service->count; i++)
        methods[i] = method_of(m, &service->methods[i]);
    to->name = text_of(service->name);
    to->methods.items = methods;
    to->methods.count = service->count;
    for (uint32_t i = 0; i < service->base_count; i++)
        add_service(m, service->bases[i].service);
}

kmsg_err kmi_outline_form(const kmsg_service *service, kmsg_arena *mem, kmsg_outline_Form *ret)
{
    maker             m = {.mem = mem};
    kmsg_outline_Form form = {.is_named = true};

    add_service(&m, service);
    for (uint32_t i = 0; i < m.records.count && !m.failed; i++)
        fill_record(&m, i);
    if (m.failed)
        return KMSG_ENOMEM;
    form.services.items = m.services.items;
    form.services.count = m.services.count;
    form.records.items = m.records.items;
    form.records.count = m.records.count;
    form.types.items = m.types.items;
    form.types.count = m.types.count;
    form.enums.items = m.enums.items;
    form.enums.count = m.enums.count;
    *ret = form;
    return KMSG_OK;
}
