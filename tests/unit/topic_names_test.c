/* topic_names_test.c -- publishers and subscribers of a topic who find one another by its name. */
#define _DEFAULT_SOURCE
#include "market.h"
#include "named.h"

static const kmsg_subscriber_options told = {.heard = on_event};

static reader *subscribe_at(kmsg_node *node, reader *r, kmsg_subscriber_options options)
{
    memset(r, 0, sizeof *r);
    r->node = node;
    options.heard = on_event;
    options.ctx = r;
    OK(market_Prices_subscribe(node, NULL, &options, r, on_tick, &r->subscriber));
    return r;
}

static uint32_t subscribers_of(kmsg_node *node)
{
    kmsg_topic_facts facts;

    return kmsg_topic_info(node, &market_Prices_topic, &facts) == KMSG_OK ? facts.subscribers : 0;
}

static void publish_at(kmsg_node *node, uint64_t number)
{
    OK(market_Prices_publish(node, kmsg_str("ACME"), &(market_Tick){.number = number}));
}

static void meet(kmsg_scope scope, bool subscriber_first)
{
    const kmsg_publisher_options offer = {.scope = scope};
    kmsg_subscriber_options      options = told;
    kmsg_node                   *seller = kmsg_node_new(), *node = kmsg_node_new();
    static reader                r;

    options.scope = scope;
    if (subscriber_first) {
        subscribe_at(node, &r, options);
        turn(node);
    }
    OK(market_Prices_offer(seller, &offer));
    turn(seller);
    if (!subscriber_first)
        subscribe_at(node, &r, options);
    DRIVE(node, seller, r.attached == 1);
    publish_at(seller, 1);
    DRIVE(node, seller, r.count == 1);
    kmsg_node_free(seller);
    DRIVE(node, node, r.detached == 1);
    kmsg_node_free(node);
}

TEST(they_find_one_another_whoever_comes_first)
{
    meet(KMSG_SCOPE_PROCESS, true);
    meet(KMSG_SCOPE_PROCESS, false);
    meet(KMSG_SCOPE_HOST, true);
    meet(KMSG_SCOPE_HOST, false);
    meet(KMSG_SCOPE_DEFAULT, false);
}

TEST(to_publish_is_to_offer)
{
    kmsg_node    *seller = kmsg_node_new(), *node = kmsg_node_new();
    static reader r;

    publish_at(seller, 1);
    subscribe_at(node, &r, told);
    DRIVE(node, seller, r.attached == 1);
    publish_at(seller, 2);
    DRIVE(node, seller, r.count == 1);
    EQ_UINT(r.numbers[0], 2);
    kmsg_node_free(node);
    kmsg_node_free(seller);
}

TEST(a_node_finds_what_it_publishes_itself)
{
    kmsg_node    *node = kmsg_node_new();
    static reader r;

    publish_at(node, 1);
    subscribe_at(node, &r, told);
    DRIVE(node, node, r.attached == 1);
    publish_at(node, 2);
    DRIVE(node, node, r.count == 1);
    kmsg_node_free(node);
}

TEST(all_publishers_of_a_topic_are_found)
{
    kmsg_node    *one = kmsg_node_new(), *two = kmsg_node_new(), *node = kmsg_node_new();
    static reader r;

    OK(market_Prices_offer(one, NULL));
    OK(market_Prices_offer(two, NULL));
    turn(one);
    turn(two);
    subscribe_at(node, &r, told);
    DRIVE(node, one, (turn(two), r.attached == 2));
    publish_at(one, 1);
    publish_at(two, 2);
    DRIVE(one, two, (turn(node), r.count == 2));
    kmsg_node_free(one);
    DRIVE(node, two, r.detached == 1);
    publish_at(two, 3);
    DRIVE(node, two, r.count == 3);
    EQ_UINT(r.numbers[2], 3);
    kmsg_node_free(node);
    kmsg_node_free(two);
}

TEST(what_is_not_named_is_not_found)
{
    const kmsg_publisher_options unnamed = {.unnamed = true};
    kmsg_node                   *hidden = kmsg_node_new(), *node = kmsg_node_new();
    kmsg_node                   *seller = kmsg_node_new();
    static reader                r;

    OK(market_Prices_offer(hidden, &unnamed));
    OK(market_Prices_offer(seller, NULL));
    subscribe_at(node, &r, told);
    DRIVE(node, seller, (turn(hidden), r.attached == 1));
    EQ_UINT(subscribers_of(hidden), 0);
    EQ_UINT(subscribers_of(seller), 1);
    kmsg_node_free(node);
    kmsg_node_free(hidden);
    kmsg_node_free(seller);
}

TEST(who_withdraws_is_not_found_any_more_and_found_again)
{
    kmsg_node    *seller = kmsg_node_new(), *node = kmsg_node_new();
    static reader r;

    OK(market_Prices_offer(seller, NULL));
    subscribe_at(node, &r, told);
    DRIVE(node, seller, r.attached == 1);
    publish_at(seller, 1);
    kmsg_topic_withdraw(seller, &market_Prices_topic);
    DRIVE(node, seller, r.detached == 1);
    EQ_UINT(r.count, 1);
    EQ_INT(r.err, KMSG_ECLOSED);
    OK(market_Prices_offer(seller, NULL));
    DRIVE(node, seller, r.attached == 2);
    publish_at(seller, 2);
    DRIVE(node, seller, r.count == 2);
    kmsg_node_free(node);
    kmsg_node_free(seller);
}

TEST(who_ends_leaves_its_publishers)
{
    kmsg_node    *seller = kmsg_node_new(), *node = kmsg_node_new();
    static reader r, other;

    OK(market_Prices_offer(seller, NULL));
    subscribe_at(node, &r, told);
    subscribe_at(node, &other, told);
    DRIVE(node, seller, r.attached == 1 && other.attached == 1);
    kmsg_subscriber_end(r.subscriber);
    DRIVE(node, seller, subscribers_of(seller) == 1);
    publish_at(seller, 1);
    DRIVE(node, seller, other.count == 1);
    EQ_UINT(r.count, 0);
    kmsg_node_free(node);
    kmsg_node_free(seller);
}

/* The link between both is lost, but neither of them: they find one another again. */
TEST(a_lost_link_is_made_anew_and_what_was_missed_is_told)
{
    kmsg_node    *seller = kmsg_node_new(), *node = kmsg_node_new();
    static reader r;
    kmi_conn     *conn;
    uint64_t      instance;

    instance = seller->net.session.own.instance;
    OK(market_Prices_offer(seller, NULL));
    subscribe_at(node, &r, told);
    DRIVE(node, seller, r.attached == 1);
    publish_at(seller, 1);
    DRIVE(node, seller, r.count == 1);
    for (conn = node->conns; conn->instance != instance || conn->link == NULL; conn = conn->next)
        continue;
    kmi_conn_events.down(conn->link, KMSG_ELOST, "cut");
    publish_at(seller, 2);
    publish_at(seller, 3);
    turn(seller);
    DRIVE(node, seller, r.attached == 2);
    publish_at(seller, 4);
    DRIVE(node, seller, r.count == 2);
    EQ_UINT(r.numbers[1], 4);
    EQ_UINT(r.missed_told, 2);
    kmsg_node_free(node);
    kmsg_node_free(seller);
}

TEST(publishers_beyond_those_that_are_wanted_are_not_attached)
{
    kmsg_subscriber_options one_only = {.publishers_max = 1};
    kmsg_node              *one = kmsg_node_new(), *two = kmsg_node_new(), *node = kmsg_node_new();
    static reader           r;
    kmsg_subscriber_facts   facts;

    OK(market_Prices_offer(one, NULL));
    OK(market_Prices_offer(two, NULL));
    subscribe_at(node, &r, one_only);
    DRIVE(node, one, (turn(two), r.attached == 1));
    for (int i = 0; i < 100; i++) {
        turn(one);
        turn(two);
        turn(node);
    }
    kmsg_subscriber_info(r.subscriber, &facts);
    EQ_UINT(facts.publishers, 1);
    EQ_UINT(subscribers_of(one) + subscribers_of(two), 1);
    kmsg_node_free(node);
    kmsg_node_free(one);
    kmsg_node_free(two);
}
