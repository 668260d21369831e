/* people.h -- the programs of a town: those that publish, and those that watch. What a program is
 * told is held against what was told before; at the end, against what it should be.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "town.h"

#define PEOPLE_MAX   64u
#define WATCHERS_MAX 24u

typedef struct publisher {
    town_host         *host; /* NULL: the place is free */
    kmsg_names_Listing listing;
    kmi_entry         *entry; /* NULL: it is not registered */
    bool               refused;
    bool               stands; /* as it was told */
    char               name[16];
    char               group[8];
} publisher;

typedef struct watcher {
    town_host        *host;
    kmsg_names_Viewer viewer;
    kmsg_names_Scope  scope;
    char              pattern[16];
    kmi_watching     *watching;
    bool              sees[PEOPLE_MAX * 64]; /* [number of the publication] */
} watcher;

extern publisher people[PEOPLE_MAX];
extern watcher   watchers[WATCHERS_MAX];

void people_begin(void);

void people_publish(town_host *host, unsigned name, kmsg_names_Scope scope, bool pool);
void people_unpublish(publisher *p);
void people_watch(town_host *host, const char *pattern, kmsg_names_Scope scope);

/* The host's directory has come, or is about to go: its clients register again, or lose it. */
void people_return(town_host *host);
void people_lose(town_host *host);

/* The host's programs are gone. */
void people_die(town_host *host);

/* After all has become calm: is everything as it should be? It barks. */
void people_check(void);

#endif
