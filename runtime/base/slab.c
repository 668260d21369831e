/* slab.c -- counted pieces of memory, and a thread's few spare ones. */
#include "base/slab.h"

#include "base/alloc.h"

#define SLAB_MIN       ((size_t)16 << 10)
#define SPARE_SIZE_MAX ((size_t)256 << 10)
#define SPARES_MAX     ((size_t)512 << 10) /* bytes of all of them */

kmi_slab *kmi_slab_new(size_t capacity)
{
    kmi_slab *slab;

    if (capacity > SIZE_MAX - sizeof *slab)
        return NULL;
    slab = kmi_alloc(sizeof *slab + capacity);
    if (slab == NULL)
        return NULL;
    slab->next = NULL;
    slab->release = NULL;
    slab->owner = NULL;
    slab->kind = 0;
    slab->arrive = NULL;
    slab->refs = 1;
    slab->capacity = capacity;
    slab->size = 0;
    slab->requests = 0;
    return slab;
}

void kmi_slab_last_unref(kmi_slab *slab)
{
    if (slab->release != NULL)
        slab->release(slab);
    else
        kmi_free(slab);
}

kmi_slab *kmi_slab_take(kmi_slab_pool *pool, size_t capacity)
{
    kmi_slab **at = &pool->spare, *slab;

    while (*at != NULL && (*at)->capacity < capacity)
        at = &(*at)->next;
    slab = *at;
    if (slab == NULL)
        return kmi_slab_new(capacity < SLAB_MIN ? SLAB_MIN : capacity);
    *at = slab->next;
    pool->count--;
    pool->size -= slab->capacity;
    slab->next = NULL;
    slab->refs = 1;
    slab->size = 0;
    slab->requests = 0;
    return slab;
}

void kmi_slab_give(kmi_slab_pool *pool, kmi_slab *slab)
{
    if (slab == NULL)
        return;
    if (slab->capacity > SPARE_SIZE_MAX || slab->capacity < SLAB_MIN ||
        pool->size + slab->capacity > SPARES_MAX) {
        kmi_slab_unref(slab);
        return;
    }
    slab->next = pool->spare;
    pool->spare = slab;
    pool->count++;
    pool->size += slab->capacity;
}

static void go_back(kmi_slab *slab)
{
    slab->release = NULL;
    slab->refs = 1;
    kmi_slab_give(slab->owner, slab);
}

void kmi_slab_returns(kmi_slab_pool *pool, kmi_slab *slab)
{
    slab->owner = pool;
    slab->release = go_back;
}

void kmi_slab_pool_done(kmi_slab_pool *pool)
{
    while (pool->spare != NULL) {
        kmi_slab *slab = pool->spare;
        pool->spare = slab->next;
        kmi_slab_unref(slab);
    }
    pool->count = 0;
    pool->size = 0;
}
