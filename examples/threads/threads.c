/* threads.c -- counting primes on several threads, in two ways.
 *
 * A pool: each worker is a function with a thread of its own. It waits for ranges, and says when
 * it is done with one; so whoever is fast gets more of them. Told to stop, it returns its sum.
 *
 * Named threads: each range is an object. It says on which thread it wants to be; those that name
 * the same one share it. What it returns is told to a function of the parent, on the parent's
 * thread: nothing here needs a lock.
 */
#include "primes.kmsg.h"

#include <kmsg/kmsg.kmsg.h>

#define BELOW    20000u
#define STEP     1000u
#define WORKERS  4u
#define FOR_EVER UINT32_MAX

static Count count(const Range *range)
{
    Count found = {.ranges = 1};

    for (uint32_t n = range->from < 2 ? 2 : range->from; n < range->to; n++) {
        uint32_t d = 2;
        while (d * d <= n && n % d != 0)
            d++;
        found.primes += d * d > n;
    }
    return found;
}

static void add(Count *sum, const Count *more)
{
    sum->primes += more->primes;
    sum->ranges += more->ranges;
}

/* ---- a pool --------------------------------------------------------------------------------- */

/* A thread. `message` is good until the next kmsg_receive(). */
static kmsg_err worker(void *ctx, kmsg_object *self)
{
    kmsg_message *message;
    kmsg_arena   *mem = kmsg_arena_new();
    Range         range;
    Count         found, sum = Count_initial;

    (void)ctx;
    for (;;) {
        kmsg_must(kmsg_receive(self, FOR_EVER, &message));
        if (kmsg_Stop_is(message))
            break;
        kmsg_must(Range_read(message, mem, &range));
        found = count(&range);
        add(&sum, &found);
        kmsg_must(Count_send(self, kmsg_message_from(message), &found));
        kmsg_arena_reset(mem);
    }
    kmsg_return(self, &Count_layout, &sum);
    kmsg_arena_free(mem);
    return KMSG_OK;
}

static bool give(kmsg_object *root, kmsg_address to, uint32_t *next)
{
    const Range range = {.from = *next, .to = *next + STEP};

    if (*next >= BELOW)
        return false;
    *next += STEP;
    kmsg_must(Range_send(root, to, &range));
    return true;
}

/* Without a function for it, a child's return is a message to its parent. */
static void add_returned(kmsg_object *root, kmsg_arena *mem, Count *sum)
{
    kmsg_message *message;
    kmsg_Returned returned;
    Count         part;

    kmsg_must(kmsg_receive(root, FOR_EVER, &message));
    kmsg_must(kmsg_Returned_read(message, mem, &returned));
    kmsg_must((kmsg_err)returned.err);
    kmsg_must(kmsg_any_unpack(&returned.value, &Count_layout, mem, &part));
    add(sum, &part);
}

static void count_in_a_pool(kmsg_object *root)
{
    kmsg_arena   *mem = kmsg_arena_new();
    kmsg_message *message;
    kmsg_address  address;
    uint32_t      next = 0, busy = 0;
    Count         sum = Count_initial;

    for (uint32_t i = 0; i < WORKERS; i++) {
        kmsg_must(kmsg_thread_new(root, worker, NULL, NULL, &address));
        busy += give(root, address, &next);
    }
    for (; busy > 0; busy--) {
        kmsg_must(kmsg_receive(root, FOR_EVER, &message));
        busy += give(root, kmsg_message_from(message), &next);
    }
    kmsg_stop_children(root);
    for (uint32_t i = 0; i < WORKERS; i++)
        add_returned(root, mem, &sum);
    printf("a pool of %u threads: %u primes in %u ranges\n", WORKERS, sum.primes, sum.ranges);
    kmsg_arena_free(mem);
}

/* ---- named threads ----------------------------------------------------------------------------
 */

/* The first message of every object is a kmsg.Start. */
static kmsg_err count_at_once(void *ctx, kmsg_object *self, kmsg_message *message)
{
    const Count found = count(ctx);

    (void)message;
    kmsg_return(self, &Count_layout, &found);
    return KMSG_OK;
}

static void counted(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    kmsg_arena *mem = kmsg_arena_new();
    Count       part;

    (void)child;
    kmsg_must(err);
    kmsg_must(kmsg_any_unpack(value, &Count_layout, mem, &part));
    add(ctx, &part);
    kmsg_arena_free(mem);
}

static void count_on_named_threads(kmsg_object *root)
{
    static Range ranges[BELOW / STEP];
    Count        sum = Count_initial;
    kmsg_address address;

    for (uint32_t i = 0; i < BELOW / STEP; i++) {
        const kmsg_spawn how = {
            .thread = i % 2 == 0 ? "even" : "odd", .returned = counted, .ctx = &sum};
        ranges[i] = (Range){.from = i * STEP, .to = (i + 1) * STEP};
        kmsg_must(kmsg_object_new(root, count_at_once, &ranges[i], &how, &address));
    }
    kmsg_must(kmsg_wait_children(root, FOR_EVER));
    printf("two named threads: %u primes in %u ranges\n", sum.primes, sum.ranges);
}

int main(void)
{
    kmsg_node *node = kmsg_node_new();

    count_in_a_pool(kmsg_root(node));
    count_on_named_threads(kmsg_root(node));
    kmsg_node_free(node);
    return 0;
}
