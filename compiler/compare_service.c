/* compare_service.c -- what is asked for and published: services, topics, machines. */
#include "compiler/compare_parts.h"
#include "idl/names.h"

#include <string.h>

/* ---- methods --------------------------------------------------------------------------------- */

static bool returns_plain_record(const idl_method *m)
{
    return m->result != NULL && m->result->role != IDL_IS_RESULT;
}

static void compare_result(comparison *c, const char *head, const idl_method *old,
                           const idl_method *new)
{
    cmp_place place = {.head = idl_text(c->mem, "%s: result", head),
                       .where = new->span,
                       .type_rule = WIRE_METHOD_RESULT};

    if (old->returns == NULL && new->returns == NULL)
        return;
    if (old->returns == NULL)
        cmp_tell(c, SOURCE_METHOD_RESULT, new->span, "%s: it returns %s, and returned nothing",
                 head, cmp_type_text(c, new->returns));
    else if (new->returns == NULL)
        cmp_tell(c, WIRE_METHOD_RESULT, new->span, "%s: it returns nothing, and returned %s", head,
                 cmp_type_text(c, old->returns));
    else if (returns_plain_record(old) != returns_plain_record(new))
        cmp_tell(c, WIRE_METHOD_RESULT, new->span, "%s: type changed from %s to %s", place.head,
                 cmp_type_text(c, old->returns), cmp_type_text(c, new->returns));
    else
        cmp_types(c, place, old->returns, new->returns);
}

static bool throws(const idl_method *m, const idl_record *error)
{
    for (size_t i = 0; i < m->throw_count; i++)
        if (strcmp(m->throws[i]->name, error->name) == 0)
            return true;
    return false;
}

static void compare_throws(comparison *c, const char *head, const idl_method *old,
                           const idl_method *new)
{
    for (size_t i = 0; i < old->throw_count; i++)
        if (!throws(new, old->throws[i]))
            cmp_tell(c, WIRE_THROWS_REMOVED, new->span, "%s: it no longer throws %s", head,
                     old->throws[i]->name);
}

static void compare_streams(comparison *c, const char *head, const idl_method *old,
                            const idl_method *new)
{
    cmp_place place = {.head = idl_text(c->mem, "%s: stream", head),
                       .where = new->span,
                       .type_rule = WIRE_METHOD_STREAM};

    if ((old->sends == NULL) != (new->sends == NULL))
        cmp_tell(c, WIRE_METHOD_STREAM, new->span, "%s: the caller %s a stream", head,
                 new->sends == NULL ? "no longer sends" : "sends");
    else if (new->sends != NULL)
        cmp_types(c, place, old->sends->type, new->sends->type);
    if (old->returns_stream != new->returns_stream)
        cmp_tell(c, WIRE_METHOD_STREAM, new->span, "%s: it %s a stream", head,
                 new->returns_stream ? "returns" : "no longer returns");
}

static bool has_role(const idl_roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->count; i++)
        if (strcmp(roles->names[i], name) == 0)
            return true;
    return false;
}

static void compare_roles(comparison *c, const char *head, idl_span where, const idl_roles *old,
                          const idl_roles *new)
{
    if (new->count > 0 && old->count == 0)
        cmp_tell(c, WIRE_ROLES_NARROWED, where, "%s: it is for some roles only, and was for all",
                 head);
    for (size_t i = 0; i<old->count &&new->count> 0; i++)
        if (!has_role(new, old->names[i]))
            cmp_tell(c, WIRE_ROLES_NARROWED, where, "%s: it is no longer for the role '%s'", head,
                     old->names[i]);
}

static void compare_methods(comparison *c, const idl_service *s, const idl_method *old,
                            const idl_method *new)
{
    const char *head = idl_text(c->mem, "service %s: method '%s'", s->name, new->name);

    if (strcmp(old->name, new->name) != 0)
        cmp_tell(c, JSON_METHOD_NAME, new->span, "%s: it was '%s' before", head, old->name);
    if (old->number != new->number)
        cmp_tell(c, WIRE_METHOD_NUMBER, new->span, "%s: position changed from %u to %u", head,
                 old->number, new->number);
    if (old->oneway != new->oneway)
        cmp_tell(c, WIRE_METHOD_ONEWAY, new->span, "%s: it is %s oneway", head,
                 new->oneway ? "now" : "no longer");
    if (old->idempotent && !new->idempotent)
        cmp_tell(c, WIRE_IDEMPOTENT_REMOVED, new->span,
                 "%s: it is no longer @idempotent, but old callers still repeat it", head);
    compare_roles(c, head, new->span, &old->roles, &new->roles);
    cmp_records(c, head, old->args, new->args);
    compare_streams(c, head, old, new);
    if (old->oneway == new->oneway && old->returns_stream == new->returns_stream)
        compare_result(c, head, old, new);
    compare_throws(c, head, old, new);
}

/* ---- services -------------------------------------------------------------------------------- */

static void index_methods(comparison *c, const idl_service *s, idl_names *names)
{
    for (size_t i = 0; i < s->method_count; i++)
        idl_names_add(c->mem, names, s->methods[i].name, (void *)(uintptr_t)&s->methods[i]);
}

static void compare_bases(comparison *c, const idl_service *old, const idl_service *new)
{
    for (size_t i = 0; i < old->base_count; i++) {
        bool kept = false;
        for (size_t k = 0; k < new->base_count && !kept; k++)
            kept = strcmp(old->bases[i]->name, new->bases[k]->name) == 0;
        if (!kept)
            cmp_tell(c, WIRE_BASE_REMOVED, new->span, "service %s: base %s is gone", new->name,
                     old->bases[i]->name);
    }
}

void cmp_services(comparison *c, const idl_service *old, const idl_service *new)
{
    idl_names before = {0}, now = {0};

    index_methods(c, old, &before);
    index_methods(c, new, &now);
    compare_bases(c, old, new);
    for (size_t i = 0; i < old->method_count; i++) {
        const idl_method *m = &old->methods[i], *same = idl_names_find(&now, m->name);
        const idl_method *here = i < new->method_count ? &new->methods[i] : NULL;
        if (same == NULL && here != NULL && idl_names_find(&before, here->name) == NULL)
            same = here; /* under another name */
        if (same != NULL)
            compare_methods(c, new, m, same);
        else
            cmp_tell_gone(c, WIRE_METHOD_REMOVED, m->span, "service %s: method '%s': it is gone",
                          old->name, m->name);
    }
}

/* ---- topics and machines --------------------------------------------------------------------- */

/* Subscribers and publishers meet by equal keys: there is nothing that a key could grow by. */
static void compare_keys(comparison *c, const char *head, const idl_topic *old,
                         const idl_topic *new)
{
    const idl_record *a = old->key, *b = new->key;

    if (a->field_count != b->field_count) {
        cmp_tell(c, WIRE_TOPIC_KEY, new->span, "%s: its key has %zu parts, and had %zu", head,
                 b->field_count, a->field_count);
        return;
    }
    for (size_t i = 0; i < a->field_count; i++) {
        const idl_field *f = &a->fields[i], *g = &b->fields[i];
        cmp_place        place = {
                   .head = idl_text(c->mem, "%s: key '%s'", head, g->name == NULL ? "" : g->name),
                   .where = g->span,
                   .type_rule = WIRE_TOPIC_KEY};
        if (f->name != NULL && g->name != NULL && strcmp(f->name, g->name) != 0)
            cmp_tell(c, JSON_PARAMETER_NAME, g->span, "%s: it was '%s' before", place.head,
                     f->name);
        cmp_types(c, place, f->type, g->type);
    }
}

void cmp_topics(comparison *c, const idl_topic *old, const idl_topic *new)
{
    cmp_place place = {.head = idl_text(c->mem, "topic %s", new->name),
                       .where = new->span,
                       .type_rule = WIRE_TOPIC_TYPE};

    compare_roles(c, place.head, new->span, &old->roles, &new->roles);
    compare_keys(c, place.head, old, new);
    cmp_types(c, place, old->type, new->type);
}

static bool names(const idl_state *s, const idl_record *record)
{
    for (size_t k = 0; k < s->handle_count; k++)
        if (strcmp(s->handles[k]->name, record->name) == 0)
            return true;
    return false;
}

/* In one of its first `count` states. */
static bool handles(const idl_machine *m, size_t count, const idl_record *record)
{
    for (size_t i = 0; i < count; i++)
        if (names(&m->states[i], record))
            return true;
    return false;
}

static const idl_state *find_state(const idl_machine *m, const char *name)
{
    for (size_t i = 0; i < m->state_count; i++)
        if (strcmp(m->states[i].name, name) == 0)
            return &m->states[i];
    return NULL;
}

/* One that is in both: its handlers are members of a table, and X_HANDLERS() names all of them. */
static void compare_handlers(comparison *c, const idl_machine *machine, const idl_state *old,
                             const idl_state *new)
{
    for (size_t k = 0; k < old->handle_count; k++)
        if (!names(new, old->handles[k]) && handles(machine, machine->state_count, old->handles[k]))
            cmp_tell(c, SOURCE_HANDLER_REMOVED, new->span,
                     "machine %s: state '%s': it no longer takes %s", machine->name, new->name,
                     old->handles[k]->name);
    for (size_t k = 0; k < new->handle_count; k++)
        if (!names(old, new->handles[k]))
            cmp_tell(c, SOURCE_HANDLER_ADDED, new->span, "machine %s: state '%s': it takes %s",
                     machine->name, new->name, new->handles[k]->name);
}

void cmp_machines(comparison *c, const idl_machine *old, const idl_machine *new)
{
    for (size_t i = 0; i < old->state_count; i++) {
        const idl_state *s = &old->states[i], *now = find_state(new, s->name);
        if (now != NULL)
            compare_handlers(c, new, s, now);
        else
            cmp_tell_gone(c, SOURCE_STATE_REMOVED, s->span, "machine %s: state '%s': it is gone",
                          old->name, s->name);
        for (size_t k = 0; k < s->handle_count; k++)
            if (!handles(new, new->state_count, s->handles[k]) && !handles(old, i, s->handles[k]))
                cmp_tell(c, WIRE_HANDLES_REMOVED, new->span,
                         "machine %s: it no longer takes %s, which state '%s' did", new->name,
                         s->handles[k]->name, s->name);
    }
}
