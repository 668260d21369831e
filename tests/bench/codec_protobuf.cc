/* codec_protobuf.cc -- protobuf in C++, from the same .proto as protobuf-c, with fixed-width types,
 * twice: with one message that is used again and again, so that its strings and lists keep their
 * memory, and with messages in an arena whose first block is given and used again.
 *
 * The size must be known before the bytes are written; it walks the message twice. It checks UTF-8,
 * on encoding too.
 */
extern "C" {
#include "codec.h"
}

#include "codec.pb.h"

#include <google/protobuf/arena.h>

namespace pb = google::protobuf;

/* ---- values ---------------------------------------------------------------------------------- */

static void set_tick(bench::Tick *tick, const plain_tick *from)
{
    tick->set_time(from->time);
    tick->set_sequence(from->sequence);
    tick->set_price(from->price);
    tick->set_volume(from->volume);
    tick->set_symbol(from->symbol);
    tick->set_venue(from->venue);
    tick->set_buy(from->buy);
}

static void *load_tick(const plain *values)
{
    auto *tick = new bench::Tick;

    set_tick(tick, &values->tick);
    return static_cast<pb::MessageLite *>(tick);
}

static void *load_person(const plain *values)
{
    const plain_person *from = &values->person;
    auto               *p = new bench::Person;

    p->set_id(from->id);
    p->set_name(from->name.data, from->name.size);
    p->set_email(from->email.data, from->email.size);
    p->set_uuid(from->uuid, sizeof from->uuid);
    for (const plain_text &tag : from->tags) {
        p->add_tags(tag.data, tag.size);
    }
    for (const plain_score &score : from->scores) {
        bench::Score *to = p->add_scores();
        to->set_key(score.key.data, score.key.size);
        to->set_value(score.value);
    }
    p->mutable_address()->set_street(from->street.data, from->street.size);
    p->mutable_address()->set_city(from->city.data, from->city.size);
    p->mutable_address()->set_zip(from->zip);
    for (const plain_phone &phone : from->phones) {
        bench::Phone *to = p->add_phones();
        to->set_kind(static_cast<bench::PhoneKind>(phone.kind));
        to->set_number(phone.number.data, phone.number.size);
    }
    return static_cast<pb::MessageLite *>(p);
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    auto              *f = new bench::Frame;

    f->set_time(from->time);
    f->set_width(from->width);
    f->set_height(from->height);
    f->set_rate(from->rate);
    f->set_offset(from->offset);
    f->mutable_samples()->Add(from->samples, from->samples + PLAIN_SAMPLES);
    f->set_pixels(from->pixels, PLAIN_PIXELS);
    return static_cast<pb::MessageLite *>(f);
}

static void *load_batch(const plain *values)
{
    auto *b = new bench::Batch;

    for (const plain_tick &tick : values->batch.ticks) {
        set_tick(b->add_ticks(), &tick);
    }
    for (const plain_text &name : values->batch.names) {
        b->add_names(name.data, name.size);
    }
    return static_cast<pb::MessageLite *>(b);
}

template <typename Message>
static const uint8_t *encode(const void *value, uint8_t *buffer, size_t capacity, size_t *ret_size)
{
    const auto *message =
        static_cast<const Message *>(static_cast<const pb::MessageLite *>(value));

    *ret_size = message->ByteSizeLong();
    if (*ret_size > capacity) {
        return nullptr;
    }
    message->SerializeWithCachedSizesToArray(buffer);
    return buffer;
}

/* ---- reading --------------------------------------------------------------------------------- */

static inline uint64_t sum_string(const std::string &s)
{
    return sum_bytes(s.data(), s.size());
}

static inline uint64_t sum(const bench::Tick &t)
{
    const plain_tick tick = {t.time(),   t.sequence(), t.price(), t.volume(),
                             t.symbol(), static_cast<uint8_t>(t.venue()), t.buy()};
    return SUM_TICK(&tick);
}

static uint64_t sum(const bench::Person &p)
{
    uint64_t i = 0;
    uint64_t total = p.id() + 3 * sum_string(p.name()) + 5 * sum_string(p.email()) +
                     7 * sum_string(p.uuid());

    for (const auto &tag : p.tags()) {
        total += (11 + i++) * sum_string(tag);
    }
    i = 0;
    for (const auto &score : p.scores()) {
        total += (17 + i++) * (sum_string(score.key()) + static_cast<uint64_t>(score.value()));
    }
    total += 29 * sum_string(p.address().street()) + 31 * sum_string(p.address().city()) +
             37 * static_cast<uint64_t>(p.address().zip());
    i = 0;
    for (const auto &phone : p.phones()) {
        total += (41 + i++) * (sum_string(phone.number()) + static_cast<uint64_t>(phone.kind()));
    }
    return total;
}

static uint64_t sum(const bench::Frame &f)
{
    return f.time() + 3 * static_cast<uint64_t>(f.width()) + 5 * static_cast<uint64_t>(f.height()) +
           7 * sum_f64(f.rate()) + 11 * static_cast<uint64_t>(f.offset()) +
           13 * sum_doubles(f.samples().data(), static_cast<size_t>(f.samples_size())) +
           17 * sum_pixels(f.pixels().data(), f.pixels().size());
}

static uint64_t sum(const bench::Batch &b)
{
    uint64_t total = 0;
    uint64_t i = 0;

    for (const auto &tick : b.ticks()) {
        total += ++i * sum(tick);
    }
    i = 0;
    for (const auto &name : b.names()) {
        total += ++i * sum_string(name);
    }
    return total;
}

/* The bytes do not say where they end: without the second half a message may just have less. */
template <typename Message> static bool read(const Message &message, uint64_t *ret_sum)
{
    *ret_sum = sum(message);
    return true;
}

static bool read(const bench::Person &person, uint64_t *ret_sum)
{
    *ret_sum = sum(person);
    return person.has_address();
}

template <typename Message>
static bool decode_reused(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    static Message message;

    return message.ParseFromArray(bytes, static_cast<int>(size)) && read(message, ret_sum);
}

static pb::ArenaOptions block_options()
{
    alignas(64) static char block[1 << 20];
    pb::ArenaOptions        options;

    options.initial_block = block;
    options.initial_block_size = sizeof block;
    return options;
}

static pb::Arena *fresh_arena()
{
    static pb::Arena arena(block_options());

    arena.Reset();
    return &arena;
}

template <typename Message>
static bool decode_arena(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    auto *message = pb::Arena::CreateMessage<Message>(fresh_arena());

    return message->ParseFromArray(bytes, static_cast<int>(size)) && read(*message, ret_sum);
}

extern "C" {
extern const codec_subject codec_protobuf = {
    "protobuf",
    CODEC_VALIDATES | CODEC_EVOLVES,
    {{load_tick, encode<bench::Tick>, decode_reused<bench::Tick>},
     {load_person, encode<bench::Person>, decode_reused<bench::Person>},
     {load_frame, encode<bench::Frame>, decode_reused<bench::Frame>},
     {load_batch, encode<bench::Batch>, decode_reused<bench::Batch>}},
    nullptr,
};

extern const codec_subject codec_protobuf_arena = {
    "protobuf-arena",
    CODEC_VALIDATES | CODEC_EVOLVES,
    {{load_tick, encode<bench::Tick>, decode_arena<bench::Tick>},
     {load_person, encode<bench::Person>, decode_arena<bench::Person>},
     {load_frame, encode<bench::Frame>, decode_arena<bench::Frame>},
     {load_batch, encode<bench::Batch>, decode_arena<bench::Batch>}},
    nullptr,
};
}
