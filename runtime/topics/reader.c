/* reader.c -- a subscriber at his publisher: what goes to him when.
 *
 * He is sent items of the stream that his call is answered with, as long as there is room for them;
 * what is beyond that waits in his backlog. When there is room again, that is sent first.
 *
 * One who is lost with his link leaves his place, in which the messages that he would have got are
 * counted: so when he comes again he is told how many those were.
 */
#include "core/stream.h"
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"

static void leave(kmi_reader *r)
{
    kmi_outlet *outlet = r->outlet;

    if (r->prev != NULL)
        r->prev->next = r->next;
    else
        outlet->readers = r->next;
    if (r->next != NULL)
        r->next->prev = r->prev;
    outlet->choosers -= r->choice != NULL;
    outlet->waiters -= r->call != NULL && r->behind == kmsg_topics_Behind_WAIT;
    outlet->lost_count -= r->call == NULL;
    outlet->facts.missed += r->backlog.lost;
    if (outlet->withdrawn)
        kmi_outlet_lade(outlet);
}

void kmi_reader_free(kmi_reader *r)
{
    leave(r);
    kmi_scatter_end(r);
    kmi_choice_free(r->choice);
    kmi_backlog_done(&r->backlog);
    kmi_free(r);
}

void kmi_reader_end(kmi_reader *r, kmsg_err err, const char *words)
{
    kmsg_call *call = r->call;

    kmi_reader_free(r);
    if (err == KMSG_OK)
        kmsg_topics_Topics_attach_reply(call);
    else
        (void)kmsg_fail(call, err, "%s", words);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Bytes of messages that fit into one batch for it. */
static size_t batch_max(const kmi_reader *r)
{
    size_t most = r->call->conn->link == NULL ? 0 : r->call->conn->link->their.message_max;

    most = most < 2 * KMI_BATCH_ROOM ? KMI_BATCH_ROOM : most - KMI_BATCH_ROOM;
    return most < KMSG_TOPIC_BATCH ? most : KMSG_TOPIC_BATCH;
}

static kmsg_err send(kmi_reader *r, kmsg_bytes messages, uint32_t count)
{
    const kmsg_topics_Batch batch = {
        .missed = r->backlog.missed, .count = count, .messages = messages};
    kmsg_err err = kmsg_topics_Topics_attach_try_send(r->call, &batch);

    if (err == KMSG_OK)
        r->outlet->facts.delivered += count;
    return err;
}

static void on_room(void *ctx, kmsg_call *call)
{
    kmi_reader *r = ctx;

    (void)call;
    r->on_room = false;
    kmi_reader_send(r);
}

static void want_room(kmi_reader *r)
{
    if (r->on_room)
        return;
    r->on_room = true;
    kmsg_call_on_room(r->call, r, on_room);
}

/* False: no room, or nobody who wants it. What cannot be sent at all is missed. */
static bool send_front(kmi_reader *r)
{
    kmsg_bytes messages;
    uint32_t   count = kmi_backlog_front(&r->backlog, batch_max(r), &messages);
    kmsg_err   err = send(r, messages, count);

    if (err == KMSG_OK)
        kmi_backlog_told(&r->backlog, count, messages.size);
    else if (err == KMSG_ETOOBIG && count == 1)
        kmi_backlog_drop_oldest(&r->backlog);
    else
        return false;
    return true;
}

void kmi_reader_send(kmi_reader *r)
{
    if (r->call == NULL || r->call->over)
        return;
    if (r->scatter != NULL)
        kmi_scatter_backlog(r);
    while (r->backlog.count > 0 || r->backlog.missed > 0)
        if (!kmi_stream_has_room(r->call->stream) || !send_front(r)) {
            want_room(r);
            return;
        }
    if (!r->outlet->withdrawn)
        return;
    if (r->scatter != NULL)
        kmi_scatter_last_word(r);
    kmi_reader_end(r, KMSG_OK, "");
}

bool kmi_reader_send_batch(kmi_reader *r, kmsg_bytes messages, uint32_t count)
{
    if (r->scatter != NULL && r->backlog.count == 0 && !r->skips) {
        kmi_scatter(r, messages, count);
        r->passed += count;
        return true;
    }
    if (r->backlog.count > 0 || r->skips || !kmi_stream_has_room(r->call->stream) ||
        messages.size > batch_max(r) || send(r, messages, count) != KMSG_OK)
        return false;
    r->passed += count;
    r->backlog.missed = 0;
    return true;
}

/* ---- waiting --------------------------------------------------------------------------------- */

bool kmi_reader_is_full(const kmi_reader *r)
{
    const kmi_backlog *b = &r->backlog;
    const kmi_outlet  *outlet = r->outlet;
    bool               all = r->choice == NULL;

    if (b->count == 0 && kmi_stream_has_room(r->call->stream))
        return false;
    return b->count + (all ? outlet->batch_count : 0) >= b->count_max ||
           b->size + (all ? outlet->batch_size : 0) >= b->size_max;
}

static bool is_over(const kmi_backlog *b)
{
    return b->count > 1 && (b->count > b->count_max || b->size > b->size_max);
}

/* Who is not behind gets all, also if he wants the latest only. */
static kmsg_err add_by(kmi_reader *r, const kmi_news *news)
{
    return kmi_backlog_add(&r->backlog, news,
                           r->behind == kmsg_topics_Behind_LATEST &&
                               !kmi_stream_has_room(r->call->stream));
}

/* Who is waited for has had room for one more when that began, however large it is. */
static bool has_place(const kmi_reader *r, const kmi_news *news)
{
    const kmi_backlog *b = &r->backlog;

    return kmi_backlog_fits(b, news->room) || (r->behind == kmsg_topics_Behind_WAIT &&
                                               b->count < b->count_max && b->size < b->size_max);
}

/* False: it was cut off. */
static bool add_beyond(kmi_reader *r, const kmi_news *news)
{
    switch (r->behind) {
    case kmsg_topics_Behind_WAIT: kmi_backlog_miss(&r->backlog, 1); return true;
    case kmsg_topics_Behind_DISCONNECT:
        kmi_reader_end(r, KMSG_EOVERLOADED, "too many messages are waiting for this subscriber");
        return false;
    default:
        if (add_by(r, news) == KMSG_OK)
            while (is_over(&r->backlog))
                kmi_backlog_drop_oldest(&r->backlog);
        return true;
    }
}

bool kmi_reader_add(kmi_reader *r, const kmi_news *news)
{
    bool skips = r->skips;

    r->passed++;
    r->skips = false;
    if (r->call == NULL) {
        r->backlog.lost++;
        return true;
    }
    if (skips) {
        kmi_backlog_miss(&r->backlog, 1);
        return true;
    }
    if (!has_place(r, news))
        kmi_reader_send(r);
    if (!has_place(r, news))
        return add_beyond(r, news);
    if (add_by(r, news) != KMSG_OK && r->behind == kmsg_topics_Behind_DISCONNECT)
        return add_beyond(r, news);
    kmi_outlet_lade(r->outlet);
    return true;
}

/* ---- lost ------------------------------------------------------------------------------------ */

static kmi_reader *oldest_lost(const kmi_outlet *outlet)
{
    kmi_reader *oldest = NULL;

    for (kmi_reader *r = outlet->readers; r != NULL; r = r->next)
        if (r->call == NULL)
            oldest = r;
    return oldest;
}

void kmi_reader_lose(kmi_reader *r)
{
    kmi_outlet *outlet = r->outlet;

    if (outlet->lost_count >= KMI_LOST_READERS_MAX)
        kmi_reader_free(oldest_lost(outlet));
    kmi_scatter_end(r);
    kmi_backlog_drop_all(&r->backlog);
    kmi_backlog_done(&r->backlog);
    r->backlog = (kmi_backlog){.count_max = r->backlog.count_max,
                               .size_max = r->backlog.size_max,
                               .lost = r->backlog.lost};
    outlet->waiters -= r->behind == kmsg_topics_Behind_WAIT;
    outlet->lost_count++;
    r->call = NULL;
    r->on_room = r->skips = false;
}
