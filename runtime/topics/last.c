/* last.c -- the last value of each key, for subscribers who come later.
 *
 * A table by the key's bytes, and a list by age: what was published longest ago gives way. A
 * message that is as long as the one that it displaces takes its memory, so where all are of one
 * length keeping them costs none.
 */
#include "topics/topics.h"

#include "base/alloc.h"

#include <string.h>

typedef struct last {
    struct last *chained; /* of the same hash */
    struct last *older;
    struct last *newer;
    size_t       room;
    uint8_t     *bytes; /* the message */
} last;

struct kmi_lasts {
    last   **table;
    uint32_t mask;
    uint32_t count;
    uint32_t keys_max;
    size_t   size;
    size_t   size_max;
    last    *oldest;
    last    *newest;
};

#define TABLE_MAX ((uint32_t)1 << 16)

kmi_lasts *kmi_lasts_new(uint32_t keys_max, size_t size_max)
{
    kmi_lasts *lasts = kmi_alloc_zeroed(sizeof *lasts);
    uint32_t   capacity = 16;

    if (lasts == NULL)
        return NULL;
    while (capacity < keys_max && capacity < TABLE_MAX)
        capacity *= 2;
    lasts->table = kmi_alloc_zeroed(capacity * sizeof *lasts->table);
    if (lasts->table == NULL) {
        kmi_free(lasts);
        return NULL;
    }
    lasts->mask = capacity - 1;
    lasts->keys_max = keys_max;
    lasts->size_max = size_max;
    return lasts;
}

/* ---- the table and the list ------------------------------------------------------------------ */

static kmi_news news_of(const last *l)
{
    kmi_news news;
    bool     is_one = kmi_news_get(l->bytes, l->room, &news);

    assert(is_one && "what is kept is a message");
    (void)is_one;
    return news;
}

static last **chain_of(const kmi_lasts *lasts, const kmi_news *news)
{
    const uint8_t *key = kmi_news_key(news);
    uint64_t       h = UINT64_C(14695981039346656037);

    for (uint32_t i = 0; i < news->key_size; i++)
        h = (h ^ key[i]) * UINT64_C(1099511628211);
    return &lasts->table[(uint32_t)(h ^ h >> 29) & lasts->mask];
}

static last **find(const kmi_lasts *lasts, const kmi_news *news)
{
    last **place = chain_of(lasts, news);

    for (; *place != NULL; place = &(*place)->chained) {
        kmi_news other = news_of(*place);
        if (other.key_size == news->key_size &&
            memcmp(kmi_news_key(&other), kmi_news_key(news), news->key_size) == 0)
            break;
    }
    return place;
}

static void unlink_age(kmi_lasts *lasts, last *l)
{
    *(l->older != NULL ? &l->older->newer : &lasts->oldest) = l->newer;
    *(l->newer != NULL ? &l->newer->older : &lasts->newest) = l->older;
}

static void link_newest(kmi_lasts *lasts, last *l)
{
    l->newer = NULL;
    l->older = lasts->newest;
    *(lasts->newest != NULL ? &lasts->newest->newer : &lasts->oldest) = l;
    lasts->newest = l;
}

static last *take_out(kmi_lasts *lasts, last **place)
{
    last *l = *place;

    *place = l->chained;
    unlink_age(lasts, l);
    lasts->size -= l->room;
    lasts->count--;
    return l;
}

static last *take_oldest(kmi_lasts *lasts)
{
    kmi_news news = news_of(lasts->oldest);

    return take_out(lasts, find(lasts, &news));
}

static void free_last(last *l)
{
    kmi_free(l->bytes);
    kmi_free(l);
}

void kmi_lasts_free(kmi_lasts *lasts)
{
    if (lasts == NULL)
        return;
    while (lasts->oldest != NULL)
        free_last(take_oldest(lasts));
    kmi_free(lasts->table);
    kmi_free(lasts);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static last *new_last(size_t room)
{
    last *l = kmi_alloc_zeroed(sizeof *l);

    if (l == NULL)
        return NULL;
    l->room = room;
    l->bytes = kmi_alloc(room);
    if (l->bytes != NULL)
        return l;
    kmi_free(l);
    return NULL;
}

static last *add(kmi_lasts *lasts, const kmi_news *news)
{
    last *l = NULL;

    if (news->room > lasts->size_max)
        return NULL;
    while (lasts->count >= lasts->keys_max || lasts->size > lasts->size_max - news->room) {
        last *old = take_oldest(lasts);
        if (l == NULL && old->room == news->room)
            l = old; /* its memory is just what is needed */
        else
            free_last(old);
    }
    if (l == NULL)
        l = new_last(news->room);
    if (l == NULL)
        return NULL;
    l->chained = NULL;
    *find(lasts, news) = l; /* the end of its chain */
    lasts->count++;
    lasts->size += l->room;
    link_newest(lasts, l);
    return l;
}

void kmi_lasts_keep(kmi_lasts *lasts, const kmi_news *news)
{
    last   **place = find(lasts, news), *l = *place;
    kmi_news kept = *news;

    if (l != NULL && l->room != news->room) {
        free_last(take_out(lasts, place));
        l = NULL;
    }
    if (l == NULL) {
        l = add(lasts, news);
    } else {
        unlink_age(lasts, l);
        link_newest(lasts, l);
    }
    if (l == NULL)
        return;
    memcpy(l->bytes, news->at, news->room);
    kept.flags |= KMI_NEWS_LAST;
    kept.missed = 0;
    kmi_news_put(l->bytes, &kept);
}

void kmi_lasts_each(const kmi_lasts *lasts, void (*fn)(void *ctx, const kmi_news *news), void *ctx)
{
    for (const last *l = lasts->oldest; l != NULL; l = l->newer) {
        kmi_news news = news_of(l);
        fn(ctx, &news);
    }
}
