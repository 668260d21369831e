/* users_test.c -- over unix sockets a node has to do with its own user and with root alone. The
 * tests are root's, and become somebody else for as long as it takes: the kernel notes the
 * effective user of who connects, and of who listens, at that time.
 */
#define _GNU_SOURCE
#include "talk.h"

#include <kmsg/security.h>

#define STRANGER 65534u
#define OTHER    65533u

static char said[4096];

static void note_log(void *ctx, kmsg_log_level level, const char *text)
{
    (void)ctx;
    (void)level;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

/* Two nodes, each with a user of its own. */
typedef struct scene {
    server        s;
    kmsg_node    *asker;
    kmsg_peer    *peer;
    outcome       o;
    uint32_t      server_uid;
    uint32_t      asker_uid;
    kmsg_identity seen;
    bool          has_role;
} scene;

static void become(uint32_t uid)
{
    CHECK(seteuid(0) == 0 && seteuid(uid) == 0);
}

static kmsg_err note_who(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    scene *c = ctx;

    c->seen = *kmsg_call_identity(call);
    c->has_role = kmsg_identity_has_role(kmsg_call_identity(call), "ops");
    *ret = number;
    return KMSG_OK;
}

static const talk_Other_impl noting = {.twice = note_who};

static void scene_init(scene *c, uint32_t server_uid, uint32_t asker_uid)
{
    if (geteuid() != 0)
        SKIP("only root can become another user");
    *c = (scene){.server_uid = server_uid, .asker_uid = asker_uid};
    said[0] = '\0';
    kmsg_set_log(note_log, NULL);
    become(server_uid);
    c->s = (server){.node = kmsg_node_new()};
    OK(talk_Talk_serve(c->s.node, &talk_impl, &c->s));
    OK(talk_Other_serve(c->s.node, &noting, c));
    OK(kmsg_listen(c->s.node, new_name(), &c->s.listener));
    become(asker_uid);
    c->asker = kmsg_node_new();
    c->peer = dial(c->asker, &c->s);
    become(0);
}

static void scene_done(scene *c)
{
    kmsg_node_free(c->asker);
    server_done(&c->s);
    kmsg_set_log(NULL, NULL);
}

static void turn(scene *c)
{
    become(c->asker_uid);
    OK(kmsg_node_step(c->asker));
    become(c->server_uid);
    OK(kmsg_node_step(c->s.node));
    become(0);
}

static void ask(scene *c)
{
    int64_t until_ms = clock_ms() + PATIENCE_MS;

    c->o = (outcome){0};
    become(c->asker_uid);
    talk_Other_twice_async(c->peer, 7, &c->o, sum_done);
    while (c->o.count == 0 && clock_ms() < until_ms)
        turn(c);
    EQ_INT(c->o.count, 1);
}

/* ---- strangers ------------------------------------------------------------------------------- */

TEST(another_user_who_connects_is_turned_away_and_told_so)
{
    scene c;

    scene_init(&c, 0, STRANGER);
    ask(&c);
    FAILS(c.o.err, KMSG_EPERM);
    EQ_INT(c.seen.kind, KMSG_IDENTITY_NONE);
    HAS(said, "user 65534");
    HAS(said, "kmsg_node_set_unix_users()");
    scene_done(&c);
}

TEST(a_listener_of_another_user_is_not_spoken_to)
{
    scene           c;
    kmsg_peer_facts facts;

    scene_init(&c, STRANGER, 0);
    ask(&c);
    FAILS(c.o.err, KMSG_EPERM);
    kmsg_peer_info(c.peer, &facts);
    EQ_UINT(facts.bytes_sent, 0);
    EQ_INT(c.seen.kind, KMSG_IDENTITY_NONE);
    HAS(said, "user 65534");
    scene_done(&c);
}

TEST(two_users_neither_of_them_root_have_nothing_to_do_with_each_other)
{
    scene c;

    scene_init(&c, STRANGER, OTHER);
    ask(&c);
    FAILS(c.o.err, KMSG_EPERM);
    scene_done(&c);
}

TEST(a_flood_of_strangers_is_one_line_of_log)
{
    scene c;
    char *first;

    scene_init(&c, 0, STRANGER);
    for (int i = 0; i < 20; i++)
        ask(&c);
    first = strstr(said, "turned away");
    CHECK(first != NULL);
    CHECK(strstr(first + 1, "turned away") == NULL);
    scene_done(&c);
}

/* ---- who is let in --------------------------------------------------------------------------- */

TEST(processes_of_one_user_speak_whoever_that_is)
{
    scene c;

    scene_init(&c, STRANGER, STRANGER);
    ask(&c);
    OK(c.o.err);
    EQ_INT(c.seen.kind, KMSG_IDENTITY_USER);
    EQ_UINT(c.seen.uid, STRANGER);
    CHECK(c.has_role);
    scene_done(&c);
}

TEST(whoever_listens_may_be_asked_by_others_if_root_does)
{
    scene c;

    scene_init(&c, 0, STRANGER);
    kmsg_node_set_unix_users(c.s.node, KMSG_UNIX_ANY); /* the asker keeps to its own and root */
    ask(&c);
    OK(c.o.err);
    scene_done(&c);
}

TEST(root_is_let_in_by_everybody_and_has_all_roles)
{
    scene c;

    scene_init(&c, STRANGER, 0);
    kmsg_node_set_unix_users(c.asker, KMSG_UNIX_ANY);
    ask(&c);
    OK(c.o.err);
    EQ_UINT(c.seen.uid, 0);
    CHECK(c.has_role);
    scene_done(&c);
}

TEST(other_users_are_let_in_where_that_is_wanted_and_have_no_roles)
{
    scene c;

    scene_init(&c, 0, STRANGER);
    kmsg_node_set_unix_users(c.s.node, KMSG_UNIX_ANY);
    ask(&c);
    OK(c.o.err);
    EQ_INT(c.seen.kind, KMSG_IDENTITY_USER);
    EQ_UINT(c.seen.uid, STRANGER);
    CHECK(!c.has_role);
    scene_done(&c);
}

TEST(a_setting_for_other_users_can_be_taken_back)
{
    scene c;

    scene_init(&c, 0, STRANGER);
    kmsg_node_set_unix_users(c.s.node, KMSG_UNIX_ANY);
    kmsg_node_set_unix_users(c.s.node, KMSG_UNIX_OWN);
    ask(&c);
    FAILS(c.o.err, KMSG_EPERM);
    scene_done(&c);
}
