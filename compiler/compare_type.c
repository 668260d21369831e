/* compare_type.c -- types, limits, values and enums of two versions. */
#include "compiler/compare_parts.h"
#include "idl/names.h"

#include <inttypes.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_zero(const idl_value *v)
{
    switch (v->kind) {
    case IDL_VALUE_NONE: return true;
    case IDL_VALUE_INT:
    case IDL_VALUE_BOOL: return v->magnitude == 0;
    case IDL_VALUE_FLOAT: return memcmp(&v->number, &(double){0}, sizeof v->number) == 0;
    case IDL_VALUE_STRING: return v->size == 0;
    }
    return false;
}

static double number_of(const idl_value *v)
{
    if (v->kind == IDL_VALUE_FLOAT)
        return v->number;
    return v->negative ? -(double)v->magnitude : (double)v->magnitude;
}

/* Three-way; both are numbers. */
static int order(const idl_value *a, const idl_value *b)
{
    double x = number_of(a), y = number_of(b);

    if (a->kind == IDL_VALUE_FLOAT || b->kind == IDL_VALUE_FLOAT || a->negative != b->negative)
        return (x > y) - (x < y);
    return a->negative ? (a->magnitude < b->magnitude) - (a->magnitude > b->magnitude)
                       : (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
}

/* None and zero are the same. */
bool cmp_same_value(const idl_value *a, const idl_value *b)
{
    if (is_zero(a) || is_zero(b))
        return is_zero(a) && is_zero(b);
    if (a->kind == IDL_VALUE_STRING || b->kind == IDL_VALUE_STRING)
        return a->kind == b->kind && a->size == b->size &&
               memcmp(a->string, b->string, a->size) == 0;
    return order(a, b) == 0;
}

/* ---- limits ---------------------------------------------------------------------------------- */

typedef struct range {
    idl_value low, high; /* NONE: open */
} range;

/* What a type keeps to by itself. */
static range range_of(const idl_type *t)
{
    const idl_limits *l = t->limits;
    range             r = {.low = {.kind = IDL_VALUE_NONE}, .high = {.kind = IDL_VALUE_NONE}};
    unsigned          bits = 0;

    switch (t->kind) {
    case IDL_I8:
    case IDL_U8: bits = 8; break;
    case IDL_I16:
    case IDL_U16: bits = 16; break;
    case IDL_I32:
    case IDL_U32: bits = 32; break;
    case IDL_I64:
    case IDL_U64: bits = 64; break;
    case IDL_TIMESTAMP:
    case IDL_DURATION: bits = 64; break;
    case IDL_F32:
    case IDL_F64: break;
    default: r.low.kind = IDL_VALUE_INT; break; /* a length: from 0 */
    }
    if (bits != 0) {
        bool has_sign = t->kind < IDL_U8 || t->kind > IDL_U64;
        r.low = (idl_value){.kind = IDL_VALUE_INT,
                            .negative = has_sign,
                            .magnitude = has_sign ? UINT64_C(1) << (bits - 1) : 0};
        r.high = (idl_value){.kind = IDL_VALUE_INT,
                             .magnitude = UINT64_MAX >> (64 - bits) >> (has_sign ? 1 : 0)};
    }
    if (l != NULL && l->low.kind != IDL_VALUE_NONE)
        r.low = l->low;
    if (l != NULL && l->high.kind != IDL_VALUE_NONE)
        r.high = l->high;
    return r;
}

static bool has_zero(const idl_enum *e)
{
    for (size_t i = 0; i < e->value_count; i++)
        if (e->values[i].number == 0)
            return true;
    return false;
}

bool cmp_takes_zero(const idl_type *type)
{
    const idl_value zero = {.kind = IDL_VALUE_INT};
    range           r = range_of(type);

    if (type->optional)
        return true;
    if ((r.low.kind != IDL_VALUE_NONE && order(&r.low, &zero) > 0) ||
        (r.high.kind != IDL_VALUE_NONE && order(&r.high, &zero) < 0))
        return false;
    if (type->limits != NULL && type->limits->pattern != NULL)
        return idl_pattern_matches(type->limits->pattern, "", 0);
    if (type->kind == IDL_ENUM)
        return !type->enum_->closed || has_zero(type->enum_);
    if (type->kind == IDL_ARRAY && idl_in_block(type))
        return cmp_takes_zero(type->item);
    if (type->kind == IDL_RECORD && type->record->role == IDL_IS_FIXED)
        for (size_t i = 0; i < type->record->field_count; i++)
            if (type->record->fields[i].name != NULL &&
                !cmp_takes_zero(type->record->fields[i].type))
                return false;
    return true;
}

static const char *value_text(comparison *c, const idl_value *v, bool narrow)
{
    char text[IDL_FLOAT_TEXT_MAX];

    if (v->kind == IDL_VALUE_NONE)
        return "";
    if (v->kind == IDL_VALUE_FLOAT) {
        idl_float_text(v->number, narrow, text);
        return idl_text(c->mem, "%s", text);
    }
    return idl_text(c->mem, "%s%" PRIu64, v->negative ? "-" : "", v->magnitude);
}

static const char *range_text(comparison *c, const idl_type *t)
{
    const idl_limits *l = t->limits;

    if (l == NULL || (l->low.kind == IDL_VALUE_NONE && l->high.kind == IDL_VALUE_NONE))
        return "none";
    return idl_text(c->mem, "%s..%s", value_text(c, &l->low, t->kind == IDL_F32),
                    value_text(c, &l->high, t->kind == IDL_F32));
}

static const char *pattern_text(comparison *c, const idl_type *t)
{
    if (t->limits == NULL || t->limits->pattern == NULL)
        return "none";
    return idl_text(c->mem, "\"%s\"", t->limits->pattern->text);
}

/* -1: `new` takes less at this end, 1: more. */
static int low_change(const idl_value *old, const idl_value *new)
{
    if (old->kind == IDL_VALUE_NONE || new->kind == IDL_VALUE_NONE)
        return (old->kind == IDL_VALUE_NONE ? -1 : 0) + (new->kind == IDL_VALUE_NONE ? 1 : 0);
    return order(old, new);
}

static int high_change(const idl_value *old, const idl_value *new)
{
    if (old->kind == IDL_VALUE_NONE || new->kind == IDL_VALUE_NONE)
        return low_change(old, new);
    return order(new, old);
}

static void compare_limits(comparison *c, cmp_place p, const idl_type *old, const idl_type *new)
{
    range       a = range_of(old), b = range_of(new);
    int         low = low_change(&a.low, &b.low), high = high_change(&a.high, &b.high);
    const char *before = pattern_text(c, old), *after = pattern_text(c, new);

    if (low < 0 || high < 0)
        cmp_tell(c, WIRE_LIMITS_NARROWED, p.where,
                 "%s: limits of %s narrowed from %s to %s: values of old writers are refused",
                 p.head, cmp_type_text(c, new), range_text(c, old), range_text(c, new));
    if (low > 0 || high > 0)
        cmp_tell(c, WIRE_LIMITS_WIDENED, p.where,
                 "%s: limits of %s widened from %s to %s: old readers refuse new values", p.head,
                 cmp_type_text(c, new), range_text(c, old), range_text(c, new));
    if (strcmp(before, after) != 0)
        cmp_tell(c, WIRE_PATTERN, p.where, "%s: pattern changed from %s to %s", p.head, before,
                 after);
}

/* ---- types ----------------------------------------------------------------------------------- */

/* Aliases seen through, limits left out. */
static const char *bare_text(comparison *c, const idl_type *t)
{
    static const char *const words[] = {
        "bool", "i8",   "i16",  "i32",       "i64",      "u8", "u16",    "u32",   "u64",     "f32",
        "f64",  "rune", "uuid", "timestamp", "duration", "",   "string", "bytes", "address", "any"};

    switch (t->kind) {
    case IDL_ENUM: return t->enum_->qualified;
    case IDL_UNION:
    case IDL_RECORD: return t->record->qualified;
    case IDL_REF: return idl_text(c->mem, "ref<%s>", t->record->qualified);
    case IDL_ARRAY: return idl_text(c->mem, "%s[%" PRIu32 "]", cmp_type_text(c, t->item), t->count);
    case IDL_LIST: return idl_text(c->mem, "list<%s>", cmp_type_text(c, t->item));
    case IDL_SET: return idl_text(c->mem, "set<%s>", cmp_type_text(c, t->item));
    case IDL_MAP:
        return idl_text(c->mem, "map<%s, %s>", cmp_type_text(c, t->key),
                        cmp_type_text(c, t->value));
    default: return words[t->kind];
    }
}

/* As in C, T[3][4] is three times four. */
static const char *array_text(comparison *c, const idl_type *t)
{
    const char *counts = "";

    for (; t->kind == IDL_ARRAY; t = t->item)
        counts = idl_text(c->mem, "%s[%" PRIu32 "]", counts, t->count);
    return idl_text(c->mem, "%s%s", cmp_type_text(c, t), counts);
}

const char *cmp_type_text(comparison *c, const idl_type *type)
{
    const char *text = type->kind == IDL_ARRAY ? array_text(c, type) : bare_text(c, type);

    return type->optional ? idl_text(c->mem, "%s?", text) : text;
}

static void tell_type(comparison *c, cmp_place p, compare_rule_id rule, const idl_type *old,
                      const idl_type *new)
{
    cmp_tell(c, rule, p.where, "%s: type changed from %s to %s", p.head,
             cmp_type_text(c, p.old == NULL ? old : p.old),
             cmp_type_text(c, p.new == NULL ? new : p.new));
}

/* The declaration in the main file that a type is, or NULL. */
static const char *declared(const idl_model *model, const idl_type *t)
{
    switch (t->kind) {
    case IDL_ENUM: return t->enum_->module == model->main ? t->enum_->name : NULL;
    case IDL_UNION:
    case IDL_RECORD: return t->record->module == model->main ? t->record->name : NULL;
    default: return NULL;
    }
}

/* A change that is told of the declaration is not told again of all that is made of it. */
static bool told_of_declaration(const comparison *c, const idl_type *old, const idl_type *new)
{
    const char *a = declared(c->old, old), *b = declared(c->new, new);

    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_list(idl_kind kind)
{
    return kind == IDL_LIST || kind == IDL_SET;
}

static void compare_kinds(comparison *c, cmp_place p, const idl_type *old, const idl_type *new)
{
    cmp_place key;

    p.old = p.old == NULL ? old : p.old;
    p.new = p.new == NULL ? new : p.new;
    key = p;
    switch (new->kind) {
    case IDL_LIST:
    case IDL_SET: cmp_types(c, p, old->item, new->item); break;
    case IDL_ARRAY:
        if (old->count != new->count)
            tell_type(c, p, idl_in_block(old) ? WIRE_ARRAY_COUNT : JSON_ARRAY_COUNT, old, new);
        else
            cmp_types(c, p, old->item, new->item);
        break;
    case IDL_MAP:
        key.type_rule = WIRE_MAP_KEY;
        cmp_types(c, key, old->key, new->key);
        cmp_types(c, p, old->value, new->value);
        break;
    case IDL_REF:
    case IDL_UNION:
    case IDL_RECORD:
        if ((old->record->role != new->record->role && !told_of_declaration(c, old, new)) ||
            (old->record->role == new->record->role &&
             !cmp_records_later(c, old->record, new->record)))
            tell_type(c, p, p.type_rule, old, new);
        break;
    case IDL_ENUM: cmp_enums(c, old->enum_, new->enum_); break;
    default: break;
    }
}

void cmp_types(comparison *c, cmp_place p, const idl_type *old, const idl_type *new)
{
    if (is_list(old->kind) && is_list(new->kind) && old->kind != new->kind)
        tell_type(c, p, WIRE_LIST_SET, old, new);
    else if (old->kind != new->kind && told_of_declaration(c, old, new))
        return;
    else if (old->kind != new->kind)
        tell_type(c, p, p.type_rule, old, new);
    else if (old->optional != new->optional)
        tell_type(c, p, p.type_rule == WIRE_FIELD_TYPE ? WIRE_FIELD_OPTIONAL : p.type_rule, old,
                  new);
    else
        compare_kinds(c, p, old, new);
    if (old->kind == new->kind && !p.is_reserved)
        compare_limits(c, p, old, new);
}

/* ---- enums ----------------------------------------------------------------------------------- */

/* The values of an enum by name and by number: large enums are compared as fast as small ones. */
typedef struct value_index {
    idl_names names, numbers;
} value_index;

static const char *number_text(comparison *c, int32_t number)
{
    return idl_text(c->mem, "%" PRId32, number);
}

static value_index index_of(comparison *c, const idl_enum *e)
{
    value_index x = {.names = {0}};

    for (size_t i = 0; i < e->value_count; i++) {
        void *value = (void *)(uintptr_t)&e->values[i];
        idl_names_add(c->mem, &x.names, e->values[i].name, value);
        idl_names_add(c->mem, &x.numbers, number_text(c, e->values[i].number), value);
    }
    return x;
}

static void compare_value(comparison *c, const idl_enum *new, const idl_enum_value *v,
                          const value_index *before, const value_index *now)
{
    const idl_enum_value *same = idl_names_find(&now->names, v->name);
    const idl_enum_value *here = idl_names_find(&now->numbers, number_text(c, v->number));

    if (same != NULL && same->number != v->number)
        cmp_tell(c, WIRE_ENUM_VALUE_NUMBER, same->span,
                 "enum %s: value %s: number changed from %" PRId32 " to %" PRId32, new->name,
                 v->name, v->number, same->number);
    else if (same == NULL && here != NULL && idl_names_find(&before->names, here->name) == NULL)
        cmp_tell(c, JSON_ENUM_VALUE_NAME, here->span, "enum %s: value %s: it was %s before",
                 new->name, here->name, v->name);
    else if (same == NULL)
        cmp_tell_gone(c, new->closed ? WIRE_ENUM_VALUE_REMOVED : JSON_ENUM_VALUE_REMOVED, v->span,
                      "enum %s: value %s = %" PRId32 ": it is gone", new->name, v->name, v->number);
}

/* A value that is in the new enum only. */
static void compare_more(comparison *c, const idl_enum *old, const idl_enum *new,
                         const idl_enum_value *v, const value_index *before)
{
    if (idl_names_find(&before->names, v->name) != NULL ||
        idl_names_find(&before->numbers, number_text(c, v->number)) != NULL)
        return;
    if (old->closed)
        cmp_tell(c, WIRE_ENUM_VALUE_ADDED, v->span,
                 "enum %s: value %s = %" PRId32 ": the enum was closed, and old readers refuse it",
                 new->name, v->name, v->number);
    else
        cmp_tell(c, JSON_ENUM_VALUE_ADDED, v->span,
                 "enum %s: value %s = %" PRId32 ": old readers of JSON refuse its name", new->name,
                 v->name, v->number);
}

void cmp_enums(comparison *c, const idl_enum *old, const idl_enum *new)
{
    value_index before, now;

    if (!cmp_first_time(c, old, new))
        return;
    before = index_of(c, old);
    now = index_of(c, new);
    if (new->closed && !old->closed)
        cmp_tell(c, WIRE_ENUM_CLOSED, new->span,
                 "enum %s: it is closed now: values that old writers pass on are refused",
                 new->name);
    for (size_t i = 0; i < old->value_count; i++)
        compare_value(c, new, &old->values[i], &before, &now);
    for (size_t i = 0; i < new->value_count; i++)
        compare_more(c, old, new, &new->values[i], &before);
}
