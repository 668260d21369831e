/* transport_keys.c -- see transport_keys.h. */
#include "transport_keys.h"

#include "crypto/key.h"
#include "crypto/trust.h"

#include <kmsg/base.h>
#include <stdio.h>

void transport_keys_path(const char *name, bool accepts, char *ret, size_t size)
{
    snprintf(ret, size, "%s-%s", name, accepts ? "server" : "client");
}

static void file_of(const char *name, bool accepts, const char *file, char ret[KMI_KEY_PATH_MAX])
{
    char folder[300];

    transport_keys_path(name, accepts, folder, sizeof folder);
    kmsg_must(kmi_key_path(folder, file, ret));
}

static void trust(const char *name, bool accepts, const kmsg_key *other)
{
    char        path[KMI_KEY_PATH_MAX];
    kmi_trusted line = {.key = *other, .name = accepts ? "client" : "server"};
    kmi_trust  *list;
    bool        changed;

    file_of(name, accepts, "trusted", path);
    list = kmi_trust_new(path);
    BENCH_NEED(list);
    kmsg_must(kmi_trust_refresh(list, &changed));
    kmsg_must(kmi_trust_add(list, &line));
    kmi_trust_free(list);
}

void transport_keys_new(const char *name)
{
    char     path[KMI_KEY_PATH_MAX];
    kmsg_key keys[2];

    for (int accepts = 0; accepts < 2; accepts++) {
        file_of(name, accepts, "key", path);
        kmsg_must(kmi_key_new(path, &keys[accepts]));
    }
    for (int accepts = 0; accepts < 2; accepts++) {
        trust(name, accepts, &keys[!accepts]);
    }
}
