/* call.c -- kmsg call: a method of whoever publishes a name, without its schema at hand.
 *
 * What is asked for and answered goes through descriptors that are made of what the other side
 * tells of itself. JSON of an answer is the value, whatever its type: a number is a number.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/remote.h"
#include "cli/split.h"
#include "cli/values.h"

#include <poll.h>
#include <string.h>

typedef struct caller {
    remote              to;
    const cli_options  *options;
    kmsg_schema        *schema;
    const kmsg_service *service;
    const kmsg_method  *method;
    values              json;
    void               *args;
    bool                good, ended; /* of a stream in both directions */
} caller;

static bool print_value(caller *c, const kmsg_layout *layout, const void *value)
{
    kmsg_string text;
    kmsg_err    err;

    if (layout->count == 0)
        return true; /* nothing is answered */
    err = values_text(&c->json, layout, value, &text);
    if (err != KMSG_OK)
        return remote_fail(&c->to, err);
    printf("%.*s\n", (int)text.size, text.data);
    return true;
}

/* ---- what is asked --------------------------------------------------------------------------- */

static bool read_stdin(caller *c, store *text)
{
    input in;
    bool  good = input_open(&in, "-");

    while (good && input_peek(&in) >= 0) {
        store_add(text, (uint8_t)input_peek(&in));
        input_take(&in);
        if (text->size > c->options->size_max)
            good = input_fail(&in, "more than %zu bytes", c->options->size_max);
    }
    return good && !in.broken;
}

static bool read_args(caller *c)
{
    const char *words = c->options->file_count > 1 ? c->options->files[1] : "{}";
    kmsg_string text = kmsg_str(words);
    store       all = {0};
    bool        good = true;
    kmsg_err    err;

    if (strcmp(words, "-") == 0) {
        good = read_stdin(c, &all);
        text = (kmsg_string){(const char *)all.bytes, all.size};
    }
    c->args = values_room(c->to.mem, c->method->args);
    err =
        good ? kmsg_json_decode(c->method->args, text, &c->json.json, c->to.mem, c->args) : KMSG_OK;
    store_done(&all);
    return err == KMSG_OK ? good : cli_fail("%s", kmsg_last_error());
}

/* ---- what comes back ------------------------------------------------------------------------- */

static bool print_thrown(caller *c)
{
    const kmsg_layout *const *throws = c->method->throws;
    kmsg_string               text;

    for (size_t i = 0; throws != NULL && throws[i] != NULL; i++) {
        void *value = values_room(c->json.mem, throws[i]);
        if (!kmsg_caught(c->to.peer, throws[i], c->json.mem, value))
            continue;
        if (kmsg_json_encode(throws[i], value, &c->json.json, c->json.mem, &text) != KMSG_OK)
            break;
        fprintf(stderr, "{\"type\":\"%s\",\"value\":%.*s}\n", throws[i]->name, (int)text.size,
                text.data);
        return false;
    }
    return remote_fail(&c->to, KMSG_ETHROWN);
}

static bool say(caller *c, kmsg_err err)
{
    return err == KMSG_ETHROWN ? print_thrown(c) : remote_fail(&c->to, err);
}

static bool ask(caller *c)
{
    void    *ret = values_room(c->json.mem, c->method->result);
    kmsg_err err = kmsg_ask(c->to.peer, c->service, c->method, c->args, c->json.mem, ret);

    return err == KMSG_OK ? print_value(c, c->method->result, ret) : say(c, err);
}

static void told(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    kmsg_err *ret = ctx;

    (void)done;
    (void)result;
    *ret = err;
}

/* Acknowledged: it is known then that it has arrived. */
static bool tell(caller *c)
{
    kmsg_err err = KMSG_LATER;

    kmsg_ask_async(c->to.peer, c->service, c->method, c->args, told, NULL, &err);
    while (err == KMSG_LATER)
        remote_run(c->to.node, 10);
    return err == KMSG_OK ? true : say(c, err);
}

/* ---- streams --------------------------------------------------------------------------------- */

static bool read_item(caller *c, const input *in, const store *text, void *ret)
{
    const kmsg_string json = {(const char *)text->bytes, text->size};
    size_t            before;
    kmsg_err          err = values_read(&c->json, c->method->sends, json, &before, ret);

    return err == KMSG_OK ? true : input_fail_text(in, err, before);
}

/* The next value of stdin. KMSG_END: there is none any more; *good: nothing was wrong with it. */
static kmsg_err put_next(caller *c, kmsg_stream *stream, input *in, store *text, bool *good)
{
    split_result got = split_next(in, c->options->size_max, text);
    kmsg_arena  *mem;
    kmsg_err     err = KMSG_END;
    void        *item;

    *good = got != SPLIT_BAD;
    if (got != SPLIT_VALUE)
        return KMSG_END;
    mem = c->json.mem;
    c->json.mem = cli_arena(); /* what comes back meanwhile has the other one */
    item = values_room(c->json.mem, c->method->sends);
    *good = read_item(c, in, text, item);
    if (*good)
        err = kmsg_stream_put(stream, c->method, item);
    kmsg_arena_free(c->json.mem);
    c->json.mem = mem;
    return err;
}

/* All that stands in stdin, one value behind the other. Why the stream has ended before that is
 * told with the answer. */
static bool put_items(caller *c, kmsg_stream *stream)
{
    input in;
    store text = {0};
    bool  good = input_open(&in, "-");

    while (good && put_next(c, stream, &in, &text, &good) == KMSG_OK) {
    }
    store_done(&text);
    kmsg_stream_end(stream);
    return good;
}

/* ---- in both directions ---------------------------------------------------------------------- */

static void hear(kmsg_done *heard, void *ctx, const void *item)
{
    caller *c = ctx;

    (void)heard;
    c->good = c->good && print_value(c, c->method->streams, item) && fflush(stdout) == 0;
    kmsg_arena_reset(c->json.mem);
}

static void end(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    caller *c = ctx;

    (void)done;
    (void)result;
    c->ended = true;
    c->good = c->good && (err == KMSG_OK || say(c, err));
}

/* Without waiting: blanks do not begin a value. */
static bool has_input(input *in)
{
    struct pollfd fds = {.fd = in->fd, .events = POLLIN};

    while (in->at < in->end && strchr(" \t\r\n", in->bytes[in->at]) != NULL)
        input_take(in);
    return in->at < in->end || in->ended || poll(&fds, 1, 0) > 0;
}

/* What comes is printed while more is read. */
static void exchange(caller *c, kmsg_stream *stream, input *in)
{
    store text = {0};
    bool  open = true, good = true;

    while (good && c->good && !c->ended) {
        if (!open || !has_input(in)) {
            remote_wait(c->to.node, open ? in->fd : -1);
            continue;
        }
        open = put_next(c, stream, in, &text, &good) == KMSG_OK;
        if (!open && !c->ended)
            kmsg_stream_end(stream);
        remote_run(c->to.node, 0);
    }
    c->good = c->good && good;
    store_done(&text);
}

static bool converse(caller *c)
{
    input        in;
    kmsg_stream *stream;

    if (!input_open(&in, "-"))
        return false;
    c->good = true;
    stream =
        kmsg_stream_async(c->to.peer, c->service, c->method, c->args, hear, NULL, end, NULL, c);
    if (stream != NULL)
        exchange(c, stream, &in);
    return c->good;
}

/* ---- in one ---------------------------------------------------------------------------------- */

/* Waiting has no end here but the stream's. */
static bool print_items(caller *c, kmsg_stream *stream)
{
    kmsg_err err;
    bool     good = true;

    do {
        void *item = values_room(c->json.mem, c->method->streams);
        err = kmsg_stream_next(stream, c->method, c->json.mem, item);
        if (err == KMSG_OK)
            good = print_value(c, c->method->streams, item) && fflush(stdout) == 0;
        kmsg_arena_reset(c->json.mem);
    } while (good && (err == KMSG_OK || err == KMSG_ETIMEDOUT));
    return good && (err == KMSG_END || say(c, err));
}

static bool finish(caller *c, kmsg_stream *stream)
{
    void    *ret = values_room(c->json.mem, c->method->result);
    kmsg_err err = kmsg_stream_finish(stream, c->method, c->json.mem, ret);

    return err == KMSG_OK ? print_value(c, c->method->result, ret) : say(c, err);
}

static bool stream(caller *c)
{
    kmsg_stream *stream;
    kmsg_err     err = kmsg_stream_open(c->to.peer, c->service, c->method, c->args, &stream);
    bool         good;

    if (err != KMSG_OK)
        return say(c, err);
    good = c->method->sends == NULL || put_items(c, stream);
    if (good)
        good = c->method->streams != NULL ? print_items(c, stream) : finish(c, stream);
    kmsg_stream_close(stream);
    return good;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool print_schema(const kmsg_schema_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s// %s\n%s", i == 0 ? "" : "\n", files[i].name, files[i].text.data);
    return cli_flush();
}

static bool call(caller *c)
{
    if (!read_args(c))
        return false;
    if (c->method->sends != NULL && c->method->streams != NULL)
        return converse(c);
    if (c->method->sends != NULL || c->method->streams != NULL)
        return stream(c);
    return c->method->oneway ? tell(c) : ask(c);
}

static bool call_there(caller *c)
{
    kmsg_schema_file *files;
    kmsg_list_string  services;
    size_t            count;
    bool              good;

    if (!remote_describe(&c->to, &files, &count, &services))
        return false;
    if (c->options->file_count == 0)
        return print_schema(files, count);
    if (!remote_schema(&c->to, files, count, &c->schema))
        return false;
    values_init(&c->json, c->schema);
    good = remote_method(c->schema, &services, c->options->files[0], &c->service, &c->method) &&
           call(c);
    kmsg_schema_free(c->schema);
    values_done(&c->json);
    return cli_flush() && good;
}

bool cli_call(const cli_options *options)
{
    cli_options own = *options;
    caller      c = {.options = &own};
    bool        good;

    if (!remote_open(&c.to, &own))
        return false;
    if (own.file_count > 2)
        cli_usage("one JSON value is enough: ", own.files[2]);
    good = call_there(&c);
    remote_close(&c.to);
    return good;
}
