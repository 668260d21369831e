/* loss.c -- from a seed: nodes that tell one node numbers by datagrams. Read loss_run() first.
 *
 * What is told, from what is lost, counted as lost, and handled, must add up: nothing is handled
 * that was not told, nothing more often than the network has brought it, and in a network that
 * loses nothing all is handled once. Lines are cut now and then, the receiver comes later than its
 * senders and goes away for a while, and when all have ended nothing is left of them.
 */
#include "loss.h"

#include "world.h"

#include "core/core.h"
#include "sim.kmsg.h"

#include <string.h>

#define SENDERS_MAX 3
#define NUMBERS_MAX 300
#define URL         "udp:10.0.0.1:7000?insecure"

typedef struct sender {
    world_process *process;
    kmsg_node     *node;
    unsigned       id;
    unsigned       told;
    uint8_t        handled[NUMBERS_MAX];
    uint64_t       dropped;
    uint64_t       bytes;
    bool           over;
} sender;

static struct {
    sender              senders[SENDERS_MAX];
    unsigned            sender_count;
    world_process      *process;
    kmsg_node          *node;
    kmsg_listener_facts facts; /* over all that it has listened */
    uint64_t            handled;
    bool                calm; /* the network loses nothing, and nothing else befalls it */
    bool                doubles;
    bool                leave;
    const char         *finding;
} p;

static void bark(const char *what)
{
    if (p.finding == NULL)
        p.finding = what;
}

/* ---- who receives ---------------------------------------------------------------------------- */

static kmsg_err tell(void *ctx, kmsg_call *call, uint64_t token, kmsg_bytes blob)
{
    sender  *s = &p.senders[token / NUMBERS_MAX % SENDERS_MAX];
    unsigned number = (unsigned)(token % NUMBERS_MAX);

    (void)ctx;
    (void)call;
    world_note("handled", token, blob.size);
    if (token >= (uint64_t)p.sender_count * NUMBERS_MAX || number >= s->told)
        bark("something is handled that nobody told");
    else if (++s->handled[number] > (p.doubles ? 2 : 1))
        bark("a message is handled more often than the network has brought it");
    for (size_t i = 0; i < blob.size; i++)
        if (blob.data[i] != (uint8_t)token)
            bark("a message is not what was told");
    p.handled++;
    return KMSG_OK;
}

static void add_facts(const kmsg_listener *listener)
{
    kmsg_listener_facts facts;

    kmsg_listener_info(listener, &facts);
    p.facts.datagrams += facts.datagrams;
    p.facts.messages += facts.messages;
    for (unsigned i = 0; i < KMSG_REFUSALS; i++)
        p.facts.refused[i] += facts.refused[i];
}

static void on_stop(void *ctx, uint64_t arg)
{
    (void)ctx;
    (void)arg;
    if (p.node != NULL)
        kmsg_stop_ts(p.node);
}

/* It listens for a while, then not, then again. */
static void receive(void *ctx)
{
    static const sim_Desk_impl impl = {.tell = tell};
    kmsg_listener             *listener;

    (void)ctx;
    p.node = kmi_node_new_on(&world_sys);
    kmsg_must(sim_Desk_serve(p.node, &impl, NULL));
    while (!p.leave) {
        if (!p.calm)
            world_busy(world_below(200) * WORLD_MS);
        kmsg_must(kmsg_listen(p.node, URL, &listener));
        if (!p.calm)
            world_at(world_now() + world_below(3000) * WORLD_MS, on_stop, NULL, 0);
        kmsg_must(kmsg_run(p.node));
        add_facts(listener);
        kmsg_listener_close(listener);
    }
    kmsg_node_free(p.node);
    p.node = NULL;
}

/* ---- who sends ------------------------------------------------------------------------------- */

static void tell_some(sender *s, kmsg_peer *peer)
{
    static uint8_t bytes[9000];
    unsigned       count = 1 + world_below(20);

    for (; count > 0 && s->told < NUMBERS_MAX; count--) {
        uint64_t token = (uint64_t)s->id * NUMBERS_MAX + s->told;
        size_t   size = world_below(world_chance(100) ? sizeof bytes : 100);
        memset(bytes, (uint8_t)token, size);
        s->told++;
        if (sim_Desk_tell(peer, token, (kmsg_bytes){bytes, size}) != KMSG_OK)
            bark("a message is not taken");
    }
}

static void send_all(void *ctx)
{
    sender         *s = ctx;
    kmsg_peer      *peer;
    kmsg_peer_facts facts;

    s->node = kmi_node_new_on(&world_sys);
    kmsg_must(kmsg_dial(s->node, URL, &peer));
    while (s->told < NUMBERS_MAX) {
        tell_some(s, peer);
        if (kmsg_flush(peer) != KMSG_OK && p.calm)
            bark("what was told does not leave");
        world_busy(world_below(100) * WORLD_MS);
        kmsg_must(kmsg_node_step(s->node));
    }
    while (kmsg_flush(peer) != KMSG_OK)
        continue;
    kmsg_peer_info(peer, &facts);
    s->dropped = facts.dropped;
    if (facts.sent != s->told)
        bark("not all that was told was sent");
    kmsg_node_free(s->node);
    s->over = true;
}

/* ---- a play ---------------------------------------------------------------------------------- */

static void on_cut(void *ctx, uint64_t arg)
{
    (void)ctx;
    (void)arg;
    if (p.leave)
        return;
    world_heal();
    if (world_chance(500))
        world_cut(1 + world_below(p.sender_count), 0, true);
    world_at(world_now() + world_below(1000) * WORLD_MS, on_cut, NULL, 0);
}

static void make_law(bool corrupt)
{
    p.calm = world_chance(300);
    p.sender_count = 1 + world_below(SENDERS_MAX);
    p.doubles = !p.calm && world_chance(500);
    world_law = (world_rules){.latency_ns = world_below(50000000),
                              .jitter_ns = world_below(50000000),
                              .lose = p.calm ? 0 : world_below(400),
                              .again = corrupt     ? 300
                                       : p.doubles ? world_below(400)
                                                   : 0,
                              .no_connect = p.calm ? 0 : world_below(200)};
}

static bool all_over(void)
{
    for (unsigned i = 0; i < p.sender_count; i++)
        if (!p.senders[i].over)
            return false;
    return true;
}

static void run_until(bool (*done)(void), const char *what)
{
    int64_t until_ns = world_now() + 600 * WORLD_S;

    while (!done() && !world_goes_round() && world_now() < until_ns)
        world_run(world_now() + WORLD_S);
    if (!done())
        bark(what);
}

static bool has_left(void)
{
    return p.node == NULL;
}

static void add_up(void)
{
    uint64_t told = 0, dropped = 0;

    for (unsigned i = 0; i < p.sender_count; i++) {
        told += p.senders[i].told;
        dropped += p.senders[i].dropped;
    }
    if (p.calm && (p.handled != told || dropped > 0))
        bark("something is lost where nothing gets lost");
    if (p.facts.messages != p.handled)
        bark("a message that came was not handled");
    for (unsigned i = 0; i < KMSG_REFUSALS; i++)
        if (p.facts.refused[i] > 0)
            bark("a message is refused");
}

static void look_back(void)
{
    add_up();
    for (unsigned i = 0; i < p.sender_count; i++)
        if (world_open(p.senders[i].process) > 0 || world_bytes(p.senders[i].process) > 0)
            bark("something is left of a sender");
    if (world_open(p.process) > 0 || world_bytes(p.process) > 0)
        bark("something is left of the receiver");
}

const char *loss_run(uint64_t seed, bool loud, bool corrupt)
{
    world_begin(seed, loud);
    memset(&p, 0, sizeof p);
    make_law(corrupt);
    p.process = world_process_new(0);
    world_start(p.process, receive, NULL);
    if (p.calm)
        world_run(WORLD_S); /* it listens */
    for (unsigned i = 0; i < p.sender_count; i++) {
        sender *s = &p.senders[i];
        s->id = i;
        s->process = world_process_new(i + 1);
        world_start(s->process, send_all, s);
    }
    if (!p.calm)
        world_at(world_now(), on_cut, NULL, 0);
    run_until(all_over, "a sender does not come to its end");
    world_run(world_now() + WORLD_S); /* what is on its way arrives */
    p.leave = true;
    world_at(world_now(), on_stop, NULL, 0);
    run_until(has_left, "the receiver does not come to its end");
    look_back();
    world_end();
    return p.finding;
}
