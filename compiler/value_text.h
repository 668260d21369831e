/* value_text.h -- constants and limits of a schema as text. All texts live in `mem`. */
#ifndef VALUE_TEXT_H
#define VALUE_TEXT_H

#include "idl/model.h"

#include <kmsg/base.h>

/* As a schema writes a value of this type: 7000, 2.5, "hi\n", true, MEMBER, 500ms. "" for none. */
const char *value_text(const idl_value *value, const idl_type *type, kmsg_arena *mem);

/* As a schema writes what stands in the brackets behind a type: 0..150, ..8, 6, 1..8, "[A-Z]+".
 * "" for none. */
const char *value_limits_text(const idl_type *type, kmsg_arena *mem);

/* A short decimal text that reads back as the same number, of an f32 or f64. */
const char *value_float_text(double number, idl_kind kind, kmsg_arena *mem);

/* As a schema writes a duration: in the largest unit that holds it whole. */
const char *value_duration_text(bool negative, uint64_t ns, kmsg_arena *mem);

/* As JSON has them (idl/json.md), without the quotes: 1.500s, 2026-11-21T10:00:00Z. */
const char *value_json_duration(bool negative, uint64_t ns, kmsg_arena *mem);
const char *value_json_timestamp(bool negative, uint64_t ns, kmsg_arena *mem);

/* The member with this number, or NULL. */
const idl_enum_value *value_member(const idl_enum *enum_, const idl_value *value);

#endif
