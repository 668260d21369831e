/* watch.c -- who wants to hear of connections that come and go.
 *
 * A watch is an item of its own: it stands in the inbox while there is something to tell, and tells
 * one event a turn of it. So hearing takes no memory when something happens, comes in order with
 * all else, and never from inside. What happens while user code waits is kept as far as it still
 * matters: a connection that was lost and came back is told as down and up, however often that was.
 */
#include "core/core.h"

#include "base/alloc.h"
#include "base/err.h"

struct kmi_watch {
    kmi_item         item;
    kmi_watch       *next; /* of the peer */
    kmsg_peer       *peer; /* a reference while it is queued */
    kmsg_peer_heard *heard;
    void            *ctx;
    bool             of_node; /* kmsg_node_watch() made it */
    bool             queued;  /* or telling */
    bool             ended;
    bool             told_up;
    bool             came; /* what is to be told; in which order, told_up says */
    bool             restarted;
    bool             went;
    bool             unreached;
    kmsg_err         went_err;
    kmsg_err         unreached_err;
};

/* ---- telling ------------------------------------------------------------------------------- */

static bool has_news(const kmi_watch *w)
{
    return w->came || w->went || w->unreached;
}

static void take_away(kmi_watch *w)
{
    kmi_watch **at = &w->peer->watches;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    kmi_free(w);
}

static void settle(kmi_watch *w)
{
    kmsg_peer *peer = w->peer;

    w->queued = false;
    if (w->ended)
        take_away(w);
    else if (has_news(w))
        kmi_watch_queue(w);
    kmi_peer_unref(peer);
}

/* The next event, and what it changes. */
static kmsg_peer_event next_event(kmi_watch *w, kmsg_err *ret_err)
{
    kmsg_peer_event event = KMSG_PEER_UNREACHED;

    *ret_err = KMSG_OK;
    if (w->told_up ? w->went : w->came) {
        event = w->told_up ? KMSG_PEER_DOWN : w->restarted ? KMSG_PEER_RESTARTED : KMSG_PEER_UP;
        if (w->told_up)
            *ret_err = w->went_err;
        else
            w->restarted = false;
        *(w->told_up ? &w->went : &w->came) = false;
        w->told_up = !w->told_up;
    } else {
        *ret_err = w->unreached_err;
        w->unreached = false;
    }
    return event;
}

static void tell(kmi_item *item)
{
    kmi_watch      *w = (kmi_watch *)item;
    kmsg_node      *node = w->peer->node;
    kmsg_peer_event event;
    int64_t         outer_ns;
    kmsg_err        err;

    if (!w->ended) {
        event = next_event(w, &err);
        outer_ns = kmi_user_begin(node);
        w->heard(w->ctx, w->peer, event, err);
        kmi_user_end(node, outer_ns);
        w->ended |= w->of_node && event == KMSG_PEER_DOWN;
    }
    settle(w);
}

void kmi_watch_queue(kmi_watch *w)
{
    if (w->queued)
        return;
    w->queued = true;
    kmi_peer_ref(w->peer);
    kmi_inbox_add_as(w->peer->node, &w->item, w->peer->inner);
}

/* ---- events -------------------------------------------------------------------------------- */

static void note_up(kmi_watch *w, bool restarted)
{
    w->restarted |= restarted;
    w->unreached = false;
    if (!w->told_up && w->came)
        w->went = false; /* came, went and came: it is there */
    w->came = true;
}

static void note_down(kmi_watch *w, kmsg_err err)
{
    if (w->told_up && w->came)
        w->came = false; /* went, came and went: it is gone */
    w->went = true;
    w->went_err = err;
}

static void note(kmi_watch *w, kmsg_peer_event event, kmsg_err err)
{
    if (w->ended || (w->of_node && w->went)) /* it may come back, but not from there */
        return;
    if (event == KMSG_PEER_UP || event == KMSG_PEER_RESTARTED) {
        note_up(w, event == KMSG_PEER_RESTARTED);
    } else if (event == KMSG_PEER_DOWN) {
        note_down(w, err);
    } else {
        w->unreached = true;
        w->unreached_err = err;
    }
    kmi_watch_queue(w);
}

static void tell_peer(const kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    for (kmi_watch *w = peer->watches; w != NULL; w = w->next)
        note(w, event, err);
}

void kmi_watch_peer_up(kmsg_peer *peer, bool restarted)
{
    tell_peer(peer, restarted ? KMSG_PEER_RESTARTED : KMSG_PEER_UP, KMSG_OK);
}

void kmi_watch_tell(const kmi_conn *conn, kmsg_peer_event event, kmsg_err err)
{
    tell_peer(conn->peer, event, err);
    for (const kmsg_peer *peer = conn->others; peer != NULL; peer = peer->sibling)
        tell_peer(peer, event, err);
}

static bool is_watched(const kmsg_peer *peer)
{
    for (const kmi_watch *w = peer->watches; w != NULL; w = w->next)
        if (!w->of_node && !w->ended)
            return true;
    return false;
}

bool kmi_watch_any(const kmi_conn *conn)
{
    bool any = is_watched(conn->peer);

    for (const kmsg_peer *peer = conn->others; peer != NULL && !any; peer = peer->sibling)
        any = is_watched(peer);
    return any;
}

/* ---- beginning and ending ------------------------------------------------------------------ */

static kmi_watch *new_watch(kmsg_peer *peer, void *ctx, kmsg_peer_heard *heard)
{
    kmi_watch *w = kmi_alloc_zeroed(sizeof *w);

    if (w == NULL)
        return NULL;
    w->item.run = tell;
    w->peer = peer;
    w->heard = heard;
    w->ctx = ctx;
    w->next = peer->watches;
    peer->watches = w;
    return w;
}

bool kmi_watch_guest(kmi_conn *conn)
{
    kmsg_node *node = conn->node;
    kmi_watch *w;

    if (node->heard == NULL)
        return true;
    w = new_watch(conn->peer, node->heard_ctx, node->heard);
    if (w == NULL)
        return false;
    w->of_node = true;
    return true;
}

static void end_watch(kmi_watch *w)
{
    if (w->queued)
        w->ended = true;
    else
        take_away(w);
}

void kmi_watches_end(kmsg_peer *peer)
{
    for (kmi_watch *w = peer->watches, *next; w != NULL; w = next) {
        next = w->next;
        end_watch(w);
    }
}

kmsg_err kmsg_peer_watch(kmsg_peer *peer, void *ctx, kmsg_peer_heard *heard)
{
    kmi_watch *w;
    kmsg_err   err = kmi_conn_check_answers(peer->conn);

    if (peer->is_reached || peer->named != NULL)
        return kmi_error(KMSG_EINVAL, "a peer of an address or a name has no connection of its own "
                                      "to watch");
    if (err != KMSG_OK)
        return err;
    if (peer->conn->closing || peer->conn->state == KMI_CONN_GONE)
        return kmi_error(KMSG_ECLOSED, "%s: the peer is closed", peer->conn->url);
    w = new_watch(peer, ctx, heard);
    if (w == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (peer->conn->state == KMI_CONN_UP)
        note(w, KMSG_PEER_UP, KMSG_OK);
    return KMSG_OK;
}

void kmsg_peer_unwatch(kmsg_peer *peer, const void *ctx)
{
    for (kmi_watch *w = peer->watches, *next; w != NULL; w = next) {
        next = w->next;
        if (w->ctx == ctx && !w->of_node)
            end_watch(w);
    }
}

void kmsg_node_watch(kmsg_node *node, void *ctx, kmsg_peer_heard *heard)
{
    node->heard = heard;
    node->heard_ctx = ctx;
}
