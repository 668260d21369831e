/* names_play.h -- plays of directories: programs publish and watch on some hosts, while hosts,
 * directories and the network between them come and go; then it is healed, and all must agree.
 */
#ifndef NAMES_PLAY_H
#define NAMES_PLAY_H

#include <stdbool.h>
#include <stdint.h>

/* The play of this seed. `corrupt`: something is left out of what is fetched now and then. NULL:
 * all was well; else what was not, until the next play. */
const char *names_run(uint64_t seed, bool loud, bool corrupt);

#endif
