/* ring.c -- copying into and out of a ring.
 *
 * Who goes to sleep sets its flag and then looks at the other's position once more; who publishes a
 * position then looks at the flag. All four are sequentially consistent, so at least one of the two
 * sees what the other has done: nobody sleeps over something. That is an exchange of a cache line a
 * write and none while nobody sleeps, as the flag's line stays where it is.
 */
#include "net/ring.h"

#include <string.h>

#define WORDS_ROOM ((size_t)4096)

_Static_assert(sizeof(kmi_ring_words) == 512, "what ring.h and frames.md say");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock would not hold between processes");

size_t kmi_rings_room(uint32_t size)
{
    return WORDS_ROOM + 2 * (size_t)size;
}

uint32_t kmi_rings_size(size_t room)
{
    size_t size = room < WORDS_ROOM ? 0 : (room - WORDS_ROOM) / 2;

    if (size < KMI_RING_MIN || size > KMI_RING_MAX || (size & (size - 1)) != 0)
        return 0;
    return kmi_rings_room((uint32_t)size) == room ? (uint32_t)size : 0;
}

void kmi_ring_init(kmi_ring *ring, void *memory, uint32_t size, kmi_ring_way way)
{
    uint8_t *at = memory;

    *ring = (kmi_ring){.words = (kmi_ring_words *)memory + way,
                       .bytes = at + WORDS_ROOM + (size_t)way * size,
                       .size = size};
}

/* ---- the writer ---------------------------------------------------------------------------- */

ptrdiff_t kmi_ring_left(const kmi_ring *ring)
{
    uint32_t read = atomic_load(&ring->words->read);
    uint32_t used = ring->at - read;

    return used > ring->size ? KMI_RING_BREACH : (ptrdiff_t)(ring->size - used);
}

ptrdiff_t kmi_ring_write(kmi_ring *ring, const uint8_t *data, size_t size)
{
    ptrdiff_t left = kmi_ring_left(ring);
    uint32_t  from = ring->at & (ring->size - 1);
    size_t    first;

    if (left <= 0 || size == 0)
        return left < 0 ? KMI_RING_BREACH : 0;
    if (size > (size_t)left)
        size = (size_t)left;
    first = ring->size - from < size ? ring->size - from : size;
    memcpy(ring->bytes + from, data, first);
    memcpy(ring->bytes, data + first, size - first);
    ring->at += (uint32_t)size;
    atomic_store(&ring->words->written, ring->at);
    return (ptrdiff_t)size;
}

size_t kmi_ring_take_back(kmi_ring *ring, size_t size)
{
    ptrdiff_t left = kmi_ring_left(ring);
    size_t    unread = left < 0 ? 0 : ring->size - (size_t)left;

    if (size > unread)
        size = unread;
    ring->at -= (uint32_t)size;
    return size;
}

bool kmi_ring_reader_sleeps(const kmi_ring *ring)
{
    return atomic_load(&ring->words->asleep) != 0;
}

bool kmi_ring_wakes_reader(kmi_ring *ring)
{
    return kmi_ring_reader_sleeps(ring) && atomic_exchange(&ring->words->asleep, 0) != 0;
}

void kmi_ring_wait(kmi_ring *ring, bool waiting)
{
    atomic_store(&ring->words->waiting, waiting);
}

/* ---- the reader ---------------------------------------------------------------------------- */

ptrdiff_t kmi_ring_there(const kmi_ring *ring)
{
    uint32_t written = atomic_load(&ring->words->written);
    uint32_t there = written - ring->at;

    return there > ring->size ? KMI_RING_BREACH : (ptrdiff_t)there;
}

ptrdiff_t kmi_ring_read(kmi_ring *ring, uint8_t *buffer, size_t size)
{
    ptrdiff_t there = kmi_ring_there(ring);
    uint32_t  from = ring->at & (ring->size - 1);
    size_t    first;

    if (there <= 0 || size == 0)
        return there < 0 ? KMI_RING_BREACH : 0;
    if (size > (size_t)there)
        size = (size_t)there;
    first = ring->size - from < size ? ring->size - from : size;
    memcpy(buffer, ring->bytes + from, first);
    memcpy(buffer + first, ring->bytes, size - first);
    ring->at += (uint32_t)size;
    atomic_store(&ring->words->read, ring->at);
    return (ptrdiff_t)size;
}

bool kmi_ring_wakes_writer(kmi_ring *ring)
{
    ptrdiff_t there;

    if (atomic_load(&ring->words->waiting) == 0)
        return false;
    there = kmi_ring_there(ring);
    return there >= 0 && (size_t)there <= ring->size / 2 &&
           atomic_exchange(&ring->words->waiting, 0) != 0;
}

void kmi_ring_sleep(kmi_ring *ring, bool asleep)
{
    atomic_store(&ring->words->asleep, asleep);
}
