/* start.c -- a server as a process of its own. */
#define _POSIX_C_SOURCE 200809L

#include "ledger.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

pid_t server_start(const char *program, const char *url)
{
    int   fds[2];
    char  line;
    pid_t pid;

    if (pipe(fds) != 0 || (pid = fork()) < 0)
        fail("processes");
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        execl(program, program, "serve", url, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    if (read(fds[0], &line, 1) != 1)
        fail("the server");
    close(fds[0]);
    return pid;
}

void server_end(pid_t server, int signal)
{
    if (kill(server, signal) != 0 || waitpid(server, NULL, 0) != server)
        fail("the server");
}
