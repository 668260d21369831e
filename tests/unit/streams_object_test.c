/* streams_object_test.c -- streams of services that are objects, and addresses in streams. */
#include "flow.h"

/* ---- services at addresses ----------------------------------------------------------------- */

typedef struct ending {
    int      count;
    kmsg_err err;
} ending;

static void ended(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    ending *e = ctx;

    (void)child;
    (void)value;
    e->count++;
    e->err = err;
}

static kmsg_err upload_some(kmsg_peer *peer, uint64_t *ret)
{
    kmsg_stream *s;
    kmsg_err     err = flow_Flow_upload_open(peer, kmsg_str("sum"), &s);

    if (err != KMSG_OK)
        return err;
    for (int i = 0; i < 1000 && err == KMSG_OK; i++)
        err = flow_Flow_upload_put(s, piece_of(1000));
    if (err == KMSG_OK)
        err = flow_Flow_upload_finish(s, NULL, ret);
    kmsg_stream_close(s);
    return err;
}

TEST(a_service_of_its_own_address_streams_on_any_thread)
{
    static const char *const threads[] = {NULL, "streaming", KMSG_OWN_THREAD};
    kmsg_node               *node = kmsg_node_new();
    flow                     f[3];
    ending                   e = {0, KMSG_OK};

    for (int i = 0; i < 3; i++) {
        kmsg_spawn   how = {.thread = threads[i], .returned = ended, .ctx = &e};
        uint64_t     sum = 0;
        kmsg_address at;
        kmsg_peer   *peer;
        f[i] = (flow){.name = ""};
        OK(kmsg_service_new(kmsg_root(node), &flow_Flow_service, &flow_impl, &f[i], &how, &at));
        OK(kmsg_reach(node, at, &peer));
        OK(upload_some(peer, &sum));
        EQ_UINT(sum, 1000000);
    }
    kmsg_node_free(node);
    EQ_INT(e.count, 3);
}

TEST(an_object_that_returns_ends_its_streams)
{
    kmsg_node   *node = kmsg_node_new();
    flow         f = {.name = ""};
    ending       e = {0, KMSG_OK};
    told         up = {0}, down = {0};
    kmsg_spawn   how = {.returned = ended, .ctx = &e};
    kmsg_address at;
    kmsg_peer   *peer;
    kmsg_stream *s;

    OK(kmsg_service_new(kmsg_root(node), &flow_Flow_service, &flow_impl, &f, &how, &at));
    OK(kmsg_reach(node, at, &peer));
    s = flow_Flow_upload_async(peer, kmsg_str("sum"), &up, told_number);
    DRIVE(node, node, f.call != NULL);
    OK(flow_Flow_upload_try_put(s, piece_of(10)));
    f.call = NULL;
    flow_Flow_watch_async(peer, kmsg_str("keep"), 1, &down, told_event, told_done);
    DRIVE(node, node, f.call != NULL);
    OK(kmsg_stop(kmsg_root(node), at));
    DRIVE(node, node, up.count == 1 && down.count == 1 && e.count == 1 && f.overs == 1);
    EQ_INT(up.err, KMSG_EUNAVAILABLE);
    EQ_INT(down.err, KMSG_EUNAVAILABLE);
    EQ_INT(f.ends, 1);
    EQ_INT(f.end, KMSG_ECANCELED);
    kmsg_node_free(node);
    EQ_INT(f.overs, 1);
}

/* ---- addresses ----------------------------------------------------------------------------- */

static void meet(flow *f, kmsg_node *node, kmsg_peer *peer, kmsg_address at, kmsg_address *ret,
                 kmsg_arena *mem)
{
    kmsg_stream *s;

    OK(flow_Flow_meet_open(peer, &s));
    DRIVE(node, f->node, flow_Flow_meet_try_put(s, at) == KMSG_OK);
    f->seen_size = 0;
    DRIVE(node, f->node, f->seen_size > 0);
    OK(kmsg_node_step(f->node));
    OK(flow_Flow_meet_next(s, mem, ret));
    kmsg_stream_close(s);
}

/* C's service is known to A only by way of B. */
TEST(addresses_go_by_stream_but_streams_go_to_neighbours_only)
{
    kmsg_node   *c = kmsg_node_new();
    flow         a, b, f = {.name = ""};
    ending       e = {0, KMSG_OK};
    told         t = {0};
    outcome      o = {0};
    kmsg_spawn   how = {.returned = ended, .ctx = &e};
    kmsg_arena  *mem = kmsg_arena_new();
    kmsg_address at, back;
    kmsg_peer   *peer;

    flow_init(&a, new_path());
    flow_init(&b, new_path());
    OK(kmsg_service_new(kmsg_root(c), &flow_Flow_service, &flow_impl, &f, &how, &at));
    meet(&b, c, flow_dial(c, &b), at, &back, mem);
    meet(&a, b.node, flow_dial(b.node, &a), (kmsg_address){b.seen, b.seen_size}, &back, mem);
    CHECK(a.seen_size > at.size); /* by way of B; on its way back to B that is forgotten */
    EQ_MEM(back.data, back.size, b.seen, b.seen_size);
    OK(kmsg_reach(a.node, (kmsg_address){a.seen, a.seen_size}, &peer));
    flow_Flow_plain_async(peer, 4, &o, sum_done);
    flow_Flow_watch_async(peer, kmsg_str("pump"), 5, &t, told_event, told_done);
    for (int64_t until_ms = clock_ms() + PATIENCE_MS;
         (o.count == 0 || t.count == 0) && clock_ms() < until_ms;) {
        step_both(a.node, b.node, 5);
        step_both(b.node, c, 5);
    }
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 5);
    EQ_INT(t.count, 1);
    EQ_INT(t.err, KMSG_EUNREACHABLE);
    flow_done(&a);
    flow_done(&b);
    kmsg_node_free(c);
    kmsg_arena_free(mem);
}
