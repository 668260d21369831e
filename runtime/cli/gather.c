/* gather.c -- what kmsg network shows: a survey of this host's directory, and then what each node
 * that it names tells of itself, twice, a second apart. See network.h.
 *
 * A node is asked where it listens, and nothing is waited for longer than the time-out: all are
 * asked at the same time. A node that only looks for names listens nowhere; what it is connected to
 * is told by the others.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/network.h"

#include <stdlib.h>
#include <string.h>

#define BETWEEN_MS 1000u

/* A node on its way. */
typedef struct place {
    uint64_t                 instance;
    const kmsg_names_Seen   *listed; /* where it publishes something; else NULL */
    const kmsg_names_Viewer *viewer; /* where it looks; else NULL */
    kmsg_peer               *peer;
    kmsg_pending             pending;
    bool                     asked, answered;
    kmsg_reflection_Facts    facts, later;
} place;

typedef struct gathering {
    kmsg_node         *node;
    const cli_options *options;
    kmsg_arena        *mem;
    kmsg_names_Survey  survey;
    uint64_t           own; /* this node's instance */
    place             *places;
    size_t             count;
} gathering;

static void *room_for(kmsg_arena *mem, size_t count, size_t size)
{
    void *room = kmsg_alloc_zeroed(mem, count + 1, size, 16);

    if (room == NULL)
        cli_resize(NULL, SIZE_MAX); /* says so, and ends */
    return room;
}

#define ROOM(mem, type, count) ((type *)room_for((mem), (count), sizeof(type)))

/* ---- the directory --------------------------------------------------------------------------- */

static bool fail(kmsg_err err, uint32_t timeout_ms)
{
    if (err == KMSG_EREFUSED || err == KMSG_EUNREACHABLE)
        return cli_fail("there is no directory on this host: no program uses names");
    if (err == KMSG_ETIMEDOUT)
        return cli_fail("the directory does not answer within %u ms", (unsigned)timeout_ms);
    return cli_fail("the directory: %s: %s", kmsg_strerror(err), kmsg_last_error());
}

/* Who asks for the LAN makes this host's directory a part of it. */
static kmsg_err join_lan(const gathering *g, kmsg_peer *directory, kmsg_stream **ret)
{
    const kmsg_names_Viewer nobody = {.node = g->own};
    kmsg_names_Change       change;
    kmsg_err err = kmsg_names_Directory_watch_open(directory, &nobody, kmsg_str("\\*"),
                                                   kmsg_names_Scope_LAN, ret);

    if (err == KMSG_OK)
        err = kmsg_names_Directory_watch_next(*ret, g->mem, &change);
    if (err == KMSG_OK)
        remote_run(g->node, BETWEEN_MS); /* others answer meanwhile */
    return err;
}

static bool survey(gathering *g)
{
    kmsg_peer   *directory;
    kmsg_stream *stream = NULL;
    kmsg_err     err = kmsg_dial_directory(g->node, KMSG_SCOPE_HOST, &directory);

    if (err != KMSG_OK)
        return fail(err, 0);
    kmsg_peer_set_timeout_ms(directory, g->options->timeout_ms);
    if (g->options->scope == KMSG_SCOPE_LAN)
        err = join_lan(g, directory, &stream);
    if (err == KMSG_OK)
        err = kmsg_names_Directory_survey(directory, g->mem, &g->survey);
    kmsg_stream_close(stream);
    return err == KMSG_OK ? true : fail(err, g->options->timeout_ms);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static bool is_wanted(const gathering *g, const char *address, kmsg_string group)
{
    const char *own = getenv("KMSG_GROUP");

    if (address[0] != '\0')
        return g->options->scope == KMSG_SCOPE_LAN;
    return g->options->scope != KMSG_SCOPE_GROUP || strcmp(group.data, own == NULL ? "" : own) == 0;
}

static place *place_of(gathering *g, uint64_t instance)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->places[i].instance == instance)
            return &g->places[i];
    g->places[g->count].instance = instance;
    return &g->places[g->count++];
}

static void list_places(gathering *g)
{
    const kmsg_names_Seen_list    *seen = &g->survey.listings;
    const kmsg_names_Looking_list *lookers = &g->survey.viewers;

    g->places = ROOM(g->mem, place, seen->count + lookers->count);
    for (size_t i = 0; i < seen->count; i++) {
        const kmsg_names_Seen *s = &seen->items[i];
        if (is_wanted(g, s->address.data, s->listing.group))
            place_of(g, s->listing.node)->listed = s;
    }
    for (size_t i = 0; i < lookers->count; i++) {
        const kmsg_names_Viewer *v = &lookers->items[i].viewer;
        if (v->node != g->own && is_wanted(g, "", v->group))
            place_of(g, v->node)->viewer = v;
    }
}

/* "tcp:0.0.0.0:7000" is at the address at which its host is seen. */
static const char *url_of(const gathering *g, const kmsg_names_Seen *seen)
{
    const char *address = seen->address.data;

    for (size_t i = 0; i < seen->listing.urls.count; i++) {
        const char *url = seen->listing.urls.items[i].data, *port = strrchr(url, ':');
        bool        is_tcp = strncmp(url, "tcp:", 4) == 0;
        if (address[0] == '\0' && strncmp(url, "unix:", 5) == 0)
            return url;
        if (address[0] != '\0' && is_tcp && (url[4] == '[') == (address[0] == '['))
            return kmsg_printf(g->mem, "tcp:%s%s", address, port).data;
    }
    return NULL;
}

static void ask(gathering *g, bool again)
{
    for (size_t i = 0; i < g->count; i++) {
        place      *p = &g->places[i];
        const char *url = p->listed == NULL || again ? NULL : url_of(g, p->listed);
        if (url != NULL && kmsg_dial(g->node, url, &p->peer) == KMSG_OK)
            kmsg_peer_set_timeout_ms(p->peer, g->options->timeout_ms);
        p->asked = p->peer != NULL && (!again || p->answered) &&
                   kmsg_reflection_Reflection_facts_begin(p->peer, &p->pending) == KMSG_OK;
    }
    for (size_t i = 0; i < g->count; i++) {
        place *p = &g->places[i];
        if (p->asked && kmsg_reflection_Reflection_facts_end(
                            &p->pending, g->mem, again ? &p->later : &p->facts) == KMSG_OK)
            p->answered = true;
        else if (again)
            p->later = p->facts;
    }
}

/* ---- what a node has ------------------------------------------------------------------------- */

static void tell_publications(const gathering *g, const place *p, kmsg_reflection_Node *ret)
{
    const kmsg_names_Seen_list  *seen = &g->survey.listings;
    kmsg_reflection_Publication *items = ROOM(g->mem, kmsg_reflection_Publication, seen->count);
    size_t                       count = 0;

    for (size_t i = 0; i < seen->count; i++) {
        const kmsg_names_Listing *l = &seen->items[i].listing;
        if (l->node == p->instance)
            items[count++] = (kmsg_reflection_Publication){.number = l->number,
                                                           .name = l->name,
                                                           .scope = l->scope,
                                                           .pool = l->pool,
                                                           .stands = seen->items[i].stands};
    }
    ret->publications = (kmsg_reflection_Publication_list){items, count};
}

static void tell_subscriptions(const gathering *g, const place *p, kmsg_reflection_Node *ret)
{
    const kmsg_names_Looking_list *all = &g->survey.viewers;
    kmsg_reflection_Subscription  *items = ROOM(g->mem, kmsg_reflection_Subscription, all->count);
    size_t                         count = 0;

    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].viewer.node == p->instance)
            items[count++] = (kmsg_reflection_Subscription){.pattern = all->items[i].pattern,
                                                            .scope = all->items[i].scope};
    ret->subscriptions = (kmsg_reflection_Subscription_list){items, count};
}

static kmsg_list_string names_of(const gathering *g, const kmsg_reflection_Facts *facts,
                                 uint64_t node)
{
    kmsg_string *names = ROOM(g->mem, kmsg_string, facts->sessions.count);
    size_t       count = 0;

    for (size_t i = 0; i < facts->sessions.count; i++)
        if (facts->sessions.items[i].node == node)
            names[count++] = facts->sessions.items[i].name;
    return (kmsg_list_string){names, count};
}

static const kmsg_reflection_Link *same_link(const kmsg_reflection_Facts *facts,
                                             const kmsg_reflection_Link  *link)
{
    for (size_t i = 0; i < facts->links.count; i++)
        if (facts->links.items[i].node == link->node &&
            facts->links.items[i].accepted == link->accepted)
            return &facts->links.items[i];
    return link;
}

static kmsg_reflection_Connection connection_of(gathering *g, const place *p,
                                                const kmsg_reflection_Link *link)
{
    const kmsg_reflection_Link *before = same_link(&p->facts, link);
    kmsg_reflection_Connection  ret = {
         .program = kmsg_str(""),
         .host = kmsg_str(""),
         .link = *link,
         .names = names_of(g, &p->later, link->node),
         .requests = link->sent + link->received - before->sent - before->received,
         .bytes =
             link->bytes_sent + link->bytes_received - before->bytes_sent - before->bytes_received};

    for (size_t i = 0; i < g->count; i++) {
        const place *other = &g->places[i];
        if (other->instance != link->node)
            continue;
        ret.program =
            other->listed != NULL ? other->listed->listing.program : other->viewer->program;
        ret.pid = other->listed != NULL ? other->listed->listing.pid : other->viewer->pid;
        if (other->listed != NULL)
            ret.host = other->listed->host;
    }
    return ret;
}

/* Those that have a name, or lead to who has one: not those to directories, or to this command. */
static void tell_connections(gathering *g, const place *p, kmsg_reflection_Node *ret)
{
    const kmsg_reflection_Link_list *links = &p->later.links;
    kmsg_reflection_Connection      *items = ROOM(g->mem, kmsg_reflection_Connection, links->count);
    size_t                           count = 0;

    for (size_t i = 0; i < links->count; i++) {
        const kmsg_reflection_Connection c = connection_of(g, p, &links->items[i]);
        if (c.link.node != g->own && c.link.node != p->instance &&
            (c.names.count > 0 || c.pid != 0))
            items[count++] = c;
    }
    ret->connections = (kmsg_reflection_Connection_list){items, count};
}

/* ---- the tree -------------------------------------------------------------------------------- */

static const char *address_of(const place *p)
{
    return p->listed == NULL ? "" : p->listed->address.data;
}

static uint64_t process_of(const place *p)
{
    return p->listed == NULL ? p->viewer->process : p->listed->listing.process;
}

static kmsg_reflection_Node_list tell_nodes(gathering *g, const place *first)
{
    kmsg_reflection_Node *items = ROOM(g->mem, kmsg_reflection_Node, g->count);
    size_t                count = 0;

    for (size_t i = 0; i < g->count; i++) {
        const place *p = &g->places[i];
        if (process_of(p) != process_of(first) || strcmp(address_of(p), address_of(first)) != 0)
            continue;
        items[count] = (kmsg_reflection_Node){.instance = p->instance, .answered = p->answered};
        tell_publications(g, p, &items[count]);
        tell_subscriptions(g, p, &items[count]);
        if (p->answered)
            tell_connections(g, p, &items[count]);
        count++;
    }
    return (kmsg_reflection_Node_list){items, count};
}

/* Is it the first one of its process? of its host? */
static bool is_first(const gathering *g, size_t at, bool of_host)
{
    const place *p = &g->places[at];

    for (size_t i = 0; i < at; i++)
        if (strcmp(address_of(&g->places[i]), address_of(p)) == 0 &&
            (of_host || process_of(&g->places[i]) == process_of(p)))
            return false;
    return true;
}

static kmsg_reflection_Process_list tell_processes(gathering *g, const place *first)
{
    kmsg_reflection_Process *items = ROOM(g->mem, kmsg_reflection_Process, g->count);
    size_t                   count = 0;

    for (size_t i = 0; i < g->count; i++) {
        const place *p = &g->places[i];
        if (!is_first(g, i, false) || strcmp(address_of(p), address_of(first)) != 0)
            continue;
        items[count++] = (kmsg_reflection_Process){
            .pid = p->listed != NULL ? p->listed->listing.pid : p->viewer->pid,
            .program = p->listed != NULL ? p->listed->listing.program : p->viewer->program,
            .group = p->listed != NULL ? p->listed->listing.group : p->viewer->group,
            .nodes = tell_nodes(g, p)};
    }
    return (kmsg_reflection_Process_list){items, count};
}

static void tell_hosts(gathering *g, kmsg_reflection_Network *ret)
{
    kmsg_reflection_Host *items = ROOM(g->mem, kmsg_reflection_Host, g->count);
    size_t                count = 0;

    for (size_t i = 0; i < g->count; i++) {
        const place *p = &g->places[i];
        if (is_first(g, i, true))
            items[count++] =
                (kmsg_reflection_Host){.name = p->listed == NULL ? kmsg_str("") : p->listed->host,
                                       .address = kmsg_str(address_of(p)),
                                       .processes = tell_processes(g, p)};
    }
    ret->hosts = (kmsg_reflection_Host_list){items, count};
}

bool network_gather(kmsg_node *node, const cli_options *options, kmsg_arena *mem,
                    kmsg_reflection_Network *ret)
{
    gathering       g = {.node = node, .options = options, .mem = mem};
    kmsg_peer_facts own;

    kmsg_peer_info(kmsg_self(node), &own);
    g.own = own.instance;
    if (!survey(&g))
        return false;
    list_places(&g);
    ask(&g, false);
    remote_run(node, BETWEEN_MS);
    ask(&g, true);
    *ret = (kmsg_reflection_Network){.directory_pid = g.survey.pid,
                                     .directory_program = g.survey.program,
                                     .directory_since = g.survey.since};
    tell_hosts(&g, ret);
    return true;
}
