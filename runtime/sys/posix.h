/* posix.h -- non-blocking, close-on-exec sockets as plain descriptors. Private to sys/. */
#ifndef KMI_POSIX_H
#define KMI_POSIX_H

#include "sys/sys.h"

/* What a listener has besides its socket: for a unix socket's path a locked file beside it, and a
 * descriptor for when there are no others. */
typedef struct kmi_claim {
    int  lock_fd;    /* -1: no path is claimed */
    int  reserve_fd; /* -1: it was given away */
    bool own_folder; /* it was made for the path, and goes with it */
    char path[KMI_PATH_MAX];
} kmi_claim;

/* KMSG_EINUSE, KMSG_EPERM, KMSG_EDESCRIPTORS, KMSG_ESYSTEM, with words. An empty path is chosen, in
 * a folder that is made for it. */
kmsg_err kmi_fd_listen(const kmi_endpoint *at, kmi_claim *ret_claim, kmi_endpoint *ret_bound,
                       int *ret);
void     kmi_claim_release(kmi_claim *claim); /* removes the path; call before closing the socket */

/* Nobody is let in any more, also where another process has the socket as well. */
void kmi_fd_unlisten(int listener);

/* KMSG_EBUSY: nobody waits to be accepted; KMSG_EDESCRIPTORS, KMSG_ENOMEM, KMSG_ESYSTEM. */
kmsg_err kmi_fd_accept(int listener, kmi_endpoint *ret_from, int *ret);

/* Says the words to who waits and hangs up. KMSG_EBUSY, KMSG_EDESCRIPTORS, KMSG_ENOMEM,
 * KMSG_ESYSTEM. */
kmsg_err kmi_fd_turn_away(int listener, kmi_claim *claim, const void *words, size_t size);

/* Begins to connect. KMSG_EREFUSED, KMSG_EUNREACHABLE, KMSG_EDESCRIPTORS, KMSG_ESYSTEM; KMSG_EBUSY:
 * somebody listens, but too many wait to be accepted. */
kmsg_err kmi_fd_connect(const kmi_endpoint *to, int *ret);
kmsg_err kmi_fd_connect_result(int fd);

ptrdiff_t kmi_fd_read(int fd, void *buffer, size_t size);
ptrdiff_t kmi_fd_write(int fd, const void *data, size_t size);

kmsg_err kmi_fd_peer_user(int fd, kmi_user *ret); /* user.c */

/* memory.c: the same, and memory goes along, as sys.h says. */
ptrdiff_t   kmi_fd_pass(int fd, const void *data, size_t size, kmi_memory *passed);
ptrdiff_t   kmi_fd_receive(int fd, void *buffer, size_t size, size_t max, kmi_gift *ret);
kmi_memory *kmi_memory_new(size_t size);
void        kmi_memory_free(kmi_memory *freed);

/* close() will take with it what tcp has yet to send. */
void kmi_fd_reset(int fd);

struct sockaddr;
struct sockaddr_storage;
bool   kmi_endpoint_from(const struct sockaddr *from, kmi_endpoint *ret);
size_t kmi_endpoint_to(const kmi_endpoint *from, struct sockaddr_storage *ret);

/* What errno says, as an error with words. */
kmsg_err kmi_fd_error(const char *doing);

/* Sockets for datagrams; what is sent and received is as kmi_sys has it. KMSG_EINUSE, KMSG_EPERM,
 * KMSG_EUNREACHABLE, KMSG_ESYSTEM, with words. */
kmsg_err  kmi_fd_datagram_bind(const kmi_endpoint *at, kmi_endpoint *ret_bound, int *ret);
kmsg_err  kmi_fd_datagram_connect(const kmi_endpoint *to, int *ret);
ptrdiff_t kmi_fd_datagram_send(int fd, const kmi_datagram *head, const kmi_datagram *list,
                               size_t count);
ptrdiff_t kmi_fd_datagram_receive(int fd, kmi_datagram *list, size_t count, uint32_t *ret_lost);

/* As kmi_sys has it: interfaces, sockets for groups. */
size_t    kmi_fd_interfaces(kmi_interface ret[KMI_INTERFACES_MAX]);
kmsg_err  kmi_fd_multicast_bind(const kmi_endpoint *at, kmi_endpoint *ret_bound, int *ret);
kmsg_err  kmi_fd_multicast_join(int fd, const kmi_endpoint *group, uint32_t interface);
ptrdiff_t kmi_fd_multicast_send(int fd, const kmi_endpoint *to, uint32_t interface,
                                const void *data, size_t size);
ptrdiff_t kmi_fd_multicast_receive(int fd, void *buffer, size_t size, kmi_arrival *ret);

/* A copy of a connected unix socket, which does not block and is not inherited. KMSG_EADDRESS: it
 * is something else, with words; KMSG_ESYSTEM. */
kmsg_err kmi_fd_adopt(int fd, int *ret);

/* Two ends of a connection that are not inherited; the second one has a number that programs do not
 * expect. KMSG_ESYSTEM. */
kmsg_err kmi_fd_pair(int ret[2]);

/* A pipe whose ends do not block and are not inherited. */
bool kmi_fd_pipe(int ret[2]);

#endif
