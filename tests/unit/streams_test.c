/* streams_test.c -- streams of methods: each direction, what slows them down, and all the ways in
 * which they end.
 */
#include "flow.h"

#include "core/stream.h"

#define WINDOW ((int64_t)KMSG_STREAM_WINDOW)

/* ---- each direction, waiting --------------------------------------------------------------- */

static void upload(world *w, const char *name, int count, size_t size)
{
    kmsg_stream *s;
    uint64_t     sum = 0;

    OK(flow_Flow_upload_open(w->peer, kmsg_str(name), &s));
    for (int i = 0; i < count; i++)
        OK(flow_Flow_upload_put(s, piece_of(size)));
    OK(flow_Flow_upload_finish(s, w->mem, &sum));
    EQ_UINT(sum, (uint64_t)count * size);
    FAILS(flow_Flow_upload_put(s, piece_of(1)), KMSG_END);
    kmsg_stream_close(s);
}

static void watch(world *w, const char *key, int64_t count)
{
    kmsg_stream *s;
    flow_Event   event;
    int64_t      n = 0;
    kmsg_err     err;

    OK(flow_Flow_watch_open(w->peer, kmsg_str(key), count, &s));
    while ((err = flow_Flow_watch_next(s, w->mem, &event)) == KMSG_OK) {
        EQ_INT(event.at, n++);
        EQ_STR(event.text.data, "something has happened");
        kmsg_arena_reset(w->mem);
    }
    EQ_INT(err, KMSG_END);
    EQ_INT(n, count);
    EQ_INT(flow_Flow_watch_next(s, w->mem, &event), KMSG_END);
    kmsg_stream_close(s);
}

static void talk_on(world *w, int count)
{
    kmsg_stream *s;
    int64_t      twice;

    OK(flow_Flow_talk_open(w->peer, &s));
    for (int i = 0; i < count; i++) {
        OK(flow_Flow_talk_put(s, i));
        OK(flow_Flow_talk_next(s, NULL, &twice));
        EQ_INT(twice, 2 * i);
    }
    kmsg_stream_end(s);
    EQ_INT(flow_Flow_talk_next(s, NULL, &twice), KMSG_END);
    FAILS(flow_Flow_talk_put(s, 1), KMSG_END);
    kmsg_stream_close(s);
}

static void log_to(world *w, int count)
{
    kmsg_stream *s;

    OK(flow_Flow_log_open(w->peer, &s));
    for (int i = 0; i < count; i++) {
        flow_Event event = event_of(i);
        OK(flow_Flow_log_put(s, &event));
    }
    OK(flow_Flow_log_finish(s));
    kmsg_stream_close(s);
}

static void all_directions(const char *url)
{
    static const int counts[] = {0, 1, 2, 1000, 20000};
    world            w;

    world_begin(&w, url);
    OK(kmsg_start(w.f.node));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        upload(&w, "sum", counts[i], 40);
        upload(&w, "wait", counts[i], 40);
        watch(&w, "now", counts[i]);
        watch(&w, "pump", counts[i]);
        log_to(&w, counts[i]);
        talk_on(&w, counts[i] > 1000 ? 1000 : counts[i]);
    }
    upload(&w, "sum", 200, sizeof flow_zeros);
    upload(&w, "wait", 200, sizeof flow_zeros);
    world_end(&w);
}

TEST(streams_go_in_all_directions_between_threads)
{
    all_directions("inproc:streams");
}

TEST(streams_go_in_all_directions_over_unix_sockets)
{
    all_directions(new_path());
}

TEST(streams_go_in_all_directions_over_tcp)
{
    all_directions("tcp:127.0.0.1:0");
}

TEST(a_node_streams_to_itself)
{
    world w;

    world_begin(&w, NULL);
    upload(&w, "sum", 20000, 100);
    watch(&w, "pump", 20000);
    watch(&w, "now", 100); /* as much as there is room for */
    talk_on(&w, 100);
    world_end(&w);
}

TEST(a_handler_that_waits_for_its_own_node_is_told_at_once)
{
    kmsg_stream *s;
    flow_Event   event;
    int64_t      start = clock_ms();
    world        w;

    world_begin(&w, NULL);
    OK(flow_Flow_upload_open(w.peer, kmsg_str("wait"), &s));
    OK(flow_Flow_upload_put(s, piece_of(5)));
    FAILS(flow_Flow_upload_finish(s, w.mem, &(uint64_t){0}), KMSG_OK); /* all is there already */
    kmsg_stream_close(s);
    OK(flow_Flow_log_open(w.peer, &s));
    DRIVE(w.f.node, w.f.node, w.f.err == KMSG_EDEADLOCK);
    event = event_of(0);
    FAILS(flow_Flow_log_put(s, &event), KMSG_EDEADLOCK);
    kmsg_stream_close(s);
    OK(flow_Flow_watch_open(w.peer, kmsg_str("now"), 100000, &s));
    DRIVE(w.f.node, w.f.node, w.f.items > 1000 && w.f.err == KMSG_EDEADLOCK);
    CHECK(w.f.items < 100000);
    kmsg_stream_close(s);
    CHECK(clock_ms() - start < PATIENCE_MS);
    world_end(&w);
}

/* ---- being told ---------------------------------------------------------------------------- */

TEST(a_caller_is_told_of_each_item_and_once_of_the_end)
{
    static const int64_t counts[] = {0, 1, 30000};
    world                w;

    world_begin(&w, new_path());
    for (size_t i = 0; i < 3; i++) {
        told t = {0};
        flow_Flow_watch_async(w.peer, kmsg_str("pump"), counts[i], &t, told_event, told_done);
        EQ_INT(t.items, 0);
        DRIVE(w.node, w.f.node, t.count > 0);
        EQ_INT(t.items, counts[i]);
        EQ_INT(t.err, KMSG_OK);
        EQ_INT(t.count, 1);
    }
    world_end(&w);
}

TEST(a_caller_sends_as_there_is_room_and_is_told_of_the_answer)
{
    told         t = {0};
    int64_t      sent = 0, total = 5000;
    kmsg_stream *s;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &t, told_number);
    CHECK(s != NULL);
    EQ_INT(flow_Flow_upload_try_put(s, piece_of(1000)), KMSG_EFULL); /* there is no link yet */
    kmsg_stream_on_room(s, &t, told_room);
    EQ_INT(t.room, 0);
    while (sent < total) {
        int rooms = t.room;
        DRIVE(w.node, w.f.node, t.room > rooms);
        while (sent < total && flow_Flow_upload_try_put(s, piece_of(1000)) == KMSG_OK)
            sent++;
        kmsg_stream_on_room(s, &t, told_room);
    }
    kmsg_stream_end(s);
    FAILS(flow_Flow_upload_try_put(s, piece_of(1)), KMSG_ECLOSED);
    DRIVE(w.node, w.f.node, t.count > 0);
    EQ_INT(t.err, KMSG_OK);
    EQ_UINT(t.number, (uint64_t)total * 1000);
    EQ_INT(w.f.ends, 1);
    EQ_INT(w.f.end, KMSG_END);
    world_end(&w);
}

TEST(what_is_put_into_no_stream_is_refused)
{
    FAILS(flow_Flow_upload_put(NULL, piece_of(1)), KMSG_ECLOSED);
    FAILS(flow_Flow_upload_try_put(NULL, piece_of(1)), KMSG_ECLOSED);
    kmsg_stream_end(NULL);
    kmsg_stream_close(NULL);
    kmsg_stream_on_room(NULL, NULL, told_room);
}

/* ---- room ---------------------------------------------------------------------------------- */

static int64_t fill(kmsg_stream *s, size_t size)
{
    int64_t  n = 0;
    kmsg_err err;

    while ((err = flow_Flow_upload_try_put(s, piece_of(size))) == KMSG_OK)
        n++;
    EQ_INT(err, KMSG_EFULL);
    return n;
}

TEST(a_reader_that_is_slow_stops_its_own_stream_and_nothing_else)
{
    told         slow = {0}, fast = {0}, room = {0};
    outcome      plain = {0};
    kmsg_stream *s, *other;
    kmsg_call   *kept;
    int64_t      n;
    world        w;

    world_begin(&w, new_path());
    s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &slow, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    kept = w.f.call;
    n = fill(s, 1000);
    EQ_INT(n, (WINDOW + 1031) / 1032); /* an item, its header, the record around it */
    kmsg_stream_on_room(s, &room, told_room);
    flow_Flow_plain_async(w.peer, 1, &plain, sum_done);
    other = flow_Flow_upload_async(w.peer, kmsg_str("sum"), &fast, told_number);
    DRIVE(w.node, w.f.node, plain.count == 1 && w.f.call != kept);
    fill(other, 1000);
    kmsg_stream_end(other);
    DRIVE(w.node, w.f.node, fast.count == 1);
    EQ_INT(fast.err, KMSG_OK);
    EQ_INT(room.room, 0);
    EQ_INT(flow_Flow_upload_try_put(s, piece_of(1000)), KMSG_EFULL);
    EQ_INT(slow.count, 0);

    w.f.bytes = 0;
    w.f.name = "keep";
    flow_Flow_upload_receive_async(kept, &w.f, flow_received);
    DRIVE(w.node, w.f.node, room.room == 1);
    OK(flow_Flow_upload_try_put(s, piece_of(1)));
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, slow.count == 1);
    EQ_UINT(slow.number, (uint64_t)n * 1000 + 1);
    world_end(&w);
}

TEST(a_window_may_be_set_and_one_item_may_go_beyond_it)
{
    told         t = {0};
    kmsg_stream *s;
    world        w;

    world_begin(&w, NULL);
    FAILS(kmsg_node_set_stream_window(w.f.node, 1023), KMSG_EINVAL);
    FAILS(kmsg_node_set_stream_window(w.f.node, ((size_t)1 << 30) + 1), KMSG_EINVAL);
    OK(kmsg_node_set_stream_window(w.f.node, 1024));
    OK(kmsg_listen(w.f.node, new_path(), &w.f.listener));
    w.peer = flow_dial(w.node, &w.f);
    s = flow_Flow_upload_async(w.peer, kmsg_str("keep"), &t, told_number);
    DRIVE(w.node, w.f.node, w.f.call != NULL);
    EQ_INT(fill(s, 1000), 1);
    flow_Flow_upload_receive_async(w.f.call, &w.f, flow_received);
    DRIVE(w.node, w.f.node, w.f.items == 1);
    kmsg_stream_on_room(s, &t, told_room);
    DRIVE(w.node, w.f.node, t.room == 1);
    OK(flow_Flow_upload_try_put(s, piece_of(sizeof flow_zeros)));
    EQ_INT(flow_Flow_upload_try_put(s, piece_of(1)), KMSG_EFULL);
    kmsg_stream_end(s);
    DRIVE(w.node, w.f.node, t.count == 1);
    EQ_UINT(t.number, 1000 + sizeof flow_zeros);
    world_end(&w);
}
