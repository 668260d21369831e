/* writers_test.c -- many write to the same receiver: threads with nodes of their own, threads that
 * share one node, and other processes. Each message comes whole, and each sender's in order.
 */
#define _GNU_SOURCE
#include "exec.h"
#include "talk.h"

#include <kmsg/peer.h>

#include <pthread.h>
#include <stdatomic.h>

#define PROCESSES 3
#define THREADS   4
#define SHARED    3 /* threads that write by one node, and over one connection */
#define WRITERS   (PROCESSES + THREADS + SHARED)
#define MESSAGES  300
#define BLOB_MAX  70000u /* more than a socket takes at once, sometimes */

/* ---- what is written ------------------------------------------------------------------------- */

static size_t size_of(int64_t writer, int64_t number)
{
    return (size_t)(number * 7919 + writer * 104729) % BLOB_MAX / (number % 8 == 0 ? 1 : 100);
}

static uint8_t byte_of(int64_t writer, int64_t number)
{
    return (uint8_t)(writer * 31 + number);
}

/* `blob` has room for the largest. */
static talk_Note message(int64_t writer, int64_t number, uint8_t *blob)
{
    talk_Note note = note_of("whole", writer << 32 | number);

    note.blob = (kmsg_bytes){blob, size_of(writer, number)};
    memset(blob, byte_of(writer, number), note.blob.size);
    return note;
}

/* Each is acknowledged by its echo, so a writer never has to be held back. */
static void write_all(kmsg_peer *peer, int64_t writer)
{
    uint8_t    *blob = malloc(BLOB_MAX);
    kmsg_arena *mem = kmsg_arena_new();

    for (int64_t i = 0; i < MESSAGES; i++) {
        talk_Note note = message(writer, i, blob), echo;
        kmsg_must(talk_Talk_echo(peer, &note, mem, &echo));
        if (echo.number != note.number)
            kmsg_must(KMSG_EFAILED);
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
    free(blob);
}

static void be_child(const char *word)
{
    kmsg_node *node = kmsg_node_new();
    char      *url;
    int64_t    writer = strtol(word, &url, 10);
    kmsg_peer *peer;

    kmsg_must(kmsg_dial(node, url + 1, &peer));
    write_all(peer, writer);
    kmsg_node_free(node);
}

EXEC_CHILD(be_child)

/* ---- who reads ------------------------------------------------------------------------------- */

typedef struct reader {
    kmsg_node *node;
    int64_t    next[WRITERS];
    int        torn; /* messages that are not as they were written, or not in order */
} reader;

static kmsg_err read_one(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    reader *r = ctx;
    int64_t writer = note->number >> 32, number = note->number & UINT32_MAX;
    bool    good = writer >= 0 && writer < WRITERS && number == r->next[writer] &&
                note->blob.size == size_of(writer, number);

    (void)call;
    for (size_t i = 0; good && i < note->blob.size; i++)
        good = note->blob.data[i] == byte_of(writer, number);
    r->torn += !good;
    if (good)
        r->next[writer]++;
    *ret = (talk_Note){.text = note->text, .number = note->number, .blob = {note->blob.data, 0}};
    return KMSG_OK;
}

static const talk_Talk_impl reading = {.echo = read_one};

/* ---- who writes ------------------------------------------------------------------------------ */

typedef struct writer {
    pthread_t   thread;
    const char *url;
    int64_t     number;
    kmsg_peer  *peer; /* of a node that others write by as well */
    uint8_t    *blob;
    int64_t     at;
    atomic_int  done; /* messages that were echoed */
} writer;

static void *write_alone(void *ctx)
{
    writer    *w = ctx;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    kmsg_must(kmsg_dial(node, w->url, &peer));
    write_all(peer, w->number);
    kmsg_node_free(node);
    return NULL;
}

static void echoed(void *ctx, kmsg_err err, const talk_Note *note)
{
    (void)note;
    kmsg_must(err);
    atomic_fetch_add(&((writer *)ctx)->done, 1);
}

/* On the thread of the node. */
static void write_one(void *ctx)
{
    writer   *w = ctx;
    talk_Note note = message(w->number, w->at++, w->blob);

    talk_Talk_echo_async(w->peer, &note, w, echoed);
}

static void *write_by_another(void *ctx)
{
    writer *w = ctx;

    for (int i = 0; i < MESSAGES; i++)
        kmsg_must(kmsg_defer_ts(kmsg_peer_node(w->peer), w, write_one));
    return NULL;
}

static void start_writers(writer *writers, const char *url, kmsg_peer *shared)
{
    for (int i = 0; i < THREADS + SHARED; i++) {
        writer *w = &writers[i];
        *w = (writer){.url = url, .number = PROCESSES + i, .blob = malloc(BLOB_MAX)};
        w->peer = i < THREADS ? NULL : shared;
        CHECK(pthread_create(&w->thread, NULL, i < THREADS ? write_alone : write_by_another, w) ==
              0);
    }
}

static bool all_done(writer *writers)
{
    for (int i = THREADS; i < THREADS + SHARED; i++)
        if (atomic_load(&writers[i].done) < MESSAGES)
            return false;
    return true;
}

static void write_to(const char *url)
{
    reader         r = {.node = kmsg_node_new()};
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *listener;
    kmsg_peer     *shared;
    writer         writers[THREADS + SHARED];
    pid_t          pids[PROCESSES];
    char           word[400];

    OK(talk_Talk_serve(r.node, &reading, &r));
    OK(kmsg_listen(r.node, url, &listener));
    OK(kmsg_dial(node, kmsg_listener_url(listener), &shared));
    for (int i = 0; i < PROCESSES; i++) {
        snprintf(word, sizeof word, "%d %s", i, kmsg_listener_url(listener));
        pids[i] = exec_start(word, -1);
    }
    OK(kmsg_start(r.node));
    start_writers(writers, kmsg_listener_url(listener), shared);
    DRIVE(node, node, all_done(writers));
    for (int i = 0; i < THREADS + SHARED; i++) {
        pthread_join(writers[i].thread, NULL);
        free(writers[i].blob);
    }
    for (int i = 0; i < PROCESSES; i++)
        exec_end(pids[i]);
    kmsg_node_free(node);
    kmsg_node_free(r.node);
    EQ_INT(r.torn, 0);
    for (int i = 0; i < WRITERS; i++)
        EQ_INT(r.next[i], MESSAGES);
}

TEST(messages_of_many_threads_and_processes_never_mix)
{
    exec_or_skip();
    write_to(new_path());
    write_to("tcp:127.0.0.1:0");
}

/* ---- who waits ------------------------------------------------------------------------------- */

typedef struct holder {
    kmsg_call *asked; /* its answer comes when all the others have been heard */
    int        heard;
} holder;

static void answer_when_all_is_heard(holder *h)
{
    talk_Note note = note_of("all were heard", 0);

    if (h->asked != NULL && h->heard == (THREADS + SHARED) * MESSAGES)
        talk_Talk_echo_reply(h->asked, &note);
}

static kmsg_err hold_answer(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    holder *h = ctx;

    (void)note;
    (void)ret;
    h->asked = call;
    answer_when_all_is_heard(h);
    return KMSG_LATER;
}

static kmsg_err hear_one(void *ctx, kmsg_call *call, int64_t number)
{
    holder *h = ctx;

    (void)call;
    (void)number;
    h->heard++;
    answer_when_all_is_heard(h);
    return KMSG_OK;
}

static const talk_Talk_impl holding = {.echo = hold_answer, .push = hear_one};

static void *tell_alone(void *ctx)
{
    writer    *w = ctx;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    kmsg_must(kmsg_dial(node, w->url, &peer));
    for (int i = 0; i < MESSAGES; i++)
        kmsg_must(talk_Talk_push(peer, i));
    kmsg_must(kmsg_flush(peer));
    kmsg_node_free(node);
    return NULL;
}

static void tell_one(void *ctx)
{
    kmsg_must(talk_Talk_push(((writer *)ctx)->peer, 1));
}

static void *tell_by_another(void *ctx)
{
    writer *w = ctx;

    for (int i = 0; i < MESSAGES; i++)
        kmsg_must(kmsg_defer_ts(kmsg_peer_node(w->peer), w, tell_one));
    return NULL;
}

/* The answer that is waited for comes only if all others get through meanwhile, over the very
 * connection on which it is waited for, and over their own. */
TEST(who_waits_for_a_message_holds_up_nobody_who_sends)
{
    holder         h = {0};
    kmsg_node     *there = kmsg_node_new(), *node = kmsg_node_new();
    kmsg_listener *listener;
    kmsg_peer     *peer;
    kmsg_arena    *mem = kmsg_arena_new();
    writer         writers[THREADS + SHARED];
    talk_Note      note = note_of("tell me when", 0), answer;

    OK(talk_Talk_serve(there, &holding, &h));
    OK(kmsg_listen(there, new_path(), &listener));
    OK(kmsg_dial(node, kmsg_listener_url(listener), &peer));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    OK(kmsg_start(there));
    for (int i = 0; i < THREADS + SHARED; i++) {
        writers[i] = (writer){.url = kmsg_listener_url(listener), .peer = peer};
        CHECK(pthread_create(&writers[i].thread, NULL, i < THREADS ? tell_alone : tell_by_another,
                             &writers[i]) == 0);
    }
    OK(talk_Talk_echo(peer, &note, mem, &answer));
    EQ_STR(answer.text.data, "all were heard");
    for (int i = 0; i < THREADS + SHARED; i++)
        pthread_join(writers[i].thread, NULL);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
    kmsg_node_free(there);
    EQ_INT(h.heard, (THREADS + SHARED) * MESSAGES);
}
