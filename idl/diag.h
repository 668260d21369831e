/* diag.h -- saying what is wrong, where, and what to do:
 *
 *     hello.kmsg:3:12: error: no type 'Persn'; did you mean 'Person'? [unknown-type]
 *         find() -> Persn;
 *                   ^~~~~
 */
#ifndef IDL_DIAG_H
#define IDL_DIAG_H

#include "idl/source.h"

/* `check` is the name in brackets, NULL for syntax. After IDL_ERRORS_MAX errors only a last line
 * comes. */
void idl_error(idl_sources *s, idl_span where, const char *check, const char *format, ...)
    KMSG_PRINTF(4, 5);
void idl_warning(idl_sources *s, idl_span where, const char *check, const char *format, ...)
    KMSG_PRINTF(4, 5);

/* More about the error before: "'x' is declared here". */
void idl_note(idl_sources *s, idl_span where, const char *format, ...) KMSG_PRINTF(3, 4);

/* Line and column, from 1, of the begin of a span. Columns count bytes. */
void idl_line_column(const idl_sources *s, idl_span where, unsigned *line, unsigned *column);

/* How different two words are (edits), at most `limit` + 1. */
size_t idl_distance(const char *a, const char *b, size_t limit);

#endif
