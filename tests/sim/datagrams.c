/* datagrams.c -- datagrams between the hosts of the world: each arrives after a time of its own, so
 * that one may overtake another, or not at all, or twice.
 *
 * What goes to where nobody listens comes back as a refusal of the next one that is sent there, as
 * real systems do it. Over a cut line, and to a host without power, it is just gone, and so is what
 * finds no room with its receiver. Within a host nothing is lost but for lack of room.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define BOXES_MAX  64
#define PIECES_MAX 64    /* that wait to be received */
#define LARGEST    65507 /* of one */
#define LOCAL_NS   20000
#define AIR_MAX    1024 /* on their way: more are lost */

typedef struct piece {
    uint8_t *data;
    size_t   size;
} piece;

struct mail {
    kmi_socket  *socket; /* NULL: is not used */
    unsigned     host;
    bool         bound;
    kmi_endpoint at; /* where it is bound, or sends to */
    piece        waiting[PIECES_MAX];
    unsigned     count;
    uint32_t     lost;
    bool         refused;
    unsigned     id; /* another one each time it is used */
};

/* One that is on its way. */
typedef struct flight {
    piece        piece; /* no data: it is not used */
    unsigned     from_host, to_host;
    kmi_endpoint to;
    unsigned     from, from_id; /* the box that has sent it */
} flight;

static mail     boxes[BOXES_MAX];
static flight   air[AIR_MAX];
static unsigned last_id;

unsigned datagrams_ready(const mail *m)
{
    return KMI_WRITABLE | (m->count > 0 || m->refused ? (unsigned)KMI_READABLE : 0u);
}

void datagrams_close(mail *m)
{
    while (m->count > 0)
        free(m->waiting[--m->count].data);
    m->socket = NULL;
}

void datagrams_begin(void)
{
    for (mail *m = boxes; m < boxes + BOXES_MAX; m++)
        datagrams_close(m);
    for (flight *f = air; f < air + AIR_MAX; f++)
        free(f->piece.data);
    memset(boxes, 0, sizeof boxes);
    memset(air, 0, sizeof air);
    last_id = 0;
}

/* ---- boxes ----------------------------------------------------------------------------------- */

static mail *find_bound(unsigned host, const kmi_endpoint *at)
{
    for (mail *m = boxes; m < boxes + BOXES_MAX; m++)
        if (m->socket != NULL && m->bound && m->host == host && m->at.port == at->port)
            return m;
    return NULL;
}

static kmsg_err open_box(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                         mail **ret_mail, kmi_socket **ret)
{
    mail *m = boxes;

    while (m < boxes + BOXES_MAX && m->socket != NULL)
        m++;
    *ret = m == boxes + BOXES_MAX ? NULL : net_datagram_socket(loop, m, fn, ctx);
    if (*ret == NULL)
        return kmi_error(KMSG_ESYSTEM, "socket: no descriptor");
    *m = (mail){.socket = *ret, .host = process_host(loop->process), .at = *at, .id = ++last_id};
    *ret_mail = m;
    return KMSG_OK;
}

kmsg_err net_datagram_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                           kmi_endpoint *ret_bound, kmi_socket **ret)
{
    mail    *m;
    kmsg_err err;

    if (find_bound(process_host(loop->process), at) != NULL)
        return kmi_error(KMSG_EINUSE, "bind: somebody listens there");
    err = open_box(loop, at, fn, ctx, &m, ret);
    if (err != KMSG_OK)
        return err;
    m->bound = true;
    if (at->port == 0)
        m->at.port = (uint16_t)(50000 + m->id % 10000);
    *ret_bound = m->at;
    return KMSG_OK;
}

kmsg_err net_datagram_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                              kmi_socket **ret)
{
    mail *m;

    return open_box(loop, to, fn, ctx, &m, ret);
}

/* ---- on the way ------------------------------------------------------------------------------ */

static void refuse(const flight *f)
{
    mail *m = &boxes[f->from];

    if (m->socket == NULL || m->id != f->from_id || net_is_blocked(f->to_host, f->from_host))
        return;
    m->refused = true;
    net_changed(m->socket);
}

static void on_arrive(void *ctx, uint64_t arg)
{
    flight *f = ctx;
    mail   *m = find_bound(f->to_host, &f->to);

    (void)arg;
    world_note("datagram", f->to_host, f->piece.size);
    if (!net_is_blocked(f->from_host, f->to_host) && m != NULL && m->count < PIECES_MAX) {
        m->waiting[m->count++] = f->piece;
        f->piece.data = NULL;
        net_changed(m->socket);
    } else if (!net_is_blocked(f->from_host, f->to_host)) {
        if (m == NULL)
            refuse(f);
        else
            m->lost++;
    }
    free(f->piece.data);
    f->piece.data = NULL;
}

static flight *spare_flight(void)
{
    for (flight *f = air; f < air + AIR_MAX; f++)
        if (f->piece.data == NULL)
            return f;
    return NULL;
}

static void send_once(const mail *m, const kmi_datagram *head, const kmi_datagram *d)
{
    flight *f = spare_flight();
    bool    is_local = m->at.ip[0] == 127;
    int64_t after_ns = is_local ? LOCAL_NS : world_law.latency_ns;

    if (f == NULL)
        return;
    *f = (flight){.from_host = m->host,
                  .to_host = is_local ? m->host : m->at.ip[3] - 1u,
                  .to = m->at,
                  .from = (unsigned)(m - boxes),
                  .from_id = m->id};
    f->piece = (piece){malloc(head->size + d->size), head->size + d->size};
    memcpy(f->piece.data, head->data, head->size);
    memcpy(f->piece.data + head->size, d->data, d->size);
    if (!is_local && world_law.jitter_ns > 0)
        after_ns += world_below((uint32_t)world_law.jitter_ns);
    world_at(world_now() + after_ns, on_arrive, f, 0);
}

ptrdiff_t net_datagram_send(kmi_socket *socket, const kmi_datagram *head, const kmi_datagram *list,
                            size_t count)
{
    mail *m = net_mail_of(socket);

    if (m->refused) {
        m->refused = false;
        return KMI_REFUSED;
    }
    if (head->size + list[0].size > LARGEST)
        return KMI_BROKEN;
    for (size_t i = 0; i < count; i++) {
        if (world_chance(world_law.lose))
            continue;
        send_once(m, head, &list[i]);
        if (world_chance(world_law.again))
            send_once(m, head, &list[i]);
    }
    return (ptrdiff_t)count;
}

ptrdiff_t net_datagram_receive(kmi_socket *socket, kmi_datagram *list, size_t count,
                               uint32_t *ret_lost)
{
    mail  *m = net_mail_of(socket);
    size_t n = m->count < count ? m->count : count;

    if (m->refused) {
        m->refused = false;
        return KMI_REFUSED;
    }
    if (n == 0)
        return KMI_AGAIN;
    for (size_t i = 0; i < n; i++) {
        piece *p = &m->waiting[i];
        memcpy(list[i].data, p->data, p->size < list[i].size ? p->size : list[i].size);
        list[i].size = p->size;
        free(p->data);
    }
    m->count -= (unsigned)n;
    memmove(m->waiting, m->waiting + n, m->count * sizeof *m->waiting);
    *ret_lost = m->lost;
    return (ptrdiff_t)n;
}

/* ---- groups ---------------------------------------------------------------------------------- */

size_t net_interfaces(kmi_interface ret[KMI_INTERFACES_MAX])
{
    (void)ret;
    return 0;
}

kmsg_err net_multicast_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                            kmi_endpoint *ret_bound, kmi_socket **ret)
{
    (void)loop;
    (void)at;
    (void)fn;
    (void)ctx;
    (void)ret_bound;
    (void)ret;
    return kmi_error(KMSG_EUNREACHABLE, "socket: there are no groups here");
}

kmsg_err net_multicast_join(kmi_socket *socket, const kmi_endpoint *group, uint32_t interface)
{
    (void)socket;
    (void)group;
    (void)interface;
    return KMSG_ESYSTEM;
}

ptrdiff_t net_multicast_send(kmi_socket *socket, const kmi_endpoint *to, uint32_t interface,
                             const void *data, size_t size)
{
    (void)socket;
    (void)to;
    (void)interface;
    (void)data;
    (void)size;
    return KMI_BROKEN;
}

ptrdiff_t net_multicast_receive(kmi_socket *socket, void *buffer, size_t size, kmi_arrival *ret)
{
    (void)socket;
    (void)buffer;
    (void)size;
    (void)ret;
    return KMI_BROKEN;
}
