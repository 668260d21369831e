/* fanout_nats.c -- NATS: a nats-server between both sides. They speak its protocol themselves, as
 * lean as it can be: whole buffers are written, and what is read is looked at where it lies. The
 * publisher asks now and then how far the server is (PING), so that it drops nobody.
 */
#define _GNU_SOURCE

#include "fanout.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUFFER   ((size_t)64 << 10)
#define PING_ALL 8192 /* messages between two questions */

typedef struct publisher {
    pid_t  server;
    int    fd;
    size_t size;
    char   buffer[BUFFER];
} publisher;

/* ---- the server ---- */

static void be_server(const char *port)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (freopen("/dev/null", "w", stderr) == NULL) {
        _exit(126);
    }
    setenv("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", 1);
    execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, (char *)NULL);
    _exit(127);
}

/* A port that nobody has. */
static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          size = sizeof at;
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    BENCH_NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0);
    BENCH_NEED(getsockname(fd, (struct sockaddr *)&at, &size) == 0);
    close(fd);
    return ntohs(at.sin_port);
}

static int dial(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int                fd = socket(AF_INET, SOCK_STREAM, 0);

    BENCH_NEED(fd >= 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
        return fd;
    }
    close(fd);
    return -1;
}

static void write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        BENCH_NEED(n > 0);
        data += n;
        size -= (size_t)n;
    }
}

/* Until this line has come; others are not looked at. */
static void await(int fd, const char *line)
{
    char   text[4096] = "";
    size_t size = 0;

    while (strstr(text, line) == NULL) {
        ssize_t n = read(fd, text + size, sizeof text - 1 - size);
        BENCH_NEED(n > 0);
        size += (size_t)n;
        text[size] = '\0';
        if (size > sizeof text / 2) {
            memmove(text, text + size - 64, 65);
            size = 64;
        }
    }
}

static void greet(int fd)
{
    static const char hello[] = "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\n"
                                "PING\r\n";

    write_all(fd, hello, sizeof hello - 1);
    await(fd, "PONG");
}

/* ---- publisher ---- */

static void *publisher_new(const fanout_case *c, const char *name, fanout_address *ret)
{
    publisher *p = bench_alloc(sizeof *p);
    int        port = free_port(), status;
    char       text[16];

    (void)c;
    (void)name;
    snprintf(text, sizeof text, "%d", port);
    p->server = fork();
    BENCH_NEED(p->server >= 0);
    if (p->server == 0) {
        be_server(text);
    }
    while ((p->fd = dial(port)) < 0) {
        if (waitpid(p->server, &status, WNOHANG) == p->server) {
            bench_progress("fanout: there is no nats-server here");
            return NULL;
        }
        sched_yield(); /* it does not listen yet */
    }
    greet(p->fd);
    snprintf(ret->text, sizeof ret->text, "%d", port);
    return p;
}

static void flush(publisher *p)
{
    write_all(p->fd, p->buffer, p->size);
    p->size = 0;
}

static void publish(void *ctx, size_t count)
{
    static const char head[] = "PUB fan 64\r\n";
    publisher        *p = ctx;

    for (size_t i = 1; i <= count; i++) {
        if (BUFFER - p->size < sizeof head + FANOUT_SIZE + 16) {
            flush(p);
        }
        memcpy(p->buffer + p->size, head, sizeof head - 1);
        memcpy(p->buffer + p->size + sizeof head - 1, fanout_payload, FANOUT_SIZE);
        memcpy(p->buffer + p->size + sizeof head - 1 + FANOUT_SIZE, "\r\n", 2);
        p->size += sizeof head - 1 + FANOUT_SIZE + 2;
        if (i % PING_ALL == 0) {
            memcpy(p->buffer + p->size, "PING\r\n", 6);
            p->size += 6;
            flush(p);
            await(p->fd, "PONG");
        }
    }
    flush(p);
}

static void turn(void *ctx)
{
    (void)ctx;
}

static void publisher_end(void *ctx)
{
    publisher *p = ctx;

    close(p->fd);
    kill(p->server, SIGKILL);
    waitpid(p->server, NULL, 0);
}

/* ---- subscribers ---- */

typedef struct subscriber {
    int    fd;
    bool   was_there;
    size_t size;
    char   buffer[BUFFER];
} subscriber;

/* How many bytes of it are one message; 0: not all of it has come. */
static size_t take(subscriber *s, const char *at, size_t left, fanout_tally *tally)
{
    const char *end = memchr(at, '\n', left);
    size_t      head = end == NULL ? 0 : (size_t)(end - at) + 1;

    if (head == 0) {
        return 0;
    }
    if (memcmp(at, "PING", 4) == 0) {
        write_all(s->fd, "PONG\r\n", 6);
        return head;
    }
    if (memcmp(at, "MSG ", 4) != 0) {
        return head;
    }
    if (left < head + FANOUT_SIZE + 2) {
        return 0;
    }
    BENCH_NEED(memcmp(at + head + FANOUT_SIZE - 8, fanout_payload + FANOUT_SIZE - 8, 8) == 0);
    fanout_came(tally, &s->was_there);
    return head + FANOUT_SIZE + 2;
}

static void read_some(subscriber *s, fanout_tally *tally)
{
    ssize_t n = read(s->fd, s->buffer + s->size, BUFFER - s->size);
    size_t  at = 0, used;

    BENCH_NEED(n > 0);
    s->size += (size_t)n;
    while (s->size - at >= 4 && (used = take(s, s->buffer + at, s->size - at, tally)) > 0) {
        at += used;
    }
    memmove(s->buffer, s->buffer + at, s->size - at);
    s->size -= at;
}

static void subscribe(const fanout_case *c, const fanout_address *at, fanout_tally *tally)
{
    static const char wish[] = "SUB fan 1\r\n";
    struct pollfd     fds[FANOUT_SUBSCRIBERS_MAX];
    subscriber       *all = bench_alloc(c->subscribers * sizeof *all);

    for (size_t i = 0; i < c->subscribers; i++) {
        all[i].fd = dial((int)strtol(at->text, NULL, 10));
        BENCH_NEED(all[i].fd >= 0);
        greet(all[i].fd);
        write_all(all[i].fd, wish, sizeof wish - 1);
        fds[i] = (struct pollfd){.fd = all[i].fd, .events = POLLIN};
    }
    while (poll(fds, (nfds_t)c->subscribers, -1) > 0) {
        for (size_t i = 0; i < c->subscribers; i++) {
            if (fds[i].revents != 0) {
                read_some(&all[i], tally);
            }
        }
    }
}

const fanout_subject fanout_nats = {
    .name = "nats",
    .ops = {publisher_new, publish, turn, publisher_end, subscribe},
    .has = {[FANOUT_TCP] = true},
};
