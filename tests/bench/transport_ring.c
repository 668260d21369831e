/* transport_ring.c -- the limit between two threads, and between two processes that share memory:
 * two rings of slots, one in each direction, each with one writer and one reader. Who finds nothing
 * to do sleeps, on a futex or in epoll on an eventfd, or spins; who changes that wakes it, and asks
 * the system only if somebody sleeps.
 *
 * raw-batch publishes up to BATCH messages at once, the others each by itself.
 */
#define _GNU_SOURCE

#include "transport_raw.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS_SIZE ((size_t)4 << 20) /* at most, of each ring */
#define SLOTS_MAX  1024u
#define BATCH      128

/* A counter that one side advances and another waits for. */
typedef struct counter {
    _Alignas(64) _Atomic uint32_t value;
    _Atomic uint32_t sleeping;
    int              event; /* of RAW_EPOLL */
    int              epoll;
} counter;

typedef struct ring {
    counter  written;
    counter  read;
    uint32_t slot_count;
    size_t   size;
    size_t   slots; /* where they begin, from here */
} ring;

typedef struct rings {
    ring     there;
    ring     back;
    raw_wait wait;
    size_t   total; /* bytes of all this */
    uint64_t pushed;
} rings;

typedef struct server {
    rings    *shared;
    pthread_t thread;
} server;

typedef struct client {
    rings   *shared;
    raw_wait wait;
    uint32_t batch;
    uint64_t pushed;
} client;

/* ---- waiting ---- */

static void sleep_on(counter *c, uint32_t old, raw_wait wait)
{
    struct epoll_event event;
    uint64_t           count;

    if (wait != RAW_EPOLL) {
        syscall(SYS_futex, &c->value, FUTEX_WAIT, old, NULL, NULL, 0);
        return;
    }
    BENCH_NEED(epoll_wait(c->epoll, &event, 1, -1) == 1);
    BENCH_NEED(read(c->event, &count, sizeof count) == sizeof count);
}

/* To ask for the time costs as much as a round trip, so it is done seldom. */
static void spin_on(counter *c, uint32_t old)
{
    uint64_t end_ns = 0;

    for (uint32_t i = 1; atomic_load_explicit(&c->value, memory_order_acquire) == old; i++) {
        if (i % 16384 != 0) {
            continue;
        }
        if (end_ns != 0 && bench_now_ns() > end_ns) {
            return;
        }
        end_ns = end_ns ? end_ns : bench_now_ns() + RAW_SPIN_NS;
    }
}

/* Until the counter is not `old`. The waker changes the value first and then looks whether somebody
 * sleeps; the sleeper says so first and then looks at the value: so one of them sees the other. */
static void await(counter *c, uint32_t old, raw_wait wait)
{
    if (wait == RAW_SPIN) {
        spin_on(c, old);
    }
    while (atomic_load(&c->value) == old) {
        atomic_store(&c->sleeping, 1);
        if (atomic_load(&c->value) == old) {
            sleep_on(c, old, wait);
        }
        atomic_store(&c->sleeping, 0);
    }
}

static void advance(counter *c, uint32_t to, raw_wait wait)
{
    atomic_store(&c->value, to);
    if (!atomic_load(&c->sleeping)) {
        return;
    }
    if (wait == RAW_EPOLL) {
        BENCH_NEED(write(c->event, &(uint64_t){1}, 8) == 8);
    } else {
        syscall(SYS_futex, &c->value, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

/* ---- a ring ---- */

static uint8_t *slot(ring *r, uint32_t at)
{
    return (uint8_t *)r + r->slots + (at & (r->slot_count - 1)) * r->size;
}

/* A free slot, `ahead` of what was published. */
static uint8_t *slot_to_write(ring *r, uint32_t ahead, raw_wait wait)
{
    uint32_t at = atomic_load_explicit(&r->written.value, memory_order_relaxed) + ahead;
    uint32_t read = atomic_load_explicit(&r->read.value, memory_order_acquire);

    if (at - read == r->slot_count) {
        await(&r->read, read, wait);
    }
    return slot(r, at);
}

static void publish(ring *r, uint32_t count, raw_wait wait)
{
    uint32_t at = atomic_load_explicit(&r->written.value, memory_order_relaxed);
    advance(&r->written, at + count, wait);
}

/* How many can be read, at least one. */
static uint32_t readable(ring *r, raw_wait wait)
{
    uint32_t at = atomic_load_explicit(&r->read.value, memory_order_relaxed);

    await(&r->written, at, wait);
    return atomic_load_explicit(&r->written.value, memory_order_acquire) - at;
}

static uint8_t *slot_to_read(ring *r, uint32_t ahead)
{
    return slot(r, atomic_load_explicit(&r->read.value, memory_order_relaxed) + ahead);
}

static void release(ring *r, uint32_t count, raw_wait wait)
{
    uint32_t at = atomic_load_explicit(&r->read.value, memory_order_relaxed);
    advance(&r->read, at + count, wait);
}

/* ---- both rings ---- */

static void counter_init(counter *c, raw_wait wait)
{
    struct epoll_event event = {.events = EPOLLIN};

    if (wait == RAW_EPOLL) {
        c->event = eventfd(0, EFD_CLOEXEC);
        c->epoll = epoll_create1(EPOLL_CLOEXEC);
        BENCH_NEED(epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->event, &event) == 0);
    }
}

static void ring_init(rings *all, ring *r, size_t slots, uint32_t slot_count, size_t size)
{
    counter_init(&r->written, all->wait);
    counter_init(&r->read, all->wait);
    r->slot_count = slot_count;
    r->size = size;
    r->slots = (size_t)((uint8_t *)all - (uint8_t *)r) + slots;
}

/* In a file of /dev/shm where two processes share it: `fd`, else -1. */
static rings *rings_new(size_t size, raw_wait wait, int fd)
{
    size_t slot_count = SLOTS_SIZE / size < SLOTS_MAX ? SLOTS_SIZE / size : SLOTS_MAX;
    size_t head = (sizeof(rings) + 4095) / 4096 * 4096;
    size_t total = head + 2 * slot_count * size;
    rings *all;

    BENCH_NEED(fd < 0 || ftruncate(fd, (off_t)total) == 0);
    all =
        mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    BENCH_NEED(all != MAP_FAILED);
    memset(all, 0, total);
    all->wait = wait;
    all->total = total;
    ring_init(all, &all->there, head, (uint32_t)slot_count, size);
    ring_init(all, &all->back, head + slot_count * size, (uint32_t)slot_count, size);
    return all;
}

/* ---- server ---- */

/* True if there is an answer; then it is in the slot `answers` behind what was published. */
static bool answer_one(rings *all, const uint8_t *in, uint32_t answers)
{
    uint8_t *out;

    BENCH_NEED(transport_is_whole(in, all->there.size));
    if (in[0] == RAW_PUSH) {
        all->pushed++;
        return false;
    }
    out = slot_to_write(&all->back, answers, all->wait);
    if (in[0] == RAW_ACKED) {
        memcpy(out, &all->pushed, RAW_ACK_SIZE);
        return true;
    }
    memcpy(out, in, all->there.size);
    if (in[0] == RAW_COUNT) {
        memcpy(out + 8, &all->pushed, sizeof all->pushed);
    }
    return true;
}

/* Takes in what is there, then tells at once that it did and what came of it. */
static bool serve_some(rings *all)
{
    uint32_t count = readable(&all->there, all->wait);
    uint32_t answers = 0;
    bool     going_on = true;

    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *in = slot_to_read(&all->there, i);
        if (in[0] == RAW_END) {
            going_on = false;
        } else if (answer_one(all, in, answers)) {
            answers++;
        }
    }
    release(&all->there, count, all->wait);
    if (answers > 0) {
        publish(&all->back, answers, all->wait);
    }
    return going_on;
}

static void *serve(void *ctx)
{
    while (serve_some(ctx)) {
    }
    return NULL;
}

static server *serve_rings(rings *shared)
{
    server *s = bench_alloc(sizeof *s);

    s->shared = shared;
    BENCH_NEED(pthread_create(&s->thread, NULL, serve, s->shared) == 0);
    return s;
}

static void *serve_threads(const transport_case *c, raw_wait wait, transport_address *ret)
{
    server *s = serve_rings(rings_new(c->size, wait, -1));

    snprintf(ret->text, sizeof ret->text, "%p", (void *)s->shared);
    return s;
}

static void *serve_processes(const transport_case *c, raw_wait wait, transport_address *ret)
{
    int     fd;
    server *s;

    snprintf(ret->text, sizeof ret->text, "/kmsg-bench-%d", (int)getpid());
    fd = shm_open(ret->text, O_RDWR | O_CREAT | O_EXCL, 0600);
    BENCH_NEED(fd >= 0);
    s = serve_rings(rings_new(c->size, wait, fd));
    close(fd);
    return s;
}

static void *threads_blocking(const transport_case *c, const char *name, transport_address *ret)
{
    (void)name;
    return serve_threads(c, RAW_BLOCK, ret);
}

static void *threads_epoll(const transport_case *c, const char *name, transport_address *ret)
{
    (void)name;
    return serve_threads(c, RAW_EPOLL, ret);
}

static void *threads_spinning(const transport_case *c, const char *name, transport_address *ret)
{
    (void)name;
    return serve_threads(c, RAW_SPIN, ret);
}

static void *processes_blocking(const transport_case *c, const char *name, transport_address *ret)
{
    (void)name;
    return serve_processes(c, RAW_BLOCK, ret);
}

static void *processes_spinning(const transport_case *c, const char *name, transport_address *ret)
{
    (void)name;
    return serve_processes(c, RAW_SPIN, ret);
}

static void server_free(void *ctx)
{
    server *s = ctx;

    pthread_join(s->thread, NULL);
    munmap(s->shared, s->shared->total);
}

/* ---- client ---- */

/* The name has done its work when the client has it. */
static rings *find_rings(const transport_address *at)
{
    void *shared;
    off_t size;
    int   fd;

    if (at->text[0] != '/') {
        BENCH_NEED(sscanf(at->text, "%p", &shared) == 1);
        return shared;
    }
    fd = shm_open(at->text, O_RDWR, 0600);
    BENCH_NEED(fd >= 0 && (size = lseek(fd, 0, SEEK_END)) > 0);
    shared = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    BENCH_NEED(shared != MAP_FAILED);
    close(fd);
    shm_unlink(at->text);
    return shared;
}

static void *client_new(const transport_case *c, const transport_address *at)
{
    client *it = bench_alloc(sizeof *it);

    (void)c;
    it->shared = find_rings(at);
    it->wait = it->shared->wait;
    it->batch = 1;
    return it;
}

static void *client_batch(const transport_case *c, const transport_address *at)
{
    client *it = client_new(c, at);

    it->batch = BATCH < it->shared->there.slot_count / 2 ? BATCH : it->shared->there.slot_count / 2;
    return it;
}

static void put(client *c, size_t count, uint8_t what)
{
    ring *there = &c->shared->there;

    for (uint32_t i = 0; i < count; i++) {
        uint8_t *out = slot_to_write(there, i, c->wait);
        memcpy(out, transport_payload, there->size);
        out[0] = what;
    }
    publish(there, (uint32_t)count, c->wait);
}

static void client_free(void *ctx)
{
    put(ctx, 1, RAW_END);
}

static void take(client *c, void *ret, size_t size)
{
    ring *back = &c->shared->back;

    readable(back, c->wait);
    BENCH_NEED(transport_is_whole(slot_to_read(back, 0), back->size));
    memcpy(ret, slot_to_read(back, 0), size);
    release(back, 1, c->wait);
}

static void ping(void *ctx)
{
    client *c = ctx;
    uint8_t begin[16];

    put(c, 1, RAW_ECHO);
    take(c, begin, sizeof begin);
    BENCH_NEED(memcmp(begin, transport_payload, sizeof begin) == 0);
}

static uint32_t take_answers(client *c, uint8_t asked)
{
    ring    *back = &c->shared->back;
    uint32_t count = readable(back, c->wait);

    for (uint32_t i = 0; i < count; i++) {
        BENCH_NEED(asked == RAW_ACKED || transport_is_whole(slot_to_read(back, i), back->size));
    }
    release(back, count, c->wait);
    return count;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void ask(client *c, size_t count, size_t window, uint8_t what)
{
    size_t sent = 0;
    size_t received = 0;

    window = least(window, c->shared->back.slot_count);
    while (received < count) {
        size_t n;
        while ((n = least(least(window - (sent - received), count - sent), c->batch)) > 0) {
            put(c, n, what);
            sent += n;
        }
        received += take_answers(c, what);
    }
}

static void calls(void *ctx, size_t count)
{
    ask(ctx, count, TRANSPORT_WINDOW, RAW_ECHO);
}

static void acked(void *ctx, size_t count)
{
    ask(ctx, count, TRANSPORT_ACKED_WINDOW, RAW_ACKED);
}

static void oneway(void *ctx, size_t count)
{
    client  *c = ctx;
    uint64_t begin[2];

    for (size_t left = count; left > 0;) {
        size_t n = least(left, c->batch);
        put(c, n, RAW_PUSH);
        left -= n;
    }
    c->pushed += count;
    put(c, 1, RAW_COUNT);
    take(c, begin, sizeof begin);
    BENCH_NEED(begin[1] == c->pushed);
}

#define ROUND_TRIPS(server)                                                                        \
    .server_new = (server), .server_free = server_free, .client_new = client_new,                  \
    .client_free = client_free, .ping = ping
#define BATCHES(server)                                                                            \
    .server_new = (server), .server_free = server_free, .client_new = client_batch,                \
    .client_free = client_free, .calls = calls, .oneway = oneway, .acked = acked

const transport_ops raw_ring_epoll = {ROUND_TRIPS(threads_epoll)};
const transport_ops raw_ring_spin = {ROUND_TRIPS(threads_spinning)};
const transport_ops raw_ring_blocking = {ROUND_TRIPS(threads_blocking), .oneway = oneway};
const transport_ops raw_ring_batch = {BATCHES(threads_blocking)};
const transport_ops raw_shared_spin = {ROUND_TRIPS(processes_spinning)};
const transport_ops raw_shared_blocking = {ROUND_TRIPS(processes_blocking), .oneway = oneway};
const transport_ops raw_shared_batch = {BATCHES(processes_blocking)};
