/* emit_plain.c -- records of scalars alone: their codec is a few lines, which stand in the header,
 * so that they are written out where they are called.
 *
 * Other files need X_row_bad and X_row_set, too: for lists of such records, and where a fixed one
 * lies in the block of another record.
 */
#include "compiler/emit_parts.h"

bool emit_is_plain(const unit *u)
{
    return u->kind == UNIT_RECORD && u->is_extern && !u->is_union && u->slots == 0;
}

bool emit_has_plain(const idl_module *module)
{
    for (size_t i = 0; i < module->record_count; i++) {
        unit u = unit_of_record(module->records[i]);
        if (emit_is_plain(&u))
            return true;
    }
    return false;
}

void emit_row_set(emit *e, const unit *u)
{
    out *o = e->out;

    out_put(o, "static inline uint32_t $U_row_set(const void *value, uint8_t *row)\n{\n");
    if (u->block == 0) {
        out_put(o, "    (void)value;\n    (void)row;\n    return 0;\n}\n\n");
        return;
    }
    out_fmt(o, "    %s = ", ctype_declare_const(u->c_type, "p", e->mem));
    out_fmt(o, "(%s)value;\n\n", ctype_declare_const(u->c_type, "", e->mem));
    emit_put_block(e, u);
    out_put(o, emit_has_bad(e, u) ? "    return $U_row_bad(row);\n}\n\n" : "    return 0;\n}\n\n");
}

static void emit_functions(emit *e, const unit *u)
{
    out_set(e->out, "B", emit_has_bad(e, u) ? ctype_text(e->mem, "%s_row_bad", u->name) : "NULL");
    out_put(e->out,
            "static inline kmsg_err $U_encode_into(const $U *value, void *buffer, size_t capacity, "
            "size_t *ret_size)\n{\n"
            "    return kmsg_encode_plain(&$U_layout, $U_SHAPE, $U_row_set, value, buffer, "
            "capacity, ret_size);\n"
            "}\n\n"
            "static inline kmsg_err $U_decode(kmsg_bytes bytes, kmsg_arena *mem, $U *ret)\n{\n"
            "    return kmsg_decode_plain(&$U_layout, $U_SHAPE, $B, bytes, mem, ret);\n"
            "}\n\n");
}

void emit_plain(emit *e)
{
    const idl_module *m = e->module;

    out_put(e->out, emit_has_plain(m) ? "\n/* Records of scalars alone: written out where they are "
                                        "called. */\n"
                                      : "");
    for (size_t i = 0; i < m->record_count; i++) {
        unit u = unit_of_record(m->records[i]);
        out_set(e->out, "U", u.name);
        if (emit_is_plain(&u) && emit_has_bad(e, &u))
            out_put(e->out, "static inline uint32_t $U_row_bad(const uint8_t *row);\n");
    }
    for (size_t i = 0; i < m->record_count; i++) {
        unit u = unit_of_record(m->records[i]);
        out_set(e->out, "U", u.name);
        if (emit_is_plain(&u)) {
            out_put(e->out, "\n");
            emit_bad(e, &u);
            emit_row_set(e, &u);
            emit_functions(e, &u);
        }
    }
}
