/* value.h -- reading values whose type is known only at run time.
 *
 * A kmsg_value is a type and where a C value of it lies: a cursor, passed by value, that owns
 * nothing and is good as long as what it points at. It works on every value that has descriptors,
 * generated (X_layout, X_type) or read at run time (kmsg/schema.h).
 *
 *     kmsg_value person = kmsg_value_record(layout, bytes_that_were_decoded);
 *     int64_t    zip;
 *     kmsg_err   err = kmsg_value_int(kmsg_value_field(kmsg_value_field(person, "home"), "zip"),
 *                                     &zip);
 *
 * Steps can be strung together: what cannot be reached is a value that remembers why, every step
 * from there is the same, and the last call returns it.
 *
 *     KMSG_EINVAL   it is of another kind: a field of a list, an int of a string
 *     KMSG_ENOENT   there is no such field, key or index
 *     KMSG_EVALUE   it is absent: T? without a value, a union without a member, a ref to nothing
 *     KMSG_ETOOBIG  the number does not fit
 *
 * kmsg_last_error() has the words for the first.
 */
#ifndef KMSG_VALUE_H
#define KMSG_VALUE_H

#include <kmsg/gen.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmsg_value {
    kmsg_kind          kind;
    const kmsg_type   *type;   /* NULL for a record that came as a layout */
    const kmsg_layout *layout; /* RECORD, FIXED, UNION */
    const void        *data;   /* the C value; NULL: absent */
    kmsg_err           err;    /* why it could not be reached; then the rest does not count */
} kmsg_value;

/* ---- where to begin -------------------------------------------------------------------------- */

static inline kmsg_value kmsg_value_record(const kmsg_layout *layout, const void *data)
{
    kmsg_value v = {KMSG_KIND_RECORD, NULL, layout, data, KMSG_OK};

    return v;
}

static inline kmsg_value kmsg_value_of(const kmsg_type *type, const void *data)
{
    kmsg_value v = {type->kind, type, NULL, data, KMSG_OK};

    if (type->kind == KMSG_KIND_RECORD || type->kind == KMSG_KIND_FIXED ||
        type->kind == KMSG_KIND_UNION)
        v.layout = type->layout;
    return v;
}

static inline bool kmsg_value_is_absent(kmsg_value v)
{
    return v.err == KMSG_OK && v.data == NULL;
}

/* ---- records --------------------------------------------------------------------------------- */

/* A field by its name in the schema; by its descriptor, from v.layout->fields. */
KMSG_API kmsg_value kmsg_value_field(kmsg_value v, const char *name);
KMSG_API kmsg_value kmsg_value_member(kmsg_value v, const kmsg_field *field);

/* ---- lists, sets, arrays, maps --------------------------------------------------------------- */

/* How many items there are; 0 for what has none, and for what is not there. */
KMSG_API size_t kmsg_value_count(kmsg_value v);

/* Item i, from 0; of a map its value; and its key. */
KMSG_API kmsg_value kmsg_value_at(kmsg_value v, size_t i);
KMSG_API kmsg_value kmsg_value_key(kmsg_value v, size_t i);

/* What a map has under a key; the item of a set. `key` is a C value of the key's type; or a text or
 * number for keys that are such. The map is in order, as all are that kmsg made. */
KMSG_API kmsg_value kmsg_value_find(kmsg_value v, const void *key);
KMSG_API kmsg_value kmsg_value_find_string(kmsg_value v, kmsg_string key);
KMSG_API kmsg_value kmsg_value_find_int(kmsg_value v, int64_t key);

/* ---- unions, refs ---------------------------------------------------------------------------- */

/* The member that a union holds. *ret_member (may be NULL) is its descriptor: fields[0], with
 * number 0, for one that the schema does not know, whose value is its bytes on the wire; NULL for
 * none. */
KMSG_API kmsg_value kmsg_value_chosen(kmsg_value v, const kmsg_field **ret_member);

/* The number of the member that a union holds, also of one that the schema does not know; 0: none,
 * or no union. */
KMSG_API uint32_t kmsg_value_tag(kmsg_value v);

/* The record that a ref leads to. */
KMSG_API kmsg_value kmsg_value_follow(kmsg_value v);

/* ---- single values --------------------------------------------------------------------------- */

KMSG_API KMSG_CHECK kmsg_err kmsg_value_bool(kmsg_value v, bool *ret);

/* Integers, and what is one in C: bool, enums, runes, times. */
KMSG_API KMSG_CHECK kmsg_err kmsg_value_int(kmsg_value v, int64_t *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_value_uint(kmsg_value v, uint64_t *ret);

/* f32, f64, and integers that a double holds exactly (up to 53 bits; KMSG_ETOOBIG). */
KMSG_API KMSG_CHECK kmsg_err kmsg_value_double(kmsg_value v, double *ret);

KMSG_API KMSG_CHECK kmsg_err kmsg_value_string(kmsg_value v, kmsg_string *ret);

/* bytes, address, uuid. */
KMSG_API KMSG_CHECK kmsg_err kmsg_value_bytes(kmsg_value v, kmsg_bytes *ret);

KMSG_API KMSG_CHECK kmsg_err kmsg_value_any(kmsg_value v, kmsg_any *ret);

/* The name of an enum's member; NULL for a number without one. */
KMSG_API KMSG_CHECK kmsg_err kmsg_value_enum(kmsg_value v, const char **ret);

#ifdef __cplusplus
}
#endif
#endif
