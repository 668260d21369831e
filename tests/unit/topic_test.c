/* topic_test.c -- topics: who gets what, from when on, and until when. */
#include "market.h"

static const kmsg_publisher_options  unnamed = {.unnamed = true};
static const kmsg_subscriber_options usual;

/* ---- who gets what --------------------------------------------------------------------------- */

static void publish_over(const char *url)
{
    publisher p;
    reader    r;

    publisher_init(&p, url);
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    OK(publish_tick(&p, "ACME", 1));
    OK(publish_tick(&p, "IBM", 2));
    DRIVE(r.node, p.node, r.count == 2);
    EQ_STR(r.symbols[0], "ACME");
    EQ_UINT(r.numbers[0], 1);
    EQ_STR(r.symbols[1], "IBM");
    EQ_UINT(r.numbers[1], 2);
    EQ_UINT(r.missed[1], 0);
    CHECK(!r.last[0]);
    reader_done(&r);
    publisher_done(&p);
}

TEST(what_is_published_comes_over_any_link)
{
    publish_over(new_path());
    publish_over("tcp:127.0.0.1:0");
    publish_over("inproc:topic");
}

TEST(a_node_subscribes_to_what_it_publishes_itself)
{
    kmsg_subscriber_options options = {.unnamed = true, .heard = on_event};
    publisher               p;
    static reader           r;

    memset(&r, 0, sizeof r);
    publisher_init(&p, new_path());
    options.ctx = &r;
    OK(market_Prices_offer(p.node, &unnamed));
    OK(market_Prices_subscribe(p.node, NULL, &options, &r, on_tick, &r.subscriber));
    OK(kmsg_subscriber_join(r.subscriber, kmsg_self(p.node)));
    DRIVE(p.node, p.node, r.attached == 1);
    publish_all(&p, "ACME", 1, 3);
    DRIVE(p.node, p.node, r.count == 3);
    publisher_done(&p);
}

TEST(who_comes_later_gets_what_is_published_from_then_on)
{
    publisher     p;
    static reader first, second;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    OK(publish_tick(&p, "ACME", 1)); /* nobody is there: it is gone */
    reader_init(&first);
    reader_attach(&first, &p, NULL, usual);
    publish_all(&p, "ACME", 2, 1);
    reader_init(&second);
    reader_join(&second, &p, NULL, usual);
    DRIVE(second.node, p.node, second.attached == 1);
    publish_all(&p, "ACME", 3, 1);
    DRIVE(second.node, p.node, second.count == 1);
    DRIVE(first.node, p.node, first.count == 2);
    EQ_UINT(first.numbers[0], 2);
    EQ_UINT(second.numbers[0], 3);
    EQ_UINT(missed_in_all(&first) + missed_in_all(&second), 0);
    reader_done(&first);
    reader_done(&second);
    publisher_done(&p);
}

/* It is in the batch already when he comes. */
TEST(what_waits_for_the_end_of_the_turn_is_not_for_who_comes_meanwhile)
{
    publisher p;
    reader    r;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_join(&r, &p, NULL, usual);
    turn(r.node);
    for (int i = 0; i < 50 && r.attached == 0; i++) {
        turn(r.node);
        OK(publish_tick(&p, "ACME", 1)); /* right before the turn in which it may be attached */
        turn(p.node);
    }
    DRIVE(r.node, p.node, r.attached == 1);
    publish_all(&p, "ACME", 2, 1);
    DRIVE(r.node, p.node, r.count > 0 && r.numbers[r.count - 1] == 2);
    EQ_UINT(missed_in_all(&r), 0);
    reader_done(&r);
    publisher_done(&p);
}

TEST(a_subscriber_that_has_ended_is_told_nothing_more)
{
    publisher        p;
    static reader    r;
    kmsg_topic_facts facts;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    r.stops = true;
    publish_all(&p, "ACME", 1, 5); /* one batch */
    DRIVE(r.node, p.node, r.count == 1);
    publish_all(&p, "ACME", 6, 5);
    OK(kmsg_topic_info(p.node, &market_Prices_topic, &facts));
    DRIVE(r.node, p.node,
          kmsg_topic_info(p.node, &market_Prices_topic, &facts) == KMSG_OK &&
              facts.subscribers == 0);
    EQ_UINT(r.count, 1);
    EQ_INT(r.detached, 0);
    reader_done(&r);
    publisher_done(&p);
}

/* ---- by key ---------------------------------------------------------------------------------- */

TEST(a_pattern_chooses_by_a_string)
{
    publisher     p;
    static reader r;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, "AC*", usual);
    OK(publish_tick(&p, "ACME", 1));
    OK(publish_tick(&p, "IBM", 2));
    OK(publish_tick(&p, "AC", 3));
    OK(publish_tick(&p, "XACME", 4));
    OK(publish_tick(&p, "ACDC", 5));
    DRIVE(r.node, p.node, r.count == 3);
    EQ_UINT(r.numbers[0], 1);
    EQ_UINT(r.numbers[1], 3);
    EQ_UINT(r.numbers[2], 5);
    EQ_UINT(missed_in_all(&r), 0); /* what was not wanted was not missed */
    reader_done(&r);
    publisher_done(&p);
}

TEST(a_pattern_that_is_none_is_refused_with_words)
{
    const market_Prices_filter filter = {.symbol = kmsg_str("AC[")};
    kmsg_subscriber           *subscriber = NULL;
    kmsg_node                 *node = kmsg_node_new();

    FAILS(market_Prices_subscribe(node, &filter, &usual, NULL, on_tick, &subscriber), KMSG_EINVAL);
    HAS(kmsg_last_error(), "[");
    EQ_PTR(subscriber, NULL);
    kmsg_node_free(node);
}

typedef struct depths {
    size_t count;
    char   seen[8][64]; /* "venue/level/symbol/first of the list" */
} depths;

static void on_depth(void *ctx, const kmsg_topic_news *news, market_Venue venue, uint8_t level,
                     kmsg_string symbol, kmsg_list_string value)
{
    depths *d = ctx;

    (void)news;
    CHECK(d->count < 8);
    snprintf(d->seen[d->count++], sizeof d->seen[0], "%d/%u/%s/%s", (int)venue, level, symbol.data,
             value.count == 0 ? "" : value.items[0].data);
}

static void publish_depth(kmsg_node *node, market_Venue venue, uint8_t level, const char *symbol)
{
    const kmsg_string items[] = {kmsg_str("first"), kmsg_str("second")};

    OK(market_Depth_publish(node, venue, level, kmsg_str(symbol), (kmsg_list_string){items, 2}));
}

static void expect_depths(const market_Depth_filter *filter, const char *first, const char *second)
{
    const kmsg_subscriber_options options = {.unnamed = true};
    kmsg_topic_facts              facts = {0};
    kmsg_subscriber              *subscriber;
    kmsg_peer                    *peer;
    kmsg_node                    *node = kmsg_node_new();
    publisher                     p;
    depths                        d = {0};

    publisher_init(&p, new_path());
    OK(market_Depth_offer(p.node, &unnamed));
    OK(market_Depth_subscribe(node, filter, &options, &d, on_depth, &subscriber));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node,
          kmsg_topic_info(p.node, &market_Depth_topic, &facts) == KMSG_OK &&
              facts.subscribers == 1);
    publish_depth(p.node, market_Venue_NYSE, 0, "ACME");
    publish_depth(p.node, market_Venue_XETRA, 0, "ACME");
    publish_depth(p.node, market_Venue_NYSE, 1, "IBM");
    DRIVE(node, p.node, d.count == 2);
    EQ_STR(d.seen[0], first);
    EQ_STR(d.seen[1], second);
    kmsg_node_free(node);
    publisher_done(&p);
}

TEST(the_parts_of_a_key_are_chosen_one_by_one)
{
    expect_depths(&(market_Depth_filter){.has_venue = true, .venue = market_Venue_NYSE},
                  "1/0/ACME/first", "1/1/IBM/first");
    expect_depths(&(market_Depth_filter){.has_level = true, .level = 0}, "1/0/ACME/first",
                  "0/0/ACME/first");
    expect_depths(&(market_Depth_filter){.symbol = kmsg_str("A*"), .has_level = true},
                  "1/0/ACME/first", "0/0/ACME/first");
}

/* ---- values of any type ---------------------------------------------------------------------- */

typedef struct texts {
    size_t count;
    char   seen[8][64];
} texts;

static void on_order(void *ctx, const kmsg_topic_news *news, const market_Order *order)
{
    texts *t = ctx;

    (void)news;
    CHECK(t->count < 8);
    snprintf(t->seen[t->count++], sizeof t->seen[0], "%s %zu %s", order->symbol.data,
             order->lots.count, order->lots.items[1].note.data);
}

static void on_alarm(void *ctx, const kmsg_topic_news *news, kmsg_string text)
{
    texts *t = ctx;

    (void)news;
    CHECK(t->count < 8);
    snprintf(t->seen[t->count++], sizeof t->seen[0], "%s", text.data);
}

TEST(a_topic_has_no_key_and_carries_what_needs_memory)
{
    const market_Lot              lots[] = {{.size = 1, .note = KMSG_STR("one")},
                                            {.size = 2, .note = KMSG_STR("two")}};
    const market_Order            order = {.symbol = KMSG_STR("ACME"), .lots = {lots, 2}};
    const kmsg_subscriber_options options = {.unnamed = true};
    kmsg_node                    *node = kmsg_node_new();
    kmsg_subscriber              *orders, *alarms;
    kmsg_peer                    *peer;
    kmsg_topic_facts              facts = {0};
    publisher                     p;
    texts                         t = {0}, a = {0};

    publisher_init(&p, new_path());
    OK(market_Orders_offer(p.node, &unnamed));
    OK(market_Alarms_offer(p.node, &unnamed));
    OK(market_Orders_subscribe(node, &options, &t, on_order, &orders));
    OK(market_Alarms_subscribe(node, &options, &a, on_alarm, &alarms));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(orders, peer));
    OK(kmsg_subscriber_join(alarms, peer));
    DRIVE(node, p.node,
          kmsg_topic_info(p.node, &market_Alarms_topic, &facts) == KMSG_OK &&
              facts.subscribers == 1);
    for (int i = 0; i < 3; i++)
        OK(market_Orders_publish(p.node, &order));
    OK(market_Alarms_publish(p.node, kmsg_str("fire")));
    DRIVE(node, p.node, t.count == 3 && a.count == 1);
    EQ_STR(t.seen[0], "ACME 2 two");
    EQ_STR(t.seen[2], "ACME 2 two");
    EQ_STR(a.seen[0], "fire");
    kmsg_node_free(node);
    publisher_done(&p);
}

typedef struct sizes {
    size_t   count;
    uint64_t bytes;
} sizes;

static void on_raw(void *ctx, const kmsg_topic_news *news, uint32_t tag, kmsg_bytes value)
{
    sizes *s = ctx;

    (void)news;
    EQ_UINT(tag, s->count);
    EQ_UINT(value.data[0], (uint8_t)tag);
    EQ_UINT(value.data[value.size - 1], (uint8_t)tag);
    s->count++;
    s->bytes += value.size;
}

/* Around the size of a batch, and far beyond. */
TEST(messages_of_all_sizes_come_whole_and_in_order)
{
    static uint8_t                data[1 << 20];
    const size_t                  batch = KMSG_TOPIC_BATCH;
    const size_t                  counts[] = {1,          7,          8,          100,        16000,
                                              batch - 60, batch - 44, batch - 43, batch - 8,  batch,
                                              3 * batch,  1 << 20,    1,          batch - 60, 2};
    const kmsg_subscriber_options options = {.unnamed = true, .size = (size_t)8 << 20};
    kmsg_node                    *node = kmsg_node_new();
    kmsg_subscriber              *subscriber;
    kmsg_peer                    *peer;
    kmsg_topic_facts              facts = {0};
    publisher                     p;
    sizes                         s = {0};

    publisher_init(&p, new_path());
    OK(market_Raw_offer(p.node, &unnamed));
    OK(market_Raw_subscribe(node, NULL, &options, &s, on_raw, &subscriber));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node,
          kmsg_topic_info(p.node, &market_Raw_topic, &facts) == KMSG_OK && facts.subscribers == 1);
    for (uint32_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        memset(data, (int)i, counts[i]);
        OK(market_Raw_publish(p.node, i, (kmsg_bytes){data, counts[i]}));
    }
    DRIVE(node, p.node, s.count == sizeof counts / sizeof *counts);
    kmsg_node_free(node);
    publisher_done(&p);
}

TEST(what_cannot_be_encoded_is_refused_and_nobody_gets_it)
{
    publisher                     p;
    const kmsg_subscriber_options options = {.unnamed = true};
    kmsg_subscriber              *subscriber;
    kmsg_peer                    *peer;
    kmsg_topic_facts              facts = {0};
    kmsg_node                    *node = kmsg_node_new();
    texts                         t = {0};

    publisher_init(&p, new_path());
    OK(market_Alarms_offer(p.node, &unnamed));
    OK(market_Alarms_subscribe(node, &options, &t, on_alarm, &subscriber));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node,
          kmsg_topic_info(p.node, &market_Alarms_topic, &facts) == KMSG_OK &&
              facts.subscribers == 1);
    FAILS(market_Alarms_publish(p.node, kmsg_str("\xff")), KMSG_EVALUE);
    HAS(kmsg_last_error(), "UTF-8");
    OK(market_Alarms_publish(p.node, kmsg_str("good")));
    DRIVE(node, p.node, t.count == 1);
    EQ_STR(t.seen[0], "good");
    kmsg_node_free(node);
    publisher_done(&p);
}

/* ---- coming and going ------------------------------------------------------------------------ */

TEST(a_subscriber_may_be_there_before_its_publisher)
{
    const char *url = new_path();
    publisher   p;
    reader      r;

    reader_init(&r);
    publisher_init(&p, url);
    reader_join(&r, &p, NULL, usual);
    DRIVE(r.node, p.node, r.detached == 1); /* nothing is published there */
    OK(market_Prices_offer(p.node, &unnamed));
    DRIVE(r.node, p.node, r.attached == 1);
    publish_all(&p, "ACME", 1, 1);
    DRIVE(r.node, p.node, r.count == 1);
    EQ_INT(r.detached, 1);
    reader_done(&r);
    publisher_done(&p);
}

TEST(who_withdraws_sends_what_was_published_before_and_says_good_bye)
{
    publisher        p;
    static reader    r;
    kmsg_topic_facts facts;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    fill_window(&p);
    for (uint64_t i = 1; i <= 100; i++)
        OK(publish_tick(&p, "ACME", FILLING + i));
    kmsg_topic_withdraw(p.node, &market_Prices_topic);
    FAILS(kmsg_topic_info(p.node, &market_Prices_topic, &facts), KMSG_ENOENT);
    DRIVE(r.node, p.node, r.detached == 1);
    EQ_UINT(r.count, FILLING + 100);
    EQ_INT(r.err, KMSG_ECLOSED);
    reader_done(&r);
    publisher_done(&p);
}

TEST(a_topic_that_was_withdrawn_can_be_offered_again)
{
    publisher p;
    reader    r;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    FAILS(market_Prices_offer(p.node, &unnamed), KMSG_EEXIST);
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    kmsg_topic_withdraw(p.node, &market_Prices_topic);
    kmsg_topic_withdraw(p.node, &market_Prices_topic);
    OK(market_Prices_offer(p.node, &unnamed));
    DRIVE(r.node, p.node, r.attached == 2);
    publish_all(&p, "ACME", 1, 1);
    DRIVE(r.node, p.node, r.count == 1);
    EQ_UINT(missed_in_all(&r), 0);
    reader_done(&r);
    publisher_done(&p);
}

TEST(more_subscribers_than_are_wanted_are_turned_away)
{
    const kmsg_publisher_options two = {.unnamed = true, .subscribers_max = 2};
    publisher                    p;
    static reader                r[3];

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &two));
    for (int i = 0; i < 3; i++) {
        reader_init(&r[i]);
        reader_join(&r[i], &p, NULL, usual);
        DRIVE(r[i].node, p.node, r[i].attached + r[i].detached == 1);
    }
    EQ_INT(r[1].attached, 1);
    EQ_INT(r[2].attached, 0);
    EQ_INT(r[2].err, KMSG_EFULL);
    HAS(r[2].words, "2 subscribers");
    reader_done(&r[0]); /* there is a place */
    DRIVE(r[2].node, p.node, r[2].attached == 1);
    reader_done(&r[1]);
    reader_done(&r[2]);
    publisher_done(&p);
}

TEST(a_subscriber_has_as_many_publishers_as_it_wants)
{
    const kmsg_subscriber_options one = {.publishers_max = 1};
    kmsg_subscriber_facts         facts;
    publisher                     p, other;
    kmsg_peer                    *peer;
    static reader                 r;

    publisher_init(&p, new_path());
    publisher_init(&other, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    OK(market_Prices_offer(other.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, one);
    OK(kmsg_dial(r.node, kmsg_listener_url(other.listener), &peer));
    FAILS(kmsg_subscriber_join(r.subscriber, peer), KMSG_EFULL);
    FAILS(kmsg_subscriber_join(r.subscriber, r.peer), KMSG_EEXIST);
    kmsg_subscriber_info(r.subscriber, &facts);
    EQ_UINT(facts.publishers, 1);
    kmsg_subscriber_leave(r.subscriber, r.peer);
    OK(kmsg_subscriber_join(r.subscriber, peer));
    DRIVE(r.node, other.node, r.attached == 2);
    publish_all(&other, "ACME", 1, 1);
    DRIVE(r.node, other.node, r.count == 1);
    reader_done(&r);
    publisher_done(&p);
    publisher_done(&other);
}

TEST(several_publishers_of_a_topic_are_heard_at_a_time)
{
    publisher     p, other;
    kmsg_peer    *peer;
    static reader r;

    publisher_init(&p, new_path());
    publisher_init(&other, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    OK(market_Prices_offer(other.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    OK(kmsg_dial(r.node, kmsg_listener_url(other.listener), &peer));
    OK(kmsg_subscriber_join(r.subscriber, peer));
    DRIVE(r.node, other.node, r.attached == 2);
    publish_all(&p, "ONE", 1, 2);
    publish_all(&other, "TWO", 1, 2);
    DRIVE(r.node, other.node, r.count == 4);
    reader_done(&r);
    publisher_done(&p);
    publisher_done(&other);
}

/* ---- lost connections ------------------------------------------------------------------------ */

static void cut(kmsg_peer *peer)
{
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut");
}

static bool is_missed(const publisher *p, uint64_t count)
{
    kmsg_topic_facts facts;

    return kmsg_topic_info(p->node, &market_Prices_topic, &facts) == KMSG_OK &&
           facts.missed == count;
}

static void lose_and_come_again(const char *symbol, uint64_t wanted)
{
    publisher     p;
    static reader r;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, symbol, usual);
    publish_all(&p, "ACME", 1, 1);
    DRIVE(r.node, p.node, r.count == 1);
    cut(r.peer);
    publish_all(&p, "ACME", 2, 5);
    publish_all(&p, "IBM", 7, 3);
    DRIVE(r.node, p.node, r.attached == 2);
    EQ_INT(r.err, KMSG_ELOST);
    publish_all(&p, "ACME", 10, 1);
    DRIVE(r.node, p.node, r.count > 0 && r.numbers[r.count - 1] == 10);
    EQ_UINT(r.missed_told, wanted);
    EQ_UINT(r.count + r.missed_told, wanted + 2);
    reader_done(&r);
    publisher_done(&p);
}

TEST(who_has_lost_its_link_is_told_how_many_it_has_missed)
{
    lose_and_come_again(NULL, 8);
    lose_and_come_again("AC*", 5);
}

TEST(who_comes_again_before_its_loss_is_known_is_told_the_same)
{
    publisher     p;
    static reader r;
    kmi_conn     *old;

    publisher_init(&p, "tcp:127.0.0.1:0");
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    publish_all(&p, "ACME", 1, 1);
    DRIVE(r.node, p.node, r.count == 1);
    old = p.node->conns;
    CHECK(old != NULL);
    publish_all(&p, "ACME", 2, 4); /* it is on its way, and is lost there */
    cut(r.peer);
    DRIVE(r.node, p.node, r.attached == 2);
    publish_all(&p, "ACME", 6, 1);
    DRIVE(r.node, p.node, r.numbers[r.count - 1] == 6);
    EQ_UINT(r.count, 2);
    EQ_UINT(r.missed_told, 4);
    reader_done(&r);
    publisher_done(&p);
}

TEST(another_publisher_at_the_same_place_has_nothing_that_was_missed)
{
    const char   *url = new_path();
    publisher     p;
    static reader r;

    publisher_init(&p, url);
    OK(market_Prices_offer(p.node, &unnamed));
    reader_init(&r);
    reader_attach(&r, &p, NULL, usual);
    publish_all(&p, "ACME", 1, 3);
    DRIVE(r.node, p.node, r.count == 3);
    publisher_done(&p);
    DRIVE(r.node, r.node, r.detached == 1);
    publisher_init(&p, url);
    OK(market_Prices_offer(p.node, &unnamed));
    DRIVE(r.node, p.node, r.attached == 2);
    publish_all(&p, "ACME", 4, 1);
    DRIVE(r.node, p.node, r.count == 4);
    EQ_UINT(r.missed_told, 0);
    cut(r.peer); /* and it is counted from there */
    publish_all(&p, "ACME", 5, 2);
    CHECK(!is_missed(&p, 99));
    DRIVE(r.node, p.node, r.attached == 3);
    EQ_UINT(r.missed_told, 2);
    reader_done(&r);
    publisher_done(&p);
}

/* ---- roles ----------------------------------------------------------------------------------- */

/* The other side of a connection is nobody from now on. */
static void forget_who(kmsg_node *node)
{
    for (kmi_conn *conn = node->conns; conn != NULL; conn = conn->next)
        if (conn != node->self->conn && conn->who != NULL) {
            kmi_who_unref(conn->who);
            conn->who = kmi_who_ref(&node->nobody);
        }
}

static void meet(const publisher *p, kmsg_node *node, reader *r, bool publisher_is_nobody,
                 bool subscriber_is_nobody)
{
    kmsg_subscriber_options options = {.unnamed = true, .heard = on_event, .ctx = r};
    static texts            t;
    kmsg_peer              *peer;
    kmsg_subscriber        *subscriber;

    OK(kmsg_dial(node, kmsg_listener_url(p->listener), &peer));
    OK(market_Alarms_subscribe(node, &options, &t, on_alarm, &subscriber));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p->node, r->attached == 1); /* now they know each other */
    r->attached = 0;
    if (publisher_is_nobody)
        forget_who(node);
    if (subscriber_is_nobody)
        forget_who(p->node);
    OK(market_Secrets_subscribe(node, &options, &t, on_alarm, &subscriber));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p->node, r->attached + r->detached == 1);
}

static void meet_as(bool publisher_is_nobody, bool subscriber_is_nobody, kmsg_err err)
{
    static reader r;
    kmsg_node    *node = kmsg_node_new();
    publisher     p;

    memset(&r, 0, sizeof r);
    publisher_init(&p, new_path());
    OK(market_Alarms_offer(p.node, &unnamed));
    OK(market_Secrets_offer(p.node, &unnamed));
    meet(&p, node, &r, publisher_is_nobody, subscriber_is_nobody);
    EQ_INT(r.attached, err == KMSG_OK);
    EQ_INT(r.err, err);
    if (err != KMSG_OK)
        HAS(r.words, "roles");
    kmsg_node_free(node);
    publisher_done(&p);
}

TEST(a_topic_with_roles_is_for_those_who_have_one)
{
    meet_as(false, false, KMSG_OK);
    meet_as(false, true, KMSG_EPERM);
    meet_as(true, false, KMSG_EPERM);
}
