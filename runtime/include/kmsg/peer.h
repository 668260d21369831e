/* peer.h -- what there is to set and to know of the connection behind a peer.
 *
 *   1  trying again   how soon after a dial that failed
 *
 * Nothing of it is needed to make calls: kmsg_dial() of kmsg/kmsg.h gives a peer that connects,
 * connects again, and ends what must end. Threads: as for kmsg/kmsg.h.
 */
#ifndef KMSG_PEER_H
#define KMSG_PEER_H

#include <kmsg/kmsg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- 1. trying again ------------------------------------------------------------------------- */

#define KMSG_RETRY_STEPS  8u
#define KMSG_RETRY_MAX_MS (24u * 60u * 60u * 1000u)

/* How long to wait before a dial that failed is tried again, as long as something waits for it.
 * First come the steps, if there are any, one after the other. Then first_ms; then each time
 * `factor` times the delay before, and step_ms more. max_ms cuts off what is longer. At last chance
 * is added, so that many who have lost the same server do not all come back at once. All zeros but
 * first_ms is a regular interval:
 *
 *   {.first_ms = 1000, .factor = 2, .max_ms = 30000, .jitter_percent = 20}       1, 2, 4 .. 30 s
 *   {.step_count = 2, .steps_ms = {8000, 32000}, .first_ms = 120000}             8, 32, 120, 120 s
 */
typedef struct kmsg_retry {
    uint32_t step_count; /* of steps_ms: at most KMSG_RETRY_STEPS */
    uint32_t steps_ms[KMSG_RETRY_STEPS];
    uint32_t first_ms;
    uint32_t step_ms;
    uint32_t max_ms;         /* 0: KMSG_RETRY_MAX_MS, which is the most */
    uint32_t limit;          /* so many delays; 0: for ever. When the dial behind the last one fails
                              * too, all that waits ends with its error; the next use begins anew */
    uint32_t jitter_percent; /* at most so much is added or taken away; 100 at most */
    uint32_t spread_ms;      /* at most so much less one is added */
    double   factor;         /* 0 is 1; not below 1 */
} kmsg_retry;

/* From the next failure on. NULL: what it is at first, {.first_ms = 50, .spread_ms = 500}. A
 * connection that has come up begins with the first delay again. KMSG_EINVAL. */
KMSG_API KMSG_CHECK kmsg_err kmsg_peer_set_retry(kmsg_peer *peer, const kmsg_retry *retry);

#ifdef __cplusplus
}
#endif

#endif
