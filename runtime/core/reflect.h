/* reflect.h -- descriptors as the schema that they were made from, for tools that have none.
 *
 * The text has all that counts on the wire and in JSON: names, numbers, types, limits, defaults,
 * streams, deadlines, roles. What descriptors do not have (comments, constants, aliases, the types
 * of reserved texts) is not there, and an error that nothing throws is a record.
 *
 * A module is a file, "acme.dir.kmsg". Where modules lead to one another in a circle, as those of
 * several files can, a module is as many files as it takes: "acme.dir-0.kmsg".
 */
#ifndef KMI_REFLECT_H
#define KMI_REFLECT_H

#include <kmsg/reflection.kmsg.h>

/* What is described: with all that it leads to. */
typedef struct kmi_subjects {
    const kmsg_service *const *services;
    size_t                     service_count;
    const kmsg_topic *const   *topics;
    size_t                     topic_count;
} kmi_subjects;

/* In `mem`. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_reflect(const kmi_subjects *subjects, kmsg_arena *mem,
                                kmsg_reflection_File_list *ret);

/* ---- declarations (reflect_decl.c) ----------------------------------------------------------- */

typedef enum kmi_decl_kind {
    KMI_DECL_ENUM,
    KMI_DECL_RECORD,
    KMI_DECL_SERVICE,
    KMI_DECL_TOPIC
} kmi_decl_kind;

typedef struct kmi_decl {
    kmi_decl_kind kind;
    const char   *name;        /* "acme.dir.Person" */
    size_t        module_size; /* bytes of "acme.dir" */
    const void   *what;        /* kmsg_enum, kmsg_layout, kmsg_service, kmsg_topic */
    const char   *word;        /* "record", "fixed record", "union", "error" */
    uint32_t      rank;        /* of its file, among those of all modules */
} kmi_decl;

typedef struct kmi_decls {
    kmsg_arena *mem;
    kmi_decl   *items;
    size_t      count, room;
    uint32_t   *slots;  /* [2 * room]: 1 + where it is, found by its name; 0: free */
    bool        failed; /* no memory */
} kmi_decls;

/* Add what the subjects are and lead to. */
void kmi_decls_collect(kmi_decls *decls, const kmi_subjects *subjects);

/* What a declaration leads to. What is handed in lives until `fn` returns. */
typedef void kmi_decl_fn(void *ctx, const kmi_decl *to);
void         kmi_decl_each(const kmi_decl *decl, void *ctx, kmi_decl_fn *fn);

kmi_decl *kmi_decls_find(const kmi_decls *decls, const char *name); /* or NULL */

/* ---- texts (reflect_text.c) ------------------------------------------------------------------ */

typedef struct kmi_text {
    kmsg_arena *mem;
    char       *data; /* with a NUL behind it */
    size_t      size, room;
    bool        failed; /* no memory */
    const char *module; /* whose names need no module in front; "" or a part of a name */
    size_t      module_size;
} kmi_text;

void kmi_text_put(kmi_text *text, const char *format, ...) KMSG_PRINTF(2, 3);
void kmi_text_decl(kmi_text *text, const kmi_decl *decl);

/* The type as a schema writes it. */
void kmi_text_type(kmi_text *text, const kmsg_type *type);

/* The value itself, and no record with a field: an answer, an item of a stream; what a topic
 * carries. */
bool kmi_is_carried(const kmsg_layout *layout, const kmsg_service *service,
                    const kmsg_method *method);
bool kmi_is_carried_by(const kmsg_layout *layout, const kmsg_topic *topic);

#endif
