/* values.c -- what constants, defaults and limits come to. */
#include "idl/resolve.h"

#include <float.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

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

/* Of two values of one type: three-way. */
int idl_value_order(const idl_value *a, const idl_value *b)
{
    if (a->kind == IDL_VALUE_FLOAT)
        return (a->number > b->number) - (a->number < b->number);
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    if (a->negative)
        return (a->magnitude < b->magnitude) - (a->magnitude > b->magnitude);
    return (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
}

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
    idl_resolve_sym(mk, s);
    if (s->ast->value->kind == AST_NAME) /* already reduced; judge what it came to */
        return s->of.constant->type->kind == type->kind
                   ? s->of.constant->value
                   : (wrong_value(mk, ast->span, type, check), (idl_value){0});
    {
        ast_value literal = *s->ast->value;
        literal.span = ast->span;
        return idl_resolve_value(mk, m, &literal, type, check);
    }
}

idl_value idl_resolve_value(maker *mk, mod *m, const ast_value *ast, const idl_type *type,
                            const char *check)
{
    switch (ast->kind) {
    case AST_INT: return int_value(mk, ast, type, check);
    case AST_DURATION:
        if (type->kind == IDL_DURATION)
            return int_value(mk, ast, type, check);
        break;
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
        return (idl_value){.kind = IDL_VALUE_FLOAT,
                           .number =
                               type->kind == IDL_F32 ? (double)(float)ast->number : ast->number};
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

/* What `value` has that limits count: itself, or its bytes. */
static idl_value measure_of(const idl_value *value)
{
    if (value->kind != IDL_VALUE_STRING)
        return *value;
    return (idl_value){.kind = IDL_VALUE_INT, .magnitude = value->size};
}

bool idl_value_within(const idl_value *value, const idl_limits *limits)
{
    const idl_value size = measure_of(value);

    if (value->kind == IDL_VALUE_NONE || limits == NULL)
        return true;
    return (limits->low.kind == IDL_VALUE_NONE || idl_value_order(&size, &limits->low) >= 0) &&
           (limits->high.kind == IDL_VALUE_NONE || idl_value_order(&size, &limits->high) <= 0) &&
           (limits->pattern == NULL ||
            idl_pattern_matches(limits->pattern, value->string, value->size));
}

void idl_float_text(double number, bool narrow, char text[IDL_FLOAT_TEXT_MAX])
{
    const char *point = localeconv()->decimal_point;
    char       *at;

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, IDL_FLOAT_TEXT_MAX, "%.*g", digits, number);
        if (narrow ? strtof(text, NULL) == (float)number : strtod(text, NULL) == number)
            break;
    }
    if (strstr(text, "e+") != NULL && number < 1e15 && number > -1e15)
        snprintf(text, IDL_FLOAT_TEXT_MAX, "%.0f", number);
    at = strstr(text, point);
    if (at != NULL) {
        *at = '.';
        memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
    }
}
