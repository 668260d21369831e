/* symmetric.c -- the symmetric state of Noise: hashes, HMAC and HKDF over either hash, and the
 * cipher of the handshake.
 *
 * HMAC is made by hand of the plain hash, as Noise wants it, for BLAKE2b as for SHA256: the keyed
 * mode of BLAKE2b is something else. All that a secret has gone through is wiped before a function
 * returns.
 */
#include "crypto/symmetric.h"

#include <sodium.h>
#include <string.h>

#define BLOCK_MAX 128u

typedef union hashing {
    crypto_generichash_state blake2b;
    crypto_hash_sha256_state sha256;
} hashing;

static size_t hash_size(kmi_noise_hash hash)
{
    return hash == KMI_NOISE_BLAKE2B ? 64 : 32;
}

static size_t block_size(kmi_noise_hash hash)
{
    return hash == KMI_NOISE_BLAKE2B ? 128 : 64;
}

size_t kmi_symmetric_hash_size(const kmi_symmetric *s)
{
    return hash_size(s->hash);
}

static void begin(hashing *state, kmi_noise_hash hash)
{
    if (hash == KMI_NOISE_BLAKE2B)
        crypto_generichash_init(&state->blake2b, NULL, 0, 64);
    else
        crypto_hash_sha256_init(&state->sha256);
}

static void add(hashing *state, kmi_noise_hash hash, const uint8_t *data, size_t size)
{
    if (size == 0)
        return;
    if (hash == KMI_NOISE_BLAKE2B)
        crypto_generichash_update(&state->blake2b, data, size);
    else
        crypto_hash_sha256_update(&state->sha256, data, size);
}

static void end(hashing *state, kmi_noise_hash hash, uint8_t *ret)
{
    if (hash == KMI_NOISE_BLAKE2B)
        crypto_generichash_final(&state->blake2b, ret, 64);
    else
        crypto_hash_sha256_final(&state->sha256, ret);
    sodium_memzero(state, sizeof *state);
}

/* ---- HMAC and HKDF --------------------------------------------------------------------------- */

/* One pass of HMAC's two: the key, padded to a block and mixed with `pad`, then the data. `ret` may
 * be the data's own place. */
static void hash_keyed(kmi_noise_hash hash, const uint8_t *key, uint8_t pad, const uint8_t *data,
                       size_t size, uint8_t *ret)
{
    uint8_t block[BLOCK_MAX];
    hashing state;

    memset(block, pad, sizeof block);
    for (size_t i = 0; i < hash_size(hash); i++)
        block[i] ^= key[i];
    begin(&state, hash);
    add(&state, hash, block, block_size(hash));
    add(&state, hash, data, size);
    end(&state, hash, ret);
    sodium_memzero(block, sizeof block);
    sodium_memzero(&state, sizeof state);
}

/* The key has the size of the hash, and so has what is returned. */
static void hmac(kmi_noise_hash hash, const uint8_t *key, const uint8_t *data, size_t size,
                 uint8_t *ret)
{
    uint8_t inner[KMI_HASH_MAX];

    hash_keyed(hash, key, 0x36, data, size, inner);
    hash_keyed(hash, key, 0x5c, inner, hash_size(hash), ret);
    sodium_memzero(inner, sizeof inner);
}

/* `count` secrets, each of the size of the hash, out of the chaining key and one of 32 bytes or
 * none. */
static void hkdf(const kmi_symmetric *s, const uint8_t *secret, size_t size, unsigned count,
                 uint8_t ret[][KMI_HASH_MAX])
{
    const size_t out = hash_size(s->hash);
    uint8_t      key[KMI_HASH_MAX], data[KMI_HASH_MAX + 1];
    size_t       before = 0;

    hmac(s->hash, s->ck, secret, size, key);
    for (unsigned i = 0; i < count; i++) {
        data[before] = (uint8_t)(i + 1);
        hmac(s->hash, key, data, before + 1, ret[i]);
        memcpy(data, ret[i], out);
        before = out;
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(data, sizeof data);
}

/* Of what a hash gives, a cipher takes the first half or all. */
static void set_key(kmi_cipher *cipher, const uint8_t *key)
{
    memcpy(cipher->key, key, sizeof cipher->key);
    cipher->nonce = 0;
    cipher->has_key = true;
}

/* ---- the state ------------------------------------------------------------------------------- */

void kmi_symmetric_init(kmi_symmetric *s, kmi_noise_hash hash, const char *name)
{
    const size_t size = strlen(name);

    memset(s, 0, sizeof *s);
    s->hash = hash;
    if (size <= hash_size(hash)) {
        memcpy(s->h, name, size);
    } else {
        hashing state;
        begin(&state, hash);
        add(&state, hash, (const uint8_t *)name, size);
        end(&state, hash, s->h);
    }
    memcpy(s->ck, s->h, sizeof s->ck);
}

void kmi_symmetric_mix_hash(kmi_symmetric *s, const uint8_t *data, size_t size)
{
    hashing state;

    begin(&state, s->hash);
    add(&state, s->hash, s->h, hash_size(s->hash));
    add(&state, s->hash, data, size);
    end(&state, s->hash, s->h);
}

void kmi_symmetric_mix_key(kmi_symmetric *s, const uint8_t *secret)
{
    uint8_t made[2][KMI_HASH_MAX];

    hkdf(s, secret, 32, 2, made);
    memcpy(s->ck, made[0], hash_size(s->hash));
    set_key(&s->cipher, made[1]);
    sodium_memzero(made, sizeof made);
}

void kmi_symmetric_mix_key_and_hash(kmi_symmetric *s, const uint8_t *psk)
{
    uint8_t made[3][KMI_HASH_MAX];

    hkdf(s, psk, 32, 3, made);
    memcpy(s->ck, made[0], hash_size(s->hash));
    kmi_symmetric_mix_hash(s, made[1], hash_size(s->hash));
    set_key(&s->cipher, made[2]);
    sodium_memzero(made, sizeof made);
}

/* NULL and 0 is fine. */
static void copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size != 0)
        memcpy(to, from, size);
}

bool kmi_symmetric_seal(kmi_symmetric *s, const uint8_t *plain, size_t size, uint8_t *ret)
{
    if (!s->cipher.has_key) {
        copy(ret, plain, size);
        kmi_symmetric_mix_hash(s, plain, size);
        return true;
    }
    if (!kmi_cipher_seal(&s->cipher, s->h, hash_size(s->hash), plain, size, ret))
        return false;
    kmi_symmetric_mix_hash(s, ret, size + KMI_TAG_SIZE);
    return true;
}

bool kmi_symmetric_open(kmi_symmetric *s, const uint8_t *sealed, size_t size, uint8_t *ret)
{
    if (!s->cipher.has_key)
        copy(ret, sealed, size);
    else if (!kmi_cipher_open(&s->cipher, s->h, hash_size(s->hash), sealed, size, ret))
        return false;
    kmi_symmetric_mix_hash(s, sealed, size);
    return true;
}

void kmi_symmetric_split(const kmi_symmetric *s, kmi_cipher *ret_first, kmi_cipher *ret_second)
{
    uint8_t made[2][KMI_HASH_MAX];

    hkdf(s, NULL, 0, 2, made);
    set_key(ret_first, made[0]);
    set_key(ret_second, made[1]);
    sodium_memzero(made, sizeof made);
}
