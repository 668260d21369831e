/* names.c -- the names suite: how long it takes from publishing a name until the first call to it
 * has been answered, when somebody waits for it with that call; and until who had a session hears
 * that the other side's process was killed. No peer does the same, so kmsg is alone here.
 *
 * Three processes: this one, who asks, and who serves. Times are taken from one clock. In the case
 * of the LAN each of them is a host of its own, with its own key, directory and folder; they meet
 * by multicast on the interfaces of this machine.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "transport_keys.h"

#include "echo.kmsg.h"

#include <kmsg/names.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS_MAX   200u
#define KILLS        20u
#define LAN_PAUSE_MS 1500u /* who changes often is heard at once only now and then */
#define PATIENCE_MS  20000u

typedef struct place {
    const char *name;
    kmsg_scope  scope;
    unsigned    rounds;
} place;

static const place places[] = {{"found/host", KMSG_SCOPE_HOST, 200},
                               {"found/lan", KMSG_SCOPE_LAN, 40}};

static char folder[64];

/* ---- processes ----------------------------------------------------------------------------- */

typedef struct process {
    pid_t pid;
    int   line; /* words of 8 bytes */
} process;

static void say(int line, uint64_t word)
{
    BENCH_NEED(write(line, &word, sizeof word) == sizeof word);
}

static uint64_t hear(int line)
{
    uint64_t word = 0;

    BENCH_NEED(read(line, &word, sizeof word) == sizeof word);
    return word;
}

/* Before this process has a thread. `host` is 0 or 1. */
static process begin(void (*run)(int line, kmsg_scope scope), kmsg_scope scope, bool host)
{
    char    path[128], home[160];
    int     fds[2];
    process p;

    BENCH_NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    p = (process){.pid = fork(), .line = fds[0]};
    BENCH_NEED(p.pid >= 0);
    if (p.pid > 0) {
        close(fds[1]);
        return p;
    }
    close(fds[0]);
    snprintf(path, sizeof path, "%s/run%d", folder, scope == KMSG_SCOPE_LAN && host);
    setenv("KMSG_RUNTIME", path, 1);
    snprintf(path, sizeof path, "%s/key", folder);
    transport_keys_path(path, host, home, sizeof home);
    setenv("KMSG_HOME", home, 1);
    run(fds[1], scope);
    _exit(0);
}

static void end(process *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    close(p->line);
}

/* ---- who serves ---------------------------------------------------------------------------- */

static kmsg_err count(void *ctx, kmsg_call *call, uint64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = 1;
    return KMSG_OK;
}

static const Echo_impl echo = {.count = count};

typedef struct server {
    kmsg_node        *node;
    kmsg_publication *publication;
    int               line;
    uint64_t          round;
    kmsg_scope        scope;
    bool              gone;
} server;

static void heard(void *ctx, const kmsg_name_event *event)
{
    server *s = ctx;

    s->gone |= event->kind == KMSG_UNPUBLISHED;
}

/* The next word, while the node is at work. */
static uint64_t hear_at_work(const server *s)
{
    uint64_t word;

    while (recv(s->line, &word, sizeof word, MSG_DONTWAIT) != sizeof word)
        kmsg_must(kmsg_node_step(s->node));
    return word;
}

/* Each round another name, so that nothing of the last one matters. */
static void serve(int line, kmsg_scope scope)
{
    server                     s = {.node = kmsg_node_new(), .line = line, .scope = scope};
    const kmsg_publish_options options = {.heard = heard, .ctx = &s};
    kmsg_publication          *warm;
    kmsg_message              *none;
    char                       name[32];

    kmsg_must(Echo_serve(s.node, &echo, NULL));
    kmsg_must(kmsg_publish(s.node, "bench/warm", scope, NULL, &warm));
    kmsg_must(kmsg_published(warm, PATIENCE_MS));
    for (;;) {
        s.round = hear_at_work(&s);
        snprintf(name, sizeof name, "bench/%u", (unsigned)s.round);
        say(line, bench_now_ns());
        kmsg_must(kmsg_publish(s.node, name, scope, &options, &s.publication));
        (void)hear_at_work(&s);
        kmsg_unpublish(s.publication);
        for (s.gone = false; !s.gone;)
            kmsg_must(kmsg_node_step(s.node));
        if (scope == KMSG_SCOPE_LAN) /* nothing comes: until the host may be heard at once again */
            BENCH_NEED(kmsg_receive(kmsg_root(s.node), LAN_PAUSE_MS, &none) == KMSG_ETIMEDOUT);
    }
}

/* ---- who asks ------------------------------------------------------------------------------ */

static void ask(int line, kmsg_scope scope)
{
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    char        name[32];

    for (;;) {
        kmsg_peer *peer;
        uint64_t   round = hear(line), n;
        snprintf(name, sizeof name, round == 0 ? "bench/warm" : "bench/%u", (unsigned)round);
        kmsg_must(kmsg_find(node, name, scope, &Echo_service, &peer));
        kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
        if (round != 0) { /* it waits already when the name is published */
            BENCH_NEED(kmsg_connect(peer, 20) == KMSG_ETIMEDOUT);
            say(line, 0);
        }
        kmsg_must(Echo_count(peer, mem, &n));
        say(line, bench_now_ns());
        kmsg_peer_close(peer);
        kmsg_arena_reset(mem);
    }
}

/* ---- the suite ----------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void put_rows(const char *name, const char *what, double *list, unsigned n)
{
    char metric[64];

    qsort(list, n, sizeof *list, by_value);
    snprintf(metric, sizeof metric, "%s_p50_ms", what);
    bench_row("names", name, "kmsg", metric, list[n / 2]);
    snprintf(metric, sizeof metric, "%s_p99_ms", what);
    bench_row("names", name, "kmsg", metric, list[n - 1 - n / 100]);
}

static void found(const place *p)
{
    process giver = begin(serve, p->scope, false), asker = begin(ask, p->scope, true);
    double  times[ROUNDS_MAX];

    say(asker.line, 0); /* both hosts know each other, if they are two */
    (void)hear(asker.line);
    for (unsigned i = 0; i < p->rounds; i++) {
        uint64_t begin_ns, end_ns;
        say(asker.line, i + 1);
        (void)hear(asker.line);
        say(giver.line, i + 1);
        begin_ns = hear(giver.line);
        end_ns = hear(asker.line);
        times[i] = (double)(end_ns - begin_ns) / 1e6;
        say(giver.line, 0);
    }
    put_rows(p->name, "first_call", times, p->rounds);
    end(&asker);
    end(&giver);
}

/* ---- who is gone --------------------------------------------------------------------------- */

typedef struct watch {
    int      line;
    uint64_t gone_ns;
} watch;

static void watch_event(void *ctx, const kmsg_name_event *event)
{
    watch *w = ctx;

    if (event->kind == KMSG_AVAILABLE)
        say(w->line, 1);
    else if (event->kind == KMSG_DROPPED)
        say(w->line, bench_now_ns());
}

static void watch_name(int line, kmsg_scope scope)
{
    kmsg_node                   *node = kmsg_node_new();
    watch                        w = {.line = line};
    const kmsg_subscribe_options options = {.heard = watch_event, .ctx = &w};

    kmsg_must(kmsg_subscribe(node, "bench/warm", scope, &options, NULL));
    kmsg_must(kmsg_run(node));
}

static void serve_until_killed(int line, kmsg_scope scope)
{
    kmsg_node *node = kmsg_node_new();

    (void)hear(line);
    kmsg_must(kmsg_publish(node, "bench/warm", scope, NULL, NULL));
    kmsg_must(kmsg_run(node));
}

static void gone(void)
{
    process watcher = begin(watch_name, KMSG_SCOPE_HOST, true), list[KILLS];
    double  times[KILLS];

    for (unsigned i = 0; i < KILLS; i++)
        list[i] = begin(serve_until_killed, KMSG_SCOPE_HOST, false);
    for (unsigned i = 0; i < KILLS; i++) {
        uint64_t begin_ns;
        say(list[i].line, 0);
        BENCH_NEED(hear(watcher.line) == 1);
        begin_ns = bench_now_ns();
        kill(list[i].pid, SIGKILL);
        times[i] = (double)(hear(watcher.line) - begin_ns) / 1e6;
        end(&list[i]);
    }
    put_rows("gone/host", "missed", times, KILLS);
    end(&watcher);
}

void bench_names(char *const *args)
{
    char path[128];

    snprintf(folder, sizeof folder, "/tmp/kmsg-bench-XXXXXX");
    BENCH_NEED(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/key", folder);
    transport_keys_new(path);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!*args || strcmp(*args, places[i].name) == 0)
            found(&places[i]);
    if (!*args || strcmp(*args, "gone/host") == 0)
        gone();
    transport_empty(folder);
    rmdir(folder);
}
