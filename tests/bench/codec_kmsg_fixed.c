/* codec_kmsg_fixed.c -- kmsg as its users would write a schema for the batch when ticks will never
 * change: they are a fixed record, and their list is borrowed from the message. It is what to
 * compare with the frozen forms of the peers; otherwise as codec_kmsg.c.
 */
#include "codec.h"

#include "codec_fixed.kmsg.h"

static void *load_batch(const plain *values)
{
    Fixed_batch *b = bench_alloc(sizeof *b);
    Fixed_tick  *ticks = bench_alloc(PLAIN_TICKS * sizeof *ticks);
    kmsg_string *names = bench_alloc(PLAIN_NAMES * sizeof *names);

    for (size_t i = 0; i < PLAIN_TICKS; i++) {
        const plain_tick *from = &values->batch.ticks[i];
        ticks[i] = (Fixed_tick){.time = from->time,
                                .sequence = from->sequence,
                                .price = from->price,
                                .volume = from->volume,
                                .symbol = from->symbol,
                                .venue = from->venue,
                                .buy = from->buy};
    }
    for (size_t i = 0; i < PLAIN_NAMES; i++) {
        const plain_text *from = &values->batch.names[i];
        names[i] = (kmsg_string){from->data, from->size};
    }
    *b = (Fixed_batch){.ticks = {ticks, PLAIN_TICKS}, .names = {names, PLAIN_NAMES}};
    return b;
}

static const uint8_t *encode_batch(const void *value, uint8_t *buffer, size_t capacity,
                                   size_t *ret_size)
{
    return Fixed_batch_encode_into(value, buffer, capacity, ret_size) == KMSG_OK ? buffer : NULL;
}

static bool decode_batch(const uint8_t *bytes, size_t size, uint64_t *ret_sum)
{
    static kmsg_arena *arena;
    Fixed_batch        b;
    uint64_t           sum = 0;

    if (!arena) {
        arena = kmsg_arena_new();
    }
    kmsg_arena_reset(arena);
    if (Fixed_batch_decode((kmsg_bytes){bytes, size}, arena, &b) != KMSG_OK) {
        return false;
    }
    for (size_t i = 0; i < b.ticks.count; i++) {
        sum += (1 + i) * SUM_TICK(&b.ticks.items[i]);
    }
    for (size_t i = 0; i < b.names.count; i++) {
        sum += (1 + i) * sum_bytes(b.names.items[i].data, b.names.items[i].size);
    }
    *ret_sum = sum;
    return true;
}

const codec_subject codec_kmsg_fixed = {
    .name = "kmsg-fixed",
    .traits = CODEC_VALIDATES | CODEC_ZERO_COPY,
    .ops = {[CODEC_BATCH] = {load_batch, encode_batch, decode_batch}},
};
