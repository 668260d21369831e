/* marks.h -- "$id" and "$ref" while writing.
 *
 * Whether a record is mentioned again is known only at the end. So the text is written without
 * numbers, with marks for where they belong; in the end the marks of what was mentioned twice or
 * more are filled in, in the order of the text.
 */
#ifndef KMI_JSON_MARKS_H
#define KMI_JSON_MARKS_H

#include "json/out.h"

typedef struct kmi_json_object kmi_json_object;
typedef struct kmi_json_mark   kmi_json_mark;

typedef struct kmi_json_marks {
    kmsg_arena      *mem;
    kmi_json_object *table; /* open addressing, by the pointer */
    size_t           count;
    size_t           capacity; /* a power of two */
    kmi_json_mark   *first;
    kmi_json_mark  **last;
} kmi_json_marks;

void kmi_json_marks_init(kmi_json_marks *marks, kmsg_arena *mem);

/* Is this the first mention of it? Then the caller writes it, and marks where "$id" would stand,
 * behind the `{`: kmi_json_mark_id(); else "$ref" is written here. */
bool kmi_json_mention(kmi_json_marks *marks, kmi_json_out *out, const void *object);
kmi_json_mark *kmi_json_mark_id(kmi_json_marks *marks, kmi_json_out *out, const void *object);

/* The object has members: "$id" needs a comma behind it. */
void kmi_json_mark_comma(kmi_json_mark *mark);

/* Fill in the marks. */
void kmi_json_marks_end(kmi_json_marks *marks, kmi_json_out *out);

#endif
