/* arena.c -- memory that is taken in pieces and given back at once.
 *
 * Blocks are chained, each twice as large as the one before it up to BLOCK_MAX, so a few of them
 * hold anything. A reset keeps the newest, which is the largest: an arena that does the same work
 * again and again soon has one block and never allocates.
 */
#include "base/arena.h"

#include "base/alloc.h"

#include <string.h>

#define BLOCK_MIN ((size_t)4 << 10)
#define BLOCK_MAX ((size_t)1 << 20)
#define ALIGN_MAX ((size_t)16)

typedef struct block {
    struct block *older;
    size_t        size; /* of the whole block */
    _Alignas(ALIGN_MAX) uint8_t data[];
} block;

kmsg_arena *kmsg_arena_new(void)
{
    kmsg_arena *mem = kmi_alloc_zeroed(sizeof *mem);

    if (mem != NULL)
        mem->block_size = BLOCK_MIN;
    return mem;
}

static void free_blocks(block *b)
{
    while (b != NULL) {
        block *older = b->older;
        kmi_free(b);
        b = older;
    }
}

void kmsg_arena_free(kmsg_arena *mem)
{
    if (mem == NULL)
        return;
    free_blocks(mem->blocks);
    kmi_free(mem);
}

static void use_block(kmsg_arena *mem, block *b)
{
    mem->blocks = b;
    mem->at = b->data;
    mem->end = (uint8_t *)b + b->size;
}

void kmsg_arena_reset(kmsg_arena *mem)
{
    block *newest = mem->blocks;

    mem->failed = false;
    if (newest == NULL)
        return;
    mem->at = newest->data; /* mem->end is that of the newest already */
    if (newest->older != NULL) {
        free_blocks(newest->older);
        newest->older = NULL;
    }
}

void kmi_arena_reset_to(kmsg_arena *mem, size_t keep)
{
    block *newest = mem->blocks;

    kmsg_arena_reset(mem);
    if (newest == NULL || newest->size <= keep)
        return;
    kmi_free(newest);
    mem->blocks = NULL;
    mem->at = mem->end = NULL;
    mem->block_size = BLOCK_MIN;
}

bool kmsg_arena_failed(const kmsg_arena *mem)
{
    return mem->failed;
}

/* A block with room for `size` bytes at any alignment. */
static bool add_block(kmsg_arena *mem, size_t size)
{
    size_t need = sizeof(block) + ALIGN_MAX;
    block *b;

    if (size > SIZE_MAX - need)
        return false;
    need += size;
    if (need < mem->block_size)
        need = mem->block_size;
    b = kmi_alloc(need);
    if (b == NULL)
        return false;
    b->older = mem->blocks;
    b->size = need;
    use_block(mem, b);
    if (mem->block_size < BLOCK_MAX)
        mem->block_size *= 2;
    return true;
}

void *kmsg_alloc(kmsg_arena *mem, size_t size, size_t align)
{
    size_t pad = (size_t) - (uintptr_t)mem->at & (align - 1);

    if (mem->at == NULL || size > (size_t)(mem->end - mem->at) ||
        pad > (size_t)(mem->end - mem->at) - size) {
        if (!add_block(mem, size)) {
            mem->failed = true;
            return NULL;
        }
        pad = (size_t) - (uintptr_t)mem->at & (align - 1);
    }
    mem->at += pad + size;
    return mem->at - size;
}

void *kmsg_alloc_zeroed(kmsg_arena *mem, size_t count, size_t size, size_t align)
{
    void *p;

    if (size != 0 && count > SIZE_MAX / size) {
        mem->failed = true;
        return NULL;
    }
    p = kmsg_alloc(mem, count * size, align);
    if (p != NULL)
        memset(p, 0, count * size);
    return p;
}
