/* ring_test.c -- the two rings in shared memory: full, empty, around the end, between two threads,
 * and beside somebody who writes there whatever he likes.
 */
#include "test.h"

#include "net/ring.h"

#include <pthread.h>
#include <stdlib.h>

#define SIZE 4096u

typedef struct pair {
    uint8_t *memory;
    size_t   room;
    kmi_ring in; /* the reader's end */
    kmi_ring out;
} pair;

static void pair_init(pair *p, uint32_t size, kmi_ring_way way)
{
    p->room = kmi_rings_room(size);
    p->memory = aligned_alloc(4096, p->room);
    CHECK(p->memory != NULL);
    memset(p->memory, 0, p->room);
    kmi_ring_init(&p->in, p->memory, size, way);
    kmi_ring_init(&p->out, p->memory, size, way);
}

static void pair_done(pair *p)
{
    free(p->memory);
}

static uint8_t byte_at(uint64_t position)
{
    return (uint8_t)(position * 31 + (position >> 8));
}

static void fill(uint8_t *bytes, size_t size, uint64_t from)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(from + i);
}

static void check_bytes(const uint8_t *bytes, size_t size, uint64_t from)
{
    size_t wrong = 0;

    for (size_t i = 0; i < size; i++)
        wrong += bytes[i] != byte_at(from + i);
    EQ_UINT(wrong, 0);
}

/* ---- sizes --------------------------------------------------------------------------------- */

TEST(only_memory_of_two_rings_of_a_power_of_two_is_taken)
{
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MIN)), KMI_RING_MIN);
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MAX)), KMI_RING_MAX);
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MIN / 2)), 0);
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MAX * 2)), 0);
    EQ_UINT(kmi_rings_size(kmi_rings_room(3 * KMI_RING_MIN)), 0);
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MIN) + 1), 0);
    EQ_UINT(kmi_rings_size(kmi_rings_room(KMI_RING_MIN) - 1), 0);
    EQ_UINT(kmi_rings_size(0), 0);
    EQ_UINT(kmi_rings_size(SIZE_MAX), 0);
}

/* ---- between friends ----------------------------------------------------------------------- */

TEST(what_is_written_is_read_in_order_around_the_end_in_any_pieces)
{
    static uint8_t bytes[2 * SIZE];
    pair           p;
    uint64_t       written = 0, read = 0;

    test_seed(1);
    pair_init(&p, SIZE, KMI_RING_TO_DIALLER);
    p.in.at = p.out.at = UINT32_MAX - 10000; /* positions go around, too */
    atomic_store(&p.in.words->written, p.in.at);
    atomic_store(&p.in.words->read, p.in.at);
    while (read < 1000000) {
        size_t    size = test_random() % (test_random() % 3 == 0 ? sizeof bytes : 30);
        ptrdiff_t n;
        fill(bytes, size, written);
        n = kmi_ring_write(&p.out, bytes, size);
        CHECK(n >= 0 && n <= (ptrdiff_t)size);
        EQ_INT(n, size < SIZE - (written - read) ? (intmax_t)size
                                                 : (intmax_t)(SIZE - (written - read)));
        written += (uint64_t)n;
        EQ_INT(kmi_ring_there(&p.in), (intmax_t)(written - read));
        EQ_INT(kmi_ring_left(&p.out), (intmax_t)(SIZE - (written - read)));
        size = test_random() % (test_random() % 3 == 0 ? sizeof bytes : 30);
        n = kmi_ring_read(&p.in, bytes, size);
        CHECK(n >= 0);
        EQ_INT(n, size < written - read ? (intmax_t)size : (intmax_t)(written - read));
        check_bytes(bytes, (size_t)n, read);
        read += (uint64_t)n;
    }
    pair_done(&p);
}

TEST(a_full_ring_takes_nothing_and_an_empty_one_gives_nothing)
{
    static uint8_t bytes[SIZE + 1];
    pair           p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_read(&p.in, bytes, sizeof bytes), 0);
    EQ_INT(kmi_ring_write(&p.out, bytes, sizeof bytes), SIZE);
    EQ_INT(kmi_ring_write(&p.out, bytes, 1), 0);
    EQ_INT(kmi_ring_left(&p.out), 0);
    EQ_INT(kmi_ring_read(&p.in, bytes, 1), 1);
    EQ_INT(kmi_ring_write(&p.out, bytes, 2), 1);
    EQ_INT(kmi_ring_read(&p.in, bytes, sizeof bytes), SIZE);
    EQ_INT(kmi_ring_read(&p.in, bytes, sizeof bytes), 0);
    pair_done(&p);
}

TEST(the_two_ways_do_not_touch_each_other)
{
    static uint8_t ones[SIZE], got[SIZE];
    pair           p;
    kmi_ring       back;

    memset(ones, 1, sizeof ones);
    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    kmi_ring_init(&back, p.memory, SIZE, KMI_RING_TO_DIALLER);
    EQ_INT(kmi_ring_write(&p.out, ones, SIZE), SIZE);
    EQ_INT(kmi_ring_there(&back), 0);
    memset(ones, 2, sizeof ones);
    EQ_INT(kmi_ring_write(&back, ones, SIZE), SIZE);
    EQ_INT(kmi_ring_read(&p.in, got, SIZE), SIZE);
    EQ_UINT(got[0] + got[SIZE - 1], 2);
    pair_done(&p);
}

TEST(a_sleeper_is_woken_once_and_nobody_else)
{
    uint8_t byte = 1;
    pair    p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_write(&p.out, &byte, 1), 1);
    CHECK(!kmi_ring_wakes_reader(&p.out));
    kmi_ring_sleep(&p.in, true);
    CHECK(kmi_ring_wakes_reader(&p.out));
    CHECK(!kmi_ring_wakes_reader(&p.out));
    kmi_ring_sleep(&p.in, true);
    kmi_ring_sleep(&p.in, false);
    CHECK(!kmi_ring_wakes_reader(&p.out));
    pair_done(&p);
}

TEST(who_waits_for_room_is_woken_when_half_of_it_is_free)
{
    static uint8_t bytes[SIZE];
    pair           p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_write(&p.out, bytes, SIZE), SIZE);
    CHECK(!kmi_ring_wakes_writer(&p.in));
    kmi_ring_wait(&p.out, true);
    EQ_INT(kmi_ring_read(&p.in, bytes, SIZE / 2 - 1), SIZE / 2 - 1);
    CHECK(!kmi_ring_wakes_writer(&p.in));
    EQ_INT(kmi_ring_read(&p.in, bytes, 1), 1);
    CHECK(kmi_ring_wakes_writer(&p.in));
    CHECK(!kmi_ring_wakes_writer(&p.in));
    pair_done(&p);
}

TEST(what_who_is_gone_has_not_read_is_taken_back)
{
    static uint8_t bytes[SIZE];
    pair           p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_write(&p.out, bytes, 100), 100);
    EQ_INT(kmi_ring_write(&p.out, bytes, 50), 50);
    EQ_INT(kmi_ring_read(&p.in, bytes, 120), 120);
    EQ_UINT(kmi_ring_take_back(&p.out, 50), 30);
    EQ_UINT(kmi_ring_take_back(&p.out, 50), 0);
    EQ_INT(kmi_ring_write(&p.out, bytes, 10), 10);
    EQ_INT(kmi_ring_write(&p.out, bytes, 10), 10);
    EQ_UINT(kmi_ring_take_back(&p.out, 10), 10); /* of what lies there, the last only */
    pair_done(&p);
}

/* ---- between threads ----------------------------------------------------------------------- */

#define MANY 20000000u

static void *write_many(void *ctx)
{
    static uint8_t bytes[10000];
    pair          *p = ctx;
    uint64_t       at = 0;
    uint32_t       size = 1;

    while (at < MANY) {
        ptrdiff_t n;
        size = (size * 7 + 13) % sizeof bytes;
        if (size > MANY - at)
            size = (uint32_t)(MANY - at);
        fill(bytes, size, at);
        n = kmi_ring_write(&p->out, bytes, size);
        at += n > 0 ? (uint64_t)n : 0;
        if (n < 0)
            break;
    }
    return NULL;
}

TEST(two_threads_see_the_same_bytes)
{
    static uint8_t bytes[10000];
    pair           p;
    pthread_t      writer;
    uint64_t       at = 0, many = MANY;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(pthread_create(&writer, NULL, write_many, &p), 0);
    while (at < many) {
        ptrdiff_t n = kmi_ring_read(&p.in, bytes, sizeof bytes);
        CHECK(n >= 0);
        check_bytes(bytes, (size_t)n, at);
        at += (uint64_t)n;
    }
    pthread_join(writer, NULL);
    EQ_UINT(at, MANY);
    pair_done(&p);
}

/* ---- beside a stranger --------------------------------------------------------------------- */

TEST(a_position_ahead_of_what_can_be_is_a_breach)
{
    uint8_t bytes[64];
    pair    p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    atomic_store(&p.in.words->written, SIZE + 1);
    EQ_INT(kmi_ring_there(&p.in), KMI_RING_BREACH);
    EQ_INT(kmi_ring_read(&p.in, bytes, sizeof bytes), KMI_RING_BREACH);
    atomic_store(&p.in.words->written, SIZE);
    EQ_INT(kmi_ring_read(&p.in, bytes, sizeof bytes), (int)sizeof bytes);
    atomic_store(&p.out.words->read, 1);
    EQ_INT(kmi_ring_left(&p.out), KMI_RING_BREACH);
    EQ_INT(kmi_ring_write(&p.out, bytes, 1), KMI_RING_BREACH);
    pair_done(&p);
}

TEST(a_position_that_goes_back_is_a_breach)
{
    uint8_t bytes[64] = {0};
    pair    p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_write(&p.out, bytes, 64), 64);
    EQ_INT(kmi_ring_read(&p.in, bytes, 64), 64);
    atomic_store(&p.in.words->written, 63);
    EQ_INT(kmi_ring_read(&p.in, bytes, 64), KMI_RING_BREACH);
    CHECK(!kmi_ring_wakes_writer(&p.in));
    atomic_store(&p.out.words->read, UINT32_MAX - SIZE);
    EQ_INT(kmi_ring_write(&p.out, bytes, 64), KMI_RING_BREACH);
    pair_done(&p);
}

/* The own position is published there, and what becomes of that is of no interest here. */
TEST(nobody_reads_his_own_position_from_the_memory)
{
    uint8_t bytes[64] = {0};
    pair    p;

    pair_init(&p, SIZE, KMI_RING_TO_ACCEPTOR);
    EQ_INT(kmi_ring_write(&p.out, bytes, 64), 64);
    atomic_store(&p.out.words->written, 12345);
    EQ_INT(kmi_ring_left(&p.out), SIZE - 64);
    EQ_INT(kmi_ring_write(&p.out, bytes, 64), 64);
    EQ_UINT(atomic_load(&p.out.words->written), 128);
    EQ_INT(kmi_ring_read(&p.in, bytes, 64), 64);
    atomic_store(&p.in.words->read, 999);
    EQ_INT(kmi_ring_there(&p.in), 64);
    pair_done(&p);
}
