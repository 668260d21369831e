/* lan_hostile_test.c -- what strangers and worse can do to a directory with datagrams: nothing that
 * lasts, for a bounded time of its processor and a few lines of its log.
 */
#define _GNU_SOURCE
#include "lans.h"

#include "core/core.h"
#include "names/lan_ways.h"
#include "net/seal.h"

#define CONTEXT "kmsg beacon 1"
#define GROUP   0xefff4b4du /* 239.255.75.77 */
#define PLACE   0x7f000042u /* 127.0.0.66 */

/* ---- an enemy -------------------------------------------------------------------------------- */

static int         enemy = -1; /* his socket */
static unsigned    lines;      /* of the log */
static char        last_lines[2][1024];
static const char *listen_for;
static bool        was_said;

static void on_log(void *ctx, kmsg_log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    memcpy(last_lines[0], last_lines[1], sizeof last_lines[0]);
    snprintf(last_lines[1], sizeof last_lines[1], "%s", line);
    was_said = was_said || (listen_for != NULL && strstr(line, listen_for) != NULL);
    lines++;
}

/* Keys for so many hosts, of which the first ones run. */
static void begin(unsigned count, unsigned running)
{
    const struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(PLACE)}};

    lans_begin(count);
    for (unsigned i = 0; i < running; i++)
        lans_start(i);
    enemy = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(enemy, (const struct sockaddr *)&place, sizeof place) == 0);
    lines = 0;
    was_said = false;
    listen_for = NULL;
    kmsg_set_log(on_log, NULL);
}

static void end(void)
{
    kmsg_set_log(NULL, NULL);
    close(enemy);
    lans_end();
}

/* To all hosts: so host 0 hears it. */
static void send_to_all(const void *data, size_t size)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(lans_port), .sin_addr.s_addr = htonl(GROUP)};
    struct in_addr lo = {htonl(INADDR_LOOPBACK)};

    CHECK(setsockopt(enemy, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo) == 0);
    CHECK(sendto(enemy, data, size, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)size);
}

typedef struct datagram {
    uint8_t data[KMI_BEACON_MAX];
    size_t  size;
} datagram;

/* A beacon with the key of `of`, signed by who has the key of `by`. */
static datagram make(unsigned of, unsigned by, kmi_beacon beacon)
{
    kmsg_node *node = kmsg_node_new();
    datagram   d;

    beacon.key = hosts_keys[of];
    OK(kmsg_node_set_security(node, &(kmsg_security){.folder = hosts_folder(by)}));
    d.size = kmi_beacon_put(&beacon, d.data);
    OK(kmi_net_seal(&node->net, CONTEXT, d.data, d.size, &d.size));
    kmsg_node_free(node);
    return d;
}

static const kmi_beacon usual = {.epoch = 1, .sequence = 1, .version = 1, .port = 1, .fast = true};

static uint64_t refused(void)
{
    return lans_survey(0).beacons_refused;
}

/* ---- garbage --------------------------------------------------------------------------------- */

TEST(garbage_of_any_size_is_refused)
{
    uint8_t  data[1400];
    unsigned sent = 0;

    begin(1, 1);
    test_seed(1);
    for (size_t size = 1; size <= sizeof data; size += size < 300 ? 1 : 100) {
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t)test_random();
        send_to_all(data, size);
        sent += size <= KMI_LAN_DATAGRAM_MAX;
        lans_until(refused() == sent);
    }
    EQ_UINT(lans_neighbors(0), 0);
    CHECK(lines <= 4);
    end();
}

/* ---- beacons that are none ------------------------------------------------------------------- */

TEST(who_signs_in_the_name_of_another_one_is_not_heard)
{
    datagram forged;

    begin(3, 3);
    lans_stop(1);
    lans_until(lans_neighbors(0) == 1 && lans_neighbors(2) == 1);
    forged = make(1, 2, usual);
    send_to_all(forged.data, forged.size);
    lans_until(refused() == 1);
    HAS(last_lines[1],
        "are not signed by who they say they are of: 1 so far, the last one from 127.0.0.66");
    EQ_UINT(lans_neighbors(0), 1);
    end();
}

TEST(who_is_not_trusted_gets_one_line_that_says_what_to_do)
{
    datagram of_stranger;
    char     text[KMSG_KEY_TEXT];

    begin(2, 1);
    hosts_revoke(0, 1);
    of_stranger = make(1, 1, usual);
    kmsg_key_print(&hosts_keys[1], text);
    for (unsigned i = 1; i < 10; i++) {
        uint64_t before = refused();
        send_to_all(of_stranger.data, of_stranger.size);
        lans_until(refused() == before + 1);
        if (i == 1) {
            HAS(last_lines[0], "are of hosts that are not trusted: ");
            HAS(last_lines[1], "kmsg key trust ");
            HAS(last_lines[1], text);
        }
    }
    EQ_UINT(lines, 2);
    end();
}

static int open_ear(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(lans_port)};
    struct ip_mreqn    group = {.imr_multiaddr = {htonl(GROUP)}};
    int                on = 1, ear = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    group.imr_ifindex = (int)kmi_interface_of("lo");
    CHECK(setsockopt(ear, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    CHECK(bind(ear, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(setsockopt(ear, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0);
    return ear;
}

/* Has one of this host come? */
static bool take(int ear, unsigned of, datagram *d)
{
    kmi_beacon beacon;
    ssize_t    size;

    while (d->size == 0 && (size = recv(ear, d->data, sizeof d->data, 0)) > 0)
        if (kmi_beacon_get(d->data, KMI_BEACON_SIZE, &beacon) == KMSG_OK && beacon.port != 0 &&
            memcmp(&beacon.key, &hosts_keys[of], sizeof beacon.key) == 0)
            d->size = (size_t)size;
    return d->size > 0;
}

static datagram record(unsigned of)
{
    datagram d = {.size = 0};
    int      ear = open_ear();

    lans_until(take(ear, of, &d));
    close(ear);
    return d;
}

TEST(what_was_said_before_counts_no_more_when_it_is_said_again)
{
    datagram old;
    uint64_t heard;

    begin(2, 2);
    old = record(1);
    lans_until(lans_neighbors(0) == 1);
    lans_stop(1);
    lans_until(lans_neighbors(0) == 0);
    heard = lans_survey(0).beacons_heard;
    for (unsigned i = 1; i <= 10; i++) {
        send_to_all(old.data, old.size);
        lans_until(lans_survey(0).beacons_heard == heard + i);
        EQ_UINT(lans_neighbors(0), 0);
    }
    end();
}

/* ---- too much -------------------------------------------------------------------------------- */

/* What each of them would cost, were it looked at, is a signature. */
TEST(a_flood_costs_a_few_signatures_and_lines_and_others_are_heard_meanwhile)
{
    datagram forged;
    unsigned sent = 0;

    begin(3, 3);
    lans_until(lans_neighbors(0) == 2);
    forged = make(1, 2, usual);
    listen_for = "were too many to be looked at";
    for (unsigned round = 0; round < 20; round++) {
        uint64_t before = refused();
        for (unsigned i = 0; i < 50; i++, sent++) {
            forged.data[KMI_BEACON_SIZE - 8] = (uint8_t)sent; /* its version */
            send_to_all(forged.data, forged.size);
        }
        if (round == 10)
            lans_publish(1, "in the middle of it");
        lans_until(refused() >= before + 50);
    }
    CHECK(was_said);
    CHECK(lines <= 16); /* 1, 10, 100, 1000 of two kinds, from two hosts */
    lans_until(lans_knows(0, "in the middle of it") == 1);
    EQ_UINT(lans_neighbors(0), 2);
    end();
}

/* ---- somebody else's place ------------------------------------------------------------------- */

static uint16_t port_of(unsigned host)
{
    for (const kmsg_listener *l = lans[host].node->listeners; l != NULL; l = l->next)
        return (uint16_t)strtoul(strrchr(kmsg_listener_url(l), ':') + 1, NULL, 10);
    return 0;
}

/* 1 sends, by its own key, that it is where 2 is: what 2 offers is not said by 1. */
TEST(who_answers_has_to_have_the_key_of_the_beacon)
{
    kmi_beacon beacon = usual;
    datagram   d;
    uint64_t   fetched;

    begin(3, 1);
    lans_start(2);
    lans_publish(2, "of 2");
    lans_until(lans_knows(0, "of 2") == 1);
    fetched = lans_survey(0).fetched;
    beacon.port = port_of(2);
    d = make(1, 1, beacon);
    send_to_all(d.data, d.size);
    listen_for = "and host2 answers, whose beacon it is not";
    lans_until(was_said);
    EQ_UINT(lans_survey(0).fetched, fetched);
    EQ_UINT(lans_knows(0, "of 2"), 1);
    end();
}

/* ---- who asks -------------------------------------------------------------------------------- */

typedef struct answer {
    bool     came;
    kmsg_err err;
    char     words[256];
} answer;

static void on_answer(void *ctx, kmsg_err err, const kmsg_names_Contents *contents)
{
    answer *a = ctx;

    (void)contents;
    a->came = true;
    a->err = err;
    snprintf(a->words, sizeof a->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
}

static kmsg_err ask(kmsg_node *node, const char *url, answer *ret)
{
    kmsg_peer *peer;

    memset(ret, 0, sizeof *ret);
    OK(kmsg_dial(node, url, &peer));
    kmsg_names_Neighborhood_contents_async(peer, 0, 0, ret, on_answer);
    lans[1].node = node; /* it has its turns, too */
    lans_until(ret->came);
    lans[1].node = NULL;
    kmsg_peer_close(peer);
    return ret->err;
}

TEST(only_owners_of_trusted_keys_are_told_what_a_host_offers)
{
    kmsg_node *node;
    char       url[64];
    answer     a;

    begin(2, 1);
    lans_publish(0, "of 0");
    node = kmsg_node_new();
    CHECK(kmsg_node_fd(node) >= 0);
    snprintf(url, sizeof url, "tcp:127.0.0.1:%u", port_of(0));
    EQ_INT(ask(node, url, &a), KMSG_EREFUSED); /* loopback is encrypted there */
    OK(kmsg_listen(lans[0].node, "inproc:lan-hostile", NULL));
    FAILS(ask(node, "inproc:lan-hostile", &a), KMSG_EPERM);
    HAS(a.words, "told to owners of trusted keys");
    OK(kmsg_node_set_security(
        node, &(kmsg_security){.folder = hosts_folder(1), .encrypt_loopback = true}));
    OK(ask(node, url, &a));
    hosts_revoke(0, 1);
    FAILS(ask(node, url, &a), KMSG_EREFUSED);
    kmsg_node_free(node);
    end();
}
