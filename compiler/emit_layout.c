/* emit_layout.c -- a schema as data: the descriptors of kmsg/gen.h. */
#include "compiler/emit_parts.h"

#include <inttypes.h>
#include <string.h>

/* A C string literal. Trigraphs and hex escapes that would run on are avoided by octal. */
static const char *quoted(emit *e, const char *text, size_t size)
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

static const char *value_text(emit *e, const idl_value *v, const idl_type *type)
{
    const char *number;

    switch (v->kind) {
    case IDL_VALUE_STRING:
        return ctype_text(e->mem, "KMSG_STR(\"%s\")", quoted(e, v->string, v->size));
    case IDL_VALUE_FLOAT:
        number = ctype_text(e->mem, "%.17g", v->number);
        if (strpbrk(number, ".en") == NULL)
            number = ctype_text(e->mem, "%s.0", number);
        return type->kind == IDL_F32 ? ctype_text(e->mem, "(float)%s", number) : number;
    default:
        if (type->kind == IDL_ENUM)
            return ctype_text(e->mem, "(%s)%s", type->enum_->c_name, int_text(e, v, IDL_I32));
        if (type->kind == IDL_F32 || type->kind == IDL_F64)
            return ctype_text(e->mem, "%s.0", int_text(e, v, IDL_I64));
        return int_text(e, v, type->kind);
    }
}

static bool field_has_initial(const idl_field *f)
{
    unit u;

    if (f->name == NULL || f->type->optional)
        return false;
    if (f->initial.kind != IDL_VALUE_NONE)
        return f->initial.kind != IDL_VALUE_INT || f->initial.magnitude != 0;
    if (f->type->kind != IDL_RECORD)
        return false;
    u = unit_of_record(f->type->record);
    return u.has_initial;
}

static void emit_initial_members(emit *e, const idl_record *record)
{
    const char *before = "";

    for (size_t i = 0; i < record->field_count; i++) {
        const idl_field *f = &record->fields[i];
        if (!field_has_initial(f))
            continue;
        out_fmt(e->out, "%s.%s = ", before, f->c_name);
        before = ", ";
        if (f->initial.kind != IDL_VALUE_NONE) {
            out_fmt(e->out, "%s", value_text(e, &f->initial, f->type));
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
    bool used = u.is_extern;

    for (size_t i = 0; i < u.field_count; i++) /* of arguments only what descriptors point at */
        used = used || u.fields[i].initial.kind != IDL_VALUE_NONE;
    if (!u.has_initial || !used)
        return;
    out_fmt(e->out, "%sconst %s %s_initial = {", u.is_extern ? "" : "static ", u.name, u.name);
    emit_initial_members(e, record);
    out_put(e->out, "};\n\n");
}

/* ---- layouts --------------------------------------------------------------------------------- */

static void emit_field(emit *e, const unit *u, const idl_field *f)
{
    out *o = e->out;

    out_put(o, "    {");
    if (f->name != NULL) /* parts of lists and maps have no name of their own */
        out_fmt(o, ".name = \"%s\", ", u->kind == UNIT_RECORD ? f->name : "");
    out_fmt(o, ".type = &%s, .number = %u",
            ctype_descriptor(f->type, unit_place(u, f, e->mem), e->mem), f->number);
    if (f->name != NULL && u->kind != UNIT_ROW && u->kind != UNIT_RESULT)
        out_fmt(o, ",\n     .offset = offsetof(%s, %s)", u->c_type, f->c_name);
    if (f->name != NULL && f->in_block && f->type->optional)
        out_fmt(o, ", .has_offset = offsetof(%s, has_%s)", u->c_type, f->name);
    out_fmt(o, ", .place = %u", f->in_block ? f->offset : f->slot);
    if (f->type->optional)
        out_put(o, ", .optional = 1");
    if (f->initial.kind != IDL_VALUE_NONE && field_has_initial(f))
        out_fmt(o, ", .initial = &%s_initial.%s", u->name, f->c_name);
    else if (f->in_block && field_has_initial(f))
        out_fmt(o, ", .initial = &%s_initial", f->type->record->c_name);
    out_put(o, "},\n");
}

void emit_layout(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_set(o, "S", unit_shape(u, e->mem));
    if (u->field_count > 0) {
        out_put(o, "static const kmsg_field $U_fields_[] = {\n");
        for (size_t i = 0; i < u->field_count; i++)
            emit_field(e, u, &u->fields[i]);
        out_put(o, "};\n\n");
    }
    out_put(o, u->is_extern ? "" : "static ");
    out_put(o, "const kmsg_layout $U_layout = {\n");
    out_fmt(o, "    .name = \"%s\",\n", u->title);
    out_fmt(o, "    .id = UINT64_C(0x%016" PRIx64 "),\n", kmsg_id(u->title));
    if (u->field_count > 0)
        out_fmt(o, "    .fields = %s_fields_,\n    .count = %zu,\n", u->name, u->field_count);
    out_put(o, "    .size = sizeof($T),\n"
               "    .shape = $S,\n");
    if (u->recursive)
        out_put(o, "    .recursive = true,\n");
    out_put(o, "    .row_end = $U_row_end,\n"
               "    .row_put = $U_row_put,\n"
               "    .row_get = $U_row_get,\n"
               "};\n\n");
}

/* ---- types ----------------------------------------------------------------------------------- */

static void emit_type(emit *e, const char *name, const char *c_type, const char *text,
                      const char *kind, const char *rest)
{
    out_fmt(e->out,
            "const kmsg_type %s = {.name = \"%s\", .kind = KMSG_KIND_%s, .size = sizeof(%s),\n"
            "    .align = _Alignof(%s), %s};\n",
            name, text, kind, c_type, c_type, rest);
}

void emit_own_type(emit *e, const idl_type *type, const char *place)
{
    const char *own = ctype_own_name(type, place);
    const char *rest;

    if (type->kind == IDL_MAP)
        rest = ctype_text(e->mem, ".layout = &%s_entry_layout", own);
    else
        rest = ctype_text(
            e->mem, ".item = &%s, .layout = &%s_layout",
            ctype_descriptor(type->item, ctype_item_place(type, place, e->mem), e->mem), own);
    if (e->alias == NULL || strcmp(e->alias, own) != 0)
        out_put(e->out, "static ");
    emit_type(e, ctype_text(e->mem, "%s_type", own), own, type->text,
              type->kind == IDL_MAP ? "MAP" : "ROWS", rest);
    out_put(e->out, "\n");
}

void emit_record_types(emit *e, const idl_record *record)
{
    const char *n = record->c_name;
    bool        fixed = record->role == IDL_IS_FIXED;

    emit_type(e, ctype_text(e->mem, "%s_type", n), n, record->qualified, fixed ? "FIXED" : "RECORD",
              ctype_text(e->mem, ".layout = &%s_layout", n));
    emit_type(e, ctype_text(e->mem, "%s_list_type", n), ctype_text(e->mem, "%s_list", n),
              ctype_text(e->mem, "list<%s>", record->qualified), fixed ? "ARRAY" : "ROWS",
              fixed ? ctype_text(e->mem, ".item = &%s_type", n)
                    : ctype_text(e->mem, ".layout = &%s_layout", n));
    out_put(e->out, "\n");
}

void emit_enum_types(emit *e, const idl_enum *enum_)
{
    out        *o = e->out;
    const char *n = enum_->c_name;

    out_set(o, "T", n);
    out_put(o, "_Static_assert(sizeof($T) == 4, \"$T: enums must be ints (-fno-short-enums)\");\n\n"
               "static const kmsg_enum_value $T_values_[] = {\n");
    for (size_t i = 0; i < enum_->value_count; i++)
        out_fmt(o, "    {\"%s\", %" PRId32 "},\n", enum_->values[i].name, enum_->values[i].number);
    out_put(o, "};\n\n"
               "static const kmsg_enum $T_enum_ = {\n");
    out_fmt(o, "    .name = \"%s\",\n    .values = %s_values_,\n    .count = %zu,\n",
            enum_->qualified, n, enum_->value_count);
    out_put(o, enum_->closed ? "    .closed = true,\n};\n\n" : "};\n\n");
    emit_type(e, ctype_text(e->mem, "%s_type", n), n, enum_->qualified, "ENUM",
              ctype_text(e->mem, ".enum_ = &%s_enum_", n));
    emit_type(e, ctype_text(e->mem, "%s_list_type", n), ctype_text(e->mem, "%s_list", n),
              ctype_text(e->mem, "list<%s>", enum_->qualified), "ARRAY",
              ctype_text(e->mem, ".item = &%s_type", n));
    out_put(o, "\n"
               "const char *$T_name($T value)\n{\n"
               "    switch ((int32_t)value) {\n");
    for (size_t i = 0; i < enum_->value_count; i++)
        out_fmt(o, "    case %s: return \"%s\";\n", enum_->values[i].c_name, enum_->values[i].name);
    out_put(o, "    default: return NULL;\n"
               "    }\n"
               "}\n\n");
}
