/* reader.h -- what the files that read a tree share.
 *
 * Sticky: the first failure is the one that is told (reader.err, kmsg_last_error()); after it
 * nothing more is read. Whatever is taken from the arena is counted against the budget first.
 */
#ifndef KMI_JSON_READER_H
#define KMI_JSON_READER_H

#include "json/json.h"
#include "json/place.h"
#include "json/refs.h"

typedef struct kmi_json_reader {
    const kmsg_json_options *options;
    kmsg_arena              *mem;
    size_t                   budget;
    uint32_t                 depth; /* of recursive records and unions, in the same object */
    uint32_t                 anys;  /* in one another */
    kmsg_err                 err;
    kmi_json_refs            refs;
} kmi_json_reader;

void kmi_json_fail(kmi_json_reader *r, const kmi_json_place *place, kmsg_err err,
                   const char *format, ...) KMSG_PRINTF(4, 5);

/* "not an i32": the JSON there is of another kind. */
void kmi_json_mismatch(kmi_json_reader *r, const kmi_json_place *place, const kmsg_type *type);

/* Zeroed; NULL after a failure, which it sets. Size 0 gives a pointer that is not NULL. */
void *kmi_json_take(kmi_json_reader *r, const kmi_json_place *place, size_t count, size_t size,
                    size_t align);

/* ---- scalar.c -------------------------------------------------------------------------------- */

/* Kinds without parts: bool to enum, string, bytes, address. `json` is not null. Strings lead into
 * the tree. */
void kmi_json_read_scalar(kmi_json_reader *r, const kmsg_type *type, const json_t *json, void *ret,
                          const kmi_json_place *place);

/* ---- order.c --------------------------------------------------------------------------------- */

/* The indices of `count` keys in the order of the keys; NULL after a failure, such as a key that is
 * there twice. */
const uint32_t *kmi_json_order(kmi_json_reader *r, const kmi_json_place *up, const kmsg_type *key,
                               const void *first, size_t stride, size_t count);

/* The items of a set, which have no refs and may move, in their order. */
const void *kmi_json_sort_set(kmi_json_reader *r, const kmi_json_place *place,
                              const kmsg_type *item, const void *items, size_t count);

/* ---- initial.c ------------------------------------------------------------------------------- */

/* The default of a field of the zeroed record; of all its fields; of a value of this type. */
void kmi_json_initial_field(const kmsg_field *f, void *record);
void kmi_json_initial_record(const kmsg_layout *layout, void *ret);
void kmi_json_initial_value(const kmsg_type *type, void *ret);

#endif
