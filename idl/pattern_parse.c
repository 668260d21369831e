/* pattern_parse.c -- the text of a pattern becomes a tree.
 *
 * Recursive descent, at most PAT_DEPTH_MAX groups deep. A node and the ranges of a set take less
 * room than a few times the text, so both are allocated once. The first mistake ends it; where it
 * is, is told as the number of its character in the pattern.
 */
#include "idl/diag.h"
#include "idl/pattern.h"
#include "idl/pattern_nfa.h"

#include <stdlib.h>
#include <string.h>

typedef struct parser {
    idl_sources *s;
    idl_span     where;
    const char  *text, *at, *end;
    pat_tree    *tree;
    unsigned     depth;
    bool         failed;
} parser;

static void fail(parser *p, const char *at, const char *what)
{
    size_t number = 1;

    if (p->failed)
        return;
    p->failed = true;
    for (const char *c = p->text; c < at; c++)
        number += ((unsigned char)*c & 0xc0) != 0x80;
    if (at == p->end)
        idl_error(p->s, p->where, "pattern", "at the end of the pattern, %s", what);
    else
        idl_error(p->s, p->where, "pattern", "at character %zu of the pattern, %s", number, what);
}

static bool sees(const parser *p, const char *words)
{
    size_t size = strlen(words);

    return (size_t)(p->end - p->at) >= size && memcmp(p->at, words, size) == 0;
}

static bool take(parser *p, const char *words)
{
    bool there = sees(p, words);

    if (there)
        p->at += strlen(words);
    return there;
}

static uint16_t add_node(parser *p, pat_node node)
{
    p->tree->nodes[p->tree->count] = node;
    return (uint16_t)p->tree->count++;
}

static void add_child(parser *p, uint16_t parent, uint16_t child)
{
    pat_node *nodes = p->tree->nodes;

    nodes[child].before = nodes[parent].child;
    nodes[parent].child = child;
}

/* ---- sets of characters ---------------------------------------------------------------------- */

static void add_range(parser *p, uint32_t low, uint32_t high)
{
    p->tree->ranges[p->tree->range_count++] = (pat_range){low, high};
}

static int by_low(const void *left, const void *right)
{
    const pat_range *a = left, *b = right;

    return (a->low > b->low) - (a->low < b->low);
}

/* The ranges from `first` on in their order, none touching another. */
static void tidy_up(pat_tree *t, size_t first)
{
    pat_range *ranges = t->ranges + first;
    size_t     count = t->range_count - first, kept = 0;

    qsort(ranges, count, sizeof *ranges, by_low);
    for (size_t i = 1; i < count; i++)
        if (ranges[i].low > ranges[kept].high + 1)
            ranges[++kept] = ranges[i];
        else if (ranges[i].high > ranges[kept].high)
            ranges[kept].high = ranges[i].high;
    t->range_count = first + (count == 0 ? 0 : kept + 1);
}

/* What is not in them. A gap is written no later in the array than the range behind it is read. */
static void turn_around(pat_tree *t, size_t first)
{
    pat_range *ranges = t->ranges + first;
    size_t     count = t->range_count - first, made = 0;
    uint32_t   low = 1;

    for (size_t i = 0; i < count; i++) {
        pat_range r = ranges[i];
        if (r.low > low)
            ranges[made++] = (pat_range){low, r.low - 1};
        low = r.high + 1;
    }
    if (low <= PAT_POINT_MAX)
        ranges[made++] = (pat_range){low, PAT_POINT_MAX};
    t->range_count = first + made;
}

/* \d and its like; false if `letter` is none of them. */
static bool add_named(parser *p, char letter)
{
    size_t first = p->tree->range_count;

    switch (letter | 0x20) {
    case 'd': add_range(p, '0', '9'); break;
    case 'w':
        add_range(p, '0', '9');
        add_range(p, 'A', 'Z');
        add_range(p, '_', '_');
        add_range(p, 'a', 'z');
        break;
    case 's':
        add_range(p, '\t', '\r');
        add_range(p, ' ', ' ');
        break;
    default: return false;
    }
    if ((letter & 0x20) == 0)
        turn_around(p->tree, first);
    return true;
}

static uint32_t read_point(parser *p)
{
    unsigned char c = (unsigned char)*p->at++;
    unsigned      more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    uint32_t      point = more == 0 ? c : c & (0x3fu >> more);

    for (; more > 0; more--)
        point = point << 6 | ((unsigned char)*p->at++ & 0x3f);
    return point;
}

/* Behind "\u". */
static uint32_t read_hex(parser *p)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char       *at = p->at - 2;
    uint32_t          point = 0;

    if (take(p, "{")) {
        for (; p->at < p->end && point <= PAT_POINT_MAX && strchr(digits, *p->at); p->at++)
            point = point * 16 + (uint32_t)(*p->at <= '9' ? *p->at - '0' : (*p->at & 7) + 9);
        if (take(p, "}") && point > 0 && point <= PAT_POINT_MAX &&
            (point < 0xd800 || point > 0xdfff))
            return point;
    }
    fail(p, at, "'\\u{...}' must hold the hexadecimal number of a character, such as \\u{1F600}");
    return 1;
}

/* Behind a '\' that is no named set. */
static uint32_t read_escape(parser *p)
{
    const char *at = p->at - 1;
    char        c = p->at < p->end ? *p->at++ : '\0';

    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': return read_hex(p);
    case '\0':
        fail(p, at, "a '\\' has nothing behind it; write '\\\\' for the character");
        return 1;
    default: break;
    }
    if (c > ' ' && c < 0x7f && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c))
        return (unsigned char)c;
    if (c >= '0' && c <= '9')
        fail(p, at, "back-references are not possible: a pattern is matched in one pass");
    else if (c == 'b' || c == 'B' || c == 'A' || c == 'z' || c == 'Z')
        fail(p, at, "there are no word borders or anchors: the whole string must match");
    else
        fail(p, at,
             "there is no such escape; known are \\d \\w \\s \\D \\W \\S \\n \\r \\t "
             "\\u{...}, and '\\' before punctuation");
    return 1;
}

/* One member of [...], or the range that begins with it. */
static void read_member(parser *p)
{
    const char *at = p->at;
    uint32_t    low, high;

    if (sees(p, "[:")) {
        fail(p, at,
             "there are no sets such as [:alpha:]; write a-zA-Z, or '\\[' for the character");
        return;
    }
    if (take(p, "\\")) {
        if (p->at < p->end && add_named(p, *p->at)) {
            p->at++;
            return;
        }
        low = read_escape(p);
    } else {
        low = read_point(p);
    }
    high = low;
    if (p->at + 1 < p->end && p->at[0] == '-' && p->at[1] != ']') {
        p->at++;
        high = take(p, "\\") ? read_escape(p) : read_point(p);
    }
    if (high < low)
        fail(p, at, "the range ends before it begins");
    else
        add_range(p, low, high);
}

/* Behind '['. */
static void read_set(parser *p)
{
    const char *at = p->at - 1;
    size_t      first = p->tree->range_count;
    bool        all_but = take(p, "^");

    while (!p->failed && p->at < p->end && *p->at != ']')
        read_member(p);
    if (p->failed)
        return;
    if (!take(p, "]"))
        fail(p, at, "the '[' has no ']'");
    else if (p->tree->range_count == first)
        fail(p, at, "the set is empty; write '.' for any character, or '\\]' for a ']' in it");
    tidy_up(p->tree, first);
    if (all_but)
        turn_around(p->tree, first);
    if (!p->failed && p->tree->range_count == first)
        fail(p, at, "the set leaves no character");
}

/* ---- structure ------------------------------------------------------------------------------- */

static uint16_t read_either(parser *p);

/* Behind '('. */
static uint16_t read_group(parser *p)
{
    const char *at = p->at - 1;
    uint16_t    node;

    if (sees(p, "?=") || sees(p, "?!") || sees(p, "?<=") || sees(p, "?<!"))
        fail(p, at, "look-around is not possible: a pattern is matched in one pass");
    else if (sees(p, "?") && !take(p, "?:"))
        fail(p, at, "only groups ( ) and (?: ) are known");
    else if (++p->depth > PAT_DEPTH_MAX)
        fail(p, at, "groups nest more than 50 deep");
    if (p->failed)
        return 0;
    node = read_either(p);
    p->depth--;
    if (!p->failed && !take(p, ")"))
        fail(p, at, "the '(' has no ')'");
    return node;
}

/* A character that means something and cannot stand where it does. */
static void refuse(parser *p, char c)
{
    switch (c) {
    case '*':
    case '+':
    case '?':
    case '{':
        fail(p, p->at,
             "there is nothing to repeat; write '\\' before the character if you mean it. "
             "A repetition of a repetition needs a group");
        break;
    case '^': fail(p, p->at, "'^' can only begin a pattern; write '\\^' for the character"); break;
    case '$': fail(p, p->at, "'$' can only end a pattern; write '\\$' for the character"); break;
    default: fail(p, p->at, "a bracket ends that did not begin; write '\\' before it"); break;
    }
}

static uint16_t read_one(parser *p)
{
    size_t first = p->tree->range_count;

    if (take(p, "("))
        return read_group(p);
    if (strchr("*+?{^$]}", *p->at) != NULL) {
        refuse(p, *p->at);
    } else if (take(p, ".")) {
        add_range(p, 1, PAT_POINT_MAX);
    } else if (take(p, "[")) {
        read_set(p);
    } else if (take(p, "\\")) {
        if (p->at < p->end && add_named(p, *p->at)) {
            p->at++;
        } else {
            uint32_t point = read_escape(p);
            add_range(p, point, point);
        }
    } else {
        uint32_t point = read_point(p);
        add_range(p, point, point);
    }
    return add_node(p, (pat_node){.kind = PAT_SET,
                                  .range = (uint32_t)first,
                                  .range_count = (uint32_t)(p->tree->range_count - first)});
}

static bool read_count(parser *p, uint16_t *ret)
{
    unsigned count = 0;
    bool     any = false;

    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++, any = true)
        count = count > PAT_REPEAT_MAX ? count : count * 10 + (unsigned)(*p->at - '0');
    if (count > PAT_REPEAT_MAX)
        fail(p, p->at - 1, "a repetition counts to 255 at most");
    if (any)
        *ret = (uint16_t)count;
    return any;
}

/* Behind '{'. */
static void read_counts(parser *p, pat_node *node)
{
    const char *at = p->at - 1;
    bool        good = read_count(p, &node->min);

    node->max = node->min;
    if (good && take(p, ",") && !read_count(p, &node->max))
        node->max = PAT_MANY;
    if (!good || !take(p, "}"))
        fail(p, at, "a repetition is {2}, {2,} or {2,4}; write '\\{' for the character");
    else if (node->max < node->min)
        fail(p, at, "the repetition ends before it begins");
}

static uint16_t read_repeated(parser *p)
{
    uint16_t what = read_one(p);
    pat_node node = {.kind = PAT_REPEAT, .child = what, .max = PAT_MANY};

    if (p->failed || p->at == p->end)
        return what;
    if (take(p, "+"))
        node.min = 1;
    else if (take(p, "?"))
        node.max = 1;
    else if (take(p, "{"))
        read_counts(p, &node);
    else if (!take(p, "*"))
        return what;
    return add_node(p, node);
}

static bool at_final_dollar(const parser *p)
{
    return p->at + 1 == p->end && *p->at == '$';
}

static uint16_t read_row(parser *p)
{
    uint16_t row = add_node(p, (pat_node){.kind = PAT_ROW});

    while (!p->failed && p->at < p->end && *p->at != '|' && *p->at != ')' && !at_final_dollar(p)) {
        uint16_t child = read_repeated(p);
        if (!p->failed)
            add_child(p, row, child);
    }
    return row;
}

static uint16_t read_either(parser *p)
{
    uint16_t either = add_node(p, (pat_node){.kind = PAT_EITHER});

    do {
        add_child(p, either, read_row(p));
    } while (!p->failed && take(p, "|"));
    return either;
}

bool pat_parse(idl_sources *s, idl_span where, const char *text, size_t size, idl_sources *scratch,
               pat_tree *ret)
{
    parser p = {.s = s, .where = where, .text = text, .at = text, .end = text + size, .tree = ret};

    if (size > IDL_PATTERN_SIZE_MAX) {
        idl_error(s, where, "pattern", "the pattern is too large: it has more than %d bytes",
                  IDL_PATTERN_SIZE_MAX);
        return false;
    }
    if (!kmsg_utf8_valid(text, size)) {
        idl_error(s, where, "pattern", "the pattern is not UTF-8 without U+0000, as strings are");
        return false;
    }
    *ret = (pat_tree){.nodes = idl_alloc(scratch, (2 * size + 4) * sizeof(pat_node)),
                      .count = 1,
                      .ranges = idl_alloc(scratch, (3 * size + 8) * sizeof(pat_range))};
    take(&p, "^");
    ret->root = read_either(&p);
    if (!p.failed && at_final_dollar(&p))
        p.at++;
    if (!p.failed && p.at < p.end)
        fail(&p, p.at, "a ')' has no '('; write '\\)' for the character");
    return !p.failed;
}
