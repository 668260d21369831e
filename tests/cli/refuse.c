/* refuse.c -- a library to be preloaded, for memory_test.sh: the N-th allocation of a program gets
 * nothing, and with REFUSE_ALL so do all that follow.
 *
 *     REFUSE=N [REFUSE_ALL=1] LD_PRELOAD=./refuse.so PROGRAM
 *
 * With REFUSED=FILE, FILE is made when that happened: a program that asks for less than N has come
 * to its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* What the C library calls its own, by the names it keeps for that. */
void *own_malloc(size_t size) __asm__("__libc_malloc");
void *own_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *own_realloc(void *old, size_t size) __asm__("__libc_realloc");

static long seen, refused;

static void note(void)
{
    const char *path = getenv("REFUSED");
    int         file = path == NULL ? -1 : open(path, O_CREAT | O_WRONLY, 0600);

    if (file >= 0)
        close(file);
}

static bool refuse(void)
{
    const char *at = getenv("REFUSE");

    if (at == NULL || ++seen < strtol(at, NULL, 10))
        return false;
    if (refused++ == 0)
        note();
    else if (getenv("REFUSE_ALL") == NULL)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : own_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : own_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return size != 0 && refuse() ? NULL : own_realloc(old, size);
}
