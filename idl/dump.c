/* dump.c -- trees and models as indented text, for people and for tests. */
#include "idl/ast.h"
#include "idl/model.h"

#include <inttypes.h>

/* ---- trees ----------------------------------------------------------------------------------- */

static void dump_ast_value(const ast_value *v, FILE *out)
{
    switch (v->kind) {
    case AST_INT: fprintf(out, "%s%" PRIu64, v->negative ? "-" : "", v->magnitude); break;
    case AST_DURATION: fprintf(out, "%s%" PRIu64 "ns", v->negative ? "-" : "", v->magnitude); break;
    case AST_FLOAT: fprintf(out, "%.17g", v->number); break;
    case AST_BOOL: fprintf(out, "%s", v->magnitude ? "true" : "false"); break;
    case AST_STRING: fprintf(out, "string of %zu", v->size); break;
    case AST_NAME: fprintf(out, "%s", v->text); break;
    }
}

static void dump_ast_limit(const ast_limit *l, FILE *out)
{
    if (l->low != NULL)
        dump_ast_value(l->low, out);
    fprintf(out, l->range ? ".." : "");
    if (l->range && l->high != NULL)
        dump_ast_value(l->high, out);
}

static void dump_ast_type(const ast_type *t, FILE *out)
{
    static const char *const heads[] = {"", "list<", "set<", "map<", "ref<", ""};

    fprintf(out, "%s%s", heads[t->kind], t->name == NULL ? "" : t->name);
    if (t->item != NULL)
        dump_ast_type(t->item, out);
    if (t->value != NULL) {
        fprintf(out, ", ");
        dump_ast_type(t->value, out);
    }
    fprintf(out, t->kind == AST_NAMED || t->kind == AST_ARRAY ? "" : ">");
    if (t->count != NULL) {
        fprintf(out, "[");
        dump_ast_value(t->count, out);
        fprintf(out, "]");
    }
    for (const ast_limit *l = t->limits; l != NULL; l = l->next) {
        fprintf(out, l == t->limits ? "(" : ", ");
        dump_ast_limit(l, out);
        fprintf(out, l->next == NULL ? ")" : "");
    }
    fprintf(out, t->optional ? "?" : "");
}

static void dump_ast_initial(const ast_value *v, FILE *out)
{
    if (v == NULL)
        return;
    fprintf(out, " = ");
    dump_ast_value(v, out);
}

static void dump_ast_field(const ast_field *f, const char *what, FILE *out)
{
    fprintf(out, "    %s", f->reserved ? "reserved" : what);
    if (f->has_number)
        fprintf(out, " %" PRIu64, f->number);
    if (!f->reserved)
        fprintf(out, " %s", f->name.text);
    if (f->type != NULL) {
        fprintf(out, f->stream ? ": stream " : ": ");
        dump_ast_type(f->type, out);
    }
    dump_ast_initial(f->value, out);
    fprintf(out, "\n");
}

static void dump_ast_marks(const ast_mark *list, const char *indent, FILE *out)
{
    for (const ast_mark *mark = list; mark != NULL; mark = mark->next) {
        fprintf(out, "%s@%s", indent, mark->name.text);
        for (const ast_value *v = mark->values; v != NULL; v = v->next) {
            fprintf(out, v == mark->values ? " = " : ", ");
            dump_ast_value(v, out);
        }
        fprintf(out, "\n");
    }
}

static void dump_ast_method(const ast_method *m, FILE *out)
{
    dump_ast_marks(m->marks, "  ", out);
    fprintf(out, "  %smethod %s", m->oneway ? "oneway " : "", m->name.text);
    if (m->returns != NULL) {
        fprintf(out, m->returns_stream ? " -> stream " : " -> ");
        dump_ast_type(m->returns, out);
    }
    for (const ast_word *w = m->throws; w != NULL; w = w->next)
        fprintf(out, "%s%s", w == m->throws ? " throws " : ", ", w->name.text);
    fprintf(out, "\n");
    for (const ast_field *f = m->params; f != NULL; f = f->next)
        dump_ast_field(f, "param", out);
}

static void dump_ast_decl(const ast_decl *d, FILE *out)
{
    static const char *const words[] = {"const",        "alias", "enum",    "record", "error",
                                        "fixed record", "union", "service", "topic",  "machine"};

    dump_ast_marks(d->marks, "", out);
    fprintf(out, "%s%s %s", d->closed ? "closed " : "", words[d->kind], d->name.text);
    for (const ast_word *w = d->bases; w != NULL; w = w->next)
        fprintf(out, "%s%s", w == d->bases ? " : " : ", ", w->name.text);
    if (d->type != NULL) {
        fprintf(out, ": ");
        dump_ast_type(d->type, out);
    }
    dump_ast_initial(d->value, out);
    fprintf(out, "\n");
    for (const ast_word *w = d->values; w != NULL; w = w->next) {
        fprintf(out, "    member %s", w->name.text);
        dump_ast_initial(w->value, out);
        fprintf(out, "\n");
    }
    for (const ast_field *f = d->fields; f != NULL; f = f->next)
        dump_ast_field(f, "field", out);
    for (const ast_method *m = d->methods; m != NULL; m = m->next)
        dump_ast_method(m, out);
    for (const ast_state *t = d->states; t != NULL; t = t->next) {
        fprintf(out, "    state %s", t->name.text);
        for (const ast_word *w = t->handles; w != NULL; w = w->next)
            fprintf(out, "%s%s", w == t->handles ? ": " : ", ", w->name.text);
        fprintf(out, "\n");
    }
}

void idl_ast_dump(const ast_file *file, FILE *out)
{
    if (file->has_module)
        fprintf(out, "module %s\n", file->module.text);
    for (const ast_word *w = file->imports; w != NULL; w = w->next)
        fprintf(out, "import %s\n", w->name.text);
    for (const ast_decl *d = file->decls; d != NULL; d = d->next)
        dump_ast_decl(d, out);
}

/* ---- models ---------------------------------------------------------------------------------- */

static void dump_value(const idl_value *v, FILE *out)
{
    switch (v->kind) {
    case IDL_VALUE_NONE: break;
    case IDL_VALUE_FLOAT: fprintf(out, " = %.17g", v->number); break;
    case IDL_VALUE_STRING: fprintf(out, " = string of %zu", v->size); break;
    default: fprintf(out, " = %s%" PRIu64, v->negative ? "-" : "", v->magnitude); break;
    }
}

static void dump_record(const idl_record *r, const char *indent, FILE *out)
{
    static const char *const words[] = {"record", "error", "fixed record",
                                        "union",  "args",  "result"};

    fprintf(out, "%s%s %s", indent, words[r->role], r->qualified);
    if (r->role != IDL_IS_UNION)
        fprintf(out, " block %u align %u slots %u", r->block, r->align, r->slots);
    fprintf(out, "%s%s%s\n", r->recursive ? " recursive" : "", r->has_refs ? " refs" : "",
            r->has_addresses ? " addresses" : "");
    for (size_t i = 0; i < r->field_count; i++) {
        const idl_field *f = &r->fields[i];
        fprintf(out, "%s    %u %s: %s", indent, f->number, f->name == NULL ? "reserved" : f->name,
                f->type->text);
        if (r->role != IDL_IS_UNION)
            fprintf(out, " %s %u", f->in_block ? "at" : "slot", f->in_block ? f->offset : f->slot);
        dump_value(&f->initial, out);
        fprintf(out, "\n");
    }
}

static void dump_roles(const idl_roles *roles, FILE *out)
{
    for (size_t i = 0; i < roles->count; i++)
        fprintf(out, "%s%s", i == 0 ? " @roles " : ", ", roles->names[i]);
}

static void dump_service(const idl_service *s, FILE *out)
{
    fprintf(out, "service %s", s->qualified);
    for (size_t i = 0; i < s->base_count; i++)
        fprintf(out, "%s%s", i == 0 ? " : " : ", ", s->bases[i]->qualified);
    dump_roles(&s->roles, out);
    fprintf(out, "\n");
    for (size_t i = 0; i < s->method_count; i++) {
        const idl_method *m = &s->methods[i];
        fprintf(out, "  %u %s%s", m->number, m->oneway ? "oneway " : "", m->name);
        if (m->returns != NULL)
            fprintf(out, " -> %s%s", m->returns_stream ? "stream " : "", m->returns->text);
        if (m->idempotent)
            fprintf(out, " @idempotent");
        if (m->deadline_ns != 0)
            fprintf(out, " @deadline %" PRIu64 "ns", m->deadline_ns);
        dump_roles(&m->roles, out);
        for (size_t k = 0; k < m->throw_count; k++)
            fprintf(out, "%s%s", k == 0 ? " throws " : ", ", m->throws[k]->qualified);
        fprintf(out, "\n");
        dump_record(m->args, "    ", out);
        if (m->sends != NULL)
            fprintf(out, "    sends %s: stream %s\n", m->sends->name, m->sends->type->text);
        if (m->result != NULL && m->result->role == IDL_IS_RESULT)
            dump_record(m->result, "    ", out);
    }
}

static void dump_topic(const idl_topic *t, FILE *out)
{
    fprintf(out, "topic %s: %s", t->qualified, t->type->text);
    dump_roles(&t->roles, out);
    fprintf(out, "\n");
    dump_record(t->key, "    ", out);
}

static void dump_machine(const idl_machine *m, FILE *out)
{
    fprintf(out, "machine %s\n", m->qualified);
    for (size_t i = 0; i < m->state_count; i++) {
        fprintf(out, "    state %s", m->states[i].name);
        for (size_t k = 0; k < m->states[i].handle_count; k++)
            fprintf(out, "%s%s", k == 0 ? ": " : ", ", m->states[i].handles[k]->qualified);
        fprintf(out, "\n");
    }
}

static void dump_decl(const idl_decl *d, FILE *out)
{
    switch (d->kind) {
    case IDL_DECL_CONST:
        fprintf(out, "const %s: %s", d->of.constant->qualified, d->of.constant->type->text);
        dump_value(&d->of.constant->value, out);
        fprintf(out, "\n");
        break;
    case IDL_DECL_ALIAS:
        fprintf(out, "alias %s = %s\n", d->of.alias->qualified, d->of.alias->type->text);
        break;
    case IDL_DECL_ENUM:
        fprintf(out, "%senum %s\n", d->of.enumeration->closed ? "closed " : "",
                d->of.enumeration->qualified);
        for (size_t i = 0; i < d->of.enumeration->value_count; i++)
            fprintf(out, "    %s = %" PRId32 "\n", d->of.enumeration->values[i].name,
                    d->of.enumeration->values[i].number);
        break;
    case IDL_DECL_RECORD: dump_record(d->of.record, "", out); break;
    case IDL_DECL_SERVICE: dump_service(d->of.service, out); break;
    case IDL_DECL_TOPIC: dump_topic(d->of.topic, out); break;
    case IDL_DECL_MACHINE: dump_machine(d->of.machine, out); break;
    }
}

void idl_model_dump(const idl_model *model, FILE *out)
{
    for (size_t i = 0; i < model->module_count; i++) {
        const idl_module *m = model->modules[i];
        fprintf(out, "%s%s%s\n", m->file, m->name[0] != '\0' ? " module " : "", m->name);
        for (size_t k = 0; k < m->decl_count; k++)
            dump_decl(&m->decls[k], out);
    }
}
