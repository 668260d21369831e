/* play.h -- a play: players on nodes say random things to one another while the world falls to
 * pieces around them; then it is healed, and all must come to its end.
 */
#ifndef PLAY_H
#define PLAY_H

#include <stdbool.h>
#include <stdint.h>

/* The play of this seed. `corrupt`: what is written arrives twice now and then. NULL: all was well;
 * else what was not, until the next play. */
const char *play_run(uint64_t seed, bool loud, bool corrupt);

#endif
