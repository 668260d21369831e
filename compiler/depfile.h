/* depfile.h -- what make has to know of a run of kmsgc. */
#ifndef DEPFILE_H
#define DEPFILE_H

#include "compiler/out.h"
#include "idl/model.h"

/* "TARGETS: SOURCES" in make's words; with `phony`, an empty rule for each source but the first, so
 * that a source which is gone does not stop make. `targets` end with NULL. */
void depfile_put(out *o, const char *const *targets, const idl_model *model, bool phony);

#endif
