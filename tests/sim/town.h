/* town.h -- hosts with directories, on the world's clock, in a network that loses, doubles and
 * delays. The real table and the real state machine of the LAN run on each; what lies between them,
 * sockets and calls, is played here.
 *
 * A host has one directory at a time, which may be killed, or end, and be started again. Its
 * programs are in people.h.
 */
#ifndef TOWN_H
#define TOWN_H

#include "directory/lan.h"

#define TOWN_HOSTS 128u
#define TOWN_WAYS  3u

typedef struct town_host {
    unsigned  number;
    unsigned  segment; /* multicast reaches those of the same */
    unsigned  side;    /* nothing reaches those of another */
    bool      power;
    kmsg_key  key;
    int64_t   ahead_ns; /* of its clock */
    uint64_t  epoch;    /* the last */
    char      ways[TOWN_WAYS][KMI_LAN_ADDRESS_MAX];
    unsigned  way_count;
    int       seed; /* its number; -1: it has none */
    bool      fast;
    kmi_table *table; /* NULL: there is no directory */
    kmi_lan   *lan;
    bool       mute; /* it is killed: nothing leaves it any more */
    uint64_t   start; /* counts directories */
    unsigned   fetching;
    unsigned   last_ticks; /* at the same time */
    int64_t    tick_ns;
    int64_t    due_ns;
} town_host;

/* What the network has carried, since somebody set it to zero. */
typedef struct town_count {
    uint64_t packets; /* that were sent by multicast, each interface and family for itself */
    uint64_t multicasts;
    uint64_t unicasts;
    uint64_t fetches;
    uint64_t listings; /* that were fetched */
} town_count;

/* Chances are per mille. */
typedef struct town_rules {
    int64_t  latency_ns;
    int64_t  jitter_ns;
    uint32_t lose;  /* that a datagram is lost */
    uint32_t again; /* that it comes twice */
    uint32_t fail;  /* that a fetch fails */
    uint32_t wrong; /* that a fetch leaves something out: no link does that, so that those who check
                     * can be seen to bark */
} town_rules;

extern town_host  town_hosts[TOWN_HOSTS];
extern unsigned   town_size;
extern town_count town_counted;
extern town_rules town_law;

void        town_begin(unsigned size);
void        town_end(void);
const char *town_finding(void); /* NULL: nothing was wrong */
void        town_bark(const char *what);

/* With power, and without. A directory that is there is killed. */
void town_power(town_host *host, bool on);

/* There is none, and there is power. `settle_ms`: it takes over. */
void town_start(town_host *host, uint32_t settle_ms);
void town_stop(town_host *host, bool kill); /* there is one */

/* Something was told to its lan. */
void town_tick(town_host *host);

/* The time as this host has it. */
int64_t town_clock(const town_host *host);

/* Can something come from one to the other? */
bool town_reaches(const town_host *from, const town_host *to);

#endif
