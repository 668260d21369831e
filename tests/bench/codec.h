/* codec.h -- a subject of the codec suite: four cases, and for each how to come from the plain
 * value to the subject's own struct, from there to bytes, and from bytes to a checksum.
 */
#ifndef CODEC_H
#define CODEC_H

#include "bench.h"
#include "plain.h"

typedef enum codec_case {
    CODEC_TICK,
    CODEC_PERSON,
    CODEC_FRAME,
    CODEC_BATCH,
    CODEC_CASES
} codec_case;

typedef struct codec_ops {
    /* Not timed. */
    void *(*load)(const plain *values);

    /* The value's bytes: in `buffer`, which is large enough, or in memory of the subject until
     * its next call. NULL on failure. */
    const uint8_t *(*encode)(const void *value, uint8_t *buffer, size_t capacity, size_t *ret_size);

    /* Validate, then read every field. False on bytes that are not a message. */
    bool (*decode)(const uint8_t *bytes, size_t size, uint64_t *ret_sum);
} codec_ops;

typedef struct codec_subject {
    const char *name;
    bool        validates; /* refuses half a message */
    codec_ops   ops[CODEC_CASES];
} codec_subject;

extern const codec_subject codec_limit, codec_kmsg, codec_protobuf_c, codec_flatbuffers;

#endif
