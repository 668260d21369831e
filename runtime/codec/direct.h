/* direct.h -- messages to and from values without what users need but the runtime does not: no
 * copy, no words.
 */
#ifndef KMI_DIRECT_H
#define KMI_DIRECT_H

#include <kmsg/codec.h>

/* kmsg_decode() without a copy: `ret` is aligned to 16, need not be cleared, and is scratch on
 * failure, as is what was taken from the arena. */
KMSG_CHECK kmsg_err kmi_decode_to(const kmsg_layout *layout, kmsg_bytes bytes, kmsg_arena *mem,
                                  void *ret);

/* kmsg_encode_into(), if it can be done in one go. False: it does not fit, or the value is bad, or
 * its layout has no straight-line code; the buffer is scratch then. */
KMSG_CHECK bool kmi_encode_direct(const kmsg_layout *layout, const void *value, void *buffer,
                                  size_t capacity, size_t *ret_size);

#endif
