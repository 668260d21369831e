/* files.h -- the server of this example, on a thread of its own. */
#ifndef FILES_H
#define FILES_H

#include <kmsg/kmsg.h>

#define PIECE_SIZE 16384u
#define ROOM       100000u /* what one upload may have, in bytes */

/* Serves until the node is freed. */
kmsg_node *files_start(const char *url);

#endif
