/* emit_docs.c -- X.kmsg.md: a schema as a page to read, in Markdown.
 *
 * One section for each sort of declaration, in it the declarations in the order of the text. Types
 * lead to where they are declared: on this page, or on that of an imported file, which is expected
 * where the import says (a/b.kmsg.md), as the generated header does. What authors wrote is shown as
 * they wrote it and is never Markdown or HTML (md_text.h).
 */
#include "compiler/ctype.h"
#include "compiler/emit_parts.h"
#include "compiler/md_text.h"
#include "compiler/value_text.h"

#include <inttypes.h>
#include <string.h>

#define CONTENTS_FROM 8  /* declarations: a page that has more has a table of contents */
#define BASES_MAX     64 /* whose methods are shown at one service */

typedef struct page {
    const idl_module *module;
    out              *out;
    kmsg_arena       *mem;
    bool              code; /* within `...` */
} page;

/* ---- names and types ------------------------------------------------------------------------- */

static void end_code(page *p)
{
    if (p->code)
        out_put(p->out, "`");
    p->code = false;
}

static void put_code(page *p, const char *text)
{
    if (strpbrk(text, "`|") != NULL) {
        end_code(p);
        md_inline(p->out, text);
        return;
    }
    out_fmt(p->out, "%s%s", p->code ? "" : "`", text);
    p->code = true;
}

/* The page of a module that is imported here, or NULL. */
static const char *page_of(page *p, const idl_module *module)
{
    if (module == p->module)
        return "";
    for (size_t i = 0; i < p->module->import_count; i++)
        if (p->module->imports[i] == module && !module->shipped)
            return ctype_text(p->mem, "%s.md", p->module->import_files[i]);
    return NULL;
}

/* A declared name, with a link where it is known to lead to something. */
static void put_name(page *p, const idl_module *module, const char *name, const char *qualified)
{
    const char *path = page_of(p, module);

    if (path == NULL) {
        put_code(p, qualified);
        return;
    }
    end_code(p);
    md_link(p->out, path[0] == '\0' ? name : qualified, path, name);
}

static void put_type(page *p, const idl_type *t);

static void put_base(page *p, const idl_type *t)
{
    static const char *const words[IDL_RECORD + 1] = {
        [IDL_LIST] = "list<", [IDL_SET] = "set<", [IDL_MAP] = "map<", [IDL_REF] = "ref<"};

    if (words[t->kind] != NULL)
        put_code(p, words[t->kind]);
    if (t->kind == IDL_MAP) {
        put_type(p, t->key);
        put_code(p, ", ");
        put_type(p, t->value);
    } else if (t->item != NULL) {
        put_type(p, t->item);
    } else if (t->kind == IDL_ENUM) {
        put_name(p, t->enum_->module, t->enum_->name, t->enum_->qualified);
    } else if (t->record != NULL) {
        put_name(p, t->record->module, t->record->name, t->record->qualified);
    } else {
        put_code(p, ctype_builtin(t->kind));
    }
    if (words[t->kind] != NULL)
        put_code(p, ">");
    if (t->kind == IDL_ARRAY)
        put_code(p, ctype_text(p->mem, "[%" PRIu32 "]", t->count));
}

/* With the limits of what is inside it, not with its own. */
static void put_outer(page *p, const idl_type *t)
{
    if (t->alias != NULL)
        put_name(p, t->alias->module, t->alias->name, t->alias->qualified);
    else
        put_base(p, t);
}

static void put_type(page *p, const idl_type *t)
{
    put_outer(p, t);
    if (t->limits != NULL && (t->alias == NULL || t->limits != t->alias->type->limits))
        put_code(p, ctype_text(p->mem, "(%s)", value_limits_text(t, p->mem)));
    if (t->optional)
        put_code(p, "?");
}

/* A type that stands alone. */
static void put_whole_type(page *p, const idl_type *t)
{
    put_type(p, t);
    end_code(p);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* Which columns a table of fields has, beside number, name and type. */
typedef struct columns {
    bool initial, limits, doc;
} columns;

static columns columns_of(const idl_field *fields, size_t count)
{
    columns c = {0};

    for (size_t i = 0; i < count; i++) {
        c.initial = c.initial || fields[i].initial.kind != IDL_VALUE_NONE;
        c.limits = c.limits || (fields[i].name != NULL && fields[i].type->limits != NULL);
        c.doc = c.doc || fields[i].doc[0] != '\0';
    }
    return c;
}

static void put_field(page *p, const idl_field *f, columns c)
{
    out *o = p->out;

    out_fmt(o, "| %" PRIu32 " | `%s` | ", f->number, f->name);
    put_outer(p, f->type);
    if (f->type->optional)
        put_code(p, "?");
    end_code(p);
    out_put(o, " |");
    if (c.initial) {
        out_put(o, " ");
        md_code(o, value_text(&f->initial, f->type, p->mem));
        out_put(o, " |");
    }
    if (c.limits) {
        out_put(o, " ");
        md_code(o, value_limits_text(f->type, p->mem));
        out_put(o, " |");
    }
    if (c.doc) {
        out_put(o, " ");
        md_inline(o, f->doc);
        out_put(o, " |");
    }
    out_put(o, "\n");
}

static void put_fields(page *p, const char *what, const idl_field *fields, size_t count)
{
    columns c = columns_of(fields, count);
    out    *o = p->out;
    bool    any = false;

    for (size_t i = 0; i < count; i++) {
        if (fields[i].name == NULL)
            continue;
        if (!any)
            out_fmt(o, "| # | %s | type |%s%s%s\n| ---: | --- | --- |%s%s%s\n", what,
                    c.initial ? " default |" : "", c.limits ? " limits |" : "", c.doc ? " |" : "",
                    c.initial ? " --- |" : "", c.limits ? " --- |" : "", c.doc ? " --- |" : "");
        any = true;
        put_field(p, &fields[i], c);
    }
    out_put(o, any ? "\n" : "");
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void put_anchor(page *p, const char *name)
{
    out_fmt(p->out, "<a id=\"%s\"></a>", name);
}

static void put_head(page *p, const char *level, const char *name, const char *doc)
{
    put_anchor(p, name);
    out_fmt(p->out, "\n\n%s ", level);
    md_inline(p->out, name);
    out_put(p->out, "\n\n");
    md_paragraphs(p->out, doc);
}

static void put_record(page *p, const idl_decl *d)
{
    const idl_record *r = d->of.record;

    put_head(p, "###", r->name, r->doc);
    if (r->role == IDL_IS_FIXED)
        out_fmt(p->out, "Fixed: %" PRIu32 " bytes that never grow.\n\n", r->block);
    if (r->role == IDL_IS_UNION)
        out_put(p->out, "One of these:\n\n");
    if (r->field_count == 0)
        out_put(p->out, "It holds nothing.\n\n");
    put_fields(p, r->role == IDL_IS_UNION ? "member" : "field", r->fields, r->field_count);
}

static void put_enum(page *p, const idl_decl *d)
{
    const idl_enum *e = d->of.enumeration;
    bool            docs = false;
    out            *o = p->out;

    put_head(p, "###", e->name, e->doc);
    if (e->closed)
        out_put(o, "Closed: other numbers are refused.\n\n");
    for (size_t i = 0; i < e->value_count; i++)
        docs = docs || e->values[i].doc[0] != '\0';
    out_fmt(o, "| number | name |%s\n| ---: | --- |%s\n", docs ? " |" : "", docs ? " --- |" : "");
    for (size_t i = 0; i < e->value_count; i++) {
        out_fmt(o, "| %" PRId32 " | `%s` |", e->values[i].number, e->values[i].name);
        if (docs) {
            out_put(o, " ");
            md_inline(o, e->values[i].doc);
            out_put(o, " |");
        }
        out_put(o, "\n");
    }
    out_put(o, "\n");
}

/* ---- services -------------------------------------------------------------------------------- */

/* name(a: T, b: stream U) -> V throws E */
static void put_signature(page *p, const idl_method *m)
{
    const char *before = "";

    put_code(p, ctype_text(p->mem, "%s%s(", m->oneway ? "oneway " : "", m->name));
    for (size_t i = 0; i < m->args->field_count; i++) {
        put_code(p, ctype_text(p->mem, "%s%s: ", before, m->args->fields[i].name));
        put_type(p, m->args->fields[i].type);
        before = ", ";
    }
    if (m->sends != NULL) {
        put_code(p, ctype_text(p->mem, "%s%s: stream ", before, m->sends->name));
        put_type(p, m->sends->type);
    }
    put_code(p, ")");
    if (m->returns != NULL) {
        put_code(p, m->returns_stream ? " -> stream " : " -> ");
        put_type(p, m->returns);
    }
    for (size_t i = 0; i < m->throw_count; i++) {
        end_code(p); /* spaces at both ends of code are lost */
        out_put(p->out, i == 0 ? " `throws` " : ", ");
        put_name(p, m->throws[i]->module, m->throws[i]->name, m->throws[i]->qualified);
    }
    end_code(p);
    out_put(p->out, "\n\n");
}

static bool promises(const idl_method *m)
{
    return m->sends != NULL || m->returns_stream || m->oneway || m->idempotent ||
           m->deadline_ns != 0 || m->roles.count > 0;
}

/* "For the roles `ops`, `trader`" */
static void put_roles(page *p, const char *begin, const idl_roles *roles)
{
    if (roles->count == 0)
        return;
    out_fmt(p->out, "%sFor the role%s ", begin, roles->count == 1 ? "" : "s");
    for (size_t i = 0; i < roles->count; i++) {
        if (i > 0)
            out_put(p->out, ", ");
        put_code(p, roles->names[i]);
        end_code(p);
    }
    out_put(p->out, " only\n");
}

static void put_promises(page *p, const idl_method *m)
{
    out *o = p->out;

    if (m->sends != NULL) {
        out_fmt(o, "- The caller sends a stream, `%s`", m->sends->name);
        if (m->sends->doc[0] != '\0') {
            out_put(o, ": ");
            md_inline(o, m->sends->doc);
        }
        out_put(o, "\n");
    }
    if (m->returns_stream)
        out_put(o, "- The answer is a stream\n");
    if (m->oneway)
        out_put(o, "- One way: there is no answer\n");
    if (m->idempotent)
        out_put(o, "- Idempotent: asking twice does no more than asking once\n");
    if (m->deadline_ns != 0)
        out_fmt(o, "- Deadline: `%s`\n", value_duration_text(false, m->deadline_ns, p->mem));
    put_roles(p, "- ", &m->roles);
    if (promises(m))
        out_put(o, "\n");
}

static void put_method(page *p, const idl_service *s, const idl_method *m)
{
    columns more = columns_of(m->args->fields, m->args->field_count);

    put_anchor(p, ctype_text(p->mem, "%s.%s", s->name, m->name));
    out_put(p->out, "\n\n#### ");
    md_inline(p->out, m->name);
    out_put(p->out, "\n\n");
    put_signature(p, m);
    md_paragraphs(p->out, m->doc);
    put_promises(p, m);
    if (more.initial || more.limits || more.doc) /* than the signature tells */
        put_fields(p, "parameter", m->args->fields, m->args->field_count);
}

static void put_inherited(page *p, const idl_service *base)
{
    const char *path = page_of(p, base->module);

    out_put(p->out, "- from ");
    put_name(p, base->module, base->name, base->qualified);
    for (size_t i = 0; i < base->method_count; i++) {
        const idl_method *m = &base->methods[i];
        end_code(p);
        out_put(p->out, i == 0 ? ": " : ", ");
        if (path != NULL)
            md_link(p->out, m->name, path, ctype_text(p->mem, "%s.%s", base->name, m->name));
        else
            put_code(p, m->name);
    }
    end_code(p);
    out_put(p->out, "\n");
}

/* Of all services that this one is based on; they are a tree. `left` bounds a page whose services
 * are a long chain. */
static void put_bases(page *p, const idl_service *s, size_t *left)
{
    for (size_t i = 0; i<s->base_count && * left> 0; i++) {
        if (--*left == 0) {
            out_put(p->out, "- and more\n");
            return;
        }
        put_inherited(p, s->bases[i]);
        put_bases(p, s->bases[i], left);
    }
}

static void put_service(page *p, const idl_decl *d)
{
    const idl_service *s = d->of.service;
    size_t             left = BASES_MAX + 1;

    put_head(p, "###", s->name, s->doc);
    put_roles(p, "", &s->roles);
    out_put(p->out, s->roles.count > 0 ? "\n" : "");
    if (s->base_count > 0) {
        out_put(p->out, "Methods of other services that it has too:\n\n");
        put_bases(p, s, &left);
        out_put(p->out, "\n");
    }
    for (size_t i = 0; i < s->method_count; i++)
        put_method(p, s, &s->methods[i]);
}

/* ---- topics, machines ------------------------------------------------------------------------ */

static void put_topic(page *p, const idl_decl *d)
{
    const idl_topic *t = d->of.topic;

    put_head(p, "###", t->name, t->doc);
    put_roles(p, "", &t->roles);
    out_put(p->out, t->roles.count > 0 ? "\n" : "");
    out_put(p->out, "Its values are ");
    put_whole_type(p, t->type);
    out_fmt(p->out, ", one for each key%s\n\n",
            t->key->field_count > 0 ? ":" : "; the key is empty.");
    put_fields(p, "part of the key", t->key->fields, t->key->field_count);
}

static void put_state(page *p, const idl_state *s, bool docs)
{
    out *o = p->out;

    out_fmt(o, "| `%s` | ", s->name);
    for (size_t i = 0; i < s->handle_count; i++) {
        end_code(p);
        out_put(o, i == 0 ? "" : ", ");
        put_name(p, s->handles[i]->module, s->handles[i]->name, s->handles[i]->qualified);
    }
    end_code(p);
    out_put(o, " |");
    if (docs) {
        out_put(o, " ");
        md_inline(o, s->doc);
        out_put(o, " |");
    }
    out_put(o, "\n");
}

static void put_machine(page *p, const idl_decl *d)
{
    const idl_machine *m = d->of.machine;
    bool               docs = false;

    put_head(p, "###", m->name, m->doc);
    for (size_t i = 0; i < m->state_count; i++)
        docs = docs || m->states[i].doc[0] != '\0';
    if (m->state_count > 0)
        out_fmt(p->out, "It begins in `%s`.\n\n", m->states[0].name);
    out_fmt(p->out, "| state | takes |%s\n| --- | --- |%s\n", docs ? " |" : "",
            docs ? " --- |" : "");
    for (size_t i = 0; i < m->state_count; i++)
        put_state(p, &m->states[i], docs);
    out_put(p->out, "\n");
}

/* ---- constants, aliases: a row each ---------------------------------------------------------- */

static void put_row(page *p, const char *name, const idl_type *type, const char *text,
                    const char *doc)
{
    out *o = p->out;

    out_put(o, "| ");
    put_anchor(p, name);
    out_fmt(o, "`%s` | ", name);
    put_whole_type(p, type);
    out_put(o, " | ");
    if (text != NULL) {
        md_code(o, text);
        out_put(o, " | ");
    }
    md_inline(o, doc);
    out_put(o, " |\n");
}

static void put_const(page *p, const idl_decl *d)
{
    const idl_const *c = d->of.constant;

    put_row(p, c->name, c->type, value_text(&c->value, c->type, p->mem), c->doc);
}

static void put_alias(page *p, const idl_decl *d)
{
    put_row(p, d->of.alias->name, d->of.alias->type, NULL, d->of.alias->doc);
}

/* ---- the page -------------------------------------------------------------------------------- */

#define ROLE(role) (1u << (role))

static const struct section {
    const char *title;
    int         kind;  /* of idl_decl */
    unsigned    roles; /* of records, as ROLE() */
    const char *table; /* the head of the table whose rows they are, or NULL */
    void (*put)(page *p, const idl_decl *d);
} sections[] = {
    {"Services", IDL_DECL_SERVICE, 0, NULL, put_service},
    {"Topics", IDL_DECL_TOPIC, 0, NULL, put_topic},
    {"Machines", IDL_DECL_MACHINE, 0, NULL, put_machine},
    {"Records", IDL_DECL_RECORD, ROLE(IDL_IS_RECORD) | ROLE(IDL_IS_FIXED), NULL, put_record},
    {"Unions", IDL_DECL_RECORD, ROLE(IDL_IS_UNION), NULL, put_record},
    {"Errors", IDL_DECL_RECORD, ROLE(IDL_IS_ERROR), NULL, put_record},
    {"Enums", IDL_DECL_ENUM, 0, NULL, put_enum},
    {"Constants", IDL_DECL_CONST, 0, "| name | type | value | |\n| --- | --- | --- | --- |\n",
     put_const},
    {"Aliases", IDL_DECL_ALIAS, 0, "| name | stands for | |\n| --- | --- | --- |\n", put_alias},
};

#define SECTION_COUNT (sizeof sections / sizeof *sections)

static bool belongs(const idl_decl *d, const struct section *s)
{
    return (int)d->kind == s->kind &&
           (d->kind != IDL_DECL_RECORD || (s->roles & ROLE(d->of.record->role)) != 0);
}

static const char *decl_name(const idl_decl *d)
{
    switch (d->kind) {
    case IDL_DECL_CONST: return d->of.constant->name;
    case IDL_DECL_ALIAS: return d->of.alias->name;
    case IDL_DECL_ENUM: return d->of.enumeration->name;
    case IDL_DECL_RECORD: return d->of.record->name;
    case IDL_DECL_SERVICE: return d->of.service->name;
    case IDL_DECL_TOPIC: return d->of.topic->name;
    case IDL_DECL_MACHINE: return d->of.machine->name;
    }
    return "";
}

static void put_contents(page *p)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const char *before = NULL;
        for (size_t k = 0; k < p->module->decl_count; k++) {
            const idl_decl *d = &p->module->decls[k];
            if (!belongs(d, &sections[i]))
                continue;
            if (before == NULL)
                out_fmt(p->out, "- %s: ", sections[i].title);
            out_put(p->out, before == NULL ? "" : before);
            md_link(p->out, decl_name(d), "", decl_name(d));
            before = ", ";
        }
        out_put(p->out, before == NULL ? "" : "\n");
    }
    out_put(p->out, "\n");
}

static void put_section(page *p, const struct section *s)
{
    bool any = false;

    for (size_t i = 0; i < p->module->decl_count; i++) {
        const idl_decl *d = &p->module->decls[i];
        if (!belongs(d, s))
            continue;
        if (!any)
            out_fmt(p->out, "## %s\n\n%s", s->title, s->table == NULL ? "" : s->table);
        any = true;
        s->put(p, d);
    }
    out_put(p->out, any && s->table != NULL ? "\n" : "");
}

void emit_docs(const idl_model *model, out *o)
{
    page        p = {.module = model->main, .out = o, .mem = ctype_arena()};
    const char *file = emit_file_name(model->main);

    out_put(o, "# ");
    md_inline(o, model->main->name[0] != '\0' ? model->main->name : file);
    out_put(o, "\n\n");
    md_paragraphs(o, model->main->doc);
    out_put(o, "*Made by kmsgc from ");
    md_inline(o, file);
    out_put(o, ".*\n\n");
    if (model->main->decl_count > CONTENTS_FROM)
        put_contents(&p);
    for (size_t i = 0; i < SECTION_COUNT; i++)
        put_section(&p, &sections[i]);
    kmsg_arena_free(p.mem);
}
