/* reader.h -- what the files that decode through descriptors share.
 *
 *   decode.c      whole messages, and where generated code comes in
 *   read_block.c  scalar blocks
 *   read_row.c    rows, records, lists, maps
 *   read_tail.c   the other values with a tail: texts, arrays, unions, any, refs
 */
#ifndef KMI_READER_H
#define KMI_READER_H

#include <kmsg/codec.h>

#include "codec/place.h"

typedef struct slice {
    const uint8_t *at;
    const uint8_t *end;
} slice;

typedef struct reader {
    kmsg_dec *d;
    bool      speak; /* set kmsg_last_error() at the first failure; and then everything is read by
                      * the descriptors, else records that have straight-line code use it */
} reader;

/* ---- failing, taking memory (decode.c) ------------------------------------------------------- */

void  kmi_read_fail(reader *r, const kmi_place *place, kmsg_err err, const char *why);
void  kmi_read_bad(reader *r, const kmi_place *place, const char *why);
void *kmi_read_take(reader *r, const kmi_place *place, uint64_t size);

/* The words for KMSG_ETOOBIG and KMSG_ENOMEM, whichever dec.err is. */
const char *kmi_read_no_memory(const reader *r);

/* Skip to a multiple of `align`; false when the slice is too short or the padding is not zero. */
bool kmi_read_pad(reader *r, const kmi_place *place, slice *s, size_t align);

/* Is the value, which is there and good of its type, inside its limits? */
void kmi_read_limits(reader *r, const kmsg_type *type, const void *value, const kmi_place *place);

/* One level deeper in what may contain itself; false: too deep. */
bool kmi_read_enter(reader *r, const kmsg_layout *layout, const kmi_place *place);
void kmi_read_leave(reader *r, const kmsg_layout *layout);

/* ---- scalar blocks (read_block.c) ------------------------------------------------------------ */

/* A single block value that stands at `at`. */
void kmi_check_scalar(reader *r, const kmsg_type *type, const uint8_t *at, const kmi_place *place);

/* The first `size` bytes of a writer's block into the struct: the scalars that are there, and the
 * defaults of the others. */
void kmi_read_block(reader *r, const kmsg_layout *layout, const uint8_t *block, size_t size,
                    void *ret, const kmi_place *place);

/* ---- rows (read_row.c) ----------------------------------------------------------------------- */

void kmi_read_record(reader *r, const kmsg_layout *layout, slice s, void *ret,
                     const kmi_place *place);
void kmi_read_rows(reader *r, const kmsg_type *type, slice s, kmsg_items *ret,
                   const kmi_place *place);
void kmi_read_table(reader *r, const kmsg_type *type, slice s, void *ret, const kmi_place *place);

/* A member of a row: its tail, of `size` bytes, at `at`, or KMSG_ABSENT. `member` is zeroed. */
void kmi_read_field(reader *r, const kmsg_field *f, const uint8_t *at, uint32_t size, void *member,
                    const kmi_place *up);

/* Keys are in order, and each is there once. */
void kmi_read_order(reader *r, const kmsg_type *type, const kmsg_items *items,
                    const kmi_place *place);

/* ---- tails (read_tail.c) --------------------------------------------------------------------- */

/* A value with a tail, that is there, into memory for it. */
void kmi_read_tail(reader *r, const kmsg_type *type, slice s, void *ret, const kmi_place *place);

/* ---- whole messages (decode.c) --------------------------------------------------------------- */

/* kmsg_decode() for a layout without straight-line code; records inside use theirs unless it is to
 * speak. `ret` is scratch on failure. */
kmsg_err kmi_decode(const kmsg_layout *layout, kmsg_bytes bytes, bool speak, kmsg_arena *mem,
                    void *ret);

#endif
