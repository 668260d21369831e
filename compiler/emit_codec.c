/* emit_codec.c -- the three row functions of a unit, in straight lines (kmsg/codec.h says what they
 * do).
 *
 * The order of the fields is the order of the lines. `p` is the C value, `row` its row in the
 * message, `length` its lengths, `at` where the next tail begins.
 */
#include "compiler/emit_parts.h"

#include <string.h>

/* The row functions that serve a type: its record's, or those of the unit inside it. */
static const char *row_functions(emit *e, const idl_type *type, const char *place)
{
    const idl_type *item = type->item;

    if (type->kind == IDL_RECORD)
        return type->record->c_name;
    if (type->kind == IDL_MAP)
        return ctype_text(e->mem, "%s_entry", ctype_own_name(type, place));
    if (ctype_is_own(type))
        return ctype_own_name(type, place);
    if (item->kind == IDL_RECORD)
        return item->record->c_name;
    return item->kind == IDL_STRING ? "kmsg_text" : "kmsg_bytes";
}

static const char *row_c_type(emit *e, const idl_type *type, const char *place)
{
    if (type->kind == IDL_MAP)
        return unit_of_entry(type, place, e->mem).c_type;
    if (ctype_is_own(type))
        return unit_of_row(type, place, e->mem).c_type;
    return ctype_name(type->item, place, e->mem);
}

static const char *row_shape(emit *e, const idl_type *type, const char *place)
{
    unit u;

    if (type->kind == IDL_MAP)
        u = unit_of_entry(type, place, e->mem);
    else if (ctype_is_own(type))
        u = unit_of_row(type, place, e->mem);
    else if (type->kind == IDL_RECORD || type->item->kind == IDL_RECORD)
        u = unit_of_record(type->kind == IDL_RECORD ? type->record : type->item->record);
    else
        return "KMSG_SHAPE_TEXT";
    return unit_shape(&u, e->mem);
}

/* Its items have no tails and stand side by side, without rows. */
static bool is_array(const idl_type *type)
{
    return type->kind == IDL_LIST && idl_in_block(type->item);
}

/* A list of records without slots: the rows are the C structs. */
static bool is_plain_rows(const idl_type *type)
{
    return type->kind == IDL_LIST && !is_array(type) && type->item->kind == IDL_RECORD &&
           type->item->record->slots == 0;
}

static void set_holes(emit *e, const unit *u, const idl_field *f)
{
    out        *o = e->out;
    const char *place = unit_place(u, f, e->mem);

    out_set(o, "M", unit_member(u, f, e->mem));
    out_setf(o, "L", f->slot == 0 ? "length" : "length + %u", 4 * f->slot);
    out_set(o, "D", ctype_descriptor(f->type, place, e->mem));
    if (f->type->kind == IDL_LIST || f->type->kind == IDL_MAP || f->type->kind == IDL_RECORD) {
        if (is_array(f->type)) {
            out_set(o, "I", ctype_descriptor(f->type->item, place, e->mem));
            out_setf(o, "A", "%u", idl_block_align(f->type->item));
            out_set(o, "C", ctype_name(f->type->item, place, e->mem));
            return;
        }
        out_set(o, "R", row_functions(e, f->type, place));
        out_set(o, "S", row_shape(e, f->type, place));
        out_set(o, "C",
                f->type->kind == IDL_RECORD ? f->type->record->c_name
                                            : row_c_type(e, f->type, place));
    }
}

/* ---- spots: what must be looked at in a block, and what must be cleaned ---------------------- */

static void bytes_or(emit *e, uint32_t from, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        out_fmt(e->out, "%srow[%u]", i == 0 ? "" : " | ", from + i);
}

static void emit_spot_check(emit *e, const unit_spot *s)
{
    out *o = e->out;

    switch (s->kind) {
    case SPOT_BOOL: out_fmt(o, "    bad |= row[%u] > 1;\n", s->offset); break;
    case SPOT_RUNE:
        out_fmt(o, "    bad |= kmsg_rune_bad(kmsg_load32(row + %u));\n", s->offset);
        break;
    case SPOT_CLOSED_ENUM:
        out_fmt(o, "    bad |= !%s_known((int32_t)kmsg_load32(row + %u));\n", s->enum_->c_name,
                s->offset);
        break;
    case SPOT_OPTIONAL:
        out_fmt(o, "    bad |= row[%u] > 1 || (row[%u] == 0 && kmsg_nonzero(row + %u, %u));\n",
                s->offset + s->size, s->offset + s->size, s->offset, s->size);
        break;
    case SPOT_PADDING:
        if (s->size > 8) {
            out_fmt(o, "    bad |= kmsg_nonzero(row + %u, %u);\n", s->offset, s->size);
            break;
        }
        out_put(o, "    bad |= ");
        bytes_or(e, s->offset, s->size);
        out_put(o, "; /* padding */\n");
        break;
    case SPOT_RESERVED: break;
    }
}

static bool is_checked(const unit_spot *spots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (spots[i].kind != SPOT_RESERVED)
            return true;
    return false;
}

bool emit_has_bad(emit *e, const unit *u)
{
    const unit_spot *spots;
    size_t           count = unit_spots(u, e->mem, &spots);

    return is_checked(spots, count);
}

void emit_bad(emit *e, const unit *u)
{
    const unit_spot *spots;
    size_t           count = unit_spots(u, e->mem, &spots);

    if (!is_checked(spots, count))
        return;
    out_set(e->out, "U", u->name);
    out_put(e->out, u->is_extern ? "" : "static ");
    out_put(e->out, "uint32_t $U_row_bad(const uint8_t *row)\n"
                    "{\n"
                    "    uint32_t bad = 0;\n\n");
    for (size_t i = 0; i < count; i++)
        emit_spot_check(e, &spots[i]);
    out_put(e->out, "    return bad;\n"
                    "}\n\n");
}

/* After the block has been copied: make zero what is not part of the value. */
static void emit_clean(emit *e, const unit *u)
{
    const unit_spot *spots;
    size_t           count = unit_spots(u, e->mem, &spots);

    for (size_t i = 0; i < count; i++) {
        const unit_spot *s = &spots[i];
        if (s->kind == SPOT_OPTIONAL && unit_block_is_struct(u))
            out_fmt(e->out, "    if (!p->has_%s)\n        memset(row + %u, 0, %u);\n",
                    s->field->name, s->offset, s->size);
        else if (s->kind == SPOT_PADDING || s->kind == SPOT_RESERVED)
            out_fmt(e->out, "    memset(row + %u, 0, %u);\n", s->offset, s->size);
    }
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
    if (optional)
        out_put(o, type->kind == IDL_RECORD ? "    if ($M != NULL)\n    "
                   : type->kind == IDL_STRING || type->kind == IDL_BYTES
                       ? "    if ($M.data != NULL)\n    "
                       : "    if ($M.items != NULL)\n    ");
    if (type->kind == IDL_STRING)
        out_put(o, "    at = kmsg_end_string(e, $M, at);\n");
    else if (type->kind == IDL_BYTES)
        out_put(o, "    at = kmsg_end_bytes(e, $M, at);\n");
    else if (type->kind == IDL_RECORD)
        out_put(o, optional ? "    at = kmsg_end_record(e, $M, at, $S, $R_row_end);\n"
                            : "    at = kmsg_end_record(e, &$M, at, $S, $R_row_end);\n");
    else if (is_array(type))
        out_put(o, "    at = kmsg_end_array(e, $M.count, sizeof($C), $A, at);\n");
    else
        out_put(o,
                "    at = kmsg_end_rows(e, $M.items, $M.count, sizeof($C), at, $S, $R_row_end);\n");
}

void emit_row_end(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, u->is_extern ? "" : "static ");
    out_put(o, "uint64_t $U_row_end(kmsg_enc *e, const void *value, uint64_t at)\n{\n");
    if (u->slots == 0) {
        out_put(o, "    (void)e;\n"
                   "    (void)value;\n"
                   "    return at;\n}\n\n");
        return;
    }
    out_put(o, u->kind == UNIT_RESULT && strchr(u->c_type, '*') != NULL
                   ? "    $T const *p = value;\n\n"
                   : "    const $T *p = value;\n\n");
    out_put(o,
            u->recursive ? "    if (!kmsg_enc_enter(e))\n        return at;\n" : "    (void)e;\n");
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block)
            emit_end_field(e, u, &u->fields[i]);
    out_put(o, u->recursive ? "    e->depth--;\n" : "");
    out_put(o, "    return at;\n}\n\n");
}

/* ---- X_row_put ------------------------------------------------------------------------------- */

static void emit_put_block(emit *e, const unit *u)
{
    out *o = e->out;

    if (u->block == 0)
        return;
    if (unit_block_is_struct(u)) {
        out_fmt(o, "    kmsg_put_block(&%s_layout, row, p, %u);\n", u->name, u->block);
    } else {
        for (size_t i = 0; i < u->field_count; i++) {
            const idl_field *f = &u->fields[i];
            if (!f->in_block)
                continue;
            set_holes(e, u, f);
            out_fmt(o, "    kmsg_put_scalar(&%s, row + %u, &%s, %u);\n",
                    ctype_descriptor(f->type, "", e->mem), f->offset, unit_member(u, f, e->mem),
                    idl_block_size(f->type));
        }
    }
    emit_clean(e, u);
    if (emit_has_bad(e, u))
        out_put(o, "    if (KMSG_UNLIKELY($U_row_bad(row) != 0))\n"
                   "        kmsg_enc_fail(e, KMSG_EVALUE);\n");
}

/* What is written for an optional field that is not there; the value follows. */
static void put_absent_or(emit *e, const idl_type *type)
{
    out *o = e->out;

    if (!type->optional)
        out_put(o, "    at = ");
    else if (type->kind == IDL_STRING || type->kind == IDL_BYTES)
        out_put(o, "    at = $M.data == NULL ? kmsg_put_absent($L, at) : ");
    else if (type->kind == IDL_RECORD)
        out_put(o, "    at = $M == NULL ? kmsg_put_absent($L, at) : ");
    else
        out_put(o, "    at = $M.items == NULL ? kmsg_put_absent($L, at) : ");
}

static void emit_put_map(emit *e, const idl_field *f)
{
    out        *o = e->out;
    const char *key = ctype_builtin(f->type->key->kind);

    out_set(o, "K", f->type->key->kind == IDL_ENUM ? "i32" : key);
    put_absent_or(e, f->type);
    out_put(o, "kmsg_put_map(e, &$R_layout, $M.items, $M.count, sizeof($C), kmsg_sorted_$K, "
               "$S, $R_row_put, $L, at);\n");
}

/* Where a fixed record has something to look at or to clean, its rows are put once more. */
static void emit_put_fixed_again(emit *e, const idl_record *record)
{
    const unit_spot *spots;
    unit             u = unit_of_record(record);

    if (unit_spots(&u, e->mem, &spots) != 0)
        out_fmt(e->out,
                "    for (size_t i = 0; i < %s.count; i++)\n"
                "        %s_row_put(e, &%s.items[i], at - (%s.count - i) * sizeof(%s), NULL);\n",
                e->member, u.name, e->member, e->member, u.c_type);
}

static void emit_put_array_checks(emit *e, const idl_type *item)
{
    out *o = e->out;

    if (item->kind == IDL_BOOL)
        out_put(o, "    if (KMSG_UNLIKELY(kmsg_bools_bad($M.items, $M.count)))\n"
                   "        kmsg_enc_fail(e, KMSG_EVALUE);\n");
    else if (item->kind == IDL_RUNE)
        out_put(o, "    for (size_t i = 0; i < $M.count; i++)\n"
                   "        if (KMSG_UNLIKELY(kmsg_rune_bad($M.items[i])))\n"
                   "            kmsg_enc_fail(e, KMSG_EVALUE);\n");
    else if (item->kind == IDL_ENUM && item->enum_->closed)
        out_fmt(o,
                "    for (size_t i = 0; i < %s.count; i++)\n"
                "        if (KMSG_UNLIKELY(!%s_known((int32_t)%s.items[i])))\n"
                "            kmsg_enc_fail(e, KMSG_EVALUE);\n",
                e->member, item->enum_->c_name, e->member);
    else if (item->kind == IDL_RECORD)
        emit_put_fixed_again(e, item->record);
}

static void emit_put_field(emit *e, const unit *u, const idl_field *f)
{
    out            *o = e->out;
    const idl_type *type = f->type;

    set_holes(e, u, f);
    e->member = unit_member(u, f, e->mem);
    if (f->name == NULL) {
        if (type->kind == IDL_RECORD && !type->optional)
            out_put(o, "    at = kmsg_put_no_record(e, $L, at);\n");
        else
            out_put(o, type->optional ? "    at = kmsg_put_absent($L, at);\n"
                                      : "    kmsg_store32($L, 0);\n");
        return;
    }
    if (type->kind == IDL_MAP) {
        emit_put_map(e, f);
        return;
    }
    put_absent_or(e, type);
    if (type->kind == IDL_STRING)
        out_put(o, "kmsg_put_string(e, $M, $L, at);\n");
    else if (type->kind == IDL_BYTES)
        out_put(o, "kmsg_put_bytes($M, $L, at);\n");
    else if (type->kind == IDL_RECORD)
        out_put(o, type->optional ? "kmsg_put_record(e, $M, $S, $R_row_put, $L, at);\n"
                                  : "kmsg_put_record(e, &$M, $S, $R_row_put, $L, at);\n");
    else if (is_array(type))
        out_put(o, "kmsg_put_array(e, &$I, $M.items, $M.count, sizeof($C), $A, $L, at);\n");
    else
        out_put(o, "kmsg_put_rows(e, $M.items, $M.count, sizeof($C), $S, $R_row_put, $L, at);\n");
    if (is_array(type))
        emit_put_array_checks(e, type->item);
}

static void emit_row_start(emit *e, const unit *u, bool putting)
{
    out *o = e->out;

    if (putting)
        out_put(o, u->kind == UNIT_RESULT && strchr(u->c_type, '*') != NULL
                       ? "    $T const *p = value;\n"
                       : "    const $T *p = value;\n");
    else
        out_put(o, "    $T *p = ret;\n");
    if (u->slots > 0)
        out_fmt(o,
                putting ? "    uint8_t *length = row + %u;\n"
                        : "    const uint8_t *length = row + %u;\n",
                unit_lengths(u));
}

void emit_row_put(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, u->is_extern ? "" : "static ");
    out_put(o,
            "uint8_t *$U_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)\n{\n");
    if (u->block == 0 && u->slots == 0) {
        out_put(o, "    (void)e;\n    (void)value;\n    (void)row;\n    return at;\n}\n\n");
        return;
    }
    emit_row_start(e, u, true);
    out_put(o, u->recursive ? "\n    if (!kmsg_enc_enter(e))\n        return at;\n"
                            : "\n    (void)e;\n");
    emit_put_block(e, u);
    for (size_t i = 0; i < u->field_count; i++)
        if (!u->fields[i].in_block)
            emit_put_field(e, u, &u->fields[i]);
    out_put(o, u->recursive ? "    e->depth--;\n" : "");
    out_put(o, "    return at;\n}\n\n");
}

/* ---- X_row_get ------------------------------------------------------------------------------- */

static void emit_get_block(emit *e, const unit *u)
{
    out *o = e->out;

    if (u->block == 0)
        return;
    if (unit_block_is_struct(u)) {
        out_fmt(o, "    kmsg_get_block(&%s_layout, p, row, %u);\n", u->name, u->block);
    } else {
        for (size_t i = 0; i < u->field_count; i++) {
            const idl_field *f = &u->fields[i];
            if (f->in_block)
                out_fmt(o, "    kmsg_get_scalar(&%s, &%s, row + %u, %u);\n",
                        ctype_descriptor(f->type, "", e->mem), unit_member(u, f, e->mem), f->offset,
                        idl_block_size(f->type));
        }
    }
    if (emit_has_bad(e, u))
        out_put(o, "    if (KMSG_UNLIKELY($U_row_bad(row) != 0))\n"
                   "        kmsg_dec_fail(d, KMSG_EDECODE);\n");
}

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

/* The call that reads a list or map into `list`. */
static void emit_get_items(emit *e, const idl_type *type)
{
    out *o = e->out;

    if (is_array(type)) {
        out_put(o,
                "    at = kmsg_get_array(d, &$I, kmsg_load32($L), at, sizeof($C), $A, &list);\n");
    } else if (is_plain_rows(type)) {
        unit u = unit_of_record(type->item->record);
        out_set(o, "B", emit_has_bad(e, &u) ? ctype_text(e->mem, "%s_row_bad", u.name) : "NULL");
        out_put(
            o,
            "    at = kmsg_get_plain_rows(d, &$R_layout, kmsg_load32($L), at, sizeof($C), $S, $B,\n"
            "                             &list);\n");
    } else if (strncmp(row_shape(e, type, "x"), "KMSG_SHAPE_TEXT", 15) == 0) {
        out_put(o, "    at = kmsg_get_rows(d, $D.layout, kmsg_load32($L), at, sizeof($C), "
                   "KMSG_ALIGNOF($C),\n"
                   "                       $S, $R_row_get, &list);\n");
    } else {
        out_put(o, "    at = kmsg_get_rows(d, &$R_layout, kmsg_load32($L), at, sizeof($C), "
                   "KMSG_ALIGNOF($C),\n"
                   "                       $S, $R_row_get, &list);\n");
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
    if (type->kind == IDL_MAP) {
        out_set(o, "K", type->key->kind == IDL_ENUM ? "i32" : ctype_builtin(type->key->kind));
        out_put(o, "    if (KMSG_UNLIKELY(!kmsg_sorted_$K(list.items, list.count, sizeof($C))))\n"
                   "        kmsg_dec_fail(d, KMSG_EDECODE);\n");
    }
    out_put(o, "    $M.items = list.items;\n"
               "    $M.count = list.count;\n");
    if (is_array(type))
        emit_get_array_checks(e, type->item);
}

static void emit_get_field(emit *e, const unit *u, const idl_field *f)
{
    out            *o = e->out;
    const idl_type *type = f->type;

    set_holes(e, u, f);
    e->member = unit_member(u, f, e->mem);
    if (f->name == NULL) {
        out_put(o, "    at += kmsg_skip(kmsg_load32($L)); /* reserved */\n");
    } else if (type->kind == IDL_LIST || type->kind == IDL_MAP) {
        emit_get_list(e, f);
    } else if (type->kind == IDL_STRING) {
        out_put(o, type->optional
                       ? "    at = kmsg_get_optional_string(d, kmsg_load32($L), at, &$M);\n"
                       : "    at = kmsg_get_string(d, kmsg_load32($L), at, &$M);\n");
    } else if (type->kind == IDL_BYTES) {
        out_put(o, type->optional
                       ? "    at = kmsg_get_optional_bytes(d, kmsg_load32($L), at, &$M);\n"
                       : "    at = kmsg_get_bytes(d, kmsg_load32($L), at, &$M);\n");
    } else if (type->optional) {
        out_put(
            o,
            "    $M = kmsg_get_optional_record(d, &$R_layout, kmsg_load32($L), &at, sizeof($C),\n"
            "                                  KMSG_ALIGNOF($C), $S, $R_row_get);\n");
    } else {
        out_put(
            o,
            "    at = kmsg_get_record(d, &$R_layout, kmsg_load32($L), at, $S, $R_row_get, &$M);\n");
    }
}

static bool has_lists(const unit *u)
{
    for (size_t i = 0; i < u->field_count; i++)
        if (u->fields[i].name != NULL &&
            (u->fields[i].type->kind == IDL_LIST || u->fields[i].type->kind == IDL_MAP))
            return true;
    return false;
}

void emit_row_get(emit *e, const unit *u)
{
    out *o = e->out;

    out_set(o, "U", u->name);
    out_set(o, "T", u->c_type);
    out_put(o, u->is_extern ? "" : "static ");
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
