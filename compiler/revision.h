/* revision.h -- the schemas of a git revision, as files in a folder that lives as long as the
 * program. git and tar do the work; no shell is in between.
 */
#ifndef REVISION_H
#define REVISION_H

#include "idl/source.h"

typedef struct revision {
    const char *name;   /* "HEAD~1" */
    const char *top;    /* of the work tree */
    const char *folder; /* where its schemas are, by their paths below `top` */
} revision;

/* All .kmsg files of revision `name` of the repository that `near`, a file or folder, is in. False
 * and a sentence in `why`. Texts are made in `mem`. */
bool revision_extract(idl_sources *mem, const char *name, const char *near, revision *ret,
                      char *why, size_t why_size);

/* Where a path of the work tree is in the revision; the path itself when it is outside. */
const char *revision_path(idl_sources *mem, const revision *r, const char *path);

#endif
