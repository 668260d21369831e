/* place.c -- where records lie, in which order C needs them, and which may contain themselves.
 *
 * By value a record contains its fixed records, its unions and its plain (not optional) records,
 * and arrays of these; that must come to an end, and gives the order. A union only points at what
 * it holds. Through lists, maps, unions and optionals a record may come back to itself; then it is
 * recursive, and decoding counts its depth. That is found by Tarjan's strongly connected
 * components, without recursion: chains of records may be as long as files are.
 */
#include "idl/resolve.h"

#include <string.h>

#define VALUE_DEPTH_MAX 64

typedef struct mark {
    enum { MARK_NEW, MARK_BUSY, MARK_DONE } state;
    uint32_t index, low; /* Tarjan's; index 0: not seen */
    bool     on_stack;
    size_t   next_edge;
} mark;

typedef struct placer {
    maker    *mk;
    mark     *marks; /* by idl_record.index */
    uint32_t *stack, *path;
    size_t    stack_size, path_size;
    uint32_t  seen;
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

    if (m->state == MARK_DONE)
        return true;
    if (m->state == MARK_BUSY)
        return false;
    if (depth > VALUE_DEPTH_MAX) {
        idl_error(p->mk->sources, r->span, "depth", "records are nested more than %d deep by value",
                  VALUE_DEPTH_MAX);
        m->state = MARK_DONE;
        return true;
    }
    m->state = MARK_BUSY;
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_record *inside = by_value(r, r->fields[i].type);
        if (inside != NULL && !place(p, (idl_record *)(uintptr_t)inside, depth + 1)) {
            idl_error(p->mk->sources, r->fields[i].span, "recursive-record",
                      "'%s' would contain itself without end; make it optional, or a list",
                      r->name);
            m->state = MARK_DONE;
            return true;
        }
    }
    m->state = MARK_DONE;
    if (r->role != IDL_IS_UNION &&
        !idl_lay_out((idl_field *)(uintptr_t)r->fields, r->field_count, r->role == IDL_IS_FIXED, r))
        idl_error(p->mk->sources, r->span, "too-large",
                  "'%s' has more than 65535 bytes of scalars, or 16383 other fields", r->name);
    sum_up(p, r);
    p->mk->ordered[p->mk->ordered_count++] = r;
    return true;
}

/* ---- in any way ------------------------------------------------------------------------------ */

/* What a type comes down to, through lists, sets, arrays and maps. (A key leads nowhere.) */
static const idl_type *innermost(const idl_type *t)
{
    while (t->item != NULL || t->value != NULL)
        t = t->item != NULL ? t->item : t->value;
    return t;
}

/* The record or union that a type contains in any way, or NULL. */
static const idl_record *leads_to(const idl_type *t)
{
    t = innermost(t);
    return t->kind == IDL_RECORD || t->kind == IDL_UNION ? t->record : NULL;
}

/* Those of other components that it leads to are known already. */
static bool leads_to_ref(const idl_record *r)
{
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_type   *t = r->fields[i].type;
        const idl_record *other = leads_to(t);
        if (innermost(t)->kind == IDL_REF || (other != NULL && other->has_refs))
            return true;
    }
    return false;
}

static void enter(placer *p, uint32_t at)
{
    mark *m = &p->marks[at];

    m->index = m->low = ++p->seen;
    m->on_stack = true;
    p->stack[p->stack_size++] = at;
    p->path[p->path_size++] = at;
}

/* The whole component of `at` is on top of the stack. */
static void close_component(placer *p, uint32_t at)
{
    idl_record **records = p->mk->records;
    size_t       from = p->stack_size - 1;
    bool         refs = false;

    while (p->stack[from] != at)
        from--;
    for (size_t i = from; i < p->stack_size; i++)
        refs = refs || leads_to_ref(records[p->stack[i]]);
    for (size_t i = from; i < p->stack_size; i++) {
        uint32_t top = p->stack[i];
        p->marks[top].on_stack = false;
        records[top]->has_refs = refs;
        if (p->stack_size - from > 1)
            records[top]->recursive = true;
    }
    p->stack_size = from;
}

static void step(placer *p)
{
    uint32_t    at = p->path[p->path_size - 1];
    mark       *m = &p->marks[at];
    idl_record *r = p->mk->records[at];

    while (m->next_edge < r->field_count) {
        const idl_record *other = leads_to(r->fields[m->next_edge++].type);
        mark             *o = other == NULL ? NULL : &p->marks[other->index];
        if (o == NULL)
            continue;
        if (other == r)
            r->recursive = true;
        if (o->index == 0) {
            enter(p, other->index);
            return;
        }
        if (o->on_stack && o->index < m->low)
            m->low = o->index;
    }
    p->path_size--;
    if (m->low == m->index)
        close_component(p, at);
    if (p->path_size > 0 && p->marks[p->path[p->path_size - 1]].low > m->low)
        p->marks[p->path[p->path_size - 1]].low = m->low;
}

static void find_recursion(placer *p)
{
    for (uint32_t i = 0; i < p->mk->record_count; i++) {
        if (p->marks[i].index != 0)
            continue;
        enter(p, i);
        while (p->path_size > 0)
            step(p);
    }
}

void idl_place_records(maker *mk)
{
    placer p = {.mk = mk};
    size_t n = mk->record_count + 1;

    p.marks = idl_alloc(mk->sources, n * sizeof *p.marks);
    p.stack = idl_alloc(mk->sources, n * sizeof *p.stack);
    p.path = idl_alloc(mk->sources, n * sizeof *p.path);
    mk->ordered = idl_alloc(mk->sources, n * sizeof *mk->ordered);
    for (uint32_t i = 0; i < mk->record_count; i++)
        mk->records[i]->index = i;
    for (size_t i = 0; i < mk->record_count; i++)
        place(&p, mk->records[i], 0);
    find_recursion(&p);
}
