/* scalar.h -- single values that have no parts: what is allowed in them, and their text. */
#ifndef KMI_SCALAR_H
#define KMI_SCALAR_H

#include <kmsg/gen.h>

/* Lies in the scalar block. */
bool kmi_in_block(const kmsg_type *type);

/* What is wrong with the C value at `value` (bool, enum, rune, string), NULL if nothing. It may be
 * bytes from anywhere: a bool is looked at as a byte. Fixed records and T[N] are not single values.
 */
const char *kmi_scalar_bad(const kmsg_type *type, const void *value);

/* Any bits are a value of this type, so that there is nothing to look at. */
bool kmi_any_bits(const kmsg_type *type);

/* There may be padding in a value of this type, of a kind that lies in the block. */
bool kmi_has_padding(const kmsg_type *type);

const char *kmi_text_bad(const void *data, size_t size);

/* As kmsg_print() shows it: 12, "text" (cut when long), RED, 2026-11-21T00:00:00Z. Always
 * terminated. */
void kmi_scalar_text(const kmsg_type *type, const void *value, char *text, size_t size);

/* The same of anything that can be a key: [1, 2, 3] of T[N] and fixed records, 0x0a0b of bytes. */
void kmi_key_text(const kmsg_type *type, const void *value, char *text, size_t size);

/* The number of an integer-like value (bool, ints, enum, rune, timestamp, duration). */
int64_t kmi_scalar_int(const kmsg_type *type, const void *value);

#endif
