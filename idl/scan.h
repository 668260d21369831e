/* scan.h -- what the scanner and the grammar share. */
#ifndef IDL_SCAN_H
#define IDL_SCAN_H

#include "idl/ast.h"

typedef struct idl_scan {
    idl_sources *sources;
    uint32_t     file;
    uint32_t     at;  /* offset behind the token at hand */
    const char  *doc; /* collected for the next token, in room of its own */
    size_t       doc_size, doc_room;
    ast_file    *tree;
    size_t       errors_before; /* of the sources, when this file began */
} idl_scan;

union IDL_YYSTYPE;

/* The next token; `scanner` is flex' state, whose extra is the idl_scan. */
#define YY_DECL int idl_yylex(union IDL_YYSTYPE *value, idl_span *where, void *yyscanner)
YY_DECL;

/* Run the grammar over text[0 .. size). */
void idl_scan_text(idl_scan *scan, const char *text, size_t size);

#endif
