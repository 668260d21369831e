/* topic_alloc_test.c -- the N-th allocation fails, for every N, while messages of a topic are
 * published, chosen, kept, queued and told: nothing crashes, nothing leaks, and between two
 * messages that come there is no gap but what is told.
 */
#include "unit/market.h"

#define MESSAGES 30

static long allocations; /* since the last reset */
static long fail_at;     /* which of them fails; 0: none */
static bool fail_after;  /* and all after it */
static long live;

static void *resize(void *ctx, void *old, size_t size)
{
    void *p;

    (void)ctx;
    if (size == 0) {
        live--;
        free(old);
        return NULL;
    }
    allocations++;
    if (fail_at != 0 && (allocations == fail_at || (fail_after && allocations > fail_at)))
        return NULL;
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* One who wants all, and one who wants the latest of some, both of one node. */
typedef struct scene {
    publisher  p;
    kmsg_node *node;
    reader     all, latest;
    uint64_t   published;
} scene;

static scene s;

static bool subscribe_both(void)
{
    const market_Prices_filter    filter = {.symbol = kmsg_str("S*")};
    const kmsg_subscriber_options all = {
        .unnamed = true, .last = true, .messages = 5, .heard = on_event, .ctx = &s.all};
    const kmsg_subscriber_options latest = {
        .unnamed = true, .messages = 3, .when_behind = KMSG_BEHIND_LATEST};

    s.node = kmsg_node_new();
    return s.node != NULL && kmsg_node_set_stream_window(s.node, 1024) == KMSG_OK &&
           market_Prices_subscribe(s.node, NULL, &all, &s.all, on_tick, &s.all.subscriber) ==
               KMSG_OK &&
           market_Prices_subscribe(s.node, &filter, &latest, &s.latest, on_tick,
                                   &s.latest.subscriber) == KMSG_OK &&
           kmsg_dial(s.node, kmsg_listener_url(s.p.listener), &s.all.peer) == KMSG_OK &&
           kmsg_subscriber_join(s.all.subscriber, s.all.peer) == KMSG_OK &&
           kmsg_subscriber_join(s.latest.subscriber, s.all.peer) == KMSG_OK;
}

static bool set_up(void)
{
    const kmsg_publisher_options offer = {.unnamed = true, .last_keys = 2};

    s.p.node = kmsg_node_new();
    return s.p.node != NULL && kmsg_listen(s.p.node, new_name(), &s.p.listener) == KMSG_OK &&
           market_Prices_offer(s.p.node, &offer) == KMSG_OK && subscribe_both();
}

static bool has_come(const reader *r)
{
    return r->count > 0 && r->numbers[r->count - 1] == s.published;
}

/* Both are driven for a while; it takes less if nothing has failed. */
static void drive(void)
{
    for (int i = 0; i < 15 && (!has_come(&s.all) || !has_come(&s.latest)); i++)
        step_both(s.p.node, s.node, 1);
}

static void publish_some(void)
{
    static const char *const symbols[] = {"S1", "S2", "S3", "X", "S4", "S5"};

    for (int i = 0; i < MESSAGES; i++)
        s.published += publish_tick(&s.p, symbols[i % 6], s.published + 1) == KMSG_OK;
    s.published += publish_tick(&s.p, "S1", s.published + 1) == KMSG_OK;
}

static void play(void)
{
    int64_t until_ms = clock_ms() + 10;

    s.published += publish_tick(&s.p, "S1", s.published + 1) == KMSG_OK;
    while (s.all.attached == 0 && clock_ms() < until_ms)
        step_both(s.p.node, s.node, 1);
    for (int i = 0; i < 3; i++) { /* the second and third are too much at a time */
        publish_some();
        turn(s.p.node);
        if (i != 1)
            drive();
    }
}

static void expect_no_gap(const reader *r)
{
    for (size_t i = 1; r->attached == 1 && i < r->count; i++)
        if (!r->last[i] && !r->last[i - 1])
            EQ_UINT(r->numbers[i], r->numbers[i - 1] + r->missed[i] + 1);
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(long n, bool after)
{
    long before = live;

    memset(&s, 0, sizeof s);
    allocations = 0;
    fail_at = n;
    fail_after = after;
    if (set_up())
        play();
    fail_at = 0;
    kmsg_node_free(s.node);
    kmsg_node_free(s.p.node);
    expect_no_gap(&s.all);
    EQ_INT(live, before);
    if (n > allocations)
        CHECK(has_come(&s.all) && has_come(&s.latest));
    return n > allocations;
}

static void every_n(bool after)
{
    long n = 1;

    while (!run_scene(n, after))
        n++;
    CHECK(n > 40); /* it was no empty scene */
}

TEST(any_one_allocation_may_fail_while_a_topic_is_published)
{
    every_n(false);
}

TEST(memory_may_run_out_at_any_time_while_a_topic_is_published)
{
    every_n(true);
}

/* Once everything is there, messages cost no memory. */
TEST(in_the_steady_state_nothing_is_allocated)
{
    long before;

    memset(&s, 0, sizeof s);
    CHECK(set_up());
    for (int i = 0; i < 20; i++)
        play();
    before = allocations;
    for (int i = 0; i < 20; i++) {
        s.all.count = s.latest.count = 0;
        play();
    }
    EQ_INT(allocations, before);
    kmsg_node_free(s.node);
    kmsg_node_free(s.p.node);
}
