/* encoded_max.h -- how long the messages of a record can get. */
#ifndef ENCODED_MAX_H
#define ENCODED_MAX_H

#include "compiler/unit.h"

/* What is known of the records of a model, by their index; 0: nothing yet. */
typedef struct encoded_maxes {
    kmsg_arena *mem;
    uint64_t   *of;
} encoded_maxes;

encoded_maxes encoded_maxes_of(const idl_model *model, kmsg_arena *mem);

/* Bytes that no message of the record exceeds, with all padding that there may be; 0 where the
 * schema sets no such bound, or one above what a message may have. No union. */
uint64_t encoded_max(encoded_maxes *m, const idl_record *record);

#endif
