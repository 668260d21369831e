/* json_out.h -- JSON as text, indented, into an out.
 *
 *     json_open(&j, NULL, '{');
 *     json_string(&j, "type", "array");
 *     json_open(&j, "items", '{');
 *     json_close(&j, '}');
 *     json_close(&j, '}');
 *
 * Members of objects take a key; items of arrays, and the whole, take NULL. Texts are UTF-8.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include "compiler/out.h"

typedef struct json_out {
    out     *out;
    unsigned depth;
    bool     fresh; /* nothing stands yet in what is open */
} json_out;

void json_open(json_out *j, const char *key, char bracket);
void json_close(json_out *j, char bracket);

void json_string(json_out *j, const char *key, const char *text);

/* A number, true, false or null, printf-like. */
void json_plain(json_out *j, const char *key, const char *format, ...) KMSG_PRINTF(3, 4);

#endif
