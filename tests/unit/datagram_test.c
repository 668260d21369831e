/* datagram_test.c -- udp: what gets through, what is refused and counted, and what is said at once
 * to who asks for more than a datagram can do. Hostile ones are in datagram_hostile_test.c.
 */
#define _GNU_SOURCE
#include "datagrams.h"

#include <sys/wait.h>

/* ---- what the tests share ------------------------------------------------------------------ */

/* The numbers that came, in order. */
typedef struct trail {
    kmsg_listener *listener;
    int64_t        numbers[64];
    int            count;
} trail;

static kmsg_err keep_number(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    trail *t = ctx;

    (void)call;
    (void)blob;
    CHECK(t->count < 64);
    t->numbers[t->count++] = number;
    return KMSG_OK;
}

static kmsg_node *trail_start(trail *t, const char *url)
{
    static const delivery_Post_impl impl = {.put = keep_number};
    kmsg_node                      *node = kmsg_node_new();

    OK(delivery_Post_serve(node, &impl, t));
    OK(kmsg_listen(node, url, &t->listener));
    return node;
}

static void heard_nothing(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)ctx;
    (void)peer;
    (void)event;
    (void)err;
    CHECK(false);
}

static void over_nothing(void *ctx, kmsg_call *call)
{
    (void)ctx;
    (void)call;
    CHECK(false);
}

static void number_done(void *ctx, kmsg_err err, const int64_t *result)
{
    sum_done(ctx, err, result);
}

/* ---- what gets through --------------------------------------------------------------------- */

static void carry_over(const char *url, const char *begins)
{
    scene           s;
    kmsg_peer_facts facts;

    scene_init(&s, url);
    CHECK(strncmp(kmsg_listener_url(s.p.listener), begins, strlen(begins)) == 0);
    CHECK(strcmp(kmsg_listener_url(s.p.listener), url) != 0); /* it has the real port */
    for (int i = 1; i <= 3; i++)
        OK(delivery_Post_put(s.peer, i, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(s.p.sum, 6);
    kmsg_peer_info(s.peer, &facts);
    EQ_INT(facts.state, KMSG_PEER_CONNECTED);
    EQ_UINT(facts.sent, 3);
    EQ_UINT(facts.dropped, 0);
    EQ_UINT(facts.waiting, 0);
    EQ_UINT(facts.bytes_sent, listener_facts(&s).bytes);
    EQ_UINT(listener_facts(&s).messages, 3);
    EQ_STR(kmsg_peer_url(s.peer), kmsg_listener_url(s.p.listener));
    scene_done(&s);
}

TEST(one_way_messages_are_carried_by_both_kinds_of_ip)
{
    carry_over("udp:127.0.0.1:0", "udp:127.0.0.1:");
    if (has_ip6())
        carry_over("udp:[::1]:0", "udp:[::1]:");
    carry_over("udp:localhost:0", "udp:127.0.0.1:");
}

TEST(a_name_leads_to_who_listens_there)
{
    char       url[64];
    scene      s;
    kmsg_peer *peer;

    scene_init(&s, "udp:127.0.0.1:0");
    snprintf(url, sizeof url, "udp:localhost:%u", port_of(&s));
    OK(kmsg_dial(s.node, url, &peer));
    OK(delivery_Post_put(peer, 7, no_blob));
    DRIVE(s.node, s.p.node, s.p.sum == 7);
    scene_done(&s);
}

TEST(messages_of_one_turn_travel_together_in_order)
{
    enum { COUNT = 20 };
    scene      s;
    trail      t = {0};
    kmsg_peer *peer;
    kmsg_node *node = trail_start(&t, "udp:127.0.0.1:0");

    scene_init(&s, NULL);
    OK(kmsg_dial(s.node, kmsg_listener_url(t.listener), &peer));
    for (int i = 0; i < COUNT; i++)
        OK(delivery_Post_put(peer, i, no_blob));
    DRIVE(s.node, node, t.count == COUNT);
    for (int i = 0; i < COUNT; i++)
        EQ_INT(t.numbers[i], i);
    EQ_UINT(info_of(t.listener).datagrams, 1);
    kmsg_node_free(node);
    scene_done(&s);
}

/* Somebody who knows nothing but wire/frames.md can read it. */
TEST(a_datagram_is_a_head_and_whole_frames_and_fits_into_a_packet)
{
    static const uint8_t head[] = {'K', 'M', 'S', 'G', 0, 'd', 1, 0};
    enum { COUNT = 300 };
    uint16_t  port;
    int       fd = raw_bind(&port);
    scene     s;
    uint8_t   data[2048];
    unsigned  frames = 0, datagrams = 0;
    ptrdiff_t n;

    scene_init(&s, NULL);
    s.peer = dial_port(s.node, port);
    for (int i = 0; i < COUNT; i++)
        OK(delivery_Post_put(s.peer, i, no_blob));
    OK(kmsg_flush(s.peer));
    for (; (n = recv(fd, data, sizeof data, MSG_DONTWAIT)) > 0; datagrams++) {
        CHECK(n <= 1400);
        EQ_MEM(data, 8, head, sizeof head);
        for (ptrdiff_t at = 8; at < n; frames++) {
            EQ_INT(data[at + 4], KMI_TELL);
            at += (ptrdiff_t)kmi_frame_room(kmi_load32(data + at));
        }
    }
    EQ_UINT(frames, COUNT);
    CHECK(datagrams >= 2 && datagrams <= 15);
    close(fd);
    scene_done(&s);
}

/* The same port for both; it may be somebody else's for connections, and then another one is. */
static void listen_twice(scene *s)
{
    char     url[64];
    kmsg_err err = KMSG_EINUSE;

    for (int i = 0; i < 100 && err == KMSG_EINUSE; i++) {
        kmsg_listener_close(s->p.listener);
        OK(kmsg_listen(s->p.node, "udp:127.0.0.1:0", &s->p.listener));
        snprintf(url, sizeof url, "tcp:127.0.0.1:%u", port_of(s));
        err = kmsg_listen(s->p.node, url, &s->other);
    }
    OK(err);
}

TEST(a_node_may_listen_for_datagrams_and_connections_at_the_same_port)
{
    scene      s;
    kmsg_peer *peer;
    int64_t    sum;

    scene_init(&s, NULL);
    listen_twice(&s);
    s.peer = post_dial(s.node, &s.p);
    OK(kmsg_dial(s.node, kmsg_listener_url(s.other), &peer));
    OK(delivery_Post_put(s.peer, 5, no_blob));
    DRIVE(s.node, s.p.node, s.p.sum == 5);
    OK(kmsg_start(s.p.node));
    OK(delivery_Post_sum(peer, NULL, &sum)); /* by a connection of its own, not by the datagrams' */
    EQ_INT(sum, 5);
    scene_done(&s);
}

TEST(who_listens_for_datagrams_dials_connections_as_ever)
{
    scene      s;
    kmsg_peer *peer;
    outcome    o = {0};

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_listen(s.node, "tcp:127.0.0.1:0", &s.other));
    OK(kmsg_dial(s.p.node, kmsg_listener_url(s.other), &peer));
    delivery_Post_nothing_async(peer, &o, put_done);
    DRIVE(s.node, s.p.node, o.count == 1);
    EQ_INT(o.err, KMSG_ENOSERVICE); /* it was asked, where it does not serve anything */
    scene_done(&s);
}

TEST(a_peer_that_is_of_no_use_looks_its_name_up_again)
{
    scene           s;
    kmsg_peer_facts facts;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_node_set_reuse(s.node, 1));
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    DRIVE(s.node, s.p.node, (kmsg_peer_info(s.peer, &facts), facts.state == KMSG_PEER_IDLE));
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 2);
    kmsg_peer_info(s.peer, &facts);
    CHECK(facts.ups >= 2);
    EQ_UINT(facts.losses, 0);
    scene_done(&s);
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* One that has this size as a message. */
static kmsg_err put_of(scene *s, size_t message_size)
{
    static uint8_t bytes[70000];
    const struct {
        int64_t    number;
        kmsg_bytes blob;
    } args = {1, no_blob};
    size_t least;

    OK(kmsg_encoded_size(delivery_Post_service.methods[0].args, &args, &least));
    return delivery_Post_put(s->peer, 1, (kmsg_bytes){bytes, message_size - least});
}

TEST(a_message_that_fits_into_a_datagram_is_sent_and_one_byte_more_is_not)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(put_of(&s, KMSG_DATAGRAM_MAX - 1));
    OK(put_of(&s, KMSG_DATAGRAM_MAX));
    FAILS(put_of(&s, KMSG_DATAGRAM_MAX + 1), KMSG_ETOOBIG);
    HAS(kmsg_last_error(), "65472");
    DRIVE(s.node, s.p.node, s.p.puts == 2);
    FAILS(put_of(&s, KMSG_DATAGRAM_MAX + 1), KMSG_ETOOBIG); /* now that there is a link */
    OK(put_of(&s, 100));
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_UINT(listener_facts(&s).datagrams, 3);
    EQ_UINT(listener_facts(&s).messages, 3);
    scene_done(&s);
}

TEST(a_message_that_fits_into_a_packet_has_room_beside_others_and_a_larger_one_goes_alone)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(put_of(&s, KMSG_DATAGRAM_WHOLE - 80));
    OK(put_of(&s, 48));
    OK(put_of(&s, KMSG_DATAGRAM_WHOLE)); /* fills a packet */
    OK(put_of(&s, KMSG_DATAGRAM_WHOLE + 1));
    OK(put_of(&s, 48));
    DRIVE(s.node, s.p.node, s.p.puts == 5);
    EQ_UINT(listener_facts(&s).datagrams, 4);
    scene_done(&s);
}

TEST(the_limit_of_a_node_counts_on_either_side)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_node_set_message_max(s.p.node, 1000));
    OK(put_of(&s, 999));
    OK(put_of(&s, 1000));
    OK(put_of(&s, 1001));
    DRIVE(s.node, s.p.node, listener_facts(&s).refused[KMSG_REFUSED_TOO_LARGE] == 1);
    EQ_INT(s.p.puts, 2);
    OK(kmsg_node_set_message_max(s.node, 1000));
    OK(put_of(&s, 1000));
    FAILS(put_of(&s, 1001), KMSG_ETOOBIG);
    scene_done(&s);
}

/* ---- what needs an answer ------------------------------------------------------------------ */

TEST(whatever_needs_an_answer_fails_at_once)
{
    scene         s;
    outcome       put = {0}, sum = {0};
    kmsg_pending  pending = {0};
    kmsg_duration rtt;
    int64_t       number = 17;

    scene_init(&s, "udp:127.0.0.1:0");
    FAILS(delivery_Post_sum(s.peer, NULL, &number), KMSG_EDATAGRAM);
    HAS(kmsg_last_error(), "udp:127.0.0.1:");
    HAS(kmsg_last_error(), "nobody answers datagrams");
    EQ_INT(number, 17);
    FAILS(delivery_Post_sum_begin(s.peer, &pending), KMSG_EDATAGRAM);
    FAILS(delivery_Post_sum_end(&pending, NULL, &number), KMSG_EDATAGRAM);
    FAILS(kmsg_ping(s.peer, 1000, &rtt), KMSG_EDATAGRAM);
    FAILS(kmsg_peer_watch(s.peer, &s, heard_nothing), KMSG_EDATAGRAM);
    delivery_Post_put_async(s.peer, 1, no_blob, &put, put_done);
    delivery_Post_sum_async(s.peer, &sum, number_done);
    DRIVE(s.node, s.p.node, put.count == 1 && sum.count == 1);
    EQ_INT(put.err, KMSG_EDATAGRAM);
    EQ_INT(sum.err, KMSG_EDATAGRAM);
    OK(delivery_Post_put(s.peer, 1, no_blob)); /* and nothing else is spoilt */
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    EQ_UINT(listener_facts(&s).messages, 1);
    scene_done(&s);
}

TEST(streams_over_datagrams_fail_at_once)
{
    scene        s;
    kmsg_stream *stream = NULL;

    scene_init(&s, "udp:127.0.0.1:0");
    FAILS(flow_Flow_log_open(s.peer, &stream), KMSG_EDATAGRAM);
    EQ_PTR(stream, NULL);
    scene_done(&s);
}

TEST(what_can_be_set_for_a_peer_can_be_set_for_one_of_datagrams)
{
    scene           s;
    kmsg_peer_facts facts;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_peer_set_retry(s.peer, NULL));
    OK(kmsg_peer_set_queue(s.peer, &(kmsg_queue_options){.messages = 2}));
    kmsg_peer_set_timeout_ms(s.peer, 1000);
    EQ_UINT(kmsg_cancel(s.peer, &s), 0);
    EQ_PTR(kmsg_peer_node(s.peer), s.node);
    kmsg_peer_unwatch(s.peer, &s);
    OK(delivery_Post_put(s.peer, 1, no_blob));
    OK(delivery_Post_put(s.peer, 2, no_blob));
    FAILS(delivery_Post_put(s.peer, 3, no_blob), KMSG_EFULL); /* nothing was sent yet */
    OK(kmsg_flush(s.peer));
    OK(delivery_Post_put(s.peer, 4, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(s.p.sum, 7);
    kmsg_peer_info(s.peer, &facts);
    EQ_UINT(facts.sent, 3);
    scene_done(&s);
}

TEST(the_oldest_gives_way_and_is_counted)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_peer_set_queue(s.peer,
                           &(kmsg_queue_options){.messages = 2, .when_full = KMSG_DROP_OLDEST}));
    for (int i = 0; i < 5; i++)
        OK(delivery_Post_put(s.peer, 1 << i, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 2);
    EQ_INT(s.p.sum, 8 + 16);
    EQ_UINT(dropped(s.peer), 3);
    scene_done(&s);
}

/* ---- who sends is nobody ------------------------------------------------------------------- */

typedef struct curious {
    kmsg_listener *listener;
    kmsg_peer     *peer; /* of the last message */
    char           url[64];
    kmsg_err       put, call, ping, watch, flush;
    uint32_t       left_ms;
    bool           is_over;
    int            handled;
} curious;

/* Tries all that a handler may want of whom it hears. */
static kmsg_err be_curious(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    curious   *c = ctx;
    kmsg_peer *peer = kmsg_call_peer(call);

    (void)blob;
    c->handled++;
    c->peer = peer;
    snprintf(c->url, sizeof c->url, "%s", kmsg_peer_url(peer));
    c->put = delivery_Post_put(peer, number, no_blob);
    c->call = delivery_Post_sum(peer, NULL, &number);
    c->ping = kmsg_ping(peer, 1000, NULL);
    c->watch = kmsg_peer_watch(peer, c, heard_nothing);
    c->flush = kmsg_flush(peer);
    c->left_ms = kmsg_call_remaining_ms(call);
    c->is_over = kmsg_call_is_over(call);
    kmsg_call_on_over(call, c, over_nothing);
    kmsg_peer_close(peer);
    return number == 99 ? kmsg_fail(call, KMSG_ENOENT, "no") : KMSG_OK;
}

TEST(who_sends_datagrams_cannot_be_asked_nor_told_nor_closed)
{
    static const delivery_Post_impl impl = {.put = be_curious};
    curious                         c = {0};
    scene                           s;
    kmsg_node                      *node = kmsg_node_new();
    kmsg_peer_facts                 facts;

    scene_init(&s, NULL);
    OK(delivery_Post_serve(node, &impl, &c));
    OK(kmsg_listen(node, "udp:127.0.0.1:0", &c.listener));
    OK(kmsg_dial(s.node, kmsg_listener_url(c.listener), &s.peer));
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, node, c.handled == 1);
    EQ_STR(c.url, kmsg_listener_url(c.listener));
    EQ_INT(c.put, KMSG_EDATAGRAM);
    EQ_INT(c.call, KMSG_EDATAGRAM);
    EQ_INT(c.ping, KMSG_EDATAGRAM);
    EQ_INT(c.watch, KMSG_EDATAGRAM);
    EQ_INT(c.flush, KMSG_OK);
    EQ_UINT(c.left_ms, UINT32_MAX);
    CHECK(!c.is_over);
    OK(delivery_Post_put(s.peer, 99, no_blob)); /* it listens as before */
    DRIVE(s.node, node, c.handled == 2);
    EQ_UINT(info_of(c.listener).refused[KMSG_REFUSED_BY_HANDLER], 1);
    kmsg_peer_info(c.peer, &facts);
    EQ_UINT(facts.received, 2);
    EQ_UINT(facts.dropped, 1);
    EQ_UINT(facts.sent, 0);
    EQ_UINT(facts.bytes_sent, 0);
    CHECK(facts.accepted);
    kmsg_node_free(node);
    scene_done(&s);
}

TEST(who_watches_a_node_hears_nothing_of_listeners_for_datagrams)
{
    scene s;

    scene_init(&s, NULL);
    kmsg_node_watch(s.p.node, NULL, heard_nothing);
    OK(kmsg_listen(s.p.node, "udp:127.0.0.1:0", &s.p.listener));
    s.peer = post_dial(s.node, &s.p);
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    scene_done(&s);
}

/* ---- limits of who receives ---------------------------------------------------------------- */

TEST(as_many_messages_are_taken_as_there_is_credit_and_the_others_are_counted)
{
    scene s;

    scene_init(&s, NULL);
    OK(kmsg_node_set_credit(s.p.node, 3, 1 << 20));
    OK(kmsg_listen(s.p.node, "udp:127.0.0.1:0", &s.p.listener));
    s.p.way = POST_HOLD;
    s.peer = post_dial(s.node, &s.p);
    for (int i = 0; i < 5; i++)
        OK(delivery_Post_put(s.peer, i, no_blob));
    DRIVE(s.node, s.p.node, listener_facts(&s).refused[KMSG_REFUSED_OVERLOADED] == 2);
    EQ_INT(s.p.puts, 3);
    OK(kmsg_release_ts(s.p.tickets[0]));
    OK(delivery_Post_put(s.peer, 5, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 4);
    EQ_UINT(listener_facts(&s).refused[KMSG_REFUSED_OVERLOADED], 2);
    scene_done(&s);
}

TEST(messages_that_are_held_are_lost_with_the_listener)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    s.p.way = POST_HOLD;
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.ticket_count == 1);
    kmsg_listener_close(s.p.listener);
    FAILS(kmsg_release_ts(s.p.tickets[0]), KMSG_ELOST);
    scene_done(&s);
}

TEST(nobody_hears_of_a_service_that_is_not_there_but_the_facts)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(talk_Talk_push(s.peer, 1));
    DRIVE(s.node, s.p.node, listener_facts(&s).refused[KMSG_REFUSED_UNKNOWN] == 1);
    EQ_UINT(listener_facts(&s).messages, 1);
    scene_done(&s);
}

/* ---- loss ---------------------------------------------------------------------------------- */

TEST(that_nobody_receives_is_counted_and_who_comes_later_is_reached)
{
    static char     said[1024];
    char            url[64];
    uint16_t        port;
    int             fd = raw_bind(&port);
    scene           s;
    kmsg_peer_facts facts;

    close(fd); /* now nobody has it */
    said[0] = '\0';
    kmsg_set_log(keep_line, said);
    scene_init(&s, NULL);
    s.peer = dial_port(s.node, port);
    PUT_UNTIL(&s, refused_by_host(&s) >= 5);
    kmsg_peer_info(s.peer, &facts);
    EQ_INT(facts.state, KMSG_PEER_CONNECTED);
    EQ_UINT(facts.waiting, 0);
    kmsg_set_log(NULL, NULL);
    HAS(said, "nobody receives there: 1 so far");
    CHECK(strstr(strstr(said, "nobody") + 1, "nobody") == NULL); /* once */
    snprintf(url, sizeof url, "udp:127.0.0.1:%u", port);
    OK(kmsg_listen(s.p.node, url, &s.p.listener));
    OK(delivery_Post_put(s.peer, 1, no_blob)); /* what was said before does not stop it */
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    scene_done(&s);
}

/* An emulated system may not. */
static bool system_tells_of_overruns(void)
{
    int  fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
    bool tells = setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one) == 0;

    close(fd);
    return tells;
}

TEST(a_receiver_that_does_not_read_costs_its_sender_nothing)
{
    enum { COUNT = 20000 };
    static uint8_t  bytes[1000];
    scene           s;
    kmsg_peer_facts facts;

    scene_init(&s, "udp:127.0.0.1:0");
    for (int i = 0; i < COUNT; i++) {
        OK(delivery_Post_put(s.peer, 1, (kmsg_bytes){bytes, sizeof bytes}));
        if (i % 64 == 0)
            OK(kmsg_flush(s.peer));
    }
    OK(kmsg_flush(s.peer));
    kmsg_peer_info(s.peer, &facts);
    EQ_UINT(facts.sent, COUNT);
    EQ_UINT(facts.waiting_bytes, 0);
    DRIVE(s.node, s.p.node,
          s.p.puts > 0 && kmsg_node_wait_ms(s.p.node) != 0 && !is_readable(s.p.node));
    if (system_tells_of_overruns()) {
        OK(delivery_Post_put(s.peer, 1, no_blob)); /* with which it does so */
        DRIVE(s.node, s.p.node, listener_facts(&s).overrun > 0);
        EQ_UINT(listener_facts(&s).datagrams + listener_facts(&s).overrun, COUNT + 1);
    }
    EQ_UINT(listener_facts(&s).messages, (unsigned)s.p.puts);
    scene_done(&s);
}

/* ---- the end ------------------------------------------------------------------------------- */

TEST(what_is_flushed_is_sent_although_the_node_ends)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(delivery_Post_put(s.peer, 1, no_blob));
    OK(kmsg_flush(s.peer));
    kmsg_node_free(s.node);
    s.node = kmsg_node_new();
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    scene_done(&s);
}

TEST(a_peer_that_is_closed_sends_what_waits)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    OK(delivery_Post_put(s.peer, 1, no_blob));
    kmsg_peer_close(s.peer);
    DRIVE(s.node, s.p.node, s.p.puts == 2);
    EQ_UINT(listener_facts(&s).refused[KMSG_REFUSED_KIND], 0); /* no good-bye */
    scene_done(&s);
}

static kmsg_err close_listener(void *ctx, kmsg_call *call, int64_t number, kmsg_bytes blob)
{
    post *p = ctx;

    (void)call;
    (void)number;
    (void)blob;
    p->puts++;
    kmsg_listener_close(p->listener);
    p->listener = NULL;
    return KMSG_OK;
}

TEST(a_listener_may_be_closed_by_its_own_handler)
{
    static const delivery_Post_impl impl = {.put = close_listener};
    post                            p = {.node = kmsg_node_new()};
    scene                           s;

    scene_init(&s, NULL);
    OK(delivery_Post_serve(p.node, &impl, &p));
    OK(kmsg_listen(p.node, "udp:127.0.0.1:0", &p.listener));
    s.peer = post_dial(s.node, &p);
    for (int i = 0; i < 100; i++)
        OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, p.node, p.listener == NULL);
    OK(kmsg_node_step(p.node));
    EQ_INT(p.puts, 1);
    post_done(&p);
    scene_done(&s);
}

TEST(a_server_on_a_thread_of_its_own_takes_datagrams)
{
    scene      s;
    kmsg_peer *asked;
    int64_t    sum = 0;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_listen(s.p.node, new_name(), &s.other));
    OK(kmsg_dial(s.node, kmsg_listener_url(s.other), &asked));
    OK(kmsg_start(s.p.node));
    for (int i = 0; i < 10; i++)
        OK(delivery_Post_put(s.peer, 1, no_blob));
    for (int64_t until_ms = clock_ms() + PATIENCE_MS; sum < 10 && clock_ms() < until_ms;)
        OK(delivery_Post_sum(asked, NULL, &sum));
    EQ_INT(sum, 10);
    scene_done(&s);
}

/* ---- beside the rest ----------------------------------------------------------------------- */

static uint32_t waiting(const kmsg_peer *peer)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts.waiting;
}

static void step_when_readable(kmsg_node *node)
{
    struct pollfd fd = {.fd = kmsg_node_fd(node), .events = POLLIN};

    EQ_INT(poll(&fd, 1, PATIENCE_MS), 1);
    OK(kmsg_node_step(node));
}

TEST(a_descriptor_tells_of_all_that_datagrams_need)
{
    scene s;

    scene_init(&s, "udp:127.0.0.1:0");
    for (int i = 1; i <= 3; i++) {
        while (is_readable(s.node))
            OK(kmsg_node_step(s.node));
        OK(delivery_Post_put(s.peer, 1, no_blob));
        while (waiting(s.peer) > 0)
            step_when_readable(s.node);
        while (s.p.puts < i)
            step_when_readable(s.p.node);
    }
    scene_done(&s);
}

TEST(who_waits_for_a_connection_waits_for_the_name)
{
    scene           s;
    kmsg_peer_facts facts;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(kmsg_connect(s.peer, PATIENCE_MS));
    kmsg_peer_info(s.peer, &facts);
    EQ_INT(facts.state, KMSG_PEER_CONNECTED);
    scene_done(&s);
}

/* 0: all was refused, and nothing was said. */
static int be_child(scene *s)
{
    if (delivery_Post_put(s->peer, 100, no_blob) != KMSG_EFORKED ||
        kmsg_flush(s->peer) != KMSG_EFORKED)
        return 1;
    kmsg_peer_close(s->peer);
    kmsg_listener_close(s->p.listener);
    kmsg_node_free(s->node);
    kmsg_node_free(s->p.node);
    return 0;
}

TEST(a_forked_child_sends_nothing_and_ends_nothing)
{
    scene s;
    pid_t pid;
    int   status = -1;

    scene_init(&s, "udp:127.0.0.1:0");
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 1);
    OK(delivery_Post_put(s.peer, 1, no_blob)); /* waits here, and in the child's copy */
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(be_child(&s));
    CHECK(waitpid(pid, &status, 0) == pid);
    EQ_INT(status, 0);
    OK(delivery_Post_put(s.peer, 1, no_blob));
    DRIVE(s.node, s.p.node, s.p.puts == 3);
    EQ_INT(s.p.sum, 3);
    scene_done(&s);
}

TEST(nobody_who_connects_can_be_waited_for)
{
    scene          s;
    kmsg_listener *listener = NULL;
    kmsg_peer     *peer = NULL;

    scene_init(&s, "udp:127.0.0.1:0");
    FAILS(kmsg_listen_once(s.node, "udp:127.0.0.1:0", &listener), KMSG_EDATAGRAM);
    HAS(kmsg_last_error(), "only datagrams");
    EQ_PTR(listener, NULL);
    FAILS(kmsg_accept(s.p.listener, 0, &peer), KMSG_EINVAL);
    scene_done(&s);
}

/* ---- addresses ----------------------------------------------------------------------------- */

TEST(addresses_that_cannot_be_are_refused)
{
    scene      s;
    kmsg_peer *peer;

    scene_init(&s, "udp:127.0.0.1:0");
    FAILS(kmsg_dial(s.node, "udp:127.0.0.1:0", &peer), KMSG_EADDRESS);
    FAILS(kmsg_dial(s.node, "udp:10.0.0.1:7000", &peer), KMSG_EPERM);
    FAILS(kmsg_listen(s.node, "udp:0.0.0.0:0", NULL), KMSG_EPERM);
    OK(kmsg_listen(s.node, "udp:0.0.0.0:0?insecure", NULL));
    FAILS(kmsg_listen(s.node, "udp:example.org:7000?insecure", NULL), KMSG_EADDRESS);
    HAS(kmsg_last_error(), "udp:example.org");
    FAILS(kmsg_listen(s.node, kmsg_listener_url(s.p.listener), NULL), KMSG_EINUSE);
    scene_done(&s);
}

TEST(facts_of_other_listeners_are_zero)
{
    static const kmsg_listener_facts none = {0};
    kmsg_listener_facts              facts = {.datagrams = 7};
    scene                            s;

    scene_init(&s, new_name());
    kmsg_listener_info(s.p.listener, &facts);
    EQ_MEM(&facts, sizeof facts, &none, sizeof none);
    scene_done(&s);
}
