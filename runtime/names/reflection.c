/* reflection.c -- what a node tells of itself to tools: the schema of what it serves, its names,
 * its sessions, its connections.
 *
 * It is told to whom the node knows: its process, its user, the owner of a trusted key; and to
 * those of other hosts, of names only that the LAN may see.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"
#include "core/reflect.h"

#include <string.h>

/* ---- what is served -------------------------------------------------------------------------- */

typedef struct services {
    kmsg_arena          *mem;
    const kmsg_service **items;
    size_t               count, room;
    bool                 failed; /* no memory */
} services;

static bool is_known(const services *s, const kmsg_service *service)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i]->id == service->id)
            return true;
    return false;
}

static void add(services *s, const kmsg_service *service)
{
    if (strncmp(service->name, "kmsg.", 5) == 0 || is_known(s, service))
        return;
    if (s->count == s->room) {
        size_t               room = s->room == 0 ? 16 : 2 * s->room;
        const kmsg_service **items = kmsg_alloc(s->mem, room * sizeof *items, 16);
        if (items == NULL) {
            s->failed = true;
            return;
        }
        if (s->count > 0)
            memcpy(items, s->items, s->count * sizeof *items);
        s->items = items;
        s->room = room;
    }
    s->items[s->count++] = service;
}

static void add_all(services *s, const kmi_services *from)
{
    for (size_t i = 0; i < from->count && !s->failed; i++)
        if (from->items[i]->service != NULL)
            add(s, from->items[i]->service);
}

static void add_object(void *ctx, kmsg_object *object)
{
    add_all(ctx, &object->services);
}

/* Those that are published at the node; their names in *ret. */
static bool list_topics(const kmsg_node *node, kmsg_arena *mem, kmi_subjects *what,
                        kmsg_list_string *ret)
{
    const kmsg_topic **topics;
    kmsg_string       *names;
    size_t             count = 0;

    for (const kmi_part *part = node->parts; part != NULL; part = part->next)
        for (size_t i = 0; part->topic != NULL && part->topic(part, i) != NULL; i++)
            count++;
    topics = kmsg_alloc(mem, (count + 1) * sizeof *topics, 16);
    names = kmsg_alloc(mem, (count + 1) * sizeof *names, 16);
    if (topics == NULL || names == NULL)
        return false;
    count = 0;
    for (const kmi_part *part = node->parts; part != NULL; part = part->next)
        for (size_t i = 0; part->topic != NULL && part->topic(part, i) != NULL; i++) {
            topics[count] = part->topic(part, i);
            names[count++] = kmsg_str(part->topic(part, i)->name);
        }
    what->topics = topics;
    what->topic_count = count;
    *ret = (kmsg_list_string){names, count};
    return true;
}

static bool may_look(const kmsg_call *call)
{
    const kmi_who *who = call->who;

    return who->known || who->identity.kind == KMSG_IDENTITY_PROCESS;
}

static kmsg_err turn_away(kmsg_call *call)
{
    return kmsg_fail(call, KMSG_EPERM, "a node tells of itself to those whom it knows");
}

static kmsg_err describe(void *ctx, kmsg_call *call, kmsg_reflection_Description *ret)
{
    kmsg_node   *node = ctx;
    services     all = {.mem = kmsg_call_arena(call)};
    kmi_subjects what;
    kmsg_string *names;

    if (!may_look(call))
        return turn_away(call);
    add_all(&all, &node->services);
    kmi_objects_each(node, add_object, &all);
    names = kmsg_alloc(all.mem, (all.count + 1) * sizeof *names, 16);
    what = (kmi_subjects){.services = all.items, .service_count = all.count};
    if (all.failed || names == NULL || !list_topics(node, all.mem, &what, &ret->topics))
        return kmi_error_plain(KMSG_ENOMEM);
    for (size_t i = 0; i < all.count; i++)
        names[i] = kmsg_str(all.items[i]->name);
    ret->services = (kmsg_list_string){names, all.count};
    return kmi_reflect(&what, all.mem, &ret->files);
}

/* ---- facts ----------------------------------------------------------------------------------- */

/* How much of it the caller may see, and where it is put. */
typedef struct telling {
    kmsg_arena *mem;
    bool        is_far; /* he is on another host */
} telling;

static bool may_be_told(const telling *t, uint32_t scope)
{
    return !t->is_far || scope == kmsg_names_Scope_LAN;
}

static kmsg_err tell_publications(const telling *t, const kmi_names *names,
                                  kmsg_reflection_Facts *ret)
{
    kmsg_reflection_Publication *items;
    size_t                       count = 0;

    for (const kmsg_publication *p = names->publications; p != NULL; p = p->next)
        count++;
    items = kmsg_alloc_array(t->mem, kmsg_reflection_Publication, count);
    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    count = 0;
    for (const kmsg_publication *p = names->publications; p != NULL; p = p->next)
        if (!p->ended && may_be_told(t, (uint32_t)p->listing.scope))
            items[count++] =
                (kmsg_reflection_Publication){.number = p->listing.number,
                                              .name = p->listing.name,
                                              .scope = p->listing.scope,
                                              .pool = p->listing.pool,
                                              .stands = p->decided && p->err == KMSG_OK};
    ret->publications = (kmsg_reflection_Publication_list){items, count};
    return KMSG_OK;
}

static kmsg_err tell_subscriptions(const telling *t, const kmi_names *names,
                                   kmsg_reflection_Facts *ret)
{
    kmsg_reflection_Subscription *items;
    size_t                        count = 0;

    for (const kmsg_subscription *s = names->subscriptions; s != NULL; s = s->next)
        count++;
    items = kmsg_alloc_array(t->mem, kmsg_reflection_Subscription, count);
    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    count = 0;
    for (const kmsg_subscription *s = names->subscriptions; s != NULL; s = s->next)
        if (!s->ended && may_be_told(t, (uint32_t)s->scope))
            items[count++] = (kmsg_reflection_Subscription){.pattern = kmsg_str(s->pattern),
                                                            .scope = (kmsg_names_Scope)s->scope};
    ret->subscriptions = (kmsg_reflection_Subscription_list){items, count};
    return KMSG_OK;
}

static kmsg_names_Scope distance_of(const kmsg_peer *peer)
{
    switch (kmsg_peer_identity(peer)->kind) {
    case KMSG_IDENTITY_PROCESS: return kmsg_names_Scope_PROCESS;
    case KMSG_IDENTITY_USER: return kmsg_names_Scope_HOST;
    case KMSG_IDENTITY_KEY: return kmsg_names_Scope_LAN;
    case KMSG_IDENTITY_NONE: break;
    }
    return kmsg_names_Scope_NONE;
}

/* Those with what this node publishes, then those with what it has found; *items NULL: they are
 * counted. */
static size_t each_session(const telling *t, const kmi_names *names, kmsg_reflection_Session *items)
{
    size_t count = 0;

    for (const kmsg_publication *p = names->publications; p != NULL; p = p->next)
        for (const kmi_visitor *v = p->visitors; v != NULL; v = v->next) {
            if (v->call == NULL || !may_be_told(t, (uint32_t)p->listing.scope))
                continue;
            if (items != NULL)
                items[count] = (kmsg_reflection_Session){.name = p->listing.name,
                                                         .published_here = true,
                                                         .distance = distance_of(v->peer),
                                                         .node = v->peer->conn->instance};
            count++;
        }
    for (const kmsg_subscription *s = names->subscriptions; s != NULL; s = s->next)
        for (const kmi_candidate *c = s->candidates; c != NULL; c = c->next) {
            if (c->session == NULL || !c->session->open || !may_be_told(t, (uint32_t)s->scope))
                continue;
            if (items != NULL)
                items[count] = (kmsg_reflection_Session){.name = c->listing.name,
                                                         .distance = (kmsg_names_Scope)c->distance,
                                                         .node = c->listing.node};
            count++;
        }
    return count;
}

static kmsg_err tell_sessions(const telling *t, const kmi_names *names, kmsg_reflection_Facts *ret)
{
    size_t                   count = each_session(t, names, NULL);
    kmsg_reflection_Session *items = kmsg_alloc_array(t->mem, kmsg_reflection_Session, count);

    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    each_session(t, names, items);
    ret->sessions = (kmsg_reflection_Session_list){items, count};
    return KMSG_OK;
}

static kmsg_reflection_Link link_of(const kmi_conn *conn)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(conn->peer, &facts);
    return (kmsg_reflection_Link){.node = facts.instance,
                                  .connected = facts.state == KMSG_PEER_CONNECTED,
                                  .accepted = facts.accepted,
                                  .encrypted = facts.encrypted,
                                  .shared_memory = facts.shared_memory,
                                  .rtt = facts.rtt,
                                  .jitter = facts.jitter,
                                  .sent = facts.sent,
                                  .received = facts.received,
                                  .bytes_sent = facts.bytes_sent,
                                  .bytes_received = facts.bytes_received};
}

static kmsg_err tell_links(const telling *t, const kmsg_node *node, kmsg_reflection_Facts *ret)
{
    kmsg_reflection_Link *items;
    size_t                count = 0;

    for (const kmi_conn *conn = node->conns; conn != NULL; conn = conn->next)
        count++;
    items = kmsg_alloc_array(t->mem, kmsg_reflection_Link, count);
    if (items == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    count = 0;
    for (const kmi_conn *conn = node->conns; conn != NULL; conn = conn->next)
        if (conn->state == KMI_CONN_UP && conn->peer != NULL)
            items[count++] = link_of(conn);
    ret->links = (kmsg_reflection_Link_list){items, count};
    return KMSG_OK;
}

static kmsg_err facts(void *ctx, kmsg_call *call, kmsg_reflection_Facts *ret)
{
    kmsg_node       *node = ctx;
    const kmi_names *names = kmi_names_find(node);
    const kmi_home   home = kmi_home_get();
    const telling    t = {.mem = kmsg_call_arena(call),
                          .is_far = call->who->identity.kind == KMSG_IDENTITY_KEY};
    kmsg_err         err;

    if (!may_look(call))
        return turn_away(call);
    ret->instance = node->net.session.own.instance;
    ret->pid = home.pid;
    ret->program = kmsg_str(home.program);
    err = tell_links(&t, node, ret);
    if (err == KMSG_OK && names != NULL)
        err = tell_publications(&t, names, ret);
    if (err == KMSG_OK && names != NULL)
        err = tell_subscriptions(&t, names, ret);
    if (err == KMSG_OK && names != NULL)
        err = tell_sessions(&t, names, ret);
    return err;
}

/* ---- serving --------------------------------------------------------------------------------- */

static const kmsg_reflection_Reflection_impl impl = {.describe = describe, .facts = facts};

kmsg_err kmsg_serve_reflection(kmsg_node *node)
{
    kmsg_err err = kmi_node_check(node);

    if (err != KMSG_OK ||
        kmi_service_find(&node->services, kmsg_reflection_Reflection_service.id) != NULL)
        return err;
    return kmsg_reflection_Reflection_serve(node, &impl, node);
}
