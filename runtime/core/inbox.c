/* inbox.c -- requests that wait for user code of their node to return: who is let in, and what is
 * kept of it.
 *
 * There are two limits, the node's for all and each object's own. What is read with kmsg_receive()
 * waits in its object's mailbox instead (message.c), which asks here for nothing but the copy.
 */
#include "core/object.h"

#include <string.h>

#define WAITING_BYTES_MAX KMSG_SEND_QUEUE_MAX

/* Small arguments must not keep a whole read slab while they wait. */
kmsg_err kmi_call_keep_body(kmsg_call *call)
{
    const uint8_t *from = call->envelope == NULL ? call->body : call->envelope;
    kmi_slab      *copy;

    if (call->slab->capacity <= 4 * call->body_size + 4096)
        return KMSG_OK;
    copy = kmi_slab_new((size_t)(call->body - from) + call->body_size + 1);
    if (copy == NULL)
        return KMSG_ENOMEM;
    memcpy(copy->data, from, (size_t)(call->body - from) + call->body_size);
    kmi_slab_unref(call->slab);
    call->slab = copy;
    call->body = copy->data + (call->body - from);
    call->envelope = call->envelope == NULL ? NULL : copy->data;
    return KMSG_OK;
}

void kmi_inbox_enter(kmsg_call *call)
{
    kmsg_node   *node = call->node;
    kmsg_object *object = kmi_call_object(call);

    node->waiting++;
    node->waiting_bytes += call->body_size;
    if (object != NULL)
        kmi_mailbox_count(object, call, 1);
    kmi_inbox_add(node, &call->item);
}

void kmi_inbox_leave(kmsg_call *call)
{
    kmsg_object *object = kmi_call_object(call);

    call->node->waiting--;
    call->node->waiting_bytes -= call->body_size;
    if (object != NULL)
        kmi_mailbox_count(object, call, -1);
}

uint32_t kmi_inbox_crowd(const kmsg_call *call)
{
    const kmsg_node *node = call->node;
    kmsg_object     *object = kmi_call_object(call);

    if (object != NULL && kmi_mailbox_must_take(object, call))
        return 0;
    if (node->waiting >= node->mailbox_max ||
        (node->waiting > 0 && node->waiting_bytes + call->body_size > WAITING_BYTES_MAX))
        return node->waiting;
    if (object == NULL || kmi_mailbox_has_room(object, call))
        return 0;
    object->facts.received++;
    object->facts.dropped++;
    return object->waiting;
}
