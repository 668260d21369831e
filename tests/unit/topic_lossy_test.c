/* topic_lossy_test.c -- topics by datagrams: what is lost is counted, what is late is left out, and
 * what is too large comes all the same.
 *
 * A test that wants datagrams lost, late or doubled stands between both sides: the publisher's go
 * to a socket of the test's own, which hands on what it wants to.
 */
#include "market.h"

#include "net/net.h"
#include "topics/topics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define LETTERS 8

typedef struct letter {
    uint8_t data[65536];
    size_t  size;
} letter;

typedef struct scene {
    publisher p;
    reader    r;
    int       fd; /* between both; -1: nobody is */
    letter    letters[LETTERS];
} scene;

static scene s;

static const kmsg_publisher_options  unnamed = {.unnamed = true};
static const kmsg_subscriber_options lossy = {.lossy = true};

static kmi_reader *reader_of(const publisher *p)
{
    return kmi_topics_of(p->node)->outlets->readers;
}

static uint16_t port_of(const reader *r)
{
    return (uint16_t)kmi_topics_of(r->node)->port;
}

static void scene_init(const char *url)
{
    memset(&s, 0, sizeof s);
    s.fd = -1;
    publisher_init(&s.p, url);
    OK(market_Prices_offer(s.p.node, &unnamed));
    reader_init(&s.r);
    reader_attach(&s.r, &s.p, NULL, lossy);
}

static void scene_done(void)
{
    if (s.fd >= 0)
        close(s.fd);
    reader_done(&s.r);
    publisher_done(&s.p);
}

/* ---- the post -------------------------------------------------------------------------------- */

static void stand_between(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t          size = sizeof a;
    char               url[64];

    s.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(s.fd, (struct sockaddr *)&a, size) == 0);
    CHECK(getsockname(s.fd, (struct sockaddr *)&a, &size) == 0);
    kmi_scatter_end(reader_of(&s.p));
    snprintf(url, sizeof url, "udp:127.0.0.1:%u", ntohs(a.sin_port));
    OK(kmsg_dial(s.p.node, url, &reader_of(&s.p)->scatter));
}

/* Publishes messages, whose datagram is kept. */
static void write_letter(int index, uint64_t first, int count)
{
    letter *l = &s.letters[index];
    ssize_t n = -1;

    publish_all(&s.p, "ACME", first, count);
    for (int64_t until_ms = clock_ms() + PATIENCE_MS; n < 0 && clock_ms() < until_ms;) {
        step_both(s.p.node, s.r.node, 1);
        n = recv(s.fd, l->data, sizeof l->data, MSG_DONTWAIT);
    }
    CHECK(n > 0);
    l->size = (size_t)n;
}

static void put(const uint8_t *data, size_t size)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port_of(&s.r)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};

    CHECK(sendto(s.fd, data, size, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)size);
}

static kmsg_listener_facts port_facts(void)
{
    kmsg_listener_facts facts;

    kmsg_listener_info(kmi_topics_of(s.r.node)->datagrams, &facts);
    return facts;
}

/* It has been looked at when this returns. */
static void deliver(int index)
{
    uint64_t before = port_facts().messages;

    put(s.letters[index].data, s.letters[index].size);
    DRIVE(s.r.node, s.p.node, port_facts().messages == before + 1);
    turn(s.r.node);
}

/* ---- all comes ------------------------------------------------------------------------------- */

static void publish_over(const char *url, bool by_datagrams)
{
    const int      count = 500; /* several datagrams */
    const uint64_t most = (uint64_t)count;

    scene_init(url);
    EQ_INT(reader_of(&s.p)->scatter != NULL, by_datagrams);
    publish_all(&s.p, "ACME", 1, count);
    DRIVE(s.r.node, s.p.node, s.r.count == most);
    for (size_t i = 0; i < s.r.count; i++)
        EQ_UINT(s.r.numbers[i], i + 1);
    EQ_UINT(missed_in_all(&s.r), 0);
    EQ_INT(port_facts().messages > 1, by_datagrams);
    scene_done();
}

TEST(on_a_host_all_comes_by_datagrams_in_order)
{
    publish_over(new_path(), true);
    publish_over("inproc:lossy", true);
}

TEST(what_may_leave_the_host_comes_by_the_connection)
{
    publish_over("tcp:127.0.0.1:0", false);
}

static void count_secret(void *ctx, const kmsg_topic_news *news, kmsg_string value)
{
    (void)news;
    (void)value;
    ++*(int *)ctx;
}

TEST(what_is_not_for_all_comes_by_the_connection)
{
    const kmsg_subscriber_options options = {.unnamed = true, .lossy = true};
    kmsg_node                    *node = kmsg_node_new();
    kmsg_subscriber              *subscriber;
    kmsg_peer                    *peer;
    publisher                     p;
    int                           count = 0;

    publisher_init(&p, new_path());
    OK(market_Secrets_offer(p.node, &unnamed));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(market_Secrets_subscribe(node, &options, &count, count_secret, &subscriber));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node, reader_of(&p) != NULL);
    CHECK(reader_of(&p)->scatter == NULL);
    OK(market_Secrets_publish(p.node, kmsg_str("psst")));
    DRIVE(node, p.node, count == 1);
    kmsg_node_free(node);
    publisher_done(&p);
}

TEST(a_filter_holds_for_datagrams)
{
    static reader chosen;

    scene_init(new_path());
    reader_init(&chosen);
    reader_attach(&chosen, &s.p, "IBM", lossy);
    publish_all(&s.p, "ACME", 1, 3);
    publish_all(&s.p, "IBM", 4, 3);
    DRIVE(chosen.node, s.p.node, chosen.count == 3);
    EQ_UINT(chosen.numbers[0], 4);
    EQ_UINT(chosen.numbers[2], 6);
    EQ_UINT(missed_in_all(&chosen), 0);
    reader_done(&chosen);
    scene_done();
}

TEST(nobody_waits_for_a_lossy_subscriber)
{
    const kmsg_when_behind  refused[] = {KMSG_BEHIND_WAIT, KMSG_BEHIND_DISCONNECT};
    kmsg_subscriber_options options = {.lossy = true, .unnamed = true};
    kmsg_node              *node = kmsg_node_new();

    for (size_t i = 0; i < 2; i++) {
        options.when_behind = refused[i];
        FAILS(market_Prices_subscribe(node, NULL, &options, NULL, on_tick, NULL), KMSG_EINVAL);
        HAS(kmsg_last_error(), "nothing waits for a lossy subscriber");
    }
    kmsg_node_free(node);
}

/* ---- some is lost ---------------------------------------------------------------------------- */

TEST(what_is_lost_is_counted_exactly)
{
    scene_init(new_path());
    stand_between();
    write_letter(0, 1, 2);
    write_letter(1, 3, 5); /* lost */
    write_letter(2, 8, 1);
    write_letter(3, 9, 1); /* lost */
    write_letter(4, 10, 1);
    deliver(0);
    deliver(2);
    deliver(4);
    EQ_UINT(s.r.count, 4);
    EQ_UINT(s.r.numbers[2], 8);
    EQ_UINT(s.r.missed[2], 5);
    EQ_UINT(s.r.numbers[3], 10);
    EQ_UINT(s.r.missed[3], 1);
    EQ_UINT(s.r.missed_told, 6);
    scene_done();
}

TEST(what_is_late_or_doubled_is_left_out)
{
    kmsg_subscriber_facts facts;

    scene_init(new_path());
    stand_between();
    write_letter(0, 1, 1);
    write_letter(1, 2, 2);
    write_letter(2, 4, 1);
    deliver(0);
    deliver(0);
    deliver(2);
    deliver(1); /* late */
    deliver(2);
    EQ_UINT(s.r.count, 2);
    EQ_UINT(s.r.numbers[0], 1);
    EQ_UINT(s.r.numbers[1], 4);
    EQ_UINT(s.r.missed_told, 2);
    kmsg_subscriber_info(s.r.subscriber, &facts);
    EQ_UINT(facts.received, 2);
    EQ_UINT(facts.missed, 2);
    scene_done();
}

TEST(what_is_lost_at_the_end_is_told_with_it)
{
    scene_init(new_path());
    stand_between();
    write_letter(0, 1, 3);
    kmsg_topic_withdraw(s.p.node, &market_Prices_topic);
    DRIVE(s.r.node, s.p.node, s.r.detached == 1);
    EQ_INT(s.r.err, KMSG_ECLOSED);
    EQ_UINT(s.r.missed_told, 3);
    scene_done();
}

TEST(what_a_stranger_sends_is_not_taken)
{
    scene_init(new_path());
    stand_between();
    reader_of(&s.p)->ticket ^= 1; /* whoever it is, he has not been told the right one */
    write_letter(0, 1, 3);
    deliver(0);
    EQ_UINT(s.r.count, 0);
    EQ_UINT(port_facts().refused[KMSG_REFUSED_BY_HANDLER], 1);
    reader_of(&s.p)->ticket ^= 1;
    write_letter(1, 4, 1);
    deliver(1);
    EQ_UINT(s.r.count, 1);
    EQ_UINT(s.r.missed_told, 3);
    scene_done();
}

TEST(after_a_lost_link_it_goes_on_by_datagrams)
{
    scene_init(new_path());
    stand_between();
    write_letter(0, 1, 2); /* lost, and not known here */
    kmi_link_lose(reader_of(&s.p)->call->conn->link, KMSG_ELOST, "lost");
    DRIVE(s.r.node, s.p.node, s.r.attached == 2);
    EQ_UINT(s.r.missed_told, 2);
    CHECK(reader_of(&s.p)->scatter != NULL);
    publish_all(&s.p, "ACME", 3, 1);
    DRIVE(s.r.node, s.p.node, s.r.count == 1);
    EQ_UINT(s.r.missed_told, 2);
    scene_done();
}

static size_t count_of_conns(const kmsg_node *node)
{
    size_t count = 0;

    for (const kmi_conn *c = node->conns; c != NULL; c = c->next)
        count++;
    return count;
}

TEST(nothing_is_left_of_who_has_left)
{
    kmsg_topic_facts facts;
    size_t           before;

    scene_init(new_path());
    before = count_of_conns(s.p.node);
    kmsg_subscriber_end(s.r.subscriber);
    DRIVE(s.r.node, s.p.node, reader_of(&s.p) == NULL);
    DRIVE(s.r.node, s.p.node, count_of_conns(s.p.node) == before - 1);
    OK(kmsg_topic_info(s.p.node, &market_Prices_topic, &facts));
    EQ_UINT(facts.subscribers, 0);
    scene_done();
}

/* ---- sizes ----------------------------------------------------------------------------------- */

typedef struct heap {
    size_t   sizes[8];
    size_t   count;
    uint64_t missed;
    int      attached;
} heap;

static void on_raw(void *ctx, const kmsg_topic_news *news, uint32_t tag, kmsg_bytes bytes)
{
    heap *h = ctx;

    (void)tag;
    CHECK(h->count < 8);
    h->sizes[h->count++] = bytes.size;
    h->missed += news->missed;
}

static void on_heap_event(void *ctx, const kmsg_topic_event *event)
{
    ((heap *)ctx)->attached += event->kind == KMSG_TOPIC_ATTACHED;
}

TEST(what_is_larger_than_a_datagram_comes_by_the_connection)
{
    static const size_t sizes[] = {10, 1300, 5000, 65000, 70000, 300000, 20};
    static uint8_t      bytes[300000];

    const kmsg_subscriber_options options = {
        .unnamed = true, .lossy = true, .heard = on_heap_event};
    heap                    h = {.count = 0};
    publisher               p;
    kmsg_subscriber_options mine = options;
    kmsg_subscriber        *subscriber;
    kmsg_node              *node = kmsg_node_new();
    kmsg_peer              *peer;

    publisher_init(&p, new_path());
    OK(market_Raw_offer(p.node, &unnamed));
    mine.ctx = &h;
    OK(market_Raw_subscribe(node, NULL, &mine, &h, on_raw, &subscriber));
    OK(kmsg_dial(node, kmsg_listener_url(p.listener), &peer));
    OK(kmsg_subscriber_join(subscriber, peer));
    DRIVE(node, p.node, h.attached == 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        OK(market_Raw_publish(p.node, 1, (kmsg_bytes){bytes, sizes[i]}));
        DRIVE(node, p.node, h.count == i + 1);
        EQ_UINT(h.sizes[i], sizes[i]);
    }
    EQ_UINT(h.missed, 0);
    kmsg_node_free(node);
    publisher_done(&p);
}
