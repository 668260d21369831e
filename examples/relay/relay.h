/* relay.h -- three people who hand a file on: who writes, who only carries, who reads. */
#ifndef RELAY_H
#define RELAY_H

void relay_write(const char *path); /* knows mail.kmsg and letters.kmsg */
void relay_carry(const char *path); /* knows mail.kmsg */
void relay_read(const char *path);  /* knows both again */

#endif
