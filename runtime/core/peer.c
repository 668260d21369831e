/* peer.c -- what the user holds: a connection, how long to wait there, and the last error that was
 * thrown from there.
 */
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"

#define TIMEOUT_MAX_MS (24u * 60u * 60u * 1000u)

kmsg_peer *kmi_peer_new(kmi_conn *conn)
{
    kmsg_peer *peer = kmi_alloc_zeroed(sizeof *peer);

    if (peer == NULL)
        return NULL;
    peer->node = conn->node;
    peer->conn = kmi_conn_ref(conn);
    peer->refs = 1;
    peer->timeout_ms = KMSG_CALL_TIMEOUT_MS;
    return peer;
}

void kmi_peer_last_unref(kmsg_peer *peer)
{
    kmi_watches_end(peer);
    kmi_slab_unref(peer->thrown);
    kmi_conn_unref(peer->conn);
    if (peer->named != NULL)
        kmi_conn_unref(peer->named->room);
    kmi_free(peer->named);
    kmi_free(peer);
}

static void put_in(kmsg_peer **list, kmsg_peer *peer)
{
    peer->next = *list;
    peer->prev = NULL;
    if (peer->next != NULL)
        peer->next->prev = peer;
    *list = peer;
}

static void take_out(kmsg_peer **list, kmsg_peer *peer)
{
    if (peer->prev != NULL)
        peer->prev->next = peer->next;
    else
        *list = peer->next;
    if (peer->next != NULL)
        peer->next->prev = peer->prev;
}

void kmi_peer_keep(kmsg_peer *peer)
{
    peer->kept = true;
    put_in(&peer->node->kept, kmi_peer_ref(peer));
}

void kmi_peer_release(kmsg_peer *peer)
{
    peer->kept = false;
    take_out(&peer->node->kept, peer);
    kmi_peer_unref(peer);
}

kmsg_err kmsg_dial(kmsg_node *node, const char *url, kmsg_peer **ret)
{
    kmi_address address;
    kmi_conn   *conn;
    kmsg_err    err = kmi_address_parse(url, &address);

    if (err == KMSG_OK)
        err = kmi_node_check(node);
    if (err == KMSG_OK)
        err = kmi_net_check(&node->net, &address);
    if (err == KMSG_OK && kmi_address_has_port(&address) && address.endpoint.port == 0)
        err = kmi_error(KMSG_EADDRESS, "%s: nobody can be reached at port 0", url);
    if (err != KMSG_OK)
        return err;
    if (address.scheme == KMI_SCHEME_FD)
        return kmi_pair_adopt(node, address.fd, false, ret);
    conn = kmi_conn_new(node, url);
    if (conn == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    conn->address = kmi_alloc(sizeof *conn->address);
    if (conn->address == NULL) {
        kmi_conn_leave(conn);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    *conn->address = address;
    conn->datagram = address.scheme == KMI_SCHEME_UDP;
    *ret = conn->peer;
    return KMSG_OK;
}

kmsg_peer *kmsg_self(kmsg_node *node)
{
    return node->self;
}

/* ---- what was asked of it ------------------------------------------------------------------ */

/* Questions of a peer of an address or a name may be under way over any connection. */
static kmi_conn *first_conn(const kmsg_peer *peer)
{
    return peer->is_reached || peer->named != NULL ? peer->node->conns : peer->conn;
}

static kmi_conn *next_conn(const kmsg_peer *peer, const kmi_conn *conn)
{
    return peer->is_reached || peer->named != NULL ? conn->next : NULL;
}

void kmi_peer_drop_asks(kmsg_peer *peer)
{
    for (kmi_conn *conn = first_conn(peer); conn != NULL; conn = next_conn(peer, conn))
        for (size_t i = 0; i < conn->slot_count; i++)
            if (conn->slots[i].ask != NULL && conn->slots[i].ask->peer == peer)
                kmi_ask_drop(conn->slots[i].ask, KMSG_ECLOSED);
}

size_t kmsg_cancel(kmsg_peer *peer, const void *ctx)
{
    size_t count = 0;

    for (kmi_conn *conn = first_conn(peer); conn != NULL; conn = next_conn(peer, conn))
        for (size_t i = 0; i < conn->slot_count; i++) {
            kmi_ask *ask = conn->slots[i].ask;
            if (ask == NULL || ask->blocking || ask->peer != peer || ask->ctx != ctx)
                continue;
            if (ask->stream != NULL)
                ask->stream->muted = true;
            kmi_ask_drop(ask, KMSG_ECANCELED);
            count++;
        }
    return count;
}

/* ---- closing ------------------------------------------------------------------------------- */

static void close_reached(kmsg_peer *peer)
{
    kmi_peer_drop_asks(peer);
    take_out(&peer->node->reached, peer);
    kmi_peer_unref(peer);
}

void kmi_peers_done(kmsg_node *node)
{
    while (node->reached != NULL)
        close_reached(node->reached);
    while (node->kept != NULL)
        kmi_peer_release(node->kept);
}

void kmsg_peer_close(kmsg_peer *peer)
{
    bool kept;

    if (peer == NULL)
        return;
    if (peer->named != NULL) {
        peer->named->on_close(peer->named->ctx, peer);
        return;
    }
    kept = peer->kept;
    assert(peer != peer->node->self && "kmsg_peer_close() of the node itself");
    if (kmi_conn_is_mute(peer->conn))
        return;
    kmi_watches_end(peer);
    if (peer->is_reached)
        close_reached(peer);
    else if (!kmi_share_leave(peer))
        kmi_conn_close(peer->conn);
    if (kept)
        kmi_peer_release(peer);
}

/* ---- flushing ------------------------------------------------------------------------------ */

static kmsg_err flushed(const kmi_conn *conn)
{
    size_t left = kmi_conn_waiting(conn);

    if (left == 0)
        return KMSG_OK;
    if (conn->state == KMI_CONN_GONE)
        return kmi_error(KMSG_ECLOSED, "%s: closed with %zu bytes unwritten", conn->url, left);
    return kmi_error(KMSG_ETIMEDOUT, "%s: %zu bytes are not written yet%s", conn->url, left,
                     conn->state != KMI_CONN_UP          ? ": there is no connection"
                     : kmi_out_waiting(&conn->queue) > 0 ? ": the other side is not done with "
                                                           "what it has"
                                                         : "");
}

kmsg_err kmsg_flush(kmsg_peer *peer)
{
    kmsg_node *node = peer->node;
    kmi_conn  *conn = peer->conn;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, peer->timeout_ms);

    if (err != KMSG_OK)
        return err;
    kmi_conn_ref(conn);
    kmi_node_flush(node);
    while (!until.over && conn->state != KMI_CONN_GONE && kmi_conn_waiting(conn) > 0)
        kmi_node_turn(node, true, &until.over);
    err = flushed(conn);
    kmi_limit_done(&until, node);
    kmi_conn_unref(conn);
    return err;
}

/* ---- facts --------------------------------------------------------------------------------- */

static uint32_t calls_in_flight(const kmi_conn *conn)
{
    uint32_t count = 0;

    for (size_t i = 0; i < conn->slot_count; i++)
        count += conn->slots[i].ask != NULL;
    return count;
}

static kmsg_peer_state state_of(const kmi_conn *conn)
{
    static const kmsg_peer_state states[] = {
        [KMI_CONN_IDLE] = KMSG_PEER_IDLE,    [KMI_CONN_CONNECTING] = KMSG_PEER_CONNECTING,
        [KMI_CONN_UP] = KMSG_PEER_CONNECTED, [KMI_CONN_WAITING] = KMSG_PEER_WAITING,
        [KMI_CONN_GONE] = KMSG_PEER_CLOSED,
    };

    return conn->closing ? KMSG_PEER_CLOSED : states[conn->state];
}

void kmsg_peer_info(const kmsg_peer *peer, kmsg_peer_facts *ret)
{
    kmi_conn         *conn = peer->conn;
    const kmi_link   *link = conn->link;
    const kmi_counts *counts = &conn->counts;
    bool              up = conn->state == KMI_CONN_UP;

    *ret = (kmsg_peer_facts){
        .state = state_of(conn),
        .accepted = conn->accepted || conn->guest,
        .shared_memory = up && link->shared,
        .encrypted = up && link->identity.kind == KMSG_IDENTITY_KEY,
        .instance = conn->instance,
        .ups = counts->ups,
        .restarts = counts->restarts,
        .losses = counts->losses,
        .rtt = conn->rtt.smooth_ns,
        .jitter = conn->rtt.jitter_ns,
        .calls = calls_in_flight(conn),
        .waiting = conn->out.requests + conn->queue.requests,
        .waiting_bytes = kmi_conn_waiting(conn),
        .credit = up && conn->credit.left > 0 ? conn->credit.left : 0,
        .credit_bytes = up && conn->credit.left_bytes > 0 ? conn->credit.left_bytes : 0,
        .refused = counts->refused + (link == NULL ? 0 : link->refused),
        .sent = counts->sent,
        .received = counts->received,
        .dropped = counts->dropped + (link == NULL ? 0 : link->dropped),
        .bytes_sent = counts->bytes_out + (link == NULL ? 0 : link->bytes_out),
        .bytes_received = counts->bytes_in + (link == NULL ? 0 : link->bytes_in)};
}

const char *kmsg_peer_url(const kmsg_peer *peer)
{
    return peer->conn->url;
}

kmsg_node *kmsg_peer_node(const kmsg_peer *peer)
{
    return peer->node;
}

void kmsg_peer_set_timeout_ms(kmsg_peer *peer, uint32_t timeout_ms)
{
    assert(timeout_ms >= 1 && timeout_ms <= TIMEOUT_MAX_MS && "a time-out is 1 ms to 24 hours");
    peer->timeout_ms = timeout_ms;
    peer->timeout_is_set = true;
}
