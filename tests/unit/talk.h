/* talk.h -- what the tests of the runtime share: a server of talk.kmsg, and the means to drive
 * nodes without sleeping.
 *
 * A handler does what the text of the note says; server.handled and the like are looked at by the
 * test only while the server's node is driven by the test's own thread, or after it has ended.
 */
#ifndef TALK_H
#define TALK_H

#include "test.h"

#include "talk.kmsg.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* a test that waits longer than this has failed */

typedef struct server {
    kmsg_node     *node;
    kmsg_listener *listener;
    kmsg_call     *later; /* the last call that was left for later */
    int64_t        sum;
    int            handled;
    kmsg_peer     *back; /* who asked last */
    kmsg_peer     *ask;  /* whom "ask the named" asks */
    kmsg_err       nested_err;
} server;

/* libuv opens a pipe for signals with the first loop, and keeps it for life. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

/* ---- handlers ------------------------------------------------------------------------------ */

static inline kmsg_err talk_nested(server *s, kmsg_call *call, const talk_Note *note,
                                   talk_Note *ret)
{
    kmsg_peer *peer = strcmp(note->text.data, "ask me") == 0 ? kmsg_call_peer(call)
                       : strcmp(note->text.data, "ask the named") == 0
                           ? s->ask
                           : kmsg_self(s->node);

    *ret = *note;
    if (strcmp(note->text.data, "ask the executing") == 0)
        s->nested_err = talk_Talk_sum(peer, kmsg_call_arena(call), &ret->number);
    else
        s->nested_err = talk_Other_twice(peer, note->number, kmsg_call_arena(call), &ret->number);
    if (s->nested_err != KMSG_OK)
        return kmsg_fail(call, s->nested_err, "%s", kmsg_last_error());
    return KMSG_OK;
}

static inline kmsg_err talk_echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    static const talk_Note not_utf8 = {.text = KMSG_STR("\xff")};
    server                *s = ctx;
    const char            *text = note->text.data;

    s->handled++;
    s->back = kmsg_call_peer(call);
    if (strcmp(text, "fail") == 0)
        return kmsg_fail(call, KMSG_ENOENT, "nobody is called %s", "Bob");
    if (strcmp(text, "throw") == 0)
        return talk_Refused_throw(call, &(talk_Refused){.reason = kmsg_str("tired"), .code = 7});
    if (strcmp(text, "odd") == 0)
        return (kmsg_err)17;
    if (strcmp(text, "throw nothing") == 0)
        return KMSG_ETHROWN;
    if (strcmp(text, "not utf-8") == 0) {
        *ret = not_utf8;
        return KMSG_OK;
    }
    if (strcmp(text, "later") == 0) {
        s->later = call;
        return KMSG_LATER;
    }
    if (strncmp(text, "ask ", 4) == 0)
        return talk_nested(s, call, note, ret);
    *ret = *note;
    return KMSG_OK;
}

static inline kmsg_err talk_push(void *ctx, kmsg_call *call, int64_t number)
{
    server *s = ctx;

    (void)call;
    s->sum += number;
    return KMSG_OK;
}

static inline kmsg_err talk_sum(void *ctx, kmsg_call *call, int64_t *ret)
{
    (void)call;
    *ret = ((server *)ctx)->sum;
    return KMSG_OK;
}

static inline kmsg_err talk_twice(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = 2 * number;
    return KMSG_OK;
}

static const talk_Talk_impl  talk_impl = {.echo = talk_echo, .push = talk_push, .sum = talk_sum};
static const talk_Other_impl other_impl = {.twice = talk_twice};

/* ---- servers ------------------------------------------------------------------------------- */

/* Serves on a node that the test drives; `url` may be NULL. */
static inline void server_init(server *s, const char *url)
{
    *s = (server){.node = kmsg_node_new()};
    CHECK(s->node != NULL);
    OK(talk_Talk_serve(s->node, &talk_impl, s));
    OK(talk_Other_serve(s->node, &other_impl, s));
    if (url != NULL)
        OK(kmsg_listen(s->node, url, &s->listener));
}

/* The same, on a thread of its own. */
static inline void server_start(server *s, const char *url)
{
    server_init(s, url);
    OK(kmsg_start(s->node));
}

static inline void server_done(server *s)
{
    kmsg_node_free(s->node);
    s->node = NULL;
}

static inline kmsg_peer *dial(kmsg_node *node, const server *s)
{
    kmsg_peer *peer = NULL;

    OK(kmsg_dial(node, kmsg_listener_url(s->listener), &peer));
    return peer;
}

/* "unix:/tmp/kmsg-PID-N.sock", another one each time; in static memory, the last eight stay. */
static inline const char *new_path(void)
{
    static char     urls[8][64];
    static unsigned count;
    char           *url = urls[count % 8];

    snprintf(url, sizeof urls[0], "unix:/tmp/kmsg-%d-%u.sock", (int)getpid(), count++);
    return url;
}

/* "unix:@kmsg-PID-N", the same without a file. */
static inline const char *new_name(void)
{
    static char     urls[8][64];
    static unsigned count;
    char           *url = urls[count % 8];

    snprintf(url, sizeof urls[0], "unix:@kmsg-%d-%u", (int)getpid(), count++);
    return url;
}

/* ---- driving ------------------------------------------------------------------------------- */

static inline int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One step of each node as soon as one of them has something to do; at most `limit_ms` later. */
static inline void step_both(kmsg_node *a, kmsg_node *b, int limit_ms)
{
    kmsg_node    *nodes[] = {a, b};
    struct pollfd fds[2];
    int           wait_ms = limit_ms;

    for (int i = 0; i < 2; i++) {
        int w = kmsg_node_wait_ms(nodes[i]);
        fds[i] = (struct pollfd){.fd = kmsg_node_fd(nodes[i]), .events = POLLIN};
        wait_ms = w >= 0 && w < wait_ms ? w : wait_ms;
    }
    poll(fds, 2, wait_ms);
    for (int i = 0; i < 2; i++)
        OK(kmsg_node_step(nodes[i]));
}

#define DRIVE(a, b, condition)                                                                     \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition) && clock_ms() < until_ms)                                              \
            step_both((a), (b), 100);                                                              \
        CHECK(condition);                                                                          \
    } while (0)

/* ---- what a callback was told -------------------------------------------------------------- */

typedef struct outcome {
    int      count; /* of times it was called */
    kmsg_err err;
    int64_t  number;
    int64_t  at_ms;
    char     text[256];  /* of the answer */
    char     words[256]; /* kmsg_last_error() of a failure */
} outcome;

static inline void echo_done(void *ctx, kmsg_err err, const talk_Note *result)
{
    outcome *o = ctx;

    o->count++;
    o->err = err;
    o->at_ms = clock_ms();
    snprintf(o->words, sizeof o->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
    if (result != NULL) {
        o->number = result->number;
        snprintf(o->text, sizeof o->text, "%s", result->text.data);
    }
}

static inline void sum_done(void *ctx, kmsg_err err, const int64_t *result)
{
    outcome *o = ctx;

    o->count++;
    o->err = err;
    o->number = result == NULL ? 0 : *result;
}

static inline talk_Note note_of(const char *text, int64_t number)
{
    return (talk_Note){.text = kmsg_str(text), .number = number, .blob = {(const uint8_t *)"", 0}};
}

#endif
