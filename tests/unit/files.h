/* files.h -- a folder of a test's own, and files in it.
 *
 *     files_begin();                 an empty folder, files_folder
 *     files_put("key", "text");      only for its owner
 *     files_end();                   it is gone, with what is in it
 *
 * A file that includes it defines _GNU_SOURCE.
 */
#ifndef FILES_H
#define FILES_H

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_FOLDER "/tmp/kmsg-files-XXXXXX"

static char files_folder[sizeof FILES_FOLDER];

static inline void files_begin(void)
{
    memcpy(files_folder, FILES_FOLDER, sizeof files_folder);
    CHECK(mkdtemp(files_folder) != NULL);
}

/* How many things are in a folder. */
static inline size_t files_in(const char *folder)
{
    size_t         count = 0;
    struct dirent *e;
    DIR           *open = opendir(folder);

    CHECK(open != NULL);
    while ((e = readdir(open)) != NULL)
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(open);
    return count;
}

static inline int files_remove(const char *path, const struct stat *about, int kind,
                               struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void files_end(void)
{
    CHECK(nftw(files_folder, files_remove, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

/* The path of a file in the folder; good until the next call. */
static inline const char *files_path(const char *name)
{
    static char path[600];

    snprintf(path, sizeof path, "%s/%s", files_folder, name);
    return path;
}

static inline void files_put_bytes(const char *name, const char *text, size_t size)
{
    int fd = open(files_path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0);
    CHECK(write(fd, text, size) == (ssize_t)size);
    close(fd);
}

static inline void files_put(const char *name, const char *text)
{
    files_put_bytes(name, text, strlen(text));
}

/* The text of a file; good until the next call. */
static inline const char *files_get(const char *name)
{
    static char text[65536];
    int         fd = open(files_path(name), O_RDONLY | O_CLOEXEC);
    ssize_t     size;

    CHECK(fd >= 0);
    size = read(fd, text, sizeof text - 1);
    close(fd);
    CHECK(size >= 0);
    text[size] = '\0';
    return text;
}

static inline unsigned files_mode(const char *name)
{
    struct stat about;

    CHECK(stat(files_path(name), &about) == 0);
    return about.st_mode & 07777u;
}

#endif
