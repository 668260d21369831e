/* emit_machine.c -- messages between objects, and machines that take them.
 *
 * A machine's table has a member for each state that handles something, in it one for each record.
 * What the runtime calls are trampolines that know the types; a handler's number is its state's.
 */
#include "compiler/emit_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages -------------------------------------------------------------------------------- */

/* What never grows is no message: that is what state-message says too. */
static bool is_message(const idl_record *record)
{
    return record->role == IDL_IS_RECORD || record->role == IDL_IS_ERROR;
}

static void emit_message(emit *e, const idl_record *record)
{
    out_set(e->out, "T", record->c_name);
    out_put(e->out,
            "extern const kmsg_layout $T_layout;\n"
            "KMSG_CHECK static inline kmsg_err $T_send(kmsg_object *from, kmsg_address to, const "
            "$T *value)\n{\n"
            "    return kmsg_send(from, to, &$T_layout, value);\n"
            "}\n"
            "static inline bool $T_is(const kmsg_message *message)\n{\n"
            "    return kmsg_is(message, &$T_layout);\n"
            "}\n"
            "KMSG_CHECK static inline kmsg_err $T_read(const kmsg_message *message, kmsg_arena "
            "*mem, $T *ret)\n{\n"
            "    return kmsg_read(message, &$T_layout, mem, ret);\n"
            "}\n\n");
}

void emit_messages(emit *e)
{
    const idl_module *m = e->module;
    size_t            count = 0;

    for (size_t i = 0; i < m->record_count; i++) {
        if (!is_message(m->records[i]))
            continue;
        if (count++ == 0) {
            emit_rule(e, "records as messages", "");
            out_put(e->out, "/* Of each: sends it to what is at an address; tells whether a "
                            "message is one; reads it, which\n"
                            " * leads into the message and mem. */\n\n");
        }
        emit_message(e, m->records[i]);
    }
}

/* ---- machines: the header -------------------------------------------------------------------- */

void emit_machines(emit *e, void (*one)(emit *e, const idl_machine *machine))
{
    for (size_t i = 0; i < e->module->decl_count; i++)
        if (e->module->decls[i].kind == IDL_DECL_MACHINE)
            one(e, e->module->decls[i].of.machine);
}

static bool has_handlers(const idl_machine *m)
{
    size_t count = 0;

    for (size_t i = 0; i < m->state_count; i++)
        count += m->states[i].handle_count;
    return count > 0;
}

static void put_states(emit *e, const idl_machine *m)
{
    out *o = e->out;

    out_put(o, "typedef enum $T_state KMSG_ENUM_BASE {\n");
    for (size_t i = 0; i < m->state_count; i++) {
        emit_doc(e, m->states[i].doc, "    ");
        out_fmt(o, "    %s = %zu%s\n", m->states[i].c_name, i, i + 1 < m->state_count ? "," : "");
    }
    out_put(o, "} $T_state;\n\n"
               "/* \"Closed\"; NULL for a number without a name. */\n"
               "const char *$T_state_name($T_state state);\n\n");
}

/* In C++ a member must not be called as a type that its struct uses: then the struct is named. */
static const char *tag_word(const idl_record *record)
{
    return record->module->prefix[0] == '\0' ? "struct " : "";
}

static void put_table(emit *e, const idl_machine *m)
{
    out *o = e->out;

    out_set(o, "S", m->states[0].name);
    out_put(o,
            "/* The handlers, by state. Each is given what came, which is gone when it returns, "
            "and returns the\n"
            " * next state. `otherwise` takes what a state does not handle; NULL: it is dropped, "
            "and the log says\n"
            " * so. Without `start` it begins in $S. */\n"
            "typedef struct $T_impl {\n");
    for (size_t i = 0; i < m->state_count; i++) {
        const idl_state *s = &m->states[i];
        if (s->handle_count == 0)
            continue;
        out_put(o, "    struct {\n");
        for (size_t k = 0; k < s->handle_count; k++) {
            out_set(o, "H", s->members[k]);
            out_set(o, "R", s->handles[k]->c_name);
            out_set(o, "struct", tag_word(s->handles[k]));
            out_put(o, "        $T_state (*$H)(void *ctx, kmsg_object *self, kmsg_message "
                       "*message, const ${struct}$R *value);\n");
        }
        out_fmt(o, "    } %s;\n", s->member);
    }
    out_put(o, "    $T_state (*start)(void *ctx, kmsg_object *self);\n"
               "    $T_state (*otherwise)(void *ctx, kmsg_object *self, kmsg_message *message, "
               "$T_state state);\n"
               "} $T_impl;\n\n");
}

/* In the name of a function a word of C needs no '_' behind it. */
static int plain_size(const char *member)
{
    size_t size = strlen(member);

    return (int)(member[size - 1] == '_' ? size - 1 : size);
}

/* One state of the macro: on one line, or a line for each handler. */
static void put_macro_state(emit *e, const idl_state *s)
{
    size_t      width = strlen(s->member) + 24;
    const char *between;

    for (size_t k = 0; k < s->handle_count; k++)
        width += strlen(s->name) + strlen(s->members[k]) + strlen("prefix_##__, ");
    between = width > EMIT_COLUMNS ? ", \\\n        " : ", ";
    out_fmt(e->out, " \\\n    KMSG_MEMBER(%s) {%s", s->member,
            width > EMIT_COLUMNS ? " \\\n        " : "");
    for (size_t k = 0; k < s->handle_count; k++)
        out_fmt(e->out, "%sprefix_##_%s_%.*s", k == 0 ? "" : between, s->name,
                plain_size(s->members[k]), s->members[k]);
    out_put(e->out, "}");
}

static void put_macro(emit *e, const idl_machine *m)
{
    out             *o = e->out;
    const idl_state *first = NULL;

    for (size_t i = 0; i < m->state_count && first == NULL; i++)
        if (m->states[i].handle_count > 0)
            first = &m->states[i];
    out_set(o, "S", first->name);
    out_set(o, "H", first->members[0]);
    out_put(o, "/* All handlers, so that none is forgotten: my_$S_$H() and so on. In C:\n"
               " *     static const $T_impl impl = {$T_HANDLERS(my), .otherwise = my_otherwise};\n"
               " * in C++ {$T_HANDLERS(my), start, otherwise}. */\n"
               "#define $T_HANDLERS(prefix_)");
    for (size_t i = 0; i < m->state_count; i++) {
        if (m->states[i].handle_count == 0)
            continue;
        out_put(o, &m->states[i] == first ? "" : ",");
        put_macro_state(e, &m->states[i]);
    }
    out_put(o, "\n\n");
}

void emit_machine_header(emit *e, const idl_machine *m)
{
    out *o = e->out;

    emit_rule(e, "machine", m->name);
    emit_doc(e, m->doc, "");
    out_set(o, "T", m->c_name);
    put_states(e, m);
    put_table(e, m);
    if (has_handlers(m))
        put_macro(e, m);
    out_put(o,
            "/* A child of `parent` that is such a machine. `impl` must live as long as it. `how` "
            "may be NULL. */\n"
            "KMSG_CHECK kmsg_err $T_new(kmsg_object *parent, const $T_impl *impl, void *ctx, "
            "const kmsg_spawn *how, kmsg_address *ret);\n\n");
}

/* ---- machines: the source -------------------------------------------------------------------- */

static void put_state_name(emit *e, const idl_machine *m)
{
    out *o = e->out;

    out_put(o, "const char *$T_state_name($T_state state)\n{\n"
               "    switch ((int32_t)state) {\n");
    for (size_t i = 0; i < m->state_count; i++)
        out_fmt(o, "    case %s: return \"%s\";\n", m->states[i].c_name, m->states[i].name);
    out_put(o, "    default: return NULL;\n"
               "    }\n}\n\n");
}

/* `$T` is set. */
static void put_handler(emit *e, const idl_state *s, size_t k)
{
    out *o = e->out;

    out_set(o, "S", s->name);
    out_set(o, "M", s->member);
    out_set(o, "H", s->members[k]);
    out_put(o, "static int32_t $T_$S_$H_handle_(const void *impl, void *ctx, kmsg_object *self, "
               "kmsg_message *message, const void *value)\n{\n"
               "    const $T_impl *i = impl;\n\n"
               "    if (i->$M.$H == NULL)\n"
               "        return KMSG_UNHANDLED;\n"
               "    return (int32_t)i->$M.$H(ctx, self, message, value);\n"
               "}\n\n");
}

typedef struct row {
    uint64_t id;
    size_t   index;
} row;

static int by_id(const void *a, const void *b)
{
    const row *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

/* The handlers of a state, in the order in which they are looked for. */
static void put_rows(emit *e, const idl_state *s)
{
    out *o = e->out;
    row *rows = kmsg_alloc_array(e->mem, row, s->handle_count);

    if (rows == NULL)
        ctype_no_memory();
    for (size_t k = 0; k < s->handle_count; k++)
        rows[k] = (row){kmsg_id(s->handles[k]->qualified), k};
    qsort(rows, s->handle_count, sizeof *rows, by_id);
    out_set(o, "S", s->name);
    out_put(o, "static const kmsg_handler $T_$S_handlers_[] = {\n");
    for (size_t k = 0; k < s->handle_count; k++) {
        out_set(o, "R", s->handles[rows[k].index]->c_name);
        out_set(o, "H", s->members[rows[k].index]);
        out_put(o, "    {&$R_layout, $T_$S_$H_handle_},\n");
    }
    out_put(o, "};\n\n");
}

static void put_machine(emit *e, const idl_machine *m)
{
    out *o = e->out;

    out_put(o, "static const kmsg_state $T_states_[] = {\n");
    for (size_t i = 0; i < m->state_count; i++) {
        out_fmt(o, "    {.name = \"%s\"", m->states[i].name);
        if (m->states[i].handle_count > 0)
            out_fmt(o, ", .handlers = %s_%s_handlers_, .count = %zu", m->c_name, m->states[i].name,
                    m->states[i].handle_count);
        out_put(o, "},\n");
    }
    out_put(o, "};\n\n"
               "const kmsg_machine $T_machine = {\n");
    out_fmt(o,
            "    .name = \"%s\",\n"
            "    .id = UINT64_C(0x%016" PRIx64 "),\n"
            "    .states = %s_states_,\n"
            "    .count = %zu,\n",
            m->qualified, kmsg_id(m->qualified), m->c_name, m->state_count);
    out_put(o, "    .start = $T_start_,\n"
               "    .otherwise = $T_otherwise_,\n"
               "};\n\n");
}

void emit_machine_source(emit *e, const idl_machine *m)
{
    out *o = e->out;

    emit_rule(e, "machine", m->name);
    out_set(o, "T", m->c_name);
    out_set(o, "F", m->states[0].c_name);
    out_put(o, "_Static_assert(sizeof($T_state) == 4, \"$T_state: enums must be ints "
               "(-fno-short-enums)\");\n\n");
    put_state_name(e, m);
    for (size_t i = 0; i < m->state_count; i++)
        for (size_t k = 0; k < m->states[i].handle_count; k++)
            put_handler(e, &m->states[i], k);
    out_put(o, "static int32_t $T_start_(const void *impl, void *ctx, kmsg_object *self)\n{\n"
               "    const $T_impl *i = impl;\n\n"
               "    return (int32_t)(i->start == NULL ? $F : i->start(ctx, self));\n"
               "}\n\n"
               "static int32_t $T_otherwise_(const void *impl, void *ctx, kmsg_object *self, "
               "kmsg_message *message, int32_t state)\n{\n"
               "    const $T_impl *i = impl;\n\n"
               "    if (i->otherwise == NULL)\n"
               "        return KMSG_UNHANDLED;\n"
               "    return (int32_t)i->otherwise(ctx, self, message, ($T_state)state);\n"
               "}\n\n");
    for (size_t i = 0; i < m->state_count; i++)
        if (m->states[i].handle_count > 0)
            put_rows(e, &m->states[i]);
    put_machine(e, m);
    out_put(o, "kmsg_err $T_new(kmsg_object *parent, const $T_impl *impl, void *ctx, const "
               "kmsg_spawn *how, kmsg_address *ret)\n{\n"
               "    return kmsg_machine_new(parent, &$T_machine, impl, ctx, how, ret);\n"
               "}\n\n");
}
