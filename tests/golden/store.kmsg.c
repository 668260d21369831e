/* store.kmsg.c -- made by kmsgc 0.1.0 from store.kmsg; edit that file, not this one. */
#include "store.kmsg.h"

#include <kmsg/codec.h>

/* ---- record Event ------------------------------------------------------------------------ */

_Static_assert(offsetof(store_Event, at) == 0, "store_Event: unexpected layout");

const store_Event store_Event_initial = {0};

static const kmsg_field store_Event_fields_[] = {
    {.name = "at", .type = &kmsg_type_timestamp, .number = 1,
     .offset = offsetof(store_Event, at), .place = 0},
    {.name = "text", .type = &kmsg_type_string, .number = 2,
     .offset = offsetof(store_Event, text), .place = 0},
};

KMSG_LEAF uint64_t store_Event_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const store_Event *p = value;

    (void)e;
    at = kmsg_end_string(e, p->text, at);
    return at;
}

KMSG_LEAF uint8_t *store_Event_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const store_Event *p = value;
    uint8_t *length = row + 8;

    (void)e;
    kmsg_put_block(&store_Event_layout, row, p, 8);
    at = kmsg_put_string(e, p->text, length, at);
    return at;
}

KMSG_LEAF const uint8_t *store_Event_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                             void *ret)
{
    store_Event *p = ret;
    const uint8_t *length = row + 8;

    (void)d;
    kmsg_get_block(&store_Event_layout, p, row, 8);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->text);
    return at;
}

const kmsg_layout store_Event_layout = {
    .name = "store.Event",
    .id = UINT64_C(0xd6439e0f5fbbcc48),
    .fields = store_Event_fields_,
    .count = 2,
    .size = sizeof(store_Event),
    .shape = store_Event_SHAPE,
    .row_end = store_Event_row_end,
    .row_put = store_Event_row_put,
    .row_get = store_Event_row_get,
};

const kmsg_type store_Event_type = {
    .name = "store.Event",
    .kind = KMSG_KIND_RECORD, .size = sizeof(store_Event), .align = _Alignof(store_Event),
    .layout = &store_Event_layout};
const kmsg_type store_Event_list_type = {
    .name = "list<store.Event>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(store_Event_list), .align = _Alignof(store_Event_list),
    .layout = &store_Event_layout};

kmsg_err store_Event_encoded_size(const store_Event *value, size_t *ret)
{
    return kmsg_measure_with(&store_Event_layout, store_Event_SHAPE, store_Event_row_end, value,
                             ret);
}

kmsg_err store_Event_encode_into(const store_Event *value, void *buffer, size_t capacity,
                                 size_t *ret_size)
{
    return kmsg_encode_with(&store_Event_layout, store_Event_SHAPE, store_Event_row_put, value,
                            buffer, capacity,
                            ret_size);
}

kmsg_err store_Event_decode(kmsg_bytes bytes, kmsg_arena *mem, store_Event *ret)
{
    const store_Event before = *ret;
    kmsg_err err = kmsg_decode_with(&store_Event_layout, store_Event_SHAPE, store_Event_row_get,
                                    bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err store_Event_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, store_Event *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? store_Event_decode(bytes, mem, ret) : err;
}

kmsg_err store_Event_encode(const store_Event *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&store_Event_layout, value, mem, ret);
}

kmsg_err store_Event_copy(const store_Event *value, kmsg_arena *mem, store_Event *ret)
{
    return kmsg_copy(&store_Event_layout, value, mem, ret);
}

bool store_Event_equal(const store_Event *a, const store_Event *b)
{
    return kmsg_equal(&store_Event_layout, a, b);
}

void store_Event_print(const store_Event *value, FILE *out)
{
    kmsg_print(&store_Event_layout, value, out);
}

/* ---- record Full ------------------------------------------------------------------------- */

_Static_assert(offsetof(store_Full, room) == 0, "store_Full: unexpected layout");
_Static_assert(sizeof(store_Full) == 8, "store_Full: unexpected layout");

const store_Full store_Full_initial = {0};

static const kmsg_field store_Full_fields_[] = {
    {.name = "room", .type = &kmsg_type_u64, .number = 1,
     .offset = offsetof(store_Full, room), .place = 0},
};

KMSG_LEAF uint64_t store_Full_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

KMSG_LEAF uint8_t *store_Full_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    (void)e;
    store_Full_row_set(value, row);
    return at;
}

KMSG_LEAF const uint8_t *store_Full_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                            void *ret)
{
    store_Full *p = ret;

    (void)d;
    kmsg_get_block(&store_Full_layout, p, row, 8);
    return at;
}

const kmsg_layout store_Full_layout = {
    .name = "store.Full",
    .id = UINT64_C(0xe268ccb9d3387ce5),
    .fields = store_Full_fields_,
    .count = 1,
    .size = sizeof(store_Full),
    .shape = store_Full_SHAPE,
    .row_end = store_Full_row_end,
    .row_put = store_Full_row_put,
    .row_get = store_Full_row_get,
};

const kmsg_type store_Full_type = {
    .name = "store.Full",
    .kind = KMSG_KIND_RECORD, .size = sizeof(store_Full), .align = _Alignof(store_Full),
    .layout = &store_Full_layout};
const kmsg_type store_Full_list_type = {
    .name = "list<store.Full>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(store_Full_list), .align = _Alignof(store_Full_list),
    .layout = &store_Full_layout};

kmsg_err store_Full_encoded_size(const store_Full *value, size_t *ret)
{
    return kmsg_measure_with(&store_Full_layout, store_Full_SHAPE, store_Full_row_end, value, ret);
}

kmsg_err store_Full_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, store_Full *ret)
{
    return store_Full_decode(bytes, mem, ret);
}

kmsg_err store_Full_encode(const store_Full *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&store_Full_layout, value, mem, ret);
}

kmsg_err store_Full_copy(const store_Full *value, kmsg_arena *mem, store_Full *ret)
{
    return kmsg_copy(&store_Full_layout, value, mem, ret);
}

bool store_Full_equal(const store_Full *a, const store_Full *b)
{
    return kmsg_equal(&store_Full_layout, a, b);
}

void store_Full_print(const store_Full *value, FILE *out)
{
    kmsg_print(&store_Full_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Store ----------------------------------------------------------------------- */

typedef struct store_Store_upload_args store_Store_upload_args;
struct store_Store_upload_args {
    kmsg_string name;                /* 1 */
};

#define store_Store_upload_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout store_Store_upload_args_layout;

static const kmsg_field store_Store_upload_args_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(store_Store_upload_args, name), .place = 0},
};

static KMSG_LEAF uint64_t store_Store_upload_args_row_end(kmsg_enc *e, const void *value,
                                                          uint64_t at)
{
    const store_Store_upload_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    return at;
}

static KMSG_LEAF uint8_t *store_Store_upload_args_row_put(kmsg_enc *e, const void *value,
                                                          uint8_t *row, uint8_t *at)
{
    const store_Store_upload_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->name, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_upload_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    store_Store_upload_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->name);
    return at;
}

static const kmsg_layout store_Store_upload_args_layout = {
    .name = "store.Store.upload.args",
    .id = UINT64_C(0xfbf379a8ffb29067),
    .fields = store_Store_upload_args_fields_,
    .count = 1,
    .size = sizeof(store_Store_upload_args),
    .shape = store_Store_upload_args_SHAPE,
    .row_end = store_Store_upload_args_row_end,
    .row_put = store_Store_upload_args_row_put,
    .row_get = store_Store_upload_args_row_get,
};

#define store_Store_upload_result_answer_SHAPE KMSG_SHAPE(8, 0, 3)
static const kmsg_layout store_Store_upload_result_answer_layout;

static const kmsg_field store_Store_upload_result_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_u64, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t store_Store_upload_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t store_Store_upload_result_answer_row_set(const void *value, uint8_t *row)
{
    const uint64_t *p = (const uint64_t *)value;

    kmsg_put_scalar(&kmsg_type_u64, row + 0, &(*p), 8);
    return 0;
}

static KMSG_LEAF uint8_t *store_Store_upload_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    store_Store_upload_result_answer_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_upload_result_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    uint64_t *p = ret;

    (void)d;
    kmsg_get_scalar(&kmsg_type_u64, &(*p), row + 0, 8);
    return at;
}

static const kmsg_layout store_Store_upload_result_answer_layout = {
    .name = "store.Store.upload.result",
    .id = UINT64_C(0x920c5b69aae020e7),
    .fields = store_Store_upload_result_answer_fields_,
    .count = 1,
    .size = sizeof(uint64_t),
    .shape = store_Store_upload_result_answer_SHAPE,
    .row_end = store_Store_upload_result_answer_row_end,
    .row_put = store_Store_upload_result_answer_row_put,
    .row_get = store_Store_upload_result_answer_row_get,
};

#define store_Store_upload_item_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout store_Store_upload_item_answer_layout;

static const kmsg_field store_Store_upload_item_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_bytes, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t store_Store_upload_item_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const kmsg_bytes *p = value;

    (void)e;
    at = kmsg_end_bytes(e, (*p), at);
    return at;
}

static KMSG_LEAF uint8_t *store_Store_upload_item_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const kmsg_bytes *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_bytes(e, (*p), length, at);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_upload_item_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    kmsg_bytes *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_bytes(d, kmsg_load32(length), at, &(*p));
    return at;
}

static const kmsg_layout store_Store_upload_item_answer_layout = {
    .name = "store.Store.upload.item",
    .id = UINT64_C(0xdd68f966cda5d8cd),
    .fields = store_Store_upload_item_answer_fields_,
    .count = 1,
    .size = sizeof(kmsg_bytes),
    .shape = store_Store_upload_item_answer_SHAPE,
    .row_end = store_Store_upload_item_answer_row_end,
    .row_put = store_Store_upload_item_answer_row_put,
    .row_get = store_Store_upload_item_answer_row_get,
};

static kmsg_err store_Store_upload_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                           const void *args,
                          void *result)
{
    const store_Store_impl *i = impl;
    const store_Store_upload_args *a = args;

    if (i->upload == NULL)
        return KMSG_ENOMETHOD;
    return i->upload(ctx, call, a->name, result);
}

typedef struct store_Store_watch_args store_Store_watch_args;
struct store_Store_watch_args {
    kmsg_string key;                 /* 1 */
};

#define store_Store_watch_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout store_Store_watch_args_layout;

static const kmsg_field store_Store_watch_args_fields_[] = {
    {.name = "key", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(store_Store_watch_args, key), .place = 0},
};

static KMSG_LEAF uint64_t store_Store_watch_args_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    const store_Store_watch_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->key, at);
    return at;
}

static KMSG_LEAF uint8_t *store_Store_watch_args_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    const store_Store_watch_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->key, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_watch_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    store_Store_watch_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->key);
    return at;
}

static const kmsg_layout store_Store_watch_args_layout = {
    .name = "store.Store.watch.args",
    .id = UINT64_C(0xdfb29f98fdedaa0b),
    .fields = store_Store_watch_args_fields_,
    .count = 1,
    .size = sizeof(store_Store_watch_args),
    .shape = store_Store_watch_args_SHAPE,
    .row_end = store_Store_watch_args_row_end,
    .row_put = store_Store_watch_args_row_put,
    .row_get = store_Store_watch_args_row_get,
};

static kmsg_err store_Store_watch_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                          const void *args,
                          void *result)
{
    const store_Store_impl *i = impl;
    const store_Store_watch_args *a = args;

    (void)result;
    if (i->watch == NULL)
        return KMSG_ENOMETHOD;
    return i->watch(ctx, call, a->key);
}

typedef struct store_Store_tally_args store_Store_tally_args;
struct store_Store_tally_args {
    uint32_t limit;                  /* 1 */
    bool has_limit;
    uint8_t pad1_[3];
};

_Static_assert(offsetof(store_Store_tally_args, limit) == 0,
               "store_Store_tally_args: unexpected layout");
_Static_assert(sizeof(store_Store_tally_args) == 8, "store_Store_tally_args: unexpected layout");

#define store_Store_tally_args_SHAPE KMSG_SHAPE(5, 0, 2)
static const kmsg_layout store_Store_tally_args_layout;

static const kmsg_field store_Store_tally_args_fields_[] = {
    {.name = "limit", .type = &kmsg_type_u32, .number = 1,
     .offset = offsetof(store_Store_tally_args, limit),
     .has_offset = offsetof(store_Store_tally_args, has_limit), .place = 0, .optional = 1},
};

static uint32_t store_Store_tally_args_row_bad(const uint8_t *row)
{
    uint32_t bad = 0;

    bad |= row[4] > 1 || (row[4] == 0 && kmsg_nonzero(row + 0, 4));
    return bad;
}

static KMSG_LEAF uint64_t store_Store_tally_args_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t store_Store_tally_args_row_set(const void *value, uint8_t *row)
{
    const store_Store_tally_args *p = (const store_Store_tally_args *)value;

    kmsg_put_block(&store_Store_tally_args_layout, row, p, 5);
    if (!p->has_limit)
        memset(row + 0, 0, 4);
    return store_Store_tally_args_row_bad(row);
}

static KMSG_LEAF uint8_t *store_Store_tally_args_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    if (KMSG_UNLIKELY(store_Store_tally_args_row_set(value, row) != 0))
        kmsg_enc_fail(e, KMSG_EVALUE);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_tally_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    store_Store_tally_args *p = ret;

    (void)d;
    kmsg_get_block(&store_Store_tally_args_layout, p, row, 5);
    if (KMSG_UNLIKELY(store_Store_tally_args_row_bad(row) != 0))
        kmsg_dec_fail(d, KMSG_EDECODE);
    return at;
}

static const kmsg_layout store_Store_tally_args_layout = {
    .name = "store.Store.tally.args",
    .id = UINT64_C(0xfe7855ce935df310),
    .fields = store_Store_tally_args_fields_,
    .count = 1,
    .size = sizeof(store_Store_tally_args),
    .shape = store_Store_tally_args_SHAPE,
    .row_end = store_Store_tally_args_row_end,
    .row_put = store_Store_tally_args_row_put,
    .row_get = store_Store_tally_args_row_get,
};

#define store_Store_tally_result_entry_SHAPE KMSG_SHAPE(4, 1, 2)
static const kmsg_layout store_Store_tally_result_entry_layout;

static const kmsg_field store_Store_tally_result_entry_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(store_Store_tally_result_entry, key), .place = 0},
    {.name = "", .type = &kmsg_type_i32, .number = 2,
     .offset = offsetof(store_Store_tally_result_entry, value), .place = 0},
};

static KMSG_LEAF uint64_t store_Store_tally_result_entry_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const store_Store_tally_result_entry *p = value;

    (void)e;
    at = kmsg_end_string(e, p->key, at);
    return at;
}

static KMSG_LEAF uint8_t *store_Store_tally_result_entry_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const store_Store_tally_result_entry *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_scalar(&kmsg_type_i32, row + 0, &p->value, 4);
    at = kmsg_put_string(e, p->key, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_tally_result_entry_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    store_Store_tally_result_entry *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_scalar(&kmsg_type_i32, &p->value, row + 0, 4);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->key);
    return at;
}

static const kmsg_layout store_Store_tally_result_entry_layout = {
    .name = "store_Store_tally_result",
    .id = UINT64_C(0xea9f3e5df00c5313),
    .fields = store_Store_tally_result_entry_fields_,
    .count = 2,
    .size = sizeof(store_Store_tally_result_entry),
    .shape = store_Store_tally_result_entry_SHAPE,
    .row_end = store_Store_tally_result_entry_row_end,
    .row_put = store_Store_tally_result_entry_row_put,
    .row_get = store_Store_tally_result_entry_row_get,
};

static const kmsg_type store_Store_tally_result_type = {
    .name = "map<string, i32>",
    .kind = KMSG_KIND_MAP, .size = sizeof(store_Store_tally_result),
    .align = _Alignof(store_Store_tally_result), .layout = &store_Store_tally_result_entry_layout};

const int32_t *store_Store_tally_result_find(store_Store_tally_result map, kmsg_string key)
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

#define store_Store_tally_result_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout store_Store_tally_result_answer_layout;

static const kmsg_field store_Store_tally_result_answer_fields_[] = {
    {.name = "", .type = &store_Store_tally_result_type, .number = 1, .place = 0},
};

static uint64_t store_Store_tally_result_answer_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const store_Store_tally_result *p = value;

    (void)e;
    at = kmsg_end_rows(e, (*p).items, (*p).count, sizeof(store_Store_tally_result_entry), at,
                       store_Store_tally_result_entry_SHAPE,
                       store_Store_tally_result_entry_row_end);
    return at;
}

static uint8_t *store_Store_tally_result_answer_row_put(kmsg_enc *e, const void *value,
                                                        uint8_t *row, uint8_t *at)
{
    const store_Store_tally_result *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_map(e, &store_Store_tally_result_entry_layout, (*p).items, (*p).count,
                      sizeof(store_Store_tally_result_entry), kmsg_sorted_string,
                      store_Store_tally_result_entry_SHAPE, store_Store_tally_result_entry_row_put,
                      length, at);
    return at;
}

static const uint8_t *store_Store_tally_result_answer_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    store_Store_tally_result *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_rows(d, &store_Store_tally_result_entry_layout, kmsg_load32(length), at,
                       sizeof(store_Store_tally_result_entry), store_Store_tally_result_entry_SHAPE,
                       store_Store_tally_result_entry_row_get,
                       &list);
    if (KMSG_UNLIKELY(d->err != KMSG_OK ||
                      !kmsg_sorted_text(list.items, list.count,
                                        sizeof(store_Store_tally_result_entry))))
        kmsg_dec_fail(d, KMSG_EDECODE);
    (*p).items = list.items;
    (*p).count = list.count;
    return at;
}

static const kmsg_layout store_Store_tally_result_answer_layout = {
    .name = "store.Store.tally.result",
    .id = UINT64_C(0xe21ff93dcd91c870),
    .fields = store_Store_tally_result_answer_fields_,
    .count = 1,
    .size = sizeof(store_Store_tally_result),
    .shape = store_Store_tally_result_answer_SHAPE,
    .row_end = store_Store_tally_result_answer_row_end,
    .row_put = store_Store_tally_result_answer_row_put,
    .row_get = store_Store_tally_result_answer_row_get,
};

static kmsg_err store_Store_tally_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                          const void *args,
                          void *result)
{
    const store_Store_impl *i = impl;
    const store_Store_tally_args *a = args;

    (void)result;
    if (i->tally == NULL)
        return KMSG_ENOMETHOD;
    return i->tally(ctx, call, a->has_limit ? &a->limit : NULL);
}

typedef struct store_Store_log_args store_Store_log_args;
struct store_Store_log_args {
    uint8_t nothing_; /* C has no empty structs */
};

#define store_Store_log_args_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout store_Store_log_args_layout;

static KMSG_LEAF uint64_t store_Store_log_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t store_Store_log_args_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *store_Store_log_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                       uint8_t *at)
{
    (void)e;
    store_Store_log_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_log_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout store_Store_log_args_layout = {
    .name = "store.Store.log.args",
    .id = UINT64_C(0xbc9ed9151403e3cc),
    .size = sizeof(store_Store_log_args),
    .shape = store_Store_log_args_SHAPE,
    .row_end = store_Store_log_args_row_end,
    .row_put = store_Store_log_args_row_put,
    .row_get = store_Store_log_args_row_get,
};

typedef struct store_Store_log_result store_Store_log_result;
struct store_Store_log_result {
    uint8_t nothing_; /* C has no empty structs */
};

#define store_Store_log_result_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout store_Store_log_result_layout;

static KMSG_LEAF uint64_t store_Store_log_result_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t store_Store_log_result_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *store_Store_log_result_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    (void)e;
    store_Store_log_result_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_log_result_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout store_Store_log_result_layout = {
    .name = "store.Store.log.result",
    .id = UINT64_C(0x803f5dc0fb832614),
    .size = sizeof(store_Store_log_result),
    .shape = store_Store_log_result_SHAPE,
    .row_end = store_Store_log_result_row_end,
    .row_put = store_Store_log_result_row_put,
    .row_get = store_Store_log_result_row_get,
};

static kmsg_err store_Store_log_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                        const void *args,
                          void *result)
{
    const store_Store_impl *i = impl;

    (void)args;
    (void)result;
    if (i->log == NULL)
        return KMSG_ENOMETHOD;
    return i->log(ctx, call);
}

typedef struct store_Store_size_args store_Store_size_args;
struct store_Store_size_args {
    kmsg_string name;                /* 1 */
};

#define store_Store_size_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout store_Store_size_args_layout;

static const kmsg_field store_Store_size_args_fields_[] = {
    {.name = "name", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(store_Store_size_args, name), .place = 0},
};

static KMSG_LEAF uint64_t store_Store_size_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const store_Store_size_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->name, at);
    return at;
}

static KMSG_LEAF uint8_t *store_Store_size_args_row_put(kmsg_enc *e, const void *value,
                                                        uint8_t *row, uint8_t *at)
{
    const store_Store_size_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->name, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_size_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    store_Store_size_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->name);
    return at;
}

static const kmsg_layout store_Store_size_args_layout = {
    .name = "store.Store.size.args",
    .id = UINT64_C(0xd9e7993d8eb50e47),
    .fields = store_Store_size_args_fields_,
    .count = 1,
    .size = sizeof(store_Store_size_args),
    .shape = store_Store_size_args_SHAPE,
    .row_end = store_Store_size_args_row_end,
    .row_put = store_Store_size_args_row_put,
    .row_get = store_Store_size_args_row_get,
};

#define store_Store_size_result_answer_SHAPE KMSG_SHAPE(8, 0, 3)
static const kmsg_layout store_Store_size_result_answer_layout;

static const kmsg_field store_Store_size_result_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_u64, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t store_Store_size_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t store_Store_size_result_answer_row_set(const void *value, uint8_t *row)
{
    const uint64_t *p = (const uint64_t *)value;

    kmsg_put_scalar(&kmsg_type_u64, row + 0, &(*p), 8);
    return 0;
}

static KMSG_LEAF uint8_t *store_Store_size_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    store_Store_size_result_answer_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *store_Store_size_result_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    uint64_t *p = ret;

    (void)d;
    kmsg_get_scalar(&kmsg_type_u64, &(*p), row + 0, 8);
    return at;
}

static const kmsg_layout store_Store_size_result_answer_layout = {
    .name = "store.Store.size.result",
    .id = UINT64_C(0xf76a430dac5a18c7),
    .fields = store_Store_size_result_answer_fields_,
    .count = 1,
    .size = sizeof(uint64_t),
    .shape = store_Store_size_result_answer_SHAPE,
    .row_end = store_Store_size_result_answer_row_end,
    .row_put = store_Store_size_result_answer_row_put,
    .row_get = store_Store_size_result_answer_row_get,
};

static kmsg_err store_Store_size_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                         const void *args,
                          void *result)
{
    const store_Store_impl *i = impl;
    const store_Store_size_args *a = args;

    if (i->size == NULL)
        return KMSG_ENOMETHOD;
    return i->size(ctx, call, a->name, result);
}

static const kmsg_layout *const store_Store_upload_throws_[] = {
    &store_Full_layout,
    NULL};

static const kmsg_method store_Store_methods_[] = {
    {.name = "upload", .number = 0, .args = &store_Store_upload_args_layout,
     .result = &store_Store_upload_result_answer_layout,
     .sends = &store_Store_upload_item_answer_layout,
     .throws = store_Store_upload_throws_,
     .invoke = store_Store_upload_invoke_},
    {.name = "watch", .number = 1, .args = &store_Store_watch_args_layout,
     .streams = &store_Event_layout,
     .invoke = store_Store_watch_invoke_},
    {.name = "tally", .number = 2, .args = &store_Store_tally_args_layout,
     .streams = &store_Store_tally_result_answer_layout,
     .sends = &store_Event_layout,
     .invoke = store_Store_tally_invoke_},
    {.name = "log", .number = 3, .args = &store_Store_log_args_layout,
     .result = &store_Store_log_result_layout,
     .sends = &store_Event_layout,
     .invoke = store_Store_log_invoke_},
    {.name = "size", .number = 4, .args = &store_Store_size_args_layout,
     .result = &store_Store_size_result_answer_layout,
     .invoke = store_Store_size_invoke_},
};

const kmsg_service store_Store_service = {
    .name = "store.Store",
    .id = UINT64_C(0xddb6d0d71bb43ba1),
    .methods = store_Store_methods_,
    .count = 5,
};

kmsg_err store_Store_serve(kmsg_node *node, const store_Store_impl *impl, void *ctx)
{
    return kmsg_serve(node, &store_Store_service, impl, ctx);
}

kmsg_err store_Store_serve_at(kmsg_object *parent, const store_Store_impl *impl, void *ctx,
                              const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &store_Store_service, impl, ctx, how, ret);
}

kmsg_err store_Store_upload_open(kmsg_peer *peer, kmsg_string name, kmsg_stream **ret)
{
    store_Store_upload_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_stream_open(peer, &store_Store_service, &store_Store_methods_[0], &args, ret);
}

kmsg_err store_Store_upload_put(kmsg_stream *stream, kmsg_bytes data)
{
    return kmsg_stream_put(stream, &store_Store_methods_[0], &data);
}

kmsg_err store_Store_upload_try_put(kmsg_stream *stream, kmsg_bytes data)
{
    return kmsg_stream_try_put(stream, &store_Store_methods_[0], &data);
}

kmsg_err store_Store_upload_finish(kmsg_stream *stream, kmsg_arena *mem, uint64_t *ret)
{
    return kmsg_stream_finish(stream, &store_Store_methods_[0], mem, ret);
}

static void store_Store_upload_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((store_Store_upload_done *)done)(ctx, err, result);
}

kmsg_stream *store_Store_upload_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                                      store_Store_upload_done *done)
{
    store_Store_upload_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_stream_async(peer, &store_Store_service, &store_Store_methods_[0], &args, NULL,
                             NULL, store_Store_upload_finish_, (kmsg_done *)done, ctx);
}

kmsg_err store_Store_upload_receive(kmsg_call *call, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_call_receive(call, &store_Store_methods_[0], mem, ret);
}

static void store_Store_upload_pass_(kmsg_done *received, void *ctx, kmsg_call *call, kmsg_err err,
                                     const void *item)
{
    ((store_Store_upload_received *)received)(ctx, call, err, item);
}

void store_Store_upload_receive_async(kmsg_call *call, void *ctx,
                                      store_Store_upload_received *received)
{
    kmsg_call_receive_async(call, &store_Store_methods_[0], store_Store_upload_pass_,
                            (kmsg_done *)received, ctx);
}

void store_Store_upload_reply(kmsg_call *call, const uint64_t *result)
{
    kmsg_reply(call, &store_Store_methods_[0], result);
}

kmsg_err store_Store_watch_open(kmsg_peer *peer, kmsg_string key, kmsg_stream **ret)
{
    store_Store_watch_args args;

    memset(&args, 0, sizeof args);
    args.key = key;
    return kmsg_stream_open(peer, &store_Store_service, &store_Store_methods_[1], &args, ret);
}

kmsg_err store_Store_watch_next(kmsg_stream *stream, kmsg_arena *mem, store_Event *ret)
{
    return kmsg_stream_next(stream, &store_Store_methods_[1], mem, ret);
}

static void store_Store_watch_hear_(kmsg_done *heard, void *ctx, const void *item)
{
    ((store_Store_watch_heard *)heard)(ctx, item);
}

static void store_Store_watch_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((store_Store_watch_done *)done)(ctx, err);
}

void store_Store_watch_async(kmsg_peer *peer, kmsg_string key, void *ctx,
                             store_Store_watch_heard *heard, store_Store_watch_done *done)
{
    store_Store_watch_args args;

    memset(&args, 0, sizeof args);
    args.key = key;
    kmsg_stream_async(peer, &store_Store_service, &store_Store_methods_[1], &args,
                      store_Store_watch_hear_, (kmsg_done *)heard, store_Store_watch_finish_,
                      (kmsg_done *)done, ctx);
}

kmsg_err store_Store_watch_send(kmsg_call *call, const store_Event *item)
{
    return kmsg_call_send(call, &store_Store_methods_[1], item);
}

kmsg_err store_Store_watch_try_send(kmsg_call *call, const store_Event *item)
{
    return kmsg_call_try_send(call, &store_Store_methods_[1], item);
}

void store_Store_watch_reply(kmsg_call *call)
{
    kmsg_reply(call, &store_Store_methods_[1], NULL);
}

kmsg_err store_Store_tally_open(kmsg_peer *peer, const uint32_t *limit, kmsg_stream **ret)
{
    store_Store_tally_args args;

    memset(&args, 0, sizeof args);
    args.has_limit = limit != NULL;
    if (limit != NULL)
        args.limit = *limit;
    return kmsg_stream_open(peer, &store_Store_service, &store_Store_methods_[2], &args, ret);
}

kmsg_err store_Store_tally_put(kmsg_stream *stream, const store_Event *data)
{
    return kmsg_stream_put(stream, &store_Store_methods_[2], data);
}

kmsg_err store_Store_tally_try_put(kmsg_stream *stream, const store_Event *data)
{
    return kmsg_stream_try_put(stream, &store_Store_methods_[2], data);
}

kmsg_err store_Store_tally_next(kmsg_stream *stream, kmsg_arena *mem, store_Store_tally_result *ret)
{
    return kmsg_stream_next(stream, &store_Store_methods_[2], mem, ret);
}

static void store_Store_tally_hear_(kmsg_done *heard, void *ctx, const void *item)
{
    ((store_Store_tally_heard *)heard)(ctx, item);
}

static void store_Store_tally_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((store_Store_tally_done *)done)(ctx, err);
}

kmsg_stream *store_Store_tally_async(kmsg_peer *peer, const uint32_t *limit, void *ctx,
                                     store_Store_tally_heard *heard, store_Store_tally_done *done)
{
    store_Store_tally_args args;

    memset(&args, 0, sizeof args);
    args.has_limit = limit != NULL;
    if (limit != NULL)
        args.limit = *limit;
    return kmsg_stream_async(peer, &store_Store_service, &store_Store_methods_[2], &args,
                             store_Store_tally_hear_, (kmsg_done *)heard, store_Store_tally_finish_,
                             (kmsg_done *)done, ctx);
}

kmsg_err store_Store_tally_receive(kmsg_call *call, kmsg_arena *mem, store_Event *ret)
{
    return kmsg_call_receive(call, &store_Store_methods_[2], mem, ret);
}

static void store_Store_tally_pass_(kmsg_done *received, void *ctx, kmsg_call *call, kmsg_err err,
                                    const void *item)
{
    ((store_Store_tally_received *)received)(ctx, call, err, item);
}

void store_Store_tally_receive_async(kmsg_call *call, void *ctx,
                                     store_Store_tally_received *received)
{
    kmsg_call_receive_async(call, &store_Store_methods_[2], store_Store_tally_pass_,
                            (kmsg_done *)received, ctx);
}

kmsg_err store_Store_tally_send(kmsg_call *call, store_Store_tally_result item)
{
    return kmsg_call_send(call, &store_Store_methods_[2], &item);
}

kmsg_err store_Store_tally_try_send(kmsg_call *call, store_Store_tally_result item)
{
    return kmsg_call_try_send(call, &store_Store_methods_[2], &item);
}

void store_Store_tally_reply(kmsg_call *call)
{
    kmsg_reply(call, &store_Store_methods_[2], NULL);
}

kmsg_err store_Store_log_open(kmsg_peer *peer, kmsg_stream **ret)
{
    store_Store_log_args args;

    memset(&args, 0, sizeof args);
    return kmsg_stream_open(peer, &store_Store_service, &store_Store_methods_[3], &args, ret);
}

kmsg_err store_Store_log_put(kmsg_stream *stream, const store_Event *events)
{
    return kmsg_stream_put(stream, &store_Store_methods_[3], events);
}

kmsg_err store_Store_log_try_put(kmsg_stream *stream, const store_Event *events)
{
    return kmsg_stream_try_put(stream, &store_Store_methods_[3], events);
}

kmsg_err store_Store_log_finish(kmsg_stream *stream)
{
    return kmsg_stream_finish(stream, &store_Store_methods_[3], NULL, NULL);
}

static void store_Store_log_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((store_Store_log_done *)done)(ctx, err);
}

kmsg_stream *store_Store_log_async(kmsg_peer *peer, void *ctx, store_Store_log_done *done)
{
    store_Store_log_args args;

    memset(&args, 0, sizeof args);
    return kmsg_stream_async(peer, &store_Store_service, &store_Store_methods_[3], &args, NULL,
                             NULL, store_Store_log_finish_, (kmsg_done *)done, ctx);
}

kmsg_err store_Store_log_receive(kmsg_call *call, kmsg_arena *mem, store_Event *ret)
{
    return kmsg_call_receive(call, &store_Store_methods_[3], mem, ret);
}

static void store_Store_log_pass_(kmsg_done *received, void *ctx, kmsg_call *call, kmsg_err err,
                                  const void *item)
{
    ((store_Store_log_received *)received)(ctx, call, err, item);
}

void store_Store_log_receive_async(kmsg_call *call, void *ctx, store_Store_log_received *received)
{
    kmsg_call_receive_async(call, &store_Store_methods_[3], store_Store_log_pass_,
                            (kmsg_done *)received, ctx);
}

void store_Store_log_reply(kmsg_call *call)
{
    const store_Store_log_result nothing = {0};

    kmsg_reply(call, &store_Store_methods_[3], &nothing);
}

kmsg_err store_Store_size(kmsg_peer *peer, kmsg_string name, kmsg_arena *mem, uint64_t *ret)
{
    store_Store_size_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_ask(peer, &store_Store_service, &store_Store_methods_[4], &args, mem, ret);
}

static void store_Store_size_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((store_Store_size_done *)done)(ctx, err, result);
}

void store_Store_size_async(kmsg_peer *peer, kmsg_string name, void *ctx,
                            store_Store_size_done *done)
{
    store_Store_size_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    kmsg_ask_async(peer, &store_Store_service, &store_Store_methods_[4], &args,
                   store_Store_size_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err store_Store_size_begin(kmsg_peer *peer, kmsg_string name, kmsg_pending *pending)
{
    store_Store_size_args args;

    memset(&args, 0, sizeof args);
    args.name = name;
    return kmsg_begin(peer, &store_Store_service, &store_Store_methods_[4], &args, pending);
}

kmsg_err store_Store_size_end(kmsg_pending *pending, kmsg_arena *mem, uint64_t *ret)
{
    return kmsg_end(pending, &store_Store_methods_[4], mem, ret);
}

void store_Store_size_reply(kmsg_call *call, const uint64_t *result)
{
    kmsg_reply(call, &store_Store_methods_[4], result);
}

#endif /* KMSG_CODEC_ONLY */

