/* node.c -- what a node has of topics: made when it first publishes or subscribes, flushed with its
 * turns, ended with it.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"

static const char topics_kind;

static const kmsg_topic *topic_at(const kmi_part *part, size_t i)
{
    const kmi_outlet *outlet = ((const kmi_topics *)(const void *)part)->outlets;

    while (outlet != NULL && i-- > 0)
        outlet = outlet->next;
    return outlet == NULL ? NULL : outlet->topic;
}

static kmi_topics *of_part(kmi_part *part)
{
    return (kmi_topics *)(void *)((uint8_t *)part - offsetof(kmi_topics, part));
}

static void flush(kmi_part *part)
{
    kmi_topics  *topics = of_part(part);
    kmi_outlet **place = &topics->outlets;

    while (*place != NULL) {
        kmi_outlet *outlet = *place;
        if (outlet->laden)
            kmi_outlet_flush(outlet);
        if (!outlet->withdrawn || outlet->readers != NULL) {
            place = &outlet->next;
            continue;
        }
        *place = outlet->next;
        kmi_outlet_free(outlet);
    }
}

/* What was published before goes out; nobody is told anything any more. */
static void end(kmi_part *part)
{
    kmi_topics *topics = of_part(part);

    kmsg_subscriber *next;

    flush(part);
    for (kmsg_subscriber *s = topics->subscribers; s != NULL; s = next) {
        next = s->next;
        if (!s->ended)
            kmsg_subscriber_end(s);
    }
}

static void done(kmi_part *part)
{
    kmi_topics *topics = of_part(part);

    while (topics->subscribers != NULL) {
        kmsg_subscriber *s = topics->subscribers;
        topics->subscribers = s->next;
        kmi_subscriber_free(s);
    }
    while (topics->outlets != NULL) {
        kmi_outlet *outlet = topics->outlets;
        topics->outlets = outlet->next;
        kmi_outlet_free(outlet);
    }
    kmsg_arena_free(topics->mem);
    kmi_free(topics);
}

kmi_topics *kmi_topics_of(kmsg_node *node)
{
    kmi_part   *part = kmi_part_find(node, &topics_kind);
    kmi_topics *topics;

    if (part != NULL)
        return of_part(part);
    topics = kmi_alloc_zeroed(sizeof *topics);
    if (topics == NULL)
        return NULL;
    topics->node = node;
    topics->part.kind = &topics_kind;
    topics->part.topic = topic_at;
    topics->part.flush = flush;
    topics->part.end = end;
    topics->part.free = done;
    kmi_part_add(node, &topics->part);
    return topics;
}

kmsg_err kmsg_topic_info(const kmsg_node *node, const kmsg_topic *topic, kmsg_topic_facts *ret)
{
    kmi_part         *part = kmi_part_find(node, &topics_kind);
    const kmi_outlet *outlet = part == NULL ? NULL : kmi_outlet_find(of_part(part), topic);

    if (outlet == NULL)
        return kmi_error(KMSG_ENOENT, "%s is not published here", topic->name);
    *ret = outlet->facts;
    ret->subscribers = 0;
    for (const kmi_reader *r = outlet->readers; r != NULL; r = r->next) {
        ret->subscribers += r->call != NULL;
        ret->missed += r->backlog.lost;
    }
    return KMSG_OK;
}

void kmsg_topic_withdraw(kmsg_node *node, const kmsg_topic *topic)
{
    kmi_part   *part = kmi_part_find(node, &topics_kind);
    kmi_outlet *outlet = part == NULL ? NULL : kmi_outlet_find(of_part(part), topic);

    if (outlet != NULL)
        kmi_outlet_withdraw(outlet);
}
