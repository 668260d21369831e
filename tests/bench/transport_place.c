/* transport_place.c -- on which processors both sides run. Where the scheduler puts them decides
 * what is measured (to wake somebody on another processor costs four times as much as on one's
 * own), and it changes its mind; so they are put there: each on its half of the processors.
 *
 * All threads that there are of a process are moved: libraries have some of their own. Between
 * threads the client is the one that measures, and all others are taken for the server.
 */
#define _GNU_SOURCE

#include "transport.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct places {
    cpu_set_t client;
    cpu_set_t server;
    cpu_set_t one;
} places;

static bool is_number(const char *name)
{
    return name[0] >= '0' && name[0] <= '9';
}

/* Those that end meanwhile are none. */
static void move_process(pid_t pid, const cpu_set_t *first, const cpu_set_t *others)
{
    char path[64];
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    tasks = opendir(path);
    BENCH_NEED(tasks);
    for (struct dirent *d = readdir(tasks); d; d = readdir(tasks)) {
        if (is_number(d->d_name)) {
            pid_t thread = (pid_t)strtol(d->d_name, NULL, 10);
            sched_setaffinity(thread, sizeof *first, thread == pid ? first : others);
        }
    }
    closedir(tasks);
}

/* So many of them, from the n-th on. */
static cpu_set_t part_of(const cpu_set_t *all, int from, int count)
{
    cpu_set_t part;
    int       n = 0;

    CPU_ZERO(&part);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, all)) {
            if (n >= from && n < from + count) {
                CPU_SET(i, &part);
            }
            n++;
        }
    }
    return part;
}

/* With one processor all are the same. They are found before anything was moved. */
static const places *find_places(void)
{
    static places found;
    cpu_set_t     all;
    int           half;

    if (CPU_COUNT(&found.one) == 0) {
        BENCH_NEED(sched_getaffinity(0, sizeof all, &all) == 0);
        half = CPU_COUNT(&all) / 2;
        found.one = part_of(&all, 0, 1);
        found.client = half > 0 ? part_of(&all, 0, half) : found.one;
        found.server = half > 0 ? part_of(&all, half, half) : found.one;
    }
    return &found;
}

void transport_put(transport_place where, const transport_case *c, const pid_t *servers)
{
    const places    *p = find_places();
    const cpu_set_t *client = where == TRANSPORT_APART ? &p->client : &p->one;
    const cpu_set_t *server = where == TRANSPORT_APART ? &p->server : &p->one;

    move_process(getpid(), client, c->kind == TRANSPORT_INPROC ? server : client);
    for (size_t i = 0; c->kind != TRANSPORT_INPROC && i < c->server_count; i++) {
        move_process(servers[i], server, server);
    }
}
