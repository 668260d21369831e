/* alloc.c -- kmsg_set_allocator() and what stands behind it until then. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

static kmsg_allocator allocator = {libc_resize, NULL};

void kmsg_set_allocator(kmsg_allocator new_allocator)
{
    if (new_allocator.resize == NULL)
        new_allocator = (kmsg_allocator){libc_resize, NULL};
    allocator = new_allocator;
}

void *kmi_resize(void *old, size_t size)
{
    return allocator.resize(allocator.ctx, old, size);
}

void *kmi_alloc(size_t size)
{
    return kmi_resize(NULL, size);
}

void *kmi_alloc_zeroed(size_t size)
{
    void *p = kmi_alloc(size);

    if (p != NULL)
        memset(p, 0, size);
    return p;
}

void kmi_free(void *old)
{
    if (old != NULL)
        kmi_resize(old, 0);
}

void *kmi_grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    size_t larger = *capacity == 0 ? 16 : *capacity * 2;

    if (count < *capacity)
        return items;
    if (larger > SIZE_MAX / item_size)
        return NULL;
    items = kmi_resize(items, larger * item_size);
    if (items != NULL)
        *capacity = larger;
    return items;
}

void kmi_clear(void *p, size_t size)
{
    memset(p, 0, size);
}
