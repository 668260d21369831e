/* values.kmsg.h -- made by kmsgc 0.1.0 from values.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef VALUES_KMSG_H
#define VALUES_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>

#if KMSG_GEN_VERSION != 5
#error "values.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct Scalars Scalars;
typedef struct Scalars_list {
    const Scalars *items;
    size_t count;
} Scalars_list;

typedef struct Optional Optional;
typedef struct Optional_list {
    const Optional *items;
    size_t count;
} Optional_list;

typedef struct Defaults Defaults;
typedef struct Defaults_list {
    const Defaults *items;
    size_t count;
} Defaults_list;

typedef struct Nested Nested;
typedef struct Nested_list {
    const Nested *items;
    size_t count;
} Nested_list;

typedef struct Empty Empty;
typedef struct Empty_list {
    const Empty *items;
    size_t count;
} Empty_list;

typedef struct class_ class_;
typedef struct class__list {
    const class_ *items;
    size_t count;
} class__list;

/* ---- record Scalars ---------------------------------------------------------------------- */

struct Scalars {
    bool truth;                      /* 1 */
    uint8_t byte;                    /* 2 */
    int8_t small;                    /* 3 */
    uint8_t pad1_[1];
    uint16_t word;                   /* 4 */
    int16_t short_;                  /* 5 */
    uint32_t wide;                   /* 6 */
    int32_t int_;                    /* 7 */
    uint64_t long_;                  /* 8 */
    int64_t signed_;                 /* 9 */
    float single;                    /* 10 */
    uint8_t pad2_[4];
    double double_;                  /* 11 */
    kmsg_rune letter;                /* 12 */
    kmsg_uuid id;                    /* 13 */
    uint8_t pad3_[4];
    kmsg_timestamp at;               /* 14 */
    kmsg_duration lasting;           /* 15 */
};

/* All defaults: Scalars x = Scalars_initial; */
extern const Scalars Scalars_initial;

/* Bytes of the longest message: uint8_t buffer[Scalars_ENCODED_MAX]; */
#define Scalars_ENCODED_MAX 96

KMSG_CHECK kmsg_err Scalars_encoded_size(const Scalars *value, size_t *ret);
KMSG_CHECK static inline kmsg_err Scalars_encode_into(const Scalars *value, void *buffer,
                                                      size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err Scalars_encode(const Scalars *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err Scalars_decode(kmsg_bytes bytes, kmsg_arena *mem, Scalars *ret);
KMSG_CHECK kmsg_err Scalars_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Scalars *ret);
KMSG_CHECK kmsg_err Scalars_copy(const Scalars *value, kmsg_arena *mem, Scalars *ret);
bool Scalars_equal(const Scalars *a, const Scalars *b);
void Scalars_print(const Scalars *value, FILE *out);

/* ---- record Optional --------------------------------------------------------------------- */

typedef struct Optional_map_entry Optional_map_entry;

typedef struct Optional_map {
    const Optional_map_entry *items;
    size_t count;
} Optional_map;

struct Optional {
    bool truth;                      /* 1 */
    bool has_truth;
    uint8_t pad1_[2];
    uint32_t wide;                   /* 2 */
    bool has_wide;
    uint8_t pad2_[7];
    double number;                   /* 3 */
    bool has_number;
    kmsg_uuid id;                    /* 4 */
    bool has_id;
    kmsg_string text;                /* 5, .data is NULL when absent */
    kmsg_bytes blob;                 /* 6, .data is NULL when absent */
    const Scalars *inner;            /* 7, NULL when absent */
    kmsg_list_u8 list;               /* 8, .items is NULL when absent */
    Optional_map map;                /* 9, .items is NULL when absent */
};

struct Optional_map_entry {
    uint8_t key;
    kmsg_string value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const kmsg_string *Optional_map_find(Optional_map map, uint8_t key);

/* All defaults: Optional x = Optional_initial; */
extern const Optional Optional_initial;

KMSG_CHECK kmsg_err Optional_encoded_size(const Optional *value, size_t *ret);
KMSG_CHECK kmsg_err Optional_encode_into(const Optional *value, void *buffer, size_t capacity,
                                         size_t *ret_size);
KMSG_CHECK kmsg_err Optional_encode(const Optional *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err Optional_decode(kmsg_bytes bytes, kmsg_arena *mem, Optional *ret);
KMSG_CHECK kmsg_err Optional_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Optional *ret);
KMSG_CHECK kmsg_err Optional_copy(const Optional *value, kmsg_arena *mem, Optional *ret);
bool Optional_equal(const Optional *a, const Optional *b);
void Optional_print(const Optional *value, FILE *out);

/* ---- record Defaults --------------------------------------------------------------------- */

struct Defaults {
    uint16_t port;                   /* 1 */
    uint8_t pad1_[6];
    int64_t low;                     /* 2 */
    double ratio;                    /* 3 */
    bool yes;                        /* 4 */
    kmsg_string greeting;            /* 5 */
};

/* All defaults: Defaults x = Defaults_initial; */
extern const Defaults Defaults_initial;

KMSG_CHECK kmsg_err Defaults_encoded_size(const Defaults *value, size_t *ret);
KMSG_CHECK kmsg_err Defaults_encode_into(const Defaults *value, void *buffer, size_t capacity,
                                         size_t *ret_size);
KMSG_CHECK kmsg_err Defaults_encode(const Defaults *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err Defaults_decode(kmsg_bytes bytes, kmsg_arena *mem, Defaults *ret);
KMSG_CHECK kmsg_err Defaults_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Defaults *ret);
KMSG_CHECK kmsg_err Defaults_copy(const Defaults *value, kmsg_arena *mem, Defaults *ret);
bool Defaults_equal(const Defaults *a, const Defaults *b);
void Defaults_print(const Defaults *value, FILE *out);

/* ---- record Nested ----------------------------------------------------------------------- */

typedef struct Nested_matrix {
    const kmsg_list_f64 *items;
    size_t count;
} Nested_matrix;

typedef struct Nested_by_id_entry Nested_by_id_entry;

typedef struct Nested_by_id {
    const Nested_by_id_entry *items;
    size_t count;
} Nested_by_id;

typedef struct Nested_index_entry Nested_index_entry;

typedef struct Nested_index {
    const Nested_index_entry *items;
    size_t count;
} Nested_index;

struct Nested {
    kmsg_list_string texts;          /* 1 */
    kmsg_list_bytes blobs;           /* 2 */
    Nested_matrix matrix;            /* 3 */
    Scalars_list people;             /* 4 */
    Nested_by_id by_id;              /* 5 */
    Nested_index index;              /* 6 */
    const Nested *next;              /* 7, NULL when absent */
};

struct Nested_by_id_entry {
    kmsg_uuid key;
    Nested value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const Nested *Nested_by_id_find(Nested_by_id map, kmsg_uuid key);

struct Nested_index_entry {
    int32_t key;
    kmsg_list_string value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const kmsg_list_string *Nested_index_find(Nested_index map, int32_t key);

/* All defaults: Nested x = Nested_initial; */
extern const Nested Nested_initial;

KMSG_CHECK kmsg_err Nested_encoded_size(const Nested *value, size_t *ret);
KMSG_CHECK kmsg_err Nested_encode_into(const Nested *value, void *buffer, size_t capacity,
                                       size_t *ret_size);
KMSG_CHECK kmsg_err Nested_encode(const Nested *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err Nested_decode(kmsg_bytes bytes, kmsg_arena *mem, Nested *ret);
KMSG_CHECK kmsg_err Nested_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Nested *ret);
KMSG_CHECK kmsg_err Nested_copy(const Nested *value, kmsg_arena *mem, Nested *ret);
bool Nested_equal(const Nested *a, const Nested *b);
void Nested_print(const Nested *value, FILE *out);

/* ---- record Empty ------------------------------------------------------------------------ */

struct Empty {
    uint8_t nothing_; /* C has no empty structs */
};

/* All defaults: Empty x = Empty_initial; */
extern const Empty Empty_initial;

/* Bytes of the longest message: uint8_t buffer[Empty_ENCODED_MAX]; */
#define Empty_ENCODED_MAX 8

KMSG_CHECK kmsg_err Empty_encoded_size(const Empty *value, size_t *ret);
KMSG_CHECK static inline kmsg_err Empty_encode_into(const Empty *value, void *buffer,
                                                    size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err Empty_encode(const Empty *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err Empty_decode(kmsg_bytes bytes, kmsg_arena *mem, Empty *ret);
KMSG_CHECK kmsg_err Empty_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Empty *ret);
KMSG_CHECK kmsg_err Empty_copy(const Empty *value, kmsg_arena *mem, Empty *ret);
bool Empty_equal(const Empty *a, const Empty *b);
void Empty_print(const Empty *value, FILE *out);

/* ---- record class ------------------------------------------------------------------------ */

struct class_ {
    int32_t default_;                /* 1 */
    uint8_t errno_;                  /* 3 */
    kmsg_string NULL_;               /* 2 */
    class__list namespace_;          /* 4 */
};

/* All defaults: class_ x = class__initial; */
extern const class_ class__initial;

KMSG_CHECK kmsg_err class__encoded_size(const class_ *value, size_t *ret);
KMSG_CHECK kmsg_err class__encode_into(const class_ *value, void *buffer, size_t capacity,
                                       size_t *ret_size);
KMSG_CHECK kmsg_err class__encode(const class_ *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err class__decode(kmsg_bytes bytes, kmsg_arena *mem, class_ *ret);
KMSG_CHECK kmsg_err class__decode_copy(kmsg_bytes bytes, kmsg_arena *mem, class_ *ret);
KMSG_CHECK kmsg_err class__copy(const class_ *value, kmsg_arena *mem, class_ *ret);
bool class__equal(const class_ *a, const class_ *b);
void class__print(const class_ *value, FILE *out);

#ifndef KMSG_CODEC_ONLY

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout Scalars_layout;
KMSG_CHECK static inline kmsg_err Scalars_send(kmsg_object *from, kmsg_address to,
                                               const Scalars *value)
{
    return kmsg_send(from, to, &Scalars_layout, value);
}
static inline bool Scalars_is(const kmsg_message *message)
{
    return kmsg_is(message, &Scalars_layout);
}
KMSG_CHECK static inline kmsg_err Scalars_read(const kmsg_message *message, kmsg_arena *mem,
                                               Scalars *ret)
{
    return kmsg_read(message, &Scalars_layout, mem, ret);
}

extern const kmsg_layout Optional_layout;
KMSG_CHECK static inline kmsg_err Optional_send(kmsg_object *from, kmsg_address to,
                                                const Optional *value)
{
    return kmsg_send(from, to, &Optional_layout, value);
}
static inline bool Optional_is(const kmsg_message *message)
{
    return kmsg_is(message, &Optional_layout);
}
KMSG_CHECK static inline kmsg_err Optional_read(const kmsg_message *message, kmsg_arena *mem,
                                                Optional *ret)
{
    return kmsg_read(message, &Optional_layout, mem, ret);
}

extern const kmsg_layout Defaults_layout;
KMSG_CHECK static inline kmsg_err Defaults_send(kmsg_object *from, kmsg_address to,
                                                const Defaults *value)
{
    return kmsg_send(from, to, &Defaults_layout, value);
}
static inline bool Defaults_is(const kmsg_message *message)
{
    return kmsg_is(message, &Defaults_layout);
}
KMSG_CHECK static inline kmsg_err Defaults_read(const kmsg_message *message, kmsg_arena *mem,
                                                Defaults *ret)
{
    return kmsg_read(message, &Defaults_layout, mem, ret);
}

extern const kmsg_layout Nested_layout;
KMSG_CHECK static inline kmsg_err Nested_send(kmsg_object *from, kmsg_address to,
                                              const Nested *value)
{
    return kmsg_send(from, to, &Nested_layout, value);
}
static inline bool Nested_is(const kmsg_message *message)
{
    return kmsg_is(message, &Nested_layout);
}
KMSG_CHECK static inline kmsg_err Nested_read(const kmsg_message *message, kmsg_arena *mem,
                                              Nested *ret)
{
    return kmsg_read(message, &Nested_layout, mem, ret);
}

extern const kmsg_layout Empty_layout;
KMSG_CHECK static inline kmsg_err Empty_send(kmsg_object *from, kmsg_address to, const Empty *value)
{
    return kmsg_send(from, to, &Empty_layout, value);
}
static inline bool Empty_is(const kmsg_message *message)
{
    return kmsg_is(message, &Empty_layout);
}
KMSG_CHECK static inline kmsg_err Empty_read(const kmsg_message *message, kmsg_arena *mem,
                                             Empty *ret)
{
    return kmsg_read(message, &Empty_layout, mem, ret);
}

extern const kmsg_layout class__layout;
KMSG_CHECK static inline kmsg_err class__send(kmsg_object *from, kmsg_address to,
                                              const class_ *value)
{
    return kmsg_send(from, to, &class__layout, value);
}
static inline bool class__is(const kmsg_message *message)
{
    return kmsg_is(message, &class__layout);
}
KMSG_CHECK static inline kmsg_err class__read(const kmsg_message *message, kmsg_arena *mem,
                                              class_ *ret)
{
    return kmsg_read(message, &class__layout, mem, ret);
}

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */


#define Scalars_SHAPE KMSG_SHAPE(88, 0, 3)
extern const kmsg_layout Scalars_layout;
uint64_t Scalars_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *Scalars_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *Scalars_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type Scalars_type, Scalars_list_type;

#define Optional_SHAPE KMSG_SHAPE(42, 5, 3)
extern const kmsg_layout Optional_layout;
uint64_t Optional_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *Optional_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *Optional_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t Optional_row_bad(const uint8_t *row);
extern const kmsg_type Optional_type, Optional_list_type;

#define Defaults_SHAPE KMSG_SHAPE(25, 1, 3)
extern const kmsg_layout Defaults_layout;
uint64_t Defaults_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *Defaults_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *Defaults_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t Defaults_row_bad(const uint8_t *row);
extern const kmsg_type Defaults_type, Defaults_list_type;

#define Nested_SHAPE KMSG_SHAPE(0, 7, 2)
extern const kmsg_layout Nested_layout;
uint64_t Nested_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *Nested_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *Nested_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type Nested_type, Nested_list_type;

#define Empty_SHAPE KMSG_SHAPE(0, 0, 0)
extern const kmsg_layout Empty_layout;
uint64_t Empty_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *Empty_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *Empty_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type Empty_type, Empty_list_type;

#define class__SHAPE KMSG_SHAPE(5, 2, 2)
extern const kmsg_layout class__layout;
uint64_t class__row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *class__row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *class__row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t class__row_bad(const uint8_t *row);
extern const kmsg_type class__type, class__list_type;

/* Records of scalars alone: written out where they are called. */
static inline uint32_t Scalars_row_bad(const uint8_t *row);

static inline uint32_t Scalars_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[0] & 0xfe; /* a bool */
    bad |= row[3]; /* padding */
    bad |= row[36] | row[37] | row[38] | row[39]; /* padding */
    bad |= kmsg_rune_bad(kmsg_load32(row + 48));
    bad |= row[68] | row[69] | row[70] | row[71]; /* padding */
    return bad;
}

static inline uint32_t Scalars_row_set(const void *value, uint8_t *row)
{
    const Scalars *p = (const Scalars *)value;

    kmsg_put_block(&Scalars_layout, row, p, 88);
    memset(row + 3, 0, 1);
    memset(row + 36, 0, 4);
    memset(row + 68, 0, 4);
    return Scalars_row_bad(row);
}

static inline kmsg_err Scalars_encode_into(const Scalars *value, void *buffer, size_t capacity,
                                           size_t *ret_size)
{
    return kmsg_encode_plain(&Scalars_layout, Scalars_SHAPE, Scalars_row_set, value, buffer,
                             capacity, ret_size);
}

static inline kmsg_err Scalars_decode(kmsg_bytes bytes, kmsg_arena *mem, Scalars *ret)
{
    return kmsg_decode_plain(&Scalars_layout, Scalars_SHAPE, Scalars_row_bad, bytes, mem, ret);
}


static inline uint32_t Empty_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static inline kmsg_err Empty_encode_into(const Empty *value, void *buffer, size_t capacity,
                                         size_t *ret_size)
{
    return kmsg_encode_plain(&Empty_layout, Empty_SHAPE, Empty_row_set, value, buffer, capacity,
                             ret_size);
}

static inline kmsg_err Empty_decode(kmsg_bytes bytes, kmsg_arena *mem, Empty *ret)
{
    return kmsg_decode_plain(&Empty_layout, Empty_SHAPE, NULL, bytes, mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
