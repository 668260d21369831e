/* decode.c -- kmsg decode and kmsg cat: messages on their way to text, one at a time.
 *
 * A message whose type no schema tells is shown as what it is, a name and bytes; nothing is lost.
 */
#include "cli/frame.h"
#include "cli/registry.h"

#include <kmsg/json.h>

#include <string.h>

typedef struct decoder {
    const cli_options *options;
    registry           types;
    const kmsg_layout *layout; /* of -t: all messages are of it */
    const kmsg_type   *type;   /* the same, where it is --raw */
    kmsg_json_options  json;
    kmsg_arena        *mem; /* of the message at hand */
    store              room;
    bool               for_people; /* kmsg cat */
} decoder;

/* ---- one message ----------------------------------------------------------------------------- */

static kmsg_err print_record(decoder *d, const kmsg_layout *layout, const void *value)
{
    kmsg_string text;
    kmsg_err    err;

    if (d->for_people) {
        kmsg_print(layout, value, stdout);
        putc('\n', stdout);
        return KMSG_OK;
    }
    err = kmsg_json_encode(layout, value, &d->json, d->mem, &text);
    if (err != KMSG_OK)
        return err;
    if (d->layout == NULL)
        fprintf(stdout, "{\"type\":\"%s\",\"value\":", layout->name);
    fwrite(text.data, 1, text.size, stdout);
    fputs(d->layout == NULL ? "}\n" : "\n", stdout);
    return KMSG_OK;
}

static kmsg_err print_unknown(decoder *d, const kmsg_any *any)
{
    const size_t before = strlen("{\"value\":"), behind = 1;
    kmsg_string  text;
    kmsg_err     err;

    if (d->for_people) {
        kmsg_print_value(&kmsg_type_any, any, stdout);
        putc('\n', stdout);
        return KMSG_OK;
    }
    err = kmsg_json_encode_value(&kmsg_type_any, any, &d->json, d->mem, &text);
    if (err != KMSG_OK)
        return err;
    fwrite(text.data + before, 1, text.size - before - behind, stdout);
    putc('\n', stdout);
    return KMSG_OK;
}

static bool print_message(decoder *d, const input *in, const kmsg_any *any)
{
    const kmsg_layout *layout = registry_find(&d->types, any->type.data);
    void              *value;
    kmsg_err           err;

    if (d->layout != NULL && strcmp(d->layout->name, any->type.data) != 0)
        return input_fail(in, "of type %s, not %s", any->type.data, d->layout->name);
    kmsg_arena_reset(d->mem);
    if (layout == NULL) {
        err = print_unknown(d, any);
        return err == KMSG_OK || input_fail_err(in, err);
    }
    value = kmsg_alloc(d->mem, layout->size, 16);
    err = value == NULL ? KMSG_ENOMEM : kmsg_decode(layout, any->message, d->mem, value);
    if (err == KMSG_OK)
        err = print_record(d, layout, value);
    return err == KMSG_OK || input_fail_err(in, err);
}

/* A message without a frame is the whole file. */
static bool print_raw(decoder *d, input *in)
{
    void       *value = kmsg_alloc(d->mem, d->type->size, 16);
    kmsg_string text;
    kmsg_err    err;

    in->record = 1;
    d->room.size = 0;
    if (store_read(&d->room, in, d->options->size_max) && input_peek(in) >= 0)
        return input_fail(in, "more than %zu bytes (see --max)", d->options->size_max);
    if (in->broken)
        return false;
    err = value == NULL ? KMSG_ENOMEM
                        : kmsg_decode_value(d->type, (kmsg_bytes){d->room.bytes, d->room.size},
                                            d->mem, value);
    if (err == KMSG_OK && d->for_people) {
        kmsg_print_value(d->type, value, stdout);
    } else if (err == KMSG_OK) {
        err = kmsg_json_encode_value(d->type, value, &d->json, d->mem, &text);
        if (err == KMSG_OK)
            fwrite(text.data, 1, text.size, stdout);
    }
    if (err != KMSG_OK)
        return input_fail_err(in, err);
    putc('\n', stdout);
    return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool print_stream(decoder *d, input *in)
{
    frame_result got = FRAME_GOOD;
    kmsg_any     any;
    bool         good = true;

    while (good && (got = frame_next(in, d->options->size_max, &d->room, &any)) == FRAME_GOOD)
        good = print_message(d, in, &any) && !ferror(stdout);
    return good && got == FRAME_END;
}

static bool print_file(decoder *d, const char *path)
{
    input in;
    bool  good;

    if (!input_open(&in, path))
        return false;
    good = d->type != NULL ? print_raw(d, &in) : print_stream(d, &in);
    input_close(&in);
    return good;
}

static bool choose_type(decoder *d)
{
    const char *name = d->options->type;

    if (d->options->raw)
        return (d->type = registry_type(&d->types, name)) != NULL;
    if (name == NULL)
        return true;
    return (d->layout = registry_record(&d->types, name)) != NULL;
}

static bool decode(const cli_options *options, bool for_people)
{
    decoder d = {.options = options, .for_people = for_people};
    bool    good;

    if (!registry_load(&d.types, options))
        return false;
    d.mem = cli_arena();
    d.json = (kmsg_json_options){.types = d.types.records, .type_count = d.types.record_count};
    good = choose_type(&d);
    for (size_t i = 0; good && i < options->file_count; i++)
        good = print_file(&d, options->files[i]);
    good = cli_flush() && good;
    store_done(&d.room);
    kmsg_arena_free(d.mem);
    registry_done(&d.types);
    return good;
}

bool cli_decode(const cli_options *options)
{
    return decode(options, false);
}

bool cli_cat(const cli_options *options)
{
    return decode(options, true);
}
