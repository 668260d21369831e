/* resolve.h -- what load.c, resolve.c and check.c share while a model is being made. */
#ifndef IDL_RESOLVE_H
#define IDL_RESOLVE_H

#include "idl/ast.h"
#include "idl/diag.h"
#include "idl/model.h"
#include "idl/names.h"

typedef struct mod mod;

/* A declared name. */
typedef struct sym {
    ast_decl *ast;
    mod      *home;
    enum { SYM_NEW, SYM_BUSY, SYM_DONE } state;
    union {
        idl_const   *constant;
        idl_alias   *alias;
        idl_enum    *enumeration;
        idl_record  *record;
        idl_service *service;
        idl_topic   *topic;
        idl_machine *machine;
    } of;
} sym;

/* One file on its way to an idl_module. */
struct mod {
    mod       *next; /* in the order in which files were finished: imports first */
    idl_module m;
    ast_file  *tree;
    idl_names  names; /* word -> sym */
    sym       *syms;  /* in the order of the text */
    size_t     sym_count;
    mod      **imports;
    bool      *used; /* which imports something was taken from */
};

/* A file whose imports are being read; they hang together from the innermost out. */
typedef struct open_mod {
    struct open_mod *outer;
    uint32_t         file;
} open_mod;

typedef struct maker {
    idl_sources *sources;
    mod         *first, *last;
    idl_names    declared; /* C name -> sym, of all modules */
    bool         broken;   /* some file or import could not be read: names would be missing */
    open_mod    *open;
    size_t       depth;   /* of open */
    idl_record **records; /* of all modules, with args and results */
    size_t       record_count, record_capacity;
    idl_record **ordered; /* the same, each behind those that it contains by value */
    size_t       ordered_count;
} maker;

/* load.c: the file and all it imports, parsed and declared. NULL after an error. */
mod *idl_load_files(maker *mk, uint32_t file, idl_span from);

/* load.c: what a name means in a module; NULL after saying that it means nothing. */
sym *idl_find_name(maker *mk, mod *in, const char *name, idl_span where, const char *what);

/* resolve.c: fill in mod.m of every module. */
void idl_resolve(maker *mk);

/* resolve.c: a declaration, unless it is done; fields or parameters, numbered and in the order of
 * their numbers; one of them; a record among those that get a layout. */
void idl_resolve_sym(maker *mk, sym *s);
void idl_resolve_fields(maker *mk, mod *m, const ast_field *list, idl_record *record);
void idl_resolve_field(maker *mk, mod *m, const ast_field *a, bool is_param, idl_field *f);
void idl_keep_record(maker *mk, idl_record *record);

/* types.c: never NULL; what is wrong is said, and some other type put in its place. */
const idl_type *idl_resolve_type(maker *mk, mod *m, const ast_type *ast);
const idl_type *idl_broken_type(maker *mk, idl_span where); /* to go on with */

/* types.c: the types that have a word of their own; the last one's word is NULL. */
typedef struct idl_word {
    const char *word;
    idl_kind    kind;
} idl_word;
extern const idl_word idl_scalars[];

/* values.c: a value as one of `type`; IDL_VALUE_NONE after saying what is wrong as [check]. */
idl_value idl_resolve_value(maker *mk, mod *m, const ast_value *ast, const idl_type *type,
                            const char *check);
int       idl_value_order(const idl_value *a, const idl_value *b); /* of one type: three-way */
bool      idl_value_within(const idl_value *value, const idl_limits *limits); /* or NULL */

/* services.c */
void idl_resolve_service(maker *mk, sym *s);
void idl_resolve_topic(maker *mk, sym *s);

/* marks.c: the @words in front of a method, which has its service's roles until then, and in front
 * of a declaration. */
void idl_resolve_method_marks(maker *mk, mod *m, const ast_mark *marks, idl_method *method);
void idl_resolve_marks(maker *mk, sym *s);

/* machines.c */
void idl_resolve_machine(maker *mk, sym *s);

/* place.c: layouts and order of all records, once types are good, and what reach.c knows. */
void idl_place_records(maker *mk);

/* reach.c: what all records lead to; they have their index. */
void idl_find_reach(maker *mk);

/* check.c: everything that can be judged on the finished model. */
void idl_check(maker *mk);

#endif
