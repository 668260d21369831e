/* orders.kmsg.h -- made by kmsgc 0.1.0 from orders.kmsg; edit that file, not this one.
 *
 * Every name below begins with a name from the schema. A record owns nothing: what you fill
 * in, you own; what X_decode() fills in leads into the bytes and the arena you passed, what
 * X_decode_copy() fills in into the arena alone, what a call fills in lives in your arena,
 * and what a callback is given until it returns; X_copy() keeps it longer. On failure *ret
 * is as it was, and kmsg_last_error() tells the place.
 */
#ifndef ORDERS_ORDERS_KMSG_H
#define ORDERS_ORDERS_KMSG_H

#include <kmsg/gen.h>

#if KMSG_GEN_VERSION != 5
#error "orders.kmsg.h does not fit this libkmsg: run kmsgc again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Who may ask for what, as it looks in C. */

#define orders_AUDITOR "auditor"

/* ---- records, and lists of them ---------------------------------------------------------- */

typedef struct orders_Order orders_Order;
typedef struct orders_Order_list {
    const orders_Order *items;
    size_t count;
} orders_Order_list;

/* ---- record Order ------------------------------------------------------------------------ */

struct orders_Order {
    uint32_t count;                  /* 2 */
    kmsg_string item;                /* 1 */
};

/* All defaults: orders_Order x = orders_Order_initial; */
extern const orders_Order orders_Order_initial;

KMSG_CHECK kmsg_err orders_Order_encoded_size(const orders_Order *value, size_t *ret);
KMSG_CHECK kmsg_err orders_Order_encode_into(const orders_Order *value, void *buffer,
                                             size_t capacity, size_t *ret_size);
KMSG_CHECK kmsg_err orders_Order_encode(const orders_Order *value, kmsg_arena *mem,
                                        kmsg_bytes *ret);
KMSG_CHECK kmsg_err orders_Order_decode(kmsg_bytes bytes, kmsg_arena *mem, orders_Order *ret);
KMSG_CHECK kmsg_err orders_Order_decode_copy(kmsg_bytes bytes, kmsg_arena *mem, orders_Order *ret);
KMSG_CHECK kmsg_err orders_Order_copy(const orders_Order *value, kmsg_arena *mem,
                                      orders_Order *ret);
bool orders_Order_equal(const orders_Order *a, const orders_Order *b);
void orders_Order_print(const orders_Order *value, FILE *out);

#ifndef KMSG_CODEC_ONLY

/* ---- service Orders ---------------------------------------------------------------------- */

/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER.
 *
 * Of a oneway method the plain form is done when the message is queued: KMSG_OK does not say that
 * it arrives, and nobody is told of one that is lost with its link. _async and
 * _begin are acknowledged: KMSG_OK says that the other side has released it. */

/* place(order: orders.Order) -> u64 */
KMSG_CHECK kmsg_err orders_Orders_place(kmsg_peer *peer, const orders_Order *order, kmsg_arena *mem,
                                        uint64_t *ret);
typedef void orders_Orders_place_done(void *ctx, kmsg_err err, const uint64_t *result);
void orders_Orders_place_async(kmsg_peer *peer, const orders_Order *order, void *ctx,
                               orders_Orders_place_done *done);
kmsg_err orders_Orders_place_begin(kmsg_peer *peer, const orders_Order *order,
                                   kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Orders_place_end(kmsg_pending *pending, kmsg_arena *mem, uint64_t *ret);
void orders_Orders_place_reply(kmsg_call *call, const uint64_t *result);

/* Not for traders. */
/* cancel(id: u64) */
KMSG_CHECK kmsg_err orders_Orders_cancel(kmsg_peer *peer, uint64_t id);
typedef void orders_Orders_cancel_done(void *ctx, kmsg_err err);
void orders_Orders_cancel_async(kmsg_peer *peer, uint64_t id, void *ctx,
                                orders_Orders_cancel_done *done);
kmsg_err orders_Orders_cancel_begin(kmsg_peer *peer, uint64_t id, kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Orders_cancel_end(kmsg_pending *pending);
void orders_Orders_cancel_reply(kmsg_call *call);

/* oneway hint(text: string) */
KMSG_CHECK kmsg_err orders_Orders_hint(kmsg_peer *peer, kmsg_string text);
typedef void orders_Orders_hint_done(void *ctx, kmsg_err err);
void orders_Orders_hint_async(kmsg_peer *peer, kmsg_string text, void *ctx,
                              orders_Orders_hint_done *done);
kmsg_err orders_Orders_hint_begin(kmsg_peer *peer, kmsg_string text, kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Orders_hint_end(kmsg_pending *pending);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct orders_Orders_impl {
    kmsg_err (*place)(void *ctx, kmsg_call *call, const orders_Order *order, uint64_t *ret);
    kmsg_err (*cancel)(void *ctx, kmsg_call *call, uint64_t id);
    kmsg_err (*hint)(void *ctx, kmsg_call *call, kmsg_string text);
} orders_Orders_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err orders_Orders_serve(kmsg_node *node, const orders_Orders_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err orders_Orders_serve_at(kmsg_object *parent, const orders_Orders_impl *impl,
                                           void *ctx, const kmsg_spawn *how, kmsg_address *ret);

/* ---- service Desk ------------------------------------------------------------------------ */

/* For all, but one method. */
/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER. */

/* hours() -> string */
KMSG_CHECK kmsg_err orders_Desk_hours(kmsg_peer *peer, kmsg_arena *mem, kmsg_string *ret);
typedef void orders_Desk_hours_done(void *ctx, kmsg_err err, const kmsg_string *result);
void orders_Desk_hours_async(kmsg_peer *peer, void *ctx, orders_Desk_hours_done *done);
kmsg_err orders_Desk_hours_begin(kmsg_peer *peer, kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Desk_hours_end(kmsg_pending *pending, kmsg_arena *mem, kmsg_string *ret);
void orders_Desk_hours_reply(kmsg_call *call, const kmsg_string *result);

/* books() -> list<orders.Order> */
KMSG_CHECK kmsg_err orders_Desk_books(kmsg_peer *peer, kmsg_arena *mem, orders_Order_list *ret);
typedef void orders_Desk_books_done(void *ctx, kmsg_err err, const orders_Order_list *result);
void orders_Desk_books_async(kmsg_peer *peer, void *ctx, orders_Desk_books_done *done);
kmsg_err orders_Desk_books_begin(kmsg_peer *peer, kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Desk_books_end(kmsg_pending *pending, kmsg_arena *mem,
                                          orders_Order_list *ret);
void orders_Desk_books_reply(kmsg_call *call, const orders_Order_list *result);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct orders_Desk_impl {
    orders_Orders_impl Orders;
    kmsg_err (*hours)(void *ctx, kmsg_call *call, kmsg_string *ret);
    kmsg_err (*books)(void *ctx, kmsg_call *call, orders_Order_list *ret);
} orders_Desk_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err orders_Desk_serve(kmsg_node *node, const orders_Desk_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err orders_Desk_serve_at(kmsg_object *parent, const orders_Desk_impl *impl,
                                         void *ctx, const kmsg_spawn *how, kmsg_address *ret);

/* ---- service Odd ------------------------------------------------------------------------- */

/* Names that C has to quote. */
/* Of each method: the plain form asks and waits; _async asks and is told: `done` runs exactly
 * once, later, on the node's thread, and its result is NULL unless err is KMSG_OK; _begin asks
 * and leaves waiting and the result to _end; _reply answers a call whose handler returned
 * KMSG_LATER. */

/* ask() */
KMSG_CHECK kmsg_err orders_Odd_ask(kmsg_peer *peer);
typedef void orders_Odd_ask_done(void *ctx, kmsg_err err);
void orders_Odd_ask_async(kmsg_peer *peer, void *ctx, orders_Odd_ask_done *done);
kmsg_err orders_Odd_ask_begin(kmsg_peer *peer, kmsg_pending *pending);
KMSG_CHECK kmsg_err orders_Odd_ask_end(kmsg_pending *pending);
void orders_Odd_ask_reply(kmsg_call *call);

/* The handlers. Each fills in *ret, which is zeroed, and returns KMSG_OK; or returns kmsg_fail()
 * or E_throw(), or KMSG_LATER. Memory for *ret: kmsg_call_arena(call). A NULL handler answers
 * KMSG_ENOMETHOD. */
typedef struct orders_Odd_impl {
    kmsg_err (*ask)(void *ctx, kmsg_call *call);
} orders_Odd_impl;

/* `impl` must live as long as the node. KMSG_EEXIST when the node serves it already. */
KMSG_CHECK kmsg_err orders_Odd_serve(kmsg_node *node, const orders_Odd_impl *impl, void *ctx);

/* At an address of its own: kmsg_reach() makes a peer of that. `how` may be NULL. */
KMSG_CHECK kmsg_err orders_Odd_serve_at(kmsg_object *parent, const orders_Odd_impl *impl, void *ctx,
                                        const kmsg_spawn *how, kmsg_address *ret);

/* ---- records as messages ----------------------------------------------------------------- */

/* Of each: sends it to what is at an address; tells whether a message is one; reads it, which
 * leads into the message and mem. */

extern const kmsg_layout orders_Order_layout;
KMSG_CHECK static inline kmsg_err orders_Order_send(kmsg_object *from, kmsg_address to,
                                                    const orders_Order *value)
{
    return kmsg_send(from, to, &orders_Order_layout, value);
}
static inline bool orders_Order_is(const kmsg_message *message)
{
    return kmsg_is(message, &orders_Order_layout);
}
KMSG_CHECK static inline kmsg_err orders_Order_read(const kmsg_message *message, kmsg_arena *mem,
                                                    orders_Order *ret)
{
    return kmsg_read(message, &orders_Order_layout, mem, ret);
}

#endif /* KMSG_CODEC_ONLY */

/* ---- for generated code, and tools ------------------------------------------------------- */

extern const kmsg_service orders_Orders_service;
extern const kmsg_service orders_Desk_service;
extern const kmsg_service orders_Odd_service;

#define orders_Order_SHAPE KMSG_SHAPE(4, 1, 2)
extern const kmsg_layout orders_Order_layout;
uint64_t orders_Order_row_end(kmsg_enc *e, const void *value, uint64_t at);
uint8_t *orders_Order_row_put(kmsg_enc *e, const void *value, uint8_t *row, uint8_t *at);
const uint8_t *orders_Order_row_get(kmsg_dec *d, const uint8_t *row, const uint8_t *at, void *ret);
extern const kmsg_type orders_Order_type, orders_Order_list_type;

#ifdef __cplusplus
}
#endif
#endif
