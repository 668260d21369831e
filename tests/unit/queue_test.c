/* queue_test.c -- how much may wait to be sent to a peer, and what happens to more. */
#include "delivery.h"

#include "core/core.h"

/* A server that nobody drives unless the test says so, and a client of it. */
typedef struct scene {
    post       p;
    kmsg_node *node;
    kmsg_peer *peer;
    char       said[1024];
} scene;

static void scene_init(scene *s, const char *url)
{
    s->said[0] = '\0';
    kmsg_set_log(keep_line, s->said);
    post_init(&s->p, url);
    s->node = kmsg_node_new();
    s->peer = post_dial(s->node, &s->p);
    kmsg_peer_set_timeout_ms(s->peer, PATIENCE_MS);
}

static void scene_done(scene *s)
{
    kmsg_node_free(s->node);
    post_done(&s->p);
    kmsg_set_log(NULL, NULL);
}

static void limit(scene *s, uint32_t messages, size_t size, kmsg_when_full when_full)
{
    OK(kmsg_peer_set_queue(s->peer, &(kmsg_queue_options){messages, size, when_full}));
}

static kmsg_err put(scene *s, int64_t number)
{
    return delivery_Post_put(s->peer, number, no_blob);
}

/* How many of `wanted` are taken; all that were taken arrive. */
static int taken_of(int wanted, uint32_t messages, size_t size)
{
    scene s;
    int   taken = 0;

    scene_init(&s, new_path());
    limit(&s, messages, size, KMSG_REFUSE);
    for (int i = 0; i < wanted; i++) {
        kmsg_err err = put(&s, 1);
        CHECK(err == KMSG_OK || err == KMSG_EFULL);
        taken += err == KMSG_OK;
    }
    if (taken < wanted)
        HAS(kmsg_last_error(), "wait to be sent");
    DRIVE(s.node, s.p.node, s.p.puts == taken);
    OK(put(&s, 1)); /* there is room again */
    DRIVE(s.node, s.p.node, s.p.puts == taken + 1);
    EQ_UINT(dropped(s.peer), 0);
    scene_done(&s);
    return taken;
}

/* Bytes that one message takes where it waits. */
static size_t room_of_one(void)
{
    scene  s;
    size_t room;

    scene_init(&s, new_path());
    OK(put(&s, 1));
    room = kmi_conn_waiting(s.peer->conn);
    scene_done(&s);
    return room;
}

/* ---- limits -------------------------------------------------------------------------------- */

TEST(as_many_requests_wait_as_may_and_the_next_is_refused)
{
    EQ_INT(taken_of(9, 10, 0), 9);
    EQ_INT(taken_of(10, 10, 0), 10);
    EQ_INT(taken_of(11, 10, 0), 10);
    EQ_INT(taken_of(3, 1, 0), 1);
}

TEST(as_many_bytes_wait_as_may_and_one_request_of_any_size)
{
    size_t room = room_of_one();

    EQ_INT(taken_of(5, 0, 3 * room), 3);
    EQ_INT(taken_of(5, 0, 3 * room + 1), 3);
    EQ_INT(taken_of(5, 0, 3 * room - 1), 2);
    EQ_INT(taken_of(5, 0, 1), 1);
}

TEST(a_queue_has_limits_itself_and_can_be_as_it_was)
{
    kmsg_queue_options most = {.size = KMSG_SEND_QUEUE_MAX}, more = {.size = most.size + 1};
    scene              s;

    scene_init(&s, new_path());
    FAILS(kmsg_peer_set_queue(s.peer, &more), KMSG_EINVAL);
    OK(kmsg_peer_set_queue(s.peer, &most));
    limit(&s, 1, 0, KMSG_REFUSE);
    OK(put(&s, 1));
    FAILS(put(&s, 1), KMSG_EFULL);
    OK(kmsg_peer_set_queue(s.peer, NULL));
    for (int i = 0; i < 100; i++)
        OK(put(&s, 1));
    DRIVE(s.node, s.p.node, s.p.puts == 101);
    scene_done(&s);
}

/* That takes 2^31 frames, which is a minute's work for who is out for it. */
TEST(credit_that_is_given_again_and_again_does_not_overflow)
{
    kmi_credit *credit;
    scene       s;

    scene_init(&s, new_path());
    OK(put(&s, 1));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    credit = &s.peer->conn->credit;
    credit->left = credit->left_bytes = INT64_MAX - UINT32_MAX;
    for (int i = 0; i < 3; i++)
        kmi_queue_credit(s.peer->conn, UINT32_MAX, UINT32_MAX);
    CHECK(credit->left > 0 && credit->left_bytes > 0);
    OK(put(&s, 2));
    DRIVE(s.node, s.p.node, s.p.puts == 2);
    scene_done(&s);
}

TEST(a_link_that_takes_what_is_written_leaves_room)
{
    scene s;

    scene_init(&s, new_path());
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    limit(&s, 5, 0, KMSG_REFUSE);
    for (int i = 0; i < 50; i++)
        OK(put(&s, 1)); /* nobody has driven the node: it is written where there is no room */
    DRIVE(s.node, s.p.node, s.p.puts == 51);
    scene_done(&s);
}

TEST(calls_are_counted_and_refused_as_messages_are)
{
    scene   s;
    outcome o[3] = {{0}};

    scene_init(&s, new_path());
    limit(&s, 2, 0, KMSG_REFUSE);
    for (int i = 0; i < 3; i++)
        delivery_Post_put_async(s.peer, 1, no_blob, &o[i], put_done);
    DRIVE(s.node, s.p.node, o[0].count == 1 && o[1].count == 1 && o[2].count == 1);
    EQ_INT(o[0].err, KMSG_OK);
    EQ_INT(o[1].err, KMSG_OK);
    EQ_INT(o[2].err, KMSG_EFULL);
    HAS(o[2].words, "2 requests wait");
    scene_done(&s);
}

TEST(what_was_cancelled_counts_no_more)
{
    scene   s;
    outcome o[3] = {{0}};

    scene_init(&s, new_path());
    limit(&s, 2, 0, KMSG_REFUSE);
    delivery_Post_put_async(s.peer, 1, no_blob, &o[0], put_done);
    delivery_Post_put_async(s.peer, 2, no_blob, &o[1], put_done);
    EQ_UINT(kmsg_cancel(s.peer, &o[0]), 1);
    delivery_Post_put_async(s.peer, 4, no_blob, &o[2], put_done);
    DRIVE(s.node, s.p.node, o[1].count == 1 && o[2].count == 1);
    EQ_INT(s.p.sum, 6);
    scene_done(&s);
}

/* ---- waiting ------------------------------------------------------------------------------- */

TEST(a_sender_waits_for_room_and_finds_it)
{
    scene s;

    scene_init(&s, new_path());
    OK(kmsg_node_set_credit(s.p.node, 3, 1 << 20)); /* so that room depends on the server */
    OK(kmsg_start(s.p.node));
    limit(&s, 2, 0, KMSG_WAIT);
    for (int i = 0; i < 500; i++)
        OK(put(&s, 1));
    OK(kmsg_flush(s.peer));
    OK(delivery_Post_nothing(s.peer));
    scene_done(&s);
    EQ_INT(s.p.puts, 500);
}

TEST(a_sender_waits_no_longer_than_the_timeout)
{
    scene   s;
    outcome o = {0};
    int64_t began_ms = clock_ms();

    scene_init(&s, new_path());
    limit(&s, 1, 0, KMSG_WAIT);
    kmsg_peer_set_timeout_ms(s.peer, 50);
    OK(put(&s, 1));
    FAILS(put(&s, 2), KMSG_EFULL);
    CHECK(clock_ms() - began_ms >= 50);
    delivery_Post_put_async(s.peer, 4, no_blob, &o, put_done); /* waits here, ends later */
    EQ_INT(o.count, 0);
    CHECK(clock_ms() - began_ms >= 100);
    DRIVE(s.node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_EFULL);
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    EQ_INT(s.p.sum, 1);
    scene_done(&s);
}

static void close_peer(void *ctx)
{
    kmsg_peer_close(((scene *)ctx)->peer);
}

TEST(who_waits_for_room_hears_that_the_peer_was_closed)
{
    scene s;

    scene_init(&s, new_path());
    limit(&s, 1, 0, KMSG_WAIT);
    OK(put(&s, 1));
    OK(kmsg_defer_ts(s.node, &s, close_peer));
    FAILS(put(&s, 2), KMSG_ECLOSED);
    scene_done(&s);
}

static void take_room(kmi_conn *conn, kmsg_err wanted)
{
    const kmsg_bytes body = {(const uint8_t *)"12345678", 8};

    FAILS(kmi_room_tell(conn, &(kmi_frame){.kind = KMI_TELL, .target = 1}, NULL, NULL, &body, 0),
          wanted);
}

TEST(what_passes_through_to_another_node_does_not_wait)
{
    scene s;

    scene_init(&s, new_path());
    limit(&s, 1, 0, KMSG_WAIT);
    take_room(s.peer->conn, KMSG_OK);
    take_room(s.peer->conn, KMSG_EFULL);
    scene_done(&s);
}

/* ---- dropping ------------------------------------------------------------------------------ */

TEST(the_oldest_message_gives_way)
{
    scene s;

    scene_init(&s, new_path());
    limit(&s, 3, 0, KMSG_DROP_OLDEST);
    for (int i = 0; i < 10; i++)
        OK(put(&s, 1 << i));
    EQ_UINT(dropped(s.peer), 7);
    HAS(s.said, "give way to newer ones");
    CHECK(strstr(strstr(s.said, "give way") + 1, "give way") == NULL); /* it is said once */
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(s.p.sum, 1 << 7 | 1 << 8 | 1 << 9);
    scene_done(&s);
}

TEST(a_call_that_gives_way_ends_with_that)
{
    scene   s;
    outcome o[3] = {{0}};

    scene_init(&s, new_path());
    limit(&s, 2, 0, KMSG_DROP_OLDEST);
    for (int i = 0; i < 3; i++)
        delivery_Post_put_async(s.peer, 1 << i, no_blob, &o[i], put_done);
    DRIVE(s.node, s.p.node, o[0].count == 1 && o[1].count == 1 && o[2].count == 1);
    EQ_INT(o[0].err, KMSG_EFULL);
    HAS(o[0].words, "gave way to a newer one");
    EQ_INT(o[1].err, KMSG_OK);
    EQ_INT(o[2].err, KMSG_OK);
    EQ_INT(s.p.sum, 6);
    EQ_UINT(dropped(s.peer), 0);
    scene_done(&s);
}

TEST(what_gives_way_gives_its_memory_back)
{
    enum { BLOB = 10000 };
    uint8_t *blob = calloc(1, BLOB);
    scene    s;

    scene_init(&s, new_path());
    limit(&s, 0, 10 * BLOB, KMSG_DROP_OLDEST);
    for (int i = 0; i < 1000; i++) {
        OK(delivery_Post_put(s.peer, 1, (kmsg_bytes){blob, BLOB}));
        CHECK(kmi_conn_waiting(s.peer->conn) <= 10 * BLOB);
        CHECK(s.peer->conn->queue.first->capacity < 50 * BLOB);
    }
    EQ_UINT(dropped(s.peer), 1000 - s.peer->conn->queue.requests);
    DRIVE(s.node, s.p.node, s.p.puts == 9);
    scene_done(&s);
    free(blob);
}

/* A link that takes nothing more, with a message half written. */
static void stuff(scene *s, uint8_t *blob, size_t size)
{
    OK(put(s, 0));
    DRIVE(s->node, s->p.node, s->p.puts == 1);
    while (kmi_out_cut(&s->peer->conn->out) == NULL) {
        OK(delivery_Post_put(s->peer, 0, (kmsg_bytes){blob, size}));
        OK(kmsg_node_step(s->node));
    }
}

TEST(what_is_half_written_stays_and_the_next_oldest_gives_way)
{
    enum { BLOB = 100000 };
    uint8_t *blob = calloc(1, BLOB);
    scene    s;
    int      puts;

    scene_init(&s, new_path());
    stuff(&s, blob, BLOB);
    limit(&s, 3, 0, KMSG_DROP_OLDEST);
    EQ_UINT(s.peer->conn->out.requests, 1);
    for (int i = 0; i < 10; i++)
        OK(put(&s, 1 << i));
    EQ_UINT(dropped(s.peer), 8);
    CHECK(kmi_out_cut(&s.peer->conn->out) != NULL);
    DRIVE(s.node, s.p.node, s.p.sum == (1 << 8 | 1 << 9));
    puts = s.p.puts;
    OK(put(&s, 1)); /* credit has not suffered, and the link goes on */
    DRIVE(s.node, s.p.node, s.p.puts == puts + 1);
    scene_done(&s);
    free(blob);
}

/* ---- over a slow link ---------------------------------------------------------------------- */

TEST(what_waits_behind_a_slow_link_is_written_when_it_can_be)
{
    enum { BLOB = 30000, COUNT = 200 };
    uint8_t *blob = calloc(1, BLOB);
    scene    s;
    uint32_t calls = 0;

    scene_init(&s, new_path());
    limit(&s, 1000, 0, KMSG_DROP_OLDEST);
    for (int i = 0; i < COUNT; i++)
        OK(delivery_Post_put(s.peer, 1, (kmsg_bytes){blob, BLOB}));
    calls = s.peer->conn->queue.requests;
    EQ_UINT(calls, COUNT);
    while (s.p.puts < 1)
        step_both(s.node, s.p.node, 100);
    CHECK(kmi_out_waiting(&s.peer->conn->out) < 200000); /* the rest can still give way */
    DRIVE(s.node, s.p.node, s.p.puts == COUNT);
    EQ_UINT(s.peer->conn->out.requests + s.peer->conn->queue.requests, 0);
    scene_done(&s);
    free(blob);
}

TEST(the_count_survives_a_link_that_is_lost)
{
    enum { BLOB = 100000 };
    uint8_t *blob = calloc(1, BLOB);
    scene    s;

    scene_init(&s, new_path());
    stuff(&s, blob, BLOB);
    limit(&s, 100, 0, KMSG_REFUSE);
    for (int i = 0; i < 10; i++)
        OK(put(&s, 1));
    EQ_UINT(s.peer->conn->out.requests + s.peer->conn->queue.requests, 11);
    kmi_conn_events.down(s.peer->conn->link, KMSG_ELOST, "cut");
    EQ_UINT(dropped(s.peer), 1);
    EQ_UINT(s.peer->conn->out.requests, 0);
    EQ_UINT(s.peer->conn->queue.requests, 10);
    DRIVE(s.node, s.p.node, s.p.sum == 10);
    EQ_UINT(s.peer->conn->queue.requests, 0);
    scene_done(&s);
    free(blob);
}
