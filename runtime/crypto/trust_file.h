/* trust_file.h -- the file `trusted` as text, and changing it. */
#ifndef KMI_TRUST_FILE_H
#define KMI_TRUST_FILE_H

#include "crypto/file.h"
#include "crypto/trust.h"

typedef struct kmi_trust_text {
    kmi_file file; /* not there: an empty text */
    char    *text;
    size_t   size;
} kmi_trust_text;

/* KMSG_EKEY with words: not fit to be believed, too large. KMSG_ENOMEM, KMSG_EDESCRIPTORS. */
KMSG_CHECK kmsg_err kmi_trust_text_read(const char *path, kmi_trust_text *ret);
void                kmi_trust_text_done(kmi_trust_text *text);

/* As kmi_trust_add() and kmi_trust_remove(). */
KMSG_CHECK kmsg_err kmi_trust_file_add(const char *path, const kmi_trusted *line);
KMSG_CHECK kmsg_err kmi_trust_file_remove(const char *path, const kmsg_key *key);

#endif
