/* place.h -- where in a value something is, while a text is read: Person.scores["go"], a.b[3]. The
 * same words as the codec's.
 *
 * A place lives on the C stack of the function that walks there; text is made only when there is
 * something to say.
 */
#ifndef KMI_JSON_PLACE_H
#define KMI_JSON_PLACE_H

#include <kmsg/gen.h>

#include <jansson.h>

typedef struct kmi_json_place {
    const struct kmi_json_place *up;
    const char                  *name; /* of a member; of the record, at the root; NULL: an item */
    size_t                       index; /* of an item of a list */
    const char                  *key;   /* of an entry of a map, else NULL */
} kmi_json_place;

/* The root of a record's places: its name without the module. */
kmi_json_place kmi_json_place_root(const char *name);

/* Of a field in the record at `up`; that place itself where the field has no name. */
kmi_json_place kmi_json_place_field(const kmi_json_place *up, const char *name);

/* Set kmsg_last_error() to "PLACE: ..." and return err. */
kmsg_err kmi_json_place_error(const kmi_json_place *place, kmsg_err err, const char *format,
                              va_list args);

#endif
