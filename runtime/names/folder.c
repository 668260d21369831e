/* folder.c -- where a host's directory has its socket.
 *
 * /tmp is everybody's: who makes the folder there first could serve a directory to others. So it is
 * looked at before it is used, and what is not this user's own is refused.
 */
#define _POSIX_C_SOURCE 200809L
#include "names/folder.h"

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

static int name_it(const char *set, char ret[KMI_PATH_MAX])
{
    const char *runtime = variable("XDG_RUNTIME_DIR");

    if (set == NULL)
        set = variable("KMSG_RUNTIME");
    if (set != NULL)
        return snprintf(ret, KMI_PATH_MAX, "%s", set);
    if (runtime != NULL)
        return snprintf(ret, KMI_PATH_MAX, "%s/kmsg", runtime);
    return snprintf(ret, KMI_PATH_MAX, "/tmp/kmsg-%u", (unsigned)geteuid());
}

kmsg_err kmi_folder_get(const char *set, char ret[KMI_PATH_MAX])
{
    struct stat facts;

    if (name_it(set, ret) >= (int)KMI_PATH_MAX - 16)
        return kmi_error(KMSG_EINVAL, "%s...: the folder's path is too long", ret);
    if (mkdir(ret, 0700) != 0 && errno != EEXIST)
        return kmi_error(KMSG_ESYSTEM, "%s: %s (KMSG_RUNTIME names another folder)", ret,
                         strerror(errno));
    if (lstat(ret, &facts) != 0)
        return kmi_error(KMSG_ESYSTEM, "%s: %s", ret, strerror(errno));
    if (!S_ISDIR(facts.st_mode))
        return kmi_error(KMSG_EPERM, "%s: it is no folder", ret);
    if (facts.st_uid != geteuid())
        return kmi_error(KMSG_EPERM, "%s: it belongs to another user", ret);
    if ((facts.st_mode & 077) != 0)
        return kmi_error(KMSG_EPERM, "%s: others can enter it; run: chmod 700 %s", ret, ret);
    return KMSG_OK;
}
