/* pending.c -- calls that their caller waits for later, many at a time; deadlines for several.
 *
 * A pending call is an ask like that of a blocking call, which nobody waits for yet. The user's
 * kmsg_pending points to it until its result is taken; so the ask remembers where that is, and at
 * the node's end takes its leave there.
 */
#include "core/core.h"

#include "base/err.h"

/* ---- beginning and ending ------------------------------------------------------------------ */

static void enter(kmi_ask *ask, kmsg_pending *pending)
{
    kmsg_node *node = ask->peer->node;

    ask->blocking = true;
    ask->pending = pending;
    ask->prev = NULL;
    ask->next = node->pendings;
    if (ask->next != NULL)
        ask->next->prev = ask;
    node->pendings = ask;
    *pending = (kmsg_pending){.ask = ask};
}

static void leave(kmi_ask *ask, kmsg_err err)
{
    kmsg_node *node = ask->peer->node;

    if (ask->prev != NULL)
        ask->prev->next = ask->next;
    else
        node->pendings = ask->next;
    if (ask->next != NULL)
        ask->next->prev = ask->prev;
    *ask->pending = (kmsg_pending){.err = err};
    kmi_ask_free(ask);
}

void kmi_pendings_done(kmsg_node *node)
{
    while (node->pendings != NULL) {
        kmsg_err err = node->pendings->err;
        leave(node->pendings, err == KMSG_OK ? KMSG_ECLOSED : err);
    }
}

kmsg_err kmsg_begin(kmsg_peer *peer, const kmsg_service *service, const kmsg_method *method,
                    const void *args, kmsg_pending *pending)
{
    kmi_ask *ask;
    kmsg_err err;

    if (pending->ask != NULL)
        return kmi_error(KMSG_EINUSE, "%s.%s: the call before it has not been ended", service->name,
                         method->name);
    ask = kmi_ask_new(peer, service, method);
    if (ask == NULL) {
        *pending = (kmsg_pending){.err = KMSG_ENOMEM};
        return kmi_error_plain(KMSG_ENOMEM);
    }
    enter(ask, pending);
    err = kmi_ask_send(ask, args);
    if (err != KMSG_OK)
        kmi_ask_fail(ask, err, kmsg_last_error());
    return err;
}

kmsg_err kmsg_end(kmsg_pending *pending, const kmsg_method *method, kmsg_arena *mem, void *ret)
{
    kmi_ask *ask = pending->ask;
    kmsg_err err = pending->err;

    if (ask == NULL) {
        pending->err = KMSG_OK;
        return err == KMSG_OK ? kmi_error(KMSG_EINVAL, "no call was begun") : kmi_error_plain(err);
    }
    assert(ask->method == method && "X_end() of a call that another method's X_begin() began");
    (void)method;
    kmi_ask_wait(ask);
    err = kmi_ask_collect(ask, mem, ret);
    leave(ask, KMSG_OK);
    return err;
}

/* ---- waiting ------------------------------------------------------------------------------- */

/* It ends by then at the latest. */
static void hurry(kmi_ask *ask, int64_t until_ns)
{
    if (ask != NULL && !ask->ended && ask->timer.at_ns > until_ns)
        kmi_timer_set(&ask->peer->node->timers, &ask->timer, until_ns);
}

static kmsg_err wait_for(kmsg_pending *pending)
{
    kmi_ask *ask = pending->ask;

    if (ask == NULL)
        return pending->err == KMSG_OK ? KMSG_EINVAL : pending->err;
    kmi_ask_wait(ask);
    return ask->err;
}

kmsg_err kmsg_wait_all(kmsg_pending *pendings, size_t count, uint32_t timeout_ms)
{
    kmsg_err first = KMSG_OK;

    for (size_t i = 0; i < count; i++) {
        const kmi_ask *ask = pendings[i].ask;
        if (ask != NULL)
            hurry(pendings[i].ask, ask->peer->node->sys->now_ns() + timeout_ms * KMI_MS);
    }
    for (size_t i = 0; i < count; i++) {
        kmsg_err err = wait_for(&pendings[i]);
        if (first == KMSG_OK)
            first = err;
    }
    return first;
}

kmsg_err kmsg_wait(kmsg_pending *pending)
{
    return wait_for(pending);
}

bool kmsg_pending_is_over(const kmsg_pending *pending)
{
    const kmi_ask *ask = pending->ask;

    return ask == NULL || ask->ended;
}

void kmsg_pending_cancel(kmsg_pending *pending)
{
    kmi_ask *ask = pending->ask;

    if (ask != NULL && !ask->ended)
        kmi_ask_drop(ask, KMSG_ECANCELED);
}

/* ---- deadlines ----------------------------------------------------------------------------- */

uint32_t kmi_deadline_left_ms(const kmsg_node *node, int64_t deadline_ns)
{
    int64_t left_ns;

    if (deadline_ns == KMI_NEVER)
        return UINT32_MAX;
    left_ns = deadline_ns - node->sys->now_ns();
    return left_ns <= 0 ? 0 : (uint32_t)((left_ns + KMI_MS - 1) / KMI_MS);
}

int64_t kmsg_deadline_begin(kmsg_node *node, uint32_t timeout_ms)
{
    int64_t outer_ns = node->deadline_ns, own_ns = node->sys->now_ns() + timeout_ms * KMI_MS;

    if (own_ns < outer_ns)
        node->deadline_ns = own_ns;
    return outer_ns;
}

void kmsg_deadline_end(kmsg_node *node, int64_t outer)
{
    node->deadline_ns = outer;
}
