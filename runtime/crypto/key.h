/* key.h -- a host's own key: its file, and keys as text (kmsg_key_print, kmsg_key_parse).
 *
 * The folder is $KMSG_HOME, or $XDG_CONFIG_HOME/kmsg, or $HOME/.config/kmsg.
 */
#ifndef KMI_KEY_H
#define KMI_KEY_H

#include <kmsg/security.h>

#define KMI_KEY_PATH_MAX 4096u
#define KMI_CLUSTER_MAX  64u /* bytes of a cluster's name, with its NUL */

/* "FOLDER/name"; `folder` NULL: the usual one. KMSG_EKEY with words: there is no home, too long. */
KMSG_CHECK kmsg_err kmi_key_path(const char *folder, const char *name, char ret[KMI_KEY_PATH_MAX]);

/* A new key in a new file, which only its owner can read; the folder is made (0700) if it is not
 * there. With words: KMSG_EEXIST: there is a file, which is left as it is; KMSG_ESYSTEM: it cannot
 * be written, and nothing is left behind; KMSG_EKEY: the path is too long. */
KMSG_CHECK kmsg_err kmi_key_new(const char *path, kmsg_key *ret);

/* `ret_secret` is memory of a vault. KMSG_EKEY, with words that name the file and what to do: it is
 * not there, others can read it, it is not a key file. */
KMSG_CHECK kmsg_err kmi_key_load(const char *path, uint8_t ret_secret[32], kmsg_key *ret);

/* The name of the cluster and its secret, from a file of the same kind. No file: an empty name, and
 * *ret_has is false. KMSG_EKEY as above. */
typedef struct kmi_cluster {
    char name[KMI_CLUSTER_MAX];
    bool is_there;
} kmi_cluster;

KMSG_CHECK kmsg_err kmi_cluster_load(const char *path, uint8_t ret_secret[32], kmi_cluster *ret);

/* A new one, to be copied to all of its hosts. As kmi_key_new(); KMSG_EKEY too: that is no name. */
KMSG_CHECK kmsg_err kmi_cluster_new(const char *path, const char *name);

#endif
