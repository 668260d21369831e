/* lan_ways.c -- sockets, interfaces and seeds of a directory that looks for others.
 *
 * Interfaces come and go, and nobody says so. So each time that something is said to all, they are
 * looked at, and the group is joined on each, also where it was before: the system knows better.
 * Loopback is one of them where there is no other, or where the user has named it; else what goes
 * over another interface comes to the other users of this host, too.
 *
 * Seeds are hosts that multicast does not reach. Their names are looked up now and then, and
 * what was said last is sent as soon as an address is known.
 *
 * A datagram that cannot be sent is not sent again: the next one comes soon, and says the same.
 */
#include "names/lan_ways.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

#define RETRY_NS   ((int64_t)5 * 1000000000)
#define LOOK_NS    ((int64_t)60 * 1000000000)
#define BATCH      64u /* datagrams of a turn: others are to have theirs */
#define SEED_FOUND 4u
#define FAMILIES   2u

typedef struct seed {
    kmi_lan_ways      *ways;
    const kmi_address *at;
    kmi_lookup        *lookup; /* or NULL */
    kmi_endpoint       found[SEED_FOUND];
    size_t             count;
    int64_t            again_ns; /* when it is looked up again */
} seed;

typedef struct ear {
    kmi_lan_ways *ways;
    kmi_socket   *socket; /* NULL: it could not be had */
} ear;

struct kmi_lan_ways {
    kmi_net         *net;
    kmi_lan_settings settings;
    kmi_lan_came_fn *came;
    void            *ctx;
    ear              hears[FAMILIES];
    ear              speaks[FAMILIES];
    seed             seeds[KMI_LAN_SEEDS_MAX];
    uint8_t          last[KMI_LAN_DATAGRAM_MAX]; /* that was said to the seeds */
    size_t           last_size;
};

static const kmi_family   families[FAMILIES] = {KMI_IP4, KMI_IP6};
static const kmi_endpoint groups[FAMILIES] = {
    {.family = KMI_IP4, .ip = {239, 255, 75, 77}},
    {.family = KMI_IP6, .ip = {0xff, 0x02, [14] = 0x4b, [15] = 0x4d}}};

static size_t index_of(kmi_family family)
{
    return family == KMI_IP4 ? 0 : 1;
}

/* ---- sockets --------------------------------------------------------------------------------- */

static void on_datagrams(void *ctx, unsigned events)
{
    ear           *e = ctx;
    const kmi_sys *sys = e->ways->net->sys;
    uint8_t        data[KMI_LAN_DATAGRAM_MAX];
    kmi_arrival    arrival;

    (void)events;
    for (unsigned i = 0; i < BATCH; i++) {
        ptrdiff_t size = sys->multicast_receive(e->socket, data, sizeof data, &arrival);
        if (size < 0)
            return;
        if ((size_t)size <= sizeof data)
            e->ways->came(e->ways->ctx, data, (size_t)size, &arrival);
    }
}

static kmsg_err open_ear(kmi_lan_ways *w, ear *e, kmi_family family, uint16_t port)
{
    const kmi_endpoint at = {.family = family, .port = port};
    kmi_endpoint       bound;

    e->ways = w;
    return w->net->sys->multicast_bind(w->net->loop, &at, on_datagrams, e, &bound, &e->socket);
}

/* Without the port, others are heard that answer what is said to them. */
static void say_deaf(const kmi_lan_ways *w, kmsg_err err)
{
    if (err != KMSG_OK)
        kmi_log(KMSG_WARNING,
                "names: the datagrams of other hosts' directories do not come here: port %u: %s",
                w->settings.port, kmsg_last_error());
}

/* Of IPv4 and IPv6, one may be missing. */
static kmsg_err open_all(kmi_lan_ways *w)
{
    kmsg_err first = KMSG_OK, err = KMSG_OK;
    bool     any = false;

    for (size_t i = 0; i < FAMILIES; i++) {
        err = open_ear(w, &w->speaks[i], families[i], 0);
        if (err == KMSG_OK)
            say_deaf(w, open_ear(w, &w->hears[i], families[i], w->settings.port));
        any = any || err == KMSG_OK;
        first = first == KMSG_OK ? err : first;
    }
    return any ? KMSG_OK : first;
}

/* ---- life ------------------------------------------------------------------------------------ */

void kmi_lan_ways_free(kmi_lan_ways *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->settings.seed_count; i++)
        if (w->seeds[i].lookup != NULL)
            w->net->sys->resolve_cancel(w->seeds[i].lookup);
    for (size_t i = 0; i < FAMILIES; i++) {
        if (w->hears[i].socket != NULL)
            w->net->sys->close(w->hears[i].socket);
        if (w->speaks[i].socket != NULL)
            w->net->sys->close(w->speaks[i].socket);
    }
    kmi_free(w);
}

static void init_seed(kmi_lan_ways *w, size_t index)
{
    seed *s = &w->seeds[index];

    s->ways = w;
    s->at = &w->settings.seeds[index];
    s->again_ns = INT64_MIN;
    if (s->at->literal) {
        s->found[0] = s->at->endpoint;
        s->count = 1;
    } else if (kmi_address_is_localhost(s->at)) {
        kmi_address_localhost(s->at, s->found);
        s->count = 2;
    }
    if (s->count > 0)
        s->again_ns = INT64_MAX;
}

static void join_all(kmi_lan_ways *w);

kmsg_err kmi_lan_ways_new(kmi_net *net, const kmi_lan_settings *settings, kmi_lan_came_fn *came,
                          void *ctx, kmi_lan_ways **ret)
{
    kmi_lan_ways *w = kmi_alloc_zeroed(sizeof *w);
    kmsg_err      err;

    if (w == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    w->net = net;
    w->settings = *settings;
    w->came = came;
    w->ctx = ctx;
    for (size_t i = 0; i < settings->seed_count; i++)
        init_seed(w, i);
    err = open_all(w);
    if (err != KMSG_OK) {
        kmi_lan_ways_free(w);
        return err;
    }
    join_all(w);
    *ret = w;
    return KMSG_OK;
}

/* ---- interfaces ------------------------------------------------------------------------------ */

static bool is_named(const kmi_lan_ways *w, const kmi_interface *i)
{
    for (size_t k = 0; k < w->settings.only_count; k++)
        if (strcmp(w->settings.only[k], i->name) == 0)
            return true;
    return false;
}

/* Those that are to be used: how many. */
static size_t choose(const kmi_lan_ways *w, kmi_interface ret[KMI_INTERFACES_MAX])
{
    size_t all = w->net->sys->interfaces(ret), count = 0;
    bool   any = false;

    if (!w->settings.multicast)
        return 0;
    for (size_t i = 0; i < all; i++)
        any = any || !ret[i].loopback;
    for (size_t i = 0; i < all; i++)
        if (w->settings.only_count > 0 ? is_named(w, &ret[i]) : !ret[i].loopback || !any)
            ret[count++] = ret[i];
    return count;
}

static bool has(const kmi_interface *i, kmi_family family)
{
    return family == KMI_IP4 ? i->has_ip4 : i->has_ip6;
}

/* Where it fails, as with more interfaces than the system allows for, others may still do. */
static void join(kmi_lan_ways *w, const kmi_interface *interface)
{
    for (size_t i = 0; i < FAMILIES; i++)
        if (w->hears[i].socket != NULL && has(interface, families[i]))
            (void)w->net->sys->multicast_join(w->hears[i].socket, &groups[i], interface->index);
}

static void join_all(kmi_lan_ways *w)
{
    kmi_interface list[KMI_INTERFACES_MAX];
    size_t        count = choose(w, list);

    for (size_t i = 0; i < count; i++)
        join(w, &list[i]);
}

static void say_over(kmi_lan_ways *w, size_t family, uint32_t interface, const uint8_t *data,
                     size_t size)
{
    kmi_endpoint to = groups[family];

    to.port = w->settings.port;
    to.interface = families[family] == KMI_IP6 ? interface : 0;
    if (w->speaks[family].socket != NULL)
        (void)w->net->sys->multicast_send(w->speaks[family].socket, &to, interface, data, size);
}

void kmi_lan_ways_say(kmi_lan_ways *w, bool ip6, const uint8_t *data, size_t size)
{
    kmi_interface list[KMI_INTERFACES_MAX];
    size_t        count = choose(w, list);

    for (size_t i = 0; i < count; i++) {
        join(w, &list[i]);
        if (list[i].has_ip4)
            say_over(w, 0, list[i].index, data, size);
        if (list[i].has_ip6 && (ip6 || !list[i].has_ip4))
            say_over(w, 1, list[i].index, data, size);
    }
}

/* ---- to one place ---------------------------------------------------------------------------- */

static void say_to(kmi_lan_ways *w, const kmi_endpoint *to, const uint8_t *data, size_t size)
{
    kmi_socket *socket = w->speaks[index_of(to->family)].socket;

    if (socket != NULL)
        (void)w->net->sys->multicast_send(socket, to, 0, data, size);
}

void kmi_lan_ways_answer(kmi_lan_ways *w, const char *address, uint16_t port, const uint8_t *data,
                         size_t size)
{
    char        url[KMI_URL_MAX];
    kmi_address to;

    snprintf(url, sizeof url, "udp:%s:%u?insecure", address, port);
    if (kmi_address_parse(url, &to) == KMSG_OK && to.literal)
        say_to(w, &to.endpoint, data, size);
}

/* ---- seeds ----------------------------------------------------------------------------------- */

static void say_to_seed(const seed *s)
{
    for (size_t i = 0; i < s->count; i++)
        say_to(s->ways, &s->found[i], s->ways->last, s->ways->last_size);
}

static void on_resolved(void *ctx, kmsg_err err, const kmi_endpoint *found, size_t count)
{
    seed *s = ctx;

    s->lookup = NULL;
    if (err != KMSG_OK) { /* what was known of it may still be good */
        s->again_ns = s->ways->net->sys->now_ns() + RETRY_NS;
        return;
    }
    s->count = count < SEED_FOUND ? count : SEED_FOUND;
    memcpy(s->found, found, s->count * sizeof *found);
    say_to_seed(s);
}

static void look_up(seed *s, int64_t now_ns)
{
    kmi_net *net = s->ways->net;

    s->again_ns = now_ns + LOOK_NS;
    if (s->lookup == NULL && net->sys->resolve(net->loop, s->at->name, s->at->endpoint.port,
                                               on_resolved, s, &s->lookup) != KMSG_OK)
        s->lookup = NULL;
}

void kmi_lan_ways_say_to_seeds(kmi_lan_ways *w, const uint8_t *data, size_t size)
{
    const int64_t now_ns = w->net->sys->now_ns();

    memcpy(w->last, data, size);
    w->last_size = size;
    for (size_t i = 0; i < w->settings.seed_count; i++) {
        say_to_seed(&w->seeds[i]);
        if (w->seeds[i].again_ns <= now_ns)
            look_up(&w->seeds[i], now_ns);
    }
}
