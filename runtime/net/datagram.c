/* datagram.c -- links over UDP, which carry one-way messages and no more.
 *
 *   sender    made by dialling: looks the name up, and is up; nobody is asked
 *   receiver  made by listening: one link for whoever sends there, up as long as the listener
 *
 * A datagram gets there whole, or not at all, or twice, or later than the next one. So nothing here
 * waits for anybody, nothing is sent again, and nothing is ever answered: who sends under the name
 * of somebody else makes us send nothing to him.
 *
 * The sender cuts the output into datagrams where it lies, and gives the system many at a time.
 * While the system has no room the rest stays in the output. What it does not want at all is
 * dropped and counted. When the other host says that nobody receives there, that is counted, too;
 * and if the name has more addresses, the next one is used from then on.
 *
 * The receiver takes datagrams into a slab of its own, each at a place that has room for the
 * largest. A turn takes one batch; the next one comes when all frames of it have been taken, and
 * until then the system keeps what arrives, as much as it has room for. Counting is all that
 * happens to a datagram that is refused; of each reason the 1st, 10th, 100th ... is logged.
 */
#include "net/net.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "wire/datagram.h"

#include <inttypes.h>
#include <string.h>

#define SEND_BATCH    64
#define RECEIVE_BATCH 16
#define REFUSED_MAX   16 /* refusals that are heard of in a row while sending */
/* The room for one, and a distance that puts not all of them into the same lines of a cache. */
#define PLACE (((size_t)64 << 10) + 192)

typedef struct sender {
    kmi_link      link;
    kmi_socket   *socket; /* NULL until an address is known */
    kmi_lookup   *lookup;
    kmi_endpoint *to;
    uint8_t       to_count;
    uint8_t       to_next;
    bool          full;               /* waits to become writable */
    char          where[KMI_URL_MAX]; /* for the log */
} sender;

typedef struct receiver {
    kmi_link       link;
    kmi_acceptor  *acceptor;
    kmi_socket    *socket;
    kmi_slab      *slab;
    kmi_datagram   list[RECEIVE_BATCH]; /* that came */
    size_t         count;
    size_t         taken;
    const uint8_t *at; /* the next frame of the datagram that is being taken apart */
    const uint8_t *end;
} receiver;

typedef struct listener {
    kmi_acceptor        acceptor;
    kmsg_listener_facts facts;
    uint32_t            lost; /* as the system counts it */
    receiver           *receiver;
} listener;

/* ---- saying little ------------------------------------------------------------------------- */

static const char *const refusals[KMSG_REFUSALS] = {
    [KMSG_REFUSED_FOREIGN] = "datagrams that are not kmsg's",
    [KMSG_REFUSED_VERSION] = "datagrams of another version of kmsg's format",
    [KMSG_REFUSED_MALFORMED] = "malformed datagrams",
    [KMSG_REFUSED_TOO_LARGE] = "messages that are too large",
    [KMSG_REFUSED_KIND] = "frames that a datagram may not carry",
    [KMSG_REFUSED_UNKNOWN] = "messages for a service or method that is not here",
    [KMSG_REFUSED_REQUEST] = "messages that cannot be read",
    [KMSG_REFUSED_OVERLOADED] = "messages, since too many wait already",
    [KMSG_REFUSED_NO_MEMORY] = "messages, out of memory",
    [KMSG_REFUSED_BY_HANDLER] = "messages by failing handlers",
    [KMSG_REFUSED_ROLE] = "messages for methods with roles",
};

void kmi_datagram_refused(kmsg_listener_facts *facts, const char *url, kmsg_refusal why)
{
    uint64_t count = ++facts->refused[why];

    if (kmi_log_is_due(count))
        kmi_log(KMSG_WARNING, "%s: refused so far: %" PRIu64 " %s", url, count, refusals[why]);
}

static void log_loss(const sender *s, uint64_t count, const char *what)
{
    if (kmi_log_is_due(count))
        kmi_log(KMSG_WARNING, "%s: %s: %" PRIu64 " so far", s->where, what, count);
}

/* ---- sending: where to --------------------------------------------------------------------- */

static void on_sender(void *ctx, unsigned events);

/* The next address to which there is a way at all; the last failure, when there is none. */
static kmsg_err use_next(sender *s)
{
    kmi_net *net = s->link.net;
    kmsg_err err = KMSG_EUNREACHABLE;

    for (uint8_t i = 0; i < s->to_count; i++) {
        const kmi_endpoint *to = &s->to[s->to_next];
        s->to_next = (uint8_t)((s->to_next + 1) % s->to_count);
        err = net->sys->datagram_connect(net->loop, to, on_sender, s, &s->socket);
        if (err != KMSG_OK)
            continue;
        kmi_datagram_url(to, false, s->where, sizeof s->where);
        if (!kmi_endpoint_is_loopback(to))
            kmi_net_say_clear(s->where);
        return KMSG_OK;
    }
    return err;
}

static void on_resolved(void *ctx, kmsg_err err, const kmi_endpoint *found, size_t count)
{
    sender *s = ctx;

    s->lookup = NULL;
    if (err == KMSG_OK) {
        memcpy(s->to, found, count * sizeof *found);
        s->to_count = (uint8_t)count;
        err = use_next(s);
    }
    if (err == KMSG_OK)
        kmi_link_ready(&s->link);
    else
        kmi_link_lose(&s->link, err, kmsg_last_error());
}

/* It will be up in the next turn, which may be far away. */
static void come_up_soon(sender *s)
{
    kmi_link_ready(&s->link);
    kmi_timers_tell(s->link.net->timers, 0);
}

/* Nobody receives there. Another address of the same name may be the right one. */
static void count_refusal(sender *s)
{
    kmi_socket *before = s->socket;

    log_loss(s, ++s->link.refused, "nobody receives there");
    if (s->to_count > 1 && use_next(s) == KMSG_OK) {
        s->link.net->sys->close(before);
        s->full = false;
    }
}

/* ---- sending: what ------------------------------------------------------------------------- */

/* What goes into one system call. */
typedef struct batch {
    kmi_datagram list[SEND_BATCH];
    size_t       end[SEND_BATCH]; /* of each in the output, with what was skipped before it */
    uint32_t     messages[SEND_BATCH];
    size_t       count;
} batch;

/* What is in front, of `*ret_front` bytes, may hold nothing that is sent. */
static void fill(batch *b, const kmi_out *out, size_t *ret_front)
{
    uint8_t *frames = kmi_out_front(out, ret_front);
    size_t   at = 0;

    b->count = 0;
    while (b->count < SEND_BATCH) {
        kmi_cutting c = kmi_datagram_cut(frames + at, *ret_front - at);
        if (c.send == 0)
            break;
        b->list[b->count] = (kmi_datagram){frames + at + c.skip, c.send};
        b->messages[b->count] = c.messages;
        at += c.skip + c.send;
        b->end[b->count++] = at;
    }
}

static void drop_first(sender *s, const batch *b)
{
    for (uint32_t i = 0; i < b->messages[0]; i++)
        log_loss(s, ++s->link.dropped, "messages dropped that the system does not send");
    kmi_out_sent(s->link.out, b->end[0]);
}

static void wait_for_room(sender *s, bool full)
{
    if (s->full != full)
        s->link.net->sys->watch(s->socket, KMI_READABLE | (full ? (unsigned)KMI_WRITABLE : 0u));
    s->full = full;
}

static void count_sent(sender *s, const batch *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        s->link.bytes_out += KMI_DATAGRAM_HEAD + b->list[i].size;
    kmi_out_sent(s->link.out, b->end[count - 1]);
}

/* True: go on. */
static bool send_batch(sender *s, const batch *b, unsigned *refused)
{
    static const kmi_datagram head = {(uint8_t *)kmi_datagram_head, KMI_DATAGRAM_HEAD};
    ptrdiff_t n = s->link.net->sys->datagram_send(s->socket, &head, b->list, b->count);

    if (n > 0) {
        count_sent(s, b, (size_t)n);
    } else if (n == KMI_BROKEN) {
        drop_first(s, b);
    } else if (n == KMI_REFUSED) {
        count_refusal(s);
        if (++*refused < REFUSED_MAX)
            return true;
        wait_for_room(s, true); /* there is some: it goes on as soon as others had their turn */
        return false;
    } else {
        wait_for_room(s, true);
        return false;
    }
    return true;
}

static void flush_sender(kmi_link *link)
{
    sender  *s = (sender *)link;
    batch    b;
    unsigned refused = 0;
    size_t   front;

    if (!link->up || s->full)
        return;
    while (kmi_out_waiting(link->out) > 0) {
        fill(&b, link->out, &front);
        if (b.count == 0)
            kmi_out_sent(link->out, front);
        else if (!send_batch(s, &b, &refused))
            break;
    }
}

/* Nobody has a reason to send anything here. What comes is read to be forgotten, and because only
 * so the system tells what it was told. */
static void listen_to_nobody(sender *s)
{
    uint8_t      byte[SEND_BATCH];
    kmi_datagram list[SEND_BATCH];
    uint32_t     lost;

    for (size_t i = 0; i < SEND_BATCH; i++)
        list[i] = (kmi_datagram){&byte[i], 1};
    if (s->link.net->sys->datagram_receive(s->socket, list, SEND_BATCH, &lost) == KMI_REFUSED)
        count_refusal(s);
}

static void on_sender(void *ctx, unsigned events)
{
    sender *s = ctx;

    if (events & KMI_READABLE)
        listen_to_nobody(s);
    if (!s->full || !(events & KMI_WRITABLE))
        return;
    wait_for_room(s, false);
    flush_sender(&s->link);
}

/* ---- sending: the link --------------------------------------------------------------------- */

/* It says that it is up, which nobody must hear from inside of dialling. */
static bool next_of_sender(kmi_link *link, kmi_frame *ret)
{
    (void)ret;
    if (!link->up) {
        link->up = true;
        link->net->events->up(link);
    }
    return false;
}

static void close_sender(kmi_link *link)
{
    sender  *s = (sender *)link;
    kmi_net *net = link->net;

    if (s->lookup != NULL)
        net->sys->resolve_cancel(s->lookup);
    if (s->socket != NULL)
        net->sys->close(s->socket);
    s->lookup = NULL;
    s->socket = NULL;
}

static void free_sender(kmi_link *link)
{
    sender *s = (sender *)link;

    kmi_free(s->to);
    kmi_free(s);
}

static const kmi_link_ops sender_ops = {next_of_sender, flush_sender, NULL, close_sender,
                                        free_sender};

static void init_link(kmi_link *link, const kmi_link_ops *ops, kmi_net *net)
{
    kmi_link_init(link, ops, net);
    link->datagram = true;
    link->their.message_max = KMSG_DATAGRAM_MAX;
}

static kmsg_err begin_dial(sender *s, const kmi_address *to)
{
    kmi_net *net = s->link.net;
    kmsg_err err;

    s->to_count = 1;
    if (kmi_address_is_localhost(to)) {
        kmi_address_localhost(to, s->to);
        s->to_count = 2;
    } else if (to->literal) {
        s->to[0] = to->endpoint;
    } else {
        return net->sys->resolve(net->loop, to->name, to->endpoint.port, on_resolved, s,
                                 &s->lookup);
    }
    err = use_next(s);
    if (err == KMSG_OK)
        come_up_soon(s);
    return err;
}

kmsg_err kmi_datagram_dial(kmi_net *net, const kmi_address *to, kmi_link **ret)
{
    sender  *s = kmi_alloc_zeroed(sizeof *s);
    kmsg_err err;

    if (s == NULL)
        return KMSG_ENOMEM;
    init_link(&s->link, &sender_ops, net);
    s->to = kmi_alloc_zeroed(KMI_RESOLVE_MAX * sizeof *s->to);
    err = s->to == NULL ? KMSG_ENOMEM : begin_dial(s, to);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    *ret = &s->link;
    return KMSG_OK;
}

/* ---- receiving ----------------------------------------------------------------------------- */

static listener *listener_of(const receiver *r)
{
    return (listener *)r->acceptor;
}

static void refuse(const receiver *r, kmsg_refusal why)
{
    kmi_datagram_refused(r->link.facts, r->acceptor->url, why);
}

/* Places for `count` datagrams, in memory of which nobody keeps anything. */
static bool make_places(receiver *r, size_t count)
{
    if (r->slab != NULL && r->slab->refs > 1) {
        kmi_slab_unref(r->slab);
        r->slab = NULL;
    }
    if (r->slab == NULL)
        r->slab = kmi_slab_new(RECEIVE_BATCH * PLACE);
    if (r->slab == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        r->list[i] = (kmi_datagram){r->slab->data + i * PLACE, KMI_DATAGRAM_MAX};
    return true;
}

static void count_lost(listener *l, uint32_t lost)
{
    uint32_t more = lost - l->lost;

    if (more == 0)
        return;
    if (l->facts.overrun == 0)
        kmi_log(KMSG_WARNING, "%s: datagrams are lost: they come faster than they are read",
                l->acceptor.url);
    l->lost = lost;
    l->facts.overrun += more;
}

/* How many at a time, so that all links together take no more than a turn may. */
static size_t batch_of(const kmi_net *net)
{
    size_t count = kmi_net_read_share(net) / PLACE;

    return count == 0 ? 1 : count > RECEIVE_BATCH ? RECEIVE_BATCH : count;
}

static void on_receiver(void *ctx, unsigned events)
{
    receiver *r = ctx;
    kmi_net  *net = r->link.net;
    uint32_t  lost = listener_of(r)->lost;
    ptrdiff_t n;

    (void)events;
    if (r->taken < r->count || r->at < r->end)
        return; /* what was received before comes first; the loop will say again that there is more
                 */
    if (!make_places(r, batch_of(net)))
        return; /* the system keeps them, and says so next turn */
    n = net->sys->datagram_receive(r->socket, r->list, batch_of(net), &lost);
    net->now_ns = net->sys->now_ns();
    r->taken = 0;
    r->count = n < 0 ? 0 : (size_t)n;
    count_lost(listener_of(r), lost);
    if (r->count > 0)
        kmi_link_ready(&r->link);
}

/* Opens the next datagram that can be taken apart. */
static bool open_next(receiver *r)
{
    kmsg_refusal why;

    while (r->taken < r->count) {
        const kmi_datagram *d = &r->list[r->taken++];
        r->link.facts->datagrams++;
        r->link.facts->bytes += d->size;
        r->link.bytes_in += d->size;
        if (d->size > KMI_DATAGRAM_MAX) {
            refuse(r, KMSG_REFUSED_TOO_LARGE);
        } else if (kmi_datagram_check(d->data, d->size, &why)) {
            r->at = d->data + KMI_DATAGRAM_HEAD;
            r->end = d->data + d->size;
            return true;
        } else {
            refuse(r, why);
        }
    }
    return false;
}

static bool next_of_receiver(kmi_link *link, kmi_frame *ret)
{
    receiver *r = (receiver *)link;

    while (!link->dead && (r->at < r->end || open_next(r))) {
        if (!kmi_datagram_next(&r->at, ret)) {
            refuse(r, KMSG_REFUSED_KIND);
        } else if (ret->body_size > link->net->session.own.message_max) {
            refuse(r, KMSG_REFUSED_TOO_LARGE);
        } else {
            r->link.facts->messages++;
            ret->slab = kmi_slab_ref(r->slab);
            return true;
        }
    }
    return false;
}

static void say_nothing(kmi_link *link)
{
    if (link->out != NULL) /* nothing is put there, and nothing would leave */
        kmi_out_sent(link->out, kmi_out_waiting(link->out));
}

static void close_receiver(kmi_link *link)
{
    receiver *r = (receiver *)link;

    link->net->sys->close(r->socket);
    kmi_slab_unref(r->slab);
    r->slab = NULL;
    r->at = r->end = NULL;
    r->count = r->taken = 0;
}

static void free_receiver(kmi_link *link)
{
    kmi_free(link);
}

static const kmi_link_ops receiver_ops = {next_of_receiver, say_nothing, NULL, close_receiver,
                                          free_receiver};

/* ---- listening ----------------------------------------------------------------------------- */

static void close_listener(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    kmi_link_lose(&l->receiver->link, KMSG_ECLOSED, "the listener was closed");
    kmi_free(l);
}

static void nothing_to_resume(kmi_acceptor *acceptor)
{
    (void)acceptor; /* nobody says hello, so nobody is waited for */
}

/* Takes the receiver in any case. */
static kmsg_err begin_receiving(listener *l, receiver *r, kmi_net *net, const kmi_address *at,
                                const kmi_endpoint *endpoint)
{
    kmi_endpoint bound;
    kmsg_err err = net->sys->datagram_bind(net->loop, endpoint, on_receiver, r, &bound, &r->socket);

    if (err != KMSG_OK) {
        kmi_free(r);
        return err == KMSG_EREFUSED || err == KMSG_EUNREACHABLE ? KMSG_ESYSTEM : err;
    }
    kmi_datagram_url(&bound, at->insecure, l->acceptor.url, sizeof l->acceptor.url);
    if (at->insecure)
        kmi_net_say_clear(l->acceptor.url);
    init_link(&r->link, &receiver_ops, net);
    r->acceptor = &l->acceptor;
    r->link.facts = &l->facts;
    r->link.up = true;
    l->receiver = r;
    if (net->events->accepted(&r->link, l->acceptor.url))
        return KMSG_OK;
    kmi_link_close(&r->link);
    return KMSG_ENOMEM;
}

kmsg_err kmi_datagram_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    kmi_endpoint endpoint;
    listener    *l;
    receiver    *r;
    kmsg_err     err = kmi_address_to_listen(at, &endpoint);

    if (err != KMSG_OK)
        return err;
    l = kmi_alloc_zeroed(sizeof *l);
    r = l == NULL ? NULL : kmi_alloc_zeroed(sizeof *r);
    err = r == NULL ? KMSG_ENOMEM : begin_receiving(l, r, net, at, &endpoint);
    if (err != KMSG_OK) {
        kmi_free(l);
        return err;
    }
    l->acceptor.facts = &l->facts;
    l->acceptor.close = close_listener;
    l->acceptor.resume = nothing_to_resume;
    kmi_acceptor_add(&l->acceptor, net);
    *ret = &l->acceptor;
    return KMSG_OK;
}
