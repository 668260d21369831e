/* mailbox.c -- a list under a lock. Taking swaps out the whole list, so a burst costs one lock and
 * one wake-up, if the receiver sleeps. It happens under the lock: otherwise the receiver might
 * close and free what wakes it between the two.
 */
#include "sys/mailbox.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdatomic.h>

struct kmi_mailbox {
    atomic_uint     refs;
    atomic_bool     filled; /* a hint that saves taking the lock of an empty mailbox */
    atomic_bool     asleep; /* the receiver will not look before it is woken */
    pthread_mutex_t lock;   /* guards what follows; nothing else is ever locked under it */
    kmi_slab       *first;
    kmi_slab       *last;
    bool            closed;
    void (*wake)(void *ctx);
    void *ctx;
};

kmi_mailbox *kmi_mailbox_new(void (*wake)(void *ctx), void *ctx)
{
    kmi_mailbox *mailbox = kmi_alloc_zeroed(sizeof *mailbox);

    if (mailbox == NULL)
        return NULL;
    if (pthread_mutex_init(&mailbox->lock, NULL) != 0) {
        kmi_free(mailbox);
        return NULL;
    }
    atomic_init(&mailbox->refs, 1);
    atomic_init(&mailbox->filled, false);
    atomic_init(&mailbox->asleep, false);
    mailbox->wake = wake;
    mailbox->ctx = ctx;
    return mailbox;
}

kmi_mailbox *kmi_mailbox_ref(kmi_mailbox *mailbox)
{
    atomic_fetch_add_explicit(&mailbox->refs, 1, memory_order_relaxed);
    return mailbox;
}

void kmi_mailbox_unref(kmi_mailbox *mailbox)
{
    if (mailbox == NULL || atomic_fetch_sub_explicit(&mailbox->refs, 1, memory_order_acq_rel) > 1)
        return;
    pthread_mutex_destroy(&mailbox->lock);
    kmi_free(mailbox);
}

kmsg_err kmi_mailbox_post(kmi_mailbox *mailbox, kmi_slab *mail)
{
    mail->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->closed) {
        pthread_mutex_unlock(&mailbox->lock);
        return KMSG_ECLOSED;
    }
    if (mailbox->first != NULL) {
        mailbox->last->next = mail;
    } else {
        mailbox->first = mail;
        atomic_store(&mailbox->filled, true); /* then look: kmi_mailbox_sleep() does it crosswise */
        if (atomic_load(&mailbox->asleep))
            mailbox->wake(mailbox->ctx);
    }
    mailbox->last = mail;
    pthread_mutex_unlock(&mailbox->lock);
    return KMSG_OK;
}

void kmi_mailbox_wake(kmi_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    if (!mailbox->closed)
        mailbox->wake(mailbox->ctx);
    pthread_mutex_unlock(&mailbox->lock);
}

bool kmi_mailbox_has(const kmi_mailbox *mailbox)
{
    return atomic_load_explicit(&mailbox->filled, memory_order_relaxed);
}

bool kmi_mailbox_sleep(kmi_mailbox *mailbox)
{
    atomic_store(&mailbox->asleep, true);
    if (!atomic_load(&mailbox->filled))
        return true;
    kmi_mailbox_awake(mailbox);
    return false;
}

void kmi_mailbox_awake(kmi_mailbox *mailbox)
{
    atomic_store_explicit(&mailbox->asleep, false, memory_order_relaxed);
}

static kmi_slab *take_all(kmi_mailbox *mailbox, bool close)
{
    kmi_slab *all;

    pthread_mutex_lock(&mailbox->lock);
    all = mailbox->first;
    mailbox->first = NULL;
    mailbox->closed |= close;
    atomic_store_explicit(&mailbox->filled, false, memory_order_relaxed);
    pthread_mutex_unlock(&mailbox->lock);
    return all;
}

kmi_slab *kmi_mailbox_take(kmi_mailbox *mailbox)
{
    return kmi_mailbox_has(mailbox) ? take_all(mailbox, false) : NULL;
}

kmi_slab *kmi_mailbox_close(kmi_mailbox *mailbox)
{
    return take_all(mailbox, true);
}
