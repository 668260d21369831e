/* emit_source.c -- X.kmsg.c: for each declaration what the linker will ask for.
 *
 * A record's types of their own come before it; everything that another file may need is declared
 * in the header, so the order among records does not matter.
 */
#include "compiler/emit_parts.h"

#include <string.h>

#define ON_STACK_MAX 16384 /* bytes of a record that X_decode() may keep there */

/* Of what is written out before it is needed. */
static void emit_unit_prototypes(emit *e, const unit *u)
{
    if (!u->is_extern) {
        out_set(e->out, "U", u->name);
        out_fmt(e->out, "#define %s %s\n", unit_shape(u, e->mem), unit_shape_value(u, e->mem));
        out_put(e->out, "static const kmsg_layout $U_layout;\n\n");
    }
}

void emit_unit(emit *e, const unit *u)
{
    emit_unit_prototypes(e, u);
    emit_fields(e, u);
    if (!u->by_descriptor) {
        if (!emit_is_plain(u))
            emit_bad(e, u);
        emit_row_end(e, u);
        emit_row_put(e, u);
        emit_row_get(e, u);
    }
    emit_layout(e, u);
}

/* Three-way, of two values of a key's type. `$D` is its descriptor. */
static const char *comparison(const idl_type *key)
{
    return key->kind == IDL_STRING  ? "kmsg_compare_string(${at}, ${key})"
           : key->kind == IDL_UUID  ? "kmsg_compare_uuid(${at}, ${key})"
           : key->kind < IDL_STRING ? "KMSG_COMPARE(${at}, ${key})"
                                    : "kmsg_compare_keys(&$D, &${at}, &${key})";
}

/* Binary search by the order of keys, in `in`, whose middle key is `at`. */
static void emit_search(emit *e, const idl_type *key, const char *in, const char *found,
                        const char *none)
{
    out_set(e->out, "in", in);
    out_set(e->out, "found", found);
    out_set(e->out, "none", none);
    out_put(e->out, "{\n"
                    "    size_t from = 0, to = ${in}.count;\n\n"
                    "    while (from < to) {\n"
                    "        size_t middle = from + (to - from) / 2;\n"
                    "        int order = ");
    out_put(e->out, comparison(key));
    out_put(e->out, ";\n"
                    "        if (order == 0)\n"
                    "            return ${found};\n"
                    "        if (order < 0)\n"
                    "            from = middle + 1;\n"
                    "        else\n"
                    "            to = middle;\n"
                    "    }\n"
                    "    return ${none};\n"
                    "}\n\n");
}

static void emit_find(emit *e, const idl_type *map, const char *place)
{
    const char *key = ctype_key_place(map, place, e->mem);
    const char *value = ctype_name(map->value, ctype_value_place(map, place, e->mem), e->mem);

    out_set(e->out, "T", place);
    out_set(e->out, "K", ctype_name(map->key, key, e->mem));
    out_set(e->out, "D", ctype_descriptor(map->key, key, e->mem));
    out_set(e->out, "F", ctype_declare_const(value, ctype_text(e->mem, "%s_find", place), e->mem));
    out_set(e->out, "at", "map.items[middle].key");
    out_set(e->out, "key", "key");
    out_put(e->out, "$F($T map, $K key)\n");
    emit_search(e, map->key, "map", "&map.items[middle].value", "NULL");
}

static void emit_set_has(emit *e, const idl_type *set, const char *place)
{
    const char *item = ctype_item_place(set, place, e->mem);

    out_set(e->out, "T", place);
    out_set(e->out, "C", ctype_name(set, place, e->mem));
    out_set(e->out, "I", ctype_name(set->item, item, e->mem));
    out_set(e->out, "D", ctype_descriptor(set->item, item, e->mem));
    out_set(e->out, "at", "set.items[middle]");
    out_set(e->out, "key", "item");
    out_put(e->out, "bool $T_has($C set, $I item)\n");
    emit_search(e, set->item, "set", "true", "false");
}

/* The struct's type is made here, and so is all that serves it. */
static bool is_made_here(const emit *e, const idl_type *type, const char *place)
{
    return type->alias == NULL || (e->alias != NULL && strcmp(e->alias, place) == 0);
}

void emit_own_unit(emit *e, const idl_type *type, const char *place)
{
    bool here = is_made_here(e, type, place);
    unit u;

    if (here && (type->kind == IDL_MAP || unit_has_row(type))) {
        u = type->kind == IDL_MAP ? unit_of_entry(type, place, e->mem)
                                  : unit_of_row(type, place, e->mem);
        u.is_extern = e->alias != NULL && strcmp(e->alias, place) == 0;
        emit_unit(e, &u);
    }
    emit_own_type(e, type, place);
    if (here && type->kind == IDL_MAP)
        emit_find(e, type, place);
    if (here && type->kind == IDL_SET)
        emit_set_has(e, type, place);
}

/* On failure *ret must be as it was. It is decoded where it belongs and put back: a copy afterwards
 * would have to wait for what was just written. What is too large for the stack goes through the
 * arena. */
static void emit_encode_and_decode(emit *e, const idl_record *record)
{
    out_put(e->out,
            "kmsg_err $T_encode_into(const $T *value, void *buffer, size_t capacity, "
            "size_t *ret_size)\n{\n"
            "    return kmsg_encode_with(&$T_layout, $S, $T_row_put, value, buffer, capacity,\n"
            "                            ret_size);\n"
            "}\n\n"
            "kmsg_err $T_decode(kmsg_bytes bytes, kmsg_arena *mem, $T *ret)\n{\n");
    out_put(e->out,
            record->memory > ON_STACK_MAX
                ? "    return kmsg_decode(&$T_layout, bytes, mem, ret);\n"
                  "}\n\n"
                : "    const $T before = *ret;\n"
                  "    kmsg_err err = kmsg_decode_with(&$T_layout, $S, $T_row_get, bytes, mem, "
                  "ret);\n\n"
                  "    if (KMSG_UNLIKELY(err != KMSG_OK))\n"
                  "        *ret = before;\n"
                  "    return err;\n"
                  "}\n\n");
}

/* The bytes are not borrowed from: X_decode() may borrow from their copy. Of scalars it borrows
 * nothing. */
static void emit_decode_copy(emit *e, bool borrows)
{
    out_put(e->out, "kmsg_err $T_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, $T *ret)\n{\n");
    out_put(e->out, borrows ? "    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);\n\n"
                              "    return err == KMSG_OK ? $T_decode(bytes, mem, ret) : err;\n"
                              "}\n\n"
                            : "    return $T_decode(bytes, mem, ret);\n"
                              "}\n\n");
}

static void emit_record_functions(emit *e, const idl_record *record)
{
    out *o = e->out;
    unit u = unit_of_record(record);

    out_set(o, "T", u.c_type);
    out_set(o, "S", unit_shape(&u, e->mem));
    out_put(o, "kmsg_err $T_encoded_size(const $T *value, size_t *ret)\n{\n"
               "    return kmsg_measure_with(&$T_layout, $S, $T_row_end, value, ret);\n"
               "}\n\n");
    if (!emit_is_plain(&u))
        emit_encode_and_decode(e, record);
    emit_decode_copy(e, !emit_is_plain(&u));
    out_put(o, "kmsg_err $T_encode(const $T *value, kmsg_arena *mem, kmsg_bytes *ret)\n{\n"
               "    return kmsg_encode(&$T_layout, value, mem, ret);\n"
               "}\n\n");
    out_put(o, "kmsg_err $T_copy(const $T *value, kmsg_arena *mem, $T *ret)\n{\n"
               "    return kmsg_copy(&$T_layout, value, mem, ret);\n"
               "}\n\n"
               "bool $T_equal(const $T *a, const $T *b)\n{\n"
               "    return kmsg_equal(&$T_layout, a, b);\n"
               "}\n\n"
               "void $T_print(const $T *value, FILE *out)\n{\n"
               "    kmsg_print(&$T_layout, value, out);\n"
               "}\n\n");
}

/* Of what is no record, but can travel by itself. */
static void emit_value_functions(emit *e, const char *name)
{
    out_set(e->out, "T", name);
    out_put(e->out, "kmsg_err $T_encode(const $T *value, kmsg_arena *mem, kmsg_bytes *ret)\n{\n"
                    "    return kmsg_encode_value(&$T_type, value, mem, ret);\n"
                    "}\n\n"
                    "kmsg_err $T_decode(kmsg_bytes bytes, kmsg_arena *mem, $T *ret)\n{\n"
                    "    return kmsg_decode_value(&$T_type, bytes, mem, ret);\n"
                    "}\n\n");
    emit_decode_copy(e, true);
    out_put(e->out, "kmsg_err $T_copy(const $T *value, kmsg_arena *mem, $T *ret)\n{\n"
                    "    return kmsg_copy_value(&$T_type, value, mem, ret);\n"
                    "}\n\n"
                    "bool $T_equal(const $T *a, const $T *b)\n{\n"
                    "    return kmsg_equal_value(&$T_type, a, b);\n"
                    "}\n\n"
                    "void $T_print(const $T *value, FILE *out)\n{\n"
                    "    kmsg_print_value(&$T_type, value, out);\n"
                    "}\n\n");
}

void emit_asserts(emit *e, const unit *u)
{
    const idl_field *last = NULL;

    for (size_t i = 0; i < u->field_count; i++)
        if (u->fields[i].in_block && u->fields[i].name != NULL)
            last = &u->fields[i];
    if (last != NULL)
        out_fmt(e->out, "_Static_assert(offsetof(%s, %s) == %u, \"%s: unexpected layout\");\n",
                u->c_type, last->c_name, last->offset, u->c_type);
    if (u->slots == 0 && u->block > 0)
        out_fmt(e->out, "_Static_assert(sizeof(%s) == %u, \"%s: unexpected layout\");\n", u->c_type,
                (u->block + u->align - 1) / u->align * u->align, u->c_type);
    out_put(e->out, last != NULL ? "\n" : "");
}

static void emit_record(emit *e, const idl_record *record)
{
    unit u = unit_of_record(record);

    emit_rule(e, "record", record->name);
    emit_asserts(e, &u);
    emit_own_of_fields(e, record, emit_own_unit);
    emit_initial(e, record);
    emit_unit(e, &u);
    emit_record_types(e, record);
    emit_record_functions(e, record);
}

static void emit_union(emit *e, const idl_record *record)
{
    unit u = unit_of_record(record), row = unit_of_union(record, e->mem);

    emit_rule(e, "union", record->name);
    out_fmt(e->out, "_Static_assert(sizeof(%s_kind) == 4, \"%s: unexpected layout\");\n\n",
            u.c_type, u.c_type);
    emit_own_of_fields(e, record, emit_own_unit);
    emit_unit(e, &u);
    emit_unit(e, &row);
    emit_union_types(e, record);
    emit_value_functions(e, record->c_name);
}

/* It has a descriptor, which other files may need. */
static bool alias_has_descriptor(const idl_alias *alias)
{
    return idl_has_descriptor(alias->type) && alias->type->alias == NULL;
}

static void emit_alias_source(emit *e, const idl_alias *alias)
{
    emit_rule(e, "alias", alias->name);
    e->alias = alias->c_name;
    emit_alias_parts(e, alias, emit_own_unit);
    e->alias = NULL;
    if (emit_alias_is_own(alias))
        emit_value_functions(e, alias->c_name);
}

static void unit_prototypes(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_fmt(o, "\n#define %s %s\n", unit_shape(u, e->mem), unit_shape_value(u, e->mem));
    out_put(o, "extern const kmsg_layout $U_layout;\n");
    if (u->by_descriptor)
        return;
    out_put(o, "uint64_t $U_row_end(kmsg_enc *e, const void *value, uint64_t at);\n"
               "uint8_t *$U_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);\n"
               "const uint8_t *$U_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void "
               "*ret);\n");
    if (emit_has_bad(e, u) && !emit_is_plain(u))
        out_put(o, "uint32_t $U_row_bad(const uint8_t *row);\n");
}

static void alias_prototypes(emit *e, const idl_alias *alias)
{
    const char *name = alias->c_name;
    unit        u;

    if (!alias_has_descriptor(alias))
        return;
    if (alias->type->kind == IDL_MAP || unit_has_row(alias->type)) {
        u = alias->type->kind == IDL_MAP ? unit_of_entry(alias->type, name, e->mem)
                                         : unit_of_row(alias->type, name, e->mem);
        unit_prototypes(e, &u);
    }
    out_fmt(e->out, "extern const kmsg_type %s_type;\n", name);
}

void emit_source_prototypes(emit *e)
{
    const idl_module *m = e->module;

    for (size_t i = 0; i < m->record_count; i++) {
        unit u = unit_of_record(m->records[i]);
        if (u.is_union)
            u = unit_of_union(m->records[i], e->mem);
        unit_prototypes(e, &u);
        out_set(e->out, "U", m->records[i]->c_name);
        if (u.kind == UNIT_ROW)
            out_put(e->out, "extern const kmsg_layout $U_layout;\n");
        out_put(e->out, "extern const kmsg_type $U_type, $U_list_type;\n");
    }
    for (size_t i = 0; i < m->decl_count; i++)
        if (m->decls[i].kind == IDL_DECL_ALIAS)
            alias_prototypes(e, m->decls[i].of.alias);
}

static void emit_talk(emit *e)
{
    emit_services(e, emit_service_source);
    emit_machines(e, emit_machine_source);
    emit_topics(e, emit_topic_source);
}

void emit_source(const idl_model *model, out *o)
{
    emit e = {.module = model->main, .out = o, .mem = ctype_arena()};

    out_set(o, "F", emit_file_name(e.module));
    out_put(o,
            "/* $F.c -- made by kmsgc " KMSG_VERSION " from $F; edit that file, not this one. */\n"
            "#include \"$F.h\"\n\n"
            "#include <kmsg/codec.h>\n\n");
    for (size_t i = 0; i < e.module->decl_count; i++)
        if (e.module->decls[i].kind == IDL_DECL_ENUM) {
            emit_rule(&e, "enum", e.module->decls[i].of.enumeration->name);
            emit_enum_types(&e, e.module->decls[i].of.enumeration);
        }
    for (size_t i = 0; i < e.module->decl_count; i++)
        if (e.module->decls[i].kind == IDL_DECL_ALIAS &&
            alias_has_descriptor(e.module->decls[i].of.alias))
            emit_alias_source(&e, e.module->decls[i].of.alias);
    for (size_t i = 0; i < e.module->record_count; i++)
        (e.module->records[i]->role == IDL_IS_UNION ? emit_union
                                                    : emit_record)(&e, e.module->records[i]);
    emit_guarded(&e, emit_talk);
    out_fold(o, EMIT_COLUMNS);
    kmsg_arena_free(e.mem);
}
