/* lan_io.h -- this host among the directories of others: directory/lan.h with sockets, timers and
 * calls, on the directory's node.
 *
 * There is one as soon as somebody publishes, or looks, as far as the LAN. All of it belongs to the
 * node's thread.
 */
#ifndef KMI_LAN_IO_H
#define KMI_LAN_IO_H

#include "directory/lan.h"
#include <kmsg/names.h>

typedef struct kmi_lan_io kmi_lan_io;

/* Listens, serves kmsg.names.Neighborhood to the owners of trusted keys, and begins to tell others
 * of this host. `table` has what this host knows, and gets what others do; `options` as users set
 * them (NULL, and NULL in it: as the environment says). NULL, with words, and *ret_err is
 *
 *     KMSG_EKEY     there is no key that can be used
 *     KMSG_EINVAL   a seed is no HOST:PORT, `multicast` is neither "on" nor "off"
 *     KMSG_EEXIST   the node has one already
 *     KMSG_ENOMEM, KMSG_EDESCRIPTORS, KMSG_ESYSTEM
 */
kmi_lan_io *kmi_lan_io_new(kmsg_node *node, kmi_table *table, const kmsg_directory_options *options,
                           kmsg_err *ret_err);

/* Says goodbye; what came from others leaves the table. Before the node and the table are freed.
 * NULL is fine. */
void kmi_lan_io_free(kmi_lan_io *io);

/* An entry of this host, with the scope LAN, has come, or (`here` false) is about to go. What the
 * table has when kmi_lan_io_new() is called is to be told, too. */
void kmi_lan_io_changed(kmi_lan_io *io, const kmi_entry *entry, bool here);

/* Hosts that are heard now, and counters, into `ret`, which has the rest already. KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_lan_io_survey(kmi_lan_io *io, kmsg_arena *mem, kmsg_names_Survey *ret);

#endif
