/* topics.c -- who publishes prices, and who wants some of them. Neither knows an address, and there
 * is nothing between the two: they find each other by the topic's name.
 */
#include "prices.kmsg.h"

/* Where both look, here and now: it could be KMSG_SCOPE_HOST, for processes of this host, or
 * KMSG_SCOPE_LAN, and nothing else would change. */
#define SCOPE KMSG_SCOPE_PROCESS

/* ---- the exchange, on a thread of its own ---------------------------------------------------- */

static void publish(kmsg_node *node, const char *symbol, double price)
{
    kmsg_must(exchange_Prices_publish(node, kmsg_str(symbol), &(exchange_Tick){.price = price}));
}

/* Keeps the last price of each symbol, for those who come later. */
static void open_exchange(kmsg_node *node)
{
    const kmsg_publisher_options options = {.scope = SCOPE, .last_keys = 100};

    kmsg_must(exchange_Prices_offer(node, &options));
    publish(node, "ACME", 10);
    publish(node, "IBM", 120);
    publish(node, "ACME", 10.5);
}

static void trade(void *ctx)
{
    kmsg_node *node = ctx;

    publish(node, "IBM", 121);
    publish(node, "ACDC", 3);
    publish(node, "ACME", 11);
}

/* ---- who wants to know what begins with AC --------------------------------------------------- */

typedef struct watcher {
    kmsg_node *node;
    kmsg_node *exchange;
} watcher;

static void on_tick(void *ctx, const kmsg_topic_news *news, kmsg_string symbol,
                    const exchange_Tick *tick)
{
    watcher *w = ctx;

    printf("%s: %g%s\n", symbol.data, tick->price, news->last ? ", as it was when I came" : "");
    if (news->last)
        kmsg_must(kmsg_defer_ts(w->exchange, w->exchange, trade));
    else if (tick->price == 11)
        kmsg_stop_ts(w->node);
}

static void on_event(void *ctx, const kmsg_topic_event *event)
{
    (void)ctx;
    if (event->kind == KMSG_TOPIC_ATTACHED)
        printf("there is an exchange\n");
}

static void watch(watcher *w)
{
    const exchange_Prices_filter  filter = {.symbol = kmsg_str("AC*")};
    const kmsg_subscriber_options options = {.scope = SCOPE, .last = true, .heard = on_event};
    kmsg_subscriber              *subscriber;

    kmsg_must(exchange_Prices_subscribe(w->node, &filter, &options, w, on_tick, &subscriber));
    kmsg_must(kmsg_run(w->node));
    kmsg_subscriber_end(subscriber);
}

int main(void)
{
    watcher w = {.node = kmsg_node_new(), .exchange = kmsg_node_new()};

    open_exchange(w.exchange);
    kmsg_must(kmsg_start(w.exchange));
    watch(&w);
    kmsg_node_free(w.node);
    kmsg_node_free(w.exchange);
    return 0;
}
