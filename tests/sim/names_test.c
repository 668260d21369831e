/* names_test.c -- directories in a town of their own: many short plays, each from a seed, and what
 * it costs many hosts to agree. A play that fails is seen again by `make sim PLAY=names SEED=n`.
 */
#include "test.h"

#include "names_play.h"
#include "people.h"
#include "world.h"

#include <stdlib.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define PLAYS 1000
#else
#define PLAYS 8000
#endif

/* ---- plays ----------------------------------------------------------------------------------- */

TEST(directories_agree_whatever_has_happened)
{
    const char *from = getenv("SEED");
    uint64_t    first = from == NULL ? 1 : strtoull(from, NULL, 10);

    for (uint64_t i = 0; i < test_rounds(PLAYS); i++) {
        const char *finding;
        test_at("make sim PLAY=names SEED=%llu", (unsigned long long)(first + i));
        finding = names_run(first + i, false, false);
        if (finding != NULL)
            print_message("# %s\n", finding);
        CHECK(finding == NULL);
    }
}

/* Though hashes have keys of their own in each process. */
TEST(a_seed_always_gives_the_same_play_of_directories)
{
    uint64_t digest;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        CHECK(names_run(seed, false, false) == NULL);
        digest = world_digest();
        CHECK(names_run(seed, false, false) == NULL);
        EQ_UINT(world_digest(), digest);
    }
}

/* Where something is left out of what is fetched now and then. */
TEST(the_checks_of_directories_bark_at_what_is_wrong)
{
    unsigned barks = 0;

    for (uint64_t seed = 1; seed <= 50; seed++)
        barks += names_run(seed, false, true) != NULL;
    CHECK(barks > 10);
}

/* ---- what it costs --------------------------------------------------------------------------- */

#define MANY  100u
#define NAMES 20u

static void publish(town_host *host, unsigned number)
{
    kmsg_names_Listing l = kmsg_names_Listing_initial;
    kmi_entry         *entry = NULL;
    char               name[32];

    snprintf(name, sizeof name, "%u/%u", host->number, number);
    l.name = kmsg_str(name);
    l.node = host->number + 1;
    l.number = number;
    l.scope = kmsg_names_Scope_LAN;
    OK(kmi_table_add(host->table, &l, NULL, NULL, true, NULL, NULL, &entry));
    kmi_lan_changed(host->lan, entry, true, world_now());
    town_tick(host);
}

/* Two interfaces, both kinds of IP on each: four ways. */
static void begin_many(unsigned count)
{
    world_begin(1, false);
    town_begin(count);
    town_law = (town_rules){.latency_ns = 200000, .jitter_ns = 2 * WORLD_MS};
    for (unsigned i = 0; i < count; i++) {
        town_host *host = &town_hosts[i];
        snprintf(host->ways[1], sizeof host->ways[1], "[fd00::%u]", i + 1);
        snprintf(host->ways[2], sizeof host->ways[2], "10.1.0.%u", i + 1);
        host->way_count = 3;
        town_power(host, true);
    }
}

static void end_many(void)
{
    town_end();
    world_end();
    EQ_STR(town_finding() == NULL ? "" : town_finding(), "");
}

static void check_all_know_all(unsigned hosts, unsigned names)
{
    for (unsigned i = 0; i < hosts; i++)
        EQ_UINT(kmi_table_count(town_hosts[i].table), hosts * names);
}

static void forget_counts(void)
{
    memset(&town_counted, 0, sizeof town_counted);
}

TEST(many_hosts_that_start_at_once_know_all_names_for_what_the_formula_says)
{
    uint64_t n = MANY;

    begin_many(MANY);
    for (unsigned i = 0; i < MANY; i++) {
        town_start(&town_hosts[i], 0);
        for (unsigned number = 1; number <= NAMES; number++)
            publish(&town_hosts[i], number);
    }
    world_run(2 * WORLD_S);
    check_all_know_all(MANY, NAMES);
    print_message("# %u hosts, %u names each: %llu beacons, %llu answers, %llu fetches\n", MANY,
                  NAMES, (unsigned long long)town_counted.multicasts,
                  (unsigned long long)town_counted.unicasts,
                  (unsigned long long)town_counted.fetches);
    CHECK(town_counted.multicasts <= 5 * n);
    CHECK(town_counted.unicasts <= 3 * n);
    CHECK(town_counted.fetches <= n * (n - 1));
    EQ_UINT(town_counted.listings, n * (n - 1) * NAMES);
    end_many();
}

TEST(a_host_that_joins_many_asks_once_and_fetches_once_from_each)
{
    begin_many(MANY);
    for (unsigned i = 0; i + 1 < MANY; i++) {
        town_start(&town_hosts[i], 0);
        publish(&town_hosts[i], 1);
    }
    world_run(20 * WORLD_S);
    forget_counts();
    town_start(&town_hosts[MANY - 1], 0);
    publish(&town_hosts[MANY - 1], 1);
    world_run(world_now() + 700 * WORLD_MS);
    check_all_know_all(MANY, 1);
    CHECK(town_counted.fetches <= 2 * (MANY - 1));
    CHECK(town_counted.multicasts + town_counted.unicasts <= 2 * MANY);
    end_many();
}

TEST(a_change_takes_three_beacons_and_a_fetch_of_each_other_host)
{
    begin_many(MANY);
    for (unsigned i = 0; i < MANY; i++) {
        town_start(&town_hosts[i], 0);
        publish(&town_hosts[i], 1);
    }
    world_run(20 * WORLD_S);
    forget_counts();
    publish(&town_hosts[0], 2);
    world_run(world_now() + 400 * WORLD_MS);
    for (unsigned i = 1; i < MANY; i++)
        CHECK(kmi_table_find(town_hosts[i].table, 1, 2) != NULL);
    world_run(world_now() + 600 * WORLD_MS);
    EQ_UINT(town_counted.fetches, MANY - 1);
    EQ_UINT(town_counted.listings, MANY - 1);
    EQ_UINT(town_counted.unicasts, 0);
    end_many();
}

TEST(a_hundred_idle_hosts_with_two_interfaces_send_fewer_than_fifty_packets_a_second)
{
    begin_many(MANY);
    for (unsigned i = 0; i < MANY; i++) {
        town_start(&town_hosts[i], 0);
        publish(&town_hosts[i], 1);
    }
    world_run(20 * WORLD_S);
    forget_counts();
    world_run(world_now() + 60 * WORLD_S);
    print_message("# %u idle hosts: %llu packets a second\n", MANY,
                  (unsigned long long)town_counted.packets / 60);
    CHECK(town_counted.packets < 60 * 50);
    EQ_UINT(town_counted.unicasts, 0);
    EQ_UINT(town_counted.fetches, 0);
    end_many();
}

TEST(a_host_that_changes_all_the_time_sends_three_beacons_a_second)
{
    begin_many(2);
    town_start(&town_hosts[0], 0);
    town_start(&town_hosts[1], 0);
    world_run(10 * WORLD_S);
    forget_counts();
    for (unsigned i = 0; i < 3000; i++) {
        publish(&town_hosts[0], i + 1);
        world_run(world_now() + 10 * WORLD_MS);
    }
    CHECK(town_counted.multicasts <= 3 * 30 + 30); /* the other's, and while it begins */
    CHECK(town_counted.fetches <= town_counted.multicasts);
    world_run(world_now() + 2 * WORLD_S);
    EQ_UINT(kmi_table_count(town_hosts[1].table), 3000);
    end_many();
}

/* Each time a beacon of the new start, a fetch, and no more. */
TEST(a_host_that_comes_and_goes_costs_the_others_no_more_than_a_fetch_each_time)
{
    begin_many(10);
    for (unsigned i = 0; i < 10; i++)
        town_start(&town_hosts[i], 0);
    world_run(10 * WORLD_S);
    forget_counts();
    for (unsigned i = 0; i < 50; i++) {
        publish(&town_hosts[0], 1);
        world_run(world_now() + 500 * WORLD_MS);
        town_stop(&town_hosts[0], i % 2 == 0);
        town_start(&town_hosts[0], 0);
    }
    CHECK(town_counted.fetches <= 50 * 2 * 9);
    end_many();
}
