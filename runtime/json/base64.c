/* base64.c -- bytes as base64, RFC 4648 section 4. Strict: each value has one text, which is
 * padded, without line breaks, the unused bits of its last digit zero.
 */
#include "json/text.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t kmi_json_base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

void kmi_json_base64_text(const uint8_t *data, size_t size, char *text)
{
    for (; size >= 3; data += 3, size -= 3) {
        uint32_t group = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
        *text++ = digits[group >> 18];
        *text++ = digits[group >> 12 & 63];
        *text++ = digits[group >> 6 & 63];
        *text++ = digits[group & 63];
    }
    if (size > 0) {
        uint32_t group = (uint32_t)data[0] << 16 | (size == 2 ? (uint32_t)data[1] << 8 : 0);
        *text++ = digits[group >> 18];
        *text++ = digits[group >> 12 & 63];
        *text++ = size == 2 ? digits[group >> 6 & 63] : '=';
        *text++ = '=';
    }
}

/* 64 for what is no digit. */
static uint32_t digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool kmi_json_base64_read(kmsg_string text, uint8_t *ret, size_t *ret_size)
{
    size_t pad = 0, n = 0;

    if (text.size % 4 != 0)
        return false;
    while (pad < 2 && pad < text.size && text.data[text.size - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < text.size; i += 4) {
        uint32_t group = 0, seen = 0, gone = i + 4 == text.size ? (uint32_t)pad : 0;
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t digit = k + gone >= 4 ? 0 : digit_of(text.data[i + k]);
            seen |= digit;
            group = group << 6 | (digit & 63);
        }
        if (seen > 63 || (group & ((1u << 8 * gone) - 1)) != 0)
            return false;
        for (uint32_t k = 0; k < 3 - gone; k++)
            ret[n++] = (uint8_t)(group >> (16 - 8 * k));
    }
    *ret_size = n;
    return true;
}
