/* place.c -- see place.h.
 *
 * A way is a list of instances, each the neighbour of the one before it; the first is a neighbour
 * of `own`, the last one the object's node. One step at a time is added to it. A node that stands
 * in the way already has been left and met again: what lies between was a detour, and the way goes
 * on from where the node stood first. With `own` before the first step, a way that leads back home
 * begins anew by the same rule. What is left has no node twice, and neighbours stay neighbours.
 */
#include "core/place.h"

#include "base/address.h"

#include <string.h>

#define STEPS_MAX (2u * (KMI_HOPS_MAX + 1u)) /* two places, with their own nodes */

_Static_assert(KMI_ADDRESS_MAX == KMI_IDENTITY_SIZE + 8u * KMI_HOPS_MAX, "an address is a place");

/* ---- bytes ----------------------------------------------------------------------------------- */

bool kmi_place_get(kmsg_address address, kmi_place *ret)
{
    kmi_place place = {0};

    if (address.size < KMI_IDENTITY_SIZE || address.size > KMI_ADDRESS_MAX || address.size % 8 != 0)
        return false;
    place.instance = kmi_load64(address.data);
    place.object = kmi_load64(address.data + 8);
    place.hop_count = (uint32_t)(address.size - KMI_IDENTITY_SIZE) / 8;
    for (uint32_t i = 0; i < place.hop_count; i++) {
        place.hops[i] = kmi_load64(address.data + KMI_IDENTITY_SIZE + 8 * i);
        if (place.hops[i] == 0)
            return false;
    }
    if (place.instance == 0 || place.object == 0)
        return false;
    *ret = place;
    return true;
}

size_t kmi_place_put(const kmi_place *place, uint8_t *ret)
{
    kmi_store64(ret, place->instance);
    kmi_store64(ret + 8, place->object);
    for (uint32_t i = 0; i < place->hop_count; i++)
        kmi_store64(ret + KMI_IDENTITY_SIZE + 8 * i, place->hops[i]);
    return KMI_IDENTITY_SIZE + 8 * place->hop_count;
}

/* ---- ways ------------------------------------------------------------------------------------ */

typedef struct way {
    uint64_t nodes[1 + STEPS_MAX]; /* the first is where it begins */
    uint32_t count;
} way;

static void step(way *w, uint64_t node)
{
    uint32_t at = 0;

    if (node == 0)
        return;
    while (at < w->count && w->nodes[at] != node)
        at++;
    w->nodes[at] = node;
    w->count = at + 1;
}

static void follow(way *w, const kmi_place *place)
{
    for (uint32_t i = 0; i < place->hop_count; i++)
        step(w, place->hops[i]);
    step(w, place->instance);
}

void kmi_place_arrive(kmi_place *place, const kmi_place *sender, uint64_t own)
{
    way      w = {{own}, 1};
    uint32_t hop_count;

    follow(&w, sender);
    follow(&w, place);
    hop_count = w.count < 2 ? 0 : w.count - 2; /* without both ends */
    if (hop_count > KMI_HOPS_MAX)
        hop_count = 0;
    place->hop_count = hop_count;
    memset(place->hops, 0, sizeof place->hops);
    memcpy(place->hops, w.nodes + 1, hop_count * sizeof *place->hops);
}
