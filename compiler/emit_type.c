/* emit_type.c -- a schema as data: the types of kmsg/gen.h. */
#include "compiler/emit_parts.h"

#include <inttypes.h>
#include <string.h>

#define TABLE_COLUMNS 16 /* numbers in a line of a pattern's tables */

/* ---- types ----------------------------------------------------------------------------------- */

static void emit_type(emit *e, const char *name, const char *c_type, const char *text,
                      const char *kind, const char *rest)
{
    out_fmt(e->out,
            "const kmsg_type %s = {\n"
            "    .name = \"%s\",\n"
            "    .kind = KMSG_KIND_%s, .size = sizeof(%s), .align = _Alignof(%s)%s};\n",
            name, text, kind, c_type, c_type, rest);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void emit_table(emit *e, const char *place, const char *word, const char *number,
                       const void *items, size_t size, size_t count)
{
    out_fmt(e->out, "static const %s %s_%s_[] = {", number, place, word);
    for (size_t i = 0; i < count; i++) {
        unsigned v = size == 1 ? ((const uint8_t *)items)[i] : ((const uint16_t *)items)[i];
        out_fmt(e->out, "%s%u", i % TABLE_COLUMNS == 0 ? "\n    " : " ", v);
        out_put(e->out, i + 1 < count ? "," : "");
    }
    out_put(e->out, "\n};\n\n");
}

static void emit_pattern(emit *e, const idl_pattern *p, const char *place)
{
    emit_table(e, place, "classes", "uint8_t", p->classes, 1, sizeof p->classes);
    emit_table(e, place, "next", "uint16_t", p->next, 2, (size_t)p->state_count * p->class_count);
    emit_table(e, place, "accepts", "uint8_t", p->accepts, 1, p->state_count);
    out_set(e->out, "P", place);
    out_put(e->out, "static const kmsg_pattern $P_pattern_ = {\n");
    out_fmt(e->out, "    .text = \"%s\",\n", emit_quoted(e, p->text, strlen(p->text)));
    out_put(e->out, "    .classes = $P_classes_,\n"
                    "    .next = $P_next_,\n"
                    "    .accepts = $P_accepts_,\n");
    out_fmt(e->out, "    .class_count = %u,\n};\n\n", p->class_count);
}

/* The member of kmsg_limits' bounds that a kind uses, and the type that their text is of. */
static const char *bound_member(const idl_type *type, idl_type *as)
{
    bool is_float = type->kind == IDL_F32 || type->kind == IDL_F64;
    bool is_signed = (type->kind >= IDL_I8 && type->kind <= IDL_I64) || type->kind == IDL_RUNE ||
                     type->kind == IDL_TIMESTAMP || type->kind == IDL_DURATION;

    *as = (idl_type){.kind = is_float ? IDL_F64 : is_signed ? IDL_I64 : IDL_U64};
    return is_float ? "f" : is_signed ? "i" : "u";
}

static void emit_bound(emit *e, const idl_type *type, const char *side, const idl_value *v)
{
    idl_type    as;
    const char *member = bound_member(type, &as);

    if (v->kind != IDL_VALUE_NONE)
        out_fmt(e->out, "    .has_%s = true,\n    .%s = {.%s = %s},\n", side, side, member,
                emit_value_text(e, v, &as));
}

static void emit_limits_of(emit *e, const idl_type *type, const char *place)
{
    const idl_limits *l = type->limits;

    if (l == NULL)
        return;
    if (l->pattern != NULL)
        emit_pattern(e, l->pattern, place);
    out_fmt(e->out, "static const kmsg_limits %s_limits_ = {\n", place);
    emit_bound(e, type, "low", &l->low);
    emit_bound(e, type, "high", &l->high);
    if (l->pattern != NULL)
        out_fmt(e->out, "    .pattern = &%s_pattern_,\n", place);
    out_put(e->out, "};\n\n");
}

/* ---- types that belong to a place ------------------------------------------------------------ */

static const char *layout_of_rows(emit *e, const idl_type *type, const char *place)
{
    const idl_type *item = type->item;

    if (item->kind == IDL_RECORD)
        return ctype_text(e->mem, "%s_layout", item->record->c_name);
    if (unit_has_row(type))
        return ctype_text(e->mem, "%s_layout", ctype_own_name(type, place));
    if (item->kind == IDL_UNION)
        return ctype_text(e->mem, "%s_list_layout", item->record->c_name);
    return ctype_text(e->mem, "kmsg_row_%s", ctype_builtin(item->kind));
}

static const char *kind_word(emit *e, const idl_type *type)
{
    const char *word = ctype_builtin(type->kind);
    char       *text;

    if (type->kind == IDL_ARRAY)
        return idl_in_block(type) ? "VECTOR" : "TABLE";
    if (type->kind == IDL_LIST || type->kind == IDL_SET)
        return idl_in_block(type->item) ? "ARRAY" : "ROWS";
    if (word == NULL)
        return type->kind == IDL_MAP ? "MAP" : "REF";
    text = (char *)(uintptr_t)ctype_text(e->mem, "%s", word);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    return text;
}

/* What a descriptor has beyond name, kind and size. */
static const char *parts_of(emit *e, const idl_type *type, const char *place)
{
    const char *text = "";

    if (type->kind == IDL_MAP)
        text = ctype_text(e->mem, ", .layout = &%s_entry_layout", ctype_own_name(type, place));
    else if (type->kind == IDL_REF)
        text = ctype_text(e->mem, ", .layout = &%s_layout", type->record->c_name);
    if (type->item != NULL && (idl_in_block(type->item) || type->item->kind != IDL_RECORD))
        text =
            ctype_text(e->mem, ", .item = &%s",
                       ctype_descriptor(type->item, ctype_item_place(type, place, e->mem), e->mem));
    if (unit_is_rows(type))
        text = ctype_text(e->mem, "%s, .layout = &%s", text, layout_of_rows(e, type, place));
    if (type->kind == IDL_ARRAY)
        text = ctype_text(e->mem, "%s, .count = %u", text, type->count);
    if (type->kind == IDL_SET)
        text = ctype_text(e->mem, "%s, .is_set = true", text);
    if (type->limits != NULL)
        text = ctype_text(e->mem, "%s, .limits = &%s_limits_", text, place);
    return text;
}

/* Without the '?' that belongs to the field. */
static const char *text_of(emit *e, const idl_type *type)
{
    size_t size = strlen(type->text);

    if (type->optional && size > 0 && type->text[size - 1] == '?')
        size--;
    return emit_quoted(e, type->text, size);
}

void emit_own_type(emit *e, const idl_type *type, const char *place)
{
    if (!ctype_is_descriptor_here(type) && (e->alias == NULL || strcmp(e->alias, place) != 0))
        return;
    emit_limits_of(e, type, place);
    if (e->alias == NULL || strcmp(e->alias, place) != 0)
        out_put(e->out, "static ");
    emit_type(e, ctype_text(e->mem, "%s_type", place), ctype_sizeof(type, place, e->mem),
              text_of(e, type), kind_word(e, type), parts_of(e, type, place));
    out_put(e->out, "\n");
}

/* ---- declared types -------------------------------------------------------------------------- */

void emit_union_types(emit *e, const idl_record *record)
{
    const char *n = record->c_name;

    emit_type(e, ctype_text(e->mem, "%s_type", n), n, record->qualified, "UNION",
              ctype_text(e->mem, ", .layout = &%s_layout", n));
    emit_type(e, ctype_text(e->mem, "%s_list_type", n), ctype_text(e->mem, "%s_list", n),
              ctype_text(e->mem, "list<%s>", record->qualified), "ROWS",
              ctype_text(e->mem, ", .item = &%s_type, .layout = &%s_list_layout", n, n));
    out_put(e->out, "\n");
}

void emit_record_types(emit *e, const idl_record *record)
{
    const char *n = record->c_name;
    bool        fixed = record->role == IDL_IS_FIXED;

    emit_type(e, ctype_text(e->mem, "%s_type", n), n, record->qualified, fixed ? "FIXED" : "RECORD",
              ctype_text(e->mem, ", .layout = &%s_layout", n));
    emit_type(e, ctype_text(e->mem, "%s_list_type", n), ctype_text(e->mem, "%s_list", n),
              ctype_text(e->mem, "list<%s>", record->qualified), fixed ? "ARRAY" : "ROWS",
              fixed ? ctype_text(e->mem, ", .item = &%s_type", n)
                    : ctype_text(e->mem, ", .layout = &%s_layout", n));
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
              ctype_text(e->mem, ", .enum_ = &%s_enum_", n));
    emit_type(e, ctype_text(e->mem, "%s_list_type", n), ctype_text(e->mem, "%s_list", n),
              ctype_text(e->mem, "list<%s>", enum_->qualified), "ARRAY",
              ctype_text(e->mem, ", .item = &%s_type", n));
    out_put(o, "\n"
               "const char *$T_name($T value)\n{\n"
               "    switch ((int32_t)value) {\n");
    for (size_t i = 0; i < enum_->value_count; i++)
        out_fmt(o, "    case %s: return \"%s\";\n", enum_->values[i].c_name, enum_->values[i].name);
    out_put(o, "    default: return NULL;\n"
               "    }\n"
               "}\n\n");
}
