/* time.c -- timestamps as RFC 3339 and durations as seconds, to the nanosecond.
 *
 * Days are counted in the Gregorian calendar, also before it was in use. No leap seconds, no time
 * zones of the system: only the arithmetic of the text.
 */
#include "json/text.h"

#include <inttypes.h>
#include <string.h>

#define NS         1000000000
#define SECONDS    86400
#define DAYS_ERA   146097 /* of 400 years */
#define DAYS_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */

typedef struct date {
    int64_t year;
    int     month, day; /* from 1 */
} date;

/* A year begins in March here, so that the odd day comes last. */
static date date_of(int64_t days)
{
    int64_t from = days + DAYS_EPOCH;
    int64_t era = (from >= 0 ? from : from - (DAYS_ERA - 1)) / DAYS_ERA;
    int64_t day = from - era * DAYS_ERA;
    int64_t year = (day - day / 1460 + day / 36524 - day / (DAYS_ERA - 1)) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    return (date){.year = year + era * 400 + (month >= 10),
                  .month = (int)(month < 10 ? month + 3 : month - 9),
                  .day = (int)(of_year - (153 * month + 2) / 5) + 1};
}

static int64_t days_of(date d)
{
    int64_t year = d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t in_era = year - era * 400;
    int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

    return era * DAYS_ERA + in_era * 365 + in_era / 4 - in_era / 100 + of_year - DAYS_EPOCH;
}

/* 0, 3, 6 or 9 digits behind a point: the fewest that hold it. */
static size_t decimals_text(uint32_t ns, char *text)
{
    char nine[16];
    int  n = ns == 0 ? 0 : ns % 1000000 == 0 ? 3 : ns % 1000 == 0 ? 6 : 9;

    if (n == 0)
        return 0;
    snprintf(nine, sizeof nine, ".%09" PRIu32, ns);
    memcpy(text, nine, (size_t)n + 1);
    return (size_t)n + 1;
}

size_t kmi_json_timestamp_text(kmsg_timestamp value, char *text)
{
    int64_t seconds = value / NS - (value % NS < 0), days, rest;
    date    d;
    size_t  n;

    days = seconds / SECONDS - (seconds % SECONDS < 0);
    rest = seconds - days * SECONDS;
    d = date_of(days);
    n = (size_t)snprintf(text, KMI_JSON_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)d.year,
                         d.month, d.day, (int)(rest / 3600), (int)(rest / 60 % 60),
                         (int)(rest % 60));
    n += decimals_text((uint32_t)(value - value / NS * NS + (value % NS < 0 ? NS : 0)), text + n);
    text[n++] = 'Z';
    return n;
}

size_t kmi_json_duration_text(kmsg_duration value, char *text)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t   n = (size_t)snprintf(text, KMI_JSON_TEXT_MAX, "%s%" PRIu64, value < 0 ? "-" : "",
                                  magnitude / NS);

    n += decimals_text((uint32_t)(magnitude % NS), text + n);
    text[n++] = 's';
    return n;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct scan {
    const char *at;
    const char *end;
    bool        bad;
} scan;

static bool next_is(scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static void expect(scan *s, char c)
{
    s->bad = !next_is(s, c) || s->bad;
}

static bool digit_is_next(const scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* Exactly so many digits, no more than `high`. */
static int number(scan *s, int digits, int high)
{
    int value = 0;

    for (; digits > 0 && digit_is_next(s); digits--)
        value = value * 10 + (*s->at++ - '0');
    s->bad = s->bad || digits > 0 || value > high;
    return value;
}

/* A point and 1 to 9 digits, or nothing. */
static int32_t decimals(scan *s)
{
    int32_t ns = 0, unit = NS / 10;

    if (!next_is(s, '.'))
        return 0;
    s->bad = s->bad || !digit_is_next(s);
    for (; digit_is_next(s) && unit > 0; unit /= 10)
        ns += (*s->at++ - '0') * unit;
    return ns;
}

static bool leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static date read_date(scan *s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    date             d;

    d.year = number(s, 4, 9999);
    expect(s, '-');
    d.month = number(s, 2, 12);
    expect(s, '-');
    d.day = number(s, 2, 31);
    s->bad = s->bad || d.month == 0 || d.day == 0 ||
             d.day > days[d.month - 1] + (d.month == 2 && leap(d.year));
    return d;
}

/* Seconds to take away from what was read. */
static int64_t read_offset(scan *s)
{
    bool    west = s->at < s->end && *s->at == '-';
    int64_t hours;

    if (next_is(s, 'Z'))
        return 0;
    expect(s, west ? '-' : '+');
    hours = number(s, 2, 23);
    expect(s, ':');
    hours = hours * 3600 + number(s, 2, 59) * 60;
    return west ? -hours : hours;
}

/* To nanoseconds, if they hold it; `ns` counts upwards also before 1970. */
static bool join(int64_t seconds, int32_t ns, int64_t *ret)
{
    const int64_t low = INT64_MIN / NS - 1, high = INT64_MAX / NS;

    if (seconds < low || seconds > high || (seconds == high && ns > INT64_MAX % NS) ||
        (seconds == low && ns < INT64_MIN % NS + NS))
        return false;
    *ret = seconds < 0 ? (seconds + 1) * NS + (ns - NS) : seconds * NS + ns;
    return true;
}

bool kmi_json_timestamp_read(kmsg_string text, kmsg_timestamp *ret)
{
    scan    s = {text.data, text.data + text.size, false};
    date    d = read_date(&s);
    int64_t seconds;
    int32_t ns;

    expect(&s, 'T');
    seconds = number(&s, 2, 23) * 3600;
    expect(&s, ':');
    seconds += number(&s, 2, 59) * 60;
    expect(&s, ':');
    seconds += number(&s, 2, 59);
    ns = decimals(&s);
    seconds -= read_offset(&s);
    if (s.bad || s.at != s.end)
        return false;
    return join(days_of(d) * SECONDS + seconds, ns, ret);
}

bool kmi_json_duration_read(kmsg_string text, kmsg_duration *ret)
{
    scan     s = {text.data, text.data + text.size, false};
    bool     negative = next_is(&s, '-');
    uint64_t magnitude = 0, most = (uint64_t)INT64_MAX + negative;
    bool     zero = next_is(&s, '0');

    s.bad = zero ? digit_is_next(&s) : !digit_is_next(&s);
    for (; digit_is_next(&s) && magnitude <= most / NS; s.at++)
        magnitude = magnitude * 10 + (uint64_t)(*s.at - '0');
    if (magnitude > most / NS)
        return false;
    magnitude = magnitude * NS + (uint64_t)decimals(&s);
    expect(&s, 's');
    if (s.bad || s.at != s.end || magnitude > most)
        return false;
    *ret = negative && magnitude != 0 ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
    return true;
}
