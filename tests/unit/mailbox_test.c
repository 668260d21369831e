/* mailbox_test.c -- slabs from many threads to one. */
#include "test.h"

#include "sys/mailbox.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define SENDERS 4
#define EACH    5000

static atomic_int wakes;

static void wake(void *ctx)
{
    atomic_fetch_add((atomic_int *)ctx, 1);
}

static void free_all(kmi_slab *mail)
{
    while (mail != NULL) {
        kmi_slab *next = mail->next;
        kmi_slab_unref(mail);
        mail = next;
    }
}

static kmi_mailbox *mailbox;

static void *send_many(void *arg)
{
    const uint32_t *number = arg;

    for (size_t i = 0; i < EACH; i++) {
        kmi_slab *mail = kmi_slab_new(1);
        mail->size = i;
        mail->kind = *number;
        if (kmi_mailbox_post(mailbox, mail) != KMSG_OK)
            kmi_slab_unref(mail);
    }
    return NULL;
}

TEST(mail_arrives_complete_and_each_senders_in_order)
{
    pthread_t threads[SENDERS];
    uint32_t  numbers[SENDERS];
    size_t    next[SENDERS] = {0}, total = 0;

    atomic_store(&wakes, 0);
    mailbox = kmi_mailbox_new(wake, &wakes);
    for (uint32_t i = 0; i < SENDERS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, send_many, &numbers[i]) == 0);
    }
    while (total < SENDERS * EACH) {
        kmi_slab *mail = kmi_mailbox_take(mailbox);
        for (kmi_slab *m = mail; m != NULL; m = m->next, total++)
            EQ_UINT(m->size, next[m->kind]++);
        free_all(mail);
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    EQ_INT(atomic_load(&wakes), 0); /* it looks by itself */
    free_all(kmi_mailbox_close(mailbox));
    kmi_mailbox_unref(mailbox);
}

TEST(only_the_first_mail_wakes_who_sleeps)
{
    atomic_store(&wakes, 0);
    mailbox = kmi_mailbox_new(wake, &wakes);
    CHECK(kmi_mailbox_take(mailbox) == NULL);
    CHECK(kmi_mailbox_sleep(mailbox));
    for (int i = 0; i < 3; i++)
        OK(kmi_mailbox_post(mailbox, kmi_slab_new(1)));
    EQ_INT(atomic_load(&wakes), 1);
    free_all(kmi_mailbox_take(mailbox));
    OK(kmi_mailbox_post(mailbox, kmi_slab_new(1)));
    EQ_INT(atomic_load(&wakes), 2);
    kmi_mailbox_wake(mailbox);
    EQ_INT(atomic_load(&wakes), 3);
    free_all(kmi_mailbox_close(mailbox));
    kmi_mailbox_unref(mailbox);
}

TEST(who_is_awake_is_not_woken_and_who_has_mail_does_not_sleep)
{
    atomic_store(&wakes, 0);
    mailbox = kmi_mailbox_new(wake, &wakes);
    CHECK(!kmi_mailbox_has(mailbox));
    OK(kmi_mailbox_post(mailbox, kmi_slab_new(1)));
    CHECK(kmi_mailbox_has(mailbox));
    CHECK(!kmi_mailbox_sleep(mailbox));
    free_all(kmi_mailbox_take(mailbox));
    CHECK(kmi_mailbox_sleep(mailbox));
    kmi_mailbox_awake(mailbox);
    OK(kmi_mailbox_post(mailbox, kmi_slab_new(1)));
    EQ_INT(atomic_load(&wakes), 0);
    free_all(kmi_mailbox_close(mailbox));
    kmi_mailbox_unref(mailbox);
}

/* The receiver sleeps whenever there is nothing: a wake-up that gets lost would leave it so. */
TEST(no_mail_is_slept_through)
{
    pthread_t threads[SENDERS];
    uint32_t  numbers[SENDERS] = {0};
    size_t    total = 0;

    atomic_store(&wakes, 0);
    mailbox = kmi_mailbox_new(wake, &wakes);
    for (uint32_t i = 0; i < SENDERS; i++)
        CHECK(pthread_create(&threads[i], NULL, send_many, &numbers[i]) == 0);
    while (total < SENDERS * EACH) {
        int       seen = atomic_load(&wakes);
        kmi_slab *mail;
        if (kmi_mailbox_sleep(mailbox)) {
            while (atomic_load(&wakes) == seen && !kmi_mailbox_has(mailbox))
                sched_yield();
            while (atomic_load(&wakes) == seen) /* there is mail: so it must be woken, too */
                sched_yield();
        }
        kmi_mailbox_awake(mailbox);
        mail = kmi_mailbox_take(mailbox);
        for (kmi_slab *m = mail; m != NULL; m = m->next)
            total++;
        free_all(mail);
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    free_all(kmi_mailbox_close(mailbox));
    kmi_mailbox_unref(mailbox);
}

TEST(a_closed_mailbox_refuses_and_does_not_wake)
{
    kmi_slab *mail = kmi_slab_new(1);

    atomic_store(&wakes, 0);
    mailbox = kmi_mailbox_new(wake, &wakes);
    CHECK(kmi_mailbox_close(mailbox) == NULL);
    FAILS(kmi_mailbox_post(mailbox, mail), KMSG_ECLOSED);
    kmi_mailbox_wake(mailbox);
    EQ_INT(atomic_load(&wakes), 0);
    kmi_slab_unref(mail);
    kmi_mailbox_unref(mailbox);
}
