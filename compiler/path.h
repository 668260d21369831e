/* path.h -- names of files and folders, as text: nothing is asked of the disk but where we are. */
#ifndef PATH_H
#define PATH_H

#include "idl/source.h"

/* Without ".", ".." and "//", from the root on. Links are not followed. */
char *path_absolute(idl_sources *s, const char *path);

/* What of `file` stands below `folder`: "a/b.kmsg"; NULL if it is elsewhere. */
const char *path_below(idl_sources *s, const char *folder, const char *file);

#endif
