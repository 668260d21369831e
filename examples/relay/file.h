/* file.h -- whole files. */
#ifndef FILE_H
#define FILE_H

#include <kmsg/base.h>

/* Both end the program when that fails. */
kmsg_bytes file_read(const char *path, kmsg_arena *mem);
void       file_write(const char *path, kmsg_bytes bytes);

#endif
