/* world.c -- time, chance, processes and fibers: read world_run() first, then poll_loop().
 *
 * Events lie in one heap, by time and then by the order in which they were asked for. Nothing goes
 * by addresses or by the order of a hash, so a seed tells the whole run. A fiber is a context with
 * a stack of its own; it gives way in poll(), and the world's loop takes over. Each turn costs it
 * some microseconds, so that nothing goes on for ever without time passing.
 *
 * What a process allocates is chained to it: when it is killed, all of it is freed at once, as the
 * system would do, and what was on the stacks of its fibers is forgotten.
 */
#define _XOPEN_SOURCE 700
#include "inside.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "base/alloc.h"
#include "base/err.h"

#define FIBERS_MAX    64
#define STACK_SIZE    ((size_t)256 << 10)
#define PROCESSES_MAX 256
#define GARBAGE       0xd5 /* what new memory holds, at its beginning: no pointer and no zero */
#define GARBAGE_MAX   256
#define TURNS_MAX     2000000 /* of all fibers: a play that needs more goes round and round */
#define TURN_MIN_NS   1000
#define TURN_RANGE_NS 20000

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

typedef struct event {
    int64_t   at_ns;
    uint64_t  order;
    world_fn *fn;
    void     *ctx;
    uint64_t  arg;
} event;

struct fiber {
    ucontext_t     context;
    uint8_t       *stack;
    void          *shadow; /* of the thread sanitizer */
    world_process *process;
    void (*run)(void *ctx);
    void   *ctx;
    int64_t earliest_ns; /* its last turn takes until then */
    int64_t set_ns;      /* when it will be run */
    bool    set;
    bool    used;
};

struct kmi_thread {
    fiber *fiber; /* NULL: it has ended */
    fiber *joiner;
    void (*run)(void *ctx);
    void *ctx;
};

typedef struct block {
    world_process *owner;
    struct block  *next;
    struct block  *prev;
    size_t         size;
} block;

struct world_process {
    unsigned  host;
    unsigned  open;
    uint32_t  starve;
    int64_t   paused_ns; /* until then */
    size_t    bytes;
    size_t    peak;
    block    *blocks;
    kmi_loop *loops;
};

world_rules world_law;

static struct {
    event        *heap; /* from 1 */
    size_t        count;
    size_t        capacity;
    uint64_t      order;
    int64_t       now_ns;
    int64_t       until_ns; /* of world_run() */
    uint64_t      random;
    uint64_t      digest;
    bool          loud;
    bool          stopped;
    unsigned      turns;
    ucontext_t    main;
    void         *main_shadow;
    fiber        *running;
    fiber         fibers[FIBERS_MAX];
    world_process processes[PROCESSES_MAX];
    world_process nobody; /* what is allocated outside of all processes */
    unsigned      process_count;
} w;

/* ---- chance, time, notes --------------------------------------------------------------------- */

/* xorshift64* over a seed that was mixed first, so that near seeds are far apart. */
uint64_t world_random(void)
{
    w.random ^= w.random >> 12;
    w.random ^= w.random << 25;
    w.random ^= w.random >> 27;
    return w.random * UINT64_C(2685821657736338717);
}

uint32_t world_below(uint32_t limit)
{
    return (uint32_t)(((world_random() >> 32) * limit) >> 32);
}

bool world_chance(uint32_t per_mille)
{
    return per_mille > 0 && world_below(1000) < per_mille;
}

int64_t world_now(void)
{
    return w.now_ns;
}

static void mix(uint64_t value)
{
    w.digest = (w.digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    w.digest ^= w.digest >> 29;
}

void world_note(const char *what, uint64_t a, uint64_t b)
{
    uint64_t word = 0;

    memcpy(&word, what, strlen(what) < sizeof word ? strlen(what) : sizeof word);
    mix(word);
    mix((uint64_t)w.now_ns);
    mix(a);
    mix(b);
    if (w.loud)
        printf("%12.6f  %-24s %llu %llu\n", (double)w.now_ns / 1e9, what, (unsigned long long)a,
               (unsigned long long)b);
}

uint64_t world_digest(void)
{
    return w.digest;
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool before(const event *a, const event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void push(event e)
{
    size_t i = ++w.count;

    if (i >= w.capacity) {
        w.capacity = w.capacity == 0 ? 1024 : w.capacity * 2;
        w.heap = realloc(w.heap, w.capacity * sizeof *w.heap);
    }
    for (; i > 1 && before(&e, &w.heap[i / 2]); i /= 2)
        w.heap[i] = w.heap[i / 2];
    w.heap[i] = e;
}

static event pop(void)
{
    event  first = w.heap[1], last = w.heap[w.count--];
    size_t i = 1;

    for (;;) {
        size_t child = 2 * i;
        if (child > w.count)
            break;
        if (child < w.count && before(&w.heap[child + 1], &w.heap[child]))
            child++;
        if (!before(&w.heap[child], &last))
            break;
        w.heap[i] = w.heap[child];
        i = child;
    }
    w.heap[i] = last;
    return first;
}

void world_at(int64_t at_ns, world_fn *fn, void *ctx, uint64_t arg)
{
    push((event){at_ns < w.now_ns ? w.now_ns : at_ns, w.order++, fn, ctx, arg});
}

void world_run(int64_t until_ns)
{
    w.until_ns = until_ns;
    while (!w.stopped && w.count > 0 && w.heap[1].at_ns <= until_ns) {
        event e = pop();
        w.now_ns = e.at_ns;
        e.fn(e.ctx, e.arg);
    }
    if (!w.stopped && w.now_ns < until_ns && until_ns != KMI_NEVER)
        w.now_ns = until_ns;
}

void world_stop(void)
{
    w.stopped = true;
}

/* ---- fibers ---------------------------------------------------------------------------------- */

static void switch_to(fiber *f)
{
    fiber *from = w.running;

    w.running = f;
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(f == NULL ? w.main_shadow : f->shadow, 0);
#endif
    swapcontext(from == NULL ? &w.main : &from->context, f == NULL ? &w.main : &f->context);
}

static void resume(void *ctx, uint64_t at_ns)
{
    fiber *f = ctx;

    if (!f->used || !f->set || f->set_ns != (int64_t)at_ns)
        return; /* it was asked for another time since, or is no more */
    if (f->process->paused_ns > w.now_ns) {
        f->set_ns = f->process->paused_ns;
        world_at(f->set_ns, resume, f, (uint64_t)f->set_ns);
        return;
    }
    f->set = false;
    switch_to(f);
}

static void set_fiber(fiber *f, int64_t at_ns)
{
    if (at_ns < f->earliest_ns)
        at_ns = f->earliest_ns;
    if (at_ns < w.now_ns)
        at_ns = w.now_ns;
    if (f->set && f->set_ns <= at_ns)
        return;
    f->set = true;
    f->set_ns = at_ns;
    world_at(at_ns, resume, f, (uint64_t)at_ns);
}

static void enter(void)
{
    fiber *f = w.running;

    f->run(f->ctx);
    f->used = false;
    switch_to(NULL);
}

static fiber *spare_fiber(void)
{
    for (fiber *f = w.fibers; f < w.fibers + FIBERS_MAX; f++)
        if (!f->used && !f->set)
            return f;
    return NULL;
}

static void init_context(fiber *f)
{
    if (f->stack == NULL)
        f->stack = malloc(STACK_SIZE);
#if defined(__SANITIZE_THREAD__)
    if (f->shadow != NULL)
        __tsan_destroy_fiber(f->shadow);
    f->shadow = __tsan_create_fiber(0);
#endif
    getcontext(&f->context);
    f->context.uc_stack.ss_sp = f->stack;
    f->context.uc_stack.ss_size = STACK_SIZE;
    f->context.uc_link = NULL;
    makecontext(&f->context, enter, 0);
}

static fiber *new_fiber(world_process *process, void (*run)(void *ctx), void *ctx)
{
    fiber *f = spare_fiber();

    if (f == NULL)
        return NULL;
    init_context(f);
    f->process = process;
    f->run = run;
    f->ctx = ctx;
    f->earliest_ns = 0;
    f->used = true;
    set_fiber(f, w.now_ns);
    return f;
}

void world_start(world_process *process, void (*run)(void *ctx), void *ctx)
{
    if (new_fiber(process, run, ctx) == NULL)
        abort();
}

/* Nothing happens before: then the fiber need not be left, which takes system calls. */
static bool is_next(const fiber *f, int64_t at_ns)
{
    return !w.stopped && at_ns <= w.until_ns && at_ns >= f->process->paused_ns &&
           (w.count == 0 || w.heap[1].at_ns > at_ns);
}

/* The running fiber waits until somebody sets it, or that time. */
static void give_way(int64_t until_ns)
{
    fiber  *f = w.running;
    int64_t at_ns = until_ns < f->earliest_ns ? f->earliest_ns : until_ns;

    if (until_ns != KMI_NEVER && is_next(f, at_ns)) {
        w.now_ns = at_ns < w.now_ns ? w.now_ns : at_ns;
        return;
    }
    if (until_ns != KMI_NEVER)
        set_fiber(f, at_ns);
    switch_to(NULL);
}

void world_busy(int64_t ns)
{
    w.running->earliest_ns = w.now_ns + ns;
    give_way(w.now_ns + ns);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static world_process *current(void)
{
    return w.running == NULL ? &w.nobody : w.running->process;
}

static void unchain(block *b)
{
    b->owner->bytes -= b->size;
    if (b->prev != NULL)
        b->prev->next = b->next;
    else
        b->owner->blocks = b->next;
    if (b->next != NULL)
        b->next->prev = b->prev;
}

static void chain(block *b, world_process *p, size_t size)
{
    *b = (block){p, p->blocks, NULL, size};
    if (b->next != NULL)
        b->next->prev = b;
    p->blocks = b;
    p->bytes += size;
    if (p->bytes > p->peak)
        p->peak = p->bytes;
}

static void *resize(void *ctx, void *old, size_t size)
{
    block *b = old == NULL ? NULL : (block *)old - 1, *larger;
    size_t kept = b == NULL ? 0 : b->size;

    (void)ctx;
    if (size > kept && world_chance(current()->starve))
        return NULL;
    larger = size == 0 ? NULL : malloc(sizeof *larger + size);
    if (larger != NULL) {
        chain(larger, current(), size);
        memset(larger + 1, GARBAGE, size < GARBAGE_MAX ? size : GARBAGE_MAX);
        memcpy(larger + 1, old == NULL ? (void *)larger : old, kept < size ? kept : size);
    }
    if (b != NULL && (size == 0 || larger != NULL)) {
        unchain(b);
        free(b);
    }
    return larger == NULL ? NULL : larger + 1;
}

static void free_all(world_process *p)
{
    while (p->blocks != NULL) {
        block *b = p->blocks;
        p->blocks = b->next;
        free(b);
    }
    p->bytes = 0;
}

/* ---- processes ------------------------------------------------------------------------------- */

world_process *world_process_new(unsigned host)
{
    world_process *p = &w.processes[w.process_count++];

    if (w.process_count > PROCESSES_MAX)
        abort();
    *p = (world_process){.host = host};
    return p;
}

static void end_process(world_process *p, bool silently)
{
    for (fiber *f = w.fibers; f < w.fibers + FIBERS_MAX; f++)
        if (f->used && f->process == p)
            f->used = f->set = false;
    while (p->loops != NULL) {
        kmi_loop *loop = p->loops;
        p->loops = loop->next;
        loop_abandon(loop, silently);
        free(loop);
    }
    memory_abandon(p);
    p->open = 0;
    free_all(p);
}

void world_kill(world_process *p)
{
    world_note("kill", (uint64_t)(p - w.processes), p->host);
    end_process(p, false);
}

void world_vanish(world_process *p)
{
    world_note("vanish", (uint64_t)(p - w.processes), p->host);
    end_process(p, true);
}

void world_pause(world_process *p, int64_t until_ns)
{
    world_note("pause", (uint64_t)(p - w.processes), (uint64_t)until_ns);
    p->paused_ns = until_ns;
}

void world_starve(world_process *p, uint32_t chance)
{
    world_note("starve", (uint64_t)(p - w.processes), chance);
    p->starve = chance;
}

size_t world_bytes(const world_process *p)
{
    return p == NULL ? w.nobody.bytes : p->bytes;
}

size_t world_peak(const world_process *p)
{
    return p->peak;
}

unsigned world_open(const world_process *p)
{
    return p->open;
}

unsigned process_host(const world_process *p)
{
    return p->host;
}

uint32_t process_starve(const world_process *p)
{
    return p->starve;
}

world_process *process_running(void)
{
    return current();
}

void process_opened(world_process *p, int change)
{
    p->open += (unsigned)change;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

void world_begin(uint64_t seed, bool loud)
{
    uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    w.random = (z ^ z >> 31) | 1;
    w.digest = 0;
    w.count = 0;
    w.order = 0;
    w.now_ns = WORLD_S;
    w.loud = loud;
    w.stopped = false;
    w.turns = 0;
    w.process_count = 0;
    w.nobody = (world_process){0};
#if defined(__SANITIZE_THREAD__)
    w.main_shadow = __tsan_get_current_fiber();
#endif
    network_begin();
    kmsg_set_allocator((kmsg_allocator){resize, NULL});
}

void world_end(void)
{
    w.stopped = true;
    for (unsigned i = 0; i < w.process_count; i++)
        end_process(&w.processes[i], true);
    free_all(&w.nobody);
    for (fiber *f = w.fibers; f < w.fibers + FIBERS_MAX; f++)
        f->set = f->used = false;
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
}

/* ---- loops ----------------------------------------------------------------------------------- */

static kmi_loop *loop_new(void)
{
    world_process *p = current();
    kmi_loop      *loop = world_chance(p->starve) ? NULL : calloc(1, sizeof *loop);

    if (loop == NULL)
        return NULL;
    loop->process = p;
    loop->stale = true;
    loop->next = p->loops;
    p->loops = loop;
    p->open++;
    return loop;
}

static void loop_free(kmi_loop *loop)
{
    kmi_loop **at = &loop->process->loops;

    while (*at != loop)
        at = &(*at)->next;
    *at = loop->next;
    loop_forget_lookups(loop);
    loop->process->open--;
    free(loop);
}

void loop_notify(kmi_loop *loop)
{
    if (loop->waiting != NULL)
        set_fiber(loop->waiting, w.now_ns);
}

static void wake_ts(kmi_loop *loop)
{
    loop->woken = true;
    loop_notify(loop);
}

static bool poll_loop(kmi_loop *loop, int64_t until_ns)
{
    fiber *f = w.running;

    f->earliest_ns = w.now_ns + TURN_MIN_NS + world_below(TURN_RANGE_NS);
    loop->stale = false;
    loop->waiting = f;
    if (++w.turns == TURNS_MAX)
        w.stopped = true;
    if (loop->woken || loop_has_events(loop) || world_chance(world_law.hasty))
        until_ns = 0;
    give_way(until_ns);
    loop->waiting = NULL;
    loop->woken = false;
    loop_deliver(loop);
    return true;
}

bool world_goes_round(void)
{
    return w.turns >= TURNS_MAX;
}

static int loop_fd(kmi_loop *loop)
{
    (void)loop;
    return -1;
}

static void set_alarm(kmi_loop *loop, int64_t at_ns)
{
    (void)loop; /* nobody here has a loop of his own */
    (void)at_ns;
}

static bool loop_stale(const kmi_loop *loop)
{
    return loop->stale;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void fill_random(void *buffer, size_t size)
{
    uint8_t *at = buffer;

    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(world_random() >> 56);
}

/* Nobody here is given a descriptor when he is started. */
static kmsg_err adopt(kmi_loop *loop, int fd, kmi_socket_fn *fn, void *ctx, kmi_socket **ret)
{
    (void)loop;
    (void)fn;
    (void)ctx;
    (void)ret;
    return kmi_error(KMSG_EADDRESS, "fd:%d: it is not open", fd);
}

static kmsg_err pair(int ret[2])
{
    (void)ret;
    return kmi_error(KMSG_ESYSTEM, "socketpair: no descriptor");
}

static void run_thread(void *ctx)
{
    kmi_thread *thread = ctx;

    thread->run(thread->ctx);
    thread->fiber = NULL;
    if (thread->joiner != NULL)
        set_fiber(thread->joiner, w.now_ns);
}

static kmsg_err thread_start(void (*run)(void *ctx), void *ctx, kmi_thread **ret)
{
    kmi_thread *thread = kmi_alloc_zeroed(sizeof *thread);

    if (thread == NULL)
        return KMSG_ENOMEM;
    thread->run = run;
    thread->ctx = ctx;
    thread->fiber = new_fiber(current(), run_thread, thread);
    if (thread->fiber == NULL) {
        kmi_free(thread);
        return KMSG_ESYSTEM;
    }
    *ret = thread;
    return KMSG_OK;
}

static void thread_join(kmi_thread *thread)
{
    thread->joiner = w.running;
    while (thread->fiber != NULL)
        give_way(KMI_NEVER);
    kmi_free(thread);
}

/* The descriptor in reserve may be gone, too. */
static kmsg_err turn_away(kmi_socket *listener, const void *words, size_t size)
{
    kmi_endpoint from;
    kmi_socket  *socket;
    kmsg_err     err = net_accept(listener, NULL, NULL, &from, &socket);

    if (err != KMSG_OK)
        return err;
    (void)net_write(socket, words, size);
    net_close(socket);
    return KMSG_OK;
}

const kmi_sys world_sys = {
    .loop_new = loop_new,
    .loop_free = loop_free,
    .now_ns = world_now,
    .coarse_ns = world_now,
    .clock_ns = world_now,
    .poll = poll_loop,
    .wake_ts = wake_ts,
    .loop_fd = loop_fd,
    .alarm = set_alarm,
    .loop_stale = loop_stale,
    .listen = net_listen,
    .accept = net_accept,
    .turn_away = turn_away,
    .connect = net_connect,
    .connect_result = net_connect_result,
    .adopt = adopt,
    .pair = pair,
    .watch = net_watch,
    .read = net_read,
    .write = net_write,
    .pass = net_pass,
    .receive = net_receive,
    .memory_new = net_memory_new,
    .memory_free = net_memory_free,
    .peer_user = net_peer_user,
    .reset = net_reset,
    .close = net_close,
    .datagram_bind = net_datagram_bind,
    .datagram_connect = net_datagram_connect,
    .datagram_send = net_datagram_send,
    .datagram_receive = net_datagram_receive,
    .interfaces = net_interfaces,
    .multicast_bind = net_multicast_bind,
    .multicast_join = net_multicast_join,
    .multicast_send = net_multicast_send,
    .multicast_receive = net_multicast_receive,
    .resolve = net_resolve,
    .resolve_cancel = net_resolve_cancel,
    .random = fill_random,
    .thread_start = thread_start,
    .thread_join = thread_join,
};
