/* lan_io.c -- a directory among those of other hosts: the world around directory/lan.h.
 *
 *   beacons   go out and come in through lan_ways.c. What comes in is refused as cheaply as can be:
 *             its size, the cluster's proof, its format, whose key it claims; then, if that may
 *             cost anything (lan_guard.c), its signature. Refusals are counted, and told rarely.
 *   contents  are fetched by calls over encrypted tcp. Who answers has to have the key of the
 *             beacon: so it does not matter who says from where that came.
 *   the rest  is lan.c's, which is called, told what happens, and asked when it wants to be called
 *             again.
 *
 * Nobody is told anything here but the owners of trusted keys: loopback is encrypted, too.
 *
 * Its memory stays until the node is freed, as calls may be under way that know of it.
 */
#include "names/lan_io.h"

#include "base/alloc.h"
#include "base/log.h"
#include "core/core.h"
#include "names/lan_guard.h"
#include "names/lan_ways.h"
#include "net/seal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT     "kmsg beacon 1"
#define FETCH_MS    10000u
#define PORTS_TRIED 8u
#define SETTLE_MS   250u /* clients of a directory that has gone are back by then */

_Static_assert(KMI_BEACON_SIZE + KMI_SEAL_MAX <= KMI_BEACON_MAX, "there is room for a signature");
_Static_assert(KMI_BEACON_MAX <= KMI_LAN_DATAGRAM_MAX, "and it can be received");

typedef enum refusal { FOREIGN, UNTRUSTED, FORGED, TOO_MANY, REFUSALS } refusal;

/* What is known of another host's directory here: kmi_lan_host_ctx(). */
typedef struct neighbor neighbor;

/* A call for contents. It may outlive the neighbor. */
typedef struct fetch {
    kmi_lan_io *io;
    neighbor   *neighbor; /* NULL: nobody waits for it */
} fetch;

struct neighbor {
    kmi_lan_host *host;
    kmsg_peer    *peer;
    kmsg_key      key;
    fetch        *fetch;
    char          url[KMI_URL_MAX];
};

/* A host that could not be asked, which lan.c is to hear of. */
typedef struct failure {
    kmi_lan_host *host;
    kmsg_err      err;
} failure;

struct kmi_lan_io {
    kmi_part       part;
    kmsg_node     *node;
    kmi_lan       *lan; /* NULL: it has ended */
    kmi_lan_ways  *ways;
    kmsg_listener *listeners[2];
    kmi_timer      timer;
    bool           has_timer;
    kmsg_key       key;
    kmi_guard      guard;
    failure        failed[KMI_LAN_FETCHES_MAX];
    size_t         failed_count;
    uint64_t       sent;
    uint64_t       heard;
    uint64_t       fetched;
    uint64_t       served;
    uint64_t       misled;
    uint64_t       refused[REFUSALS];
};

static const char lan_kind;

static int64_t now_of(const kmi_lan_io *io)
{
    return io->node->sys->now_ns();
}

/* After whatever has happened to it. */
static void settle(kmi_lan_io *io)
{
    const int64_t at_ns = kmi_lan_tick(io->lan, now_of(io));

    kmi_timer_set(&io->node->timers, &io->timer, io->failed_count > 0 ? 0 : at_ns);
}

/* ---- saying ---------------------------------------------------------------------------------- */

/* How many bytes; 0: its key has become unusable, which is told where links need it. */
static size_t write_beacon(kmi_lan_io *io, const kmi_beacon *beacon, uint8_t ret[KMI_BEACON_MAX])
{
    size_t size = kmi_beacon_put(beacon, ret);

    return kmi_net_seal(&io->node->net, CONTEXT, ret, size, &size) == KMSG_OK ? size : 0;
}

static void speak(void *ctx, const kmi_beacon *beacon, const kmi_lan_from *to)
{
    kmi_lan_io *io = ctx;
    uint8_t     data[KMI_BEACON_MAX];
    size_t      size = write_beacon(io, beacon, data);

    if (size == 0)
        return;
    io->sent++;
    if (to == NULL)
        kmi_lan_ways_say(io->ways, kmi_lan_needs_ip6(io->lan), data, size);
    else
        kmi_lan_ways_answer(io->ways, to->address, to->port, data, size);
}

static void speak_to_seeds(void *ctx, const kmi_beacon *beacon)
{
    kmi_lan_io *io = ctx;
    uint8_t     data[KMI_BEACON_MAX];
    size_t      size = write_beacon(io, beacon, data);

    if (size == 0)
        return;
    io->sent++;
    kmi_lan_ways_say_to_seeds(io->ways, data, size);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static const char *const refusals[REFUSALS] = {
    [FOREIGN] = "are not of this cluster, or no beacons of this version",
    [UNTRUSTED] = "are of hosts that are not trusted",
    [FORGED] = "are not signed by who they say they are of",
    [TOO_MANY] = "were too many to be looked at",
};

/* "10.0.0.2", "[fe80::1%3]" */
static void print_address(const kmi_endpoint *from, char ret[KMI_LAN_ADDRESS_MAX])
{
    char  url[KMI_URL_MAX];
    char *text;

    kmi_endpoint_print(from, false, url, sizeof url);
    text = strchr(url, ':') + 1;
    *strrchr(text, ':') = '\0';
    snprintf(ret, KMI_LAN_ADDRESS_MAX, "%s", text);
}

/* Of each reason, the 1st, 10th, 100th, .. time. */
static void refuse(kmi_lan_io *io, refusal why, const kmi_arrival *arrival, const kmsg_key *key)
{
    const uint64_t count = ++io->refused[why];
    char           text[KMSG_KEY_TEXT], address[KMI_LAN_ADDRESS_MAX];

    if (!kmi_log_is_due(count))
        return;
    print_address(&arrival->from, address);
    kmi_log(KMSG_WARNING, "names: beacons that %s: %" PRIu64 " so far, the last one from %s",
            refusals[why], count, address);
    if (why != UNTRUSTED)
        return;
    kmsg_key_print(key, text);
    kmi_log(KMSG_WARNING, "names: if that host is to be trusted: kmsg key trust %s", text);
}

/* Whoever has sent it, was it signed with that key? Its bytes are looked at once. */
static bool is_good(kmi_lan_io *io, const kmi_beacon *beacon, const uint8_t *data, size_t size,
                    size_t said, const kmi_arrival *arrival)
{
    if (kmi_guard_has_seen(&io->guard, data, size))
        return true;
    if (!kmi_guard_admits(&io->guard, &arrival->from, now_of(io))) {
        refuse(io, TOO_MANY, arrival, NULL);
        return false;
    }
    if (!kmi_net_is_signed(CONTEXT, &beacon->key, data, said)) {
        refuse(io, FORGED, arrival, NULL);
        return false;
    }
    return true;
}

static void hear(kmi_lan_io *io, const kmi_beacon *beacon, const uint8_t *data, size_t size,
                 const kmi_arrival *arrival)
{
    char               address[KMI_LAN_ADDRESS_MAX];
    const kmi_lan_from from = {address, arrival->from.port};
    const int64_t      now_ns = now_of(io);

    print_address(&arrival->from, address);
    if (kmi_lan_heard(io->lan, beacon, &from, arrival->multicast, now_ns))
        kmi_guard_believed(&io->guard, &arrival->from, data, size, now_ns);
    kmi_timer_set(&io->node->timers, &io->timer, 0); /* once for all that have come in this turn */
}

static void on_datagram(void *ctx, const uint8_t *data, size_t size, const kmi_arrival *arrival)
{
    kmi_lan_io *io = ctx;
    kmi_net    *net = &io->node->net;
    size_t      said = kmi_net_sealed(net, CONTEXT, data, size);
    kmi_beacon  beacon;

    if (said == 0 || kmi_beacon_get(data, said, &beacon) != KMSG_OK) {
        io->heard++;
        refuse(io, FOREIGN, arrival, NULL);
        return;
    }
    if (memcmp(&beacon.key, &io->key, sizeof io->key) == 0)
        return; /* multicast comes back, too */
    io->heard++;
    if (kmi_net_trusted(net, &beacon.key) == NULL)
        refuse(io, UNTRUSTED, arrival, &beacon.key);
    else if (is_good(io, &beacon, data, size, said, arrival))
        hear(io, &beacon, data, size, arrival);
}

/* ---- fetching -------------------------------------------------------------------------------- */

/* Is it who has sent the beacon? */
static kmsg_err check_who(kmi_lan_io *io, const neighbor *n)
{
    const kmsg_identity *who = kmsg_peer_identity(n->peer);

    if (who->kind != KMSG_IDENTITY_KEY)
        return KMSG_ELOST; /* since it has answered */
    if (memcmp(&who->key, &n->key, sizeof n->key) == 0)
        return KMSG_OK;
    if (kmi_log_is_due(++io->misled))
        kmi_log(KMSG_WARNING,
                "names: %s: a beacon leads there, and %s answers, whose beacon it is not: %" PRIu64
                " times so far",
                n->url, who->name, io->misled);
    return KMSG_EUNTRUSTED;
}

static void on_contents(void *ctx, kmsg_err err, const kmsg_names_Contents *contents)
{
    fetch      *f = ctx;
    neighbor   *n = f->neighbor;
    kmi_lan_io *io = f->io;

    kmi_free(f);
    if (n == NULL)
        return;
    n->fetch = NULL;
    if (err == KMSG_OK)
        err = check_who(io, n);
    if (err == KMSG_OK) {
        io->fetched++;
        kmi_lan_fetched(io->lan, n->host, contents, now_of(io));
    } else {
        kmi_lan_failed(io->lan, n->host, err, now_of(io));
    }
    settle(io);
}

/* A peer of that address. */
static kmsg_err dial(kmi_lan_io *io, neighbor *n, const char *url)
{
    if (n->peer != NULL && strcmp(n->url, url) == 0)
        return KMSG_OK;
    if (n->peer != NULL)
        kmsg_peer_close(n->peer);
    n->peer = NULL;
    snprintf(n->url, sizeof n->url, "%s", url);
    return kmsg_dial(io->node, url, &n->peer);
}

static kmsg_err ask(kmi_lan_io *io, neighbor *n, const char *url, uint64_t epoch, uint64_t version)
{
    fetch   *f = kmi_alloc_zeroed(sizeof *f);
    kmsg_err err = f == NULL ? kmi_error_plain(KMSG_ENOMEM) : dial(io, n, url);

    if (err != KMSG_OK) {
        kmi_free(f);
        return err;
    }
    *f = (fetch){io, n};
    n->fetch = f;
    kmsg_peer_set_timeout_ms(n->peer, FETCH_MS);
    kmsg_names_Neighborhood_contents_async(n->peer, epoch, version, f, on_contents);
    return KMSG_OK;
}

static neighbor *neighbor_of(kmi_lan_host *host)
{
    neighbor *n = kmi_lan_host_ctx(host);

    if (n != NULL)
        return n;
    n = kmi_alloc_zeroed(sizeof *n);
    if (n != NULL) {
        n->host = host;
        kmi_lan_host_set_ctx(host, n);
    }
    return n;
}

/* lan.c hears of it from the timer: not from inside of what it has asked for. */
static void fail_soon(kmi_lan_io *io, kmi_lan_host *host, kmsg_err err)
{
    assert(io->failed_count < KMI_LAN_FETCHES_MAX && "no more are asked at a time");
    io->failed[io->failed_count++] = (failure){host, err};
}

static void fetch_from(void *ctx, kmi_lan_host *host, const char *url, const kmsg_key *key,
                       uint64_t epoch, uint64_t version)
{
    kmi_lan_io *io = ctx;
    neighbor   *n = neighbor_of(host);
    kmsg_err    err = KMSG_ENOMEM;

    if (n != NULL) {
        n->key = *key;
        err = ask(io, n, url, epoch, version);
    }
    if (err != KMSG_OK)
        fail_soon(io, host, err);
}

static void leave_failed(kmi_lan_io *io, const kmi_lan_host *host)
{
    size_t kept = 0;

    for (size_t i = 0; i < io->failed_count; i++)
        if (io->failed[i].host != host)
            io->failed[kept++] = io->failed[i];
    io->failed_count = kept;
}

static void forget(void *ctx, kmi_lan_host *host)
{
    kmi_lan_io *io = ctx;
    neighbor   *n = kmi_lan_host_ctx(host);

    leave_failed(io, host);
    if (n == NULL)
        return;
    if (n->fetch != NULL)
        n->fetch->neighbor = NULL;
    if (n->peer != NULL)
        kmsg_peer_close(n->peer);
    kmi_free(n);
    kmi_lan_host_set_ctx(host, NULL);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_lan_io *io = (kmi_lan_io *)(void *)((uint8_t *)timer - offsetof(kmi_lan_io, timer));

    while (io->failed_count > 0) {
        failure f = io->failed[--io->failed_count];
        kmi_lan_failed(io->lan, f.host, f.err, now_ns);
    }
    settle(io);
}

/* ---- being asked ----------------------------------------------------------------------------- */

static kmsg_err contents(void *ctx, kmsg_call *call, uint64_t epoch, uint64_t version,
                         kmsg_names_Contents *ret)
{
    kmi_lan_io *io = ctx;

    if (kmsg_call_identity(call)->kind != KMSG_IDENTITY_KEY)
        return kmsg_fail(call, KMSG_EPERM, "what a host offers is told to owners of trusted keys");
    if (io->lan == NULL)
        return kmsg_fail(call, KMSG_EUNAVAILABLE, "this directory is about to end");
    io->served++;
    return kmi_lan_contents(io->lan, epoch, version, kmsg_call_arena(call), ret);
}

static const kmsg_names_Neighborhood_impl neighborhood = {.contents = contents};

/* ---- life ------------------------------------------------------------------------------------ */

static const char *trusted(void *ctx, const kmsg_key *key)
{
    kmi_lan_io *io = ctx;

    return kmi_net_trusted(&io->node->net, key);
}

static uint32_t random_number(void *ctx)
{
    kmi_lan_io *io = ctx;
    uint32_t    number;

    io->node->sys->random(&number, sizeof number);
    return number;
}

static const kmi_lan_ops ops = {.speak = speak,
                                .speak_to_seeds = speak_to_seeds,
                                .fetch = fetch_from,
                                .forget = forget,
                                .trusted = trusted,
                                .random = random_number};

static kmsg_err listen_at(kmi_lan_io *io, size_t index, uint16_t port, uint16_t *ret_port)
{
    static const char *const hosts[] = {"0.0.0.0", "[::]"};
    char                     url[KMI_URL_MAX];
    kmsg_err                 err;

    snprintf(url, sizeof url, "tcp:%s:%u", hosts[index], port);
    err = kmsg_listen(io->node, url, &io->listeners[index]);
    if (err == KMSG_OK)
        *ret_port =
            (uint16_t)strtoul(strrchr(kmsg_listener_url(io->listeners[index]), ':') + 1, NULL, 10);
    else
        io->listeners[index] = NULL;
    return err;
}

static void stop_listening(kmi_lan_io *io)
{
    for (size_t i = 0; i < 2; i++)
        if (io->listeners[i] != NULL)
            kmsg_listener_close(io->listeners[i]);
    memset(io->listeners, 0, sizeof io->listeners);
}

/* Over IPv4 and IPv6 the port is the same: a beacon has one. One of them may be missing. */
static kmsg_err listen_to_both(kmi_lan_io *io, uint16_t port, uint16_t *ret_port)
{
    kmsg_err four = listen_at(io, 0, port, ret_port), six;

    if (four == KMSG_EINUSE)
        return four;
    six = listen_at(io, 1, four == KMSG_OK ? *ret_port : port, ret_port);
    if (six == KMSG_EINUSE)
        stop_listening(io);
    return six == KMSG_EINUSE || four != KMSG_OK ? six : KMSG_OK;
}

/* Where the directory's port is another user's, at one of its own. */
static kmsg_err begin_listening(kmi_lan_io *io, uint16_t port, uint16_t *ret_port)
{
    kmsg_err err = listen_to_both(io, port, ret_port);

    for (unsigned i = 0; i < PORTS_TRIED && err == KMSG_EINUSE; i++)
        err = listen_to_both(io, 0, ret_port);
    return err;
}

static void finish(kmi_lan_io *io)
{
    if (io->lan != NULL)
        kmi_lan_free(io->lan);
    io->lan = NULL;
    kmi_lan_ways_free(io->ways);
    io->ways = NULL;
    stop_listening(io);
    if (io->has_timer)
        kmi_timer_done(&io->node->timers, &io->timer);
    io->has_timer = false;
}

static void end_part(kmi_part *part)
{
    finish((kmi_lan_io *)part);
}

static void free_part(kmi_part *part)
{
    kmi_free(part);
}

/* What can fail, in an order in which nothing has been promised yet when it does. */
static kmsg_err prepare(kmi_lan_io *io, const kmi_lan_settings *settings, uint16_t *ret_port)
{
    kmsg_node *node = io->node;
    kmsg_err   err = kmsg_node_key(node, &io->key);

    if (err == KMSG_OK)
        err = kmi_net_secure_loopback(&node->net);
    if (err == KMSG_OK)
        err = kmsg_node_set_reuse(node, KMSG_SESSION_REUSE_MS);
    if (err == KMSG_OK && !kmi_guard_init(&io->guard))
        err = kmi_error(KMSG_ESYSTEM, "libsodium does not work here");
    if (err == KMSG_OK)
        err = kmi_timer_init(&node->timers, &io->timer, on_timer);
    io->has_timer = err == KMSG_OK;
    if (err == KMSG_OK)
        err = begin_listening(io, settings->port, ret_port);
    return err == KMSG_OK ? kmi_lan_ways_new(&node->net, settings, on_datagram, io, &io->ways)
                          : err;
}

static kmsg_err begin(kmi_lan_io *io, kmi_table *table, const kmi_lan_settings *settings)
{
    kmi_lan_options options = {.epoch = (uint64_t)io->node->sys->clock_ns(),
                               .fast = settings->fast,
                               .settle_ms = SETTLE_MS};
    kmi_lan_ops     own = ops;
    kmsg_err        err = prepare(io, settings, &options.port);

    if (err != KMSG_OK)
        return err;
    options.key = io->key;
    if (settings->seed_count == 0)
        own.speak_to_seeds = NULL;
    io->lan = kmi_lan_new(table, &options, &own, io, now_of(io));
    if (io->lan == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = kmsg_names_Neighborhood_serve(io->node, &neighborhood, io);
    if (err != KMSG_OK)
        return err;
    io->part = (kmi_part){.kind = &lan_kind, .end = end_part, .free = free_part};
    kmi_part_add(io->node, &io->part);
    return KMSG_OK;
}

kmi_lan_io *kmi_lan_io_new(kmsg_node *node, kmi_table *table, const kmsg_directory_options *options,
                           kmsg_err *ret_err)
{
    kmi_lan_settings settings;
    kmi_lan_io      *io;

    if (kmi_part_find(node, &lan_kind) != NULL) {
        *ret_err = kmi_error(KMSG_EEXIST, "this node has a part in the LAN already");
        return NULL;
    }
    *ret_err = kmi_lan_settings_get(options, &settings);
    if (*ret_err != KMSG_OK)
        return NULL;
    io = kmi_alloc_zeroed(sizeof *io);
    *ret_err = io == NULL ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;
    if (io == NULL)
        return NULL;
    io->node = node;
    *ret_err = begin(io, table, &settings);
    if (*ret_err == KMSG_OK) {
        settle(io);
        return io;
    }
    finish(io);
    kmi_free(io);
    return NULL;
}

void kmi_lan_io_free(kmi_lan_io *io)
{
    if (io != NULL)
        finish(io);
}

/* ---- what the directory says and asks -------------------------------------------------------- */

void kmi_lan_io_changed(kmi_lan_io *io, const kmi_entry *entry, bool here)
{
    kmi_lan_changed(io->lan, entry, here, now_of(io));
    settle(io);
}

kmsg_err kmi_lan_io_survey(kmi_lan_io *io, kmsg_arena *mem, kmsg_names_Survey *ret)
{
    kmsg_err err = kmi_lan_neighbors(io->lan, mem, &ret->hosts);

    ret->beacons_sent = io->sent;
    ret->beacons_heard = io->heard;
    ret->beacons_refused = 0;
    for (size_t i = 0; i < REFUSALS; i++)
        ret->beacons_refused += io->refused[i];
    ret->fetched = io->fetched;
    ret->served = io->served;
    return err;
}
