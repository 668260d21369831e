/* pattern.h -- patterns of strings, as tables over bytes.
 *
 * A pattern is a regular expression that the whole string must match. What it can say:
 *
 *     abc  .  [a-z_]  [^"]     characters (code points); . is any one
 *     \d \w \s  \D \W \S       [0-9], [A-Za-z0-9_], white space; all but these
 *     \n \r \t  \u{1F600}      a character by its name; \ before punctuation: the character
 *     (x)  (?:x)  x|y          groups, alternatives
 *     x*  x+  x?  x{2} x{2,} x{2,4}
 *
 * A ^ at the begin and a $ at the end are taken and say nothing more. There are no back-references
 * and no look-around, so a table of states does it: each byte of a string is looked at once.
 */
#ifndef IDL_PATTERN_H
#define IDL_PATTERN_H

#include "idl/source.h"

#define IDL_PATTERN_SIZE_MAX   4096 /* bytes of the text */
#define IDL_PATTERN_STATES_MAX 1000

typedef struct idl_pattern {
    const char     *text;
    uint8_t         classes[256]; /* byte -> class */
    uint16_t        class_count, state_count;
    const uint16_t *next;    /* [state * class_count + class]; state 0 is dead, 1 the start */
    const uint8_t  *accepts; /* [state]: 0 or 1 */
} idl_pattern;

/* The pattern written as `text`, in the arena of `s`; NULL after an error at `where`. The same text
 * gives the same tables, and the smallest. */
const idl_pattern *idl_pattern_new(idl_sources *s, idl_span where, const char *text, size_t size);

/* Of `text` that is UTF-8 without U+0000, as strings are; of other bytes it may say either. */
bool idl_pattern_matches(const idl_pattern *pattern, const char *text, size_t size);

#endif
