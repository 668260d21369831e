/* main.c -- bench [SUITE]: run one suite, or all. */
#include "bench.h"

#include <string.h>

static const struct {
    const char *name;
    void (*run)(void);
} suites[] = {
    {"codec", bench_codec},
    {"transport", bench_transport},
};

#define SUITE_COUNT (sizeof suites / sizeof *suites)

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    size_t      ran = 0;

    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (*wanted == '\0' || strcmp(wanted, suites[i].name) == 0) {
            suites[i].run();
            ran++;
        }
    }
    if (!ran) {
        bench_die("no suite '%s'; there are: codec transport", wanted);
    }
    return 0;
}
