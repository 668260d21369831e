/* ping.c -- kmsg ping: is who publishes a name alive, and how far away? As ping(8) shows it. */
#include "cli/remote.h"

#include <inttypes.h>

#define BETWEEN_MS 1000u

typedef struct tally {
    uint64_t sent, came;
    double   least, most, sum; /* ms */
} tally;

static double ms_of(kmsg_duration ns)
{
    return (double)ns / 1e6;
}

static void count(tally *t, double ms)
{
    t->least = t->came == 0 || ms < t->least ? ms : t->least;
    t->most = ms > t->most ? ms : t->most;
    t->sum += ms;
    t->came++;
}

/* False: asking again has no use. */
static bool ping(const remote *r, tally *t)
{
    kmsg_duration rtt;
    kmsg_err      err = kmsg_ping(r->peer, r->timeout_ms, &rtt);

    t->sent++;
    if (err == KMSG_OK) {
        count(t, ms_of(rtt));
        printf("%s: seq=%" PRIu64 " time=%.3f ms\n", r->name, t->sent, ms_of(rtt));
    } else if (err == KMSG_ETIMEDOUT) {
        printf("%s: seq=%" PRIu64 " (timed out)\n", r->name, t->sent);
    } else {
        printf("%s: seq=%" PRIu64 " (%s)\n", r->name, t->sent, kmsg_strerror(err));
    }
    fflush(stdout);
    return err != KMSG_EDATAGRAM && err != KMSG_EADDRESS && !ferror(stdout);
}

static void print_tally(const remote *r, const tally *t)
{
    printf("--- %s ---\n%" PRIu64 " asked, %" PRIu64 " answered, %.0f%% lost\n", r->name, t->sent,
           t->came, t->sent == 0 ? 0 : 100.0 * (double)(t->sent - t->came) / (double)t->sent);
    if (t->came > 0)
        printf("there and back min/avg/max = %.3f/%.3f/%.3f ms\n", t->least,
               t->sum / (double)t->came, t->most);
}

bool cli_ping(const cli_options *options)
{
    cli_options own = *options;
    remote      r;
    tally       t = {0};

    if (!remote_open(&r, &own))
        return false;
    if (own.file_count > 0)
        cli_usage("one name is enough: ", own.files[0]);
    while (ping(&r, &t) && t.sent != own.count)
        remote_run(r.node, BETWEEN_MS);
    print_tally(&r, &t);
    remote_close(&r);
    return cli_flush() && t.came > 0;
}
