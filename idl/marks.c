/* marks.c -- the @words in front of methods and declarations. */
#include "idl/resolve.h"

#include <string.h>

/* Says so where a mark is not the first of its kind. */
static void judge_once(maker *mk, const ast_mark *mark, bool is_there)
{
    if (is_there)
        idl_error(mk->sources, mark->name.span, "mark", "@%s is there twice", mark->name.text);
}

/* ---- methods --------------------------------------------------------------------------------- */

static void resolve_idempotent(maker *mk, const ast_mark *mark, idl_method *method)
{
    judge_once(mk, mark, method->idempotent);
    if (mark->values != NULL)
        idl_error(mk->sources, mark->values->span, "mark", "@idempotent takes no value");
    method->idempotent = true;
}

static void resolve_deadline(maker *mk, mod *m, const ast_mark *mark, idl_method *method)
{
    static const idl_type duration = {.kind = IDL_DURATION, .text = "duration"};
    const ast_value      *value = mark->values;
    idl_value             v = {0};

    judge_once(mk, mark, method->deadline_ns != 0);
    if (method->oneway)
        idl_error(mk->sources, mark->name.span, "mark",
                  "a oneway method has no answer that a deadline could wait for");
    if (value != NULL)
        v = idl_resolve_value(mk, m, value, &duration, "mark");
    if (value == NULL || value->next != NULL ||
        (v.kind != IDL_VALUE_NONE && (v.negative || v.magnitude == 0)))
        idl_error(mk->sources, mark->name.span, "mark",
                  "@deadline needs a duration above zero: @deadline(2s)");
    method->deadline_ns = v.magnitude;
}

/* ---- roles ----------------------------------------------------------------------------------- */

/* It is a word in a file of its own, too, and stands in messages that people read. */
static bool is_role(const idl_value *v)
{
    for (size_t i = 0; i < v->size; i++)
        if (v->string[i] <= ' ' || v->string[i] > '~')
            return false;
    return v->size > 0 && v->size <= IDL_ROLE_MAX;
}

static bool has_role(const idl_roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->count; i++)
        if (strcmp(roles->names[i], name) == 0)
            return true;
    return false;
}

/* The roles of @roles("ops", "trader"), in place of those that `ret` may have from its service. */
static void resolve_roles(maker *mk, mod *m, const ast_mark *mark, idl_roles *ret)
{
    static const idl_type string = {.kind = IDL_STRING, .text = "string"};
    const char          **names = idl_alloc(mk->sources, IDL_ROLES_MAX * sizeof *names);

    *ret = (idl_roles){names, 0};
    if (mark->values == NULL)
        idl_error(mk->sources, mark->name.span, "mark",
                  "@roles needs the names of roles: @roles(\"ops\", \"trader\")");
    for (const ast_value *a = mark->values; a != NULL; a = a->next) {
        idl_value v = idl_resolve_value(mk, m, a, &string, "mark");
        if (v.kind == IDL_VALUE_NONE)
            continue;
        if (!is_role(&v)) {
            idl_error(mk->sources, a->span, "role",
                      "a role has 1 to %u printable characters of ASCII, and no spaces",
                      IDL_ROLE_MAX);
        } else if (has_role(ret, v.string)) {
            idl_error(mk->sources, a->span, "role", "role '%s' is there twice", v.string);
        } else if (ret->count == IDL_ROLES_MAX) {
            idl_error(mk->sources, a->span, "role", "more than %u roles", IDL_ROLES_MAX);
            return;
        } else {
            names[ret->count++] = v.string;
        }
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

void idl_resolve_method_marks(maker *mk, mod *m, const ast_mark *marks, idl_method *method)
{
    bool has_roles = false;

    for (const ast_mark *mark = marks; mark != NULL; mark = mark->next) {
        if (strcmp(mark->name.text, "idempotent") == 0) {
            resolve_idempotent(mk, mark, method);
        } else if (strcmp(mark->name.text, "deadline") == 0) {
            resolve_deadline(mk, m, mark, method);
        } else if (strcmp(mark->name.text, "roles") == 0) {
            judge_once(mk, mark, has_roles);
            has_roles = true;
            resolve_roles(mk, m, mark, &method->roles);
        } else {
            idl_error(mk->sources, mark->name.span, "mark",
                      "no '@%s'; there are @idempotent, @deadline(2s) and @roles(\"ops\")",
                      mark->name.text);
        }
    }
}

void idl_resolve_marks(maker *mk, sym *s)
{
    idl_roles *roles = s->ast->kind == AST_SERVICE ? &s->of.service->roles
                       : s->ast->kind == AST_TOPIC ? &s->of.topic->roles
                                                   : NULL;
    bool       has_roles = false;

    for (const ast_mark *mark = s->ast->marks; mark != NULL; mark = mark->next) {
        if (roles == NULL || strcmp(mark->name.text, "roles") != 0) {
            idl_error(mk->sources, mark->name.span, "mark",
                      roles == NULL ? "no '@%s' here: marks stand in front of services, topics "
                                      "and methods"
                                    : "no '@%s' here; there is @roles(\"ops\")",
                      mark->name.text);
            continue;
        }
        judge_once(mk, mark, has_roles);
        has_roles = true;
        resolve_roles(mk, s->home, mark, roles);
    }
}
