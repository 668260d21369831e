/* shapes.kmsg.c -- made by kmsgc 0.1.0 from shapes.kmsg; edit that file, not this one. */
#include "shapes.kmsg.h"

#include <kmsg/codec.h>

/* ---- alias Percent ----------------------------------------------------------------------- */

static const kmsg_limits art_Percent_limits_ = {
    .has_low = true,
    .low = {.u = UINT64_C(0)},
    .has_high = true,
    .high = {.u = UINT64_C(100)},
};

const kmsg_type art_Percent_type = {
    .name = "u8(0..100)",
    .kind = KMSG_KIND_U8, .size = sizeof(uint8_t), .align = _Alignof(uint8_t),
    .limits = &art_Percent_limits_};

/* ---- alias Color ------------------------------------------------------------------------- */

const kmsg_type art_Color_type = {
    .name = "u8[4]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(uint8_t[4]), .align = _Alignof(uint8_t[4]),
    .item = &kmsg_type_u8, .count = 4};

kmsg_err art_Color_encode(const art_Color *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode_value(&art_Color_type, value, mem, ret);
}

kmsg_err art_Color_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Color *ret)
{
    return kmsg_decode_value(&art_Color_type, bytes, mem, ret);
}

kmsg_err art_Color_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Color *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Color_decode(bytes, mem, ret) : err;
}

kmsg_err art_Color_copy(const art_Color *value, kmsg_arena *mem, art_Color *ret)
{
    return kmsg_copy_value(&art_Color_type, value, mem, ret);
}

bool art_Color_equal(const art_Color *a, const art_Color *b)
{
    return kmsg_equal_value(&art_Color_type, a, b);
}

void art_Color_print(const art_Color *value, FILE *out)
{
    kmsg_print_value(&art_Color_type, value, out);
}

/* ---- alias Title ------------------------------------------------------------------------- */

static const uint8_t art_Title_classes_[] = {
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    0, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
};

static const uint16_t art_Title_next_[] = {
    0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 4, 5, 0, 2, 0, 3,
    4, 5, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0,
    4, 0, 0, 0
};

static const uint8_t art_Title_accepts_[] = {
    0, 0, 1, 0, 0, 0
};

static const kmsg_pattern art_Title_pattern_ = {
    .text = "[^\012]+",
    .classes = art_Title_classes_,
    .next = art_Title_next_,
    .accepts = art_Title_accepts_,
    .class_count = 6,
};

static const kmsg_limits art_Title_limits_ = {
    .has_low = true,
    .low = {.u = UINT64_C(1)},
    .has_high = true,
    .high = {.u = UINT64_C(40)},
    .pattern = &art_Title_pattern_,
};

const kmsg_type art_Title_type = {
    .name = "string(1..40, \"[^\012]+\")",
    .kind = KMSG_KIND_STRING, .size = sizeof(kmsg_string), .align = _Alignof(kmsg_string),
    .limits = &art_Title_limits_};

/* ---- record Point ------------------------------------------------------------------------ */

_Static_assert(offsetof(art_Point, y) == 4, "art_Point: unexpected layout");
_Static_assert(sizeof(art_Point) == 8, "art_Point: unexpected layout");

const art_Point art_Point_initial = {0};

static const kmsg_field art_Point_fields_[] = {
    {.name = "x", .type = &kmsg_type_f32, .number = 1,
     .offset = offsetof(art_Point, x), .place = 0},
    {.name = "y", .type = &kmsg_type_f32, .number = 2,
     .offset = offsetof(art_Point, y), .place = 4},
};

KMSG_LEAF uint64_t art_Point_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *art_Point_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    art_Point_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *art_Point_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                           void *ret)
{
    art_Point *p = ret;

    (void)d;
    kmsg_get_block(&art_Point_layout, p, row, 8);
    return at;
}

const kmsg_layout art_Point_layout = {
    .name = "art.Point",
    .id = UINT64_C(0x89a0f9dfcb4f3b62),
    .fields = art_Point_fields_,
    .count = 2,
    .size = sizeof(art_Point),
    .shape = art_Point_SHAPE,
    .row_end = art_Point_row_end,
    .row_put = art_Point_row_put,
    .row_get = art_Point_row_get,
};

const kmsg_type art_Point_type = {
    .name = "art.Point",
    .kind = KMSG_KIND_FIXED, .size = sizeof(art_Point), .align = _Alignof(art_Point),
    .layout = &art_Point_layout};
const kmsg_type art_Point_list_type = {
    .name = "list<art.Point>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(art_Point_list), .align = _Alignof(art_Point_list),
    .item = &art_Point_type};

kmsg_err art_Point_encoded_size(const art_Point *value, size_t *ret)
{
    return kmsg_measure_with(&art_Point_layout, art_Point_SHAPE, art_Point_row_end, value, ret);
}

kmsg_err art_Point_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Point *ret)
{
    return art_Point_decode(bytes, mem, ret);
}

kmsg_err art_Point_encode(const art_Point *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Point_layout, value, mem, ret);
}

kmsg_err art_Point_copy(const art_Point *value, kmsg_arena *mem, art_Point *ret)
{
    return kmsg_copy(&art_Point_layout, value, mem, ret);
}

bool art_Point_equal(const art_Point *a, const art_Point *b)
{
    return kmsg_equal(&art_Point_layout, a, b);
}

void art_Point_print(const art_Point *value, FILE *out)
{
    kmsg_print(&art_Point_layout, value, out);
}

/* ---- record Circle ----------------------------------------------------------------------- */

_Static_assert(offsetof(art_Circle, radius) == 8, "art_Circle: unexpected layout");
_Static_assert(sizeof(art_Circle) == 16, "art_Circle: unexpected layout");

static const kmsg_limits art_Circle_radius_limits_ = {
    .has_low = true,
    .low = {.f = 0.0},
};

static const kmsg_type art_Circle_radius_type = {
    .name = "f64(0..)",
    .kind = KMSG_KIND_F64, .size = sizeof(double), .align = _Alignof(double),
    .limits = &art_Circle_radius_limits_};

const art_Circle art_Circle_initial = {0};

static const kmsg_field art_Circle_fields_[] = {
    {.name = "center", .type = &art_Point_type, .number = 1,
     .offset = offsetof(art_Circle, center), .place = 0},
    {.name = "radius", .type = &art_Circle_radius_type, .number = 2,
     .offset = offsetof(art_Circle, radius), .place = 8},
};

KMSG_LEAF uint64_t art_Circle_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *art_Circle_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    if (KMSG_UNLIKELY(art_Circle_row_set(value, row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

KMSG_LEAF const uint8_t *art_Circle_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                            void *ret)
{
    art_Circle *p = ret;

    (void)d;
    kmsg_get_block(&art_Circle_layout, p, row, 16);
    if (KMSG_UNLIKELY(art_Circle_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

const kmsg_layout art_Circle_layout = {
    .name = "art.Circle",
    .id = UINT64_C(0xbf7a26120ee67d00),
    .fields = art_Circle_fields_,
    .count = 2,
    .size = sizeof(art_Circle),
    .shape = art_Circle_SHAPE,
    .row_end = art_Circle_row_end,
    .row_put = art_Circle_row_put,
    .row_get = art_Circle_row_get,
};

const kmsg_type art_Circle_type = {
    .name = "art.Circle",
    .kind = KMSG_KIND_RECORD, .size = sizeof(art_Circle), .align = _Alignof(art_Circle),
    .layout = &art_Circle_layout};
const kmsg_type art_Circle_list_type = {
    .name = "list<art.Circle>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Circle_list), .align = _Alignof(art_Circle_list),
    .layout = &art_Circle_layout};

kmsg_err art_Circle_encoded_size(const art_Circle *value, size_t *ret)
{
    return kmsg_measure_with(&art_Circle_layout, art_Circle_SHAPE, art_Circle_row_end, value, ret);
}

kmsg_err art_Circle_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Circle *ret)
{
    return art_Circle_decode(bytes, mem, ret);
}

kmsg_err art_Circle_encode(const art_Circle *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Circle_layout, value, mem, ret);
}

kmsg_err art_Circle_copy(const art_Circle *value, kmsg_arena *mem, art_Circle *ret)
{
    return kmsg_copy(&art_Circle_layout, value, mem, ret);
}

bool art_Circle_equal(const art_Circle *a, const art_Circle *b)
{
    return kmsg_equal(&art_Circle_layout, a, b);
}

void art_Circle_print(const art_Circle *value, FILE *out)
{
    kmsg_print(&art_Circle_layout, value, out);
}

/* ---- record Path ------------------------------------------------------------------------- */

_Static_assert(offsetof(art_Path, closed) == 0, "art_Path: unexpected layout");

static const kmsg_limits art_Path_points_limits_ = {
    .has_low = true,
    .low = {.u = UINT64_C(2)},
};

static const kmsg_type art_Path_points_type = {
    .name = "list<art.Point>(2..)",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(art_Point_list), .align = _Alignof(art_Point_list),
    .item = &art_Point_type, .limits = &art_Path_points_limits_};

const art_Path art_Path_initial = {0};

static const kmsg_field art_Path_fields_[] = {
    {.name = "points", .type = &art_Path_points_type, .number = 1,
     .offset = offsetof(art_Path, points), .place = 0},
    {.name = "closed", .type = &kmsg_type_bool, .number = 2,
     .offset = offsetof(art_Path, closed), .place = 0},
};

uint32_t art_Path_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[0] & 0xfe; /* a bool */
    bad |= row[1] | row[2] | row[3]; /* padding */
    return bad;
}

uint64_t art_Path_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Path *p = value;

    (void)e;
    at = kmsg_end_array(e, p->points.count, sizeof(art_Point), 4, at);
    return at;
}

uint8_t *art_Path_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const art_Path *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_block(&art_Path_layout, row, p, 1);
    memset(row + 1, 0, 3);
    if (KMSG_UNLIKELY(art_Path_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_array(e, &art_Point_type, p->points.items, p->points.count, sizeof(art_Point), 4,
                        length, at);
    if (KMSG_UNLIKELY(p->points.count < 2))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

const uint8_t *art_Path_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Path *p = ret;
    const uint8_t *length = row + 4;
    kmsg_items list;

    (void)d;
    kmsg_get_block(&art_Path_layout, p, row, 1);
    if (KMSG_UNLIKELY(art_Path_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_array(d, &art_Point_type, kmsg_load32(length), at, sizeof(art_Point), 4, &list);
    p->points.items = list.items;
    p->points.count = list.count;
    if (KMSG_UNLIKELY(p->points.count < 2))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

const kmsg_layout art_Path_layout = {
    .name = "art.Path",
    .id = UINT64_C(0xba838be4bedef5eb),
    .fields = art_Path_fields_,
    .count = 2,
    .size = sizeof(art_Path),
    .shape = art_Path_SHAPE,
    .row_end = art_Path_row_end,
    .row_put = art_Path_row_put,
    .row_get = art_Path_row_get,
};

const kmsg_type art_Path_type = {
    .name = "art.Path",
    .kind = KMSG_KIND_RECORD, .size = sizeof(art_Path), .align = _Alignof(art_Path),
    .layout = &art_Path_layout};
const kmsg_type art_Path_list_type = {
    .name = "list<art.Path>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Path_list), .align = _Alignof(art_Path_list),
    .layout = &art_Path_layout};

kmsg_err art_Path_encoded_size(const art_Path *value, size_t *ret)
{
    return kmsg_measure_with(&art_Path_layout, art_Path_SHAPE, art_Path_row_end, value, ret);
}

kmsg_err art_Path_encode_into(const art_Path *value, void *buffer, size_t capacity,
                              size_t *ret_size)
{
    return kmsg_encode_with(&art_Path_layout, art_Path_SHAPE, art_Path_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err art_Path_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Path *ret)
{
    const art_Path before = *ret;
    kmsg_err err = kmsg_decode_with(&art_Path_layout, art_Path_SHAPE, art_Path_row_get, bytes, mem,
                                    ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err art_Path_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Path *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Path_decode(bytes, mem, ret) : err;
}

kmsg_err art_Path_encode(const art_Path *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Path_layout, value, mem, ret);
}

kmsg_err art_Path_copy(const art_Path *value, kmsg_arena *mem, art_Path *ret)
{
    return kmsg_copy(&art_Path_layout, value, mem, ret);
}

bool art_Path_equal(const art_Path *a, const art_Path *b)
{
    return kmsg_equal(&art_Path_layout, a, b);
}

void art_Path_print(const art_Path *value, FILE *out)
{
    kmsg_print(&art_Path_layout, value, out);
}

/* ---- union Shape ------------------------------------------------------------------------- */

_Static_assert(sizeof(art_Shape_kind) == 4, "art_Shape: unexpected layout");

static const kmsg_field art_Shape_fields_[] = {
    {.name = "unknown", .type = &kmsg_type_bytes, .number = 0,
     .offset = offsetof(art_Shape, unknown)},
    {.name = "circle", .type = &art_Circle_type, .number = 1,
     .offset = offsetof(art_Shape, circle)},
    {.name = "path", .type = &art_Path_type, .number = 2,
     .offset = offsetof(art_Shape, path)},
    {.name = "text", .type = &kmsg_type_string, .number = 5,
     .offset = offsetof(art_Shape, text)},
    {.name = "dot", .type = &art_Point_type, .number = 6,
     .offset = offsetof(art_Shape, dot)},
    {.name = "group", .type = &art_Group_type, .number = 7,
     .offset = offsetof(art_Shape, group)},
};

const kmsg_layout art_Shape_layout = {
    .name = "art.Shape",
    .id = UINT64_C(0xe17849cb47401661),
    .fields = art_Shape_fields_,
    .count = 6,
    .size = sizeof(art_Shape),
    .recursive = true,
};

static const kmsg_field art_Shape_list_fields_[] = {
    {.name = "", .type = &art_Shape_type, .number = 1, .place = 0},
};

uint64_t art_Shape_list_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Shape *p = value;

    (void)e;
    at = kmsg_end_tail(e, &art_Shape_list_fields_[0], &(*p), at);
    return at;
}

uint8_t *art_Shape_list_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const art_Shape *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_tail(e, &art_Shape_list_fields_[0], &(*p), length, at);
    return at;
}

const uint8_t *art_Shape_list_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Shape *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_tail(d, &art_Shape_list_fields_[0], kmsg_load32(length), at, &(*p));
    return at;
}

const kmsg_layout art_Shape_list_layout = {
    .name = "art_Shape_list",
    .id = UINT64_C(0x8f24aa74f2a7d141),
    .fields = art_Shape_list_fields_,
    .count = 1,
    .size = sizeof(art_Shape),
    .shape = art_Shape_list_SHAPE,
    .row_end = art_Shape_list_row_end,
    .row_put = art_Shape_list_row_put,
    .row_get = art_Shape_list_row_get,
};

const kmsg_type art_Shape_type = {
    .name = "art.Shape",
    .kind = KMSG_KIND_UNION, .size = sizeof(art_Shape), .align = _Alignof(art_Shape),
    .layout = &art_Shape_layout};
const kmsg_type art_Shape_list_type = {
    .name = "list<art.Shape>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Shape_list), .align = _Alignof(art_Shape_list),
    .item = &art_Shape_type, .layout = &art_Shape_list_layout};

kmsg_err art_Shape_encode(const art_Shape *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode_value(&art_Shape_type, value, mem, ret);
}

kmsg_err art_Shape_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Shape *ret)
{
    return kmsg_decode_value(&art_Shape_type, bytes, mem, ret);
}

kmsg_err art_Shape_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Shape *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Shape_decode(bytes, mem, ret) : err;
}

kmsg_err art_Shape_copy(const art_Shape *value, kmsg_arena *mem, art_Shape *ret)
{
    return kmsg_copy_value(&art_Shape_type, value, mem, ret);
}

bool art_Shape_equal(const art_Shape *a, const art_Shape *b)
{
    return kmsg_equal_value(&art_Shape_type, a, b);
}

void art_Shape_print(const art_Shape *value, FILE *out)
{
    kmsg_print_value(&art_Shape_type, value, out);
}

/* ---- record Group ------------------------------------------------------------------------ */

const art_Group art_Group_initial = {0};

static const kmsg_field art_Group_fields_[] = {
    {.name = "members", .type = &art_Shape_list_type, .number = 1,
     .offset = offsetof(art_Group, members), .place = 0},
};

uint64_t art_Group_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Group *p = value;

    if (!kmsg_enc_enter(e))
        return at;
    at = kmsg_end_rows(e, p->members.items, p->members.count, sizeof(art_Shape), at,
                       art_Shape_list_SHAPE, art_Shape_list_row_end);
    e->depth--;
    return at;
}

uint8_t *art_Group_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const art_Group *p = value;
    uint8_t *length = row + 0;

    if (!kmsg_enc_enter(e))
        return at;
    at = kmsg_put_rows(e, p->members.items, p->members.count, sizeof(art_Shape),
                       art_Shape_list_SHAPE, art_Shape_list_row_put, length, at);
    e->depth--;
    return at;
}

const uint8_t *art_Group_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Group *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    if (!kmsg_dec_enter(d))
        return at;
    at = kmsg_get_rows(d, &art_Shape_list_layout, kmsg_load32(length), at, sizeof(art_Shape),
                       art_Shape_list_SHAPE, art_Shape_list_row_get,
                       &list);
    p->members.items = list.items;
    p->members.count = list.count;
    d->depth--;
    return at;
}

const kmsg_layout art_Group_layout = {
    .name = "art.Group",
    .id = UINT64_C(0x94c27d4b1e8e553f),
    .fields = art_Group_fields_,
    .count = 1,
    .size = sizeof(art_Group),
    .shape = art_Group_SHAPE,
    .recursive = true,
    .row_end = art_Group_row_end,
    .row_put = art_Group_row_put,
    .row_get = art_Group_row_get,
};

const kmsg_type art_Group_type = {
    .name = "art.Group",
    .kind = KMSG_KIND_RECORD, .size = sizeof(art_Group), .align = _Alignof(art_Group),
    .layout = &art_Group_layout};
const kmsg_type art_Group_list_type = {
    .name = "list<art.Group>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Group_list), .align = _Alignof(art_Group_list),
    .layout = &art_Group_layout};

kmsg_err art_Group_encoded_size(const art_Group *value, size_t *ret)
{
    return kmsg_measure_with(&art_Group_layout, art_Group_SHAPE, art_Group_row_end, value, ret);
}

kmsg_err art_Group_encode_into(const art_Group *value, void *buffer, size_t capacity,
                               size_t *ret_size)
{
    return kmsg_encode_with(&art_Group_layout, art_Group_SHAPE, art_Group_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err art_Group_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Group *ret)
{
    const art_Group before = *ret;
    kmsg_err err = kmsg_decode_with(&art_Group_layout, art_Group_SHAPE, art_Group_row_get, bytes,
                                    mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err art_Group_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Group *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Group_decode(bytes, mem, ret) : err;
}

kmsg_err art_Group_encode(const art_Group *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Group_layout, value, mem, ret);
}

kmsg_err art_Group_copy(const art_Group *value, kmsg_arena *mem, art_Group *ret)
{
    return kmsg_copy(&art_Group_layout, value, mem, ret);
}

bool art_Group_equal(const art_Group *a, const art_Group *b)
{
    return kmsg_equal(&art_Group_layout, a, b);
}

void art_Group_print(const art_Group *value, FILE *out)
{
    kmsg_print(&art_Group_layout, value, out);
}

/* ---- record Layer ------------------------------------------------------------------------ */

_Static_assert(offsetof(art_Layer, opaque) == 0, "art_Layer: unexpected layout");

static const kmsg_type art_Layer_under_type = {
    .name = "ref<art.Layer>",
    .kind = KMSG_KIND_REF, .size = sizeof(const art_Layer *), .align = _Alignof(const art_Layer *),
    .layout = &art_Layer_layout};

const art_Layer art_Layer_initial = {.opaque = 100};

static const kmsg_field art_Layer_fields_[] = {
    {.name = "name", .type = &art_Title_type, .number = 1,
     .offset = offsetof(art_Layer, name), .place = 0},
    {.name = "opaque", .type = &art_Percent_type, .number = 2,
     .offset = offsetof(art_Layer, opaque), .place = 0, .initial = &art_Layer_initial.opaque},
    {.name = "shape", .type = &art_Shape_type, .number = 3,
     .offset = offsetof(art_Layer, shape), .place = 1},
    {.name = "under", .type = &art_Layer_under_type, .number = 4,
     .offset = offsetof(art_Layer, under), .place = 2},
};

uint32_t art_Layer_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= !(kmsg_load_u8(row + 0) <= 100);
    bad |= row[1] | row[2] | row[3]; /* padding */
    return bad;
}

uint64_t art_Layer_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Layer *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    at = kmsg_end_tail(e, &art_Layer_fields_[2], &p->shape, at);
    at = kmsg_end_tail(e, &art_Layer_fields_[3], &p->under, at);
    return at;
}

uint8_t *art_Layer_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const art_Layer *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_block(&art_Layer_layout, row, p, 1);
    memset(row + 1, 0, 3);
    if (KMSG_UNLIKELY(art_Layer_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->name, length, at);
    if (KMSG_UNLIKELY(e->err == KMSG_OK && !kmsg_within(&art_Title_type, &p->name)))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_tail(e, &art_Layer_fields_[2], &p->shape, length + 4, at);
    at = kmsg_put_tail(e, &art_Layer_fields_[3], &p->under, length + 8, at);
    return at;
}

const uint8_t *art_Layer_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Layer *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_block(&art_Layer_layout, p, row, 1);
    if (KMSG_UNLIKELY(art_Layer_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->name);
    if (KMSG_UNLIKELY(!kmsg_within(&art_Title_type, &p->name)))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_tail(d, &art_Layer_fields_[2], kmsg_load32(length + 4), at, &p->shape);
    at = kmsg_get_tail(d, &art_Layer_fields_[3], kmsg_load32(length + 8), at, &p->under);
    return at;
}

const kmsg_layout art_Layer_layout = {
    .name = "art.Layer",
    .id = UINT64_C(0xb34fc10a39055669),
    .fields = art_Layer_fields_,
    .count = 4,
    .size = sizeof(art_Layer),
    .shape = art_Layer_SHAPE,
    .has_refs = true,
    .row_end = art_Layer_row_end,
    .row_put = art_Layer_row_put,
    .row_get = art_Layer_row_get,
};

const kmsg_type art_Layer_type = {
    .name = "art.Layer",
    .kind = KMSG_KIND_RECORD, .size = sizeof(art_Layer), .align = _Alignof(art_Layer),
    .layout = &art_Layer_layout};
const kmsg_type art_Layer_list_type = {
    .name = "list<art.Layer>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Layer_list), .align = _Alignof(art_Layer_list),
    .layout = &art_Layer_layout};

kmsg_err art_Layer_encoded_size(const art_Layer *value, size_t *ret)
{
    return kmsg_measure_with(&art_Layer_layout, art_Layer_SHAPE, art_Layer_row_end, value, ret);
}

kmsg_err art_Layer_encode_into(const art_Layer *value, void *buffer, size_t capacity,
                               size_t *ret_size)
{
    return kmsg_encode_with(&art_Layer_layout, art_Layer_SHAPE, art_Layer_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err art_Layer_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Layer *ret)
{
    const art_Layer before = *ret;
    kmsg_err err = kmsg_decode_with(&art_Layer_layout, art_Layer_SHAPE, art_Layer_row_get, bytes,
                                    mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err art_Layer_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Layer *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Layer_decode(bytes, mem, ret) : err;
}

kmsg_err art_Layer_encode(const art_Layer *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Layer_layout, value, mem, ret);
}

kmsg_err art_Layer_copy(const art_Layer *value, kmsg_arena *mem, art_Layer *ret)
{
    return kmsg_copy(&art_Layer_layout, value, mem, ret);
}

bool art_Layer_equal(const art_Layer *a, const art_Layer *b)
{
    return kmsg_equal(&art_Layer_layout, a, b);
}

void art_Layer_print(const art_Layer *value, FILE *out)
{
    kmsg_print(&art_Layer_layout, value, out);
}

/* ---- record Picture ---------------------------------------------------------------------- */

_Static_assert(offsetof(art_Picture, maybe) == 84, "art_Picture: unexpected layout");

static const kmsg_limits art_Picture_size_item_limits_ = {
    .has_low = true,
    .low = {.u = UINT64_C(1)},
};

static const kmsg_type art_Picture_size_item_type = {
    .name = "u32(1..)",
    .kind = KMSG_KIND_U32, .size = sizeof(uint32_t), .align = _Alignof(uint32_t),
    .limits = &art_Picture_size_item_limits_};

static const kmsg_type art_Picture_size_type = {
    .name = "u32(1..)[2]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(uint32_t[2]), .align = _Alignof(uint32_t[2]),
    .item = &art_Picture_size_item_type, .count = 2};

static const kmsg_type art_Picture_matrix_item_type = {
    .name = "f64[3]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(double[3]), .align = _Alignof(double[3]),
    .item = &kmsg_type_f64, .count = 3};

static const kmsg_type art_Picture_matrix_type = {
    .name = "f64[3][3]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(double[3][3]), .align = _Alignof(double[3][3]),
    .item = &art_Picture_matrix_item_type, .count = 3};

static const kmsg_type art_Picture_layers_item_type = {
    .name = "ref<art.Layer>",
    .kind = KMSG_KIND_REF, .size = sizeof(const art_Layer *), .align = _Alignof(const art_Layer *),
    .layout = &art_Layer_layout};

#define art_Picture_layers_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout art_Picture_layers_layout;

static const kmsg_field art_Picture_layers_fields_[] = {
    {.name = "", .type = &art_Picture_layers_item_type, .number = 1, .place = 0},
};

static uint64_t art_Picture_layers_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Layer *const *p = value;

    (void)e;
    at = kmsg_end_tail(e, &art_Picture_layers_fields_[0], &(*p), at);
    return at;
}

static uint8_t *art_Picture_layers_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                           uint8_t *at)
{
    const art_Layer *const *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_tail(e, &art_Picture_layers_fields_[0], &(*p), length, at);
    return at;
}

static const uint8_t *art_Picture_layers_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                                 void *ret)
{
    const art_Layer **p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_tail(d, &art_Picture_layers_fields_[0], kmsg_load32(length), at, &(*p));
    return at;
}

static const kmsg_layout art_Picture_layers_layout = {
    .name = "art_Picture_layers",
    .id = UINT64_C(0xccdd21ff7a45832a),
    .fields = art_Picture_layers_fields_,
    .count = 1,
    .size = sizeof(const art_Layer *),
    .shape = art_Picture_layers_SHAPE,
    .has_refs = true,
    .row_end = art_Picture_layers_row_end,
    .row_put = art_Picture_layers_row_put,
    .row_get = art_Picture_layers_row_get,
};

static const kmsg_type art_Picture_layers_type = {
    .name = "list<ref<art.Layer>>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Picture_layers),
    .align = _Alignof(art_Picture_layers), .item = &art_Picture_layers_item_type,
    .layout = &art_Picture_layers_layout};

static const kmsg_limits art_Picture_tags_limits_ = {
    .has_high = true,
    .high = {.u = UINT64_C(10)},
};

static const kmsg_type art_Picture_tags_type = {
    .name = "set<string>(..10)",
    .kind = KMSG_KIND_ROWS, .size = sizeof(kmsg_list_string), .align = _Alignof(kmsg_list_string),
    .item = &kmsg_type_string, .layout = &kmsg_row_string, .is_set = true,
    .limits = &art_Picture_tags_limits_};

bool art_Picture_tags_has(kmsg_list_string set, kmsg_string item)
{
    size_t from = 0, to = set.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = kmsg_compare_string(set.items[middle], item);
        if (order == 0)
            return true;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

#define art_Picture_named_entry_SHAPE KMSG_SHAPE(4, 1, 2)
static const kmsg_layout art_Picture_named_entry_layout;

static const kmsg_field art_Picture_named_entry_fields_[] = {
    {.name = "", .type = &art_Point_key_type, .number = 1,
     .offset = offsetof(art_Picture_named_entry, key), .place = 0},
    {.name = "", .type = &art_Shape_type, .number = 2,
     .offset = offsetof(art_Picture_named_entry, value), .place = 0},
};

static uint64_t art_Picture_named_entry_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Picture_named_entry *p = value;

    (void)e;
    at = kmsg_end_tail(e, &art_Picture_named_entry_fields_[1], &p->value, at);
    return at;
}

static uint8_t *art_Picture_named_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                uint8_t *at)
{
    const art_Picture_named_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&art_Point_key_type, row + 0, &p->key, 4);
    at = kmsg_put_tail(e, &art_Picture_named_entry_fields_[1], &p->value, length, at);
    return at;
}

static const uint8_t *art_Picture_named_entry_row_get(kmsg_dec *d, const uint8_t *row,
                                                      const uint8_t *at, void *ret)
{
    art_Picture_named_entry *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_scalar(&art_Point_key_type, &p->key, row + 0, 4);
    at = kmsg_get_tail(d, &art_Picture_named_entry_fields_[1], kmsg_load32(length), at, &p->value);
    return at;
}

static const kmsg_layout art_Picture_named_entry_layout = {
    .name = "art_Picture_named",
    .id = UINT64_C(0x992d15143df6a65d),
    .fields = art_Picture_named_entry_fields_,
    .count = 2,
    .size = sizeof(art_Picture_named_entry),
    .shape = art_Picture_named_entry_SHAPE,
    .row_end = art_Picture_named_entry_row_end,
    .row_put = art_Picture_named_entry_row_put,
    .row_get = art_Picture_named_entry_row_get,
};

static const kmsg_type art_Picture_named_type = {
    .name = "map<art.Point_key, art.Shape>",
    .kind = KMSG_KIND_MAP, .size = sizeof(art_Picture_named), .align = _Alignof(art_Picture_named),
    .layout = &art_Picture_named_entry_layout};

const art_Shape *art_Picture_named_find(art_Picture_named map, art_Point_key key)
{
    size_t from = 0, to = map.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = kmsg_compare_keys(&art_Point_key_type, &map.items[middle].key, &key);
        if (order == 0)
            return &map.items[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static const kmsg_limits art_Picture_maybe_limits_ = {
    .has_low = true,
    .low = {.f = 0.0},
    .has_high = true,
    .high = {.f = 1.0},
};

static const kmsg_type art_Picture_maybe_type = {
    .name = "f32(0..1)",
    .kind = KMSG_KIND_F32, .size = sizeof(float), .align = _Alignof(float),
    .limits = &art_Picture_maybe_limits_};

const art_Picture art_Picture_initial = {0};

static const kmsg_field art_Picture_fields_[] = {
    {.name = "size", .type = &art_Picture_size_type, .number = 1,
     .offset = offsetof(art_Picture, size), .place = 0},
    {.name = "matrix", .type = &art_Picture_matrix_type, .number = 2,
     .offset = offsetof(art_Picture, matrix), .place = 8},
    {.name = "background", .type = &art_Color_type, .number = 3,
     .offset = offsetof(art_Picture, background), .place = 80},
    {.name = "layers", .type = &art_Picture_layers_type, .number = 4,
     .offset = offsetof(art_Picture, layers), .place = 0},
    {.name = "tags", .type = &art_Picture_tags_type, .number = 5,
     .offset = offsetof(art_Picture, tags), .place = 1},
    {.name = "named", .type = &art_Picture_named_type, .number = 6,
     .offset = offsetof(art_Picture, named), .place = 2},
    {.name = "notes", .type = &kmsg_type_any, .number = 7,
     .offset = offsetof(art_Picture, notes), .place = 3},
    {.name = "maybe", .type = &art_Picture_maybe_type, .number = 8,
     .offset = offsetof(art_Picture, maybe), .has_offset = offsetof(art_Picture, has_maybe),
     .place = 84, .optional = 1},
};

uint32_t art_Picture_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    for (size_t i = 0; i < 2; i++)
        bad |= !(kmsg_load_u32(row + 0 + 4 * i) >= 1u);
    bad |= row[88] > 1 || (row[88] == 0 && kmsg_nonzero(row + 84, 4));
    bad |= row[88] && !(kmsg_load_f32(row + 84) >= 0.0f &&
             kmsg_load_f32(row + 84) <= 1.0f);
    bad |= row[89] | row[90] | row[91]; /* padding */
    return bad;
}

uint64_t art_Picture_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Picture *p = value;

    (void)e;
    at = kmsg_end_rows(e, p->layers.items, p->layers.count, sizeof(const art_Layer *), at,
                       art_Picture_layers_SHAPE, art_Picture_layers_row_end);
    at = kmsg_end_rows(e, p->tags.items, p->tags.count, sizeof(kmsg_string), at, KMSG_SHAPE_TEXT,
                       kmsg_text_row_end);
    at = kmsg_end_tail(e, &art_Picture_fields_[5], &p->named, at);
    at = kmsg_end_tail(e, &art_Picture_fields_[6], &p->notes, at);
    return at;
}

uint8_t *art_Picture_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const art_Picture *p = value;
    uint8_t *length = row + 92;

    (void)e;
    kmsg_put_block(&art_Picture_layout, row, p, 89);
    if (!p->has_maybe)
        memset(row + 84, 0, 4);
    memset(row + 89, 0, 3);
    if (KMSG_UNLIKELY(art_Picture_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_rows(e, p->layers.items, p->layers.count, sizeof(const art_Layer *),
                       art_Picture_layers_SHAPE, art_Picture_layers_row_put, length, at);
    at = !kmsg_sorted_string(p->tags.items, p->tags.count, sizeof(kmsg_string))
            ? kmsg_put_tail(e, &art_Picture_fields_[4], &p->tags, length + 4, at)
            : kmsg_put_rows(e, p->tags.items, p->tags.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                            kmsg_text_row_put, length + 4, at);
    if (KMSG_UNLIKELY(p->tags.count > 10))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_tail(e, &art_Picture_fields_[5], &p->named, length + 8, at);
    at = kmsg_put_tail(e, &art_Picture_fields_[6], &p->notes, length + 12, at);
    return at;
}

const uint8_t *art_Picture_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Picture *p = ret;
    const uint8_t *length = row + 92;
    kmsg_items list;

    (void)d;
    kmsg_get_block(&art_Picture_layout, p, row, 89);
    if (KMSG_UNLIKELY(art_Picture_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_rows(d, &art_Picture_layers_layout, kmsg_load32(length), at,
                       sizeof(const art_Layer *), art_Picture_layers_SHAPE,
                       art_Picture_layers_row_get,
                       &list);
    p->layers.items = list.items;
    p->layers.count = list.count;
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length + 4), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_text(list.items, list.count, sizeof(kmsg_string))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    p->tags.items = list.items;
    p->tags.count = list.count;
    if (KMSG_UNLIKELY(p->tags.count > 10))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_tail(d, &art_Picture_fields_[5], kmsg_load32(length + 8), at, &p->named);
    at = kmsg_get_tail(d, &art_Picture_fields_[6], kmsg_load32(length + 12), at, &p->notes);
    return at;
}

const kmsg_layout art_Picture_layout = {
    .name = "art.Picture",
    .id = UINT64_C(0xaa1be4cef6b2c31e),
    .fields = art_Picture_fields_,
    .count = 8,
    .size = sizeof(art_Picture),
    .shape = art_Picture_SHAPE,
    .has_refs = true,
    .row_end = art_Picture_row_end,
    .row_put = art_Picture_row_put,
    .row_get = art_Picture_row_get,
};

const kmsg_type art_Picture_type = {
    .name = "art.Picture",
    .kind = KMSG_KIND_RECORD, .size = sizeof(art_Picture), .align = _Alignof(art_Picture),
    .layout = &art_Picture_layout};
const kmsg_type art_Picture_list_type = {
    .name = "list<art.Picture>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(art_Picture_list), .align = _Alignof(art_Picture_list),
    .layout = &art_Picture_layout};

kmsg_err art_Picture_encoded_size(const art_Picture *value, size_t *ret)
{
    return kmsg_measure_with(&art_Picture_layout, art_Picture_SHAPE, art_Picture_row_end, value,
                             ret);
}

kmsg_err art_Picture_encode_into(const art_Picture *value, void *buffer, size_t capacity,
                                 size_t *ret_size)
{
    return kmsg_encode_with(&art_Picture_layout, art_Picture_SHAPE, art_Picture_row_put, value,
                            buffer, capacity,
                            ret_size);
}

kmsg_err art_Picture_decode(kmsg_bytes bytes, kmsg_arena *mem, art_Picture *ret)
{
    const art_Picture before = *ret;
    kmsg_err err = kmsg_decode_with(&art_Picture_layout, art_Picture_SHAPE, art_Picture_row_get,
                                    bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err art_Picture_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Picture *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? art_Picture_decode(bytes, mem, ret) : err;
}

kmsg_err art_Picture_encode(const art_Picture *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Picture_layout, value, mem, ret);
}

kmsg_err art_Picture_copy(const art_Picture *value, kmsg_arena *mem, art_Picture *ret)
{
    return kmsg_copy(&art_Picture_layout, value, mem, ret);
}

bool art_Picture_equal(const art_Picture *a, const art_Picture *b)
{
    return kmsg_equal(&art_Picture_layout, a, b);
}

void art_Picture_print(const art_Picture *value, FILE *out)
{
    kmsg_print(&art_Picture_layout, value, out);
}

/* ---- record Point_key -------------------------------------------------------------------- */

_Static_assert(offsetof(art_Point_key, y) == 2, "art_Point_key: unexpected layout");
_Static_assert(sizeof(art_Point_key) == 4, "art_Point_key: unexpected layout");

const art_Point_key art_Point_key_initial = {0};

static const kmsg_field art_Point_key_fields_[] = {
    {.name = "x", .type = &kmsg_type_i16, .number = 1,
     .offset = offsetof(art_Point_key, x), .place = 0},
    {.name = "y", .type = &kmsg_type_i16, .number = 2,
     .offset = offsetof(art_Point_key, y), .place = 2},
};

KMSG_LEAF uint64_t art_Point_key_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *art_Point_key_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    art_Point_key_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *art_Point_key_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                               void *ret)
{
    art_Point_key *p = ret;

    (void)d;
    kmsg_get_block(&art_Point_key_layout, p, row, 4);
    return at;
}

const kmsg_layout art_Point_key_layout = {
    .name = "art.Point_key",
    .id = UINT64_C(0xa9095846cedd317e),
    .fields = art_Point_key_fields_,
    .count = 2,
    .size = sizeof(art_Point_key),
    .shape = art_Point_key_SHAPE,
    .row_end = art_Point_key_row_end,
    .row_put = art_Point_key_row_put,
    .row_get = art_Point_key_row_get,
};

const kmsg_type art_Point_key_type = {
    .name = "art.Point_key",
    .kind = KMSG_KIND_FIXED, .size = sizeof(art_Point_key), .align = _Alignof(art_Point_key),
    .layout = &art_Point_key_layout};
const kmsg_type art_Point_key_list_type = {
    .name = "list<art.Point_key>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(art_Point_key_list),
    .align = _Alignof(art_Point_key_list), .item = &art_Point_key_type};

kmsg_err art_Point_key_encoded_size(const art_Point_key *value, size_t *ret)
{
    return kmsg_measure_with(&art_Point_key_layout, art_Point_key_SHAPE, art_Point_key_row_end,
                             value, ret);
}

kmsg_err art_Point_key_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, art_Point_key *ret)
{
    return art_Point_key_decode(bytes, mem, ret);
}

kmsg_err art_Point_key_encode(const art_Point_key *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&art_Point_key_layout, value, mem, ret);
}

kmsg_err art_Point_key_copy(const art_Point_key *value, kmsg_arena *mem, art_Point_key *ret)
{
    return kmsg_copy(&art_Point_key_layout, value, mem, ret);
}

bool art_Point_key_equal(const art_Point_key *a, const art_Point_key *b)
{
    return kmsg_equal(&art_Point_key_layout, a, b);
}

void art_Point_key_print(const art_Point_key *value, FILE *out)
{
    kmsg_print(&art_Point_key_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Viewer ---------------------------------------------------------------------- */

typedef struct art_Viewer_show_args art_Viewer_show_args;
struct art_Viewer_show_args {
    art_Picture picture;             /* 1 */
};

#define art_Viewer_show_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout art_Viewer_show_args_layout;

static const kmsg_field art_Viewer_show_args_fields_[] = {
    {.name = "picture", .type = &art_Picture_type, .number = 1,
     .offset = offsetof(art_Viewer_show_args, picture), .place = 0},
};

static uint64_t art_Viewer_show_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Viewer_show_args *p = value;

    (void)e;
    at = kmsg_end_record(e, &p->picture, at, art_Picture_SHAPE, art_Picture_row_end);
    return at;
}

static uint8_t *art_Viewer_show_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                             uint8_t *at)
{
    const art_Viewer_show_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_record(e, &p->picture, art_Picture_SHAPE, art_Picture_row_put, length, at);
    return at;
}

static const uint8_t *art_Viewer_show_args_row_get(kmsg_dec *d, const uint8_t *row,
                                                   const uint8_t *at, void *ret)
{
    art_Viewer_show_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_record(d, &art_Picture_layout, kmsg_load32(length), at, art_Picture_SHAPE,
                         art_Picture_row_get, &p->picture);
    return at;
}

static const kmsg_layout art_Viewer_show_args_layout = {
    .name = "art.Viewer.show.args",
    .id = UINT64_C(0x8c491954867800c4),
    .fields = art_Viewer_show_args_fields_,
    .count = 1,
    .size = sizeof(art_Viewer_show_args),
    .shape = art_Viewer_show_args_SHAPE,
    .has_refs = true,
    .row_end = art_Viewer_show_args_row_end,
    .row_put = art_Viewer_show_args_row_put,
    .row_get = art_Viewer_show_args_row_get,
};

typedef struct art_Viewer_show_result art_Viewer_show_result;
struct art_Viewer_show_result {
    uint8_t nothing_; /* C has no empty structs */
};

#define art_Viewer_show_result_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout art_Viewer_show_result_layout;

static KMSG_LEAF uint64_t art_Viewer_show_result_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t art_Viewer_show_result_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *art_Viewer_show_result_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    (void)e;
    art_Viewer_show_result_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *art_Viewer_show_result_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout art_Viewer_show_result_layout = {
    .name = "art.Viewer.show.result",
    .id = UINT64_C(0xe957527a0ef6607c),
    .size = sizeof(art_Viewer_show_result),
    .shape = art_Viewer_show_result_SHAPE,
    .row_end = art_Viewer_show_result_row_end,
    .row_put = art_Viewer_show_result_row_put,
    .row_get = art_Viewer_show_result_row_get,
};

static kmsg_err art_Viewer_show_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                        const void *args,
                          void *result)
{
    const art_Viewer_impl *i = impl;
    const art_Viewer_show_args *a = args;

    (void)result;
    if (i->show == NULL)
        return KMSG_ENOMETHOD;
    return i->show(ctx, call, &a->picture);
}

typedef struct art_Viewer_size_args art_Viewer_size_args;
struct art_Viewer_size_args {
    uint8_t nothing_; /* C has no empty structs */
};

#define art_Viewer_size_args_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout art_Viewer_size_args_layout;

static KMSG_LEAF uint64_t art_Viewer_size_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t art_Viewer_size_args_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *art_Viewer_size_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                       uint8_t *at)
{
    (void)e;
    art_Viewer_size_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *art_Viewer_size_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout art_Viewer_size_args_layout = {
    .name = "art.Viewer.size.args",
    .id = UINT64_C(0xf899be57690302fc),
    .size = sizeof(art_Viewer_size_args),
    .shape = art_Viewer_size_args_SHAPE,
    .row_end = art_Viewer_size_args_row_end,
    .row_put = art_Viewer_size_args_row_put,
    .row_get = art_Viewer_size_args_row_get,
};

static const kmsg_type art_Viewer_size_result_type = {
    .name = "u32[2]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(uint32_t[2]), .align = _Alignof(uint32_t[2]),
    .item = &kmsg_type_u32, .count = 2};

#define art_Viewer_size_result_answer_SHAPE KMSG_SHAPE(8, 0, 2)
static const kmsg_layout art_Viewer_size_result_answer_layout;

static const kmsg_field art_Viewer_size_result_answer_fields_[] = {
    {.name = "", .type = &art_Viewer_size_result_type, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t art_Viewer_size_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t art_Viewer_size_result_answer_row_set(const void *value, uint8_t *row)
{
    const art_Viewer_size_result *p = (const art_Viewer_size_result *)value;

    kmsg_put_scalar(&art_Viewer_size_result_type, row + 0, &(*p), 8);
    return 0;
}

static KMSG_LEAF uint8_t *art_Viewer_size_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    art_Viewer_size_result_answer_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *art_Viewer_size_result_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    art_Viewer_size_result *p = ret;

    (void)d;
    kmsg_get_scalar(&art_Viewer_size_result_type, &(*p), row + 0, 8);
    return at;
}

static const kmsg_layout art_Viewer_size_result_answer_layout = {
    .name = "art.Viewer.size.result",
    .id = UINT64_C(0xb5921757d3ae3a44),
    .fields = art_Viewer_size_result_answer_fields_,
    .count = 1,
    .size = sizeof(art_Viewer_size_result),
    .shape = art_Viewer_size_result_answer_SHAPE,
    .row_end = art_Viewer_size_result_answer_row_end,
    .row_put = art_Viewer_size_result_answer_row_put,
    .row_get = art_Viewer_size_result_answer_row_get,
};

static kmsg_err art_Viewer_size_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                        const void *args,
                          void *result)
{
    const art_Viewer_impl *i = impl;

    (void)args;
    if (i->size == NULL)
        return KMSG_ENOMETHOD;
    return i->size(ctx, call, result);
}

static const kmsg_method art_Viewer_methods_[] = {
    {.name = "show", .number = 0, .args = &art_Viewer_show_args_layout,
     .result = &art_Viewer_show_result_layout,
     .invoke = art_Viewer_show_invoke_},
    {.name = "size", .number = 1, .args = &art_Viewer_size_args_layout,
     .result = &art_Viewer_size_result_answer_layout,
     .invoke = art_Viewer_size_invoke_},
};

const kmsg_service art_Viewer_service = {
    .name = "art.Viewer",
    .id = UINT64_C(0xefe9c678ff677f66),
    .methods = art_Viewer_methods_,
    .count = 2,
};

kmsg_err art_Viewer_serve(kmsg_node *node, const art_Viewer_impl *impl, void *ctx)
{
    return kmsg_serve(node, &art_Viewer_service, impl, ctx);
}

kmsg_err art_Viewer_serve_at(kmsg_object *parent, const art_Viewer_impl *impl, void *ctx,
                             const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &art_Viewer_service, impl, ctx, how, ret);
}

kmsg_err art_Viewer_show(kmsg_peer *peer, const art_Picture *picture)
{
    art_Viewer_show_args args;

    memset(&args, 0, sizeof args);
    args.picture = *picture;
    return kmsg_ask(peer, &art_Viewer_service, &art_Viewer_methods_[0], &args, NULL, NULL);
}

static void art_Viewer_show_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((art_Viewer_show_done *)done)(ctx, err);
}

void art_Viewer_show_async(kmsg_peer *peer, const art_Picture *picture, void *ctx,
                           art_Viewer_show_done *done)
{
    art_Viewer_show_args args;

    memset(&args, 0, sizeof args);
    args.picture = *picture;
    kmsg_ask_async(peer, &art_Viewer_service, &art_Viewer_methods_[0], &args,
                   art_Viewer_show_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err art_Viewer_show_begin(kmsg_peer *peer, const art_Picture *picture, kmsg_pending *pending)
{
    art_Viewer_show_args args;

    memset(&args, 0, sizeof args);
    args.picture = *picture;
    return kmsg_begin(peer, &art_Viewer_service, &art_Viewer_methods_[0], &args, pending);
}

kmsg_err art_Viewer_show_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &art_Viewer_methods_[0], NULL, NULL);
}

void art_Viewer_show_reply(kmsg_call *call)
{
    const art_Viewer_show_result nothing = {0};

    kmsg_reply(call, &art_Viewer_methods_[0], &nothing);
}

kmsg_err art_Viewer_size(kmsg_peer *peer, kmsg_arena *mem, art_Viewer_size_result *ret)
{
    art_Viewer_size_args args;

    memset(&args, 0, sizeof args);
    return kmsg_ask(peer, &art_Viewer_service, &art_Viewer_methods_[1], &args, mem, ret);
}

static void art_Viewer_size_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((art_Viewer_size_done *)done)(ctx, err, result);
}

void art_Viewer_size_async(kmsg_peer *peer, void *ctx, art_Viewer_size_done *done)
{
    art_Viewer_size_args args;

    memset(&args, 0, sizeof args);
    kmsg_ask_async(peer, &art_Viewer_service, &art_Viewer_methods_[1], &args,
                   art_Viewer_size_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err art_Viewer_size_begin(kmsg_peer *peer, kmsg_pending *pending)
{
    art_Viewer_size_args args;

    memset(&args, 0, sizeof args);
    return kmsg_begin(peer, &art_Viewer_service, &art_Viewer_methods_[1], &args, pending);
}

kmsg_err art_Viewer_size_end(kmsg_pending *pending, kmsg_arena *mem, art_Viewer_size_result *ret)
{
    return kmsg_end(pending, &art_Viewer_methods_[1], mem, ret);
}

void art_Viewer_size_reply(kmsg_call *call, const art_Viewer_size_result *result)
{
    kmsg_reply(call, &art_Viewer_methods_[1], result);
}

/* ---- service Editor ---------------------------------------------------------------------- */

typedef struct art_Editor_draw_args art_Editor_draw_args;
struct art_Editor_draw_args {
    art_Color color;                 /* 3 */
    uint8_t pad1_[4];
    double matrix[3][3];             /* 4 */
    const art_Layer *on;             /* 1, NULL: none */
    art_Shape shape;                 /* 2 */
};

_Static_assert(offsetof(art_Editor_draw_args, matrix) == 8,
               "art_Editor_draw_args: unexpected layout");

static const kmsg_type art_Editor_draw_args_on_type = {
    .name = "ref<art.Layer>",
    .kind = KMSG_KIND_REF, .size = sizeof(const art_Layer *), .align = _Alignof(const art_Layer *),
    .layout = &art_Layer_layout};

static const kmsg_type art_Editor_draw_args_matrix_item_type = {
    .name = "f64[3]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(double[3]), .align = _Alignof(double[3]),
    .item = &kmsg_type_f64, .count = 3};

static const kmsg_type art_Editor_draw_args_matrix_type = {
    .name = "f64[3][3]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(double[3][3]), .align = _Alignof(double[3][3]),
    .item = &art_Editor_draw_args_matrix_item_type, .count = 3};

#define art_Editor_draw_args_SHAPE KMSG_SHAPE(80, 2, 3)
static const kmsg_layout art_Editor_draw_args_layout;

static const kmsg_field art_Editor_draw_args_fields_[] = {
    {.name = "on", .type = &art_Editor_draw_args_on_type, .number = 1,
     .offset = offsetof(art_Editor_draw_args, on), .place = 0},
    {.name = "shape", .type = &art_Shape_type, .number = 2,
     .offset = offsetof(art_Editor_draw_args, shape), .place = 1},
    {.name = "color", .type = &art_Color_type, .number = 3,
     .offset = offsetof(art_Editor_draw_args, color), .place = 0},
    {.name = "matrix", .type = &art_Editor_draw_args_matrix_type, .number = 4,
     .offset = offsetof(art_Editor_draw_args, matrix), .place = 8},
};

static uint32_t art_Editor_draw_args_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[4] | row[5] | row[6] | row[7]; /* padding */
    return bad;
}

static uint64_t art_Editor_draw_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Editor_draw_args *p = value;

    (void)e;
    at = kmsg_end_tail(e, &art_Editor_draw_args_fields_[0], &p->on, at);
    at = kmsg_end_tail(e, &art_Editor_draw_args_fields_[1], &p->shape, at);
    return at;
}

static uint8_t *art_Editor_draw_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                             uint8_t *at)
{
    const art_Editor_draw_args *p = value;
    uint8_t *length = row + 80;

    (void)e;
    kmsg_put_block(&art_Editor_draw_args_layout, row, p, 80);
    memset(row + 4, 0, 4);
    if (KMSG_UNLIKELY(art_Editor_draw_args_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_tail(e, &art_Editor_draw_args_fields_[0], &p->on, length, at);
    at = kmsg_put_tail(e, &art_Editor_draw_args_fields_[1], &p->shape, length + 4, at);
    return at;
}

static const uint8_t *art_Editor_draw_args_row_get(kmsg_dec *d, const uint8_t *row,
                                                   const uint8_t *at, void *ret)
{
    art_Editor_draw_args *p = ret;
    const uint8_t *length = row + 80;

    (void)d;
    kmsg_get_block(&art_Editor_draw_args_layout, p, row, 80);
    if (KMSG_UNLIKELY(art_Editor_draw_args_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_tail(d, &art_Editor_draw_args_fields_[0], kmsg_load32(length), at, &p->on);
    at = kmsg_get_tail(d, &art_Editor_draw_args_fields_[1], kmsg_load32(length + 4), at, &p->shape);
    return at;
}

static const kmsg_layout art_Editor_draw_args_layout = {
    .name = "art.Editor.draw.args",
    .id = UINT64_C(0xb6951212fbc07096),
    .fields = art_Editor_draw_args_fields_,
    .count = 4,
    .size = sizeof(art_Editor_draw_args),
    .shape = art_Editor_draw_args_SHAPE,
    .has_refs = true,
    .row_end = art_Editor_draw_args_row_end,
    .row_put = art_Editor_draw_args_row_put,
    .row_get = art_Editor_draw_args_row_get,
};

#define art_Editor_draw_result_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout art_Editor_draw_result_answer_layout;

static const kmsg_field art_Editor_draw_result_answer_fields_[] = {
    {.name = "", .type = &art_Shape_type, .number = 1, .place = 0},
};

static uint64_t art_Editor_draw_result_answer_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const art_Shape *p = value;

    (void)e;
    at = kmsg_end_tail(e, &art_Editor_draw_result_answer_fields_[0], &(*p), at);
    return at;
}

static uint8_t *art_Editor_draw_result_answer_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                      uint8_t *at)
{
    const art_Shape *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_tail(e, &art_Editor_draw_result_answer_fields_[0], &(*p), length, at);
    return at;
}

static const uint8_t *art_Editor_draw_result_answer_row_get(kmsg_dec *d, const uint8_t *row,
                                                            const uint8_t *at, void *ret)
{
    art_Shape *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_tail(d, &art_Editor_draw_result_answer_fields_[0], kmsg_load32(length), at,
                       &(*p));
    return at;
}

static const kmsg_layout art_Editor_draw_result_answer_layout = {
    .name = "art.Editor.draw.result",
    .id = UINT64_C(0xeb5b07948a65e98a),
    .fields = art_Editor_draw_result_answer_fields_,
    .count = 1,
    .size = sizeof(art_Shape),
    .shape = art_Editor_draw_result_answer_SHAPE,
    .row_end = art_Editor_draw_result_answer_row_end,
    .row_put = art_Editor_draw_result_answer_row_put,
    .row_get = art_Editor_draw_result_answer_row_get,
};

static kmsg_err art_Editor_draw_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                        const void *args,
                          void *result)
{
    const art_Editor_impl *i = impl;
    const art_Editor_draw_args *a = args;

    if (i->draw == NULL)
        return KMSG_ENOMETHOD;
    return i->draw(ctx, call, a->on, &a->shape, &a->color, a->matrix, result);
}

static const kmsg_method art_Editor_methods_[] = {
    {.name = "draw", .number = 0, .args = &art_Editor_draw_args_layout,
     .result = &art_Editor_draw_result_answer_layout,
     .invoke = art_Editor_draw_invoke_},
};

static const kmsg_base art_Editor_bases_[] = {
    {.service = &art_Viewer_service, .offset = offsetof(art_Editor_impl, Viewer)},
};

const kmsg_service art_Editor_service = {
    .name = "art.Editor",
    .id = UINT64_C(0xe047c6e70cdd5f45),
    .methods = art_Editor_methods_,
    .count = 1,
    .bases = art_Editor_bases_,
    .base_count = 1,
};

kmsg_err art_Editor_serve(kmsg_node *node, const art_Editor_impl *impl, void *ctx)
{
    return kmsg_serve(node, &art_Editor_service, impl, ctx);
}

kmsg_err art_Editor_serve_at(kmsg_object *parent, const art_Editor_impl *impl, void *ctx,
                             const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &art_Editor_service, impl, ctx, how, ret);
}

kmsg_err art_Editor_draw(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                         const art_Color *color, const double matrix[3][3], kmsg_arena *mem,
                         art_Shape *ret)
{
    art_Editor_draw_args args;

    memset(&args, 0, sizeof args);
    args.on = on;
    args.shape = *shape;
    args.color = *color;
    memcpy(args.matrix, matrix, sizeof args.matrix);
    return kmsg_ask(peer, &art_Editor_service, &art_Editor_methods_[0], &args, mem, ret);
}

static void art_Editor_draw_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((art_Editor_draw_done *)done)(ctx, err, result);
}

void art_Editor_draw_async(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                           const art_Color *color, const double matrix[3][3], void *ctx,
                           art_Editor_draw_done *done)
{
    art_Editor_draw_args args;

    memset(&args, 0, sizeof args);
    args.on = on;
    args.shape = *shape;
    args.color = *color;
    memcpy(args.matrix, matrix, sizeof args.matrix);
    kmsg_ask_async(peer, &art_Editor_service, &art_Editor_methods_[0], &args,
                   art_Editor_draw_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err art_Editor_draw_begin(kmsg_peer *peer, const art_Layer *on, const art_Shape *shape,
                               const art_Color *color, const double matrix[3][3],
                               kmsg_pending *pending)
{
    art_Editor_draw_args args;

    memset(&args, 0, sizeof args);
    args.on = on;
    args.shape = *shape;
    args.color = *color;
    memcpy(args.matrix, matrix, sizeof args.matrix);
    return kmsg_begin(peer, &art_Editor_service, &art_Editor_methods_[0], &args, pending);
}

kmsg_err art_Editor_draw_end(kmsg_pending *pending, kmsg_arena *mem, art_Shape *ret)
{
    return kmsg_end(pending, &art_Editor_methods_[0], mem, ret);
}

void art_Editor_draw_reply(kmsg_call *call, const art_Shape *result)
{
    kmsg_reply(call, &art_Editor_methods_[0], result);
}

#endif /* KMSG_CODEC_ONLY */

