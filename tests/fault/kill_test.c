/* kill_test.c -- real processes, killed in a call, in real time; steps_test.c goes through all
 * steps. Synchronised by what the processes say and by answers alone.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "unit/talk.h"

static kmsg_err tell_and_wait(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)call;
    *ret = *note;
    if (strcmp(note->text.data, "hold") != 0)
        return KMSG_OK;
    child_say('h');
    return KMSG_LATER;
}

static const talk_Talk_impl holding = {.echo = tell_and_wait};

/* It says that it listens, and that it holds a call. */
static void be_server(void *ctx)
{
    kmsg_node *node = kmsg_node_new();

    kmsg_must(talk_Talk_serve(node, &holding, NULL));
    kmsg_must(kmsg_listen(node, ctx, NULL));
    child_say('l');
    kmsg_must(kmsg_run(node));
}

static child start_server(const char *url)
{
    child c = child_start(be_server, (void *)(uintptr_t)url);

    EQ_INT(child_hear(&c), 'l');
    return c;
}

static void kill_in_a_call(const char *url)
{
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem = kmsg_arena_new();
    child       c = start_server(url);
    talk_Note   note = note_of("hold", 1), back;
    outcome     o = {0};
    int64_t     killed_ms;

    node = kmsg_node_new();
    OK(kmsg_dial(node, url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, node, child_has_said(&c));
    EQ_INT(child_hear(&c), 'h');
    EQ_INT(o.count, 0);
    killed_ms = clock_ms();
    child_end(&c);
    DRIVE(node, node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    CHECK(clock_ms() - killed_ms < 2000);
    note = note_of("anybody?", 1);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_EREFUSED);
    c = start_server(url); /* over the path that the killed one has left behind */
    OK(talk_Talk_echo(peer, &note, mem, &back));
    EQ_STR(back.text.data, "anybody?");
    child_end(&c);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

TEST(a_call_is_lost_promptly_when_its_server_is_killed_and_the_next_server_is_found)
{
    const char *url = new_path();
    char        lock[80];

    kill_in_a_call(url);
    unlink(url + 5); /* the last one was killed too */
    snprintf(lock, sizeof lock, "%s.lock", url + 5);
    unlink(lock);
    kill_in_a_call(new_name());
}

/* As soon as it has the call. */
static void kill_when_held(void *ctx)
{
    const child *c = ctx;

    child_say('r');
    if (child_hear(c) == 'h')
        kill(c->pid, SIGKILL);
    (void)child_wait();
}

TEST(a_blocking_call_ends_when_its_server_is_killed)
{
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
    const char *url = new_name();
    child       c = start_server(url);
    talk_Note   note = note_of("hold", 1), back;
    child       killer = child_start(kill_when_held, &c);

    EQ_INT(child_hear(&killer), 'r');
    node = kmsg_node_new();
    mem = kmsg_arena_new();
    OK(kmsg_dial(node, url, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_ELOST);
    child_end(&killer);
    child_end(&c);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

/* ---- watching -------------------------------------------------------------------------------- */

typedef struct diary {
    int        ups;
    int        downs;
    kmsg_err   err; /* of the last one that went down */
    kmsg_peer *peer;
} diary;

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    diary *d = ctx;

    d->peer = peer;
    d->ups += event == KMSG_PEER_UP || event == KMSG_PEER_RESTARTED;
    if (event == KMSG_PEER_DOWN) {
        d->downs++;
        d->err = err;
    }
}

/* Dials, and is then asked back. */
static void be_guest(void *ctx)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    kmsg_must(talk_Talk_serve(node, &holding, NULL));
    kmsg_must(kmsg_dial(node, ctx, &peer));
    kmsg_must(talk_Talk_push(peer, 1));
    kmsg_must(kmsg_run(node));
}

/* Who dialled has died, and it was being asked something. */
static void kill_guest(const char *url)
{
    server    s;
    diary     d = {0};
    outcome   o = {0};
    talk_Note note = note_of("hold", 1);
    child     c = child_start(be_guest, (void *)(uintptr_t)url);

    server_init(&s, url);
    kmsg_node_watch(s.node, &d, heard);
    DRIVE(s.node, s.node, d.ups == 1);
    kmsg_peer_set_timeout_ms(d.peer, 60000);
    talk_Talk_echo_async(d.peer, &note, &o, echo_done);
    DRIVE(s.node, s.node, child_has_said(&c));
    child_end(&c);
    DRIVE(s.node, s.node, d.downs == 1 && o.count == 1);
    EQ_INT(d.err, KMSG_ELOST);
    EQ_INT(o.err, KMSG_ELOST);
    server_done(&s);
    EQ_INT(o.count, 1);
}

/* Who was dialled has died. */
static void kill_host(const char *url)
{
    kmsg_node *node;
    kmsg_peer *peer;
    diary      d = {0};
    child      c = start_server(url);

    node = kmsg_node_new();
    OK(kmsg_dial(node, url, &peer));
    OK(kmsg_peer_watch(peer, &d, heard));
    OK(talk_Talk_push(peer, 1));
    DRIVE(node, node, d.ups == 1);
    child_end(&c);
    DRIVE(node, node, d.downs == 1);
    EQ_INT(d.err, KMSG_ELOST);
    kmsg_node_free(node);
    EQ_INT(d.downs, 1);
}

TEST(a_process_that_is_killed_is_lost_to_who_watches_whoever_has_dialled)
{
    kill_host(new_name());
    kill_guest(new_name());
}

/* Refused until the server is there; says when it has had an answer. */
static void ask_for_ever(void *ctx)
{
    static uint8_t bytes[1000000];
    kmsg_node     *node = kmsg_node_new();
    kmsg_arena    *mem = kmsg_arena_new();
    talk_Note      note = note_of("x", 1), back;
    kmsg_peer     *peer;

    kmsg_must(kmsg_dial(node, ctx, &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    note.blob = (kmsg_bytes){bytes, sizeof bytes};
    for (bool told = false;;) {
        if (talk_Talk_echo(peer, &note, mem, &back) == KMSG_OK && !told) {
            child_say('a');
            told = true;
        }
        kmsg_arena_reset(mem);
    }
}

TEST(a_server_survives_callers_that_are_killed_in_the_middle)
{
    server      s;
    kmsg_node  *node;
    kmsg_arena *mem = kmsg_arena_new();
    const char *url = new_name();
    talk_Note   note = note_of("x", 1), back;

    for (int i = 0; i < 10; i++) {
        child c = child_start(ask_for_ever, (void *)(uintptr_t)url);
        server_start(&s, url);
        EQ_INT(child_hear(&c), 'a');
        child_end(&c);
        node = kmsg_node_new();
        OK(talk_Talk_echo(dial(node, &s), &note, mem, &back));
        kmsg_node_free(node);
        server_done(&s);
    }
    kmsg_arena_free(mem);
}
