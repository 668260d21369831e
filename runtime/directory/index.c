/* index.c -- a hash table of chains. It doubles when there are more nodes than places, and never
 * becomes smaller: a directory that was large once will be again.
 */
#include "directory/index.h"

#include "base/alloc.h"
#include "base/err.h"

#define PLACES_MIN ((size_t)64)

kmsg_err kmi_index_init(kmi_index *index)
{
    kmi_index made = {.mask = PLACES_MIN - 1};

    if (!kmi_hash_key_new(&made.key))
        return kmi_error(KMSG_ESYSTEM, "there are no random numbers");
    made.places = kmi_alloc_zeroed(PLACES_MIN * sizeof *made.places);
    if (made.places == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    *index = made;
    return KMSG_OK;
}

void kmi_index_done(kmi_index *index)
{
    if (index->places != NULL)
        kmi_free(index->places);
}

static kmi_index_node *with_hash(kmi_index_node *node, uint64_t hash)
{
    while (node != NULL && node->hash != hash)
        node = node->next;
    return node;
}

kmi_index_node *kmi_index_first(const kmi_index *index, uint64_t hash)
{
    return with_hash(index->places[hash & index->mask], hash);
}

kmi_index_node *kmi_index_next(const kmi_index_node *node)
{
    return with_hash(node->next, node->hash);
}

static void link_node(kmi_index_node **places, size_t mask, kmi_index_node *node)
{
    kmi_index_node **place = &places[node->hash & mask];

    node->next = *place;
    *place = node;
}

static void grow(kmi_index *index)
{
    size_t           count = (index->mask + 1) * 2;
    kmi_index_node **places = kmi_alloc_zeroed(count * sizeof *places), *next;

    if (places == NULL)
        return;
    for (size_t i = 0; i <= index->mask; i++) {
        for (kmi_index_node *node = index->places[i]; node != NULL; node = next) {
            next = node->next;
            link_node(places, count - 1, node);
        }
    }
    kmi_free(index->places);
    index->places = places;
    index->mask = count - 1;
}

void kmi_index_put(kmi_index *index, kmi_index_node *node, uint64_t hash)
{
    if (index->count > index->mask)
        grow(index);
    node->hash = hash;
    link_node(index->places, index->mask, node);
    index->count++;
}

void kmi_index_take(kmi_index *index, kmi_index_node *node)
{
    kmi_index_node **at = &index->places[node->hash & index->mask];

    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    index->count--;
}
