/* calendar.kmsg.c -- made by kmsgc 0.1.0 from calendar.kmsg; edit that file, not this one. */
#include "calendar.kmsg.h"

#include <kmsg/codec.h>

/* ---- enum Weekday ------------------------------------------------------------------------ */

_Static_assert(sizeof(calendar_Weekday) == 4,
               "calendar_Weekday: enums must be ints (-fno-short-enums)");

static const kmsg_enum_value calendar_Weekday_values_[] = {
    {"MONDAY", 1},
    {"TUESDAY", 2},
    {"WEDNESDAY", 3},
    {"THURSDAY", 4},
    {"FRIDAY", 5},
    {"SATURDAY", 6},
    {"SUNDAY", 7},
};

static const kmsg_enum calendar_Weekday_enum_ = {
    .name = "calendar.Weekday",
    .values = calendar_Weekday_values_,
    .count = 7,
    .closed = true,
};

const kmsg_type calendar_Weekday_type = {
    .name = "calendar.Weekday",
    .kind = KMSG_KIND_ENUM, .size = sizeof(calendar_Weekday), .align = _Alignof(calendar_Weekday),
    .enum_ = &calendar_Weekday_enum_};
const kmsg_type calendar_Weekday_list_type = {
    .name = "list<calendar.Weekday>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(calendar_Weekday_list),
    .align = _Alignof(calendar_Weekday_list), .item = &calendar_Weekday_type};

const char *calendar_Weekday_name(calendar_Weekday value)
{
    switch ((int32_t)value) {
    case calendar_Weekday_MONDAY: return "MONDAY";
    case calendar_Weekday_TUESDAY: return "TUESDAY";
    case calendar_Weekday_WEDNESDAY: return "WEDNESDAY";
    case calendar_Weekday_THURSDAY: return "THURSDAY";
    case calendar_Weekday_FRIDAY: return "FRIDAY";
    case calendar_Weekday_SATURDAY: return "SATURDAY";
    case calendar_Weekday_SUNDAY: return "SUNDAY";
    default: return NULL;
    }
}

/* ---- alias Holidays ---------------------------------------------------------------------- */

static const kmsg_field calendar_Holidays_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(calendar_Holidays_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_list_u16, .number = 2,
     .offset = offsetof(calendar_Holidays_entry, value), .place = 1},
};

uint64_t calendar_Holidays_entry_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const calendar_Holidays_entry *p = value;

    (void)e;
    at = kmsg_end_string(e, p->key, at);
    at = kmsg_end_array(e, p->value.count, sizeof(uint16_t), 2, at);
    return at;
}

uint8_t *calendar_Holidays_entry_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const calendar_Holidays_entry *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->key, length, at);
    at = kmsg_put_array(e, &kmsg_type_u16, p->value.items, p->value.count, sizeof(uint16_t), 2,
                        length + 4, at);
    return at;
}

const uint8_t *calendar_Holidays_entry_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                               void *ret)
{
    calendar_Holidays_entry *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->key);
    at = kmsg_get_array(d, &kmsg_type_u16, kmsg_load32(length + 4), at, sizeof(uint16_t), 2, &list);
    p->value.items = list.items;
    p->value.count = list.count;
    return at;
}

const kmsg_layout calendar_Holidays_entry_layout = {
    .name = "calendar_Holidays",
    .id = UINT64_C(0xd43ef80bf7961155),
    .fields = calendar_Holidays_entry_fields_,
    .count = 2,
    .size = sizeof(calendar_Holidays_entry),
    .shape = calendar_Holidays_entry_SHAPE,
    .row_end = calendar_Holidays_entry_row_end,
    .row_put = calendar_Holidays_entry_row_put,
    .row_get = calendar_Holidays_entry_row_get,
};

const kmsg_type calendar_Holidays_type = {
    .name = "map<calendar.Day_name, list<u16>>",
    .kind = KMSG_KIND_MAP, .size = sizeof(calendar_Holidays), .align = _Alignof(calendar_Holidays),
    .layout = &calendar_Holidays_entry_layout};

const kmsg_list_u16 *calendar_Holidays_find(calendar_Holidays map, calendar_Day_name key)
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

kmsg_err calendar_Holidays_encode(const calendar_Holidays *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode_value(&calendar_Holidays_type, value, mem, ret);
}

kmsg_err calendar_Holidays_decode(kmsg_bytes bytes, kmsg_arena *mem, calendar_Holidays *ret)
{
    return kmsg_decode_value(&calendar_Holidays_type, bytes, mem, ret);
}

kmsg_err calendar_Holidays_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, calendar_Holidays *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? calendar_Holidays_decode(bytes, mem, ret) : err;
}

kmsg_err calendar_Holidays_copy(const calendar_Holidays *value, kmsg_arena *mem,
                                calendar_Holidays *ret)
{
    return kmsg_copy_value(&calendar_Holidays_type, value, mem, ret);
}

bool calendar_Holidays_equal(const calendar_Holidays *a, const calendar_Holidays *b)
{
    return kmsg_equal_value(&calendar_Holidays_type, a, b);
}

void calendar_Holidays_print(const calendar_Holidays *value, FILE *out)
{
    kmsg_print_value(&calendar_Holidays_type, value, out);
}

/* ---- record Day -------------------------------------------------------------------------- */

_Static_assert(offsetof(calendar_Day, weekday) == 8, "calendar_Day: unexpected layout");
_Static_assert(sizeof(calendar_Day) == 12, "calendar_Day: unexpected layout");

const calendar_Day calendar_Day_initial = {0};

static const kmsg_field calendar_Day_fields_[] = {
    {.name = "year", .type = &kmsg_type_i32, .number = 1,
     .offset = offsetof(calendar_Day, year), .place = 0},
    {.name = "month", .type = &kmsg_type_u8, .number = 2,
     .offset = offsetof(calendar_Day, month), .place = 4},
    {.name = "day", .type = &kmsg_type_u8, .number = 3,
     .offset = offsetof(calendar_Day, day), .place = 5},
    {.name = "weekday", .type = &calendar_Weekday_type, .number = 4,
     .offset = offsetof(calendar_Day, weekday), .place = 8},
};

KMSG_LEAF uint64_t calendar_Day_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *calendar_Day_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    if (KMSG_UNLIKELY(calendar_Day_row_set(value, row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

KMSG_LEAF const uint8_t *calendar_Day_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                              void *ret)
{
    calendar_Day *p = ret;

    (void)d;
    kmsg_get_block(&calendar_Day_layout, p, row, 12);
    if (KMSG_UNLIKELY(calendar_Day_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

const kmsg_layout calendar_Day_layout = {
    .name = "calendar.Day",
    .id = UINT64_C(0xc2ff1be3f2498bef),
    .fields = calendar_Day_fields_,
    .count = 4,
    .size = sizeof(calendar_Day),
    .shape = calendar_Day_SHAPE,
    .row_end = calendar_Day_row_end,
    .row_put = calendar_Day_row_put,
    .row_get = calendar_Day_row_get,
};

const kmsg_type calendar_Day_type = {
    .name = "calendar.Day",
    .kind = KMSG_KIND_FIXED, .size = sizeof(calendar_Day), .align = _Alignof(calendar_Day),
    .layout = &calendar_Day_layout};
const kmsg_type calendar_Day_list_type = {
    .name = "list<calendar.Day>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(calendar_Day_list),
    .align = _Alignof(calendar_Day_list), .item = &calendar_Day_type};

kmsg_err calendar_Day_encoded_size(const calendar_Day *value, size_t *ret)
{
    return kmsg_measure_with(&calendar_Day_layout, calendar_Day_SHAPE, calendar_Day_row_end, value,
                             ret);
}

kmsg_err calendar_Day_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, calendar_Day *ret)
{
    return calendar_Day_decode(bytes, mem, ret);
}

kmsg_err calendar_Day_encode(const calendar_Day *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&calendar_Day_layout, value, mem, ret);
}

kmsg_err calendar_Day_copy(const calendar_Day *value, kmsg_arena *mem, calendar_Day *ret)
{
    return kmsg_copy(&calendar_Day_layout, value, mem, ret);
}

bool calendar_Day_equal(const calendar_Day *a, const calendar_Day *b)
{
    return kmsg_equal(&calendar_Day_layout, a, b);
}

void calendar_Day_print(const calendar_Day *value, FILE *out)
{
    kmsg_print(&calendar_Day_layout, value, out);
}

