/* datagrams.h -- what the tests of datagrams share: a node that sends and one that serves
 * delivery.kmsg, and plain UDP sockets for strangers.
 */
#ifndef DATAGRAMS_H
#define DATAGRAMS_H

#include "delivery.h"
#include "flow.kmsg.h"

#include "wire/datagram.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef struct scene {
    post           p;
    kmsg_node     *node;
    kmsg_peer     *peer;
    kmsg_listener *other;
} scene;

/* `url` NULL: nobody listens, and there is no peer. */
static inline void scene_init(scene *s, const char *url)
{
    *s = (scene){.node = kmsg_node_new()};
    post_init(&s->p, url);
    if (url != NULL)
        s->peer = post_dial(s->node, &s->p);
}

static inline void scene_done(scene *s)
{
    kmsg_node_free(s->node);
    post_done(&s->p);
}

static inline kmsg_listener_facts info_of(const kmsg_listener *listener)
{
    kmsg_listener_facts facts;

    kmsg_listener_info(listener, &facts);
    return facts;
}

static inline kmsg_listener_facts listener_facts(const scene *s)
{
    return info_of(s->p.listener);
}

static inline unsigned port_of(const scene *s)
{
    return (unsigned)strtoul(strrchr(kmsg_listener_url(s->p.listener), ':') + 1, NULL, 10);
}

static inline kmsg_peer *dial_port(kmsg_node *node, uint16_t port)
{
    char       url[64];
    kmsg_peer *peer = NULL;

    snprintf(url, sizeof url, "udp:127.0.0.1:%u", port);
    OK(kmsg_dial(node, url, &peer));
    return peer;
}

static inline uint64_t refused_by_host(const scene *s)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(s->peer, &facts);
    return facts.refused;
}

/* Tells the peer something again and again. */
#define PUT_UNTIL(s, condition)                                                                    \
    do {                                                                                           \
        int64_t until_ms = clock_ms() + PATIENCE_MS;                                               \
        while (!(condition) && clock_ms() < until_ms) {                                            \
            OK(delivery_Post_put((s)->peer, 1, no_blob));                                          \
            OK(kmsg_flush((s)->peer));                                                             \
            step_both((s)->node, (s)->p.node, 10);                                                 \
        }                                                                                          \
        CHECK(condition);                                                                          \
    } while (0)

static inline bool is_readable(kmsg_node *node)
{
    struct pollfd fd = {.fd = kmsg_node_fd(node), .events = POLLIN};

    return poll(&fd, 1, 0) > 0;
}

/* ---- strangers ------------------------------------------------------------------------------- */

static inline struct sockaddr_in raw_loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static inline int raw_bind(uint16_t *ret_port)
{
    struct sockaddr_in a = raw_loopback(0);
    socklen_t          size = sizeof a;
    int                fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    CHECK(bind(fd, (struct sockaddr *)&a, size) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &size) == 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static inline int raw_to(const scene *s)
{
    struct sockaddr_in a = raw_loopback((uint16_t)port_of(s));
    int                fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    return fd;
}

static inline bool has_ip6(void)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int                 fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool                has = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;

    if (fd >= 0)
        close(fd);
    return has;
}

#endif
