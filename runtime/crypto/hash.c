/* hash.c -- SipHash-2-4, as libsodium has it. */
#include "crypto/hash.h"

#include "crypto/secret.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(kmi_hash_key) == crypto_shorthash_KEYBYTES, "the key of SipHash");

bool kmi_hash_key_new(kmi_hash_key *ret)
{
    if (!kmi_crypto_ready())
        return false;
    randombytes_buf(ret->bytes, sizeof ret->bytes);
    return true;
}

uint64_t kmi_hash(const kmi_hash_key *key, const void *data, size_t size)
{
    uint8_t  bytes[crypto_shorthash_BYTES];
    uint64_t value;

    crypto_shorthash(bytes, data, size, key->bytes);
    memcpy(&value, bytes, sizeof value);
    return value;
}
