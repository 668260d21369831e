/* schema.h -- schemas that are read while the program runs: libkmsg-schema.
 *
 * A program that is to handle values of types which it was not compiled with (a tool, a gateway, a
 * store) reads the .kmsg files themselves. What it gets are the descriptors that kmsgc would have
 * written into X.kmsg.c, laid out in memory like the structs of X.kmsg.h on this machine, so values
 * can be handed to generated code and taken from it. With them kmsg_encode(), kmsg_decode(),
 * kmsg_print() (kmsg/gen.h) work on any type; kmsg/value.h reads the parts of a value.
 *
 *     kmsg_schema *schema;
 *     kmsg_must(kmsg_schema_load("people.kmsg", &(kmsg_schema_options){.diagnostics = stderr},
 *                                &schema));
 *     const kmsg_layout *person = kmsg_schema_record(schema, "acme.Person");
 *
 * There is no straight-line code for these layouts: encoding and decoding are some times slower.
 *
 * A schema owns its descriptors. It is not to be changed by two threads at once
 * (kmsg_schema_type() changes it); reading is for all.
 */
#ifndef KMSG_SCHEMA_H
#define KMSG_SCHEMA_H

#include <kmsg/gen.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmsg_schema kmsg_schema;

typedef struct kmsg_schema_options {
    const char *const *dirs; /* where imports are looked for, after the importing file's folder */
    size_t             dir_count;
    FILE              *diagnostics; /* what is wrong with a schema, as kmsgc says it; or NULL */
} kmsg_schema_options;

/* Read a file and all it imports. KMSG_ENOENT: the file cannot be read; KMSG_EINVAL: something is
 * wrong with it or an import; KMSG_ENOMEM. Options may be NULL, and need not live longer. */
KMSG_API KMSG_CHECK kmsg_err kmsg_schema_load(const char *path, const kmsg_schema_options *options,
                                              kmsg_schema **ret);

/* The same for a text; `name` is what diagnostics call it, and its folder is where imports are
 * looked for first. */
KMSG_API KMSG_CHECK kmsg_err kmsg_schema_load_text(const char *name, kmsg_string text,
                                                   const kmsg_schema_options *options,
                                                   kmsg_schema              **ret);

/* The same for several texts that import one another: `files[0]` is the one that is loaded, each
 * is found by its name before any file is. What they import of kmsg itself is there, too. */
typedef struct kmsg_schema_file {
    const char *name; /* "acme/people.kmsg" */
    kmsg_string text;
} kmsg_schema_file;
KMSG_API KMSG_CHECK kmsg_err kmsg_schema_load_files(const kmsg_schema_file *files, size_t count,
                                                    const kmsg_schema_options *options,
                                                    kmsg_schema              **ret);

KMSG_API void kmsg_schema_free(kmsg_schema *schema);

/* A record or error, by its qualified name ("acme.Person"), or by its own ("Person") where only one
 * has it, that of the file itself before those of imports. NULL if there is none. */
KMSG_API const kmsg_layout *kmsg_schema_record(const kmsg_schema *schema, const char *name);

/* All of them, those of imports first: i from 0 to count - 1. */
KMSG_API size_t             kmsg_schema_count(const kmsg_schema *schema);
KMSG_API const kmsg_layout *kmsg_schema_at(const kmsg_schema *schema, size_t i);

/* A service, by name as above; NULL if there is none. Its methods can be asked for with kmsg_ask()
 * and whatever else takes a kmsg_method; there is no code to serve them. */
KMSG_API const kmsg_service *kmsg_schema_service(const kmsg_schema *schema, const char *name);

/* All of them, those of imports first: i from 0 to count - 1. */
KMSG_API size_t              kmsg_schema_service_count(const kmsg_schema *schema);
KMSG_API const kmsg_service *kmsg_schema_service_at(const kmsg_schema *schema, size_t i);

/* The same of topics. There is no `tell` in them: who subscribes uses a copy that has one. */
KMSG_API const kmsg_topic *kmsg_schema_topic(const kmsg_schema *schema, const char *name);
KMSG_API size_t            kmsg_schema_topic_count(const kmsg_schema *schema);
KMSG_API const kmsg_topic *kmsg_schema_topic_at(const kmsg_schema *schema, size_t i);

/* All defaults of a record: a value of layout->size bytes. NULL where all are zero, and for layouts
 * that are not the schema's. */
KMSG_API const void *kmsg_schema_initial(const kmsg_schema *schema, const kmsg_layout *layout);

/* Any type, as a schema writes it: "Person", "list<acme.Person>", "map<string, i32>", "u8[6]", an
 * alias, an enum, a union; without '?' and limits (an alias may have some). KMSG_EINVAL: it is not
 * written like a type; KMSG_ENOENT: a name means nothing; KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_schema_type(kmsg_schema *schema, const char *text,
                                              const kmsg_type **ret);

#ifdef __cplusplus
}
#endif
#endif
