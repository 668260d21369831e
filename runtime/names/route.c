/* route.c -- one connection for all sessions with another node, whichever side has dialled it.
 *
 * It stays KMSG_SESSION_REUSE_MS after its last session, and as long as calls are under way. One
 * that the other node has dialled is used, and left to it.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- life ---------------------------------------------------------------------------------- */

static void free_route(kmi_name_route *route)
{
    kmi_name_route **at = &route->names->routes;

    while (*at != route)
        at = &(*at)->next;
    *at = route->next;
    kmi_timer_done(&route->names->node->timers, &route->timer);
    kmi_free(route);
}

static void let_go(kmi_name_route *route)
{
    if (route->dialled != NULL)
        kmsg_peer_close(route->dialled);
    kmi_peer_unref(route->peer);
    free_route(route);
}

static void wait_for_end(kmi_name_route *route)
{
    kmsg_node *node = route->names->node;

    kmi_timer_set(&node->timers, &route->timer,
                  node->sys->now_ns() + KMSG_SESSION_REUSE_MS * KMI_MS);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmi_name_route *route =
        (kmi_name_route *)(void *)((uint8_t *)timer - offsetof(kmi_name_route, timer));
    kmsg_peer_facts facts;

    (void)now_ns;
    kmsg_peer_info(route->peer, &facts);
    if (route->sessions > 0)
        return;
    if (facts.calls > 0 || facts.waiting > 0)
        wait_for_end(route);
    else
        let_go(route);
}

/* Its peer is its own: what users ask over the same connection is answered in their turn. */
static kmi_name_route *new_route(kmi_names *names, uint64_t instance, kmi_conn *conn,
                                 kmsg_peer *dialled)
{
    kmi_name_route *route = kmi_alloc_zeroed(sizeof *route);
    kmsg_peer      *peer = route == NULL ? NULL : kmi_peer_new(conn);

    if (peer == NULL || kmi_timer_init(&names->node->timers, &route->timer, on_timer) != KMSG_OK) {
        if (peer != NULL)
            kmi_peer_unref(peer);
        kmi_free(route);
        kmi_error_plain(KMSG_ENOMEM);
        return NULL;
    }
    peer->inner = true;
    route->names = names;
    route->instance = instance;
    route->peer = peer;
    route->dialled = dialled;
    route->next = names->routes;
    names->routes = route;
    return route;
}

/* ---- addresses ----------------------------------------------------------------------------- */

/* "tcp:0.0.0.0:7000" is at the address at which the host is known: of the same family. It is what
 * that host says, and says nothing but a port: not that it may be spoken to in the clear. */
static bool print_lan(const char *url, const char *address, char *ret, size_t size)
{
    bool        is_6 = strncmp(url, "tcp:[::]:", 9) == 0;
    const char *port = url + (is_6 ? 9 : 12);

    if ((!is_6 && strncmp(url, "tcp:0.0.0.0:", 12) != 0) || is_6 != (address[0] == '[') ||
        port[0] == '\0' || port[strspn(port, "0123456789")] != '\0')
        return false;
    return snprintf(ret, size, "tcp:%s:%s", address, port) < (int)size;
}

static bool print_url(const kmi_candidate *c, char *ret, size_t size)
{
    if (c->distance == KMSG_SCOPE_PROCESS)
        return snprintf(ret, size, "inproc:#%016" PRIx64, c->listing.node) < (int)size;
    for (size_t i = 0; i < c->listing.urls.count; i++) {
        const char *url = c->listing.urls.items[i].data;
        if (c->distance == KMSG_SCOPE_LAN
                ? print_lan(url, c->address, ret, size)
                : strncmp(url, "unix:", 5) == 0 && snprintf(ret, size, "%s", url) < (int)size)
            return true;
    }
    return false;
}

/* ---- to whom ------------------------------------------------------------------------------- */

static kmi_name_route *dial(kmi_names *names, const kmi_candidate *c)
{
    char            url[KMI_URL_MAX];
    kmsg_peer      *peer;
    kmi_name_route *route;

    if (!print_url(c, url, sizeof url)) {
        kmi_error(KMSG_EADDRESS, "%s: it has no address that can be dialled from here",
                  c->listing.name.data);
        return NULL;
    }
    if (kmsg_dial(names->node, url, &peer) != KMSG_OK)
        return NULL;
    route = new_route(names, c->listing.node, peer->conn, peer);
    if (route == NULL)
        kmsg_peer_close(peer);
    return route;
}

static kmi_name_route *make(kmi_names *names, const kmi_candidate *c)
{
    kmsg_node *node = names->node;
    kmi_conn  *conn = c->listing.node == node->net.session.own.instance
                          ? node->self->conn
                          : kmi_way_find_guest(node, c->listing.node);

    return conn == NULL ? dial(names, c) : new_route(names, c->listing.node, conn, NULL);
}

/* A connection that others have made is good as long as it lasts. */
static bool is_over(const kmi_name_route *route)
{
    kmi_conn_state state = route->peer->conn->state;

    return state == KMI_CONN_GONE || (route->dialled == NULL && state != KMI_CONN_UP);
}

/* Its host is known at another address by now, and at that one it cannot be reached. */
static bool is_elsewhere(const kmi_name_route *route, const kmi_candidate *c)
{
    char url[KMI_URL_MAX];

    return route->dialled != NULL && route->peer->conn->state != KMI_CONN_UP &&
           print_url(c, url, sizeof url) && strcmp(url, kmsg_peer_url(route->dialled)) != 0;
}

kmi_name_route *kmi_name_route_take(kmi_names *names, const kmi_candidate *c)
{
    kmi_name_route *route = names->routes;

    while (route != NULL && (route->instance != c->listing.node || route->yields ||
                             is_over(route) || is_elsewhere(route, c)))
        route = route->next;
    if (route == NULL)
        route = make(names, c);
    if (route == NULL)
        return NULL;
    route->sessions++;
    kmi_timer_stop(&names->node->timers, &route->timer);
    return route;
}

void kmi_name_route_give(kmi_name_route *route)
{
    if (--route->sessions > 0)
        return;
    if (is_over(route))
        let_go(route);
    else if (!route->names->ending)
        wait_for_end(route);
}

/* Of two that were dialled at the same time both sides keep the one of the node with the smaller
 * instance: the other node's sessions move there. */
void kmi_name_routes_yield(kmi_names *names, const kmi_conn *guest)
{
    if (!guest->accepted || !guest->who->known ||
        guest->instance >= names->node->net.session.own.instance)
        return;
    for (kmi_name_route *route = names->routes; route != NULL; route = route->next)
        if (route->instance == guest->instance && route->dialled != NULL && !route->yields) {
            route->yields = true;
            kmi_subscriptions_leave(names, route);
        }
}

void kmi_name_routes_done(kmi_names *names)
{
    while (names->routes != NULL) {
        kmi_peer_unref(names->routes->peer);
        free_route(names->routes);
    }
}
