/* people.c -- programs that publish and watch, and what they have been told.
 *
 * people_check() is the other half: it goes by the rules of DIRECTORY.md from what programs publish
 * now, knowing nothing of how directories come to know it.
 */
#include "people.h"

#include "world.h"

#include <stdio.h>
#include <string.h>

#define NUMBERS (sizeof watchers[0].sees / sizeof watchers[0].sees[0])

publisher people[PEOPLE_MAX];
watcher   watchers[WATCHERS_MAX];

static uint64_t last_number;

void people_begin(void)
{
    memset(people, 0, sizeof people);
    memset(watchers, 0, sizeof watchers);
    last_number = 0;
}

/* ---- publishers ------------------------------------------------------------------------------ */

static void told(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by)
{
    publisher *p = ctx;

    world_note(stands ? "stands" : "falls", p->listing.number, by == NULL ? 0 : by->listing.number);
    if (p->entry == NULL) /* its directory is ending */
        return;
    if (p->entry != entry || p->stands == stands)
        town_bark("a publisher is told what it knows");
    if (!stands &&
        (by == NULL || by == entry || !kmsg_string_equal(by->listing.name, entry->listing.name)))
        town_bark("a loser is not told who has won");
    p->stands = stands;
}

static void tell_lan(publisher *p, bool here)
{
    if (p->listing.scope != kmsg_names_Scope_LAN)
        return;
    kmi_lan_changed(p->host->lan, p->entry, here, world_now());
    if (here)
        town_tick(p->host);
}

static void enter(publisher *p, bool fresh)
{
    kmi_entry *entry = NULL;
    kmsg_err   err = kmi_table_add(p->host->table, &p->listing, NULL, p, fresh, told, p, &entry);

    if (err == KMSG_EEXIST && fresh) {
        world_note("refused", p->listing.number, entry->listing.number);
        p->refused = true;
        return;
    }
    if (err != KMSG_OK)
        town_bark("a directory does not take a name");
    p->entry = entry;
    p->stands = entry->stands;
    tell_lan(p, true);
}

void people_publish(town_host *host, unsigned name, kmsg_names_Scope scope, bool pool)
{
    unsigned   at = 0;
    publisher *p;

    while (at < PEOPLE_MAX && people[at].host != NULL)
        at++;
    if (at == PEOPLE_MAX || last_number + 1 >= NUMBERS || host->table == NULL)
        return;
    p = &people[at];
    *p = (publisher){.host = host, .listing = kmsg_names_Listing_initial};
    snprintf(p->name, sizeof p->name, "name/%u", name);
    snprintf(p->group, sizeof p->group, "%u", world_below(2));
    p->listing.name = kmsg_str(p->name);
    p->listing.group = kmsg_str(p->group);
    p->listing.node = world_random();
    p->listing.number = ++last_number;
    p->listing.since = town_clock(host) / WORLD_S * WORLD_S; /* so that some are equal */
    p->listing.scope = scope;
    p->listing.pool = pool;
    p->listing.process = 1 + world_below(3) + 10 * host->number;
    world_note("publish", host->number, last_number);
    enter(p, true);
    if (p->refused)
        p->host = NULL;
}

void people_unpublish(publisher *p)
{
    town_host *host = p->host;

    world_note("unpublish", host->number, p->listing.number);
    if (p->entry != NULL) {
        tell_lan(p, false);
        kmi_table_remove(host->table, p->entry);
        if (p->listing.scope == kmsg_names_Scope_LAN)
            town_tick(host);
    }
    *p = (publisher){.host = NULL};
}

/* ---- watchers -------------------------------------------------------------------------------- */

static void changed(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    watcher *w = ctx;
    bool    *sees = &w->sees[entry->listing.number];

    if (distance > w->scope || distance > entry->listing.scope)
        town_bark("somebody is shown what he may not see");
    if (!here && !*sees)
        town_bark("something is gone that was not there");
    if (here && *sees && entry->far == NULL)
        town_bark("something is there twice");
    *sees = here;
}

static void look(watcher *w)
{
    memset(w->sees, 0, sizeof w->sees);
    if (kmi_table_watch(w->host->table, &w->viewer, kmsg_str(w->pattern), w->scope, changed, w,
                        &w->watching) != KMSG_OK)
        town_bark("a directory lets nobody look");
}

void people_watch(town_host *host, const char *pattern, kmsg_names_Scope scope)
{
    unsigned at = 0;
    watcher *w;

    while (at < WATCHERS_MAX && watchers[at].host != NULL)
        at++;
    if (at == WATCHERS_MAX || host->table == NULL)
        return;
    w = &watchers[at];
    *w = (watcher){.host = host, .scope = scope, .viewer = kmsg_names_Viewer_initial};
    w->viewer.process = 1 + world_below(3) + 10 * host->number;
    w->viewer.group = kmsg_str(world_below(2) == 0 ? "0" : "1");
    snprintf(w->pattern, sizeof w->pattern, "%s", pattern);
    look(w);
}

/* ---- hosts ----------------------------------------------------------------------------------- */

void people_return(town_host *host)
{
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        if (people[i].host == host)
            enter(&people[i], false);
    for (unsigned i = 0; i < WATCHERS_MAX; i++)
        if (watchers[i].host == host)
            look(&watchers[i]);
}

void people_lose(town_host *host)
{
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        if (people[i].host == host)
            people[i].entry = NULL;
    for (unsigned i = 0; i < WATCHERS_MAX; i++)
        if (watchers[i].host == host) {
            kmi_table_unwatch(host->table, watchers[i].watching);
            watchers[i].watching = NULL;
        }
}

void people_die(town_host *host)
{
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        if (people[i].host == host)
            people[i] = (publisher){.host = NULL};
    for (unsigned i = 0; i < WATCHERS_MAX; i++)
        if (watchers[i].host == host)
            watchers[i] = (watcher){.host = NULL};
}

/* ---- how it should be ------------------------------------------------------------------------ */

static bool same_region(const publisher *a, const publisher *b)
{
    switch (a->listing.scope) {
    case kmsg_names_Scope_LAN: return true;
    case kmsg_names_Scope_HOST: return a->host == b->host;
    case kmsg_names_Scope_GROUP: return a->host == b->host && strcmp(a->group, b->group) == 0;
    default: return a->host == b->host && a->listing.process == b->listing.process;
    }
}

static bool earlier(const kmsg_names_Listing *a, const kmsg_names_Listing *b)
{
    if (a->since != b->since)
        return a->since < b->since;
    return a->node != b->node ? a->node < b->node : a->number < b->number;
}

static bool should_stand(const publisher *p)
{
    const publisher *first = p;

    for (unsigned i = 0; i < PEOPLE_MAX; i++) {
        const publisher *other = &people[i];
        if (other->host != NULL && other->listing.scope == p->listing.scope &&
            strcmp(other->name, p->name) == 0 && same_region(p, other) &&
            earlier(&other->listing, &first->listing))
            first = other;
    }
    return first == p || (first->listing.pool && p->listing.pool);
}

static bool should_see(const watcher *w, const publisher *p)
{
    kmsg_names_Scope distance = kmsg_names_Scope_HOST;

    if (w->host != p->host)
        distance = kmsg_names_Scope_LAN;
    else if (w->viewer.process == p->listing.process)
        distance = kmsg_names_Scope_PROCESS;
    else if (kmsg_string_equal(w->viewer.group, p->listing.group))
        distance = kmsg_names_Scope_GROUP;
    return should_stand(p) && distance <= p->listing.scope && distance <= w->scope &&
           (strcmp(w->pattern, "**") == 0 || strcmp(w->pattern, p->name) == 0);
}

static bool note_one(void *ctx, kmi_entry *entry)
{
    (void)ctx;
    world_note("it knows", entry->listing.number, entry->listing.node);
    return true;
}

static void check_host(const town_host *host)
{
    size_t count = 0;

    for (unsigned i = 0; i < PEOPLE_MAX; i++) {
        const publisher *p = &people[i];
        const kmi_entry *entry;
        if (p->host == NULL || (p->host != host && p->listing.scope != kmsg_names_Scope_LAN))
            continue;
        count++;
        entry = kmi_table_find(host->table, p->listing.node, p->listing.number);
        if (entry == NULL)
            town_bark("a directory does not know what is published");
        else if (!kmsg_names_Listing_equal(&entry->listing, &p->listing))
            town_bark("a directory knows something else than what is published");
        else if (entry->stands != should_stand(p))
            town_bark("directories do not agree who stands");
        else if ((entry->far != NULL) != (p->host != host))
            town_bark("a directory does not know where a name comes from");
    }
    if (kmi_table_count(host->table) != count) {
        world_note("knows too much", host->number, kmi_table_count(host->table) - count);
        kmi_table_each(host->table, note_one, NULL);
        town_bark("a directory knows what nobody publishes");
    }
}

static void check_watcher(const watcher *w)
{
    bool   expected[NUMBERS] = {false};
    size_t wrong = 0;

    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        if (people[i].host != NULL)
            expected[people[i].listing.number] = should_see(w, &people[i]);
    for (size_t i = 0; i < NUMBERS; i++)
        wrong += expected[i] != w->sees[i];
    if (wrong > 0)
        town_bark("who watches does not see what is there");
}

void people_check(void)
{
    for (unsigned i = 0; i < town_size; i++)
        check_host(&town_hosts[i]);
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        if (people[i].host != NULL && people[i].stands != should_stand(&people[i]))
            town_bark("a publisher does not know whether it stands");
    for (unsigned i = 0; i < WATCHERS_MAX; i++)
        if (watchers[i].host != NULL)
            check_watcher(&watchers[i]);
}
