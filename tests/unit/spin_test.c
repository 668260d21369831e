/* spin_test.c -- a node that looks for a while before it sleeps: whatever comes meanwhile counts,
 * also what leaves nothing behind that could be looked at. */
#include "talk.h"

#include <kmsg/peer.h>

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
