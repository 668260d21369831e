/* plain.h -- the values that all subjects of the codec suite encode, in no subject's own form, and
 * the checksum that proves that a decoded value is the same and was read to its last byte.
 *
 * The checksum must cost little beside the reading: words are added up, and each field has its own
 * factor, so that two that were exchanged are noticed.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PLAIN_TAGS    4
#define PLAIN_SCORES  6
#define PLAIN_PHONES  3
#define PLAIN_SAMPLES 4096
#define PLAIN_PIXELS  16384
#define PLAIN_TICKS   1000
#define PLAIN_NAMES   1000

typedef struct plain_text {
    const char *data;
    size_t      size;
} plain_text;

typedef struct plain_tick {
    uint64_t time;
    int64_t  sequence;
    double   price;
    double   volume;
    uint32_t symbol;
    uint8_t  venue;
    bool     buy;
} plain_tick;

typedef struct plain_score {
    plain_text key;
    int32_t    value;
} plain_score;

typedef struct plain_phone {
    int32_t    kind;
    plain_text number;
} plain_phone;

typedef struct plain_person {
    uint64_t    id;
    plain_text  name;
    plain_text  email;
    uint8_t     uuid[16];
    plain_text  tags[PLAIN_TAGS];
    plain_score scores[PLAIN_SCORES]; /* by ascending keys */
    plain_text  street;               /* the address, which is there */
    plain_text  city;
    uint32_t    zip;
    plain_phone phones[PLAIN_PHONES];
} plain_person;

typedef struct plain_frame {
    uint64_t time;
    uint32_t width;
    uint32_t height;
    double   rate;
    int64_t  offset;
    double   samples[PLAIN_SAMPLES];
    uint8_t  pixels[PLAIN_PIXELS];
} plain_frame;

typedef struct plain_batch {
    plain_tick ticks[PLAIN_TICKS];
    plain_text names[PLAIN_NAMES];
} plain_batch;

typedef struct plain {
    plain_tick   tick;
    plain_person person;
    plain_frame  frame;
    plain_batch  batch;
} plain;

const plain *plain_values(void);

/* For those who encode from the plain value: load() of each case. */
void *plain_load_tick(const plain *values);
void *plain_load_person(const plain *values);
void *plain_load_frame(const plain *values);
void *plain_load_batch(const plain *values);

/* ---- checksum -------------------------------------------------------------------------------- */

static inline uint64_t sum_f64(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline uint64_t sum_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Every byte, and the size. */
static inline uint64_t sum_bytes(const void *data, size_t size)
{
    const uint8_t *at = (const uint8_t *)data; /* the cast is for C++ */
    uint64_t       sum = size;

    if (size < 8) {
        for (size_t i = 0; i < size; i++) {
            sum += (uint64_t)at[i] << 8 * i;
        }
        return sum;
    }
    for (size_t i = 0; i + 8 <= size; i += 8) {
        sum += sum_word(at + i);
    }
    return sum + sum_word(at + size - 8);
}

/* Of what is long. Not inlined: where a loop lies in the code makes it faster or slower, and that
 * must be the same for all. */
uint64_t sum_doubles(const double *values, size_t count);
uint64_t sum_pixels(const void *data, size_t size);

/* For any struct with the members of plain_tick: made of one, and its checksum. */
#define TICK_OF(type, t)                                                                           \
    ((type){.time = (t)->time,                                                                     \
            .sequence = (t)->sequence,                                                             \
            .price = (t)->price,                                                                   \
            .volume = (t)->volume,                                                                 \
            .symbol = (t)->symbol,                                                                 \
            .venue = (t)->venue,                                                                   \
            .buy = (t)->buy})
#define SUM_TICK(t)                                                                                \
    ((uint64_t)(t)->time + 3 * (uint64_t)(t)->sequence + 5 * sum_f64((t)->price) +                 \
     7 * sum_f64((t)->volume) + 11 * (uint64_t)(t)->symbol + 13 * (uint64_t)(t)->venue +           \
     17 * (uint64_t)(t)->buy)

/* For any struct with the scalar members of plain_frame. */
#define SUM_FRAME(f)                                                                               \
    ((uint64_t)(f)->time + 3 * (uint64_t)(f)->width + 5 * (uint64_t)(f)->height +                  \
     7 * sum_f64((f)->rate) + 11 * (uint64_t)(f)->offset)

uint64_t plain_sum_tick(const plain_tick *tick);
uint64_t plain_sum_person(const plain_person *person);
uint64_t plain_sum_frame(const plain_frame *frame);
uint64_t plain_sum_batch(const plain_batch *batch);

#endif
