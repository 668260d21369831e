/* types.c -- what a type of the text stands for, and what its limits come to. */
#include "idl/resolve.h"

#include <inttypes.h>
#include <string.h>

#define TYPE_DEPTH_MAX 64
#define ARRAY_MAX      65535

const idl_word idl_scalars[] = {
    {"bool", IDL_BOOL},         {"i8", IDL_I8},
    {"i16", IDL_I16},           {"i32", IDL_I32},
    {"i64", IDL_I64},           {"u8", IDL_U8},
    {"u16", IDL_U16},           {"u32", IDL_U32},
    {"u64", IDL_U64},           {"f32", IDL_F32},
    {"f64", IDL_F64},           {"rune", IDL_RUNE},
    {"uuid", IDL_UUID},         {"timestamp", IDL_TIMESTAMP},
    {"duration", IDL_DURATION}, {"string", IDL_STRING},
    {"bytes", IDL_BYTES},       {"address", IDL_ADDRESS},
    {"any", IDL_ANY},           {NULL, IDL_BOOL},
};

const idl_type *idl_broken_type(maker *mk, idl_span where)
{
    idl_type *t = idl_alloc(mk->sources, sizeof *t);

    *t = (idl_type){.kind = IDL_U32, .text = "u32", .span = where};
    return t;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool alias_type(maker *mk, const ast_type *ast, sym *s, idl_type *t)
{
    if (s->state == SYM_BUSY) {
        idl_error(mk->sources, ast->span, "alias-cycle", "alias '%s' stands for itself", ast->name);
        return false;
    }
    idl_resolve_sym(mk, s);
    *t = *s->of.alias->type;
    if (t->alias == NULL)
        t->alias = s->of.alias;
    t->text = s->of.alias->qualified; /* not what it stands for: that could double at each step */
    return true;
}

static bool no_type(maker *mk, const ast_type *ast, const sym *s)
{
    const char *what = s->ast->kind == AST_CONST     ? "constant"
                       : s->ast->kind == AST_TOPIC   ? "topic"
                       : s->ast->kind == AST_MACHINE ? "machine"
                                                     : "service";

    idl_error(mk->sources, ast->span, "unknown-type", "'%s' is a %s, not a type", ast->name, what);
    idl_note(mk->sources, s->ast->name.span, "it is declared here");
    return false;
}

/* What a name stands for as a type; the text is set by the caller. False after saying why not. */
static bool named_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    sym *s;

    for (const idl_word *w = idl_scalars; w->word != NULL; w++)
        if (strcmp(w->word, ast->name) == 0) {
            t->kind = w->kind;
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
    case AST_UNION:
        t->kind = s->ast->kind == AST_UNION ? IDL_UNION : IDL_RECORD;
        t->record = s->of.record;
        t->text = t->record->qualified;
        return true;
    case AST_ALIAS: return alias_type(mk, ast, s, t);
    default: return no_type(mk, ast, s);
    }
}

static bool ref_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    sym *s = idl_find_name(mk, m, ast->name, ast->span, "record");

    if (s == NULL)
        return false;
    if (s->ast->kind != AST_RECORD && s->ast->kind != AST_ERROR) {
        idl_error(mk->sources, ast->span, "ref-record",
                  "a ref leads to a record (no fixed one): '%s' is none; put it into a record",
                  ast->name);
        return false;
    }
    t->kind = IDL_REF;
    t->record = s->of.record;
    t->text = idl_text(mk->sources, "ref<%s>", t->record->qualified);
    return true;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static const char *value_text(maker *mk, const idl_value *v, bool narrow)
{
    char text[IDL_FLOAT_TEXT_MAX];

    switch (v->kind) {
    case IDL_VALUE_NONE: return "";
    case IDL_VALUE_FLOAT:
        idl_float_text(v->number, narrow, text);
        return idl_text(mk->sources, "%s", text);
    default: return idl_text(mk->sources, "%s%" PRIu64, v->negative ? "-" : "", v->magnitude);
    }
}

/* "f32[2][3]": the own bracket comes first of all. */
static const char *array_text(maker *mk, const idl_type *t)
{
    const char *brackets = "";

    for (; t->kind == IDL_ARRAY && t->alias == NULL; t = t->item)
        brackets = idl_text(mk->sources, "%s[%u]", brackets, t->count);
    return idl_text(mk->sources, "%s%s", t->text, brackets);
}

static bool array_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    const idl_type u32 = {.kind = IDL_U32, .text = "u32"};
    idl_value      count = idl_resolve_value(mk, m, ast->count, &u32, "array-size");

    t->kind = IDL_ARRAY;
    t->item = idl_resolve_type(mk, m, ast->item);
    if (count.kind == IDL_VALUE_NONE)
        return false;
    if (count.magnitude < 1 || count.magnitude > ARRAY_MAX) {
        idl_error(mk->sources, ast->count->span, "array-size",
                  "an array has 1 to %d items; for more, or none, take a list", ARRAY_MAX);
        return false;
    }
    t->count = (uint32_t)count.magnitude;
    t->text = array_text(mk, t);
    return true;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* What the numbers of its limits count: the type of the bounds, or NULL where it takes none. */
static const idl_type *bound_type(const idl_type *t)
{
    static const idl_type size = {.kind = IDL_U32, .text = "u32"};

    switch (t->kind) {
    case IDL_BOOL:
    case IDL_UUID:
    case IDL_ENUM:
    case IDL_ADDRESS:
    case IDL_ANY:
    case IDL_ARRAY:
    case IDL_REF:
    case IDL_UNION:
    case IDL_RECORD: return NULL;
    case IDL_STRING:
    case IDL_BYTES:
    case IDL_LIST:
    case IDL_SET:
    case IDL_MAP: return &size;
    default: return t;
    }
}

static bool is_pattern(const ast_limit *a)
{
    return !a->range && a->low->kind == AST_STRING;
}

static void add_pattern(maker *mk, const ast_limit *a, const idl_type *t, idl_limits *ret)
{
    if (t->kind != IDL_STRING)
        idl_error(mk->sources, a->span, "limit-type", "only a string has a pattern; %s is none",
                  t->text);
    else if (ret->pattern != NULL)
        idl_error(mk->sources, a->span, "limit-twice", "one pattern is enough");
    else
        ret->pattern = idl_pattern_new(mk->sources, a->span, a->low->text, a->low->size);
}

static void add_range(maker *mk, mod *m, const ast_limit *a, const idl_type *bounds,
                      idl_limits *ret)
{
    if (ret->low.kind != IDL_VALUE_NONE || ret->high.kind != IDL_VALUE_NONE) {
        idl_error(mk->sources, a->span, "limit-twice", "one range is enough");
        return;
    }
    if (a->low == NULL && a->high == NULL) {
        idl_error(mk->sources, a->span, "limit-range",
                  "'..' alone limits nothing: write low.., ..high or low..high");
        return;
    }
    if (a->low != NULL)
        ret->low = idl_resolve_value(mk, m, a->low, bounds, "limit-range");
    if (a->high == a->low)
        ret->high = ret->low;
    else if (a->high != NULL)
        ret->high = idl_resolve_value(mk, m, a->high, bounds, "limit-range");
    if (ret->low.kind != IDL_VALUE_NONE && ret->high.kind != IDL_VALUE_NONE &&
        idl_value_order(&ret->low, &ret->high) > 0)
        idl_error(mk->sources, a->span, "limit-range",
                  "nothing is in this range: its low end is above the high one");
}

static const char *limits_text(maker *mk, const idl_type *t, const idl_limits *l)
{
    bool        range = l->low.kind != IDL_VALUE_NONE || l->high.kind != IDL_VALUE_NONE;
    const char *text =
        !range ? ""
               : idl_text(mk->sources, "%s..%s", value_text(mk, &l->low, t->kind == IDL_F32),
                          value_text(mk, &l->high, t->kind == IDL_F32));

    if (l->pattern != NULL)
        text = idl_text(mk->sources, "%s%s\"%s\"", text, range ? ", " : "", l->pattern->text);
    return idl_text(mk->sources, "%s(%s)", t->text, text);
}

static void limit_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    const idl_type *bounds = bound_type(t);
    idl_limits     *l;

    if (ast->limited_twice || t->limits != NULL) {
        idl_error(mk->sources, ast->limits->span, "limit-twice", "%s has its limits already",
                  t->text);
        return;
    }
    if (bounds == NULL) {
        idl_error(mk->sources, ast->limits->span, "limit-type",
                  t->kind == IDL_ARRAY
                      ? "an array has its length; limits of its items stand before the '['"
                      : "%s takes no limits",
                  t->text);
        return;
    }
    l = idl_alloc(mk->sources, sizeof *l);
    l->span = ast->limits->span;
    for (const ast_limit *a = ast->limits; a != NULL; a = a->next)
        if (is_pattern(a))
            add_pattern(mk, a, t, l);
        else
            add_range(mk, m, a, bounds, l);
    t->text = limits_text(mk, t, l);
    t->limits = l;
}

/* ---- types ----------------------------------------------------------------------------------- */

static bool bare_type(maker *mk, mod *m, const ast_type *ast, idl_type *t)
{
    switch (ast->kind) {
    case AST_NAMED: return named_type(mk, m, ast, t);
    case AST_REF: return ref_type(mk, m, ast, t);
    case AST_ARRAY: return array_type(mk, m, ast, t);
    case AST_LIST:
    case AST_SET:
        t->kind = ast->kind == AST_SET ? IDL_SET : IDL_LIST;
        t->item = idl_resolve_type(mk, m, ast->item);
        t->text =
            idl_text(mk->sources, "%s<%s>", ast->kind == AST_SET ? "set" : "list", t->item->text);
        return true;
    case AST_MAP: break;
    }
    t->kind = IDL_MAP;
    t->key = idl_resolve_type(mk, m, ast->item);
    t->value = idl_resolve_type(mk, m, ast->value);
    t->text = idl_text(mk->sources, "map<%s, %s>", t->key->text, t->value->text);
    return true;
}

/* Types of which none is a value already. */
static const char *why_not_optional(const idl_type *t)
{
    return t->kind == IDL_UNION ? "a union can hold no member at all"
           : t->kind == IDL_ANY ? "an any can be empty"
           : t->kind == IDL_REF ? "a ref can lead nowhere"
                                : NULL;
}

static void make_optional(maker *mk, const ast_type *ast, idl_type *t)
{
    const char *why = why_not_optional(t);

    if (ast->twice || t->optional)
        idl_error(mk->sources, ast->span, "optional-twice",
                  "optional twice over: one '?' is enough");
    else if (why != NULL)
        idl_error(mk->sources, ast->span, "optional-none", "%s: leave out the '?'", why);
    else
        t->text = idl_text(mk->sources, "%s?", t->text);
    t->optional = why == NULL;
}

static unsigned depth_of(const idl_type *part)
{
    return part == NULL ? 0 : part->depth;
}

/* Aliases may have made it deeper than it looks. */
static bool is_too_deep(idl_type *t)
{
    unsigned depth = depth_of(t->item);

    depth = depth_of(t->key) > depth ? depth_of(t->key) : depth;
    depth = depth_of(t->value) > depth ? depth_of(t->value) : depth;
    t->depth = (uint8_t)(depth + 1);
    return depth + 1 > TYPE_DEPTH_MAX;
}

const idl_type *idl_resolve_type(maker *mk, mod *m, const ast_type *ast)
{
    idl_type *t = idl_alloc(mk->sources, sizeof *t);

    if (ast->depth <= TYPE_DEPTH_MAX && !bare_type(mk, m, ast, t))
        return idl_broken_type(mk, ast->span);
    if (ast->depth > TYPE_DEPTH_MAX || is_too_deep(t)) {
        idl_error(mk->sources, ast->span, "depth", "types are nested more than %d deep",
                  TYPE_DEPTH_MAX);
        return idl_broken_type(mk, ast->span);
    }
    if (ast->limits != NULL)
        limit_type(mk, m, ast, t);
    if (ast->optional)
        make_optional(mk, ast, t);
    t->span = ast->span;
    return t;
}
