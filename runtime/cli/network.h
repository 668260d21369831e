/* network.h -- the parts of kmsg network: gathering what there is, and showing it.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "cli/remote.h"

#include <kmsg/names.kmsg.h>
#include <kmsg/reflection.kmsg.h>

/* gather.c: what directories know, as hosts, processes and nodes, in `mem`. */
bool network_gather(kmsg_node *node, const cli_options *options, kmsg_arena *mem,
                    kmsg_reflection_Network *ret);

/* network.c: for people. */
void network_print(const kmsg_reflection_Network *network);

#endif
