/* security.c -- what a user sets and asks of a node's keys. net/security.c keeps them. */
#include "core/core.h"

kmsg_err kmsg_node_set_security(kmsg_node *node, const kmsg_security *options)
{
    kmsg_err err = kmi_node_check(node);

    return err == KMSG_OK ? kmi_net_secure(&node->net, options) : err;
}

kmsg_err kmsg_node_key(kmsg_node *node, kmsg_key *ret)
{
    kmsg_err err = kmi_node_check(node);

    return err == KMSG_OK ? kmi_net_key(&node->net, ret) : err;
}
