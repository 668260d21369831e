/* compare_record.c -- records, unions, errors, arguments: their fields.
 *
 * A field is its number, and its place in the layout. So fields are paired by number; a name that
 * stands at another number now has moved; and a field that comes in before others of its region
 * (the scalar block, or the lengths) moves what lies behind it, even where it fits into a hole.
 */
#include "compiler/compare_parts.h"
#include "idl/names.h"

#include <stdlib.h>
#include <string.h>

typedef struct two {
    comparison       *c;
    const char       *head;
    const idl_record *old, *new;
    idl_names         old_names, new_names; /* of fields */
} two;

static const char *noun_of(const idl_record *r)
{
    return r->role == IDL_IS_ARGS ? "parameter" : r->role == IDL_IS_UNION ? "member" : "field";
}

static const char *head_of(const two *t, const idl_field *f)
{
    if (f->name == NULL)
        return idl_text(t->c->mem, "%s: reserved %u", t->head, f->number);
    return idl_text(t->c->mem, "%s: %s %u '%s'", t->head, noun_of(t->new), f->number, f->name);
}

static int by_number(const void *key, const void *item)
{
    uint32_t         number = *(const uint32_t *)key;
    const idl_field *f = item;

    return (number > f->number) - (number < f->number);
}

static const idl_field *find_number(const idl_record *r, uint32_t number)
{
    if (r->field_count == 0)
        return NULL;
    return bsearch(&number, r->fields, r->field_count, sizeof *r->fields, by_number);
}

static int by_value(const void *key, const void *item)
{
    uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)item;

    return (a > b) - (a < b);
}

static bool is_reserved(const idl_record *r, uint32_t number)
{
    return r->reserved_count != 0 &&
           bsearch(&number, r->reserved, r->reserved_count, sizeof *r->reserved, by_value) != NULL;
}

static void index_names(comparison *c, const idl_record *r, idl_names *names)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (r->fields[i].name != NULL)
            idl_names_add(c->mem, names, r->fields[i].name, (void *)(uintptr_t)&r->fields[i]);
}

static bool is_renamed(const idl_field *old, const idl_field *new)
{
    return old->name != NULL && new->name != NULL &&strcmp(old->name, new->name) != 0;
}

/* ---- fixed records --------------------------------------------------------------------------- */

static void compare_fixed(const two *t)
{
    comparison *c = t->c;

    if (t->old->field_count != t->new->field_count) {
        cmp_tell(c, WIRE_FIXED_CHANGED, t->new->span, "%s: it has %zu fields, and had %zu", t->head,
                 t->new->field_count, t->old->field_count);
        return;
    }
    for (size_t i = 0; i < t->old->field_count; i++) {
        const idl_field *f = &t->old->fields[i], *g = &t->new->fields[i];
        if (is_renamed(f, g))
            cmp_tell(c,
                     idl_names_find(&t->new_names, f->name) == NULL ? JSON_FIELD_NAME
                                                                    : WIRE_FIXED_CHANGED,
                     g->span, "%s: it was '%s' before", head_of(t, g), f->name);
        cmp_types(
            c,
            (cmp_place){.head = head_of(t, g), .where = g->span, .type_rule = WIRE_FIXED_CHANGED},
            f->type, g->type);
    }
}

/* ---- fields that were there ------------------------------------------------------------------ */

static void tell_gone(const two *t, const idl_field *f)
{
    if (t->old->role == IDL_IS_UNION && is_reserved(t->new, f->number))
        cmp_tell_gone(t->c, JSON_MEMBER_REMOVED, f->span, "%s: it was given up", head_of(t, f));
    else if (t->old->role == IDL_IS_UNION)
        cmp_tell_gone(t->c, WIRE_MEMBER_REMOVED, f->span, "%s: it is gone, and its number is free",
                      head_of(t, f));
    else
        cmp_tell_gone(t->c, WIRE_FIELD_REMOVED, f->span,
                      "%s: it is gone, and its place too: what lies behind it moves",
                      head_of(t, f));
}

/* The number is reserved now. */
static void compare_reserved(const two *t, const idl_field *f, const idl_field *g)
{
    cmp_place place = {
        .head = head_of(t, g), .where = g->span, .type_rule = WIRE_FIELD_TYPE, .is_reserved = true};

    if (f->name != NULL && !cmp_takes_zero(f->type))
        cmp_tell_gone(t->c, WIRE_RESERVED_REFUSED, f->span,
                      "%s: it was given up, but old readers refuse what stands in its place",
                      head_of(t, f));
    if (f->name != NULL)
        cmp_tell_gone(t->c, SOURCE_FIELD_REMOVED, f->span, "%s: it was given up", head_of(t, f));
    cmp_types(t->c, place, f->type, g->type);
}

static void compare_named(const two *t, const idl_field *f, const idl_field *g)
{
    cmp_place place = {.head = head_of(t, g), .where = g->span, .type_rule = WIRE_FIELD_TYPE};

    if (f->name == NULL)
        cmp_tell(t->c, WIRE_NUMBER_REUSED, g->span, "%s: number %u was reserved", place.head,
                 g->number);
    else if (is_renamed(f, g))
        cmp_tell(t->c, t->new->role == IDL_IS_ARGS ? JSON_PARAMETER_NAME : JSON_FIELD_NAME, g->span,
                 "%s: it was '%s' before", place.head, f->name);
    if (!cmp_same_value(&f->initial, &g->initial))
        cmp_tell(t->c, WIRE_FIELD_DEFAULT, g->span,
                 "%s: default changed: old and new readers read a message without it differently",
                 place.head);
    cmp_types(t->c, place, f->type, g->type);
}

static void compare_old_field(const two *t, const idl_field *f)
{
    const idl_field *here = find_number(t->new, f->number);
    const idl_field *moved = f->name == NULL ? NULL : idl_names_find(&t->new_names, f->name);

    if (moved != NULL && moved != here)
        cmp_tell(t->c, WIRE_FIELD_NUMBER, moved->span, "%s: number changed from %u to %u",
                 head_of(t, moved), f->number, moved->number);
    else if (here == NULL)
        tell_gone(t, f);
    else if (here->name == NULL)
        compare_reserved(t, f, here);
    else if (f->name == NULL || moved == here || idl_names_find(&t->old_names, here->name) == NULL)
        compare_named(t, f, here);
    else
        tell_gone(t, f); /* another one has moved in */
}

/* ---- fields that come in --------------------------------------------------------------------- */

/* One that lies before a field that was there, in the same region. */
static bool moves_others(const two *t, const idl_field *g)
{
    for (size_t i = t->old->field_count; i-- > 0 && t->old->fields[i].number > g->number;)
        if (t->old->fields[i].in_block == g->in_block)
            return t->old->role != IDL_IS_UNION;
    return false;
}

static bool leads_to_refs(const idl_type *t)
{
    return t != NULL &&
           (t->kind == IDL_REF || (t->record != NULL && t->record->has_refs) ||
            leads_to_refs(t->item) || leads_to_refs(t->key) || leads_to_refs(t->value));
}

static void compare_new_field(const two *t, const idl_field *g)
{
    if (find_number(t->old, g->number) != NULL)
        return;
    if (g->name != NULL && idl_names_find(&t->old_names, g->name) != NULL)
        return; /* it has moved, and this was said */
    if (is_reserved(t->old, g->number))
        cmp_tell(t->c, WIRE_NUMBER_REUSED, g->span, "%s: number %u was reserved", head_of(t, g),
                 g->number);
    else if (moves_others(t, g))
        cmp_tell(t->c, WIRE_FIELD_INSERTED, g->span,
                 "%s: it comes in before others, which move: old readers misread them",
                 head_of(t, g));
    if (t->new->role == IDL_IS_UNION && leads_to_refs(g->type))
        cmp_tell(t->c, WIRE_MEMBER_REFS, g->span,
                 "%s: it leads to refs, whose objects old readers do not hand on", head_of(t, g));
    if (t->new->role == IDL_IS_UNION)
        cmp_tell(t->c, JSON_MEMBER_ADDED, g->span, "%s: old readers of JSON refuse its name",
                 head_of(t, g));
    if (g->name != NULL && t->new->role == IDL_IS_ARGS)
        cmp_tell(t->c, SOURCE_PARAMETER_ADDED, g->span, "%s: callers must pass it now",
                 head_of(t, g));
}

void cmp_records(comparison *c, const char *head, const idl_record *old, const idl_record *new)
{
    two t = {.c = c, .head = head, .old = old, .new = new};

    index_names(c, old, &t.old_names);
    index_names(c, new, &t.new_names);
    if (new->role == IDL_IS_FIXED) {
        compare_fixed(&t);
        return;
    }
    for (size_t i = 0; i < old->field_count; i++)
        compare_old_field(&t, &old->fields[i]);
    for (size_t i = 0; i < new->field_count; i++)
        compare_new_field(&t, &new->fields[i]);
}
