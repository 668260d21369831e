/* actor.c -- the players' objects, and letters to them.
 *
 * A player tells others of its objects, and of those that it has heard of: so addresses go from
 * hand to hand, and a letter may have to pass through nodes that it is not for. Each object has a
 * number in its play, which travels beside its address: a letter must come to the object that it
 * was written to, and an address that has travelled must still be that of the same one.
 *
 * An object begins with a Start, and its parent hears once that it has returned.
 */
#include "player.h"

#include <string.h>

#include "kmsg/kmsg.kmsg.h"
#include "sim.kmsg.h"

#define ACTORS_MAX 256

typedef struct actor {
    unsigned id;
    unsigned home;   /* the player that has made it */
    player  *player; /* NULL: it is not there any more */
    unsigned started;
    unsigned returned;
    bool     stopped;
    uint8_t  bytes[80]; /* its address, at home */
    size_t   size;
} actor;

static actor    actors[ACTORS_MAX]; /* from 1 */
static unsigned actor_count;

void actor_begin(void)
{
    actor_count = 0;
}

static kmsg_address address_of(const known *k)
{
    return (kmsg_address){k->bytes, k->size};
}

/* ---- what they do -------------------------------------------------------------------------- */

static kmsg_err read_note(actor *a, kmsg_message *message, const sim_Note *note)
{
    player *p = a->player;
    letter *m = check_handled(p->id, note->token, note->blob, true, false);

    if (m == NULL)
        return KMSG_EFAILED;
    check_actor(m, a->id);
    if (kmsg_message_from(message).size == 0 && !check_law.starving)
        check_bark("letter %llu comes from nobody", (unsigned long long)note->token);
    actor_met(p, note->who, note->actor);
    m->said = m->deed == FAIL ? KMSG_EUNAVAILABLE : KMSG_OK;
    return m->said;
}

static kmsg_err on_note(actor *a, kmsg_message *message)
{
    kmsg_arena *mem = kmsg_arena_new();
    sim_Note    note;
    kmsg_err    err = mem == NULL ? KMSG_ENOMEM : kmsg_read(message, &sim_Note_layout, mem, &note);

    if (err == KMSG_OK)
        err = read_note(a, message, &note);
    else if (err != KMSG_ENOMEM)
        check_bark("actor %u cannot read a note: %s", a->id, kmsg_last_error());
    kmsg_arena_free(mem);
    return err;
}

static kmsg_err on_message(void *ctx, kmsg_object *self, kmsg_message *message)
{
    actor *a = ctx;

    (void)self;
    if (a->player == NULL)
        check_bark("actor %u has returned, and is sent something", a->id);
    else if (kmsg_is(message, &kmsg_Start_layout))
        a->started++;
    if (a->started != 1)
        check_bark("actor %u has started %u times", a->id, a->started);
    if (a->player != NULL && kmsg_is(message, &sim_Note_layout))
        return on_note(a, message);
    return kmsg_is(message, &kmsg_Stop_layout) ? KMSG_ENOMETHOD : KMSG_OK;
}

static void on_returned(void *ctx, kmsg_address child, kmsg_err err, const kmsg_any *value)
{
    actor *a = ctx;

    (void)value;
    world_note("returned", a->id, (uint64_t)(int64_t)err);
    a->returned++;
    a->player = NULL;
    if (a->returned > 1)
        check_bark("actor %u has returned once more", a->id);
    if (!kmsg_address_equal(child, (kmsg_address){a->bytes, a->size}))
        check_bark("actor %u has returned as somebody else", a->id);
}

/* ---- whom one knows ------------------------------------------------------------------------ */

static void keep(known *k, kmsg_address who, unsigned id)
{
    k->size = who.size < sizeof k->bytes ? who.size : sizeof k->bytes;
    memcpy(k->bytes, who.data, k->size);
    k->actor = id;
    k->line = player_new_line();
    k->places = 0;
}

void actor_met(player *p, kmsg_address who, uint32_t id)
{
    if (id == 0)
        return;
    if (id > actor_count ||
        !kmsg_address_equal(who, (kmsg_address){actors[id].bytes, actors[id].size}))
        check_bark("player %u was given the address of actor %u, and it is not", p->id, id);
    else
        keep(&p->known[world_below(KNOWN_MAX)], who, id);
}

void actor_forget(const player *p)
{
    for (unsigned i = 1; i <= actor_count; i++)
        if (actors[i].player == p)
            actors[i].player = NULL;
}

static actor *find_own(const player *p)
{
    for (unsigned i = actor_count; i > 0; i--)
        if (actors[i].player == p && world_chance(500))
            return &actors[i];
    return NULL;
}

/* ---- what players do with them ------------------------------------------------------------- */

void actor_make(player *p)
{
    actor       *a = &actors[actor_count + 1];
    kmsg_spawn   how = {.returned = on_returned, .ctx = a};
    kmsg_address who;

    if (actor_count + 1 >= ACTORS_MAX)
        return;
    *a = (actor){.id = actor_count + 1, .home = p->id, .player = p};
    if (kmsg_object_new(kmsg_root(p->node), on_message, a, &how, &who) != KMSG_OK)
        return;
    actor_count++;
    a->size = who.size;
    memcpy(a->bytes, who.data, who.size < sizeof a->bytes ? who.size : sizeof a->bytes);
    world_note("actor", a->id, p->id);
    keep(&p->known[0], who, a->id);
}

void actor_stop(player *p)
{
    actor *a = find_own(p);

    if (a == NULL || a->stopped || check_law.calm)
        return;
    a->stopped = kmsg_stop(kmsg_root(p->node), (kmsg_address){a->bytes, a->size}) == KMSG_OK;
    world_note("stop", a->id, a->stopped);
}

void actor_introduce(player *p, line *l)
{
    const known *k = &p->known[world_chance(500) ? 0 : world_below(KNOWN_MAX)];

    if (k->actor != 0)
        world_note("introduce", k->actor,
                   (uint64_t)(int64_t)sim_Desk_meet(l->peer, address_of(k), k->actor));
}

static void on_sent(void *ctx, kmsg_err err)
{
    check_ended(ctx, err, 0, (kmsg_bytes){NULL, 0});
}

static void send_note(player *p, known *k, letter *m)
{
    const known *other = &p->known[world_below(KNOWN_MAX)];
    sim_Note     note = {.token = m->token,
                         .blob = check_blob(m->token, m->blob_size),
                         .who = address_of(other),
                         .actor = other->actor};
    kmsg_object *root = kmsg_root(p->node);

    m->oneway = true;
    m->actor = k->actor;
    m->line = k->line;
    m->place = ++k->places;
    m->window = false;
    m->answer_size = 0;
    m->blob_size = note.blob.size;
    m->acked = world_chance(700);
    check_sent(m, play_law.timeout_ms[1] > KMSG_CALL_TIMEOUT_MS ? play_law.timeout_ms[1]
                                                                : KMSG_CALL_TIMEOUT_MS);
    if (m->acked)
        kmsg_send_async(root, address_of(k), &sim_Note_layout, &note, m, on_sent);
    else
        check_told(m, kmsg_send(root, address_of(k), &sim_Note_layout, &note));
}

static known *pick_known(player *p)
{
    uint32_t from = world_below(KNOWN_MAX);

    for (unsigned i = 0; i < KNOWN_MAX; i++)
        if (p->known[(from + i) % KNOWN_MAX].actor != 0)
            return &p->known[(from + i) % KNOWN_MAX];
    return NULL;
}

void actor_send(player *p)
{
    known  *k = pick_known(p);
    letter *m;

    if (k == NULL)
        return;
    m = player_letter(p->id, actors[k->actor].home, 2);
    if (m != NULL)
        send_note(p, k, m);
}
