/* version.h -- was a message written by this very version of its schema? */
#ifndef TEST_VERSION_H
#define TEST_VERSION_H

#include <kmsg/gen.h>

/* `bytes` have been decoded with this layout. False where they hold what only another version
 * writes: rows of another shape, another number of items in T[N], something in the place of a field
 * that is reserved. True: no other bytes are this value (idl/wire.md). */
bool version_wrote(const kmsg_layout *layout, kmsg_bytes bytes);

#endif
