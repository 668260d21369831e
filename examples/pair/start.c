/* start.c -- another program, with what it is to know as arguments and descriptors. */
#define _POSIX_C_SOURCE 200809L

#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

pid_t start(const char *program, const char *url, int fd)
{
    pid_t pid = fork();

    if (pid < 0) {
        perror("fork");
        exit(1);
    }
    if (pid > 0)
        return pid;
    if (fd < 0 || dup2(fd, 3) == 3) /* a copy that is inherited */
        execl(program, program, "child", url, (char *)NULL);
    _exit(127);
}
