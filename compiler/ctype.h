/* ctype.h -- what a schema's types are called in C.
 *
 * Scalars, strings, bytes, and lists of them have names in kmsg/base.h; records and enums bring
 * their own (Person, Person_list). A map, and a list of lists or maps, needs a struct of its own:
 * it is named after the alias it was written as, or after where it stands (Person_scores; what is
 * inside it is Person_scores_entry, Person_scores_value, Person_matrix_item).
 */
#ifndef CTYPE_H
#define CTYPE_H

#include "idl/model.h"

#include <kmsg/base.h>

/* Map, or list of lists or maps. */
bool ctype_is_own(const idl_type *type);

/* Of a value that is there (optional is not looked at): "uint32_t", "kmsg_list_string",
 * "Person_scores". `place` names where the type stands. Texts live in `mem`. */
const char *ctype_name(const idl_type *type, const char *place, kmsg_arena *mem);

/* The name of a type of its own, which has no alias: `place`; else the alias'. */
const char *ctype_own_name(const idl_type *type, const char *place);

/* Where the parts of a type of its own stand. */
const char *ctype_item_place(const idl_type *type, const char *place, kmsg_arena *mem);
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
