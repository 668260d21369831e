/* slow_test.c -- a sender that floods a consumer who is slower than it, in another process. The
 * memory of both stays flat, and every message is either handled or refused, with an error to its
 * sender: nothing is lost in between.
 *
 * The consumer keeps some calls to answer them later, and holds some messages. The usual run is
 * counted in messages; SLOW=60 floods for a minute.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "slow.kmsg.h"
#include "unit/talk.h"

#include <kmsg/peer.h>

#define MESSAGES 60000u
#define LATE     20000u /* at least so many behind the time at which the queue was full */
#define SAMPLE   500u   /* messages between two looks at the memory */
#define ASK_EACH 10u    /* every tenth message is a call */
#define SENDERS  64u    /* connections at once, of one sender each */
#define KEPT_MAX 64u    /* calls that the consumer keeps, and messages that it holds */
#define BLOB     4000u
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WORK 1 /* times that the consumer goes through a blob */
#else
#define WORK 4
#endif
#define MIB ((size_t)1 << 20)

/* A queue takes up to twice what waits in it, and is copied when it grows. When it has been full,
 * and so much has gone through it since, all of it was in use once. */
#define QUEUE_MAX    (2 * KMSG_SEND_QUEUE_MAX)
#define CONSUMER_MAX (64 * MIB)
#define SHARED_MAX   (2 * (size_t)KMSG_SHARED_MEMORY) /* a connection */
#define SHARE        (MIB / 4) /* of one of many senders: bytes that may wait */

/* ---- the consumer ---------------------------------------------------------------------------- */

typedef struct consumer {
    slow_Counts counts;
    kmsg_call  *kept[KEPT_MAX];
    size_t      kept_count;
    kmsg_ticket held[KEPT_MAX];
    size_t      held_count;
    uint64_t    sum;
} consumer;

static void work(consumer *c, kmsg_bytes blob)
{
    for (int i = 0; i < WORK; i++)
        for (size_t k = 0; k < blob.size; k++)
            c->sum = (c->sum ^ blob.data[k]) * 0x100000001b3u;
}

static void release_held(consumer *c)
{
    for (size_t i = 0; i < c->held_count; i++)
        kmsg_must(kmsg_release_ts(c->held[i]));
    c->held_count = 0;
}

static kmsg_err put(void *ctx, kmsg_call *call, uint64_t number, kmsg_bytes blob)
{
    consumer *c = ctx;

    (void)number;
    work(c, blob);
    c->counts.puts++;
    if (c->held_count == KEPT_MAX)
        release_held(c);
    return kmsg_hold(call, &c->held[c->held_count++]);
}

static void answer_kept(consumer *c)
{
    for (size_t i = 0; i < c->kept_count; i++)
        slow_Sink_ask_reply(c->kept[i], &c->sum);
    c->kept_count = 0;
}

static kmsg_err ask(void *ctx, kmsg_call *call, uint64_t number, kmsg_bytes blob, uint64_t *ret)
{
    consumer *c = ctx;

    work(c, blob);
    c->counts.asks++;
    *ret = number;
    if (c->kept_count == KEPT_MAX)
        answer_kept(c);
    c->kept[c->kept_count++] = call;
    return KMSG_LATER;
}

static kmsg_err counts(void *ctx, kmsg_call *call, slow_Counts *ret)
{
    consumer *c = ctx;

    (void)call;
    answer_kept(c);
    release_held(c);
    *ret = c->counts;
    return KMSG_OK;
}

static void consume(void *ctx)
{
    static const slow_Sink_impl impl = {.put = put, .ask = ask, .counts = counts};
    static consumer             c;
    kmsg_node                  *node = kmsg_node_new();

    kmsg_must(slow_Sink_serve(node, &impl, &c));
    kmsg_must(kmsg_listen(node, ctx, NULL));
    child_say('l');
    kmsg_must(kmsg_run(node));
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Of physical memory, as the system counts it. */
static size_t resident(pid_t pid)
{
    unsigned long total = 0, pages = 0;
    char          path[64];
    FILE         *in;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    in = fopen(path, "r");
    CHECK(in != NULL && fscanf(in, "%lu %lu", &total, &pages) == 2);
    fclose(in);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The most until the whole queue was in use once, and the most after that. */
typedef struct gauge {
    const char *whose;
    pid_t       pid;
    size_t      first;
    size_t      early;
    size_t      late;
} gauge;

static void look(gauge *g, bool early)
{
    size_t now = resident(g->pid), *most = early ? &g->early : &g->late;

    if (g->first == 0)
        g->first = now;
    *most = now > *most ? now : *most;
}

/* Of `max`, `rings` are memory that is shared, which is touched little by little. A sanitizer keeps
 * what was freed. */
static void judge_memory(const gauge *g, size_t max, size_t rings)
{
    printf("# memory of the %s: %zu MiB, at the beginning %zu, before %zu\n", g->whose,
           g->late / MIB, g->early / MIB, g->first / MIB);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    test_at("memory of the %s", g->whose);
    CHECK(g->late < g->first + max + rings);
    CHECK(g->late < g->early + 16 * MIB + rings);
#else
    (void)max;
    (void)rings;
#endif
}

/* ---- the sender ------------------------------------------------------------------------------ */

typedef struct sender {
    kmsg_node *node;
    kmsg_peer *peers[SENDERS];
    size_t     peer_count;
    uint64_t   puts; /* taken */
    uint64_t   asks; /* made */
    uint64_t   asks_ok;
    uint64_t   asks_refused;
    uint64_t   asks_ended;
    uint64_t   refused; /* of the puts */
    uint64_t   full_at; /* how many were taken before the first was refused */
    size_t     queue;   /* bytes that may wait in all, with what they take */
    gauge      own, others;
} sender;

static void ask_done(void *ctx, kmsg_err err, const uint64_t *result)
{
    sender *s = ctx;

    (void)result;
    s->asks_ended++;
    s->asks_ok += err == KMSG_OK;
    s->asks_refused += err == KMSG_EFULL;
    CHECK(err == KMSG_OK || err == KMSG_EFULL);
}

static void wait_and_step(sender *s)
{
    struct pollfd fd = {.fd = kmsg_node_fd(s->node), .events = POLLIN};
    int           wait_ms = kmsg_node_wait_ms(s->node);

    poll(&fd, 1, wait_ms < 0 || wait_ms > 100 ? 100 : wait_ms);
    OK(kmsg_node_step(s->node));
}

/* A flood: it does not wait until it must. */
static void send_one(sender *s, uint64_t number)
{
    static uint8_t   bytes[BLOB];
    const kmsg_bytes blob = {bytes, sizeof bytes};
    kmsg_peer       *peer = s->peers[number % s->peer_count];
    kmsg_err         err;

    if (number % ASK_EACH == 0) {
        s->asks++;
        slow_Sink_ask_async(peer, number, blob, s, ask_done);
        return;
    }
    err = slow_Sink_put(peer, number, blob);
    if (err == KMSG_OK) {
        s->puts++;
        return;
    }
    EQ_INT(err, KMSG_EFULL);
    s->full_at = s->refused == 0 ? s->puts : s->full_at;
    s->refused++;
    wait_and_step(s);
}

static bool is_early(const sender *s)
{
    return s->refused == 0 || (s->puts - s->full_at) * BLOB < s->queue;
}

/* Has enough been seen, or will it never be? */
static bool is_enough(const sender *s, uint64_t number)
{
    uint64_t enough = test_rounds(MESSAGES);

    if (number < enough)
        return false;
    return number >= 4 * enough ||
           (!is_early(s) && (s->puts - s->full_at) * BLOB > s->queue + LATE * BLOB);
}

static void flood(sender *s)
{
    const char *slow = getenv("SLOW");
    int64_t     until_ms = clock_ms() + (slow == NULL ? 0 : strtoll(slow, NULL, 10) * 1000);
    uint64_t    number = 0;

    while (!is_enough(s, number) || clock_ms() < until_ms) {
        send_one(s, number++);
        if (number % SAMPLE != 0)
            continue;
        OK(kmsg_node_step(s->node));
        look(&s->own, is_early(s));
        look(&s->others, is_early(s));
    }
}

/* What was taken, or made and not refused, has been handled: no more and no less. */
static void judge(sender *s)
{
    slow_Counts got = {0};
    kmsg_arena *mem = kmsg_arena_new();

    for (size_t i = 0; i < s->peer_count; i++)
        OK(slow_Sink_counts(s->peers[i], mem, &got)); /* behind all that this one has sent */
    while (s->asks_ended < s->asks)
        wait_and_step(s);
    printf("# %llu one-way messages handled, %llu refused; %llu calls answered, %llu refused\n",
           (unsigned long long)got.puts, (unsigned long long)s->refused,
           (unsigned long long)s->asks_ok, (unsigned long long)s->asks_refused);
    EQ_UINT(got.puts, s->puts);
    EQ_UINT(got.asks, s->asks_ok);
    CHECK(s->refused > 0 || test_rounds(MESSAGES) < MESSAGES); /* it was a flood, if it was whole */
    EQ_UINT(s->asks_ended, s->asks);
    EQ_UINT(s->asks_ok + s->asks_refused, s->asks);
    kmsg_arena_free(mem);
}

static void add_sender(sender *s, const char *url)
{
    kmsg_peer **peer = &s->peers[s->peer_count++];

    OK(kmsg_dial(s->node, url, peer));
    kmsg_peer_set_timeout_ms(*peer, 600000);
}

static void flood_over(const char *url, size_t senders)
{
    child  c = child_start(consume, (void *)(uintptr_t)url);
    sender s = {.node = kmsg_node_new(),
                .queue = senders == 1 ? QUEUE_MAX : 2 * senders * SHARE,
                .own = {.whose = "sender", .pid = getpid()},
                .others = {.whose = "consumer", .pid = c.pid}};

    EQ_INT(child_hear(&c), 'l');
    while (s.peer_count < senders) {
        add_sender(&s, url);
        if (senders > 1)
            OK(kmsg_peer_set_queue(s.peers[s.peer_count - 1],
                                   &(kmsg_queue_options){.size = SHARE}));
    }
    flood(&s);
    judge(&s);
    judge_memory(&s.own, 2 * s.queue, senders * SHARED_MAX);
    judge_memory(&s.others, CONSUMER_MAX, senders * SHARED_MAX);
    kmsg_node_free(s.node);
    child_end(&c);
}

static const char *tcp_url(void)
{
    static char url[64];
    unsigned    id = (unsigned)getpid() & 0x7fff;

    snprintf(url, sizeof url, "tcp:127.%u.%u.2:9999?insecure", 64 + (id >> 8), id & 0xff);
    return url;
}

TEST(a_flood_is_handled_or_refused_and_memory_stays_flat_over_unix)
{
    flood_over(new_name(), 1);
}

TEST(a_flood_is_handled_or_refused_and_memory_stays_flat_over_tcp)
{
    flood_over(tcp_url(), 1);
}

TEST(many_who_flood_at_once_take_no_more_memory_over_unix)
{
    flood_over(new_name(), SENDERS);
}

TEST(many_who_flood_at_once_take_no_more_memory_over_tcp)
{
    flood_over(tcp_url(), SENDERS);
}
