/* topic_relay_test.c -- nodes that hand on what others publish: in a row, in rings, in meshes.
 *
 * Each member of a net subscribes at its neighbours and relays; the test publishes at some of them
 * and counts what each has got: every message once.
 */
#include "market.h"

#define MEMBERS_MAX 8

typedef struct member {
    publisher        p;
    kmsg_subscriber *subscriber;
    size_t           count;
    uint64_t         numbers[256];
    uint64_t         origins[256];
    kmsg_peer       *neighbours[MEMBERS_MAX];
} member;

typedef struct net {
    member  *members[MEMBERS_MAX];
    size_t   count;
    reader   heard; /* who is attached to whom, all together */
} net;

static void on_member(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
                      const market_Tick *tick)
{
    member *m = ctx;

    (void)symbol;
    CHECK(m->count < 256);
    m->origins[m->count] = news->origin;
    m->numbers[m->count++] = tick->number;
}

static void net_init(net *n, size_t count, uint32_t ttl)
{
    const kmsg_publisher_options offer = {.unnamed = true, .ttl = ttl};

    memset(n, 0, sizeof *n);
    n->count = count;
    for (size_t i = 0; i < count; i++) {
        const kmsg_subscriber_options options = {
            .unnamed = true, .relay = true, .heard = on_event, .ctx = &n->heard};
        member *m = calloc(1, sizeof *m);
        CHECK(m != NULL);
        n->members[i] = m;
        publisher_init(&m->p, new_path());
        OK(market_Prices_offer(m->p.node, &offer));
        OK(market_Prices_subscribe(m->p.node, NULL, &options, m, on_member, &m->subscriber));
    }
}

/* All turn once; so many times, as nothing may come any more at their end. */
static void turn_all(net *n, int times)
{
    while (times-- > 0)
        for (size_t i = 0; i < n->count; i++)
            turn(n->members[i]->p.node);
}

/* `from` subscribes at `to`. */
static void connect_to(net *n, size_t from, size_t to)
{
    member *m = n->members[from];
    int     before = n->heard.attached;

    OK(kmsg_dial(m->p.node, kmsg_listener_url(n->members[to]->p.listener), &m->neighbours[to]));
    OK(kmsg_subscriber_join(m->subscriber, m->neighbours[to]));
    DRIVE(m->p.node, n->members[to]->p.node, n->heard.attached == before + 1);
}

static void net_done(net *n)
{
    for (size_t i = 0; i < n->count; i++) {
        kmsg_node_free(n->members[i]->p.node);
        free(n->members[i]);
    }
}

static size_t count_all(const net *n)
{
    size_t count = 0;

    for (size_t i = 0; i < n->count; i++)
        count += n->members[i]->count;
    return count;
}

/* Until so many have come to all together, and no more. */
static void expect_all(net *n, size_t count)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    while (count_all(n) < count && clock_ms() < until_ms)
        turn_all(n, 1);
    turn_all(n, 50);
    EQ_UINT(count_all(n), count);
}

static void publish_in(net *n, size_t at, uint64_t number)
{
    publish_all(&n->members[at]->p, "ACME", number, 1);
}

/* ---- in a row -------------------------------------------------------------------------------- */

static void reach(uint32_t ttl, size_t reached)
{
    net n;

    net_init(&n, 6, ttl);
    for (size_t i = 1; i < n.count; i++)
        connect_to(&n, i, i - 1);
    publish_in(&n, 0, 7);
    expect_all(&n, reached);
    for (size_t i = 1; i < n.count; i++)
        EQ_UINT(n.members[i]->count, i <= reached);
    if (reached > 1) /* who hands it on is not whose it is */
        EQ_UINT(n.members[2]->origins[0], n.members[0]->p.node->net.session.own.instance);
    net_done(&n);
}

TEST(a_message_passes_through_as_many_nodes_as_its_ttl_says)
{
    reach(0, 1);
    reach(1, 2);
    reach(2, 3);
    reach(KMSG_TOPIC_TTL_MAX, 5);
}

TEST(more_than_the_most_is_refused)
{
    const kmsg_publisher_options offer = {.unnamed = true, .ttl = KMSG_TOPIC_TTL_MAX + 1};
    kmsg_node                   *node = kmsg_node_new();

    FAILS(market_Prices_offer(node, &offer), KMSG_EINVAL);
    HAS(kmsg_last_error(), "17");
    kmsg_node_free(node);
}

/* ---- in rings and meshes --------------------------------------------------------------------- */

TEST(in_a_ring_each_node_gets_a_message_once)
{
    net n;

    net_init(&n, 5, KMSG_TOPIC_TTL_MAX);
    for (size_t i = 0; i < n.count; i++)
        connect_to(&n, i, (i + 1) % n.count);
    for (uint64_t k = 1; k <= 10; k++)
        publish_in(&n, (size_t)(k % n.count), k);
    expect_all(&n, 10 * (n.count - 1)); /* who has published it does not get it */
    net_done(&n);
}

TEST(in_a_mesh_each_node_gets_a_message_once_and_counts_the_others)
{
    kmsg_subscriber_facts facts;
    uint64_t              repeated = 0;
    net                   n;

    net_init(&n, 4, KMSG_TOPIC_TTL_MAX);
    for (size_t i = 0; i < n.count; i++)
        for (size_t k = 0; k < n.count; k++)
            if (i != k)
                connect_to(&n, i, k);
    for (uint64_t k = 1; k <= 20; k++)
        publish_in(&n, 0, k);
    expect_all(&n, 20 * (n.count - 1));
    for (size_t i = 1; i < n.count; i++)
        for (size_t k = 0; k < 20; k++)
            EQ_UINT(n.members[i]->numbers[k], k + 1);
    for (size_t i = 0; i < n.count; i++) {
        kmsg_subscriber_info(n.members[i]->subscriber, &facts);
        repeated += facts.repeated;
    }
    EQ_UINT(repeated, 20 * 9); /* 12 ways in all, of which 3 have brought something new */
    net_done(&n);
}

/* A second way, which is longer, brings what the first one does not. */
TEST(where_one_way_is_cut_messages_come_by_another)
{
    net n;

    net_init(&n, 3, 4);
    connect_to(&n, 2, 0);
    connect_to(&n, 1, 0);
    connect_to(&n, 2, 1);
    publish_in(&n, 0, 1);
    expect_all(&n, 2);
    kmsg_subscriber_leave(n.members[2]->subscriber, n.members[2]->neighbours[0]);
    turn_all(&n, 20);
    publish_in(&n, 0, 2);
    expect_all(&n, 4);
    EQ_UINT(n.members[2]->numbers[1], 2);
    net_done(&n);
}

TEST(a_relay_is_one_of_a_node_and_ends_with_its_subscriber)
{
    const kmsg_subscriber_options relay = {.unnamed = true, .relay = true};
    kmsg_subscriber              *second = NULL;
    net                           n;

    net_init(&n, 3, 4);
    connect_to(&n, 1, 0);
    connect_to(&n, 2, 1);
    FAILS(market_Prices_subscribe(n.members[1]->p.node, NULL, &relay, NULL, on_member, &second),
          KMSG_EEXIST);
    publish_in(&n, 0, 1);
    expect_all(&n, 2);
    kmsg_subscriber_end(n.members[1]->subscriber);
    publish_in(&n, 0, 2);
    publish_in(&n, 1, 3);
    expect_all(&n, 3);
    EQ_UINT(n.members[2]->numbers[1], 3);
    net_done(&n);
}
