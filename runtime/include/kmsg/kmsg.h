/* kmsg.h -- nodes, peers, calls: values to wherever the other party is.
 *
 * A *node* is an event loop and the thread that runs it. A *peer* is the other side of a link, and
 * what every generated call takes. Thread (inproc:), process (unix:) and host (tcp:) differ only in
 * the address; the handler that answers a thread answers a host. (Datagrams, udp:, are the
 * exception: they carry one-way messages only, and may lose them.)
 *
 * Threads: a node, and all that was got from it, belongs to one thread at a time: the one that made
 * it, until kmsg_run() or kmsg_start() hand it to another. Functions whose name ends in _ts may be
 * called from any thread. Callbacks run on the node's thread, never inside the function that
 * registered them.
 */
#ifndef KMSG_KMSG_H
#define KMSG_KMSG_H

#include <kmsg/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmsg_node     kmsg_node;
typedef struct kmsg_peer     kmsg_peer;
typedef struct kmsg_listener kmsg_listener;
typedef struct kmsg_call     kmsg_call;
typedef struct kmsg_stream   kmsg_stream;

/* ---- limits and defaults --------------------------------------------------------------------- */

#define KMSG_MESSAGE_DEFAULT ((size_t)4 << 20) /* bytes of one message, both ways */
#define KMSG_MESSAGE_MAX     ((size_t)1 << 30)
#define KMSG_CALL_TIMEOUT_MS 5000u               /* a call's deadline unless said */
#define KMSG_CALLS_MAX       65536u              /* calls in flight a link */
#define KMSG_MAILBOX_MAX     16384u              /* requests that wait for their handler, a node */
#define KMSG_SEND_QUEUE_MAX  ((size_t)64 << 20)  /* bytes waiting to be written, a peer */
#define KMSG_CREDIT          4096u               /* requests of a link that are not released yet */
#define KMSG_CREDIT_BYTES    (4u << 20)          /* of these; the last one may go beyond */
#define KMSG_DATAGRAM_MAX    65472u              /* bytes of one message over udp: */
#define KMSG_SPIN_MAX_US     10000u              /* see kmsg_node_set_spin_us() */
#define KMSG_CONNECTIONS_MAX 16384u              /* that a node has accepted, unless said */
#define KMSG_STREAM_WINDOW   ((size_t)256 << 10) /* bytes of a stream that wait to be taken */
#define KMSG_SHARED_MEMORY   (1u << 20)          /* bytes of a link's, in each direction */
#define KMSG_REPEATS_MAX     3u                  /* times that an @idempotent call is asked again */

/* ---- nodes ----------------------------------------------------------------------------------- */

/* NULL when there is no memory or no descriptor. Cheap: make one for each thread that talks. */
KMSG_API kmsg_node *kmsg_node_new(void);

/* Ends everything exactly once: calls in flight end with KMSG_ECLOSED (their callbacks run here,
 * and what they ask ends so too: whoever asks again on every failure stops at this one), links are
 * closed, a thread of kmsg_start() is stopped and joined, memory is given back. One-way messages
 * that are not written yet are dropped, and the log says so: kmsg_flush() waits for them. NULL is
 * fine. Not from inside a callback. */
KMSG_API void kmsg_node_free(kmsg_node *node);

/* Serve until kmsg_stop_ts(). KMSG_OK when stopped. */
KMSG_API KMSG_CHECK kmsg_err kmsg_run(kmsg_node *node);

/* Run the node on a thread of its own; kmsg_node_free() stops and joins it. After this only _ts
 * functions and kmsg_node_free() may be called from the thread that called it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_start(kmsg_node *node);

/* Make kmsg_run() return soon. Any thread, and a signal handler. */
KMSG_API void kmsg_stop_ts(kmsg_node *node);

/* Any thread, as long as the node exists: run fn(ctx) on the node's thread, soon, as if it were a
 * callback, in the order of these calls. What is accepted runs exactly once: if need be, at the
 * node's end inside of kmsg_node_free(), where calls end with KMSG_ECLOSED. KMSG_ENOMEM;
 * KMSG_EFULL, as many wait as kmsg_node_set_mailbox_max() allows; KMSG_ECLOSED, the node has begun
 * to end. */
KMSG_API KMSG_CHECK kmsg_err kmsg_defer_ts(kmsg_node *node, void *ctx, void (*fn)(void *ctx));

/* For a loop of your own, select, poll, epoll or any library's: wait until the descriptor is
 * readable, then step. It is readable when, and for as long as, a step has something to do:
 * messages and mail from other threads, timers, peers that came or went, and what your own
 * callbacks have begun meanwhile. (Once for a time-out that is no longer needed, it may be for
 * nothing.) The descriptor is the node's: neither read nor close it. -1: there is none to be had,
 * or the node is another process's.
 *
 * A step does what is there to be done and does not wait. kmsg_node_wait_ms() tells in how many
 * milliseconds the next one has something to do if nothing comes, for who would rather ask: 0 is
 * now, -1 never. */
KMSG_API int                 kmsg_node_fd(kmsg_node *node);
KMSG_API int                 kmsg_node_wait_ms(const kmsg_node *node);
KMSG_API KMSG_CHECK kmsg_err kmsg_node_step(kmsg_node *node);

/* Largest message in bytes, 64 to KMSG_MESSAGE_MAX, for links made from now on. A larger one is
 * refused before it is allocated, and its sender is told (KMSG_ETOOBIG). */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_message_max(kmsg_node *node, size_t size);

/* Bytes of items that each stream may have waiting at this node, 1 KiB to 1 GiB, for links made
 * from now on; the last item may go beyond. Then its sender finds no room until some have been
 * taken. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_stream_window(kmsg_node *node, size_t size);

/* Requests that may wait for their handlers, at least 1: one more is answered KMSG_EOVERLOADED.
 * Functions of kmsg_defer_ts() that may wait are as many. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_mailbox_max(kmsg_node *node, uint32_t count);

/* What another node may send before this one has released the first of it: requests (1 to
 * KMSG_CALLS_MAX), and bytes of them (1 to KMSG_MESSAGE_MAX; the last one may go beyond).
 * KMSG_CREDIT and KMSG_CREDIT_BYTES unless said; for links made from now on. More waits at its
 * sender. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_credit(kmsg_node *node, uint32_t messages, size_t size);

/* Connections that this node has accepted over unix: and tcp: at a time, at least 1;
 * KMSG_CONNECTIONS_MAX unless said. One more is turned away: what its other side asks fails with
 * KMSG_EOVERLOADED. From now on: those that are there stay. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_connections_max(kmsg_node *node, uint32_t count);

/* How soon a silent link is asked for a sign of life, and when it is given up for dead: that long
 * after the last sign, but never sooner than the difference after it was asked, so a node that did
 * not run for a while asks first. For links made from now on. KMSG_EINVAL unless dead_ms > idle_ms.
 * A link with traffic is never asked. Default 5000 and 15000;
 * kmsg_node_set_keepalive(node, KMSG_KEEPALIVE_FAST) notices the dead within 3 s. */
#define KMSG_KEEPALIVE_FAST 1000u, 3000u
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_keepalive(kmsg_node *node, uint32_t idle_ms,
                                                     uint32_t dead_ms);

/* Before the node's thread sleeps in kmsg_run() or in a blocking call, it looks for `spin_us`
 * microseconds whether something comes: being woken takes several, and where the other side answers
 * sooner than that, a call takes a fraction of the time. It costs a processor meanwhile, so it is
 * 0 unless set; and it adapts: where nothing comes in that time, the node spins less and less, and
 * not at all in the end, until something has come soon again. KMSG_EINVAL: beyond
 * KMSG_SPIN_MAX_US. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_spin_us(kmsg_node *node, uint32_t spin_us);

/* Two processes of one host that are connected by unix: send what they have to say through memory
 * that both see, if both want to; the socket stays, and tells of the other side's end. `size` is
 * that of the memory in each direction, in bytes, which this node offers, and the largest that it
 * accepts: a power of two from 4 KiB to 64 MiB; KMSG_SHARED_MEMORY unless said; 0: none. For links
 * made from now on, 64 of a node at most; further ones stay on the socket. What was never used of
 * it takes no memory. Whatever the other side writes there, it can do no more than it could over a
 * socket. Call it on the node's thread. KMSG_EINVAL. */
KMSG_API KMSG_CHECK kmsg_err kmsg_node_set_shared_memory(kmsg_node *node, uint32_t size);

/* ---- addresses --------------------------------------------------------------------------------
 *
 *   inproc:NAME         another thread of this process
 *   unix:/run/x.sock    another process of this host (unix:@name: Linux' abstract names)
 *   tcp:HOST:PORT       another host; HOST is a name, 127.0.0.1 or [::1], or, of one link alone,
 *                       [fe80::1%eth0] (or that interface's number); port 0 of a listener is chosen
 *                       by the system, see kmsg_listener_url()
 *   udp:HOST:PORT       another host, by datagrams: one-way messages that may be lost, may come
 *                       twice or in another order, and of which nobody hears; see kmsg/peer.h
 *
 *   fd:NUMBER           to dial: a connected unix socket that this process was started with; see
 *                       kmsg_pair()
 *
 * tcp: is encrypted, and both sides prove who they are, with keys that each of them trusts:
 * kmsg/security.h. What goes to 127.0.0.1, ::1 or localhost is clear, as it stays on this host.
 * Where both sides say tcp:10.0.0.1:7000?insecure it is clear too, and the log says so each time;
 * who accepts never lets a clear connection in that he has not asked for. Without a key
 * kmsg_listen() and kmsg_dial() fail with KMSG_EKEY and say how to make one.
 *
 * udp: is never encrypted: beyond loopback it is refused with KMSG_EPERM unless both sides say
 * ?insecure.
 *
 * unix: is for processes of this user and of root, on both sides; others are KMSG_EPERM unless
 * kmsg_node_set_unix_users() lets them in (kmsg/security.h). */

/* Let others connect. `ret` may be NULL. KMSG_EADDRESS, KMSG_EINUSE, KMSG_EPERM, KMSG_EKEY,
 * KMSG_ENOMEM, KMSG_EDESCRIPTORS, KMSG_ESYSTEM. A unix socket that nobody listens on any more is
 * replaced; it is removed when the listener closes. Without a path ("unix:", or NULL for a url) one
 * is chosen, in a new folder ($XDG_RUNTIME_DIR, $TMPDIR or /tmp) that this user alone can enter.
 *
 * Where this process has no descriptor left, who connects is turned away: what he asks fails with
 * KMSG_EOVERLOADED, and the log says what to do. */
KMSG_API KMSG_CHECK kmsg_err kmsg_listen(kmsg_node *node, const char *url, kmsg_listener **ret);

/* The address as others must dial it, with the real port. Good as long as the listener. */
KMSG_API const char *kmsg_listener_url(const kmsg_listener *listener);
KMSG_API void        kmsg_listener_close(kmsg_listener *listener);

/* ---- parent and child ---------------------------------------------------------------------------
 *
 * A process and one that it starts, over a connection that nobody else gets into. There are two
 * ways. By address, told in an argument or the environment:
 *
 *     parent                                             child
 *     kmsg_listen_once(node, NULL, &listener);
 *     fork(), execl(.., kmsg_listener_url(listener))     kmsg_dial(node, argv[1], &peer);
 *     kmsg_accept(listener, 9000, &peer);                kmsg_connect(peer, 9000);
 *
 * By descriptor, without a name that anybody could find:
 *
 *     kmsg_pair(node, &peer, &fd);
 *     fork(), dup2(fd, 3), execl(..)                     kmsg_dial(node, "fd:3", &peer);
 *     close(fd);
 *
 * Either side may ask the other, as over any link. These peers are the caller's until
 * kmsg_peer_close(), also when the other process has gone; nothing dials it then: what is asked
 * fails with KMSG_ECLOSED. kmsg_peer_watch() (kmsg/peer.h) tells when it goes.
 *
 * A node is its own process's: in a child of fork() that goes on without exec every use of it fails
 * with KMSG_EFORKED, without harm to the parent; such a child makes a node of its own. There
 * kmsg_node_free() closes the child's copies of the node's descriptors, and nothing else: nobody is
 * told, no callback runs, no path is removed, and what the calls under way had allocated stays. */

/* Lets in the first who says hello: then the address is gone, its path removed, and who else waits
 * there is refused. Strangers who connect and do not say hello do not count. Otherwise like
 * kmsg_listen(); KMSG_EDATAGRAM for udp:, where nobody connects. The listener is there until
 * kmsg_listener_close(). */
KMSG_API KMSG_CHECK kmsg_err kmsg_listen_once(kmsg_node *node, const char *url,
                                              kmsg_listener **ret);

/* Wait for the one who comes to a listener of kmsg_listen_once(), for so long: then KMSG_ETIMEDOUT,
 * and it may be tried again. 0 only looks. *ret is the caller's to close; it may have gone already.
 * KMSG_EINVAL: another kind of listener; KMSG_EEXIST: he was handed out before; KMSG_ECLOSED: a
 * callback has closed the listener; KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_accept(kmsg_listener *listener, uint32_t timeout_ms,
                                         kmsg_peer **ret);

/* Two ends of a connection. One is the node's: *ret is the peer at the other end, the caller's to
 * close. The other end is *ret_fd: the caller's to hand on, and to close then, or nobody here hears
 * when the child has gone. It is not inherited through exec, so that no other thread's child gets
 * it by chance; and its number is 16 at least, so that dup2(fd, 3) between fork and exec, or
 * posix_spawn_file_actions_adddup2(), makes a copy that is, and UV_INHERIT_FD of uv_spawn() does
 * the same. What is asked before the other end says hello waits for it. KMSG_ESYSTEM, KMSG_ENOMEM.
 */
KMSG_API KMSG_CHECK kmsg_err kmsg_pair(kmsg_node *node, kmsg_peer **ret, int *ret_fd);

/* ---- peers ----------------------------------------------------------------------------------- */

/* A peer at that address. It connects when first used, connects again by itself when the link
 * breaks, and lives until kmsg_peer_close() or its node's end. KMSG_EADDRESS, KMSG_EPERM,
 * KMSG_EKEY.
 *
 * A dial that fails fails the oldest call that waits for it (KMSG_EREFUSED, KMSG_EUNREACHABLE;
 * KMSG_EOVERLOADED: the other side has no place for one more; KMSG_EDESCRIPTORS: this process has
 * too many open files); the others wait for the next try, 50 to 549 ms later, as long as their
 * deadlines allow. When a link breaks, each call in flight ends with KMSG_ELOST; what had not been
 * written yet goes out on the next connection, in order. Nothing is ever sent twice but a call of
 * an @idempotent method: if it was lost, it is asked again on the next connection, at most
 * KMSG_REPEATS_MAX times and until its deadline.
 *
 * A peer of fd:NUMBER is connected at once, and takes the descriptor; KMSG_EADDRESS says what is
 * wrong with one that is no connected unix stream socket, and leaves it as it was.
 *
 * A node that has connected to us, and listens there, is not dialled: its connection is used. What
 * else there is to set and to know of peers is in kmsg/peer.h. */
KMSG_API KMSG_CHECK kmsg_err kmsg_dial(kmsg_node *node, const char *url, kmsg_peer **ret);

/* Wait until it is connected, for so long at most. A dial that fails is tried again as the peer's
 * kmsg_retry says (kmsg/peer.h), and ends this only when there are no more tries; three of them,
 * three seconds apart, are
 *
 *     kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 3000, .limit = 2});
 *     err = kmsg_connect(peer, 9000);
 *
 * KMSG_ETIMEDOUT, with what went wrong the last time; what the last dial ended with; KMSG_EINVAL: a
 * peer of kmsg_reach(); KMSG_ECLOSED. */
KMSG_API KMSG_CHECK kmsg_err kmsg_connect(kmsg_peer *peer, uint32_t timeout_ms);

/* This node itself: calls to it are dispatched like all others. */
KMSG_API kmsg_peer *kmsg_self(kmsg_node *node);

/* Ends its calls with KMSG_ECLOSED (callbacks run later), after that the peer is gone. What was
 * sent one-way before is still written if the link is up. */
KMSG_API void kmsg_peer_close(kmsg_peer *peer);

/* Wait until all that was said to this peer has been taken by the operating system: the end of a
 * program that only tells. At most the peer's timeout: KMSG_ETIMEDOUT. KMSG_ECLOSED. */
KMSG_API KMSG_CHECK kmsg_err kmsg_flush(kmsg_peer *peer);

KMSG_API const char *kmsg_peer_url(const kmsg_peer *peer); /* "unix:/x", "tcp:127.0.0.1:4711" */
KMSG_API kmsg_node  *kmsg_peer_node(const kmsg_peer *peer);

/* Deadline of calls made from now on, whatever the schema's @deadline says. Before this is called,
 * it is the schema's, or else KMSG_CALL_TIMEOUT_MS. 1 ms to 24 hours. */
KMSG_API void kmsg_peer_set_timeout_ms(kmsg_peer *peer, uint32_t timeout_ms);

/* Ends all asynchronous calls that were made with this ctx: their `done` runs later, with
 * KMSG_ECANCELED, and the handler can see it. Returns how many. */
KMSG_API size_t kmsg_cancel(kmsg_peer *peer, const void *ctx);

/* ---- several calls at a time --------------------------------------------------------------------
 *
 *     kmsg_pending ada = {0}, bob = {0};
 *
 *     Directory_find_begin(peer, kmsg_str("Ada"), &ada);
 *     Directory_find_begin(other, kmsg_str("Bob"), &bob);
 *     err_ada = Directory_find_end(&ada, mem, &person_ada);
 *     err_bob = Directory_find_end(&bob, mem, &person_bob);
 *
 * Each call that was begun is ended once, in any order; ending waits for it, and gives its result
 * or its error. What went wrong when it was begun is told then, and again when it is ended. */

/* In your memory, all zeros before the first use; it stays where it is until it is ended. */
typedef struct kmsg_pending {
    void    *ask; /* both are kmsg's own */
    kmsg_err err;
} kmsg_pending;

/* Wait until the call has ended, without taking its result. What it ended with. */
KMSG_API kmsg_err kmsg_wait(kmsg_pending *pending);

/* Wait until all have ended; those that have not when the time is over end with KMSG_ETIMEDOUT.
 * Whatever comes of one, the others go on. KMSG_OK: all of them did; else how the first of those
 * ended that did not. */
KMSG_API kmsg_err kmsg_wait_all(kmsg_pending *pendings, size_t count, uint32_t timeout_ms);

/* True: ending it will not wait. */
KMSG_API bool kmsg_pending_is_over(const kmsg_pending *pending);

/* It ends with KMSG_ECANCELED, if it has not ended yet, and the handler can see it. */
KMSG_API void kmsg_pending_cancel(kmsg_pending *pending);

/* One deadline for several calls in a row: those that are made until kmsg_deadline_end() end by
 * then, whatever their peers' timeouts say. One inside another can only come earlier. It is for
 * what you ask, not for handlers that run while you wait.
 *
 *     int64_t outer = kmsg_deadline_begin(node, 500);
 *     ...
 *     kmsg_deadline_end(node, outer); */
KMSG_API int64_t kmsg_deadline_begin(kmsg_node *node, uint32_t timeout_ms);
KMSG_API void    kmsg_deadline_end(kmsg_node *node, int64_t outer);

/* ---- in a handler ------------------------------------------------------------------------------
 *
 * A handler fills in *ret and returns KMSG_OK; or returns kmsg_fail(call, ...) or E_throw(call, ..)
 * for an error E of the schema; or returns KMSG_LATER and calls X_m_reply(), E_throw() or
 * kmsg_fail() once, later: the call lives until then. Its arguments are gone when it returns. */

/* For what *ret points to; gone when the answer is written. */
KMSG_API kmsg_arena *kmsg_call_arena(kmsg_call *call);

/* Who asks. It may be asked in return. It is gone when its link is: do not keep it. */
KMSG_API kmsg_peer *kmsg_call_peer(kmsg_call *call);

/* What is left of the caller's deadline; 0 when it has passed. */
KMSG_API uint32_t kmsg_call_remaining_ms(const kmsg_call *call);

/* Nobody waits for the answer any more: cancelled, too late, or the link is gone. */
KMSG_API bool kmsg_call_is_over(const kmsg_call *call);

/* Fail the call with an error and a sentence for the caller's kmsg_last_error(). Returns `err`, so
 * that a handler can end with it; if the call was left for later, it ends here. */
KMSG_API kmsg_err kmsg_fail(kmsg_call *call, kmsg_err err, const char *format, ...)
    KMSG_PRINTF(3, 4);

/* `fn` runs once, later, if nobody waits for the answer any more before it is given: cancelled, or
 * the link or the node is gone. There is nobody to answer then; do it as ever to let go of the
 * call. */
typedef void  kmsg_call_fn(void *ctx, kmsg_call *call);
KMSG_API void kmsg_call_on_over(kmsg_call *call, void *ctx, kmsg_call_fn *fn);

/* ---- holding a message -------------------------------------------------------------------------
 *
 * What a handler holds stays as it is after it has returned: its arguments, their memory, and its
 * share of the sender's credit. A sender who waits for an acknowledgement gets it when the message
 * is released. That is how work is handed to a thread of yours without the other side sending more
 * than you can take:
 *
 *     static kmsg_err put(void *ctx, kmsg_call *call, kmsg_bytes item)
 *     {
 *         kmsg_ticket ticket;
 *         kmsg_err    err = kmsg_hold(call, &ticket);
 *
 *         return err == KMSG_OK ? hand_over(ctx, item, ticket) : err;
 *     }
 */

/* All zeros: none. */
typedef struct kmsg_ticket {
    uint64_t node;
    uint32_t place;
    uint32_t generation;
} kmsg_ticket;

/* In its handler, once. A handler that fails after it is told to the sender at once, but what it
 * holds stays until it is released. KMSG_ENOMEM; KMSG_EFULL: KMSG_CALLS_MAX are held on this node;
 * KMSG_EEXIST: it is held already. */
KMSG_API KMSG_CHECK kmsg_err kmsg_hold(kmsg_call *call, kmsg_ticket *ret);

/* Any thread, at any time, once: what was held is gone when this returns. All others are harmless:
 * KMSG_ENOENT, it was released before; KMSG_ELOST, the link it came over is gone, and its sender
 * was told so; KMSG_ECLOSED, the node that held it is gone, and with it what was held. */
KMSG_API kmsg_err kmsg_release_ts(kmsg_ticket ticket);

/* ---- streams -----------------------------------------------------------------------------------
 *
 * A method may take a stream, answer with one, or both; X_m stands for it. What a stream carries is
 * copied when it is sent. There is room for about KMSG_STREAM_WINDOW bytes that have not been taken
 * at the other side: a reader that is slow holds up its own stream, and nothing else.
 *
 * The caller's end, waiting:
 *
 *     kmsg_must(Store_upload_open(peer, name, &stream));
 *     while (more(&piece) && (err = Store_upload_put(stream, piece)) == KMSG_OK) {}
 *     err = Store_upload_finish(stream, mem, &total);
 *     kmsg_stream_close(stream);
 *
 *     kmsg_must(Store_watch_open(peer, key, &stream));
 *     while ((err = Store_watch_next(stream, mem, &event)) == KMSG_OK) {}
 *     kmsg_stream_close(stream);
 *
 * X_m_put() returns KMSG_END when the call has been answered already, and the error that it failed
 * with; X_m_next() returns KMSG_END behind the last item. X_m_async() is told of all that instead.
 *
 * The handler's end: it may send items, or wait for them, and return, as any handler; or return
 * KMSG_LATER, and send from other callbacks, be told by X_m_receive_async(), and end with
 * X_m_reply(), kmsg_fail() or E_throw(). Sending returns KMSG_ECANCELED when nobody waits any more,
 * which is also told in place of KMSG_END: the call is to be let go of then, too.
 * A handler that waits for its own node's caller is told KMSG_EDEADLOCK.
 *
 * Streams go from node to node, and not through others: a service that is known by an address only,
 * behind a node in between, answers KMSG_EUNREACHABLE.
 *
 * A call with a stream has no deadline as a whole: a watch may be silent for days. The time-out of
 * the peer is how long it may wait to be sent, and how long each function that waits does
 * so: KMSG_ETIMEDOUT, and the stream goes on. Only a call without a stream back has it as its
 * deadline, too, from the time at which the caller's stream has ended and while the handler takes
 * nothing. */

/* Of streams that were opened: ends the call if it has not ended. NULL is fine. A stream that
 * nobody closes goes with its node. */
KMSG_API void kmsg_stream_close(kmsg_stream *stream);

/* Nothing more will be put. The answer may be waited for after that. */
KMSG_API void kmsg_stream_end(kmsg_stream *stream);

/* `fn` runs once, later, when an item can be put (X_m_try_put returned KMSG_EFULL), or when that
 * will tell what became of the call. Of an asynchronous call that has ended only its `done` runs. A
 * stream got from X_m_async() is good until its `done` has run. */
typedef void  kmsg_stream_fn(void *ctx, kmsg_stream *stream);
KMSG_API void kmsg_stream_on_room(kmsg_stream *stream, void *ctx, kmsg_stream_fn *fn);

/* The same for a handler that sends. */
KMSG_API void kmsg_call_on_room(kmsg_call *call, void *ctx, kmsg_call_fn *fn);

#ifdef __cplusplus
}
#endif
#endif
