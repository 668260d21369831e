/* codec.c -- values to bytes and back, in one thread and without any I/O.
 *
 *   tick    7 scalars                      person  strings, lists, a map, records in a record
 *   frame   5 scalars and 48 KiB of arrays batch   1,000 ticks and 1,000 short strings
 *
 * Before anything is timed, what each subject decodes from what it encoded must be the plain value,
 * and half a message must be refused. Then subjects take turns in short runs, and the fastest run
 * of each counts: what is slower was disturbed. After the last case kmsg is held against its bars.
 */
#include "codec.h"

#include <float.h>

#define ROUNDS   400
#define RUN_NS   150000 /* long beside the clock's grain, short beside the scheduler's */
#define CAPACITY ((size_t)1 << 20)

static const codec_subject *const subjects[] = {
    &codec_limit,
    &codec_borrowed,
    &codec_kmsg,
    &codec_bebop,
    &codec_bebop_messages,
    &codec_protobuf,
    &codec_protobuf_arena,
    &codec_protobuf_c,
    &codec_nanopb,
    &codec_flatbuffers,
    &codec_flatbuffers_structs,
    &codec_capnp,
    &codec_msgpack,
    &codec_cdr,
    &codec_cdr_appendable,
};

#define SUBJECTS (sizeof subjects / sizeof *subjects)

const char *const codec_case_names[CODEC_CASES] = {"tick", "person", "frame", "batch"};

/* One subject in one case. */
typedef struct entry {
    const codec_subject *subject;
    const codec_ops     *ops;
    void                *value;
    uint8_t             *bytes;  /* encoded once, to be decoded */
    uint8_t             *buffer; /* encoded into again and again */
    size_t               size;
    size_t               times[2]; /* in a run: encode, decode */
    double               best_ns[2];
} entry;

static uint64_t wanted_sum(codec_case c)
{
    const plain *values = plain_values();

    switch (c) {
    case CODEC_TICK: return plain_sum_tick(&values->tick);
    case CODEC_PERSON: return plain_sum_person(&values->person);
    case CODEC_FRAME: return plain_sum_frame(&values->frame);
    default: return plain_sum_batch(&values->batch);
    }
}

static void verify(const entry *e, codec_case c)
{
    uint64_t sum = 0;

    if (!e->ops->decode(e->bytes, e->size, &sum) || sum != wanted_sum(c)) {
        bench_die("%s does not decode the %s that it encoded", e->subject->name,
                  codec_case_names[c]);
    }
    if ((e->subject->traits & CODEC_VALIDATES) && e->ops->decode(e->bytes, e->size / 2, &sum)) {
        bench_die("%s decodes half a %s", e->subject->name, codec_case_names[c]);
    }
}

/* The call through the table costs each subject the same. */
static double run_ns(const entry *e, int decoding, size_t times)
{
    uint64_t begin = bench_now_ns();

    for (size_t i = 0; i < times; i++) {
        if (decoding) {
            uint64_t sum;
            e->ops->decode(e->bytes, e->size, &sum);
            bench_touch(&sum);
        } else {
            size_t size;
            bench_touch(e->ops->encode(e->value, e->buffer, CAPACITY, &size));
        }
    }
    return (double)(bench_now_ns() - begin) / (double)times;
}

static void calibrate(entry *e)
{
    for (int decoding = 0; decoding < 2; decoding++) {
        size_t times = 1;
        while (run_ns(e, decoding, times) * (double)times < RUN_NS) {
            times *= 2;
        }
        e->times[decoding] = times;
        e->best_ns[decoding] = DBL_MAX;
    }
}

static void prepare(entry *e, const codec_subject *subject, codec_case c)
{
    const uint8_t *encoded;

    *e = (entry){.subject = subject, .ops = &subject->ops[c]};
    e->value = e->ops->load(plain_values());
    e->bytes = bench_alloc(CAPACITY);
    e->buffer = bench_alloc(CAPACITY);
    encoded = e->ops->encode(e->value, e->buffer, CAPACITY, &e->size);
    BENCH_NEED(encoded && e->size > 0 && e->size <= CAPACITY);
    memcpy(e->bytes, encoded, e->size);
    verify(e, c);
    calibrate(e);
}

static void measure(entry *entries, size_t count)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            for (int decoding = 0; decoding < 2; decoding++) {
                double ns = run_ns(&entries[i], decoding, entries[i].times[decoding]);
                if (ns < entries[i].best_ns[decoding]) {
                    entries[i].best_ns[decoding] = ns;
                }
            }
        }
    }
}

static codec_result result_of(const entry *e, codec_case c)
{
    codec_result r = {e->subject, e->best_ns[0], e->best_ns[1], (double)e->size};

    bench_row("codec", codec_case_names[c], r.subject->name, "encode_ns", r.encode_ns);
    bench_row("codec", codec_case_names[c], r.subject->name, "decode_ns", r.decode_ns);
    bench_row("codec", codec_case_names[c], r.subject->name, "bytes", r.bytes);
    return r;
}

static codec_results run_case(codec_case c)
{
    entry         entries[SUBJECTS];
    codec_results results = {bench_alloc(SUBJECTS * sizeof *results.items), 0};

    bench_progress("codec: %s", codec_case_names[c]);
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (subjects[i]->ops[c].load) {
            prepare(&entries[results.count++], subjects[i], c);
        }
    }
    measure(entries, results.count);
    for (size_t i = 0; i < results.count; i++) {
        results.items[i] = result_of(&entries[i], c);
    }
    return results;
}

static void tell_missing(void)
{
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (subjects[i]->missing) {
            bench_progress("codec: without %s: %s", subjects[i]->name, subjects[i]->missing);
        }
    }
}

void bench_codec(void)
{
    codec_results results[CODEC_CASES];

    tell_missing();
    for (codec_case c = 0; c < CODEC_CASES; c++) {
        results[c] = run_case(c);
    }
    codec_bars(results);
}
