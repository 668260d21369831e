/* spin_test.c -- a node that looks for a while before it sleeps: whatever comes meanwhile counts,
 * also what leaves nothing behind that could be looked at. */
#include "talk.h"

#include <kmsg/kmsg.kmsg.h>
#include <kmsg/object.h>
#include <kmsg/peer.h>

#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 20 /* a slow machine may be asleep before anything comes */

static kmsg_node *new_node(void)
{
    kmsg_node *node = kmsg_node_new();

    OK(kmsg_node_set_spin_us(node, KMSG_SPIN_MAX_US));
    return node;
}

static void set_flag(void *ctx)
{
    atomic_store((atomic_bool *)ctx, true);
}

/* Else the program never ends, and the alarm ends it. */
TEST(who_is_stopped_while_it_spins_stops)
{
    alarm(PATIENCE_MS / 1000);
    for (int i = 0; i < ROUNDS; i++) {
        kmsg_node  *node = new_node();
        atomic_bool runs = false;
        OK(kmsg_start(node));
        OK(kmsg_defer_ts(node, &runs, set_flag));
        while (!atomic_load(&runs))
            continue;
        kmsg_node_free(node);
    }
    alarm(0);
}

TEST(a_call_whose_other_side_has_gone_ends_while_it_spins)
{
    kmsg_node *node = new_node();
    int64_t    began_ms = clock_ms(), sum;
    kmsg_peer *peer;
    int        fd;

    OK(kmsg_pair(node, &peer, &fd));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    close(fd);
    FAILS(talk_Talk_sum(peer, NULL, &sum), KMSG_EREFUSED);
    CHECK(clock_ms() - began_ms < PATIENCE_MS);
    kmsg_node_free(node);
}

TEST(an_answer_that_comes_while_it_spins_is_there)
{
    server     s;
    kmsg_node *node = new_node();
    kmsg_peer *peer;
    int64_t    sum = -1;

    server_start(&s, "unix:");
    peer = dial(node, &s);
    for (int i = 0; i < ROUNDS; i++)
        OK(talk_Talk_sum(peer, NULL, &sum));
    EQ_INT(sum, 0);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- one that never stops -------------------------------------------------------------------- */

/* Asks again as soon as it is answered, and spins, too: so whoever it asks need never look
 * elsewhere. */
typedef struct chatterer {
    pthread_t   thread;
    const char *url;
    atomic_int  answers;
    atomic_bool enough;
} chatterer;

static void *chatter(void *ctx)
{
    chatterer *c = ctx;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    sum;

    kmsg_must(kmsg_node_set_spin_us(node, KMSG_SPIN_MAX_US));
    kmsg_must(kmsg_dial(node, c->url, &peer));
    while (!atomic_load(&c->enough)) {
        kmsg_must(talk_Talk_sum(peer, NULL, &sum));
        atomic_fetch_add(&c->answers, 1);
    }
    kmsg_node_free(node);
    return NULL;
}

static void chatter_begin(chatterer *c, const char *url)
{
    *c = (chatterer){.url = url};
    CHECK(pthread_create(&c->thread, NULL, chatter, c) == 0);
    while (atomic_load(&c->answers) < 100)
        continue;
}

static void chatter_end(chatterer *c)
{
    atomic_store(&c->enough, true);
    pthread_join(c->thread, NULL);
}

static const char *const ways[] = {"unix:", "tcp:127.0.0.1:0", "inproc:spin-test"};

static void ask_beside(const char *chatty_url, const char *url)
{
    server         s;
    kmsg_listener *chatty;
    chatterer      c;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer;
    int64_t        sum;

    test_at("%s beside %s", url, chatty_url);
    server_init(&s, url);
    OK(kmsg_node_set_spin_us(s.node, KMSG_SPIN_MAX_US));
    OK(kmsg_listen(s.node, chatty_url, &chatty));
    OK(kmsg_start(s.node));
    chatter_begin(&c, kmsg_listener_url(chatty));
    peer = dial(node, &s);
    for (int i = 0; i < ROUNDS; i++)
        OK(talk_Talk_sum(peer, NULL, &sum));
    chatter_end(&c);
    kmsg_node_free(node);
    server_done(&s);
}

/* Else the calls end with KMSG_ETIMEDOUT. */
TEST(who_never_stops_asking_keeps_nobody_else_waiting)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        ask_beside("unix:", ways[i]);
        ask_beside("inproc:spin-chatter", ways[i]);
    }
}

typedef struct clockwork {
    int     ticks;
    int64_t began_ms;
    int64_t early; /* how often */
} clockwork;

#define TICK_MS 3 /* within the time that it looks */

static kmsg_err tick(void *ctx, kmsg_object *self, kmsg_message *message)
{
    clockwork *c = ctx;

    if (kmsg_is(message, &kmsg_Start_layout)) {
        c->began_ms = clock_ms();
        return kmsg_set_timer(self, 1, TICK_MS, TICK_MS);
    }
    if (!kmsg_is(message, &kmsg_Timer_layout))
        return KMSG_OK;
    if (c->ticks == ROUNDS) /* the node goes on, for others */
        return KMSG_OK;
    c->ticks++;
    c->early += clock_ms() - c->began_ms < c->ticks * TICK_MS - 1; /* of a clock in whole ms */
    if (c->ticks == ROUNDS)
        kmsg_stop_ts(kmsg_object_node(self));
    return KMSG_OK;
}

static void tick_on(kmsg_node *node)
{
    static clockwork c; /* the object lives as long as its node */
    kmsg_address     at;

    c = (clockwork){0};
    OK(kmsg_object_new(kmsg_root(node), tick, &c, NULL, &at));
    alarm(PATIENCE_MS / 1000);
    OK(kmsg_run(node));
    alarm(0);
    EQ_INT(c.ticks, ROUNDS);
    EQ_INT(c.early, 0);
}

TEST(timers_come_while_it_spins_and_not_early)
{
    kmsg_node *node = new_node();

    tick_on(node);
    kmsg_node_free(node);
}

TEST(timers_come_while_somebody_never_stops_asking)
{
    server    s;
    chatterer c = {.url = "inproc:spin-timers"};

    server_init(&s, c.url);
    OK(kmsg_node_set_spin_us(s.node, KMSG_SPIN_MAX_US));
    CHECK(pthread_create(&c.thread, NULL, chatter, &c) == 0);
    tick_on(s.node);
    OK(kmsg_start(s.node)); /* for the call that it is about to make */
    chatter_end(&c);
    server_done(&s);
}
