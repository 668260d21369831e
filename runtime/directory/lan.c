/* lan.c -- what is heard, whose time is over, and the tick in which all is done that is due.
 *
 * What happens is only noted when it is told; kmi_lan_tick() does what follows from it. So it makes
 * no difference in which order things come between two ticks, and nothing calls back into what is
 * calling.
 */
#include "directory/lan_inside.h"

#include "base/alloc.h"
#include "base/log.h"

#include <string.h>

#define LINGER      (2 * SECOND) /* after a goodbye: for who takes over */
#define ANSWER_EACH MS           /* for each host that is there */
#define ANSWER_MAX  (500 * MS)

int64_t kmi_lan_random(kmi_lan *lan, int64_t below_ns)
{
    uint64_t value = lan->ops.random(lan->ctx);

    return below_ns <= 0 ? 0 : (int64_t)((value << 20) % (uint64_t)below_ns);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static bool count_own(void *ctx, kmi_entry *entry)
{
    size_t *count = ctx;

    *count += entry->far == NULL && entry->listing.scope == kmsg_names_Scope_LAN;
    return true;
}

kmi_lan *kmi_lan_new(kmi_table *table, const kmi_lan_options *options, const kmi_lan_ops *ops,
                     void *ctx, int64_t now_ns)
{
    kmi_lan *lan = kmi_alloc_zeroed(sizeof *lan);
    size_t   own = 0;

    if (lan == NULL)
        return NULL;
    lan->table = table;
    lan->options = *options;
    lan->ops = *ops;
    lan->ctx = ctx;
    kmi_table_each(table, count_own, &own);
    lan->version = own > 0 ? 1 : 0;
    lan->log_from = lan->version;
    kmi_lan_speak_init(lan, now_ns);
    return lan;
}

void kmi_lan_free(kmi_lan *lan)
{
    if (lan == NULL)
        return;
    kmi_lan_goodbye(lan);
    for (size_t i = 0; i < lan->count; i++) {
        if (lan->hosts[i]->was_there || kmi_lan_is_there(lan->hosts[i]) || lan->hosts[i]->fetching)
            kmi_lan_host_ends(lan, lan->hosts[i], 0);
        kmi_lan_host_free(lan->hosts[i]);
    }
    if (lan->hosts != NULL)
        kmi_free(lan->hosts);
    kmi_free(lan);
}

void *kmi_lan_host_ctx(const kmi_lan_host *host)
{
    return host->ctx;
}

void kmi_lan_host_set_ctx(kmi_lan_host *host, void *ctx)
{
    host->ctx = ctx;
}

/* ---- hearing --------------------------------------------------------------------------------- */

/* A lesser epoch: of before, sent again by somebody; or its host's clock was set back. Once a lease
 * it is asked itself. */
static void doubt(kmi_lan_host *host, const kmi_beacon *beacon, int64_t now_ns)
{
    if (beacon->port == 0 || now_ns < host->doubt_ns)
        return;
    host->doubt = true;
    host->doubt_ns = now_ns + kmi_lan_lease(host->fast);
    if (host->fetch_ns < now_ns)
        host->fetch_ns = now_ns;
    if (!kmi_lan_is_there(host))
        host->port = beacon->port;
}

static bool is_seen(const kmi_lan_host *host, const kmi_beacon *beacon)
{
    return beacon->epoch < host->epoch ||
           (beacon->epoch == host->epoch && beacon->sequence <= host->sequence);
}

/* It has been heard over another way, or again. */
static void hear_again(kmi_lan *lan, kmi_lan_host *host, const kmi_beacon *beacon,
                       const kmi_lan_from *from, bool multicast, int64_t now_ns)
{
    bool is_same = beacon->epoch == host->epoch && beacon->sequence == host->sequence;

    if (is_same && host->alive)
        (void)kmi_lan_note_way(lan, host, from, true, multicast, now_ns);
    if (beacon->epoch >= host->epoch)
        return;
    if (!kmi_lan_is_there(host))
        (void)kmi_lan_note_way(lan, host, from, true, multicast, now_ns);
    doubt(host, beacon, now_ns);
}

static void begin_epoch(kmi_lan_host *host, const kmi_beacon *beacon)
{
    if (host->epoch == beacon->epoch)
        return;
    host->epoch = beacon->epoch;
    host->version = 0;
    host->failures = 0;
    host->doubt = false;
}

static void extend_lease(kmi_lan *lan, kmi_lan_host *host, const kmi_beacon *beacon, int64_t now_ns)
{
    int64_t lease_ns = kmi_lan_lease(beacon->fast);

    if (!host->alive)
        lan->lists_changed = lan->neighbors_changed = true;
    host->alive = true;
    host->leaving = false;
    host->fast = beacon->fast;
    host->heard_ns = now_ns;
    host->lease_ns = now_ns + lease_ns;
    host->probe_ns = now_ns + lease_ns * 2 / 3;
}

static void say_goodbye(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns)
{
    if (host->lease_ns > now_ns + LINGER)
        host->lease_ns = now_ns + LINGER;
    host->probe_ns = host->answer_ns = NEVER;
    host->leaving = true;
    lan->neighbors_changed = true;
}

/* Before this host has said anything it has nothing to answer with. */
static void answer_soon(kmi_lan *lan, kmi_lan_host *host, bool alone, int64_t now_ns)
{
    int64_t spread_ns = (int64_t)kmi_lan_there(lan) * ANSWER_EACH;
    int64_t from_ns = lan->asks_left == KMI_LAN_ASKS ? lan->regular_ns + 1 : now_ns;

    if (host->answer_ns == NEVER)
        host->answer_ns =
            from_ns + kmi_lan_random(lan, spread_ns < ANSWER_MAX ? spread_ns : ANSWER_MAX);
    host->alone = alone;
}

static void take_beacon(kmi_lan *lan, kmi_lan_host *host, const kmi_beacon *beacon, bool multicast,
                        int64_t now_ns)
{
    bool is_new = beacon->epoch != host->epoch || beacon->version > host->version || !host->alive;

    begin_epoch(host, beacon);
    host->sequence = beacon->sequence;
    if (host->version < beacon->version)
        host->version = beacon->version;
    if (beacon->port == 0) {
        say_goodbye(lan, host, now_ns);
        return;
    }
    host->port = beacon->port;
    extend_lease(lan, host, beacon, now_ns);
    if (is_new)
        kmi_lan_fetch_soon(lan, host, now_ns);
    if (beacon->seed) {
        lan->neighbors_changed = lan->neighbors_changed || host->client_ns == INT64_MIN;
        host->client_ns = host->lease_ns;
    }
    if (beacon->asks)
        answer_soon(lan, host, !multicast, now_ns);
}

bool kmi_lan_heard(kmi_lan *lan, const kmi_beacon *beacon, const kmi_lan_from *from, bool multicast,
                   int64_t now_ns)
{
    kmi_lan_host *host;

    if (memcmp(beacon->key.bytes, lan->options.key.bytes, sizeof beacon->key.bytes) == 0)
        return false;
    host = kmi_lan_need(lan, &beacon->key);
    if (host == NULL)
        return false;
    if (is_seen(host, beacon)) {
        hear_again(lan, host, beacon, from, multicast, now_ns);
        return false;
    }
    host->heard_from = kmi_lan_note_way(lan, host, from, true, multicast, now_ns);
    take_beacon(lan, host, beacon, multicast, now_ns);
    return true;
}

/* ---- the tick -------------------------------------------------------------------------------- */

static void look_at(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns)
{
    if (host->client_ns != INT64_MIN && host->client_ns <= now_ns) {
        host->client_ns = INT64_MIN;
        lan->neighbors_changed = true;
    }
    if (host->alive && host->lease_ns <= now_ns) {
        host->alive = false;
        host->lease_ns = host->probe_ns = NEVER;
        lan->lists_changed = lan->neighbors_changed = true;
    }
    if (host->probe_ns <= now_ns) {
        host->probe_ns = host->probe_ns + (host->lease_ns - host->heard_ns) / 6;
        if (host->probe_ns >= host->lease_ns)
            host->probe_ns = NEVER;
        kmi_lan_speak_to(lan, host, true);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_of(const kmi_lan_host *host)
{
    int64_t next_ns = earlier(host->probe_ns, host->alive ? host->lease_ns : NEVER);

    return host->client_ns == INT64_MIN ? next_ns : earlier(next_ns, host->client_ns);
}

int64_t kmi_lan_tick(kmi_lan *lan, int64_t now_ns)
{
    int64_t next_ns;

    for (size_t i = 0; i < lan->count; i++)
        look_at(lan, lan->hosts[i], now_ns);
    kmi_lan_list_settle(lan, now_ns);
    kmi_lan_fetch_due(lan, now_ns);
    kmi_lan_list_due(lan, now_ns);
    kmi_lan_speak_due(lan, now_ns);
    next_ns = earlier(kmi_lan_fetch_next(lan), kmi_lan_list_next(lan));
    next_ns = earlier(next_ns, kmi_lan_speak_next(lan));
    for (size_t i = 0; i < lan->count; i++)
        next_ns = earlier(next_ns, next_of(lan->hosts[i]));
    return next_ns;
}

kmsg_err kmi_lan_neighbors(const kmi_lan *lan, kmsg_arena *mem, kmsg_names_Neighbor_list *ret)
{
    kmsg_names_Neighbor *items = kmsg_alloc_array(mem, kmsg_names_Neighbor, lan->count + 1);
    size_t               count = 0;

    for (size_t i = 0; i < lan->count && items != NULL; i++) {
        const kmi_lan_host *host = lan->hosts[i];
        if (!kmi_lan_is_there(host))
            continue;
        items[count++] = (kmsg_names_Neighbor){
            .key = {host->key.bytes, sizeof host->key.bytes},
            .epoch = host->epoch,
            .version = host->version,
            .address = kmsg_printf(mem, "tcp:%s:%u", host->ways[host->way].address, host->port),
            .host = kmsg_string_copy(mem, kmsg_str(host->name))};
    }
    if (kmsg_arena_failed(mem))
        return KMSG_ENOMEM;
    *ret = (kmsg_names_Neighbor_list){items, count};
    return KMSG_OK;
}
