/* table.c -- what a directory knows.
 *
 * Entries are found by (node, number), and by their names: a name has its claims (claim.h), which
 * decide who stands, and the watches that ask for it alone. Watches with a pattern are in a list,
 * which each change goes over; most patterns differ from most names in their first bytes.
 *
 * A change is made in three steps: who does not stand any more is told, with who watches; then who
 * stands now. So whoever watches never sees two at once that cannot both stand.
 *
 * Nothing is changed until all the memory that is needed is there.
 */
#include "directory/table.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "directory/claim.h"

#include <assert.h>
#include <string.h>

struct kmi_watching {
    kmi_watching     *older; /* of the same name, or with patterns */
    kmi_watching     *newer;
    kmi_name         *name; /* NULL: it has a pattern */
    kmsg_names_Viewer viewer;
    kmsg_names_Scope  scope;
    kmi_change_fn    *fn;
    void             *ctx;
    kmi_glob          glob;
    char              group[];
};

struct kmi_table {
    kmi_index     by_id;
    kmi_index     names;
    kmi_item     *oldest;
    kmi_item     *newest;
    kmi_watching *patterns;
    size_t        watch_count;
    size_t        size;     /* of all listings */
    size_t        lan_size; /* of this host's for the LAN */
    unsigned      telling;
    bool          silent;
};

kmi_table *kmi_table_new(void)
{
    kmi_table *table = kmi_alloc_zeroed(sizeof *table);

    if (table == NULL)
        return NULL;
    if (kmi_index_init(&table->by_id) == KMSG_OK && kmi_index_init(&table->names) == KMSG_OK)
        return table;
    kmi_index_done(&table->by_id);
    kmi_free(table);
    return NULL;
}

/* ---- seeing ---------------------------------------------------------------------------------- */

kmsg_names_Scope kmi_distance(const kmsg_names_Viewer *viewer, const kmi_entry *entry)
{
    if (entry->far != NULL)
        return kmsg_names_Scope_LAN;
    if (viewer->process == entry->listing.process)
        return kmsg_names_Scope_PROCESS;
    if (kmsg_string_equal(viewer->group, entry->listing.group))
        return kmsg_names_Scope_GROUP;
    return kmsg_names_Scope_HOST;
}

/* To one who watches for its name, if he may see it. */
static void show(kmi_table *table, const kmi_watching *w, const kmi_item *item, bool here)
{
    kmsg_names_Scope distance = kmi_distance(&w->viewer, &item->entry);

    if (distance > item->entry.listing.scope || distance > w->scope)
        return;
    table->telling++;
    w->fn(w->ctx, &item->entry, here, distance);
    table->telling--;
}

static void show_all(kmi_table *table, const kmi_item *item, bool here)
{
    if (table->silent)
        return;
    for (const kmi_watching *w = item->claim->name->watches; w != NULL; w = w->newer)
        show(table, w, item, here);
    for (const kmi_watching *w = table->patterns; w != NULL; w = w->newer)
        if (kmi_glob_matches(&w->glob, item->entry.listing.name))
            show(table, w, item, here);
}

/* ---- standing -------------------------------------------------------------------------------- */

static void judge(kmi_table *table, kmi_item *item, bool stands)
{
    kmi_entry *entry = &item->entry;

    if (kmi_claim_stands(item) != stands || entry->stands == stands)
        return;
    entry->stands = stands;
    show_all(table, item, stands);
    if (entry->told == NULL || table->silent)
        return;
    table->telling++;
    entry->told(entry->told_ctx, entry, stands, stands ? NULL : &item->claim->items[0]->entry);
    table->telling--;
}

static bool is_pool(const kmi_item *item)
{
    return item != NULL && item->entry.listing.pool;
}

/* After one has come or gone. `first` was at the front and may be there still. Only where the front
 * is of a pool now, or was, can there be others that change. */
static void settle(kmi_table *table, kmi_claim *claim, kmi_item *first, bool was_pool)
{
    kmi_item *front = claim->count > 0 ? claim->items[0] : NULL;

    for (int stands = 0; front != NULL && stands <= 1; stands++) {
        if (first != NULL)
            judge(table, first, stands);
        judge(table, front, stands);
        for (size_t i = 0; i < claim->count && is_pool(front) != was_pool; i++)
            judge(table, claim->items[i], stands);
    }
}

/* ---- an item --------------------------------------------------------------------------------- */

static uint64_t hash_of_id(const kmi_table *table, uint64_t node, uint64_t number)
{
    uint64_t id[2] = {node, number};

    return kmi_hash(&table->by_id.key, id, sizeof id);
}

static kmi_item *find(const kmi_table *table, uint64_t node, uint64_t number)
{
    kmi_index_node *n = kmi_index_first(&table->by_id, hash_of_id(table, node, number));

    for (; n != NULL; n = kmi_index_next(n)) {
        kmi_item *item = (kmi_item *)((char *)n - offsetof(kmi_item, by_id));
        if (item->entry.listing.node == node && item->entry.listing.number == number)
            return item;
    }
    return NULL;
}

static void item_free(kmi_item *item)
{
    kmi_arena_reset_to(&item->mem, 0);
    kmi_free(item);
}

/* Its arena has one block, in which all of it finds room. */
static kmi_item *item_new(const kmsg_names_Listing *listing, size_t size)
{
    kmi_item *item = kmi_alloc_zeroed(sizeof *item);

    if (item == NULL)
        return NULL;
    item->size = size;
    item->mem.block_size = size + listing->urls.count * sizeof(kmsg_string) + 128;
    if (kmsg_names_Listing_copy(listing, &item->mem, &item->entry.listing) == KMSG_OK)
        return item;
    item_free(item);
    return NULL;
}

static size_t lan_size(const kmi_item *item)
{
    const kmi_entry *entry = &item->entry;

    return entry->far == NULL && entry->listing.scope == kmsg_names_Scope_LAN ? item->size : 0;
}

static void count(kmi_table *table, const kmi_item *item)
{
    table->size += item->size;
    table->lan_size += lan_size(item);
}

static void discount(kmi_table *table, const kmi_item *item)
{
    table->size -= item->size;
    table->lan_size -= lan_size(item);
}

static void enter(kmi_table *table, kmi_item *item)
{
    const kmsg_names_Listing *listing = &item->entry.listing;

    kmi_index_put(&table->by_id, &item->by_id, hash_of_id(table, listing->node, listing->number));
    item->older = table->newest;
    if (item->older != NULL)
        item->older->newer = item;
    else
        table->oldest = item;
    table->newest = item;
    count(table, item);
}

static void leave(kmi_table *table, kmi_item *item)
{
    kmi_index_take(&table->by_id, &item->by_id);
    if (item->older != NULL)
        item->older->newer = item->newer;
    else
        table->oldest = item->newer;
    if (item->newer != NULL)
        item->newer->older = item->older;
    else
        table->newest = item->older;
    discount(table, item);
}

/* ---- what may come --------------------------------------------------------------------------- */

static bool is_scope(kmsg_names_Scope scope)
{
    return scope >= kmsg_names_Scope_PROCESS && scope <= kmsg_names_Scope_LAN;
}

static kmsg_err check(const kmsg_names_Listing *listing, const kmi_far *far)
{
    kmsg_err err = kmi_name_check(listing->name);

    if (err == KMSG_OK && !is_scope(listing->scope))
        return kmi_error(KMSG_EINVAL, "%s: there is no scope %d", listing->name.data,
                         (int)listing->scope);
    if (err == KMSG_OK && far != NULL && listing->scope != kmsg_names_Scope_LAN)
        return kmi_error(KMSG_EINVAL, "%s: another host has it, and its scope is not the LAN",
                         listing->name.data);
    return err;
}

static kmsg_err full(const kmsg_names_Listing *listing, const char *why)
{
    return kmi_error(KMSG_EFULL, "%s: the directory is full: %s", listing->name.data, why);
}

/* `old` makes room for it. */
static kmsg_err check_room(const kmi_table *table, const kmi_item *item, const kmi_item *old)
{
    const kmsg_names_Listing *listing = &item->entry.listing;

    size_t kept = item->entry.far == NULL ? 0 : 1;
    size_t entries = table->by_id.count + (old == NULL) + kept * KMI_ENTRIES_OWN;
    size_t size = table->size + item->size + kept * KMI_LISTINGS_MAX / 4;
    size_t lan = table->lan_size + lan_size(item);

    if (old != NULL) {
        size -= old->size;
        lan -= lan_size(old);
    }
    if (entries > KMI_ENTRIES_MAX)
        return full(listing, "it has as many names as it may have");
    if (size > KMI_LISTINGS_MAX)
        return full(listing, "its names have as many bytes as they may have");
    if (lan > KMI_LAN_SIZE_MAX && lan_size(item) > 0)
        return full(listing, "this host's names for the LAN have 3 MiB at most");
    return KMSG_OK;
}

/* ---- coming and going ------------------------------------------------------------------------ */

/* Out of its claim, which is pinned. The entry itself is not told. */
static void withdraw(kmi_table *table, kmi_item *item)
{
    kmi_claim *claim = item->claim;
    kmi_item  *first = claim->items[0];

    if (item->entry.stands)
        show_all(table, item, false);
    kmi_claim_take(claim, item);
    settle(table, claim, item == first ? NULL : first, is_pool(first));
}

static void drop(kmi_table *table, kmi_item *item)
{
    kmi_claim *claim = item->claim;

    claim->pins++;
    withdraw(table, item);
    leave(table, item);
    kmi_claim_unpin(&table->names, claim);
    item_free(item);
}

static void appear(kmi_table *table, kmi_claim *claim, kmi_item *item)
{
    kmi_item *first = claim->count > 0 ? claim->items[0] : NULL;

    kmi_claim_put(claim, item);
    enter(table, item);
    settle(table, claim, first, is_pool(first));
    judge(table, item, true);
}

/* It has all its memory. */
static kmsg_err place(kmi_table *table, kmi_item *item, kmi_item *old, bool fresh, kmi_entry **ret)
{
    const kmsg_names_Listing *listing = &item->entry.listing;
    kmi_claim                *claim = kmi_claim_need(&table->names, listing);
    kmi_item                 *rival;

    if (claim == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    rival = fresh ? kmi_claim_rival(claim, old, listing->pool) : NULL;
    if (rival == NULL) {
        if (old != NULL)
            drop(table, old);
        appear(table, claim, item);
    }
    kmi_claim_unpin(&table->names, claim);
    *ret = rival == NULL ? &item->entry : &rival->entry;
    if (rival != NULL)
        return kmi_error(KMSG_EEXIST, "%s: another one has the name", listing->name.data);
    return KMSG_OK;
}

static bool is_same(const kmi_item *old, const kmsg_names_Listing *listing, const kmi_far *far)
{
    return old != NULL && old->entry.far == far &&
           kmsg_names_Listing_equal(&old->entry.listing, listing);
}

/* Who is told about it is set last: not of how it is at first. */
static void set_told(kmi_entry *entry, void *owner, kmi_stands_fn *told, void *told_ctx)
{
    entry->owner = owner;
    entry->mark = 0;
    entry->told = told;
    entry->told_ctx = told_ctx;
}

static kmsg_err add(kmi_table *table, const kmsg_names_Listing *listing, const kmi_far *far,
                    void *owner, bool fresh, kmi_item *old, kmi_entry **ret)
{
    kmi_item *item;
    size_t    size;
    kmsg_err  err = kmsg_names_Listing_encoded_size(listing, &size);

    if (err != KMSG_OK)
        return err;
    item = item_new(listing, size);
    if (item == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    item->entry.far = far;
    item->entry.owner = owner;
    err = check_room(table, item, old);
    if (err == KMSG_OK)
        err = place(table, item, old, fresh, ret);
    if (err != KMSG_OK)
        item_free(item);
    return err;
}

kmsg_err kmi_table_add(kmi_table *table, const kmsg_names_Listing *listing, const kmi_far *far,
                       void *owner, bool fresh, kmi_stands_fn *told, void *told_ctx,
                       kmi_entry **ret)
{
    kmsg_err  err = check(listing, far);
    kmi_item *old;

    assert(table->telling == 0 && "who is told of a change does not change the table");
    if (err != KMSG_OK)
        return err;
    old = find(table, listing->node, listing->number);
    if (is_same(old, listing, far))
        *ret = &old->entry;
    else
        err = add(table, listing, far, owner, fresh, old, ret);
    if (err == KMSG_OK)
        set_told(*ret, owner, told, told_ctx);
    return err;
}

void kmi_table_remove(kmi_table *table, kmi_entry *entry)
{
    assert(table->telling == 0 && "who is told of a change does not change the table");
    drop(table, (kmi_item *)entry);
}

void kmi_table_sweep(kmi_table *table, const void *owner, uint64_t mark)
{
    kmi_item *newer;

    for (kmi_item *item = table->oldest; item != NULL; item = newer) {
        newer = item->newer;
        if (item->entry.owner == owner && item->entry.mark != mark)
            kmi_table_remove(table, &item->entry);
    }
}

void kmi_table_moved(kmi_table *table, kmi_entry *entry)
{
    assert(table->telling == 0 && "who is told of a change does not change the table");
    if (entry->stands)
        show_all(table, (kmi_item *)entry, true);
}

/* ---- looking --------------------------------------------------------------------------------- */

kmi_entry *kmi_table_find(const kmi_table *table, uint64_t node, uint64_t number)
{
    kmi_item *item = find(table, node, number);

    return item == NULL ? NULL : &item->entry;
}

size_t kmi_table_count(const kmi_table *table)
{
    return table->by_id.count;
}

const kmi_entry *kmi_table_winner(const kmi_table *table, const kmi_entry *entry)
{
    (void)table;
    return entry->stands ? NULL : &((const kmi_item *)entry)->claim->items[0]->entry;
}

void kmi_table_each(const kmi_table *table, bool (*fn)(void *ctx, kmi_entry *entry), void *ctx)
{
    for (kmi_item *item = table->oldest; item != NULL; item = item->newer)
        if (!fn(ctx, &item->entry))
            return;
}

/* ---- watches --------------------------------------------------------------------------------- */

static void show_what_is_there(kmi_table *table, const kmi_watching *w)
{
    if (w->name == NULL) {
        for (kmi_item *item = table->oldest; item != NULL; item = item->newer)
            if (item->entry.stands && kmi_glob_matches(&w->glob, item->entry.listing.name))
                show(table, w, item, true);
        return;
    }
    for (kmi_claim *claim = w->name->claims; claim != NULL; claim = claim->next)
        for (size_t i = 0; i < claim->count; i++)
            if (claim->items[i]->entry.stands)
                show(table, w, claim->items[i], true);
}

static void link_watching(kmi_table *table, kmi_watching *w)
{
    kmi_watching **list = w->name == NULL ? &table->patterns : &w->name->watches;

    w->newer = *list;
    if (*list != NULL)
        (*list)->older = w;
    *list = w;
    table->watch_count++;
}

static kmi_watching *watching_new(kmi_table *table, const kmsg_names_Viewer *viewer,
                                  const kmi_glob *glob)
{
    kmi_watching *w = kmi_alloc_zeroed(sizeof *w + viewer->group.size + 1);

    if (w == NULL)
        return NULL;
    w->glob = *glob;
    w->viewer = *viewer;
    if (viewer->group.size > 0)
        memcpy(w->group, viewer->group.data, viewer->group.size);
    w->viewer.group.data = w->group;
    w->viewer.program = kmsg_str("");
    if (!glob->literal)
        return w;
    w->name = kmi_name_need(&table->names, (kmsg_string){(const char *)glob->text, glob->size});
    if (w->name != NULL)
        return w;
    kmi_free(w);
    return NULL;
}

kmsg_err kmi_table_watch(kmi_table *table, const kmsg_names_Viewer *viewer, kmsg_string pattern,
                         kmsg_names_Scope scope, kmi_change_fn *fn, void *ctx, kmi_watching **ret)
{
    kmi_watching *w;
    kmi_glob      glob;
    kmsg_err      err = kmi_glob_init(&glob, pattern);

    assert(table->telling == 0 && "who is told of a change does not change the table");
    if (err != KMSG_OK)
        return err;
    if (!is_scope(scope))
        return kmi_error(KMSG_EINVAL, "%s: there is no scope %d", pattern.data, (int)scope);
    if (table->watch_count == KMI_WATCHES_MAX)
        return kmi_error(KMSG_EFULL, "%s: the directory is full: so many look for something",
                         pattern.data);
    w = watching_new(table, viewer, &glob);
    if (w == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    w->scope = scope;
    w->fn = fn;
    w->ctx = ctx;
    link_watching(table, w);
    *ret = w;
    show_what_is_there(table, w);
    return KMSG_OK;
}

void kmi_table_unwatch(kmi_table *table, kmi_watching *w)
{
    if (w == NULL)
        return;
    assert(table->telling == 0 && "who is told of a change does not change the table");
    if (w->newer != NULL)
        w->newer->older = w->older;
    if (w->older != NULL)
        w->older->newer = w->newer;
    else if (w->name != NULL)
        w->name->watches = w->newer;
    else
        table->patterns = w->newer;
    table->watch_count--;
    if (w->name != NULL)
        kmi_name_leave(&table->names, w->name);
    kmi_free(w);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* A name that nobody publishes is there for its watches alone. */
static void free_watches(kmi_table *table)
{
    while (table->patterns != NULL)
        kmi_table_unwatch(table, table->patterns);
    for (size_t i = 0; i <= table->names.mask; i++) {
        while (table->names.places[i] != NULL) {
            kmi_index_node *node = table->names.places[i];
            kmi_name       *name = (kmi_name *)((char *)node - offsetof(kmi_name, by_text));
            kmi_table_unwatch(table, name->watches);
        }
    }
}

void kmi_table_free(kmi_table *table)
{
    if (table == NULL)
        return;
    table->silent = true;
    while (table->newest != NULL)
        drop(table, table->newest);
    free_watches(table);
    kmi_index_done(&table->by_id);
    kmi_index_done(&table->names);
    kmi_free(table);
}
