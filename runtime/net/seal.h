/* seal.h -- what a host says to whoever hears it, outside of any link: a few bytes, and behind them
 * who has said so.
 *
 *   said .. | signature, 96 | proof, 32: where its host is of a cluster
 *
 * The signature (crypto/sign.h) is by the host's key, of what is said. The proof, of both, is that
 * the cluster's secret is known. As for links: who has a cluster hears nobody who proves nothing of
 * it, and is understood by nobody who has none.
 *
 * What comes in is looked at in steps, each of which costs more than the one before it.
 */
#ifndef KMI_SEAL_H
#define KMI_SEAL_H

#include "crypto/sign.h"
#include "net/link.h"

#define KMI_SEAL_MAX (KMI_SIGNATURE_SIZE + KMI_PROOF_SIZE) /* bytes behind what is said */

/* `data` has `size` bytes and room for KMI_SEAL_MAX more; *ret_size is what it has in all then. As
 * kmi_net_key(). */
KMSG_CHECK kmsg_err kmi_net_seal(kmi_net *net, const char *context, uint8_t *data, size_t size,
                                 size_t *ret_size);

/* 1  Of how many bytes it is that something is said; 0: it is too short, or not of this cluster.
 *    Microseconds. Nobody knows who it was: one of the cluster, where there is one. */
size_t kmi_net_sealed(kmi_net *net, const char *context, const uint8_t *data, size_t size);

/* 2  What `trusted` calls the owner of this key, now; good until the next call. NULL: he is not in
 *    it. */
const char *kmi_net_trusted(kmi_net *net, const kmsg_key *key);

/* 3  `said` is what kmi_net_sealed() has returned: is it signed with this key? A tenth of a
 *    millisecond. */
bool kmi_net_is_signed(const char *context, const kmsg_key *key, const uint8_t *data, size_t said);

#endif
