/* pattern.c -- see pattern.h: an automaton that may be in several states at once becomes a table.
 *
 * Bytes that no range of the pattern tells apart are one class. Subset construction makes a state
 * of each set of states that can be reached together; then states that nothing tells apart are put
 * together (Moore: blocks are split by where their states lead, until none splits), numbered in the
 * order in which they are reached, and classes whose columns are equal become one. All of that is
 * bounded: by states, by the sum of the sets, and by steps, because small patterns can be large
 * machines. The scratch memory is an arena of its own.
 */
#include "idl/pattern.h"
#include "idl/diag.h"
#include "idl/pattern_nfa.h"

#include <stdlib.h>
#include <string.h>

#define STATES_MAX (2 * IDL_PATTERN_STATES_MAX) /* before states are put together */
#define ITEMS_MAX  ((size_t)1 << 18)            /* of all sets */
#define STEPS_MAX  ((size_t)1 << 26)
#define TABLE_SIZE 4096 /* for finding a set; a power of two above STATES_MAX */

typedef struct set {
    size_t   first, count; /* in items */
    uint32_t hash;
    bool     accepts;
} set;

typedef struct dfa {
    const pat_nfa *nfa;
    size_t         steps;
    bool           too_large;

    uint8_t  classes[256];
    uint8_t  sample[256]; /* a byte of each class */
    uint16_t class_count;

    set      sets[STATES_MAX];
    size_t   count;
    uint16_t items[ITEMS_MAX]; /* states of the nfa that take bytes, each set in ascending order */
    size_t   item_count;
    uint16_t table[TABLE_SIZE]; /* of sets; 0: none, and the empty set is the first */
    uint16_t next[STATES_MAX * 256];

    bool     seen[PAT_STATES_MAX]; /* of the set that is being made */
    uint16_t stack[PAT_STATES_MAX], list[PAT_STATES_MAX];

    uint16_t block[STATES_MAX], other[STATES_MAX];
    size_t   block_count;
} dfa;

static void step(dfa *d, size_t count)
{
    d->steps += count;
    if (d->steps > STEPS_MAX)
        d->too_large = true;
}

/* ---- classes of bytes ------------------------------------------------------------------------ */

static void find_classes(dfa *d)
{
    bool begins[257] = {true};

    for (size_t i = 1; i < d->nfa->count; i++)
        if (d->nfa->states[i].kind == PAT_BYTES) {
            begins[d->nfa->states[i].low] = true;
            begins[d->nfa->states[i].high + 1] = true;
        }
    for (unsigned byte = 0; byte < 256; byte++) {
        if (begins[byte])
            d->sample[d->class_count++] = (uint8_t)byte;
        d->classes[byte] = (uint8_t)(d->class_count - 1);
    }
}

/* ---- subset construction --------------------------------------------------------------------- */

/* The set being made: `list`, `count` of them so far; `start` and all it leads to without a byte.
 */
static size_t gather(dfa *d, uint16_t start, size_t count)
{
    size_t depth = 0;

    if (!d->seen[start]) {
        d->seen[start] = true;
        d->stack[depth++] = start;
    }
    while (depth > 0) {
        uint16_t         at = d->stack[--depth];
        const pat_state *state = &d->nfa->states[at];
        d->list[count++] = at;
        for (int i = 0; state->kind == PAT_SPLIT && i < 2; i++) {
            uint16_t to = i == 0 ? state->other : state->next;
            if (!d->seen[to]) {
                d->seen[to] = true;
                d->stack[depth++] = to;
            }
        }
    }
    return count;
}

static int by_number(const void *left, const void *right)
{
    return *(const uint16_t *)left - *(const uint16_t *)right;
}

/* Of the list only what takes bytes, or ends. */
static size_t thin_out(dfa *d, size_t count, set *ret)
{
    size_t kept = 0;

    step(d, count);
    *ret = (set){.first = d->item_count, .hash = 2166136261u};
    for (size_t i = 0; i < count; i++) {
        uint16_t at = d->list[i];
        d->seen[at] = false;
        if (d->nfa->states[at].kind == PAT_END)
            ret->accepts = true;
        if (d->nfa->states[at].kind != PAT_SPLIT)
            d->list[kept++] = at;
    }
    qsort(d->list, kept, sizeof d->list[0], by_number);
    for (size_t i = 0; i < kept; i++)
        ret->hash = (ret->hash ^ d->list[i]) * 16777619u;
    ret->count = kept;
    return kept;
}

/* The number of the set that `list` holds, new or known. */
static uint16_t find_set(dfa *d, size_t count)
{
    set      wanted;
    uint32_t at;

    count = thin_out(d, count, &wanted);
    if (count == 0)
        return 0;
    for (at = wanted.hash % TABLE_SIZE; d->table[at] != 0; at = (at + 1) % TABLE_SIZE) {
        const set *known = &d->sets[d->table[at]];
        if (known->hash == wanted.hash && known->count == count &&
            memcmp(d->items + known->first, d->list, count * sizeof d->list[0]) == 0)
            return d->table[at];
    }
    if (d->count == STATES_MAX || d->item_count + count > ITEMS_MAX) {
        d->too_large = true;
        return 0;
    }
    memcpy(d->items + d->item_count, d->list, count * sizeof d->list[0]);
    d->item_count += count;
    d->sets[d->count] = wanted;
    d->table[at] = (uint16_t)d->count;
    return (uint16_t)d->count++;
}

/* Where `from` leads with a byte of `class`. */
static uint16_t move(dfa *d, const set *from, unsigned class)
{
    uint8_t byte = d->sample[class];
    size_t  count = 0;

    step(d, from->count + 1);
    for (size_t i = 0; i < from->count; i++) {
        const pat_state *state = &d->nfa->states[d->items[from->first + i]];
        if (state->kind == PAT_BYTES && state->low <= byte && byte <= state->high)
            count = gather(d, state->next, count);
    }
    return find_set(d, count);
}

static void construct(dfa *d)
{
    d->count = 1; /* the empty set, which leads to itself */
    find_set(d, gather(d, d->nfa->start, 0));
    for (size_t i = 1; i < d->count && !d->too_large; i++)
        for (unsigned c = 0; c < d->class_count && !d->too_large; c++)
            d->next[i * d->class_count + c] = move(d, &d->sets[i], c);
}

/* ---- as small as can be ---------------------------------------------------------------------- */

static bool leads_alike(const dfa *d, size_t a, size_t b)
{
    if (d->block[a] != d->block[b])
        return false;
    for (size_t c = 0; c < d->class_count; c++)
        if (d->block[d->next[a * d->class_count + c]] != d->block[d->next[b * d->class_count + c]])
            return false;
    return true;
}

static uint32_t hash_of(const dfa *d, size_t state)
{
    uint32_t hash = d->block[state];

    for (size_t c = 0; c < d->class_count; c++)
        hash = (hash ^ d->block[d->next[state * d->class_count + c]]) * 16777619u;
    return hash ^ hash >> 15;
}

/* Blocks by block and by where their states lead; true when there are more of them than before. */
static bool refine(dfa *d)
{
    size_t made = 0;

    memset(d->table, 0, sizeof d->table);
    for (size_t i = 0; i < d->count; i++) {
        uint32_t at = hash_of(d, i) % TABLE_SIZE;
        while (d->table[at] != 0 && !leads_alike(d, d->table[at] - 1u, i))
            at = (at + 1) % TABLE_SIZE;
        d->other[i] = d->table[at] != 0 ? d->other[d->table[at] - 1u] : (uint16_t)made++;
        if (d->table[at] == 0)
            d->table[at] = (uint16_t)(i + 1);
    }
    step(d, d->count * d->class_count);
    memcpy(d->block, d->other, sizeof d->block);
    if (made == d->block_count)
        return false;
    d->block_count = made;
    return true;
}

static void minimise(dfa *d)
{
    d->block_count = 2;
    for (size_t i = 0; i < d->count; i++)
        d->block[i] = d->sets[i].accepts;
    while (!d->too_large && refine(d))
        ;
    if (d->block_count > IDL_PATTERN_STATES_MAX)
        d->too_large = true;
}

/* Order of the blocks as they are reached: `other` has a state of each, `block` their numbers. The
 * block of the empty set, which nothing matches any more, is 0. */
static void number_blocks(dfa *d)
{
    uint16_t numbers[STATES_MAX] = {0};
    uint16_t made = 2;

    numbers[d->block[1]] = 1;
    d->other[0] = 0;
    d->other[1] = 1;
    for (uint16_t i = 1; i < made; i++)
        for (size_t c = 0; c < d->class_count; c++) {
            uint16_t to = d->next[d->other[i] * (size_t)d->class_count + c];
            if (d->block[to] == d->block[0] || numbers[d->block[to]] != 0)
                continue;
            numbers[d->block[to]] = made;
            d->other[made++] = to;
        }
    for (size_t i = 0; i < d->count; i++)
        d->block[i] = numbers[d->block[i]];
    d->block_count = made;
}

static bool same_column(const dfa *d, size_t a, size_t b)
{
    for (size_t i = 0; i < d->block_count; i++) {
        const uint16_t *row = d->next + d->other[i] * (size_t)d->class_count;
        if (d->block[row[a]] != d->block[row[b]])
            return false;
    }
    return true;
}

/* Bytes that lead from everywhere to the same are one class; `sample` becomes a class of before. */
static void join_classes(dfa *d, idl_pattern *p)
{
    uint8_t number[256];

    for (unsigned c = 0; c < d->class_count; c++) {
        unsigned same = 0;
        while (same < p->class_count && !same_column(d, d->sample[same], c))
            same++;
        if (same == p->class_count)
            d->sample[p->class_count++] = (uint8_t)c;
        number[c] = (uint8_t)same;
    }
    for (unsigned byte = 0; byte < 256; byte++)
        p->classes[byte] = number[d->classes[byte]];
}

static void write_tables(const dfa *d, idl_sources *s, idl_pattern *p)
{
    uint16_t *next = idl_alloc(s, d->block_count * p->class_count * sizeof *next);
    uint8_t  *accepts = idl_alloc(s, d->block_count);

    for (size_t i = 0; i < d->block_count; i++) {
        accepts[i] = d->sets[d->other[i]].accepts;
        for (size_t c = 0; c < p->class_count; c++)
            next[i * p->class_count + c] =
                d->block[d->next[d->other[i] * (size_t)d->class_count + d->sample[c]]];
    }
    p->state_count = (uint16_t)d->block_count;
    p->next = next;
    p->accepts = accepts;
}

/* ---- public ---------------------------------------------------------------------------------- */

static bool make(idl_sources *s, const pat_tree *tree, idl_sources *scratch, idl_pattern *ret)
{
    pat_nfa nfa;
    dfa    *d;

    if (!pat_build(tree, scratch, &nfa))
        return false;
    d = idl_alloc(scratch, sizeof *d);
    d->nfa = &nfa;
    find_classes(d);
    construct(d);
    if (!d->too_large)
        minimise(d);
    if (d->too_large)
        return false;
    number_blocks(d);
    join_classes(d, ret);
    write_tables(d, s, ret);
    return true;
}

const idl_pattern *idl_pattern_new(idl_sources *s, idl_span where, const char *text, size_t size)
{
    idl_pattern *p = idl_alloc(s, sizeof *p);
    idl_sources *scratch;
    pat_tree     tree;
    bool         good;

    p->text = idl_text(s, "%.*s", (int)(size > IDL_PATTERN_SIZE_MAX ? 0 : size), text);
    scratch = idl_scratch_new(s);
    good = pat_parse(s, where, text, size, scratch, &tree);
    if (good && !make(s, &tree, scratch, p)) {
        idl_error(s, where, "pattern",
                  "the pattern is too large; repeat less, or limit the length "
                  "of the string beside it: string(..100, \"...\")");
        good = false;
    }
    idl_scratch_done(s);
    return good ? p : NULL;
}

bool idl_pattern_matches(const idl_pattern *pattern, const char *text, size_t size)
{
    uint16_t state = 1;

    for (size_t i = 0; i < size && state != 0; i++)
        state = pattern->next[state * (size_t)pattern->class_count +
                              pattern->classes[(unsigned char)text[i]]];
    return pattern->accepts[state] != 0;
}
