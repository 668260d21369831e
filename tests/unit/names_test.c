/* Names: who publishes, who looks, in one process; what each side is told. */
#define _DEFAULT_SOURCE
#include "named.h"

/* ---- meeting ------------------------------------------------------------------------------- */

static void they_meet(kmsg_scope scope, bool subscriber_first)
{
    server             s;
    kmsg_node         *node = kmsg_node_new();
    events             offers = {0}, looks = {0};
    kmsg_subscription *sub = NULL;
    kmsg_arena        *mem = kmsg_arena_new();
    int64_t            number;
    const event       *e;

    server_init(&s, NULL);
    if (subscriber_first) {
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
        await(s.node, node, &looks, KMSG_SUBSCRIBED);
    }
    publish(s.node, "the/talk", scope, false, &offers);
    await(s.node, node, &offers, KMSG_PUBLISHED);
    if (!subscriber_first)
        sub = subscribe(node, "the/talk", scope, &talk_Other_service, &looks);
    e = await(s.node, node, &looks, KMSG_AVAILABLE);
    EQ_STR(e->name, "the/talk");
    EQ_INT(e->distance, KMSG_SCOPE_PROCESS);
    await(s.node, node, &offers, KMSG_DELIVERED);
    OK(kmsg_start(s.node));
    OK(talk_Other_twice(e->peer, 21, mem, &number));
    EQ_INT(number, 42);
    kmsg_unsubscribe(sub);
    EQ_INT(await(node, node, &looks, KMSG_DROPPED)->err, KMSG_OK);
    await(node, node, &looks, KMSG_UNSUBSCRIBED);
    kmsg_node_free(node);
    server_done(&s);
    EQ_INT(offers.list[offers.count - 1].kind, KMSG_DROPPED);
    EQ_INT(offers.list[offers.count - 1].err, KMSG_ECLOSED);
    kmsg_arena_free(mem);
}

TEST(who_looks_first_finds_who_comes_in_the_process)
{
    they_meet(KMSG_SCOPE_PROCESS, true);
}

TEST(who_comes_first_is_found_in_the_process)
{
    they_meet(KMSG_SCOPE_PROCESS, false);
}

TEST(who_looks_first_finds_who_comes_on_the_host)
{
    they_meet(KMSG_SCOPE_HOST, true);
}

TEST(who_comes_first_is_found_on_the_host)
{
    they_meet(KMSG_SCOPE_HOST, false);
}

/* ---- a peer that follows a name ------------------------------------------------------------ */

TEST(a_call_to_a_name_waits_for_it)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     got = {0};
    kmsg_arena *mem = kmsg_arena_new();
    int64_t     number;

    OK(kmsg_find(node, "later", KMSG_SCOPE_HOST, &talk_Other_service, &peer));
    talk_Talk_sum_async(peer, &got, sum_done);
    server_init(&s, NULL);
    OK(kmsg_publish(s.node, "later", KMSG_SCOPE_HOST, NULL, NULL));
    DRIVE(s.node, node, got.count == 1);
    EQ_INT(got.err, KMSG_OK);
    OK(kmsg_start(s.node));
    OK(talk_Other_twice(peer, 4, mem, &number));
    EQ_INT(number, 8);
    kmsg_peer_close(peer);
    server_done(&s);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

TEST(a_call_to_a_name_that_nobody_has_ends_at_its_deadline)
{
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    number;

    OK(kmsg_find(node, "nobody", KMSG_SCOPE_HOST, NULL, &peer));
    kmsg_peer_set_timeout_ms(peer, 30);
    FAILS(talk_Other_twice(peer, 4, NULL, &number), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "name:nobody: nobody was found who publishes it");
    kmsg_node_free(node);
}
