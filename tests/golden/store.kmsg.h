/* store.kmsg.h -- made by kmsgc 0.1.0 from store.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef STORE_STORE_KMSG_H
#define STORE_STORE_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>

#if KMSG_GEN_VERSION != 5
#error "store.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Streams in all directions, as they look in C. */

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct store_Event store_Event;
typedef struct store_Event_list {
    const store_Event *items;
    size_t count;
} store_Event_list;

typedef struct store_Full store_Full;
typedef struct store_Full_list {
    const store_Full *items;
    size_t count;
} store_Full_list;

/* ---- record Event ------------------------------------------------------------------------ */

struct store_Event {
    kmsg_timestamp at;               /* 1 */
    kmsg_string text;                /* 2 */
};

/* All defaults: store_Event x = store_Event_initial; */
extern const store_Event store_Event_initial;

KMSG_CHECK kmsg_err store_Event_encoded_size(const store_Event *value, size_t *ret);
KMSG_CHECK kmsg_err store_Event_encode_into(const store_Event *value, void *buffer, size_t capacity,
                                            size_t *ret_size);
KMSG_CHECK kmsg_err store_Event_encode(const store_Event *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err store_Event_decode(kmsg_bytes bytes, kmsg_arena *mem, store_Event *ret);
KMSG_CHECK kmsg_err store_Event_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, store_Event *ret);
KMSG_CHECK kmsg_err store_Event_copy(const store_Event *value, kmsg_arena *mem, store_Event *ret);
bool store_Event_equal(const store_Event *a, const store_Event *b);
void store_Event_print(const store_Event *value, FILE *out);

/* ---- error Full -------------------------------------------------------------------------- */

struct store_Full {
    uint64_t room;                   /* 1 */
};

/* All defaults: store_Full x = store_Full_initial; */
extern const store_Full store_Full_initial;

/* Bytes of the longest message: uint8_t buffer[store_Full_ENCODED_MAX]; */
#define store_Full_ENCODED_MAX 16

KMSG_CHECK kmsg_err store_Full_encoded_size(const store_Full *value, size_t *ret);
KMSG_CHECK static inline kmsg_err store_Full_encode_into(const store_Full *value, void *buffer,
                                                         size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err store_Full_encode(const store_Full *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err store_Full_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                    store_Full *ret);
KMSG_CHECK kmsg_err store_Full_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, store_Full *ret);
KMSG_CHECK kmsg_err store_Full_copy(const store_Full *value, kmsg_arena *mem, store_Full *ret);
bool store_Full_equal(const store_Full *a, const store_Full *b);
void store_Full_print(const store_Full *value, FILE *out);

extern const kmsg_layout store_Full_layout;

/* In a handler: return store_Full_throw(call, &error); */
static inline kmsg_err store_Full_throw(kmsg_call *call, const store_Full *error)
{
    return kmsg_throw(call, &store_Full_layout, error);
}

/* After KMSG_ETHROWN: was it this one? *ret leads into mem. */
static inline bool store_Full_caught(kmsg_peer *peer, kmsg_arena *mem, store_Full *ret)
{
    return kmsg_caught(peer, &store_Full_layout, mem, ret);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Store ----------------------------------------------------------------------- */

/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER. */

/* Of each method with a stream: _open begins the call; _put sends an item, waiting while there is
 * no room, _try_put returns KMSG_EFULL then; _next waits for an item, KMSG_END is the end; _finish
 * sends the end and waits for the answer. kmsg_stream_end() only sends it; kmsg_stream_close()
 * ends what was opened. _async is told: `heard` of each item, `done` of the end.
 * In the handler: _receive waits for an item, KMSG_END is the end; _receive_async is told of each,
 * and once, with another err and no item, of the end; _send and _try_send send one. */

/* As many bytes as there were. */
/* upload(name: string, data: stream bytes) -> u64 throws store.Full */
KMSG_CHECK kmsg_err store_Store_upload_open(kmsg_peer *peer, kmsg_string name, kmsg_stream **ret);
KMSG_CHECK kmsg_err store_Store_upload_put(kmsg_stream *stream, kmsg_bytes data);
KMSG_CHECK kmsg_err store_Store_upload_try_put(kmsg_stream *stream, kmsg_bytes data);
KMSG_CHECK kmsg_err store_Store_upload_finish(kmsg_stream *stream, kmsg_arena *mem, uint64_t *ret);
typedef void store_Store_upload_done(void *ctx, kmsg_err err, const uint64_t *result);
kmsg_stream *store_Store_upload_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                      store_Store_upload_done *done);
KMSG_CHECK kmsg_err store_Store_upload_receive(kmsg_call *call, kmsg_arena *mem, kmsg_bytes *ret);
typedef void store_Store_upload_received(void *ctx, kmsg_call *call, kmsg_err err,
                                         const kmsg_bytes *data);
void store_Store_upload_receive_async(kmsg_call *call, void *ctx,
                                      store_Store_upload_received *received);
void store_Store_upload_reply(kmsg_call *call, const uint64_t *result);

/* watch(key: string) -> stream store.Event */
KMSG_CHECK kmsg_err store_Store_watch_open(kmsg_peer *peer, kmsg_string key, kmsg_stream **ret);
KMSG_CHECK kmsg_err store_Store_watch_next(kmsg_stream *stream, kmsg_arena *mem, store_Event *ret);
typedef void store_Store_watch_heard(void *ctx, const store_Event *item);
typedef void store_Store_watch_done(void *ctx, kmsg_err err);
void store_Store_watch_async(kmsg_peer *peer, kmsg_string key, void *ctx,
                             store_Store_watch_heard *heard, store_Store_watch_done *done);
KMSG_CHECK kmsg_err store_Store_watch_send(kmsg_call *call, const store_Event *item);
KMSG_CHECK kmsg_err store_Store_watch_try_send(kmsg_call *call, const store_Event *item);
void store_Store_watch_reply(kmsg_call *call);

typedef struct store_Store_tally_result_entry store_Store_tally_result_entry;

typedef struct store_Store_tally_result {
    const store_Store_tally_result_entry *items;
    size_t count;
} store_Store_tally_result;

struct store_Store_tally_result_entry {
    kmsg_string key;
    int32_t value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const int32_t *store_Store_tally_result_find(store_Store_tally_result map, kmsg_string key);

/* Answers as it hears. */
/* tally(limit: u32?, data: stream store.Event) -> stream map<string, i32> */
KMSG_CHECK kmsg_err store_Store_tally_open(kmsg_peer *peer, const uint32_t *limit,
                                           kmsg_stream **ret);
KMSG_CHECK kmsg_err store_Store_tally_put(kmsg_stream *stream, const store_Event *data);
KMSG_CHECK kmsg_err store_Store_tally_try_put(kmsg_stream *stream, const store_Event *data);
KMSG_CHECK kmsg_err store_Store_tally_next(kmsg_stream *stream, kmsg_arena *mem,
                                           store_Store_tally_result *ret);
typedef void store_Store_tally_heard(void *ctx, const store_Store_tally_result *item);
typedef void store_Store_tally_done(void *ctx, kmsg_err err);
kmsg_stream *store_Store_tally_async(kmsg_peer *peer, const uint32_t *limit, void *ctx,
                                     store_Store_tally_heard *heard, store_Store_tally_done *done);
KMSG_CHECK kmsg_err store_Store_tally_receive(kmsg_call *call, kmsg_arena *mem, store_Event *ret);
typedef void store_Store_tally_received(void *ctx, kmsg_call *call, kmsg_err err,
                                        const store_Event *data);
void store_Store_tally_receive_async(kmsg_call *call, void *ctx,
                                     store_Store_tally_received *received);
KMSG_CHECK kmsg_err store_Store_tally_send(kmsg_call *call, store_Store_tally_result item);
KMSG_CHECK kmsg_err store_Store_tally_try_send(kmsg_call *call, store_Store_tally_result item);
void store_Store_tally_reply(kmsg_call *call);

/* log(events: stream store.Event) */
KMSG_CHECK kmsg_err store_Store_log_open(kmsg_peer *peer, kmsg_stream **ret);
KMSG_CHECK kmsg_err store_Store_log_put(kmsg_stream *stream, const store_Event *events);
KMSG_CHECK kmsg_err store_Store_log_try_put(kmsg_stream *stream, const store_Event *events);
KMSG_CHECK kmsg_err store_Store_log_finish(kmsg_stream *stream);
typedef void store_Store_log_done(void *ctx, kmsg_err err);
kmsg_stream *store_Store_log_async(kmsg_peer *peer, void *ctx, store_Store_log_done *done);
KMSG_CHECK kmsg_err store_Store_log_receive(kmsg_call *call, kmsg_arena *mem, store_Event *ret);
typedef void store_Store_log_received(void *ctx, kmsg_call *call, kmsg_err err,
                                      const store_Event *events);
void store_Store_log_receive_async(kmsg_call *call, void *ctx, store_Store_log_received *received);
void store_Store_log_reply(kmsg_call *call);

/* size(name: string) -> u64 */
KMSG_CHECK kmsg_err store_Store_size(kmsg_peer *peer, kmsg_string name, kmsg_arena *mem,
                                     uint64_t *ret);
typedef void store_Store_size_done(void *ctx, kmsg_err err, const uint64_t *result);
void store_Store_size_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                            store_Store_size_done *done);
kmsg_err store_Store_size_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending);
KMSG_CHECK kmsg_err store_Store_size_end(kmsg_pending *pending, kmsg_arena *mem, uint64_t *ret);
void store_Store_size_reply(kmsg_call *call, const uint64_t *result);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct store_Store_impl {
    kmsg_err (*upload)(void *ctx, kmsg_call *call, kmsg_string name, uint64_t *ret);
    kmsg_err (*watch)(void *ctx, kmsg_call *call, kmsg_string key);
    kmsg_err (*tally)(void *ctx, kmsg_call *call, const uint32_t *limit);
    kmsg_err (*log)(void *ctx, kmsg_call *call);
    kmsg_err (*size)(void *ctx, kmsg_call *call, kmsg_string name, uint64_t *ret);
} store_Store_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err store_Store_serve(kmsg_node *node, const store_Store_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err store_Store_serve_at(kmsg_object *parent, const store_Store_impl *impl,
                                         void *ctx, const kmsg_spawn *how, kmsg_address *ret);

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout store_Event_layout;
KMSG_CHECK static inline kmsg_err store_Event_send(kmsg_object *from, kmsg_address to,
                                                   const store_Event *value)
{
    return kmsg_send(from, to, &store_Event_layout, value);
}
static inline bool store_Event_is(const kmsg_message *message)
{
    return kmsg_is(message, &store_Event_layout);
}
KMSG_CHECK static inline kmsg_err store_Event_read(const kmsg_message *message, kmsg_arena *mem,
                                                   store_Event *ret)
{
    return kmsg_read(message, &store_Event_layout, mem, ret);
}

extern const kmsg_layout store_Full_layout;
KMSG_CHECK static inline kmsg_err store_Full_send(kmsg_object *from, kmsg_address to,
                                                  const store_Full *value)
{
    return kmsg_send(from, to, &store_Full_layout, value);
}
static inline bool store_Full_is(const kmsg_message *message)
{
    return kmsg_is(message, &store_Full_layout);
}
KMSG_CHECK static inline kmsg_err store_Full_read(const kmsg_message *message, kmsg_arena *mem,
                                                  store_Full *ret)
{
    return kmsg_read(message, &store_Full_layout, mem, ret);
}

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_service store_Store_service;

#define store_Event_SHAPE KMSG_SHAPE(8, 1, 3)
extern const kmsg_layout store_Event_layout;
uint64_t store_Event_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *store_Event_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *store_Event_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type store_Event_type, store_Event_list_type;

#define store_Full_SHAPE KMSG_SHAPE(8, 0, 3)
extern const kmsg_layout store_Full_layout;
uint64_t store_Full_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *store_Full_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *store_Full_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type store_Full_type, store_Full_list_type;

/* Records of scalars alone: written out where they are called. */

static inline uint32_t store_Full_row_set(const void *value, uint8_t *row)
{
    const store_Full *p = (const store_Full *)value;

    kmsg_put_block(&store_Full_layout, row, p, 8);
    return 0;
}

static inline kmsg_err store_Full_encode_into(const store_Full *value, void *buffer,
                                              size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&store_Full_layout, store_Full_SHAPE, store_Full_row_set, value,
                             buffer, capacity, ret_size);
}

static inline kmsg_err store_Full_decode(kmsg_bytes bytes, kmsg_arena *mem, store_Full *ret)
{
    return kmsg_decode_plain(&store_Full_layout, store_Full_SHAPE, NULL, bytes, mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
