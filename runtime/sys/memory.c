/* memory.c -- memory that two processes of one host share: a memfd, passed along a unix socket.
 *
 * A descriptor from somebody else is looked at before it is mapped. Its size must be sealed: who
 * could cut it short would kill the process that touches what is gone (SIGBUS). It must be plain
 * memory: of huge pages there may be none left when they are touched. Once it is mapped, on either
 * side, no descriptor of it is kept, so a connection costs none; the memory is gone when both
 * processes are.
 */
#define _GNU_SOURCE
#include "base/alloc.h"
#include "sys/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAKEN_MAX 2 /* descriptors: one is too many already */

typedef struct memory {
    kmi_memory memory;
    int        fd; /* -1: it was passed, or received */
} memory;

#if defined(__linux__) && defined(MFD_ALLOW_SEALING)
#include <sys/resource.h>
#include <sys/vfs.h>

#define TMPFS 0x01021994

#ifdef F_SEAL_FUTURE_WRITE
#define UNWRITABLE (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
#else
#define UNWRITABLE F_SEAL_WRITE
#endif

/* Who makes a file larger than he may is sent SIGXFSZ, and it is a file. */
static bool may_have(size_t size)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && size <= limit.rlim_cur;
}

static int new_fd(size_t size)
{
    int fd = may_have(size) ? memfd_create("kmsg", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;

    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* NULL, or what is wrong with it. */
static const char *judge(int fd, size_t *ret_size)
{
    const int     sealed = F_SEAL_SHRINK | F_SEAL_GROW;
    int           seals = fcntl(fd, F_GET_SEALS);
    struct statfs fs;
    struct stat   st;

    if (seals < 0 || fstatfs(fd, &fs) != 0 || fs.f_type != TMPFS)
        return "a descriptor that is not one of shared memory";
    if ((seals & sealed) != sealed)
        return "shared memory whose size is not sealed";
    if (seals & UNWRITABLE)
        return "shared memory that cannot be written";
    if (fstat(fd, &st) != 0 || st.st_size <= 0)
        return "shared memory of no size";
    *ret_size = (uint64_t)st.st_size > SIZE_MAX ? SIZE_MAX : (size_t)st.st_size;
    return NULL;
}
#else
static int new_fd(size_t size)
{
    (void)size;
    return -1;
}

static const char *judge(int fd, size_t *ret_size)
{
    (void)fd;
    (void)ret_size;
    return "shared memory, which this system does not have";
}
#endif

/* Takes the descriptor only if it succeeds. */
static kmi_memory *map(int fd, size_t size)
{
    memory *m = kmi_alloc_zeroed(sizeof *m);
    void *at = m == NULL ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (at == MAP_FAILED) {
        kmi_free(m);
        return NULL;
    }
    m->memory.at = at;
    m->memory.size = size;
    m->fd = fd;
    return &m->memory;
}

static void let_go(memory *m)
{
    if (m->fd >= 0)
        close(m->fd);
    m->fd = -1;
}

kmi_memory *kmi_memory_new(size_t size)
{
    int         fd = new_fd(size);
    kmi_memory *m = fd < 0 ? NULL : map(fd, size);

    if (m == NULL && fd >= 0)
        close(fd);
    return m;
}

void kmi_memory_free(kmi_memory *freed)
{
    memory *m = (memory *)freed;

    if (m == NULL)
        return;
    let_go(m);
    munmap(m->memory.at, m->memory.size);
    kmi_free(m);
}

/* ---- passing it along ---------------------------------------------------------------------- */

typedef union passing {
    char           bytes[CMSG_SPACE(TAKEN_MAX * sizeof(int))];
    struct cmsghdr aligned;
} passing;

ptrdiff_t kmi_fd_pass(int fd, const void *data, size_t size, kmi_memory *passed)
{
    memory         *m = (memory *)passed;
    struct iovec    piece = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    passing         with = {.bytes = {0}};
    struct msghdr   message = {.msg_iov = &piece, .msg_iovlen = 1};
    struct cmsghdr *head;

    if (m->fd < 0)
        return kmi_fd_write(fd, data, size);
    message.msg_control = with.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof m->fd);
    head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof m->fd);
    memcpy(CMSG_DATA(head), &m->fd, sizeof m->fd);
    for (;;) {
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n > 0)
            let_go(m);
        if (n >= 0)
            return n;
        if (errno == ETOOMANYREFS) { /* this user has as many under way as he may */
            let_go(m);
            return kmi_fd_write(fd, data, size);
        }
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
    }
}

static unsigned take_fds(struct msghdr *message, int *ret)
{
    unsigned count = 0;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h != NULL; h = CMSG_NXTHDR(message, h)) {
        size_t size = h->cmsg_len - CMSG_LEN(0);
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; at + sizeof *ret <= size && count < TAKEN_MAX; at += sizeof *ret)
            memcpy(&ret[count++], CMSG_DATA(h) + at, sizeof *ret);
    }
    return count;
}

/* It is no fault to be larger than what is taken here, or than what there is room for. */
static kmi_gift judge_gift(struct msghdr *message, size_t max)
{
    int      fds[TAKEN_MAX];
    unsigned count = take_fds(message, fds);
    kmi_gift gift = {NULL, NULL};
    size_t   size = 0;

    if (count == 0 && (message->msg_flags & MSG_CTRUNC) != 0)
        gift.wrong = "shared memory, and this process has no descriptor left for it";
    else if (count > 1)
        gift.wrong = "more descriptors than one";
    else if (count == 1)
        gift.wrong = judge(fds[0], &size);
    if (count == 1 && gift.wrong == NULL && size <= max)
        gift.memory = map(fds[0], size);
    if (gift.memory != NULL)
        ((memory *)gift.memory)->fd = -1;
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
    return gift;
}

ptrdiff_t kmi_fd_receive(int fd, void *buffer, size_t size, size_t max, kmi_gift *ret)
{
    struct iovec piece = {.iov_base = buffer, .iov_len = size};
    passing      with;

    *ret = (kmi_gift){NULL, NULL};
    for (;;) {
        struct msghdr message = {.msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = with.bytes,
                                 .msg_controllen = sizeof with.bytes};
        ssize_t       n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (n >= 0) {
            *ret = judge_gift(&message, max);
            return n;
        }
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? KMI_AGAIN : KMI_BROKEN;
    }
}
