/* delivery_test.c -- the N-th allocation fails, for every N, while messages are acknowledged, held
 * and released, functions deferred, calls pending, repeated and dropped: each ends exactly once,
 * and nothing is left.
 */
#include "unit/delivery.h"

#include "core/core.h"

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

#define PUTS  6
#define AGAIN 3

typedef struct scene {
    post         p;
    kmsg_node   *node;
    kmsg_peer   *peer;
    outcome      put[PUTS], again[AGAIN];
    kmsg_pending pending[2];
    int          deferred, ran;
} scene;

static kmsg_err set_up(scene *s, const char *url)
{
    kmsg_err err = KMSG_ENOMEM;

    s->p.node = kmsg_node_new();
    s->node = kmsg_node_new();
    if (s->p.node == NULL || s->node == NULL)
        return err;
    s->p.way = POST_HOLD;
    err = delivery_Post_serve(s->p.node, &post_impl, &s->p);
    if (err == KMSG_OK)
        err = kmsg_listen(s->p.node, url, NULL);
    if (err == KMSG_OK)
        err = kmsg_dial(s->node, url, &s->peer);
    if (err == KMSG_OK)
        kmsg_peer_set_timeout_ms(s->peer, 40);
    if (err == KMSG_OK)
        err = kmsg_peer_set_retry(s->peer, &(kmsg_retry){.first_ms = 1});
    return err;
}

static void ran(void *ctx)
{
    ((scene *)ctx)->ran++;
}

/* What has come is released, and answered. */
static void serve(scene *s)
{
    for (size_t i = 0; i < s->p.ticket_count; i++) {
        kmsg_err err = kmsg_release_ts(s->p.tickets[i]);
        CHECK(err == KMSG_OK || err == KMSG_ELOST);
    }
    s->p.ticket_count = 0;
    if (s->p.later != NULL && s->p.asked > 1)
        delivery_Post_again_reply(s->p.later, (int64_t[]){1});
    s->p.later = NULL;
}

static bool all_ended(const scene *s)
{
    int count = 0;

    for (int i = 0; i < PUTS; i++)
        count += s->put[i].count;
    for (int i = 0; i < AGAIN; i++)
        count += s->again[i].count;
    return count == PUTS + AGAIN && kmsg_pending_is_over(&s->pending[0]) &&
           kmsg_pending_is_over(&s->pending[1]);
}

static void begin(scene *s)
{
    const kmsg_queue_options few = {.messages = 7, .when_full = KMSG_DROP_OLDEST};

    OK(kmsg_peer_set_queue(s->peer, &few));
    for (int i = 0; i < PUTS; i++)
        delivery_Post_put_async(s->peer, i, no_blob, &s->put[i], put_done);
    for (int i = 0; i < AGAIN; i++)
        delivery_Post_again_async(s->peer, i, &s->again[i], sum_done);
    (void)delivery_Post_nothing_begin(s->peer, &s->pending[0]);
    (void)delivery_Post_put_begin(s->peer, 1, no_blob, &s->pending[1]);
    for (int i = 0; i < 3; i++)
        s->deferred += kmsg_defer_ts(s->node, s, ran) == KMSG_OK;
}

static void play(scene *s)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;
    bool    cut = false;

    begin(s);
    while (!all_ended(s) && clock_ms() < until_ms) {
        step_both(s->node, s->p.node, 20);
        if (!cut && s->p.asked > 0 && s->peer->conn->link != NULL) {
            kmi_conn_events.down(s->peer->conn->link, KMSG_ELOST, "cut");
            s->p.later = NULL;
            cut = true;
        }
        serve(s);
    }
}

static void check(const scene *s, bool played)
{
    for (int i = 0; i < PUTS; i++)
        EQ_INT(s->put[i].count, played);
    for (int i = 0; i < AGAIN; i++)
        EQ_INT(s->again[i].count, played);
    EQ_INT(s->ran, s->deferred);
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(const char *url, long n, bool after)
{
    scene s = {.deferred = 0};
    long  before = live;
    bool  played;

    allocations = 0;
    fail_at = n;
    fail_after = after;
    played = set_up(&s, url) == KMSG_OK;
    if (played)
        play(&s);
    fail_at = 0;
    kmsg_node_free(s.node);
    kmsg_node_free(s.p.node);
    check(&s, played);
    if (played) {
        CHECK(delivery_Post_nothing_end(&s.pending[0]) != KMSG_EINVAL);
        CHECK(delivery_Post_put_end(&s.pending[1]) != KMSG_EINVAL);
    }
    for (size_t i = 0; i < s.p.ticket_count; i++)
        FAILS(kmsg_release_ts(s.p.tickets[i]), KMSG_ECLOSED);
    EQ_INT(live, before);
    return n > allocations;
}

static void every_n(const char *url, bool after)
{
    long n = 1;

    while (!run_scene(url, n, after)) {
        test_at("allocation %ld", n);
        n++;
    }
    CHECK(n > 40); /* it was no empty scene */
}

TEST(any_one_allocation_may_fail_over_a_socket)
{
    every_n(new_name(), false);
}

TEST(any_one_allocation_may_fail_between_threads)
{
    every_n("inproc:delivery-fault", false);
}

TEST(memory_may_run_out_at_any_time_over_a_socket)
{
    every_n(new_name(), true);
}

TEST(memory_may_run_out_at_any_time_between_threads)
{
    every_n("inproc:delivery-fault", true);
}
