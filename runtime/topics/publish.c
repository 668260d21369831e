/* publish.c -- a message into the batch; and whom a publisher waits for.
 *
 * Read kmsg_topic_publish() first. Waiting comes before anything else, since other things happen
 * meanwhile, also to the topic itself: what was known of it before is looked up again. Who has no
 * room when the time is over is marked, and skipped by the message at hand; so that one goes out
 * alone.
 */
#include "core/stream.h"
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"
#include "codec/direct.h"

#include <string.h>

#define BATCH_MIN ((size_t)4 << 10)

/* ---- writing --------------------------------------------------------------------------------- */

static kmsg_err grow(kmi_outlet *outlet, size_t size)
{
    size_t   capacity = outlet->batch_capacity == 0 ? BATCH_MIN : outlet->batch_capacity;
    uint8_t *batch;

    if (outlet->batch_size > 0 && outlet->batch_size + size > KMSG_TOPIC_BATCH)
        kmi_outlet_flush(outlet);
    while (capacity < outlet->batch_size + size)
        capacity *= 2;
    if (capacity <= outlet->batch_capacity)
        return KMSG_OK;
    batch = kmi_resize(outlet->batch, capacity);
    if (batch == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    outlet->batch = batch;
    outlet->batch_capacity = capacity;
    return KMSG_OK;
}

/* What one large message has needed is not kept. */
static void shrink(kmi_outlet *outlet)
{
    uint8_t *batch;

    if (outlet->batch_capacity <= KMSG_TOPIC_BATCH || outlet->batch_size > 0)
        return;
    batch = kmi_resize(outlet->batch, KMSG_TOPIC_BATCH);
    if (batch == NULL)
        return;
    outlet->batch = batch;
    outlet->batch_capacity = KMSG_TOPIC_BATCH;
}

static void fill_up(uint8_t *at, size_t size)
{
    memset(at + size, 0, kmi_frame_room(size) - size);
}

/* Where there is room, and nothing is wrong with the values: at once. */
static bool write_quickly(const kmi_outlet *outlet, const void *key, const void *value,
                          kmi_news *news)
{
    uint8_t *at = outlet->batch + outlet->batch_size + kmi_news_lead(news->flags);
    uint8_t *end = outlet->batch + outlet->batch_capacity;
    size_t   key_size = 0, value_size;

    if (outlet->batch_capacity - outlet->batch_size < KMI_NEWS_HEAD + KMI_NEWS_ORIGIN + 16u)
        return false;
    if (key != NULL &&
        !kmi_encode_direct(outlet->topic->key, key, at, (size_t)(end - at), &key_size))
        return false;
    if ((size_t)(end - at) < kmi_frame_room(key_size))
        return false;
    fill_up(at, key_size);
    at += kmi_frame_room(key_size);
    if (!kmi_encode_direct(outlet->topic->value, value, at, (size_t)(end - at), &value_size) ||
        (size_t)(end - at) < kmi_frame_room(value_size))
        return false;
    fill_up(at, value_size);
    news->key_size = (uint32_t)key_size;
    news->value_size = (uint32_t)value_size;
    return true;
}

/* Measured first, with words for what is wrong. */
static kmsg_err write_slowly(kmi_outlet *outlet, const void *key, const void *value, kmi_news *news)
{
    const kmsg_topic *topic = outlet->topic;
    size_t            key_size = 0, value_size = 0, lead = kmi_news_lead(news->flags);
    uint8_t          *at;
    kmsg_err          err = key == NULL ? KMSG_OK : kmsg_encoded_size(topic->key, key, &key_size);

    if (err == KMSG_OK)
        err = kmsg_encoded_size(topic->value, value, &value_size);
    if (err == KMSG_OK)
        err = grow(outlet, lead + kmi_frame_room(key_size) + kmi_frame_room(value_size));
    if (err != KMSG_OK)
        return err;
    at = outlet->batch + outlet->batch_size + lead;
    if (key != NULL)
        err = kmsg_encode_into(topic->key, key, at, key_size, &key_size);
    fill_up(at, key_size);
    at += kmi_frame_room(key_size);
    if (err == KMSG_OK)
        err = kmsg_encode_into(topic->value, value, at, value_size, &value_size);
    fill_up(at, value_size);
    news->key_size = (uint32_t)key_size;
    news->value_size = (uint32_t)value_size;
    return err;
}

/* Behind the batch; it is not of it yet. */
static kmsg_err write(kmi_outlet *outlet, const void *key, const void *value, kmi_news *news)
{
    kmsg_err err = KMSG_OK;

    if (!write_quickly(outlet, key, value, news))
        err = write_slowly(outlet, key, value, news);
    if (err != KMSG_OK)
        return err;
    news->at = outlet->batch + outlet->batch_size;
    news->room = kmi_news_lead(news->flags) + kmi_frame_room(news->key_size) +
                 kmi_frame_room(news->value_size);
    kmi_news_put(outlet->batch + outlet->batch_size, news);
    return KMSG_OK;
}

/* ---- to whom it goes ------------------------------------------------------------------------- */

/* How many it was not given to, as they have not been waited for long enough. */
static uint32_t hand_out(kmi_outlet *outlet, const kmi_news *news, const void *key)
{
    uint32_t    skipped = 0;
    kmi_reader *next;

    if (outlet->lasts != NULL)
        kmi_lasts_keep(outlet->lasts, news);
    outlet->batch_size += news->room;
    outlet->batch_count++;
    kmi_outlet_lade(outlet);
    if (outlet->choosers == 0 && !outlet->skipping)
        return 0;
    outlet->skipping = false;
    for (kmi_reader *r = outlet->readers; r != NULL; r = next) {
        bool chosen = r->choice != NULL && kmi_choice_takes(r->choice, key);
        next = r->next;
        if (r->choice == NULL || chosen)
            skipped += r->skips;
        if (chosen)
            (void)kmi_reader_add(r, news);
    }
    return skipped;
}

/* There is no message that they could skip. */
static void forget_skips(kmi_outlet *outlet)
{
    outlet->skipping = false;
    for (kmi_reader *r = outlet->readers; r != NULL; r = r->next)
        r->skips = false;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* Its own node would have to take what waits, and cannot while its code waits here. */
static bool is_own(const kmi_reader *r)
{
    const kmsg_node *node = r->outlet->topics->node;

    return r->call->conn == node->self->conn && node->depth > 0;
}

static bool waits(const kmi_reader *r)
{
    return r->call != NULL && r->behind == kmsg_topics_Behind_WAIT;
}

static bool must_wait(const kmi_reader *r, const void *key)
{
    return waits(r) && kmi_reader_is_full(r) &&
           (r->choice == NULL || kmi_choice_takes(r->choice, key));
}

/* All have taken what there was, and have room for this batch: they need not be looked at for each
 * message of it. */
static bool are_at_ease(const kmi_outlet *outlet)
{
    for (const kmi_reader *r = outlet->readers; r != NULL; r = r->next)
        if (waits(r) &&
            (r->choice != NULL || r->backlog.count > 0 || !kmi_stream_has_room(r->call->stream)))
            return false;
    return true;
}

/* Those without room for it. `skip`: they do not get it. */
static uint32_t count_full(kmi_outlet *outlet, const void *key, bool skip)
{
    uint32_t count = 0;

    for (kmi_reader *r = outlet->readers; r != NULL; r = r->next)
        if (must_wait(r, key)) {
            r->skips = skip || is_own(r);
            outlet->skipping |= r->skips;
            count += !r->skips;
        }
    return count;
}

/* Is anybody to be waited for? */
static bool is_held_up(kmi_outlet *outlet, const void *key)
{
    if (outlet->waiters == 0 || outlet->at_ease)
        return false;
    outlet->at_ease = are_at_ease(outlet);
    return !outlet->at_ease && count_full(outlet, key, false) > 0;
}

static kmsg_err use(kmi_topics *topics, const kmsg_topic *topic, kmi_outlet **ret)
{
    *ret = kmi_outlet_find(topics, topic);
    return *ret != NULL ? KMSG_OK : kmi_outlet_new(topics, topic, NULL, ret);
}

/* Until all of those who want that have room, or the time is over. */
static kmsg_err wait(kmi_topics *topics, const kmsg_topic *topic, const void *key, kmi_outlet **ret)
{
    kmi_limit limit;
    kmsg_err  err;

    kmi_outlet_flush(*ret);
    if (count_full(*ret, key, false) == 0)
        return KMSG_OK;
    err = kmi_limit_init(&limit, topics->node, (*ret)->options.timeout_ms);
    if (err != KMSG_OK)
        return err;
    while (err == KMSG_OK && !limit.over && count_full(*ret, key, false) > 0) {
        kmi_node_turn(topics->node, true, &limit.over);
        err = use(topics, topic, ret);
        if (err == KMSG_OK)
            kmi_outlet_flush(*ret);
    }
    kmi_limit_done(&limit, topics->node);
    if (err == KMSG_OK)
        (void)count_full(*ret, key, true);
    return err;
}

/* A publisher that does not turn its node hears all the same that there is room again. */
static void listen(kmi_outlet *outlet)
{
    kmsg_node *node = outlet->topics->node;
    int64_t    outer;
    bool       behind = false;

    for (const kmi_reader *r = outlet->readers; r != NULL && !behind; r = r->next)
        behind = r->on_room;
    if (!behind)
        return;
    outer = kmi_user_begin(node);
    kmi_node_turn(node, false, NULL);
    kmi_user_end(node, outer);
}

static void flush_if_full(kmi_outlet *outlet, size_t more)
{
    if (outlet->batch_size + more <= KMSG_TOPIC_BATCH)
        return;
    kmi_outlet_flush(outlet);
    shrink(outlet);
    listen(outlet);
}

/* ---- publishing ------------------------------------------------------------------------------ */

static kmsg_err publish(kmi_outlet *outlet, const void *key, const void *value)
{
    kmi_news news = {.flags = outlet->options.ttl > 0 ? KMI_NEWS_WANDERS : 0,
                     .origin = outlet->topics->node->net.session.own.instance,
                     .number = outlet->number + 1,
                     .ttl = outlet->options.ttl};
    uint32_t skipped;
    kmsg_err err = write(outlet, key, value, &news);

    if (err != KMSG_OK) {
        forget_skips(outlet);
        return err;
    }
    outlet->number++;
    outlet->facts.published++;
    skipped = hand_out(outlet, &news, key);
    if (skipped > 0)
        kmi_outlet_flush(outlet);
    flush_if_full(outlet, news.room);
    if (skipped == 0)
        return KMSG_OK;
    return kmi_error(KMSG_EFULL,
                     "%s: %u that wanted it to wait for them had no room for it in %u ms",
                     outlet->topic->name, skipped, outlet->options.timeout_ms);
}

kmsg_err kmsg_topic_publish(kmsg_node *node, const kmsg_topic *topic, const void *key,
                            const void *value)
{
    kmi_topics *topics = kmi_topics_of(node);
    kmi_outlet *outlet;
    kmsg_err    err;

    if (topics == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    err = use(topics, topic, &outlet);
    if (err == KMSG_OK && is_held_up(outlet, key))
        err = wait(topics, topic, key, &outlet);
    if (err != KMSG_OK)
        return err;
    return publish(outlet, key, value);
}

void kmi_outlet_relay(kmi_outlet *outlet, const kmi_news *news, const void *key)
{
    kmi_news copy = *news;

    if (grow(outlet, news->room) != KMSG_OK)
        return; /* it is missed by those for whom this is the only way */
    copy.at = outlet->batch + outlet->batch_size;
    copy.flags = KMI_NEWS_WANDERS;
    copy.missed = 0;
    copy.ttl = news->ttl - 1;
    memcpy(outlet->batch + outlet->batch_size, news->at, news->room);
    kmi_news_put(outlet->batch + outlet->batch_size, &copy);
    outlet->facts.relayed++;
    (void)hand_out(outlet, &copy, key);
    flush_if_full(outlet, 0);
}
