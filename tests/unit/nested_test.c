/* nested_test.c -- handlers and callbacks that make calls themselves, and what is queued meanwhile.
 * */
#include "talk.h"

/* ---- a handler asks ------------------------------------------------------------------------ */

TEST(a_handler_asks_another_service_of_its_own_node)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of("ask another", 21), back;

    server_start(&s, new_path());
    OK(talk_Talk_echo(dial(node, &s), &note, mem, &back));
    EQ_INT(back.number, 42);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(a_handler_that_asks_its_own_service_is_told_at_once)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of("ask the executing", 21), back;
    int64_t     began_ms = clock_ms();

    server_start(&s, new_path());
    FAILS(talk_Talk_echo(dial(node, &s), &note, mem, &back), KMSG_EDEADLOCK);
    HAS(kmsg_last_error(), "talk.Talk");
    CHECK(clock_ms() - began_ms < 4000);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(who_waits_for_an_answer_can_be_asked)
{
    server      s, mine;
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of("ask me", 21), back;

    server_start(&s, new_path());
    server_init(&mine, NULL);
    OK(talk_Talk_echo(dial(mine.node, &s), &note, mem, &back));
    EQ_INT(back.number, 42);
    server_done(&mine);
    server_done(&s);
    kmsg_arena_free(mem);
}

/* Waits for answers to `other` from within the callback of a first call. */
typedef struct chain {
    kmsg_peer *peer;
    int64_t    number;
    kmsg_err   err;
    int        count;
} chain;

static void then_ask(void *ctx, kmsg_err err, const int64_t *result)
{
    chain      *c = ctx;
    kmsg_arena *mem = kmsg_arena_new();

    (void)err;
    (void)result;
    c->err = talk_Other_twice(c->peer, 4, mem, &c->number);
    c->count++;
    kmsg_arena_free(mem);
}

TEST(a_callback_may_wait_for_a_call)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    chain      chains[3];

    server_start(&s, new_path());
    for (int i = 0; i < 3; i++) {
        chains[i] = (chain){.peer = dial(node, &s)};
        talk_Talk_sum_async(chains[i].peer, &chains[i], then_ask);
        EQ_INT(chains[i].count, 0);
    }
    DRIVE(node, node, chains[0].count + chains[1].count + chains[2].count == 3);
    for (int i = 0; i < 3; i++) {
        OK(chains[i].err);
        EQ_INT(chains[i].number, 8);
    }
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- while a handler waits ----------------------------------------------------------------- */

/* Our side answers the server's handler when we want it to. */
typedef struct slow {
    kmsg_call *call;
    int64_t    number;
} slow;

static kmsg_err slow_twice(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    slow *s = ctx;

    (void)ret;
    s->call = call;
    s->number = number;
    return KMSG_LATER;
}

static const talk_Other_impl slow_impl = {.twice = slow_twice};

/* A server whose handler of our first call is waiting for us. */
typedef struct waiting {
    server     server;
    slow       slow;
    kmsg_node *node;
    kmsg_peer *peer;
    outcome    first;
} waiting;

static void waiting_init(waiting *w, uint32_t mailbox_max)
{
    talk_Note note = note_of("ask me", 10);

    memset(w, 0, sizeof *w);
    server_init(&w->server, new_path());
    OK(kmsg_node_set_mailbox_max(w->server.node, mailbox_max));
    OK(kmsg_start(w->server.node));
    w->node = kmsg_node_new();
    OK(talk_Other_serve(w->node, &slow_impl, &w->slow));
    w->peer = dial(w->node, &w->server);
    talk_Talk_echo_async(w->peer, &note, &w->first, echo_done);
    DRIVE(w->node, w->node, w->slow.call != NULL);
}

static void release(waiting *w)
{
    int64_t number = 2 * w->slow.number;

    talk_Other_twice_reply(w->slow.call, &number);
    w->slow.call = NULL;
}

static void waiting_done(waiting *w)
{
    kmsg_node_free(w->node);
    server_done(&w->server);
}

TEST(requests_wait_for_a_waiting_handler_up_to_the_limit_and_no_further)
{
    waiting w;
    outcome outcomes[6] = {{0}};

    waiting_init(&w, 2);
    for (int i = 0; i < 6; i++) {
        talk_Note note = note_of("x", i);
        talk_Talk_echo_async(w.peer, &note, &outcomes[i], echo_done);
    }
    DRIVE(w.node, w.node, outcomes[5].count == 1);
    for (int i = 0; i < 6; i++) {
        EQ_INT(outcomes[i].count, i >= 2);
        EQ_INT(outcomes[i].err, i >= 2 ? KMSG_EOVERLOADED : KMSG_OK);
    }
    HAS(outcomes[5].words, "2 requests are waiting");
    release(&w);
    DRIVE(w.node, w.node, outcomes[1].count == 1);
    EQ_INT(w.first.count, 1);
    EQ_INT(w.first.number, 20);
    EQ_INT(outcomes[0].err, KMSG_OK);
    EQ_INT(outcomes[1].number, 1);
    waiting_done(&w);
    EQ_INT(w.server.handled, 3);
}

TEST(what_waited_is_handled_in_order)
{
    waiting w;
    outcome sums[3] = {{0}};

    waiting_init(&w, 100);
    for (int i = 0; i < 3; i++) {
        OK(talk_Talk_push(w.peer, i + 1));
        talk_Talk_sum_async(w.peer, &sums[i], sum_done);
    }
    OK(kmsg_node_step(w.node));
    release(&w);
    DRIVE(w.node, w.node, sums[2].count == 1);
    EQ_INT(sums[0].number, 1);
    EQ_INT(sums[1].number, 3);
    EQ_INT(sums[2].number, 6);
    waiting_done(&w);
}

TEST(a_request_that_is_cancelled_or_too_late_while_it_waits_is_not_begun)
{
    waiting   w;
    outcome   late = {0}, cancelled = {0}, sum = {0};
    talk_Note note = note_of("x", 1);

    waiting_init(&w, 100);
    kmsg_peer_set_timeout_ms(w.peer, 10);
    talk_Talk_echo_async(w.peer, &note, &late, echo_done);
    kmsg_peer_set_timeout_ms(w.peer, 5000);
    talk_Talk_echo_async(w.peer, &note, &cancelled, echo_done);
    OK(kmsg_node_step(w.node));
    kmsg_cancel(w.peer, &cancelled);
    DRIVE(w.node, w.node, late.count == 1 && cancelled.count == 1);
    EQ_INT(late.err, KMSG_ETIMEDOUT);
    EQ_INT(cancelled.err, KMSG_ECANCELED);
    release(&w);
    talk_Talk_sum_async(w.peer, &sum, sum_done);
    DRIVE(w.node, w.node, sum.count == 1);
    waiting_done(&w);
    EQ_INT(w.server.handled, 1);
}

TEST(a_handlers_own_call_has_no_more_time_than_the_call_it_handles)
{
    server      s;
    slow        mine = {0};
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     first = {0}, second = {0};
    talk_Note   note = note_of("ask me", 10);
    int64_t     began_ms = clock_ms();

    server_start(&s, new_path());
    OK(talk_Other_serve(node, &slow_impl, &mine));
    peer = dial(node, &s);
    kmsg_peer_set_timeout_ms(peer, 400);
    talk_Talk_echo_async(peer, &note, &first, echo_done);
    DRIVE(node, node, mine.call != NULL);
    kmsg_peer_set_timeout_ms(peer, 5000);
    talk_Talk_sum_async(peer, &second, sum_done); /* queued until the handler has given up */
    DRIVE(node, node, second.count == 1);
    CHECK(clock_ms() - began_ms < 3000);
    EQ_INT(first.err, KMSG_ETIMEDOUT);
    EQ_INT(second.err, KMSG_OK);
    kmsg_node_free(node);
    server_done(&s);
    CHECK(s.nested_err == KMSG_ETIMEDOUT || s.nested_err == KMSG_ECANCELED); /* who is first */
}

TEST(what_waits_is_dropped_with_its_link)
{
    waiting w;
    outcome o = {0};

    waiting_init(&w, 100);
    talk_Talk_sum_async(w.peer, &o, sum_done);
    OK(kmsg_node_step(w.node));
    kmsg_node_free(w.node); /* ends the server's wait too */
    EQ_INT(o.count, 1);
    EQ_INT(o.err, KMSG_ECLOSED);
    EQ_INT(w.first.count, 1);
    EQ_INT(w.first.err, KMSG_ECLOSED);
    server_done(&w.server);
    EQ_INT(w.server.nested_err, KMSG_ELOST);
}
