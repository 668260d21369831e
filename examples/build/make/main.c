/* main.c -- an order is encoded, decoded, and told. What matters here is the build around it. */
#include "orders.kmsg.h"

#include <inttypes.h>
#include <stdio.h>

static void tell(const shop_Order *order)
{
    printf("order %" PRIu64 "\n", order->number);
    for (size_t i = 0; i < order->items.count; i++) {
        const shop_Item *item = &order->items.items[i];
        printf("%" PRIu32 " %s, %" PRId64 " cents %s\n", item->count, item->name.data,
               item->price.cents, money_Currency_name(item->price.currency));
    }
}

int main(void)
{
    shop_Item items[] = {
        {.name = KMSG_STR("tea"),
         .count = 2,
         .price = {.cents = 450, .currency = money_Currency_GBP}},
        {.name = KMSG_STR("cup"),
         .count = 1,
         .price = {.cents = 800, .currency = money_Currency_EUR}},
    };
    shop_Order  order = {.number = 7, .items = {items, sizeof items / sizeof *items}};
    shop_Order  back;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_bytes  bytes;

    kmsg_must(shop_Order_encode(&order, mem, &bytes));
    kmsg_must(shop_Order_decode(bytes, mem, &back));
    tell(&back);
    kmsg_arena_free(mem);
    return 0;
}
