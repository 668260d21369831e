/* multicast_test.c -- sockets for groups, on the loopback interface of this host alone, or on that
 * which TEST_INTERFACE names.
 */
#include "test.h"

#include "base/timer.h"
#include "sys/sys.h"

#include <net/if.h>
#include <stdlib.h>

/* libuv keeps a pipe for the rest of the process' life. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmi_sys_uv.loop_free(kmi_sys_uv.loop_new());
}

static const kmi_endpoint group4 = {.family = KMI_IP4, .ip = {239, 255, 75, 77}};
static const kmi_endpoint group6 = {.family = KMI_IP6, .ip = {0xff, 2, [14] = 0x4b, [15] = 0x4d}};

#define PATIENCE_NS ((int64_t)20 * 1000000000)

typedef struct ear {
    kmi_socket  *socket;
    kmi_endpoint bound;
    bool         ready;
} ear;

static kmi_loop *loop;
static uint32_t  at;

static const char *interface_name(void)
{
    const char *name = getenv("TEST_INTERFACE");

    return name == NULL ? "lo" : name;
}

static void on_ready(void *ctx, unsigned events)
{
    ear *e = ctx;

    e->ready = (events & KMI_READABLE) != 0;
}

static void open_at(ear *e, kmi_family family, uint16_t port)
{
    const kmi_endpoint where = {.family = family, .port = port};

    *e = (ear){.ready = false};
    OK(kmi_sys_uv.multicast_bind(loop, &where, on_ready, e, &e->bound, &e->socket));
}

/* NULL: nothing came. */
static const char *hear(ear *e, bool wait, kmi_arrival *ret)
{
    static char   text[64];
    const int64_t end_ns = kmi_sys_uv.now_ns() + PATIENCE_NS;
    ptrdiff_t     size;

    memset(text, 0, sizeof text);
    while (wait && !e->ready && kmi_sys_uv.now_ns() < end_ns)
        kmi_sys_uv.poll(loop, end_ns);
    e->ready = false;
    size = kmi_sys_uv.multicast_receive(e->socket, text, sizeof text - 1, ret);
    return size < 0 ? NULL : text;
}

static void begin(void)
{
    loop = kmi_sys_uv.loop_new();
    CHECK(loop != NULL);
    at = if_nametoindex(interface_name());
    CHECK(at != 0);
}

static void end(ear *ears, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kmi_sys_uv.close(ears[i].socket);
    kmi_sys_uv.loop_free(loop);
}

static const kmi_interface *find(kmi_interface *list)
{
    size_t count = kmi_sys_uv.interfaces(list);

    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, interface_name()) == 0)
            return &list[i];
    return NULL;
}

TEST(the_interfaces_that_are_up_are_found_once_each)
{
    kmi_interface        list[KMI_INTERFACES_MAX];
    const kmi_interface *found = find(list);
    size_t               count = kmi_sys_uv.interfaces(list);

    CHECK(found != NULL);
    EQ_UINT(found->index, if_nametoindex(interface_name()));
    EQ_INT(found->loopback, strcmp(interface_name(), "lo") == 0);
    CHECK(found->has_ip4);
    for (size_t i = 0; i < count; i++) {
        EQ_UINT(list[i].index, if_nametoindex(list[i].name));
        for (size_t k = 0; k < i; k++)
            CHECK(list[k].index != list[i].index);
    }
}

TEST(an_interface_is_known_by_name_and_number)
{
    EQ_UINT(kmi_interface_of("lo"), if_nametoindex("lo"));
    EQ_UINT(kmi_interface_of("17"), 17);
    EQ_UINT(kmi_interface_of("2147483647"), 2147483647);
    EQ_UINT(kmi_interface_of("2147483648"), 0);
    EQ_UINT(kmi_interface_of("99999999999999999999"), 0);
    EQ_UINT(kmi_interface_of(""), 0);
    EQ_UINT(kmi_interface_of("no-such"), 0);
}

/* Two that have joined, one that has not; and who sends has a socket of its own. */
static void all_hear(kmi_family family, const kmi_endpoint *group)
{
    ear          ears[4];
    kmi_endpoint to = *group;
    kmi_arrival  arrival;

    test_skip_if_emulated("the emulator does not pass on which interface a group is joined on");
    begin();
    open_at(&ears[0], family, 0);
    open_at(&ears[1], family, ears[0].bound.port);
    open_at(&ears[2], family, ears[0].bound.port);
    open_at(&ears[3], family, 0);
    EQ_UINT(ears[1].bound.port, ears[0].bound.port);
    OK(kmi_sys_uv.multicast_join(ears[0].socket, group, at));
    OK(kmi_sys_uv.multicast_join(ears[1].socket, group, at));
    OK(kmi_sys_uv.multicast_join(ears[1].socket, group, at)); /* as often as one likes */
    to.port = ears[0].bound.port;
    EQ_INT(kmi_sys_uv.multicast_send(ears[3].socket, &to, at, "here", 4), 0);
    for (size_t i = 0; i < 2; i++) {
        EQ_STR(hear(&ears[i], true, &arrival), "here");
        CHECK(arrival.multicast);
        EQ_UINT(arrival.interface, at);
        EQ_INT(arrival.from.family, family);
        EQ_UINT(arrival.from.port, ears[3].bound.port);
    }
    EQ_PTR(hear(&ears[2], false, &arrival), NULL);
    EQ_PTR(hear(&ears[0], false, &arrival), NULL);
    end(ears, 4);
}

TEST(all_who_have_joined_hear_what_is_sent_to_a_group_of_IPv4)
{
    all_hear(KMI_IP4, &group4);
}

TEST(all_who_have_joined_hear_what_is_sent_to_a_group_of_IPv6)
{
    kmi_interface        list[KMI_INTERFACES_MAX];
    const kmi_interface *found = find(list);

    if (found == NULL || !found->has_ip6 || found->loopback)
        SKIP("no group of IPv6 is heard over lo: tests/net/ has another interface");
    all_hear(KMI_IP6, &group6);
}

TEST(an_answer_goes_to_who_has_sent_it_and_to_nobody_else)
{
    ear          ears[2];
    kmi_endpoint to = group4;
    kmi_arrival  arrival;

    test_skip_if_emulated("the emulator does not pass on which interface a group is joined on");
    begin();
    open_at(&ears[0], KMI_IP4, 0);
    open_at(&ears[1], KMI_IP4, 0);
    OK(kmi_sys_uv.multicast_join(ears[0].socket, &group4, at));
    to.port = ears[0].bound.port;
    EQ_INT(kmi_sys_uv.multicast_send(ears[1].socket, &to, at, "who?", 4), 0);
    EQ_STR(hear(&ears[0], true, &arrival), "who?");
    EQ_INT(kmi_sys_uv.multicast_send(ears[0].socket, &arrival.from, 0, "me", 2), 0);
    EQ_STR(hear(&ears[1], true, &arrival), "me");
    CHECK(!arrival.multicast);
    EQ_UINT(arrival.from.port, ears[0].bound.port);
    end(ears, 2);
}

TEST(what_is_larger_than_the_room_for_it_is_told_by_its_own_size)
{
    ear          ears[2];
    kmi_endpoint to = {.family = KMI_IP4, .ip = {127, 0, 0, 1}};
    uint8_t      large[1000] = {1}, small[10];
    kmi_arrival  arrival;

    begin();
    open_at(&ears[0], KMI_IP4, 0);
    open_at(&ears[1], KMI_IP4, 0);
    to.port = ears[0].bound.port;
    EQ_INT(kmi_sys_uv.multicast_send(ears[1].socket, &to, 0, large, sizeof large), 0);
    while (!ears[0].ready)
        kmi_sys_uv.poll(loop, KMI_NEVER);
    EQ_INT(kmi_sys_uv.multicast_receive(ears[0].socket, small, sizeof small, &arrival),
           sizeof large);
    EQ_INT(kmi_sys_uv.multicast_receive(ears[0].socket, small, sizeof small, &arrival), KMI_AGAIN);
    end(ears, 2);
}

TEST(no_group_can_be_joined_over_an_interface_that_is_not_there)
{
    ear one;

    begin();
    open_at(&one, KMI_IP4, 0);
    CHECK(kmi_sys_uv.multicast_join(one.socket, &group4, 2147483647) != KMSG_OK);
    HAS(kmsg_last_error(), "join: ");
    end(&one, 1);
}
