/* topic_lossy_alloc_test.c -- the N-th allocation fails, for every N, while messages of a topic go
 * by datagrams: nothing crashes, nothing leaks, and no gap is untold. In the steady state there is
 * no allocation at all.
 */
#include "unit/market.h"

#include "topics/topics.h"

static long allocations; /* since the last reset */
static long fail_at;     /* which of them fails; 0: none */
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
    if (++allocations == fail_at)
        return NULL;
    p = realloc(old, size);
    live += old == NULL && p != NULL;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

typedef struct scene {
    publisher p;
    reader    r;
    uint64_t  published;
} scene;

static scene s;

static bool set_up(void)
{
    const kmsg_publisher_options  offer = {.unnamed = true};
    const kmsg_subscriber_options options = {
        .unnamed = true, .lossy = true, .heard = on_event, .ctx = &s.r};

    s.p.node = kmsg_node_new();
    s.r.node = s.p.node == NULL ? NULL : kmsg_node_new();
    return s.r.node != NULL && kmsg_listen(s.p.node, new_name(), &s.p.listener) == KMSG_OK &&
           market_Prices_offer(s.p.node, &offer) == KMSG_OK &&
           market_Prices_subscribe(s.r.node, NULL, &options, &s.r, on_tick, &s.r.subscriber) ==
               KMSG_OK &&
           kmsg_dial(s.r.node, kmsg_listener_url(s.p.listener), &s.r.peer) == KMSG_OK &&
           kmsg_subscriber_join(s.r.subscriber, s.r.peer) == KMSG_OK;
}

static bool all_has_come(void)
{
    return s.r.count > 0 && s.r.numbers[s.r.count - 1] == s.published;
}

static void publish_some(void)
{
    for (int i = 0; i < 100; i++)
        s.published += publish_tick(&s.p, "ACME", s.published + 1) == KMSG_OK;
    for (int i = 0; i < 30 && !all_has_come(); i++)
        step_both(s.p.node, s.r.node, 1);
}

static void attach(void)
{
    for (int i = 0; i < 30 && s.r.attached == 0; i++)
        step_both(s.p.node, s.r.node, 1);
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(long n)
{
    long before = live;

    memset(&s, 0, sizeof s);
    allocations = 0;
    fail_at = n;
    if (set_up()) {
        attach();
        publish_some();
        publish_some();
    }
    fail_at = 0;
    kmsg_node_free(s.r.node);
    kmsg_node_free(s.p.node);
    for (size_t i = 1; s.r.attached == 1 && i < s.r.count; i++)
        EQ_UINT(s.r.numbers[i], s.r.numbers[i - 1] + s.r.missed[i] + 1);
    EQ_INT(live, before);
    if (n > allocations)
        CHECK(all_has_come());
    return n > allocations;
}

TEST(any_one_allocation_may_fail_while_messages_go_by_datagrams)
{
    long n = 1;

    while (!run_scene(n))
        n++;
    CHECK(n > 40); /* it was no empty scene */
}

TEST(in_the_steady_state_datagrams_cost_no_memory)
{
    long before;

    memset(&s, 0, sizeof s);
    CHECK(set_up());
    attach();
    CHECK(kmi_topics_of(s.p.node)->outlets->readers->scatter != NULL);
    for (int i = 0; i < 20; i++)
        publish_some();
    before = allocations;
    for (int i = 0; i < 20; i++) {
        s.r.count = 0;
        publish_some();
        CHECK(all_has_come());
    }
    EQ_INT(allocations, before);
    kmsg_node_free(s.r.node);
    kmsg_node_free(s.p.node);
}
