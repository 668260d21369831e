/* seam.h -- the real platform, but for one use of it: at the N-th read, write, accept, ... of this
 * process something goes wrong, by an error, by less than was asked for, or by a signal that this
 * process sends itself. A test goes through all N, until its scene ends without having met it.
 *
 * The clock can be put forward, so that a test need not wait for what takes seconds. Nodes on
 * seam_sys belong to one thread, all of them.
 */
#ifndef SEAM_H
#define SEAM_H

#include "unit/talk.h"

#include "base/err.h"
#include "core/core.h"

#include <signal.h>

typedef enum seam_use {
    SEAM_LOOP,
    SEAM_LISTEN,
    SEAM_ACCEPT,
    SEAM_CONNECT,
    SEAM_CONNECTED,
    SEAM_READ,
    SEAM_WRITE,
    SEAM_POLL,
    SEAM_RESOLVE,
    SEAM_CLOSE,
    SEAM_MEMORY,
    SEAM_WAKE,
    SEAM_HANDLER, /* not of the platform: for handlers that call seam_meet() and seam_after() */
    SEAM_USES
} seam_use;

static const char *const seam_names[SEAM_USES] = {
    "loop_new", "listen",  "accept", "connect",    "connect_result", "read",   "write",
    "poll",     "resolve", "close",  "memory_new", "wake_ts",        "handler"};

typedef enum seam_harm {
    SEAM_NOTHING,
    SEAM_FAILS,         /* the error that the platform has for it */
    SEAM_ENDS,          /* read: the other side has hung up */
    SEAM_NOT_NOW,       /* try again */
    SEAM_ONE_BYTE,      /* of all that was to be read or written */
    SEAM_SIGNAL_BEFORE, /* this process gets seam.signal */
    SEAM_SIGNAL_HALF,   /* when half of the bytes are through */
    SEAM_SIGNAL_AFTER
} seam_harm;

static const char *const seam_harms[] = {"goes well",   "fails",       "ends",
                                         "not now",     "one byte",    "signal before",
                                         "signal half", "signal after"};

typedef struct seam_plan {
    seam_use  use;
    seam_harm harm;
    unsigned  at; /* the how-many-th use, from 1; 0: none */
    int       signal;
} seam_plan;

static struct {
    seam_plan plan;
    unsigned  uses[SEAM_USES];
    bool      met;
    int       sockets;  /* open */
    bool      apart;    /* nodes made from now on share no memory */
    int       memories; /* that are shared, as this process sees them */
    int64_t   ahead_ns; /* the clock, of the real one */
} seam;

#define SEAM_STOPPED_NS (4000 * KMI_MS) /* how long who was stopped believes to have been away */

/* From now on the uses are counted, and the plan holds. The clock stays as it is. */
static inline void seam_begin(seam_plan plan)
{
    seam.plan = plan;
    memset(seam.uses, 0, sizeof seam.uses);
    seam.met = false;
}

/* Returns, unless it is killed: a stopped process goes on here. */
static inline void seam_raise(void)
{
    raise(seam.plan.signal);
    seam.ahead_ns += SEAM_STOPPED_NS;
}

static inline seam_harm seam_meet(seam_use use)
{
    seam.uses[use]++;
    if (seam.plan.at == 0 || seam.plan.use != use || seam.uses[use] != seam.plan.at)
        return SEAM_NOTHING;
    seam.met = true;
    if (seam.plan.harm == SEAM_SIGNAL_BEFORE)
        seam_raise();
    return seam.plan.harm;
}

static inline void seam_after(seam_harm harm)
{
    if (harm == SEAM_SIGNAL_HALF || harm == SEAM_SIGNAL_AFTER)
        seam_raise();
}

static inline size_t seam_some(seam_harm harm, size_t size)
{
    if (harm == SEAM_ONE_BYTE && size > 1)
        return 1;
    return harm == SEAM_SIGNAL_HALF && size > 1 ? size / 2 : size;
}

/* ---- loops ----------------------------------------------------------------------------------- */

static inline kmi_loop *seam_loop_new(void)
{
    return seam_meet(SEAM_LOOP) == SEAM_FAILS ? NULL : kmi_sys_uv.loop_new();
}

static inline int64_t seam_now_ns(void)
{
    return kmi_sys_uv.now_ns() + seam.ahead_ns;
}

static inline bool seam_poll(kmi_loop *loop, int64_t until_ns)
{
    seam_harm harm = seam_meet(SEAM_POLL);
    bool      moved;

    if (harm == SEAM_NOT_NOW)
        return false;
    if (until_ns > 0 && until_ns != KMI_NEVER)
        until_ns -= seam.ahead_ns;
    moved = kmi_sys_uv.poll(loop, until_ns);
    seam_after(harm);
    return moved;
}

static inline void seam_wake(kmi_loop *loop)
{
    seam_harm harm = seam_meet(SEAM_WAKE);

    kmi_sys_uv.wake_ts(loop);
    seam_after(harm);
}

static inline void seam_alarm(kmi_loop *loop, int64_t at_ns)
{
    kmi_sys_uv.alarm(loop, at_ns <= 0 || at_ns == KMI_NEVER ? at_ns : at_ns - seam.ahead_ns);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static inline kmsg_err seam_opened(kmsg_err err, seam_harm harm)
{
    seam.sockets += err == KMSG_OK;
    seam_after(harm);
    return err;
}

static inline kmsg_err seam_listen(kmi_loop *loop, const kmi_endpoint *at, kmi_socket_fn *fn,
                                   void *ctx, kmi_endpoint *ret_bound, kmi_socket **ret)
{
    seam_harm harm = seam_meet(SEAM_LISTEN);

    if (harm == SEAM_FAILS)
        return kmi_error(KMSG_ESYSTEM, "listen fails on purpose");
    return seam_opened(kmi_sys_uv.listen(loop, at, fn, ctx, ret_bound, ret), harm);
}

static inline kmsg_err seam_accept(kmi_socket *listener, kmi_socket_fn *fn, void *ctx,
                                   kmi_endpoint *ret_from, kmi_socket **ret)
{
    seam_harm harm = seam_meet(SEAM_ACCEPT);

    if (harm == SEAM_FAILS)
        return kmi_error(KMSG_ESYSTEM, "accept fails on purpose");
    if (harm == SEAM_NOT_NOW)
        return KMSG_EBUSY;
    return seam_opened(kmi_sys_uv.accept(listener, fn, ctx, ret_from, ret), harm);
}

static inline kmsg_err seam_connect(kmi_loop *loop, const kmi_endpoint *to, kmi_socket_fn *fn,
                                    void *ctx, kmi_socket **ret)
{
    seam_harm harm = seam_meet(SEAM_CONNECT);

    if (harm == SEAM_FAILS)
        return kmi_error(KMSG_ESYSTEM, "connect fails on purpose");
    if (harm == SEAM_NOT_NOW)
        return kmi_error(KMSG_EBUSY, "connect: the backlog is full on purpose");
    return seam_opened(kmi_sys_uv.connect(loop, to, fn, ctx, ret), harm);
}

static inline kmsg_err seam_connected(kmi_socket *socket)
{
    if (seam_meet(SEAM_CONNECTED) == SEAM_FAILS)
        return kmi_error(KMSG_EREFUSED, "connect_result fails on purpose");
    return kmi_sys_uv.connect_result(socket);
}

static inline ptrdiff_t seam_read(kmi_socket *socket, void *buffer, size_t size)
{
    seam_harm harm = seam_meet(SEAM_READ);
    ptrdiff_t n;

    if (harm == SEAM_FAILS)
        return KMI_BROKEN;
    if (harm == SEAM_ENDS)
        return 0;
    if (harm == SEAM_NOT_NOW)
        return KMI_AGAIN;
    n = kmi_sys_uv.read(socket, buffer, seam_some(harm, size));
    seam_after(harm);
    return n;
}

static inline ptrdiff_t seam_write(kmi_socket *socket, const void *data, size_t size)
{
    seam_harm harm = seam_meet(SEAM_WRITE);
    ptrdiff_t n;

    if (harm == SEAM_FAILS)
        return KMI_BROKEN;
    if (harm == SEAM_NOT_NOW && data != NULL)
        return KMI_AGAIN;
    n = kmi_sys_uv.write(socket, data, seam_some(harm, size));
    seam_after(harm);
    return n;
}

static inline ptrdiff_t seam_pass(kmi_socket *socket, const void *data, size_t size,
                                  kmi_memory *memory)
{
    seam_harm harm = seam_meet(SEAM_WRITE);
    ptrdiff_t n;

    if (harm == SEAM_FAILS)
        return KMI_BROKEN;
    if (harm == SEAM_NOT_NOW)
        return KMI_AGAIN;
    n = kmi_sys_uv.pass(socket, data, seam_some(harm, size), memory);
    seam_after(harm);
    return n;
}

static inline ptrdiff_t seam_receive(kmi_socket *socket, void *buffer, size_t size, size_t max,
                                     kmi_gift *ret)
{
    seam_harm harm = seam_meet(SEAM_READ);
    ptrdiff_t n;

    if (harm == SEAM_FAILS)
        return KMI_BROKEN;
    if (harm == SEAM_ENDS)
        return 0;
    if (harm == SEAM_NOT_NOW)
        return KMI_AGAIN;
    n = kmi_sys_uv.receive(socket, buffer, seam_some(harm, size), max, ret);
    seam.memories += ret->memory != NULL;
    seam_after(harm);
    return n;
}

static inline kmi_memory *seam_memory_new(size_t size)
{
    seam_harm   harm = seam_meet(SEAM_MEMORY);
    kmi_memory *memory = harm == SEAM_FAILS ? NULL : kmi_sys_uv.memory_new(size);

    seam.memories += memory != NULL;
    seam_after(harm);
    return memory;
}

static inline void seam_memory_free(kmi_memory *memory)
{
    seam.memories -= memory != NULL;
    kmi_sys_uv.memory_free(memory);
}

static inline void seam_close(kmi_socket *socket)
{
    seam_harm harm = seam_meet(SEAM_CLOSE);

    seam.sockets--;
    kmi_sys_uv.close(socket);
    seam_after(harm);
}

static inline kmsg_err seam_resolve(kmi_loop *loop, const char *host, uint16_t port,
                                    kmi_resolved_fn *fn, void *ctx, kmi_lookup **ret)
{
    if (seam_meet(SEAM_RESOLVE) == SEAM_FAILS)
        return kmi_error(KMSG_EUNREACHABLE, "resolve fails on purpose");
    return kmi_sys_uv.resolve(loop, host, port, fn, ctx, ret);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static inline kmsg_node *seam_node_new(void)
{
    static kmi_sys sys;
    kmsg_node     *node;

    sys = kmi_sys_uv;
    sys.loop_new = seam_loop_new;
    sys.now_ns = seam_now_ns;
    sys.coarse_ns = seam_now_ns;
    sys.poll = seam_poll;
    sys.wake_ts = seam_wake;
    sys.alarm = seam_alarm;
    sys.listen = seam_listen;
    sys.accept = seam_accept;
    sys.connect = seam_connect;
    sys.connect_result = seam_connected;
    sys.read = seam_read;
    sys.write = seam_write;
    sys.pass = seam_pass;
    sys.receive = seam_receive;
    sys.memory_new = seam_memory_new;
    sys.memory_free = seam_memory_free;
    sys.close = seam_close;
    sys.resolve = seam_resolve;
    node = kmi_node_new_on(&sys);
    if (node != NULL && seam.apart)
        OK(kmsg_node_set_shared_memory(node, 0));
    return node;
}

/* A step of both nodes. When nothing happens for a moment, nothing will: then the clock jumps to
 * the next deadline instead. A name is looked up by another thread, which may take its time. */
static inline void seam_step(kmsg_node *a, kmsg_node *b)
{
    struct pollfd fds[] = {{.fd = kmsg_node_fd(a), .events = POLLIN},
                           {.fd = kmsg_node_fd(b), .events = POLLIN}};
    int           a_ms = kmsg_node_wait_ms(a), b_ms = kmsg_node_wait_ms(b);
    int           wait_ms = a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;

    if (wait_ms != 0 && poll(fds, 2, seam.uses[SEAM_RESOLVE] > 0 ? 1000 : 1) == 0)
        seam.ahead_ns += (wait_ms < 0 ? 1000 : wait_ms) * KMI_MS;
    OK(kmsg_node_step(a));
    OK(kmsg_node_step(b));
}

#endif
