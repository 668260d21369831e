/* format.h -- the canonical layout of schemas (kmsgc --format).
 *
 * Only blanks, ends of lines and separators that may be left out are the formatter's; words and
 * comments stay as they are and where they are. What it makes of its own output is that output.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include "compiler/out.h"
#include "compiler/token.h"
#include "idl/source.h"

#include <stdio.h>

/* The file in its canonical layout, added to `o`. False when the file does not follow the grammar,
 * would become larger than a schema may be, or would not come out whole: which is said, and what
 * `o` then holds is of no use. */
bool format_text(idl_sources *sources, uint32_t file, out *o);

/* The first word of `before` that has no equal in `after`: tokens and comments in the same order,
 * and separators in the same places, but for those that the grammar does not ask for. SIZE_MAX when
 * the two are the same schema. */
size_t format_difference(const token_list *before, const token_list *after);

/* kmsgc --format [--check] for one file; "-" is stdin, to stdout. With `check` nothing is written:
 * the name of a file that would change goes to stdout, and false is returned. */
bool format_file(const char *path, bool check);

#endif
