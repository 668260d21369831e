/* limits.h -- is a value inside the limits that its type gives: ranges, sizes, counts, patterns. */
#ifndef KMI_LIMITS_H
#define KMI_LIMITS_H

#include <kmsg/gen.h>

/* Room for any of the sentences below. */
#define KMI_LIMIT_TEXT_MAX 160

/* What the type's own limits have against the C value, as a sentence in `text`: "200 is above 150",
 * "11 items, at most 10". NULL if nothing. Items, keys and fields have types of their own and are
 * not looked at. */
const char *kmi_limits_bad(const kmsg_type *type, const void *value, char *text, size_t size);

#endif
