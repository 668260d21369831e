/* symmetric.h -- what Noise calls the symmetric state (revision 34, section 5.2): a hash of all
 * that was said, a key that every shared secret goes into, and a cipher that is made of it.
 *
 * One thread at a time. Where sizes are not said, pointers are to 32 bytes.
 */
#ifndef KMI_SYMMETRIC_H
#define KMI_SYMMETRIC_H

#include "crypto/noise.h"

/* `name` is that of the whole protocol, "Noise_XX_25519_ChaChaPoly_BLAKE2b". */
void kmi_symmetric_init(kmi_symmetric *s, kmi_noise_hash hash, const char *name);

void kmi_symmetric_mix_hash(kmi_symmetric *s, const uint8_t *data, size_t size);
void kmi_symmetric_mix_key(kmi_symmetric *s, const uint8_t *secret);
void kmi_symmetric_mix_key_and_hash(kmi_symmetric *s, const uint8_t *psk);

/* As kmi_cipher_seal() and kmi_cipher_open(), with the hash as associated data; what was sealed
 * goes into the hash. `ret` does not overlap what is read. After a false nothing of it is to be
 * used. */
KMSG_CHECK bool kmi_symmetric_seal(kmi_symmetric *s, const uint8_t *plain, size_t size,
                                   uint8_t *ret);
KMSG_CHECK bool kmi_symmetric_open(kmi_symmetric *s, const uint8_t *sealed, size_t size,
                                   uint8_t *ret);

/* The ciphers of the initiator's messages and of the responder's. */
void kmi_symmetric_split(const kmi_symmetric *s, kmi_cipher *ret_first, kmi_cipher *ret_second);

/* Of its hash: 64 or 32. */
size_t kmi_symmetric_hash_size(const kmi_symmetric *s);

#endif
