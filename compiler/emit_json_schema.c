/* emit_json_schema.c -- X.kmsg.schema.json: the values of a schema as JSON Schema 2020-12.
 *
 * idl/json.md says how values become JSON. What is written here accepts all that a reader accepts,
 * and refuses what can be told apart without counting bytes: JSON Schema counts code points, so
 * limits of strings become those that follow from them; limits of 64-bit integers and of times,
 * which are strings in JSON, stand in a $comment.
 *
 * $defs has one entry for each enum, record, error and union, of imported files too, under its
 * qualified name; one for the arguments and the answer of each method; and last the types of the
 * language that are not plain in JSON, as far as they are used.
 */
#include "compiler/ctype.h"
#include "compiler/emit_parts.h"
#include "compiler/json_out.h"
#include "compiler/pattern_text.h"
#include "compiler/value_text.h"

#include <inttypes.h>
#include <string.h>

/* Integers up to here are exact in every reader of JSON. */
#define EXACT_MAX UINT64_C(9007199254740991)

#define BASE64                                                                                     \
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"

typedef struct schema {
    json_out    json;
    kmsg_arena *mem;
    bool        used[IDL_RECORD + 1]; /* the types of the language that were referred to */
} schema;

static void put_type(schema *s, const idl_type *type);

/* A type as the value of a member. */
static void put_type_as(schema *s, const char *key, const idl_type *type)
{
    json_open(&s->json, key, '{');
    put_type(s, type);
    json_close(&s->json, '}');
}

static void put_doc(schema *s, const char *doc)
{
    if (doc != NULL && doc[0] != '\0')
        json_string(&s->json, "description", doc);
}

static void put_null(schema *s)
{
    json_open(&s->json, NULL, '{');
    json_string(&s->json, "type", "null");
    json_close(&s->json, '}');
}

static void put_ref(schema *s, const char *name)
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
    [IDL_ENUM] = {{true, 2147483648}, {false, INT32_MAX}},
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
    put_type_as(s, "items", type->item);
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
    put_type_as(s, NULL, map->key);
    put_type_as(s, NULL, map->value);
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
        put_type_as(s, "propertyNames", type->key);
    put_type_as(s, "additionalProperties", type->value);
    put_count(s, type, "minProperties", "maxProperties");
}

static void put_enum_ref(schema *s, const idl_type *type)
{
    put_ref(s, type->enum_->qualified);
}

static void put_record_ref(schema *s, const idl_type *type)
{
    put_ref(s, type->record->qualified);
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
    put_ref(s, type->record->qualified);
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

static void put_bytes_member(schema *s, const char *name)
{
    json_open(&s->json, name, '{');
    put_ref(s, "bytes");
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
    put_bytes_member(s, "bytes");
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
        put_ref(s, kinds[type->kind].name);
        return;
    }
    kinds[type->kind].put(s, type);
    if (kinds[type->kind].silent && type->limits != NULL)
        json_string(&s->json, "$comment",
                    ctype_text(s->mem, "%s(%s)", ctype_builtin(type->kind),
                               value_limits_text(type, s->mem)));
}

/* The keywords that describe a type, into the object that is open. */
static void put_type(schema *s, const idl_type *type)
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

/* ---- fields ---------------------------------------------------------------------------------- */

static void put_int_default(schema *s, const idl_value *v, const idl_type *type)
{
    const idl_enum_value *member = type->kind == IDL_ENUM ? value_member(type->enum_, v) : NULL;
    const char           *text = NULL;

    if (member != NULL)
        text = member->name;
    else if (type->kind == IDL_RUNE)
        text = pattern_rune((uint32_t)v->magnitude, s->mem);
    else if (type->kind == IDL_TIMESTAMP)
        text = value_json_timestamp(v->negative, v->magnitude, s->mem);
    else if (type->kind == IDL_DURATION)
        text = value_json_duration(v->negative, v->magnitude, s->mem);
    else if (type->kind == IDL_I64 || type->kind == IDL_U64)
        text = value_text(v, type, s->mem);
    if (text != NULL)
        json_string(&s->json, "default", text);
    else
        put_bound(s, "default", (bound){v->negative, v->magnitude});
}

static void put_default(schema *s, const idl_field *f)
{
    switch (f->initial.kind) {
    case IDL_VALUE_NONE: break;
    case IDL_VALUE_STRING: json_string(&s->json, "default", f->initial.string); break;
    case IDL_VALUE_INT: put_int_default(s, &f->initial, f->type); break;
    default: json_plain(&s->json, "default", "%s", value_text(&f->initial, f->type, s->mem)); break;
    }
}

static void put_fields(schema *s, const idl_field *fields, size_t count)
{
    json_open(&s->json, "properties", '{');
    for (size_t i = 0; i < count; i++) {
        const idl_field *f = &fields[i];
        if (f->name == NULL)
            continue;
        json_open(&s->json, f->name, '{');
        put_doc(s, f->doc);
        put_type(s, f->type);
        put_default(s, f);
        json_close(&s->json, '}');
    }
    json_close(&s->json, '}');
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void put_record(schema *s, const idl_record *r)
{
    json_open(&s->json, r->qualified, '{');
    put_doc(s, r->doc);
    json_string(&s->json, "type", "object");
    put_fields(s, r->fields, r->field_count);
    json_close(&s->json, '}');
}

/* One member at most: one with a name, or one that has only a number, from a newer schema. */
static void put_union(schema *s, const idl_record *r)
{
    json_out *j = &s->json;

    json_open(j, r->qualified, '{');
    put_doc(s, r->doc);
    json_string(j, "type", "object");
    put_fields(s, r->fields, r->field_count);
    json_open(j, "patternProperties", '{');
    put_bytes_member(s, "^[1-9][0-9]{0,4}$");
    json_close(j, '}');
    json_plain(j, "additionalProperties", "false");
    json_plain(j, "maxProperties", "1");
    json_close(j, '}');
}

/* What is known of an enum and of its members, as one text. */
static void put_enum_doc(schema *s, const idl_enum *e)
{
    out *text = out_new();

    if (e->doc != NULL)
        out_fmt(text, "%s", e->doc);
    for (size_t i = 0; i < e->value_count; i++) {
        const idl_enum_value *v = &e->values[i];
        if (v->doc != NULL && v->doc[0] != '\0')
            out_fmt(text, "%s%s: %s", out_text(text)[0] == '\0' ? "" : "\n", v->name, v->doc);
    }
    put_doc(s, out_text(text));
    out_free(text);
}

static void put_members(schema *s, const idl_enum *e)
{
    json_open(&s->json, "enum", '[');
    for (size_t i = 0; i < e->value_count; i++)
        json_string(&s->json, NULL, e->values[i].name);
    json_close(&s->json, ']');
}

static void put_enum(schema *s, const idl_enum *e)
{
    json_out *j = &s->json;

    json_open(j, e->qualified, '{');
    put_enum_doc(s, e);
    if (e->closed) {
        put_members(s, e);
    } else {
        json_open(j, "anyOf", '[');
        json_open(j, NULL, '{');
        put_members(s, e);
        json_close(j, '}');
        json_open(j, NULL, '{');
        put_range(s, ranges[IDL_ENUM]);
        json_close(j, '}');
        json_close(j, ']');
    }
    json_close(j, '}');
}

/* A type in the form of an answer: a record as it is, all else as the member "value". */
static void put_answer(schema *s, const char *name, const idl_type *type)
{
    json_out *j = &s->json;

    json_open(j, name, '{');
    if (type != NULL && type->kind == IDL_RECORD && !type->optional) {
        put_type(s, type);
    } else {
        json_string(j, "type", "object");
        json_open(j, "properties", '{');
        if (type != NULL)
            put_type_as(s, "value", type);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_service(schema *s, const idl_service *service)
{
    for (size_t i = 0; i < service->method_count; i++) {
        const idl_method *m = &service->methods[i];
        const char       *name = ctype_text(s->mem, "%s.%s", service->qualified, m->name);
        json_open(&s->json, ctype_text(s->mem, "%s.args", name), '{');
        put_doc(s, m->doc);
        json_string(&s->json, "type", "object");
        put_fields(s, m->args->fields, m->args->field_count);
        json_close(&s->json, '}');
        if (m->sends != NULL)
            put_answer(s, ctype_text(s->mem, "%s.%s", name, m->sends->name), m->sends->type);
        if (!m->oneway)
            put_answer(s, ctype_text(s->mem, "%s.result", name), m->returns);
    }
}

static void put_topic(schema *s, const idl_topic *t)
{
    json_open(&s->json, ctype_text(s->mem, "%s.key", t->qualified), '{');
    put_doc(s, t->doc);
    json_string(&s->json, "type", "object");
    put_fields(s, t->key->fields, t->key->field_count);
    json_close(&s->json, '}');
    put_answer(s, ctype_text(s->mem, "%s.value", t->qualified), t->type);
}

static void put_decl(schema *s, const idl_decl *d)
{
    switch (d->kind) {
    case IDL_DECL_ENUM: put_enum(s, d->of.enumeration); break;
    case IDL_DECL_SERVICE: put_service(s, d->of.service); break;
    case IDL_DECL_TOPIC: put_topic(s, d->of.topic); break;
    case IDL_DECL_RECORD:
        if (d->of.record->role == IDL_IS_UNION)
            put_union(s, d->of.record);
        else
            put_record(s, d->of.record);
        break;
    case IDL_DECL_CONST:
    case IDL_DECL_ALIAS:
    case IDL_DECL_MACHINE: break;
    }
}

static void put_module(schema *s, const idl_module *m)
{
    for (size_t i = 0; i < m->decl_count; i++)
        put_decl(s, &m->decls[i]);
}

/* From the last: any refers to bytes. */
static void put_language(schema *s)
{
    for (idl_kind kind = IDL_RECORD; kind > IDL_BOOL; kind--)
        if (s->used[kind]) {
            json_open(&s->json, kinds[kind].name, '{');
            kinds[kind].put(s, &(idl_type){.kind = kind});
            json_close(&s->json, '}');
        }
}

/* "urn:kmsg:acme.dir", or of a file without a module, its name. */
static const char *id_of(schema *s, const idl_module *m)
{
    const char *name = m->name[0] != '\0' ? m->name : emit_file_name(m), *id = "urn:kmsg:";

    for (; *name != '\0'; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || strchr("._-", *name) != NULL;
        id = plain ? ctype_text(s->mem, "%s%c", id, *name)
                   : ctype_text(s->mem, "%s%%%02X", id, (unsigned)(unsigned char)*name);
    }
    return id;
}

void emit_json_schema(const idl_model *model, out *o)
{
    schema    s = {.json = {.out = o}, .mem = ctype_arena()};
    json_out *j = &s.json;

    json_open(j, NULL, '{');
    json_string(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_string(j, "$id", id_of(&s, model->main));
    json_string(
        j, "$comment",
        ctype_text(s.mem, "Made by kmsgc from %s; do not edit.", emit_file_name(model->main)));
    put_doc(&s, model->main->doc);
    json_open(j, "$defs", '{');
    put_module(&s, model->main);
    for (size_t i = 0; i < model->module_count; i++)
        if (model->modules[i] != model->main)
            put_module(&s, model->modules[i]);
    put_language(&s);
    json_close(j, '}');
    json_close(j, '}');
    kmsg_arena_free(s.mem);
}
