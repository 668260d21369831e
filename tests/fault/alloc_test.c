/* alloc_test.c -- the N-th allocation fails, for every N: each call still ends exactly once,
 * nothing leaks, and nothing crashes.
 */
#include "unit/talk.h"

#define CALLS 6

static long allocations; /* since the last reset */
static long fail_at;     /* which of them fails; 0: none */
static bool fail_after;  /* and all after it */
static long live;

static void *resize(void *ctx, void *old, size_t size)
{
    void *p;

    (void)ctx;
    if (size == 0) {
        live--;
        free(old);
        return NULL;
    }
    allocations++;
    if (fail_at != 0 && (allocations == fail_at || (fail_after && allocations > fail_at)))
        return NULL;
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

typedef struct scene {
    kmsg_node *server, *node;
    kmsg_peer *peer;
    server     state;
    outcome    o[CALLS];
    bool       asked[CALLS];
    kmsg_err   pushed;
} scene;

static kmsg_err set_up(scene *s, const char *url)
{
    kmsg_err err = KMSG_ENOMEM;

    s->server = kmsg_node_new();
    s->node = kmsg_node_new();
    if (s->server == NULL || s->node == NULL)
        return err;
    s->state.node = s->server;
    err = talk_Talk_serve(s->server, &talk_impl, &s->state);
    if (err == KMSG_OK)
        err = talk_Other_serve(s->server, &other_impl, &s->state);
    if (err == KMSG_OK)
        err = kmsg_listen(s->server, url, NULL);
    if (err == KMSG_OK)
        err = kmsg_dial(s->node, url, &s->peer);
    if (err == KMSG_OK)
        kmsg_peer_set_timeout_ms(s->peer, 300);
    return err;
}

static void ask(scene *s, int i, const char *text)
{
    talk_Note note = note_of(text, i);

    s->asked[i] = true;
    talk_Talk_echo_async(s->peer, &note, &s->o[i], echo_done);
}

static bool all_ended(const scene *s)
{
    for (int i = 0; i < CALLS; i++)
        if (s->asked[i] && s->o[i].count == 0)
            return false;
    return true;
}

static void play(scene *s)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    ask(s, 0, "hello");
    ask(s, 1, "fail");
    ask(s, 2, "throw");
    s->pushed = talk_Talk_push(s->peer, 1);
    ask(s, 3, "later");
    ask(s, 4, "ask another");
    while (!all_ended(s) && clock_ms() < until_ms) {
        step_both(s->node, s->server, 20);
        if (s->state.later != NULL) {
            (void)kmsg_fail(s->state.later, KMSG_EBUSY, "no %s", "time");
            s->state.later = NULL;
        }
    }
    ask(s, 5, "the end finds it"); /* in flight when the node ends */
    OK(kmsg_node_step(s->node));
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(const char *url, long n, bool after)
{
    scene s = {0};
    long  before = live;

    allocations = 0;
    fail_at = n;
    fail_after = after;
    if (set_up(&s, url) == KMSG_OK)
        play(&s);
    fail_at = 0;
    kmsg_node_free(s.node);
    kmsg_node_free(s.server);
    for (int i = 0; i < CALLS; i++)
        EQ_INT(s.o[i].count, s.asked[i]);
    EQ_INT(live, before);
    return n > allocations;
}

static void every_n(const char *url, bool after)
{
    long n = 1;

    while (!run_scene(url, n, after))
        n++;
    CHECK(n > 20); /* it was no empty scene */
}

TEST(any_one_allocation_may_fail_over_a_socket)
{
    every_n(new_name(), false);
}

TEST(any_one_allocation_may_fail_between_threads)
{
    every_n("inproc:alloc-test", false);
}

TEST(memory_may_run_out_at_any_time_over_a_socket)
{
    every_n(new_name(), true);
}

TEST(memory_may_run_out_at_any_time_between_threads)
{
    every_n("inproc:alloc-test", true);
}

/* ---- a node and itself --------------------------------------------------------------------- */

/* Slabs so large are not kept: each frame needs memory. */
static void ask_oneself(server *s, outcome *o, const char *text)
{
    static const uint8_t blob[300000];
    talk_Note            note = note_of(text, 1);

    note.blob = (kmsg_bytes){blob, sizeof blob};
    talk_Talk_echo_async(kmsg_self(s->node), &note, o, echo_done);
    OK(kmsg_node_step(s->node));
}

static bool run_alone(long n, bool after)
{
    server  s;
    outcome o[3] = {0};

    server_init(&s, NULL);
    allocations = 0;
    fail_at = n;
    fail_after = after;
    ask_oneself(&s, &o[0], "later");
    ask_oneself(&s, &o[1], "throw");
    kmsg_cancel(kmsg_self(s.node), &o[0]);
    fail_at = 0;
    ask_oneself(&s, &o[2], "hello");
    DRIVE(s.node, s.node, o[0].count + o[1].count + o[2].count == 3);
    EQ_INT(o[2].err, KMSG_OK);
    server_done(&s);
    return n > allocations;
}

TEST(a_node_can_talk_to_itself_again_when_there_is_memory_again)
{
    for (int after = 0; after < 2; after++)
        for (long n = 1; !run_alone(n, after); n++)
            continue;
}

static kmsg_err throw_with_no_memory(void *ctx, kmsg_call *call, const talk_Note *note,
                                     talk_Note *ret)
{
    static char reason[300000];
    kmsg_err    err;

    (void)ctx;
    *ret = *note;
    memset(reason, 'x', sizeof reason - 1);
    err = talk_Refused_throw(call, &(talk_Refused){.reason = kmsg_str(reason)});
    fail_at = allocations + 1; /* the room for the failure; a bare code is tried again */
    return err;
}

TEST(an_error_that_there_is_no_memory_for_says_so)
{
    static const talk_Talk_impl impl = {.echo = throw_with_no_memory};
    outcome                     o = {0};
    server                      s = {.node = kmsg_node_new()};

    OK(talk_Talk_serve(s.node, &impl, &s));
    fail_after = false;
    ask_oneself(&s, &o, "");
    DRIVE(s.node, s.node, o.count == 1);
    fail_at = 0;
    EQ_INT(o.err, KMSG_ENOMEM);
    server_done(&s);
}

static kmsg_err hold_with_little_memory(void *ctx, kmsg_call *call, int64_t number)
{
    kmsg_ticket ticket;
    kmsg_err    err;

    fail_at = allocations + (long)number;
    err = kmsg_hold(call, &ticket);
    fail_at = 0;
    *(kmsg_err *)ctx = err;
    return KMSG_OK;
}

TEST(what_cannot_be_held_for_want_of_memory_leaves_nothing)
{
    static const talk_Talk_impl impl = {.push = hold_with_little_memory};
    kmsg_err                    err = KMSG_ENOMEM;
    long                        before = live;
    int64_t                     n;

    fail_after = false;
    for (n = 1; err == KMSG_ENOMEM; n++) {
        kmsg_node *node = kmsg_node_new();
        OK(talk_Talk_serve(node, &impl, &err));
        OK(talk_Talk_push(kmsg_self(node), n));
        OK(kmsg_node_step(node));
        kmsg_node_free(node);
        EQ_INT(live, before);
    }
    CHECK(n > 2);
    EQ_INT(err, KMSG_OK);
}
