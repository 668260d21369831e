/* subscribe.c -- what a node looks for: the candidates of which directories tell, and with whom of
 * them there is to be a session.
 *
 * Directories only introduce. Who is listed no more, but has a session, keeps it: that ends when
 * one of its sides ends it, or when somebody nearer is listed. So sessions outlive the directory.
 */
#include "names/names.h"

#include "base/alloc.h"
#include "base/err.h"

#include <string.h>

#define WATCH_AGAIN_MS 200 /* where a directory, or this process, had no room for what was told */

/* ---- candidates ---------------------------------------------------------------------------- */

void kmi_candidate_free(kmi_candidate *c)
{
    kmsg_arena_free(c->mem);
    kmi_free(c);
}

void kmi_candidate_unlisted(kmi_candidate *c)
{
    kmi_candidate **at = &c->subscription->candidates;

    c->listed = false;
    if (c->session != NULL)
        return;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    kmi_candidate_free(c);
}

static kmi_candidate *find(const kmsg_subscription *sub, const kmsg_names_Listing *listing,
                           kmi_reach source)
{
    kmi_candidate *c = sub->candidates;

    while (c != NULL && (c->source != source || c->listing.number != listing->number ||
                         c->listing.node != listing->node))
        c = c->next;
    return c;
}

static const char *copied(kmsg_arena *mem, kmsg_string text)
{
    char *copy = kmsg_alloc(mem, text.size + 1, 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text.data == NULL ? "" : text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

/* What is known of it by now. False: no memory, and it is as it was. */
static bool learn(kmi_candidate *c, const kmsg_names_Change *change)
{
    kmsg_arena        *mem = kmsg_arena_new();
    kmsg_names_Listing listing;
    const char        *address, *host;

    if (mem == NULL)
        return false;
    address = copied(mem, change->address);
    host = copied(mem, change->host);
    if (address == NULL || host == NULL ||
        kmsg_names_Listing_copy(change->listing, mem, &listing) != KMSG_OK) {
        kmsg_arena_free(mem);
        return false;
    }
    kmsg_arena_free(c->mem);
    c->mem = mem;
    c->listing = listing;
    c->address = address;
    c->host = host;
    c->distance = (kmsg_scope)change->distance;
    c->listed = c->confirmed = true;
    c->unfit = false;
    c->again_ns = 0;
    return true;
}

/* False: no memory. */
static bool here(kmsg_subscription *sub, const kmsg_names_Change *change, kmi_reach source)
{
    kmi_candidate *c = find(sub, change->listing, source);
    bool           is_new = c == NULL;

    if (is_new)
        c = kmi_alloc_zeroed(sizeof *c);
    if (c == NULL || !learn(c, change)) {
        if (is_new)
            kmi_free(c);
        return false;
    }
    if (sub->found != NULL)
        kmi_named_refuse(sub->found, KMSG_OK, "");
    if (is_new) {
        c->subscription = sub;
        c->source = source;
        c->next = sub->candidates;
        sub->candidates = c;
    }
    return true;
}

/* What a directory that came back does not know is not there any more. */
static void forget_unconfirmed(kmsg_subscription *sub, kmi_reach source)
{
    for (kmi_candidate *c = sub->candidates, *next; c != NULL; c = next) {
        next = c->next;
        if (c->source == source && c->listed && !c->confirmed)
            kmi_candidate_unlisted(c);
    }
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* All directories agree on the order. */
static bool is_before(const kmi_candidate *a, const kmi_candidate *b)
{
    if (a->distance != b->distance)
        return a->distance < b->distance;
    if (a->listing.since != b->listing.since)
        return a->listing.since < b->listing.since;
    if (a->listing.node != b->listing.node)
        return a->listing.node < b->listing.node;
    return a->listing.number < b->listing.number;
}

/* Each is for itself, and not one for all that have the name. */
static bool is_alone(const kmi_candidate *c)
{
    return c->listing.pool && c->subscription->found == NULL;
}

static bool is_ready(const kmi_candidate *c, int64_t now_ns)
{
    return c->listed && !c->unfit && c->session == NULL && c->again_ns <= now_ns;
}

static bool is_offered(const kmi_candidate *c)
{
    const kmsg_service *wanted = c->subscription->service;

    if (wanted == NULL || c->subscription->found != NULL) /* who wants this very one is told so */
        return true;
    for (size_t i = 0; i < c->listing.services.count; i++)
        if (c->listing.services.items[i] == wanted->id)
            return true;
    return false;
}

/* The best of those of one name that can be tried; and who has the session. */
static kmi_candidate *best_of(const kmi_candidate *first, int64_t now_ns, kmi_candidate **ret_held)
{
    kmi_candidate *best = NULL;

    *ret_held = NULL;
    for (kmi_candidate *c = first->subscription->candidates; c != NULL; c = c->next) {
        if (is_alone(c) || !kmsg_string_equal(c->listing.name, first->listing.name))
            continue;
        if (c->session != NULL)
            *ret_held = c;
        else if (is_ready(c, now_ns) && is_offered(c) && (best == NULL || is_before(c, best)))
            best = c;
    }
    return best;
}

static void choose_for(kmi_candidate *c, int64_t now_ns)
{
    kmi_candidate *held, *best;

    if (is_alone(c)) {
        (void)kmi_name_session_open(c);
        return;
    }
    best = best_of(c, now_ns, &held);
    if (held == NULL)
        (void)kmi_name_session_open(best);
    else if (best != NULL && best->distance < held->distance)
        kmi_name_session_end(held->session, KMSG_EEXIST);
}

static void on_timer(kmi_timer *timer, int64_t now_ns)
{
    kmsg_subscription *sub =
        (kmsg_subscription *)(void *)((uint8_t *)timer - offsetof(kmsg_subscription, timer));

    for (int i = 0; i < KMI_REACHES; i++)
        if (sub->watches[i].again_ns > 0 && sub->watches[i].again_ns <= now_ns &&
            sub->watches[i].client->up)
            kmi_subscription_register(sub, sub->watches[i].client);
    kmi_subscription_choose(sub);
}

void kmi_subscription_choose(kmsg_subscription *sub)
{
    kmsg_node *node = sub->names->node;
    int64_t    now_ns = node->sys->now_ns(), next_ns = KMI_NEVER;

    if (sub->ended || sub->names->ending)
        return;
    for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
        if (is_ready(c, now_ns) && is_offered(c))
            choose_for(c, now_ns);
    for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
        if (c->listed && c->session == NULL && c->again_ns > now_ns && c->again_ns < next_ns)
            next_ns = c->again_ns;
    for (int i = 0; i < KMI_REACHES; i++)
        if (sub->watches[i].again_ns > now_ns && sub->watches[i].again_ns < next_ns)
            next_ns = sub->watches[i].again_ns;
    if (next_ns != KMI_NEVER)
        kmi_timer_set(&node->timers, &sub->timer, next_ns);
}

/* ---- what directories say ------------------------------------------------------------------ */

static void say(kmsg_subscription *sub, kmsg_err err, const char *words)
{
    if (sub->said || sub->ended)
        return;
    sub->said = true;
    kmi_name_news_post(&sub->standing, err == KMSG_OK ? KMSG_SUBSCRIBED : KMSG_NOT_SUBSCRIBED, err,
                       words);
}

/* What the directory tells is not known wholly: it is to tell all of it again. */
static void start_over(kmi_watch_call *watch)
{
    kmsg_subscription *sub = watch->subscription;
    kmsg_node         *node = sub->names->node;

    watch->again_ns = node->sys->now_ns() + WATCH_AGAIN_MS * KMI_MS;
    if (sub->timer.place == 0 || sub->timer.at_ns > watch->again_ns)
        kmi_timer_set(&node->timers, &sub->timer, watch->again_ns);
    if (watch->asked)
        kmsg_cancel(watch->client->peer, watch);
}

static void refused(kmsg_subscription *sub, kmsg_err err, const char *words)
{
    if (sub->found != NULL)
        kmi_named_refuse(sub->found, err, words);
    say(sub, err, words);
}

static void all_told(kmi_watch_call *watch)
{
    kmsg_subscription *sub = watch->subscription;

    watch->told = true;
    forget_unconfirmed(sub, watch->client->reach);
    for (int i = 0; i < KMI_REACHES; i++)
        if (sub->watches[i].subscription != NULL && !sub->watches[i].told)
            return;
    say(sub, KMSG_OK, "");
}

static void on_change(void *ctx, const kmsg_names_Change *change)
{
    kmi_watch_call    *watch = ctx;
    kmsg_subscription *sub = watch->subscription;
    kmi_candidate     *c;

    if (sub->ended || sub->names->ending)
        return;
    if (change->kind == kmsg_names_ChangeKind_ALL_TOLD) {
        all_told(watch);
    } else if (change->listing == NULL) {
        return;
    } else if (change->kind == kmsg_names_ChangeKind_HERE) {
        if (!here(sub, change, watch->client->reach))
            start_over(watch);
    } else {
        c = find(sub, change->listing, watch->client->reach);
        if (c != NULL)
            kmi_candidate_unlisted(c);
    }
    kmi_subscription_choose(sub);
}

static void on_done(void *ctx, kmsg_err err)
{
    kmi_watch_call    *watch = ctx;
    kmsg_subscription *sub = watch->subscription;

    watch->asked = false;
    if (sub->ended || sub->names->ending)
        kmi_subscription_settle(sub);
    else if (err == KMSG_ENOMEM || err == KMSG_EOVERLOADED)
        start_over(watch);
    else if (!kmi_client_was_lost(err))
        refused(sub, err, kmsg_last_error());
    else if (watch->client->up && watch->again_ns == 0)
        kmi_subscription_register(sub, watch->client);
}

void kmi_subscription_register(kmsg_subscription *sub, kmi_client *client)
{
    kmi_watch_call         *watch = &sub->watches[client->reach];
    const kmsg_names_Viewer viewer = kmi_names_viewer(sub->names);

    if (watch->subscription == NULL || watch->asked || sub->ended)
        return;
    for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
        if (c->source == client->reach)
            c->confirmed = false;
    watch->asked = true;
    watch->again_ns = 0;
    kmsg_names_Directory_watch_async(client->peer, &viewer, kmsg_str(sub->pattern),
                                     (kmsg_names_Scope)sub->scope, watch, on_change, on_done);
}

/* ---- subscribing --------------------------------------------------------------------------- */

void kmi_subscription_free(kmsg_subscription *sub)
{
    if (sub->prev != NULL)
        sub->prev->next = sub->next;
    else
        sub->names->subscriptions = sub->next;
    if (sub->next != NULL)
        sub->next->prev = sub->prev;
    while (sub->candidates != NULL) {
        kmi_candidate *c = sub->candidates;
        sub->candidates = c->next;
        kmi_free(c->session); /* at the node's end */
        kmi_candidate_free(c);
    }
    kmi_timer_done(&sub->names->node->timers, &sub->timer);
    kmi_free(sub->pattern);
    kmi_free(sub);
}

static void last_told(kmi_name_news *news)
{
    kmi_subscription_free(
        (kmsg_subscription *)(void *)((uint8_t *)news - offsetof(kmsg_subscription, last)));
}

void kmi_subscription_settle(kmsg_subscription *sub)
{
    if (!sub->ended || sub->sessions > 0 || sub->last.posted)
        return;
    for (int i = 0; i < KMI_REACHES; i++)
        if (sub->watches[i].asked)
            return;
    kmi_name_news_post(&sub->last, KMSG_UNSUBSCRIBED, KMSG_OK, "");
}

static kmsg_subscription *new_subscription(kmi_names *names, const char *pattern, kmsg_scope scope,
                                           const kmsg_subscribe_options *options)
{
    kmsg_subscription *sub = kmi_alloc_zeroed(sizeof *sub);
    size_t             size = strlen(pattern) + 1;
    kmi_name_news      news = {.heard = options->heard, .ctx = options->ctx, .node = names->node};

    if (sub == NULL || (sub->pattern = kmi_alloc(size)) == NULL ||
        kmi_timer_init(&names->node->timers, &sub->timer, on_timer) != KMSG_OK) {
        if (sub != NULL)
            kmi_free(sub->pattern);
        kmi_free(sub);
        return NULL;
    }
    memcpy(sub->pattern, pattern, size);
    sub->names = names;
    sub->scope = scope;
    sub->service = options->service;
    sub->heard = options->heard;
    sub->ctx = options->ctx;
    news.event.name = sub->pattern;
    sub->standing = sub->last = news;
    sub->last.told = last_told;
    sub->next = names->subscriptions;
    if (sub->next != NULL)
        sub->next->prev = sub;
    names->subscriptions = sub;
    return sub;
}

/* From now on. */
static kmsg_err look_at(kmsg_subscription *sub, kmi_reach reach)
{
    kmi_client *client = &sub->names->clients[reach];
    kmsg_err    err;

    sub->watches[reach].subscription = sub;
    sub->watches[reach].client = client;
    err = kmi_client_begin(client);
    if (err == KMSG_OK && client->up)
        kmi_subscription_register(sub, client);
    return err;
}

void kmi_subscriptions_leave(kmi_names *names, const kmi_name_route *route)
{
    for (kmsg_subscription *sub = names->subscriptions; sub != NULL; sub = sub->next)
        for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
            if (c->session != NULL && c->session->route == route)
                kmi_name_session_move(c->session);
}

/* Does it concern it? A name is seen where both scopes reach: who looks near may see what is
 * published far, and the other way round, if anybody of this process has to do with that directory.
 */
static bool is_concerned(const kmsg_subscription *sub, kmi_reach reach)
{
    return (sub->scope == KMSG_SCOPE_PROCESS) == (reach == KMI_OF_PROCESS) ||
           kmi_home_reaches(reach);
}

void kmi_subscriptions_look_again(kmi_names *names)
{
    for (kmsg_subscription *sub = names->subscriptions; sub != NULL; sub = sub->next)
        for (int i = 0; i < KMI_REACHES; i++)
            if (sub->watches[i].subscription == NULL && !sub->ended &&
                is_concerned(sub, (kmi_reach)i))
                (void)look_at(sub, (kmi_reach)i); /* without memory it is not seen */
}

kmsg_err kmi_subscribe_own(kmsg_node *node, const char *pattern, kmsg_scope scope,
                           const kmsg_subscribe_options *options, kmsg_subscription **ret)
{
    kmi_names         *names;
    kmsg_subscription *sub;
    kmsg_err           err = kmi_names_of(node, &names);

    if (err != KMSG_OK)
        return err;
    if (scope == KMSG_SCOPE_DEFAULT)
        scope = KMSG_SCOPE_HOST;
    sub = new_subscription(names, pattern, scope, options);
    if (sub == NULL)
        return kmi_error_plain(KMSG_ENOMEM);
    for (int i = 0; i < KMI_REACHES && err == KMSG_OK; i++)
        if (is_concerned(sub, (kmi_reach)i))
            err = look_at(sub, (kmi_reach)i);
    if (err != KMSG_OK) {
        kmi_subscription_free(sub);
        return err;
    }
    if (ret != NULL)
        *ret = sub;
    return KMSG_OK;
}

kmsg_err kmsg_subscribe(kmsg_node *node, const char *pattern, kmsg_scope scope,
                        const kmsg_subscribe_options *options, kmsg_subscription **ret)
{
    kmi_glob glob;
    kmsg_err err = kmi_glob_init(&glob, kmsg_str(pattern));

    assert(options != NULL && options->heard != NULL && "kmsg_subscribe() without `heard`");
    if (err == KMSG_OK && pattern[0] == '$')
        err = kmi_error(KMSG_EINVAL, "%s: names that begin with '$' are kmsg's own", pattern);
    if (err == KMSG_OK && (int)scope > KMSG_SCOPE_LAN)
        err = kmi_error(KMSG_EINVAL, "%d is no scope", (int)scope);
    return err == KMSG_OK ? kmi_subscribe_own(node, pattern, scope, options, ret) : err;
}

void kmsg_unsubscribe(kmsg_subscription *sub)
{
    if (sub == NULL || sub->ended)
        return;
    sub->ended = true;
    for (int i = 0; i < KMI_REACHES; i++)
        if (sub->watches[i].asked)
            kmsg_cancel(sub->watches[i].client->peer, &sub->watches[i]);
    for (kmi_candidate *c = sub->candidates; c != NULL; c = c->next)
        if (c->session != NULL)
            kmi_name_session_end(c->session, KMSG_OK);
    kmi_subscription_settle(sub);
}
