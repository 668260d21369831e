/* retry.c -- when a dial that failed is tried again: see kmsg_retry in kmsg/peer.h.
 *
 * A delay is a pure function of the rule, of how many there were, and of chance; conn.c counts and
 * waits.
 */
#include "core/core.h"

#include "base/err.h"

const kmsg_retry kmi_retry_default = {.first_ms = 50, .spread_ms = 500};

/* ---- delays -------------------------------------------------------------------------------- */

static double max_of(const kmsg_retry *r)
{
    return r->max_ms == 0 ? KMSG_RETRY_MAX_MS : r->max_ms;
}

/* The regular one number `index`. What no longer changes, or is cut off, need not be gone on with.
 */
static double regular(const kmsg_retry *r, uint32_t index)
{
    double factor = r->factor > 1 ? r->factor : 1, delay = r->first_ms, max = max_of(r);

    if (factor <= 1)
        return delay + (double)index * r->step_ms;
    for (; index > 0 && delay < max && (delay > 0 || r->step_ms > 0); index--)
        delay = delay * factor + r->step_ms;
    return delay;
}

uint32_t kmi_retry_delay(const kmsg_retry *r, uint32_t index, uint32_t random)
{
    double delay = index < r->step_count ? r->steps_ms[index] : regular(r, index - r->step_count);
    double chance = random / 4294967296.0, jitter;

    if (delay > max_of(r))
        delay = max_of(r);
    jitter = delay * r->jitter_percent / 100;
    delay += jitter * (2 * chance - 1) + chance * r->spread_ms;
    return delay < 1 ? 1 : (uint32_t)delay;
}

/* ---- setting ------------------------------------------------------------------------------- */

static const char *wrong_with(const kmsg_retry *r)
{
    if (r->step_count > KMSG_RETRY_STEPS)
        return "there are more steps than there is room for";
    for (uint32_t i = 0; i < r->step_count; i++)
        if (r->steps_ms[i] > KMSG_RETRY_MAX_MS)
            return "a step is longer than a day";
    if (r->first_ms > KMSG_RETRY_MAX_MS || r->step_ms > KMSG_RETRY_MAX_MS ||
        r->max_ms > KMSG_RETRY_MAX_MS || r->spread_ms > KMSG_RETRY_MAX_MS)
        return "a delay is longer than a day";
    if (r->jitter_percent > 100)
        return "more than 100 percent cannot be taken away";
    if (r->factor != 0 && !(r->factor >= 1)) /* nor is it what is no number */
        return "a factor below 1 makes the delays shorter";
    return NULL;
}

kmsg_err kmsg_peer_set_retry(kmsg_peer *peer, const kmsg_retry *retry)
{
    const char *wrong = retry == NULL ? NULL : wrong_with(retry);

    if (wrong != NULL)
        return kmi_error(KMSG_EINVAL, "%s: retry: %s", peer->conn->url, wrong);
    peer->conn->retry = retry == NULL ? kmi_retry_default : *retry;
    return KMSG_OK;
}
