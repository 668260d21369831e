/* err.h -- setting what kmsg_last_error() answers. */
#ifndef KMI_ERR_H
#define KMI_ERR_H

#include <kmsg/base.h>

/* Longest text kept, with its NUL; a longer one is cut and ends in "...". */
#define KMI_ERROR_TEXT_MAX 512

/* Remember a sentence for this thread's kmsg_last_error() and return `err`, so that a failing
 * function ends with `return kmi_error(KMSG_EADDRESS, "%s: no port", url);`. The arguments may lead
 * into the text of the error before. */
kmsg_err kmi_error(kmsg_err err, const char *format, ...) KMSG_PRINTF(2, 3);

/* Nothing more to say than the code. */
kmsg_err kmi_error_plain(kmsg_err err);

#endif
