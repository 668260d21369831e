/* lan_list.c -- hosts that do not hear one another, and the one that hears both.
 *
 * A host that was given seeds sends its beacons to them. Who receives such a beacon *is* a seed,
 * for a lease, and the other one its *client*. What a seed has to tell includes whom it knows, and
 * each change of that is a change of its contents. So those that hear it fetch from it, learn of
 * its clients and fetch from these too; and its clients learn of the others.
 *
 * It tells of those that it hears itself, and of the clients of those: so two seeds that hear each
 * other are as one. Each with the version of its names: a seed's own version grows whenever
 * somebody comes, and two that told each other of that would never come to an end.
 *
 * A host is listed as long as one that is there tells of it, and who is there is found by going
 * along from those that are alive: so two that are gone cannot keep each other.
 */
#include "directory/lan_inside.h"

#include "base/alloc.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define GAP SECOND /* between two changes because of neighbors */

/* ---- what others tell ------------------------------------------------------------------------ */

/* "tcp:10.0.0.2:7577", and nothing else that a URL may have. False: it is none. */
static bool split(kmsg_string text, char ret_address[KMI_LAN_ADDRESS_MAX], uint16_t *ret_port)
{
    const char *colon, *address = text.data + 4;
    char       *end;
    long        port;
    size_t      size;

    if (text.size <= 4 || memcmp(text.data, "tcp:", 4) != 0)
        return false;
    colon = strrchr(address, ':');
    size = colon == NULL ? 0 : (size_t)(colon - address);
    if (size == 0 || size >= KMI_LAN_ADDRESS_MAX ||
        strspn(address, "0123456789abcdefABCDEF.:[]") < size)
        return false;
    port = strtol(colon + 1, &end, 10);
    if (port <= 0 || port > UINT16_MAX || *end != '\0')
        return false;
    memcpy(ret_address, address, size);
    ret_address[size] = '\0';
    *ret_port = (uint16_t)port;
    return true;
}

static void take_hint(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Neighbor *n,
                      int64_t now_ns)
{
    if (n->epoch == host->hint_epoch && n->version <= host->hint_version)
        return;
    host->hint_epoch = n->epoch;
    host->hint_version = n->version;
    if (!host->alive)
        kmi_lan_fetch_soon(lan, host, now_ns);
}

/* KMSG_ENOMEM; KMSG_EADDRESS, it cannot be found there; KMSG_EFULL, there is no place for it. */
static kmsg_err note(kmi_lan *lan, const kmsg_names_Neighbor *n, const kmsg_key *key,
                     int64_t now_ns)
{
    char          address[KMI_LAN_ADDRESS_MAX];
    uint16_t      port;
    kmi_lan_host *host;

    if (!split(n->address, address, &port))
        return KMSG_EADDRESS;
    host = kmi_lan_need(lan, key);
    if (host == NULL)
        return lan->count < KMI_LAN_HOSTS_MAX ? KMSG_ENOMEM : KMSG_EFULL;
    if (!host->alive) {
        (void)kmi_lan_note_way(lan, host, &(kmi_lan_from){address, port}, false, false, now_ns);
        host->port = port;
        host->leaving = false;
    }
    take_hint(lan, host, n, now_ns);
    return KMSG_OK;
}

static bool is_of_interest(const kmi_lan *lan, const kmsg_names_Neighbor *n, kmsg_key *ret)
{
    if (n->key.size != sizeof ret->bytes)
        return false;
    memcpy(ret->bytes, n->key.data, sizeof ret->bytes);
    return memcmp(ret->bytes, lan->options.key.bytes, sizeof ret->bytes) != 0 &&
           lan->ops.trusted(lan->ctx, ret) != NULL;
}

void kmi_lan_list_clear(kmi_lan *lan, kmi_lan_host *host)
{
    if (host->list == NULL)
        return;
    kmi_free(host->list);
    host->list = NULL;
    host->list_count = 0;
    lan->lists_changed = true;
}

kmsg_err kmi_lan_list_set(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Neighbor_list *list,
                          int64_t now_ns)
{
    size_t most = list->count < KMI_LAN_HOSTS_MAX ? list->count : KMI_LAN_HOSTS_MAX, count = 0;
    kmi_lan_told *told = most == 0 ? NULL : kmi_alloc(most * sizeof *told);
    kmsg_err      err = most > 0 && told == NULL ? KMSG_ENOMEM : KMSG_OK;

    for (size_t i = 0; i < most && err != KMSG_ENOMEM; i++) {
        const kmsg_names_Neighbor *n = &list->items[i];
        if (!is_of_interest(lan, n, &told[count].key))
            continue;
        err = note(lan, n, &told[count].key, now_ns);
        if (err == KMSG_OK)
            told[count++].client = n->client;
    }
    kmi_lan_list_clear(lan, host);
    host->list = told;
    host->list_count = count;
    lan->lists_changed = true;
    return err == KMSG_ENOMEM ? err : KMSG_OK;
}

/* ---- who is listed --------------------------------------------------------------------------- */

/* All of whom it tells, and all of whom these tell, whose keys are trusted still. `open` has room
 * for all hosts. */
static void follow(kmi_lan *lan, kmi_lan_host **open, size_t count)
{
    while (count > 0) {
        const kmi_lan_host *from = open[--count];
        for (size_t i = 0; i < from->list_count; i++) {
            kmi_lan_host *to = kmi_lan_find(lan, &from->list[i].key);
            if (to == NULL || lan->ops.trusted(lan->ctx, &to->key) == NULL)
                continue;
            to->told_client = to->told_client || (from->alive && from->list[i].client);
            if (to->listed)
                continue;
            to->listed = true;
            if (!to->alive) /* the others are in it from the beginning */
                open[count++] = to;
        }
    }
}

/* Whatever has become of each. */
static void settle(kmi_lan *lan, kmi_lan_host *host, bool was_client, int64_t now_ns)
{
    bool is_there = kmi_lan_is_there(host);

    if (host->told_client != was_client)
        lan->neighbors_changed = true;
    if (host->was_there && !is_there)
        kmi_lan_host_ends(lan, host, now_ns);
    host->was_there = is_there;
}

void kmi_lan_list_settle(kmi_lan *lan, int64_t now_ns)
{
    kmi_lan_host *open[KMI_LAN_HOSTS_MAX];
    bool          was_client[KMI_LAN_HOSTS_MAX];
    size_t        count = 0;

    if (!lan->lists_changed)
        return;
    for (size_t i = 0; i < lan->count; i++) {
        kmi_lan_host *host = lan->hosts[i];
        was_client[i] = host->told_client;
        host->listed = host->told_client = false;
        if (host->alive)
            open[count++] = host;
    }
    follow(lan, open, count);
    for (size_t i = 0; i < lan->count; i++)
        settle(lan, lan->hosts[i], was_client[i], now_ns);
    lan->lists_changed = false;
}

/* ---- what this host tells -------------------------------------------------------------------- */

/* At an address that means something to others, over IPv4 if there is one, as that is what others
 * have, too; NULL: there is none. */
static const char *public_address(const kmi_lan_host *host)
{
    const char *found = NULL;

    for (size_t i = 0; i < host->way_count; i++) {
        const char *address = host->ways[(host->way + i) % host->way_count].address;
        if (!kmi_lan_is_local(address) && (found == NULL || (found[0] == '[' && address[0] != '[')))
            found = address;
    }
    return found;
}

/* Its names are known, so whoever is told of it finds them there. */
static bool is_told(const kmi_lan_host *host)
{
    return host->known_epoch != 0 && ((host->alive && !host->leaving) || host->told_client);
}

kmsg_err kmi_lan_list_own(const kmi_lan *lan, kmsg_arena *mem, kmsg_names_Neighbor_list *ret)
{
    kmsg_names_Neighbor *items = kmsg_alloc_array(mem, kmsg_names_Neighbor, lan->count + 1);
    size_t               count = 0;

    for (size_t i = 0; i < lan->count && items != NULL && lan->is_seed; i++) {
        const kmi_lan_host *host = lan->hosts[i];
        const char         *address = public_address(host);
        if (!is_told(host) || address == NULL)
            continue;
        items[count++] =
            (kmsg_names_Neighbor){.key = {host->key.bytes, sizeof host->key.bytes},
                                  .epoch = host->known_epoch,
                                  .version = host->told_version,
                                  .address = kmsg_printf(mem, "tcp:%s:%u", address, host->port),
                                  .host = kmsg_str(host->name),
                                  .client = host->client_ns != INT64_MIN};
    }
    *ret = (kmsg_names_Neighbor_list){items, count};
    return kmsg_arena_failed(mem) ? kmi_error_plain(KMSG_ENOMEM) : KMSG_OK;
}

static bool has_clients(const kmi_lan *lan)
{
    for (size_t i = 0; i < lan->count; i++)
        if (lan->hosts[i]->client_ns != INT64_MIN)
            return true;
    return false;
}

void kmi_lan_list_due(kmi_lan *lan, int64_t now_ns)
{
    bool was = lan->is_seed;

    if (!lan->neighbors_changed || now_ns < lan->neighbors_ns)
        return;
    lan->is_seed = has_clients(lan);
    lan->neighbors_changed = false;
    if (!was && !lan->is_seed)
        return;
    lan->neighbors_ns = now_ns + GAP;
    kmi_lan_log_put(lan, NULL);
    kmi_lan_announce(lan, now_ns);
}

int64_t kmi_lan_list_next(const kmi_lan *lan)
{
    return lan->neighbors_changed ? lan->neighbors_ns : NEVER;
}
