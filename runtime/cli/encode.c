/* encode.c -- kmsg encode: JSON on its way to bytes, one value at a time. */
#include "cli/frame.h"
#include "cli/registry.h"
#include "cli/split.h"

#include <kmsg/json.h>

#include <string.h>
#include <unistd.h>

typedef struct encoder {
    const cli_options *options;
    registry           types;
    const kmsg_layout *layout; /* of -t; NULL: each value tells */
    const kmsg_type   *type;   /* the same, where it is --raw */
    kmsg_json_options  json;
    kmsg_arena        *mem; /* of the value at hand */
    store              text, wrapped;
} encoder;

static void *room_for(encoder *e, size_t size)
{
    return kmsg_alloc_zeroed(e->mem, 1, size, 16);
}

/* ---- one value ------------------------------------------------------------------------------- */

static kmsg_string text_of(const store *s)
{
    return (kmsg_string){(const char *)s->bytes, s->size};
}

static bool put_typed(encoder *e, const input *in)
{
    void    *value = room_for(e, e->layout->size);
    kmsg_any any;
    kmsg_err err = value == NULL ? KMSG_ENOMEM : KMSG_OK;

    if (err == KMSG_OK)
        err = kmsg_json_decode(e->layout, text_of(&e->text), &e->json, e->mem, value);
    if (err == KMSG_OK)
        err = kmsg_any_pack(e->layout, value, e->mem, &any);
    if (err != KMSG_OK)
        return input_fail_text(in, err, 0);
    frame_write(&any);
    return true;
}

/* Bytes of a type that is known are looked at before they go on. */
static kmsg_err check_bytes(encoder *e, const kmsg_any *any)
{
    const kmsg_layout *layout = registry_find(&e->types, any->type.data);
    void              *value = layout == NULL ? NULL : room_for(e, layout->size);

    if (layout == NULL)
        return KMSG_OK;
    return value == NULL ? KMSG_ENOMEM : kmsg_decode(layout, any->message, e->mem, value);
}

/* {"type":"acme.Point","value":{...}}: an any, which stands in a field where JSON is read. */
static bool put_any(encoder *e, const input *in)
{
    const char before[] = "{\"value\":";
    kmsg_any   any;
    kmsg_err   err;

    e->wrapped.size = 0;
    store_put(&e->wrapped, before, sizeof before - 1);
    store_put(&e->wrapped, e->text.bytes, e->text.size);
    store_put(&e->wrapped, "}", 1);
    err = kmsg_json_decode_value(&kmsg_type_any, text_of(&e->wrapped), &e->json, e->mem, &any);
    if (err == KMSG_OK && any.type.size == 0)
        return input_fail(in, "a value without a type; give one with -t, or write "
                              "{\"type\":\"NAME\",\"value\":{...}}");
    if (err == KMSG_OK)
        err = check_bytes(e, &any);
    if (err != KMSG_OK)
        return input_fail_text(in, err, sizeof before - 1);
    frame_write(&any);
    return true;
}

static bool put_raw(encoder *e, const input *in)
{
    void      *value = room_for(e, e->type->size);
    kmsg_bytes bytes;
    kmsg_err   err = value == NULL ? KMSG_ENOMEM : KMSG_OK;

    if (in->record > 1)
        return input_fail(in, "--raw takes one value: bare messages cannot be told apart");
    if (err == KMSG_OK)
        err = kmsg_json_decode_value(e->type, text_of(&e->text), &e->json, e->mem, value);
    if (err == KMSG_OK)
        err = kmsg_encode_value(e->type, value, e->mem, &bytes);
    if (err != KMSG_OK)
        return input_fail_text(in, err, 0);
    fwrite(bytes.data, 1, bytes.size, stdout);
    return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool encode_file(encoder *e, const char *path)
{
    input        in;
    split_result got = SPLIT_VALUE;
    bool         good = input_open(&in, path);

    if (!good)
        return false;
    while (good && (got = split_next(&in, e->options->size_max, &e->text)) == SPLIT_VALUE) {
        kmsg_arena_reset(e->mem);
        good = e->type != NULL     ? put_raw(e, &in)
               : e->layout != NULL ? put_typed(e, &in)
                                   : put_any(e, &in);
        good = good && !ferror(stdout);
    }
    if (good && got == SPLIT_END && e->type != NULL && in.record == 0)
        good = cli_fail("%s: no value to encode", in.name);
    input_close(&in);
    return good && got != SPLIT_BAD;
}

static bool choose_type(encoder *e)
{
    const char *name = e->options->type;

    if (e->options->raw)
        return (e->type = registry_type(&e->types, name)) != NULL;
    if (name == NULL)
        return true;
    return (e->layout = registry_record(&e->types, name)) != NULL;
}

bool cli_encode(const cli_options *options)
{
    encoder e = {.options = options};
    bool    good;

    if (isatty(STDOUT_FILENO))
        return cli_fail("these bytes are not for a terminal; write them to a file or a pipe");
    if (!registry_load(&e.types, options))
        return false;
    e.mem = cli_arena();
    e.json = (kmsg_json_options){.types = e.types.records,
                                 .type_count = e.types.record_count,
                                 .text_max = options->size_max + 10,
                                 .refuse_unknown = options->strict};
    good = choose_type(&e);
    for (size_t i = 0; good && i < options->file_count; i++)
        good = encode_file(&e, options->files[i]);
    good = cli_flush() && good;
    store_done(&e.text);
    store_done(&e.wrapped);
    kmsg_arena_free(e.mem);
    registry_done(&e.types);
    return good;
}
