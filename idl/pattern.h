/* pattern.h -- patterns of strings, as tables over bytes. */
#ifndef IDL_PATTERN_H
#define IDL_PATTERN_H

#include "idl/source.h"

typedef struct idl_pattern {
    const char     *text;
    uint8_t         classes[256]; /* byte -> class */
    uint16_t        class_count, state_count;
    const uint16_t *next;    /* [state * class_count + class]; state 0 is dead, 1 the start */
    const uint8_t  *accepts; /* [state]: 0 or 1 */
} idl_pattern;

#endif
