/* names.h -- words: tables of them, what is near a misspelt one, and what C and C++ make of them.
 */
#ifndef IDL_NAMES_H
#define IDL_NAMES_H

#include "idl/source.h"

/* A table from words to anything; open addressing, in the arena. */
typedef struct idl_names {
    struct idl_name {
        const char *word;
        void       *what;
    } * items; /* `room` places; word NULL: free */
    size_t count, room;
} idl_names;

void *idl_names_find(const idl_names *names, const char *word);

/* False, and nothing changed, when the word is there already. */
bool idl_names_add(idl_sources *sources, idl_names *names, const char *word, void *what);

/* The word of the table that is nearest to a misspelt one, NULL if none is near. */
const char *idl_names_near(const idl_names *names, const char *word);

/* `name` where C or C++ give it a meaning, so that a field or parameter cannot have it: gets a '_'.
 */
bool idl_is_c_word(const char *name);

/* A parameter's name that the functions made for its method use themselves: gets a '_'. */
bool idl_is_call_word(const char *name);

/* A member's name that every union's struct has already: gets a '_'. */
bool idl_is_union_word(const char *name);

/* The type that C and its relatives call by another name: "i32" for "int"; or NULL. */
const char *idl_type_elsewhere(const char *name);

/* How this language says what others begin with such a word; or NULL. */
const char *idl_word_elsewhere(const char *word, size_t size);

/* A declaration's name that would hide something of kmsg or of the headers it needs. */
bool idl_is_kmsg_word(const char *name);

/* What kmsgc makes out of a declaration's name by adding "_suffix"; each list ends with NULL. */
extern const char *const idl_record_suffixes[];
extern const char *const idl_error_suffixes[];
extern const char *const idl_union_suffixes[];
extern const char *const idl_enum_suffixes[];
extern const char *const idl_alias_suffixes[];
extern const char *const idl_service_suffixes[];
extern const char *const idl_machine_suffixes[];
extern const char *const idl_topic_suffixes[];

#endif
