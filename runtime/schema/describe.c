/* describe.c -- see describe.h.
 *
 * First every record gets its size, those first that others contain; then its fields, whose types
 * may lead to any record. A type that an alias names is described once.
 */
#include "schema/describe.h"

#include <string.h>

typedef struct kmi_enum_types {
    kmsg_enum enum_;
    kmsg_type type, list;
} kmi_enum_types;

static const struct {
    const kmsg_type *type, *list;
} builtin[IDL_ANY + 1] = {
#define BUILTIN(kind, word) [IDL_##kind] = {&kmsg_type_##word, &kmsg_type_list_##word}
    BUILTIN(BOOL, bool),         BUILTIN(I8, i8),
    BUILTIN(I16, i16),           BUILTIN(I32, i32),
    BUILTIN(I64, i64),           BUILTIN(U8, u8),
    BUILTIN(U16, u16),           BUILTIN(U32, u32),
    BUILTIN(U64, u64),           BUILTIN(F32, f32),
    BUILTIN(F64, f64),           BUILTIN(RUNE, rune),
    BUILTIN(UUID, uuid),         BUILTIN(TIMESTAMP, timestamp),
    BUILTIN(DURATION, duration), BUILTIN(STRING, string),
    BUILTIN(BYTES, bytes),       BUILTIN(ADDRESS, address),
    BUILTIN(ANY, any),
#undef BUILTIN
};

static kmsg_type list_of(const char *name, kmsg_kind kind)
{
    return (kmsg_type){.name = name,
                       .kind = kind,
                       .size = sizeof(kmsg_list_bool),
                       .align = _Alignof(kmsg_list_bool)};
}

/* ---- enums ----------------------------------------------------------------------------------- */

static const kmi_enum_types *enum_types(kmi_describer *d, const idl_enum *e)
{
    kmi_enum_types  *t = idl_names_find(&d->enums, e->qualified);
    kmsg_enum_value *values;

    if (t != NULL)
        return t;
    t = idl_alloc(d->sources, sizeof *t);
    values = idl_alloc(d->sources, (e->value_count + 1) * sizeof *values);
    for (size_t i = 0; i < e->value_count; i++)
        values[i] = (kmsg_enum_value){e->values[i].name, e->values[i].number};
    t->enum_ = (kmsg_enum){e->qualified, values, (uint32_t)e->value_count, e->closed};
    t->type = (kmsg_type){.name = e->qualified,
                          .kind = KMSG_KIND_ENUM,
                          .size = sizeof(int32_t),
                          .align = _Alignof(int32_t),
                          .enum_ = &t->enum_};
    t->list = list_of(idl_text(d->sources, "list<%s>", e->qualified), KMSG_KIND_ARRAY);
    t->list.item = &t->type;
    idl_names_add(d->sources, &d->enums, e->qualified, t);
    return t;
}

/* ---- limits ---------------------------------------------------------------------------------- */

static const kmsg_pattern *describe_pattern(kmi_describer *d, const idl_pattern *p)
{
    kmsg_pattern *ret;

    if (p == NULL)
        return NULL;
    ret = idl_alloc(d->sources, sizeof *ret);
    *ret = (kmsg_pattern){.text = p->text,
                          .classes = p->classes,
                          .next = p->next,
                          .accepts = p->accepts,
                          .class_count = p->class_count};
    return ret;
}

static const kmsg_limits *describe_limits(kmi_describer *d, const idl_type *type)
{
    const idl_limits *l = type->limits;
    const idl_value  *low = &l->low, *high = &l->high;
    kmsg_limits      *ret = idl_alloc(d->sources, sizeof *ret);

    ret->has_low = low->kind != IDL_VALUE_NONE;
    ret->has_high = high->kind != IDL_VALUE_NONE;
    if (type->kind == IDL_F32 || type->kind == IDL_F64) {
        ret->low.f = kmi_double_of(low);
        ret->high.f = kmi_double_of(high);
    } else { /* i and u are the same bits */
        ret->low.u = low->negative ? 0 - low->magnitude : low->magnitude;
        ret->high.u = high->negative ? 0 - high->magnitude : high->magnitude;
    }
    ret->pattern = describe_pattern(d, l->pattern);
    return ret;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint32_t shape_word(const idl_record *r)
{
    uint32_t log2 = 0;

    while (1u << log2 < r->align)
        log2++;
    return KMSG_SHAPE(r->block, r->slots, log2);
}

static const char *own_name(const idl_type *type, const char *place)
{
    return type->alias != NULL ? type->alias->c_name : place;
}

static kmsg_field part(const idl_field *f, const kmsg_type *type)
{
    return (kmsg_field){
        .name = "", .type = type, .number = f->number, .place = f->in_block ? f->offset : f->slot};
}

/* What a row of a list holds: one value. */
static const kmsg_layout *value_row(kmi_describer *d, const idl_type *item, const kmsg_type *type,
                                    const char *name)
{
    kmsg_layout *row = idl_alloc(d->sources, sizeof *row);
    kmsg_field  *field = idl_alloc(d->sources, sizeof *field);
    idl_field    f = {.name = "value", .number = 1, .type = item};
    idl_record   r = {0};

    idl_lay_out(&f, 1, false, &r);
    *field = part(&f, type);
    *row = (kmsg_layout){.name = name,
                         .id = kmsg_id(name),
                         .fields = field,
                         .count = 1,
                         .size = type->size,
                         .shape = shape_word(&r),
                         .has_refs = idl_has_refs(item),
                         .has_addresses = idl_has_addresses(item)};
    return row;
}

static const kmsg_layout *entry_row(kmi_describer *d, const idl_type *map, const char *own)
{
    kmsg_layout     *row = idl_alloc(d->sources, sizeof *row);
    kmsg_field      *fields = idl_alloc(d->sources, 2 * sizeof *fields);
    const idl_type  *types[2] = {map->key, map->value};
    const kmsg_type *described[2] = {
        kmi_describe_type(d, map->key, idl_text(d->sources, "%s_key", own)),
        kmi_describe_type(d, map->value, idl_text(d->sources, "%s_value", own))};
    idl_field  f[2] = {{.name = "key", .number = 1, .type = map->key},
                       {.name = "value", .number = 2, .type = map->value}};
    idl_record r = {0};
    kmi_struct all = {0};

    idl_lay_out(f, 2, false, &r);
    for (size_t i = 0; i < 2; i++) {
        if (r.slots == 0) /* the struct is the block */
            all.size = f[i].offset;
        fields[i] = part(&f[i], described[i]);
        fields[i].offset = kmi_member_add(d, &all, types[i]);
    }
    all.align = r.slots == 0 && r.align > all.align ? r.align : all.align;
    *row = (kmsg_layout){.name = own,
                         .id = kmsg_id(own),
                         .fields = fields,
                         .count = 2,
                         .size = kmi_struct_end(&all),
                         .shape = shape_word(&r),
                         .has_refs = idl_has_refs(map),
                         .has_addresses = idl_has_addresses(map)};
    return row;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* Types that need no descriptor of their own place. */
static const kmsg_type *plain_type(kmi_describer *d, const idl_type *type)
{
    bool            is_list = type->kind == IDL_LIST;
    const idl_type *of = is_list ? type->item : type;

    if (of->kind == IDL_ENUM) {
        const kmi_enum_types *e = enum_types(d, of->enum_);
        return is_list ? &e->list : &e->type;
    }
    if (of->record != NULL) {
        const kmi_shape *shape = &d->shapes[of->record->index];
        return is_list ? &shape->list : &shape->type;
    }
    return is_list ? builtin[of->kind].list : builtin[of->kind].type;
}

static kmsg_kind own_kind(const idl_type *type)
{
    switch (type->kind) {
    case IDL_MAP: return KMSG_KIND_MAP;
    case IDL_REF: return KMSG_KIND_REF;
    case IDL_ARRAY: return idl_in_block(type) ? KMSG_KIND_VECTOR : KMSG_KIND_TABLE;
    case IDL_LIST:
    case IDL_SET: return idl_in_block(type->item) ? KMSG_KIND_ARRAY : KMSG_KIND_ROWS;
    default: return builtin[type->kind].type->kind; /* with limits */
    }
}

static const kmsg_layout *layout_of_rows(kmi_describer *d, const idl_type *type,
                                         const kmsg_type *item, const char *own)
{
    if (type->item->kind == IDL_RECORD)
        return &d->shapes[type->item->record->index].layout;
    if (type->item->kind == IDL_LIST || idl_has_descriptor(type->item))
        return value_row(d, type->item, item, own);
    if (type->item->kind == IDL_UNION)
        return d->shapes[type->item->record->index].list.layout;
    return builtin[type->item->kind].list->layout;
}

/* What lists, sets and arrays have beyond their kind. */
static void describe_items(kmi_describer *d, const idl_type *type, const char *own, kmsg_type *ret)
{
    const kmsg_type *item = kmi_describe_type(d, type->item, idl_text(d->sources, "%s_item", own));

    if (type->item->kind != IDL_RECORD || idl_in_block(type->item))
        ret->item = item;
    if (ret->kind == KMSG_KIND_ROWS || ret->kind == KMSG_KIND_TABLE)
        ret->layout = layout_of_rows(d, type, item, own);
    ret->count = type->count;
    ret->is_set = type->kind == IDL_SET;
}

/* As the schema writes it, without the '?' that belongs to the field. */
static const char *type_name(kmi_describer *d, const idl_type *type)
{
    size_t size = strlen(type->text);

    if (type->optional && size > 0 && type->text[size - 1] == '?')
        size--;
    return idl_text(d->sources, "%.*s", (int)size, type->text);
}

static const kmsg_type *own_type(kmi_describer *d, const idl_type *type, const char *place)
{
    kmsg_type  *t = idl_alloc(d->sources, sizeof *t);
    const char *own = own_name(type, place);

    t->name = type_name(d, type);
    t->kind = own_kind(type);
    t->size = kmi_c_size(d, type);
    t->align = kmi_c_align(d, type);
    if (type->kind == IDL_MAP)
        t->layout = entry_row(d, type, own);
    else if (type->kind == IDL_REF)
        t->layout = &d->shapes[type->record->index].layout;
    else if (type->item != NULL)
        describe_items(d, type, own, t);
    if (type->limits != NULL)
        t->limits = describe_limits(d, type);
    return t;
}

const kmsg_type *kmi_describe_type(kmi_describer *d, const idl_type *type, const char *place)
{
    const idl_alias *alias = type->alias;
    const kmsg_type *t;

    if (!idl_has_descriptor(type))
        return plain_type(d, type);
    if (alias == NULL || alias->type->limits != type->limits)
        return own_type(d, type, place);
    t = idl_names_find(&d->aliases, alias->qualified);
    if (t != NULL)
        return t;
    t = own_type(d, alias->type, alias->c_name);
    idl_names_add(d->sources, &d->aliases, alias->qualified, (void *)(uintptr_t)t);
    return t;
}

/* ---- records --------------------------------------------------------------------------------- */

/* In C the value itself, and no struct with a member. */
static bool is_bare_result(const idl_record *r)
{
    return r->role == IDL_IS_RESULT && r->field_count > 0 &&
           !(r->fields[0].in_block && r->fields[0].type->optional);
}

static const char *field_place(kmi_describer *d, const idl_record *r, const idl_field *f)
{
    if (is_bare_result(r))
        return r->c_name;
    return idl_text(d->sources, "%s_%s", r->c_name, f->name == NULL ? "" : f->name);
}

/* Of a tail that nobody reads it counts only how nothing is written: a record of all defaults, or
 * no bytes, or absent. */
static const kmsg_type *field_type(kmi_describer *d, const idl_record *r, const idl_field *f)
{
    if (f->name == NULL && !f->in_block && f->type->kind != IDL_RECORD)
        return &kmsg_type_bytes;
    return kmi_describe_type(d, f->type, field_place(d, r, f));
}

/* Size, shape and places; the types of fields come later. */
static void begin_record(kmi_describer *d, const idl_record *r)
{
    kmi_shape  *shape = &d->shapes[r->index];
    bool        is_union = r->role == IDL_IS_UNION;
    kmsg_field *fields = idl_alloc(d->sources, (r->field_count + 2) * sizeof *fields);

    shape->record = r;
    kmi_size_record(d, shape, fields);
    shape->layout.name = r->qualified;
    shape->layout.id = kmsg_id(r->qualified);
    shape->layout.fields = fields;
    shape->layout.count = (uint32_t)r->field_count + is_union;
    shape->layout.shape = is_union ? 0 : shape_word(r);
    shape->layout.recursive = r->recursive;
    shape->layout.has_refs = r->has_refs;
    shape->layout.has_addresses = r->has_addresses;
    for (size_t i = 0; i < r->field_count && !is_union; i++)
        shape->has_initial = shape->has_initial || kmi_has_initial(d, &r->fields[i]);
}

static void describe_own_types(kmi_describer *d, kmi_shape *shape)
{
    const idl_record *r = shape->record;
    bool              fixed = r->role == IDL_IS_FIXED, is_union = r->role == IDL_IS_UNION;
    idl_type          item = {.kind = IDL_UNION, .record = r, .text = r->qualified};

    shape->type = (kmsg_type){.name = r->qualified,
                              .kind = fixed      ? KMSG_KIND_FIXED
                                      : is_union ? KMSG_KIND_UNION
                                                 : KMSG_KIND_RECORD,
                              .size = shape->layout.size,
                              .align = shape->align,
                              .layout = &shape->layout};
    shape->list = list_of(idl_text(d->sources, "list<%s>", r->qualified),
                          fixed ? KMSG_KIND_ARRAY : KMSG_KIND_ROWS);
    if (fixed || is_union)
        shape->list.item = &shape->type;
    if (is_union)
        shape->list.layout =
            value_row(d, &item, &shape->type, idl_text(d->sources, "%s_list", r->c_name));
    else if (!fixed)
        shape->list.layout = &shape->layout;
}

static void describe_fields(kmi_describer *d, kmi_shape *shape)
{
    const idl_record *r = shape->record;
    bool              is_union = r->role == IDL_IS_UNION;
    kmsg_field       *fields = (kmsg_field *)(uintptr_t)shape->layout.fields;

    if (is_union) {
        fields->name = "unknown";
        fields->type = &kmsg_type_bytes;
        fields++;
    }
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_field *f = &r->fields[i];
        fields[i].name = is_bare_result(r) ? "" : f->name;
        fields[i].type = field_type(d, r, f);
        fields[i].number = f->number;
        fields[i].place = is_union ? 0 : f->in_block ? f->offset : f->slot;
        fields[i].optional =
            f->type->optional || (f->name == NULL && f->type->kind == IDL_REF); /* written absent */
    }
}

static void describe_initial(kmi_describer *d, kmi_shape *shape)
{
    const idl_record *r = shape->record;
    kmsg_field       *fields = (kmsg_field *)(uintptr_t)shape->layout.fields;
    uint8_t          *initial;

    if (!shape->has_initial)
        return;
    initial = idl_alloc(d->sources, shape->layout.size);
    kmi_fill_initial(d, shape, initial);
    shape->initial = initial;
    for (size_t i = 0; i < r->field_count; i++) /* records with tails bring their own */
        if (kmi_has_initial(d, &r->fields[i]) &&
            (r->fields[i].initial.kind != IDL_VALUE_NONE || r->fields[i].in_block))
            fields[i].initial = initial + fields[i].offset;
}

/* ---- models ---------------------------------------------------------------------------------- */

typedef void record_visit(kmi_describer *d, const idl_record *r);

static void each_of_service(kmi_describer *d, const idl_service *s, record_visit *visit)
{
    for (size_t i = 0; i < s->method_count; i++) {
        const idl_record *result = s->methods[i].result, *item = s->methods[i].item;
        visit(d, s->methods[i].args);
        if (result != NULL && result->role == IDL_IS_RESULT)
            visit(d, result);
        if (item != NULL && item->role == IDL_IS_RESULT)
            visit(d, item);
    }
}

static void each_of_topic(kmi_describer *d, const idl_topic *t, record_visit *visit)
{
    visit(d, t->key);
    visit(d, t->filter);
    if (t->value->role == IDL_IS_RESULT)
        visit(d, t->value);
}

/* Every record once, behind those that it contains by value. */
static void each_record(kmi_describer *d, const idl_model *model, record_visit *visit)
{
    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->record_count; i++)
            visit(d, model->modules[m]->records[i]);
    for (size_t m = 0; m < model->module_count; m++)
        for (size_t i = 0; i < model->modules[m]->decl_count; i++) {
            const idl_decl *decl = &model->modules[m]->decls[i];
            if (decl->kind == IDL_DECL_SERVICE)
                each_of_service(d, decl->of.service, visit);
            else if (decl->kind == IDL_DECL_TOPIC)
                each_of_topic(d, decl->of.topic, visit);
        }
}

static void count_record(kmi_describer *d, const idl_record *r)
{
    d->count = r->index >= d->count ? r->index + (size_t)1 : d->count;
}

static bool all_fit(const kmi_describer *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->shapes[i].layout.size >= KMI_C_SIZE_MAX)
            return false;
    return true;
}

/* Addresses are given before anything is described: records lead to one another. */
static void each_shape(kmi_describer *d, void (*visit)(kmi_describer *d, kmi_shape *shape))
{
    for (size_t i = 0; i < d->count; i++)
        if (d->shapes[i].record != NULL)
            visit(d, &d->shapes[i]);
}

bool kmi_describe(kmi_describer *d, const idl_model *model)
{
    each_record(d, model, count_record);
    d->shapes = idl_alloc(d->sources, (d->count + 1) * sizeof *d->shapes);
    each_record(d, model, begin_record);
    if (!all_fit(d))
        return false;
    each_shape(d, describe_own_types);
    each_shape(d, describe_fields);
    each_shape(d, describe_initial);
    return true;
}
