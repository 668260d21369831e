/* sys.h -- the platform seam: all that the runtime asks of an operating system, as one table of
 * functions. uv.c fills it in over libuv; a test can put a simulated world in its place.
 *
 * A loop and its sockets belong to one thread at a time. Only wake_ts may be called from others.
 * Events are delivered from poll() alone; nothing is delivered for a socket after close().
 */
#ifndef KMI_SYS_H
#define KMI_SYS_H

#include <kmsg/base.h>

#define KMI_PATH_MAX    108 /* of a unix socket, with its NUL */
#define KMI_RESOLVE_MAX 8u

typedef struct kmi_loop   kmi_loop;
typedef struct kmi_socket kmi_socket;
typedef struct kmi_lookup kmi_lookup;
typedef struct kmi_thread kmi_thread;

typedef enum kmi_family { KMI_UNIX, KMI_IP4, KMI_IP6 } kmi_family;

typedef struct kmi_endpoint {
    kmi_family family;
    uint16_t   port;
    uint8_t    ip[16];             /* the first four for IP4 */
    uint32_t   interface;          /* IP6: its number, for an address of one link alone; else 0 */
    char       path[KMI_PATH_MAX]; /* UNIX; "@name" is Linux' abstract name */
} kmi_endpoint;

/* The same where it is no path. */
typedef struct kmi_host {
    kmi_family family;
    uint16_t   port;
    uint8_t    ip[16];
    uint32_t   interface;
} kmi_host;

#define KMI_INTERFACES_MAX 32u

/* One of this host's, that is up. */
typedef struct kmi_interface {
    uint32_t index;
    bool     has_ip4; /* an address */
    bool     has_ip6;
    bool     loopback;
    char     name[16];
} kmi_interface;

/* How a datagram came. */
typedef struct kmi_arrival {
    kmi_endpoint from;
    uint32_t     interface;
    bool         multicast; /* it was sent to a group */
} kmi_arrival;

/* Memory that two processes of one host see at the same time, zeroed at first. */
typedef struct kmi_memory {
    uint8_t *at;
    size_t   size;
} kmi_memory;

/* Who runs a process. */
typedef struct kmi_user {
    uint32_t uid;
    uint32_t gid;
    uint32_t pid; /* 0: not known here */
} kmi_user;

/* What came along with bytes. At most one of the two is there. */
typedef struct kmi_gift {
    kmi_memory *memory; /* the receiver's to free */
    const char *wrong;  /* something came that is not fit, and is closed again: why */
} kmi_gift;

enum { KMI_READABLE = 1, KMI_WRITABLE = 2 };
typedef void kmi_socket_fn(void *ctx, unsigned events);
typedef void kmi_resolved_fn(void *ctx, kmsg_err err, const kmi_endpoint *found, size_t count);

/* What read and write return when it is not a number of bytes. */
#define KMI_AGAIN  ((ptrdiff_t)-1)
#define KMI_BROKEN ((ptrdiff_t)-2)
#define KMI_REFUSED ((ptrdiff_t)-3) /* of datagrams: the other host says that nobody receives */

/* A datagram without its head, to be sent; or where one is to be received: `size` is first the room
 * for it, then its own size, of which what had no room is gone. */
typedef struct kmi_datagram {
    uint8_t *data;
    size_t   size;
} kmi_datagram;

typedef struct kmi_sys {
    /* Loops. NULL: no memory or no descriptor. Sockets and look-ups are ended before loop_free. */
    kmi_loop *(*loop_new)(void);
    void (*loop_free)(kmi_loop *loop);

    int64_t (*now_ns)(void); /* monotonic */
    /* The same, behind by the system's tick, 10 ms at most. Takes a fraction of the time. */
    int64_t (*coarse_ns)(void);
    int64_t (*clock_ns)(void); /* since 1970-01-01T00:00:00Z, as the host believes */

    /* One turn: wait for events until `until_ns` (KMI_NEVER; anything past: do not wait), deliver
     * them. May return early for no reason. False: nothing was delivered, and nobody woke it. */
    bool (*poll)(kmi_loop *loop, int64_t until_ns);
    void (*wake_ts)(kmi_loop *loop);   /* any thread, and signal handlers */
    /* Readable when poll() would find something; -1: no descriptor, with words. */
    int (*loop_fd)(kmi_loop *loop);
    /* And at that time, if loop_fd was asked for; what is past is now. Only ever earlier. */
    void (*alarm)(kmi_loop *loop, int64_t at_ns);
    /* Has something been set up since the last poll, which waits for the next one? */
    bool (*loop_stale)(const kmi_loop *loop);

    /* Sockets. `fn` hears of readiness, again and again while it lasts. A connecting socket becomes
     * writable once; then connect_result tells. ret_bound is the endpoint with its real port, and
     * with the path that was chosen for an empty one. */
    kmsg_err (*listen)(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                       kmi_endpoint *ret_bound, kmi_socket **ret);
    /* KMSG_EBUSY: nobody waits; KMSG_EDESCRIPTORS and KMSG_ENOMEM: who waits goes on waiting. */
    kmsg_err (*accept)(kmi_socket *listener, kmi_socket_fn *fn, void *ctx, kmi_endpoint *ret_from,
                       kmi_socket **ret);
    /* Who waits longest is told these words and hung up on, for which a listener keeps a
     * descriptor. KMSG_EBUSY: nobody waits; KMSG_EDESCRIPTORS: somebody else was faster to take it.
     */
    kmsg_err (*turn_away)(kmi_socket *listener, const void *words, size_t size);
    kmsg_err (*connect)(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                        kmi_socket **ret);
    kmsg_err (*connect_result)(kmi_socket *socket);
    /* A socket that this process was given, connected already: it is taken over and `fd` is free,
     * or it is refused, with words, and stays as it was. */
    kmsg_err (*adopt)(kmi_loop *loop, int fd, kmi_socket_fn *fn, void *ctx, kmi_socket **ret);
    kmsg_err (*pair)(int ret[2]); /* two that are connected with each other; not inherited */
    /* Of a unix socket: who has connected; to who has done so, who listens; of a pair, who has made
     * it. All of it at that time. KMSG_ESYSTEM. */
    kmsg_err (*peer_user)(const kmi_socket *socket, kmi_user *ret);
    void (*watch)(kmi_socket *socket, unsigned events); /* what `fn` is to hear of from now on */
    ptrdiff_t (*read)(kmi_socket *socket, void *buffer, size_t size); /* 0: the end */
    /* Less than `size` was taken: there is room for no more until the other side makes some, which
     * is a sign that it lives. `data` NULL: nothing more will be written, and the other side is to
     * read the end. */
    ptrdiff_t (*write)(kmi_socket *socket, const void *data, size_t size);
    /* The same over a unix socket, and `memory` goes along with the first byte: once. Receiving
     * takes what is no larger than `max` bytes, and cannot become smaller; what is larger goes
     * without a word. */
    ptrdiff_t (*pass)(kmi_socket *socket, const void *data, size_t size, kmi_memory *memory);
    ptrdiff_t (*receive)(kmi_socket *socket, void *buffer, size_t size, size_t max, kmi_gift *ret);
    kmi_memory *(*memory_new)(size_t size);  /* NULL: there is none to be had */
    void (*memory_free)(kmi_memory *memory); /* this side's view of it; NULL is fine */
    /* Closing it will reset the connection: what the system has yet to send never arrives. */
    void (*reset)(kmi_socket *socket);
    void (*close)(kmi_socket *socket);

    /* Sockets for datagrams, which are watched and closed like others: one that receives from
     * anybody, and one that sends to one place and hears from there alone. */
    kmsg_err (*datagram_bind)(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                              kmi_endpoint *ret_bound, kmi_socket **ret);
    kmsg_err (*datagram_connect)(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn,
                                 void *ctx, kmi_socket **ret);
    /* Each is sent behind `head`. How many of them the system has taken, or KMI_AGAIN; KMI_REFUSED:
     * an earlier one was, and none is sent; KMI_BROKEN: the first one cannot be sent. */
    ptrdiff_t (*datagram_send)(kmi_socket *socket, const kmi_datagram *head,
                               const kmi_datagram *list, size_t count);
    /* How many came; KMI_AGAIN, KMI_REFUSED, KMI_BROKEN. *ret_lost is how many this socket had no
     * room for since it was made; it is set when there is news of that. */
    ptrdiff_t (*datagram_receive)(kmi_socket *socket, kmi_datagram *list, size_t count,
                                  uint32_t *ret_lost);

    /* Interfaces that have an address: how many, KMI_INTERFACES_MAX at most. */
    size_t (*interfaces)(kmi_interface ret[KMI_INTERFACES_MAX]);
    /* Sockets for what is sent to groups. `at` is a port of all addresses of the host; others may
     * have it as well: all of them hear what is sent to a group, and one what is sent to the host.
     * KMSG_EINUSE, KMSG_EUNREACHABLE (the system has no such addresses), KMSG_ESYSTEM. */
    kmsg_err (*multicast_bind)(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                               kmi_endpoint *ret_bound, kmi_socket **ret);
    /* Hear that group over an interface. Once more is fine; what it has joined goes with it. */
    kmsg_err (*multicast_join)(kmi_socket *socket, const kmi_endpoint *group, uint32_t interface);
    /* To a group over an interface, no farther than that link, and to this host as well; or, where
     * `interface` is 0, to one endpoint. 0, KMI_AGAIN, KMI_BROKEN. */
    ptrdiff_t (*multicast_send)(kmi_socket *socket, const kmi_endpoint *to, uint32_t interface,
                                const void *data, size_t size);
    /* One datagram's own size, of which what had no room is gone; KMI_AGAIN, KMI_BROKEN. */
    ptrdiff_t (*multicast_receive)(kmi_socket *socket, void *buffer, size_t size, kmi_arrival *ret);

    /* Names to addresses; `fn` runs from poll(), unless it is cancelled. */
    kmsg_err (*resolve)(kmi_loop *loop, const char *host, uint16_t port, kmi_resolved_fn *fn,
                        void *ctx, kmi_lookup **ret);
    void (*resolve_cancel)(kmi_lookup *lookup);

    void (*random)(void *buffer, size_t size);

    kmsg_err (*thread_start)(void (*run)(void *ctx), void *ctx, kmi_thread **ret);
    void (*thread_join)(kmi_thread *thread);
} kmi_sys;

extern const kmi_sys kmi_sys_uv;

/* Of "3" or "eth0"; 0: there is none. */
uint32_t kmi_interface_of(const char *text);

/* The user that this process acts for, or root, who can do all that such a process could. */
bool kmi_user_is_ours(uint32_t uid);

#endif
