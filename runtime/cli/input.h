/* input.h -- a file that is read from its begin to its end, with a place for messages.
 *
 * Before it would wait for more, what was written to stdout is flushed: so a stream passes through
 * as it comes, and a large file is still read and written in large pieces.
 */
#ifndef INPUT_H
#define INPUT_H

#include "cli/cli.h"

#define INPUT_ROOM 65536

typedef struct input {
    const char *name; /* for people: "-" is stdin */
    int         fd;
    bool        ended, broken; /* broken: said */
    uint64_t    record;        /* number of the one at hand, from 1 */
    uint64_t    line, column;  /* of the byte that comes next, from 1 */
    uint64_t    record_line;   /* where the one at hand begins; 0: it has no lines */
    uint64_t    record_column;
    size_t      at, end;
    uint8_t     bytes[INPUT_ROOM];
} input;

/* False, and said, when it cannot be opened. */
bool input_open(input *in, const char *path);
void input_close(input *in);

/* The next byte, without taking it; -1 at the end, and when reading fails (in->broken). */
int  input_peek(input *in);
void input_take(input *in);

/* Up to `size` bytes; fewer only at the end. */
size_t input_read(input *in, void *to, size_t size);

/* "FILE:record 3: TEXT" on stderr, with the line if there are lines; false. */
bool input_fail(const input *in, const char *format, ...) KMSG_PRINTF(2, 3);

/* What a kmsg function had to say. */
bool input_fail_err(const input *in, kmsg_err err);

/* The same of one that read the record's text, which was put `before` bytes behind the begin of
 * what it read: "1:9: TEXT" becomes line and column of the file. */
bool input_fail_text(const input *in, kmsg_err err, size_t before);

/* ---- bytes that grow as they come ------------------------------------------------------------ */

typedef struct store {
    uint8_t *bytes;
    size_t   size, room;
} store;

void store_add(store *s, uint8_t byte);
void store_put(store *s, const void *bytes, size_t size);
void store_done(store *s);

/* Read `size` more bytes; false at the end. Room is taken as bytes come, not as they are promised.
 */
bool store_read(store *s, input *in, size_t size);

#endif
