/* outlet.c -- a topic that this node publishes: what it sends, and to whom.
 *
 * The batch is for those who want all of it, and are not behind. It is a batch of messages as it
 * will lie in a frame, so handing it to one of them is one copy. Who is behind, or was left out,
 * gets its messages one by one into a backlog of his own.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"

/* ---- finding --------------------------------------------------------------------------------- */

/* What was used last comes first: who publishes much of one topic finds it at once. */
static kmi_outlet *to_front(kmi_topics *topics, kmi_outlet **place)
{
    kmi_outlet *outlet = *place;

    *place = outlet->next;
    outlet->next = topics->outlets;
    topics->outlets = outlet;
    return outlet;
}

kmi_outlet *kmi_outlet_find(kmi_topics *topics, const kmsg_topic *topic)
{
    for (kmi_outlet **place = &topics->outlets; *place != NULL; place = &(*place)->next)
        if ((*place)->topic == topic && !(*place)->withdrawn)
            return to_front(topics, place);
    return NULL;
}

kmi_outlet *kmi_outlet_named(kmi_topics *topics, kmsg_string name)
{
    for (kmi_outlet *outlet = topics->outlets; outlet != NULL; outlet = outlet->next)
        if (!outlet->withdrawn && kmsg_string_equal(kmsg_str(outlet->topic->name), name))
            return outlet;
    return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static kmsg_err check(const kmsg_topic *topic, const kmsg_publisher_options *options)
{
    if (options->ttl > KMSG_TOPIC_TTL_MAX)
        return kmi_error(KMSG_EINVAL, "%s: a message passes through %u nodes at most, not %u",
                         topic->name, KMSG_TOPIC_TTL_MAX, options->ttl);
    if (options->ttl > 0 &&
        (topic->value->has_addresses || (topic->key != NULL && topic->key->has_addresses)))
        return kmi_error(KMSG_EINVAL,
                         "%s: there are addresses in its messages, which others cannot hand on",
                         topic->name);
    return KMSG_OK;
}

static kmsg_err serve(kmi_topics *topics)
{
    kmsg_err err = KMSG_OK;

    if (!topics->served)
        err = kmsg_topics_Topics_serve(topics->node, &kmi_attach_impl, topics);
    topics->served = err == KMSG_OK;
    return err;
}

static kmi_outlet *new_outlet(kmi_topics *topics, const kmsg_topic *topic,
                              const kmsg_publisher_options *options)
{
    kmi_outlet *outlet = kmi_alloc_zeroed(sizeof *outlet);

    if (outlet == NULL)
        return NULL;
    outlet->topics = topics;
    outlet->topic = topic;
    outlet->options = *options;
    if (outlet->options.subscribers_max == 0)
        outlet->options.subscribers_max = KMSG_TOPIC_SUBSCRIBERS_MAX;
    if (outlet->options.queue_max == 0)
        outlet->options.queue_max = KMSG_TOPIC_QUEUE_MAX;
    if (outlet->options.last_size == 0)
        outlet->options.last_size = KMSG_TOPIC_QUEUE_SIZE;
    if (outlet->options.timeout_ms == 0)
        outlet->options.timeout_ms = KMSG_CALL_TIMEOUT_MS;
    if (options->last_keys == 0)
        return outlet;
    outlet->lasts = kmi_lasts_new(options->last_keys, outlet->options.last_size);
    if (outlet->lasts != NULL)
        return outlet;
    kmi_free(outlet);
    return NULL;
}

kmsg_err kmi_outlet_new(kmi_topics *topics, const kmsg_topic *topic,
                        const kmsg_publisher_options *options, kmi_outlet **ret)
{
    const kmsg_publisher_options none = {0};
    kmi_outlet                  *outlet;
    kmsg_err                     err;

    options = options == NULL ? &none : options;
    err = check(topic, options);
    if (err == KMSG_OK)
        err = serve(topics);
    if (err != KMSG_OK)
        return err;
    outlet = new_outlet(topics, topic, options);
    if (outlet == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmi_meet_publish(outlet);
    if (err != KMSG_OK) {
        kmi_outlet_free(outlet);
        return err;
    }
    outlet->next = topics->outlets;
    topics->outlets = outlet;
    *ret = outlet;
    return KMSG_OK;
}

void kmi_outlet_free(kmi_outlet *outlet)
{
    while (outlet->readers != NULL)
        kmi_reader_free(outlet->readers);
    kmi_lasts_free(outlet->lasts);
    kmi_free(outlet->batch);
    kmi_free(outlet);
}

kmsg_err kmsg_topic_offer(kmsg_node *node, const kmsg_topic *topic,
                          const kmsg_publisher_options *options)
{
    kmi_topics *topics = kmi_topics_of(node);
    kmi_outlet *outlet;

    if (topics == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (kmi_outlet_find(topics, topic) != NULL)
        return kmi_error(KMSG_EEXIST, "%s is published here already", topic->name);
    return kmi_outlet_new(topics, topic, options, &outlet);
}

/* Who has been sent all goes; the others when they have. */
void kmi_outlet_withdraw(kmi_outlet *outlet)
{
    kmi_reader *next;

    kmi_outlet_flush(outlet);
    outlet->withdrawn = true;
    kmsg_unpublish(outlet->publication);
    outlet->publication = NULL;
    if (outlet->relay != NULL)
        outlet->relay->options.relay = false;
    outlet->relay = NULL;
    for (kmi_reader *r = outlet->readers; r != NULL; r = next) {
        next = r->next;
        kmi_reader_send(r);
    }
    kmi_outlet_lade(outlet); /* it is freed where nobody is left */
}

/* ---- sending --------------------------------------------------------------------------------- */

/* One by one. False: it was cut off. */
static bool add_each(const kmi_outlet *outlet, kmi_reader *r)
{
    kmi_news news;

    for (size_t at = 0; at < outlet->batch_size; at += news.room)
        if (!kmi_news_get(outlet->batch + at, outlet->batch_size - at, &news) ||
            !kmi_reader_add(r, &news))
            return false;
    return true;
}

/* False: it was cut off. */
static bool send_batch(kmi_outlet *outlet, kmi_reader *r)
{
    const kmsg_bytes messages = {outlet->batch, outlet->batch_size};

    if (r->call != NULL)
        return kmi_reader_send_batch(r, messages, outlet->batch_count) || add_each(outlet, r);
    r->passed += outlet->batch_count;
    r->backlog.lost += outlet->batch_count;
    return true;
}

void kmi_outlet_flush(kmi_outlet *outlet)
{
    kmi_reader *next;

    outlet->laden = outlet->at_ease = false;
    for (kmi_reader *r = outlet->readers; r != NULL; r = next) {
        next = r->next;
        if (r->choice != NULL || outlet->batch_count == 0 || send_batch(outlet, r))
            kmi_reader_send(r);
    }
    outlet->batch_size = 0;
    outlet->batch_count = 0;
}
