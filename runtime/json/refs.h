/* refs.h -- "$id" and "$ref" while reading.
 *
 * A "$ref" may stand before its "$id", so both are only noted while the tree is walked, and joined
 * at its end. Nothing is allocated for a number that is merely named, but the note.
 */
#ifndef KMI_JSON_REFS_H
#define KMI_JSON_REFS_H

#include <kmsg/gen.h>

struct kmi_json_reader;
struct kmi_json_place;

#define KMI_JSON_ID_MAX 2147483647

typedef struct kmi_json_id  kmi_json_id;
typedef struct kmi_json_ref kmi_json_ref;

typedef struct kmi_json_refs {
    kmi_json_id  *ids; /* the newest first */
    kmi_json_ref *refs;
    size_t        id_count;
} kmi_json_refs;

/* The record at `value` has this id; the slot, a `const T *`, is to lead to the one that has it. */
void kmi_json_note_id(struct kmi_json_reader *r, const struct kmi_json_place *place, uint32_t id,
                      const kmsg_layout *layout, const void *value);
void kmi_json_note_ref(struct kmi_json_reader *r, const struct kmi_json_place *place, uint32_t id,
                       const kmsg_layout *layout, void *slot);

/* Fill in the slots. */
void kmi_json_join_refs(struct kmi_json_reader *r, const struct kmi_json_place *root);

#endif
