/* services.c -- methods and topics: what may be said to whom. */
#include "idl/resolve.h"

#include <string.h>

static void resolve_throws(maker *mk, mod *m, const ast_word *list, idl_method *method)
{
    const idl_record **throws;
    size_t             n = 0;

    for (const ast_word *w = list; w != NULL; w = w->next)
        n++;
    throws = idl_alloc(mk->sources, (n + 1) * sizeof *throws);
    for (const ast_word *w = list; w != NULL; w = w->next) {
        sym *s = idl_find_name(mk, m, w->name.text, w->name.span, "error");
        if (s == NULL)
            continue;
        if (s->ast->kind != AST_ERROR) {
            idl_error(mk->sources, w->name.span, "throws-not-error",
                      "'%s' cannot be thrown: it is not declared with `error`", w->name.text);
            continue;
        }
        throws[method->throw_count++] = s->of.record;
    }
    method->throws = throws;
}

/* The names of a declaration whose parts are records of their own. */
typedef struct whole {
    const char       *c_name, *qualified;
    const idl_module *module;
} whole;

static idl_record *new_part(maker *mk, whole of, const char *name, idl_span span, idl_role role)
{
    idl_record *r = idl_alloc(mk->sources, sizeof *r);
    char       *c = idl_text(mk->sources, "%s_%s", of.c_name, name);

    for (char *at = c; *at != '\0'; at++)
        if (*at == '.')
            *at = '_';
    r->c_name = c;
    r->qualified = idl_text(mk->sources, "%s.%s", of.qualified, name);
    r->name = c + strlen(of.c_name) + 1;
    r->doc = "";
    r->role = role;
    r->module = of.module;
    r->span = span;
    idl_keep_record(mk, r);
    return r;
}

/* What carries a value that is not an argument: the record that it is, or one around it. */
static const idl_record *carrier_of(maker *mk, whole of, const char *name, idl_span span,
                                    const idl_type *returns)
{
    idl_record *r;
    idl_field  *f;

    if (returns != NULL && returns->kind == IDL_RECORD && !returns->optional &&
        returns->record->role != IDL_IS_FIXED)
        return returns->record;
    r = new_part(mk, of, name, span, IDL_IS_RESULT);
    if (returns == NULL)
        return r;
    f = idl_alloc(mk->sources, sizeof *f);
    *f = (idl_field){.name = "value",
                     .c_name = "value",
                     .doc = "",
                     .number = 1,
                     .type = returns,
                     .span = returns->span};
    r->fields = f;
    r->field_count = 1;
    return r;
}

static const idl_record *result_of(maker *mk, whole of, const ast_method *a, const char *word,
                                   const idl_type *returns)
{
    return carrier_of(mk, of, idl_text(mk->sources, "%s.%s", a->name.text, word), a->name.span,
                      returns);
}

/* ---- methods --------------------------------------------------------------------------------- */

/* The parameter that is a stream: at most one. */
static void resolve_stream(maker *mk, mod *m, const ast_method *a, idl_method *method)
{
    for (const ast_field *p = a->params; p != NULL; p = p->next) {
        idl_field *f;
        if (!p->stream)
            continue;
        if (method->sends != NULL) {
            idl_error(mk->sources, p->name.span, "stream", "a method takes one stream at most");
            idl_note(mk->sources, method->sends->span, "the first one is here");
            return;
        }
        f = idl_alloc(mk->sources, sizeof *f);
        idl_resolve_field(mk, m, p, true, f);
        f->number = 1;
        method->sends = f;
        if (f->type->optional)
            idl_error(mk->sources, f->type->span, "stream",
                      "what a stream brings is there: leave out the '?'");
    }
    if (method->returns_stream && method->returns->optional)
        idl_error(mk->sources, method->returns->span, "stream",
                  "what a stream brings is there: leave out the '?'");
}

static void judge_oneway(maker *mk, const ast_method *a, const idl_method *method)
{
    if (!a->oneway)
        return;
    if (a->returns != NULL || a->throws != NULL)
        idl_error(mk->sources, a->returns != NULL ? a->returns->span : a->throws->name.span,
                  a->returns != NULL ? "oneway-returns" : "oneway-throws",
                  "a oneway method has no answer: it can neither return nor throw");
    else if (method->sends != NULL)
        idl_error(mk->sources, method->sends->span, "stream",
                  "a oneway method is one message: it takes no stream");
}

static void resolve_method(maker *mk, sym *s, const ast_method *a, idl_method *method,
                           uint32_t number)
{
    const idl_service *service = s->of.service;
    const whole        of = {service->c_name, service->qualified, service->module};
    idl_record        *args =
        new_part(mk, of, idl_text(mk->sources, "%s.args", a->name.text), a->name.span, IDL_IS_ARGS);

    *method = (idl_method){.name = a->name.text,
                           .doc = a->name.doc,
                           .number = number,
                           .oneway = a->oneway,
                           .returns_stream = a->returns_stream,
                           .args = args,
                           .roles = service->roles,
                           .span = a->name.span};
    method->c_name = idl_text(mk->sources, "%s_%s", service->c_name, a->name.text);
    method->member =
        idl_is_c_word(a->name.text) ? idl_text(mk->sources, "%s_", a->name.text) : a->name.text;
    idl_resolve_fields(mk, s->home, a->params, args);
    if (a->returns != NULL)
        method->returns = idl_resolve_type(mk, s->home, a->returns);
    resolve_stream(mk, s->home, a, method);
    idl_resolve_method_marks(mk, s->home, a->marks, method);
    judge_oneway(mk, a, method);
    if (!a->oneway)
        method->result = result_of(mk, of, a, "result", method->returns);
    if (method->sends != NULL)
        method->item = result_of(mk, of, a, "item", method->sends->type);
    resolve_throws(mk, s->home, a->throws, method);
}

/* ---- services -------------------------------------------------------------------------------- */

static bool reaches(const idl_service *from, const idl_service *to)
{
    bool found = from == to;

    for (size_t i = 0; !found && i < from->base_count; i++)
        found = reaches(from->bases[i], to);
    return found;
}

/* Some service stands behind `a` and behind `b`: its handlers would be there twice. */
static const idl_service *shared_base(const idl_service *a, const idl_service *b)
{
    const idl_service *found = reaches(b, a) ? a : NULL;

    for (size_t i = 0; found == NULL && i < a->base_count; i++)
        found = shared_base(a->bases[i], b);
    return found;
}

static bool is_new_base(maker *mk, const idl_service *s, const idl_service *base, idl_span where)
{
    for (size_t i = 0; i < s->base_count; i++) {
        const idl_service *twice = shared_base(base, s->bases[i]);
        if (twice != NULL) {
            idl_error(mk->sources, where, "base-twice", "'%s' would have the methods of '%s' twice",
                      s->name, twice->qualified);
            return false;
        }
    }
    return true;
}

static void resolve_bases(maker *mk, sym *s)
{
    const idl_service **bases;
    size_t              n = 0;

    for (const ast_word *w = s->ast->bases; w != NULL; w = w->next)
        n++;
    bases = idl_alloc(mk->sources, (n + 1) * sizeof *bases);
    s->of.service->bases = bases;
    for (const ast_word *w = s->ast->bases; w != NULL; w = w->next) {
        sym *b = idl_find_name(mk, s->home, w->name.text, w->name.span, "service");
        if (b == NULL)
            continue;
        if (b->ast->kind != AST_SERVICE) {
            idl_error(mk->sources, w->name.span, "base-service", "'%s' is no service",
                      w->name.text);
            continue;
        }
        if (b->state == SYM_BUSY) {
            idl_error(mk->sources, w->name.span, "service-cycle", "'%s' would inherit from itself",
                      w->name.text);
            continue;
        }
        idl_resolve_sym(mk, b);
        if (is_new_base(mk, s->of.service, b->of.service, w->name.span))
            bases[s->of.service->base_count++] = b->of.service;
    }
}

static void judge_method_name(maker *mk, const idl_service *s, idl_names *names,
                              const ast_method *a)
{
    for (size_t i = 0; i < s->base_count; i++)
        if (strcmp(s->bases[i]->name, a->name.text) == 0)
            idl_error(mk->sources, a->name.span, "duplicate-name",
                      "method '%s' has the name of a service that '%s' inherits from", a->name.text,
                      s->name);
    if (!idl_names_add(mk->sources, names, a->name.text, (void *)(uintptr_t)a)) {
        const ast_method *first = idl_names_find(names, a->name.text);
        idl_error(mk->sources, a->name.span, "duplicate-name", "method '%s' is there twice",
                  a->name.text);
        idl_note(mk->sources, first->name.span, "the first one is here");
    }
}

void idl_resolve_service(maker *mk, sym *s)
{
    idl_names   names = {0};
    idl_method *methods;
    size_t      n = 0;

    for (ast_method *a = s->ast->methods; a != NULL; a = a->next)
        n++;
    methods = idl_alloc(mk->sources, (n + 1) * sizeof *methods);
    resolve_bases(mk, s);
    n = 0;
    for (ast_method *a = s->ast->methods; a != NULL; a = a->next) {
        judge_method_name(mk, s->of.service, &names, a);
        resolve_method(mk, s, a, &methods[n], (uint32_t)n);
        n++;
    }
    s->of.service->methods = methods;
    s->of.service->method_count = n;
}

/* ---- topics ---------------------------------------------------------------------------------- */

/* Can one ask for those alone that are equal? */
static bool is_choosable(const idl_field *f)
{
    return f->name != NULL && !f->type->optional && f->type->kind <= IDL_STRING &&
           f->type->kind != IDL_F32 && f->type->kind != IDL_F64;
}

/* The same, or nothing, without its limits: what is asked for is a pattern. */
static const idl_type *optional_of(maker *mk, const idl_type *type)
{
    static const char *const words[] = {"bool", "i8",   "i16",  "i32",       "i64",
                                        "u8",   "u16",  "u32",  "u64",       "f32",
                                        "f64",  "rune", "uuid", "timestamp", "duration"};

    idl_type *t = idl_alloc(mk->sources, sizeof *t);

    *t = *type;
    t->optional = true;
    t->limits = NULL;
    t->alias = NULL;
    t->text = idl_text(mk->sources, "%s?",
                       type->kind == IDL_STRING ? "string"
                       : type->kind == IDL_ENUM ? type->enum_->qualified
                                                : words[type->kind]);
    return t;
}

static const idl_record *filter_of(maker *mk, whole of, const idl_record *key)
{
    idl_record *filter = new_part(mk, of, "filter", key->span, IDL_IS_ARGS);
    idl_field  *fields = idl_alloc(mk->sources, (key->field_count + 1) * sizeof *fields);

    for (size_t i = 0; i < key->field_count; i++) {
        const idl_field *f = &key->fields[i];
        if (is_choosable(f))
            fields[filter->field_count++] = (idl_field){.name = f->name,
                                                        .c_name = f->c_name,
                                                        .doc = f->doc,
                                                        .number = f->number,
                                                        .type = optional_of(mk, f->type),
                                                        .span = f->span};
    }
    filter->fields = fields;
    return filter;
}

/* What stands beside the key where it is handed over. */
static void rename_key(maker *mk, const idl_record *key)
{
    static const char *const words[] = {"node", "news", "value"};
    idl_field               *fields = (idl_field *)(uintptr_t)key->fields;

    for (size_t i = 0; i < key->field_count; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (fields[i].name != NULL && strcmp(fields[i].c_name, words[k]) == 0)
                fields[i].c_name = idl_text(mk->sources, "%s_", words[k]);
}

void idl_resolve_topic(maker *mk, sym *s)
{
    idl_topic  *topic = s->of.topic;
    const whole of = {topic->c_name, topic->qualified, topic->module};
    idl_record *key = new_part(mk, of, "key", topic->span, IDL_IS_ARGS);

    for (const ast_field *p = s->ast->fields; p != NULL; p = p->next)
        if (p->stream)
            idl_error(mk->sources, p->name.span, "stream", "the key of a topic is no stream");
    idl_resolve_fields(mk, s->home, s->ast->fields, key);
    topic->key = key;
    topic->type = idl_resolve_type(mk, s->home, s->ast->type);
    if (topic->type->optional)
        idl_error(mk->sources, topic->type->span, "topic-optional",
                  "what is published is there: leave out the '?'");
    rename_key(mk, key);
    topic->filter = filter_of(mk, of, key);
    topic->value = carrier_of(mk, of, "value", topic->type->span, topic->type);
}
