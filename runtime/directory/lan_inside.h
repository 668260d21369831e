/* lan_inside.h -- what the files of the LAN's state machine share. Private to directory/.
 *
 *   lan.c        what is heard, whose time is over, the tick
 *   lan_host.c   hosts: finding, forgetting, at which of their addresses they are
 *   lan_fetch.c  fetching from them, and what came of it
 *   lan_list.c   seeds: who is there because another host tells of it
 *   lan_speak.c  when this host speaks
 *   lan_log.c    what this host tells of itself
 *
 * A host is *alive* while its beacons come, *listed* while a host that is there tells of it, and
 * *there* while it is one of both. A host that is not there any more is remembered, so that beacons
 * that were seen do not count again, until its place is needed.
 */
#ifndef KMI_LAN_INSIDE_H
#define KMI_LAN_INSIDE_H

#include "directory/lan.h"

#define NEVER  INT64_MAX
#define MS     ((int64_t)1000000) /* ns */
#define SECOND (1000 * MS)

#define KMI_LAN_ASKS 2u /* first beacons, that ask */

typedef struct kmi_lan_way {
    char     address[KMI_LAN_ADDRESS_MAX];
    uint16_t port;         /* UDP */
    int64_t  heard_ns;     /* by whatever means */
    int64_t  multicast_ns; /* by multicast; NEVER: it never was */
} kmi_lan_way;

typedef struct kmi_lan_told {
    kmsg_key key;
    bool     client; /* of the teller */
} kmi_lan_told;

struct kmi_lan_host {
    kmsg_key key;
    char    *name; /* as the list of the trusted has it */
    void    *ctx;

    /* What its beacons say. */
    uint64_t epoch;
    uint64_t sequence;
    uint64_t version;
    uint16_t port; /* TCP */
    bool     fast;
    bool     leaving; /* it has said goodbye */

    bool    alive;
    bool    listed;
    bool    was_there;   /* when lists were settled last */
    bool    told_client; /* one that is alive says that it is its client */
    int64_t heard_ns;    /* its last beacon */
    int64_t lease_ns;    /* alive until */
    int64_t probe_ns;    /* when it is asked whether it is there, before that */
    int64_t answer_ns;   /* when it is answered; NEVER: it has not asked */
    bool    alone;       /* to it alone: what all hear it may not hear */
    int64_t client_ns;   /* until then it is told of as one that has this host as a seed */
    int64_t gone_ns;     /* since when it is not there */

    kmi_lan_way ways[KMI_LAN_WAYS_MAX];
    size_t      way_count;
    size_t      way;        /* where it is fetched from */
    size_t      heard_from; /* its last beacon */

    /* What is known of its contents. */
    uint64_t known_epoch;
    uint64_t known_version;
    uint64_t told_version; /* the last at which its names were others, not its neighbors alone */
    uint64_t hint_epoch;   /* what those who list it say */
    uint64_t hint_version;
    bool     fetching;
    uint64_t asked_epoch; /* what its contents have to have at least */
    int64_t  fetch_ns;    /* not before */
    unsigned failures;    /* in a row */
    bool     doubt;       /* a beacon was older than what is known: it is asked itself */
    int64_t  doubt_ns;    /* not before */
    uint64_t mark;
    kmi_far  far;

    kmi_lan_told *list; /* whom it tells of */
    size_t        list_count;
};

typedef struct kmi_lan_change {
    uint64_t node;
    uint64_t number;
    bool     of_entry; /* false: of the neighbors */
} kmi_lan_change;

struct kmi_lan {
    kmi_table      *table;
    kmi_lan_options options;
    kmi_lan_ops     ops;
    void           *ctx;

    kmi_lan_host **hosts; /* by key */
    size_t         count;
    size_t         capacity;
    size_t         fetching;
    bool           lists_changed; /* who is listed has to be found out again */

    uint64_t       version;
    uint64_t       log_from;             /* the version before the log's oldest change */
    kmi_lan_change log[KMI_LAN_LOG_MAX]; /* [version % KMI_LAN_LOG_MAX] */

    uint64_t sequence;
    bool     asking;    /* the beacon that is being sent asks */
    unsigned asks_left; /* of KMI_LAN_ASKS */
    unsigned repeats_left;
    int64_t  regular_ns;  /* the next beacon, if nothing happens */
    int64_t  announce_ns; /* the next because of a change; NEVER: nothing has changed */
    int64_t  repeat_ns;
    int64_t  announced_ns;
    int64_t  gap_ns; /* between two announcements */

    bool    is_seed;
    bool    neighbors_changed;
    int64_t neighbors_ns; /* not told of before */
};

int64_t kmi_lan_random(kmi_lan *lan, int64_t below_ns); /* 0 where that is 0 */

/* ---- lan_host.c ---- */

kmi_lan_host *kmi_lan_find(const kmi_lan *lan, const kmsg_key *key); /* or NULL */
kmi_lan_host *kmi_lan_need(kmi_lan *lan, const kmsg_key *key);       /* NULL: no memory, no place */
bool          kmi_lan_is_there(const kmi_lan_host *host);
size_t        kmi_lan_there(const kmi_lan *lan); /* how many */
int64_t       kmi_lan_lease(bool fast);

/* A beacon came from there, or somebody says that it is there (`heard` false). Returns which. */
size_t kmi_lan_note_way(kmi_lan *lan, kmi_lan_host *host, const kmi_lan_from *from, bool heard,
                        bool multicast, int64_t now_ns);
void   kmi_lan_next_way(kmi_lan *lan, kmi_lan_host *host);
bool   kmi_lan_is_local(const char *address); /* of one link: means nothing elsewhere */

/* It is neither alive nor listed: what came from it leaves the table. */
void kmi_lan_host_ends(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns);
void kmi_lan_host_free(kmi_lan_host *host);

/* ---- lan_fetch.c ---- */

/* Something of it is new: it is fetched from soon. */
void kmi_lan_fetch_soon(kmi_lan *lan, kmi_lan_host *host, int64_t now_ns);
void kmi_lan_fetch_due(kmi_lan *lan, int64_t now_ns);
/* When the next fetch is due; NEVER: none, or none can begin before another one ends. */
int64_t kmi_lan_fetch_next(const kmi_lan *lan);

/* ---- lan_list.c ---- */

/* Whom it tells of now. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_lan_list_set(kmi_lan *lan, kmi_lan_host *host,
                                     const kmsg_names_Neighbor_list *list, int64_t now_ns);
void                kmi_lan_list_clear(kmi_lan *lan, kmi_lan_host *host);

/* Finds out who is listed; who is not there any more ends. */
void kmi_lan_list_settle(kmi_lan *lan, int64_t now_ns);

/* As what a seed tells of: only what it hears itself, and what others can reach. */
KMSG_CHECK kmsg_err kmi_lan_list_own(const kmi_lan *lan, kmsg_arena *mem,
                                     kmsg_names_Neighbor_list *ret);

/* This host is a seed, or has been: its neighbors are contents, too. */
void    kmi_lan_list_due(kmi_lan *lan, int64_t now_ns);
int64_t kmi_lan_list_next(const kmi_lan *lan);

/* ---- lan_speak.c ---- */

void    kmi_lan_speak_init(kmi_lan *lan, int64_t now_ns);
void    kmi_lan_announce(kmi_lan *lan, int64_t now_ns); /* the version has changed */
void    kmi_lan_speak_due(kmi_lan *lan, int64_t now_ns);
int64_t kmi_lan_speak_next(const kmi_lan *lan);
void    kmi_lan_goodbye(kmi_lan *lan);
/* To one host alone. */
void kmi_lan_speak_to(kmi_lan *lan, const kmi_lan_host *host, bool asks);

/* ---- lan_log.c ---- */

void kmi_lan_log_put(kmi_lan *lan, const kmi_entry *entry); /* NULL: the neighbors */

#endif
