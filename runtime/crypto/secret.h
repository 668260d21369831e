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

void *kmi_vault_take(kmi_vault *vault);               /* zeroed; NULL: no memory */
void  kmi_vault_give(kmi_vault *vault, void *secret); /* NULL is fine */
void  kmi_vault_done(kmi_vault *vault);               /* everything was given back */

void kmi_wipe(void *secret, size_t size);

/* Compares in a time that depends on the size alone. */
bool kmi_is_equal(const void *a, const void *b, size_t size);

#endif
