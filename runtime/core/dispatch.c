/* dispatch.c -- what has arrived, to whom it concerns; the only place from where user code runs.
 *
 * Outside of user code frames go straight to their handlers, without a queue between. While a
 * handler (or callback) waits for an answer of its own, requests and other answers are put into the
 * inbox instead, in the order in which they came, and only what ends somebody's wait is taken.
 */
#include "core/core.h"

#define FRAMES_TURN 4096   /* frames that are looked at in one turn */
#define ENDING_MAX  100000 /* callbacks at a node's end */

void kmi_inbox_add_as(kmsg_node *node, kmi_item *item, bool inner)
{
    kmi_queue_add(inner ? &node->inner : &node->inbox, item);
    kmi_timers_tell(&node->timers, 0);
}

void kmi_inbox_add(kmsg_node *node, kmi_item *item)
{
    kmi_inbox_add_as(node, item, false);
}

void kmi_queue_add(kmi_queue *queue, kmi_item *item)
{
    item->next = NULL;
    if (queue->first == NULL)
        queue->first = item;
    else
        queue->last->next = item;
    queue->last = item;
}

/* Takes out the item behind `before`, or the first one. */
static kmi_item *take_out(kmsg_node *node, kmi_item *before)
{
    kmi_queue *inbox = &node->inbox;
    kmi_item  *item = before == NULL ? inbox->first : before->next;

    if (before == NULL)
        inbox->first = item->next;
    else
        before->next = item->next;
    if (inbox->last == item)
        inbox->last = before;
    if (kmi_is_call(item))
        kmi_inbox_leave((kmsg_call *)item);
    return item;
}

static void run(kmi_item *item)
{
    item->run(item);
}

static void run_inner(kmsg_node *node)
{
    kmi_item *item = node->inner.first;

    node->inner.first = item->next;
    run(item);
}

static void take_frame(kmi_conn *conn, kmi_frame *frame)
{
    if (conn->doubted)
        kmi_idle_heard(conn);
    switch (frame->kind) {
    case KMI_CALL:
    case KMI_TELL: kmi_call_arrived(conn, frame); break;
    case KMI_ANSWER:
    case KMI_FAIL: kmi_ask_answered(conn, frame); break;
    case KMI_CANCEL:
        kmi_call_canceled(conn, frame->call);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_CREDIT:
        kmi_queue_credit(conn, frame->aux, frame->call);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_ITEM: kmi_stream_item(conn, frame); break;
    case KMI_END:
        kmi_stream_half_closed(conn, frame);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_WINDOW:
        kmi_stream_window(conn, frame);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_PING: /* of links that leave it to us */
        kmi_conn_control(conn, KMI_PONG, 0, 0);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_PONG:
        kmi_ping_answered(conn);
        kmi_slab_unref(frame->slab);
        break;
    case KMI_LEAVE:
        kmi_idle_leave(conn, frame->aux);
        kmi_slab_unref(frame->slab);
        break;
    default: kmi_slab_unref(frame->slab); break;
    }
}

static size_t count_items(const kmi_queue *queue)
{
    size_t count = 0;

    for (const kmi_item *item = queue->first; item != NULL; item = item->next)
        count++;
    return count;
}

/* What an item adds to the inbox while it runs waits for the next turn, so that a turn ends: timers
 * and stopping get theirs. Frames wait behind items, which came before them. */
void kmi_dispatch(kmsg_node *node, const bool *until)
{
    size_t items = count_items(&node->inbox), frames = FRAMES_TURN;
    size_t inner = count_items(&node->inner);

    while (until == NULL || !*until) {
        kmi_link *link;
        kmi_frame frame;
        if (node->inner.first != NULL) {
            if (inner-- == 0)
                break;
            run_inner(node);
            continue;
        }
        if (node->depth == 0 && node->inbox.first != NULL) {
            if (items-- == 0)
                break;
            run(take_out(node, NULL));
            continue;
        }
        link = frames-- == 0 ? NULL : kmi_net_ready(&node->net);
        if (link == NULL)
            break;
        if (kmi_link_next(link, &frame))
            take_frame(link->owner, &frame);
        else
            kmi_net_unready(&node->net, link);
        inner = count_items(&node->inner);
        if (node->depth == 0)
            items = count_items(&node->inbox); /* with it came an answer, or a lost link */
    }
}

/* What the node has said first to itself, for this service. What was said before to the same
 * service comes first: between two objects order is kept. */
static kmi_item *take_local(kmsg_node *node, const kmi_serving *serving)
{
    kmi_item *before = NULL;

    for (kmi_item *item = node->inbox.first; item != NULL; before = item, item = item->next) {
        const kmsg_call *call = kmi_call_of_item(item);
        if (call != NULL && call->local && call->serving == serving)
            return take_out(node, before);
    }
    return NULL;
}

void kmi_dispatch_nested(kmsg_node *node, kmi_serving *serving, const bool *until)
{
    kmi_item *item;

    while (!*until && !*serving->executing && (item = take_local(node, serving)) != NULL)
        run(item);
}

void kmi_dispatch_ends(kmsg_node *node)
{
    kmi_item *before = NULL, *item = node->inbox.first;
    size_t    count = 0;

    while (item != NULL || node->inner.first != NULL) {
        if (node->inner.first != NULL) {
            run_inner(node); /* may add to the end of the inbox, too */
            item = before == NULL ? node->inbox.first : before->next;
            continue;
        }
        if (kmi_is_call(item)) {
            before = item;
            item = item->next;
            continue;
        }
        count += item->run == kmi_ask_finish_item;
        assert(count < ENDING_MAX && "a callback asks again and again while its node ends");
        (void)count;
        run(take_out(node, before)); /* may add to the end: it is found there in its turn */
        item = before == NULL ? node->inbox.first : before->next;
    }
}
