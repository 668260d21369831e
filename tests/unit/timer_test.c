/* timer_test.c -- the heap of deadlines against a plain list. */
#include "test.h"

#include "base/timer.h"

#include <stdlib.h>

#define COUNT 200

static kmi_timers timers;
static kmi_timer  all[COUNT];
static int64_t    last_ns;
static int        fired;

static void on_time(kmi_timer *timer, int64_t now_ns)
{
    CHECK(timer->at_ns <= now_ns);
    CHECK(timer->at_ns >= last_ns);
    last_ns = timer->at_ns;
    fired++;
}

static void set_up(void)
{
    timers = (kmi_timers){0};
    fired = 0;
    last_ns = 0;
    for (int i = 0; i < COUNT; i++)
        OK(kmi_timer_init(&timers, &all[i], on_time));
}

static void tear_down(void)
{
    for (int i = 0; i < COUNT; i++)
        kmi_timer_done(&timers, &all[i]);
    EQ_UINT(timers.count, 0);
    EQ_UINT(timers.promised, 0);
    kmi_timers_done(&timers);
}

TEST(timers_fire_in_order_whatever_was_set_moved_and_stopped_before)
{
    set_up();
    test_seed(4);
    for (int round = 0; round < 300; round++) {
        int64_t earliest_ns = KMI_NEVER;
        int     set = 0;
        for (int i = 0; i < 40; i++) {
            kmi_timer *t = &all[test_random() % COUNT];
            if (test_random() % 3 == 0)
                kmi_timer_stop(&timers, t);
            else
                kmi_timer_set(&timers, t, 1 + test_random() % 1000);
        }
        for (int i = 0; i < COUNT; i++) {
            if (all[i].place == 0)
                continue;
            set++;
            earliest_ns = all[i].at_ns < earliest_ns ? all[i].at_ns : earliest_ns;
        }
        EQ_INT(kmi_timers_next(&timers), earliest_ns);
        EQ_INT(timers.count, set);
        if (round % 20 == 19) {
            fired = 0;
            last_ns = 0;
            kmi_timers_run(&timers, 500);
            CHECK(kmi_timers_next(&timers) > 500);
            EQ_INT(timers.count, set - fired);
        }
    }
    tear_down();
}

TEST(a_timer_is_never_early)
{
    set_up();
    kmi_timer_set(&timers, &all[0], 100);
    kmi_timers_run(&timers, 99);
    EQ_INT(fired, 0);
    kmi_timers_run(&timers, 100);
    EQ_INT(fired, 1);
    kmi_timers_run(&timers, 1000);
    EQ_INT(fired, 1);
    tear_down();
}

TEST(without_timers_there_is_no_deadline)
{
    kmi_timers none = {0};

    EQ_INT(kmi_timers_next(&none), KMI_NEVER);
}
