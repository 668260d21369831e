/* format.c -- the formatter against any text.
 *
 * What follows the grammar can be laid out, and what comes of it stays as it is when it is laid out
 * again. To get far from tidy texts, each is also tried with other blanks, ends of lines, comments
 * and optional separators between its words.
 */
#include "compiler/format.h"
#include "idl/ast.h"

#include <stdlib.h>
#include <string.h>

#define SHAKES    12
#define SHAKE_MAX ((size_t)4 << 10) /* larger texts are only laid out as they are */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

/* The layout of a text; NULL if it is no schema. */
static out *lay_out(const char *text, size_t size)
{
    idl_sources s;
    out        *o = out_new();
    int         file;
    bool        parsed, good;

    idl_sources_init(&s, NULL, 0, nowhere);
    file = idl_source_add(&s, "fuzz.kmsg", text, size);
    parsed = idl_parse(&s, (uint32_t)file) != NULL;
    s.errors = 0;
    good = format_text(&s, (uint32_t)file, o);
    if (good != parsed || good != (s.errors == 0))
        abort();
    idl_sources_done(&s);
    if (good)
        return o;
    out_free(o);
    return NULL;
}

/* Lay it out twice; is it a schema? */
static bool is_stable(const char *text, size_t size)
{
    out *once = lay_out(text, size), *twice;

    if (once == NULL)
        return false;
    twice = lay_out(out_text(once), strlen(out_text(once)));
    if (twice == NULL || strcmp(out_text(once), out_text(twice)) != 0)
        abort();
    out_free(once);
    out_free(twice);
    return true;
}

/* What stands between two words, mostly nothing that needs an answer. */
static const char *const gaps[] = {
    " ",           " ",       " ",         " ",         " ",
    " ",           " ",       "\n",        "\n",        "\n\n\n",
    "\r\n",        "\t",      " /* a */ ", "/* b */\n", "\n/*c*/",
    "\n/* d */\n", " // e\n", "\n// f\n",  "\n/// g\n", "/* h\n * i\n */",
    "/* j\nk */ ",
};

static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 16) % below;
}

/* The same words with other gaps. The chance of a gap that is not a blank is different each time,
 * as one end of a line is enough to end a block's being one line. */
static void shake(const token_list *words, uint32_t seed, out *ret)
{
    uint32_t state = seed * 2654435761u, odd = draw(&state, 20);

    for (size_t i = 0; i < words->count; i++) {
        const token *t = &words->items[i];
        out_add(ret, words->text + t->begin, t->size);
        if (t->kind == TOKEN_LINE)
            out_add(ret, "\n", 1);
        if (token_in(words, i, "}") && draw(&state, 4) == 0)
            out_add(ret, ";", 1);
        out_fmt(ret, "%s",
                draw(&state, 20) < odd ? gaps[draw(&state, sizeof gaps / sizeof *gaps)] : " ");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    token_list  words;

    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    if (!is_stable(text, size) || size > SHAKE_MAX)
        return 0;
    tokens_init(&words, text, size);
    for (uint32_t seed = 1; seed <= SHAKES; seed++) {
        out *shaken = out_new();
        shake(&words, seed, shaken);
        if (!is_stable(out_text(shaken), strlen(out_text(shaken))))
            abort();
        out_free(shaken);
    }
    tokens_done(&words);
    return 0;
}
