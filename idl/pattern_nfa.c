/* pattern_nfa.c -- the tree of a pattern becomes an automaton over bytes.
 *
 * It is built from its end to its begin: each part is made when what follows it is known. A set of
 * code points becomes sequences of byte ranges, as UTF-8 writes them: all code points between two
 * that differ only in bits that later bytes hold freely are one sequence. Matched are only strings
 * that are UTF-8, so bytes that cannot follow are taken where this makes fewer sequences.
 */
#include "idl/pattern_nfa.h"

typedef struct builder {
    const pat_tree *tree;
    pat_nfa        *nfa;
    size_t          visits;
    bool            too_large;
} builder;

static uint16_t add(builder *b, pat_state state)
{
    if (b->nfa->count == PAT_STATES_MAX) {
        b->too_large = true;
        return 0;
    }
    b->nfa->states[b->nfa->count] = state;
    return (uint16_t)b->nfa->count++;
}

static uint16_t split(builder *b, uint16_t next, uint16_t other)
{
    return add(b, (pat_state){.kind = PAT_SPLIT, .next = next, .other = other});
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* Byte `i` of the `n` that write `point`. */
static uint8_t byte_of(uint32_t point, unsigned i, unsigned n)
{
    static const uint8_t heads[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    uint32_t             bits = point >> 6 * (n - 1 - i);

    return (uint8_t)(i == 0 ? heads[n] | bits : 0x80 | (bits & 0x3f));
}

/* Code points of `n` bytes each: also by `next`, beside `entry` (0: the first). */
static uint16_t add_points(builder *b, uint32_t low, uint32_t high, unsigned n, uint16_t next,
                           uint16_t entry)
{
    for (unsigned i = 1; i < n; i++) {
        uint32_t free_bits = (1u << 6 * i) - 1;
        if ((low & ~free_bits) == (high & ~free_bits))
            continue;
        if ((low & free_bits) != 0) {
            entry = add_points(b, low, low | free_bits, n, next, entry);
            return add_points(b, (low | free_bits) + 1, high, n, next, entry);
        }
        if ((high & free_bits) != free_bits) {
            entry = add_points(b, low, (high & ~free_bits) - 1, n, next, entry);
            return add_points(b, high & ~free_bits, high, n, next, entry);
        }
    }
    for (unsigned i = n; i-- > 0;)
        next = add(b, (pat_state){.kind = PAT_BYTES,
                                  .low = byte_of(low, i, n),
                                  .high = byte_of(high, i, n),
                                  .next = next});
    return entry == 0 ? next : split(b, next, entry);
}

static uint16_t build_set(builder *b, const pat_node *node, uint16_t next)
{
    /* The code points of one to four bytes. Only the first two of the lows must be exact: shorter
     * ones of three and four bytes, surrogates, and what is above all are no UTF-8. */
    static const struct {
        uint32_t low, high, widest_low, widest_high;
    } lengths[] = {
        {0x0, 0x7f, 0x0, 0x7f},
        {0x80, 0x7ff, 0x80, 0x7ff},
        {0x800, 0xffff, 0x0, 0xffff},
        {0x10000, PAT_POINT_MAX, 0x0, 0x13ffff},
    };
    uint16_t entry = 0;

    for (size_t i = 0; i < node->range_count; i++) {
        pat_range r = b->tree->ranges[node->range + i];
        for (unsigned n = 0; n < 4; n++) {
            uint32_t low = r.low <= lengths[n].low ? lengths[n].widest_low : r.low;
            uint32_t high = r.high >= lengths[n].high ? lengths[n].widest_high : r.high;
            if (r.low <= lengths[n].high && r.high >= lengths[n].low && !b->too_large)
                entry = add_points(b, low, high, n + 1, next, entry);
        }
    }
    return entry;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static uint16_t build(builder *b, uint16_t node, uint16_t next);

static uint16_t build_repeat(builder *b, const pat_node *node, uint16_t next)
{
    uint16_t entry = next;

    if (node->max == PAT_MANY) {
        entry = split(b, 0, next);
        b->nfa->states[entry].next = build(b, node->child, entry);
    } else {
        for (unsigned i = node->min; i < node->max && !b->too_large; i++)
            entry = split(b, build(b, node->child, entry), next);
    }
    for (unsigned i = 0; i < node->min && !b->too_large; i++)
        entry = build(b, node->child, entry);
    return entry;
}

/* What matches `node` and goes on to `next`. Visits are counted for what adds no state, however
 * often it is repeated. */
static uint16_t build(builder *b, uint16_t index, uint16_t next)
{
    const pat_node *node = &b->tree->nodes[index];
    uint16_t        entry = 0;

    if (++b->visits > PAT_STATES_MAX)
        b->too_large = true;
    if (b->too_large)
        return 0;
    switch (node->kind) {
    case PAT_SET: return build_set(b, node, next);
    case PAT_REPEAT: return build_repeat(b, node, next);
    case PAT_ROW:
        for (uint16_t i = node->child; i != 0 && !b->too_large; i = b->tree->nodes[i].before)
            next = build(b, i, next);
        return next;
    case PAT_EITHER:
        for (uint16_t i = node->child; i != 0 && !b->too_large; i = b->tree->nodes[i].before) {
            uint16_t way = build(b, i, next);
            entry = entry == 0 ? way : split(b, way, entry);
        }
        return entry;
    }
    return 0;
}

bool pat_build(const pat_tree *tree, idl_sources *scratch, pat_nfa *ret)
{
    builder b = {.tree = tree, .nfa = ret};

    *ret = (pat_nfa){.states = idl_alloc(scratch, PAT_STATES_MAX * sizeof(pat_state)), .count = 1};
    ret->start = build(&b, tree->root, add(&b, (pat_state){.kind = PAT_END}));
    return !b.too_large;
}
