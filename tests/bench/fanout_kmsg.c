/* fanout_kmsg.c -- kmsg: a topic. A publisher waits for who is behind, so nothing is lost; the
 * subscribers are peers of one node, each dialled for itself.
 */
#define _POSIX_C_SOURCE 200809L

#include "fanout.h"

#include "fanout.kmsg.h"

#include <stdio.h>
#include <string.h>

static kmsg_node *new_node(fanout_kind kind)
{
    kmsg_node *node = kmsg_node_new();

    BENCH_NEED(node);
    kmsg_must(kmsg_node_set_shared_memory(node, kind == FANOUT_SHM ? KMSG_SHARED_MEMORY : 0));
    return node;
}

/* ---- publisher ---- */

static void *publisher_new(const fanout_case *c, const char *name, fanout_address *ret)
{
    const kmsg_publisher_options options = {.unnamed = true};
    kmsg_node                   *node = new_node(c->kind);
    kmsg_listener               *listener;
    char                         url[300];

    snprintf(url, sizeof url, c->kind == FANOUT_TCP ? "tcp:127.0.0.1:0" : "unix:%s", name);
    kmsg_must(kmsg_listen(node, url, &listener));
    kmsg_must(Fan_offer(node, &options));
    snprintf(ret->text, sizeof ret->text, "%s", kmsg_listener_url(listener));
    return node;
}

static void publish(void *publisher, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        kmsg_must(Fan_publish(publisher, (kmsg_bytes){fanout_payload, FANOUT_SIZE}));
    }
}

static void turn(void *publisher)
{
    kmsg_must(kmsg_node_step(publisher));
}

static void publisher_end(void *publisher)
{
    kmsg_node_free(publisher);
}

/* ---- subscribers ---- */

typedef struct subscriber {
    fanout_tally *tally;
    bool          was_there;
} subscriber;

static void heard(void *ctx, const kmsg_topic_news *news, kmsg_bytes value)
{
    subscriber *s = ctx;

    BENCH_NEED(news->missed == 0 && value.size == FANOUT_SIZE &&
               memcmp(value.data + FANOUT_SIZE - 8, fanout_payload + FANOUT_SIZE - 8, 8) == 0);
    fanout_came(s->tally, &s->was_there);
}

static void subscribe(const fanout_case *c, const fanout_address *at, fanout_tally *tally)
{
    const kmsg_subscriber_options options = {
        .unnamed = true, .when_behind = KMSG_BEHIND_WAIT, .size = (size_t)64 << 10};
    kmsg_node  *node = new_node(c->kind);
    subscriber *all = bench_alloc(c->subscribers * sizeof *all);

    for (size_t i = 0; i < c->subscribers; i++) {
        kmsg_subscriber *it;
        kmsg_peer       *peer;
        all[i].tally = tally;
        kmsg_must(Fan_subscribe(node, &options, &all[i], heard, &it));
        kmsg_must(kmsg_dial(node, at->text, &peer));
        kmsg_must(kmsg_subscriber_join(it, peer));
    }
    kmsg_must(kmsg_run(node));
}

const fanout_subject fanout_kmsg = {
    .name = "kmsg",
    .ops = {publisher_new, publish, turn, publisher_end, subscribe},
    .has = {[FANOUT_UNIX] = true, [FANOUT_TCP] = true, [FANOUT_SHM] = true},
};
