/* transport_socket.c -- sockets as a program in C has them, which blocks, waits in epoll or spins.
 * What is written has room soon, so writing blocks.
 */
#define _GNU_SOURCE

#include "transport_raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

    BENCH_NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0);
    snprintf(ret->text, sizeof ret->text, "%s", path);
    return fd;
}

static int listen_tcp(transport_address *ret)
{
    struct sockaddr_in at;
    socklen_t          size = tcp_address(0, &at);
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    BENCH_NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0);
    BENCH_NEED(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
    snprintf(ret->text, sizeof ret->text, "%d", ntohs(at.sin_port));
    return fd;
}

int raw_listen(const transport_case *c, const char *name, transport_address *ret)
{
    int fd = c->kind == TRANSPORT_UNIX ? listen_unix(name, ret) : listen_tcp(ret);

    BENCH_NEED(listen(fd, SOMAXCONN) == 0);
    return fd;
}

/* A unix socket refuses to have no delay, and has none. */
static raw_socket made(int fd, raw_wait wait)
{
    raw_socket         s = {.fd = fd, .epoll = -1, .wait = wait};
    struct epoll_event event = {.events = EPOLLIN};

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (wait == RAW_EPOLL) {
        s.epoll = epoll_create1(EPOLL_CLOEXEC);
        BENCH_NEED(s.epoll >= 0 && epoll_ctl(s.epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    }
    return s;
}

raw_socket raw_accept(int listener, raw_wait wait)
{
    int fd = accept(listener, NULL, NULL);

    BENCH_NEED(fd >= 0);
    return made(fd, wait);
}

raw_socket raw_connect(const transport_case *c, const transport_address *at, raw_wait wait)
{
    struct sockaddr_un path;
    struct sockaddr_in port;
    int                fd, connected;

    fd = socket(c->kind == TRANSPORT_UNIX ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BENCH_NEED(fd >= 0);
    if (c->kind == TRANSPORT_UNIX) {
        connected = connect(fd, (struct sockaddr *)&path, unix_address(at->text, &path));
    } else {
        int number = (int)strtol(at->text, NULL, 10);
        connected = connect(fd, (struct sockaddr *)&port, tcp_address(number, &port));
    }
    BENCH_NEED(connected == 0);
    return made(fd, wait);
}

void raw_cover_with(raw_socket *s, const raw_cover *cover, bool accepts, const char *keys)
{
    s->covered = cover->begin(s->fd, accepts, keys);
    s->cover = cover;
}

void raw_close(raw_socket *s)
{
    if (s->cover) {
        s->cover->end(s->covered);
    }
    close(s->fd);
    if (s->epoll >= 0) {
        close(s->epoll);
    }
}

static ssize_t read_spinning(raw_socket *s, uint8_t *data, size_t capacity)
{
    uint64_t begin_ns = 0;
    ssize_t  n;

    while ((n = recv(s->fd, data, capacity, MSG_DONTWAIT)) < 0 && errno == EAGAIN) {
        uint64_t now_ns = bench_now_ns();
        begin_ns = begin_ns ? begin_ns : now_ns;
        if (now_ns - begin_ns > RAW_SPIN_NS) {
            return recv(s->fd, data, capacity, 0);
        }
    }
    return n;
}

static ssize_t read_epolled(raw_socket *s, uint8_t *data, size_t capacity)
{
    struct epoll_event event;

    BENCH_NEED(epoll_wait(s->epoll, &event, 1, -1) == 1);
    return recv(s->fd, data, capacity, MSG_DONTWAIT);
}

size_t raw_read(raw_socket *s, uint8_t *data, size_t capacity)
{
    ssize_t n;

    if (s->cover) {
        return s->cover->read(s->covered, data, capacity);
    }
    switch (s->wait) {
    case RAW_EPOLL: n = read_epolled(s, data, capacity); break;
    case RAW_SPIN: n = read_spinning(s, data, capacity); break;
    default: n = recv(s->fd, data, capacity, 0);
    }
    return n > 0 ? (size_t)n : 0;
}

void raw_read_all(raw_socket *s, uint8_t *data, size_t size)
{
    while (size > 0) {
        size_t n = raw_read(s, data, size);
        BENCH_NEED(n > 0);
        data += n;
        size -= n;
    }
}

void raw_write_all(raw_socket *s, const uint8_t *data, size_t size)
{
    if (s->cover) {
        s->cover->write(s->covered, data, size);
        return;
    }
    while (size > 0) {
        ssize_t n = send(s->fd, data, size, MSG_NOSIGNAL);
        BENCH_NEED(n > 0);
        data += n;
        size -= (size_t)n;
    }
}
