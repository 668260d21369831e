/* emit_header.c -- X.kmsg.h: what a C programmer reads.
 *
 * Order: constants and enums as in the schema; the names of all records and their lists, so that
 * they may speak of one another; the records, those first that others contain; services; and last
 * what only generated code needs.
 */
#include "compiler/emit_parts.h"
#include "compiler/value_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define RULE_WIDTH 96

const char *emit_file_name(const idl_module *module)
{
    const char *slash = strrchr(module->file, '/');

    return slash == NULL ? module->file : slash + 1;
}

void emit_rule(emit *e, const char *what, const char *name)
{
    const char *head =
        ctype_text(e->mem, "/* ---- %s%s%s ", what, name[0] == '\0' ? "" : " ", name);

    out_fmt(e->out, "%s", head);
    for (size_t i = strlen(head); i < RULE_WIDTH - 3; i++)
        out_put(e->out, "-");
    out_put(e->out, " */\n\n");
}

/* Text that cannot end a comment, open one, or run a trigraph. */
static void put_comment_text(out *o, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char before = i == 0 ? ' ' : text[i - 1];
        bool ends = text[i] == '/' && before == '*', opens = text[i] == '*' && before == '/';
        out_fmt(o, "%s%c", ends || opens ? " " : "", text[i]);
    }
}

void emit_comment_text(emit *e, const char *text)
{
    put_comment_text(e->out, text, strlen(text));
}

void emit_doc(emit *e, const char *doc, const char *indent)
{
    const char *begin = "/* ";

    if (doc == NULL || doc[0] == '\0')
        return;
    while (*doc != '\0') {
        size_t size = strcspn(doc, "\n");
        out_fmt(e->out, "%s%s", indent, size == 0 && begin[0] == ' ' ? " *" : begin);
        put_comment_text(e->out, doc, size);
        doc += size;
        if (*doc == '\n') {
            out_put(e->out, "\n");
            doc++;
        }
        begin = " * ";
    }
    out_put(e->out, " */\n");
}

void emit_guarded(emit *e, void (*inside)(emit *e))
{
    out *whole = e->out;

    e->out = out_new();
    inside(e);
    if (out_text(e->out)[0] != '\0') {
        out_put(whole, "#ifndef KMSG_CODEC_ONLY\n\n");
        out_add(whole, out_text(e->out), strlen(out_text(e->out)));
        out_put(whole, "#endif /* KMSG_CODEC_ONLY */\n\n");
    }
    out_free(e->out);
    e->out = whole;
}

/* ---- types of their own ---------------------------------------------------------------------- */

static void emit_parts_of(emit *e, const idl_type *type, const char *place, own_visit *visit)
{
    if (type->item != NULL)
        emit_each_own(e, type->item, ctype_item_place(type, place, e->mem), visit);
    if (type->key != NULL)
        emit_each_own(e, type->key, ctype_key_place(type, place, e->mem), visit);
    if (type->value != NULL)
        emit_each_own(e, type->value, ctype_value_place(type, place, e->mem), visit);
}

void emit_each_own(emit *e, const idl_type *type, const char *place, own_visit *visit)
{
    if (!ctype_is_descriptor_here(type))
        return;
    if (type->alias == NULL)
        emit_parts_of(e, type, place, visit);
    visit(e, type, place);
}

void emit_alias_parts(emit *e, const idl_alias *alias, own_visit *visit)
{
    if (alias->type->alias == NULL)
        emit_parts_of(e, alias->type, alias->c_name, visit);
    visit(e, alias->type, alias->c_name);
}

void emit_own_of_fields(emit *e, const idl_record *record, own_visit *visit)
{
    unit u = unit_of_record(record);

    for (size_t i = 0; i < u.field_count; i++) {
        if (u.fields[i].name == NULL && !u.fields[i].in_block)
            continue; /* nothing of it is in C but its place */
        e->direct = u.fields[i].type;
        emit_each_own(e, u.fields[i].type, unit_place(&u, &u.fields[i], e->mem), visit);
        e->direct = NULL;
    }
}

bool emit_has_struct_here(const emit *e, const idl_type *type)
{
    const idl_type *direct = e->direct;

    if (!idl_has_struct(type) || type->alias != NULL)
        return false;
    for (; direct != NULL && ctype_is_plain_array(direct); direct = direct->item)
        if (direct == type)
            return false;
    return true;
}

void emit_own_names(emit *e, const idl_type *type, const char *place)
{
    out        *o = e->out;
    const char *item;

    if (!emit_has_struct_here(e, type))
        return;
    out_set(o, "T", place);
    if (type->kind == IDL_ARRAY) {
        out_put(o, "typedef struct $T $T;\n\n");
        return;
    }
    if (type->kind == IDL_MAP)
        out_put(o, "typedef struct $T_entry $T_entry;\n\n");
    item = type->kind == IDL_MAP
               ? ctype_text(e->mem, "%s_entry", place)
               : ctype_name(type->item, ctype_item_place(type, place, e->mem), e->mem);
    out_set(o, "C", ctype_declare_const(item, "items", e->mem));
    out_put(o, "typedef struct $T {\n"
               "    $C;\n"
               "    size_t count;\n"
               "} $T;\n\n");
}

static void emit_entry(emit *e, const idl_type *type, const char *place)
{
    out        *o = e->out;
    unit        u = unit_of_entry(type, place, e->mem);
    const char *key = ctype_name(type->key, ctype_key_place(type, place, e->mem), e->mem);
    const char *value = ctype_name(type->value, ctype_value_place(type, place, e->mem), e->mem);

    out_set(o, "T", place);
    out_set(o, "K", key);
    out_set(o, "V", ctype_declare(value, "value", e->mem));
    out_set(o, "F", ctype_declare_const(value, ctype_text(e->mem, "%s_find", place), e->mem));
    out_put(o, "struct $T_entry {\n"
               "    $K key;\n");
    if (u.slots == 0 && u.fields[1].offset > idl_block_size(type->key))
        out_fmt(o, "    uint8_t pad1_[%u];\n", u.fields[1].offset - idl_block_size(type->key));
    out_put(o, "    $V;\n");
    if (u.slots == 0 && u.block % u.align != 0)
        out_fmt(o, "    uint8_t pad2_[%u];\n", u.align - u.block % u.align);
    out_put(o, "};\n\n"
               "/* The value under a key, or NULL. The map must be in order, as all are that kmsg "
               "made. */\n"
               "$F($T map, $K key);\n\n");
}

static void emit_has(emit *e, const idl_type *type, const char *place)
{
    const char *item = ctype_item_place(type, place, e->mem);

    out_set(e->out, "T", place);
    out_set(e->out, "C", ctype_name(type, place, e->mem));
    out_set(e->out, "I", ctype_name(type->item, item, e->mem));
    out_put(e->out, "/* Is it in the set? The set must be in order, as all are that kmsg made. */\n"
                    "bool $T_has($C set, $I item);\n\n");
}

void emit_own_entries(emit *e, const idl_type *type, const char *place)
{
    bool here = emit_has_struct_here(e, type);

    if (type->kind == IDL_MAP && here)
        emit_entry(e, type, place);
    if (type->kind == IDL_SET && type->alias == NULL)
        emit_has(e, type, place);
    if (type->kind == IDL_ARRAY && here)
        out_fmt(e->out, "struct %s {\n    %s;\n};\n\n", place,
                ctype_text(e->mem, "%s[%u]",
                           ctype_declare(ctype_name(type->item,
                                                    ctype_item_place(type, place, e->mem), e->mem),
                                         "items", e->mem),
                           type->count));
}

/* C needs what stands in a struct complete. */
static bool is_complete(const emit *e, const idl_type *type)
{
    while (type->kind == IDL_ARRAY)
        type = type->item;
    if ((type->kind != IDL_RECORD && type->kind != IDL_UNION) || type->record->module != e->module)
        return true;
    return e->complete[type->record->index];
}

static bool parts_are_complete(const emit *e, const idl_type *type)
{
    return (type->item == NULL || is_complete(e, type->item)) &&
           (type->key == NULL || is_complete(e, type->key)) &&
           (type->value == NULL || is_complete(e, type->value));
}

static void wait_entry(emit *e, const idl_type *type, const char *place)
{
    waiting  *w;
    waiting **last = &e->waiting;

    if (type->kind != IDL_SET && !emit_has_struct_here(e, type))
        return;
    w = kmsg_alloc_array(e->mem, waiting, 1);
    if (w == NULL)
        ctype_no_memory();
    *w = (waiting){NULL, type, place};
    while (*last != NULL)
        last = &(*last)->next;
    *last = w;
}

static void write_waiting(emit *e)
{
    for (waiting **w = &e->waiting; *w != NULL;) {
        if (!parts_are_complete(e, (*w)->type)) {
            w = &(*w)->next;
            continue;
        }
        emit_own_entries(e, (*w)->type, (*w)->place);
        *w = (*w)->next;
    }
}

/* ---- structs --------------------------------------------------------------------------------- */

/* Where it is not there, there is a pointer to it that is NULL. */
static bool is_behind_pointer(const unit *u, const idl_field *f)
{
    const idl_type *t = f->type;

    if (u->is_union)
        return t->kind == IDL_RECORD || t->kind == IDL_UNION || t->kind == IDL_ARRAY;
    return t->optional && !f->in_block && (t->kind == IDL_RECORD || t->kind == IDL_ARRAY);
}

const char *emit_member_declaration(emit *e, const unit *u, const idl_field *f)
{
    const char *place = unit_place(u, f, e->mem);
    bool        pointer = is_behind_pointer(u, f);

    if (ctype_is_plain_array(f->type))
        return pointer ? ctype_declare_first(f->type, place, f->c_name, e->mem)
                       : ctype_text(e->mem, "%s%s",
                                    ctype_declare(ctype_array_base(f->type, place, e->mem),
                                                  f->c_name, e->mem),
                                    ctype_array_brackets(f->type, e->mem));
    place = ctype_name(f->type, place, e->mem);
    return pointer ? ctype_declare_const(place, f->c_name, e->mem)
                   : ctype_declare(place, f->c_name, e->mem);
}

/* What stands behind a member, beyond its number. */
static const char *remark(emit *e, const unit *u, const idl_field *f)
{
    const idl_type *t = f->type;

    if (t->kind == IDL_REF)
        return ", NULL: none";
    if (is_behind_pointer(u, f) && ctype_is_plain_array(t))
        return ctype_text(e->mem, ", %s%s", ctype_array_brackets(t, e->mem),
                          t->optional ? ", NULL when absent" : "");
    if (!t->optional || f->in_block)
        return "";
    switch (t->kind) {
    case IDL_STRING:
    case IDL_BYTES:
    case IDL_ADDRESS: return ", .data is NULL when absent";
    case IDL_ARRAY:
    case IDL_RECORD: return ", NULL when absent";
    default: return ", .items is NULL when absent";
    }
}

static void emit_member(emit *e, const unit *u, const idl_field *f)
{
    const char *line = ctype_text(e->mem, "%s;", emit_member_declaration(e, u, f));
    bool        one_line = strchr(f->doc, '\n') == NULL && strlen(f->doc) + strlen(line) < 60;

    if (!one_line)
        emit_doc(e, f->doc, u->is_union ? "        " : "    ");
    out_fmt(e->out, u->is_union ? "        %-28s /* %u%s" : "    %-32s /* %u%s", line, f->number,
            remark(e, u, f));
    if (one_line && f->doc[0] != '\0') {
        out_put(e->out, ": ");
        put_comment_text(e->out, f->doc, strlen(f->doc));
    }
    out_put(e->out, " */\n");
    if (f->in_block && f->type->optional && !u->is_union)
        out_fmt(e->out, "    bool has_%s;\n", f->name);
}

static void emit_pad(emit *e, unsigned *pads, uint32_t from, uint32_t to)
{
    if (to > from)
        out_fmt(e->out, "    uint8_t pad%u_[%u];\n", ++*pads, to - from);
}

void emit_struct(emit *e, const idl_record *record)
{
    const unit u = unit_of_record(record);
    uint32_t   at = 0, end = (u.block + u.align - 1) / u.align * u.align;
    unsigned   pads = 0;

    out_fmt(e->out, "struct %s {\n", u.c_type);
    if (u.block == 0 && !unit_has_tails(&u))
        out_put(e->out, "    uint8_t nothing_; /* C has no empty structs */\n");
    for (size_t i = 0; i < u.field_count; i++) {
        const idl_field *f = &u.fields[i];
        if (!f->in_block)
            continue;
        emit_pad(e, &pads, at, f->offset);
        at = f->offset + idl_block_size(f->type) + f->type->optional;
        if (f->name == NULL)
            out_fmt(e->out, "    uint8_t reserved%u_[%u];\n", f->number, at - f->offset);
        else
            emit_member(e, &u, f);
    }
    if (u.slots == 0)
        emit_pad(e, &pads, at, end);
    for (size_t i = 0; i < u.field_count; i++)
        if (!u.fields[i].in_block && u.fields[i].name != NULL)
            emit_member(e, &u, &u.fields[i]);
    out_put(e->out, "};\n\n");
}

static void emit_union(emit *e, const idl_record *record)
{
    out *o = e->out;
    unit u = unit_of_record(record);

    out_set(o, "T", record->c_name);
    out_put(o, "typedef enum $T_kind KMSG_ENUM_BASE {\n"
               "    $T_kind_NONE = 0");
    for (size_t i = 0; i < u.field_count; i++)
        out_fmt(o, ",\n    %s_kind_%s = %u", u.c_type, u.fields[i].name, u.fields[i].number);
    out_put(o, "\n} $T_kind;\n\n");
    emit_doc(e, record->doc, "");
    out_put(o, "struct $T {\n"
               "    $T_kind kind; /* says which member counts */\n"
               "    union {\n");
    for (size_t i = 0; i < u.field_count; i++)
        emit_member(e, &u, &u.fields[i]);
    out_put(o, "        kmsg_bytes unknown; /* of any other kind: kept as it came */\n"
               "    };\n"
               "};\n\n");
}

static const char *role_word(const idl_record *record)
{
    return record->role == IDL_IS_ERROR   ? "error"
           : record->role == IDL_IS_FIXED ? "fixed record"
           : record->role == IDL_IS_UNION ? "union"
                                          : "record";
}

/* Prototypes of what every type that can travel by itself has. `$T` is set. */
static void emit_value_functions(emit *e)
{
    out_put(e->out,
            "KMSG_CHECK kmsg_err $T_encode(const $T *value, kmsg_arena *mem, kmsg_bytes *ret);\n"
            "KMSG_CHECK ${inline}kmsg_err $T_decode(kmsg_bytes bytes, kmsg_arena *mem, $T *ret);\n"
            "KMSG_CHECK kmsg_err $T_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, $T *ret);\n"
            "KMSG_CHECK kmsg_err $T_copy(const $T *value, kmsg_arena *mem, $T *ret);\n"
            "bool $T_equal(const $T *a, const $T *b);\n"
            "void $T_print(const $T *value, FILE *out);\n\n");
}

/* Where the schema bounds all that is in it. */
static void emit_max(emit *e, const idl_record *record)
{
    const uint64_t max = encoded_max(&e->maxes, record);

    if (max != 0)
        out_fmt(e->out,
                "/* Bytes of the longest message: uint8_t buffer[%s_ENCODED_MAX]; */\n"
                "#define %s_ENCODED_MAX %" PRIu64 "\n\n",
                record->c_name, record->c_name, max);
}

static void emit_record(emit *e, const idl_record *record)
{
    out *o = e->out;
    unit u = unit_of_record(record);

    emit_rule(e, role_word(record), record->name);
    emit_own_of_fields(e, record, emit_own_names);
    if (u.is_union) {
        emit_union(e, record);
    } else {
        emit_doc(e, record->doc, "");
        emit_struct(e, record);
    }
    e->complete[record->index] = true;
    emit_own_of_fields(e, record, wait_entry);
    write_waiting(e);
    out_set(o, "T", record->c_name);
    if (!u.is_union)
        out_put(o, "/* All defaults: $T x = $T_initial; */\n"
                   "extern const $T $T_initial;\n\n");
    if (!u.is_union)
        emit_max(e, record);
    out_set(o, "inline", emit_is_plain(&u) ? "static inline " : "");
    if (!u.is_union)
        out_put(o,
                "KMSG_CHECK kmsg_err $T_encoded_size(const $T *value, size_t *ret);\n"
                "KMSG_CHECK ${inline}kmsg_err $T_encode_into(const $T *value, void *buffer, size_t "
                "capacity, size_t *ret_size);\n");
    emit_value_functions(e);
    if (record->role == IDL_IS_ERROR)
        emit_error_header(e, record);
}

/* ---- constants, enums, aliases --------------------------------------------------------------- */

static void emit_const(emit *e, const idl_const *c)
{
    const idl_value *v = &c->value;

    emit_doc(e, c->doc, "");
    out_fmt(e->out, "#define %s ", c->c_name);
    if (v->kind == IDL_VALUE_STRING) {
        out_put(e->out, "\"");
        for (size_t i = 0; i < v->size; i++) {
            unsigned char b = (unsigned char)v->string[i];
            bool          plain = b >= 0x20 && b < 0x7f && b != '"' && b != '\\' && b != '?';
            out_fmt(e->out, plain ? "%c" : "\\%03o", b);
        }
        out_put(e->out, "\"\n\n");
    } else if (v->kind == IDL_VALUE_FLOAT) {
        out_fmt(e->out, "(%s)\n\n", value_float_text(v->number, c->type->kind, e->mem));
    } else if (c->type->kind == IDL_BOOL) {
        out_fmt(e->out, "%s\n\n", v->magnitude ? "true" : "false");
    } else if (v->negative && v->magnitude > INT64_MAX) {
        out_put(e->out, "INT64_MIN\n\n");
    } else if (v->magnitude > INT32_MAX) {
        out_fmt(e->out, v->negative ? "(-%s(%" PRIu64 "))\n\n" : "%s(%" PRIu64 ")\n\n",
                v->magnitude > INT64_MAX || c->type->kind == IDL_U64 ? "UINT64_C" : "INT64_C",
                v->magnitude);
    } else if (c->type->kind == IDL_ENUM) {
        out_fmt(e->out, "((%s)%s%" PRIu64 ")\n\n", c->type->enum_->c_name, v->negative ? "-" : "",
                v->magnitude);
    } else {
        out_fmt(e->out, v->negative ? "(-%" PRIu64 ")\n\n" : "%" PRIu64 "\n\n", v->magnitude);
    }
}

static void emit_enum(emit *e, const idl_enum *enum_)
{
    out *o = e->out;

    out_set(o, "T", enum_->c_name);
    emit_rule(e, enum_->closed ? "closed enum" : "enum", enum_->name);
    emit_doc(e, enum_->doc, "");
    if (!enum_->closed)
        out_put(o, "/* Open: a number that is not named here may arrive, and is kept. */\n");
    out_put(o, "typedef enum $T KMSG_ENUM_BASE {\n");
    for (size_t i = 0; i < enum_->value_count; i++) {
        emit_doc(e, enum_->values[i].doc, "    ");
        out_fmt(o, "    %s = %" PRId32 "%s\n", enum_->values[i].c_name, enum_->values[i].number,
                i + 1 < enum_->value_count ? "," : "");
    }
    out_put(o, "} $T;\n\n"
               "typedef struct $T_list {\n"
               "    const $T *items;\n"
               "    size_t count;\n"
               "} $T_list;\n\n"
               "/* \"RED\"; NULL for a number without a name. */\n"
               "const char *$T_name($T value);\n\n");
    if (!enum_->closed)
        return;
    out_put(o, "static inline bool $T_known(int32_t number)\n{\n"
               "    switch (number) {\n");
    for (size_t i = 0; i < enum_->value_count; i++)
        out_fmt(o, "    case %s:\n", enum_->values[i].c_name);
    out_put(o, "        return true;\n"
               "    default: return false;\n"
               "    }\n}\n\n");
}

/* It gives a type of its own its name (and is no other name of such an alias). */
bool emit_alias_is_own(const idl_alias *alias)
{
    return idl_has_struct(alias->type) && alias->type->alias == NULL;
}

static void emit_alias(emit *e, const idl_alias *alias)
{
    const idl_type *type = alias->type;

    emit_doc(e, alias->doc, "");
    if (!emit_alias_is_own(alias))
        out_fmt(e->out, "typedef %s;\n\n",
                ctype_declare(ctype_name(type, "", e->mem), alias->c_name, e->mem));
    if (type->alias != NULL || !idl_has_descriptor(type))
        return;
    emit_alias_parts(e, alias, emit_own_names);
    emit_alias_parts(e, alias, wait_entry);
    write_waiting(e);
    out_set(e->out, "T", alias->c_name);
    out_set(e->out, "inline", "");
    if (emit_alias_is_own(alias))
        emit_value_functions(e);
}

/* ---- the file -------------------------------------------------------------------------------- */

static const char *guard(emit *e)
{
    const char *name = ctype_text(e->mem, "%s%s_H", e->module->prefix, emit_file_name(e->module));
    char       *at = (char *)(uintptr_t)name;

    for (; *at != '\0'; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return isdigit((unsigned char)name[0]) ? ctype_text(e->mem, "KMSG_%s", name) : name;
}

static void emit_top(emit *e)
{
    out *o = e->out;

    out_set(o, "F", emit_file_name(e->module));
    out_set(o, "G", guard(e));
    out_put(
        o,
        "/* $F.h -- made by kmsgc " KMSG_VERSION " from $F; edit that file, not this one.\n"
        " *\n"
        " * Every name below begins with a name from the schema. A record owns nothing: what you "
        "fill\n"
        " * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, "
        "what\n"
        " * X_decode_copy() fills in into the arena alone, what a call fills in lives in your "
        "arena,\n"
        " * and what a callback is given until it returns; X_copy() keeps it longer. On failure "
        "*ret\n"
        " * is as it was, and kmsg_last_error() tells the place.\n"
        " */\n"
        "#ifndef $G\n"
        "#define $G\n\n"
        "#include <kmsg/gen.h>\n");
    out_put(o, emit_has_plain(e->module) ? "#include <kmsg/codec.h>\n" : "");
    out_put(o, emit_has_topics(e->module) ? "#include <kmsg/topic.h>\n" : "");
    for (size_t i = 0; i < e->module->import_count; i++)
        out_fmt(o,
                e->module->imports[i]->shipped ? "#include <kmsg/%s.h>\n" : "#include \"%s.h\"\n",
                e->module->import_files[i]);
    out_fmt(o, "\n#if KMSG_GEN_VERSION != %d\n", KMSG_GEN_VERSION);
    out_put(o, "#error \"$F.h does not fit this libkmsg: run kmsgc again\"\n"
               "#endif\n\n"
               "#ifdef __cplusplus\n"
               "extern \"C\" {\n"
               "#endif\n\n");
    emit_doc(e, e->module->doc, "");
    out_put(o, e->module->doc[0] != '\0' ? "\n" : "");
}

static void emit_names(emit *e)
{
    out *o = e->out;

    for (size_t i = 0; i < e->module->record_count; i++) {
        out_set(o, "T", e->module->records[i]->c_name);
        if (i == 0)
            emit_rule(e, "records, and lists of them", "");
        out_put(o, "typedef struct $T $T;\n"
                   "typedef struct $T_list {\n"
                   "    const $T *items;\n"
                   "    size_t count;\n"
                   "} $T_list;\n\n");
    }
}

static void emit_bottom(emit *e)
{
    out *o = e->out;

    emit_rule(e, "for generated code, and tools", "");
    for (size_t i = 0; i < e->module->decl_count; i++) {
        const idl_decl *d = &e->module->decls[i];
        if (d->kind == IDL_DECL_ENUM) {
            out_set(o, "T", d->of.enumeration->c_name);
            out_put(o, "extern const kmsg_type $T_type, $T_list_type;\n");
        } else if (d->kind == IDL_DECL_SERVICE) {
            out_set(o, "T", d->of.service->c_name);
            out_put(o, "extern const kmsg_service $T_service;\n");
        } else if (d->kind == IDL_DECL_MACHINE) {
            out_set(o, "T", d->of.machine->c_name);
            out_put(o, "extern const kmsg_machine $T_machine;\n");
        } else if (d->kind == IDL_DECL_TOPIC) {
            out_set(o, "T", d->of.topic->c_name);
            out_put(o, "extern const kmsg_topic $T_topic;\n");
        }
    }
    emit_source_prototypes(e);
    emit_plain(e);
    out_put(o, "\n#ifdef __cplusplus\n"
               "}\n"
               "#endif\n"
               "#endif\n");
}

static void emit_talk(emit *e)
{
    emit_services(e, emit_service_header);
    emit_messages(e);
    emit_machines(e, emit_machine_header);
    emit_topics(e, emit_topic_header);
}

/* By the records' index, which counts through all modules. */
static bool *new_marks(emit *e)
{
    uint32_t last = 0;
    bool    *marks;

    for (size_t i = 0; i < e->module->record_count; i++)
        if (e->module->records[i]->index > last)
            last = e->module->records[i]->index;
    marks = kmsg_alloc_array(e->mem, bool, (size_t)last + 1);
    if (marks == NULL)
        ctype_no_memory();
    return marks;
}

void emit_header(const idl_model *model, out *o)
{
    emit e = {.module = model->main, .out = o, .mem = ctype_arena()};

    e.complete = new_marks(&e);
    e.maxes = encoded_maxes_of(model, e.mem);
    emit_top(&e);
    for (size_t i = 0; i < e.module->decl_count; i++) {
        if (e.module->decls[i].kind == IDL_DECL_CONST)
            emit_const(&e, e.module->decls[i].of.constant);
        else if (e.module->decls[i].kind == IDL_DECL_ENUM)
            emit_enum(&e, e.module->decls[i].of.enumeration);
    }
    emit_names(&e);
    for (size_t i = 0; i < e.module->alias_count; i++)
        emit_alias(&e, e.module->aliases[i]);
    for (size_t i = 0; i < e.module->record_count; i++)
        emit_record(&e, e.module->records[i]);
    emit_guarded(&e, emit_talk);
    emit_bottom(&e);
    out_fold(o, EMIT_COLUMNS);
    kmsg_arena_free(e.mem);
}
