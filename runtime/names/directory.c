/* directory.c -- a directory's node: what others have told it, in a table (directory/table.h), and
 * whom it tells.
 *
 * An *offer* is a call to publish(), a *watcher* one to watch(): both last until they are
 * cancelled, or their connection is lost, and what they stand for goes with them. What a watcher is
 * to be told waits in its backlog when its stream is full, as numbers of listings: so one that does
 * not read costs little, and nobody else.
 *
 * Hosts' directories are asked by processes of their own user alone. What others may know of it,
 * they get from Neighborhood (lan_io.c).
 */
#include "names/directory.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "names/lan_io.h"
#include "names/names.h"

#include <string.h>

#define BACKLOG_MAX (4u * KMI_ENTRIES_MAX)

typedef struct kmi_directory kmi_directory;
typedef struct offer         offer;
typedef struct watcher       watcher;

struct kmi_directory {
    kmi_part                      part;
    kmsg_node                    *node;
    kmi_table                    *table;
    kmi_lan_io                   *lan; /* NULL: nobody has wanted it */
    const kmsg_directory_options *options;
    offer                        *offers;
    watcher                      *watchers;
    bool                          given_up; /* some of these were */
    kmsg_timestamp                since;
};

struct offer {
    offer         *next;
    offer         *prev;
    kmi_directory *dir;
    kmsg_call     *call;
    kmi_entry     *entry;
};

/* What a watcher is still to be told. */
typedef struct change {
    kmsg_names_ChangeKind kind;
    kmsg_names_Scope      distance;
    uint64_t              node;
    uint64_t              number;
} change;

struct watcher {
    watcher          *next;
    watcher          *prev;
    kmi_directory    *dir;
    kmsg_call        *call;
    kmi_watching     *watching;
    kmsg_arena       *mem; /* of the viewer and the pattern */
    kmsg_names_Viewer viewer;
    kmsg_string       pattern;
    kmsg_names_Scope  scope;
    change           *backlog; /* from `first` to `count` */
    size_t            first;
    size_t            count;
    size_t            capacity;
    bool              waits; /* for room */
};

static const char directory_kind;

/* ---- who may ask --------------------------------------------------------------------------- */

static bool is_local(const kmsg_call *call)
{
    kmsg_identity_kind kind = call->who->identity.kind;

    return call->who->known && (kind == KMSG_IDENTITY_PROCESS || kind == KMSG_IDENTITY_USER);
}

static kmsg_err turn_away(kmsg_call *call)
{
    return kmsg_fail(call, KMSG_EPERM, "a host's directory is for processes of its own user");
}

/* ---- the LAN ------------------------------------------------------------------------------- */

static kmsg_err need_lan(kmi_directory *dir)
{
    kmsg_err err = KMSG_OK;

    if (dir->lan != NULL)
        return KMSG_OK;
    if (dir->options == NULL)
        return kmi_error(KMSG_EINVAL, "the directory of a process knows of no LAN");
    dir->lan = kmi_lan_io_new(dir->node, dir->table, dir->options, &err);
    return err;
}

static bool is_of_lan(const kmi_entry *entry)
{
    return entry->listing.scope == kmsg_names_Scope_LAN && entry->far == NULL;
}

static void tell_lan(kmi_directory *dir, const kmi_entry *entry, bool here)
{
    if (dir->lan != NULL && is_of_lan(entry))
        kmi_lan_io_changed(dir->lan, entry, here);
}

/* ---- watchers that go ---------------------------------------------------------------------- */

static void free_watcher(watcher *w)
{
    kmi_table_unwatch(w->dir->table, w->watching);
    if (w->prev != NULL)
        w->prev->next = w->next;
    else
        w->dir->watchers = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    kmsg_arena_free(w->mem);
    kmi_free(w->backlog);
    kmi_free(w);
}

/* It registers again, and is told all anew. The table is in the middle of telling, so it goes when
 * somebody comes the next time. */
static void give_up(watcher *w, kmsg_err err)
{
    kmsg_call *call = w->call;

    kmsg_call_on_over(call, NULL, NULL);
    kmsg_call_on_room(call, NULL, NULL);
    w->call = NULL;
    w->dir->given_up = true;
    kmi_free(w->backlog);
    w->backlog = NULL;
    w->first = w->count = w->capacity = 0;
    kmsg_fail(call, err, "%s", err == KMSG_EOVERLOADED ? "it does not read what it is told" : "");
}

static void free_given_up(kmi_directory *dir)
{
    watcher *next;

    for (watcher *w = dir->given_up ? dir->watchers : NULL; w != NULL; w = next) {
        next = w->next;
        if (w->call == NULL)
            free_watcher(w);
    }
    dir->given_up = false;
}

/* ---- offers -------------------------------------------------------------------------------- */

static void free_offer(offer *o)
{
    if (o->prev != NULL)
        o->prev->next = o->next;
    else
        o->dir->offers = o->next;
    if (o->next != NULL)
        o->next->prev = o->prev;
    kmi_free(o);
}

static void take_away(offer *o)
{
    tell_lan(o->dir, o->entry, false);
    kmi_table_remove(o->dir->table, o->entry);
    free_offer(o);
}

static void withdraw(void *ctx, kmsg_call *call)
{
    take_away(ctx);
    kmsg_names_Directory_publish_reply(call);
}

static const char *host_of(const kmi_entry *entry)
{
    return entry->far == NULL ? "" : entry->far->host;
}

/* Its publisher has lost the connection, and come back before that was noticed here. */
static void replace(kmi_directory *dir, const kmsg_names_Listing *listing)
{
    const kmi_entry *entry = kmi_table_find(dir->table, listing->node, listing->number);
    offer           *o = entry == NULL || entry->far != NULL ? NULL : entry->owner;
    kmsg_call       *call = o == NULL ? NULL : o->call;

    if (call == NULL)
        return;
    kmsg_call_on_over(call, NULL, NULL);
    take_away(o);
    kmsg_fail(call, KMSG_EEXIST, "its node has published it anew");
}

static void on_offer_room(void *ctx, kmsg_call *call);

/* What has become of it by now; as soon as there is room for that. */
static void tell(offer *o)
{
    const kmi_entry   *by = kmi_table_winner(o->dir->table, o->entry);
    kmsg_names_Verdict verdict = {.stands = o->entry->stands};
    kmsg_err           err;

    if (by != NULL) {
        verdict.by = &by->listing;
        verdict.host = kmsg_str(host_of(by));
    }
    err = kmsg_names_Directory_publish_try_send(o->call, &verdict);
    if (err == KMSG_EFULL)
        kmsg_call_on_room(o->call, o, on_offer_room);
    else if (err != KMSG_OK)
        kmi_log(KMSG_WARNING, "names: %s: its publisher cannot be told what became of it: %s",
                o->entry->listing.name.data, kmsg_strerror(err));
}

static void on_offer_room(void *ctx, kmsg_call *call)
{
    (void)call;
    tell(ctx);
}

static void on_stands(void *ctx, kmi_entry *entry, bool stands, const kmi_entry *by)
{
    (void)entry;
    (void)stands;
    (void)by;
    tell(ctx);
}

static offer *new_offer(kmi_directory *dir, kmsg_call *call)
{
    offer *o = kmi_alloc_zeroed(sizeof *o);

    if (o == NULL)
        return NULL;
    o->dir = dir;
    o->call = call;
    o->next = dir->offers;
    if (o->next != NULL)
        o->next->prev = o;
    dir->offers = o;
    return o;
}

static kmsg_err throw_taken(kmsg_call *call, const kmi_entry *by)
{
    const kmsg_names_Taken error = {.by = by->listing, .host = kmsg_str(host_of(by))};

    return kmsg_names_Taken_throw(call, &error);
}

static kmsg_err add(offer *o, const kmsg_names_Listing *listing, bool again)
{
    kmi_entry *entry = NULL;
    kmsg_err   err = kmi_table_add(o->dir->table, listing, NULL, o, !again, on_stands, o, &entry);

    if (err == KMSG_EEXIST && entry != NULL)
        return throw_taken(o->call, entry);
    if (err != KMSG_OK)
        return kmsg_fail(o->call, err, "%s", kmsg_last_error());
    o->entry = entry;
    tell(o);
    tell_lan(o->dir, entry, true);
    kmsg_call_on_over(o->call, o, withdraw);
    return KMSG_LATER;
}

static kmsg_err publish(void *ctx, kmsg_call *call, const kmsg_names_Listing *listing, bool again)
{
    kmi_directory *dir = ctx;
    offer         *o;
    kmsg_err       err = KMSG_OK;

    if (!is_local(call))
        return turn_away(call);
    if (listing->node != call->conn->instance)
        return kmsg_fail(call, KMSG_EINVAL, "a node publishes in its own name");
    free_given_up(dir);
    replace(dir, listing);
    if (listing->scope == kmsg_names_Scope_LAN)
        err = need_lan(dir);
    if (err != KMSG_OK)
        return kmsg_fail(call, err, "%s", kmsg_last_error());
    o = new_offer(dir, call);
    if (o == NULL)
        return KMSG_ENOMEM;
    err = add(o, listing, again);
    if (err != KMSG_LATER)
        free_offer(o);
    return err;
}

/* ---- watchers ------------------------------------------------------------------------------ */

static void pump(watcher *w);

static void on_room(void *ctx, kmsg_call *call)
{
    watcher *w = ctx;

    (void)call;
    w->waits = false;
    pump(w);
}

/* False: it is of something that has gone meanwhile; that is told next. */
static bool fill_in(const watcher *w, const change *c, kmsg_names_Listing *gone,
                    kmsg_names_Change *ret)
{
    const kmi_entry *entry;

    *ret = (kmsg_names_Change){.kind = c->kind, .distance = c->distance};
    if (c->kind == kmsg_names_ChangeKind_ALL_TOLD)
        return true;
    if (c->kind == kmsg_names_ChangeKind_GONE) {
        *gone = kmsg_names_Listing_initial;
        gone->node = c->node;
        gone->number = c->number;
        gone->name = kmsg_str("?"); /* it has one letter at least, and nobody reads it */
        ret->listing = gone;
        return true;
    }
    entry = kmi_table_find(w->dir->table, c->node, c->number);
    if (entry == NULL || !entry->stands)
        return false;
    ret->listing = &entry->listing;
    if (entry->far != NULL) {
        ret->address = kmsg_str(entry->far->address);
        ret->host = kmsg_str(entry->far->host);
    }
    return true;
}

static void pump(watcher *w)
{
    kmsg_names_Listing gone;
    kmsg_names_Change  item;
    kmsg_err           err;

    for (; w->first < w->count && !w->waits; w->first++) {
        if (!fill_in(w, &w->backlog[w->first], &gone, &item))
            continue;
        err = kmsg_names_Directory_watch_try_send(w->call, &item);
        if (err == KMSG_EFULL) {
            w->waits = true;
            kmsg_call_on_room(w->call, w, on_room);
            return;
        }
        if (err != KMSG_OK && err != KMSG_ECANCELED) { /* without this one the others are wrong */
            give_up(w, err);
            return;
        }
    }
    if (w->first == w->count)
        w->first = w->count = 0;
}

static void stop_watching(void *ctx, kmsg_call *call)
{
    free_watcher(ctx);
    kmsg_names_Directory_watch_reply(call);
}

/* What has been told makes room, so that who is always a little behind does not grow. */
static void close_up(watcher *w)
{
    if (w->first == 0 || w->first < w->count / 2)
        return;
    memmove(w->backlog, w->backlog + w->first, (w->count - w->first) * sizeof *w->backlog);
    w->count -= w->first;
    w->first = 0;
}

static void append(watcher *w, const change *c)
{
    change *grown;

    if (w->call == NULL)
        return;
    if (w->count - w->first >= BACKLOG_MAX) {
        give_up(w, KMSG_EOVERLOADED);
        return;
    }
    close_up(w);
    grown = kmi_grow(w->backlog, w->count, &w->capacity, sizeof *grown);
    if (grown == NULL) {
        give_up(w, KMSG_ENOMEM);
        return;
    }
    w->backlog = grown;
    w->backlog[w->count++] = *c;
    if (!w->waits)
        pump(w);
}

static void on_change(void *ctx, const kmi_entry *entry, bool here, kmsg_names_Scope distance)
{
    const change c = {here ? kmsg_names_ChangeKind_HERE : kmsg_names_ChangeKind_GONE, distance,
                      entry->listing.node, entry->listing.number};

    append(ctx, &c);
}

static watcher *new_watcher(kmi_directory *dir, kmsg_call *call, const kmsg_names_Viewer *viewer,
                            kmsg_string pattern)
{
    watcher *w = kmi_alloc_zeroed(sizeof *w);
    char    *copy;

    if (w == NULL || (w->mem = kmsg_arena_new()) == NULL) {
        kmi_free(w);
        return NULL;
    }
    w->dir = dir;
    w->call = call;
    w->next = dir->watchers;
    if (w->next != NULL)
        w->next->prev = w;
    dir->watchers = w;
    copy = kmsg_alloc(w->mem, pattern.size + 1, 1);
    if (copy == NULL || kmsg_names_Viewer_copy(viewer, w->mem, &w->viewer) != KMSG_OK) {
        free_watcher(w);
        return NULL;
    }
    memcpy(copy, pattern.data, pattern.size);
    copy[pattern.size] = '\0';
    w->pattern = (kmsg_string){copy, pattern.size};
    return w;
}

static kmsg_err watch(void *ctx, kmsg_call *call, const kmsg_names_Viewer *viewer,
                      kmsg_string pattern, kmsg_names_Scope scope)
{
    static const change all_told = {.kind = kmsg_names_ChangeKind_ALL_TOLD};
    kmi_directory      *dir = ctx;
    watcher            *w;
    kmsg_err            err = KMSG_OK;

    if (!is_local(call))
        return turn_away(call);
    if (scope == kmsg_names_Scope_LAN && dir->options != NULL)
        err = need_lan(dir);
    if (err != KMSG_OK)
        return kmsg_fail(call, err, "%s", kmsg_last_error());
    free_given_up(dir);
    w = new_watcher(dir, call, viewer, pattern);
    if (w == NULL)
        return KMSG_ENOMEM;
    w->scope = scope;
    err = kmi_table_watch(dir->table, &w->viewer, pattern, scope, on_change, w, &w->watching);
    if (err != KMSG_OK) {
        free_watcher(w);
        return kmsg_fail(call, err, "%s", kmsg_last_error());
    }
    append(w, &all_told);
    if (w->call != NULL)
        kmsg_call_on_over(call, w, stop_watching);
    return KMSG_LATER;
}

/* ---- survey -------------------------------------------------------------------------------- */

typedef struct gather {
    kmsg_names_Seen *items;
    size_t           count;
} gather;

static bool gather_one(void *ctx, kmi_entry *entry)
{
    gather *g = ctx;

    g->items[g->count++] =
        (kmsg_names_Seen){.listing = entry->listing,
                          .address = kmsg_str(entry->far == NULL ? "" : entry->far->address),
                          .host = kmsg_str(host_of(entry)),
                          .stands = entry->stands};
    return true;
}

static kmsg_err gather_watchers(const kmi_directory *dir, kmsg_arena *mem, kmsg_names_Survey *ret)
{
    size_t              count = 0;
    kmsg_names_Looking *items;

    for (const watcher *w = dir->watchers; w != NULL; w = w->next)
        count++;
    items = kmsg_alloc(mem, (count + 1) * sizeof *items, 8);
    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    count = 0;
    for (const watcher *w = dir->watchers; w != NULL; w = w->next)
        items[count++] =
            (kmsg_names_Looking){.viewer = w->viewer, .pattern = w->pattern, .scope = w->scope};
    ret->viewers = (kmsg_names_Looking_list){items, count};
    return KMSG_OK;
}

static kmsg_err survey(void *ctx, kmsg_call *call, kmsg_names_Survey *ret)
{
    kmi_directory *dir = ctx;
    kmsg_arena    *mem = kmsg_call_arena(call);
    const kmi_home home = kmi_home_get();
    gather         g = {0};
    kmsg_err       err;

    if (!is_local(call))
        return turn_away(call);
    g.items = kmsg_alloc(mem, (kmi_table_count(dir->table) + 1) * sizeof *g.items, 8);
    if (g.items == NULL)
        return KMSG_ENOMEM;
    kmi_table_each(dir->table, gather_one, &g);
    ret->listings = (kmsg_names_Seen_list){g.items, g.count};
    ret->pid = home.pid;
    ret->program = kmsg_str(home.program);
    ret->since = dir->since;
    err = gather_watchers(dir, mem, ret);
    return err == KMSG_OK && dir->lan != NULL ? kmi_lan_io_survey(dir->lan, mem, ret) : err;
}

/* ---- life ---------------------------------------------------------------------------------- */

static const kmsg_names_Directory_impl impl = {
    .publish = publish, .watch = watch, .survey = survey};

static void end(kmi_part *part)
{
    kmi_directory *dir = (kmi_directory *)part;

    kmi_lan_io_free(dir->lan);
    dir->lan = NULL;
}

static void free_directory(kmi_part *part)
{
    kmi_directory *dir = (kmi_directory *)part;

    while (dir->watchers != NULL)
        free_watcher(dir->watchers);
    while (dir->offers != NULL)
        free_offer(dir->offers);
    kmi_table_free(dir->table);
    kmi_free(dir);
}

kmsg_err kmi_directory_serve(kmsg_node *node, const kmsg_directory_options *options)
{
    kmi_directory *dir = kmi_alloc_zeroed(sizeof *dir);
    kmsg_err       err;

    if (dir == NULL || (dir->table = kmi_table_new()) == NULL) {
        kmi_free(dir);
        return kmi_error_plain(KMSG_ENOMEM);
    }
    dir->part = (kmi_part){.kind = &directory_kind, .end = end, .free = free_directory};
    dir->node = node;
    dir->options = options;
    dir->since = node->sys->clock_ns();
    err = kmsg_names_Directory_serve(node, &impl, dir);
    if (err != KMSG_OK)
        free_directory(&dir->part);
    else
        kmi_part_add(node, &dir->part);
    return err;
}
