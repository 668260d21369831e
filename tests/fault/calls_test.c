/* calls_test.c -- how often the system is called for a message: a round trip is one write and one
 * read at each side, a burst is as many as one message, and nobody is woken who is awake.
 *
 * That is counted at the seam, over connections that have been in use. Where all nodes are stepped,
 * each step is the turn of one side, and what it has done is known at its end.
 */
#include "steady.h"

#define TRIPS  1000
#define WINDOW 64
#define BURST  128

static const steady_kind sockets[] = {STEADY_UNIX, STEADY_TCP, STEADY_SECRET};

/* Steps one node until the condition holds, and looks at what it has called meanwhile. */
#define COUNTS(stepped, condition, reads, writes)                                                  \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        seam_begin((seam_plan){0});                                                                \
        do                                                                                         \
            OK(kmsg_node_step(stepped));                                                           \
        while (!(condition) && clock_ms() < until_ms);                                             \
        CHECK(condition);                                                                          \
        EQ_UINT(seam.uses[SEAM_READ], (reads));                                                    \
        EQ_UINT(seam.uses[SEAM_WRITE], (writes));                                                  \
    } while (0)

/* ---- over sockets ---------------------------------------------------------------------------- */

static void ask_together(steady *s, int count)
{
    server  *there = &s->servers[0];
    int      handled = there->handled + count;
    uint64_t answered = s->answered + (unsigned)count;

    for (int i = 0; i < count; i++)
        steady_ask(s);
    COUNTS(s->node, true, 0, 1);
    COUNTS(there->node, there->handled == handled, 1, 1);
    COUNTS(s->node, s->answered == answered, 1, 0);
}

static void push_together(steady *s, int count)
{
    server *there = &s->servers[0];
    int64_t sum = there->sum + count;

    for (int i = 0; i < count; i++)
        OK(talk_Talk_push(s->peers[0], 1));
    COUNTS(s->node, true, 0, 1);
    COUNTS(there->node, there->sum == sum, 1, 0);
}

static void over_sockets(void (*scene)(steady *s, int count), int count)
{
    steady s;

    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        steady_begin(&s, sockets[i], 1);
        for (int again = 0; again < 10; again++)
            scene(&s, count);
        steady_end(&s);
    }
}

TEST(a_round_trip_is_one_write_and_one_read_on_each_side)
{
    over_sockets(ask_together, 1);
}

TEST(calls_in_flight_together_are_written_and_answered_together)
{
    over_sockets(ask_together, WINDOW);
}

TEST(a_burst_of_one_way_messages_is_one_write_and_one_read)
{
    over_sockets(push_together, BURST);
}

/* ---- calls that block ------------------------------------------------------------------------ */

static void ask_blocking(kmsg_node *node, const char *url, int count)
{
    talk_Note   note = note_of("as it came", 7), back;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;

    OK(kmsg_dial(node, url, &peer));
    OK(talk_Talk_echo(peer, &note, mem, &back));
    seam_begin((seam_plan){0});
    for (int i = 0; i < count; i++) {
        kmsg_arena_reset(mem);
        OK(talk_Talk_echo(peer, &note, mem, &back));
    }
    kmsg_arena_free(mem);
}

/* Only the caller's node is on the seam's platform. */
static void caller_blocks(steady_kind kind)
{
    server     s;
    kmsg_node *node;

    test_at("%s", steady_names[kind]);
    seam.apart = kind == STEADY_UNIX;
    node = seam_node_new();
    seam.apart = false;
    server_start(&s, steady_url(kind, 0));
    ask_blocking(node, kmsg_listener_url(s.listener), TRIPS);
    EQ_UINT(seam.uses[SEAM_READ], TRIPS);
    EQ_UINT(seam.uses[SEAM_WRITE], TRIPS);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_call_that_blocks_is_one_write_and_one_read)
{
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
        caller_blocks(sockets[i]);
}

/* ---- who is awake ---------------------------------------------------------------------------- */

static const steady_kind wakers[] = {STEADY_INPROC, STEADY_SHARED};

/* Three bursts that nobody takes yet: how often was somebody woken for them? Over shared memory
 * that is a byte on the socket. */
static unsigned wakes_for_bursts(steady *s)
{
    seam_begin((seam_plan){0});
    for (int burst = 0; burst < 3; burst++) {
        for (int i = 0; i < BURST; i++)
            OK(talk_Talk_push(s->peers[0], 1));
        OK(kmsg_node_step(s->node));
    }
    return seam.uses[s->kind == STEADY_SHARED ? SEAM_WRITE : SEAM_WAKE];
}

typedef struct sleeper {
    steady   s;
    unsigned wakes; /* while its handler ran */
    bool     told;
} sleeper;

/* Runs in the middle of the server's turn. */
static kmsg_err while_awake(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    sleeper *it = ctx;

    (void)call;
    it->wakes = wakes_for_bursts(&it->s);
    *ret = number;
    return KMSG_OK;
}

static void hear_twice(void *ctx, kmsg_err err, const int64_t *number)
{
    OK(err);
    EQ_INT(*number, 5);
    ((sleeper *)ctx)->told = true;
}

static const talk_Other_impl awake = {.twice = while_awake};

TEST(only_a_sleeper_is_woken_and_only_once)
{
    sleeper it;

    for (size_t i = 0; i < sizeof wakers / sizeof *wakers; i++) {
        it = (sleeper){.wakes = 1};
        steady_begin(&it.s, wakers[i], 1);
        OK(talk_Other_serve(it.s.servers[0].node, &awake, &it));
        EQ_UINT(wakes_for_bursts(&it.s), 1);
        STEADY_UNTIL(&it.s, it.s.servers[0].sum == 3 * BURST);
        talk_Other_twice_async(it.s.peers[0], 5, &it, hear_twice);
        STEADY_UNTIL(&it.s, it.told && it.s.servers[0].sum == 6 * BURST);
        EQ_UINT(it.wakes, 0);
        steady_end(&it.s);
    }
}
