/* resolve.c -- from trees to a model: what each name means, each number is, each constant comes to.
 *
 * Declarations are resolved when they are first asked for, so their order in the text does not
 * matter; one that asks for itself on the way is a cycle. What is wrong is said, and something
 * harmless put in its place, so that one mistake gives one message.
 */
#include "idl/resolve.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_DEPTH_MAX 64
#define NUMBER_MAX     16383
#define ASK_DEPTH_MAX  64 /* aliases of aliases, constants of constants */

static const struct {
    const char *word;
    idl_kind    kind;
} scalar_types[] = {
    {"bool", IDL_BOOL},         {"i8", IDL_I8},
    {"i16", IDL_I16},           {"i32", IDL_I32},
    {"i64", IDL_I64},           {"u8", IDL_U8},
    {"u16", IDL_U16},           {"u32", IDL_U32},
    {"u64", IDL_U64},           {"f32", IDL_F32},
    {"f64", IDL_F64},           {"rune", IDL_RUNE},
    {"uuid", IDL_UUID},         {"timestamp", IDL_TIMESTAMP},
    {"duration", IDL_DURATION}, {"string", IDL_STRING},
    {"bytes", IDL_BYTES},
};

static void resolve_sym(maker *mk, sym *s);
static void resolve_decl(maker *mk, sym *s);

static const char *qualified(maker *mk, const mod *m, const char *name)
{
    return m->m.name[0] == '\0' ? name : idl_text(mk->sources, "%s.%s", m->m.name, name);
}

/* The C name of a declaration. */
static const char *c_name(maker *mk, const mod *m, const char *name)
{
    const char *c = idl_text(mk->sources, "%s%s", m->m.prefix, name);

    return idl_is_c_word(c) || idl_is_kmsg_word(c) ? idl_text(mk->sources, "%s_", c) : c;
}

/* ---- types ----------------------------------------------------------------------------------- */

static const idl_type *broken_type(maker *mk, idl_span where)
{
    idl_type *t = idl_alloc(mk->sources, sizeof *t);

    *t = (idl_type){.kind = IDL_U32, .text = "u32", .span = where};
    return t;
}

/* What a name stands for as a type; the text is set by the caller. False after saying why not. */
static bool named_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    sym *s;

    for (size_t i = 0; i < sizeof scalar_types / sizeof *scalar_types; i++)
        if (strcmp(scalar_types[i].word, ast->name) == 0) {
            t->kind = scalar_types[i].kind;
            t->text = ast->name;
            return true;
        }
    s = idl_find_name(mk, m, ast->name, ast->span, "type");
    if (s == NULL)
        return false;
    switch (s->ast->kind) {
    case AST_ENUM:
        t->kind = IDL_ENUM;
        t->enum_ = s->of.enumeration;
        t->text = t->enum_->qualified;
        return true;
    case AST_RECORD:
    case AST_ERROR:
    case AST_FIXED:
        t->kind = IDL_RECORD;
        t->record = s->of.record;
        t->text = t->record->qualified;
        return true;
    case AST_ALIAS:
        if (s->state == SYM_BUSY) {
            idl_error(mk->sources, ast->span, "alias-cycle", "alias '%s' stands for itself",
                      ast->name);
            return false;
        }
        resolve_sym(mk, s);
        *t = *s->of.alias->type;
        if (t->alias == NULL)
            t->alias = s->of.alias;
        t->text =
            s->of.alias->qualified; /* not what it stands for: that could double at each step */
        return true;
    default:
        idl_error(mk->sources, ast->span, "unknown-type", "'%s' is a %s, not a type", ast->name,
                  s->ast->kind == AST_CONST ? "constant" : "service");
        idl_note(mk->sources, s->ast->name.span, "it is declared here");
        return false;
    }
}

static const idl_type *resolve_type(maker *mk, mod *m, const ast_type *ast)
{
    idl_type *t = idl_alloc(mk->sources, sizeof *t);

    if (ast->depth > TYPE_DEPTH_MAX) {
        idl_error(mk->sources, ast->span, "depth", "types are nested more than %d deep",
                  TYPE_DEPTH_MAX);
        return broken_type(mk, ast->span);
    }
    if (ast->kind == AST_NAMED) {
        if (!named_type(mk, m, ast, t))
            return broken_type(mk, ast->span);
    } else if (ast->kind == AST_LIST) {
        t->kind = IDL_LIST;
        t->item = resolve_type(mk, m, ast->item);
        t->text = idl_text(mk->sources, "list<%s>", t->item->text);
    } else {
        t->kind = IDL_MAP;
        t->key = resolve_type(mk, m, ast->item);
        t->value = resolve_type(mk, m, ast->value);
        t->text = idl_text(mk->sources, "map<%s, %s>", t->key->text, t->value->text);
    }
    if (ast->twice || (ast->optional && t->optional))
        idl_error(mk->sources, ast->span, "optional-twice",
                  "optional twice over: one '?' is enough");
    else if (ast->optional)
        t->text = idl_text(mk->sources, "%s?", t->text);
    t->optional = t->optional || ast->optional;
    t->span = ast->span;
    return t;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void wrong_value(maker *mk, idl_span where, const idl_type *type, const char *check)
{
    idl_error(mk->sources, where, check, "not a value of type %s", type->text);
}

static bool int_fits(const idl_value *v, idl_kind kind)
{
    static const struct {
        uint64_t below, above; /* greatest magnitudes */
    } range[] = {
        [IDL_BOOL] = {0, 0},
        [IDL_I8] = {128, 127},
        [IDL_I16] = {32768, 32767},
        [IDL_I32] = {2147483648, 2147483647},
        [IDL_I64] = {UINT64_C(9223372036854775808), INT64_MAX},
        [IDL_U8] = {0, UINT8_MAX},
        [IDL_U16] = {0, UINT16_MAX},
        [IDL_U32] = {0, UINT32_MAX},
        [IDL_U64] = {0, UINT64_MAX},
        [IDL_F32] = {1 << 24, 1 << 24},
        [IDL_F64] = {UINT64_C(1) << 53, UINT64_C(1) << 53},
        [IDL_RUNE] = {0, 0x10ffff},
        [IDL_UUID] = {0, 0},
        [IDL_TIMESTAMP] = {UINT64_C(9223372036854775808), INT64_MAX},
        [IDL_DURATION] = {UINT64_C(9223372036854775808), INT64_MAX},
        [IDL_ENUM] = {2147483648, 2147483647},
    };

    if (kind == IDL_RUNE && v->magnitude >= 0xd800 && v->magnitude < 0xe000)
        return false;
    return v->magnitude <= (v->negative ? range[kind].below : range[kind].above);
}

static idl_value int_value(maker *mk, const ast_value *ast, const idl_type *type, const char *check)
{
    idl_value v = {.kind = IDL_VALUE_INT, .negative = ast->negative, .magnitude = ast->magnitude};

    if (type->kind == IDL_BOOL || type->kind == IDL_UUID || type->kind >= IDL_STRING ||
        type->kind == IDL_ENUM) {
        idl_error(mk->sources, ast->span, check,
                  type->kind == IDL_ENUM ? "a number where a member of %s is expected"
                                         : "a number is not a value of type %s",
                  type->text);
        return (idl_value){0};
    }
    if (ast->overflow || !int_fits(&v, type->kind)) {
        idl_error(mk->sources, ast->span,
                  strcmp(check, "default-type") == 0 ? "default-range" : check,
                  "out of the range of %s", type->text);
        return (idl_value){0};
    }
    if (type->kind == IDL_F32 || type->kind == IDL_F64) {
        v.kind = IDL_VALUE_FLOAT;
        v.number = v.negative ? -(double)v.magnitude : (double)v.magnitude;
    }
    return v;
}

/* RED, Color.RED or acme.dir.Color.RED. */
static idl_value member_value(maker *mk, const ast_value *ast, const idl_type *type,
                              const char *check)
{
    const idl_enum *e = type->enum_;
    const char     *dot = strrchr(ast->text, '.'), *word = dot == NULL ? ast->text : dot + 1;
    size_t          front = dot == NULL ? 0 : (size_t)(dot - ast->text);
    bool            ours = dot == NULL ||
                (strlen(e->name) == front && strncmp(e->name, ast->text, front) == 0) ||
                (strlen(e->qualified) == front && strncmp(e->qualified, ast->text, front) == 0);

    for (size_t i = 0; ours && i < e->value_count; i++)
        if (strcmp(e->values[i].name, word) == 0) {
            int64_t n = e->values[i].number;
            return (idl_value){
                .kind = IDL_VALUE_INT, .negative = n < 0, .magnitude = (uint64_t)(n < 0 ? -n : n)};
        }
    idl_error(mk->sources, ast->span, check, "'%s' is no member of %s", ast->text, e->qualified);
    return (idl_value){0};
}

static idl_value resolve_value(maker *mk, mod *m, const ast_value *ast, const idl_type *type,
                               const char *check);

static idl_value const_value(maker *mk, mod *m, const ast_value *ast, const idl_type *type,
                             const char *check)
{
    sym *s = idl_find_name(mk, m, ast->text, ast->span, "constant");

    if (s == NULL)
        return (idl_value){0};
    if (s->ast->kind != AST_CONST) {
        idl_error(mk->sources, ast->span, check, "'%s' is not a constant", ast->text);
        return (idl_value){0};
    }
    if (s->state == SYM_BUSY) {
        idl_error(mk->sources, ast->span, "const-cycle", "constant '%s' is made of itself",
                  ast->text);
        return (idl_value){0};
    }
    resolve_sym(mk, s);
    if (s->ast->value->kind == AST_NAME) /* already reduced; judge what it came to */
        return s->of.constant->type->kind == type->kind
                   ? s->of.constant->value
                   : (wrong_value(mk, ast->span, type, check), (idl_value){0});
    {
        ast_value literal = *s->ast->value;
        literal.span = ast->span;
        return resolve_value(mk, m, &literal, type, check);
    }
}

static idl_value resolve_value(maker *mk, mod *m, const ast_value *ast, const idl_type *type,
                               const char *check)
{
    switch (ast->kind) {
    case AST_INT: return int_value(mk, ast, type, check);
    case AST_FLOAT:
        if (type->kind != IDL_F32 && type->kind != IDL_F64)
            break;
        if (type->kind == IDL_F32 &&
            (ast->number > (double)FLT_MAX || ast->number < -(double)FLT_MAX)) {
            idl_error(mk->sources, ast->span, check, "out of the range of f32");
            return (idl_value){0};
        }
        if (ast->number > DBL_MAX || ast->number < -DBL_MAX) {
            idl_error(mk->sources, ast->span, check, "out of the range of f64");
            return (idl_value){0};
        }
        return (idl_value){.kind = IDL_VALUE_FLOAT, .number = ast->number};
    case AST_BOOL:
        if (type->kind == IDL_BOOL)
            return (idl_value){.kind = IDL_VALUE_BOOL, .magnitude = ast->magnitude};
        break;
    case AST_STRING:
        if (type->kind == IDL_STRING)
            return (idl_value){.kind = IDL_VALUE_STRING, .string = ast->text, .size = ast->size};
        break;
    case AST_NAME:
        return type->kind == IDL_ENUM ? member_value(mk, ast, type, check)
                                      : const_value(mk, m, ast, type, check);
    }
    wrong_value(mk, ast->span, type, check);
    return (idl_value){0};
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const idl_field *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

typedef struct numbers {
    struct taken {
        uint32_t    number;
        const char *name; /* NULL: reserved */
        idl_span    span;
    } * items;
    size_t count;
} numbers;

static int by_taken(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->span.begin < y->span.begin ? -1 : x->span.begin > y->span.begin;
}

static void judge_numbers(maker *mk, numbers *n)
{
    qsort(n->items, n->count, sizeof *n->items, by_taken);
    for (size_t i = 1; i < n->count; i++) {
        const struct taken *a = &n->items[i - 1], *b = &n->items[i];
        if (a->number != b->number)
            continue;
        if (a->name == NULL || b->name == NULL)
            idl_error(mk->sources, b->span, "number-reserved", "number %u is reserved", b->number);
        else
            idl_error(mk->sources, b->span, "duplicate-number", "number %u is taken by '%s'",
                      b->number, a->name);
        idl_note(mk->sources, a->span, "it is used here");
    }
}

static bool good_number(maker *mk, const ast_field *a, uint64_t number)
{
    if (number >= 1 && number <= NUMBER_MAX)
        return true;
    idl_error(mk->sources, a->number_span, "number-range", "numbers of fields go from 1 to %d",
              NUMBER_MAX);
    return false;
}

/* A declaration of this module with this C name. In C++ a member must not have the name of a type
 * that its class uses. */
static bool is_declared(maker *mk, const mod *m, const char *c)
{
    size_t      size = strlen(c);
    const char *bare =
        size > 0 && c[size - 1] == '_' ? idl_text(mk->sources, "%.*s", (int)size - 1, c) : c;

    return (idl_names_find(&m->names, c) != NULL && strcmp(c_name(mk, m, c), c) == 0) ||
           (idl_names_find(&m->names, bare) != NULL && strcmp(c_name(mk, m, bare), c) == 0);
}

static void resolve_field(maker *mk, mod *m, const ast_field *a, bool is_param, idl_field *f)
{
    f->name = a->reserved ? NULL : a->name.text;
    f->doc = a->reserved ? "" : a->name.doc;
    f->span = a->name.span;
    f->type = resolve_type(mk, m, a->type);
    if (a->reserved)
        return;
    f->c_name = idl_is_c_word(f->name) ? idl_text(mk->sources, "%s_", f->name) : f->name;
    if (is_declared(mk, m, f->c_name) || (is_param && idl_is_call_word(f->c_name)))
        f->c_name = idl_text(mk->sources, "%s_", f->c_name);
    if (a->value != NULL && f->type->optional)
        idl_error(mk->sources, a->value->span, "default-type",
                  "an optional field has no other default than absent");
    else if (a->value != NULL)
        f->initial = resolve_value(mk, m, a->value, f->type, "default-type");
}

static void judge_field_name(maker *mk, idl_names *names, const ast_field *a)
{
    const char *n = a->name.text;

    if (a->name.size > 255)
        idl_error(mk->sources, a->name.span, "name-length",
                  "a name of %zu bytes; at most 255 may be", a->name.size);
    if (n[0] == '_' || n[a->name.size - 1] == '_' || strstr(n, "__") != NULL)
        idl_error(
            mk->sources, a->name.span, "name-form",
            "'%s': '_' at the begin or end of a name, and '__' in it, are kept for generated code",
            n);
    if (!idl_names_add(mk->sources, names, n, (void *)(uintptr_t)a)) {
        const ast_field *first = idl_names_find(names, n);
        idl_error(mk->sources, a->name.span, "duplicate-name", "'%s' is there twice", n);
        idl_note(mk->sources, first->name.span, "the first one is here");
    }
}

/* Fields or parameters, numbered and in the order of their numbers. */
static void resolve_fields(maker *mk, mod *m, const ast_field *list, idl_record *record)
{
    idl_names  names = {0};
    numbers    taken = {0};
    idl_field *fields;
    uint64_t   last = 0;
    size_t     count = 0, kept = 0;

    for (const ast_field *a = list; a != NULL; a = a->next)
        count++;
    fields = idl_alloc(mk->sources, (count + 1) * sizeof *fields);
    taken.items = idl_alloc(mk->sources, (count + 1) * sizeof *taken.items);
    for (const ast_field *a = list; a != NULL; a = a->next) {
        uint64_t number = a->has_number ? a->number : last + 1;
        if (!a->reserved)
            judge_field_name(mk, &names, a);
        if (!good_number(mk, a, number))
            continue;
        if (!a->reserved)
            last = number;
        taken.items[taken.count++] =
            (struct taken){(uint32_t)number, a->reserved ? NULL : a->name.text, a->number_span};
        if (a->type == NULL)
            continue;
        fields[kept].number = (uint32_t)number;
        resolve_field(mk, m, a, record->role == IDL_IS_ARGS, &fields[kept++]);
    }
    judge_numbers(mk, &taken);
    qsort(fields, kept, sizeof *fields, by_number);
    record->fields = fields;
    record->field_count = kept;
}

static void keep_record(maker *mk, idl_record *record)
{
    if (mk->record_count == mk->record_capacity) {
        size_t       room = mk->record_capacity == 0 ? 256 : 2 * mk->record_capacity;
        idl_record **more = idl_alloc(mk->sources, room * sizeof(idl_record *));
        if (mk->record_count != 0)
            memcpy(more, mk->records, mk->record_count * sizeof *more);
        mk->records = more;
        mk->record_capacity = room;
    }
    mk->records[mk->record_count++] = record;
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void resolve_enum(maker *mk, sym *s)
{
    idl_enum       *e = s->of.enumeration;
    idl_names       names = {0};
    idl_enum_value *values;
    int64_t         next = 0;
    size_t          n = 0;

    for (ast_word *w = s->ast->values; w != NULL; w = w->next)
        n++;
    if (n == 0)
        idl_error(mk->sources, s->ast->name.span, "enum-empty", "enum '%s' has no members",
                  e->name);
    values = idl_alloc(mk->sources, (n + 1) * sizeof *values);
    n = 0;
    for (ast_word *w = s->ast->values; w != NULL; w = w->next) {
        if (w->value != NULL) {
            const idl_type i64 = {.kind = IDL_I64, .text = "i32"};
            idl_value      v = resolve_value(mk, s->home, w->value, &i64, "enum-range");
            next = v.negative ? -(int64_t)v.magnitude : (int64_t)v.magnitude;
        }
        if (next < INT32_MIN || next > INT32_MAX) {
            idl_error(mk->sources, w->value == NULL ? w->name.span : w->value->span, "enum-range",
                      "numbers of an enum are 32 bits: %" PRId64 " is none", next);
            next = n == 0 ? 0 : (int64_t)values[n - 1].number + 1;
        }
        if (!idl_names_add(mk->sources, &names, w->name.text, w))
            idl_error(mk->sources, w->name.span, "duplicate-enum-value", "'%s' is there twice",
                      w->name.text);
        for (size_t i = 0; i < n && n < 4096; i++)
            if (values[i].number == (int32_t)next) {
                idl_error(mk->sources, w->name.span, "duplicate-enum-value",
                          "'%s' and '%s' have the same number, %" PRId64, values[i].name,
                          w->name.text, next);
                break;
            }
        values[n++] =
            (idl_enum_value){.name = w->name.text,
                             .c_name = idl_text(mk->sources, "%s_%s", e->c_name, w->name.text),
                             .doc = w->name.doc,
                             .number = (int32_t)next,
                             .span = w->name.span};
        next++;
    }
    e->values = values;
    e->value_count = n;
}

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

static idl_record *new_part(maker *mk, const idl_service *service, const ast_method *a,
                            const char *part, idl_role role)
{
    idl_record *r = idl_alloc(mk->sources, sizeof *r);

    r->name = idl_text(mk->sources, "%s_%s", a->name.text, part);
    r->c_name = idl_text(mk->sources, "%s_%s_%s", service->c_name, a->name.text, part);
    r->qualified = idl_text(mk->sources, "%s.%s.%s", service->qualified, a->name.text, part);
    r->doc = "";
    r->role = role;
    r->module = service->module;
    r->span = a->name.span;
    keep_record(mk, r);
    return r;
}

static const idl_record *result_of(maker *mk, const idl_service *service, const ast_method *a,
                                   const idl_type *returns)
{
    idl_record *r;
    idl_field  *f;

    if (returns != NULL && returns->kind == IDL_RECORD && !returns->optional &&
        returns->record->role != IDL_IS_FIXED)
        return returns->record;
    r = new_part(mk, service, a, "result", IDL_IS_RESULT);
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

static void resolve_method(maker *mk, sym *s, const ast_method *a, idl_method *method,
                           uint32_t number)
{
    idl_record *args = new_part(mk, s->of.service, a, "args", IDL_IS_ARGS);

    *method = (idl_method){.name = a->name.text,
                           .doc = a->name.doc,
                           .number = number,
                           .oneway = a->oneway,
                           .args = args,
                           .span = a->name.span};
    method->c_name = idl_text(mk->sources, "%s_%s", s->of.service->c_name, a->name.text);
    method->member =
        idl_is_c_word(a->name.text) ? idl_text(mk->sources, "%s_", a->name.text) : a->name.text;
    resolve_fields(mk, s->home, a->params, args);
    if (a->returns != NULL)
        method->returns = resolve_type(mk, s->home, a->returns);
    if (a->oneway && (a->returns != NULL || a->throws != NULL))
        idl_error(mk->sources, a->returns != NULL ? a->returns->span : a->throws->name.span,
                  a->returns != NULL ? "oneway-returns" : "oneway-throws",
                  "a oneway method has no answer: it can neither return nor throw");
    else if (!a->oneway)
        method->result = result_of(mk, s->of.service, a, method->returns);
    resolve_throws(mk, s->home, a->throws, method);
}

static void resolve_service(maker *mk, sym *s)
{
    idl_names   names = {0};
    idl_method *methods;
    size_t      n = 0;

    for (ast_method *a = s->ast->methods; a != NULL; a = a->next)
        n++;
    methods = idl_alloc(mk->sources, (n + 1) * sizeof *methods);
    n = 0;
    for (ast_method *a = s->ast->methods; a != NULL; a = a->next) {
        if (!idl_names_add(mk->sources, &names, a->name.text, a)) {
            idl_error(mk->sources, a->name.span, "duplicate-name", "method '%s' is there twice",
                      a->name.text);
            continue;
        }
        resolve_method(mk, s, a, &methods[n], (uint32_t)n);
        n++;
    }
    s->of.service->methods = methods;
    s->of.service->method_count = n;
}

static void resolve_sym(maker *mk, sym *s)
{
    if (s->state != SYM_NEW)
        return;
    s->state = SYM_BUSY;
    if (++mk->depth > ASK_DEPTH_MAX)
        idl_error(mk->sources, s->ast->name.span, "depth",
                  "aliases or constants are nested more than %d deep", ASK_DEPTH_MAX);
    resolve_decl(mk, s);
    mk->depth--;
    s->state = SYM_DONE;
}

/* They are done when those that they are made of are. */
static void add_alias(idl_module *m, const idl_alias *alias)
{
    ((const idl_alias **)(uintptr_t)m->aliases)[m->alias_count++] = alias;
}

static void resolve_decl(maker *mk, sym *s)
{
    switch (s->ast->kind) {
    case AST_CONST:
        s->of.constant->type = resolve_type(mk, s->home, s->ast->type);
        if (mk->depth > ASK_DEPTH_MAX)
            break;
        if (s->of.constant->type->optional || s->of.constant->type->kind == IDL_UUID ||
            s->of.constant->type->kind >= IDL_BYTES)
            idl_error(mk->sources, s->ast->type->span, "const-type",
                      "a constant is a bool, a number, an enum or a string");
        else
            s->of.constant->value =
                resolve_value(mk, s->home, s->ast->value, s->of.constant->type, "const-type");
        break;
    case AST_ALIAS:
        s->of.alias->type = mk->depth > ASK_DEPTH_MAX ? broken_type(mk, s->ast->type->span)
                                                      : resolve_type(mk, s->home, s->ast->type);
        add_alias(&s->home->m, s->of.alias);
        if (s->of.alias->type->optional)
            idl_error(mk->sources, s->ast->type->span, "optional-alias",
                      "an alias stands for a type that is there; write the '?' where it is used");
        break;
    case AST_ENUM: resolve_enum(mk, s); break;
    case AST_SERVICE: resolve_service(mk, s); break;
    default:
        resolve_fields(mk, s->home, s->ast->fields, s->of.record);
        keep_record(mk, s->of.record);
        break;
    }
}

/* Names first, so that everything can be pointed at before it is known. */
static void make_object(maker *mk, sym *s, idl_decl *d)
{
    const char *name = s->ast->name.text, *c = c_name(mk, s->home, name);
    const char *q = qualified(mk, s->home, name), *doc = s->ast->doc;
    idl_span    span = s->ast->name.span;

#define NEW(member, type)                                                                          \
    s->of.member = idl_alloc(mk->sources, sizeof(type));                                           \
    *s->of.member = (type)                                                                         \
    {                                                                                              \
        .name = name, .c_name = c, .qualified = q, .doc = doc, .module = &s->home->m, .span = span \
    }
    switch (s->ast->kind) {
    case AST_CONST:
        NEW(constant, idl_const);
        d->kind = IDL_DECL_CONST;
        d->of.constant = s->of.constant;
        break;
    case AST_ALIAS:
        NEW(alias, idl_alias);
        d->kind = IDL_DECL_ALIAS;
        d->of.alias = s->of.alias;
        break;
    case AST_ENUM:
        NEW(enumeration, idl_enum);
        s->of.enumeration->closed = s->ast->closed;
        d->kind = IDL_DECL_ENUM;
        d->of.enumeration = s->of.enumeration;
        break;
    case AST_SERVICE:
        NEW(service, idl_service);
        d->kind = IDL_DECL_SERVICE;
        d->of.service = s->of.service;
        break;
    default:
        NEW(record, idl_record);
        s->of.record->role = s->ast->kind == AST_ERROR   ? IDL_IS_ERROR
                             : s->ast->kind == AST_FIXED ? IDL_IS_FIXED
                                                         : IDL_IS_RECORD;
        d->kind = IDL_DECL_RECORD;
        d->of.record = s->of.record;
        break;
    }
#undef NEW
}

void idl_resolve(maker *mk)
{
    for (mod *m = mk->first; m != NULL; m = m->next) {
        idl_decl          *decls = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof *decls);
        const idl_module **imports =
            idl_alloc(mk->sources, (m->m.import_count + 1) * sizeof(idl_module *));
        for (size_t i = 0; i < m->sym_count; i++)
            make_object(mk, &m->syms[i], &decls[i]);
        m->m.aliases = idl_alloc(mk->sources, (m->sym_count + 1) * sizeof(idl_alias *));
        for (size_t i = 0; i < m->m.import_count; i++)
            imports[i] = &m->imports[i]->m;
        m->m.decls = decls;
        m->m.decl_count = m->sym_count;
        m->m.imports = imports;
    }
    /* enums before what their members may be the default of */
    for (mod *m = mk->first; m != NULL; m = m->next)
        for (size_t i = 0; i < m->sym_count; i++)
            if (m->syms[i].ast->kind == AST_ENUM)
                resolve_sym(mk, &m->syms[i]);
    for (mod *m = mk->first; m != NULL; m = m->next)
        for (size_t i = 0; i < m->sym_count; i++)
            resolve_sym(mk, &m->syms[i]);
}
