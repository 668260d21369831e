/* looks_test.c -- where a node that spins looks, and how it stops doing so where that does not pay:
 * counted at the seam.
 */
#include "steady.h"

#define SPIN_US 200
#define TRIPS   1000 /* take many times as long as the loop may wait, and less than a keep-alive */
#define WAIT_MS 2    /* for nothing: longer than it spins */

static void limit_over(kmi_timer *timer, int64_t now_ns)
{
    (void)now_ns;
    ((kmi_limit *)(void *)timer)->over = true;
}

/* A turn that waits, in vain but for a timer. What was counted before is forgotten. */
static void wait_in_vain(kmsg_node *node)
{
    kmi_limit limit = {.over = false};

    OK(kmi_timer_init(&node->timers, &limit.timer, limit_over));
    kmi_timer_set(&node->timers, &limit.timer, node->sys->now_ns() + WAIT_MS * KMI_MS);
    seam_begin((seam_plan){0});
    kmi_node_turn(node, true, NULL);
    kmi_timer_done(&node->timers, &limit.timer);
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

/* Waits again until the condition holds: the system may let us wait longer than a node spins. */
#define WAIT_UNTIL(node, condition)                                                                \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        do                                                                                         \
            wait_in_vain(node);                                                                    \
        while (!(condition) && clock_ms() < until_ms);                                             \
        CHECK(condition);                                                                          \
    } while (0)

TEST(a_node_to_which_nothing_comes_stops_spinning)
{
    kmsg_node *node = seam_node_new();

    OK(kmsg_node_set_spin_us(node, SPIN_US));
    WAIT_UNTIL(node, seam.uses[SEAM_POLL] > 1);
    WAIT_UNTIL(node, node->net.spin_ns == 0 && seam.uses[SEAM_POLL] == 1); /* which sleeps */
    OK(kmsg_defer_ts(node, NULL, do_nothing));
    kmi_node_turn(node, true, NULL); /* something is there at once */
    EQ_INT(node->net.spin_ns, SPIN_US * 1000);
    kmsg_node_free(node);
}

TEST(a_node_that_was_not_told_to_does_not_spin)
{
    kmsg_node *node = seam_node_new();

    wait_in_vain(node);
    EQ_UINT(seam.uses[SEAM_POLL], 1);
    kmsg_node_free(node);
}

static void one_trip(steady *s)
{
    uint64_t answered = s->answered + 1;

    steady_ask(s);
    STEADY_UNTIL(s, s->answered == answered);
}

/* Of a socket that is to be asked; shared memory is looked at without a system call. */
TEST(it_looks_where_something_came_from_last)
{
    for (steady_kind kind = STEADY_INPROC; kind < STEADY_KINDS; kind++) {
        steady s;
        bool   is_socket = kind == STEADY_UNIX || kind >= STEADY_TCP;
        steady_begin(&s, kind, 1);
        one_trip(&s);
        steady_step(&s);
        OK(kmsg_node_set_spin_us(s.node, SPIN_US));
        wait_in_vain(s.node);
        if (is_socket)
            WAIT_UNTIL(s.node, seam.uses[SEAM_READ] > 0);
        EQ_INT(seam.uses[SEAM_READ] > 0, is_socket);
        steady_end(&s);
    }
}

TEST(a_link_that_is_gone_is_not_looked_at)
{
    steady s;

    steady_begin(&s, STEADY_UNIX, 2);
    one_trip(&s);
    kmsg_peer_close(s.peers[0]);
    steady_step(&s);
    OK(kmsg_node_set_spin_us(s.node, SPIN_US));
    wait_in_vain(s.node);
    EQ_UINT(seam.uses[SEAM_READ], 0);
    steady_end(&s);
}

/* Whoever finds it, the link or the loop. */
TEST(the_end_of_a_link_ends_the_wait)
{
    steady          s;
    kmsg_peer_facts facts;

    steady_begin(&s, STEADY_UNIX, 1);
    one_trip(&s);
    OK(kmsg_node_set_spin_us(s.node, KMSG_SPIN_MAX_US));
    server_done(&s.servers[0]);
    s.count = 0;
    wait_in_vain(s.node);
    kmsg_peer_info(s.peers[0], &facts);
    CHECK(facts.state != KMSG_PEER_CONNECTED);
    steady_end(&s);
}

/* An answer is there at each turn, where it looks first. */
static void trip_without_loop(steady *s)
{
    uint64_t answered = s->answered + 1;

    steady_ask(s);
    kmi_node_flush(s->node);
    OK(kmsg_node_step(s->servers[0].node));
    kmi_node_turn(s->node, true, NULL);
    EQ_UINT(s->answered, answered);
}

TEST(a_link_that_always_has_something_does_not_hide_another)
{
    for (steady_kind kind = STEADY_INPROC; kind < STEADY_KINDS; kind++) {
        steady  s;
        outcome o = {0};
        steady_begin(&s, kind, 2);
        OK(kmsg_node_set_spin_us(s.node, KMSG_SPIN_MAX_US));
        one_trip(&s);
        talk_Talk_sum_async(s.peers[1], &o, sum_done);
        kmi_node_flush(s.node);
        OK(kmsg_node_step(s.servers[1].node));
        for (int i = 0; i < TRIPS && o.count == 0; i++)
            trip_without_loop(&s);
        EQ_INT(o.count, 1);
        OK(o.err);
        steady_end(&s);
    }
}
