/* ast.h -- what the grammar builds: the text as a tree, nothing judged yet.
 *
 * Nodes live in the arena of their idl_sources. Lists are linked in the order of the text.
 */
#ifndef IDL_AST_H
#define IDL_AST_H

#include "idl/source.h"

#include <stdio.h>

/* A word of the text with the comment that stands in front of it. */
typedef struct ast_token {
    const char *text; /* of names: the name; of strings: the content; of numbers: as written */
    size_t      size;
    const char *doc; /* "" if none */
    idl_span    span;
} ast_token;

typedef enum ast_value_kind {
    AST_INT,
    AST_DURATION,
    AST_FLOAT,
    AST_BOOL,
    AST_STRING,
    AST_NAME
} ast_value_kind;

typedef struct ast_value {
    struct ast_value *next, *last; /* of a mark's values */
    ast_value_kind    kind;
    bool              negative, overflow; /* INT, DURATION */
    uint64_t          magnitude;          /* INT, BOOL; DURATION: ns */
    double            number;             /* FLOAT */
    const char       *text;               /* STRING, NAME */
    size_t            size;
    idl_span          span;
} ast_value;

/* One of the limits in (...) behind a type. */
typedef struct ast_limit {
    struct ast_limit *next, *last; /* last: of the list, in its first node only */
    bool              range;       /* low..high: either may be NULL; else both are the same */
    ast_value        *low, *high;
    idl_span          span;
} ast_limit;

typedef enum ast_type_kind {
    AST_NAMED,
    AST_LIST,
    AST_SET,
    AST_MAP,
    AST_REF,
    AST_ARRAY
} ast_type_kind;

typedef struct ast_type {
    ast_type_kind    kind;
    const char      *name; /* NAMED, REF: "i32", "acme.dir.Person" */
    struct ast_type *item; /* LIST, SET, ARRAY: item; MAP: key */
    struct ast_type *value;
    ast_value       *count;           /* ARRAY */
    ast_limit       *limits;          /* or NULL */
    bool             limited_twice;   /* T(..)(..) */
    bool             optional, twice; /* T?, T?? */
    unsigned         depth;
    idl_span         span;
} ast_type;

typedef struct ast_field {
    struct ast_field *next, *last; /* last: of the list, in its first node only */
    bool              reserved;
    bool              stream; /* a parameter that is sent bit by bit */
    bool              has_number;
    uint64_t          number;
    idl_span          number_span;
    ast_token         name;
    ast_type         *type;  /* reserved: may be NULL */
    ast_value        *value; /* default, or NULL */
} ast_field;

typedef struct ast_word {
    struct ast_word *next, *last;
    ast_token        name;
    ast_value       *value; /* enum value's number, or NULL */
} ast_word;

/* @word or @word(value, value) in front of a method or a declaration. */
typedef struct ast_mark {
    struct ast_mark *next, *last;
    ast_token        name;
    ast_value       *values; /* or NULL */
} ast_mark;

typedef struct ast_method {
    struct ast_method *next, *last;
    ast_mark          *marks;
    bool               oneway;
    ast_token          name;
    ast_field         *params;
    ast_type          *returns; /* or NULL */
    bool               returns_stream;
    ast_word          *throws;
} ast_method;

typedef struct ast_state {
    struct ast_state *next, *last;
    ast_token         name;
    ast_word         *handles;
} ast_state;

typedef enum ast_decl_kind {
    AST_CONST,
    AST_ALIAS,
    AST_ENUM,
    AST_RECORD,
    AST_ERROR,
    AST_FIXED,
    AST_UNION,
    AST_SERVICE,
    AST_TOPIC,
    AST_MACHINE
} ast_decl_kind;

typedef struct ast_decl {
    struct ast_decl *next, *last;
    ast_decl_kind    kind;
    const char      *doc;
    ast_mark        *marks;
    ast_token        name;
    bool             closed;  /* ENUM */
    ast_type        *type;    /* CONST, ALIAS, TOPIC */
    ast_value       *value;   /* CONST */
    ast_word        *values;  /* ENUM */
    ast_field       *fields;  /* RECORD, ERROR, FIXED, UNION; TOPIC: its key */
    ast_word        *bases;   /* SERVICE */
    ast_method      *methods; /* SERVICE */
    ast_state       *states;  /* MACHINE */
} ast_decl;

typedef struct ast_file {
    uint32_t    file;
    bool        has_module;
    ast_token   module; /* text: dotted */
    const char *doc;
    ast_word   *imports; /* name.text: the path as written */
    ast_decl   *decls;
} ast_file;

/* Read one file of `sources` into a tree; what is wrong is said, and NULL returned. */
ast_file *idl_parse(idl_sources *sources, uint32_t file);

/* As indented text (kmsgc --dump=ast). */
void idl_ast_dump(const ast_file *file, FILE *out);

/* Append `node`, which may itself begin a list, to a list that may be NULL; returns the list. Both
 * are looked at more than once. */
#define AST_APPEND(list, node)                                                                     \
    ((list) == NULL ? (node) : ((list)->last->next = (node), (list)->last = (node)->last, (list)))

#endif
