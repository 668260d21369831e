/* network.c -- listeners and connections: the system calls of the world.
 *
 * A connection is two pipes. What is written enters a pipe and arrives some time later, in order;
 * the room that it took is free again when it has been read and word of that has come back. Where
 * the line is cut, what would arrive is stalled, and comes through when it is healed; a reset that
 * meets a cut line is lost, as no one sends it again. An end that was closed answers what arrives
 * with a reset. Between processes of one host (unix sockets) everything arrives at once and nothing
 * on the way can be lost.
 *
 * A reset ends both directions at once: what is still on its way is gone, and by chance also what
 * has arrived and was not read yet, as systems differ in that.
 */
#include "inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define RING          ((uint32_t)64 << 10)
#define PIECE         1400 /* what takes long goes in pieces */
#define PIECE_NS      (20 * WORLD_MS)
#define BACKLOG       16
#define CONNS_MAX     512
#define LISTENERS_MAX 64
#define LOCAL_NS      20000
#define SYN_NS        WORLD_S /* until connecting is tried again; then twice that */
#define SYN_TRIES     6

typedef struct pipe {
    uint8_t *ring;
    uint32_t room;    /* bytes that it holds */
    uint32_t head;    /* where in the ring the first byte is that has not been read */
    uint32_t used;    /* bytes that room was not given back for */
    uint32_t unread;  /* of these still in the ring */
    uint32_t arrived; /* of these readable */
    uint32_t unheard; /* read, but the writer has not heard of it */
    uint32_t stalled; /* bytes that wait before a cut */
    bool     full;    /* it took less than it was given: nothing more until there is room again */
    int64_t  busy_ns; /* when the line is free again */
    int64_t  last_ns; /* when what was written last arrives */
    bool     end_sent;
    bool     end_stalled;
    bool     end_arrived;
    bool     dead; /* what is on its way is gone */
    piece   *gift; /* goes along with what was not read */
} pipe;

typedef struct conn {
    unsigned    id;
    unsigned    events; /* in the world's heap, that know of it */
    unsigned    host[2];
    bool        used;
    bool        local;
    bool        closed[2];
    bool        broken[2]; /* that end was reset */
    bool        purged[2]; /* and what it had not read is gone */
    int64_t     latency_ns;
    kmi_socket *end[2]; /* [0] has dialled */
    pipe        to[2];  /* towards that end */
} conn;

typedef enum phase { LISTENING, CONNECTING, OPEN, DATAGRAMS } phase;

struct kmi_socket {
    kmi_loop      *loop;
    kmi_socket_fn *fn;
    void          *ctx;
    unsigned       events;
    phase          phase;
    kmi_endpoint   at; /* where it listens, or connects to */
    conn          *waiting[BACKLOG];
    unsigned       waiting_count;
    conn          *conn;
    mail          *mail;
    unsigned       side;
    bool           settled; /* connecting has come to an end */
    kmsg_err       result;
    bool           reset; /* is to be, when it is closed */
};

static conn        conns[CONNS_MAX];
static kmi_socket *listeners[LISTENERS_MAX];
static unsigned    last_id;
static uint16_t    last_port;

void network_begin(void)
{
    for (conn *c = conns; c < conns + CONNS_MAX; c++)
        c->used = false;
    memset(listeners, 0, sizeof listeners);
    names_begin();
    datagrams_begin();
    lines_begin();
    last_id = 0;
    last_port = 40000;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void drop_gift(pipe *p)
{
    piece_unref(p->gift);
    p->gift = NULL;
}

static void settle_conn(conn *c)
{
    if (!c->closed[0] || !c->closed[1] || c->events > 0)
        return;
    c->used = false;
    drop_gift(&c->to[0]);
    drop_gift(&c->to[1]);
}

/* An event that knows of a connection, and which end it concerns. */
static void conn_at(conn *c, int64_t at_ns, world_fn *fn, uint64_t arg)
{
    c->events++;
    world_at(at_ns, fn, c, arg);
}

static void init_pipe(pipe *p)
{
    uint8_t *ring = p->ring == NULL ? malloc(RING) : p->ring;
    uint32_t range = world_law.room_max - world_law.room_min;

    drop_gift(p); /* of a play that ended while it was under way */
    *p = (pipe){.ring = ring, .room = world_law.room_min + world_below(range + 1)};
}

static conn *new_conn(unsigned from, unsigned to)
{
    conn *c = conns;

    while (c < conns + CONNS_MAX && c->used)
        c++;
    if (c == conns + CONNS_MAX)
        return NULL;
    init_pipe(&c->to[0]);
    init_pipe(&c->to[1]);
    *c = (conn){.id = ++last_id,
                .used = true,
                .host = {from, to},
                .local = from == to,
                .latency_ns = from == to ? LOCAL_NS : world_law.latency_ns,
                .to = {c->to[0], c->to[1]}};
    return c;
}

static bool has_room(const pipe *p)
{
    return !p->full && p->used < p->room;
}

/* Only the other side makes room: who writes may take it for a sign of life. As in a real system a
 * third of it must be free, so that not every byte goes alone. */
static void make_room(pipe *p, uint32_t size)
{
    p->used -= size;
    if (size > 0 && p->used <= p->room - p->room / 3)
        p->full = false;
}

static unsigned ready(const kmi_socket *s)
{
    const pipe *in, *out;

    if (s->phase == LISTENING)
        return s->waiting_count > 0 ? (unsigned)KMI_READABLE : 0;
    if (s->phase == DATAGRAMS)
        return datagrams_ready(s->mail);
    if (s->phase == CONNECTING)
        return s->settled ? (unsigned)KMI_WRITABLE : 0;
    in = &s->conn->to[s->side];
    out = &s->conn->to[!s->side];
    if (s->conn->broken[s->side])
        return KMI_READABLE | KMI_WRITABLE;
    return (in->arrived > 0 || in->end_arrived ? (unsigned)KMI_READABLE : 0u) |
           (has_room(out) ? (unsigned)KMI_WRITABLE : 0u);
}

static void changed(const kmi_socket *s)
{
    if (s != NULL && (ready(s) & s->events) != 0)
        loop_notify(s->loop);
}

static void break_end(conn *c, unsigned side)
{
    if (c->broken[side])
        return;
    world_note("reset", c->id, side);
    c->broken[side] = true;
    c->purged[side] = !c->local && world_chance(500);
    c->to[0].dead = c->to[1].dead = true;
    changed(c->end[side]);
}

static void on_reset(void *ctx, uint64_t side)
{
    conn *c = ctx;

    c->events--;
    if (!net_is_blocked(c->host[!side], c->host[side]))
        break_end(c, (unsigned)side);
    settle_conn(c);
}

static void send_reset(conn *c, unsigned to)
{
    c->to[to].dead = true;
    conn_at(c, world_now() + c->latency_ns, on_reset, to);
}

static void come_to_end(conn *c, unsigned side, uint32_t size, bool end)
{
    pipe *p = &c->to[side];

    if (c->closed[side]) {
        if (size > 0)
            send_reset(c, !side);
        return;
    }
    p->arrived += size;
    p->end_arrived |= end;
    world_note(end ? "arrive, end" : "arrive", c->id, size);
    changed(c->end[side]);
}

/* arg: the bytes that arrive, the end they arrive at in bit 32, whether it is the end in bit 33. */
static void on_arrive(void *ctx, uint64_t arg)
{
    conn    *c = ctx;
    unsigned side = arg >> 32 & 1;
    pipe    *p = &c->to[side];
    bool     end = (arg >> 33 & 1) != 0;

    c->events--;
    if (!p->dead) {
        if (p->stalled > 0 || p->end_stalled || net_is_blocked(c->host[!side], c->host[side])) {
            p->stalled += (uint32_t)arg;
            p->end_stalled |= end;
        } else {
            come_to_end(c, side, (uint32_t)arg, end);
        }
    }
    settle_conn(c);
}

/* One piece: it leaves when the line is free. */
static void send_piece(conn *c, unsigned side, uint32_t size, bool end)
{
    pipe   *p = &c->to[side];
    int64_t at_ns;

    p->busy_ns = (p->busy_ns < world_now() ? world_now() : p->busy_ns) + size * world_law.byte_ns;
    at_ns = p->busy_ns + c->latency_ns;
    if (!c->local && world_law.jitter_ns > 0)
        at_ns += world_below((uint32_t)world_law.jitter_ns);
    p->last_ns = at_ns > p->last_ns ? at_ns : p->last_ns;
    conn_at(c, p->last_ns, on_arrive, size | (uint64_t)side << 32 | (uint64_t)end << 33);
}

static void send_on(conn *c, unsigned side, uint32_t size, bool end)
{
    if (c->local && !end) {
        come_to_end(c, side, size, end);
        return;
    }
    while (size > PIECE && size * world_law.byte_ns > PIECE_NS) {
        send_piece(c, side, PIECE, false);
        size -= PIECE;
    }
    send_piece(c, side, size, end);
}

/* ---- cuts ------------------------------------------------------------------------------------ */

static void on_healed(void *ctx, uint64_t side)
{
    conn *c = ctx;
    pipe *p = &c->to[side], *back = &c->to[!side];

    c->events--;
    if (!net_is_blocked(c->host[!side], c->host[side])) {
        uint32_t size = p->stalled;
        bool     end = p->end_stalled;
        p->stalled = 0;
        p->end_stalled = false;
        if (!p->dead && (size > 0 || end))
            come_to_end(c, (unsigned)side, size, end);
        make_room(back, back->unheard); /* word of what was read comes the same way */
        back->unheard = 0;
        changed(c->end[!side]);
        changed(c->end[side]);
    }
    settle_conn(c);
}

void net_look_for_healed(void)
{
    for (conn *c = conns; c < conns + CONNS_MAX; c++) {
        int64_t at_ns = world_now() + 1 + world_below(500 * (uint32_t)WORLD_MS);
        for (unsigned side = 0; side < 2 && c->used; side++)
            if (!net_is_blocked(c->host[!side], c->host[side]) &&
                (c->to[side].stalled > 0 || c->to[side].end_stalled || c->to[!side].unheard > 0))
                conn_at(c, at_ns, on_healed, side);
    }
}

bool world_reset_one(void)
{
    uint32_t from = world_below(CONNS_MAX);

    for (unsigned i = 0; i < CONNS_MAX; i++) {
        conn *c = &conns[(from + i) % CONNS_MAX];
        if (!c->used || c->local || c->broken[0] || c->broken[1] || c->closed[0] || c->closed[1])
            continue;
        break_end(c, 0);
        break_end(c, 1);
        return true;
    }
    return false;
}

/* ---- sockets --------------------------------------------------------------------------------- */

/* Takes memory as a system does: not from the process. NULL: no descriptor. */
static kmi_socket *new_socket(kmi_loop *loop, phase first, kmi_socket_fn *fn, void *ctx,
                              unsigned events)
{
    kmi_socket *s = loop->socket_count == LOOP_SOCKETS_MAX ? NULL : calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->loop = loop;
    s->phase = first;
    s->fn = fn;
    s->ctx = ctx;
    s->events = events;
    loop->sockets[loop->socket_count++] = s;
    loop->stale = true;
    process_opened(loop->process, 1);
    return s;
}

kmi_socket *net_datagram_socket(kmi_loop *loop, mail *m, kmi_socket_fn *fn, void *ctx)
{
    kmi_socket *s = new_socket(loop, DATAGRAMS, fn, ctx, KMI_READABLE);

    if (s != NULL)
        s->mail = m;
    return s;
}

mail *net_mail_of(kmi_socket *s)
{
    return s->mail;
}

void net_changed(const kmi_socket *s)
{
    changed(s);
}

static bool same_place(const kmi_endpoint *a, const kmi_endpoint *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->ip, b->ip, 16) == 0 &&
           strcmp(a->path, b->path) == 0;
}

static kmi_socket *find_listener(unsigned host, const kmi_endpoint *at)
{
    for (unsigned i = 0; i < LISTENERS_MAX; i++) {
        kmi_socket *l = listeners[i];
        if (l != NULL && process_host(l->loop->process) == host && same_place(&l->at, at))
            return l;
    }
    return NULL;
}

static kmi_socket **free_place(void)
{
    for (unsigned i = 0; i < LISTENERS_MAX; i++)
        if (listeners[i] == NULL)
            return &listeners[i];
    return NULL;
}

kmsg_err net_listen(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                    kmi_endpoint *ret_bound, kmi_socket **ret)
{
    kmi_endpoint bound = *at;
    kmi_socket **place = free_place();

    if (at->family != KMI_UNIX && at->port == 0)
        bound.port = ++last_port;
    if (at->family == KMI_UNIX && at->path[0] == '\0')
        snprintf(bound.path, sizeof bound.path, "/fresh-%u", (unsigned)++last_port);
    if (find_listener(process_host(loop->process), &bound) != NULL)
        return kmi_error(KMSG_EINUSE, "bind: somebody listens there");
    *ret = place == NULL ? NULL : new_socket(loop, LISTENING, fn, ctx, KMI_READABLE);
    if (*ret == NULL)
        return kmi_error(KMSG_EDESCRIPTORS, "socket: no descriptor");
    *place = *ret;
    (*ret)->at = bound;
    *ret_bound = bound;
    world_note("listen", process_host(loop->process), bound.port);
    return KMSG_OK;
}

static conn *take_waiting(kmi_socket *l)
{
    conn *c = l->waiting[0];

    l->waiting_count--;
    memmove(l->waiting, l->waiting + 1, l->waiting_count * sizeof(conn *));
    return c;
}

kmsg_err net_accept(kmi_socket *l, kmi_socket_fn *fn, void *ctx, kmi_endpoint *ret_from,
                    kmi_socket **ret)
{
    conn       *c;
    kmi_socket *s;

    if (l->waiting_count == 0)
        return KMSG_EBUSY;
    s = world_chance(world_law.no_accept) ? NULL : new_socket(l->loop, OPEN, fn, ctx, KMI_READABLE);
    if (s == NULL)
        return kmi_error(KMSG_EDESCRIPTORS, "accept: no descriptor");
    c = take_waiting(l);
    s->conn = c;
    s->side = 1;
    c->end[1] = s;
    memset(ret_from, 0, sizeof *ret_from);
    ret_from->family = l->at.family;
    if (l->at.family != KMI_UNIX) {
        memcpy(ret_from->ip, (const uint8_t[]){10, 0, 0, (uint8_t)(c->host[0] + 1)}, 4);
        ret_from->port = (uint16_t)(1024 + c->id);
    }
    world_note("accept", c->id, c->host[0]);
    *ret = s;
    return KMSG_OK;
}

void net_watch(kmi_socket *s, unsigned events)
{
    s->loop->stale = true;
    s->events = events;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void settle(kmi_socket *s, kmsg_err err)
{
    if (s == NULL)
        return;
    s->settled = true;
    s->result = err;
    changed(s);
}

/* arg: what the connecting end is told. */
static void on_told(void *ctx, uint64_t arg)
{
    conn *c = ctx;

    c->events--;
    if (c->end[0] != NULL &&
        net_is_blocked(c->host[1], c->host[0])) /* it asks again, and is told then */
        conn_at(c, world_now() + SYN_NS, on_told, arg);
    else
        settle(c->end[0], (kmsg_err)(int32_t)(uint32_t)arg);
    settle_conn(c);
}

static void give_up(conn *c)
{
    c->closed[1] = true;
    settle(c->end[0], KMSG_EUNREACHABLE);
}

static void on_syn(void *ctx, uint64_t tries)
{
    conn       *c = ctx;
    kmi_socket *s = c->end[0], *l;

    c->events--;
    if (s == NULL) { /* closed meanwhile */
        c->closed[1] = true;
        settle_conn(c);
        return;
    }
    l = net_is_blocked(c->host[0], c->host[1]) ? NULL : find_listener(c->host[1], &s->at);
    if (net_is_blocked(c->host[0], c->host[1]) || (l != NULL && l->waiting_count == BACKLOG)) {
        if (tries < SYN_TRIES)
            conn_at(c, world_now() + (SYN_NS << tries), on_syn, tries + 1);
        else
            give_up(c);
        return;
    }
    if (l == NULL) {
        c->closed[1] = true;
        conn_at(c, world_now() + c->latency_ns, on_told, (uint32_t)KMSG_EREFUSED);
        return;
    }
    l->waiting[l->waiting_count++] = c;
    changed(l);
    conn_at(c, world_now() + c->latency_ns, on_told, KMSG_OK);
}

static kmsg_err connect_here(kmi_loop *loop, const kmi_endpoint *to, conn *c)
{
    kmi_socket *l = find_listener(process_host(loop->process), to);

    if (l == NULL)
        return kmi_error(KMSG_EREFUSED, "connect: nobody listens there");
    if (l->waiting_count == BACKLOG)
        return kmi_error(KMSG_EBUSY, "connect: too many wait");
    l->waiting[l->waiting_count++] = c;
    changed(l);
    return KMSG_OK;
}

static kmsg_err begin_connect(kmi_loop *loop, const kmi_endpoint *to, conn *c, bool *settled)
{
    *settled = to->family == KMI_UNIX;
    if (*settled)
        return connect_here(loop, to, c);
    conn_at(c, world_now() + c->latency_ns, on_syn, 0);
    return KMSG_OK;
}

kmsg_err net_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                     kmi_socket **ret)
{
    unsigned    own = process_host(loop->process);
    unsigned    host = to->family == KMI_UNIX || to->ip[0] == 127 ? own : to->ip[3] - 1u;
    kmi_socket *s;
    conn       *c;
    bool        settled;
    kmsg_err    err;

    if (to->family != KMI_UNIX && world_chance(world_law.no_connect))
        return kmi_error(KMSG_EUNREACHABLE, "connect: no route to host");
    c = new_conn(own, host);
    s = c == NULL ? NULL : new_socket(loop, CONNECTING, fn, ctx, KMI_WRITABLE);
    if (s == NULL)
        return kmi_error(KMSG_EDESCRIPTORS, "socket: no descriptor");
    s->at = *to;
    s->conn = c;
    c->end[0] = s;
    err = begin_connect(loop, to, c, &settled);
    if (err != KMSG_OK) {
        c->closed[1] = true;
        net_close(s);
        return err;
    }
    world_note("connect", c->id, host);
    s->settled = settled;
    *ret = s;
    return KMSG_OK;
}

kmsg_err net_connect_result(kmi_socket *s)
{
    s->phase = OPEN;
    if (s->result != KMSG_OK)
        return kmi_error(s->result, "connect: %s", kmsg_strerror(s->result));
    return KMSG_OK;
}

/* ---- reading and writing --------------------------------------------------------------------- */

static uint32_t chop(size_t size)
{
    return size > 1 && world_chance(world_law.chop) ? 1 + world_below((uint32_t)size)
                                                    : (uint32_t)size;
}

static void copy_out(pipe *p, uint8_t *buffer, uint32_t size)
{
    uint32_t first = RING - p->head < size ? RING - p->head : size;

    memcpy(buffer, p->ring + p->head, first);
    memcpy(buffer + first, p->ring, size - first);
    p->head = (p->head + size) % RING;
    p->arrived -= size;
    p->unread -= size;
}

static void copy_in(pipe *p, const uint8_t *data, uint32_t size)
{
    uint32_t at = (p->head + p->unread) % RING;
    uint32_t first = RING - at < size ? RING - at : size;

    memcpy(p->ring + at, data, first);
    memcpy(p->ring, data + first, size - first);
    p->unread += size;
    p->used += size;
}

ptrdiff_t net_read(kmi_socket *s, void *buffer, size_t size)
{
    conn    *c = s->conn;
    pipe    *p = &c->to[s->side];
    uint32_t n = p->arrived < size ? p->arrived : (uint32_t)size;

    if (c->broken[s->side] && (c->purged[s->side] || n == 0))
        return KMI_BROKEN;
    if (n == 0)
        return p->end_arrived ? 0 : KMI_AGAIN;
    n = chop(n);
    copy_out(p, buffer, n);
    drop_gift(p);
    if (!c->local && net_is_blocked(c->host[s->side], c->host[!s->side]))
        p->unheard += n;
    else
        make_room(p, n);
    changed(c->end[!s->side]);
    return (ptrdiff_t)n;
}

static ptrdiff_t shut(conn *c, unsigned to)
{
    if (c->broken[!to])
        return KMI_BROKEN;
    if (!c->to[to].end_sent)
        send_on(c, to, 0, true);
    c->to[to].end_sent = true;
    return 0;
}

ptrdiff_t net_write(kmi_socket *s, const void *data, size_t size)
{
    conn    *c = s->conn;
    unsigned to = !s->side;
    pipe    *p = &c->to[to];
    uint32_t left = has_room(p) ? p->room - p->used : 0;
    uint32_t n = left < size ? left : (uint32_t)size;

    if (data == NULL)
        return shut(c, to);
    if (c->broken[s->side] || p->end_sent || (c->local && c->closed[to]))
        return KMI_BROKEN;
    if (n == 0)
        return KMI_AGAIN;
    n = chop(n);
    p->full = n < size;
    copy_in(p, data, n);
    send_on(c, to, n, false);
    if (p->room - p->used >= n && world_chance(world_law.twice)) {
        copy_in(p, data, n);
        send_on(c, to, n, false);
    }
    return (ptrdiff_t)n;
}

void net_put_gift(kmi_socket *s, piece *gift)
{
    s->conn->to[!s->side].gift = piece_ref(gift);
}

piece *net_gift(const kmi_socket *s)
{
    return s->conn->to[s->side].gift;
}

/* ---- closing --------------------------------------------------------------------------------- */

static void close_listening(kmi_socket *s)
{
    for (unsigned i = 0; i < LISTENERS_MAX; i++)
        if (listeners[i] == s)
            listeners[i] = NULL;
    while (s->waiting_count > 0) {
        conn *c = take_waiting(s);
        c->closed[1] = true;
        send_reset(c, 0);
    }
}

static void close_end(conn *c, unsigned side, bool silently, bool reset)
{
    unsigned other = !side;

    if (silently)
        c->to[other].dead = true; /* what it had yet to send is gone with it */

    c->closed[side] = true;
    c->end[side] = NULL;
    if (!silently && !c->closed[other] && !c->broken[side]) {
        if (c->to[side].arrived > 0 && c->local)
            break_end(c, other);
        else if (c->to[side].arrived > 0 || (reset && !c->local))
            send_reset(c, other);
        else
            shut(c, other);
    }
    settle_conn(c);
}

static void close_socket(kmi_socket *s, bool silently)
{
    kmi_loop *loop = s->loop;

    for (unsigned i = 0; i < loop->socket_count; i++)
        if (loop->sockets[i] == s)
            loop->sockets[i] = NULL;
    loop->stale = true;
    process_opened(loop->process, -1);
    if (s->phase == LISTENING)
        close_listening(s);
    else if (s->phase == DATAGRAMS)
        datagrams_close(s->mail);
    else
        close_end(s->conn, s->side, silently, s->reset);
    free(s);
}

/* All that runs in this world is root's. */
kmsg_err net_peer_user(const kmi_socket *s, kmi_user *ret)
{
    (void)s;
    *ret = (kmi_user){0};
    return KMSG_OK;
}

void net_reset(kmi_socket *s)
{
    s->reset = true;
}

void net_close(kmi_socket *s)
{
    close_socket(s, false);
}

void loop_abandon(kmi_loop *loop, bool silently)
{
    for (unsigned i = 0; i < loop->socket_count; i++)
        if (loop->sockets[i] != NULL)
            close_socket(loop->sockets[i], silently);
    loop_forget_lookups(loop);
}

/* ---- loops ----------------------------------------------------------------------------------- */

bool loop_has_events(const kmi_loop *loop)
{
    if (names_ready(loop))
        return true;
    for (unsigned i = 0; i < loop->socket_count; i++)
        if (loop->sockets[i] != NULL && (ready(loop->sockets[i]) & loop->sockets[i]->events) != 0)
            return true;
    return false;
}

static void forget_closed(kmi_loop *loop)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < loop->socket_count; i++)
        if (loop->sockets[i] != NULL)
            loop->sockets[kept++] = loop->sockets[i];
    loop->socket_count = kept;
}

/* In an order that changes: no one is promised to be heard first. */
void loop_deliver(kmi_loop *loop)
{
    unsigned count, from;

    names_deliver(loop);
    forget_closed(loop);
    count = loop->socket_count;
    from = world_below(count);
    for (unsigned i = 0; i < count; i++) {
        kmi_socket *s = loop->sockets[(from + i) % count];
        unsigned    events = s == NULL ? 0 : ready(s) & s->events;
        if (events != 0)
            s->fn(s->ctx, events);
    }
}
