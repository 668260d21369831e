/* md_text.c -- see md_text.h.
 *
 * `&`, `<`, `>` and `|` become entities: those never are structure, not even in a table, where a
 * backslash before `|` is taken away by the table before anything else is read. The other marks get
 * a backslash.
 */
#include "compiler/md_text.h"

#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
    return ((unsigned char)c <= ' ' || c == 0x7f) && c != '\n' && c != '\0';
}

/* What stands for text[at], or NULL where it stands for itself. */
static const char *escaped(const char *text, size_t at)
{
    static const struct {
        char        c;
        const char *text;
    } marks[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'|', "&#124;"}, {'\\', "\\\\"},
                 {'`', "\\`"},   {'*', "\\*"},  {'[', "\\["},  {']', "\\]"},    {'~', "\\~"},
                 {'$', "\\$"},   {'_', "\\_"},  {'\x7f', " "}};
    bool inner = at > 0 && is_word(text[at - 1]) && is_word(text[at + 1]);

    if (text[at] == '_' && inner)
        return NULL;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i].c == text[at])
            return marks[i].text;
    return (unsigned char)text[at] < ' ' ? " " : NULL;
}

static void put(out *o, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t from = at;
        while (at < size && escaped(text, at) == NULL)
            at++;
        if (at > from)
            out_fmt(o, "%.*s", (int)(at - from), text + from);
        if (at < size)
            out_fmt(o, "%s", escaped(text, at++));
    }
}

void md_inline(out *o, const char *text)
{
    put(o, text, strlen(text));
}

/* The marks that mean something at the begin of a line: `#`, `=`, `-`, `+`, `1.`, `1)`. */
static void put_line(out *o, const char *line, size_t size)
{
    size_t digits = strspn(line, "0123456789");

    if (size > 2 && line[0] == '-' && line[1] == ' ' && is_word(line[2])) {
        out_put(o, "- ");
        put(o, line + 2, size - 2);
    } else if (size > 0 && strchr("#=-+", line[0]) != NULL) {
        out_fmt(o, "\\%c", line[0]);
        put(o, line + 1, size - 1);
    } else if (digits > 0 && digits < size && strchr(".)", line[digits]) != NULL) {
        out_fmt(o, "%.*s\\%c", (int)digits, line, line[digits]);
        put(o, line + digits + 1, size - digits - 1);
    } else {
        put(o, line, size);
    }
}

void md_paragraphs(out *o, const char *text)
{
    bool open = false;

    while (*text != '\0') {
        size_t size = strcspn(text, "\n"), left = 0, end = size;
        while (is_blank(text[left]))
            left++;
        while (end > left && is_blank(text[end - 1]))
            end--;
        if (left < end)
            put_line(o, text + left, end - left);
        if (left < end || open)
            out_put(o, "\n");
        open = left < end;
        text += size + (text[size] == '\n');
    }
    out_put(o, open ? "\n" : "");
}

void md_code(out *o, const char *text)
{
    if (text[0] == '\0' || strpbrk(text, "`|\n") != NULL)
        md_inline(o, text);
    else
        out_fmt(o, "`%s`", text);
}

static void put_path(out *o, const char *path)
{
    for (; *path != '\0'; path++)
        if (is_word(*path) || strchr("/._-", *path) != NULL)
            out_fmt(o, "%c", *path);
        else
            out_fmt(o, "%%%02X", (unsigned)(unsigned char)*path);
}

void md_link(out *o, const char *text, const char *path, const char *anchor)
{
    out_fmt(o, "[`%s`](", text);
    put_path(o, path);
    out_fmt(o, "#%s)", anchor);
}
