/* keys.h -- a folder with a key that trusts itself: enough for both sides of an encrypted link. */
#ifndef KEYS_H
#define KEYS_H

/* Made when it is first asked for, and removed at the end of the program. */
const char *test_keys(void);

#endif
