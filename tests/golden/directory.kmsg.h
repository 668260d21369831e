/* directory.kmsg.h -- made by kmsgc 0.1.0 from directory.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef ACME_DIR_DIRECTORY_KMSG_H
#define ACME_DIR_DIRECTORY_KMSG_H

#include <kmsg/gen.h>
#include "calendar.kmsg.h"

#if KMSG_GEN_VERSION != 5
#error "directory.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Who is who. */

/* How long a name may be, in characters. */
#define acme_dir_NAME_MAX 80

/* ---- enum Role --------------------------------------------------------------------------- */

/* Open: a number that is not named here may arrive, and is kept. */
typedef enum acme_dir_Role KMSG_ENUM_BASE {
    acme_dir_Role_GUEST = 0,
    acme_dir_Role_MEMBER = 10,
    acme_dir_Role_ADMIN = 11
} acme_dir_Role;

typedef struct acme_dir_Role_list {
    const acme_dir_Role *items;
    size_t count;
} acme_dir_Role_list;

/* "RED"; NULL for a number without a name. */
const char *acme_dir_Role_name(acme_dir_Role value);

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct acme_dir_Person acme_dir_Person;
typedef struct acme_dir_Person_list {
    const acme_dir_Person *items;
    size_t count;
} acme_dir_Person_list;

typedef struct acme_dir_Address acme_dir_Address;
typedef struct acme_dir_Address_list {
    const acme_dir_Address *items;
    size_t count;
} acme_dir_Address_list;

typedef struct acme_dir_NotFound acme_dir_NotFound;
typedef struct acme_dir_NotFound_list {
    const acme_dir_NotFound *items;
    size_t count;
} acme_dir_NotFound_list;

/* ---- record Person ----------------------------------------------------------------------- */

typedef struct acme_dir_Person_scores_entry acme_dir_Person_scores_entry;

typedef struct acme_dir_Person_scores {
    const acme_dir_Person_scores_entry *items;
    size_t count;
} acme_dir_Person_scores;

/* A person as others see them. */
struct acme_dir_Person {
    acme_dir_Role role;              /* 3 */
    calendar_Day born;               /* 4 */
    bool has_born;
    uint8_t pad1_[3];
    uint8_t reserved8_[4];
    kmsg_string name;                /* 1: As it is pronounced. */
    kmsg_string email;               /* 2, .data is NULL when absent */
    kmsg_list_string tags;           /* 5 */
    acme_dir_Person_scores scores;   /* 6 */
    const acme_dir_Address *home;    /* 9, NULL when absent */
};

struct acme_dir_Person_scores_entry {
    kmsg_string key;
    int32_t value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const int32_t *acme_dir_Person_scores_find(acme_dir_Person_scores map, kmsg_string key);

/* All defaults: acme_dir_Person x = acme_dir_Person_initial; */
extern const acme_dir_Person acme_dir_Person_initial;

KMSG_CHECK kmsg_err acme_dir_Person_encoded_size(const acme_dir_Person *value, size_t *ret);
KMSG_CHECK kmsg_err acme_dir_Person_encode_into(const acme_dir_Person *value, void *buffer,
                                                size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err acme_dir_Person_encode(const acme_dir_Person *value, kmsg_arena *mem,
                                           kmsg_bytes *ret);
KMSG_CHECK kmsg_err acme_dir_Person_decode(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_Person *ret);
KMSG_CHECK kmsg_err acme_dir_Person_decode_copy(kmsg_bytes bytes, kmsg_arena *mem,
                                                acme_dir_Person *ret);
KMSG_CHECK kmsg_err acme_dir_Person_copy(const acme_dir_Person *value, kmsg_arena *mem,
                                         acme_dir_Person *ret);
bool acme_dir_Person_equal(const acme_dir_Person *a, const acme_dir_Person *b);
void acme_dir_Person_print(const acme_dir_Person *value, FILE *out);

/* ---- record Address ---------------------------------------------------------------------- */

struct acme_dir_Address {
    uint32_t zip;                    /* 3 */
    kmsg_string street;              /* 1 */
    kmsg_string city;                /* 2 */
};

/* All defaults: acme_dir_Address x = acme_dir_Address_initial; */
extern const acme_dir_Address acme_dir_Address_initial;

KMSG_CHECK kmsg_err acme_dir_Address_encoded_size(const acme_dir_Address *value, size_t *ret);
KMSG_CHECK kmsg_err acme_dir_Address_encode_into(const acme_dir_Address *value, void *buffer,
                                                 size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err acme_dir_Address_encode(const acme_dir_Address *value, kmsg_arena *mem,
                                            kmsg_bytes *ret);
KMSG_CHECK kmsg_err acme_dir_Address_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                            acme_dir_Address *ret);
KMSG_CHECK kmsg_err acme_dir_Address_decode_copy(kmsg_bytes bytes, kmsg_arena *mem,
                                                 acme_dir_Address *ret);
KMSG_CHECK kmsg_err acme_dir_Address_copy(const acme_dir_Address *value, kmsg_arena *mem,
                                          acme_dir_Address *ret);
bool acme_dir_Address_equal(const acme_dir_Address *a, const acme_dir_Address *b);
void acme_dir_Address_print(const acme_dir_Address *value, FILE *out);

/* ---- error NotFound ---------------------------------------------------------------------- */

struct acme_dir_NotFound {
    kmsg_string name;                /* 1 */
    kmsg_list_string similar;        /* 2 */
};

/* All defaults: acme_dir_NotFound x = acme_dir_NotFound_initial; */
extern const acme_dir_NotFound acme_dir_NotFound_initial;

KMSG_CHECK kmsg_err acme_dir_NotFound_encoded_size(const acme_dir_NotFound *value, size_t *ret);
KMSG_CHECK kmsg_err acme_dir_NotFound_encode_into(const acme_dir_NotFound *value, void *buffer,
                                                  size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err acme_dir_NotFound_encode(const acme_dir_NotFound *value, kmsg_arena *mem,
                                             kmsg_bytes *ret);
KMSG_CHECK kmsg_err acme_dir_NotFound_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                             acme_dir_NotFound *ret);
KMSG_CHECK kmsg_err acme_dir_NotFound_decode_copy(kmsg_bytes bytes, kmsg_arena *mem,
                                                  acme_dir_NotFound *ret);
KMSG_CHECK kmsg_err acme_dir_NotFound_copy(const acme_dir_NotFound *value, kmsg_arena *mem,
                                           acme_dir_NotFound *ret);
bool acme_dir_NotFound_equal(const acme_dir_NotFound *a, const acme_dir_NotFound *b);
void acme_dir_NotFound_print(const acme_dir_NotFound *value, FILE *out);

extern const kmsg_layout acme_dir_NotFound_layout;

/* In a handler: return acme_dir_NotFound_throw(call, &error); */
static inline kmsg_err acme_dir_NotFound_throw(kmsg_call *call, const acme_dir_NotFound *error)
{
    return kmsg_throw(call, &acme_dir_NotFound_layout, error);
}

/* After KMSG_ETHROWN: was it this one? *ret leads into mem. */
static inline bool acme_dir_NotFound_caught(kmsg_peer *peer, kmsg_arena *mem,
                                            acme_dir_NotFound *ret)
{
    return kmsg_caught(peer, &acme_dir_NotFound_layout, mem, ret);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Directory ------------------------------------------------------------------- */

/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER.
 *
 * Of a oneway method the plain form is done when the message is queued: KMSG_OK does not say that
 * it arrives, and nobody is told of one that is lost with its link. _async and
 * _begin are acknowledged: KMSG_OK says that the other side has released it. */

/* The person of that name. */
/* find(name: string) -> acme.dir.Person throws acme.dir.NotFound */
KMSG_CHECK kmsg_err acme_dir_Directory_find(kmsg_peer *peer, kmsg_string name, kmsg_arena *mem,
                                            acme_dir_Person *ret);
typedef void acme_dir_Directory_find_done(void *ctx, kmsg_err err, const acme_dir_Person *result);
void acme_dir_Directory_find_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                   acme_dir_Directory_find_done *done);
kmsg_err acme_dir_Directory_find_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending);
KMSG_CHECK kmsg_err acme_dir_Directory_find_end(kmsg_pending *pending, kmsg_arena *mem,
                                                acme_dir_Person *ret);
void acme_dir_Directory_find_reply(kmsg_call *call, const acme_dir_Person *result);

/* list(role: acme.dir.Role?, limit: u32) -> list<acme.dir.Person> */
KMSG_CHECK kmsg_err acme_dir_Directory_list(kmsg_peer *peer, const acme_dir_Role *role,
                                            uint32_t limit, kmsg_arena *mem,
                                            acme_dir_Person_list *ret);
typedef void acme_dir_Directory_list_done(void *ctx, kmsg_err err,
                                          const acme_dir_Person_list *result);
void acme_dir_Directory_list_async(kmsg_peer *peer, const acme_dir_Role *role, uint32_t limit,
                                   void *ctx, acme_dir_Directory_list_done *done);
kmsg_err acme_dir_Directory_list_begin(kmsg_peer *peer, const acme_dir_Role *role, uint32_t limit,
                                       kmsg_pending *pending);
KMSG_CHECK kmsg_err acme_dir_Directory_list_end(kmsg_pending *pending, kmsg_arena *mem,
                                                acme_dir_Person_list *ret);
void acme_dir_Directory_list_reply(kmsg_call *call, const acme_dir_Person_list *result);

/* remove(name: string) throws acme.dir.NotFound */
KMSG_CHECK kmsg_err acme_dir_Directory_remove(kmsg_peer *peer, kmsg_string name);
typedef void acme_dir_Directory_remove_done(void *ctx, kmsg_err err);
void acme_dir_Directory_remove_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                     acme_dir_Directory_remove_done *done);
kmsg_err acme_dir_Directory_remove_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending);
KMSG_CHECK kmsg_err acme_dir_Directory_remove_end(kmsg_pending *pending);
void acme_dir_Directory_remove_reply(kmsg_call *call);

/* oneway touch(names: list<string>, at: timestamp) */
KMSG_CHECK kmsg_err acme_dir_Directory_touch(kmsg_peer *peer, kmsg_list_string names,
                                             kmsg_timestamp at);
typedef void acme_dir_Directory_touch_done(void *ctx, kmsg_err err);
void acme_dir_Directory_touch_async(kmsg_peer *peer, kmsg_list_string names, kmsg_timestamp at,
                                    void *ctx, acme_dir_Directory_touch_done *done);
kmsg_err acme_dir_Directory_touch_begin(kmsg_peer *peer, kmsg_list_string names, kmsg_timestamp at,
                                        kmsg_pending *pending);
KMSG_CHECK kmsg_err acme_dir_Directory_touch_end(kmsg_pending *pending);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct acme_dir_Directory_impl {
    kmsg_err (*find)(void *ctx, kmsg_call *call, kmsg_string name, acme_dir_Person *ret);
    kmsg_err (*list)(void *ctx, kmsg_call *call, const acme_dir_Role *role, uint32_t limit,
                     acme_dir_Person_list *ret);
    kmsg_err (*remove)(void *ctx, kmsg_call *call, kmsg_string name);
    kmsg_err (*touch)(void *ctx, kmsg_call *call, kmsg_list_string names, kmsg_timestamp at);
} acme_dir_Directory_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err acme_dir_Directory_serve(kmsg_node *node, const acme_dir_Directory_impl *impl,
                                             void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err acme_dir_Directory_serve_at(kmsg_object *parent,
                                                const acme_dir_Directory_impl *impl, void *ctx,
                                                const kmsg_spawn *how, kmsg_address *ret);

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout acme_dir_Person_layout;
KMSG_CHECK static inline kmsg_err acme_dir_Person_send(kmsg_object *from, kmsg_address to,
                                                       const acme_dir_Person *value)
{
    return kmsg_send(from, to, &acme_dir_Person_layout, value);
}
static inline bool acme_dir_Person_is(const kmsg_message *message)
{
    return kmsg_is(message, &acme_dir_Person_layout);
}
KMSG_CHECK static inline kmsg_err acme_dir_Person_read(const kmsg_message *message, kmsg_arena *mem,
                                                       acme_dir_Person *ret)
{
    return kmsg_read(message, &acme_dir_Person_layout, mem, ret);
}

extern const kmsg_layout acme_dir_Address_layout;
KMSG_CHECK static inline kmsg_err acme_dir_Address_send(kmsg_object *from, kmsg_address to,
                                                        const acme_dir_Address *value)
{
    return kmsg_send(from, to, &acme_dir_Address_layout, value);
}
static inline bool acme_dir_Address_is(const kmsg_message *message)
{
    return kmsg_is(message, &acme_dir_Address_layout);
}
KMSG_CHECK static inline kmsg_err acme_dir_Address_read(const kmsg_message *message,
                                                        kmsg_arena *mem, acme_dir_Address *ret)
{
    return kmsg_read(message, &acme_dir_Address_layout, mem, ret);
}

extern const kmsg_layout acme_dir_NotFound_layout;
KMSG_CHECK static inline kmsg_err acme_dir_NotFound_send(kmsg_object *from, kmsg_address to,
                                                         const acme_dir_NotFound *value)
{
    return kmsg_send(from, to, &acme_dir_NotFound_layout, value);
}
static inline bool acme_dir_NotFound_is(const kmsg_message *message)
{
    return kmsg_is(message, &acme_dir_NotFound_layout);
}
KMSG_CHECK static inline kmsg_err acme_dir_NotFound_read(const kmsg_message *message,
                                                         kmsg_arena *mem, acme_dir_NotFound *ret)
{
    return kmsg_read(message, &acme_dir_NotFound_layout, mem, ret);
}

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_type acme_dir_Role_type, acme_dir_Role_list_type;
extern const kmsg_service acme_dir_Directory_service;

#define acme_dir_Person_SHAPE KMSG_SHAPE(24, 5, 2)
extern const kmsg_layout acme_dir_Person_layout;
uint64_t acme_dir_Person_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *acme_dir_Person_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *acme_dir_Person_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                       void *ret);
uint32_t acme_dir_Person_row_bad(const uint8_t *row);
extern const kmsg_type acme_dir_Person_type, acme_dir_Person_list_type;

#define acme_dir_Address_SHAPE KMSG_SHAPE(4, 2, 2)
extern const kmsg_layout acme_dir_Address_layout;
uint64_t acme_dir_Address_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *acme_dir_Address_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *acme_dir_Address_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                        void *ret);
extern const kmsg_type acme_dir_Address_type, acme_dir_Address_list_type;

#define acme_dir_NotFound_SHAPE KMSG_SHAPE(0, 2, 2)
extern const kmsg_layout acme_dir_NotFound_layout;
uint64_t acme_dir_NotFound_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *acme_dir_NotFound_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *acme_dir_NotFound_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                         void *ret);
extern const kmsg_type acme_dir_NotFound_type, acme_dir_NotFound_list_type;

#ifdef __cplusplus
}
#endif
#endif
