/* seal.c -- what a stranger may send to a directory's port, up to where its signature is checked.
 *
 * As it is: it is refused, or what it says is all but its seal; and no signature of a key that is
 * trusted is in it. Sealed by a host that is trusted: it is believed, with a cluster and without;
 * and then no longer when one bit is another.
 *
 *     make fuzz F=seal S=60
 */
#define _GNU_SOURCE
#include "core/core.h"
#include "crypto/trust.h"
#include "net/seal.h"

#include <kmsg/security.h>

#include "crypto/key.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTEXT  "kmsg beacon 1"
#define SAID_MAX 400u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct host {
    char       folder[64];
    kmsg_node *node;
    kmsg_key   key;
} host;

static host hosts[2]; /* of none, and of a cluster */

static void must(bool good)
{
    if (!good)
        abort();
}

static const char *in_folder(const host *h, const char *name)
{
    static char path[KMI_KEY_PATH_MAX];

    kmsg_must(kmi_key_path(h->folder, name, path));
    return path;
}

static void remove_all(void)
{
    static const char *const files[] = {"key", "trusted", "trusted.lock", "cluster"};

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < sizeof files / sizeof files[0]; k++)
            unlink(in_folder(&hosts[i], files[k]));
        rmdir(hosts[i].folder);
        kmsg_node_free(hosts[i].node);
    }
}

static void make(host *h, bool cluster)
{
    kmi_trust  *trust;
    kmi_trusted line = {.name = "self"};

    snprintf(h->folder, sizeof h->folder, "/tmp/kmsg-seal.XXXXXX");
    must(mkdtemp(h->folder) != NULL);
    kmsg_must(kmi_key_new(in_folder(h, "key"), &h->key));
    if (cluster)
        kmsg_must(kmi_cluster_new(in_folder(h, "cluster"), "fuzz"));
    line.key = h->key;
    trust = kmi_trust_new(in_folder(h, "trusted"));
    kmsg_must(kmi_trust_add(trust, &line));
    kmi_trust_free(trust);
    h->node = kmsg_node_new();
    kmsg_must(kmsg_node_set_security(h->node, &(kmsg_security){.folder = h->folder}));
}

/* At the very end of memory of its own. */
static size_t look(host *h, const uint8_t *data, size_t size, bool *ret_good)
{
    uint8_t *exact = calloc(1, size == 0 ? 1 : size);
    size_t   said;

    must(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    said = kmi_net_sealed(&h->node->net, CONTEXT, exact, size);
    must(said == 0 || (said < size && size - said <= KMI_SEAL_MAX));
    *ret_good = said != 0 && kmi_net_is_signed(CONTEXT, &h->key, exact, said);
    free(exact);
    return said;
}

static void seal(host *h, const uint8_t *data, size_t size)
{
    uint8_t all[SAID_MAX + KMI_SEAL_MAX];
    size_t  all_size, bit;
    bool    good;

    memcpy(all, data, size);
    kmsg_must(kmi_net_seal(&h->node->net, CONTEXT, all, size, &all_size));
    must(look(h, all, all_size, &good) == size && good);
    bit = ((size_t)data[0] << 8 | data[size - 1]) % (8 * all_size);
    all[bit / 8] ^= (uint8_t)(1u << bit % 8);
    (void)look(h, all, all_size, &good);
    must(!good);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool good;

    if (hosts[0].node == NULL) {
        make(&hosts[0], false);
        make(&hosts[1], true);
        atexit(remove_all);
    }
    for (size_t i = 0; i < 2; i++) {
        (void)look(&hosts[i], data, size, &good);
        must(!good);
        if (size > 0 && size <= SAID_MAX)
            seal(&hosts[i], data, size);
    }
    return 0;
}
