/* directory.h -- a directory: a node that serves kmsg.names.Directory.
 */
#ifndef KMI_DIRECTORY_H
#define KMI_DIRECTORY_H

#include <kmsg/names.h>

/* From now on, until the node ends. `options` are those of a host's directory, as long as the node
 * lives; NULL: a process', which knows of nothing outside. KMSG_EEXIST, KMSG_ENOMEM. */
KMSG_CHECK kmsg_err kmi_directory_serve(kmsg_node *node, const kmsg_directory_options *options);

#endif
