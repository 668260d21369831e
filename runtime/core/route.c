/* route.c -- which connection leads to an address, and messages that only pass through.
 *
 * A node knows its neighbours by the instances that their hellos named. Nodes of one process need
 * no hello to find one another: each is known under its instance, and a connection to it is made
 * when something is sent there first. For all others an address brings its way with it: the
 * instances of the nodes to pass through.
 *
 * A node on the way adds itself to the sender's address and sends the rest on, body untouched. A
 * call that passes through is a call here too: it ends once, here as there, and a cancellation goes
 * on.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <inttypes.h>
#include <string.h>

/* ---- neighbours ---------------------------------------------------------------------------- */

static void name_of(uint64_t instance, char *ret, size_t size)
{
    snprintf(ret, size, "inproc:#%016" PRIx64, instance);
}

/* Is it one of the nodes of this process, and known here? */
static bool is_of_this_process(uint64_t instance)
{
    char url[KMI_URL_MAX];

    name_of(instance, url, sizeof url);
    return kmi_net_is_here(url);
}

bool kmi_conn_is_inside(const kmi_conn *conn)
{
    return conn->inside || conn->who == &conn->node->process ||
           (conn->address != NULL && conn->address->scheme == KMI_SCHEME_INPROC);
}

struct kmi_way {
    uint64_t  instance;
    kmi_conn *conn;
};

/* Where the ways to an instance begin, or would. */
static size_t first_way(const kmsg_node *node, uint64_t instance)
{
    size_t low = 0, high = node->way_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (node->ways[middle].instance < instance)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void kmi_way_add(kmi_conn *conn)
{
    kmsg_node      *node = conn->node;
    size_t          at = first_way(node, conn->instance);
    struct kmi_way *ways = kmi_grow(node->ways, node->way_count, &node->way_capacity, sizeof *ways);

    if (ways == NULL) {
        kmi_log(KMSG_ERROR, "%s: its objects cannot be found: out of memory", conn->url);
        return;
    }
    node->ways = ways;
    while (at < node->way_count && ways[at].instance == conn->instance)
        at++; /* the oldest is used as long as it is there: so order is kept */
    memmove(ways + at + 1, ways + at, (node->way_count - at) * sizeof *ways);
    ways[at] = (struct kmi_way){conn->instance, conn};
    node->way_count++;
}

void kmi_way_remove(kmi_conn *conn)
{
    kmsg_node      *node = conn->node;
    size_t          at = first_way(node, conn->instance);
    struct kmi_way *ways = node->ways;

    while (at < node->way_count && ways[at].instance == conn->instance && ways[at].conn != conn)
        at++;
    if (at == node->way_count || ways[at].conn != conn)
        return;
    node->way_count--;
    memmove(ways + at, ways + at + 1, (node->way_count - at) * sizeof *ways);
}

static bool is_good(const kmi_conn *conn)
{
    return !conn->closing && !conn->over && conn->state != KMI_CONN_GONE;
}

/* Messages went over it last, and some may still be on their way there. */
static bool is_in_use(const kmi_conn *conn)
{
    return conn->carries && is_good(conn) &&
           (conn->state == KMI_CONN_UP || kmi_conn_waiting(conn) > 0);
}

static bool is_better(const kmi_conn *conn, const kmi_conn *than)
{
    return than == NULL || (than->state != KMI_CONN_UP && conn->state == KMI_CONN_UP);
}

/* Whose instance it is: who was there first, but everybody can say what he likes whom nobody knows.
 * NULL: nobody is there. */
static const kmi_who *owner_of(const kmsg_node *node, size_t from, uint64_t instance)
{
    const kmi_who *owner = NULL;

    for (size_t i = from; i < node->way_count && node->ways[i].instance == instance; i++) {
        const kmi_who *who = node->ways[i].conn->who;
        if (kmi_conn_is_inside(node->ways[i].conn))
            return &node->process;
        if (owner == NULL || (who->known && !owner->known))
            owner = who;
    }
    return owner;
}

/* Where more than one connection leads there, the one that is in use stays so: order is kept. What
 * is for a node of this process does not leave it, whoever says that he is that node. */
static kmi_conn *find_way(const kmsg_node *node, uint64_t instance)
{
    size_t         from = first_way(node, instance);
    const kmi_who *owner = owner_of(node, from, instance);
    kmi_conn      *found = NULL;

    for (size_t i = from; i < node->way_count && node->ways[i].instance == instance; i++)
        if (is_in_use(node->ways[i].conn) && kmi_who_is_same(node->ways[i].conn->who, owner))
            return node->ways[i].conn;
    for (size_t i = from; i < node->way_count && node->ways[i].instance == instance; i++) {
        kmi_conn *conn = node->ways[i].conn;
        conn->carries = false;
        if (is_good(conn) && kmi_who_is_same(conn->who, owner) && is_better(conn, found))
            found = conn;
    }
    if (found != NULL && !kmi_conn_is_inside(found) && is_of_this_process(instance))
        return NULL;
    if (found != NULL)
        found->carries = true;
    return found;
}

bool kmi_way_is_taken(const kmi_conn *conn, uint64_t instance)
{
    const kmsg_node *node = conn->node;
    size_t           from = first_way(node, instance);

    for (size_t i = from; i < node->way_count && node->ways[i].instance == instance; i++)
        if (node->ways[i].conn != conn && node->ways[i].conn->state == KMI_CONN_UP &&
            !kmi_who_may_be(node->ways[i].conn->who, conn->who))
            return true;
    return false;
}

kmi_conn *kmi_way_find_guest(const kmsg_node *node, uint64_t instance)
{
    for (size_t i = first_way(node, instance);
         i < node->way_count && node->ways[i].instance == instance; i++) {
        kmi_conn *conn = node->ways[i].conn;
        if (conn->accepted && conn->state == KMI_CONN_UP && conn->who->known && is_good(conn))
            return conn;
    }
    return NULL;
}

/* ---- nodes of this process ----------------------------------------------------------------- */

kmsg_err kmi_node_announce(kmsg_node *node)
{
    char           url[KMI_URL_MAX];
    kmsg_listener *listener;

    if (node->announced)
        return KMSG_OK;
    name_of(node->net.session.own.instance, url, sizeof url);
    node->announced = kmsg_listen(node, url, &listener) == KMSG_OK;
    return node->announced ? KMSG_OK : KMSG_ENOMEM;
}

/* Whom nobody knows may have taken the name of a node of this process before that was known here:
 * then his connection is in use. */
static bool is_namesake(const kmi_conn *conn, uint64_t instance)
{
    return !conn->who->known && is_of_this_process(instance);
}

/* A connection to another node of this process. NULL: it is none. */
static kmi_conn *dial_inside(kmsg_node *node, uint64_t instance)
{
    char       url[KMI_URL_MAX];
    kmsg_peer *peer;

    name_of(instance, url, sizeof url);
    if (!kmi_net_is_here(url) || kmsg_dial(node, url, &peer) != KMSG_OK)
        return NULL;
    peer->conn->instance = instance;
    peer->conn->inside = true;
    kmi_who_unref(peer->conn->who);
    peer->conn->who = kmi_who_ref(&node->process);
    kmi_way_add(peer->conn);
    return peer->conn;
}

/* ---- ways ---------------------------------------------------------------------------------- */

kmsg_err kmi_route(kmsg_node *node, kmi_place *to, kmi_conn **ret)
{
    uint64_t next = to->hop_count > 0 ? to->hops[0] : to->instance;

    if (node->closing)
        return kmi_error(KMSG_ECLOSED, "the node has ended");
    if (to->instance == node->net.session.own.instance) {
        to->hop_count = 0;
        *ret = node->self->conn;
        return KMSG_OK;
    }
    if (kmi_node_announce(node) != KMSG_OK)
        return kmi_error_plain(KMSG_ENOMEM);
    *ret = find_way(node, next);
    if (*ret == NULL || is_namesake(*ret, next))
        *ret = dial_inside(node, next);
    if (*ret == NULL)
        return kmi_error(KMSG_EUNREACHABLE, "no connection leads to the node of that address");
    if (to->hop_count > 0) {
        to->hop_count--;
        memmove(to->hops, to->hops + 1, to->hop_count * sizeof *to->hops);
    }
    return KMSG_OK;
}

/* ---- passing through ----------------------------------------------------------------------- */

/* Instances are what others say, so they prove nothing: what comes in from outside is marked, and
 * stays so. */
bool kmi_route_is_inside(const kmi_conn *conn, const kmi_letter *letter)
{
    return kmi_conn_is_inside(conn) && !letter->outside;
}

/* A sender that is nobody, or says that it is this node, has no step of its own on the way back: so
 * there is one of ours, and nobody takes it for our own word. */
static bool is_nameless(const kmi_place *from, uint64_t own)
{
    return from->hop_count == 0 && (from->instance == 0 || from->instance == own);
}

static kmsg_err add_hop(kmi_place *from, uint64_t own)
{
    if (from->hop_count >= KMI_HOPS_MAX)
        return kmi_error(KMSG_EUNREACHABLE, "it has passed through %u nodes", KMI_HOPS_MAX);
    memmove(from->hops + 1, from->hops, from->hop_count * sizeof *from->hops);
    from->hops[0] = own;
    from->hop_count++;
    return KMSG_OK;
}

kmsg_err kmi_route_pass(kmi_letter *letter, const kmi_conn *to, bool inside)
{
    kmi_place *from = &letter->from;
    uint64_t   own = to->node->net.session.own.instance;

    letter->outside = !inside && kmi_conn_is_inside(to);
    if (!inside && is_nameless(from, own))
        return add_hop(from, own);
    if (to == to->node->self->conn || from->instance == 0 || from->instance == own)
        return KMSG_OK;
    return add_hop(from, own);
}

/* From process to process through this one? */
static bool may_pass(const kmi_conn *from, const kmi_letter *came, const kmi_conn *to)
{
    if (kmi_conn_is_inside(to) || kmi_route_is_inside(from, came))
        return true;
    switch (from->node->relay) {
    case KMSG_RELAY_ALL: return true;
    case KMSG_RELAY_OFF: return false;
    case KMSG_RELAY_KNOWN: break;
    }
    return from->who->known &&
           !kmi_conn_is_inside(from); /* else only the one before could know who it was */
}

/* Ways that lead nowhere, or in circles, end somewhere: each node adds a hop. */
static kmsg_err onward(const kmi_conn *from, const kmi_letter *came, kmi_letter *ret,
                       kmi_conn **conn)
{
    kmsg_err err;

    *ret = *came;
    if (ret->from.instance == 0) /* so that circles are noticed, too */
        return kmi_error(KMSG_EUNREACHABLE, "only who says who it is can send by way of others");
    err = kmi_route(from->node, &ret->to, conn);
    return err != KMSG_OK ? err : kmi_route_pass(ret, *conn, kmi_route_is_inside(from, came));
}

static void relay_tell(kmi_conn *from, kmi_frame *frame, const kmi_letter *letter, kmi_conn *to)
{
    kmi_frame  next = {.kind = KMI_TELL, .method = frame->method, .target = frame->target};
    kmsg_bytes body = {frame->body, frame->body_size};
    kmsg_err   err = kmi_room_tell(to, &next, letter, NULL, &body, 0);

    if (err != KMSG_OK) {
        kmi_call_turn_away(from, frame, err);
        return;
    }
    from->node->facts.relayed++;
    kmi_slab_unref(frame->slab);
    kmi_queue_release(from, from->serial, kmi_frame_room(frame->size));
}

static void relay_call(kmi_conn *from, kmi_frame *frame, kmi_letter *letter, kmi_conn *to)
{
    kmsg_bytes body = {frame->body, frame->body_size};
    kmsg_call *call = kmi_call_through(from, frame);

    if (call == NULL)
        return;
    from->node->facts.relayed++;
    call->slab = NULL; /* until the answer comes nothing of it is needed here */
    call->envelope = call->body = NULL;
    kmi_ask_onward(call, to, letter, body);
    kmi_slab_unref(frame->slab);
}

void kmi_relay(kmi_conn *from, kmi_frame *frame, const kmi_letter *letter)
{
    kmi_letter next;
    kmi_conn  *to;
    kmsg_err   err = onward(from, letter, &next, &to);

    if (err == KMSG_OK && frame->kind == KMI_CALL && frame->aux == KMI_NO_DEADLINE)
        err = KMSG_EUNREACHABLE; /* its streams would have to pass through, too */
    if (err == KMSG_OK && !may_pass(from, letter, to))
        err = KMSG_EPERM;

    if (err != KMSG_OK) {
        from->node->facts.dead_letters += frame->kind == KMI_TELL;
        kmi_call_turn_away(from, frame, err);
    } else if (frame->kind == KMI_TELL) {
        relay_tell(from, frame, &next, to);
    } else {
        relay_call(from, frame, &next, to);
    }
}

/* ---- peers of addresses -------------------------------------------------------------------- */

kmsg_err kmsg_reach(kmsg_node *node, kmsg_address address, kmsg_peer **ret)
{
    kmi_place  to;
    kmsg_peer *peer;

    if (!kmi_place_get(address, &to))
        return kmi_error(KMSG_EADDRESS, "this is not the address of an object");
    peer = kmi_peer_new(node->self->conn);
    if (peer == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    peer->is_reached = true;
    peer->to = to;
    peer->next = node->reached;
    if (peer->next != NULL)
        peer->next->prev = peer;
    node->reached = peer;
    *ret = peer;
    return KMSG_OK;
}
