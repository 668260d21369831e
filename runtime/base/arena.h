/* arena.h -- arenas that are used again and again by different users. */
#ifndef KMI_ARENA_H
#define KMI_ARENA_H

#include <kmsg/base.h>

/* kmsg_arena_reset(), but no more than `keep` bytes stay with the arena: so that the one large
 * message there ever was is not paid for until the end. */
void kmi_arena_reset_to(kmsg_arena *mem, size_t keep);

#endif
