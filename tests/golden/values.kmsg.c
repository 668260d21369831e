/* values.kmsg.c -- made by kmsgc 0.1.0 from values.kmsg; edit that file, not this one. */
#include "values.kmsg.h"

#include <kmsg/codec.h>

/* ---- record Scalars ---------------------------------------------------------------------- */

_Static_assert(offsetof(Scalars, lasting) == 80, "Scalars: unexpected layout");
_Static_assert(sizeof(Scalars) == 88, "Scalars: unexpected layout");

const Scalars Scalars_initial = {0};

static const kmsg_field Scalars_fields_[] = {
    {.name = "truth", .type = &kmsg_type_bool, .number = 1,
     .offset = offsetof(Scalars, truth), .place = 0},
    {.name = "byte", .type = &kmsg_type_u8, .number = 2,
     .offset = offsetof(Scalars, byte), .place = 1},
    {.name = "small", .type = &kmsg_type_i8, .number = 3,
     .offset = offsetof(Scalars, small), .place = 2},
    {.name = "word", .type = &kmsg_type_u16, .number = 4,
     .offset = offsetof(Scalars, word), .place = 4},
    {.name = "short", .type = &kmsg_type_i16, .number = 5,
     .offset = offsetof(Scalars, short_), .place = 6},
    {.name = "wide", .type = &kmsg_type_u32, .number = 6,
     .offset = offsetof(Scalars, wide), .place = 8},
    {.name = "int", .type = &kmsg_type_i32, .number = 7,
     .offset = offsetof(Scalars, int_), .place = 12},
    {.name = "long", .type = &kmsg_type_u64, .number = 8,
     .offset = offsetof(Scalars, long_), .place = 16},
    {.name = "signed", .type = &kmsg_type_i64, .number = 9,
     .offset = offsetof(Scalars, signed_), .place = 24},
    {.name = "single", .type = &kmsg_type_f32, .number = 10,
     .offset = offsetof(Scalars, single), .place = 32},
    {.name = "double", .type = &kmsg_type_f64, .number = 11,
     .offset = offsetof(Scalars, double_), .place = 40},
    {.name = "letter", .type = &kmsg_type_rune, .number = 12,
     .offset = offsetof(Scalars, letter), .place = 48},
    {.name = "id", .type = &kmsg_type_uuid, .number = 13,
     .offset = offsetof(Scalars, id), .place = 52},
    {.name = "at", .type = &kmsg_type_timestamp, .number = 14,
     .offset = offsetof(Scalars, at), .place = 72},
    {.name = "lasting", .type = &kmsg_type_duration, .number = 15,
     .offset = offsetof(Scalars, lasting), .place = 80},
};

KMSG_LEAF uint64_t Scalars_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *Scalars_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    if (KMSG_UNLIKELY(Scalars_row_set(value, row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

KMSG_LEAF const uint8_t *Scalars_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                         void *ret)
{
    Scalars *p = ret;

    (void)d;
    kmsg_get_block(&Scalars_layout, p, row, 88);
    if (KMSG_UNLIKELY(Scalars_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

const kmsg_layout Scalars_layout = {
    .name = "Scalars",
    .id = UINT64_C(0xbfe85c4666d5200a),
    .fields = Scalars_fields_,
    .count = 15,
    .size = sizeof(Scalars),
    .shape = Scalars_SHAPE,
    .row_end = Scalars_row_end,
    .row_put = Scalars_row_put,
    .row_get = Scalars_row_get,
};

const kmsg_type Scalars_type = {
    .name = "Scalars",
    .kind = KMSG_KIND_RECORD, .size = sizeof(Scalars), .align = _Alignof(Scalars),
    .layout = &Scalars_layout};
const kmsg_type Scalars_list_type = {
    .name = "list<Scalars>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Scalars_list), .align = _Alignof(Scalars_list),
    .layout = &Scalars_layout};

kmsg_err Scalars_encoded_size(const Scalars *value, size_t *ret)
{
    return kmsg_measure_with(&Scalars_layout, Scalars_SHAPE, Scalars_row_end, value, ret);
}

kmsg_err Scalars_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Scalars *ret)
{
    return Scalars_decode(bytes, mem, ret);
}

kmsg_err Scalars_encode(const Scalars *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&Scalars_layout, value, mem, ret);
}

kmsg_err Scalars_copy(const Scalars *value, kmsg_arena *mem, Scalars *ret)
{
    return kmsg_copy(&Scalars_layout, value, mem, ret);
}

bool Scalars_equal(const Scalars *a, const Scalars *b)
{
    return kmsg_equal(&Scalars_layout, a, b);
}

void Scalars_print(const Scalars *value, FILE *out)
{
    kmsg_print(&Scalars_layout, value, out);
}

/* ---- record Optional --------------------------------------------------------------------- */

_Static_assert(offsetof(Optional, id) == 25, "Optional: unexpected layout");

#define Optional_map_entry_SHAPE KMSG_SHAPE(1, 1, 2)
static const kmsg_layout Optional_map_entry_layout;

static const kmsg_field Optional_map_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_u8, .number = 1,
     .offset = offsetof(Optional_map_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(Optional_map_entry, value), .place = 0},
};

static uint32_t Optional_map_entry_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[1] | row[2] | row[3]; /* padding */
    return bad;
}

static KMSG_LEAF uint64_t Optional_map_entry_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Optional_map_entry *p = value;

    (void)e;
    at = kmsg_end_string(e, p->value, at);
    return at;
}

static KMSG_LEAF uint8_t *Optional_map_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                     uint8_t *at)
{
    const Optional_map_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&kmsg_type_u8, row + 0, &p->key, 1);
    memset(row + 1, 0, 3);
    if (KMSG_UNLIKELY(Optional_map_entry_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->value, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *Optional_map_entry_row_get(kmsg_dec *d, const uint8_t *row,
                                                           const uint8_t *at, void *ret)
{
    Optional_map_entry *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_scalar(&kmsg_type_u8, &p->key, row + 0, 1);
    if (KMSG_UNLIKELY(Optional_map_entry_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->value);
    return at;
}

static const kmsg_layout Optional_map_entry_layout = {
    .name = "Optional_map",
    .id = UINT64_C(0xe6ba8f0deff35fbc),
    .fields = Optional_map_entry_fields_,
    .count = 2,
    .size = sizeof(Optional_map_entry),
    .shape = Optional_map_entry_SHAPE,
    .row_end = Optional_map_entry_row_end,
    .row_put = Optional_map_entry_row_put,
    .row_get = Optional_map_entry_row_get,
};

static const kmsg_type Optional_map_type = {
    .name = "map<u8, string>",
    .kind = KMSG_KIND_MAP, .size = sizeof(Optional_map), .align = _Alignof(Optional_map),
    .layout = &Optional_map_entry_layout};

const kmsg_string *Optional_map_find(Optional_map map, uint8_t key)
{
    size_t from = 0, to = map.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = KMSG_COMPARE(map.items[middle].key, key);
        if (order == 0)
            return &map.items[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

const Optional Optional_initial = {0};

static const kmsg_field Optional_fields_[] = {
    {.name = "truth", .type = &kmsg_type_bool, .number = 1,
     .offset = offsetof(Optional, truth), .has_offset = offsetof(Optional, has_truth), .place = 0,
     .optional = 1},
    {.name = "wide", .type = &kmsg_type_u32, .number = 2,
     .offset = offsetof(Optional, wide), .has_offset = offsetof(Optional, has_wide), .place = 4,
     .optional = 1},
    {.name = "number", .type = &kmsg_type_f64, .number = 3,
     .offset = offsetof(Optional, number), .has_offset = offsetof(Optional, has_number),
     .place = 16, .optional = 1},
    {.name = "id", .type = &kmsg_type_uuid, .number = 4,
     .offset = offsetof(Optional, id), .has_offset = offsetof(Optional, has_id), .place = 25,
     .optional = 1},
    {.name = "text", .type = &kmsg_type_string, .number = 5,
     .offset = offsetof(Optional, text), .place = 0, .optional = 1},
    {.name = "blob", .type = &kmsg_type_bytes, .number = 6,
     .offset = offsetof(Optional, blob), .place = 1, .optional = 1},
    {.name = "inner", .type = &Scalars_type, .number = 7,
     .offset = offsetof(Optional, inner), .place = 2, .optional = 1},
    {.name = "list", .type = &kmsg_type_list_u8, .number = 8,
     .offset = offsetof(Optional, list), .place = 3, .optional = 1},
    {.name = "map", .type = &Optional_map_type, .number = 9,
     .offset = offsetof(Optional, map), .place = 4, .optional = 1},
};

uint32_t Optional_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[1] > 1 || (row[1] == 0 && kmsg_nonzero(row + 0, 1));
    bad |= row[0] & 0xfe; /* a bool */
    bad |= row[2] | row[3]; /* padding */
    bad |= row[8] > 1 || (row[8] == 0 && kmsg_nonzero(row + 4, 4));
    bad |= row[9] | row[10] | row[11] | row[12] | row[13] | row[14] | row[15]; /* padding */
    bad |= row[24] > 1 || (row[24] == 0 && kmsg_nonzero(row + 16, 8));
    bad |= row[41] > 1 || (row[41] == 0 && kmsg_nonzero(row + 25, 16));
    bad |= row[42] | row[43]; /* padding */
    return bad;
}

uint64_t Optional_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Optional *p = value;

    (void)e;
    if (p->text.data != NULL)
        at = kmsg_end_string(e, p->text, at);
    if (p->blob.data != NULL)
        at = kmsg_end_bytes(e, p->blob, at);
    if (p->inner != NULL)
        at = kmsg_end_record(e, p->inner, at, Scalars_SHAPE, Scalars_row_end);
    if (p->list.items != NULL)
        at = kmsg_end_array(e, p->list.count, sizeof(uint8_t), 1, at);
    if (p->map.items != NULL)
        at = kmsg_end_rows(e, p->map.items, p->map.count, sizeof(Optional_map_entry), at,
                           Optional_map_entry_SHAPE, Optional_map_entry_row_end);
    return at;
}

uint8_t *Optional_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const Optional *p = value;
    uint8_t *length = row + 44;

    (void)e;
    kmsg_put_block(&Optional_layout, row, p, 42);
    if (!p->has_truth)
        memset(row + 0, 0, 1);
    memset(row + 2, 0, 2);
    if (!p->has_wide)
        memset(row + 4, 0, 4);
    memset(row + 9, 0, 7);
    if (!p->has_number)
        memset(row + 16, 0, 8);
    if (!p->has_id)
        memset(row + 25, 0, 16);
    memset(row + 42, 0, 2);
    if (KMSG_UNLIKELY(Optional_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = p->text.data == NULL ? kmsg_put_absent(length, at)
            : kmsg_put_string(e, p->text, length, at);
    at = p->blob.data == NULL ? kmsg_put_absent(length + 4, at)
            : kmsg_put_bytes(e, p->blob, length + 4, at);
    at = p->inner == NULL ? kmsg_put_absent(length + 8, at)
            : kmsg_put_record(e, p->inner, Scalars_SHAPE, Scalars_row_put, length + 8, at);
    at = p->list.items == NULL ? kmsg_put_absent(length + 12, at)
            : kmsg_put_array(e, &kmsg_type_u8, p->list.items, p->list.count, sizeof(uint8_t), 1,
                             length + 12, at);
    at = p->map.items == NULL ? kmsg_put_absent(length + 16, at)
            : kmsg_put_map(e, &Optional_map_entry_layout, p->map.items, p->map.count,
                           sizeof(Optional_map_entry), kmsg_sorted_u8, Optional_map_entry_SHAPE,
                           Optional_map_entry_row_put, length + 16, at);
    return at;
}

const uint8_t *Optional_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    Optional *p = ret;
    const uint8_t *length = row + 44;
    kmsg_items list;

    (void)d;
    kmsg_get_block(&Optional_layout, p, row, 42);
    if (KMSG_UNLIKELY(Optional_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_optional_string(d, kmsg_load32(length), at, &p->text);
    at = kmsg_get_optional_bytes(d, kmsg_load32(length + 4), at, &p->blob);
    p->inner = kmsg_get_optional_record(d, &Scalars_layout, kmsg_load32(length + 8), &at,
                                        sizeof(Scalars),
                                  Scalars_SHAPE, Scalars_row_get);
    list.items = NULL;
    list.count = 0;
    if (kmsg_load32(length + 12) != KMSG_ABSENT)
        at = kmsg_get_array(d, &kmsg_type_u8, kmsg_load32(length + 12), at, sizeof(uint8_t), 1,
                            &list);
    p->list.items = list.items;
    p->list.count = list.count;
    list.items = NULL;
    list.count = 0;
    if (kmsg_load32(length + 16) != KMSG_ABSENT)
        at = kmsg_get_rows(d, &Optional_map_entry_layout, kmsg_load32(length + 16), at,
                           sizeof(Optional_map_entry), Optional_map_entry_SHAPE,
                           Optional_map_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_u8(list.items, list.count, sizeof(Optional_map_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    p->map.items = list.items;
    p->map.count = list.count;
    return at;
}

const kmsg_layout Optional_layout = {
    .name = "Optional",
    .id = UINT64_C(0xcc7a3682dd25ae19),
    .fields = Optional_fields_,
    .count = 9,
    .size = sizeof(Optional),
    .shape = Optional_SHAPE,
    .row_end = Optional_row_end,
    .row_put = Optional_row_put,
    .row_get = Optional_row_get,
};

const kmsg_type Optional_type = {
    .name = "Optional",
    .kind = KMSG_KIND_RECORD, .size = sizeof(Optional), .align = _Alignof(Optional),
    .layout = &Optional_layout};
const kmsg_type Optional_list_type = {
    .name = "list<Optional>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Optional_list), .align = _Alignof(Optional_list),
    .layout = &Optional_layout};

kmsg_err Optional_encoded_size(const Optional *value, size_t *ret)
{
    return kmsg_measure_with(&Optional_layout, Optional_SHAPE, Optional_row_end, value, ret);
}

kmsg_err Optional_encode_into(const Optional *value, void *buffer, size_t capacity,
                              size_t *ret_size)
{
    return kmsg_encode_with(&Optional_layout, Optional_SHAPE, Optional_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err Optional_decode(kmsg_bytes bytes, kmsg_arena *mem, Optional *ret)
{
    const Optional before = *ret;
    kmsg_err err = kmsg_decode_with(&Optional_layout, Optional_SHAPE, Optional_row_get, bytes, mem,
                                    ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err Optional_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Optional *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? Optional_decode(bytes, mem, ret) : err;
}

kmsg_err Optional_encode(const Optional *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&Optional_layout, value, mem, ret);
}

kmsg_err Optional_copy(const Optional *value, kmsg_arena *mem, Optional *ret)
{
    return kmsg_copy(&Optional_layout, value, mem, ret);
}

bool Optional_equal(const Optional *a, const Optional *b)
{
    return kmsg_equal(&Optional_layout, a, b);
}

void Optional_print(const Optional *value, FILE *out)
{
    kmsg_print(&Optional_layout, value, out);
}

/* ---- record Defaults --------------------------------------------------------------------- */

_Static_assert(offsetof(Defaults, yes) == 24, "Defaults: unexpected layout");

const Defaults Defaults_initial = {.port = 7000, .low = INT64_MIN, .ratio = 0.5, .yes = true,
                                   .greeting = KMSG_STR("héllo \"you\"\012")};

static const kmsg_field Defaults_fields_[] = {
    {.name = "port", .type = &kmsg_type_u16, .number = 1,
     .offset = offsetof(Defaults, port), .place = 0, .initial = &Defaults_initial.port},
    {.name = "low", .type = &kmsg_type_i64, .number = 2,
     .offset = offsetof(Defaults, low), .place = 8, .initial = &Defaults_initial.low},
    {.name = "ratio", .type = &kmsg_type_f64, .number = 3,
     .offset = offsetof(Defaults, ratio), .place = 16, .initial = &Defaults_initial.ratio},
    {.name = "yes", .type = &kmsg_type_bool, .number = 4,
     .offset = offsetof(Defaults, yes), .place = 24, .initial = &Defaults_initial.yes},
    {.name = "greeting", .type = &kmsg_type_string, .number = 5,
     .offset = offsetof(Defaults, greeting), .place = 0, .initial = &Defaults_initial.greeting},
};

uint32_t Defaults_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[2] | row[3] | row[4] | row[5] | row[6] | row[7]; /* padding */
    bad |= row[24] & 0xfe; /* a bool */
    bad |= row[25] | row[26] | row[27]; /* padding */
    return bad;
}

KMSG_LEAF uint64_t Defaults_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Defaults *p = value;

    (void)e;
    at = kmsg_end_string(e, p->greeting, at);
    return at;
}

KMSG_LEAF uint8_t *Defaults_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const Defaults *p = value;
    uint8_t *length = row + 28;

    (void)e;
    kmsg_put_block(&Defaults_layout, row, p, 25);
    memset(row + 2, 0, 6);
    memset(row + 25, 0, 3);
    if (KMSG_UNLIKELY(Defaults_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->greeting, length, at);
    return at;
}

KMSG_LEAF const uint8_t *Defaults_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                          void *ret)
{
    Defaults *p = ret;
    const uint8_t *length = row + 28;

    (void)d;
    kmsg_get_block(&Defaults_layout, p, row, 25);
    if (KMSG_UNLIKELY(Defaults_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->greeting);
    return at;
}

const kmsg_layout Defaults_layout = {
    .name = "Defaults",
    .id = UINT64_C(0xc8022f6d5501d677),
    .fields = Defaults_fields_,
    .count = 5,
    .size = sizeof(Defaults),
    .shape = Defaults_SHAPE,
    .row_end = Defaults_row_end,
    .row_put = Defaults_row_put,
    .row_get = Defaults_row_get,
};

const kmsg_type Defaults_type = {
    .name = "Defaults",
    .kind = KMSG_KIND_RECORD, .size = sizeof(Defaults), .align = _Alignof(Defaults),
    .layout = &Defaults_layout};
const kmsg_type Defaults_list_type = {
    .name = "list<Defaults>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Defaults_list), .align = _Alignof(Defaults_list),
    .layout = &Defaults_layout};

kmsg_err Defaults_encoded_size(const Defaults *value, size_t *ret)
{
    return kmsg_measure_with(&Defaults_layout, Defaults_SHAPE, Defaults_row_end, value, ret);
}

kmsg_err Defaults_encode_into(const Defaults *value, void *buffer, size_t capacity,
                              size_t *ret_size)
{
    return kmsg_encode_with(&Defaults_layout, Defaults_SHAPE, Defaults_row_put, value, buffer,
                            capacity,
                            ret_size);
}

kmsg_err Defaults_decode(kmsg_bytes bytes, kmsg_arena *mem, Defaults *ret)
{
    const Defaults before = *ret;
    kmsg_err err = kmsg_decode_with(&Defaults_layout, Defaults_SHAPE, Defaults_row_get, bytes, mem,
                                    ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err Defaults_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Defaults *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? Defaults_decode(bytes, mem, ret) : err;
}

kmsg_err Defaults_encode(const Defaults *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&Defaults_layout, value, mem, ret);
}

kmsg_err Defaults_copy(const Defaults *value, kmsg_arena *mem, Defaults *ret)
{
    return kmsg_copy(&Defaults_layout, value, mem, ret);
}

bool Defaults_equal(const Defaults *a, const Defaults *b)
{
    return kmsg_equal(&Defaults_layout, a, b);
}

void Defaults_print(const Defaults *value, FILE *out)
{
    kmsg_print(&Defaults_layout, value, out);
}

/* ---- record Nested ----------------------------------------------------------------------- */

#define Nested_matrix_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout Nested_matrix_layout;

static const kmsg_field Nested_matrix_fields_[] = {
    {.name = "", .type = &kmsg_type_list_f64, .number = 1, .place = 0},
};

static uint64_t Nested_matrix_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const kmsg_list_f64 *p = value;

    (void)e;
    at = kmsg_end_array(e, (*p).count, sizeof(double), 8, at);
    return at;
}

static uint8_t *Nested_matrix_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const kmsg_list_f64 *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_array(e, &kmsg_type_f64, (*p).items, (*p).count, sizeof(double), 8, length, at);
    return at;
}

static const uint8_t *Nested_matrix_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                            void *ret)
{
    kmsg_list_f64 *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_array(d, &kmsg_type_f64, kmsg_load32(length), at, sizeof(double), 8, &list);
    (*p).items = list.items;
    (*p).count = list.count;
    return at;
}

static const kmsg_layout Nested_matrix_layout = {
    .name = "Nested_matrix",
    .id = UINT64_C(0xf03225653faa7852),
    .fields = Nested_matrix_fields_,
    .count = 1,
    .size = sizeof(kmsg_list_f64),
    .shape = Nested_matrix_SHAPE,
    .row_end = Nested_matrix_row_end,
    .row_put = Nested_matrix_row_put,
    .row_get = Nested_matrix_row_get,
};

static const kmsg_type Nested_matrix_type = {
    .name = "list<list<f64>>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Nested_matrix), .align = _Alignof(Nested_matrix),
    .item = &kmsg_type_list_f64, .layout = &Nested_matrix_layout};

#define Nested_by_id_entry_SHAPE KMSG_SHAPE(16, 1, 2)
static const kmsg_layout Nested_by_id_entry_layout;

static const kmsg_field Nested_by_id_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_uuid, .number = 1,
     .offset = offsetof(Nested_by_id_entry, key), .place = 0},
    {.name = "", .type = &Nested_type, .number = 2,
     .offset = offsetof(Nested_by_id_entry, value), .place = 0},
};

static uint64_t Nested_by_id_entry_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Nested_by_id_entry *p = value;

    (void)e;
    at = kmsg_end_record(e, &p->value, at, Nested_SHAPE, Nested_row_end);
    return at;
}

static uint8_t *Nested_by_id_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                           uint8_t *at)
{
    const Nested_by_id_entry *p = value;
    uint8_t *length = row + 16;

    (void)e;
    kmsg_put_scalar(&kmsg_type_uuid, row + 0, &p->key, 16);
    at = kmsg_put_record(e, &p->value, Nested_SHAPE, Nested_row_put, length, at);
    return at;
}

static const uint8_t *Nested_by_id_entry_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                                 void *ret)
{
    Nested_by_id_entry *p = ret;
    const uint8_t *length = row + 16;

    (void)d;
    kmsg_get_scalar(&kmsg_type_uuid, &p->key, row + 0, 16);
    at = kmsg_get_record(d, &Nested_layout, kmsg_load32(length), at, Nested_SHAPE, Nested_row_get,
                         &p->value);
    return at;
}

static const kmsg_layout Nested_by_id_entry_layout = {
    .name = "Nested_by_id",
    .id = UINT64_C(0xce9b600b4e478c22),
    .fields = Nested_by_id_entry_fields_,
    .count = 2,
    .size = sizeof(Nested_by_id_entry),
    .shape = Nested_by_id_entry_SHAPE,
    .row_end = Nested_by_id_entry_row_end,
    .row_put = Nested_by_id_entry_row_put,
    .row_get = Nested_by_id_entry_row_get,
};

static const kmsg_type Nested_by_id_type = {
    .name = "map<uuid, Nested>",
    .kind = KMSG_KIND_MAP, .size = sizeof(Nested_by_id), .align = _Alignof(Nested_by_id),
    .layout = &Nested_by_id_entry_layout};

const Nested *Nested_by_id_find(Nested_by_id map, kmsg_uuid key)
{
    size_t from = 0, to = map.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = kmsg_compare_uuid(map.items[middle].key, key);
        if (order == 0)
            return &map.items[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

#define Nested_index_entry_SHAPE KMSG_SHAPE(4, 1, 2)
static const kmsg_layout Nested_index_entry_layout;

static const kmsg_field Nested_index_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_i32, .number = 1,
     .offset = offsetof(Nested_index_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_list_string, .number = 2,
     .offset = offsetof(Nested_index_entry, value), .place = 0},
};

static uint64_t Nested_index_entry_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Nested_index_entry *p = value;

    (void)e;
    at = kmsg_end_rows(e, p->value.items, p->value.count, sizeof(kmsg_string), at, KMSG_SHAPE_TEXT,
                       kmsg_text_row_end);
    return at;
}

static uint8_t *Nested_index_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                           uint8_t *at)
{
    const Nested_index_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&kmsg_type_i32, row + 0, &p->key, 4);
    at = kmsg_put_rows(e, p->value.items, p->value.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                       kmsg_text_row_put, length, at);
    return at;
}

static const uint8_t *Nested_index_entry_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                                 void *ret)
{
    Nested_index_entry *p = ret;
    const uint8_t *length = row + 4;
    kmsg_items list;

    (void)d;
    kmsg_get_scalar(&kmsg_type_i32, &p->key, row + 0, 4);
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    p->value.items = list.items;
    p->value.count = list.count;
    return at;
}

static const kmsg_layout Nested_index_entry_layout = {
    .name = "Nested_index",
    .id = UINT64_C(0xecc9ef6760ab9515),
    .fields = Nested_index_entry_fields_,
    .count = 2,
    .size = sizeof(Nested_index_entry),
    .shape = Nested_index_entry_SHAPE,
    .row_end = Nested_index_entry_row_end,
    .row_put = Nested_index_entry_row_put,
    .row_get = Nested_index_entry_row_get,
};

static const kmsg_type Nested_index_type = {
    .name = "map<i32, list<string>>",
    .kind = KMSG_KIND_MAP, .size = sizeof(Nested_index), .align = _Alignof(Nested_index),
    .layout = &Nested_index_entry_layout};

const kmsg_list_string *Nested_index_find(Nested_index map, int32_t key)
{
    size_t from = 0, to = map.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = KMSG_COMPARE(map.items[middle].key, key);
        if (order == 0)
            return &map.items[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

const Nested Nested_initial = {0};

static const kmsg_field Nested_fields_[] = {
    {.name = "texts", .type = &kmsg_type_list_string, .number = 1,
     .offset = offsetof(Nested, texts), .place = 0},
    {.name = "blobs", .type = &kmsg_type_list_bytes, .number = 2,
     .offset = offsetof(Nested, blobs), .place = 1},
    {.name = "matrix", .type = &Nested_matrix_type, .number = 3,
     .offset = offsetof(Nested, matrix), .place = 2},
    {.name = "people", .type = &Scalars_list_type, .number = 4,
     .offset = offsetof(Nested, people), .place = 3},
    {.name = "by_id", .type = &Nested_by_id_type, .number = 5,
     .offset = offsetof(Nested, by_id), .place = 4},
    {.name = "index", .type = &Nested_index_type, .number = 6,
     .offset = offsetof(Nested, index), .place = 5},
    {.name = "next", .type = &Nested_type, .number = 7,
     .offset = offsetof(Nested, next), .place = 6, .optional = 1},
};

uint64_t Nested_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const Nested *p = value;

    if (!kmsg_enc_enter(e))
        return at;
    at = kmsg_end_rows(e, p->texts.items, p->texts.count, sizeof(kmsg_string), at, KMSG_SHAPE_TEXT,
                       kmsg_text_row_end);
    at = kmsg_end_rows(e, p->blobs.items, p->blobs.count, sizeof(kmsg_bytes), at, KMSG_SHAPE_TEXT,
                       kmsg_bytes_row_end);
    at = kmsg_end_rows(e, p->matrix.items, p->matrix.count, sizeof(kmsg_list_f64), at,
                       Nested_matrix_SHAPE, Nested_matrix_row_end);
    at = kmsg_end_rows(e, p->people.items, p->people.count, sizeof(Scalars), at, Scalars_SHAPE,
                       Scalars_row_end);
    at = kmsg_end_map(e, &Nested_by_id_entry_layout, p->by_id.items, p->by_id.count,
                      sizeof(Nested_by_id_entry), kmsg_sorted_uuid, at, Nested_by_id_entry_SHAPE,
                      Nested_by_id_entry_row_end);
    at = kmsg_end_map(e, &Nested_index_entry_layout, p->index.items, p->index.count,
                      sizeof(Nested_index_entry), kmsg_sorted_i32, at, Nested_index_entry_SHAPE,
                      Nested_index_entry_row_end);
    if (p->next != NULL)
        at = kmsg_end_record(e, p->next, at, Nested_SHAPE, Nested_row_end);
    e->depth--;
    return at;
}

uint8_t *Nested_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const Nested *p = value;
    uint8_t *length = row + 0;

    if (!kmsg_enc_enter(e))
        return at;
    at = kmsg_put_rows(e, p->texts.items, p->texts.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                       kmsg_text_row_put, length, at);
    at = kmsg_put_rows(e, p->blobs.items, p->blobs.count, sizeof(kmsg_bytes), KMSG_SHAPE_TEXT,
                       kmsg_bytes_row_put, length + 4, at);
    at = kmsg_put_rows(e, p->matrix.items, p->matrix.count, sizeof(kmsg_list_f64),
                       Nested_matrix_SHAPE, Nested_matrix_row_put, length + 8, at);
    at = kmsg_put_rows(e, p->people.items, p->people.count, sizeof(Scalars), Scalars_SHAPE,
                       Scalars_row_put, length + 12, at);
    at = kmsg_put_map(e, &Nested_by_id_entry_layout, p->by_id.items, p->by_id.count,
                      sizeof(Nested_by_id_entry), kmsg_sorted_uuid, Nested_by_id_entry_SHAPE,
                      Nested_by_id_entry_row_put, length + 16, at);
    at = kmsg_put_map(e, &Nested_index_entry_layout, p->index.items, p->index.count,
                      sizeof(Nested_index_entry), kmsg_sorted_i32, Nested_index_entry_SHAPE,
                      Nested_index_entry_row_put, length + 20, at);
    at = p->next == NULL ? kmsg_put_absent(length + 24, at)
            : kmsg_put_record(e, p->next, Nested_SHAPE, Nested_row_put, length + 24, at);
    e->depth--;
    return at;
}

const uint8_t *Nested_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    Nested *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    if (!kmsg_dec_enter(d))
        return at;
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    p->texts.items = list.items;
    p->texts.count = list.count;
    at = kmsg_get_rows(d, &kmsg_row_bytes, kmsg_load32(length + 4), at, sizeof(kmsg_bytes),
                       KMSG_SHAPE_TEXT, kmsg_bytes_row_get,
                       &list);
    p->blobs.items = list.items;
    p->blobs.count = list.count;
    at = kmsg_get_rows(d, &Nested_matrix_layout, kmsg_load32(length + 8), at, sizeof(kmsg_list_f64),
                       Nested_matrix_SHAPE, Nested_matrix_row_get,
                       &list);
    p->matrix.items = list.items;
    p->matrix.count = list.count;
    at = kmsg_get_plain_rows(d, &Scalars_layout, kmsg_load32(length + 12), at, sizeof(Scalars),
                             Scalars_SHAPE, Scalars_row_bad,
                             &list);
    p->people.items = list.items;
    p->people.count = list.count;
    at = kmsg_get_rows(d, &Nested_by_id_entry_layout, kmsg_load32(length + 16), at,
                       sizeof(Nested_by_id_entry), Nested_by_id_entry_SHAPE,
                       Nested_by_id_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_uuid(list.items, list.count, sizeof(Nested_by_id_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    p->by_id.items = list.items;
    p->by_id.count = list.count;
    at = kmsg_get_rows(d, &Nested_index_entry_layout, kmsg_load32(length + 20), at,
                       sizeof(Nested_index_entry), Nested_index_entry_SHAPE,
                       Nested_index_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_i32(list.items, list.count, sizeof(Nested_index_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    p->index.items = list.items;
    p->index.count = list.count;
    p->next = kmsg_get_optional_record(d, &Nested_layout, kmsg_load32(length + 24), &at,
                                       sizeof(Nested),
                                  Nested_SHAPE, Nested_row_get);
    d->depth--;
    return at;
}

const kmsg_layout Nested_layout = {
    .name = "Nested",
    .id = UINT64_C(0xd82ec39ee18e6fea),
    .fields = Nested_fields_,
    .count = 7,
    .size = sizeof(Nested),
    .shape = Nested_SHAPE,
    .recursive = true,
    .row_end = Nested_row_end,
    .row_put = Nested_row_put,
    .row_get = Nested_row_get,
};

const kmsg_type Nested_type = {
    .name = "Nested",
    .kind = KMSG_KIND_RECORD, .size = sizeof(Nested), .align = _Alignof(Nested),
    .layout = &Nested_layout};
const kmsg_type Nested_list_type = {
    .name = "list<Nested>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Nested_list), .align = _Alignof(Nested_list),
    .layout = &Nested_layout};

kmsg_err Nested_encoded_size(const Nested *value, size_t *ret)
{
    return kmsg_measure_with(&Nested_layout, Nested_SHAPE, Nested_row_end, value, ret);
}

kmsg_err Nested_encode_into(const Nested *value, void *buffer, size_t capacity, size_t *ret_size)
{
    return kmsg_encode_with(&Nested_layout, Nested_SHAPE, Nested_row_put, value, buffer, capacity,
                            ret_size);
}

kmsg_err Nested_decode(kmsg_bytes bytes, kmsg_arena *mem, Nested *ret)
{
    const Nested before = *ret;
    kmsg_err err = kmsg_decode_with(&Nested_layout, Nested_SHAPE, Nested_row_get, bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err Nested_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Nested *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? Nested_decode(bytes, mem, ret) : err;
}

kmsg_err Nested_encode(const Nested *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&Nested_layout, value, mem, ret);
}

kmsg_err Nested_copy(const Nested *value, kmsg_arena *mem, Nested *ret)
{
    return kmsg_copy(&Nested_layout, value, mem, ret);
}

bool Nested_equal(const Nested *a, const Nested *b)
{
    return kmsg_equal(&Nested_layout, a, b);
}

void Nested_print(const Nested *value, FILE *out)
{
    kmsg_print(&Nested_layout, value, out);
}

/* ---- record Empty ------------------------------------------------------------------------ */

const Empty Empty_initial = {0};

KMSG_LEAF uint64_t Empty_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *Empty_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    Empty_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *Empty_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                       void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

const kmsg_layout Empty_layout = {
    .name = "Empty",
    .id = UINT64_C(0xd00fd71a4232050e),
    .size = sizeof(Empty),
    .shape = Empty_SHAPE,
    .row_end = Empty_row_end,
    .row_put = Empty_row_put,
    .row_get = Empty_row_get,
};

const kmsg_type Empty_type = {
    .name = "Empty",
    .kind = KMSG_KIND_RECORD, .size = sizeof(Empty), .align = _Alignof(Empty),
    .layout = &Empty_layout};
const kmsg_type Empty_list_type = {
    .name = "list<Empty>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(Empty_list), .align = _Alignof(Empty_list),
    .layout = &Empty_layout};

kmsg_err Empty_encoded_size(const Empty *value, size_t *ret)
{
    return kmsg_measure_with(&Empty_layout, Empty_SHAPE, Empty_row_end, value, ret);
}

kmsg_err Empty_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, Empty *ret)
{
    return Empty_decode(bytes, mem, ret);
}

kmsg_err Empty_encode(const Empty *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&Empty_layout, value, mem, ret);
}

kmsg_err Empty_copy(const Empty *value, kmsg_arena *mem, Empty *ret)
{
    return kmsg_copy(&Empty_layout, value, mem, ret);
}

bool Empty_equal(const Empty *a, const Empty *b)
{
    return kmsg_equal(&Empty_layout, a, b);
}

void Empty_print(const Empty *value, FILE *out)
{
    kmsg_print(&Empty_layout, value, out);
}

/* ---- record class ------------------------------------------------------------------------ */

_Static_assert(offsetof(class_, errno_) == 4, "class_: unexpected layout");

const class_ class__initial = {0};

static const kmsg_field class__fields_[] = {
    {.name = "default", .type = &kmsg_type_i32, .number = 1,
     .offset = offsetof(class_, default_), .place = 0},
    {.name = "NULL", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(class_, NULL_), .place = 0},
    {.name = "errno", .type = &kmsg_type_u8, .number = 3,
     .offset = offsetof(class_, errno_), .place = 4},
    {.name = "namespace", .type = &class__list_type, .number = 4,
     .offset = offsetof(class_, namespace_), .place = 1},
};

uint32_t class__row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[5] | row[6] | row[7]; /* padding */
    return bad;
}

uint64_t class__row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const class_ *p = value;

    if (!kmsg_enc_enter(e))
        return at;
    at = kmsg_end_string(e, p->NULL_, at);
    at = kmsg_end_rows(e, p->namespace_.items, p->namespace_.count, sizeof(class_), at,
                       class__SHAPE, class__row_end);
    e->depth--;
    return at;
}

uint8_t *class__row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const class_ *p = value;
    uint8_t *length = row + 8;

    if (!kmsg_enc_enter(e))
        return at;
    kmsg_put_block(&class__layout, row, p, 5);
    memset(row + 5, 0, 3);
    if (KMSG_UNLIKELY(class__row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->NULL_, length, at);
    at = kmsg_put_rows(e, p->namespace_.items, p->namespace_.count, sizeof(class_), class__SHAPE,
                       class__row_put, length + 4, at);
    e->depth--;
    return at;
}

const uint8_t *class__row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret)
{
    class_ *p = ret;
    const uint8_t *length = row + 8;
    kmsg_items list;

    if (!kmsg_dec_enter(d))
        return at;
    kmsg_get_block(&class__layout, p, row, 5);
    if (KMSG_UNLIKELY(class__row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->NULL_);
    at = kmsg_get_rows(d, &class__layout, kmsg_load32(length + 4), at, sizeof(class_), class__SHAPE,
                       class__row_get,
                       &list);
    p->namespace_.items = list.items;
    p->namespace_.count = list.count;
    d->depth--;
    return at;
}

const kmsg_layout class__layout = {
    .name = "class",
    .id = UINT64_C(0xd11655952fcbab9f),
    .fields = class__fields_,
    .count = 4,
    .size = sizeof(class_),
    .shape = class__SHAPE,
    .recursive = true,
    .row_end = class__row_end,
    .row_put = class__row_put,
    .row_get = class__row_get,
};

const kmsg_type class__type = {
    .name = "class",
    .kind = KMSG_KIND_RECORD, .size = sizeof(class_), .align = _Alignof(class_),
    .layout = &class__layout};
const kmsg_type class__list_type = {
    .name = "list<class>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(class__list), .align = _Alignof(class__list),
    .layout = &class__layout};

kmsg_err class__encoded_size(const class_ *value, size_t *ret)
{
    return kmsg_measure_with(&class__layout, class__SHAPE, class__row_end, value, ret);
}

kmsg_err class__encode_into(const class_ *value, void *buffer, size_t capacity, size_t *ret_size)
{
    return kmsg_encode_with(&class__layout, class__SHAPE, class__row_put, value, buffer, capacity,
                            ret_size);
}

kmsg_err class__decode(kmsg_bytes bytes, kmsg_arena *mem, class_ *ret)
{
    const class_ before = *ret;
    kmsg_err err = kmsg_decode_with(&class__layout, class__SHAPE, class__row_get, bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err class__decode_copy(kmsg_bytes bytes, kmsg_arena *mem, class_ *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? class__decode(bytes, mem, ret) : err;
}

kmsg_err class__encode(const class_ *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&class__layout, value, mem, ret);
}

kmsg_err class__copy(const class_ *value, kmsg_arena *mem, class_ *ret)
{
    return kmsg_copy(&class__layout, value, mem, ret);
}

bool class__equal(const class_ *a, const class_ *b)
{
    return kmsg_equal(&class__layout, a, b);
}

void class__print(const class_ *value, FILE *out)
{
    kmsg_print(&class__layout, value, out);
}

