/* number.c -- numbers as text.
 *
 * Floating point is written with as many digits as bring the same value back: those that always
 * survive (15 for a double) are tried first, since trailing zeros do not show. A whole number has a
 * point, so that it is seen to be none of the integers. The C library reads and writes in the words
 * of the program's locale.
 */
#include "json/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t kmi_json_u64_text(uint64_t value, char *text)
{
    char   digits[20];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    memcpy(text, digits + n, sizeof digits - n);
    return sizeof digits - n;
}

size_t kmi_json_i64_text(int64_t value, char *text)
{
    if (value >= 0)
        return kmi_json_u64_text((uint64_t)value, text);
    *text = '-';
    return 1 + kmi_json_u64_text(0 - (uint64_t)value, text + 1);
}

static size_t word(const char *is, char *text)
{
    size_t size = strlen(is);

    memcpy(text, is, size);
    return size;
}

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e';
}

/* What is not of a number is the locale's point, which may have several bytes. */
static size_t with_point(const char *from, char *text)
{
    size_t n = 0;
    bool   whole = true;

    for (; *from != '\0'; from++) {
        whole = whole && *from != 'e' && in_number(*from);
        if (in_number(*from))
            text[n++] = *from;
        else if (n > 0 && text[n - 1] != '.')
            text[n++] = '.';
    }
    if (whole)
        memcpy(text + n, ".0", 2);
    return whole ? n + 2 : n;
}

static bool comes_back(const char *digits, double value, bool single)
{
    double again = strtod(digits, NULL);

    return single ? (float)again == (float)value : again == value;
}

/* `sure` digits survive any number that is not denormal; `most` are always enough. */
static size_t shortest(double value, bool single, int sure, int most, bool normal, char *text)
{
    char digits[KMI_JSON_TEXT_MAX];

    for (int n = normal ? sure : 1; n <= most; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, value);
        if (comes_back(digits, value, single))
            break;
    }
    return with_point(digits, text);
}

static size_t float_text(double value, bool single, bool normal, char *text)
{
    if (isnan(value))
        return word("NaN", text);
    if (isinf(value))
        return word(value < 0 ? "-Infinity" : "Infinity", text);
    if (value == 0)
        return word(signbit(value) ? "-0.0" : "0.0", text);
    return single ? shortest(value, true, 6, 9, normal, text)
                  : shortest(value, false, 15, 17, normal, text);
}

size_t kmi_json_f64_text(double value, char *text)
{
    return float_text(value, false, isnormal(value), text);
}

size_t kmi_json_f32_text(float value, char *text)
{
    return float_text((double)value, true, isnormal(value), text);
}

/* Digits without leading zeros into *ret; *ret_range when they are more than 64 bits hold. */
static bool digits_read(const char *at, const char *end, uint64_t *ret, bool *ret_range)
{
    uint64_t value = 0;
    bool     range = false;

    if (at == end || (*at == '0' && end - at > 1))
        return false;
    for (; at < end; at++) {
        unsigned digit = (unsigned char)*at - (unsigned)'0';
        if (digit > 9)
            return false;
        range = range || value > (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    *ret = value;
    *ret_range = range;
    return !range;
}

bool kmi_json_u64_read(kmsg_string text, uint64_t *ret, bool *ret_range)
{
    int64_t negative;

    *ret_range = false;
    if (text.size > 0 && text.data[0] == '-') { /* a number still, for the words of the error */
        *ret_range = kmi_json_i64_read(text, &negative, ret_range) || *ret_range;
        return false;
    }
    return digits_read(text.data, text.data + text.size, ret, ret_range);
}

bool kmi_json_i64_read(kmsg_string text, int64_t *ret, bool *ret_range)
{
    const char *end = text.data + text.size;
    bool        negative = text.size > 0 && text.data[0] == '-';
    uint64_t    magnitude, most = (uint64_t)INT64_MAX + negative;

    *ret_range = false;
    if (!digits_read(text.data + negative, end, &magnitude, ret_range) ||
        (negative && magnitude == 0))
        return false;
    if (magnitude > most) {
        *ret_range = true;
        return false;
    }
    *ret = negative ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
    return true;
}

bool kmi_json_word_read(kmsg_string text, double *ret)
{
    if (kmsg_string_equal(text, kmsg_str("NaN")))
        *ret = (double)NAN;
    else if (kmsg_string_equal(text, kmsg_str("Infinity")))
        *ret = (double)INFINITY;
    else if (kmsg_string_equal(text, kmsg_str("-Infinity")))
        *ret = -(double)INFINITY;
    else
        return false;
    return true;
}
