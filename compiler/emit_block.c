/* emit_block.c -- what is done to scalar blocks: copied in one piece, looked at, cleaned.
 *
 * What a block holds beyond plain numbers are its spots (unit.h). X_row_bad() looks at all of them
 * in a row of the message, for reading and for writing.
 */
#include "compiler/emit_parts.h"

#include <inttypes.h>

/* ---- looking --------------------------------------------------------------------------------- */

static void bytes_or(emit *e, uint32_t from, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        out_fmt(e->out, "%srow[%u]", i == 0 ? "" : " | ", from + i);
}

/* "row + 8", and in the loop over an array "row + 8 + 4 * i". */
static const char *spot_place(emit *e, const unit_spot *s)
{
    return s->count == 1 ? ctype_text(e->mem, "row + %u", s->offset)
                         : ctype_text(e->mem, "row + %u + %u * i", s->offset, s->size);
}

/* The start of a check: the loop and the flag that it stands under. */
static void open_check(emit *e, const unit_spot *s)
{
    if (s->count > 1)
        out_fmt(e->out, "    for (size_t i = 0; i < %u; i++)\n    ", s->count);
    out_put(e->out, "    bad |= ");
    if (s->has != 0)
        out_fmt(e->out, "row[%u] && ", s->has);
}

/* Nothing of the type is beyond this bound: a comparison could not fail, and compilers would warn.
 */
static bool is_idle(const idl_value *v, const idl_type *type, bool low)
{
    static const struct {
        uint64_t below, above; /* greatest magnitudes */
    } ends[] = {
        [IDL_I8] = {128, INT8_MAX},
        [IDL_I16] = {32768, INT16_MAX},
        [IDL_I32] = {UINT64_C(2147483648), INT32_MAX},
        [IDL_I64] = {UINT64_C(9223372036854775808), INT64_MAX},
        [IDL_U8] = {0, UINT8_MAX},
        [IDL_U16] = {0, UINT16_MAX},
        [IDL_U32] = {0, UINT32_MAX},
        [IDL_U64] = {0, UINT64_MAX},
        [IDL_RUNE] = {0, 0x10ffff},
        [IDL_TIMESTAMP] = {UINT64_C(9223372036854775808), INT64_MAX},
        [IDL_DURATION] = {UINT64_C(9223372036854775808), INT64_MAX},
    };

    if (v->kind != IDL_VALUE_INT)
        return v->kind == IDL_VALUE_NONE;
    return low ? v->magnitude == ends[type->kind].below && (v->negative || v->magnitude == 0)
               : v->magnitude == ends[type->kind].above && !v->negative;
}

/* Where constants have more digits than their type, as on i386 and s390x, 0.1f is not the float
 * that is nearest to 0.1: the cast makes it that. */
static const char *bound_text(emit *e, const idl_value *v, const idl_type *type)
{
    const char *text = emit_value_text(e, v, type);
    bool        is_whole = v->kind != IDL_VALUE_FLOAT || (v->number > -1e9 && v->number < 1e9 &&
                                                   (double)(int32_t)v->number == v->number);

    return is_whole ? text
                    : ctype_text(e->mem, type->kind == IDL_F32 ? "(float)%s" : "(double)%s", text);
}

static void emit_range(emit *e, const unit_spot *s)
{
    const idl_limits *l = s->type->limits;
    const char       *load =
        ctype_text(e->mem, "kmsg_load_%s(%s)", ctype_builtin(s->type->kind), spot_place(e, s));
    bool low = !is_idle(&l->low, s->type, true), high = !is_idle(&l->high, s->type, false);

    if (!low && !high)
        return;
    open_check(e, s);
    out_put(e->out, "!("); /* so that NaN is outside, too */
    if (low)
        out_fmt(e->out, "%s >= %s", load, bound_text(e, &l->low, s->type));
    if (high)
        out_fmt(e->out, "%s%s <= %s", low ? " &&\n             " : "", load,
                bound_text(e, &l->high, s->type));
    out_put(e->out, ");\n");
}

static void emit_optional(emit *e, const unit_spot *s)
{
    out_fmt(e->out, "    bad |= row[%u] > 1 || (row[%u] == 0 && kmsg_nonzero(row + %u, %u));\n",
            s->offset + s->size, s->offset + s->size, s->offset, s->size);
}

static void emit_padding(emit *e, const unit_spot *s)
{
    if (s->size > 8) {
        out_fmt(e->out, "    bad |= kmsg_nonzero(row + %u, %u);\n", s->offset, s->size);
        return;
    }
    out_put(e->out, "    bad |= ");
    bytes_or(e, s->offset, s->size);
    out_put(e->out, "; /* padding */\n");
}

static void emit_spot_check(emit *e, const unit_spot *s)
{
    out *o = e->out;

    switch (s->kind) {
    case SPOT_BOOL:
        if (s->count > 1)
            out_fmt(o, "    bad |= kmsg_bools_bad(row + %u, %u);\n", s->offset, s->count);
        else
            out_fmt(o, "    bad |= row[%u] & 0xfe; /* a bool */\n", s->offset);
        break;
    case SPOT_RUNE:
        open_check(e, s);
        out_fmt(o, "kmsg_rune_bad(kmsg_load32(%s));\n", spot_place(e, s));
        break;
    case SPOT_CLOSED_ENUM:
        open_check(e, s);
        out_fmt(o, "!%s_known((int32_t)kmsg_load32(%s));\n", s->type->enum_->c_name,
                spot_place(e, s));
        break;
    case SPOT_FIXED:
        open_check(e, s);
        out_fmt(o, "%s_row_bad(%s) != 0;\n", s->type->record->c_name, spot_place(e, s));
        break;
    case SPOT_RANGE: emit_range(e, s); break;
    case SPOT_OPTIONAL: emit_optional(e, s); break;
    case SPOT_PADDING: emit_padding(e, s); break;
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
    out_put(e->out, emit_is_plain(u) ? "static inline " : u->is_extern ? "" : "static ");
    out_put(e->out, "uint32_t $U_row_bad(const uint8_t *row)\n"
                    "{\n"
                    "    uint32_t bad = 0;\n\n");
    for (size_t i = 0; i < count; i++)
        emit_spot_check(e, &spots[i]);
    out_put(e->out, "    return bad;\n"
                    "}\n\n");
}

/* ---- copying --------------------------------------------------------------------------------- */

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
        else if (s->kind == SPOT_FIXED)
            out_fmt(e->out, "    kmsg_clean_items(&%s_layout, row + %u, %u);\n",
                    s->type->record->c_name, s->offset, s->count);
    }
}

void emit_put_block(emit *e, const unit *u)
{
    out *o = e->out;

    if (u->block == 0)
        return;
    if (unit_block_is_struct(u))
        out_fmt(o, "    kmsg_put_block(&%s_layout, row, p, %u);\n", u->name, u->block);
    for (size_t i = 0; i < u->field_count && !unit_block_is_struct(u); i++) {
        const idl_field *f = &u->fields[i];
        if (f->in_block)
            out_fmt(o, "    kmsg_put_scalar(&%s, row + %u, &%s, %u);\n",
                    ctype_descriptor(f->type, unit_place(u, f, e->mem), e->mem), f->offset,
                    unit_member(u, f, e->mem), idl_block_size(f->type));
    }
    emit_clean(e, u);
}

void emit_get_block(emit *e, const unit *u)
{
    out *o = e->out;

    if (u->block == 0)
        return;
    if (unit_block_is_struct(u))
        out_fmt(o, "    kmsg_get_block(&%s_layout, p, row, %u);\n", u->name, u->block);
    for (size_t i = 0; i < u->field_count && !unit_block_is_struct(u); i++) {
        const idl_field *f = &u->fields[i];
        if (f->in_block)
            out_fmt(o, "    kmsg_get_scalar(&%s, &%s, row + %u, %u);\n",
                    ctype_descriptor(f->type, unit_place(u, f, e->mem), e->mem),
                    unit_member(u, f, e->mem), f->offset, idl_block_size(f->type));
    }
    if (emit_has_bad(e, u))
        out_put(o, "    if (KMSG_UNLIKELY($U_row_bad(row) != 0))\n"
                   "        kmsg_dec_fail(d, KMSG_EDECODE);\n");
}
