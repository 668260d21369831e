/* fanout.c -- messages from one publisher to 1, 8, 64 subscribers, of each subject in turns.
 *
 * Each case is measured in a process of its own. The subscribers' processes are made before any
 * publisher, as a library that has started threads does not survive a fork. A figure is the median
 * of ROUNDS.
 *
 * bench fanout [CASES [SUBJECTS]]: lists of patterns as the shell's: `bench fanout 'tcp*' kmsg`.
 */
#define _GNU_SOURCE

#include "fanout.h"

#include "transport.h"

#include <fnmatch.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS     7
#define RUN_NS     100000000
#define GIVE_UP_NS UINT64_C(20000000000)
#define SETTLE_NS  50000000

const uint8_t fanout_payload[FANOUT_SIZE + 1] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static const fanout_case cases[] = {
    {"unix/1", FANOUT_UNIX, 1}, {"unix/8", FANOUT_UNIX, 8}, {"unix/64", FANOUT_UNIX, 64},
    {"tcp/1", FANOUT_TCP, 1},   {"tcp/8", FANOUT_TCP, 8},   {"tcp/64", FANOUT_TCP, 64},
    {"shm/1", FANOUT_SHM, 1},   {"shm/8", FANOUT_SHM, 8},   {"shm/64", FANOUT_SHM, 64},
};

static const fanout_subject *const subjects[] = {&fanout_kmsg, &fanout_zeromq, &fanout_nats};

#define CASE_COUNT    (sizeof cases / sizeof *cases)
#define SUBJECT_COUNT (sizeof subjects / sizeof *subjects)

/* kmsg against each of the others, in the same run. */
#define BAR 4.0

typedef struct entry {
    const fanout_subject *subject;
    pid_t                 child;
    int                   address_fd;
    fanout_tally         *tally;
    void                 *publisher;
    size_t                count; /* of messages that take about RUN_NS */
    double                rounds[ROUNDS];
} entry;

static double (*results)[SUBJECT_COUNT]; /* of all cases, shared with children */

/* ---- processors ------------------------------------------------------------------------------ */

/* One half of them, from now on. */
static void use_half(bool upper)
{
    cpu_set_t all, half;
    size_t    seen = 0, count;

    BENCH_NEED(sched_getaffinity(0, sizeof all, &all) == 0);
    count = (size_t)CPU_COUNT(&all);
    CPU_ZERO(&half);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all) && (seen++ >= count / 2) == upper) {
            CPU_SET(i, &half);
        }
    }
    if (count > 1) {
        BENCH_NEED(sched_setaffinity(0, sizeof half, &half) == 0);
    }
}

/* ---- both sides ------------------------------------------------------------------------------ */

static void be_subscribers(const entry *e, const fanout_case *c, int fd)
{
    fanout_address address;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(fd, &address, sizeof address) != sizeof address) {
        _exit(0); /* there is no publisher */
    }
    use_half(true);
    e->subject->ops.subscribe(c, &address, e->tally);
    _exit(1);
}

static void start_subscribers(entry *e, const fanout_case *c)
{
    int fds[2];

    e->tally =
        mmap(NULL, sizeof *e->tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BENCH_NEED(e->tally != MAP_FAILED && pipe(fds) == 0);
    e->child = fork();
    BENCH_NEED(e->child >= 0);
    if (e->child == 0) {
        close(fds[1]);
        be_subscribers(e, c, fds[0]);
    }
    close(fds[0]);
    e->address_fd = fds[1];
}

static uint64_t total(const entry *e)
{
    return atomic_load_explicit(&e->tally->total, memory_order_acquire);
}

/* Until nothing has come for a while. */
static void settle(entry *e)
{
    uint64_t before = total(e), since_ns = bench_now_ns();

    while (bench_now_ns() - since_ns < SETTLE_NS) {
        e->subject->ops.turn(e->publisher);
        if (total(e) != before) {
            before = total(e);
            since_ns = bench_now_ns();
        }
    }
}

/* False: the subject cannot be measured here. */
static bool start_publisher(entry *e, const fanout_case *c, const char *folder)
{
    uint64_t       begin_ns = bench_now_ns();
    fanout_address address = {{0}};
    char           name[200];

    snprintf(name, sizeof name, "%s/%s", folder, e->subject->name);
    e->publisher = e->subject->ops.publisher_new(c, name, &address);
    if (e->publisher != NULL) {
        BENCH_NEED(write(e->address_fd, &address, sizeof address) == sizeof address);
    }
    close(e->address_fd);
    if (e->publisher == NULL) {
        return false;
    }
    while (atomic_load(&e->tally->there) < c->subscribers) {
        e->subject->ops.publish(e->publisher, 1);
        e->subject->ops.turn(e->publisher);
        BENCH_NEED(bench_now_ns() - begin_ns < GIVE_UP_NS);
    }
    settle(e);
    return true;
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* Messages delivered in a second. */
static double measure(entry *e, const fanout_case *c, size_t count, double *ret_ns)
{
    uint64_t begin_ns = bench_now_ns(), wanted = total(e) + count * c->subscribers;

    e->subject->ops.publish(e->publisher, count);
    while (total(e) < wanted) {
        e->subject->ops.turn(e->publisher);
        if (bench_now_ns() - begin_ns > GIVE_UP_NS) {
            bench_die("%s: of %zu messages to %zu, %zu have not come", e->subject->name, count,
                      c->subscribers, (size_t)(wanted - total(e)));
        }
    }
    BENCH_NEED(total(e) == wanted);
    *ret_ns = (double)(bench_now_ns() - begin_ns);
    return (double)count * (double)c->subscribers * 1e9 / *ret_ns;
}

static void find_count(entry *e, const fanout_case *c)
{
    size_t count = 1000;
    double ns;

    for (measure(e, c, count, &ns); ns < RUN_NS / 4; measure(e, c, count, &ns)) {
        count *= 2;
    }
    e->count = (size_t)((double)count * RUN_NS / ns) + 1;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure_all(entry *entries, size_t count, size_t place)
{
    const fanout_case *c = &cases[place];
    double             ns;

    for (size_t i = 0; i < count; i++) {
        find_count(&entries[i], c);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            entries[i].rounds[round] = measure(&entries[i], c, entries[i].count, &ns);
        }
    }
    for (size_t i = 0; i < count; i++) {
        entry *e = &entries[i];
        qsort(e->rounds, ROUNDS, sizeof *e->rounds, compare_doubles);
        for (size_t k = 0; k < SUBJECT_COUNT; k++) {
            if (subjects[k] == e->subject) {
                results[place][k] = e->rounds[ROUNDS / 2];
            }
        }
        bench_row("fanout", c->name, e->subject->name, "delivered_s", e->rounds[ROUNDS / 2]);
    }
    fflush(stdout);
}

static void run_case(size_t place, const char *folder, const char *wanted)
{
    const fanout_case *c = &cases[place];
    entry              entries[SUBJECT_COUNT] = {{0}};
    size_t             count = 0, kept = 0;

    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (subjects[i]->has[c->kind] && fnmatch(wanted, subjects[i]->name, 0) == 0) {
            entries[count].subject = subjects[i];
            start_subscribers(&entries[count++], c);
        }
    }
    use_half(false);
    for (size_t i = 0; i < count; i++) {
        if (start_publisher(&entries[i], c, folder)) {
            entries[kept++] = entries[i];
        }
    }
    measure_all(entries, kept, place);
    for (size_t i = 0; i < kept; i++) {
        kill(entries[i].child, SIGKILL);
        entries[i].subject->ops.publisher_end(entries[i].publisher);
    }
}

static void run_in_child(size_t place, const char *wanted)
{
    char  folder[] = "/tmp/kmsg-fanout-XXXXXX";
    pid_t child;
    int   status;

    BENCH_NEED(mkdtemp(folder));
    fflush(stdout);
    child = fork();
    BENCH_NEED(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_case(place, folder, wanted);
        _exit(0);
    }
    BENCH_NEED(waitpid(child, &status, 0) == child);
    transport_empty(folder);
    rmdir(folder);
    BENCH_NEED(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- bars ------------------------------------------------------------------------------------ */

static void tell_bars(void)
{
    for (size_t place = 0; place < CASE_COUNT; place++) {
        for (size_t k = 1; k < SUBJECT_COUNT; k++) {
            double ours = results[place][0], theirs = results[place][k];
            if (ours == 0 || theirs == 0) {
                continue;
            }
            bench_row("fanout", cases[place].name, subjects[k]->name, "kmsg_ratio", ours / theirs);
            bench_progress("fanout %-8s kmsg %6.2f M/s, %s %6.2f M/s: %5.1f times, bar %.0f: %s",
                           cases[place].name, ours / 1e6, subjects[k]->name, theirs / 1e6,
                           ours / theirs, BAR, ours / theirs >= BAR ? "met" : "not met");
        }
    }
}

void bench_fanout(char *const *args)
{
    const char *wanted_cases = args[0] == NULL ? "*" : args[0];
    const char *wanted = args[0] == NULL || args[1] == NULL ? "*" : args[1];

    results = mmap(NULL, CASE_COUNT * sizeof *results, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BENCH_NEED(results != MAP_FAILED);
    for (size_t i = 0; i < CASE_COUNT; i++) {
        if (fnmatch(wanted_cases, cases[i].name, 0) == 0) {
            bench_progress("fanout %s", cases[i].name);
            run_in_child(i, wanted);
        }
    }
    tell_bars();
}
