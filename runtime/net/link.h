/* link.h -- a way to another node, whatever lies between: what thread, process and host have in
 * common, and all that the core sees of them.
 *
 * A link writes what its peer's output buffer holds and hands out frames. It belongs to the thread
 * of its node. It ends once: by kmi_link_close(), or by itself, after it has said so in
 * events->down. Its memory is given back by kmi_net_reap(), when nobody can be in the middle of it.
 */
#ifndef KMI_LINK_H
#define KMI_LINK_H

#include <kmsg/peer.h>
#include <kmsg/security.h>

#include "base/timer.h"
#include "net/address.h"
#include "sys/mailbox.h"
#include "wire/session.h"

#define KMI_SILENT_MAX 256u /* accepted, and no hello yet */

typedef struct kmi_link     kmi_link;
typedef struct kmi_acceptor kmi_acceptor;
typedef struct kmi_net      kmi_net;
typedef struct kmi_guests   kmi_guests;
typedef struct kmi_shared   kmi_shared;
typedef struct kmi_security kmi_security;

typedef struct kmi_link_ops {
    /* The next frame, with a reference to its slab. False: none for now, or the link is dead. */
    bool (*next)(kmi_link *link, kmi_frame *ret);
    /* Write what *link->out holds, as far as that goes without waiting. */
    void (*flush)(kmi_link *link);
    /* Has something come? What there is, is taken in. Asked instead of the loop, as that costs more
     * than what it asks the system. NULL: the loop is quick enough. */
    bool (*look)(kmi_link *link);
    void (*close)(kmi_link *link);
    void (*free)(kmi_link *link);
} kmi_link_ops;

struct kmi_link {
    const kmi_link_ops *ops;
    kmi_net            *net;
    void               *owner; /* the peer */
    kmi_acceptor       *via;   /* that let it in; NULL: none, or it has been closed */
    kmi_out            *out;   /* the peer's; NULL until it is accepted */
    kmi_link           *next;  /* of all that are not dead */
    kmi_link           *prev;
    kmi_link           *ready_next;
    kmi_link           *dead_next;
    kmi_terms           their; /* of the other side; from up on */
    kmi_host            home; /* where its node can be dialled, if it has dialled us; else port 0 */
    const kmi_session  *session; /* NULL: nothing can come between */
    kmsg_identity identity;   /* of the other side; from up on. What it points to is the link's */
    int64_t       pinged_ns;  /* when it was asked for a sign of life; 0: it has answered */
    uint64_t      pinged_at;  /* where in the output that was */
    uint64_t      proved_at;  /* what lies before this in it, the other side has read */
    size_t        hello_size; /* of guests: bytes that they say before they are let in; SIZE_MAX:
                               * that depends, and they are as soon as all of it is read */
    uint64_t bytes_out;
    uint64_t bytes_in;
    uint64_t dropped; /* datagrams: messages that the system did not take */
    uint64_t refused; /* datagrams: times that nobody was there to receive them */
    bool     up;
    bool     dead;
    bool     ready;    /* is in net->ready */
    bool     local;    /* leads to its own node */
    bool     shared;   /* its bytes go through shared memory, both ways */
    bool     retry;    /* flush again next turn: nothing else will say when */
    bool     datagram; /* for one-way requests: nothing is answered */

    kmsg_listener_facts *facts; /* of a listener for datagrams; else NULL */
};

struct kmi_acceptor {
    void (*close)(kmi_acceptor *acceptor);  /* and free it */
    void (*resume)(kmi_acceptor *acceptor); /* there is a place again for somebody silent */
    void (*stop)(kmi_acceptor *acceptor);   /* listen no more; close() follows some time */
    void         *owner;
    bool          insecure; /* who comes from beyond loopback may speak in the clear */
    bool          once;     /* it stops when one has said hello */
    bool          taken;    /* and one has */
    kmi_net      *net;
    kmi_acceptor *next;
    uint64_t      id;
    kmi_endpoint  bound; /* of sockets for streams */
    char          url[KMI_URL_MAX];

    const kmsg_listener_facts *facts; /* of datagrams; else NULL */
};

/* What the core is told. None of these may call user code. */
typedef struct kmi_net_events {
    /* Somebody came and said hello: set link->owner and link->out, or return false to refuse. */
    bool (*accepted)(kmi_link *link, const char *url);
    void (*up)(kmi_link *link);
    void (*down)(kmi_link *link, kmsg_err err, const char *why); /* never after close() */
    void (*wrote)(kmi_link *link); /* the link itself has put something into its output */
} kmi_net_events;

/* The network of one node. */
struct kmi_net {
    const kmi_sys        *sys;
    kmi_loop             *loop;
    kmi_timers           *timers;
    kmi_mailbox          *mailbox;
    const kmi_net_events *events;
    void                 *node;
    kmi_slab_pool         pool;
    kmi_session_options   session;
    int64_t               now_ns; /* kept by the node */

    kmi_slab     *read;      /* where bytes are read to */
    size_t        read_used; /* bytes of it that were handed out */
    kmi_link     *ready;     /* have frames, first come first served */
    kmi_link     *ready_last;
    kmi_link     *dead;
    kmi_acceptor *acceptors;
    kmi_link     *all;
    uint32_t      links;  /* how many that are */
    kmi_guests   *guests; /* NULL: nobody listens, or ever has */
    uint32_t      guests_max;
    int64_t       complained_ns; /* when lines about strangers were counted anew */
    uint32_t      complaints;    /* and how many there were since */
    uint64_t      turned_away;   /* guests for whom there was no place, or no descriptor */
    bool          any_user;      /* over unix others than our own and root are let in, too */
    int64_t       spin_max_ns;   /* how long to look, at most, before sleeping */
    int64_t       spin_ns;       /* how long it pays, as far as is known */
    int64_t       polled_ns;     /* while looking: when the loop was last asked */
    kmi_link     *latest;        /* that something came from, and that can look; or NULL */
    uint32_t      shared_size;   /* bytes of a ring of shared memory; 0: none is wanted */
    uint32_t      shared_count;  /* links that have it, or may come to have it */
    kmi_shared   *shared;        /* those whose rings may be in use */
    kmi_shared   *shared_next;   /* whose turn is next, while there is a round */
    kmi_slab     *batch;         /* for records of encrypted links; NULL: in use, or never was */
    kmi_security *security;      /* NULL: not needed yet */
    uint32_t      unpolled;      /* turns in a row that the rings alone had something for */
};

/* Is there something in shared memory, to be read or to be written on? */
bool kmi_net_shared_has(const kmi_net *net);

/* `session`, `events`, `node`, `timers` are set before. KMSG_ENOMEM, KMSG_ESYSTEM. */
KMSG_CHECK kmsg_err kmi_net_init(kmi_net *net, const kmi_sys *sys);
void                kmi_net_done(kmi_net *net); /* closes all acceptors and links */

/* No more mail; what has come is taken in. */
void kmi_net_close_mail(kmi_net *net);

/* Before somebody else waits for the loop: whatever comes wakes it. False: something has come. */
bool kmi_net_arm(kmi_net *net);

/* Wait until `until_ns` at most, then take in what there is: links become ready. */
void kmi_net_poll(kmi_net *net, int64_t until_ns);
void kmi_net_reap(kmi_net *net);

/* The first link with something to take, or NULL; kmi_net_unready() when it has nothing more. */
kmi_link *kmi_net_ready(const kmi_net *net);
void      kmi_net_unready(kmi_net *net, kmi_link *link);

KMSG_CHECK kmsg_err kmi_net_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret);
void                kmi_acceptor_close(kmi_acceptor *acceptor);

/* For links made from now on; NULL: as at first. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_net_secure(kmi_net *net, const kmsg_security *options);

/* Loopback is as any other way from now on, whatever the options have said. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_net_secure_loopback(kmi_net *net);

/* The node's own key. KMSG_EKEY with words, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_net_key(kmi_net *net, kmsg_key *ret);

/* Guests of sockets that are here, how many of these are silent, and how many were turned away. */
void kmi_net_facts(const kmi_net *net, uint32_t *ret_guests, uint32_t *ret_silent,
                   uint64_t *ret_turned_away);

/* Is there, right now, a node of this process that listens at this inproc address? */
bool kmi_net_is_here(const char *url);

/* One end of a connection that this process has, which is taken over; on failure it stays as it
 * was, and nothing was made. It comes up when the other end says hello, however long that takes.
 * `guest`: this side is the one that may wait for the other. KMSG_EADDRESS, KMSG_ESYSTEM,
 * KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_net_adopt(kmi_net *net, int fd, bool guest, kmi_out *out, void *owner,
                                  kmi_link **ret);

/* May there be anything at this address, or from it? It reads this node's key for one beyond
 * loopback. KMSG_EPERM, KMSG_EKEY, with words. */
KMSG_CHECK kmsg_err kmi_net_check(kmi_net *net, const kmi_address *address);

/* Is what is dialled there clear? */
bool kmi_net_is_clear(const kmi_net *net, const kmi_address *to);

/* `out` and `owner` outlive the link. events->up or ->down follows, never from inside. */
KMSG_CHECK kmsg_err kmi_net_dial(kmi_net *net, const kmi_address *to, kmi_out *out, void *owner,
                                 kmi_link **ret);

/* To the node itself: up at once. NULL when there is no memory. */
kmi_link *kmi_self_new(kmi_net *net, kmi_out *out, void *owner);

/* A datagram, or a message in one, goes no further: that is counted, and logged now and then. */
void kmi_datagram_refused(kmsg_listener_facts *facts, const char *url, kmsg_refusal why);

static inline bool kmi_link_next(kmi_link *link, kmi_frame *ret)
{
    return link->ops->next(link, ret);
}

static inline void kmi_link_flush(kmi_link *link)
{
    link->ops->flush(link);
}

void kmi_link_close(kmi_link *link); /* no more events; NULL and a dead one are fine */

#endif
