/* plain.c -- made-up values, the same in every run. */
#include "plain.h"

#include "bench.h"

#include <stdio.h>

static uint64_t state = 88172645463325252u;

static uint64_t number(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static plain_text letters(size_t size)
{
    char *text = bench_alloc(size + 1);

    for (size_t i = 0; i < size; i++) {
        text[i] = (char)('a' + number() % 26);
    }
    return (plain_text){text, size};
}

static plain_tick make_tick(void)
{
    return (plain_tick){
        .time = 1700000000000000000u + number() % 1000000000,
        .sequence = (int64_t)(number() % 1000000),
        .price = (double)(number() % 100000) / 100,
        .volume = (double)(number() % 1000),
        .symbol = (uint32_t)(number() % 5000),
        .venue = (uint8_t)(number() % 20),
        .buy = number() % 2,
    };
}

static void make_person(plain_person *p)
{
    p->id = number();
    p->name = letters(20);
    p->email = letters(30);
    for (size_t i = 0; i < sizeof p->uuid; i++) {
        p->uuid[i] = (uint8_t)number();
    }
    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        p->tags[i] = letters(8);
    }
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        plain_text key = letters(7);
        ((char *)(uintptr_t)key.data)[0] = (char)('a' + i);
        p->scores[i] = (plain_score){key, (int32_t)(number() % 3000)};
    }
    p->street = letters(18);
    p->city = letters(9);
    p->zip = (uint32_t)(number() % 100000);
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        p->phones[i] = (plain_phone){(int32_t)(i % 3), letters(12)};
    }
}

static void make_frame(plain_frame *f)
{
    f->time = 1700000000000000000u;
    f->width = 128;
    f->height = 128;
    f->rate = 59.94;
    f->offset = -12345;
    for (size_t i = 0; i < PLAIN_SAMPLES; i++) {
        f->samples[i] = (double)(number() % 1000000) / 1000;
    }
    for (size_t i = 0; i < PLAIN_PIXELS; i++) {
        f->pixels[i] = (uint8_t)number();
    }
}

static void make_batch(plain_batch *b)
{
    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        b->ticks[i] = make_tick();
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        b->names[i] = letters(4 + number() % 9);
    }
}

const plain *plain_values(void)
{
    static plain *values;

    if (!values) {
        values = bench_alloc(sizeof *values);
        values->tick = make_tick();
        make_person(&values->person);
        make_frame(&values->frame);
        make_batch(&values->batch);
    }
    return values;
}

/* ---- as they are ----------------------------------------------------------------------------- */

/* Nobody writes to what load() gives. */
void *plain_load_tick(const plain *values)
{
    return (void *)(uintptr_t)&values->tick;
}

void *plain_load_person(const plain *values)
{
    return (void *)(uintptr_t)&values->person;
}

void *plain_load_frame(const plain *values)
{
    return (void *)(uintptr_t)&values->frame;
}

void *plain_load_batch(const plain *values)
{
    return (void *)(uintptr_t)&values->batch;
}

/* ---- checksums ------------------------------------------------------------------------------- */

uint64_t sum_doubles(const double *values, size_t count)
{
    uint64_t sum = count;

    for (size_t i = 0; i < count; i++) {
        sum += sum_f64(values[i]);
    }
    return sum;
}

uint64_t sum_pixels(const void *data, size_t size)
{
    return sum_bytes(data, size);
}

uint64_t plain_sum_tick(const plain_tick *tick)
{
    return SUM_TICK(tick);
}

static uint64_t sum_text(plain_text text)
{
    return sum_bytes(text.data, text.size);
}

uint64_t plain_sum_person(const plain_person *p)
{
    uint64_t sum = p->id + 3 * sum_text(p->name) + 5 * sum_text(p->email) +
                   7 * sum_bytes(p->uuid, sizeof p->uuid);

    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        sum += (11 + i) * sum_text(p->tags[i]);
    }
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        sum += (17 + i) * (sum_text(p->scores[i].key) + (uint64_t)p->scores[i].value);
    }
    sum += 29 * sum_text(p->street) + 31 * sum_text(p->city) + 37 * (uint64_t)p->zip;
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        sum += (41 + i) * (sum_text(p->phones[i].number) + (uint64_t)p->phones[i].kind);
    }
    return sum;
}

uint64_t plain_sum_frame(const plain_frame *f)
{
    return SUM_FRAME(f) + 13 * sum_doubles(f->samples, PLAIN_SAMPLES) +
           17 * sum_pixels(f->pixels, PLAIN_PIXELS);
}

uint64_t plain_sum_batch(const plain_batch *b)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        sum += (1 + i) * SUM_TICK(&b->ticks[i]);
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        sum += (1 + i) * sum_text(b->names[i]);
    }
    return sum;
}
