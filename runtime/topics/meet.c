/* meet.c -- publishers and subscribers of a topic find one another by its name.
 *
 * Each publishing node publishes the name "$topic/acme.Prices", which is one of many that may have
 * it; who subscribes looks for just that. A session with it is what says that the publisher is
 * there: while it lasts, it is one of the subscriber's sources.
 *
 * A publisher that is lost may come back, as its process was not: what was known of it is noted, so
 * that it can tell what was missed.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "names/own.h"

#include <stdio.h>

/* KMSG_EINVAL: it is too long. */
static kmsg_err name_of(const kmsg_topic *topic, char ret[KMSG_NAME_MAX + 1])
{
    int size = snprintf(ret, KMSG_NAME_MAX + 1, "$topic/%s", topic->name);

    if (size > (int)KMSG_NAME_MAX)
        return kmi_error(KMSG_EINVAL, "%s: too long to be found by this name", topic->name);
    return KMSG_OK;
}

/* ---- publishing ------------------------------------------------------------------------------ */

/* Its topic is what leads to words for people; nothing else is needed of it. */
static void on_standing(void *ctx, const kmsg_name_event *event)
{
    const kmsg_topic *topic = ctx;

    if (event->kind == KMSG_NOT_PUBLISHED)
        kmi_log(KMSG_WARNING, "%s is not found by its name: %s (%s)", topic->name,
                kmsg_strerror(event->err), event->words);
}

kmsg_err kmi_meet_publish(kmi_outlet *outlet)
{
    const kmsg_publish_options options = {
        .pool = true, .heard = on_standing, .ctx = (void *)(uintptr_t)outlet->topic};
    char     name[KMSG_NAME_MAX + 1];
    kmsg_err err;

    if (outlet->options.unnamed)
        return KMSG_OK;
    err = name_of(outlet->topic, name);
    if (err != KMSG_OK)
        return err;
    return kmi_publish_own(outlet->topics->node, name, outlet->options.scope, &options,
                           &outlet->publication);
}

/* ---- who was lost ---------------------------------------------------------------------------- */

void kmi_meet_note_lost(const kmi_source *source)
{
    kmsg_subscriber *s = source->subscriber;

    if (s->lost == NULL)
        s->lost = kmi_alloc_zeroed(KMI_LOST_SOURCES_MAX * sizeof *s->lost);
    if (s->lost != NULL) /* else it is new when it comes again */
        s->lost[s->lost_next++ % KMI_LOST_SOURCES_MAX] =
            (kmi_lost_source){source->instance, source->token, source->known};
}

void kmi_meet_remember(kmi_source *source, uint64_t instance)
{
    kmi_lost_source *lost = source->subscriber->lost;

    for (size_t i = 0; lost != NULL && i < KMI_LOST_SOURCES_MAX; i++)
        if (lost[i].instance == instance) {
            source->token = lost[i].token;
            source->known = lost[i].known;
            lost[i].instance = 0;
            return;
        }
}

/* ---- subscribing ----------------------------------------------------------------------------- */

static void tell_not(kmsg_subscriber *s, const kmsg_name_event *event)
{
    const kmsg_topic_event told = {
        .kind = KMSG_TOPIC_DETACHED, .err = event->err, .words = event->words};

    kmi_subscriber_tell(s, &told);
}

/* Beyond publishers_max nobody is taken; and who was joined is there already. */
static void came(kmsg_subscriber *s, const kmsg_name_event *event)
{
    kmi_source *source = kmi_source_find(s, event->peer);
    kmsg_err    err;

    if (source != NULL && source->gone) { /* its last call has not ended yet */
        source->gone = false;
        return;
    }
    err = kmi_source_add(s, event->peer, false);
    if (err != KMSG_OK && err != KMSG_EFULL && err != KMSG_EEXIST)
        kmi_log(KMSG_WARNING, "%s: not attached to a publisher: %s", s->topic->name,
                kmsg_last_error());
}

static void on_name(void *ctx, const kmsg_name_event *event)
{
    kmsg_subscriber *s = ctx;
    kmi_source      *source;

    switch (event->kind) {
    case KMSG_AVAILABLE:
        if (!s->ended)
            came(s, event);
        break;
    case KMSG_DROPPED:
        source = kmi_source_find(s, event->peer);
        if (source != NULL && !source->joined)
            kmi_source_drop(source);
        break;
    case KMSG_NOT_SUBSCRIBED: tell_not(s, event); break;
    case KMSG_UNSUBSCRIBED: kmi_subscriber_unref(s); break;
    default: break;
    }
}

kmsg_err kmi_meet_subscribe(kmsg_subscriber *s)
{
    const kmsg_subscribe_options options = {.heard = on_name, .ctx = s};
    char                         name[KMSG_NAME_MAX + 1];
    kmsg_err                     err;

    if (s->options.unnamed)
        return KMSG_OK;
    err = name_of(s->topic, name);
    if (err != KMSG_OK)
        return err;
    err = kmi_subscribe_own(s->topics->node, name, s->options.scope, &options, &s->subscription);
    if (err == KMSG_OK)
        s->refs++; /* until it has told its last */
    return err;
}
