/* ping.c -- how long the way there and back takes.
 *
 * A PING says nothing but that a PONG is wanted, so one is on its way at a time; who else wants to
 * know waits for the same one. The pings by which a link asks a silent other side for a sign of
 * life are measured as well: so a connection that is kept alive knows its time without being asked.
 */
#include "core/object.h"

#include "base/err.h"

typedef struct kmi_ping {
    kmi_timer timer;
    kmi_ping *next; /* of the connection */
    kmi_conn *conn;
    kmsg_err  err;
    bool      done;
} kmi_ping;

/* ---- measuring ----------------------------------------------------------------------------- */

void kmi_ping_send(kmi_conn *conn)
{
    if (conn->link->pinged_ns != 0)
        return;
    conn->link->pinged_ns = conn->node->sys->now_ns();
    conn->link->pinged_at = kmi_out_offset(&conn->out);
    kmi_conn_control(conn, KMI_PING, 0, 0);
}

/* As TCP does it: a new time counts for an eighth, its deviation for a quarter. */
static void measure(kmi_rtt *rtt, int64_t ns)
{
    int64_t off_ns;

    rtt->last_ns = ns;
    if (rtt->smooth_ns == 0) {
        rtt->smooth_ns = ns;
        return;
    }
    off_ns = ns > rtt->smooth_ns ? ns - rtt->smooth_ns : rtt->smooth_ns - ns;
    rtt->jitter_ns += (off_ns - rtt->jitter_ns) / 4;
    rtt->smooth_ns += (ns - rtt->smooth_ns) / 8;
}

static void end_first(kmi_conn *conn, kmsg_err err)
{
    kmi_ping *p = conn->pings;

    conn->pings = p->next;
    p->err = err;
    p->done = true;
}

void kmi_ping_answered(kmi_conn *conn)
{
    kmi_link *link = conn->link;
    int64_t   ns;

    if (link->pinged_ns == 0)
        return; /* nobody has asked */
    ns = conn->node->sys->now_ns() - link->pinged_ns;
    link->pinged_ns = 0;
    link->proved_at = link->pinged_at;
    measure(&conn->rtt, ns < 1 ? 1 : ns);
    kmi_pings_end(conn, KMSG_OK);
}

void kmi_pings_end(kmi_conn *conn, kmsg_err err)
{
    while (conn->pings != NULL)
        end_first(conn, err);
}

/* ---- asking -------------------------------------------------------------------------------- */

static void on_timeout(kmi_timer *timer, int64_t now_ns)
{
    kmi_ping  *p = (kmi_ping *)(void *)timer;
    kmi_ping **at = &p->conn->pings;

    (void)now_ns;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    p->err = KMSG_ETIMEDOUT;
    p->done = true;
}

static void wait_for(kmi_ping *p)
{
    kmi_conn *conn = p->conn;

    p->next = conn->pings;
    conn->pings = p;
    if (conn->state == KMI_CONN_UP)
        kmi_ping_send(conn);
    else
        kmi_conn_connect(conn);
    while (!p->done)
        kmi_node_turn(conn->node, true, &p->done);
}

/* Of a name: until somebody was found who has it. */
static kmsg_err wait_until_found(const kmsg_peer *peer, uint32_t timeout_ms)
{
    kmi_limit until;
    kmsg_err  err;

    if (peer->named == NULL || kmi_named_is_settled(peer))
        return KMSG_OK;
    err = kmi_limit_init(&until, peer->node, timeout_ms);
    if (err != KMSG_OK)
        return err;
    while (!kmi_named_is_settled(peer) && !until.over)
        kmi_node_turn(peer->node, true, &until.over);
    kmi_limit_done(&until, peer->node);
    if (kmi_named_is_settled(peer))
        return KMSG_OK;
    return kmi_error(KMSG_ETIMEDOUT, "%s: nobody was found who has it", kmsg_peer_url(peer));
}

/* To an address: the next node on the way there. */
static kmsg_err find_conn(kmsg_peer *peer, kmi_conn **ret)
{
    kmi_place to = peer->to;
    kmsg_err  err = KMSG_OK;

    if (peer->is_reached)
        err = kmi_route(peer->node, &to, ret);
    else
        *ret = kmi_peer_conn(peer);
    if (err == KMSG_OK)
        err = kmi_conn_check_answers(*ret);
    return err == KMSG_OK ? kmi_conn_check(*ret) : err;
}

kmsg_err kmsg_ping(kmsg_peer *peer, uint32_t timeout_ms, kmsg_duration *ret_rtt)
{
    kmsg_node *node = peer->node;
    kmi_ping   p = {.done = false};
    kmsg_err   err = wait_until_found(peer, timeout_ms);

    if (err == KMSG_OK)
        err = find_conn(peer, &p.conn);
    if (err == KMSG_OK)
        err = kmi_timer_init(&node->timers, &p.timer, on_timeout);
    if (err != KMSG_OK)
        return err;
    kmi_conn_ref(p.conn);
    kmi_timer_set(&node->timers, &p.timer, node->sys->now_ns() + timeout_ms * KMI_MS);
    wait_for(&p);
    kmi_timer_done(&node->timers, &p.timer);
    if (p.err != KMSG_OK)
        err = kmi_error(p.err, "%s: %s", p.conn->url, kmsg_strerror(p.err));
    else if (ret_rtt != NULL)
        *ret_rtt = p.conn->rtt.last_ns;
    kmi_conn_unref(p.conn);
    return err;
}
