/* child.h -- a process of its own: what it runs, and a line to it for single bytes. It dies with
 * the test, however that ends. Start it before the test has a thread.
 */
#ifndef CHILD_H
#define CHILD_H

#include "test.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct child {
    pid_t pid;
    int   line;
    bool  stopped;
    bool  dead;
    bool  met; /* it was stopped or killed once */
} child;

/* ---- in the child ---------------------------------------------------------------------------- */

static int child_line = -1;

static inline void child_say(uint8_t what)
{
    if (write(child_line, &what, 1) != 1)
        _exit(1);
}

static inline uint8_t child_wait(void)
{
    uint8_t what;

    if (read(child_line, &what, 1) != 1)
        _exit(1);
    return what;
}

/* ---- in the test ----------------------------------------------------------------------------- */

/* `run` does not return. */
static inline child child_start(void (*run)(void *ctx), void *ctx)
{
    int   fds[2];
    child c = {.pid = 0};

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    fflush(stdout);
    c.pid = fork();
    CHECK(c.pid >= 0);
    if (c.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(fds[0]);
        child_line = fds[1];
        run(ctx);
        _exit(1);
    }
    close(fds[1]);
    c.line = fds[0];
    return c;
}

static inline bool child_has_said(const child *c)
{
    uint8_t what;

    return recv(c->line, &what, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

static inline void child_tell(const child *c, uint8_t what)
{
    EQ_INT(send(c->line, &what, 1, MSG_NOSIGNAL), 1);
}

/* Waits for it. */
static inline uint8_t child_hear(const child *c)
{
    uint8_t what = 0;

    EQ_INT(read(c->line, &what, 1), 1);
    return what;
}

/* Has it been stopped or killed meanwhile? */
static inline void child_look(child *c)
{
    int status;

    if (c->dead || waitpid(c->pid, &status, WNOHANG | WUNTRACED) != c->pid)
        return;
    c->stopped = WIFSTOPPED(status);
    c->dead = !c->stopped;
    c->met = true;
    CHECK(c->stopped || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

static inline void child_continue(child *c)
{
    c->stopped = false;
    kill(c->pid, SIGCONT);
}

/* Kills it, unless it is dead. */
static inline void child_end(child *c)
{
    int status = 0;

    if (!c->dead) {
        kill(c->pid, SIGKILL);
        CHECK(waitpid(c->pid, &status, 0) == c->pid);
        CHECK(WIFSIGNALED(status));
    }
    close(c->line);
}

#endif
