/* datagram.c -- sockets for UDP: many datagrams a system call.
 *
 * A socket that sends is connected, although UDP knows no connections: then the system looks up the
 * way once and not for each datagram, drops what comes from elsewhere, and passes on what the other
 * host says of an earlier datagram (nobody receives there). It does so instead of sending the next
 * one, so that one is not lost: it can be sent again.
 *
 * One that receives asks for a long queue, of which the system gives as much as it allows, and to
 * be told how many found no room in it.
 */
#define _GNU_SOURCE
#include "sys/posix.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH_MAX   64        /* datagrams of one system call */
#define QUEUE_BYTES (4 << 20) /* of those that wait to be received */

/* ---- making -------------------------------------------------------------------------------- */

static void set_option(int fd, int level, int name, int value)
{
    (void)setsockopt(fd, level, name, &value, sizeof value); /* none of them is vital */
}

static int new_socket(const kmi_endpoint *e)
{
    return socket(e->family == KMI_IP4 ? AF_INET : AF_INET6,
                  SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static kmsg_err close_failed(int fd, const char *doing)
{
    kmsg_err err = kmi_fd_error(doing);

    close(fd);
    return err;
}

kmsg_err kmi_fd_datagram_bind(const kmi_endpoint *at, kmi_endpoint *ret_bound, int *ret)
{
    struct sockaddr_storage a;
    socklen_t               size = (socklen_t)kmi_endpoint_to(at, &a);
    int                     fd = new_socket(at);

    if (fd < 0)
        return kmi_fd_error("socket");
    if (at->family == KMI_IP6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES);
    set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (bind(fd, (struct sockaddr *)&a, size) != 0)
        return close_failed(fd, "bind");
    *ret_bound = *at;
    size = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &size) == 0)
        kmi_endpoint_from((struct sockaddr *)&a, ret_bound);
    *ret = fd;
    return KMSG_OK;
}

kmsg_err kmi_fd_datagram_connect(const kmi_endpoint *to, int *ret)
{
    struct sockaddr_storage a;
    socklen_t               size = (socklen_t)kmi_endpoint_to(to, &a);
    int                     fd = new_socket(to);

    if (fd < 0)
        return kmi_fd_error("socket");
    if (connect(fd, (struct sockaddr *)&a, size) != 0)
        return close_failed(fd, "connect");
    *ret = fd;
    return KMSG_OK;
}

/* ---- sending, receiving -------------------------------------------------------------------- */

static ptrdiff_t what_happened(void)
{
    switch (errno) {
    case EAGAIN: return KMI_AGAIN;
    case ECONNREFUSED: return KMI_REFUSED;
    default: return KMI_BROKEN;
    }
}

ptrdiff_t kmi_fd_datagram_send(int fd, const kmi_datagram *head, const kmi_datagram *list,
                               size_t count)
{
    struct mmsghdr messages[BATCH_MAX];
    struct iovec   pieces[BATCH_MAX][2];
    int            n;

    count = count < BATCH_MAX ? count : BATCH_MAX;
    memset(messages, 0, count * sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        pieces[i][0] = (struct iovec){head->data, head->size};
        pieces[i][1] = (struct iovec){list[i].data, list[i].size};
        messages[i].msg_hdr.msg_iov = pieces[i];
        messages[i].msg_hdr.msg_iovlen = 2;
    }
    do
        n = sendmmsg(fd, messages, (unsigned)count, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? what_happened() : n;
}

#define NOTE_ROOM CMSG_SPACE(sizeof(uint32_t))

static void look_for_lost(struct msghdr *message, uint32_t *ret_lost)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(message);

    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
        memcpy(ret_lost, CMSG_DATA(c), sizeof *ret_lost);
}

ptrdiff_t kmi_fd_datagram_receive(int fd, kmi_datagram *list, size_t count, uint32_t *ret_lost)
{
    struct mmsghdr messages[BATCH_MAX];
    struct iovec   pieces[BATCH_MAX];
    _Alignas(struct cmsghdr) uint8_t notes[BATCH_MAX][NOTE_ROOM];
    int            n;

    count = count < BATCH_MAX ? count : BATCH_MAX;
    memset(messages, 0, count * sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        pieces[i] = (struct iovec){list[i].data, list[i].size};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_control = notes[i];
        messages[i].msg_hdr.msg_controllen = NOTE_ROOM;
    }
    do
        n = recvmmsg(fd, messages, (unsigned)count, MSG_TRUNC, NULL);
    while (n < 0 && errno == EINTR);
    for (int i = 0; i < n; i++)
        list[i].size = messages[i].msg_len;
    if (n > 0)
        look_for_lost(&messages[n - 1].msg_hdr, ret_lost);
    return n < 0 ? what_happened() : n;
}
