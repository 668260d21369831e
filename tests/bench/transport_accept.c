/* transport_accept.c -- what a connection costs at least: a server with one loop, which accepts,
 * and has all its clients in epoll. A client connects to it so many times; the last one says a byte
 * and hears it, so all of them have been accepted then.
 */
#define _GNU_SOURCE

#include "transport_raw.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct server {
    int       listener;
    int       epoll;
    pthread_t thread;
} server;

typedef struct connections {
    size_t     count;
    raw_socket sockets[TRANSPORT_CONNECTIONS];
} connections;

/* ---- server ---- */

static void watch(server *s, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    BENCH_NEED(epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void answer(int fd)
{
    uint8_t byte;

    if (read(fd, &byte, 1) == 1) {
        BENCH_NEED(write(fd, &byte, 1) == 1);
    } else {
        close(fd);
    }
}

static void *serve(void *ctx)
{
    server            *s = ctx;
    struct epoll_event events[64];

    for (;;) {
        int count = epoll_wait(s->epoll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == s->listener) {
                watch(s, raw_accept(s->listener, RAW_BLOCK).fd);
            } else {
                answer(events[i].data.fd);
            }
        }
    }
    return NULL;
}

void *raw_accept_new(const transport_case *c, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);

    s->listener = raw_listen(c, name, ret);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    BENCH_NEED(s->epoll >= 0);
    watch(s, s->listener);
    BENCH_NEED(pthread_create(&s->thread, NULL, serve, s) == 0);
    return s;
}

/* ---- client ---- */

void *raw_accept_connect(const transport_case *c, const transport_address *at, size_t count)
{
    connections *all = bench_alloc(sizeof *all);
    uint8_t      byte = RAW_ECHO;

    BENCH_NEED(count <= TRANSPORT_CONNECTIONS);
    all->count = count;
    for (size_t i = 0; i < count; i++) {
        all->sockets[i] = raw_connect(c, at, RAW_BLOCK);
    }
    raw_write_all(&all->sockets[count - 1], &byte, 1);
    raw_read_all(&all->sockets[count - 1], &byte, 1);
    return all;
}

void raw_accept_disconnect(void *ctx)
{
    connections *all = ctx;

    for (size_t i = 0; i < all->count; i++) {
        raw_close(&all->sockets[i]);
    }
}
