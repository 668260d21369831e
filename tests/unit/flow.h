/* flow.h -- what the tests of streams share: a server of flow.kmsg, whose handlers do what the name
 * (or key) of a call says.
 *
 *   upload  sum     is told of the bytes, and answers at their end
 *           wait    receives them inside of the handler
 *           keep    takes nothing until the test says so
 *           throw   throws at once; "throw 3" behind the third item; "answer 3" answers there
 *   watch   now     sends all inside of the handler
 *           pump    sends as there is room
 *           keep    sends nothing; the test does
 *           fail    sends all, then fails
 */
#ifndef FLOW_H
#define FLOW_H

#include "talk.h"

#include "flow.kmsg.h"

typedef struct flow {
    kmsg_node     *node;
    kmsg_listener *listener;
    kmsg_call     *call; /* the last one that was left for later */
    const char    *name; /* how it is to be handled */
    uint64_t       bytes;
    int64_t        items;     /* that came, or were sent */
    int64_t        count;     /* to be sent */
    int            ends;      /* how often the end of the items was told, */
    kmsg_err       end;       /* and which */
    int            overs;     /* how often that nobody waits */
    kmsg_err       err;       /* of the last function that waited in a handler */
    uint8_t        seen[256]; /* the last address that was met */
    size_t         seen_size;
} flow;

/* ---- upload -------------------------------------------------------------------------------- */

static inline void flow_over(void *ctx, kmsg_call *call)
{
    flow *f = ctx;

    CHECK(kmsg_call_is_over(call));
    f->overs++;
}

static inline void flow_received(void *ctx, kmsg_call *call, kmsg_err err, const kmsg_bytes *data)
{
    flow *f = ctx;

    if (err == KMSG_OK) {
        f->bytes += data->size;
        f->items++;
        if (f->items == 3 && strcmp(f->name, "throw 3") == 0)
            flow_Refused_throw(call,
                               &(flow_Refused){.reason = KMSG_STR("enough"), .after = f->items});
        if (f->items == 3 && strcmp(f->name, "answer 3") == 0)
            flow_Flow_upload_reply(call, &f->bytes);
        return;
    }
    CHECK(data == NULL);
    f->ends++;
    f->end = err;
    flow_Flow_upload_reply(call, &f->bytes);
}

static inline kmsg_err flow_upload(void *ctx, kmsg_call *call, kmsg_string name, uint64_t *ret)
{
    static const char *const known[] = {"sum", "wait", "keep", "throw", "throw 3", "answer 3"};
    flow                    *f = ctx;
    kmsg_bytes               data;

    f->name = "";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name.data, known[i]) == 0)
            f->name = known[i];
    f->bytes = 0;
    f->items = 0;
    f->call = call;
    kmsg_call_on_over(call, f, flow_over);
    if (strcmp(f->name, "throw") == 0)
        return flow_Refused_throw(call, &(flow_Refused){.reason = KMSG_STR("never")});
    if (strcmp(f->name, "wait") != 0) {
        if (strcmp(f->name, "keep") != 0)
            flow_Flow_upload_receive_async(call, f, flow_received);
        return KMSG_LATER;
    }
    while ((f->err = flow_Flow_upload_receive(call, kmsg_call_arena(call), &data)) == KMSG_OK) {
        f->bytes += data.size;
        f->items++;
    }
    *ret = f->bytes;
    return f->err == KMSG_END ? KMSG_OK : f->err;
}

/* ---- watch --------------------------------------------------------------------------------- */

static inline flow_Event event_of(int64_t at)
{
    return (flow_Event){.at = at, .text = KMSG_STR("something has happened")};
}

static inline void flow_pump(void *ctx, kmsg_call *call)
{
    flow    *f = ctx;
    kmsg_err err = KMSG_OK;

    while (f->items < f->count && err == KMSG_OK) {
        flow_Event event = event_of(f->items);
        err = flow_Flow_watch_try_send(call, &event);
        f->items += err == KMSG_OK;
    }
    if (err == KMSG_EFULL) {
        kmsg_call_on_room(call, f, flow_pump);
        return;
    }
    f->err = err;
    flow_Flow_watch_reply(call);
}

static inline kmsg_err flow_watch(void *ctx, kmsg_call *call, kmsg_string key, int64_t count)
{
    flow *f = ctx;

    f->items = 0;
    f->count = count;
    f->call = call;
    kmsg_call_on_over(call, f, flow_over);
    if (strcmp(key.data, "keep") == 0)
        return KMSG_LATER;
    if (strcmp(key.data, "pump") == 0) {
        kmsg_call_on_room(call, f, flow_pump);
        return KMSG_LATER;
    }
    while (f->items < count) {
        flow_Event event = event_of(f->items);
        f->err = flow_Flow_watch_send(call, &event);
        if (f->err != KMSG_OK)
            return f->err;
        f->items++;
    }
    if (strcmp(key.data, "fail") == 0)
        return kmsg_fail(call, KMSG_ENOENT, "no more of %s", key.data);
    return KMSG_OK;
}

/* ---- the others ---------------------------------------------------------------------------- */

static inline void flow_doubled(void *ctx, kmsg_call *call, kmsg_err err, const int64_t *data)
{
    flow *f = ctx;

    if (err == KMSG_OK) {
        f->items++;
        f->err = flow_Flow_talk_send(call, 2 * *data);
        return;
    }
    f->ends++;
    f->end = err;
    flow_Flow_talk_reply(call);
}

static inline kmsg_err flow_talk(void *ctx, kmsg_call *call)
{
    flow *f = ctx;

    f->items = 0;
    f->call = call;
    flow_Flow_talk_receive_async(call, f, flow_doubled);
    return KMSG_LATER;
}

static inline kmsg_err flow_log(void *ctx, kmsg_call *call)
{
    flow      *f = ctx;
    flow_Event event;

    f->items = 0;
    while ((f->err = flow_Flow_log_receive(call, kmsg_call_arena(call), &event)) == KMSG_OK) {
        EQ_INT(event.at, f->items);
        f->items++;
    }
    return f->err == KMSG_END ? KMSG_OK : f->err;
}

static inline kmsg_err flow_plain(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    (void)ctx;
    (void)call;
    *ret = number + 1;
    return KMSG_OK;
}

static inline void flow_met(void *ctx, kmsg_call *call, kmsg_err err, const kmsg_address *at)
{
    flow *f = ctx;

    if (err != KMSG_OK) {
        flow_Flow_meet_reply(call);
        return;
    }
    CHECK(at->size <= sizeof f->seen);
    memcpy(f->seen, at->data, at->size);
    f->seen_size = at->size;
    f->err = flow_Flow_meet_send(call, *at);
}

static inline kmsg_err flow_meet(void *ctx, kmsg_call *call)
{
    flow_Flow_meet_receive_async(call, ctx, flow_met);
    return KMSG_LATER;
}

static const flow_Flow_impl flow_impl = {.upload = flow_upload,
                                         .watch = flow_watch,
                                         .talk = flow_talk,
                                         .log = flow_log,
                                         .plain = flow_plain,
                                         .meet = flow_meet};

/* ---- servers ------------------------------------------------------------------------------- */

/* On a node that the test drives; `url` may be NULL. */
static inline void flow_init(flow *f, const char *url)
{
    *f = (flow){.node = kmsg_node_new(), .name = ""};
    CHECK(f->node != NULL);
    OK(flow_Flow_serve(f->node, &flow_impl, f));
    if (url != NULL)
        OK(kmsg_listen(f->node, url, &f->listener));
}

static inline kmsg_peer *flow_dial(kmsg_node *node, const flow *f)
{
    kmsg_peer *peer = NULL;

    OK(kmsg_dial(node, kmsg_listener_url(f->listener), &peer));
    return peer;
}

static inline void flow_done(flow *f)
{
    kmsg_node_free(f->node);
    f->node = NULL;
}

/* A caller and a server that the test drives; the server itself, if there is no url. */
typedef struct world {
    flow        f;
    kmsg_node  *node;
    kmsg_peer  *peer;
    kmsg_arena *mem;
} world;

static inline void world_begin(world *w, const char *url)
{
    flow_init(&w->f, url);
    w->node = kmsg_node_new();
    w->mem = kmsg_arena_new();
    w->peer = url == NULL ? kmsg_self(w->f.node) : flow_dial(w->node, &w->f);
}

static inline void world_end(world *w)
{
    kmsg_node_free(w->node);
    if (w->f.node != NULL)
        flow_done(&w->f);
    kmsg_arena_free(w->mem);
}

static uint8_t flow_zeros[64 << 10];

static inline kmsg_bytes piece_of(size_t size)
{
    return (kmsg_bytes){flow_zeros, size};
}

/* ---- what a caller is told ------------------------------------------------------------------ */

typedef struct told {
    int64_t  items;
    int      room; /* how often */
    int      count;
    kmsg_err err;
    uint64_t number;
    char     words[256];
} told;

static inline void told_end(told *t, kmsg_err err)
{
    t->count++;
    t->err = err;
    snprintf(t->words, sizeof t->words, "%s", err == KMSG_OK ? "" : kmsg_last_error());
}

static inline void told_event(void *ctx, const flow_Event *item)
{
    told *t = ctx;

    EQ_INT(t->count, 0);
    EQ_INT(item->at, t->items);
    EQ_STR(item->text.data, "something has happened");
    t->items++;
}

static inline void told_done(void *ctx, kmsg_err err)
{
    told_end(ctx, err);
}

static inline void told_number(void *ctx, kmsg_err err, const uint64_t *result)
{
    told_end(ctx, err);
    CHECK((result != NULL) == (err == KMSG_OK));
    ((told *)ctx)->number = result == NULL ? 0 : *result;
}

static inline void told_room(void *ctx, kmsg_stream *stream)
{
    (void)stream;
    ((told *)ctx)->room++;
}

#endif
