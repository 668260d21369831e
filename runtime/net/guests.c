/* guests.c -- who has been accepted, and who has not said hello.
 *
 * Who connects and is silent costs a descriptor and some memory for five seconds, and anybody can
 * do that. So there are KMI_SILENT_MAX places for the silent. When all are taken the oldest gives
 * way: who means it says hello as soon as he hears that he is connected, and who floods is always
 * among the oldest. Nobody gives way before he had KMI_SILENT_NS, which is time enough to say it
 * over any line, and for most who dial thousands at once; until one is that old, the others wait in
 * the system's queue. Nor does who has said it already, and was not heard because the node had much
 * to do.
 *
 * A host, which is an IPv4 address or the upper half of an IPv6 address, has KMI_SILENT_EACH places
 * that are its own: beyond that its oldest gives way when one more of it comes, and first of all
 * when the places are taken. It is no limit for the young ones, so that a hundred processes of one
 * host can come back at once when a server has been started anew.
 *
 * Who comes over a unix socket is of this host, and may be there by the permissions of its path:
 * all of them together are one host, and only give way when all places are taken.
 */
#include "net/guests.h"

#define OF_UNIX UINT64_MAX

/* Of addresses that nobody comes from: ff00::/8 is for groups. */
#define OF_IP4 ((uint64_t)0xfff4 << 48)

uint64_t kmi_home_of(const kmi_endpoint *from)
{
    uint64_t id = 0;
    size_t   size = from->family == KMI_IP4 ? 4 : 8;

    if (from->family == KMI_UNIX)
        return OF_UNIX;
    for (size_t i = 0; i < size; i++)
        id = id << 8 | from->ip[i];
    return from->family == KMI_IP4 ? OF_IP4 | id : id;
}

/* There is a free place while not all who may be silent are. */
static uint32_t find_home(const kmi_guests *guests, uint64_t id)
{
    uint32_t free = 0;

    for (uint32_t i = KMI_SILENT_MAX; i-- > 0;) {
        if (guests->homes[i].silent == 0)
            free = i;
        else if (guests->homes[i].id == id)
            return i;
    }
    return free;
}

static bool is_old(const kmi_guest *guest, int64_t now_ns)
{
    return now_ns - guest->came_ns >= KMI_SILENT_NS;
}

static bool has_too_many(const kmi_home *home)
{
    return home->silent > KMI_SILENT_EACH && home->id != OF_UNIX;
}

/* What it has said may not have been read yet: a node that has much to do must not take that for
 * silence. Less than a whole hello is nothing, however many bytes it is. It may turn out to have
 * gone. */
static bool has_spoken(const kmi_guest *guest)
{
    kmi_link *link = guest->link;

    while (!link->dead && guest->silent && link->bytes_in < link->hello_size)
        if (!link->ops->look(link))
            break;
    return link->dead || !guest->silent || link->bytes_in >= link->hello_size;
}

/* Closing tells kmi_guest_goes(). False: there is none. */
static bool send_one_away(kmi_guests *guests, bool of_too_many, int64_t now_ns)
{
    kmi_guest *next;

    for (kmi_guest *g = guests->oldest; g != NULL && is_old(g, now_ns); g = next) {
        next = g->newer;
        if (of_too_many && !has_too_many(&guests->homes[g->home]))
            continue;
        if (!has_spoken(g))
            kmi_link_close(g->link);
        if (guests->silent < KMI_SILENT_MAX)
            return true;
    }
    return false;
}

bool kmi_guests_make_room(kmi_guests *guests, int64_t now_ns, int64_t *ret_ns)
{
    if (guests->silent < KMI_SILENT_MAX)
        return true;
    *ret_ns = guests->oldest->came_ns + KMI_SILENT_NS;
    return send_one_away(guests, true, now_ns) || send_one_away(guests, false, now_ns);
}

static void trim(kmi_guests *guests, uint32_t home, int64_t now_ns)
{
    kmi_guest *g = guests->oldest;

    if (!has_too_many(&guests->homes[home]))
        return;
    while (g->home != home)
        g = g->newer;
    if (is_old(g, now_ns) && !has_spoken(g))
        kmi_link_close(g->link);
}

void kmi_guest_comes(kmi_guests *guests, kmi_guest *guest, kmi_link *link, const kmi_endpoint *from,
                     int64_t now_ns)
{
    uint64_t id = kmi_home_of(from);
    uint32_t home = find_home(guests, id);

    *guest = (kmi_guest){
        .older = guests->newest, .link = link, .came_ns = now_ns, .home = home, .silent = true};
    if (guest->older != NULL)
        guest->older->newer = guest;
    else
        guests->oldest = guest;
    guests->newest = guest;
    guests->homes[home].id = id;
    guests->homes[home].silent++;
    guests->silent++;
    guests->count++;
    trim(guests, home, now_ns);
}

bool kmi_guest_speaks(kmi_guests *guests, kmi_guest *guest)
{
    if (!guest->silent)
        return false;
    guest->silent = false;
    if (guest->older != NULL)
        guest->older->newer = guest->newer;
    else
        guests->oldest = guest->newer;
    if (guest->newer != NULL)
        guest->newer->older = guest->older;
    else
        guests->newest = guest->older;
    guests->homes[guest->home].silent--;
    return guests->silent-- == KMI_SILENT_MAX;
}

bool kmi_guest_goes(kmi_guests *guests, kmi_guest *guest)
{
    guests->count--;
    return kmi_guest_speaks(guests, guest);
}
