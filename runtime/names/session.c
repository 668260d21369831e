/* session.c -- a session, at the side that has found a name: a call to who publishes it, which
 * lasts as long as the session does.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"
#include "core/outline.h"

#include <string.h>

#define AGAIN_MIN_MS 10
#define AGAIN_MAX_MS 5000

/* ---- its peer ------------------------------------------------------------------------------ */

static void on_close(void *ctx, kmsg_peer *peer)
{
    (void)ctx;
    (void)peer;
    assert(false && "kmsg_peer_close() of a session's peer: it ends with the session");
}

static void free_session(kmi_name_session *s)
{
    if (s->peer != NULL)
        kmi_named_end(s->peer);
    s->subscription->sessions--;
    kmi_subscription_settle(s->subscription);
    kmi_free(s);
}

static void went_told(kmi_name_news *news)
{
    free_session((kmi_name_session *)(void *)((uint8_t *)news - offsetof(kmi_name_session, went)));
}

/* ---- its end ------------------------------------------------------------------------------- */

/* To be tried again, later each time. */
static void set_back(kmi_candidate *c, kmsg_err err)
{
    kmsg_node *node = c->subscription->names->node;
    int64_t    ms = (int64_t)AGAIN_MIN_MS << (c->tries > 9 ? 9 : c->tries);
    uint32_t   random;

    node->sys->random(&random, sizeof random);
    ms = ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms;
    c->tries++;
    c->again_ns = node->sys->now_ns() + (ms / 2 + random % (ms / 2 + 1)) * KMI_MS;
    c->unfit = err == KMSG_EMISMATCH;
}

static kmsg_err told_as(const kmi_name_session *s, kmsg_err err)
{
    if (s->over)
        return s->why;
    return err == KMSG_OK ? KMSG_ECLOSED : err;
}

static const char *words_of(kmsg_err err)
{
    switch (err) {
    case KMSG_OK: return "";
    case KMSG_ECLOSED: return "the other side has ended it";
    case KMSG_EEXIST: return "a nearer one was found";
    default: return kmsg_strerror(err);
    }
}

static void mismatched(kmi_name_session *s, const char *words)
{
    if (s->subscription->found != NULL)
        kmi_named_refuse(s->subscription->found, KMSG_EMISMATCH, words);
    else
        kmi_name_news_post(&s->went, KMSG_MISMATCHED, KMSG_EMISMATCH, words);
}

/* Tells the user, if he knows of it; else it is gone at once. */
static void dismiss(kmi_name_session *s, kmsg_err err)
{
    if (s->open && s->subscription->found != NULL)
        kmi_named_unsettle(s->subscription->found);
    if (s->peer != NULL)
        kmi_name_news_post(&s->went, KMSG_DROPPED, told_as(s, err), words_of(told_as(s, err)));
    else if (!s->went.posted) /* else of what did not begin */
        free_session(s);
}

static bool go_on(kmi_name_session *s);

static void on_done(void *ctx, kmsg_err err)
{
    kmi_name_session  *s = ctx;
    kmi_candidate     *c = s->candidate;
    kmsg_subscription *sub = s->subscription;
    bool               failed;

    if (s->moves && !s->over && !sub->ended && !sub->names->ending && go_on(s))
        return;
    failed = !s->over && !s->open;
    if (failed && !sub->names->ending)
        set_back(c, err);
    if (failed && err == KMSG_EMISMATCH)
        mismatched(s, kmsg_last_error());
    c->session = NULL;
    kmi_name_route_give(s->route);
    sub->sessions++; /* the candidate's end may be the subscription's */
    if (!c->listed || sub->ended)
        kmi_candidate_unlisted(c);
    dismiss(s, err);
    if (!sub->ended && !sub->names->ending)
        kmi_subscription_choose(sub);
    sub->sessions--;
    kmi_subscription_settle(sub);
}

void kmi_name_session_end(kmi_name_session *s, kmsg_err why)
{
    if (s->over)
        return;
    s->over = true;
    s->why = why;
    kmsg_cancel(s->route->peer, s);
}

/* ---- its begin ----------------------------------------------------------------------------- */

/* What the address leads to may have been started anew since; and an instance is what a node says
 * of itself, so it counts only where it is known who is there. */
static bool is_himself(const kmi_name_session *s)
{
    const kmi_conn *conn = s->route->peer->conn;

    return conn == s->subscription->names->node->self->conn ||
           (conn->instance == s->candidate->listing.node && conn->who->known);
}

static void on_opened(void *ctx, const kmsg_names_Opened *opened)
{
    kmi_name_session  *s = ctx;
    kmi_candidate     *c = s->candidate;
    kmsg_subscription *sub = s->subscription;
    kmi_conn          *conn = s->route->peer->conn;

    (void)opened;
    if (s->over || s->open || s->moves)
        return;
    if (!is_himself(s)) {
        set_back(c, KMSG_ELOST);
        kmi_name_session_end(s, KMSG_ELOST);
        return;
    }
    s->open = true;
    c->tries = 0;
    if (sub->found != NULL) {
        kmi_named_settle(sub->found, conn, c->listing.object);
        return;
    }
    if (s->peer != NULL) { /* it has moved: the user knows of it */
        kmi_named_settle(s->peer, conn, c->listing.object);
        return;
    }
    s->peer = kmi_named_new(sub->names->node, conn->url, on_close, s);
    if (s->peer == NULL) {
        s->open = false;
        set_back(c, KMSG_ENOMEM);
        kmi_name_session_end(s, KMSG_ENOMEM);
        return;
    }
    kmi_named_settle(s->peer, conn, c->listing.object);
    s->came.event.peer = s->went.event.peer = s->peer;
    kmi_name_news_post(&s->came, KMSG_AVAILABLE, KMSG_OK, c->host);
}

/* The event's name has to last as long as the session, which may outlive its candidate. */
static kmi_name_session *new_session(kmi_candidate *c)
{
    kmsg_subscription *sub = c->subscription;
    size_t             size = c->listing.name.size + 1;
    kmi_name_session  *s = kmi_alloc_zeroed(sizeof *s + size);
    kmi_name_news      news = {.heard = sub->heard, .ctx = sub->ctx, .node = sub->names->node};

    if (s == NULL)
        return NULL;
    memcpy((char *)(s + 1), c->listing.name.data, size);
    news.event = (kmsg_name_event){
        .name = (char *)(s + 1), .distance = c->distance, .session = ++sub->names->last_number};
    s->candidate = c;
    s->subscription = sub;
    s->came = s->went = news;
    s->went.told = went_told;
    return s;
}

static kmsg_err outlines(const kmsg_subscription *sub, kmsg_arena *mem, kmsg_names_Outline *ret,
                         kmsg_names_Outline_list *ret_list)
{
    *ret_list = (kmsg_names_Outline_list){ret, sub->service == NULL ? 0 : 1};
    return sub->service == NULL ? KMSG_OK : kmi_outline(sub->service, mem, ret);
}

/* Over its route. */
static kmsg_err ask(kmi_name_session *s)
{
    const kmi_candidate    *c = s->candidate;
    kmsg_node              *node = s->subscription->names->node;
    kmsg_arena             *mem = kmi_arena_take(node);
    kmsg_names_Outline      outline;
    kmsg_names_Outline_list list;
    kmsg_err                err = mem == NULL ? kmi_error_plain(KMSG_ENOMEM)
                                              : outlines(s->subscription, mem, &outline, &list);

    if (err == KMSG_OK)
        kmsg_names_Sessions_open_async(s->route->peer, c->listing.number, c->listing.name, list, s,
                                       on_opened, on_done);
    kmi_arena_give(node, mem);
    return err;
}

bool kmi_name_session_open(kmi_candidate *c)
{
    kmi_name_session *s = new_session(c);

    if (s != NULL)
        s->route = kmi_name_route_take(c->subscription->names, c);
    if (s == NULL || s->route == NULL) {
        kmi_free(s);
        set_back(c, KMSG_ENOMEM);
        return false;
    }
    c->subscription->sessions++;
    c->session = s;
    if (ask(s) != KMSG_OK)
        on_done(s, KMSG_ENOMEM);
    return true;
}

/* ---- moving -------------------------------------------------------------------------------- */

void kmi_name_session_move(kmi_name_session *s)
{
    if (s->over || s->moves)
        return;
    s->moves = true;
    kmsg_cancel(s->route->peer, s);
}

/* The call over the old route has ended. What is asked meanwhile waits. */
static bool go_on(kmi_name_session *s)
{
    kmi_candidate  *c = s->candidate;
    kmi_names      *names = s->subscription->names;
    kmi_name_route *route = kmi_name_route_take(names, c);
    kmsg_peer      *peer = s->peer != NULL ? s->peer : s->open ? s->subscription->found : NULL;

    if (route == NULL)
        return false;
    s->moves = false;
    s->open = false;
    if (peer != NULL)
        kmi_named_unsettle(peer);
    kmi_name_route_give(s->route);
    s->route = route;
    return ask(s) == KMSG_OK;
}
