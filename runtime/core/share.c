/* share.c -- two nodes that want to talk to each other need one connection, whoever has dialled.
 *
 * A hello says at which port its node listens. So a node that was connected to knows under which
 * address it could connect there itself; and when it is about to, it uses the connection that is
 * there. The peer that wanted to dial then stands for that connection, beside the one that came
 * with it: both are good, and the connection is from then on like one that was dialled here, which
 * comes back when its link is lost.
 *
 * An instance is only what a node says of itself: so who is there must be who was reached before,
 * by key or user.
 *
 * One that was let in alone, or is of a pair, is left out: nothing is ever dialled for it.
 *
 * That happens only when the peer has no connection of its own, and all that it has sent before was
 * read, so nothing of it is in flight, and order is kept. Nodes that dial each other at the same
 * time have two connections; each side uses its own, and once one of them was of no use for long
 * enough to end, the other one is left.
 */
#include "core/core.h"

#include "base/alloc.h"

#include <string.h>

/* ---- which one ----------------------------------------------------------------------------- */

static bool is_same(const kmi_host *a, const kmi_endpoint *b)
{
    return a->family == b->family && a->port == b->port && a->interface == b->interface &&
           memcmp(a->ip, b->ip, a->family == KMI_IP4 ? 4 : 16) == 0;
}

static bool leads_to(const kmi_host *home, const kmi_address *to)
{
    kmi_endpoint both[2];

    if (home->port == 0 || to->scheme != KMI_SCHEME_TCP)
        return false;
    if (to->literal)
        return is_same(home, &to->endpoint);
    if (!kmi_address_is_localhost(to))
        return false;
    kmi_address_localhost(to, both);
    return is_same(home, &both[0]) || is_same(home, &both[1]);
}

/* What anybody can say in the clear does not stand for what is dialled in secret. */
static bool is_as_safe(const kmi_conn *c, const kmi_conn *own)
{
    return own->address->scheme != KMI_SCHEME_TCP || c->who->identity.kind == KMSG_IDENTITY_KEY ||
           kmi_net_is_clear(&own->node->net, own->address);
}

/* Is it the node at that address, or the one that was reached there the last time? */
static bool will_do(const kmi_conn *c, const kmi_conn *own)
{
    if (!c->accepted || c->datagram || c->peer->kept || c->closing || c->state != KMI_CONN_UP ||
        c->instance == c->node->net.session.own.instance)
        return false;
    return is_as_safe(c, own) &&
           ((c->instance == own->instance && kmi_who_is_same(c->who, own->who)) ||
            leads_to(&c->link->home, own->address));
}

/* Who dials thousands is not dialled himself, as a rule. */
static kmi_conn *find(const kmi_conn *own)
{
    for (kmi_conn *c = own->node->conns; c != NULL && own->node->guests > 0; c = c->next)
        if (will_do(c, own))
            return c;
    return NULL;
}

/* ---- taking part --------------------------------------------------------------------------- */

static void add_other(kmi_conn *conn, kmsg_peer *peer)
{
    peer->sibling = conn->others;
    conn->others = peer;
}

/* Those that stood for `own` beside its peer. */
static void move_others(kmi_conn *own, kmi_conn *to)
{
    while (own->others != NULL) {
        kmsg_peer *peer = own->others;
        own->others = peer->sibling;
        add_other(to, peer);
        peer->conn = kmi_conn_ref(to);
        kmi_conn_unref(own);
    }
}

static void add_counts(kmi_counts *sum, const kmi_counts *more)
{
    sum->sent += more->sent;
    sum->received += more->received;
    sum->dropped += more->dropped;
    sum->bytes_out += more->bytes_out;
    sum->bytes_in += more->bytes_in;
    sum->ups += more->ups;
    sum->restarts += more->restarts;
    sum->losses += more->losses;
}

/* The user has set them for the peer, wherever that has its connection. */
static void take_limits(const kmi_conn *own, kmi_conn *c)
{
    c->guest_limited = c->limited;
    c->guest_limits = c->limits;
    if (!own->limited)
        return;
    c->limited = true;
    c->limits = own->limits;
}

static void take_over(kmi_conn *own, kmi_conn *c, char *url)
{
    add_other(c, c->peer);
    c->peer = own->peer;
    c->peer->conn = kmi_conn_ref(c);
    move_others(own, c);
    c->address = own->address;
    c->guest_url = c->url;
    c->url = url;
    c->retry = own->retry;
    take_limits(own, c);
    add_counts(&c->counts, &own->counts);
    c->accepted = false;
    c->node->guests--;
    c->guest = true;
    kmi_watch_peer_up(c->peer, own->instance != 0 && own->instance != c->instance);
    own->address = NULL;
    own->peer = NULL;
    own->state = KMI_CONN_GONE;
    kmi_conn_leave(own);
    kmi_conn_unref(own); /* the peer's */
}

void kmi_share(kmsg_peer *peer)
{
    kmi_conn *own = peer->conn, *c;
    size_t    size = strlen(own->url) + 1;
    char     *url;

    if (own->address == NULL || own->datagram || own->closing || own->unproved ||
        own->peer != peer || own->node->closing || kmi_conn_waiting(own) > 0)
        return;
    c = find(own);
    url = c == NULL ? NULL : kmi_alloc(size);
    if (url == NULL)
        return; /* then it dials */
    memcpy(url, own->url, size);
    take_over(own, c, url);
}

/* ---- taking part no more ------------------------------------------------------------------- */

static void remove_other(kmi_conn *conn, const kmsg_peer *peer)
{
    kmsg_peer **at = &conn->others;

    while (*at != peer)
        at = &(*at)->sibling;
    *at = peer->sibling;
}

/* It goes on as what it was before. */
static void give_back(kmi_conn *conn)
{
    conn->peer = conn->others;
    conn->others = conn->peer->sibling;
    conn->accepted = true;
    conn->node->guests++;
    conn->guest = false;
    conn->limited = conn->guest_limited;
    conn->limits = conn->guest_limits;
    kmi_free(conn->address);
    conn->address = NULL;
    kmi_free(conn->url);
    conn->url = conn->guest_url;
    conn->guest_url = NULL;
}

bool kmi_share_leave(kmsg_peer *peer)
{
    kmi_conn *conn = peer->conn;

    if (conn->others == NULL)
        return false;
    kmi_peer_drop_asks(peer);
    if (peer == conn->peer && !conn->guest) /* it is none if there was no memory to cancel them */
        return false;
    if (peer == conn->peer)
        give_back(conn);
    else
        remove_other(conn, peer);
    kmi_peer_unref(peer);
    return true;
}
