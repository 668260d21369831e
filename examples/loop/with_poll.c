/* with_poll.c -- a node in a loop of poll(), beside another descriptor: a timer of Linux. */
#define _POSIX_C_SOURCE 200809L

#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int must(int result)
{
    if (result >= 0)
        return result;
    perror("loop");
    exit(1);
}

static int new_ticker(void)
{
    const struct timespec   tick = {.tv_nsec = TICK_MS * 1000000};
    const struct itimerspec when = {.it_value = tick, .it_interval = tick};
    int                     fd = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));

    must(timerfd_settime(fd, 0, &when, NULL));
    return fd;
}

void loop_with_poll(kmsg_node *node, const bool *stop, void *ctx, void (*tick)(void *ctx))
{
    enum { NODE, TICKER };
    struct pollfd fds[] = {[NODE] = {.fd = kmsg_node_fd(node), .events = POLLIN},
                           [TICKER] = {.fd = new_ticker(), .events = POLLIN}};
    uint64_t      ticks;

    while (!*stop) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            must(-1);
        if (fds[TICKER].revents != 0 && read(fds[TICKER].fd, &ticks, sizeof ticks) > 0)
            tick(ctx);
        kmsg_must(kmsg_node_step(node));
    }
    close(fds[TICKER].fd);
}
