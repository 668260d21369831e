/* emit.h -- from a checked schema to C, and to what else is made of it.
 *
 * Pure text: the emitters read the model, which is good by the time they see it, and cannot fail.
 */
#ifndef EMIT_H
#define EMIT_H

#include "compiler/out.h"
#include "idl/model.h"

/* X.kmsg.h: types, what can be done with them, services. */
void emit_header(const idl_model *model, out *o);

/* X.kmsg.c: straight-line codec, descriptors, calls and handler tables. */
void emit_source(const idl_model *model, out *o);

/* X.kmsg.md: the schema as a page to read. */
void emit_docs(const idl_model *model, out *o);

/* X.kmsg.schema.json: its values as JSON, described. */
void emit_json_schema(const idl_model *model, out *o);

#endif
