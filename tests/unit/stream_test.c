/* stream_test.c -- connections whose other side is no kmsg node: it does not read, takes no more, or
 * has listened at a path before. What a well-behaved one must not lose is here as well.
 */
#define _GNU_SOURCE
#include "talk.h"

#include "core/core.h"

#include <fcntl.h>
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
    const kmi_session_options options = {.instance = 1, .message_max = 1 << 20};

    kmi_session_init(&session, &options, 0);
    kmi_session_preamble(&session, preamble);
    CHECK(write(fd, preamble, sizeof preamble) == (ssize_t)sizeof preamble);
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
    DRIVE(node, node, kmi_out_waiting(&peer->out) > 0 && kmi_out_waiting(&peer->out) < sizeof blob);
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
