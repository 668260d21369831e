/* directory.kmsg.c -- made by kmsgc 0.1.0 from directory.kmsg; edit that file, not this one. */
#include "directory.kmsg.h"

#include <kmsg/codec.h>

/* ---- enum Role --------------------------------------------------------------------------- */

_Static_assert(sizeof(acme_dir_Role) == 4, "acme_dir_Role: enums must be ints (-fno-short-enums)");

static const kmsg_enum_value acme_dir_Role_values_[] = {
    {"GUEST", 0},
    {"MEMBER", 10},
    {"ADMIN", 11},
};

static const kmsg_enum acme_dir_Role_enum_ = {
    .name = "acme.dir.Role",
    .values = acme_dir_Role_values_,
    .count = 3,
};

const kmsg_type acme_dir_Role_type = {
    .name = "acme.dir.Role",
    .kind = KMSG_KIND_ENUM, .size = sizeof(acme_dir_Role), .align = _Alignof(acme_dir_Role),
    .enum_ = &acme_dir_Role_enum_};
const kmsg_type acme_dir_Role_list_type = {
    .name = "list<acme.dir.Role>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(acme_dir_Role_list),
    .align = _Alignof(acme_dir_Role_list), .item = &acme_dir_Role_type};

const char *acme_dir_Role_name(acme_dir_Role value)
{
    switch ((int32_t)value) {
    case acme_dir_Role_GUEST: return "GUEST";
    case acme_dir_Role_MEMBER: return "MEMBER";
    case acme_dir_Role_ADMIN: return "ADMIN";
    default: return NULL;
    }
}

/* ---- record Person ----------------------------------------------------------------------- */

_Static_assert(offsetof(acme_dir_Person, born) == 4, "acme_dir_Person: unexpected layout");

#define acme_dir_Person_scores_entry_SHAPE KMSG_SHAPE(4, 1, 2)
static const kmsg_layout acme_dir_Person_scores_entry_layout;

static const kmsg_field acme_dir_Person_scores_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_Person_scores_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_i32, .number = 2,
     .offset = offsetof(acme_dir_Person_scores_entry, value), .place = 0},
};

static KMSG_LEAF uint64_t acme_dir_Person_scores_entry_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const acme_dir_Person_scores_entry *p = value;

    (void)e;
    at = kmsg_end_string(e, p->key, at);
    return at;
}

static KMSG_LEAF uint8_t *acme_dir_Person_scores_entry_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const acme_dir_Person_scores_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&kmsg_type_i32, row + 0, &p->value, 4);
    at = kmsg_put_string(e, p->key, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *acme_dir_Person_scores_entry_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    acme_dir_Person_scores_entry *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_scalar(&kmsg_type_i32, &p->value, row + 0, 4);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->key);
    return at;
}

static const kmsg_layout acme_dir_Person_scores_entry_layout = {
    .name = "acme_dir_Person_scores",
    .id = UINT64_C(0xc5fdc6cead5091d5),
    .fields = acme_dir_Person_scores_entry_fields_,
    .count = 2,
    .size = sizeof(acme_dir_Person_scores_entry),
    .shape = acme_dir_Person_scores_entry_SHAPE,
    .row_end = acme_dir_Person_scores_entry_row_end,
    .row_put = acme_dir_Person_scores_entry_row_put,
    .row_get = acme_dir_Person_scores_entry_row_get,
};

static const kmsg_type acme_dir_Person_scores_type = {
    .name = "map<string, i32>",
    .kind = KMSG_KIND_MAP, .size = sizeof(acme_dir_Person_scores),
    .align = _Alignof(acme_dir_Person_scores), .layout = &acme_dir_Person_scores_entry_layout};

const int32_t *acme_dir_Person_scores_find(acme_dir_Person_scores map, kmsg_string key)
{
    size_t from = 0, to = map.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = kmsg_compare_string(map.items[middle].key, key);
        if (order == 0)
            return &map.items[middle].value;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

const acme_dir_Person acme_dir_Person_initial = {.role = (acme_dir_Role)10};

static const kmsg_field acme_dir_Person_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_Person, name), .place = 0},
    {.name = "email", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(acme_dir_Person, email), .place = 1, .optional = 1},
    {.name = "role", .type = &acme_dir_Role_type, .number = 3,
     .offset = offsetof(acme_dir_Person, role), .place = 0,
     .initial = &acme_dir_Person_initial.role},
    {.name = "born", .type = &calendar_Day_type, .number = 4,
     .offset = offsetof(acme_dir_Person, born), .has_offset = offsetof(acme_dir_Person, has_born),
     .place = 4, .optional = 1},
    {.name = "tags", .type = &kmsg_type_list_string, .number = 5,
     .offset = offsetof(acme_dir_Person, tags), .place = 2},
    {.name = "scores", .type = &acme_dir_Person_scores_type, .number = 6,
     .offset = offsetof(acme_dir_Person, scores), .place = 3},
    {.type = &kmsg_type_i32, .number = 8, .place = 20},
    {.name = "home", .type = &acme_dir_Address_type, .number = 9,
     .offset = offsetof(acme_dir_Person, home), .place = 4, .optional = 1},
};

uint32_t acme_dir_Person_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[16] > 1 || (row[16] == 0 && kmsg_nonzero(row + 4, 12));
    bad |= row[10] | row[11]; /* padding */
    bad |= row[16] && !calendar_Weekday_known((int32_t)kmsg_load32(row + 12));
    bad |= row[17] | row[18] | row[19]; /* padding */
    return bad;
}

uint64_t acme_dir_Person_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const acme_dir_Person *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    if (p->email.data != NULL)
        at = kmsg_end_string(e, p->email, at);
    at = kmsg_end_rows(e, p->tags.items, p->tags.count, sizeof(kmsg_string), at, KMSG_SHAPE_TEXT,
                       kmsg_text_row_end);
    at = kmsg_end_rows(e, p->scores.items, p->scores.count, sizeof(acme_dir_Person_scores_entry),
                       at, acme_dir_Person_scores_entry_SHAPE,
                       acme_dir_Person_scores_entry_row_end);
    if (p->home != NULL)
        at = kmsg_end_record(e, p->home, at, acme_dir_Address_SHAPE, acme_dir_Address_row_end);
    return at;
}

uint8_t *acme_dir_Person_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const acme_dir_Person *p = value;
    uint8_t *length = row + 24;

    (void)e;
    kmsg_put_block(&acme_dir_Person_layout, row, p, 24);
    if (!p->has_born)
        memset(row + 4, 0, 12);
    memset(row + 10, 0, 2);
    memset(row + 17, 0, 3);
    memset(row + 20, 0, 4);
    if (KMSG_UNLIKELY(acme_dir_Person_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->name, length, at);
    at = p->email.data == NULL ? kmsg_put_absent(length + 4, at)
            : kmsg_put_string(e, p->email, length + 4, at);
    at = kmsg_put_rows(e, p->tags.items, p->tags.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                       kmsg_text_row_put, length + 8, at);
    at = kmsg_put_map(e, &acme_dir_Person_scores_entry_layout, p->scores.items, p->scores.count,
                      sizeof(acme_dir_Person_scores_entry), kmsg_sorted_string,
                      acme_dir_Person_scores_entry_SHAPE, acme_dir_Person_scores_entry_row_put,
                      length + 12, at);
    at = p->home == NULL ? kmsg_put_absent(length + 16, at)
            : kmsg_put_record(e, p->home, acme_dir_Address_SHAPE, acme_dir_Address_row_put,
                              length + 16, at);
    return at;
}

const uint8_t *acme_dir_Person_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                       void *ret)
{
    acme_dir_Person *p = ret;
    const uint8_t *length = row + 24;
    kmsg_items list;

    (void)d;
    kmsg_get_block(&acme_dir_Person_layout, p, row, 24);
    if (KMSG_UNLIKELY(acme_dir_Person_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->name);
    at = kmsg_get_optional_string(d, kmsg_load32(length + 4), at, &p->email);
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length + 8), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    p->tags.items = list.items;
    p->tags.count = list.count;
    at = kmsg_get_rows(d, &acme_dir_Person_scores_entry_layout, kmsg_load32(length + 12), at,
                       sizeof(acme_dir_Person_scores_entry), acme_dir_Person_scores_entry_SHAPE,
                       acme_dir_Person_scores_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_text(list.items, list.count,
                                        sizeof(acme_dir_Person_scores_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    p->scores.items = list.items;
    p->scores.count = list.count;
    p->home = kmsg_get_optional_record(d, &acme_dir_Address_layout, kmsg_load32(length + 16), &at,
                                       sizeof(acme_dir_Address),
                                  acme_dir_Address_SHAPE, acme_dir_Address_row_get);
    return at;
}

const kmsg_layout acme_dir_Person_layout = {
    .name = "acme.dir.Person",
    .id = UINT64_C(0xd097ce1c9e9d45c1),
    .fields = acme_dir_Person_fields_,
    .count = 8,
    .size = sizeof(acme_dir_Person),
    .shape = acme_dir_Person_SHAPE,
    .row_end = acme_dir_Person_row_end,
    .row_put = acme_dir_Person_row_put,
    .row_get = acme_dir_Person_row_get,
};

const kmsg_type acme_dir_Person_type = {
    .name = "acme.dir.Person",
    .kind = KMSG_KIND_RECORD, .size = sizeof(acme_dir_Person), .align = _Alignof(acme_dir_Person),
    .layout = &acme_dir_Person_layout};
const kmsg_type acme_dir_Person_list_type = {
    .name = "list<acme.dir.Person>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(acme_dir_Person_list),
    .align = _Alignof(acme_dir_Person_list), .layout = &acme_dir_Person_layout};

kmsg_err acme_dir_Person_encoded_size(const acme_dir_Person *value, size_t *ret)
{
    return kmsg_measure_with(&acme_dir_Person_layout, acme_dir_Person_SHAPE,
                             acme_dir_Person_row_end, value, ret);
}

kmsg_err acme_dir_Person_encode_into(const acme_dir_Person *value, void *buffer, size_t capacity,
                                     size_t *ret_size)
{
    return kmsg_encode_with(&acme_dir_Person_layout, acme_dir_Person_SHAPE, acme_dir_Person_row_put,
                            value, buffer, capacity,
                            ret_size);
}

kmsg_err acme_dir_Person_decode(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_Person *ret)
{
    const acme_dir_Person before = *ret;
    kmsg_err err = kmsg_decode_with(&acme_dir_Person_layout, acme_dir_Person_SHAPE,
                                    acme_dir_Person_row_get, bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err acme_dir_Person_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_Person *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? acme_dir_Person_decode(bytes, mem, ret) : err;
}

kmsg_err acme_dir_Person_encode(const acme_dir_Person *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&acme_dir_Person_layout, value, mem, ret);
}

kmsg_err acme_dir_Person_copy(const acme_dir_Person *value, kmsg_arena *mem, acme_dir_Person *ret)
{
    return kmsg_copy(&acme_dir_Person_layout, value, mem, ret);
}

bool acme_dir_Person_equal(const acme_dir_Person *a, const acme_dir_Person *b)
{
    return kmsg_equal(&acme_dir_Person_layout, a, b);
}

void acme_dir_Person_print(const acme_dir_Person *value, FILE *out)
{
    kmsg_print(&acme_dir_Person_layout, value, out);
}

/* ---- record Address ---------------------------------------------------------------------- */

_Static_assert(offsetof(acme_dir_Address, zip) == 0, "acme_dir_Address: unexpected layout");

const acme_dir_Address acme_dir_Address_initial = {0};

static const kmsg_field acme_dir_Address_fields_[] = {
    {.name = "street", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_Address, street), .place = 0},
    {.name = "city", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(acme_dir_Address, city), .place = 1},
    {.name = "zip", .type = &kmsg_type_u32, .number = 3,
     .offset = offsetof(acme_dir_Address, zip), .place = 0},
};

KMSG_LEAF uint64_t acme_dir_Address_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const acme_dir_Address *p = value;

    (void)e;
    at = kmsg_end_string(e, p->street, at);
    at = kmsg_end_string(e, p->city, at);
    return at;
}

KMSG_LEAF uint8_t *acme_dir_Address_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                            uint8_t *at)
{
    const acme_dir_Address *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_block(&acme_dir_Address_layout, row, p, 4);
    at = kmsg_put_string(e, p->street, length, at);
    at = kmsg_put_string(e, p->city, length + 4, at);
    return at;
}

KMSG_LEAF const uint8_t *acme_dir_Address_row_get(kmsg_dec *d, const uint8_t *row,
                                                  const uint8_t *at, void *ret)
{
    acme_dir_Address *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_block(&acme_dir_Address_layout, p, row, 4);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->street);
    at = kmsg_get_string(d, kmsg_load32(length + 4), at, &p->city);
    return at;
}

const kmsg_layout acme_dir_Address_layout = {
    .name = "acme.dir.Address",
    .id = UINT64_C(0xc3a167828aae7354),
    .fields = acme_dir_Address_fields_,
    .count = 3,
    .size = sizeof(acme_dir_Address),
    .shape = acme_dir_Address_SHAPE,
    .row_end = acme_dir_Address_row_end,
    .row_put = acme_dir_Address_row_put,
    .row_get = acme_dir_Address_row_get,
};

const kmsg_type acme_dir_Address_type = {
    .name = "acme.dir.Address",
    .kind = KMSG_KIND_RECORD, .size = sizeof(acme_dir_Address), .align = _Alignof(acme_dir_Address),
    .layout = &acme_dir_Address_layout};
const kmsg_type acme_dir_Address_list_type = {
    .name = "list<acme.dir.Address>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(acme_dir_Address_list),
    .align = _Alignof(acme_dir_Address_list), .layout = &acme_dir_Address_layout};

kmsg_err acme_dir_Address_encoded_size(const acme_dir_Address *value, size_t *ret)
{
    return kmsg_measure_with(&acme_dir_Address_layout, acme_dir_Address_SHAPE,
                             acme_dir_Address_row_end, value, ret);
}

kmsg_err acme_dir_Address_encode_into(const acme_dir_Address *value, void *buffer, size_t capacity,
                                      size_t *ret_size)
{
    return kmsg_encode_with(&acme_dir_Address_layout, acme_dir_Address_SHAPE,
                            acme_dir_Address_row_put, value, buffer, capacity,
                            ret_size);
}

kmsg_err acme_dir_Address_decode(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_Address *ret)
{
    const acme_dir_Address before = *ret;
    kmsg_err err = kmsg_decode_with(&acme_dir_Address_layout, acme_dir_Address_SHAPE,
                                    acme_dir_Address_row_get, bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err acme_dir_Address_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_Address *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? acme_dir_Address_decode(bytes, mem, ret) : err;
}

kmsg_err acme_dir_Address_encode(const acme_dir_Address *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&acme_dir_Address_layout, value, mem, ret);
}

kmsg_err acme_dir_Address_copy(const acme_dir_Address *value, kmsg_arena *mem,
                               acme_dir_Address *ret)
{
    return kmsg_copy(&acme_dir_Address_layout, value, mem, ret);
}

bool acme_dir_Address_equal(const acme_dir_Address *a, const acme_dir_Address *b)
{
    return kmsg_equal(&acme_dir_Address_layout, a, b);
}

void acme_dir_Address_print(const acme_dir_Address *value, FILE *out)
{
    kmsg_print(&acme_dir_Address_layout, value, out);
}

/* ---- record NotFound --------------------------------------------------------------------- */

const acme_dir_NotFound acme_dir_NotFound_initial = {0};

static const kmsg_field acme_dir_NotFound_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_NotFound, name), .place = 0},
    {.name = "similar", .type = &kmsg_type_list_string, .number = 2,
     .offset = offsetof(acme_dir_NotFound, similar), .place = 1},
};

uint64_t acme_dir_NotFound_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const acme_dir_NotFound *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    at = kmsg_end_rows(e, p->similar.items, p->similar.count, sizeof(kmsg_string), at,
                       KMSG_SHAPE_TEXT, kmsg_text_row_end);
    return at;
}

uint8_t *acme_dir_NotFound_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const acme_dir_NotFound *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->name, length, at);
    at = kmsg_put_rows(e, p->similar.items, p->similar.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                       kmsg_text_row_put, length + 4, at);
    return at;
}

const uint8_t *acme_dir_NotFound_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                         void *ret)
{
    acme_dir_NotFound *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->name);
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length + 4), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    p->similar.items = list.items;
    p->similar.count = list.count;
    return at;
}

const kmsg_layout acme_dir_NotFound_layout = {
    .name = "acme.dir.NotFound",
    .id = UINT64_C(0xb2072c1217065e3f),
    .fields = acme_dir_NotFound_fields_,
    .count = 2,
    .size = sizeof(acme_dir_NotFound),
    .shape = acme_dir_NotFound_SHAPE,
    .row_end = acme_dir_NotFound_row_end,
    .row_put = acme_dir_NotFound_row_put,
    .row_get = acme_dir_NotFound_row_get,
};

const kmsg_type acme_dir_NotFound_type = {
    .name = "acme.dir.NotFound",
    .kind = KMSG_KIND_RECORD, .size = sizeof(acme_dir_NotFound),
    .align = _Alignof(acme_dir_NotFound), .layout = &acme_dir_NotFound_layout};
const kmsg_type acme_dir_NotFound_list_type = {
    .name = "list<acme.dir.NotFound>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(acme_dir_NotFound_list),
    .align = _Alignof(acme_dir_NotFound_list), .layout = &acme_dir_NotFound_layout};

kmsg_err acme_dir_NotFound_encoded_size(const acme_dir_NotFound *value, size_t *ret)
{
    return kmsg_measure_with(&acme_dir_NotFound_layout, acme_dir_NotFound_SHAPE,
                             acme_dir_NotFound_row_end, value, ret);
}

kmsg_err acme_dir_NotFound_encode_into(const acme_dir_NotFound *value, void *buffer,
                                       size_t capacity, size_t *ret_size)
{
    return kmsg_encode_with(&acme_dir_NotFound_layout, acme_dir_NotFound_SHAPE,
                            acme_dir_NotFound_row_put, value, buffer, capacity,
                            ret_size);
}

kmsg_err acme_dir_NotFound_decode(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_NotFound *ret)
{
    const acme_dir_NotFound before = *ret;
    kmsg_err err = kmsg_decode_with(&acme_dir_NotFound_layout, acme_dir_NotFound_SHAPE,
                                    acme_dir_NotFound_row_get, bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err acme_dir_NotFound_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, acme_dir_NotFound *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? acme_dir_NotFound_decode(bytes, mem, ret) : err;
}

kmsg_err acme_dir_NotFound_encode(const acme_dir_NotFound *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&acme_dir_NotFound_layout, value, mem, ret);
}

kmsg_err acme_dir_NotFound_copy(const acme_dir_NotFound *value, kmsg_arena *mem,
                                acme_dir_NotFound *ret)
{
    return kmsg_copy(&acme_dir_NotFound_layout, value, mem, ret);
}

bool acme_dir_NotFound_equal(const acme_dir_NotFound *a, const acme_dir_NotFound *b)
{
    return kmsg_equal(&acme_dir_NotFound_layout, a, b);
}

void acme_dir_NotFound_print(const acme_dir_NotFound *value, FILE *out)
{
    kmsg_print(&acme_dir_NotFound_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Directory ------------------------------------------------------------------- */

typedef struct acme_dir_Directory_find_args acme_dir_Directory_find_args;
struct acme_dir_Directory_find_args {
    kmsg_string name;                /* 1 */
};

#define acme_dir_Directory_find_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout acme_dir_Directory_find_args_layout;

static const kmsg_field acme_dir_Directory_find_args_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_Directory_find_args, name), .place = 0},
};

static KMSG_LEAF uint64_t acme_dir_Directory_find_args_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const acme_dir_Directory_find_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    return at;
}

static KMSG_LEAF uint8_t *acme_dir_Directory_find_args_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const acme_dir_Directory_find_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->name, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *acme_dir_Directory_find_args_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    acme_dir_Directory_find_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->name);
    return at;
}

static const kmsg_layout acme_dir_Directory_find_args_layout = {
    .name = "acme.dir.Directory.find.args",
    .id = UINT64_C(0xc1b23a079a9195ab),
    .fields = acme_dir_Directory_find_args_fields_,
    .count = 1,
    .size = sizeof(acme_dir_Directory_find_args),
    .shape = acme_dir_Directory_find_args_SHAPE,
    .row_end = acme_dir_Directory_find_args_row_end,
    .row_put = acme_dir_Directory_find_args_row_put,
    .row_get = acme_dir_Directory_find_args_row_get,
};

static kmsg_err acme_dir_Directory_find_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                                const void *args,
                          void *result)
{
    const acme_dir_Directory_impl *i = impl;
    const acme_dir_Directory_find_args *a = args;

    if (i->find == NULL)
        return KMSG_ENOMETHOD;
    return i->find(ctx, call, a->name, result);
}

typedef struct acme_dir_Directory_list_args acme_dir_Directory_list_args;
struct acme_dir_Directory_list_args {
    acme_dir_Role role;              /* 1 */
    bool has_role;
    uint8_t pad1_[3];
    uint32_t limit;                  /* 2 */
};

_Static_assert(offsetof(acme_dir_Directory_list_args, limit) == 8,
               "acme_dir_Directory_list_args: unexpected layout");
_Static_assert(sizeof(acme_dir_Directory_list_args) == 12,
               "acme_dir_Directory_list_args: unexpected layout");

static const acme_dir_Directory_list_args acme_dir_Directory_list_args_initial = {.limit = 100u};

#define acme_dir_Directory_list_args_SHAPE KMSG_SHAPE(12, 0, 2)
static const kmsg_layout acme_dir_Directory_list_args_layout;

static const kmsg_field acme_dir_Directory_list_args_fields_[] = {
    {.name = "role", .type = &acme_dir_Role_type, .number = 1,
     .offset = offsetof(acme_dir_Directory_list_args, role),
     .has_offset = offsetof(acme_dir_Directory_list_args, has_role), .place = 0, .optional = 1},
    {.name = "limit", .type = &kmsg_type_u32, .number = 2,
     .offset = offsetof(acme_dir_Directory_list_args, limit), .place = 8,
     .initial = &acme_dir_Directory_list_args_initial.limit},
};

static uint32_t acme_dir_Directory_list_args_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[4] > 1 || (row[4] == 0 && kmsg_nonzero(row + 0, 4));
    bad |= row[5] | row[6] | row[7]; /* padding */
    return bad;
}

static KMSG_LEAF uint64_t acme_dir_Directory_list_args_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t acme_dir_Directory_list_args_row_set(const void *value, uint8_t *row)
{
    const acme_dir_Directory_list_args *p = (const acme_dir_Directory_list_args *)value;

    kmsg_put_block(&acme_dir_Directory_list_args_layout, row, p, 12);
    if (!p->has_role)
        memset(row + 0, 0, 4);
    memset(row + 5, 0, 3);
    return acme_dir_Directory_list_args_row_bad(row);
}

static KMSG_LEAF uint8_t *acme_dir_Directory_list_args_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    if (KMSG_UNLIKELY(acme_dir_Directory_list_args_row_set(value, row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

static KMSG_LEAF const uint8_t *acme_dir_Directory_list_args_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    acme_dir_Directory_list_args *p = ret;

    (void)d;
    kmsg_get_block(&acme_dir_Directory_list_args_layout, p, row, 12);
    if (KMSG_UNLIKELY(acme_dir_Directory_list_args_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

static const kmsg_layout acme_dir_Directory_list_args_layout = {
    .name = "acme.dir.Directory.list.args",
    .id = UINT64_C(0xf33f1fc4f7f835ba),
    .fields = acme_dir_Directory_list_args_fields_,
    .count = 2,
    .size = sizeof(acme_dir_Directory_list_args),
    .shape = acme_dir_Directory_list_args_SHAPE,
    .row_end = acme_dir_Directory_list_args_row_end,
    .row_put = acme_dir_Directory_list_args_row_put,
    .row_get = acme_dir_Directory_list_args_row_get,
};

#define acme_dir_Directory_list_result_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout acme_dir_Directory_list_result_answer_layout;

static const kmsg_field acme_dir_Directory_list_result_answer_fields_[] = {
    {.name = "", .type = &acme_dir_Person_list_type, .number = 1, .place = 0},
};

static uint64_t acme_dir_Directory_list_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const acme_dir_Person_list *p = value;

    (void)e;
    at = kmsg_end_rows(e, (*p).items, (*p).count, sizeof(acme_dir_Person), at,
                       acme_dir_Person_SHAPE, acme_dir_Person_row_end);
    return at;
}

static uint8_t *acme_dir_Directory_list_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const acme_dir_Person_list *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_rows(e, (*p).items, (*p).count, sizeof(acme_dir_Person), acme_dir_Person_SHAPE,
                       acme_dir_Person_row_put, length, at);
    return at;
}

static const uint8_t *acme_dir_Directory_list_result_answer_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    acme_dir_Person_list *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_rows(d, &acme_dir_Person_layout, kmsg_load32(length), at, sizeof(acme_dir_Person),
                       acme_dir_Person_SHAPE, acme_dir_Person_row_get,
                       &list);
    (*p).items = list.items;
    (*p).count = list.count;
    return at;
}

static const kmsg_layout acme_dir_Directory_list_result_answer_layout = {
    .name = "acme.dir.Directory.list.result",
    .id = UINT64_C(0xe668c8fd89be67a6),
    .fields = acme_dir_Directory_list_result_answer_fields_,
    .count = 1,
    .size = sizeof(acme_dir_Person_list),
    .shape = acme_dir_Directory_list_result_answer_SHAPE,
    .row_end = acme_dir_Directory_list_result_answer_row_end,
    .row_put = acme_dir_Directory_list_result_answer_row_put,
    .row_get = acme_dir_Directory_list_result_answer_row_get,
};

static kmsg_err acme_dir_Directory_list_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                                const void *args,
                          void *result)
{
    const acme_dir_Directory_impl *i = impl;
    const acme_dir_Directory_list_args *a = args;

    if (i->list == NULL)
        return KMSG_ENOMETHOD;
    return i->list(ctx, call, a->has_role ? &a->role : NULL, a->limit, result);
}

typedef struct acme_dir_Directory_remove_args acme_dir_Directory_remove_args;
struct acme_dir_Directory_remove_args {
    kmsg_string name;                /* 1 */
};

#define acme_dir_Directory_remove_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout acme_dir_Directory_remove_args_layout;

static const kmsg_field acme_dir_Directory_remove_args_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(acme_dir_Directory_remove_args, name), .place = 0},
};

static KMSG_LEAF uint64_t acme_dir_Directory_remove_args_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const acme_dir_Directory_remove_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    return at;
}

static KMSG_LEAF uint8_t *acme_dir_Directory_remove_args_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const acme_dir_Directory_remove_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->name, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *acme_dir_Directory_remove_args_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    acme_dir_Directory_remove_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->name);
    return at;
}

static const kmsg_layout acme_dir_Directory_remove_args_layout = {
    .name = "acme.dir.Directory.remove.args",
    .id = UINT64_C(0xca3aa62b7e1fd366),
    .fields = acme_dir_Directory_remove_args_fields_,
    .count = 1,
    .size = sizeof(acme_dir_Directory_remove_args),
    .shape = acme_dir_Directory_remove_args_SHAPE,
    .row_end = acme_dir_Directory_remove_args_row_end,
    .row_put = acme_dir_Directory_remove_args_row_put,
    .row_get = acme_dir_Directory_remove_args_row_get,
};

typedef struct acme_dir_Directory_remove_result acme_dir_Directory_remove_result;
struct acme_dir_Directory_remove_result {
    uint8_t nothing_; /* C has no empty structs */
};

#define acme_dir_Directory_remove_result_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout acme_dir_Directory_remove_result_layout;

static KMSG_LEAF uint64_t acme_dir_Directory_remove_result_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t acme_dir_Directory_remove_result_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *acme_dir_Directory_remove_result_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    acme_dir_Directory_remove_result_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *acme_dir_Directory_remove_result_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout acme_dir_Directory_remove_result_layout = {
    .name = "acme.dir.Directory.remove.result",
    .id = UINT64_C(0xb9dd8ce3274dfa5a),
    .size = sizeof(acme_dir_Directory_remove_result),
    .shape = acme_dir_Directory_remove_result_SHAPE,
    .row_end = acme_dir_Directory_remove_result_row_end,
    .row_put = acme_dir_Directory_remove_result_row_put,
    .row_get = acme_dir_Directory_remove_result_row_get,
};

static kmsg_err acme_dir_Directory_remove_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                                  const void *args,
                          void *result)
{
    const acme_dir_Directory_impl *i = impl;
    const acme_dir_Directory_remove_args *a = args;

    (void)result;
    if (i->remove == NULL)
        return KMSG_ENOMETHOD;
    return i->remove(ctx, call, a->name);
}

typedef struct acme_dir_Directory_touch_args acme_dir_Directory_touch_args;
struct acme_dir_Directory_touch_args {
    kmsg_timestamp at;               /* 2 */
    kmsg_list_string names;          /* 1 */
};

_Static_assert(offsetof(acme_dir_Directory_touch_args, at) == 0,
               "acme_dir_Directory_touch_args: unexpected layout");

#define acme_dir_Directory_touch_args_SHAPE KMSG_SHAPE(8, 1, 3)
static const kmsg_layout acme_dir_Directory_touch_args_layout;

static const kmsg_field acme_dir_Directory_touch_args_fields_[] = {
    {.name = "names", .type = &kmsg_type_list_string, .number = 1,
     .offset = offsetof(acme_dir_Directory_touch_args, names), .place = 0},
    {.name = "at", .type = &kmsg_type_timestamp, .number = 2,
     .offset = offsetof(acme_dir_Directory_touch_args, at), .place = 0},
};

static uint64_t acme_dir_Directory_touch_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const acme_dir_Directory_touch_args *p = value;

    (void)e;
    at = kmsg_end_rows(e, p->names.items, p->names.count, sizeof(kmsg_string), at, KMSG_SHAPE_TEXT,
                       kmsg_text_row_end);
    return at;
}

static uint8_t *acme_dir_Directory_touch_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                      uint8_t *at)
{
    const acme_dir_Directory_touch_args *p = value;
    uint8_t *length = row + 8;

    (void)e;
    kmsg_put_block(&acme_dir_Directory_touch_args_layout, row, p, 8);
    at = kmsg_put_rows(e, p->names.items, p->names.count, sizeof(kmsg_string), KMSG_SHAPE_TEXT,
                       kmsg_text_row_put, length, at);
    return at;
}

static const uint8_t *acme_dir_Directory_touch_args_row_get(kmsg_dec *d, const uint8_t *row,
                                                            const uint8_t *at, void *ret)
{
    acme_dir_Directory_touch_args *p = ret;
    const uint8_t *length = row + 8;
    kmsg_items list;

    (void)d;
    kmsg_get_block(&acme_dir_Directory_touch_args_layout, p, row, 8);
    at = kmsg_get_rows(d, &kmsg_row_string, kmsg_load32(length), at, sizeof(kmsg_string),
                       KMSG_SHAPE_TEXT, kmsg_text_row_get,
                       &list);
    p->names.items = list.items;
    p->names.count = list.count;
    return at;
}

static const kmsg_layout acme_dir_Directory_touch_args_layout = {
    .name = "acme.dir.Directory.touch.args",
    .id = UINT64_C(0xfea2501cf980e701),
    .fields = acme_dir_Directory_touch_args_fields_,
    .count = 2,
    .size = sizeof(acme_dir_Directory_touch_args),
    .shape = acme_dir_Directory_touch_args_SHAPE,
    .row_end = acme_dir_Directory_touch_args_row_end,
    .row_put = acme_dir_Directory_touch_args_row_put,
    .row_get = acme_dir_Directory_touch_args_row_get,
};

static kmsg_err acme_dir_Directory_touch_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                                 const void *args,
                          void *result)
{
    const acme_dir_Directory_impl *i = impl;
    const acme_dir_Directory_touch_args *a = args;

    (void)result;
    if (i->touch == NULL)
        return KMSG_ENOMETHOD;
    return i->touch(ctx, call, a->names, a->at);
}

static const kmsg_layout *const acme_dir_Directory_find_throws_[] = {
    &acme_dir_NotFound_layout,
    NULL};

static const kmsg_layout *const acme_dir_Directory_remove_throws_[] = {
    &acme_dir_NotFound_layout,
    NULL};

static const kmsg_method acme_dir_Directory_methods_[] = {
    {.name = "find", .number = 0, .idempotent = true, .deadline_ms = 2000,
     .args = &acme_dir_Directory_find_args_layout, .result = &acme_dir_Person_layout,
     .throws = acme_dir_Directory_find_throws_,
     .invoke = acme_dir_Directory_find_invoke_},
    {.name = "list", .number = 1, .args = &acme_dir_Directory_list_args_layout,
     .result = &acme_dir_Directory_list_result_answer_layout,
     .invoke = acme_dir_Directory_list_invoke_},
    {.name = "remove", .number = 2, .args = &acme_dir_Directory_remove_args_layout,
     .result = &acme_dir_Directory_remove_result_layout,
     .throws = acme_dir_Directory_remove_throws_,
     .invoke = acme_dir_Directory_remove_invoke_},
    {.name = "touch", .number = 3, .oneway = true, .args = &acme_dir_Directory_touch_args_layout,
     .invoke = acme_dir_Directory_touch_invoke_},
};

const kmsg_service acme_dir_Directory_service = {
    .name = "acme.dir.Directory",
    .id = UINT64_C(0xef1c925dcf4f7fff),
    .methods = acme_dir_Directory_methods_,
    .count = 4,
};

kmsg_err acme_dir_Directory_serve(kmsg_node *node, const acme_dir_Directory_impl *impl, void *ctx)
{
    return kmsg_serve(node, &acme_dir_Directory_service, impl, ctx);
}

kmsg_err acme_dir_Directory_serve_at(kmsg_object *parent, const acme_dir_Directory_impl *impl,
                                     void *ctx, const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &acme_dir_Directory_service, impl, ctx, how, ret);
}

kmsg_err acme_dir_Directory_find(kmsg_peer *peer, kmsg_string name, kmsg_arena *mem,
                                 acme_dir_Person *ret)
{
    acme_dir_Directory_find_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_ask(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[0], &args, mem,
                    ret);
}

static void acme_dir_Directory_find_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                            const void *result)
{
    ((acme_dir_Directory_find_done *)done)(ctx, err, result);
}

void acme_dir_Directory_find_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                   acme_dir_Directory_find_done *done)
{
    acme_dir_Directory_find_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    kmsg_ask_async(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[0], &args,
                   acme_dir_Directory_find_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err acme_dir_Directory_find_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending)
{
    acme_dir_Directory_find_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_begin(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[0], &args,
                      pending);
}

kmsg_err acme_dir_Directory_find_end(kmsg_pending *pending, kmsg_arena *mem, acme_dir_Person *ret)
{
    return kmsg_end(pending, &acme_dir_Directory_methods_[0], mem, ret);
}

void acme_dir_Directory_find_reply(kmsg_call *call, const acme_dir_Person *result)
{
    kmsg_reply(call, &acme_dir_Directory_methods_[0], result);
}

kmsg_err acme_dir_Directory_list(kmsg_peer *peer, const acme_dir_Role *role, uint32_t limit,
                                 kmsg_arena *mem, acme_dir_Person_list *ret)
{
    acme_dir_Directory_list_args args;

    memset(&args, 0, sizeof args);
    args.has_role = role != NULL;
    if (role != NULL)
        args.role = *role;
    args.limit = limit;
    return kmsg_ask(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[1], &args, mem,
                    ret);
}

static void acme_dir_Directory_list_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                            const void *result)
{
    ((acme_dir_Directory_list_done *)done)(ctx, err, result);
}

void acme_dir_Directory_list_async(kmsg_peer *peer, const acme_dir_Role *role, uint32_t limit,
                                   void *ctx, acme_dir_Directory_list_done *done)
{
    acme_dir_Directory_list_args args;

    memset(&args, 0, sizeof args);
    args.has_role = role != NULL;
    if (role != NULL)
        args.role = *role;
    args.limit = limit;
    kmsg_ask_async(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[1], &args,
                   acme_dir_Directory_list_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err acme_dir_Directory_list_begin(kmsg_peer *peer, const acme_dir_Role *role, uint32_t limit,
                                       kmsg_pending *pending)
{
    acme_dir_Directory_list_args args;

    memset(&args, 0, sizeof args);
    args.has_role = role != NULL;
    if (role != NULL)
        args.role = *role;
    args.limit = limit;
    return kmsg_begin(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[1], &args,
                      pending);
}

kmsg_err acme_dir_Directory_list_end(kmsg_pending *pending, kmsg_arena *mem,
                                     acme_dir_Person_list *ret)
{
    return kmsg_end(pending, &acme_dir_Directory_methods_[1], mem, ret);
}

void acme_dir_Directory_list_reply(kmsg_call *call, const acme_dir_Person_list *result)
{
    kmsg_reply(call, &acme_dir_Directory_methods_[1], result);
}

kmsg_err acme_dir_Directory_remove(kmsg_peer *peer, kmsg_string name)
{
    acme_dir_Directory_remove_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_ask(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[2], &args, NULL,
                    NULL);
}

static void acme_dir_Directory_remove_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                              const void *result)
{
    (void)result;
    ((acme_dir_Directory_remove_done *)done)(ctx, err);
}

void acme_dir_Directory_remove_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                     acme_dir_Directory_remove_done *done)
{
    acme_dir_Directory_remove_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    kmsg_ask_async(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[2], &args,
                   acme_dir_Directory_remove_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err acme_dir_Directory_remove_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending)
{
    acme_dir_Directory_remove_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_begin(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[2], &args,
                      pending);
}

kmsg_err acme_dir_Directory_remove_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &acme_dir_Directory_methods_[2], NULL, NULL);
}

void acme_dir_Directory_remove_reply(kmsg_call *call)
{
    const acme_dir_Directory_remove_result nothing = {0};

    kmsg_reply(call, &acme_dir_Directory_methods_[2], &nothing);
}

kmsg_err acme_dir_Directory_touch(kmsg_peer *peer, kmsg_list_string names, kmsg_timestamp at)
{
    acme_dir_Directory_touch_args args;

    memset(&args, 0, sizeof args);
    args.names = names;
    args.at = at;
    return kmsg_tell(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[3], &args);
}

static void acme_dir_Directory_touch_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                             const void *result)
{
    (void)result;
    ((acme_dir_Directory_touch_done *)done)(ctx, err);
}

void acme_dir_Directory_touch_async(kmsg_peer *peer, kmsg_list_string names, kmsg_timestamp at,
                                    void *ctx, acme_dir_Directory_touch_done *done)
{
    acme_dir_Directory_touch_args args;

    memset(&args, 0, sizeof args);
    args.names = names;
    args.at = at;
    kmsg_ask_async(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[3], &args,
                   acme_dir_Directory_touch_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err acme_dir_Directory_touch_begin(kmsg_peer *peer, kmsg_list_string names, kmsg_timestamp at,
                                        kmsg_pending *pending)
{
    acme_dir_Directory_touch_args args;

    memset(&args, 0, sizeof args);
    args.names = names;
    args.at = at;
    return kmsg_begin(peer, &acme_dir_Directory_service, &acme_dir_Directory_methods_[3], &args,
                      pending);
}

kmsg_err acme_dir_Directory_touch_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &acme_dir_Directory_methods_[3], NULL, NULL);
}

#endif /* KMSG_CODEC_ONLY */

