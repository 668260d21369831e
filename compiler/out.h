/* out.h -- text of generated files: templates that look like what they make.
 *
 *     out_set(o, "T", "Person");
 *     out_put(o, "void $T_put(const $T *p);\n");          void Person_put(const Person *p);
 *
 * A hole is `$` and one capital letter, or `${word}`. Values are copied. Text is kept in memory
 * until out_write() puts it on disk, and then only if the file would change: a build that looks at
 * times compiles nothing again in vain. Running out of memory ends the program with a message.
 */
#ifndef OUT_H
#define OUT_H

#include <kmsg/base.h>

typedef struct out out;

out *out_new(void);
void out_free(out *o);

/* What $NAME or ${NAME} stands for from now on. */
void out_set(out *o, const char *name, const char *value);

/* The same with a format. */
void out_setf(out *o, const char *name, const char *format, ...) KMSG_PRINTF(3, 4);

/* Text with holes. A hole that was never set is the program's bug. */
void out_put(out *o, const char *text);

/* Text without holes, printf-like. */
void out_fmt(out *o, const char *format, ...) KMSG_PRINTF(2, 3);

/* Text as it is. */
void out_add(out *o, const char *text, size_t size);

/* Break lines of code that are longer than `columns` behind a comma, under the bracket that is open
 * there. Comments and preprocessor lines stay. */
void out_fold(out *o, size_t columns);

/* What has been put so far, NUL-terminated. */
const char *out_text(const out *o);

/* Write all to `path`, by a temporary file beside it that is renamed, so that the file is whole at
 * any moment; nothing at all if it has this content already. On failure: a sentence in `why`. */
bool out_write(const out *o, const char *path, char *why, size_t why_size);

/* The same for a file that is there and is somebody's work: its mode stays, a symbolic link still
 * leads to it, and one that may not be written is left alone. */
bool out_rewrite(const out *o, const char *path, char *why, size_t why_size);

#endif
