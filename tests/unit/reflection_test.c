/* reflection_test.c -- what a node tells of itself: what it serves, as a schema; its names,
 * sessions and connections; and to whom it tells none of that.
 */
#define _DEFAULT_SOURCE
#include "named.h"

#include "library.kmsg.h"

#include <kmsg/object.h>
#include <kmsg/reflection.kmsg.h>
#include <kmsg/schema.h>
#include <kmsg/topic.h>

static bool has_name(const kmsg_list_string *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].data, name) == 0)
            return true;
    return false;
}

static bool has_text(const kmsg_reflection_Description *d, const char *file, const char *words)
{
    for (size_t i = 0; i < d->files.count; i++)
        if (strcmp(d->files.items[i].name.data, file) == 0)
            return strstr(d->files.items[i].text.data, words) != NULL;
    return false;
}

/* ---- what is served ------------------------------------------------------------------------ */

TEST(a_node_describes_what_it_serves_and_not_what_is_kmsgs_own)
{
    server                      s;
    kmsg_node                  *node = kmsg_node_new();
    kmsg_peer                  *peer;
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_reflection_Description d;

    server_init(&s, "inproc:described");
    OK(kmsg_serve_reflection(s.node));
    OK(kmsg_serve_reflection(s.node)); /* once more does no harm */
    OK(kmsg_start(s.node));
    OK(kmsg_dial(node, "inproc:described", &peer));
    OK(kmsg_reflection_Reflection_describe(peer, mem, &d));
    EQ_UINT(d.services.count, 2);
    CHECK(has_name(&d.services, "talk.Talk") && has_name(&d.services, "talk.Other"));
    EQ_UINT(d.files.count, 1);
    CHECK(has_text(&d, "talk.kmsg", "service Talk {"));
    CHECK(has_text(&d, "talk.kmsg", "throws Refused"));
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(topics_that_it_publishes_are_described_too)
{
    server                      s;
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_reflection_Description d;

    server_init(&s, NULL);
    OK(kmsg_serve_reflection(s.node));
    OK(library_Forgotten_offer(s.node, NULL));
    OK(kmsg_reflection_Reflection_describe(kmsg_self(s.node), mem, &d));
    EQ_UINT(d.topics.count, 1);
    EQ_STR(d.topics.items[0].data, "library.Forgotten");
    CHECK(has_text(&d, "library.kmsg", "topic Forgotten(title: string, kind: Kind): u64;"));
    kmsg_topic_withdraw(s.node, &library_Forgotten_topic);
    OK(kmsg_reflection_Reflection_describe(kmsg_self(s.node), mem, &d));
    EQ_UINT(d.topics.count, 0);
    server_done(&s);
    kmsg_arena_free(mem);
}

TEST(what_an_object_serves_is_described_also_where_the_name_is_the_objects)
{
    server                      s = {.node = kmsg_node_new()};
    kmsg_node                  *node = kmsg_node_new();
    kmsg_peer                  *peer;
    kmsg_address                address;
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_reflection_Description d;
    kmsg_publish_options        options = {0};
    kmsg_publication           *publication;

    OK(talk_Other_serve_at(kmsg_root(s.node), &other_impl, &s, NULL, &address));
    options.object = address;
    OK(kmsg_publish(s.node, "an object", KMSG_SCOPE_PROCESS, &options, &publication));
    OK(kmsg_published(publication, PATIENCE_MS));
    OK(kmsg_start(s.node));
    OK(kmsg_find(node, "an object", KMSG_SCOPE_PROCESS, NULL, &peer));
    OK(kmsg_reflection_Reflection_describe(peer, mem, &d));
    EQ_UINT(d.services.count, 1);
    EQ_STR(d.services.items[0].data, "talk.Other");
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

/* ---- facts --------------------------------------------------------------------------------- */

TEST(a_node_tells_its_names_sessions_and_connections)
{
    server                s;
    kmsg_node            *node = kmsg_node_new();
    events                offers = {0}, looks = {0};
    kmsg_subscription    *sub;
    kmsg_arena           *mem = kmsg_arena_new();
    kmsg_reflection_Facts mine, theirs;
    const event          *e;

    server_init(&s, NULL);
    OK(kmsg_serve_reflection(node));
    publish(s.node, "told", KMSG_SCOPE_PROCESS, false, &offers);
    await(s.node, node, &offers, KMSG_PUBLISHED);
    sub = subscribe(node, "tol?", KMSG_SCOPE_PROCESS, &talk_Other_service, &looks);
    e = await(s.node, node, &looks, KMSG_AVAILABLE);
    await(s.node, node, &offers, KMSG_DELIVERED);
    OK(kmsg_reflection_Reflection_facts(kmsg_self(node), mem, &mine));
    OK(kmsg_start(s.node));
    OK(kmsg_reflection_Reflection_facts(e->peer, mem, &theirs));

    EQ_UINT(theirs.pid, (unsigned)getpid());
    EQ_UINT(theirs.publications.count, 1);
    EQ_STR(theirs.publications.items[0].name.data, "told");
    EQ_INT(theirs.publications.items[0].scope, kmsg_names_Scope_PROCESS);
    CHECK(theirs.publications.items[0].stands);
    EQ_UINT(theirs.sessions.count, 1);
    CHECK(theirs.sessions.items[0].published_here);
    EQ_STR(theirs.sessions.items[0].name.data, "told");
    EQ_UINT(theirs.sessions.items[0].node, mine.instance);
    EQ_UINT(mine.subscriptions.count, 1);
    EQ_STR(mine.subscriptions.items[0].pattern.data, "tol?");
    EQ_UINT(mine.sessions.count, 1);
    CHECK(!mine.sessions.items[0].published_here);
    EQ_UINT(mine.sessions.items[0].node, theirs.instance);
    EQ_INT(mine.sessions.items[0].distance, kmsg_names_Scope_PROCESS);
    CHECK(mine.links.count >= 1 && theirs.links.count >= 1);
    kmsg_unsubscribe(sub);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}

/* ---- to whom ------------------------------------------------------------------------------- */

TEST(whom_a_node_does_not_know_it_tells_nothing)
{
    server                      s;
    kmsg_node                  *node = kmsg_node_new();
    kmsg_peer                  *peer;
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_reflection_Description d;
    kmsg_reflection_Facts       facts;

    server_init(&s, "tcp:127.0.0.1:0");
    OK(kmsg_serve_reflection(s.node));
    OK(kmsg_dial(node, kmsg_listener_url(s.listener), &peer));
    OK(kmsg_start(s.node));
    FAILS(kmsg_reflection_Reflection_describe(peer, mem, &d), KMSG_EPERM);
    FAILS(kmsg_reflection_Reflection_facts(peer, mem, &facts), KMSG_EPERM);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
}
