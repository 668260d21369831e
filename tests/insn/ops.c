/* ops.c -- ops CASE encode|decode TIMES: one operation of kmsg's codec, so many times, and nothing
 * else that would differ between two runs with other TIMES. tests/insn/count runs it under valgrind
 * and takes the difference. Values and functions are those of the codec suite of the benches.
 */
#include "codec.h"

#include <stdlib.h>

#define CAPACITY ((size_t)1 << 16)

static const char *const case_names[] = {"tick", "person"};

static codec_case case_named(const char *name)
{
    for (size_t i = 0; i < sizeof case_names / sizeof *case_names; i++) {
        if (strcmp(case_names[i], name) == 0) {
            return (codec_case)i;
        }
    }
    bench_die("no case '%s'; there are: tick person", name);
}

int main(int argc, char **argv)
{
    uint8_t *buffer = bench_alloc(CAPACITY);
    size_t   size;
    uint64_t sum = 0;

    if (argc != 4) {
        bench_die("usage: ops CASE encode|decode TIMES");
    }
    const codec_ops *ops = &codec_kmsg.ops[case_named(argv[1])];
    int              decoding = strcmp(argv[2], "decode") == 0;
    long             times = strtol(argv[3], NULL, 10);
    void            *value = ops->load(plain_values());

    BENCH_NEED(ops->encode(value, buffer, CAPACITY, &size));
    BENCH_NEED(ops->decode(buffer, size, &sum));
    for (long i = 0; i < times; i++) {
        if (decoding) {
            BENCH_NEED(ops->decode(buffer, size, &sum));
        } else {
            BENCH_NEED(ops->encode(value, buffer, CAPACITY, &size));
        }
    }
    return 0;
}
