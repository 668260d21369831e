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

/* What a subject is; a sum of these. */
enum {
    CODEC_LIMIT = 1,     /* no codec, but what bounds all of them */
    CODEC_VALIDATES = 2, /* refuses what is cut off */
    CODEC_EVOLVES = 4,   /* fields can be added later, and old and new programs still talk */
    CODEC_ZERO_COPY = 8, /* what is large is read where it lies in the message */
};

typedef struct codec_ops {
    /* Not timed. NULL: the subject has no such case. */
    void *(*load)(const plain *values);

    /* The value's bytes: in `buffer`, which is large enough, or in memory of the subject until
     * its next call. NULL on failure. */
    const uint8_t *(*encode)(const void *value, uint8_t *buffer, size_t capacity, size_t *ret_size);

    /* Validate, then read every field. False on bytes that are not a message. */
    bool (*decode)(const uint8_t *bytes, size_t size, uint64_t *ret_sum);
} codec_ops;

typedef struct codec_subject {
    const char *name;
    unsigned    traits;
    codec_ops   ops[CODEC_CASES];
    const char *missing; /* why it is not measured on this machine; NULL: it is */
} codec_subject;

extern const char *const codec_case_names[CODEC_CASES];

/* ---- a subject in a case --------------------------------------------------------------------- */

typedef struct codec_entry {
    const codec_subject *subject;
    const codec_ops     *ops;
    void                *value;
    uint8_t             *bytes; /* encoded once */
    size_t               size;
} codec_entry;

/* Ends the program if the subject does not do what it should. It must have the case. */
codec_entry codec_open(const codec_subject *subject, codec_case c);

/* Brings the entry's bytes to where codec_repeat decodes from. */
void codec_place(const codec_entry *e);
void codec_repeat(const codec_entry *e, bool decoding, size_t times);

/* ---- results --------------------------------------------------------------------------------- */

/* What was measured of a subject in a case: the fastest. */
typedef struct codec_result {
    const codec_subject *subject;
    double               encode_ns;
    double               decode_ns;
    double               bytes;
} codec_result;

typedef struct codec_results {
    codec_result *items;
    size_t        count;
} codec_results;

/* Prints a row for each bar that kmsg should reach, and a table of them for people on stderr. */
void codec_bars(const codec_results results[CODEC_CASES]);

/* ---- subjects -------------------------------------------------------------------------------- */

extern const codec_subject *const codec_subjects[]; /* NULL behind the last */

extern const codec_subject codec_limit, codec_borrowed, codec_kmsg, codec_kmsg_fixed, codec_bebop,
    codec_bebop_messages, codec_protobuf, codec_protobuf_arena, codec_protobuf_c, codec_nanopb,
    codec_flatbuffers, codec_flatbuffers_structs, codec_capnp, codec_msgpack, codec_cdr,
    codec_cdr_appendable;

#endif
