/* main.c -- three processes that find one another by way of TCP. A process that is to fork does so
 * before it has a node.
 */
#define _POSIX_C_SOURCE 200809L

#include "hosts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define URL_MAX 128
#define LIFE_S  60 /* so that nobody waits for ever for one who has failed */

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void read_url(int fd, char *ret)
{
    ssize_t size = read(fd, ret, URL_MAX - 1);

    if (size <= 0)
        fail("no address");
    ret[size] = '\0';
    close(fd);
}

/* Bob if there is a Cleo that he knows, else Cleo. */
static pid_t start(const char *known, char *ret_url)
{
    int   fds[2];
    pid_t pid;

    if (pipe(fds) != 0 || (pid = fork()) < 0)
        fail("hosts");
    if (pid == 0) {
        close(fds[0]);
        alarm(LIFE_S);
        if (known == NULL)
            cleo(fds[1]);
        else
            bob(known, fds[1]);
        exit(0);
    }
    close(fds[1]);
    read_url(fds[0], ret_url);
    return pid;
}

int main(void)
{
    char  cleo_url[URL_MAX], bob_url[URL_MAX];
    pid_t cleo_pid, bob_pid;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    cleo_pid = start(NULL, cleo_url);
    bob_pid = start(cleo_url, bob_url);
    ada(bob_url);
    waitpid(cleo_pid, NULL, 0);
    kill(bob_pid, SIGTERM);
    waitpid(bob_pid, NULL, 0);
    return 0;
}
