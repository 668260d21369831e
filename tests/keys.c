/* keys.c -- see keys.h. */
#define _XOPEN_SOURCE 700
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/key.h"
#include "crypto/trust.h"

static char  folder[64];
static pid_t maker;

static const char *in_folder(const char *name)
{
    static char path[KMI_KEY_PATH_MAX];

    kmsg_must(kmi_key_path(folder, name, path));
    return path;
}

/* Not in a child that was forked. */
static void remove_folder(void)
{
    if (getpid() != maker)
        return;
    unlink(in_folder("key"));
    unlink(in_folder("trusted"));
    unlink(in_folder("trusted.lock"));
    rmdir(folder);
}

static void trust_itself(const kmsg_key *key)
{
    kmi_trusted self = {.key = *key, .name = "self"};
    kmi_trust  *trust = kmi_trust_new(in_folder("trusted"));

    if (trust == NULL)
        kmsg_must(KMSG_ENOMEM);
    kmsg_must(kmi_trust_add(trust, &self));
    kmi_trust_free(trust);
}

const char *test_keys(void)
{
    kmsg_key key;

    if (folder[0] != '\0')
        return folder;
    snprintf(folder, sizeof folder, "/tmp/kmsg-keys.XXXXXX");
    if (mkdtemp(folder) == NULL)
        kmsg_must(KMSG_ESYSTEM);
    maker = getpid();
    atexit(remove_folder);
    kmsg_must(kmi_key_new(in_folder("key"), &key));
    trust_itself(&key);
    return folder;
}
