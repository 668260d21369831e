/* format_check.c -- has anything been lost? Two lists of words are walked side by side.
 *
 * A separator may come and go only where the grammar does not need it: at both ends of a block or
 * file, and in front of a declaration. Everywhere else the same words have one between them or
 * none, and in an enum ; and , are the same.
 */
#include "compiler/format.h"

#include <string.h>

typedef struct walk {
    const token_list *list;
    size_t            at;
    size_t            last;      /* the word before that is no comment; SIZE_MAX: none */
    bool              separated; /* from that word */
} walk;

/* To the next word that is no separator. */
static bool skip_separators(walk *w)
{
    while (w->at < w->list->count && token_has(w->list, w->at, TOKEN_SEPARATES)) {
        w->separated = true;
        w->at++;
    }
    return w->at < w->list->count;
}

static bool needs_separator(const walk *w)
{
    return w->last != SIZE_MAX && !token_in(w->list, w->last, "{}") &&
           !token_in(w->list, w->at, "}") && !token_has(w->list, w->at, TOKEN_STARTS);
}

static bool same_lines(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const char *a_end = a + a_size, *b_end = b + b_size;

    while (a < a_end && b < b_end) {
        size_t      a_line_size, b_line_size;
        const char *a_line = token_line(&a, a_end, &a_line_size);
        const char *b_line = token_line(&b, b_end, &b_line_size);
        if (a_line_size != b_line_size || memcmp(a_line, b_line, a_line_size) != 0)
            return false;
    }
    return a == a_end && b == b_end;
}

static bool same_word(const walk *before, const walk *after)
{
    const token *a = &before->list->items[before->at], *b = &after->list->items[after->at];
    const char  *a_text = before->list->text + a->begin, *b_text = after->list->text + b->begin;

    if (a->kind != b->kind)
        return false;
    if (a->kind == TOKEN_COMMENT)
        return same_lines(a_text, a->size, b_text, b->size);
    return a->size == b->size && memcmp(a_text, b_text, a->size) == 0;
}

static void step(walk *w)
{
    if (!token_is_comment(w->list, w->at)) {
        w->last = w->at;
        w->separated = false;
    }
    w->at++;
}

size_t format_difference(const token_list *before, const token_list *after)
{
    walk a = {.list = before, .last = SIZE_MAX}, b = {.list = after, .last = SIZE_MAX};

    for (;;) {
        bool more = skip_separators(&a);
        if (skip_separators(&b) != more)
            return a.at;
        if (!more)
            return SIZE_MAX;
        if (!same_word(&a, &b))
            return a.at;
        if (!token_is_comment(before, a.at) && needs_separator(&a) && a.separated != b.separated)
            return a.at;
        step(&a);
        step(&b);
    }
}
