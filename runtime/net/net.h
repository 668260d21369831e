/* net.h -- what the kinds of links share among themselves. Private to net/. */
#ifndef KMI_NET_H
#define KMI_NET_H

#include "net/guests.h"

void kmi_link_init(kmi_link *link, const kmi_link_ops *ops, kmi_net *net);
void kmi_link_ready(kmi_link *link);

/* The link has ended by itself: tells the core, then closes. `link` is good until the next reap. */
void kmi_link_lose(kmi_link *link, kmsg_err err, const char *why);

/* Somebody has said hello to link->via: does it, and the core, let him in? */
bool kmi_link_admit(kmi_link *link, const char *url);

/* Where a read of a link may go: at least `min` bytes, at an address whose last three bits are
 * `alignment`. NULL when there is no memory. Then kmi_net_read_done() with what was read, or 0. */
uint8_t *kmi_net_read_room(kmi_net *net, size_t alignment, size_t min, size_t *ret_size);
void     kmi_net_read_done(kmi_net *net, const uint8_t *at, size_t size);

/* Bytes that one of them may read in a turn, so that all of them read no more than they may. */
size_t kmi_net_read_share(const kmi_net *net);

void kmi_acceptor_add(kmi_acceptor *acceptor, kmi_net *net);
void kmi_acceptor_remove(kmi_acceptor *acceptor);

/* A guest has said hello, or is about to go: those who wait may come in. */
void kmi_net_guest_speaks(kmi_net *net, kmi_guest *guest);
void kmi_net_guest_goes(kmi_net *net, kmi_guest *guest);

/* Who hears of a socket's events: that changes while the socket stays. */
typedef struct kmi_ear {
    kmi_socket_fn *fn;
    void          *ctx;
} kmi_ear;
void kmi_ear_hear(void *ctx, unsigned events); /* a socket's `fn`, whose ctx is an ear */

/* Is there to be a line about what a stranger has done? A few in some time are enough. */
bool kmi_net_may_complain(kmi_net *net);

/* ?insecure was said, and is repeated in the log each time. */
void kmi_net_say_clear(const char *url);

/* Hands the socket of a tcp link over, with its ear: it is closed when nothing can be lost by that.
 * False: no memory. */
KMSG_CHECK bool kmi_linger(kmi_net *net, kmi_socket *socket, kmi_ear *ear);

/* The link of somebody who was accepted; takes the ear and the socket. False: no memory, and it has
 * taken nothing. */
KMSG_CHECK bool kmi_stream_guest(kmi_acceptor *via, kmi_ear *ear, kmi_socket *socket,
                                 const kmi_endpoint *from, const kmsg_identity *who);

/* Who is at the other side of a unix socket. KMSG_ESYSTEM. */
KMSG_CHECK kmsg_err kmi_unix_identify(const kmi_net *net, const kmi_socket *socket,
                                      kmsg_identity *ret);

/* Does this node have to do with such a user? KMSG_EPERM, with words. */
KMSG_CHECK kmsg_err kmi_unix_check(const kmi_net *net, const kmsg_identity *who);

/* It ends at once: what the system still holds of it is thrown away. */
void kmi_stream_lose(kmi_link *link, kmsg_err err, const char *why);

/* The port at which who has seen us come from there, where `to` is, reaches this node; 0: none. */
uint16_t kmi_home_port(const kmi_net *net, const kmi_endpoint *to);

kmsg_err kmi_stream_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret);
kmsg_err kmi_stream_dial(kmi_net *net, const kmi_address *to, kmi_link **ret);
kmsg_err kmi_datagram_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret);
kmsg_err kmi_datagram_dial(kmi_net *net, const kmi_address *to, kmi_link **ret);
kmsg_err kmi_stream_adopt(kmi_net *net, int fd, bool guest, kmi_link **ret);
kmsg_err kmi_inproc_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret);
kmsg_err kmi_inproc_dial(kmi_net *net, const kmi_address *to, kmi_link **ret);
void     kmi_inproc_mail(kmi_net *net, kmi_slab *mail); /* one piece out of the mailbox */

/* Slabs of whole frames, handed over by somebody of this process: nothing to check. */
typedef struct kmi_intake {
    kmi_slab *first;
    kmi_slab *last;
    size_t    at;      /* in `first` */
    size_t    dropped; /* bytes of slabs that were taken in wholly; set back by the owner */
} kmi_intake;

void kmi_intake_add(kmi_intake *intake, kmi_slab *slab); /* takes the reference */
bool kmi_intake_next(kmi_intake *intake, kmi_frame *ret);
void kmi_intake_done(kmi_intake *intake);

#endif
