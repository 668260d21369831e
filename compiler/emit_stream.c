/* emit_stream.c -- methods that send a stream, answer with one, or both.
 *
 * Each end has its own verbs, since where both directions stream each end has both: the caller puts
 * and takes the next one, the handler receives and sends. What the caller sends is named as the
 * schema's parameter is; what it is sent has no name there, and is an item.
 *
 * An item is passed as a parameter is: records by pointer, all else by value. It is given back as
 * an answer is. The service's own comment, its table and its handlers are in emit_service.c.
 */
#include "compiler/emit_parts.h"

/* ---- items ----------------------------------------------------------------------------------- */

bool emit_by_pointer(const idl_type *item)
{
    return item->kind == IDL_RECORD || item->kind == IDL_UNION || item->kind == IDL_ARRAY;
}

/* "const Event *item", "kmsg_bytes data". */
const char *emit_item_parameter(emit *e, const idl_record *record, const idl_type *type,
                                const char *name)
{
    if (emit_by_pointer(type))
        return emit_answer_in(e, record, name);
    return ctype_declare(emit_carried_type(e, record), name, e->mem);
}

static const char *sent(emit *e, const idl_method *m)
{
    return emit_item_parameter(e, m->item, m->sends->type, m->sends->c_name);
}

static const char *returned(emit *e, const idl_method *m)
{
    return emit_item_parameter(e, m->result, m->returns, "item");
}

/* What finish() gives: nothing where nothing is answered. */
static const char *answer(emit *e, const idl_method *m)
{
    if (!emit_has_answer(m))
        return "";
    return ctype_text(e->mem, ", kmsg_arena *mem, %s", emit_answer_out(e, m->result));
}

/* "Store_upload_async(kmsg_peer *peer, kmsg_string name, void *ctx, Store_upload_done *done)". */
static void put_async(emit *e, const idl_method *m)
{
    const char *type = m->sends != NULL ? "kmsg_stream *" : "void ";
    const char *heard = "";

    if (m->returns_stream)
        heard = ctype_text(e->mem, "%s_heard *heard, ", m->c_name);
    emit_signature(e, ctype_text(e->mem, "%s%s_async(", type, m->c_name), "kmsg_peer *peer", m,
                   ctype_text(e->mem, "void *ctx, %s%s_done *done", heard, m->c_name));
}

static void put_open(emit *e, const char *head, const idl_method *m)
{
    emit_signature(e, ctype_text(e->mem, "%skmsg_err %s_open(", head, m->c_name), "kmsg_peer *peer",
                   m, "kmsg_stream **ret");
}

/* ---- header ---------------------------------------------------------------------------------- */

static void caller_header(emit *e, const idl_method *m)
{
    out *o = e->out;

    put_open(e, "KMSG_CHECK ", m);
    out_put(o, ";\n");
    if (m->sends != NULL) {
        out_fmt(o, "KMSG_CHECK kmsg_err %s_put(kmsg_stream *stream, %s);\n", m->c_name, sent(e, m));
        out_fmt(o, "KMSG_CHECK kmsg_err %s_try_put(kmsg_stream *stream, %s);\n", m->c_name,
                sent(e, m));
    }
    if (m->returns_stream)
        out_fmt(o, "KMSG_CHECK kmsg_err %s_next(kmsg_stream *stream, kmsg_arena *mem, %s);\n",
                m->c_name, emit_answer_out(e, m->result));
    else
        out_fmt(o, "KMSG_CHECK kmsg_err %s_finish(kmsg_stream *stream%s);\n", m->c_name,
                answer(e, m));
    if (m->returns_stream)
        out_fmt(o, "typedef void %s_heard(void *ctx, %s);\n", m->c_name,
                emit_answer_in(e, m->result, "item"));
    out_fmt(o, "typedef void %s_done(void *ctx, kmsg_err err", m->c_name);
    if (emit_has_answer(m))
        out_fmt(o, ", %s", emit_answer_in(e, m->result, "result"));
    out_put(o, ");\n");
    put_async(e, m);
    out_put(o, ";\n");
}

static void handler_header(emit *e, const idl_method *m)
{
    out *o = e->out;

    if (m->sends != NULL) {
        out_fmt(o, "KMSG_CHECK kmsg_err %s_receive(kmsg_call *call, kmsg_arena *mem, %s);\n",
                m->c_name, emit_answer_out(e, m->item));
        out_fmt(o, "typedef void %s_received(void *ctx, kmsg_call *call, kmsg_err err, %s);\n",
                m->c_name, emit_answer_in(e, m->item, m->sends->c_name));
        out_put(o, "void $M_receive_async(kmsg_call *call, void *ctx, $M_received *received);\n");
    }
    if (m->returns_stream) {
        out_fmt(o, "KMSG_CHECK kmsg_err %s_send(kmsg_call *call, %s);\n", m->c_name,
                returned(e, m));
        out_fmt(o, "KMSG_CHECK kmsg_err %s_try_send(kmsg_call *call, %s);\n", m->c_name,
                returned(e, m));
    }
    out_put(o, "void $M_reply(kmsg_call *call");
    if (emit_has_answer(m))
        out_fmt(o, ", %s", emit_answer_in(e, m->result, "result"));
    out_put(o, ");\n\n");
}

void emit_streams_comment(emit *e, const idl_service *s)
{
    bool any = false;

    for (size_t i = 0; i < s->method_count; i++)
        any = any || emit_is_stream(&s->methods[i]);
    if (any)
        out_put(
            e->out,
            "/* Of each method with a stream: _open begins the call; _put sends an item, waiting "
            "while there is\n"
            " * no room, _try_put returns KMSG_EFULL then; _next waits for an item, KMSG_END is "
            "the end; _finish\n"
            " * sends the end and waits for the answer. kmsg_stream_end() only sends it; "
            "kmsg_stream_close()\n"
            " * ends what was opened. _async is told: `heard` of each item, `done` of the end.\n"
            " * In the handler: _receive waits for an item, KMSG_END is the end; _receive_async "
            "is told of each,\n"
            " * and once, with another err and no item, of the end; _send and _try_send send "
            "one. */\n\n");
}

void emit_stream_header(emit *e, const idl_method *m)
{
    caller_header(e, m);
    handler_header(e, m);
}

/* ---- source ---------------------------------------------------------------------------------- */

static void emit_open(emit *e, const idl_method *m)
{
    out *o = e->out;

    put_open(e, "", m);
    out_put(o, "\n{\n");
    emit_args(e, m);
    out_put(o, "    return kmsg_stream_open(peer, &$T_service, &$T_methods_[$N], &args, ret);\n"
               "}\n\n");
}

/* ${V} of the caller's or the handler's end, with and without waiting. */
static void emit_give(emit *e, const idl_method *m, bool caller)
{
    const char *parameter = caller ? sent(e, m) : returned(e, m);
    const char *name = caller ? m->sends->c_name : "item";
    const char *end = caller ? "stream" : "call", *verb = caller ? "put" : "send";
    bool        pointer = emit_by_pointer(caller ? m->sends->type : m->returns);

    for (int i = 0; i < 2; i++) {
        const char *try = i == 0 ? "" : "try_";
        out_fmt(e->out, "kmsg_err %s_%s%s(kmsg_%s *%s, %s)\n{\n", m->c_name, try, verb, end, end,
                parameter);
        out_fmt(e->out, "    return kmsg_%s_%s%s(%s, ", end, try, verb, end);
        out_put(e->out, "&$T_methods_[$N], ");
        out_fmt(e->out, "%s%s);\n}\n\n", pointer ? "" : "&", name);
    }
}

static void emit_take(emit *e, const idl_method *m)
{
    out *o = e->out;

    if (m->returns_stream) {
        out_fmt(o, "kmsg_err %s_next(kmsg_stream *stream, kmsg_arena *mem, %s)\n", m->c_name,
                emit_answer_out(e, m->result));
        out_put(o, "{\n    return kmsg_stream_next(stream, &$T_methods_[$N], mem, ret);\n}\n\n");
        return;
    }
    out_fmt(o, "kmsg_err %s_finish(kmsg_stream *stream%s)\n{\n", m->c_name, answer(e, m));
    out_put(o, "    return kmsg_stream_finish(stream, &$T_methods_[$N], ");
    out_put(o, emit_has_answer(m) ? "mem, ret);\n}\n\n" : "NULL, NULL);\n}\n\n");
}

static void emit_async(emit *e, const idl_method *m)
{
    out *o = e->out;

    if (m->returns_stream)
        out_put(o, "static void $M_hear_(kmsg_done *heard, void *ctx, const void *item)\n{\n"
                   "    (($M_heard *)heard)(ctx, item);\n}\n\n");
    out_put(o, "static void $M_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void "
               "*result)\n{\n");
    out_put(o, emit_has_answer(m) ? "    (($M_done *)done)(ctx, err, result);\n}\n\n"
                                  : "    (void)result;\n    (($M_done *)done)(ctx, err);\n}\n\n");
    put_async(e, m);
    out_put(o, "\n{\n");
    emit_args(e, m);
    out_put(o, m->sends != NULL ? "    return " : "    ");
    out_put(o, "kmsg_stream_async(peer, &$T_service, &$T_methods_[$N], &args, ");
    out_put(o, m->returns_stream ? "$M_hear_, (kmsg_done *)heard, " : "NULL, NULL, ");
    out_put(o, "$M_finish_, (kmsg_done *)done, ctx);\n}\n\n");
}

static void emit_receive(emit *e, const idl_method *m)
{
    out *o = e->out;

    out_fmt(o, "kmsg_err %s_receive(kmsg_call *call, kmsg_arena *mem, %s)\n", m->c_name,
            emit_answer_out(e, m->item));
    out_put(o, "{\n    return kmsg_call_receive(call, &$T_methods_[$N], mem, ret);\n}\n\n"
               "static void $M_pass_(kmsg_done *received, void *ctx, kmsg_call *call, kmsg_err "
               "err, const void *item)\n{\n"
               "    (($M_received *)received)(ctx, call, err, item);\n}\n\n"
               "void $M_receive_async(kmsg_call *call, void *ctx, $M_received *received)\n{\n"
               "    kmsg_call_receive_async(call, &$T_methods_[$N], $M_pass_, (kmsg_done "
               "*)received, ctx);\n}\n\n");
}

static void emit_reply(emit *e, const idl_method *m)
{
    out *o = e->out;

    out_put(o, "void $M_reply(kmsg_call *call");
    if (emit_has_answer(m)) {
        out_fmt(o, ", %s)\n", emit_answer_in(e, m->result, "result"));
        out_put(o, "{\n    kmsg_reply(call, &$T_methods_[$N], result);\n}\n\n");
    } else if (m->returns_stream) {
        out_put(o, ")\n{\n    kmsg_reply(call, &$T_methods_[$N], NULL);\n}\n\n");
    } else {
        out_put(o, ")\n{\n    const $M_result nothing = {0};\n\n"
                   "    kmsg_reply(call, &$T_methods_[$N], &nothing);\n}\n\n");
    }
}

void emit_stream_calls(emit *e, const idl_method *m)
{
    emit_open(e, m);
    if (m->sends != NULL)
        emit_give(e, m, true);
    emit_take(e, m);
    emit_async(e, m);
    if (m->sends != NULL)
        emit_receive(e, m);
    if (m->returns_stream)
        emit_give(e, m, false);
    emit_reply(e, m);
}
