/* shared.h -- the other way for the bytes of a unix link: two rings in memory that both processes
 * see. Private to net/; stream.c has the link.
 *
 * All of it belongs to the thread of the node. What is returned for bytes is what kmi_sys has for
 * sockets: how many, 0 for the end, KMI_AGAIN, KMI_BROKEN.
 */
#ifndef KMI_SHARED_H
#define KMI_SHARED_H

#include "net/link.h"
#include "net/ring.h"

#define KMI_SHARED_MAX 64u /* links of a node that have it: each turn looks at all of them */

typedef void kmi_shared_fn(void *ctx);

struct kmi_shared {
    kmi_net       *net;
    kmi_shared    *next; /* of those whose rings may be in use */
    kmi_shared    *prev;
    kmi_socket    *socket;
    kmi_shared_fn *turn; /* there is something to read, room to write to, or a breach */
    void          *ctx;
    kmi_memory    *memory;
    kmi_timer      timer;
    kmi_ring       in;
    kmi_ring       out;
    int64_t        proved_ns; /* kept by the link: when something was read from the ring */
    uint64_t       from;      /* what lies in the link's output from there on goes into the ring */
    bool           said;      /* SHARED is in the output: `from` is known */
    bool           through;   /* and has left: what follows on the socket is wakes */
    bool           heard;     /* kept by the link: the other side has said it */
    bool           owes;      /* a wake, as soon as SHARED has left */
    bool           ended;     /* the socket has: what lies in the ring counts, and nothing more */
    uint32_t       left;      /* that is, bytes */
    bool           breach;    /* the other side's positions are impossible */
    bool           paused;    /* the link does not read */
    bool           full;      /* the link waits for room to write to */
    bool           armed;     /* the other side has been told that we sleep */
    unsigned       forks; /* of the process whose word counts: its children have the rings, too */
};

/* For who dials: to be passed along with the hello. NULL: not this time. */
kmi_shared *kmi_shared_offer(kmi_net *net, kmi_socket *socket);

/* For who accepts, until the hello is there: reads from the socket, and keeps in *shared what came
 * along. What is not fit for it is logged, with the link's `url`. */
ptrdiff_t kmi_shared_receive(kmi_net *net, kmi_socket *socket, uint8_t *buffer, size_t size,
                             const char *url, kmi_shared **shared);

void kmi_shared_free(kmi_shared *shared); /* NULL is fine */

/* What the link waits for, or does not. */
void kmi_shared_keep(kmi_shared *shared, bool full, bool paused);

/* SHARED into the output: what is behind it goes through the ring. `turn` will be called from now
 * on. KMSG_ENOMEM, KMSG_EFULL. */
KMSG_CHECK kmsg_err kmi_shared_say(kmi_shared *shared, kmi_out *out, kmi_shared_fn *turn,
                                   void *ctx);

/* Of all that waits in `out`, as much as there is room for, where it belongs. */
ptrdiff_t kmi_shared_write(kmi_shared *shared, const kmi_out *out);

/* Out of the ring: once the other side has said SHARED. */
ptrdiff_t kmi_shared_read(kmi_shared *shared, uint8_t *buffer, size_t size);

/* The socket is readable: takes the wakes in, or the end. */
void kmi_shared_hear(kmi_shared *shared);

/* Of what the link would have to hear of its socket, what it does beside the rings. */
unsigned kmi_shared_events(const kmi_shared *shared, unsigned events);

/* ---- all of a node --------------------------------------------------------------------------- */

bool kmi_shared_has(const kmi_net *net);

/* Asks to be woken for whatever comes. False: something has come already. */
bool kmi_shared_arm(const kmi_net *net);
void kmi_shared_disarm(const kmi_net *net);

/* A turn for each link that has something. */
void kmi_shared_look(kmi_net *net);

#endif
