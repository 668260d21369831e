/* peer.c -- the other side of a link, which outlives the link.
 *
 *   IDLE --used--> CONNECTING --hello--> UP --lost, something unsent--> WAITING --time-->
 * CONNECTING
 *                      |                 |
 *                      failed            lost, nothing unsent --> IDLE
 *                      v
 *                  WAITING or IDLE
 *
 * A dial that fails fails the oldest call that waits for it, and only that. When a link is lost, a
 * call of whose frame a single byte has left ends with ELOST: the other side may have seen it, and
 * nothing is ever sent twice. The other requests are still in the output buffer, and go out on the
 * next link.
 *
 * An accepted peer cannot be dialled: it goes with its link, and what it had not sent is EUNSENT.
 */
#include "core/core.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define RETRY_MIN_MS 50
#define RETRY_RANGE_MS 500
#define DIAL_MAX_MS 60000
#define CLOSE_MS 5000
#define BURST ((size_t)64 << 10) /* not to wait for the end of the turn with */
#define TIMEOUT_MAX_MS (24u * 60u * 60u * 1000u)

static void connect_peer(kmsg_peer *peer);

/* ---- lifetime ------------------------------------------------------------------------------ */

static void on_timer(kmi_timer *timer, int64_t now_ns);

kmsg_peer *kmi_peer_new(kmsg_node *node, const char *url)
{
    kmsg_peer *peer = kmi_alloc_zeroed(sizeof *peer);
    size_t     size = strlen(url) + 1;

    if (peer == NULL)
        return NULL;
    peer->url = kmi_alloc(size);
    if (peer->url == NULL || kmi_timer_init(&node->timers, &peer->timer, on_timer) != KMSG_OK) {
        kmi_free(peer->url);
        kmi_free(peer);
        return NULL;
    }
    memcpy(peer->url, url, size);
    peer->node = node;
    peer->refs = 1;
    peer->timeout_ms = KMSG_CALL_TIMEOUT_MS;
    peer->free_slot = KMI_NO_SLOT;
    kmi_out_init(&peer->out, &node->net.pool);
    peer->next = node->peers;
    if (peer->next != NULL)
        peer->next->prev = peer;
    node->peers = peer;
    return peer;
}

kmsg_peer *kmi_peer_ref(kmsg_peer *peer)
{
    peer->refs++;
    return peer;
}

void kmi_peer_unref(kmsg_peer *peer)
{
    if (--peer->refs > 0)
        return;
    kmi_timer_done(&peer->node->timers, &peer->timer);
    kmi_out_done(&peer->out);
    kmi_slab_unref(peer->thrown);
    kmi_free(peer->slots);
    kmi_free(peer->in);
    kmi_free(peer->address);
    kmi_free(peer->url);
    kmi_free(peer);
}

/* Out of the node's list, with the list's reference. */
static void leave_node(kmsg_peer *peer)
{
    if (peer->prev != NULL)
        peer->prev->next = peer->next;
    else
        peer->node->peers = peer->next;
    if (peer->next != NULL)
        peer->next->prev = peer->prev;
    peer->next = peer->prev = NULL;
    kmi_peer_unref(peer);
}

kmsg_peer *kmi_peer_new_self(kmsg_node *node)
{
    kmsg_peer *peer = kmi_peer_new(node, "self");

    if (peer == NULL)
        return NULL;
    peer->link = kmi_self_new(&node->net, &peer->out, peer);
    peer->state = KMI_PEER_UP;
    if (peer->link != NULL)
        return peer;
    leave_node(peer);
    return NULL;
}

/* ---- output -------------------------------------------------------------------------------- */

static void mark(kmsg_peer *peer, kmsg_peer **list)
{
    if (peer->dirty)
        return;
    peer->dirty = true;
    peer->dirty_next = *list;
    *list = kmi_peer_ref(peer);
}

void kmi_peer_connect(kmsg_peer *peer)
{
    if (peer->state == KMI_PEER_IDLE && !peer->closing)
        connect_peer(peer);
}

void kmi_peer_written(kmsg_peer *peer)
{
    kmi_peer_connect(peer);
    if (peer->state != KMI_PEER_UP)
        return;
    mark(peer, &peer->node->dirty);
    if (kmi_out_waiting(&peer->out) >= BURST && !peer->link->retry)
        kmi_link_flush(peer->link);
}

static void go(kmsg_peer *peer)
{
    kmi_link *link = peer->link;

    peer->link = NULL;
    peer->state = KMI_PEER_GONE;
    kmi_timer_stop(&peer->node->timers, &peer->timer);
    kmi_link_close(link);
    leave_node(peer);
}

void kmi_peer_flush(kmsg_peer *peer)
{
    if (peer->link == NULL || peer->state != KMI_PEER_UP)
        return;
    kmi_link_flush(peer->link);
    if (peer->link == NULL)
        return; /* it broke: that has been dealt with */
    if (peer->closing && kmi_out_waiting(&peer->out) == 0)
        go(peer);
    else if (peer->closing || peer->link->retry)
        mark(peer, &peer->node->stalled);
}

static size_t message_max(const kmsg_peer *peer)
{
    size_t own = peer->node->net.session.message_max;

    if (peer->link == NULL || !peer->link->up || peer->link->message_max >= own)
        return own;
    return peer->link->message_max;
}

/* An empty queue takes one message of any size. */
static size_t queue_limit(const kmi_out *out, size_t size)
{
    size_t room = kmi_frame_room(size);

    return kmi_out_waiting(out) == 0 && room > KMSG_SEND_QUEUE_MAX ? room : KMSG_SEND_QUEUE_MAX;
}

/* Encodes into what room there is. KMSG_ETOOBIG: there is not enough. */
static kmsg_err put_here(kmsg_peer *peer, size_t header_size, const kmsg_layout *layout,
                         const void *value, size_t need, uint8_t **ret, size_t *ret_size)
{
    kmi_out *out = &peer->out;
    size_t   room;
    uint8_t *at;
    kmsg_err err = kmi_out_reserve(out, header_size + need, queue_limit(out, header_size + need),
                                   &at);

    if (err != KMSG_OK)
        return kmi_error(err, "%s: %s", peer->url,
                         err == KMSG_EFULL ? "too much waits to be sent" : "out of memory");
    room = (out->slab->capacity - out->size) & ~(size_t)7;
    err = kmsg_encode_into(layout, value, at + header_size, room - header_size, ret_size);
    if (err == KMSG_OK)
        *ret = at;
    return err;
}

kmsg_err kmi_peer_put(kmsg_peer *peer, size_t header_size, const kmsg_layout *layout,
                      const void *value, uint8_t **ret, size_t *ret_size)
{
    size_t   size = 0;
    uint8_t *at = NULL;
    kmsg_err err = put_here(peer, header_size, layout, value, 256, &at, &size);

    if (err == KMSG_ETOOBIG) {
        err = kmsg_encoded_size(layout, value, &size);
        if (err == KMSG_OK && size <= message_max(peer))
            err = put_here(peer, header_size, layout, value, size, &at, &size);
    }
    if (err != KMSG_OK)
        return err;
    if (size > message_max(peer))
        return kmi_error(KMSG_ETOOBIG, "%s: %zu bytes, and the limit is %zu", layout->name, size,
                         message_max(peer));
    if (kmi_out_waiting(&peer->out) + kmi_frame_room(header_size + size) >
        queue_limit(&peer->out, header_size + size))
        return kmi_error(KMSG_EFULL, "%s: too much waits to be sent", peer->url);
    *ret = at;
    *ret_size = size;
    return KMSG_OK;
}

void kmi_peer_control(kmsg_peer *peer, kmi_kind kind, uint32_t call, uint32_t aux)
{
    kmsg_err err;

    if (peer->state != KMI_PEER_UP || peer->node->closing)
        return;
    err = kmi_out_control(&peer->out, kind, call, aux);
    if (err == KMSG_OK) {
        kmi_peer_written(peer);
        return;
    }
    kmi_log(KMSG_WARNING, "%s: giving the link up: %s", peer->url, kmsg_strerror(err));
    kmi_peer_events.down(peer->link, KMSG_ELOST, kmsg_strerror(err));
}

/* ---- dialling ------------------------------------------------------------------------------ */

static uint32_t random_below(const kmsg_node *node, uint32_t limit)
{
    uint32_t value;

    node->sys->random(&value, sizeof value);
    return value % limit;
}

static void set_timer(kmsg_peer *peer, uint32_t ms)
{
    int64_t now_ns = peer->node->sys->now_ns();

    kmi_timer_set(&peer->node->timers, &peer->timer, now_ns + ms * KMI_MS);
}

/* A frame has been moved to where it waits for the next link. */
static void moved(void *ctx, uint8_t *frame, uint64_t offset)
{
    kmsg_peer *peer = ctx;
    kmi_ask   *ask = frame[4] == KMI_CALL ? kmi_ask_find(peer, kmi_load32(frame + 8)) : NULL;

    if (ask != NULL)
        ask->frame_at = offset;
}

/* Without a link: is there something that one is needed for? */
static void rest(kmsg_peer *peer)
{
    kmi_out_carry(&peer->out, moved, peer);
    if (peer->closing) {
        go(peer);
        return;
    }
    if (kmi_out_waiting(&peer->out) == 0) {
        peer->state = KMI_PEER_IDLE;
        kmi_timer_stop(&peer->node->timers, &peer->timer);
        return;
    }
    peer->state = KMI_PEER_WAITING;
    set_timer(peer, RETRY_MIN_MS + random_below(peer->node, RETRY_RANGE_MS));
}

static void find_oldest(void *ctx, uint8_t *frame, uint64_t offset)
{
    uint8_t **oldest = ctx;

    (void)offset;
    if (*oldest == NULL && frame[4] == KMI_CALL)
        *oldest = frame;
}

static void dial_failed(kmsg_peer *peer, kmsg_err err, const char *why)
{
    uint8_t *oldest = NULL;

    kmi_log(KMSG_INFO, "%s: %s", peer->url, why);
    if (err == KMSG_EBUSY) { /* somebody is there: that is worth another try to everyone */
        rest(peer);
        return;
    }
    kmi_out_each(&peer->out, find_oldest, &oldest);
    if (oldest != NULL) {
        kmi_ask *ask = kmi_ask_find(peer, kmi_load32(oldest + 8));
        kmi_store32(oldest + 4, KMI_VOID | KMI_FLAG_IGNORABLE << 8);
        if (ask != NULL)
            kmi_ask_fail(ask, err, why);
    }
    rest(peer);
}

static void connect_peer(kmsg_peer *peer)
{
    uint64_t limit_ms = (uint64_t)peer->timeout_ms * 2;
    kmsg_err err;

    peer->state = KMI_PEER_CONNECTING;
    err = kmi_net_dial(&peer->node->net, peer->address, &peer->out, peer, &peer->link);
    if (err != KMSG_OK) {
        dial_failed(peer, err, err == KMSG_ENOMEM ? "out of memory" : kmsg_last_error());
        return;
    }
    set_timer(peer, limit_ms > DIAL_MAX_MS ? DIAL_MAX_MS : (uint32_t)limit_ms);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmsg_peer *peer = (kmsg_peer *)(void *)((uint8_t *)timer - offsetof(kmsg_peer, timer));

    (void)now_ns;
    switch (peer->state) {
    case KMI_PEER_CONNECTING: {
        kmi_link *link = peer->link;
        peer->link = NULL;
        kmi_link_close(link);
        dial_failed(peer, KMSG_EUNREACHABLE, "no connection in time");
        break;
    }
    case KMI_PEER_WAITING:
        kmi_out_carry(&peer->out, moved, peer); /* calls may have ended meanwhile */
        if (kmi_out_waiting(&peer->out) == 0)
            peer->state = KMI_PEER_IDLE;
        else
            connect_peer(peer);
        break;
    case KMI_PEER_UP:
        if (peer->closing) {
            kmi_log(KMSG_WARNING, "%s: closed with %zu bytes unwritten", peer->url,
                    kmi_out_waiting(&peer->out));
            go(peer);
        }
        break;
    case KMI_PEER_IDLE:
    case KMI_PEER_GONE: break;
    }
}

/* ---- what links tell ----------------------------------------------------------------------- */

/* A request goes out on its first link: its deadline is what is left of it, and only now is it
 * known what the other side takes. */
static void prepare(void *ctx, uint8_t *frame, uint64_t offset)
{
    kmsg_peer *peer = ctx;
    kmsg_node *node = peer->node;
    size_t     size = kmi_load32(frame) - KMI_REQUEST_SIZE;
    kmi_ask   *ask = frame[4] == KMI_CALL ? kmi_ask_find(peer, kmi_load32(frame + 8)) : NULL;
    int64_t    left_ns;

    (void)offset;
    if (!kmi_is_request(frame[4]))
        return;
    if (size > peer->link->message_max) {
        kmi_store32(frame + 4, KMI_VOID | KMI_FLAG_IGNORABLE << 8);
        if (ask != NULL)
            kmi_ask_fail(ask, KMSG_ETOOBIG, "larger than the other side takes");
        else
            kmi_log(KMSG_WARNING, "%s: dropped a one-way message of %zu bytes: too large for it",
                    peer->url, size);
    } else if (ask != NULL) {
        left_ns = ask->timer.at_ns - node->net.now_ns;
        kmi_store32(frame + 12, left_ns < KMI_MS ? 1 : (uint32_t)(left_ns / KMI_MS));
    }
}

static void on_up(kmi_link *link)
{
    kmsg_peer *peer = link->owner;

    kmi_timer_stop(&peer->node->timers, &peer->timer);
    peer->state = KMI_PEER_UP;
    if (peer->instance != 0 && peer->instance != link->instance)
        kmi_log(KMSG_INFO, "%s: it has been started anew since", peer->url);
    peer->instance = link->instance;
    kmi_out_each(&peer->out, prepare, peer);
    kmi_peer_written(peer);
}

static bool on_accepted(kmi_link *link, const char *url)
{
    kmsg_node *node = link->net->node;
    kmsg_peer *peer;

    if (node->closing)
        return false;
    peer = kmi_peer_new(node, url);
    if (peer == NULL)
        return false;
    peer->accepted = true;
    peer->state = KMI_PEER_UP;
    peer->link = link;
    link->owner = peer;
    link->out = &peer->out;
    return true;
}

static void lose_calls(kmsg_peer *peer, const char *why)
{
    for (size_t i = 0; i < peer->slot_count; i++) {
        kmi_ask *ask = peer->slots[i].ask;
        if (ask == NULL)
            continue;
        if (!kmi_out_is_unsent(&peer->out, ask->frame_at))
            kmi_ask_fail(ask, KMSG_ELOST, why);
        else if (peer->accepted)
            kmi_ask_fail(ask, KMSG_EUNSENT, why);
    }
    kmi_calls_over(peer);
}

static void on_down(kmi_link *link, kmsg_err err, const char *why)
{
    kmsg_peer *peer = link->owner;

    peer->link = NULL;
    if (err == KMSG_EPROTOCOL && !peer->accepted)
        kmi_log(KMSG_WARNING, "%s: %s", peer->url, why);
    kmi_peer_ref(peer);
    if (peer->state == KMI_PEER_CONNECTING) {
        dial_failed(peer, err, why);
    } else if (peer->state == KMI_PEER_UP) {
        lose_calls(peer, why);
        if (peer->accepted)
            go(peer);
        else
            rest(peer);
    }
    kmi_link_close(link);
    kmi_peer_unref(peer);
}

static void on_wrote(kmi_link *link)
{
    kmi_peer_written(link->owner);
}

const kmi_net_events kmi_peer_events = {on_accepted, on_up, on_down, on_wrote};

/* ---- the public half ----------------------------------------------------------------------- */

kmsg_err kmsg_dial(kmsg_node *node, const char *url, kmsg_peer **ret)
{
    kmi_address address;
    kmsg_peer  *peer;
    kmsg_err    err = kmi_address_parse(url, &address);

    if (err == KMSG_OK)
        err = kmi_address_check(&address);
    if (err == KMSG_OK && address.scheme == KMI_SCHEME_TCP && address.endpoint.port == 0)
        err = kmi_error(KMSG_EADDRESS, "%s: nobody can be reached at port 0", url);
    if (err != KMSG_OK)
        return err;
    peer = kmi_peer_new(node, url);
    if (peer == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    peer->address = kmi_alloc(sizeof *peer->address);
    if (peer->address == NULL) {
        leave_node(peer);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    *peer->address = address;
    *ret = peer;
    return KMSG_OK;
}

kmsg_peer *kmsg_self(kmsg_node *node)
{
    return node->self;
}

static void end_calls(kmsg_peer *peer)
{
    for (size_t i = 0; i < peer->slot_count; i++)
        if (peer->slots[i].ask != NULL)
            kmi_ask_drop(peer->slots[i].ask, KMSG_ECLOSED);
    kmi_calls_over(peer);
}

/* Requests that nobody will send any more; that calls among them failed, their callers know. */
static void count_unwritten(void *ctx, uint8_t *frame, uint64_t offset)
{
    (void)offset;
    *(size_t *)ctx += frame[4] == KMI_TELL;
}

static void say_unwritten(kmsg_peer *peer)
{
    size_t count = 0;

    kmi_out_each(&peer->out, count_unwritten, &count);
    if (count > 0)
        kmi_log(KMSG_WARNING, "%s: %zu one-way messages were not written", peer->url, count);
}

void kmsg_peer_close(kmsg_peer *peer)
{
    if (peer == NULL)
        return;
    assert(peer != peer->node->self && "kmsg_peer_close() of the node itself");
    if (peer->closing || peer->state == KMI_PEER_GONE)
        return;
    kmi_peer_ref(peer);
    end_calls(peer);
    peer->closing = true;
    if (peer->state == KMI_PEER_GONE) { /* it went while the other side was told of that */
        kmi_peer_unref(peer);
        return;
    }
    if (peer->state == KMI_PEER_UP) {
        set_timer(peer, CLOSE_MS);
        kmi_peer_control(peer, KMI_BYE, 0, 0);
    } else {
        say_unwritten(peer);
        go(peer);
    }
    kmi_peer_unref(peer);
}

void kmi_peer_end(kmsg_peer *peer)
{
    kmi_link *link = peer->link;

    if (link != NULL)
        link->owner = NULL; /* what happens to it from here on is no news any more */
    end_calls(peer);
    if (peer->state == KMI_PEER_UP && peer != peer->node->self &&
        (peer->closing || kmi_out_control(&peer->out, KMI_BYE, 0, 0) == KMSG_OK))
        kmi_link_flush(link);
    say_unwritten(peer);
    peer->link = NULL;
    peer->state = KMI_PEER_GONE;
    kmi_link_close(link);
}

/* A deadline that is only looked at. */
typedef struct limit {
    kmi_timer timer;
    bool      over;
} limit;

static void limit_over(kmi_timer *timer, int64_t now_ns)
{
    (void)now_ns;
    ((limit *)(void *)timer)->over = true;
}

static kmsg_err flushed(const kmsg_peer *peer)
{
    size_t left = kmi_out_waiting(&peer->out);

    if (left == 0)
        return KMSG_OK;
    if (peer->state == KMI_PEER_GONE)
        return kmi_error(KMSG_ECLOSED, "%s: closed with %zu bytes unwritten", peer->url, left);
    return kmi_error(KMSG_ETIMEDOUT, "%s: %zu bytes are not written yet%s", peer->url, left,
                     peer->state == KMI_PEER_UP ? "" : ": there is no connection");
}

kmsg_err kmsg_flush(kmsg_peer *peer)
{
    kmsg_node *node = peer->node;
    limit      until = {.over = false};
    kmsg_err   err = kmi_timer_init(&node->timers, &until.timer, limit_over);

    if (err != KMSG_OK)
        return err;
    kmi_timer_set(&node->timers, &until.timer, node->sys->now_ns() + peer->timeout_ms * KMI_MS);
    kmi_peer_ref(peer);
    kmi_node_flush(node);
    while (!until.over && peer->state != KMI_PEER_GONE && kmi_out_waiting(&peer->out) > 0)
        kmi_node_turn(node, true, &until.over);
    err = flushed(peer);
    kmi_timer_done(&node->timers, &until.timer);
    kmi_peer_unref(peer);
    return err;
}

const char *kmsg_peer_url(const kmsg_peer *peer)
{
    return peer->url;
}

kmsg_node *kmsg_peer_node(const kmsg_peer *peer)
{
    return peer->node;
}

void kmsg_peer_set_timeout_ms(kmsg_peer *peer, uint32_t timeout_ms)
{
    assert(timeout_ms >= 1 && timeout_ms <= TIMEOUT_MAX_MS && "a time-out is 1 ms to 24 hours");
    peer->timeout_ms = timeout_ms;
}
