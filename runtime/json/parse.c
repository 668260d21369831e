/* parse.c -- text into jansson's tree.
 *
 * jansson takes its memory from malloc, without a limit, and a tree can weigh eighty times as much
 * as its text. So the text is looked through first: each bracket, comma, colon and quote is charged
 * with what jansson allocates for it at most. Only then it is parsed.
 *
 * Numbers all become doubles, which takes integers of any length; a U+0000 is let through, for
 * runes.
 */
#include "json/parse.h"

#include <string.h>

#define WEIGHT_OBJECT 256u /* its table of 8 buckets */
#define WEIGHT_ARRAY  160u /* its 8 entries */
#define WEIGHT_COMMA  64u  /* a number, and its entry in an array that grows */
#define WEIGHT_COLON  96u  /* the pair, and its bucket in a table that grows */
#define WEIGHT_STRING 96u  /* beside twice its bytes: while it is read, and in the tree */

/* Behind the closing quote. */
static size_t skip_string(kmsg_string text, size_t i)
{
    for (; i < text.size && text.data[i] != '"'; i++)
        if (text.data[i] == '\\')
            i++;
    return i < text.size ? i + 1 : text.size;
}

static uint64_t weight(kmsg_string text)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < text.size;) {
        size_t from = i++;
        switch (text.data[from]) {
        case '{': sum += WEIGHT_OBJECT; break;
        case '[': sum += WEIGHT_ARRAY; break;
        case ',': sum += WEIGHT_COMMA; break;
        case ':': sum += WEIGHT_COLON; break;
        case '"':
            i = skip_string(text, i);
            sum += WEIGHT_STRING + 2 * (uint64_t)(i - from);
            break;
        default: break;
        }
    }
    return sum;
}

/* Out of memory, jansson mostly returns without a word; in the middle of a string it calls the text
 * malformed, which cannot be told from text that is. */
static kmsg_err explain(const json_error_t *error)
{
    if (error->text[0] == '\0')
        return kmsg_set_last_error(KMSG_ENOMEM, "no memory for a tree");
    switch (json_error_code(error)) {
    case json_error_out_of_memory: return kmsg_set_last_error(KMSG_ENOMEM, "no memory for a tree");
    case json_error_stack_overflow:
        return kmsg_set_last_error(KMSG_EDEPTH, "%d:%d: brackets nested more than %d deep",
                                   error->line, error->column, JSON_PARSER_MAX_DEPTH);
    default:
        return kmsg_set_last_error(KMSG_EDECODE, "%d:%d: %s", error->line, error->column,
                                   error->text);
    }
}

kmsg_err kmi_json_parse(kmsg_string text, size_t text_max, size_t *budget, json_t **ret)
{
    json_error_t error;
    json_t      *tree;
    uint64_t     heavy;

    if (text.size > text_max)
        return kmsg_set_last_error(KMSG_ETOOBIG, "a text of %zu bytes, %zu are allowed", text.size,
                                   text_max);
    heavy = weight(text);
    if (heavy > *budget)
        return kmsg_set_last_error(KMSG_ETOOBIG, "this text takes more than %zu bytes to read",
                                   *budget);
    tree = json_loadb(text.size == 0 ? "" : text.data, text.size,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
    if (tree == NULL)
        return explain(&error);
    *budget -= (size_t)heavy;
    *ret = tree;
    return KMSG_OK;
}
