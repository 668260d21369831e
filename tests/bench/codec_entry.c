/* codec_entry.c -- a subject in a case, ready to run: its value is loaded, and what it decodes from
 * what it encoded is known to be the plain value.
 *
 * All subjects encode into the same memory and decode from the same memory: where memory lies makes
 * it faster or slower.
 */
#include "codec.h"

#define CAPACITY ((size_t)1 << 20)

const char *const codec_case_names[CODEC_CASES] = {"tick", "person", "frame", "batch"};

static _Alignas(4096) uint8_t input[CAPACITY], output[CAPACITY];

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

static void verify(const codec_entry *e, codec_case c)
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

codec_entry codec_open(const codec_subject *subject, codec_case c)
{
    codec_entry    e = {.subject = subject, .ops = &subject->ops[c]};
    const uint8_t *encoded;

    e.value = e.ops->load(plain_values());
    encoded = e.ops->encode(e.value, output, CAPACITY, &e.size);
    BENCH_NEED(encoded && e.size > 0 && e.size <= CAPACITY);
    e.bytes = memcpy(bench_alloc(e.size), encoded, e.size);
    verify(&e, c);
    return e;
}

void codec_place(const codec_entry *e)
{
    memcpy(input, e->bytes, e->size);
}

/* The call through the table costs each subject the same. */
void codec_repeat(const codec_entry *e, bool decoding, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        if (decoding) {
            uint64_t sum;
            e->ops->decode(input, e->size, &sum);
            bench_touch(&sum);
        } else {
            size_t size;
            bench_touch(e->ops->encode(e->value, output, CAPACITY, &size));
        }
    }
}
