/* message.c -- records from object to object.
 *
 * A message is a request whose target is the type of a record. Inside it is a kmsg_call like one of
 * a service: the same credit, the same inbox, the same release; acknowledged, it is a call whose
 * answer is empty. What is for an object that is read with kmsg_receive() waits in that object's
 * mailbox, everything else runs into a handler.
 */
#include "core/object.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"

#include <string.h>

/* ---- sending ------------------------------------------------------------------------------- */

static kmi_place place_of(const kmsg_object *object)
{
    return (kmi_place){.instance = object->node->net.session.own.instance, .object = object->id};
}

static void note_speaker(kmsg_object *from, kmsg_address to)
{
    const kmi_child *child = from->child;

    if (child != NULL && to.size >= sizeof child->parent_address &&
        memcmp(to.data, child->parent_address, sizeof child->parent_address) == 0)
        from->has_spoken = true;
}

/* The connection, and what the envelope says. */
static kmsg_err address_letter(kmsg_node *node, const kmi_place *from, kmsg_address to,
                               kmi_letter *ret, kmi_conn **ret_conn)
{
    ret->from = *from;
    ret->outside = false;
    if (!kmi_place_get(to, &ret->to))
        return kmi_error(KMSG_EADDRESS, "this is not the address of an object");
    return kmi_route(node, &ret->to, ret_conn);
}

kmsg_err kmsg_send(kmsg_object *from, kmsg_address to, const kmsg_layout *layout, const void *value)
{
    kmi_frame  frame = {.kind = KMI_TELL, .target = layout->id};
    kmi_place  place = place_of(from);
    kmi_letter letter;
    kmi_conn  *conn;
    kmsg_err   err = address_letter(from->node, &place, to, &letter, &conn);

    note_speaker(from, to);
    if (err != KMSG_OK)
        return err;
    return kmi_room_tell(conn, &frame, &letter, layout, value, kmi_timeout_of(conn->peer, NULL));
}

static void sent(kmsg_done *done, void *ctx, kmsg_err err, const void *result)
{
    (void)result;
    ((kmsg_sent_fn *)done)(ctx, err);
}

/* One that is told of at once cannot be queued: there is no memory for that. */
void kmsg_send_async(kmsg_object *from, kmsg_address to, const kmsg_layout *layout,
                     const void *value, void *ctx, kmsg_sent_fn *done)
{
    kmi_place  place = place_of(from);
    kmi_letter letter;
    kmi_conn  *conn;
    kmsg_err   err = address_letter(from->node, &place, to, &letter, &conn);

    note_speaker(from, to);
    kmi_ask_letter(err == KMSG_OK ? conn : from->node->self->conn, err, &letter, layout, value,
                   sent, (kmsg_done *)done, ctx);
}

kmsg_err kmsg_send_wait(kmsg_object *from, kmsg_address to, const kmsg_layout *layout,
                        const void *value)
{
    kmi_place  place = place_of(from);
    kmi_letter letter;
    kmi_conn  *conn;
    kmsg_err   err = address_letter(from->node, &place, to, &letter, &conn);

    return err != KMSG_OK ? err : kmi_ask_letter_wait(conn, &letter, layout, value, 0, NULL);
}

kmsg_err kmsg_forward(kmsg_object *self, const kmsg_message *message, kmsg_address to)
{
    kmi_frame  frame = {.kind = KMI_TELL, .target = message->target};
    kmsg_bytes body = {message->body, message->body_size};
    kmi_letter letter, came = {0};
    kmi_conn  *conn;
    kmsg_err   err;

    if (message->envelope != NULL)
        kmi_envelope_get(message->envelope, &came);
    err = address_letter(self->node, &came.from, to, &letter, &conn);
    note_speaker(self, to);
    if (err != KMSG_OK)
        return err;
    err = kmi_route_pass(&letter, conn, message->who == &self->node->process);
    return err != KMSG_OK ? err
                          : kmi_room_tell(conn, &frame, &letter, NULL, &body,
                                          kmi_timeout_of(conn->peer, NULL));
}

/* ---- from this very node ------------------------------------------------------------------- */

kmsg_err kmi_message_to(kmsg_object *object, const kmi_place *from, const kmsg_layout *layout,
                        const void *value)
{
    kmi_letter letter = {.to = place_of(object)};
    size_t     size, envelope;
    kmi_slab  *slab;
    kmsg_err   err = kmsg_encoded_size(layout, value, &size);

    if (from != NULL)
        letter.from = *from;
    envelope = kmi_envelope_size(&letter);
    if (err != KMSG_OK)
        return err;
    slab = kmi_slab_new(envelope + size);
    if (slab == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    kmi_envelope_put(slab->data, &letter);
    err = kmsg_encode_into(layout, value, slab->data + envelope, size, &size);
    if (err != KMSG_OK) {
        kmi_slab_unref(slab);
        return err;
    }
    slab->size = envelope + size;
    return kmi_call_local(object, layout->id, slab, envelope);
}

/* ---- mailboxes ----------------------------------------------------------------------------- */

/* A thread that waits for an answer is not kept waiting when it is told to stop. */
static void wake_for_stop(kmsg_object *object)
{
    kmsg_node *node = object->node;

    for (kmi_conn *c = node->conns; c != NULL; c = c->next)
        for (size_t i = 0; i < c->slot_count; i++)
            if (c->slots[i].ask != NULL && c->slots[i].ask->blocking)
                kmi_ask_drop(c->slots[i].ask, KMSG_ECANCELED);
}

/* Whoever is full can be told to stop, and a child's return is not lost. Neither can be many: one
 * kmsg.Stop at a time, and as many returns as there were children. What came from this node itself
 * has cost nobody credit. */
bool kmi_mailbox_must_take(const kmsg_object *object, const kmsg_call *call)
{
    if (call->target == kmsg_Stop_layout.id)
        return !object->stop_waits;
    return call->credit == 0 && call->target != kmsg_Timer_layout.id;
}

bool kmi_mailbox_has_room(const kmsg_object *object, const kmsg_call *call)
{
    return object->waiting < object->mailbox_max || kmi_mailbox_must_take(object, call);
}

void kmi_mailbox_count(kmsg_object *object, const kmsg_call *call, int change)
{
    object->waiting += (uint32_t)change;
    if (call->target == kmsg_Stop_layout.id)
        object->stop_waits = change > 0;
}

bool kmi_mailbox_add(kmsg_object *object, kmsg_call *call)
{
    object->facts.received++;
    if (!kmi_mailbox_has_room(object, call)) {
        object->facts.dropped++;
        return false;
    }
    kmi_mailbox_count(object, call, 1);
    object->arrived = true;
    kmi_queue_add(&object->mailbox, &call->item);
    if (object->is_thread && call->target == kmsg_Stop_layout.id)
        wake_for_stop(object);
    return true;
}

static kmsg_call *take(kmsg_object *object, kmi_item *before)
{
    kmi_queue *box = &object->mailbox;
    kmi_item  *item = before == NULL ? box->first : before->next;

    if (before == NULL)
        box->first = item->next;
    else
        before->next = item->next;
    if (box->last == item)
        box->last = before;
    kmi_mailbox_count(object, (kmsg_call *)item, -1);
    return (kmsg_call *)item;
}

static void let_go(kmsg_object *object)
{
    kmsg_call *call = object->current;

    object->current = NULL;
    if (call != NULL)
        kmi_call_release(call, KMSG_OK);
}

static void let_one_go(void *ctx, kmsg_object *object)
{
    (void)ctx;
    let_go(object);
}

void kmi_objects_let_go(kmsg_node *node)
{
    kmi_objects_each(node, let_one_go, NULL);
}

void kmi_mailbox_drop(kmsg_object *object)
{
    let_go(object);
    while (object->mailbox.first != NULL)
        kmi_call_release(take(object, NULL), KMSG_ENOENT);
}

static bool is_one_of(const kmi_item *item, const kmsg_layout *const *types, size_t count)
{
    const kmsg_call *call = (const kmsg_call *)item;

    for (size_t i = 0; i < count; i++)
        if (types[i]->id == call->target)
            return true;
    return count == 0;
}

static kmsg_call *take_one_of(kmsg_object *object, const kmsg_layout *const *types, size_t count)
{
    kmi_item *before = NULL;

    for (kmi_item *item = object->mailbox.first; item != NULL; before = item, item = item->next)
        if (is_one_of(item, types, count))
            return take(object, before);
    return NULL;
}

/* Turns the node until there is one. */
static kmsg_err wait_for(kmsg_object *self, const kmsg_layout *const *types, size_t count,
                         uint32_t timeout_ms, kmsg_call **ret)
{
    kmsg_node *node = self->node;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, timeout_ms);

    if (err != KMSG_OK)
        return err;
    kmi_node_flush(node);
    *ret = NULL;
    while (*ret == NULL && !until.over && !atomic_load(&node->stop)) {
        self->arrived = false;
        kmi_node_turn(node, true, &self->arrived);
        *ret = take_one_of(self, types, count);
    }
    kmi_limit_done(&until, node);
    if (*ret != NULL)
        return KMSG_OK;
    return until.over ? kmi_error(KMSG_ETIMEDOUT, "no message came")
                      : kmi_error(KMSG_ECLOSED, "the node is to stop");
}

kmsg_err kmsg_select(kmsg_object *self, const kmsg_layout *const *types, size_t count,
                     uint32_t timeout_ms, kmsg_message **ret)
{
    kmsg_call *call;
    kmsg_err   err = KMSG_OK;

    assert(self->maker.is_inbox && "only a thread or a root has a mailbox to read");
    let_go(self);
    call = take_one_of(self, types, count);
    if (call == NULL)
        err = timeout_ms == 0 ? kmi_error(KMSG_ETIMEDOUT, "no message is there")
                              : wait_for(self, types, count, timeout_ms, &call);
    if (err != KMSG_OK)
        return err;
    self->current = call;
    *ret = call;
    return KMSG_OK;
}

kmsg_err kmsg_receive(kmsg_object *self, uint32_t timeout_ms, kmsg_message **ret)
{
    return kmsg_select(self, NULL, 0, timeout_ms, ret);
}

/* ---- question and answer ------------------------------------------------------------------- */

static uint32_t left_of(uint32_t timeout_ms, int64_t passed_ns)
{
    int64_t passed_ms = passed_ns / KMI_MS;

    return passed_ms >= timeout_ms ? 0 : timeout_ms - (uint32_t)passed_ms;
}

/* It is asked in the name of an object of its own, so that an answer which comes late finds nobody.
 */
static kmsg_err ask_as(kmsg_object *asker, kmsg_address to, const kmsg_layout *layout,
                       const void *value, uint32_t timeout_ms, kmsg_call **ret)
{
    const kmi_sys *sys = asker->node->sys;
    int64_t        from_ns = sys->now_ns();
    kmi_place      place = place_of(asker);
    kmi_letter     letter;
    kmi_conn      *conn;
    kmsg_err       err = address_letter(asker->node, &place, to, &letter, &conn);

    if (timeout_ms == 0)
        timeout_ms = 1;
    if (err == KMSG_OK)
        err = kmi_ask_letter_wait(conn, &letter, layout, value, timeout_ms, &asker->arrived);
    if (err != KMSG_OK)
        return err;
    *ret = take_one_of(asker, NULL, 0);
    if (*ret != NULL)
        return KMSG_OK;
    if (timeout_ms != UINT32_MAX) /* the time that it took to be released is a part of it */
        timeout_ms = left_of(timeout_ms, sys->now_ns() - from_ns);
    return wait_for(asker, NULL, 0, timeout_ms, ret);
}

kmsg_err kmsg_request(kmsg_object *self, kmsg_address to, const kmsg_layout *layout,
                      const void *value, uint32_t timeout_ms, kmsg_message **ret)
{
    static const kmi_maker inbox = {.is_inbox = true};
    kmsg_object           *asker = kmi_object_new(&inbox, 0);
    kmsg_call             *call;
    kmsg_err               err;

    let_go(self);
    err = asker == NULL ? kmi_error_plain(KMSG_ENOMEM) : kmi_object_enter(self->node, asker);
    if (err != KMSG_OK) {
        kmi_object_discard(asker);
        return err;
    }
    err = ask_as(asker, to, layout, value, timeout_ms, &call);
    if (err == KMSG_OK) {
        self->current = call;
        *ret = call;
    }
    kmi_object_remove(asker);
    return err;
}

/* ---- reading ------------------------------------------------------------------------------- */

bool kmsg_is(const kmsg_message *message, const kmsg_layout *layout)
{
    return message->target == layout->id;
}

uint64_t kmsg_message_type(const kmsg_message *message)
{
    return message->target;
}

kmsg_bytes kmsg_message_body(const kmsg_message *message)
{
    return (kmsg_bytes){message->body, message->body_size};
}

kmsg_address kmsg_message_from(const kmsg_message *message)
{
    kmsg_call *call = (kmsg_call *)message; /* which remembers what it was asked once */
    kmi_letter letter;
    uint8_t   *bytes;

    if (call->from.data != NULL || call->envelope == NULL)
        return call->from;
    kmi_envelope_get(call->envelope, &letter);
    bytes = letter.from.instance == 0 ? NULL : kmsg_alloc(kmi_call_mem(call), KMI_ADDRESS_MAX, 1);
    if (bytes == NULL)
        return (kmsg_address){NULL, 0};
    call->from = (kmsg_address){bytes, kmi_place_put(&letter.from, bytes)};
    return call->from;
}

kmsg_err kmsg_read(const kmsg_message *message, const kmsg_layout *layout, kmsg_arena *mem,
                   void *ret)
{
    kmsg_err err;

    if (!kmsg_is(message, layout))
        return kmi_error(KMSG_EVALUE, "the message is no %s", layout->name);
    err = kmsg_decode(layout, (kmsg_bytes){message->body, message->body_size}, mem, ret);
    return err == KMSG_OK ? kmi_call_addresses(message, layout, mem, ret) : err;
}
