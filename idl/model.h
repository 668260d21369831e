/* model.h -- a checked schema: names resolved, numbers given, layouts computed.
 *
 * This is all that back ends read. Everything in it lives in the idl_model's arena and is const to
 * them. Order is the order of the files' text, so that output is reproducible; imported
 * declarations belong to their own module and are reached through types.
 */
#ifndef IDL_MODEL_H
#define IDL_MODEL_H

#include "idl/pattern.h"
#include "idl/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct idl_model   idl_model;
typedef struct idl_module  idl_module;
typedef struct idl_record  idl_record;
typedef struct idl_field   idl_field;
typedef struct idl_enum    idl_enum;
typedef struct idl_limits  idl_limits;
typedef struct idl_service idl_service;
typedef struct idl_method  idl_method;
typedef struct idl_topic   idl_topic;
typedef struct idl_machine idl_machine;
typedef struct idl_alias   idl_alias;
typedef struct idl_const   idl_const;
typedef struct idl_type    idl_type;

typedef enum idl_kind {
    IDL_BOOL,
    IDL_I8,
    IDL_I16,
    IDL_I32,
    IDL_I64,
    IDL_U8,
    IDL_U16,
    IDL_U32,
    IDL_U64,
    IDL_F32,
    IDL_F64,
    IDL_RUNE,
    IDL_UUID,
    IDL_TIMESTAMP,
    IDL_DURATION,
    IDL_ENUM,
    IDL_STRING,
    IDL_BYTES,
    IDL_ADDRESS,
    IDL_ANY,
    IDL_LIST,
    IDL_SET,
    IDL_ARRAY, /* T[N] */
    IDL_MAP,
    IDL_REF, /* ref<R>: a record that is shared */
    IDL_UNION,
    IDL_RECORD /* record, error or fixed record */
} idl_kind;

/* A type as written at one place, aliases seen through. */
struct idl_type {
    idl_kind          kind;
    uint8_t           depth;    /* 1 + that of what it is made of, aliases seen through */
    bool              optional; /* T? */
    const idl_type   *item;     /* LIST, SET, ARRAY */
    uint32_t          count;    /* ARRAY: of items, at least 1 */
    const idl_type   *key;      /* MAP */
    const idl_type   *value;    /* MAP */
    const idl_record *record;   /* RECORD, UNION, REF */
    const idl_enum   *enum_;    /* ENUM */
    const idl_limits *limits;   /* what its values must keep to beyond the type, or NULL */
    const idl_alias  *alias;    /* the alias it was written as, or NULL; the innermost one */
    const char       *text;     /* as the schema writes it, qualified: "list<acme.dir.Person?>" */
    idl_span          span;
};

/* A constant: of a const declaration, or a field's default. */
typedef struct idl_value {
    enum { IDL_VALUE_NONE, IDL_VALUE_INT, IDL_VALUE_FLOAT, IDL_VALUE_BOOL, IDL_VALUE_STRING } kind;
    bool        negative;  /* INT: the value is -magnitude */
    uint64_t    magnitude; /* INT (enum members too) and BOOL (0, 1) */
    double      number;    /* FLOAT */
    const char *string;    /* STRING: UTF-8, NUL-terminated */
    size_t      size;      /* STRING: bytes without the NUL */
} idl_value;

#define IDL_FLOAT_TEXT_MAX 64

/* The shortest text that means this f64 (`narrow`: this f32), with a '.' whatever the locale of the
 * process has for it; a whole number of moderate size has neither point nor exponent. */
void idl_float_text(double number, bool narrow, char text[IDL_FLOAT_TEXT_MAX]);

/* Of numbers and times: their range. Of strings, bytes: how many bytes; of lists, sets, maps: how
 * many items. A side that was not written is IDL_VALUE_NONE. */
struct idl_limits {
    idl_value          low, high;
    const idl_pattern *pattern; /* STRING, or NULL */
    idl_span           span;
};

struct idl_field {
    const char     *name;   /* as in the schema; NULL for a typed reserved number */
    const char     *c_name; /* name, with a trailing _ where C or C++ would object */
    const char     *doc;    /* text of the /// lines, '\n' between them, "" if none */
    uint32_t        number; /* 1.. */
    const idl_type *type;
    idl_value       initial; /* its default, IDL_VALUE_NONE: zero / empty / absent */
    idl_span        span;

    bool     in_block;   /* lies in the scalar block: scalars, enums, fixed records */
    uint32_t offset;     /* in_block: in the block, and so in the C struct */
    uint32_t has_offset; /* in_block and optional: of its has_ byte, right behind the value */
    uint32_t slot;       /* not in_block: index of its length, from 0 */
};

typedef enum idl_role {
    IDL_IS_RECORD,
    IDL_IS_ERROR,
    IDL_IS_FIXED,
    IDL_IS_UNION, /* its fields are the members; the numbers are the tags */
    IDL_IS_ARGS,  /* the parameters of a method, or of a topic's key */
    IDL_IS_RESULT /* its answer, or an item of a stream, where that is no record */
} idl_role;

struct idl_record {
    const char       *name;      /* "Person" */
    const char       *c_name;    /* "acme_dir_Person" */
    const char       *qualified; /* "acme.dir.Person" */
    const char       *doc;
    idl_role          role;
    const idl_module *module;
    const idl_field  *fields; /* in the order of their numbers */
    size_t            field_count;
    const uint32_t   *reserved; /* numbers that were given up, ascending; of those with a type there
                                 * are fields too, but in unions */
    size_t   reserved_count;
    idl_span span;

    uint32_t block;     /* bytes of the scalar block: the exact end of its last field; a fixed
                         * record's is rounded up to its align, and is its C size */
    uint32_t align;     /* 1, 2, 4 or 8: of the whole row: the block's, at least 4 if slots > 0 */
    uint32_t slots;     /* number of variable fields */
    bool     recursive; /* may contain itself, other than by a ref */
    bool     has_refs;  /* leads to a ref in some way */
    bool     has_addresses; /* leads to an address in some way, also beyond refs; not in an any */
    bool     has_initial;   /* some default in it is not zero */
    uint64_t memory;        /* bytes of the C struct, or a little more */
    uint32_t index;         /* among all records of the model */
};

typedef struct idl_enum_value {
    const char *name;   /* "RED" */
    const char *c_name; /* "acme_dir_Color_RED" */
    const char *doc;
    int32_t     number;
    idl_span    span;
} idl_enum_value;

struct idl_enum {
    const char           *name, *c_name, *qualified, *doc;
    bool                  closed;
    const idl_module     *module;
    const idl_enum_value *values; /* in the order of the text */
    size_t                value_count;
    idl_span              span;
};

/* Who may: whoever has one of them; all, where there are none. In the order of the text. */
typedef struct idl_roles {
    const char *const *names;
    size_t             count;
} idl_roles;

#define IDL_ROLES_MAX 32u /* of one declaration */
#define IDL_ROLE_MAX  63u /* bytes of a role */

struct idl_method {
    const char       *name, *c_name, *doc; /* "find", "acme_dir_Directory_find" */
    const char       *member; /* of the handler table: name, escaped where it is a keyword */
    uint32_t          number; /* from 0 */
    bool              oneway;
    const idl_record *args;   /* role ARGS: its fields are the parameters */
    const idl_record *result; /* oneway: NULL. The returned record itself where the method
                               * returns a plain record; else a RESULT with
                               * one field "value", or none where nothing is returned */
    const idl_type  *returns; /* as written, or NULL; of a stream its items' type */
    bool             returns_stream;
    const idl_field *sends; /* the stream that the caller sends, or NULL; no field of args */
    const idl_record *item; /* what that consists of, made as `result` is; or NULL */
    bool             idempotent;
    uint64_t         deadline_ns;    /* 0: none was written */
    idl_roles        roles;          /* its own, or else its service's */
    const idl_record *const *throws; /* role ERROR */
    size_t                   throw_count;
    idl_span                 span;
};

struct idl_service {
    const char               *name, *c_name, *qualified, *doc;
    const idl_module         *module;
    const idl_service *const *bases; /* whose methods it has too, under their own service's name */
    size_t                    base_count;
    const idl_method         *methods; /* its own */
    size_t                    method_count;
    idl_roles                 roles; /* of those of its own methods that say nothing else */
    idl_span                  span;
};

/* What is published under a name, by key. */
struct idl_topic {
    const char       *name, *c_name, *qualified, *doc;
    const idl_module *module;
    const idl_record *key;    /* role ARGS; may have no fields */
    const idl_record *filter; /* role ARGS: of the key what it can be chosen by, each optional */
    const idl_record *value;  /* as the result of a method */
    const idl_type   *type;
    idl_roles         roles; /* who may publish and subscribe */
    idl_span          span;
};

typedef struct idl_state {
    const char              *name, *c_name, *doc;
    const char              *member;  /* of the table of handlers */
    const idl_record *const *handles; /* the records that it takes, each once */
    const char *const       *members; /* of `member`: one for each of these */
    size_t                   handle_count;
    idl_span                 span;
} idl_state;

/* States, and the messages that each takes. It begins in the first. */
struct idl_machine {
    const char       *name, *c_name, *qualified, *doc;
    const idl_module *module;
    const idl_state  *states;
    size_t            state_count;
    idl_span          span;
};

struct idl_alias {
    const char       *name, *c_name, *qualified, *doc;
    const idl_module *module;
    const idl_type   *type;
    idl_span          span;
};

struct idl_const {
    const char       *name, *c_name, *qualified, *doc;
    const idl_module *module;
    const idl_type   *type;
    idl_value         value;
    idl_span          span;
};

/* A declaration in a module, in the order of the text. Every record comes before those that embed
 * it (a C struct needs its members complete): `records` of idl_module has that order; `decls` has
 * the order of the text. */
typedef struct idl_decl {
    enum {
        IDL_DECL_CONST,
        IDL_DECL_ALIAS,
        IDL_DECL_ENUM,
        IDL_DECL_RECORD, /* unions too */
        IDL_DECL_SERVICE,
        IDL_DECL_TOPIC,
        IDL_DECL_MACHINE
    } kind;
    union {
        const idl_const   *constant;
        const idl_alias   *alias;
        const idl_enum    *enumeration;
        const idl_record  *record;
        const idl_service *service;
        const idl_topic   *topic;
        const idl_machine *machine;
    } of;
} idl_decl;

/* One file. */
struct idl_module {
    const char               *name;         /* "acme.dir", "" without a module line */
    const char               *prefix;       /* "acme_dir_" or "" */
    const char               *doc;          /* the /// lines above the module line, or "" */
    const char               *path;         /* as it was opened */
    const char               *file;         /* as written on the command line or in the import */
    bool                      shipped;      /* a schema of kmsg itself */
    const idl_module *const  *imports;      /* in the order of the text */
    const char *const        *import_files; /* "acme/people.kmsg", as written */
    size_t                    import_count;
    const idl_decl           *decls;
    size_t                    decl_count;
    const idl_record *const  *records; /* dependencies first; without ARGS and RESULT */
    size_t                    record_count;
    const idl_alias *const   *aliases; /* each behind those that it is made of */
    size_t                    alias_count;
    const idl_service *const *services; /* each behind those that it inherits from */
    size_t                    service_count;
};

struct idl_model {
    const idl_module        *main;    /* the file that was asked for */
    const idl_module *const *modules; /* all that was read, imports first */
    size_t                   module_count;
};

/* ---- layout (layout.c; idl/wire.md says why) ------------------------------------------------- */

/* Lies in the scalar block of its record: bool, numbers, rune, uuid, times, enums, fixed records,
 * and arrays of these. */
bool     idl_in_block(const idl_type *type);
uint32_t idl_block_size(const idl_type *type);  /* bytes there; 0 for others */
uint32_t idl_block_align(const idl_type *type); /* 1, 2, 4 or 8 */

/* Its default, its own or that of the record that it is, is not zero. */
bool idl_has_initial(const idl_field *field);

/* Bytes of a C value, or a little more; saturates far above IDL_MEMORY_MAX. */
uint64_t idl_memory_size(const idl_type *type);

#define IDL_MEMORY_MAX ((uint64_t)4 << 20) /* of a struct or array; more is refused */

/* Give each of `fields`, which are in the order of their numbers, its place (in_block, offset,
 * has_offset, slot), and ret its block, align and slots. A fixed record's block is rounded up.
 * False when the block would not end below 65536 or there are more than 16383 slots. */
bool idl_lay_out(idl_field *fields, size_t count, bool fixed, idl_record *ret);

/* ---- what types lead to (reach.c) ------------------------------------------------------------ */

/* A ref, in some way; an address, also beyond refs, but not in an any. */
bool idl_has_refs(const idl_type *type);
bool idl_has_addresses(const idl_type *type);

/* ---- C names (own.c) ------------------------------------------------------------------------- */

/* A C struct of its own, named after its place unless it has an alias: maps, arrays, and lists and
 * sets of lists, sets, maps, arrays and refs. (An array that is a member of a struct needs none.)
 */
bool idl_has_struct(const idl_type *type);

/* A descriptor of its own: those, all sets and refs, and whatever has limits. */
bool idl_has_descriptor(const idl_type *type);

/* Read `path` and all it imports (looked for beside the importing file, then in `dirs`), check it,
 * and return the model; NULL after at least one error on `diag`. The model lives as long as
 * `sources`, which keeps the arena. */
const idl_model *idl_load(idl_sources *sources, const char *path);

/* The same for a text; imports are looked for in the folder of `name`. */
const idl_model *idl_load_text(idl_sources *sources, const char *name, const char *text,
                               size_t size);

/* The model as indented text, for people and golden tests (kmsgc --dump=model). */
void idl_model_dump(const idl_model *model, FILE *out);

#endif
