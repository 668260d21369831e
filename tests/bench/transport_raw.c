/* transport_raw.c -- the limit over sockets: messages of a fixed size, written and read by plain
 * blocking system calls, many at once where many are there. Nothing is framed, checked or
 * dispatched beyond the first byte, which says what the server shall do.
 */
#define _GNU_SOURCE

#include "transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SIZE ((size_t)TRANSPORT_SIZE)
#define BUFFER ((size_t)256 << 10)

enum { ECHO = '0', PUSH = 'p', COUNT = 'c' }; /* the payload begins with ECHO */

typedef struct server {
    int       listener;
    pthread_t thread;
    uint64_t  pushed;
    size_t    kept; /* bytes of a message that is not whole yet */
    uint8_t   in[BUFFER];
    uint8_t   out[BUFFER];
} server;

static void write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        BENCH_NEED(n > 0);
        data += n;
        size -= (size_t)n;
    }
}

static void read_all(int fd, uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = read(fd, data, size);
        BENCH_NEED(n > 0);
        data += n;
        size -= (size_t)n;
    }
}

/* ---- server ---- */

/* Answers what is whole of s->in[0..size). */
static void answer(server *s, int fd, size_t size)
{
    size_t at = 0;
    size_t out = 0;

    for (; at + SIZE <= size; at += SIZE) {
        if (s->in[at] == PUSH) {
            s->pushed++;
            continue;
        }
        memcpy(s->out + out, s->in + at, SIZE);
        if (s->in[at] == COUNT) {
            memcpy(s->out + out + 8, &s->pushed, sizeof s->pushed);
        }
        out += SIZE;
    }
    if (out > 0) {
        write_all(fd, s->out, out);
    }
    s->kept = size - at;
    memmove(s->in, s->in + at, s->kept);
}

/* A unix socket refuses, and does not need it. */
static void no_delay(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static void *serve(void *ctx)
{
    server *s = ctx;
    int     fd = accept(s->listener, NULL, NULL);

    BENCH_NEED(fd >= 0);
    no_delay(fd);
    for (;;) {
        ssize_t n = read(fd, s->in + s->kept, BUFFER - s->kept);
        if (n <= 0) {
            break;
        }
        answer(s, fd, s->kept + (size_t)n);
    }
    close(fd);
    return NULL;
}

static socklen_t unix_address(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    BENCH_NEED(strlen(path) < sizeof ret->sun_path);
    memcpy(ret->sun_path, path, strlen(path) + 1);
    return sizeof *ret;
}

static socklen_t tcp_address(int port, struct sockaddr_in *ret)
{
    *ret = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    ret->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *ret;
}

static int listen_unix(const char *path, transport_address *ret)
{
    struct sockaddr_un at;
    socklen_t          size = unix_address(path, &at);
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    BENCH_NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 1) == 0);
    snprintf(ret->text, sizeof ret->text, "%s", path);
    return fd;
}

static int listen_tcp(transport_address *ret)
{
    struct sockaddr_in at;
    socklen_t          size = tcp_address(0, &at);
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    BENCH_NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 1) == 0);
    BENCH_NEED(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
    snprintf(ret->text, sizeof ret->text, "%d", ntohs(at.sin_port));
    return fd;
}

static void *server_new(transport_kind kind, const char *name, transport_address *ret)
{
    server *s = bench_alloc(sizeof *s);

    s->listener = kind == TRANSPORT_UNIX ? listen_unix(name, ret) : listen_tcp(ret);
    BENCH_NEED(pthread_create(&s->thread, NULL, serve, s) == 0);
    return s;
}

static void server_free(void *ctx)
{
    server *s = ctx;

    pthread_join(s->thread, NULL);
    close(s->listener);
}

/* ---- client ---- */

typedef struct client {
    int      fd;
    uint64_t pushed;
    uint8_t  out[BUFFER];
    uint8_t  in[BUFFER];
} client;

static void *client_new(transport_kind kind, const char *address)
{
    client            *c = bench_alloc(sizeof *c);
    struct sockaddr_un path;
    struct sockaddr_in port;
    int                connected;

    c->fd = socket(kind == TRANSPORT_UNIX ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BENCH_NEED(c->fd >= 0);
    if (kind == TRANSPORT_UNIX) {
        connected = connect(c->fd, (struct sockaddr *)&path, unix_address(address, &path));
    } else {
        int number = (int)strtol(address, NULL, 10);
        connected = connect(c->fd, (struct sockaddr *)&port, tcp_address(number, &port));
    }
    BENCH_NEED(connected == 0);
    no_delay(c->fd);
    return c;
}

static void ping(void *ctx)
{
    client *c = ctx;

    write_all(c->fd, transport_payload, SIZE);
    read_all(c->fd, c->in, SIZE);
    BENCH_NEED(memcmp(c->in, transport_payload, SIZE) == 0);
}

static void calls(void *ctx, size_t count)
{
    client *c = ctx;
    size_t  sent = 0;
    size_t  received = 0; /* bytes */

    for (size_t i = 0; i < TRANSPORT_WINDOW; i++) {
        memcpy(c->out + i * SIZE, transport_payload, SIZE);
    }
    while (received < count * SIZE) {
        size_t  room = TRANSPORT_WINDOW - (sent - received / SIZE);
        size_t  n = room < count - sent ? room : count - sent;
        ssize_t got;

        write_all(c->fd, c->out, n * SIZE);
        sent += n;
        got = read(c->fd, c->in, BUFFER);
        BENCH_NEED(got > 0);
        received += (size_t)got;
    }
}

static void oneway(void *ctx, size_t count)
{
    client  *c = ctx;
    uint64_t there;

    for (size_t i = 0; i < BUFFER / SIZE; i++) {
        memcpy(c->out + i * SIZE, transport_payload, SIZE);
        c->out[i * SIZE] = PUSH;
    }
    for (size_t left = count; left > 0;) {
        size_t n = left < BUFFER / SIZE ? left : BUFFER / SIZE;
        write_all(c->fd, c->out, n * SIZE);
        left -= n;
    }
    c->pushed += count;
    c->out[0] = COUNT;
    write_all(c->fd, c->out, SIZE);
    read_all(c->fd, c->in, SIZE);
    memcpy(&there, c->in + 8, sizeof there);
    BENCH_NEED(there == c->pushed);
}

static void client_free(void *ctx)
{
    client *c = ctx;

    close(c->fd);
}

static const transport_ops sockets = {server_new, server_free, client_new, ping,
                                      calls,      oneway,      client_free};

const transport_subject transport_raw = {.name = "raw",
                                         .ops = {&transport_ring, &sockets, &sockets}};
