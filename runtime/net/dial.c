/* dial.c -- how links over byte streams begin: what is dialled, who was accepted, and one end of a
 * connection that this process was given.
 */
#include "net/stream.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

/* ---- dialling ------------------------------------------------------------------------------ */

/* It was asked for, and is said each time. */
static void say_clear(const kmi_endpoint *to)
{
    char url[KMI_URL_MAX];

    if (kmi_endpoint_is_loopback(to))
        return;
    kmi_endpoint_print(to, true, url, sizeof url);
    kmi_net_say_clear(url);
}

static void begin_session(kmi_stream *s, const kmi_endpoint *to)
{
    kmi_net *net = s->link.net;

    s->connecting = false;
    net->now_ns = net->sys->now_ns();
    kmi_session_init(&s->session, &net->session, net->now_ns);
    s->session.options.own.port = kmi_home_port(net, to);
    kmi_timer_set(net->timers, &s->timer, kmi_session_deadline(&s->session));
    s->other = (kmi_host){.family = to->family, .port = to->port, .interface = to->interface};
    memcpy(s->other.ip, to->ip, sizeof s->other.ip);
    if (s->secret && !kmi_greet_in_secret(s))
        return;
    if (s->tcp && !s->is_guest && !s->secret)
        say_clear(to);
    if (!s->tcp && !s->is_guest)
        s->shared = kmi_shared_offer(net, s->socket);
    s->session.may_share = s->shared != NULL;
    s->deciding = s->tcp && s->is_guest;
    if (!s->deciding && (s->link.via == NULL || !s->link.via->once))
        kmi_greet_say(s);
}

/* The next address that can be tried at all; the last failure, when there is none. */
static kmsg_err connect_next(kmi_stream *s, kmsg_err err)
{
    kmi_net *net = s->link.net;

    while (s->to_next < s->to_count) {
        err = net->sys->connect(net->loop, &s->to[s->to_next++], kmi_ear_hear, s->ear, &s->socket);
        if (err == KMSG_OK)
            return KMSG_OK;
    }
    return err;
}

/* Nothing was said yet, and nothing is to somebody else who has taken the name. */
static kmsg_err meet_listener(kmi_stream *s)
{
    kmsg_err err = kmi_unix_identify(s->link.net, s->socket, &s->link.identity);

    return err == KMSG_OK ? kmi_unix_check(s->link.net, &s->link.identity) : err;
}

void kmi_stream_connected(kmi_stream *s)
{
    kmi_net *net = s->link.net;
    kmsg_err err = net->sys->connect_result(s->socket);

    if (err != KMSG_OK) {
        net->sys->close(s->socket);
        s->socket = NULL;
        err = connect_next(s, err);
        if (err != KMSG_OK)
            kmi_stream_end(s, err, kmsg_last_error());
        return;
    }
    err = s->tcp ? KMSG_OK : meet_listener(s);
    if (err != KMSG_OK) {
        kmi_stream_end(s, err, kmsg_last_error());
        return;
    }
    kmi_stream_watch(s, false, false);
    begin_session(s, &s->to[s->to_next - 1]);
    if (s->mute && !s->link.dead)
        kmi_stream_cannot_greet(s);
    kmi_free(s->to); /* the link's own, also if it has ended by that */
    s->to = NULL;
}

static void on_resolved(void *ctx, kmsg_err err, const kmi_endpoint *found, size_t count)
{
    kmi_stream *s = ctx;

    s->lookup = NULL;
    if (err == KMSG_OK) {
        memcpy(s->to, found, count * sizeof *found);
        s->to_count = (uint8_t)count;
        err = connect_next(s, KMSG_EUNREACHABLE);
    }
    if (err != KMSG_OK)
        kmi_stream_end(s, err, kmsg_last_error());
}

static bool keep_at(kmi_stream *s, const kmi_address *to)
{
    s->at = kmi_alloc(KMI_AT_MAX);
    if (s->at != NULL)
        kmi_address_at(to, s->at);
    return s->at != NULL;
}

static kmsg_err begin_dial(kmi_stream *s, const kmi_address *to)
{
    kmi_net *net = s->link.net;

    s->to_count = 1;
    if (kmi_address_is_localhost(to)) {
        kmi_address_localhost(to, s->to);
        s->to_count = 2;
    } else if (to->scheme == KMI_SCHEME_TCP && !to->literal) {
        return net->sys->resolve(net->loop, to->name, to->endpoint.port, on_resolved, s,
                                 &s->lookup);
    } else {
        s->to[0] = to->endpoint;
    }
    return connect_next(s, KMSG_EUNREACHABLE);
}

kmsg_err kmi_stream_dial(kmi_net *net, const kmi_address *to, kmi_link **ret)
{
    kmi_ear    *e = kmi_alloc_zeroed(sizeof *e);
    kmi_stream *s = kmi_stream_new(net, e);
    kmsg_err    err;

    if (s == NULL) {
        kmi_free(e);
        return KMSG_ENOMEM;
    }
    s->tcp = to->scheme == KMI_SCHEME_TCP;
    s->secret = s->tcp && !kmi_net_is_clear(net, to);
    s->connecting = true;
    s->to = kmi_alloc(KMI_RESOLVE_MAX * sizeof *s->to);
    err = s->to == NULL || (s->secret && !keep_at(s, to)) ? KMSG_ENOMEM : begin_dial(s, to);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    *ret = &s->link;
    return KMSG_OK;
}

/* Who it is for may not have been started yet: so there is no limit to how late he says hello. */
kmsg_err kmi_stream_adopt(kmi_net *net, int fd, bool guest, kmi_link **ret)
{
    kmi_ear    *e = kmi_alloc_zeroed(sizeof *e);
    kmi_stream *s = kmi_stream_new(net, e);
    kmsg_err    err;

    if (s == NULL) {
        kmi_free(e);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    err = net->sys->adopt(net->loop, fd, kmi_ear_hear, s->ear, &s->socket);
    if (err != KMSG_OK) {
        kmi_link_close(&s->link);
        return err;
    }
    s->watched = KMI_READABLE;
    s->is_guest = guest;
    if (kmi_unix_identify(net, s->socket, &s->link.identity) != KMSG_OK)
        kmi_log(KMSG_WARNING, "fd:%d: nobody knows who is there: %s", fd, kmsg_last_error());
    begin_session(s, &(kmi_endpoint){.family = KMI_UNIX});
    kmi_timer_stop(net->timers, &s->timer);
    *ret = &s->link;
    return KMSG_OK;
}

/* ---- accepted ------------------------------------------------------------------------------ */

bool kmi_stream_guest(kmi_acceptor *via, kmi_ear *ear, kmi_socket *socket, const kmi_endpoint *from,
                      const kmsg_identity *who)
{
    kmi_net    *net = via->net;
    kmi_stream *s = kmi_stream_new(net, ear);

    if (s == NULL)
        return false;
    s->link.via = via;
    s->socket = socket;
    s->watched = KMI_READABLE;
    s->tcp = from->family != KMI_UNIX;
    s->link.identity = *who;
    s->is_guest = true;
    s->may_clear = via->insecure || kmi_security_is_loopback(net, from);
    s->link.hello_size = KMI_PREAMBLE_SIZE;
    begin_session(s, from);
    kmi_guest_comes(net->guests, &s->guest, &s->link, from, net->now_ns); /* it may go by that */
    return true;
}
