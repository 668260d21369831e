/* datagram.h -- frames in datagrams, without any I/O: which go into one, and what has come in one.
 * wire/frames.md has it to the byte.
 */
#ifndef KMI_DATAGRAM_H
#define KMI_DATAGRAM_H

#include <kmsg/peer.h>

#include "wire/frame.h"

#define KMI_DATAGRAM_HEAD   8u
#define KMI_DATAGRAM_MAX    65504u /* with its head */
#define KMI_DATAGRAM_PACKET 1400u  /* one of several messages is not larger: it is never cut up */

extern const uint8_t kmi_datagram_head[KMI_DATAGRAM_HEAD];

/* Of whole frames that wait: the first are skipped, since nobody sends them, and of those behind
 * them these go into the next datagram. `send` is 0 when nothing is left to be sent. */
typedef struct kmi_cutting {
    size_t   skip; /* bytes */
    size_t   send; /* bytes */
    uint32_t messages;
} kmi_cutting;

kmi_cutting kmi_datagram_cut(const uint8_t *frames, size_t size);

/* Is a whole datagram one of ours, and can it be taken apart? Else *ret says why not. */
KMSG_CHECK bool kmi_datagram_check(const uint8_t *data, size_t size, kmsg_refusal *ret);

/* The frame at *at, which moves behind it, in a datagram that was checked. Takes no reference.
 * False: it is no one-way message to a service. */
KMSG_CHECK bool kmi_datagram_next(const uint8_t **at, kmi_frame *ret);

#endif
