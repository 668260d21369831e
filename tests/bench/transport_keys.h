/* transport_keys.h -- a folder of keys for each side, as `kmsg key new` and `kmsg key trust` make
 * them.
 */
#ifndef TRANSPORT_KEYS_H
#define TRANSPORT_KEYS_H

#include "transport.h"

/* Each side has a key, and trusts that of the other. `name` is that of the server. */
void transport_keys_new(const char *name);

/* The folder of a side: the server's, which accepts, or the client's. */
void transport_keys_path(const char *name, bool accepts, char *ret, size_t size);

#endif
