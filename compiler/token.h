/* token.h -- the words of a schema as the formatter sees them: comments are words too, nothing is
 * decoded, and what a word is for is known only as far as layout depends on it.
 *
 * The text is one that the grammar takes (idl_parse). Of any other text something comes too, but
 * it means nothing.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum token_kind {
    TOKEN_WORD, /* names, numbers */
    TOKEN_STRING,
    TOKEN_MARK,    /* punctuation */
    TOKEN_COMMENT, /* slash and star; may have several lines */
    TOKEN_LINE     /* a comment to the end of its line, without blanks at the end */
} token_kind;

enum {
    TOKEN_STARTS = 1,    /* a declaration, or the module or an import, begins with it */
    TOKEN_SEPARATES = 2, /* nothing but a separator of declarations, fields, members */
    TOKEN_LEADS = 4      /* a comment in front of a word of the same line */
};

typedef struct token {
    uint32_t begin, size;
    uint8_t  kind;
    uint8_t  lines; /* ends of lines between it and the word before; 2 stands for more too */
    uint8_t  roles;
} token;

typedef struct token_list {
    const char *text; /* the caller's */
    token      *items;
    size_t      count;
} token_list;

/* Out of memory ends the program with a message. */
void tokens_init(token_list *list, const char *text, size_t size);
void tokens_done(token_list *list);

/* It is not a string or comment, and reads so. */
bool token_is(const token_list *list, size_t i, const char *text);

/* It is punctuation of one byte, and in `set`. */
bool token_in(const token_list *list, size_t i, const char *set);

bool token_is_comment(const token_list *list, size_t i);
bool token_has(const token_list *list, size_t i, uint8_t role);

/* The line of a comment at `*at`, without the blanks at its ends; `*at` moves to the next. */
const char *token_line(const char **at, const char *end, size_t *ret_size);

#endif
