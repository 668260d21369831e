/* pattern_text.h -- patterns of strings as the regular expressions of JSON Schema (ECMA-262 with
 * its u flag). Texts live in `mem`. */
#ifndef PATTERN_TEXT_H
#define PATTERN_TEXT_H

#include "idl/pattern.h"

#include <kmsg/base.h>

/* "^(?:...)$" around what the schema wrote. \u{...} becomes the character itself: not every engine
 * that checks JSON knows that form. */
const char *pattern_for_json(const idl_pattern *pattern, kmsg_arena *mem);

/* One code point from low to high. */
const char *pattern_of_range(uint32_t low, uint32_t high, kmsg_arena *mem);

/* A code point above 0 in UTF-8. */
const char *pattern_rune(uint32_t rune, kmsg_arena *mem);

#endif
