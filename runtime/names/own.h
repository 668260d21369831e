/* own.h -- kmsg_publish() and kmsg_subscribe() for names that are kmsg's own: they begin with '$',
 * and nobody else can use them. A subscription is to one name, or to a pattern, as those are.
 */
#ifndef KMI_OWN_H
#define KMI_OWN_H

#include <kmsg/names.h>

KMSG_CHECK kmsg_err kmi_publish_own(kmsg_node *node, const char *name, kmsg_scope scope,
                                    const kmsg_publish_options *options, kmsg_publication **ret);
KMSG_CHECK kmsg_err kmi_subscribe_own(kmsg_node *node, const char *pattern, kmsg_scope scope,
                                      const kmsg_subscribe_options *options,
                                      kmsg_subscription           **ret);

#endif
