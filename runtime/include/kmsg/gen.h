/* gen.h -- what generated code is made of. User programs get it through their X.kmsg.h.
 *
 *   1  descriptors   the facts of a schema as data
 *   2  codec         values to bytes and back, through descriptors
 *   3  services      what a generated call or handler table hands to the runtime
 *   4  machines      what a generated machine hands to the runtime
 *   5  topics        what is published, and who is told
 *
 * Straight-line encoding and decoding, which only generated .c files include, is in kmsg/codec.h.
 */
#ifndef KMSG_GEN_H
#define KMSG_GEN_H

#include <kmsg/base.h>
#include <kmsg/object.h>
#include <kmsg/peer.h>

/* Raised whenever older generated code would no longer fit. */
#define KMSG_GEN_VERSION 5

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. descriptors -------------------------------------------------------------------------- */

typedef enum kmsg_kind {
    /* lie in the scalar block of their record */
    KMSG_KIND_BOOL,
    KMSG_KIND_I8,
    KMSG_KIND_I16,
    KMSG_KIND_I32,
    KMSG_KIND_I64,
    KMSG_KIND_U8,
    KMSG_KIND_U16,
    KMSG_KIND_U32,
    KMSG_KIND_U64,
    KMSG_KIND_F32,
    KMSG_KIND_F64,
    KMSG_KIND_RUNE,
    KMSG_KIND_UUID,
    KMSG_KIND_TIMESTAMP,
    KMSG_KIND_DURATION,
    KMSG_KIND_ENUM,
    KMSG_KIND_FIXED,  /* a fixed record */
    KMSG_KIND_VECTOR, /* T[N] of the kinds above */
    /* have a tail */
    KMSG_KIND_STRING,
    KMSG_KIND_BYTES,
    KMSG_KIND_ADDRESS,
    KMSG_KIND_ANY,
    KMSG_KIND_RECORD,
    KMSG_KIND_UNION,
    KMSG_KIND_REF,
    KMSG_KIND_ARRAY, /* a list whose items have no tails: they stand side by side */
    KMSG_KIND_ROWS,  /* any other list */
    KMSG_KIND_TABLE, /* T[N] of items with tails: a list of rows; in memory the items themselves */
    KMSG_KIND_MAP
} kmsg_kind;

typedef struct kmsg_type   kmsg_type;
typedef struct kmsg_layout kmsg_layout;
typedef struct kmsg_enc    kmsg_enc;
typedef struct kmsg_dec    kmsg_dec;

typedef struct kmsg_enum_value {
    const char *name;
    int32_t     number;
} kmsg_enum_value;

typedef struct kmsg_enum {
    const char            *name; /* "acme.dir.Color" */
    const kmsg_enum_value *values;
    uint32_t               count;
    bool                   closed; /* other numbers are refused */
} kmsg_enum;

/* A pattern as a table: one look-up a byte. kmsgc makes it. */
typedef struct kmsg_pattern {
    const char     *text;        /* as the schema writes it */
    const uint8_t  *classes;     /* [256]: of a byte */
    const uint16_t *next;        /* [state * class_count + class]: a state; 0 is a dead end */
    const uint8_t  *accepts;     /* [state]; it begins in state 1 */
    uint16_t        class_count; /* number of classes */
} kmsg_pattern;

/* What values must keep to beyond their type: the range of a number or time; how many bytes a
 * string or bytes may have; how many items a list, set or map. */
typedef struct kmsg_limits {
    bool has_low, has_high;
    union {
        int64_t  i; /* signed integers, rune, timestamp, duration */
        uint64_t u; /* unsigned integers, sizes, counts */
        double   f; /* f32, f64 */
    } low, high;
    const kmsg_pattern *pattern; /* of a string, or NULL */
} kmsg_limits;

/* A type as it stands in a field, a list, a map. */
struct kmsg_type {
    const char      *name; /* as the schema writes it: "list<string>", "acme.dir.Person" */
    kmsg_kind        kind;
    uint32_t         size;     /* of the C value: sizeof(kmsg_string), sizeof(Person), ... */
    uint32_t         align;    /* of the C value */
    const kmsg_type *item;     /* ARRAY, VECTOR: what it holds; ROWS, TABLE: what a row holds, NULL
                                * for a record */
    const kmsg_layout *layout; /* RECORD, FIXED, UNION, REF: its fields; ROWS, TABLE: a row's; MAP:
                                * an entry's */
    const kmsg_enum   *enum_;  /* ENUM */
    const kmsg_limits *limits; /* or NULL */
    uint32_t           count;  /* VECTOR, TABLE: of items */
    bool               is_set; /* ARRAY, ROWS: the items ascend, each is there once */
};

typedef struct kmsg_field {
    const char *name; /* NULL: reserved, its place is kept, its content ignored; "": has none */
    const kmsg_type *type;
    uint32_t         number;
    uint32_t         offset;     /* of the C member */
    uint32_t         has_offset; /* of the C member has_NAME, for an optional scalar */
    uint32_t         place; /* in the scalar block: its offset; else: the index of its length */
    uint8_t          optional;
    const void      *initial; /* where the default differs from zero: the C value, else NULL */
} kmsg_field;

/* How a record (or a row of a list or map) lies in memory and in a message. idl/wire.md.
 *
 * Of a union the fields are its members: the number is the tag, which is also what `kind`, the
 * struct's first 32 bits, holds (0: none). Field 0 stands for members that this schema does not
 * know: its number is 0, its type kmsg_type_bytes, its offset that of `unknown`. Members of the
 * kinds FIXED, VECTOR, RECORD, UNION and TABLE are pointers to the value. */
struct kmsg_layout {
    const char       *name;   /* "acme.dir.Person" */
    uint64_t          id;     /* kmsg_id(name) */
    const kmsg_field *fields; /* in the order of their numbers */
    uint32_t          count;
    uint32_t          size;          /* of the C struct */
    uint32_t          shape;         /* KMSG_SHAPE(): the word that a message carries; union: 0 */
    bool              recursive;     /* may contain itself: depth is counted */
    bool              has_refs;      /* leads to a ref in some way */
    bool              has_addresses; /* to an address, also beyond refs; not in an any */

    /* Straight-line code; layouts without it (made at run time) go through the descriptors. */
    uint64_t (*row_end)(kmsg_enc *e, const void *value, uint64_t at);
    uint8_t *(*row_put)(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
    const uint8_t *(*row_get)(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
};

/* The shape of a row: bytes of its scalar block (below 65536), number of its variable fields (below
 * 16384), and its alignment in bytes as a power of two. */
#define KMSG_SHAPE(block, variables, align_log2)                                                   \
    ((uint32_t)(block) | (uint32_t)(variables) << 16 | (uint32_t)(align_log2) << 30)

/* The types that need no schema. */
KMSG_API extern const kmsg_type kmsg_type_bool, kmsg_type_i8, kmsg_type_i16, kmsg_type_i32,
    kmsg_type_i64, kmsg_type_u8, kmsg_type_u16, kmsg_type_u32, kmsg_type_u64, kmsg_type_f32,
    kmsg_type_f64, kmsg_type_rune, kmsg_type_uuid, kmsg_type_timestamp, kmsg_type_duration,
    kmsg_type_string, kmsg_type_bytes, kmsg_type_address, kmsg_type_any;
KMSG_API extern const kmsg_type kmsg_type_list_bool, kmsg_type_list_i8, kmsg_type_list_i16,
    kmsg_type_list_i32, kmsg_type_list_i64, kmsg_type_list_u8, kmsg_type_list_u16,
    kmsg_type_list_u32, kmsg_type_list_u64, kmsg_type_list_f32, kmsg_type_list_f64,
    kmsg_type_list_rune, kmsg_type_list_uuid, kmsg_type_list_timestamp, kmsg_type_list_duration,
    kmsg_type_list_string, kmsg_type_list_bytes, kmsg_type_list_address, kmsg_type_list_any;

/* `typedef enum Color KMSG_ENUM_BASE { ... } Color;`: any 32-bit number may arrive in an open enum.
 */
#ifdef __cplusplus
#define KMSG_ENUM_BASE : int32_t
#else
#define KMSG_ENUM_BASE
#endif

/* 64-bit FNV-1a of a qualified name, with the top bit set: how services and errors are named in
 * frames. kmsgc writes it into generated code. */
KMSG_API uint64_t kmsg_id(const char *qualified_name);

/* ---- 2. codec -------------------------------------------------------------------------------- */

/* Bytes that `value` takes as a message. KMSG_EVALUE, KMSG_EDEPTH, KMSG_ETOOBIG (over
 * KMSG_MESSAGE_MAX). `layout` is that of a record. */
KMSG_API KMSG_CHECK kmsg_err kmsg_encoded_size(const kmsg_layout *layout, const void *value,
                                               size_t *ret);

/* Into a buffer of `capacity` bytes, at any address. KMSG_ETOOBIG when it does not fit. What cannot
 * be encoded says where in kmsg_last_error(): `Person.tags[3]: not UTF-8`. */
KMSG_API KMSG_CHECK kmsg_err kmsg_encode_into(const kmsg_layout *layout, const void *value,
                                              void *buffer, size_t capacity, size_t *ret_size);

KMSG_API KMSG_CHECK kmsg_err kmsg_encode(const kmsg_layout *layout, const void *value,
                                         kmsg_arena *mem, kmsg_bytes *ret);

/* `ret` has layout->size bytes and is untouched on failure. It points into `bytes` and `mem`.
 * KMSG_EDECODE: they are no such message; KMSG_EDEPTH; KMSG_ETOOBIG, over KMSG_MESSAGE_MAX, or it
 * would take more memory than 16 times its size and 4 KiB, beside the record itself and, for bytes
 * at an address that is no multiple of 8, a copy of them. To say what is wrong with a message it is
 * read once more, into memory that is given back. An arena takes its memory in blocks that double:
 * up to three times what is taken of it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_decode(const kmsg_layout *layout, kmsg_bytes bytes,
                                         kmsg_arena *mem, void *ret);

/* The same bytes in the arena, at a multiple of 8. KMSG_ETOOBIG (over KMSG_MESSAGE_MAX, before
 * anything is taken), KMSG_ENOMEM. What is decoded of them leads into
 * the arena alone: X_decode_copy() does that. */
KMSG_API KMSG_CHECK kmsg_err kmsg_copy_bytes(kmsg_bytes bytes, kmsg_arena *mem, kmsg_bytes *ret);

/* What refs lead to is copied once, compared as somebody sees it who follows them (unequal without
 * memory to do that), and shown where it is first met. */
KMSG_API KMSG_CHECK kmsg_err kmsg_copy(const kmsg_layout *layout, const void *value,
                                       kmsg_arena *mem, void *ret);
KMSG_API bool                kmsg_equal(const kmsg_layout *layout, const void *a, const void *b);
KMSG_API void                kmsg_print(const kmsg_layout *layout, const void *value, FILE *out);

/* The same for a value of any type, which travels as a record with that one field. Of `value` and
 * `ret`, type->size bytes count: a kmsg_string, a Person_list, an int32_t. */
KMSG_API KMSG_CHECK kmsg_err kmsg_encode_value(const kmsg_type *type, const void *value,
                                               kmsg_arena *mem, kmsg_bytes *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_decode_value(const kmsg_type *type, kmsg_bytes bytes,
                                               kmsg_arena *mem, void *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_copy_value(const kmsg_type *type, const void *value,
                                             kmsg_arena *mem, void *ret);
KMSG_API bool                kmsg_equal_value(const kmsg_type *type, const void *a, const void *b);
KMSG_API void                kmsg_print_value(const kmsg_type *type, const void *value, FILE *out);

/* A record into an any, encoded into `mem`; its type is layout->name, not a copy. */
KMSG_API KMSG_CHECK kmsg_err kmsg_any_pack(const kmsg_layout *layout, const void *value,
                                           kmsg_arena *mem, kmsg_any *ret);

/* Does it hold a record of this type? */
KMSG_API bool kmsg_any_is(const kmsg_any *any, const kmsg_layout *layout);

/* The record that it holds, as kmsg_decode() reads it; KMSG_EVALUE when it is of another type. */
KMSG_API KMSG_CHECK kmsg_err kmsg_any_unpack(const kmsg_any *any, const kmsg_layout *layout,
                                             kmsg_arena *mem, void *ret);

/* A serializer of your own (MessagePack, a legacy struct, a compressed blob): both ends have one of
 * the same name, and what it makes travels in an `any`. The functions return KMSG_OK, or anything
 * else for what they cannot do; what they make lives in `mem`. */
typedef struct kmsg_serializer {
    const char *name; /* "example.msgpack.Order/2": says format and version too */
    kmsg_err (*encode)(void *ctx, const void *value, kmsg_arena *mem, kmsg_bytes *ret);
    kmsg_err (*decode)(void *ctx, kmsg_bytes bytes, kmsg_arena *mem, void *ret);
    void *ctx;
} kmsg_serializer;

/* KMSG_EVALUE when `encode` refuses the value; `any` then is as it was. */
KMSG_API KMSG_CHECK kmsg_err kmsg_any_pack_with(const kmsg_serializer *serializer,
                                                const void *value, kmsg_arena *mem, kmsg_any *ret);

/* KMSG_EVALUE when the any was made by another one, and nothing has been decoded; KMSG_EDECODE when
 * `decode` refuses the bytes: a handler that returns KMSG_EREQUEST then tells its caller so. */
KMSG_API KMSG_CHECK kmsg_err kmsg_any_unpack_with(const kmsg_any        *any,
                                                  const kmsg_serializer *serializer,
                                                  kmsg_arena *mem, void *ret);

/* ---- 3. services ----------------------------------------------------------------------------- */

typedef struct kmsg_method {
    const char        *name;
    uint32_t           number; /* position in the service, from 0: what a frame carries */
    bool               oneway;
    bool               idempotent;  /* may be asked again when it is lost */
    uint32_t           deadline_ms; /* of the schema; 0: none */
    /* Who may call it: whoever has one of these; NULL behind the last. NULL: all may. */
    const char *const *roles;
    const kmsg_layout *args;
    const kmsg_layout *result;  /* NULL for oneway, and where `streams` is not */
    const kmsg_layout *sends;   /* an item of what the caller streams, or NULL */
    const kmsg_layout *streams; /* an item of what is streamed to the caller, or NULL */
    const kmsg_layout *const *throws; /* NULL behind the last; NULL: nothing */
    /* Calls the handler in `impl` with decoded args; result is zeroed. KMSG_ENOMETHOD if NULL.
     * NULL for a method that is known but cannot be called. */
    kmsg_err (*invoke)(const void *impl, void *ctx, kmsg_call *call, const void *args,
                       void *result);
} kmsg_method;

/* A service that another one inherits from: its handlers are a part of the other's. */
typedef struct kmsg_base {
    const struct kmsg_service *service;
    size_t                     offset; /* of its impl in the impl */
} kmsg_base;

typedef struct kmsg_service {
    const char        *name; /* "acme.dir.Directory" */
    uint64_t           id;   /* kmsg_id(name) */
    const kmsg_method *methods;
    uint32_t           count;
    const kmsg_base   *bases; /* they are served with it, each under its own name */
    uint32_t           base_count;
    const char *const *roles; /* of those of its methods that say nothing else; NULL: none */
} kmsg_service;

/* A typed `done` callback on its way through the runtime, and the generated function that knows its
 * type. `result` is NULL unless err is KMSG_OK. */
typedef void kmsg_done(void);
typedef void kmsg_finish(kmsg_done *done, void *ctx, kmsg_err err, const void *result);

/* With all that it inherits from. KMSG_EEXIST, and nothing is served, when the node serves one of
 * them already. `impl` must live as long as the node. */
KMSG_API KMSG_CHECK kmsg_err kmsg_serve(kmsg_node *node, const kmsg_service *service,
                                        const void *impl, void *ctx);

/* The same at an address of its own, see kmsg/object.h. */
KMSG_API KMSG_CHECK kmsg_err kmsg_service_new(kmsg_object *parent, const kmsg_service *service,
                                              const void *impl, void *ctx, const kmsg_spawn *how,
                                              kmsg_address *ret);

/* Ask and wait; *ret (method->result->size bytes) is filled in on KMSG_OK and leads into `mem`. */
KMSG_API KMSG_CHECK kmsg_err kmsg_ask(kmsg_peer *peer, const kmsg_service *service,
                                      const kmsg_method *method, const void *args, kmsg_arena *mem,
                                      void *ret);

/* Ask and be told: `finish(done, ctx, ...)` runs exactly once, later, also for what fails at once.
 * `args` have been encoded when it returns. A one-way message ends with KMSG_OK when the other side
 * has released it. */
KMSG_API void kmsg_ask_async(kmsg_peer *peer, const kmsg_service *service,
                             const kmsg_method *method, const void *args, kmsg_finish *finish,
                             kmsg_done *done, void *ctx);

/* Ask and wait later. KMSG_EINUSE: `pending` stands for a call that has not been ended with
 * kmsg_end(), which goes on. All other failures are kept for kmsg_end() too. */
KMSG_API kmsg_err kmsg_begin(kmsg_peer *peer, const kmsg_service *service,
                             const kmsg_method *method, const void *args, kmsg_pending *pending);

/* Wait, and take what came of it, as kmsg_ask() gives it. KMSG_EINVAL: nothing was begun. */
KMSG_API KMSG_CHECK kmsg_err kmsg_end(kmsg_pending *pending, const kmsg_method *method,
                                      kmsg_arena *mem, void *ret);

/* One way: KMSG_OK means that it was queued to be written. kmsg_flush() waits until it is. What is
 * lost with its link is lost: kmsg_peer_info() counts as much of that as can be known here.
 * KMSG_EDATAGRAM: the peer is who sent a datagram. */
KMSG_API KMSG_CHECK kmsg_err kmsg_tell(kmsg_peer *peer, const kmsg_service *service,
                                       const kmsg_method *method, const void *args);

/* Answer a call that returned KMSG_LATER. Ends the call; what cannot be encoded ends it with
 * KMSG_EFAILED at the caller. */
KMSG_API void kmsg_reply(kmsg_call *call, const kmsg_method *method, const void *result);

/* Throw an error of the schema. Returns KMSG_ETHROWN for the handler to return; ends the call if it
 * was left for later. */
KMSG_API kmsg_err kmsg_throw(kmsg_call *call, const kmsg_layout *error, const void *value);

/* Streams. `method` is of the stream's own call: another one is the caller's bug. Values are
 * encoded when the functions return. kmsg/kmsg.h says what they do, as X_m_put() and so on. */
typedef void kmsg_hear(kmsg_done *heard, void *ctx, const void *item);
typedef void kmsg_pass(kmsg_done *received, void *ctx, kmsg_call *call, kmsg_err err,
                       const void *item);

KMSG_API KMSG_CHECK kmsg_err kmsg_stream_open(kmsg_peer *peer, const kmsg_service *service,
                                              const kmsg_method *method, const void *args,
                                              kmsg_stream **ret);

/* `hear` is NULL where nothing is streamed back. NULL after telling `done` at once that there is no
 * memory; whatever else fails it is told later. */
KMSG_API kmsg_stream *kmsg_stream_async(kmsg_peer *peer, const kmsg_service *service,
                                        const kmsg_method *method, const void *args,
                                        kmsg_hear *hear, kmsg_done *heard, kmsg_finish *finish,
                                        kmsg_done *done, void *ctx);

KMSG_API KMSG_CHECK kmsg_err kmsg_stream_put(kmsg_stream *stream, const kmsg_method *method,
                                             const void *item);
KMSG_API KMSG_CHECK kmsg_err kmsg_stream_try_put(kmsg_stream *stream, const kmsg_method *method,
                                                 const void *item);
KMSG_API KMSG_CHECK kmsg_err kmsg_stream_next(kmsg_stream *stream, const kmsg_method *method,
                                              kmsg_arena *mem, void *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_stream_finish(kmsg_stream *stream, const kmsg_method *method,
                                                kmsg_arena *mem, void *ret);
KMSG_API KMSG_CHECK kmsg_err kmsg_call_send(kmsg_call *call, const kmsg_method *method,
                                            const void *item);
KMSG_API KMSG_CHECK kmsg_err kmsg_call_try_send(kmsg_call *call, const kmsg_method *method,
                                                const void *item);
KMSG_API KMSG_CHECK kmsg_err kmsg_call_receive(kmsg_call *call, const kmsg_method *method,
                                               kmsg_arena *mem, void *ret);
KMSG_API void kmsg_call_receive_async(kmsg_call *call, const kmsg_method *method, kmsg_pass *pass,
                                      kmsg_done *received, void *ctx);

/* After a call on this peer that ended with KMSG_ETHROWN (until the next one ends): was it this
 * error? Then *ret is filled in, leading into `mem`. */
KMSG_API bool kmsg_caught(kmsg_peer *peer, const kmsg_layout *error, kmsg_arena *mem, void *ret);

/* ---- 4. machines ----------------------------------------------------------------------------- */

/* What a handler that is NULL returns in place of a state. */
#define KMSG_UNHANDLED (-1)

/* The handler of a record in a state: returns the next state, or KMSG_UNHANDLED. */
typedef struct kmsg_handler {
    const kmsg_layout *record;
    int32_t (*handle)(const void *impl, void *ctx, kmsg_object *self, kmsg_message *message,
                      const void *value);
} kmsg_handler;

typedef struct kmsg_state {
    const char         *name;     /* "Closed" */
    const kmsg_handler *handlers; /* by ascending id of their records */
    uint32_t            count;
} kmsg_state;

typedef struct kmsg_machine {
    const char       *name;   /* "acme.Door" */
    uint64_t          id;     /* kmsg_id(name) */
    const kmsg_state *states; /* states are numbered from 0 */
    uint32_t          count;
    int32_t (*start)(const void *impl, void *ctx, kmsg_object *self); /* the first state */
    int32_t (*otherwise)(const void *impl, void *ctx, kmsg_object *self, kmsg_message *message,
                         int32_t state); /* as a handler */
} kmsg_machine;

/* `KMSG_MEMBER(Closed){...}` in an initialiser: by its name in C, by its place in C++, which had no
 * names there before C++20. */
#ifdef __cplusplus
#define KMSG_MEMBER(name)
#else
#define KMSG_MEMBER(name) .name =
#endif

/* A child of `parent` that is such a machine. `impl` must live as long as it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_machine_new(kmsg_object *parent, const kmsg_machine *machine,
                                              const void *impl, void *ctx, const kmsg_spawn *how,
                                              kmsg_address *ret);

/* ---- 5. topics ------------------------------------------------------------------------------- */

struct kmsg_topic_news; /* kmsg/topic.h, also for what follows */
struct kmsg_subscriber;
struct kmsg_publisher_options;
struct kmsg_subscriber_options;

typedef struct kmsg_topic {
    const char        *name; /* "acme.Prices" */
    uint64_t           id;   /* kmsg_id(name) */
    const char *const *roles; /* who may publish and subscribe, as in a kmsg_method */
    const kmsg_layout *key;   /* NULL: there is none */
    /* Parts of the key that can be chosen by, under their names and numbers: each may be absent,
     * which is any; a string is a pattern. NULL: there are none. */
    const kmsg_layout *filter;
    const kmsg_layout *value;
    void (*tell)(kmsg_done *heard, void *ctx, const struct kmsg_topic_news *news, const void *key,
                 const void *value);
} kmsg_topic;

/* From now on the node publishes it in this way, if it does not publish it already: KMSG_EEXIST.
 * KMSG_EINVAL, KMSG_ENOMEM, and what kmsg_publish() may end with. */
KMSG_API KMSG_CHECK kmsg_err kmsg_topic_offer(kmsg_node *node, const kmsg_topic *topic,
                                              const struct kmsg_publisher_options *options);

/* To all who have subscribed by now. KMSG_EVALUE and the like, and nobody gets it; KMSG_EFULL:
 * some who wanted it to wait for them did not get it, in time; KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_topic_publish(kmsg_node *node, const kmsg_topic *topic,
                                                const void *key, const void *value);

/* `filter` NULL: all. `ret` may be NULL: then it lasts until its node's end. KMSG_EINVAL with words
 * (a pattern), KMSG_ENOMEM, and what kmsg_subscribe() may end with. */
KMSG_API KMSG_CHECK kmsg_err kmsg_topic_subscribe(kmsg_node *node, const kmsg_topic *topic,
                                                  const void                           *filter,
                                                  const struct kmsg_subscriber_options *options,
                                                  kmsg_done *heard, void *ctx,
                                                  struct kmsg_subscriber **ret);

#ifdef __cplusplus
}
#endif
#endif
