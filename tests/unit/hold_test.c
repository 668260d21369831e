/* hold_test.c -- messages that are kept longer than their handlers run, and their tickets. */
#include "delivery.h"

#include <pthread.h>

typedef struct scene {
    post       p;
    kmsg_node *node;
    kmsg_peer *peer;
} scene;

static void scene_init(scene *s, const char *url)
{
    post_init(&s->p, url);
    s->p.way = POST_HOLD;
    s->node = kmsg_node_new();
    s->peer = post_dial(s->node, &s->p);
    kmsg_peer_set_timeout_ms(s->peer, PATIENCE_MS);
}

static void scene_done(scene *s)
{
    kmsg_node_free(s->node);
    post_done(&s->p);
}

static void put(scene *s, int64_t number, outcome *o)
{
    static const uint8_t text[] = "as it came";

    delivery_Post_put_async(s->peer, number, (kmsg_bytes){text, sizeof text}, o, put_done);
}

/* The server and the client have nothing more to do. */
static void settle(scene *s)
{
    outcome o = {0};

    delivery_Post_nothing_async(s->peer, &o, put_done);
    DRIVE(s->node, s->p.node, o.count == 1);
}

/* ---- holding ------------------------------------------------------------------------------- */

static void hold_over(const char *url)
{
    scene   s;
    outcome o[3] = {{0}};

    scene_init(&s, url);
    for (int i = 0; i < 3; i++)
        put(&s, 1, &o[i]);
    DRIVE(s.node, s.p.node, s.p.ticket_count == 3);
    settle(&s);
    EQ_INT(o[0].count + o[1].count + o[2].count, 0);
    EQ_STR((const char *)s.p.blob.data, "as it came");
    OK(kmsg_release_ts(s.p.tickets[1]));
    DRIVE(s.node, s.p.node, o[1].count == 1);
    EQ_INT(o[1].err, KMSG_OK);
    settle(&s);
    EQ_INT(o[0].count + o[2].count, 0);
    EQ_STR((const char *)s.p.blob.data, "as it came");
    OK(kmsg_release_ts(s.p.tickets[2]));
    OK(kmsg_release_ts(s.p.tickets[0]));
    DRIVE(s.node, s.p.node, o[0].count == 1 && o[2].count == 1);
    EQ_INT(o[0].err, KMSG_OK);
    scene_done(&s);
}

TEST(a_held_message_is_acknowledged_when_it_is_released)
{
    hold_over(new_path());
    hold_over("inproc:hold");
    hold_over("tcp:127.0.0.1:0");
}

TEST(a_plain_message_can_be_held_too)
{
    scene s;

    scene_init(&s, new_path());
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.ticket_count == 1);
    OK(kmsg_release_ts(s.p.tickets[0]));
    OK(kmsg_node_step(s.p.node));
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ENOENT);
    scene_done(&s);
}

TEST(a_message_released_in_its_handler_is_done_with_when_that_returns)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    s.p.way = POST_RELEASE;
    put(&s, 1, &o);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(s.p.hold_err, KMSG_OK);
    scene_done(&s);
}

TEST(a_message_is_held_once)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    s.p.way = POST_HOLD_TWICE;
    put(&s, 1, &o);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_EEXIST);
    OK(kmsg_release_ts(s.p.tickets[0]));
    scene_done(&s);
}

TEST(a_failure_is_told_at_once_and_what_is_held_stays)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    s.p.way = POST_HOLD_AND_FAIL;
    put(&s, 1, &o);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_EBUSY);
    EQ_STR((const char *)s.p.blob.data, "as it came");
    OK(kmsg_release_ts(s.p.tickets[0]));
    settle(&s);
    EQ_INT(o.count, 1);
    scene_done(&s);
}

static kmsg_ticket call_ticket;

static kmsg_err hold_slow(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    *ret = number;
    ((post *)ctx)->later = call;
    OK(kmsg_hold(call, &call_ticket));
    return number == 0 ? KMSG_LATER : KMSG_OK;
}

static void slow_done(void *ctx, kmsg_err err, const int64_t *result)
{
    sum_done(ctx, err, result);
}

TEST(the_arguments_of_a_call_are_held_beyond_its_answer)
{
    static const delivery_Post_impl impl = {.slow = hold_slow};
    post                            p = {.node = kmsg_node_new()};
    outcome                         o[2] = {{0}};
    kmsg_peer                      *peer = kmsg_self(p.node);
    kmsg_ticket                     first;

    OK(delivery_Post_serve(p.node, &impl, &p));
    delivery_Post_slow_async(peer, 7, &o[0], slow_done);
    DRIVE(p.node, p.node, o[0].count == 1);
    EQ_INT(o[0].number, 7);
    CHECK(p.later->held);
    first = call_ticket;
    delivery_Post_slow_async(peer, 0, &o[1], slow_done);
    DRIVE(p.node, p.node, p.node->later == 1);
    delivery_Post_slow_reply(p.later, (int64_t[]){9});
    EQ_UINT(p.node->later, 0);
    DRIVE(p.node, p.node, o[1].count == 1);
    EQ_INT(o[1].number, 9);
    CHECK(p.later->held);
    CHECK(p.node->calls != NULL);
    OK(kmsg_release_ts(first));
    OK(kmsg_release_ts(call_ticket));
    OK(kmsg_node_step(p.node));
    EQ_PTR(p.node->calls, NULL);
    post_done(&p);
}

TEST(a_call_that_is_released_before_its_answer_is_answered_all_the_same)
{
    static const delivery_Post_impl impl = {.slow = hold_slow};
    post                            p = {.node = kmsg_node_new()};
    outcome                         o = {0};

    OK(delivery_Post_serve(p.node, &impl, &p));
    delivery_Post_slow_async(kmsg_self(p.node), 0, &o, slow_done);
    DRIVE(p.node, p.node, p.node->later == 1);
    OK(kmsg_release_ts(call_ticket));
    OK(kmsg_node_step(p.node));
    CHECK(!p.later->held);
    delivery_Post_slow_reply(p.later, (int64_t[]){9});
    DRIVE(p.node, p.node, o.count == 1);
    EQ_INT(o.number, 9);
    EQ_PTR(p.node->calls, NULL);
    post_done(&p);
}

/* ---- credit -------------------------------------------------------------------------------- */

static size_t handled_with(uint32_t credit, size_t size, size_t count)
{
    scene  s;
    size_t handled;

    post_init(&s.p, NULL);
    s.p.way = POST_HOLD;
    OK(kmsg_node_set_credit(s.p.node, credit, size));
    OK(kmsg_listen(s.p.node, new_path(), &s.p.listener));
    s.node = kmsg_node_new();
    s.peer = post_dial(s.node, &s.p);
    for (size_t i = 0; i < count; i++)
        OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts > 0);
    for (int i = 0; i < 20; i++)
        step_both(s.node, s.p.node, 0);
    handled = s.p.ticket_count;
    EQ_UINT(kmi_out_waiting(&s.peer->conn->queue) > 0, handled < count);
    for (size_t i = 0; i < count; i++) {
        DRIVE(s.node, s.p.node, s.p.ticket_count > i);
        OK(kmsg_release_ts(s.p.tickets[i]));
    }
    DRIVE(s.node, s.p.node, s.p.puts == (int)count);
    scene_done(&s);
    return handled;
}

TEST(as_many_messages_come_as_there_is_credit_and_the_next_when_one_is_released)
{
    EQ_UINT(handled_with(10, 1 << 20, 9), 9);
    EQ_UINT(handled_with(10, 1 << 20, 10), 10);
    EQ_UINT(handled_with(10, 1 << 20, 11), 10);
    EQ_UINT(handled_with(1, 1 << 20, 3), 1);
}

TEST(credit_counts_bytes_too_and_the_last_message_may_go_beyond)
{
    size_t room = 0;
    scene  s;

    scene_init(&s, new_path());
    OK(delivery_Post_put(s.peer, 1, no_blob));
    room = kmi_out_waiting(&s.peer->conn->queue);
    scene_done(&s);
    EQ_UINT(handled_with(100, 3 * room, 6), 3);
    EQ_UINT(handled_with(100, 3 * room + 1, 6), 4);
    EQ_UINT(handled_with(100, 3 * room - 1, 6), 3);
    EQ_UINT(handled_with(100, 1, 6), 1);
}

TEST(credit_has_limits)
{
    kmsg_node *node = kmsg_node_new();

    FAILS(kmsg_node_set_credit(node, 0, 1), KMSG_EINVAL);
    FAILS(kmsg_node_set_credit(node, 1, 0), KMSG_EINVAL);
    FAILS(kmsg_node_set_credit(node, KMSG_CALLS_MAX + 1, 1), KMSG_EINVAL);
    FAILS(kmsg_node_set_credit(node, 1, KMSG_MESSAGE_MAX + 1), KMSG_EINVAL);
    OK(kmsg_node_set_credit(node, KMSG_CALLS_MAX, KMSG_MESSAGE_MAX));
    OK(kmsg_node_set_credit(node, KMSG_CALLS_MAX - 1, KMSG_MESSAGE_MAX - 1));
    OK(kmsg_node_set_credit(node, 1, 1));
    kmsg_node_free(node);
}

TEST(what_is_held_does_not_hold_the_memory_of_what_came_with_it)
{
    scene s;

    scene_init(&s, new_path());
    for (int i = 0; i < 10; i++)
        OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.ticket_count == 10);
    CHECK(s.p.capacity < 4096); /* only the first of a node lies where it was read to */
    scene_done(&s);
}

/* ---- tickets ------------------------------------------------------------------------------- */

TEST(a_ticket_is_good_once)
{
    scene       s;
    outcome     o[2] = {{0}};
    kmsg_ticket other;

    scene_init(&s, new_path());
    FAILS(kmsg_release_ts((kmsg_ticket){0, 0, 0}), KMSG_ENOENT);
    put(&s, 1, &o[0]);
    DRIVE(s.node, s.p.node, s.p.ticket_count == 1);
    other = s.p.tickets[0];
    other.place++;
    FAILS(kmsg_release_ts(other), KMSG_ENOENT);
    OK(kmsg_release_ts(s.p.tickets[0]));
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ENOENT);
    HAS(kmsg_last_error(), "released before");
    DRIVE(s.node, s.p.node, o[0].count == 1);
    put(&s, 1, &o[1]); /* which takes the same place */
    DRIVE(s.node, s.p.node, s.p.ticket_count == 2);
    EQ_UINT(s.p.tickets[1].place, s.p.tickets[0].place);
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ENOENT);
    settle(&s);
    EQ_INT(o[1].count, 0);
    scene_done(&s);
}

TEST(releasing_after_the_link_is_gone_is_harmless_and_told)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    put(&s, 1, &o);
    DRIVE(s.node, s.p.node, s.p.ticket_count == 1);
    kmi_conn_events.down(s.peer->conn->link, KMSG_ELOST, "cut");
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_ELOST);
    settle(&s); /* over another link */
    EQ_STR((const char *)s.p.blob.data, "as it came");
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ELOST);
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ENOENT);
    settle(&s);
    EQ_INT(o.count, 1);
    EQ_PTR(s.p.node->calls, NULL);
    scene_done(&s);
}

TEST(releasing_after_the_node_is_gone_is_harmless_and_told)
{
    scene   s;
    outcome o[2] = {{0}};

    scene_init(&s, "inproc:gone");
    put(&s, 1, &o[0]);
    put(&s, 1, &o[1]);
    DRIVE(s.node, s.p.node, s.p.ticket_count == 2);
    OK(kmsg_release_ts(s.p.tickets[0])); /* counts: it was posted before the end */
    post_done(&s.p);
    DRIVE(s.node, s.node, o[0].count == 1 && o[1].count == 1);
    EQ_INT(o[0].err, KMSG_OK);
    EQ_INT(o[1].err, KMSG_ELOST);
    FAILS(kmsg_release_ts(s.p.tickets[1]), KMSG_ECLOSED);
    HAS(kmsg_last_error(), "has ended");
    kmsg_node_free(s.node);
}

TEST(a_sender_who_does_not_wait_any_more_makes_no_difference)
{
    scene   s;
    outcome o = {0};

    scene_init(&s, new_path());
    put(&s, 1, &o);
    DRIVE(s.node, s.p.node, s.p.ticket_count == 1);
    EQ_UINT(kmsg_cancel(s.peer, &o), 1);
    settle(&s);
    EQ_INT(o.err, KMSG_ECANCELED);
    OK(kmsg_release_ts(s.p.tickets[0]));
    settle(&s);
    EQ_INT(o.count, 1);
    scene_done(&s);
}

static kmsg_err hold_all(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    post       *p = ctx;
    kmsg_ticket ticket;

    (void)number;
    (void)blob;
    p->hold_err = kmsg_hold(call, &ticket);
    if (p->hold_err == KMSG_OK)
        p->ticket_count++;
    return p->hold_err;
}

/* On one node, over as many links as it takes. */
static kmsg_err hold_count(size_t count)
{
    static const delivery_Post_impl impl = {.put = hold_all, .sum = post_sum};
    post                            p = {.node = kmsg_node_new()};
    kmsg_peer                      *a, *b;
    kmsg_err                        err;

    OK(delivery_Post_serve(p.node, &impl, &p));
    OK(kmsg_node_set_credit(p.node, KMSG_CALLS_MAX, KMSG_MESSAGE_MAX));
    OK(kmsg_listen(p.node, "inproc:full", NULL));
    OK(kmsg_dial(p.node, "inproc:full", &a));
    OK(kmsg_dial(p.node, "inproc:full", &b));
    for (size_t i = 0; i < count; i++)
        OK(delivery_Post_put(i % 2 ? a : b, 1, no_blob));
    DRIVE(p.node, p.node, p.hold_err != KMSG_OK || p.ticket_count == count);
    err = p.hold_err;
    post_done(&p);
    return err;
}

TEST(a_node_holds_as_many_messages_as_it_may_and_no_more)
{
    OK(hold_count(KMSG_CALLS_MAX - 1));
    OK(hold_count(KMSG_CALLS_MAX));
    FAILS(hold_count(KMSG_CALLS_MAX + 1), KMSG_EFULL);
}

/* ---- other threads ------------------------------------------------------------------------- */

#define CROWD   4
#define TICKETS 2000

typedef struct pool {
    pthread_mutex_t lock;
    pthread_cond_t  more;
    kmsg_ticket     tickets[TICKETS];
    size_t          count, taken;
    size_t          twice; /* releases that should have failed, and did not */
} pool;

static kmsg_err put_in_pool(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    pool       *p = ctx;
    kmsg_ticket ticket;

    (void)number;
    (void)blob;
    OK(kmsg_hold(call, &ticket));
    pthread_mutex_lock(&p->lock);
    p->tickets[p->count++] = ticket;
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->lock);
    return KMSG_OK;
}

static void *release_from_pool(void *ctx)
{
    pool *p = ctx;

    pthread_mutex_lock(&p->lock);
    while (p->taken < TICKETS) {
        kmsg_ticket ticket;
        if (p->taken == p->count) {
            pthread_cond_wait(&p->more, &p->lock);
            continue;
        }
        ticket = p->tickets[p->taken++];
        pthread_mutex_unlock(&p->lock);
        if (kmsg_release_ts(ticket) != KMSG_OK || kmsg_release_ts(ticket) != KMSG_ENOENT) {
            pthread_mutex_lock(&p->lock);
            p->twice++;
            continue;
        }
        pthread_mutex_lock(&p->lock);
    }
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

TEST(messages_are_released_by_four_threads_and_each_is_acknowledged_once)
{
    static const delivery_Post_impl impl = {.put = put_in_pool};
    static outcome                  o[TICKETS];
    static pool                     p;
    pthread_t                       threads[CROWD];
    kmsg_node                      *there = kmsg_node_new(), *node = kmsg_node_new();
    kmsg_peer                      *peer;
    int                             last = 0;

    memset(o, 0, sizeof o);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.more, NULL);
    OK(delivery_Post_serve(there, &impl, &p));
    OK(kmsg_node_set_credit(there, 50, 1 << 20));
    OK(kmsg_listen(there, "inproc:pool", NULL));
    OK(kmsg_start(there));
    OK(kmsg_dial(node, "inproc:pool", &peer));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    for (int i = 0; i < CROWD; i++)
        EQ_INT(pthread_create(&threads[i], NULL, release_from_pool, &p), 0);
    for (int i = 0; i < TICKETS; i++)
        delivery_Post_put_async(peer, i, no_blob, &o[i], put_done);
    while (last < TICKETS) {
        DRIVE(node, node, o[last].count > 0);
        last++;
    }
    for (int i = 0; i < CROWD; i++)
        EQ_INT(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < TICKETS; i++) {
        EQ_INT(o[i].count, 1);
        EQ_INT(o[i].err, KMSG_OK);
    }
    EQ_UINT(p.twice, 0);
    kmsg_node_free(node);
    kmsg_node_free(there);
    pthread_mutex_destroy(&p.lock);
    pthread_cond_destroy(&p.more);
}
