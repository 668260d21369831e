/* text.h -- single values as the text that JSON has for them, without quotes.
 *
 * Writers fill in a buffer of KMI_JSON_TEXT_MAX bytes, do not terminate it, and return how many
 * bytes they wrote. Readers want the whole text to be the value; they are false, and leave *ret
 * alone, for what they do not take.
 */
#ifndef KMI_JSON_TEXT_H
#define KMI_JSON_TEXT_H

#include <kmsg/base.h>

#define KMI_JSON_TEXT_MAX 64u

/* ---- number.c -------------------------------------------------------------------------------- */

size_t kmi_json_i64_text(int64_t value, char *text);
size_t kmi_json_u64_text(uint64_t value, char *text);

/* Shortest that reads back equal; NaN and infinities are words. */
size_t kmi_json_f64_text(double value, char *text);
size_t kmi_json_f32_text(float value, char *text);

/* Decimal digits, a `-` in front if negative: no `+`, no leading zeros, no `-0`. *ret_range tells
 * that this is what it is, but not within 64 bits. */
bool kmi_json_i64_read(kmsg_string text, int64_t *ret, bool *ret_range);
bool kmi_json_u64_read(kmsg_string text, uint64_t *ret, bool *ret_range);

/* NaN, Infinity, -Infinity. */
bool kmi_json_word_read(kmsg_string text, double *ret);

/* ---- time.c ---------------------------------------------------------------------------------- */

size_t kmi_json_timestamp_text(kmsg_timestamp value, char *text);
size_t kmi_json_duration_text(kmsg_duration value, char *text);
bool   kmi_json_timestamp_read(kmsg_string text, kmsg_timestamp *ret);
bool   kmi_json_duration_read(kmsg_string text, kmsg_duration *ret);

/* ---- base64.c -------------------------------------------------------------------------------- */

/* RFC 4648 section 4, padded. `text` has room for kmi_json_base64_size(size) bytes. */
size_t kmi_json_base64_size(size_t size);
void   kmi_json_base64_text(const uint8_t *data, size_t size, char *text);

/* `ret` has room for text.size / 4 * 3 bytes. Only what kmi_json_base64_text() writes is taken. */
bool kmi_json_base64_read(kmsg_string text, uint8_t *ret, size_t *ret_size);

/* ---- single.c -------------------------------------------------------------------------------- */

size_t kmi_json_uuid_text(const kmsg_uuid *value, char *text);
bool   kmi_json_uuid_read(kmsg_string text, kmsg_uuid *ret);

/* As UTF-8; `value` is a Unicode scalar value. The text is UTF-8, in which U+0000 may be. */
size_t kmi_json_rune_text(kmsg_rune value, char *text);
bool   kmi_json_rune_read(kmsg_string text, kmsg_rune *ret);

#endif
