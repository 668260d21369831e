/* names_play.c -- from a seed: a town, what befalls it, and the peace in which it is looked at.
 * Read names_run() first.
 *
 * While all is well again, for a minute, no more beacons may be sent than DIRECTORY.md says;
 * nothing is fetched any more at its end. What the library has allocated is gone when the town is.
 */
#include "names_play.h"

#include "people.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define STORM   (60 * WORLD_S)
#define PEACE   (75 * WORLD_S)
#define QUIET   (20 * WORLD_S) /* the end of it */
#define NAMES   4u
#define STEP_MS 1200u /* something happens twice in that, on average */

static struct {
    bool seeds; /* some hear no multicast */
} play;

static town_host *any_host(void)
{
    return &town_hosts[world_below(town_size)];
}

/* ---- what may befall a town ------------------------------------------------------------------ */

/* Again in a moment, in another process; its clients come back at once or a little later. */
static void begin_again(void *ctx, uint64_t settle_ms)
{
    town_host *host = ctx;

    if (!host->power || host->lan != NULL)
        return;
    town_start(host, (uint32_t)settle_ms);
    people_return(host);
}

static void end_directory(town_host *host, bool kill)
{
    if (host->lan == NULL)
        return;
    people_lose(host);
    town_stop(host, kill);
    world_at(world_now() + world_below(300) * WORLD_MS, begin_again, host, world_below(200));
}

static void lose_power(town_host *host)
{
    if (!host->power)
        return;
    if (host->lan != NULL)
        people_lose(host);
    people_die(host);
    town_power(host, false);
}

static void get_power(town_host *host)
{
    if (host->power)
        return;
    if (world_chance(100))
        host->ahead_ns -= 1000 * WORLD_S; /* its clock was set back meanwhile */
    if (world_chance(100))
        host->epoch = 0; /* and nothing remembers its epochs */
    town_power(host, true);
    town_start(host, 0);
}

static void publish(town_host *host)
{
    kmsg_names_Scope scope =
        world_chance(800) ? kmsg_names_Scope_LAN : (kmsg_names_Scope)(1 + world_below(3));

    people_publish(host, world_below(NAMES), scope, world_chance(300));
}

static void unpublish(void)
{
    publisher *p = &people[world_below(PEOPLE_MAX)];

    if (p->host != NULL)
        people_unpublish(p);
}

static void part(void)
{
    for (unsigned i = 0; i < town_size; i++)
        town_hosts[i].side = world_below(2);
    world_note("part", 0, 0);
}

static void heal(void)
{
    for (unsigned i = 0; i < town_size; i++)
        town_hosts[i].side = 0;
    world_note("heal", 0, 0);
}

static void befall(void *ctx, uint64_t arg)
{
    uint32_t what = world_below(100);

    (void)ctx;
    (void)arg;
    if (world_now() >= STORM)
        return;
    if (what < 45)
        publish(any_host());
    else if (what < 75)
        for (unsigned i = 0; i < 6; i++)
            unpublish();
    else if (what < 80)
        people_watch(any_host(), world_chance(500) ? "**" : "name/1",
                     (kmsg_names_Scope)(1 + world_below(4)));
    else if (what < 86)
        end_directory(any_host(), world_chance(500));
    else if (what < 89)
        lose_power(any_host());
    else if (what < 94)
        get_power(any_host());
    else if (what < 96)
        part();
    else
        heal();
    world_at(world_now() + world_below(STEP_MS) * WORLD_MS, befall, NULL, 0);
}

/* ---- the town -------------------------------------------------------------------------------- */

static void add_way(town_host *host, const char *format, unsigned number)
{
    char *way = host->ways[host->way_count++];
    int   size = snprintf(way, KMI_LAN_ADDRESS_MAX, "%s%u", format, number);

    if (format[0] == '[')
        snprintf(way + size, KMI_LAN_ADDRESS_MAX - (size_t)size, "]");
}

/* Several interfaces, IPv6 beside IPv4 or alone; others are behind a router, and have a seed. */
static void settle_down(town_host *host)
{
    host->ahead_ns = (int64_t)world_below(600) * WORLD_S - 300 * WORLD_S;
    host->fast = world_chance(300);
    if (world_chance(400))
        add_way(host, "10.1.0.", host->number + 1);
    if (world_chance(700))
        add_way(host, "[fd00::", host->number + 1);
    if (play.seeds && host->number >= 2 && world_chance(500)) {
        host->segment = 1 + world_below(2);
        host->seed = (int)world_below(2);
    } else if (!play.seeds && world_chance(150)) {
        host->way_count = 0;
        add_way(host, "[fd00::", host->number + 1);
    }
}

static bool is_ip6_alone(const town_host *host)
{
    return host->ways[0][0] == '[';
}

/* Who has IPv6 alone is met by those that have it, too. */
static void agree_on_families(void)
{
    bool alone = false;

    for (unsigned i = 0; i < town_size; i++)
        alone = alone || is_ip6_alone(&town_hosts[i]);
    for (unsigned i = 0; i < town_size && alone; i++) {
        town_host *host = &town_hosts[i];
        bool       has = false;
        for (unsigned k = 0; k < host->way_count; k++)
            has = has || host->ways[k][0] == '[';
        if (!has)
            add_way(host, "[fd00::", host->number + 1);
    }
}

static void make_town(bool corrupt)
{
    play.seeds = world_chance(300);
    town_begin(2 + world_below(6));
    people_begin();
    for (unsigned i = 0; i < town_size; i++)
        settle_down(&town_hosts[i]);
    agree_on_families();
    town_law = (town_rules){.latency_ns = 100000,
                            .jitter_ns = (int64_t)world_below(20) * WORLD_MS,
                            .lose = world_below(4) * 100,
                            .again = world_below(3) * 50,
                            .fail = world_below(3) * 100,
                            .wrong = corrupt ? 100 : 0};
    for (unsigned i = 0; i < town_size; i++)
        if (world_chance(800)) {
            town_power(&town_hosts[i], true);
            town_start(&town_hosts[i], 0);
        }
}

static void make_peace(void)
{
    heal();
    town_law.lose = town_law.fail = town_law.again = 0;
    for (unsigned i = 0; i < town_size; i++) {
        get_power(&town_hosts[i]);
        begin_again(&town_hosts[i], 0);
    }
}

/* Each host speaks each four seconds at most when nothing happens, each second if it is fast. */
static void check_quiet(void)
{
    uint64_t most = 0, clients = 0;

    for (unsigned i = 0; i < town_size; i++) {
        uint64_t each = (uint64_t)(QUIET / WORLD_S) * 5 / (town_hosts[i].fast ? 4 : 20) + 2;
        most += each;
        clients += town_hosts[i].seed >= 0 ? each : 0;
    }
    if (town_counted.multicasts > most)
        town_bark("there are more beacons than there may be when nothing happens");
    if (town_counted.unicasts > 2 * clients)
        town_bark("there are more answers than there may be when nothing happens");
    if (town_counted.fetches > 0)
        town_bark("something is fetched though nothing happens");
}

const char *names_run(uint64_t seed, bool loud, bool corrupt)
{
    world_begin(seed, loud);
    make_town(corrupt);
    world_at(0, befall, NULL, 0);
    world_run(STORM);
    make_peace();
    world_run(STORM + PEACE - QUIET);
    people_check();
    memset(&town_counted, 0, sizeof town_counted);
    world_run(STORM + PEACE);
    check_quiet();
    people_check();
    for (unsigned i = 0; i < town_size; i++)
        if (town_hosts[i].lan != NULL)
            people_lose(&town_hosts[i]);
    town_end();
    if (world_bytes(NULL) > 0)
        town_bark("something is left of directories that have ended");
    world_end();
    return town_finding();
}
