/* lan.h -- one host's directory among those of the others: whom it hears, when it speaks, what it
 * has fetched from whom. A state machine without I/O: what happens goes in with the time, and what
 * is to be done comes out through `ops`, from inside of kmi_lan_tick() and kmi_lan_free() alone.
 *
 * The contents of the other hosts stand in the same table as those of this one (directory/table.h),
 * with where they came from. runtime/DIRECTORY.md has the rules: leases, epochs, versions, what
 * happens after a split, and how many messages all of it takes.
 *
 * Whoever tells it something (heard, fetched, failed, changed) calls kmi_lan_tick() after that, or
 * after some of it. Times are of a clock that never goes back.
 */
#ifndef KMI_LAN_H
#define KMI_LAN_H

#include "directory/beacon.h"
#include "directory/table.h"

#define KMI_LAN_HOSTS_MAX   1024u
#define KMI_LAN_WAYS_MAX    4u  /* addresses of a host that are remembered */
#define KMI_LAN_ADDRESS_MAX 64u /* bytes of one, with its NUL */
#define KMI_LAN_FETCHES_MAX 16u /* at a time */
#define KMI_LAN_LOG_MAX     256u /* changes that are remembered for those who ask what is new */

typedef struct kmi_lan      kmi_lan;
typedef struct kmi_lan_host kmi_lan_host;

/* Where a beacon came from, and where its answer goes: "10.0.0.2", "[fe80::1%3]", and the port. */
typedef struct kmi_lan_from {
    const char *address;
    uint16_t    port; /* UDP */
} kmi_lan_from;

typedef struct kmi_lan_ops {
    /* To all that can hear it, by multicast: on each interface over IPv4 if it has that, and over
     * IPv6 if it has not or kmi_lan_needs_ip6(). Or, where `to` is not NULL, to there alone. */
    void (*speak)(void *ctx, const kmi_beacon *beacon, const kmi_lan_from *to);
    /* To the seeds that this host was given. NULL: it was given none. */
    void (*speak_to_seeds)(void *ctx, const kmi_beacon *beacon);
    /* Ask that host for its contents since what is known: kmi_lan_fetched() or kmi_lan_failed()
     * follows, once, later. */
    void (*fetch)(void *ctx, kmi_lan_host *host, const char *url, const kmsg_key *key,
                  uint64_t epoch, uint64_t version);
    /* It is not needed any more: if it is being fetched from, that ends, and nothing follows. */
    void (*forget)(void *ctx, kmi_lan_host *host);
    /* What a trusted key is called; NULL: it is not trusted. */
    const char *(*trusted)(void *ctx, const kmsg_key *key);
    uint32_t (*random)(void *ctx);
} kmi_lan_ops;

typedef struct kmi_lan_options {
    kmsg_key key;   /* this host's */
    uint64_t epoch; /* greater than that of any start before */
    uint16_t port;  /* TCP, where Neighborhood is served */
    bool     fast;
    uint32_t settle_ms; /* nothing is said for so long: who takes over from another process waits
                         * for its clients to come back */
} kmi_lan_options;

kmi_lan *kmi_lan_new(kmi_table *table, const kmi_lan_options *options, const kmi_lan_ops *ops,
                     void *ctx, int64_t now_ns); /* NULL: no memory */
void     kmi_lan_free(kmi_lan *lan); /* says goodbye with a last beacon; its entries leave the
                                      * table. NULL is fine */

/* One that is believed: its signature was good, its key is trusted. False: it was seen before, is
 * older than what is known, of this host, or there are KMI_LAN_HOSTS_MAX others. */
bool kmi_lan_heard(kmi_lan *lan, const kmi_beacon *beacon, const kmi_lan_from *from, bool multicast,
                   int64_t now_ns);
void kmi_lan_fetched(kmi_lan *lan, kmi_lan_host *host, const kmsg_names_Contents *contents,
                     int64_t now_ns);
void kmi_lan_failed(kmi_lan *lan, kmi_lan_host *host, kmsg_err err, int64_t now_ns);

/* What this host has for others has changed: an entry of its own, with the scope LAN, has come, or
 * (`here` false) is about to go. The caller says so for each, whether it stands or not; of one that
 * is replaced by one with another scope: that it goes. */
void kmi_lan_changed(kmi_lan *lan, const kmi_entry *entry, bool here, int64_t now_ns);

/* For Neighborhood.contents(): what has changed since, in `mem`. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_lan_contents(const kmi_lan *lan, uint64_t epoch, uint64_t version,
                                     kmsg_arena *mem, kmsg_names_Contents *ret);

/* Does what is due; returns when it is to be called again. */
int64_t kmi_lan_tick(kmi_lan *lan, int64_t now_ns);

/* Beacons are to go over IPv6 as well as IPv4: they ask, or somebody is heard over IPv6 alone. */
bool kmi_lan_needs_ip6(const kmi_lan *lan);

/* The hosts that are there now: for Survey. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_lan_neighbors(const kmi_lan *lan, kmsg_arena *mem,
                                      kmsg_names_Neighbor_list *ret);
void *kmi_lan_host_ctx(const kmi_lan_host *host);
void  kmi_lan_host_set_ctx(kmi_lan_host *host, void *ctx); /* the caller's own, NULL at first and
                                                            * after ops->forget() */

#endif
