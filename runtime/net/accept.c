/* accept.c -- listeners of byte streams (unix, tcp): who comes is given a link (stream.c), or told
 * why not and hung up on.
 *
 * What may be wrong, and what comes of it:
 *
 *   no descriptor        who waits is turned away at once, with the descriptor that the listener
 *                        keeps for that: so he hears of it, and does not wait for an answer that
 *                        never comes. It is tried anew with each one, so there is nothing to be
 *                        waited for when descriptors are free again
 *   guests_max are here  the same
 *   no memory, or        who waits goes on waiting; it is tried again in RETRY_NS
 *   something unknown
 *   another user         (over unix, users.c) he is told so
 *   too many silent      guests.c: the oldest gives way, or the others wait until one is old enough
 *
 * Each of these is logged, and then not again for SAY_NS: what strangers can make happen must not
 * fill a disk. How often it happened since is in the next line.
 */
#include "net/net.h"
#include "net/security.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define BURST    64
#define MS       ((int64_t)1000000)
#define RETRY_NS (100 * MS)
#define SAY_NS   (10000 * MS)

/* Something that is worth a line now and then. */
typedef struct complaint {
    int64_t  again_ns; /* when it may be said again; 0: it was not said yet */
    uint64_t count;    /* since it was */
} complaint;

typedef struct listener {
    kmi_acceptor acceptor;
    kmi_socket  *socket;
    kmi_ear     *spare; /* for who comes next */
    kmi_timer    timer; /* when it is not watched: until then */
    complaint    descriptors;
    complaint    count;
    complaint    silent;
    complaint    users;
    complaint    others;
} listener;

/* ---- complaints ---------------------------------------------------------------------------- */

/* How often it has happened since it was said; 0: it is not to be said now. */
static uint64_t happened(complaint *c, const kmi_net *net)
{
    uint64_t count = ++c->count;

    if (c->again_ns != 0 && net->now_ns < c->again_ns)
        return 0;
    c->again_ns = net->now_ns + SAY_NS;
    c->count = 0;
    return count;
}

static void complain_of_descriptors(listener *l)
{
    const kmi_net *net = l->acceptor.net;
    uint64_t       count = happened(&l->descriptors, net);

    if (count > 0)
        kmi_log(KMSG_ERROR,
                "%s: accepting: too many open files, with %u connections: raise `ulimit -n`; "
                "turned away: %llu",
                l->acceptor.url, net->guests->count, (unsigned long long)count);
}

static void complain_of_count(listener *l)
{
    const kmi_net *net = l->acceptor.net;
    uint64_t       count = happened(&l->count, net);

    if (count > 0)
        kmi_log(KMSG_WARNING,
                "%s: accepting: %u connections are the most that this node takes: see "
                "kmsg_node_set_connections_max(); turned away: %llu",
                l->acceptor.url, net->guests->count, (unsigned long long)count);
}

static void complain_of_silent(listener *l)
{
    uint64_t count = happened(&l->silent, l->acceptor.net);

    if (count > 0)
        kmi_log(
            KMSG_WARNING,
            "%s: accepting: %u have connected and say nothing; the oldest give way (%llu times)",
            l->acceptor.url, KMI_SILENT_MAX, (unsigned long long)count);
}

static void complain_of_user(listener *l)
{
    uint64_t count = happened(&l->users, l->acceptor.net);

    if (count > 0)
        kmi_log(KMSG_WARNING, "%s: accepting: %s; turned away: %llu", l->acceptor.url,
                kmsg_last_error(), (unsigned long long)count);
}

static void complain(listener *l, kmsg_err err)
{
    if (happened(&l->others, l->acceptor.net) > 0)
        kmi_log(KMSG_ERROR, "%s: accepting: %s", l->acceptor.url,
                err == KMSG_ENOMEM ? kmsg_strerror(err) : kmsg_last_error());
}

/* ---- accepting ----------------------------------------------------------------------------- */

static void pause_until(listener *l, int64_t at_ns)
{
    kmi_net *net = l->acceptor.net;

    net->sys->watch(l->socket, 0);
    kmi_timer_set(net->timers, &l->timer, at_ns);
}

static void resume(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    if (l->socket != NULL)
        acceptor->net->sys->watch(l->socket, KMI_READABLE);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    listener *l = (listener *)(void *)((uint8_t *)timer - offsetof(listener, timer));

    (void)now_ns;
    resume(&l->acceptor);
}

/* Said to who is there, as far as that goes at once. Then that was all. */
static void hang_up(const kmi_net *net, kmi_socket *socket, uint32_t why)
{
    uint8_t words[KMI_REFUSAL_SIZE];

    kmi_session_refusal(why, words);
    (void)net->sys->write(socket, words, sizeof words);
    net->sys->close(socket);
}

/* Who has come over a unix socket. False: he is not let in, and has gone. */
static bool is_welcome(listener *l, kmi_socket *socket, kmsg_identity *ret)
{
    kmi_net *net = l->acceptor.net;
    kmsg_err err = kmi_unix_identify(net, socket, ret);

    if (err == KMSG_OK)
        err = kmi_unix_check(net, ret);
    if (err == KMSG_OK)
        return true;
    net->turned_away++;
    complain_of_user(l);
    hang_up(net, socket, KMI_REFUSED_USER);
    return false;
}

/* A unix socket does not say where it comes from: from where we listen. */
static kmsg_err let_in(listener *l)
{
    kmi_net      *net = l->acceptor.net;
    kmsg_identity who = {.name = ""};
    kmi_endpoint  from;
    kmi_socket   *socket;
    kmsg_err      err;

    if (l->spare == NULL)
        l->spare = kmi_alloc_zeroed(sizeof *l->spare);
    if (l->spare == NULL)
        return KMSG_ENOMEM;
    err = net->sys->accept(l->socket, kmi_ear_hear, l->spare, &from, &socket);
    if (err != KMSG_OK)
        return err;
    if (from.family == KMI_UNIX && !is_welcome(l, socket, &who))
        return KMSG_OK;
    if (!kmi_stream_guest(&l->acceptor, l->spare, socket,
                          from.family == KMI_UNIX ? &l->acceptor.bound : &from, &who)) {
        net->sys->close(socket);
        return KMSG_ENOMEM;
    }
    l->spare = NULL;
    return KMSG_OK;
}

static kmsg_err turn_away(listener *l, uint32_t why)
{
    kmi_net *net = l->acceptor.net;
    uint8_t  words[KMI_REFUSAL_SIZE];
    size_t   size = 0; /* of a cluster: anybody could have come */
    kmsg_err err;

    if (l->acceptor.bound.family == KMI_UNIX || !kmi_security_is_hidden(net))
        size = sizeof words;
    kmi_session_refusal(why, words);
    err = net->sys->turn_away(l->socket, words, size);
    if (err != KMSG_OK)
        return err;
    net->turned_away++;
    if (why == KMI_REFUSED_COUNT)
        complain_of_count(l);
    else
        complain_of_descriptors(l);
    return KMSG_OK;
}

static kmsg_err accept_one(listener *l)
{
    const kmi_net *net = l->acceptor.net;
    kmsg_err       err;

    if (net->guests->count >= net->guests_max)
        return turn_away(l, KMI_REFUSED_COUNT);
    err = let_in(l);
    return err == KMSG_EDESCRIPTORS ? turn_away(l, KMI_REFUSED_DESCRIPTORS) : err;
}

/* To make room may let somebody in, who may be the one that was waited for: then it has stopped. */
static void on_accept(void *ctx, unsigned events)
{
    listener *l = ctx;
    kmi_net  *net = l->acceptor.net;

    (void)events;
    net->now_ns = net->sys->now_ns(); /* however long we have slept: his time begins now */
    for (int i = 0; i < BURST && l->socket != NULL; i++) {
        bool     full = net->guests->silent == KMI_SILENT_MAX;
        int64_t  at_ns;
        kmsg_err err;
        if (!kmi_guests_make_room(net->guests, net->now_ns, &at_ns)) {
            pause_until(l, at_ns); /* or until one of them says something */
            return;
        }
        if (full)
            complain_of_silent(l);
        if (l->socket == NULL)
            return;
        err = accept_one(l);
        if (err == KMSG_EBUSY)
            return;
        if (err == KMSG_EDESCRIPTORS)
            complain_of_descriptors(l);
        else if (err != KMSG_OK)
            complain(l, err);
        if (err != KMSG_OK) {
            pause_until(l, net->now_ns + RETRY_NS); /* trying on and on does not help */
            return;
        }
    }
}

/* ---- listening ----------------------------------------------------------------------------- */

static void stop_listener(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    kmi_timer_stop(acceptor->net->timers, &l->timer);
    acceptor->net->sys->close(l->socket);
    l->socket = NULL;
}

static void close_listener(kmi_acceptor *acceptor)
{
    listener *l = (listener *)acceptor;

    kmi_timer_done(acceptor->net->timers, &l->timer);
    if (l->socket != NULL)
        acceptor->net->sys->close(l->socket);
    kmi_free(l->spare);
    kmi_free(l);
}

kmsg_err kmi_stream_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    listener    *l;
    kmi_endpoint endpoint, bound;
    kmsg_err     err = kmi_address_to_listen(at, &endpoint);

    if (err != KMSG_OK)
        return err;
    l = kmi_alloc_zeroed(sizeof *l);
    if (l == NULL)
        return KMSG_ENOMEM;
    err = kmi_timer_init(net->timers, &l->timer, on_timer);
    if (err == KMSG_OK)
        err = net->sys->listen(net->loop, &endpoint, on_accept, l, &bound, &l->socket);
    if (err != KMSG_OK) {
        kmi_timer_done(net->timers, &l->timer);
        kmi_free(l);
        return err;
    }
    kmi_endpoint_print(&bound, at->insecure, l->acceptor.url, sizeof l->acceptor.url);
    l->acceptor.bound = bound;
    l->acceptor.insecure = at->insecure;
    if (at->insecure)
        kmi_log(KMSG_WARNING,
                "%s: who comes need not encrypt: all on the way can read and change "
                "what is said",
                l->acceptor.url);
    l->acceptor.close = close_listener;
    l->acceptor.resume = resume;
    l->acceptor.stop = stop_listener;
    kmi_acceptor_add(&l->acceptor, net);
    *ret = &l->acceptor;
    return KMSG_OK;
}
