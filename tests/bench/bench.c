/* bench.c -- see bench.h. */
#define _POSIX_C_SOURCE 200809L

#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void bench_row(const char *suite, const char *name, const char *subject, const char *metric,
               double value)
{
    printf("%s\t%s\t%s\t%s\t%.*f\n", suite, name, subject, metric, value < 1000 ? 2 : 0, value);
    fflush(stdout);
}

void bench_progress(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void bench_die(const char *format, ...)
{
    va_list args;

    fputs("bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void *bench_alloc(size_t size)
{
    void *p = aligned_alloc(64, (size + 63) / 64 * 64 + 64);

    if (!p) {
        bench_die("out of memory");
    }
    return memset(p, 0, size);
}
