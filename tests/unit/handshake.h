/* handshake.h -- two sides of a Noise handshake, for the tests of crypto/noise.c: bytes from hex,
 * and both roles made of one description of whom they are.
 */
#ifndef HANDSHAKE_H
#define HANDSHAKE_H

#include "test.h"

#include "crypto/noise.h"

#include <stdlib.h>

#define MESSAGE_MAX  512u
#define MESSAGES_MAX 8u

/* Which side; also the index in the arrays here. */
enum { INITIATOR, RESPONDER };

typedef struct bytes {
    uint8_t data[MESSAGE_MAX];
    size_t  size;
    bool    is_there;
} bytes;

static inline bytes from_hex(const char *hex)
{
    bytes b = {.is_there = hex != NULL};

    if (hex == NULL)
        return b;
    CHECK(strlen(hex) % 2 == 0 && strlen(hex) / 2 <= sizeof b.data);
    for (; hex[2 * b.size] != '\0'; b.size++) {
        char digits[3] = {hex[2 * b.size], hex[2 * b.size + 1], '\0'}, *end;
        b.data[b.size] = (uint8_t)strtoul(digits, &end, 16);
        CHECK(*end == '\0');
    }
    return b;
}

/* What a vector says of a side. */
typedef struct person {
    bytes prologue, secret, ephemeral, psk;
} person;

typedef struct said {
    int   from;
    bytes payload, sealed;
} said;

typedef struct vector {
    char           pattern[16];
    kmi_noise_hash hash;
    person         sides[2];
    bytes          handshake_hash; /* may not be there */
    said           messages[MESSAGES_MAX];
    size_t         count;
} vector;

/* Is that side's static key known to the other before? The pattern's letters say so, one a side. */
static inline bool is_known(const vector *v, int side)
{
    return v->pattern[side] == 'K';
}

static inline void begin_side(const vector *v, int side, kmi_noise *ret)
{
    const person     *self = &v->sides[side], *other = &v->sides[!side];
    uint8_t           own[32], remote[32];
    kmi_noise_options options = {.pattern = v->pattern,
                                 .hash = v->hash,
                                 .initiator = side == INITIATOR,
                                 .prologue = self->prologue.data,
                                 .prologue_size = self->prologue.size,
                                 .secret = self->secret.is_there ? self->secret.data : NULL,
                                 .ephemeral = self->ephemeral.data,
                                 .psks = {self->psk.is_there ? self->psk.data : NULL}};

    kmi_noise_public(self->secret.data, own);
    if (side == RESPONDER) /* the initiator has to find it out */
        options.own = own;
    if (is_known(v, !side)) {
        kmi_noise_public(other->secret.data, remote);
        options.remote = remote;
    }
    CHECK(kmi_noise_init(ret, &options));
}

/* The example of XX that cacophony has (vectors/cacophony.txt, which is in the public domain), and
 * XXpsk0 with the same keys and the psk of its NNpsk0: no public vector has that; it is what
 * noise-handshake 4.2.0 says. */
static inline vector example(bool with_psk)
{
    static const char *const payloads[] = {"4c756477696720766f6e204d69736573",
                                           "4d757272617920526f746862617264",
                                           "462e20412e20486179656b",
                                           "4361726c204d656e676572",
                                           "4a65616e2d426170746973746520536179",
                                           "457567656e2042f6686d20766f6e2042617765726b"};
    static const char *const sealed[2][6] = {
        {"ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d6"
         "9"
         "736573",
         "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088430505b6745ce64a5f33f0e8e3b"
         "8"
         "3f11ce8802bca507f4f2d8b564dbe277e1966116e132faa2dfd70b8b077b9f94b913df5056ae1319469b824a9"
         "8"
         "d54bbaa82c325595587064f978c4b6d104f7596e6f",
         "99579e1c1ee15e422a57ddd6b16d37087b17558e8369c18991b4b2ca3a824abf904cdcf5458b5431a75af034c"
         "a"
         "9e9b982de039eaaf156775e2d580cd4e5ebae89c3f8cb2594b556d8a8169",
         "fc56eea290b3f3a21aac0c70cd5787b5ee99be37d2f4d751329b55",
         "bb31c9da10d5639a4cdb88a12f5c61de41bbc7df09bf75d94f8184fe4157f5c68f",
         "f6199cadb152fb27f82be0a0891ec76a33598ae92a46cab2fb5a8ed5bf48b7f267f8370af7"},
        {"ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c2d738b93f6dfb5722591114"
         "2"
         "f0031178fdd4cd8ef9ea87c09965931e0a5529",
         "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843e8616c14a793e76a91cc06f56"
         "4"
         "a19c7240b08c696d09ddf959d34a7d62c339e91d24472cd4dd23035cb3859c80fd82bc0b70f5965867ca5b0c3"
         "b"
         "15d54d7bccd83819b412421edf5227793d7f0123c7",
         "c158ca19348beec11db0df21bed7f683cddba0caafe37b462f7f0980e797d581c94c8a78274e5460f3b652d84"
         "5"
         "a4eaa7c55dd90e4044e47c3861d45b52dda4834f7df501554577901a00c9",
         "314b2a92233932ced0c045bda2330e70a97abdefc77dff11a98c6c",
         "5fe002b9348d1db4abafd453e62209201d2b5d667171a3ed819ed1fdb9fd7d4b62",
         "f4400eb2c2c7d0dc8f4bd89354be94e38cf9fa6ecde78257b438efec3e2310c5e980ddc3ad"}};
    static const char *const hashes[2] = {
        "8cf47d7b3cb5804c0109d48e8bcdbee2cbb65687d8ea2c92994ca361fb86151ad93627b98936cbb32de56e8abb"
        "21def3925011ac3e35db9cbeea73ab9a4392c2",
        "859d261eec41bac9c10bf26156c8d48c65e55fdb7f83f98d8904e93149a60b34f29d9e2e7e28ea35d6d5eb9654"
        "7eef78da6dd6912c05e508bb872920c45137fb"};
    const char *psk =
        with_psk ? "54686973206973206d7920417573747269616e20706572737065637469766521" : NULL;
    vector v = {
        .hash = KMI_NOISE_BLAKE2B,
        .sides = {{from_hex("4a6f686e2047616c74"),
                   from_hex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
                   from_hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
                   from_hex(psk)},
                  {from_hex("4a6f686e2047616c74"),
                   from_hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
                   from_hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
                   from_hex(psk)}},
        .handshake_hash = from_hex(hashes[with_psk]),
        .count = 6};

    snprintf(v.pattern, sizeof v.pattern, "%s", with_psk ? "XXpsk0" : "XX");
    for (size_t i = 0; i < v.count; i++)
        v.messages[i] = (said){i % 2 == 0 ? INITIATOR : RESPONDER, from_hex(payloads[i]),
                               from_hex(sealed[with_psk][i])};
    return v;
}

#endif
