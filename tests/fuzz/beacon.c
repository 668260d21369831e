/* beacon.c -- any bytes as a beacon: it is refused, with words, or it is what they say, and gives
 * the same bytes again but for flags that nobody knows.
 *
 *     make fuzz F=beacon S=60
 */
#include "directory/beacon.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t    again[KMI_BEACON_MAX], *exact = malloc(size + 1);
    kmi_beacon beacon;

    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    if (kmi_beacon_get(exact, size, &beacon) != KMSG_OK) {
        if (kmsg_last_error()[0] == '\0')
            abort();
    } else {
        if (kmi_beacon_put(&beacon, again) != size)
            abort();
        again[5] |= data[5] & 0xf8;
        if (memcmp(again, data, size) != 0)
            abort();
    }
    free(exact);
    return 0;
}
