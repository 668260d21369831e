/* file.h -- the files that say who we are and whom we trust: looked at with suspicion, and written
 * so that nobody ever sees half of one.
 */
#ifndef KMI_FILE_H
#define KMI_FILE_H

#include <kmsg/base.h>

#include <sys/stat.h>

#define KMI_FILE_PATH_MAX 4096u

/* Permissions of others that make a file unfit. */
#define KMI_FILE_SECRET  077u /* who can read it */
#define KMI_FILE_GUARDED 022u /* who can write it */

typedef struct kmi_file {
    int         fd;    /* -1: there is no file */
    struct stat about; /* if there is one */
} kmi_file;

/* For reading. A file that is not there is no failure. KMSG_EKEY, with words that name the file and
 * what to do: others have `refused` permissions, or can write to its folder, it or the folder is
 * neither this user's nor root's, it is no regular file, it cannot be opened. KMSG_EDESCRIPTORS,
 * KMSG_ENOMEM: as things are now. */
KMSG_CHECK kmsg_err kmi_file_open(const char *path, unsigned refused, kmi_file *ret);
void                kmi_file_close(kmi_file *file); /* also one that is not there */

/* All of it, `max` bytes at most: KMSG_EKEY, with words, for a larger one. */
KMSG_CHECK kmsg_err kmi_file_read(const kmi_file *file, const char *path, void *buffer, size_t max,
                                  size_t *ret_size);

/* A new one (0600), in a folder that is made if it is not there (0700). It is on the disk when this
 * returns. KMSG_EEXIST: there is something, which is left as it is; KMSG_ESYSTEM with words: and
 * nothing is left behind. */
KMSG_CHECK kmsg_err kmi_file_new(const char *path, const char *text, size_t size);

/* In place of `old`, with its permissions; where there is none, as above. */
KMSG_CHECK kmsg_err kmi_file_replace(const char *path, const kmi_file *old, const char *text,
                                     size_t size);

/* Nobody else has PATH.lock until `ret` is closed; the folder is made if it is not there.
 * KMSG_EBUSY, with words: somebody has had it for ten seconds. */
KMSG_CHECK kmsg_err kmi_file_lock(const char *path, int *ret);

#endif
