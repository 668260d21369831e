/* hash.h -- where something is in a table whose keys others choose: SipHash with a secret key, so
 * that nobody can make them meet.
 */
#ifndef KMI_HASH_H
#define KMI_HASH_H

#include <kmsg/base.h>

typedef struct kmi_hash_key {
    uint8_t bytes[16];
} kmi_hash_key;

/* A random one. False: libsodium cannot work here. */
KMSG_CHECK bool kmi_hash_key_new(kmi_hash_key *ret);

uint64_t kmi_hash(const kmi_hash_key *key, const void *data, size_t size);

#endif
