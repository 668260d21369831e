/* lan_fetch.c -- fetching from other hosts, and what came of it.
 *
 * A host is fetched from when its (epoch, version) is not what is known of it. All hosts hear of a
 * change at the same moment, so each waits a little first, longer where there are many; and each
 * fetches from KMI_LAN_FETCHES_MAX at a time. Who cannot be fetched from is tried again, at another
 * of its addresses, less and less often.
 *
 * What comes over an encrypted link is what that host says now. So it decides where beacons
 * cannot: about one with a smaller epoch (a host whose clock was set back, or a beacon of
 * yesterday, sent again by somebody).
 */
#include "directory/lan_inside.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define SPREAD     MS /* for each host that is there */
#define SPREAD_MAX (500 * MS)
#define AGAIN      (500 * MS) /* after a failure; doubled by each further one */
#define AGAIN_MAX  (10 * SECOND)
#define URL_MAX    (KMI_LAN_ADDRESS_MAX + 16)

/* ---- when ------------------------------------------------------------------------------------ */

/* Also if what it is said to be is less: then it was started anew when its clock had been set back,
 * or who says so is late. */
static bool is_hinted(const kmi_lan_host *host)
{
    return host->hint_epoch != 0 &&
           (host->hint_epoch != host->known_epoch || host->hint_version > host->known_version);
}

static bool is_new(const kmi_lan_host *host)
{
    if (host->alive)
        return host->known_epoch != host->epoch || host->known_version < host->version;
    return is_hinted(host);
}

static bool is_wanted(const kmi_lan_host *host)
{
    return !host->fetching && host->way_count > 0 && host->port != 0 &&
           (host->doubt || (kmi_lan_is_there(host) && !host->leaving && is_new(host)));
}

void kmi_lan_fetch_soon(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns)
{
    int64_t spread_ns = (int64_t)(kmi_lan_there(lan)) * SPREAD;

    if (host->failures == 0)
        host->fetch_ns =
            now_ns + kmi_lan_random(lan, spread_ns < SPREAD_MAX ? spread_ns : SPREAD_MAX);
}

/* The one that has been due for longest. */
static kmi_lan_host *most_urgent(const kmi_lan *lan)
{
    kmi_lan_host *first = NULL;

    for (size_t i = 0; i < lan->count; i++) {
        kmi_lan_host *host = lan->hosts[i];
        if (is_wanted(host) && (first == NULL || host->fetch_ns < first->fetch_ns))
            first = host;
    }
    return first;
}

int64_t kmi_lan_fetch_next(const kmi_lan *lan)
{
    const kmi_lan_host *host = most_urgent(lan);

    return host == NULL || lan->fetching == KMI_LAN_FETCHES_MAX ? NEVER : host->fetch_ns;
}

/* Of a start that has nothing to tell there is nothing to be fetched. */
static bool is_empty(const kmi_lan_host *host)
{
    return host->alive && host->version == 0 && !host->doubt;
}

static void forget_contents(kmi_lan *lan, kmi_lan_host *host)
{
    kmi_table_sweep(lan->table, host, 0);
    kmi_lan_list_clear(lan, host);
    host->known_epoch = host->epoch;
    host->known_version = host->told_version = 0;
    lan->neighbors_changed = true;
}

static void begin(kmi_lan *lan, kmi_lan_host *host)
{
    char url[URL_MAX];

    host->fetching = true;
    lan->fetching++;
    host->asked_epoch = host->doubt || !host->alive ? 0 : host->epoch;
    snprintf(url, sizeof url, "tcp:%s:%u", host->ways[host->way].address, host->port);
    lan->ops.fetch(lan->ctx, host, url, &host->key, host->known_epoch, host->known_version);
}

void kmi_lan_fetch_due(kmi_lan *lan, int64_t now_ns)
{
    while (kmi_lan_fetch_next(lan) <= now_ns) {
        kmi_lan_host *host = most_urgent(lan);
        if (is_empty(host))
            forget_contents(lan, host);
        else
            begin(lan, host);
    }
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void end(kmi_lan *lan, kmi_lan_host *host)
{
    host->fetching = false;
    lan->fetching--;
}

static void fail(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns)
{
    int64_t again_ns = AGAIN;

    for (unsigned i = 0; i < host->failures && again_ns < AGAIN_MAX; i++)
        again_ns *= 2;
    again_ns = again_ns < AGAIN_MAX ? again_ns : AGAIN_MAX;
    host->failures++;
    host->doubt = false;
    host->fetch_ns = now_ns + again_ns + kmi_lan_random(lan, again_ns / 4);
    kmi_lan_next_way(lan, host);
    if (!kmi_lan_is_there(host))
        kmi_lan_host_ends(lan, host, now_ns);
}

void kmi_lan_failed(kmi_lan *lan, kmi_lan_host *host, kmsg_err err, int64_t now_ns)
{
    end(lan, host);
    kmi_log(KMSG_DEBUG, "names: %s at %s does not tell what it has: %s", host->name,
            host->ways[host->way].address, kmsg_strerror(err));
    fail(lan, host, now_ns);
}

/* ---- contents -------------------------------------------------------------------------------- */

static void take_away(kmi_lan *lan, const kmi_lan_host *host, const kmsg_names_Gone *gone)
{
    kmi_entry *entry = kmi_table_find(lan->table, gone->node, gone->number);

    if (entry != NULL && entry->owner == host)
        kmi_table_remove(lan->table, entry);
}

/* False: there is no memory for it. What makes no sense, or is another one's, is left out. */
static bool take_in(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Listing *listing)
{
    kmi_entry *entry = kmi_table_find(lan->table, listing->node, listing->number);
    kmsg_err   err;

    if (entry != NULL && entry->owner != host)
        return true;
    err = kmi_table_add(lan->table, listing, &host->far, host, false, NULL, NULL, &entry);
    if (err == KMSG_OK)
        entry->mark = host->mark;
    else if (err != KMSG_ENOMEM)
        kmi_log(KMSG_WARNING, "names: one that %s has is left out: %s", host->name,
                kmsg_last_error());
    return err != KMSG_ENOMEM;
}

static bool apply(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Contents *contents,
                  int64_t now_ns)
{
    if (contents->since == 0)
        host->mark++;
    for (size_t i = 0; i < contents->gone.count; i++)
        take_away(lan, host, &contents->gone.items[i]);
    for (size_t i = 0; i < contents->listings.count; i++)
        if (!take_in(lan, host, &contents->listings.items[i]))
            return false;
    if (contents->since == 0)
        kmi_table_sweep(lan->table, host, host->mark);
    return kmi_lan_list_set(lan, host, &contents->neighbors, now_ns) == KMSG_OK;
}

/* What has changed since a version that is not the one that is known is of no use. */
static bool follows(const kmi_lan_host *host, const kmsg_names_Contents *contents)
{
    return contents->epoch != 0 && contents->epoch >= host->asked_epoch &&
           (contents->since == 0 ||
            (contents->epoch == host->known_epoch && contents->since == host->known_version));
}

/* It says itself which start of it this is; unless its beacons say meanwhile that there is a later
 * one. */
static void believe(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Contents *contents)
{
    if (contents->epoch > host->epoch ||
        (contents->epoch < host->epoch && (host->doubt || !host->alive))) {
        host->epoch = contents->epoch;
        host->sequence = host->version = 0;
    }
    if (contents->epoch == host->epoch && contents->version > host->version)
        host->version = contents->version;
    if (contents->since == 0 || contents->listings.count + contents->gone.count > 0) {
        host->told_version = contents->version;
        lan->neighbors_changed = true;
    }
    host->known_epoch = contents->epoch;
    host->known_version = contents->version;
    host->hint_epoch = host->hint_version = 0;
    host->failures = 0;
    host->doubt = false;
}

/* It was asked only which start of it is the last one: its next beacon counts. */
static void believe_epoch(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Contents *contents,
                          int64_t now_ns)
{
    host->epoch = contents->epoch;
    host->sequence = 0;
    host->version = 0;
    kmi_lan_host_ends(lan, host, now_ns);
}

void kmi_lan_fetched(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Contents *contents,
                     int64_t now_ns)
{
    bool fits = follows(host, contents), done = false;
    bool goes_on = contents->epoch != host->known_epoch || contents->version != host->known_version;

    if (fits && !kmi_lan_is_there(host)) {
        believe_epoch(lan, host, contents, now_ns);
        return;
    }
    if (fits)
        done = apply(lan, host, contents, now_ns);
    end(lan, host);
    if (done)
        believe(lan, host, contents);
    if (done && (goes_on || !is_new(host)))
        return;
    /* Without what it was to follow, or in part only: from the beginning. */
    if (!done && (fits || contents->since != 0))
        host->known_epoch = host->known_version = 0;
    fail(lan, host, now_ns);
}
