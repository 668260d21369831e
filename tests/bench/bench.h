/* bench.h -- what the suites share: rows, time, and keeping the compiler honest.
 *
 * `make bench` prints rows `suite<TAB>case<TAB>subject<TAB>metric<TAB>value` on stdout and nothing
 * else there; progress goes to stderr. All subjects of a case are measured in one run, in turns, so
 * that a slow moment of the machine meets them all. What is compared between machines is the ratio
 * of two subjects, never a figure.
 *
 * A suite is a function below; a subject of a suite is a file with a table of functions. To add a
 * peer: write the file, name its table in the suite's header and list it in the suite's file.
 *
 * Whatever goes wrong ends the program with a message: a measurement that is not right is worth
 * nothing. Memory of values lives until the program ends.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* `args` is what stands behind the suite's name on the command line; NULL behind the last. */
void bench_codec(char *const *args);
void bench_codec_count(char *const *args);
void bench_transport(char *const *args);
void bench_names(char *const *args);
void bench_transport_count(char *const *args);
void bench_fanout(char *const *args);

void bench_row(const char *suite, const char *name, const char *subject, const char *metric,
               double value);
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

__attribute__((noreturn, format(printf, 1, 2))) void bench_die(const char *format, ...);
#define BENCH_NEED(condition)                                                                      \
    ((condition) ? (void)0 : bench_die("%s:%d: not so: %s", __FILE__, __LINE__, #condition))

uint64_t bench_now_ns(void);

/* Zeroed, 64-aligned, never NULL. */
void *bench_alloc(size_t size);

/* The compiler must assume that the memory behind `p` was read and written here. */
static inline void bench_touch(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

#endif
