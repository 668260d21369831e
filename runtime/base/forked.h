/* forked.h -- whether this process is still the one that made something.
 *
 * What fork() leaves to a child looks whole and is not: its epoll descriptor is the parent's own,
 * its threads are not there, its sockets speak for the parent. So who has such things remembers
 * kmi_forks from when they were made, and compares.
 */
#ifndef KMI_FORKED_H
#define KMI_FORKED_H

#include <kmsg/base.h>

/* Another number in each child of fork(), from kmi_forks_count() on. A vfork() that leads to an
 * exec is not counted, and need not be. */
extern unsigned kmi_forks;

/* Any thread; before the first look at kmi_forks. */
void kmi_forks_count(void);

/* `fn` is called in each child, once it has been counted: for what must not stay open there. There
 * is one such function. */
void kmi_forks_tell(void (*fn)(void));

/* The locks of the library itself, in the order in which one may be taken under another. Nobody has
 * one while the process forks: or a child would have it locked by a thread that it does not have.
 */
typedef enum kmi_lock {
    KMI_LOCK_HOME,   /* names/home.c */
    KMI_LOCK_HOLDS,  /* core/hold.c */
    KMI_LOCK_PLACES, /* core/thread.c */
    KMI_LOCK_NAMES,  /* net/inproc.c */
    KMI_LOCKS
} kmi_lock;

void kmi_lock_take(kmi_lock lock);
void kmi_lock_give(kmi_lock lock);

#endif
