/* sign_test.c -- signatures by a host's key, and proofs of a secret that several have. */
#include "test.h"

#include "crypto/secret.h"
#include "crypto/sign.h"

#include <sodium.h>

#define CONTEXT "kmsg test 1"

typedef struct signer {
    uint8_t  secret[32];
    kmsg_key key;
} signer;

static signer make(void)
{
    signer s;

    CHECK(kmi_crypto_ready());
    for (size_t i = 0; i < sizeof s.secret; i++)
        s.secret[i] = (uint8_t)test_random();
    EQ_INT(crypto_scalarmult_base(s.key.bytes, s.secret), 0);
    return s;
}

static const char words[] = "names in place of addresses";

static bool is_good(const signer *s, const uint8_t signature[KMI_SIGNATURE_SIZE])
{
    return kmi_sign_is_of(&s->key, CONTEXT, words, sizeof words, signature);
}

static void sign(const signer *s, uint8_t ret[KMI_SIGNATURE_SIZE])
{
    kmi_sign(s->secret, CONTEXT, words, sizeof words, ret);
}

/* ---- what is good ---------------------------------------------------------------------------- */

TEST(what_any_key_signs_is_of_that_key_whatever_the_sign_of_its_point)
{
    unsigned signs[2] = {0};

    test_seed(1);
    for (unsigned i = 0; i < 60; i++) {
        signer  s = make();
        uint8_t signature[KMI_SIGNATURE_SIZE], point[32], clamped[32];
        sign(&s, signature);
        CHECK(is_good(&s, signature));
        memcpy(clamped, s.secret, sizeof clamped);
        EQ_INT(crypto_scalarmult_ed25519_base(point, clamped), 0);
        signs[point[31] >> 7]++;
    }
    CHECK(signs[0] > 0 && signs[1] > 0); /* both kinds were there */
}

TEST(any_size_can_be_signed)
{
    uint8_t data[300] = {0}, signature[KMI_SIGNATURE_SIZE];
    signer  s;

    test_seed(2);
    s = make();
    for (size_t size = 0; size <= sizeof data; size += 25) {
        kmi_sign(s.secret, CONTEXT, data, size, signature);
        CHECK(kmi_sign_is_of(&s.key, CONTEXT, data, size, signature));
        CHECK(!kmi_sign_is_of(&s.key, CONTEXT, data, size + 1, signature));
    }
}

TEST(the_same_has_the_same_signature_and_all_else_another_nonce)
{
    uint8_t first[KMI_SIGNATURE_SIZE], again[KMI_SIGNATURE_SIZE], other[KMI_SIGNATURE_SIZE];
    signer  s;

    test_seed(3);
    s = make();
    sign(&s, first);
    sign(&s, again);
    EQ_MEM(again, sizeof again, first, sizeof first);
    kmi_sign(s.secret, CONTEXT "1", words, sizeof words, other);
    CHECK(memcmp(other + 32, first + 32, 32) != 0);
    kmi_sign(s.secret, CONTEXT, words, sizeof words - 1, other);
    CHECK(memcmp(other + 32, first + 32, 32) != 0);
    CHECK(memcmp(other, first, 32) == 0); /* the key's part */
}

/* ---- what is not ----------------------------------------------------------------------------- */

TEST(no_bit_of_a_signature_can_be_another)
{
    uint8_t signature[KMI_SIGNATURE_SIZE];
    signer  s;

    test_seed(4);
    s = make();
    sign(&s, signature);
    for (size_t i = 0; i < 8 * sizeof signature; i++) {
        test_at("bit %zu", i);
        signature[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(!is_good(&s, signature));
        signature[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(is_good(&s, signature));
}

TEST(no_bit_of_what_was_signed_or_of_the_key_can_be_another)
{
    uint8_t signature[KMI_SIGNATURE_SIZE];
    char    text[sizeof words];
    signer  s;

    test_seed(5);
    s = make();
    sign(&s, signature);
    memcpy(text, words, sizeof text);
    for (size_t i = 0; i < 8 * sizeof text; i++) {
        text[i / 8] ^= (char)(1u << i % 8);
        CHECK(!kmi_sign_is_of(&s.key, CONTEXT, text, sizeof text, signature));
        text[i / 8] ^= (char)(1u << i % 8);
    }
    CHECK(kmi_sign_is_of(&s.key, CONTEXT, text, sizeof text, signature));
    for (size_t i = 0; i < 8 * sizeof s.key; i++) {
        s.key.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(!is_good(&s, signature));
        s.key.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK(is_good(&s, signature));
}

TEST(a_signature_is_of_one_key_and_for_one_purpose)
{
    uint8_t signature[KMI_SIGNATURE_SIZE];
    signer  s, other;

    test_seed(6);
    s = make();
    other = make();
    sign(&s, signature);
    CHECK(!is_good(&other, signature));
    CHECK(!kmi_sign_is_of(&s.key, "kmsg test 2", words, sizeof words, signature));
    CHECK(!kmi_sign_is_of(&s.key, CONTEXT "n", words + 1, sizeof words - 1, signature));
    CHECK(!kmi_sign_is_of(&s.key, "", words, sizeof words, signature));
    CHECK(is_good(&s, signature));
}

/* The number S and S + L are the same to arithmetic; only the smaller one is a signature. */
TEST(a_signature_cannot_be_written_in_another_way)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    uint8_t              signature[KMI_SIGNATURE_SIZE];
    unsigned             carry = 0;
    signer               s;

    test_seed(7);
    s = make();
    sign(&s, signature);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[64 + i] + order[i];
        signature[64 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    CHECK(!is_good(&s, signature));
}

/* What sign.c does, with whichever number is asked for. */
static void sign_as(const uint8_t a[32], const uint8_t point[32], uint8_t ret[KMI_SIGNATURE_SIZE])
{
    static const uint8_t     personal[16] = "kmsg signed";
    const uint8_t            size = sizeof CONTEXT - 1;
    crypto_generichash_state hash;
    crypto_hash_sha512_state sha;
    uint8_t                  m[64], wide[64], r[32] = {77}, c[32];

    crypto_generichash_blake2b_init_salt_personal(&hash, NULL, 0, sizeof m, NULL, personal);
    crypto_generichash_blake2b_update(&hash, &size, 1);
    crypto_generichash_blake2b_update(&hash, (const uint8_t *)CONTEXT, size);
    crypto_generichash_blake2b_update(&hash, (const uint8_t *)words, sizeof words);
    crypto_generichash_blake2b_final(&hash, m, sizeof m);
    memcpy(ret, point, 32);
    EQ_INT(crypto_scalarmult_ed25519_base_noclamp(ret + 32, r), 0);
    crypto_hash_sha512_init(&sha);
    crypto_hash_sha512_update(&sha, ret + 32, 32);
    crypto_hash_sha512_update(&sha, ret, 32);
    crypto_hash_sha512_update(&sha, m, sizeof m);
    crypto_hash_sha512_final(&sha, wide);
    crypto_core_ed25519_scalar_reduce(c, wide);
    crypto_core_ed25519_scalar_mul(c, c, a);
    crypto_core_ed25519_scalar_add(ret + 64, c, r);
}

/* X25519 makes the same of a point and of its opposite, so the key fits both. */
TEST(the_same_number_with_the_other_sign_does_not_sign)
{
    uint8_t wide[64] = {0}, a[2][32], point[32], signature[KMI_SIGNATURE_SIZE];
    signer  s;
    int     odd;

    test_seed(8);
    s = make();
    memcpy(wide, s.secret, 32);
    wide[0] &= 248;
    wide[31] = (uint8_t)((wide[31] & 127) | 64);
    crypto_core_ed25519_scalar_reduce(a[0], wide);
    crypto_core_ed25519_scalar_negate(a[1], a[0]);
    for (unsigned i = 0; i < 2; i++) {
        EQ_INT(crypto_scalarmult_ed25519_base_noclamp(point, a[i]), 0);
        odd = point[31] >> 7;
        sign_as(a[i], point, signature);
        EQ_INT(is_good(&s, signature), !odd);
    }
}

/* With such a key, signatures can be made that fit anything: R = B * S, as the key adds nothing. */
TEST(keys_of_small_order_sign_nothing)
{
    static const uint8_t points[][32] = {
        {0x01}, /* 1 */
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, /* -1 */
        {0x00},                                                       /* of order 4 */
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05}, /* of 8 */
    };
    uint8_t  signature[KMI_SIGNATURE_SIZE] = {0};
    kmsg_key key = {{0}};

    signature[64] = 1; /* S = 1, R = B */
    memset(signature + 33, 0x66, 31);
    signature[32] = 0x58;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        test_at("%zu", i);
        memcpy(signature, points[i], 32);
        key = (kmsg_key){{0}};
        CHECK(!kmi_sign_is_of(&key, CONTEXT, words, sizeof words, signature));
        key.bytes[0] = 1;
        CHECK(!kmi_sign_is_of(&key, CONTEXT, words, sizeof words, signature));
    }
}

/* ---- for ever -------------------------------------------------------------------------------- */

static void hex(const uint8_t *data, size_t size, char *ret)
{
    for (size_t i = 0; i < size; i++)
        snprintf(ret + 2 * i, 3, "%02x", data[i]);
}

/* Hosts of different versions check one another's signatures: these bytes never change. They
 * were computed a second time from the formulas in sign.c, without libsodium. */
TEST(what_is_signed_has_these_bytes_for_ever)
{
    static const char *const expected =
        "1ac105ea144728da5ebea01e5ee75d70584f1f3cd448b1ec7c2bddda3fbd1f0e"
        "09217c39f8fa8f6537fb07f826dbd8d403b1ea1214c22e8f52c2460d993e7eff"
        "8086ace43c4be53d42406c61edc282f7546797d70a83b529a7c584d47097780b";
    uint8_t secret[32], signature[KMI_SIGNATURE_SIZE];
    char    is[2 * KMI_SIGNATURE_SIZE + 1];

    CHECK(kmi_crypto_ready());
    for (uint8_t i = 0; i < 32; i++)
        secret[i] = i;
    kmi_sign(secret, "kmsg beacon 1", "hello", 5, signature);
    hex(signature, sizeof signature, is);
    EQ_STR(is, expected);
}

TEST(what_is_proved_has_these_bytes_for_ever)
{
    static const char *const expected =
        "c8cad5afd8e5bb00d4993d7352e12f397f52b3004be5c3871683ead6e5e14882";
    uint8_t secret[32], proof[KMI_PROOF_SIZE];
    char    is[2 * KMI_PROOF_SIZE + 1];

    for (uint8_t i = 0; i < 32; i++)
        secret[i] = i;
    kmi_prove(secret, "kmsg beacon 1", "hello", 5, proof);
    hex(proof, sizeof proof, is);
    EQ_STR(is, expected);
}

/* ---- proofs ---------------------------------------------------------------------------------- */

TEST(who_has_another_secret_or_saw_something_else_proves_nothing)
{
    uint8_t proof[KMI_PROOF_SIZE];
    signer  s;

    test_seed(9);
    s = make();
    kmi_prove(s.secret, CONTEXT, words, sizeof words, proof);
    CHECK(kmi_proof_is_of(s.secret, CONTEXT, words, sizeof words, proof));
    CHECK(!kmi_proof_is_of(s.secret, CONTEXT, words, sizeof words - 1, proof));
    CHECK(!kmi_proof_is_of(s.secret, CONTEXT "n", words + 1, sizeof words - 1, proof));
    for (size_t i = 0; i < 8 * sizeof proof; i++) {
        proof[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(!kmi_proof_is_of(s.secret, CONTEXT, words, sizeof words, proof));
        proof[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t i = 0; i < 8 * sizeof s.secret; i++) {
        s.secret[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(!kmi_proof_is_of(s.secret, CONTEXT, words, sizeof words, proof));
        s.secret[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}
