/* test.c -- the main function of every test program, and the checks of test.h.
 *
 * cmocka runs the tests and turns a check that fails, or a signal, into one that is "not ok"; what
 * is done here is to say what was found and what was wanted, and to hand cmocka the list. The list
 * is filled in by constructors, before main runs.
 *
 * A descriptor that is open at the end and was not at the beginning fails one last test. A child
 * that a test forks must leave by _exit(), or it would go on with the parent's list.
 */
#define _POSIX_C_SOURCE 200809L

#include "test.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define TESTS_MAX 512

/* libuv is not instrumented, and closes descriptors by system calls that the thread sanitizer does
 * not see: it takes their next use for a race. */
#if defined(__SANITIZE_THREAD__)
KMSG_API const char *__tsan_default_suppressions(void);
const char          *__tsan_default_suppressions(void)
{
    return "race:epoll_create1\nrace:eventfd\nrace:pipe2\n";
}
#endif

static struct CMUnitTest tests[TESTS_MAX + 1];
static void (*runs[TESTS_MAX])(void);
static size_t count;
static char   open_before[1024];
static char   where[256]; /* test_at() */

static void run_one(void **state)
{
    void (**run)(void) = *state;
    (*run)();
    where[0] = '\0';
}

/* After each test: where it was when it failed, also if it died. */
static int tell_where(void **state)
{
    (void)state;
    if (where[0] != '\0')
        printf("# at %s\n", where);
    where[0] = '\0';
    return 0;
}

void test_at(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(where, sizeof where, format, args);
    va_end(args);
}

void test_register(const char *name, void (*run)(void))
{
    if (count == TESTS_MAX) {
        fprintf(stderr, "test.c: more than %d tests in one program\n", TESTS_MAX);
        abort();
    }
    runs[count] = run;
    tests[count] = (struct CMUnitTest){name, run_one, NULL, tell_where, &runs[count]};
    count++;
}

/* "0 1 2 7=/dev/null": the open descriptors; those that leaked are printed by it. */
static void list_open(char *ret, size_t capacity)
{
    DIR   *dir = opendir("/proc/self/fd");
    size_t at = 0;

    ret[0] = '\0';
    if (!dir) {
        return;
    }
    for (struct dirent *d = readdir(dir); d && at < capacity; d = readdir(dir)) {
        char    path[300];
        char    target[200];
        ssize_t size;

        if (d->d_name[0] == '.' || atoll(d->d_name) == dirfd(dir)) {
            continue;
        }
        snprintf(path, sizeof path, "/proc/self/fd/%s", d->d_name);
        size = readlink(path, target, sizeof target - 1);
        target[size > 0 ? size : 0] = '\0';
        at += (size_t)snprintf(ret + at, capacity - at, "%s=%s ", d->d_name, target);
    }
    closedir(dir);
}

static void no_descriptor_is_left_open(void **state)
{
    char open_now[sizeof open_before];

    (void)state;
    list_open(open_now, sizeof open_now);
    EQ_STR(open_now, open_before);
}

/* Keeps the tests whose name contains one of the words. */
static void select_tests(char **words, int word_count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool wanted = word_count == 0;
        for (int w = 0; w < word_count; w++) {
            wanted = wanted || strstr(tests[i].name, words[w]);
        }
        if (wanted) {
            tests[kept++] = tests[i];
        }
    }
    count = kept;
}

int main(int argc, char **argv)
{
    select_tests(argv + 1, argc - 1);
    tests[count++] = (struct CMUnitTest){"no_descriptor_is_left_open", no_descriptor_is_left_open,
                                         NULL, NULL, NULL};
    setvbuf(stdout, NULL, _IOLBF, 0);
    list_open(open_before, sizeof open_before);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests(argv[0], tests, count, NULL, NULL) ? 1 : 0;
}

/* ---- rounds -------------------------------------------------------------------------------- */

unsigned test_rounds(unsigned usual)
{
    const char   *slow = getenv("TEST_SLOW");
    unsigned long times = slow == NULL ? 1 : strtoul(slow, NULL, 10);

    return times == 0 ? usual : (unsigned)((usual + times - 1) / times);
}

/* ---- checks -------------------------------------------------------------------------------- */

/* On stdout as a TAP comment, so that it stays beside the test it belongs to. */
static void say(const char *format, ...) KMSG_PRINTF(1, 2);
static void say(const char *format, ...)
{
    char    text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        printf("# %.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
}

void test_eq_int(intmax_t is, intmax_t wanted, const char *what, const char *file, int line)
{
    if (is != wanted) {
        say("%s is %jd, wanted %jd\n", what, is, wanted);
        _fail(file, line);
    }
}

void test_eq_uint(uintmax_t is, uintmax_t wanted, const char *what, const char *file, int line)
{
    if (is != wanted) {
        say("%s is %ju (%#jx), wanted %ju (%#jx)\n", what, is, is, wanted, wanted);
        _fail(file, line);
    }
}

void test_eq_str(const char *is, const char *wanted, const char *what, const char *file, int line)
{
    if (is == wanted || (is && wanted && strcmp(is, wanted) == 0)) {
        return;
    }
    say("%s is\n  \"%s\", wanted\n  \"%s\"\n", what, is ? is : "(null)",
        wanted ? wanted : "(null)");
    _fail(file, line);
}

void test_eq_ptr(const void *is, const void *wanted, const char *what, const char *file, int line)
{
    if (is != wanted) {
        say("%s is %p, wanted %p\n", what, is, wanted);
        _fail(file, line);
    }
}

/* 24 bytes around the place where the two part. */
static void show_bytes(const char *title, const uint8_t *data, size_t size, size_t from)
{
    char   text[3 * 24 + 1] = "";
    size_t at = 0;

    for (size_t i = from; i < size && i < from + 24; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%02x ", data[i]);
    }
    say("  %s: %zu bytes, from %zu: %s\n", title, size, from, text);
}

void test_eq_mem(const void *is, size_t is_size, const void *wanted, size_t wanted_size,
                 const char *what, const char *file, int line)
{
    const uint8_t *a = is;
    const uint8_t *b = wanted;
    size_t         at = 0;

    while (at < is_size && at < wanted_size && a[at] == b[at]) {
        at++;
    }
    if (at == is_size && at == wanted_size) {
        return;
    }
    say("%s differs at byte %zu\n", what, at);
    show_bytes("is", a, is_size, at > 8 ? at - 8 : 0);
    show_bytes("wanted", b, wanted_size, at > 8 ? at - 8 : 0);
    _fail(file, line);
}

void test_has(const char *text, const char *words, const char *what, const char *file, int line)
{
    if (!text || !strstr(text, words)) {
        say("%s is\n  \"%s\", which lacks\n  \"%s\"\n", what, text ? text : "(null)", words);
        _fail(file, line);
    }
}

void test_check(bool condition, const char *what, const char *file, int line)
{
    if (!condition) {
        say("not true: %s\n", what);
        _fail(file, line);
    }
}

void test_err(kmsg_err is, kmsg_err wanted, const char *what, const char *file, int line)
{
    if (is != wanted) {
        say("%s gave %s (%s), wanted %s\n", what, is ? kmsg_err_name(is) : "OK", kmsg_last_error(),
            wanted ? kmsg_err_name(wanted) : "OK");
        _fail(file, line);
    }
}

void test_skip_if_emulated(const char *reason)
{
    const char *under = getenv("UNDER");

    if (under != NULL && strncmp(under, "qemu", 4) == 0)
        test_skip(reason);
}

void test_skip(const char *reason)
{
    say("skipped: %s\n", reason);
    _skip(__FILE__, __LINE__);
}
