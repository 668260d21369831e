/* compare.c -- two versions of a schema, declaration by declaration.
 *
 * Declarations are the same when their names are. What they lead to is compared by structure: a
 * field whose record has another name now is judged by what the two records hold, so renaming a
 * record costs what it costs and no more. Such pairs are queued, and each is looked at once.
 */
#include "compiler/compare_parts.h"
#include "idl/names.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX 65536 /* beyond them a type of another name is another type */

/* ---- telling --------------------------------------------------------------------------------- */

void cmp_tell(comparison *c, compare_rule_id rule, idl_span where, const char *format, ...)
{
    compare_change change = {.rule = &compare_rules[rule], .where = where};
    va_list        args;

    va_start(args, format);
    change.text = idl_text_of(c->mem, format, args);
    va_end(args);
    c->told(c->ctx, &change);
}

void cmp_tell_gone(comparison *c, compare_rule_id rule, idl_span where, const char *format, ...)
{
    compare_change change = {.rule = &compare_rules[rule], .in_old = true, .where = where};
    va_list        args;

    va_start(args, format);
    change.text = idl_text_of(c->mem, format, args);
    va_end(args);
    c->told(c->ctx, &change);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static struct cmp_seen *place_of(const comparison *c, const void *old, const void *new)
{
    uint64_t mixed = (uint64_t)(uintptr_t)old * UINT64_C(0x9e3779b97f4a7c15);
    size_t   at;

    mixed = (mixed ^ mixed >> 32 ^ (uint64_t)(uintptr_t) new) * UINT64_C(0xd6e8feb86659fd93);
    at = (size_t)(mixed >> 32) & (c->room - 1);

    while (c->seen[at].old != NULL && (c->seen[at].old != old || c->seen[at].new != new))
        at = (at + 1) & (c->room - 1);
    return &c->seen[at];
}

static void make_room(comparison *c)
{
    struct cmp_seen *before = c->seen;
    size_t           count = c->room;

    c->room = count == 0 ? 256 : 2 * count;
    c->seen = idl_alloc(c->mem, c->room * sizeof *c->seen);
    for (size_t i = 0; i < count; i++)
        if (before[i].old != NULL)
            *place_of(c, before[i].old, before[i].new) = before[i];
}

bool cmp_first_time(comparison *c, const void *old, const void *new)
{
    struct cmp_seen *place;

    if (2 * c->seen_count >= c->room)
        make_room(c);
    place = place_of(c, old, new);
    if (place->old != NULL)
        return false;
    *place = (struct cmp_seen){old, new};
    c->seen_count++;
    return true;
}

bool cmp_records_later(comparison *c, const idl_record *old, const idl_record *new)
{
    if (c->seen_count >= PAIRS_MAX && strcmp(old->name, new->name) != 0)
        return false;
    if (!cmp_first_time(c, old, new))
        return true;
    if (c->waiting_count == c->waiting_room) {
        size_t    room = c->waiting_room == 0 ? 64 : 2 * c->waiting_room;
        cmp_pair *more = idl_alloc(c->mem, room * sizeof *more);
        if (c->waiting_count != 0)
            memcpy(more, c->waiting, c->waiting_count * sizeof *more);
        c->waiting = more;
        c->waiting_room = room;
    }
    c->waiting[c->waiting_count++] = (cmp_pair){old, new};
    return true;
}

static const char *head_of(comparison *c, const cmp_pair *p)
{
    static const char *const words[] = {"record", "error", "fixed record", "union", "", ""};

    if (strcmp(p->old->name, p->new->name) == 0)
        return idl_text(c->mem, "%s %s", words[p->new->role], p->new->name);
    return idl_text(c->mem, "%s %s (%s before)", words[p->new->role], p->new->name, p->old->name);
}

static void compare_waiting(comparison *c)
{
    while (c->waiting_count > 0) {
        cmp_pair p = c->waiting[--c->waiting_count];
        cmp_records(c, head_of(c, &p), p.old, p.new);
    }
}

/* ---- declarations ---------------------------------------------------------------------------- */

typedef struct decl_facts {
    const char *kind, *name;
    idl_span    span;
} decl_facts;

static decl_facts facts_of(const idl_decl *d)
{
    static const char *const roles[] = {"record", "error", "fixed record", "union", "", ""};

    switch (d->kind) {
    case IDL_DECL_CONST: return (decl_facts){"const", d->of.constant->name, d->of.constant->span};
    case IDL_DECL_ALIAS: return (decl_facts){"alias", d->of.alias->name, d->of.alias->span};
    case IDL_DECL_ENUM:
        return (decl_facts){"enum", d->of.enumeration->name, d->of.enumeration->span};
    case IDL_DECL_RECORD:
        return (decl_facts){roles[d->of.record->role], d->of.record->name, d->of.record->span};
    case IDL_DECL_SERVICE: return (decl_facts){"service", d->of.service->name, d->of.service->span};
    case IDL_DECL_TOPIC: return (decl_facts){"topic", d->of.topic->name, d->of.topic->span};
    case IDL_DECL_MACHINE: return (decl_facts){"machine", d->of.machine->name, d->of.machine->span};
    }
    return (decl_facts){"", "", {0, 0, 0}};
}

static bool has_any(const idl_type *t)
{
    if (t == NULL)
        return false;
    return t->kind == IDL_ANY || has_any(t->item) || has_any(t->key) || has_any(t->value);
}

/* Some field of the schema is an `any`, which carries the name of its record. */
static bool uses_any(const idl_model *model)
{
    for (size_t i = 0; i < model->module_count; i++)
        for (size_t k = 0; k < model->modules[i]->record_count; k++) {
            const idl_record *r = model->modules[i]->records[k];
            for (size_t n = 0; n < r->field_count; n++)
                if (has_any(r->fields[n].type))
                    return true;
        }
    return false;
}

/* Messages carry the name of such a declaration. */
static bool is_named(const comparison *c, const idl_decl *d)
{
    switch (d->kind) {
    case IDL_DECL_SERVICE:
    case IDL_DECL_TOPIC: return true;
    case IDL_DECL_RECORD:
        return d->of.record->role == IDL_IS_ERROR ||
               (d->of.record->role == IDL_IS_RECORD && c->uses_any);
    default: return false;
    }
}

static void compare_constants(comparison *c, const idl_const *old, const idl_const *new)
{
    if (strcmp(cmp_type_text(c, old->type), cmp_type_text(c, new->type)) != 0)
        cmp_tell(c, SOURCE_CONSTANT, new->span, "const %s: type changed from %s to %s", new->name,
                 cmp_type_text(c, old->type), cmp_type_text(c, new->type));
    else if (!cmp_same_value(&old->value, &new->value))
        cmp_tell(c, SOURCE_CONSTANT, new->span, "const %s: its value changed", new->name);
}

static void compare_aliases(comparison *c, const idl_alias *old, const idl_alias *new)
{
    if (strcmp(cmp_type_text(c, old->type), cmp_type_text(c, new->type)) != 0)
        cmp_tell(c, SOURCE_ALIAS, new->span, "alias %s: type changed from %s to %s", new->name,
                 cmp_type_text(c, old->type), cmp_type_text(c, new->type));
}

static void compare_alike(comparison *c, const idl_decl *old, const idl_decl *new)
{
    switch (old->kind) {
    case IDL_DECL_CONST: compare_constants(c, old->of.constant, new->of.constant); break;
    case IDL_DECL_ALIAS: compare_aliases(c, old->of.alias, new->of.alias); break;
    case IDL_DECL_ENUM: cmp_enums(c, old->of.enumeration, new->of.enumeration); break;
    case IDL_DECL_RECORD: cmp_records_later(c, old->of.record, new->of.record); break;
    case IDL_DECL_SERVICE: cmp_services(c, old->of.service, new->of.service); break;
    case IDL_DECL_TOPIC: cmp_topics(c, old->of.topic, new->of.topic); break;
    case IDL_DECL_MACHINE: cmp_machines(c, old->of.machine, new->of.machine); break;
    }
    compare_waiting(c);
}

static void compare_decl(comparison *c, const idl_decl *old, const idl_decl *new)
{
    decl_facts a = facts_of(old), b;

    if (new == NULL) {
        cmp_tell_gone(c, is_named(c, old) ? WIRE_DECLARATION_REMOVED : SOURCE_DECLARATION_REMOVED,
                      a.span, "%s %s: it is gone", a.kind, a.name);
        return;
    }
    b = facts_of(new);
    if (strcmp(a.kind, b.kind) != 0)
        cmp_tell(c, WIRE_DECLARATION_KIND, b.span, "%s %s: it was a declaration of kind `%s`",
                 b.kind, b.name, a.kind);
    else
        compare_alike(c, old, new);
}

static void compare_module_names(comparison *c, const idl_module *old, const idl_module *new)
{
    bool     named = false;
    idl_span begin = {0, 0, 0};

    if (strcmp(old->name, new->name) == 0)
        return;
    for (size_t i = 0; i < old->decl_count; i++)
        named = named || is_named(c, &old->decls[i]);
    if (new->decl_count > 0)
        begin = facts_of(&new->decls[0]).span;
    begin = (idl_span){begin.file, 0, 0};
    cmp_tell(c, named ? WIRE_MODULE_NAME : SOURCE_MODULE_NAME, begin,
             "module '%s': it was '%s' before", new->name, old->name);
}

void compare_models(const idl_model *old, const idl_model *new, idl_sources *mem, void *ctx,
                    compare_told *told)
{
    comparison c = {.mem = mem, .ctx = ctx, .told = told, .old = old, .new = new};
    idl_names  names = {0};

    c.uses_any = uses_any(old);
    compare_module_names(&c, old->main, new->main);
    for (size_t i = 0; i < new->main->decl_count; i++)
        idl_names_add(mem, &names, facts_of(&new->main->decls[i]).name,
                      (void *)(uintptr_t) & new->main->decls[i]);
    for (size_t i = 0; i < old->main->decl_count; i++)
        compare_decl(&c, &old->main->decls[i],
                     idl_names_find(&names, facts_of(&old->main->decls[i]).name));
}
