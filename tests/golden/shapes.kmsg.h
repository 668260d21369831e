/* shapes.kmsg.h -- made by kmsgc 0.1.0 from shapes.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef ART_SHAPES_KMSG_H
#define ART_SHAPES_KMSG_H

#include <kmsg/gen.h>
#include <kmsg/codec.h>

#if KMSG_GEN_VERSION != 5
#error "shapes.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Unions, sets, arrays, refs, any and limits, as they look in C. */

#define art_SIDE 3

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct art_Point art_Point;
typedef struct art_Point_list {
    const art_Point *items;
    size_t count;
} art_Point_list;

typedef struct art_Circle art_Circle;
typedef struct art_Circle_list {
    const art_Circle *items;
    size_t count;
} art_Circle_list;

typedef struct art_Path art_Path;
typedef struct art_Path_list {
    const art_Path *items;
    size_t count;
} art_Path_list;

typedef struct art_Shape art_Shape;
typedef struct art_Shape_list {
    const art_Shape *items;
    size_t count;
} art_Shape_list;

typedef struct art_Group art_Group;
typedef struct art_Group_list {
    const art_Group *items;
    size_t count;
} art_Group_list;

typedef struct art_Layer art_Layer;
typedef struct art_Layer_list {
    const art_Layer *items;
    size_t count;
} art_Layer_list;

typedef struct art_Picture art_Picture;
typedef struct art_Picture_list {
    const art_Picture *items;
    size_t count;
} art_Picture_list;

typedef struct art_Point_key art_Point_key;
typedef struct art_Point_key_list {
    const art_Point_key *items;
    size_t count;
} art_Point_key_list;

typedef uint8_t art_Percent;

typedef struct art_Color art_Color;

struct art_Color {
    uint8_t items[4];
};

KMSG_CHECK kmsg_err art_Color_encode(const art_Color *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Color_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Color *ret);
KMSG_CHECK kmsg_err art_Color_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Color *ret);
KMSG_CHECK kmsg_err art_Color_copy(const art_Color *value, kmsg_arena *mem, art_Color *ret);
bool art_Color_equal(const art_Color *a, const art_Color *b);
void art_Color_print(const art_Color *value, FILE *out);

typedef kmsg_string art_Title;

/* ---- fixed record Point ------------------------------------------------------------------ */

struct art_Point {
    float x;                         /* 1 */
    float y;                         /* 2 */
};

/* All defaults: art_Point x = art_Point_initial; */
extern const art_Point art_Point_initial;

/* Bytes of the longest message: uint8_t buffer[art_Point_ENCODED_MAX]; */
#define art_Point_ENCODED_MAX 16

KMSG_CHECK kmsg_err art_Point_encoded_size(const art_Point *value, size_t *ret);
KMSG_CHECK static inline kmsg_err art_Point_encode_into(const art_Point *value, void *buffer,
                                                        size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err art_Point_encode(const art_Point *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err art_Point_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                   art_Point *ret);
KMSG_CHECK kmsg_err art_Point_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Point *ret);
KMSG_CHECK kmsg_err art_Point_copy(const art_Point *value, kmsg_arena *mem, art_Point *ret);
bool art_Point_equal(const art_Point *a, const art_Point *b);
void art_Point_print(const art_Point *value, FILE *out);

/* ---- record Circle ----------------------------------------------------------------------- */

struct art_Circle {
    art_Point center;                /* 1 */
    double radius;                   /* 2 */
};

/* All defaults: art_Circle x = art_Circle_initial; */
extern const art_Circle art_Circle_initial;

/* Bytes of the longest message: uint8_t buffer[art_Circle_ENCODED_MAX]; */
#define art_Circle_ENCODED_MAX 24

KMSG_CHECK kmsg_err art_Circle_encoded_size(const art_Circle *value, size_t *ret);
KMSG_CHECK static inline kmsg_err art_Circle_encode_into(const art_Circle *value, void *buffer,
                                                         size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err art_Circle_encode(const art_Circle *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err art_Circle_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                    art_Circle *ret);
KMSG_CHECK kmsg_err art_Circle_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Circle *ret);
KMSG_CHECK kmsg_err art_Circle_copy(const art_Circle *value, kmsg_arena *mem, art_Circle *ret);
bool art_Circle_equal(const art_Circle *a, const art_Circle *b);
void art_Circle_print(const art_Circle *value, FILE *out);

/* ---- record Path ------------------------------------------------------------------------- */

struct art_Path {
    bool closed;                     /* 2 */
    art_Point_list points;           /* 1 */
};

/* All defaults: art_Path x = art_Path_initial; */
extern const art_Path art_Path_initial;

KMSG_CHECK kmsg_err art_Path_encoded_size(const art_Path *value, size_t *ret);
KMSG_CHECK kmsg_err art_Path_encode_into(const art_Path *value, void *buffer, size_t capacity,
                                         size_t *ret_size);
KMSG_CHECK kmsg_err art_Path_encode(const art_Path *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Path_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Path *ret);
KMSG_CHECK kmsg_err art_Path_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Path *ret);
KMSG_CHECK kmsg_err art_Path_copy(const art_Path *value, kmsg_arena *mem, art_Path *ret);
bool art_Path_equal(const art_Path *a, const art_Path *b);
void art_Path_print(const art_Path *value, FILE *out);

/* ---- union Shape ------------------------------------------------------------------------- */

typedef enum art_Shape_kind KMSG_ENUM_BASE {
    art_Shape_kind_NONE = 0,
    art_Shape_kind_circle = 1,
    art_Shape_kind_path = 2,
    art_Shape_kind_text = 5,
    art_Shape_kind_dot = 6,
    art_Shape_kind_group = 7
} art_Shape_kind;

/* What can be drawn. */
struct art_Shape {
    art_Shape_kind kind; /* says which member counts */
    union {
        const art_Circle *circle;    /* 1 */
        const art_Path *path;        /* 2: Lines from point to point. */
        kmsg_string text;            /* 5 */
        const art_Point *dot;        /* 6 */
        const art_Group *group;      /* 7 */
        kmsg_bytes unknown; /* of any other kind: kept as it came */
    };
};

KMSG_CHECK kmsg_err art_Shape_encode(const art_Shape *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Shape_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Shape *ret);
KMSG_CHECK kmsg_err art_Shape_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Shape *ret);
KMSG_CHECK kmsg_err art_Shape_copy(const art_Shape *value, kmsg_arena *mem, art_Shape *ret);
bool art_Shape_equal(const art_Shape *a, const art_Shape *b);
void art_Shape_print(const art_Shape *value, FILE *out);

/* ---- record Group ------------------------------------------------------------------------ */

struct art_Group {
    art_Shape_list members;          /* 1 */
};

/* All defaults: art_Group x = art_Group_initial; */
extern const art_Group art_Group_initial;

KMSG_CHECK kmsg_err art_Group_encoded_size(const art_Group *value, size_t *ret);
KMSG_CHECK kmsg_err art_Group_encode_into(const art_Group *value, void *buffer, size_t capacity,
                                          size_t *ret_size);
KMSG_CHECK kmsg_err art_Group_encode(const art_Group *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Group_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Group *ret);
KMSG_CHECK kmsg_err art_Group_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Group *ret);
KMSG_CHECK kmsg_err art_Group_copy(const art_Group *value, kmsg_arena *mem, art_Group *ret);
bool art_Group_equal(const art_Group *a, const art_Group *b);
void art_Group_print(const art_Group *value, FILE *out);

/* ---- record Layer ------------------------------------------------------------------------ */

struct art_Layer {
    art_Percent opaque;              /* 2 */
    art_Title name;                  /* 1 */
    art_Shape shape;                 /* 3 */
    const art_Layer *under;          /* 4, NULL: none */
};

/* All defaults: art_Layer x = art_Layer_initial; */
extern const art_Layer art_Layer_initial;

KMSG_CHECK kmsg_err art_Layer_encoded_size(const art_Layer *value, size_t *ret);
KMSG_CHECK kmsg_err art_Layer_encode_into(const art_Layer *value, void *buffer, size_t capacity,
                                          size_t *ret_size);
KMSG_CHECK kmsg_err art_Layer_encode(const art_Layer *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Layer_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Layer *ret);
KMSG_CHECK kmsg_err art_Layer_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Layer *ret);
KMSG_CHECK kmsg_err art_Layer_copy(const art_Layer *value, kmsg_arena *mem, art_Layer *ret);
bool art_Layer_equal(const art_Layer *a, const art_Layer *b);
void art_Layer_print(const art_Layer *value, FILE *out);

/* ---- record Picture ---------------------------------------------------------------------- */

typedef struct art_Picture_layers {
    const art_Layer *const *items;
    size_t count;
} art_Picture_layers;

typedef struct art_Picture_named_entry art_Picture_named_entry;

typedef struct art_Picture_named {
    const art_Picture_named_entry *items;
    size_t count;
} art_Picture_named;

struct art_Picture {
    uint32_t size[2];                /* 1 */
    double matrix[3][3];             /* 2 */
    art_Color background;            /* 3 */
    float maybe;                     /* 8 */
    bool has_maybe;
    art_Picture_layers layers;       /* 4 */
    kmsg_list_string tags;           /* 5 */
    art_Picture_named named;         /* 6 */
    kmsg_any notes;                  /* 7 */
};

/* Is it in the set? The set must be in order, as all are that kmsg made. */
bool art_Picture_tags_has(kmsg_list_string set, kmsg_string item);

/* All defaults: art_Picture x = art_Picture_initial; */
extern const art_Picture art_Picture_initial;

KMSG_CHECK kmsg_err art_Picture_encoded_size(const art_Picture *value, size_t *ret);
KMSG_CHECK kmsg_err art_Picture_encode_into(const art_Picture *value, void *buffer, size_t capacity,
                                            size_t *ret_size);
KMSG_CHECK kmsg_err art_Picture_encode(const art_Picture *value, kmsg_arena *mem, kmsg_bytes *ret);
KMSG_CHECK kmsg_err art_Picture_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Picture *ret);
KMSG_CHECK kmsg_err art_Picture_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Picture *ret);
KMSG_CHECK kmsg_err art_Picture_copy(const art_Picture *value, kmsg_arena *mem, art_Picture *ret);
bool art_Picture_equal(const art_Picture *a, const art_Picture *b);
void art_Picture_print(const art_Picture *value, FILE *out);

/* ---- fixed record Point_key -------------------------------------------------------------- */

struct art_Point_key {
    int16_t x;                       /* 1 */
    int16_t y;                       /* 2 */
};

struct art_Picture_named_entry {
    art_Point_key key;
    art_Shape value;
};

/* The value under a key, or NULL. The map must be in order, as all are that kmsg made. */
const art_Shape *art_Picture_named_find(art_Picture_named map, art_Point_key key);

/* All defaults: art_Point_key x = art_Point_key_initial; */
extern const art_Point_key art_Point_key_initial;

/* Bytes of the longest message: uint8_t buffer[art_Point_key_ENCODED_MAX]; */
#define art_Point_key_ENCODED_MAX 12

KMSG_CHECK kmsg_err art_Point_key_encoded_size(const art_Point_key *value, size_t *ret);
KMSG_CHECK static inline kmsg_err art_Point_key_encode_into(const art_Point_key *value,
                                                            void *buffer, size_t capacity,
                                                            size_t *ret_size);
KMSG_CHECK kmsg_err art_Point_key_encode(const art_Point_key *value, kmsg_arena *mem,
                                         kmsg_bytes *ret);
KMSG_CHECK static inline kmsg_err art_Point_key_decode(kmsg_bytes bytes, kmsg_arena *mem,
                                                       art_Point_key *ret);
KMSG_CHECK kmsg_err art_Point_key_decode_copy(kmsg_bytes bytes, kmsg_arena *mem,
                                              art_Point_key *ret);
KMSG_CHECK kmsg_err art_Point_key_copy(const art_Point_key *value, kmsg_arena *mem,
                                       art_Point_key *ret);
bool art_Point_key_equal(const art_Point_key *a, const art_Point_key *b);
void art_Point_key_print(const art_Point_key *value, FILE *out);

#ifndef KMSG_CODEC_ONLY

/* ---- service Viewer ---------------------------------------------------------------------- */

/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER. */

/* show(picture: art.Picture) */
KMSG_CHECK kmsg_err art_Viewer_show(kmsg_peer *peer, const art_Picture *picture);
typedef void art_Viewer_show_done(void *ctx, kmsg_err err);
void art_Viewer_show_async(kmsg_peer *peer, const art_Picture *picture, void *ctx,
                           art_Viewer_show_done *done);
kmsg_err art_Viewer_show_begin(kmsg_peer *peer, const art_Picture *picture, kmsg_pending *pending);
KMSG_CHECK kmsg_err art_Viewer_show_end(kmsg_pending *pending);
void art_Viewer_show_reply(kmsg_call *call);

typedef struct art_Viewer_size_result art_Viewer_size_result;

struct art_Viewer_size_result {
    uint32_t items[2];
};

/* size() -> u32[2] */
KMSG_CHECK kmsg_err art_Viewer_size(kmsg_peer *peer, kmsg_arena *mem, art_Viewer_size_result *ret);
typedef void art_Viewer_size_done(void *ctx, kmsg_err err, const art_Viewer_size_result *result);
void art_Viewer_size_async(kmsg_peer *peer, void *ctx, art_Viewer_size_done *done);
kmsg_err art_Viewer_size_begin(kmsg_peer *peer, kmsg_pending *pending);
KMSG_CHECK kmsg_err art_Viewer_size_end(kmsg_pending *pending, kmsg_arena *mem,
                                        art_Viewer_size_result *ret);
void art_Viewer_size_reply(kmsg_call *call, const art_Viewer_size_result *result);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct art_Viewer_impl {
    kmsg_err (*show)(void *ctx, kmsg_call *call, const art_Picture *picture);
    kmsg_err (*size)(void *ctx, kmsg_call *call, art_Viewer_size_result *ret);
} art_Viewer_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err art_Viewer_serve(kmsg_node *node, const art_Viewer_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err art_Viewer_serve_at(kmsg_object *parent, const art_Viewer_impl *impl, void *ctx,
                                        const kmsg_spawn *how, kmsg_address *ret);

/* ---- service Editor ---------------------------------------------------------------------- */

/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER. */

/* draw(on: ref<art.Layer>, shape: art.Shape, color: art.Color, matrix: f64[3][3]) -> art.Shape */
KMSG_CHECK kmsg_err art_Editor_draw(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                                    const art_Color *color, const double matrix[3][3],
                                    kmsg_arena *mem, art_Shape *ret);
typedef void art_Editor_draw_done(void *ctx, kmsg_err err, const art_Shape *result);
void art_Editor_draw_async(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                           const art_Color *color, const double matrix[3][3], void *ctx,
                           art_Editor_draw_done *done);
kmsg_err art_Editor_draw_begin(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                               const art_Color *color, const double matrix[3][3],
                               kmsg_pending *pending);
KMSG_CHECK kmsg_err art_Editor_draw_end(kmsg_pending *pending, kmsg_arena *mem, art_Shape *ret);
void art_Editor_draw_reply(kmsg_call *call, const art_Shape *result);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct art_Editor_impl {
    art_Viewer_impl Viewer;
    kmsg_err (*draw)(void *ctx, kmsg_call *call, const art_Layer *on, const art_Shape *shape,
                     const art_Color *color, const double matrix[3][3], art_Shape *ret);
} art_Editor_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err art_Editor_serve(kmsg_node *node, const art_Editor_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err art_Editor_serve_at(kmsg_object *parent, const art_Editor_impl *impl, void *ctx,
                                        const kmsg_spawn *how, kmsg_address *ret);

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout art_Circle_layout;
KMSG_CHECK static inline kmsg_err art_Circle_send(kmsg_object *from, kmsg_address to,
                                                  const art_Circle *value)
{
    return kmsg_send(from, to, &art_Circle_layout, value);
}
static inline bool art_Circle_is(const kmsg_message *message)
{
    return kmsg_is(message, &art_Circle_layout);
}
KMSG_CHECK static inline kmsg_err art_Circle_read(const kmsg_message *message, kmsg_arena *mem,
                                                  art_Circle *ret)
{
    return kmsg_read(message, &art_Circle_layout, mem, ret);
}

extern const kmsg_layout art_Path_layout;
KMSG_CHECK static inline kmsg_err art_Path_send(kmsg_object *from, kmsg_address to,
                                                const art_Path *value)
{
    return kmsg_send(from, to, &art_Path_layout, value);
}
static inline bool art_Path_is(const kmsg_message *message)
{
    return kmsg_is(message, &art_Path_layout);
}
KMSG_CHECK static inline kmsg_err art_Path_read(const kmsg_message *message, kmsg_arena *mem,
                                                art_Path *ret)
{
    return kmsg_read(message, &art_Path_layout, mem, ret);
}

extern const kmsg_layout art_Group_layout;
KMSG_CHECK static inline kmsg_err art_Group_send(kmsg_object *from, kmsg_address to,
                                                 const art_Group *value)
{
    return kmsg_send(from, to, &art_Group_layout, value);
}
static inline bool art_Group_is(const kmsg_message *message)
{
    return kmsg_is(message, &art_Group_layout);
}
KMSG_CHECK static inline kmsg_err art_Group_read(const kmsg_message *message, kmsg_arena *mem,
                                                 art_Group *ret)
{
    return kmsg_read(message, &art_Group_layout, mem, ret);
}

extern const kmsg_layout art_Layer_layout;
KMSG_CHECK static inline kmsg_err art_Layer_send(kmsg_object *from, kmsg_address to,
                                                 const art_Layer *value)
{
    return kmsg_send(from, to, &art_Layer_layout, value);
}
static inline bool art_Layer_is(const kmsg_message *message)
{
    return kmsg_is(message, &art_Layer_layout);
}
KMSG_CHECK static inline kmsg_err art_Layer_read(const kmsg_message *message, kmsg_arena *mem,
                                                 art_Layer *ret)
{
    return kmsg_read(message, &art_Layer_layout, mem, ret);
}

extern const kmsg_layout art_Picture_layout;
KMSG_CHECK static inline kmsg_err art_Picture_send(kmsg_object *from, kmsg_address to,
                                                   const art_Picture *value)
{
    return kmsg_send(from, to, &art_Picture_layout, value);
}
static inline bool art_Picture_is(const kmsg_message *message)
{
    return kmsg_is(message, &art_Picture_layout);
}
KMSG_CHECK static inline kmsg_err art_Picture_read(const kmsg_message *message, kmsg_arena *mem,
                                                   art_Picture *ret)
{
    return kmsg_read(message, &art_Picture_layout, mem, ret);
}

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_service art_Viewer_service;
extern const kmsg_service art_Editor_service;

#define art_Point_SHAPE KMSG_SHAPE(8, 0, 2)
extern const kmsg_layout art_Point_layout;
uint64_t art_Point_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Point_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Point_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type art_Point_type, art_Point_list_type;

#define art_Circle_SHAPE KMSG_SHAPE(16, 0, 3)
extern const kmsg_layout art_Circle_layout;
uint64_t art_Circle_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Circle_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Circle_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type art_Circle_type, art_Circle_list_type;

#define art_Path_SHAPE KMSG_SHAPE(1, 1, 2)
extern const kmsg_layout art_Path_layout;
uint64_t art_Path_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Path_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Path_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t art_Path_row_bad(const uint8_t *row);
extern const kmsg_type art_Path_type, art_Path_list_type;

#define art_Shape_list_SHAPE KMSG_SHAPE(0, 1, 2)
extern const kmsg_layout art_Shape_list_layout;
uint64_t art_Shape_list_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Shape_list_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Shape_list_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                      void *ret);
extern const kmsg_layout art_Shape_layout;
extern const kmsg_type art_Shape_type, art_Shape_list_type;

#define art_Group_SHAPE KMSG_SHAPE(0, 1, 2)
extern const kmsg_layout art_Group_layout;
uint64_t art_Group_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Group_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Group_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type art_Group_type, art_Group_list_type;

#define art_Layer_SHAPE KMSG_SHAPE(1, 3, 2)
extern const kmsg_layout art_Layer_layout;
uint64_t art_Layer_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Layer_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Layer_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t art_Layer_row_bad(const uint8_t *row);
extern const kmsg_type art_Layer_type, art_Layer_list_type;

#define art_Picture_SHAPE KMSG_SHAPE(89, 4, 3)
extern const kmsg_layout art_Picture_layout;
uint64_t art_Picture_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Picture_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Picture_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
uint32_t art_Picture_row_bad(const uint8_t *row);
extern const kmsg_type art_Picture_type, art_Picture_list_type;

#define art_Point_key_SHAPE KMSG_SHAPE(4, 0, 1)
extern const kmsg_layout art_Point_key_layout;
uint64_t art_Point_key_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *art_Point_key_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *art_Point_key_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type art_Point_key_type, art_Point_key_list_type;
extern const kmsg_type art_Percent_type;
extern const kmsg_type art_Color_type;
extern const kmsg_type art_Title_type;

/* Records of scalars alone: written out where they are called. */
static inline uint32_t art_Circle_row_bad(const uint8_t *row);

static inline uint32_t art_Point_row_set(const void *value, uint8_t *row)
{
    const art_Point *p = (const art_Point *)value;

    kmsg_put_block(&art_Point_layout, row, p, 8);
    return 0;
}

static inline kmsg_err art_Point_encode_into(const art_Point *value, void *buffer, size_t capacity,
                                             size_t *ret_size)
{
    return kmsg_encode_plain(&art_Point_layout, art_Point_SHAPE, art_Point_row_set, value, buffer,
                             capacity, ret_size);
}

static inline kmsg_err art_Point_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Point *ret)
{
    return kmsg_decode_plain(&art_Point_layout, art_Point_SHAPE, NULL, bytes, mem, ret);
}


static inline uint32_t art_Circle_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= !(kmsg_load_f64(row + 8) >= 0.0);
    return bad;
}

static inline uint32_t art_Circle_row_set(const void *value, uint8_t *row)
{
    const art_Circle *p = (const art_Circle *)value;

    kmsg_put_block(&art_Circle_layout, row, p, 16);
    return art_Circle_row_bad(row);
}

static inline kmsg_err art_Circle_encode_into(const art_Circle *value, void *buffer,
                                              size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&art_Circle_layout, art_Circle_SHAPE, art_Circle_row_set, value,
                             buffer, capacity, ret_size);
}

static inline kmsg_err art_Circle_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Circle *ret)
{
    return kmsg_decode_plain(&art_Circle_layout, art_Circle_SHAPE, art_Circle_row_bad, bytes, mem,
                             ret);
}


static inline uint32_t art_Point_key_row_set(const void *value, uint8_t *row)
{
    const art_Point_key *p = (const art_Point_key *)value;

    kmsg_put_block(&art_Point_key_layout, row, p, 4);
    return 0;
}

static inline kmsg_err art_Point_key_encode_into(const art_Point_key *value, void *buffer,
                                                 size_t capacity, size_t *ret_size)
{
    return kmsg_encode_plain(&art_Point_key_layout, art_Point_key_SHAPE, art_Point_key_row_set,
                             value, buffer, capacity, ret_size);
}

static inline kmsg_err art_Point_key_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Point_key *ret)
{
    return kmsg_decode_plain(&art_Point_key_layout, art_Point_key_SHAPE, NULL, bytes, mem, ret);
}


#ifdef __cplusplus
}
#endif
#endif
