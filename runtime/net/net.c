/* net.c -- the network of one node: which links have something, where bytes are read to, and which
 * kind of link an address asks for.
 *
 * All connections read into one slab of 256 KiB, one behind the other, and it begins anew when
 * nothing of it is in use any more: after each turn, as a rule. So a connection that is idle keeps
 * no buffer, and steady traffic allocates nothing. A turn takes at most READ_TURN bytes in from all
 * connections together (or READ_MIN from each), whatever waits in the system.
 */
#include "net/net.h"
#include "net/security.h"
#include "net/shared.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define READ_SLAB ((size_t)256 << 10)
#define READ_MIN  ((size_t)4 << 10)
#define READ_TURN ((size_t)4 << 20)

#define COMPLAINTS    16 /* lines about strangers in COMPLAINTS_NS */
#define COMPLAINTS_NS ((int64_t)10000000000)

#define UNPOLLED_MAX 16
#define LOOP_NS      ((int64_t)20000) /* who looks asks the loop as often as that */

static void wake(void *ctx)
{
    kmi_net *net = ctx;

    net->sys->wake_ts(net->loop);
}

kmsg_err kmi_net_init(kmi_net *net, const kmi_sys *sys)
{
    net->sys = sys;
    net->session.pool = &net->pool;
    net->loop = sys->loop_new();
    if (net->loop == NULL)
        return KMSG_ENOMEM;
    net->mailbox = kmi_mailbox_new(wake, net);
    if (net->mailbox == NULL) {
        sys->loop_free(net->loop);
        return KMSG_ENOMEM;
    }
    net->now_ns = sys->now_ns();
    return KMSG_OK;
}

static void take_mail(kmi_net *net, kmi_slab *mail)
{
    while (mail != NULL) {
        kmi_slab *next = mail->next;
        mail->next = NULL;
        if (mail->arrive != NULL)
            mail->arrive(net->node, mail);
        else
            kmi_inproc_mail(net, mail);
        mail = next;
    }
}

void kmi_net_close_mail(kmi_net *net)
{
    take_mail(net, kmi_mailbox_close(net->mailbox));
}

void kmi_net_done(kmi_net *net)
{
    while (net->acceptors != NULL)
        kmi_acceptor_close(net->acceptors);
    while (net->all != NULL)
        kmi_link_close(net->all);
    kmi_net_close_mail(net);
    kmi_net_reap(net);
    kmi_security_unref(net->security);
    net->security = NULL;
    kmi_mailbox_unref(net->mailbox);
    net->sys->loop_free(net->loop);
    kmi_slab_unref(net->read);
    kmi_slab_unref(net->batch);
    kmi_slab_pool_done(&net->pool);
    kmi_free(net->guests);
}

/* ---- waiting ------------------------------------------------------------------------------- */

bool kmi_net_arm(kmi_net *net)
{
    bool rings = kmi_shared_arm(net);

    return kmi_mailbox_sleep(net->mailbox) && rings;
}

static void sleep_until(kmi_net *net, int64_t until_ns)
{
    (void)net->sys->poll(net->loop, until_ns > 0 && kmi_net_arm(net) ? until_ns : 0);
}

static bool has_come(const kmi_net *net)
{
    return net->ready != NULL || kmi_mailbox_has(net->mailbox) || kmi_shared_has(net);
}

/* Of all that may come, another answer from where the last one came from is the likeliest, and to
 * ask there takes half of the time that the loop takes for all. The others wait for LOOP_NS at
 * most, counted over all waits: they may be short. */
static bool look(kmi_net *net, int64_t now_ns)
{
    bool moved;

    if (net->latest != NULL && now_ns - net->polled_ns < LOOP_NS)
        return net->latest->ops->look(net->latest) || has_come(net);
    moved = net->sys->poll(net->loop, 0);
    net->polled_ns = net->sys->now_ns();
    return moved || has_come(net);
}

/* Being woken takes many times as long as what is waited for: so who may looks for a while before
 * it sleeps. Whether that pays is found out by trying: where something came soon after falling
 * asleep, the whole time is spent looking at the next wait; where nothing did, half as long.
 *
 * Whatever was delivered ends the wait, also what leaves no trace here: somebody who stops the
 * node, a call that has failed, an earlier deadline. */
static void spin_until(kmi_net *net, int64_t until_ns)
{
    int64_t began_ns = net->sys->now_ns(), now_ns = began_ns, spin_ns = net->spin_ns;

    while (now_ns - began_ns < spin_ns && now_ns < until_ns) {
        if (look(net, now_ns))
            return;
        now_ns = net->sys->now_ns();
    }
    sleep_until(net, until_ns);
    now_ns = net->sys->now_ns();
    net->spin_ns = now_ns - began_ns - spin_ns < net->spin_max_ns ? net->spin_max_ns : spin_ns / 2;
}

static void wait_until(kmi_net *net, int64_t until_ns)
{
    net->unpolled = 0;
    if (until_ns > 0 && net->spin_max_ns > 0)
        spin_until(net, until_ns);
    else
        sleep_until(net, until_ns);
}

bool kmi_net_shared_has(const kmi_net *net)
{
    return kmi_shared_has(net);
}

/* While shared memory has something, the system is asked now and then only. */
void kmi_net_poll(kmi_net *net, int64_t until_ns)
{
    if (!kmi_shared_has(net) || ++net->unpolled >= UNPOLLED_MAX)
        wait_until(net, kmi_shared_has(net) ? 0 : until_ns);
    kmi_shared_disarm(net);
    kmi_mailbox_awake(net->mailbox);
    take_mail(net, kmi_mailbox_take(net->mailbox));
    kmi_shared_look(net);
}

/* ---- links --------------------------------------------------------------------------------- */

void kmi_link_init(kmi_link *link, const kmi_link_ops *ops, kmi_net *net)
{
    link->ops = ops;
    link->net = net;
    link->identity.name = "";
    link->next = net->all;
    if (link->next != NULL)
        link->next->prev = link;
    net->all = link;
    net->links++;
}

void kmi_link_ready(kmi_link *link)
{
    kmi_net *net = link->net;

    if (link->ready || link->dead)
        return;
    link->ready = true;
    link->ready_next = NULL;
    if (link->ops->look != NULL)
        net->latest = link;
    if (net->ready == NULL)
        net->ready = link;
    else
        net->ready_last->ready_next = link;
    net->ready_last = link;
}

kmi_link *kmi_net_ready(const kmi_net *net)
{
    return net->ready;
}

void kmi_net_unready(kmi_net *net, kmi_link *link)
{
    kmi_link **at = &net->ready, *before = NULL;

    if (!link->ready)
        return;
    while (*at != link) {
        before = *at;
        at = &before->ready_next;
    }
    *at = link->ready_next;
    if (net->ready_last == link)
        net->ready_last = before;
    link->ready = false;
}

void kmi_link_close(kmi_link *link)
{
    kmi_net *net;

    if (link == NULL || link->dead)
        return;
    net = link->net;
    kmi_net_unready(net, link);
    if (net->latest == link)
        net->latest = NULL;
    if (link->out != NULL)
        kmi_out_unseal(link->out);
    link->ops->close(link);
    if (link->prev != NULL)
        link->prev->next = link->next;
    else
        net->all = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    link->dead = true;
    link->up = false;
    link->dead_next = net->dead;
    net->dead = link;
    net->links--;
}

void kmi_link_lose(kmi_link *link, kmsg_err err, const char *why)
{
    if (link->dead)
        return;
    if (link->out != NULL)
        kmi_out_unseal(link->out);
    if (link->owner != NULL)
        link->net->events->down(link, err, why);
    kmi_link_close(link);
}

void kmi_net_reap(kmi_net *net)
{
    while (net->dead != NULL) {
        kmi_link *link = net->dead;
        net->dead = link->dead_next;
        link->ops->free(link);
    }
}

void kmi_net_say_clear(const char *url)
{
    kmi_log(KMSG_WARNING, "%s: not encrypted: all on the way can read and change what is said",
            url);
}

bool kmi_net_may_complain(kmi_net *net)
{
    if (net->complaints == 0 || net->now_ns - net->complained_ns >= COMPLAINTS_NS) {
        net->complained_ns = net->now_ns;
        net->complaints = 0;
    }
    return ++net->complaints <= COMPLAINTS;
}

/* ---- reading ------------------------------------------------------------------------------- */

size_t kmi_net_read_share(const kmi_net *net)
{
    size_t share = READ_TURN / (net->links == 0 ? 1 : net->links);

    if (share > READ_SLAB)
        return READ_SLAB;
    return share < READ_MIN ? READ_MIN : share;
}

uint8_t *kmi_net_read_room(kmi_net *net, size_t alignment, size_t min, size_t *ret_size)
{
    size_t share = kmi_net_read_share(net), at;

    if (min < READ_MIN)
        min = READ_MIN;
    if (share < min)
        share = min;
    if (net->read != NULL && net->read->refs == 1)
        net->read_used = 0;
    at = kmi_frame_room(net->read_used) + alignment;
    if (net->read != NULL && at + min > net->read->capacity) {
        kmi_slab_unref(net->read);
        net->read = NULL;
    }
    if (net->read == NULL) {
        net->read = kmi_slab_new(READ_SLAB + 16);
        net->read_used = 0;
        at = alignment;
    }
    if (net->read == NULL)
        return NULL;
    *ret_size = net->read->capacity - at < share ? net->read->capacity - at : share;
    return net->read->data + at;
}

void kmi_net_read_done(kmi_net *net, const uint8_t *at, size_t size)
{
    if (size > 0)
        net->read_used = (size_t)(at - net->read->data) + size;
}

/* ---- acceptors ----------------------------------------------------------------------------- */

void kmi_acceptor_add(kmi_acceptor *acceptor, kmi_net *net)
{
    acceptor->net = net;
    acceptor->next = net->acceptors;
    net->acceptors = acceptor;
}

void kmi_acceptor_remove(kmi_acceptor *acceptor)
{
    kmi_acceptor **at = &acceptor->net->acceptors;

    while (*at != acceptor)
        at = &(*at)->next;
    *at = acceptor->next;
}

static void close_silent(const kmi_acceptor *acceptor)
{
    for (kmi_link *link = acceptor->net->all; link != NULL; link = link->next)
        if (link->via == acceptor && !link->up)
            kmi_link_close(link);
}

/* That there was to be but one, a guest who has not said hello would not know any more. */
void kmi_acceptor_close(kmi_acceptor *acceptor)
{
    if (acceptor->once)
        close_silent(acceptor);
    for (kmi_link *link = acceptor->net->all; link != NULL; link = link->next)
        if (link->via == acceptor)
            link->via = NULL;
    kmi_acceptor_remove(acceptor);
    acceptor->close(acceptor);
}

/* Who came at the same time and has not said hello is too late. */
static void stop(kmi_acceptor *acceptor)
{
    acceptor->taken = true;
    acceptor->stop(acceptor);
    close_silent(acceptor);
}

bool kmi_link_admit(kmi_link *link, const char *url)
{
    kmi_acceptor *via = link->via;

    if ((via != NULL && via->taken) || !link->net->events->accepted(link, url))
        return false;
    if (via != NULL && via->once)
        stop(via);
    return true;
}

static void resume_if(const kmi_net *net, bool free)
{
    for (kmi_acceptor *a = net->acceptors; free && a != NULL; a = a->next)
        a->resume(a);
}

void kmi_net_guest_speaks(kmi_net *net, kmi_guest *guest)
{
    resume_if(net, kmi_guest_speaks(net->guests, guest));
}

void kmi_net_guest_goes(kmi_net *net, kmi_guest *guest)
{
    resume_if(net, kmi_guest_goes(net->guests, guest));
}

void kmi_net_facts(const kmi_net *net, uint32_t *ret_guests, uint32_t *ret_silent,
                   uint64_t *ret_turned_away)
{
    *ret_guests = net->guests == NULL ? 0 : net->guests->count;
    *ret_silent = net->guests == NULL ? 0 : net->guests->silent;
    *ret_turned_away = net->turned_away;
}

/* Inproc listeners have guests of this very process: these are not counted. */
static kmsg_err listen_stream(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    if (net->guests == NULL)
        net->guests = kmi_alloc_zeroed(sizeof *net->guests);
    return net->guests == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_stream_listen(net, at, ret);
}

kmsg_err kmi_net_listen(kmi_net *net, const kmi_address *at, kmi_acceptor **ret)
{
    kmsg_err err = kmi_net_check(net, at);

    if (err != KMSG_OK)
        return err;
    switch (at->scheme) {
    case KMI_SCHEME_INPROC: return kmi_inproc_listen(net, at, ret);
    case KMI_SCHEME_UDP: return kmi_datagram_listen(net, at, ret);
    case KMI_SCHEME_UNIX:
    case KMI_SCHEME_TCP:
    case KMI_SCHEME_FD: break; /* that one is adopted */
    }
    return listen_stream(net, at, ret);
}

static kmsg_err dial(kmi_net *net, const kmi_address *to, kmi_link **ret)
{
    switch (to->scheme) {
    case KMI_SCHEME_INPROC: return kmi_inproc_dial(net, to, ret);
    case KMI_SCHEME_UDP: return kmi_datagram_dial(net, to, ret);
    case KMI_SCHEME_UNIX:
    case KMI_SCHEME_TCP:
    case KMI_SCHEME_FD: break; /* that one is adopted */
    }
    return kmi_stream_dial(net, to, ret);
}

kmsg_err kmi_net_dial(kmi_net *net, const kmi_address *to, kmi_out *out, void *owner,
                      kmi_link **ret)
{
    kmi_link *link;
    kmsg_err  err = dial(net, to, &link);

    if (err != KMSG_OK)
        return err;
    link->out = out;
    link->owner = owner;
    *ret = link;
    return KMSG_OK;
}

kmsg_err kmi_net_adopt(kmi_net *net, int fd, bool guest, kmi_out *out, void *owner, kmi_link **ret)
{
    kmi_link *link;
    kmsg_err  err = kmi_stream_adopt(net, fd, guest, &link);

    if (err != KMSG_OK)
        return err;
    link->out = out;
    link->owner = owner;
    *ret = link;
    return KMSG_OK;
}
