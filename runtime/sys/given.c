/* given.c -- sockets that come from elsewhere: a pair, one end of which goes to another process,
 * and what a process was given when it was started.
 *
 * Whoever names a descriptor may be wrong, and what is taken is closed later: so all that can be
 * known of it is looked at first. A copy is taken, and the original closed once that has worked;
 * what was refused stays as it was, and the same number cannot be taken twice.
 */
#define _GNU_SOURCE
#include "sys/posix.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Above those that a started program expects, so that dup2() to one of them makes a copy. */
#define GIVEN_MIN 16

static kmsg_err refuse(int fd, const char *why)
{
    return kmi_error(KMSG_EADDRESS, "fd:%d: %s", fd, why);
}

static bool option_is(int fd, int name, int wanted)
{
    int       value = -1;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 && value == wanted;
}

static kmsg_err check(int fd)
{
    struct sockaddr_storage other;
    socklen_t               size = sizeof other;

    if (fcntl(fd, F_GETFD) < 0)
        return refuse(fd, "it is not open");
    if (getpeername(fd, (struct sockaddr *)&other, &size) != 0 && errno == ENOTSOCK)
        return refuse(fd, "it is not a socket");
    if (!option_is(fd, SO_DOMAIN, AF_UNIX))
        return refuse(fd, "it is not a unix socket");
    if (!option_is(fd, SO_TYPE, SOCK_STREAM))
        return refuse(fd, "it is not a stream socket");
    if (option_is(fd, SO_ACCEPTCONN, 1))
        return refuse(fd, "it listens; one end of a connection is expected");
    size = sizeof other;
    if (getpeername(fd, (struct sockaddr *)&other, &size) != 0)
        return refuse(fd, "it is not connected");
    return KMSG_OK;
}

static kmsg_err system_error(const char *doing)
{
    return kmi_error(KMSG_ESYSTEM, "%s: %s", doing, strerror(errno));
}

kmsg_err kmi_fd_adopt(int fd, int *ret)
{
    kmsg_err err = check(fd);
    int      copy, flags;

    if (err != KMSG_OK)
        return err;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return system_error("fcntl");
    flags = fcntl(copy, F_GETFL);
    if (flags < 0 || fcntl(copy, F_SETFL, flags | O_NONBLOCK) < 0) {
        err = system_error("fcntl");
        close(copy);
        return err;
    }
    *ret = copy;
    return KMSG_OK;
}

kmsg_err kmi_fd_pair(int ret[2])
{
    int ends[2], high;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return system_error("socketpair");
    high = fcntl(ends[1], F_DUPFD_CLOEXEC, GIVEN_MIN);
    close(ends[1]);
    if (high < 0) {
        kmsg_err err = system_error("fcntl");
        close(ends[0]);
        return err;
    }
    ret[0] = ends[0];
    ret[1] = high;
    return KMSG_OK;
}
