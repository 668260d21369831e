/* attach.c -- how a subscriber comes to his publisher, and comes again.
 *
 * His call stays until he leaves, or is lost. Who was lost and comes again says so with his token:
 * then the place that he has left is his, and what he has missed is told before anything else.
 */
#include "topics/topics.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

/* ---- the end --------------------------------------------------------------------------------- */

/* He has left, or his link is gone. */
static void on_over(void *ctx, kmsg_call *call)
{
    kmi_reader *r = ctx;

    if (call->conn->link != NULL && call->conn->serial == call->serial)
        kmi_reader_free(r);
    else
        kmi_reader_lose(r);
    (void)kmsg_fail(call, KMSG_ECANCELED, "nobody listens any more");
}

/* ---- may he? --------------------------------------------------------------------------------- */

static bool has_role(const kmsg_call *call, const kmsg_topic *topic)
{
    return topic->roles == NULL || kmi_who_has_one_of(call->who, topic->roles);
}

static kmsg_err judge(kmsg_call *call, const kmi_outlet *outlet, const kmsg_topics_Wish *wish)
{
    const kmsg_topic *topic = outlet->topic;
    uint32_t          count = 0;

    if (!has_role(call, topic))
        return kmsg_fail(call, KMSG_EPERM, "%s is for some roles only, and you have none of them",
                         topic->name);
    if (!kmsg_string_equal(wish->value, kmsg_str(topic->value->name)))
        return kmsg_fail(call, KMSG_EMISMATCH, "%s carries %s, not %s", topic->name,
                         topic->value->name, wish->value.data);
    for (const kmi_reader *r = outlet->readers; r != NULL; r = r->next)
        count += r->call != NULL;
    if (count >= outlet->options.subscribers_max)
        return kmsg_fail(call, KMSG_EFULL, "%s has %u subscribers, and wants no more", topic->name,
                         count);
    return KMSG_OK;
}

/* ---- a place for him ------------------------------------------------------------------------- */

static void insert(kmi_outlet *outlet, kmi_reader *r)
{
    r->outlet = outlet;
    r->next = outlet->readers;
    if (outlet->readers != NULL)
        outlet->readers->prev = r;
    outlet->readers = r;
    outlet->choosers += r->choice != NULL;
    outlet->waiters += r->behind == kmsg_topics_Behind_WAIT;
    outlet->at_ease = false;
}

static kmsg_err new_reader(kmi_outlet *outlet, const kmsg_topics_Wish *wish, kmi_reader **ret)
{
    kmi_reader *r = kmi_alloc_zeroed(sizeof *r);
    kmsg_err    err;

    if (r == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmi_choice_new(outlet->topic, wish->filter, &r->choice);
    if (err != KMSG_OK) {
        kmi_free(r);
        return err;
    }
    r->behind = wish->behind;
    r->token = wish->token;
    r->backlog.count_max = wish->messages;
    r->backlog.size_max =
        wish->size < outlet->options.queue_max ? (size_t)wish->size : outlet->options.queue_max;
    insert(outlet, r);
    *ret = r;
    return KMSG_OK;
}

static kmi_reader *find(const kmi_outlet *outlet, uint64_t token)
{
    kmi_reader *r = outlet->readers;

    while (r != NULL && r->token != token)
        r = r->next;
    return r;
}

/* He has lost his link, and this side does not know of it yet. */
static void lose(kmi_reader *r)
{
    kmsg_call *call = r->call;

    kmi_reader_lose(r);
    (void)kmsg_fail(call, KMSG_ECANCELED, "the subscriber has come again");
}

/* He is there again. What he does not know of he has missed. */
static kmi_reader *come_again(kmi_outlet *outlet, const kmsg_topics_Wish *wish)
{
    kmi_reader *r = find(outlet, wish->token);

    if (r == NULL)
        return NULL;
    if (r->call != NULL)
        lose(r);
    outlet->lost_count--;
    outlet->waiters += r->behind == kmsg_topics_Behind_WAIT;
    r->backlog.missed = wish->known < r->passed ? r->passed - wish->known : 0;
    return r;
}

/* ---- what he gets first ---------------------------------------------------------------------- */

static void add_last(void *ctx, const kmi_news *news)
{
    kmi_reader *r = ctx;

    if (kmi_choice_takes_encoded(r->choice, r->outlet->topic,
                                 (kmsg_bytes){kmi_news_key(news), news->key_size}) &&
        kmi_backlog_add(&r->backlog, news, false) != KMSG_OK)
        kmi_log(KMSG_WARNING, "%s: no memory for a last value", r->outlet->topic->name);
}

/* A batch without messages: it has begun. */
static kmsg_err greet(kmi_reader *r, bool again)
{
    const uint32_t how = (again ? KMI_HELLO_AGAIN : 0) | (r->scatter != NULL ? KMI_HELLO_LOSSY : 0);
    const kmsg_topics_Batch hello = {.missed = r->backlog.missed, .count = how};
    kmsg_err                err = kmsg_topics_Topics_attach_try_send(r->call, &hello);

    if (err == KMSG_OK)
        r->backlog.missed = 0;
    return err;
}

static kmsg_err begin(kmi_reader *r, kmsg_call *call, const kmsg_topics_Wish *wish, bool again)
{
    kmsg_err err;

    r->call = call;
    kmi_scatter_begin(r, wish);
    err = greet(r, again);
    if (err != KMSG_OK) {
        kmi_reader_free(r);
        return err;
    }
    kmsg_call_on_over(call, r, on_over);
    if (wish->last && !again && r->outlet->lasts != NULL) {
        kmi_lasts_each(r->outlet->lasts, add_last, r);
        kmi_reader_send(r);
    }
    return KMSG_LATER;
}

static kmsg_err attach(void *ctx, kmsg_call *call, const kmsg_topics_Wish *wish)
{
    kmi_outlet *outlet = kmi_outlet_named(ctx, wish->topic);
    kmi_reader *r;
    kmsg_err    err;
    bool        again;

    if (outlet == NULL)
        return kmsg_fail(call, KMSG_ENOENT, "%s is not published here", wish->topic.data);
    kmi_outlet_flush(outlet); /* what was published before is not for him */
    err = judge(call, outlet, wish);
    if (err != KMSG_OK)
        return err;
    r = come_again(outlet, wish);
    again = r != NULL;
    if (!again)
        err = new_reader(outlet, wish, &r);
    if (err != KMSG_OK)
        return kmsg_fail(call, err == KMSG_ENOMEM ? err : KMSG_EREQUEST, "%s", kmsg_last_error());
    return begin(r, call, wish, again);
}

const kmsg_topics_Topics_impl kmi_attach_impl = {.attach = attach};
