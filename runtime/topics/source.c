/* source.c -- one of a subscriber's publishers: attached, lost, attached again.
 *
 * Being attached is a call, which lasts as long as it does. Where the user has joined it himself it
 * is begun again when it has ended, unless that was for good; a publisher that was found by its
 * name comes and goes as the name does.
 *
 * A source that has been left stays until its call has told its end.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"

#include <stdio.h>

#define RETRY_MS 500

static kmi_source *of_timer(kmi_timer *timer)
{
    return (kmi_source *)(void *)((uint8_t *)timer - offsetof(kmi_source, timer));
}

static kmsg_node *node_of(const kmi_source *source)
{
    return source->subscriber->topics->node;
}

static void free_source(kmi_source *source)
{
    kmi_timer_done(&node_of(source)->timers, &source->timer);
    kmi_peer_unref(source->peer);
    kmi_subscriber_unref(source->subscriber);
    kmi_free(source);
}

static void tell(const kmi_source *source, kmsg_topic_event_kind kind, kmsg_err err,
                 const char *words)
{
    const kmsg_topic_event event = {
        .kind = kind, .publisher = source->peer, .err = err, .words = words};

    kmi_subscriber_tell(source->subscriber, &event);
}

/* ---- while it lasts -------------------------------------------------------------------------- */

/* It ends, and its end says why. */
static void give_up(kmi_source *source, kmsg_err err)
{
    source->fault = err;
    snprintf(source->words, sizeof source->words, "%s", kmsg_last_error());
    (void)kmsg_cancel(source->peer, source);
}

static void greeted(kmi_source *source, const kmsg_topics_Batch *hello)
{
    const kmsg_topic *topic = source->subscriber->topic;
    const kmi_conn   *conn = source->peer->conn;

    if (topic->roles != NULL && !kmi_who_has_one_of(conn->who, topic->roles)) {
        give_up(source,
                kmi_error(KMSG_EPERM, "%s: who publishes it has none of its roles", topic->name));
        return;
    }
    source->attached = true;
    source->instance = conn->instance;
    source->subscriber->facts.publishers++;
    source->lossy = (hello->count & KMI_HELLO_LOSSY) != 0 && source->ticket != 0;
    if ((hello->count & KMI_HELLO_AGAIN) == 0)
        source->known = 0;
    source->begun = source->known + hello->missed;
    tell(source, KMSG_TOPIC_ATTACHED, KMSG_OK, "");
}

static void on_batch(void *ctx, const kmsg_topics_Batch *batch)
{
    kmi_source *source = ctx;
    kmsg_err    err = KMSG_OK;

    if (source->left || source->fault != KMSG_OK)
        return;
    if (!source->attached) {
        greeted(source, batch);
        if (source->attached && batch->missed > 0)
            kmi_receive_missed(source, batch->missed);
        return;
    }
    err = kmi_receive(source, batch);
    if (err != KMSG_OK && !source->left)
        give_up(source, err);
}

void kmi_source_take(kmi_source *source, const kmsg_topics_Batch *batch)
{
    if (source->attached && !source->left && source->fault == KMSG_OK)
        on_batch(source, batch);
}

/* ---- the end, and again ---------------------------------------------------------------------- */

static void attach(kmi_source *source);

/* It may be different the next time. */
static bool is_passing(kmsg_err err)
{
    switch (err) {
    case KMSG_EPERM:
    case KMSG_EMISMATCH:
    case KMSG_EOVERLOADED:
    case KMSG_EREQUEST:
    case KMSG_EDECODE:
    case KMSG_ECANCELED:
    case KMSG_EDATAGRAM:
    case KMSG_ECLOSED: return false;
    default: return true;
    }
}

static bool is_loss(kmsg_err err)
{
    return err == KMSG_ELOST || err == KMSG_EUNSENT;
}

static void on_done(void *ctx, kmsg_err err)
{
    kmi_source *source = ctx;
    bool        was_attached = source->attached, again;

    source->calling = source->attached = source->lossy = false;
    source->subscriber->facts.publishers -= was_attached;
    if (source->left) {
        free_source(source);
        return;
    }
    if (source->fault == KMSG_OK)
        snprintf(source->words, sizeof source->words, "%s", err < 0 ? kmsg_last_error() : "");
    else
        err = source->fault;
    source->fault = KMSG_OK;
    again = is_passing(err) && (source->joined || !is_loss(err));
    if (was_attached || err != source->told)
        tell(source, KMSG_TOPIC_DETACHED, err == KMSG_OK ? KMSG_ECLOSED : err, source->words);
    source->told = err;
    if (source->left)
        return;
    if (!source->joined && was_attached && is_loss(err))
        kmi_meet_note_lost(source);
    if (source->gone) {
        kmi_source_leave(source);
        return;
    }
    if (!again)
        return;
    kmi_timer_set(&node_of(source)->timers, &source->timer,
                  node_of(source)->sys->now_ns() + (was_attached ? 0 : RETRY_MS * KMI_MS));
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    (void)now_ns;
    attach(of_timer(timer));
}

static void attach(kmi_source *source)
{
    const kmsg_subscriber         *s = source->subscriber;
    const kmsg_subscriber_options *options = &s->options;

    source->ticket = 0;
    if (options->lossy)
        node_of(source)->sys->random(&source->ticket, sizeof source->ticket);
    const kmsg_topics_Wish wish = {
        .topic = kmsg_str(s->topic->name),
        .value = kmsg_str(s->topic->value->name),
        .filter = {s->filter, s->filter_size},
        .behind = (kmsg_topics_Behind)options->when_behind,
        .messages = options->messages,
        .size = options->size,
        .last = options->last,
        .token = source->token,
        .known = source->known,
        .port = options->lossy ? s->topics->port : 0,
        .ticket = source->ticket,
    };

    source->calling = true;
    kmsg_topics_Topics_attach_async(source->peer, &wish, source, on_batch, on_done);
}

/* ---- coming and going ------------------------------------------------------------------------ */

kmi_source *kmi_source_find(const kmsg_subscriber *subscriber, const kmsg_peer *peer)
{
    kmi_source *source = subscriber->sources;

    while (source != NULL && source->peer != peer)
        source = source->next;
    return source;
}

kmsg_err kmi_source_add(kmsg_subscriber *subscriber, kmsg_peer *peer, bool joined)
{
    kmi_source *source;

    if (kmi_source_find(subscriber, peer) != NULL)
        return kmi_error(KMSG_EEXIST, "%s: the subscriber has this publisher already",
                         subscriber->topic->name);
    if (subscriber->source_count >= subscriber->options.publishers_max)
        return kmi_error(KMSG_EFULL, "%s: the subscriber has %u publishers, and wants no more",
                         subscriber->topic->name, subscriber->source_count);
    source = kmi_alloc_zeroed(sizeof *source);
    if (source == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (kmi_timer_init(&subscriber->topics->node->timers, &source->timer, on_timer) != KMSG_OK) {
        kmi_free(source);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    source->subscriber = subscriber;
    subscriber->refs++;
    source->peer = kmi_peer_ref(peer);
    source->joined = joined;
    subscriber->topics->node->sys->random(&source->token, sizeof source->token);
    if (!joined)
        kmi_meet_remember(source, peer->conn->instance);
    source->next = subscriber->sources;
    subscriber->sources = source;
    subscriber->source_count++;
    attach(source);
    return KMSG_OK;
}

void kmi_source_leave(kmi_source *source)
{
    kmi_source **place = &source->subscriber->sources;

    while (*place != source)
        place = &(*place)->next;
    *place = source->next;
    source->subscriber->source_count--;
    source->left = true;
    kmi_timer_stop(&node_of(source)->timers, &source->timer);
    if (source->calling)
        (void)kmsg_cancel(source->peer, source);
    else
        free_source(source);
}

void kmi_source_drop(kmi_source *source)
{
    source->gone = true;
    if (!source->calling)
        kmi_source_leave(source);
}
