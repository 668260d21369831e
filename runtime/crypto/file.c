/* file.c -- files that are looked at with suspicion, and never seen half written.
 *
 * What is looked at is the descriptor, once it is open: so nobody can put another file in its place
 * between the look and the reading. A link to a file elsewhere is followed, as that file is looked
 * at like any other. The folder is looked at too, also when there is no file: who may write there
 * may have taken it away.
 *
 * A file is written beside its place under a name that nobody has, brought to the disk, and then
 * put into place in one step: by link(), which never overwrites, or by rename(), which always does.
 */
#define _GNU_SOURCE
#include "crypto/file.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define LOOK_MS 10
#define LOOKS   1000 /* which is ten seconds */

/* ---- reading --------------------------------------------------------------------------------- */

static kmsg_err cannot(const char *path, const char *what)
{
    int code = errno;

    return kmi_error(KMSG_ESYSTEM, "%s: it cannot be %s: %s", path, what, strerror(code));
}

static kmsg_err cannot_open(const char *path)
{
    int code = errno;

    if (code == EMFILE || code == ENFILE)
        return kmi_error(KMSG_EDESCRIPTORS, "%s: too many open files: raise `ulimit -n`", path);
    if (code == ENOMEM)
        return kmi_error_plain(KMSG_ENOMEM);
    if (code == EACCES)
        return kmi_error(KMSG_EKEY, "%s: this user (uid %lu) may not read it: chown %lu %s", path,
                         (unsigned long)geteuid(), (unsigned long)geteuid(), path);
    return kmi_error(KMSG_EKEY, "%s: it cannot be read: %s", path, strerror(code));
}

static kmsg_err check(const char *path, unsigned refused, const struct stat *about)
{
    unsigned mode = about->st_mode & 07777u;

    if (!S_ISREG(about->st_mode))
        return kmi_error(KMSG_EKEY, "%s: this is not a regular file: move it away", path);
    if (about->st_uid != geteuid() && about->st_uid != 0)
        return kmi_error(KMSG_EKEY,
                         "%s: it belongs to another user (uid %lu), who can change it: be "
                         "that user, or chown %lu %s",
                         path, (unsigned long)about->st_uid, (unsigned long)geteuid(), path);
    if ((mode & refused) == 0)
        return KMSG_OK;
    return refused == KMI_FILE_SECRET
               ? kmi_error(KMSG_EKEY, "%s: others can read this secret (mode %04o): chmod 600 %s",
                           path, mode, path)
               : kmi_error(KMSG_EKEY, "%s: others can change this file (mode %04o): chmod go-w %s",
                           path, mode, path);
}

/* The folder that `path` lies in. False: it is too long. */
static bool folder_of(const char *path, char ret[KMI_FILE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t      size = slash == NULL || slash == path ? 1 : (size_t)(slash - path);

    if (size >= KMI_FILE_PATH_MAX)
        return false;
    memcpy(ret, slash == NULL ? "." : path, size);
    ret[size] = '\0';
    return true;
}

/* Where the sticky bit is set, others can add files but not take ours. */
static kmsg_err check_folder(const char *path)
{
    char        folder[KMI_FILE_PATH_MAX];
    struct stat about;

    if (!folder_of(path, folder) || stat(folder, &about) != 0)
        return KMSG_OK; /* what cannot be looked at cannot be opened either */
    if (about.st_uid != geteuid() && about.st_uid != 0)
        return kmi_error(KMSG_EKEY,
                         "%s: this folder belongs to another user (uid %lu), who can change what "
                         "is in it: be that user, or chown %lu %s",
                         folder, (unsigned long)about.st_uid, (unsigned long)geteuid(), folder);
    if ((about.st_mode & KMI_FILE_GUARDED) == 0 || (about.st_mode & S_ISVTX) != 0)
        return KMSG_OK;
    return kmi_error(KMSG_EKEY,
                     "%s: others can change what is in this folder (mode %04o): chmod "
                     "go-w %s",
                     folder, about.st_mode & 07777u, folder);
}

kmsg_err kmi_file_open(const char *path, unsigned refused, kmi_file *ret)
{
    kmi_file file;
    kmsg_err err = check_folder(path);

    if (err != KMSG_OK)
        return err;
    /* What is no file might keep who opens it waiting, or make it his terminal. */
    file.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file.fd < 0 && errno == ENOENT) {
        memset(ret, 0, sizeof *ret);
        ret->fd = -1;
        return KMSG_OK;
    }
    if (file.fd < 0)
        return cannot_open(path);
    if (fstat(file.fd, &file.about) != 0)
        err = cannot_open(path);
    else
        err = check(path, refused, &file.about);
    if (err == KMSG_OK)
        *ret = file;
    else
        close(file.fd);
    return err;
}

void kmi_file_close(kmi_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* Up to `size` bytes: fewer only at the end of the file. */
static ptrdiff_t read_some(int fd, char *buffer, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, buffer + done, size - done);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        done += got > 0 ? (size_t)got : 0;
    }
    return (ptrdiff_t)done;
}

kmsg_err kmi_file_read(const kmi_file *file, const char *path, void *buffer, size_t max,
                       size_t *ret_size)
{
    ptrdiff_t size = read_some(file->fd, buffer, max);
    char      more;
    ptrdiff_t left = size < 0 ? -1 : read_some(file->fd, &more, 1);

    if (left < 0)
        return kmi_error(KMSG_EKEY, "%s: it cannot be read: %s", path, strerror(errno));
    if (left > 0)
        return kmi_error(KMSG_EKEY, "%s: it is larger than %zu bytes, which such a file never is",
                         path, max);
    *ret_size = (size_t)size;
    return KMSG_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* All folders above it. Whether that has worked is seen when something is put there. */
static void make_folders(const char *path)
{
    char   folder[KMI_FILE_PATH_MAX];
    size_t size = strlen(path);

    if (size >= sizeof folder)
        return;
    for (size_t i = 1; i < size; i++)
        if (path[i] == '/') {
            memcpy(folder, path, i);
            folder[i] = '\0';
            mkdir(folder, 0700);
        }
}

static bool sync_folder(const char *path)
{
    char folder[KMI_FILE_PATH_MAX];
    int  fd;
    bool good;

    if (!folder_of(path, folder))
        return false;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    good = fsync(fd) == 0 || errno == EINVAL; /* a file system that has no such thing */
    close(fd);
    return good;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, text, size);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            text += done;
            size -= (size_t)done;
        }
    }
    return true;
}

/* Under a name of its own, which is written to `temporary`. */
static kmsg_err write_beside(const char *path, mode_t mode, const char *text, size_t size,
                             char temporary[KMI_FILE_PATH_MAX])
{
    int  fd;
    bool good;

    if (snprintf(temporary, KMI_FILE_PATH_MAX, "%s.XXXXXX", path) >= (int)KMI_FILE_PATH_MAX)
        return kmi_error(KMSG_EKEY, "%.80s..: the path is too long", path);
    make_folders(path);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return cannot(path, "written");
    good = write_all(fd, text, size) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    if (close(fd) == 0 && good)
        return KMSG_OK;
    cannot(path, "written");
    unlink(temporary);
    return KMSG_ESYSTEM;
}

kmsg_err kmi_file_new(const char *path, const char *text, size_t size)
{
    char     temporary[KMI_FILE_PATH_MAX];
    kmsg_err err = write_beside(path, 0600, text, size, temporary);

    if (err != KMSG_OK)
        return err;
    if (link(temporary, path) != 0)
        err = errno == EEXIST ? kmi_error(KMSG_EEXIST, "%s: it is there already", path)
                              : cannot(path, "written");
    unlink(temporary);
    if (err == KMSG_OK && !sync_folder(path)) {
        err = cannot(path, "written");
        unlink(path);
    }
    return err;
}

kmsg_err kmi_file_replace(const char *path, const kmi_file *old, const char *text, size_t size)
{
    char     temporary[KMI_FILE_PATH_MAX];
    mode_t   mode = old->fd < 0 ? 0600 : old->about.st_mode & 0755;
    kmsg_err err = write_beside(path, mode, text, size, temporary);

    if (err != KMSG_OK)
        return err;
    if (rename(temporary, path) != 0) {
        err = cannot(path, "replaced");
        unlink(temporary);
        return err;
    }
    return sync_folder(path) ? KMSG_OK : cannot(path, "written");
}

/* ---- locking --------------------------------------------------------------------------------- */

static kmsg_err wait_for_lock(int fd, const char *name)
{
    for (int i = 0; i < LOOKS; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return KMSG_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return cannot(name, "locked");
        poll(NULL, 0, LOOK_MS);
    }
    return kmi_error(KMSG_EBUSY, "%s: another process has held it for ten seconds", name);
}

kmsg_err kmi_file_lock(const char *path, int *ret)
{
    char     name[KMI_FILE_PATH_MAX];
    kmsg_err err;
    int      fd;

    if (snprintf(name, sizeof name, "%s.lock", path) >= (int)sizeof name)
        return kmi_error(KMSG_EKEY, "%.80s..: the path is too long", path);
    make_folders(path);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return cannot(name, "opened");
    err = wait_for_lock(fd, name);
    if (err == KMSG_OK)
        *ret = fd;
    else
        close(fd);
    return err;
}
