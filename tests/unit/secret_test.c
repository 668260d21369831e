/* secret_test.c -- memory for secrets: what the system is asked for each page of it, what a forked
 * child finds there, and that nothing is left when it is given back.
 *
 * Sanitizers and emulators take some of these requests and do nothing: each is first tried on a
 * page of the test's own, and where it shows no effect the test is skipped.
 */
#define _GNU_SOURCE
#include "test.h"

#include "crypto/secret.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 5000

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool is_all(const uint8_t *at, uint8_t value, size_t size)
{
    while (size > 0 && *at == value)
        at++, size--;
    return size == 0;
}

static bool is_mapped(const void *place)
{
    const uintptr_t page = (uintptr_t)place / page_size() * page_size();
    unsigned char   resident;

    return mincore((void *)page, 1, &resident) == 0 || errno != ENOMEM;
}

/* ---- what the system does -------------------------------------------------------------------- */

/* What the kernel says of the memory at `place`: two letters a flag; "" if it does not tell. */
static void flags_at(const void *place, char *ret, size_t size)
{
    FILE     *maps = fopen("/proc/self/smaps", "r");
    char      line[512];
    uintptr_t from, to;
    bool      is_here = false;

    *ret = '\0';
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
            is_here = (uintptr_t)place >= from && (uintptr_t)place < to;
        else if (is_here && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(ret, size, "%s", line + 8);
    if (maps != NULL)
        fclose(maps);
}

static bool has_flag(const void *place, const char *flag)
{
    char flags[512];

    flags_at(place, flags, sizeof flags);
    return strstr(flags, flag) != NULL;
}

static bool lock(void *at, size_t size)
{
    return mlock(at, size) == 0;
}

static bool leave_out_of_dumps(void *at, size_t size)
{
    return madvise(at, size, MADV_DONTDUMP) == 0;
}

static bool wipe_in_child(void *at, size_t size)
{
    return madvise(at, size, MADV_WIPEONFORK) == 0;
}

/* Is it to be seen at all, here, that somebody has asked for it? */
static bool shows(bool ask(void *, size_t), const char *flag)
{
    const size_t size = (size_t)1 << 20; /* more than a test here takes */
    void        *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool   does = at != MAP_FAILED && ask(at, size) && has_flag(at, flag);

    if (at != MAP_FAILED)
        munmap(at, size);
    return does;
}

#define FINE 0

/* The status of a child that does this. */
static int in_child(int act(void *), void *ctx)
{
    int   status = 0;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0)
        _exit(act(ctx));
    EQ_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- without locking, which comes first: it is told once in a process ------------------------ */

static unsigned logged;
static char     log_text[256];

static void note(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    logged++;
    snprintf(log_text, sizeof log_text, "%s", text);
}

/* Root may lock what he likes, whatever the limit says. */
static bool lose_locking(void)
{
    const struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_MEMLOCK, &none) == 0 && (getuid() != 0 || setuid(65534) == 0) &&
           !shows(lock, "");
}

enum { CANNOT_LOSE = 10, NO_PLACE, NOT_TOLD_ONCE, NO_WORDS };

static int use_without_locking(void *ctx)
{
    (void)ctx;
    if (!lose_locking())
        return CANNOT_LOSE;
    kmsg_set_log(note, NULL);
    for (unsigned i = 0; i < 3; i++) {
        kmi_vault vault = {.size = 600};
        for (unsigned k = 0; k < 100; k++) {
            uint8_t *place = kmi_vault_take(&vault);
            if (place == NULL || !is_all(place, 0, 600))
                return NO_PLACE;
            memset(place, 1, 600);
        }
        kmi_vault_done(&vault);
    }
    if (logged != 1)
        return NOT_TOLD_ONCE;
    return strstr(log_text, "ulimit -l") != NULL ? FINE : NO_WORDS;
}

TEST(what_cannot_be_locked_is_used_all_the_same_and_that_is_told_once)
{
    int status = in_child(use_without_locking, NULL);

    if (status == CANNOT_LOSE)
        SKIP("memory can be locked here whatever the limit says");
    EQ_INT(status, FINE);
}

/* ---- places ---------------------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const uint8_t *const *first = a, *const *second = b;

    return (*first > *second) - (*first < *second);
}

static void take_many(size_t size)
{
    static uint8_t *places[MANY];
    kmi_vault       vault = {.size = size};

    for (size_t i = 0; i < MANY; i++) {
        places[i] = kmi_vault_take(&vault);
        CHECK(places[i] != NULL);
        EQ_UINT((uintptr_t)places[i] % 16, 0);
        CHECK(is_all(places[i], 0, size));
        memset(places[i], 0xa5, size);
        EQ_UINT(vault.count, i + 1);
    }
    qsort(places, MANY, sizeof *places, by_address);
    for (size_t i = 1; i < MANY; i++)
        CHECK(places[i] - places[i - 1] >= (ptrdiff_t)size);
    for (size_t i = 0; i < MANY; i++)
        kmi_vault_give(&vault, places[i]);
    EQ_UINT(vault.count, 0);
    kmi_vault_done(&vault);
}

TEST(thousands_of_places_are_aligned_zeroed_and_apart)
{
    take_many(1);
    take_many(48);
    take_many(700);
    take_many(page_size());
    take_many(page_size() + 1);
}

TEST(a_place_is_wiped_when_it_is_given_back)
{
    kmi_vault vault = {.size = 100};
    uint8_t  *kept = kmi_vault_take(&vault), *place = kmi_vault_take(&vault);

    CHECK(kept != NULL && place != NULL);
    memset(place, 0xa5, 100);
    memset(kept, 0x5a, 100);
    kmi_vault_give(&vault, place);
    CHECK(is_all(place, 0, 100)); /* its page is still there, because of the other */
    CHECK(is_all(kept, 0x5a, 100));
    kmi_vault_give(&vault, NULL);
    EQ_UINT(vault.count, 1);
    EQ_PTR(kmi_vault_take(&vault), place);
    kmi_vault_done(&vault);
}

TEST(nothing_is_mapped_when_a_vault_is_done)
{
    kmi_vault vault = {.size = 1000};
    void     *places[100];

    for (size_t i = 0; i < 100; i++) {
        places[i] = kmi_vault_take(&vault);
        CHECK(places[i] != NULL && is_mapped(places[i]));
    }
    kmi_vault_done(&vault);
    for (size_t i = 0; i < 100; i++)
        CHECK(!is_mapped(places[i]));
    EQ_UINT(vault.count, 0);
    EQ_PTR(vault.pages, NULL);
}

/* What thousands of connections once had does not stay with us for good. */
TEST(of_places_that_are_free_one_lot_of_pages_is_kept)
{
    static uint8_t *places[MANY];
    kmi_vault       vault = {.size = 0};
    size_t          mapped = 0;

    vault.size = page_size();
    for (size_t i = 0; i < MANY; i++) {
        places[i] = kmi_vault_take(&vault);
        CHECK(places[i] != NULL);
    }
    for (size_t i = 0; i < MANY; i++)
        kmi_vault_give(&vault, places[i]);
    for (size_t i = 0; i < MANY; i++)
        mapped += is_mapped(places[i]);
    CHECK(mapped >= 1 && mapped <= 64);
    kmi_vault_done(&vault);
}

/* ---- what the system is asked ---------------------------------------------------------------- */

/* All that a vault maps, also when it has become large. */
static void all_have(const char *flag)
{
    kmi_vault vault = {.size = 600};

    for (unsigned i = 0; i < 300; i++) {
        void *place = kmi_vault_take(&vault);
        CHECK(place != NULL);
        CHECK(has_flag(place, flag));
    }
    kmi_vault_done(&vault);
}

TEST(places_are_locked_in_memory)
{
    if (!shows(lock, " lo"))
        SKIP("memory cannot be locked here, or that is not to be seen in /proc/self/smaps");
    all_have(" lo");
}

TEST(places_are_left_out_of_core_dumps)
{
    if (!shows(leave_out_of_dumps, " dd"))
        SKIP("that memory is left out of core dumps is not to be seen in /proc/self/smaps");
    all_have(" dd");
}

TEST(places_are_wiped_in_a_child)
{
    if (!shows(wipe_in_child, " wf"))
        SKIP("this system does not wipe memory at a fork, or does not tell in /proc/self/smaps");
    all_have(" wf");
}

/* ---- a child --------------------------------------------------------------------------------- */

typedef struct family {
    kmi_vault vault;
    uint8_t  *places[20];
} family;

enum { NOT_WIPED = 1, NOT_TAKEN, NOT_GIVEN };

/* It finds zeros, gives all back, takes others and is done with it, as if it were the parent. */
static int use_as_child(void *ctx)
{
    family *f = ctx;

    for (unsigned i = 0; i < 20; i++)
        if (!is_all(f->places[i], 0, 600))
            return NOT_WIPED;
    for (unsigned i = 0; i < 20; i++)
        kmi_vault_give(&f->vault, f->places[i]);
    if (f->vault.count != 0)
        return NOT_GIVEN;
    for (unsigned i = 0; i < 40; i++) {
        uint8_t *place = kmi_vault_take(&f->vault);
        if (place == NULL || !is_all(place, 0, 600))
            return NOT_TAKEN;
        memset(place, 1, 600);
    }
    kmi_vault_done(&f->vault);
    return FINE;
}

TEST(a_forked_child_finds_zeros_and_gives_back)
{
    family f = {.vault = {.size = 600}};

    if (!shows(wipe_in_child, " wf"))
        SKIP("this system does not wipe memory at a fork, or does not tell in /proc/self/smaps");
    for (unsigned i = 0; i < 20; i++) {
        f.places[i] = kmi_vault_take(&f.vault);
        CHECK(f.places[i] != NULL);
        memset(f.places[i], 0xa5, 600);
    }
    EQ_INT(in_child(use_as_child, &f), FINE);
    for (unsigned i = 0; i < 20; i++)
        CHECK(is_all(f.places[i], 0xa5, 600));
    kmi_vault_done(&f.vault);
}

/* ---- what fails ------------------------------------------------------------------------------ */

static unsigned denied;

static void *deny(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0) {
        free(old);
        return NULL;
    }
    denied++;
    return NULL;
}

TEST(a_vault_without_memory_has_no_place_and_goes_on_later)
{
    kmi_vault vault = {.size = 600};
    void     *place;

    kmsg_set_allocator((kmsg_allocator){deny, NULL});
    place = kmi_vault_take(&vault);
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
    EQ_PTR(place, NULL);
    EQ_UINT(denied, 1);
    EQ_UINT(vault.count, 0);
    place = kmi_vault_take(&vault);
    CHECK(place != NULL);
    kmi_vault_done(&vault);
}

/* No system maps that much. */
TEST(a_vault_that_cannot_map_has_no_place)
{
    kmi_vault vault = {.size = SIZE_MAX / 8 * 7};

    EQ_PTR(kmi_vault_take(&vault), NULL);
    EQ_PTR(vault.pages, NULL);
    kmi_vault_done(&vault);
}

/* ---- without a vault ------------------------------------------------------------------------- */

TEST(what_is_compared_is_equal_or_not_wherever_it_differs)
{
    uint8_t a[64], b[64];

    memset(a, 7, sizeof a);
    memset(b, 7, sizeof b);
    CHECK(kmi_is_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof b; i++) {
        b[i] ^= 0x10;
        CHECK(!kmi_is_equal(a, b, sizeof a));
        CHECK(kmi_is_equal(a, b, i));
        b[i] ^= 0x10;
    }
    CHECK(kmi_is_equal(a, b, 0));
}

TEST(what_is_wiped_is_zeros_and_nothing_beside_it_is)
{
    uint8_t bytes[64];

    memset(bytes, 7, sizeof bytes);
    kmi_wipe(bytes + 8, 48);
    CHECK(is_all(bytes, 7, 8) && is_all(bytes + 8, 0, 48) && is_all(bytes + 56, 7, 8));
}
