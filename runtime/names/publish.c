/* publish.c -- what a node offers under a name, and the sessions that others have with it.
 *
 * A publication is a call to the directory, which streams back what becomes of it, and is made
 * again when the directory was lost. Its *visitors* are calls to this node, of those who have found
 * it.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"
#include "core/outline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- visitors ------------------------------------------------------------------------------ */

static void settle(kmsg_publication *p);

static void visitor_told(kmi_name_news *news)
{
    kmi_visitor      *v = (kmi_visitor *)(void *)((uint8_t *)news - offsetof(kmi_visitor, went));
    kmsg_publication *p = v->publication;

    if (v->prev != NULL)
        v->prev->next = v->next;
    else
        p->visitors = v->next;
    if (v->next != NULL)
        v->next->prev = v->prev;
    kmi_peer_unref(v->peer);
    kmi_free(v);
    settle(p);
}

/* The call is over, or about to be. */
static void leave(kmi_visitor *v, kmsg_err err, const char *words)
{
    kmsg_call *call = v->call;

    v->call = NULL;
    kmi_name_news_post(&v->went, KMSG_DROPPED, err, words);
    kmsg_names_Sessions_open_reply(call);
}

static void on_over(void *ctx, kmsg_call *call)
{
    kmi_visitor *v = ctx;

    if (v->call == NULL)
        return;
    if (call->conn->state == KMI_CONN_UP)
        leave(v, KMSG_ECLOSED, "the other side has ended it");
    else
        leave(v, KMSG_ELOST, "the other side is gone");
}

static void end_visits(kmsg_publication *p, kmsg_err err, const char *words)
{
    for (kmi_visitor *v = p->visitors; v != NULL; v = v->next)
        if (v->call != NULL) {
            kmsg_call_on_over(v->call, NULL, NULL);
            leave(v, err, words);
        }
}

static kmi_visitor *new_visitor(kmsg_publication *p, kmsg_call *call)
{
    kmi_visitor  *v = kmi_alloc_zeroed(sizeof *v);
    kmi_name_news news = {.heard = p->heard, .ctx = p->ctx, .node = p->names->node};

    if (v == NULL)
        return NULL;
    news.event = (kmsg_name_event){.name = p->listing.name.data,
                                   .peer = kmsg_call_peer(call),
                                   .session = ++p->names->last_number};
    v->publication = p;
    v->call = call;
    v->peer = kmi_peer_ref(news.event.peer);
    v->came = v->went = news;
    v->went.told = visitor_told;
    v->next = p->visitors;
    if (v->next != NULL)
        v->next->prev = v;
    p->visitors = v;
    return v;
}

/* ---- Sessions ------------------------------------------------------------------------------ */

static kmsg_publication *find(const kmi_names *names, uint64_t number, kmsg_string name)
{
    kmsg_publication *p = names->publications;

    while (p != NULL && p->listing.number != number)
        p = p->next;
    return p == NULL || p->ended || !kmsg_string_equal(p->listing.name, name) ||
                   (p->decided && p->err != KMSG_OK)
               ? NULL
               : p;
}

/* Nobody has a session with what he cannot see. */
static bool may_see(const kmsg_publication *p, const kmsg_call *call)
{
    switch (call->who->identity.kind) {
    case KMSG_IDENTITY_PROCESS: return true;
    case KMSG_IDENTITY_USER: return call->who->known && p->listing.scope > kmsg_names_Scope_PROCESS;
    case KMSG_IDENTITY_KEY: return p->listing.scope == kmsg_names_Scope_LAN;
    case KMSG_IDENTITY_NONE: break;
    }
    return false;
}

static kmsg_err check_service(const kmsg_publication *p, kmsg_call *call,
                              const kmsg_names_Outline *theirs)
{
    kmsg_node   *node = p->names->node;
    kmsg_object *object = kmi_object_find(node, p->listing.object);
    uint64_t     id = kmsg_id(theirs->service.data);
    kmi_serving *serving = p->listing.object == 0 ? kmi_service_find(&node->services, id)
                           : object == NULL       ? NULL
                                                  : kmi_object_serving(object, id);

    if (serving == NULL)
        return kmi_error(KMSG_EMISMATCH, "%s does not offer %s", p->listing.name.data,
                         theirs->service.data);
    return kmi_outline_check(serving->service, theirs, kmsg_call_arena(call));
}

static kmsg_err open_session(void *ctx, kmsg_call *call, uint64_t number, kmsg_string name,
                             kmsg_names_Outline_list services)
{
    kmsg_publication       *p = find(ctx, number, name);
    const kmsg_names_Opened opened = {name};
    kmi_visitor            *v;
    kmsg_err                err = KMSG_OK;

    if (p == NULL || !may_see(p, call))
        return kmsg_fail(call, KMSG_ENOENT, "%s is not published here", name.data);
    for (size_t i = 0; i < services.count && err == KMSG_OK; i++)
        err = check_service(p, call, &services.items[i]);
    if (err != KMSG_OK)
        return kmsg_fail(call, err, "%s", kmsg_last_error());
    err = kmsg_names_Sessions_open_try_send(call, &opened);
    v = err == KMSG_OK ? new_visitor(p, call) : NULL;
    if (v == NULL)
        return err == KMSG_OK ? KMSG_ENOMEM : err;
    kmi_name_news_post(&v->came, KMSG_DELIVERED, KMSG_OK, "");
    kmsg_call_on_over(call, v, on_over);
    kmi_name_routes_yield(ctx, call->conn);
    return KMSG_LATER;
}

static const kmsg_names_Sessions_impl sessions = {.open = open_session};

void kmi_publications_end(kmi_names *names)
{
    for (kmsg_publication *p = names->publications; p != NULL; p = p->next)
        end_visits(p, KMSG_OK, "");
}

/* ---- what the directory says --------------------------------------------------------------- */

static void decide(kmsg_publication *p, kmsg_err err, const char *words)
{
    bool anew = !p->decided || p->err != err;

    p->decided = true;
    p->err = err;
    p->stood |= err == KMSG_OK;
    if (anew && !p->ended)
        kmi_name_news_post(&p->standing, err == KMSG_OK ? KMSG_PUBLISHED : KMSG_NOT_PUBLISHED, err,
                           words);
    if (err != KMSG_OK)
        end_visits(p, KMSG_ECLOSED, "it is not published any more");
}

static void taken(kmsg_publication *p, const kmsg_names_Listing *by, kmsg_string host)
{
    char words[128];

    snprintf(words, sizeof words, "%s (process %" PRIu32 "%s%s) has the name",
             by->program.size == 0 ? "another one" : by->program.data, by->pid,
             host.size == 0 ? "" : " on ", host.size == 0 ? "" : host.data);
    decide(p, KMSG_EEXIST, words);
}

static void on_verdict(void *ctx, const kmsg_names_Verdict *verdict)
{
    kmsg_publication               *p = ctx;
    static const kmsg_names_Listing nobody;

    if (verdict->stands) {
        decide(p, KMSG_OK, "");
        return;
    }
    taken(p, verdict->by == NULL ? &nobody : verdict->by, verdict->host);
    kmsg_cancel(p->client->peer, p);
}

static void refused(kmsg_publication *p, kmsg_err err)
{
    kmsg_arena      *mem = kmi_arena_take(p->names->node);
    kmsg_names_Taken error;

    if (err == KMSG_ETHROWN && mem != NULL && kmsg_names_Taken_caught(p->client->peer, mem, &error))
        taken(p, &error.by, error.host);
    else
        decide(p, err, kmsg_last_error());
    kmi_arena_give(p->names->node, mem);
}

static void on_done(void *ctx, kmsg_err err)
{
    kmsg_publication *p = ctx;

    p->asked = false;
    if (p->ended || p->names->ending) {
        settle(p);
        return;
    }
    if (!kmi_client_was_lost(err))
        refused(p, err);
    else if (p->client->up)
        kmi_publication_register(p);
}

void kmi_publication_register(kmsg_publication *p)
{
    if (p->asked || p->ended || (p->decided && p->err != KMSG_OK))
        return;
    p->asked = true;
    kmsg_names_Directory_publish_async(p->client->peer, &p->listing, p->stood, p, on_verdict,
                                       on_done);
}

/* ---- where it can be reached --------------------------------------------------------------- */

static kmsg_err listen_here(kmi_names *names)
{
    char url[64];

    if (names->local != NULL)
        return KMSG_OK;
    snprintf(url, sizeof url, "unix:@kmsg/%u/%016" PRIx64, (unsigned)geteuid(),
             names->node->net.session.own.instance);
    return kmsg_listen(names->node, url, &names->local);
}

/* IPv4 and IPv6; one of them will do. */
static kmsg_err listen_in_lan(kmi_names *names)
{
    static const char *const urls[] = {"tcp:0.0.0.0:0", "tcp:[::]:0"};
    kmsg_listener           *listener;
    kmsg_err                 err = KMSG_OK, one;

    for (int i = 0; i < 2 && (err == KMSG_OK || i > 0); i++) {
        if (names->lan[i] != NULL)
            continue;
        one = kmsg_listen(names->node, urls[i], &listener);
        if (one == KMSG_EKEY)
            return one;
        if (one == KMSG_OK) {
            size_t size = strlen(kmsg_listener_url(listener)) + 1;
            names->lan[i] = kmi_alloc(size);
            if (names->lan[i] != NULL)
                memcpy(names->lan[i], kmsg_listener_url(listener), size);
        }
        err = one;
    }
    return names->lan[0] != NULL || names->lan[1] != NULL ? KMSG_OK : err;
}

static kmsg_string copied(kmsg_publication *p, const char *text)
{
    size_t size = strlen(text);
    char  *copy = kmsg_alloc(p->mem, size + 1, 1);

    if (copy == NULL)
        return (kmsg_string){NULL, 0};
    memcpy(copy, text, size + 1);
    return (kmsg_string){copy, size};
}

static kmsg_err set_urls(kmsg_publication *p)
{
    kmi_names   *names = p->names;
    kmsg_string *urls = kmsg_alloc(p->mem, 3 * sizeof *urls, 8);
    size_t       count = 0;
    kmsg_err     err = kmi_node_announce(names->node);

    if (urls == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    if (err == KMSG_OK && p->listing.scope > kmsg_names_Scope_PROCESS) {
        err = listen_here(names);
        if (err == KMSG_OK)
            urls[count++] = copied(p, kmsg_listener_url(names->local));
    }
    if (err == KMSG_OK && p->listing.scope == kmsg_names_Scope_LAN) {
        err = listen_in_lan(names);
        for (int i = 0; i < 2 && err == KMSG_OK; i++)
            if (names->lan[i] != NULL)
                urls[count++] = copied(p, names->lan[i]);
    }
    p->listing.urls = (kmsg_list_string){urls, count};
    return err;
}

/* Those of kmsg itself are found otherwise. */
static kmsg_err set_services(kmsg_publication *p, const kmi_services *services)
{
    uint64_t *ids = kmsg_alloc(p->mem, (services->count + 1) * sizeof *ids, 8);
    size_t    count = 0;

    if (ids == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    for (size_t i = 0; i < services->count; i++)
        if (strncmp(services->items[i]->service->name, "kmsg.", 5) != 0)
            ids[count++] = services->items[i]->service->id;
    p->listing.services = (kmsg_list_u64){ids, count};
    return KMSG_OK;
}

static kmsg_err set_object(kmsg_publication *p, kmsg_address address)
{
    kmsg_node   *node = p->names->node;
    kmi_place    place;
    kmsg_object *object;

    if (address.size == 0)
        return set_services(p, &node->services);
    if (!kmi_place_get(address, &place) || place.instance != node->net.session.own.instance)
        return kmi_error(KMSG_EINVAL, "%s: this is not the address of an object of this node",
                         p->listing.name.data);
    object = kmi_object_find(node, place.object);
    if (object == NULL)
        return kmi_error(KMSG_EINVAL, "%s: the object has returned", p->listing.name.data);
    p->listing.object = place.object;
    return set_services(p, &object->services);
}

/* ---- publishing ---------------------------------------------------------------------------- */

static void unlist(kmsg_publication *p)
{
    if (p->prev != NULL)
        p->prev->next = p->next;
    else
        p->names->publications = p->next;
    if (p->next != NULL)
        p->next->prev = p->prev;
}

void kmi_publication_free(kmsg_publication *p)
{
    unlist(p);
    while (p->visitors != NULL) {
        kmi_visitor *v = p->visitors;
        p->visitors = v->next;
        kmi_peer_unref(v->peer);
        kmi_free(v);
    }
    kmsg_arena_free(p->mem);
    kmi_free(p);
}

static void last_told(kmi_name_news *news)
{
    kmsg_publication *p =
        (kmsg_publication *)(void *)((uint8_t *)news - offsetof(kmsg_publication, last));

    p->told = true;
    if (p->waits == 0)
        kmi_publication_free(p);
}

/* The directory knows, all visitors' ends were told: the last word. */
static void settle(kmsg_publication *p)
{
    if (p->ended && !p->asked && p->visitors == NULL && !p->last.posted)
        kmi_name_news_post(&p->last, KMSG_UNPUBLISHED, KMSG_OK, "");
}

static kmsg_publication *new_publication(kmi_names *names, const char *name, kmsg_scope scope,
                                         const kmsg_publish_options *options)
{
    kmsg_publication *p = kmi_alloc_zeroed(sizeof *p);
    kmi_name_news     news = {.heard = options->heard, .ctx = options->ctx, .node = names->node};
    const kmi_home    home = kmi_home_get();

    if (p == NULL || (p->mem = kmsg_arena_new()) == NULL) {
        kmi_free(p);
        return NULL;
    }
    p->names = names;
    p->heard = options->heard;
    p->ctx = options->ctx;
    p->client = &names->clients[scope == KMSG_SCOPE_PROCESS ? KMI_OF_PROCESS : KMI_OF_HOST];
    p->listing = (kmsg_names_Listing){.node = names->node->net.session.own.instance,
                                      .number = ++names->last_number,
                                      .since = names->node->sys->clock_ns(),
                                      .scope = (kmsg_names_Scope)scope,
                                      .pool = options->pool,
                                      .process = home.process,
                                      .pid = home.pid,
                                      .name = copied(p, name),
                                      .group = copied(p, home.group),
                                      .program = copied(p, home.program)};
    news.event.name = p->listing.name.data;
    p->standing = p->last = news;
    p->last.told = last_told;
    p->next = names->publications;
    if (p->next != NULL)
        p->next->prev = p;
    names->publications = p;
    return p;
}

static kmsg_err serve_sessions(kmi_names *names)
{
    kmsg_err err =
        names->serves ? KMSG_OK : kmsg_names_Sessions_serve(names->node, &sessions, names);

    names->serves |= err == KMSG_OK;
    return err == KMSG_OK ? kmsg_serve_reflection(names->node) : err;
}

kmsg_err kmi_publish_own(kmsg_node *node, const char *name, kmsg_scope scope,
                         const kmsg_publish_options *options, kmsg_publication **ret)
{
    static const kmsg_publish_options none;
    kmi_names                        *names;
    kmsg_publication                 *p;
    kmsg_err                          err = kmi_names_of(node, &names);

    if (options == NULL)
        options = &none;
    if (scope == KMSG_SCOPE_DEFAULT)
        scope = KMSG_SCOPE_HOST;
    if (err == KMSG_OK)
        err = serve_sessions(names);
    if (err != KMSG_OK)
        return err;
    p = new_publication(names, name, scope, options);
    if (p == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    err = set_object(p, options->object);
    if (err == KMSG_OK)
        err = set_urls(p);
    if (err == KMSG_OK && kmsg_arena_failed(p->mem))
        err = kmi_error_plain(KMSG_ENOMEM);
    if (err == KMSG_OK)
        err = kmi_client_begin(p->client);
    if (err != KMSG_OK) {
        kmi_publication_free(p);
        return err;
    }
    if (p->client->up)
        kmi_publication_register(p);
    if (ret != NULL)
        *ret = p;
    return KMSG_OK;
}

kmsg_err kmsg_publish(kmsg_node *node, const char *name, kmsg_scope scope,
                      const kmsg_publish_options *options, kmsg_publication **ret)
{
    kmsg_err err = kmi_name_check(kmsg_str(name));

    if (err == KMSG_OK && name[0] == '$')
        err = kmi_error(KMSG_EINVAL, "%s: names that begin with '$' are kmsg's own", name);
    if (err == KMSG_OK && (int)scope > KMSG_SCOPE_LAN)
        err = kmi_error(KMSG_EINVAL, "%d is no scope", (int)scope);
    return err == KMSG_OK ? kmi_publish_own(node, name, scope, options, ret) : err;
}

static kmsg_err outcome(const kmsg_publication *p)
{
    if (p->ended)
        return kmi_error(KMSG_ECLOSED, "%s: it is not published any more", p->listing.name.data);
    if (p->decided)
        return p->err == KMSG_OK ? KMSG_OK : kmi_error(p->err, "%s", p->standing.words);
    return kmi_error(KMSG_ETIMEDOUT, "%s: no directory has answered%s%s", p->listing.name.data,
                     p->client->err == KMSG_OK ? "" : ": ",
                     p->client->err == KMSG_OK ? "" : p->client->words);
}

/* A callback may unpublish it meanwhile. */
kmsg_err kmsg_published(kmsg_publication *p, uint32_t timeout_ms)
{
    kmsg_node *node = p->names->node;
    kmi_limit  until;
    kmsg_err   err = kmi_limit_init(&until, node, timeout_ms);

    if (err != KMSG_OK)
        return err;
    p->waits++;
    while (!p->decided && !p->ended && !until.over)
        kmi_node_turn(node, true, &until.over);
    p->waits--;
    kmi_limit_done(&until, node);
    err = outcome(p);
    if (p->told && p->waits == 0)
        kmi_publication_free(p);
    return err;
}

void kmsg_unpublish(kmsg_publication *p)
{
    if (p == NULL || p->ended)
        return;
    p->ended = true;
    if (p->asked)
        kmsg_cancel(p->client->peer, p);
    end_visits(p, KMSG_OK, "");
    settle(p);
}
