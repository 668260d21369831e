/* transport_place.c -- on which processors both sides run. Where the scheduler puts them decides
 * how long a round trip takes (to wake somebody on another processor costs four times as much), and
 * it changes its mind; so for round trips they are put there.
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
    cpu_set_t all; /* where this process may run at all */
    cpu_set_t client;
    cpu_set_t server;
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

static cpu_set_t one_of(const cpu_set_t *all, int place)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, all) && place-- == 0) {
            CPU_SET(i, &one);
        }
    }
    return one;
}

/* With one processor all are the same. */
static places find_places(void)
{
    static places found;

    if (CPU_COUNT(&found.all) == 0) {
        BENCH_NEED(sched_getaffinity(0, sizeof found.all, &found.all) == 0);
        found.client = one_of(&found.all, 0);
        found.server = one_of(&found.all, CPU_COUNT(&found.all) > 1);
    }
    return found;
}

void transport_put(transport_place where, const transport_case *c, const pid_t *servers)
{
    places           p = find_places();
    const cpu_set_t *client = where == TRANSPORT_ANYWHERE ? &p.all : &p.client;
    const cpu_set_t *server = where == TRANSPORT_APART ? &p.server : client;

    move_process(getpid(), client, c->kind == TRANSPORT_INPROC ? server : client);
    for (size_t i = 0; c->kind != TRANSPORT_INPROC && i < c->server_count; i++) {
        move_process(servers[i], server, server);
    }
}
