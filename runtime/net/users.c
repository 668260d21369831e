/* users.c -- over unix sockets a node has to do with its own user and with root, unless it was told
 * otherwise: an abstract name can be taken by anybody, and so can a path in a folder for all.
 */
#include "net/net.h"

#include "base/err.h"

#include <unistd.h>

kmsg_err kmi_unix_identify(const kmi_net *net, const kmi_socket *socket, kmsg_identity *ret)
{
    kmi_user user;
    kmsg_err err = net->sys->peer_user(socket, &user);

    if (err != KMSG_OK)
        return err;
    *ret = (kmsg_identity){
        .kind = KMSG_IDENTITY_USER, .name = "", .uid = user.uid, .gid = user.gid, .pid = user.pid};
    return KMSG_OK;
}

kmsg_err kmi_unix_check(const kmi_net *net, const kmsg_identity *who)
{
    if (net->any_user || kmi_user_is_ours(who->uid))
        return KMSG_OK;
    return kmi_error(KMSG_EPERM,
                     "user %u (process %u) is at the other side; this node has to do with its own "
                     "user (%u) and root alone: see kmsg_node_set_unix_users()",
                     who->uid, who->pid, (unsigned)geteuid());
}
