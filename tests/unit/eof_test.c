/* eof_test.c -- the other side hangs up: between two messages, in the middle of one, or after a
 * good-bye, over each kind of socket and whoever has dialled. The other side is a stranger that
 * speaks byte by byte. SIGPIPE does what it does in a program that has never heard of it.
 */
#define _GNU_SOURCE
#include "fault/raw.h"

#include "core/core.h"

#include <kmsg/peer.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>

/* ---- a node and a stranger ------------------------------------------------------------------- */

typedef enum way { DIALLED_UNIX, DIALLED_TCP, ACCEPTED_UNIX, ACCEPTED_TCP, PAIR, WAYS } way;

typedef struct meeting {
    kmsg_node *node;
    kmsg_peer *peer;
    int        raw;
    int        listener; /* the stranger's; -1: none */
    outcome    call;     /* that is in flight */
    int        downs;
    kmsg_err   down_err;
    raw_ear    ear;
} meeting;

static meeting m;

static void hear(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    (void)ctx;
    if (event == KMSG_PEER_UP)
        m.peer = peer;
    if (event != KMSG_PEER_DOWN)
        return;
    m.downs++;
    m.down_err = err;
}

static struct sockaddr_in loopback(const char *url)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

    if (url != NULL)
        a.sin_port = htons((uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10));
    return a;
}

static int listen_tcp(char *url, size_t size)
{
    struct sockaddr_in a = loopback(NULL);
    socklen_t          a_size = sizeof a;
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &a_size) == 0);
    snprintf(url, size, "tcp:127.0.0.1:%u", ntohs(a.sin_port));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static int connect_tcp(const char *url)
{
    struct sockaddr_in a = loopback(url);
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    return fd;
}

static void greet(void)
{
    uint8_t bytes[RAW_MAX];

    raw_send(m.raw, bytes, raw_hello(bytes));
}

static void ask(void)
{
    talk_Note note = note_of("x", 1);

    talk_Talk_echo_async(m.peer, &note, &m.call, echo_done);
}

static void meet_who_is_dialled(bool tcp)
{
    char        tcp_url[64];
    const char *url = tcp ? tcp_url : new_name();

    m.listener = tcp ? listen_tcp(tcp_url, sizeof tcp_url) : raw_listen(url);
    OK(kmsg_dial(m.node, url, &m.peer));
    OK(kmsg_peer_watch(m.peer, NULL, hear));
    ask();
    DRIVE(m.node, m.node, m.raw >= 0 || (m.raw = accept(m.listener, NULL, NULL)) >= 0);
    greet();
}

static void meet_who_dials(bool tcp)
{
    kmsg_listener *listener;

    OK(kmsg_listen(m.node, tcp ? "tcp:127.0.0.1:0" : new_name(), &listener));
    kmsg_node_watch(m.node, NULL, hear);
    m.raw =
        tcp ? connect_tcp(kmsg_listener_url(listener)) : raw_connect(kmsg_listener_url(listener));
    greet();
    DRIVE(m.node, m.node, m.peer != NULL);
    ask();
}

static void meet_by_pair(void)
{
    OK(kmsg_pair(m.node, &m.peer, &m.raw));
    OK(kmsg_peer_watch(m.peer, NULL, hear));
    greet();
    ask();
}

/* A call is under way when this returns. */
static void meet(way how)
{
    kmi_frame frame;
    bool      heard = false;

    signal(SIGPIPE, SIG_DFL);
    memset(&m, 0, sizeof m);
    m.listener = m.raw = -1;
    m.node = kmsg_node_new();
    if (how == PAIR)
        meet_by_pair();
    else if (how == DIALLED_UNIX || how == DIALLED_TCP)
        meet_who_is_dialled(how == DIALLED_TCP);
    else
        meet_who_dials(how == ACCEPTED_TCP);
    DRIVE(m.node, m.node, (heard = heard || raw_hear(&m.ear, m.raw, KMI_CALL, &frame)));
}

static void part(void)
{
    if (m.listener >= 0)
        close(m.listener);
    kmsg_node_free(m.node);
}

/* The first bytes of an answer; 0: none of it. */
static void hang_up_behind(size_t size)
{
    talk_Note note = note_of("an answer of several words", 1);
    uint8_t   bytes[RAW_MAX];

    CHECK(size < raw_answer(bytes, 0, &note));
    if (size > 0)
        raw_send(m.raw, bytes, size);
    close(m.raw);
    DRIVE(m.node, m.node, m.call.count == 1 && m.downs == 1);
    EQ_INT(m.call.err, KMSG_ELOST);
    EQ_INT(m.down_err, KMSG_ELOST);
}

/* ---- the end --------------------------------------------------------------------------------- */

TEST(who_hangs_up_between_two_messages_has_closed_without_a_word)
{
    for (way how = 0; how < WAYS; how++) {
        test_at("way %d", (int)how);
        meet(how);
        hang_up_behind(0);
        HAS(m.call.words, "the other side hung up");
        CHECK(strstr(m.call.words, "in the middle") == NULL);
        part();
    }
}

TEST(who_hangs_up_in_the_middle_of_a_message_is_told_from_that)
{
    static const size_t sizes[] = {1, KMI_HEADER_SIZE - 1, KMI_HEADER_SIZE, KMI_HEADER_SIZE + 9};

    for (way how = 0; how < WAYS; how++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            test_at("way %d, %zu bytes", (int)how, sizes[i]);
            meet(how);
            hang_up_behind(sizes[i]);
            HAS(m.call.words, "the other side hung up in the middle of a message");
            part();
        }
}

TEST(who_says_good_bye_first_has_closed_in_good_order)
{
    for (way how = 0; how < WAYS; how++) {
        kmi_frame bye = {.kind = KMI_BYE, .size = KMI_HEADER_SIZE};
        uint8_t   bytes[KMI_HEADER_SIZE];

        meet(how);
        kmi_frame_put(bytes, &bye);
        raw_send(m.raw, bytes, sizeof bytes);
        DRIVE(m.node, m.node, m.call.count == 1 && m.downs == 1);
        EQ_INT(m.down_err, KMSG_ECLOSED);
        close(m.raw);
        part();
    }
}

/* ---- and after it ---------------------------------------------------------------------------- */

TEST(what_is_sent_after_the_end_fails_by_an_error_of_its_own_and_kills_nobody)
{
    int64_t sum;

    for (way how = 0; how < WAYS; how++) {
        test_at("way %d", (int)how);
        meet(how);
        hang_up_behind(0);
        if (m.listener >= 0)
            close(m.listener);
        m.listener = -1;
        if (how == DIALLED_UNIX || how == DIALLED_TCP)
            FAILS(talk_Talk_sum(m.peer, NULL, &sum), KMSG_EREFUSED); /* it is dialled again */
        if (how == PAIR)
            FAILS(talk_Talk_sum(m.peer, NULL, &sum), KMSG_ECLOSED);
        if (how == PAIR)
            FAILS(talk_Talk_push(m.peer, 1), KMSG_ECLOSED);
        part();
    }
}

TEST(what_is_written_to_a_closed_socket_before_its_end_was_read_kills_nobody)
{
    for (way how = 0; how < WAYS; how++) {
        test_at("way %d", (int)how);
        meet(how);
        close(m.raw); /* the node has not looked yet */
        for (int i = 0; i < 100; i++) {
            OK(talk_Talk_push(m.peer, i));
            kmi_node_flush(m.node);
        }
        DRIVE(m.node, m.node, m.downs == 1);
        EQ_INT(m.down_err, KMSG_ELOST);
        part();
    }
}
