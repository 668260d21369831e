/* idle_test.c -- connections that nobody uses, and those that may be dead. Time does not pass here:
 * it is told to have passed.
 */
#define _GNU_SOURCE
#include "talk.h"

#include "core/core.h"

#include <sys/socket.h>
#include <sys/un.h>

/* ---- means --------------------------------------------------------------------------------- */

#define LONG_NS (3600 * 1000 * KMI_MS)

/* The connection was not used for an hour, and its timer is due. */
static void let_idle(kmsg_peer *peer)
{
    peer->conn->used_ns -= LONG_NS;
    kmi_timer_set(&peer->node->timers, &peer->conn->idle, 0);
}

/* Nothing was heard of the other side for an hour. */
static void let_silent(kmsg_peer *peer)
{
    ((kmi_session *)(uintptr_t)peer->conn->link->session)->heard_ns -= LONG_NS;
}

static uint32_t ups(const kmsg_peer *peer)
{
    kmsg_peer_facts f;

    kmsg_peer_info(peer, &f);
    return f.ups;
}

/* Connected, and nothing is pending. */
static kmsg_peer *up(kmsg_node *node, const server *s)
{
    kmsg_peer *peer = dial(node, s);
    outcome    o = {0};

    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s->node, o.count == 1);
    return peer;
}

/* Some turns, in which whatever is about to happen does. */
static void turn_both(kmsg_node *a, kmsg_node *b)
{
    for (int i = 0; i < 10; i++) {
        OK(kmsg_node_step(a));
        OK(kmsg_node_step(b));
    }
}

static void note_event(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    char  *text = ctx;
    size_t size = strlen(text);

    (void)peer;
    snprintf(text + size, 64 - size, "%d(%s) ", (int)event, kmsg_err_name(err));
}

/* ---- not used ------------------------------------------------------------------------------ */

static void collect_over(const char *url)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    char       there[64] = "";

    server_init(&s, url);
    kmsg_node_watch(s.node, there, note_event);
    peer = up(node, &s);
    let_idle(peer);
    DRIVE(node, s.node, peer->conn->state == KMI_CONN_IDLE && s.node->conns->next == NULL);
    turn_both(node, s.node);
    EQ_STR(there, "0(OK) 2(ECLOSED) ");
    EQ_INT(node->net.links, 1); /* to itself */
    EQ_UINT(ups(peer), 1);
    OK(talk_Talk_push(peer, 7));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 7);
    EQ_UINT(ups(peer), 2);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_connection_that_is_not_used_ends_and_the_next_use_connects_again)
{
    collect_over(new_path());
    collect_over("tcp:127.0.0.1:0");
    collect_over("inproc:idle");
}

TEST(it_ends_by_itself_when_its_time_has_passed_and_not_before)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    began_ms = clock_ms();

    OK(kmsg_node_set_reuse(node, 40));
    server_init(&s, new_path());
    peer = up(node, &s);
    DRIVE(node, s.node, peer->conn->state == KMI_CONN_IDLE);
    CHECK(clock_ms() - began_ms >= 39);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_is_in_use_stays)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    server_init(&s, new_path());
    peer = up(node, &s);
    kmi_timer_set(&node->timers, &peer->conn->idle, 0); /* was looked at too early */
    turn_both(node, s.node);
    EQ_INT(peer->conn->state, KMI_CONN_UP);
    CHECK(!peer->conn->leaving);
    CHECK(peer->conn->idle.at_ns == peer->conn->used_ns + KMSG_REUSE_MS * KMI_MS);
    OK(kmsg_node_set_reuse(node, 0)); /* for ever */
    let_idle(peer);
    turn_both(node, s.node);
    EQ_INT(peer->conn->state, KMI_CONN_UP);
    OK(kmsg_node_set_reuse(node, 24 * 60 * 60 * 1000));
    FAILS(kmsg_node_set_reuse(node, 24 * 60 * 60 * 1000 + 1), KMSG_EINVAL);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_call_in_flight_keeps_its_connection_in_either_direction)
{
    server     s, mine;
    kmsg_peer *peer;
    outcome    o = {0}, back = {0};
    talk_Note  later = note_of("later", 1);

    server_init(&s, new_path());
    server_init(&mine, NULL);
    peer = up(mine.node, &s);
    talk_Talk_echo_async(peer, &later, &o, echo_done);
    DRIVE(mine.node, s.node, s.later != NULL);
    let_idle(peer);
    turn_both(mine.node, s.node);
    CHECK(!peer->conn->leaving);
    talk_Talk_echo_async(s.back, &later, &back, echo_done);
    talk_Talk_echo_reply(s.later, &later);
    DRIVE(mine.node, s.node, o.count == 1 && mine.later != NULL);
    let_idle(peer);
    turn_both(mine.node, s.node);
    CHECK(!peer->conn->leaving);
    talk_Talk_echo_reply(mine.later, &later);
    DRIVE(mine.node, s.node, back.count == 1);
    EQ_INT(back.err, KMSG_OK);
    let_idle(peer);
    DRIVE(mine.node, s.node, peer->conn->state == KMI_CONN_IDLE);
    EQ_UINT(ups(peer), 1);
    server_done(&mine);
    server_done(&s);
}

TEST(who_watches_a_peer_keeps_its_connection_on_either_side)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};
    talk_Note  note = note_of("x", 1);
    char       here[64] = "", there[64] = "";

    server_init(&s, new_path());
    peer = up(node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s.node, o.count == 1);
    OK(kmsg_peer_watch(peer, here, note_event));
    let_idle(peer);
    turn_both(node, s.node);
    CHECK(!peer->conn->leaving);
    kmsg_peer_unwatch(peer, here);
    OK(kmsg_peer_watch(s.back, there, note_event));
    let_idle(peer);
    OK(kmsg_node_step(node));
    CHECK(peer->conn->leaving); /* has asked, and is told no */
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 2);
    CHECK(!peer->conn->leaving);
    EQ_UINT(ups(peer), 1);
    kmsg_peer_unwatch(s.back, there);
    let_idle(peer);
    DRIVE(node, s.node, peer->conn->state == KMI_CONN_IDLE);
    EQ_STR(here, "0(OK) ");
    EQ_STR(there, "0(OK) ");
    kmsg_node_free(node);
    server_done(&s);
}

/* The other side may send there at any time, and might have no other way. */
TEST(who_has_sent_an_address_over_a_connection_keeps_it)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    kmi_letter letter = {.to = {.instance = 1, .object = 2}, .from = {.object = 4}};
    kmi_frame  frame = {.kind = KMI_TELL, .target = 1};
    int64_t    number[2] = {0};

    server_init(&s, new_path());
    peer = up(node, &s);
    letter.to.instance = s.node->net.session.own.instance;
    letter.from.instance = node->net.session.own.instance;
    OK(kmi_queue_request(peer->conn, &frame, &letter, talk_Talk_service.methods[1].args, number,
                         NULL));
    turn_both(node, s.node);
    let_idle(peer);
    turn_both(node, s.node);
    EQ_INT(peer->conn->state, KMI_CONN_UP);
    CHECK(!peer->conn->leaving);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_is_asked_while_the_connection_ends_goes_out_on_the_next_one_in_order)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o[3] = {{0}};

    server_init(&s, new_path());
    peer = up(node, &s);
    let_idle(peer);
    OK(kmsg_node_step(node));
    CHECK(peer->conn->leaving);
    for (int i = 0; i < 3; i++) {
        OK(talk_Talk_push(peer, i + 1));
        talk_Talk_sum_async(peer, &o[i], sum_done);
    }
    DRIVE(node, s.node, o[2].count == 1);
    EQ_INT(o[0].number, 1);
    EQ_INT(o[1].number, 3);
    EQ_INT(o[2].number, 6);
    EQ_UINT(ups(peer), 2);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_was_told_while_the_connection_ends_arrives_although_the_peer_is_closed)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;

    server_init(&s, new_path());
    peer = up(node, &s);
    let_idle(peer);
    OK(kmsg_node_step(node));
    CHECK(peer->conn->leaving);
    OK(talk_Talk_push(peer, 5));
    kmsg_peer_close(peer);
    DRIVE(node, s.node, s.sum == 5);
    DRIVE(node, s.node, node->conns->next == NULL); /* nothing but itself */
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_comes_from_the_other_side_while_the_connection_ends_is_not_lost)
{
    server     s, mine;
    kmsg_peer *peer;
    outcome    o = {0}, back = {0};
    talk_Note  note = note_of("x", 1);

    server_init(&s, new_path());
    server_init(&mine, NULL);
    peer = up(mine.node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(mine.node, s.node, o.count == 1);
    let_idle(peer);
    OK(kmsg_node_step(mine.node));
    CHECK(peer->conn->leaving);
    OK(talk_Talk_push(s.back, 3)); /* has not heard of it */
    talk_Talk_echo_async(s.back, &note, &back, echo_done);
    DRIVE(mine.node, s.node, back.count == 1);
    EQ_INT(back.err, KMSG_OK);
    EQ_INT(mine.sum, 3);
    CHECK(!peer->conn->leaving); /* it was refused */
    server_done(&mine);
    server_done(&s);
}

/* Both sides tell at any moment; each connection ends as soon as it can. What was taken arrives,
 * once and in order. */
static void tell_at_any_moment(const char *url)
{
    server     s, mine;
    kmsg_peer *peer;
    talk_Note  note = note_of("x", 0);
    outcome    o = {0};
    int64_t    there = 0, here = 0;

    server_init(&s, url);
    server_init(&mine, NULL);
    peer = up(mine.node, &s);
    for (unsigned i = 0; i < test_rounds(3000); i++) {
        uint32_t what = test_random() % 8;
        if (what < 2) {
            OK(talk_Talk_push(peer, 1));
            there++;
        } else if (what == 2 && s.node->conns->accepted) {
            here += talk_Talk_push(s.node->conns->peer, 1) == KMSG_OK;
        } else if (what == 3) {
            talk_Talk_echo_async(peer, &note, &o, echo_done);
            note.number++;
        } else if (what < 6) {
            OK(kmsg_node_step(mine.node));
        } else {
            OK(kmsg_node_step(s.node));
        }
        if (peer->conn->state == KMI_CONN_UP && !peer->conn->leaving)
            let_idle(peer);
    }
    DRIVE(mine.node, s.node, o.count == note.number && s.sum == there && mine.sum == here);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(s.handled, note.number);
    CHECK(ups(peer) > test_rounds(3000) / 300 && here > test_rounds(3000) / 300);
    server_done(&mine);
    server_done(&s);
}

TEST(nothing_is_lost_or_doubled_whenever_a_connection_ends)
{
    test_seed(1);
    tell_at_any_moment(new_path());
    tell_at_any_moment("inproc:any-moment");
    tell_at_any_moment("tcp:127.0.0.1:0");
}

/* ---- in doubt ------------------------------------------------------------------------------ */

static int listen_raw(const char *url)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s", url + 5);
    unlink(a.sun_path);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0);
    return fd;
}

static void say_hello(int fd)
{
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 100000, .credit = 1 << 30, .credit_bytes = 1 << 30}};
    kmi_session session;
    uint8_t     preamble[KMI_PREAMBLE_SIZE];

    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, preamble);
    EQ_INT(write(fd, preamble, sizeof preamble), sizeof preamble);
}

/* The kinds of the frames that have come, "3 7 ". */
static const char *read_kinds(int fd)
{
    static char    text[64];
    static uint8_t bytes[4096];
    ssize_t        n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    size_t         size = 0;

    text[0] = '\0';
    for (ssize_t at = 0; at < n; at += (ssize_t)kmi_frame_room(kmi_load32(bytes + at)))
        size += (size_t)snprintf(text + size, sizeof text - size, "%u ", bytes[at + 4]);
    return text;
}

static void say_bare(int fd, kmi_kind kind)
{
    uint8_t frame[KMI_HEADER_SIZE] = {KMI_HEADER_SIZE, 0, 0, 0, (uint8_t)kind};

    EQ_INT(write(fd, frame, sizeof frame), sizeof frame);
}

/* It is known that the other side has read what was sent so far. */
static void prove(kmsg_peer *peer)
{
    peer->conn->link->proved_at = peer->conn->request_at;
}

/* A stranger that has said hello, and what was told it first was read. */
static int stranger(kmsg_node *node, const char *url, int listener, kmsg_peer **ret)
{
    uint8_t preamble[KMI_PREAMBLE_SIZE];
    int     fd;

    OK(kmsg_dial(node, url, ret));
    OK(talk_Talk_push(*ret, 1));
    fd = accept(listener, NULL, NULL);
    say_hello(fd);
    DRIVE(node, node, (*ret)->conn->counts.sent == 1 && kmi_conn_waiting((*ret)->conn) == 0);
    EQ_INT(recv(fd, preamble, sizeof preamble, MSG_WAITALL), (int)sizeof preamble);
    EQ_STR(read_kinds(fd), "3 ");
    prove(*ret);
    return fd;
}

TEST(after_a_long_silence_a_sign_of_life_is_asked_for_before_a_request_is_written)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;

    fd = stranger(node, url, listener, &peer);
    OK(talk_Talk_push(peer, 2)); /* no silence: it goes at once */
    OK(kmsg_node_step(node));
    EQ_STR(read_kinds(fd), "3 ");
    let_silent(peer);
    OK(talk_Talk_push(peer, 3));
    OK(talk_Talk_push(peer, 4));
    OK(kmsg_node_step(node));
    EQ_STR(read_kinds(fd), "7 ");
    say_bare(fd, KMI_PONG);
    DRIVE(node, node, kmi_conn_waiting(peer->conn) == 0);
    EQ_STR(read_kinds(fd), "3 3 ");
    OK(talk_Talk_push(peer, 5));
    OK(kmsg_node_step(node));
    EQ_STR(read_kinds(fd), "3 ");
    EQ_UINT(ups(peer), 1);
    kmsg_node_free(node);
    close(fd);
    close(listener);
    unlink(url + 5);
}

TEST(anything_that_comes_settles_the_doubt)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;

    fd = stranger(node, url, listener, &peer);
    let_silent(peer);
    OK(talk_Talk_push(peer, 3));
    OK(kmsg_node_step(node));
    EQ_STR(read_kinds(fd), "7 ");
    say_bare(fd, KMI_CREDIT);
    DRIVE(node, node, kmi_conn_waiting(peer->conn) == 0);
    EQ_STR(read_kinds(fd), "3 ");
    kmsg_node_free(node);
    close(fd);
    close(listener);
    unlink(url + 5);
}

/* Not only when the first question would have been unanswered for too long. */
TEST(who_has_answered_and_is_silent_again_is_asked_again)
{
    const char        *url = new_path();
    int                listener = listen_raw(url), fd;
    kmsg_node         *node = kmsg_node_new();
    kmsg_peer         *peer;
    const kmi_session *session;
    int64_t            asked_ns;

    OK(kmsg_node_set_keepalive(node, 1, 3600 * 1000));
    OK(kmsg_dial(node, url, &peer));
    OK(talk_Talk_push(peer, 1));
    fd = accept(listener, NULL, NULL);
    say_hello(fd);
    DRIVE(node, node, peer->conn->state == KMI_CONN_UP && peer->conn->link->session->asked);
    session = peer->conn->link->session;
    asked_ns = session->asked_ns;
    say_bare(fd, KMI_PONG);
    DRIVE(node, node, session->asked && session->asked_ns > asked_ns);
    kmsg_node_free(node);
    close(fd);
    close(listener);
    unlink(url + 5);
}

TEST(a_link_that_has_died_in_silence_loses_nothing)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    server      s;
    outcome     o = {0};
    int64_t     began_ms;

    OK(kmsg_node_set_keepalive(node, 60000, 60020)); /* so doubts are over after 20 ms */
    fd = stranger(node, url, listener, &peer);
    close(listener);
    unlink(url + 5);
    server_init(&s, url);
    let_silent(peer);
    OK(talk_Talk_push(peer, 3));
    talk_Talk_sum_async(peer, &o, sum_done);
    began_ms = clock_ms();
    DRIVE(node, s.node, o.count == 1);
    CHECK(clock_ms() - began_ms >= 19);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 3);
    EQ_STR(read_kinds(fd), "7 ");
    EQ_UINT(ups(peer), 2);
    kmsg_node_free(node);
    server_done(&s);
    close(fd);
}

TEST(calls_that_are_in_flight_are_not_given_up_for_a_doubt)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    outcome     o = {0};

    fd = stranger(node, url, listener, &peer);
    talk_Talk_sum_async(peer, &o, sum_done);
    OK(kmsg_node_step(node));
    EQ_STR(read_kinds(fd), "2 ");
    let_silent(peer);
    OK(talk_Talk_push(peer, 3));
    CHECK(peer->conn->doubted);
    kmi_timer_set(&node->timers, &peer->conn->idle, 0);
    for (int i = 0; i < 5; i++)
        OK(kmsg_node_step(node));
    EQ_INT(o.count, 0);
    CHECK(peer->conn->doubted);
    EQ_INT(peer->conn->state, KMI_CONN_UP);
    kmsg_node_free(node);
    EQ_INT(o.err, KMSG_ECLOSED);
    close(fd);
    close(listener);
    unlink(url + 5);
}

/* It may lie there unread; what went over another link could overtake it. */
TEST(what_was_told_and_may_not_have_been_read_is_not_given_up_for_a_doubt)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;

    fd = stranger(node, url, listener, &peer);
    CHECK(!kmi_conn_is_unproved(peer->conn));
    OK(talk_Talk_push(peer, 2));
    OK(kmsg_node_step(node));
    CHECK(kmi_conn_is_unproved(peer->conn));
    let_silent(peer);
    OK(talk_Talk_push(peer, 3));
    CHECK(peer->conn->doubted);
    kmi_timer_set(&node->timers, &peer->conn->idle, 0);
    for (int i = 0; i < 5; i++)
        OK(kmsg_node_step(node));
    EQ_INT(peer->conn->state, KMI_CONN_UP);
    EQ_STR(read_kinds(fd), "3 7 ");
    say_bare(fd, KMI_PONG); /* so it has read both */
    DRIVE(node, node, kmi_conn_waiting(peer->conn) == 0);
    EQ_STR(read_kinds(fd), "3 ");
    CHECK(kmi_conn_is_unproved(peer->conn));
    kmsg_node_free(node);
    close(fd);
    close(listener);
    unlink(url + 5);
}

TEST(an_answer_proves_that_what_was_sent_before_was_read)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    OK(talk_Talk_push(peer, 1));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    CHECK(!kmi_conn_is_unproved(peer->conn));
    OK(talk_Talk_push(peer, 1));
    CHECK(kmi_conn_is_unproved(peer->conn));
    kmsg_node_free(node);
    server_done(&s);
}

/* Who calls now and then, and does nothing in between: the other side has long given up the
 * connection, and closed it. */
TEST(a_node_that_was_stopped_for_long_loses_nothing)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    int64_t    sum = 0;
    char       url[64];

    server_init(&s, new_path());
    snprintf(url, sizeof url, "%s", kmsg_listener_url(s.listener));
    peer = up(node, &s);
    server_done(&s);
    server_init(&s, url);
    OK(kmsg_start(s.node));
    let_silent(peer);
    OK(talk_Talk_push(peer, 9));
    OK(talk_Talk_sum(peer, NULL, &sum));
    EQ_INT(sum, 9);
    EQ_UINT(ups(peer), 2);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_asks_whether_it_may_leave_and_hears_nothing_connects_anew_when_it_must)
{
    const char *url = new_path();
    int         listener = listen_raw(url), fd;
    kmsg_node  *node = kmsg_node_new();
    kmsg_peer  *peer;
    server      s;
    outcome     o = {0};

    OK(kmsg_node_set_keepalive(node, 60000, 60020));
    fd = stranger(node, url, listener, &peer);
    close(listener);
    unlink(url + 5);
    server_init(&s, url);
    let_silent(peer);
    let_idle(peer);
    OK(kmsg_node_step(node));
    CHECK(peer->conn->leaving);
    EQ_STR(read_kinds(fd), "14 ");
    OK(talk_Talk_push(peer, 3));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    EQ_INT(o.number, 3);
    EQ_STR(read_kinds(fd), "");
    EQ_UINT(ups(peer), 2);
    kmsg_node_free(node);
    server_done(&s);
    close(fd);
}
