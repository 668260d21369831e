/* play.c -- from a seed: who plays, by what rules, and what befalls them. Read play_run() first.
 *
 * One play in six is calm: nothing goes wrong there, and everything must come to the very end that
 * it was meant for. In the others hosts are cut off, connections reset, processes paused, killed,
 * starved of memory and started again. When the time is up the world is healed, nobody begins
 * anything new, and what was begun has to end; then the nodes are freed, and nothing may be left.
 */
#include "play.h"

#include "player.h"

#include <stdlib.h>

#include "crypto/key.h"
#include "crypto/noise.h"
#include "crypto/trust.h"

#define GAP_NS (400 * WORLD_MS)

static int64_t  over_ns; /* nobody begins anything after that */
static unsigned hosts;

/* ---- the rules of this play ------------------------------------------------------------------ */

static uint32_t between(uint32_t low, uint32_t high)
{
    return low + world_below(high - low + 1);
}

/* Often nothing, else up to `most`. */
static uint32_t maybe(uint32_t most)
{
    return world_chance(600) ? 0 : world_below(most + 1);
}

/* Messages take longer than silence is borne, but what the system holds does not. */
static void make_slow(void)
{
    int64_t borne_ns = (play_law.dead_ms - play_law.idle_ms) * WORLD_MS;

    check_law.slow = true;
    world_law.room_min = 500;
    world_law.room_max = between(500, 4000);
    world_law.byte_ns = between(1000, (uint32_t)(borne_ns / 3 / world_law.room_max));
    play_law.large = between(50, 300);
    play_law.small = between(100, 500);
}

/* Each has its own law for it; often none, or one so small that it is full all the time. */
static void share_memory(void)
{
    for (unsigned i = 0; i < 2; i++)
        play_law.shared[i] = world_chance(300) ? 0 : (uint32_t)4096 << world_below(5);
}

/* All have the same key: who they are to each other is of no interest here. The folder stays, as it
 * takes longer to make than a play. NULL: there is no place for it. */
static const char *keys(void)
{
    static char folder[256];
    char        path[KMI_KEY_PATH_MAX];
    uint8_t     secret[KMI_DH_SIZE];
    const char *out = getenv("B");
    kmi_trusted self = {.name = "self"};
    kmi_trust  *trust;
    kmsg_err    err;

    if (folder[0] != '\0')
        return folder;
    snprintf(folder, sizeof folder, "%s/test/sim/keys", out == NULL ? "build" : out);
    err = kmi_key_path(folder, "key", path);
    if (err == KMSG_OK)
        err = kmi_key_new(path, &self.key);
    if (err == KMSG_EEXIST)
        err = kmi_key_load(path, secret, &self.key);
    if (err == KMSG_OK)
        err = kmi_key_path(folder, "trusted", path);
    if (err != KMSG_OK)
        check_bark("no keys: %s", kmsg_last_error());
    trust = kmi_trust_new(path);
    if (trust == NULL || kmi_trust_add(trust, &self) != KMSG_OK)
        check_bark("no keys: %s", kmsg_last_error());
    kmi_trust_free(trust);
    return folder;
}

static void make_law(bool corrupt)
{
    bool calm = world_chance(160);

    check_law = (check_rules){.calm = calm, .bytes_max = (size_t)64 << 20};
    world_law = (world_rules){
        .latency_ns = world_below(calm ? 2000000 : 100000000),
        .jitter_ns = maybe(calm ? 1000000 : 50000000),
        .byte_ns = maybe(calm ? 10 : 2000),
        .room_min = between(16, 4000), /* by single bytes a play would take its time */
        .room_max = between(4000, 65536),
        .chop = maybe(800),
        .hasty = maybe(100),
        .no_connect = calm ? 0 : maybe(100),
        .no_lookup = calm ? 0 : maybe(300),
        .no_accept = calm ? 0 : maybe(100),
        .twice = corrupt ? 100 : 0,
    };
    check_law.crowded = world_law.no_accept > 0;
    play_law = (play_rules){.players = between(2, PLAYERS_MAX),
                            .small = between(300, 1000),
                            .large = maybe(100),
                            .oneway = world_below(600),
                            .later_ms = 1500,
                            .timeout_ms = {calm ? 5000 : between(1, 2000), between(5000, 10000)},
                            .idle_ms = between(100, 3000),
                            .blocking = !calm && world_chance(500)};
    if (play_law.small + play_law.large > 1000)
        play_law.large = 1000 - play_law.small;
    share_memory();
    if (world_chance(100)) /* a handshake costs as much as hundreds of messages */
        play_law.keys = keys();
    play_law.credit = between(1, world_chance(500) ? 10 : 4096);
    play_law.credit_bytes = between(1, world_chance(500) ? 5000 : 4 << 20);
    play_law.dead_ms = play_law.idle_ms + between(500, 6000);
    if (calm && world_chance(300))
        make_slow();
    play_law.holding = !calm || (play_law.credit > 1000 && play_law.credit_bytes > 1 << 20);
    check_law.dead_ns = play_law.dead_ms * WORLD_MS;
    if (!calm && world_chance(200)) {
        play_law.mailbox = between(1, 20);
        check_law.narrow = true;
    }
}

static void set_stage(void)
{
    hosts = between(1, play_law.players < WORLD_HOSTS ? play_law.players : WORLD_HOSTS);
    for (unsigned i = 0; i < play_law.players; i++) {
        player *p = &players[i];
        *p = (player){.id = i, .host = world_below(hosts), .partner = i};
        check_law.message_max[i] =
            between(100, world_chance(check_law.slow ? 800 : 200) ? 60000 : 4000);
        if (i % 2 == 1 && world_chance(400)) {
            p->partner = i - 1;
            p->host = players[i - 1].host;
            players[i - 1].partner = i;
        }
    }
}

/* ---- players come and go --------------------------------------------------------------------- */

static void on_poke(void *ctx, uint64_t life)
{
    player *p = ctx;

    if (p->life != life || world_now() >= over_ns)
        return;
    p->poked = true;
    if (p->node != NULL)
        kmsg_stop_ts(p->node);
    world_at(world_now() + world_below((uint32_t)GAP_NS), on_poke, p, life);
}

/* With the partner, if it has one: they are one process. */
static void start(player *p)
{
    player *q = &players[p->partner];

    p->process = q->process = world_process_new(p->host);
    world_note("start", p->id, q->id);
    for (player *each = p;; each = q) {
        world_start(each->process, player_live, each);
        world_at(world_now() + 10 * WORLD_MS + world_below(100000000), on_poke, each, each->life);
        if (each == q)
            break;
    }
}

static void on_start(void *ctx, uint64_t life)
{
    player *p = ctx;

    if (p->life == life && p->process == NULL)
        start(p);
}

/* Its process ends, and comes again after a while. */
static void lose(player *p, void (*end)(world_process *process), int64_t back_ns)
{
    player *q = &players[p->partner];

    check_process(p->process, false);
    player_forget(p);
    if (q != p)
        player_forget(q);
    end(p->process);
    p->process = q->process = NULL;
    world_at(back_ns, on_start, p, p->life);
}

/* ---- what befalls them ----------------------------------------------------------------------- */

static void on_mended(void *ctx, uint64_t pair)
{
    (void)ctx;
    world_cut((unsigned)(pair >> 8), (unsigned)(pair & 255), false);
}

static void cut_line(int64_t until_ns)
{
    unsigned a = world_below(hosts), b = world_below(hosts);

    if (a == b)
        return;
    world_cut(a, b, true);
    world_at(until_ns, on_mended, NULL, a << 8 | b);
    if (world_chance(300))
        return;
    world_cut(b, a, true);
    world_at(until_ns, on_mended, NULL, b << 8 | a);
}

static void pause(player *p, int64_t until_ns)
{
    world_pause(p->process, until_ns);
    check_free(p->id, until_ns);
    check_free(p->partner, until_ns);
}

static void on_fed(void *ctx, uint64_t life)
{
    player *p = ctx;

    if (p->life == life && p->process != NULL)
        world_starve(p->process, 0);
}

static void starve(player *p, int64_t until_ns)
{
    check_law.starving = true;
    world_starve(p->process, between(1, 300));
    world_at(until_ns, on_fed, p, p->life);
}

static void on_power(void *ctx, uint64_t host)
{
    (void)ctx;
    world_power((unsigned)host, true);
}

static void power_off(unsigned host, int64_t until_ns)
{
    world_power(host, false);
    world_at(until_ns, on_power, NULL, host);
    for (unsigned i = 0; i < play_law.players; i++) {
        player *p = &players[i];
        if (p->host != host || p->process == NULL)
            continue;
        lose(p, world_vanish, until_ns + WORLD_MS);
    }
}

static void on_over(void *ctx, uint64_t arg)
{
    (void)ctx;
    (void)arg;
    check_astray();
}

static void befall(player *p)
{
    uint32_t what = world_below(100);
    int64_t  until_ns = world_now() + world_below(1 << world_below(31)) * (int64_t)4;

    check_astray();
    world_at(until_ns, on_over, NULL, 0);
    if (what < 25) {
        (void)world_reset_one();
    } else if (what < 50) {
        cut_line(until_ns);
    } else if (what < 65 && p->process != NULL) {
        pause(p, until_ns);
    } else if (what < 80 && p->process != NULL) {
        lose(p, world_kill, until_ns);
    } else if (what < 90 && p->process != NULL) {
        starve(p, until_ns);
    } else if (what < 95) {
        power_off(p->host, until_ns);
    }
}

static void on_fate(void *ctx, uint64_t arg)
{
    (void)ctx;
    (void)arg;
    if (world_now() >= over_ns)
        return;
    befall(&players[world_below(play_law.players)]);
    world_at(world_now() + world_below((uint32_t)(2 * WORLD_S)), on_fate, NULL, 0);
}

/* ---- a play ---------------------------------------------------------------------------------- */

static void heal(void)
{
    check_astray();
    world_heal();
    world_law.no_connect = world_law.no_lookup = world_law.no_accept = 0;
    for (unsigned h = 0; h < hosts; h++)
        world_power(h, true);
    for (unsigned i = 0; i < play_law.players; i++) {
        player *p = &players[i];
        if (p->process == NULL)
            start(p);
        world_pause(p->process, 0);
        world_starve(p->process, 0);
    }
}

static bool goes_on(int64_t until_ns)
{
    return check_finding() == NULL && !world_goes_round() && world_now() < until_ns;
}

/* A while in any case: one-way messages may still wait for a name or a listener. */
static void drain(void)
{
    int64_t until_ns = world_now() + 120 * WORLD_S;

    world_run(world_now() + 4 * WORLD_S);
    while (!check_all_ended() && goes_on(until_ns))
        world_run(world_now() + WORLD_S);
}

static bool anyone_there(void)
{
    for (unsigned i = 0; i < play_law.players; i++)
        if (players[i].node != NULL)
            return true;
    return false;
}

static void leave(void)
{
    int64_t until_ns = world_now() + 60 * WORLD_S;

    for (unsigned i = 0; i < play_law.players; i++) {
        players[i].quit = true;
        if (players[i].node != NULL)
            kmsg_stop_ts(players[i].node);
    }
    while (anyone_there() && goes_on(until_ns))
        world_run(world_now() + 100 * WORLD_MS);
    if (anyone_there() && !world_goes_round())
        check_bark("a node does not come to its end");
}

static void look_back(void)
{
    for (unsigned i = 0; i < play_law.players; i++)
        check_process(players[i].process, true);
    check_end();
}

const char *play_run(uint64_t seed, bool loud, bool corrupt)
{
    world_begin(seed, loud);
    kmsg_set_log(check_log, NULL);
    check_begin();
    player_begin();
    actor_begin();
    make_law(corrupt);
    set_stage();
    over_ns = world_now() + (int64_t)(world_chance(970) ? between(1, 8) : between(8, 90)) * WORLD_S;
    for (unsigned i = 0; i < play_law.players; i++)
        if (players[i].process == NULL)
            start(&players[i]);
    if (!check_law.calm)
        world_at(world_now() + WORLD_S / 2, on_fate, NULL, 0);
    world_run(over_ns);
    heal();
    drain();
    leave();
    if (world_goes_round())
        check_bark("somebody goes round and round");
    if (check_finding() == NULL)
        look_back();
    for (unsigned i = 0; i < play_law.players; i++)
        player_forget(&players[i]);
    world_end();
    kmsg_set_log(NULL, NULL);
    return check_finding();
}
