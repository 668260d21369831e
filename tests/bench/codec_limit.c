/* codec_limit.c -- what no codec can be faster than: to encode is one memcpy of about the same
 * bytes; to decode is one piece of memory from a bump allocator, one memcpy into it, and reading.
 * Where messages are large, a second limit reads them where they lie. Nothing is validated, and
 * nothing can be missing or grow.
 *
 * Its messages are flat structs: a text is its place and size, and all text lies behind the struct.
 */
#include "codec.h"

typedef struct flat_text {
    uint32_t at; /* from the start of the message */
    uint32_t size;
} flat_text;

typedef struct flat_person {
    uint64_t  id;
    uint8_t   uuid[16];
    flat_text name, email, street, city;
    flat_text tags[PLAIN_TAGS];
    flat_text keys[PLAIN_SCORES];
    flat_text numbers[PLAIN_PHONES];
    int32_t   values[PLAIN_SCORES];
    int32_t   kinds[PLAIN_PHONES];
    uint32_t  zip;
} flat_person;

typedef struct flat_batch {
    plain_tick ticks[PLAIN_TICKS];
    flat_text  names[PLAIN_NAMES];
} flat_batch;

/* What load() makes and encode() copies. */
typedef struct flat {
    size_t   size;
    uint8_t *bytes;
} flat;

static struct {
    _Alignas(64) uint8_t data[(size_t)1 << 20];
    size_t used;
} bump;

static void *bump_alloc(size_t size)
{
    void *p = bump.data + bump.used;

    size = (size + 15) & ~(size_t)15;
    BENCH_NEED(size <= sizeof bump.data - bump.used);
    bump.used += size;
    return p;
}

static flat *flat_new(const void *head, size_t size)
{
    flat *f = bench_alloc(sizeof *f);

    f->bytes = bench_alloc((size_t)1 << 20);
    f->size = size;
    memcpy(f->bytes, head, size);
    return f;
}

static flat_text add_text(flat *f, plain_text text)
{
    flat_text at = {(uint32_t)f->size, (uint32_t)text.size};

    memcpy(f->bytes + f->size, text.data, text.size);
    f->size += text.size;
    return at;
}

static const uint8_t *encode(const void *value, uint8_t *buffer, size_t capacity, size_t *ret_size)
{
    const flat *f = value;

    BENCH_NEED(f->size <= capacity);
    *ret_size = f->size;
    return memcpy(buffer, f->bytes, f->size);
}

/* The compiler knows the size. */
static const uint8_t *encode_tick(const void *value, uint8_t *buffer, size_t capacity,
                                  size_t *ret_size)
{
    const flat *f = value;

    BENCH_NEED(sizeof(plain_tick) <= capacity);
    *ret_size = sizeof(plain_tick);
    return memcpy(buffer, f->bytes, sizeof(plain_tick));
}

static const uint8_t *copy(const uint8_t *bytes, size_t size)
{
    bump.used = 0;
    return memcpy(bump_alloc(size), bytes, size);
}

static inline uint64_t sum_flat(const void *base, flat_text text)
{
    return sum_bytes((const uint8_t *)base + text.at, text.size);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void *load_tick(const plain *values)
{
    return flat_new(&values->tick, sizeof values->tick);
}

/* The same; and what was copied is there for someone. */
static bool decode_tick(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    plain_tick *tick;

    (void)size;
    bump.used = 0;
    tick = memcpy(bump_alloc(sizeof *tick), bytes, sizeof *tick);
    bench_touch(tick);
    *ret_sum = SUM_TICK(tick);
    return true;
}

static void *load_person(const plain *values)
{
    const plain_person *p = &values->person;
    flat_person         person = {.id = p->id, .zip = p->zip};
    flat               *f = flat_new(&person, sizeof person);

    memcpy(person.uuid, p->uuid, sizeof person.uuid);
    person.name = add_text(f, p->name);
    person.email = add_text(f, p->email);
    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        person.tags[i] = add_text(f, p->tags[i]);
    }
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        person.keys[i] = add_text(f, p->scores[i].key);
        person.values[i] = p->scores[i].value;
    }
    person.street = add_text(f, p->street);
    person.city = add_text(f, p->city);
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        person.numbers[i] = add_text(f, p->phones[i].number);
        person.kinds[i] = p->phones[i].kind;
    }
    memcpy(f->bytes, &person, sizeof person);
    return f;
}

static bool decode_person(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat_person *p = (const void *)copy(bytes, size);
    uint64_t           sum = p->id + 3 * sum_flat(p, p->name) + 5 * sum_flat(p, p->email) +
                   7 * sum_bytes(p->uuid, sizeof p->uuid);

    for (size_t i = 0; i < PLAIN_TAGS; i++) {
        sum += (11 + i) * sum_flat(p, p->tags[i]);
    }
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        sum += (17 + i) * (sum_flat(p, p->keys[i]) + (uint64_t)p->values[i]);
    }
    sum += 29 * sum_flat(p, p->street) + 31 * sum_flat(p, p->city) + 37 * (uint64_t)p->zip;
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        sum += (41 + i) * (sum_flat(p, p->numbers[i]) + (uint64_t)p->kinds[i]);
    }
    *ret_sum = sum;
    return true;
}

static void *load_frame(const plain *values)
{
    return flat_new(&values->frame, sizeof values->frame);
}

static bool read_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    (void)size;
    *ret_sum = plain_sum_frame((const void *)bytes);
    return true;
}

static bool decode_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    return read_frame(copy(bytes, size), size, ret_sum);
}

static void *load_batch(const plain *values)
{
    static flat_batch batch;
    flat             *f;

    memcpy(batch.ticks, values->batch.ticks, sizeof batch.ticks);
    f = flat_new(&batch, sizeof batch);
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        batch.names[i] = add_text(f, values->batch.names[i]);
    }
    memcpy(f->bytes, &batch, sizeof batch);
    return f;
}

static bool read_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat_batch *b = (const void *)bytes;
    uint64_t          sum = 0;

    (void)size;
    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        sum += (1 + i) * SUM_TICK(&b->ticks[i]);
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        sum += (1 + i) * sum_flat(b, b->names[i]);
    }
    *ret_sum = sum;
    return true;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    return read_batch(copy(bytes, size), size, ret_sum);
}

const codec_subject codec_limit = {
    .name = "limit",
    .traits = CODEC_LIMIT,
    .ops = {[CODEC_TICK] = {load_tick, encode_tick, decode_tick},
            [CODEC_PERSON] = {load_person, encode, decode_person},
            [CODEC_FRAME] = {load_frame, encode, decode_frame},
            [CODEC_BATCH] = {load_batch, encode, decode_batch}},
};

const codec_subject codec_borrowed = {
    .name = "limit-borrowed",
    .traits = CODEC_LIMIT | CODEC_ZERO_COPY,
    .ops = {[CODEC_FRAME] = {load_frame, encode, read_frame},
            [CODEC_BATCH] = {load_batch, encode, read_batch}},
};
