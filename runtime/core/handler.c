/* handler.c -- what a handler may know of its call, and be told beside it.
 *
 * A call that was left for later may end before its handler is done with it. It stays where it is
 * until then; what is in the inbox on its behalf keeps its memory even longer.
 */
#include "core/stream.h"

/* ---- user code beside its handler ---------------------------------------------------------- */

kmi_visit kmi_visit_begin(kmsg_node *node, kmsg_call *call)
{
    kmi_visit v = {.node = node, .outer = node->running, .outer_ns = kmi_user_begin(node)};

    if (call == NULL)
        return v;
    v.call = call;
    call->visits++;
    node->running = call;
    if (call->serving != NULL) { /* its object may have returned */
        v.executing = call->serving->executing;
        *v.executing = true;
    }
    return v;
}

void kmi_visit_end(kmi_visit *v)
{
    if (v->executing != NULL)
        *v->executing = false;
    v->node->running = v->outer;
    kmi_user_end(v->node, v->outer_ns);
    if (v->call != NULL && --v->call->visits == 0 && v->call->gone && !v->call->over_posted)
        kmi_call_recycle(v->call); /* it was ended meanwhile */
}

/* ---- nobody waits for it any more ---------------------------------------------------------- */

static kmsg_call *of_over(kmi_item *item)
{
    return (kmsg_call *)(void *)((uint8_t *)item - offsetof(kmsg_call, over_item));
}

static void tell_over(kmi_item *item)
{
    kmsg_call    *call = of_over(item);
    kmsg_call_fn *fn = call->on_over;
    kmi_visit     visit;

    call->over_posted = false;
    if (call->gone) {
        kmi_call_recycle(call);
        return;
    }
    call->on_over = NULL;
    visit = kmi_visit_begin(call->node, call);
    fn(call->over_ctx, call);
    kmi_visit_end(&visit);
}

void kmi_call_post_over(kmsg_call *call)
{
    if (!call->over || call->on_over == NULL || call->over_posted)
        return;
    call->over_posted = true;
    call->over_item.run = tell_over;
    kmi_inbox_add(call->node, &call->over_item);
}

kmsg_call *kmi_call_of_item(kmi_item *item)
{
    kmsg_call *call = NULL;

    if (kmi_is_call(item))
        return (kmsg_call *)item;
    if (item->run == tell_over)
        return of_over(item);
    kmi_stream_call_of(item, &call);
    return call;
}

/* ---- what a handler can do ----------------------------------------------------------------- */

kmsg_arena *kmsg_call_arena(kmsg_call *call)
{
    return call->arena;
}

kmsg_peer *kmsg_call_peer(kmsg_call *call)
{
    return call->peer;
}

uint32_t kmsg_call_remaining_ms(const kmsg_call *call)
{
    return kmi_deadline_left_ms(call->node, call->deadline_ns);
}

bool kmsg_call_is_over(const kmsg_call *call)
{
    return call->over || kmsg_call_remaining_ms(call) == 0;
}

void kmsg_call_on_over(kmsg_call *call, void *ctx, kmsg_call_fn *fn)
{
    call->on_over = fn;
    call->over_ctx = ctx;
    kmi_call_post_over(call);
}
