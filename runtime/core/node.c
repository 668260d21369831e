/* node.c -- a loop and the thread that runs it. Read kmi_node_turn() first.
 *
 * A turn waits for the system, hands what has come to user code, runs the timers, and writes what
 * user code has said: so a burst of calls costs one system call, whoever made them. Timers go by
 * the time at which waiting ended: how long a handler takes is not held against the peers whose
 * messages lie in the system meanwhile.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "net/ring.h"

#define SKIP_MAX                                                                                   \
    16 /* turns in a row that do not look at the system while there is work at hand                \
        */

/* ---- lifetime ------------------------------------------------------------------------------ */

static void set_defaults(kmsg_node *node)
{
    kmi_session_options *session = &node->net.session;

    session->own = (kmi_terms){.message_max = KMSG_MESSAGE_DEFAULT,
                               .credit = KMSG_CREDIT,
                               .credit_bytes = KMSG_CREDIT_BYTES,
                               .window = KMSG_STREAM_WINDOW};
    session->idle_ns = 5000 * KMI_MS;
    node->net.shared_size = KMSG_SHARED_MEMORY;
    session->dead_ns = 15000 * KMI_MS;
    node->net.guests_max = KMSG_CONNECTIONS_MAX;
    node->sys->random(&session->own.instance, sizeof session->own.instance);
    session->own.instance |= 1; /* never 0 */
    session->own.epoch = node->sys->clock_ns();
}

kmsg_node *kmi_node_new_on(const kmi_sys *sys)
{
    kmsg_node *node = kmi_alloc_zeroed(sizeof *node);
    kmi_conn  *self;

    if (node == NULL)
        return NULL;
    kmi_forks_count();
    node->forks = kmi_forks;
    node->sys = sys;
    node->mailbox_max = KMSG_MAILBOX_MAX;
    node->reuse_ns = KMSG_REUSE_MS * KMI_MS;
    node->deadline_ns = KMI_NEVER;
    node->nobody = (kmi_who){{.kind = KMSG_IDENTITY_NONE, .name = ""}, .refs = 1};
    node->process =
        (kmi_who){{.kind = KMSG_IDENTITY_PROCESS, .name = ""}, .known = true, .refs = 1};
    atomic_init(&node->stop, false);
    atomic_init(&node->tasks, 0);
    atomic_init(&node->tasks_max, KMSG_MAILBOX_MAX);
    node->timers.told_ns = KMI_AWAKE;
    node->net.timers = &node->timers;
    node->net.events = &kmi_conn_events;
    node->net.node = node;
    set_defaults(node);
    if (kmi_net_init(&node->net, node->sys) != KMSG_OK) {
        kmi_free(node);
        return NULL;
    }
    self = kmi_conn_new_self(node);
    if (self == NULL) {
        kmsg_node_free(node);
        return NULL;
    }
    node->self = self->peer;
    if (kmi_object_new_root(node) != KMSG_OK) {
        kmsg_node_free(node);
        return NULL;
    }
    return node;
}

kmsg_node *kmsg_node_new(void)
{
    return kmi_node_new_on(&kmi_sys_uv);
}

static void flush_list(kmi_conn *conn);

kmsg_err kmi_node_check(const kmsg_node *node)
{
    if (!kmi_node_is_foreign(node))
        return KMSG_OK;
    return kmi_error(KMSG_EFORKED, "the node belongs to the process that this one was forked from; "
                                   "here another one has to be made");
}

/* In a forked child: calls that the parent makes end there. What they have here could only be given
 * back by callbacks, which would do a second time what they do in the parent. */
static void abandon(kmsg_node *node)
{
    node->sys->loop_free(node->net.loop);
}

void kmsg_node_free(kmsg_node *node)
{
    if (node == NULL)
        return;
    if (kmi_node_is_foreign(node)) {
        abandon(node);
        return;
    }
    if (node->thread != NULL) {
        kmsg_stop_ts(node);
        node->sys->thread_join(node->thread);
    }
    assert(node->depth == 0 && "kmsg_node_free() inside a callback");
    node->timers.told_ns = KMI_AWAKE;
    kmi_parts_end(node);
    kmi_children_end(node);
    kmi_net_close_mail(&node->net); /* what was posted until here counts, and nothing after it */
    kmi_holds_done(&node->holds);
    kmi_objects_let_go(node);
    node->closing = true;
    while (node->listeners != NULL)
        kmsg_listener_close(node->listeners);
    for (kmi_conn *c = node->conns; c != NULL; c = c->next)
        kmi_conn_end(c);
    kmi_node_objects_end(node);
    kmi_dispatch_ends(node);
    kmi_streams_done(node);
    kmi_node_objects_done(node);
    kmi_pendings_done(node);
    kmi_calls_done(node);
    kmi_parts_free(node);
    kmi_node_flush(node);
    flush_list(node->stalled);
    kmi_peers_done(node);
    while (node->conns != NULL)
        kmi_conn_leave(node->conns);
    kmi_conns_reap(node);
    kmi_free(node->ways);
    kmi_net_done(&node->net);
    kmi_asks_done(node);
    kmi_services_done(&node->services);
    kmi_timers_done(&node->timers);
    if (node->user != NULL)
        kmi_who_unref(node->user);
    kmi_free(node);
}

/* ---- turns --------------------------------------------------------------------------------- */

static bool has_work(const kmsg_node *node)
{
    return kmi_net_ready(&node->net) != NULL || node->inner.first != NULL ||
           (node->depth == 0 && node->inbox.first != NULL);
}

static void flush_list(kmi_conn *conn)
{
    while (conn != NULL) {
        kmi_conn *next = conn->dirty_next;
        conn->dirty = false;
        conn->dirty_next = NULL;
        kmi_conn_flush(conn);
        kmi_conn_unref(conn);
        conn = next;
    }
}

void kmi_node_flush(kmsg_node *node)
{
    kmi_conn *dirty;

    if (node->laden)
        kmi_parts_flush(node);
    dirty = node->dirty;
    node->dirty = NULL;
    flush_list(dirty);
}

static void look(kmsg_node *node, int64_t until_ns)
{
    kmi_conn *stalled = node->stalled;

    node->skipped = 0;
    kmi_net_poll(&node->net, until_ns);
    node->net.now_ns = node->sys->now_ns();
    node->stalled = NULL;
    flush_list(stalled);
}

static void on_sooner(kmi_timers *timers, int64_t at_ns)
{
    kmsg_node *node = (kmsg_node *)(void *)((uint8_t *)timers - offsetof(kmsg_node, timers));

    timers->told_ns = at_ns;
    node->sys->alarm(node->net.loop, at_ns);
}

/* If so, whatever comes from now on makes the descriptor readable. */
static bool is_idle(const kmsg_node *node)
{
    return !has_work(node) && node->dirty == NULL && !node->laden &&
           !node->sys->loop_stale(node->net.loop) && !kmi_mailbox_has(node->net.mailbox) &&
           !kmi_net_shared_has(&node->net);
}

/* Nobody turns the node until its descriptor is readable: so that it is as soon as there is
 * something to do, and not before. */
static void fall_asleep(kmsg_node *node)
{
    (void)kmi_net_arm(&node->net); /* if there is mail, it is not idle */
    on_sooner(&node->timers, is_idle(node) ? kmi_timers_next(&node->timers) : 0);
}

void kmi_node_turn(kmsg_node *node, bool wait, const bool *until)
{
    node->timers.told_ns = KMI_AWAKE;
    kmi_node_flush(node);
    if (!has_work(node))
        look(node, wait ? kmi_timers_next(&node->timers) : 0);
    else if (++node->skipped >= SKIP_MAX)
        look(node, 0);
    kmi_dispatch(node, until);
    kmi_timers_run(&node->timers, node->net.now_ns);
    kmi_node_flush(node);
    if (node->depth > 0)
        return;
    kmi_conns_reap(node);
    kmi_net_reap(&node->net);
    if (node->outside)
        fall_asleep(node);
}

void kmi_node_wait_a_turn(kmsg_node *node, const bool *done, kmi_serving *nested)
{
    if (nested != NULL)
        kmi_dispatch_nested(node, nested, done);
    if (!*done)
        kmi_node_turn(node, true, done);
}

static void limit_over(kmi_timer *timer, int64_t now_ns)
{
    (void)now_ns;
    ((kmi_limit *)(void *)timer)->over = true;
}

kmsg_err kmi_limit_init(kmi_limit *limit, kmsg_node *node, uint32_t ms)
{
    kmsg_err err = kmi_node_check(node);

    limit->over = false;
    if (err == KMSG_OK)
        err = kmi_timer_init(&node->timers, &limit->timer, limit_over);
    if (err == KMSG_OK && ms != UINT32_MAX)
        kmi_timer_set(&node->timers, &limit->timer, node->sys->now_ns() + ms * KMI_MS);
    return err;
}

void kmi_limit_done(kmi_limit *limit, kmsg_node *node)
{
    kmi_timer_done(&node->timers, &limit->timer);
}

void kmi_node_run(kmsg_node *node)
{
    while (!atomic_load(&node->stop))
        kmi_node_turn(node, true, NULL);
    atomic_store(&node->stop, false);
}

kmsg_err kmsg_run(kmsg_node *node)
{
    assert(node->depth == 0 && "kmsg_run() inside a callback");
    assert(node->thread == NULL && "kmsg_run() after kmsg_start()");
    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    kmi_node_run(node);
    return KMSG_OK;
}

static void run_thread(void *ctx)
{
    kmi_node_run(ctx);
}

kmsg_err kmsg_start(kmsg_node *node)
{
    assert(node->depth == 0 && "kmsg_start() inside a callback");
    assert(node->thread == NULL && "kmsg_start() twice");
    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    return node->sys->thread_start(run_thread, node, &node->thread);
}

void kmsg_stop_ts(kmsg_node *node)
{
    atomic_store(&node->stop, true);
    node->sys->wake_ts(node->net.loop);
}

/* ---- another's loop ------------------------------------------------------------------------ */

int kmsg_node_fd(kmsg_node *node)
{
    int fd;

    if (kmi_node_check(node) != KMSG_OK)
        return -1;
    fd = node->sys->loop_fd(node->net.loop);
    if (fd < 0 || node->outside)
        return fd;
    node->outside = true;
    node->timers.sooner = on_sooner;
    if (node->depth == 0) /* else the turn does it when it ends */
        fall_asleep(node);
    return fd;
}

int kmsg_node_wait_ms(const kmsg_node *node)
{
    int64_t next_ns = kmi_timers_next(&node->timers), left_ns;

    if (!is_idle(node))
        return 0;
    if (next_ns == KMI_NEVER)
        return -1;
    left_ns = next_ns - node->sys->now_ns();
    if (left_ns <= 0)
        return 0;
    left_ns = (left_ns + KMI_MS - 1) / KMI_MS;
    return left_ns > INT32_MAX ? INT32_MAX : (int)left_ns;
}

kmsg_err kmsg_node_step(kmsg_node *node)
{
    assert(node->depth == 0 && "kmsg_node_step() inside a callback");
    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    node->skipped = SKIP_MAX;
    kmi_node_turn(node, false, NULL);
    if (!node->outside)
        (void)kmi_net_arm(&node->net); /* kmsg_node_wait_ms() tells of mail */
    return KMSG_OK;
}

kmsg_err kmsg_node_set_spin_us(kmsg_node *node, uint32_t spin_us)
{
    if (spin_us > KMSG_SPIN_MAX_US)
        return kmi_error(KMSG_EINVAL, "a node spins for %u us at most", KMSG_SPIN_MAX_US);
    node->net.spin_max_ns = node->net.spin_ns = spin_us * (KMI_MS / 1000);
    return KMSG_OK;
}

/* ---- limits -------------------------------------------------------------------------------- */

kmsg_err kmsg_node_set_message_max(kmsg_node *node, size_t size)
{
    if (size < 64 || size > KMSG_MESSAGE_MAX)
        return kmi_error(KMSG_EINVAL, "a message's limit is between 64 bytes and 1 GiB");
    node->net.session.own.message_max = size;
    return KMSG_OK;
}

kmsg_err kmsg_node_set_mailbox_max(kmsg_node *node, uint32_t count)
{
    if (count == 0)
        return kmi_error(KMSG_EINVAL, "a mailbox holds at least one request");
    node->mailbox_max = count;
    atomic_store(&node->tasks_max, count);
    return KMSG_OK;
}

kmsg_err kmsg_node_set_credit(kmsg_node *node, uint32_t messages, size_t size)
{
    if (messages == 0 || messages > KMSG_CALLS_MAX || size == 0 || size > KMSG_MESSAGE_MAX)
        return kmi_error(KMSG_EINVAL, "credit is 1 to %u messages, and 1 byte to 1 GiB",
                         KMSG_CALLS_MAX);
    node->net.session.own.credit = messages;
    node->net.session.own.credit_bytes = (uint32_t)size;
    return KMSG_OK;
}

kmsg_err kmsg_node_set_connections_max(kmsg_node *node, uint32_t count)
{
    if (count == 0)
        return kmi_error(KMSG_EINVAL, "a node accepts at least one connection");
    node->net.guests_max = count;
    return KMSG_OK;
}

kmsg_err kmsg_node_set_keepalive(kmsg_node *node, uint32_t idle_ms, uint32_t dead_ms)
{
    if (idle_ms == 0 || dead_ms <= idle_ms)
        return kmi_error(KMSG_EINVAL, "a link is dead later than it is idle, and that not at once");
    node->net.session.idle_ns = idle_ms * KMI_MS;
    node->net.session.dead_ns = dead_ms * KMI_MS;
    return KMSG_OK;
}

kmsg_err kmsg_node_set_shared_memory(kmsg_node *node, uint32_t size)
{
    if (size != 0 && (size < KMI_RING_MIN || size > KMI_RING_MAX || (size & (size - 1)) != 0))
        return kmi_error(KMSG_EINVAL,
                         "shared memory is a power of two from 4 KiB to 64 MiB, or 0 for none");
    node->net.shared_size = size;
    return KMSG_OK;
}

/* ---- listeners ----------------------------------------------------------------------------- */

kmsg_err kmi_listen(kmsg_node *node, const char *url, bool once, kmsg_listener **ret)
{
    kmsg_listener *listener;
    kmi_address    address;
    kmsg_err       err = kmi_address_parse_own(url, &address);

    if (err == KMSG_OK)
        err = kmi_node_check(node);
    if (err == KMSG_OK && once && address.scheme == KMI_SCHEME_UDP)
        err = kmi_error(KMSG_EDATAGRAM, "%s: nobody comes there, only datagrams do", url);
    if (err != KMSG_OK)
        return err;
    listener = kmi_alloc_zeroed(sizeof *listener);
    if (listener == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmi_net_listen(&node->net, &address, &listener->acceptor);
    if (err != KMSG_OK) {
        kmi_free(listener);
        return err;
    }
    listener->acceptor->owner = listener;
    listener->acceptor->once = once;
    listener->node = node;
    listener->next = node->listeners;
    node->listeners = listener;
    if (ret != NULL)
        *ret = listener;
    return KMSG_OK;
}

kmsg_err kmsg_listen(kmsg_node *node, const char *url, kmsg_listener **ret)
{
    return kmi_listen(node, url, false, ret);
}

const char *kmsg_listener_url(const kmsg_listener *listener)
{
    return listener->acceptor->url;
}

void kmsg_listener_close(kmsg_listener *listener)
{
    kmsg_listener **at;

    if (listener == NULL)
        return;
    at = &listener->node->listeners;
    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    kmi_acceptor_close(listener->acceptor);
    listener->acceptor = NULL;
    if (listener->came != NULL && !listener->handed)
        kmi_peer_release(listener->came);
    if (listener->waits == 0)
        kmi_free(listener);
}
