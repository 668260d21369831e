/* stream.c -- links over byte streams: unix and tcp.
 *
 *   dialling:  look the name up, connect to the addresses one after the other, then say hello
 *   accepting: say hello; the core hears of a link only when the other side has done so too
 *   up:        readiness from the loop, bytes into the node's read slab, frames out of the session
 *
 * Until the hello is there nothing of the peer's output is written: a dial that leads to a stranger
 * costs no call but the one that it fails.
 *
 * When writing fails, reading goes on: what the other side has answered before it went may still
 * lie there. The end of the input is the end of the link.
 */
#include "net/net.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define ACCEPT_BURST 64
#define ACCEPT_RETRY_NS ((int64_t)100 * 1000000)

typedef struct stream {
    kmi_link      link;
    kmi_socket   *socket; /* NULL until an address is known */
    kmi_lookup   *lookup;
    kmi_session   session;
    kmi_timer     timer;
    kmi_endpoint *to; /* addresses still to be tried, while connecting */
    uint8_t       to_count;
    uint8_t       to_next;
    uint8_t       preamble_sent;
    bool          connecting;
    bool          half_open; /* accepted, no hello yet */
    bool          mute;      /* writing failed */
    bool          full;      /* waits to become writable */
    char         *url;       /* an accepted link's other side */
} stream;

typedef struct listener {
    kmi_acceptor acceptor;
    kmi_socket  *socket;
    kmi_timer    timer; /* after an accept that failed */
} listener;

/* ---- up and down --------------------------------------------------------------------------- */

static void settle_half_open(stream *s)
{
    if (!s->half_open)
        return;
    s->half_open = false;
    kmi_net_half_open(s->link.net, -1);
}

static void lose(stream *s, kmsg_err err, const char *why)
{
    if (s->url != NULL && (err == KMSG_EPROTOCOL || err == KMSG_EVERSION))
        kmi_log(KMSG_WARNING, "%s: %s", s->url, why);
    kmi_link_lose(&s->link, err, why);
}

static bool lost_by_session(stream *s)
{
    if (s->session.state != KMI_SESSION_OVER)
        return false;
    lose(s, s->session.err, s->session.why);
    return true;
}

static void come_up(stream *s)
{
    kmi_link *link = &s->link;

    link->up = true;
    link->message_max = s->session.their_message_max;
    link->instance = s->session.their_instance;
    settle_half_open(s);
    if (link->owner != NULL)
        link->net->events->up(link);
    else if (!link->net->events->accepted(link, s->url))
        kmi_link_close(link);
    if (!link->dead)
        kmi_timer_set(link->net->timers, &s->timer, kmi_session_deadline(&s->session));
}

/* ---- writing ------------------------------------------------------------------------------- */

static void watch(stream *s, bool full)
{
    if (s->full == full)
        return;
    s->full = full;
    s->link.net->sys->watch(s->socket, KMI_READABLE | (full ? (unsigned)KMI_WRITABLE : 0u));
}

/* Returns how much was taken; less than `size` means that no more can be written now. */
static size_t write_some(stream *s, const uint8_t *data, size_t size)
{
    ptrdiff_t n = s->link.net->sys->write(s->socket, data, size);

    s->mute = n == KMI_BROKEN;
    watch(s, !s->mute && n < (ptrdiff_t)size);
    return n < 0 ? 0 : (size_t)n;
}

static void say_hello(stream *s)
{
    uint8_t preamble[KMI_PREAMBLE_SIZE];

    kmi_session_preamble(&s->session, preamble);
    s->preamble_sent = (uint8_t)(s->preamble_sent +
                                 write_some(s, preamble + s->preamble_sent,
                                            sizeof preamble - s->preamble_sent));
}

static void write_out(stream *s)
{
    kmi_link *link = &s->link;
    kmi_out  *out = link->out;

    if (s->socket == NULL || s->connecting || s->mute)
        return;
    if (s->preamble_sent < KMI_PREAMBLE_SIZE)
        say_hello(s);
    if (s->preamble_sent < KMI_PREAMBLE_SIZE || !link->up || kmi_out_waiting(out) == 0)
        return;
    kmi_out_sent(out, write_some(s, out->slab->data + out->sent, kmi_out_waiting(out)));
}

static void flush(kmi_link *link)
{
    stream *s = (stream *)link;

    if (!s->full)
        write_out(s);
}

/* ---- reading ------------------------------------------------------------------------------- */

static void read_some(stream *s)
{
    kmi_net  *net = s->link.net;
    size_t    size;
    uint8_t  *room;
    ptrdiff_t n;

    if (!kmi_session_hungry(&s->session))
        return; /* what was read before comes first; the loop will say again that there is more */
    room = kmi_net_read_room(net, kmi_session_alignment(&s->session), &size);
    if (room == NULL) {
        lose(s, KMSG_ENOMEM, "out of memory");
        return;
    }
    n = net->sys->read(s->socket, room, size);
    net->now_ns = net->sys->now_ns();
    kmi_net_read_done(net, room, n > 0 ? (size_t)n : 0);
    if (n > 0) {
        kmi_session_feed(&s->session, net->read, room, (size_t)n, net->now_ns);
        kmi_link_ready(&s->link);
    } else if (n != KMI_AGAIN) {
        lose(s, s->link.up ? KMSG_ELOST : KMSG_EREFUSED,
             n == 0 ? "the other side hung up" : "the connection broke");
    }
}

static bool next(kmi_link *link, kmi_frame *ret)
{
    stream *s = (stream *)link;
    size_t  before = link->out == NULL ? 0 : link->out->size;
    bool    given = false;

    while (!given && !link->dead) {
        given = kmi_session_next(&s->session, link->out, ret);
        if (!given)
            break;
        if (ret->kind == KMI_HELLO) {
            kmi_slab_unref(ret->slab);
            come_up(s);
            given = false;
        }
    }
    if (!link->dead && link->out != NULL && link->out->size != before)
        link->net->events->wrote(link);
    if (!given && !link->dead)
        lost_by_session(s);
    return given;
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    stream *s = (stream *)(void *)((uint8_t *)timer - offsetof(stream, timer));
    size_t  before;

    if (s->connecting)
        return; /* the core limits how long dialling may take */
    before = s->link.out == NULL ? 0 : s->link.out->size;
    kmi_session_tick(&s->session, s->link.out, now_ns);
    if (lost_by_session(s))
        return;
    if (s->link.out != NULL && s->link.out->size != before)
        s->link.net->events->wrote(&s->link);
    if (!s->link.dead)
        kmi_timer_set(s->link.net->timers, &s->timer, kmi_session_deadline(&s->session));
}

/* ---- dialling ------------------------------------------------------------------------------ */

static void begin_session(stream *s)
{
    kmi_net *net = s->link.net;

    s->connecting = false;
    kmi_free(s->to);
    s->to = NULL;
    net->now_ns = net->sys->now_ns();
    kmi_session_init(&s->session, &net->session, net->now_ns);
    kmi_timer_set(net->timers, &s->timer, kmi_session_deadline(&s->session));
    say_hello(s);
}

static void on_event(void *ctx, unsigned events);

/* The next address that can be tried at all; the last failure, when there is none. */
static kmsg_err connect_next(stream *s, kmsg_err err)
{
    kmi_net *net = s->link.net;

    while (s->to_next < s->to_count) {
        err = net->sys->connect(net->loop, &s->to[s->to_next++], on_event, s, &s->socket);
        if (err == KMSG_OK)
            return KMSG_OK;
    }
    return err;
}

static void on_connected(stream *s)
{
    kmi_net *net = s->link.net;
    kmsg_err err = net->sys->connect_result(s->socket);

    if (err != KMSG_OK) {
        net->sys->close(s->socket);
        s->socket = NULL;
        err = connect_next(s, err);
        if (err != KMSG_OK)
            lose(s, err, kmsg_last_error());
        return;
    }
    net->sys->watch(s->socket, KMI_READABLE);
    begin_session(s);
}

static void on_event(void *ctx, unsigned events)
{
    stream *s = ctx;

    if (s->connecting) {
        on_connected(s);
        return;
    }
    if (events & KMI_WRITABLE)
        write_out(s);
    if (events & KMI_READABLE)
        read_some(s);
}

static void on_resolved(void *ctx, kmsg_err err, const kmi_endpoint *found, size_t count)
{
    stream *s = ctx;

    s->lookup = NULL;
    if (err == KMSG_OK) {
        memcpy(s->to, found, count * sizeof *found);
        s->to_count = (uint8_t)count;
        err = connect_next(s, KMSG_EUNREACHABLE);
    }
    if (err != KMSG_OK)
        lose(s, err, kmsg_last_error());
}

static void close_stream(kmi_link *link)
{
    stream  *s = (stream *)link;
    kmi_net *net = link->net;

    settle_half_open(s);
    if (s->lookup != NULL)
        net->sys->resolve_cancel(s->lookup);
    if (s->socket != NULL)
        net->sys->close(s->socket);
    s->lookup = NULL;
    s->socket = NULL;
    kmi_timer_done(net->timers, &s->timer);
    kmi_session_done(&s->session);
    s->session.state = KMI_SESSION_OVER;
}

static void free_stream(kmi_link *link)
{
    stream *s = (stream *)link;

    kmi_free(s->to);
    kmi_free(s->url);
    kmi_free(s);
}

static const kmi_link_ops ops = {next, flush, close_stream, free_stream};

static stream *new_stream(kmi_net *net)
{
    stream *s = kmi_alloc_zeroed(sizeof *s);

    if (s == NULL)
        return NULL;
    if (kmi_timer_init(net->timers, &s->timer, on_timer) != KMSG_OK) {
        kmi_free(s);
        return NULL;
    }
    kmi_link_init(&s->link, &ops, net);
    return s;
}

static kmsg_err begin_dial(stream *s, const kmi_address *to)
{
    kmi_net *net = s->link.net;

    s->to_count = 1;
    if (kmi_address_is_localhost(to)) {
        kmi_address_localhost(to, s->to);
        s->to_count = 2;
    } else if (to->scheme == KMI_SCHEME_TCP && !to->literal) {
        return net->sys->resolve(net->loop, to->name, to->endpoint.port, on_resolved, s,
                                 &s->lookup);
    } else {
        s->to[0] = to->endpoint;
    }
    return connect_next(s, KMSG_EUNREACHABLE);
}

kmsg_err kmi_stream_dial(kmi_net *net, const kmi_address *to, kmi_link **ret)
{
    stream  *s = new_stream(net);
    kmsg_err err;

    if (s == NULL)
        return KMSG_ENOMEM;
    s->connecting = true;
    s->to = kmi_alloc(KMI_RESOLVE_MAX * sizeof *s->to);
    err = s->to == NULL ? KMSG_ENOMEM : begin_dial(s, to);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    *ret = &s->link;
    return KMSG_OK;
}

/* ---- accepting ----------------------------------------------------------------------------- */

static void name_guest(stream *s, const listener *l, const kmi_endpoint *from)
{
    if (from->family == KMI_UNIX)
        snprintf(s->url, KMI_URL_MAX, "%s", l->acceptor.url);
    else
        kmi_endpoint_print(from, false, s->url, KMI_URL_MAX);
}

static kmsg_err accept_one(listener *l)
{
    kmi_net     *net = l->acceptor.net;
    kmi_endpoint from;
    stream      *s = new_stream(net);
    kmsg_err     err = KMSG_ENOMEM;

    if (s == NULL)
        return KMSG_ENOMEM;
    s->url = kmi_alloc(KMI_URL_MAX);
    if (s->url != NULL)
        err = net->sys->accept(l->socket, on_event, s, &from, &s->socket);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    name_guest(s, l, &from);
    s->half_open = true;
    kmi_net_half_open(net, 1);
    begin_session(s);
    return KMSG_OK;
}

static void on_accept(void *ctx, unsigned events)
{
    listener *l = ctx;
    kmi_net  *net = l->acceptor.net;

    (void)events;
    for (int i = 0; i < ACCEPT_BURST; i++) {
        kmsg_err err;
        if (net->half_open >= KMI_HALF_OPEN_MAX) {
            net->sys->watch(l->socket, 0); /* until kmi_net_half_open() resumes */
            return;
        }
        err = accept_one(l);
        if (err == KMSG_EBUSY)
            return;
        if (err != KMSG_OK) {
            kmi_log(KMSG_ERROR, "%s: accepting: %s", l->acceptor.url,
                    err == KMSG_ENOMEM ? kmsg_strerror(err) : kmsg_last_error());
            net->sys->watch(l->socket, 0); /* no descriptor, say: trying on and on does not help */
            kmi_timer_set(net->timers, &l->timer, net->now_ns + ACCEPT_RETRY_NS);
            return;
        }
    }
}

static void resume(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    acceptor->net->sys->watch(l->socket, KMI_READABLE);
}

static void on_retry(kmi_timer *timer, int64_t now_ns)
{
    listener *l = (listener *)(void *)((uint8_t *)timer - offsetof(listener, timer));

    (void)now_ns;
    resume(&l->acceptor);
}

static void close_listener(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    kmi_timer_done(acceptor->net->timers, &l->timer);
    acceptor->net->sys->close(l->socket);
    kmi_free(l);
}

static void listen_endpoint(const kmi_address *at, kmi_endpoint *ret)
{
    kmi_endpoint both[2];

    *ret = at->endpoint;
    if (!kmi_address_is_localhost(at))
        return;
    kmi_address_localhost(at, both);
    *ret = both[0];
}

kmsg_err kmi_stream_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    listener    *l;
    kmi_endpoint endpoint, bound;
    kmsg_err     err;

    if (at->scheme == KMI_SCHEME_TCP && !at->literal && !kmi_address_is_localhost(at))
        return kmi_error(KMSG_EADDRESS, "tcp:%s: to listen, say which of this host's addresses",
                         at->name);
    listen_endpoint(at, &endpoint);
    l = kmi_alloc_zeroed(sizeof *l);
    if (l == NULL)
        return KMSG_ENOMEM;
    err = kmi_timer_init(net->timers, &l->timer, on_retry);
    if (err == KMSG_OK)
        err = net->sys->listen(net->loop, &endpoint, on_accept, l, &bound, &l->socket);
    if (err != KMSG_OK) {
        kmi_timer_done(net->timers, &l->timer);
        kmi_free(l);
        return err;
    }
    kmi_endpoint_print(&bound, at->insecure, l->acceptor.url, sizeof l->acceptor.url);
    l->acceptor.close = close_listener;
    l->acceptor.resume = resume;
    kmi_acceptor_add(&l->acceptor, net);
    *ret = &l->acceptor;
    return KMSG_OK;
}
