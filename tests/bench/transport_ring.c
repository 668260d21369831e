/* transport_ring.c -- the limit between two threads: two rings of slots, one in each direction,
 * each with one writer and one reader. Who finds nothing to do sleeps on a futex; who changes that
 * wakes it, and asks the system only if somebody sleeps.
 */
#define _GNU_SOURCE

#include "transport.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLOTS 1024u

enum { ECHO = '0', PUSH = 'p', COUNT = 'c', END = 'e' };

/* A counter that one thread advances and another waits for. */
typedef struct counter {
    _Alignas(64) _Atomic uint32_t value;
    _Atomic uint32_t sleeping;
} counter;

typedef struct ring {
    counter written;
    counter read;
    uint8_t slots[SLOTS][TRANSPORT_SIZE];
} ring;

typedef struct pair {
    ring      there;
    ring      back;
    pthread_t thread;
    uint64_t  pushed; /* by the server */
    uint64_t  sent;   /* by the client */
} pair;

/* Until the counter is not `old`. The waker changes the value first and then looks whether somebody
 * sleeps; the sleeper says so first and then looks at the value: so one of them sees the other. */
static void await(counter *c, uint32_t old)
{
    while (atomic_load(&c->value) == old) {
        atomic_store(&c->sleeping, 1);
        if (atomic_load(&c->value) == old) {
            syscall(SYS_futex, &c->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
        }
        atomic_store(&c->sleeping, 0);
    }
}

static void advance(counter *c, uint32_t to)
{
    atomic_store(&c->value, to);
    if (atomic_load(&c->sleeping)) {
        syscall(SYS_futex, &c->value, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

/* A free slot, `ahead` of what was published. */
static uint8_t *slot_to_write(ring *r, uint32_t ahead)
{
    uint32_t at = atomic_load_explicit(&r->written.value, memory_order_relaxed) + ahead;
    uint32_t read = atomic_load_explicit(&r->read.value, memory_order_acquire);

    if (at - read == SLOTS) {
        await(&r->read, read);
    }
    return r->slots[at % SLOTS];
}

static void publish(ring *r, uint32_t count)
{
    advance(&r->written, atomic_load_explicit(&r->written.value, memory_order_relaxed) + count);
}

/* How many can be read, at least one. */
static uint32_t readable(ring *r)
{
    uint32_t at = atomic_load_explicit(&r->read.value, memory_order_relaxed);

    await(&r->written, at);
    return atomic_load_explicit(&r->written.value, memory_order_acquire) - at;
}

static uint8_t *slot_to_read(ring *r, uint32_t ahead)
{
    return r->slots[(atomic_load_explicit(&r->read.value, memory_order_relaxed) + ahead) % SLOTS];
}

static void release(ring *r, uint32_t count)
{
    advance(&r->read, atomic_load_explicit(&r->read.value, memory_order_relaxed) + count);
}

/* ---- server ---- */

/* Takes in what is there, then tells at once that it did and what came of it. */
static bool serve_some(pair *p)
{
    uint32_t count = readable(&p->there);
    uint32_t answers = 0;
    bool     going_on = true;

    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *in = slot_to_read(&p->there, i);
        if (in[0] == PUSH) {
            p->pushed++;
        } else if (in[0] == END) {
            going_on = false;
        } else {
            uint8_t *out = slot_to_write(&p->back, answers++);
            memcpy(out, in, TRANSPORT_SIZE);
            if (in[0] == COUNT) {
                memcpy(out + 8, &p->pushed, sizeof p->pushed);
            }
        }
    }
    release(&p->there, count);
    if (answers > 0) {
        publish(&p->back, answers);
    }
    return going_on;
}

static void *serve(void *ctx)
{
    while (serve_some(ctx)) {
    }
    return NULL;
}

static pair *the_pair; /* between threads an address is a pointer, and there is one server */

static void *server_new(transport_kind kind, const char *name, transport_address *ret)
{
    (void)kind;
    (void)name;
    the_pair = bench_alloc(sizeof *the_pair);
    ret->text[0] = '\0';
    BENCH_NEED(pthread_create(&the_pair->thread, NULL, serve, the_pair) == 0);
    return the_pair;
}

static void server_free(void *ctx)
{
    pair *p = ctx;

    pthread_join(p->thread, NULL);
}

/* ---- client ---- */

static void *client_new(transport_kind kind, const char *address)
{
    (void)kind;
    (void)address;
    return the_pair;
}

static void send_one(pair *p, uint8_t what)
{
    uint8_t *out = slot_to_write(&p->there, 0);

    memcpy(out, transport_payload, TRANSPORT_SIZE);
    out[0] = what;
    publish(&p->there, 1);
}

static void ping(void *ctx)
{
    pair *p = ctx;

    send_one(p, ECHO);
    readable(&p->back);
    BENCH_NEED(memcmp(slot_to_read(&p->back, 0), transport_payload, TRANSPORT_SIZE) == 0);
    release(&p->back, 1);
}

static void calls(void *ctx, size_t count)
{
    pair  *p = ctx;
    size_t sent = 0;
    size_t received = 0;

    while (received < count) {
        uint32_t n = 0;
        uint32_t got;

        for (; sent < count && sent - received < TRANSPORT_WINDOW; sent++) {
            memcpy(slot_to_write(&p->there, n++), transport_payload, TRANSPORT_SIZE);
        }
        if (n > 0) {
            publish(&p->there, n);
        }
        got = readable(&p->back);
        release(&p->back, got);
        received += got;
    }
}

static void oneway(void *ctx, size_t count)
{
    pair    *p = ctx;
    uint64_t there;

    for (size_t left = count; left > 0;) {
        uint32_t n = left < 64 ? (uint32_t)left : 64;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t *out = slot_to_write(&p->there, i);
            memcpy(out, transport_payload, TRANSPORT_SIZE);
            out[0] = PUSH;
        }
        publish(&p->there, n);
        left -= n;
    }
    p->sent += count;
    send_one(p, COUNT);
    readable(&p->back);
    memcpy(&there, slot_to_read(&p->back, 0) + 8, sizeof there);
    release(&p->back, 1);
    BENCH_NEED(there == p->sent);
}

static void client_free(void *ctx)
{
    send_one(ctx, END);
}

const transport_ops transport_ring = {server_new, server_free, client_new, ping,
                                      calls,      oneway,      client_free};
