/* split.c -- see split.h. */
#include "cli/split.h"

#include <string.h>

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What no number or word goes beyond. */
static bool ends_word(int c)
{
    return c < 0 || is_blank(c) || strchr("{}[],:\"", c) != NULL;
}

static void take(input *in, store *ret)
{
    store_add(ret, (uint8_t)input_peek(in));
    input_take(in);
}

/* How deep it is inside brackets once `c` has been seen, and inside quotes or not. */
typedef struct scan {
    size_t depth;
    bool   quoted, escaped;
} scan;

static void see(scan *s, int c)
{
    if (s->escaped)
        s->escaped = false;
    else if (s->quoted && c == '\\')
        s->escaped = true;
    else if (c == '"')
        s->quoted = !s->quoted;
    else if (!s->quoted && (c == '{' || c == '['))
        s->depth++;
    else if (!s->quoted && (c == '}' || c == ']'))
        s->depth--;
}

static split_result read_nested(input *in, size_t size_max, store *ret)
{
    scan s = {0};

    do {
        int c = input_peek(in);
        if (c < 0) {
            if (!in->broken)
                input_fail(in, "the input ends inside a value");
            return SPLIT_BAD;
        }
        if (ret->size == size_max) {
            input_fail(in, "a value of more than %zu bytes (see --max)", size_max);
            return SPLIT_BAD;
        }
        take(in, ret);
        see(&s, c);
    } while (s.depth > 0 || s.quoted);
    return SPLIT_VALUE;
}

static split_result read_word(input *in, size_t size_max, store *ret)
{
    do {
        if (ret->size == size_max) {
            input_fail(in, "a value of more than %zu bytes (see --max)", size_max);
            return SPLIT_BAD;
        }
        take(in, ret);
    } while (!ends_word(input_peek(in)));
    return in->broken ? SPLIT_BAD : SPLIT_VALUE;
}

split_result split_next(input *in, size_t size_max, store *ret)
{
    int c;

    ret->size = 0;
    while (is_blank(c = input_peek(in)))
        input_take(in);
    if (c < 0)
        return in->broken ? SPLIT_BAD : SPLIT_END;
    in->record++;
    in->record_line = in->line;
    in->record_column = in->column;
    if (c == '{' || c == '[' || c == '"')
        return read_nested(in, size_max, ret);
    return read_word(in, size_max, ret);
}
