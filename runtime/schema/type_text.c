/* type_text.c -- a type that is not in a file: "map<string, list<acme.Person>>", "u8[6]".
 *
 *     type  = base { "[" digits "]" }
 *     base  = name { "." name } | ("list" | "set") "<" type ">" | "map" "<" type "," type ">"
 *           | "ref" "<" name ">"
 *
 * It makes the front end's own idl_type, so that there is one description of types. What the front
 * end's checks refuse is refused here too: keys without an order, items without a size.
 */
#include "schema/schema.h"

#include <string.h>

#define DEPTH_MAX 64
#define COUNT_MAX 65535u

typedef struct reader {
    kmsg_schema *schema;
    const char  *at;
    unsigned     depth;
    kmsg_err     err;
    const char  *unknown; /* the name, where err is KMSG_ENOENT */
} reader;

static void fail(reader *r, kmsg_err err)
{
    if (r->err == KMSG_OK)
        r->err = err;
}

static void fail_name(reader *r, const char *name)
{
    if (r->err == KMSG_OK)
        r->unknown = name;
    fail(r, KMSG_ENOENT);
}

static void skip_blanks(reader *r)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static bool take(reader *r, char c)
{
    skip_blanks(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static void expect(reader *r, char c)
{
    if (!take(r, c))
        fail(r, KMSG_EINVAL);
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

static const char *read_name(reader *r)
{
    const char *begin;

    skip_blanks(r);
    begin = r->at;
    while (in_name(*r->at))
        r->at++;
    if (r->at == begin)
        fail(r, KMSG_EINVAL);
    return idl_text(&r->schema->sources, "%.*s", (int)(r->at - begin), begin);
}

/* ---- what is allowed ------------------------------------------------------------------------- */

static bool is_hashable(const idl_type *t)
{
    if (t->optional)
        return false;
    if (t->kind == IDL_ARRAY)
        return idl_in_block(t) && is_hashable(t->item);
    if (t->kind != IDL_RECORD)
        return t->kind <= IDL_ADDRESS && t->kind != IDL_F32 && t->kind != IDL_F64;
    for (size_t i = 0; i < t->record->field_count; i++)
        if (t->record->fields[i].name != NULL && !is_hashable(t->record->fields[i].type))
            return false;
    return t->record->role == IDL_IS_FIXED;
}

static bool is_item(const idl_type *t)
{
    return !t->optional && (t->kind != IDL_RECORD || t->record->block > 0 || t->record->slots > 0);
}

/* ---- reading --------------------------------------------------------------------------------- */

static const idl_type *read_type(reader *r);

/* A type to go on with where something is wrong. */
static idl_type *new_type(reader *r, idl_kind kind)
{
    idl_type *t = idl_alloc(&r->schema->sources, sizeof *t);

    t->kind = kind;
    t->text = "";
    return t;
}

static const idl_type *read_item(reader *r)
{
    const idl_type *item;

    if (++r->depth > DEPTH_MAX) {
        fail(r, KMSG_EINVAL);
        return new_type(r, IDL_BOOL);
    }
    item = read_type(r);
    r->depth--;
    if (!is_item(item))
        fail(r, KMSG_EINVAL);
    return item;
}

static void read_declared(reader *r, const char *name, idl_type *t)
{
    const idl_decl *decl = kmi_schema_find(r->schema, name);

    if (decl != NULL && decl->kind == IDL_DECL_ALIAS) {
        *t = *decl->of.alias->type;
        t->alias = t->alias == NULL ? decl->of.alias : t->alias;
        t->text = decl->of.alias->qualified;
    } else if (decl != NULL && decl->kind == IDL_DECL_ENUM) {
        t->kind = IDL_ENUM;
        t->enum_ = decl->of.enumeration;
        t->text = t->enum_->qualified;
    } else if (decl != NULL && decl->kind == IDL_DECL_RECORD) {
        t->record = decl->of.record;
        t->kind = t->record->role == IDL_IS_UNION ? IDL_UNION : IDL_RECORD;
        t->text = t->record->qualified;
    } else {
        fail_name(r, name);
    }
}

static void read_ref(reader *r, idl_type *t)
{
    const char     *name = read_name(r);
    const idl_decl *decl = kmi_schema_find(r->schema, name);

    if (decl == NULL) {
        fail_name(r, name);
        return;
    }
    if (decl->kind != IDL_DECL_RECORD ||
        (decl->of.record->role != IDL_IS_RECORD && decl->of.record->role != IDL_IS_ERROR)) {
        fail(r, KMSG_EINVAL);
        return;
    }
    t->kind = IDL_REF;
    t->record = decl->of.record;
    t->text = idl_text(&r->schema->sources, "ref<%s>", t->record->qualified);
}

static void read_map(reader *r, idl_type *t)
{
    t->kind = IDL_MAP;
    t->key = read_item(r);
    expect(r, ',');
    t->value = read_item(r);
    t->text = idl_text(&r->schema->sources, "map<%s, %s>", t->key->text, t->value->text);
    if (!is_hashable(t->key))
        fail(r, KMSG_EINVAL);
}

static void read_list(reader *r, idl_kind kind, idl_type *t)
{
    t->kind = kind;
    t->item = read_item(r);
    t->text =
        idl_text(&r->schema->sources, "%s<%s>", kind == IDL_SET ? "set" : "list", t->item->text);
    if (kind == IDL_SET && !is_hashable(t->item))
        fail(r, KMSG_EINVAL);
}

static bool read_generic(reader *r, const char *word, idl_type *t)
{
    bool is_map = strcmp(word, "map") == 0, is_ref = strcmp(word, "ref") == 0;
    bool is_list = strcmp(word, "list") == 0, is_set = strcmp(word, "set") == 0;

    if (!is_map && !is_ref && !is_list && !is_set)
        return false;
    expect(r, '<');
    if (r->err != KMSG_OK)
        return true;
    if (is_map)
        read_map(r, t);
    else if (is_ref)
        read_ref(r, t);
    else
        read_list(r, is_set ? IDL_SET : IDL_LIST, t);
    expect(r, '>');
    return true;
}

static idl_type *read_base(reader *r)
{
    /* in the order of idl_kind */
    static const char *const words[] = {
        "bool", "i8",   "i16",  "i32",       "i64",      "u8", "u16",    "u32",   "u64",     "f32",
        "f64",  "rune", "uuid", "timestamp", "duration", "",   "string", "bytes", "address", "any"};
    const char *name = read_name(r);
    idl_type   *t = new_type(r, IDL_BOOL);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i][0] != '\0' && strcmp(words[i], name) == 0) {
            t->kind = (idl_kind)i;
            t->text = words[i];
            return t;
        }
    if (r->err == KMSG_OK && !read_generic(r, name, t))
        read_declared(r, name, t);
    return t;
}

static uint32_t read_count(reader *r)
{
    uint32_t count = 0;

    skip_blanks(r);
    for (; *r->at >= '0' && *r->at <= '9' && count <= COUNT_MAX; r->at++)
        count = count * 10 + (uint32_t)(*r->at - '0');
    expect(r, ']');
    if (count < 1 || count > COUNT_MAX)
        fail(r, KMSG_EINVAL);
    return count;
}

/* T[3][4] is three of T[4]. */
static const idl_type *read_arrays(reader *r, const idl_type *base)
{
    const char *brackets;
    idl_type   *t;

    skip_blanks(r);
    brackets = r->at;
    if (!take(r, '['))
        return base;
    t = new_type(r, IDL_ARRAY);
    t->count = read_count(r);
    if (++r->depth > DEPTH_MAX)
        fail(r, KMSG_EINVAL);
    t->item = r->err == KMSG_OK ? read_arrays(r, base) : base;
    r->depth--;
    if (!is_item(t->item))
        fail(r, KMSG_EINVAL);
    t->text =
        idl_text(&r->schema->sources, "%s%.*s", base->text, (int)(r->at - brackets), brackets);
    return t;
}

static const idl_type *read_type(reader *r)
{
    const idl_type *base = read_base(r);

    return r->err == KMSG_OK ? read_arrays(r, base) : base;
}

kmsg_err kmi_read_type(kmsg_schema *schema, const char *text, const idl_type **ret)
{
    reader          r = {.schema = schema, .at = text};
    const idl_type *t = read_type(&r);

    skip_blanks(&r);
    if (r.err == KMSG_OK && *r.at != '\0')
        r.err = KMSG_EINVAL;
    if (r.err == KMSG_OK && t->optional) /* an alias of T? */
        r.err = KMSG_EINVAL;
    if (r.err == KMSG_OK && (kmi_c_size(&schema->d, t) >= KMI_C_SIZE_MAX ||
                             (idl_in_block(t) && idl_block_size(t) > 65535)))
        r.err = KMSG_EINVAL;
    if (r.err == KMSG_ENOENT)
        return kmsg_set_last_error(r.err, "%s: no type '%s'", text, r.unknown);
    if (r.err != KMSG_OK)
        return kmsg_set_last_error(r.err, "'%s' is not a type", text);
    *ret = t;
    return KMSG_OK;
}
