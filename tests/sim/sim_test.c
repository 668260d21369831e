/* sim_test.c -- the core in a world of its own, where whatever can go wrong does: many short plays,
 * each from a seed. One that fails is seen again, with all that happened in it, by `make sim
 * SEED=n`.
 */
#include "test.h"

#include "check.h"
#include "loss.h"
#include "play.h"

#include <stdlib.h>

#if defined(__SANITIZE_THREAD__)
#define PLAYS 200
#elif defined(__SANITIZE_ADDRESS__)
#define PLAYS 1500
#else
#define PLAYS 10000
#endif

TEST(every_call_ends_as_it_may_whatever_happens)
{
    const char *from = getenv("SEED");
    uint64_t    first = from == NULL ? 1 : strtoull(from, NULL, 10);

    for (uint64_t i = 0; i < test_rounds(PLAYS); i++) {
        const char *finding;
        test_at("make sim SEED=%llu", (unsigned long long)(first + i));
        finding = play_run(first + i, false, false);
        if (finding != NULL)
            print_message("# %s\n", finding);
        CHECK(finding == NULL);
    }
}

/* Nothing depends on an address, the real clock, or what was played before. */
TEST(a_seed_always_gives_the_same_play)
{
    enum { COUNT = 40 };
    uint64_t digests[COUNT];

    for (uint64_t seed = 1; seed <= COUNT; seed++) {
        CHECK(play_run(seed, false, false) == NULL);
        digests[seed - 1] = world_digest();
    }
    for (uint64_t seed = COUNT; seed > 0; seed--) {
        CHECK(play_run(seed, false, false) == NULL);
        EQ_UINT(world_digest(), digests[seed - 1]);
    }
}

TEST(seeds_give_different_plays)
{
    uint64_t first;

    CHECK(play_run(1, false, false) == NULL);
    first = world_digest();
    CHECK(play_run(2, false, false) == NULL);
    CHECK(world_digest() != first);
}

/* In a world where bytes arrive twice. */
TEST(the_checks_bark_at_what_is_wrong)
{
    unsigned barks = 0;

    for (uint64_t seed = 1; seed <= 50; seed++)
        barks += play_run(seed, false, true) != NULL;
    CHECK(barks > 10);
}

TEST(datagrams_that_are_handled_and_lost_add_up_whatever_the_network_does)
{
    for (uint64_t seed = 1; seed <= test_rounds(PLAYS / 10); seed++) {
        const char *finding;
        test_at("seed %llu", (unsigned long long)seed);
        finding = loss_run(seed, false, false);
        if (finding != NULL)
            print_message("# %s\n", finding);
        CHECK(finding == NULL);
    }
}

/* In a network that doubles what it should not. */
TEST(the_checks_of_datagrams_bark_at_what_is_wrong)
{
    unsigned barks = 0;

    for (uint64_t seed = 1; seed <= 50; seed++)
        barks += loss_run(seed, false, true) != NULL;
    CHECK(barks > 10);
}
