/* dpkg.h -- reading dpkg's status file into records of packages.kmsg. */
#ifndef DPKG_H
#define DPKG_H

#include "packages.kmsg.h"

/* All installed packages of the file, in the order of their names. They live in `mem`. False, with
 * a message on stderr, when the file cannot be read or is none of dpkg's. */
bool dpkg_read(const char *path, kmsg_arena *mem, Package_list *ret);

#endif
