/* format.c -- where the words of a schema stand.
 *
 * A file is a list of entries: declarations at the top; fields, members, methods in a block. Each
 * begins a line of its own, is followed by its separator, and is laid out word by word: a space or
 * none between two words, and a new line only where a comment needs one, where the author broke
 * behind a @mark, or at a comma where the line would get too long. A declaration whose block its
 * author wrote on one line stays so if it fits; that is tried dry, with the same functions.
 *
 * Comments keep their place among the words. What decides is the line they stand on: behind a word
 * they stay there, on lines of their own they stay alone.
 */
#include "compiler/format.h"

#include "idl/ast.h"
#include "idl/diag.h"

#include <string.h>

#define COLUMNS 100
#define INDENT  4

typedef struct layout {
    token_list tokens;
    size_t     at; /* the first word that is not yet laid out */
    out       *out;
    unsigned   column, indent; /* of the line at hand */
    bool       began;          /* something is written */
    bool       line_over;      /* by a comment to its end */
    bool       flat;           /* all of a declaration into one line */
    bool       dry;            /* only to see how long that gets */
    char       separator;      /* of the entries of this block */
    char       header;         /* 'm', 'i' behind the module, an import: a blank line is due */
} layout;

/* Of one entry: what surrounds the word at hand. */
typedef struct entry {
    size_t   begin, end;
    unsigned indent;
    int      round, other; /* brackets that are open: (, and < [ */
    bool     marks;        /* only @marks so far */
    bool     called;       /* a parameter list has been closed */
    bool     service;      /* the line that begins one */
} entry;

static void put_entries(layout *l, unsigned indent);

/* ---- text ------------------------------------------------------------------------------------ */

static unsigned columns_of(const char *text, size_t size)
{
    unsigned n = 0;

    for (size_t i = 0; i < size; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void put(layout *l, const char *text, size_t size)
{
    l->column += columns_of(text, size);
    l->began = true;
    if (!l->dry)
        out_add(l->out, text, size);
}

static void new_line(layout *l, unsigned indent)
{
    l->line_over = false;
    put(l, "\n", 1);
    l->column = 0;
    l->indent = indent;
    for (unsigned i = 0; i < indent; i++)
        put(l, " ", 1);
}

static void break_line(layout *l, unsigned indent)
{
    l->line_over = false;
    if (l->flat)
        put(l, " ", 1);
    else
        new_line(l, indent);
}

/* ---- comments -------------------------------------------------------------------------------- */

/* Every line but the first begins with a star: they are moved with the first. */
static bool has_stars(const char *text, const char *end)
{
    size_t size;

    token_line(&text, end, &size);
    while (text < end) {
        const char *line = token_line(&text, end, &size);
        if (size == 0 || *line != '*')
            return false;
    }
    return true;
}

static void put_comment(layout *l, const token *t)
{
    const char *at = l->tokens.text + t->begin, *end = at + t->size;
    bool        stars = has_stars(at, end);
    unsigned    indent = l->indent;
    size_t      size;
    const char *line = token_line(&at, end, &size);

    put(l, line, size);
    while (at < end) {
        const char *begin = at;
        line = token_line(&at, end, &size);
        if (!stars && size > 0) {
            size += (size_t)(line - begin);
            line = begin;
        }
        break_line(l, stars ? indent + 1 : 0);
        put(l, line, size);
    }
    l->indent = indent;
}

static void put_token(layout *l, size_t i)
{
    const token *t = &l->tokens.items[i];

    if (t->kind == TOKEN_COMMENT)
        put_comment(l, t);
    else
        put(l, l->tokens.text + t->begin, t->size);
    l->line_over = t->kind == TOKEN_LINE;
}

/* ---- words of an entry ----------------------------------------------------------------------- */

/* Does a space stand between the words a and b, its neighbour? */
static bool is_spaced(const layout *l, const entry *e, size_t a, size_t b)
{
    const token_list *t = &l->tokens;

    if (token_in(t, a, "([<.-@") || token_is(t, a, ".."))
        return false;
    if (e->service && token_in(t, b, ":"))
        return true;
    return !token_in(t, b, ")]>,;:?.([<") && !token_is(t, b, "..");
}

static void enter(const layout *l, entry *e, size_t i)
{
    const token_list *t = &l->tokens;

    e->round += token_in(t, i, "(") - token_in(t, i, ")");
    e->other += token_in(t, i, "<[") - token_in(t, i, ">]");
    e->called = e->called || (!e->marks && e->round == 0 && token_in(t, i, ")"));
}

/* Is a line begun at i or behind it, by a comment? */
static bool breaks_by_comment(const layout *l, const entry *e, size_t i)
{
    const token *t = &l->tokens.items[i];

    return token_is_comment(&l->tokens, i) &&
           (t->kind == TOKEN_LINE || t->lines > 0 || (i + 1 < e->end && t[1].lines > 0));
}

/* May a line that is too long be broken before i? */
static bool is_fold(const layout *l, const entry *e, size_t i)
{
    const token_list *t = &l->tokens;

    if (e->other > 0 || e->round > 1 || breaks_by_comment(l, e, i))
        return false;
    return token_in(t, i - 1, ",") || (e->called && e->round == 0 && !token_is(t, i - 1, "->") &&
                                       (token_is(t, i, "->") || token_is(t, i, "throws")));
}

/* Is there room for the words from i to the next place to break at? */
static bool has_room(const layout *l, entry e, size_t i)
{
    const token_list *t = &l->tokens;
    unsigned          column = l->column + 1;

    for (size_t k = i; column <= COLUMNS; k++) {
        const char *at = t->text + t->items[k].begin, *end = at + t->items[k].size;
        size_t      size;
        const char *line = token_line(&at, end, &size);
        if (breaks_by_comment(l, &e, k))
            return true;
        column += columns_of(line, size);
        if (at < end) /* the comment goes on in the next line */
            return column <= COLUMNS;
        enter(l, &e, k);
        if (k + 1 == e.end)
            return column + !token_in(t, k, "{") <= COLUMNS;
        if (is_fold(l, &e, k + 1))
            return column <= COLUMNS;
        column += is_spaced(l, &e, k, k + 1);
    }
    return false;
}

/* What a method is behind its @marks begins here. */
static bool ends_marks(const layout *l, const entry *e, size_t i)
{
    const token_list *t = &l->tokens;
    size_t            before = i;

    while (before > e->begin && token_is_comment(t, before - 1))
        before--;
    return e->round == 0 && !token_is_comment(t, i) && !token_in(t, i, "@()") &&
           (before == e->begin || !token_in(t, before - 1, "@"));
}

/* Did the author break the line where one may be broken: around comments, and behind a @mark? */
static bool was_broken(const layout *l, const entry *e, size_t i)
{
    const token_list *t = &l->tokens;

    if (t->items[i].lines == 0)
        return false;
    if (token_is_comment(t, i) || token_is_comment(t, i - 1))
        return true;
    return e->marks && e->round == 0 && !token_in(t, i, "(") && !token_in(t, i - 1, "@");
}

static void put_gap(layout *l, const entry *e, size_t i)
{
    if (l->line_over || was_broken(l, e, i))
        new_line(l, e->indent + (e->marks ? 0 : INDENT)); /* of what is flat: behind a @mark */
    else if (!l->flat && is_fold(l, e, i) && !has_room(l, *e, i))
        break_line(l, e->indent + INDENT);
    else if (is_spaced(l, e, i - 1, i))
        put(l, " ", 1);
}

static void put_words(layout *l, entry e)
{
    for (size_t i = e.begin; i < e.end; i++) {
        if (i > e.begin)
            put_gap(l, &e, i);
        e.marks = e.marks && !ends_marks(l, &e, i);
        put_token(l, i);
        enter(l, &e, i);
    }
}

/* ---- entries --------------------------------------------------------------------------------- */

static bool at_end(const layout *l)
{
    return l->at == l->tokens.count || token_in(&l->tokens, l->at, "}");
}

/* Behind the last word of the entry that begins here, which may be the { of its block. */
static size_t entry_end(const layout *l)
{
    const token_list *t = &l->tokens;
    size_t            end = l->at;

    for (size_t i = l->at; i < t->count && !token_in(t, i, "}"); i++) {
        if (token_is_comment(t, i))
            continue;
        if (token_has(t, i, TOKEN_SEPARATES) || (token_has(t, i, TOKEN_STARTS) && end > l->at))
            break;
        end = i + 1;
        if (token_in(t, i, "{"))
            break;
    }
    return end;
}

static size_t first_word(const layout *l, size_t i)
{
    while (i < l->tokens.count && token_is_comment(&l->tokens, i))
        i++;
    return i;
}

/* Behind the @marks that begin at i. */
static size_t behind_marks(const layout *l, size_t i)
{
    const token_list *t = &l->tokens;

    while (i < t->count && token_in(t, i, "@")) {
        i = first_word(l, first_word(l, i + 1) + 1);
        if (i < t->count && token_in(t, i, "(")) {
            while (i < t->count && !token_in(t, i, ")"))
                i++;
            i = first_word(l, i + 1);
        }
    }
    return i;
}

/* Is there another entry in this block? */
static bool more_follows(const layout *l)
{
    size_t i = l->at;

    while (i < l->tokens.count &&
           (token_is_comment(&l->tokens, i) || token_has(&l->tokens, i, TOKEN_SEPARATES)))
        i++;
    return i < l->tokens.count && !token_in(&l->tokens, i, "}");
}

/* Did the author write the block, up to its }, on one line, with no comment that ends lines? */
static bool was_flat(const layout *l, size_t end)
{
    const token *t = l->tokens.items;

    for (size_t i = l->at; i < l->tokens.count; i++) {
        bool comment = token_is_comment(&l->tokens, i);
        if (i > l->at && t[i].lines > 0 &&
            (comment || i >= end || token_is_comment(&l->tokens, i - 1)))
            return false;
        if (comment && (t[i].kind == TOKEN_LINE ||
                        memchr(l->tokens.text + t[i].begin, '\n', t[i].size) != NULL))
            return false;
        if (token_in(&l->tokens, i, "}"))
            return true;
    }
    return false;
}

static void put_block(layout *l, unsigned indent)
{
    while (!at_end(l) && token_has(&l->tokens, l->at, TOKEN_SEPARATES))
        l->at++;
    if (!at_end(l)) {
        put_entries(l, indent + INDENT);
        break_line(l, indent);
    }
    if (l->at < l->tokens.count)
        put_token(l, l->at++);
}

/* One entry with all that belongs to it; the line has been begun. */
static void put_entry(layout *l, unsigned indent, size_t end)
{
    size_t first = first_word(l, l->at), word = behind_marks(l, first);
    entry  e = {.begin = l->at, .end = end, .indent = indent, .marks = true};
    bool   starts = token_has(&l->tokens, first, TOKEN_STARTS);
    char   outer = l->separator;

    e.service = starts && token_is(&l->tokens, word, "service");
    put_words(l, e);
    l->at = end;
    if (token_in(&l->tokens, end - 1, "{")) {
        bool is_enum = token_is(&l->tokens, word, "enum") || token_is(&l->tokens, word, "closed");
        l->separator = is_enum ? ',' : ';';
        put_block(l, indent);
        l->separator = outer;
    } else if (!l->flat || more_follows(l)) {
        put(l, &l->separator, 1);
    }
    if (starts && !l->dry)
        l->header = token_is(&l->tokens, word, "module")   ? 'm'
                    : token_is(&l->tokens, word, "import") ? 'i'
                                                           : '\0';
}

/* A declaration: flat if it was and can be. */
static void put_declaration(layout *l)
{
    size_t end = entry_end(l);
    layout trial = *l;

    if (token_in(&l->tokens, end - 1, "{") && was_flat(l, end)) {
        trial.dry = trial.flat = true;
        put_entry(&trial, 0, end);
        l->flat = trial.column <= COLUMNS;
    }
    put_entry(l, 0, end);
    l->flat = false;
}

/* Does a blank line stand here because the module or the imports end? */
static bool ends_header(const layout *l)
{
    size_t word = first_word(l, l->at);

    return l->header == 'm' ||
           (l->header == 'i' && (word == l->tokens.count || !token_is(&l->tokens, word, "import")));
}

/* Begin the line of an entry or comment. */
static void begin_line(layout *l, unsigned indent, bool first)
{
    bool blank = l->header != '\0' && ends_header(l);

    l->header = '\0';
    if (!l->began)
        return;
    if (!l->flat && (blank || (!first && l->tokens.items[l->at].lines > 1)))
        put(l, "\n", 1);
    break_line(l, indent);
}

/* A comment that leads no word: behind what its author wrote it behind, or alone. */
static void put_lone_comment(layout *l, unsigned indent, bool first)
{
    if (l->tokens.items[l->at].lines == 0 && l->began && !l->line_over)
        put(l, " ", 1);
    else
        begin_line(l, indent, first);
    put_token(l, l->at++);
}

/* All up to the end of the block or file. */
static void put_entries(layout *l, unsigned indent)
{
    bool first = true;

    while (!at_end(l)) {
        if (token_has(&l->tokens, l->at, TOKEN_SEPARATES)) {
            l->at++;
            continue;
        }
        if (token_is_comment(&l->tokens, l->at) && !token_has(&l->tokens, l->at, TOKEN_LEADS)) {
            put_lone_comment(l, indent, first);
        } else {
            begin_line(l, indent, first);
            if (indent == 0)
                put_declaration(l);
            else
                put_entry(l, indent, entry_end(l));
        }
        first = false;
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool is_whole(idl_sources *sources, uint32_t file, const token_list *before, const out *o)
{
    const char *text = out_text(o);
    token_list  after;
    size_t      at;

    if (strlen(text) > IDL_FILE_MAX) {
        idl_error(sources, (idl_span){file, 0, 0}, "format",
                  "laid out, this is larger than a schema may be (16 MiB)");
        return false;
    }
    tokens_init(&after, text, strlen(text));
    at = format_difference(before, &after);
    tokens_done(&after);
    if (at != SIZE_MAX) {
        uint32_t begin = at < before->count ? before->items[at].begin : 0;
        idl_error(sources, (idl_span){file, begin, begin + 1}, "format",
                  "kmsgc would not keep this; the file stays as it is. Please report it");
    }
    return at == SIZE_MAX;
}

bool format_text(idl_sources *sources, uint32_t file, out *o)
{
    const idl_source source = sources->files[file];
    layout           l = {.out = o, .separator = ';'};
    bool             whole;

    if (idl_parse(sources, file) == NULL)
        return false;
    tokens_init(&l.tokens, source.text, source.size);
    put_entries(&l, 0);
    if (l.began)
        put(&l, "\n", 1);
    whole = is_whole(sources, file, &l.tokens, o);
    tokens_done(&l.tokens);
    return whole;
}
