/* lan_guard_test.c -- how many signatures are checked, of whom, whatever is sent. Time is a number
 * here.
 */
#include "test.h"

#include "names/lan_guard.h"

#define SECOND_NS ((int64_t)1000000000)

static kmi_guard guard;

static kmi_endpoint at(uint32_t number)
{
    kmi_endpoint e = {.family = KMI_IP4, .port = 9, .ip = {10}};

    e.ip[1] = (uint8_t)(number >> 16);
    e.ip[2] = (uint8_t)(number >> 8);
    e.ip[3] = (uint8_t)number;
    return e;
}

/* Of `count` attempts, spread over a second. */
static unsigned admitted(uint32_t from, unsigned places, unsigned count, int64_t now_ns)
{
    unsigned good = 0;

    for (unsigned i = 0; i < count; i++) {
        kmi_endpoint e = at(from + i % places);
        good += kmi_guard_admits(&guard, &e, now_ns + SECOND_NS / count * i);
    }
    return good;
}

/* All at one moment. */
static void flood(int64_t now_ns)
{
    for (uint32_t i = 0; i < 3 * KMI_GUARD_ALL_BURST; i++) {
        kmi_endpoint e = at(100000 + i);
        if (!kmi_guard_admits(&guard, &e, now_ns))
            return;
    }
    CHECK(false); /* all of them */
}

static void prove(uint32_t number, int64_t now_ns)
{
    kmi_endpoint e = at(number);

    kmi_guard_believed(&guard, &e, &number, sizeof number, now_ns);
}

TEST(a_place_is_looked_at_as_often_as_it_may_be_and_no_more)
{
    CHECK(kmi_guard_init(&guard));
    EQ_UINT(admitted(1, 1, 10000, SECOND_NS), KMI_GUARD_EACH_BURST + KMI_GUARD_EACH_PER_S - 1);
    EQ_UINT(admitted(1, 1, 10000, 2 * SECOND_NS), KMI_GUARD_EACH_PER_S);
    EQ_UINT(admitted(1, 1, 10000, 100 * SECOND_NS),
            KMI_GUARD_EACH_BURST + KMI_GUARD_EACH_PER_S - 1);
}

TEST(all_whom_nobody_knows_share_one_limit)
{
    CHECK(kmi_guard_init(&guard));
    EQ_UINT(admitted(1, 60000, 100000, SECOND_NS), KMI_GUARD_ALL_BURST + KMI_GUARD_ALL_PER_S - 1);
    EQ_UINT(admitted(1, 60000, 100000, 2 * SECOND_NS), KMI_GUARD_ALL_PER_S);
}

TEST(who_was_believed_is_looked_at_whatever_others_send)
{
    int64_t now_ns = SECOND_NS;

    CHECK(kmi_guard_init(&guard));
    for (uint32_t i = 0; i < 1000; i++)
        prove(i, now_ns);
    for (unsigned round = 0; round < 20; round++) {
        unsigned good = 0;
        (void)admitted(100000, 60000, 60000, now_ns);
        now_ns += SECOND_NS;
        for (uint32_t i = 0; i < 1000; i++) {
            kmi_endpoint e = at(i);
            if (kmi_guard_admits(&guard, &e, now_ns)) {
                prove(i, now_ns);
                good++;
            }
        }
        CHECK(good >= 990); /* a set that has more of them than it has places loses some */
    }
}

TEST(who_was_believed_long_ago_is_as_others_are)
{
    kmi_endpoint e = at(7);

    CHECK(kmi_guard_init(&guard));
    prove(7, SECOND_NS);
    flood(SECOND_NS + KMI_GUARD_PROVED_NS - 1);
    CHECK(kmi_guard_admits(&guard, &e, SECOND_NS + KMI_GUARD_PROVED_NS - 1));
    flood(SECOND_NS + KMI_GUARD_PROVED_NS);
    CHECK(!kmi_guard_admits(&guard, &e, SECOND_NS + KMI_GUARD_PROVED_NS));
}

TEST(what_was_believed_is_known_by_its_bytes_for_a_while)
{
    char         text[16] = "the same";
    kmi_endpoint e = at(1);

    CHECK(kmi_guard_init(&guard));
    CHECK(!kmi_guard_has_seen(&guard, text, sizeof text));
    kmi_guard_believed(&guard, &e, text, sizeof text, SECOND_NS);
    CHECK(kmi_guard_has_seen(&guard, text, sizeof text));
    text[9] = 1;
    CHECK(!kmi_guard_has_seen(&guard, text, sizeof text));
    text[9] = 0;
    for (uint32_t i = 0; i < KMI_GUARD_SEEN - 1; i++)
        prove(i, SECOND_NS);
    CHECK(kmi_guard_has_seen(&guard, text, sizeof text));
    prove(77, SECOND_NS);
    CHECK(!kmi_guard_has_seen(&guard, text, sizeof text));
}

TEST(an_address_is_one_place_whatever_its_port_and_one_for_each_link)
{
    kmi_endpoint e = {.family = KMI_IP6, .ip = {0xfe, 0x80, [15] = 1}, .interface = 1};
    unsigned     good = 0;

    CHECK(kmi_guard_init(&guard));
    for (uint16_t i = 0; i < 1000; i++) {
        e.port = i;
        good += kmi_guard_admits(&guard, &e, SECOND_NS);
    }
    EQ_UINT(good, KMI_GUARD_EACH_BURST);
    e.interface = 2;
    CHECK(kmi_guard_admits(&guard, &e, SECOND_NS));
    e.interface = 1;
    CHECK(!kmi_guard_admits(&guard, &e, SECOND_NS));
}
