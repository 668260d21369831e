/* fanout_zeromq.c -- ZeroMQ: an XPUB that waits where it has no room, so nothing is lost, and SUB
 * sockets, which one thread reads.
 */
#include "fanout.h"

#include <stdio.h>
#include <string.h>

#include <zmq.h>

typedef struct publisher {
    void *context;
    void *socket;
} publisher;

static void *publisher_new(const fanout_case *c, const char *name, fanout_address *ret)
{
    publisher *p = bench_alloc(sizeof *p);
    size_t     size = sizeof ret->text;

    p->context = zmq_ctx_new();
    p->socket = zmq_socket(p->context, ZMQ_XPUB);
    BENCH_NEED(p->socket &&
               zmq_setsockopt(p->socket, ZMQ_XPUB_NODROP, &(int){1}, sizeof(int)) == 0);
    BENCH_NEED(zmq_setsockopt(p->socket, ZMQ_LINGER, &(int){0}, sizeof(int)) == 0);
    snprintf(ret->text, sizeof ret->text, c->kind == FANOUT_TCP ? "tcp://127.0.0.1:*" : "ipc://%s",
             name);
    BENCH_NEED(zmq_bind(p->socket, ret->text) == 0);
    BENCH_NEED(zmq_getsockopt(p->socket, ZMQ_LAST_ENDPOINT, ret->text, &size) == 0);
    return p;
}

static void publish(void *ctx, size_t count)
{
    publisher *p = ctx;

    for (size_t i = 0; i < count; i++) {
        BENCH_NEED(zmq_send(p->socket, fanout_payload, FANOUT_SIZE, 0) == FANOUT_SIZE);
    }
}

/* Its own thread does what is to be done; subscriptions are heard of here. */
static void turn(void *ctx)
{
    publisher *p = ctx;
    uint8_t    event[32];

    zmq_recv(p->socket, event, sizeof event, ZMQ_DONTWAIT);
}

static void publisher_end(void *ctx)
{
    publisher *p = ctx;

    zmq_close(p->socket);
    zmq_ctx_term(p->context);
}

/* All that has come, read where it lies. */
static void take(void *socket, fanout_tally *tally, bool *was_there)
{
    zmq_msg_t msg;

    zmq_msg_init(&msg);
    while (zmq_msg_recv(&msg, socket, ZMQ_DONTWAIT) >= 0) {
        BENCH_NEED(zmq_msg_size(&msg) == FANOUT_SIZE &&
                   memcmp((const uint8_t *)zmq_msg_data(&msg) + FANOUT_SIZE - 8,
                          fanout_payload + FANOUT_SIZE - 8, 8) == 0);
        fanout_came(tally, was_there);
    }
    zmq_msg_close(&msg);
}

static void subscribe(const fanout_case *c, const fanout_address *at, fanout_tally *tally)
{
    void          *context = zmq_ctx_new();
    zmq_pollitem_t items[FANOUT_SUBSCRIBERS_MAX] = {{0}};
    bool           there[FANOUT_SUBSCRIBERS_MAX] = {false};

    for (size_t i = 0; i < c->subscribers; i++) {
        void *socket = zmq_socket(context, ZMQ_SUB);
        BENCH_NEED(socket && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) == 0);
        BENCH_NEED(zmq_connect(socket, at->text) == 0);
        items[i] = (zmq_pollitem_t){.socket = socket, .events = ZMQ_POLLIN};
    }
    while (zmq_poll(items, (int)c->subscribers, -1) > 0) {
        for (size_t i = 0; i < c->subscribers; i++) {
            if (items[i].revents & ZMQ_POLLIN) {
                take(items[i].socket, tally, &there[i]);
            }
        }
    }
}

const fanout_subject fanout_zeromq = {
    .name = "zeromq",
    .ops = {publisher_new, publish, turn, publisher_end, subscribe},
    .has = {[FANOUT_UNIX] = true, [FANOUT_TCP] = true},
};
