/* codec_protobuf_c.c -- protobuf-c at its fastest: fixed-width integers, a buffer that is known to
 * be large enough (so its size is not computed first), and an allocator that only moves a pointer.
 * It does not look at UTF-8.
 */
#include "codec.h"

#include "codec.pb-c.h"

/* ---- memory ---------------------------------------------------------------------------------- */

static struct {
    _Alignas(64) uint8_t data[(size_t)1 << 20];
    size_t used;
} bump;

static void *bump_alloc(void *ctx, size_t size)
{
    void *p = bump.data + bump.used;

    (void)ctx;
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof bump.data - bump.used) {
        return NULL;
    }
    bump.used += size;
    return p;
}

static void bump_free(void *ctx, void *p)
{
    (void)ctx;
    (void)p;
}

static ProtobufCAllocator allocator = {bump_alloc, bump_free, NULL};

/* ---- values ---------------------------------------------------------------------------------- */

static char *text(plain_text from)
{
    return (char *)(uintptr_t)from.data;
}

static void set_tick(Bench__Tick *tick, const plain_tick *from)
{
    bench__tick__init(tick);
    tick->time = from->time;
    tick->sequence = from->sequence;
    tick->price = from->price;
    tick->volume = from->volume;
    tick->symbol = from->symbol;
    tick->venue = from->venue;
    tick->buy = from->buy;
}

static void *load_tick(const plain *values)
{
    Bench__Tick *tick = bench_alloc(sizeof *tick);

    set_tick(tick, &values->tick);
    return tick;
}

static void load_lists(Bench__Person *p, const plain_person *from)
{
    p->n_tags = PLAIN_TAGS;
    p->tags = bench_alloc(PLAIN_TAGS * sizeof *p->tags);
    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        p->tags[i] = text(from->tags[i]);
    }
    p->n_scores = PLAIN_SCORES;
    p->scores = bench_alloc(PLAIN_SCORES * sizeof *p->scores);
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        p->scores[i] = bench_alloc(sizeof *p->scores[i]);
        bench__score__init(p->scores[i]);
        p->scores[i]->key = text(from->scores[i].key);
        p->scores[i]->value = from->scores[i].value;
    }
    p->n_phones = PLAIN_PHONES;
    p->phones = bench_alloc(PLAIN_PHONES * sizeof *p->phones);
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        p->phones[i] = bench_alloc(sizeof *p->phones[i]);
        bench__phone__init(p->phones[i]);
        p->phones[i]->kind = (Bench__PhoneKind)from->phones[i].kind;
        p->phones[i]->number = text(from->phones[i].number);
    }
}

static void *load_person(const plain *values)
{
    const plain_person *from = &values->person;
    Bench__Person      *p = bench_alloc(sizeof *p);

    bench__person__init(p);
    p->id = from->id;
    p->name = text(from->name);
    p->email = text(from->email);
    p->uuid = (ProtobufCBinaryData){sizeof from->uuid, (uint8_t *)(uintptr_t)from->uuid};
    p->address = bench_alloc(sizeof *p->address);
    bench__address__init(p->address);
    p->address->street = text(from->street);
    p->address->city = text(from->city);
    p->address->zip = from->zip;
    load_lists(p, from);
    return p;
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    Bench__Frame      *f = bench_alloc(sizeof *f);

    bench__frame__init(f);
    f->time = from->time;
    f->width = from->width;
    f->height = from->height;
    f->rate = from->rate;
    f->offset = from->offset;
    f->n_samples = PLAIN_SAMPLES;
    f->samples = (double *)(uintptr_t)from->samples;
    f->pixels = (ProtobufCBinaryData){PLAIN_PIXELS, (uint8_t *)(uintptr_t)from->pixels};
    return f;
}

static void *load_batch(const plain *values)
{
    Bench__Batch *b = bench_alloc(sizeof *b);

    bench__batch__init(b);
    b->n_ticks = PLAIN_TICKS;
    b->ticks = bench_alloc(PLAIN_TICKS * sizeof *b->ticks);
    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        b->ticks[i] = bench_alloc(sizeof *b->ticks[i]);
        set_tick(b->ticks[i], &values->batch.ticks[i]);
    }
    b->n_names = PLAIN_NAMES;
    b->names = bench_alloc(PLAIN_NAMES * sizeof *b->names);
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        b->names[i] = text(values->batch.names[i]);
    }
    return b;
}

static const uint8_t *encode(const void *value, uint8_t *buffer, size_t capacity, size_t *ret_size)
{
    (void)capacity;
    *ret_size = protobuf_c_message_pack(value, buffer);
    return buffer;
}

/* ---- reading --------------------------------------------------------------------------------- */

static inline uint64_t sum_string(const char *s)
{
    return sum_bytes(s, strlen(s));
}

static bool decode_tick(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Bench__Tick *tick;

    bump.used = 0;
    tick = bench__tick__unpack(&allocator, size, bytes);
    if (!tick) {
        return false;
    }
    *ret_sum = SUM_TICK(tick);
    return true;
}

static bool decode_person(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Bench__Person *p;
    uint64_t       sum;

    bump.used = 0;
    p = bench__person__unpack(&allocator, size, bytes);
    if (!p || !p->address) {
        return false;
    }
    sum = p->id + 3 * sum_string(p->name) + 5 * sum_string(p->email) +
          7 * sum_bytes(p->uuid.data, p->uuid.len);
    for (size_t i = 0; i < p->n_tags; i++) {
        sum += (11 + i) * sum_string(p->tags[i]);
    }
    for (size_t i = 0; i < p->n_scores; i++) {
        sum += (17 + i) * (sum_string(p->scores[i]->key) + (uint64_t)p->scores[i]->value);
    }
    sum += 29 * sum_string(p->address->street) + 31 * sum_string(p->address->city) +
           37 * (uint64_t)p->address->zip;
    for (size_t i = 0; i < p->n_phones; i++) {
        sum += (41 + i) * (sum_string(p->phones[i]->number) + (uint64_t)p->phones[i]->kind);
    }
    *ret_sum = sum;
    return true;
}

static bool decode_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Bench__Frame *f;

    bump.used = 0;
    f = bench__frame__unpack(&allocator, size, bytes);
    if (!f) {
        return false;
    }
    *ret_sum = SUM_FRAME(f) + 13 * sum_doubles(f->samples, f->n_samples) +
               17 * sum_pixels(f->pixels.data, f->pixels.len);
    return true;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    Bench__Batch *b;
    uint64_t      sum = 0;

    bump.used = 0;
    b = bench__batch__unpack(&allocator, size, bytes);
    if (!b) {
        return false;
    }
    for (size_t i = 0; i < b->n_ticks; i++) {
        sum += (1 + i) * SUM_TICK(b->ticks[i]);
    }
    for (size_t i = 0; i < b->n_names; i++) {
        sum += (1 + i) * sum_string(b->names[i]);
    }
    *ret_sum = sum;
    return true;
}

const codec_subject codec_protobuf_c = {
    .name = "protobuf-c",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES,
    .ops = {[CODEC_TICK] = {load_tick, encode, decode_tick},
            [CODEC_PERSON] = {load_person, encode, decode_person},
            [CODEC_FRAME] = {load_frame, encode, decode_frame},
            [CODEC_BATCH] = {load_batch, encode, decode_batch}},
};
