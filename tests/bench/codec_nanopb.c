/* codec_nanopb.c -- nanopb, from the same .proto as protobuf-c, in the way it is made for: the most
 * of everything is known (codec.options), so that all of a value lies in its struct and there is no
 * memory to manage. It does not look at UTF-8. Debian's library is built for size more than speed.
 */
#include "codec.h"

#include "nanopb/codec.pb.h"

#include <pb_decode.h>
#include <pb_encode.h>

/* ---- values ---------------------------------------------------------------------------------- */

/* `to` is an array, and all zero. */
#define SET_TEXT(to, from)                                                                         \
    (BENCH_NEED((from).size < sizeof(to)), (void)memcpy(to, (from).data, (from).size))

static bench_Tick tick_of(const plain_tick *t)
{
    return TICK_OF(bench_Tick, t);
}

static void *load_tick(const plain *values)
{
    bench_Tick *tick = bench_alloc(sizeof *tick);

    *tick = tick_of(&values->tick);
    return tick;
}

static void *load_person(const plain *values)
{
    const plain_person *from = &values->person;
    bench_Person       *p = bench_alloc(sizeof *p);

    p->id = from->id;
    SET_TEXT(p->name, from->name);
    SET_TEXT(p->email, from->email);
    memcpy(p->uuid, from->uuid, sizeof from->uuid);
    for (p->tags_count = 0; p->tags_count < PLAIN_TAGS; p->tags_count++) {
        SET_TEXT(p->tags[p->tags_count], from->tags[p->tags_count]);
    }
    for (p->scores_count = 0; p->scores_count < PLAIN_SCORES; p->scores_count++) {
        bench_Score *score = &p->scores[p->scores_count];
        SET_TEXT(score->key, from->scores[p->scores_count].key);
        score->value = from->scores[p->scores_count].value;
    }
    p->has_address = true;
    SET_TEXT(p->address.street, from->street);
    SET_TEXT(p->address.city, from->city);
    p->address.zip = from->zip;
    for (p->phones_count = 0; p->phones_count < PLAIN_PHONES; p->phones_count++) {
        bench_Phone *phone = &p->phones[p->phones_count];
        phone->kind = (bench_PhoneKind)from->phones[p->phones_count].kind;
        SET_TEXT(phone->number, from->phones[p->phones_count].number);
    }
    return p;
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    bench_Frame       *f = bench_alloc(sizeof *f);

    f->time = from->time;
    f->width = from->width;
    f->height = from->height;
    f->rate = from->rate;
    f->offset = from->offset;
    f->samples_count = PLAIN_SAMPLES;
    memcpy(f->samples, from->samples, sizeof from->samples);
    f->pixels.size = PLAIN_PIXELS;
    memcpy(f->pixels.bytes, from->pixels, sizeof from->pixels);
    return f;
}

static void *load_batch(const plain *values)
{
    bench_Batch *b = bench_alloc(sizeof *b);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        b->ticks[i] = tick_of(&values->batch.ticks[i]);
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        SET_TEXT(b->names[i], values->batch.names[i]);
    }
    b->ticks_count = PLAIN_TICKS;
    b->names_count = PLAIN_NAMES;
    return b;
}

#define ENCODE(name, type)                                                                         \
    static const uint8_t *name(const void *value, uint8_t *buffer, size_t capacity,                \
                               size_t *ret_size)                                                   \
    {                                                                                              \
        pb_ostream_t to = pb_ostream_from_buffer(buffer, capacity);                                \
        bool         good = pb_encode(&to, type##_fields, value);                                  \
        *ret_size = to.bytes_written;                                                              \
        return good ? buffer : NULL;                                                               \
    }
ENCODE(encode_tick, bench_Tick)
ENCODE(encode_person, bench_Person)
ENCODE(encode_frame, bench_Frame)
ENCODE(encode_batch, bench_Batch)

/* ---- reading --------------------------------------------------------------------------------- */

static inline uint64_t sum_string(const char *s)
{
    return sum_bytes(s, strlen(s));
}

static uint64_t sum_person(const bench_Person *p)
{
    uint64_t sum = p->id + 3 * sum_string(p->name) + 5 * sum_string(p->email) +
                   7 * sum_bytes(p->uuid, sizeof p->uuid);

    for (size_t i = 0; i < p->tags_count; i++) {
        sum += (11 + i) * sum_string(p->tags[i]);
    }
    for (size_t i = 0; i < p->scores_count; i++) {
        sum += (17 + i) * (sum_string(p->scores[i].key) + (uint64_t)p->scores[i].value);
    }
    sum += 29 * sum_string(p->address.street) + 31 * sum_string(p->address.city) +
           37 * (uint64_t)p->address.zip;
    for (size_t i = 0; i < p->phones_count; i++) {
        sum += (41 + i) * (sum_string(p->phones[i].number) + (uint64_t)p->phones[i].kind);
    }
    return sum;
}

static uint64_t sum_frame(const bench_Frame *f)
{
    return SUM_FRAME(f) + 13 * sum_doubles(f->samples, f->samples_count) +
           17 * sum_pixels(f->pixels.bytes, f->pixels.size);
}

static uint64_t sum_batch(const bench_Batch *b)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < b->ticks_count; i++) {
        sum += (1 + i) * SUM_TICK(&b->ticks[i]);
    }
    for (size_t i = 0; i < b->names_count; i++) {
        sum += (1 + i) * sum_string(b->names[i]);
    }
    return sum;
}

/* Like all of protobuf it takes a message that ends between two fields; the address stands far
 * behind. */
#define DECODE(name, type, complete, sum)                                                          \
    static bool name(const uint8_t *bytes, size_t size, uint64_t *ret_sum)                         \
    {                                                                                              \
        static type  value;                                                                        \
        pb_istream_t from = pb_istream_from_buffer(bytes, size);                                   \
        if (!pb_decode(&from, type##_fields, &value) || !(complete)) {                             \
            return false;                                                                          \
        }                                                                                          \
        *ret_sum = sum(&value);                                                                    \
        return true;                                                                               \
    }
DECODE(decode_tick, bench_Tick, true, SUM_TICK)
DECODE(decode_person, bench_Person, value.has_address, sum_person)
DECODE(decode_frame, bench_Frame, true, sum_frame)
DECODE(decode_batch, bench_Batch, true, sum_batch)

const codec_subject codec_nanopb = {
    .name = "nanopb",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES,
    .ops = {[CODEC_TICK] = {load_tick, encode_tick, decode_tick},
            [CODEC_PERSON] = {load_person, encode_person, decode_person},
            [CODEC_FRAME] = {load_frame, encode_frame, decode_frame},
            [CODEC_BATCH] = {load_batch, encode_batch, decode_batch}},
};
