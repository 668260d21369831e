/* json.h -- how the files of this folder fit together, and what the two directions share.
 *
 * Writing: json.c lets the codec encode and decode the value once, which refuses what is no value
 * of its schema and brings maps and sets into order; then write.c walks what came out, with out.c
 * for the buffer, text.h for single values and marks.c for refs.
 *
 * Reading: parse.c lets jansson make a tree of the text; read.c walks it along the descriptors,
 * with scalar.c for single values, order.c for sets and maps, refs.c for refs and initial.c for
 * what is missing. It holds the limits of what is there, order and uniqueness itself: a missing
 * member has its default even where that is outside of its limits, so this direction cannot leave
 * them to the codec. In the end the value is copied into the caller's arena.
 */
#ifndef KMI_JSON_JSON_H
#define KMI_JSON_JSON_H

#include <kmsg/codec.h>
#include <kmsg/json.h>

/* How deep brackets nest: as deep as jansson reads them. */
#define KMI_JSON_LEVEL_MAX 2048u

/* Lies in the struct as a plain value: bools to T[N] of such. */
static inline bool kmi_json_is_block(const kmsg_type *type)
{
    return type->kind <= KMSG_KIND_VECTOR;
}

/* A record or table that may be absent: its member is a pointer. */
static inline bool kmi_json_points(const kmsg_field *f)
{
    return f->optional && (f->type->kind == KMSG_KIND_RECORD || f->type->kind == KMSG_KIND_TABLE);
}

/* A union's member of these kinds is a pointer. */
static inline bool kmi_json_member_points(const kmsg_type *type)
{
    return type->kind == KMSG_KIND_FIXED || type->kind == KMSG_KIND_VECTOR ||
           type->kind == KMSG_KIND_RECORD || type->kind == KMSG_KIND_UNION ||
           type->kind == KMSG_KIND_TABLE;
}

/* The name of a member; a field without one is all that its record has. */
static inline const char *kmi_json_name(const kmsg_field *f)
{
    return f->name[0] == '\0' ? "value" : f->name;
}

/* The layout of this name that the options know; NULL if none. */
const kmsg_layout *kmi_json_find_type(const kmsg_json_options *options, kmsg_string name);

/* ---- write.c --------------------------------------------------------------------------------- */

/* The text of a value that the codec has decoded; `type` NULL: of a record of `layout`, else an
 * object with it as its value. `expected` bytes or so; all memory is `mem`'s. */
kmsg_err kmi_json_write(const kmsg_layout *layout, const kmsg_type *type, const void *value,
                        const kmsg_json_options *options, size_t expected, kmsg_arena *mem,
                        kmsg_string *ret);

/* ---- read.c ---------------------------------------------------------------------------------- */

/* The same in reverse. *ret leads into `mem` and the tree, which is json_t. */
kmsg_err kmi_json_read(const kmsg_layout *layout, const kmsg_type *type, const void *tree,
                       const kmsg_json_options *options, size_t budget, kmsg_arena *mem, void *ret);

#endif
