/* names_hostile_test.c -- directories that tell what is not so, nodes that register as they must
 * not, and user code that ends what is just being told to it.
 */
#define _DEFAULT_SOURCE
#include "named.h"

#include <kmsg/names.kmsg.h>
#include <kmsg/security.h>

static uint64_t instance_of(kmsg_node *node)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(kmsg_self(node), &facts);
    return facts.instance;
}

/* ---- a directory that is none ---------------------------------------------------------------- */

/* It tells each watcher of the same listings, and its node opens each session. */
typedef struct liar {
    kmsg_node         *node;
    kmsg_listener     *tcp;
    kmsg_names_Change  changes[4];
    kmsg_names_Listing listings[4];
    kmsg_string        urls[4];
    size_t             count;
    char               text[4][64];
    int                opened;
    kmsg_call         *watch;
    kmsg_err           end; /* KMSG_OK: the watch lasts */
    int                watches;
} liar;

static kmsg_err lie(void *ctx, kmsg_call *call, const kmsg_names_Viewer *viewer,
                    kmsg_string pattern, kmsg_names_Scope scope)
{
    static const kmsg_names_Change all_told = {.kind = kmsg_names_ChangeKind_ALL_TOLD};
    liar                          *l = ctx;

    (void)viewer;
    (void)pattern;
    (void)scope;
    if (l->watches++ == 0 && l->end != KMSG_OK)
        return kmsg_fail(call, l->end, "not now");
    for (size_t i = 0; i < l->count; i++)
        OK(kmsg_names_Directory_watch_try_send(call, &l->changes[i]));
    OK(kmsg_names_Directory_watch_try_send(call, &all_told));
    return KMSG_LATER;
}

static kmsg_err open_any(void *ctx, kmsg_call *call, uint64_t number, kmsg_string name,
                         kmsg_names_Outline_list services)
{
    const kmsg_names_Opened opened = {name};

    (void)number;
    (void)services;
    ((liar *)ctx)->opened++;
    OK(kmsg_names_Sessions_open_try_send(call, &opened));
    return KMSG_LATER;
}

static const kmsg_names_Directory_impl lying = {.watch = lie};
static const kmsg_names_Sessions_impl  opening = {.open = open_any};

static void liar_init(liar *l)
{
    char url[128];

    *l = (liar){.node = kmsg_node_new()};
    snprintf(url, sizeof url, "unix:%s/directory", named_folder);
    OK(kmsg_names_Directory_serve(l->node, &lying, l));
    OK(kmsg_names_Sessions_serve(l->node, &opening, l));
    OK(kmsg_listen(l->node, url, NULL));
    OK(kmsg_listen(l->node, "tcp:127.0.0.1:0", &l->tcp));
}

/* `url` has room for the port of its listener. */
static void liar_says(liar *l, const char *name, const char *url, kmsg_names_Scope distance)
{
    size_t i = l->count++;

    snprintf(l->text[i], sizeof l->text[i], url, strrchr(kmsg_listener_url(l->tcp), ':') + 1);
    l->urls[i] = kmsg_str(l->text[i]);
    l->listings[i] = kmsg_names_Listing_initial;
    l->listings[i].node = instance_of(l->node);
    l->listings[i].number = i + 1;
    l->listings[i].name = kmsg_str(name);
    l->listings[i].scope = kmsg_names_Scope_LAN;
    l->listings[i].urls = (kmsg_list_string){&l->urls[i], 1};
    l->changes[i] = (kmsg_names_Change){.kind = kmsg_names_ChangeKind_HERE,
                                        .distance = distance,
                                        .listing = &l->listings[i],
                                        .address = kmsg_str("127.0.0.1")};
}

TEST(what_another_host_says_does_not_lead_to_links_in_the_clear)
{
    liar            l;
    kmsg_node      *node = kmsg_node_new();
    events          looks = {0};
    kmsg_peer_facts facts;

    liar_init(&l);
    liar_says(&l, "clear", "tcp:0.0.0.0:%s?insecure", kmsg_names_Scope_LAN);
    liar_says(&l, "plain", "tcp:0.0.0.0:%s", kmsg_names_Scope_LAN);
    liar_says(&l, "elsewhere", "tcp:127.0.0.1:%s", kmsg_names_Scope_LAN);
    liar_says(&l, "here", "unix:%.0s/nowhere", kmsg_names_Scope_LAN);
    subscribe(node, "*", KMSG_SCOPE_HOST, NULL, &looks);
    await(l.node, node, &looks, KMSG_SUBSCRIBED);
    DRIVE(l.node, node, l.opened >= 2); /* "plain", twice: it has been given up in between */
    kmsg_peer_info(kmsg_self(node), &facts);
    EQ_INT(looks.count, 1);
    kmsg_node_free(node);
    kmsg_node_free(l.node);
}

TEST(a_directory_without_room_for_a_watcher_is_asked_again)
{
    liar       l;
    kmsg_node *node = kmsg_node_new();
    events     looks = {0};

    liar_init(&l);
    l.end = KMSG_EOVERLOADED;
    subscribe(node, "*", KMSG_SCOPE_HOST, NULL, &looks);
    await(l.node, node, &looks, KMSG_SUBSCRIBED);
    EQ_INT(l.watches, 2);
    kmsg_node_free(node);
    kmsg_node_free(l.node);
}

/* ---- registering ----------------------------------------------------------------------------- */

typedef struct claim {
    int      verdicts; /* that it stands */
    int      losses;   /* that it does not */
    int      ends;
    kmsg_err err;
} claim;

static void on_verdict(void *ctx, const kmsg_names_Verdict *verdict)
{
    claim *c = ctx;

    c->verdicts += verdict->stands;
    c->losses += !verdict->stands;
}

static void on_end(void *ctx, kmsg_err err)
{
    claim *c = ctx;

    c->ends++;
    c->err = err;
}

static size_t count_listings(kmsg_peer *directory)
{
    kmsg_arena       *mem = kmsg_arena_new();
    kmsg_names_Survey survey;
    size_t            count;

    OK(kmsg_names_Directory_survey(directory, mem, &survey));
    count = survey.listings.count;
    kmsg_arena_free(mem);
    return count;
}

TEST(who_registers_the_same_again_has_it_once)
{
    kmsg_node         *node = kmsg_node_new(), *other = kmsg_node_new();
    kmsg_peer         *directory;
    kmsg_names_Listing listing = kmsg_names_Listing_initial;
    kmsg_publication  *p;
    claim              first = {0}, second = {0}, foreign = {0};

    OK(kmsg_publish(node, "else", KMSG_SCOPE_HOST, NULL, &p));
    OK(kmsg_published(p, PATIENCE_MS));
    OK(kmsg_dial_directory(node, KMSG_SCOPE_HOST, &directory));
    listing.node = instance_of(node);
    listing.number = 100;
    listing.name = kmsg_str("twice");
    listing.scope = kmsg_names_Scope_HOST;
    kmsg_peer_set_timeout_ms(directory, PATIENCE_MS);
    EQ_UINT(count_listings(directory), 1);
    kmsg_names_Directory_publish_async(directory, &listing, false, &first, on_verdict, on_end);
    DRIVE(node, node, first.verdicts == 1);
    kmsg_names_Directory_publish_async(directory, &listing, true, &second, on_verdict, on_end);
    DRIVE(node, node, second.verdicts == 1 && first.ends == 1);
    FAILS(first.err, KMSG_EEXIST);
    EQ_UINT(count_listings(directory), 2);
    listing.node = instance_of(other);
    kmsg_names_Directory_publish_async(directory, &listing, false, &foreign, on_verdict, on_end);
    DRIVE(node, node, foreign.ends == 1);
    FAILS(foreign.err, KMSG_EINVAL);
    EQ_UINT(kmsg_cancel(directory, &second), 1);
    DRIVE(node, node, second.ends == 1 && count_listings(directory) == 1);
    kmsg_node_free(other);
    kmsg_node_free(node);
}

/* As after a directory was lost, when the one who took the name meanwhile is back first. */
TEST(who_registers_again_and_was_later_is_told_that_he_does_not_stand)
{
    kmsg_node         *node = kmsg_node_new();
    kmsg_peer         *directory;
    kmsg_names_Listing listing = kmsg_names_Listing_initial;
    kmsg_publication  *p;
    claim              early = {0}, late = {0};

    OK(kmsg_publish(node, "else", KMSG_SCOPE_HOST, NULL, &p));
    OK(kmsg_published(p, PATIENCE_MS));
    OK(kmsg_dial_directory(node, KMSG_SCOPE_HOST, &directory));
    listing = (kmsg_names_Listing){.node = instance_of(node),
                                   .number = 100,
                                   .since = 20,
                                   .name = kmsg_str("mine"),
                                   .scope = kmsg_names_Scope_HOST};
    kmsg_names_Directory_publish_async(directory, &listing, true, &late, on_verdict, on_end);
    DRIVE(node, node, late.verdicts == 1);
    listing.number = 101;
    listing.since = 10;
    kmsg_names_Directory_publish_async(directory, &listing, true, &early, on_verdict, on_end);
    DRIVE(node, node, early.verdicts == 1 && late.losses == 1);
    EQ_UINT(kmsg_cancel(directory, &late), 1);
    DRIVE(node, node, late.ends == 1);
    listing.number = 102;
    listing.since = 30;
    late = (claim){0};
    kmsg_names_Directory_publish_async(directory, &listing, true, &late, on_verdict, on_end);
    DRIVE(node, node, late.losses == 1);
    EQ_INT(late.verdicts, 0);
    EQ_UINT(kmsg_cancel(directory, &early), 1);
    DRIVE(node, node, late.verdicts == 1); /* the name is free */
    kmsg_node_free(node);
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

typedef struct caller {
    server     s;
    kmsg_peer *peer;
    outcome    own;  /* of a call that its handler makes */
    int        seen; /* of it, when the handler returns */
    outcome    from; /* of the call that leads to its handler */
} caller;

/* At the one that has dialled: asks back, both ways, over the same connection. */
static kmsg_err ask_back(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    caller  *c = ctx;
    kmsg_err err;

    talk_Other_twice_async(kmsg_call_peer(call), number, &c->own, sum_done);
    err = talk_Other_twice(kmsg_call_peer(call), number, kmsg_call_arena(call), ret);
    c->seen = c->own.count;
    return err;
}

static const talk_Other_impl asking_back = {.twice = ask_back};

static void ask_who_came(void *ctx, const kmsg_name_event *e)
{
    caller *c = ctx;

    if (e->kind == KMSG_DELIVERED)
        talk_Other_twice_async(e->peer, 5, &c->from, sum_done);
}

TEST(what_users_ask_over_a_route_is_answered_in_its_turn)
{
    caller                     c = {0}, d = {0};
    const kmsg_publish_options options = {.heard = ask_who_came, .ctx = &d};
    kmsg_publication          *p;

    server_init(&d.s, NULL);
    OK(kmsg_publish(d.s.node, "far", KMSG_SCOPE_HOST, &options, &p));
    OK(kmsg_published(p, PATIENCE_MS));
    OK(kmsg_start(d.s.node));
    c.s.node = kmsg_node_new();
    OK(talk_Other_serve(c.s.node, &asking_back, &c));
    OK(kmsg_find(c.s.node, "far", KMSG_SCOPE_HOST, NULL, &c.peer));
    DRIVE(c.s.node, c.s.node, c.own.count == 1);
    EQ_INT(c.own.number, 10);
    EQ_INT(c.seen, 0); /* its callback has waited until the handler had returned */
    server_done(&c.s);
    server_done(&d.s);
}

/* ---- what is told ---------------------------------------------------------------------------- */

TEST(each_one_that_does_not_fit_is_told_by_its_name)
{
    kmsg_node   *node = kmsg_node_new(), *other = kmsg_node_new();
    events       looks = {0}, offers = {0};
    const event *e;
    bool         seen[2] = {false};
    kmsg_method  method = talk_Other_service.methods[0];
    kmsg_service unlike = talk_Other_service; /* the same by name */

    method.result = &talk_Note_layout;
    unlike.methods = &method;

    OK(talk_Other_serve(other, &asking_back, NULL));
    publish(other, "odd/0", KMSG_SCOPE_HOST, false, &offers);
    publish(other, "odd/1", KMSG_SCOPE_HOST, false, &offers);
    await(other, node, &offers, KMSG_PUBLISHED);
    await(other, node, &offers, KMSG_PUBLISHED);
    subscribe(node, "odd/*", KMSG_SCOPE_HOST, &unlike, &looks);
    for (int i = 0; i < 2; i++) {
        e = await(other, node, &looks, KMSG_MISMATCHED);
        HAS(e->name, "odd/");
        seen[e->name[4] - '0'] = true;
    }
    CHECK(seen[0] && seen[1]);
    kmsg_node_free(node);
    kmsg_node_free(other);
}
