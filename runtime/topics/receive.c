/* receive.c -- messages that have come, to who wants them.
 *
 * A batch is walked once. Key and value of each message are read where they lie; what of them does
 * not (a list of records) is made in memory that is used again for the next one. The user's
 * function may do anything meanwhile, also end the subscriber: that is looked at after each
 * message.
 */
#include "topics/topics.h"

#include "base/arena.h"
#include "base/err.h"
#include "codec/direct.h"

static kmsg_err malformed(const kmi_source *source)
{
    return kmi_error(KMSG_EDECODE, "%s: a batch of messages that is none",
                     source->subscriber->topic->name);
}

void kmi_receive_missed(kmi_source *source, uint64_t missed)
{
    const kmsg_topic_event event = {
        .kind = KMSG_TOPIC_MISSED, .publisher = source->peer, .missed = missed, .words = ""};

    source->known += missed;
    source->subscriber->facts.missed += missed;
    kmi_subscriber_tell(source->subscriber, &event);
}

/* ---- by more than one way -------------------------------------------------------------------- */

/* It has come before, or from here. */
static bool is_repeated(kmsg_subscriber *s, const kmi_news *news)
{
    if (news->origin == s->topics->node->net.session.own.instance)
        return true;
    if (s->seen == NULL)
        s->seen = kmi_seen_new();
    return s->seen != NULL && kmi_seen_before(s->seen, news->origin, news->number);
}

static void relay(kmsg_subscriber *s, const kmi_news *news)
{
    kmi_outlet *outlet = kmi_outlet_find(s->topics, s->topic);

    if (outlet != NULL && outlet->relay == s)
        kmi_outlet_relay(outlet, news, s->key);
}

/* ---- a message ------------------------------------------------------------------------------- */

/* As it is meant here. */
static kmsg_err read_value(const kmi_source *source, const kmsg_layout *layout, kmsg_bytes bytes,
                           kmsg_arena *mem, void *ret)
{
    const kmi_place sender = {.instance = source->instance};
    kmsg_err        err = kmi_decode_to(layout, bytes, mem, ret);

    if (err != KMSG_OK || !layout->has_addresses)
        return err;
    return kmi_addresses_arrive(&sender, source->subscriber->topics->node->net.session.own.instance,
                                layout, mem, ret);
}

static kmsg_err read(const kmi_source *source, const kmi_news *news, kmsg_arena *mem)
{
    kmsg_subscriber *s = source->subscriber;
    kmsg_err         err = KMSG_OK;

    if (s->topic->key != NULL)
        err = read_value(source, s->topic->key, (kmsg_bytes){kmi_news_key(news), news->key_size},
                         mem, s->key);
    if (err == KMSG_OK)
        err = read_value(source, s->topic->value,
                         (kmsg_bytes){kmi_news_value(news), news->value_size}, mem, s->value);
    return err;
}

static kmsg_err take(kmi_source *source, const kmi_news *news, uint64_t missed, kmsg_arena *mem)
{
    kmsg_subscriber      *s = source->subscriber;
    const kmsg_topic_news facts = {.publisher = source->peer,
                                   .origin = news->flags & KMI_NEWS_WANDERS ? news->origin
                                                                            : source->instance,
                                   .missed = missed,
                                   .last = (news->flags & KMI_NEWS_LAST) != 0};
    kmsg_err              err;

    source->known += !facts.last;
    if (news->flags & KMI_NEWS_WANDERS && is_repeated(s, news)) {
        s->facts.repeated++;
        return KMSG_OK;
    }
    err = read(source, news, mem);
    if (err != KMSG_OK)
        return err;
    s->facts.received++;
    if (s->options.relay && news->ttl > 0 && !facts.last)
        relay(s, news);
    s->topic->tell(s->heard, s->ctx, &facts, s->key, s->value);
    return KMSG_OK;
}

/* ---- a batch --------------------------------------------------------------------------------- */

static kmsg_err walk(kmi_source *source, const kmsg_topics_Batch *batch, kmsg_arena *mem)
{
    size_t   at = 0;
    uint64_t missed;
    kmi_news news;
    kmsg_err err = KMSG_OK;

    if (!kmi_gather(source, batch, &missed))
        return KMSG_OK;
    for (uint32_t i = 0; i < batch->count && err == KMSG_OK && !source->left; i++) {
        if (!kmi_news_get(batch->messages.data + at, batch->messages.size - at, &news))
            return malformed(source);
        missed += news.missed;
        if (missed > 0)
            kmi_receive_missed(source, missed);
        if (!source->left)
            err = take(source, &news, missed, mem);
        missed = 0;
        at += news.room;
        kmsg_arena_reset(mem);
    }
    if (missed > 0 && !source->left)
        kmi_receive_missed(source, missed);
    return err;
}

kmsg_err kmi_receive(kmi_source *source, const kmsg_topics_Batch *batch)
{
    kmsg_subscriber *s = source->subscriber;
    kmi_topics      *topics = s->topics;
    kmsg_err         err;

    if (topics->mem == NULL)
        topics->mem = kmsg_arena_new();
    if (topics->mem == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    s->refs++;
    err = walk(source, batch, topics->mem);
    kmi_arena_reset_to(topics->mem, KMI_ARENA_KEEP);
    kmi_subscriber_unref(s);
    return err;
}
