/* subscribe.c -- a topic that this node has subscribed to.
 *
 * It has a source for each of its publishers, and stays as long as one of them does, or a message
 * is being told.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"

#include <string.h>

void kmi_subscriber_free(kmsg_subscriber *s)
{
    kmi_free(s->lost);
    kmi_free(s->filter);
    kmi_free(s->key);
    kmi_free(s->value);
    kmi_seen_free(s->seen);
    kmi_free(s);
}

static void leave_list(kmsg_subscriber *s)
{
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        s->topics->subscribers = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
}

void kmi_subscriber_unref(kmsg_subscriber *s)
{
    if (--s->refs > 0)
        return;
    leave_list(s);
    kmi_subscriber_free(s);
}

void kmi_subscriber_tell(kmsg_subscriber *s, const kmsg_topic_event *event)
{
    if (s->options.heard != NULL && !s->ended)
        s->options.heard(s->options.ctx, event);
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* The filter as a message; and it is looked at, so that a pattern is refused here and not there. */
static kmsg_err set_filter(kmsg_subscriber *s, const void *filter)
{
    kmi_choice *choice;
    size_t      size;
    kmsg_err    err;

    if (filter == NULL || s->topic->filter == NULL)
        return KMSG_OK;
    err = kmsg_encoded_size(s->topic->filter, filter, &size);
    if (err != KMSG_OK)
        return kmi_error(KMSG_EINVAL, "%s: %s", s->topic->name, kmsg_last_error());
    s->filter = kmi_alloc(size);
    if (s->filter == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmsg_encode_into(s->topic->filter, filter, s->filter, size, &s->filter_size);
    if (err == KMSG_OK)
        err = kmi_choice_new(s->topic, (kmsg_bytes){s->filter, size}, &choice);
    if (err != KMSG_OK)
        return err;
    if (choice == NULL)
        s->filter_size = 0; /* it says nothing */
    kmi_choice_free(choice);
    return KMSG_OK;
}

static void *room_for(const kmsg_layout *layout)
{
    return kmi_alloc(layout->size == 0 ? 1 : layout->size);
}

static kmsg_err prepare(kmsg_subscriber *s, const void *filter)
{
    kmsg_subscriber_options *options = &s->options;
    kmsg_err                 err;

    if (options->when_behind > KMSG_BEHIND_DISCONNECT)
        return kmi_error(KMSG_EINVAL, "%s: there is no such kmsg_when_behind", s->topic->name);
    if (options->lossy && options->when_behind >= KMSG_BEHIND_WAIT)
        return kmi_error(KMSG_EINVAL,
                         "%s: nothing waits for a lossy subscriber: when_behind says nothing to it",
                         s->topic->name);
    if (options->messages == 0)
        options->messages = KMSG_TOPIC_QUEUE_MESSAGES;
    if (options->size == 0)
        options->size = KMSG_TOPIC_QUEUE_SIZE;
    if (options->publishers_max == 0)
        options->publishers_max = KMSG_TOPIC_PUBLISHERS_MAX;
    s->value = room_for(s->topic->value);
    if (s->topic->key != NULL)
        s->key = room_for(s->topic->key);
    if (s->value == NULL || (s->topic->key != NULL && s->key == NULL))
        return kmi_error_plain(KMSG_ENOMEM);
    err = set_filter(s, filter);
    if (err != KMSG_OK)
        return err;
    return options->lossy ? kmi_gather_begin(s->topics) : KMSG_OK;
}

/* What it takes in is offered here, too. */
static kmsg_err begin_relay(kmsg_subscriber *s)
{
    kmi_outlet *outlet;
    kmsg_err    err = KMSG_OK;

    if (!s->options.relay)
        return KMSG_OK;
    outlet = kmi_outlet_find(s->topics, s->topic);
    if (outlet == NULL)
        err = kmi_outlet_new(s->topics, s->topic, NULL, &outlet);
    if (err != KMSG_OK)
        return err;
    if (outlet->relay != NULL)
        return kmi_error(KMSG_EEXIST, "%s is relayed here already", s->topic->name);
    outlet->relay = s;
    return KMSG_OK;
}

static void end_relay(kmsg_subscriber *s)
{
    kmi_outlet *outlet = kmi_outlet_find(s->topics, s->topic);

    if (outlet != NULL && outlet->relay == s)
        outlet->relay = NULL;
}

kmsg_err kmsg_topic_subscribe(kmsg_node *node, const kmsg_topic *topic, const void *filter,
                              const kmsg_subscriber_options *options, kmsg_done *heard, void *ctx,
                              kmsg_subscriber **ret)
{
    kmi_topics      *topics = kmi_topics_of(node);
    kmsg_subscriber *s = kmi_alloc_zeroed(sizeof *s);
    kmsg_err         err;

    if (topics == NULL || s == NULL) {
        kmi_free(s);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    s->topics = topics;
    s->topic = topic;
    s->heard = heard;
    s->ctx = ctx;
    s->refs = 1;
    if (options != NULL)
        s->options = *options;
    err = prepare(s, filter);
    if (err == KMSG_OK)
        err = begin_relay(s);
    if (err == KMSG_OK)
        err = kmi_meet_subscribe(s);
    if (err != KMSG_OK) {
        end_relay(s);
        kmi_subscriber_free(s);
        return err;
    }
    s->next = topics->subscribers;
    if (s->next != NULL)
        s->next->prev = s;
    topics->subscribers = s;
    if (ret != NULL)
        *ret = s;
    return KMSG_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

void kmsg_subscriber_end(kmsg_subscriber *s)
{
    if (s == NULL)
        return;
    assert(!s->ended && "kmsg_subscriber_end() twice");
    s->ended = true;
    end_relay(s);
    kmsg_unsubscribe(s->subscription);
    while (s->sources != NULL)
        kmi_source_leave(s->sources);
    kmi_subscriber_unref(s);
}

/* ---- publishers ------------------------------------------------------------------------------ */

kmsg_err kmsg_subscriber_join(kmsg_subscriber *subscriber, kmsg_peer *peer)
{
    return kmi_source_add(subscriber, peer, true);
}

void kmsg_subscriber_leave(kmsg_subscriber *subscriber, kmsg_peer *peer)
{
    kmi_source *source = kmi_source_find(subscriber, peer);

    if (source != NULL && source->joined)
        kmi_source_leave(source);
}

void kmsg_subscriber_info(const kmsg_subscriber *subscriber, kmsg_subscriber_facts *ret)
{
    *ret = subscriber->facts;
}
