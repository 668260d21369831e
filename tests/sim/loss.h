/* loss.h -- a play of datagrams, in a network that loses, doubles and reorders them. */
#ifndef LOSS_H
#define LOSS_H

#include <stdbool.h>
#include <stdint.h>

/* The play of this seed. `corrupt`: the network doubles datagrams without being said to. NULL: all
 * was well; else what was not, until the next play. */
const char *loss_run(uint64_t seed, bool loud, bool corrupt);

#endif
