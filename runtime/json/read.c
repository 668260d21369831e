/* read.c -- a tree of JSON into a value, along the descriptors.
 *
 * The tree is bounded before it is made (parse.c), and everything here is bounded by it: a list has
 * as many items as its array, a record costs its struct, all against the budget. Recursion goes as
 * deep as brackets nest; records and unions are counted as the codec counts them.
 *
 * What is there is held to its limits, each value as soon as it has been read. jansson has seen to
 * UTF-8.
 */
#include "json/reader.h"
#include "json/text.h"

#include <string.h>

static void read_value(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                       const kmi_json_place *place);
static void read_fields(kmi_json_reader *r, const kmsg_layout *layout, json_t *json, void *ret,
                        const kmi_json_place *place);

/* ---- failures and memory --------------------------------------------------------------------- */

void kmi_json_fail(kmi_json_reader *r, const kmi_json_place *place, kmsg_err err,
                   const char *format, ...)
{
    va_list args;

    if (r->err != KMSG_OK)
        return;
    va_start(args, format);
    r->err = kmi_json_place_error(place, err, format, args);
    va_end(args);
}

void kmi_json_mismatch(kmi_json_reader *r, const kmi_json_place *place, const kmsg_type *type)
{
    bool an = strchr("aeio", type->name[0]) != NULL || type->kind == KMSG_KIND_F32 ||
              type->kind == KMSG_KIND_F64;

    if (type->kind == KMSG_KIND_BYTES)
        kmi_json_fail(r, place, KMSG_EDECODE, "not %s", type->name);
    else
        kmi_json_fail(r, place, KMSG_EDECODE, "not %s %s", an ? "an" : "a", type->name);
}

void *kmi_json_take(kmi_json_reader *r, const kmi_json_place *place, size_t count, size_t size,
                    size_t align)
{
    void *p;

    if (r->err != KMSG_OK)
        return NULL;
    if (size != 0 && count > r->budget / size) {
        kmi_json_fail(r, place, KMSG_ETOOBIG, "takes more memory than reading may");
        return NULL;
    }
    p = kmsg_alloc_zeroed(r->mem, count, size, align);
    if (p == NULL)
        kmi_json_fail(r, place, KMSG_ENOMEM, "out of memory");
    else
        r->budget -= count * size;
    return p;
}

static bool enter(kmi_json_reader *r, bool counts, const kmi_json_place *place)
{
    if (counts && r->depth >= KMSG_DEPTH_MAX)
        kmi_json_fail(r, place, KMSG_EDEPTH, "nested more than %u deep", KMSG_DEPTH_MAX);
    r->depth += counts;
    return r->err == KMSG_OK;
}

static void leave(kmi_json_reader *r, bool counts)
{
    r->depth -= counts;
}

static void check_limits(kmi_json_reader *r, const kmsg_type *type, const void *value,
                         const kmi_json_place *place)
{
    char        text[160];
    const char *why;

    if (type->limits == NULL || r->err != KMSG_OK)
        return;
    why = kmsg_limits_bad(type, value, text, sizeof text);
    if (why != NULL)
        kmi_json_fail(r, place, KMSG_EDECODE, "%s", why);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* Null is a ref that leads nowhere; to a lenient reader, the default of what has no parts. */
static bool takes_null(const kmi_json_reader *r, const kmsg_type *type)
{
    if (!r->options->lenient)
        return type->kind == KMSG_KIND_REF;
    switch (type->kind) {
    case KMSG_KIND_FIXED:
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_RECORD:
    case KMSG_KIND_UNION:
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS:
    case KMSG_KIND_TABLE:
    case KMSG_KIND_MAP: return false;
    default: return true;
    }
}

/* A field of a zeroed record or row; `json` NULL: it is missing. */
static void read_field(kmi_json_reader *r, const kmsg_field *f, json_t *json, uint8_t *record,
                       const kmi_json_place *place)
{
    void *member = record + f->offset, *value;

    if (json == NULL || (json_is_null(json) && (f->optional || takes_null(r, f->type)))) {
        kmi_json_initial_field(f, record);
        return;
    }
    if (!kmi_json_points(f)) {
        read_value(r, f->type, json, member, place);
        if (f->optional && kmi_json_is_block(f->type))
            record[f->has_offset] = 1;
        return;
    }
    value = kmi_json_take(r, place, 1, f->type->size, f->type->align);
    if (value == NULL)
        return;
    read_value(r, f->type, json, value, place);
    memcpy(member, &value, sizeof value);
}

static bool has_field(const kmsg_layout *layout, const char *name)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (layout->fields[i].name != NULL && strcmp(kmi_json_name(&layout->fields[i]), name) == 0)
            return true;
    return false;
}

static void refuse_unknown(kmi_json_reader *r, const kmsg_layout *layout, json_t *json,
                           const kmi_json_place *place)
{
    for (void *i = json_object_iter(json); i != NULL; i = json_object_iter_next(json, i))
        if (!has_field(layout, json_object_iter_key(i)) &&
            strcmp(json_object_iter_key(i), "$id") != 0)
            kmi_json_fail(r, place, KMSG_EDECODE, "%s has no field \"%.40s\"", layout->name,
                          json_object_iter_key(i));
}

static void read_fields(kmi_json_reader *r, const kmsg_layout *layout, json_t *json, void *ret,
                        const kmi_json_place *place)
{
    if (r->options->refuse_unknown)
        refuse_unknown(r, layout, json, place);
    for (uint32_t i = 0; i < layout->count && r->err == KMSG_OK; i++) {
        const kmsg_field    *f = &layout->fields[i];
        const char          *name = f->name == NULL ? NULL : kmi_json_name(f);
        const kmi_json_place here = kmi_json_place_field(place, name == NULL ? "" : f->name);
        if (name != NULL)
            read_field(r, f, json_object_get(json, name), ret, &here);
    }
}

static void read_record(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                        const kmi_json_place *place)
{
    const kmsg_layout *layout = type->layout;

    if (!json_is_object(json)) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    if (!enter(r, layout->recursive, place))
        return;
    read_fields(r, layout, json, ret, place);
    leave(r, layout->recursive);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* An array's items into `count` places; what it lacks takes its default. */
static void read_items(kmi_json_reader *r, const kmsg_type *item, json_t *json, uint8_t *ret,
                       size_t count, const kmi_json_place *up)
{
    size_t there = json_array_size(json);

    for (size_t i = 0; i < count && r->err == KMSG_OK; i++, ret += item->size) {
        const kmi_json_place place = {.up = up, .index = i};
        if (i < there)
            read_value(r, item, json_array_get(json, i), ret, &place);
        else
            kmi_json_initial_value(item, ret);
    }
}

/* A row that is a record of its own has no type; this one is for the words and the layout. */
static void read_row(kmi_json_reader *r, const kmsg_type *type, json_t *json, uint8_t *ret,
                     const kmi_json_place *place)
{
    const kmsg_type record = {
        .name = type->layout->name, .kind = KMSG_KIND_RECORD, .layout = type->layout};

    if (type->item != NULL)
        read_field(r, &type->layout->fields[0], json, ret, place);
    else
        read_record(r, &record, json, ret, place);
}

static void read_rows(kmi_json_reader *r, const kmsg_type *type, json_t *json, uint8_t *ret,
                      size_t count, const kmi_json_place *up)
{
    size_t there = json_array_size(json);

    for (size_t i = 0; i < count && r->err == KMSG_OK; i++, ret += type->layout->size) {
        const kmi_json_place place = {.up = up, .index = i};
        if (i < there)
            read_row(r, type, json_array_get(json, i), ret, &place);
        else
            kmi_json_initial_record(type->layout, ret);
    }
}

static void read_list(kmi_json_reader *r, const kmsg_type *type, json_t *json, kmsg_items *ret,
                      const kmi_json_place *place)
{
    bool     rows = type->kind == KMSG_KIND_ROWS;
    size_t   count = json_array_size(json);
    uint8_t *items =
        kmi_json_take(r, place, count, rows ? type->layout->size : type->item->size, 16);

    if (items == NULL)
        return;
    if (rows)
        read_rows(r, type, json, items, count, place);
    else
        read_items(r, type->item, json, items, count, place);
    *ret = (kmsg_items){items, count};
    if (type->is_set)
        ret->items = kmi_json_sort_set(r, place, type->item, items, count);
}

/* The items of a T[N] lie in the struct. A lenient reader cuts what is too long. */
static void read_sequence(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                          const kmi_json_place *place)
{
    bool   fixed = type->kind == KMSG_KIND_VECTOR || type->kind == KMSG_KIND_TABLE;
    size_t count = json_array_size(json);

    if (!json_is_array(json))
        kmi_json_mismatch(r, place, type);
    else if (fixed && count != type->count && !r->options->lenient)
        kmi_json_fail(r, place, KMSG_EDECODE, "%zu item%s instead of %u", count,
                      count == 1 ? "" : "s", type->count);
    else if (type->kind == KMSG_KIND_VECTOR)
        read_items(r, type->item, json, ret, type->count, place);
    else if (type->kind == KMSG_KIND_TABLE)
        read_rows(r, type, json, ret, type->count, place);
    else
        read_list(r, type, json, ret, place);
}

/* ---- maps ------------------------------------------------------------------------------------ */

/* A map while it is read: where each entry's key and value stand. */
typedef struct map {
    const kmsg_layout *entry;
    size_t             count;
    uint8_t           *keys;   /* rows with nothing but a key, in the order of the text */
    json_t           **values; /* in the same order */
} map;

/* Keys that are strings are names of members. */
static void read_names(kmi_json_reader *r, map *m, json_t *json, const kmi_json_place *up)
{
    const kmsg_field *f = &m->entry->fields[0];
    size_t            n = 0;

    for (void *i = json_object_iter(json); i != NULL; i = json_object_iter_next(json, i), n++) {
        const kmsg_string    key = {json_object_iter_key(i), json_object_iter_key_len(i)};
        const kmi_json_place place = {.up = up, .key = key.data};
        memcpy(m->keys + n * m->entry->size + f->offset, &key, sizeof key);
        m->values[n] = json_object_iter_value(i);
        check_limits(r, f->type, &key, &place);
    }
}

static void read_keys(kmi_json_reader *r, map *m, json_t *json, const kmi_json_place *up)
{
    for (size_t i = 0; i < m->count && r->err == KMSG_OK; i++) {
        const kmi_json_place place = {.up = up, .index = i};
        json_t              *pair = json_array_get(json, i), *key = json_array_get(pair, 0);
        if (json_array_size(pair) != 2)
            kmi_json_fail(r, &place, KMSG_EDECODE, "not an array of a key and a value");
        else if (json_is_null(key))
            kmi_json_fail(r, &place, KMSG_EDECODE, "null as a key");
        else
            read_field(r, &m->entry->fields[0], key, m->keys + i * m->entry->size, &place);
        m->values[i] = json_array_get(pair, 1);
    }
}

/* The entries in their order, each value read into its final place. */
static void read_entries(kmi_json_reader *r, const map *m, uint8_t *rows, const kmi_json_place *up)
{
    const kmsg_field *key = &m->entry->fields[0];
    const uint32_t   *order =
        kmi_json_order(r, up, key->type, m->keys + key->offset, m->entry->size, m->count);

    for (size_t i = 0; order != NULL && i < m->count && r->err == KMSG_OK; i++) {
        uint8_t       *row = rows + i * m->entry->size;
        kmi_json_place place = {.up = up, .index = order[i]};
        memcpy(row, m->keys + order[i] * m->entry->size, m->entry->size);
        if (key->type->kind == KMSG_KIND_STRING)
            memcpy(&place.key, row + key->offset, sizeof place.key); /* .data of the string */
        read_field(r, &m->entry->fields[1], m->values[order[i]], row, &place);
    }
}

static void read_map(kmi_json_reader *r, const kmsg_type *type, json_t *json, kmsg_items *ret,
                     const kmi_json_place *place)
{
    const kmsg_layout *entry = type->layout;
    bool               by_name = entry->fields[0].type->kind == KMSG_KIND_STRING;
    size_t             count = by_name ? json_object_size(json) : json_array_size(json);
    map                m = {entry, count, NULL, NULL};
    uint8_t           *rows;

    if (by_name ? !json_is_object(json) : !json_is_array(json)) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    rows = kmi_json_take(r, place, count, entry->size, 16);
    m.keys = kmi_json_take(r, place, count, entry->size, 16);
    m.values = kmi_json_take(r, place, count, sizeof(json_t *), sizeof(json_t *));
    if (m.values == NULL)
        return;
    if (by_name)
        read_names(r, &m, json, place);
    else
        read_keys(r, &m, json, place);
    read_entries(r, &m, rows, place);
    *ret = (kmsg_items){rows, count};
}

/* ---- unions ---------------------------------------------------------------------------------- */

static const kmsg_field *member_named(const kmsg_layout *layout, const char *name)
{
    for (uint32_t i = 1; i < layout->count; i++)
        if (layout->fields[i].name != NULL && strcmp(layout->fields[i].name, name) == 0)
            return &layout->fields[i];
    return NULL;
}

#define NUMBER_MAX 16383 /* of a field or member */

/* The number in the name of a member that has no other; 0 if it is none. */
static uint32_t number_in(const kmsg_layout *layout, const char *name)
{
    uint64_t number;
    bool     range;

    if (!kmi_json_u64_read(kmsg_str(name), &number, &range) || number > NUMBER_MAX)
        return 0;
    for (uint32_t i = 1; i < layout->count; i++)
        if (layout->fields[i].number == number && layout->fields[i].name != NULL)
            return 0;
    return (uint32_t)number;
}

static void read_member(kmi_json_reader *r, const kmsg_field *f, json_t *json, uint8_t *ret,
                        const kmi_json_place *place)
{
    void *value = ret + f->offset;

    if (f->number != 0 && kmi_json_member_points(f->type)) {
        value = kmi_json_take(r, place, 1, f->type->size, f->type->align);
        if (value == NULL)
            return;
        memcpy(ret + f->offset, &value, sizeof value);
    }
    read_value(r, f->type, json, value, place);
}

static void read_union(kmi_json_reader *r, const kmsg_type *type, json_t *json, uint8_t *ret,
                       const kmi_json_place *up)
{
    const kmsg_layout *layout = type->layout;
    void              *only = json_object_iter(json);
    const char        *name = only == NULL ? NULL : json_object_iter_key(only);
    const kmsg_field  *f = name == NULL ? NULL : member_named(layout, name);
    const kmi_json_place place = {.up = up, .name = name};
    uint32_t             kind;

    if (!json_is_object(json))
        kmi_json_mismatch(r, up, type);
    else if (json_object_size(json) > 1)
        kmi_json_fail(r, up, KMSG_EDECODE, "more than one member of %s", type->name);
    if (name == NULL || !enter(r, layout->recursive, up))
        return;
    kind = f != NULL ? f->number : number_in(layout, name);
    memcpy(ret, &kind, sizeof kind);
    if (kind == 0)
        kmi_json_fail(r, up, KMSG_EDECODE, "%s has no member \"%.40s\"", type->name, name);
    else
        read_member(r, f != NULL ? f : &layout->fields[0], json_object_iter_value(only), ret,
                    &place);
    leave(r, layout->recursive);
}

/* ---- any ------------------------------------------------------------------------------------- */

/* What is inside is a message of its own, so its refs are its own, too; its memory is given back as
 * soon as it is packed. */
static void pack(kmi_json_reader *r, const kmsg_layout *layout, json_t *json, kmsg_any *ret,
                 const kmi_json_place *place)
{
    kmi_json_reader inner = {
        .options = r->options, .mem = kmsg_arena_new(), .budget = r->budget, .anys = r->anys};
    const kmsg_type type = {.name = layout->name, .kind = KMSG_KIND_RECORD, .layout = layout};
    void           *value;

    if (inner.mem == NULL) {
        kmi_json_fail(r, place, KMSG_ENOMEM, "out of memory");
        return;
    }
    value = kmi_json_take(&inner, place, 1, layout->size, 16);
    if (value != NULL)
        read_record(&inner, &type, json, value, place);
    kmi_json_join_refs(&inner, place);
    r->err = inner.err;
    if (r->err == KMSG_OK) {
        kmsg_err err = kmsg_any_pack(layout, value, r->mem, ret);
        if (err != KMSG_OK)
            kmi_json_fail(r, place, err == KMSG_EVALUE ? KMSG_EDECODE : err, "%s",
                          kmsg_last_error());
        else if (ret->message.size > r->budget)
            kmi_json_fail(r, place, KMSG_ETOOBIG, "takes more memory than reading may");
        else
            r->budget -= ret->message.size;
    }
    kmsg_arena_free(inner.mem);
}

static void read_any_of(kmi_json_reader *r, json_t *type, json_t *json, kmsg_any *ret,
                        const kmi_json_place *up)
{
    const kmsg_string    name = {json_string_value(type), json_string_length(type)};
    const kmsg_layout   *layout = kmi_json_find_type(r->options, name);
    json_t              *value = json_object_get(json, "value"), *bytes;
    const kmi_json_place in_value = {.up = up, .name = "value"};
    const kmi_json_place in_bytes = {.up = up, .name = "bytes"};

    bytes = json_object_get(json, "bytes");
    if ((value == NULL) == (bytes == NULL)) {
        kmi_json_fail(r, up, KMSG_EDECODE, "not a \"type\" and either its \"value\" or \"bytes\"");
    } else if (bytes != NULL) {
        kmi_json_read_scalar(r, &kmsg_type_bytes, bytes, &ret->message, &in_bytes);
        ret->type = name;
    } else if (layout == NULL) {
        kmi_json_fail(r, up, KMSG_EDECODE,
                      "the type \"%.80s\" is not known here: only its bytes could be read",
                      name.data);
    } else {
        pack(r, layout, value, ret, &in_value);
    }
}

static void read_any(kmi_json_reader *r, const kmsg_type *type, json_t *json, kmsg_any *ret,
                     const kmi_json_place *place)
{
    json_t *name = json_object_get(json, "type");

    if (!json_is_object(json)) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    if (name == NULL && json_object_get(json, "value") == NULL &&
        json_object_get(json, "bytes") == NULL) {
        kmi_json_initial_value(type, ret);
        return;
    }
    if (!json_is_string(name) || json_string_length(name) == 0 ||
        json_string_length(name) != strlen(json_string_value(name))) {
        kmi_json_fail(r, place, KMSG_EDECODE, "an any without a \"type\"");
        return;
    }
    if (r->anys >= KMSG_DEPTH_MAX) {
        kmi_json_fail(r, place, KMSG_EDEPTH, "nested more than %u deep", KMSG_DEPTH_MAX);
        return;
    }
    r->anys++;
    read_any_of(r, name, json, ret, place);
    r->anys--;
}

/* ---- refs ------------------------------------------------------------------------------------ */

/* 0 after a failure. */
static uint32_t read_id(kmi_json_reader *r, const json_t *json, const char *name,
                        const kmi_json_place *place)
{
    double number = json_real_value(json);

    if (number >= 1 && number <= KMI_JSON_ID_MAX && number == (double)(uint32_t)number)
        return (uint32_t)number;
    kmi_json_fail(r, place, KMSG_EDECODE, "\"%s\" is not a number from 1 to %d", name,
                  KMI_JSON_ID_MAX);
    return 0;
}

static void read_ref(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                     const kmi_json_place *place)
{
    const kmsg_layout *layout = type->layout;
    const uint32_t     depth = r->depth;
    json_t            *ref = json_object_get(json, "$ref"), *id = json_object_get(json, "$id");
    void              *value;

    if (!json_is_object(json)) {
        kmi_json_mismatch(r, place, type);
        return;
    }
    if (ref != NULL && json_object_size(json) != 1) {
        kmi_json_fail(r, place, KMSG_EDECODE, "members beside \"$ref\"");
        return;
    }
    if (ref != NULL) {
        kmi_json_note_ref(r, place, read_id(r, ref, "$ref", place), layout, ret);
        return;
    }
    value = kmi_json_take(r, place, 1, layout->size, 16);
    if (value == NULL)
        return;
    memcpy(ret, &value, sizeof value);
    if (id != NULL)
        kmi_json_note_id(r, place, read_id(r, id, "$id", place), layout, value);
    r->depth = 0; /* as on the wire */
    read_fields(r, layout, json, value, place);
    r->depth = depth;
}

/* ---- the value ------------------------------------------------------------------------------- */

static void read_value(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                       const kmi_json_place *place)
{
    if (json_is_null(json)) {
        if (takes_null(r, type))
            kmi_json_initial_value(type, ret);
        else
            kmi_json_fail(r, place, KMSG_EDECODE, "null, which is no %s", type->name);
        return;
    }
    switch (type->kind) {
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD: read_record(r, type, json, ret, place); break;
    case KMSG_KIND_UNION: read_union(r, type, json, ret, place); break;
    case KMSG_KIND_REF: read_ref(r, type, json, ret, place); break;
    case KMSG_KIND_ANY: read_any(r, type, json, ret, place); break;
    case KMSG_KIND_VECTOR:
    case KMSG_KIND_TABLE:
    case KMSG_KIND_ARRAY:
    case KMSG_KIND_ROWS: read_sequence(r, type, json, ret, place); break;
    case KMSG_KIND_MAP: read_map(r, type, json, ret, place); break;
    default: kmi_json_read_scalar(r, type, json, ret, place); break;
    }
    check_limits(r, type, ret, place);
}

/* An object whose member `value` is it; without one it is the default. */
static void read_wrapped(kmi_json_reader *r, const kmsg_type *type, json_t *json, void *ret,
                         const kmi_json_place *place)
{
    json_t *value = json_object_get(json, "value");

    if (!json_is_object(json))
        kmi_json_fail(r, place, KMSG_EDECODE, "not an object with a \"value\"");
    else if (value == NULL)
        kmi_json_initial_value(type, ret);
    else
        read_value(r, type, value, ret, place);
}

kmsg_err kmi_json_read(const kmsg_layout *layout, const kmsg_type *type, const void *tree,
                       const kmsg_json_options *options, size_t budget, kmsg_arena *mem, void *ret)
{
    kmi_json_reader      r = {.options = options, .mem = mem, .budget = budget};
    json_t              *json = (json_t *)(uintptr_t)tree; /* jansson reads through such */
    const kmi_json_place root = kmi_json_place_root(type == NULL ? layout->name : type->name);
    const kmsg_type      record = {.name = type == NULL ? layout->name : NULL,
                                   .kind = KMSG_KIND_RECORD,
                                   .layout = layout};

    if (type != NULL)
        read_wrapped(&r, type, json, ret, &root);
    else
        read_record(&r, &record, json, ret, &root);
    kmi_json_join_refs(&r, &root);
    return r.err;
}
