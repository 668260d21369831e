/* lan_settings.h -- how a host's directory takes part in the LAN: what the user has set, and the
 * environment where he has set nothing.
 */
#ifndef KMI_LAN_SETTINGS_H
#define KMI_LAN_SETTINGS_H

#include "net/address.h"
#include <kmsg/names.h>

#define KMI_LAN_SEEDS_MAX 32u

typedef struct kmi_lan_settings {
    uint16_t    port;
    bool        fast;
    bool        multicast;
    size_t      only_count; /* multicast over these interfaces alone; 0: over all */
    char        only[KMI_INTERFACES_MAX][16];
    size_t      seed_count;
    kmi_address seeds[KMI_LAN_SEEDS_MAX];
} kmi_lan_settings;

/* `options` may be NULL. KMSG_EINVAL, with words that name the option and its text. */
KMSG_CHECK kmsg_err kmi_lan_settings_get(const kmsg_directory_options *options,
                                         kmi_lan_settings             *ret);

#endif
