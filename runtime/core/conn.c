/* conn.c -- a connection to another node, which outlives its link.
 *
 *   IDLE --used--> CONNECTING --hello--> UP --lost, something waits--> WAITING --time--> CONNECTING
 *                      |                 |
 *                      failed            lost, nothing waits --> IDLE
 *                      v
 *                  WAITING or IDLE
 *
 * A dial that fails fails the oldest call that waits for it, and only that. When a link is lost, a
 * call of whose frame a single byte has left ends with ELOST: the other side may have seen it, and
 * nothing is ever sent twice, but what may be (repeat.c). The other requests wait (queue.c), and go
 * out on the next link.
 *
 * An accepted connection cannot be dialled: it goes with its link, and what it had not sent is
 * EUNSENT.
 * One end of a pair cannot either: if it never comes up, all that waits for it ends with the
 * reason.
 */
#include "core/object.h"
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define DIAL_MAX_MS 60000
#define CLOSE_MS    5000
#define BURST       ((size_t)64 << 10) /* not to wait for the end of the turn with */

static void begin_dial(kmi_conn *conn);
static void on_up(kmi_link *link);
static void say_unwritten(kmi_conn *conn);
static void on_timer(kmi_timer *timer, int64_t now_ns);

/* ---- lifetime ------------------------------------------------------------------------------ */

kmi_conn *kmi_conn_new(kmsg_node *node, const char *url)
{
    kmi_conn *conn = kmi_alloc_zeroed(sizeof *conn);
    size_t    size = strlen(url) + 1;

    if (conn == NULL)
        return NULL;
    conn->node = node;
    conn->refs = 1;
    conn->who = kmi_who_ref(&node->nobody);
    conn->url = kmi_alloc(size);
    if (conn->url == NULL || kmi_timer_init(&node->timers, &conn->timer, on_timer) != KMSG_OK ||
        kmi_idle_init(conn) != KMSG_OK) {
        kmi_conn_unref(conn);
        return NULL;
    }
    memcpy(conn->url, url, size);
    conn->free_slot = KMI_NO_SLOT;
    conn->retry = kmi_retry_default;
    kmi_out_init(&conn->out, &node->net.pool);
    kmi_out_init(&conn->queue, &node->net.pool);
    conn->peer = kmi_peer_new(conn);
    if (conn->peer == NULL) {
        kmi_conn_unref(conn);
        return NULL;
    }
    conn->next = node->conns;
    if (conn->next != NULL)
        conn->next->prev = conn;
    node->conns = conn;
    return conn;
}

void kmi_conn_last_unref(kmi_conn *conn)
{
    kmi_timer_done(&conn->node->timers, &conn->timer);
    kmi_timer_done(&conn->node->timers, &conn->idle);
    kmi_who_unref(conn->who);
    kmi_out_done(&conn->out);
    kmi_out_done(&conn->queue);
    kmi_free(conn->slots);
    kmi_free(conn->in);
    kmi_free(conn->address);
    kmi_free(conn->url);
    kmi_free(conn->guest_url);
    kmi_free(conn);
}

static void leave_peers(kmi_conn *conn)
{
    while (conn->others != NULL) {
        kmsg_peer *peer = conn->others;
        conn->others = peer->sibling;
        kmi_peer_unref(peer);
    }
    if (conn->peer != NULL) /* else it stands for another connection by now */
        kmi_peer_unref(conn->peer);
}

/* Where a connection goes somebody may be in the middle of it, or of the list: what a step back in
 * the stack goes on with stays until the turn ends. */
void kmi_conn_leave(kmi_conn *conn)
{
    kmi_way_remove(conn);
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        conn->node->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    conn->node->guests -= conn->accepted;
    conn->left_next = conn->node->left;
    conn->node->left = conn;
}

void kmi_conns_reap(kmsg_node *node)
{
    while (node->left != NULL) {
        kmi_conn *conn = node->left;
        node->left = conn->left_next;
        leave_peers(conn);
        kmi_conn_unref(conn);
    }
}

kmi_conn *kmi_conn_new_self(kmsg_node *node)
{
    kmi_conn *conn = kmi_conn_new(node, "self");

    if (conn == NULL)
        return NULL;
    conn->link = kmi_self_new(&node->net, &conn->out, conn);
    if (conn->link == NULL) {
        kmi_conn_leave(conn);
        return NULL;
    }
    on_up(conn->link);
    return conn;
}

kmsg_err kmi_conn_check(const kmi_conn *conn)
{
    if (kmi_node_is_foreign(conn->node))
        return kmi_node_check(conn->node);
    if (conn->closing || conn->node->closing || conn->state == KMI_CONN_GONE)
        return kmi_error(KMSG_ECLOSED,
                         conn->accepted && !conn->closing && !conn->node->closing
                             ? "%s: the other side has gone, and cannot be dialled from here"
                             : "%s: the peer is closed",
                         conn->url);
    if (conn->nowhere && conn->failed != KMSG_OK)
        return kmi_error(conn->failed, "%s: %s", conn->url, kmsg_strerror(conn->failed));
    return KMSG_OK;
}

kmsg_err kmi_conn_check_answers(const kmi_conn *conn)
{
    if (conn->datagram)
        return kmi_error(KMSG_EDATAGRAM, "%s: nobody answers datagrams: use tcp: or unix: for that",
                         conn->url);
    return KMSG_OK;
}

/* ---- output -------------------------------------------------------------------------------- */

static void mark(kmi_conn *conn, kmi_conn **list)
{
    if (conn->dirty)
        return;
    conn->dirty = true;
    conn->dirty_next = *list;
    *list = kmi_conn_ref(conn);
    kmi_timers_tell(&conn->node->timers, 0);
}

void kmi_conn_connect(kmi_conn *conn)
{
    if (conn->state == KMI_CONN_IDLE && !conn->closing)
        begin_dial(conn);
}

void kmi_conn_written(kmi_conn *conn)
{
    kmi_conn_connect(conn);
    if (conn->state != KMI_CONN_UP)
        return;
    mark(conn, &conn->node->dirty);
    if (kmi_out_waiting(&conn->out) >= BURST && !conn->link->retry)
        kmi_link_flush(conn->link);
}

/* The connection has no link any more; what it has counted stays. */
static kmi_link *let_go(kmi_conn *conn)
{
    kmi_link *link = conn->link;

    conn->link = NULL;
    if (link != NULL) {
        conn->unproved = conn->request_at > link->proved_at;
        conn->counts.bytes_out += link->bytes_out;
        conn->counts.bytes_in += link->bytes_in;
        conn->counts.dropped += link->dropped;
        conn->counts.refused += link->refused;
    }
    return link;
}

static void go(kmi_conn *conn)
{
    kmi_link *link = let_go(conn);

    conn->state = KMI_CONN_GONE;
    kmi_idle_down(conn);
    kmi_pings_end(conn, KMSG_ECLOSED);
    kmi_timer_stop(&conn->node->timers, &conn->timer);
    kmi_link_close(link);
    kmi_conn_leave(conn);
}

/* The last word of a connection that the user has closed, behind all that waited. */
static void say_bye(kmi_conn *conn)
{
    if (conn->farewell || kmi_out_waiting(&conn->queue) > 0)
        return;
    conn->farewell = true;
    kmi_conn_control(conn, KMI_BYE, 0, 0);
}

void kmi_conn_flush(kmi_conn *conn)
{
    if (conn->link == NULL || conn->state != KMI_CONN_UP)
        return;
    kmi_queue_pump(conn);
    kmi_queue_repay(conn);
    if (conn->closing && conn->link != NULL)
        say_bye(conn);
    if (conn->link != NULL)
        kmi_link_flush(conn->link);
    while (conn->link != NULL && conn->held_back && kmi_out_waiting(&conn->out) == 0) {
        kmi_queue_pump(conn);
        if (conn->link != NULL) /* a burst is written at once, and that may have been too much */
            kmi_link_flush(conn->link);
    }
    if (conn->link == NULL)
        return; /* it broke: that has been dealt with */
    kmi_streams_drained(conn);
    if (conn->closing && kmi_conn_waiting(conn) == 0)
        go(conn);
    else if (conn->closing || conn->link->retry || conn->hungry || conn->held_back)
        mark(conn, &conn->node->stalled);
}

void kmi_conn_breach(kmi_conn *conn, const char *why)
{
    kmi_log(KMSG_WARNING, "%s: %s", conn->url, why);
    kmi_conn_events.down(conn->link, KMSG_EPROTOCOL, why);
}

void kmi_conn_control(kmi_conn *conn, kmi_kind kind, uint32_t call, uint32_t aux)
{
    kmi_conn_bare(conn, &(kmi_frame){.kind = (uint8_t)kind, .call = call, .aux = aux});
}

void kmi_conn_bare(kmi_conn *conn, const kmi_frame *frame)
{
    kmsg_err err;

    if (conn->state != KMI_CONN_UP || conn->node->closing || conn->datagram)
        return;
    err = kmi_out_bare(&conn->out, frame);
    if (err == KMSG_OK) {
        kmi_conn_written(conn);
        return;
    }
    kmi_log(KMSG_WARNING, "%s: giving the link up: %s", conn->url, kmsg_strerror(err));
    kmi_conn_events.down(conn->link, KMSG_ELOST, kmsg_strerror(err));
}

/* ---- dialling ------------------------------------------------------------------------------ */

static void set_timer(kmi_conn *conn, uint32_t ms)
{
    int64_t now_ns = conn->node->sys->now_ns();

    kmi_timer_set(&conn->node->timers, &conn->timer, now_ns + ms * KMI_MS);
}

static void wait_to_dial(kmi_conn *conn)
{
    uint32_t random;

    conn->node->sys->random(&random, sizeof random);
    conn->state = KMI_CONN_WAITING;
    set_timer(conn, kmi_retry_delay(&conn->retry, conn->tries++, random));
}

/* One to another node of this process: it is made anew when it is needed, and an instance that has
 * gone never comes again. */
static bool is_done_with(const kmi_conn *conn)
{
    return conn->inside && (kmi_conn_waiting(conn) == 0 || !kmi_net_is_here(conn->url));
}

/* Without a link: is there something that one is needed for? `held`: it was kept back although
 * there was a link, and has waited long enough. */
static void rest(kmi_conn *conn, bool held)
{
    bool given_up = conn->retry.limit > 0 && conn->tries >= conn->retry.limit;

    kmi_queue_down(conn);
    if (is_done_with(conn)) {
        kmi_queue_give_up(conn, KMSG_EUNREACHABLE, "its node has ended");
        conn->over = true;
        conn->state = KMI_CONN_WAITING;
        set_timer(conn, 0); /* who has just put something into it still holds it */
    } else if (held && kmi_conn_waiting(conn) > 0) {
        begin_dial(conn);
    } else if (conn->closing) {
        say_unwritten(conn);
        go(conn);
    } else if (kmi_conn_waiting(conn) > 0 || (conn->wanted > 0 && !given_up)) {
        wait_to_dial(conn);
    } else {
        conn->state = KMI_CONN_IDLE;
        conn->tries = 0;
        kmi_timer_stop(&conn->node->timers, &conn->timer);
    }
}

static void dial_failed(kmi_conn *conn, kmsg_err err, const char *why)
{
    kmi_ask *oldest;

    conn->failed = err;
    kmi_log(KMSG_INFO, "%s: %s", conn->url, why);
    kmi_watch_tell(conn, KMSG_PEER_UNREACHED, err);
    kmi_pings_end(conn, err);
    if (conn->accepted) {
        kmi_queue_give_up(conn, err, why);
        go(conn);
        return;
    }
    if (err != KMSG_EBUSY) { /* then somebody is there: that is worth another try to everyone */
        oldest = kmi_queue_oldest(conn);
        if (oldest != NULL) {
            kmi_queue_take_back(conn, oldest);
            kmi_ask_fail(oldest, err, why);
        }
    }
    if (conn->retry.limit > 0 && conn->tries >= conn->retry.limit)
        kmi_queue_give_up(conn, err, why);
    rest(conn, false);
}

/* A link to oneself is lost when there is no memory for a control frame. */
static void renew_self(kmi_conn *conn)
{
    conn->link = kmi_self_new(&conn->node->net, &conn->out, conn);
    if (conn->link == NULL)
        dial_failed(conn, KMSG_ENOMEM, "out of memory");
    else
        on_up(conn->link);
}

static void begin_dial(kmi_conn *conn)
{
    uint64_t limit_ms = (uint64_t)conn->peer->timeout_ms * 2;
    kmsg_err err;

    conn->state = KMI_CONN_CONNECTING;
    if (conn->address == NULL) {
        renew_self(conn);
        return;
    }
    err = kmi_net_dial(&conn->node->net, conn->address, &conn->out, conn, &conn->link);
    if (err != KMSG_OK) {
        dial_failed(conn, err, err == KMSG_ENOMEM ? "out of memory" : kmsg_last_error());
        return;
    }
    set_timer(conn, limit_ms > DIAL_MAX_MS ? DIAL_MAX_MS : (uint32_t)limit_ms);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_conn *conn = (kmi_conn *)(void *)((uint8_t *)timer - offsetof(kmi_conn, timer));

    (void)now_ns;
    switch (conn->state) {
    case KMI_CONN_CONNECTING:
        kmi_link_close(let_go(conn));
        dial_failed(conn, KMSG_EUNREACHABLE, "no connection in time");
        break;
    case KMI_CONN_WAITING:
        kmi_queue_down(conn); /* calls may have ended meanwhile */
        if (conn->over) {
            kmi_queue_give_up(conn, KMSG_EUNREACHABLE, "its node has ended");
            go(conn);
        } else if (kmi_conn_waiting(conn) == 0 && conn->pings == NULL && conn->wanted == 0)
            rest(conn, false);
        else
            begin_dial(conn);
        break;
    case KMI_CONN_UP:
        if (conn->closing) {
            kmi_log(KMSG_WARNING, "%s: closed with %zu bytes unwritten", conn->url,
                    kmi_conn_waiting(conn));
            say_unwritten(conn);
            go(conn);
        }
        break;
    case KMI_CONN_IDLE:
    case KMI_CONN_GONE: break;
    }
}

/* ---- what links tell ----------------------------------------------------------------------- */

/* An instance is what a node says of itself; so nobody gets what is for another one. */
static const char *const not_himself = "it says that it is a node whose owner is another one";

/* It leads to somebody: the same as before? */
static void come_up(kmi_conn *conn)
{
    uint64_t instance = conn->link->their.instance;
    bool     restarted = conn->instance != 0 && conn->instance != instance;

    conn->state = KMI_CONN_UP;
    conn->tries = 0;
    if (conn->instance != instance) {
        kmi_way_remove(conn);
        conn->instance = instance;
        kmi_way_add(conn);
    }
    conn->counts.ups++;
    conn->counts.restarts += restarted;
    if (restarted)
        kmi_log(KMSG_INFO, "%s: it has been started anew since", conn->url);
    kmi_watch_tell(conn, restarted ? KMSG_PEER_RESTARTED : KMSG_PEER_UP, KMSG_OK);
    kmi_idle_up(conn);
    kmi_queue_up(conn);
}

static void on_up(kmi_link *link)
{
    kmi_conn *conn = link->owner;

    kmi_who_came(conn);
    if (kmi_way_is_taken(conn, link->their.instance)) {
        kmi_conn_breach(conn, not_himself);
        return;
    }
    kmi_timer_stop(&conn->node->timers, &conn->timer);
    if (conn->closing)
        set_timer(conn, CLOSE_MS);
    come_up(conn);
    if (conn->pings != NULL)
        kmi_ping_send(conn);
    kmi_conn_written(conn);
}

static bool is_himself(kmi_conn *guest)
{
    kmi_who_came(guest);
    if (!kmi_way_is_taken(guest, guest->link->their.instance))
        return true;
    kmi_log(KMSG_WARNING, "%s: %s", guest->url, not_himself);
    return false;
}

static bool on_accepted(kmi_link *link, const char *url)
{
    kmsg_node *node = link->net->node;
    kmi_conn  *conn;

    if (node->closing)
        return false;
    conn = kmi_conn_new(node, url);
    if (conn == NULL)
        return false;
    conn->datagram = link->datagram;
    conn->link = link;
    if (!is_himself(conn) || (!conn->datagram && !kmi_watch_guest(conn))) {
        conn->link = NULL;
        kmi_conn_leave(conn);
        return false;
    }
    conn->accepted = true;
    node->guests++;
    link->owner = conn;
    link->out = &conn->out;
    come_up(conn);
    if (link->via != NULL && link->via->once)
        kmi_listener_came(link->via->owner, conn);
    return true;
}

/* What followed a streaming CALL that has not left cannot follow it to the next link. */
static bool has_spoken(const kmi_ask *ask)
{
    return ask->stream != NULL && ask->stream->spoke;
}

static void lose_calls(kmi_conn *conn, const char *why)
{
    for (size_t i = 0; i < conn->slot_count; i++) {
        kmi_ask *ask = conn->slots[i].ask;
        if (ask == NULL)
            continue;
        if (!ask->queued && !kmi_out_is_unsent(&conn->out, ask->frame_at)) {
            if (!kmi_repeat(ask))
                kmi_ask_fail(ask, KMSG_ELOST, why);
        } else if (conn->accepted || has_spoken(ask)) {
            kmi_queue_take_back(conn, ask);
            kmi_ask_fail(ask, KMSG_EUNSENT, why);
        }
    }
    kmi_calls_over(conn);
}

static void lose_link(kmi_conn *conn, kmsg_err err)
{
    bool held = kmi_idle_down(conn);

    conn->guest = false;
    conn->counts.losses += err != KMSG_ECLOSED;
    if (err == KMSG_ECLOSED)
        conn->unproved = false; /* who says good-bye has read what came before */
    kmi_pings_end(conn, err);
    kmi_watch_tell(conn, KMSG_PEER_DOWN, err);
    if (conn->accepted) {
        say_unwritten(conn);
        go(conn);
    } else {
        rest(conn, held);
    }
}

static void on_down(kmi_link *link, kmsg_err err, const char *why)
{
    kmi_conn *conn = link->owner;

    let_go(conn);
    if (err == KMSG_EPROTOCOL && !conn->accepted)
        kmi_log(KMSG_WARNING, "%s: %s", conn->url, why);
    kmi_conn_ref(conn);
    if (conn->state == KMI_CONN_CONNECTING) {
        dial_failed(conn, err, why);
    } else if (conn->state == KMI_CONN_UP) {
        lose_calls(conn, why);
        lose_link(conn, err);
    }
    kmi_link_close(link);
    kmi_conn_unref(conn);
}

void kmi_conn_part(kmi_conn *conn)
{
    kmi_link *link;

    kmi_conn_ref(conn);
    kmi_conn_control(conn, KMI_BYE, 0, 0);
    if (conn->link != NULL)
        kmi_link_flush(conn->link);
    link = let_go(conn); /* NULL: it broke, and that has been dealt with */
    if (link != NULL)
        lose_link(conn, KMSG_ECLOSED);
    kmi_link_close(link);
    kmi_conn_unref(conn);
}

static void on_wrote(kmi_link *link)
{
    kmi_conn_written(link->owner);
}

const kmi_net_events kmi_conn_events = {on_accepted, on_up, on_down, on_wrote};

/* ---- the end ------------------------------------------------------------------------------- */

static void end_calls(kmi_conn *conn)
{
    for (size_t i = 0; i < conn->slot_count; i++)
        if (conn->slots[i].ask != NULL)
            kmi_ask_drop(conn->slots[i].ask, KMSG_ECLOSED);
    kmi_calls_over(conn);
}

/* Requests that nobody will send any more; that calls among them failed, their callers know. */
static void count_unwritten(void *ctx, uint8_t *frame, uint64_t offset)
{
    (void)offset;
    *(size_t *)ctx += frame[4] == KMI_TELL;
}

static void say_unwritten(kmi_conn *conn)
{
    size_t count = kmi_queue_cut(conn);

    kmi_out_each(&conn->out, count_unwritten, &count);
    kmi_out_each(&conn->queue, count_unwritten, &count);
    kmi_queue_dropped(conn, count, "not written before the end");
}

void kmi_conn_close(kmi_conn *conn)
{
    if (conn->closing || conn->state == KMI_CONN_GONE)
        return;
    kmi_conn_ref(conn);
    end_calls(conn);
    kmi_pings_end(conn, KMSG_ECLOSED);
    conn->closing = true;
    if (conn->state == KMI_CONN_UP) {
        set_timer(conn, CLOSE_MS);
        kmi_conn_written(conn);
    } else if (conn->state != KMI_CONN_GONE) { /* it may have gone while the other side was told */
        say_unwritten(conn);
        go(conn);
    }
    kmi_conn_unref(conn);
}

void kmi_conn_end(kmi_conn *conn)
{
    kmi_link *link = conn->link;

    if (link != NULL)
        link->owner = NULL; /* what happens to it from here on is no news any more */
    end_calls(conn);
    if (conn->state == KMI_CONN_UP && conn != conn->node->self->conn) {
        kmi_queue_pump(conn);
        if (conn->farewell || conn->datagram ||
            kmi_out_control(&conn->out, KMI_BYE, 0, 0) == KMSG_OK)
            kmi_link_flush(link);
    }
    say_unwritten(conn);
    conn->link = NULL;
    conn->state = KMI_CONN_GONE;
    kmi_link_close(link);
}
