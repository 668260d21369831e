/* main.c -- packages: serve the machine's package list, and ask for it.
 *
 *   packages serve [--status FILE] URL...                serve on these addresses until SIGTERM
 *   packages ask URL QUESTION                            ask a server
 *   packages thread [--status FILE] QUESTION             serve on a thread and ask it from another
 *
 *   QUESTION: find NAME | search TEXT | dependents NAME | sections | time COUNT
 */
#define _POSIX_C_SOURCE 200809L

#include "dpkg.h"
#include "index.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATUS_FILE "/var/lib/dpkg/status"
#define TIMES_MAX   1000000u

static kmsg_node *serving;

static _Noreturn void usage(void)
{
    fputs("usage: packages serve [--status FILE] URL...\n"
          "       packages ask URL QUESTION\n"
          "       packages thread [--status FILE] QUESTION\n"
          "\n"
          "QUESTION: find NAME | search TEXT | dependents NAME | sections | time COUNT\n"
          "URL: unix:/tmp/packages.sock, tcp:127.0.0.1:7000, ...\n",
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

static int ask(kmsg_node *node, const char *url, int argc, char **argv)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    int         status = 2;

    kmsg_must(kmsg_dial(node, url, &peer));
    if (argc == 2 && strcmp(argv[0], "find") == 0)
        status = ask_find(peer, mem, argv[1]);
    else if (argc == 2 && strcmp(argv[0], "search") == 0)
        status = ask_search(peer, mem, argv[1]);
    else if (argc == 2 && strcmp(argv[0], "dependents") == 0)
        status = ask_dependents(peer, mem, argv[1]);
    else if (argc == 1 && strcmp(argv[0], "sections") == 0)
        status = ask_sections(peer, mem);
    else if (argc == 2 && strcmp(argv[0], "time") == 0)
        status = ask_time(peer, mem, argv[1]);
    else
        usage();
    kmsg_arena_free(mem);
    return status;
}

/* ---- serving --------------------------------------------------------------------------------- */

static void stop(int signal)
{
    (void)signal;
    kmsg_stop_ts(serving);
}

static int serve(const Package_list *all, int argc, char **argv)
{
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *listener;

    if (node == NULL || argc == 0)
        usage();
    kmsg_must(PackageIndex_serve(node, &index_impl, (void *)(uintptr_t)all));
    for (int i = 0; i < argc; i++) {
        kmsg_must(kmsg_listen(node, argv[i], &listener));
        printf("serving %zu packages on %s\n", all->count, kmsg_listener_url(listener));
    }
    fflush(stdout);
    serving = node;
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    kmsg_must(kmsg_run(node));
    kmsg_node_free(node);
    return 0;
}

static int from_thread(const Package_list *all, int argc, char **argv)
{
    kmsg_node *server = kmsg_node_new(), *client = kmsg_node_new();
    int        status;

    if (server == NULL || client == NULL)
        usage();
    kmsg_must(PackageIndex_serve(server, &index_impl, (void *)(uintptr_t)all));
    kmsg_must(kmsg_listen(server, "inproc:packages", NULL));
    kmsg_must(kmsg_start(server));
    status = ask(client, "inproc:packages", argc, argv);
    kmsg_node_free(client);
    kmsg_node_free(server);
    return status;
}

int main(int argc, char **argv)
{
    const char  *status_file = STATUS_FILE;
    kmsg_arena  *mem = kmsg_arena_new();
    Package_list all;
    int          at = 2, status;

    if (argc < 3)
        usage();
    if (strcmp(argv[1], "ask") == 0) {
        kmsg_node *node = kmsg_node_new();
        status = argc < 4 ? 2 : ask(node, argv[2], argc - 3, argv + 3);
        kmsg_node_free(node);
        kmsg_arena_free(mem);
        return status;
    }
    if (strcmp(argv[at], "--status") == 0 && argc > at + 1) {
        status_file = argv[at + 1];
        at += 2;
    }
    if (!dpkg_read(status_file, mem, &all))
        return 1;
    if (strcmp(argv[1], "serve") == 0)
        status = serve(&all, argc - at, argv + at);
    else if (strcmp(argv[1], "thread") == 0 && argc > at)
        status = from_thread(&all, argc - at, argv + at);
    else
        usage();
    kmsg_arena_free(mem);
    return status;
}
