/* sign.c -- signatures by a key that was made for agreeing on secrets.
 *
 * The two curves are one and the same, seen in two ways, so the secret number k of an X25519 key
 * belongs to a point A = kB of Ed25519 as well. X25519 does not know the sign of that point: both
 * numbers k and -k have the same public key. As in Signal's XEdDSA, the one whose point has the
 * sign 0 is the one that signs, and no other signature is believed: so there is one Ed25519 key for
 * each X25519 key. What is made is an Ed25519 signature that anybody's Ed25519 accepts,
 *
 *     R = rB    S = r + SHA-512(R A m) a    of m, the hash of what is signed and what for
 *
 * with libsodium's arithmetic. The nonce r comes from the secret and m through a hash of its own,
 * which nothing else is made with: no random number can be bad, and the same m has the same
 * signature. Whatever knows of the secret is wiped.
 *
 * Who checks needs A, which libsodium does not compute from the X25519 key; it does so in the other
 * direction. So A is a part of the signature. Points of small order, and others that are not of the
 * group that B makes, it refuses, and so numbers S that could be written otherwise: a signature
 * cannot be changed into another one of the same thing.
 */
#include "crypto/sign.h"

#include "crypto/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define POINT   crypto_core_ed25519_BYTES
#define SCALAR  crypto_core_ed25519_SCALARBYTES
#define WIDE    crypto_core_ed25519_NONREDUCEDSCALARBYTES
#define MESSAGE 64u   /* bytes of m */
#define SIGN    0x80u /* in the last byte of a point */

_Static_assert(POINT + crypto_sign_BYTES == KMI_SIGNATURE_SIZE, "what sign.h says");

/* BLAKE2b of what it is for, and of `data`; `key` may be NULL. */
static void hash(const char *purpose, const uint8_t *key, const char *context, const void *data,
                 size_t size, uint8_t ret[MESSAGE])
{
    uint8_t                  personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};
    const uint8_t            context_size = (uint8_t)strlen(context);
    crypto_generichash_state state;

    memcpy(personal, purpose, strlen(purpose));
    crypto_generichash_blake2b_init_salt_personal(&state, key, key == NULL ? 0 : SCALAR, MESSAGE,
                                                  NULL, personal);
    crypto_generichash_blake2b_update(&state, &context_size, 1);
    crypto_generichash_blake2b_update(&state, (const uint8_t *)context, context_size);
    crypto_generichash_blake2b_update(&state, data, size);
    crypto_generichash_blake2b_final(&state, ret, MESSAGE);
    kmi_wipe(&state, sizeof state);
}

/* ---- signing --------------------------------------------------------------------------------- */

/* What nobody may see, but for A. */
typedef struct signer {
    uint8_t wide[WIDE];
    uint8_t a[SCALAR];
    uint8_t minus[SCALAR];
    uint8_t r[SCALAR];
    uint8_t product[SCALAR];
} signer;

/* a, and A with the sign 0. Time does not depend on which of the two numbers it is. */
static void find_key(signer *s, const uint8_t secret[32], uint8_t ret_point[POINT])
{
    uint8_t mask;

    memset(s->wide, 0, sizeof s->wide);
    memcpy(s->wide, secret, 32);
    s->wide[0] &= 248; /* what X25519 does to a secret before it is used */
    s->wide[31] = (uint8_t)((s->wide[31] & 127) | 64);
    crypto_core_ed25519_scalar_reduce(s->a, s->wide);
    (void)crypto_scalarmult_ed25519_base_noclamp(ret_point, s->a); /* never 0: it was clamped */
    crypto_core_ed25519_scalar_negate(s->minus, s->a);
    mask = (uint8_t) - (ret_point[POINT - 1] >> 7);
    for (size_t i = 0; i < SCALAR; i++)
        s->a[i] = (uint8_t)(s->a[i] ^ (mask & (s->a[i] ^ s->minus[i])));
    ret_point[POINT - 1] &= (uint8_t)~SIGN;
}

/* SHA-512(R A m), as a number. */
static void challenge(signer *s, const uint8_t r[POINT], const uint8_t a[POINT],
                      const uint8_t m[MESSAGE], uint8_t ret[SCALAR])
{
    crypto_hash_sha512_state state;

    crypto_hash_sha512_init(&state);
    crypto_hash_sha512_update(&state, r, POINT);
    crypto_hash_sha512_update(&state, a, POINT);
    crypto_hash_sha512_update(&state, m, MESSAGE);
    crypto_hash_sha512_final(&state, s->wide);
    crypto_core_ed25519_scalar_reduce(ret, s->wide);
}

void kmi_sign(const uint8_t secret[32], const char *context, const void *data, size_t size,
              uint8_t ret[KMI_SIGNATURE_SIZE])
{
    uint8_t *point = ret, *r = ret + POINT, *sum = ret + POINT + POINT;
    uint8_t  m[MESSAGE];
    signer   s;

    assert(strlen(context) <= UINT8_MAX && "a context is a short text");
    hash("kmsg signed", NULL, context, data, size, m);
    find_key(&s, secret, point);
    hash("kmsg nonce", secret, context, data, size, s.wide);
    crypto_core_ed25519_scalar_reduce(s.r, s.wide);
    (void)crypto_scalarmult_ed25519_base_noclamp(r, s.r); /* 0 has no chance, as a guess has none */
    challenge(&s, r, point, m, s.product);
    crypto_core_ed25519_scalar_mul(s.product, s.product, s.a);
    crypto_core_ed25519_scalar_add(sum, s.product, s.r);
    kmi_wipe(&s, sizeof s);
}

/* ---- checking -------------------------------------------------------------------------------- */

/* Cheap, and so it is done first: most of what strangers send fails here. */
static bool is_key_of(const uint8_t point[POINT], const kmsg_key *key)
{
    uint8_t is[32];

    return (point[POINT - 1] & SIGN) == 0 && crypto_sign_ed25519_pk_to_curve25519(is, point) == 0 &&
           kmi_is_equal(is, key->bytes, sizeof is);
}

bool kmi_sign_is_of(const kmsg_key *key, const char *context, const void *data, size_t size,
                    const uint8_t signature[KMI_SIGNATURE_SIZE])
{
    const uint8_t *point = signature;
    uint8_t        m[MESSAGE];

    if (!kmi_crypto_ready() || !is_key_of(point, key))
        return false;
    hash("kmsg signed", NULL, context, data, size, m);
    return crypto_sign_verify_detached(signature + POINT, m, MESSAGE, point) == 0;
}

/* ---- proofs ---------------------------------------------------------------------------------- */

void kmi_prove(const uint8_t secret[32], const char *context, const void *data, size_t size,
               uint8_t ret[KMI_PROOF_SIZE])
{
    uint8_t whole[MESSAGE];

    assert(strlen(context) <= UINT8_MAX && "a context is a short text");
    hash("kmsg proof", secret, context, data, size, whole);
    memcpy(ret, whole, KMI_PROOF_SIZE);
    kmi_wipe(whole, sizeof whole);
}

bool kmi_proof_is_of(const uint8_t secret[32], const char *context, const void *data, size_t size,
                     const uint8_t proof[KMI_PROOF_SIZE])
{
    uint8_t is[KMI_PROOF_SIZE];

    kmi_prove(secret, context, data, size, is);
    return kmi_is_equal(is, proof, sizeof is);
}
