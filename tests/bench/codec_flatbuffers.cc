/* codec_flatbuffers.cc -- FlatBuffers in C++, twice: with tables, which can grow, and, for the two
 * cases that have ticks, with structs, which are frozen and its fastest form. A table has no struct
 * to start from, so it encodes from the plain value; the builder is used again and again. A tick as
 * a struct is a plain_tick. To decode is to verify and then to read in place. It does not look at
 * UTF-8.
 */
extern "C" {
#include "codec.h"
}

#include "codec_generated.h"

namespace fb = flatbuffers;
namespace flat = bench::flat;

using text_list = fb::Offset<fb::Vector<fb::Offset<fb::String>>>;

static fb::FlatBufferBuilder &fresh_builder()
{
    static fb::FlatBufferBuilder builder(1 << 20);

    builder.Clear();
    return builder;
}

static const uint8_t *bytes_of(const fb::FlatBufferBuilder &builder, size_t *ret_size)
{
    *ret_size = builder.GetSize();
    return builder.GetBufferPointer();
}

/* ---- encode ---------------------------------------------------------------------------------- */

static fb::Offset<flat::Tick> put_tick(fb::FlatBufferBuilder &b, const plain_tick *t)
{
    return flat::CreateTick(b, t->time, t->sequence, t->price, t->volume, t->symbol, t->venue,
                             t->buy);
}

static fb::Offset<fb::String> put_text(fb::FlatBufferBuilder &b, plain_text text)
{
    return b.CreateString(text.data, text.size);
}

static text_list put_texts(fb::FlatBufferBuilder &b, const plain_text *texts, size_t count)
{
    static fb::Offset<fb::String> offsets[PLAIN_NAMES];

    for (size_t i = 0; i < count; i++) {
        offsets[i] = put_text(b, texts[i]);
    }
    return b.CreateVector(offsets, count);
}

static const uint8_t *encode_tick(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    fb::FlatBufferBuilder &b = fresh_builder();

    b.Finish(put_tick(b, static_cast<const plain_tick *>(value)));
    return bytes_of(b, ret_size);
}

static const uint8_t *encode_person(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    fb::FlatBufferBuilder    &b = fresh_builder();
    const plain_person       *p = static_cast<const plain_person *>(value);
    fb::Offset<flat::Score>  scores[PLAIN_SCORES];
    fb::Offset<flat::Phone>  phones[PLAIN_PHONES];
    auto                      name = put_text(b, p->name);
    auto                      email = put_text(b, p->email);
    auto                      tags = put_texts(b, p->tags, PLAIN_TAGS);
    const flat::Uuid         uuid(fb::span<const uint8_t, 16>(p->uuid, 16));

    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        scores[i] = flat::CreateScore(b, put_text(b, p->scores[i].key), p->scores[i].value);
    }
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        phones[i] = flat::CreatePhone(b, static_cast<flat::PhoneKind>(p->phones[i].kind),
                                       put_text(b, p->phones[i].number));
    }
    auto street = put_text(b, p->street);
    auto city = put_text(b, p->city);
    auto address = flat::CreateAddress(b, street, city, p->zip);
    auto score_list = b.CreateVector(scores, PLAIN_SCORES);
    auto phone_list = b.CreateVector(phones, PLAIN_PHONES);
    b.Finish(flat::CreatePerson(b, p->id, name, email, &uuid, tags, score_list, address,
                                 phone_list));
    return bytes_of(b, ret_size);
}

static const uint8_t *encode_frame(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    fb::FlatBufferBuilder &b = fresh_builder();
    const plain_frame     *f = static_cast<const plain_frame *>(value);
    auto                   samples = b.CreateVector(f->samples, PLAIN_SAMPLES);
    auto                   pixels = b.CreateVector(f->pixels, PLAIN_PIXELS);

    b.Finish(flat::CreateFrame(b, f->time, f->width, f->height, f->rate, f->offset, samples,
                                pixels));
    return bytes_of(b, ret_size);
}

static const uint8_t *encode_batch(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    static fb::Offset<flat::Tick> ticks[PLAIN_TICKS];

    fb::FlatBufferBuilder &b = fresh_builder();
    const plain_batch     *batch = static_cast<const plain_batch *>(value);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        ticks[i] = put_tick(b, &batch->ticks[i]);
    }
    auto tick_list = b.CreateVector(ticks, PLAIN_TICKS);
    auto names = put_texts(b, batch->names, PLAIN_NAMES);
    b.Finish(flat::CreateBatch(b, tick_list, names));
    return bytes_of(b, ret_size);
}

/* ---- decode ---------------------------------------------------------------------------------- */

template <typename Root> static const Root *verified(const uint8_t *bytes, size_t size)
{
    fb::Verifier verifier(bytes, size);

    return verifier.VerifyBuffer<Root>(nullptr) ? fb::GetRoot<Root>(bytes) : nullptr;
}

static inline uint64_t sum_text(const fb::String *text)
{
    return sum_bytes(text->data(), text->size());
}

template <typename Tick> static inline uint64_t sum_tick(const Tick *t)
{
    const plain_tick tick = {t->time(),   t->sequence(), t->price(), t->volume(),
                             t->symbol(), t->venue(),    t->buy()};
    return SUM_TICK(&tick);
}

static bool decode_tick(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::Tick *tick = verified<flat::Tick>(bytes, size);

    if (!tick) {
        return false;
    }
    *ret_sum = sum_tick(tick);
    return true;
}

static bool decode_person(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::Person *p = verified<flat::Person>(bytes, size);
    uint64_t             i = 0;

    if (!p || !p->address()) {
        return false;
    }
    uint64_t sum = p->id() + 3 * sum_text(p->name()) + 5 * sum_text(p->email()) +
                   7 * sum_bytes(p->uuid()->bytes()->data(), 16);
    for (const auto *tag : *p->tags()) {
        sum += (11 + i++) * sum_text(tag);
    }
    i = 0;
    for (const auto *score : *p->scores()) {
        sum += (17 + i++) * (sum_text(score->key()) + static_cast<uint64_t>(score->value()));
    }
    sum += 29 * sum_text(p->address()->street()) + 31 * sum_text(p->address()->city()) +
           37 * static_cast<uint64_t>(p->address()->zip());
    i = 0;
    for (const auto *phone : *p->phones()) {
        sum += (41 + i++) * (sum_text(phone->number()) + static_cast<uint64_t>(phone->kind()));
    }
    *ret_sum = sum;
    return true;
}

static bool decode_frame(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::Frame *f = verified<flat::Frame>(bytes, size);

    if (!f) {
        return false;
    }
    *ret_sum = f->time() + 3 * static_cast<uint64_t>(f->width()) +
               5 * static_cast<uint64_t>(f->height()) + 7 * sum_f64(f->rate()) +
               11 * static_cast<uint64_t>(f->offset()) +
               13 * sum_doubles(f->samples()->data(), f->samples()->size()) +
               17 * sum_pixels(f->pixels()->data(), f->pixels()->size());
    return true;
}

template <typename Batch> static uint64_t sum_batch(const Batch *b)
{
    uint64_t sum = 0;
    uint64_t i = 0;

    for (const auto *tick : *b->ticks()) {
        sum += ++i * sum_tick(tick);
    }
    i = 0;
    for (const auto *name : *b->names()) {
        sum += ++i * sum_text(name);
    }
    return sum;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::Batch *b = verified<flat::Batch>(bytes, size);

    if (!b) {
        return false;
    }
    *ret_sum = sum_batch(b);
    return true;
}

/* ---- structs --------------------------------------------------------------------------------- */

static_assert(sizeof(flat::TickStruct) == sizeof(plain_tick), "the same members");

static const uint8_t *encode_tick_struct(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    fb::FlatBufferBuilder &b = fresh_builder();

    b.Finish(flat::CreateTickOfStruct(b, static_cast<const flat::TickStruct *>(value)));
    return bytes_of(b, ret_size);
}

static const uint8_t *encode_batch_structs(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    fb::FlatBufferBuilder &b = fresh_builder();
    const plain_batch     *batch = static_cast<const plain_batch *>(value);
    const void            *from = batch->ticks;
    auto                   ticks =
        b.CreateVectorOfStructs(static_cast<const flat::TickStruct *>(from), PLAIN_TICKS);
    auto                   names = put_texts(b, batch->names, PLAIN_NAMES);

    b.Finish(flat::CreateBatchOfStructs(b, ticks, names));
    return bytes_of(b, ret_size);
}

static bool decode_tick_struct(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::TickOfStruct *holder = verified<flat::TickOfStruct>(bytes, size);

    if (!holder || !holder->tick()) {
        return false;
    }
    *ret_sum = sum_tick(holder->tick());
    return true;
}

static bool decode_batch_structs(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    const flat::BatchOfStructs *b = verified<flat::BatchOfStructs>(bytes, size);

    if (!b) {
        return false;
    }
    *ret_sum = sum_batch(b);
    return true;
}

extern "C" {
extern const codec_subject codec_flatbuffers = {
    "flatbuffers",
    CODEC_VALIDATES | CODEC_EVOLVES | CODEC_ZERO_COPY,
    {{plain_load_tick, encode_tick, decode_tick},
     {plain_load_person, encode_person, decode_person},
     {plain_load_frame, encode_frame, decode_frame},
     {plain_load_batch, encode_batch, decode_batch}},
    nullptr,
};

extern const codec_subject codec_flatbuffers_structs = {
    "flatbuffers-structs",
    CODEC_VALIDATES | CODEC_ZERO_COPY,
    {{plain_load_tick, encode_tick_struct, decode_tick_struct},
     {},
     {},
     {plain_load_batch, encode_batch_structs, decode_batch_structs}},
    nullptr,
};
}
