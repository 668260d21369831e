/* stream.c -- what comes and goes on the streams of a call.
 *
 * Read take_in() first. An item goes straight to who wants to be told of items, if no user code is
 * on the stack; else it waits: in the inbox, where it keeps its place among all that has come, or,
 * if it will be asked for, with the stream. What waits is copied to chunks of the stream's own, the
 * book-keeping beside the bytes, so that it costs no allocation an item and holds no read slab.
 *
 * The window bounds what one stream may leave waiting, and the room is given back when an item has
 * been taken: half a window at a time. The bytes that wait in all streams of a node are bounded
 * too; the stream that goes beyond ends.
 *
 * The functions that users call are in stream_use.c.
 */
#include "core/stream.h"

#include "base/alloc.h"
#include "base/err.h"

#include <string.h>

#define CHUNK_MIN   ((size_t)1 << 10)
#define CHUNK_MAX   ((size_t)16 << 10)
#define WAITING_MAX KMSG_SEND_QUEUE_MAX /* bytes of items, a node */
#define ROOM_MAX    ((int64_t)UINT32_MAX)

static void run_piece(kmi_item *item);
static void run_last(kmi_item *item);
static void run_room(kmi_item *item);

/* ---- life ---------------------------------------------------------------------------------- */

static void on_late(kmi_timer *timer, int64_t now_ns)
{
    kmsg_stream *s = (kmsg_stream *)(void *)((uint8_t *)timer - offsetof(kmsg_stream, timer));

    (void)now_ns;
    s->late = s->stirred = true;
}

static kmsg_stream *new_stream(kmi_conn *conn)
{
    kmsg_stream *s = kmi_alloc_zeroed(sizeof *s);

    if (s == NULL)
        return NULL;
    if (kmi_timer_init(&conn->node->timers, &s->timer, on_late) != KMSG_OK) {
        kmi_free(s);
        return NULL;
    }
    s->node = conn->node;
    s->conn = conn;
    s->refs = 1;
    s->last.run = run_last;
    s->room_item.run = run_room;
    return s;
}

/* Nothing of a call's streams has gone over this link yet. */
static void begin_windows(kmsg_stream *s)
{
    s->room = s->conn->link->their.window;
    s->window = s->conn->window;
    s->due = (int64_t)s->window;
    s->owed = 0;
}

kmsg_stream *kmi_stream_of_ask(kmi_ask *ask)
{
    kmsg_stream *s = new_stream(ask->conn);

    if (s == NULL)
        return NULL;
    s->ask = ask;
    s->gives = ask->method->sends;
    s->takes = ask->method->streams;
    s->gave_end = s->gives == NULL;
    ask->stream = s;
    return s;
}

kmsg_stream *kmi_stream_of_call(kmsg_call *call, const kmsg_method *method)
{
    kmsg_stream *s = new_stream(call->conn);

    if (s == NULL)
        return NULL;
    s->call = call;
    s->gives = method->streams;
    s->takes = method->sends;
    call->stream = s;
    begin_windows(s);
    return s;
}

void kmi_stream_use(kmsg_stream *s, kmi_conn *conn)
{
    s->conn = conn;
}

kmsg_stream *kmi_stream_ref(kmsg_stream *s)
{
    s->refs++;
    return s;
}

void kmi_stream_unref(kmsg_stream *s)
{
    if (--s->refs > 0)
        return;
    kmi_slab_unref(s->chunk);
    kmi_free(s);
}

static void leave_node(kmsg_stream *s)
{
    if (!s->opened)
        return;
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        s->node->streams = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
}

void kmi_stream_let_go(kmsg_stream *s)
{
    if (s == NULL)
        return;
    s->ask = NULL;
    s->call = NULL;
    s->stirred = true;
    while (kmi_stream_first(s) != NULL)
        kmi_stream_taken(s);
    kmi_timer_done(&s->node->timers, &s->timer);
    leave_node(s);
    kmi_stream_unref(s);
}

/* Frames may still be sent to the other side. */
static bool is_open(const kmsg_stream *s)
{
    return s->ask != NULL ? !s->ask->ended && !s->ask->queued
                          : s->call != NULL && !s->call->over && !s->call->answered;
}

static uint32_t id_of(const kmsg_stream *s)
{
    return s->ask != NULL ? s->ask->id : s->call->id;
}

/* ---- to be told ---------------------------------------------------------------------------- */

static void post(kmsg_stream *s, kmi_item *item)
{
    kmi_stream_ref(s);
    kmi_inbox_add_as(s->node, item, s->ask != NULL && s->ask->peer->inner);
}

static void post_last(kmsg_stream *s, kmsg_err err)
{
    if (s->last_posted)
        return;
    s->last_posted = true;
    s->last_err = err;
    post(s, &s->last);
}

void kmi_stream_post_room(kmsg_stream *s)
{
    if (!s->room_wanted || s->room_posted)
        return;
    s->room_wanted = false;
    s->room_posted = true;
    post(s, &s->room_item);
}

bool kmi_stream_has_room(const kmsg_stream *s)
{
    return is_open(s) && s->room > 0 && kmi_conn_waiting(s->conn) < KMSG_SEND_QUEUE_MAX / 2;
}

static void wake_sender(kmsg_stream *s)
{
    if (!kmi_stream_has_room(s))
        return;
    s->stirred = true;
    kmi_stream_post_room(s);
}

void kmi_streams_drained(kmi_conn *conn)
{
    if (!conn->starved || kmi_conn_waiting(conn) >= KMSG_SEND_QUEUE_MAX / 2)
        return;
    conn->starved = false;
    for (size_t i = 0; i < conn->slot_count; i++)
        if (conn->slots[i].ask != NULL && conn->slots[i].ask->stream != NULL)
            wake_sender(conn->slots[i].ask->stream);
    for (size_t i = 0; i < conn->in_count; i++)
        if (conn->in[i] != NULL && conn->in[i]->stream != NULL)
            wake_sender(conn->in[i]->stream);
}

static void tell_item(kmsg_stream *s, kmsg_err err, const void *value)
{
    kmi_visit visit = kmi_visit_begin(s->node, s->call);

    if (s->call != NULL)
        s->pass(s->heard, s->ctx, s->call, err, value);
    else
        s->hear(s->heard, s->ctx, value);
    kmi_visit_end(&visit);
}

static void tell_room(kmsg_stream *s)
{
    kmi_visit visit;

    s->room_posted = false;
    if (s->call == NULL && (s->ask == NULL || (s->ask->ended && !s->opened)))
        return; /* its `done` says so */
    visit = kmi_visit_begin(s->node, s->call);
    if (s->call != NULL)
        s->room_call(s->room_ctx, s->call);
    else
        s->room_stream(s->room_ctx, s);
    kmi_visit_end(&visit);
}

/* ---- failing ------------------------------------------------------------------------------- */

void kmi_stream_fail(kmsg_stream *s, kmsg_err err, const char *why)
{
    s->muted = true;
    if (s->call != NULL)
        kmi_call_break(s->call, err, why);
    else if (s->ask != NULL && !s->ask->ended)
        kmi_ask_break(s->ask, err, why);
}

/* What came is no such item. */
static void misread(kmsg_stream *s, kmsg_err err)
{
    if (err != KMSG_ENOMEM)
        err = s->call != NULL ? KMSG_EREQUEST : KMSG_EDECODE;
    kmi_stream_fail(s, err, kmsg_last_error());
}

void kmi_stream_over(kmsg_stream *s)
{
    s->stirred = true;
    if (s->call != NULL) {
        s->muted = true;
        if (s->pass != NULL && s->takes != NULL)
            post_last(s, KMSG_ECANCELED);
    }
    if (s->call != NULL || s->opened)
        kmi_stream_post_room(s);
}

/* ---- items --------------------------------------------------------------------------------- */

/* It has been taken: its room is given back some time. */
static void give_back(kmsg_stream *s, size_t room)
{
    kmi_frame window = {.kind = KMI_WINDOW};

    s->owed += room;
    if (s->owed < s->window / 2 || s->got_end || !is_open(s))
        return;
    window.flags = s->ask != NULL ? KMI_FLAG_CALLER : 0;
    window.call = id_of(s);
    window.aux = (uint32_t)s->owed;
    s->due += (int64_t)s->owed;
    s->owed = 0;
    kmi_conn_bare(s->conn, &window);
}

kmsg_err kmi_stream_decode(const kmsg_stream *s, kmsg_bytes bytes, kmsg_arena *mem, void *ret)
{
    const kmi_place sender = {.instance = s->conn->instance}; /* streams pass through no node */
    kmsg_err        err = kmsg_decode(s->takes, bytes, mem, ret);

    if (err != KMSG_OK)
        return err;
    return kmi_addresses_arrive(&sender, s->node->net.session.own.instance, s->takes, mem, ret);
}

/* Tells of an item, at once. */
static void hand_over(kmsg_stream *s, const uint8_t *body, size_t size)
{
    kmsg_arena *mem = kmi_arena_take(s->node);
    void       *value = mem == NULL ? NULL : kmsg_alloc_zeroed(mem, 1, s->takes->size, 16);
    kmsg_err    err = value == NULL ? kmi_error_plain(KMSG_ENOMEM)
                                    : kmi_stream_decode(s, (kmsg_bytes){body, size}, mem, value);

    if (err == KMSG_OK)
        tell_item(s, KMSG_OK, value);
    else
        misread(s, err);
    kmi_arena_give(s->node, mem);
}

static size_t rounded(size_t size)
{
    return (size + 15u) & ~(size_t)15;
}

/* `size` bytes of the chunk, or of a new one. */
static void *take_chunk(kmsg_stream *s, size_t size)
{
    kmi_slab *chunk = s->chunk;
    size_t    next = chunk == NULL ? CHUNK_MIN : chunk->capacity * 4;

    if (chunk != NULL && chunk->refs == 1)
        chunk->size = 0; /* all that was there has been taken */
    if (chunk == NULL || chunk->capacity - chunk->size < size) {
        next = next > CHUNK_MAX ? CHUNK_MAX : next;
        chunk = kmi_slab_new(next < size ? size : next);
        if (chunk == NULL)
            return NULL;
        kmi_slab_unref(s->chunk);
        s->chunk = chunk;
    }
    chunk->size += size;
    return chunk->data + chunk->size - size;
}

static size_t weight(const kmi_piece *piece)
{
    return sizeof *piece + piece->body_size;
}

/* Takes the frame's reference, or copies its body; NULL: no memory. */
static kmi_piece *new_piece(kmsg_stream *s, const kmi_frame *frame)
{
    bool       copied = frame->slab->capacity > 4 * frame->body_size + 4096;
    size_t     head = rounded(sizeof(kmi_piece));
    kmi_piece *piece = take_chunk(s, head + (copied ? rounded(frame->body_size) : 0));

    if (piece == NULL) {
        kmi_slab_unref(frame->slab);
        return NULL;
    }
    *piece = (kmi_piece){.item.run = run_piece,
                         .stream = s,
                         .home = kmi_slab_ref(s->chunk),
                         .slab = frame->slab,
                         .body = frame->body,
                         .body_size = frame->body_size,
                         .room = kmi_frame_room(frame->size)};
    if (copied) {
        memcpy((uint8_t *)piece + head, frame->body, frame->body_size);
        piece->body = (uint8_t *)piece + head;
        piece->slab = NULL;
        kmi_slab_unref(frame->slab);
    }
    s->node->item_bytes += weight(piece);
    return piece;
}

static void free_piece(kmi_piece *piece)
{
    piece->stream->node->item_bytes -= weight(piece);
    kmi_slab_unref(piece->slab);
    kmi_slab_unref(piece->home);
}

kmi_piece *kmi_stream_first(const kmsg_stream *s)
{
    return (kmi_piece *)s->pieces.first;
}

void kmi_stream_taken(kmsg_stream *s)
{
    kmi_piece *piece = kmi_stream_first(s);
    size_t     room = piece->room;

    s->pieces.first = piece->item.next;
    free_piece(piece);
    give_back(s, room);
}

/* Nobody is there to be told right now. */
static void keep(kmsg_stream *s, const kmi_frame *frame)
{
    kmi_piece *piece;

    if (s->node->item_bytes > 0 && s->node->item_bytes + frame->body_size > WAITING_MAX) {
        kmi_slab_unref(frame->slab);
        kmi_stream_fail(s, KMSG_EOVERLOADED, "too many items of streams are waiting");
        return;
    }
    piece = new_piece(s, frame);
    if (piece == NULL) {
        kmi_stream_fail(s, KMSG_ENOMEM, "");
    } else if (s->hear != NULL || s->pass != NULL) {
        post(s, &piece->item);
    } else {
        kmi_queue_add(&s->pieces, &piece->item);
        s->stirred = true;
    }
}

static void take_in(kmsg_stream *s, kmi_frame *frame)
{
    size_t room = kmi_frame_room(frame->size);

    s->due -= (int64_t)room;
    if (s->muted) {
        kmi_slab_unref(frame->slab);
        return;
    }
    if (s->node->depth > 0 || (s->hear == NULL && s->pass == NULL)) {
        keep(s, frame);
        return;
    }
    hand_over(s, frame->body, frame->body_size);
    give_back(s, room);
    kmi_slab_unref(frame->slab);
}

void kmi_stream_pass_all(kmsg_stream *s)
{
    while (s->pieces.first != NULL) {
        kmi_item *item = s->pieces.first;
        s->pieces.first = item->next;
        post(s, item);
    }
    if (s->got_end)
        post_last(s, KMSG_END);
    else if (s->call->over)
        post_last(s, KMSG_ECANCELED);
}

static void run_piece(kmi_item *item)
{
    kmi_piece   *piece = (kmi_piece *)item;
    kmsg_stream *s = piece->stream;
    size_t       room = piece->room;

    if (!s->muted && (s->call != NULL || s->ask != NULL))
        hand_over(s, piece->body, piece->body_size);
    free_piece(piece);
    give_back(s, room);
    kmi_stream_unref(s);
}

static kmsg_stream *of_last(kmi_item *item)
{
    return (kmsg_stream *)(void *)((uint8_t *)item - offsetof(kmsg_stream, last));
}

static kmsg_stream *of_room(kmi_item *item)
{
    return (kmsg_stream *)(void *)((uint8_t *)item - offsetof(kmsg_stream, room_item));
}

static void run_last(kmi_item *item)
{
    kmsg_stream *s = of_last(item);

    if (s->call != NULL)
        tell_item(s, s->last_err, NULL);
    kmi_stream_unref(s);
}

static void run_room(kmi_item *item)
{
    kmsg_stream *s = of_room(item);

    tell_room(s);
    kmi_stream_unref(s);
}

/* The stream that an item of the inbox belongs to, or NULL. */
static kmsg_stream *of_item(kmi_item *item)
{
    if (item->run == run_piece)
        return ((kmi_piece *)item)->stream;
    if (item->run == run_last)
        return of_last(item);
    return item->run == run_room ? of_room(item) : NULL;
}

bool kmi_stream_call_of(kmi_item *item, kmsg_call **ret)
{
    const kmsg_stream *s = of_item(item);

    if (s != NULL)
        *ret = s->call;
    return s != NULL;
}

void kmi_streams_done(kmsg_node *node)
{
    kmi_queue others = {NULL, NULL};
    kmi_item *next;

    for (kmi_item *item = node->inbox.first; item != NULL; item = next) {
        kmsg_stream *s = of_item(item);
        next = item->next;
        if (s == NULL)
            kmi_queue_add(&others, item);
        if (item->run == run_piece)
            free_piece((kmi_piece *)item);
        if (s != NULL)
            kmi_stream_unref(s);
    }
    node->inbox = others;
    while (node->streams != NULL)
        kmsg_stream_close(node->streams);
}

/* ---- frames -------------------------------------------------------------------------------- */

/* What a frame is about. None: the frame has crossed what ended the call. */
typedef struct about {
    kmi_ask     *ask;
    kmsg_call   *call;
    kmsg_stream *stream; /* or NULL */
} about;

static about find_ask(kmi_conn *conn, uint32_t id)
{
    kmi_ask *ask = kmi_ask_find(conn, id);

    if (ask == NULL || ask->queued)
        return (about){NULL, NULL, NULL};
    return (about){ask, NULL, ask->stream};
}

static about find_call(kmi_conn *conn, uint32_t id)
{
    kmsg_call         *call = kmi_call_find(conn, id);
    const kmsg_method *method = call == NULL ? NULL : kmi_call_method(call);
    about              a = {NULL, call, NULL};

    if (method == NULL) /* it will be refused anyway */
        return (about){NULL, NULL, NULL};
    a.stream = call->stream;
    if (a.stream != NULL || !kmi_is_streaming(method))
        return a;
    a.stream = kmi_stream_of_call(call, method);
    if (a.stream != NULL)
        return a;
    kmi_call_break(call, KMSG_ENOMEM, "");
    return (about){NULL, NULL, NULL};
}

static about find(kmi_conn *conn, const kmi_frame *frame, bool from_caller)
{
    return from_caller ? find_call(conn, frame->call) : find_ask(conn, frame->call);
}

static bool is_known(about a)
{
    return a.ask != NULL || a.call != NULL;
}

static bool takes(about a)
{
    return a.stream != NULL && a.stream->takes != NULL;
}

/* The two sides have schemas that differ: a matter of that call. */
static void mismatch(about a)
{
    const char *why = "one side streams what the other does not expect";

    if (a.call != NULL)
        kmi_call_break(a.call, KMSG_EREQUEST, why);
    else
        kmi_ask_break(a.ask, KMSG_EDECODE, why);
}

void kmi_stream_item(kmi_conn *conn, kmi_frame *frame)
{
    about        a = find(conn, frame, frame->flags & KMI_FLAG_CALLER);
    kmsg_stream *s = a.stream;

    if (!takes(a)) {
        kmi_slab_unref(frame->slab);
        if (is_known(a))
            mismatch(a);
    } else if (s->got_end || s->due <= 0) {
        kmi_slab_unref(frame->slab);
        kmi_conn_breach(conn, s->got_end ? "an item behind the end of its stream"
                                         : "more of a stream than there is room for");
    } else if (frame->aux != 0) {
        kmi_stream_fail(s, KMSG_ETOOBIG, "an item is larger than the limit");
    } else {
        kmi_stream_ref(s);
        take_in(s, frame);
        kmi_stream_unref(s);
    }
}

void kmi_stream_half_closed(kmi_conn *conn, const kmi_frame *frame)
{
    about        a = find(conn, frame, true);
    kmsg_stream *s = a.stream;

    if (!takes(a)) {
        if (is_known(a))
            mismatch(a);
    } else if (s->got_end) {
        kmi_conn_breach(conn, "a stream that ends twice");
    } else {
        s->got_end = true;
        s->stirred = true;
        if (s->pass != NULL)
            post_last(s, KMSG_END);
    }
}

/* From the END on a call that has an answer ends in time, as long as its items are taken. */
static void set_deadline(kmi_ask *ask)
{
    kmsg_node *node = ask->conn->node;

    if (ask->method->streams == NULL)
        kmi_timer_set(&node->timers, &ask->timer, node->sys->now_ns() + ask->timeout_ms * KMI_MS);
}

void kmi_stream_window(kmi_conn *conn, const kmi_frame *frame)
{
    about        a = find(conn, frame, frame->flags & KMI_FLAG_CALLER);
    kmsg_stream *s = a.stream;

    if (!is_known(a))
        return;
    if (s == NULL || s->gives == NULL || s->room + (int64_t)frame->aux > ROOM_MAX) {
        kmi_conn_breach(conn, "room for what is no stream");
        return;
    }
    s->room += frame->aux;
    if (s->ask != NULL && s->gave_end)
        set_deadline(s->ask);
    wake_sender(s);
}

void kmi_stream_put_end(kmsg_stream *s)
{
    s->spoke = true;
    set_deadline(s->ask);
    kmi_conn_control(s->conn, KMI_END, s->ask->id, 0);
}

void kmi_stream_began(kmsg_stream *s)
{
    if (s->ask->ended)
        return;
    kmi_timer_stop(&s->node->timers, &s->ask->timer);
    begin_windows(s);
    if (s->gives != NULL && s->gave_end)
        kmi_stream_put_end(s);
    wake_sender(s);
}
