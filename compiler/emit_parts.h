/* emit_parts.h -- the rooms of the C back end, and what they share.
 *
 *   emit_header.c    X.kmsg.h: types and prototypes
 *   emit_source.c    X.kmsg.c: what comes in which order
 *   emit_block.c     scalar blocks of a unit
 *   emit_codec.c     row functions of a unit
 *   emit_plain.c     records of scalars alone, in the header
 *   emit_layout.c    descriptors of records and units
 *   emit_type.c      descriptors of types
 *   emit_service.c   services and errors, in both files
 *   emit_machine.c   messages and machines, in both files
 *   emit_stream.c    what a method with streams has in place of a plain call
 *   emit_topic.c     topics, in both files
 */
#ifndef EMIT_PARTS_H
#define EMIT_PARTS_H

#include "compiler/emit.h"
#include "compiler/encoded_max.h"
#include "compiler/unit.h"

#include <kmsg/gen.h>

#define EMIT_COLUMNS 100 /* of generated lines */

/* A struct (of an array, or of a map's entry) that waits for the record inside it. */
typedef struct waiting {
    struct waiting *next;
    const idl_type *type;
    const char     *place;
} waiting;

typedef struct emit {
    const idl_module *module;
    out              *out;
    kmsg_arena       *mem;
    const char       *member;   /* of the field at hand: "p->tags" */
    bool             *complete; /* header: which records stand, by their index */
    encoded_maxes     maxes;    /* header */
    waiting          *waiting;  /* header; in the order in which they came */
    const char       *alias;    /* the alias whose parts are being written, or NULL */
    const idl_type   *direct;   /* of the struct's member whose parts are being written, or NULL */
} emit;

/* ---- emit_block.c ---------------------------------------------------------------------------- */
bool emit_has_bad(emit *e, const unit *u); /* X_row_bad exists */
void emit_bad(emit *e, const unit *u);
void emit_put_block(emit *e, const unit *u);
void emit_get_block(emit *e, const unit *u);

/* ---- emit_codec.c ---------------------------------------------------------------------------- */
void emit_row_end(emit *e, const unit *u);
void emit_row_put(emit *e, const unit *u);
void emit_row_get(emit *e, const unit *u);

/* ---- emit_plain.c ---------------------------------------------------------------------------- */
bool emit_is_plain(const unit *u);
bool emit_has_plain(const idl_module *module);
void emit_row_set(emit *e, const unit *u); /* of any unit without tails */
void emit_plain(emit *e);                  /* the header's part */

/* ---- emit_layout.c --------------------------------------------------------------------------- */
void emit_fields(emit *e, const unit *u);
void emit_layout(emit *e, const unit *u);
void emit_initial(emit *e, const idl_record *record);

/* A constant as C writes it, and the inside of a string literal. */
const char *emit_value_text(emit *e, const idl_value *v, const idl_type *type);
const char *emit_quoted(emit *e, const char *text, size_t size);

/* ---- emit_type.c ----------------------------------------------------------------------------- */
void emit_own_type(emit *e, const idl_type *type, const char *place);
void emit_record_types(emit *e, const idl_record *record);
void emit_union_types(emit *e, const idl_record *record);
void emit_enum_types(emit *e, const idl_enum *enum_);

/* ---- emit_header.c --------------------------------------------------------------------------- */

/* A schema's text as the lines of a C comment, indented; nothing when there is none. */
void emit_doc(emit *e, const char *doc, const char *indent);

/* Text inside of a comment, which it can neither end nor open. */
void emit_comment_text(emit *e, const char *text);

/* Struct of a record, or of a method's arguments. */
void emit_struct(emit *e, const idl_record *record);

/* What of a type is named after this place: first names and lists, then what needs the items to be
 * complete. */
void emit_own_names(emit *e, const idl_type *type, const char *place);
void emit_own_entries(emit *e, const idl_type *type, const char *place);

/* Calls `visit` for each type in `type`, innermost first, that has a descriptor of its own here. */
typedef void own_visit(emit *e, const idl_type *type, const char *place);
void         emit_each_own(emit *e, const idl_type *type, const char *place, own_visit *visit);

/* A member of a struct, and a parameter: "kmsg_string name", "const float pos[3]". */
const char *emit_member_declaration(emit *e, const unit *u, const idl_field *f);

/* A struct of its own is made for it here: it has no alias, and is no plain array of a member. */
bool emit_has_struct_here(const emit *e, const idl_type *type);

/* It names a struct that is not named otherwise. */
bool emit_alias_is_own(const idl_alias *alias);

/* The parts of an alias that has a descriptor of its own, itself last. */
void emit_alias_parts(emit *e, const idl_alias *alias, own_visit *visit);

/* The same for all fields of a record. */
void emit_own_of_fields(emit *e, const idl_record *record, own_visit *visit);

/* What `inside` writes, if it writes anything, for programs that want more than the codec. */
void emit_guarded(emit *e, void (*inside)(emit *e));

/* "---- what name ----", as a rule through the file. */
void emit_rule(emit *e, const char *what, const char *name);

/* The own file's name without folders: "hello.kmsg". */
const char *emit_file_name(const idl_module *module);

/* ---- emit_service.c -------------------------------------------------------------------------- */
void emit_services(emit *e, void (*one)(emit *e, const idl_service *service));
void emit_service_header(emit *e, const idl_service *service);
void emit_service_source(emit *e, const idl_service *service);
void emit_error_header(emit *e, const idl_record *error);

/* It gives back a value, once. */
bool emit_has_answer(const idl_method *m);
bool emit_is_stream(const idl_method *m);

/* What travels beside the arguments, an answer or an item: its C type, and whose layout it has. */
const char *emit_carried_type(emit *e, const idl_record *record);
const char *emit_carried_layout(emit *e, const idl_record *record);

/* "kmsg_string *ret": what a function fills in; "const kmsg_string *value": what it is given. */
const char *emit_answer_out(emit *e, const idl_record *record);
const char *emit_answer_in(emit *e, const idl_record *record, const char *name);

/* "head" "first, parameters, last)". */
void emit_signature(emit *e, const char *head, const char *first, const idl_method *m,
                    const char *last);

/* A struct `args` and the parameters in it; one of `a`, as a callback takes it, behind a comma. */
void emit_args(emit *e, const idl_method *m);
void emit_pass_arg(emit *e, const idl_field *f);

/* What the source has of arguments, and of what travels beside them; and its names in the header.
 */
void emit_args_unit(emit *e, const idl_record *args);
void emit_carried_unit(emit *e, const idl_record *record);
void emit_own_of_carried(emit *e, const idl_record *record);

/* A table c_name_roles_, if there are any. */
void emit_roles(emit *e, const char *c_name, const idl_roles *roles);

/* ---- emit_stream.c: $M, $T and $N are the method, its service and its number ----------------- */
void emit_streams_comment(emit *e, const idl_service *s); /* if it has any */
void emit_stream_header(emit *e, const idl_method *m);
void emit_stream_calls(emit *e, const idl_method *m);

/* An item as a parameter: "const Event *item", "kmsg_bytes data". */
bool        emit_by_pointer(const idl_type *item);
const char *emit_item_parameter(emit *e, const idl_record *record, const idl_type *type,
                                const char *name);

/* ---- emit_topic.c ---------------------------------------------------------------------------- */
bool emit_has_topics(const idl_module *module);
void emit_topics(emit *e, void (*one)(emit *e, const idl_topic *topic));
void emit_topic_header(emit *e, const idl_topic *topic);
void emit_topic_source(emit *e, const idl_topic *topic);

/* ---- emit_machine.c -------------------------------------------------------------------------- */
void emit_messages(emit *e); /* the header's part: sending and reading records */
void emit_machines(emit *e, void (*one)(emit *e, const idl_machine *machine));
void emit_machine_header(emit *e, const idl_machine *machine);
void emit_machine_source(emit *e, const idl_machine *machine);

/* ---- emit_source.c --------------------------------------------------------------------------- */

/* Functions and layout of a unit; the same for what is inside a type of its own, and its
 * descriptor. */
void emit_unit(emit *e, const unit *u);
void emit_own_unit(emit *e, const idl_type *type, const char *place);

/* The block of the message is the struct's leading part: nothing may have moved. */
void emit_asserts(emit *e, const unit *u);

/* What the header says of the source's extern functions and descriptors. */
void emit_source_prototypes(emit *e);

#endif
