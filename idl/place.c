/* place.c -- where records lie, and in which order C needs them.
 *
 * By value a record contains its fixed records, its unions and its plain (not optional) records,
 * and arrays of these; that must come to an end, and gives the order. A union only points at what
 * it holds. What records lead to in other ways is found by reach.c.
 */
#include "idl/resolve.h"

#include <string.h>

#define VALUE_DEPTH_MAX 64

typedef enum mark { MARK_NEW, MARK_BUSY, MARK_DONE } mark;

typedef struct placer {
    maker *mk;
    mark  *marks; /* by idl_record.index */
} placer;

/* ---- by value -------------------------------------------------------------------------------- */

/* The record that a field of this type needs complete, or NULL. */
static const idl_record *by_value(const idl_record *in, const idl_type *t)
{
    bool there = !t->optional || idl_in_block(t);

    while (t->kind == IDL_ARRAY)
        t = t->item;
    if (in->role == IDL_IS_UNION || !there || (t->kind != IDL_RECORD && t->kind != IDL_UNION))
        return NULL;
    return t->record;
}

bool idl_has_initial(const idl_field *f)
{
    const idl_value *v = &f->initial;

    if (f->name == NULL || f->type->optional)
        return false;
    switch (v->kind) {
    case IDL_VALUE_NONE: return f->type->kind == IDL_RECORD && f->type->record->has_initial;
    case IDL_VALUE_FLOAT: return v->number < 0 || v->number > 0;
    case IDL_VALUE_STRING: return v->size != 0;
    default: return v->magnitude != 0;
    }
}

/* What is known of a record when what it contains is known. */
static void sum_up(placer *p, idl_record *r)
{
    r->memory = r->block;
    for (size_t i = 0; i < r->field_count; i++) {
        r->has_initial = r->has_initial || idl_has_initial(&r->fields[i]);
        r->memory += r->fields[i].in_block ? 16 : 8 + idl_memory_size(r->fields[i].type);
    }
    if (r->memory > IDL_MEMORY_MAX)
        idl_error(p->mk->sources, r->span, "too-large",
                  "'%s' takes more than 4 MiB in C; take lists in place of arrays", r->name);
}

static bool place(placer *p, idl_record *r, unsigned depth)
{
    mark *m = &p->marks[r->index];

    if (*m == MARK_DONE)
        return true;
    if (*m == MARK_BUSY)
        return false;
    if (depth > VALUE_DEPTH_MAX) {
        idl_error(p->mk->sources, r->span, "depth", "records are nested more than %d deep by value",
                  VALUE_DEPTH_MAX);
        *m = MARK_DONE;
        return true;
    }
    *m = MARK_BUSY;
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_record *inside = by_value(r, r->fields[i].type);
        if (inside != NULL && !place(p, (idl_record *)(uintptr_t)inside, depth + 1)) {
            idl_error(p->mk->sources, r->fields[i].span, "recursive-record",
                      "'%s' would contain itself without end; make it optional, or a list",
                      r->name);
            *m = MARK_DONE;
            return true;
        }
    }
    *m = MARK_DONE;
    if (r->role != IDL_IS_UNION &&
        !idl_lay_out((idl_field *)(uintptr_t)r->fields, r->field_count, r->role == IDL_IS_FIXED, r))
        idl_error(p->mk->sources, r->span, "too-large",
                  "'%s' has more than 65535 bytes of scalars, or 16383 other fields", r->name);
    sum_up(p, r);
    p->mk->ordered[p->mk->ordered_count++] = r;
    return true;
}

void idl_place_records(maker *mk)
{
    placer p = {.mk = mk};
    size_t n = mk->record_count + 1;

    p.marks = idl_alloc(mk->sources, n * sizeof *p.marks);
    mk->ordered = idl_alloc(mk->sources, n * sizeof *mk->ordered);
    for (uint32_t i = 0; i < mk->record_count; i++)
        mk->records[i]->index = i;
    for (size_t i = 0; i < mk->record_count; i++)
        place(&p, mk->records[i], 0);
    idl_find_reach(mk);
}
