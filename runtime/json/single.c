/* single.c -- uuids and runes as text. */
#include "json/text.h"

#include <string.h>

#define UUID_TEXT 36

static bool dash_is_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

size_t kmi_json_uuid_text(const kmsg_uuid *value, char *text)
{
    static const char hex[] = "0123456789abcdef";
    size_t            byte = 0;

    for (size_t i = 0; i < UUID_TEXT;) {
        if (dash_is_at(i)) {
            text[i++] = '-';
            continue;
        }
        text[i++] = hex[value->bytes[byte] >> 4];
        text[i++] = hex[value->bytes[byte++] & 15];
    }
    return UUID_TEXT;
}

/* 16 for what is no digit. */
static unsigned hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

bool kmi_json_uuid_read(kmsg_string text, kmsg_uuid *ret)
{
    kmsg_uuid value;
    size_t    byte = 0;

    if (text.size != UUID_TEXT)
        return false;
    for (size_t i = 0; i < UUID_TEXT; i += dash_is_at(i) ? 1 : 2) {
        unsigned high = hex_of(text.data[i]), low;
        if (dash_is_at(i) ? text.data[i] != '-' : high > 15)
            return false;
        if (dash_is_at(i))
            continue;
        low = hex_of(text.data[i + 1]);
        if (low > 15)
            return false;
        value.bytes[byte++] = (uint8_t)(high << 4 | low);
    }
    *ret = value;
    return true;
}

size_t kmi_json_rune_text(kmsg_rune value, char *text)
{
    uint8_t utf8[4];
    size_t  n = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;

    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, value >>= 6)
        utf8[i] = (uint8_t)(0x80 | (value & 0x3f));
    utf8[0] = (uint8_t)(first[n] | value);
    memcpy(text, utf8, n);
    return n;
}

bool kmi_json_rune_read(kmsg_string text, kmsg_rune *ret)
{
    const uint8_t *s = (const uint8_t *)text.data;
    size_t         n;
    kmsg_rune      value;

    if (text.size == 0)
        return false;
    n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (text.size != n)
        return false;
    value = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        value = value << 6 | (s[i] & 0x3f);
    *ret = value;
    return true;
}
