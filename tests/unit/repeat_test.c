/* repeat_test.c -- calls of @idempotent methods are asked again, others are not; @deadline. */
#include "delivery.h"

#include "core/core.h"

typedef struct scene {
    post       p;
    kmsg_node *node;
    kmsg_peer *peer;
} scene;

static void scene_init(scene *s, const char *url)
{
    post_init(&s->p, url);
    s->node = kmsg_node_new();
    s->peer = post_dial(s->node, &s->p);
    kmsg_peer_set_timeout_ms(s->peer, PATIENCE_MS);
}

static void scene_done(scene *s)
{
    kmsg_node_free(s->node);
    post_done(&s->p);
}

static void cut(scene *s)
{
    kmi_conn_events.down(s->peer->conn->link, KMSG_ELOST, "cut");
}

/* It has been handled `count` times, and its link is lost. */
static void handle_and_cut(scene *s, int count)
{
    DRIVE(s->node, s->p.node, s->p.asked == count);
    cut(s);
}

/* ---- again --------------------------------------------------------------------------------- */

static void repeat_over(const char *url)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, url);
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    handle_and_cut(&s, 1);
    EQ_INT(o.count, 0);
    DRIVE(s.node, s.p.node, s.p.asked == 2);
    delivery_Post_again_reply(s.p.later, (int64_t[]){8});
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 8);
    scene_done(&s);
}

TEST(an_idempotent_call_that_is_lost_is_asked_again)
{
    repeat_over(new_path());
    repeat_over("inproc:repeat");
}

TEST(no_other_call_is_asked_again)
{
    scene   s;
    outcome slow = {0}, again = {0};

    scene_init(&s, new_path());
    delivery_Post_slow_async(s.peer, 7, &slow, sum_done);
    handle_and_cut(&s, 1);
    delivery_Post_again_async(s.peer, 7, &again, sum_done);
    DRIVE(s.node, s.p.node, slow.count == 1 && s.p.asked == 2);
    EQ_INT(slow.err, KMSG_ELOST);
    scene_done(&s);
}

TEST(it_is_asked_again_three_times_at_most)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    for (int i = 1; i <= (int)KMSG_REPEATS_MAX; i++) {
        handle_and_cut(&s, i);
        EQ_INT(o.count, 0);
    }
    handle_and_cut(&s, (int)KMSG_REPEATS_MAX + 1);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    EQ_INT(s.p.asked, (int)KMSG_REPEATS_MAX + 1);
    scene_done(&s);
}

TEST(a_server_that_comes_back_late_is_asked_again)
{
    const char *url = new_path();
    scene       s;
    outcome     o = {0}, other = {0};

    scene_init(&s, url);
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    DRIVE(s.node, s.p.node, s.p.asked == 1);
    post_done(&s.p);
    DRIVE(s.node, s.node, s.peer->conn->state != KMI_CONN_UP);
    delivery_Post_put_async(s.peer, 1, no_blob, &other, put_done);
    DRIVE(s.node, s.node, other.count == 1); /* a dial has failed, and fails what was never sent */
    EQ_INT(other.err, KMSG_EREFUSED);
    EQ_INT(o.count, 0);
    post_init(&s.p, url);
    DRIVE(s.node, s.p.node, s.p.asked == 1);
    CHECK(s.p.left_ms < PATIENCE_MS);
    delivery_Post_again_reply(s.p.later, (int64_t[]){9});
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 9);
    scene_done(&s);
}

TEST(it_waits_for_a_server_until_its_deadline)
{
    scene   s;
    outcome o = {0};
    int64_t began_ms = clock_ms();

    scene_init(&s, new_path());
    kmsg_peer_set_timeout_ms(s.peer, 200);
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    DRIVE(s.node, s.p.node, s.p.asked == 1);
    post_done(&s.p);
    DRIVE(s.node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_ETIMEDOUT);
    CHECK(clock_ms() - began_ms >= 200);
    kmsg_node_free(s.node);
}

TEST(where_dialling_is_given_up_it_is_lost_not_refused)
{
    const kmsg_retry once = {.first_ms = 1, .limit = 1};
    scene            s;
    outcome          o = {0};

    scene_init(&s, new_path());
    OK(kmsg_peer_set_retry(s.peer, &once));
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    DRIVE(s.node, s.p.node, s.p.asked == 1);
    post_done(&s.p);
    DRIVE(s.node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    kmsg_node_free(s.node);
}

TEST(it_can_be_cancelled_while_it_waits_to_be_asked_again)
{
    scene   s;
    outcome o = {0}, after = {0};

    scene_init(&s, new_path());
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    handle_and_cut(&s, 1);
    EQ_UINT(kmsg_cancel(s.peer, &o), 1);
    delivery_Post_put_async(s.peer, 1, no_blob, &after, put_done);
    DRIVE(s.node, s.p.node, after.count == 1);
    EQ_INT(o.count, 1);
    EQ_INT(o.err, KMSG_ECANCELED);
    EQ_INT(s.p.asked, 1);
    scene_done(&s);
}

TEST(who_waits_for_it_does_not_notice)
{
    scene        s;
    kmsg_pending pending = {0};
    int64_t      back;

    scene_init(&s, new_path());
    OK(delivery_Post_again_begin(s.peer, 7, &pending));
    handle_and_cut(&s, 1);
    CHECK(!kmsg_pending_is_over(&pending));
    DRIVE(s.node, s.p.node, s.p.asked == 2);
    delivery_Post_again_reply(s.p.later, (int64_t[]){8});
    OK(kmsg_node_step(s.p.node));
    OK(delivery_Post_again_end(&pending, NULL, &back));
    EQ_INT(back, 8);
    scene_done(&s);
}

TEST(a_peer_that_is_closed_asks_no_more)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    handle_and_cut(&s, 1);
    kmsg_peer_close(s.peer);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_ECLOSED);
    EQ_INT(s.p.asked, 1);
    scene_done(&s);
}

TEST(who_was_connected_to_cannot_ask_again)
{
    post      p;
    server    s;
    outcome   o = {0}, first = {0};
    talk_Note note = note_of("x", 1);

    server_init(&s, new_path());
    post_init(&p, NULL);
    talk_Talk_echo_async(dial(p.node, &s), &note, &first, echo_done);
    DRIVE(p.node, s.node, first.count == 1);
    delivery_Post_again_async(s.back, 7, &o, sum_done);
    DRIVE(p.node, s.node, p.asked == 1);
    kmi_conn_events.down(s.back->conn->link, KMSG_ELOST, "cut");
    DRIVE(p.node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    post_done(&p);
    server_done(&s);
}

TEST(what_gives_way_after_it_was_sent_is_lost)
{
    const kmsg_queue_options one = {.messages = 1, .when_full = KMSG_DROP_OLDEST};
    scene                    s;
    outcome                  o = {0};

    scene_init(&s, new_path());
    delivery_Post_again_async(s.peer, 7, &o, sum_done);
    handle_and_cut(&s, 1);
    OK(kmsg_peer_set_queue(s.peer, &one));
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    scene_done(&s);
}

/* ---- @deadline ----------------------------------------------------------------------------- */

TEST(a_call_has_its_schemas_deadline_unless_the_peer_has_one)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    soon = {0}, slow = {0}, set = {0};
    int64_t    began_ms = clock_ms();

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    delivery_Post_slow_async(peer, 1, &slow, sum_done);
    DRIVE(node, p.node, p.asked == 1);
    CHECK(p.left_ms > 250 && p.left_ms <= KMSG_CALL_TIMEOUT_MS);
    delivery_Post_soon_async(peer, 1, &soon, sum_done);
    DRIVE(node, p.node, p.asked == 2);
    CHECK(p.left_ms <= 250);
    DRIVE(node, p.node, soon.count == 1);
    EQ_INT(soon.err, KMSG_ETIMEDOUT);
    CHECK(clock_ms() - began_ms >= 250);
    EQ_INT(slow.count, 0);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    delivery_Post_soon_async(peer, 1, &set, sum_done);
    DRIVE(node, p.node, p.asked == 3);
    CHECK(p.left_ms > KMSG_CALL_TIMEOUT_MS);
    kmsg_node_free(node);
    post_done(&p);
}

TEST(a_deadline_for_several_calls_goes_before_that_of_the_schema)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    int64_t    outer;

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    outer = kmsg_deadline_begin(node, 100);
    delivery_Post_soon_async(peer, 1, &o, sum_done);
    kmsg_deadline_end(node, outer);
    DRIVE(node, p.node, p.asked == 1);
    CHECK(p.left_ms <= 100);
    kmsg_node_free(node);
    post_done(&p);
}
