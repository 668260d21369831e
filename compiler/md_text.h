/* md_text.h -- text in Markdown (CommonMark with GitHub's tables), so that it is read as it was
 * written: no character of it means anything to Markdown or HTML.
 */
#ifndef MD_TEXT_H
#define MD_TEXT_H

#include "compiler/out.h"

/* Within a line: of a heading, a list or a table's cell. Line ends become spaces. */
void md_inline(out *o, const char *text);

/* Lines as paragraphs, an empty line between two; "- " at the begin of a line is a list still. Ends
 * with an empty line; nothing at all for "". */
void md_paragraphs(out *o, const char *text);

/* As code, in a line; what code cannot hold in a table comes as plain text. */
void md_code(out *o, const char *text);

/* [`text`](target), where text is a name and target a path: what it cannot hold is quoted with %.
 */
void md_link(out *o, const char *text, const char *path, const char *anchor);

#endif
