/* defer.c -- functions that other threads want to be run on the node's. Each is a piece of mail
 * with a place in the inbox, where it stands in line with requests and answers.
 */
#include "core/core.h"

#include "base/err.h"

typedef struct task {
    kmi_item   item;
    kmsg_node *node;
    kmi_slab  *slab; /* that this lies in */
    void (*fn)(void *ctx);
    void *ctx;
} task;

static void run(kmi_item *item)
{
    const task t = *(task *)item;
    int64_t    outer_ns;

    kmi_slab_unref(t.slab);
    atomic_fetch_sub(&t.node->tasks, 1);
    outer_ns = kmi_user_begin(t.node);
    t.fn(t.ctx);
    kmi_user_end(t.node, outer_ns);
}

static void arrive(void *node, kmi_slab *mail)
{
    kmi_inbox_add(node, &((task *)(void *)mail->data)->item);
}

/* False: there are as many as there may be. */
static bool count_in(kmsg_node *node)
{
    uint32_t count = atomic_load(&node->tasks);

    do {
        if (count >= atomic_load(&node->tasks_max))
            return false;
    } while (!atomic_compare_exchange_weak(&node->tasks, &count, count + 1));
    return true;
}

kmsg_err kmsg_defer_ts(kmsg_node *node, void *ctx, void (*fn)(void *ctx))
{
    kmi_slab *mail;

    if (kmi_node_is_foreign(node))
        return kmi_node_check(node);
    mail = kmi_slab_new(sizeof(task));
    if (mail == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (!count_in(node)) {
        kmi_slab_unref(mail);
        return kmi_error(KMSG_EFULL, "%u functions wait to be run", atomic_load(&node->tasks_max));
    }
    *(task *)(void *)mail->data = (task){.item.run = run, .node = node, .slab = mail, fn, ctx};
    mail->arrive = arrive;
    if (kmi_mailbox_post(node->net.mailbox, mail) == KMSG_OK)
        return KMSG_OK;
    atomic_fetch_sub(&node->tasks, 1);
    kmi_slab_unref(mail);
    return kmi_error(KMSG_ECLOSED, "the node has begun to end");
}
