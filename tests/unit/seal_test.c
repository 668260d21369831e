/* seal_test.c -- what hosts say to all: whom they believe. */
#define _GNU_SOURCE
#include "hosts.h"

#include <kmsg/security.h>

#include "core/core.h"
#include "net/seal.h"

#define CONTEXT "kmsg test 1"
#define SAID    24u

static const char words[SAID + 1] = "all who hear it: I am 1.";

/* libuv keeps a pipe for the rest of the process' life. */
__attribute__((constructor)) static void open_what_stays_open(void)
{
    kmsg_node_free(kmsg_node_new());
}

static kmsg_node *nodes[HOSTS_MAX];

static void begin(unsigned count)
{
    hosts_begin(count);
    for (unsigned i = 0; i < count; i++) {
        nodes[i] = kmsg_node_new();
        OK(kmsg_node_set_security(nodes[i], &(kmsg_security){.folder = hosts_folder(i)}));
    }
}

static void end(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        kmsg_node_free(nodes[i]);
    hosts_end();
}

static size_t say(unsigned host, uint8_t ret[SAID + KMI_SEAL_MAX])
{
    size_t size;

    memcpy(ret, words, SAID);
    OK(kmi_net_seal(&nodes[host]->net, CONTEXT, ret, SAID, &size));
    return size;
}

/* Does `host` believe that `other` has said it? */
static bool believes(unsigned host, unsigned other, const uint8_t *data, size_t size)
{
    kmi_net *net = &nodes[host]->net;
    size_t   said = kmi_net_sealed(net, CONTEXT, data, size);

    return said == SAID && kmi_net_trusted(net, &hosts_keys[other]) != NULL &&
           kmi_net_is_signed(CONTEXT, &hosts_keys[other], data, said);
}

TEST(who_is_trusted_is_believed)
{
    uint8_t data[SAID + KMI_SEAL_MAX];
    size_t  size;

    begin(2);
    size = say(1, data);
    EQ_UINT(size, SAID + KMI_SIGNATURE_SIZE);
    EQ_MEM(data, SAID, words, SAID);
    CHECK(believes(0, 1, data, size));
    EQ_STR(kmi_net_trusted(&nodes[0]->net, &hosts_keys[1]), "host1");
    CHECK(!believes(0, 0, data, size)); /* another one who is trusted, too */
    end(2);
}

TEST(who_was_revoked_or_was_never_trusted_is_not_believed_from_then_on)
{
    uint8_t  data[SAID + KMI_SEAL_MAX];
    kmsg_key stranger = {{9}};
    size_t   size;

    begin(2);
    size = say(1, data);
    CHECK(believes(0, 1, data, size));
    hosts_revoke(0, 1);
    CHECK(!believes(0, 1, data, size));
    EQ_PTR(kmi_net_trusted(&nodes[0]->net, &stranger), NULL);
    hosts_trust(0, 1);
    CHECK(believes(0, 1, data, size));
    end(2);
}

TEST(no_bit_can_be_changed_and_nothing_cut_off)
{
    uint8_t data[SAID + KMI_SEAL_MAX];
    size_t  size;

    begin(2);
    OK(kmi_cluster_new(hosts_path(0, "cluster"), "test"));
    hosts_copy_cluster(1, 0);
    size = say(1, data);
    EQ_UINT(size, SAID + KMI_SEAL_MAX);
    for (size_t i = 0; i < 8 * size; i++) {
        data[i / 8] ^= (uint8_t)(1u << i % 8);
        CHECK(!believes(0, 1, data, size));
        data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t i = 0; i < size; i++)
        CHECK(!believes(0, 1, data, i));
    CHECK(believes(0, 1, data, size));
    end(2);
}

TEST(a_cluster_hears_its_own_alone_and_before_it_looks_at_keys)
{
    uint8_t data[SAID + KMI_SEAL_MAX];

    begin(4); /* 0 and 1: of the cluster, 2: of another one of the same name, 3: of none */
    OK(kmi_cluster_new(hosts_path(0, "cluster"), "test"));
    hosts_copy_cluster(1, 0);
    OK(kmi_cluster_new(hosts_path(2, "cluster"), "test"));
    CHECK(believes(0, 1, data, say(1, data)));
    for (unsigned i = 2; i < 4; i++) {
        size_t size = say(i, data);
        EQ_UINT(kmi_net_sealed(&nodes[0]->net, CONTEXT, data, size), 0);
    }
    CHECK(!believes(3, 1, data, say(1, data)));
    CHECK(!believes(2, 1, data, say(1, data)));
    end(4);
}

TEST(what_is_too_short_is_nothing)
{
    uint8_t data[KMI_SEAL_MAX] = {0};

    begin(1);
    for (size_t size = 0; size <= KMI_SIGNATURE_SIZE; size++)
        EQ_UINT(kmi_net_sealed(&nodes[0]->net, CONTEXT, data, size), 0);
    EQ_UINT(kmi_net_sealed(&nodes[0]->net, CONTEXT, data, KMI_SIGNATURE_SIZE + 1), 1);
    end(1);
}

TEST(without_a_key_nothing_is_said_and_nobody_believed)
{
    uint8_t data[SAID + KMI_SEAL_MAX] = {0};
    size_t  size = 77;

    begin(2);
    CHECK(unlink(hosts_path(0, "key")) == 0);
    FAILS(kmi_net_seal(&nodes[0]->net, CONTEXT, data, SAID, &size), KMSG_EKEY);
    HAS(kmsg_last_error(), "kmsg key new");
    EQ_UINT(size, 77);
    CHECK(!believes(0, 1, data, say(1, data)));
    end(2);
}
