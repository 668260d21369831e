/* json.h -- values as JSON and back, by the descriptors of their schema. idl/json.md tells the form
 * of every type. It is in a library of its own, libkmsg-json (pkg-config kmsg-json), which stands
 * on libkmsg or libkmsg-codec and on jansson.
 *
 *     kmsg_must(kmsg_json_encode(&acme_Person_layout, &person, NULL, mem, &text));
 *     kmsg_must(kmsg_json_decode(&acme_Person_layout, text, NULL, mem, &person));
 *
 * Any thread may call these. What they make lives in `mem` alone; `ret` is untouched on failure,
 * and kmsg_last_error() tells the place: `Person.scores["go"]: 3000000000 is out of the range of
 * i32`; of text that is no JSON, the line and the column: `3:14: unexpected token near '}'`.
 */
#ifndef KMSG_JSON_H
#define KMSG_JSON_H

#include <kmsg/gen.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KMSG_JSON_TEXT_MAX   ((size_t)64 << 20)  /* bytes of a text, unless said */
#define KMSG_JSON_MEMORY_MAX ((size_t)512 << 20) /* bytes while reading, unless said */
#define KMSG_JSON_INDENT_MAX 16u

/* How; all zero, or NULL for it, is what most want. */
typedef struct kmsg_json_options {
    /* The records that an `any` is written and read as an object of; others go as base64. */
    const kmsg_layout *const *types;
    size_t                    type_count;

    size_t   text_max;   /* bytes of a text; 0: KMSG_JSON_TEXT_MAX */
    size_t   memory_max; /* bytes that reading may take meanwhile, jansson's included: estimated
                          * before the text is parsed; 0: KMSG_JSON_MEMORY_MAX */
    uint32_t indent;     /* spaces a level, at most 16; 0: all on one line without white space */
    bool     refuse_unknown; /* reading: a member that the schema does not have is an error */
    bool     lenient; /* reading: null is the default of what has no parts, a T[N] is cut or filled
                       * up; otherwise null is only what is absent, and a T[N] has N items */
} kmsg_json_options;

/* Into `mem`, terminated. Equal values have equal text. KMSG_EVALUE for what kmsg_encode() refuses
 * too; KMSG_EDEPTH also for brackets nested more than 2048 deep, as by long chains of refs, and for
 * more than 64 anys in one another; KMSG_ETOOBIG, KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_json_encode(const kmsg_layout *layout, const void *value,
                                              const kmsg_json_options *options, kmsg_arena *mem,
                                              kmsg_string *ret);

/* KMSG_EDECODE for text that is no JSON or not of this type; KMSG_ETOOBIG when the text is larger
 * than the limit or would take more memory; KMSG_EDEPTH, KMSG_ENOMEM. `ret` has layout->size bytes
 * and leads into `mem`, not into `text`. */
KMSG_API KMSG_CHECK kmsg_err kmsg_json_decode(const kmsg_layout *layout, kmsg_string text,
                                              const kmsg_json_options *options, kmsg_arena *mem,
                                              void *ret);

/* The same for a value of any type: what is no record is an object with one member, "value". */
KMSG_API KMSG_CHECK kmsg_err kmsg_json_encode_value(const kmsg_type *type, const void *value,
                                                    const kmsg_json_options *options,
                                                    kmsg_arena *mem, kmsg_string *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_json_decode_value(const kmsg_type *type, kmsg_string text,
                                                    const kmsg_json_options *options,
                                                    kmsg_arena *mem, void *ret);

#ifdef __cplusplus
}
#endif
#endif
