/* later.c -- asking without waiting, and answering later.
 *
 * The kitchen keeps the calls of its guests, cooks when three have come, and answers them then. The
 * guests ask asynchronously: each is told exactly once what became of the order.
 */
#include "kitchen.kmsg.h"

#define GUESTS 5
#define BATCH  3

typedef struct guest {
    kmsg_node  *node;
    kmsg_peer  *kitchen;
    const char *dish;
    int        *waiting; /* guests that have not been told yet */
} guest;

/* ---- the kitchen: handlers ----------------------------------------------------------------- */

static kmsg_call *orders[BATCH];
static size_t     order_count;

static kmsg_err order(void *ctx, kmsg_call *call, kmsg_string dish, kmsg_string *ret)
{
    (void)ctx;
    (void)ret; /* the answer is given by Kitchen_order_reply() */
    if (kmsg_string_equal(dish, kmsg_str("soup")))
        return SoldOut_throw(call, &(SoldOut){.dish = dish, .instead = kmsg_str("salad")});
    if (dish.size == 0)
        return kmsg_fail(call, KMSG_EINVAL, "what would you like?");
    orders[order_count++] = call;
    if (order_count < BATCH)
        return KMSG_LATER;
    while (order_count > 0) { /* this very call among them */
        kmsg_call  *one = orders[--order_count];
        kmsg_string text = kmsg_printf(kmsg_call_arena(one), "number %zu", order_count + 1);
        if (kmsg_call_is_over(one))
            printf("kitchen: the guest of order %zu has left\n", order_count + 1);
        Kitchen_order_reply(one, &text); /* harmless if nobody waits any more */
    }
    return KMSG_LATER;
}

/* ---- the guests: callbacks ----------------------------------------------------------------- */

static void served(void *ctx, kmsg_err err, const kmsg_string *result)
{
    guest      *g = ctx;
    kmsg_arena *mem = kmsg_arena_new();
    SoldOut     sold_out;

    if (err == KMSG_OK)
        printf("%s: served as %s\n", g->dish, result->data);
    else if (err == KMSG_ETHROWN && SoldOut_caught(g->kitchen, mem, &sold_out))
        printf("%s: sold out, there is %s\n", g->dish, sold_out.instead.data);
    else
        printf("%s: %s%s%s\n", g->dish, kmsg_strerror(err), kmsg_last_error()[0] ? ": " : "",
               kmsg_last_error());
    kmsg_arena_free(mem);
    if (--*g->waiting == 0)
        kmsg_stop_ts(g->node);
}

int main(void)
{
    static const Kitchen_impl impl = {.order = order};
    static const char *const  dishes[GUESTS] = {"pasta", "soup", "pizza", "", "risotto"};
    kmsg_node                *node = kmsg_node_new();
    guest                     guests[GUESTS + 1];
    int                       waiting = GUESTS + 1;

    kmsg_must(Kitchen_serve(node, &impl, NULL));
    for (int i = 0; i <= GUESTS; i++) {
        guests[i] = (guest){node, kmsg_self(node), i < GUESTS ? dishes[i] : "cake", &waiting};
        Kitchen_order_async(guests[i].kitchen, kmsg_str(guests[i].dish), &guests[i], served);
    }
    kmsg_cancel(kmsg_self(node), &guests[GUESTS]); /* the last one has changed their mind */
    kmsg_must(kmsg_run(node));
    kmsg_node_free(node);
    return 0;
}
