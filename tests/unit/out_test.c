/* out_test.c -- the output of a peer: what has left, what is kept, what can still be unsaid. */
#include "test.h"

#include "wire/out.h"

#include <stdlib.h>

static kmi_slab_pool pool;
static kmi_out       out;

/* A frame of `size` bytes; returns its offset. */
static uint64_t put(kmi_kind kind, uint32_t call, size_t size)
{
    kmi_frame f = {.size = size, .kind = (uint8_t)kind, .call = call};
    uint64_t  offset = kmi_out_offset(&out);
    uint8_t  *at;

    OK(kmi_out_reserve(&out, size, KMSG_SEND_QUEUE_MAX, &at));
    memset(at, 0x55, size);
    kmi_frame_put(at, &f);
    kmi_out_commit(&out, size);
    return offset;
}

static void set_up(void)
{
    pool = (kmi_slab_pool){0};
    kmi_out_init(&out, &pool);
}

static void tear_down(void)
{
    kmi_out_done(&out);
    kmi_slab_pool_done(&pool);
}

/* "2:7 3:0 ": kind and call of each frame that waits whole. */
static char   seen[256];
static size_t seen_size;

static void see(void *ctx, uint8_t *frame, uint64_t offset)
{
    kmi_frame f;

    CHECK(ctx == &out);
    CHECK(offset % 8 == 0);
    kmi_frame_get_header(frame, &f);
    seen_size +=
        (size_t)snprintf(seen + seen_size, sizeof seen - seen_size, "%u:%u ", f.kind, f.call);
}

static const char *frames(void)
{
    seen_size = 0;
    seen[0] = '\0';
    kmi_out_each(&out, see, &out);
    return seen;
}

TEST(a_frame_is_padded_with_zeros)
{
    static const uint8_t zeros[7] = {0};

    set_up();
    put(KMI_ANSWER, 1, 17);
    EQ_UINT(kmi_out_waiting(&out), 24);
    EQ_MEM(out.first->data + 17, 7, zeros, 7);
    tear_down();
}

TEST(unsent_is_a_frame_of_which_not_one_byte_has_left)
{
    uint64_t a, b;

    set_up();
    a = put(KMI_CALL, 1, 24);
    b = put(KMI_CALL, 2, 24);
    CHECK(kmi_out_is_unsent(&out, a));
    kmi_out_sent(&out, 1);
    CHECK(!kmi_out_is_unsent(&out, a));
    CHECK(kmi_out_is_unsent(&out, b));
    EQ_STR(frames(), "2:2 ");
    kmi_out_sent(&out, 23);
    CHECK(kmi_out_is_unsent(&out, b));
    EQ_STR(frames(), "2:2 ");
    kmi_out_sent(&out, 24);
    CHECK(!kmi_out_is_unsent(&out, b));
    EQ_UINT(kmi_out_waiting(&out), 0);
    tear_down();
}

TEST(what_has_all_left_gives_its_memory_back)
{
    set_up();
    put(KMI_CALL, 1, 24);
    kmi_out_sent(&out, 24);
    CHECK(out.first == NULL);
    EQ_UINT(pool.count, 1);
    put(KMI_CALL, 1, 24);
    EQ_UINT(pool.count, 0);
    tear_down();
}

TEST(offsets_go_on_when_memory_is_used_anew)
{
    set_up();
    EQ_UINT(put(KMI_CALL, 1, 24), 0);
    kmi_out_sent(&out, 24);
    EQ_UINT(put(KMI_CALL, 1, 32), 24);
    EQ_UINT(put(KMI_CALL, 1, 24), 56);
    tear_down();
}

TEST(offsets_go_on_when_all_was_dropped)
{
    set_up();
    EQ_UINT(put(KMI_CALL, 1, 24), 0);
    kmi_out_done(&out);
    CHECK(!kmi_out_is_unsent(&out, 0));
    EQ_UINT(put(KMI_CALL, 1, 32), 24);
    tear_down();
}

TEST(a_frame_that_is_unsaid_is_skipped_by_who_gets_it)
{
    kmi_frame f;
    uint64_t  b;

    set_up();
    put(KMI_CALL, 1, 24);
    b = put(KMI_CALL, 2, 40);
    kmi_out_void(&out, b);
    kmi_frame_get_header(out.first->data + 24, &f);
    EQ_STR(kmi_frame_check(&f), NULL);
    EQ_UINT(f.kind, KMI_VOID);
    EQ_UINT(f.size, 40);
    tear_down();
}

TEST(only_whole_unsent_requests_are_carried_over_in_order)
{
    set_up();
    put(KMI_CALL, 1, 24);
    put(KMI_TELL, 0, 32);
    put(KMI_CALL, 3, 24);
    put(KMI_ANSWER, 9, 48);
    put(KMI_CALL, 4, 400);
    put(KMI_CANCEL, 1, 16);
    kmi_out_void(&out, put(KMI_CALL, 5, 24));
    put(KMI_TELL, 0, 24);
    kmi_out_sent(&out, 24 + 8);
    seen_size = 0;
    kmi_out_carry(&out, see, &out);
    EQ_STR(seen, "2:3 2:4 3:0 ");
    EQ_STR(frames(), "2:3 2:4 3:0 ");
    EQ_UINT(kmi_out_waiting(&out), 24 + 400 + 24);
    tear_down();
}

TEST(carrying_nothing_over_leaves_nothing)
{
    set_up();
    kmi_out_carry(&out, see, &out);
    put(KMI_ANSWER, 1, 24);
    kmi_out_carry(&out, see, &out);
    EQ_UINT(kmi_out_waiting(&out), 0);
    CHECK(out.first == NULL);
    tear_down();
}

TEST(what_is_sealed_waits_and_cannot_be_changed_any_more)
{
    uint64_t second, third;

    set_up();
    put(KMI_CALL, 1, 24);
    second = put(KMI_CALL, 2, 24);
    third = put(KMI_CALL, 3, 24);
    kmi_out_seal(&out, 32); /* the second one is cut */
    EQ_UINT(kmi_out_waiting(&out), 72);
    CHECK(!kmi_out_is_unsent(&out, second));
    CHECK(kmi_out_is_unsent(&out, third));
    EQ_STR(frames(), "2:3 ");
    kmi_out_sent(&out, 32);
    EQ_UINT(kmi_out_waiting(&out), 40);
    CHECK(kmi_out_is_unsent(&out, third));
    EQ_STR(frames(), "2:3 ");
    tear_down();
}

TEST(what_was_sealed_and_has_not_left_is_carried_over)
{
    uint64_t first;

    set_up();
    first = put(KMI_CALL, 1, 24);
    put(KMI_CALL, 2, 24);
    kmi_out_seal(&out, 48);
    CHECK(!kmi_out_is_unsent(&out, first));
    kmi_out_unseal(&out); /* nobody can read a part of a record */
    CHECK(kmi_out_is_unsent(&out, first));
    kmi_out_carry(&out, see, &out);
    EQ_STR(frames(), "2:1 2:2 ");
    tear_down();
}

TEST(the_limit_is_exact)
{
    uint8_t *at;

    set_up();
    put(KMI_CALL, 1, 24);
    FAILS(kmi_out_reserve(&out, 77, 24 + 79, &at), KMSG_EFULL);
    OK(kmi_out_reserve(&out, 77, 24 + 80, &at));
    kmi_out_sent(&out, 8);
    OK(kmi_out_reserve(&out, 77, 16 + 80, &at));
    tear_down();
}

TEST(control_frames_fit_behind_a_full_queue)
{
    uint8_t *at;

    set_up();
    put(KMI_TELL, 0, KMSG_SEND_QUEUE_MAX);
    FAILS(kmi_out_reserve(&out, 24, KMSG_SEND_QUEUE_MAX, &at), KMSG_EFULL);
    OK(kmi_out_control(&out, KMI_PONG, 0, 0));
    tear_down();
}

/* Frames of many sizes, in chunks of which some are full, come out in order, whatever leaves of
 * them at a time. */
TEST(frames_survive_whatever_leaves_at_a_time)
{
    uint32_t written = 0, left = 0;

    set_up();
    test_seed(7);
    for (int round = 0; round < 2000; round++) {
        size_t waiting = 0;
        for (uint32_t i = test_random() % 8; i > 0; i--)
            put(KMI_CALL, written++, 24 + (size_t)(test_random() % 50000));
        waiting = kmi_out_waiting(&out);
        if (waiting == 0)
            continue;
        if (test_random() % 10 == 0) {
            kmi_out_sent(&out, waiting);
            EQ_UINT(out.requests, 0);
            left = written;
        } else {
            kmi_frame f;
            kmi_out_sent(&out, test_random() % waiting);
            CHECK(out.whole <= out.sent);
            kmi_frame_get_header(out.first->data + out.whole, &f);
            CHECK(f.call >= left && f.call < written);
            left = f.call;
            EQ_UINT(out.requests, written - left);
        }
    }
    tear_down();
}

static size_t held(void)
{
    size_t capacity = 0;

    for (const kmi_slab *chunk = out.first; chunk != NULL; chunk = chunk->next)
        capacity += chunk->capacity;
    return capacity;
}

TEST(little_more_is_held_than_waits)
{
    const size_t most = 600000, size = 4000, chunk = 65536;

    set_up();
    test_seed(1);
    for (int i = 0; i < 100000; i++) {
        if (kmi_out_waiting(&out) + kmi_frame_room(size) <= most)
            put(KMI_TELL, 0, size);
        else
            kmi_out_sent(&out, test_random() % (most / 8));
        CHECK(held() <= kmi_out_waiting(&out) + kmi_out_waiting(&out) / 8 + 2 * chunk);
    }
    tear_down();
}

static void pass(void *ctx, uint8_t *frame, uint64_t offset)
{
    (void)ctx;
    CHECK(kmi_is_request(frame[4]) && offset % 8 == 0);
}

/* Over many chunks: what is found by its offset, unsaid, carried over, handed on and put back. */
TEST(chunks_are_one_output)
{
    uint64_t  at[100];
    kmi_slab *chunk;
    kmi_frame f;

    set_up();
    for (uint32_t i = 0; i < 100; i++)
        at[i] = put(i % 3 == 2 ? KMI_ANSWER : KMI_CALL, i, 5000);
    CHECK(out.first != out.last);
    for (uint32_t i = 0; i < 100; i++) {
        kmi_frame_get_header(kmi_out_frame(&out, at[i]), &f);
        EQ_UINT(f.call, i);
    }
    kmi_out_void(&out, at[99]);
    EQ_UINT(out.requests, 66);
    chunk = kmi_out_take(&out);
    EQ_UINT(kmi_out_waiting(&out), 100 * 5000 - chunk->size);
    kmi_out_put_back(&out, chunk);
    EQ_UINT(out.requests, 66);
    kmi_frame_get_header(kmi_out_frame(&out, at[0]), &f);
    EQ_UINT(f.call, 0);
    kmi_out_sent(&out, 3 * 5000 + 1);
    EQ_UINT(out.requests, 64);
    kmi_out_carry(&out, pass, NULL); /* without the third call, which is cut, and the 98th */
    EQ_UINT(out.requests, 63);
    EQ_UINT(kmi_out_waiting(&out), 63 * 5000);
    tear_down();
}

static void count(void *ctx, uint8_t *frame, uint64_t offset)
{
    uint32_t *next = ctx;
    kmi_frame f;

    kmi_frame_get_header(frame, &f);
    EQ_UINT(f.call, (*next)++);
    EQ_MEM(kmi_out_frame(&out, offset), 16, frame, 16);
}

TEST(one_output_behind_another)
{
    uint32_t next = 0;
    uint8_t *at;
    kmi_out  more;

    set_up();
    for (uint32_t i = 30; i < 60; i++)
        put(KMI_CALL, i, 5000);
    more = out;
    kmi_out_init(&out, &pool);
    for (uint32_t i = 0; i < 30; i++)
        put(KMI_CALL, i, 5000);
    OK(kmi_out_reserve(&out, 70000, KMSG_SEND_QUEUE_MAX, &at)); /* for nothing */
    kmi_out_append(&out, &more);
    CHECK(more.first == NULL);
    EQ_UINT(out.requests, 60);
    EQ_UINT(kmi_out_waiting(&out), 60 * 5000);
    kmi_out_each(&out, count, &next);
    EQ_UINT(next, 60);
    put(KMI_CALL, 60, 24);
    kmi_out_sent(&out, 60 * 5000);
    EQ_UINT(out.requests, 1);
    tear_down();
}
