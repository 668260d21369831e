/* check.c -- a table of named checks over the finished model. To add one is to add a row.
 *
 * What cannot even be resolved (unknown names, numbers taken twice, cycles) is said where it is
 * found, in load.c, resolve.c and place.c; here stands what is well-formed but may not be.
 */
#include "idl/resolve.h"

#include <string.h>

typedef struct check {
    const char *name;
    bool        clean; /* only where nothing is wrong yet: it would say the same in other words */
    void (*type)(maker *mk, const char *name, const idl_type *type, bool inside);
    void (*record)(maker *mk, const char *name, const idl_record *record);
    void (*module)(maker *mk, const char *name, mod *m);
} check;

/* ---- types: `inside` a list, set, array or map ----------------------------------------------- */

/* Values of it have an order, and are equal or not beyond doubt. */
static bool is_hashable(const idl_type *t)
{
    if (t->optional)
        return false;
    switch (t->kind) {
    case IDL_F32:
    case IDL_F64: return false;
    case IDL_ARRAY: return idl_in_block(t) && is_hashable(t->item);
    case IDL_RECORD:
        if (t->record->role != IDL_IS_FIXED)
            return false;
        for (size_t i = 0; i < t->record->field_count; i++)
            if (t->record->fields[i].name != NULL && !is_hashable(t->record->fields[i].type))
                return false;
        return true;
    default: return t->kind <= IDL_ADDRESS;
    }
}

static void map_key(maker *mk, const char *name, const idl_type *type, bool inside)
{
    const idl_type *key = type->kind == IDL_MAP ? type->key : type->item;

    (void)inside;
    if ((type->kind == IDL_MAP || type->kind == IDL_SET) && !is_hashable(key))
        idl_error(
            mk->sources, key->span, name,
            "%s cannot be %s; bool, integers, enums, rune, uuid, times, strings and bytes can, "
            "and arrays and fixed records of them",
            key->text, type->kind == IDL_MAP ? "a key" : "in a set");
}

static void optional_item(maker *mk, const char *name, const idl_type *type, bool inside)
{
    if (inside && type->optional)
        idl_error(mk->sources, type->span, name,
                  "items and values cannot be optional; put %s into a record and list that",
                  type->text);
}

/* Where a record is the row itself, it must have a size. */
static void item_size(maker *mk, const char *name, const idl_type *type, bool inside)
{
    const idl_type *item = type->item;

    (void)inside;
    if ((type->kind == IDL_LIST || type->kind == IDL_ARRAY) && item->kind == IDL_RECORD &&
        item->record->block == 0 && item->record->slots == 0 && item->record->role != IDL_IS_FIXED)
        idl_error(
            mk->sources, item->span, name,
            "'%s' has no fields: a list of it would have no size; give it one, or send a count",
            item->record->name);
}

/* The rest of a C compiler's address space is for others. */
static void array_memory(maker *mk, const char *name, const idl_type *type, bool inside)
{
    (void)inside;
    if (type->kind == IDL_ARRAY && idl_memory_size(type) > IDL_MEMORY_MAX)
        idl_error(mk->sources, type->span, name, "%s takes more than 4 MiB in C; take a list",
                  type->text);
}

/* ---- records --------------------------------------------------------------------------------- */

static void fixed_member(maker *mk, const char *name, const idl_record *record)
{
    if (record->role != IDL_IS_FIXED)
        return;
    if (record->field_count == 0)
        idl_error(mk->sources, record->span, "fixed-empty",
                  "a fixed record needs at least one field");
    for (size_t i = 0; i < record->field_count; i++) {
        const idl_field *f = &record->fields[i];
        if (!idl_in_block(f->type) || f->type->optional)
            idl_error(
                mk->sources, f->span, name,
                "a fixed record holds only scalars, enums, fixed records and arrays of them that "
                "are always there: %s is not",
                f->type->text);
    }
}

/* The flag beside an optional scalar is a member too. */
static void has_flag(maker *mk, const char *name, const idl_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const idl_field *f = &record->fields[i];
        if (f->name == NULL || !f->in_block || !f->type->optional)
            continue;
        for (size_t k = 0; k < record->field_count; k++) {
            const idl_field *other = &record->fields[k];
            if (other->name != NULL && strncmp(other->name, "has_", 4) == 0 &&
                strcmp(other->name + 4, f->name) == 0)
                idl_error(mk->sources, other->span, name,
                          "'%s' is what C will call the flag beside '%s'", other->name, f->name);
        }
    }
}

static void union_empty(maker *mk, const char *name, const idl_record *record)
{
    if (record->role == IDL_IS_UNION && record->field_count == 0)
        idl_error(mk->sources, record->span, name, "union '%s' has no members", record->name);
}

/* ---- modules --------------------------------------------------------------------------------- */

static void unused_import(maker *mk, const char *name, mod *m)
{
    const ast_word *w = m->tree->imports;

    for (size_t i = 0; i < m->m.import_count; i++, w = w->next) {
        while (strcmp(w->name.text, m->m.import_files[i]) != 0)
            w = w->next;
        if (!m->used[i])
            idl_warning(mk->sources, w->name.span, name, "nothing of '%s' is used", w->name.text);
    }
}

/* Constants become macros, which respect nobody's names. */
static void const_name(maker *mk, const char *name, mod *m)
{
    for (size_t i = 0; i < m->m.decl_count; i++) {
        const idl_const *c = m->m.decls[i].of.constant;
        if (m->m.decls[i].kind == IDL_DECL_CONST &&
            c->name[strspn(c->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] != '\0')
            idl_error(mk->sources, c->span, name,
                      "write constants in capitals: '%s' becomes a macro in C", c->name);
    }
}

typedef struct owner {
    const char *name; /* in the schema */
    idl_span    span;
} owner;

static void clash(maker *mk, const char *name, const char *c, const owner *a, const owner *b)
{
    idl_error(mk->sources, b->span, name, "'%s' and '%s' would both make the C name %s", a->name,
              b->name, c);
    idl_note(mk->sources, a->span, "'%s' is here", a->name);
}

/* False after saying that it is taken. */
static bool add_c_name(maker *mk, const char *name, idl_names *names, const char *c,
                       const char *word, idl_span span)
{
    owner *o = idl_alloc(mk->sources, sizeof *o);

    *o = (owner){word, span};
    if (idl_names_add(mk->sources, names, c, o))
        return true;
    clash(mk, name, c, idl_names_find(names, c), o);
    return false;
}

static const char *c_name_of(const idl_decl *d, const char **word, idl_span *span)
{
#define OF(member) (*word = d->of.member->name, *span = d->of.member->span, d->of.member->c_name)
    switch (d->kind) {
    case IDL_DECL_CONST: return OF(constant);
    case IDL_DECL_ALIAS: return OF(alias);
    case IDL_DECL_ENUM: return OF(enumeration);
    case IDL_DECL_RECORD: return OF(record);
    case IDL_DECL_TOPIC: return OF(topic);
    case IDL_DECL_MACHINE: return OF(machine);
    default: return OF(service);
    }
#undef OF
}

/* The names that are made where a type of its own stands. */
static void add_place(maker *mk, const char *name, idl_names *names, const idl_type *t,
                      const char *place, const idl_field *f)
{
    if (t->alias != NULL || !idl_has_descriptor(t))
        return;
    if (idl_has_struct(t) && !add_c_name(mk, name, names, place, f->name, f->span))
        return;
    add_c_name(mk, name, names, idl_text(mk->sources, "%s_type", place), f->name, f->span);
    if (t->kind == IDL_SET)
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_has", place), f->name, f->span);
    if (t->kind == IDL_MAP) {
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_entry", place), f->name, f->span);
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_find", place), f->name, f->span);
        add_place(mk, name, names, t->key, idl_text(mk->sources, "%s_key", place), f);
        add_place(mk, name, names, t->value, idl_text(mk->sources, "%s_value", place), f);
    }
    if (t->item != NULL)
        add_place(mk, name, names, t->item, idl_text(mk->sources, "%s_item", place), f);
}

static void add_field_names(maker *mk, const char *name, idl_names *names, const idl_record *r)
{
    if (r->role == IDL_IS_UNION)
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_kind_NONE", r->c_name), r->name,
                   r->span);
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_field *f = &r->fields[i];
        if (f->name == NULL)
            continue;
        add_place(mk, name, names, f->type, idl_text(mk->sources, "%s_%s", r->c_name, f->name), f);
        if (r->role == IDL_IS_UNION)
            add_c_name(mk, name, names, idl_text(mk->sources, "%s_kind_%s", r->c_name, f->name),
                       f->name, f->span);
    }
}

static void add_method_names(maker *mk, const char *name, idl_names *names, const idl_method *m)
{
    static const char *const suffixes[] = {"async", "done", "begin",  "end",
                                           "reply", "args", "result", "result_answer"};

    static const char *const of_streams[] = {
        "open",     "put",  "try_put",     "next",    "finish",        "heard",   "send",
        "try_send", "item", "item_answer", "receive", "receive_async", "received"};
    const bool stream = m->sends != NULL || m->returns_stream;

    add_c_name(mk, name, names, m->c_name, m->name, m->span);
    for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++)
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_%s", m->c_name, suffixes[k]), m->name,
                   m->span);
    for (size_t k = 0; stream && k < sizeof of_streams / sizeof *of_streams; k++)
        add_c_name(mk, name, names, idl_text(mk->sources, "%s_%s", m->c_name, of_streams[k]),
                   m->name, m->span);
}

static void add_topic_names(maker *mk, const char *name, idl_names *names, const idl_topic *t)
{
    const idl_record *value = t->value;

    add_field_names(mk, name, names, t->key);
    if (value->role == IDL_IS_RESULT)
        add_place(mk, name, names, t->type, value->c_name, value->fields);
}

/* The C names of a declaration itself: its own, its members', its methods'. */
static void add_names(maker *mk, const char *name, idl_names *names, const idl_decl *d)
{
    const char *word;
    idl_span    span;
    const char *c = c_name_of(d, &word, &span);

    add_c_name(mk, name, names, c, word, span);
    if (d->kind == IDL_DECL_ENUM)
        for (size_t i = 0; i < d->of.enumeration->value_count; i++) {
            const idl_enum_value *v = &d->of.enumeration->values[i];
            add_c_name(mk, name, names, v->c_name, v->name, v->span);
        }
    if (d->kind == IDL_DECL_RECORD)
        add_field_names(mk, name, names, d->of.record);
    for (size_t i = 0; d->kind == IDL_DECL_SERVICE && i < d->of.service->method_count; i++)
        add_method_names(mk, name, names, &d->of.service->methods[i]);
    if (d->kind == IDL_DECL_TOPIC)
        add_topic_names(mk, name, names, d->of.topic);
    for (size_t i = 0; d->kind == IDL_DECL_MACHINE && i < d->of.machine->state_count; i++) {
        const idl_state *state = &d->of.machine->states[i];
        add_c_name(mk, name, names, state->c_name, state->name, state->span);
    }
}

static const char *const *suffixes_of(const idl_decl *d)
{
    static const char *const none[] = {NULL};

    switch (d->kind) {
    case IDL_DECL_ENUM: return idl_enum_suffixes;
    case IDL_DECL_RECORD:
        return d->of.record->role == IDL_IS_UNION   ? idl_union_suffixes
               : d->of.record->role == IDL_IS_ERROR ? idl_error_suffixes
                                                    : idl_record_suffixes;
    case IDL_DECL_ALIAS: return idl_alias_suffixes;
    case IDL_DECL_SERVICE: return idl_service_suffixes;
    case IDL_DECL_MACHINE: return idl_machine_suffixes;
    case IDL_DECL_TOPIC: return idl_topic_suffixes;
    default: return none;
    }
}

/* The handler of B_C in state A and that of C in state A_B would have one name. They are static,
 * and in the way of nothing else. */
static void add_handler_names(maker *mk, const char *name, idl_names *handlers,
                              const idl_machine *machine)
{
    for (size_t i = 0; i < machine->state_count; i++) {
        const idl_state *s = &machine->states[i];
        for (size_t k = 0; k < s->handle_count; k++)
            add_c_name(mk, name, handlers, idl_text(mk->sources, "%s_%s", s->c_name, s->members[k]),
                       s->name, s->span);
    }
}

static void c_name_clash(maker *mk, const char *name, mod *m)
{
    idl_names names = {0}, handlers = {0};
    char      made[600];

    for (size_t i = 0; i < m->m.decl_count; i++) {
        add_names(mk, name, &names, &m->m.decls[i]);
        if (m->m.decls[i].kind == IDL_DECL_MACHINE)
            add_handler_names(mk, name, &handlers, m->m.decls[i].of.machine);
    }
    for (size_t i = 0; i < m->m.decl_count; i++) {
        owner        self;
        const char  *c = c_name_of(&m->m.decls[i], &self.name, &self.span);
        const owner *first = idl_names_find(&names, c);
        if (first->name != self.name) /* that has been said */
            continue;
        for (const char *const *s = suffixes_of(&m->m.decls[i]); *s != NULL; s++) {
            const owner *o;
            snprintf(made, sizeof made, "%s_%s", c, *s);
            o = idl_names_find(&names, made);
            if (o != NULL)
                clash(mk, name, made, &self, o);
        }
    }
}

static const check checks[] = {
    {"map-key", true, map_key, NULL, NULL}, /* looks into fixed records: they must be finite */
    {"optional-item", false, optional_item, NULL, NULL},
    {"item-size", true, item_size, NULL, NULL},
    {"too-large", true, array_memory, NULL, NULL},
    {"fixed-member", false, NULL, fixed_member, NULL},
    {"has-flag", false, NULL, has_flag, NULL},
    {"union-empty", true, NULL, union_empty, NULL},
    {"const-name", false, NULL, NULL, const_name},
    {"unused-import", true, NULL, NULL, unused_import},
    {"c-name-clash", true, NULL, NULL, c_name_clash},
};

/* ---- running them ---------------------------------------------------------------------------- */

static void walk_type(maker *mk, const check *c, const idl_type *type, bool inside)
{
    c->type(mk, c->name, type, inside);
    if (type->alias != NULL && inside)
        return;
    if (type->item != NULL)
        walk_type(mk, c, type->item, true);
    if (type->value != NULL)
        walk_type(mk, c, type->value, true);
}

static void run(maker *mk, const check *c)
{
    for (mod *m = mk->first; m != NULL; m = m->next) {
        if (c->module != NULL)
            c->module(mk, c->name, m);
        for (size_t i = 0; c->type != NULL && i < m->m.decl_count; i++)
            if (m->m.decls[i].kind == IDL_DECL_ALIAS)
                walk_type(mk, c, m->m.decls[i].of.alias->type, false);
    }
    for (size_t i = 0; i < mk->record_count; i++) {
        const idl_record *r = mk->records[i];
        if (c->record != NULL)
            c->record(mk, c->name, r);
        for (size_t k = 0; c->type != NULL && k < r->field_count; k++)
            if (r->fields[k].type->alias == NULL)
                walk_type(mk, c, r->fields[k].type, false);
    }
}

void idl_check(maker *mk)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i].clean || mk->sources->errors == 0)
            run(mk, &checks[i]);
}
