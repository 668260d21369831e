/* secret.h -- memory for secrets: it is not written to swap or core dumps (as far as the system's
 * limit of locked memory goes), reads as zeros in a forked child, and is wiped when it is given
 * back. A vault belongs to one thread at a time.
 */
#ifndef KMI_SECRET_H
#define KMI_SECRET_H

#include <kmsg/base.h>

typedef struct kmi_vault_page kmi_vault_page;

/* Places of one size. All zeros but the size is an empty vault. */
typedef struct kmi_vault {
    size_t          size; /* bytes of a place */
    kmi_vault_page *pages;
    uint32_t        count; /* places in use */
} kmi_vault;

/* Zeroed, aligned for any type. NULL: no memory. */
KMSG_CHECK void *kmi_vault_take(kmi_vault *vault);

/* Wiped. What is given was taken from this vault; NULL is fine. */
void kmi_vault_give(kmi_vault *vault, void *secret);

/* Wiped, with what was not given back, and an empty vault again. */
void kmi_vault_done(kmi_vault *vault);

/* Before any use of libsodium in this process, as often as you like, from any thread. False: it
 * cannot work here. kmi_noise_init() and kmi_vault_take() call it. */
KMSG_CHECK bool kmi_crypto_ready(void);

void kmi_wipe(void *secret, size_t size);

/* Compares in a time that depends on the size alone. */
bool kmi_is_equal(const void *a, const void *b, size_t size);

#endif
