/* cipher.c -- one direction of a conversation: ChaCha20-Poly1305 with a number as nonce (Noise,
 * revision 34, sections 5.1 and 12.3).
 *
 * With a key and no associated data, which is what records are sealed with, a call is one of
 * libsodium and little else. A nonce is never used twice: it is counted where it is used, and the
 * last number of all is for rekeying alone. What cannot be opened does not count, so that forging
 * moves nothing.
 *
 * Noise lets everything through where there is no key yet. Here that is a failure: a cipher that
 * was wiped, or that a forked child finds wiped, must not begin to speak in the clear. What a
 * handshake says before there is a key is the business of symmetric.c.
 */
#include "crypto/noise.h"

#include <sodium.h>
#include <string.h>

#define NONCE_SIZE crypto_aead_chacha20poly1305_ietf_NPUBBYTES

_Static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == KMI_TAG_SIZE, "what noise.h says");
_Static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == 32, "what noise.h says");

/* Four zero bytes, then the number, little endian. */
static void put_nonce(uint64_t number, uint8_t ret[NONCE_SIZE])
{
    memset(ret, 0, 4);
    for (unsigned i = 0; i < 8; i++)
        ret[4 + i] = (uint8_t)(number >> 8 * i);
}

bool kmi_cipher_seal(kmi_cipher *c, const uint8_t *ad, size_t ad_size, const uint8_t *plain,
                     size_t size, uint8_t *ret)
{
    uint8_t nonce[NONCE_SIZE];

    if (!c->has_key || size > KMI_NOISE_MAX - KMI_TAG_SIZE || c->nonce == UINT64_MAX)
        return false;
    put_nonce(c->nonce++, nonce);
    crypto_aead_chacha20poly1305_ietf_encrypt(ret, NULL, plain, size, ad, ad_size, NULL, nonce,
                                              c->key);
    return true;
}

bool kmi_cipher_open(kmi_cipher *c, const uint8_t *ad, size_t ad_size, const uint8_t *sealed,
                     size_t size, uint8_t *ret)
{
    uint8_t nonce[NONCE_SIZE];

    if (!c->has_key || size > KMI_NOISE_MAX || c->nonce == UINT64_MAX)
        return false;
    put_nonce(c->nonce, nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, sealed, size, ad, ad_size, nonce,
                                                  c->key) != 0)
        return false;
    c->nonce++;
    return true;
}

void kmi_cipher_rekey(kmi_cipher *c)
{
    static const uint8_t zeros[32];
    uint8_t              sealed[32 + KMI_TAG_SIZE], nonce[NONCE_SIZE];

    put_nonce(UINT64_MAX, nonce);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, zeros, sizeof zeros, NULL, 0, NULL,
                                              nonce, c->key);
    memcpy(c->key, sealed, sizeof c->key);
    sodium_memzero(sealed, sizeof sealed);
}

void kmi_cipher_done(kmi_cipher *c)
{
    sodium_memzero(c, sizeof *c);
}
