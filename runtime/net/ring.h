/* ring.h -- bytes from one process to another through memory that both see: two rings in one piece,
 * one a direction. No I/O and no waiting: that is net/shared.c.
 *
 * Each ring has one writer and one reader, who are not on good terms. Each keeps its own position
 * to itself and only publishes it; the other's is read once, and must lie where it can: nothing
 * that the other side does to the memory, at any time, makes this side touch a byte beyond it.
 * Bytes are copied out before anybody looks at them. What they are worth is for the session to say.
 *
 * The memory, from its beginning: 512 bytes for the ring to who accepted the connection, 512 for
 * the one to who dialled, zeros up to 4096; then the bytes of the former, then those of the latter,
 * as many each. The flags are other people's words, too: they are worth a wake that is not needed.
 */
#ifndef KMI_RING_H
#define KMI_RING_H

#include <kmsg/base.h>

#include <stdatomic.h>

#define KMI_RING_MIN    ((uint32_t)4 << 10)
#define KMI_RING_MAX    ((uint32_t)64 << 20)
#define KMI_RING_BREACH ((ptrdiff_t)-1) /* the other side's position is impossible */

/* Positions count bytes, modulo 2^32. Each word lies on cache lines of its own: two of them, since
 * processors fetch lines in pairs. */
typedef struct kmi_ring_words {
    _Alignas(128) _Atomic uint32_t written; /* the writer's position */
    _Alignas(128) _Atomic uint32_t read;    /* the reader's */
    _Alignas(128) _Atomic uint32_t asleep;  /* the reader is: wake it when there is something */
    _Alignas(128) _Atomic uint32_t waiting; /* the writer is, for room */
} kmi_ring_words;

/* One end of one ring. It belongs to one thread. */
typedef struct kmi_ring {
    kmi_ring_words *words;
    uint8_t        *bytes;
    uint32_t        size; /* a power of two */
    uint32_t        at;   /* the own position */
} kmi_ring;

typedef enum kmi_ring_way { KMI_RING_TO_ACCEPTOR, KMI_RING_TO_DIALLER } kmi_ring_way;

/* Bytes of the memory for two rings of `size` bytes; and back: 0, if no two rings have so many. */
size_t   kmi_rings_room(uint32_t size);
uint32_t kmi_rings_size(size_t room);

/* Both ends of a ring begin with this, on zeroed memory. */
void kmi_ring_init(kmi_ring *ring, void *memory, uint32_t size, kmi_ring_way way);

/* ---- the writer ------------------------------------------------------------------------------ */

/* How much there is room for, or KMI_RING_BREACH. */
ptrdiff_t kmi_ring_left(const kmi_ring *ring);

/* As much as there is room for is copied and published: how much, or KMI_RING_BREACH. */
ptrdiff_t kmi_ring_write(kmi_ring *ring, const uint8_t *data, size_t size);

/* Of the last `size` bytes written, those that the reader has not read, and never will: it is gone.
 * How many. */
size_t kmi_ring_take_back(kmi_ring *ring, size_t size);

bool kmi_ring_reader_sleeps(const kmi_ring *ring);

/* After a write: has the reader gone to sleep? Then it is to be woken, once. */
bool kmi_ring_wakes_reader(kmi_ring *ring);

/* Says whether the writer is about to sleep until there is room. Then look once more. */
void kmi_ring_wait(kmi_ring *ring, bool waiting);

/* ---- the reader ------------------------------------------------------------------------------ */

/* How much there is to read, or KMI_RING_BREACH. */
ptrdiff_t kmi_ring_there(const kmi_ring *ring);

/* As much as there is, `size` at most, is copied and its room given back: how much, or
 * KMI_RING_BREACH. */
ptrdiff_t kmi_ring_read(kmi_ring *ring, uint8_t *buffer, size_t size);

/* After a read: does the writer wait, and is half of the ring free, so that waking it pays? */
bool kmi_ring_wakes_writer(kmi_ring *ring);

/* Says whether the reader is about to sleep until there is something. Then look once more. */
void kmi_ring_sleep(kmi_ring *ring, bool asleep);

#endif
