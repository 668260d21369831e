/* main.c -- bench [SUITE [WHAT OF IT...]]: run one suite, or all of those that print rows. */
#include "bench.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name;
    void (*run)(char *const *args);
    bool by_name_only;
} suites[] = {
    {"codec", bench_codec, false},
    {"transport", bench_transport, false},
    {"fanout", bench_fanout, false},
    {"names", bench_names, false},
    {"codec-count", bench_codec_count, true},
    {"transport-count", bench_transport_count, true},
};

#define SUITE_COUNT (sizeof suites / sizeof *suites)

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    size_t      ran = 0;

    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (*wanted ? strcmp(wanted, suites[i].name) == 0 : !suites[i].by_name_only) {
            suites[i].run(argv + (argc > 1 ? 2 : 1));
            ran++;
        }
    }
    if (!ran) {
        bench_die("no suite '%s'; there are: codec transport fanout names", wanted);
    }
    return 0;
}
