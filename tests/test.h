/* test.h -- a test is nothing but the fact that it states:
 *
 *     TEST(an_empty_list_takes_eight_bytes)
 *     {
 *         EQ_UINT(size_of(empty), 8);
 *     }
 *
 * It registers itself: a file tests/unit/x_test.c with a few TESTs in it is a program, and a test's
 * name is what is printed when it fails. The first check that fails ends the test and prints both
 * values. The tests of a program run in the order of the text, in one process; at the end the
 * program checks that no descriptor was left open. Output is TAP; a word as argument runs the tests
 * whose name contains it.
 *
 * cmocka is underneath, and its assert_x() work as well.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kmsg/base.h>

void test_register(const char *name, void (*run)(void));

#define TEST(name)                                                                                 \
    static void                              case_##name(void);                                    \
    __attribute__((constructor)) static void add_##name(void)                                      \
    {                                                                                              \
        test_register(#name, case_##name);                                                         \
    }                                                                                              \
    static void case_##name(void)

/* What came of it, then what was expected. */
#define EQ_INT(is, wanted)  test_eq_int((is), (wanted), #is, __FILE__, __LINE__)
#define EQ_UINT(is, wanted) test_eq_uint((is), (wanted), #is, __FILE__, __LINE__)
#define EQ_STR(is, wanted)  test_eq_str((is), (wanted), #is, __FILE__, __LINE__)
#define EQ_PTR(is, wanted)  test_eq_ptr((is), (wanted), #is, __FILE__, __LINE__)
#define EQ_MEM(is, is_size, wanted, wanted_size)                                                   \
    test_eq_mem((is), (is_size), (wanted), (wanted_size), #is, __FILE__, __LINE__)

/* The text contains the words. */
#define HAS(text, words) test_has((text), (words), #text, __FILE__, __LINE__)

#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)

/* A kmsg_err: success; this very failure. */
#define OK(call)         test_err((call), KMSG_OK, #call, __FILE__, __LINE__)
#define FAILS(call, err) test_err((call), (err), #call, __FILE__, __LINE__)

/* Numbers that look random and are the same in every run that began with the same seed. */
void     test_seed(uint64_t seed);
uint32_t test_random(void);

/* Where the test is now (a seed, a file): told if it fails there. */
void test_at(const char *format, ...) KMSG_PRINTF(1, 2);

/* So many, or fewer where TEST_SLOW says how much slower than usual this machine is. */
unsigned test_rounds(unsigned usual);

/* Not here and now (no such tool, no privilege): counted as skipped, with the reason. */
#define SKIP(reason) test_skip(reason)

/* Where another machine is only emulated, process by process: SKIP, before anything was opened. */
void test_skip_if_emulated(const char *reason);

void test_eq_int(intmax_t is, intmax_t wanted, const char *what, const char *file, int line);
void test_eq_uint(uintmax_t is, uintmax_t wanted, const char *what, const char *file, int line);
void test_eq_str(const char *is, const char *wanted, const char *what, const char *file, int line);
void test_eq_ptr(const void *is, const void *wanted, const char *what, const char *file, int line);
void test_eq_mem(const void *is, size_t is_size, const void *wanted, size_t wanted_size,
                 const char *what, const char *file, int line);
void test_has(const char *text, const char *words, const char *what, const char *file, int line);
void test_check(bool condition, const char *what, const char *file, int line);
void test_err(kmsg_err is, kmsg_err wanted, const char *what, const char *file, int line);
void test_skip(const char *reason);

#endif
