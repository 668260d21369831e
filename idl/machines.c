/* machines.c -- states, the records that each handles, and what its handlers are called in C.
 *
 * A state is a member of the machine's table of handlers, and each record that it handles a member
 * of that; the user's functions are named after both, by a macro.
 */
#include "idl/resolve.h"

#include <string.h>

/* It is a macro by then. */
static bool is_const(const mod *m, const char *name)
{
    const sym *s = idl_names_find(&m->names, name);

    return s != NULL && s->ast->kind == AST_CONST && m->m.prefix[0] == '\0';
}

static bool is_table_word(const idl_machine *machine, const char *name)
{
    size_t size = strlen(machine->c_name);

    return strcmp(name, "start") == 0 || strcmp(name, "otherwise") == 0 ||
           (strncmp(name, machine->c_name, size) == 0 && strcmp(name + size, "_state") == 0);
}

static const char *state_member(maker *mk, const sym *s, const char *name)
{
    bool taken = idl_is_c_word(name) || idl_is_kmsg_word(name) ||
                 is_table_word(s->of.machine, name) || is_const(s->home, name);

    return taken ? idl_text(mk->sources, "%s_", name) : name;
}

/* Records of several modules may share a name. */
static void name_handlers(maker *mk, const sym *s, idl_state *state)
{
    const char **members =
        idl_alloc(mk->sources, (state->handle_count + 1) * sizeof *state->members);

    for (size_t i = 0; i < state->handle_count; i++) {
        const char *name = state->handles[i]->name;
        bool        taken = is_const(s->home, name);
        for (size_t k = 0; k < state->handle_count; k++)
            taken = taken || (k != i && strcmp(state->handles[k]->name, name) == 0);
        members[i] = taken ? state->handles[i]->c_name
                     : idl_is_c_word(name) || idl_is_kmsg_word(name)
                         ? idl_text(mk->sources, "%s_", name)
                         : name;
    }
    state->members = members;
}

static void add_handle(maker *mk, const sym *s, const ast_word *w, idl_state *state,
                       const idl_record **handles)
{
    const sym *r = idl_find_name(mk, s->home, w->name.text, w->name.span, "record");

    if (r == NULL)
        return;
    if (r->ast->kind != AST_RECORD && r->ast->kind != AST_ERROR) {
        idl_error(mk->sources, w->name.span, "state-message",
                  "a state handles records: '%s' is none", w->name.text);
        return;
    }
    for (size_t i = 0; i < state->handle_count; i++)
        if (handles[i] == r->of.record)
            idl_error(mk->sources, w->name.span, "duplicate-name",
                      "state '%s' handles '%s' already", state->name, w->name.text);
    handles[state->handle_count++] = r->of.record;
}

static void resolve_state(maker *mk, sym *s, const ast_state *a, idl_state *state)
{
    const idl_record **handles;
    size_t             n = 0;

    for (const ast_word *w = a->handles; w != NULL; w = w->next)
        n++;
    handles = idl_alloc(mk->sources, (n + 1) * sizeof *handles);
    *state =
        (idl_state){.name = a->name.text,
                    .c_name = idl_text(mk->sources, "%s_%s", s->of.machine->c_name, a->name.text),
                    .member = state_member(mk, s, a->name.text),
                    .doc = a->name.doc,
                    .handles = handles,
                    .span = a->name.span};
    for (const ast_word *w = a->handles; w != NULL; w = w->next)
        add_handle(mk, s, w, state, handles);
    name_handlers(mk, s, state);
}

void idl_resolve_machine(maker *mk, sym *s)
{
    idl_names  names = {0};
    idl_state *states;
    size_t     n = 0;

    for (const ast_state *a = s->ast->states; a != NULL; a = a->next)
        n++;
    if (n == 0)
        idl_error(mk->sources, s->ast->name.span, "machine-empty", "machine '%s' has no states",
                  s->of.machine->name);
    states = idl_alloc(mk->sources, (n + 1) * sizeof *states);
    n = 0;
    for (const ast_state *a = s->ast->states; a != NULL; a = a->next) {
        if (!idl_names_add(mk->sources, &names, a->name.text, (void *)(uintptr_t)a))
            idl_error(mk->sources, a->name.span, "duplicate-name", "state '%s' is there twice",
                      a->name.text);
        resolve_state(mk, s, a, &states[n++]);
    }
    s->of.machine->states = states;
    s->of.machine->state_count = n;
}
