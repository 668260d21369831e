/* pair.c -- two processes that have each other and nobody else: a parent and what it starts.
 *
 * By address: a listener that lets in one. The network part stops it when somebody has said hello
 * (net.c); here is who that was. By descriptor: one end of a socket pair, whose connection is like
 * one that was accepted: it cannot be dialled, so it goes with its link. Until the other end says
 * hello it counts as connecting, without a limit, and what is asked meanwhile waits.
 *
 * Such a peer was asked for by its user, not brought by a link: so the user keeps it until he
 * closes it, while the connection may be gone for long.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"

#include <unistd.h>

/* ---- by address ------------------------------------------------------------------------------ */

kmsg_err kmsg_listen_once(kmsg_node *node, const char *url, kmsg_listener **ret)
{
    kmsg_listener *listener;
    kmsg_err       err = kmi_listen(node, url, true, &listener);

    if (err != KMSG_OK)
        return err;
    listener->acceptor->bound.port = 0; /* is not told others: they would come instead */
    *ret = listener;
    return KMSG_OK;
}

void kmi_listener_came(kmsg_listener *listener, kmi_conn *conn)
{
    listener->came = conn->peer;
    kmi_peer_keep(conn->peer);
}

/* A callback has closed it: whoever waits last frees it. */
static kmsg_err left_alone(kmsg_listener *listener)
{
    if (listener->waits == 0)
        kmi_free(listener);
    return kmi_error(KMSG_ECLOSED, "the listener was closed while somebody waited there");
}

static kmsg_err wait_for_one(kmsg_listener *listener, uint32_t timeout_ms)
{
    kmsg_node *node = listener->node;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, timeout_ms);

    if (err != KMSG_OK)
        return err;
    listener->waits++;
    while (listener->came == NULL && listener->acceptor != NULL && !until.over)
        kmi_node_turn(node, timeout_ms > 0, &until.over);
    listener->waits--;
    kmi_limit_done(&until, node);
    if (listener->acceptor == NULL)
        return left_alone(listener);
    if (listener->came != NULL)
        return KMSG_OK;
    return kmi_error(KMSG_ETIMEDOUT, "%s: nobody came within %u ms", listener->acceptor->url,
                     timeout_ms);
}

kmsg_err kmsg_accept(kmsg_listener *listener, uint32_t timeout_ms, kmsg_peer **ret)
{
    kmsg_err err = KMSG_OK;

    if (!listener->acceptor->once)
        return kmi_error(KMSG_EINVAL, "%s: it lets in all who come: see kmsg_node_watch()",
                         listener->acceptor->url);
    if (listener->handed)
        return kmi_error(KMSG_EEXIST, "%s: the one who came was accepted before",
                         listener->acceptor->url);
    if (listener->came == NULL)
        err = wait_for_one(listener, timeout_ms);
    if (err != KMSG_OK)
        return err;
    listener->handed = true;
    *ret = listener->came;
    return KMSG_OK;
}

/* ---- by descriptor --------------------------------------------------------------------------- */

kmsg_err kmi_pair_adopt(kmsg_node *node, int fd, bool guest, kmsg_peer **ret)
{
    char      url[32];
    kmi_conn *conn;
    kmsg_err  err;

    snprintf(url, sizeof url, "fd:%d", fd);
    conn = kmi_conn_new(node, url);
    if (conn == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    conn->accepted = true;
    conn->state = KMI_CONN_CONNECTING;
    err = kmi_net_adopt(&node->net, fd, guest, &conn->out, conn, &conn->link);
    if (err != KMSG_OK) {
        kmi_conn_leave(conn);
        return err;
    }
    kmi_peer_keep(conn->peer);
    *ret = conn->peer;
    return KMSG_OK;
}

kmsg_err kmsg_pair(kmsg_node *node, kmsg_peer **ret, int *ret_fd)
{
    int      ends[2];
    kmsg_err err = kmi_node_check(node);

    if (err == KMSG_OK)
        err = node->sys->pair(ends);
    if (err != KMSG_OK)
        return err;
    err = kmi_pair_adopt(node, ends[0], true, ret);
    if (err == KMSG_OK) {
        *ret_fd = ends[1];
        return KMSG_OK;
    }
    close(ends[0]);
    close(ends[1]);
    return err;
}
