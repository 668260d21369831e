/* codec_bars.c -- what kmsg is held to: each bar is a ratio of what was measured of kmsg to that of
 * a rival in the same run, and the most it should be. A rival is the best of all subjects that have
 * some traits and lack others; kmsg's own are none.
 *
 * It says what is met and what is not, and no more: a time is no test.
 */
#include "codec.h"

#include <stdio.h>

typedef enum codec_metric { ENCODE, DECODE, BYTES } codec_metric;

typedef struct codec_rival {
    const char *name;
    unsigned    with;
    unsigned    without;
    const char *subject; /* only this one; NULL: any */
} codec_rival;

#define VALID CODEC_VALIDATES

static const codec_rival memcpy_limit = {"memcpy", CODEC_LIMIT, CODEC_ZERO_COPY, NULL};
static const codec_rival best = {"best", VALID, CODEC_LIMIT, NULL};
static const codec_rival evolving = {"best-evolving", VALID | CODEC_EVOLVES, CODEC_LIMIT, NULL};
static const codec_rival zero_copy = {"best-zero-copy", VALID | CODEC_ZERO_COPY, CODEC_LIMIT, NULL};
static const codec_rival frozen = {"best-frozen-zero-copy", VALID | CODEC_ZERO_COPY,
                                   CODEC_LIMIT | CODEC_EVOLVES, NULL};
static const codec_rival protobuf = {"protobuf", 0, 0, "protobuf"};

#define LEVEL 1.05

static const struct bar {
    codec_case         of;
    codec_metric       metric;
    const codec_rival *rival;
    double             at_most;
} bars[] = {
    {CODEC_TICK, ENCODE, &memcpy_limit, 1.3},  {CODEC_TICK, ENCODE, &evolving, 1 / 4.0},
    {CODEC_TICK, DECODE, &evolving, 1 / 2.5},  {CODEC_TICK, BYTES, &protobuf, 1.15},
    {CODEC_PERSON, ENCODE, &best, 1 / 3.0},    {CODEC_PERSON, DECODE, &best, 1 / 1.8},
    {CODEC_PERSON, BYTES, &protobuf, 1.35},    {CODEC_FRAME, ENCODE, &memcpy_limit, 1.1},
    {CODEC_FRAME, DECODE, &zero_copy, LEVEL},  {CODEC_FRAME, BYTES, &protobuf, LEVEL},
    {CODEC_BATCH, ENCODE, &evolving, 1 / 5.0}, {CODEC_BATCH, DECODE, &frozen, LEVEL},
    {CODEC_BATCH, DECODE, &evolving, 1 / 3.0}, {CODEC_BATCH, BYTES, &protobuf, LEVEL},
};

static const char *const metric_names[] = {"encode", "decode", "bytes"};

static double value_of(const codec_result *r, codec_metric m)
{
    switch (m) {
    case ENCODE: return r->encode_ns;
    case DECODE: return r->decode_ns;
    default: return r->bytes;
    }
}

static const codec_result *find_kmsg(const codec_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        if (results->items[i].subject == &codec_kmsg) {
            return &results->items[i];
        }
    }
    return NULL;
}

static bool is_rival(const codec_subject *s, const codec_rival *rival)
{
    if (rival->subject) {
        return strcmp(s->name, rival->subject) == 0;
    }
    return strncmp(s->name, "kmsg", 4) != 0 && (s->traits & rival->with) == rival->with &&
           !(s->traits & rival->without);
}

/* The smallest; NULL if there is none. */
static const codec_result *find_rival(const codec_results *results, const codec_rival *rival,
                                      codec_metric m)
{
    const codec_result *found = NULL;

    for (size_t i = 0; i < results->count; i++) {
        const codec_result *r = &results->items[i];
        if (is_rival(r->subject, rival) && (!found || value_of(r, m) < value_of(found, m))) {
            found = r;
        }
    }
    return found;
}

static void tell(const struct bar *bar, const codec_results *results)
{
    const char         *name = codec_case_names[bar->of];
    const codec_result *kmsg = find_kmsg(results);
    const codec_result *other = find_rival(results, bar->rival, bar->metric);
    char                metric[64];
    double              ratio;

    snprintf(metric, sizeof metric, "%s/%s", metric_names[bar->metric], bar->rival->name);
    if (!kmsg || !other) {
        bench_progress("  %-6s %-28s nothing to compare with", name, metric);
        return;
    }
    ratio = value_of(kmsg, bar->metric) / value_of(other, bar->metric);
    bench_row("codec", name, "kmsg", metric, ratio);
    bench_progress("  %-6s %-28s %6.3f, at most %5.3f  %-7s  (%s)", name, metric, ratio,
                   bar->at_most, ratio <= bar->at_most ? "met" : "NOT MET", other->subject->name);
}

void codec_bars(const codec_results results[CODEC_CASES])
{
    bench_progress("codec: kmsg beside its rivals (ratio, bar)");
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        tell(&bars[i], &results[bars[i].of]);
    }
}
