/* guests.h -- those that were accepted by a node: how many there may be, and who has not said yet
 * who he is. Private to net/.
 */
#ifndef KMI_GUESTS_H
#define KMI_GUESTS_H

#include "net/link.h"

#define KMI_SILENT_EACH 16u /* of one host, once they are older than KMI_SILENT_NS */
#define KMI_SILENT_NS   ((int64_t)1000000000) /* nobody gives way sooner */

/* One of them; it lies in his link. */
typedef struct kmi_guest kmi_guest;
struct kmi_guest {
    kmi_guest *older;
    kmi_guest *newer;
    kmi_link  *link;
    int64_t    came_ns;
    uint32_t   home;
    bool       silent;
};

/* A host from which somebody has come who is silent. */
typedef struct kmi_home {
    uint64_t id;
    uint32_t silent; /* 0: the place is free */
} kmi_home;

/* Of one node, from its first listener on. */
struct kmi_guests {
    uint32_t   count; /* all of them */
    uint32_t   silent;
    kmi_guest *oldest; /* of the silent ones */
    kmi_guest *newest;
    kmi_home   homes[KMI_SILENT_MAX];
};

/* The host that somebody comes from. */
uint64_t kmi_home_of(const kmi_endpoint *from);

/* Is there a place for one more? If all are taken the oldest gives way, one of a host that has too
 * many if there is one; false: none is old enough and silent, the first will be old at *ret_ns. */
KMSG_CHECK bool kmi_guests_make_room(kmi_guests *guests, int64_t now_ns, int64_t *ret_ns);

/* Somebody has come for whom there is a place. Where his host has too many that are silent, its
 * oldest gives way. */
void kmi_guest_comes(kmi_guests *guests, kmi_guest *guest, kmi_link *link, const kmi_endpoint *from,
                     int64_t now_ns);

/* He has said hello. True: all places were taken, and one is free now. */
bool kmi_guest_speaks(kmi_guests *guests, kmi_guest *guest);

/* His link is closed. True: as above. */
bool kmi_guest_goes(kmi_guests *guests, kmi_guest *guest);

#endif
