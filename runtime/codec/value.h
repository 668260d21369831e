/* value.h -- walking a value in memory through its descriptors: what lies where in the C struct. */
#ifndef KMI_VALUE_H
#define KMI_VALUE_H

#include <kmsg/codec.h>

/* The i-th row of a list or map. */
const void *kmi_item(const kmsg_layout *row, const kmsg_items *list, size_t i);

/* A field that has a tail: is there anything (also: anything empty)? Not optional: always. */
bool kmi_is_there(const kmsg_field *f, const void *member);

/* The record in a member: the member itself, or what it leads to where it is optional. */
const void *kmi_record(const kmsg_field *f, const void *member);

/* Alignment in a message of the items of an array. */
size_t kmi_item_align(const kmsg_type *item);

/* In which order the entries of a map have to be written, to be given back; enc.err is set for a
 * key that is there twice (KMSG_EVALUE), and without memory, then NULL. */
const uint32_t *kmi_order_new(kmsg_enc *e, const kmsg_layout *entry, const void *items,
                              size_t count);
void            kmi_order_free(const uint32_t *order);

#endif
