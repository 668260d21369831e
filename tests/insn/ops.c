/* ops.c -- ops CASE encode|decode TIMES: one operation of kmsg's codec, so many times, and nothing
 * else that would differ between two runs with other TIMES. tests/insn/count runs it under valgrind
 * and takes the difference. Values and functions are those of the codec suite of the benches.
 */
#include "codec.h"

#include <stdlib.h>

static codec_case case_named(const char *name)
{
    for (codec_case c = 0; c < CODEC_CASES; c++) {
        if (strcmp(codec_case_names[c], name) == 0) {
            return c;
        }
    }
    bench_die("no case '%s'", name);
}

int main(int argc, char **argv)
{
    codec_entry entry;

    if (argc != 4) {
        bench_die("usage: ops CASE encode|decode TIMES");
    }
    entry = codec_open(&codec_kmsg, case_named(argv[1]));
    codec_place(&entry);
    codec_repeat(&entry, strcmp(argv[2], "decode") == 0, strtoul(argv[3], NULL, 10));
    return 0;
}
