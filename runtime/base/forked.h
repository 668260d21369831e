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

#endif
