/* allocations.c -- counts what a program allocates, by standing in front of the C library:
 * LD_PRELOAD=allocations.so. The program finds bench_allocations() by dlsym().
 *
 * glibc's own names for what is behind it are used, for dlsym() itself allocates.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

SEEN uint64_t bench_allocations(void);
SEEN void    *malloc(size_t size);
SEEN void    *calloc(size_t count, size_t size);
SEEN void    *realloc(void *p, size_t size);
SEEN void    *aligned_alloc(size_t alignment, size_t size);

static _Atomic uint64_t allocations;

static void count(void)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
}

uint64_t bench_allocations(void)
{
    return atomic_load(&allocations);
}

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *p, size_t size)
{
    count();
    return __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}
