/* transport.c -- measures the cases of transport_cases.c, each in a process of its own, so that
 * what libraries leave behind does not meet the next.
 *
 * Between threads the servers are in that process, else in children that are made before any
 * client: a library that has started threads does not survive a fork. Subjects take turns in
 * rounds; a figure is the median of its rounds, of round trips that of the rounds' percentiles.
 *
 * bench transport [CASES [SUBJECTS [WORKS]]]: lists of patterns as the shell's, with commas
 * between: `bench transport unix/64 'kmsg,raw-*' ping,calls`.
 */
#define _GNU_SOURCE

#include "transport.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS         9
#define CONNECT_ROUNDS 3
#define HANDSHAKES     100  /* a round */
#define PINGS          1500 /* a round */
#define RUN_NS         50000000
#define SUBJECTS_MAX   16
#define CASES_MAX      32

/* One subject in a case. */
typedef struct entry {
    const transport_case    *of;
    const transport_subject *subject;
    const transport_ops     *ops;
    size_t                   place; /* among all subjects */
    transport_address        addresses[TRANSPORT_SERVERS_MAX];
    void                    *servers[TRANSPORT_SERVERS_MAX];  /* of inproc */
    pid_t                    children[TRANSPORT_SERVERS_MAX]; /* of others */
    void                    *client;
    size_t                   counts[TRANSPORT_WORKS]; /* how many take about RUN_NS */
    double                   rounds[TRANSPORT_FIGURES][ROUNDS];
    size_t                   round_counts[TRANSPORT_FIGURES];
} entry;

static transport_wish wanted;

static double (*results)[SUBJECTS_MAX][TRANSPORT_FIGURES]; /* of all cases, shared with children */

static const transport_figure figure_of[TRANSPORT_WORKS] = {
    TRANSPORT_P50_US,      TRANSPORT_CALLS_S,       TRANSPORT_ONEWAY_S,    TRANSPORT_ACKED_S,
    TRANSPORT_DELIVERED_S, TRANSPORT_CONNECTIONS_S, TRANSPORT_HANDSHAKES_S};

/* ---- servers ---- */

static void serve_in_child(entry *e, const char *name, int ready_fd)
{
    transport_address address = {0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    e->ops->server_new(e->of, name, &address);
    BENCH_NEED(write(ready_fd, &address, sizeof address) == sizeof address);
    for (;;) {
        pause();
    }
}

static void start_child(entry *e, size_t i, const char *name)
{
    int ready[2];

    BENCH_NEED(pipe(ready) == 0);
    e->children[i] = fork();
    BENCH_NEED(e->children[i] >= 0);
    if (e->children[i] == 0) {
        close(ready[0]);
        serve_in_child(e, name, ready[1]);
    }
    close(ready[1]);
    BENCH_NEED(read(ready[0], &e->addresses[i], sizeof *e->addresses) == sizeof *e->addresses);
    close(ready[0]);
}

static void start_servers(entry *e, const char *folder)
{
    char name[200];

    for (size_t i = 0; i < e->of->server_count; i++) {
        snprintf(name, sizeof name, "%s/%s-%zu", folder, e->subject->name, i);
        if (e->of->kind == TRANSPORT_INPROC) {
            e->servers[i] = e->ops->server_new(e->of, name, &e->addresses[i]);
        } else {
            start_child(e, i, name);
        }
    }
}

static void stop_servers(entry *e)
{
    for (size_t i = 0; i < e->of->server_count; i++) {
        if (e->of->kind == TRANSPORT_INPROC) {
            e->ops->server_free(e->servers[i]);
        } else {
            kill(e->children[i], SIGKILL);
            waitpid(e->children[i], NULL, 0);
        }
    }
}

/* ---- measuring ---- */

static void note(entry *e, transport_figure figure, double value)
{
    e->rounds[figure][e->round_counts[figure]++] = value;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* By their time, in microseconds. */
static void ping(entry *e, double us[PINGS])
{
    for (size_t i = 0; i < PINGS; i++) {
        uint64_t begin = bench_now_ns();
        e->ops->ping(e->client);
        us[i] = (double)(bench_now_ns() - begin) / 1e3;
    }
    qsort(us, PINGS, sizeof *us, compare_doubles);
}

static void measure_pings(entry *e)
{
    double us[PINGS];

    ping(e, us);
    note(e, TRANSPORT_P50_US, us[PINGS / 2]);
    note(e, TRANSPORT_P99_US, us[PINGS * 99 / 100]);
    if (!e->subject->spins) {
        transport_put(TRANSPORT_TOGETHER, e->of, e->children);
        ping(e, us);
        note(e, TRANSPORT_ONE_CORE_P50_US, us[PINGS / 2]);
        transport_put(TRANSPORT_APART, e->of, e->children);
    }
}

/* Messages a second; *ret_ns is how long it took. */
static double rate(entry *e, transport_work work, size_t count, double *ret_ns)
{
    uint64_t begin = bench_now_ns();
    size_t   came = transport_run(e->ops, e->client, work, count);

    *ret_ns = (double)(bench_now_ns() - begin);
    return (double)came * 1e9 / *ret_ns;
}

static uint64_t cpu_ns_of(pid_t pid)
{
    clockid_t       clock;
    struct timespec used;

    BENCH_NEED(clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* That both sides have used. Clients of others are in this process too, and do nothing meanwhile.
 */
static uint64_t cpu_ns(const entry *e)
{
    uint64_t sum = cpu_ns_of(getpid());

    for (size_t i = 0; e->of->kind != TRANSPORT_INPROC && i < e->of->server_count; i++) {
        sum += cpu_ns_of(e->children[i]);
    }
    return sum;
}

static void measure_rate(entry *e, transport_work work)
{
    uint64_t before_ns = cpu_ns(e);
    double   ns;

    note(e, figure_of[work], rate(e, work, e->counts[work], &ns));
    if (work == TRANSPORT_ONEWAY) {
        note(e, TRANSPORT_ONEWAY_CPU_NS, (double)(cpu_ns(e) - before_ns) / (double)e->counts[work]);
    }
}

/* Some before pay for what is there once. */
static void measure_handshakes(entry *e, size_t round)
{
    const double count = HANDSHAKES;
    uint64_t     begin_ns, begin_cpu_ns;

    if (round == 0) {
        transport_put(TRANSPORT_APART, e->of, e->children);
        e->ops->handshakes(e->of, e->addresses, HANDSHAKES / 10);
    }
    begin_ns = bench_now_ns();
    begin_cpu_ns = cpu_ns(e);
    e->ops->handshakes(e->of, e->addresses, HANDSHAKES);
    note(e, TRANSPORT_HANDSHAKES_S, count * 1e9 / (double)(bench_now_ns() - begin_ns));
    note(e, TRANSPORT_HANDSHAKES_CPU_S, count * 1e9 / (double)(cpu_ns(e) - begin_cpu_ns));
}

static void find_count(entry *e, transport_work work)
{
    size_t count = 16;
    double ns;

    for (rate(e, work, count, &ns); ns < RUN_NS / 4; rate(e, work, count, &ns)) {
        count *= 2;
    }
    e->counts[work] = (size_t)((double)count * RUN_NS / ns) + 1;
}

static double resident_kib(pid_t pid)
{
    char  path[64];
    long  pages;
    FILE *in;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    in = fopen(path, "r");
    BENCH_NEED(in && fscanf(in, "%*d %ld", &pages) == 1);
    fclose(in);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

/* Memory counts the first time: it is seldom given back. Some connections before that pay for what
 * is there once. */
static void measure_connections(entry *e, size_t round)
{
    const size_t count = TRANSPORT_CONNECTIONS;
    double       before;
    uint64_t     begin;
    void        *connections;

    if (round == 0) {
        e->ops->disconnect(e->ops->connect(e->of, e->addresses, 10));
    }
    before = resident_kib(e->children[0]);
    begin = bench_now_ns();
    connections = e->ops->connect(e->of, e->addresses, count);
    note(e, TRANSPORT_CONNECTIONS_S, (double)count * 1e9 / (double)(bench_now_ns() - begin));
    if (round == 0) {
        note(e, TRANSPORT_IDLE_KIB, (resident_kib(e->children[0]) - before) / (double)count);
    }
    e->ops->disconnect(connections);
}

static void measure(entry *e, transport_work work, size_t round)
{
    if (work == TRANSPORT_PING) {
        measure_pings(e);
    } else if (work == TRANSPORT_CONNECT) {
        measure_connections(e, round);
    } else if (work == TRANSPORT_HANDSHAKE) {
        measure_handshakes(e, round);
    } else {
        measure_rate(e, work);
    }
}

/* ---- a case ---- */

static void open_client(entry *e, unsigned works)
{
    if (transport_has(works, TRANSPORT_CONNECT) || transport_has(works, TRANSPORT_HANDSHAKE)) {
        return;
    }
    e->client = e->ops->client_new(e->of, e->addresses);
    if (e->of->server_count == 1) {
        transport_put(TRANSPORT_APART, e->of, e->children);
    }
    for (int w = TRANSPORT_CALLS; w < TRANSPORT_CONNECT; w++) {
        if (transport_has(works, w)) {
            find_count(e, (transport_work)w);
        }
    }
    if (transport_has(works, TRANSPORT_PING)) {
        measure_pings(e);
        memset(e->round_counts, 0, sizeof e->round_counts);
    }
}

static void report(entry *e, size_t case_place)
{
    for (int f = 0; f < TRANSPORT_FIGURES; f++) {
        size_t count = e->round_counts[f];
        if (count > 0) {
            double *median = &results[case_place][e->place][f];
            qsort(e->rounds[f], count, sizeof **e->rounds, compare_doubles);
            *median = e->rounds[f][count / 2];
            bench_row("transport", e->of->name, e->subject->name, transport_figure_names[f],
                      *median);
        }
    }
}

static void measure_all(entry *entries, size_t count)
{
    const transport_case *c = entries[0].of;
    size_t rounds = transport_has(c->works, TRANSPORT_CONNECT) ? CONNECT_ROUNDS : ROUNDS;

    for (size_t i = 0; i < count; i++) {
        open_client(&entries[i], transport_works_of(&wanted, c, entries[i].subject));
    }
    for (size_t i = 0; i < rounds * count; i++) {
        entry   *e = &entries[i % count];
        unsigned works = transport_works_of(&wanted, c, e->subject);
        for (int w = 0; w < TRANSPORT_WORKS; w++) {
            if (transport_has(works, w)) {
                measure(e, (transport_work)w, i / count);
            }
        }
    }
}

static void run_case(size_t place, const char *folder)
{
    const transport_case *c = &transport_cases[place];
    entry                *entries = bench_alloc(SUBJECTS_MAX * sizeof *entries);
    size_t                count = 0;

    for (size_t i = 0; transport_subjects[i]; i++) {
        const transport_subject *s = transport_subjects[i];
        if (transport_works_of(&wanted, c, s)) {
            entries[count++] = (entry){.of = c, .subject = s, .ops = s->ops[c->kind], .place = i};
        }
    }
    for (size_t i = 0; i < count; i++) {
        start_servers(&entries[i], folder);
    }
    if (count > 0) {
        measure_all(entries, count);
    }
    for (size_t i = 0; i < count; i++) {
        report(&entries[i], place);
        if (entries[i].client) {
            entries[i].ops->client_free(entries[i].client);
        }
        stop_servers(&entries[i]);
    }
}

/* ---- the suite ---- */

static void run_in_child(size_t place, const char *folder)
{
    int   status;
    pid_t child = fork();

    BENCH_NEED(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_case(place, folder);
        _exit(0);
    }
    BENCH_NEED(waitpid(child, &status, 0) == child);
    if (status != 0) {
        bench_die("transport: %s: not measured to its end", transport_cases[place].name);
    }
    transport_empty(folder); /* killed servers leave their files */
}

static void allow_many_descriptors(void)
{
    struct rlimit most;

    BENCH_NEED(getrlimit(RLIMIT_NOFILE, &most) == 0);
    most.rlim_cur = most.rlim_max;
    BENCH_NEED(setrlimit(RLIMIT_NOFILE, &most) == 0);
}

double transport_result(const char *name, const char *subject, transport_figure figure)
{
    for (size_t i = 0; transport_cases[i].name; i++) {
        for (size_t j = 0; strcmp(transport_cases[i].name, name) == 0 && transport_subjects[j];
             j++) {
            if (strcmp(transport_subjects[j]->name, subject) == 0) {
                return results[i][j][figure];
            }
        }
    }
    return 0;
}

void bench_transport(char *const *args)
{
    char folder[] = "/tmp/kmsg-bench-XXXXXX";

    wanted = transport_wish_of(args);
    BENCH_NEED(mkdtemp(folder));
    results = mmap(NULL, CASES_MAX * sizeof *results, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BENCH_NEED(results != MAP_FAILED);
    transport_fill_payload();
    allow_many_descriptors();
    for (size_t i = 0; transport_cases[i].name; i++) {
        if (transport_wants_case(&wanted, &transport_cases[i])) {
            bench_progress("transport: %s", transport_cases[i].name);
            run_in_child(i, folder);
        }
    }
    BENCH_NEED(rmdir(folder) == 0);
    transport_bars();
}
