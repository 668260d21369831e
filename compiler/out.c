/* out.c -- see out.h. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "compiler/out.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLES_MAX 48
#define NAME_SIZE 24

typedef struct hole {
    char  name[NAME_SIZE];
    char *value;
} hole;

struct out {
    char  *text;
    size_t size, capacity;
    hole   holes[HOLES_MAX];
    size_t hole_count;
};

static void *must_have(void *p)
{
    if (p == NULL) {
        fputs("kmsgc: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

out *out_new(void)
{
    out *o = must_have(calloc(1, sizeof *o));

    o->capacity = 64 << 10;
    o->text = must_have(malloc(o->capacity));
    o->text[0] = '\0';
    return o;
}

void out_free(out *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->hole_count; i++)
        free(o->holes[i].value);
    free(o->text);
    free(o);
}

static void append(out *o, const char *text, size_t size)
{
    while (o->capacity - o->size <= size) {
        o->capacity *= 2;
        o->text = must_have(realloc(o->text, o->capacity));
    }
    memcpy(o->text + o->size, text, size);
    o->size += size;
    o->text[o->size] = '\0';
}

static hole *find(out *o, const char *name, size_t size)
{
    for (size_t i = 0; i < o->hole_count; i++)
        if (strncmp(o->holes[i].name, name, size) == 0 && o->holes[i].name[size] == '\0')
            return &o->holes[i];
    return NULL;
}

void out_set(out *o, const char *name, const char *value)
{
    hole *h = find(o, name, strlen(name));
    char *copy = must_have(strdup(value));

    if (h == NULL) {
        assert(o->hole_count < HOLES_MAX && strlen(name) < NAME_SIZE);
        h = &o->holes[o->hole_count++];
        memcpy(h->name, name, strlen(name) + 1);
    }
    free(h->value);
    h->value = copy;
}

/* Formatted text, to be freed. */
static char *format_new(const char *format, va_list args)
{
    va_list again;
    int     size;
    char   *text;

    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(size >= 0);
    text = must_have(malloc((size_t)size + 1));
    vsnprintf(text, (size_t)size + 1, format, args);
    return text;
}

void out_setf(out *o, const char *name, const char *format, ...)
{
    va_list args;
    char   *value;

    va_start(args, format);
    value = format_new(format, args);
    va_end(args);
    out_set(o, name, value);
    free(value);
}

void out_fmt(out *o, const char *format, ...)
{
    va_list args;
    char   *text;

    va_start(args, format);
    text = format_new(format, args);
    va_end(args);
    append(o, text, strlen(text));
    free(text);
}

void out_add(out *o, const char *text, size_t size)
{
    append(o, text, size);
}

void out_put(out *o, const char *text)
{
    const char *dollar;

    while ((dollar = strchr(text, '$')) != NULL) {
        bool        braces = dollar[1] == '{';
        const char *name = dollar + 1 + braces;
        size_t      size = braces ? strcspn(name, "}") : 1;
        hole       *h = find(o, name, size);
        assert(h != NULL && "a hole that was never set");
        append(o, text, (size_t)(dollar - text));
        append(o, h->value, strlen(h->value));
        text = name + size + braces;
    }
    append(o, text, strlen(text));
}

const char *out_text(const out *o)
{
    return o->text;
}

/* ---- folding --------------------------------------------------------------------------------- */

typedef struct fold {
    size_t at;     /* where to break: behind ", " */
    size_t indent; /* of what follows */
} fold;

#define OPEN_MAX_DEPTH 32

/* What follows a break goes under the bracket that is open there, unless that is too far right for
 * it. */
static size_t fold_indent(const char *line, size_t at, size_t left, size_t open, size_t columns)
{
    size_t piece = strcspn(line + at, ",");

    return open > 60 || (open > left + 8 && open + piece >= columns) ? left + 8 : open;
}

/* The outermost place to break before `columns`, and of those the last: before a '?' or ':' that
 * stands free, or behind a comma; if there is none, behind the first bracket. `inside`: the line
 * continues another. Text in quotes is not looked into. */
static fold find_fold(const char *line, size_t size, size_t columns, bool inside)
{
    size_t open[OPEN_MAX_DEPTH + 1], depth = 0, best = SIZE_MAX, left = strspn(line, " ");
    size_t first = 0; /* behind the first bracket */
    bool   quoted = false;
    fold   f = {0, 0};

    open[0] = left + (inside ? 0 : 8);
    for (size_t i = left; i < size && i < columns; i++) {
        char c = line[i];
        bool free_mark = (c == '?' || c == ':') && line[i - 1] == ' ';
        if (c == '"' && line[i - 1] != '\\')
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == '(' && first == 0 && line[i + 1] != ')')
            first = i + 1;
        if ((c == '(' || c == '{') && depth < OPEN_MAX_DEPTH)
            open[++depth] = i + 1;
        else if ((c == ')' || c == '}') && depth > 0)
            depth--;
        else if ((free_mark || (c == ',' && (depth > 0 || inside))) && depth <= best &&
                 (free_mark ? i : i + 2) > open[depth] && i + 1 < size) {
            best = depth;
            f.at = free_mark ? i : i + 2;
            f.indent = fold_indent(line, f.at, left, open[depth], columns);
        }
    }
    if (best == SIZE_MAX && first > left + 8)
        f = (fold){first, inside ? left : left + 4};
    return f;
}

static bool is_code(const char *line)
{
    line += strspn(line, " ");
    return line[0] != '#' && line[0] != '/' && line[0] != '*';
}

static void fold_line(out *to, const char *line, size_t size, size_t columns)
{
    char *rest = must_have(malloc(size + 128 + 1));
    bool  inside = line[0] == ' ' && line[strspn(line, " ")] == '.'; /* of an initialiser */

    memcpy(rest, line, size);
    rest[size] = '\0';
    while (size > columns && is_code(rest)) {
        fold   f = find_fold(rest, size, columns, inside);
        size_t cut = f.at;
        if (f.at <= f.indent)
            break;
        inside = true;
        while (cut > 0 && rest[cut - 1] == ' ')
            cut--;
        append(to, rest, cut);
        append(to, "\n", 1);
        memmove(rest + f.indent, rest + f.at, size - f.at + 1);
        memset(rest, ' ', f.indent);
        size = f.indent + size - f.at;
    }
    append(to, rest, size);
    free(rest);
}

void out_fold(out *o, size_t columns)
{
    out  *to = out_new();
    char *text = o->text;
    bool  macro = false; /* the line before goes on in this one */

    for (const char *at = text; *at != '\0';) {
        size_t size = strcspn(at, "\n");
        bool   goes_on = size > 0 && at[size - 1] == '\\';
        if (macro || goes_on)
            append(to, at, size);
        else
            fold_line(to, at, size, columns);
        macro = goes_on;
        append(to, "\n", at[size] != '\0');
        at += size + (at[size] != '\0');
    }
    o->text = to->text;
    o->size = to->size;
    o->capacity = to->capacity;
    to->text = text;
    out_free(to);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool same_as(const out *o, const char *path)
{
    FILE  *f = fopen(path, "rb");
    char   piece[8192];
    size_t at = 0, n;
    bool   same = f != NULL;

    while (same && (n = fread(piece, 1, sizeof piece, f)) > 0) {
        same = n <= o->size - at && memcmp(piece, o->text + at, n) == 0;
        at += n;
    }
    same = same && at == o->size && !ferror(f);
    if (f != NULL)
        fclose(f);
    return same;
}

static bool fill(const out *o, int fd)
{
    size_t at = 0;

    while (at < o->size) {
        ssize_t n = write(fd, o->text + at, o->size - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n < 0 ? 0 : (size_t)n;
    }
    return fsync(fd) == 0 || errno == EINVAL;
}

static mode_t file_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

static bool replace(const out *o, const char *path, mode_t mode, char *why, size_t why_size)
{
    size_t size = strlen(path) + sizeof ".XXXXXX";
    char  *temporary = must_have(malloc(size));
    int    fd;
    bool   good;

    snprintf(temporary, size, "%s.XXXXXX", path);
    fd = mkstemp(temporary);
    good = fd >= 0 && fill(o, fd) && fchmod(fd, mode) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && rename(temporary, path) == 0;
    if (!good) {
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(errno));
        if (fd >= 0)
            unlink(temporary);
    }
    free(temporary);
    return good;
}

bool out_write(const out *o, const char *path, char *why, size_t why_size)
{
    return same_as(o, path) || replace(o, path, file_mode(), why, why_size);
}

bool out_rewrite(const out *o, const char *path, char *why, size_t why_size)
{
    char       *real;
    struct stat st;
    bool        good;

    if (same_as(o, path))
        return true;
    real = realpath(path, NULL);
    good = real != NULL && stat(real, &st) == 0 && access(real, W_OK) == 0;
    if (good)
        good = replace(o, real, st.st_mode & 07777, why, why_size);
    else
        snprintf(why, why_size, "cannot write %s: %s", path, strerror(errno));
    free(real);
    return good;
}
