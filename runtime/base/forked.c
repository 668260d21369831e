/* forked.c -- one counter, which the C library increments in every child. */
#define _POSIX_C_SOURCE 200809L
#include "base/forked.h"

#include <pthread.h>

unsigned kmi_forks;

static void in_child(void)
{
    kmi_forks++;
}

static void count(void)
{
    (void)pthread_atfork(NULL, NULL, in_child); /* fails for want of memory alone */
}

void kmi_forks_count(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, count);
}
