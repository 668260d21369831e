/* transport_count.c -- what a message costs beside time: tests/bench/transport_costs runs this
 * suite once where allocations are counted, and with strace for two numbers of messages, whose
 * difference is what so many messages cost. Both sides are in one process here, whatever the link.
 *
 * bench transport-count COUNT [CASES [SUBJECTS [WORKS]]]
 */
#define _GNU_SOURCE

#include "transport.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP 1000

typedef uint64_t counter_fn(void);

/* ISO C knows no way from a pointer to an object to one to a function. */
static counter_fn *find_counter(void)
{
    void       *found = dlsym(RTLD_DEFAULT, "bench_allocations");
    counter_fn *ret = NULL;

    memcpy(&ret, &found, sizeof ret);
    return ret;
}

static void count_work(const transport_case *c, const transport_subject *subject, int work,
                       size_t count)
{
    const transport_ops *ops = subject->ops[c->kind];
    counter_fn          *allocations = find_counter();
    transport_address    at = {0};
    char                 folder[] = "/tmp/kmsg-bench-XXXXXX";
    char                 name[100];
    char                 metric[100];
    void                *client;
    uint64_t             before;

    BENCH_NEED(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/%s", folder, subject->name);
    ops->server_new(c, name, &at);
    client = ops->client_new(c, &at);
    transport_run(ops, client, (transport_work)work, WARM_UP);
    before = allocations ? allocations() : 0;
    transport_run(ops, client, (transport_work)work, count);
    if (allocations) {
        snprintf(metric, sizeof metric, "%s_allocations", transport_work_names[work]);
        bench_row("transport", c->name, subject->name, metric,
                  (double)(allocations() - before) / (double)count);
    }
    transport_empty(folder);
    BENCH_NEED(rmdir(folder) == 0);
}

static void count_in_child(const transport_case *c, const transport_subject *subject, int work,
                           size_t count)
{
    int   status;
    pid_t child = fork();

    BENCH_NEED(child >= 0);
    if (child == 0) {
        count_work(c, subject, work, count);
        _exit(0);
    }
    BENCH_NEED(waitpid(child, &status, 0) == child && status == 0);
}

void bench_transport_count(char *const *args)
{
    size_t         count = args[0] ? strtoul(args[0], NULL, 10) : 0;
    transport_wish wish = transport_wish_of(args[0] ? args + 1 : args);

    transport_fill_payload();
    for (const transport_case *c = transport_cases; c->name; c++) {
        if (c->server_count > 1 || !transport_wants_case(&wish, c)) {
            continue;
        }
        for (const transport_subject *const *s = transport_subjects; *s; s++) {
            unsigned works = transport_works_of(&wish, c, *s);
            for (int w = 0; w < TRANSPORT_CONNECT; w++) {
                if (transport_has(works, w)) {
                    count_in_child(c, *s, w, count);
                }
            }
        }
    }
}
