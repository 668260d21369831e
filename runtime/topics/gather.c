/* gather.c -- messages that come by datagrams.
 *
 * A node has one port for all of them, of 127.0.0.1. Anybody on this host can send there, under any
 * name: what counts is the ticket, a random number that only the publisher was told. Each batch
 * says how many messages were before it, also one that comes by the stream; so here is known what
 * is missing, and what is too late.
 */
#include "topics/topics.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

static kmi_source *find(const kmi_topics *topics, uint64_t ticket)
{
    for (kmsg_subscriber *s = topics->subscribers; s != NULL; s = s->next)
        for (kmi_source *source = s->sources; source != NULL; source = source->next)
            if (source->lossy && source->ticket == ticket)
                return source;
    return NULL;
}

static kmsg_err on_part(void *ctx, kmsg_call *call, uint64_t ticket, const kmsg_topics_Batch *batch)
{
    kmi_source *source = find(ctx, ticket);

    if (source == NULL)
        return kmsg_fail(call, KMSG_EPERM, "nobody here has asked for that");
    kmi_source_take(source, batch);
    return KMSG_OK;
}

static const kmsg_topics_Lossy_impl lossy_impl = {.part = on_part};

kmsg_err kmi_gather_begin(kmi_topics *topics)
{
    kmsg_err err;

    if (topics->datagrams != NULL)
        return KMSG_OK;
    if (!topics->gathers)
        err = kmsg_topics_Lossy_serve(topics->node, &lossy_impl, topics);
    else
        err = KMSG_OK;
    topics->gathers = err == KMSG_OK;
    if (err == KMSG_OK)
        err = kmsg_listen(topics->node, "udp:127.0.0.1:0", &topics->datagrams);
    if (err == KMSG_OK)
        topics->port =
            (uint32_t)strtoul(strrchr(kmsg_listener_url(topics->datagrams), ':') + 1, NULL, 10);
    else
        topics->datagrams = NULL;
    return err;
}

bool kmi_gather(const kmi_source *source, const kmsg_topics_Batch *batch, uint64_t *ret_missed)
{
    uint64_t known = source->known - source->begun;

    *ret_missed = batch->missed;
    if (!source->lossy)
        return true;
    *ret_missed -= known;
    return batch->missed >= known;
}
