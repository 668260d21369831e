/* connect.c -- waiting for a connection for its own sake.
 *
 * A call is failed by one dial that fails, since its caller may know better than to wait. Who waits
 * here wants the connection itself, and hears of a failure only when nothing more is tried: after
 * as many delays as the peer's rule has, or when his time is over.
 */
#include "core/object.h"

#include "base/err.h"

static bool is_decided(const kmi_conn *conn)
{
    return conn->state == KMI_CONN_UP || conn->state == KMI_CONN_IDLE ||
           conn->state == KMI_CONN_GONE;
}

static kmsg_err outcome(const kmi_conn *conn, uint32_t timeout_ms)
{
    kmsg_err why = conn->failed == KMSG_OK ? KMSG_ELOST : conn->failed;

    if (conn->state == KMI_CONN_UP)
        return KMSG_OK;
    if (is_decided(conn))
        return kmi_error(why, "%s: %s", conn->url, kmsg_strerror(why));
    if (conn->failed != KMSG_OK)
        return kmi_error(KMSG_ETIMEDOUT, "%s: not connected within %u ms: %s", conn->url,
                         timeout_ms, kmsg_strerror(why));
    return kmi_error(KMSG_ETIMEDOUT, "%s: not connected within %u ms", conn->url, timeout_ms);
}

/* A name: until somebody has it, who is connected then. */
static kmsg_err connect_named(kmsg_peer *peer, uint32_t timeout_ms)
{
    kmsg_node *node = peer->node;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, timeout_ms);

    if (err != KMSG_OK)
        return err;
    while (!kmi_named_is_settled(peer) && !until.over &&
           (err = kmi_conn_check(peer->named->room)) == KMSG_OK)
        kmi_node_turn(node, true, &until.over);
    if (err == KMSG_OK && !kmi_named_is_settled(peer))
        err = kmi_error(KMSG_ETIMEDOUT, "%s: nobody was found who publishes it",
                        kmsg_peer_url(peer));
    kmi_limit_done(&until, node);
    return err;
}

kmsg_err kmsg_connect(kmsg_peer *peer, uint32_t timeout_ms)
{
    kmsg_node *node = peer->node;
    kmi_conn  *conn = kmi_peer_conn(peer);
    kmi_limit  until;
    kmsg_err   err = kmi_conn_check(conn);

    if (err == KMSG_OK && peer->named != NULL)
        return connect_named(peer, timeout_ms);
    if (err == KMSG_OK && peer->is_reached)
        err = kmi_error(KMSG_EINVAL, "a peer of an address has no connection of its own");
    if (err == KMSG_OK)
        err = kmi_limit_init(&until, node, timeout_ms);
    if (err != KMSG_OK)
        return err;
    kmi_conn_ref(conn);
    conn->wanted++;
    conn->failed = KMSG_OK;
    kmi_conn_connect(conn);
    while (!is_decided(conn) && !until.over)
        kmi_node_turn(node, true, &until.over);
    conn->wanted--;
    err = outcome(conn, timeout_ms);
    kmi_limit_done(&until, node);
    kmi_conn_unref(conn);
    return err;
}
