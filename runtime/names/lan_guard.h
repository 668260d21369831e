/* lan_guard.h -- whose beacons are worth the time to check their signatures.
 *
 * Where somebody has spoken whose signature was good, KMI_GUARD_EACH_PER_S each second are looked
 * at, whatever others send. All other places together have KMI_GUARD_ALL_PER_S. So who floods the
 * LAN costs us a part of a processor at most, and hosts that know each other go on hearing each
 * other. A beacon that has been believed already is known by its bytes: it comes over each way
 * once.
 */
#ifndef KMI_LAN_GUARD_H
#define KMI_LAN_GUARD_H

#include "crypto/hash.h"
#include "sys/sys.h"

#define KMI_GUARD_EACH_PER_S 8
#define KMI_GUARD_EACH_BURST 32
#define KMI_GUARD_ALL_PER_S  250
#define KMI_GUARD_ALL_BURST  1000
#define KMI_GUARD_PROVED_NS  ((int64_t)60 * 1000000000) /* how long a place is known as good */
#define KMI_GUARD_SETS       512u
#define KMI_GUARD_PLACES                                                                           \
    8u /* of a set: 2,048 in all, two for each of as many hosts as there are                       \
        */
#define KMI_GUARD_SEEN 64u

typedef struct kmi_guard_place {
    uint64_t id;        /* of an address; 0: nobody's */
    int64_t  full_ns;   /* when its bucket is full again */
    int64_t  proved_ns; /* when a signature from there was good; 0: never */
} kmi_guard_place;

typedef struct kmi_guard {
    kmi_hash_key    key;
    int64_t         full_ns; /* of the bucket of all others */
    kmi_guard_place places[KMI_GUARD_SETS][KMI_GUARD_PLACES];
    uint64_t        seen[KMI_GUARD_SEEN];
    size_t          seen_next;
} kmi_guard;

KMSG_CHECK bool kmi_guard_init(kmi_guard *guard); /* false: libsodium cannot work here */

/* Were these bytes believed lately? Then so they are again. */
bool kmi_guard_has_seen(const kmi_guard *guard, const void *data, size_t size);

/* May it cost a signature? */
KMSG_CHECK bool kmi_guard_admits(kmi_guard *guard, const kmi_endpoint *from, int64_t now_ns);

/* It was believed. */
void kmi_guard_believed(kmi_guard *guard, const kmi_endpoint *from, const void *data, size_t size,
                        int64_t now_ns);

#endif
