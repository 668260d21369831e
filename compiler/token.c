/* token.c -- see token.h.
 *
 * Words end where idl/lex.l ends them, or later: what stands together in the text and is kept
 * together cannot come to mean something else.
 */
#include "compiler/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const starters[] = {"module",  "import", "const",  "alias", "enum",
                                       "closed",  "record", "fixed",  "union", "error",
                                       "service", "topic",  "machine"};

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t letters(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size && (is_letter(text[n]) || is_digit(text[n])))
        n++;
    return n;
}

/* A name, or a number: 12 0xff 2s 1.5 1e-3 1.5e+3. The dots of 1..5 are not part of it. */
static size_t word_size(const char *text, size_t size)
{
    size_t n = letters(text, size);

    if (!is_digit(text[0]))
        return n;
    if (n + 1 < size && text[n] == '.' && is_digit(text[n + 1]))
        n += 1 + letters(text + n + 1, size - n - 1);
    if (n + 1 < size && (text[n - 1] == 'e' || text[n - 1] == 'E') &&
        (text[n] == '+' || text[n] == '-') && is_digit(text[n + 1]))
        n += 1 + letters(text + n + 1, size - n - 1);
    return n;
}

static size_t string_size(const char *text, size_t size)
{
    size_t n = 1;

    while (n < size && text[n] != '"' && text[n] != '\n')
        n += text[n] == '\\' && n + 1 < size && text[n + 1] != '\n' ? 2 : 1;
    return n < size && text[n] == '"' ? n + 1 : n;
}

static size_t line_size(const char *text, size_t size)
{
    const char *end = memchr(text, '\n', size);
    size_t      n = end == NULL ? size : (size_t)(end - text);

    while (is_blank(text[n - 1]))
        n--;
    return n;
}

static size_t comment_size(const char *text, size_t size)
{
    size_t n = 2;

    while (n + 1 < size && !(text[n] == '*' && text[n + 1] == '/'))
        n++;
    return n + 1 < size ? n + 2 : size;
}

/* The word at `*at` or behind the blanks there; false at the end of the text. */
static bool next(const char *text, size_t size, size_t *at, token *ret)
{
    token  t = {0};
    size_t n = *at;
    char   c, d;

    for (; n < size && (is_blank(text[n]) || text[n] == '\n'); n++)
        t.lines = (uint8_t)(t.lines + (text[n] == '\n' && t.lines < 2));
    if (n == size)
        return false;
    c = text[n];
    d = n + 1 < size ? text[n + 1] : '\0';
    t.begin = (uint32_t)n;
    if (c == '/' && (d == '/' || d == '*')) {
        t.kind = d == '/' ? TOKEN_LINE : TOKEN_COMMENT;
        n += d == '/' ? line_size(text + n, size - n) : comment_size(text + n, size - n);
    } else if (c == '"') {
        t.kind = TOKEN_STRING;
        n += string_size(text + n, size - n);
    } else if (is_letter(c) || is_digit(c)) {
        t.kind = TOKEN_WORD;
        n += word_size(text + n, size - n);
    } else {
        t.kind = TOKEN_MARK;
        n += (c == '-' && d == '>') || (c == '.' && d == '.') ? 2 : 1;
    }
    t.size = (uint32_t)n - t.begin;
    *at = n;
    *ret = t;
    return true;
}

/* ---- roles ----------------------------------------------------------------------------------- */

static bool is_starter(const token_list *l, size_t i)
{
    for (size_t k = 0; k < sizeof starters / sizeof *starters; k++)
        if (token_is(l, i, starters[k]))
            return true;
    return false;
}

/* "closed" in front of "enum", "fixed" in front of "record" */
static bool continues(const token_list *l, size_t i)
{
    return token_has(l, i, TOKEN_STARTS) && (token_is(l, i, "closed") || token_is(l, i, "fixed"));
}

/* Words of the language are names too, but only inside brackets. A declaration with @marks begins
 * with the first of these. */
static void find_starts_and_separators(token_list *l)
{
    size_t before = SIZE_MAX;
    long   braces = 0, brackets = 0;
    bool   in_enum = false, marked = false;

    for (size_t i = 0; i < l->count; i++) {
        if (token_is_comment(l, i))
            continue;
        if (braces == 0 && brackets == 0 && is_starter(l, i) &&
            (before == SIZE_MAX || !continues(l, before))) {
            l->items[i].roles = marked ? 0 : TOKEN_STARTS;
            in_enum = token_is(l, i, "enum") || token_is(l, i, "closed");
            marked = false;
        }
        if (braces == 0 && brackets == 0 && token_in(l, i, "@")) {
            l->items[i].roles = marked ? 0 : TOKEN_STARTS;
            marked = true;
        }
        if (token_in(l, i, ";") || (in_enum && braces > 0 && token_in(l, i, ",")))
            l->items[i].roles = TOKEN_SEPARATES;
        braces += token_in(l, i, "{") - token_in(l, i, "}");
        brackets += token_in(l, i, "([<") - token_in(l, i, ")]>");
        before = i;
    }
}

static void find_leading_comments(token_list *l)
{
    for (size_t i = l->count; i > 1; i--) {
        size_t next_one = i - 1;
        bool   word = !token_is_comment(l, next_one) && !token_in(l, next_one, ";,}");
        if (l->items[i - 2].kind == TOKEN_COMMENT && l->items[next_one].lines == 0 &&
            (word || token_has(l, next_one, TOKEN_LEADS)))
            l->items[i - 2].roles = TOKEN_LEADS;
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

void tokens_init(token_list *list, const char *text, size_t size)
{
    size_t at = 0, count = 0;
    token  t;

    while (next(text, size, &at, &t))
        count++;
    *list = (token_list){.text = text, .items = calloc(count + 1, sizeof(token)), .count = count};
    if (list->items == NULL) {
        fputs("kmsgc: out of memory\n", stderr);
        exit(1);
    }
    at = 0;
    for (size_t i = 0; i < count; i++)
        next(text, size, &at, &list->items[i]);
    find_starts_and_separators(list);
    find_leading_comments(list);
}

void tokens_done(token_list *list)
{
    free(list->items);
}

bool token_is(const token_list *list, size_t i, const char *text)
{
    const token *t = &list->items[i];

    return t->kind <= TOKEN_MARK && strlen(text) == t->size &&
           memcmp(list->text + t->begin, text, t->size) == 0;
}

bool token_in(const token_list *list, size_t i, const char *set)
{
    const token *t = &list->items[i];

    return t->kind == TOKEN_MARK && t->size == 1 && strchr(set, list->text[t->begin]) != NULL;
}

bool token_is_comment(const token_list *list, size_t i)
{
    return list->items[i].kind >= TOKEN_COMMENT;
}

bool token_has(const token_list *list, size_t i, uint8_t role)
{
    return (list->items[i].roles & role) != 0;
}

const char *token_line(const char **at, const char *end, size_t *ret_size)
{
    const char *line = *at, *stop = memchr(line, '\n', (size_t)(end - line));

    *at = stop == NULL ? end : stop + 1;
    stop = stop == NULL ? end : stop;
    while (line < stop && is_blank(*line))
        line++;
    while (stop > line && is_blank(stop[-1]))
        stop--;
    *ret_size = (size_t)(stop - line);
    return line;
}
