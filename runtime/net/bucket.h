/* bucket.h -- how often a host may begin a handshake, which costs us more than him. Private to
 * net/.
 *
 * Each host has a bucket of KMI_SHAKES_BURST tokens, into which KMI_SHAKES_PER_S drop each second.
 * Who begins a handshake takes one, and puts it back when he turns out to be trusted. So it limits
 * those alone who never finish.
 */
#ifndef KMI_BUCKET_H
#define KMI_BUCKET_H

#include <kmsg/base.h>

#define KMI_SHAKES_BURST 512 /* more than can be in the middle of it: KMI_SILENT_MAX */
#define KMI_SHAKES_PER_S 16
#define KMI_BUCKETS      256u /* hosts that are remembered: the fullest is forgotten first */

typedef struct kmi_bucket {
    uint64_t home;
    int64_t  full_ns; /* when it will be full again; what is past: it is */
} kmi_bucket;

/* All zeros: nobody has taken anything. */
typedef struct kmi_buckets {
    kmi_bucket list[KMI_BUCKETS];
} kmi_buckets;

KMSG_CHECK bool kmi_bucket_take(kmi_buckets *buckets, uint64_t home, int64_t now_ns);
void            kmi_bucket_put_back(kmi_buckets *buckets, uint64_t home);

#endif
