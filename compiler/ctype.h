/* ctype.h -- what a schema's types are called in C.
 *
 * Scalars, strings, bytes, and lists of them have names in kmsg/base.h; records, unions and enums
 * bring their own (Person, Person_list). A map, an array, and a list of lists, maps, arrays or refs
 * needs a struct of its own: it is named after the alias it was written as, or after where it
 * stands (Person_scores; what is inside it is Person_scores_entry, Person_scores_value,
 * Person_matrix_item). Only an array that is itself a member is a plain C array, unless an alias
 * has given it a name.
 *
 * Descriptors go the same way; those of sets, refs and whatever has limits are also named after
 * where they stand (Person_age_type).
 */
#ifndef CTYPE_H
#define CTYPE_H

#include "idl/model.h"

#include <kmsg/base.h>

/* Of a value that is there (optional is not looked at): "uint32_t", "kmsg_list_string",
 * "Person_scores", "const Person *". `place` names where the type stands. Texts live in `mem`. */
const char *ctype_name(const idl_type *type, const char *place, kmsg_arena *mem);

/* An array without a name of its own, where it is a member: "float pos[3]". */
bool ctype_is_plain_array(const idl_type *type);

/* "float", and "[3][4]": what stands before and behind the name of a plain array. */
const char *ctype_array_base(const idl_type *type, const char *place, kmsg_arena *mem);
const char *ctype_array_brackets(const idl_type *type, kmsg_arena *mem);

/* For sizeof, of a member: "float[3][4]", else as ctype_name(). */
const char *ctype_sizeof(const idl_type *type, const char *place, kmsg_arena *mem);

/* A declaration: "uint32_t id", "const Person *friend". */
const char *ctype_declare(const char *c_type, const char *name, kmsg_arena *mem);

/* One that points at const values: "const Phone *items", "const Person *const *items". */
const char *ctype_declare_const(const char *c_type, const char *name, kmsg_arena *mem);

/* A plain array by a pointer to its first item: "const float *grid", "const float (*grid)[4]". */
const char *ctype_declare_first(const idl_type *type, const char *place, const char *name,
                                kmsg_arena *mem);

/* The name of a struct of its own: the alias', else `place`. */
const char *ctype_own_name(const idl_type *type, const char *place);

/* Its descriptor belongs to this place, and not to an alias. */
bool ctype_is_descriptor_here(const idl_type *type);

/* Where the parts of a type of its own stand. */
const char *ctype_item_place(const idl_type *type, const char *place, kmsg_arena *mem);
const char *ctype_key_place(const idl_type *type, const char *place, kmsg_arena *mem);
const char *ctype_value_place(const idl_type *type, const char *place, kmsg_arena *mem);

/* The descriptor of a type: "kmsg_type_list_string", "Person_type", "Color_list_type". */
const char *ctype_descriptor(const idl_type *type, const char *place, kmsg_arena *mem);

/* "bool", "i32", "string" ...; NULL for those that are not built in. */
const char *ctype_builtin(idl_kind kind);

/* Out of memory: a message and the end. */
void ctype_no_memory(void);

kmsg_arena *ctype_arena(void);

/* printf into the arena; out of memory ends the program. */
const char *ctype_text(kmsg_arena *mem, const char *format, ...) KMSG_PRINTF(2, 3);

#endif
