/* shutdown_test.c -- the end of a node with everything under way at once, seen from both sides; and
 * who hears of it.
 */
#include "delivery.h"

#include "core/object.h"
#include "crew.kmsg.h"
#include "door.kmsg.h"

#include <pthread.h>

#define KINDS 8 /* of what is under way */

typedef struct ending {
    int      count;
    kmsg_err err;
} ending;

static void ended(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    ending *e = ctx;

    (void)child;
    (void)value;
    e->count++;
    e->err = err;
}

static kmsg_err take_all(void *ctx, kmsg_object *self, kmsg_message *message)
{
    (void)ctx;
    (void)self;
    return kmsg_is(message, &kmsg_Stop_layout) ? KMSG_ENOMETHOD : KMSG_OK;
}

static door_Door_state save_it(void *ctx, kmsg_object *self, kmsg_message *message,
                               const door_Knock *knock)
{
    (void)self;
    (void)knock;
    OK(kmsg_save(message));
    ++*(int *)ctx;
    return door_Door_Closed;
}

static kmsg_err receive_until_stop(void *ctx, kmsg_object *self)
{
    kmsg_message *m;
    kmsg_err      err;

    (void)ctx;
    do
        err = kmsg_receive(self, UINT32_MAX, &m);
    while (err == KMSG_OK && !kmsg_is(m, &kmsg_Stop_layout));
    return err;
}

static void count_task(void *ctx)
{
    ++*(int *)ctx;
}

/* Two nodes. `near` has everything under way; `far` serves, and holds what comes. */
typedef struct scene {
    post           far, near;
    kmsg_peer     *peer, *back;
    outcome        calls[KINDS];
    ending         children[5];
    int            saved;
    int            tasks;
    kmsg_pending   pending;
    kmsg_ticket    ticket; /* of what `near` holds */
    outcome        held;   /* what `far` hears of it */
    outcome        saved_sent;
    kmsg_address   door;
    kmsg_listener *listener;
} scene;

static void add_children(scene *s)
{
    static const door_Door_impl door = {.Closed = {.Knock = save_it}};
    kmsg_object                *root = kmsg_root(s->near.node);
    kmsg_spawn                  how[5] = {{0}};
    kmsg_address                at;

    for (int i = 0; i < 5; i++)
        how[i] = (kmsg_spawn){.returned = ended, .ctx = &s->children[i]};
    how[1].thread = "shutdown";
    how[3].thread = KMSG_OWN_THREAD;
    OK(kmsg_object_new(root, take_all, NULL, &how[0], &at));
    OK(kmsg_object_new(root, take_all, NULL, &how[1], &at));
    OK(kmsg_thread_new(root, receive_until_stop, NULL, &how[2], &at));
    OK(kmsg_object_new(root, take_all, NULL, &how[3], &at));
    OK(door_Door_new(root, &door, &s->saved, &how[4], &s->door));
    kmsg_send_async(root, s->door, &door_Knock_layout, &(door_Knock){.number = 1}, &s->saved_sent,
                    put_done);
    OK(kmsg_set_timer(root, 1, 60000, 0));
    OK(kmsg_set_timer(root, 2, 60000, 60000));
}

static void slow_done(void *ctx, kmsg_err err, const int64_t *result)
{
    sum_done(ctx, err, result);
}

/* All of it has come as far as it will. */
static void begin(scene *s, const char *near_url, const char *far_url)
{
    kmsg_peer *nobody;

    memset(s, 0, sizeof *s);
    post_init(&s->far, NULL);
    post_init(&s->near, near_url);
    s->far.way = s->near.way = POST_HOLD;
    OK(kmsg_node_set_credit(s->far.node, 1, 1 << 20));
    OK(kmsg_listen(s->far.node, far_url, &s->far.listener));
    s->peer = post_dial(s->near.node, &s->far);
    s->back = post_dial(s->far.node, &s->near);
    kmsg_peer_set_timeout_ms(s->peer, PATIENCE_MS);
    kmsg_peer_set_timeout_ms(s->back, PATIENCE_MS);
    add_children(s);
    delivery_Post_put_async(s->back, 1, no_blob, &s->held, put_done);
    delivery_Post_slow_async(s->peer, 1, &s->calls[0], slow_done);
    OK(delivery_Post_slow_begin(s->peer, 2, &s->pending));
    delivery_Post_put_async(s->peer, 1, no_blob, &s->calls[1], put_done); /* takes the credit */
    DRIVE(s->near.node, s->far.node,
          s->saved == 1 && s->near.ticket_count == 1 && s->far.ticket_count == 1 &&
              s->far.asked == 2);
    s->ticket = s->near.tickets[0];
    delivery_Post_put_async(s->peer, 2, no_blob, &s->calls[2], put_done); /* waits for it */
    for (int i = 0; i < 20; i++)
        step_both(s->near.node, s->far.node, 0);
    CHECK(kmi_out_waiting(&s->peer->conn->queue) > 0);
    OK(kmsg_dial(s->near.node, "tcp:127.0.0.1:1", &nobody));
    OK(kmsg_peer_set_retry(nobody, &(kmsg_retry){.first_ms = 60000}));
    kmsg_peer_set_timeout_ms(nobody, PATIENCE_MS);
    delivery_Post_put_async(nobody, 1, no_blob, &s->calls[4], put_done);
    delivery_Post_put_async(nobody, 1, no_blob, &s->calls[3], put_done);
    DRIVE(s->near.node, s->far.node, s->calls[4].count == 1); /* refused; the other waits on */
    delivery_Post_slow_async(kmsg_self(s->near.node), 3, &s->calls[5], slow_done);
    OK(kmsg_defer_ts(s->near.node, &s->tasks, count_task));
}

static void judge_near(scene *s)
{
    static const int closed[] = {0, 1, 2, 3, 5};
    int64_t          number;

    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        test_at("what is under way: %d", closed[i]);
        EQ_INT(s->calls[closed[i]].count, 1);
        EQ_INT(s->calls[closed[i]].err, KMSG_ECLOSED);
    }
    EQ_INT(s->calls[4].count, 1);
    EQ_INT(s->tasks, 1);
    EQ_INT(s->saved_sent.count, 1);
    for (int i = 0; i < 5; i++)
        EQ_INT(s->children[i].count, 1);
    FAILS(delivery_Post_slow_end(&s->pending, NULL, &number), KMSG_ECLOSED);
    FAILS(kmsg_release_ts(s->ticket), KMSG_ECLOSED);
    FAILS(kmsg_release_ts(s->ticket), KMSG_ECLOSED);
}

/* The other side hears the end of what it has asked, is told that nobody waits any more, and serves
 * the next one. */
static void judge_far(scene *s)
{
    kmsg_node *next = kmsg_node_new();
    outcome    o = {0};

    DRIVE(s->far.node, s->far.node, s->held.count == 1);
    EQ_INT(s->held.err, KMSG_ELOST);
    CHECK(kmsg_call_is_over(s->far.later));
    delivery_Post_slow_reply(s->far.later, &(int64_t){1});
    FAILS(kmsg_release_ts(s->far.tickets[0]), KMSG_ELOST);
    delivery_Post_nothing_async(post_dial(next, &s->far), &o, put_done);
    DRIVE(next, s->far.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(s->held.count, 1);
    kmsg_node_free(next);
}

TEST(a_node_ends_with_everything_under_way_and_each_thing_ends_once)
{
    for (int i = 0; i < 3; i++) {
        const char *urls[][2] = {{"inproc:near", "inproc:far"},
                                 {new_path(), new_path()},
                                 {"tcp:127.0.0.1:0", "tcp:127.0.0.1:0"}};
        scene       s;
        test_at("%s", urls[i][0]);
        begin(&s, urls[i][0], urls[i][1]);
        kmsg_stop_ts(s.near.node); /* twice is as good as once, and ending needs neither */
        kmsg_stop_ts(s.near.node);
        kmsg_node_free(s.near.node);
        judge_near(&s);
        judge_far(&s);
        post_done(&s.far);
        kmsg_node_free(NULL);
    }
}

TEST(a_server_ends_with_everything_under_way_and_its_callers_go_on)
{
    static const int lost[] = {0, 1};
    scene            s;
    int64_t          number;

    begin(&s, "inproc:near", "inproc:far");
    kmsg_node_free(s.far.node);
    EQ_INT(s.held.count, 1);
    EQ_INT(s.held.err, KMSG_ECLOSED);
    FAILS(kmsg_release_ts(s.far.tickets[0]), KMSG_ECLOSED);
    FAILS(delivery_Post_slow_end(&s.pending, NULL, &number), KMSG_ELOST);
    for (int i = 0; i < 2; i++) {
        DRIVE(s.near.node, s.near.node, s.calls[lost[i]].count == 1);
        EQ_INT(s.calls[lost[i]].err, KMSG_ELOST);
    }
    DRIVE(s.near.node, s.near.node, s.calls[2].count == 1);
    EQ_INT(s.calls[2].err, KMSG_EREFUSED); /* it had not been sent: it was for the next server */
    for (int i = 0; i < 5; i++)
        EQ_INT(s.children[i].count, 0);
    post_done(&s.near);
    for (int i = 0; i < 5; i++)
        EQ_INT(s.children[i].count, 1);
    EQ_INT(s.calls[3].count + s.calls[5].count, 2);
}

/* ---- the end, seen from the other side ------------------------------------------------------- */

typedef struct diary {
    int             count;
    kmsg_peer_event event;
    kmsg_err        err;
} diary;

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    diary *d = ctx;

    (void)peer;
    d->count += event != KMSG_PEER_UP;
    d->event = event;
    d->err = err;
}

typedef enum closing { CLOSE_PEER, CLOSE_ACCEPTED, END_NODE, END_SERVER, CLOSINGS } closing;

static void close_it(closing how, server *s, kmsg_node **node, kmsg_peer *peer)
{
    if (how == CLOSE_PEER)
        kmsg_peer_close(peer);
    else if (how == CLOSE_ACCEPTED)
        kmsg_peer_close(s->back);
    else if (how == END_SERVER)
        server_done(s);
    else {
        kmsg_node_free(*node);
        *node = kmsg_node_new();
    }
}

/* Each side watches; a call is under way where it can be. */
static void close_and_hear(const char *url, closing how)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      here = {0}, there = {0};
    talk_Note  later = note_of("later", 1);
    outcome    o = {0};
    bool       by_us = how == CLOSE_PEER || how == END_NODE;
    diary     *told = by_us ? &there : &here;

    server_init(&s, url);
    peer = dial(node, &s);
    kmsg_node_watch(s.node, &there, heard);
    OK(kmsg_peer_watch(peer, &here, heard));
    talk_Talk_echo_async(peer, &later, &o, echo_done);
    DRIVE(node, s.node, s.later != NULL);
    close_it(how, &s, &node, peer);
    DRIVE(node, s.node == NULL ? node : s.node, told->count == 1 && o.count == 1);
    EQ_INT(told->event, KMSG_PEER_DOWN);
    EQ_INT(told->err, KMSG_ECLOSED);
    EQ_INT(o.err, by_us ? KMSG_ECLOSED : KMSG_ELOST);
    if (s.node != NULL)
        CHECK(kmsg_call_is_over(s.later));
    kmsg_node_free(node);
    if (s.node != NULL)
        server_done(&s);
    EQ_INT(told->count, 1);
    EQ_INT(o.count, 1);
}

TEST(who_is_left_hears_that_it_was_closed_whichever_side_does_it)
{
    for (int how = 0; how < CLOSINGS; how++) {
        test_at("closing %d", how);
        close_and_hear("inproc:left", (closing)how);
        close_and_hear(new_path(), (closing)how);
        close_and_hear("tcp:127.0.0.1:0", (closing)how);
    }
}

/* ---- threads ------------------------------------------------------------------------------- */

#define CROWD  4
#define ROUNDS 200

typedef struct shared {
    kmsg_node *node;
    kmsg_peer *peer;
    pthread_t  thread; /* of the node */
    int        done, strange;
} shared;

static void learn_thread(void *ctx)
{
    ((shared *)ctx)->thread = pthread_self();
}

static void asked(void *ctx, kmsg_err err, const int64_t *result)
{
    shared *s = ctx;

    (void)result;
    s->done++;
    s->strange += err != KMSG_OK || !pthread_equal(pthread_self(), s->thread);
    if (s->done == CROWD * ROUNDS)
        kmsg_stop_ts(s->node);
}

static void ask(void *ctx)
{
    shared *s = ctx;

    s->strange += !pthread_equal(pthread_self(), s->thread);
    talk_Talk_sum_async(s->peer, s, asked);
}

static void *ask_from_elsewhere(void *ctx)
{
    shared *s = ctx;

    for (int i = 0; i < ROUNDS; i++)
        OK(kmsg_defer_ts(s->node, s, ask));
    return NULL;
}

TEST(four_threads_ask_by_one_node_and_all_ends_on_its_own_thread)
{
    server    s;
    shared    here = {.node = kmsg_node_new()};
    pthread_t threads[CROWD];

    server_start(&s, new_path());
    here.peer = dial(here.node, &s);
    kmsg_peer_set_timeout_ms(here.peer, PATIENCE_MS);
    OK(kmsg_defer_ts(here.node, &here, learn_thread));
    for (int i = 0; i < CROWD; i++)
        CHECK(pthread_create(&threads[i], NULL, ask_from_elsewhere, &here) == 0);
    OK(kmsg_run(here.node));
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    EQ_INT(here.done, CROWD * ROUNDS);
    EQ_INT(here.strange, 0);
    kmsg_node_free(here.node);
    server_done(&s);
}
