/* values.h -- values of a schema that was read at run time, as JSON on the command line shows them:
 * a value is itself, whatever its type; only records have members.
 */
#ifndef VALUES_H
#define VALUES_H

#include "cli/cli.h"

#include <kmsg/json.h>
#include <kmsg/schema.h>

typedef struct values {
    kmsg_json_options   json;
    const kmsg_layout **types;
    kmsg_arena         *mem;  /* of the value at hand */
    kmsg_arena         *kept; /* of filters */
} values;

void values_init(values *v, const kmsg_schema *schema);
void values_done(values *v);

/* What was made for the last one is gone. */
void values_next(values *v);

/* Zeroed, for a value of this layout. */
void *values_room(kmsg_arena *mem, const kmsg_layout *layout);

/* The answer of a method, an item of a stream, what a topic carries: the value itself where the
 * record round it is not in the schema. KMSG_EDECODE and others, as kmsg_json_decode(). `before`
 * (may be NULL): so many bytes were read in front of the text. */
kmsg_err values_text(values *v, const kmsg_layout *layout, const void *value, kmsg_string *ret);
kmsg_err values_read(values *v, const kmsg_layout *layout, kmsg_string text, size_t *before,
                     void *ret);

/* {"key":{..},"value":..} on a line; and back. False and said; KMSG_EDECODE and others. */
bool     values_print_topic(values *v, const kmsg_topic *topic, const void *key, const void *value);
kmsg_err values_read_topic(values *v, const kmsg_topic *topic, kmsg_string text, void **ret_key,
                           void **ret_value);

/* NAME=VALUE of each part of the key that is to be chosen by. It lasts as long as `v`. */
bool values_filter(values *v, const kmsg_topic *topic, const char *const *words, size_t count,
                   void **ret);

#endif
