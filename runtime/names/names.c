/* names.c -- a node's part: what it offers and looks for, and its directories. Made with the first
 * name, ended with the node.
 *
 * When the node begins to end nothing is registered or dialled any more. The calls that its
 * publications, subscriptions and sessions are end with all others, and tell whoever is concerned.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"

static const char names_kind;

static void end(kmi_part *part)
{
    kmi_names *names = (kmi_names *)part;

    names->ending = true;
    kmi_publications_end(names);
    for (int i = 0; i < KMI_REACHES; i++)
        kmi_client_end(&names->clients[i]);
}

static void free_names(kmi_part *part)
{
    kmi_names *names = (kmi_names *)part;

    while (names->publications != NULL)
        kmi_publication_free(names->publications);
    while (names->subscriptions != NULL)
        kmi_subscription_free(names->subscriptions);
    kmi_name_routes_done(names);
    for (int i = 0; i < KMI_REACHES; i++)
        if (names->clients[i].timed)
            kmi_timer_done(&names->node->timers, &names->clients[i].timer);
    kmi_home_leave(names);
    kmi_free(names->lan[0]);
    kmi_free(names->lan[1]);
    kmi_free(names);
}

static kmsg_err make(kmsg_node *node, kmi_names **ret)
{
    kmi_names *names = kmi_alloc_zeroed(sizeof *names);
    kmsg_err   err;

    if (names == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    names->part = (kmi_part){.kind = &names_kind, .end = end, .free = free_names};
    names->node = node;
    for (int i = 0; i < KMI_REACHES; i++)
        names->clients[i] = (kmi_client){.names = names, .reach = (kmi_reach)i};
    err = kmi_home_enter(names);
    if (err != KMSG_OK) {
        kmi_free(names);
        return err;
    }
    kmi_part_add(node, &names->part);
    *ret = names;
    return KMSG_OK;
}

kmi_names *kmi_names_find(const kmsg_node *node)
{
    return (kmi_names *)kmi_part_find(node, &names_kind);
}

kmsg_err kmi_names_of(kmsg_node *node, kmi_names **ret)
{
    kmsg_err err = kmi_node_check(node);

    if (err != KMSG_OK)
        return err;
    *ret = kmi_names_find(node);
    if (*ret == NULL)
        return make(node, ret);
    return (*ret)->ending ? kmi_error(KMSG_ECLOSED, "the node is about to end") : KMSG_OK;
}

kmsg_names_Viewer kmi_names_viewer(const kmi_names *names)
{
    const kmi_home home = kmi_home_get();

    return (kmsg_names_Viewer){.node = names->node->net.session.own.instance,
                               .process = home.process,
                               .pid = home.pid,
                               .group = kmsg_str(home.group),
                               .program = kmsg_str(home.program)};
}
