/* pattern_nfa.h -- what a pattern is on its way from text to table: a tree, then an automaton over
 * bytes that may be in several states at once. Only idl/pattern*.c and their fuzzer look here.
 */
#ifndef IDL_PATTERN_NFA_H
#define IDL_PATTERN_NFA_H

#include "idl/source.h"

#define PAT_MANY       UINT16_MAX /* no upper end: x* */
#define PAT_REPEAT_MAX 255
#define PAT_DEPTH_MAX  50    /* groups in groups */
#define PAT_STATES_MAX 20000 /* of the automaton */
#define PAT_POINT_MAX  0x10ffff

typedef struct pat_range {
    uint32_t low, high; /* code points, both in it */
} pat_range;

typedef struct pat_node {
    enum { PAT_SET, PAT_ROW, PAT_EITHER, PAT_REPEAT } kind;
    uint16_t child;  /* ROW, EITHER: the last one; REPEAT: what is repeated; 0: none */
    uint16_t before; /* the sibling before this; 0: none */
    uint16_t min, max;
    uint32_t range, range_count; /* SET */
} pat_node;

typedef struct pat_tree {
    pat_node  *nodes; /* from 1 */
    size_t     count;
    pat_range *ranges;
    size_t     range_count;
    uint16_t   root;
} pat_tree;

typedef struct pat_state {
    enum { PAT_BYTES, PAT_SPLIT, PAT_END } kind;
    uint8_t  low, high;   /* BYTES: one of these, then `next` */
    uint16_t next, other; /* SPLIT: to both */
} pat_state;

typedef struct pat_nfa {
    pat_state *states;
    size_t     count;
    uint16_t   start;
} pat_nfa;

/* All of it in the arena of `scratch`. False after an error at `where` on `s`. */
bool pat_parse(idl_sources *s, idl_span where, const char *text, size_t size, idl_sources *scratch,
               pat_tree *ret);

/* False when it would be too large. */
bool pat_build(const pat_tree *tree, idl_sources *scratch, pat_nfa *ret);

#endif
