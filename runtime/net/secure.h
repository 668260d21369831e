/* secure.h -- the other form of the bytes of a tcp link: a handshake, then frames in encrypted
 * records. Private to net/; stream.c has the link.
 */
#ifndef KMI_SECURE_H
#define KMI_SECURE_H

#include "net/security.h"

/* kmi_secure_read(): some bytes came, and no record is whole yet. */
#define KMI_PART ((ptrdiff_t)-4)

typedef struct kmi_secure {
    kmi_channel        channel;
    kmi_security      *security;
    kmi_link          *link;
    struct kmi_secure *next; /* security->links */
    struct kmi_secure *prev;
    void              *words;        /* of the identity */
    const char        *at;           /* where he was dialled: the link's; NULL: he has come */
    kmi_terms          their;        /* from JUDGE on */
    bool               listed;       /* it is among security->links */
    kmi_slab          *sealed;       /* records that the socket has not taken wholly; or NULL */
    size_t             sealed_at;    /* bytes of them that it has */
    size_t             sealed_plain; /* bytes of frames in them */
    size_t             left;         /* of these, that have left in whole records */
    kmi_slab          *rest;         /* of what was read, the beginning of a record; or NULL */
} kmi_secure;

/* With a reference to the node's security, which is loaded. NULL: no memory. */
kmi_secure *kmi_secure_new(kmi_link *link, bool dials, const kmi_terms *own);
void        kmi_secure_free(kmi_secure *secure); /* NULL is fine; wiped */

static inline bool kmi_secure_is_open(const kmi_secure *secure)
{
    return secure->channel.state == KMI_CHANNEL_OPEN;
}

/* ---- the handshake: these are what kmi_sys has for sockets ----------------------------------- */

/* Reads what the handshake wants next: what kmi_sys has for reading. */
ptrdiff_t kmi_secure_hear(kmi_secure *secure, kmi_socket *socket);

/* The first bytes, which were read already. */
void kmi_secure_heard(kmi_secure *secure, const uint8_t *data, size_t size);

/* At JUDGE: the other side's hello, and what kmi_security_judge() has to say of it. */
KMSG_CHECK kmsg_err kmi_secure_judge(kmi_secure *secure, const char *at);

/* ---- records --------------------------------------------------------------------------------- */

/* What is to be written next, of what waits in `out`. NULL: no memory, or the channel is OVER. */
const uint8_t *kmi_secure_front(kmi_secure *secure, kmi_out *out, size_t *ret_size);

/* So much of it was; returns how much of `out` has left with it. */
size_t kmi_secure_wrote(kmi_secure *secure, size_t size);

/* Frames into `room`, of at least KMI_RECORD_PLAIN_MAX bytes: how many bytes of them; 0, the end;
 * KMI_AGAIN, KMI_PART, KMI_BROKEN; the last one also when the channel is OVER. *ret_size: bytes
 * that were read from the socket. */
ptrdiff_t kmi_secure_read(kmi_secure *secure, kmi_socket *socket, uint8_t *room, size_t size,
                          size_t *ret_size);

#endif
