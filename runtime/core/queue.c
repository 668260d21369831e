/* queue.c -- requests on their way out.
 *
 * A request that may be sent is encoded straight into conn->out, which the link writes. One that
 * may not, since there is no link, or no credit, or others wait before it, is encoded into
 * conn->queue, and is copied to `out` when it may: that is the only detour a request can take.
 *
 * Credit is what keeps memory bounded at the other side without stopping to read: each side says
 * in its hello how many requests, and how many bytes of them, it takes before the first of them is
 * released (its handler has returned, or has let go of what it held). The last one sent may go
 * beyond the bytes, so that one of any size can be sent at all. Answers and control frames need no
 * credit, so nobody waits for an answer that is held back by requests. What has been released is
 * given back in one frame when it is half of the whole, or when the other side must be about to run
 * out: a conversation of question and answer costs a credit frame in thousands.
 *
 * 4096 requests, not 256: with as few as those, a sender of small messages stands still for as long
 * as waking takes after every 16 KiB, and gets a third of the throughput on all links; what bounds
 * memory is the bytes.
 *
 * When the link is gone, the requests that have not left come back to the front of the queue. All
 * credit counts from the beginning of a link.
 */
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "codec/direct.h"

#include <string.h>

#define AHEAD      ((size_t)64 << 10) /* bytes of output of a connection whose queue is limited */
#define QUICK_MIN  ((size_t)1024)
#define CREDIT_MAX ((int64_t)1 << 62)

/* ---- room ---------------------------------------------------------------------------------- */

static size_t message_max(const kmi_conn *conn)
{
    size_t own = conn->node->net.session.own.message_max;

    if (conn->datagram && own > KMSG_DATAGRAM_MAX)
        return KMSG_DATAGRAM_MAX; /* also while there is no link */
    if (conn->link == NULL || !conn->link->up || conn->link->their.message_max >= own)
        return own;
    return conn->link->their.message_max;
}

/* Bytes that `out` may hold, so that both hold no more than the limit; one message of any size is
 * taken where nothing waits. */
static size_t limit_of(const kmi_conn *conn, const kmi_out *out, size_t size)
{
    size_t room = kmi_frame_room(size), waiting = kmi_conn_waiting(conn);

    if (waiting == 0 && room > KMSG_SEND_QUEUE_MAX)
        return room;
    waiting -= kmi_out_waiting(out);
    return waiting < KMSG_SEND_QUEUE_MAX ? KMSG_SEND_QUEUE_MAX - waiting : 0;
}

/* A message that is encoded already. */
static kmsg_err copy_into(const kmsg_bytes *bytes, uint8_t *at, size_t room, size_t *ret_size)
{
    if (bytes->size > room)
        return KMSG_ETOOBIG;
    memcpy(at, bytes->data, bytes->size);
    *ret_size = bytes->size;
    return KMSG_OK;
}

kmsg_err kmi_message_size(const kmsg_layout *layout, const void *value, size_t *ret)
{
    if (layout != NULL)
        return kmsg_encoded_size(layout, value, ret);
    *ret = ((const kmsg_bytes *)value)->size;
    return KMSG_OK;
}

/* Encodes into what room there is. KMSG_ETOOBIG: there is not enough. */
static kmsg_err put_here(kmi_conn *conn, kmi_out *out, size_t header_size,
                         const kmsg_layout *layout, const void *value, size_t need, uint8_t **ret,
                         size_t *ret_size)
{
    size_t   room;
    uint8_t *at;
    kmsg_err err =
        kmi_out_reserve(out, header_size + need, limit_of(conn, out, header_size + need), &at);

    if (err != KMSG_OK)
        return kmi_error(err, "%s: %s", conn->url,
                         err == KMSG_EFULL ? "too much waits to be sent" : "out of memory");
    room = kmi_out_room(out);
    err = layout == NULL
              ? copy_into(value, at + header_size, room - header_size, ret_size)
              : kmsg_encode_into(layout, value, at + header_size, room - header_size, ret_size);
    if (err == KMSG_OK)
        *ret = at;
    return err;
}

/* Where there is room for sure, in the buffer and below the limits. False: nothing has happened. */
static bool put_quickly(const kmi_conn *conn, kmi_out *out, size_t header_size,
                        const kmsg_layout *layout, const void *value, uint8_t **ret,
                        size_t *ret_size)
{
    size_t room = kmi_out_room(out);

    if (room < QUICK_MIN || layout == NULL || kmi_conn_waiting(conn) + room > KMSG_SEND_QUEUE_MAX)
        return false;
    *ret = kmi_out_end(out);
    return kmi_encode_direct(layout, value, *ret + header_size, room - header_size, ret_size) &&
           *ret_size <= message_max(conn);
}

kmsg_err kmi_conn_put(kmi_conn *conn, kmi_out *out, size_t header_size, const kmsg_layout *layout,
                      const void *value, uint8_t **ret, size_t *ret_size)
{
    size_t   size = 0, room;
    uint8_t *at = NULL;
    kmsg_err err;

    if (put_quickly(conn, out, header_size, layout, value, ret, ret_size))
        return KMSG_OK;
    err = put_here(conn, out, header_size, layout, value, 256, &at, &size);

    if (err == KMSG_ETOOBIG) {
        err = kmi_message_size(layout, value, &size);
        if (err == KMSG_OK && size <= message_max(conn))
            err = put_here(conn, out, header_size, layout, value, size, &at, &size);
    }
    if (err != KMSG_OK)
        return err;
    if (size > message_max(conn))
        return kmi_error(KMSG_ETOOBIG, "%s: %zu bytes, and the limit is %zu",
                         layout == NULL ? "a message" : layout->name, size, message_max(conn));
    room = kmi_frame_room(header_size + size);
    if (kmi_out_waiting(out) + room > limit_of(conn, out, header_size + size))
        return kmi_error(KMSG_EFULL, "%s: too much waits to be sent", conn->url);
    *ret = at;
    *ret_size = size;
    return KMSG_OK;
}

/* ---- sending ------------------------------------------------------------------------------- */

static bool has_credit(const kmi_conn *conn)
{
    return conn->credit.left > 0 && conn->credit.left_bytes > 0;
}

/* What may have to give way waits where it still can. */
static bool is_long_enough(const kmi_conn *conn)
{
    return conn->limited && conn->limits.when_full == KMSG_DROP_OLDEST &&
           kmi_out_waiting(&conn->out) >= AHEAD;
}

/* Nothing forbids to write requests. */
static bool is_open(const kmi_conn *conn)
{
    return conn->state == KMI_CONN_UP && !conn->doubted && !conn->leaving && has_credit(conn) &&
           !is_long_enough(conn);
}

static bool may_go(const kmi_conn *conn)
{
    return is_open(conn) && kmi_out_waiting(&conn->queue) == 0;
}

static void spend(kmi_conn *conn, size_t room)
{
    conn->credit.left--;
    conn->credit.left_bytes -= (int64_t)room;
    conn->request_at = kmi_out_offset(&conn->out) - room + 1;
    conn->counts.sent++;
}

kmsg_err kmi_queue_request(kmi_conn *conn, kmi_frame *frame, const kmi_letter *letter,
                           const kmsg_layout *layout, const void *value, kmi_ask *ask)
{
    size_t   header = KMI_REQUEST_SIZE + (letter == NULL ? 0 : kmi_envelope_size(letter)), size;
    bool     now;
    kmi_out *out;
    uint8_t *at;
    kmsg_err err;

    kmi_idle_use(conn);
    conn->addressed |= letter != NULL || (layout != NULL && layout->has_addresses);
    now = may_go(conn);
    out = now ? &conn->out : &conn->queue;
    err = kmi_conn_put(conn, out, header, layout, value, &at, &size);
    if (err != KMSG_OK)
        return err;
    if (conn->limited && !kmi_room_fits(conn, kmi_frame_room(header + size)))
        return KMSG_EFULL;
    conn->dropping &= conn->limited && kmi_conn_waiting(conn) > 0;
    frame->size = header + size;
    if (letter != NULL) {
        frame->flags |= KMI_FLAG_ADDRESSED;
        kmi_envelope_put(at + KMI_REQUEST_SIZE, letter);
    }
    kmi_frame_put(at, frame);
    if (ask != NULL) {
        ask->frame_at = kmi_out_offset(out);
        ask->queued = !now;
        kmi_repeat_keep(ask, at, frame->size);
    }
    kmi_out_commit(out, frame->size);
    if (now)
        spend(conn, kmi_frame_room(frame->size));
    kmi_conn_written(conn);
    return KMSG_OK;
}

/* ---- from the queue to the link ------------------------------------------------------------ */

static kmi_ask *ask_of(const kmi_conn *conn, const uint8_t *frame)
{
    return frame[4] == KMI_CALL ? kmi_ask_find(conn, kmi_load32(frame + 8)) : NULL;
}

/* Only now is it known what the other side takes. */
static bool is_too_large(kmi_conn *conn, uint8_t *frame)
{
    size_t   size = kmi_load32(frame);
    kmi_ask *ask = ask_of(conn, frame);

    size -= kmi_request_header(frame, size);
    if (size <= conn->link->their.message_max)
        return false;
    if (ask != NULL)
        kmi_ask_fail(ask, KMSG_ETOOBIG, "larger than the other side takes");
    else
        kmi_queue_dropped(conn, 1, "too large for the other side");
    return true;
}

/* Its deadline is what is left of it. */
static void move_ask(kmi_conn *conn, uint8_t *frame, uint64_t offset)
{
    kmi_ask *ask = ask_of(conn, frame);
    int64_t  left_ns;

    if (ask == NULL)
        return;
    ask->frame_at = offset;
    ask->queued = false;
    if (ask->stream != NULL)
        return;
    left_ns = ask->timer.at_ns - conn->node->net.now_ns;
    kmi_store32(frame + 12, left_ns < KMI_MS ? 1 : (uint32_t)(left_ns / KMI_MS));
}

/* The first frame that waits. False: there is no memory for it now. */
static bool move_first(kmi_conn *conn)
{
    kmi_out *queue = &conn->queue, *out = &conn->out;
    size_t   front;
    uint8_t *frame = kmi_out_front(queue, &front), *at;
    size_t   size = kmi_load32(frame), room = kmi_frame_room(size);
    kmi_ask *ask = NULL;

    if (frame[4] != KMI_VOID && !is_too_large(conn, frame)) {
        if (kmi_out_reserve(out, size, SIZE_MAX / 2, &at) != KMSG_OK)
            return false;
        memcpy(at, frame, size);
        move_ask(conn, at, kmi_out_offset(out));
        kmi_out_commit(out, size);
        spend(conn, room);
        ask = ask_of(conn, at);
    }
    kmi_out_sent(queue, room);
    if (ask != NULL && ask->stream != NULL)
        kmi_stream_began(ask->stream);
    return true;
}

void kmi_queue_pump(kmi_conn *conn)
{
    bool moved = false;

    conn->hungry = conn->held_back = false;
    while (kmi_out_waiting(&conn->queue) > 0 && is_open(conn)) {
        conn->hungry = !move_first(conn);
        if (conn->hungry)
            break;
        moved = true;
    }
    conn->held_back =
        conn->state == KMI_CONN_UP && kmi_out_waiting(&conn->queue) > 0 && is_long_enough(conn);
    if (moved)
        kmi_conn_written(conn);
}

/* A request in the output that will not be sent. */
static void unsay(kmi_conn *conn, uint64_t offset)
{
    const uint8_t *frame = kmi_out_frame(&conn->out, offset);

    conn->counts.sent--;
    conn->credit.left++;
    conn->credit.left_bytes += (int64_t)kmi_frame_room(kmi_load32(frame));
    kmi_out_void(&conn->out, offset);
}

bool kmi_queue_take_back(kmi_conn *conn, const kmi_ask *ask)
{
    kmi_out *out = ask->queued ? &conn->queue : &conn->out;

    if (!kmi_out_is_unsent(out, ask->frame_at))
        return false;
    if (ask->queued)
        kmi_out_void(out, ask->frame_at);
    else
        unsay(conn, ask->frame_at);
    return true;
}

/* ---- giving way ---------------------------------------------------------------------------- */

/* The user wants it that way. */
static void give_way(kmi_conn *conn, const uint8_t *frame)
{
    kmi_ask *ask = ask_of(conn, frame);

    if (ask != NULL) {
        kmi_ask_fail(ask, kmi_unsent_err(ask, KMSG_EFULL), "it gave way to a newer one");
        return;
    }
    conn->counts.dropped++;
    if (!conn->dropping)
        kmi_log(KMSG_WARNING, "%s: one-way messages are dropped: they give way to newer ones",
                conn->url);
    conn->dropping = true;
}

static void find_request(void *ctx, uint8_t *frame, uint64_t offset)
{
    uint64_t *found = ctx;

    if (*found == UINT64_MAX && kmi_is_request(frame[4]))
        *found = offset;
}

/* Of the output, which is older than the queue. */
static bool drop_from_out(kmi_conn *conn)
{
    uint64_t offset = UINT64_MAX;

    if (conn->out.requests > 0)
        kmi_out_each(&conn->out, find_request, &offset);
    if (offset == UINT64_MAX)
        return false;
    give_way(conn, kmi_out_frame(&conn->out, offset));
    unsay(conn, offset);
    return true;
}

/* From the queue its memory goes with it. */
bool kmi_queue_drop_oldest(kmi_conn *conn)
{
    kmi_out *queue = &conn->queue;

    if (drop_from_out(conn))
        return true;
    while (kmi_out_waiting(queue) > 0) {
        size_t         front;
        const uint8_t *frame = kmi_out_front(queue, &front);
        size_t         room = kmi_frame_room(kmi_load32(frame));
        bool           is_request = kmi_is_request(frame[4]);
        if (is_request)
            give_way(conn, frame);
        kmi_out_sent(queue, room);
        if (is_request)
            return true;
    }
    return false;
}

/* ---- links that come and go ---------------------------------------------------------------- */

void kmi_queue_up(kmi_conn *conn)
{
    const kmi_terms *own = &conn->node->net.session.own, *their = &conn->link->their;

    conn->serial++;
    conn->request_at = 0;
    conn->unproved = false;
    conn->credit = (kmi_credit){.left = their->credit,
                                .left_bytes = their->credit_bytes,
                                .granted = own->credit,
                                .granted_bytes = own->credit_bytes};
    if (conn->datagram) /* nobody gives any back */
        conn->credit.left = conn->credit.left_bytes = CREDIT_MAX;
    conn->window = own->window;
    kmi_queue_pump(conn);
}

static void now_waits(void *ctx, uint8_t *frame, uint64_t offset)
{
    kmi_ask *ask = ask_of(ctx, frame);

    if (ask == NULL)
        return;
    ask->queued = true;
    ask->frame_at = offset;
}

static void back_again(void *ctx, uint8_t *frame, uint64_t offset)
{
    kmi_conn *conn = ctx;

    conn->counts.sent--;
    now_waits(conn, frame, offset);
}

/* What is left of `out`, and behind it what has waited already, are the new queue. */
void kmi_queue_down(kmi_conn *conn)
{
    kmi_out *out = &conn->out, *queue = &conn->queue, older;

    kmi_queue_dropped(conn, kmi_queue_cut(conn), "cut off with its link");
    kmi_out_carry(out, back_again, conn);
    kmi_out_carry(queue, now_waits, conn);
    if (kmi_out_waiting(out) == 0)
        return;
    kmi_out_append(out, queue);
    older = *queue;
    *queue = *out;
    *out = older;
    kmi_out_each(queue, now_waits, conn);
}

typedef struct search {
    const kmi_conn *conn;
    kmi_ask        *oldest;
} search;

static void find_oldest(void *ctx, uint8_t *frame, uint64_t offset)
{
    search  *s = ctx;
    kmi_ask *ask = s->oldest == NULL ? ask_of(s->conn, frame) : NULL;

    (void)offset;
    if (ask != NULL && ask->repeats == 0)
        s->oldest = ask;
}

kmi_ask *kmi_queue_oldest(kmi_conn *conn)
{
    search s = {.conn = conn};

    kmi_out_each(&conn->queue, find_oldest, &s);
    return s.oldest;
}

size_t kmi_queue_cut(const kmi_conn *conn)
{
    const uint8_t *frame = kmi_out_cut(&conn->out);

    return frame != NULL && frame[4] == KMI_TELL;
}

void kmi_queue_dropped(kmi_conn *conn, size_t count, const char *why)
{
    if (count == 0)
        return;
    conn->counts.dropped += count;
    kmi_log(KMSG_WARNING, "%s: dropped %zu one-way message%s: %s", conn->url, count,
            count == 1 ? "" : "s", why);
}

static void give_up_one(void *ctx, uint8_t *frame, uint64_t offset)
{
    size_t *dropped = ctx;

    (void)offset;
    *dropped += frame[4] == KMI_TELL;
}

void kmi_queue_give_up(kmi_conn *conn, kmsg_err err, const char *why)
{
    size_t dropped = 0;

    for (size_t i = 0; i < conn->slot_count; i++)
        if (conn->slots[i].ask != NULL)
            kmi_ask_fail(conn->slots[i].ask, kmi_unsent_err(conn->slots[i].ask, err), why);
    kmi_out_each(&conn->queue, give_up_one, &dropped);
    kmi_queue_dropped(conn, dropped, why);
    kmi_out_done(&conn->queue);
}

/* ---- credit -------------------------------------------------------------------------------- */

/* More than anybody can use: who gives that much again and again gives nothing. */
static int64_t more(int64_t left, uint32_t given)
{
    return left > CREDIT_MAX - given ? CREDIT_MAX : left + given;
}

void kmi_queue_credit(kmi_conn *conn, uint32_t count, uint32_t size)
{
    conn->credit.left = more(conn->credit.left, count);
    conn->credit.left_bytes = more(conn->credit.left_bytes, size);
    kmi_queue_pump(conn);
}

/* Half of it, or enough of it gone for the other side to be short of it. */
static bool is_worth_it(uint64_t owed, uint64_t kept, uint64_t granted)
{
    return owed + kept >= granted / 2 && owed > 0 &&
           (owed >= granted / 2 || owed + kept >= granted / 4 * 3);
}

bool kmi_queue_keep(kmi_conn *conn, size_t room)
{
    kmi_credit *c = &conn->credit;

    if (c->kept >= c->granted || c->kept_bytes >= c->granted_bytes)
        return false; /* what is released already takes no memory: nobody is blamed for that */
    conn->used_ns = conn->node->net.now_ns;
    conn->counts.received++;
    c->kept++;
    c->kept_bytes += room;
    return true;
}

void kmi_queue_release(kmi_conn *conn, uint32_t serial, size_t room)
{
    kmi_credit *c = &conn->credit;

    if (serial != conn->serial || conn->state != KMI_CONN_UP)
        return;
    c->kept--;
    c->kept_bytes -= room;
    if (conn->datagram)
        return; /* its sender waits for nothing */
    c->owed++;
    c->owed_bytes += room;
    if (is_worth_it(c->owed, c->kept, c->granted) ||
        is_worth_it(c->owed_bytes, c->kept_bytes, c->granted_bytes))
        kmi_conn_written(conn); /* kmi_queue_repay() comes with the flush */
}

void kmi_queue_repay(kmi_conn *conn)
{
    kmi_credit *c = &conn->credit;
    uint32_t    count = c->owed, size = (uint32_t)c->owed_bytes;

    if (!is_worth_it(c->owed, c->kept, c->granted) &&
        !is_worth_it(c->owed_bytes, c->kept_bytes, c->granted_bytes))
        return;
    c->owed = 0;
    c->owed_bytes = 0;
    kmi_conn_control(conn, KMI_CREDIT, size, count);
}
