/* judge.h -- what must be true of the codec for every value and every message of any layout, as
 * checks of test.h. Each is made in two ways where there is generated code: by that, and by the
 * descriptors alone.
 */
#ifndef TEST_JUDGE_H
#define TEST_JUDGE_H

#include <kmsg/gen.h>

/* Encoded, decoded, copied, it is equal and has the same bytes, and every message that is shorter
 * is refused. Returns the message, in `mem`. */
kmsg_bytes judge_value(const kmsg_layout *layout, const void *value, kmsg_arena *mem);

/* Any bytes: refused with a sentence by all, or read as the same value by all; then they are the
 * only bytes of that value, unless another version of the schema wrote them. Reading takes no more
 * memory than it may. Returns KMSG_OK for what is accepted. */
kmsg_err judge_bytes(const kmsg_layout *layout, kmsg_bytes bytes);

/* What reading takes of memory, alone (judge_bytes() looks at it too):
 *
 *   - of the arena, and for its table of objects, at most 16 times the message and 4 KiB, beside
 *     the record itself and what is left up to a multiple of 16;
 *   - for the words on what is wrong, as much once more, in an arena of its own that it gives back.
 *     The blocks of an arena double, so that it asks for up to three times what is taken of it.
 *
 * Returns what kmsg_decode() does. */
kmsg_err judge_memory(const kmsg_layout *layout, kmsg_bytes bytes);

/* A message changed in one to four places, `count` times: each goes to judge_bytes(). */
void judge_mutants(const kmsg_layout *layout, kmsg_bytes bytes, unsigned count);

#endif
