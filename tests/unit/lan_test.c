/* lan_test.c -- one host's directory among others that are played here: each rule of DIRECTORY.md
 * by itself. What many of them do together is played by tests/sim/names_play.c.
 *
 * Chance always says 0: so intervals are as short as they may be, 4 s, and nobody waits before it
 * asks or answers.
 */
#include "lan_world.h"

/* ---- speaking -------------------------------------------------------------------------------- */

TEST(a_host_speaks_each_five_seconds_or_each_second_if_it_is_fast)
{
    lan_begin(&(kmi_lan_options){.epoch = 9});
    lan_pass(1000);
    lan_said();
    lan_pass(8000);
    EQ_STR(lan_said(), "all all");
    lan_end();
    lan_begin(&(kmi_lan_options){.epoch = 9, .fast = true});
    lan_pass(1000);
    lan_said();
    lan_pass(1600);
    EQ_STR(lan_said(), "all all");
    EQ_INT(lan.last.fast, true);
    lan_end();
}

TEST(the_first_beacon_asks_and_the_second_only_if_nobody_was_heard)
{
    lan_begin(&(kmi_lan_options){.epoch = 9});
    lan_pass(20);
    EQ_STR(lan_said(), "all?");
    lan_pass(1000);
    EQ_STR(lan_said(), "all?");
    lan_pass(4000);
    EQ_STR(lan_said(), "all");
    lan_end();
    lan_begin(&(kmi_lan_options){.epoch = 9});
    lan_pass(20);
    lan_hear(2, 1, 1, 0);
    lan_pass(1000);
    EQ_STR(lan_said(), "all? all");
    lan_end();
}

TEST(who_takes_over_says_nothing_until_its_clients_are_back)
{
    lan_begin(&(kmi_lan_options){.epoch = 9, .settle_ms = 300});
    lan_publish("x", 1);
    lan_hear(2, 1, 1, 0);
    lan_hear_asking(2, 1, 2);
    lan_pass(299);
    EQ_STR(lan_said(), "");
    lan_pass(1);
    EQ_STR(lan_said(), "all?");
    EQ_UINT(lan.last.version, 1);
    lan_end();
}

TEST(a_change_is_told_at_once_and_twice_more)
{
    lan_begin_quietly();
    lan_publish("x", 1);
    EQ_STR(lan_said(), "all");
    EQ_UINT(lan.last.version, 1);
    lan_pass(149);
    EQ_STR(lan_said(), "");
    lan_pass(1);
    EQ_STR(lan_said(), "all");
    lan_pass(300);
    EQ_STR(lan_said(), "all");
    lan_pass(3999);
    EQ_STR(lan_said(), "");
    lan_end();
}

TEST(further_changes_are_told_together_after_a_gap)
{
    lan_begin_quietly();
    lan_publish("x", 1);
    lan_said();
    for (uint64_t number = 2; number <= 9; number++)
        lan_publish("y", number);
    lan_pass(99);
    EQ_STR(lan_said(), "");
    lan_pass(1);
    EQ_STR(lan_said(), "all");
    EQ_UINT(lan.last.version, 9);
    lan_end();
}

TEST(who_asks_is_answered_alone)
{
    lan_begin_quietly();
    lan_hear_asking(2, 1, 1);
    EQ_STR(lan_said(), "10.0.0.2");
    lan_hear_asking(2, 1, 1); /* the same beacon, over another way */
    EQ_STR(lan_said(), "");
    lan_end();
}

TEST(if_many_ask_all_are_answered_by_one)
{
    lan_begin_quietly();
    lan.hold = true;
    for (unsigned n = 2; n < 5; n++)
        lan_hear_asking(n, 1, 1);
    lan_go_on();
    EQ_STR(lan_said(), "10.0.0.2 10.0.0.3 10.0.0.4");
    lan.hold = true;
    for (unsigned n = 2; n < 6; n++)
        lan_hear_asking(n, 1, 2);
    lan_go_on();
    EQ_STR(lan_said(), "all");
    lan_end();
}

TEST(who_is_not_heard_is_asked_twice_before_its_lease_ends)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 0);
    lan.quiet = true; /* what is for all is not noted */
    lan_pass(9999);
    EQ_STR(lan_said(), "");
    lan_pass(1);
    EQ_STR(lan_said(), "10.0.0.2?");
    lan_pass(2500);
    EQ_STR(lan_said(), "10.0.0.2?");
    lan_pass(2499);
    EQ_STR(lan_said(), "");
    EQ_UINT(lan_there(), 1);
    lan_pass(1);
    EQ_UINT(lan_there(), 0);
    lan_end();
}

TEST(goodbye_is_said_to_all)
{
    lan_begin_quietly();
    lan_end();
    EQ_STR(lan_said(), "all!");
}

/* ---- hearing --------------------------------------------------------------------------------- */

TEST(what_was_seen_does_not_count_again)
{
    lan_begin_quietly();
    CHECK(lan_hear(2, 5, 7, 1));
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    CHECK(!lan_hear(2, 5, 7, 1));
    CHECK(!lan_hear(2, 5, 6, 9));
    CHECK(!lan_hear(1, 99, 1, 1)); /* this host's own */
    CHECK(lan_hear(2, 5, 8, 1));
    lan_end();
}

TEST(beacons_of_before_do_not_bring_a_host_back)
{
    lan_begin_quietly();
    lan_hear(2, 5, 7, 0);
    lan_pass(15000);
    EQ_UINT(lan_there(), 0);
    CHECK(!lan_hear(2, 5, 7, 0));
    CHECK(!lan_hear(2, 5, 1, 0));
    EQ_UINT(lan_there(), 0);
    CHECK(lan_hear(2, 5, 8, 0));
    EQ_UINT(lan_there(), 1);
    lan_end();
}

TEST(a_lease_ends_after_three_intervals)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 1);
    lan_answer(2, 1, 1, 0, "x");
    lan_hear_fast(3, 1, 1, 1);
    lan_answer(3, 1, 1, 0, "y");
    EQ_STR(lan_names(), "x y");
    lan_pass(2999);
    EQ_STR(lan_names(), "x y");
    lan_pass(1);
    EQ_STR(lan_names(), "x");
    lan_pass(11999);
    EQ_STR(lan_names(), "x");
    lan_pass(1);
    EQ_STR(lan_names(), "");
    lan_end();
}

TEST(after_a_goodbye_the_names_stay_for_two_seconds)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 1);
    lan_answer(2, 1, 1, 0, "x");
    lan_hear_goodbye(2, 1, 2);
    lan_pass(1999);
    EQ_STR(lan_names(), "x");
    lan_pass(1);
    EQ_STR(lan_names(), "");
    lan_end();
}

TEST(who_has_said_goodbye_is_not_asked_any_more)
{
    lan_begin_quietly();
    lan.hold = true;
    lan_hear(2, 1, 1, 1);
    lan_hear_goodbye(2, 1, 2);
    lan_go_on();
    EQ_STR(lan_said(), "");
    lan_end();
}

TEST(who_takes_over_after_a_goodbye_keeps_the_names)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 1);
    lan_answer(2, 1, 1, 0, "x");
    lan_watch();
    lan_hear_goodbye(2, 1, 2);
    lan_pass(500);
    lan_hear(2, 2, 1, 1);
    lan_answer(2, 2, 1, 0, "x");
    lan_pass(5000);
    EQ_STR(lan_seen(), "+x");
    lan_end();
}

TEST(there_are_so_many_hosts_and_those_that_are_gone_give_way)
{
    lan_begin_quietly();
    lan.quiet = true;
    for (unsigned n = 2; n < 2 + KMI_LAN_HOSTS_MAX; n++)
        CHECK(lan_hear(n, 1, 1, 0));
    CHECK(!lan_hear(5000, 1, 1, 0));
    lan_pass(5000);
    for (unsigned n = 3; n < 2 + KMI_LAN_HOSTS_MAX; n++)
        CHECK(lan_hear(n, 1, 2, 0));
    lan_pass(10000); /* number 2 is gone */
    CHECK(lan_hear(5000, 1, 1, 0));
    CHECK(!lan_hear(5001, 1, 1, 0));
    EQ_UINT(lan_there(), KMI_LAN_HOSTS_MAX);
    lan_end();
}

/* ---- addresses ------------------------------------------------------------------------------- */

TEST(beacons_go_over_both_families_only_where_somebody_needs_it)
{
    lan_begin(&(kmi_lan_options){.epoch = 9});
    lan_pass(20);
    CHECK(lan.last_ip6); /* it asked */
    lan_pass(9000);
    CHECK(!lan.last_ip6);
    lan_hear_at(2, 1, 1, 0, "[fd00::2]");
    CHECK(kmi_lan_needs_ip6(lan.lan));
    lan_hear_at(2, 1, 1, 0, "10.0.0.2"); /* the same one */
    CHECK(!kmi_lan_needs_ip6(lan.lan));
    lan_hear_at(3, 1, 1, 0, "[fd00::3]");
    CHECK(kmi_lan_needs_ip6(lan.lan));
    lan_pass(15000);
    CHECK(!kmi_lan_needs_ip6(lan.lan));
    lan_end();
}

TEST(a_host_at_several_addresses_is_one_and_stays_where_it_works)
{
    lan_begin_quietly();
    lan_hear_at(2, 1, 1, 0, "[fe80::2%3]");
    lan_hear_at(2, 1, 1, 0, "10.0.0.2"); /* better than that of one link */
    lan_hear_at(2, 1, 2, 0, "10.0.1.2");
    EQ_UINT(lan_there(), 1);
    lan_hear_at(2, 1, 3, 1, "10.0.0.2");
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,1,0");
    lan_fail(2);
    lan_pass(500);
    EQ_STR(lan_said(), "fetch:10.0.1.2:7577,1,0");
    lan_answer(2, 1, 1, 0, "x");
    EQ_STR(lan_address_of("x"), "10.0.1.2");
    for (unsigned i = 0; i < 8; i++) { /* copies, from wherever */
        char address[32];
        snprintf(address, sizeof address, "10.6.6.%u", i);
        lan_hear_at(2, 1, 4, 0, address);
    }
    EQ_STR(lan_address_of("x"), "10.0.1.2");
    lan_end();
}

TEST(who_watches_hears_that_a_host_is_elsewhere)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 1);
    lan_answer(2, 1, 1, 0, "x");
    lan_watch();
    lan_pass(10000);
    lan_hear_at(2, 1, 2, 0, "10.7.0.2");
    EQ_STR(lan_address_of("x"), "10.0.0.2");
    lan_pass(5001);
    lan_hear_at(2, 1, 3, 0, "10.7.0.2");
    EQ_STR(lan_address_of("x"), "10.7.0.2");
    EQ_STR(lan_seen(), "+x +x");
    lan_end();
}

/* ---- fetching -------------------------------------------------------------------------------- */

TEST(what_has_changed_is_fetched_and_nothing_else)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 3);
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    lan_answer(2, 5, 3, 0, "x y");
    EQ_STR(lan_names(), "x y");
    lan_hear(2, 5, 2, 3);
    EQ_STR(lan_said(), "");
    lan_hear(2, 5, 3, 4);
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,5,3");
    lan_answer(2, 5, 4, 3, "z -x");
    EQ_STR(lan_names(), "y z");
    lan_hear(2, 5, 4, 4);
    EQ_STR(lan_said(), "");
    lan_end();
}

TEST(a_start_that_has_nothing_replaces_what_there_was)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 3);
    lan_answer(2, 5, 3, 0, "x");
    lan_said();
    lan_hear(2, 6, 1, 0);
    EQ_STR(lan_said(), "");
    EQ_STR(lan_names(), "");
    lan_end();
}

TEST(a_new_start_replaces_what_there_was_in_one_step)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 3);
    lan_answer(2, 5, 3, 0, "x y");
    lan_watch();
    lan_hear(2, 6, 1, 1);
    EQ_STR(lan_names(), "x y");
    lan_answer(2, 6, 1, 0, "y z");
    EQ_STR(lan_names(), "y z");
    EQ_STR(lan_seen(), "+x +y +z -x");
    lan_end();
}

TEST(changes_that_do_not_follow_are_not_used)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 3);
    lan_answer(2, 5, 3, 0, "x");
    lan_hear(2, 5, 2, 9);
    lan_said();
    lan_answer(2, 5, 9, 7, "z"); /* since 7, and 3 is known */
    EQ_STR(lan_names(), "x");
    lan_pass(700);
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    lan_answer(2, 4, 9, 0, "old"); /* of an earlier start */
    EQ_STR(lan_names(), "x");
    lan_pass(1500);
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    lan_answer(2, 5, 9, 0, "z");
    EQ_STR(lan_names(), "z");
    lan_end();
}

TEST(an_answer_of_before_does_not_bring_an_earlier_start_back)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 1);
    lan_hear(2, 6, 1, 1);
    lan_said();
    lan_answer(2, 5, 1, 0, "x"); /* it was on its way when the next one began */
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,5,1");
    CHECK(!lan_hear(2, 6, 1, 1));
    lan_answer(2, 6, 1, 0, "y");
    EQ_STR(lan_names(), "y");
    lan_end();
}

TEST(a_smaller_epoch_is_believed_if_the_host_says_so_itself)
{
    lan_begin_quietly();
    lan_hear(2, 5, 1, 3);
    lan_answer(2, 5, 3, 0, "x");
    lan_said();
    CHECK(!lan_hear(2, 4, 1, 1));
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,5,3");
    lan_answer(2, 5, 3, 3, ""); /* somebody has sent an old one again */
    CHECK(!lan_hear(2, 4, 2, 1));
    EQ_STR(lan_said(), ""); /* and is not minded for a lease */
    EQ_STR(lan_names(), "x");
    lan.quiet = true;
    lan_pass(9000);
    lan_hear(2, 5, 2, 3);
    lan_pass(6000);
    CHECK(!lan_hear(2, 4, 3, 2));
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,5,3");
    lan_answer(2, 4, 2, 0, "y"); /* its clock was set back */
    EQ_STR(lan_names(), "y");
    CHECK(lan_hear(2, 4, 4, 2));
    lan_end();
}

TEST(a_host_that_is_gone_and_has_a_smaller_epoch_now_is_asked_too)
{
    lan_begin_quietly();
    lan.quiet = true;
    lan_hear(2, 5, 1, 0);
    lan_pass(15000);
    lan_said();
    CHECK(!lan_hear(2, 4, 1, 1));
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    lan_answer(2, 4, 1, 0, "x");
    EQ_STR(lan_names(), "");
    CHECK(lan_hear(2, 4, 2, 1));
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    lan_end();
}

TEST(as_many_are_fetched_from_at_a_time_as_may_be)
{
    lan_begin_quietly();
    for (unsigned n = 2; n < 30; n++)
        lan_hear(n, 1, 1, 1);
    EQ_UINT(lan_fetches(), KMI_LAN_FETCHES_MAX);
    lan_answer(2, 1, 1, 0, "x");
    EQ_UINT(lan_fetches(), KMI_LAN_FETCHES_MAX);
    lan_fail(3);
    EQ_UINT(lan_fetches(), KMI_LAN_FETCHES_MAX);
    lan_end();
}

TEST(who_cannot_be_fetched_from_is_tried_less_and_less_often)
{
    static const int64_t after_ms[] = {500, 1000, 2000, 4000, 8000, 10000, 10000};
    uint64_t             sequence = 1;

    lan_begin_quietly();
    lan.quiet = true;
    lan_hear(2, 1, sequence++, 1);
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,0,0");
    for (size_t i = 0; i < sizeof after_ms / sizeof *after_ms; i++) {
        lan_fail(2);
        lan_hear(2, 1, sequence++, 1 + i);
        lan_pass(after_ms[i] - 1);
        EQ_UINT(lan_fetches(), 0);
        lan_hear(2, 1, sequence++, 1 + i);
        lan_pass(1);
        EQ_UINT(lan_fetches(), 1);
    }
    lan_end();
}

TEST(who_could_be_fetched_from_again_is_tried_at_once_the_next_time)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 1);
    lan_fail(2);
    lan_pass(500);
    lan_answer(2, 1, 1, 0, "x");
    lan_hear(2, 1, 2, 2);
    EQ_UINT(lan_fetches(), 1);
    lan_fail(2);
    lan_pass(500);
    EQ_UINT(lan_fetches(), 1);
    lan_end();
}

/* Or it would be asked for ever. */
TEST(who_says_that_there_is_more_than_it_has_is_not_asked_again_and_again)
{
    lan_begin_quietly();
    lan_hear(2, 1, 1, 9);
    lan_answer(2, 1, 3, 0, "x");
    EQ_STR(lan_names(), "x");
    lan_said();
    lan_answer(2, 1, 3, 3, "");
    EQ_STR(lan_said(), "");
    lan_pass(499);
    EQ_UINT(lan_fetches(), 0);
    lan_pass(1);
    EQ_UINT(lan_fetches(), 1);
    lan_end();
}

TEST(a_host_cannot_take_away_or_replace_what_is_not_its_own)
{
    lan_begin_quietly();
    lan_publish("mine", 1);
    lan_hear(2, 1, 1, 1);
    lan_answer(2, 1, 1, 0, "x");
    lan_hear(3, 1, 1, 1);
    lan.as = 2; /* what comes now has the numbers of host 2 */
    lan_answer(3, 1, 1, 0, "x");
    lan_hear(3, 1, 2, 2);
    lan_answer(3, 1, 2, 1, "-x");
    lan.as = 1;
    lan_hear(3, 1, 3, 3);
    lan_answer(3, 1, 3, 2, "-mine mine");
    EQ_STR(lan_names(), "mine x");
    EQ_STR(lan_address_of("x"), "10.0.0.2");
    EQ_STR(lan_address_of("mine"), "here");
    lan.as = 0;
    lan.scope = kmsg_names_Scope_HOST;
    lan_hear(3, 1, 4, 4);
    lan_answer(3, 1, 4, 3, "y");
    EQ_STR(lan_names(), "mine x");
    lan_end();
}

TEST(an_earlier_one_elsewhere_takes_a_name_and_gives_it_back)
{
    lan_begin_quietly();
    lan.since = 10;
    lan_publish("x", 1);
    lan_hear(2, 1, 1, 1);
    lan.since = 5;
    lan_answer(2, 1, 1, 0, "x");
    EQ_STR(lan_address_of("x"), "10.0.0.2");
    EQ_STR(lan_told(), "falls:1");
    lan_pass(15000);
    EQ_STR(lan_address_of("x"), "here");
    EQ_STR(lan_told(), "stands:1");
    lan_end();
}

/* ---- contents -------------------------------------------------------------------------------- */

TEST(contents_are_what_has_changed_or_all)
{
    lan_begin_quietly();
    lan_publish("a", 1);
    lan_publish("b", 2);
    lan_publish("c", 3);
    EQ_STR(lan_contents(0, 0), "3 since 0: a b c");
    EQ_STR(lan_contents(9, 1), "3 since 1: b c");
    EQ_STR(lan_contents(9, 3), "3 since 3:");
    EQ_STR(lan_contents(9, 4), "3 since 0: a b c"); /* it cannot know that */
    EQ_STR(lan_contents(8, 1), "3 since 0: a b c");
    lan_unpublish(2);
    lan_publish("d", 2);
    lan_unpublish(1);
    EQ_STR(lan_contents(9, 1), "6 since 1: c d -1");
    EQ_STR(lan_contents(9, 0), "6 since 0: c d");
    for (uint64_t i = 0; i < 253; i++)
        lan_publish("d", 2);
    EQ_STR(lan_contents(9, 3), "259 since 3: d -1");
    EQ_STR(lan_contents(9, 2), "259 since 0: c d");
    lan_end();
}

TEST(what_was_there_before_is_told_too)
{
    lan_begin_with("x");
    EQ_STR(lan_contents(0, 0), "1 since 0: x");
    lan_pass(50);
    EQ_UINT(lan.last.version, 1);
    lan_end();
}

/* ---- seeds ----------------------------------------------------------------------------------- */

TEST(who_has_seeds_asks_them_each_time)
{
    lan_begin_seeded();
    lan_pass(20);
    EQ_STR(lan_said(), "all? seeds?");
    lan_pass(5000);
    EQ_STR(lan_said(), "all? seeds? all seeds?");
    lan_end();
    EQ_STR(lan_said(), "all! seeds!");
}

TEST(a_seed_tells_of_whom_it_hears)
{
    lan_begin_quietly();
    lan.quiet = true;
    lan_hear(2, 4, 1, 3);
    lan_answer(2, 4, 3, 0, "x");
    lan_pass(1000);
    EQ_STR(lan_contents(9, 0), "0 since 0:");
    lan_hear_client(3, 1, 1, 0);
    lan_said();
    EQ_STR(lan_contents(9, 0), "1 since 0: (2,4,3) (3,1,0)*");
    lan_hear(2, 4, 2, 4);
    lan_answer(2, 4, 4, 3, "y");
    lan_pass(1000);
    EQ_STR(lan_contents(9, 1), "2 since 1: (2,4,4) (3,1,0)*");
    lan_pass(15000);
    EQ_STR(lan_contents(9, 2), "3 since 2:");
    lan_end();
}

TEST(a_seed_is_one_as_long_as_it_has_clients)
{
    lan_begin_quietly();
    lan.quiet = true;
    lan_hear_client(3, 1, 1, 0);
    EQ_STR(lan_contents(9, 0), "1 since 0: (3,1,0)*");
    lan_pass(10000);
    lan_hear(3, 1, 2, 0); /* it is there, and needs no seed any more */
    lan_pass(4999);
    EQ_STR(lan_contents(9, 1), "1 since 1: (3,1,0)*");
    lan_pass(1);
    EQ_STR(lan_contents(9, 1), "2 since 1:");
    EQ_UINT(lan_there(), 1);
    lan_end();
}

TEST(a_client_is_told_of_a_change_alone)
{
    lan_begin_quietly();
    lan_hear_client(3, 1, 1, 0);
    EQ_STR(lan_said(), "all 10.0.0.3"); /* a seed is something new */
    lan_pass(2000);
    lan_said();
    lan_publish("x", 1);
    EQ_STR(lan_said(), "all 10.0.0.3");
    lan_end();
}

TEST(who_is_told_of_by_a_seed_is_fetched_from_if_it_is_trusted)
{
    lan_begin_quietly();
    lan_hear(2, 4, 1, 3);
    lan_said();
    lan.untrusted = 8;
    lan_answer(2, 4, 3, 0, "(7,1,2) (8,1,2) (1,1,2)");
    EQ_STR(lan_said(), "fetch:10.0.0.7:7577,0,0");
    lan_answer(7, 1, 2, 0, "x");
    EQ_STR(lan_address_of("x"), "10.0.0.7");
    lan_hear(2, 4, 2, 4);
    lan_answer(2, 4, 4, 3, "(7,1,5)");
    EQ_STR(lan_said(), "fetch:10.0.0.2:7577,4,3 fetch:10.0.0.7:7577,1,2");
    lan_end();
}

TEST(addresses_that_are_told_are_nothing_but_addresses)
{
    static const char *const wrong[] = {"10.0.0.7:7577",
                                        "tcp:10.0.0.7",
                                        "tcp::7577",
                                        "tcp:10.0.0.7:0",
                                        "tcp:10.0.0.7:70000",
                                        "tcp:10.0.0.7:7577?insecure",
                                        "tcp:x?insecure:7577",
                                        "unix:/tmp/x:7577",
                                        "tcp:[fe80::1%3]:7577",
                                        ""};

    lan_begin_quietly();
    lan_hear(2, 4, 1, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        test_at("%s", wrong[i]);
        lan.told_address = wrong[i];
        lan_answer(2, 4, 1 + i, 0, "(7,1,2)");
        lan_said();
        EQ_UINT(lan_there(), 1);
        lan_hear(2, 4, 2 + i, 2 + i);
    }
    lan_end();
}

TEST(who_was_told_of_goes_with_who_told_of_it)
{
    lan_begin_quietly();
    lan.quiet = true;
    lan_hear(2, 4, 1, 3);
    lan_answer(2, 4, 3, 0, "(7,1,2)");
    lan_answer(7, 1, 2, 0, "x");
    EQ_UINT(lan_there(), 2);
    lan_pass(15000);
    EQ_UINT(lan_there(), 0);
    EQ_STR(lan_names(), "");
    lan_end();
}

TEST(who_was_told_of_goes_when_it_is_not_trusted_any_more)
{
    lan_begin_quietly();
    lan_hear(2, 4, 1, 3);
    lan_answer(2, 4, 3, 0, "(7,1,2)");
    lan_answer(7, 1, 2, 0, "x");
    lan.untrusted = 7;
    lan_pass(4000);
    lan_hear(2, 4, 2, 3);
    lan_pass(4000);
    EQ_UINT(lan_there(), 1);
    EQ_STR(lan_names(), "");
    lan_end();
}

TEST(two_that_tell_of_each_other_are_gone_when_nobody_else_does)
{
    lan_begin_quietly();
    lan.quiet = true;
    lan_hear(2, 4, 1, 3);
    lan_answer(2, 4, 3, 0, "(7,1,2)");
    lan_answer(7, 1, 2, 0, "(6,1,2)");
    lan_answer(6, 1, 2, 0, "(7,1,2) x");
    EQ_UINT(lan_there(), 3);
    lan_hear(2, 4, 2, 4);
    lan_answer(2, 4, 4, 3, ""); /* tells of nobody any more */
    EQ_UINT(lan_there(), 1);
    EQ_STR(lan_names(), "");
    lan_end();
}

/* ---- without memory -------------------------------------------------------------------------- */

static void live(void)
{
    lan_hear(2, 1, 1, 2);
    lan_publish("x", 1);
    lan_answer(2, 1, 2, 0, "y z (7,1,1)");
    lan_hear_client(3, 1, 1, 1);
    lan_answer(3, 1, 1, 0, "w");
    lan_pass(3000);
}

TEST(any_allocation_may_fail)
{
    bool was_enough = false;

    for (unsigned n = 0; !was_enough; n++) {
        test_at("allocation %u", n);
        lan_begin_quietly();
        lan_starve(n);
        live();
        was_enough = lan_feed();
        lan_hear(2, 1, 9, 2);
        lan_hear(3, 1, 9, 1);
        for (unsigned i = 0; i < 20; i++) { /* all that was not taken in is asked for again */
            lan_answer(2, 1, 2, 0, "y z (7,1,1)");
            lan_answer(3, 1, 1, 0, "w");
            lan_pass(1000);
            lan_hear(2, 1, 10 + i, 2);
            lan_hear(3, 1, 10 + i, 1);
        }
        HAS(lan_names(), "w");
        HAS(lan_names(), "y z");
        EQ_UINT(lan_there(), 3);
        lan_end();
        EQ_UINT(lan.bytes, 0);
    }
}
