/* emit_header.c -- X.kmsg.h: what a C programmer reads.
 *
 * Order: constants and enums as in the schema; the names of all records and their lists, so that
 * they may speak of one another; the records, those first that others contain; services; and last
 * what only generated code needs.
 */
#include "compiler/emit_parts.h"

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

void emit_doc(emit *e, const char *doc, const char *indent)
{
    const char *begin = "/* ";

    if (doc == NULL || doc[0] == '\0')
        return;
    while (*doc != '\0') {
        size_t size = strcspn(doc, "\n");
        out_fmt(e->out, "%s%s", indent, begin);
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

/* ---- types of their own ---------------------------------------------------------------------- */

void emit_each_own(emit *e, const idl_type *type, const char *place, own_visit *visit)
{
    if (!ctype_is_own(type) || type->alias != NULL)
        return;
    if (type->kind == IDL_LIST)
        emit_each_own(e, type->item, ctype_item_place(type, place, e->mem), visit);
    else
        emit_each_own(e, type->value, ctype_value_place(type, place, e->mem), visit);
    visit(e, type, place);
}

void emit_own_names(emit *e, const idl_type *type, const char *place)
{
    out        *o = e->out;
    const char *item;

    out_set(o, "T", ctype_own_name(type, place));
    if (type->kind == IDL_MAP) {
        out_put(o, "typedef struct $T_entry $T_entry;\n\n");
        item = ctype_text(e->mem, "%s_entry", ctype_own_name(type, place));
    } else {
        item = ctype_name(type->item, ctype_item_place(type, place, e->mem), e->mem);
    }
    out_set(o, "C", item);
    out_put(o, "typedef struct $T {\n"
               "    const $C *items;\n"
               "    size_t count;\n"
               "} $T;\n\n");
}

void emit_own_entries(emit *e, const idl_type *type, const char *place)
{
    out *o = e->out;
    unit u;

    if (type->kind != IDL_MAP)
        return;
    u = unit_of_entry(type, place, e->mem);
    out_set(o, "T", ctype_own_name(type, place));
    out_set(o, "K", ctype_name(type->key, "", e->mem));
    out_set(o, "V", ctype_name(type->value, ctype_value_place(type, place, e->mem), e->mem));
    out_put(o, "struct $T_entry {\n"
               "    $K key;\n");
    if (u.slots == 0 && u.fields[1].offset > idl_block_size(type->key))
        out_fmt(o, "    uint8_t pad1_[%u];\n", u.fields[1].offset - idl_block_size(type->key));
    out_put(o, "    $V value;\n");
    if (u.slots == 0 && u.block % u.align != 0)
        out_fmt(o, "    uint8_t pad2_[%u];\n", u.align - u.block % u.align);
    out_put(o, "};\n\n"
               "/* The value under a key, or NULL. The map must be in order, as all are that kmsg "
               "made. */\n"
               "const $V *$T_find($T map, $K key);\n\n");
}

void emit_own_of_fields(emit *e, const idl_record *record, own_visit *visit)
{
    unit u = unit_of_record(record);

    for (size_t i = 0; i < u.field_count; i++)
        if (u.fields[i].name != NULL)
            emit_each_own(e, u.fields[i].type, unit_place(&u, &u.fields[i], e->mem), visit);
}

/* C needs an entry's value complete: entries wait until its record has been written. */
static bool is_complete(const emit *e, const idl_type *type)
{
    if (type->kind != IDL_RECORD || type->record->module != e->module)
        return true;
    for (size_t i = 0; i < e->complete; i++)
        if (e->module->records[i] == type->record)
            return true;
    return false;
}

static void wait_entry(emit *e, const idl_type *type, const char *place)
{
    waiting *w;

    if (type->kind != IDL_MAP)
        return;
    w = kmsg_alloc_array(e->mem, waiting, 1);
    if (w == NULL)
        ctype_no_memory();
    *w = (waiting){e->waiting, type, place};
    e->waiting = w;
}

static void write_waiting(emit *e)
{
    waiting *left = NULL, *w = e->waiting, *next;

    for (; w != NULL; w = next) {
        next = w->next;
        if (is_complete(e, w->type->value)) {
            emit_own_entries(e, w->type, w->place);
            continue;
        }
        w->next = left;
        left = w;
    }
    e->waiting = left;
}

/* ---- structs --------------------------------------------------------------------------------- */

/* "kmsg_string name", "const Address *address", "uint8_t pad1_[3]" */
static const char *declaration(emit *e, const unit *u, const idl_field *f)
{
    const char *type = ctype_name(f->type, unit_place(u, f, e->mem), e->mem);

    if (f->type->kind == IDL_RECORD && f->type->optional && !f->in_block)
        return ctype_text(e->mem, "const %s *%s;", type, f->c_name);
    return ctype_text(e->mem, "%s %s;", type, f->c_name);
}

/* What stands behind a member, beyond its number. */
static const char *remark(const idl_field *f)
{
    if (!f->type->optional || f->in_block)
        return "";
    switch (f->type->kind) {
    case IDL_STRING:
    case IDL_BYTES: return ", .data is NULL when absent";
    case IDL_RECORD: return ", NULL when absent";
    default: return ", .items is NULL when absent";
    }
}

static void emit_member(emit *e, const unit *u, const idl_field *f)
{
    const char *line = declaration(e, u, f);
    bool        one_line = strchr(f->doc, '\n') == NULL && strlen(f->doc) + strlen(line) < 60;

    if (!one_line)
        emit_doc(e, f->doc, "    ");
    out_fmt(e->out, "    %-32s /* %u%s", line, f->number, remark(f));
    if (one_line && f->doc[0] != '\0') {
        out_put(e->out, ": ");
        put_comment_text(e->out, f->doc, strlen(f->doc));
    }
    out_put(e->out, " */\n");
    if (f->in_block && f->type->optional)
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
    if (u.block == 0 && u.slots == 0)
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

static const char *role_word(const idl_record *record)
{
    return record->role == IDL_IS_ERROR   ? "error"
           : record->role == IDL_IS_FIXED ? "fixed record"
                                          : "record";
}

static void emit_record(emit *e, const idl_record *record)
{
    out *o = e->out;
    unit u = unit_of_record(record);

    emit_rule(e, role_word(record), record->name);
    emit_own_of_fields(e, record, emit_own_names);
    emit_doc(e, record->doc, "");
    emit_struct(e, record);
    e->complete++;
    emit_own_of_fields(e, record, wait_entry);
    write_waiting(e);
    out_set(o, "T", record->c_name);
    if (u.has_initial)
        out_put(o, "/* All defaults: $T x = $T_initial; */\n"
                   "extern const $T $T_initial;\n\n");
    out_put(o, "KMSG_CHECK kmsg_err $T_encode(const $T *value, kmsg_arena *mem, kmsg_bytes *ret);\n"
               "KMSG_CHECK kmsg_err $T_encode_into(const $T *value, void *buffer, size_t capacity, "
               "size_t *ret_size);\n"
               "KMSG_CHECK kmsg_err $T_encoded_size(const $T *value, size_t *ret);\n"
               "KMSG_CHECK kmsg_err $T_decode(kmsg_bytes bytes, kmsg_arena *mem, $T *ret);\n"
               "KMSG_CHECK kmsg_err $T_copy(const $T *value, kmsg_arena *mem, $T *ret);\n"
               "bool $T_equal(const $T *a, const $T *b);\n"
               "void $T_print(const $T *value, FILE *out);\n\n");
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
        out_fmt(e->out, "(%.17g)\n\n", v->number);
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

/* The parts of an alias that is a type of its own, itself last. */
void emit_alias_parts(emit *e, const idl_alias *alias, own_visit *visit)
{
    const idl_type *type = alias->type;

    if (type->kind == IDL_LIST)
        emit_each_own(e, type->item, ctype_item_place(type, alias->c_name, e->mem), visit);
    else
        emit_each_own(e, type->value, ctype_value_place(type, alias->c_name, e->mem), visit);
    visit(e, type, alias->c_name);
}

static void emit_alias(emit *e, const idl_alias *alias)
{
    const idl_type *type = alias->type;

    emit_doc(e, alias->doc, "");
    if (!ctype_is_own(type) || type->alias != NULL) {
        out_fmt(e->out, "typedef %s %s;\n\n", ctype_name(type, "", e->mem), alias->c_name);
        return;
    }
    emit_alias_parts(e, alias, emit_own_names);
    emit_alias_parts(e, alias, wait_entry);
    write_waiting(e);
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
        " * a call fills in lives in your arena, and what a callback is given until it returns;\n"
        " * X_copy() keeps it longer. On failure *ret is as it was, and kmsg_last_error() tells "
        "the\n"
        " * place.\n"
        " */\n"
        "#ifndef $G\n"
        "#define $G\n\n"
        "#include <kmsg/gen.h>\n");
    for (size_t i = 0; i < e->module->import_count; i++)
        out_fmt(o, "#include \"%s.h\"\n", e->module->import_files[i]);
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
        }
    }
    emit_source_prototypes(e);
    out_put(o, "\n#ifdef __cplusplus\n"
               "}\n"
               "#endif\n"
               "#endif\n");
}

void emit_header(const idl_model *model, out *o)
{
    emit e = {.module = model->main, .out = o, .mem = ctype_arena()};

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
    emit_services(&e, emit_service_header);
    emit_bottom(&e);
    out_fold(o, EMIT_COLUMNS);
    kmsg_arena_free(e.mem);
}
