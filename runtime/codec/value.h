/* value.h -- walking a value in memory through its descriptors: what lies where in the C struct. */
#ifndef KMI_VALUE_H
#define KMI_VALUE_H

#include <kmsg/codec.h>

/* In a union's tag: its member leads to objects of the message. Who does not know the member cannot
 * keep it then, as its bytes count them. */
#define KMI_UNION_REFS 0x80000000u

/* The i-th row of a list or map. */
const void *kmi_item(const kmsg_layout *row, const kmsg_items *list, size_t i);

/* A field that has a tail: is there anything (also: anything empty)? A ref that leads nowhere is
 * not there; else what is not optional always is. */
bool kmi_is_there(const kmsg_field *f, const void *member);

/* The member of a record is a pointer to the value. */
bool kmi_is_pointer(const kmsg_field *f);

/* The value of a member of a record: the member itself, or what it leads to where it is an optional
 * record or table. */
const void *kmi_held(const kmsg_field *f, const void *member);

/* Alignment in a message of the items of an array. */
size_t kmi_item_align(const kmsg_type *item);

/* What a union holds: its kind (0: nothing); the member of that kind, field 0 for a kind that the
 * schema does not know or has given up; the value, NULL where it is a pointer that is NULL. */
uint32_t          kmi_union_kind(const void *value);
const kmsg_field *kmi_union_member(const kmsg_layout *layout, uint32_t kind);
bool              kmi_union_points(const kmsg_field *member);
const void       *kmi_union_held(const kmsg_field *member, const void *value);

#endif
