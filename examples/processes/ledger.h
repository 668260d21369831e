/* ledger.h -- the two programs of this example, and how one starts the other. */
#ifndef LEDGER_H
#define LEDGER_H

#include <sys/types.h>

/* Serves at that address until a SIGTERM comes; says so in a line on stdout when it has begun. */
void serve(const char *url);

/* The other program: starts servers, talks to them, and loses one. */
void talk(const char *program, const char *url);

/* Starts `program serve URL` and waits until it serves. */
pid_t server_start(const char *program, const char *url);

/* Sends it this signal, and waits until it is gone. */
void server_end(pid_t server, int signal);

#endif
