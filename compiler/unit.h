/* unit.h -- a row and the C value it belongs to: what code and descriptors are made for.
 *
 * Records are units. So is a map's entry (a key and a value), a row of a list whose items have
 * neither a row of their own nor one in the library, and the answer of a method that does not
 * return a record: the last two wrap the one value that they hold. All have fields with a place in
 * a scalar block or a slot; they differ in how C reaches the members.
 */
#ifndef UNIT_H
#define UNIT_H

#include "compiler/ctype.h"

typedef enum unit_kind { UNIT_RECORD, UNIT_ENTRY, UNIT_ROW, UNIT_RESULT } unit_kind;

typedef struct unit {
    unit_kind        kind;
    const char      *name; /* of its functions: "Person", "Person_scores_entry", "Person_matrix" */
    const char      *c_type; /* "Person", "Person_scores_entry", "kmsg_list_i32" */
    const char      *title;  /* for people: "acme.dir.Person", "Person_scores" */
    const char      *base;   /* the names of types that stand in it begin with this */
    const idl_field *fields;
    size_t           field_count;
    uint32_t         block, align, slots;
    bool             recursive, has_refs, has_addresses;
    bool             is_extern;   /* other files may need it */
    bool             has_initial; /* some default is not zero */
    bool             is_union;
    bool             by_descriptor; /* has no functions */
} unit;

unit unit_of_record(const idl_record *record);
unit unit_of_result(const idl_record *record, kmsg_arena *mem); /* role RESULT */
unit unit_of_entry(const idl_type *map, const char *place, kmsg_arena *mem);
unit unit_of_row(const idl_type *list, const char *place, kmsg_arena *mem);
unit unit_of_item(const idl_type *item, kmsg_arena *mem); /* a row that is one value; no names */
unit unit_of_union(const idl_record *record, kmsg_arena *mem); /* a row of a list of it */

/* Lists, sets and arrays of rows: a unit of their own is made for them where they stand. */
bool unit_is_rows(const idl_type *type); /* its items have tails */
bool unit_has_row(const idl_type *type);

/* No straight-line code is made for it: the descriptors do it (kmsg_put_tail). */
bool unit_by_descriptor(const idl_type *type);

/* A value in a block that must be looked at. */
bool unit_has_spots(const idl_type *type);

/* Some variable field is not reserved. */
bool unit_has_tails(const unit *u);

/* It holds nothing but scalars and a few texts: its code is short enough to be written where its
 * rows are. */
bool unit_is_leaf(const unit *u);

/* The scalar block of the message is the leading part of the C struct. */
bool unit_block_is_struct(const unit *u);

/* How C reaches a member through the pointer `p`: "p->name", and "(*p)" where the C type is the
 * value of the one field. */
const char *unit_member(const unit *u, const idl_field *f, kmsg_arena *mem);

/* Where the type of a field stands (ctype.h). */
const char *unit_place(const unit *u, const idl_field *f, kmsg_arena *mem);

/* "Person_SHAPE", and what it stands for: "KMSG_SHAPE(24, 6, 3)". */
const char *unit_shape(const unit *u, kmsg_arena *mem);
const char *unit_shape_value(const unit *u, kmsg_arena *mem);

/* log2 of 1, 2, 4, 8. */
uint32_t unit_log2(uint32_t align);

/* Bytes of the row up to the end of its lengths, and where those begin. */
uint32_t unit_lengths(const unit *u);

/* ---- what lies in the block, fixed records taken apart --------------------------------------- */

typedef struct unit_spot {
    enum {
        SPOT_PADDING, /* `size` bytes that must be zero */
        SPOT_BOOL,
        SPOT_RUNE,
        SPOT_CLOSED_ENUM,
        SPOT_RANGE,    /* within type->limits */
        SPOT_FIXED,    /* fixed records of an array, one behind the other */
        SPOT_OPTIONAL, /* `size` bytes of value, zero when the has_ byte behind them is */
        SPOT_RESERVED  /* `size` bytes that are written as zero and read as they are */
    } kind;
    uint32_t         offset, size;
    uint32_t         count; /* of values one behind the other: more than 1 in an array */
    uint32_t         has;   /* RANGE: offset of the has_ byte, 0: it is always there */
    const idl_type  *type;  /* CLOSED_ENUM, RANGE, FIXED */
    const idl_field *field; /* OPTIONAL: of the unit itself */
} unit_spot;

/* All spots that need looking at or cleaning, in order; padding in front of lengths included. */
size_t unit_spots(const unit *u, kmsg_arena *mem, const unit_spot **ret);

#endif
