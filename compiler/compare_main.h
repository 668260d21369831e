/* compare_main.h -- kmsgc --compare OLD NEW. */
#ifndef COMPARE_MAIN_H
#define COMPARE_MAIN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct compare_options {
    const char *old; /* a file, a folder, or a git revision: REV, REV:PATH, git:REV... */
    const char *new; /* a file or a folder */
    const char *const *dirs;
    size_t             dir_count;
    unsigned           levels; /* of compare_level */
} compare_options;

/* "wire,json" as levels; 0 when a word is none. */
unsigned compare_levels(const char *text);

/* The rules, a line each: id, what it breaks, what it is about. */
void compare_list_rules(void);

/* Unsafe changes and their number go to stdout, what went wrong to stderr. True when all could be
 * compared and nothing is unsafe. */
bool compare_main(const compare_options *options);

#endif
