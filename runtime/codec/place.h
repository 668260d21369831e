/* place.h -- where in a value something is: Person.scores["go"], a.b[3].
 *
 * A place lives on the C stack of the function that walks there and leads to the one it came from;
 * text is made only when there is something to say.
 */
#ifndef KMI_PLACE_H
#define KMI_PLACE_H

#include <kmsg/gen.h>

typedef struct kmi_place {
    const struct kmi_place *up;
    const char             *name;     /* of a field; of the record, at the root; NULL: an item */
    size_t                  index;    /* of an item of a list */
    const kmsg_type        *key_type; /* of an item of a map, else NULL */
    const void             *key;
} kmi_place;

/* Into `text`, at most `size` bytes with the NUL; a long place loses its beginning. */
void kmi_place_text(const kmi_place *place, char *text, size_t size);

/* Of a field in the record at `up`; that place itself where the field has no name. */
kmi_place kmi_place_field(const kmi_place *up, const kmsg_field *f);

/* Of the i-th row of a list, or of a map's entry that lies at `entry` in memory. */
kmi_place kmi_place_row(const kmi_place *up, const kmsg_type *type, size_t i, const void *entry);

/* Of an item of a list; of what has this key. */
kmi_place kmi_place_item(const kmi_place *up, size_t i);
kmi_place kmi_place_key(const kmi_place *up, const kmsg_type *type, const void *key);

/* The root of the places of an object that refs lead to: "Node#3", made in `text`. */
kmi_place kmi_place_object(const kmsg_layout *layout, size_t number, char *text, size_t size);

/* The root of a record's places: its name without the module. */
kmi_place kmi_place_root(const kmsg_layout *layout);

/* Set kmsg_last_error() to "PLACE: why" and return err. */
kmsg_err kmi_place_error(const kmi_place *place, kmsg_err err, const char *why);

#endif
