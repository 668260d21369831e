/* world.h -- a small world in one thread, with a clock of its own: hosts, processes, a network, and
 * all that can go wrong with them. The real core runs in it, over world_sys.
 *
 * A process is what can be killed: it has memory and fibers (a fiber is a thread that gives way
 * where it waits). Time passes between the turns of fibers, never within. Whatever happens is an
 * event at a time, and of those at the same time the one that was asked for first is first: a world
 * that began with the same seed goes the same way, bit for bit.
 *
 * There is one world at a time. Its functions are called from between world_begin() and
 * world_end(): by fibers, and by the functions that world_at() runs.
 */
#ifndef WORLD_H
#define WORLD_H

#include "sys/sys.h"

#define WORLD_MS    ((int64_t)1000000)
#define WORLD_S     (1000 * WORLD_MS)
#define WORLD_HOSTS 6

/* How the network behaves from now on. Chances are per mille. */
typedef struct world_rules {
    int64_t  latency_ns; /* one way, between hosts */
    int64_t  jitter_ns;  /* at most so much is added to each piece */
    int64_t  byte_ns;    /* time on the line */
    uint32_t room_min;   /* bytes that a connection holds in one direction, at least */
    uint32_t room_max;   /* at most 65536 */
    uint32_t chop;       /* chance that a read or write stops before it must */
    uint32_t hasty;      /* that waiting ends for no reason */
    uint32_t no_connect; /* that connecting fails at once */
    uint32_t no_lookup;  /* that a name is not found */
    uint32_t no_accept;  /* that accepting fails for lack of descriptors */
    uint32_t lose;       /* that a datagram is lost */
    uint32_t again;      /* that one which is not arrives twice, as networks do */
    uint32_t twice;      /* that what is written arrives twice: no network does that, so that those
                            who check can be seen to bark */
} world_rules;

typedef struct world_process world_process;
typedef void                 world_fn(void *ctx, uint64_t arg);

extern const kmi_sys world_sys;
extern world_rules   world_law;

void     world_begin(uint64_t seed, bool loud); /* loud: every note is printed */
void     world_end(void);    /* ends every process; what they still had is in no one's way */
uint64_t world_digest(void); /* of all notes so far */

/* ---- chance, time, notes --------------------------------------------------------------------- */

uint64_t world_random(void);
uint32_t world_below(uint32_t limit); /* 0 for 0 */
bool     world_chance(uint32_t per_mille);
int64_t  world_now(void);

/* What has happened: into the digest, and printed if the world is loud. */
void world_note(const char *what, uint64_t a, uint64_t b);

void world_at(int64_t at_ns, world_fn *fn, void *ctx, uint64_t arg);

/* Runs events until that time, until nothing is left to happen, or until world_stop(). */
void world_run(int64_t until_ns);
void world_stop(void);

/* The world has stopped by itself: somebody has something to do, again and again. */
bool world_goes_round(void);

/* Is any line cut? */
bool world_is_cut(void);

/* ---- processes ------------------------------------------------------------------------------- */

world_process *world_process_new(unsigned host);

/* A fiber of the process. What it allocates by kmsg's allocator is the process' own. */
void world_start(world_process *process, void (*run)(void *ctx), void *ctx);

/* Its fibers end where they are, its memory is gone, the system closes its sockets. */
void world_kill(world_process *process);

/* The same, when its host has no power: nobody closes anything. */
void world_vanish(world_process *process);

/* Not run until then. */
void world_pause(world_process *process, int64_t until_ns);

/* Chance, per mille, that an allocation of the process fails. */
void world_starve(world_process *process, uint32_t chance);

/* Memory that the process has now, and has had at most. NULL: what was allocated outside of all. */
size_t world_bytes(const world_process *process);
size_t world_peak(const world_process *process);

/* Sockets, loops and look-ups that it has open. */
unsigned world_open(const world_process *process);

/* The running fiber's work takes so long; others run meanwhile. */
void world_busy(int64_t ns);

/* ---- the network ----------------------------------------------------------------------------- */

/* What goes from host `from` to host `to` waits, or comes through. */
void world_cut(unsigned from, unsigned to, bool cut);
void world_heal(void); /* all cuts */

/* The host is without power: its processes are gone and nobody hears of it. Later it boots. */
void world_power(unsigned host, bool on);

/* One connection between two hosts, any, is reset. False: there is none. */
bool world_reset_one(void);

#endif
