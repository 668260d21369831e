/* seen.c -- which messages that wander have come before, by another way.
 *
 * Of each node where they come from the highest number is known, and of the WINDOW before it which
 * have been seen. What is older than that counts as seen: a way that is so much longer than another
 * brings nothing new. Of more than ORIGINS_MAX nodes those that were heard last are known.
 */
#include "topics/topics.h"

#include "base/alloc.h"

#include <string.h>

#define ORIGINS_MAX 256u
#define WINDOW      1024u /* messages */

typedef struct origin {
    uint64_t instance;
    uint64_t highest;
    uint64_t used;              /* when, in messages */
    uint64_t bits[WINDOW / 64]; /* [number % WINDOW] */
} origin;

struct kmi_seen {
    origin  *origins;
    size_t   count;
    size_t   capacity;
    size_t   recent; /* which was heard last */
    uint64_t clock;
};

kmi_seen *kmi_seen_new(void)
{
    return kmi_alloc_zeroed(sizeof(kmi_seen));
}

void kmi_seen_free(kmi_seen *seen)
{
    if (seen == NULL)
        return;
    kmi_free(seen->origins);
    kmi_free(seen);
}

/* A place for another one: a new one, or that of who has been silent for longest; without memory,
 * too. NULL: there is none at all. */
static origin *place_for(kmi_seen *seen)
{
    size_t  oldest = 0;
    origin *origins;

    if (seen->count < ORIGINS_MAX) {
        origins = kmi_grow(seen->origins, seen->count, &seen->capacity, sizeof *origins);
        if (origins != NULL) {
            seen->origins = origins;
            return &origins[seen->count++];
        }
    }
    for (size_t i = 1; i < seen->count; i++)
        if (seen->origins[i].used < seen->origins[oldest].used)
            oldest = i;
    return seen->count == 0 ? NULL : &seen->origins[oldest];
}

static origin *find(kmi_seen *seen, uint64_t instance)
{
    origin *o;

    if (seen->recent < seen->count && seen->origins[seen->recent].instance == instance)
        return &seen->origins[seen->recent];
    for (size_t i = 0; i < seen->count; i++)
        if (seen->origins[i].instance == instance) {
            seen->recent = i;
            return &seen->origins[i];
        }
    o = place_for(seen);
    if (o == NULL)
        return NULL;
    memset(o, 0, sizeof *o);
    o->instance = instance;
    seen->recent = (size_t)(o - seen->origins);
    return o;
}

/* Up to this number, which nobody has seen. */
static void advance(origin *o, uint64_t number)
{
    uint64_t steps = number - o->highest;

    if (steps >= WINDOW)
        memset(o->bits, 0, sizeof o->bits);
    else
        for (uint64_t n = o->highest + 1; n <= number; n++)
            o->bits[n % WINDOW / 64] &= ~(UINT64_C(1) << n % 64);
    o->highest = number;
}

bool kmi_seen_before(kmi_seen *seen, uint64_t instance, uint64_t number)
{
    origin  *o = find(seen, instance);
    uint64_t bit = UINT64_C(1) << number % 64, *word;

    if (o == NULL)
        return true; /* nobody could say so the next time */
    o->used = ++seen->clock;
    if (number > o->highest)
        advance(o, number);
    else if (o->highest - number >= WINDOW)
        return true;
    word = &o->bits[number % WINDOW / 64];
    if (*word & bit)
        return true;
    *word |= bit;
    return false;
}
