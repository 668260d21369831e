/* exec.h -- this very test program once more, as another process that was started by exec: what a
 * child has there is what it was given, and nothing else.
 *
 * A test file says with EXEC_CHILD(run) what the program does when it is started so; the word that
 * exec_start() was given is handed to it. The program dies with the test, however that ends.
 */
#ifndef EXEC_H
#define EXEC_H

#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_NAME "KMSG_TEST_CHILD"

/* `run` is a void (*)(const char *word); if it returns, the child has done well. */
#define EXEC_CHILD(run)                                                                            \
    __attribute__((constructor(65535))) static void exec_child(void)                               \
    {                                                                                              \
        if (getenv(EXEC_NAME) == NULL)                                                             \
            return;                                                                                \
        run(getenv(EXEC_NAME));                                                                    \
        _exit(0);                                                                                  \
    }

/* Between fork and exec nothing may be called but what is safe in a signal handler. */
static inline char *const *exec_environment(const char *word)
{
    static char  text[512];
    static char *both[] = {text, NULL};

    snprintf(text, sizeof text, "%s=%s", EXEC_NAME, word);
    return both;
}

static inline const char *exec_path(void)
{
    static char path[512];
    ssize_t     size = readlink("/proc/self/exe", path, sizeof path - 1);

    CHECK(size > 0);
    path[size] = '\0';
    return path;
}

/* First of all, in each test that starts one. */
static inline void exec_or_skip(void)
{
    test_skip_if_emulated("an emulator starts one program, and not those that this one starts");
}

/* `fd` becomes the child's descriptor 3, unless it is -1. */
static inline pid_t exec_start(const char *word, int fd)
{
    char *const *environment = exec_environment(word);
    const char  *path = exec_path();
    char        *arguments[] = {(char *)(uintptr_t)path, NULL};
    pid_t        pid;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fd < 0 || dup2(fd, 3) == 3)
            execve(path, arguments, environment);
        _exit(127);
    }
    return pid;
}

/* Waits for its end, which has to be a good one. */
static inline void exec_end(pid_t pid)
{
    int status = 0;

    CHECK(waitpid(pid, &status, 0) == pid);
    EQ_INT(status, 0);
}

#endif
