/* alloc.h -- the one place where the library takes memory: what kmsg_set_allocator() set, or
 * malloc.
 *
 * A size of 0 is the caller's bug. NULL means no memory; every caller handles it.
 */
#ifndef KMI_ALLOC_H
#define KMI_ALLOC_H

#include <kmsg/base.h>

void *kmi_alloc(size_t size);
void *kmi_alloc_zeroed(size_t size);
void *kmi_resize(void *old, size_t size);
void  kmi_free(void *old);

/* Sets all bytes to 0. For what is cleared once a message: a size that is known to the compiler
 * makes it write an instruction that takes longer to begin than the whole thing lasts. */
void kmi_clear(void *p, size_t size);

/* `items` with room for one more: doubles *capacity when count has reached it. NULL, and `items` as
 * it was, when there is no memory. */
void *kmi_grow(void *items, size_t count, size_t *capacity, size_t item_size);

#endif
