/* objects.h -- what refs lead to: a table by pointer for values in memory, and one by number for
 * the objects of a message.
 */
#ifndef KMI_OBJECTS_H
#define KMI_OBJECTS_H

#include <kmsg/codec.h>

/* ---- in memory ------------------------------------------------------------------------------- */

/* Two are the same if layout, value and twin are: a record and its first field begin at the same
 * place. */
typedef struct kmi_object {
    const kmsg_layout *layout;
    const void        *value;
    const void        *twin; /* what it is compared with; else NULL */
    void              *copy; /* not ours: for who walks the table */
} kmi_object;

/* In the order in which they were met, so that it is also the list of what is still to be walked:
 * no depth of refs takes C stack. Zeroed is empty. */
struct kmsg_objects {
    kmi_object *list;
    size_t      count;
    size_t      capacity;
    uint32_t   *slots; /* number + 1 of an object; 0: free */
    size_t      slot_count;
    uint64_t    mentions; /* refs that were written so far */
};

/* Its number, from 0; *met tells whether it had been there before (NULL: no matter). SIZE_MAX
 * without memory. */
size_t kmi_objects_put(kmsg_objects *objects, kmi_object object, bool *met);

/* What it holds, not the table itself. */
void kmi_objects_done(kmsg_objects *objects);

/* ---- in a message ---------------------------------------------------------------------------- */

typedef struct kmi_part {
    const uint8_t     *at; /* the record, header first */
    uint32_t           size;
    const kmsg_layout *layout; /* NULL: not yet mentioned */
    void              *value;  /* memory for it, from then on */
} kmi_part;

struct kmsg_incoming {
    kmi_part *parts;
    uint32_t  count;
    uint32_t *queue; /* the numbers of those that were mentioned, in that order */
    uint32_t  queued;
    uint64_t  mentions; /* refs that were read so far */
};

/* The objects that stand in [at, end), each of them a record at a multiple of 8 and with zero bytes
 * up to the next one behind it. NULL and dec.err: they do not fill the place, there is no memory,
 * or the table would not fit the budget. To be given back. */
kmsg_incoming *kmi_incoming_new(kmsg_dec *d, const uint8_t *at, const uint8_t *end);
void           kmi_incoming_free(kmsg_incoming *incoming);

/* Count memory that is not the arena's against what decoding may allocate; false: too much. */
bool kmi_charge(kmsg_dec *d, size_t size);

/* What is wrong with a ref to object `number` as a record of this layout; NULL if nothing, and then
 * *ret is that object, which has memory and is queued. `ret` is untouched when there is no memory:
 * dec.err tells. */
const char *kmi_incoming_mention(kmsg_dec *d, uint32_t number, const kmsg_layout *layout,
                                 const void **ret);

#endif
