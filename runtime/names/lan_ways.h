/* lan_ways.h -- datagrams to and from the other hosts' directories: over all interfaces to a group,
 * to seeds, and to one place.
 *
 * Two sockets for each of IPv4 and IPv6. One hears, at the directories' port, which all users of a
 * host share. One speaks, at a port of its own: so that an answer gets to who has asked.
 */
#ifndef KMI_LAN_WAYS_H
#define KMI_LAN_WAYS_H

#include "names/lan_settings.h"
#include "net/link.h"

typedef struct kmi_lan_ways kmi_lan_ways;

#define KMI_LAN_DATAGRAM_MAX 512u /* bytes of one that is taken in */

/* A datagram has come, from another host or this one. It must not free the ways. */
typedef void kmi_lan_came_fn(void *ctx, const uint8_t *data, size_t size,
                             const kmi_arrival *arrival);

/* What cannot be had (a port, IPv6) is done without, and the log says so where it matters.
 * KMSG_ENOMEM, or what no socket at all could be had for. */
KMSG_CHECK kmsg_err kmi_lan_ways_new(kmi_net *net, const kmi_lan_settings *settings,
                                     kmi_lan_came_fn *came, void *ctx, kmi_lan_ways **ret);
void                kmi_lan_ways_free(kmi_lan_ways *ways); /* NULL is fine */

/* To the group: over IPv4 on each interface that has it; over IPv6 where it has not, or if `ip6`
 * says so. Each time anew it is looked which interfaces there are. */
void kmi_lan_ways_say(kmi_lan_ways *ways, bool ip6, const uint8_t *data, size_t size);

/* To the seeds; where a name has to be looked up first, as soon as that is done. `size` is
 * KMI_LAN_DATAGRAM_MAX at most. */
void kmi_lan_ways_say_to_seeds(kmi_lan_ways *ways, const uint8_t *data, size_t size);

/* To one place, "10.0.0.2" or "[fe80::1%3]". */
void kmi_lan_ways_answer(kmi_lan_ways *ways, const char *address, uint16_t port,
                         const uint8_t *data, size_t size);

#endif
