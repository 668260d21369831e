/* transport.h -- what the transport suite measures, and of whom.
 *
 * A case is a kind of link, a size of payload and what is measured there; a subject has, for each
 * kind of link, a server and a client with a function for each thing that it can be asked to do.
 * Who has no such function is not measured in it.
 *
 * Servers of inproc are threads of the client's process, all others processes of their own. Where a
 * case has several servers, one client is connected to them all, and only publishes.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "bench.h"

#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

#define TRANSPORT_SIZE_MAX     ((size_t)64 << 10)
#define TRANSPORT_WINDOW       64  /* calls in flight */
#define TRANSPORT_BURST        128 /* one-way messages between two writes, or turns of a loop */
#define TRANSPORT_SECURE_BURST 256 /* of those that are encrypted: 16 KiB, if they are small */
#define TRANSPORT_ACKED_WINDOW 256 /* one-way messages that are not acknowledged yet */
#define TRANSPORT_SERVERS_MAX  8
#define TRANSPORT_CONNECTIONS  1000

typedef enum transport_kind {
    TRANSPORT_INPROC, /* two threads */
    TRANSPORT_UNIX,   /* two processes */
    TRANSPORT_TCP,    /* two processes, over the loopback interface */
    TRANSPORT_SHM,    /* two processes that share memory */
    TRANSPORT_SECURE, /* as tcp, encrypted; both sides prove who they are */
    TRANSPORT_KINDS
} transport_kind;

/* What is measured; a case has a sum of 1 << these. */
typedef enum transport_work {
    TRANSPORT_PING,      /* round trips, one in flight */
    TRANSPORT_CALLS,     /* round trips, TRANSPORT_WINDOW in flight */
    TRANSPORT_ONEWAY,    /* until the server has all */
    TRANSPORT_ACKED,     /* one-way messages, until each was acknowledged */
    TRANSPORT_PUBLISH,   /* one-way messages to all servers */
    TRANSPORT_CONNECT,   /* TRANSPORT_CONNECTIONS to one server, each until it is usable */
    TRANSPORT_HANDSHAKE, /* connections, one after the other: made, a message there and back, closed
                          */
    TRANSPORT_WORKS
} transport_work;

typedef struct transport_case {
    const char    *name;
    transport_kind kind;
    size_t         size; /* of a payload: at most TRANSPORT_SIZE_MAX */
    size_t         server_count;
    unsigned       works;
} transport_case;

typedef struct transport_address {
    char text[400];
} transport_address;

typedef struct transport_ops {
    /* Serves on threads of its own from now on. `name` is unique: the server's name for inproc,
     * else a path in a folder where it may make files. *ret is what a client needs to know. */
    void *(*server_new)(const transport_case *c, const char *name, transport_address *ret);
    void (*server_free)(void *server); /* of inproc; its clients are gone */

    void *(*client_new)(const transport_case *c, const transport_address *servers);
    void (*client_free)(void *client);

    void (*ping)(void *client);
    void (*calls)(void *client, size_t count);
    void (*oneway)(void *client, size_t count);
    void (*acked)(void *client, size_t count);

    /* `count` to each server. How many have come, of all servers: some may have been dropped. */
    size_t (*publish)(void *client, size_t count);

    /* So many connections to the server, which stay until they are closed. */
    void *(*connect)(const transport_case *c, const transport_address *at, size_t count);
    void (*disconnect)(void *connections);

    /* So many connections, one after the other. Nothing of one may make the next one cheaper. */
    void (*handshakes)(const transport_case *c, const transport_address *at, size_t count);
} transport_ops;

typedef struct transport_subject {
    const char          *name;
    const transport_ops *ops[TRANSPORT_KINDS]; /* NULL: it has no such link */
    bool                 spins;                /* it needs a processor for each side */
} transport_subject;

/* ---- what is asked for ----------------------------------------------------------------------- */

/* Lists of patterns as the shell's, with commas between; NULL: all. */
typedef struct transport_wish {
    const char *cases;
    const char *subjects;
    const char *works;
} transport_wish;

/* From the command line: CASES SUBJECTS WORKS, any of which may be missing at the end. */
transport_wish transport_wish_of(char *const *args);
bool           transport_wants_case(const transport_wish *wish, const transport_case *c);

/* What of the case is asked for, and the subject can do: a sum of 1 << these. */
unsigned transport_works_of(const transport_wish *wish, const transport_case *c,
                            const transport_subject *subject);

static inline bool transport_has(unsigned works, int work)
{
    return works & 1u << work;
}

/* Anything that a client does. How many messages have come. */
size_t transport_run(const transport_ops *ops, void *client, transport_work work, size_t count);

extern const char *const transport_work_names[TRANSPORT_WORKS];

/* ---- processors ------------------------------------------------------------------------------ */

typedef enum transport_place {
    TRANSPORT_APART,   /* the client on one half of them, its servers on the other */
    TRANSPORT_TOGETHER /* all on one */
} transport_place;

/* All threads that the client and the servers have by now. `servers` are their processes, unless
 * they are threads of this one. */
void transport_put(transport_place where, const transport_case *c, const pid_t *servers);

/* ---- files ----------------------------------------------------------------------------------- */

/* All that is in the folder, and in folders in it. */
void transport_empty(const char *folder);

/* ---- payloads -------------------------------------------------------------------------------- */

/* What is sent: the first bytes of it. It is filled at the beginning. */
extern uint8_t transport_payload[TRANSPORT_SIZE_MAX];
void           transport_fill_payload(void);

/* Whoever receives a payload asks this: so every message was looked at, and its last bytes too. */
static inline bool transport_is_whole(const void *data, size_t size)
{
    return memcmp((const uint8_t *)data + size - 8, transport_payload + size - 8, 8) == 0;
}

/* ---- results --------------------------------------------------------------------------------- */

typedef enum transport_figure {
    TRANSPORT_P50_US,
    TRANSPORT_P99_US,
    TRANSPORT_ONE_CORE_P50_US, /* both sides on one processor: what is computed, and no waiting */
    TRANSPORT_CALLS_S,
    TRANSPORT_ONEWAY_S,
    TRANSPORT_ACKED_S,
    TRANSPORT_DELIVERED_S,
    TRANSPORT_CONNECTIONS_S,
    TRANSPORT_IDLE_KIB,         /* that the server has more of for each connection */
    TRANSPORT_ONEWAY_CPU_NS,    /* a message: of processors, on both sides together */
    TRANSPORT_HANDSHAKES_S,     /* by the clock */
    TRANSPORT_HANDSHAKES_CPU_S, /* in a second of a processor, both sides together */
    TRANSPORT_FIGURES
} transport_figure;

extern const char *const transport_figure_names[TRANSPORT_FIGURES];

/* The median of the rounds; 0: was not measured. */
double transport_result(const char *name, const char *subject, transport_figure figure);

/* Prints a row for each bar that kmsg should reach, and a table of them for people on stderr. */
void transport_bars(void);

/* ---- subjects -------------------------------------------------------------------------------- */

extern const transport_subject *const transport_subjects[]; /* NULL behind the last */
extern const transport_case           transport_cases[];    /* without a name behind the last */

extern const transport_subject transport_raw_epoll, transport_raw_blocking, transport_raw_spin,
    transport_raw_batch, transport_raw_chacha, transport_kmsg, transport_kmsg_spin,
    transport_kmsg_clear, transport_nng, transport_zeromq, transport_capnp, transport_grpc,
    transport_openssl, transport_openssl_chacha;

#endif
