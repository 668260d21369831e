/* stream.c -- links over byte streams: unix and tcp.
 *
 *   dialling:  look the name up, connect to the addresses one after the other, then say hello
 *   accepted:  (accept.c) say hello; the core hears of a link only when the other side has done so
 *              too
 *   adopting:  one end of a connection is there: say hello, as when accepting
 *   up:        readiness from the loop, bytes into the node's read slab, frames out of the session
 *
 * Until the hello is there nothing of the peer's output is written: a dial that leads to a stranger
 * costs no call but the one that it fails.
 *
 * A listener that lets in one answers a hello only when it is that one's: so all others know that
 * they were refused, and have said nothing.
 *
 * When writing fails, reading goes on: what the other side has answered before it went may still
 * lie there. The end of the input is the end of the link.
 *
 * Who asks and does not read the answers must not fill our memory: while more than OWED_MAX waits
 * to be written to a guest, nothing is read from it. That is for accepted links only, and so no two
 * nodes can wait for each other: who has dialled always reads, and what waits for it drains.
 *
 * A ping waits in line behind what is being written, and on a slow line that may be long. So while
 * a socket was full, or we do not read, the other side counts as alive when it takes bytes; one
 * that takes none is given up.
 *
 * A link that is given up is reset: what the system still holds of it must not arrive behind what
 * is said on the next one.
 *
 * A tcp socket that is closed in good order lingers (linger.c). A unix link may agree with the
 * other side on another way for its bytes: shared.c.
 */
#include "net/net.h"
#include "net/shared.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define MS       ((int64_t)1000000)
#define OWED_MAX ((size_t)1 << 20)
#define CROWD    1000 /* links: the loop hears of 1024 at a time */

typedef struct stream {
    kmi_link      link;
    kmi_socket   *socket; /* NULL until an address is known */
    kmi_ear      *ear;
    kmi_lookup   *lookup;
    kmi_shared   *shared; /* unix: memory that was offered, and is used if both say so; or NULL */
    kmi_session   session;
    kmi_timer     timer;
    kmi_endpoint *to; /* addresses still to be tried, while connecting */
    uint8_t       to_count;
    uint8_t       to_next;
    uint8_t       preamble_sent;
    uint8_t       watched; /* what of the socket is */
    bool          connecting;
    bool          mute;     /* writing failed */
    bool          full;     /* waits to become writable */
    bool          paused;   /* is not read from until some of the output has left */
    bool          is_guest; /* was accepted, or adopted as if it were */
    bool          tcp;
    bool          lost; /* it has ended by itself */
    uint16_t      from_port;
    kmi_endpoint  from;  /* where a guest is; once up, with the port at which it listens */
    kmi_guest     guest; /* of those that were accepted */
} stream;

void kmi_ear_hear(void *ctx, unsigned events)
{
    kmi_ear *e = ctx;

    e->fn(e->ctx, events);
}

/* ---- up and down --------------------------------------------------------------------------- */

/* Is it counted among those that were accepted? */
static bool is_counted(const stream *s)
{
    return s->guest.link != NULL;
}

static void print_guest(const stream *s, char *ret, size_t size)
{
    kmi_endpoint from = s->from;

    from.port = s->from_port;
    kmi_endpoint_print(&from, false, ret, size);
}

static void lose(stream *s, kmsg_err err, const char *why)
{
    char url[KMI_URL_MAX];

    if (is_counted(s) && (err == KMSG_EPROTOCOL || err == KMSG_EVERSION)) {
        print_guest(s, url, sizeof url);
        kmi_log(KMSG_WARNING, "%s: %s", url, why);
    }
    s->lost = true;
    kmi_link_lose(&s->link, err, why);
}

static bool lost_by_session(stream *s)
{
    if (s->session.state != KMI_SESSION_OVER)
        return false;
    if (s->session.err == KMSG_ELOST && s->socket != NULL)
        s->link.net->sys->reset(s->socket);
    lose(s, s->session.err, s->session.why);
    return true;
}

static void say_hello(stream *s);
static void agree_to_share(stream *s);
static void go_over(stream *s);

static void let_in(stream *s)
{
    kmi_link *link = &s->link;
    char      url[KMI_URL_MAX];

    kmi_net_guest_speaks(link->net, &s->guest);
    print_guest(s, url, sizeof url);
    if (!kmi_link_admit(link, url))
        kmi_link_close(link);
    else if (s->preamble_sent == 0)
        say_hello(s);
}

static void come_up(stream *s)
{
    kmi_link *link = &s->link;

    link->up = true;
    link->their = s->session.their;
    s->from.port = link->their.port;
    link->home = s->is_guest && link->their.port != 0 ? &s->from : NULL;
    if (link->owner != NULL && s->is_guest && s->shared != NULL)
        agree_to_share(s); /* before there is anything to say */
    if (is_counted(s))
        let_in(s);
    else
        link->net->events->up(link);
    if (!link->dead && s->is_guest && s->shared != NULL && !s->session.may_share)
        agree_to_share(s);
    if (!link->dead)
        kmi_timer_set(link->net->timers, &s->timer, kmi_session_deadline(&s->session));
}

/* It was asked for a sign of life and has given one: the next silence counts from now, and is not
 * first looked at when this one would have been too long. */
static void count_anew(stream *s)
{
    int64_t at_ns = kmi_session_deadline(&s->session);

    if (s->link.up && at_ns < s->timer.at_ns)
        kmi_timer_set(s->link.net->timers, &s->timer, at_ns);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Of a socket beside shared memory everything is heard, until its end. */
static void watch(stream *s, bool full, bool paused)
{
    unsigned events = (paused ? 0u : (unsigned)KMI_READABLE) | (full ? (unsigned)KMI_WRITABLE : 0u);

    s->full = full;
    s->paused = paused;
    if (s->shared != NULL) {
        kmi_shared_keep(s->shared, full, paused);
        events = kmi_shared_events(s->shared, events);
    }
    if (s->watched == events)
        return;
    s->watched = (uint8_t)events;
    s->link.net->sys->watch(s->socket, events);
}

static bool owes_too_much(const stream *s)
{
    return s->is_guest && !s->mute && s->link.out != NULL &&
           kmi_out_waiting(s->link.out) > OWED_MAX;
}

/* Of `size` bytes `n` were taken; less means that no more can be written now. */
static size_t wrote(stream *s, ptrdiff_t n, size_t size)
{
    s->mute = n == KMI_BROKEN || (s->shared != NULL && s->shared->ended);
    watch(s, !s->mute && n < (ptrdiff_t)size, s->paused && !s->mute);
    return n < 0 ? 0 : (size_t)n;
}

static void say_hello(stream *s)
{
    const kmi_sys *sys = s->link.net->sys;
    uint8_t        preamble[KMI_PREAMBLE_SIZE], *at = preamble + s->preamble_sent;
    size_t         size = sizeof preamble - s->preamble_sent;
    ptrdiff_t      n;

    kmi_session_preamble(&s->session, preamble);
    if (s->shared != NULL && !s->is_guest)
        n = sys->pass(s->socket, at, size, s->shared->memory);
    else
        n = sys->write(s->socket, at, size);
    s->preamble_sent = (uint8_t)(s->preamble_sent + wrote(s, n, size));
}

static size_t write_waiting(stream *s)
{
    const kmi_out *out = s->link.out;
    size_t         size;
    const uint8_t *front = kmi_out_front(out, &size);

    if (s->shared != NULL)
        return wrote(s, kmi_shared_write(s->shared, out), size);
    return wrote(s, s->link.net->sys->write(s->socket, front, size), size);
}

static void write_out(stream *s)
{
    kmi_link *link = &s->link;
    kmi_out  *out = link->out;
    bool      waited = s->full || s->paused;
    size_t    n, total = 0;

    if (s->socket == NULL || s->connecting || s->mute)
        return;
    if (s->preamble_sent < KMI_PREAMBLE_SIZE)
        say_hello(s);
    if (s->preamble_sent < KMI_PREAMBLE_SIZE || !link->up || kmi_out_waiting(out) == 0)
        return;
    do {
        n = write_waiting(s);
        kmi_out_sent(out, n);
        total += n;
    } while (kmi_out_waiting(out) > 0 && !s->full && !s->mute);
    link->bytes_out += total;
    if (waited && total > 0) {
        kmi_session_alive(&s->session, link->net->now_ns);
        count_anew(s);
    }
    if (s->paused && !owes_too_much(s))
        watch(s, s->full, false);
}

static void flush(kmi_link *link)
{
    stream *s = (stream *)link;

    if (!s->full)
        write_out(s);
}

/* ---- reading ------------------------------------------------------------------------------- */

static ptrdiff_t receive(stream *s, uint8_t *room, size_t size)
{
    char url[KMI_URL_MAX] = "fd";

    if (is_counted(s))
        print_guest(s, url, sizeof url);
    return kmi_shared_receive(s->link.net, s->socket, room, size, url, &s->shared);
}

static ptrdiff_t read_from(stream *s, uint8_t *room, size_t size)
{
    kmi_net *net = s->link.net;

    if (s->session.shared)
        return kmi_shared_read(s->shared, room, size);
    if (s->is_guest && !s->tcp && s->session.state < KMI_SESSION_OPEN)
        return receive(s, room, size);
    return net->sys->read(s->socket, room, size);
}

static void read_some(stream *s)
{
    kmi_net  *net = s->link.net;
    size_t    size;
    uint8_t  *room;
    ptrdiff_t n;
    bool      asked;

    if (!kmi_session_hungry(&s->session)) {
        /* What was read before comes first. The loop will say again that there is more: of one that
         * is not worth a thought, but of thousands it would do so many times each turn. */
        if (net->links > CROWD)
            watch(s, s->full, true);
        return;
    }
    if (owes_too_much(s)) {
        watch(s, s->full, true);
        return;
    }
    room = kmi_net_read_room(net, kmi_session_alignment(&s->session), &size);
    if (room == NULL) {
        lose(s, KMSG_ENOMEM, "out of memory");
        return;
    }
    n = read_from(s, room, size);
    if (n == KMI_AGAIN)
        return;
    net->now_ns = net->sys->now_ns();
    kmi_net_read_done(net, room, n > 0 ? (size_t)n : 0);
    if (n > 0) {
        s->link.bytes_in += (size_t)n;
        if (s->session.shared)
            s->shared->proved_ns = net->now_ns;
        asked = s->session.asked;
        kmi_session_feed(&s->session, net->read, room, (size_t)n, net->now_ns);
        if (asked)
            count_anew(s);
        kmi_link_ready(&s->link);
    } else {
        lose(s, s->link.up ? KMSG_ELOST : KMSG_EREFUSED,
             n != 0 ? "the connection broke"
             : kmi_session_is_inside(&s->session)
                 ? "the other side hung up in the middle of a message"
                 : "the other side hung up");
    }
}

/* The rings of all links are looked at in any case. */
static bool look(kmi_link *link)
{
    stream  *s = (stream *)link;
    uint64_t before = link->bytes_in;

    if (s->session.shared || s->paused)
        return false;
    read_some(s);
    return link->dead || link->bytes_in != before;
}

/* The end of the socket: what lies in the ring is still read. */
static void hear_socket(stream *s)
{
    kmi_shared_hear(s->shared);
    if (!s->shared->ended)
        return;
    s->mute = true;
    watch(s, false, false);
}

static bool next(kmi_link *link, kmi_frame *ret)
{
    stream  *s = (stream *)link;
    uint64_t before = link->out == NULL ? 0 : kmi_out_offset(link->out);
    bool     given = false;

    while (!given && !link->dead) {
        given = kmi_session_next(&s->session, link->out, ret);
        if (s->session.shared && !s->shared->heard)
            go_over(s);
        if (!given)
            break;
        if (ret->kind == KMI_HELLO) {
            kmi_slab_unref(ret->slab);
            come_up(s);
            given = false;
        }
    }
    if (!link->dead && link->out != NULL && kmi_out_offset(link->out) != before)
        link->net->events->wrote(link);
    if (!given && !link->dead && !lost_by_session(s) && s->paused && !owes_too_much(s))
        watch(s, s->full, false);
    return given;
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    stream  *s = (stream *)(void *)((uint8_t *)timer - offsetof(stream, timer));
    uint64_t before;
    bool     asked;

    if (s->connecting)
        return; /* the core limits how long dialling may take */
    before = s->link.out == NULL ? 0 : kmi_out_offset(s->link.out);
    asked = s->session.asked;
    kmi_session_tick(&s->session, s->link.out, now_ns);
    if (lost_by_session(s))
        return;
    if (!asked && s->session.asked && s->link.pinged_ns == 0) {
        s->link.pinged_ns = now_ns;
        s->link.pinged_at = kmi_out_offset(s->link.out);
    }
    if (s->link.out != NULL && kmi_out_offset(s->link.out) != before)
        s->link.net->events->wrote(&s->link);
    if (!s->link.dead)
        kmi_timer_set(s->link.net->timers, &s->timer, kmi_session_deadline(&s->session));
}

/* ---- shared memory ------------------------------------------------------------------------- */

static void on_ring(void *ctx)
{
    stream *s = ctx;

    if (s->shared->breach) {
        lose(s, KMSG_EPROTOCOL, "impossible positions in shared memory");
        return;
    }
    if (s->full)
        write_out(s);
    if (s->session.shared)
        read_some(s);
}

static void agree_to_share(stream *s)
{
    s->session.may_share = kmi_shared_say(s->shared, s->link.out, on_ring, s) == KMSG_OK;
    if (s->session.may_share)
        return;
    kmi_shared_free(s->shared);
    s->shared = NULL;
}

/* The other side has said SHARED. */
static void go_over(stream *s)
{
    kmsg_err err = KMSG_OK;

    s->shared->heard = true;
    if (!s->is_guest)
        err = kmi_shared_say(s->shared, s->link.out, on_ring, s);
    if (err != KMSG_OK) {
        lose(s, err, kmsg_strerror(err));
        return;
    }
    s->link.shared = true;
    watch(s, s->full, s->paused);
}

/* ---- dialling ------------------------------------------------------------------------------ */

static bool is_all(const uint8_t *bytes, size_t size, uint8_t last)
{
    for (size_t i = 0; i + 1 < size; i++)
        if (bytes[i] != 0)
            return false;
    return bytes[size - 1] == last;
}

/* Would who has seen us come from the address that `to` sees reach the listener there? Certainly,
 * if it takes whatever comes to this host; or if all of it is about loopback. Else it might be
 * somebody else's port. */
static bool is_reached_from(const kmi_endpoint *bound, const kmi_endpoint *to)
{
    static const uint8_t first[4] = {127, 0, 0, 1};

    if (bound->family != to->family || bound->family == KMI_UNIX)
        return false;
    if (bound->family == KMI_IP6)
        return is_all(bound->ip, 16, 0) || (is_all(bound->ip, 16, 1) && is_all(to->ip, 16, 1));
    return is_all(bound->ip, 4, 0) ||
           (memcmp(bound->ip, first, sizeof first) == 0 && to->ip[0] == first[0]);
}

static uint16_t public_port(const kmi_net *net, const kmi_endpoint *to)
{
    uint16_t port = 0;

    for (const kmi_acceptor *a = net->acceptors; a != NULL; a = a->next)
        if (a->bound.port != 0 && is_reached_from(&a->bound, to))
            port = a->bound.port; /* the first that was there is the last one in the list */
    return port;
}

static void begin_session(stream *s, const kmi_endpoint *to)
{
    kmi_net *net = s->link.net;

    s->connecting = false;
    net->now_ns = net->sys->now_ns();
    kmi_session_init(&s->session, &net->session, net->now_ns);
    s->session.options.own.port = public_port(net, to);
    if (!s->tcp && !s->is_guest)
        s->shared = kmi_shared_offer(net, s->socket);
    s->session.may_share = s->shared != NULL;
    kmi_timer_set(net->timers, &s->timer, kmi_session_deadline(&s->session));
    if (s->link.via == NULL || !s->link.via->once)
        say_hello(s);
}

/* The next address that can be tried at all; the last failure, when there is none. */
static kmsg_err connect_next(stream *s, kmsg_err err)
{
    kmi_net *net = s->link.net;

    while (s->to_next < s->to_count) {
        err = net->sys->connect(net->loop, &s->to[s->to_next++], kmi_ear_hear, s->ear, &s->socket);
        if (err == KMSG_OK)
            return KMSG_OK;
    }
    return err;
}

/* Nothing was said yet, and nothing is to somebody else who has taken the name. */
static kmsg_err meet_listener(stream *s)
{
    kmsg_err err = kmi_unix_identify(s->link.net, s->socket, &s->link.identity);

    return err == KMSG_OK ? kmi_unix_check(s->link.net, &s->link.identity) : err;
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
    err = s->tcp ? KMSG_OK : meet_listener(s);
    if (err != KMSG_OK) {
        lose(s, err, kmsg_last_error());
        return;
    }
    watch(s, false, false);
    begin_session(s, &s->to[s->to_next - 1]);
    kmi_free(s->to);
    s->to = NULL;
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
    if ((events & KMI_READABLE) && s->session.shared)
        hear_socket(s);
    if ((events & KMI_READABLE) && !s->link.dead)
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

/* ---- closing ------------------------------------------------------------------------------- */

/* Is there something to be lost by closing at once? A farewell alone is not worth the wait. */
static bool should_linger(const stream *s)
{
    return s->tcp && !s->lost && !s->mute && s->link.bytes_out > KMI_HEADER_SIZE;
}

static void close_stream(kmi_link *link)
{
    stream  *s = (stream *)link;
    kmi_net *net = link->net;

    if (is_counted(s))
        kmi_net_guest_goes(net, &s->guest);
    if (s->lookup != NULL)
        net->sys->resolve_cancel(s->lookup);
    if (s->socket != NULL && should_linger(s) && kmi_linger(net, s->socket, s->ear))
        s->ear = NULL;
    else if (s->socket != NULL)
        net->sys->close(s->socket);
    s->lookup = NULL;
    s->socket = NULL;
    kmi_shared_free(s->shared);
    s->shared = NULL;
    kmi_timer_done(net->timers, &s->timer);
    kmi_session_done(&s->session);
    s->session.state = KMI_SESSION_OVER;
}

static void free_stream(kmi_link *link)
{
    stream *s = (stream *)link;

    kmi_free(s->to);
    kmi_free(s->ear);
    kmi_free(s);
}

static const kmi_link_ops ops = {next, flush, look, close_stream, free_stream};

/* Takes the ear, unless it returns NULL. */
static stream *new_stream(kmi_net *net, kmi_ear *e)
{
    stream *s = e == NULL ? NULL : kmi_alloc_zeroed(sizeof *s);

    if (s == NULL)
        return NULL;
    if (kmi_timer_init(net->timers, &s->timer, on_timer) != KMSG_OK) {
        kmi_free(s);
        return NULL;
    }
    s->ear = e;
    *e = (kmi_ear){on_event, s};
    kmi_link_init(&s->link, &ops, net);
    s->link.session = &s->session;
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
    kmi_ear *e = kmi_alloc_zeroed(sizeof *e);
    stream  *s = new_stream(net, e);
    kmsg_err err;

    if (s == NULL) {
        kmi_free(e);
        return KMSG_ENOMEM;
    }
    s->tcp = to->scheme == KMI_SCHEME_TCP;
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

/* Who it is for may not have been started yet: so there is no limit to how late he says hello. */
kmsg_err kmi_stream_adopt(kmi_net *net, int fd, bool guest, kmi_link **ret)
{
    kmi_ear *e = kmi_alloc_zeroed(sizeof *e);
    stream  *s = new_stream(net, e);
    kmsg_err err;

    if (s == NULL) {
        kmi_free(e);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    err = net->sys->adopt(net->loop, fd, kmi_ear_hear, s->ear, &s->socket);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    s->watched = KMI_READABLE;
    s->is_guest = guest;
    s->from.family = KMI_UNIX;
    if (kmi_unix_identify(net, s->socket, &s->link.identity) != KMSG_OK)
        kmi_log(KMSG_WARNING, "fd:%d: nobody knows who is there: %s", fd, kmsg_last_error());
    begin_session(s, &s->from);
    kmi_timer_stop(net->timers, &s->timer);
    *ret = &s->link;
    return KMSG_OK;
}

/* ---- accepted ------------------------------------------------------------------------------ */

bool kmi_stream_guest(kmi_acceptor *via, kmi_ear *ear, kmi_socket *socket, const kmi_endpoint *from,
                      const kmsg_identity *who)
{
    kmi_net *net = via->net;
    stream  *s = new_stream(net, ear);

    if (s == NULL)
        return false;
    s->link.via = via;
    s->socket = socket;
    s->watched = KMI_READABLE;
    s->tcp = from->family != KMI_UNIX;
    s->from = *from;
    s->from_port = from->port;
    s->link.identity = *who;
    s->is_guest = true;
    kmi_guest_comes(net->guests, &s->guest, &s->link, from, net->now_ns);
    begin_session(s, from);
    return true;
}
