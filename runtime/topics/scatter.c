/* scatter.c -- what goes to a lossy subscriber by datagrams.
 *
 * Messages are cut into parts that fit into one datagram which no network has to cut. One that is
 * larger goes alone. What is too large for any goes by the stream, and so do last values, which
 * nobody counts: of them a second copy could not be told. Each part says how many messages were
 * before it, so what is not sent, and what is lost, is told by the next one.
 *
 * The subscriber is reached at 127.0.0.1, and only if his connection is one that cannot leave this
 * host: the port that he tells is his only there.
 */
#include "core/stream.h"
#include "topics/topics.h"

#include "base/err.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define PART_ROOM 128u /* of a datagram, beside the messages of its part */
#define PART_SIZE (KMSG_DATAGRAM_WHOLE - PART_ROOM)
#define PART_MAX  (KMSG_DATAGRAM_MAX - PART_ROOM)

/* ---- where to -------------------------------------------------------------------------------- */

static bool is_on_this_host(const kmi_conn *conn)
{
    return strncmp(conn->url, "unix:", 5) == 0 || strncmp(conn->url, "inproc:", 7) == 0;
}

void kmi_scatter_begin(kmi_reader *r, const kmsg_topics_Wish *wish)
{
    char url[sizeof "udp:127.0.0.1:65535"];

    if (wish->port == 0 || !is_on_this_host(r->call->conn) || r->outlet->topic->roles != NULL)
        return; /* whoever takes over a port that is free again reads what comes there */
    snprintf(url, sizeof url, "udp:127.0.0.1:%u", wish->port & 65535u);
    if (kmsg_dial(r->outlet->topics->node, url, &r->scatter) != KMSG_OK) {
        kmi_log(KMSG_WARNING, "%s: no datagrams: %s", r->outlet->topic->name, kmsg_last_error());
        r->scatter = NULL;
    }
    r->ticket = wish->ticket;
    r->scattered = 0;
}

void kmi_scatter_end(kmi_reader *r)
{
    kmsg_peer_close(r->scatter);
    r->scatter = NULL;
}

/* ---- parts ----------------------------------------------------------------------------------- */

typedef struct part {
    kmsg_bytes messages;
    uint32_t   count;
    uint32_t   own;      /* of these, that are not last values */
    uint64_t   left_out; /* between them */
    bool       by_stream;
} part;

static bool needs_stream(const kmi_news *news)
{
    return news->room > PART_MAX || (news->flags & KMI_NEWS_LAST) != 0;
}

/* The first of them, one at least. */
static part cut(kmsg_bytes messages)
{
    part     p = {.messages = {messages.data, 0}};
    kmi_news news;

    while (kmi_news_get(messages.data + p.messages.size, messages.size - p.messages.size, &news)) {
        if (p.count > 0 &&
            (p.by_stream || needs_stream(&news) || p.messages.size + news.room > PART_SIZE))
            break;
        p.by_stream = needs_stream(&news);
        p.own += !(news.flags & KMI_NEWS_LAST);
        p.left_out += news.missed;
        p.messages.size += news.room;
        p.count++;
    }
    return p;
}

static kmsg_err send(kmi_reader *r, const part *p)
{
    const kmsg_topics_Batch batch = {
        .count = p->count, .messages = p->messages, .missed = r->scattered};

    if (!p->by_stream)
        return kmsg_topics_Lossy_part(r->scatter, r->ticket, &batch);
    if (!kmi_stream_has_room(r->call->stream))
        return KMSG_EFULL;
    return kmsg_topics_Topics_attach_try_send(r->call, &batch);
}

void kmi_scatter(kmi_reader *r, kmsg_bytes messages, uint32_t count)
{
    r->scattered += r->backlog.missed;
    r->backlog.missed = 0;
    while (count > 0) {
        const part p = cut(messages);
        if (send(r, &p) == KMSG_OK)
            r->outlet->facts.delivered += p.count;
        else
            r->backlog.lost += p.own;
        r->scattered += p.own + p.left_out;
        messages.data += p.messages.size;
        messages.size -= p.messages.size;
        count -= p.count;
    }
}

void kmi_scatter_backlog(kmi_reader *r)
{
    kmsg_bytes messages;
    uint32_t   count;

    while (r->backlog.count > 0) {
        count = kmi_backlog_front(&r->backlog, KMSG_TOPIC_BATCH, &messages);
        kmi_scatter(r, messages, count);
        kmi_backlog_told(&r->backlog, count, messages.size);
    }
    kmi_scatter(r, (kmsg_bytes){NULL, 0}, 0);
}

void kmi_scatter_last_word(kmi_reader *r)
{
    const kmsg_topics_Batch batch = {.missed = r->scattered};

    if (kmsg_topics_Topics_attach_try_send(r->call, &batch) != KMSG_OK)
        kmi_log(KMSG_WARNING, "%s: a subscriber does not hear what he has missed at the end: %s",
                r->outlet->topic->name, kmsg_last_error());
}
