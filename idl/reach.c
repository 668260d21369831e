/* reach.c -- what records lead to in any way: themselves, refs, addresses.
 *
 * Through lists, maps, unions and optionals a record may come back to itself; then it is recursive,
 * and decoding counts its depth. Refs are no part of that: they end the way, and who leads to one
 * has refs. Addresses are looked for beyond refs, too. So records are two graphs, and the same is
 * asked of both: Tarjan's strongly connected components, whose records all lead to the same, and
 * which are met after those that they lead to. There is no recursion: chains of records may be as
 * long as files are.
 */
#include "idl/resolve.h"

typedef struct mark {
    uint32_t index, low; /* Tarjan's; index 0: not seen */
    bool     on_stack;
    size_t   next_edge;
} mark;

typedef struct reach {
    maker    *mk;
    bool      beyond_refs; /* which of the two graphs */
    mark     *marks;       /* by idl_record.index */
    uint32_t *stack, *path;
    size_t    stack_size, path_size;
    uint32_t  seen;
} reach;

/* ---- types ----------------------------------------------------------------------------------- */

/* What it is made of, one step inwards; NULL: nothing. (The key of a map leads to no record.) */
static const idl_type *inside(const idl_type *t)
{
    return t->item != NULL ? t->item : t->value;
}

bool idl_has_refs(const idl_type *t)
{
    while (inside(t) != NULL)
        t = inside(t);
    return t->kind == IDL_REF || (t->record != NULL && t->record->has_refs);
}

bool idl_has_addresses(const idl_type *t)
{
    for (; t != NULL; t = inside(t))
        if (t->kind == IDL_ADDRESS || (t->kind == IDL_MAP && t->key->kind == IDL_ADDRESS) ||
            (t->record != NULL && t->record->has_addresses))
            return true;
    return false;
}

/* ---- one component --------------------------------------------------------------------------- */

/* The record or union that a type contains in any way, or NULL. */
static const idl_record *leads_to(const reach *r, const idl_type *t)
{
    while (inside(t) != NULL)
        t = inside(t);
    return t->kind == IDL_REF && !r->beyond_refs ? NULL : t->record;
}

/* Those of other components that it leads to are known already. */
static bool leads_there(const reach *r, const idl_record *record)
{
    bool found = false;

    for (size_t i = 0; i < record->field_count && !found; i++) {
        const idl_type *t = record->fields[i].type;
        found = r->beyond_refs ? idl_has_addresses(t) : idl_has_refs(t);
    }
    return found;
}

static void mark_record(const reach *r, idl_record *record, bool found, bool in_circle)
{
    if (r->beyond_refs) {
        record->has_addresses = found;
        return;
    }
    record->has_refs = found;
    record->recursive = record->recursive || in_circle;
}

/* The whole component of `at` is on top of the stack. */
static void close_component(reach *r, uint32_t at)
{
    idl_record **records = r->mk->records;
    size_t       from = r->stack_size - 1;
    bool         found = false;

    while (r->stack[from] != at)
        from--;
    for (size_t i = from; i < r->stack_size; i++)
        found = found || leads_there(r, records[r->stack[i]]);
    for (size_t i = from; i < r->stack_size; i++) {
        r->marks[r->stack[i]].on_stack = false;
        mark_record(r, records[r->stack[i]], found, r->stack_size - from > 1);
    }
    r->stack_size = from;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void enter(reach *r, uint32_t at)
{
    mark *m = &r->marks[at];

    m->index = m->low = ++r->seen;
    m->on_stack = true;
    r->stack[r->stack_size++] = at;
    r->path[r->path_size++] = at;
}

static void step(reach *r)
{
    uint32_t    at = r->path[r->path_size - 1];
    mark       *m = &r->marks[at];
    idl_record *record = r->mk->records[at];

    while (m->next_edge < record->field_count) {
        const idl_record *other = leads_to(r, record->fields[m->next_edge++].type);
        mark             *o = other == NULL ? NULL : &r->marks[other->index];
        if (o == NULL)
            continue;
        if (other == record && !r->beyond_refs)
            record->recursive = true;
        if (o->index == 0) {
            enter(r, other->index);
            return;
        }
        if (o->on_stack && o->index < m->low)
            m->low = o->index;
    }
    r->path_size--;
    if (m->low == m->index)
        close_component(r, at);
    if (r->path_size > 0 && r->marks[r->path[r->path_size - 1]].low > m->low)
        r->marks[r->path[r->path_size - 1]].low = m->low;
}

static void walk(maker *mk, bool beyond_refs)
{
    reach  r = {.mk = mk, .beyond_refs = beyond_refs};
    size_t n = mk->record_count + 1;

    r.marks = idl_alloc(mk->sources, n * sizeof *r.marks);
    r.stack = idl_alloc(mk->sources, n * sizeof *r.stack);
    r.path = idl_alloc(mk->sources, n * sizeof *r.path);
    for (uint32_t i = 0; i < mk->record_count; i++) {
        if (r.marks[i].index != 0)
            continue;
        enter(&r, i);
        while (r.path_size > 0)
            step(&r);
    }
}

void idl_find_reach(maker *mk)
{
    walk(mk, false);
    walk(mk, true);
}
