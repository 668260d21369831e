/* names_alloc_test.c -- from the N-th allocation on all fail, for every N, while names are
 * published, looked for and found: nothing crashes, nothing leaks, all calls end, and each session
 * that has begun ends, once. Those of the directories' threads are among them, so which one the
 * N-th is is not the same each time.
 */
#define _DEFAULT_SOURCE
#include "unit/named.h"

#include <kmsg/names.kmsg.h>

#include <stdatomic.h>

static atomic_long allocations; /* since the last reset */
static atomic_long fail_at;     /* it fails, and all after it; 0: none */
static atomic_long live;

static void *resize(void *ctx, void *old, size_t size)
{
    long  count, at = atomic_load(&fail_at);
    void *p;

    (void)ctx;
    if (size == 0) {
        atomic_fetch_sub(&live, 1);
        free(old);
        return NULL;
    }
    count = atomic_fetch_add(&allocations, 1) + 1;
    if (at != 0 && count >= at)
        return NULL;
    p = realloc(old, size);
    if (old == NULL && p != NULL)
        atomic_fetch_add(&live, 1);
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

typedef struct scene {
    kmsg_node *node, *other;
    kmsg_peer *peer;
    server     state;
    events     offers, looks;
    outcome    got;
    kmsg_err   published, subscribed, found;
    int        ends; /* of an idempotent call */
} scene;

static int count(const events *all, kmsg_name_event_kind kind)
{
    int count = 0;

    for (int i = 0; i < all->count; i++)
        count += all->list[i].kind == kind;
    return count;
}

static void on_survey(void *ctx, kmsg_err err, const kmsg_names_Survey *survey)
{
    (void)survey;
    CHECK(err != KMSG_OK); /* it is no directory */
    ++*(int *)ctx;
}

static void begin(scene *s, kmsg_scope scope)
{
    const kmsg_publish_options   offer = {.heard = hear_event, .ctx = &s->offers};
    const kmsg_subscribe_options look = {.heard = hear_event, .ctx = &s->looks};

    s->published = s->subscribed = s->found = KMSG_ENOMEM;
    s->node = kmsg_node_new();
    s->other = kmsg_node_new();
    if (s->node == NULL || s->other == NULL ||
        talk_Other_serve(s->node, &other_impl, &s->state) != KMSG_OK)
        return;
    s->subscribed = kmsg_subscribe(s->other, "x/*", scope, &look, NULL);
    s->published = kmsg_publish(s->node, "x/y", scope, &offer, NULL);
    if (s->published == KMSG_OK)
        s->found = kmsg_find(s->other, "x/y", scope, &talk_Other_service, &s->peer);
    if (s->found != KMSG_OK)
        return;
    talk_Other_twice_async(s->peer, 4, &s->got, sum_done);
    kmsg_names_Directory_survey_async(s->peer, &s->ends, on_survey);
}

static bool is_told(const scene *s)
{
    bool stands = count(&s->offers, KMSG_PUBLISHED) > 0;
    bool decided = stands || count(&s->offers, KMSG_NOT_PUBLISHED) > 0;
    bool looks = count(&s->looks, KMSG_SUBSCRIBED) > 0;
    bool meet = stands && looks;

    return (s->published != KMSG_OK || decided) && (s->subscribed != KMSG_OK || looks) &&
           (!meet || count(&s->looks, KMSG_AVAILABLE) > count(&s->looks, KMSG_DROPPED)) &&
           (s->found != KMSG_OK || (s->got.count > 0 && s->ends > 0));
}

static void play(scene *s, bool fails)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    for (int i = 0; fails && i < 20; i++) /* without memory nothing has to come of it */
        step_both(s->node, s->other, 1);
    while (!fails && !is_told(s) && clock_ms() < until_ms)
        step_both(s->node, s->other, 20);
    CHECK(fails || is_told(s));
}

static void check_events(const scene *s)
{
    EQ_INT(count(&s->looks, KMSG_AVAILABLE), count(&s->looks, KMSG_DROPPED));
    EQ_INT(count(&s->offers, KMSG_DELIVERED), count(&s->offers, KMSG_DROPPED));
    CHECK(count(&s->offers, KMSG_PUBLISHED) <= 1 && count(&s->looks, KMSG_SUBSCRIBED) <= 1);
    EQ_INT(s->got.count, s->found == KMSG_OK);
    EQ_INT(s->ends, s->found == KMSG_OK);
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(kmsg_scope scope, long n)
{
    scene s = {0};
    long  before = atomic_load(&live);

    test_at("allocation %ld", n);
    atomic_store(&allocations, 0);
    atomic_store(&fail_at, n);
    begin(&s, scope);
    if (s.node != NULL && s.other != NULL)
        play(&s, n > 0);
    atomic_store(&fail_at, 0);
    kmsg_node_free(s.other);
    kmsg_node_free(s.node);
    check_events(&s);
    EQ_INT(atomic_load(&live), before);
    return n > atomic_load(&allocations);
}

static void every_n(kmsg_scope scope)
{
    long n = 1;

    (void)run_scene(scope, 0); /* what stays for the life of the process is there */
    while (!run_scene(scope, n))
        n++;
    CHECK(n > 100); /* it was no empty scene */
}

TEST(memory_may_end_at_any_time_in_the_process)
{
    every_n(KMSG_SCOPE_PROCESS);
}

TEST(memory_may_end_at_any_time_on_the_host)
{
    every_n(KMSG_SCOPE_HOST);
}
