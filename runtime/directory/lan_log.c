/* lan_log.c -- what this host tells of itself: all entries of its own with the scope LAN, or only
 * those that have changed since a version that is not too long ago.
 *
 * The log has names of entries only; what they are now is in the table. So an entry that has
 * changed ten times is told once.
 */
#include "directory/lan_inside.h"

#include "base/err.h"

typedef struct listing_to {
    kmsg_names_Listing *items;
    size_t              count;
} listing_to;

static bool is_own(const kmi_entry *entry)
{
    return entry->far == NULL && entry->listing.scope == kmsg_names_Scope_LAN;
}

void kmi_lan_log_put(kmi_lan *lan, const kmi_entry *entry)
{
    kmi_lan_change *change = &lan->log[++lan->version % KMI_LAN_LOG_MAX];

    *change = (kmi_lan_change){.of_entry = entry != NULL};
    if (entry != NULL) {
        change->node = entry->listing.node;
        change->number = entry->listing.number;
    }
}

void kmi_lan_changed(kmi_lan *lan, const kmi_entry *entry, bool here, int64_t now_ns)
{
    (void)here;
    kmi_lan_log_put(lan, entry);
    kmi_lan_announce(lan, now_ns);
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool count_one(void *ctx, kmi_entry *entry)
{
    listing_to *to = ctx;

    to->count += is_own(entry);
    return true;
}

static bool put_one(void *ctx, kmi_entry *entry)
{
    listing_to *to = ctx;

    if (is_own(entry))
        to->items[to->count++] = entry->listing;
    return true;
}

static void put_all(const kmi_lan *lan, kmsg_arena *mem, kmsg_names_Contents *ret)
{
    listing_to to = {NULL, 0};

    kmi_table_each(lan->table, count_one, &to);
    to.items = kmsg_alloc_array(mem, kmsg_names_Listing, to.count + 1);
    if (to.items == NULL)
        return;
    to.count = 0;
    kmi_table_each(lan->table, put_one, &to);
    ret->listings = (kmsg_names_Listing_list){to.items, to.count};
}

/* ---- what has changed ------------------------------------------------------------------------ */

static bool is_told_later(const kmi_lan *lan, uint64_t version)
{
    const kmi_lan_change *change = &lan->log[version % KMI_LAN_LOG_MAX];

    while (++version <= lan->version) {
        const kmi_lan_change *later = &lan->log[version % KMI_LAN_LOG_MAX];
        if (later->of_entry && later->node == change->node && later->number == change->number)
            return true;
    }
    return false;
}

static void put_changes(const kmi_lan *lan, uint64_t since, kmsg_arena *mem,
                        kmsg_names_Contents *ret)
{
    size_t              most = (size_t)(lan->version - since) + 1, count = 0, gone_count = 0;
    kmsg_names_Listing *items = kmsg_alloc_array(mem, kmsg_names_Listing, most);
    kmsg_names_Gone    *gone = kmsg_alloc_array(mem, kmsg_names_Gone, most);

    if (items == NULL || gone == NULL)
        return;
    for (uint64_t version = since + 1; version <= lan->version; version++) {
        const kmi_lan_change *change = &lan->log[version % KMI_LAN_LOG_MAX];
        const kmi_entry      *entry;
        if (!change->of_entry || is_told_later(lan, version))
            continue;
        entry = kmi_table_find(lan->table, change->node, change->number);
        if (entry != NULL && is_own(entry))
            items[count++] = entry->listing;
        else
            gone[gone_count++] = (kmsg_names_Gone){change->node, change->number};
    }
    ret->since = since;
    ret->listings = (kmsg_names_Listing_list){items, count};
    ret->gone = (kmsg_names_Gone_list){gone, gone_count};
}

kmsg_err kmi_lan_contents(const kmi_lan *lan, uint64_t epoch, uint64_t version, kmsg_arena *mem,
                          kmsg_names_Contents *ret)
{
    kmsg_names_Contents made = kmsg_names_Contents_initial;
    kmsg_err            err;

    made.epoch = lan->options.epoch;
    made.version = lan->version;
    if (epoch == lan->options.epoch && version >= lan->log_from && version > 0 &&
        version <= lan->version && lan->version - version <= KMI_LAN_LOG_MAX)
        put_changes(lan, version, mem, &made);
    else
        put_all(lan, mem, &made);
    err = kmi_lan_list_own(lan, mem, &made.neighbors);
    if (err == KMSG_OK)
        *ret = made;
    return err;
}
