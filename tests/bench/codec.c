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

#define ROUNDS 400
#define RUN_NS 150000 /* long beside the clock's grain, short beside the scheduler's */

const codec_subject *const codec_subjects[] = {
    &codec_limit,
    &codec_borrowed,
    &codec_kmsg,
    &codec_kmsg_fixed,
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
    NULL,
};

#define SUBJECTS (sizeof codec_subjects / sizeof *codec_subjects - 1)

typedef struct timing {
    codec_entry entry;
    size_t      times[2]; /* in a run: encode, decode */
    double      best_ns[2];
} timing;

static double run_ns(const timing *t, bool decoding, size_t times)
{
    uint64_t begin;

    codec_place(&t->entry);
    begin = bench_now_ns();
    codec_repeat(&t->entry, decoding, times);
    return (double)(bench_now_ns() - begin) / (double)times;
}

static void calibrate(timing *t)
{
    for (int decoding = 0; decoding < 2; decoding++) {
        size_t times = 1;
        while (run_ns(t, decoding, times) * (double)times < RUN_NS) {
            times *= 2;
        }
        t->times[decoding] = times;
        t->best_ns[decoding] = DBL_MAX;
    }
}

static void measure(timing *timings, size_t count)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            for (int decoding = 0; decoding < 2; decoding++) {
                double ns = run_ns(&timings[i], decoding, timings[i].times[decoding]);
                if (ns < timings[i].best_ns[decoding]) {
                    timings[i].best_ns[decoding] = ns;
                }
            }
        }
    }
}

static codec_result result_of(const timing *t, codec_case c)
{
    const codec_subject *subject = t->entry.subject;
    codec_result         r = {subject, t->best_ns[0], t->best_ns[1], (double)t->entry.size};

    bench_row("codec", codec_case_names[c], subject->name, "encode_ns", r.encode_ns);
    bench_row("codec", codec_case_names[c], subject->name, "decode_ns", r.decode_ns);
    bench_row("codec", codec_case_names[c], subject->name, "bytes", r.bytes);
    return r;
}

static codec_results run_case(codec_case c)
{
    timing        timings[SUBJECTS];
    codec_results results = {bench_alloc(SUBJECTS * sizeof *results.items), 0};

    bench_progress("codec: %s", codec_case_names[c]);
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (codec_subjects[i]->ops[c].load) {
            timing *t = &timings[results.count++];
            t->entry = codec_open(codec_subjects[i], c);
            calibrate(t);
        }
    }
    measure(timings, results.count);
    for (size_t i = 0; i < results.count; i++) {
        results.items[i] = result_of(&timings[i], c);
    }
    return results;
}

static void tell_missing(void)
{
    for (size_t i = 0; i < SUBJECTS; i++) {
        if (codec_subjects[i]->missing) {
            bench_progress("codec: without %s: %s", codec_subjects[i]->name,
                           codec_subjects[i]->missing);
        }
    }
}

void bench_codec(char *const *args)
{
    codec_results results[CODEC_CASES];

    (void)args;
    tell_missing();
    for (codec_case c = 0; c < CODEC_CASES; c++) {
        results[c] = run_case(c);
    }
    codec_bars(results);
}
