/* lan_guard.c -- tokens as a time, as in net/bucket.c: each one that was taken moves the time at
 * which a bucket is full again.
 *
 * Places lie in a table of sets, found by a hash that nobody outside can compute. In a full set who
 * is not known as good gives way to who comes; who is, only to one that is proved as well.
 */
#include "names/lan_guard.h"

#include <string.h>

#define SECOND_NS ((int64_t)1000000000)

bool kmi_guard_init(kmi_guard *g)
{
    memset(g, 0, sizeof *g);
    return kmi_hash_key_new(&g->key);
}

/* ---- buckets --------------------------------------------------------------------------------- */

static bool take(int64_t *full_ns, int64_t per_s, int64_t burst, int64_t now_ns)
{
    const int64_t token_ns = SECOND_NS / per_s;

    if (*full_ns < now_ns)
        *full_ns = now_ns;
    if (*full_ns - now_ns > (burst - 1) * token_ns)
        return false;
    *full_ns += token_ns;
    return true;
}

/* ---- places ---------------------------------------------------------------------------------- */

static uint64_t id_of(const kmi_guard *g, const kmi_endpoint *from)
{
    uint8_t  bytes[sizeof from->ip + sizeof from->interface] = {0};
    uint64_t id;

    memcpy(bytes, from->ip, from->family == KMI_IP4 ? 4 : sizeof from->ip);
    memcpy(bytes + sizeof from->ip, &from->interface, sizeof from->interface);
    id = kmi_hash(&g->key, bytes, sizeof bytes);
    return id == 0 ? 1 : id;
}

static bool is_proved(const kmi_guard_place *p, int64_t now_ns)
{
    return p->proved_ns != 0 && now_ns - p->proved_ns < KMI_GUARD_PROVED_NS;
}

/* Its own place, or that of one who has to give way; NULL: all of them are better. */
static kmi_guard_place *place_of(kmi_guard *g, uint64_t id, bool proved, int64_t now_ns)
{
    kmi_guard_place *set = g->places[id % KMI_GUARD_SETS], *worst = NULL;

    for (size_t i = 0; i < KMI_GUARD_PLACES; i++) {
        kmi_guard_place *p = &set[i];
        bool             gives_way = proved || !is_proved(p, now_ns);
        if (p->id == id)
            return p;
        if (gives_way && (worst == NULL || p->proved_ns < worst->proved_ns ||
                          (p->proved_ns == worst->proved_ns && p->full_ns < worst->full_ns)))
            worst = p;
    }
    if (worst != NULL)
        *worst = (kmi_guard_place){.id = id};
    return worst;
}

bool kmi_guard_admits(kmi_guard *g, const kmi_endpoint *from, int64_t now_ns)
{
    kmi_guard_place *p = place_of(g, id_of(g, from), false, now_ns);

    if (p != NULL && !take(&p->full_ns, KMI_GUARD_EACH_PER_S, KMI_GUARD_EACH_BURST, now_ns))
        return false;
    return (p != NULL && is_proved(p, now_ns)) ||
           take(&g->full_ns, KMI_GUARD_ALL_PER_S, KMI_GUARD_ALL_BURST, now_ns);
}

/* ---- what was believed ----------------------------------------------------------------------- */

bool kmi_guard_has_seen(const kmi_guard *g, const void *data, size_t size)
{
    const uint64_t hash = kmi_hash(&g->key, data, size);

    for (size_t i = 0; i < KMI_GUARD_SEEN; i++)
        if (g->seen[i] == hash)
            return true;
    return false;
}

void kmi_guard_believed(kmi_guard *g, const kmi_endpoint *from, const void *data, size_t size,
                        int64_t now_ns)
{
    kmi_guard_place *p = place_of(g, id_of(g, from), true, now_ns);

    p->proved_ns = now_ns;
    g->seen[g->seen_next] = kmi_hash(&g->key, data, size);
    g->seen_next = (g->seen_next + 1) % KMI_GUARD_SEEN;
}
