/* hosts.h -- Ada knows Bob, Bob knows Cleo. Each is a process, and could as well be a host. */
#ifndef HOSTS_H
#define HOSTS_H

/* Each has a file of its own. Who listens writes the address for the others into that descriptor.
 */
void ada(const char *bob);
void bob(const char *cleo, int ret_url);
void cleo(int ret_url);

#endif
