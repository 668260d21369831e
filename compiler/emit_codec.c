/* emit_codec.c -- the three row functions of a unit, in straight lines (kmsg/codec.h says what they
 * do).
 *
 * The order of the fields is the order of the lines. `p` is the C value, `row` its row in the
 * message, `length` its lengths, `at` where the next tail begins.
 */
#include "compiler/emit_parts.h"

#include <inttypes.h>
#include <string.h>

/* What serves the rows of a type: their functions, their layout, shape and C type. */
typedef struct rows {
    const char *functions, *layout, *shape, *c_type;
} rows;

static rows rows_of_unit(emit *e, const unit *u)
{
    return (rows){u->name, ctype_text(e->mem, "%s_layout", u->name), unit_shape(u, e->mem),
                  u->c_type};
}

static rows rows_of(emit *e, const idl_type *type, const char *place)
{
    unit u;

    if (type->kind == IDL_RECORD || (type->item != NULL && type->item->kind == IDL_RECORD))
        u = unit_of_record(type->kind == IDL_RECORD ? type->record : type->item->record);
    else if (type->kind == IDL_MAP)
        u = unit_of_entry(type, place, e->mem);
    else if (unit_has_row(type))
        u = unit_of_row(type, place, e->mem);
    else if (type->item->kind == IDL_UNION)
        u = unit_of_union(type->item->record, e->mem);
    else if (type->item->kind == IDL_STRING)
        return (rows){"kmsg_text", "kmsg_row_string", "KMSG_SHAPE_TEXT", "kmsg_string"};
    else if (type->item->kind == IDL_BYTES)
        return (rows){"kmsg_bytes", "kmsg_row_bytes", "KMSG_SHAPE_TEXT", "kmsg_bytes"};
    else if (type->item->kind == IDL_ADDRESS)
        return (rows){"kmsg_bytes", "kmsg_row_address", "KMSG_SHAPE_TEXT", "kmsg_address"};
    else
        return (rows){"kmsg_any", "kmsg_row_any", "KMSG_SHAPE_TEXT", "kmsg_any"};
    return rows_of_unit(e, &u);
}

static bool is_items(const idl_type *type)
{
    return type->kind == IDL_LIST || type->kind == IDL_SET || type->kind == IDL_MAP;
}

static bool is_bytes(const idl_type *type)
{
    return type->kind == IDL_BYTES || type->kind == IDL_ADDRESS;
}

/* Its items have no tails and stand side by side, without rows. */
static bool is_array(const idl_type *type)
{
    return (type->kind == IDL_LIST || type->kind == IDL_SET) && idl_in_block(type->item);
}

/* A list of records without slots: the rows are the C structs. */
static bool is_plain_rows(const idl_type *type)
{
    return type->kind == IDL_LIST && !is_array(type) && type->item->kind == IDL_RECORD &&
           type->item->record->slots == 0;
}

/* A map whose size depends on the order of its entries. */
static bool is_padded_map(const idl_type *type)
{
    return type->kind == IDL_MAP && !idl_in_block(type->value) && type->value->kind != IDL_STRING &&
           !is_bytes(type->value);
}

/* The word of kmsg_sorted_WORD() for a map or set; "" where there is none. */
static const char *order_word(const idl_type *type)
{
    const idl_type *key = type->kind == IDL_MAP   ? type->key
                          : type->kind == IDL_SET ? type->item
                                                  : NULL;
    const char     *word = key == NULL             ? NULL
                           : key->kind == IDL_ENUM ? "i32"
                                                   : ctype_builtin(key->kind);

    return word == NULL ? "" : word;
}

/* Other files need it only by its name. */
static const char *linkage(const unit *u)
{
    if (unit_is_leaf(u))
        return u->is_extern ? "KMSG_LEAF " : "static KMSG_LEAF ";
    return u->is_extern ? "" : "static ";
}

static void set_holes(emit *e, const unit *u, const idl_field *f)
{
    out        *o = e->out;
    const char *place = unit_place(u, f, e->mem);
    rows        r;

    e->member = unit_member(u, f, e->mem);
    out_set(o, "M", e->member);
    out_setf(o, "L", f->slot == 0 ? "length" : "length + %u", 4 * f->slot);
    out_setf(o, "F", "%s_fields_[%zu]", u->name, (size_t)(f - u->fields));
    out_set(o, "K", order_word(f->type));
    if (is_array(f->type)) {
        place = ctype_item_place(f->type, place, e->mem);
        out_set(o, "I", ctype_descriptor(f->type->item, place, e->mem));
        out_setf(o, "A", "%u", idl_block_align(f->type->item));
        out_set(o, "C", ctype_name(f->type->item, place, e->mem));
    } else if ((is_items(f->type) || f->type->kind == IDL_RECORD) && f->name != NULL) {
        r = rows_of(e, f->type, place);
        out_set(o, "R", r.functions);
        out_set(o, "Y", r.layout);
        out_set(o, "S", r.shape);
        out_set(o, "C", r.c_type);
    }
}

/* What of the value is NULL where it is absent. */
static const char *absence(emit *e, const idl_type *type)
{
    return ctype_text(e->mem, "%s%s", e->member,
                      type->kind == IDL_RECORD                     ? ""
                      : type->kind == IDL_STRING || is_bytes(type) ? ".data"
                                                                   : ".items");
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* "p->name.size < 1 || p->name.size > 64" */
static const char *outside(emit *e, const idl_type *type)
{
    const idl_limits *l = type->limits;
    const char *size = ctype_text(e->mem, "%s.%s", e->member, is_items(type) ? "count" : "size");
    bool        low = l->low.kind != IDL_VALUE_NONE && l->low.magnitude > 0;
    bool        high = l->high.kind != IDL_VALUE_NONE && l->high.magnitude < UINT32_MAX;

    return ctype_text(e->mem, "%s%s%s",
                      low ? ctype_text(e->mem, "%s < %" PRIu64, size, l->low.magnitude) : "",
                      low && high ? " || " : "",
                      high ? ctype_text(e->mem, "%s > %" PRIu64, size, l->high.magnitude) : "");
}

/* Of a field that has been written or read. What was too much to be written is not looked through.
 */
static void emit_limits(emit *e, const unit *u, const idl_field *f, bool putting)
{
    const idl_type *type = f->type;
    bool            items = is_array(type) && type->item->limits != NULL;
    const char     *condition;

    if (type->limits == NULL && !items)
        return;
    if (items || type->limits->pattern != NULL)
        condition =
            ctype_text(e->mem, "%s!kmsg_within(&%s, &%s)", putting ? "e->err == KMSG_OK && " : "",
                       ctype_descriptor(type, unit_place(u, f, e->mem), e->mem), e->member);
    else
        condition = outside(e, type);
    if (condition[0] == '\0')
        return;
    if (type->optional)
        condition = ctype_text(e->mem, "%s != NULL && (%s)", absence(e, type), condition);
    out_fmt(e->out, "    if (KMSG_UNLIKELY(%s))\n        %s;\n", condition,
            putting ? "kmsg_enc_fail(e, KMSG_EVALUE)" : "kmsg_dec_fail(d, KMSG_EDECODE)");
}

/* ---- X_row_end ------------------------------------------------------------------------------- */

static void emit_end_field(emit *e, const unit *u, const idl_field *f)
{
    out            *o = e->out;
    const idl_type *type = f->type;
    bool            optional = type->optional;

    if (f->name == NULL) {
        if (type->kind == IDL_RECORD && !optional)
            out_put(o, "    at = kmsg_align(at, 8) + KMSG_HEADER;\n");
        return;
    }
    set_holes(e, u, f);
    if (unit_by_descriptor(type)) {
        out_put(o, "    at = kmsg_end_tail(e, &$F, &$M, at);\n");
        return;
    }
    if (optional)
        out_fmt(o, "    if (%s != NULL)\n    ", absence(e, type));
    if (type->kind == IDL_STRING)
        out_put(o, "    at = kmsg_end_string(e, $M, at);\n");
    else if (type->kind == IDL_BYTES)
        out_put(o, "    at = kmsg_end_bytes(e, $M, at);\n");
    else if (type->kind == IDL_ADDRESS)
        out_put(o, "    at = kmsg_end_address(e, $M, at);\n");
    else if (type->kind == IDL_RECORD)
        out_put(o, optional ? "    at = kmsg_end_record(e, $M, at, $S, $R_row_end);\n"
                            : "    at = kmsg_end_record(e, &$M, at, $S, $R_row_end);\n");
    else if (is_array(type))
        out_put(o, "    at = kmsg_end_array(e, $M.count, sizeof($C), $A, at);\n");
    else if (is_padded_map(type))
        out_put(o, "    at = kmsg_end_map(e, &$Y, $M.items, $M.count, sizeof($C), kmsg_sorted_$K, "
                   "at, $S, $R_row_end);\n");
    else
        out_put(o,
                "    at = kmsg_end_rows(e, $M.items, $M.count, sizeof($C), at, $S, $R_row_end);\n");
}

void emit_row_end(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, linkage(u));
    out_put(o, "uint64_t $U_row_end(kmsg_enc *e, const void *value, uint64_t at)\n{\n");
    if (u->slots == 0) {
        out_put(o, "    (void)e;\n"
                   "    (void)value;\n"
                   "    return at;\n}\n\n");
        return;
    }
    if (unit_has_tails(u))
        out_fmt(o, "    %s = value;\n\n", ctype_declare_const(u->c_type, "p", e->mem));
    else
        out_put(o, "    (void)value;\n");
    out_put(o,
            u->recursive ? "    if (!kmsg_enc_enter(e))\n        return at;\n" : "    (void)e;\n");
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block)
            emit_end_field(e, u, &u->fields[i]);
    out_put(o, u->recursive ? "    e->depth--;\n" : "");
    out_put(o, "    return at;\n}\n\n");
}

/* ---- X_row_put ------------------------------------------------------------------------------- */

/* What is written for an optional field that is not there; the value follows. */
static void put_absent_or(emit *e, const idl_type *type)
{
    out_put(e->out, "    at = ");
    if (type->optional)
        out_fmt(e->out, "%s == NULL ? ", absence(e, type));
    if (type->optional)
        out_put(e->out, "kmsg_put_absent($L, at) : ");
}

/* Where a fixed record has something to look at or to clean, its rows are put once more. */
static void emit_put_fixed_again(emit *e, const idl_record *record, const char *written)
{
    const unit_spot *spots;
    unit             u = unit_of_record(record);

    if (unit_spots(&u, e->mem, &spots) != 0)
        out_fmt(e->out,
                "    for (size_t i = 0; i < %s.count && %s; i++)\n"
                "        %s_row_put(e, &%s.items[i], at - (%s.count - i) * sizeof(%s), NULL);\n",
                e->member, written, u.name, e->member, e->member, u.c_type);
}

/* Of items that have been written: not of what is absent, or was too much. */
static void emit_put_array_checks(emit *e, const idl_type *type)
{
    const idl_type *item = type->item;
    const char *has = type->optional ? ctype_text(e->mem, "%s != NULL && ", absence(e, type)) : "";
    const char *written = ctype_text(e->mem, "%se->err == KMSG_OK", has), *m = e->member;

    if (item->kind == IDL_BOOL)
        out_fmt(e->out,
                "    if (%s && KMSG_UNLIKELY(kmsg_bools_bad(%s.items, %s.count)))\n"
                "        kmsg_enc_fail(e, KMSG_EVALUE);\n",
                written, m, m);
    else if (item->kind == IDL_RUNE)
        out_fmt(e->out,
                "    for (size_t i = 0; i < %s.count && %s; i++)\n"
                "        if (KMSG_UNLIKELY(kmsg_rune_bad(%s.items[i])))\n"
                "            kmsg_enc_fail(e, KMSG_EVALUE);\n",
                m, written, m);
    else if (item->kind == IDL_ENUM && item->enum_->closed)
        out_fmt(e->out,
                "    for (size_t i = 0; i < %s.count && %s; i++)\n"
                "        if (KMSG_UNLIKELY(!%s_known((int32_t)%s.items[i])))\n"
                "            kmsg_enc_fail(e, KMSG_EVALUE);\n",
                m, written, item->enum_->c_name, m);
    else if (item->kind == IDL_RECORD)
        emit_put_fixed_again(e, item->record, written);
}

/* A field that the schema has no more: nothing, in the form that its type had. */
static void emit_put_reserved(emit *e, const idl_type *type)
{
    if (type->kind == IDL_RECORD && !type->optional)
        out_put(e->out, "    at = kmsg_put_no_record(e, $L, at);\n");
    else
        out_put(e->out, type->optional || type->kind == IDL_REF
                            ? "    at = kmsg_put_absent($L, at);\n"
                            : "    kmsg_store32($L, 0);\n");
}

static void emit_put_value(emit *e, const idl_type *type)
{
    out *o = e->out;

    put_absent_or(e, type);
    if (type->kind == IDL_SET) /* out of order: the long way sorts it */
        out_put(o, "!kmsg_sorted_$K($M.items, $M.count, sizeof($C)) ? "
                   "kmsg_put_tail(e, &$F, &$M, $L, at) : ");
    if (type->kind == IDL_STRING)
        out_put(o, "kmsg_put_string(e, $M, $L, at);\n");
    else if (type->kind == IDL_BYTES)
        out_put(o, "kmsg_put_bytes(e, $M, $L, at);\n");
    else if (type->kind == IDL_ADDRESS)
        out_put(o, "kmsg_put_address(e, $M, $L, at);\n");
    else if (type->kind == IDL_RECORD)
        out_put(o, type->optional ? "kmsg_put_record(e, $M, $S, $R_row_put, $L, at);\n"
                                  : "kmsg_put_record(e, &$M, $S, $R_row_put, $L, at);\n");
    else if (type->kind == IDL_MAP)
        out_put(o, "kmsg_put_map(e, &$Y, $M.items, $M.count, sizeof($C), kmsg_sorted_$K, "
                   "$S, $R_row_put, $L, at);\n");
    else if (is_array(type))
        out_put(o, "kmsg_put_array(e, &$I, $M.items, $M.count, sizeof($C), $A, $L, at);\n");
    else
        out_put(o, "kmsg_put_rows(e, $M.items, $M.count, sizeof($C), $S, $R_row_put, $L, at);\n");
}

static void emit_put_field(emit *e, const unit *u, const idl_field *f)
{
    set_holes(e, u, f);
    if (f->name == NULL) {
        emit_put_reserved(e, f->type);
    } else if (unit_by_descriptor(f->type)) {
        out_put(e->out, "    at = kmsg_put_tail(e, &$F, &$M, $L, at);\n");
    } else {
        emit_put_value(e, f->type);
        if (is_array(f->type))
            emit_put_array_checks(e, f->type);
        emit_limits(e, u, f, true);
    }
}

static void emit_row_start(emit *e, const unit *u, bool putting)
{
    out *o = e->out;

    if (putting && (u->block > 0 || unit_has_tails(u)))
        out_fmt(o, "    %s = value;\n", ctype_declare_const(u->c_type, "p", e->mem));
    else if (!putting && (u->block > 0 || unit_has_tails(u)))
        out_fmt(o, "    %s = ret;\n", ctype_declare(u->c_type, "*p", e->mem));
    if (u->slots > 0)
        out_fmt(o,
                putting ? "    uint8_t *length = row + %u;\n"
                        : "    const uint8_t *length = row + %u;\n",
                unit_lengths(u));
    if (u->block == 0 && !unit_has_tails(u))
        out_put(o, putting ? "\n    (void)value;" : "\n    (void)ret;");
}

/* Scalars alone: X_row_set does it. */
static void emit_row_put_plain(emit *e, const unit *u)
{
    out *o = e->out;

    if (emit_has_bad(e, u))
        out_put(o, "    if (KMSG_UNLIKELY($U_row_set(value, row) != 0))\n"
                   "        kmsg_enc_fail(e, KMSG_EVALUE);\n");
    else
        out_put(o, "    (void)e;\n"
                   "    $U_row_set(value, row);\n");
    out_put(o, "    return at;\n}\n\n");
}

void emit_row_put(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    if (u->slots == 0 && !emit_is_plain(u))
        emit_row_set(e, u);
    out_put(o, linkage(u));
    out_put(o,
            "uint8_t *$U_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)\n{\n");
    if (u->slots == 0) {
        emit_row_put_plain(e, u);
        return;
    }
    emit_row_start(e, u, true);
    out_put(o, u->recursive ? "\n    if (!kmsg_enc_enter(e))\n        return at;\n"
                            : "\n    (void)e;\n");
    emit_put_block(e, u);
    if (emit_has_bad(e, u))
        out_put(o, "    if (KMSG_UNLIKELY($U_row_bad(row) != 0))\n"
                   "        kmsg_enc_fail(e, KMSG_EVALUE);\n");
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block)
            emit_put_field(e, u, &u->fields[i]);
    out_put(o, u->recursive ? "    e->depth--;\n" : "");
    out_put(o, "    return at;\n}\n\n");
}

/* ---- X_row_get ------------------------------------------------------------------------------- */

static void emit_get_fixed_checks(emit *e, const idl_record *record)
{
    unit u = unit_of_record(record);

    if (emit_has_bad(e, &u))
        out_fmt(e->out,
                "    for (size_t i = 0; i < list.count; i++)\n"
                "        if (KMSG_UNLIKELY(%s_row_bad(at - (i + 1) * sizeof(%s)) != 0))\n"
                "            kmsg_dec_fail(d, KMSG_EDECODE);\n",
                u.name, u.c_type);
}

static void emit_get_array_checks(emit *e, const idl_type *item)
{
    out *o = e->out;

    if (item->kind == IDL_BOOL)
        out_put(o, "    if (KMSG_UNLIKELY(kmsg_bools_bad(list.items, list.count)))\n"
                   "        kmsg_dec_fail(d, KMSG_EDECODE);\n");
    else if (item->kind == IDL_RUNE)
        out_put(o, "    for (size_t i = 0; i < $M.count; i++)\n"
                   "        if (KMSG_UNLIKELY(kmsg_rune_bad($M.items[i])))\n"
                   "            kmsg_dec_fail(d, KMSG_EDECODE);\n");
    else if (item->kind == IDL_ENUM && item->enum_->closed)
        out_fmt(o,
                "    for (size_t i = 0; i < %s.count; i++)\n"
                "        if (KMSG_UNLIKELY(!%s_known((int32_t)%s.items[i])))\n"
                "            kmsg_dec_fail(d, KMSG_EDECODE);\n",
                e->member, item->enum_->c_name, e->member);
    else if (item->kind == IDL_RECORD)
        emit_get_fixed_checks(e, item->record);
}

/* The call that reads a list, set or map into `list`. */
static void emit_get_items(emit *e, const idl_type *type)
{
    out *o = e->out;

    if (is_array(type)) {
        out_put(o,
                "    at = kmsg_get_array(d, &$I, kmsg_load32($L), at, sizeof($C), $A, &list);\n");
    } else if (is_plain_rows(type)) {
        unit u = unit_of_record(type->item->record);
        out_set(o, "B", emit_has_bad(e, &u) ? ctype_text(e->mem, "%s_row_bad", u.name) : "NULL");
        out_put(o, "    at = kmsg_get_plain_rows(d, &$Y, kmsg_load32($L), at, sizeof($C), $S, $B,\n"
                   "                             &list);\n");
    } else {
        out_put(o,
                "    at = kmsg_get_rows(d, &$Y, kmsg_load32($L), at, sizeof($C), $S, $R_row_get,\n"
                "                       &list);\n");
    }
}

static void emit_get_list(emit *e, const idl_field *f)
{
    out            *o = e->out;
    const idl_type *type = f->type;

    if (type->optional)
        out_put(o, "    list.items = NULL;\n"
                   "    list.count = 0;\n"
                   "    if (kmsg_load32($L) != KMSG_ABSENT)\n    ");
    emit_get_items(e, type);
    if (strcmp(order_word(type), "string") == 0)
        out_set(o, "K", "text");
    if (type->kind == IDL_MAP || type->kind == IDL_SET)
        out_put(o, "    if (KMSG_UNLIKELY(d->err != KMSG_OK ||\n"
                   "                      !kmsg_sorted_$K(list.items, list.count, sizeof($C))))\n"
                   "        kmsg_dec_fail(d, KMSG_EDECODE);\n");
    out_put(o, "    $M.items = list.items;\n"
               "    $M.count = list.count;\n");
    if (is_array(type))
        emit_get_array_checks(e, type->item);
}

/* string, bytes, address: `word` */
static void emit_get_text(emit *e, const char *word, bool optional)
{
    out_set(e->out, "W", word);
    out_put(e->out, optional ? "    at = kmsg_get_optional_$W(d, kmsg_load32($L), at, &$M);\n"
                             : "    at = kmsg_get_$W(d, kmsg_load32($L), at, &$M);\n");
}

static void emit_get_value(emit *e, const unit *u, const idl_field *f)
{
    out            *o = e->out;
    const idl_type *type = f->type;

    if (is_items(type))
        emit_get_list(e, f);
    else if (type->kind == IDL_STRING && u->block == 0 && u->slots == 1)
        emit_get_text(e, "lone_string", type->optional);
    else if (type->kind != IDL_RECORD)
        emit_get_text(e, ctype_builtin(type->kind), type->optional);
    else if (type->optional)
        out_put(o, "    $M = kmsg_get_optional_record(d, &$Y, kmsg_load32($L), &at, sizeof($C),\n"
                   "                                  $S, $R_row_get);\n");
    else
        out_put(o, "    at = kmsg_get_record(d, &$Y, kmsg_load32($L), at, $S, $R_row_get, &$M);\n");
}

static void emit_get_field(emit *e, const unit *u, const idl_field *f)
{
    set_holes(e, u, f);
    if (f->name == NULL) {
        out_put(e->out, f->type->kind == IDL_RECORD
                            ? "    at = kmsg_get_reserved_record(d, kmsg_load32($L), at);\n"
                            : "    at = kmsg_get_reserved(d, kmsg_load32($L), at);\n");
    } else if (unit_by_descriptor(f->type)) {
        out_put(e->out, "    at = kmsg_get_tail(d, &$F, kmsg_load32($L), at, &$M);\n");
    } else {
        emit_get_value(e, u, f);
        emit_limits(e, u, f, false);
    }
}

static bool has_lists(const unit *u)
{
    for (size_t i = 0; i < u->field_count; i++)
        if (u->fields[i].name != NULL && is_items(u->fields[i].type) &&
            !unit_by_descriptor(u->fields[i].type))
            return true;
    return false;
}

void emit_row_get(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, linkage(u));
    out_put(o, "const uint8_t *$U_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void "
               "*ret)\n{\n");
    if (u->block == 0 && u->slots == 0) {
        out_put(o, "    (void)d;\n    (void)row;\n    (void)ret;\n    return at;\n}\n\n");
        return;
    }
    emit_row_start(e, u, false);
    out_put(o, has_lists(u) ? "    kmsg_items list;\n" : "");
    out_put(o, u->recursive ? "\n    if (!kmsg_dec_enter(d))\n        return at;\n"
                            : "\n    (void)d;\n");
    emit_get_block(e, u);
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block)
            emit_get_field(e, u, &u->fields[i]);
    out_put(o, u->recursive ? "    d->depth--;\n" : "");
    out_put(o, "    return at;\n}\n\n");
}
