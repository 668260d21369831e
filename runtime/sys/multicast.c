/* multicast.c -- interfaces, and sockets for what is sent to groups of hosts.
 *
 * One socket hears a group over all interfaces that it was told of. A host has as many directories
 * as it has users, so a port is shared: Linux gives what comes for a group to all who have joined
 * it, and what comes for the host to one of them. Joining the same twice is no mistake here: an
 * interface that has gone and come is a new one to the system, and nobody need keep book of it.
 *
 * What is sent goes over an interface that is named each time, no farther than its link (a TTL of
 * 1), and comes to other sockets of this host, too. What was received says over which one it came,
 * and whether it was for a group or for this host.
 */
#define _GNU_SOURCE
#include "base/err.h"
#include "sys/posix.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE_BYTES (1 << 20) /* of datagrams that wait to be received */

/* ---- interfaces ------------------------------------------------------------------------------ */

uint32_t kmi_interface_of(const char *text)
{
    uint64_t number = 0;
    size_t   size = strspn(text, "0123456789");

    if (text[size] != '\0' || size == 0 || size > 10)
        return if_nametoindex(text);
    for (size_t i = 0; i < size; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    return number <= INT32_MAX ? (uint32_t)number : 0;
}

/* The one of this name, or a new one; NULL: there are too many. */
static kmi_interface *entry_of(const struct ifaddrs *a, kmi_interface *list, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i].name, a->ifa_name) == 0)
            return &list[i];
    if (*count == KMI_INTERFACES_MAX || strlen(a->ifa_name) >= sizeof list->name)
        return NULL;
    list[*count] = (kmi_interface){.index = if_nametoindex(a->ifa_name),
                                   .loopback = (a->ifa_flags & IFF_LOOPBACK) != 0};
    if (list[*count].index == 0)
        return NULL; /* gone in between */
    memcpy(list[*count].name, a->ifa_name, strlen(a->ifa_name) + 1);
    return &list[(*count)++];
}

size_t kmi_fd_interfaces(kmi_interface ret[KMI_INTERFACES_MAX])
{
    struct ifaddrs *all;
    size_t          count = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
        kmi_interface *found;
        int            family = a->ifa_addr == NULL ? AF_UNSPEC : a->ifa_addr->sa_family;
        if ((family != AF_INET && family != AF_INET6) || (a->ifa_flags & IFF_UP) == 0)
            continue;
        found = entry_of(a, ret, &count);
        if (found != NULL && family == AF_INET)
            found->has_ip4 = true;
        else if (found != NULL)
            found->has_ip6 = true;
    }
    freeifaddrs(all);
    return count;
}

/* ---- making ---------------------------------------------------------------------------------- */

static void set_option(int fd, int level, int name, int value)
{
    (void)setsockopt(fd, level, name, &value, sizeof value); /* none of them is vital */
}

static void set_options(int fd, kmi_family family)
{
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(fd, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES); /* all may speak at once */
    if (family == KMI_IP4) {
        set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
        set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 1);
        set_option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
        set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL,
                   0); /* not what others of the host have joined */
        return;
    }
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1);
#ifdef IPV6_MULTICAST_ALL
    set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
#endif
}

static kmsg_err open_failed(void)
{
    if (errno == EAFNOSUPPORT)
        return kmi_error(KMSG_EUNREACHABLE, "socket: %s", strerror(errno));
    return kmi_fd_error("socket");
}

kmsg_err kmi_fd_multicast_bind(const kmi_endpoint *at, kmi_endpoint *ret_bound, int *ret)
{
    struct sockaddr_storage a;
    socklen_t               size = (socklen_t)kmi_endpoint_to(at, &a);
    kmsg_err                err;
    int                     fd = socket(a.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return open_failed();
    set_options(fd, at->family);
    if (bind(fd, (struct sockaddr *)&a, size) != 0) {
        err = kmi_fd_error("bind");
        close(fd);
        return err;
    }
    *ret_bound = *at;
    size = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &size) == 0)
        kmi_endpoint_from((struct sockaddr *)&a, ret_bound);
    *ret = fd;
    return KMSG_OK;
}

static int join_ip4(int fd, const kmi_endpoint *group, uint32_t interface)
{
    struct ip_mreqn request = {.imr_ifindex = (int)interface};

    memcpy(&request.imr_multiaddr, group->ip, 4);
    return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
}

static int join_ip6(int fd, const kmi_endpoint *group, uint32_t interface)
{
    struct ipv6_mreq request = {.ipv6mr_interface = interface};

    memcpy(&request.ipv6mr_multiaddr, group->ip, 16);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request);
}

kmsg_err kmi_fd_multicast_join(int fd, const kmi_endpoint *group, uint32_t interface)
{
    int status =
        group->family == KMI_IP4 ? join_ip4(fd, group, interface) : join_ip6(fd, group, interface);

    return status == 0 || errno == EADDRINUSE ? KMSG_OK : kmi_fd_error("join");
}

/* ---- sending --------------------------------------------------------------------------------- */

typedef union notes {
    struct cmsghdr align;
    uint8_t        room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} notes;

static void put_note(struct msghdr *message, int level, int type, const void *data, size_t size)
{
    struct cmsghdr *c;

    message->msg_controllen = CMSG_SPACE(size);
    c = CMSG_FIRSTHDR(message);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), data, size);
}

static void name_interface(struct msghdr *message, kmi_family family, uint32_t interface)
{
    const struct in_pktinfo  four = {.ipi_ifindex = (int)interface};
    const struct in6_pktinfo six = {.ipi6_ifindex = interface};

    if (family == KMI_IP4)
        put_note(message, IPPROTO_IP, IP_PKTINFO, &four, sizeof four);
    else
        put_note(message, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof six);
}

ptrdiff_t kmi_fd_multicast_send(int fd, const kmi_endpoint *to, uint32_t interface,
                                const void *data, size_t size)
{
    struct sockaddr_storage a;
    struct iovec            piece = {(void *)(uintptr_t)data, size};
    struct msghdr           message = {.msg_name = &a, .msg_iov = &piece, .msg_iovlen = 1};
    notes                   room = {.room = {0}};
    ssize_t                 n;

    message.msg_namelen = (socklen_t)kmi_endpoint_to(to, &a);
    if (interface != 0) {
        message.msg_control = &room;
        name_interface(&message, to->family, interface);
    }
    do
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return 0;
    return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void read_note(const struct cmsghdr *c, kmi_arrival *ret)
{
    struct in_pktinfo  four;
    struct in6_pktinfo six;

    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        memcpy(&four, CMSG_DATA(c), sizeof four);
        ret->interface = (uint32_t)four.ipi_ifindex;
        ret->multicast = IN_MULTICAST(ntohl(four.ipi_addr.s_addr));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        memcpy(&six, CMSG_DATA(c), sizeof six);
        ret->interface = (uint32_t)six.ipi6_ifindex;
        ret->multicast = IN6_IS_ADDR_MULTICAST(&six.ipi6_addr);
    }
}

ptrdiff_t kmi_fd_multicast_receive(int fd, void *buffer, size_t size, kmi_arrival *ret)
{
    struct sockaddr_storage a;
    struct iovec            piece = {buffer, size};
    notes                   room;
    struct msghdr           message = {.msg_name = &a,
                                       .msg_namelen = sizeof a,
                                       .msg_iov = &piece,
                                       .msg_iovlen = 1,
                                       .msg_control = &room,
                                       .msg_controllen = sizeof room};
    ssize_t                 n;

    memset(&a, 0, sizeof a);
    do
        n = recvmsg(fd, &message, MSG_TRUNC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
    memset(ret, 0, sizeof *ret);
    kmi_endpoint_from((struct sockaddr *)&a, &ret->from);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c))
        read_note(c, ret);
    return n;
}
