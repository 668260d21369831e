/* codec_msgpack.c -- msgpack-c: a record is an array of its fields in order, which can get longer,
 * and a map is a map. Integers have their full width, so that no size is looked for; what is packed
 * goes straight into a buffer that is large enough. It encodes from the plain value.
 *
 * To decode is to unpack into objects, in a zone that is used again, whose texts lie in the
 * message, and to read those: the type of each is checked here, as msgpack knows no schema. It does
 * not look at UTF-8. It has no array of numbers: each of the frame's samples is an object.
 */
#include "codec.h"

#include <msgpack.h>

/* ---- encode ---------------------------------------------------------------------------------- */

typedef struct sink {
    uint8_t *at;
    uint8_t *end;
} sink;

static int sink_write(void *data, const char *bytes, size_t size)
{
    sink *to = data;

    if (size > (size_t)(to->end - to->at)) {
        return -1;
    }
    memcpy(to->at, bytes, size);
    to->at += size;
    return 0;
}

static void put_text(msgpack_packer *to, plain_text text)
{
    msgpack_pack_str(to, text.size);
    msgpack_pack_str_body(to, text.data, text.size);
}

static void put_texts(msgpack_packer *to, const plain_text *texts, size_t count)
{
    msgpack_pack_array(to, count);
    for (size_t i = 0; i < count; i++) {
        put_text(to, texts[i]);
    }
}

static void put_tick(msgpack_packer *to, const void *value)
{
    const plain_tick *t = value;

    msgpack_pack_array(to, 7);
    msgpack_pack_fix_uint64(to, t->time);
    msgpack_pack_fix_int64(to, t->sequence);
    msgpack_pack_double(to, t->price);
    msgpack_pack_double(to, t->volume);
    msgpack_pack_fix_uint32(to, t->symbol);
    msgpack_pack_fix_uint8(to, t->venue);
    t->buy ? msgpack_pack_true(to) : msgpack_pack_false(to);
}

static void put_person(msgpack_packer *to, const void *value)
{
    const plain_person *p = value;

    msgpack_pack_array(to, 8);
    msgpack_pack_fix_uint64(to, p->id);
    put_text(to, p->name);
    put_text(to, p->email);
    msgpack_pack_bin(to, sizeof p->uuid);
    msgpack_pack_bin_body(to, p->uuid, sizeof p->uuid);
    put_texts(to, p->tags, PLAIN_TAGS);
    msgpack_pack_map(to, PLAIN_SCORES);
    for (size_t i = 0; i < PLAIN_SCORES; i++) {
        put_text(to, p->scores[i].key);
        msgpack_pack_fix_int32(to, p->scores[i].value);
    }
    msgpack_pack_array(to, 3);
    put_text(to, p->street);
    put_text(to, p->city);
    msgpack_pack_fix_uint32(to, p->zip);
    msgpack_pack_array(to, PLAIN_PHONES);
    for (size_t i = 0; i < PLAIN_PHONES; i++) {
        msgpack_pack_array(to, 2);
        msgpack_pack_fix_int32(to, p->phones[i].kind);
        put_text(to, p->phones[i].number);
    }
}

static void put_frame(msgpack_packer *to, const void *value)
{
    const plain_frame *f = value;

    msgpack_pack_array(to, 7);
    msgpack_pack_fix_uint64(to, f->time);
    msgpack_pack_fix_uint32(to, f->width);
    msgpack_pack_fix_uint32(to, f->height);
    msgpack_pack_double(to, f->rate);
    msgpack_pack_fix_int64(to, f->offset);
    msgpack_pack_array(to, PLAIN_SAMPLES);
    for (size_t i = 0; i < PLAIN_SAMPLES; i++) {
        msgpack_pack_double(to, f->samples[i]);
    }
    msgpack_pack_bin(to, PLAIN_PIXELS);
    msgpack_pack_bin_body(to, f->pixels, PLAIN_PIXELS);
}

static void put_batch(msgpack_packer *to, const void *value)
{
    const plain_batch *b = value;

    msgpack_pack_array(to, 2);
    msgpack_pack_array(to, PLAIN_TICKS);
    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        put_tick(to, &b->ticks[i]);
    }
    put_texts(to, b->names, PLAIN_NAMES);
}

#define ENCODE(name, put)                                                                          \
    static const uint8_t *name(const void *value, uint8_t *buffer, size_t capacity,                \
                               size_t *ret_size)                                                   \
    {                                                                                              \
        sink           to = {buffer, buffer + capacity};                                           \
        msgpack_packer packer = {&to, sink_write};                                                 \
        put(&packer, value);                                                                       \
        *ret_size = (size_t)(to.at - buffer);                                                      \
        return buffer;                                                                             \
    }
ENCODE(encode_tick, put_tick)
ENCODE(encode_person, put_person)
ENCODE(encode_frame, put_frame)
ENCODE(encode_batch, put_batch)

/* ---- decode ---------------------------------------------------------------------------------- */

/* What is read of a message: its objects in order, and whether they were all of the right type. */
typedef struct cursor {
    const msgpack_object *at;
    const msgpack_object *end;
    bool                  good;
} cursor;

/* The next object, or, if it is missing or of another type, NULL. */
static inline const msgpack_object *next(cursor *c, msgpack_object_type type)
{
    const msgpack_object *o = c->at;

    if (o == c->end || o->type != type) {
        c->good = false;
        return NULL;
    }
    c->at++;
    return o;
}

static inline uint64_t get_unsigned(cursor *c)
{
    const msgpack_object *o = next(c, MSGPACK_OBJECT_POSITIVE_INTEGER);
    return o ? o->via.u64 : 0;
}

static inline uint64_t get_signed(cursor *c)
{
    if (c->at != c->end && c->at->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
        return (uint64_t)(c->at++)->via.i64;
    }
    return get_unsigned(c);
}

static inline double get_f64(cursor *c)
{
    const msgpack_object *o = next(c, MSGPACK_OBJECT_FLOAT64);
    return o ? o->via.f64 : 0;
}

static inline uint64_t sum_text(cursor *c)
{
    const msgpack_object *o = next(c, MSGPACK_OBJECT_STR);
    return o ? sum_bytes(o->via.str.ptr, o->via.str.size) : 0;
}

static inline uint64_t sum_bin(cursor *c)
{
    const msgpack_object *o = next(c, MSGPACK_OBJECT_BIN);
    return o ? sum_bytes(o->via.bin.ptr, o->via.bin.size) : 0;
}

static inline cursor get_array(cursor *c)
{
    const msgpack_object *o = next(c, MSGPACK_OBJECT_ARRAY);
    return o ? (cursor){o->via.array.ptr, o->via.array.ptr + o->via.array.size, true}
             : (cursor){NULL, NULL, false};
}

static uint64_t sum_tick(cursor *c)
{
    cursor     in = get_array(c);
    plain_tick t = {.time = get_unsigned(&in)};

    t.sequence = (int64_t)get_signed(&in);
    t.price = get_f64(&in);
    t.volume = get_f64(&in);
    t.symbol = (uint32_t)get_unsigned(&in);
    t.venue = (uint8_t)get_unsigned(&in);
    const msgpack_object *buy = next(&in, MSGPACK_OBJECT_BOOLEAN);
    t.buy = buy && buy->via.boolean;
    c->good &= in.good;
    return SUM_TICK(&t);
}

static uint64_t sum_texts(cursor *c, uint64_t factor)
{
    cursor   in = get_array(c);
    uint64_t sum = 0;

    while (in.at != in.end && in.good) {
        sum += factor++ * sum_text(&in);
    }
    c->good &= in.good;
    return sum;
}

static uint64_t sum_scores(cursor *c)
{
    const msgpack_object *map = next(c, MSGPACK_OBJECT_MAP);
    uint64_t              sum = 0;

    for (size_t i = 0; map && i < map->via.map.size; i++) {
        const msgpack_object_kv *entry = &map->via.map.ptr[i];
        cursor                   key = {&entry->key, &entry->key + 1, true};
        cursor                   value = {&entry->val, &entry->val + 1, true};
        sum += (17 + i) * (sum_text(&key) + get_signed(&value));
        c->good &= key.good && value.good;
    }
    return sum;
}

static uint64_t sum_address(cursor *c)
{
    cursor   in = get_array(c);
    uint64_t sum = 29 * sum_text(&in);

    sum += 31 * sum_text(&in);
    sum += 37 * get_unsigned(&in);
    c->good &= in.good;
    return sum;
}

static uint64_t sum_phones(cursor *c)
{
    cursor   list = get_array(c);
    uint64_t sum = 0;

    for (uint64_t i = 0; list.at != list.end && list.good; i++) {
        cursor   phone = get_array(&list);
        uint64_t kind = get_signed(&phone);
        sum += (41 + i) * (sum_text(&phone) + kind);
        list.good &= phone.good;
    }
    c->good &= list.good;
    return sum;
}

static uint64_t sum_person(cursor *c)
{
    cursor   in = get_array(c);
    uint64_t sum = get_unsigned(&in);

    sum += 3 * sum_text(&in);
    sum += 5 * sum_text(&in);
    sum += 7 * sum_bin(&in);
    sum += sum_texts(&in, 11);
    sum += sum_scores(&in);
    sum += sum_address(&in);
    sum += sum_phones(&in);
    c->good &= in.good;
    return sum;
}

static uint64_t sum_frame(cursor *c)
{
    cursor      in = get_array(c);
    plain_frame f;

    f.time = get_unsigned(&in);
    f.width = (uint32_t)get_unsigned(&in);
    f.height = (uint32_t)get_unsigned(&in);
    f.rate = get_f64(&in);
    f.offset = (int64_t)get_signed(&in);
    cursor   samples = get_array(&in);
    uint64_t count = (uint64_t)(samples.end - samples.at);
    uint64_t sum = count;
    while (samples.at != samples.end && samples.good) {
        sum += sum_f64(get_f64(&samples));
    }
    const msgpack_object *pixels = next(&in, MSGPACK_OBJECT_BIN);
    sum = SUM_FRAME(&f) + 13 * sum +
          (pixels ? 17 * sum_pixels(pixels->via.bin.ptr, pixels->via.bin.size) : 0);
    c->good &= in.good && samples.good;
    return sum;
}

static uint64_t sum_batch(cursor *c)
{
    cursor   in = get_array(c);
    cursor   ticks = get_array(&in);
    uint64_t sum = 0;

    for (uint64_t i = 1; ticks.at != ticks.end && ticks.good; i++) {
        sum += i * sum_tick(&ticks);
    }
    sum += sum_texts(&in, 1);
    c->good &= in.good && ticks.good;
    return sum;
}

static msgpack_zone *fresh_zone(void)
{
    static msgpack_zone *zone;

    if (!zone) {
        zone = msgpack_zone_new((size_t)1 << 20);
        BENCH_NEED(zone);
    }
    msgpack_zone_clear(zone);
    return zone;
}

#define DECODE(name, sum)                                                                          \
    static bool name(const uint8_t *bytes, size_t size, uint64_t *ret_sum)                         \
    {                                                                                              \
        msgpack_object root;                                                                       \
        size_t         at = 0;                                                                     \
        if (msgpack_unpack((const char *)bytes, size, &at, fresh_zone(), &root) !=                 \
            MSGPACK_UNPACK_SUCCESS) {                                                              \
            return false;                                                                          \
        }                                                                                          \
        cursor c = {&root, &root + 1, true};                                                       \
        *ret_sum = sum(&c);                                                                        \
        return c.good;                                                                             \
    }
DECODE(decode_tick, sum_tick)
DECODE(decode_person, sum_person)
DECODE(decode_frame, sum_frame)
DECODE(decode_batch, sum_batch)

const codec_subject codec_msgpack = {
    .name = "msgpack",
    .traits = CODEC_VALIDATES | CODEC_EVOLVES,
    .ops = {[CODEC_TICK] = {plain_load_tick, encode_tick, decode_tick},
            [CODEC_PERSON] = {plain_load_person, encode_person, decode_person},
            [CODEC_FRAME] = {plain_load_frame, encode_frame, decode_frame},
            [CODEC_BATCH] = {plain_load_batch, encode_batch, decode_batch}},
};
