/* named.c -- peers that stand for a name, whoever has it.
 *
 * Each has a *room*: a connection that leads nowhere and is never dialled, where what is asked
 * waits, bounded and with its deadlines, as anything does that waits for a connection. When
 * somebody is found the peer *settles*: from then on it uses the connection that leads there, which
 * may be that of others, too, and what waits in the room moves over. When he is gone, what has not
 * been sent moves back.
 *
 * Who has the name, and when that changes, is found out by runtime/names/.
 */
#include "core/object.h"
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"

kmsg_peer *kmi_named_new(kmsg_node *node, const char *url,
                         void (*on_close)(void *ctx, kmsg_peer *peer), void *ctx)
{
    kmi_named *named = kmi_alloc(sizeof *named);
    kmi_conn  *room = named == NULL ? NULL : kmi_conn_new(node, url);

    if (room == NULL) {
        kmi_free(named);
        return NULL;
    }
    *named = (kmi_named){kmi_conn_ref(room), on_close, ctx};
    room->nowhere = true;
    room->state = KMI_CONN_WAITING;
    room->peer->named = named;
    return room->peer;
}

static void use_conn(kmsg_peer *peer, kmi_conn *conn)
{
    kmi_conn_ref(conn);
    kmi_conn_unref(peer->conn);
    peer->conn = conn;
}

/* ---- moving -------------------------------------------------------------------------------- */

static uint32_t left_ms(const kmi_ask *ask, const kmsg_node *node)
{
    int64_t left_ns = ask->timer.at_ns - node->sys->now_ns();

    return left_ns < KMI_MS ? 1 : (uint32_t)(left_ns / KMI_MS);
}

/* A request that waits in `from`, to where its peer is at home now. */
static void move(kmi_conn *from, const uint8_t *at, kmi_ask *ask, kmsg_peer *peer)
{
    size_t     size = kmi_load32(at), head = kmi_request_header(at, size);
    kmsg_bytes body = {at + head, size - head};
    kmi_frame  frame = {.kind = at[4],
                        .method = (uint16_t)(at[6] | at[7] << 8),
                        .target = kmi_load64(at + 16)};
    kmi_letter letter = {
        .to = peer->to,
        .from = {.instance = peer->node->net.session.own.instance, .object = peer->node->root->id}};
    kmsg_err   err = KMSG_OK;

    if (ask != NULL) {
        err = kmi_ask_move(ask, peer->conn);
        frame.call = ask->id;
        frame.aux = ask->stream == NULL ? left_ms(ask, peer->node) : KMI_NO_DEADLINE;
    }
    if (err == KMSG_OK)
        err = kmi_queue_request(peer->conn, &frame, peer->is_reached ? &letter : NULL, NULL, &body,
                                ask);
    if (err != KMSG_OK && ask == NULL)
        kmi_queue_dropped(from, 1, kmsg_strerror(err));
    else if (err != KMSG_OK)
        kmi_ask_fail(ask, kmi_unsent_err(ask, err), kmsg_last_error());
    else if (ask != NULL && ask->stream != NULL && !ask->queued)
        kmi_stream_began(ask->stream);
}

static kmi_ask *ask_of(const kmi_conn *conn, const uint8_t *frame)
{
    return frame[4] == KMI_CALL ? kmi_ask_find(conn, kmi_load32(frame + 8)) : NULL;
}

/* All that waits in its room. */
static void leave_room(kmsg_peer *peer)
{
    kmi_conn *room = peer->named->room;

    while (kmi_out_waiting(&room->queue) > 0) {
        size_t         front;
        const uint8_t *frame = kmi_out_front(&room->queue, &front);
        size_t         frame_room = kmi_frame_room(kmi_load32(frame));
        kmi_ask       *ask = ask_of(room, frame);
        if (frame[4] == KMI_TELL || ask != NULL)
            move(room, frame, ask, peer);
        kmi_out_sent(&room->queue, frame_room);
    }
}

typedef struct return_to_room {
    kmsg_peer *peer;
    kmi_conn  *from;
} return_to_room;

/* Which of the one-way messages are of this peer is not known: those stay. */
static void go_back(void *ctx, uint8_t *frame, uint64_t offset)
{
    const return_to_room *r = ctx;
    kmi_ask              *ask = ask_of(r->from, frame);

    if (ask == NULL || ask->peer != r->peer || !ask->queued)
        return;
    move(r->from, frame, ask, r->peer);
    kmi_out_void(&r->from->queue, offset);
}

/* ---- where it is --------------------------------------------------------------------------- */

void kmi_named_settle(kmsg_peer *peer, kmi_conn *conn, uint64_t object)
{
    if (kmi_named_is_settled(peer))
        kmi_named_unsettle(peer);
    peer->named->room->failed = KMSG_OK;
    peer->is_reached = object != 0;
    peer->to = (kmi_place){.instance = conn->instance, .object = object};
    use_conn(peer, conn);
    leave_room(peer);
}

void kmi_named_unsettle(kmsg_peer *peer)
{
    return_to_room r = {peer, peer->conn};

    if (!kmi_named_is_settled(peer))
        return;
    kmi_conn_ref(r.from);
    use_conn(peer, peer->named->room);
    peer->is_reached = false;
    kmi_out_each(&r.from->queue, go_back, &r);
    kmi_conn_unref(r.from);
}

void kmi_named_refuse(kmsg_peer *peer, kmsg_err err, const char *words)
{
    peer->named->room->failed = err;
    if (err != KMSG_OK)
        kmi_queue_give_up(peer->named->room, err, words);
}

void kmi_named_end(kmsg_peer *peer)
{
    kmi_peer_drop_asks(peer);
    use_conn(peer, peer->named->room);
    peer->is_reached = false;
    kmi_conn_close(peer->named->room);
}
