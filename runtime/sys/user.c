/* user.c -- who is at the other end of a unix socket, as the kernel noted it down when the two were
 * connected. Neither side can say anything else of itself; what a process becomes later, or hands
 * the socket on to, is not seen.
 */
#define _GNU_SOURCE
#include "sys/posix.h"

#include <sys/socket.h>
#include <unistd.h>

kmsg_err kmi_fd_peer_user(int fd, kmi_user *ret)
{
    struct ucred found;
    socklen_t    size = sizeof found;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0)
        return kmi_fd_error("getsockopt");
    *ret = (kmi_user){found.uid, found.gid, found.pid < 0 ? 0 : (uint32_t)found.pid};
    return KMSG_OK;
}

bool kmi_user_is_ours(uint32_t uid)
{
    return uid == 0 || uid == geteuid();
}
