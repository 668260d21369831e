/* key_text.c -- keys as text.
 *
 * 32 bytes and 3 of a checksum are 35 bytes, which are 56 letters of RFC 4648's base32 without
 * padding, in lower case. The checksum is the beginning of BLAKE2b-256 over the kind's name, its
 * NUL, and the bytes. It is there for typing errors: who means to deceive makes one that is right.
 *
 * Secrets go this way too. So a letter is found by computing, not by looking it up in a table,
 * whose lines in the cache would tell which; and all letters are looked at before any is refused.
 */
#include "crypto/key_text.h"

#include "base/err.h"
#include "crypto/secret.h"

#include <sodium.h>
#include <string.h>

#define BYTES    32u
#define SUM      3u
#define LETTERS  (KMSG_KEY_TEXT - 1)
#define TEXT_MAX 256u /* with all the '-' that anybody puts between */

static const char *const names[] = {"kmsg key", "kmsg secret", "kmsg cluster"};

static void sum_up(kmi_key_kind kind, const uint8_t bytes[BYTES], uint8_t ret[SUM])
{
    crypto_generichash_state state;
    uint8_t                  hash[32];

    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, (const uint8_t *)names[kind], strlen(names[kind]) + 1);
    crypto_generichash_update(&state, bytes, BYTES);
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(ret, hash, SUM);
    kmi_wipe(&state, sizeof state);
    kmi_wipe(hash, sizeof hash);
}

/* ---- letters --------------------------------------------------------------------------------- */

/* From 0 to 31: 'a' to 'z', '2' to '7'. */
static char letter_of(uint32_t bits)
{
    uint32_t is_digit = (25u - bits) >> 8;

    return (char)('a' + bits - (is_digit & ('a' + 26 - '2')));
}

/* All ones, but for the uppermost byte, when `c` is from `low` to `high`. */
static uint32_t between(uint32_t c, uint32_t low, uint32_t high)
{
    return ((low - 1 - c) & (c - high - 1)) >> 8;
}

/* 32 and more: it is no letter of base32. */
static uint32_t bits_of(char letter)
{
    uint32_t c = (uint8_t)letter;
    uint32_t lower = between(c, 'a', 'z'), upper = between(c, 'A', 'Z');
    uint32_t digit = between(c, '2', '7');

    return (lower & (c - 'a')) | (upper & (c - 'A')) | (digit & (c - '2' + 26)) |
           (~(lower | upper | digit) & 32u);
}

/* ---- text ------------------------------------------------------------------------------------ */

void kmi_key_as_text(kmi_key_kind kind, const uint8_t bytes[32], char ret[KMSG_KEY_TEXT])
{
    uint8_t all[BYTES + SUM];

    memcpy(all, bytes, BYTES);
    sum_up(kind, bytes, all + BYTES);
    for (size_t i = 0; i < LETTERS; i++) {
        size_t   bit = i * 5, at = bit / 8;
        uint32_t two = (uint32_t)all[at] << 8 | (at + 1 < sizeof all ? all[at + 1] : 0u);
        ret[i] = letter_of(two >> (11 - bit % 8) & 31);
    }
    ret[LETTERS] = '\0';
    kmi_wipe(all, sizeof all);
}

/* The letters without '-'. How many there are; more than LETTERS: there are too many. */
static size_t collect(const char *text, char ret[LETTERS])
{
    size_t count = 0;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (i == TEXT_MAX)
            return LETTERS + 1;
        if (text[i] == '-')
            continue;
        if (count == LETTERS)
            return LETTERS + 1;
        ret[count++] = text[i];
    }
    return count;
}

static kmi_key_fault decode(kmi_key_kind kind, const char letters[LETTERS], uint8_t ret[BYTES])
{
    uint8_t       all[BYTES + SUM], sum[SUM];
    uint32_t      kept = 0, wrong = 0;
    kmi_key_fault fault = KMI_TEXT_GOOD;

    for (size_t i = 0, at = 0, bits = 0; i < LETTERS; i++) {
        uint32_t value = bits_of(letters[i]);
        wrong |= value & 32;
        kept = kept << 5 | (value & 31);
        bits += 5;
        if (bits >= 8)
            all[at++] = (uint8_t)(kept >> (bits -= 8));
    }
    sum_up(kind, all, sum);
    if (wrong != 0)
        fault = KMI_TEXT_LETTER;
    else if (!kmi_is_equal(sum, all + BYTES, SUM))
        fault = KMI_TEXT_CHECKSUM;
    else
        memcpy(ret, all, BYTES);
    kmi_wipe(all, sizeof all);
    kmi_wipe(&kept, sizeof kept);
    return fault;
}

kmi_key_fault kmi_key_from_text(kmi_key_kind kind, const char *text, uint8_t ret[32])
{
    char          letters[LETTERS];
    kmi_key_fault fault = KMI_TEXT_SIZE;

    if (collect(text, letters) == LETTERS)
        fault = decode(kind, letters, ret);
    kmi_wipe(letters, sizeof letters);
    return fault;
}

/* ---- kmsg/security.h ------------------------------------------------------------------------- */

void kmsg_key_print(const kmsg_key *key, char ret[KMSG_KEY_TEXT])
{
    kmi_key_as_text(KMI_KIND_PUBLIC, key->bytes, ret);
}

/* Of another kind with a checksum that is right: then it was no typing error. */
static bool is_secret(const char *text)
{
    uint8_t bytes[BYTES];
    bool    is = kmi_key_from_text(KMI_KIND_SECRET, text, bytes) == KMI_TEXT_GOOD ||
              kmi_key_from_text(KMI_KIND_CLUSTER, text, bytes) == KMI_TEXT_GOOD;

    kmi_wipe(bytes, sizeof bytes);
    return is;
}

kmsg_err kmsg_key_parse(const char *text, kmsg_key *ret)
{
    switch (kmi_key_from_text(KMI_KIND_PUBLIC, text, ret->bytes)) {
    case KMI_TEXT_GOOD: return KMSG_OK;
    case KMI_TEXT_SIZE:
        return kmi_error(KMSG_EINVAL, "not a key: 56 letters and digits are expected");
    case KMI_TEXT_LETTER:
        return kmi_error(KMSG_EINVAL, "not a key: there are only a to z and 2 to 7 in one");
    case KMI_TEXT_CHECKSUM: break;
    }
    return is_secret(text)
               ? kmi_error(KMSG_EINVAL, "this is a secret, which nobody else may see; the public "
                                        "key is what `kmsg key show` prints")
               : kmi_error(KMSG_EINVAL, "mistyped: the checksum is wrong");
}
