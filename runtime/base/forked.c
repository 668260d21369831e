/* forked.c -- one counter, which the C library increments in every child, and the locks that it
 * takes before a fork and gives back behind it, on both sides.
 */
#define _POSIX_C_SOURCE 200809L
#include "base/forked.h"

#include <pthread.h>

unsigned kmi_forks;

static pthread_mutex_t locks[KMI_LOCKS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
                                           PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

void kmi_lock_take(kmi_lock lock)
{
    pthread_mutex_lock(&locks[lock]);
}

void kmi_lock_give(kmi_lock lock)
{
    pthread_mutex_unlock(&locks[lock]);
}

static void take_all(void)
{
    for (int i = 0; i < KMI_LOCKS; i++)
        kmi_lock_take((kmi_lock)i);
}

static void give_all(void)
{
    for (int i = KMI_LOCKS - 1; i >= 0; i--)
        kmi_lock_give((kmi_lock)i);
}

static void (*told)(void);

static void in_child(void)
{
    kmi_forks++;
    give_all();
    if (told != NULL)
        told();
}

void kmi_forks_tell(void (*fn)(void))
{
    told = fn;
}

static void count(void)
{
    (void)pthread_atfork(take_all, give_all, in_child); /* fails for want of memory alone */
}

void kmi_forks_count(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, count);
}
