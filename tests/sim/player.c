/* player.c -- what a player does: it asks, it answers, it waits; it closes its peers and dials
 * them anew.
 *
 * Its fiber runs the node, and is taken out of that by kmsg_stop_ts() whenever there is something
 * to do. Letters that its handlers write are one level deeper than what they handle; at the third
 * level nobody asks on.
 */
#include "player.h"

#include <string.h>

#include "net/security.h"
#include "sim.kmsg.h"

#define LEVELS 2

play_rules play_law;
player     players[PLAYERS_MAX];

static unsigned last_line;

void player_begin(void)
{
    last_line = NO_LINE;
}

unsigned player_new_line(void)
{
    return last_line + 1 < LINES_MAX ? ++last_line : NO_LINE;
}

/* ---- letters --------------------------------------------------------------------------------- */

static deed pick_deed(unsigned level)
{
    static const deed plain[] = {ANSWER,       ANSWER,       ANSWER, ANSWER, ANSWER_EARLY,
                                 ANSWER_LATER, ANSWER_LATER, FAIL,   THROW,  NEVER_ANSWER};
    static const deed more[] = {ASK_ON, ASK_BACK, ASK_ON, COMPUTE, ASK_WAIT};

    if (level < LEVELS && world_chance(300))
        return more[world_below(play_law.blocking ? 5 : 3)];
    return plain[world_below(10)];
}

static size_t pick_size(unsigned a, unsigned b)
{
    const size_t *max = check_law.message_max;
    size_t        limit = max[a] < max[b] ? max[a] : max[b];
    uint32_t      kind = world_below(1000);

    if (kind < play_law.small)
        return world_below(64);
    if (kind >= 1000 - play_law.large)
        return limit - 48 + world_below(64);
    return world_below((uint32_t)(limit < 4000 ? limit / 2 : 2000));
}

letter *player_letter(unsigned from, unsigned to, unsigned level)
{
    letter *m = check_new(from, to);

    if (m == NULL)
        return NULL;
    m->level = level;
    m->deed = pick_deed(level);
    m->window = world_chance(300);
    m->blob_size = pick_size(from, to);
    m->answer_size = pick_size(from, to);
    return m;
}

static void put_on(letter *m, line *l)
{
    m->line = l->id;
    m->place = ++l->places;
}

static owed *find_owed(player *p, const kmsg_call *call)
{
    for (unsigned i = 0; i < p->owed_count; i++)
        if (p->owed[i].call == call)
            return &p->owed[i];
    return NULL;
}

static void pay(player *p, owed *o, kmsg_err err)
{
    letter    *m = o->letter;
    sim_Answer answer = {m->token, check_blob(m->token, m->answer_size)};
    kmsg_call *call = o->call;

    *o = p->owed[--p->owed_count];
    m->said = err == KMSG_OK ? KMSG_OK : KMSG_EUNAVAILABLE;
    world_note("reply", m->token, kmsg_call_is_over(call));
    if (err != KMSG_OK)
        kmsg_fail(call, KMSG_EUNAVAILABLE, "%s", kmsg_err_name(err));
    else if (m->window)
        sim_Window_look_reply(call, &answer);
    else
        sim_Desk_ask_reply(call, &answer);
}

static void on_done(void *ctx, kmsg_err err, const sim_Answer *answer)
{
    static const kmsg_bytes none = {NULL, 0};
    letter                 *m = ctx;
    player                 *p = &players[m->from];
    owed                   *o = m->outer == NULL ? NULL : find_owed(p, m->outer);

    check_ended(m, err, answer == NULL ? 0 : answer->token, answer == NULL ? none : answer->blob);
    if (o != NULL)
        pay(p, o, err);
}

static uint32_t time_for(uint32_t timeout_ms, const kmsg_call *inside)
{
    uint32_t left_ms = inside == NULL ? UINT32_MAX : kmsg_call_remaining_ms(inside);

    return left_ms < timeout_ms ? left_ms : timeout_ms;
}

static void ask(letter *m, kmsg_peer *peer, uint32_t timeout_ms)
{
    kmsg_bytes blob = check_blob(m->token, m->blob_size);

    check_asked(m, timeout_ms);
    if (m->window)
        sim_Window_look_async(peer, m->token, blob, m, on_done);
    else
        sim_Desk_ask_async(peer, m->token, blob, m, on_done);
}

void player_ask(player *p, line *l, const kmsg_call *inside, unsigned level, void *outer)
{
    letter *m = player_letter(p->id, l->to, level);

    if (m == NULL)
        return;
    put_on(m, l);
    m->outer = outer;
    m->idle = inside != NULL && kmsg_call_is_over(inside);
    ask(m, l->peer, time_for(l->timeout_ms, inside));
}

static void on_acked(void *ctx, kmsg_err err)
{
    check_ended(ctx, err, 0, (kmsg_bytes){NULL, 0});
}

static void tell(player *p, line *l)
{
    letter    *m = player_letter(p->id, l->to, 0);
    kmsg_bytes blob;

    if (m == NULL)
        return;
    m->oneway = true;
    m->window = false;
    m->answer_size = 0;
    m->acked = world_chance(500);
    put_on(m, l);
    blob = check_blob(m->token, m->blob_size);
    check_asked(m, m->acked ? l->timeout_ms : 0);
    if (m->acked)
        sim_Desk_tell_async(l->peer, m->token, blob, m, on_acked);
    else
        check_told(m, sim_Desk_tell(l->peer, m->token, blob));
}

/* Asks and waits. */
static kmsg_err ask_wait(player *p, line *l, const kmsg_call *inside, unsigned level)
{
    letter     *m = player_letter(p->id, l->to, level);
    kmsg_arena *mem = kmsg_arena_new();
    sim_Answer  answer = {0};
    kmsg_bytes  blob;
    kmsg_err    err;

    if (m == NULL || mem == NULL) {
        if (m != NULL)
            check_told(m, KMSG_ENOMEM);
        kmsg_arena_free(mem);
        return KMSG_ENOMEM;
    }
    put_on(m, l);
    blob = check_blob(m->token, m->blob_size);
    check_asked(m, time_for(l->timeout_ms, inside));
    err = m->window ? sim_Window_look(l->peer, m->token, blob, mem, &answer)
                    : sim_Desk_ask(l->peer, m->token, blob, mem, &answer);
    m->idle = inside != NULL && kmsg_call_is_over(inside);
    check_ended(m, err, answer.token, answer.blob);
    kmsg_arena_free(mem);
    return err;
}

/* ---- handlers -------------------------------------------------------------------------------- */

static line *pick_line(player *p)
{
    return &p->lines[world_below(PEERS_MAX)];
}

static void wake(void *ctx, uint64_t life)
{
    player *p = ctx;

    if (p->node != NULL && p->life == life)
        kmsg_stop_ts(p->node);
}

static bool owe(player *p, kmsg_call *call, letter *m, int64_t at_ns)
{
    if (p->owed_count == OWED_MAX)
        return false;
    p->owed[p->owed_count++] = (owed){call, m, at_ns};
    if (at_ns != KMI_NEVER)
        world_at(at_ns, wake, p, p->life);
    return true;
}

static kmsg_err refuse(kmsg_call *call, letter *m)
{
    m->said = KMSG_ENOENT;
    return kmsg_fail(call, KMSG_ENOENT, "not today");
}

static kmsg_err throw(kmsg_call * call, letter *m)
{
    m->said = KMSG_ETHROWN;
    return sim_Refused_throw(call, &(sim_Refused){m->token});
}

static kmsg_err answer(letter *m, sim_Answer *ret)
{
    m->said = KMSG_OK;
    *ret = (sim_Answer){m->token, check_blob(m->token, m->answer_size)};
    return KMSG_OK;
}

static kmsg_err answer_early(kmsg_call *call, letter *m, sim_Answer *ret)
{
    (void)answer(m, ret);
    if (m->window)
        sim_Window_look_reply(call, ret);
    else
        sim_Desk_ask_reply(call, ret);
    return KMSG_LATER;
}

/* The one who asks may be a peer that was dialled: then its order and time-out count. */
static line *find_line(player *p, const kmsg_peer *peer)
{
    for (unsigned i = 0; i < PEERS_MAX; i++)
        if (p->lines[i].peer == peer)
            return &p->lines[i];
    return NULL;
}

unsigned player_losses(unsigned id, unsigned number)
{
    const player   *p = &players[id];
    kmsg_peer_facts facts;

    for (unsigned i = 0; i < PEERS_MAX && p->node != NULL; i++)
        if (p->lines[i].id == number) {
            kmsg_peer_info(p->lines[i].peer, &facts);
            return facts.losses;
        }
    return UINT32_MAX;
}

unsigned player_all_losses(void)
{
    unsigned sum = 0;

    for (const player *p = players; p < players + PLAYERS_MAX; p++) {
        sum += p->life;
        for (const kmi_conn *c = p->node == NULL ? NULL : p->node->conns; c != NULL; c = c->next)
            sum += c->counts.losses;
    }
    return sum;
}

static kmsg_err ask_back(player *p, kmsg_call *call, letter *m)
{
    kmsg_peer *peer = kmsg_call_peer(call);
    line      *l = find_line(p, peer);
    letter    *back = player_letter(p->id, m->from, m->level + 1);

    if (back == NULL || !owe(p, call, m, KMI_NEVER)) {
        if (back != NULL)
            check_told(back, KMSG_ENOMEM);
        return refuse(call, m);
    }
    back->outer = call;
    back->idle = kmsg_call_is_over(call);
    if (l != NULL)
        put_on(back, l);
    ask(back, peer, time_for(l == NULL ? KMSG_CALL_TIMEOUT_MS : l->timeout_ms, call));
    return KMSG_LATER;
}

static kmsg_err ask_and_wait(player *p, kmsg_call *call, letter *m, sim_Answer *ret)
{
    kmsg_err err = ask_wait(p, pick_line(p), call, m->level + 1);

    check_free(p->id, world_now());
    if (err == KMSG_OK)
        return answer(m, ret);
    m->said = KMSG_EUNAVAILABLE;
    return kmsg_fail(call, KMSG_EUNAVAILABLE, "%s", kmsg_err_name(err));
}

static kmsg_err compute(player *p, letter *m, sim_Answer *ret)
{
    world_busy(world_below(200) * WORLD_MS);
    check_free(p->id, world_now());
    return answer(m, ret);
}

static kmsg_err do_deed(player *p, kmsg_call *call, letter *m, sim_Answer *ret)
{
    switch (m->deed) {
    case ANSWER: return answer(m, ret);
    case ANSWER_EARLY: return answer_early(call, m, ret);
    case ANSWER_LATER:
        if (!owe(p, call, m, world_now() + world_below(play_law.later_ms) * WORLD_MS))
            return refuse(call, m);
        return KMSG_LATER;
    case NEVER_ANSWER: return KMSG_LATER;
    case THROW: return throw(call, m);
    case COMPUTE: return compute(p, m, ret);
    case ASK_WAIT: return ask_and_wait(p, call, m, ret);
    case ASK_ON:
        if (!owe(p, call, m, KMI_NEVER))
            return refuse(call, m);
        player_ask(p, pick_line(p), call, m->level + 1, call);
        return KMSG_LATER;
    case ASK_BACK: return ask_back(p, call, m);
    default: return refuse(call, m);
    }
}

/* What was held has stayed as it was; letting go of it twice is harmless. */
static void let_go(held *h, bool there)
{
    letter  *m = h->letter;
    kmsg_err err;

    if (there && !check_is_blob(h->blob, m->token, m->blob_size))
        check_bark("letter %llu has changed while it was held", (unsigned long long)m->token);
    m->released = there;
    err = kmsg_release_ts(h->ticket);
    world_note("release", m->token, (uint64_t)(int64_t)err);
    if (there ? err != KMSG_OK && (err != KMSG_ELOST || check_law.calm) : err != KMSG_ECLOSED)
        check_bark("letter %llu is released: %s", (unsigned long long)m->token, kmsg_err_name(err));
    err = kmsg_release_ts(h->ticket);
    if (err != (there ? KMSG_ENOENT : KMSG_ECLOSED))
        check_bark("letter %llu is released again: %s", (unsigned long long)m->token,
                   kmsg_err_name(err));
}

static kmsg_err hold(player *p, kmsg_call *call, letter *m, kmsg_bytes blob, int64_t until_ns)
{
    held     h = {.letter = m, .blob = blob, .at_ns = until_ns};
    kmsg_err err;

    if (p->held_count == OWED_MAX || !play_law.holding)
        return KMSG_OK;
    err = kmsg_hold(call, &h.ticket);
    if (err != KMSG_OK)
        return err;
    m->held = true;
    p->held[p->held_count++] = h;
    world_note("hold", m->token, (uint64_t)until_ns);
    if (until_ns != KMI_NEVER)
        world_at(until_ns, wake, p, p->life);
    return KMSG_OK;
}

static int64_t soon(void)
{
    return world_now() + world_below(play_law.later_ms) * WORLD_MS;
}

static kmsg_err on_request(player *p, kmsg_call *call, letter *m, kmsg_bytes blob, sim_Answer *ret)
{
    if (m == NULL)
        return KMSG_EFAILED;
    if (world_chance(50) && hold(p, call, m, blob, soon()) != KMSG_OK)
        return KMSG_ENOMEM;
    return do_deed(p, call, m, ret);
}

static kmsg_err on_ask(void *ctx, kmsg_call *call, uint64_t token, kmsg_bytes blob, sim_Answer *ret)
{
    player *p = ctx;

    return on_request(p, call, check_handled(p->id, token, blob, false, false), blob, ret);
}

static kmsg_err on_look(void *ctx, kmsg_call *call, uint64_t token, kmsg_bytes blob,
                        sim_Answer *ret)
{
    player *p = ctx;

    return on_request(p, call, check_handled(p->id, token, blob, false, true), blob, ret);
}

static kmsg_err on_tell(void *ctx, kmsg_call *call, uint64_t token, kmsg_bytes blob)
{
    player  *p = ctx;
    letter  *m = check_handled(p->id, token, blob, true, false);
    kmsg_err err = KMSG_OK;

    if (m == NULL)
        return KMSG_EFAILED;
    if (m->deed == FAIL)
        return refuse(call, m);
    if (m->deed == ANSWER_LATER)
        err = hold(p, call, m, blob, soon());
    else if (m->deed == NEVER_ANSWER)
        err = hold(p, call, m, blob, KMI_NEVER);
    if (err == KMSG_OK)
        m->said = KMSG_OK;
    return err;
}

static kmsg_err on_meet(void *ctx, kmsg_call *call, kmsg_address who, uint32_t actor)
{
    (void)call;
    actor_met(ctx, who, actor);
    return KMSG_OK;
}

static const sim_Desk_impl   desk = {.ask = on_ask, .tell = on_tell, .meet = on_meet};
static const sim_Window_impl window = {.look = on_look};

/* ---- lines ----------------------------------------------------------------------------------- */

/* What stands behind a tcp address. */
static const char *how(void)
{
    return play_law.keys == NULL ? "?insecure" : "";
}

/* The shortest way there is, or another one. */
static void write_url(const player *p, const player *to, char *ret, size_t size)
{
    if (to->partner == p->id && world_chance(500))
        snprintf(ret, size, "inproc:p%u", to->id);
    else if (to->host == p->host && world_chance(500))
        snprintf(ret, size, "unix:@p%u", to->id);
    else if (world_chance(200))
        snprintf(ret, size, "tcp:host%u:%u%s", to->host, 7000 + to->id, how());
    else
        snprintf(ret, size, "tcp:10.0.0.%u:%u%s", to->host + 1, 7000 + to->id, how());
}

static bool open_line(player *p, unsigned i)
{
    line    *l = &p->lines[i];
    char     url[64];
    unsigned others = play_law.players - 1;

    l->id = player_new_line();
    l->places = 0;
    l->to = i == 0 ? p->id : (p->id + 1 + world_below(others)) % play_law.players;
    write_url(p, &players[l->to], url, sizeof url);
    if (i == 0)
        l->peer = kmsg_self(p->node);
    else if (kmsg_dial(p->node, url, &l->peer) != KMSG_OK)
        return false;
    l->timeout_ms =
        play_law.timeout_ms[0] + world_below(play_law.timeout_ms[1] - play_law.timeout_ms[0] + 1);
    kmsg_peer_set_timeout_ms(l->peer, l->timeout_ms);
    return true;
}

static void redial(player *p)
{
    unsigned i = 1 + world_below(PEERS_MAX - 1);
    line    *l = &p->lines[i];

    world_note("close", p->id, l->id);
    check_closed(p->id, l->id);
    kmsg_peer_close(l->peer);
    while (!open_line(p, i))
        world_busy(WORLD_MS);
}

/* ---- a life ---------------------------------------------------------------------------------- */

static bool listen_at(player *p, kmsg_node *node)
{
    char near[32], here[32], there[64];

    snprintf(near, sizeof near, "inproc:p%u", p->id);
    snprintf(here, sizeof here, "unix:@p%u", p->id);
    snprintf(there, sizeof there, "tcp:10.0.0.%u:%u%s", p->host + 1, 7000 + p->id, how());
    return kmsg_listen(node, here, NULL) == KMSG_OK && kmsg_listen(node, there, NULL) == KMSG_OK &&
           kmsg_listen(node, near, &p->near) == KMSG_OK;
}

static bool set_keys(kmsg_node *node)
{
    kmsg_security security = {.folder = play_law.keys};

    return play_law.keys == NULL || kmsg_node_set_security(node, &security) == KMSG_OK;
}

static bool set_limits(const player *p, kmsg_node *node)
{
    kmsg_node_set_relay(node, KMSG_RELAY_ALL); /* nobody knows who speaks in the clear */
    return kmsg_node_set_credit(node, play_law.credit, play_law.credit_bytes) == KMSG_OK &&
           kmsg_node_set_message_max(node, check_law.message_max[p->id]) == KMSG_OK &&
           kmsg_node_set_keepalive(node, play_law.idle_ms, play_law.dead_ms) == KMSG_OK &&
           kmsg_node_set_shared_memory(node, play_law.shared[p->id % 2]) == KMSG_OK &&
           (play_law.mailbox == 0 || kmsg_node_set_mailbox_max(node, play_law.mailbox) == KMSG_OK);
}

static bool set_up(player *p)
{
    kmsg_node *node = kmi_node_new_on(&world_sys);
    bool       ok = node != NULL && set_limits(p, node) && set_keys(node) &&
              sim_Desk_serve(node, &desk, p) == KMSG_OK &&
              sim_Window_serve(node, &window, p) == KMSG_OK && listen_at(p, node);

    p->node = node;
    memset(p->known, 0, sizeof p->known);
    if (node != NULL)
        node->announced = true; /* in this world the others are not of its process */
    for (unsigned i = 0; i < PEERS_MAX && ok; i++)
        ok = open_line(p, i);
    if (!ok) {
        p->near = NULL;
        p->node = NULL;
        kmsg_node_free(node);
    }
    return ok;
}

static void let_go_of_what_is_due(player *p)
{
    for (unsigned i = 0; i < p->held_count;) {
        held h = p->held[i];
        if (h.at_ns > world_now()) {
            i++;
            continue;
        }
        p->held[i] = p->held[--p->held_count];
        let_go(&h, true);
    }
}

static void pay_what_is_due(player *p)
{
    for (unsigned i = 0; i < p->owed_count;)
        if (p->owed[i].at_ns <= world_now())
            pay(p, &p->owed[i], KMSG_OK);
        else
            i++;
}

void player_live(void *ctx)
{
    player *p = ctx;

    while (!set_up(p))
        world_busy(WORLD_MS);
    check_free(p->id, world_now());
    for (unsigned i = 1; i < 3; i++) {
        actor_make(p);
        actor_introduce(p, &p->lines[i]);
    }
    while (!p->quit) {
        if (kmsg_run(p->node) != KMSG_OK)
            check_bark("player %u: kmsg_run() failed", p->id);
        pay_what_is_due(p);
        let_go_of_what_is_due(p);
        if (p->poked)
            player_act(p);
        p->poked = false;
    }
    world_note("leave", p->id, p->life);
    check_closed(p->id, NO_LINE);
    actor_forget(p);
    p->near = NULL;
    check_free(p->id, world_now());
    kmsg_node_free(p->node);
    p->node = NULL;
    p->owed_count = 0;
    while (p->held_count > 0)
        let_go(&p->held[--p->held_count], false);
}

/* Their pages are not of the world, and do not end with a process. */
static void forget_secrets(kmi_security *s)
{
    kmi_channel_setup_done(&s->setup);
    kmi_vault_done(&s->secrets);
}

void player_forget(player *p)
{
    if (p->near != NULL)
        kmsg_listener_close(p->near);
    if (p->node != NULL)
        kmi_holds_done(&p->node->holds); /* these, too, are known outside of the process */
    if (p->node != NULL && p->node->net.security != NULL)
        forget_secrets(p->node->net.security);
    p->near = NULL;
    p->node = NULL;
    p->owed_count = p->held_count = 0;
    actor_forget(p);
    p->life++;
    check_gone(p->id);
}

static void cancel_one(player *p)
{
    letter *m = check_pick(p->id);
    size_t  count;

    for (unsigned i = 0; m != NULL && i < PEERS_MAX; i++) {
        if (p->lines[i].id != m->line || m->line == NO_LINE)
            continue;
        count = kmsg_cancel(p->lines[i].peer, m);
        m->canceled = count == 1;
        world_note("cancel", m->token, count);
        if (count > 1)
            check_bark("letter %llu was cancelled %zu times", (unsigned long long)m->token, count);
    }
}

static void flush(player *p)
{
    kmsg_err err = kmsg_flush(pick_line(p)->peer);

    world_note("flush", p->id, (uint64_t)(int64_t)err);
    if (err != KMSG_OK && err != KMSG_ETIMEDOUT && err != KMSG_ECLOSED && err != KMSG_ENOMEM)
        check_bark("player %u: kmsg_flush() gives %s", p->id, kmsg_err_name(err));
}

static void say_much(player *p)
{
    line *l = pick_line(p);

    for (uint32_t i = 5 + world_below(40); i > 0; i--) {
        if (world_chance(play_law.oneway))
            tell(p, l);
        else
            player_ask(p, l, NULL, 0, NULL);
    }
}

static void deal_with_objects(player *p, uint32_t what)
{
    if (what < 3)
        actor_make(p);
    else if (what < 4)
        actor_stop(p);
    else if (what < 8)
        actor_introduce(p, pick_line(p));
    else
        actor_send(p);
}

void player_act(player *p)
{
    uint32_t what = world_below(1000);

    if (what < 40)
        say_much(p);
    else if (what < 100)
        cancel_one(p);
    else if (what < 130)
        flush(p);
    else if (what < 170 && !check_law.calm)
        redial(p);
    else if (what < 220)
        (void)ask_wait(p, pick_line(p), NULL, 0);
    else if (what < 520)
        deal_with_objects(p, world_below(20));
    else if (world_chance(play_law.oneway))
        tell(p, pick_line(p));
    else
        player_ask(p, pick_line(p), NULL, 0, NULL);
}
