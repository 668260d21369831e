/* lan_io_test.c -- directories of several hosts find each other, and tell what they have: real
 * datagrams, real encrypted links, one thread.
 */
#define _GNU_SOURCE
#include "lans.h"

/* ---- finding each other ---------------------------------------------------------------------- */

TEST(two_hosts_know_what_the_other_one_offers_whoever_begins)
{
    for (unsigned first = 0; first < 2; first++) {
        lans_begin(2);
        lans_start(first);
        lans_publish(first, "first");
        lans_turn();
        lans_start(!first);
        lans_publish(!first, "second");
        lans_until(lans_knows(!first, "first") == 1 && lans_knows(first, "second") == 1);
        EQ_UINT(lans_neighbors(0), 1);
        EQ_UINT(lans_neighbors(1), 1);
        lans_end();
    }
}

TEST(what_is_there_before_the_first_beacon_is_told_too)
{
    lans_begin_all(1);
    lans_publish(0, "early");
    lans_end();
    lans_begin_all(2);
    lans_publish(0, "one");
    lans_until(lans_knows(1, "one") == 1);
    lans_publish(0, "two");
    lans_until(lans_knows(1, "two") == 1);
    EQ_UINT(lans_knows(1, "early"), 0);
    lans_end();
}

TEST(what_is_withdrawn_goes_everywhere)
{
    kmi_entry *entry;

    lans_begin_all(3);
    entry = lans_publish(0, "here");
    lans_until(lans_knows(1, "here") == 1 && lans_knows(2, "here") == 1);
    lans_withdraw(0, entry);
    lans_until(lans_knows(1, "here") == 0 && lans_knows(2, "here") == 0);
    lans_until(lans_neighbors(1) == 2);
    lans_end();
}

TEST(what_a_host_offers_goes_with_it_and_comes_back_with_it)
{
    lans_begin_all(2);
    lans_publish(0, "here");
    lans_until(lans_knows(1, "here") == 1);
    lans_stop(0);
    lans_until(lans_knows(1, "here") == 0);
    EQ_UINT(lans_neighbors(1), 0);
    lans_start(0);
    lans_publish(0, "again");
    lans_until(lans_knows(1, "again") == 1);
    lans_end();
}

TEST(eight_hosts_all_know_all)
{
    char name[16];

    lans_begin_all(HOSTS_MAX);
    for (unsigned i = 0; i < HOSTS_MAX; i++) {
        snprintf(name, sizeof name, "of %u", i);
        lans_publish(i, name);
    }
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        for (unsigned k = 0; k < HOSTS_MAX; k++) {
            snprintf(name, sizeof name, "of %u", k);
            lans_until(lans_knows(i, name) == (i != k));
        }
    lans_end();
}

/* Each at a port of its own, as on hosts of their own: 1 has 0 as its seed. */
KMSG_PRINTF(1, 0) static void begin_with_seed(const char *format)
{
    static char seeds[64];

    lans_begin(2);
    snprintf(seeds, sizeof seeds, format, lans_port);
    lans[0].options.multicast = lans[1].options.multicast = "off";
    lans[1].options.seeds = seeds;
    lans[1].options.port = lans_free_port();
    lans_start(0);
    lans_start(1);
}

TEST(seeds_do_without_multicast)
{
    begin_with_seed("127.0.0.1:%u");
    lans_publish(0, "at the seed");
    lans_publish(1, "at who has it");
    lans_until(lans_knows(1, "at the seed") == 1 && lans_knows(0, "at who has it") == 1);
    lans_end();
}

TEST(a_seed_by_name_is_looked_up)
{
    begin_with_seed(" localhost:%u , no-such-host.invalid:1");
    lans_publish(0, "at the seed");
    lans_until(lans_knows(1, "at the seed") == 1);
    lans_end();
}

/* ---- being set up ---------------------------------------------------------------------------- */

static void fails(kmsg_directory_options options, kmsg_err err, const char *words)
{
    options.port = lans_port;
    lans[0].options = options;
    FAILS(lans_try(0), err);
    HAS(kmsg_last_error(), words);
    CHECK(lans[0].io == NULL);
    lans_stop(0);
}

TEST(what_is_wrong_with_the_settings_is_said)
{
    lans_begin(1);
    fails((kmsg_directory_options){.seeds = "10.0.0.1"}, KMSG_EINVAL,
          "the seed \"10.0.0.1\" is not HOST:PORT");
    fails((kmsg_directory_options){.seeds = "a:1,b:0"}, KMSG_EINVAL, "\"b:0\"");
    fails((kmsg_directory_options){.multicast = "sometimes-or-never"}, KMSG_EINVAL,
          "\"on\", \"off\", or names of interfaces: not \"sometimes-or-never\"");
    lans_end();
}

TEST(without_a_key_it_is_said_how_to_make_one)
{
    lans_begin(1);
    CHECK(unlink(hosts_path(0, "key")) == 0);
    fails((kmsg_directory_options){.multicast = "lo"}, KMSG_EKEY, "kmsg key new");
    lans_end();
}

TEST(a_node_has_one_part_in_the_lan)
{
    kmsg_err err;

    lans_begin_all(1);
    EQ_PTR(kmi_lan_io_new(lans[0].node, lans[0].table, &lans[0].options, &err), NULL);
    EQ_INT(err, KMSG_EEXIST);
    lans_end();
}

/* ---- whom they believe ----------------------------------------------------------------------- */

TEST(who_is_not_trusted_is_not_heard_and_learns_nothing)
{
    lans_begin(2);
    hosts_revoke(0, 1);
    lans_start(0);
    lans_start(1);
    lans_publish(0, "of 0");
    lans_publish(1, "of 1");
    lans_until(lans_survey(0).beacons_refused >= 2 && lans_neighbors(1) == 1);
    EQ_UINT(lans_neighbors(0), 0);
    EQ_UINT(lans_knows(0, "of 1"), 0);
    EQ_UINT(lans_knows(1, "of 0"), 0);
    EQ_UINT(lans_survey(0).served, 0);
    lans_end();
}

TEST(who_is_revoked_goes_when_his_lease_is_over)
{
    lans_begin_all(2);
    lans_publish(1, "of 1");
    lans_until(lans_knows(0, "of 1") == 1);
    hosts_revoke(0, 1);
    lans_until(lans_knows(0, "of 1") == 0);
    EQ_UINT(lans_knows(0, "of 1"), 0);
    lans_end();
}

TEST(hosts_of_two_clusters_do_not_hear_each_other)
{
    lans_begin(3);
    OK(kmi_cluster_new(hosts_path(0, "cluster"), "test"));
    hosts_copy_cluster(1, 0);
    for (unsigned i = 0; i < 3; i++)
        lans_start(i);
    lans_publish(1, "of the cluster");
    lans_publish(2, "of none");
    lans_until(lans_knows(0, "of the cluster") == 1);
    lans_until(lans_survey(0).beacons_refused >= 2 && lans_survey(2).beacons_refused >= 2);
    EQ_UINT(lans_neighbors(0), 1);
    EQ_UINT(lans_neighbors(2), 0);
    lans_end();
}
