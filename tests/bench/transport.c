/* transport.c -- round trips, calls in flight and one-way messages over each kind of link.
 *
 * Between threads the server is in this process, else in a child that is made before any client: a
 * library that has started threads does not survive a fork. Subjects take turns; round trips are
 * counted one by one, of throughput the best run counts.
 */
#define _GNU_SOURCE

#include "transport.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 8
#define PINGS  1500 /* a round */
#define RUN_NS 60000000

static const transport_subject *const subjects[] = {&transport_raw, &transport_kmsg, &transport_nng,
                                                    &transport_zeromq};

#define SUBJECTS (sizeof subjects / sizeof *subjects)

static const char *const kind_names[TRANSPORT_KINDS] = {"inproc/64", "unix/64", "tcp/64"};

const uint8_t transport_payload[TRANSPORT_SIZE] = "0123456789 abcdefghijklmnopqrstuvwxyz";

/* One subject over one kind of link. */
typedef struct entry {
    const transport_subject *subject;
    const transport_ops     *ops;
    transport_kind           kind;
    transport_address        address;
    void                    *server; /* INPROC */
    pid_t                    child;  /* others */
    void                    *client;
    uint32_t                *rtt_ns; /* ROUNDS * PINGS */
    size_t                   rtt_count;
    size_t                   calls_count;
    size_t                   oneway_count;
    double                   calls_s;
    double                   oneway_s;
} entry;

/* ---- servers ---- */

static void serve_in_child(entry *e, const char *name, int ready_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    e->ops->server_new(e->kind, name, &e->address);
    BENCH_NEED(write(ready_fd, &e->address, sizeof e->address) == sizeof e->address);
    for (;;) {
        pause();
    }
}

static void start_child(entry *e, const char *name)
{
    int ready[2];

    BENCH_NEED(pipe(ready) == 0);
    e->child = fork();
    BENCH_NEED(e->child >= 0);
    if (e->child == 0) {
        serve_in_child(e, name, ready[1]);
    }
    close(ready[1]);
    BENCH_NEED(read(ready[0], &e->address, sizeof e->address) == sizeof e->address);
    close(ready[0]);
}

static void start_server(entry *e, const char *folder)
{
    char name[200];

    snprintf(name, sizeof name, "%s/%s-%d", folder, e->subject->name, (int)e->kind);
    if (e->kind == TRANSPORT_INPROC) {
        e->server = e->ops->server_new(e->kind, name, &e->address);
    } else {
        start_child(e, name);
    }
}

static void stop_server(entry *e)
{
    if (e->kind == TRANSPORT_INPROC) {
        e->ops->server_free(e->server);
        return;
    }
    kill(e->child, SIGKILL);
    waitpid(e->child, NULL, 0);
}

/* ---- measuring ---- */

static void measure_pings(entry *e)
{
    for (size_t i = 0; i < PINGS; i++) {
        uint64_t begin = bench_now_ns();
        e->ops->ping(e->client);
        e->rtt_ns[e->rtt_count++] = (uint32_t)(bench_now_ns() - begin);
    }
}

static double rate(void (*run)(void *client, size_t count), void *client, size_t count)
{
    uint64_t begin = bench_now_ns();

    run(client, count);
    return (double)count * 1e9 / (double)(bench_now_ns() - begin);
}

/* How many take about RUN_NS. */
static size_t enough(void (*run)(void *client, size_t count), void *client)
{
    size_t count = 256;
    double per_s = rate(run, client, count);

    while ((double)count / per_s * 1e9 < RUN_NS / 4) {
        count *= 2;
        per_s = rate(run, client, count);
    }
    return (size_t)(per_s * RUN_NS / 1e9) + 1;
}

static void open_client(entry *e)
{
    e->client = e->ops->client_new(e->kind, e->address.text);
    e->rtt_ns = bench_alloc(ROUNDS * PINGS * sizeof *e->rtt_ns);
    measure_pings(e);
    e->rtt_count = 0;
    e->calls_count = enough(e->ops->calls, e->client);
    e->oneway_count = enough(e->ops->oneway, e->client);
}

static void measure_round(entry *e)
{
    double calls_s, oneway_s;

    measure_pings(e);
    calls_s = rate(e->ops->calls, e->client, e->calls_count);
    oneway_s = rate(e->ops->oneway, e->client, e->oneway_count);
    e->calls_s = calls_s > e->calls_s ? calls_s : e->calls_s;
    e->oneway_s = oneway_s > e->oneway_s ? oneway_s : e->oneway_s;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void report(entry *e)
{
    const char *name = kind_names[e->kind];
    const char *subject = e->subject->name;

    qsort(e->rtt_ns, e->rtt_count, sizeof *e->rtt_ns, compare_u32);
    bench_row("transport", name, subject, "rtt_p50_us", e->rtt_ns[e->rtt_count / 2] / 1e3);
    bench_row("transport", name, subject, "rtt_p99_us", e->rtt_ns[e->rtt_count * 99 / 100] / 1e3);
    bench_row("transport", name, subject, "calls_s", e->calls_s);
    bench_row("transport", name, subject, "oneway_msgs_s", e->oneway_s);
}

static void run_kind(entry *entries)
{
    bench_progress("transport: %s", kind_names[entries[0].kind]);
    for (size_t i = 0; i < SUBJECTS; i++) {
        open_client(&entries[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SUBJECTS; i++) {
            measure_round(&entries[i]);
        }
    }
    for (size_t i = 0; i < SUBJECTS; i++) {
        report(&entries[i]);
        entries[i].ops->client_free(entries[i].client);
        stop_server(&entries[i]);
    }
}

/* Killed servers leave their sockets. */
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);

    BENCH_NEED(folder);
    for (struct dirent *d = readdir(folder); d; d = readdir(folder)) {
        if (d->d_name[0] != '.') {
            unlinkat(dirfd(folder), d->d_name, 0);
        }
    }
    closedir(folder);
    BENCH_NEED(rmdir(path) == 0);
}

void bench_transport(void)
{
    entry entries[TRANSPORT_KINDS][SUBJECTS] = {0};
    char  folder[] = "/tmp/kmsg-bench-XXXXXX";

    BENCH_NEED(mkdtemp(folder));
    for (int kind = TRANSPORT_KINDS - 1; kind >= 0; kind--) {
        for (size_t i = 0; i < SUBJECTS; i++) {
            entry *e = &entries[kind][i];
            e->subject = subjects[i];
            e->kind = (transport_kind)kind;
            e->ops = subjects[i]->ops[kind];
            start_server(e, folder);
        }
    }
    for (int kind = 0; kind < TRANSPORT_KINDS; kind++) {
        run_kind(entries[kind]);
    }
    remove_folder(folder);
}
