/* retry_test.c -- when a dial that failed is tried again, and when no more. */
#include "talk.h"

#include "core/core.h"

#define LEAST  0u
#define MIDDLE 0x80000000u
#define MOST   0xffffffffu

/* "8 32 120 120": the first delays, with this number for chance. */
static const char *delays(const kmsg_retry *r, uint32_t random, uint32_t count)
{
    static char text[256];
    size_t      size = 0;

    for (uint32_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, i == 0 ? "%u" : " %u",
                                 kmi_retry_delay(r, i, random));
    return text;
}

/* ---- delays -------------------------------------------------------------------------------- */

TEST(without_a_rule_it_is_50_to_549_ms)
{
    EQ_STR(delays(&kmi_retry_default, LEAST, 3), "50 50 50");
    EQ_STR(delays(&kmi_retry_default, MOST, 3), "549 549 549");
}

TEST(explicit_steps_come_first_and_the_regular_ones_behind_them)
{
    kmsg_retry r = {.step_count = 2, .steps_ms = {8, 32, 9999}, .first_ms = 120, .step_ms = 5};

    EQ_STR(delays(&r, MIDDLE, 5), "8 32 120 125 130");
}

TEST(regular_steps_are_added_multiplied_or_both)
{
    EQ_STR(delays(&(kmsg_retry){.first_ms = 100}, MIDDLE, 3), "100 100 100");
    EQ_STR(delays(&(kmsg_retry){.first_ms = 100, .step_ms = 50}, MIDDLE, 4), "100 150 200 250");
    EQ_STR(delays(&(kmsg_retry){.first_ms = 100, .factor = 2}, MIDDLE, 5), "100 200 400 800 1600");
    EQ_STR(delays(&(kmsg_retry){.first_ms = 0, .step_ms = 10, .factor = 3}, MIDDLE, 4),
           "1 10 40 130");
}

TEST(what_is_longer_than_the_maximum_is_cut_off)
{
    kmsg_retry r = {
        .step_count = 1, .steps_ms = {5000}, .first_ms = 1000, .factor = 2, .max_ms = 3000};

    EQ_STR(delays(&r, MIDDLE, 5), "3000 1000 2000 3000 3000");
    r.max_ms = 0;
    EQ_UINT(kmi_retry_delay(&r, UINT32_MAX, MIDDLE), KMSG_RETRY_MAX_MS);
    r.factor = 0;
    r.step_ms = 1;
    EQ_UINT(kmi_retry_delay(&r, UINT32_MAX, MIDDLE), KMSG_RETRY_MAX_MS);
    EQ_UINT(kmi_retry_delay(&(kmsg_retry){.factor = 2}, UINT32_MAX, MIDDLE), 1);
}

TEST(chance_keeps_within_its_percentage)
{
    kmsg_retry r = {.first_ms = 1000, .jitter_percent = 20};
    uint32_t   least = UINT32_MAX, most = 0;

    EQ_UINT(kmi_retry_delay(&r, 0, LEAST), 800);
    EQ_UINT(kmi_retry_delay(&r, 0, MIDDLE), 1000);
    EQ_UINT(kmi_retry_delay(&r, 0, MOST), 1199);
    test_seed(1);
    for (int i = 0; i < 10000; i++) {
        uint32_t ms = kmi_retry_delay(&r, 0, test_random());
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    CHECK(least >= 800 && least < 810);
    CHECK(most <= 1200 && most > 1190);
    r.jitter_percent = 100;
    EQ_UINT(kmi_retry_delay(&r, 0, LEAST), 1); /* never at once */
}

TEST(a_rule_that_makes_no_sense_is_refused_and_the_one_before_stays)
{
    kmsg_node       *node = kmsg_node_new();
    kmsg_peer       *peer;
    const kmsg_retry wrong[] = {{.step_count = KMSG_RETRY_STEPS + 1},
                                {.step_count = 1, .steps_ms = {KMSG_RETRY_MAX_MS + 1}},
                                {.first_ms = KMSG_RETRY_MAX_MS + 1},
                                {.max_ms = KMSG_RETRY_MAX_MS + 1},
                                {.jitter_percent = 101},
                                {.factor = 0.5},
                                {.factor = -1}};
    const kmsg_retry right = {.step_count = KMSG_RETRY_STEPS,
                              .first_ms = KMSG_RETRY_MAX_MS,
                              .max_ms = KMSG_RETRY_MAX_MS,
                              .jitter_percent = 100,
                              .factor = 1};

    OK(kmsg_dial(node, new_name(), &peer));
    OK(kmsg_peer_set_retry(peer, &right));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        FAILS(kmsg_peer_set_retry(peer, &wrong[i]), KMSG_EINVAL);
    EQ_UINT(peer->conn->retry.first_ms, KMSG_RETRY_MAX_MS);
    OK(kmsg_peer_set_retry(peer, NULL));
    EQ_UINT(peer->conn->retry.first_ms, 50);
    kmsg_node_free(node);
}

/* ---- dials --------------------------------------------------------------------------------- */

static int  refused;
static char dropped[256];

static void count_refusals(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    refused += level == KMSG_INFO && strncmp(text, "unix:", 5) == 0;
    if (strstr(text, "dropped") != NULL)
        snprintf(dropped, sizeof dropped, "%s", text);
}

TEST(a_limit_of_n_gives_n_delays_and_then_all_that_waits_ends_with_the_reason)
{
    const char *url = new_path();
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    server      s;
    outcome     o[8] = {{0}};

    refused = 0;
    dropped[0] = '\0';
    kmsg_set_log(count_refusals, NULL);
    OK(kmsg_dial(node, url, &peer));
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 1, .limit = 3}));
    OK(talk_Talk_push(peer, 1));
    OK(talk_Talk_push(peer, 2));
    for (int i = 0; i < 8; i++)
        talk_Talk_sum_async(peer, &o[i], sum_done);
    DRIVE(node, node, o[7].count == 1);
    kmsg_set_log(NULL, NULL);
    EQ_INT(refused, 4); /* one at once, and one behind each delay */
    for (int i = 0; i < 8; i++)
        EQ_INT(o[i].err, KMSG_EREFUSED);
    HAS(dropped, "dropped 2 one-way messages");
    EQ_INT(peer->conn->state, KMI_CONN_IDLE);

    server_init(&s, url); /* the next use begins anew */
    talk_Talk_sum_async(peer, &o[0], sum_done);
    DRIVE(node, s.node, o[0].count == 2);
    EQ_INT(o[0].err, KMSG_OK);
    EQ_INT(o[0].number, 0);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_connection_that_has_come_up_begins_with_the_first_delay_again)
{
    const char *url = new_path();
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    server      s;
    outcome     o = {0};

    OK(kmsg_dial(node, url, &peer));
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 1, .step_ms = 1}));
    OK(talk_Talk_push(peer, 1));
    DRIVE(node, node, peer->conn->tries >= 3);
    server_init(&s, url);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    EQ_INT(o.number, 1);
    EQ_UINT(peer->conn->tries, 0);
    kmsg_node_free(node);
    server_done(&s);
}
