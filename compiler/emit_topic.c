/* emit_topic.c -- topics: publishing, and being told.
 *
 * The key's parts are parameters, as those of a method are, and the value stands behind them as an
 * item of a stream does: records by pointer, all else by value. Who is told gets them in the same
 * way. What can be chosen by is a struct in the header; the key's own is in the source alone.
 */
#include "compiler/emit_parts.h"

#include <inttypes.h>

bool emit_has_topics(const idl_module *module)
{
    for (size_t i = 0; i < module->decl_count; i++)
        if (module->decls[i].kind == IDL_DECL_TOPIC)
            return true;
    return false;
}

void emit_topics(emit *e, void (*one)(emit *e, const idl_topic *topic))
{
    for (size_t i = 0; i < e->module->decl_count; i++)
        if (e->module->decls[i].kind == IDL_DECL_TOPIC)
            one(e, e->module->decls[i].of.topic);
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool has_filter(const idl_topic *t)
{
    return t->filter->field_count > 0;
}

static const char *value_of(emit *e, const idl_topic *t)
{
    return emit_item_parameter(e, t->value, t->type, "value");
}

/* "head" "first, key, value)". */
static void put_keyed(emit *e, const char *head, const char *first, const idl_topic *t)
{
    const idl_method m = {.args = t->key};

    emit_signature(e, head, first, &m, value_of(e, t));
}

static void put_publish(emit *e, const char *head, const idl_topic *t)
{
    put_keyed(e, ctype_text(e->mem, "%skmsg_err %s_publish(", head, t->c_name), "kmsg_node *node",
              t);
}

/* `$T` is set, here and below. */
static void put_subscribe(emit *e, const idl_topic *t)
{
    out_put(e->out, "kmsg_err $T_subscribe(kmsg_node *node, ");
    out_put(e->out, has_filter(t) ? "const $T_filter *filter, " : "");
    out_put(e->out, "const kmsg_subscriber_options *options, void *ctx, $T_heard *heard, "
                    "kmsg_subscriber **ret)");
}

/* ---- header ---------------------------------------------------------------------------------- */

static void put_topic_comment(emit *e, const idl_topic *t)
{
    out *o = e->out;

    emit_doc(e, t->doc, "");
    out_fmt(o, "/* %s(", t->name);
    for (size_t i = 0; i < t->key->field_count; i++) {
        out_fmt(o, "%s%s: ", i == 0 ? "" : ", ", t->key->fields[i].name);
        emit_comment_text(e, t->key->fields[i].type->text);
    }
    out_put(o, "): ");
    emit_comment_text(e, t->type->text);
    out_put(o, " */\n");
}

/* Once, before the first. */
static void put_comment_of_all(emit *e, const idl_topic *t)
{
    const idl_decl *first = e->module->decls;

    while (first->kind != IDL_DECL_TOPIC)
        first++;
    if (first->of.topic != t)
        return;
    out_put(e->out,
            "/* Of each topic: _publish sends a message to all who have subscribed, and waits "
            "for none of them\n"
            " * who has not asked for that. _offer, before the first, says how; `options` "
            "may be NULL. _subscribe\n"
            " * calls `heard` of each message that is published from then on, until "
            "kmsg_subscriber_end();\n"
            " * `options` and `ret` may be NULL, and so may a filter, which lets all "
            "through: a part of the\n"
            " * key that it leaves absent may be anything, and a string is a pattern, "
            "\"AC*\". See kmsg/topic.h. */\n\n");
}

void emit_topic_header(emit *e, const idl_topic *t)
{
    out *o = e->out;

    emit_rule(e, "topic", t->name);
    put_comment_of_all(e, t);
    emit_own_of_fields(e, t->key, emit_own_names);
    emit_own_of_fields(e, t->key, emit_own_entries);
    emit_own_of_carried(e, t->value);
    out_set(o, "T", t->c_name);
    if (has_filter(t)) {
        out_put(o, "typedef struct $T_filter $T_filter;\n");
        emit_struct(e, t->filter);
    }
    put_topic_comment(e, t);
    out_set(o, "T", t->c_name);
    out_put(o, "KMSG_CHECK kmsg_err $T_offer(kmsg_node *node, const kmsg_publisher_options "
               "*options);\n");
    put_publish(e, "KMSG_CHECK ", t);
    put_keyed(e, ctype_text(e->mem, ";\ntypedef void %s_heard(", t->c_name),
              "void *ctx, const kmsg_topic_news *news", t);
    out_put(o, ";\nKMSG_CHECK ");
    put_subscribe(e, t);
    out_put(o, ";\n\n");
}

/* ---- source ---------------------------------------------------------------------------------- */

static void emit_units(emit *e, const idl_topic *t)
{
    unit u = unit_of_record(t->filter);

    if (t->key->field_count > 0)
        emit_args_unit(e, t->key);
    if (has_filter(t)) {
        emit_asserts(e, &u);
        emit_unit(e, &u);
    }
    emit_carried_unit(e, t->value);
}

static void emit_tell(emit *e, const idl_topic *t)
{
    out *o = e->out;
    bool pointer = emit_by_pointer(t->type);

    out_put(o, "static void $T_tell_(kmsg_done *heard, void *ctx, const kmsg_topic_news *news, "
               "const void *key, const void *value)\n{\n");
    if (t->key->field_count > 0)
        out_put(o, "    const $T_key *a = key;\n");
    if (!pointer)
        out_fmt(o, "    %s = value;\n", emit_answer_in(e, t->value, "v"));
    out_put(o, t->key->field_count > 0 || !pointer ? "\n" : "");
    if (t->key->field_count == 0)
        out_put(o, "    (void)key;\n");
    out_put(o, "    (($T_heard *)heard)(ctx, news");
    for (size_t i = 0; i < t->key->field_count; i++)
        emit_pass_arg(e, &t->key->fields[i]);
    out_put(o, pointer ? ", value);\n}\n\n" : ", *v);\n}\n\n");
}

static void emit_table(emit *e, const idl_topic *t)
{
    out *o = e->out;

    emit_roles(e, t->c_name, &t->roles);
    out_put(o, "const kmsg_topic $T_topic = {\n");
    out_fmt(o, "    .name = \"%s\",\n    .id = UINT64_C(0x%016" PRIx64 "),\n", t->qualified,
            kmsg_id(t->qualified));
    out_put(o, t->roles.count > 0 ? "    .roles = $T_roles_,\n" : "");
    out_put(o, t->key->field_count > 0 ? "    .key = &$T_key_layout,\n" : "");
    out_put(o, has_filter(t) ? "    .filter = &$T_filter_layout,\n" : "");
    out_fmt(o, "    .value = &%s_layout,\n", emit_carried_layout(e, t->value));
    out_put(o, "    .tell = $T_tell_,\n};\n\n");
}

static void emit_calls(emit *e, const idl_topic *t)
{
    const idl_method m = {.args = t->key};
    out             *o = e->out;

    out_put(o, "kmsg_err $T_offer(kmsg_node *node, const kmsg_publisher_options *options)\n{\n"
               "    return kmsg_topic_offer(node, &$T_topic, options);\n}\n\n");
    put_publish(e, "", t);
    out_put(o, "\n{\n");
    if (t->key->field_count > 0)
        emit_args(e, &m);
    out_fmt(o, "    return kmsg_topic_publish(node, &%s_topic, %s, %svalue);\n}\n\n", t->c_name,
            t->key->field_count > 0 ? "&args" : "NULL", emit_by_pointer(t->type) ? "" : "&");
    out_set(o, "T", t->c_name);
    put_subscribe(e, t);
    out_put(o, "\n{\n    return kmsg_topic_subscribe(node, &$T_topic, ");
    out_put(o, has_filter(t) ? "filter" : "NULL");
    out_put(o, ", options, (kmsg_done *)heard, ctx, ret);\n}\n\n");
}

void emit_topic_source(emit *e, const idl_topic *t)
{
    emit_rule(e, "topic", t->name);
    emit_units(e, t);
    out_set(e->out, "T", t->c_name);
    emit_tell(e, t);
    emit_table(e, t);
    emit_calls(e, t);
}
