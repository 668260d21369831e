/* emit_json_schema.c -- X.kmsg.schema.json: the values of a schema as JSON Schema 2020-12.
 *
 * idl/json.md says how values become JSON; json_type.c says it of types. $defs has one entry for
 * each enum, record, error and union, of imported files too, under its qualified name; one for the
 * arguments and the answer of each method; and last the types of the language that are not plain in
 * JSON, as far as they are used.
 */
#include "compiler/ctype.h"
#include "compiler/emit_parts.h"
#include "compiler/json_type.h"
#include "compiler/pattern_text.h"
#include "compiler/value_text.h"

#include <string.h>

static void put_doc(schema *s, const char *doc)
{
    if (doc != NULL && doc[0] != '\0')
        json_string(&s->json, "description", doc);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void put_int_default(schema *s, const idl_value *v, const idl_type *type)
{
    const idl_enum_value *member = type->kind == IDL_ENUM ? value_member(type->enum_, v) : NULL;
    const char           *text = NULL;

    if (member != NULL)
        text = member->name;
    else if (type->kind == IDL_RUNE)
        text = pattern_rune((uint32_t)v->magnitude, s->mem);
    else if (type->kind == IDL_TIMESTAMP)
        text = value_json_timestamp(v->negative, v->magnitude, s->mem);
    else if (type->kind == IDL_DURATION)
        text = value_json_duration(v->negative, v->magnitude, s->mem);
    else if (type->kind == IDL_I64 || type->kind == IDL_U64)
        text = value_text(v, type, s->mem);
    if (text != NULL)
        json_string(&s->json, "default", text);
    else
        json_plain(&s->json, "default", "%s", value_text(v, type, s->mem));
}

static void put_default(schema *s, const idl_field *f)
{
    switch (f->initial.kind) {
    case IDL_VALUE_NONE: break;
    case IDL_VALUE_STRING: json_string(&s->json, "default", f->initial.string); break;
    case IDL_VALUE_INT:
        if (f->type->kind != IDL_RUNE || f->initial.magnitude > 0) /* it is what absent means */
            put_int_default(s, &f->initial, f->type);
        break;
    default: json_plain(&s->json, "default", "%s", value_text(&f->initial, f->type, s->mem)); break;
    }
}

static void put_fields(schema *s, const idl_field *fields, size_t count)
{
    json_open(&s->json, "properties", '{');
    for (size_t i = 0; i < count; i++) {
        const idl_field *f = &fields[i];
        if (f->name == NULL)
            continue;
        json_open(&s->json, f->name, '{');
        put_doc(s, f->doc);
        json_type_put(s, f->type);
        put_default(s, f);
        json_close(&s->json, '}');
    }
    json_close(&s->json, '}');
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void put_record(schema *s, const idl_record *r)
{
    json_open(&s->json, r->qualified, '{');
    put_doc(s, r->doc);
    json_string(&s->json, "type", "object");
    put_fields(s, r->fields, r->field_count);
    json_close(&s->json, '}');
}

/* One member at most: one with a name, or one that has only a number, from a newer schema. */
static void put_union(schema *s, const idl_record *r)
{
    json_out *j = &s->json;

    json_open(j, r->qualified, '{');
    put_doc(s, r->doc);
    json_string(j, "type", "object");
    put_fields(s, r->fields, r->field_count);
    json_open(j, "patternProperties", '{');
    json_type_bytes_as(s, "^[1-9][0-9]{0,4}$");
    json_close(j, '}');
    json_plain(j, "additionalProperties", "false");
    json_plain(j, "maxProperties", "1");
    json_close(j, '}');
}

/* What is known of an enum and of its members, as one text. */
static void put_enum_doc(schema *s, const idl_enum *e)
{
    out *text = out_new();

    if (e->doc != NULL)
        out_fmt(text, "%s", e->doc);
    for (size_t i = 0; i < e->value_count; i++) {
        const idl_enum_value *v = &e->values[i];
        if (v->doc != NULL && v->doc[0] != '\0')
            out_fmt(text, "%s%s: %s", out_text(text)[0] == '\0' ? "" : "\n", v->name, v->doc);
    }
    put_doc(s, out_text(text));
    out_free(text);
}

static void put_members(schema *s, const idl_enum *e)
{
    json_open(&s->json, "enum", '[');
    for (size_t i = 0; i < e->value_count; i++)
        json_string(&s->json, NULL, e->values[i].name);
    json_close(&s->json, ']');
}

static void put_enum(schema *s, const idl_enum *e)
{
    json_out *j = &s->json;

    json_open(j, e->qualified, '{');
    put_enum_doc(s, e);
    if (e->closed) {
        put_members(s, e);
    } else {
        json_open(j, "anyOf", '[');
        json_open(j, NULL, '{');
        put_members(s, e);
        json_close(j, '}');
        json_open(j, NULL, '{');
        json_type_put(s, &(idl_type){.kind = IDL_I32});
        json_close(j, '}');
        json_close(j, ']');
    }
    json_close(j, '}');
}

/* A type in the form of an answer: a record as it is, all else as the member "value". */
static void put_answer(schema *s, const char *name, const idl_type *type)
{
    json_out *j = &s->json;

    json_open(j, name, '{');
    if (type != NULL && type->kind == IDL_RECORD && !type->optional) {
        json_type_put(s, type);
    } else {
        json_string(j, "type", "object");
        json_open(j, "properties", '{');
        if (type != NULL)
            json_type_put_as(s, "value", type);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_service(schema *s, const idl_service *service)
{
    for (size_t i = 0; i < service->method_count; i++) {
        const idl_method *m = &service->methods[i];
        const char       *name = ctype_text(s->mem, "%s.%s", service->qualified, m->name);
        json_open(&s->json, ctype_text(s->mem, "%s.args", name), '{');
        put_doc(s, m->doc);
        json_string(&s->json, "type", "object");
        put_fields(s, m->args->fields, m->args->field_count);
        json_close(&s->json, '}');
        if (m->sends != NULL)
            put_answer(s, ctype_text(s->mem, "%s.%s", name, m->sends->name), m->sends->type);
        if (!m->oneway)
            put_answer(s, ctype_text(s->mem, "%s.result", name), m->returns);
    }
}

static void put_topic(schema *s, const idl_topic *t)
{
    json_open(&s->json, ctype_text(s->mem, "%s.key", t->qualified), '{');
    put_doc(s, t->doc);
    json_string(&s->json, "type", "object");
    put_fields(s, t->key->fields, t->key->field_count);
    json_close(&s->json, '}');
    put_answer(s, ctype_text(s->mem, "%s.value", t->qualified), t->type);
}

static void put_decl(schema *s, const idl_decl *d)
{
    switch (d->kind) {
    case IDL_DECL_ENUM: put_enum(s, d->of.enumeration); break;
    case IDL_DECL_SERVICE: put_service(s, d->of.service); break;
    case IDL_DECL_TOPIC: put_topic(s, d->of.topic); break;
    case IDL_DECL_RECORD:
        if (d->of.record->role == IDL_IS_UNION)
            put_union(s, d->of.record);
        else
            put_record(s, d->of.record);
        break;
    case IDL_DECL_CONST:
    case IDL_DECL_ALIAS:
    case IDL_DECL_MACHINE: break;
    }
}

static void put_module(schema *s, const idl_module *m)
{
    for (size_t i = 0; i < m->decl_count; i++)
        put_decl(s, &m->decls[i]);
}

/* "urn:kmsg:acme.dir:people.kmsg": a module may have several files. */
static const char *id_of(schema *s, const idl_module *m)
{
    const char *name = emit_file_name(m), *id = "urn:kmsg:";

    if (m->name[0] != '\0')
        id = ctype_text(s->mem, "%s%s:", id, m->name);

    for (; *name != '\0'; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || strchr("._-", *name) != NULL;
        id = plain ? ctype_text(s->mem, "%s%c", id, *name)
                   : ctype_text(s->mem, "%s%%%02X", id, (unsigned)(unsigned char)*name);
    }
    return id;
}

void emit_json_schema(const idl_model *model, out *o)
{
    schema    s = {.json = {.out = o}, .mem = ctype_arena()};
    json_out *j = &s.json;

    json_open(j, NULL, '{');
    json_string(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_string(j, "$id", id_of(&s, model->main));
    json_string(
        j, "$comment",
        ctype_text(s.mem, "Made by kmsgc from %s; do not edit.", emit_file_name(model->main)));
    put_doc(&s, model->main->doc);
    json_open(j, "$defs", '{');
    put_module(&s, model->main);
    for (size_t i = 0; i < model->module_count; i++)
        if (model->modules[i] != model->main)
            put_module(&s, model->modules[i]);
    json_type_language(&s);
    json_close(j, '}');
    json_close(j, '}');
    kmsg_arena_free(s.mem);
}
