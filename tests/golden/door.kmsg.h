/* door.kmsg.h -- made by kmsgc 0.1.0 from door.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef DOOR_DOOR_KMSG_H
#define DOOR_DOOR_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>
#include <kmsg/kmsg.kmsg.h>

#if KMSG_GEN_VERSION != 5
#error "door.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct door_Open door_Open;
typedef struct door_Open_list {
    const door_Open *items;
    size_t count;
} door_Open_list;

typedef struct door_Close door_Close;
typedef struct door_Close_list {
    const door_Close *items;
    size_t count;
} door_Close_list;

typedef struct door_Lock door_Lock;
typedef struct door_Lock_list {
    const door_Lock *items;
    size_t count;
} door_Lock_list;

typedef struct door_Unlock door_Unlock;
typedef struct door_Unlock_list {
    const door_Unlock *items;
    size_t count;
} door_Unlock_list;

/* ---- record Open ------------------------------------------------------------------------- */

struct door_Open {
    uint8_t nothing_; /* C has no empty structs */
};

/* All defaults: door_Open x = door_Open_initial; */
extern const door_Open door_Open_initial;

/* Bytes of the longest message: uint8_t buffer[door_Open_ENCODED_MAX]; */
#define door_Open_ENCODED_MAX 8

KMSG_CHECK kmsg_err door_Open_encoded_size(const door_Open *value, size_t *ret);
KMSG_CHECK static inline kmsg_err door_Open_encode_into(const door_Open *value, void *buffer,
                                                        size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err door_Open_encode(const door_Open *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err door_Open_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                   door_Open *ret);
KMSG_CHECK kmsg_err door_Open_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Open *ret);
KMSG_CHECK kmsg_err door_Open_copy(const door_Open *value, kmsg_arena *mem, door_Open *ret);
bool door_Open_equal(const door_Open *a, const door_Open *b);
void door_Open_print(const door_Open *value, FILE *out);

/* ---- record Close ------------------------------------------------------------------------ */

struct door_Close {
    uint8_t nothing_; /* C has no empty structs */
};

/* All defaults: door_Close x = door_Close_initial; */
extern const door_Close door_Close_initial;

/* Bytes of the longest message: uint8_t buffer[door_Close_ENCODED_MAX]; */
#define door_Close_ENCODED_MAX 8

KMSG_CHECK kmsg_err door_Close_encoded_size(const door_Close *value, size_t *ret);
KMSG_CHECK static inline kmsg_err door_Close_encode_into(const door_Close *value, void *buffer,
                                                         size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err door_Close_encode(const door_Close *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err door_Close_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                    door_Close *ret);
KMSG_CHECK kmsg_err door_Close_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Close *ret);
KMSG_CHECK kmsg_err door_Close_copy(const door_Close *value, kmsg_arena *mem, door_Close *ret);
bool door_Close_equal(const door_Close *a, const door_Close *b);
void door_Close_print(const door_Close *value, FILE *out);

/* ---- record Lock ------------------------------------------------------------------------- */

struct door_Lock {
    kmsg_string code;                /* 1 */
};

/* All defaults: door_Lock x = door_Lock_initial; */
extern const door_Lock door_Lock_initial;

KMSG_CHECK kmsg_err door_Lock_encoded_size(const door_Lock *value, size_t *ret);
KMSG_CHECK kmsg_err door_Lock_encode_into(const door_Lock *value, void *buffer, size_t capacity,
                                          size_t *ret_size);
KMSG_CHECK kmsg_err door_Lock_encode(const door_Lock *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err door_Lock_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Lock *ret);
KMSG_CHECK kmsg_err door_Lock_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Lock *ret);
KMSG_CHECK kmsg_err door_Lock_copy(const door_Lock *value, kmsg_arena *mem, door_Lock *ret);
bool door_Lock_equal(const door_Lock *a, const door_Lock *b);
void door_Lock_print(const door_Lock *value, FILE *out);

/* ---- record Unlock ----------------------------------------------------------------------- */

struct door_Unlock {
    kmsg_string code;                /* 1 */
};

/* All defaults: door_Unlock x = door_Unlock_initial; */
extern const door_Unlock door_Unlock_initial;

KMSG_CHECK kmsg_err door_Unlock_encoded_size(const door_Unlock *value, size_t *ret);
KMSG_CHECK kmsg_err door_Unlock_encode_into(const door_Unlock *value, void *buffer, size_t capacity,
                                            size_t *ret_size);
KMSG_CHECK kmsg_err door_Unlock_encode(const door_Unlock *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err door_Unlock_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Unlock *ret);
KMSG_CHECK kmsg_err door_Unlock_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, door_Unlock *ret);
KMSG_CHECK kmsg_err door_Unlock_copy(const door_Unlock *value, kmsg_arena *mem, door_Unlock *ret);
bool door_Unlock_equal(const door_Unlock *a, const door_Unlock *b);
void door_Unlock_print(const door_Unlock *value, FILE *out);

#ifndef KMSG_CODEC_ONLY

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout door_Open_layout;
KMSG_CHECK static inline kmsg_err door_Open_send(kmsg_object *from, kmsg_address to,
                                                 const door_Open *value)
{
    return kmsg_send(from, to, &door_Open_layout, value);
}
static inline bool door_Open_is(const kmsg_message *message)
{
    return kmsg_is(message, &door_Open_layout);
}
KMSG_CHECK static inline kmsg_err door_Open_read(const kmsg_message *message, kmsg_arena *mem,
                                                 door_Open *ret)
{
    return kmsg_read(message, &door_Open_layout, mem, ret);
}

extern const kmsg_layout door_Close_layout;
KMSG_CHECK static inline kmsg_err door_Close_send(kmsg_object *from, kmsg_address to,
                                                  const door_Close *value)
{
    return kmsg_send(from, to, &door_Close_layout, value);
}
static inline bool door_Close_is(const kmsg_message *message)
{
    return kmsg_is(message, &door_Close_layout);
}
KMSG_CHECK static inline kmsg_err door_Close_read(const kmsg_message *message, kmsg_arena *mem,
                                                  door_Close *ret)
{
    return kmsg_read(message, &door_Close_layout, mem, ret);
}

extern const kmsg_layout door_Lock_layout;
KMSG_CHECK static inline kmsg_err door_Lock_send(kmsg_object *from, kmsg_address to,
                                                 const door_Lock *value)
{
    return kmsg_send(from, to, &door_Lock_layout, value);
}
static inline bool door_Lock_is(const kmsg_message *message)
{
    return kmsg_is(message, &door_Lock_layout);
}
KMSG_CHECK static inline kmsg_err door_Lock_read(const kmsg_message *message, kmsg_arena *mem,
                                                 door_Lock *ret)
{
    return kmsg_read(message, &door_Lock_layout, mem, ret);
}

extern const kmsg_layout door_Unlock_layout;
KMSG_CHECK static inline kmsg_err door_Unlock_send(kmsg_object *from, kmsg_address to,
                                                   const door_Unlock *value)
{
    return kmsg_send(from, to, &door_Unlock_layout, value);
}
static inline bool door_Unlock_is(const kmsg_message *message)
{
    return kmsg_is(message, &door_Unlock_layout);
}
KMSG_CHECK static inline kmsg_err door_Unlock_read(const kmsg_message *message, kmsg_arena *mem,
                                                   door_Unlock *ret)
{
    return kmsg_read(message, &door_Unlock_layout, mem, ret);
}

/* ---- machine Door ------------------------------------------------------------------------ */

/* A door that can be locked. */
typedef enum door_Door_state KMSG_ENUM_BASE {
    /* Where it begins. */
    door_Door_Closed = 0,
    door_Door_Opened = 1,
    door_Door_Locked = 2,
    door_Door_Broken = 3,
    door_Door_Gone = 4
} door_Door_state;

/* "Closed"; NULL for a number without a name. */
const char *door_Door_state_name(door_Door_state state);

/* The handlers, by state. Each is given what came, which is gone when it returns, and returns the
 * next state. `otherwise` takes what a state does not handle; NULL: it is dropped, and the log says
 * so. Without `start` it begins in Closed. */
typedef struct door_Door_impl {
    struct {
        door_Door_state (*Open)(void *ctx, kmsg_object *self, kmsg_message *message,
                                const door_Open *value);
        door_Door_state (*Lock)(void *ctx, kmsg_object *self, kmsg_message *message,
                                const door_Lock *value);
    } Closed;
    struct {
        door_Door_state (*Close)(void *ctx, kmsg_object *self, kmsg_message *message,
                                 const door_Close *value);
        door_Door_state (*Stop)(void *ctx, kmsg_object *self, kmsg_message *message,
                                const kmsg_Stop *value);
    } Opened;
    struct {
        door_Door_state (*Unlock)(void *ctx, kmsg_object *self, kmsg_message *message,
                                  const door_Unlock *value);
    } Locked;
    struct {
        door_Door_state (*Open)(void *ctx, kmsg_object *self, kmsg_message *message,
                                const door_Open *value);
        door_Door_state (*Close)(void *ctx, kmsg_object *self, kmsg_message *message,
                                 const door_Close *value);
        door_Door_state (*Lock)(void *ctx, kmsg_object *self, kmsg_message *message,
                                const door_Lock *value);
        door_Door_state (*Unlock)(void *ctx, kmsg_object *self, kmsg_message *message,
                                  const door_Unlock *value);
        door_Door_state (*Timer)(void *ctx, kmsg_object *self, kmsg_message *message,
                                 const kmsg_Timer *value);
    } Broken;
    door_Door_state (*start)(void *ctx, kmsg_object *self);
    door_Door_state (*otherwise)(void *ctx, kmsg_object *self, kmsg_message *message,
                                 door_Door_state state);
} door_Door_impl;

/* All handlers, so that none is forgotten: my_Closed_Open() and so on. In C:
 *     static const door_Door_impl impl = {door_Door_HANDLERS(my), .otherwise = my_otherwise};
 * in C++ {door_Door_HANDLERS(my), start, otherwise}. */
#define door_Door_HANDLERS(prefix_) \
    KMSG_MEMBER(Closed) {prefix_##_Closed_Open, prefix_##_Closed_Lock}, \
    KMSG_MEMBER(Opened) {prefix_##_Opened_Close, prefix_##_Opened_Stop}, \
    KMSG_MEMBER(Locked) {prefix_##_Locked_Unlock}, \
    KMSG_MEMBER(Broken) { \
        prefix_##_Broken_Open, \
        prefix_##_Broken_Close, \
        prefix_##_Broken_Lock, \
        prefix_##_Broken_Unlock, \
        prefix_##_Broken_Timer}

/* A child of `parent` that is such a machine. `impl` must live as long as it. `how` may be NULL. */
KMSG_CHECK kmsg_err door_Door_new(kmsg_object *parent, const door_Door_impl *impl, void *ctx,
                                  const kmsg_spawn *how, kmsg_address *ret);

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_machine door_Door_machine;

#define door_Open_SHAPE KMSG_SHAPE(0, 0, 0)
extern const kmsg_layout door_Open_layout;
uint64_t door_Open_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *door_Open_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *door_Open_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type door_Open_type, door_Open_list_type;

#define door_Close_SHAPE KMSG_SHAPE(0, 0, 0)
extern const kmsg_layout door_Close_layout;
uint64_t door_Close_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *door_Close_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *door_Close_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type door_Close_type, door_Close_list_type;

#define door_Lock_SHAPE KMSG_SHAPE(0, 1, 2)
extern const kmsg_layout door_Lock_layout;
uint64_t door_Lock_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *door_Lock_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *door_Lock_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type door_Lock_type, door_Lock_list_type;

#define door_Unlock_SHAPE KMSG_SHAPE(0, 1, 2)
extern const kmsg_layout door_Unlock_layout;
uint64_t door_Unlock_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *door_Unlock_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *door_Unlock_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type door_Unlock_type, door_Unlock_list_type;

/* Records of scalars alone: written out where they are called. */

static inline uint32_t door_Open_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static inline kmsg_err door_Open_encode_into(const door_Open *value, void *buffer, size_t capacity,
                                             size_t *ret_size)
{
    return kmsg_encode_plain(&door_Open_layout, door_Open_SHAPE, door_Open_row_set, value, buffer,
                             capacity, ret_size);
}

static inline kmsg_err door_Open_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Open *ret)
{
    return kmsg_decode_plain(&door_Open_layout, door_Open_SHAPE, NULL, bytes, mem, ret);
}


static inline uint32_t door_Close_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static inline kmsg_err door_Close_encode_into(const door_Close *value, void *buffer,
                                              size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&door_Close_layout, door_Close_SHAPE, door_Close_row_set, value,
                             buffer, capacity, ret_size);
}

static inline kmsg_err door_Close_decode(kmsg_bytes bytes, kmsg_arena *mem, door_Close *ret)
{
    return kmsg_decode_plain(&door_Close_layout, door_Close_SHAPE, NULL, bytes, mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
