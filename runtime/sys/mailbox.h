/* mailbox.h -- the only way from thread to thread, and the only lock of the library but the
 * registry's of inproc names.
 *
 * A mailbox is counted (atomically) and outlives its node: whoever holds a reference may post;
 * after kmi_mailbox_close() posting is refused. What is posted belongs to the receiver; what is
 * refused stays the sender's.
 */
#ifndef KMI_MAILBOX_H
#define KMI_MAILBOX_H

#include "base/slab.h"

typedef struct kmi_mailbox kmi_mailbox;

/* `wake` is called with `ctx` by posters, on their threads, until the mailbox is closed: never
 * after kmi_mailbox_close() has returned. NULL when there is no memory. */
kmi_mailbox *kmi_mailbox_new(void (*wake)(void *ctx), void *ctx);
kmi_mailbox *kmi_mailbox_ref(kmi_mailbox *mailbox);
void         kmi_mailbox_unref(kmi_mailbox *mailbox); /* NULL is fine */

/* Any thread. KMSG_ECLOSED. Wakes the receiver only if it sleeps and the mailbox was empty. */
KMSG_CHECK kmsg_err kmi_mailbox_post(kmi_mailbox *mailbox, kmi_slab *mail);

/* Any thread: wake the receiver for its own sake. */
void kmi_mailbox_wake(kmi_mailbox *mailbox);

/* The receiver's thread. From kmi_mailbox_sleep() to kmi_mailbox_awake() mail wakes it; else it is
 * trusted to look by itself. At first it is awake. False: there is mail, and it stays awake. */
bool kmi_mailbox_sleep(kmi_mailbox *mailbox);
void kmi_mailbox_awake(kmi_mailbox *mailbox);
bool kmi_mailbox_has(const kmi_mailbox *mailbox); /* mail */

/* The receiver's thread: everything that is there, in order, linked by `next`; NULL if nothing. */
kmi_slab *kmi_mailbox_take(kmi_mailbox *mailbox);

/* The receiver's thread: no more mail. Returns what was still there. */
kmi_slab *kmi_mailbox_close(kmi_mailbox *mailbox);

#endif
