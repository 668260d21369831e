/* channel.h -- one side of an encrypted connection, without any I/O: a handshake, then records.
 *
 *   dials:    say, hear, JUDGE the other's key and hello, accept, say, hear, OPEN
 *   accepts:  hear, say, hear, JUDGE, accept, say, OPEN
 *
 * The owner writes what there is to say, reads no more than is wanted, and at JUDGE either accepts
 * or drops the connection; nothing of what he was told before can be trusted. wire/frames.md has
 * the bytes.
 */
#ifndef KMI_CHANNEL_H
#define KMI_CHANNEL_H

#include <kmsg/security.h>

#include "crypto/noise.h"
#include "crypto/secret.h"

#define KMI_CHANNEL_MAGIC_SIZE  8u
#define KMI_CHANNEL_MESSAGE_MAX 512u /* of a handshake */
#define KMI_CHANNEL_HELLO_MAX   128u /* that we say */
#define KMI_RECORD_HEAD         2u
#define KMI_RECORD_PLAIN_MAX    ((size_t)16 << 10)
#define KMI_RECORD_OVERHEAD     (KMI_RECORD_HEAD + KMI_TAG_SIZE)
#define KMI_RECORD_MAX          (KMI_RECORD_PLAIN_MAX + KMI_RECORD_OVERHEAD)
#define KMI_REKEY_RECORDS       ((uint32_t)1 << 16) /* 1 GiB at most */

/* What is the same for all connections of a node. */
typedef struct kmi_channel_setup {
    const uint8_t *secret;  /* the static key: memory of a vault */
    const uint8_t *own;     /* the public one; NULL: it is computed for each handshake */
    const uint8_t *psk;     /* the cluster's, 32 bytes; NULL: none */
    const char    *cluster; /* its name; "" */
    kmi_vault      shaking; /* of handshakes */
    kmi_vault      talking; /* of the keys of connections */
} kmi_channel_setup;

void kmi_channel_setup_init(kmi_channel_setup *setup);
void kmi_channel_setup_done(kmi_channel_setup *setup); /* no channel is left */

typedef enum kmi_channel_state {
    KMI_CHANNEL_SHAKING,
    KMI_CHANNEL_JUDGE, /* their_key and the hello are there */
    KMI_CHANNEL_OPEN,
    KMI_CHANNEL_OVER /* for good: err, why */
} kmi_channel_state;

typedef struct kmi_handshake kmi_handshake;
typedef struct kmi_talk      kmi_talk;

typedef struct kmi_channel {
    kmi_channel_state  state;
    bool               dials;
    kmsg_key           their_key;
    kmsg_err           err;
    const char        *why;
    kmi_channel_setup *setup;
    kmi_handshake     *handshake; /* until all of it was said and heard */
    kmi_talk          *talk;      /* from the end of the handshake on */
} kmi_channel;

/* `hello` is copied: at most KMI_CHANNEL_HELLO_MAX bytes. `ephemeral` are 32 random bytes. False:
 * no memory. */
KMSG_CHECK bool kmi_channel_init(kmi_channel *c, kmi_channel_setup *setup, bool dials,
                                 const uint8_t *hello, size_t hello_size,
                                 const uint8_t ephemeral[32]);
void            kmi_channel_done(kmi_channel *c); /* wiped; also one that is all zeros */

/* Bytes that are to be written, and how many of them were. */
const uint8_t *kmi_channel_words(const kmi_channel *c, size_t *ret_size);
void           kmi_channel_said(kmi_channel *c, size_t size);

/* How many bytes are to be read next, at most; 0: none now. */
size_t kmi_channel_wants(const kmi_channel *c);

/* `size` of them, no more than are wanted. */
void kmi_channel_hear(kmi_channel *c, const uint8_t *data, size_t size);

/* At JUDGE: what the other side says of itself. */
const uint8_t *kmi_channel_hello(const kmi_channel *c, size_t *ret_size);
void           kmi_channel_accept(kmi_channel *c);

/* ---- records, once it is OPEN ---------------------------------------------------------------- */

/* `size` bytes, a multiple of 8 to KMI_RECORD_PLAIN_MAX, as a record of KMI_RECORD_OVERHEAD bytes
 * more. False: nonces are used up. */
KMSG_CHECK bool kmi_channel_seal(kmi_channel *c, const uint8_t *plain, size_t size, uint8_t *ret);

/* Bytes of a record of which these are the first KMI_RECORD_HEAD; 0: there is no such record. */
size_t kmi_record_size(const uint8_t *head);

/* A whole record; the plain bytes, KMI_RECORD_OVERHEAD less, go to `ret`. False: it is OVER. */
KMSG_CHECK bool kmi_channel_open(kmi_channel *c, const uint8_t *record, size_t size, uint8_t *ret);

#endif
