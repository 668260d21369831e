/* town.c -- hosts and the network between them: read speak() and fetch() first, which are what a
 * directory asks for, and then what becomes of that.
 *
 * A beacon travels as its bytes, in a copy for each who may hear it. A fetch is three events: it
 * arrives, it is answered, the answer arrives; the contents travel as a message. Signatures and
 * links are left out: who is at an address is known here.
 */
#include "town.h"

#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS_MAX 2000u   /* at one time: it goes round and round */
#define TIMEOUT   WORLD_S /* of a fetch */

town_host  town_hosts[TOWN_HOSTS];
unsigned   town_size;
town_count town_counted;
town_rules town_law;

static const char *finding;

void town_bark(const char *what)
{
    if (finding == NULL)
        finding = what;
}

const char *town_finding(void)
{
    return finding;
}

int64_t town_clock(const town_host *host)
{
    return INT64_C(1700000000) * WORLD_S + world_now() + host->ahead_ns;
}

bool town_reaches(const town_host *from, const town_host *to)
{
    return from->power && to->power && from->side == to->side && from != to;
}

static bool is_ip6(const char *address)
{
    return address[0] == '[';
}

static bool has_family(const town_host *host, bool ip6, const char **ret_address)
{
    for (unsigned i = 0; i < host->way_count; i++) {
        if (is_ip6(host->ways[i]) == ip6) {
            *ret_address = host->ways[i];
            return true;
        }
    }
    return false;
}

static town_host *at_address(const char *address, size_t size)
{
    for (unsigned i = 0; i < town_size; i++)
        for (unsigned k = 0; k < town_hosts[i].way_count; k++)
            if (strlen(town_hosts[i].ways[k]) == size &&
                memcmp(town_hosts[i].ways[k], address, size) == 0)
                return &town_hosts[i];
    return NULL;
}

static int64_t delay(void)
{
    return town_law.latency_ns + world_below((uint32_t)town_law.jitter_ns + 1);
}

/* ---- what is on its way ---------------------------------------------------------------------- */

/* At the front of whatever travels, so that it is freed with the town if it does not arrive. */
typedef struct trip {
    struct trip  *next;
    struct trip **at;
    uint8_t      *bytes; /* that belong to it; or NULL */
} trip;

static trip *trips;

static void *trip_begin(size_t size)
{
    trip *t = calloc(1, size);

    if (t == NULL)
        abort();
    t->next = trips;
    t->at = &trips;
    if (trips != NULL)
        trips->at = &t->next;
    trips = t;
    return t;
}

static void trip_end(trip *t)
{
    *t->at = t->next;
    if (t->next != NULL)
        t->next->at = t->at;
    free(t->bytes);
    free(t);
}

/* ---- datagrams ------------------------------------------------------------------------------- */

typedef struct datagram {
    trip       trip;
    town_host *from;
    town_host *to;
    bool       multicast;
    char       address[KMI_LAN_ADDRESS_MAX];
    uint8_t    bytes[KMI_BEACON_SIZE];
} datagram;

static void arrive(void *ctx, uint64_t arg)
{
    datagram  *d = ctx;
    kmi_beacon beacon;

    (void)arg;
    if (town_reaches(d->from, d->to) && d->to->lan != NULL) {
        kmi_lan_from from = {d->address, KMI_LAN_ADDRESS_MAX};
        if (kmi_beacon_get(d->bytes, sizeof d->bytes, &beacon) != KMSG_OK)
            town_bark("a beacon does not come as it was sent");
        else
            (void)kmi_lan_heard(d->to->lan, &beacon, &from, d->multicast, world_now());
        town_tick(d->to);
    }
    trip_end(&d->trip);
}

static void send_copy(town_host *from, const char *address, town_host *to, const kmi_beacon *beacon,
                      bool multicast)
{
    datagram *d = trip_begin(sizeof *d);
    uint8_t   bytes[KMI_BEACON_MAX];

    d->from = from;
    d->to = to;
    d->multicast = multicast;
    snprintf(d->address, sizeof d->address, "%s", address);
    kmi_beacon_put(beacon, bytes);
    memcpy(d->bytes, bytes, sizeof d->bytes);
    world_at(world_now() + delay(), arrive, d, 0);
}

static void send(town_host *from, const char *address, town_host *to, const kmi_beacon *beacon,
                 bool multicast)
{
    if (world_chance(town_law.lose) || !town_reaches(from, to))
        return;
    send_copy(from, address, to, beacon, multicast);
    if (world_chance(town_law.again))
        send_copy(from, address, to, beacon, multicast);
}

/* On each interface over IPv4 where there is that, over IPv6 where it is needed. */
static void speak_to_all(town_host *host, const kmi_beacon *beacon)
{
    const char *ignored;
    bool        has_ip4 = has_family(host, false, &ignored);

    town_counted.multicasts++;
    for (unsigned i = 0; i < host->way_count; i++) {
        bool ip6 = is_ip6(host->ways[i]);
        if (ip6 && has_ip4 && !kmi_lan_needs_ip6(host->lan))
            continue;
        town_counted.packets++;
        for (unsigned k = 0; k < town_size; k++)
            if (town_hosts[k].segment == host->segment && has_family(&town_hosts[k], ip6, &ignored))
                send(host, host->ways[i], &town_hosts[k], beacon, true);
    }
}

static void speak_to(town_host *host, const kmi_beacon *beacon, const char *address)
{
    town_host  *to = at_address(address, strlen(address));
    const char *mine;

    town_counted.unicasts++;
    if (to == NULL)
        town_bark("somebody is spoken to who is nowhere");
    else if (has_family(host, is_ip6(address), &mine))
        send(host, mine, to, beacon, false);
}

static void speak(void *ctx, const kmi_beacon *beacon, const kmi_lan_from *to)
{
    town_host *host = ctx;

    if (host->mute)
        return;
    world_note(to == NULL ? "beacon" : "answer", host->number, beacon->version);
    if (beacon->sequence == 0 || beacon->epoch != host->epoch)
        town_bark("a beacon is not of its directory");
    if (to == NULL)
        speak_to_all(host, beacon);
    else
        speak_to(host, beacon, to->address);
}

static void speak_to_seeds(void *ctx, const kmi_beacon *beacon)
{
    town_host *host = ctx;

    if (host->seed >= 0 && !host->mute)
        speak_to(host, beacon, town_hosts[host->seed].ways[0]);
}

/* ---- fetching -------------------------------------------------------------------------------- */

typedef struct flight {
    trip          trip; /* its bytes are the contents */
    town_host    *asker;
    kmi_lan_host *host; /* NULL: forgotten */
    town_host    *asked;
    kmsg_key      key;
    uint64_t      epoch;
    uint64_t      version;
    size_t        size;
} flight;

static void come_back(void *ctx, uint64_t err)
{
    flight             *f = ctx;
    kmsg_names_Contents contents;
    kmsg_arena         *mem = kmsg_arena_new();

    if (mem == NULL)
        abort();
    if (f->host != NULL) {
        f->asker->fetching--;
        kmi_lan_host_set_ctx(f->host, NULL);
        if (err != 0)
            kmi_lan_failed(f->asker->lan, f->host, KMSG_EUNREACHABLE, world_now());
        else if (kmsg_names_Contents_decode((kmsg_bytes){f->trip.bytes, f->size}, mem, &contents) !=
                 KMSG_OK)
            town_bark("contents cannot be read");
        else
            kmi_lan_fetched(f->asker->lan, f->host, &contents, world_now());
        town_tick(f->asker);
    }
    kmsg_arena_free(mem);
    trip_end(&f->trip);
}

/* What it has now, as a message. False: something is wrong with it. */
static bool tell_contents(flight *f)
{
    kmsg_names_Contents contents;
    kmsg_arena         *mem = kmsg_arena_new();
    kmsg_bytes          message;
    bool                fine;

    if (mem == NULL)
        abort();
    fine = kmi_lan_contents(f->asked->lan, f->epoch, f->version, mem, &contents) == KMSG_OK;
    town_counted.listings += contents.listings.count;
    if (contents.listings.count > 0 && world_chance(town_law.wrong))
        contents.listings.count--;
    if (contents.gone.count > 0 && world_chance(town_law.wrong))
        contents.gone.count--;
    fine = fine && kmsg_names_Contents_encode(&contents, mem, &message) == KMSG_OK;
    if (fine) {
        f->size = message.size;
        f->trip.bytes = malloc(f->size);
        if (f->trip.bytes == NULL)
            abort();
        memcpy(f->trip.bytes, message.data, f->size);
    }
    kmsg_arena_free(mem);
    return fine;
}

static void be_asked(void *ctx, uint64_t arg)
{
    flight *f = ctx;

    (void)arg;
    if (f->asked == NULL || !town_reaches(f->asker, f->asked)) {
        world_at(world_now() + TIMEOUT, come_back, f, 1);
        return;
    }
    if (f->asked->lan == NULL || memcmp(&f->asked->key, &f->key, sizeof f->key) != 0 ||
        world_chance(town_law.fail) || !tell_contents(f))
        world_at(world_now() + delay(), come_back, f, 1);
    else
        world_at(world_now() + delay(), come_back, f, 0);
}

static void fetch(void *ctx, kmi_lan_host *at, const char *url, const kmsg_key *key, uint64_t epoch,
                  uint64_t version)
{
    town_host  *host = ctx;
    const char *address = url + strlen("tcp:"), *end = strrchr(address, ':'), *ignored;
    flight     *f = trip_begin(sizeof *f);

    if (kmi_lan_host_ctx(at) != NULL)
        town_bark("a host is asked that has not answered yet");
    if (++host->fetching > KMI_LAN_FETCHES_MAX)
        town_bark("too many are fetched from");
    f->asker = host;
    f->host = at;
    f->key = *key;
    f->epoch = epoch;
    f->version = version;
    f->asked = at_address(address, (size_t)(end - address));
    if (!has_family(host, is_ip6(address), &ignored))
        f->asked = NULL;
    world_note("fetch", host->number, f->asked == NULL ? TOWN_HOSTS : f->asked->number);
    town_counted.fetches++;
    kmi_lan_host_set_ctx(at, f);
    world_at(world_now() + delay(), be_asked, f, 0);
}

static void forget(void *ctx, kmi_lan_host *at)
{
    town_host *host = ctx;
    flight    *f = kmi_lan_host_ctx(at);

    if (f == NULL)
        return;
    f->host = NULL;
    host->fetching--;
}

static const char *trusted(void *ctx, const kmsg_key *key)
{
    (void)ctx;
    return key->bytes[0] == 7 ? "somebody" : NULL;
}

static uint32_t some(void *ctx)
{
    (void)ctx;
    return (uint32_t)(world_random() >> 32);
}

/* ---- directories ----------------------------------------------------------------------------- */

static void on_tick(void *ctx, uint64_t start)
{
    town_host *host = ctx;

    if (host->lan != NULL && host->start == start && host->due_ns <= world_now())
        town_tick(host);
}

void town_tick(town_host *host)
{
    int64_t now_ns = world_now(), due_ns;

    host->last_ticks = host->tick_ns == now_ns ? host->last_ticks + 1 : 0;
    host->tick_ns = now_ns;
    if (host->last_ticks > TICKS_MAX) {
        town_bark("a directory has something to do again and again");
        world_stop();
        return;
    }
    due_ns = kmi_lan_tick(host->lan, now_ns);
    if (due_ns == host->due_ns && due_ns > now_ns)
        return;
    host->due_ns = due_ns;
    world_at(due_ns, on_tick, host, host->start);
}

void town_start(town_host *host, uint32_t settle_ms)
{
    static const kmi_lan_ops ops = {speak, speak_to_seeds, fetch, forget, trusted, some};
    kmi_lan_options          options = {.key = host->key, .port = 7577, .settle_ms = settle_ms};
    uint64_t                 clock = (uint64_t)town_clock(host);

    host->epoch = clock > host->epoch ? clock : host->epoch + 1;
    options.epoch = host->epoch;
    options.fast = host->fast;
    host->start++;
    host->mute = false;
    host->due_ns = INT64_MIN;
    host->table = kmi_table_new();
    if (host->table != NULL)
        host->lan = kmi_lan_new(host->table, &options, &ops, host, world_now());
    if (host->lan == NULL)
        abort();
    world_note("start", host->number, host->start);
    town_tick(host);
}

void town_stop(town_host *host, bool kill)
{
    world_note(kill ? "kill" : "stop", host->number, host->start);
    host->mute = kill;
    kmi_lan_free(host->lan);
    if (host->fetching > 0)
        town_bark("a directory has ended and still fetches");
    kmi_table_free(host->table);
    host->lan = NULL;
    host->table = NULL;
}

void town_power(town_host *host, bool on)
{
    world_note(on ? "on" : "off", host->number, 0);
    if (!on && host->lan != NULL)
        town_stop(host, true);
    host->power = on;
}

/* ---- the town -------------------------------------------------------------------------------- */

void town_begin(unsigned size)
{
    finding = NULL;
    memset(town_hosts, 0, sizeof town_hosts);
    memset(&town_counted, 0, sizeof town_counted);
    memset(&town_law, 0, sizeof town_law);
    town_size = size;
    for (unsigned i = 0; i < size; i++) {
        town_host *host = &town_hosts[i];
        host->number = i;
        host->seed = -1;
        host->key.bytes[0] = 7;
        host->key.bytes[1] = (uint8_t)(world_random() >> 56);
        host->key.bytes[31] = (uint8_t)i;
        snprintf(host->ways[0], sizeof host->ways[0], "10.0.0.%u", i + 1);
        host->way_count = 1;
    }
}

void town_end(void)
{
    for (unsigned i = 0; i < town_size; i++)
        if (town_hosts[i].lan != NULL)
            town_stop(&town_hosts[i], true);
    while (trips != NULL)
        trip_end(trips);
}
