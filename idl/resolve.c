/* resolve.c -- from trees to a model: what each declaration is, and the numbers of its parts.
 *
 * Declarations are resolved when they are first asked for, so their order in the text does not
 * matter; one that asks for itself on the way is a cycle. What is wrong is said, and something
 * harmless put in its place, so that one mistake gives one message.
 */
#include "idl/resolve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX    16383
#define ASK_DEPTH_MAX 64 /* aliases of aliases, constants of constants */

static void resolve_decl(maker *mk, sym *s);

static const char *qualified(maker *mk, const mod *m, const char *name)
{
    return m->m.name[0] == '\0' ? name : idl_text(mk->sources, "%s.%s", m->m.name, name);
}

/* The C name of a declaration. */
static const char *c_name(maker *mk, const mod *m, const char *name)
{
    const char *c = idl_text(mk->sources, "%s%s", m->m.prefix, name);

    return idl_is_c_word(c) || (!m->m.shipped && idl_is_kmsg_word(c))
               ? idl_text(mk->sources, "%s_", c)
               : c;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const idl_field *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

typedef struct numbers {
    struct taken {
        uint32_t    number;
        const char *name; /* NULL: reserved */
        idl_span    span;
    } * items;
    size_t count;
} numbers;

static int by_taken(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->span.begin < y->span.begin ? -1 : x->span.begin > y->span.begin;
}

static void judge_numbers(maker *mk, numbers *n)
{
    qsort(n->items, n->count, sizeof *n->items, by_taken);
    for (size_t i = 1; i < n->count; i++) {
        const struct taken *a = &n->items[i - 1], *b = &n->items[i];
        if (a->number != b->number)
            continue;
        if (a->name == NULL || b->name == NULL)
            idl_error(mk->sources, b->span, "number-reserved", "number %u is reserved", b->number);
        else
            idl_error(mk->sources, b->span, "duplicate-number", "number %u is taken by '%s'",
                      b->number, a->name);
        idl_note(mk->sources, a->span, "it is used here");
    }
}

static bool good_number(maker *mk, const ast_field *a, uint64_t number)
{
    if (number >= 1 && number <= NUMBER_MAX)
        return true;
    idl_error(mk->sources, a->number_span, "number-range", "numbers of fields go from 1 to %d",
              NUMBER_MAX);
    return false;
}

/* A declaration of this module with this C name. In C++ a member must not have the name of a type
 * that its class uses. */
static bool is_declared(maker *mk, const mod *m, const char *c)
{
    size_t      size = strlen(c);
    const char *bare =
        size > 0 && c[size - 1] == '_' ? idl_text(mk->sources, "%.*s", (int)size - 1, c) : c;

    return (idl_names_find(&m->names, c) != NULL && strcmp(c_name(mk, m, c), c) == 0) ||
           (idl_names_find(&m->names, bare) != NULL && strcmp(c_name(mk, m, bare), c) == 0);
}

void idl_resolve_field(maker *mk, mod *m, const ast_field *a, bool is_param, idl_field *f)
{
    f->name = a->reserved ? NULL : a->name.text;
    f->doc = a->reserved ? "" : a->name.doc;
    f->span = a->name.span;
    f->type = idl_resolve_type(mk, m, a->type);
    if (a->reserved)
        return;
    f->c_name = idl_is_c_word(f->name) ? idl_text(mk->sources, "%s_", f->name) : f->name;
    if (is_declared(mk, m, f->c_name) || (is_param && idl_is_call_word(f->c_name)))
        f->c_name = idl_text(mk->sources, "%s_", f->c_name);
    if (a->value != NULL && f->type->optional)
        idl_error(mk->sources, a->value->span, "default-type",
                  "an optional field has no other default than absent");
    else if (a->value != NULL)
        f->initial = idl_resolve_value(mk, m, a->value, f->type, "default-type");
    if (!idl_value_within(&f->initial, f->type->limits))
        idl_error(mk->sources, a->value->span, "default-limits", "not within the limits of %s",
                  f->type->text);
}

static void judge_field_name(maker *mk, idl_names *names, const ast_field *a)
{
    const char *n = a->name.text;

    if (a->name.size > 255)
        idl_error(mk->sources, a->name.span, "name-length",
                  "a name of %zu bytes; at most 255 may be", a->name.size);
    if (n[0] == '_' || n[a->name.size - 1] == '_' || strstr(n, "__") != NULL)
        idl_error(
            mk->sources, a->name.span, "name-form",
            "'%s': '_' at the begin or end of a name, and '__' in it, are kept for generated code",
            n);
    if (!idl_names_add(mk->sources, names, n, (void *)(uintptr_t)a)) {
        const ast_field *first = idl_names_find(names, n);
        idl_error(mk->sources, a->name.span, "duplicate-name", "'%s' is there twice", n);
        idl_note(mk->sources, first->name.span, "the first one is here");
    }
}

/* A union's member is the one that is there: it has no default, and is not absent. */
static void judge_member(maker *mk, const ast_field *a)
{
    if (a->value != NULL)
        idl_error(mk->sources, a->value->span, "union-member", "a union's member has no default");
    if (a->type != NULL && a->type->optional && !a->reserved)
        idl_error(mk->sources, a->type->span, "union-member",
                  "the member that is chosen is there: leave out the '?'");
}

/* They are in order. */
static void keep_reserved(maker *mk, const numbers *n, idl_record *record)
{
    uint32_t *reserved = idl_alloc(mk->sources, (n->count + 1) * sizeof *reserved);

    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].name == NULL)
            reserved[record->reserved_count++] = n->items[i].number;
    record->reserved = reserved;
}

void idl_resolve_fields(maker *mk, mod *m, const ast_field *list, idl_record *record)
{
    idl_names  names = {0};
    numbers    taken = {0};
    idl_field *fields;
    uint64_t   last = 0;
    size_t     count = 0, kept = 0;

    for (const ast_field *a = list; a != NULL; a = a->next)
        count++;
    fields = idl_alloc(mk->sources, (count + 1) * sizeof *fields);
    taken.items = idl_alloc(mk->sources, (count + 1) * sizeof *taken.items);
    for (const ast_field *a = list; a != NULL; a = a->next) {
        uint64_t number = a->has_number ? a->number : last + 1;
        if (!a->reserved)
            judge_field_name(mk, &names, a);
        if (a->stream) /* not a part of the arguments */
            continue;
        if (!good_number(mk, a, number))
            continue;
        if (!a->reserved)
            last = number;
        taken.items[taken.count++] =
            (struct taken){(uint32_t)number, a->reserved ? NULL : a->name.text, a->number_span};
        if (record->role == IDL_IS_UNION)
            judge_member(mk, a);
        if (a->type == NULL || (record->role == IDL_IS_UNION && a->reserved))
            continue;
        fields[kept].number = (uint32_t)number;
        idl_resolve_field(mk, m, a, record->role == IDL_IS_ARGS, &fields[kept]);
        if (record->role == IDL_IS_UNION && idl_is_union_word(fields[kept].c_name))
            fields[kept].c_name = idl_text(mk->sources, "%s_", fields[kept].c_name);
        kept++;
    }
    judge_numbers(mk, &taken);
    keep_reserved(mk, &taken, record);
    qsort(fields, kept, sizeof *fields, by_number);
    record->fields = fields;
    record->field_count = kept;
}

void idl_keep_record(maker *mk, idl_record *record)
{
    if (mk->record_count == mk->record_capacity) {
        size_t       room = mk->record_capacity == 0 ? 256 : 2 * mk->record_capacity;
        idl_record **more = idl_alloc(mk->sources, room * sizeof(idl_record *));
        if (mk->record_count != 0)
            memcpy(more, mk->records, mk->record_count * sizeof *more);
        mk->records = more;
        mk->record_capacity = room;
    }
    mk->records[mk->record_count++] = record;
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void resolve_enum(maker *mk, sym *s)
{
    idl_enum       *e = s->of.enumeration;
    idl_names       names = {0};
    idl_enum_value *values;
    int64_t         next = 0;
    size_t          n = 0;

    for (ast_word *w = s->ast->values; w != NULL; w = w->next)
        n++;
    if (n == 0)
        idl_error(mk->sources, s->ast->name.span, "enum-empty", "enum '%s' has no members",
                  e->name);
    values = idl_alloc(mk->sources, (n + 1) * sizeof *values);
    n = 0;
    for (ast_word *w = s->ast->values; w != NULL; w = w->next) {
        if (w->value != NULL) {
            const idl_type i64 = {.kind = IDL_I64, .text = "i32"};
            idl_value      v = idl_resolve_value(mk, s->home, w->value, &i64, "enum-range");
            next = v.negative ? -(int64_t)v.magnitude : (int64_t)v.magnitude;
        }
        if (next < INT32_MIN || next > INT32_MAX) {
            idl_error(mk->sources, w->value == NULL ? w->name.span : w->value->span, "enum-range",
                      "numbers of an enum are 32 bits: %" PRId64 " is none", next);
            next = n == 0 ? 0 : (int64_t)values[n - 1].number + 1;
        }
        if (!idl_names_add(mk->sources, &names, w->name.text, w))
            idl_error(mk->sources, w->name.span, "duplicate-enum-value", "'%s' is there twice",
                      w->name.text);
        for (size_t i = 0; i < n && n < 4096; i++)
            if (values[i].number == (int32_t)next) {
                idl_error(mk->sources, w->name.span, "duplicate-enum-value",
                          "'%s' and '%s' have the same number, %" PRId64, values[i].name,
                          w->name.text, next);
                break;
            }
        values[n++] =
            (idl_enum_value){.name = w->name.text,
                             .c_name = idl_text(mk->sources, "%s_%s", e->c_name, w->name.text),
                             .doc = w->name.doc,
                             .number = (int32_t)next,
                             .span = w->name.span};
        next++;
    }
    e->values = values;
    e->value_count = n;
}

void idl_resolve_sym(maker *mk, sym *s)
{
    if (s->state != SYM_NEW)
        return;
    s->state = SYM_BUSY;
    if (++mk->depth > ASK_DEPTH_MAX)
        idl_error(mk->sources, s->ast->name.span, "depth",
                  "aliases, constants or services are nested more than %d deep", ASK_DEPTH_MAX);
    resolve_decl(mk, s);
    mk->depth--;
    s->state = SYM_DONE;
}

/* They are done when those that they are made of are. */
static void add_alias(idl_module *m, const idl_alias *alias)
{
    ((const idl_alias **)(uintptr_t)m->aliases)[m->alias_count++] = alias;
}

static void add_service(idl_module *m, const idl_service *service)
{
    ((const idl_service **)(uintptr_t)m->services)[m->service_count++] = service;
}

static void resolve_decl(maker *mk, sym *s)
{
    idl_resolve_marks(mk, s);
    switch (s->ast->kind) {
    case AST_CONST:
        s->of.constant->type = idl_resolve_type(mk, s->home, s->ast->type);
        if (mk->depth > ASK_DEPTH_MAX)
            break;
        if (s->of.constant->type->optional || s->of.constant->type->kind == IDL_UUID ||
            s->of.constant->type->kind >= IDL_BYTES)
            idl_error(mk->sources, s->ast->type->span, "const-type",
                      "a constant is a bool, a number, an enum or a string");
        else
            s->of.constant->value =
                idl_resolve_value(mk, s->home, s->ast->value, s->of.constant->type, "const-type");
        break;
    case AST_ALIAS:
        s->of.alias->type = mk->depth > ASK_DEPTH_MAX ? idl_broken_type(mk, s->ast->type->span)
                                                      : idl_resolve_type(mk, s->home, s->ast->type);
        add_alias(&s->home->m, s->of.alias);
        if (s->of.alias->type->optional)
            idl_error(mk->sources, s->ast->type->span, "optional-alias",
                      "an alias stands for a type that is there; write the '?' where it is used");
        break;
    case AST_ENUM: resolve_enum(mk, s); break;
    case AST_SERVICE:
        if (mk->depth <= ASK_DEPTH_MAX)
            idl_resolve_service(mk, s);
        add_service(&s->home->m, s->of.service);
        break;
    case AST_TOPIC: idl_resolve_topic(mk, s); break;
    case AST_MACHINE: idl_resolve_machine(mk, s); break;
    default:
        idl_resolve_fields(mk, s->home, s->ast->fields, s->of.record);
        idl_keep_record(mk, s->of.record);
        break;
    }
}

/* Names first, so that everything can be pointed at before it is known. */
static void make_object(maker *mk, sym *s, idl_decl *d)
{
    const char *name = s->ast->name.text, *c = c_name(mk, s->home, name);
    const char *q = qualified(mk, s->home, name), *doc = s->ast->doc;
    idl_span    span = s->ast->name.span;

#define NEW(member, type)                                                                          \
    s->of.member = idl_alloc(mk->sources, sizeof(type));                                           \
    *s->of.member = (type)                                                                         \
    {                                                                                              \
        .name = name, .c_name = c, .qualified = q, .doc = doc, .module = &s->home->m, .span = span \
    }
    switch (s->ast->kind) {
    case AST_CONST:
        NEW(constant, idl_const);
        d->kind = IDL_DECL_CONST;
        d->of.constant = s->of.constant;
        break;
    case AST_ALIAS:
        NEW(alias, idl_alias);
        d->kind = IDL_DECL_ALIAS;
        d->of.alias = s->of.alias;
        break;
    case AST_ENUM:
        NEW(enumeration, idl_enum);
        s->of.enumeration->closed = s->ast->closed;
        d->kind = IDL_DECL_ENUM;
        d->of.enumeration = s->of.enumeration;
        break;
    case AST_SERVICE:
        NEW(service, idl_service);
        d->kind = IDL_DECL_SERVICE;
        d->of.service = s->of.service;
        break;
    case AST_TOPIC:
        NEW(topic, idl_topic);
        d->kind = IDL_DECL_TOPIC;
        d->of.topic = s->of.topic;
        break;
    case AST_MACHINE:
        NEW(machine, idl_machine);
        d->kind = IDL_DECL_MACHINE;
        d->of.machine = s->of.machine;
        break;
    default:
        NEW(record, idl_record);
        s->of.record->role = s->ast->kind == AST_ERROR   ? IDL_IS_ERROR
                             : s->ast->kind == AST_FIXED ? IDL_IS_FIXED
                             : s->ast->kind == AST_UNION ? IDL_IS_UNION
                                                         : IDL_IS_RECORD;
        d->kind = IDL_DECL_RECORD;
        d->of.record = s->of.record;
        break;
    }
#undef NEW
}

void idl_resolve(maker *mk)
{
    for (mod *m = mk->first; m != NULL; m = m->next) {
        idl_decl          *decls = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof *decls);
        const idl_module **imports =
            idl_alloc(mk->sources, (m->m.import_count + 1) * sizeof(idl_module *));
        for (size_t i = 0; i < m->sym_count; i++)
            make_object(mk, &m->syms[i], &decls[i]);
        m->m.aliases = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof(idl_alias *));
        m->m.services = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof(idl_service *));
        for (size_t i = 0; i < m->m.import_count; i++)
            imports[i] = &m->imports[i]->m;
        m->m.decls = decls;
        m->m.decl_count = m->sym_count;
        m->m.imports = imports;
    }
    /* enums before what their members may be the default of */
    for (mod *m = mk->first; m != NULL; m = m->next)
        for (size_t i = 0; i < m->sym_count; i++)
            if (m->syms[i].ast->kind == AST_ENUM)
                idl_resolve_sym(mk, &m->syms[i]);
    for (mod *m = mk->first; m != NULL; m = m->next)
        for (size_t i = 0; i < m->sym_count; i++)
            idl_resolve_sym(mk, &m->syms[i]);
}
