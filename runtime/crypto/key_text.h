/* key_text.h -- 32 bytes as text: base32 of them and of a checksum, which is another one for each
 * kind, so that a secret is not taken for a key.
 */
#ifndef KMI_KEY_TEXT_H
#define KMI_KEY_TEXT_H

#include <kmsg/security.h>

typedef enum kmi_key_kind {
    KMI_KIND_PUBLIC, /* a host's public key: kmsg_key_print() */
    KMI_KIND_SECRET, /* a host's secret */
    KMI_KIND_CLUSTER /* a cluster's secret */
} kmi_key_kind;

typedef enum kmi_key_fault {
    KMI_TEXT_GOOD,
    KMI_TEXT_SIZE,    /* more or fewer letters */
    KMI_TEXT_LETTER,  /* a letter that is none of base32 */
    KMI_TEXT_CHECKSUM /* mistyped, or of another kind */
} kmi_key_fault;

/* Time does not depend on the bytes; that of parsing not on the letters, but on where '-' stands.
 * `ret` of parsing is untouched when there is a fault. */
void          kmi_key_as_text(kmi_key_kind kind, const uint8_t bytes[32], char ret[KMSG_KEY_TEXT]);
kmi_key_fault kmi_key_from_text(kmi_key_kind kind, const char *text, uint8_t ret[32]);

#endif
