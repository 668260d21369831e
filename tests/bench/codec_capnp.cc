/* codec_capnp.cc -- Cap'n Proto in C++. Its builder is the message: it encodes from the plain value
 * into one segment of zeroes that it was given, which stands right behind the place of the frame
 * header, so that nothing is copied afterwards. That segment is made zero again, as far as it was
 * used, before the next message: this belongs to encoding.
 *
 * To decode is to read the frame header and then in place; each access checks bounds, and text must
 * end with a NUL. It does not look at UTF-8. What it refuses it throws.
 */
extern "C" {
#include "codec.h"
}

#include "codec.capnp.h"

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <optional>

namespace cp = bench::cp;

#define WORDS ((size_t)1 << 17)


/* ---- encode ---------------------------------------------------------------------------------- */

static capnp::word words[1 + WORDS];

static capnp::MallocMessageBuilder &fresh_builder()
{
    static std::optional<capnp::MallocMessageBuilder> builder;

    builder.emplace(kj::arrayPtr(words + 1, WORDS));
    return *builder;
}

static const uint8_t *bytes_of(capnp::MallocMessageBuilder &builder, size_t *ret_size)
{
    auto     segments = builder.getSegmentsForOutput();
    uint32_t header[2] = {0, static_cast<uint32_t>(segments[0].size())};

    BENCH_NEED(segments.size() == 1 && segments[0].begin() == words + 1);
    memcpy(static_cast<void *>(words), header, sizeof header);
    *ret_size = sizeof header + segments[0].asBytes().size();
    return reinterpret_cast<const uint8_t *>(words);
}

static void put_text(capnp::Text::Builder to, plain_text from)
{
    memcpy(to.begin(), from.data, from.size);
}

static void put_tick(cp::Tick::Builder to, const plain_tick *t)
{
    to.setTime(t->time);
    to.setSequence(t->sequence);
    to.setPrice(t->price);
    to.setVolume(t->volume);
    to.setSymbol(t->symbol);
    to.setVenue(t->venue);
    to.setBuy(t->buy);
}

static void put_texts(capnp::List<capnp::Text>::Builder to, const plain_text *texts)
{
    for (unsigned i = 0; i < to.size(); i++) {
        put_text(to.init(i, static_cast<unsigned>(texts[i].size)), texts[i]);
    }
}

static const uint8_t *encode_tick(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    auto &builder = fresh_builder();

    put_tick(builder.initRoot<cp::Tick>(), static_cast<const plain_tick *>(value));
    return bytes_of(builder, ret_size);
}

static const uint8_t *encode_person(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    auto       &builder = fresh_builder();
    const auto *from = static_cast<const plain_person *>(value);
    auto        p = builder.initRoot<cp::Person>();
    unsigned    i = 0;

    p.setId(from->id);
    put_text(p.initName(static_cast<unsigned>(from->name.size)), from->name);
    put_text(p.initEmail(static_cast<unsigned>(from->email.size)), from->email);
    p.setUuid(kj::arrayPtr(from->uuid, sizeof from->uuid));
    put_texts(p.initTags(PLAIN_TAGS), from->tags);
    for (auto score : p.initScores(PLAIN_SCORES)) {
        const plain_score *s = &from->scores[i++];
        put_text(score.initKey(static_cast<unsigned>(s->key.size)), s->key);
        score.setValue(s->value);
    }
    auto address = p.initAddress();
    put_text(address.initStreet(static_cast<unsigned>(from->street.size)), from->street);
    put_text(address.initCity(static_cast<unsigned>(from->city.size)), from->city);
    address.setZip(from->zip);
    i = 0;
    for (auto phone : p.initPhones(PLAIN_PHONES)) {
        const plain_phone *f = &from->phones[i++];
        phone.setKind(static_cast<cp::PhoneKind>(f->kind));
        put_text(phone.initNumber(static_cast<unsigned>(f->number.size)), f->number);
    }
    return bytes_of(builder, ret_size);
}

static const uint8_t *encode_frame(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    auto       &builder = fresh_builder();
    const auto *from = static_cast<const plain_frame *>(value);
    auto        f = builder.initRoot<cp::Frame>();
    auto        samples = f.initSamples(PLAIN_SAMPLES);

    f.setTime(from->time);
    f.setWidth(from->width);
    f.setHeight(from->height);
    f.setRate(from->rate);
    f.setOffset(from->offset);
    for (unsigned i = 0; i < PLAIN_SAMPLES; i++) {
        samples.set(i, from->samples[i]);
    }
    f.setPixels(kj::arrayPtr(from->pixels, PLAIN_PIXELS));
    return bytes_of(builder, ret_size);
}

static const uint8_t *encode_batch(const void *value, uint8_t *, size_t, size_t *ret_size)
{
    auto       &builder = fresh_builder();
    const auto *from = static_cast<const plain_batch *>(value);
    auto        b = builder.initRoot<cp::Batch>();
    const auto *tick = from->ticks;

    for (auto to : b.initTicks(PLAIN_TICKS)) {
        put_tick(to, tick++);
    }
    put_texts(b.initNames(PLAIN_NAMES), from->names);
    return bytes_of(builder, ret_size);
}

/* ---- decode ---------------------------------------------------------------------------------- */

template <typename Bytes> static inline uint64_t sum_of(const Bytes &bytes)
{
    return sum_bytes(bytes.begin(), bytes.size());
}

static inline uint64_t sum(cp::Tick::Reader t)
{
    const plain_tick tick = {t.getTime(),   t.getSequence(), t.getPrice(), t.getVolume(),
                             t.getSymbol(), t.getVenue(),    t.getBuy()};
    return SUM_TICK(&tick);
}

static uint64_t sum(cp::Person::Reader p)
{
    uint64_t i = 0;
    uint64_t total = p.getId() + 3 * sum_of(p.getName()) + 5 * sum_of(p.getEmail()) +
                     7 * sum_of(p.getUuid());

    for (auto tag : p.getTags()) {
        total += (11 + i++) * sum_of(tag);
    }
    i = 0;
    for (auto score : p.getScores()) {
        total += (17 + i++) * (sum_of(score.getKey()) + static_cast<uint64_t>(score.getValue()));
    }
    auto address = p.getAddress();
    total += 29 * sum_of(address.getStreet()) + 31 * sum_of(address.getCity()) +
             37 * static_cast<uint64_t>(address.getZip());
    i = 0;
    for (auto phone : p.getPhones()) {
        total += (41 + i++) * (sum_of(phone.getNumber()) + static_cast<uint64_t>(phone.getKind()));
    }
    return total;
}

static uint64_t sum(cp::Frame::Reader f)
{
    auto samples = capnp::toAny(f.getSamples()).getRawBytes();
    auto pixels = f.getPixels();

    return f.getTime() + 3 * static_cast<uint64_t>(f.getWidth()) +
           5 * static_cast<uint64_t>(f.getHeight()) + 7 * sum_f64(f.getRate()) +
           11 * static_cast<uint64_t>(f.getOffset()) +
           13 * sum_doubles(reinterpret_cast<const double *>(samples.begin()),
                            samples.size() / sizeof(double)) +
           17 * sum_pixels(pixels.begin(), pixels.size());
}

static uint64_t sum(cp::Batch::Reader b)
{
    uint64_t total = 0;
    uint64_t i = 0;

    for (auto tick : b.getTicks()) {
        total += ++i * sum(tick);
    }
    i = 0;
    for (auto name : b.getNames()) {
        total += ++i * sum_of(name);
    }
    return total;
}

template <typename Root>
static bool decode(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    try {
        capnp::FlatArrayMessageReader reader(kj::arrayPtr(
            reinterpret_cast<const capnp::word *>(bytes), size / sizeof(capnp::word)));
        *ret_sum = sum(reader.getRoot<Root>());
        return true;
    } catch (const kj::Exception &) {
        return false;
    }
}

extern "C" {
extern const codec_subject codec_capnp = {
    "capnp",
    CODEC_VALIDATES | CODEC_EVOLVES | CODEC_ZERO_COPY,
    {{plain_load_tick, encode_tick, decode<cp::Tick>},
     {plain_load_person, encode_person, decode<cp::Person>},
     {plain_load_frame, encode_frame, decode<cp::Frame>},
     {plain_load_batch, encode_batch, decode<cp::Batch>}},
    nullptr,
};
}
