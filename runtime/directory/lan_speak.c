/* lan_speak.c -- when this host tells of itself.
 *
 *   regularly   each INTERVAL, a fifth more or less, so that hosts that began together do not go on
 *               together; counted from the last one, whatever that was for
 *   at first    twice at most, asking for answers: the second time only if nobody was heard
 *   a change    at once, and again 150 and 450 ms later, as datagrams are lost; the next change
 * waits for a gap that doubles up to a second while changes go on, so that there are no more than
 * three beacons a second, for ever an answer   to who asks, a little later, as all others answer
 * too; if there is a beacon for all meanwhile that is the answer; if many ask, all are answered at
 * once a question  to a host that has not been heard for two thirds of its lease, alone, and once
 * more
 */
#include "directory/lan_inside.h"

#include <string.h>

#define INTERVAL      (5 * SECOND)
#define INTERVAL_FAST SECOND
#define FIRST_SPREAD  (20 * MS)
#define ASK_AGAIN     SECOND
#define GAP_MIN       (100 * MS)
#define GAP_MAX       SECOND
#define REPEATS       2u
#define ANSWERS_EACH  3u /* as many are answered one by one; more by one beacon for all */

static const int64_t repeat_after_ns[REPEATS] = {300 * MS, 150 * MS}; /* [repeats_left - 1] */

static int64_t interval(kmi_lan *lan)
{
    int64_t mean_ns = lan->options.fast ? INTERVAL_FAST : INTERVAL;

    return mean_ns * 4 / 5 + kmi_lan_random(lan, mean_ns * 2 / 5);
}

void kmi_lan_speak_init(kmi_lan *lan, int64_t now_ns)
{
    lan->regular_ns = now_ns + lan->options.settle_ms * MS + kmi_lan_random(lan, FIRST_SPREAD);
    lan->announce_ns = lan->repeat_ns = NEVER;
    lan->announced_ns = INT64_MIN / 2;
    lan->gap_ns = GAP_MIN;
    lan->asks_left = KMI_LAN_ASKS;
}

/* ---- saying ---------------------------------------------------------------------------------- */

static kmi_beacon next_beacon(kmi_lan *lan)
{
    return (kmi_beacon){.key = lan->options.key,
                        .epoch = lan->options.epoch,
                        .sequence = ++lan->sequence,
                        .version = lan->version,
                        .port = lan->options.port,
                        .fast = lan->options.fast};
}

static void say_to_seeds(kmi_lan *lan, kmi_beacon beacon)
{
    if (lan->ops.speak_to_seeds == NULL)
        return;
    beacon.sequence = ++lan->sequence;
    beacon.seed = true;
    beacon.asks = beacon.port != 0;
    lan->ops.speak_to_seeds(lan->ctx, &beacon);
}

static void say(kmi_lan *lan, kmi_beacon beacon)
{
    lan->asking = beacon.asks;
    lan->ops.speak(lan->ctx, &beacon, NULL);
    lan->asking = false;
    say_to_seeds(lan, beacon);
}

static void say_to(kmi_lan *lan, const kmi_lan_host *host, const kmi_beacon *beacon)
{
    const kmi_lan_way *way = &host->ways[host->heard_from];

    lan->ops.speak(lan->ctx, beacon, &(kmi_lan_from){way->address, way->port});
}

/* A client hears this host as often as it asks. */
void kmi_lan_speak_to(kmi_lan *lan, const kmi_lan_host *host, bool asks)
{
    kmi_beacon beacon = next_beacon(lan);

    beacon.asks = asks;
    beacon.fast = beacon.fast && (host->fast || host->client_ns == INT64_MIN);
    say_to(lan, host, &beacon);
}

/* Those that cannot hear what is said to all. */
static void say_to_clients(kmi_lan *lan, int64_t now_ns)
{
    for (size_t i = 0; i < lan->count; i++) {
        if (lan->hosts[i]->client_ns <= now_ns)
            continue;
        lan->hosts[i]->answer_ns = NEVER;
        kmi_lan_speak_to(lan, lan->hosts[i], false);
    }
}

void kmi_lan_goodbye(kmi_lan *lan)
{
    kmi_beacon beacon = next_beacon(lan);

    beacon.port = 0;
    say(lan, beacon);
    for (size_t i = 0; i < lan->count; i++) {
        if (lan->hosts[i]->client_ns == INT64_MIN)
            continue;
        beacon.sequence = ++lan->sequence;
        say_to(lan, lan->hosts[i], &beacon);
    }
}

/* ---- to all ---------------------------------------------------------------------------------- */

/* Whoever waits for an answer has it by that. */
static void say_to_all(kmi_lan *lan, bool asks, int64_t now_ns)
{
    kmi_beacon beacon = next_beacon(lan);

    beacon.asks = asks;
    say(lan, beacon);
    lan->regular_ns = now_ns + interval(lan);
    for (size_t i = 0; i < lan->count; i++)
        if (!lan->hosts[i]->alone)
            lan->hosts[i]->answer_ns = NEVER;
}

void kmi_lan_announce(kmi_lan *lan, int64_t now_ns)
{
    int64_t after_ns = lan->announced_ns + lan->gap_ns;

    if (lan->asks_left == KMI_LAN_ASKS) /* nothing has been said at all */
        return;
    if (lan->announce_ns == NEVER)
        lan->announce_ns = now_ns > after_ns ? now_ns : after_ns;
}

static void announce(kmi_lan *lan, int64_t now_ns)
{
    bool goes_on = now_ns - lan->announced_ns < 2 * lan->gap_ns;

    lan->gap_ns = !goes_on ? GAP_MIN : lan->gap_ns * 2 < GAP_MAX ? lan->gap_ns * 2 : GAP_MAX;
    lan->announced_ns = now_ns;
    lan->announce_ns = NEVER;
    lan->repeats_left = REPEATS;
    lan->repeat_ns = now_ns + repeat_after_ns[REPEATS - 1];
    say_to_all(lan, false, now_ns);
    say_to_clients(lan, now_ns);
}

static void repeat(kmi_lan *lan, int64_t now_ns)
{
    lan->repeats_left--;
    lan->repeat_ns =
        lan->repeats_left == 0 ? NEVER : now_ns + repeat_after_ns[lan->repeats_left - 1];
    say_to_all(lan, false, now_ns);
}

static void speak_regularly(kmi_lan *lan, int64_t now_ns)
{
    bool asks = lan->asks_left > 0 && kmi_lan_there(lan) == 0;

    lan->lists_changed = true; /* who is listed may not be trusted any more */
    if (lan->asks_left == KMI_LAN_ASKS)
        asks = true;
    if (lan->asks_left > 0)
        lan->asks_left--;
    say_to_all(lan, asks, now_ns);
    if (lan->asks_left > 0)
        lan->regular_ns = now_ns + ASK_AGAIN;
}

/* ---- to who asks ----------------------------------------------------------------------------- */

static void answer(kmi_lan *lan, int64_t now_ns)
{
    size_t waiting = 0;

    for (size_t i = 0; i < lan->count; i++)
        waiting += lan->hosts[i]->answer_ns != NEVER && !lan->hosts[i]->alone;
    for (size_t i = 0; i < lan->count; i++) {
        kmi_lan_host *host = lan->hosts[i];
        if (host->answer_ns > now_ns)
            continue;
        host->answer_ns = NEVER;
        if (!host->alone && waiting > ANSWERS_EACH)
            say_to_all(lan, false, now_ns);
        else
            kmi_lan_speak_to(lan, host, false);
    }
}

void kmi_lan_speak_due(kmi_lan *lan, int64_t now_ns)
{
    if (lan->announce_ns <= now_ns)
        announce(lan, now_ns);
    else if (lan->repeat_ns <= now_ns)
        repeat(lan, now_ns);
    else if (lan->regular_ns <= now_ns)
        speak_regularly(lan, now_ns);
    answer(lan, now_ns);
}

int64_t kmi_lan_speak_next(const kmi_lan *lan)
{
    int64_t next_ns = lan->regular_ns;

    if (lan->announce_ns < next_ns)
        next_ns = lan->announce_ns;
    if (lan->repeat_ns < next_ns)
        next_ns = lan->repeat_ns;
    for (size_t i = 0; i < lan->count; i++)
        if (lan->hosts[i]->answer_ns < next_ns)
            next_ns = lan->hosts[i]->answer_ns;
    return next_ns;
}
