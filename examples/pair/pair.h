/* pair.h -- the two processes of this example, which are one program. */
#ifndef PAIR_H
#define PAIR_H

#include <sys/types.h>

/* The program that was started by the other: talks to its parent, who is at that address, until
 * that is gone. */
void child(const char *url);

/* Starts `program child URL`. `fd` becomes its descriptor 3, unless it is -1. */
pid_t start(const char *program, const char *url, int fd);

#endif
