/* place.h -- what an address value holds, and how it changes on its way.
 *
 * A kmsg_address is bytes, all numbers in it little endian: the instance of a node (8), the number
 * of an object there (8), and up to KMI_HOPS_MAX hops (8 each), the instances of the nodes to pass
 * through from whoever holds the address, the nearest first. So it means something at one node
 * only, and each node that decodes one rewrites it: kmi_place_arrive().
 *
 * Functions of their arguments alone: no node, no memory, any thread.
 */
#ifndef KMI_CORE_PLACE_H
#define KMI_CORE_PLACE_H

#include "wire/frame.h"

#define KMI_ADDRESS_MAX 80u /* bytes: the identity's 16, and 8 for each hop */

/* False, and *ret untouched: no address of ours. Its size is none that we write, or an instance or
 * the object is 0. */
KMSG_CHECK bool kmi_place_get(kmsg_address address, kmi_place *ret);

/* Into `ret`; how many bytes that takes: 16, and 8 for each hop. */
size_t kmi_place_put(const kmi_place *place, uint8_t *ret);

/* `place` means something at the node sender->instance; make it mean the same object at the node
 * `own`, which reaches the sender by sender->hops (none: it is a neighbour, or `own` itself; a
 * sender whose instance is 0 is nobody, and adds nothing). The whole way is the sender's hops, the
 * sender, the place's hops, its instance. Of that everything up to the last `own` is cut, and every
 * loop. An object of `own` has no hops then.
 *
 * Who it is never changes. A way of more than KMI_HOPS_MAX hops is forgotten: hop_count is 0, and
 * the object can be reached by a direct connection to its node alone.
 *
 * Once for each arrival: what stands in `place` afterwards means something at `own`. Where nothing
 * of the way led through `own` and nothing was forgotten, and where the object is one of `own`, a
 * second time with the same sender changes nothing. Else it would send by way of the sender what
 * need not go there. */
void kmi_place_arrive(kmi_place *place, const kmi_place *sender, uint64_t own);

#endif
