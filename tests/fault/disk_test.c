/* disk_test.c -- the N-th step of writing a key, or of changing the list of the trusted, is refused
 * by the disk, or is the last one of the process, for every N.
 *
 * It is linked so that what writes to the disk comes here first (see the Makefile).
 */
#define _GNU_SOURCE
#include "../unit/files.h"

#include "crypto/key.h"
#include "crypto/trust.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

/* ---- the disk -------------------------------------------------------------------------------- */

int     real_mkostemp(char *path, int flags) __asm__("__real_mkostemp");
ssize_t real_write(int fd, const void *data, size_t size) __asm__("__real_write");
int     real_fchmod(int fd, mode_t mode) __asm__("__real_fchmod");
int     real_fsync(int fd) __asm__("__real_fsync");
int     real_link(const char *from, const char *to) __asm__("__real_link");
int     real_rename(const char *from, const char *to) __asm__("__real_rename");
int     wrap_mkostemp(char *path, int flags) __asm__("__wrap_mkostemp");
ssize_t wrap_write(int fd, const void *data, size_t size) __asm__("__wrap_write");
int     wrap_fchmod(int fd, mode_t mode) __asm__("__wrap_fchmod");
int     wrap_fsync(int fd) __asm__("__wrap_fsync");
int     wrap_link(const char *from, const char *to) __asm__("__wrap_link");
int     wrap_rename(const char *from, const char *to) __asm__("__wrap_rename");

#define FOREVER UINT_MAX

static unsigned steps_left = FOREVER; /* until one is refused */
static bool     dies;                 /* instead */

static char steps[40]; /* a letter for each that was made */

static bool refused(char step)
{
    size_t count = strlen(steps);

    if (count + 1 < sizeof steps)
        steps[count] = step;
    if (steps_left == FOREVER || steps_left-- > 0)
        return false;
    if (dies)
        _exit(0);
    steps_left = FOREVER;
    errno = ENOSPC;
    return true;
}

int wrap_mkostemp(char *path, int flags)
{
    return refused('m') ? -1 : real_mkostemp(path, flags);
}

/* A hundred bytes at a time: each piece is a step. */
ssize_t wrap_write(int fd, const void *data, size_t size)
{
    if (steps_left == FOREVER)
        return real_write(fd, data, size);
    return refused('w') ? -1 : real_write(fd, data, size > 100 ? 100 : size);
}

int wrap_fchmod(int fd, mode_t mode)
{
    return refused('c') ? -1 : real_fchmod(fd, mode);
}

int wrap_fsync(int fd)
{
    return refused('s') ? -1 : real_fsync(fd);
}

int wrap_link(const char *from, const char *to)
{
    return refused('l') ? -1 : real_link(from, to);
}

int wrap_rename(const char *from, const char *to)
{
    return refused('r') ? -1 : real_rename(from, to);
}

/* ---- a key, a list --------------------------------------------------------------------------- */

static const char *line_of(uint8_t number, const char *name)
{
    static char lines[2][100];
    char        text[KMSG_KEY_TEXT];
    kmsg_key    key = {{number}};

    kmsg_key_print(&key, text);
    snprintf(lines[number % 2], sizeof lines[0], "%s %s\n", text, name);
    return lines[number % 2];
}

static kmsg_err make_key(void)
{
    kmsg_key key;

    return kmi_key_new(files_path("key"), &key);
}

static kmsg_err add_two(void)
{
    kmi_trust *trust = kmi_trust_new(files_path("trusted"));
    kmsg_err   err = KMSG_ENOMEM;

    if (trust != NULL)
        err = kmi_trust_add(trust, &(kmi_trusted){.key = {{2}}, .name = "two"});
    kmi_trust_free(trust);
    return err;
}

static bool is_there(const char *name)
{
    return access(files_path(name), F_OK) == 0;
}

static bool is_key(void)
{
    uint8_t  secret[32];
    kmsg_key key;

    return kmi_key_load(files_path("key"), secret, &key) == KMSG_OK;
}

/* One line, or two. */
static size_t lines_in_list(void)
{
    char   both[300];
    size_t size = strlen(files_get("trusted"));

    snprintf(both, sizeof both, "%s%s", line_of(1, "one"), line_of(2, "two"));
    CHECK(strncmp(files_get("trusted"), both, size) == 0);
    CHECK(size == strlen(both) || size == strlen(line_of(1, "one")));
    return size == strlen(both) ? 2 : 1;
}

/* ---- tests ----------------------------------------------------------------------------------- */

TEST(what_is_written_is_on_the_disk_before_it_takes_its_place_and_the_folder_behind_it)
{
    files_begin();
    memset(steps, 0, sizeof steps);
    steps_left = 100;
    OK(make_key());
    steps_left = FOREVER;
    EQ_STR(steps, "mwwwwcsls");
    files_put("trusted", line_of(1, "one"));
    memset(steps, 0, sizeof steps);
    steps_left = 100;
    OK(add_two());
    steps_left = FOREVER;
    EQ_STR(steps, "mwwcsrs");
    files_end();
}

TEST(whatever_the_disk_refuses_leaves_no_key_and_nothing_else_behind)
{
    kmsg_err err = KMSG_ESYSTEM;
    unsigned n = 0;

    for (; err != KMSG_OK; n++) {
        test_at("step %u", n);
        files_begin();
        steps_left = n;
        err = make_key();
        steps_left = FOREVER;
        if (err != KMSG_OK) {
            EQ_INT(err, KMSG_ESYSTEM);
            HAS(kmsg_last_error(), files_path("key: it cannot be written: No space left"));
        }
        EQ_UINT(files_in(files_folder), err == KMSG_OK);
        EQ_INT(is_key(), err == KMSG_OK);
        files_end();
    }
    CHECK(n > 7);
}

TEST(whatever_the_disk_refuses_leaves_the_list_as_it_was)
{
    kmsg_err err = KMSG_ESYSTEM;
    unsigned n = 0, with_two = 0;

    for (; err != KMSG_OK; n++) {
        test_at("step %u", n);
        files_begin();
        files_put("trusted", line_of(1, "one"));
        steps_left = n;
        err = add_two();
        steps_left = FOREVER;
        CHECK(err == KMSG_OK || err == KMSG_ESYSTEM);
        EQ_UINT(files_in(files_folder), 2); /* with the lock */
        if (lines_in_list() == 2)
            with_two++;
        files_end();
    }
    EQ_UINT(with_two, 2); /* and the one whose folder could not be brought to the disk */
    CHECK(n > 6);
}

/* In another process, which dies at that step; true: it had fewer. */
static bool lived(unsigned step, kmsg_err (*work)(void))
{
    int   status = 0;
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        dies = true;
        steps_left = step;
        _exit(work() == KMSG_OK ? 1 : 2);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

TEST(who_dies_in_the_middle_leaves_a_whole_file_or_none)
{
    bool     over = false;
    unsigned n = 0, keys = 0, twos = 0;

    for (; !over; n++) {
        test_at("step %u", n);
        files_begin();
        files_put("trusted", line_of(1, "one"));
        over = lived(n, make_key) & lived(n, add_two);
        EQ_INT(is_key(), is_there("key"));
        keys += is_there("key");
        twos += lines_in_list() == 2;
        OK(add_two()); /* the lock has died with its holder */
        EQ_UINT(lines_in_list(), 2);
        files_end();
    }
    CHECK(n > 7);
    CHECK(keys > 1 && keys < n);
    CHECK(twos > 1 && twos < n);
}
