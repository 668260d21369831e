/* split.h -- a stream of JSON values, one behind the other, taken apart without reading them. */
#ifndef SPLIT_H
#define SPLIT_H

#include "cli/input.h"

typedef enum split_result { SPLIT_VALUE, SPLIT_END, SPLIT_BAD } split_result;

/* The text of the next value into `ret`, which is emptied first; in->record counts it. Whether it
 * is JSON is left to who reads it: brackets are matched, quotes seen through, nothing more.
 * SPLIT_BAD: it is not complete, larger than `size_max`, or cannot be read; said. */
split_result split_next(input *in, size_t size_max, store *ret);

#endif
