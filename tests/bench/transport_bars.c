/* transport_bars.c -- what kmsg is held to: each bar is a figure of kmsg, or its ratio to that of a
 * rival in the same run, and the least or the most that it should be. A rival is one subject, or
 * the best of those that are neither kmsg nor raw.
 *
 * It says what is met and what is not, and no more: a time is no test.
 */
#include "transport.h"

#include <stdio.h>

#define PEERS  "best peer"
#define NOBODY NULL /* a figure by itself */

static const struct bar {
    const char      *name;
    transport_figure figure;
    const char      *subject;
    const char      *rival;
    double           bound; /* the least of what is the better the more there is, else the most; 0:
                             * no bar, but good to know */
} bars[] = {
    {"inproc/64", TRANSPORT_P50_US, "kmsg", "raw-epoll", 1.15},
    {"inproc/64", TRANSPORT_P99_US, "kmsg", "raw-epoll", 1.15},
    {"inproc/64", TRANSPORT_P50_US, "kmsg", PEERS, 1},
    {"inproc/64", TRANSPORT_ONE_CORE_P50_US, "kmsg", "raw-epoll", 0},
    {"inproc/64", TRANSPORT_P99_US, "kmsg", PEERS, 1},
    {"unix/64", TRANSPORT_P50_US, "kmsg", "raw-epoll", 1.15},
    {"unix/64", TRANSPORT_P99_US, "kmsg", "raw-epoll", 1.15},
    {"unix/64", TRANSPORT_P50_US, "kmsg", "raw-blocking", 0},
    {"unix/64", TRANSPORT_P50_US, "kmsg", PEERS, 1},
    {"unix/64", TRANSPORT_ONE_CORE_P50_US, "kmsg", "raw-epoll", 0},
    {"unix/64", TRANSPORT_P99_US, "kmsg", PEERS, 1},
    {"tcp/64", TRANSPORT_P50_US, "kmsg", "raw-epoll", 1.15},
    {"tcp/64", TRANSPORT_P99_US, "kmsg", "raw-epoll", 1.15},
    {"tcp/64", TRANSPORT_P50_US, "kmsg", "raw-blocking", 0},
    {"tcp/64", TRANSPORT_P50_US, "kmsg", PEERS, 1},
    {"tcp/64", TRANSPORT_ONE_CORE_P50_US, "kmsg", "raw-epoll", 0},
    {"tcp/64", TRANSPORT_P99_US, "kmsg", PEERS, 1},
    {"inproc/64", TRANSPORT_P50_US, "kmsg-spin", "raw-spin", 1.5},
    {"unix/64", TRANSPORT_P50_US, "kmsg-spin", "raw-spin", 1.5},
    {"tcp/64", TRANSPORT_P50_US, "kmsg-spin", "raw-spin", 1.5},
    {"shm/64", TRANSPORT_P50_US, "kmsg-spin", NOBODY, 1.5},
    {"inproc/64", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 5},
    {"unix/64", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 5},
    {"tcp/64", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 5},
    {"inproc/64", TRANSPORT_ONEWAY_S, "kmsg", "raw-batch", 0.5},
    {"unix/64", TRANSPORT_ONEWAY_S, "kmsg", "raw-batch", 0.5},
    {"tcp/64", TRANSPORT_ONEWAY_S, "kmsg", "raw-batch", 0.5},
    {"shm/64", TRANSPORT_ONEWAY_S, "kmsg", NOBODY, 8e6},
    {"inproc/64", TRANSPORT_CALLS_S, "kmsg", "zeromq", 4},
    {"unix/64", TRANSPORT_CALLS_S, "kmsg", "zeromq", 4},
    {"tcp/64", TRANSPORT_CALLS_S, "kmsg", "zeromq", 4},
    {"inproc/64", TRANSPORT_CALLS_S, "kmsg", "raw-batch", 0.6},
    {"unix/64", TRANSPORT_CALLS_S, "kmsg", "raw-batch", 0.6},
    {"tcp/64", TRANSPORT_CALLS_S, "kmsg", "raw-batch", 0.6},
    {"tcp/64", TRANSPORT_ACKED_S, "kmsg", NOBODY, 275000},
    {"tcp/64", TRANSPORT_ACKED_S, "kmsg", "raw-batch", 0},
    {"unix/64k", TRANSPORT_ONEWAY_S, "kmsg", "raw-blocking", 0.9},
    {"tcp/64k", TRANSPORT_ONEWAY_S, "kmsg", "raw-blocking", 0.9},
    {"shm/64k", TRANSPORT_ONEWAY_S, "kmsg", "raw-blocking", 0.6},
    {"inproc/64k", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 1.5},
    {"inproc/64k", TRANSPORT_CALLS_S, "kmsg", "zeromq", 1},
    {"inproc/64k-to-8", TRANSPORT_DELIVERED_S, "kmsg", "zeromq", 1},
    {"unix/64-to-8", TRANSPORT_DELIVERED_S, "kmsg", "zeromq", 4},
    {"unix/1k-to-8", TRANSPORT_DELIVERED_S, "kmsg", "zeromq", 4},
    {"tcp/64-to-8", TRANSPORT_DELIVERED_S, "kmsg", "zeromq", 4},
    {"tcp/1k-to-8", TRANSPORT_DELIVERED_S, "kmsg", "zeromq", 4},
    {"tcp/idle", TRANSPORT_CONNECTIONS_S, "kmsg", "raw-blocking", 0.6},
    {"tcp/idle", TRANSPORT_CONNECTIONS_S, "kmsg", PEERS, 2},
    {"tcp/idle", TRANSPORT_IDLE_KIB, "kmsg", NOBODY, 3.8},
    {"secure/64", TRANSPORT_P50_US, "kmsg", "kmsg-clear", 1.3},
    {"secure/64", TRANSPORT_P99_US, "kmsg", "kmsg-clear", 0},
    {"secure/64", TRANSPORT_ONE_CORE_P50_US, "kmsg", "kmsg-clear", 0},
    {"secure/64", TRANSPORT_P50_US, "kmsg", "raw-chacha", 0},
    {"secure/64", TRANSPORT_P50_US, "kmsg", "openssl", 0},
    {"secure/64", TRANSPORT_P50_US, "kmsg", "zeromq", 0},
    {"secure/64", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 5},
    {"secure/64", TRANSPORT_ONEWAY_S, "kmsg", "raw-chacha", 0.6},
    {"secure/64", TRANSPORT_ONEWAY_S, "kmsg", "openssl", 0},
    {"secure/64", TRANSPORT_ONEWAY_S, "kmsg", "openssl-chacha", 0},
    {"secure/64", TRANSPORT_ONEWAY_S, "kmsg", "kmsg-clear", 0},
    {"secure/64", TRANSPORT_ONEWAY_CPU_NS, "kmsg", "raw-chacha", 0},
    {"secure/64", TRANSPORT_CALLS_S, "kmsg", "zeromq", 0},
    {"secure/64", TRANSPORT_CALLS_S, "kmsg", "raw-chacha", 0},
    {"secure/64", TRANSPORT_ACKED_S, "kmsg", "raw-chacha", 0},
    {"secure/64k", TRANSPORT_ONEWAY_S, "kmsg", "raw-chacha", 0.85},
    {"secure/64k", TRANSPORT_ONEWAY_S, "kmsg", "nng", 0},
    {"secure/64k", TRANSPORT_ONEWAY_S, "kmsg", "zeromq", 0},
    {"secure/64k", TRANSPORT_ONEWAY_S, "kmsg", "openssl", 0},
    {"secure/64k", TRANSPORT_ONEWAY_S, "kmsg", "openssl-chacha", 0},
    {"secure/64k", TRANSPORT_ONEWAY_CPU_NS, "kmsg", "raw-chacha", 0},
    {"secure/handshake", TRANSPORT_HANDSHAKES_CPU_S, "kmsg", "raw-chacha", 0},
    {"secure/handshake", TRANSPORT_HANDSHAKES_CPU_S, "kmsg", "openssl", 0},
    {"secure/handshake", TRANSPORT_HANDSHAKES_CPU_S, "kmsg", "zeromq", 0},
    {"secure/handshake", TRANSPORT_HANDSHAKES_S, "kmsg", "openssl", 0},
    {"secure/idle", TRANSPORT_IDLE_KIB, "kmsg", NOBODY, 0},
};

static bool less_is_better(transport_figure figure)
{
    return figure == TRANSPORT_P50_US || figure == TRANSPORT_P99_US ||
           figure == TRANSPORT_ONE_CORE_P50_US || figure == TRANSPORT_IDLE_KIB ||
           figure == TRANSPORT_ONEWAY_CPU_NS;
}

static bool is_peer(const char *subject)
{
    return strncmp(subject, "kmsg", 4) != 0 && strncmp(subject, "raw", 3) != 0;
}

static double best_peer(const struct bar *bar, const char **ret_name)
{
    double best = 0;

    for (const transport_subject *const *s = transport_subjects; *s; s++) {
        double it = transport_result(bar->name, (*s)->name, bar->figure);
        bool   ahead = less_is_better(bar->figure) ? it < best : it > best;
        if (is_peer((*s)->name) && it > 0 && (best == 0 || ahead)) {
            best = it;
            *ret_name = (*s)->name;
        }
    }
    return best;
}

/* False: one of both was not measured. */
static bool find_ratio(const struct bar *bar, const char **ret_rival, double *ret)
{
    double kmsg = transport_result(bar->name, bar->subject, bar->figure);
    double other = 1;

    *ret_rival = bar->rival;
    if (bar->rival && strcmp(bar->rival, PEERS) == 0) {
        other = best_peer(bar, ret_rival);
    } else if (bar->rival) {
        other = transport_result(bar->name, bar->rival, bar->figure);
    }
    *ret = other > 0 ? kmsg / other : 0;
    return *ret > 0;
}

/* True if it was measured and is not met. */
static bool tell(const struct bar *bar)
{
    const char *rival;
    char        metric[64];
    double      ratio;
    bool        less = less_is_better(bar->figure);
    bool        met;

    if (!find_ratio(bar, &rival, &ratio)) {
        return false;
    }
    snprintf(metric, sizeof metric, "%s%s%s", transport_figure_names[bar->figure], rival ? "/" : "",
             rival ? rival : "");
    if (rival) {
        bench_row("transport", bar->name, bar->subject, metric, ratio);
    }
    if (bar->bound == 0) {
        bench_progress("  %-15s %-9s %-29s %10.2f", bar->name, bar->subject, metric, ratio);
        return false;
    }
    met = less ? ratio <= bar->bound : ratio >= bar->bound;
    bench_progress("  %-15s %-9s %-29s %10.2f, at %s %9.2f  %s", bar->name, bar->subject, metric,
                   ratio, less ? "most " : "least", bar->bound, met ? "met" : "NOT MET");
    return !met;
}

void transport_bars(void)
{
    size_t missed = 0;

    bench_progress("transport: kmsg beside its rivals (ratio, or the figure alone)");
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        missed += tell(&bars[i]);
    }
    bench_progress("transport: %zu bars are not met", missed);
}
