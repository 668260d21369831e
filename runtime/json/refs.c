/* refs.c -- see refs.h. The ids are sorted once and then looked up: strangers choose them, so there
 * is no table that they could make slow.
 */
#include "json/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct kmi_json_id {
    kmi_json_id       *next;
    uint32_t           id;
    const kmsg_layout *layout;
    const void        *value;
};

struct kmi_json_ref {
    kmi_json_ref      *next;
    uint32_t           id;
    const kmsg_layout *layout;
    void              *slot;
};

void kmi_json_note_id(kmi_json_reader *r, const kmi_json_place *place, uint32_t id,
                      const kmsg_layout *layout, const void *value)
{
    kmi_json_id *note = kmi_json_take(r, place, 1, sizeof *note, sizeof(void *));

    if (note == NULL)
        return;
    *note = (kmi_json_id){r->refs.ids, id, layout, value};
    r->refs.ids = note;
    r->refs.id_count++;
}

void kmi_json_note_ref(kmi_json_reader *r, const kmi_json_place *place, uint32_t id,
                       const kmsg_layout *layout, void *slot)
{
    kmi_json_ref *note = kmi_json_take(r, place, 1, sizeof *note, sizeof(void *));

    if (note == NULL)
        return;
    *note = (kmi_json_ref){r->refs.refs, id, layout, slot};
    r->refs.refs = note;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = ((const kmi_json_id *)a)->id, y = ((const kmi_json_id *)b)->id;

    return (x > y) - (x < y);
}

/* All notes side by side, in ascending order; NULL after a failure. */
static const kmi_json_id *sorted_ids(kmi_json_reader *r, const kmi_json_place *root)
{
    kmi_json_id *all = kmi_json_take(r, root, r->refs.id_count, sizeof *all, sizeof(void *));
    size_t       n = 0;

    if (all == NULL)
        return NULL;
    for (const kmi_json_id *id = r->refs.ids; id != NULL; id = id->next)
        all[n++] = *id;
    qsort(all, n, sizeof *all, by_id);
    for (size_t i = 1; i < n; i++)
        if (all[i].id == all[i - 1].id)
            kmi_json_fail(r, root, KMSG_EDECODE, "\"$id\": %" PRIu32 " is there twice", all[i].id);
    return all;
}

void kmi_json_join_refs(kmi_json_reader *r, const kmi_json_place *root)
{
    const kmi_json_id *ids;

    if (r->err != KMSG_OK || (r->refs.ids == NULL && r->refs.refs == NULL))
        return;
    ids = sorted_ids(r, root);
    for (const kmi_json_ref *ref = r->refs.refs; ref != NULL && r->err == KMSG_OK;
         ref = ref->next) {
        const kmi_json_id  key = {.id = ref->id};
        const kmi_json_id *id = bsearch(&key, ids, r->refs.id_count, sizeof *ids, by_id);
        if (id == NULL)
            kmi_json_fail(r, root, KMSG_EDECODE,
                          "\"$ref\": %" PRIu32 " leads to none: nothing has this \"$id\"", ref->id);
        else if (id->layout->id != ref->layout->id)
            kmi_json_fail(r, root, KMSG_EDECODE,
                          "\"$ref\": %" PRIu32 " leads to a record of another type, %s", ref->id,
                          id->layout->name);
        else
            memcpy(ref->slot, &id->value, sizeof id->value);
    }
}
