/* sign.h -- a signature by a host's key, which is one for key agreement (X25519); and a proof that
 * somebody knows a secret that several have.
 *
 * The same secret number, as a point of Ed25519, makes signatures that anybody can check who has
 * Ed25519; the public key that comes with one is checked to be that of the host by turning it into
 * X25519. Deterministic nonces: from the secret, and from what is signed.
 */
#ifndef KMI_SIGN_H
#define KMI_SIGN_H

#include <kmsg/security.h>

#define KMI_SIGNATURE_SIZE 96u /* the public key as Ed25519 has it, and an Ed25519 signature */

#define KMI_PROOF_SIZE 32u

/* `secret` is an X25519 one, in memory of a vault. `context` ("kmsg beacon 1", 255 bytes at most)
 * keeps signatures for one purpose from meaning something for another. */
void kmi_sign(const uint8_t secret[32], const char *context, const void *data, size_t size,
              uint8_t ret[KMI_SIGNATURE_SIZE]);

/* Was it made by who has the secret of `key`? */
bool kmi_sign_is_of(const kmsg_key *key, const char *context, const void *data, size_t size,
                    const uint8_t signature[KMI_SIGNATURE_SIZE]);

/* Who has `secret`, in memory of a vault, has seen these data. It takes a hundredth of the time of
 * a signature to make or check one. */
void kmi_prove(const uint8_t secret[32], const char *context, const void *data, size_t size,
               uint8_t ret[KMI_PROOF_SIZE]);
bool kmi_proof_is_of(const uint8_t secret[32], const char *context, const void *data, size_t size,
                     const uint8_t proof[KMI_PROOF_SIZE]);

#endif
