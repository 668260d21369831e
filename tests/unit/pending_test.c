/* pending_test.c -- calls that their caller waits for later, many at a time; one deadline for
 * several; and what becomes of a handler's calls when nobody waits for the handler any more.
 */
#include "delivery.h"

#include "core/core.h"

#include <stdatomic.h>

#define MANY 100

/* `s` runs on a thread of its own. */
typedef struct scene {
    server      s;
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
} scene;

static void scene_init(scene *s, const char *url)
{
    server_start(&s->s, url);
    s->node = kmsg_node_new();
    s->peer = dial(s->node, &s->s);
    s->mem = kmsg_arena_new();
}

static void scene_done(scene *s)
{
    kmsg_arena_free(s->mem);
    kmsg_node_free(s->node);
    server_done(&s->s);
}

static void begin_echo(scene *s, const char *text, int64_t number, kmsg_pending *pending)
{
    const talk_Note note = note_of(text, number);

    OK(talk_Talk_echo_begin(s->peer, &note, pending));
}

/* ---- several at a time --------------------------------------------------------------------- */

static void ask_many_over(const char *url)
{
    static kmsg_pending pendings[MANY];
    scene               s;

    scene_init(&s, url);
    for (int i = 0; i < MANY; i++)
        begin_echo(&s, i % 10 == 3 ? "fail" : "x", i, &pendings[i]);
    FAILS(kmsg_wait_all(pendings, MANY, PATIENCE_MS),
          KMSG_ENOENT); /* how the first bad one ended */
    for (int i = 0; i < MANY; i++) {
        talk_Note back = {.number = -1};
        kmsg_err  err;
        CHECK(kmsg_pending_is_over(&pendings[i]));
        err = talk_Talk_echo_end(&pendings[i], s.mem, &back);
        EQ_INT(err, i % 10 == 3 ? KMSG_ENOENT : KMSG_OK);
        EQ_INT(back.number, i % 10 == 3 ? -1 : i);
    }
    scene_done(&s);
}

TEST(each_result_or_error_is_in_its_place)
{
    ask_many_over(new_path());
    ask_many_over("inproc:many");
}

TEST(they_may_be_ended_in_any_order_and_ending_waits)
{
    scene        s;
    kmsg_pending a = {0}, b = {0}, c = {0};
    talk_Note    back;
    int64_t      twice, sum;

    scene_init(&s, new_path());
    begin_echo(&s, "first", 1, &a);
    OK(talk_Other_twice_begin(s.peer, 21, &b));
    OK(talk_Talk_sum_begin(s.peer, &c));
    OK(talk_Talk_sum_end(&c, NULL, &sum));
    OK(talk_Other_twice_end(&b, NULL, &twice));
    OK(kmsg_wait(&a));
    OK(kmsg_wait(&a)); /* takes nothing */
    OK(talk_Talk_echo_end(&a, s.mem, &back));
    EQ_INT(twice, 42);
    EQ_INT(sum, 0);
    EQ_STR(back.text.data, "first");
    scene_done(&s);
}

TEST(an_error_of_the_schema_is_caught_after_its_call_is_ended)
{
    scene        s;
    kmsg_pending a = {0}, b = {0};
    talk_Note    back;
    talk_Refused refused = {.code = 0};

    scene_init(&s, new_path());
    begin_echo(&s, "throw", 1, &a);
    begin_echo(&s, "fine", 2, &b);
    FAILS(talk_Talk_echo_end(&a, s.mem, &back), KMSG_ETHROWN);
    CHECK(talk_Refused_caught(s.peer, s.mem, &refused));
    EQ_INT(refused.code, 7);
    OK(talk_Talk_echo_end(&b, s.mem, &back));
    CHECK(!talk_Refused_caught(s.peer, s.mem, &refused));
    scene_done(&s);
}

TEST(an_acknowledged_message_can_be_waited_for)
{
    scene        s;
    kmsg_pending a = {0};

    scene_init(&s, new_path());
    OK(talk_Talk_push_begin(s.peer, 5, &a));
    OK(talk_Talk_push_end(&a));
    scene_done(&s);
    EQ_INT(s.s.sum, 5); /* the server's thread has ended */
}

TEST(a_pending_call_that_has_not_been_ended_is_in_use)
{
    scene        s;
    kmsg_pending a = {0};
    talk_Note    back, note = note_of("first", 1);

    scene_init(&s, new_path());
    FAILS(talk_Talk_echo_end(&a, s.mem, &back), KMSG_EINVAL);
    FAILS(kmsg_wait(&a), KMSG_EINVAL);
    begin_echo(&s, "first", 1, &a);
    CHECK(!kmsg_pending_is_over(&a));
    FAILS(talk_Talk_echo_begin(s.peer, &note, &a), KMSG_EINUSE);
    OK(kmsg_wait(&a));
    FAILS(talk_Talk_echo_begin(s.peer, &note, &a), KMSG_EINUSE);
    HAS(kmsg_last_error(), "talk.Talk.echo");
    OK(talk_Talk_echo_end(&a, s.mem, &back));
    EQ_STR(back.text.data, "first");
    FAILS(talk_Talk_echo_end(&a, s.mem, &back), KMSG_EINVAL);
    begin_echo(&s, "second", 1, &a);
    OK(talk_Talk_echo_end(&a, s.mem, &back));
    EQ_STR(back.text.data, "second");
    scene_done(&s);
}

TEST(what_could_not_be_begun_ends_with_the_same_error)
{
    static const talk_Note bad = {.text = KMSG_STR("\xff")};
    scene                  s;
    kmsg_pending           a[2] = {{0}, {0}};
    talk_Note              back;

    scene_init(&s, new_path());
    FAILS(talk_Talk_echo_begin(s.peer, &bad, &a[0]), KMSG_EVALUE);
    begin_echo(&s, "good", 1, &a[1]);
    FAILS(kmsg_wait_all(a, 2, PATIENCE_MS), KMSG_EVALUE);
    FAILS(talk_Talk_echo_end(&a[0], s.mem, &back), KMSG_EVALUE);
    HAS(kmsg_last_error(), "text");
    OK(talk_Talk_echo_end(&a[1], s.mem, &back));
    EQ_STR(back.text.data, "good");
    scene_done(&s);
}

TEST(one_deadline_for_all_and_each_ends_on_its_own)
{
    scene        s;
    kmsg_pending a[3] = {{0}, {0}, {0}};
    talk_Note    back;
    int64_t      began_ms = clock_ms();

    scene_init(&s, new_path());
    kmsg_peer_set_timeout_ms(s.peer, PATIENCE_MS);
    begin_echo(&s, "later", 1, &a[0]);
    begin_echo(&s, "now", 2, &a[1]);
    kmsg_peer_set_timeout_ms(s.peer, 1); /* its own deadline comes first */
    begin_echo(&s, "later", 3, &a[2]);
    FAILS(kmsg_wait_all(a, 3, 100), KMSG_ETIMEDOUT);
    CHECK(clock_ms() - began_ms < PATIENCE_MS);
    CHECK(clock_ms() - began_ms >= 100);
    FAILS(talk_Talk_echo_end(&a[0], s.mem, &back), KMSG_ETIMEDOUT);
    OK(talk_Talk_echo_end(&a[1], s.mem, &back));
    FAILS(talk_Talk_echo_end(&a[2], s.mem, &back), KMSG_ETIMEDOUT);
    EQ_INT(back.number, 2);
    scene_done(&s);
}

TEST(a_pending_call_can_be_cancelled_and_lost)
{
    post         p;
    kmsg_node   *node = kmsg_node_new();
    kmsg_peer   *peer;
    kmsg_pending canceled = {0}, lost = {0}, never = {0};
    int64_t      back;

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    kmsg_pending_cancel(&never);
    OK(delivery_Post_slow_begin(peer, 1, &canceled));
    OK(delivery_Post_slow_begin(peer, 2, &lost));
    DRIVE(node, p.node, p.asked == 2);
    kmsg_pending_cancel(&canceled);
    kmsg_pending_cancel(&canceled);
    EQ_UINT(kmsg_cancel(peer, NULL), 0); /* it is for the asynchronous ones */
    FAILS(kmsg_wait(&canceled), KMSG_ECANCELED);
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut");
    FAILS(delivery_Post_slow_end(&lost, NULL, &back), KMSG_ELOST);
    FAILS(delivery_Post_slow_end(&canceled, NULL, &back), KMSG_ECANCELED);
    kmsg_node_free(node);
    post_done(&p);
}

TEST(a_node_that_ends_ends_its_pending_calls)
{
    post         p;
    kmsg_node   *node = kmsg_node_new();
    kmsg_peer   *peer;
    kmsg_pending open = {0}, over = {0};
    int64_t      back;

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    OK(delivery_Post_slow_begin(peer, 2, &open));
    OK(delivery_Post_nothing_begin(peer, &over));
    DRIVE(node, p.node, kmsg_pending_is_over(&over));
    kmsg_node_free(node);
    FAILS(delivery_Post_slow_end(&open, NULL, &back), KMSG_ECLOSED);
    FAILS(delivery_Post_nothing_end(&over), KMSG_ECLOSED);
    FAILS(delivery_Post_nothing_end(&over), KMSG_EINVAL);
    post_done(&p);
}

TEST(what_waits_for_its_end_does_not_hold_the_memory_of_what_came_with_it)
{
    scene        s;
    kmsg_pending a = {0};
    talk_Note    back;

    scene_init(&s, new_path());
    begin_echo(&s, "small", 1, &a);
    OK(kmsg_wait(&a));
    CHECK(((kmi_ask *)a.ask)->slab->capacity < 4096);
    OK(talk_Talk_echo_end(&a, s.mem, &back));
    scene_done(&s);
}

/* ---- in a handler -------------------------------------------------------------------------- */

typedef struct inner {
    kmsg_node *node;
    kmsg_err   err[2];
    int64_t    number;
} inner;

/* Asks another service of its own node, and its own service, which cannot be waited for. */
static kmsg_err ask_inside(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    inner       *in = ctx;
    kmsg_pending twice = {0}, self = {0};

    OK(talk_Other_twice_begin(kmsg_self(in->node), number, &twice));
    OK(delivery_Post_nothing_begin(kmsg_self(in->node), &self));
    in->err[0] = talk_Other_twice_end(&twice, kmsg_call_arena(call), ret);
    in->err[1] = delivery_Post_nothing_end(&self);
    in->number = *ret;
    return KMSG_OK;
}

static kmsg_err nothing(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    return KMSG_OK;
}

TEST(a_handler_waits_for_other_services_of_its_node_and_not_for_its_own)
{
    static const delivery_Post_impl impl = {.slow = ask_inside, .nothing = nothing};
    inner                           in = {.node = kmsg_node_new()};
    int64_t                         back;

    OK(delivery_Post_serve(in.node, &impl, &in));
    OK(talk_Other_serve(in.node, &other_impl, NULL));
    OK(delivery_Post_slow(kmsg_self(in.node), 4, NULL, &back));
    EQ_INT(back, 8);
    EQ_INT(in.err[0], KMSG_OK);
    EQ_INT(in.err[1], KMSG_EDEADLOCK);
    kmsg_node_free(in.node);
}

/* ---- one deadline for several calls in a row ----------------------------------------------- */

TEST(calls_in_a_row_end_by_one_deadline)
{
    post       p;
    kmsg_peer *peer;
    int64_t    outer, inner_one, back, began_ms = clock_ms();
    kmsg_node *node = kmsg_node_new();

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    OK(kmsg_start(p.node));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    outer = kmsg_deadline_begin(node, 100);
    OK(delivery_Post_nothing(peer));
    inner_one = kmsg_deadline_begin(node, PATIENCE_MS); /* cannot come later */
    FAILS(delivery_Post_slow(peer, 1, NULL, &back), KMSG_ETIMEDOUT);
    kmsg_deadline_end(node, inner_one);
    CHECK(clock_ms() - began_ms < PATIENCE_MS);
    CHECK(clock_ms() - began_ms >= 100);
    FAILS(delivery_Post_nothing(peer), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "no time left");
    kmsg_deadline_end(node, outer);
    OK(delivery_Post_nothing(peer));
    kmsg_node_free(node);
    post_done(&p);
}

static void remember_deadline(void *ctx)
{
    inner *in = ctx;

    in->number = in->node->deadline_ns == KMI_NEVER;
    in->err[0] = KMSG_OK;
}

TEST(a_deadline_is_not_for_what_runs_meanwhile)
{
    inner   in = {.node = kmsg_node_new(), .err = {KMSG_EINVAL}};
    int64_t outer = kmsg_deadline_begin(in.node, 1);

    OK(kmsg_defer_ts(in.node, &in, remember_deadline));
    DRIVE(in.node, in.node, in.err[0] == KMSG_OK);
    EQ_INT(in.number, 1);
    CHECK(in.node->deadline_ns != KMI_NEVER);
    kmsg_deadline_end(in.node, outer);
    CHECK(in.node->deadline_ns == KMI_NEVER);
    kmsg_node_free(in.node);
}

/* ---- over three nodes ---------------------------------------------------------------------- */

/* The middle one asks the last one, and waits. */
typedef struct middle {
    kmsg_node     *node;
    kmsg_listener *listener;
    kmsg_peer     *last;
    atomic_int     err[3]; /* what its calls ended with, and 1 before that */
    atomic_bool    over;
} middle;

static kmsg_err pass_on(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    middle      *m = ctx;
    kmsg_pending pending = {0};

    if (number == 2)
        OK(delivery_Post_slow_begin(m->last, number, &pending));
    atomic_store(&m->err[0], delivery_Post_slow(m->last, number, NULL, ret));
    atomic_store(&m->over, kmsg_call_is_over(call));
    atomic_store(&m->err[2], delivery_Post_nothing(m->last));
    atomic_store(&m->err[1], number == 2 ? delivery_Post_slow_end(&pending, NULL, ret) : KMSG_OK);
    return (kmsg_err)atomic_load(&m->err[0]);
}

static void middle_init(middle *m, const post *last)
{
    static const delivery_Post_impl impl = {.slow = pass_on};

    m->node = kmsg_node_new();
    for (int i = 0; i < 3; i++)
        atomic_init(&m->err[i], 1);
    atomic_init(&m->over, false);
    OK(delivery_Post_serve(m->node, &impl, m));
    OK(kmsg_listen(m->node, new_path(), &m->listener));
    OK(kmsg_dial(m->node, kmsg_listener_url(last->listener), &m->last));
    kmsg_peer_set_timeout_ms(m->last, PATIENCE_MS);
    OK(kmsg_start(m->node));
}

TEST(a_deadline_goes_with_a_call_over_three_nodes)
{
    post       last;
    middle     m;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    post_init(&last, new_path());
    middle_init(&m, &last);
    OK(kmsg_dial(node, kmsg_listener_url(m.listener), &peer));
    kmsg_peer_set_timeout_ms(peer, 300);
    delivery_Post_slow_async(peer, 1, &o, sum_done);
    DRIVE(node, last.node, last.asked == 1);
    CHECK(last.left_ms <= 300);
    CHECK(last.left_ms > 0);
    DRIVE(node, last.node, o.count == 1);
    EQ_INT(o.err, KMSG_ETIMEDOUT);
    DRIVE(node, last.node, atomic_load(&m.err[2]) != 1); /* the one in the middle is free again */
    kmsg_node_free(node);
    kmsg_node_free(m.node);
    post_done(&last);
}

static void cancel_over_three(bool cut)
{
    post       last;
    middle     m;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    post_init(&last, new_path());
    middle_init(&m, &last);
    OK(kmsg_dial(node, kmsg_listener_url(m.listener), &peer));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    delivery_Post_slow_async(peer, 2, &o, sum_done);
    DRIVE(node, last.node, last.asked == 2);
    CHECK(!kmsg_call_is_over(last.later));
    if (cut)
        kmsg_peer_close(peer);
    else
        EQ_UINT(kmsg_cancel(peer, &o), 1);
    DRIVE(node, last.node, o.count == 1 && kmsg_call_is_over(last.later));
    DRIVE(node, last.node, atomic_load(&m.err[1]) != 1);
    EQ_INT(o.err, cut ? KMSG_ECLOSED : KMSG_ECANCELED);
    CHECK(atomic_load(&m.over));
    for (int i = 0; i < 3; i++)
        EQ_INT(atomic_load(&m.err[i]), KMSG_ECANCELED);
    kmsg_node_free(node);
    kmsg_node_free(m.node);
    post_done(&last);
}

TEST(cancelling_a_call_ends_what_its_handler_waits_for)
{
    cancel_over_three(false);
}

TEST(so_does_the_end_of_its_caller)
{
    cancel_over_three(true);
}
