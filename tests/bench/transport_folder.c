/* transport_folder.c -- what subjects leave behind: sockets, keys, certificates. */
#define _POSIX_C_SOURCE 200809L

#include "transport.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool is_in_it(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void empty(int fd)
{
    DIR *folder = fdopendir(fd);

    BENCH_NEED(folder);
    for (struct dirent *d = readdir(folder); d; d = readdir(folder)) {
        if (is_in_it(d->d_name) && unlinkat(fd, d->d_name, 0) != 0) {
            BENCH_NEED(errno == EISDIR);
            empty(openat(fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            BENCH_NEED(unlinkat(fd, d->d_name, AT_REMOVEDIR) == 0);
        }
    }
    closedir(folder);
}

void transport_empty(const char *folder)
{
    empty(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}
