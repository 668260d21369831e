/* index.h -- the handlers of PackageIndex over a list of packages. */
#ifndef INDEX_H
#define INDEX_H

#include "packages.kmsg.h"

/* To be served with a Package_list in the order of names as ctx. */
extern const PackageIndex_impl index_impl;

#endif
