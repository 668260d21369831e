/* idle.c -- connections that nobody uses, and those that may have died unnoticed.
 *
 * Who has dialled a connection ends it when it was of no use for a while. One side alone cannot
 * know that: a request may be on its way from the other one, and would be lost. So it asks, with a
 * LEAVE, and from then on writes no request; the other side either needs the connection, and says
 * so, or says BYE as the last thing it says. What was to be sent meanwhile goes out in the first
 * case on this link, in the second on the next one.
 *
 * Whoever has sent an address of an object over a connection keeps it: the other side may send
 * there at any time, and might have no other way.
 *
 * A link that has been silent for so long that its other side may be gone is in doubt: then the
 * first request is not written into it, but waits, and a PING goes out. Anything that comes back
 * settles it. If nothing comes, nothing was lost, for nothing was sent: the link is given up, and
 * the request goes out on the next one. Where calls are in flight, these would be lost with it; and
 * what was sent and may lie unread there could be overtaken by what goes over the next one. In both
 * cases the link's own keep-alive decides.
 *
 * So two timers of a connection are never needed at once: for how long it may be unused, and for
 * how long requests are held back.
 */
#include "core/core.h"

#include "base/err.h"

#define HOLD_NS      (2000 * KMI_MS)
#define REUSE_MAX_MS (24u * 60u * 60u * 1000u)
#define LOOKS        4 /* at one that is needed, within the time that it may be unused */

/* ---- facts --------------------------------------------------------------------------------- */

/* Calls that the link knows of, in either direction. */
static bool has_calls(const kmi_conn *conn)
{
    for (size_t i = 0; i < conn->slot_count; i++)
        if (conn->slots[i].ask != NULL && !conn->slots[i].ask->queued)
            return true;
    return conn->in_used > 0;
}

/* Would something be missed if it ended now? */
static bool is_needed(const kmi_conn *conn)
{
    return conn->closing || conn->addressed || kmi_conn_waiting(conn) > 0 ||
           conn->credit.kept > 0 || conn->pings != NULL || has_calls(conn) || kmi_watch_any(conn);
}

/* Is it for us to end it? */
static bool is_ours(const kmi_conn *conn)
{
    return conn->address != NULL && !conn->guest && conn->node->reuse_ns > 0;
}

static int64_t hold_ns(const kmsg_node *node)
{
    int64_t patience_ns = node->net.session.dead_ns - node->net.session.idle_ns;

    return patience_ns < HOLD_NS ? patience_ns : HOLD_NS;
}

static void set_timer(kmi_conn *conn, int64_t at_ns)
{
    kmi_timer_set(&conn->node->timers, &conn->idle, at_ns);
}

/* ---- in doubt ------------------------------------------------------------------------------ */

static bool is_doubtful(const kmi_conn *conn)
{
    const kmsg_node   *node = conn->node;
    const kmi_session *session = conn->link->session;
    int64_t            long_ns = node->net.session.dead_ns, reuse_ns = node->reuse_ns / 4 * 3;

    if (session->asked)
        return true;
    if (reuse_ns > 0 && reuse_ns < long_ns)
        long_ns = reuse_ns;
    return node->sys->now_ns() - session->heard_ns >= long_ns;
}

static void begin_doubt(kmi_conn *conn)
{
    kmsg_node *node = conn->node;
    int64_t    now_ns = node->sys->now_ns();

    if (conn->link->pinged_ns == 0) {
        if (kmi_out_control(&conn->out, KMI_PING, 0, 0) != KMSG_OK)
            return; /* the request itself will find no memory either */
        conn->link->pinged_ns = now_ns;
        conn->link->pinged_at = kmi_out_offset(&conn->out);
    }
    conn->doubted = true;
    set_timer(conn, now_ns + hold_ns(node));
    kmi_conn_written(conn);
}

/* The clock is asked once a turn: what is dirty, or cannot be written, was looked at before. */
void kmi_idle_use(kmi_conn *conn)
{
    conn->used_ns = conn->node->net.now_ns;
    if (conn->state != KMI_CONN_UP)
        return;
    if (conn->leaving && kmi_out_waiting(&conn->queue) == 0)
        set_timer(conn, conn->node->sys->now_ns() + hold_ns(conn->node));
    else if (!conn->leaving && !conn->doubted && !conn->dirty && conn->link->session != NULL &&
             is_doubtful(conn))
        begin_doubt(conn);
}

static void go_on(kmi_conn *conn)
{
    conn->doubted = conn->leaving = false;
    if (is_ours(conn))
        set_timer(conn, conn->node->net.now_ns + conn->node->reuse_ns);
    else
        kmi_timer_stop(&conn->node->timers, &conn->idle);
    kmi_queue_pump(conn);
}

void kmi_idle_heard(kmi_conn *conn)
{
    if (conn->doubted && !conn->leaving)
        go_on(conn);
}

/* Requests wait, and nothing has come. */
static void hold_over(kmi_conn *conn, int64_t now_ns)
{
    const kmi_session *session = conn->link->session;

    if (session == NULL)
        return; /* a node of this process is just busy */
    if (now_ns - session->heard_ns < hold_ns(conn->node))
        set_timer(conn, session->heard_ns + hold_ns(conn->node));
    else if (!conn->accepted && !has_calls(conn) && !kmi_conn_is_unproved(conn))
        kmi_conn_events.down(conn->link, KMSG_ELOST, "it gives no sign of life");
}

/* ---- not used ------------------------------------------------------------------------------ */

static void ask_to_leave(kmi_conn *conn)
{
    conn->leaving = true;
    kmi_conn_control(conn, KMI_LEAVE, 0, KMI_LEAVE_ASK);
}

void kmi_idle_leave(kmi_conn *conn, uint32_t what)
{
    if (what == KMI_LEAVE_NO)
        go_on(conn);
    else if (is_needed(conn))
        kmi_conn_control(conn, KMI_LEAVE, 0, KMI_LEAVE_NO);
    else
        kmi_conn_part(conn);
}

static void on_idle(kmi_timer *timer, int64_t now_ns)
{
    kmi_conn *conn = (kmi_conn *)(void *)((uint8_t *)timer - offsetof(kmi_conn, idle));
    int64_t   reuse_ns = conn->node->reuse_ns;

    if (conn->state != KMI_CONN_UP)
        return;
    if (conn->doubted || (conn->leaving && kmi_out_waiting(&conn->queue) > 0))
        hold_over(conn, now_ns);
    else if (conn->leaving || !is_ours(conn))
        return;
    else if (is_needed(conn))
        set_timer(conn, now_ns + reuse_ns / LOOKS + 1);
    else if (now_ns < conn->used_ns + reuse_ns)
        set_timer(conn, conn->used_ns + reuse_ns);
    else if (conn->datagram) /* nobody knows of it */
        kmi_conn_part(conn);
    else
        ask_to_leave(conn);
}

/* ---- coming and going ---------------------------------------------------------------------- */

kmsg_err kmi_idle_init(kmi_conn *conn)
{
    return kmi_timer_init(&conn->node->timers, &conn->idle, on_idle);
}

void kmi_idle_up(kmi_conn *conn)
{
    conn->used_ns = conn->node->net.now_ns;
    conn->doubted = conn->leaving = false;
    if (is_ours(conn))
        set_timer(conn, conn->used_ns + conn->node->reuse_ns);
}

bool kmi_idle_down(kmi_conn *conn)
{
    bool held = conn->doubted || conn->leaving;

    conn->doubted = conn->leaving = false;
    kmi_timer_stop(&conn->node->timers, &conn->idle);
    return held;
}

kmsg_err kmsg_node_set_reuse(kmsg_node *node, uint32_t reuse_ms)
{
    if (reuse_ms > REUSE_MAX_MS)
        return kmi_error(KMSG_EINVAL, "a connection that is not used stays for a day at most");
    node->reuse_ns = reuse_ms * KMI_MS;
    return KMSG_OK;
}
