/* base.h -- what every part of kmsg stands on: errors, strings, bytes, lists, arenas, the log.
 *
 * One rule of memory holds for the whole API: a value owns nothing. What you fill in, you own; what
 * kmsg fills in lives in the arena you passed (or points into the bytes you passed), or until your
 * callback returns; X_copy() keeps it longer.
 *
 * Nothing in this file starts a thread, does I/O or needs another library than libc.
 */
#ifndef KMSG_BASE_H
#define KMSG_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KMSG_VERSION "0.1.0"

#if defined(__GNUC__)
#define KMSG_CHECK               __attribute__((warn_unused_result))
#define KMSG_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define KMSG_LIKELY(x)           __builtin_expect(!!(x), 1)
#define KMSG_UNLIKELY(x)         __builtin_expect(!!(x), 0)
#define KMSG_COLD                __attribute__((cold, noinline))
#define KMSG_API                 __attribute__((visibility("default")))
#else
#define KMSG_CHECK
#define KMSG_PRINTF(text, first)
#define KMSG_LIKELY(x)   (x)
#define KMSG_UNLIKELY(x) (x)
#define KMSG_COLD
#define KMSG_API
#endif

#ifdef __cplusplus
#define KMSG_ALIGNOF(type) alignof(type)
#else
#define KMSG_ALIGNOF(type) _Alignof(type)
#endif

/* ---- errors ---------------------------------------------------------------------------------- */

/* Name, value, text. Values travel between hosts: they never change, and are never an errno. */
#define KMSG_ERROR_MAP(X)                                                                          \
    X(EINVAL, -1, "invalid argument")                                                              \
    X(ENOMEM, -2, "out of memory")                                                                 \
    X(ETOOBIG, -3, "larger than the limit")                                                        \
    X(EDECODE, -4, "malformed message")                                                            \
    X(EVALUE, -5, "the value violates its schema")                                                 \
    X(EDEPTH, -6, "nested too deeply")                                                             \
    X(EADDRESS, -10, "not an address that kmsg understands")                                       \
    X(EINUSE, -11, "address already in use")                                                       \
    X(EREFUSED, -12, "connection refused")                                                         \
    X(EUNREACHABLE, -13, "unreachable")                                                            \
    X(ESYSTEM, -14, "the operating system refused")                                                \
    X(EPROTOCOL, -15, "the peer broke the protocol")                                               \
    X(EVERSION, -16, "the peer speaks another version of the protocol")                            \
    X(EPERM, -17, "not permitted")                                                                 \
    X(EDESCRIPTORS, -18, "too many open files")                                                    \
    X(ETIMEDOUT, -20, "timed out")                                                                 \
    X(ECANCELED, -21, "cancelled")                                                                 \
    X(ELOST, -22, "connection lost; the other side may have seen it")                              \
    X(EUNSENT, -23, "connection lost; it was not sent")                                            \
    X(ECLOSED, -24, "closed")                                                                      \
    X(EFULL, -25, "queue full")                                                                    \
    X(EBUSY, -26, "busy")                                                                          \
    X(EOVERLOADED, -27, "overloaded")                                                              \
    X(EUNAVAILABLE, -28, "nobody is there to answer")                                              \
    X(EDEADLOCK, -29, "waiting here would never end")                                              \
    X(EDATAGRAM, -30, "a datagram link carries one-way messages only")                             \
    X(EFORKED, -31, "made before fork(): it is the parent's")                                      \
    X(EKEY, -32, "there is no key to be known by")                                                 \
    X(EUNTRUSTED, -33, "the other side's key is not trusted")                                      \
    X(EMISMATCH, -34, "the other side has another version of the service")                         \
    X(ENOSERVICE, -40, "no such service there")                                                    \
    X(ENOMETHOD, -41, "the service does not implement this method")                                \
    X(EFAILED, -42, "the handler failed")                                                          \
    X(ETHROWN, -43, "the handler threw an error of its schema")                                    \
    X(EREQUEST, -44, "the other side could not read the request")                                  \
    X(ENOENT, -45, "not found")                                                                    \
    X(EEXIST, -46, "exists already")

typedef enum kmsg_err {
    KMSG_OK = 0,
    KMSG_LATER = 1, /* a handler's "I shall answer with X_m_reply"; never comes out of a call */
    KMSG_END = 2,   /* the stream has ended as it should */
#define KMSG_ERROR_ENUM(name, value, text) KMSG_##name = value,
    KMSG_ERROR_MAP(KMSG_ERROR_ENUM)
#undef KMSG_ERROR_ENUM
} kmsg_err;

/* "timed out"; never NULL, also for values that no kmsg_err has. */
KMSG_API const char *kmsg_strerror(kmsg_err err);

/* "ETIMEDOUT"; never NULL. */
KMSG_API const char *kmsg_err_name(kmsg_err err);

/* What the last kmsg function that failed on this thread had to say beyond its code: the place in
 * the message, the address, the handler's words. "" if there was nothing; good until the next
 * failure on this thread. Never NULL. */
KMSG_API const char *kmsg_last_error(void);

/* For libraries on top of this one: set what kmsg_last_error() answers, and return `err`. At most
 * 511 bytes are kept. The arguments may lead into the text of the error before. */
KMSG_API kmsg_err kmsg_set_last_error(kmsg_err err, const char *format, ...) KMSG_PRINTF(2, 3);

/* For programs that can do nothing better (examples, tests, tools): on failure print
 * `file:line: expression: text` on stderr and exit(1). The library itself never calls it. */
#define kmsg_must(expression) kmsg_must_at((expression), #expression, __FILE__, __LINE__)
KMSG_API void kmsg_must_at(kmsg_err err, const char *expression, const char *file, int line);

/* ---- values ---------------------------------------------------------------------------------- */

/* UTF-8 without U+0000. `data[size]` is a NUL whenever kmsg made the string, so `%s` works on
 * .data. In an optional field, absent is .data == NULL. */
typedef struct kmsg_string {
    const char *data;
    size_t      size; /* bytes, without the NUL */
} kmsg_string;

/* Any bytes. In an optional field, absent is .data == NULL. */
typedef struct kmsg_bytes {
    const uint8_t *data;
    size_t         size;
} kmsg_bytes;

typedef struct kmsg_uuid {
    uint8_t bytes[16];
} kmsg_uuid;

/* Where an object is, on any host; opaque. None is .size == 0; absent is .data == NULL. One that is
 * sent is another one when it arrives, as the way there is another one, but it is equal: see
 * kmsg_address_equal(). At most 80 bytes when kmsg made it. */
typedef struct kmsg_address {
    const uint8_t *data;
    size_t         size;
} kmsg_address;

/* A record of any type: its qualified name, and it as a message. None is .type.size == 0. A reader
 * that does not know the type can keep it and hand it on. See kmsg_any_pack(). */
typedef struct kmsg_any {
    kmsg_string type;
    kmsg_bytes  message;
} kmsg_any;

typedef uint32_t kmsg_rune;      /* a Unicode scalar value */
typedef int64_t  kmsg_timestamp; /* ns since 1970-01-01T00:00:00Z */
typedef int64_t  kmsg_duration;  /* ns */

#define KMSG_LIST_OF(name, type)                                                                   \
    typedef struct kmsg_list_##name {                                                              \
        const type *items;                                                                         \
        size_t      count;                                                                         \
    } kmsg_list_##name;

KMSG_LIST_OF(bool, bool)
KMSG_LIST_OF(i8, int8_t)
KMSG_LIST_OF(i16, int16_t)
KMSG_LIST_OF(i32, int32_t)
KMSG_LIST_OF(i64, int64_t)
KMSG_LIST_OF(u8, uint8_t)
KMSG_LIST_OF(u16, uint16_t)
KMSG_LIST_OF(u32, uint32_t)
KMSG_LIST_OF(u64, uint64_t)
KMSG_LIST_OF(f32, float)
KMSG_LIST_OF(f64, double)
KMSG_LIST_OF(rune, kmsg_rune)
KMSG_LIST_OF(uuid, kmsg_uuid)
KMSG_LIST_OF(timestamp, kmsg_timestamp)
KMSG_LIST_OF(duration, kmsg_duration)
KMSG_LIST_OF(string, kmsg_string)
KMSG_LIST_OF(bytes, kmsg_bytes)
KMSG_LIST_OF(address, kmsg_address)
KMSG_LIST_OF(any, kmsg_any)

/* A string from a literal, also in a static initialiser; from any C string (borrowed, not copied).
 */
#ifdef __cplusplus
#define KMSG_STR(literal) (kmsg_string{"" literal, sizeof(literal) - 1})
#else
#define KMSG_STR(literal)                                                                          \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#endif
KMSG_API kmsg_string kmsg_str(const char *text);

KMSG_API bool kmsg_string_equal(kmsg_string a, kmsg_string b);

/* The same object, whatever the ways there. That is also how values with addresses in them are
 * compared, and the order of sets of them. */
KMSG_API bool kmsg_address_equal(kmsg_address a, kmsg_address b);

/* Of the object: equal for equal addresses, in every process. It has no key: who may choose
 * addresses can choose them so that their hashes meet, so a table whose keys strangers send needs a
 * limit, or a hash of its own. */
KMSG_API uint64_t kmsg_address_hash(kmsg_address a);

/* Is this UTF-8 without U+0000 (shortest forms, no surrogates)? */
KMSG_API bool kmsg_utf8_valid(const char *data, size_t size);

/* A list from what it holds: .tags = KMSG_LIST(kmsg_string, KMSG_STR("a"), KMSG_STR("b")) gives
 * { items, count } whose items live as long as the enclosing block (static at file level). C only.
 */
#ifndef __cplusplus
#define KMSG_LIST(type, ...)                                                                       \
    {                                                                                              \
        (const type[]){__VA_ARGS__}, sizeof((const type[]){__VA_ARGS__}) / sizeof(type)            \
    }
#endif

/* ---- memory ---------------------------------------------------------------------------------- */

/* Where kmsg takes memory from. Set it once, before any other call; malloc & co. by default.
 * `resize(ctx, NULL, n)` allocates, `resize(ctx, p, 0)` frees and returns NULL. */
typedef struct kmsg_allocator {
    void *(*resize)(void *ctx, void *old, size_t size);
    void *ctx;
} kmsg_allocator;
KMSG_API void kmsg_set_allocator(kmsg_allocator allocator);

/* An arena: take pieces one by one, give all back at once. Belongs to one thread at a time.
 * It remembers that it ran out: after a failed allocation kmsg_arena_failed() is true until the
 * next reset, so that code which fills in a value needs no check for every string. */
typedef struct kmsg_arena {
    uint8_t *at; /* private, all of it; here so that generated code takes memory without a call */
    uint8_t *end;
    void    *blocks;
    size_t   block_size;
    bool     failed;
} kmsg_arena;

KMSG_API kmsg_arena *kmsg_arena_new(void); /* NULL when there is no memory */
KMSG_API void        kmsg_arena_free(kmsg_arena *mem);
KMSG_API void        kmsg_arena_reset(kmsg_arena *mem); /* everything is gone, the memory is kept */
KMSG_API bool        kmsg_arena_failed(const kmsg_arena *mem);

/* `size` bytes, not zeroed, at a multiple of `align` (a power of two, at most 16); NULL when there
 * is no memory. Size 0 gives a pointer that is not NULL. */
KMSG_API void *kmsg_alloc(kmsg_arena *mem, size_t size, size_t align);

/* `count` zeroed elements of a type: Person *p = kmsg_alloc_array(mem, Person, 10); */
#define kmsg_alloc_array(mem, type, count)                                                         \
    ((type *)kmsg_alloc_zeroed((mem), (count), sizeof(type), KMSG_ALIGNOF(type)))
KMSG_API void *kmsg_alloc_zeroed(kmsg_arena *mem, size_t count, size_t size, size_t align);

/* Strings in an arena, NUL-terminated; the empty string when there is no memory (and the arena
 * remembers). */
KMSG_API kmsg_string kmsg_string_copy(kmsg_arena *mem, kmsg_string text);
KMSG_API kmsg_string kmsg_printf(kmsg_arena *mem, const char *format, ...) KMSG_PRINTF(2, 3);

/* To keep an address longer than the message it came in; absent when there is no memory (and the
 * arena remembers). */
KMSG_API kmsg_address kmsg_address_copy(kmsg_arena *mem, kmsg_address a);

/* ---- log ------------------------------------------------------------------------------------- */

typedef enum kmsg_log_level { KMSG_DEBUG, KMSG_INFO, KMSG_WARNING, KMSG_ERROR } kmsg_log_level;

/* The library never prints. Give it a function to hear what happened that no return value tells
 * (a peer broke the protocol, an accept failed). Set it before the first node; it is called on the
 * thread of the node concerned and must not call kmsg. NULL: silence, which is the default. */
typedef void  kmsg_log_fn(void *ctx, kmsg_log_level level, const char *text);
KMSG_API void kmsg_set_log(kmsg_log_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
