/* json.c -- the entry points: what is public, made of writing, reading and the codec.
 *
 * The codec judges what is to be written: encoded and decoded once, it is known to be good, and its
 * maps and sets stand in order. That costs a small part of what the text does.
 */
#include "json/json.h"
#include "json/parse.h"

#include <string.h>

static kmsg_json_options with_defaults(const kmsg_json_options *options)
{
    kmsg_json_options all = {0};

    if (options != NULL)
        all = *options;
    if (all.text_max == 0)
        all.text_max = KMSG_JSON_TEXT_MAX;
    if (all.text_max > KMSG_MESSAGE_MAX)
        all.text_max = KMSG_MESSAGE_MAX;
    if (all.memory_max == 0)
        all.memory_max = KMSG_JSON_MEMORY_MAX;
    return all;
}

const kmsg_layout *kmi_json_find_type(const kmsg_json_options *options, kmsg_string name)
{
    for (size_t i = 0; i < options->type_count; i++)
        if (kmsg_string_equal(name, kmsg_str(options->types[i]->name)))
            return options->types[i];
    return NULL;
}

/* A record of `layout`, or, where `type` is not NULL, a value of that type. */
typedef struct subject {
    const kmsg_layout *layout;
    const kmsg_type   *type;
    const char        *name;
    size_t             size;
} subject;

static subject of_layout(const kmsg_layout *layout)
{
    return (subject){.layout = layout, .name = layout->name, .size = layout->size};
}

static subject of_type(const kmsg_type *type)
{
    if (type->kind == KMSG_KIND_RECORD)
        return of_layout(type->layout);
    return (subject){.type = type, .name = type->name, .size = type->size};
}

static kmsg_err pack(const subject *s, const void *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return s->type == NULL ? kmsg_encode(s->layout, value, mem, ret)
                           : kmsg_encode_value(s->type, value, mem, ret);
}

static kmsg_err unpack(const subject *s, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    return s->type == NULL ? kmsg_decode(s->layout, bytes, mem, ret)
                           : kmsg_decode_value(s->type, bytes, mem, ret);
}

static kmsg_err no_memory(const subject *s)
{
    return kmsg_set_last_error(KMSG_ENOMEM, "%s: out of memory", s->name);
}

/* ---- writing --------------------------------------------------------------------------------- */

static kmsg_err say(const subject *s, kmsg_err err, size_t text_max)
{
    switch (err) {
    case KMSG_EDEPTH:
        return kmsg_set_last_error(err, "%s: nested too deeply for JSON", s->name);
    case KMSG_ETOOBIG:
        return kmsg_set_last_error(err, "%s: its text is larger than %zu bytes", s->name, text_max);
    default: return no_memory(s);
    }
}

static kmsg_err keep(const subject *s, kmsg_string text, kmsg_arena *mem, kmsg_string *ret)
{
    char *copy = kmsg_alloc(mem, text.size + 1, 1);

    if (copy == NULL)
        return no_memory(s);
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *ret = (kmsg_string){copy, text.size};
    return KMSG_OK;
}

static kmsg_err encode_in(kmsg_arena *scratch, const subject *s, const void *value,
                          const kmsg_json_options *options, kmsg_arena *mem, kmsg_string *ret)
{
    void       *good = kmsg_alloc(scratch, s->size, 16);
    kmsg_bytes  bytes;
    kmsg_string text;
    kmsg_err    err;

    if (good == NULL)
        return no_memory(s);
    err = pack(s, value, scratch, &bytes);
    if (err == KMSG_OK)
        err = unpack(s, bytes, scratch, good);
    if (err != KMSG_OK)
        return err;
    err = kmi_json_write(s->layout, s->type, good, options, bytes.size * 2, scratch, &text);
    return err == KMSG_OK ? keep(s, text, mem, ret) : say(s, err, options->text_max);
}

static kmsg_err encode(const subject *s, const void *value, const kmsg_json_options *options,
                       kmsg_arena *mem, kmsg_string *ret)
{
    const kmsg_json_options all = with_defaults(options);
    kmsg_arena             *scratch = kmsg_arena_new();
    kmsg_err                err;

    if (scratch == NULL)
        return no_memory(s);
    err = encode_in(scratch, s, value, &all, mem, ret);
    kmsg_arena_free(scratch);
    return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

static kmsg_err decode_tree(kmsg_arena *scratch, const subject *s, const json_t *tree,
                            const kmsg_json_options *options, size_t budget, kmsg_arena *mem,
                            void *ret)
{
    void    *value = kmsg_alloc_zeroed(scratch, 1, s->size, 16);
    kmsg_err err;

    if (value == NULL)
        return no_memory(s);
    err = kmi_json_read(s->layout, s->type, tree, options, budget, scratch, value);
    if (err != KMSG_OK)
        return err;
    return s->type == NULL ? kmsg_copy(s->layout, value, mem, ret)
                           : kmsg_copy_value(s->type, value, mem, ret);
}

static kmsg_err decode(const subject *s, kmsg_string text, const kmsg_json_options *options,
                       kmsg_arena *mem, void *ret)
{
    const kmsg_json_options all = with_defaults(options);
    size_t                  budget = all.memory_max;
    kmsg_arena             *scratch;
    json_t                 *tree;
    kmsg_err                err = kmi_json_parse(text, all.text_max, &budget, &tree);

    if (err != KMSG_OK)
        return err;
    scratch = kmsg_arena_new();
    err = scratch == NULL ? no_memory(s) : decode_tree(scratch, s, tree, &all, budget, mem, ret);
    kmsg_arena_free(scratch);
    json_decref(tree);
    return err;
}

/* ---- the public names ------------------------------------------------------------------------ */

kmsg_err kmsg_json_encode(const kmsg_layout *layout, const void *value,
                          const kmsg_json_options *options, kmsg_arena *mem, kmsg_string *ret)
{
    const subject s = of_layout(layout);

    return encode(&s, value, options, mem, ret);
}

kmsg_err kmsg_json_encode_value(const kmsg_type *type, const void *value,
                                const kmsg_json_options *options, kmsg_arena *mem, kmsg_string *ret)
{
    const subject s = of_type(type);

    return encode(&s, value, options, mem, ret);
}

kmsg_err kmsg_json_decode(const kmsg_layout *layout, kmsg_string text,
                          const kmsg_json_options *options, kmsg_arena *mem, void *ret)
{
    const subject s = of_layout(layout);

    return decode(&s, text, options, mem, ret);
}

kmsg_err kmsg_json_decode_value(const kmsg_type *type, kmsg_string text,
                                const kmsg_json_options *options, kmsg_arena *mem, void *ret)
{
    const subject s = of_type(type);

    return decode(&s, text, options, mem, ret);
}
