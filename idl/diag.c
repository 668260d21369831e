/* diag.c -- see diag.h. */
#include "idl/diag.h"

#include <string.h>

#define LINE_SHOWN_MAX 100
#define WORD_MAX       64

void idl_line_column(const idl_sources *s, idl_span where, unsigned *line, unsigned *column)
{
    const char *text = s->files[where.file].text;
    size_t      at = 0, begin = where.begin;

    *line = 1;
    for (const char *nl; (nl = memchr(text + at, '\n', begin - at)) != NULL; (*line)++)
        at = (size_t)(nl - text) + 1;
    *column = (unsigned)(begin - at) + 1;
}

/* Bytes that begin a character, so that the caret stands under what is seen. */
static bool is_begin(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

/* The line, cut around the span when it is long, and the caret below it. */
static void show_line(const idl_sources *s, idl_span where)
{
    const idl_source *f = &s->files[where.file];
    size_t            from = where.begin, to = where.begin, low, high;

    low = from > LINE_SHOWN_MAX / 2 ? from - LINE_SHOWN_MAX / 2 : 0;
    high = to + LINE_SHOWN_MAX / 2 < f->size ? to + LINE_SHOWN_MAX / 2 : f->size;
    while (from > low && f->text[from - 1] != '\n')
        from--;
    while (to < high && f->text[to] != '\n')
        to++;
    while (from < where.begin && !is_begin(f->text[from]))
        from++;
    while (to > where.begin && to < f->size && !is_begin(f->text[to]))
        to--;
    fputs("    ", s->out);
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)f->text[i];
        putc(c < 0x20 || c == 0x7f ? ' ' : c, s->out);
    }
    fputs("\n    ", s->out);
    for (size_t i = from; i < where.begin; i++)
        if (is_begin(f->text[i]))
            putc(' ', s->out);
    putc('^', s->out);
    for (size_t i = where.begin + 1; i < where.end && i < to; i++)
        if (is_begin(f->text[i]))
            putc('~', s->out);
    putc('\n', s->out);
}

static void say(idl_sources *s, idl_span where, const char *kind, const char *check,
                const char *format, va_list args)
{
    unsigned line, column;

    if (s->out == NULL)
        return;
    idl_line_column(s, where, &line, &column);
    fprintf(s->out, "%s:%u:%u: %s: ", s->files[where.file].name, line, column, kind);
    vfprintf(s->out, format, args);
    if (check != NULL)
        fprintf(s->out, " [%s]", check);
    putc('\n', s->out);
    show_line(s, where);
}

void idl_error(idl_sources *s, idl_span where, const char *check, const char *format, ...)
{
    va_list args;

    if (++s->errors == IDL_ERRORS_MAX + 1 && s->out != NULL)
        fputs("too many errors; the first of them are above\n", s->out);
    if (s->errors > IDL_ERRORS_MAX)
        return;
    va_start(args, format);
    say(s, where, "error", check, format, args);
    va_end(args);
}

void idl_warning(idl_sources *s, idl_span where, const char *check, const char *format, ...)
{
    va_list args;

    if (++s->warnings > IDL_ERRORS_MAX)
        return;
    va_start(args, format);
    say(s, where, "warning", check, format, args);
    va_end(args);
}

void idl_note(idl_sources *s, idl_span where, const char *format, ...)
{
    va_list args;

    if (s->errors > IDL_ERRORS_MAX)
        return;
    va_start(args, format);
    say(s, where, "note", NULL, format, args);
    va_end(args);
}

size_t idl_distance(const char *a, const char *b, size_t limit)
{
    size_t row[WORD_MAX + 1], n = strlen(a), m = strlen(b);

    if (n > WORD_MAX || m > WORD_MAX || (n > m ? n - m : m - n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j], best = corner + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            corner = above;
            row[j] = best;
        }
    }
    return row[m];
}
