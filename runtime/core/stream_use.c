/* stream_use.c -- what users do with the streams of a call, at either end.
 *
 * What waits is an attempt that is made again whenever something has changed, by insist(): at most
 * as long as the peer's time-out, and not at all where what is waited for cannot come, because it
 * would have to be done by the node's own code, which waits here.
 */
#include "core/stream.h"

#include "base/arena.h"
#include "base/err.h"

#include <string.h>

#define WINDOW_MIN ((size_t)1 << 10)

/* ---- waiting ------------------------------------------------------------------------------- */

/* KMSG_LATER: not yet. */
typedef kmsg_err attempt(kmsg_stream *s, const void *what);

static const kmsg_peer *peer_of(const kmsg_stream *s)
{
    return s->ask != NULL ? s->ask->peer : s->call->peer;
}

static const char *method_of(const kmsg_stream *s)
{
    return s->ask != NULL ? s->ask->method->name : s->call->method->name;
}

/* A caller that waits inside of the node's own code: its handler must run in here. */
static kmsg_err find_nested(const kmsg_stream *s, kmi_serving **ret)
{
    *ret = NULL;
    return s->ask == NULL ? KMSG_OK : kmi_ask_find_nested(s->ask, ret);
}

static kmsg_err turn(kmsg_stream *s, kmi_serving *nested)
{
    kmsg_node       *node = s->node;
    const kmsg_call *running = node->running;

    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    if (running != NULL && running != s->call && running->over)
        return kmi_error(KMSG_ECANCELED, "nobody waits for the call being handled any more");
    s->stirred = false;
    if (nested != NULL)
        kmi_dispatch_nested(node, nested, &s->stirred);
    if (s->stirred)
        return KMSG_OK;
    if (s->call != NULL && s->conn == node->self->conn) {
        kmi_node_flush(node); /* then all that its caller has said is there to be taken */
        if (kmi_net_ready(&node->net) == NULL)
            return kmi_error(KMSG_EDEADLOCK, "%s: its caller is of this node, and waits itself",
                             method_of(s));
    }
    kmi_node_turn(node, true, &s->stirred);
    return KMSG_OK;
}

static kmsg_err wait_for(kmsg_stream *s, uint32_t timeout_ms, attempt *fn, const void *what)
{
    kmsg_node   *node = s->node;
    kmi_serving *nested;
    kmsg_err     err = find_nested(s, &nested);

    if (err != KMSG_OK)
        return err;
    s->late = timeout_ms == 0;
    kmi_timer_set(&node->timers, &s->timer, node->sys->now_ns() + timeout_ms * KMI_MS);
    err = KMSG_LATER;
    while (err == KMSG_LATER) {
        err = s->late ? kmi_error(KMSG_ETIMEDOUT, "%s at %s: nothing in %u ms", method_of(s),
                                  s->conn->url, timeout_ms)
                      : turn(s, nested);
        if (err == KMSG_OK)
            err = fn(s, what);
    }
    if (s->ask != NULL || s->call != NULL)
        kmi_timer_stop(&node->timers, &s->timer);
    return err;
}

static kmsg_err insist(kmsg_stream *s, attempt *fn, const void *what)
{
    kmsg_err err = fn(s, what);

    if (err != KMSG_LATER)
        return err;
    kmi_stream_ref(s);
    err = wait_for(s, kmi_timeout_of(peer_of(s), s->ask == NULL ? NULL : s->ask->method), fn, what);
    kmi_stream_unref(s);
    return err;
}

/* ---- giving -------------------------------------------------------------------------------- */

/* KMSG_OK: items may still be sent. */
static kmsg_err check_sender(const kmsg_stream *s)
{
    if (s->ask == NULL && s->call == NULL)
        return kmi_error(KMSG_ECLOSED, "the stream is gone");
    if (s->call != NULL && (s->call->over || s->call->answered))
        return kmi_error(KMSG_ECANCELED, "%s: nobody waits for it any more", method_of(s));
    if (s->ask != NULL && s->ask->ended)
        return s->ask->err == KMSG_OK ? KMSG_END : kmi_ask_tell(s->ask);
    if (s->gave_end)
        return kmi_error(KMSG_ECLOSED, "%s: the stream was ended before", method_of(s));
    return KMSG_OK;
}

static kmsg_err put_item(kmsg_stream *s, const void *item)
{
    kmi_frame frame = {.kind = KMI_ITEM};
    size_t    size;
    uint8_t  *at;
    kmsg_err  err =
        kmi_conn_put(s->conn, &s->conn->out, KMI_HEADER_SIZE, s->gives, item, &at, &size);

    if (err != KMSG_OK)
        return err == KMSG_EFULL ? KMSG_LATER : err;
    frame.flags = s->ask != NULL ? KMI_FLAG_CALLER : 0;
    frame.call = s->ask != NULL ? s->ask->id : s->call->id;
    frame.size = KMI_HEADER_SIZE + size;
    kmi_frame_put(at, &frame);
    kmi_out_commit(&s->conn->out, frame.size);
    s->room -= (int64_t)kmi_frame_room(frame.size);
    s->spoke = true;
    s->conn->addressed |= s->gives->has_addresses;
    kmi_conn_written(s->conn);
    return KMSG_OK;
}

static kmsg_err try_give(kmsg_stream *s, const void *item)
{
    kmsg_err err = check_sender(s);

    if (err != KMSG_OK)
        return err;
    return kmi_stream_has_room(s) ? put_item(s, item) : KMSG_LATER;
}

static kmsg_err full(kmsg_err err)
{
    return err == KMSG_LATER ? kmi_error(KMSG_EFULL, "the stream has no room for now") : err;
}

static kmsg_stream *stream_of(kmsg_call *call, const kmsg_method *method)
{
    assert(call->method == method && "a call of another method");
    (void)method;
    return call->stream;
}

static void check_method(const kmsg_stream *s, const kmsg_method *method)
{
    assert((s->ask == NULL || s->ask->method == method) && "a stream of another method");
    (void)s;
    (void)method;
}

kmsg_err kmsg_stream_put(kmsg_stream *stream, const kmsg_method *method, const void *item)
{
    if (stream == NULL)
        return kmi_error(KMSG_ECLOSED, "there is no stream");
    check_method(stream, method);
    return insist(stream, try_give, item);
}

kmsg_err kmsg_stream_try_put(kmsg_stream *stream, const kmsg_method *method, const void *item)
{
    if (stream == NULL)
        return kmi_error(KMSG_ECLOSED, "there is no stream");
    check_method(stream, method);
    return full(try_give(stream, item));
}

kmsg_err kmsg_call_send(kmsg_call *call, const kmsg_method *method, const void *item)
{
    return insist(stream_of(call, method), try_give, item);
}

kmsg_err kmsg_call_try_send(kmsg_call *call, const kmsg_method *method, const void *item)
{
    return full(try_give(stream_of(call, method), item));
}

static void want_room(kmsg_stream *s)
{
    s->room_wanted = true;
    if (kmi_stream_has_room(s) || check_sender(s) != KMSG_OK)
        kmi_stream_post_room(s);
    else if (s->room > 0)
        s->conn->starved = true;
}

void kmsg_stream_on_room(kmsg_stream *stream, void *ctx, kmsg_stream_fn *fn)
{
    if (stream == NULL)
        return;
    stream->room_stream = fn;
    stream->room_ctx = ctx;
    want_room(stream);
}

void kmsg_call_on_room(kmsg_call *call, void *ctx, kmsg_call_fn *fn)
{
    assert(call->stream != NULL && call->stream->gives != NULL && "the call sends no stream");
    call->stream->room_call = fn;
    call->stream->room_ctx = ctx;
    want_room(call->stream);
}

void kmsg_stream_end(kmsg_stream *stream)
{
    if (stream == NULL || stream->ask == NULL || stream->ask->ended || stream->gave_end)
        return;
    stream->gave_end = true;
    if (!stream->ask->queued)
        kmi_stream_put_end(stream);
}

/* ---- taking -------------------------------------------------------------------------------- */

typedef struct place {
    kmsg_arena *mem;
    void       *ret;
} place;

/* The first item that waits: copied once, to where its taker keeps it. */
static kmsg_err take_item(kmsg_stream *s, const place *to)
{
    const kmi_piece *piece = kmi_stream_first(s);
    kmsg_bytes       bytes = {NULL, piece->body_size};
    uint8_t         *body = kmsg_alloc(to->mem, bytes.size, 8);
    kmsg_err         err;

    if (body == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    memcpy(body, piece->body, bytes.size);
    bytes.data = body;
    err = kmi_stream_decode(s, bytes, to->mem, to->ret);
    if (err == KMSG_ENOMEM)
        return err;
    kmi_stream_taken(s);
    if (err == KMSG_OK)
        return KMSG_OK;
    err = s->call != NULL ? KMSG_EREQUEST : KMSG_EDECODE;
    kmi_stream_fail(s, err, kmsg_last_error());
    return err;
}

/* Of an item that leads nowhere, what counts is what fits into *ret. */
static kmsg_err take_anywhere(kmsg_stream *s, const place *to)
{
    place    there = {kmi_arena_take(s->node), to->ret};
    kmsg_err err = there.mem == NULL ? kmi_error_plain(KMSG_ENOMEM) : take_item(s, &there);

    kmi_arena_give(s->node, there.mem);
    return err;
}

static kmsg_err try_take(kmsg_stream *s, const void *what)
{
    const place *to = what;

    if (s->ask == NULL && s->call == NULL)
        return kmi_error(KMSG_ECLOSED, "the stream is gone");
    if (s->call != NULL && s->call->over)
        return kmi_error(KMSG_ECANCELED, "%s: nobody waits for it any more", method_of(s));
    if (kmi_stream_first(s) != NULL)
        return to->mem != NULL ? take_item(s, to) : take_anywhere(s, to);
    if (s->ask != NULL && s->ask->ended)
        return s->ask->err == KMSG_OK ? KMSG_END : kmi_ask_tell(s->ask);
    return s->got_end ? KMSG_END : KMSG_LATER;
}

kmsg_err kmsg_stream_next(kmsg_stream *stream, const kmsg_method *method, kmsg_arena *mem,
                          void *ret)
{
    check_method(stream, method);
    return insist(stream, try_take, &(place){mem, ret});
}

kmsg_err kmsg_call_receive(kmsg_call *call, const kmsg_method *method, kmsg_arena *mem, void *ret)
{
    return insist(stream_of(call, method), try_take, &(place){mem, ret});
}

void kmsg_call_receive_async(kmsg_call *call, const kmsg_method *method, kmsg_pass *pass,
                             kmsg_done *received, void *ctx)
{
    kmsg_stream *s = stream_of(call, method);

    assert(s->pass == NULL && "somebody is told of the items already");
    s->pass = pass;
    s->heard = received;
    s->ctx = ctx;
    kmi_stream_pass_all(s);
}

static kmsg_err try_finish(kmsg_stream *s, const void *what)
{
    const place *to = what;

    if (s->ask == NULL)
        return kmi_error(KMSG_ECLOSED, "the stream is gone");
    return s->ask->ended ? kmi_ask_collect(s->ask, to->mem, to->ret) : KMSG_LATER;
}

kmsg_err kmsg_stream_finish(kmsg_stream *stream, const kmsg_method *method, kmsg_arena *mem,
                            void *ret)
{
    check_method(stream, method);
    assert(stream->opened && "an asynchronous call tells its `done`");
    kmsg_stream_end(stream);
    return insist(stream, try_finish, &(place){mem, ret});
}

/* ---- calls with streams -------------------------------------------------------------------- */

static kmi_ask *new_ask(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method)
{
    kmi_ask *ask = kmi_ask_new(peer, service, method);

    if (ask == NULL || kmi_stream_of_ask(ask) != NULL)
        return ask;
    kmi_ask_free(ask);
    return NULL;
}

static kmsg_err begin(kmi_ask *ask, const void *args)
{
    kmsg_err err = kmi_ask_send(ask, args);

    ask->stream->conn = ask->conn; /* to an address there may be another way by now */
    if (err == KMSG_OK && !ask->queued)
        kmi_stream_began(ask->stream);
    return err;
}

kmsg_err kmsg_stream_open(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method,
                          const void *args, kmsg_stream **ret)
{
    kmsg_node *node = peer->node;
    kmi_ask   *ask = new_ask(peer, service, method);
    kmsg_err   err;

    if (ask == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    ask->blocking = true;
    err = begin(ask, args);
    if (err != KMSG_OK) {
        kmi_ask_free(ask);
        return err;
    }
    ask->stream->opened = true;
    ask->stream->next = node->streams;
    if (node->streams != NULL)
        node->streams->prev = ask->stream;
    node->streams = ask->stream;
    *ret = ask->stream;
    return KMSG_OK;
}

kmsg_stream *kmsg_stream_async(kmsg_peer *peer, const kmsg_service *service,
                               const kmsg_method *method, const void *args, kmsg_hear *hear,
                               kmsg_done *heard, kmsg_finish *finish, kmsg_done *done, void *ctx)
{
    kmi_ask *ask = new_ask(peer, service, method);
    kmsg_err err;

    if (ask == NULL) { /* nothing can be queued: the one callback that does not come later */
        finish(done, ctx, kmi_error_plain(KMSG_ENOMEM), NULL);
        return NULL;
    }
    ask->finish = finish;
    ask->done = done;
    ask->ctx = ctx;
    ask->stream->hear = hear;
    ask->stream->heard = heard;
    ask->stream->ctx = ctx;
    err = begin(ask, args);
    if (err != KMSG_OK)
        kmi_ask_fail(ask, err, kmsg_last_error());
    return ask->stream;
}

void kmsg_stream_close(kmsg_stream *stream)
{
    kmi_ask *ask;

    if (stream == NULL)
        return;
    assert(stream->opened && "an asynchronous call ends by itself, or by kmsg_cancel()");
    ask = stream->ask;
    if (!ask->ended)
        kmi_ask_drop(ask, KMSG_ECANCELED);
    kmi_ask_free(ask);
}

kmsg_err kmsg_node_set_stream_window(kmsg_node *node, size_t size)
{
    if (size < WINDOW_MIN || size > KMSG_MESSAGE_MAX)
        return kmi_error(KMSG_EINVAL, "a stream's window is between 1 KiB and 1 GiB");
    node->net.session.own.window = (uint32_t)size;
    return KMSG_OK;
}
