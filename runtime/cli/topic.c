/* topic.c -- kmsg sub, kmsg pub: what is published under a topic, as lines of JSON, and back.
 *
 *     {"key":{"symbol":"ACME"},"value":{"bid":1.5,"ask":1.75,"size":100}}
 *
 * The schema is asked of who publishes it (the first who is found), or is a file. A topic without a
 * key has none here either.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/remote.h"
#include "cli/split.h"
#include "cli/values.h"

#include <kmsg/topic.h>

#include <string.h>

#define PEERS_MAX 64

typedef struct session {
    cli_options  options;
    remote       of; /* who has told the schema */
    kmsg_schema *schema;
    kmsg_topic   topic; /* a copy */
    values       json;
    uint64_t     count;
    bool         good;
    kmsg_peer   *peers[PEERS_MAX]; /* of subscribers */
    size_t       peer_count;
} session;

/* ---- the schema ------------------------------------------------------------------------------ */

static bool choose(session *s, const char *name)
{
    const kmsg_topic *topic = kmsg_schema_topic(s->schema, name);

    if (topic == NULL)
        return cli_fail("there is no topic '%s' in the schema", name);
    s->topic = *topic;
    return true;
}

static bool load_file(session *s)
{
    const kmsg_schema_options how = {
        .dirs = s->options.dirs, .dir_count = s->options.dir_count, .diagnostics = stderr};
    kmsg_err err = kmsg_schema_load(s->options.schemas[0], &how, &s->schema);

    if (s->options.schema_count > 1)
        cli_usage("one schema is enough: ", s->options.schemas[1]);
    if (err == KMSG_OK || err == KMSG_EINVAL || err == KMSG_ENOENT) /* the front end has said it */
        return err == KMSG_OK;
    return cli_fail("%s: %s", s->options.schemas[0], kmsg_strerror(err));
}

static bool ask_for_it(session *s)
{
    kmsg_schema_file *files;
    kmsg_list_string  services;
    size_t            count;

    return remote_describe(&s->of, &files, &count, &services) &&
           remote_schema(&s->of, files, count, &s->schema);
}

/* The name is the first word, unless it is said where. */
static bool begin(session *s, const cli_options *options, const char **ret_name)
{
    static char name[KMSG_NAME_MAX + 1];
    bool        good;

    *s = (session){.options = *options, .good = true};
    if (options->file_count == 0)
        cli_usage("which topic?", "");
    *ret_name = options->files[0];
    if (snprintf(name, sizeof name, "$topic/%s", *ret_name) >= (int)sizeof name)
        cli_usage("too long for the name of a topic: ", *ret_name);
    s->options.files++;
    s->options.file_count--;
    if (!remote_open_name(&s->of, &s->options, options->schema_count > 0 ? NULL : name, *ret_name))
        return false;
    good = s->options.schema_count > 0 ? load_file(s) : ask_for_it(s);
    if (good)
        values_init(&s->json, s->schema);
    return good && choose(s, *ret_name);
}

static bool finish(session *s)
{
    if (s->schema != NULL)
        values_done(&s->json);
    kmsg_schema_free(s->schema);
    if (s->of.node != NULL)
        remote_close(&s->of);
    return cli_flush() && s->good;
}

/* ---- subscribing ----------------------------------------------------------------------------- */

static void tell(kmsg_done *heard, void *ctx, const kmsg_topic_news *news, const void *key,
                 const void *value)
{
    session *s = ctx;

    (void)heard;
    if (!s->good || s->count == 0)
        return;
    if (news->missed > 0)
        cli_fail("missed: %llu", (unsigned long long)news->missed);
    s->good = values_print_topic(&s->json, &s->topic, key, value) && fflush(stdout) == 0;
    s->count -= s->count != UINT64_MAX;
}

static void heard_nothing(void)
{
}

static void on_event(void *ctx, const kmsg_topic_event *event)
{
    (void)ctx;
    if (event->kind == KMSG_TOPIC_DETACHED && event->err != KMSG_ECLOSED &&
        event->err != KMSG_ELOST)
        cli_fail("%s%s%s", kmsg_strerror(event->err), event->words[0] == '\0' ? "" : ": ",
                 event->words);
}

static kmsg_err subscribe(session *s, const void *filter)
{
    const kmsg_subscriber_options how = {
        .scope = s->options.scope, .unnamed = s->options.url != NULL, .heard = on_event, .ctx = s};
    kmsg_subscriber *subscriber;
    kmsg_err         err =
        kmsg_topic_subscribe(s->of.node, &s->topic, filter, &how, heard_nothing, s, &subscriber);

    if (err == KMSG_OK && s->options.url != NULL)
        err = kmsg_subscriber_join(subscriber, s->of.peer);
    return err;
}

bool cli_sub(const cli_options *options)
{
    const char *name;
    void       *filter = NULL;
    session     s;
    kmsg_err    err;

    if (options->file_count > 1)
        cli_usage("one topic is enough: ", options->files[1]);
    s.good = begin(&s, options, &name);
    if (s.good && options->filter_count > 0)
        s.good = values_filter(&s.json, &s.topic, options->filters, options->filter_count, &filter);
    s.count = options->count == 0 ? UINT64_MAX : options->count;
    s.topic.tell = tell;
    err = s.good ? subscribe(&s, filter) : KMSG_OK;
    if (err != KMSG_OK)
        s.good = remote_fail(&s.of, err);
    while (s.good && s.count > 0)
        remote_wait(s.of.node, -1);
    return finish(&s);
}

/* ---- publishing ------------------------------------------------------------------------------ */

static void on_peer(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    session *s = ctx;

    (void)err;
    for (size_t i = 0; i < s->peer_count && event == KMSG_PEER_DOWN; i++)
        if (s->peers[i] == peer)
            s->peers[i] = s->peers[--s->peer_count];
    if (event == KMSG_PEER_UP && s->peer_count < PEERS_MAX)
        s->peers[s->peer_count++] = peer;
}

/* Nobody gets what is published before he has subscribed. */
static bool wait_for_subscribers(session *s)
{
    const uint64_t   wanted = s->options.count == 0 ? 1 : s->options.count;
    kmsg_topic_facts facts = {0};

    for (uint32_t waited = 0; waited < s->options.timeout_ms; waited += 10) {
        if (kmsg_topic_info(s->of.node, &s->topic, &facts) == KMSG_OK &&
            facts.subscribers >= wanted)
            return true;
        remote_run(s->of.node, 10);
    }
    return cli_fail("%u of %llu subscribers after %u ms", (unsigned)facts.subscribers,
                    (unsigned long long)wanted, (unsigned)s->options.timeout_ms);
}

static bool publish(session *s, const input *in, kmsg_string text)
{
    void    *key, *value;
    kmsg_err err = values_read_topic(&s->json, &s->topic, text, &key, &value);

    if (err == KMSG_OK)
        err = kmsg_topic_publish(s->of.node, &s->topic, key, value);
    values_next(&s->json);
    if (err == KMSG_OK)
        return true;
    return in == NULL ? cli_fail("%s: %s", kmsg_strerror(err), kmsg_last_error())
                      : input_fail_err(in, err);
}

static bool publish_stdin(session *s)
{
    input        in;
    store        text = {0};
    split_result got = SPLIT_END;
    bool         good = input_open(&in, "-");

    while (good && (got = split_next(&in, s->options.size_max, &text)) == SPLIT_VALUE) {
        good = publish(s, &in, (kmsg_string){(const char *)text.bytes, text.size});
        remote_run(s->of.node, 0);
    }
    store_done(&text);
    return good && got == SPLIT_END;
}

static bool publish_all(session *s)
{
    const kmsg_publisher_options how = {.scope = s->options.scope};
    kmsg_err                     err = KMSG_OK;
    bool                         good;

    kmsg_node_watch(s->of.node, s, on_peer);
    err = kmsg_topic_offer(s->of.node, &s->topic, &how);
    if (err != KMSG_OK)
        return remote_fail(&s->of, err);
    if (!wait_for_subscribers(s))
        return false;
    if (s->options.file_count == 0)
        return publish_stdin(s);
    good = true;
    for (size_t i = 0; i < s->options.file_count && good; i++)
        good = publish(s, NULL, kmsg_str(s->options.files[i]));
    return good;
}

static bool flush_all(session *s)
{
    remote_run(s->of.node, 0);
    for (size_t i = 0; i < s->peer_count; i++) {
        kmsg_err err = kmsg_flush(s->peers[i]);
        if (err != KMSG_OK)
            return remote_fail(&s->of, err);
    }
    return true;
}

bool cli_pub(const cli_options *options)
{
    const char *name;
    session     s;

    s.good = begin(&s, options, &name);
    if (s.good)
        s.good = publish_all(&s) && flush_all(&s);
    return finish(&s);
}
