/* streams_test.c -- streams and memory: the N-th allocation fails, for every N, and each call still
 * ends exactly once at both ends; a hundred thousand items take no more memory than a few.
 */
#include "unit/flow.h"

#include <malloc.h>

static long   allocations; /* since the last reset */
static long   fail_at;     /* which of them fails; 0: none */
static bool   fail_after;  /* and all after it */
static long   live;
static size_t bytes, most; /* that are taken, and were at once */

static void *resize(void *ctx, void *old, size_t size)
{
    size_t was = old == NULL ? 0 : malloc_usable_size(old);
    void  *p;

    (void)ctx;
    if (size == 0) {
        live--;
        bytes -= was;
        free(old);
        return NULL;
    }
    allocations++;
    if (fail_at != 0 && (allocations == fail_at || (fail_after && allocations > fail_at)))
        return NULL;
    p = realloc(old, size);
    if (p == NULL)
        return NULL;
    live += old == NULL;
    bytes += malloc_usable_size(p) - was;
    most = bytes > most ? bytes : most;
    return p;
}

__attribute__((constructor(101))) static void count_allocations(void)
{
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

/* ---- the N-th fails ------------------------------------------------------------------------ */

typedef struct scene {
    kmsg_node *node;
    kmsg_peer *peer;
    flow       f;
    told       up, down, last;
    bool       asked;
} scene;

static kmsg_err set_up(scene *s, const char *url)
{
    kmsg_err err = KMSG_ENOMEM;

    s->f.node = kmsg_node_new();
    s->f.name = "";
    s->node = kmsg_node_new();
    if (s->node == NULL || s->f.node == NULL)
        return err;
    err = flow_Flow_serve(s->f.node, &flow_impl, &s->f);
    if (err == KMSG_OK)
        err = kmsg_listen(s->f.node, url, NULL);
    if (err == KMSG_OK)
        err = kmsg_dial(s->node, url, &s->peer);
    if (err == KMSG_OK)
        kmsg_peer_set_timeout_ms(s->peer, 300);
    return err;
}

/* A stream that is opened: what came of it is looked at while there is something. */
static void open_one(scene *s)
{
    kmsg_stream *stream;

    if (flow_Flow_talk_open(s->peer, &stream) != KMSG_OK)
        return;
    for (int i = 0; i < 4; i++) {
        (void)!flow_Flow_talk_try_put(stream, i);
        step_both(s->node, s->f.node, 5);
    }
    kmsg_stream_close(stream);
}

static void play(scene *s)
{
    int64_t      until_ms = clock_ms() + PATIENCE_MS;
    kmsg_stream *up;
    int          sent = 0;

    s->asked = true;
    up = flow_Flow_upload_async(s->peer, kmsg_str("sum"), &s->up, told_number);
    flow_Flow_watch_async(s->peer, kmsg_str("pump"), 200, &s->down, told_event, told_done);
    while ((s->up.count == 0 || s->down.count == 0) && clock_ms() < until_ms) {
        if (s->up.count == 0 && sent < 50)
            sent += flow_Flow_upload_try_put(up, piece_of(3000)) != KMSG_EFULL;
        else if (s->up.count == 0)
            kmsg_stream_end(up);
        step_both(s->node, s->f.node, 5);
    }
    open_one(s);
    flow_Flow_watch_async(s->peer, kmsg_str("keep"), 0, &s->last, told_event, told_done);
    step_both(s->node, s->f.node, 5); /* the end finds it */
}

/* True if the scene went through without a failure: then N has become large enough. */
static bool run_scene(const char *url, long n, bool after)
{
    scene s = {.f = {.name = ""}};
    long  before = live;

    allocations = 0;
    fail_at = n;
    fail_after = after;
    if (set_up(&s, url) == KMSG_OK)
        play(&s);
    fail_at = 0;
    kmsg_node_free(s.node);
    kmsg_node_free(s.f.node);
    test_at("allocation %ld%s", n, after ? " and all after it" : "");
    EQ_INT(s.up.count, s.asked);
    EQ_INT(s.down.count, s.asked);
    EQ_INT(s.last.count, s.asked);
    EQ_INT(live, before);
    return n > allocations;
}

static void every_n(const char *url, bool after)
{
    long n = 1;

    while (!run_scene(url, n, after))
        n++;
    CHECK(n > 30); /* it was no empty scene */
}

TEST(any_one_allocation_may_fail_over_a_socket)
{
    every_n(new_name(), false);
}

TEST(any_one_allocation_may_fail_between_threads)
{
    every_n("inproc:alloc-streams", false);
}

TEST(memory_may_run_out_at_any_time_over_a_socket)
{
    every_n(new_name(), true);
}

TEST(memory_may_run_out_at_any_time_between_threads)
{
    every_n("inproc:alloc-streams", true);
}

/* ---- flat ---------------------------------------------------------------------------------- */

#define MANY  100000
#define SLACK ((size_t)3 << 20) /* windows, and the memory that goes round between two nodes */

static void stream_many(const char *url)
{
    told         down = {0}, up = {0};
    kmsg_stream *s;
    int64_t      sent = 0;
    size_t       before;
    world        w;

    world_begin(&w, url);
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &up, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    before = most = bytes;
    while (sent < MANY) {
        while (sent < MANY && flow_Flow_upload_try_put(s, piece_of(100)) == KMSG_OK)
            sent++;
        step_both(w.node, w.f.node, 5);
    }
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, up.count == 1);
    EQ_UINT(up.number, (uint64_t)MANY * 100);
    flow_Flow_watch_async(w.peer, kmsg_str("pump"), MANY, &down, told_event, told_done);
    DRIVE(w.node, w.f.node, down.count == 1);
    EQ_INT(down.items, MANY);
    test_at("%zu bytes more", most - before);
    CHECK(most - before < SLACK);
    world_end(&w);
}

TEST(a_hundred_thousand_items_take_flat_memory)
{
    stream_many(new_path());
    stream_many("inproc:many-items");
}

/* Small items, which cost more to keep than to send. */
TEST(what_waits_to_be_taken_is_bounded)
{
    told         t = {0};
    kmsg_stream *s, *down;
    int64_t      n = 0;
    size_t       before;
    flow_Event   event;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    before = most = bytes;
    while (flow_Flow_upload_try_put(s, piece_of(0)) == KMSG_OK)
        step_both(w.node, w.f.node, 0);
    w.f.call = NULL;
    OK(flow_Flow_watch_open(w.peer, kmsg_str("keep"), 0, &down));
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    event = event_of(0);
    while (flow_Flow_watch_try_send(w.f.call, &event) == KMSG_OK)
        step_both(w.node, w.f.node, 0);
    test_at("%zu bytes more", most - before);
    CHECK(most - before < 2 * SLACK);
    before = bytes;
    while (flow_Flow_watch_next(down, w.mem, &event) == KMSG_OK) {
        kmsg_arena_reset(w.mem);
        n++;
        if (n == 4000)
            flow_Flow_watch_reply(w.f.call);
        step_both(w.node, w.f.node, 0);
    }
    CHECK(n > 2000);
    kmsg_stream_close(down);
    world_end(&w);
}

TEST(a_stream_that_would_take_more_than_a_node_has_for_all_ends)
{
    enum { LARGE = 3 << 20, COUNT = 30 };
    static uint8_t large[LARGE];
    told           t[COUNT] = {{0}};
    int            ended = 0;
    world          w;

    world_begin(&w, new_path());
    for (int i = 0; i < COUNT; i++) {
        kmsg_stream *s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &t[i], told_number);
        w.f.call = NULL;
        DRIVE(w.node, w.f.node, w.f.call != NULL);
        OK(flow_Flow_upload_try_put(s, (kmsg_bytes){large, LARGE}));
    }
    DRIVE(w.node, w.f.node, t[COUNT - 1].count == 1);
    for (int i = 0; i < COUNT; i++) {
        ended += t[i].count;
        EQ_INT(t[i].err, t[i].count == 1 ? KMSG_EOVERLOADED : KMSG_OK);
    }
    EQ_INT(ended, COUNT - (64 << 20) / LARGE);
    world_end(&w);
}
