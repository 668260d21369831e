/* streams_end_test.c -- the ways in which a call with streams ends, at any point, at both ends and
 * once: an error, a cancellation, a link or a node that goes, time.
 */
#include "flow.h"

#include "core/stream.h"

/* ---- the handler ends it ------------------------------------------------------------------- */

TEST(an_error_that_is_thrown_before_the_first_item_is_caught)
{
    kmsg_stream *s;
    flow_Refused refused;
    uint64_t     sum = 77;
    kmsg_err     err;
    world        w;

    world_begin(&w, new_path());
    OK(kmsg_start(w.f.node));
    OK(flow_Flow_upload_open(w.peer, kmsg_str("throw"), &s));
    do
        err = flow_Flow_upload_put(s, piece_of(10));
    while (err == KMSG_OK);
    EQ_INT(err, KMSG_ETHROWN);
    CHECK(flow_Refused_caught(w.peer, w.mem, &refused));
    EQ_STR(refused.reason.data, "never");
    FAILS(flow_Flow_upload_finish(s, w.mem, &sum), KMSG_ETHROWN);
    FAILS(flow_Flow_upload_finish(s, w.mem, &sum), KMSG_ETHROWN); /* and again */
    CHECK(flow_Refused_caught(w.peer, w.mem, &refused));
    EQ_UINT(sum, 77);
    kmsg_stream_close(s);
    world_end(&w);
}

TEST(an_error_in_the_middle_ends_what_is_sent)
{
    told         t = {0};
    kmsg_stream *s;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("throw 3"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    for (int i = 0; i < 10; i++)
        OK(flow_Flow_upload_try_put(s, piece_of(10)));
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_INT(t.err, KMSG_ETHROWN);
    EQ_INT(w.f.items, 3);
    EQ_INT(w.f.ends, 0); /* the handler has ended it, and need not be told */
    EQ_INT(w.f.overs, 0);
    world_end(&w);
}

TEST(an_answer_may_come_before_all_was_sent)
{
    kmsg_stream *s;
    uint64_t     sum;
    kmsg_err     err;
    world        w;

    world_begin(&w, new_path());
    OK(kmsg_start(w.f.node));
    OK(flow_Flow_upload_open(w.peer, kmsg_str("answer 3"), &s));
    do
        err = flow_Flow_upload_put(s, piece_of(10));
    while (err == KMSG_OK);
    EQ_INT(err, KMSG_END);
    OK(flow_Flow_upload_finish(s, w.mem, &sum));
    EQ_UINT(sum, 30);
    kmsg_stream_close(s);
    world_end(&w);
}

TEST(what_was_sent_before_a_failure_is_there_before_it)
{
    kmsg_stream *s;
    flow_Event   event;
    told         t = {0};
    world        w;

    world_begin(&w, new_path());
    flow_Flow_watch_async(w.peer, kmsg_str("fail"), 500, &t, told_event, told_done);
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_INT(t.items, 500);
    EQ_INT(t.err, KMSG_ENOENT);
    HAS(t.words, "no more of fail");

    OK(kmsg_start(w.f.node));
    OK(flow_Flow_watch_open(w.peer, kmsg_str("fail"), 500, &s));
    for (int i = 0; i < 500; i++)
        OK(flow_Flow_watch_next(s, w.mem, &event));
    for (int i = 0; i < 2; i++) {
        FAILS(flow_Flow_watch_next(s, w.mem, &event), KMSG_ENOENT);
        HAS(kmsg_last_error(), "no more of fail");
    }
    kmsg_stream_close(s);
    world_end(&w);
}

/* ---- the caller ends it -------------------------------------------------------------------- */

TEST(a_caller_may_cancel_behind_any_item_and_the_handler_hears_once)
{
    for (int64_t items = 0; items < 60; items += 7) {
        told         t = {0};
        kmsg_stream *s;
        world        w;
        world_begin(&w, new_path());
        s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &t, told_number);
        DRIVE(w.node, w.f.node, w.f.call != NULL);
        for (int64_t i = 0; i < items; i++)
            OK(flow_Flow_upload_try_put(s, piece_of(100)));
        EQ_UINT(kmsg_cancel(w.peer, &t), 1);
        EQ_INT(t.count, 0);
        FAILS(flow_Flow_upload_try_put(s, piece_of(100)), KMSG_ECANCELED);
        DRIVE(w.node, w.f.node, t.count == 1 && w.f.ends == 1);
        EQ_INT(t.err, KMSG_ECANCELED);
        EQ_INT(w.f.end, KMSG_ECANCELED);
        EQ_UINT(kmsg_cancel(w.peer, &t), 0);
        world_end(&w);
        EQ_INT(t.count, 1);
        EQ_INT(w.f.ends, 1);
        EQ_INT(w.f.overs, 0); /* it has let go of the call before */
    }
}

TEST(a_stream_that_is_closed_tells_the_handler_who_sends)
{
    kmsg_stream *s;
    flow_Event   event = event_of(0);
    world        w;

    world_begin(&w, new_path());
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &s));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_watch_send(w.f.call, &event));
    kmsg_stream_close(s);
    DRIVE(w.node, w.f.node, w.f.overs == 1);
    FAILS(flow_Flow_watch_send(w.f.call, &event), KMSG_ECANCELED);
    FAILS(flow_Flow_watch_try_send(w.f.call, &event), KMSG_ECANCELED);
    w.f.count = w.f.items = 0;
    kmsg_call_on_room(w.f.call, &w.f, flow_pump); /* it is told, and lets go of the call */
    DRIVE(w.node, w.f.node, w.f.items == 0 && w.f.err == KMSG_OK);
    world_end(&w);
    EQ_INT(w.f.overs, 1);
}

/* Ends the call from where it is told of an item. */
typedef struct breaker {
    told       t;
    kmsg_peer *peer;
} breaker;

static void break_off(void *ctx, const flow_Event *item)
{
    breaker *b = ctx;

    (void)item;
    b->t.items++;
    if (b->t.items == 5)
        EQ_UINT(kmsg_cancel(b->peer, b), 1);
}

TEST(nothing_is_heard_after_a_cancellation_but_the_end)
{
    breaker b = {.t = {0}};
    world   w;

    world_begin(&w, new_path());
    b.peer = w.peer;
    flow_Flow_watch_async(w.peer, kmsg_str("pump"), 100000, &b, break_off, told_done);
    DRIVE(w.node, w.f.node, b.t.count == 1 && w.f.err == KMSG_ECANCELED);
    EQ_INT(b.t.items, 5);
    EQ_INT(b.t.err, KMSG_ECANCELED);
    world_end(&w);
}

/* Inside of a callback, where items can only wait to be heard. */
static void cancel_what_waits(void *ctx, kmsg_err err, const int64_t *result)
{
    breaker   *b = ctx;
    kmsg_node *node = kmsg_peer_node(b->peer);
    int64_t    number, until_ms = clock_ms() + PATIENCE_MS;

    (void)result;
    EQ_INT(err, KMSG_OK);
    flow_Flow_watch_async(b->peer, kmsg_str("pump"), 1000000, &b->t, told_event, told_done);
    while (node->item_bytes == 0 && clock_ms() < until_ms)
        OK(flow_Flow_plain(b->peer, 1, NULL, &number));
    CHECK(node->item_bytes > 0);
    EQ_UINT(kmsg_cancel(b->peer, &b->t), 1);
}

TEST(items_that_wait_when_their_call_is_cancelled_are_not_heard)
{
    breaker b = {.t = {0}};
    world   w;

    world_begin(&w, new_path());
    OK(kmsg_start(w.f.node));
    b.peer = w.peer;
    flow_Flow_plain_async(w.peer, 1, &b, cancel_what_waits);
    DRIVE(w.node, w.node, b.t.count == 1);
    EQ_INT(b.t.items, 0);
    EQ_INT(b.t.err, KMSG_ECANCELED);
    EQ_UINT(w.node->item_bytes, 0);
    world_end(&w);
}

/* ---- links and nodes that go --------------------------------------------------------------- */

static void lose_link(const char *url)
{
    told         up = {0}, down = {0};
    kmsg_stream *opened, *s;
    flow_Event   event = event_of(0);
    world        w;

    world_begin(&w, url);
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &up, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_upload_try_put(s, piece_of(100)));
    DRIVE(w.node, w.f.node, w.f.items == 1);
    w.f.call = NULL;
    flow_Flow_watch_async(w.peer, kmsg_str("keep"), 0, &down, told_event, told_done);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_watch_send(w.f.call, &event));
    w.f.call = NULL;
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &opened));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_watch_send(w.f.call, &event));
    OK(kmsg_node_step(w.f.node));
    flow_done(&w.f); /* its handlers are told as well */
    EQ_INT(w.f.ends, 1);
    EQ_INT(w.f.end, KMSG_ECANCELED);
    EQ_INT(w.f.overs, 2);
    DRIVE(w.node, w.node, up.count == 1 && down.count == 1);
    EQ_INT(up.err, KMSG_ELOST);
    EQ_INT(down.err, KMSG_ELOST);
    EQ_INT(down.items, 1);
    OK(flow_Flow_watch_next(opened, w.mem, &event)); /* what came came */
    FAILS(flow_Flow_watch_next(opened, w.mem, &event), KMSG_ELOST);
    kmsg_stream_close(opened);
    world_end(&w);
}

TEST(both_ends_hear_once_of_a_link_that_is_lost)
{
    lose_link(new_path());
    lose_link("tcp:127.0.0.1:0");
    lose_link("inproc:lose-streams");
}

TEST(a_handler_hears_once_of_a_caller_that_is_gone)
{
    told         up = {0};
    kmsg_stream *s;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &up, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_upload_try_put(s, piece_of(100)));
    kmsg_node_free(w.node);
    EQ_INT(up.count, 1);
    EQ_INT(up.err, KMSG_ECLOSED);
    w.node = NULL;
    DRIVE(w.f.node, w.f.node, w.f.ends == 1);
    EQ_INT(w.f.end, KMSG_ECANCELED);
    world_end(&w);
}

TEST(a_peer_that_is_closed_ends_its_streams)
{
    told         up = {0};
    kmsg_stream *s, *opened;
    flow_Event   event;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &up, told_number);
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &opened));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    kmsg_peer_close(w.peer);
    FAILS(flow_Flow_upload_try_put(s, piece_of(100)), KMSG_ECLOSED);
    FAILS(flow_Flow_watch_next(opened, w.mem, &event), KMSG_ECLOSED);
    FAILS(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &s), KMSG_ECLOSED);
    DRIVE(w.node, w.f.node, up.count == 1 && w.f.ends == 1 && w.f.overs == 1);
    EQ_INT(up.err, KMSG_ECLOSED);
    kmsg_stream_close(opened);
    world_end(&w);
}

TEST(a_stream_that_nobody_closes_goes_with_its_node)
{
    kmsg_stream *s;
    flow_Event   event = event_of(0);
    world        w;

    world_begin(&w, new_path());
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &s));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    OK(flow_Flow_watch_send(w.f.call, &event));
    OK(kmsg_node_step(w.f.node));
    DRIVE(w.node, w.f.node, kmi_stream_first(s) != NULL);
    world_end(&w);
}

TEST(a_stream_begins_when_there_is_a_link_and_not_before)
{
    told         t = {0};
    kmsg_stream *s;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &t, told_number);
    OK(kmsg_node_step(w.node)); /* nobody has said hello yet */
    FAILS(flow_Flow_upload_try_put(s, piece_of(1)), KMSG_EFULL);
    kmsg_stream_end(s); /* goes out behind the call */
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_INT(t.err, KMSG_OK);
    EQ_UINT(t.number, 0);
    EQ_INT(w.f.ends, 1);
    world_end(&w);
}

TEST(items_behind_a_call_that_has_not_left_are_not_sent_to_the_next_link)
{
    static uint8_t large[4000000];
    const char    *url = new_path();
    told           sent = {0}, unsent = {0}, silent = {0};
    outcome        plain = {0};
    kmsg_stream   *s;
    world          w;

    world_begin(&w, url);
    s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &sent, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    for (int i = 0; i < 4; i++)
        OK(flow_Flow_upload_try_put(s, piece_of(sizeof flow_zeros - 100)));
    OK(flow_Flow_upload_try_put(s, (kmsg_bytes){large, sizeof large}));
    OK(kmsg_node_step(w.node)); /* more than lies between the two; the server does not read */
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &unsent, told_number);
    OK(flow_Flow_upload_try_put(s, piece_of(10)));
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &silent, told_number);
    flow_Flow_plain_async(w.peer, 1, &plain, sum_done);
    flow_done(&w.f);
    DRIVE(w.node, w.node, sent.count == 1 && unsent.count == 1);
    EQ_INT(sent.err, KMSG_ELOST);
    EQ_INT(unsent.err, KMSG_EUNSENT);
    FAILS(flow_Flow_upload_try_put(s, piece_of(10)), KMSG_EFULL);
    flow_init(&w.f, url);
    DRIVE(w.node, w.f.node, plain.count == 1);
    EQ_INT(plain.err, KMSG_OK);
    OK(flow_Flow_upload_try_put(s, piece_of(10)));
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, silent.count == 1);
    EQ_INT(silent.err, KMSG_OK);
    EQ_UINT(silent.number, 10);
    world_end(&w);
}

/* ---- time ---------------------------------------------------------------------------------- */

TEST(who_waits_does_so_as_long_as_the_peers_timeout_and_the_stream_goes_on)
{
    kmsg_stream *s, *up;
    flow_Event   event = event_of(0);
    kmsg_err     err;
    world        w;

    world_begin(&w, new_path());
    OK(kmsg_start(w.f.node));
    OK(flow_Flow_plain(w.peer, 1, w.mem, &(int64_t){0}));
    kmsg_peer_set_timeout_ms(w.peer, 30);
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &s));
    for (int i = 0; i < 3; i++) {
        FAILS(flow_Flow_watch_next(s, w.mem, &event), KMSG_ETIMEDOUT);
        HAS(kmsg_last_error(), "watch at ");
        HAS(kmsg_last_error(), "30 ms");
    }
    OK(flow_Flow_upload_open(w.peer, kmsg_str("keep"), &up));
    do
        err = flow_Flow_upload_put(up, piece_of(1000));
    while (err == KMSG_OK);
    EQ_INT(err, KMSG_ETIMEDOUT);
    FAILS(flow_Flow_upload_put(up, piece_of(1000)), KMSG_ETIMEDOUT);
    CHECK(!up->ask->ended);
    CHECK(!s->ask->ended);
    kmsg_stream_close(up);
    kmsg_stream_close(s);
    world_end(&w);
}

TEST(a_call_without_a_stream_back_has_a_deadline_from_the_end_of_its_own)
{
    kmsg_stream *s;
    told         t = {0};
    uint64_t     sum;
    world        w;

    world_begin(&w, new_path());
    kmsg_peer_set_timeout_ms(w.peer, 200);
    s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, t.count == 1 && w.f.overs == 1);
    EQ_INT(t.err, KMSG_ETIMEDOUT);

    kmsg_peer_set_timeout_ms(w.peer, 30);
    w.f.call = NULL;
    OK(flow_Flow_upload_open(w.peer, kmsg_str("keep"), &s));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    FAILS(flow_Flow_upload_finish(s, w.mem, &sum), KMSG_ETIMEDOUT);
    kmsg_stream_close(s);
    DRIVE(w.node, w.f.node, w.f.overs == 2);
    world_end(&w);
}

TEST(a_call_that_streams_has_no_deadline_at_its_handler)
{
    told         t = {0};
    kmsg_stream *s;
    world        w;

    world_begin(&w, new_path());
    kmsg_peer_set_timeout_ms(w.peer, 100);
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    EQ_UINT(kmsg_call_remaining_ms(w.f.call), UINT32_MAX);
    CHECK(!kmsg_call_is_over(w.f.call));
    CHECK(s->ask->timer.place == 0); /* nor at its caller, until it has said all */
    kmsg_stream_end(s);
    CHECK(s->ask->timer.place != 0);
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_INT(t.err, KMSG_OK);
    world_end(&w);
}

TEST(a_stream_waits_no_longer_for_a_link_than_a_call_does)
{
    told  t = {0};
    world w;

    world_begin(&w, new_path()); /* the server is not driven: it says no hello */
    kmsg_peer_set_timeout_ms(w.peer, 10);
    flow_Flow_watch_async(w.peer, kmsg_str("keep"), 0, &t, told_event, told_done);
    DRIVE(w.node, w.node, t.count == 1);
    EQ_INT(t.err, KMSG_ETIMEDOUT);
    world_end(&w);
}

/* ---- what cannot be sent ------------------------------------------------------------------- */

TEST(an_item_that_is_too_large_or_violates_its_schema_is_refused_and_the_stream_goes_on)
{
    told         t = {0};
    kmsg_stream *s;
    flow_Event   bad = {.text = KMSG_STR("\xff")};
    world        w;

    world_begin(&w, NULL);
    OK(kmsg_node_set_message_max(w.f.node, 2000));
    OK(kmsg_listen(w.f.node, new_path(), &w.f.listener));
    w.peer = flow_dial(w.node, &w.f);
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    FAILS(flow_Flow_upload_try_put(s, piece_of(2001)), KMSG_ETOOBIG);
    OK(flow_Flow_upload_try_put(s, piece_of(1900)));
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_UINT(t.number, 1900);
    w.f.call = NULL;
    t = (told){0};
    flow_Flow_watch_async(w.peer, kmsg_str("keep"), 0, &t, told_event, told_done);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    FAILS(flow_Flow_watch_send(w.f.call, &bad), KMSG_EVALUE);
    bad = event_of(0);
    OK(flow_Flow_watch_send(w.f.call, &bad));
    flow_Flow_watch_reply(w.f.call);
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_INT(t.items, 1);
    EQ_INT(t.err, KMSG_OK);
    world_end(&w);
}

/* ---- one inside of another ----------------------------------------------------------------- */

typedef struct nesting {
    kmsg_node *node;
    kmsg_peer *peer;
    kmsg_err   err;
    uint64_t   sum;
    int64_t    items;
    told       t;
} nesting;

/* A handler that uploads to a service of its own node, and then watches the peer that asked. */
static kmsg_err nested_echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    nesting     *n = ctx;
    kmsg_stream *s;
    flow_Event   event;

    OK(flow_Flow_upload_open(kmsg_self(n->node), kmsg_str("sum"), &s));
    for (int i = 0; i < 5000; i++)
        OK(flow_Flow_upload_put(s, piece_of(100)));
    OK(flow_Flow_upload_finish(s, kmsg_call_arena(call), &n->sum));
    kmsg_stream_close(s);
    OK(flow_Flow_watch_open(kmsg_call_peer(call), kmsg_str("pump"), note->number, &s));
    while ((n->err = flow_Flow_watch_next(s, kmsg_call_arena(call), &event)) == KMSG_OK)
        n->items++;
    kmsg_stream_close(s);
    *ret = *note;
    return KMSG_OK;
}

TEST(a_handler_may_use_streams_of_its_own_node_and_of_who_asks)
{
    static const talk_Talk_impl impl = {.echo = nested_echo};
    talk_Note                   note = note_of("x", 5000);
    outcome                     o = {0};
    nesting                     n = {0};
    flow                        mine;
    world                       w;

    world_begin(&w, new_path());
    flow_init(&mine, NULL);
    n.node = w.f.node;
    OK(talk_Talk_serve(w.f.node, &impl, &n));
    OK(kmsg_start(w.f.node));
    OK(kmsg_dial(mine.node, kmsg_listener_url(w.f.listener), &n.peer));
    talk_Talk_echo_async(n.peer, &note, &o, echo_done);
    DRIVE(mine.node, mine.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    flow_done(&mine);
    world_end(&w);
    EQ_INT(n.err, KMSG_END);
    EQ_INT(n.items, 5000);
    EQ_UINT(n.sum, 500000);
}

/* A handler that waits for a stream that brings nothing. */
static kmsg_err waiting_echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    nesting     *n = ctx;
    kmsg_stream *s;
    flow_Event   event;

    (void)note;
    (void)ret;
    kmsg_peer_set_timeout_ms(n->peer, PATIENCE_MS);
    OK(flow_Flow_watch_open(n->peer, kmsg_str("keep"), 1, &s));
    n->err = flow_Flow_watch_next(s, kmsg_call_arena(call), &event);
    kmsg_stream_close(s);
    return n->err;
}

TEST(a_handler_does_not_wait_for_a_stream_when_nobody_waits_for_it)
{
    static const talk_Talk_impl impl = {.echo = waiting_echo};
    talk_Note                   note = note_of("x", 1);
    outcome                     o = {0};
    nesting                     n = {0};
    flow                        far;
    kmsg_peer                  *peer;
    world                       w;

    flow_init(&far, new_path());
    world_begin(&w, new_path());
    OK(talk_Talk_serve(w.f.node, &impl, &n));
    n.peer = flow_dial(w.f.node, &far);
    OK(kmsg_start(w.f.node));
    OK(kmsg_dial(w.node, kmsg_listener_url(w.f.listener), &peer));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(w.node, far.node, far.call != NULL);
    EQ_UINT(kmsg_cancel(peer, &o), 1);
    DRIVE(w.node, far.node, far.overs == 1);
    world_end(&w);
    flow_done(&far);
    EQ_INT(o.err, KMSG_ECANCELED);
    EQ_INT(n.err, KMSG_ECANCELED);
}
