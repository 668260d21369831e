/* player.h -- one who plays: a node, what it serves, and the peers that it talks to. */
#ifndef PLAYER_H
#define PLAYER_H

#include "check.h"

#include "core/core.h"

#define PEERS_MAX 8
#define KNOWN_MAX 6
#define OWED_MAX  64

typedef struct line { /* a peer, as its player holds it */
    kmsg_peer *peer;
    unsigned   id;
    unsigned   to;
    unsigned   places;
    uint32_t   timeout_ms;
} line;

typedef struct owed { /* an answer that was left for later */
    kmsg_call *call;
    letter    *letter;
    int64_t    at_ns; /* KMI_NEVER: when another letter has ended */
} owed;

typedef struct held { /* a letter that its handler has not let go of */
    kmsg_ticket ticket;
    letter     *letter;
    kmsg_bytes  blob; /* its own, as it came */
    int64_t     at_ns;
} held;

typedef struct known { /* the address of an object, as its player holds it */
    uint8_t  bytes[80];
    size_t   size;
    unsigned actor;
    unsigned line;
    unsigned places;
} known;

typedef struct player {
    unsigned       id;
    unsigned       host;
    unsigned       partner; /* lives in the same process; itself: nobody */
    world_process *process;
    kmsg_node     *node; /* NULL: it is not there */
    kmsg_listener *near; /* inproc */
    unsigned       life; /* counts up */
    bool           poked;
    bool           quit;
    line           lines[PEERS_MAX];
    owed           owed[OWED_MAX];
    unsigned       owed_count;
    known          known[KNOWN_MAX];
    held           held[OWED_MAX];
    unsigned       held_count;
} player;

/* How the players of this play behave. */
typedef struct play_rules {
    unsigned players;
    uint32_t small; /* chances, per mille, of what a letter is: a small one, */
    uint32_t large; /* one near a limit, else one between */
    uint32_t oneway;
    uint32_t later_ms; /* how late answers are, at most */
    uint32_t timeout_ms[2];
    uint32_t idle_ms;
    uint32_t dead_ms;
    uint32_t mailbox; /* 0: as it is */
    uint32_t credit;  /* requests that a node takes before it has released one */
    uint32_t credit_bytes;
    uint32_t shared[2]; /* memory of the nodes whose numbers are even, and odd */
    const char *keys;   /* the folder of what encrypts tcp; NULL: it is clear */
    bool     holding;  /* handlers hold what they were given */
    bool     blocking; /* handlers compute, and wait for others */
} play_rules;

extern play_rules play_law;
extern player     players[PLAYERS_MAX];

/* A new play begins. */
void player_begin(void);

/* The fiber of a player: from its node's beginning to its end. ctx: the player. */
void player_live(void *ctx);

/* What it does when it is poked: by chance. */
void player_act(player *p);

/* Its process is dead, and so is it. */
void player_forget(player *p);

/* Writes letters by that line. `inside`: the call that is being handled, or NULL. */
void player_ask(player *p, line *l, const kmsg_call *inside, unsigned level, void *outer);

/* What is set anew for each request: what a letter is to be. NULL: no more letters. */
letter  *player_letter(unsigned from, unsigned to, unsigned level);
unsigned player_new_line(void);

/* ---- actor.c --------------------------------------------------------------------------------- */

/* A new play begins. */
void actor_begin(void);

/* Makes an object, stops one, sends one a letter, tells of one by that line. */
void actor_make(player *p);
void actor_stop(player *p);
void actor_send(player *p);
void actor_introduce(player *p, line *l);

/* The player has heard of it. */
void actor_met(player *p, kmsg_address who, uint32_t actor);

/* All of a player's are gone. */
void actor_forget(const player *p);

#endif
