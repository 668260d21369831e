/* values.c -- see values.h. What is no record goes through kmsg_json_encode_value(), which puts
 * {"value":..} round it: that is taken off, and put round it.
 */
#include "cli/values.h"

#include "cli/input.h"

#include <kmsg/value.h>

#include <ctype.h>
#include <string.h>

#define BEFORE "{\"value\":"

void values_init(values *v, const kmsg_schema *schema)
{
    size_t count = kmsg_schema_count(schema);

    *v = (values){.mem = cli_arena(), .kept = cli_arena()};
    v->types = cli_resize(NULL, (count + 1) * sizeof *v->types);
    for (size_t i = 0; i < count; i++)
        v->types[i] = kmsg_schema_at(schema, i);
    v->json = (kmsg_json_options){.types = v->types, .type_count = count, .refuse_unknown = true};
}

void values_done(values *v)
{
    cli_resize(v->types, 0);
    kmsg_arena_free(v->mem);
    kmsg_arena_free(v->kept);
}

void values_next(values *v)
{
    kmsg_arena_reset(v->mem);
}

void *values_room(kmsg_arena *mem, const kmsg_layout *layout)
{
    void *room = kmsg_alloc_zeroed(mem, 1, layout->size + 1u, 16);

    if (room == NULL)
        cli_resize(NULL, SIZE_MAX); /* says so, and ends */
    return room;
}

/* ---- a value --------------------------------------------------------------------------------- */

static bool is_bare(const kmsg_layout *layout)
{
    return layout->count == 1 && layout->fields[0].name != NULL &&
           layout->fields[0].name[0] == '\0';
}

kmsg_err values_text(values *v, const kmsg_layout *layout, const void *value, kmsg_string *ret)
{
    const kmsg_field *field = layout->fields;
    kmsg_value        held;
    kmsg_err          err;

    if (!is_bare(layout))
        return kmsg_json_encode(layout, value, &v->json, v->mem, ret);
    held = kmsg_value_member(kmsg_value_record(layout, value), field);
    *ret = kmsg_str("null");
    if (held.err != KMSG_OK || kmsg_value_is_absent(held))
        return held.err;
    err = kmsg_json_encode_value(field->type, held.data, &v->json, v->mem, ret);
    if (err == KMSG_OK && field->type->kind != KMSG_KIND_RECORD) {
        ret->data += sizeof BEFORE - 1;
        ret->size -= sizeof BEFORE;
    }
    return err;
}

kmsg_err values_read(values *v, const kmsg_layout *layout, kmsg_string text, size_t *before,
                     void *ret)
{
    kmsg_string whole;

    if (before != NULL)
        *before = 0;
    if (!is_bare(layout))
        return kmsg_json_decode(layout, text, &v->json, v->mem, ret);
    if (layout->fields[0].type->kind == KMSG_KIND_RECORD)
        return kmsg_json_decode_value(layout->fields[0].type, text, &v->json, v->mem, ret);
    if (before != NULL)
        *before = sizeof BEFORE - 1;
    whole = kmsg_printf(v->mem, BEFORE "%.*s}", (int)text.size, text.data);
    return kmsg_json_decode_value(layout->fields[0].type, whole, &v->json, v->mem, ret);
}

/* ---- topics ---------------------------------------------------------------------------------- */

bool values_print_topic(values *v, const kmsg_topic *topic, const void *key, const void *value)
{
    kmsg_string key_text = kmsg_str(""), text;
    kmsg_err    err = KMSG_OK;

    if (topic->key != NULL)
        err = kmsg_json_encode(topic->key, key, &v->json, v->mem, &key_text);
    if (err == KMSG_OK)
        err = values_text(v, topic->value, value, &text);
    if (err != KMSG_OK)
        return cli_fail("%s: %s", topic->name, kmsg_last_error());
    printf("{%s%.*s%s\"value\":%.*s}\n", topic->key == NULL ? "" : "\"key\":", (int)key_text.size,
           key_text.data, topic->key == NULL ? "" : ",", (int)text.size, text.data);
    values_next(v);
    return true;
}

/* The text of a member of the object, which has no other object of its level in it: brackets and
 * quotes are seen through. */
static bool member(kmsg_string text, const char *name, kmsg_string *ret)
{
    const char *end = text.data + text.size, *begin = NULL, *at = text.data, *word = NULL;
    size_t      depth = 0, word_size = 0;
    bool        quoted = false;

    for (; at < end; at++) {
        if (quoted) {
            at += *at == '\\';
            quoted = *at != '"';
            if (!quoted && depth == 1 && begin == NULL)
                word_size = (size_t)(at - word);
            continue;
        }
        if (*at == '"') {
            quoted = true;
            word = begin == NULL ? at + 1 : word;
        } else if (*at == ':' && depth == 1 && begin == NULL) {
            begin = at + 1;
        } else if (depth == 1 && (*at == ',' || *at == '}')) {
            if (begin != NULL && word_size == strlen(name) && strncmp(word, name, word_size) == 0) {
                *ret = (kmsg_string){begin, (size_t)(at - begin)};
                return true;
            }
            begin = NULL;
        }
        depth += *at == '{' || *at == '[';
        depth -= depth > 0 && (*at == '}' || *at == ']');
    }
    return false;
}

kmsg_err values_read_topic(values *v, const kmsg_topic *topic, kmsg_string text, void **ret_key,
                           void **ret_value)
{
    kmsg_string part;
    kmsg_err    err = KMSG_OK;

    *ret_key = topic->key == NULL ? NULL : values_room(v->mem, topic->key);
    *ret_value = values_room(v->mem, topic->value);
    if (topic->key != NULL && !member(text, "key", &part))
        return kmsg_set_last_error(KMSG_EDECODE, "%s: no member \"key\"", topic->name);
    if (topic->key != NULL)
        err = kmsg_json_decode(topic->key, part, &v->json, v->mem, *ret_key);
    if (err != KMSG_OK)
        return err;
    if (!member(text, "value", &part))
        return kmsg_set_last_error(KMSG_EDECODE, "%s: no member \"value\"", topic->name);
    return values_read(v, topic->value, part, NULL, *ret_value);
}

/* ---- filters --------------------------------------------------------------------------------- */

/* In JSON these are written without quotes. */
static bool is_plain(kmsg_kind kind)
{
    switch (kind) {
    case KMSG_KIND_BOOL:
    case KMSG_KIND_I8:
    case KMSG_KIND_I16:
    case KMSG_KIND_I32:
    case KMSG_KIND_U8:
    case KMSG_KIND_U16:
    case KMSG_KIND_U32:
    case KMSG_KIND_F32:
    case KMSG_KIND_F64: return true;
    default: return false;
    }
}

static void put(store *s, const char *text, size_t size)
{
    store_put(s, text, size);
}

static void put_quoted(store *s, const char *text)
{
    put(s, "\"", 1);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            put(s, "\\", 1);
        put(s, text, 1);
    }
    put(s, "\"", 1);
}

static const kmsg_field *field_of(const kmsg_layout *layout, const char *word, size_t size)
{
    for (uint32_t i = 0; i < layout->count; i++)
        if (strlen(layout->fields[i].name) == size &&
            strncmp(layout->fields[i].name, word, size) == 0)
            return &layout->fields[i];
    return NULL;
}

static bool put_part(store *s, const kmsg_topic *topic, const char *word)
{
    const char       *equals = strchr(word, '=');
    const kmsg_field *field = equals == NULL || topic->filter == NULL
                                  ? NULL
                                  : field_of(topic->filter, word, (size_t)(equals - word));

    if (equals == NULL)
        return cli_fail("a filter is NAME=VALUE: %s", word);
    if (field == NULL)
        return cli_fail("%s: nothing in its key to be chosen by is called '%.*s'", topic->name,
                        (int)(equals - word), word);
    put(s, s->size == 1 ? "" : ",", s->size == 1 ? 0 : 1);
    put_quoted(s, field->name);
    put(s, ":", 1);
    if (is_plain(field->type->kind))
        put(s, equals + 1, strlen(equals + 1));
    else
        put_quoted(s, equals + 1);
    return true;
}

bool values_filter(values *v, const kmsg_topic *topic, const char *const *words, size_t count,
                   void **ret)
{
    store    text = {0};
    bool     good = true;
    kmsg_err err;

    put(&text, "{", 1);
    for (size_t i = 0; i < count && good; i++)
        good = put_part(&text, topic, words[i]);
    put(&text, "}", 1);
    if (good) {
        *ret = values_room(v->kept, topic->filter);
        err = kmsg_json_decode(topic->filter, (kmsg_string){(const char *)text.bytes, text.size},
                               &v->json, v->kept, *ret);
        good = err == KMSG_OK ? true : cli_fail("%s: %s", topic->name, kmsg_last_error());
    }
    store_done(&text);
    return good;
}
