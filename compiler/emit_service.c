/* emit_service.c -- services: calls for the client, a table of functions for the server.
 *
 * Parameters: scalars, strings and lists by value, records by pointer; an optional scalar by
 * pointer, NULL when absent. The answer comes last, by pointer.
 */
#include "compiler/emit_parts.h"

#include <inttypes.h>
#include <string.h>

/* How a method's answer looks in C: nothing; a record of the schema; the value itself; or a struct
 * with has_value, for an optional scalar. */
typedef enum answer { ANSWER_NONE, ANSWER_RECORD, ANSWER_VALUE, ANSWER_STRUCT } answer;

static answer answer_kind(const idl_method *m)
{
    if (!emit_has_answer(m))
        return ANSWER_NONE;
    if (m->result->role != IDL_IS_RESULT)
        return ANSWER_RECORD;
    return m->returns->optional && m->result->fields[0].in_block ? ANSWER_STRUCT : ANSWER_VALUE;
}

bool emit_has_answer(const idl_method *m)
{
    return !m->oneway && m->returns != NULL && !m->returns_stream;
}

const char *emit_carried_type(emit *e, const idl_record *record)
{
    unit u;

    if (record->role != IDL_IS_RESULT)
        return record->c_name;
    u = unit_of_result(record, e->mem); /* of an optional scalar it is the struct */
    return u.c_type;
}

const char *emit_carried_layout(emit *e, const idl_record *record)
{
    return record->role == IDL_IS_RESULT ? unit_of_result(record, e->mem).name : record->c_name;
}

const char *emit_answer_out(emit *e, const idl_record *record)
{
    return ctype_declare(emit_carried_type(e, record), "*ret", e->mem);
}

const char *emit_answer_in(emit *e, const idl_record *record, const char *name)
{
    return ctype_declare_const(emit_carried_type(e, record), name, e->mem);
}

bool emit_is_stream(const idl_method *m)
{
    return m->sends != NULL || m->returns_stream;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* A struct that stands in the arguments, and is handed over by its address. */
static bool is_struct(const idl_field *f)
{
    const idl_type *t = f->type;
    bool            there = !t->optional || f->in_block;

    return there && !ctype_is_plain_array(t) &&
           (t->kind == IDL_RECORD || t->kind == IDL_UNION || t->kind == IDL_ARRAY);
}

static bool is_flagged(const idl_field *f)
{
    return f->in_block && f->type->optional;
}

static const char *parameter(emit *e, const idl_record *args, const idl_field *f)
{
    unit        u = unit_of_record(args);
    const char *place = unit_place(&u, f, e->mem), *type;

    if (ctype_is_plain_array(f->type)) {
        type = ctype_array_base(f->type, place, e->mem);
        return ctype_text(e->mem, type[strlen(type) - 1] == '*' ? "%sconst %s%s" : "const %s %s%s",
                          type, f->c_name, ctype_array_brackets(f->type, e->mem));
    }
    type = ctype_name(f->type, place, e->mem);
    return is_struct(f) || is_flagged(f) || f->type->kind == IDL_RECORD ||
                   f->type->kind == IDL_ARRAY
               ? ctype_declare_const(type, f->c_name, e->mem)
               : ctype_declare(type, f->c_name, e->mem);
}

void emit_signature(emit *e, const char *head, const char *first, const idl_method *m,
                    const char *last)
{
    const char *comma = first[0] == '\0' ? "" : ", ";

    out_fmt(e->out, "%s%s", head, first);
    for (size_t i = 0; i < m->args->field_count; i++, comma = ", ")
        out_fmt(e->out, "%s%s", comma, parameter(e, m->args, &m->args->fields[i]));
    out_fmt(e->out, "%s%s)", last[0] == '\0' ? "" : comma, last);
}

/* ---- the method as the schema has it, for the comment ---------------------------------------- */

static void put_method_comment(emit *e, const idl_method *m)
{
    out *o = e->out;

    emit_doc(e, m->doc, "");
    out_fmt(o, "/* %s%s(", m->oneway ? "oneway " : "", m->name);
    for (size_t i = 0; i < m->args->field_count; i++) {
        out_fmt(o, "%s%s: ", i == 0 ? "" : ", ", m->args->fields[i].name);
        emit_comment_text(e, m->args->fields[i].type->text);
    }
    if (m->sends != NULL) {
        out_fmt(o, "%s%s: stream ", m->args->field_count == 0 ? "" : ", ", m->sends->name);
        emit_comment_text(e, m->sends->type->text);
    }
    out_put(o, ")");
    if (m->returns != NULL) {
        out_fmt(o, " -> %s", m->returns_stream ? "stream " : "");
        emit_comment_text(e, m->returns->text);
    }
    for (size_t i = 0; i < m->throw_count; i++)
        out_fmt(o, "%s%s", i == 0 ? " throws " : ", ", m->throws[i]->qualified);
    out_put(o, " */\n");
}

/* ---- header ---------------------------------------------------------------------------------- */

/* The names of what travels beside the arguments. */
void emit_own_of_carried(emit *e, const idl_record *record)
{
    if (record->role != IDL_IS_RESULT)
        return;
    emit_each_own(e, record->fields[0].type, record->c_name, emit_own_names);
    emit_each_own(e, record->fields[0].type, record->c_name, emit_own_entries);
}

static void method_header(emit *e, const idl_method *m)
{
    out        *o = e->out;
    const char *ret = "";

    emit_own_of_fields(e, m->args, emit_own_names);
    emit_own_of_fields(e, m->args, emit_own_entries);
    if (answer_kind(m) == ANSWER_STRUCT) {
        out_fmt(o, "typedef struct %s %s;\n", m->result->c_name, m->result->c_name);
        emit_struct(e, m->result);
    } else if (m->returns != NULL) {
        emit_own_of_carried(e, m->result);
    }
    if (m->sends != NULL)
        emit_own_of_carried(e, m->item);
    put_method_comment(e, m);
    out_set(o, "M", m->c_name);
    if (emit_is_stream(m)) {
        emit_stream_header(e, m);
        return;
    }
    if (answer_kind(m) != ANSWER_NONE)
        ret = ctype_text(e->mem, "kmsg_arena *mem, %s", emit_answer_out(e, m->result));
    emit_signature(e, ctype_text(e->mem, "KMSG_CHECK kmsg_err %s(", m->c_name), "kmsg_peer *peer",
                   m, ret);
    out_put(o, ";\ntypedef void $M_done(void *ctx, kmsg_err err");
    if (answer_kind(m) != ANSWER_NONE)
        out_fmt(o, ", %s", emit_answer_in(e, m->result, "result"));
    out_put(o, ");\n");
    emit_signature(e, ctype_text(e->mem, "void %s_async(", m->c_name), "kmsg_peer *peer", m,
                   ctype_text(e->mem, "void *ctx, %s_done *done", m->c_name));
    out_put(o, ";\n");
    emit_signature(e, ctype_text(e->mem, "kmsg_err %s_begin(", m->c_name), "kmsg_peer *peer", m,
                   "kmsg_pending *pending");
    out_fmt(o, ";\nKMSG_CHECK kmsg_err %s_end(kmsg_pending *pending%s%s);\n", m->c_name,
            ret[0] == '\0' ? "" : ", ", ret);
    if (!m->oneway) {
        out_put(o, "void $M_reply(kmsg_call *call");
        if (answer_kind(m) != ANSWER_NONE)
            out_fmt(o, ", %s", emit_answer_in(e, m->result, "result"));
        out_put(o, ");\n");
    }
    out_put(o, "\n");
}

static void handler_member(emit *e, const idl_method *m)
{
    const char *ret = answer_kind(m) == ANSWER_NONE ? "" : emit_answer_out(e, m->result);

    emit_signature(e, ctype_text(e->mem, "    kmsg_err (*%s)(", m->member),
                   "void *ctx, kmsg_call *call", m, ret);
    out_put(e->out, ";\n");
}

static void put_service_comment(emit *e, const idl_service *s)
{
    bool oneway = false;

    for (size_t i = 0; i < s->method_count; i++)
        oneway |= s->methods[i].oneway;
    out_put(e->out, "/* Of each method: the plain form asks and waits; _async asks and is told: "
                    "`done` runs exactly\n"
                    " * once, later, on the node's thread, and its result is NULL unless err is "
                    "KMSG_OK; _begin asks\n"
                    " * and leaves waiting and the result to _end; _reply answers a call whose "
                    "handler returned\n"
                    " * KMSG_LATER.");
    out_put(e->out, oneway ? "\n *\n"
                             " * Of a oneway method the plain form is done when the message is "
                             "queued: KMSG_OK does not say that\n"
                             " * it arrives, and nobody is told of one that is lost with its link. "
                             "_async and\n"
                             " * _begin are acknowledged: KMSG_OK says that the other side has "
                             "released it. */\n\n"
                           : " */\n\n");
}

void emit_service_header(emit *e, const idl_service *s)
{
    out *o = e->out;

    emit_rule(e, "service", s->name);
    emit_doc(e, s->doc, "");
    out_set(o, "T", s->c_name);
    put_service_comment(e, s);
    emit_streams_comment(e, s);
    for (size_t i = 0; i < s->method_count; i++)
        method_header(e, &s->methods[i]);
    out_set(o, "T", s->c_name);
    out_put(o, "/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or "
               "returns kmsg_fail()\n"
               " * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL "
               "handler answers\n"
               " * KMSG_ENOMETHOD. */\n"
               "typedef struct $T_impl {\n");
    for (size_t i = 0; i < s->base_count; i++)
        out_fmt(o, "    %s_impl %s;\n", s->bases[i]->c_name, s->bases[i]->name);
    for (size_t i = 0; i < s->method_count; i++)
        handler_member(e, &s->methods[i]);
    if (s->method_count + s->base_count == 0)
        out_put(o, "    int nothing_;\n");
    out_put(
        o,
        "} $T_impl;\n\n"
        "/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */\n"
        "KMSG_CHECK kmsg_err $T_serve(kmsg_node *node, const $T_impl *impl, void *ctx);\n\n"
        "/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */\n"
        "KMSG_CHECK kmsg_err $T_serve_at(kmsg_object *parent, const $T_impl *impl, void *ctx, "
        "const kmsg_spawn *how, kmsg_address *ret);\n\n");
}

void emit_error_header(emit *e, const idl_record *error)
{
    out_set(e->out, "T", error->c_name);
    out_put(e->out, "extern const kmsg_layout $T_layout;\n\n"
                    "/* In a handler: return $T_throw(call, &error); */\n"
                    "static inline kmsg_err $T_throw(kmsg_call *call, const $T *error)\n{\n"
                    "    return kmsg_throw(call, &$T_layout, error);\n"
                    "}\n\n"
                    "/* After KMSG_ETHROWN: was it this one? *ret leads into mem. */\n"
                    "static inline bool $T_caught(kmsg_peer *peer, kmsg_arena *mem, $T *ret)\n{\n"
                    "    return kmsg_caught(peer, &$T_layout, mem, ret);\n"
                    "}\n\n");
}

/* ---- source ---------------------------------------------------------------------------------- */

void emit_args_unit(emit *e, const idl_record *args)
{
    unit u = unit_of_record(args);

    out_fmt(e->out, "typedef struct %s %s;\n", u.c_type, u.c_type);
    emit_struct(e, args);
    emit_asserts(e, &u);
    emit_own_of_fields(e, args, emit_own_unit);
    emit_initial(e, args);
    emit_unit(e, &u);
}

/* Of an answer, or of an item of a stream. */
void emit_carried_unit(emit *e, const idl_record *record)
{
    unit u;

    if (record == NULL || record->role != IDL_IS_RESULT)
        return;
    u = unit_of_result(record, e->mem);
    if (record->field_count == 0) {
        out_fmt(e->out, "typedef struct %s %s;\n", u.c_type, u.c_type);
        emit_struct(e, record);
    } else if (u.kind == UNIT_RESULT) {
        emit_each_own(e, record->fields[0].type, record->c_name, emit_own_unit);
    } else {
        emit_own_of_fields(e, record, emit_own_unit);
    }
    emit_unit(e, &u);
}

/* One parameter into `args`. */
static void put_arg(emit *e, const idl_field *f)
{
    out *o = e->out;
    bool copied = ctype_is_plain_array(f->type) && (!f->type->optional || f->in_block);

    out_set(o, "P", f->c_name);
    if (is_flagged(f))
        out_fmt(o, "    args.has_%s = %s != NULL;\n    if (%s != NULL)\n    ", f->name, f->c_name,
                f->c_name);
    if (copied)
        out_put(o, "    memcpy(args.$P, $P, sizeof args.$P);\n");
    else
        out_put(o, is_struct(f) || is_flagged(f) ? "    args.$P = *$P;\n" : "    args.$P = $P;\n");
}

void emit_args(emit *e, const idl_method *m)
{
    out_fmt(e->out, "    %s args;\n\n    memset(&args, 0, sizeof args);\n", m->args->c_name);
    for (size_t i = 0; i < m->args->field_count; i++)
        put_arg(e, &m->args->fields[i]);
}

/* One of `a`, as the handler takes it. */
void emit_pass_arg(emit *e, const idl_field *f)
{
    bool address = !ctype_is_plain_array(f->type) && (is_struct(f) || is_flagged(f));

    if (is_flagged(f))
        out_fmt(e->out, ", a->has_%s ? %sa->%s : NULL", f->name, address ? "&" : "", f->c_name);
    else
        out_fmt(e->out, ", %sa->%s", address ? "&" : "", f->c_name);
}

static void emit_invoke(emit *e, const idl_service *s, const idl_method *m)
{
    out *o = e->out;

    out_set(o, "T", s->c_name);
    out_set(o, "M", m->c_name);
    out_set(o, "N", m->name);
    out_put(o, "static kmsg_err $M_invoke_(const void *impl, void *ctx, kmsg_call *call, const "
               "void *args,\n"
               "                          void *result)\n{\n"
               "    const $T_impl *i = impl;\n");
    if (m->args->field_count > 0)
        out_put(o, "    const $M_args *a = args;\n");
    out_put(o, "\n");
    if (m->args->field_count == 0)
        out_put(o, "    (void)args;\n");
    if (answer_kind(m) == ANSWER_NONE)
        out_put(o, "    (void)result;\n");
    out_fmt(o, "    if (i->%s == NULL)\n        return KMSG_ENOMETHOD;\n    return i->%s(ctx, call",
            m->member, m->member);
    for (size_t i = 0; i < m->args->field_count; i++)
        emit_pass_arg(e, &m->args->fields[i]);
    out_put(o, answer_kind(m) == ANSWER_NONE ? ");\n}\n\n" : ", result);\n}\n\n");
}

/* `$T`, `$M` and `$N` are set, here and below. */
static void emit_async(emit *e, const idl_method *m)
{
    out *o = e->out;

    out_put(o, "static void $M_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void "
               "*result)\n{\n");
    if (answer_kind(m) == ANSWER_NONE)
        out_put(o, "    (void)result;\n    (($M_done *)done)(ctx, err);\n}\n\n");
    else
        out_put(o, "    (($M_done *)done)(ctx, err, result);\n}\n\n");
    emit_signature(e, ctype_text(e->mem, "void %s_async(", m->c_name), "kmsg_peer *peer", m,
                   ctype_text(e->mem, "void *ctx, %s_done *done", m->c_name));
    out_put(o, "\n{\n");
    emit_args(e, m);
    out_put(o, "    kmsg_ask_async(peer, &$T_service, &$T_methods_[$N], &args, $M_finish_, "
               "(kmsg_done *)done,\n"
               "                   ctx);\n}\n\n");
}

static void emit_begin(emit *e, const idl_method *m, const char *ret)
{
    out *o = e->out;

    emit_signature(e, ctype_text(e->mem, "kmsg_err %s_begin(", m->c_name), "kmsg_peer *peer", m,
                   "kmsg_pending *pending");
    out_put(o, "\n{\n");
    emit_args(e, m);
    out_put(o, "    return kmsg_begin(peer, &$T_service, &$T_methods_[$N], &args, pending);\n"
               "}\n\n");
    out_fmt(o, "kmsg_err %s_end(kmsg_pending *pending%s%s)\n{\n", m->c_name,
            ret[0] == '\0' ? "" : ", ", ret);
    out_put(o, "    return kmsg_end(pending, &$T_methods_[$N], ");
    out_put(o, ret[0] == '\0' ? "NULL, NULL);\n}\n\n" : "mem, ret);\n}\n\n");
}

static void emit_reply(emit *e, const idl_method *m)
{
    out *o = e->out;

    out_put(o, "void $M_reply(kmsg_call *call");
    if (answer_kind(m) != ANSWER_NONE)
        out_fmt(o, ", %s", emit_answer_in(e, m->result, "result"));
    out_put(o, answer_kind(m) != ANSWER_NONE
                   ? ")\n{\n    kmsg_reply(call, &$T_methods_[$N], result);\n}\n\n"
                   : ")\n{\n    const $M_result nothing = {0};\n\n"
                     "    kmsg_reply(call, &$T_methods_[$N], &nothing);\n}\n\n");
}

static void emit_calls(emit *e, const idl_service *s, const idl_method *m)
{
    out        *o = e->out;
    const char *ret = "";

    out_set(o, "T", s->c_name);
    out_set(o, "M", m->c_name);
    out_setf(o, "N", "%u", m->number);
    if (emit_is_stream(m)) {
        emit_stream_calls(e, m);
        return;
    }
    if (answer_kind(m) != ANSWER_NONE)
        ret = ctype_text(e->mem, "kmsg_arena *mem, %s", emit_answer_out(e, m->result));
    emit_signature(e, ctype_text(e->mem, "kmsg_err %s(", m->c_name), "kmsg_peer *peer", m, ret);
    out_put(o, "\n{\n");
    emit_args(e, m);
    if (m->oneway)
        out_put(o, "    return kmsg_tell(peer, &$T_service, &$T_methods_[$N], &args);\n}\n\n");
    else if (answer_kind(m) == ANSWER_NONE)
        out_put(
            o,
            "    return kmsg_ask(peer, &$T_service, &$T_methods_[$N], &args, NULL, NULL);\n}\n\n");
    else
        out_put(
            o, "    return kmsg_ask(peer, &$T_service, &$T_methods_[$N], &args, mem, ret);\n}\n\n");
    emit_async(e, m);
    emit_begin(e, m, ret);
    if (!m->oneway)
        emit_reply(e, m);
}

void emit_services(emit *e, void (*one)(emit *e, const idl_service *service))
{
    for (size_t i = 0; i < e->module->service_count; i++)
        one(e, e->module->services[i]);
}

/* At most a day, as any deadline. */
static uint32_t deadline_ms(const idl_method *m)
{
    const uint64_t most = 24u * 60u * 60u * 1000u, ns_of_ms = 1000000;
    uint64_t       ms = m->deadline_ns / ns_of_ms + (m->deadline_ns % ns_of_ms > 0);

    return (uint32_t)(ms < most ? ms : most);
}

/* Has it others than its service? Those have one table for all. */
static bool has_own_roles(const idl_service *s, const idl_method *m)
{
    return m->roles.names != s->roles.names;
}

void emit_roles(emit *e, const char *c_name, const idl_roles *roles)
{
    out        *o = e->out;
    size_t      size = 0;
    const char *between;

    if (roles->count == 0)
        return;
    for (size_t i = 0; i < roles->count; i++)
        size += strlen(roles->names[i]);
    between = size < 32 && roles->count < 6 ? " " : "\n    ";
    out_fmt(o, "static const char *const %s_roles_[] = {", c_name);
    for (size_t i = 0; i < roles->count; i++)
        out_fmt(o, "%s\"%s\",", i == 0 && *between == ' ' ? "" : between,
                emit_quoted(e, roles->names[i], strlen(roles->names[i])));
    out_fmt(o, "%sNULL};\n\n", between);
}

static void emit_throws(emit *e, const idl_method *m)
{
    out *o = e->out;

    if (m->throw_count == 0)
        return;
    out_fmt(o, "static const kmsg_layout *const %s_throws_[] = {", m->c_name);
    for (size_t i = 0; i < m->throw_count; i++)
        out_fmt(o, "\n    &%s_layout,", m->throws[i]->c_name);
    out_put(o, "\n    NULL};\n\n");
}

static void emit_method_row(emit *e, const idl_service *s, const idl_method *m)
{
    out *o = e->out;

    out_fmt(o, "    {.name = \"%s\", .number = %u", m->name, m->number);
    out_put(o, m->oneway ? ", .oneway = true" : "");
    out_put(o, m->idempotent ? ", .idempotent = true" : "");
    if (m->deadline_ns > 0)
        out_fmt(o, ", .deadline_ms = %" PRIu32, deadline_ms(m));
    out_fmt(o, ", .args = &%s_layout,", m->args->c_name);
    if (!m->oneway)
        out_fmt(o, " .%s = &%s_layout,", m->returns_stream ? "streams" : "result",
                emit_carried_layout(e, m->result));
    if (m->sends != NULL)
        out_fmt(o, "\n     .sends = &%s_layout,", emit_carried_layout(e, m->item));
    if (m->throw_count > 0)
        out_fmt(o, "\n     .throws = %s_throws_,", m->c_name);
    if (m->roles.count > 0)
        out_fmt(o, "\n     .roles = %s_roles_,", has_own_roles(s, m) ? m->c_name : s->c_name);
    out_fmt(o, "\n     .invoke = %s_invoke_},\n", m->c_name);
}

/* Methods, and the services whose methods it has too. */
static void emit_tables(emit *e, const idl_service *s)
{
    out *o = e->out;

    out_set(o, "T", s->c_name);
    emit_roles(e, s->c_name, &s->roles);
    for (size_t i = 0; i < s->method_count; i++)
        if (has_own_roles(s, &s->methods[i]))
            emit_roles(e, s->methods[i].c_name, &s->methods[i].roles);
    for (size_t i = 0; i < s->method_count; i++)
        emit_throws(e, &s->methods[i]);
    if (s->method_count > 0)
        out_put(o, "static const kmsg_method $T_methods_[] = {\n");
    for (size_t i = 0; i < s->method_count; i++)
        emit_method_row(e, s, &s->methods[i]);
    out_put(o, s->method_count > 0 ? "};\n\n" : "");
    if (s->base_count > 0)
        out_put(o, "static const kmsg_base $T_bases_[] = {\n");
    for (size_t i = 0; i < s->base_count; i++)
        out_fmt(o, "    {.service = &%s_service, .offset = offsetof(%s_impl, %s)},\n",
                s->bases[i]->c_name, s->c_name, s->bases[i]->name);
    out_put(o, s->base_count > 0 ? "};\n\n" : "");
}

void emit_service_source(emit *e, const idl_service *s)
{
    out *o = e->out;

    emit_rule(e, "service", s->name);
    for (size_t i = 0; i < s->method_count; i++) {
        emit_args_unit(e, s->methods[i].args);
        emit_carried_unit(e, s->methods[i].result);
        emit_carried_unit(e, s->methods[i].item);
        emit_invoke(e, s, &s->methods[i]);
    }
    emit_tables(e, s);
    out_put(o, "const kmsg_service $T_service = {\n");
    out_fmt(o, "    .name = \"%s\",\n    .id = UINT64_C(0x%016" PRIx64 "),\n", s->qualified,
            kmsg_id(s->qualified));
    if (s->method_count > 0)
        out_fmt(o, "    .methods = %s_methods_,\n    .count = %zu,\n", s->c_name, s->method_count);
    if (s->base_count > 0)
        out_fmt(o, "    .bases = %s_bases_,\n    .base_count = %zu,\n", s->c_name, s->base_count);
    if (s->roles.count > 0)
        out_fmt(o, "    .roles = %s_roles_,\n", s->c_name);
    out_put(o, "};\n\n"
               "kmsg_err $T_serve(kmsg_node *node, const $T_impl *impl, void *ctx)\n{\n"
               "    return kmsg_serve(node, &$T_service, impl, ctx);\n"
               "}\n\n"
               "kmsg_err $T_serve_at(kmsg_object *parent, const $T_impl *impl, void *ctx, "
               "const kmsg_spawn *how, kmsg_address *ret)\n{\n"
               "    return kmsg_service_new(parent, &$T_service, impl, ctx, how, ret);\n"
               "}\n\n");
    for (size_t i = 0; i < s->method_count; i++)
        emit_calls(e, s, &s->methods[i]);
}
