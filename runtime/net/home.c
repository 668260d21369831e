/* home.c -- where this node can be dialled, as far as that can be told to the other side: a hello
 * says a port, and who reads it knows the address that it came from.
 */
#include "net/net.h"

#include <string.h>

static bool is_all(const uint8_t *bytes, size_t size, uint8_t last)
{
    for (size_t i = 0; i + 1 < size; i++)
        if (bytes[i] != 0)
            return false;
    return bytes[size - 1] == last;
}

/* Would who has seen us come from the address that `to` sees reach the listener there? Certainly,
 * if it takes whatever comes to this host; or if all of it is about loopback. Else it might be
 * somebody else's port. */
static bool is_reached_from(const kmi_endpoint *bound, const kmi_endpoint *to)
{
    static const uint8_t first[4] = {127, 0, 0, 1};

    if (bound->family != to->family || bound->family == KMI_UNIX)
        return false;
    if (bound->family == KMI_IP6)
        return is_all(bound->ip, 16, 0) || (is_all(bound->ip, 16, 1) && is_all(to->ip, 16, 1));
    return is_all(bound->ip, 4, 0) ||
           (memcmp(bound->ip, first, sizeof first) == 0 && to->ip[0] == first[0]);
}

uint16_t kmi_home_port(const kmi_net *net, const kmi_endpoint *to)
{
    uint16_t port = 0;

    for (const kmi_acceptor *a = net->acceptors; a != NULL; a = a->next)
        if (a->bound.port != 0 && is_reached_from(&a->bound, to))
            port = a->bound.port; /* the first that was there is the last one in the list */
    return port;
}
