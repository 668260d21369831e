/* secret.c -- pages of our own for secrets, with places of one size in them.
 *
 * Secrets never go through malloc, nor through the allocator of kmsg_set_allocator(): both leave
 * copies behind, and neither knows what is secret. A vault maps pages, asks the system to keep them
 * out of swap and core dumps and to give zeros to a forked child, and carves them up. What it notes
 * about them is no secret, and lies outside: so a child, which finds zeros in the pages, can still
 * give its places back.
 *
 * Each request for pages is twice the last one, up to a limit: few system calls, a short list to
 * look through, and little locked memory for who needs little. Of pages that are all free, one lot
 * is kept, for who takes and gives at the edge of a lot.
 *
 * What the system refuses to lock is used all the same. That is told once in a process: it may be
 * swapped out, and the user can raise the limit.
 */
#define _GNU_SOURCE
#include "crypto/secret.h"

#include "base/alloc.h"
#include "base/log.h"

#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 16u
#define PAGES_MAX 64u /* in one lot, of places that are smaller */

struct kmi_vault_page {
    kmi_vault_page *next;
    uint8_t        *at;
    size_t          size;
    uint32_t        capacity; /* places */
    uint32_t        free_count;
    uint32_t        free[]; /* indexes of the free places; the last one is the next to be taken */
};

bool kmi_crypto_ready(void)
{
    return sodium_init() >= 0;
}

void kmi_wipe(void *secret, size_t size)
{
    sodium_memzero(secret, size);
}

bool kmi_is_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void tell_unlocked(void)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;

    if (!atomic_flag_test_and_set(&told))
        kmi_log(KMSG_WARNING,
                "keys may be written to swap: the limit of locked memory is too low (ulimit -l)");
}

static uint8_t *map(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
#ifdef MADV_WIPEONFORK
    (void)madvise(at, size, MADV_WIPEONFORK); /* Linux before 4.14 does not know it */
#endif
    if (sodium_mlock(at, size) != 0) /* keeps it out of core dumps too, which has no limit */
        tell_unlocked();
    return at;
}

static void unmap(kmi_vault_page *page)
{
    (void)sodium_munlock(page->at, page->size); /* wipes it first */
    munmap(page->at, page->size);
    kmi_free(page);
}

static size_t place_size(const kmi_vault *vault)
{
    return (vault->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* How much to map next: at least one place of it, in whole pages. */
static size_t next_size(const kmi_vault *vault)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t       size = vault->pages == NULL ? page : vault->pages->size * 2;

    if (size > PAGES_MAX * page)
        size = PAGES_MAX * page;
    if (size < place_size(vault))
        size = (place_size(vault) + page - 1) / page * page;
    return size;
}

static kmi_vault_page *add_page(kmi_vault *vault)
{
    const size_t    size = next_size(vault);
    const uint32_t  capacity = (uint32_t)(size / place_size(vault));
    kmi_vault_page *page = kmi_alloc(sizeof *page + capacity * sizeof *page->free);

    if (page == NULL)
        return NULL;
    page->at = map(size);
    if (page->at == NULL) {
        kmi_free(page);
        return NULL;
    }
    page->size = size;
    page->capacity = capacity;
    page->free_count = capacity;
    for (uint32_t i = 0; i < capacity; i++)
        page->free[i] = capacity - 1 - i;
    page->next = vault->pages;
    vault->pages = page;
    return page;
}

/* ---- places ---------------------------------------------------------------------------------- */

void *kmi_vault_take(kmi_vault *vault)
{
    kmi_vault_page *page = vault->pages;

    assert(vault->size > 0 && "a vault has places of a size");
    while (page != NULL && page->free_count == 0)
        page = page->next;
    if (page == NULL)
        page = kmi_crypto_ready() ? add_page(vault) : NULL;
    if (page == NULL)
        return NULL;
    vault->count++;
    return page->at + place_size(vault) * page->free[--page->free_count];
}

/* The page that the place is in, in *at; and whether another one is all free. */
static kmi_vault_page **find_page(kmi_vault *vault, const uint8_t *place, bool *ret_has_spare)
{
    kmi_vault_page **found = NULL;

    *ret_has_spare = false;
    for (kmi_vault_page **at = &vault->pages; *at != NULL; at = &(*at)->next) {
        const uintptr_t offset = (uintptr_t)place - (uintptr_t)(*at)->at;
        if (offset < (*at)->size)
            found = at;
        else if ((*at)->free_count == (*at)->capacity)
            *ret_has_spare = true;
    }
    return found;
}

void kmi_vault_give(kmi_vault *vault, void *secret)
{
    bool             has_spare;
    kmi_vault_page **at, *page;

    if (secret == NULL)
        return;
    at = find_page(vault, secret, &has_spare);
    assert(at != NULL && "what is given back was taken from this vault");
    page = *at;
    kmi_wipe(secret, vault->size);
    page->free[page->free_count++] =
        (uint32_t)((size_t)((uint8_t *)secret - page->at) / place_size(vault));
    vault->count--;
    if (page->free_count < page->capacity || !has_spare)
        return;
    *at = page->next;
    unmap(page);
}

void kmi_vault_done(kmi_vault *vault)
{
    while (vault->pages != NULL) {
        kmi_vault_page *page = vault->pages;
        vault->pages = page->next;
        unmap(page);
    }
    vault->count = 0;
}
