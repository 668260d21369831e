/* beacon.c -- a beacon as bytes. Numbers are little endian:
 *
 *      0  "kmsb"     4  version of the format: 1     5  flags     6  port
 *      8  key       40  epoch                       48  sequence 56  version of the contents
 *
 * A flag that is not known is left alone, for whoever knows it.
 */
#include "directory/beacon.h"

#include "base/err.h"

#include <string.h>

#define FORMAT 1u

enum { ASKS = 1, FAST = 2, SEED = 4 }; /* flags */

static const uint8_t magic[] = {'k', 'm', 's', 'b'};

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

size_t kmi_beacon_put(const kmi_beacon *beacon, uint8_t *ret)
{
    memcpy(ret, magic, sizeof magic);
    ret[4] = FORMAT;
    ret[5] = (uint8_t)((beacon->asks ? ASKS : 0) | (beacon->fast ? FAST : 0) |
                       (beacon->seed ? SEED : 0));
    put(ret + 6, beacon->port, 2);
    memcpy(ret + 8, beacon->key.bytes, sizeof beacon->key.bytes);
    put(ret + 40, beacon->epoch, 8);
    put(ret + 48, beacon->sequence, 8);
    put(ret + 56, beacon->version, 8);
    return KMI_BEACON_SIZE;
}

kmsg_err kmi_beacon_get(const uint8_t *data, size_t size, kmi_beacon *ret)
{
    kmi_beacon beacon;

    if (size < sizeof magic + 1 || memcmp(data, magic, sizeof magic) != 0)
        return kmi_error(KMSG_EDECODE, "not a beacon");
    if (data[4] != FORMAT)
        return kmi_error(KMSG_EVERSION, "a beacon of version %u; this is %u", data[4], FORMAT);
    if (size != KMI_BEACON_SIZE)
        return kmi_error(KMSG_EDECODE, "a beacon has %u bytes, and this one %zu", KMI_BEACON_SIZE,
                         size);
    beacon.asks = (data[5] & ASKS) != 0;
    beacon.fast = (data[5] & FAST) != 0;
    beacon.seed = (data[5] & SEED) != 0;
    beacon.port = (uint16_t)get(data + 6, 2);
    memcpy(beacon.key.bytes, data + 8, sizeof beacon.key.bytes);
    beacon.epoch = get(data + 40, 8);
    beacon.sequence = get(data + 48, 8);
    beacon.version = get(data + 56, 8);
    if (beacon.epoch == 0)
        return kmi_error(KMSG_EDECODE, "a beacon of no start at all: its epoch is 0");
    *ret = beacon;
    return KMSG_OK;
}
