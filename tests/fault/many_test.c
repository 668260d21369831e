/* many_test.c -- thousands of connections to one node, from another process: each makes a call, all
 * hear what is said to all, and all go. What an idle one costs its server is counted: the bytes
 * that its allocator gave, which are the same each time, and what the system says.
 */
#define _GNU_SOURCE
#include "fault/child.h"
#include "unit/talk.h"

#include <kmsg/object.h>
#include <kmsg/peer.h>

#include <malloc.h>
#include <sys/resource.h>

#define MANY      10000u
#define FEW       1000u
#define OTHERS    100u /* descriptors that a process has besides */
#define BYTES_MAX 2048u
#define RSS_MAX   3891u /* 3.8 KiB */

/* ---- what the server's allocator gave -------------------------------------------------------- */

typedef struct block {
    _Alignas(16) size_t size;
} block;

static size_t live;

static void *count_resize(void *ctx, void *old, size_t size)
{
    block *b = old == NULL ? NULL : (block *)old - 1;

    (void)ctx;
    live -= b == NULL ? 0 : b->size;
    if (size == 0) {
        free(b);
        return NULL;
    }
    b = realloc(b, sizeof *b + size);
    if (b == NULL)
        abort(); /* of the test: nothing here takes that much */
    b->size = size;
    live += size;
    return b + 1;
}

/* ---- the server ------------------------------------------------------------------------------ */

typedef struct hall {
    kmsg_node *node;
    kmsg_peer *guests[MANY + 1];
    size_t     count;
} hall;

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    hall  *h = ctx;
    size_t i = 0;

    (void)err;
    if (event == KMSG_PEER_UP) {
        h->guests[h->count++] = peer;
        return;
    }
    while (h->guests[i] != peer)
        i++;
    h->guests[i] = h->guests[--h->count];
}

/* "tell" to all; what it answers is the number of guests, or of bytes if that is asked. */
static kmsg_err echo(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    hall           *h = ctx;
    kmsg_node_facts facts;

    (void)call;
    *ret = *note;
    if (strcmp(note->text.data, "tell") == 0)
        for (size_t i = 0; i < h->count; i++)
            kmsg_must(talk_Talk_push(h->guests[i], 1));
    kmsg_node_info(h->node, &facts);
    ret->number = strcmp(note->text.data, "bytes") == 0 ? (int64_t)live : facts.accepted;
    return KMSG_OK;
}

static kmsg_err sum(void *ctx, kmsg_call *call, int64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = 7;
    return KMSG_OK;
}

/* Without a limit beyond the system's for what this process may open. */
static bool may_open(size_t count)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max >= count + OTHERS;
}

typedef struct way {
    const char *url;
    bool        counted; /* the allocator's bytes are; that takes memory of its own */
} way;

static void serve(void *ctx)
{
    static const talk_Talk_impl impl = {.echo = echo, .sum = sum};
    static hall                 h;
    const way                  *w = ctx;

    if (w->counted)
        kmsg_set_allocator((kmsg_allocator){count_resize, NULL});
    malloc_trim(0); /* what is left of the test that has started this process */
    h.node = kmsg_node_new();
    kmsg_must(talk_Talk_serve(h.node, &impl, &h));
    kmsg_node_watch(h.node, &h, heard);
    kmsg_must(kmsg_listen(h.node, w->url, NULL));
    child_say('l');
    kmsg_must(kmsg_run(h.node));
}

/* ---- the clients, all on one node ------------------------------------------------------------ */

typedef struct crowd {
    child      server;
    server     own; /* what it hears */
    kmsg_peer *control;
    kmsg_peer *peers[MANY];
    size_t     count;
    size_t     answers;
} crowd;

static crowd all;

static void answered(void *ctx, kmsg_err err, const int64_t *result)
{
    (void)ctx;
    EQ_INT(err, KMSG_OK);
    EQ_INT(*result, 7);
    all.answers++;
}

static void drive(void)
{
    struct pollfd fd = {.fd = kmsg_node_fd(all.own.node), .events = POLLIN};
    int           wait_ms = kmsg_node_wait_ms(all.own.node);

    poll(&fd, 1, wait_ms < 0 || wait_ms > 100 ? 100 : wait_ms);
    OK(kmsg_node_step(all.own.node));
}

static int64_t say(const char *text)
{
    kmsg_arena *mem = kmsg_arena_new();
    talk_Note   note = note_of(text, 0), back = {.number = -1};

    OK(talk_Talk_echo(all.control, &note, mem, &back));
    kmsg_arena_free(mem);
    return back.number;
}

static void crowd_begin(way *w)
{
    all = (crowd){.server = child_start(serve, w)};
    EQ_INT(child_hear(&all.server), 'l');
    server_init(&all.own, NULL);
    OK(kmsg_dial(all.own.node, w->url, &all.control));
    kmsg_peer_set_timeout_ms(all.control, 600000);
    say("hello");
}

#define AT_ONCE                                                                                    \
    200 /* who is slow to say hello is silent, and of these a server has not many more */

/* As many as are asked for in all, each of which makes a call. */
static void come(size_t count)
{
    while (all.count < count) {
        kmsg_peer **peer = &all.peers[all.count++];
        OK(kmsg_dial(all.own.node, kmsg_peer_url(all.control), peer));
        kmsg_peer_set_timeout_ms(*peer, 600000);
        talk_Talk_sum_async(*peer, NULL, answered);
        while (all.answers + AT_ONCE <= all.count)
            drive();
    }
    while (all.answers < count)
        drive();
}

static void crowd_end(void)
{
    kmsg_node_free(all.own.node);
    child_end(&all.server);
}

static void tell_all(way *w, size_t count)
{
    crowd_begin(w);
    come(count);
    EQ_UINT((size_t)say("how many?"), count + 1);
    say("tell");
    while (all.own.sum < (int64_t)count + 1)
        drive();
    EQ_UINT((size_t)all.own.sum, count + 1);
    while (all.count > 0)
        kmsg_peer_close(all.peers[--all.count]);
    while (say("how many?") > 1)
        drive();
    crowd_end();
}

static const char *tcp_url(void)
{
    static char url[64];
    unsigned    id = (unsigned)getpid() & 0x7fff;

    snprintf(url, sizeof url, "tcp:127.%u.%u.4:9997?insecure", 64 + (id >> 8), id & 0xff);
    return url;
}

TEST(ten_thousand_connect_call_hear_what_all_are_told_and_go_over_unix)
{
    size_t count = test_rounds(MANY);

    if (!may_open(count))
        SKIP("more descriptors than this process may have (ulimit -Hn)");
    tell_all(&(way){.url = new_name()}, count);
}

TEST(ten_thousand_connect_call_hear_what_all_are_told_and_go_over_tcp)
{
    size_t count = test_rounds(MANY);

    if (!may_open(count))
        SKIP("more descriptors than this process may have (ulimit -Hn)");
    tell_all(&(way){.url = tcp_url()}, count);
}

/* ---- what an idle one costs ------------------------------------------------------------------ */

static void count_bytes(const char *url)
{
    int64_t before, each;

    if (!may_open(2 * FEW))
        SKIP("more descriptors than this process may have (ulimit -Hn)");
    crowd_begin(&(way){.url = url, .counted = true});
    come(FEW);
    before = say("bytes");
    come(2 * FEW);
    each = (say("bytes") - before) / FEW;
    printf("# %lld bytes for each\n", (long long)each);
    CHECK(each > 0 && each <= BYTES_MAX);
    crowd_end();
}

TEST(an_idle_connection_takes_two_kib_of_allocations_at_most_over_unix)
{
    count_bytes(new_name());
}

TEST(an_idle_connection_takes_two_kib_of_allocations_at_most_over_tcp)
{
    count_bytes(tcp_url());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
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

TEST(an_idle_connection_takes_less_than_four_kib_of_its_servers_memory)
{
    size_t before, few, many, count = test_rounds(MANY);

    if (!may_open(count))
        SKIP("more descriptors than this process may have (ulimit -Hn)");
    crowd_begin(&(way){.url = tcp_url()});
    before = resident(all.server.pid);
    come(count / 10);
    few = resident(all.server.pid) - before;
    come(count);
    many = resident(all.server.pid) - before;
    printf("# resident: %zu bytes for each of %zu, %zu for each of %zu\n", few / (count / 10),
           count / 10, many / count, count);
    CHECK(many / count <= RSS_MAX);
    crowd_end();
}
#endif
