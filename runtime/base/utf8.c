/* utf8.c -- is this UTF-8 without U+0000? Eight bytes at a time while they are ASCII; otherwise by
 * the table of well-formed sequences (Unicode 15, table 3-7): shortest forms only, no surrogates,
 * nothing above U+10FFFF.
 */
#include <kmsg/base.h>

#include <string.h>

#define ONES  0x0101010101010101u
#define HIGHS 0x8080808080808080u

static bool plain_word(const uint8_t *s)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return ((w | (w - ONES)) & HIGHS) == 0; /* no high bit, no zero byte */
}

static bool follows(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at `s`, 0 if there is none in the `left` bytes. */
static size_t sequence(const uint8_t *s, size_t left)
{
    uint8_t c = s[0];

    if (c < 0x80)
        return c != 0;
    if (c >= 0xc2 && c <= 0xdf)
        return left >= 2 && follows(s[1]) ? 2 : 0;
    if (c >= 0xe0 && c <= 0xef) {
        uint8_t low = c == 0xe0 ? 0xa0 : 0x80, high = c == 0xed ? 0x9f : 0xbf;
        return left >= 3 && s[1] >= low && s[1] <= high && follows(s[2]) ? 3 : 0;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        uint8_t low = c == 0xf0 ? 0x90 : 0x80, high = c == 0xf4 ? 0x8f : 0xbf;
        return left >= 4 && s[1] >= low && s[1] <= high && follows(s[2]) && follows(s[3]) ? 4 : 0;
    }
    return 0;
}

bool kmsg_utf8_valid(const char *data, size_t size)
{
    const uint8_t *s = (const uint8_t *)data;

    while (size > 0) {
        size_t n = size >= 8 && plain_word(s) ? 8 : sequence(s, size);
        if (n == 0)
            return false;
        s += n;
        size -= n;
    }
    return true;
}
