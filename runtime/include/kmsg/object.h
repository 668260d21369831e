/* object.h -- objects: things on a node that have an address and a mailbox, and send one another
 * records.
 *
 * An address is a value. It may be a field of a record, cross any number of nodes, be stored and
 * compared; whoever holds it can send there. Thread, process and host make no difference.
 *
 *   a function of yours   kmsg_object_new(): it is called for each message
 *   a machine             M_new() of the schema's machine M: a handler for each message in each
 *                         state
 *   a service             S_serve_at() of the schema's service S, at an address of its own;
 *                         kmsg_reach() makes a peer of that address
 *   a thread              kmsg_thread_new(): a function with a thread and a mailbox of its own,
 *                         which waits for its messages in kmsg_receive()
 *
 * Handlers of one object never run at the same time. Between two objects order is kept; but when a
 * connection on the way is lost, or its peer is closed, what was sent over it and was not read yet
 * may be overtaken by what goes another way.
 *
 * Each object has a parent, which hears exactly once that it has returned, with what, or why not.
 * The parent of all others of a node is its root: an object that the program itself holds.
 *
 * Threads: an object belongs to its node's thread. Functions take an object of the calling thread;
 * addresses are good everywhere.
 */
#ifndef KMSG_OBJECT_H
#define KMSG_OBJECT_H

#include <kmsg/kmsg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmsg_object kmsg_object;
typedef struct kmsg_call   kmsg_message; /* a request like a call: kmsg_hold() and others take it */
struct kmsg_layout;

/* ---- making them ----------------------------------------------------------------------------- */

/* Tells a parent that a child has returned: KMSG_OK and what it returned (none: value->type.size is
 * 0), or the error that it failed with, and its words in kmsg_last_error(). KMSG_ECLOSED: its node
 * or thread has ended. It comes behind what the child has sent its parent. `child` and `value` are
 * gone when it returns. */
typedef void kmsg_returned_fn(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value);

/* Where it runs: see kmsg_spawn.thread. */
#define KMSG_OWN_THREAD "*"

/* How a child begins; NULL is all zeros. */
typedef struct kmsg_spawn {
    const char *thread; /* NULL: the parent's; KMSG_OWN_THREAD: one for it alone; else the thread of
                         * that name, which all in this process share who name it: it begins with
                         * its first object and ends with the last. 255 bytes, or KMSG_EINVAL */
    kmsg_returned_fn *returned;    /* NULL: the parent is sent a kmsg.Returned (kmsg/kmsg.kmsg.h) */
    void             *ctx;         /* of `returned` */
    uint32_t          mailbox_max; /* messages that wait for it; 0: KMSG_MAILBOX_MAX */
} kmsg_spawn;

/* The root of a node. Messages to it wait for kmsg_receive(). */
KMSG_API kmsg_object *kmsg_root(kmsg_node *node);

/* Called for each message, a kmsg.Start first of all. What is not KMSG_OK goes to a sender who
 * waits for the message's release. KMSG_ENOMETHOD says that it is not for this object: a kmsg.Stop
 * then ends it, another message is dropped and logged. */
typedef kmsg_err kmsg_object_fn(void *ctx, kmsg_object *self, kmsg_message *message);

/* All of them: *ret is the child's address, good until it has returned. `ctx` goes with the child
 * to its thread. KMSG_ENOMEM, KMSG_EFULL (too many objects), KMSG_ESYSTEM (no thread), KMSG_ECLOSED
 * (the parent has returned). */
KMSG_API KMSG_CHECK kmsg_err kmsg_object_new(kmsg_object *parent, kmsg_object_fn *fn, void *ctx,
                                             const kmsg_spawn *how, kmsg_address *ret);

/* A thread. What `fn` returns is what the parent hears, with what kmsg_return() was given. What it
 * has sent before is written first, but that takes no longer than KMSG_CALL_TIMEOUT_MS. */
typedef kmsg_err             kmsg_thread_fn(void *ctx, kmsg_object *self);
KMSG_API KMSG_CHECK kmsg_err kmsg_thread_new(kmsg_object *parent, kmsg_thread_fn *fn, void *ctx,
                                             const kmsg_spawn *how, kmsg_address *ret);

/* ---- in one ---------------------------------------------------------------------------------- */

KMSG_API kmsg_node   *kmsg_object_node(const kmsg_object *self);
KMSG_API kmsg_address kmsg_object_address(const kmsg_object *self); /* good as long as it lives */
KMSG_API kmsg_address kmsg_object_parent(const kmsg_object *self);  /* of a root: none */

/* The end of this object, when its handler returns: the parent hears KMSG_OK and `value` (NULL:
 * nothing). A message that it has still to handle finds nobody. Its own children are stopped, and
 * waited for before the parent hears. The first word counts. */
KMSG_API void kmsg_return(kmsg_object *self, const struct kmsg_layout *layout, const void *value);

/* The same, with an error and a sentence. */
KMSG_API void kmsg_object_fail(kmsg_object *self, kmsg_err err, const char *format, ...)
    KMSG_PRINTF(3, 4);

/* ---- children -------------------------------------------------------------------------------- */

/* Those that have not returned; and to each of them in turn: false from `fn` ends it. */
KMSG_API size_t kmsg_child_count(const kmsg_object *parent);
KMSG_API void   kmsg_each_child(kmsg_object *parent, bool (*fn)(void *ctx, kmsg_address child),
                                void        *ctx);

/* Ask one (or all) to end: a kmsg.Stop. KMSG_ENOENT: it has returned already. Who is no parent can
 * send one to an object's address: of this process, this user, root, or with a key that has the
 * role "kmsg"; others are KMSG_EPERM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_stop(kmsg_object *parent, kmsg_address child);
KMSG_API void                kmsg_stop_children(kmsg_object *parent);

/* Wait until all have returned. In threads and main programs; inside of a handler KMSG_EDEADLOCK.
 * KMSG_ETIMEDOUT. */
KMSG_API KMSG_CHECK kmsg_err kmsg_wait_children(kmsg_object *parent, uint32_t timeout_ms);

/* ---- messages -------------------------------------------------------------------------------- */

/* A record to whom has that address. KMSG_OK means that it is on its way (plain: it may be lost
 * with a link, and nobody says so). Who is not there any more gets nothing, and that is harmless.
 * KMSG_EADDRESS, KMSG_EUNREACHABLE (no way there is known), KMSG_EVALUE, KMSG_EFULL, KMSG_ETOOBIG.
 */
KMSG_API KMSG_CHECK kmsg_err kmsg_send(kmsg_object *from, kmsg_address to,
                                       const struct kmsg_layout *layout, const void *value);

/* Acknowledged: `done` runs exactly once, later. KMSG_OK: the receiver has released it (its handler
 * has returned). KMSG_ENOENT: there is no such object. KMSG_ELOST: it may have been seen. */
typedef void  kmsg_sent_fn(void *ctx, kmsg_err err);
KMSG_API void kmsg_send_async(kmsg_object *from, kmsg_address to, const struct kmsg_layout *layout,
                              const void *value, void *ctx, kmsg_sent_fn *done);

/* The same, and wait for it. */
KMSG_API KMSG_CHECK kmsg_err kmsg_send_wait(kmsg_object *from, kmsg_address to,
                                            const struct kmsg_layout *layout, const void *value);

/* Send, and wait for the first message that comes back for this one; a late one reaches nobody.
 * *ret lives until the next kmsg_receive(), kmsg_select() or kmsg_request() of `self`.
 * KMSG_ETIMEDOUT, or as kmsg_send_wait(). */
KMSG_API KMSG_CHECK kmsg_err kmsg_request(kmsg_object *self, kmsg_address to,
                                          const struct kmsg_layout *layout, const void *value,
                                          uint32_t timeout_ms, kmsg_message **ret);

/* Hand a message on as it is, also one of a type that is not known here. Its receiver sees it as
 * coming from who sent it first; but if that was another process, kmsg_call_identity() tells him
 * that nobody knows who it was. */
KMSG_API KMSG_CHECK kmsg_err kmsg_forward(kmsg_object *self, const kmsg_message *message,
                                          kmsg_address to);

/* Is it a record of this type? Which one (kmsg_id() of its name)? From whom (none: size 0)? */
KMSG_API bool         kmsg_is(const kmsg_message *message, const struct kmsg_layout *layout);
KMSG_API uint64_t     kmsg_message_type(const kmsg_message *message);
KMSG_API kmsg_address kmsg_message_from(const kmsg_message *message);
KMSG_API kmsg_bytes   kmsg_message_body(const kmsg_message *message); /* encoded */

/* The record. KMSG_EVALUE: it is another one. KMSG_EDECODE, KMSG_EDEPTH, KMSG_ENOMEM. */
KMSG_API KMSG_CHECK kmsg_err kmsg_read(const kmsg_message       *message,
                                       const struct kmsg_layout *layout, kmsg_arena *mem,
                                       void *ret);

/* The next message of a thread or a root, waiting for it; handlers of the node's other objects run
 * meanwhile. *ret is released, and gone, with the next kmsg_receive(), kmsg_select() or
 * kmsg_request() of `self`. UINT32_MAX waits for ever. KMSG_ETIMEDOUT; KMSG_ECLOSED. */
KMSG_API KMSG_CHECK kmsg_err kmsg_receive(kmsg_object *self, uint32_t timeout_ms,
                                          kmsg_message **ret);

/* The next one of these types; the others wait on, in order. */
KMSG_API KMSG_CHECK kmsg_err kmsg_select(kmsg_object *self, const struct kmsg_layout *const *types,
                                         size_t count, uint32_t timeout_ms, kmsg_message **ret);

/* A peer for the service (S_serve_at()) at this address, to be closed as any other; the way there
 * is looked for with each call. KMSG_EADDRESS. */
KMSG_API KMSG_CHECK kmsg_err kmsg_reach(kmsg_node *node, kmsg_address address, kmsg_peer **ret);

/* ---- timers ---------------------------------------------------------------------------------- */

/* Sends `self` a kmsg.Timer with this id, after that time and, if every_ms is not 0, again and
 * again; never early. Setting one that is set replaces it. Stopping one that is not set is
 * harmless; a kmsg.Timer that is in the mailbox already comes all the same. */
KMSG_API KMSG_CHECK kmsg_err kmsg_set_timer(kmsg_object *self, uint32_t id, uint32_t after_ms,
                                            uint32_t every_ms);
KMSG_API void                kmsg_stop_timer(kmsg_object *self, uint32_t id);

/* ---- saving messages ------------------------------------------------------------------------- */

#define KMSG_SAVED_MAX   128u /* messages of one machine */
#define KMSG_REPLAYS_MAX 8u   /* of one message */

/* In a handler of a machine: keeps its message, which is handled again after the next change of
 * state, before what came later. It may be saved again, and keeps its place then; when it has come
 * so often it is dropped, and the log says so. Who waits for its release waits on. KMSG_EFULL: so
 * many are saved; KMSG_ENOMEM; KMSG_EINVAL: it is not the message that the handler was given. */
KMSG_API KMSG_CHECK kmsg_err kmsg_save(kmsg_message *message);

/* ---- what becomes of messages ---------------------------------------------------------------- */

typedef struct kmsg_object_facts {
    uint32_t waiting;  /* messages in its mailbox */
    uint64_t received; /* that came to it */
    uint64_t dropped;  /* that were not for it, or for which its mailbox was full */
} kmsg_object_facts;
KMSG_API void kmsg_object_info(const kmsg_object *self, kmsg_object_facts *ret);

typedef struct kmsg_node_facts {
    uint32_t objects;
    uint64_t dead_letters; /* one-way messages for objects that were not there */
    uint64_t relayed;      /* messages that went on to another node */
    uint32_t accepted;     /* connections of unix: and tcp: that others have dialled */
    uint32_t silent;       /* of these, that have not said yet who they are */
    uint64_t turned_away;  /* for which there was no place or no descriptor, or of another user */
} kmsg_node_facts;
KMSG_API void kmsg_node_info(const kmsg_node *node, kmsg_node_facts *ret);

#ifdef __cplusplus
}
#endif
#endif
