/* orders.kmsg.c -- made by kmsgc 0.1.0 from orders.kmsg; edit that file, not this one. */
#include "orders.kmsg.h"

#include <kmsg/codec.h>

/* ---- record Order ------------------------------------------------------------------------ */

_Static_assert(offsetof(orders_Order, count) == 0, "orders_Order: unexpected layout");

const orders_Order orders_Order_initial = {0};

static const kmsg_field orders_Order_fields_[] = {
    {.name = "item", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(orders_Order, item), .place = 0},
    {.name = "count", .type = &kmsg_type_u32, .number = 2,
     .offset = offsetof(orders_Order, count), .place = 0},
};

KMSG_LEAF uint64_t orders_Order_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const orders_Order *p = value;

    (void)e;
    at = kmsg_end_string(e, p->item, at);
    return at;
}

KMSG_LEAF uint8_t *orders_Order_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at)
{
    const orders_Order *p = value;
    uint8_t *length = row + 4;

    (void)e;
    kmsg_put_block(&orders_Order_layout, row, p, 4);
    at = kmsg_put_string(e, p->item, length, at);
    return at;
}

KMSG_LEAF const uint8_t *orders_Order_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at,
                                              void *ret)
{
    orders_Order *p = ret;
    const uint8_t *length = row + 4;

    (void)d;
    kmsg_get_block(&orders_Order_layout, p, row, 4);
    at = kmsg_get_string(d, kmsg_load32(length), at, &p->item);
    return at;
}

const kmsg_layout orders_Order_layout = {
    .name = "orders.Order",
    .id = UINT64_C(0xcc3b2b4c0c909dfe),
    .fields = orders_Order_fields_,
    .count = 2,
    .size = sizeof(orders_Order),
    .shape = orders_Order_SHAPE,
    .row_end = orders_Order_row_end,
    .row_put = orders_Order_row_put,
    .row_get = orders_Order_row_get,
};

const kmsg_type orders_Order_type = {
    .name = "orders.Order",
    .kind = KMSG_KIND_RECORD, .size = sizeof(orders_Order), .align = _Alignof(orders_Order),
    .layout = &orders_Order_layout};
const kmsg_type orders_Order_list_type = {
    .name = "list<orders.Order>",
    .kind = KMSG_KIND_ROWS, .size = sizeof(orders_Order_list), .align = _Alignof(orders_Order_list),
    .layout = &orders_Order_layout};

kmsg_err orders_Order_encoded_size(const orders_Order *value, size_t *ret)
{
    return kmsg_measure_with(&orders_Order_layout, orders_Order_SHAPE, orders_Order_row_end, value,
                             ret);
}

kmsg_err orders_Order_encode_into(const orders_Order *value, void *buffer, size_t capacity,
                                  size_t *ret_size)
{
    return kmsg_encode_with(&orders_Order_layout, orders_Order_SHAPE, orders_Order_row_put, value,
                            buffer, capacity,
                            ret_size);
}

kmsg_err orders_Order_decode(kmsg_bytes bytes, kmsg_arena *mem, orders_Order *ret)
{
    const orders_Order before = *ret;
    kmsg_err err = kmsg_decode_with(&orders_Order_layout, orders_Order_SHAPE, orders_Order_row_get,
                                    bytes, mem, ret);

    if (KMSG_UNLIKELY(err != KMSG_OK))
        *ret = before;
    return err;
}

kmsg_err orders_Order_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, orders_Order *ret)
{
    kmsg_err err = kmsg_copy_bytes(bytes, mem, &bytes);

    return err == KMSG_OK ? orders_Order_decode(bytes, mem, ret) : err;
}

kmsg_err orders_Order_encode(const orders_Order *value, kmsg_arena *mem, kmsg_bytes *ret)
{
    return kmsg_encode(&orders_Order_layout, value, mem, ret);
}

kmsg_err orders_Order_copy(const orders_Order *value, kmsg_arena *mem, orders_Order *ret)
{
    return kmsg_copy(&orders_Order_layout, value, mem, ret);
}

bool orders_Order_equal(const orders_Order *a, const orders_Order *b)
{
    return kmsg_equal(&orders_Order_layout, a, b);
}

void orders_Order_print(const orders_Order *value, FILE *out)
{
    kmsg_print(&orders_Order_layout, value, out);
}

#ifndef KMSG_CODEC_ONLY

/* ---- service Orders ---------------------------------------------------------------------- */

typedef struct orders_Orders_place_args orders_Orders_place_args;
struct orders_Orders_place_args {
    orders_Order order;              /* 1 */
};

#define orders_Orders_place_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout orders_Orders_place_args_layout;

static const kmsg_field orders_Orders_place_args_fields_[] = {
    {.name = "order", .type = &orders_Order_type, .number = 1,
     .offset = offsetof(orders_Orders_place_args, order), .place = 0},
};

static uint64_t orders_Orders_place_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const orders_Orders_place_args *p = value;

    (void)e;
    at = kmsg_end_record(e, &p->order, at, orders_Order_SHAPE, orders_Order_row_end);
    return at;
}

static uint8_t *orders_Orders_place_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                 uint8_t *at)
{
    const orders_Orders_place_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_record(e, &p->order, orders_Order_SHAPE, orders_Order_row_put, length, at);
    return at;
}

static const uint8_t *orders_Orders_place_args_row_get(kmsg_dec *d, const uint8_t *row,
                                                       const uint8_t *at, void *ret)
{
    orders_Orders_place_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_record(d, &orders_Order_layout, kmsg_load32(length), at, orders_Order_SHAPE,
                         orders_Order_row_get, &p->order);
    return at;
}

static const kmsg_layout orders_Orders_place_args_layout = {
    .name = "orders.Orders.place.args",
    .id = UINT64_C(0xde06219f571b4b69),
    .fields = orders_Orders_place_args_fields_,
    .count = 1,
    .size = sizeof(orders_Orders_place_args),
    .shape = orders_Orders_place_args_SHAPE,
    .row_end = orders_Orders_place_args_row_end,
    .row_put = orders_Orders_place_args_row_put,
    .row_get = orders_Orders_place_args_row_get,
};

#define orders_Orders_place_result_answer_SHAPE KMSG_SHAPE(8, 0, 3)
static const kmsg_layout orders_Orders_place_result_answer_layout;

static const kmsg_field orders_Orders_place_result_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_u64, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t orders_Orders_place_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Orders_place_result_answer_row_set(const void *value, uint8_t *row)
{
    const uint64_t *p = (const uint64_t *)value;

    kmsg_put_scalar(&kmsg_type_u64, row + 0, &(*p), 8);
    return 0;
}

static KMSG_LEAF uint8_t *orders_Orders_place_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Orders_place_result_answer_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Orders_place_result_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    uint64_t *p = ret;

    (void)d;
    kmsg_get_scalar(&kmsg_type_u64, &(*p), row + 0, 8);
    return at;
}

static const kmsg_layout orders_Orders_place_result_answer_layout = {
    .name = "orders.Orders.place.result",
    .id = UINT64_C(0x9eaa9b628c11a88d),
    .fields = orders_Orders_place_result_answer_fields_,
    .count = 1,
    .size = sizeof(uint64_t),
    .shape = orders_Orders_place_result_answer_SHAPE,
    .row_end = orders_Orders_place_result_answer_row_end,
    .row_put = orders_Orders_place_result_answer_row_put,
    .row_get = orders_Orders_place_result_answer_row_get,
};

static kmsg_err orders_Orders_place_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                            const void *args,
                          void *result)
{
    const orders_Orders_impl *i = impl;
    const orders_Orders_place_args *a = args;

    if (i->place == NULL)
        return KMSG_ENOMETHOD;
    return i->place(ctx, call, &a->order, result);
}

typedef struct orders_Orders_cancel_args orders_Orders_cancel_args;
struct orders_Orders_cancel_args {
    uint64_t id;                     /* 1 */
};

_Static_assert(offsetof(orders_Orders_cancel_args, id) == 0,
               "orders_Orders_cancel_args: unexpected layout");
_Static_assert(sizeof(orders_Orders_cancel_args) == 8,
               "orders_Orders_cancel_args: unexpected layout");

#define orders_Orders_cancel_args_SHAPE KMSG_SHAPE(8, 0, 3)
static const kmsg_layout orders_Orders_cancel_args_layout;

static const kmsg_field orders_Orders_cancel_args_fields_[] = {
    {.name = "id", .type = &kmsg_type_u64, .number = 1,
     .offset = offsetof(orders_Orders_cancel_args, id), .place = 0},
};

static KMSG_LEAF uint64_t orders_Orders_cancel_args_row_end(kmsg_enc *e, const void *value,
                                                            uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Orders_cancel_args_row_set(const void *value, uint8_t *row)
{
    const orders_Orders_cancel_args *p = (const orders_Orders_cancel_args *)value;

    kmsg_put_block(&orders_Orders_cancel_args_layout, row, p, 8);
    return 0;
}

static KMSG_LEAF uint8_t *orders_Orders_cancel_args_row_put(kmsg_enc *e, const void *value,
                                                            uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Orders_cancel_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Orders_cancel_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    orders_Orders_cancel_args *p = ret;

    (void)d;
    kmsg_get_block(&orders_Orders_cancel_args_layout, p, row, 8);
    return at;
}

static const kmsg_layout orders_Orders_cancel_args_layout = {
    .name = "orders.Orders.cancel.args",
    .id = UINT64_C(0xe6f49c472b5a0418),
    .fields = orders_Orders_cancel_args_fields_,
    .count = 1,
    .size = sizeof(orders_Orders_cancel_args),
    .shape = orders_Orders_cancel_args_SHAPE,
    .row_end = orders_Orders_cancel_args_row_end,
    .row_put = orders_Orders_cancel_args_row_put,
    .row_get = orders_Orders_cancel_args_row_get,
};

typedef struct orders_Orders_cancel_result orders_Orders_cancel_result;
struct orders_Orders_cancel_result {
    uint8_t nothing_; /* C has no empty structs */
};

#define orders_Orders_cancel_result_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout orders_Orders_cancel_result_layout;

static KMSG_LEAF uint64_t orders_Orders_cancel_result_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Orders_cancel_result_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *orders_Orders_cancel_result_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Orders_cancel_result_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Orders_cancel_result_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout orders_Orders_cancel_result_layout = {
    .name = "orders.Orders.cancel.result",
    .id = UINT64_C(0xe8efbcb7dcfe7688),
    .size = sizeof(orders_Orders_cancel_result),
    .shape = orders_Orders_cancel_result_SHAPE,
    .row_end = orders_Orders_cancel_result_row_end,
    .row_put = orders_Orders_cancel_result_row_put,
    .row_get = orders_Orders_cancel_result_row_get,
};

static kmsg_err orders_Orders_cancel_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                             const void *args,
                          void *result)
{
    const orders_Orders_impl *i = impl;
    const orders_Orders_cancel_args *a = args;

    (void)result;
    if (i->cancel == NULL)
        return KMSG_ENOMETHOD;
    return i->cancel(ctx, call, a->id);
}

typedef struct orders_Orders_hint_args orders_Orders_hint_args;
struct orders_Orders_hint_args {
    kmsg_string text;                /* 1 */
};

#define orders_Orders_hint_args_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout orders_Orders_hint_args_layout;

static const kmsg_field orders_Orders_hint_args_fields_[] = {
    {.name = "text", .type = &kmsg_type_string, .number = 1,
     .offset = offsetof(orders_Orders_hint_args, text), .place = 0},
};

static KMSG_LEAF uint64_t orders_Orders_hint_args_row_end(kmsg_enc *e, const void *value,
                                                          uint64_t at)
{
    const orders_Orders_hint_args *p = value;

    (void)e;
    at = kmsg_end_string(e, p->text, at);
    return at;
}

static KMSG_LEAF uint8_t *orders_Orders_hint_args_row_put(kmsg_enc *e, const void *value,
                                                          uint8_t *row, uint8_t *at)
{
    const orders_Orders_hint_args *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, p->text, length, at);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Orders_hint_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    orders_Orders_hint_args *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &p->text);
    return at;
}

static const kmsg_layout orders_Orders_hint_args_layout = {
    .name = "orders.Orders.hint.args",
    .id = UINT64_C(0xcc5e2502b212bff1),
    .fields = orders_Orders_hint_args_fields_,
    .count = 1,
    .size = sizeof(orders_Orders_hint_args),
    .shape = orders_Orders_hint_args_SHAPE,
    .row_end = orders_Orders_hint_args_row_end,
    .row_put = orders_Orders_hint_args_row_put,
    .row_get = orders_Orders_hint_args_row_get,
};

static kmsg_err orders_Orders_hint_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                           const void *args,
                          void *result)
{
    const orders_Orders_impl *i = impl;
    const orders_Orders_hint_args *a = args;

    (void)result;
    if (i->hint == NULL)
        return KMSG_ENOMETHOD;
    return i->hint(ctx, call, a->text);
}

static const char *const orders_Orders_roles_[] = {"ops", "trader", NULL};

static const char *const orders_Orders_cancel_roles_[] = {"ops", NULL};

static const kmsg_method orders_Orders_methods_[] = {
    {.name = "place", .number = 0, .args = &orders_Orders_place_args_layout,
     .result = &orders_Orders_place_result_answer_layout,
     .roles = orders_Orders_roles_,
     .invoke = orders_Orders_place_invoke_},
    {.name = "cancel", .number = 1, .args = &orders_Orders_cancel_args_layout,
     .result = &orders_Orders_cancel_result_layout,
     .roles = orders_Orders_cancel_roles_,
     .invoke = orders_Orders_cancel_invoke_},
    {.name = "hint", .number = 2, .oneway = true, .args = &orders_Orders_hint_args_layout,
     .roles = orders_Orders_roles_,
     .invoke = orders_Orders_hint_invoke_},
};

const kmsg_service orders_Orders_service = {
    .name = "orders.Orders",
    .id = UINT64_C(0x99281f3959bbb697),
    .methods = orders_Orders_methods_,
    .count = 3,
    .roles = orders_Orders_roles_,
};

kmsg_err orders_Orders_serve(kmsg_node *node, const orders_Orders_impl *impl, void *ctx)
{
    return kmsg_serve(node, &orders_Orders_service, impl, ctx);
}

kmsg_err orders_Orders_serve_at(kmsg_object *parent, const orders_Orders_impl *impl, void *ctx,
                                const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &orders_Orders_service, impl, ctx, how, ret);
}

kmsg_err orders_Orders_place(kmsg_peer *peer, const orders_Order *order, kmsg_arena *mem,
                             uint64_t *ret)
{
    orders_Orders_place_args args;

    memset(&args, 0, sizeof args);
    args.order = *order;
    return kmsg_ask(peer, &orders_Orders_service, &orders_Orders_methods_[0], &args, mem, ret);
}

static void orders_Orders_place_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                        const void *result)
{
    ((orders_Orders_place_done *)done)(ctx, err, result);
}

void orders_Orders_place_async(kmsg_peer *peer, const orders_Order *order, void *ctx,
                               orders_Orders_place_done *done)
{
    orders_Orders_place_args args;

    memset(&args, 0, sizeof args);
    args.order = *order;
    kmsg_ask_async(peer, &orders_Orders_service, &orders_Orders_methods_[0], &args,
                   orders_Orders_place_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Orders_place_begin(kmsg_peer *peer, const orders_Order *order,
                                   kmsg_pending *pending)
{
    orders_Orders_place_args args;

    memset(&args, 0, sizeof args);
    args.order = *order;
    return kmsg_begin(peer, &orders_Orders_service, &orders_Orders_methods_[0], &args, pending);
}

kmsg_err orders_Orders_place_end(kmsg_pending *pending, kmsg_arena *mem, uint64_t *ret)
{
    return kmsg_end(pending, &orders_Orders_methods_[0], mem, ret);
}

void orders_Orders_place_reply(kmsg_call *call, const uint64_t *result)
{
    kmsg_reply(call, &orders_Orders_methods_[0], result);
}

kmsg_err orders_Orders_cancel(kmsg_peer *peer, uint64_t id)
{
    orders_Orders_cancel_args args;

    memset(&args, 0, sizeof args);
    args.id = id;
    return kmsg_ask(peer, &orders_Orders_service, &orders_Orders_methods_[1], &args, NULL, NULL);
}

static void orders_Orders_cancel_finish_(kmsg_done *done, void *ctx, kmsg_err err,
                                         const void *result)
{
    (void)result;
    ((orders_Orders_cancel_done *)done)(ctx, err);
}

void orders_Orders_cancel_async(kmsg_peer *peer, uint64_t id, void *ctx,
                                orders_Orders_cancel_done *done)
{
    orders_Orders_cancel_args args;

    memset(&args, 0, sizeof args);
    args.id = id;
    kmsg_ask_async(peer, &orders_Orders_service, &orders_Orders_methods_[1], &args,
                   orders_Orders_cancel_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Orders_cancel_begin(kmsg_peer *peer, uint64_t id, kmsg_pending *pending)
{
    orders_Orders_cancel_args args;

    memset(&args, 0, sizeof args);
    args.id = id;
    return kmsg_begin(peer, &orders_Orders_service, &orders_Orders_methods_[1], &args, pending);
}

kmsg_err orders_Orders_cancel_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &orders_Orders_methods_[1], NULL, NULL);
}

void orders_Orders_cancel_reply(kmsg_call *call)
{
    const orders_Orders_cancel_result nothing = {0};

    kmsg_reply(call, &orders_Orders_methods_[1], &nothing);
}

kmsg_err orders_Orders_hint(kmsg_peer *peer, kmsg_string text)
{
    orders_Orders_hint_args args;

    memset(&args, 0, sizeof args);
    args.text = text;
    return kmsg_tell(peer, &orders_Orders_service, &orders_Orders_methods_[2], &args);
}

static void orders_Orders_hint_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((orders_Orders_hint_done *)done)(ctx, err);
}

void orders_Orders_hint_async(kmsg_peer *peer, kmsg_string text, void *ctx,
                              orders_Orders_hint_done *done)
{
    orders_Orders_hint_args args;

    memset(&args, 0, sizeof args);
    args.text = text;
    kmsg_ask_async(peer, &orders_Orders_service, &orders_Orders_methods_[2], &args,
                   orders_Orders_hint_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Orders_hint_begin(kmsg_peer *peer, kmsg_string text, kmsg_pending *pending)
{
    orders_Orders_hint_args args;

    memset(&args, 0, sizeof args);
    args.text = text;
    return kmsg_begin(peer, &orders_Orders_service, &orders_Orders_methods_[2], &args, pending);
}

kmsg_err orders_Orders_hint_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &orders_Orders_methods_[2], NULL, NULL);
}

/* ---- service Desk ------------------------------------------------------------------------ */

typedef struct orders_Desk_hours_args orders_Desk_hours_args;
struct orders_Desk_hours_args {
    uint8_t nothing_; /* C has no empty structs */
};

#define orders_Desk_hours_args_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout orders_Desk_hours_args_layout;

static KMSG_LEAF uint64_t orders_Desk_hours_args_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Desk_hours_args_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *orders_Desk_hours_args_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Desk_hours_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Desk_hours_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout orders_Desk_hours_args_layout = {
    .name = "orders.Desk.hours.args",
    .id = UINT64_C(0x98b3986725f723b1),
    .size = sizeof(orders_Desk_hours_args),
    .shape = orders_Desk_hours_args_SHAPE,
    .row_end = orders_Desk_hours_args_row_end,
    .row_put = orders_Desk_hours_args_row_put,
    .row_get = orders_Desk_hours_args_row_get,
};

#define orders_Desk_hours_result_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout orders_Desk_hours_result_answer_layout;

static const kmsg_field orders_Desk_hours_result_answer_fields_[] = {
    {.name = "", .type = &kmsg_type_string, .number = 1, .place = 0},
};

static KMSG_LEAF uint64_t orders_Desk_hours_result_answer_row_end(kmsg_enc *e, const void *value,
        uint64_t at)
{
    const kmsg_string *p = value;

    (void)e;
    at = kmsg_end_string(e, (*p), at);
    return at;
}

static KMSG_LEAF uint8_t *orders_Desk_hours_result_answer_row_put(kmsg_enc *e, const void *value,
        uint8_t *row, uint8_t *at)
{
    const kmsg_string *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_string(e, (*p), length, at);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Desk_hours_result_answer_row_get(kmsg_dec *d,
        const uint8_t *row, const uint8_t *at, void *ret)
{
    kmsg_string *p = ret;
    const uint8_t *length = row + 0;

    (void)d;
    at = kmsg_get_lone_string(d, kmsg_load32(length), at, &(*p));
    return at;
}

static const kmsg_layout orders_Desk_hours_result_answer_layout = {
    .name = "orders.Desk.hours.result",
    .id = UINT64_C(0x8e515b8c37e08de5),
    .fields = orders_Desk_hours_result_answer_fields_,
    .count = 1,
    .size = sizeof(kmsg_string),
    .shape = orders_Desk_hours_result_answer_SHAPE,
    .row_end = orders_Desk_hours_result_answer_row_end,
    .row_put = orders_Desk_hours_result_answer_row_put,
    .row_get = orders_Desk_hours_result_answer_row_get,
};

static kmsg_err orders_Desk_hours_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                          const void *args,
                          void *result)
{
    const orders_Desk_impl *i = impl;

    (void)args;
    if (i->hours == NULL)
        return KMSG_ENOMETHOD;
    return i->hours(ctx, call, result);
}

typedef struct orders_Desk_books_args orders_Desk_books_args;
struct orders_Desk_books_args {
    uint8_t nothing_; /* C has no empty structs */
};

#define orders_Desk_books_args_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout orders_Desk_books_args_layout;

static KMSG_LEAF uint64_t orders_Desk_books_args_row_end(kmsg_enc *e, const void *value,
                                                         uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Desk_books_args_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *orders_Desk_books_args_row_put(kmsg_enc *e, const void *value,
                                                         uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Desk_books_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Desk_books_args_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout orders_Desk_books_args_layout = {
    .name = "orders.Desk.books.args",
    .id = UINT64_C(0xe2d3c5cac0d863be),
    .size = sizeof(orders_Desk_books_args),
    .shape = orders_Desk_books_args_SHAPE,
    .row_end = orders_Desk_books_args_row_end,
    .row_put = orders_Desk_books_args_row_put,
    .row_get = orders_Desk_books_args_row_get,
};

#define orders_Desk_books_result_answer_SHAPE KMSG_SHAPE(0, 1, 2)
static const kmsg_layout orders_Desk_books_result_answer_layout;

static const kmsg_field orders_Desk_books_result_answer_fields_[] = {
    {.name = "", .type = &orders_Order_list_type, .number = 1, .place = 0},
};

static uint64_t orders_Desk_books_result_answer_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    const orders_Order_list *p = value;

    (void)e;
    at = kmsg_end_rows(e, (*p).items, (*p).count, sizeof(orders_Order), at, orders_Order_SHAPE,
                       orders_Order_row_end);
    return at;
}

static uint8_t *orders_Desk_books_result_answer_row_put(kmsg_enc *e, const void *value,
                                                        uint8_t *row, uint8_t *at)
{
    const orders_Order_list *p = value;
    uint8_t *length = row + 0;

    (void)e;
    at = kmsg_put_rows(e, (*p).items, (*p).count, sizeof(orders_Order), orders_Order_SHAPE,
                       orders_Order_row_put, length, at);
    return at;
}

static const uint8_t *orders_Desk_books_result_answer_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    orders_Order_list *p = ret;
    const uint8_t *length = row + 0;
    kmsg_items list;

    (void)d;
    at = kmsg_get_rows(d, &orders_Order_layout, kmsg_load32(length), at, sizeof(orders_Order),
                       orders_Order_SHAPE, orders_Order_row_get,
                       &list);
    (*p).items = list.items;
    (*p).count = list.count;
    return at;
}

static const kmsg_layout orders_Desk_books_result_answer_layout = {
    .name = "orders.Desk.books.result",
    .id = UINT64_C(0xd2c91f1a919741e2),
    .fields = orders_Desk_books_result_answer_fields_,
    .count = 1,
    .size = sizeof(orders_Order_list),
    .shape = orders_Desk_books_result_answer_SHAPE,
    .row_end = orders_Desk_books_result_answer_row_end,
    .row_put = orders_Desk_books_result_answer_row_put,
    .row_get = orders_Desk_books_result_answer_row_get,
};

static kmsg_err orders_Desk_books_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                          const void *args,
                          void *result)
{
    const orders_Desk_impl *i = impl;

    (void)args;
    if (i->books == NULL)
        return KMSG_ENOMETHOD;
    return i->books(ctx, call, result);
}

static const char *const orders_Desk_books_roles_[] = {"auditor", NULL};

static const kmsg_method orders_Desk_methods_[] = {
    {.name = "hours", .number = 0, .args = &orders_Desk_hours_args_layout,
     .result = &orders_Desk_hours_result_answer_layout,
     .invoke = orders_Desk_hours_invoke_},
    {.name = "books", .number = 1, .idempotent = true, .args = &orders_Desk_books_args_layout,
     .result = &orders_Desk_books_result_answer_layout,
     .roles = orders_Desk_books_roles_,
     .invoke = orders_Desk_books_invoke_},
};

static const kmsg_base orders_Desk_bases_[] = {
    {.service = &orders_Orders_service, .offset = offsetof(orders_Desk_impl, Orders)},
};

const kmsg_service orders_Desk_service = {
    .name = "orders.Desk",
    .id = UINT64_C(0xf636dbe8befc8c0f),
    .methods = orders_Desk_methods_,
    .count = 2,
    .bases = orders_Desk_bases_,
    .base_count = 1,
};

kmsg_err orders_Desk_serve(kmsg_node *node, const orders_Desk_impl *impl, void *ctx)
{
    return kmsg_serve(node, &orders_Desk_service, impl, ctx);
}

kmsg_err orders_Desk_serve_at(kmsg_object *parent, const orders_Desk_impl *impl, void *ctx,
                              const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &orders_Desk_service, impl, ctx, how, ret);
}

kmsg_err orders_Desk_hours(kmsg_peer *peer, kmsg_arena *mem, kmsg_string *ret)
{
    orders_Desk_hours_args args;

    memset(&args, 0, sizeof args);
    return kmsg_ask(peer, &orders_Desk_service, &orders_Desk_methods_[0], &args, mem, ret);
}

static void orders_Desk_hours_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((orders_Desk_hours_done *)done)(ctx, err, result);
}

void orders_Desk_hours_async(kmsg_peer *peer, void *ctx, orders_Desk_hours_done *done)
{
    orders_Desk_hours_args args;

    memset(&args, 0, sizeof args);
    kmsg_ask_async(peer, &orders_Desk_service, &orders_Desk_methods_[0], &args,
                   orders_Desk_hours_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Desk_hours_begin(kmsg_peer *peer, kmsg_pending *pending)
{
    orders_Desk_hours_args args;

    memset(&args, 0, sizeof args);
    return kmsg_begin(peer, &orders_Desk_service, &orders_Desk_methods_[0], &args, pending);
}

kmsg_err orders_Desk_hours_end(kmsg_pending *pending, kmsg_arena *mem, kmsg_string *ret)
{
    return kmsg_end(pending, &orders_Desk_methods_[0], mem, ret);
}

void orders_Desk_hours_reply(kmsg_call *call, const kmsg_string *result)
{
    kmsg_reply(call, &orders_Desk_methods_[0], result);
}

kmsg_err orders_Desk_books(kmsg_peer *peer, kmsg_arena *mem, orders_Order_list *ret)
{
    orders_Desk_books_args args;

    memset(&args, 0, sizeof args);
    return kmsg_ask(peer, &orders_Desk_service, &orders_Desk_methods_[1], &args, mem, ret);
}

static void orders_Desk_books_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    ((orders_Desk_books_done *)done)(ctx, err, result);
}

void orders_Desk_books_async(kmsg_peer *peer, void *ctx, orders_Desk_books_done *done)
{
    orders_Desk_books_args args;

    memset(&args, 0, sizeof args);
    kmsg_ask_async(peer, &orders_Desk_service, &orders_Desk_methods_[1], &args,
                   orders_Desk_books_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Desk_books_begin(kmsg_peer *peer, kmsg_pending *pending)
{
    orders_Desk_books_args args;

    memset(&args, 0, sizeof args);
    return kmsg_begin(peer, &orders_Desk_service, &orders_Desk_methods_[1], &args, pending);
}

kmsg_err orders_Desk_books_end(kmsg_pending *pending, kmsg_arena *mem, orders_Order_list *ret)
{
    return kmsg_end(pending, &orders_Desk_methods_[1], mem, ret);
}

void orders_Desk_books_reply(kmsg_call *call, const orders_Order_list *result)
{
    kmsg_reply(call, &orders_Desk_methods_[1], result);
}

/* ---- service Odd ------------------------------------------------------------------------- */

typedef struct orders_Odd_ask_args orders_Odd_ask_args;
struct orders_Odd_ask_args {
    uint8_t nothing_; /* C has no empty structs */
};

#define orders_Odd_ask_args_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout orders_Odd_ask_args_layout;

static KMSG_LEAF uint64_t orders_Odd_ask_args_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Odd_ask_args_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *orders_Odd_ask_args_row_put(kmsg_enc *e, const void *value, uint8_t *row,
                                                      uint8_t *at)
{
    (void)e;
    orders_Odd_ask_args_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Odd_ask_args_row_get(kmsg_dec *d, const uint8_t *row,
                                                            const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout orders_Odd_ask_args_layout = {
    .name = "orders.Odd.ask.args",
    .id = UINT64_C(0xb45471cd40ad853b),
    .size = sizeof(orders_Odd_ask_args),
    .shape = orders_Odd_ask_args_SHAPE,
    .row_end = orders_Odd_ask_args_row_end,
    .row_put = orders_Odd_ask_args_row_put,
    .row_get = orders_Odd_ask_args_row_get,
};

typedef struct orders_Odd_ask_result orders_Odd_ask_result;
struct orders_Odd_ask_result {
    uint8_t nothing_; /* C has no empty structs */
};

#define orders_Odd_ask_result_SHAPE KMSG_SHAPE(0, 0, 0)
static const kmsg_layout orders_Odd_ask_result_layout;

static KMSG_LEAF uint64_t orders_Odd_ask_result_row_end(kmsg_enc *e, const void *value, uint64_t at)
{
    (void)e;
    (void)value;
    return at;
}

static inline uint32_t orders_Odd_ask_result_row_set(const void *value, uint8_t *row)
{
    (void)value;
    (void)row;
    return 0;
}

static KMSG_LEAF uint8_t *orders_Odd_ask_result_row_put(kmsg_enc *e, const void *value,
                                                        uint8_t *row, uint8_t *at)
{
    (void)e;
    orders_Odd_ask_result_row_set(value, row);
    return at;
}

static KMSG_LEAF const uint8_t *orders_Odd_ask_result_row_get(kmsg_dec *d, const uint8_t *row,
        const uint8_t *at, void *ret)
{
    (void)d;
    (void)row;
    (void)ret;
    return at;
}

static const kmsg_layout orders_Odd_ask_result_layout = {
    .name = "orders.Odd.ask.result",
    .id = UINT64_C(0xdd5fc0ac4200d8c3),
    .size = sizeof(orders_Odd_ask_result),
    .shape = orders_Odd_ask_result_SHAPE,
    .row_end = orders_Odd_ask_result_row_end,
    .row_put = orders_Odd_ask_result_row_put,
    .row_get = orders_Odd_ask_result_row_get,
};

static kmsg_err orders_Odd_ask_invoke_(const void *impl, void *ctx, kmsg_call *call,
                                       const void *args,
                          void *result)
{
    const orders_Odd_impl *i = impl;

    (void)args;
    (void)result;
    if (i->ask == NULL)
        return KMSG_ENOMETHOD;
    return i->ask(ctx, call);
}

static const char *const orders_Odd_roles_[] = {
    "\"a\"",
    "b\\",
    "\?\?=",
    "a-role-that-takes-a-line-of-its-own",
    NULL};

static const kmsg_method orders_Odd_methods_[] = {
    {.name = "ask", .number = 0, .args = &orders_Odd_ask_args_layout,
     .result = &orders_Odd_ask_result_layout,
     .roles = orders_Odd_roles_,
     .invoke = orders_Odd_ask_invoke_},
};

const kmsg_service orders_Odd_service = {
    .name = "orders.Odd",
    .id = UINT64_C(0xda86c582bb6be99b),
    .methods = orders_Odd_methods_,
    .count = 1,
    .roles = orders_Odd_roles_,
};

kmsg_err orders_Odd_serve(kmsg_node *node, const orders_Odd_impl *impl, void *ctx)
{
    return kmsg_serve(node, &orders_Odd_service, impl, ctx);
}

kmsg_err orders_Odd_serve_at(kmsg_object *parent, const orders_Odd_impl *impl, void *ctx,
                             const kmsg_spawn *how, kmsg_address *ret)
{
    return kmsg_service_new(parent, &orders_Odd_service, impl, ctx, how, ret);
}

kmsg_err orders_Odd_ask(kmsg_peer *peer)
{
    orders_Odd_ask_args args;

    memset(&args, 0, sizeof args);
    return kmsg_ask(peer, &orders_Odd_service, &orders_Odd_methods_[0], &args, NULL, NULL);
}

static void orders_Odd_ask_finish_(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((orders_Odd_ask_done *)done)(ctx, err);
}

void orders_Odd_ask_async(kmsg_peer *peer, void *ctx, orders_Odd_ask_done *done)
{
    orders_Odd_ask_args args;

    memset(&args, 0, sizeof args);
    kmsg_ask_async(peer, &orders_Odd_service, &orders_Odd_methods_[0], &args,
                   orders_Odd_ask_finish_, (kmsg_done *)done,
                   ctx);
}

kmsg_err orders_Odd_ask_begin(kmsg_peer *peer, kmsg_pending *pending)
{
    orders_Odd_ask_args args;

    memset(&args, 0, sizeof args);
    return kmsg_begin(peer, &orders_Odd_service, &orders_Odd_methods_[0], &args, pending);
}

kmsg_err orders_Odd_ask_end(kmsg_pending *pending)
{
    return kmsg_end(pending, &orders_Odd_methods_[0], NULL, NULL);
}

void orders_Odd_ask_reply(kmsg_call *call)
{
    const orders_Odd_ask_result nothing = {0};

    kmsg_reply(call, &orders_Odd_methods_[0], &nothing);
}

#endif /* KMSG_CODEC_ONLY */

