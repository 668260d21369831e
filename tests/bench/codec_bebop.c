/* codec_bebop.c -- bebop with the C code that bebopc makes, twice: with structs, which are frozen
 * and its fastest form, and with messages, whose fields are tagged, can be absent and can grow.
 *
 * At its fastest: BEBOP_SINGLE_THREADED, so that its arena needs no atomics; a writer that is set
 * upon a buffer which is large enough; decoding into an arena of one block that is given out again
 * each time. Texts and arrays are views of the message. It does not look at UTF-8 or enums, and
 * does not check the size of an array of numbers.
 *
 * tests/bench/bebop.sh fetches the compiler; where that is not possible, what it writes instead
 * says why, and this file is only that reason.
 */
#include "codec.h"

#include "codec_bop.h"

#ifdef BEBOP_MISSING

const codec_subject codec_bebop = {.name = "bebop", .missing = BEBOP_MISSING};
const codec_subject codec_bebop_messages = {.name = "bebop-messages", .missing = BEBOP_MISSING};

#else

/* ---- memory ---------------------------------------------------------------------------------- */

#define BLOCK_SIZE ((size_t)1 << 20)

/* The arena takes one block after each reset, which is always this one. */
static void *block_alloc(size_t size)
{
    static _Alignas(64) uint8_t block[BLOCK_SIZE + 256];

    BENCH_NEED(size <= sizeof block);
    return block;
}

static void block_free(void *p)
{
    (void)p;
}

static bebop_context_t *context_new(void)
{
    bebop_context_options_t options = bebop_context_default_options();
    bebop_context_t        *context;

    options.arena_options.initial_block_size = BLOCK_SIZE;
    options.arena_options.max_block_size = BLOCK_SIZE;
    context = bebop_context_create_with_options(&options);
    BENCH_NEED(context);
    context->arena->malloc_func = block_alloc;
    context->arena->free_func = block_free;
    return context;
}

static bebop_reader_t reader_of(const uint8_t *bytes, size_t size)
{
    static bebop_context_t *context;

    if (!context) {
        context = context_new();
    }
    bebop_context_reset(context);
    return (bebop_reader_t){bytes, bytes, bytes + size, context};
}

#define ENCODE(name, type)                                                                         \
    static const uint8_t *name(const void *value, uint8_t *buffer, size_t capacity,                \
                               size_t *ret_size)                                                   \
    {                                                                                              \
        bebop_writer_t writer = {buffer, buffer, buffer + capacity, NULL};                         \
        bebop_result_t result = type##_encode(value, &writer);                                     \
        *ret_size = (size_t)(writer.current - writer.buffer);                                      \
        return result == BEBOP_OK ? buffer : NULL;                                                 \
    }

/* ---- values ---------------------------------------------------------------------------------- */

#define SOME(from)                                                                                 \
    {                                                                                              \
        true, from                                                                                 \
    }

static bebop_string_view_t text(plain_text from)
{
    return (bebop_string_view_t){from.data, from.size};
}

static bebop_string_view_array_t texts(const plain_text *from, size_t count)
{
    bebop_string_view_t *items = bench_alloc(count * sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i] = text(from[i]);
    }
    return (bebop_string_view_array_t){items, count};
}

static bebop_string_view_int32_map_t scores_of(const plain_person *from)
{
    bebop_string_view_int32_map_entry_t *entries = bench_alloc(PLAIN_SCORES * sizeof *entries);

    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        entries[i].key = text(from->scores[i].key);
        entries[i].value = from->scores[i].value;
    }
    return (bebop_string_view_int32_map_t){entries, PLAIN_SCORES};
}

static bebop_guid_t guid_of(const uint8_t *bytes)
{
    bebop_guid_t guid;

    memcpy(&guid, bytes, sizeof guid);
    return guid;
}

static void *keep(const void *value, size_t size)
{
    return memcpy(bench_alloc(size), value, size);
}

/* ---- sums that both share -------------------------------------------------------------------- */

static inline uint64_t sum_string(bebop_string_view_t s)
{
    return sum_bytes(s.data, s.length);
}

static uint64_t sum_tags(bebop_string_view_array_t tags)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < tags.length; i++) {
        sum += (11 + i) * sum_string(tags.data[i]);
    }
    return sum;
}

static uint64_t sum_scores(bebop_string_view_int32_map_t scores)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < scores.length; i++) {
        sum += (17 + i) * (sum_string(scores.entries[i].key) + (uint64_t)scores.entries[i].value);
    }
    return sum;
}

static uint64_t sum_names(bebop_string_view_array_t names)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < names.length; i++) {
        sum += (1 + i) * sum_string(names.data[i]);
    }
    return sum;
}

/* ---- structs --------------------------------------------------------------------------------- */

static tick_t tick_of(const plain_tick *t)
{
    return TICK_OF(tick_t, t);
}

static void *load_tick(const plain *values)
{
    tick_t tick = tick_of(&values->tick);

    return keep(&tick, sizeof tick);
}

static void *load_person(const plain *values)
{
    const plain_person *from = &values->person;
    phone_t            *phones = bench_alloc(PLAIN_PHONES * sizeof *phones);

    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        phone_t phone = {(phone_kind_t)from->phones[i].kind, text(from->phones[i].number)};
        memcpy(&phones[i], &phone, sizeof phone);
    }
    address_t address = {text(from->street), text(from->city), from->zip};
    person_t  person = {.id = from->id,
                        .name = text(from->name),
                        .email = text(from->email),
                        .uuid = guid_of(from->uuid),
                        .tags = texts(from->tags, PLAIN_TAGS),
                        .scores = scores_of(from),
                        .address = {SOME(address)},
                        .phones = {phones, PLAIN_PHONES}};
    return keep(&person, sizeof person);
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    frame_t            frame = {.time = from->time,
                                .width = from->width,
                                .height = from->height,
                                .rate = from->rate,
                                .offset = from->offset,
                                .samples = {from->samples, PLAIN_SAMPLES},
                                .pixels = {from->pixels, PLAIN_PIXELS}};

    return keep(&frame, sizeof frame);
}

static void *load_batch(const plain *values)
{
    tick_t *ticks = bench_alloc(PLAIN_TICKS * sizeof *ticks);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        tick_t tick = tick_of(&values->batch.ticks[i]);
        memcpy(&ticks[i], &tick, sizeof tick);
    }
    batch_t batch = {{ticks, PLAIN_TICKS}, texts(values->batch.names, PLAIN_NAMES)};
    return keep(&batch, sizeof batch);
}

ENCODE(encode_tick, tick)
ENCODE(encode_person, person)
ENCODE(encode_frame, frame)
ENCODE(encode_batch, batch)

static bool decode_tick(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t reader = reader_of(bytes, size);
    tick_t         tick;

    if (tick_decode(&reader, &tick) != BEBOP_OK) {
        return false;
    }
    *ret_sum = SUM_TICK(&tick);
    return true;
}

static bool decode_person(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t reader = reader_of(bytes, size);
    person_t       p;
    uint64_t       sum;

    if (person_decode(&reader, &p) != BEBOP_OK || !p.address.address.has_value) {
        return false;
    }
    const address_t *address = &p.address.address.value;
    sum = p.id + 3 * sum_string(p.name) + 5 * sum_string(p.email) +
          7 * sum_bytes(&p.uuid, sizeof p.uuid) + sum_tags(p.tags) + sum_scores(p.scores) +
          29 * sum_string(address->street) + 31 * sum_string(address->city) +
          37 * (uint64_t)address->zip;
    for (size_t i = 0; i < p.phones.length; i++) {
        const phone_t *phone = &p.phones.data[i];
        sum += (41 + i) * (sum_string(phone->number) + (uint64_t)phone->kind);
    }
    *ret_sum = sum;
    return true;
}

static bool decode_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t reader = reader_of(bytes, size);
    frame_t        f;

    if (frame_decode(&reader, &f) != BEBOP_OK) {
        return false;
    }
    *ret_sum = SUM_FRAME(&f) + 13 * sum_doubles(f.samples.data, f.samples.length) +
               17 * sum_pixels(f.pixels.data, f.pixels.length);
    return true;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t reader = reader_of(bytes, size);
    batch_t        b;
    uint64_t       sum = 0;

    if (batch_decode(&reader, &b) != BEBOP_OK) {
        return false;
    }
    for (size_t i = 0; i < b.ticks.length; i++) {
        sum += (1 + i) * SUM_TICK(&b.ticks.data[i]);
    }
    *ret_sum = sum + sum_names(b.names);
    return true;
}

const codec_subject codec_bebop = {
    .name = "bebop",
    .traits = CODEC_VALIDATES | CODEC_ZERO_COPY,
    .ops = {[CODEC_TICK] = {load_tick, encode_tick, decode_tick},
            [CODEC_PERSON] = {load_person, encode_person, decode_person},
            [CODEC_FRAME] = {load_frame, encode_frame, decode_frame},
            [CODEC_BATCH] = {load_batch, encode_batch, decode_batch}},
};

/* ---- messages -------------------------------------------------------------------------------- */

static tick_message_t tick_message_of(const plain_tick *t)
{
    return (tick_message_t){.time = SOME(t->time),
                            .sequence = SOME(t->sequence),
                            .price = SOME(t->price),
                            .volume = SOME(t->volume),
                            .symbol = SOME(t->symbol),
                            .venue = SOME(t->venue),
                            .buy = SOME(t->buy)};
}

static void *load_tick_message(const plain *values)
{
    tick_message_t tick = tick_message_of(&values->tick);

    return keep(&tick, sizeof tick);
}

static void *load_person_message(const plain *values)
{
    const plain_person *from = &values->person;
    phone_message_t    *phones = bench_alloc(PLAIN_PHONES * sizeof *phones);
    address_message_t address = {SOME(text(from->street)), SOME(text(from->city)), SOME(from->zip)};
    person_message_t  person = {.id = SOME(from->id),
                                .name = SOME(text(from->name)),
                                .email = SOME(text(from->email)),
                                .uuid = SOME(guid_of(from->uuid)),
                                .tags = SOME(texts(from->tags, PLAIN_TAGS)),
                                .scores = SOME(scores_of(from)),
                                .address = SOME(address)};

    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        phones[i] = (phone_message_t){SOME((phone_kind_t)from->phones[i].kind),
                                      SOME(text(from->phones[i].number))};
    }
    bebop_assign_some(person.phones, ((bebop_phone_message_array_t){phones, PLAIN_PHONES}));
    return keep(&person, sizeof person);
}

static void *load_batch_message(const plain *values)
{
    tick_message_t *ticks = bench_alloc(PLAIN_TICKS * sizeof *ticks);
    batch_message_t batch = {.names = SOME(texts(values->batch.names, PLAIN_NAMES))};

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        ticks[i] = tick_message_of(&values->batch.ticks[i]);
    }
    bebop_assign_some(batch.ticks, ((bebop_tick_message_array_t){ticks, PLAIN_TICKS}));
    return keep(&batch, sizeof batch);
}

ENCODE(encode_tick_message, tick_message)
ENCODE(encode_person_message, person_message)
ENCODE(encode_batch_message, batch_message)

/* What is absent is zero. */
static inline uint64_t sum_tick_message(const tick_message_t *t)
{
    plain_tick tick = {t->time.value,   t->sequence.value, t->price.value, t->volume.value,
                       t->symbol.value, t->venue.value,    t->buy.value};

    return SUM_TICK(&tick);
}

static bool decode_tick_message(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t reader = reader_of(bytes, size);
    tick_message_t tick;

    if (tick_message_decode(&reader, &tick) != BEBOP_OK) {
        return false;
    }
    *ret_sum = sum_tick_message(&tick);
    return true;
}

static bool decode_person_message(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t           reader = reader_of(bytes, size);
    person_message_t         p;
    const address_message_t *address = &p.address.value;
    uint64_t                 sum;

    if (person_message_decode(&reader, &p) != BEBOP_OK || !p.address.has_value) {
        return false;
    }
    sum = p.id.value + 3 * sum_string(p.name.value) + 5 * sum_string(p.email.value) +
          7 * sum_bytes(&p.uuid.value, sizeof p.uuid.value) + sum_tags(p.tags.value) +
          sum_scores(p.scores.value) + 29 * sum_string(address->street.value) +
          31 * sum_string(address->city.value) + 37 * (uint64_t)address->zip.value;
    for (size_t i = 0; i < p.phones.value.length; i++) {
        const phone_message_t *phone = &p.phones.value.data[i];
        sum += (41 + i) * (sum_string(phone->number.value) + (uint64_t)phone->kind.value);
    }
    *ret_sum = sum;
    return true;
}

static bool decode_batch_message(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    bebop_reader_t  reader = reader_of(bytes, size);
    batch_message_t b;
    uint64_t        sum = 0;

    if (batch_message_decode(&reader, &b) != BEBOP_OK) {
        return false;
    }
    for (size_t i = 0; i < b.ticks.value.length; i++) {
        sum += (1 + i) * sum_tick_message(&b.ticks.value.data[i]);
    }
    *ret_sum = sum + sum_names(b.names.value);
    return true;
}

const codec_subject codec_bebop_messages = {
    .name = "bebop-messages",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES | CODEC_ZERO_COPY,
    .ops = {[CODEC_TICK] = {load_tick_message, encode_tick_message, decode_tick_message},
            [CODEC_PERSON] = {load_person_message, encode_person_message, decode_person_message},
            [CODEC_BATCH] = {load_batch_message, encode_batch_message, decode_batch_message}},
};

#endif
