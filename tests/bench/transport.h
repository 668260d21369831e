/* transport.h -- a subject of the transport suite: for each kind of link a server that echoes, and
 * a client that asks it. Payloads are TRANSPORT_SIZE bytes.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "bench.h"

#define TRANSPORT_SIZE 64
#define TRANSPORT_WINDOW 64 /* calls in flight */

typedef enum transport_kind {
    TRANSPORT_INPROC, /* two threads */
    TRANSPORT_UNIX,   /* two processes */
    TRANSPORT_TCP,    /* two processes, over the loopback interface */
    TRANSPORT_KINDS
} transport_kind;

typedef struct transport_address {
    char text[400];
} transport_address;

typedef struct transport_ops {
    /* Serves on threads of its own from now on. `name` is unique: the server's name for inproc,
     * else a path in a folder where it may make files. *ret is what a client needs to know. */
    void *(*server_new)(transport_kind kind, const char *name, transport_address *ret);
    void (*server_free)(void *server); /* its clients are gone */

    void *(*client_new)(transport_kind kind, const char *address);
    void (*ping)(void *client);                 /* a payload there and back */
    void (*calls)(void *client, size_t count);  /* until all are answered */
    void (*oneway)(void *client, size_t count); /* until the server has all */
    void (*client_free)(void *client);
} transport_ops;

typedef struct transport_subject {
    const char          *name;
    const transport_ops *ops[TRANSPORT_KINDS];
} transport_subject;

extern const transport_subject transport_raw, transport_kmsg, transport_nng, transport_zeromq;
extern const transport_ops     transport_ring; /* raw, between threads */

/* The payload: what comes back must be it. */
extern const uint8_t transport_payload[TRANSPORT_SIZE];

#endif
