/* hosts.h -- several hosts' keys, in folders of their own inside of files_folder (files.h).
 *
 *     hosts_begin(3);             each has a key, and trusts all of them
 *     hosts_revoke(0, 2);         as `kmsg key revoke` does
 *     hosts_end();
 *
 * A file that includes it defines _GNU_SOURCE.
 */
#ifndef HOSTS_H
#define HOSTS_H

#include "files.h"

#include "crypto/key.h"
#include "crypto/trust.h"

#define HOSTS_MAX 8u

static kmsg_key hosts_keys[HOSTS_MAX];

/* Good until the next call. */
static inline const char *hosts_path(unsigned host, const char *name)
{
    static char path[600];

    snprintf(path, sizeof path, "%s/%u%s%s", files_folder, host, *name == '\0' ? "" : "/", name);
    return path;
}

static inline const char *hosts_folder(unsigned host)
{
    static char paths[HOSTS_MAX][600];

    memcpy(paths[host], hosts_path(host, ""), sizeof paths[host]);
    return paths[host];
}

static inline void hosts_trust(unsigned host, unsigned other)
{
    char        name[16];
    kmi_trusted line = {.key = hosts_keys[other], .name = name};
    kmi_trust  *trust = kmi_trust_new(hosts_path(host, "trusted"));

    snprintf(name, sizeof name, "host%u", other);
    CHECK(trust != NULL);
    OK(kmi_trust_add(trust, &line));
    kmi_trust_free(trust);
}

static inline void hosts_revoke(unsigned host, unsigned other)
{
    kmi_trust *trust = kmi_trust_new(hosts_path(host, "trusted"));

    CHECK(trust != NULL);
    OK(kmi_trust_remove(trust, &hosts_keys[other]));
    kmi_trust_free(trust);
}

static inline void hosts_begin(unsigned count)
{
    files_begin();
    for (unsigned i = 0; i < count; i++) {
        CHECK(mkdir(hosts_path(i, ""), 0700) == 0);
        OK(kmi_key_new(hosts_path(i, "key"), &hosts_keys[i]));
    }
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < count; k++)
            hosts_trust(i, k);
}

/* `from` has the cluster's file. */
static inline void hosts_copy_cluster(unsigned host, unsigned from)
{
    char name[32], other[32];

    snprintf(name, sizeof name, "%u/cluster", host);
    snprintf(other, sizeof other, "%u/cluster", from);
    files_put(name, files_get(other));
}

static inline void hosts_end(void)
{
    files_end();
}

#endif
