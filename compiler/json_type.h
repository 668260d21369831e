/* json_type.h -- what a type's values are in JSON (idl/json.md), as keywords of JSON Schema.
 *
 * They accept all that a reader accepts, and refuse what can be told apart without counting bytes:
 * JSON Schema counts code points, so limits of strings become those that follow from them; limits
 * of 64-bit integers and of times, which are strings in JSON, stand in a $comment.
 */
#ifndef JSON_TYPE_H
#define JSON_TYPE_H

#include "compiler/json_out.h"
#include "idl/model.h"

typedef struct schema {
    json_out    json;
    kmsg_arena *mem;
    bool        used[IDL_RECORD + 1]; /* the types of the language that were referred to */
} schema;

/* Into the object that is open; as an object of its own. */
void json_type_put(schema *s, const idl_type *type);
void json_type_put_as(schema *s, const char *key, const idl_type *type);

/* "$ref" to an entry of $defs. */
void json_type_ref(schema *s, const char *name);

/* `bytes`, as an object of its own. */
void json_type_bytes_as(schema *s, const char *key);

/* An entry of $defs for each type of the language that was used. */
void json_type_language(schema *s);

#endif
