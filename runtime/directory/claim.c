/* claim.c -- who stands. A claim is a heap by (since, node, number): if its front is of a pool all
 * that are of a pool stand, else the front alone. That depends on nothing but on which entries are
 * there: so directories that know the same agree, in whatever order they have heard of it.
 */
#include "directory/claim.h"

#include "base/alloc.h"

#include <string.h>

/* ---- names ----------------------------------------------------------------------------------- */

static kmi_name *name_of(kmi_index_node *node)
{
    return (kmi_name *)((char *)node - offsetof(kmi_name, by_text));
}

static kmi_name *find(const kmi_index *names, kmsg_string text, uint64_t hash)
{
    for (kmi_index_node *n = kmi_index_first(names, hash); n != NULL; n = kmi_index_next(n)) {
        kmi_name *name = name_of(n);
        if (name->size == text.size && memcmp(name->text, text.data, text.size) == 0)
            return name;
    }
    return NULL;
}

kmi_name *kmi_name_find(const kmi_index *names, kmsg_string text)
{
    return find(names, text, kmi_hash(&names->key, text.data, text.size));
}

kmi_name *kmi_name_need(kmi_index *names, kmsg_string text)
{
    uint64_t  hash = kmi_hash(&names->key, text.data, text.size);
    kmi_name *name = find(names, text, hash);

    if (name != NULL)
        return name;
    name = kmi_alloc_zeroed(sizeof *name + text.size);
    if (name == NULL)
        return NULL;
    name->size = (uint32_t)text.size;
    memcpy(name->text, text.data, text.size);
    kmi_index_put(names, &name->by_text, hash);
    return name;
}

void kmi_name_leave(kmi_index *names, kmi_name *name)
{
    if (name->claims != NULL || name->watches != NULL)
        return;
    kmi_index_take(names, &name->by_text);
    kmi_free(name);
}

/* ---- claims ---------------------------------------------------------------------------------- */

static uint64_t process_of(const kmsg_names_Listing *listing)
{
    return listing->scope == kmsg_names_Scope_PROCESS ? listing->process : 0;
}

static kmsg_string group_of(const kmsg_names_Listing *listing)
{
    return listing->scope == kmsg_names_Scope_GROUP ? listing->group : kmsg_str("");
}

static bool is_of(const kmi_claim *claim, const kmsg_names_Listing *listing)
{
    kmsg_string group = group_of(listing);

    return claim->scope == listing->scope && claim->process == process_of(listing) &&
           kmsg_string_equal((kmsg_string){claim->group, claim->group_size}, group);
}

static kmi_claim *claim_new(kmi_name *name, const kmsg_names_Listing *listing)
{
    kmsg_string group = group_of(listing);
    kmi_claim  *claim = kmi_alloc_zeroed(sizeof *claim + group.size + 1);

    if (claim == NULL)
        return NULL;
    claim->name = name;
    claim->scope = listing->scope;
    claim->process = process_of(listing);
    claim->group_size = (uint32_t)group.size;
    if (group.size > 0)
        memcpy(claim->group, group.data, group.size);
    claim->next = name->claims;
    name->claims = claim;
    return claim;
}

static void leave(kmi_index *names, kmi_claim *claim)
{
    kmi_name   *name = claim->name;
    kmi_claim **at = &name->claims;

    if (claim->count > 0 || claim->pins > 0)
        return;
    while (*at != claim)
        at = &(*at)->next;
    *at = claim->next;
    if (claim->items != NULL)
        kmi_free(claim->items);
    kmi_free(claim);
    kmi_name_leave(names, name);
}

static bool has_room(kmi_claim *claim)
{
    kmi_item **items = kmi_grow(claim->items, claim->count, &claim->capacity, sizeof *items);

    if (items != NULL)
        claim->items = items;
    return items != NULL;
}

kmi_claim *kmi_claim_need(kmi_index *names, const kmsg_names_Listing *listing)
{
    kmi_name  *name = kmi_name_need(names, listing->name);
    kmi_claim *claim = name == NULL ? NULL : name->claims;

    while (claim != NULL && !is_of(claim, listing))
        claim = claim->next;
    if (claim == NULL && name != NULL)
        claim = claim_new(name, listing);
    if (claim != NULL && has_room(claim)) {
        claim->pins++;
        return claim;
    }
    if (claim != NULL)
        leave(names, claim);
    else if (name != NULL)
        kmi_name_leave(names, name);
    return NULL;
}

void kmi_claim_unpin(kmi_index *names, kmi_claim *claim)
{
    claim->pins--;
    leave(names, claim);
}

/* ---- who was there first --------------------------------------------------------------------- */

static bool is_earlier(const kmi_item *a, const kmi_item *b)
{
    const kmsg_names_Listing *x = &a->entry.listing, *y = &b->entry.listing;

    if (x->since != y->since)
        return x->since < y->since;
    if (x->node != y->node)
        return x->node < y->node;
    return x->number < y->number;
}

static void set(kmi_claim *claim, size_t place, kmi_item *item)
{
    claim->items[place] = item;
    item->place = place;
}

static void rise(kmi_claim *claim, kmi_item *item, size_t place)
{
    while (place > 0 && is_earlier(item, claim->items[(place - 1) / 2])) {
        set(claim, place, claim->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    set(claim, place, item);
}

static void sink(kmi_claim *claim, kmi_item *item, size_t place)
{
    for (size_t child = 2 * place + 1; child < claim->count; child = 2 * place + 1) {
        if (child + 1 < claim->count && is_earlier(claim->items[child + 1], claim->items[child]))
            child++;
        if (!is_earlier(claim->items[child], item))
            break;
        set(claim, place, claim->items[child]);
        place = child;
    }
    set(claim, place, item);
}

void kmi_claim_put(kmi_claim *claim, kmi_item *item)
{
    item->claim = claim;
    rise(claim, item, claim->count++);
}

void kmi_claim_take(kmi_claim *claim, kmi_item *item)
{
    size_t    place = item->place;
    kmi_item *last = claim->items[--claim->count];

    if (last == item)
        return;
    if (place > 0 && is_earlier(last, claim->items[(place - 1) / 2]))
        rise(claim, last, place);
    else
        sink(claim, last, place);
}

bool kmi_claim_stands(const kmi_item *item)
{
    const kmi_item *first = item->claim->items[0];

    return item == first || (first->entry.listing.pool && item->entry.listing.pool);
}

kmi_item *kmi_claim_rival(const kmi_claim *claim, const kmi_item *but, bool pool)
{
    for (size_t i = 0; i < claim->count; i++) {
        kmi_item *item = claim->items[i];
        if (item != but && kmi_claim_stands(item) && !(pool && item->entry.listing.pool))
            return item;
        if (i == 0 && item != but)
            return NULL; /* both are of a pool, and so are all others that stand */
    }
    return NULL;
}
