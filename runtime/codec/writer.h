/* writer.h -- what the files that encode through descriptors share.
 *
 *   encode.c   whole messages, and where generated code comes in
 *   measure.c  how long it gets, and whether it may be written at all
 *   write.c    the bytes
 */
#ifndef KMI_WRITER_H
#define KMI_WRITER_H

#include <kmsg/codec.h>

#include "codec/place.h"

typedef struct writer {
    kmsg_enc *e;
    bool      speak; /* set kmsg_last_error() at the first failure; and then everything is done by
                      * the descriptors, else records that have straight-line code use it */
} writer;

/* Fail; `why` is what is told. */
void kmi_write_bad(writer *w, const kmi_place *place, kmsg_err err, const char *why);

/* Where the value ends whose bytes begin at `at`, as in codec.h. The first looks at a member of a
 * struct, absent or not; the second at a record, header and all; the third at all objects that have
 * been met, and at those which are met on the way. */
uint64_t kmi_end_field(writer *w, const kmsg_field *f, const void *member, uint64_t at,
                       const kmi_place *up);
uint64_t kmi_end_record(writer *w, const kmsg_layout *layout, const void *value, uint64_t at,
                        const kmi_place *place);
uint64_t kmi_end_objects(writer *w, uint64_t at);

/* The same, written; what has been measured needs no look. A record begins at a multiple of 8. */
uint8_t *kmi_put_field(writer *w, const kmsg_field *f, const void *member, uint8_t *length,
                       uint8_t *at);
uint8_t *kmi_put_record(writer *w, const kmsg_layout *layout, const void *value, uint8_t *at);
uint8_t *kmi_put_objects(writer *w, uint8_t *at);

/* Rows in the order that is given, NULL: as they stand. Returns the end of their tails. */
uint8_t *kmi_put_rows(writer *w, const kmsg_layout *layout, const void *items, size_t count,
                      const uint32_t *order, uint8_t *at);

/* The number of what a ref leads to, from 0; enc.err is set without memory. */
uint32_t kmi_object_number(kmsg_enc *e, const kmsg_layout *layout, const void *value);
void     kmi_objects_free(kmsg_enc *e);

/* kmsg_encode() for a layout without straight-line code, where records inside use theirs. */
kmsg_err kmi_encode_quickly(const kmsg_layout *layout, const void *value, kmsg_arena *mem,
                            kmsg_bytes *ret);

#endif
