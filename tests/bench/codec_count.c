/* codec_count.c -- instructions instead of time, for the two small cases: each operation is run so
 * many times between two words to callgrind, under which tests/bench/instructions runs this suite.
 * On its own it does nothing that could be seen.
 */
#include "codec.h"

#include <stdio.h>
#include <valgrind/callgrind.h>

#define TIMES 100

static void count(const codec_entry *e, codec_case c, bool decoding)
{
    char row[128];

    snprintf(row, sizeof row, "codec\t%s\t%s\t%s\t%d", codec_case_names[c], e->subject->name,
             decoding ? "decode_instructions" : "encode_instructions", TIMES);
    codec_place(e);
    codec_repeat(e, decoding, 1);
    CALLGRIND_ZERO_STATS;
    codec_repeat(e, decoding, TIMES);
    CALLGRIND_DUMP_STATS_AT(row);
}

void bench_codec_count(char *const *args)
{
    (void)args;
    for (codec_case c = CODEC_TICK; c <= CODEC_PERSON; c++) {
        for (const codec_subject *const *s = codec_subjects; *s; s++) {
            if ((*s)->ops[c].load) {
                codec_entry e = codec_open(*s, c);
                count(&e, c, false);
                count(&e, c, true);
            }
        }
    }
}
