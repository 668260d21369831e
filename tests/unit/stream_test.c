/* stream_test.c -- connections whose other side is no kmsg node: it does not read, takes no more,
 * or has listened at a path before. What a well-behaved one must not lose is here as well.
 */
#define _GNU_SOURCE
#include "talk.h"

#include "core/core.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- strangers ----------------------------------------------------------------------------- */

static struct sockaddr_un address_of(const char *url)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    snprintf(at.sun_path, sizeof at.sun_path, "%s", url + strlen("unix:"));
    return at;
}

static int stranger_listen(const char *url, int backlog)
{
    struct sockaddr_un at = address_of(url);
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(listen(fd, backlog) == 0);
    return fd;
}

static int stranger_connect(const char *url)
{
    struct sockaddr_un at = address_of(url);
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    CHECK(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static void stranger_hello(int fd)
{
    uint8_t                   preamble[KMI_PREAMBLE_SIZE];
    kmi_session               session;
    const kmi_session_options options = {
        .own = {.instance = 1, .message_max = 4 << 20, .credit = 1 << 30, .credit_bytes = 1 << 30}};

    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, preamble);
    CHECK(write(fd, preamble, sizeof preamble) == (ssize_t)sizeof preamble);
}

static size_t read_all(int fd, size_t max)
{
    static uint8_t room[64 << 10];
    size_t         sum = 0;
    ssize_t        n;

    while (sum < max && (n = read(fd, room, sizeof room)) > 0)
        sum += (size_t)n;
    return sum;
}

/* ---- paths --------------------------------------------------------------------------------- */

TEST(a_listener_whose_backlog_is_full_keeps_its_path)
{
    const char *url = new_path();
    int         taken = stranger_listen(url, 0);
    int         waits = stranger_connect(url);
    kmsg_node  *node = kmsg_node_new();

    EQ_INT(kmsg_listen(node, url, NULL), KMSG_EINUSE);
    CHECK(access(url + strlen("unix:"), F_OK) == 0);
    kmsg_node_free(node);
    close(waits);
    close(taken);
    unlink(url + strlen("unix:"));
}

/* ---- who takes no more --------------------------------------------------------------------- */

TEST(a_link_that_cannot_be_written_to_any_more_lets_the_loop_sleep)
{
    static uint8_t blob[3 << 20];
    const char    *url = new_path();
    int            listening = stranger_listen(url, 1), fd;
    kmsg_node     *node = kmsg_node_new();
    kmsg_peer     *peer;
    outcome        o = {0};
    talk_Note      note = {.text = kmsg_str("x"), .blob = {blob, sizeof blob}};
    struct pollfd  waits = {.fd = kmsg_node_fd(node), .events = POLLIN};
    int            idle = 0;

    OK(kmsg_dial(node, url, &peer));
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    OK(kmsg_node_step(node));
    fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
    CHECK(fd >= 0);
    stranger_hello(fd);
    DRIVE(node, node,
          kmi_out_waiting(&peer->conn->out) > 0 && kmi_out_waiting(&peer->conn->out) < sizeof blob);
    CHECK(shutdown(fd, SHUT_RD) == 0);
    while (read(fd, blob, sizeof blob) > 0)
        continue;
    for (int i = 0; i < 20; i++) {
        OK(kmsg_node_step(node));
        idle += kmsg_node_wait_ms(node) != 0 && poll(&waits, 1, 0) == 0;
    }
    CHECK(idle >= 10);
    close(fd);
    kmsg_node_free(node);
    EQ_INT(o.count, 1);
    close(listening);
    unlink(url + strlen("unix:"));
}

/* Says the frame again and again, and reads what came back only when nothing more is taken. */
static void flood(const uint8_t *frame, size_t size, size_t limit)
{
    server      s;
    const char *url = new_path();
    kmsg_peer  *guest = NULL;
    int         fd;
    size_t      said = 0, most = 0;
    ssize_t     n = 0;
    uint8_t     room[4096];

    server_init(&s, url);
    fd = stranger_connect(url);
    stranger_hello(fd);
    for (size_t at = 0; at + size <= sizeof room; at += size)
        memcpy(room + at, frame, size);
    for (int i = 0; i < 4000; i++) {
        while (said < (16u << 20) && (n = write(fd, room, sizeof room / size * size)) > 0) {
            CHECK((size_t)n % size == 0);
            said += (size_t)n;
        }
        OK(kmsg_node_step(s.node));
        guest = guest != NULL                         ? guest
                : s.node->conns->peer != s.node->self ? s.node->conns->peer
                                                      : NULL;
        if (guest != NULL && kmi_out_waiting(&guest->conn->out) > most)
            most = kmi_out_waiting(&guest->conn->out);
    }
    CHECK(guest != NULL && most <= limit);
    DRIVE(s.node, s.node, read_all(fd, SIZE_MAX) == 0 && kmi_out_waiting(&guest->conn->out) == 0);
    close(fd);
    server_done(&s);
}

TEST(who_asks_for_signs_of_life_without_reading_them_is_owed_one)
{
    static const uint8_t ping[KMI_HEADER_SIZE] = {KMI_HEADER_SIZE, 0, 0, 0, KMI_PING};

    flood(ping, sizeof ping, KMI_HEADER_SIZE);
}

TEST(who_asks_without_reading_the_answers_is_not_read_from)
{
    uint8_t   call[KMI_REQUEST_SIZE];
    kmi_frame frame = {.kind = KMI_CALL, .size = KMI_REQUEST_SIZE, .call = 1, .aux = 1000};

    memset(call, 0, sizeof call);
    kmi_frame_put(call, &frame);
    flood(call, sizeof call, (size_t)3 << 20);
}

/* ---- the last words ------------------------------------------------------------------------ */

typedef struct listening {
    int  fd;
    char url[64];
} listening;

/* Over tcp, and with little room for what it has not read. */
static void tcp_listen(listening *ret)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          size = sizeof at;
    int                room = 4096;

    ret->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(ret->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    CHECK(bind(ret->fd, (struct sockaddr *)&at, sizeof at) == 0);
    CHECK(listen(ret->fd, 1) == 0);
    CHECK(getsockname(ret->fd, (struct sockaddr *)&at, &size) == 0);
    snprintf(ret->url, sizeof ret->url, "tcp:127.0.0.1:%d", ntohs(at.sin_port));
}

/* Pushes until the system's buffers are full, then lets just so much go that nothing waits in the
 * node; then the stranger says something that the node has not read yet. Returns the stranger's
 * descriptor, and how much it has read. */
static int fill(kmsg_node *node, kmsg_peer *peer, const listening *l, size_t *ret_read)
{
    static const uint8_t pong[KMI_HEADER_SIZE] = {KMI_HEADER_SIZE, 0, 0, 0, KMI_PONG};
    int                  fd = -1;

    OK(talk_Talk_push(peer, 1));
    DRIVE(node, node, fd >= 0 || (fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    stranger_hello(fd);
    DRIVE(node, node, peer->conn->state == KMI_CONN_UP && kmi_out_waiting(&peer->conn->out) == 0);
    while (kmi_out_waiting(&peer->conn->out) == 0) {
        for (int i = 0; i < 1000; i++)
            OK(talk_Talk_push(peer, 1));
        OK(kmsg_node_step(node));
    }
    *ret_read = 0;
    while (kmi_out_waiting(&peer->conn->out) > 0) {
        *ret_read += read_all(fd, 1);
        step_both(node, node, 1);
    }
    CHECK(write(fd, pong, sizeof pong) == (ssize_t)sizeof pong);
    return fd;
}

TEST(what_was_pushed_before_a_peer_is_closed_arrives_though_its_answers_are_not_read)
{
    listening  l;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    size_t     got, all;
    int        fd;

    tcp_listen(&l);
    OK(kmsg_dial(node, l.url, &peer));
    fd = fill(node, peer, &l, &got);
    kmsg_peer_close(peer);
    all = KMI_PREAMBLE_SIZE + (size_t)kmi_out_offset(&peer->conn->out) + KMI_HEADER_SIZE;
    DRIVE(node, node, (got += read_all(fd, SIZE_MAX)) >= all);
    CHECK(got == all);
    CHECK(node->net.links == 2); /* of the node to itself, and what lingers */
    close(fd);
    DRIVE(node, node, node->net.links == 1);
    kmsg_node_free(node);
    close(l.fd);
}

typedef struct reader {
    int    fd;
    size_t got;
} reader;

static void *read_to_the_end(void *ctx)
{
    reader *r = ctx;

    r->got += read_all(r->fd, SIZE_MAX);
    close(r->fd);
    return NULL;
}

TEST(what_was_pushed_before_a_node_ends_arrives_though_its_answers_are_not_read)
{
    listening  l;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    reader     r;
    size_t     all;
    pthread_t  thread;

    tcp_listen(&l);
    OK(kmsg_dial(node, l.url, &peer));
    r.fd = fill(node, peer, &l, &r.got);
    fcntl(r.fd, F_SETFL, 0);
    all = KMI_PREAMBLE_SIZE + (size_t)kmi_out_offset(&peer->conn->out);
    CHECK(pthread_create(&thread, NULL, read_to_the_end, &r) == 0);
    kmsg_node_free(node);
    pthread_join(thread, NULL);
    CHECK(r.got >= all);
    close(l.fd);
}

TEST(a_node_that_ends_does_not_wait_long_for_who_does_not_read)
{
    listening  l;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    size_t     got;
    int64_t    from_ms;
    int        fd;

    tcp_listen(&l);
    OK(kmsg_dial(node, l.url, &peer));
    fd = fill(node, peer, &l, &got);
    from_ms = clock_ms();
    kmsg_node_free(node);
    CHECK(clock_ms() - from_ms < 1000);
    close(fd);
    close(l.fd);
}
