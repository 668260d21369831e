/* identity_test.c -- who is asking: what a handler is told of it, over each kind of link, and how
 * long that is good.
 */
#include "talk.h"

#include <kmsg/security.h>

#include <sys/wait.h>

/* ---- a handler that looks ------------------------------------------------------------------ */

typedef struct looker {
    kmsg_node    *node;
    kmsg_identity seen;
    bool          has_role;
    kmsg_call    *later; /* NULL: it answers at once */
    bool          wants_later;
} looker;

/* What it points to goes with the call, or the connection; here nobody has a name. */
static kmsg_identity kept(const kmsg_identity *identity)
{
    kmsg_identity copy = *identity;

    EQ_STR(identity->name, "");
    copy.name = "";
    return copy;
}

static kmsg_err look_twice(void *ctx, kmsg_call *call, int64_t number, int64_t *ret)
{
    looker *l = ctx;

    l->seen = kept(kmsg_call_identity(call));
    l->has_role = kmsg_identity_has_role(kmsg_call_identity(call), "anything");
    *ret = 2 * number;
    if (!l->wants_later)
        return KMSG_OK;
    l->later = call;
    return KMSG_LATER;
}

static const talk_Other_impl looker_impl = {.twice = look_twice};

static void looker_init(looker *l)
{
    *l = (looker){.node = kmsg_node_new(), .seen = {.kind = KMSG_IDENTITY_KEY}};
    CHECK(l->node != NULL);
    OK(talk_Other_serve(l->node, &looker_impl, l));
}

/* Asked over this kind of link; with whom the asker believes to speak. */
static kmsg_identity look_over(looker *l, const char *url)
{
    kmsg_node     *asker = kmsg_node_new();
    kmsg_listener *listener;
    kmsg_peer     *peer;
    kmsg_identity  other;
    outcome        o = {0};

    looker_init(l);
    OK(kmsg_listen(l->node, url, &listener));
    OK(kmsg_dial(asker, kmsg_listener_url(listener), &peer));
    EQ_INT(kmsg_peer_identity(peer)->kind, KMSG_IDENTITY_NONE);
    talk_Other_twice_async(peer, 21, &o, sum_done);
    DRIVE(l->node, asker, o.count == 1);
    OK(o.err);
    EQ_INT(o.number, 42);
    other = kept(kmsg_peer_identity(peer));
    kmsg_node_free(asker);
    kmsg_node_free(l->node);
    return other;
}

static void is_this_user(const kmsg_identity *identity)
{
    EQ_INT(identity->kind, KMSG_IDENTITY_USER);
    EQ_UINT(identity->uid, geteuid());
    EQ_UINT(identity->gid, getegid());
    EQ_UINT(identity->pid, (unsigned)getpid());
    EQ_STR(identity->name, "");
    EQ_UINT(identity->role_count, 0);
}

/* ---- each kind of link --------------------------------------------------------------------- */

TEST(who_asks_over_a_unix_socket_is_known_by_his_user_and_so_is_who_answers)
{
    looker        l;
    kmsg_identity other = look_over(&l, new_path());

    is_this_user(&l.seen);
    is_this_user(&other);
    CHECK(l.has_role);
    other = look_over(&l, new_name());
    is_this_user(&l.seen);
    is_this_user(&other);
}

TEST(nodes_of_one_process_know_each_other_for_that)
{
    looker        l;
    kmsg_identity other = look_over(&l, "inproc:identity");

    EQ_INT(l.seen.kind, KMSG_IDENTITY_PROCESS);
    EQ_INT(other.kind, KMSG_IDENTITY_PROCESS);
    EQ_STR(l.seen.name, "");
    EQ_UINT(l.seen.uid, 0);
    CHECK(l.has_role);
}

TEST(a_node_that_asks_itself_is_this_process)
{
    looker  l;
    int64_t number = 0;

    looker_init(&l);
    OK(talk_Other_twice(kmsg_self(l.node), 4, NULL, &number));
    EQ_INT(number, 8);
    EQ_INT(l.seen.kind, KMSG_IDENTITY_PROCESS);
    EQ_INT(kmsg_peer_identity(kmsg_self(l.node))->kind, KMSG_IDENTITY_PROCESS);
    CHECK(l.has_role);
    kmsg_node_free(l.node);
}

TEST(over_clear_tcp_nobody_is_known_and_has_no_role)
{
    looker        l;
    kmsg_identity other = look_over(&l, "tcp:127.0.0.1:0");

    EQ_INT(l.seen.kind, KMSG_IDENTITY_NONE);
    EQ_INT(other.kind, KMSG_IDENTITY_NONE);
    EQ_STR(l.seen.name, "");
    CHECK(!l.has_role);
}

TEST(who_has_the_other_end_of_a_pair_counts_as_who_made_it)
{
    kmsg_node *asker = kmsg_node_new();
    kmsg_peer *peer, *back;
    looker     l;
    outcome    o = {0};
    char       url[32];
    int        fd = -1;

    looker_init(&l);
    OK(kmsg_pair(l.node, &back, &fd));
    snprintf(url, sizeof url, "fd:%d", fd);
    OK(kmsg_dial(asker, url, &peer));
    talk_Other_twice_async(peer, 1, &o, sum_done);
    DRIVE(l.node, asker, o.count == 1);
    OK(o.err);
    is_this_user(&l.seen);
    is_this_user(kmsg_peer_identity(back));
    is_this_user(kmsg_peer_identity(peer));
    kmsg_node_free(asker);
    kmsg_node_free(l.node);
}

/* ---- how long it is good ------------------------------------------------------------------- */

TEST(a_call_that_is_left_for_later_knows_its_caller_when_he_has_gone)
{
    kmsg_node  *asker = kmsg_node_new();
    kmsg_peer  *peer;
    looker      l;
    outcome     o = {0};
    const char *url = new_path();

    looker_init(&l);
    l.wants_later = true;
    OK(kmsg_listen(l.node, url, NULL));
    OK(kmsg_dial(asker, url, &peer));
    talk_Other_twice_async(peer, 1, &o, sum_done);
    DRIVE(l.node, asker, l.later != NULL);
    kmsg_node_free(asker);
    EQ_INT(o.count, 1);
    for (int64_t until_ms = clock_ms() + PATIENCE_MS; !kmsg_call_is_over(l.later);)
        CHECK(clock_ms() < until_ms && kmsg_node_step(l.node) == KMSG_OK);
    OK(kmsg_node_step(l.node)); /* the link's memory is given back */
    is_this_user(kmsg_call_identity(l.later));
    talk_Other_twice_reply(l.later, &(int64_t){2});
    kmsg_node_free(l.node);
}

TEST(a_peer_that_has_gone_is_nobody)
{
    kmsg_node      *asker = kmsg_node_new();
    kmsg_listener  *listener;
    kmsg_peer      *peer;
    looker          l;
    outcome         o = {0};
    kmsg_peer_facts facts;

    looker_init(&l);
    OK(kmsg_listen(l.node, new_path(), &listener));
    OK(kmsg_dial(asker, kmsg_listener_url(listener), &peer));
    talk_Other_twice_async(peer, 1, &o, sum_done);
    DRIVE(l.node, asker, o.count == 1);
    is_this_user(kmsg_peer_identity(peer));
    kmsg_node_free(l.node);
    do {
        OK(kmsg_node_step(asker));
        kmsg_peer_info(peer, &facts);
    } while (facts.state == KMSG_PEER_CONNECTED);
    EQ_INT(kmsg_peer_identity(peer)->kind, KMSG_IDENTITY_NONE);
    kmsg_node_free(asker);
}

/* ---- roles --------------------------------------------------------------------------------- */

TEST(roles_are_those_that_a_key_has_and_all_of_them_for_ones_own)
{
    const char *const   roles[] = {"ops", "trader"};
    const kmsg_identity key = {
        .kind = KMSG_IDENTITY_KEY, .name = "x", .roles = roles, .role_count = 2};
    const kmsg_identity none = {.kind = KMSG_IDENTITY_NONE, .roles = roles, .role_count = 2};
    const kmsg_identity own = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid()};
    const kmsg_identity root = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = 0};
    const kmsg_identity other = {.kind = KMSG_IDENTITY_USER, .name = "", .uid = geteuid() + 1};

    CHECK(kmsg_identity_has_role(&key, "ops"));
    CHECK(kmsg_identity_has_role(&key, "trader"));
    CHECK(!kmsg_identity_has_role(&key, "op"));
    CHECK(!kmsg_identity_has_role(&key, "opss"));
    CHECK(!kmsg_identity_has_role(&key, ""));
    CHECK(!kmsg_identity_has_role(&none, "ops"));
    CHECK(kmsg_identity_has_role(&own, "ops"));
    CHECK(kmsg_identity_has_role(&root, "ops"));
    CHECK(!kmsg_identity_has_role(&other, "ops"));
}
