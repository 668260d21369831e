/* folder.h -- where a host's directory has its socket: a folder that nobody else can enter.
 */
#ifndef KMI_FOLDER_H
#define KMI_FOLDER_H

#include "sys/sys.h"

/* `set`, or, where it is NULL, $KMSG_RUNTIME; $XDG_RUNTIME_DIR/kmsg; /tmp/kmsg-UID. It is made if
 * it is not there. KMSG_EPERM, with words: it is another user's, or others can enter it; or it is
 * no folder. KMSG_EINVAL: too long. KMSG_ESYSTEM. */
KMSG_CHECK kmsg_err kmi_folder_get(const char *set, char ret[KMI_PATH_MAX]);

#endif
