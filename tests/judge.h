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
 * only bytes of that value, unless another version of the schema wrote them. Returns KMSG_OK for
 * what is accepted. */
kmsg_err judge_bytes(const kmsg_layout *layout, kmsg_bytes bytes);

/* A message changed in one to four places, `count` times: each goes to judge_bytes(). */
void judge_mutants(const kmsg_layout *layout, kmsg_bytes bytes, unsigned count);

#endif
