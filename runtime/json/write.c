/* write.c -- a value as JSON.
 *
 * The value comes from the codec, so everything in it is good, and this only writes: nothing here
 * looks at limits, UTF-8 or order. What is still bounded is how deep brackets nest, because refs
 * and what is inside an `any` may lead further than a reader goes.
 */
#include "json/json.h"
#include "json/marks.h"
#include "json/text.h"

#include <string.h>

typedef struct writer {
    kmi_json_out             out;
    kmi_json_marks           marks;
    const kmsg_json_options *options;
    kmsg_arena              *mem;
    uint32_t                 depth; /* of recursive records and unions, in the same object */
    uint32_t                 anys;  /* in one another */
} writer;

static void put_value(writer *w, const kmsg_type *type, const void *value);
static bool put_fields(writer *w, const kmsg_layout *layout, const uint8_t *value, bool first);

static bool enter(writer *w, bool counts)
{
    if (w->out.err == KMSG_OK &&
        ((counts && w->depth >= KMSG_DEPTH_MAX) || w->out.level >= KMI_JSON_LEVEL_MAX))
        w->out.err = KMSG_EDEPTH;
    w->depth += counts;
    return w->out.err == KMSG_OK;
}

static void leave(writer *w, bool counts)
{
    w->depth -= counts;
}

/* ---- single values --------------------------------------------------------------------------- */

static void put_enum(writer *w, const kmsg_enum *enum_, int32_t number)
{
    char text[KMI_JSON_TEXT_MAX];

    for (uint32_t i = 0; i < enum_->count; i++)
        if (enum_->values[i].number == number) {
            kmi_json_out_string(&w->out, enum_->values[i].name, strlen(enum_->values[i].name));
            return;
        }
    kmi_json_out_put(&w->out, text, kmi_json_i64_text(number, text));
}

static void put_base64(writer *w, const uint8_t *data, size_t size)
{
    char *at = kmi_json_out_room(&w->out, kmi_json_base64_size(size) + 2);

    if (at == NULL)
        return;
    *at = '"';
    kmi_json_base64_text(data, size, at + 1);
    w->out.data[w->out.size - 1] = '"';
}

typedef union scalar {
    bool      b;
    int8_t    i8;
    int16_t   i16;
    int32_t   i32;
    int64_t   i64;
    uint8_t   u8;
    uint16_t  u16;
    uint32_t  u32;
    uint64_t  u64;
    float     f32;
    double    f64;
    kmsg_uuid uuid;
} scalar;

static bool is_quoted(kmsg_kind kind, const scalar *v)
{
    switch (kind) {
    case KMSG_KIND_I64:
    case KMSG_KIND_U64:
    case KMSG_KIND_UUID:
    case KMSG_KIND_TIMESTAMP:
    case KMSG_KIND_DURATION: return true;
    case KMSG_KIND_F32: return v->f32 - v->f32 != 0; /* no finite number */
    case KMSG_KIND_F64: return v->f64 - v->f64 != 0;
    default: return false;
    }
}

static size_t scalar_text(kmsg_kind kind, const scalar *v, char *text)
{
    switch (kind) {
    case KMSG_KIND_BOOL: memcpy(text, v->b ? "true" : "false", 5); return v->b ? 4 : 5;
    case KMSG_KIND_I8: return kmi_json_i64_text(v->i8, text);
    case KMSG_KIND_I16: return kmi_json_i64_text(v->i16, text);
    case KMSG_KIND_I32: return kmi_json_i64_text(v->i32, text);
    case KMSG_KIND_I64: return kmi_json_i64_text(v->i64, text);
    case KMSG_KIND_U8: return kmi_json_u64_text(v->u8, text);
    case KMSG_KIND_U16: return kmi_json_u64_text(v->u16, text);
    case KMSG_KIND_U32: return kmi_json_u64_text(v->u32, text);
    case KMSG_KIND_U64: return kmi_json_u64_text(v->u64, text);
    case KMSG_KIND_F32: return kmi_json_f32_text(v->f32, text);
    case KMSG_KIND_F64: return kmi_json_f64_text(v->f64, text);
    case KMSG_KIND_UUID: return kmi_json_uuid_text(&v->uuid, text);
    case KMSG_KIND_TIMESTAMP: return kmi_json_timestamp_text(v->i64, text);
    default: return kmi_json_duration_text(v->i64, text);
    }
}

static void put_scalar(writer *w, const kmsg_type *type, const void *value)
{
    char   text[KMI_JSON_TEXT_MAX + 2];
    scalar v;
    size_t size;

    memcpy(&v, value, type->size); /* it may lie in a message */
    if (type->kind == KMSG_KIND_ENUM) {
        put_enum(w, type->enum_, v.i32);
    } else if (type->kind == KMSG_KIND_RUNE) {
        kmi_json_out_string(&w->out, text, kmi_json_rune_text(v.u32, text));
    } else if (is_quoted(type->kind, &v)) {
        text[0] = '"';
        size = scalar_text(type->kind, &v, text + 1);
        text[size + 1] = '"';
        kmi_json_out_put(&w->out, text, size + 2);
    } else {
        kmi_json_out_put(&w->out, text, scalar_text(type->kind, &v, text));
    }
}

/* ---- records and lists ----------------------------------------------------------------------- */

static bool is_there(const kmsg_field *f, const uint8_t *record)
{
    const void *first;

    if (!f->optional && f->type->kind != KMSG_KIND_REF)
        return true;
    if (kmi_json_is_block(f->type))
        return record[f->has_offset] != 0;
    memcpy(&first, record + f->offset, sizeof first); /* .data, .items, or a pointer */
    return first != NULL;
}

/* A field of a record or a row; null when it is absent. */
static void put_field(writer *w, const kmsg_field *f, const uint8_t *record)
{
    const void *member = record + f->offset;

    if (!is_there(f, record)) {
        kmi_json_out_put(&w->out, "null", 4);
        return;
    }
    if (kmi_json_points(f))
        memcpy(&member, record + f->offset, sizeof member);
    put_value(w, f->type, member);
}

/* Is there still none? */
static bool put_fields(writer *w, const kmsg_layout *layout, const uint8_t *value, bool first)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        const kmsg_field *f = &layout->fields[i];
        if (f->name == NULL || !is_there(f, value))
            continue;
        kmi_json_out_name(&w->out, &first, kmi_json_name(f));
        put_field(w, f, value);
    }
    return first;
}

static void put_record(writer *w, const kmsg_layout *layout, const void *value)
{
    bool empty;

    if (!enter(w, layout->recursive))
        return;
    kmi_json_out_open(&w->out, '{');
    empty = put_fields(w, layout, value, true);
    kmi_json_out_close(&w->out, '}', empty);
    leave(w, layout->recursive);
}

static void put_array(writer *w, const kmsg_type *item, const void *items, size_t count)
{
    const uint8_t *at = items;
    bool           first = true;

    if (!enter(w, false))
        return;
    kmi_json_out_open(&w->out, '[');
    for (size_t i = 0; i < count && w->out.err == KMSG_OK; i++, at += item->size) {
        kmi_json_out_next(&w->out, &first);
        put_value(w, item, at);
    }
    kmi_json_out_close(&w->out, ']', first);
}

/* Rows wrap what they hold: it is their one field, or they are records themselves. */
static void put_rows(writer *w, const kmsg_type *type, const void *items, size_t count)
{
    const kmsg_layout *row = type->layout;
    const uint8_t     *at = items;
    bool               first = true;

    if (!enter(w, false))
        return;
    kmi_json_out_open(&w->out, '[');
    for (size_t i = 0; i < count && w->out.err == KMSG_OK; i++, at += row->size) {
        kmi_json_out_next(&w->out, &first);
        if (type->item != NULL)
            put_field(w, &row->fields[0], at);
        else
            put_record(w, row, at);
    }
    kmi_json_out_close(&w->out, ']', first);
}

static void put_pair(writer *w, const kmsg_layout *entry, const uint8_t *at)
{
    bool first = true;

    if (!enter(w, false))
        return;
    kmi_json_out_open(&w->out, '[');
    kmi_json_out_next(&w->out, &first);
    put_field(w, &entry->fields[0], at);
    kmi_json_out_next(&w->out, &first);
    put_field(w, &entry->fields[1], at);
    kmi_json_out_close(&w->out, ']', false);
}

static void put_map(writer *w, const kmsg_layout *entry, const kmsg_items *map)
{
    bool           is_object = entry->fields[0].type->kind == KMSG_KIND_STRING, first = true;
    const uint8_t *at = map->items;

    if (!enter(w, false))
        return;
    kmi_json_out_open(&w->out, is_object ? '{' : '[');
    for (size_t i = 0; i < map->count && w->out.err == KMSG_OK; i++, at += entry->size) {
        kmi_json_out_next(&w->out, &first);
        if (!is_object) {
            put_pair(w, entry, at);
            continue;
        }
        put_field(w, &entry->fields[0], at);
        kmi_json_out_put(&w->out, ": ", w->out.indent == 0 ? 1 : 2);
        put_field(w, &entry->fields[1], at);
    }
    kmi_json_out_close(&w->out, is_object ? '}' : ']', first);
}

/* ---- unions, any, refs ----------------------------------------------------------------------- */

/* The member of this number; field 0, which is for those without a name, if there is none. */
static const kmsg_field *member_of(const kmsg_layout *layout, uint32_t kind)
{
    for (uint32_t i = 1; i < layout->count; i++)
        if (layout->fields[i].number == kind && layout->fields[i].name != NULL)
            return &layout->fields[i];
    return &layout->fields[0];
}

static void put_member(writer *w, const kmsg_field *f, uint32_t kind, const uint8_t *value)
{
    const void *member = value + f->offset;
    bool        first = true;
    char        number[KMI_JSON_TEXT_MAX];

    if (f->number != 0) {
        kmi_json_out_name(&w->out, &first, f->name);
    } else {
        number[kmi_json_u64_text(kind, number)] = '\0';
        kmi_json_out_name(&w->out, &first, number);
    }
    if (f->number != 0 && kmi_json_member_points(f->type))
        memcpy(&member, value + f->offset, sizeof member);
    put_value(w, f->type, member);
}

static void put_union(writer *w, const kmsg_layout *layout, const uint8_t *value)
{
    uint32_t kind;

    memcpy(&kind, value, sizeof kind);
    if (!enter(w, layout->recursive))
        return;
    kmi_json_out_open(&w->out, '{');
    if (kind != 0)
        put_member(w, member_of(layout, kind), kind, value);
    kmi_json_out_close(&w->out, '}', kind == 0);
    leave(w, layout->recursive);
}

/* The record in it, if its type is known and the message is one of it. */
static const void *unpack(writer *w, const kmsg_any *any, const kmsg_layout *layout)
{
    void *value = layout == NULL ? NULL : kmsg_alloc(w->mem, layout->size, 16);

    if (value != NULL && kmsg_any_unpack(any, layout, w->mem, value) == KMSG_OK)
        return value;
    if (kmsg_arena_failed(w->mem))
        w->out.err = KMSG_ENOMEM;
    return NULL;
}

static void put_any(writer *w, const kmsg_any *any)
{
    const kmsg_layout *layout = kmi_json_find_type(w->options, any->type);
    const void        *value;
    bool               first = true;

    if (w->anys >= KMSG_DEPTH_MAX)
        w->out.err = KMSG_EDEPTH;
    if (!enter(w, false))
        return;
    w->anys++;
    kmi_json_out_open(&w->out, '{');
    if (any->type.size != 0) {
        kmi_json_out_name(&w->out, &first, "type");
        kmi_json_out_string(&w->out, any->type.data, any->type.size);
        value = unpack(w, any, layout);
        kmi_json_out_name(&w->out, &first, value != NULL ? "value" : "bytes");
        if (value != NULL)
            put_record(w, layout, value);
        else
            put_base64(w, any->message.data, any->message.size);
    }
    kmi_json_out_close(&w->out, '}', first);
    w->anys--;
}

static void put_ref(writer *w, const kmsg_layout *layout, const void *value)
{
    const uint32_t depth = w->depth;
    const void    *object;
    kmi_json_mark *mark;
    bool           empty;

    memcpy(&object, value, sizeof object);
    if (object == NULL) {
        kmi_json_out_put(&w->out, "null", 4);
        return;
    }
    if (!enter(w, false) || !kmi_json_mention(&w->marks, &w->out, object))
        return;
    w->depth = 0;
    kmi_json_out_open(&w->out, '{');
    mark = kmi_json_mark_id(&w->marks, &w->out, object);
    empty = put_fields(w, layout, object, true);
    if (!empty)
        kmi_json_mark_comma(mark);
    kmi_json_out_close(&w->out, '}', empty);
    w->depth = depth;
}

/* ---- the value ------------------------------------------------------------------------------- */

static void put_value(writer *w, const kmsg_type *type, const void *value)
{
    const kmsg_items  *items = value;
    const kmsg_string *text = value;
    const kmsg_bytes  *bytes = value;

    switch (type->kind) {
    case KMSG_KIND_STRING: kmi_json_out_string(&w->out, text->data, text->size); break;
    case KMSG_KIND_BYTES:
    case KMSG_KIND_ADDRESS: put_base64(w, bytes->data, bytes->size); break;
    case KMSG_KIND_ANY: put_any(w, value); break;
    case KMSG_KIND_FIXED:
    case KMSG_KIND_RECORD: put_record(w, type->layout, value); break;
    case KMSG_KIND_UNION: put_union(w, type->layout, value); break;
    case KMSG_KIND_REF: put_ref(w, type->layout, value); break;
    case KMSG_KIND_VECTOR: put_array(w, type->item, value, type->count); break;
    case KMSG_KIND_ARRAY: put_array(w, type->item, items->items, items->count); break;
    case KMSG_KIND_TABLE: put_rows(w, type, value, type->count); break;
    case KMSG_KIND_ROWS: put_rows(w, type, items->items, items->count); break;
    case KMSG_KIND_MAP: put_map(w, type->layout, items); break;
    default: put_scalar(w, type, value); break;
    }
}

static void put_wrapped(writer *w, const kmsg_type *type, const void *value)
{
    bool first = true;

    kmi_json_out_open(&w->out, '{');
    kmi_json_out_name(&w->out, &first, "value");
    put_value(w, type, value);
    kmi_json_out_close(&w->out, '}', false);
}

kmsg_err kmi_json_write(const kmsg_layout *layout, const kmsg_type *type, const void *value,
                        const kmsg_json_options *options, size_t expected, kmsg_arena *mem,
                        kmsg_string *ret)
{
    uint32_t indent =
        options->indent < KMSG_JSON_INDENT_MAX ? options->indent : KMSG_JSON_INDENT_MAX;
    writer w = {.options = options, .mem = mem};

    kmi_json_out_init(&w.out, mem, expected, options->text_max, indent);
    kmi_json_marks_init(&w.marks, mem);
    if (type == NULL)
        put_record(&w, layout, value);
    else
        put_wrapped(&w, type, value);
    kmi_json_marks_end(&w.marks, &w.out);
    *ret = (kmsg_string){w.out.data, w.out.size};
    return w.out.err;
}
