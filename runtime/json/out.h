/* out.h -- the text that is being written: one buffer that grows in an arena, with an upper limit.
 *
 * Sticky: after a failure (out.err: KMSG_ETOOBIG, KMSG_ENOMEM) nothing more is written.
 */
#ifndef KMI_JSON_OUT_H
#define KMI_JSON_OUT_H

#include <kmsg/base.h>

typedef struct kmi_json_out {
    kmsg_arena *mem;
    char       *data;
    size_t      size;
    size_t      capacity;
    size_t      max;
    uint32_t    indent; /* spaces a level; 0: no white space at all */
    uint32_t    level;
    kmsg_err    err;
} kmi_json_out;

void kmi_json_out_init(kmi_json_out *out, kmsg_arena *mem, size_t expected, size_t max,
                       uint32_t indent);

/* Room for `size` bytes at the end, which are part of the text; NULL after a failure. */
char *kmi_json_out_room(kmi_json_out *out, size_t size);
void  kmi_json_out_put(kmi_json_out *out, const char *data, size_t size);
void  kmi_json_out_char(kmi_json_out *out, char c);

/* A string with its quotes; the text is UTF-8. */
void kmi_json_out_string(kmi_json_out *out, const char *data, size_t size);

/* Objects and arrays: before each part, and the brackets around them. */
void kmi_json_out_open(kmi_json_out *out, char bracket);
void kmi_json_out_next(kmi_json_out *out, bool *first);
void kmi_json_out_close(kmi_json_out *out, char bracket, bool empty);
void kmi_json_out_name(kmi_json_out *out, bool *first, const char *name);

#endif
