/* codec_kmsg.c -- kmsg, through the functions that a user calls. Decoding borrows from the message
 * what it can and takes the rest from an arena that is reset each time; a tick takes nothing.
 */
#include "codec.h"

#include "codec.kmsg.h"

static kmsg_arena *arena;

static kmsg_string text(plain_text from)
{
    return (kmsg_string){from.data, from.size};
}

static Tick tick_of(const plain_tick *t)
{
    return TICK_OF(Tick, t);
}

static void *load_tick(const plain *values)
{
    Tick *tick = bench_alloc(sizeof *tick);

    *tick = tick_of(&values->tick);
    return tick;
}

static void *load_person(const plain *values)
{
    const plain_person  *from = &values->person;
    Person              *p = bench_alloc(sizeof *p);
    kmsg_string         *tags = bench_alloc(PLAIN_TAGS * sizeof *tags);
    Person_scores_entry *scores = bench_alloc(PLAIN_SCORES * sizeof *scores);
    Phone               *phones = bench_alloc(PLAIN_PHONES * sizeof *phones);
    Address             *address = bench_alloc(sizeof *address);

    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        tags[i] = text(from->tags[i]);
    }
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        scores[i] =
            (Person_scores_entry){.key = text(from->scores[i].key), .value = from->scores[i].value};
    }
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        phones[i] = (Phone){.kind = (Phone_kind)from->phones[i].kind,
                            .number = text(from->phones[i].number)};
    }
    *address = (Address){.street = text(from->street), .city = text(from->city), .zip = from->zip};
    *p = (Person){.id = from->id,
                  .name = text(from->name),
                  .email = text(from->email),
                  .tags = {tags, PLAIN_TAGS},
                  .scores = {scores, PLAIN_SCORES},
                  .phones = {phones, PLAIN_PHONES},
                  .address = address};
    memcpy(p->id128.bytes, from->uuid, sizeof from->uuid);
    return p;
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    Frame             *f = bench_alloc(sizeof *f);

    *f = (Frame){.time = from->time,
                 .width = from->width,
                 .height = from->height,
                 .rate = from->rate,
                 .offset = from->offset,
                 .samples = {from->samples, PLAIN_SAMPLES},
                 .pixels = {from->pixels, PLAIN_PIXELS}};
    return f;
}

static void *load_batch(const plain *values)
{
    Batch       *b = bench_alloc(sizeof *b);
    Tick        *ticks = bench_alloc(PLAIN_TICKS * sizeof *ticks);
    kmsg_string *names = bench_alloc(PLAIN_NAMES * sizeof *names);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        ticks[i] = tick_of(&values->batch.ticks[i]);
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        names[i] = text(values->batch.names[i]);
    }
    *b = (Batch){.ticks = {ticks, PLAIN_TICKS}, .names = {names, PLAIN_NAMES}};
    return b;
}

#define ENCODE(name, type)                                                                         \
    static const uint8_t *name(const void *value, uint8_t *buffer, size_t capacity,                \
                               size_t *ret_size)                                                   \
    {                                                                                              \
        kmsg_err err = type##_encode_into(value, buffer, capacity, ret_size);                      \
        return err == KMSG_OK ? buffer : NULL;                                                     \
    }
ENCODE(encode_tick, Tick)
ENCODE(encode_person, Person)
ENCODE(encode_frame, Frame)
ENCODE(encode_batch, Batch)

static kmsg_arena *old_arena(void)
{
    if (!arena) {
        arena = kmsg_arena_new();
    }
    return arena;
}

static kmsg_arena *fresh_arena(void)
{
    kmsg_arena_reset(old_arena());
    return arena;
}

static inline uint64_t sum_string(kmsg_string s)
{
    return sum_bytes(s.data, s.size);
}

static bool decode_tick(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Tick tick;

    if (Tick_decode((kmsg_bytes){bytes, size}, old_arena(), &tick) != KMSG_OK) {
        return false;
    }
    *ret_sum = SUM_TICK(&tick);
    return true;
}

static bool decode_person(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Person   p;
    uint64_t sum;

    if (Person_decode((kmsg_bytes){bytes, size}, fresh_arena(), &p) != KMSG_OK || !p.address) {
        return false;
    }
    sum = p.id + 3 * sum_string(p.name) + 5 * sum_string(p.email) +
          7 * sum_bytes(p.id128.bytes, sizeof p.id128.bytes);
    for (size_t i = 0; i < p.tags.count; i++) {
        sum += (11 + i) * sum_string(p.tags.items[i]);
    }
    for (size_t i = 0; i < p.scores.count; i++) {
        const Person_scores_entry *score = &p.scores.items[i];
        sum += (17 + i) * (sum_string(score->key) + (uint64_t)score->value);
    }
    sum += 29 * sum_string(p.address->street) + 31 * sum_string(p.address->city) +
           37 * (uint64_t)p.address->zip;
    for (size_t i = 0; i < p.phones.count; i++) {
        const Phone *phone = &p.phones.items[i];
        sum += (41 + i) * (sum_string(phone->number) + (uint64_t)phone->kind);
    }
    *ret_sum = sum;
    return true;
}

static bool decode_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Frame f;

    if (Frame_decode((kmsg_bytes){bytes, size}, fresh_arena(), &f) != KMSG_OK) {
        return false;
    }
    *ret_sum = SUM_FRAME(&f) + 13 * sum_doubles(f.samples.items, f.samples.count) +
               17 * sum_pixels(f.pixels.data, f.pixels.size);
    return true;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Batch    b;
    uint64_t sum = 0;

    if (Batch_decode((kmsg_bytes){bytes, size}, fresh_arena(), &b) != KMSG_OK) {
        return false;
    }
    for (size_t i = 0; i < b.ticks.count; i++) {
        sum += (1 + i) * SUM_TICK(&b.ticks.items[i]);
    }
    for (size_t i = 0; i < b.names.count; i++) {
        sum += (1 + i) * sum_string(b.names.items[i]);
    }
    *ret_sum = sum;
    return true;
}

const codec_subject codec_kmsg = {
    .name = "kmsg",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES | CODEC_ZERO_COPY,
    .ops = {[CODEC_TICK] = {load_tick, encode_tick, decode_tick},
            [CODEC_PERSON] = {load_person, encode_person, decode_person},
            [CODEC_FRAME] = {load_frame, encode_frame, decode_frame},
            [CODEC_BATCH] = {load_batch, encode_batch, decode_batch}},
};
