/* uv.c -- the platform seam over libuv: the only file that includes its header.
 *
 * libuv waits for descriptors, wakes loops, looks up names and starts threads. Reading and writing
 * are plain calls on the descriptor (posix.c) when libuv says that it is ready, not libuv's
 * streams: so the owner chooses the buffer and knows to the byte what the system has taken, and a
 * broken pipe is an error code, never a signal.
 *
 * libuv's handles must outlive uv_close() until its callback: they lie in memory of ours that is
 * freed there. A loop has one libuv timer; it is moved only to come earlier, because all deadlines
 * are in the node's own heap and coming too early does no harm.
 *
 * After fork() the child has the parent's epoll descriptor, not one like it: what is added there or
 * taken out is so for the parent as well. And what it writes to a socket or a pipe the parent has
 * said. So there a loop and its sockets do nothing but close what this process has of them.
 */
#define _GNU_SOURCE
#include "base/alloc.h"
#include "base/err.h"
#include "base/forked.h"
#include "base/timer.h"
#include "sys/posix.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

struct kmi_loop {
    uv_loop_t  uv;
    uv_poll_t  wake;
    int        wake_fds[2]; /* a pipe: what is written into [1] wakes the loop */
    uv_timer_t timer;
    int64_t    timer_at_ns; /* when it fires, KMI_NEVER: not set */
    uv_poll_t  alarm;
    int      alarm_fd; /* a timer that makes the loop's descriptor readable; -1: nobody needs it */
    int64_t  alarm_at_ns;
    unsigned forks; /* kmi_forks when it was made */
    bool     stale;
    bool     moved; /* something has happened since polling began */
};

struct kmi_socket {
    uv_poll_t      poll;
    kmi_loop      *loop;
    kmi_socket_fn *fn;
    void          *ctx;
    int            fd;
    unsigned       events; /* that are watched for */
    kmi_claim     *claim;  /* of a listener */
};

struct kmi_lookup {
    uv_getaddrinfo_t request;
    kmi_resolved_fn *fn; /* NULL once it is cancelled */
    void            *ctx;
};

struct kmi_thread {
    uv_thread_t id;
    void (*run)(void *ctx);
    void *ctx;
};

/* ---- loops --------------------------------------------------------------------------------- */

/* Loops are woken through a pipe and not by uv_async_send(), which writes to an eventfd: Linux
 * takes a write to a pipe for the writer's last act and lets the woken thread follow on the same
 * processor, while an eventfd wakes another processor from its sleep, which takes several times as
 * long. */
static void on_wake(uv_poll_t *wake, int status, int events)
{
    kmi_loop *loop = wake->data;
    char      bytes[64];

    (void)status;
    (void)events;
    loop->moved = true;
    while (read(loop->wake_fds[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        continue; /* that poll() returned is all that was wanted */
}

static void on_timer(uv_timer_t *timer)
{
    kmi_loop *loop = timer->data;

    loop->timer_at_ns = KMI_NEVER;
    loop->moved = true;
    uv_stop(&loop->uv); /* a timer that was due before waiting began must not be waited behind */
}

static bool wake_init(kmi_loop *loop)
{
    if (!kmi_fd_pipe(loop->wake_fds))
        return false;
    if (uv_poll_init(&loop->uv, &loop->wake, loop->wake_fds[0]) != 0) {
        close(loop->wake_fds[0]);
        close(loop->wake_fds[1]);
        return false;
    }
    loop->wake.data = loop;
    uv_poll_start(&loop->wake, UV_READABLE, on_wake);
    return true;
}

static kmi_loop *loop_new(void)
{
    kmi_loop *loop = kmi_alloc_zeroed(sizeof *loop);

    if (loop == NULL)
        return NULL;
    if (uv_loop_init(&loop->uv) != 0) {
        kmi_free(loop);
        return NULL;
    }
    if (!wake_init(loop)) {
        uv_loop_close(&loop->uv);
        kmi_free(loop);
        return NULL;
    }
    uv_timer_init(&loop->uv, &loop->timer);
    loop->uv.data = loop;
    loop->timer.data = loop;
    loop->timer_at_ns = KMI_NEVER;
    loop->alarm_fd = -1;
    loop->forks = kmi_forks;
    loop->stale = true;
    return loop;
}

static bool is_foreign(const kmi_loop *loop)
{
    return KMSG_UNLIKELY(loop->forks != kmi_forks);
}

static void on_socket_closed(uv_handle_t *handle)
{
    kmi_socket *s = handle->data;

    kmi_free(s->claim);
    kmi_free(s);
}

static void close_foreign(uv_handle_t *handle, void *ctx)
{
    kmi_loop   *loop = ctx;
    kmi_socket *s = handle->data;
    bool        is_socket = s != (void *)loop;

    if (uv_is_closing(handle))
        return;
    uv_close(handle, is_socket ? on_socket_closed : NULL);
    if (is_socket && s->fd >= 0)
        close(s->fd);
    if (is_socket && s->claim != NULL && s->claim->lock_fd >= 0)
        close(s->claim->lock_fd);
    if (is_socket && s->claim != NULL && s->claim->reserve_fd >= 0)
        close(s->claim->reserve_fd);
}

/* libuv makes an epoll descriptor of its own first. Who looks names up is not in this process: what
 * waits for that stays. */
static void loop_abandon(kmi_loop *loop)
{
    if (uv_loop_fork(&loop->uv) != 0)
        return;
    uv_walk(&loop->uv, close_foreign, loop);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    close(loop->wake_fds[0]);
    close(loop->wake_fds[1]);
    if (loop->alarm_fd >= 0)
        close(loop->alarm_fd);
    if (uv_loop_close(&loop->uv) == 0)
        kmi_free(loop);
}

static void loop_free(kmi_loop *loop)
{
    if (is_foreign(loop)) {
        loop_abandon(loop);
        return;
    }
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->timer, NULL);
    if (loop->alarm_fd >= 0) {
        uv_close((uv_handle_t *)&loop->alarm, NULL);
        close(loop->alarm_fd);
    }
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    close(loop->wake_fds[0]);
    close(loop->wake_fds[1]);
    kmi_free(loop);
}

static int64_t now_ns(void)
{
    return (int64_t)uv_hrtime();
}

/* The kernel's tick, of 10 ms at most. */
static int64_t coarse_ns(void)
{
    struct timespec t;

    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &t) != 0)
        return now_ns();
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void set_timer(kmi_loop *loop, int64_t until_ns)
{
    int64_t left_ns;

    if (until_ns >= loop->timer_at_ns)
        return;
    left_ns = until_ns - now_ns();
    loop->timer_at_ns = until_ns;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->timer, on_timer,
                   left_ns <= 0 ? 0 : ((uint64_t)left_ns + 999999u) / 1000000u, 0);
}

static bool poll_loop(kmi_loop *loop, int64_t until_ns)
{
    bool wait = until_ns > 0;

    if (is_foreign(loop))
        return false;
    if (wait && until_ns != KMI_NEVER)
        set_timer(loop, until_ns);
    loop->stale = false;
    loop->moved = false;
    uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    return loop->moved;
}

static void wake_ts(kmi_loop *loop)
{
    ssize_t n = is_foreign(loop) ? 0 : write(loop->wake_fds[1], "", 1);

    (void)n; /* a full pipe wakes as well */
}

static bool loop_stale(const kmi_loop *loop)
{
    return loop->stale;
}

/* ---- in another's loop ----------------------------------------------------------------------- */

/* libuv's descriptor knows neither of its timers nor of what it has yet to tell epoll. A timer that
 * is a descriptor, among those that it waits for, makes up for both. */
static void on_alarm(uv_poll_t *alarm, int status, int events)
{
    kmi_loop *loop = alarm->data;
    uint64_t  times;
    ssize_t   n = read(loop->alarm_fd, &times, sizeof times);

    (void)status;
    (void)events;
    (void)n;
    loop->alarm_at_ns = KMI_NEVER;
}

static void set_alarm(kmi_loop *loop, int64_t at_ns)
{
    struct itimerspec when = {.it_interval = {0}};

    if (at_ns < 1)
        at_ns = 1; /* long ago; 0 would be never */
    if (loop->alarm_fd < 0 || at_ns >= loop->alarm_at_ns || is_foreign(loop))
        return;
    loop->alarm_at_ns = at_ns;
    when.it_value.tv_sec = (time_t)(at_ns / 1000000000);
    when.it_value.tv_nsec = (long)(at_ns % 1000000000);
    timerfd_settime(loop->alarm_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static int loop_fd(kmi_loop *loop)
{
    if (loop->alarm_fd >= 0)
        return uv_backend_fd(&loop->uv);
    loop->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->alarm_fd < 0) {
        kmi_error(KMSG_ESYSTEM, "timerfd_create: %s", strerror(errno));
        return -1;
    }
    uv_poll_init(&loop->uv, &loop->alarm, loop->alarm_fd);
    loop->alarm.data = loop;
    loop->alarm_at_ns = KMI_NEVER;
    uv_poll_start(&loop->alarm, UV_READABLE, on_alarm);
    (void)poll_loop(loop, 0); /* epoll hears of it */
    return uv_backend_fd(&loop->uv);
}

static void set_stale(kmi_loop *loop)
{
    loop->stale = true;
    set_alarm(loop, 0);
}

/* ---- sockets ------------------------------------------------------------------------------- */

static void watch(kmi_socket *s, unsigned events);

static void on_ready(uv_poll_t *poll, int status, int events)
{
    kmi_socket *s = poll->data;

    s->loop->moved = true;
    /* On an error libuv stops watching and says no more than that: reading will tell what it is, if
     * not now, then next time. */
    if (status != 0)
        watch(s, s->events);
    s->fn(s->ctx, status != 0 ? KMI_READABLE | KMI_WRITABLE
                              : (events & UV_READABLE ? (unsigned)KMI_READABLE : 0u) |
                                    (events & UV_WRITABLE ? (unsigned)KMI_WRITABLE : 0u));
}

static void watch(kmi_socket *s, unsigned events)
{
    if (is_foreign(s->loop))
        return;
    set_stale(s->loop);
    s->events = events;
    uv_poll_start(&s->poll,
                  (events & KMI_READABLE ? UV_READABLE : 0) |
                      (events & KMI_WRITABLE ? UV_WRITABLE : 0),
                  on_ready);
}

/* Takes the descriptor in any case. */
static kmsg_err new_socket(kmi_loop *loop, int fd, kmi_socket_fn *fn, void *ctx, unsigned events,
                           kmi_socket **ret)
{
    kmi_socket *s = kmi_alloc_zeroed(sizeof *s);
    int         status = s == NULL ? UV_ENOMEM : uv_poll_init(&loop->uv, &s->poll, fd);

    if (status != 0) {
        close(fd);
        kmi_free(s);
        return status == UV_ENOMEM ? KMSG_ENOMEM
                                   : kmi_error(KMSG_ESYSTEM, "%s", uv_strerror(status));
    }
    s->loop = loop;
    s->fd = fd;
    s->fn = fn;
    s->ctx = ctx;
    s->poll.data = s;
    watch(s, events);
    *ret = s;
    return KMSG_OK;
}

static kmsg_err listen_claimed(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                               kmi_claim *claim, kmi_endpoint *ret_bound, kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_listen(at, claim, ret_bound, &fd);

    if (err != KMSG_OK)
        return err;
    err = new_socket(loop, fd, fn, ctx, KMI_READABLE, ret);
    if (err == KMSG_OK)
        (*ret)->claim = claim;
    else
        kmi_claim_release(claim);
    return err;
}

static kmsg_err listen_at(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                          kmi_endpoint *ret_bound, kmi_socket **ret)
{
    kmi_claim *claim = kmi_alloc(sizeof *claim);
    kmsg_err   err = KMSG_ENOMEM;

    if (claim != NULL)
        err = listen_claimed(loop, at, fn, ctx, claim, ret_bound, ret);
    if (err != KMSG_OK)
        kmi_free(claim);
    return err;
}

static kmsg_err accept_one(kmi_socket *listener, kmi_socket_fn *fn, void *ctx,
                           kmi_endpoint *ret_from, kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_accept(listener->fd, ret_from, &fd);

    return err != KMSG_OK ? err : new_socket(listener->loop, fd, fn, ctx, KMI_READABLE, ret);
}

static kmsg_err turn_away(kmi_socket *listener, const void *words, size_t size)
{
    return kmi_fd_turn_away(listener->fd, listener->claim, words, size);
}

static kmsg_err connect_to(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn, void *ctx,
                           kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_connect(to, &fd);

    return err != KMSG_OK ? err : new_socket(loop, fd, fn, ctx, KMI_WRITABLE, ret);
}

static kmsg_err adopt(kmi_loop *loop, int fd, kmi_socket_fn *fn, void *ctx, kmi_socket **ret)
{
    int      copy;
    kmsg_err err = kmi_fd_adopt(fd, &copy);

    if (err == KMSG_OK)
        err = new_socket(loop, copy, fn, ctx, KMI_READABLE, ret);
    if (err == KMSG_OK)
        close(fd);
    return err;
}

static kmsg_err connect_result(kmi_socket *s)
{
    return kmi_fd_connect_result(s->fd);
}

static kmsg_err datagram_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                              kmi_endpoint *ret_bound, kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_datagram_bind(at, ret_bound, &fd);

    return err != KMSG_OK ? err : new_socket(loop, fd, fn, ctx, KMI_READABLE, ret);
}

static kmsg_err datagram_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn,
                                 void *ctx, kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_datagram_connect(to, &fd);

    return err != KMSG_OK ? err : new_socket(loop, fd, fn, ctx, KMI_READABLE, ret);
}

static ptrdiff_t datagram_send(kmi_socket *s, const kmi_datagram *head, const kmi_datagram *list,
                               size_t count)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_datagram_send(s->fd, head, list, count);
}

static ptrdiff_t datagram_receive(kmi_socket *s, kmi_datagram *list, size_t count,
                                  uint32_t *ret_lost)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_datagram_receive(s->fd, list, count, ret_lost);
}

static kmsg_err multicast_bind(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn, void *ctx,
                               kmi_endpoint *ret_bound, kmi_socket **ret)
{
    int      fd;
    kmsg_err err = kmi_fd_multicast_bind(at, ret_bound, &fd);

    return err != KMSG_OK ? err : new_socket(loop, fd, fn, ctx, KMI_READABLE, ret);
}

static kmsg_err multicast_join(kmi_socket *s, const kmi_endpoint *group, uint32_t interface)
{
    return kmi_fd_multicast_join(s->fd, group, interface);
}

static ptrdiff_t multicast_send(kmi_socket *s, const kmi_endpoint *to, uint32_t interface,
                                const void *data, size_t size)
{
    return is_foreign(s->loop) ? KMI_BROKEN
                               : kmi_fd_multicast_send(s->fd, to, interface, data, size);
}

static ptrdiff_t multicast_receive(kmi_socket *s, void *buffer, size_t size, kmi_arrival *ret)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_multicast_receive(s->fd, buffer, size, ret);
}

static ptrdiff_t read_some(kmi_socket *s, void *buffer, size_t size)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_read(s->fd, buffer, size);
}

static ptrdiff_t write_some(kmi_socket *s, const void *data, size_t size)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_write(s->fd, data, size);
}

static kmsg_err peer_user(const kmi_socket *s, kmi_user *ret)
{
    return kmi_fd_peer_user(s->fd, ret);
}

static ptrdiff_t pass_memory(kmi_socket *s, const void *data, size_t size, kmi_memory *memory)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_pass(s->fd, data, size, memory);
}

static ptrdiff_t receive_memory(kmi_socket *s, void *buffer, size_t size, size_t max, kmi_gift *ret)
{
    return is_foreign(s->loop) ? KMI_BROKEN : kmi_fd_receive(s->fd, buffer, size, max, ret);
}

static void reset_socket(kmi_socket *s)
{
    if (!is_foreign(s->loop))
        kmi_fd_reset(s->fd);
}

static void close_socket(kmi_socket *s)
{
    if (is_foreign(s->loop)) {
        close(s->fd);
        s->fd = -1; /* the rest goes with the loop */
        return;
    }
    set_stale(s->loop);
    uv_close((uv_handle_t *)&s->poll, on_socket_closed);
    if (s->claim != NULL) {
        kmi_claim_release(s->claim);
        kmi_fd_unlisten(s->fd);
    }
    close(s->fd);
}

/* ---- names --------------------------------------------------------------------------------- */

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    kmi_lookup  *lookup = request->data;
    kmi_endpoint found[KMI_RESOLVE_MAX];
    size_t       count = 0;

    for (struct addrinfo *a = list; a != NULL && count < KMI_RESOLVE_MAX; a = a->ai_next)
        if (kmi_endpoint_from(a->ai_addr, &found[count]))
            count++;
    ((kmi_loop *)request->loop->data)->moved = true;
    if (status != 0)
        kmi_error(KMSG_EUNREACHABLE, "%s", uv_strerror(status));
    if (lookup->fn != NULL)
        lookup->fn(lookup->ctx, count == 0 ? KMSG_EUNREACHABLE : KMSG_OK, found, count);
    uv_freeaddrinfo(list);
    kmi_free(lookup);
}

static kmsg_err resolve(kmi_loop *loop, const char *host, uint16_t port, kmi_resolved_fn *fn,
                        void *ctx, kmi_lookup **ret)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    kmi_lookup     *lookup = kmi_alloc_zeroed(sizeof *lookup);
    char            service[8];

    if (lookup == NULL)
        return KMSG_ENOMEM;
    snprintf(service, sizeof service, "%u", port);
    lookup->fn = fn;
    lookup->ctx = ctx;
    lookup->request.data = lookup;
    if (uv_getaddrinfo(&loop->uv, &lookup->request, on_resolved, host, service, &hints) != 0) {
        kmi_free(lookup);
        return KMSG_EUNREACHABLE;
    }
    set_stale(loop);
    *ret = lookup;
    return KMSG_OK;
}

static void resolve_cancel(kmi_lookup *lookup)
{
    lookup->fn = NULL;
    uv_cancel((uv_req_t *)&lookup->request);
}

/* ---- the rest ------------------------------------------------------------------------------ */

static void fill_random(void *buffer, size_t size)
{
    uint8_t *at = buffer;

    while (size > 0) {
        ssize_t n = getrandom(at, size, 0);
        if (n > 0) {
            at += n;
            size -= (size_t)n;
        }
    }
}

static void run_thread(void *arg)
{
    kmi_thread *thread = arg;

    thread->run(thread->ctx);
}

static kmsg_err thread_start(void (*run)(void *ctx), void *ctx, kmi_thread **ret)
{
    kmi_thread *thread = kmi_alloc_zeroed(sizeof *thread);

    if (thread == NULL)
        return KMSG_ENOMEM;
    thread->run = run;
    thread->ctx = ctx;
    if (uv_thread_create(&thread->id, run_thread, thread) != 0) {
        kmi_free(thread);
        return kmi_error(KMSG_ESYSTEM, "no thread to be had");
    }
    *ret = thread;
    return KMSG_OK;
}

static void thread_join(kmi_thread *thread)
{
    uv_thread_join(&thread->id);
    kmi_free(thread);
}

const kmi_sys kmi_sys_uv = {
    .loop_new = loop_new,
    .loop_free = loop_free,
    .now_ns = now_ns,
    .coarse_ns = coarse_ns,
    .clock_ns = clock_ns,
    .poll = poll_loop,
    .wake_ts = wake_ts,
    .loop_fd = loop_fd,
    .alarm = set_alarm,
    .loop_stale = loop_stale,
    .listen = listen_at,
    .accept = accept_one,
    .turn_away = turn_away,
    .connect = connect_to,
    .connect_result = connect_result,
    .adopt = adopt,
    .pair = kmi_fd_pair,
    .peer_user = peer_user,
    .watch = watch,
    .read = read_some,
    .write = write_some,
    .pass = pass_memory,
    .receive = receive_memory,
    .memory_new = kmi_memory_new,
    .memory_free = kmi_memory_free,
    .reset = reset_socket,
    .close = close_socket,
    .datagram_bind = datagram_bind,
    .datagram_connect = datagram_connect,
    .datagram_send = datagram_send,
    .datagram_receive = datagram_receive,
    .interfaces = kmi_fd_interfaces,
    .multicast_bind = multicast_bind,
    .multicast_join = multicast_join,
    .multicast_send = multicast_send,
    .multicast_receive = multicast_receive,
    .resolve = resolve,
    .resolve_cancel = resolve_cancel,
    .random = fill_random,
    .thread_start = thread_start,
    .thread_join = thread_join,
};
