/* lan_host.c -- the other hosts, sorted by their keys, and the addresses at which they were heard.
 *
 * A host with several interfaces, or with IPv4 and IPv6, is heard at several addresses: these are
 * its ways. It is fetched from by one of them, and that is also the address by which its listings
 * are told to those who watch. It stays the same until it does not work, or has not been heard of
 * for a lease: who only copies beacons and sends them again from elsewhere does not lead anybody
 * away.
 */
#include "directory/lan_inside.h"

#include "base/alloc.h"

#include <string.h>

#define LEASE      (15 * SECOND)
#define LEASE_FAST (3 * SECOND)

int64_t kmi_lan_lease(bool fast)
{
    return fast ? LEASE_FAST : LEASE;
}

bool kmi_lan_is_there(const kmi_lan_host *host)
{
    return host->alive || host->listed;
}

size_t kmi_lan_there(const kmi_lan *lan)
{
    size_t count = 0;

    for (size_t i = 0; i < lan->count; i++)
        count += kmi_lan_is_there(lan->hosts[i]);
    return count;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* Where it is, or would be. */
static size_t place_of(const kmi_lan *lan, const kmsg_key *key)
{
    size_t low = 0, high = lan->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(lan->hosts[middle]->key.bytes, key->bytes, sizeof key->bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const kmi_lan *lan, size_t place, const kmsg_key *key)
{
    return place < lan->count &&
           memcmp(lan->hosts[place]->key.bytes, key->bytes, sizeof key->bytes) == 0;
}

kmi_lan_host *kmi_lan_find(const kmi_lan *lan, const kmsg_key *key)
{
    size_t place = place_of(lan, key);

    return is_at(lan, place, key) ? lan->hosts[place] : NULL;
}

void kmi_lan_host_free(kmi_lan_host *host)
{
    if (host->name != NULL)
        kmi_free(host->name);
    if (host->list != NULL)
        kmi_free(host->list);
    kmi_free(host);
}

/* Who is not there gives way, the one that has been gone for longest. */
static bool make_room(kmi_lan *lan)
{
    size_t oldest = lan->count;

    if (lan->count < KMI_LAN_HOSTS_MAX)
        return true;
    for (size_t i = 0; i < lan->count; i++) {
        const kmi_lan_host *host = lan->hosts[i];
        if (!kmi_lan_is_there(host) && !host->fetching &&
            (oldest == lan->count || host->gone_ns < lan->hosts[oldest]->gone_ns))
            oldest = i;
    }
    if (oldest == lan->count)
        return false;
    kmi_lan_host_free(lan->hosts[oldest]);
    lan->count--;
    memmove(lan->hosts + oldest, lan->hosts + oldest + 1,
            (lan->count - oldest) * sizeof *lan->hosts);
    return true;
}

static kmi_lan_host *host_new(kmi_lan *lan, const kmsg_key *key)
{
    const char   *name = lan->ops.trusted(lan->ctx, key);
    kmi_lan_host *host = kmi_alloc_zeroed(sizeof *host);

    if (host == NULL)
        return NULL;
    host->key = *key;
    host->lease_ns = host->probe_ns = host->answer_ns = NEVER;
    host->doubt_ns = host->client_ns = host->gone_ns = INT64_MIN;
    name = name == NULL ? "" : name;
    host->name = kmi_alloc(strlen(name) + 1);
    if (host->name == NULL) {
        kmi_lan_host_free(host);
        return NULL;
    }
    memcpy(host->name, name, strlen(name) + 1);
    host->far = (kmi_far){.address = host->ways[0].address, .host = host->name};
    return host;
}

kmi_lan_host *kmi_lan_need(kmi_lan *lan, const kmsg_key *key)
{
    kmi_lan_host **hosts, *host = kmi_lan_find(lan, key);
    size_t         place;

    if (host != NULL || !make_room(lan))
        return host;
    hosts = kmi_grow(lan->hosts, lan->count, &lan->capacity, sizeof(kmi_lan_host *));
    if (hosts == NULL)
        return NULL;
    lan->hosts = hosts;
    host = host_new(lan, key);
    if (host == NULL)
        return NULL;
    place = place_of(lan, key);
    memmove(hosts + place + 1, hosts + place, (lan->count - place) * sizeof(kmi_lan_host *));
    hosts[place] = host;
    lan->count++;
    return host;
}

/* ---- ways ------------------------------------------------------------------------------------ */

typedef struct moving {
    kmi_lan      *lan;
    kmi_lan_host *host;
} moving;

static bool tell_moved(void *ctx, kmi_entry *entry)
{
    moving *m = ctx;

    if (entry->owner == m->host)
        kmi_table_moved(m->lan->table, entry);
    return true;
}

static void use_way(kmi_lan *lan, kmi_lan_host *host, size_t way)
{
    moving m = {lan, host};

    if (host->way == way && host->far.address == host->ways[way].address)
        return;
    host->way = way;
    host->far.address = host->ways[way].address;
    lan->neighbors_changed = true;
    if (host->known_version > 0)
        kmi_table_each(lan->table, tell_moved, &m);
}

bool kmi_lan_is_local(const char *address)
{
    return strchr(address, '%') != NULL || strncmp(address, "[fe80", 5) == 0;
}

static size_t find_way(const kmi_lan_host *host, const char *address)
{
    size_t way = 0;

    while (way < host->way_count && strcmp(host->ways[way].address, address) != 0)
        way++;
    return way;
}

/* A free one, or that of which nothing was heard for longest; never the one in use. */
static size_t room_for_way(kmi_lan_host *host)
{
    size_t oldest = host->way == 0 ? 1 : 0;

    if (host->way_count < KMI_LAN_WAYS_MAX)
        return host->way_count++;
    for (size_t i = 0; i < host->way_count; i++)
        if (i != host->way && host->ways[i].heard_ns < host->ways[oldest].heard_ns)
            oldest = i;
    return oldest;
}

/* Is the way in use so bad that another one that has just been heard is better? */
static bool is_stale(const kmi_lan_host *host, const kmi_lan_way *heard, int64_t now_ns)
{
    const kmi_lan_way *in_use = &host->ways[host->way];

    return in_use->heard_ns < now_ns - kmi_lan_lease(host->fast) ||
           (kmi_lan_is_local(in_use->address) && !kmi_lan_is_local(heard->address));
}

size_t kmi_lan_note_way(kmi_lan *lan, kmi_lan_host *host, const kmi_lan_from *from, bool heard,
                        bool multicast, int64_t now_ns)
{
    size_t       at, size = strlen(from->address) + 1;
    kmi_lan_way *way;

    if (size > KMI_LAN_ADDRESS_MAX)
        return host->way;
    at = find_way(host, from->address);
    if (at == host->way_count) {
        at = room_for_way(host);
        host->ways[at] = (kmi_lan_way){.heard_ns = INT64_MIN / 2, .multicast_ns = NEVER};
        memcpy(host->ways[at].address, from->address, size);
    }
    way = &host->ways[at];
    way->port = from->port;
    if (heard)
        way->heard_ns = now_ns;
    if (multicast)
        way->multicast_ns = now_ns;
    if (at != host->way && is_stale(host, way, now_ns))
        use_way(lan, host, at);
    return at;
}

void kmi_lan_next_way(kmi_lan *lan, kmi_lan_host *host)
{
    size_t best = host->way_count;

    for (size_t i = 1; i < host->way_count; i++) {
        size_t other = (host->way + i) % host->way_count;
        if (best == host->way_count || host->ways[other].heard_ns > host->ways[best].heard_ns)
            best = other;
    }
    if (best < host->way_count)
        use_way(lan, host, best);
}

static bool is_heard_over_ip6_alone(const kmi_lan_host *host)
{
    int64_t lately_ns = host->heard_ns - kmi_lan_lease(host->fast);
    bool    ip4 = false, ip6 = false;

    for (size_t i = 0; i < host->way_count; i++) {
        const kmi_lan_way *way = &host->ways[i];
        if (way->multicast_ns == NEVER || way->multicast_ns < lately_ns)
            continue;
        ip6 = ip6 || way->address[0] == '[';
        ip4 = ip4 || way->address[0] != '[';
    }
    return host->alive && ip6 && !ip4;
}

bool kmi_lan_needs_ip6(const kmi_lan *lan)
{
    bool needs = lan->asking;

    for (size_t i = 0; i < lan->count && !needs; i++)
        needs = is_heard_over_ip6_alone(lan->hosts[i]);
    return needs;
}

/* ---- the end --------------------------------------------------------------------------------- */

void kmi_lan_host_ends(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns)
{
    if (host->fetching)
        lan->fetching--;
    host->fetching = false;
    lan->ops.forget(lan->ctx, host);
    host->ctx = NULL;
    kmi_table_sweep(lan->table, host, 0);
    kmi_lan_list_clear(lan, host);
    host->known_epoch = host->known_version = host->told_version = 0;
    host->hint_epoch = host->hint_version = 0;
    host->answer_ns = host->probe_ns = NEVER;
    host->client_ns = INT64_MIN;
    host->gone_ns = now_ns;
    host->failures = 0;
    host->doubt = false;
}
