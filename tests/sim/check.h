/* check.h -- what must be true of every message, whatever happens to the world.
 *
 * A *letter* is what is known of one request: who asked whom and when, what its handler was meant
 * to do and did, how it ended. Its number travels in the message. The checks look at a letter
 * whenever something happens to it, and at all of them at the end. The first that does not hold is
 * kept as the finding, and the world stops.
 */
#ifndef CHECK_H
#define CHECK_H

#include "world.h"

#define PLAYERS_MAX 6
#define LINES_MAX   4096 /* peers of all players, in one play */
#define NO_LINE     0    /* a peer that is not kept: no order is looked at */

/* What the handler of a request does. */
typedef enum deed {
    ANSWER,       /* at once */
    ANSWER_EARLY, /* by X_m_reply(), before it returns */
    ANSWER_LATER,
    NEVER_ANSWER,
    FAIL,
    THROW,
    COMPUTE,  /* for a while, then answer */
    ASK_WAIT, /* a third player, and wait; then answer */
    ASK_ON,   /* a third player; answer when that has answered */
    ASK_BACK, /* the one who asks; the same */
    DEEDS
} deed;

typedef struct letter {
    uint64_t token;
    unsigned from;
    unsigned to;
    unsigned line;   /* the peer it goes by */
    unsigned place;  /* on it: the later the higher */
    unsigned losses; /* how many links it had lost before */
    bool     oneway;
    unsigned actor;    /* the object that it is for; 0: it is for a service */
    bool     acked;    /* one-way, and who writes it waits until it is released */
    bool     held;     /* by its handler: it is released later, */
    bool     released; /* now */
    bool     window;   /* goes to the service Window; else to Desk */
    deed     deed;
    unsigned level; /* 0: not asked by a handler */
    size_t   blob_size;
    size_t   answer_size; /* of its blob */
    int64_t  asked_ns;
    int64_t  deadline_ns;
    int64_t  latest_ns; /* the deadline, or sooner: it must have ended by then */
    bool     canceled;  /* kmsg_cancel() has said so */
    bool     idle;      /* nobody waits for what it was asked for */
    bool     closed;    /* its peer was closed, or its node ends */
    bool     gone;      /* who has asked is dead: nobody hears of it */
    bool     astray;    /* to an object, and a connection is gone that it may have been on */
    bool     unsent;    /* it has ended in a way that promises that it is not handled */
    unsigned handled;
    unsigned ended;
    kmsg_err said; /* by the handler; 1: nothing so far */
    kmsg_err err;
    void    *outer; /* for who has asked: the call that waits for it */
} letter;

/* What the checks are told of the play. */
typedef struct check_rules {
    bool    calm;     /* nothing goes wrong: each letter comes to the end that it was meant for */
    bool    slow;     /* the lines are: calls time out, but nothing else */
    bool    starving; /* allocations fail */
    bool    crowded;  /* hosts turn guests away */
    bool    narrow;   /* mailboxes are small: requests are turned away */
    size_t  message_max[PLAYERS_MAX];
    int64_t dead_ns;   /* until a link that gives no sign of life is given up */
    size_t  bytes_max; /* that a process may ever have */
} check_rules;

extern check_rules check_law;

/* How many links this line of the player has lost without a good-bye; UINT32_MAX: it is gone. */
unsigned player_losses(unsigned player, unsigned line);

/* Of all connections and lives: another number when one of them was lost. */
unsigned player_all_losses(void);

void        check_begin(void);
const char *check_finding(void); /* NULL: all is well */
void        check_bark(const char *format, ...) KMSG_PRINTF(1, 2);

/* NULL: no more letters in this play. */
letter *check_new(unsigned from, unsigned to);

/* It is about to be asked. */
void check_asked(letter *m, uint32_t timeout_ms);

/* kmsg_tell() has returned. */
void check_told(letter *m, kmsg_err err);

/* A handler has it before it. NULL: it must not. */
letter *check_handled(unsigned player, uint64_t token, kmsg_bytes blob, bool oneway, bool window);
void    check_actor(const letter *m, unsigned actor);

/* It is to an object, by whatever way leads there. */
void check_sent(letter *m, uint32_t timeout_ms);

/* It has ended; `token` and `blob` are of the answer. */
void check_ended(letter *m, kmsg_err err, uint64_t token, kmsg_bytes blob);

/* The player could do nothing until now. */
void check_free(unsigned player, int64_t now_ns);

/* What the library says in its log. */
void check_log(void *ctx, kmsg_log_level level, const char *text);

/* Connections are lost: what is under way to objects may be overtaken. */
void check_astray(void);

/* The player is dead; or its peer was closed (NO_LINE: all of them). */
void check_gone(unsigned player);
void check_closed(unsigned player, unsigned line);

/* One that has not ended, by chance; NULL: none was found. */
letter *check_pick(unsigned player);
bool    check_all_ended(void);
void    check_end(void);
void    check_process(const world_process *process, bool done);

/* What a blob of a letter consists of. */
kmsg_bytes check_blob(uint64_t token, size_t size);
bool       check_is_blob(kmsg_bytes blob, uint64_t token, size_t size);

size_t      check_letters(void); /* how many there were, over all plays */
const char *deed_name(deed d);

#endif
