/* stamp_test.c -- what a file's times and numbers say of whether the list of the trusted has
 * changed, in a system that says what the test wants: a clock that stands still, a disk whose times
 * are coarse, an inode that is used again.
 *
 * It is linked so that stat(), fstat() and clock_gettime() come here first (see the Makefile).
 */
#define _GNU_SOURCE
#include "../unit/files.h"

#include "crypto/trust.h"

#include <time.h>

/* ---- the system ------------------------------------------------------------------------------ */

int real_stat(const char *path, struct stat *ret) __asm__("__real_stat");
int real_fstat(int fd, struct stat *ret) __asm__("__real_fstat");
int real_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("__real_clock_gettime");
int wrap_stat(const char *path, struct stat *ret) __asm__("__wrap_stat");
int wrap_fstat(int fd, struct stat *ret) __asm__("__wrap_fstat");
int wrap_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("__wrap_clock_gettime");

static bool            is_ours; /* what follows is what is said */
static struct timespec now, written, changed_at;
static ino_t           inode;
static dev_t           device;
static off_t           longer; /* by so much */

static void say(struct stat *ret)
{
    if (!is_ours)
        return;
    ret->st_mtim = written;
    ret->st_ctim = changed_at;
    ret->st_ino = inode;
    ret->st_dev = device;
    ret->st_size += longer;
}

int wrap_stat(const char *path, struct stat *ret)
{
    int result = real_stat(path, ret);

    if (result == 0)
        say(ret);
    return result;
}

int wrap_fstat(int fd, struct stat *ret)
{
    int result = real_fstat(fd, ret);

    if (result == 0)
        say(ret);
    return result;
}

int wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (!is_ours || clock != CLOCK_REALTIME)
        return real_clock_gettime(clock, ret);
    *ret = now;
    return 0;
}

/* ---- a list ---------------------------------------------------------------------------------- */

static kmi_trust *trust;

static void put(const char *name)
{
    char     text[KMSG_KEY_TEXT], line[200];
    kmsg_key key = {{1}};

    kmsg_key_print(&key, text);
    snprintf(line, sizeof line, "%s %s\n", text, name);
    files_put("trusted", line);
}

/* The first one is read at a time that is `age_ms` after it was written. */
static void begin(long age_ms)
{
    files_begin();
    now = (struct timespec){.tv_sec = 1000000, .tv_nsec = age_ms % 1000 * 1000000};
    now.tv_sec += age_ms / 1000;
    written = changed_at = (struct timespec){.tv_sec = 1000000};
    inode = 7;
    device = 1;
    longer = 0;
    is_ours = true;
    trust = kmi_trust_new(files_path("trusted"));
    CHECK(trust != NULL);
    put("one");
    OK(kmi_trust_refresh(trust, &(bool){false}));
}

static void end(void)
{
    is_ours = false;
    kmi_trust_free(trust);
    files_end();
}

/* Whose name is seen after another one was written over it. */
static const char *name_after(const char *name)
{
    put(name);
    OK(kmi_trust_refresh(trust, &(bool){false}));
    return kmi_trust_get(trust, 0)->name;
}

TEST(a_file_that_looks_the_same_in_all_ways_is_not_read_again)
{
    begin(100);
    EQ_STR(name_after("two"), "one");
    end();
}

TEST(a_file_that_was_changed_a_moment_before_it_was_read_is_read_again)
{
    begin(0);
    EQ_STR(name_after("two"), "two");
    EQ_STR(name_after("six"), "six");
    end();
    begin(99);
    EQ_STR(name_after("two"), "two");
    now.tv_nsec += 1000000;
    EQ_STR(name_after("six"), "six");
    EQ_STR(name_after("ten"), "six"); /* read once more when it was old enough */
    end();
}

TEST(a_clock_behind_that_of_the_disk_reads_again_for_a_second_at_most)
{
    begin(0);
    now.tv_sec -= 1;
    EQ_STR(name_after("two"), "two");
    EQ_STR(name_after("six"), "six");
    end();
    begin(0);
    now.tv_sec -= 2;
    EQ_STR(name_after("two"), "two");
    EQ_STR(name_after("six"), "two");
    end();
}

TEST(each_of_its_times_and_numbers_says_that_it_is_another_one)
{
    begin(5000);
    written.tv_nsec++;
    EQ_STR(name_after("two"), "two");
    EQ_STR(name_after("no1"), "two");
    changed_at.tv_nsec++;
    EQ_STR(name_after("six"), "six");
    inode++;
    EQ_STR(name_after("ten"), "ten");
    device++;
    EQ_STR(name_after("one"), "one");
    longer = 1;
    EQ_STR(name_after("two"), "two");
    written.tv_sec--;
    EQ_STR(name_after("six"), "six");
    changed_at.tv_sec--;
    EQ_STR(name_after("ten"), "ten");
    EQ_STR(name_after("no2"), "ten");
    end();
}
