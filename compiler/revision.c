/* revision.c -- see revision.h.
 *
 * `git archive` writes all schemas of the revision as one tar file into a new folder, where tar
 * unpacks it: whatever they import is there too. The folder is removed when the program ends, also
 * by exit().
 */
#define _XOPEN_SOURCE 700

#include "compiler/revision.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX 4096 /* bytes that are kept of what a program prints */

static char made[PATH_MAX]; /* the folder; "" when there is none */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

static void clean_up(void)
{
    if (made[0] != '\0')
        nftw(made, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool make_folder(char *why, size_t why_size)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    if (snprintf(made, sizeof made, "%s/kmsgc-XXXXXX", base) >= (int)sizeof made ||
        mkdtemp(made) == NULL) {
        snprintf(why, why_size, "cannot make a folder in %s: %s", base, strerror(errno));
        made[0] = '\0';
        return false;
    }
    atexit(clean_up);
    return true;
}

/* ---- running programs ------------------------------------------------------------------------ */

/* In the child: what it prints goes to `out`. */
static void become(const char *const *argv, int out)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* All that it prints is read, and the begin of it kept, without the last newline. */
static void read_said(int in, char *said)
{
    char    rest[512];
    size_t  size = 0;
    ssize_t n;

    do {
        bool full = size == SAID_MAX - 1;
        n = full ? read(in, rest, sizeof rest) : read(in, said + size, SAID_MAX - 1 - size);
        size += n > 0 && !full ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    while (size > 0 && said[size - 1] == '\n')
        size--;
    said[size] = '\0';
}

/* The exit status, 127 when there is no such program, -1 with errno when it cannot be started. */
static int run(const char *const *argv, char *said)
{
    int   ends[2], status = 0;
    pid_t pid;

    said[0] = '\0';
    if (pipe(ends) != 0)
        return -1;
    pid = fork();
    if (pid == 0)
        become(argv, ends[1]);
    close(ends[1]);
    if (pid > 0)
        read_said(ends[0], said);
    close(ends[0]);
    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Its first line says enough. */
static bool say(char *why, size_t why_size, const char *program, int status, const char *said)
{
    if (status < 0)
        snprintf(why, why_size, "cannot run %s: %s", program, strerror(errno));
    else if (status == 127)
        snprintf(why, why_size, "cannot run %s: is it installed?", program);
    else
        snprintf(why, why_size, "%s says: %.*s", program, (int)strcspn(said, "\n"), said);
    return false;
}

/* ---- git ------------------------------------------------------------------------------------- */

/* The folder of a path, or the path itself if it is one. */
static const char *folder_of(idl_sources *mem, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat info;

    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return path;
    return slash == NULL   ? "."
           : slash == path ? "/"
                           : idl_text(mem, "%.*s", (int)(slash - path), path);
}

static bool unpack(const char *top, const char *tree, char *why, size_t why_size)
{
    char        said[SAID_MAX], tar[PATH_MAX + 32], output[PATH_MAX + 64];
    int         status;
    const char *archive[] = {"git",  "-C", top,  "archive", "--format=tar",
                             output, tree, "--", "*.kmsg",  NULL};
    const char *extract[] = {"tar", "-x", "-C", made, "-f", tar, NULL};

    snprintf(tar, sizeof tar, "%s/.kmsgc.tar", made);
    snprintf(output, sizeof output, "--output=%s", tar);
    status = run(archive, said);
    if (status != 0)
        return say(why, why_size, "git", status, said);
    status = run(extract, said);
    if (status != 0)
        return say(why, why_size, "tar", status, said);
    return true;
}

bool revision_extract(idl_sources *mem, const char *name, const char *near, revision *ret,
                      char *why, size_t why_size)
{
    char        top[SAID_MAX], tree[SAID_MAX];
    const char *folder = folder_of(mem, near), *wanted = idl_text(mem, "%s^{tree}", name);
    const char *find_top[] = {"git", "-C", folder, "rev-parse", "--show-toplevel", NULL};
    const char *find_tree[] = {
        "git", "-C", folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted, NULL};
    int status = run(find_top, top);

    if (status != 0)
        return say(why, why_size, "git", status, top);
    status = run(find_tree, tree);
    if (status != 0) {
        snprintf(why, why_size, "git knows no revision '%s' in %s", name, top);
        return false;
    }
    if (!make_folder(why, why_size) || !unpack(top, tree, why, why_size))
        return false;
    *ret = (revision){.name = name, .top = idl_text(mem, "%s", top), .folder = made};
    return true;
}

const char *revision_path(idl_sources *mem, const revision *r, const char *path)
{
    char   real[PATH_MAX];
    size_t size = strlen(r->top);

    if (realpath(path, real) == NULL || strncmp(real, r->top, size) != 0 ||
        (real[size] != '/' && real[size] != '\0'))
        return path;
    return idl_text(mem, "%s%s", r->folder, real + size);
}
