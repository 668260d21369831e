/* posix.c -- sockets as the operating system has them.
 *
 * A unix socket's path outlives a listener that was killed. Whether somebody still listens there
 * cannot be asked without a race, so a listener holds a lock on PATH.lock as long as it lives: the
 * kernel lets go of it at the holder's death, and who has it may remove what lies at the path. A
 * connection that succeeds, or has to wait in line, tells of a listener that knows nothing of the
 * lock; only one that is refused says that nobody is there.
 */
#define _GNU_SOURCE
#include "sys/posix.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG     4096 /* of which the system may make less */
#define FOLDER_NAME "/kmsg-XXXXXX"
#define SOCKET_NAME "/sock"

/* ---- addresses ----------------------------------------------------------------------------- */

typedef union address {
    struct sockaddr     any;
    struct sockaddr_un  un;
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;
} address;

static socklen_t to_address(const kmi_endpoint *e, address *ret)
{
    size_t size = strlen(e->path);

    memset(ret, 0, sizeof *ret);
    switch (e->family) {
    case KMI_IP4:
        ret->in.sin_family = AF_INET;
        ret->in.sin_port = htons(e->port);
        memcpy(&ret->in.sin_addr, e->ip, 4);
        return sizeof ret->in;
    case KMI_IP6:
        ret->in6.sin6_family = AF_INET6;
        ret->in6.sin6_port = htons(e->port);
        memcpy(&ret->in6.sin6_addr, e->ip, 16);
        ret->in6.sin6_scope_id = e->interface;
        return sizeof ret->in6;
    case KMI_UNIX: break;
    }
    ret->un.sun_family = AF_UNIX;
    memcpy(ret->un.sun_path, e->path, size);
    if (e->path[0] != '@')
        return sizeof ret->un;
    ret->un.sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
}

bool kmi_endpoint_from(const struct sockaddr *from, kmi_endpoint *ret)
{
    address a;

    memset(ret, 0, sizeof *ret);
    if (from->sa_family == AF_INET) {
        memcpy(&a.in, from, sizeof a.in);
        ret->family = KMI_IP4;
        ret->port = ntohs(a.in.sin_port);
        memcpy(ret->ip, &a.in.sin_addr, 4);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        memcpy(&a.in6, from, sizeof a.in6);
        ret->family = KMI_IP6;
        ret->port = ntohs(a.in6.sin6_port);
        memcpy(ret->ip, &a.in6.sin6_addr, 16);
        ret->interface = a.in6.sin6_scope_id;
        return true;
    }
    ret->family = KMI_UNIX;
    return from->sa_family == AF_UNIX;
}

size_t kmi_endpoint_to(const kmi_endpoint *from, struct sockaddr_storage *ret)
{
    address   a;
    socklen_t size = to_address(from, &a);

    memcpy(ret, &a, sizeof a);
    return size;
}

static kmsg_err to_err(int code)
{
    switch (code) {
    case EADDRINUSE: return KMSG_EINUSE;
    case EACCES:
    case EPERM: return KMSG_EPERM;
    case ECONNREFUSED:
    case ECONNRESET:
    case ENOENT: return KMSG_EREFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case ETIMEDOUT: return KMSG_EUNREACHABLE;
    case EAGAIN: return KMSG_EBUSY; /* connect() to a unix socket whose backlog is full */
    case EMFILE:
    case ENFILE: return KMSG_EDESCRIPTORS;
    case ENOMEM:
    case ENOBUFS: return KMSG_ENOMEM;
    default: return KMSG_ESYSTEM;
    }
}

static kmsg_err system_error(const char *doing)
{
    int code = errno;

    if (code == EMFILE)
        return kmi_error(KMSG_EDESCRIPTORS,
                         "%s: this process has too many open files: raise `ulimit -n`", doing);
    return kmi_error(to_err(code), "%s: %s", doing, strerror(code));
}

kmsg_err kmi_fd_error(const char *doing)
{
    return system_error(doing);
}

static int new_socket(const kmi_endpoint *e)
{
    int domain = e->family == KMI_UNIX ? AF_UNIX : e->family == KMI_IP4 ? AF_INET : AF_INET6;

    return socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void set_option(int fd, int level, int name)
{
    int on = 1;

    setsockopt(fd, level, name, &on, sizeof on);
}

/* ---- the claim on a path ------------------------------------------------------------------- */

static bool lock_path(const char *path, char *ret, size_t size)
{
    return snprintf(ret, size, "%s.lock", path) < (int)size;
}

/* A lock on a file that somebody has meanwhile removed protects nothing: only what still lies at
 * the path counts. */
static bool is_at(int fd, const char *path)
{
    struct stat mine, there;

    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino &&
           mine.st_dev == there.st_dev;
}

static kmsg_err lock_file(const char *path, int *ret)
{
    char name[KMI_PATH_MAX + 8];

    if (!lock_path(path, name, sizeof name))
        return KMSG_EADDRESS;
    for (;;) {
        int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return system_error(name);
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            kmsg_err err = errno == EWOULDBLOCK
                               ? kmi_error(KMSG_EINUSE, "%s: somebody listens there", path)
                               : system_error(name);
            close(fd);
            return err;
        }
        if (is_at(fd, name)) {
            *ret = fd;
            return KMSG_OK;
        }
        close(fd);
    }
}

static kmsg_err remove_stale(const kmi_endpoint *at)
{
    struct stat there;
    kmsg_err    err;
    int         fd;

    if (lstat(at->path, &there) != 0)
        return errno == ENOENT ? KMSG_OK : system_error(at->path);
    if (!S_ISSOCK(there.st_mode))
        return kmi_error(KMSG_EINUSE, "%s: there is a file that is not a socket", at->path);
    err = kmi_fd_connect(at, &fd);
    if (err == KMSG_OK)
        close(fd);
    if (err == KMSG_OK || err == KMSG_EBUSY) /* a full backlog is somebody's, too */
        return kmi_error(KMSG_EINUSE, "%s: somebody listens there", at->path);
    if (err != KMSG_EREFUSED)
        return err;
    return unlink(at->path) == 0 || errno == ENOENT ? KMSG_OK : system_error(at->path);
}

static void unlock(kmi_claim *claim)
{
    char name[KMI_PATH_MAX + 8];

    if (lock_path(claim->path, name, sizeof name))
        unlink(name);
    close(claim->lock_fd);
    claim->lock_fd = -1;
}

static kmsg_err claim_path(const kmi_endpoint *at, kmi_claim *ret)
{
    kmsg_err err = lock_file(at->path, &ret->lock_fd);

    if (err != KMSG_OK)
        return err;
    memcpy(ret->path, at->path, sizeof ret->path);
    err = remove_stale(at);
    if (err != KMSG_OK)
        unlock(ret);
    return err;
}

/* Of a path in it; that is cut. */
static void drop_folder(char *path)
{
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

void kmi_claim_release(kmi_claim *claim)
{
    if (claim->reserve_fd >= 0)
        close(claim->reserve_fd);
    claim->reserve_fd = -1;
    if (claim->lock_fd < 0)
        return;
    unlink(claim->path);
    unlock(claim);
    if (claim->own_folder)
        drop_folder(claim->path);
}

/* A folder that nobody but this user can look into: who finds the path is one of his programs. */
static kmsg_err fresh_path(kmi_endpoint *ret)
{
    static const char *const names[] = {"XDG_RUNTIME_DIR", "TMPDIR"};
    const char              *place = "/tmp";
    size_t                   room = sizeof ret->path - sizeof SOCKET_NAME;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *found = secure_getenv(names[i]);
        if (found != NULL && found[0] == '/' && strlen(found) + sizeof FOLDER_NAME <= room &&
            access(found, W_OK | X_OK) == 0) {
            place = found;
            break;
        }
    }
    snprintf(ret->path, sizeof ret->path, "%s" FOLDER_NAME, place);
    if (mkdtemp(ret->path) == NULL) {
        kmsg_err err = system_error(ret->path);
        ret->path[0] = '\0';
        return err;
    }
    memcpy(ret->path + strlen(ret->path), SOCKET_NAME, sizeof SOCKET_NAME);
    return KMSG_OK;
}

static void keep_reserve(kmi_claim *claim)
{
    if (claim->reserve_fd < 0)
        claim->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* ---- listening, connecting ----------------------------------------------------------------- */

static kmsg_err bind_and_listen(int fd, const kmi_endpoint *at, kmi_endpoint *ret_bound)
{
    address   a;
    socklen_t size = to_address(at, &a);

    if (at->family != KMI_UNIX) {
        set_option(fd, SOL_SOCKET, SO_REUSEADDR);
        set_option(fd, IPPROTO_TCP, TCP_NODELAY); /* who is accepted inherits it */
    }
    if (at->family == KMI_IP6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, &a.any, size) != 0)
        return system_error("bind");
    if (listen(fd, BACKLOG) != 0)
        return system_error("listen");
    *ret_bound = *at;
    size = sizeof a;
    if (at->family != KMI_UNIX && getsockname(fd, &a.any, &size) == 0)
        kmi_endpoint_from(&a.any, ret_bound);
    return KMSG_OK;
}

static kmsg_err listen_at(const kmi_endpoint *at, kmi_claim *ret_claim, kmi_endpoint *ret_bound,
                          int *ret)
{
    bool     has_path = at->family == KMI_UNIX && at->path[0] != '@';
    kmsg_err err = KMSG_OK;
    int      fd;

    *ret_claim = (kmi_claim){.lock_fd = -1, .reserve_fd = -1};
    if (has_path)
        err = claim_path(at, ret_claim);
    if (err != KMSG_OK)
        return err;
    fd = new_socket(at);
    err = fd < 0 ? system_error("socket") : bind_and_listen(fd, at, ret_bound);
    if (err == KMSG_OK) {
        keep_reserve(ret_claim);
        *ret = fd;
        return KMSG_OK;
    }
    kmi_claim_release(ret_claim);
    if (fd >= 0)
        close(fd);
    return err;
}

kmsg_err kmi_fd_listen(const kmi_endpoint *at, kmi_claim *ret_claim, kmi_endpoint *ret_bound,
                       int *ret)
{
    kmi_endpoint fresh = *at;
    bool         is_fresh = at->family == KMI_UNIX && at->path[0] == '\0';
    kmsg_err     err = is_fresh ? fresh_path(&fresh) : KMSG_OK;

    if (err == KMSG_OK)
        err = listen_at(&fresh, ret_claim, ret_bound, ret);
    if (err == KMSG_OK)
        ret_claim->own_folder = is_fresh;
    else if (is_fresh && fresh.path[0] != '\0')
        drop_folder(fresh.path);
    /* What means that nobody is there means nothing to who wants to be there himself. */
    return err == KMSG_EREFUSED || err == KMSG_EUNREACHABLE ? KMSG_ESYSTEM : err;
}

void kmi_fd_unlisten(int listener)
{
    (void)shutdown(listener, SHUT_RDWR); /* close() is without effect while a forked child has it */
}

/* Linux tells of errors of the connection that was to be accepted, too: it is gone, and the next
 * one may be fine. */
static kmsg_err accept_error(void)
{
    switch (errno) {
    case EMFILE:
    case ENFILE: return system_error("accept");
    case ENOMEM:
    case ENOBUFS: return system_error("accept");
    case EBADF:
    case EINVAL:
    case ENOTSOCK: system_error("accept"); return KMSG_ESYSTEM;
    default: return KMSG_EBUSY;
    }
}

kmsg_err kmi_fd_accept(int listener, kmi_endpoint *ret_from, int *ret)
{
    address   from;
    socklen_t size = sizeof from;
    int       fd;

    memset(&from, 0, sizeof from);
    fd = accept4(listener, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return accept_error();
    from.any.sa_family = size == 0 ? AF_UNIX : from.any.sa_family;
    kmi_endpoint_from(&from.any, ret_from);
    *ret = fd;
    return KMSG_OK;
}

kmsg_err kmi_fd_turn_away(int listener, kmi_claim *claim, const void *words, size_t size)
{
    kmi_endpoint from;
    kmsg_err     err;
    int          fd;

    err = kmi_fd_accept(listener, &from, &fd);
    if (err == KMSG_EDESCRIPTORS && claim->reserve_fd >= 0) {
        close(claim->reserve_fd);
        claim->reserve_fd = -1;
        err = kmi_fd_accept(listener, &from, &fd);
    }
    if (err == KMSG_OK) {
        (void)kmi_fd_write(fd, words, size); /* nothing lies before it: there is room */
        close(fd);
    }
    keep_reserve(claim);
    return err;
}

kmsg_err kmi_fd_connect(const kmi_endpoint *to, int *ret)
{
    address   a;
    socklen_t size = to_address(to, &a);
    int       fd = new_socket(to);
    kmsg_err  err;

    if (fd < 0)
        return system_error("socket");
    if (to->family != KMI_UNIX)
        set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    if (connect(fd, &a.any, size) != 0 && errno != EINPROGRESS) {
        err = system_error("connect");
        close(fd);
        return err;
    }
    *ret = fd;
    return KMSG_OK;
}

kmsg_err kmi_fd_connect_result(int fd)
{
    int       code = 0;
    socklen_t size = sizeof code;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        return system_error("connect");
    return code == 0 ? KMSG_OK : kmi_error(to_err(code), "connect: %s", strerror(code));
}

ptrdiff_t kmi_fd_read(int fd, void *buffer, size_t size)
{
    for (;;) {
        ssize_t n = recv(fd, buffer, size, 0);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
    }
}

ptrdiff_t kmi_fd_write(int fd, const void *data, size_t size)
{
    if (data == NULL)
        return shutdown(fd, SHUT_WR) == 0 ? 0 : KMI_BROKEN;
    for (;;) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL); /* no SIGPIPE for a program to die of */
        if (n >= 0)
            return n;
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
    }
}

void kmi_fd_reset(int fd)
{
    const struct linger none = {.l_onoff = 1};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

bool kmi_fd_pipe(int ret[2])
{
    return pipe2(ret, O_NONBLOCK | O_CLOEXEC) == 0;
}
