/* codec_cdr.c -- CDR, the encoding of DDS, by the serializer of Cyclone DDS without the rest of it:
 * twice, with final types, which are frozen and its fastest form (a tick is one memcpy), and with
 * appendable types, which can grow at their end. Both are XCDR2 and made of one IDL file.
 *
 * Its serializer is an interpreter of small programs that idlc makes of types (`ops`). What it
 * needs to know of a type is filled in here; within DDS a domain participant would do that. It
 * encodes into a buffer that is large enough. To decode is to check the bytes ("normalize") and
 * then to read them into a struct whose strings and sequences keep their memory. It does not look
 * at UTF-8.
 */
#include "codec.h"

#include "cdr/final/codec.h"

#include <dds/ddsi/ddsi_cdrstream.h>
#include <dds/ddsi/q_protocol.h>

/* The structs of both are the same; those of the final types are used. */
extern const dds_topic_descriptor_t growing_Tick_desc, growing_Person_desc, growing_Frame_desc,
    growing_Batch_desc;

typedef enum cdr_form { FINAL, APPENDABLE } cdr_form;

/* ---- types ----------------------------------------------------------------------------------- */

static struct ddsi_sertype_default types[2][CODEC_CASES];

static const struct ddsi_sertype_default *type_of(cdr_form form, codec_case c)
{
    static const dds_topic_descriptor_t *const descriptors[2][CODEC_CASES] = {
        {&frozen_Tick_desc, &frozen_Person_desc, &frozen_Frame_desc, &frozen_Batch_desc},
        {&growing_Tick_desc, &growing_Person_desc, &growing_Frame_desc, &growing_Batch_desc},
    };
    const dds_topic_descriptor_t *from = descriptors[form][c];
    struct ddsi_sertype_default  *type = &types[form][c];

    if (!type->type.size) {
        type->encoding_format = form == FINAL ? CDR_ENC_FORMAT_PLAIN : CDR_ENC_FORMAT_DELIMITED;
        type->write_encoding_version = CDR_ENC_VERSION_2;
        type->type.size = from->m_size;
        type->type.align = from->m_align;
        type->type.flagset = from->m_flagset;
        type->type.ops.ops = (uint32_t *)(uintptr_t)from->m_ops;
        type->type.ops.nops = dds_stream_countops(from->m_ops, 0, NULL);
        type->opt_size_xcdr2 = dds_stream_check_optimize(&type->type, CDR_ENC_VERSION_2);
    }
    return type;
}

/* ---- values ---------------------------------------------------------------------------------- */

static char *text(plain_text from)
{
    return (char *)(uintptr_t)from.data;
}

static dds_sequence_string texts(const plain_text *from, uint32_t count)
{
    dds_sequence_string list = {count, count, bench_alloc(count * sizeof(char *)), false};

    for (size_t i = 0; i < count; i++) {
        list._buffer[i] = text(from[i]);
    }
    return list;
}

static frozen_Tick tick_of(const plain_tick *t)
{
    return TICK_OF(frozen_Tick, t);
}

static void *load_tick(const plain *values)
{
    frozen_Tick *tick = bench_alloc(sizeof *tick);

    *tick = tick_of(&values->tick);
    return tick;
}

static void *load_person(const plain *values)
{
    const plain_person *from = &values->person;
    frozen_Person      *p = bench_alloc(sizeof *p);
    frozen_Score       *scores = bench_alloc(PLAIN_SCORES * sizeof *scores);
    frozen_Phone       *phones = bench_alloc(PLAIN_PHONES * sizeof *phones);

    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        scores[i] = (frozen_Score){text(from->scores[i].key), from->scores[i].value};
    }
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        phones[i] =
            (frozen_Phone){(frozen_PhoneKind)from->phones[i].kind, text(from->phones[i].number)};
    }
    p->id = from->id;
    p->name = text(from->name);
    p->email = text(from->email);
    memcpy(p->uuid, from->uuid, sizeof from->uuid);
    p->tags = texts(from->tags, PLAIN_TAGS);
    p->scores = (dds_sequence_frozen_Score){PLAIN_SCORES, PLAIN_SCORES, scores, false};
    p->address = bench_alloc(sizeof *p->address);
    *p->address = (frozen_Address){text(from->street), text(from->city), from->zip};
    p->phones = (dds_sequence_frozen_Phone){PLAIN_PHONES, PLAIN_PHONES, phones, false};
    return p;
}

static void *load_frame(const plain *values)
{
    const plain_frame *from = &values->frame;
    frozen_Frame      *f = bench_alloc(sizeof *f);

    f->time = from->time;
    f->width = from->width;
    f->height = from->height;
    f->rate = from->rate;
    f->offset = from->offset;
    f->samples = (dds_sequence_double){PLAIN_SAMPLES, PLAIN_SAMPLES,
                                       (double *)(uintptr_t)from->samples, false};
    f->pixels =
        (dds_sequence_octet){PLAIN_PIXELS, PLAIN_PIXELS, (uint8_t *)(uintptr_t)from->pixels, false};
    return f;
}

static void *load_batch(const plain *values)
{
    frozen_Batch *b = bench_alloc(sizeof *b);
    frozen_Tick  *ticks = bench_alloc(PLAIN_TICKS * sizeof *ticks);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        ticks[i] = tick_of(&values->batch.ticks[i]);
    }
    b->ticks = (dds_sequence_frozen_Tick){PLAIN_TICKS, PLAIN_TICKS, ticks, false};
    b->names = texts(values->batch.names, PLAIN_NAMES);
    return b;
}

/* ---- reading --------------------------------------------------------------------------------- */

static inline uint64_t sum_string(const char *s)
{
    return sum_bytes(s, strlen(s));
}

static bool sum_tick(const void *value, uint64_t *ret_sum)
{
    *ret_sum = SUM_TICK((const frozen_Tick *)value);
    return true;
}

static bool sum_person(const void *value, uint64_t *ret_sum)
{
    const frozen_Person *p = value;
    uint64_t             sum = p->id + 3 * sum_string(p->name) + 5 * sum_string(p->email) +
                   7 * sum_bytes(p->uuid, sizeof p->uuid);

    if (!p->address) {
        return false;
    }
    for (size_t i = 0; i < p->tags._length; i++) {
        sum += (11 + i) * sum_string(p->tags._buffer[i]);
    }
    for (size_t i = 0; i < p->scores._length; i++) {
        const frozen_Score *score = &p->scores._buffer[i];
        sum += (17 + i) * (sum_string(score->key) + (uint64_t)score->value);
    }
    sum += 29 * sum_string(p->address->street) + 31 * sum_string(p->address->city) +
           37 * (uint64_t)p->address->zip;
    for (size_t i = 0; i < p->phones._length; i++) {
        const frozen_Phone *phone = &p->phones._buffer[i];
        sum += (41 + i) * (sum_string(phone->number) + (uint64_t)phone->kind);
    }
    *ret_sum = sum;
    return true;
}

static bool sum_frame(const void *value, uint64_t *ret_sum)
{
    const frozen_Frame *f = value;

    *ret_sum = SUM_FRAME(f) + 13 * sum_doubles(f->samples._buffer, f->samples._length) +
               17 * sum_pixels(f->pixels._buffer, f->pixels._length);
    return true;
}

static bool sum_batch(const void *value, uint64_t *ret_sum)
{
    const frozen_Batch *b = value;
    uint64_t            sum = 0;

    for (size_t i = 0; i < b->ticks._length; i++) {
        sum += (1 + i) * SUM_TICK(&b->ticks._buffer[i]);
    }
    for (size_t i = 0; i < b->names._length; i++) {
        sum += (1 + i) * sum_string(b->names._buffer[i]);
    }
    *ret_sum = sum;
    return true;
}

/* ---- both forms ------------------------------------------------------------------------------ */

static const uint8_t *encode(const struct ddsi_sertype_default *type, const void *value,
                             uint8_t *buffer, size_t capacity, size_t *ret_size)
{
    dds_ostream_t to = {buffer, (uint32_t)capacity, 0, CDR_ENC_VERSION_2};
    bool          good = dds_stream_write_sample(&to, value, type);

    *ret_size = to.m_index;
    return good && to.m_buffer == buffer ? buffer : NULL;
}

/* It would put bytes of another order into ours; there are none here, so nothing is written. */
static bool decode(const struct ddsi_sertype_default *type, const uint8_t *bytes, size_t size,
                   void *ret_value)
{
    dds_istream_t from = {bytes, (uint32_t)size, 0, CDR_ENC_VERSION_2};
    uint32_t      used;

    if (!dds_stream_normalize((void *)(uintptr_t)bytes, (uint32_t)size, false, CDR_ENC_VERSION_2,
                              type, false, &used)) {
        return false;
    }
    dds_stream_read_sample(&from, ret_value, type);
    return true;
}

#define OPS(form, which, name, type)                                                               \
    static const uint8_t *encode_##form##_##name(const void *value, uint8_t *buffer,               \
                                                 size_t capacity, size_t *ret_size)                \
    {                                                                                              \
        return encode(type_of(form, which), value, buffer, capacity, ret_size);                    \
    }                                                                                              \
    static bool decode_##form##_##name(const uint8_t *bytes, size_t size, uint64_t *ret_sum)       \
    {                                                                                              \
        static type value;                                                                         \
        return decode(type_of(form, which), bytes, size, &value) && sum_##name(&value, ret_sum);   \
    }
#define BOTH(which, name, type)                                                                    \
    OPS(FINAL, which, name, type)                                                                  \
    OPS(APPENDABLE, which, name, type)
BOTH(CODEC_TICK, tick, frozen_Tick)
BOTH(CODEC_PERSON, person, frozen_Person)
BOTH(CODEC_FRAME, frame, frozen_Frame)
BOTH(CODEC_BATCH, batch, frozen_Batch)

#define TABLE(form)                                                                                \
    {                                                                                              \
        [CODEC_TICK] = {load_tick, encode_##form##_tick, decode_##form##_tick},                    \
        [CODEC_PERSON] = {load_person, encode_##form##_person, decode_##form##_person},            \
        [CODEC_FRAME] = {load_frame, encode_##form##_frame, decode_##form##_frame},                \
        [CODEC_BATCH] = {load_batch, encode_##form##_batch, decode_##form##_batch},                \
    }

const codec_subject codec_cdr = {
    .name = "cdr",
    .traits = CODEC_VALIDATES,
    .ops = TABLE(FINAL),
};

const codec_subject codec_cdr_appendable = {
    .name = "cdr-appendable",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES,
    .ops = TABLE(APPENDABLE),
};
