/* address.c -- who a kmsg_address is, whatever the way there.
 *
 * The first 16 bytes say who: a node and one of its objects (core/place.h). The hops behind them
 * differ from holder to holder and are looked at by nobody here. Bytes that are no address of ours
 * are taken the same way: at most 16 of them count.
 */
#include "base/address.h"

#include <kmsg/base.h>

#include <string.h>

static size_t identity_size(kmsg_address a)
{
    return a.size < KMI_IDENTITY_SIZE ? a.size : KMI_IDENTITY_SIZE;
}

bool kmsg_address_equal(kmsg_address a, kmsg_address b)
{
    const size_t size = identity_size(a);

    return size == identity_size(b) && (size == 0 || memcmp(a.data, b.data, size) == 0);
}

/* FNV-1a, and a last stir: tables use the low bits, instances are random in all of them, but
 * objects are numbered one by one. */
uint64_t kmsg_address_hash(kmsg_address a)
{
    const size_t size = identity_size(a);
    uint64_t     hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ a.data[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 33;
}

kmsg_address kmsg_address_copy(kmsg_arena *mem, kmsg_address a)
{
    uint8_t *copy;

    if (a.data == NULL)
        return a;
    copy = kmsg_alloc(mem, a.size, 1);
    if (copy == NULL)
        return (kmsg_address){NULL, 0};
    memcpy(copy, a.data, a.size);
    return (kmsg_address){copy, a.size};
}
