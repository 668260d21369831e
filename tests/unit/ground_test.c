/* ground_test.c -- what everything stands on: the error table, arenas, strings, UTF-8, the
 * allocator that a program can supply, and the log.
 */
#include "test.h"

#include "base/arena.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <stdlib.h>

/* ---- errors ---- */

static const struct {
    kmsg_err    err;
    const char *name, *text;
} errors[] = {
#define ROW(name, value, text) {KMSG_##name, #name, text},
    KMSG_ERROR_MAP(ROW)
#undef ROW
};

TEST(each_error_has_its_own_negative_value_name_and_text)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        CHECK(errors[i].err < 0);
        EQ_STR(kmsg_err_name(errors[i].err), errors[i].name);
        EQ_STR(kmsg_strerror(errors[i].err), errors[i].text);
        for (size_t k = 0; k < i; k++) {
            CHECK(errors[i].err != errors[k].err);
            CHECK(strcmp(errors[i].text, errors[k].text) != 0);
        }
    }
}

TEST(a_number_that_is_no_error_has_a_name_too)
{
    EQ_STR(kmsg_strerror((kmsg_err)-9999), "unknown error");
    EQ_STR(kmsg_err_name((kmsg_err)-9999), "UNKNOWN");
    EQ_STR(kmsg_err_name(KMSG_OK), "OK");
    EQ_STR(kmsg_err_name(KMSG_LATER), "LATER");
}

TEST(the_last_error_may_quote_the_one_before)
{
    FAILS(kmi_error(KMSG_EADDRESS, "no port"), KMSG_EADDRESS);
    FAILS(kmi_error(KMSG_EINVAL, "tcp: %s", kmsg_last_error()), KMSG_EINVAL);
    EQ_STR(kmsg_last_error(), "tcp: no port");
    FAILS(kmi_error_plain(KMSG_ENOENT), KMSG_ENOENT);
    EQ_STR(kmsg_last_error(), "");
}

TEST(a_long_error_text_is_cut_and_says_so)
{
    char long_text[2 * KMI_ERROR_TEXT_MAX];

    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    FAILS(kmi_error(KMSG_EINVAL, "%s", long_text), KMSG_EINVAL);
    EQ_UINT(strlen(kmsg_last_error()), KMI_ERROR_TEXT_MAX - 1);
    EQ_STR(kmsg_last_error() + KMI_ERROR_TEXT_MAX - 5, "x...");
}

/* ---- arenas ---- */

TEST(an_arena_gives_aligned_pieces_that_do_not_overlap)
{
    kmsg_arena *mem = kmsg_arena_new();
    uint8_t    *pieces[2000];
    size_t      sizes[2000];

    for (size_t i = 0; i < 2000; i++) {
        size_t align = (size_t)1 << i % 5;
        sizes[i] = i * 7 % 300;
        pieces[i] = kmsg_alloc(mem, sizes[i], align);
        CHECK(pieces[i] != NULL);
        EQ_UINT((uintptr_t)pieces[i] % align, 0);
        memset(pieces[i], (int)(i & 0xff), sizes[i]);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            EQ_UINT(pieces[i][k], i & 0xff);
        }
    }
    kmsg_arena_free(mem);
}

TEST(an_array_from_an_arena_is_zeroed_also_after_a_reset)
{
    kmsg_arena *mem = kmsg_arena_new();

    for (int round = 0; round < 2; round++) {
        uint64_t *numbers = kmsg_alloc_array(mem, uint64_t, 100);
        for (size_t i = 0; i < 100; i++) {
            EQ_UINT(numbers[i], 0);
            numbers[i] = UINT64_MAX;
        }
        kmsg_arena_reset(mem);
    }
    kmsg_arena_free(mem);
}

TEST(what_no_memory_can_hold_is_refused_and_remembered_until_the_reset)
{
    kmsg_arena *mem = kmsg_arena_new();

    CHECK(kmsg_alloc_zeroed(mem, SIZE_MAX / 4, 8, 8) == NULL);
    CHECK(kmsg_arena_failed(mem));
    kmsg_arena_reset(mem);
    CHECK(!kmsg_arena_failed(mem));
    CHECK(kmsg_alloc(mem, SIZE_MAX - 8, 8) == NULL);
    CHECK(kmsg_arena_failed(mem));
    CHECK(kmsg_alloc(mem, 8, 8) != NULL);
    CHECK(kmsg_arena_failed(mem));
    kmsg_arena_free(mem);
}

TEST(freeing_no_arena_is_fine)
{
    kmsg_arena_free(NULL);
}

/* ---- an allocator of the program's own ---- */

typedef struct ledger {
    size_t live;    /* pieces that were not given back */
    size_t calls;   /* that asked for memory */
    size_t fail_at; /* from which of them on there is none */
} ledger;

static void *count_resize(void *ctx, void *old, size_t size)
{
    ledger *l = ctx;

    if (size == 0) {
        l->live -= old != NULL;
        free(old);
        return NULL;
    }
    if (++l->calls >= l->fail_at) {
        return NULL;
    }
    l->live += old == NULL;
    return realloc(old, size);
}

static void use_ledger(ledger *l)
{
    kmsg_set_allocator((kmsg_allocator){count_resize, l});
}

static void use_libc(void)
{
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
}

/* The same steps whatever fails; true when nothing did. */
static bool fill_an_arena(void)
{
    kmsg_arena *mem = kmsg_arena_new();
    bool        whole;

    if (!mem) {
        return false;
    }
    for (int i = 0; i < 100; i++) {
        kmsg_string text = kmsg_printf(mem, "%0500d", i);
        CHECK(text.size == 500 || (text.size == 0 && kmsg_arena_failed(mem)));
        CHECK(text.data[text.size] == '\0');
    }
    whole = !kmsg_arena_failed(mem);
    kmsg_arena_free(mem);
    return whole;
}

TEST(the_nth_allocation_may_fail_for_every_n_and_nothing_leaks)
{
    for (size_t n = 1;; n++) {
        ledger l = {.fail_at = n};
        bool   whole;

        use_ledger(&l);
        whole = fill_an_arena();
        use_libc();
        EQ_UINT(l.live, 0);
        EQ_INT(whole, l.calls < n);
        if (whole) {
            CHECK(n > 3);
            return;
        }
    }
}

TEST(an_arena_that_does_the_same_work_again_stops_allocating)
{
    ledger      l = {.fail_at = SIZE_MAX};
    kmsg_arena *mem;
    size_t      calls = 0;

    use_ledger(&l);
    mem = kmsg_arena_new();
    for (int round = 0; round < 10; round++) {
        calls = l.calls;
        for (int i = 0; i < 100; i++) {
            CHECK(kmsg_alloc(mem, 1000, 8) != NULL);
        }
        kmsg_arena_reset(mem);
    }
    EQ_UINT(l.calls, calls);
    kmsg_arena_free(mem);
    use_libc();
    EQ_UINT(l.live, 0);
}

/* ---- strings ---- */

TEST(a_copied_string_is_the_same_text_elsewhere_and_terminated)
{
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_string part = {"Ada Lovelace", 3};
    kmsg_string copy = kmsg_string_copy(mem, part);

    EQ_STR(copy.data, "Ada");
    EQ_UINT(copy.size, 3);
    CHECK(kmsg_string_equal(part, copy));
    CHECK(!kmsg_string_equal(copy, kmsg_str("Bda")));
    CHECK(!kmsg_string_equal(copy, kmsg_str("Ad")));
    CHECK(copy.data != part.data);
    kmsg_arena_free(mem);
}

TEST(an_absent_string_stays_absent_when_copied)
{
    kmsg_arena *mem = kmsg_arena_new();

    CHECK(kmsg_string_copy(mem, kmsg_str(NULL)).data == NULL);
    EQ_STR(kmsg_string_copy(mem, kmsg_str("")).data, "");
    kmsg_arena_free(mem);
}

TEST(a_literal_is_a_string_at_file_level_and_a_list_in_a_block)
{
    static const kmsg_string ada = KMSG_STR("Ada");
    const kmsg_list_string   names = KMSG_LIST(kmsg_string, KMSG_STR("a"), KMSG_STR("bc"));

    EQ_UINT(ada.size, 3);
    EQ_UINT(names.count, 2);
    EQ_STR(names.items[1].data, "bc");
}

/* ---- UTF-8 ---- */

/* Straight from the definition: decodes one scalar value; 0 where there is none. */
static size_t scalar_size(const uint8_t *s, size_t size)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};

    uint8_t  lead = s[0];
    size_t   n = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t value = n == 1 ? lead : lead & (0x7fu >> n);

    if (n == 0 || n > size || lead >= 0xf8) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (s[i] & 0x3f);
    }
    return value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : n;
}

static bool is_text(const uint8_t *s, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t n = scalar_size(s + at, size - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

TEST(utf8_of_up_to_three_bytes_is_judged_as_its_definition_does)
{
    for (uint32_t bits = 0; bits < 1u << 24; bits += bits < 1u << 16 ? 1 : 37) {
        uint8_t s[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
        if (kmsg_utf8_valid((const char *)s, 3) != is_text(s, 3)) {
            EQ_MEM(s, 3, "", 0);
        }
        if (kmsg_utf8_valid((const char *)s + 1, 2) != is_text(s + 1, 2)) {
            EQ_MEM(s + 1, 2, "", 0);
        }
    }
}

/* At every place of a long text, so that whatever looks at several bytes at once is caught. */
TEST(one_bad_byte_anywhere_makes_a_text_bad)
{
    char text[64];

    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, 'a', size);
        CHECK(kmsg_utf8_valid(text, size));
        for (size_t at = 0; at < size; at++) {
            static const char bad[] = {'\0', '\x80', '\xc3', '\xff'};
            for (size_t i = 0; i < sizeof bad; i++) {
                text[at] = bad[i];
                CHECK(!kmsg_utf8_valid(text, size));
            }
            text[at] = 'a';
        }
    }
    CHECK(kmsg_utf8_valid(NULL, 0));
}

TEST(random_texts_of_four_byte_forms_are_judged_as_the_definition_does)
{
    static const uint8_t likely[] = {0xf0, 0xf4, 0xf5, 0x8f, 0x90, 0x80,
                                     0xbf, 0xed, 0xa0, 0xe0, 'a'};

    test_seed(8);
    for (int round = 0; round < 200000; round++) {
        uint8_t s[12];
        size_t  size = test_random() % (sizeof s + 1);
        for (size_t i = 0; i < size; i++) {
            s[i] = likely[test_random() % sizeof likely];
        }
        if (kmsg_utf8_valid((const char *)s, size) != is_text(s, size)) {
            EQ_MEM(s, size, "", 0);
        }
    }
}

/* ---- log ---- */

static char           heard[100];
static kmsg_log_level heard_level;

static void hear(void *ctx, kmsg_log_level level, const char *text)
{
    *(int *)ctx += 1;
    heard_level = level;
    snprintf(heard, sizeof heard, "%s", text);
}

TEST(the_log_goes_to_the_program_and_to_nobody_else)
{
    int count = 0;

    kmi_log(KMSG_ERROR, "nobody listens");
    kmsg_set_log(hear, &count);
    kmi_log(KMSG_WARNING, "%s: %d", "refused", 7);
    kmsg_set_log(NULL, NULL);
    kmi_log(KMSG_ERROR, "nobody listens any more");
    EQ_INT(count, 1);
    EQ_INT(heard_level, KMSG_WARNING);
    EQ_STR(heard, "refused: 7");
}

TEST(a_pooled_arena_does_not_keep_the_largest_thing_it_ever_held)
{
    kmsg_arena *mem = kmsg_arena_new();

    CHECK(kmsg_alloc(mem, 1 << 20, 8) != NULL);
    kmi_arena_reset_to(mem, 64 << 10);
    CHECK(mem->blocks == NULL);
    CHECK(kmsg_alloc(mem, 1000, 8) != NULL);
    kmi_arena_reset_to(mem, 64 << 10);
    CHECK(mem->blocks != NULL);
    kmsg_arena_free(mem);
}
