/* emit_layout.c -- a schema as data: the fields and layouts of kmsg/gen.h, and what is default. */
#include "compiler/emit_parts.h"
#include "compiler/value_text.h"

#include <inttypes.h>
#include <string.h>

/* A C string literal. Trigraphs and hex escapes that would run on are avoided by octal. */
const char *emit_quoted(emit *e, const char *text, size_t size)
{
    const char *s = "";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\' || c == '?')
            s = ctype_text(e->mem, "%s\\%c", s, c);
        else if (c < 0x20 || c == 0x7f)
            s = ctype_text(e->mem, "%s\\%03o", s, c);
        else
            s = ctype_text(e->mem, "%s%c", s, c);
    }
    return s;
}

/* ---- defaults -------------------------------------------------------------------------------- */

static const char *int_text(emit *e, const idl_value *v, idl_kind kind)
{
    if (kind == IDL_BOOL)
        return v->magnitude ? "true" : "false";
    if (v->negative && v->magnitude == (uint64_t)INT64_MAX + 1)
        return "INT64_MIN";
    if (kind == IDL_U64 || v->magnitude > INT64_MAX)
        return ctype_text(e->mem, "UINT64_C(%" PRIu64 ")", v->magnitude);
    if (kind == IDL_I64 || kind == IDL_TIMESTAMP || kind == IDL_DURATION)
        return ctype_text(e->mem, "%sINT64_C(%" PRIu64 ")", v->negative ? "-" : "", v->magnitude);
    if (v->negative && v->magnitude == (uint64_t)INT32_MAX + 1)
        return "INT32_MIN";
    return ctype_text(e->mem, "%s%" PRIu64 "%s", v->negative ? "-" : "", v->magnitude,
                      kind == IDL_U32 || kind == IDL_RUNE ? "u" : "");
}

const char *emit_value_text(emit *e, const idl_value *v, const idl_type *type)
{
    const char *number;

    switch (v->kind) {
    case IDL_VALUE_STRING:
        return ctype_text(e->mem, "KMSG_STR(\"%s\")", emit_quoted(e, v->string, v->size));
    case IDL_VALUE_FLOAT:
        number = value_float_text(v->number, type->kind, e->mem);
        return type->kind == IDL_F32 ? ctype_text(e->mem, "%sf", number) : number;
    default:
        if (type->kind == IDL_ENUM)
            return ctype_text(e->mem, "(%s)%s", type->enum_->c_name, int_text(e, v, IDL_I32));
        if (type->kind == IDL_F32 || type->kind == IDL_F64)
            return ctype_text(e->mem, "%s.0", int_text(e, v, IDL_I64));
        return int_text(e, v, type->kind);
    }
}

static void emit_initial_members(emit *e, const idl_record *record)
{
    const char *before = "";

    for (size_t i = 0; i < record->field_count; i++) {
        const idl_field *f = &record->fields[i];
        if (!idl_has_initial(f))
            continue;
        out_fmt(e->out, "%s.%s = ", before, f->c_name);
        before = ", ";
        if (f->initial.kind != IDL_VALUE_NONE) {
            out_fmt(e->out, "%s", emit_value_text(e, &f->initial, f->type));
            continue;
        }
        out_put(e->out, "{");
        emit_initial_members(e, f->type->record);
        out_put(e->out, "}");
    }
}

void emit_initial(emit *e, const idl_record *record)
{
    unit u = unit_of_record(record);
    bool pointed_at = false;

    for (size_t i = 0; i < u.field_count; i++)
        pointed_at = pointed_at || u.fields[i].initial.kind != IDL_VALUE_NONE;
    if (u.is_union || (!u.is_extern && !(u.has_initial && pointed_at)))
        return;
    out_fmt(e->out, "%sconst %s %s_initial = {", u.is_extern ? "" : "static ", u.name, u.name);
    emit_initial_members(e, record);
    out_put(e->out, u.has_initial ? "};\n\n" : "0};\n\n");
}

/* ---- layouts --------------------------------------------------------------------------------- */

/* Of a tail that nobody reads it counts only how nothing is written: a record of all defaults, or
 * no bytes, or absent. */
static const char *field_type(emit *e, const unit *u, const idl_field *f)
{
    if (f->name == NULL && !f->in_block && f->type->kind != IDL_RECORD)
        return "kmsg_type_bytes";
    return ctype_descriptor(f->type, unit_place(u, f, e->mem), e->mem);
}

static void emit_field(emit *e, const unit *u, const idl_field *f)
{
    out *o = e->out;
    bool absent = f->type->optional || (f->name == NULL && f->type->kind == IDL_REF);

    out_put(o, "    {");
    if (f->name != NULL) /* parts of lists and maps have no name of their own */
        out_fmt(o, ".name = \"%s\", ", u->kind == UNIT_RECORD ? f->name : "");
    out_fmt(o, ".type = &%s, .number = %u", field_type(e, u, f), f->number);
    if (f->name != NULL && u->kind != UNIT_ROW && u->kind != UNIT_RESULT)
        out_fmt(o, ",\n     .offset = offsetof(%s, %s)", u->c_type, f->c_name);
    if (f->name != NULL && f->in_block && f->type->optional)
        out_fmt(o, ", .has_offset = offsetof(%s, has_%s)", u->c_type, f->name);
    if (!u->is_union)
        out_fmt(o, ", .place = %u", f->in_block ? f->offset : f->slot);
    if (absent)
        out_put(o, ", .optional = 1");
    if (f->initial.kind != IDL_VALUE_NONE && idl_has_initial(f))
        out_fmt(o, ", .initial = &%s_initial.%s", u->name, f->c_name);
    else if (f->in_block && idl_has_initial(f))
        out_fmt(o, ", .initial = &%s_initial", f->type->record->c_name);
    out_put(o, "},\n");
}

void emit_fields(emit *e, const unit *u)
{
    out *o = e->out;

    if (u->field_count == 0)
        return;
    out_fmt(o, "static const kmsg_field %s_fields_[] = {\n", u->name);
    if (u->is_union)
        out_fmt(o,
                "    {.name = \"unknown\", .type = &kmsg_type_bytes, .number = 0,\n"
                "     .offset = offsetof(%s, unknown)},\n",
                u->c_type);
    for (size_t i = 0; i < u->field_count; i++)
        emit_field(e, u, &u->fields[i]);
    out_put(o, "};\n\n");
}

void emit_layout(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, u->is_extern ? "" : "static ");
    out_put(o, "const kmsg_layout $U_layout = {\n");
    out_fmt(o, "    .name = \"%s\",\n", u->title);
    out_fmt(o, "    .id = UINT64_C(0x%016" PRIx64 "),\n", kmsg_id(u->title));
    if (u->field_count > 0)
        out_fmt(o, "    .fields = %s_fields_,\n    .count = %zu,\n", u->name,
                u->field_count + u->is_union);
    out_put(o, "    .size = sizeof($T),\n");
    if (!u->is_union)
        out_fmt(o, "    .shape = %s,\n", unit_shape(u, e->mem));
    if (u->recursive)
        out_put(o, "    .recursive = true,\n");
    if (u->has_refs)
        out_put(o, "    .has_refs = true,\n");
    if (u->has_addresses)
        out_put(o, "    .has_addresses = true,\n");
    if (!u->by_descriptor)
        out_put(o, "    .row_end = $U_row_end,\n"
                   "    .row_put = $U_row_put,\n"
                   "    .row_get = $U_row_get,\n");
    out_put(o, "};\n\n");
}
