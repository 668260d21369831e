/* network.c -- kmsg network: hosts, processes, what they publish and look for, who is connected. */
#include "cli/remote.h"

bool cli_network(const cli_options *options)
{
    (void)options;
    return false;
}
