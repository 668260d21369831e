/* beacon.h -- the datagram by which a host's directory tells the others of itself. DIRECTORY.md has
 * its bytes.
 *
 * It says nothing but who speaks, where it listens, and how much has changed; all else is fetched
 * from there over an encrypted link. It is signed with the host's key (crypto/sign.h), and where
 * the host is of a cluster it carries a proof that its sender knows the cluster's secret.
 */
#ifndef KMI_BEACON_H
#define KMI_BEACON_H

#include <kmsg/security.h>

#define KMI_BEACON_MAX  256u /* bytes, with its signature */
#define KMI_BEACON_SIZE 64u  /* without it */

typedef struct kmi_beacon {
    kmsg_key key;      /* whose */
    uint64_t epoch;    /* of this start; grows, and is not 0 */
    uint64_t sequence; /* of the beacon, within its epoch: what was seen does not count again */
    uint64_t version;  /* of its contents; 0: there is nothing */
    uint16_t port;     /* TCP, encrypted; 0: it is about to end */
    bool     asks;     /* who hears it is to answer with his own, to its sender alone */
    bool     fast;     /* comes each second, and is missed after three */
    bool     seed;     /* who hears it is a seed of its sender's: he tells the others of it */
} kmi_beacon;

/* Without its signature; `ret` has KMI_BEACON_MAX bytes. Returns how many it has. */
size_t kmi_beacon_put(const kmi_beacon *beacon, uint8_t *ret);

/* KMSG_EDECODE: it is none; KMSG_EVERSION. Nothing of it is proved by that. */
KMSG_CHECK kmsg_err kmi_beacon_get(const uint8_t *data, size_t size, kmi_beacon *ret);

#endif
