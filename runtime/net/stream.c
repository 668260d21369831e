/* stream.c -- links over byte streams, unix and tcp: bytes in, bytes out, and the end.
 *
 *   dialling:  (dial.c) look the name up, connect to the addresses one after the other
 *   accepted:  (accept.c) the core hears of a link only when the other side has said hello
 *   adopting:  (dial.c) one end of a connection is there: as when accepting
 *   greeting:  (greet.c) both sides say hello, in the clear or encrypted
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
 * Over tcp who dials says first whether the connection is to be encrypted (secure.c), so who
 * accepts waits for that. Clear is for loopback, or where both sides have said ?insecure; nothing
 * is agreed upon, and nobody falls back.
 *
 * A tcp socket that is closed in good order lingers (linger.c). A unix link may agree with the
 * other side on another way for its bytes: shared.c.
 */
#include "net/stream.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define MS       ((int64_t)1000000)
#define OWED_MAX ((size_t)1 << 20)
#define CROWD    1000 /* links: the loop hears of 1024 at a time */

void kmi_ear_hear(void *ctx, unsigned events)
{
    kmi_ear *e = ctx;

    e->fn(e->ctx, events);
}

/* ---- up and down --------------------------------------------------------------------------- */

/* Is it counted among those that were accepted? */
bool kmi_stream_is_counted(const kmi_stream *s)
{
    return s->guest.link != NULL;
}

kmi_endpoint kmi_stream_other(const kmi_stream *s)
{
    kmi_endpoint other = {.family = s->other.family, .port = s->other.port};

    memcpy(other.ip, s->other.ip, sizeof other.ip);
    other.interface = s->other.interface;
    return other.family == KMI_UNIX && s->link.via != NULL ? s->link.via->bound : other;
}

void kmi_stream_print_guest(const kmi_stream *s, char *ret, size_t size)
{
    kmi_endpoint from = kmi_stream_other(s);

    kmi_endpoint_print(&from, false, ret, size);
}

/* What strangers can make happen must not fill a disk. */
static void complain_of_guest(const kmi_stream *s, const char *why)
{
    char url[KMI_URL_MAX];

    kmi_stream_print_guest(s, url, sizeof url);
    if (kmi_net_may_complain(s->link.net))
        kmi_log(KMSG_WARNING, "%s: %s", url, why);
}

void kmi_stream_end(kmi_stream *s, kmsg_err err, const char *why)
{
    if (kmi_stream_is_counted(s) &&
        (err == KMSG_EPROTOCOL || err == KMSG_EVERSION || err == KMSG_EPERM ||
         err == KMSG_EUNTRUSTED || err == KMSG_EKEY))
        complain_of_guest(s, why);
    s->lost = true;
    kmi_link_lose(&s->link, err, why);
}

void kmi_stream_lose(kmi_link *link, kmsg_err err, const char *why)
{
    kmi_stream *s = (kmi_stream *)link;

    if (s->socket != NULL)
        link->net->sys->reset(s->socket);
    kmi_stream_end(s, err, why);
}

bool kmi_stream_lost_by_channel(kmi_stream *s)
{
    if (s->secure == NULL || s->secure->channel.state != KMI_CHANNEL_OVER)
        return false;
    kmi_stream_end(s, s->secure->channel.err, s->secure->channel.why);
    return true;
}

static bool lost_by_session(kmi_stream *s)
{
    if (s->session.state != KMI_SESSION_OVER)
        return false;
    if (s->session.err == KMSG_ELOST && s->socket != NULL)
        s->link.net->sys->reset(s->socket);
    kmi_stream_end(s, s->session.err, s->session.why);
    return true;
}

static void agree_to_share(kmi_stream *s);
static void go_over(kmi_stream *s);

/* Where a guest's node can be dialled, if it says so. Of an encrypted link the port is believed
 * where `trusted` says so: else any trusted host could pass for any other one. */
static void note_home(kmi_stream *s)
{
    kmi_endpoint home = kmi_stream_other(s);

    home.port = s->link.their.port;
    if (!s->is_guest || home.family == KMI_UNIX ||
        (s->secure != NULL &&
         !kmi_security_is_at(s->secure->security, &s->secure->channel.their_key, &home)))
        return;
    s->link.home = s->other;
    s->link.home.port = home.port;
}

void kmi_stream_come_up(kmi_stream *s)
{
    kmi_link *link = &s->link;

    link->up = true;
    link->their = s->session.their;
    note_home(s);
    if (link->owner != NULL && s->is_guest && s->shared != NULL)
        agree_to_share(s); /* before there is anything to say */
    if (kmi_stream_is_counted(s))
        kmi_greet_let_in(s);
    else
        link->net->events->up(link);
    if (!link->dead && s->is_guest && s->shared != NULL && !s->session.may_share)
        agree_to_share(s);
    if (!link->dead)
        kmi_timer_set(link->net->timers, &s->timer, kmi_session_deadline(&s->session));
}

/* It was asked for a sign of life and has given one: the next silence counts from now, and is not
 * first looked at when this one would have been too long. */
static void count_anew(kmi_stream *s)
{
    int64_t at_ns = kmi_session_deadline(&s->session);

    if (s->link.up && at_ns < s->timer.at_ns)
        kmi_timer_set(s->link.net->timers, &s->timer, at_ns);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Of a socket beside shared memory everything is heard, until its end. */
void kmi_stream_watch(kmi_stream *s, bool full, bool paused)
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

static bool owes_too_much(const kmi_stream *s)
{
    return s->is_guest && !s->mute && s->link.out != NULL &&
           kmi_out_waiting(s->link.out) > OWED_MAX;
}

/* Of `size` bytes `n` were taken; less means that no more can be written now. */
size_t kmi_stream_wrote(kmi_stream *s, ptrdiff_t n, size_t size)
{
    s->mute = n == KMI_BROKEN || (s->shared != NULL && s->shared->ended);
    kmi_stream_watch(s, !s->mute && n < (ptrdiff_t)size, s->paused && !s->mute);
    return n < 0 ? 0 : (size_t)n;
}

/* A channel that is over ends its link from the timer: here others are in the middle of it. */
static size_t write_sealed(kmi_stream *s)
{
    size_t         size, n;
    const uint8_t *front = kmi_secure_front(s->secure, s->link.out, &size);

    if (front == NULL) {
        s->mute = true;
        kmi_timer_set(s->link.net->timers, &s->timer, s->link.net->now_ns);
        return 0;
    }
    n = kmi_stream_wrote(s, s->link.net->sys->write(s->socket, front, size), size);
    s->link.bytes_out += n;
    return kmi_secure_wrote(s->secure, n);
}

static size_t write_waiting(kmi_stream *s)
{
    kmi_out       *out = s->link.out;
    size_t         size, n;
    const uint8_t *front;

    if (s->secure != NULL)
        return write_sealed(s);
    front = kmi_out_front(out, &size);
    if (s->shared != NULL)
        n = kmi_stream_wrote(s, kmi_shared_write(s->shared, out), size);
    else
        n = kmi_stream_wrote(s, s->link.net->sys->write(s->socket, front, size), size);
    s->link.bytes_out += n;
    return n;
}

static void write_out(kmi_stream *s)
{
    kmi_link *link = &s->link;
    kmi_out  *out = link->out;
    bool      waited = s->full || s->paused;
    uint64_t  before = link->bytes_out;

    if (s->socket == NULL || s->connecting || s->mute)
        return;
    if (!kmi_greet_is_said(s))
        kmi_greet_say(s);
    if (!kmi_greet_is_said(s) || !link->up || kmi_out_waiting(out) == 0)
        return;
    do
        kmi_out_sent(out, write_waiting(s));
    while (kmi_out_waiting(out) > 0 && !s->full && !s->mute);
    if (waited && link->bytes_out > before) {
        kmi_session_alive(&s->session, link->net->now_ns);
        count_anew(s);
    }
    if (s->paused && !owes_too_much(s))
        kmi_stream_watch(s, s->full, false);
}

static void flush(kmi_link *link)
{
    kmi_stream *s = (kmi_stream *)link;

    if (!s->full)
        write_out(s);
}

/* ---- reading ------------------------------------------------------------------------------- */

static ptrdiff_t receive(kmi_stream *s, uint8_t *room, size_t size)
{
    char url[KMI_URL_MAX] = "fd";

    if (kmi_stream_is_counted(s))
        kmi_stream_print_guest(s, url, sizeof url);
    return kmi_shared_receive(s->link.net, s->socket, room, size, url, &s->shared);
}

/* With what was there before, of a word that was not complete. */
static ptrdiff_t read_first(kmi_stream *s, uint8_t *room, size_t size)
{
    size_t    had = s->first_size;
    ptrdiff_t n = s->link.net->sys->read(s->socket, room + had, size - had);

    if (n <= 0)
        return n;
    memcpy(room, s->first, had);
    s->link.bytes_in -= had; /* they were counted */
    return n + (ptrdiff_t)had;
}

static ptrdiff_t read_plain(kmi_stream *s, uint8_t *room, size_t size)
{
    if (s->session.shared)
        return kmi_shared_read(s->shared, room, size);
    if (s->is_guest && !s->tcp && s->session.state < KMI_SESSION_OPEN)
        return receive(s, room, size);
    if (s->deciding)
        return read_first(s, room, size);
    return s->link.net->sys->read(s->socket, room, size);
}

static ptrdiff_t read_from(kmi_stream *s, uint8_t *room, size_t size)
{
    size_t    sealed;
    ptrdiff_t n;

    if (s->secure != NULL) {
        n = kmi_secure_read(s->secure, s->socket, room, size, &sealed);
        s->link.bytes_in += sealed;
        return n;
    }
    n = read_plain(s, room, size);
    s->link.bytes_in += n > 0 ? (size_t)n : 0;
    return n;
}

static const char *how_it_ended(const kmi_stream *s, ptrdiff_t n)
{
    kmi_endpoint other = kmi_stream_other(s);
    bool         up = s->link.up;

    if (n != 0)
        return "the connection broke";
    if (kmi_session_is_inside(&s->session))
        return "the other side hung up in the middle of a message";
    if (!up && s->secure != NULL && s->secure->listed)
        return "the other side hung up at the end of the handshake: it may not trust our key, "
               "which `kmsg key show` shows";
    if (!up && s->secure != NULL)
        return "the other side hung up in the handshake: it may not encrypt, or have another "
               "cluster's secret";
    if (!up && s->tcp && !s->is_guest && !kmi_endpoint_is_loopback(&other))
        return "the other side hung up: it may want what is said to be encrypted, without "
               "?insecure";
    return "the other side hung up";
}

void kmi_stream_lose_reading(kmi_stream *s, ptrdiff_t n)
{
    if (!kmi_stream_lost_by_channel(s))
        kmi_stream_end(s, s->link.up ? KMSG_ELOST : KMSG_EREFUSED, how_it_ended(s, n));
}

/* Bytes came of which no frame is to be had yet. */
static void keep_alive(kmi_stream *s)
{
    if (s->session.state == KMI_SESSION_OPEN) {
        kmi_session_alive(&s->session, s->link.net->now_ns);
        count_anew(s);
    }
}

static void read_some(kmi_stream *s)
{
    kmi_net  *net = s->link.net;
    size_t    size;
    uint8_t  *room;
    ptrdiff_t n;
    bool      asked;

    if (s->secure != NULL && !kmi_secure_is_open(s->secure)) {
        kmi_greet_read(s);
        return;
    }
    if (!kmi_session_hungry(&s->session)) {
        /* What was read before comes first. The loop will say again that there is more: of one that
         * is not worth a thought, but of thousands it would do so many times each turn. */
        if (net->links > CROWD)
            kmi_stream_watch(s, s->full, true);
        return;
    }
    if (owes_too_much(s)) {
        kmi_stream_watch(s, s->full, true);
        return;
    }
    room = kmi_net_read_room(net, kmi_session_alignment(&s->session),
                             s->secure != NULL ? KMI_RECORD_PLAIN_MAX : 0, &size);
    if (room == NULL) {
        kmi_stream_end(s, KMSG_ENOMEM, "out of memory");
        return;
    }
    n = read_from(s, room, size);
    if (n == KMI_AGAIN)
        return;
    net->now_ns = net->sys->now_ns();
    if (s->deciding && n > 0 && !kmi_greet_decide(s, room, (size_t)n))
        return;
    kmi_net_read_done(net, room, n > 0 ? (size_t)n : 0);
    if (n > 0) {
        if (s->session.shared)
            s->shared->proved_ns = net->now_ns;
        asked = s->session.asked;
        kmi_session_feed(&s->session, net->read, room, (size_t)n, net->now_ns);
        if (asked)
            count_anew(s);
        kmi_link_ready(&s->link);
    } else if (n == KMI_PART) {
        keep_alive(s);
    } else {
        kmi_stream_lose_reading(s, n);
    }
}

/* A refusal may lie there, and why. */
void kmi_stream_cannot_greet(kmi_stream *s)
{
    if (!s->is_guest)
        read_some(s);
    if (!s->link.dead && kmi_session_hungry(&s->session))
        kmi_stream_end(s, KMSG_EREFUSED, "the connection broke");
}

/* The rings of all links are looked at in any case. */
static bool look(kmi_link *link)
{
    kmi_stream *s = (kmi_stream *)link;
    uint64_t    before = link->bytes_in;

    if (s->session.shared || s->paused)
        return false;
    read_some(s);
    return link->dead || link->bytes_in != before;
}

/* The end of the socket: what lies in the ring is still read. */
static void hear_socket(kmi_stream *s)
{
    kmi_shared_hear(s->shared);
    if (!s->shared->ended)
        return;
    s->mute = true;
    kmi_stream_watch(s, false, false);
}

static bool next(kmi_link *link, kmi_frame *ret)
{
    kmi_stream *s = (kmi_stream *)link;
    uint64_t    before = link->out == NULL ? 0 : kmi_out_offset(link->out);
    bool        given = false;

    while (!given && !link->dead) {
        given = kmi_session_next(&s->session, link->out, ret);
        if (s->session.shared && !s->shared->heard)
            go_over(s);
        if (!given)
            break;
        if (ret->kind == KMI_HELLO) {
            kmi_slab_unref(ret->slab);
            kmi_stream_come_up(s);
            given = false;
        }
    }
    if (!link->dead && link->out != NULL && kmi_out_offset(link->out) != before)
        link->net->events->wrote(link);
    if (!given && !link->dead && !lost_by_session(s) && s->paused && !owes_too_much(s))
        kmi_stream_watch(s, s->full, false);
    return given;
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_stream *s = (kmi_stream *)(void *)((uint8_t *)timer - offsetof(kmi_stream, timer));
    uint64_t    before;
    bool        asked;

    if (s->connecting)
        return; /* the core limits how long dialling may take */
    if (kmi_stream_lost_by_channel(s))
        return;
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

static void on_event(void *ctx, unsigned events)
{
    kmi_stream *s = ctx;

    if (s->connecting) {
        kmi_stream_connected(s);
        return;
    }
    if (events & KMI_WRITABLE)
        write_out(s);
    if ((events & KMI_READABLE) && s->session.shared)
        hear_socket(s);
    if ((events & KMI_READABLE) && !s->link.dead)
        read_some(s);
}

/* ---- shared memory ------------------------------------------------------------------------- */

static void on_ring(void *ctx)
{
    kmi_stream *s = ctx;

    if (s->shared->breach) {
        kmi_stream_end(s, KMSG_EPROTOCOL, "impossible positions in shared memory");
        return;
    }
    if (s->full)
        write_out(s);
    if (s->session.shared)
        read_some(s);
}

static void agree_to_share(kmi_stream *s)
{
    s->session.may_share = kmi_shared_say(s->shared, s->link.out, on_ring, s) == KMSG_OK;
    if (s->session.may_share)
        return;
    kmi_shared_free(s->shared);
    s->shared = NULL;
}

/* The other side has said SHARED. */
static void go_over(kmi_stream *s)
{
    kmsg_err err = KMSG_OK;

    s->shared->heard = true;
    if (!s->is_guest)
        err = kmi_shared_say(s->shared, s->link.out, on_ring, s);
    if (err != KMSG_OK) {
        kmi_stream_end(s, err, kmsg_strerror(err));
        return;
    }
    s->link.shared = true;
    kmi_stream_watch(s, s->full, s->paused);
}

/* ---- closing ------------------------------------------------------------------------------- */

/* Is there something to be lost by closing at once? A farewell alone is not worth the wait. */
static bool should_linger(const kmi_stream *s)
{
    return s->tcp && !s->lost && !s->mute && s->link.bytes_out > KMI_HEADER_SIZE;
}

static void close_stream(kmi_link *link)
{
    kmi_stream *s = (kmi_stream *)link;
    kmi_net    *net = link->net;

    if (kmi_stream_is_counted(s))
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
    kmi_secure_free(s->secure);
    s->secure = NULL;
    kmi_timer_done(net->timers, &s->timer);
    kmi_session_done(&s->session);
    s->session.state = KMI_SESSION_OVER;
}

static void free_stream(kmi_link *link)
{
    kmi_stream *s = (kmi_stream *)link;

    kmi_free(s->to);
    kmi_free(s->at);
    kmi_free(s->ear);
    kmi_free(s);
}

static const kmi_link_ops ops = {next, flush, look, close_stream, free_stream};

/* Takes the ear, unless it returns NULL. */
kmi_stream *kmi_stream_new(kmi_net *net, kmi_ear *e)
{
    kmi_stream *s = e == NULL ? NULL : kmi_alloc_zeroed(sizeof *s);

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
