/* shared.c -- shared memory as the way for a unix link's bytes; frames.md has it to the byte.
 *
 *   dialling:  makes the memory and passes it along with the hello
 *   accepting: if it fits, says SHARED: what is behind that in its output goes through the ring
 *   dialling:  hears SHARED, reads the ring from then on, and says SHARED itself
 *
 * The session, its frames, credit and signs of life are the same: only the way is another one. The
 * socket stays. Its end is the end of the other side, whatever has killed it; and a byte on it
 * wakes a side that sleeps. Before a loop sleeps it says so in its rings (kmi_shared_arm) and looks
 * once more; while it is awake it looks at them each turn and nobody needs to wake it.
 *
 * What lies in the ring when the socket ends was written before, and is read; what is written into
 * it afterwards is not, so nobody keeps a link alive that has ended.
 *
 * A wake that the socket has no room for is not missed: then it is full of others. Before SHARED
 * has left, a wake would lie in the middle of a frame; it is sent behind that. So who has accepted
 * may wait for room while the wake that would tell of it stands behind all that the other side has
 * said before its SHARED, and is not read because too much is owed to it: there, and only there,
 * it looks every BLIND_NS whether there is room.
 */
#include "net/shared.h"

#include "base/alloc.h"
#include "base/forked.h"
#include "base/log.h"

#include <string.h>

#define BLIND_NS    ((int64_t)1000000)
#define JUST_NOW_NS ((int64_t)20000)

static bool has_something(const kmi_shared *s);

static bool is_blind(const kmi_shared *s)
{
    return s->through && s->full && !s->heard && !s->ended;
}

static void look_again(kmi_timer *timer, int64_t now_ns)
{
    kmi_shared *s = (kmi_shared *)(void *)((uint8_t *)timer - offsetof(kmi_shared, timer));

    if (!is_blind(s))
        return;
    kmi_timer_set(s->net->timers, timer, now_ns + BLIND_NS);
    if (has_something(s))
        s->turn(s->ctx);
}

void kmi_shared_keep(kmi_shared *s, bool full, bool paused)
{
    s->full = full;
    s->paused = paused;
    if (is_blind(s))
        kmi_timer_set(s->net->timers, &s->timer, s->net->now_ns + BLIND_NS);
}

/* ---- lifetime ------------------------------------------------------------------------------ */

/* Takes the memory. */
static kmi_shared *new_shared(kmi_net *net, kmi_socket *socket, kmi_memory *memory, bool dials)
{
    kmi_shared *s = memory == NULL ? NULL : kmi_alloc_zeroed(sizeof *s);
    uint32_t    size;

    if (s == NULL || kmi_timer_init(net->timers, &s->timer, look_again) != KMSG_OK) {
        net->sys->memory_free(memory);
        kmi_free(s);
        return NULL;
    }
    size = kmi_rings_size(memory->size);
    s->net = net;
    s->socket = socket;
    s->memory = memory;
    s->forks = kmi_forks;
    kmi_ring_init(&s->in, memory->at, size, dials ? KMI_RING_TO_DIALLER : KMI_RING_TO_ACCEPTOR);
    kmi_ring_init(&s->out, memory->at, size, dials ? KMI_RING_TO_ACCEPTOR : KMI_RING_TO_DIALLER);
    net->shared_count++;
    return s;
}

static bool wants_one(const kmi_net *net)
{
    return net->shared_size > 0 && net->shared_count < KMI_SHARED_MAX;
}

kmi_shared *kmi_shared_offer(kmi_net *net, kmi_socket *socket)
{
    if (!wants_one(net))
        return NULL;
    return new_shared(net, socket, net->sys->memory_new(kmi_rings_room(net->shared_size)), true);
}

/* More than one is no offer at all. */
static void keep_gift(kmi_net *net, kmi_socket *socket, kmi_gift gift, const char *url,
                      kmi_shared **shared)
{
    if (gift.memory != NULL && kmi_rings_size(gift.memory->size) == 0)
        gift.wrong = "shared memory that is not two rings";
    if (gift.memory != NULL && *shared != NULL)
        gift.wrong = "shared memory, twice";
    if (gift.wrong == NULL) {
        *shared = new_shared(net, socket, gift.memory, false);
        return;
    }
    kmi_log(KMSG_WARNING, "%s: has sent %s; the socket is used", url, gift.wrong);
    net->sys->memory_free(gift.memory);
    kmi_shared_free(*shared);
    *shared = NULL;
}

ptrdiff_t kmi_shared_receive(kmi_net *net, kmi_socket *socket, uint8_t *buffer, size_t size,
                             const char *url, kmi_shared **shared)
{
    kmi_gift  gift = {NULL, NULL};
    ptrdiff_t n;

    if (*shared == NULL && !wants_one(net))
        return net->sys->read(socket, buffer, size);
    n = net->sys->receive(socket, buffer, size, kmi_rings_room(net->shared_size), &gift);
    if (gift.memory != NULL || gift.wrong != NULL)
        keep_gift(net, socket, gift, url, shared);
    return n;
}

static void unchain(kmi_shared *s)
{
    kmi_net *net = s->net;

    if (!s->said)
        return;
    if (net->shared_next == s)
        net->shared_next = s->next;
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        net->shared = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
}

void kmi_shared_free(kmi_shared *shared)
{
    if (shared == NULL)
        return;
    unchain(shared);
    kmi_timer_done(shared->net->timers, &shared->timer);
    shared->net->shared_count--;
    shared->net->sys->memory_free(shared->memory);
    kmi_free(shared);
}

kmsg_err kmi_shared_say(kmi_shared *shared, kmi_out *out, kmi_shared_fn *turn, void *ctx)
{
    kmi_net *net = shared->net;
    kmsg_err err = kmi_out_control(out, KMI_SHARED, 0, 0);

    if (err != KMSG_OK)
        return err;
    shared->from = kmi_out_offset(out);
    shared->said = true;
    shared->turn = turn;
    shared->ctx = ctx;
    shared->next = net->shared;
    if (shared->next != NULL)
        shared->next->prev = shared;
    net->shared = shared;
    return KMSG_OK;
}

/* ---- bytes --------------------------------------------------------------------------------- */

/* False: nobody is there any more. */
static bool wake(kmi_shared *s)
{
    s->owes = !s->through;
    return !s->through || s->net->sys->write(s->socket, "", 1) != KMI_BROKEN;
}

static void get_through(kmi_shared *s)
{
    s->through = true;
    if (s->owes)
        (void)wake(s);
}

static bool was_there_just_now(const kmi_shared *s)
{
    return s->net->sys->now_ns() - s->proved_ns < JUST_NOW_NS;
}

/* Who has gone without having read it has not been told: that is worth knowing to who has asked. So
 * it is found out as early as a socket would tell: by the wake, or else by looking, unless it has
 * said something just now: half of a round trip is that look. */
static ptrdiff_t write_ring(kmi_shared *s, const uint8_t *data, size_t size)
{
    ptrdiff_t n;

    if (KMSG_UNLIKELY(s->forks != kmi_forks))
        return KMI_BROKEN;
    if (s->heard && !kmi_ring_reader_sleeps(&s->out) && !was_there_just_now(s))
        kmi_shared_hear(s);
    if (s->ended)
        return KMI_BROKEN;
    n = kmi_ring_write(&s->out, data, size);
    s->breach |= n == KMI_RING_BREACH;
    if (n > 0 && kmi_ring_wakes_reader(&s->out) && !wake(s) && s->heard)
        kmi_shared_hear(s);
    if (n > 0 && s->ended) {
        n -= (ptrdiff_t)kmi_ring_take_back(&s->out, (size_t)n);
        return n == 0 ? KMI_BROKEN : n;
    }
    return n == KMI_RING_BREACH ? KMI_BROKEN : n;
}

ptrdiff_t kmi_shared_write(kmi_shared *shared, const kmi_out *out)
{
    size_t         size, first;
    const uint8_t *data = kmi_out_front(out, &size);
    uint64_t       at = out->origin + out->sent;
    ptrdiff_t      n, more;

    if (shared->through)
        return write_ring(shared, data, size);
    first = size;
    if (shared->said && shared->from - at < size)
        first = (size_t)(shared->from - at);
    n = shared->net->sys->write(shared->socket, data, first);
    if (n < 0 || !shared->said || at + (uint64_t)n < shared->from)
        return n;
    get_through(shared);
    more = size == first ? 0 : write_ring(shared, data + first, size - first);
    return more < 0 ? n : n + more;
}

ptrdiff_t kmi_shared_read(kmi_shared *shared, uint8_t *buffer, size_t size)
{
    ptrdiff_t n;

    if (shared->ended && shared->left == 0)
        return 0;
    if (shared->ended && size > shared->left)
        size = shared->left;
    n = kmi_ring_read(&shared->in, buffer, size);
    shared->breach |= n == KMI_RING_BREACH || (n == 0 && shared->ended);
    if (n <= 0)
        return KMI_AGAIN;
    if (shared->ended)
        shared->left -= (uint32_t)n;
    else if (kmi_ring_wakes_writer(&shared->in))
        (void)wake(shared);
    return n;
}

void kmi_shared_hear(kmi_shared *shared)
{
    uint8_t   wakes[256];
    ptrdiff_t n = shared->net->sys->read(shared->socket, wakes, sizeof wakes), left;

    if (n > 0 || n == KMI_AGAIN || shared->ended)
        return;
    left = kmi_ring_there(&shared->in);
    shared->ended = true;
    shared->left = left < 0 ? 0 : (uint32_t)left;
}

/* ---- all of a node ------------------------------------------------------------------------- */

unsigned kmi_shared_events(const kmi_shared *shared, unsigned events)
{
    if (shared->ended)
        return 0;
    if (shared->heard)
        events |= (unsigned)KMI_READABLE;
    return shared->through ? events & ~(unsigned)KMI_WRITABLE : events;
}

static bool can_read(const kmi_shared *s)
{
    return s->heard && !s->paused && (s->ended || kmi_ring_there(&s->in) != 0);
}

static bool can_write(const kmi_shared *s)
{
    return s->through && s->full && !s->ended && kmi_ring_left(&s->out) != 0;
}

static bool has_something(const kmi_shared *s)
{
    return s->breach || can_read(s) || can_write(s);
}

bool kmi_shared_has(const kmi_net *net)
{
    bool has = false;

    for (const kmi_shared *s = net->shared; s != NULL && !has; s = s->next)
        has = has_something(s);
    return has;
}

bool kmi_shared_arm(const kmi_net *net)
{
    for (kmi_shared *s = net->shared; s != NULL; s = s->next) {
        if (s->heard && !s->paused)
            kmi_ring_sleep(&s->in, true);
        if (s->through && s->full)
            kmi_ring_wait(&s->out, true);
        s->armed = true;
    }
    return !kmi_shared_has(net);
}

void kmi_shared_disarm(const kmi_net *net)
{
    for (kmi_shared *s = net->shared; s != NULL; s = s->next) {
        if (!s->armed)
            continue;
        kmi_ring_sleep(&s->in, false);
        kmi_ring_wait(&s->out, false);
        s->armed = false;
    }
}

/* Whose turn it is may end, and others with it. */
void kmi_shared_look(kmi_net *net)
{
    for (kmi_shared *s = net->shared; s != NULL; s = net->shared_next) {
        net->shared_next = s->next;
        if (has_something(s))
            s->turn(s->ctx);
    }
}
