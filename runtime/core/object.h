/* object.h -- the inside of objects: where they are, who their parents are, what waits for them.
 * Private to core/.
 *
 *   object.c   the table of a node, making, ending
 *   child.c    what a parent knows of its children; how one returns
 *   thread.c   threads as places for objects; functions with a thread of their own
 *   message.c  sending, receiving, reading
 *   route.c    which connection leads to an address; messages that only pass through
 *   alarm.c    timers of objects
 *   machine.c  the schema's machines
 *   place.c    addresses as bytes
 */
#ifndef KMI_CORE_OBJECT_H
#define KMI_CORE_OBJECT_H

#include "core/core.h"
#include "core/place.h"

#include "codec/addresses.h"

#include <kmsg/kmsg.kmsg.h>

#define KMSG_OBJECTS_MAX (1u << 24)

typedef struct kmi_alarm        kmi_alarm;
typedef struct kmi_thread_place kmi_thread_place;

/* What an object is made of, and what it does. */
typedef struct kmi_maker {
    /* NULL: its messages wait for kmsg_receive(), or it is a service */
    kmsg_err (*handle)(kmsg_object *object, kmsg_message *message);
    void (*start)(kmsg_object *object); /* before its first message; or NULL */
    void (*done)(kmsg_object *object);  /* at its end; or NULL */
    size_t              state_size;     /* bytes of its own, zeroed, at object->state */
    const kmsg_service *service;
    const void         *impl;
    kmsg_done          *fn;
    const void         *data;
    void               *ctx;
    bool                is_inbox;
} kmi_maker;

/* ---- children ------------------------------------------------------------------------------ */

/* A parent's note of a child. It belongs to the parent's thread, but for what the child writes into
 * it at its end, before it is handed back. */
struct kmi_child {
    kmi_item           item;
    kmi_child         *next;
    kmi_child         *prev;
    kmsg_object       *parent;
    kmi_thread_place  *thread; /* NULL: the parent's */
    kmi_mailbox       *home;   /* of the parent's node, if the child is on another one */
    kmi_slab          *mail;   /* in which the note comes home; the same */
    kmi_slab          *halt;   /* a kmsg.Stop that nothing can hold up; the same */
    kmsg_returned_fn  *returned;
    void              *ctx;
    uint8_t            address[16];
    uint8_t            parent_address[16];
    kmsg_err           err; /* what it returned */
    char              *words;
    const kmsg_layout *layout;
    kmi_slab          *value; /* NULL: nothing */
};

/* What the child returns; only the first time. On the child's thread. */
void kmi_child_note(kmi_child *child, kmsg_err err, const char *words, const kmsg_layout *layout,
                    const void *value);

/* The child is gone, tell its parent. On the child's thread, whose node `from` is. */
void kmi_child_tell(kmi_child *child, kmsg_node *from);

/* The same, behind what the child has sent its parent. */
void kmi_child_tell_last(kmi_child *child, kmsg_node *from);

/* Wait until what the child has sent its parent has arrived, so that it can be told. */
void kmi_child_speak_out(kmi_child *child, kmsg_node *from);

/* Makes an object where `how` says, and a note of it. */
KMSG_CHECK kmsg_err kmi_object_make(kmsg_object *parent, const kmi_maker *maker,
                                    const kmsg_spawn *how, kmsg_address *ret);

/* A note in the parent's list, not yet of anybody. NULL: no memory. `away`: on another node. */
kmi_child *kmi_child_new(kmsg_object *parent, const kmsg_spawn *how, bool away);
void       kmi_child_forget(kmi_child *child); /* and free it; NULL is fine */
void       kmi_child_set_address(kmi_child *child, uint64_t instance, uint64_t id);

/* At a node's end: children on other threads are stopped and waited for. */
void kmi_children_end(kmsg_node *node);

/* ---- objects ------------------------------------------------------------------------------- */

struct kmsg_object {
    kmi_serving       serving_messages; /* what its messages run into */
    kmi_services      services;         /* of a service */
    kmi_maker         maker;
    kmsg_node        *node;
    uint64_t          id;
    kmi_child        *child; /* its parent's note; NULL: a root */
    kmi_item          item;  /* its end */
    kmi_queue         mailbox;
    uint32_t          waiting;
    uint32_t          mailbox_max;
    uint32_t          calls; /* that came for it and are not done with */
    bool              executing;
    bool              is_thread; /* a function with a thread of its own */
    bool              returned;
    bool              has_spoken; /* to its parent */
    bool              ending;
    bool              stop_waits; /* a kmsg.Stop is among what waits for it */
    bool              arrived;    /* a message, since somebody began to wait for one */
    kmsg_call        *current;    /* that kmsg_receive() gave out last */
    kmi_child        *children;
    size_t            child_count;
    kmi_alarm        *alarms;
    kmsg_object_facts facts;
    uint8_t           address[16];
    _Alignas(16) uint8_t state[];
};

/* Not on any node yet; NULL: no memory. kmi_object_discard() frees one that never was on one. */
kmsg_object *kmi_object_new(const kmi_maker *maker, uint32_t mailbox_max);
void         kmi_object_discard(kmsg_object *object);
uint64_t     kmi_object_foreign_id(kmsg_node *node); /* any thread */

/* On the node's thread. An object with an id has got it from kmi_object_foreign_id(). */
KMSG_CHECK kmsg_err kmi_object_enter(kmsg_node *node, kmsg_object *object);
void                kmi_object_start(kmsg_object *object);

/* One without a parent or children, at once. */
void kmi_object_remove(kmsg_object *object);

/* What runs a request for this target; NULL: it has no such service. */
kmi_serving *kmi_object_serving(kmsg_object *object, uint64_t target);

/* It is at its end, and the last of its children may have gone. */
void kmi_object_end_if_alone(kmsg_object *object);

/* One that has not returned, or NULL. */
kmsg_object *kmi_object_find(const kmsg_node *node, uint64_t id);

KMSG_CHECK kmsg_err kmi_object_new_root(kmsg_node *node);

/* Each of a node's objects, the root too; `fn` may end the one it is given. */
void kmi_objects_each(kmsg_node *node, void (*fn)(void *ctx, kmsg_object *object), void *ctx);

/* What kmsg_receive() gave out last is released: their senders may wait for that. */
void kmi_objects_let_go(kmsg_node *node);

/* At a node's end: all have returned, and then they are gone. */
void kmi_node_objects_end(kmsg_node *node);
void kmi_node_objects_done(kmsg_node *node);

/* ---- mailboxes ----------------------------------------------------------------------------- */

/* Is there room for it? Some are let in all the same. Counting is for whoever queues a call of an
 * object, in the object's own mailbox or in the node's inbox: 1 when it begins to wait, then -1. */
bool kmi_mailbox_must_take(const kmsg_object *object, const kmsg_call *call);
bool kmi_mailbox_has_room(const kmsg_object *object, const kmsg_call *call);
void kmi_mailbox_count(kmsg_object *object, const kmsg_call *call, int change);

/* How many wait, where the node's inbox has no room for one more request; else 0. */
uint32_t kmi_inbox_crowd(const kmsg_call *call);
void     kmi_inbox_enter(kmsg_call *call);

/* That it is for; NULL: the node, or nobody. */
static inline kmsg_object *kmi_call_object(const kmsg_call *call)
{
    return call->serving == NULL ? NULL : call->serving->object;
}

/* A call for an object that is read with kmsg_receive(). False: its mailbox is full. */
KMSG_CHECK bool kmi_mailbox_add(kmsg_object *object, kmsg_call *call);
void            kmi_mailbox_drop(kmsg_object *object); /* all that wait find nobody */

/* A message from this very node; only a kmsg.Timer is refused by a mailbox that is full:
 * KMSG_EFULL. `from` NULL: nobody. */
KMSG_CHECK kmsg_err kmi_message_to(kmsg_object *object, const kmi_place *from,
                                   const kmsg_layout *layout, const void *value);

/* ---- timers -------------------------------------------------------------------------------- */

void kmi_alarms_done(kmsg_object *object);

/* ---- ways ---------------------------------------------------------------------------------- */

/* The connection that leads there, and the letter's hops from its other side on. KMSG_EUNREACHABLE,
 * KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_route(kmsg_node *node, kmi_place *to, kmi_conn **ret);

/* Others of this process find the node by its instance from here on. */
KMSG_CHECK kmsg_err kmi_node_announce(kmsg_node *node);

/* NULL: this may be said to an object; else why not. */
const char *kmi_call_why_not(const kmsg_call *call);

/* Can what is from this sender have come over that connection? */
bool kmi_is_from_there(const kmi_conn *conn, const kmi_letter *letter);

/* Does it lead to a node of this process? Came this letter from one, and through no other process?
 */
bool kmi_conn_is_inside(const kmi_conn *conn);
bool kmi_route_is_inside(const kmi_conn *conn, const kmi_letter *letter);

void kmi_way_add(kmi_conn *conn); /* its instance is known from here on */
void kmi_way_remove(kmi_conn *conn);

/* Is somebody there with this instance who cannot be who is at the other side of `conn`? */
bool kmi_way_is_taken(const kmi_conn *conn, uint64_t instance);

/* Who has dialled us from there, is up, and known. NULL: nobody. */
kmi_conn *kmi_way_find_guest(const kmsg_node *node, uint64_t instance);

/* Of a letter that is handed on to `to`: its sender's address, as the next node is to see it.
 * `inside`: it comes from this process. KMSG_EUNREACHABLE: it has come too far. */
KMSG_CHECK kmsg_err kmi_route_pass(kmi_letter *letter, const kmi_conn *to, bool inside);

/* A request that is for another node: hands it on. Takes the frame's reference. */
void kmi_relay(kmi_conn *from, kmi_frame *frame, const kmi_letter *letter);

#endif
