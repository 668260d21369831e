/* hello.h -- what nodes say of themselves over an encrypted connection: kmsg.link.Hello, as the
 * terms of a session.
 */
#ifndef KMI_HELLO_H
#define KMI_HELLO_H

#include "wire/session.h"

#define KMI_HELLO_SIZE 64u /* bytes that ours has at most */

/* The size is returned. */
size_t kmi_hello_put(const kmi_terms *terms, uint8_t ret[KMI_HELLO_SIZE]);

/* KMSG_EPROTOCOL: it is none, or says something impossible; KMSG_ENOMEM; with words. */
KMSG_CHECK kmsg_err kmi_hello_get(const uint8_t *data, size_t size, kmi_terms *ret);

#endif
