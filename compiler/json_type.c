/* json_type.c -- see json_type.h. */
#include "compiler/json_type.h"

#include "compiler/ctype.h"
#include "compiler/pattern_text.h"
#include "compiler/value_text.h"

#include <inttypes.h>

/* Integers up to here are exact in every reader of JSON. */
#define EXACT_MAX UINT64_C(9007199254740991)

#define BASE64                                                                                     \
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"

/* A type as the value of a member. */
void json_type_put_as(schema *s, const char *key, const idl_type *type)
{
    json_open(&s->json, key, '{');
    json_type_put(s, type);
    json_close(&s->json, '}');
}

static void put_null(schema *s)
{
    json_open(&s->json, NULL, '{');
    json_string(&s->json, "type", "null");
    json_close(&s->json, '}');
}

void json_type_ref(schema *s, const char *name)
{
    json_string(&s->json, "$ref", ctype_text(s->mem, "#/$defs/%s", name));
}

/* ---- numbers --------------------------------------------------------------------------------- */

typedef struct bound {
    bool     negative;
    uint64_t magnitude;
} bound;

typedef struct range {
    bound low, high;
} range;

static const range ranges[IDL_RECORD + 1] = {
    [IDL_I8] = {{true, 128}, {false, INT8_MAX}},
    [IDL_I16] = {{true, 32768}, {false, INT16_MAX}},
    [IDL_I32] = {{true, 2147483648}, {false, INT32_MAX}},
    [IDL_I64] = {{true, UINT64_C(9223372036854775808)}, {false, INT64_MAX}},
    [IDL_U8] = {{false, 0}, {false, UINT8_MAX}},
    [IDL_U16] = {{false, 0}, {false, UINT16_MAX}},
    [IDL_U32] = {{false, 0}, {false, UINT32_MAX}},
    [IDL_U64] = {{false, 0}, {false, UINT64_MAX}},
    [IDL_RUNE] = {{false, 0}, {false, 0x10ffff}},
};

static bool is_below(bound a, bound b)
{
    if (a.negative != b.negative)
        return a.negative && (a.magnitude != 0 || b.magnitude != 0);
    return a.negative ? a.magnitude > b.magnitude : a.magnitude < b.magnitude;
}

static range range_of(const idl_type *type)
{
    const idl_limits *l = type->limits;
    range             r = ranges[type->kind];

    if (l != NULL && l->low.kind == IDL_VALUE_INT)
        r.low = (bound){l->low.negative, l->low.magnitude};
    if (l != NULL && l->high.kind == IDL_VALUE_INT)
        r.high = (bound){l->high.negative, l->high.magnitude};
    return r;
}

static void put_bound(schema *s, const char *key, bound b)
{
    json_plain(&s->json, key, "%s%" PRIu64, b.negative ? "-" : "", b.magnitude);
}

static void put_range(schema *s, range r)
{
    json_string(&s->json, "type", "integer");
    put_bound(s, "minimum", r.low);
    put_bound(s, "maximum", r.high);
}

static void put_integer(schema *s, const idl_type *type)
{
    put_range(s, range_of(type));
}

/* i64, u64: a string, or a number as far as those are exact. */
static void put_wide(schema *s, const idl_type *type)
{
    static const bound least = {true, EXACT_MAX}, most = {false, EXACT_MAX};
    json_out          *j = &s->json;
    range              r = range_of(type);
    bool               minus = r.low.negative && r.low.magnitude > 0;

    json_open(j, "anyOf", '[');
    json_open(j, NULL, '{');
    json_string(j, "type", "string");
    json_string(j, "pattern", minus ? "^(?:0|-?[1-9][0-9]{0,18})$" : "^(?:0|[1-9][0-9]{0,19})$");
    json_close(j, '}');
    r.low = is_below(r.low, least) ? least : r.low;
    r.high = is_below(most, r.high) ? most : r.high;
    if (!is_below(r.high, r.low)) {
        json_open(j, NULL, '{');
        put_range(s, r);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_number(schema *s, const idl_type *type, bool low, bool high)
{
    json_string(&s->json, "type", "number");
    if (low)
        json_plain(&s->json, "minimum", "%s", value_text(&type->limits->low, type, s->mem));
    if (high)
        json_plain(&s->json, "maximum", "%s", value_text(&type->limits->high, type, s->mem));
}

/* NaN is outside of any limit, an infinity of one on its side. */
static void put_float(schema *s, const idl_type *type)
{
    bool      low = type->limits != NULL && type->limits->low.kind != IDL_VALUE_NONE;
    bool      high = type->limits != NULL && type->limits->high.kind != IDL_VALUE_NONE;
    json_out *j = &s->json;

    if (low && high) {
        put_number(s, type, low, high);
        return;
    }
    json_open(j, "anyOf", '[');
    json_open(j, NULL, '{');
    put_number(s, type, low, high);
    json_close(j, '}');
    json_open(j, NULL, '{');
    json_open(j, "enum", '[');
    if (!low && !high)
        json_string(j, NULL, "NaN");
    json_string(j, NULL, low ? "Infinity" : "-Infinity");
    if (!low && !high)
        json_string(j, NULL, "Infinity");
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, ']');
}

static void put_bool(schema *s, const idl_type *type)
{
    (void)type;
    json_string(&s->json, "type", "boolean");
}

/* ---- strings --------------------------------------------------------------------------------- */

static void put_rune(schema *s, const idl_type *type)
{
    range r = range_of(type);

    json_string(&s->json, "type", "string");
    json_plain(&s->json, "minLength", "1");
    json_plain(&s->json, "maxLength", "1");
    if (type->limits != NULL)
        json_string(
            &s->json, "pattern",
            pattern_of_range((uint32_t)r.low.magnitude, (uint32_t)r.high.magnitude, s->mem));
}

/* The types that are strings of one form; their limits cannot be said. */
static void put_form(schema *s, const idl_type *type)
{
    static const struct {
        const char *format, *pattern;
    } forms[IDL_RECORD + 1] = {
        [IDL_UUID] = {"uuid", "^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"},
        [IDL_TIMESTAMP] = {"date-time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                        "(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"},
        [IDL_DURATION] = {NULL, "^-?(?:0|[1-9][0-9]{0,9})(?:\\.[0-9]{1,9})?s$"},
    };

    json_string(&s->json, "type", "string");
    if (forms[type->kind].format != NULL)
        json_string(&s->json, "format", forms[type->kind].format);
    json_string(&s->json, "pattern", forms[type->kind].pattern);
}

static bool has(const idl_value *v)
{
    return v->kind == IDL_VALUE_INT;
}

/* A code point has 1 to 4 bytes. */
static void put_string(schema *s, const idl_type *type)
{
    const idl_limits *l = type->limits;
    json_out         *j = &s->json;

    json_string(j, "type", "string");
    if (l == NULL)
        return;
    if (has(&l->low) && l->low.magnitude > 0)
        json_plain(j, "minLength", "%" PRIu64, (l->low.magnitude - 1) / 4 + 1);
    if (has(&l->high))
        json_plain(j, "maxLength", "%" PRIu64, l->high.magnitude);
    if (l->pattern != NULL)
        json_string(j, "pattern", pattern_for_json(l->pattern, s->mem));
}

static uint64_t base64_size(uint64_t bytes)
{
    uint64_t groups = bytes / 3 + (bytes % 3 > 0);

    return groups > UINT64_MAX / 4 ? UINT64_MAX : groups * 4;
}

/* bytes, address. */
static void put_bytes(schema *s, const idl_type *type)
{
    const idl_limits *l = type->limits;
    json_out         *j = &s->json;

    json_string(j, "type", "string");
    json_string(j, "contentEncoding", "base64");
    json_string(j, "pattern", BASE64);
    if (l != NULL && has(&l->low) && l->low.magnitude > 0)
        json_plain(j, "minLength", "%" PRIu64, base64_size(l->low.magnitude));
    if (l != NULL && has(&l->high))
        json_plain(j, "maxLength", "%" PRIu64, base64_size(l->high.magnitude));
}

/* ---- what holds other values ----------------------------------------------------------------- */

static void put_count(schema *s, const idl_type *type, const char *least, const char *most)
{
    const idl_limits *l = type->limits;

    if (l != NULL && has(&l->low) && l->low.magnitude > 0)
        json_plain(&s->json, least, "%" PRIu64, l->low.magnitude);
    if (l != NULL && has(&l->high))
        json_plain(&s->json, most, "%" PRIu64, l->high.magnitude);
}

/* list, set, T[N]. */
static void put_list(schema *s, const idl_type *type)
{
    json_out *j = &s->json;

    json_string(j, "type", "array");
    json_type_put_as(s, "items", type->item);
    if (type->kind == IDL_SET)
        json_plain(j, "uniqueItems", "true");
    if (type->kind == IDL_ARRAY) {
        json_plain(j, "minItems", "%" PRIu32, type->count);
        json_plain(j, "maxItems", "%" PRIu32, type->count);
    }
    put_count(s, type, "minItems", "maxItems");
}

static void put_pair(schema *s, const idl_type *map)
{
    json_out *j = &s->json;

    json_open(j, "items", '{');
    json_string(j, "type", "array");
    json_open(j, "prefixItems", '[');
    json_type_put_as(s, NULL, map->key);
    json_type_put_as(s, NULL, map->value);
    json_close(j, ']');
    json_plain(j, "minItems", "2");
    json_plain(j, "maxItems", "2");
    json_close(j, '}');
}

static void put_map(schema *s, const idl_type *type)
{
    bool named = type->key->kind == IDL_STRING;

    json_string(&s->json, "type", named ? "object" : "array");
    if (!named) {
        put_pair(s, type);
        put_count(s, type, "minItems", "maxItems");
        return;
    }
    if (type->key->limits != NULL)
        json_type_put_as(s, "propertyNames", type->key);
    json_type_put_as(s, "additionalProperties", type->value);
    put_count(s, type, "minProperties", "maxProperties");
}

static void put_enum_ref(schema *s, const idl_type *type)
{
    json_type_ref(s, type->enum_->qualified);
}

static void put_record_ref(schema *s, const idl_type *type)
{
    json_type_ref(s, type->record->qualified);
}

static void put_number_member(schema *s, const char *name)
{
    json_open(&s->json, name, '{');
    put_range(s, (range){{false, 1}, {false, INT32_MAX}});
    json_close(&s->json, '}');
}

/* The record with or without a "$id", or { "$ref": N }, or null. */
static void put_shared(schema *s, const idl_type *type)
{
    json_out *j = &s->json;

    json_open(j, "anyOf", '[');
    json_open(j, NULL, '{');
    json_type_ref(s, type->record->qualified);
    json_open(j, "properties", '{');
    put_number_member(s, "$id");
    json_plain(j, "$ref", "false");
    json_close(j, '}');
    json_close(j, '}');
    json_open(j, NULL, '{');
    json_string(j, "type", "object");
    json_open(j, "properties", '{');
    put_number_member(s, "$ref");
    json_close(j, '}');
    json_open(j, "required", '[');
    json_string(j, NULL, "$ref");
    json_close(j, ']');
    json_plain(j, "maxProperties", "1");
    json_close(j, '}');
    put_null(s);
    json_close(j, ']');
}

/* ---- any ------------------------------------------------------------------------------------- */

static void put_required(schema *s, const char *first, const char *second)
{
    json_open(&s->json, NULL, '{');
    json_open(&s->json, "required", '[');
    json_string(&s->json, NULL, first);
    if (second != NULL)
        json_string(&s->json, NULL, second);
    json_close(&s->json, ']');
    json_close(&s->json, '}');
}

void json_type_bytes_as(schema *s, const char *name)
{
    json_open(&s->json, name, '{');
    json_type_ref(s, "bytes");
    json_close(&s->json, '}');
    s->used[IDL_BYTES] = true;
}

/* A type with a value, or with bytes; or none of the three. */
static void put_any(schema *s, const idl_type *type)
{
    json_out *j = &s->json;

    (void)type;
    json_string(j, "type", "object");
    json_open(j, "properties", '{');
    json_open(j, "type", '{');
    json_string(j, "type", "string");
    json_close(j, '}');
    json_open(j, "value", '{');
    json_string(j, "type", "object");
    json_close(j, '}');
    json_type_bytes_as(s, "bytes");
    json_close(j, '}');
    json_open(j, "oneOf", '[');
    put_required(s, "type", "value");
    put_required(s, "type", "bytes");
    json_open(j, NULL, '{');
    json_open(j, "not", '{');
    json_open(j, "anyOf", '[');
    put_required(s, "type", NULL);
    put_required(s, "value", NULL);
    put_required(s, "bytes", NULL);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, ']');
}

/* ---- types ----------------------------------------------------------------------------------- */

/* `name`: the type has an entry of its own in $defs, used where it has no limits. `silent`: JSON
 * Schema cannot say (all of) its limits. */
static const struct {
    void (*put)(schema *s, const idl_type *type);
    const char *name;
    bool        silent;
} kinds[IDL_RECORD + 1] = {
    [IDL_BOOL] = {put_bool, NULL, false},          [IDL_I8] = {put_integer, NULL, false},
    [IDL_I16] = {put_integer, NULL, false},        [IDL_I32] = {put_integer, NULL, false},
    [IDL_I64] = {put_wide, "i64", true},           [IDL_U8] = {put_integer, NULL, false},
    [IDL_U16] = {put_integer, NULL, false},        [IDL_U32] = {put_integer, NULL, false},
    [IDL_U64] = {put_wide, "u64", true},           [IDL_F32] = {put_float, "f32", false},
    [IDL_F64] = {put_float, "f64", false},         [IDL_RUNE] = {put_rune, "rune", false},
    [IDL_UUID] = {put_form, "uuid", false},        [IDL_TIMESTAMP] = {put_form, "timestamp", true},
    [IDL_DURATION] = {put_form, "duration", true}, [IDL_ENUM] = {put_enum_ref, NULL, false},
    [IDL_STRING] = {put_string, NULL, true},       [IDL_BYTES] = {put_bytes, "bytes", true},
    [IDL_ADDRESS] = {put_bytes, "address", false}, [IDL_ANY] = {put_any, "any", false},
    [IDL_LIST] = {put_list, NULL, false},          [IDL_SET] = {put_list, NULL, false},
    [IDL_ARRAY] = {put_list, NULL, false},         [IDL_MAP] = {put_map, NULL, false},
    [IDL_REF] = {put_shared, NULL, false},         [IDL_UNION] = {put_record_ref, NULL, false},
    [IDL_RECORD] = {put_record_ref, NULL, false},
};

static void put_present(schema *s, const idl_type *type)
{
    if (kinds[type->kind].name != NULL && type->limits == NULL) {
        s->used[type->kind] = true;
        json_type_ref(s, kinds[type->kind].name);
        return;
    }
    kinds[type->kind].put(s, type);
    if (kinds[type->kind].silent && type->limits != NULL)
        json_string(&s->json, "$comment",
                    ctype_text(s->mem, "%s(%s)", ctype_builtin(type->kind),
                               value_limits_text(type, s->mem)));
}

/* The keywords that describe a type, into the object that is open. */
void json_type_put(schema *s, const idl_type *type)
{
    json_out *j = &s->json;

    if (!type->optional) {
        put_present(s, type);
        return;
    }
    json_open(j, "anyOf", '[');
    json_open(j, NULL, '{');
    put_present(s, type);
    json_close(j, '}');
    put_null(s);
    json_close(j, ']');
}

/* ---- the types of the language --------------------------------------------------------------- */

void json_type_language(schema *s)
{
    /* from the last: any refers to bytes */
    for (idl_kind kind = IDL_RECORD; kind > IDL_BOOL; kind--)
        if (s->used[kind]) {
            json_open(&s->json, kinds[kind].name, '{');
            kinds[kind].put(s, &(idl_type){.kind = kind});
            json_close(&s->json, '}');
        }
}
