/* main.c -- packages: serve the machine's package list, and ask for it.
 *
 *   packages serve [--lan] [--status FILE]         serve until SIGTERM
 *   packages ask [--lan] QUESTION                  ask whoever serves, now or within a minute
 *   packages thread [--status FILE] QUESTION       serve on a thread and ask it from another
 *
 *   QUESTION: find NAME | search TEXT | dependents NAME | sections | time COUNT
 *
 * Nobody needs an address: the one publishes the name `packages`, the other one finds it, on the
 * same host or, with --lan, on any host whose key is trusted.
 */
#define _POSIX_C_SOURCE 200809L

#include "dpkg.h"
#include "index.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kmsg/names.h>

#define STATUS_FILE "/var/lib/dpkg/status"
#define NAME        "packages"
#define PATIENCE_MS 60000u /* for a server that has not been started yet */
#define TIMES_MAX   1000000u

static kmsg_node *serving;

static _Noreturn void usage(void)
{
    fputs("usage: packages serve [--lan] [--status FILE]\n"
          "       packages ask [--lan] QUESTION\n"
          "       packages thread [--status FILE] QUESTION\n"
          "\n"
          "QUESTION: find NAME | search TEXT | dependents NAME | sections | time COUNT\n",
          stderr);
    exit(2);
}

/* ---- questions ------------------------------------------------------------------------------- */

/* Says why a call failed. A NotFound brings names that would have done. */
static int failed(kmsg_peer *peer, kmsg_arena *mem, kmsg_err err)
{
    NotFound error;

    if (err == KMSG_ETHROWN && NotFound_caught(peer, mem, &error)) {
        printf("no package %s", error.name.data);
        for (size_t i = 0; i < error.near.count; i++)
            printf("%s%s", i == 0 ? "; there is " : ", ", error.near.items[i].data);
        putchar('\n');
        return 1;
    }
    fprintf(stderr, "packages: %s: %s %s\n", kmsg_peer_url(peer), kmsg_strerror(err),
            kmsg_last_error());
    return 1;
}

static void print_depends(const Dependency_list *depends)
{
    for (size_t i = 0; i < depends->count; i++) {
        const Dependency *d = &depends->items[i];
        fputs(i == 0 ? "  depends " : ", ", stdout);
        for (size_t k = 0; k < d->alternatives.count; k++) {
            const kmsg_string *version =
                Dependency_versions_find(d->versions, d->alternatives.items[k]);
            printf("%s%s", k == 0 ? "" : " | ", d->alternatives.items[k].data);
            if (version != NULL)
                printf(" (%s)", version->data);
        }
    }
    if (depends->count > 0)
        putchar('\n');
}

static int ask_find(kmsg_peer *peer, kmsg_arena *mem, const char *name)
{
    Package  p;
    kmsg_err err = PackageIndex_find(peer, kmsg_str(name), mem, &p);

    if (err != KMSG_OK)
        return failed(peer, mem, err);
    printf("%s %s (%s, %s): %s\n", p.name.data, p.version.data, p.section.data,
           Priority_name(p.priority), p.summary.data);
    printf("  %" PRIu64 " KiB, %zu more fields%s%s\n", p.installed_kib, p.fields.count,
           p.homepage.data != NULL ? ", " : "", p.homepage.data != NULL ? p.homepage.data : "");
    print_depends(&p.depends);
    return 0;
}

static int ask_search(kmsg_peer *peer, kmsg_arena *mem, const char *text)
{
    Summary_list found;
    kmsg_err     err = PackageIndex_search(peer, kmsg_str(text), 10, mem, &found);

    if (err != KMSG_OK)
        return failed(peer, mem, err);
    for (size_t i = 0; i < found.count; i++)
        printf("%s %s: %s\n", found.items[i].name.data, found.items[i].version.data,
               found.items[i].summary.data);
    return 0;
}

static int ask_dependents(kmsg_peer *peer, kmsg_arena *mem, const char *name)
{
    kmsg_list_string names;
    kmsg_err         err = PackageIndex_dependents(peer, kmsg_str(name), mem, &names);

    if (err != KMSG_OK)
        return failed(peer, mem, err);
    printf("%zu packages depend on %s:", names.count, name);
    for (size_t i = 0; i < names.count && i < 8; i++)
        printf(" %s", names.items[i].data);
    puts(names.count > 8 ? " ..." : "");
    return 0;
}

static int ask_sections(kmsg_peer *peer, kmsg_arena *mem)
{
    PackageIndex_sections_result sections;
    kmsg_err                     err = PackageIndex_sections(peer, mem, &sections);

    if (err != KMSG_OK)
        return failed(peer, mem, err);
    for (size_t i = 0; i < sections.count; i++)
        printf("%s%s %" PRIu32, i == 0 ? "" : ", ", sections.items[i].key.data,
               sections.items[i].value);
    putchar('\n');
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* How long one question takes, there and back, with nothing else under way. */
static int ask_time(kmsg_peer *peer, kmsg_arena *mem, const char *count_text)
{
    unsigned long count = strtoul(count_text, NULL, 10);
    double       *times = count == 0 || count > TIMES_MAX ? NULL : malloc(count * sizeof *times);
    Package       p;
    kmsg_err      err = KMSG_OK;

    if (times == NULL)
        usage();
    for (unsigned long i = 0; i < count && err == KMSG_OK; i++) {
        double begin = now_us();
        err = PackageIndex_find(peer, kmsg_str("dpkg"), mem, &p);
        times[i] = now_us() - begin;
        kmsg_arena_reset(mem);
    }
    if (err == KMSG_OK) {
        qsort(times, count, sizeof *times, by_value);
        printf("find(\"dpkg\") %lu times: median %.1f us, 99 of 100 within %.1f us\n", count,
               times[count / 2], times[count - 1 - count / 100]);
    }
    free(times);
    return err == KMSG_OK ? 0 : failed(peer, mem, err);
}

static int ask_one(kmsg_peer *peer, kmsg_arena *mem, int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[0], "find") == 0)
        return ask_find(peer, mem, argv[1]);
    if (argc == 2 && strcmp(argv[0], "search") == 0)
        return ask_search(peer, mem, argv[1]);
    if (argc == 2 && strcmp(argv[0], "dependents") == 0)
        return ask_dependents(peer, mem, argv[1]);
    if (argc == 1 && strcmp(argv[0], "sections") == 0)
        return ask_sections(peer, mem);
    if (argc == 2 && strcmp(argv[0], "time") == 0)
        return ask_time(peer, mem, argv[1]);
    usage();
}

/* A question waits until somebody who serves has been found. */
static int ask(kmsg_node *node, kmsg_scope scope, int argc, char **argv)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    int         status;

    kmsg_must(kmsg_find(node, NAME, scope, &PackageIndex_service, &peer));
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    status = ask_one(peer, mem, argc, argv);
    kmsg_peer_close(peer);
    kmsg_arena_free(mem);
    return status;
}

/* ---- serving --------------------------------------------------------------------------------- */

static void stop(int signal)
{
    (void)signal;
    kmsg_stop_ts(serving);
}

static int serve(const Package_list *all, kmsg_scope scope)
{
    kmsg_node        *node = kmsg_node_new();
    kmsg_publication *publication;

    kmsg_must(PackageIndex_serve(node, &index_impl, (void *)(uintptr_t)all));
    kmsg_must(kmsg_publish(node, NAME, scope, NULL, &publication));
    kmsg_must(kmsg_published(publication, PATIENCE_MS));
    printf("serving %zu packages as " NAME "\n", all->count);
    fflush(stdout);
    serving = node;
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    kmsg_must(kmsg_run(node));
    kmsg_node_free(node);
    return 0;
}

/* The same, and the same handlers: the nearest who has the name is in this very process. */
static int from_thread(const Package_list *all, int argc, char **argv)
{
    kmsg_node *server = kmsg_node_new(), *client = kmsg_node_new();
    int        status;

    kmsg_must(PackageIndex_serve(server, &index_impl, (void *)(uintptr_t)all));
    kmsg_must(kmsg_publish(server, NAME, KMSG_SCOPE_PROCESS, NULL, NULL));
    kmsg_must(kmsg_start(server));
    status = ask(client, KMSG_SCOPE_PROCESS, argc, argv);
    kmsg_node_free(client);
    kmsg_node_free(server);
    return status;
}

typedef struct options {
    kmsg_scope  scope;
    const char *status_file;
} options;

/* How many arguments they take. */
static int read_options(int argc, char **argv, options *ret)
{
    int at = 2;

    *ret = (options){.scope = KMSG_SCOPE_HOST, .status_file = STATUS_FILE};
    for (; at < argc && argv[at][0] == '-'; at++)
        if (strcmp(argv[at], "--lan") == 0)
            ret->scope = KMSG_SCOPE_LAN;
        else if (strcmp(argv[at], "--status") == 0 && argc > at + 1)
            ret->status_file = argv[++at];
        else
            usage();
    return at;
}

static int ask_others(kmsg_scope scope, int argc, char **argv)
{
    kmsg_node *node = kmsg_node_new();
    int        status = ask(node, scope, argc, argv);

    kmsg_node_free(node);
    return status;
}

int main(int argc, char **argv)
{
    options      how;
    kmsg_arena  *mem;
    Package_list all;
    int          at = argc < 2 ? 0 : read_options(argc, argv, &how), status;

    if (at < argc && at > 0 && strcmp(argv[1], "ask") == 0)
        return ask_others(how.scope, argc - at, argv + at);
    if (at == 0 || (strcmp(argv[1], "serve") != 0 && strcmp(argv[1], "thread") != 0))
        usage();
    mem = kmsg_arena_new();
    if (!dpkg_read(how.status_file, mem, &all))
        return 1;
    status = strcmp(argv[1], "serve") == 0 ? serve(&all, how.scope)
                                           : from_thread(&all, argc - at, argv + at);
    kmsg_arena_free(mem);
    return status;
}
