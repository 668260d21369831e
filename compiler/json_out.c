/* json_out.c -- see json_out.h. */
#include "compiler/json_out.h"

#include <string.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\';
}

static void put_escaped(out *o, char c)
{
    switch (c) {
    case '"': out_put(o, "\\\""); break;
    case '\\': out_put(o, "\\\\"); break;
    case '\n': out_put(o, "\\n"); break;
    case '\t': out_put(o, "\\t"); break;
    default: out_fmt(o, "\\u%04x", (unsigned)(unsigned char)c); break;
    }
}

static void put_quoted(out *o, const char *text)
{
    out_put(o, "\"");
    while (*text != '\0') {
        const char *from = text;
        while (*text != '\0' && is_plain(*text))
            text++;
        if (text != from)
            out_fmt(o, "%.*s", (int)(text - from), from);
        if (*text != '\0')
            put_escaped(o, *text++);
    }
    out_put(o, "\"");
}

static void new_line(json_out *j)
{
    out_fmt(j->out, "\n%*s", (int)j->depth * 2, "");
}

static void begin(json_out *j, const char *key)
{
    if (j->depth > 0) {
        out_put(j->out, j->fresh ? "" : ",");
        new_line(j);
    }
    if (key != NULL) {
        put_quoted(j->out, key);
        out_put(j->out, ": ");
    }
    j->fresh = false;
}

void json_open(json_out *j, const char *key, char bracket)
{
    begin(j, key);
    out_fmt(j->out, "%c", bracket);
    j->depth++;
    j->fresh = true;
}

void json_close(json_out *j, char bracket)
{
    j->depth--;
    if (!j->fresh)
        new_line(j);
    out_fmt(j->out, "%c%s", bracket, j->depth == 0 ? "\n" : "");
    j->fresh = false;
}

void json_string(json_out *j, const char *key, const char *text)
{
    begin(j, key);
    put_quoted(j->out, text);
}

void json_plain(json_out *j, const char *key, const char *format, ...)
{
    char    text[64];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    begin(j, key);
    out_fmt(j->out, "%s", text);
}
