/* room.c -- what becomes of a request when too many wait already.
 *
 * Where the user has set limits for a peer, a request that has no room takes nothing before some
 * was made: so whatever happens while it waits for some, nobody else knows of it yet. What waits is
 * counted over both buffers. Where the oldest gives way, the output is kept short, so that what is
 * dropped has not been promised to the system, and gives its memory back.
 */
#include "core/core.h"

#include "base/err.h"

/* ---- limits -------------------------------------------------------------------------------- */

kmsg_err kmsg_peer_set_queue(kmsg_peer *peer, const kmsg_queue_options *options)
{
    static const kmsg_queue_options none = {0};
    kmi_conn                       *conn = peer->conn;

    if (peer->is_reached || peer->named != NULL)
        return kmi_error(KMSG_EINVAL, "a peer of an address or a name has no queue of its own");
    if (options != NULL && options->size > KMSG_SEND_QUEUE_MAX)
        return kmi_error(KMSG_EINVAL, "a queue has at most %zu bytes", KMSG_SEND_QUEUE_MAX);
    conn->limited = options != NULL;
    conn->limits = options == NULL ? none : *options;
    if (conn->limits.messages == 0)
        conn->limits.messages = UINT32_MAX;
    if (conn->limits.size == 0)
        conn->limits.size = KMSG_SEND_QUEUE_MAX;
    return KMSG_OK;
}

/* One message of any size is taken where nothing waits. */
bool kmi_room_fits(const kmi_conn *conn, size_t room)
{
    size_t waiting = kmi_conn_waiting(conn);

    return conn->out.requests + conn->queue.requests < conn->limits.messages &&
           (waiting == 0 || waiting + room <= conn->limits.size);
}

static kmsg_err check(const kmi_conn *conn, size_t room)
{
    if (conn->closing || conn->state == KMI_CONN_GONE)
        return kmi_error(KMSG_ECLOSED, "%s: the peer is closed", conn->url);
    if (kmi_room_fits(conn, room))
        return KMSG_OK;
    return kmi_error(KMSG_EFULL, "%s: %u requests wait to be sent, %zu bytes", conn->url,
                     conn->out.requests + conn->queue.requests, kmi_conn_waiting(conn));
}

/* ---- making room --------------------------------------------------------------------------- */

static kmsg_err wait_for_room(kmi_conn *conn, size_t room, uint32_t timeout_ms)
{
    kmsg_node *node = conn->node;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, timeout_ms);

    if (err != KMSG_OK)
        return err;
    err = check(conn, room);
    while (err == KMSG_EFULL && !until.over) {
        kmi_node_turn(node, true, &until.over);
        err = check(conn, room);
    }
    kmi_limit_done(&until, node);
    return err;
}

static kmsg_err drop_until_room(kmi_conn *conn, size_t room)
{
    while (!kmi_room_fits(conn, room) && kmi_queue_drop_oldest(conn))
        continue;
    return check(conn, room);
}

static kmsg_err make_room(kmi_conn *conn, size_t room, uint32_t timeout_ms)
{
    kmi_conn_flush(conn);
    if (kmi_room_fits(conn, room))
        return KMSG_OK;
    switch (conn->limits.when_full) {
    case KMSG_WAIT:
        return timeout_ms == 0 ? check(conn, room) : wait_for_room(conn, room, timeout_ms);
    case KMSG_DROP_OLDEST: return drop_until_room(conn, room);
    case KMSG_REFUSE: break;
    }
    return check(conn, room);
}

static kmsg_err make_room_for(kmi_conn *conn, const kmi_letter *letter, const kmsg_layout *layout,
                              const void *value, uint32_t timeout_ms)
{
    size_t   header = KMI_REQUEST_SIZE + (letter == NULL ? 0 : kmi_envelope_size(letter)), size;
    kmsg_err err;

    err = kmi_message_size(layout, value, &size);
    if (err != KMSG_OK)
        return err;
    kmi_conn_ref(conn);
    err = make_room(conn, kmi_frame_room(header + size), timeout_ms);
    kmi_conn_unref(conn);
    return err;
}

kmsg_err kmi_room_tell(kmi_conn *conn, kmi_frame *frame, const kmi_letter *letter,
                       const kmsg_layout *layout, const void *value, uint32_t timeout_ms)
{
    kmsg_err err = kmi_queue_request(conn, frame, letter, layout, value, NULL);

    if (err != KMSG_EFULL || !conn->limited)
        return err;
    err = make_room_for(conn, letter, layout, value, timeout_ms);
    return err != KMSG_OK ? err : kmi_queue_request(conn, frame, letter, layout, value, NULL);
}

kmsg_err kmi_room_ask(kmi_ask *ask, const kmi_letter *letter, const kmsg_layout *layout,
                      const void *value)
{
    const kmsg_node *node = ask->conn->node;
    int64_t          until_ns = node->sys->now_ns() + ask->timeout_ms * KMI_MS;
    kmsg_err         err;

    err =
        make_room_for(ask->conn, letter, layout, value, ask->through == NULL ? ask->timeout_ms : 0);
    ask->timeout_ms = kmi_deadline_left_ms(node, until_ns);
    if (err == KMSG_OK && ask->timeout_ms == 0)
        err = kmi_error(KMSG_EFULL, "%s: there was no room in time", ask->conn->url);
    return err;
}
