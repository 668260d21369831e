/* noise.h -- the Noise protocol framework (revision 34) without any I/O: bytes in, bytes out.
 *
 * 25519, ChaChaPoly, and BLAKE2b or SHA256. Patterns are data (noise.c has the table), with psk
 * modifiers. What is secret lies in the structs here, so they belong into memory of a vault
 * (secret.h), and are wiped by kmi_noise_done() and kmi_cipher_done(). A struct belongs to one
 * thread at a time.
 */
#ifndef KMI_NOISE_H
#define KMI_NOISE_H

#include <kmsg/base.h>

#define KMI_DH_SIZE        32u
#define KMI_TAG_SIZE       16u
#define KMI_HASH_MAX       64u
#define KMI_NOISE_MAX      65535u /* bytes of a message */
#define KMI_NOISE_PSKS_MAX 1u

typedef enum kmi_noise_hash { KMI_NOISE_BLAKE2B, KMI_NOISE_SHA256 } kmi_noise_hash;

/* One direction: each message has the next number as its nonce. */
typedef struct kmi_cipher {
    uint8_t  key[32];
    uint64_t nonce; /* of the next message; UINT64_MAX is never used */
    bool     has_key;
} kmi_cipher;

/* `size` bytes, and a tag of KMI_TAG_SIZE behind them, to `ret`: the place of `plain` itself, or
 * one that does not overlap it. False: there is no key (it is wiped, as all is in a forked child),
 * sealed they would be more than KMI_NOISE_MAX, or the nonces are used up; nothing was written. */
KMSG_CHECK bool kmi_cipher_seal(kmi_cipher *c, const uint8_t *ad, size_t ad_size,
                                const uint8_t *plain, size_t size, uint8_t *ret);

/* The reverse: `size` is that of the sealed bytes, and `ret` may be their place too. False: forged,
 * cut, too large, out of order, there is no key, or the nonces are used up; *ret is not to be
 * looked at, and the cipher is as it was. */
KMSG_CHECK bool kmi_cipher_open(kmi_cipher *c, const uint8_t *ad, size_t ad_size,
                                const uint8_t *sealed, size_t size, uint8_t *ret);
void            kmi_cipher_rekey(kmi_cipher *c); /* Noise's REKEY(); the nonce goes on */
void            kmi_cipher_done(kmi_cipher *c);  /* wiped */

/* What both sides have agreed on so far. The functions for it are in symmetric.h. */
typedef struct kmi_symmetric {
    kmi_noise_hash hash;
    kmi_cipher     cipher;
    uint8_t        ck[KMI_HASH_MAX]; /* the chaining key */
    uint8_t        h[KMI_HASH_MAX];  /* the hash of all that was said */
} kmi_symmetric;

typedef struct kmi_noise_options {
    const char    *pattern; /* "XX", "XXpsk0", "IK" .. */
    kmi_noise_hash hash;
    bool           initiator;
    const uint8_t *prologue;
    size_t         prologue_size;
    const uint8_t *secret;    /* own static key, 32 bytes, or NULL where the pattern needs none */
    const uint8_t *own;       /* its public key, which must be the one; NULL: it is computed here */
    const uint8_t *remote;    /* the other's static public key where the pattern says that it is
                               * known before, or NULL */
    const uint8_t *ephemeral; /* 32 random bytes that nobody has used, or will */
    const uint8_t *psks[KMI_NOISE_PSKS_MAX]; /* 32 bytes each, as many as the pattern has */
} kmi_noise_options;

typedef struct kmi_noise_pattern kmi_noise_pattern;

typedef struct kmi_noise {
    const kmi_noise_pattern *pattern;
    bool                     initiator;
    bool                     failed;
    bool                     has_remote; /* `remote` is known */
    uint8_t                  turn;       /* messages that are done */
    uint8_t                  psk;        /* psks that are used */
    kmi_symmetric            symmetric;
    uint8_t                  secret[32];
    uint8_t                  own[32]; /* public */
    uint8_t                  ephemeral[32];
    uint8_t                  own_ephemeral[32];
    uint8_t                  remote[32];
    uint8_t                  remote_ephemeral[32];
    uint8_t                  psks[KMI_NOISE_PSKS_MAX][32];
} kmi_noise;

/* All that the options point to is copied. False: there is no such pattern, something that it needs
 * is missing, or it has no use for a `remote` or a psk that is given. */
KMSG_CHECK bool kmi_noise_init(kmi_noise *n, const kmi_noise_options *options);
void            kmi_noise_done(kmi_noise *n); /* wiped */

/* Is the next message ours to write? Is there none any more? */
bool kmi_noise_writes_next(const kmi_noise *n);
bool kmi_noise_is_over(const kmi_noise *n);

/* The bytes that the next message, whoever writes it, is longer than its payload. 0: it is over. */
size_t kmi_noise_overhead(const kmi_noise *n);

/* The next message, with a payload of `size` bytes; to `ret`, which has room for all of it, and
 * does not overlap the payload. False: not our turn, larger than KMI_NOISE_MAX, or a computation
 * failed: nothing is to be sent. */
KMSG_CHECK bool kmi_noise_write(kmi_noise *n, const uint8_t *payload, size_t size, uint8_t *ret);

/* The other's next message, whole; its payload (kmi_noise_overhead() less) goes to `ret`, which
 * does not overlap the message. False: it is not good, whatever about it, or it is not the other's
 * turn: the handshake has failed for good. A public key that leads to a shared secret of zeros
 * fails too. `n->remote` is the other's static key once `n->has_remote`, which is before he has
 * proved that he has its secret: that, he has when the handshake is over. */
KMSG_CHECK bool kmi_noise_read(kmi_noise *n, const uint8_t *message, size_t size, uint8_t *ret);

/* When it is over, which is the caller's to know: the two directions, and `n` is wiped, with
 * `n->remote`. `ret_hash` (KMI_HASH_MAX bytes, may be NULL) is the handshake's hash, BLAKE2b: 64
 * bytes, SHA256: 32. */
void kmi_noise_split(kmi_noise *n, kmi_cipher *ret_out, kmi_cipher *ret_in, uint8_t *ret_hash);

/* The public key of a secret one. */
void kmi_noise_public(const uint8_t secret[32], uint8_t ret[32]);

#endif
