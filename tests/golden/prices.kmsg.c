/* prices.kmsg.c -- made by kmsgc 0.1.0 from prices.kmsg; edit that file, not this one. */
#include "prices.kmsg.h"

#include <kmsg/codec.h>

/* ---- enum Venue -------------------------------------------------------------------------- */

_Static_assert(sizeof(prices_Venue) == 4, "prices_Venue: enums must be ints (-fno-short-enums)");

static const kmsg_enum_value prices_Venue_values_[] = {
    {"XETRA", 0},
    {"NYSE", 1},
};

static const kmsg_enum prices_Venue_enum_ = {
    .name = "prices.Venue",
    .values = prices_Venue_values_,
    .count = 2,
};

const kmsg_type prices_Venue_type = {
    .name = "prices.Venue",
    .kind = KMSG_KIND_ENUM, .size = sizeof(prices_Venue), .align = _Alignof(prices_Venue),
    .enum_ = &prices_Venue_enum_};
const kmsg_type prices_Venue_list_type = {
    .name = "list<prices.Venue>",
    .kind = KMSG_KIND_ARRAY, .size = sizeof(prices_Venue_list),
    .align = _Alignof(prices_Venue_list), .item = &prices_Venue_type};

const char *prices_Venue_name(prices_Venue value)
{
    switch ((int32_t)value) {
    case prices_Venue_XETRA: return "XETRA";
    case prices_Venue_NYSE: return "NYSE";
    default: return NULL;
    }
}

/* ---- record Tick ------------------------------------------------------------------------- */

_Static_assert(offsetof(prices_Tick, size) == 16, "prices_Tick: unexpected layout");
_Static_assert(sizeof(prices_Tick) == 24, "prices_Tick: unexpected layout");

const prices_Tick prices_Tick_initial = {0};

static const kmsg_field prices_Tick_fields_[] = {
    {.name = "bid", .type = &kmsg_type_f64, .number = 1,
     .offset = offsetof(prices_Tick, bid), .place = 0},
    {.name = "ask", .type = &kmsg_type_f64, .number = 2,
     .offset = offsetof(prices_Tick, ask), .place = 8},
    {.name = "size", .type = &kmsg_type_u32, .number = 3,
     .offset = offsetof(prices_Tick, size), .place = 16},
};

KMSG_LEAF uint64_t prices_Tick_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *prices_Tick_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    prices_Tick_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *prices_Tick_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                             void *ret)
{
    prices_Tick *p = ret;

    (void)d;
    kmsg_get_block(&prices_Tick_layout, p, row, 20);
    return at;
}

const kmsg_layout prices_Tick_layout = {
    .name = "prices.Tick",
    .id = UINT64_C(0xaa055c96beb4277e),
    .fields = prices_Tick_fields_,
    .count = 3,
    .size = sizeof(prices_Tick),
    .shape = prices_Tick_SHAPE,
    .row_end = prices_Tick_row_end,
    .row_put = prices_Tick_row_put,
    .row_get = prices_Tick_row_get,
};

const kmsg_type prices_Tick_type = {
    .name = "prices.Tick",
    .kind = KMSG_KIND_RECORD, .size = sizeof(prices_Tick), .align = _Alignof(prices_Tick),
    .layout = &prices_Tick_layout};
const kmsg_type prices_Tick_list_type = {
    .name = "list<prices.Tick>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(prices_Tick_list), .align = _Alignof(prices_Tick_list),
    .layout = &prices_Tick_layout};

kmsg_err prices_Tick_encoded_size(const prices_Tick *value, size_t *ret)
{
    return kmsg_measure_with(&prices_Tick_layout, prices_Tick_SHAPE, prices_Tick_row_end, value,
                             ret);
}

kmsg_err prices_Tick_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, prices_Tick *ret)
{
    return prices_Tick_decode(bytes, mem, ret);
}

kmsg_err prices_Tick_encode(const prices_Tick *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&prices_Tick_layout, value, mem, ret);
}

kmsg_err prices_Tick_copy(const prices_Tick *value, kmsg_arena *mem, prices_Tick *ret)
{
    return kmsg_copy(&prices_Tick_layout, value, mem, ret);
}

bool prices_Tick_equal(const prices_Tick *a, const prices_Tick *b)
{
    return kmsg_equal(&prices_Tick_layout, a, b);
}

void prices_Tick_print(const prices_Tick *value, FILE *out)
{
    kmsg_print(&prices_Tick_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- topic Prices ------------------------------------------------------------------------ */

typedef struct prices_Prices_key prices_Prices_key;
struct prices_Prices_key {
    kmsg_string symbol;              /* 1 */
};

static const kmsg_limits prices_Prices_key_symbol_limits_ = {
    .has_low = true,
    .low = {.u = UINT64_C(1)},
    .has_high = true,
    .high = {.u = UINT64_C(8)},
};

static const kmsg_type prices_Prices_key_symbol_type = {
    .name = "string(1..8)",
    .kind = KMSG_KIND_STRING, .size = sizeof(kmsg_string), .align = _Alignof(kmsg_string),
    .limits = &prices_Prices_key_symbol_limits_};

#define prices_Prices_key_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout prices_Prices_key_layout;

static const kmsg_field prices_Prices_key_fields_[] = {
    {.name = "symbol", .type = &prices_Prices_key_symbol_type, .number = 1,
     .offset = offsetof(prices_Prices_key, symbol), .place = 0},
};

static KMSG_LEAF uint64_t prices_Prices_key_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Prices_key *p = value;

    (void)e;
    at = kmsg_end_string(e, p->symbol, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Prices_key_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                    uint8_t *at)
{
    const prices_Prices_key *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->symbol, length, at);
    if (KMSG_UNLIKELY(p->symbol.size < 1 || p->symbol.size > 8))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Prices_key_row_get(kmsg_dec *d, const uint8_t *row,
                                                          const uint8_t *at, void *ret)
{
    prices_Prices_key *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->symbol);
    if (KMSG_UNLIKELY(p->symbol.size < 1 || p->symbol.size > 8))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

static const kmsg_layout prices_Prices_key_layout = {
    .name = "prices.Prices.key",
    .id = UINT64_C(0xe88f9e67b666b374),
    .fields = prices_Prices_key_fields_,
    .count = 1,
    .size = sizeof(prices_Prices_key),
    .shape = prices_Prices_key_SHAPE,
    .row_end = prices_Prices_key_row_end,
    .row_put = prices_Prices_key_row_put,
    .row_get = prices_Prices_key_row_get,
};

#define prices_Prices_filter_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout prices_Prices_filter_layout;

static const kmsg_field prices_Prices_filter_fields_[] = {
    {.name = "symbol", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(prices_Prices_filter, symbol), .place = 0, .optional = 1},
};

static KMSG_LEAF uint64_t prices_Prices_filter_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Prices_filter *p = value;

    (void)e;
    if (p->symbol.data != NULL)
        at = kmsg_end_string(e, p->symbol, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Prices_filter_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                       uint8_t *at)
{
    const prices_Prices_filter *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = p->symbol.data == NULL ? kmsg_put_absent(length, at)
            : kmsg_put_string(e, p->symbol, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Prices_filter_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    prices_Prices_filter *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_optional_lone_string(d, kmsg_load32(length), at, &p->symbol);
    return at;
}

static const kmsg_layout prices_Prices_filter_layout = {
    .name = "prices.Prices.filter",
    .id = UINT64_C(0xf41368153d94512f),
    .fields = prices_Prices_filter_fields_,
    .count = 1,
    .size = sizeof(prices_Prices_filter),
    .shape = prices_Prices_filter_SHAPE,
    .row_end = prices_Prices_filter_row_end,
    .row_put = prices_Prices_filter_row_put,
    .row_get = prices_Prices_filter_row_get,
};

static void prices_Prices_tell_(kmsg_done *heard, void *ctx, const kmsg_topic_news *news,
                                const void *key, const void *value)
{
    const prices_Prices_key *a = key;

    ((prices_Prices_heard *)heard)(ctx, news, a->symbol, value);
}

const kmsg_topic prices_Prices_topic = {
    .name = "prices.Prices",
    .id = UINT64_C(0xe8b3de3834894d81),
    .key = &prices_Prices_key_layout,
    .filter = &prices_Prices_filter_layout,
    .value = &prices_Tick_layout,
    .tell = prices_Prices_tell_,
};

kmsg_err prices_Prices_offer(kmsg_node *node, const kmsg_publisher_options *options)
{
    return kmsg_topic_offer(node, &prices_Prices_topic, options);
}

kmsg_err prices_Prices_publish(kmsg_node *node, kmsg_string symbol, const prices_Tick *value)
{
    prices_Prices_key args;

    memset(&args, 0, sizeof args);
    args.symbol = symbol;
    return kmsg_topic_publish(node, &prices_Prices_topic, &args, value);
}

kmsg_err prices_Prices_subscribe(kmsg_node *node, const prices_Prices_filter *filter,
                                 const kmsg_subscriber_options *options, void *ctx,
                                 prices_Prices_heard *heard, kmsg_subscriber **ret)
{
    return kmsg_topic_subscribe(node, &prices_Prices_topic, filter, options, (kmsg_done *)heard,
                                ctx, ret);
}

/* ---- topic Alarms ------------------------------------------------------------------------ */

#define prices_Alarms_value_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout prices_Alarms_value_answer_layout;

static const kmsg_field prices_Alarms_value_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t prices_Alarms_value_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const kmsg_string *p = value;

    (void)e;
    at = kmsg_end_string(e, (*p), at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Alarms_value_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const kmsg_string *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, (*p), length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Alarms_value_answer_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    kmsg_string *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &(*p));
    return at;
}

static const kmsg_layout prices_Alarms_value_answer_layout = {
    .name = "prices.Alarms.value",
    .id = UINT64_C(0xf43ea68d5114adce),
    .fields = prices_Alarms_value_answer_fields_,
    .count = 1,
    .size = sizeof(kmsg_string),
    .shape = prices_Alarms_value_answer_SHAPE,
    .row_end = prices_Alarms_value_answer_row_end,
    .row_put = prices_Alarms_value_answer_row_put,
    .row_get = prices_Alarms_value_answer_row_get,
};

static void prices_Alarms_tell_(kmsg_done *heard, void *ctx, const kmsg_topic_news *news,
                                const void *key, const void *value)
{
    const kmsg_string *v = value;

    (void)key;
    ((prices_Alarms_heard *)heard)(ctx, news, *v);
}

static const char *const prices_Alarms_roles_[] = {"ops", NULL};

const kmsg_topic prices_Alarms_topic = {
    .name = "prices.Alarms",
    .id = UINT64_C(0x980271cd2e846ff5),
    .roles = prices_Alarms_roles_,
    .value = &prices_Alarms_value_answer_layout,
    .tell = prices_Alarms_tell_,
};

kmsg_err prices_Alarms_offer(kmsg_node *node, const kmsg_publisher_options *options)
{
    return kmsg_topic_offer(node, &prices_Alarms_topic, options);
}

kmsg_err prices_Alarms_publish(kmsg_node *node, kmsg_string value)
{
    return kmsg_topic_publish(node, &prices_Alarms_topic, NULL, &value);
}

kmsg_err prices_Alarms_subscribe(kmsg_node *node, const kmsg_subscriber_options *options, void *ctx,
                                 prices_Alarms_heard *heard, kmsg_subscriber **ret)
{
    return kmsg_topic_subscribe(node, &prices_Alarms_topic, NULL, options, (kmsg_done *)heard, ctx,
                                ret);
}

/* ---- topic Depth ------------------------------------------------------------------------- */

typedef struct prices_Depth_key prices_Depth_key;
struct prices_Depth_key {
    prices_Venue venue;              /* 1 */
    uint8_t level;                   /* 3 */
    kmsg_string symbol;              /* 2 */
};

_Static_assert(offsetof(prices_Depth_key, level) == 4, "prices_Depth_key: unexpected layout");

#define prices_Depth_key_SHAPE KMSG_SHAPE(5, 1, 2)
static const kmsg_layout prices_Depth_key_layout;

static const kmsg_field prices_Depth_key_fields_[] = {
    {.name = "venue", .type = &prices_Venue_type, .number = 1,
     .offset = offsetof(prices_Depth_key, venue), .place = 0},
    {.name = "symbol", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(prices_Depth_key, symbol), .place = 0},
    {.name = "level", .type = &kmsg_type_u8, .number = 3,
     .offset = offsetof(prices_Depth_key, level), .place = 4},
};

static uint32_t prices_Depth_key_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[5] | row[6] | row[7]; /* padding */
    return bad;
}

static KMSG_LEAF uint64_t prices_Depth_key_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Depth_key *p = value;

    (void)e;
    at = kmsg_end_string(e, p->symbol, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Depth_key_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                   uint8_t *at)
{
    const prices_Depth_key *p = value;
    uint8_t *length = row + 8;

    (void)e;
    kmsg_put_block(&prices_Depth_key_layout, row, p, 5);
    memset(row + 5, 0, 3);
    if (KMSG_UNLIKELY(prices_Depth_key_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = kmsg_put_string(e, p->symbol, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Depth_key_row_get(kmsg_dec *d, const uint8_t *row,
                                                         const uint8_t *at, void *ret)
{
    prices_Depth_key *p = ret;
    const uint8_t *length = row + 8;

    (void)d;
    kmsg_get_block(&prices_Depth_key_layout, p, row, 5);
    if (KMSG_UNLIKELY(prices_Depth_key_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->symbol);
    return at;
}

static const kmsg_layout prices_Depth_key_layout = {
    .name = "prices.Depth.key",
    .id = UINT64_C(0xfafab38528975959),
    .fields = prices_Depth_key_fields_,
    .count = 3,
    .size = sizeof(prices_Depth_key),
    .shape = prices_Depth_key_SHAPE,
    .row_end = prices_Depth_key_row_end,
    .row_put = prices_Depth_key_row_put,
    .row_get = prices_Depth_key_row_get,
};

_Static_assert(offsetof(prices_Depth_filter, level) == 5, "prices_Depth_filter: unexpected layout");

#define prices_Depth_filter_SHAPE KMSG_SHAPE(7, 1, 2)
static const kmsg_layout prices_Depth_filter_layout;

static const kmsg_field prices_Depth_filter_fields_[] = {
    {.name = "venue", .type = &prices_Venue_type, .number = 1,
     .offset = offsetof(prices_Depth_filter, venue),
     .has_offset = offsetof(prices_Depth_filter, has_venue), .place = 0, .optional = 1},
    {.name = "symbol", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(prices_Depth_filter, symbol), .place = 0, .optional = 1},
    {.name = "level", .type = &kmsg_type_u8, .number = 3,
     .offset = offsetof(prices_Depth_filter, level),
     .has_offset = offsetof(prices_Depth_filter, has_level), .place = 5, .optional = 1},
};

static uint32_t prices_Depth_filter_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[4] > 1 || (row[4] == 0 && kmsg_nonzero(row + 0, 4));
    bad |= row[6] > 1 || (row[6] == 0 && kmsg_nonzero(row + 5, 1));
    bad |= row[7]; /* padding */
    return bad;
}

static KMSG_LEAF uint64_t prices_Depth_filter_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Depth_filter *p = value;

    (void)e;
    if (p->symbol.data != NULL)
        at = kmsg_end_string(e, p->symbol, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Depth_filter_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                      uint8_t *at)
{
    const prices_Depth_filter *p = value;
    uint8_t *length = row + 8;

    (void)e;
    kmsg_put_block(&prices_Depth_filter_layout, row, p, 7);
    if (!p->has_venue)
        memset(row + 0, 0, 4);
    if (!p->has_level)
        memset(row + 5, 0, 1);
    memset(row + 7, 0, 1);
    if (KMSG_UNLIKELY(prices_Depth_filter_row_bad(row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    at = p->symbol.data == NULL ? kmsg_put_absent(length, at)
            : kmsg_put_string(e, p->symbol, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Depth_filter_row_get(kmsg_dec *d, const uint8_t *row,
                                                            const uint8_t *at, void *ret)
{
    prices_Depth_filter *p = ret;
    const uint8_t *length = row + 8;

    (void)d;
    kmsg_get_block(&prices_Depth_filter_layout, p, row, 7);
    if (KMSG_UNLIKELY(prices_Depth_filter_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    at = kmsg_get_optional_string(d, kmsg_load32(length), at, &p->symbol);
    return at;
}

static const kmsg_layout prices_Depth_filter_layout = {
    .name = "prices.Depth.filter",
    .id = UINT64_C(0xddaf40b9f618f7ac),
    .fields = prices_Depth_filter_fields_,
    .count = 3,
    .size = sizeof(prices_Depth_filter),
    .shape = prices_Depth_filter_SHAPE,
    .row_end = prices_Depth_filter_row_end,
    .row_put = prices_Depth_filter_row_put,
    .row_get = prices_Depth_filter_row_get,
};

#define prices_Depth_value_entry_SHAPE KMSG_SHAPE(4, 1, 2)
static const kmsg_layout prices_Depth_value_entry_layout;

static const kmsg_field prices_Depth_value_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(prices_Depth_value_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_u32, .number = 2,
     .offset = offsetof(prices_Depth_value_entry, value), .place = 0},
};

static KMSG_LEAF uint64_t prices_Depth_value_entry_row_end(kmsg_enc *e, const void *value,
                                                           uint64_t at)
{
    const prices_Depth_value_entry *p = value;

    (void)e;
    at = kmsg_end_string(e, p->key, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Depth_value_entry_row_put(kmsg_enc *e, const void *value,
                                                           uint8_t *row, uint8_t *at)
{
    const prices_Depth_value_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&kmsg_type_u32, row + 0, &p->value, 4);
    at = kmsg_put_string(e, p->key, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Depth_value_entry_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    prices_Depth_value_entry *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_scalar(&kmsg_type_u32, &p->value, row + 0, 4);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->key);
    return at;
}

static const kmsg_layout prices_Depth_value_entry_layout = {
    .name = "prices_Depth_value",
    .id = UINT64_C(0x91bb184a0b77ed43),
    .fields = prices_Depth_value_entry_fields_,
    .count = 2,
    .size = sizeof(prices_Depth_value_entry),
    .shape = prices_Depth_value_entry_SHAPE,
    .row_end = prices_Depth_value_entry_row_end,
    .row_put = prices_Depth_value_entry_row_put,
    .row_get = prices_Depth_value_entry_row_get,
};

static const kmsg_type prices_Depth_value_type = {
    .name = "map<string, u32>",
    .kind = KMSG_KIND_MAP, .size = sizeof(prices_Depth_value),
    .align = _Alignof(prices_Depth_value), .layout = &prices_Depth_value_entry_layout};

const uint32_t *prices_Depth_value_find(prices_Depth_value map, kmsg_string key)
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

#define prices_Depth_value_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout prices_Depth_value_answer_layout;

static const kmsg_field prices_Depth_value_answer_fields_[] = {
    {.name = "", .type = &prices_Depth_value_type, .number = 1, .place = 0},
};

static uint64_t prices_Depth_value_answer_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Depth_value *p = value;

    (void)e;
    at = kmsg_end_rows(e, (*p).items, (*p).count, sizeof(prices_Depth_value_entry), at,
                       prices_Depth_value_entry_SHAPE, prices_Depth_value_entry_row_end);
    return at;
}

static uint8_t *prices_Depth_value_answer_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                  uint8_t *at)
{
    const prices_Depth_value *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_map(e, &prices_Depth_value_entry_layout, (*p).items, (*p).count,
                      sizeof(prices_Depth_value_entry), kmsg_sorted_string,
                      prices_Depth_value_entry_SHAPE, prices_Depth_value_entry_row_put, length, at);
    return at;
}

static const uint8_t *prices_Depth_value_answer_row_get(kmsg_dec *d, const uint8_t *row,
                                                        const uint8_t *at, void *ret)
{
    prices_Depth_value *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_rows(d, &prices_Depth_value_entry_layout, kmsg_load32(length), at,
                       sizeof(prices_Depth_value_entry), prices_Depth_value_entry_SHAPE,
                       prices_Depth_value_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_text(list.items, list.count, sizeof(prices_Depth_value_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    (*p).items = list.items;
    (*p).count = list.count;
    return at;
}

static const kmsg_layout prices_Depth_value_answer_layout = {
    .name = "prices.Depth.value",
    .id = UINT64_C(0xdeef0a0985b479bb),
    .fields = prices_Depth_value_answer_fields_,
    .count = 1,
    .size = sizeof(prices_Depth_value),
    .shape = prices_Depth_value_answer_SHAPE,
    .row_end = prices_Depth_value_answer_row_end,
    .row_put = prices_Depth_value_answer_row_put,
    .row_get = prices_Depth_value_answer_row_get,
};

static void prices_Depth_tell_(kmsg_done *heard, void *ctx, const kmsg_topic_news *news,
                               const void *key, const void *value)
{
    const prices_Depth_key *a = key;
    const prices_Depth_value *v = value;

    ((prices_Depth_heard *)heard)(ctx, news, a->venue, a->symbol, a->level, *v);
}

const kmsg_topic prices_Depth_topic = {
    .name = "prices.Depth",
    .id = UINT64_C(0xaadfac8b4c29c428),
    .key = &prices_Depth_key_layout,
    .filter = &prices_Depth_filter_layout,
    .value = &prices_Depth_value_answer_layout,
    .tell = prices_Depth_tell_,
};

kmsg_err prices_Depth_offer(kmsg_node *node, const kmsg_publisher_options *options)
{
    return kmsg_topic_offer(node, &prices_Depth_topic, options);
}

kmsg_err prices_Depth_publish(kmsg_node *node, prices_Venue venue, kmsg_string symbol,
                              uint8_t level, prices_Depth_value value)
{
    prices_Depth_key args;

    memset(&args, 0, sizeof args);
    args.venue = venue;
    args.symbol = symbol;
    args.level = level;
    return kmsg_topic_publish(node, &prices_Depth_topic, &args, &value);
}

kmsg_err prices_Depth_subscribe(kmsg_node *node, const prices_Depth_filter *filter,
                                const kmsg_subscriber_options *options, void *ctx,
                                prices_Depth_heard *heard, kmsg_subscriber **ret)
{
    return kmsg_topic_subscribe(node, &prices_Depth_topic, filter, options, (kmsg_done *)heard, ctx,
                                ret);
}

/* ---- topic Marks ------------------------------------------------------------------------- */

typedef struct prices_Marks_key prices_Marks_key;
struct prices_Marks_key {
    double value_[3];                /* 1 */
    kmsg_string note;                /* 2, .data is NULL when absent */
};

_Static_assert(offsetof(prices_Marks_key, value_) == 0, "prices_Marks_key: unexpected layout");

static const kmsg_type prices_Marks_key_value_type = {
    .name = "f64[3]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(double[3]), .align = _Alignof(double[3]),
    .item = &kmsg_type_f64, .count = 3};

#define prices_Marks_key_SHAPE KMSG_SHAPE(24, 1, 3)
static const kmsg_layout prices_Marks_key_layout;

static const kmsg_field prices_Marks_key_fields_[] = {
    {.name = "value", .type = &prices_Marks_key_value_type, .number = 1,
     .offset = offsetof(prices_Marks_key, value_), .place = 0},
    {.name = "note", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(prices_Marks_key, note), .place = 0, .optional = 1},
};

static KMSG_LEAF uint64_t prices_Marks_key_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const prices_Marks_key *p = value;

    (void)e;
    if (p->note.data != NULL)
        at = kmsg_end_string(e, p->note, at);
    return at;
}

static KMSG_LEAF uint8_t *prices_Marks_key_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                   uint8_t *at)
{
    const prices_Marks_key *p = value;
    uint8_t *length = row + 24;

    (void)e;
    kmsg_put_block(&prices_Marks_key_layout, row, p, 24);
    at = p->note.data == NULL ? kmsg_put_absent(length, at)
            : kmsg_put_string(e, p->note, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Marks_key_row_get(kmsg_dec *d, const uint8_t *row,
                                                         const uint8_t *at, void *ret)
{
    prices_Marks_key *p = ret;
    const uint8_t *length = row + 24;

    (void)d;
    kmsg_get_block(&prices_Marks_key_layout, p, row, 24);
    at = kmsg_get_optional_string(d, kmsg_load32(length), at, &p->note);
    return at;
}

static const kmsg_layout prices_Marks_key_layout = {
    .name = "prices.Marks.key",
    .id = UINT64_C(0xbb39bd3d9d037d06),
    .fields = prices_Marks_key_fields_,
    .count = 2,
    .size = sizeof(prices_Marks_key),
    .shape = prices_Marks_key_SHAPE,
    .row_end = prices_Marks_key_row_end,
    .row_put = prices_Marks_key_row_put,
    .row_get = prices_Marks_key_row_get,
};

static const kmsg_type prices_Marks_value_type = {
    .name = "u16[2]",
    .kind = KMSG_KIND_VECTOR, .size = sizeof(uint16_t[2]), .align = _Alignof(uint16_t[2]),
    .item = &kmsg_type_u16, .count = 2};

#define prices_Marks_value_answer_SHAPE KMSG_SHAPE(4, 0, 1)
static const kmsg_layout prices_Marks_value_answer_layout;

static const kmsg_field prices_Marks_value_answer_fields_[] = {
    {.name = "", .type = &prices_Marks_value_type, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t prices_Marks_value_answer_row_end(kmsg_enc *e, const void *value,
                                                            uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t prices_Marks_value_answer_row_set(const void *value, uint8_t *row)
{
    const prices_Marks_value *p = (const prices_Marks_value *)value;

    kmsg_put_scalar(&prices_Marks_value_type, row + 0, &(*p), 4);
    return 0;
}

static KMSG_LEAF uint8_t *prices_Marks_value_answer_row_put(kmsg_enc *e, const void *value,
                                                            uint8_t *row, uint8_t *at)
{
    (void)e;
    prices_Marks_value_answer_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *prices_Marks_value_answer_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    prices_Marks_value *p = ret;

    (void)d;
    kmsg_get_scalar(&prices_Marks_value_type, &(*p), row + 0, 4);
    return at;
}

static const kmsg_layout prices_Marks_value_answer_layout = {
    .name = "prices.Marks.value",
    .id = UINT64_C(0xaf5fee186bd34f54),
    .fields = prices_Marks_value_answer_fields_,
    .count = 1,
    .size = sizeof(prices_Marks_value),
    .shape = prices_Marks_value_answer_SHAPE,
    .row_end = prices_Marks_value_answer_row_end,
    .row_put = prices_Marks_value_answer_row_put,
    .row_get = prices_Marks_value_answer_row_get,
};

static void prices_Marks_tell_(kmsg_done *heard, void *ctx, const kmsg_topic_news *news,
                               const void *key, const void *value)
{
    const prices_Marks_key *a = key;

    ((prices_Marks_heard *)heard)(ctx, news, a->value_, a->note, value);
}

const kmsg_topic prices_Marks_topic = {
    .name = "prices.Marks",
    .id = UINT64_C(0xca9c1ecf4db222cb),
    .key = &prices_Marks_key_layout,
    .value = &prices_Marks_value_answer_layout,
    .tell = prices_Marks_tell_,
};

kmsg_err prices_Marks_offer(kmsg_node *node, const kmsg_publisher_options *options)
{
    return kmsg_topic_offer(node, &prices_Marks_topic, options);
}

kmsg_err prices_Marks_publish(kmsg_node *node, const double value_[3], kmsg_string note,
                              const prices_Marks_value *value)
{
    prices_Marks_key args;

    memset(&args, 0, sizeof args);
    memcpy(args.value_, value_, sizeof args.value_);
    args.note = note;
    return kmsg_topic_publish(node, &prices_Marks_topic, &args, value);
}

kmsg_err prices_Marks_subscribe(kmsg_node *node, const kmsg_subscriber_options *options, void *ctx,
                                prices_Marks_heard *heard, kmsg_subscriber **ret)
{
    return kmsg_topic_subscribe(node, &prices_Marks_topic, NULL, options, (kmsg_done *)heard, ctx,
                                ret);
}

#endif /* KMSG_CODEC_ONLY */

