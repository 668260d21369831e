/* linger.c -- what is left of a tcp link that was closed.
 *
 * A socket that is closed while input lies unread takes with it what the system has yet to send. So
 * one that is closed in good order lingers: the other side is told the end, and what it still says
 * is thrown away until it has ended as well, for LINGER_NS at most. At the node's end, when its
 * loop does not run any more, all that linger are waited for together, for LAST_NS at most.
 */
#include "net/net.h"

#include "base/alloc.h"

#define MS        ((int64_t)1000000)
#define LINGER_NS (5000 * MS)
#define LAST_NS   (200 * MS)

/* Nobody owns it: only the node's end closes it. */
typedef struct linger {
    kmi_link    link;
    kmi_socket *socket;
    kmi_ear    *ear;
    kmi_timer   timer;
    int64_t     last_ns; /* the node ends: until when to wait; 0 before */
    bool        over;
} linger;

static void on_lingering(void *ctx, unsigned events)
{
    linger   *l = ctx;
    kmi_net  *net = l->link.net;
    size_t    size;
    uint8_t  *room = kmi_net_read_room(net, 0, 0, &size);
    ptrdiff_t n = room == NULL ? KMI_BROKEN : net->sys->read(l->socket, room, size);

    (void)events;
    l->over = n == 0 || n == KMI_BROKEN;
    if (l->over && l->last_ns == 0)
        kmi_link_close(&l->link);
    else if (l->over)
        net->sys->watch(l->socket, 0); /* others are still waited for */
}

static void linger_too_long(kmi_timer *timer, int64_t now_ns)
{
    linger *l = (linger *)(void *)((uint8_t *)timer - offsetof(linger, timer));

    (void)now_ns;
    l->over = true;
    kmi_link_close(&l->link);
}

static bool nothing_to_take(kmi_link *link, kmi_frame *ret)
{
    (void)link;
    (void)ret;
    return false;
}

static void nothing_to_write(kmi_link *link)
{
    (void)link;
}

static void close_linger(kmi_link *link);

static void free_linger(kmi_link *link)
{
    linger *l = (linger *)link;

    kmi_free(l->ear);
    kmi_free(l);
}

static const kmi_link_ops linger_ops = {nothing_to_take, nothing_to_write, NULL, close_linger,
                                        free_linger};

/* The node ends: the first that is closed says until when all are waited for. */
static void wait_lingering(linger *l)
{
    kmi_net *net = l->link.net;
    int64_t  last_ns = net->sys->now_ns() + LAST_NS;

    if (l->last_ns == 0)
        for (kmi_link *other = net->all; other != NULL; other = other->next)
            if (other->ops == &linger_ops)
                ((linger *)other)->last_ns = last_ns;
    while (!l->over && net->sys->now_ns() < l->last_ns)
        (void)net->sys->poll(net->loop, l->last_ns);
}

static void close_linger(kmi_link *link)
{
    linger  *l = (linger *)link;
    kmi_net *net = link->net;

    if (!l->over)
        wait_lingering(l);
    net->sys->close(l->socket);
    kmi_timer_done(net->timers, &l->timer);
}

bool kmi_linger(kmi_net *net, kmi_socket *socket, kmi_ear *ear)
{
    linger *l = kmi_alloc_zeroed(sizeof *l);

    if (l == NULL)
        return false;
    if (kmi_timer_init(net->timers, &l->timer, linger_too_long) != KMSG_OK ||
        net->sys->write(socket, NULL, 0) == KMI_BROKEN) {
        kmi_timer_done(net->timers, &l->timer);
        kmi_free(l);
        return false;
    }
    l->socket = socket;
    l->ear = ear;
    *ear = (kmi_ear){on_lingering, l};
    net->sys->watch(l->socket, KMI_READABLE);
    kmi_timer_set(net->timers, &l->timer, net->sys->now_ns() + LINGER_NS);
    kmi_link_init(&l->link, &linger_ops, net);
    return true;
}
