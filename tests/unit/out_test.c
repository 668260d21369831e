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
    pool = (kmi_slab_pool){NULL, 0};
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
    EQ_UINT(out.size, 24);
    EQ_MEM(out.slab->data + 17, 7, zeros, 7);
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
    CHECK(out.slab == NULL);
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

TEST(a_frame_that_is_unsaid_is_skipped_by_who_gets_it)
{
    kmi_frame f;
    uint64_t  b;

    set_up();
    put(KMI_CALL, 1, 24);
    b = put(KMI_CALL, 2, 40);
    kmi_out_void(&out, b);
    kmi_frame_get_header(out.slab->data + 24, &f);
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
    CHECK(out.slab == NULL);
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

TEST(frames_survive_growing_and_shrinking_of_the_buffer)
{
    uint32_t written = 0, left = 0;

    set_up();
    test_seed(7);
    for (int round = 0; round < 2000; round++) {
        size_t waiting = 0;
        for (uint32_t i = test_random() % 8; i > 0; i--)
            put(KMI_CALL, written++, 24 + (size_t)(test_random() % 5000));
        waiting = kmi_out_waiting(&out);
        if (waiting == 0)
            continue;
        if (test_random() % 10 == 0) {
            kmi_out_sent(&out, waiting);
            left = written;
        } else {
            size_t    whole = out.whole;
            kmi_frame f;
            kmi_out_sent(&out, test_random() % waiting);
            CHECK(out.whole <= out.sent);
            CHECK(whole <= out.whole);
            kmi_frame_get_header(out.slab->data + out.whole, &f);
            CHECK(f.call >= left && f.call < written);
            left = f.call;
        }
    }
    tear_down();
}

/* The more of it has left, the less must be held for it. */
TEST(at_most_twice_of_what_waits_is_held)
{
    const size_t most = 600000, size = 4000;

    set_up();
    test_seed(1);
    for (int i = 0; i < 100000; i++) {
        if (kmi_out_waiting(&out) + kmi_frame_room(size) <= most)
            put(KMI_TELL, 0, size);
        else
            kmi_out_sent(&out, test_random() % (most / 8));
        CHECK(out.slab->capacity <= 2 * most);
    }
    tear_down();
}
