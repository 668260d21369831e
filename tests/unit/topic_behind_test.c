/* topic_behind_test.c -- subscribers who do not take what is published in time.
 *
 * The subscriber's node is not driven while the publisher publishes: its window is full after the
 * first batch, and what follows waits in its queue, of which each test knows the size. */
#include "market.h"

#include <pthread.h>

#define QUEUE 10 /* messages that may wait */

static const kmsg_publisher_options unnamed = {.unnamed = true, .timeout_ms = 50};

typedef struct pair {
    publisher p;
    reader    r;
} pair;

static pair *pair_new(const char *symbol, kmsg_subscriber_options options)
{
    static pair both;

    publisher_init(&both.p, new_path());
    OK(market_Prices_offer(both.p.node, &unnamed));
    reader_init(&both.r);
    reader_attach(&both.r, &both.p, symbol, options);
    return &both;
}

static void pair_free(pair *both)
{
    reader_done(&both->r);
    publisher_done(&both->p);
}

/* Numbers FILLING + 1 and so on, one in a turn: none of them finds room at the subscriber. */
static void publish_behind(pair *both, const char *symbol, int count)
{
    for (int i = 1; i <= count; i++)
        publish_all(&both->p, symbol, (uint64_t)(FILLING + i), 1);
}

static void catch_up(pair *both, uint64_t last)
{
    DRIVE(both->r.node, both->p.node,
          both->r.count > 0 && both->r.numbers[both->r.count - 1] == last);
}

static kmsg_topic_facts facts_of(const pair *both)
{
    kmsg_topic_facts facts;

    OK(kmsg_topic_info(both->p.node, &market_Prices_topic, &facts));
    return facts;
}

/* ---- the oldest gives way -------------------------------------------------------------------- */

static void drop_oldest(const char *symbol, int count, uint64_t dropped)
{
    kmsg_subscriber_options options = {.messages = QUEUE};
    pair                   *both = pair_new(symbol, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", count);
    EQ_UINT(facts_of(both).missed, dropped);
    catch_up(both, (uint64_t)(FILLING + count));
    EQ_UINT(both->r.count, (size_t)(FILLING + count) - dropped);
    EQ_UINT(both->r.missed[FILLING], dropped); /* right behind what fits */
    EQ_UINT(missed_in_all(&both->r), dropped);
    EQ_UINT(both->r.missed_told, dropped);
    EQ_UINT(both->r.numbers[FILLING], FILLING + 1 + dropped);
    pair_free(both);
}

TEST(of_more_than_may_wait_the_oldest_are_missed)
{
    drop_oldest(NULL, QUEUE - 1, 0);
    drop_oldest(NULL, QUEUE, 0);
    drop_oldest(NULL, QUEUE + 1, 1);
    drop_oldest(NULL, QUEUE * 7, QUEUE * 6);
}

TEST(who_has_chosen_by_key_misses_the_same)
{
    drop_oldest("F*", QUEUE - 1, 0);
    drop_oldest("F*", QUEUE, 0);
    drop_oldest("F*", QUEUE + 1, 1);
    drop_oldest("F*", QUEUE * 7, QUEUE * 6);
}

/* Messages of one length: so many bytes are so many messages. */
static void drop_by_size(size_t less, uint64_t dropped)
{
    kmsg_subscriber_options options = {.size = QUEUE * 64 - less};
    pair                   *both = pair_new(NULL, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE);
    catch_up(both, FILLING + QUEUE);
    EQ_UINT(missed_in_all(&both->r), dropped);
    pair_free(both);
}

TEST(bytes_are_counted_as_well)
{
    drop_by_size(0, 0);
    drop_by_size(1, 1);
}

/* The publisher has so much for each, whatever he asks for. */
static void drop_by_publisher(size_t less, uint64_t dropped)
{
    const kmsg_publisher_options offer = {.unnamed = true, .queue_max = QUEUE * 64 - less};
    kmsg_subscriber_options      options = {.size = (size_t)1 << 30};
    static pair                  both;

    publisher_init(&both.p, new_path());
    OK(market_Prices_offer(both.p.node, &offer));
    reader_init(&both.r);
    reader_attach(&both.r, &both.p, NULL, options);
    fill_window(&both.p);
    publish_behind(&both, "FILL", QUEUE);
    catch_up(&both, FILLING + QUEUE);
    EQ_UINT(missed_in_all(&both.r), dropped);
    pair_free(&both);
}

TEST(no_subscriber_has_a_larger_queue_than_its_publisher_wants)
{
    drop_by_publisher(0, 0);
    drop_by_publisher(1, 1);
}

TEST(a_message_larger_than_the_queue_is_taken_where_nothing_waits)
{
    kmsg_subscriber_options options = {.size = 1};
    pair                   *both = pair_new(NULL, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", 3);
    catch_up(both, FILLING + 3);
    EQ_UINT(both->r.count, FILLING + 1);
    EQ_UINT(missed_in_all(&both->r), 2);
    pair_free(both);
}

/* What is published in one turn is a batch, whatever may wait. */
TEST(a_batch_goes_to_who_is_not_behind_whatever_may_wait_for_him)
{
    kmsg_subscriber_options options = {.messages = 1};
    pair                   *both = pair_new(NULL, options);

    publish_all(&both->p, "ACME", 1, 100);
    catch_up(both, 100);
    EQ_UINT(missed_in_all(&both->r), 0);
    pair_free(both);
    both = pair_new("A*", options);
    for (int i = 0; i < 3; i++) {
        publish_all(&both->p, "ACME", (uint64_t)(i * 10 + 1), 10);
        catch_up(both, (uint64_t)(i * 10 + 10));
    }
    EQ_UINT(missed_in_all(&both->r), 0);
    pair_free(both);
}

/* ---- the latest ------------------------------------------------------------------------------ */

static void keep_latest(const char *symbol)
{
    static const char *const names[] = {"FA", "FB", "FC"};
    kmsg_subscriber_options  options = {.when_behind = KMSG_BEHIND_LATEST};
    pair                    *both = pair_new(symbol, options);
    uint64_t                 number = FILLING;
    reader                  *r = &both->r;

    fill_window(&both->p);
    for (int i = 0; i < 900; i++)
        publish_all(&both->p, names[i % 3], ++number, 1);
    publish_all(&both->p, "FA", ++number, 1);
    catch_up(both, number);
    EQ_UINT(r->count, FILLING + 3);
    EQ_STR(r->symbols[FILLING], "FB");
    EQ_STR(r->symbols[FILLING + 1], "FC");
    EQ_STR(r->symbols[FILLING + 2], "FA");
    EQ_UINT(r->numbers[FILLING], number - 2);
    EQ_UINT(missed_in_all(r), 898);
    EQ_UINT(facts_of(both).missed, 898);
    publish_all(&both->p, "FA", ++number, 1); /* it goes on as before */
    catch_up(both, number);
    EQ_UINT(missed_in_all(r), 898);
    pair_free(both);
}

TEST(of_each_key_the_latest_message_waits)
{
    keep_latest(NULL);
    keep_latest("F*");
}

TEST(of_more_keys_than_may_wait_the_oldest_message_is_missed)
{
    kmsg_subscriber_options options = {.messages = QUEUE, .when_behind = KMSG_BEHIND_LATEST};
    pair                   *both = pair_new(NULL, options);
    char                    symbol[8];

    fill_window(&both->p);
    for (int i = 1; i <= QUEUE + 1; i++) {
        snprintf(symbol, sizeof symbol, "F%d", i);
        publish_all(&both->p, symbol, (uint64_t)(FILLING + i), 1);
    }
    publish_all(&both->p, "F2", FILLING + QUEUE + 2, 1); /* it was the oldest that waits */
    catch_up(both, FILLING + QUEUE + 2);
    EQ_UINT(both->r.count, FILLING + QUEUE);
    EQ_STR(both->r.symbols[FILLING], "F3");
    EQ_UINT(missed_in_all(&both->r), 2);
    pair_free(both);
}

/* ---- cut off --------------------------------------------------------------------------------- */

static void disconnect(const char *symbol)
{
    kmsg_subscriber_options options = {.messages = QUEUE, .when_behind = KMSG_BEHIND_DISCONNECT};
    pair                   *both = pair_new(symbol, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE);
    EQ_UINT(facts_of(both).subscribers, 1);
    publish_behind(both, "FILL", 1);
    EQ_UINT(facts_of(both).subscribers, 0);
    DRIVE(both->r.node, both->p.node, both->r.detached == 1);
    EQ_INT(both->r.err, KMSG_EOVERLOADED);
    HAS(both->r.words, "too many messages are waiting");
    EQ_UINT(both->r.count, FILLING); /* what was sent before */
    OK(kmsg_subscriber_join(both->r.subscriber, both->r.peer) == KMSG_EEXIST ? KMSG_OK
                                                                             : KMSG_EFAILED);
    kmsg_subscriber_leave(both->r.subscriber, both->r.peer);
    OK(kmsg_subscriber_join(both->r.subscriber, both->r.peer)); /* who wants more comes again */
    DRIVE(both->r.node, both->p.node, both->r.attached == 2);
    pair_free(both);
}

TEST(who_wants_that_is_cut_off_and_told)
{
    disconnect(NULL);
    disconnect("F*");
}

/* ---- waited for ------------------------------------------------------------------------------ */

static void wait_in_vain(const char *symbol)
{
    kmsg_subscriber_options options = {.messages = QUEUE, .when_behind = KMSG_BEHIND_WAIT};
    pair                   *both = pair_new(symbol, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE);
    FAILS(publish_tick(&both->p, "FILL", 1000), KMSG_EFULL);
    HAS(kmsg_last_error(), "1 that wanted it to wait");
    FAILS(publish_tick(&both->p, "FILL", 1001), KMSG_EFULL);
    EQ_UINT(facts_of(both).missed, 2);
    catch_up(both, FILLING + QUEUE);
    OK(publish_tick(&both->p, "FILL", 2000));
    catch_up(both, 2000);
    EQ_UINT(both->r.count, FILLING + QUEUE + 1);
    EQ_UINT(missed_in_all(&both->r) + 0, both->r.missed[FILLING + QUEUE]);
    EQ_UINT(both->r.missed_told, 2);
    pair_free(both);
}

TEST(a_publisher_that_has_waited_for_long_enough_goes_on_and_says_so)
{
    wait_in_vain(NULL);
    wait_in_vain("F*");
}

TEST(who_is_missed_at_the_end_is_told_without_another_message)
{
    kmsg_subscriber_options options = {.messages = QUEUE, .when_behind = KMSG_BEHIND_WAIT};
    pair                   *both = pair_new(NULL, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE);
    FAILS(publish_tick(&both->p, "FILL", 1000), KMSG_EFULL);
    DRIVE(both->r.node, both->p.node, both->r.missed_told == 1);
    EQ_UINT(both->r.count, FILLING + QUEUE);
    pair_free(both);
}

TEST(those_who_do_not_want_it_are_not_waited_for)
{
    kmsg_subscriber_options wait = {.messages = QUEUE, .when_behind = KMSG_BEHIND_WAIT};
    pair                   *both = pair_new("NOTHING", wait);

    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE * 3);
    EQ_UINT(facts_of(both).missed, 0);
    pair_free(both);
}

/* The one who waits in vain does not keep it from the others. */
TEST(others_get_what_one_has_no_room_for)
{
    kmsg_subscriber_options wait = {.messages = QUEUE, .when_behind = KMSG_BEHIND_WAIT};
    kmsg_subscriber_options usual = {0};
    static reader           other;
    pair                   *both = pair_new(NULL, wait);

    reader_init(&other);
    reader_attach(&other, &both->p, NULL, usual);
    fill_window(&both->p);
    publish_behind(both, "FILL", QUEUE);
    FAILS(publish_tick(&both->p, "FILL", 1000), KMSG_EFULL);
    DRIVE(other.node, both->p.node, other.count == FILLING + QUEUE + 1);
    EQ_UINT(missed_in_all(&other), 0);
    EQ_UINT(other.numbers[FILLING + QUEUE], 1000);
    reader_done(&other);
    pair_free(both);
}

/* Who takes it does so on a thread of its own. */
typedef struct slow {
    _Atomic uint64_t count;
    uint64_t         next;
    bool             in_order;
} slow;

static void on_slow(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
                    const market_Tick *tick)
{
    slow *s = ctx;

    (void)symbol;
    s->in_order = s->in_order && tick->number == ++s->next && news->missed == 0;
    atomic_fetch_add(&s->count, 1);
}

static void publish_all_in_time(const char *symbol)
{
    enum { COUNT = 20000 };
    const kmsg_publisher_options patient = {.unnamed = true};
    const market_Prices_filter   filter = {.symbol = kmsg_str(symbol == NULL ? "" : symbol)};
    kmsg_subscriber_options      options = {
             .unnamed = true, .messages = QUEUE, .when_behind = KMSG_BEHIND_WAIT};
    slow             s = {.in_order = true};
    kmsg_node       *node = kmsg_node_new();
    kmsg_subscriber *subscriber;
    kmsg_topic_facts facts = {0};
    kmsg_peer       *peer;
    publisher        p;

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &patient));
    OK(kmsg_node_set_stream_window(node, 1024));
    OK(market_Prices_subscribe(node, symbol == NULL ? NULL : &filter, &options, &s, on_slow,
                               &subscriber));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node,
          kmsg_topic_info(p.node, &market_Prices_topic, &facts) == KMSG_OK &&
              facts.subscribers == 1);
    OK(kmsg_start(node));
    for (uint64_t i = 1; i <= COUNT; i++) /* and the publisher's node is turned by nobody else */
        OK(publish_tick(&p, "FILL", i));
    DRIVE(p.node, p.node, atomic_load(&s.count) == COUNT);
    kmsg_node_free(node);
    CHECK(s.in_order);
    publisher_done(&p);
}

/* How much waits is bounded by bytes alone, in which messages fit badly. */
TEST(who_is_waited_for_gets_all_however_messages_fit)
{
    kmsg_subscriber_options options = {.size = 100, .when_behind = KMSG_BEHIND_WAIT};
    pair                   *both = pair_new(NULL, options);

    fill_window(&both->p);
    publish_behind(both, "FILL", 2); /* 64 bytes each: the second one goes beyond */
    FAILS(publish_tick(&both->p, "FILL", 1000), KMSG_EFULL);
    catch_up(both, FILLING + 2);
    DRIVE(both->r.node, both->p.node, both->r.missed_told == 1);
    EQ_UINT(both->r.count, FILLING + 2);
    pair_free(both);
}

TEST(who_is_waited_for_gets_all)
{
    publish_all_in_time(NULL);
    publish_all_in_time("F*");
}

/* ---- many ------------------------------------------------------------------------------------ */

/* A publisher that never turns its node between, and a subscriber that misses much: what came and
 * what was missed is all there was. */
TEST(what_came_and_what_was_missed_is_all_there_was)
{
    enum { COUNT = 100000 };
    kmsg_subscriber_options options = {.messages = QUEUE};
    pair                   *both = pair_new(NULL, options);
    reader                 *r = &both->r;

    for (uint64_t i = 1; i <= COUNT; i++)
        OK(publish_tick(&both->p, "FILL", i));
    catch_up(both, COUNT);
    EQ_UINT(r->count + missed_in_all(r), COUNT);
    EQ_UINT(r->missed_told, missed_in_all(r));
    for (size_t i = 1; i < r->count; i++)
        EQ_UINT(r->numbers[i], r->numbers[i - 1] + r->missed[i] + 1);
    EQ_UINT(facts_of(both).missed, r->missed_told);
    EQ_UINT(facts_of(both).delivered, r->count);
    pair_free(both);
}

/* ---- the last values ------------------------------------------------------------------------- */

static void expect_last(uint32_t keys, const char *symbol, bool wants, const char *wanted)
{
    const kmsg_publisher_options keep = {.unnamed = true, .last_keys = keys};
    kmsg_subscriber_options      options = {.last = wants};
    static reader                r;
    publisher                    p;
    char                         seen[256] = "";

    publisher_init(&p, new_path());
    OK(market_Prices_offer(p.node, &keep));
    publish_all(&p, "ACME", 1, 1);
    publish_all(&p, "IBM", 2, 1);
    publish_all(&p, "ACDC", 3, 1);
    publish_all(&p, "ACME", 4, 1);
    reader_init(&r);
    reader_attach(&r, &p, symbol, options);
    publish_all(&p, "ACNEW", 5, 1);
    DRIVE(r.node, p.node, r.count > 0 && r.numbers[r.count - 1] == 5);
    for (size_t i = 0; i < r.count; i++)
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%d ", r.last[i] ? "" : "+",
                 (int)r.numbers[i]);
    EQ_STR(seen, wanted);
    EQ_UINT(missed_in_all(&r), 0);
    reader_done(&r);
    publisher_done(&p);
}

TEST(the_last_value_of_each_key_comes_first_where_it_is_wanted)
{
    expect_last(10, NULL, true, "2 3 4 +5 ");
    expect_last(10, NULL, false, "+5 ");
    expect_last(10, "AC*", true, "3 4 +5 ");
    expect_last(0, NULL, true, "+5 ");
}

TEST(of_more_keys_than_are_kept_those_published_last_are)
{
    expect_last(3, NULL, true, "2 3 4 +5 ");
    expect_last(2, NULL, true, "3 4 +5 ");
    expect_last(1, NULL, true, "4 +5 ");
}
