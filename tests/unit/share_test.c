/* share_test.c -- two nodes that both want to talk to each other, and both can be dialled. */
#include "talk.h"

#include "core/core.h"

/* ---- means --------------------------------------------------------------------------------- */

typedef struct both {
    server     a;
    server     b;
    kmsg_peer *to_a; /* b's */
    kmsg_peer *to_b; /* a's */
} both;

#define LOCAL "tcp:127.0.0.1:0"

static void both_init(both *t, const char *url_a, const char *url_b)
{
    server_init(&t->a, url_a);
    server_init(&t->b, url_b);
    t->to_a = dial(t->b.node, &t->a);
    t->to_b = dial(t->a.node, &t->b);
}

static void both_done(both *t)
{
    server_done(&t->b);
    server_done(&t->a);
}

static void drive(both *t, const outcome *o, int count)
{
    DRIVE(t->a.node, t->b.node, o->count >= count);
}

/* A call that must succeed. */
static void call(both *t, kmsg_peer *peer)
{
    outcome   o = {0};
    talk_Note note = note_of("x", 1);

    talk_Talk_echo_async(peer, &note, &o, echo_done);
    drive(t, &o, 1);
    EQ_INT(o.err, KMSG_OK);
}

static uint32_t links(const kmsg_node *node)
{
    return node->net.links - 1; /* but the one to itself */
}

static void let_idle(kmsg_peer *peer)
{
    peer->conn->used_ns -= 3600 * 1000 * KMI_MS;
    kmi_timer_set(&peer->node->timers, &peer->conn->idle, 0);
}

static void cut(kmsg_peer *peer)
{
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut");
}

static void note_event(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    char  *text = ctx;
    size_t size = strlen(text);

    (void)peer;
    snprintf(text + size, 64 - size, "%d(%s) ", (int)event, kmsg_err_name(err));
}

/* ---- one connection ------------------------------------------------------------------------ */

TEST(who_was_dialled_uses_that_connection_to_ask_back_by_its_own_peer)
{
    both            t;
    kmsg_peer_facts f;
    char            url[64], heard[64] = "";

    both_init(&t, LOCAL, LOCAL);
    snprintf(url, sizeof url, "%s", kmsg_peer_url(t.to_b));
    OK(kmsg_peer_watch(t.to_b, heard, note_event));
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    EQ_INT(links(t.b.node), 1);
    EQ_PTR(t.b.back, t.to_a); /* that b has dialled: it is the same connection */
    EQ_STR(kmsg_peer_url(t.to_b), url);
    EQ_STR(heard, "0(OK) ");
    kmsg_peer_info(t.to_b, &f);
    CHECK(f.accepted);
    EQ_UINT(f.ups, 1);
    call(&t, t.to_a);
    EQ_PTR(t.a.back, t.to_b); /* so who asks is the peer that a knows */
    both_done(&t);
}

static void share_at(const char *url_a, const char *url_b, const char *dialled, const char *tail,
                     int shared)
{
    both  t;
    char  url[64];
    char *port;

    both_init(&t, url_a, url_b);
    port = strrchr(kmsg_listener_url(t.b.listener), ':') + 1;
    snprintf(url, sizeof url, "%s%.*s%s", dialled, (int)strspn(port, "0123456789"), port, tail);
    kmsg_peer_close(t.to_b);
    OK(kmsg_dial(t.a.node, url, &t.to_b));
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), shared ? 1 : 2);
    both_done(&t);
}

TEST(it_is_found_under_each_way_to_say_its_address_and_under_no_other)
{
    share_at(LOCAL, LOCAL, "tcp:127.0.0.1:", "", true);
    share_at(LOCAL, LOCAL, "tcp:localhost:", "", true);
    share_at(LOCAL, "tcp:0.0.0.0:0?insecure", "tcp:127.0.0.1:", "", true);
    share_at(LOCAL, "tcp:0.0.0.0:0?insecure", "tcp:127.0.0.2:", "?insecure", false);
    share_at(LOCAL, "tcp:127.0.0.2:0?insecure", "tcp:127.0.0.2:", "?insecure",
             false); /* may be another's port there */
}

TEST(over_ipv6_it_is_found_as_well)
{
    kmsg_node     *node = kmsg_node_new();
    kmsg_listener *listener;
    kmsg_err       err = kmsg_listen(node, "tcp:[::1]:0", &listener);

    kmsg_node_free(node);
    if (err != KMSG_OK)
        SKIP("no IPv6 here");
    share_at("tcp:[::1]:0", "tcp:[::1]:0", "tcp:[::1]:", "", true);
    share_at("tcp:[::1]:0", "tcp:[::]:0?insecure", "tcp:localhost:", "", true);
    share_at("tcp:[::1]:0", LOCAL, "tcp:127.0.0.1:", "",
             false); /* what is seen is the other family */
}

TEST(a_node_that_was_reached_before_is_known_however_it_connects)
{
    both t;

    both_init(&t, new_path(), new_path());
    call(&t, t.to_b);
    let_idle(t.to_b);
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 0 && links(t.b.node) == 0);
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    both_done(&t);
}

TEST(a_node_that_was_started_anew_under_that_address_is_told_as_such)
{
    both t;
    char url[64], heard[64] = "";

    both_init(&t, LOCAL, LOCAL);
    snprintf(url, sizeof url, "%s", kmsg_listener_url(t.b.listener));
    OK(kmsg_peer_watch(t.to_b, heard, note_event));
    call(&t, t.to_b);
    server_done(&t.b);
    DRIVE(t.a.node, t.a.node, t.to_b->conn->state == KMI_CONN_IDLE);
    server_init(&t.b, url);
    t.to_a = dial(t.b.node, &t.a);
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    EQ_STR(heard, "0(OK) 2(ECLOSED) 1(OK) ");
    both_done(&t);
}

/* ---- simultaneous dials -------------------------------------------------------------------- */

TEST(two_nodes_that_dial_each_other_at_once_lose_and_double_nothing)
{
    enum { COUNT = 200 };
    static outcome there[COUNT], here[COUNT];
    both           t;

    memset(there, 0, sizeof there);
    memset(here, 0, sizeof here);
    both_init(&t, LOCAL, LOCAL);
    for (int i = 0; i < COUNT; i++) {
        OK(talk_Talk_push(t.to_a, 1));
        OK(talk_Talk_push(t.to_b, 1));
        talk_Talk_sum_async(t.to_a, &there[i], sum_done);
        talk_Talk_sum_async(t.to_b, &here[i], sum_done);
    }
    DRIVE(t.a.node, t.b.node, there[COUNT - 1].count == 1 && here[COUNT - 1].count == 1);
    EQ_INT(links(t.a.node), 2);
    for (int i = 0; i < COUNT; i++) {
        EQ_INT(there[i].number, i + 1); /* in order */
        EQ_INT(here[i].number, i + 1);
    }
    EQ_INT(t.a.sum, COUNT);
    EQ_INT(t.b.sum, COUNT);

    let_idle(t.to_b); /* nobody on a asks for a while */
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 1 && links(t.b.node) == 1);
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    EQ_INT(t.a.sum + t.b.sum, 2 * COUNT);
    both_done(&t);
}

/* ---- what becomes of a shared one ---------------------------------------------------------- */

TEST(a_shared_connection_that_is_lost_is_dialled_again_by_whoever_needs_it)
{
    both    t;
    outcome o = {0};

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    call(&t, t.to_b);
    OK(talk_Talk_push(t.to_b, 5));
    talk_Talk_sum_async(t.to_b, &o, sum_done);
    cut(t.to_b); /* before a byte of these was written */
    drive(&t, &o, 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(o.number, 5);
    CHECK(!t.to_b->conn->guest);
    both_done(&t);
}

TEST(a_shared_connection_ends_when_neither_side_needs_it_and_comes_back)
{
    both      t;
    outcome   o = {0};
    talk_Note later = note_of("later", 1);

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    talk_Talk_echo_async(t.to_b, &later, &o, echo_done);
    DRIVE(t.a.node, t.b.node, t.b.later != NULL);
    let_idle(t.to_a);
    call(&t, t.to_a);
    EQ_INT(links(t.a.node), 1);
    talk_Talk_echo_reply(t.b.later, &later);
    drive(&t, &o, 1);
    let_idle(t.to_a);
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 0 && links(t.b.node) == 0);
    EQ_INT(t.to_b->conn->state, KMI_CONN_IDLE);
    call(&t, t.to_b);
    call(&t, t.to_a);
    EQ_INT(links(t.a.node), 1);
    both_done(&t);
}

TEST(closing_one_of_its_peers_ends_what_that_one_has_asked_and_nothing_else)
{
    both       t;
    outcome    mine = {0}, theirs = {0}, back = {0};
    talk_Note  later = note_of("later", 1);
    kmsg_call *kept;
    kmsg_peer *guest;

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    guest = t.a.back;
    call(&t, t.to_b);
    CHECK(guest != t.to_b);
    talk_Talk_echo_async(t.to_a, &later, &theirs, echo_done);
    DRIVE(t.a.node, t.b.node, t.a.later != NULL);
    kept = t.a.later;
    talk_Talk_echo_async(t.to_b, &later, &mine, echo_done);
    DRIVE(t.a.node, t.b.node, t.b.later != NULL);
    talk_Talk_echo_async(guest, &later, &back, echo_done);
    kmsg_peer_close(t.to_b);
    OK(kmsg_node_step(t.a.node));
    EQ_INT(mine.err, KMSG_ECLOSED);
    EQ_INT(mine.count, 1);
    talk_Talk_echo_reply(kept, &later);
    drive(&t, &theirs, 1);
    EQ_INT(theirs.err, KMSG_OK);
    EQ_INT(back.count, 0); /* goes on, too */
    call(&t, guest);
    kmsg_peer_close(guest);
    OK(kmsg_node_step(t.a.node));
    EQ_INT(back.err, KMSG_ECLOSED);
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 0 && links(t.b.node) == 0);
    both_done(&t);
}

TEST(closing_the_peer_that_came_with_it_leaves_the_one_that_was_dialled)
{
    both       t;
    kmsg_peer *guest;
    outcome    o = {0};

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    guest = t.a.back;
    call(&t, t.to_b);
    talk_Talk_sum_async(guest, &o, sum_done);
    kmsg_peer_close(guest);
    OK(kmsg_node_step(t.a.node));
    EQ_INT(o.err, KMSG_ECLOSED);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    kmsg_peer_close(t.to_b); /* the last one */
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 0 && links(t.b.node) == 0);
    call(&t, t.to_a); /* dials again */
    both_done(&t);
}

TEST(limits_of_what_waits_go_with_the_peer_and_leave_with_it)
{
    const kmsg_queue_options limits = {.messages = 7, .when_full = KMSG_REFUSE};
    both                     t;

    both_init(&t, LOCAL, LOCAL);
    OK(kmsg_peer_set_queue(t.to_b, &limits));
    call(&t, t.to_a);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    EQ_PTR(t.a.back->conn, t.to_b->conn);
    CHECK(t.to_b->conn->limited);
    EQ_UINT(t.to_b->conn->limits.messages, 7);
    kmsg_peer_close(t.to_b);
    CHECK(!t.a.back->conn->limited);
    call(&t, t.to_a);
    both_done(&t);
}

static void *nothing_more(void *ctx, void *old, size_t size)
{
    (void)ctx;
    if (size == 0)
        free(old);
    return NULL;
}

TEST(a_peer_whose_link_is_lost_while_it_is_closed_dials_no_more)
{
    both      t;
    outcome   o = {0};
    talk_Note later = note_of("later", 1);

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    call(&t, t.to_b);
    talk_Talk_echo_async(t.to_b, &later, &o, echo_done);
    DRIVE(t.a.node, t.b.node, t.b.later != NULL);
    kmi_slab_pool_done(&t.a.node->net.pool);
    kmsg_set_allocator((kmsg_allocator){nothing_more, NULL}); /* for the cancellation */
    kmsg_peer_close(t.to_b);
    kmsg_set_allocator((kmsg_allocator){NULL, NULL});
    EQ_PTR(t.a.node->conns->next, NULL); /* nothing but itself */
    drive(&t, &o, 1);
    EQ_INT(o.err, KMSG_ECLOSED);
    both_done(&t);
}

TEST(a_peer_that_is_closed_after_the_link_was_lost_dials_no_more)
{
    both t;

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    call(&t, t.to_b);
    OK(talk_Talk_push(t.to_b, 1));
    cut(t.to_b); /* what was told waits for the next connection */
    EQ_INT(t.to_b->conn->state, KMI_CONN_WAITING);
    kmsg_peer_close(t.to_b);
    EQ_PTR(t.a.node->conns->next, NULL); /* nothing but itself */
    DRIVE(t.a.node, t.b.node, links(t.b.node) == 0);
    call(&t, t.to_a);
    EQ_INT(t.b.sum, 0);
    both_done(&t);
}

TEST(a_peer_that_is_dialled_again_ends_with_all_that_stand_for_it)
{
    both t;

    both_init(&t, LOCAL, LOCAL);
    call(&t, t.to_a);
    call(&t, t.to_b);
    cut(t.to_b);
    call(&t, t.to_b);
    EQ_INT(links(t.a.node), 1);
    kmsg_peer_close(t.to_b);
    DRIVE(t.a.node, t.b.node, links(t.a.node) == 0);
    call(&t, t.to_a);
    both_done(&t);
}

/* Who was sent something before might read it later than what goes over another connection. */
TEST(what_may_not_have_been_read_is_not_overtaken_on_the_connection_of_the_other_side)
{
    both    t;
    outcome o = {0};

    both_init(&t, LOCAL, LOCAL);
    OK(talk_Talk_push(t.to_a, 1));
    OK(talk_Talk_push(t.to_b, 1));
    DRIVE(t.a.node, t.b.node, t.a.sum + t.b.sum == 2);
    OK(talk_Talk_push(t.to_b, 1));
    OK(kmsg_node_step(t.a.node));
    cut(t.to_b);
    talk_Talk_sum_async(t.to_b, &o, sum_done);
    drive(&t, &o, 1);
    EQ_INT(o.number, 2);
    EQ_INT(links(t.a.node), 2);
    both_done(&t);
}

/* What has failed on the connection that is left behind is still in the inbox. */
TEST(what_was_lost_is_told_although_the_peer_has_found_another_connection)
{
    both      t;
    outcome   lost = {0}, o = {0};
    talk_Note later = note_of("later", 1);

    both_init(&t, LOCAL, LOCAL);
    OK(talk_Talk_push(t.to_a, 1));
    OK(talk_Talk_push(t.to_b, 1));
    DRIVE(t.a.node, t.b.node, t.a.sum + t.b.sum == 2);
    EQ_INT(links(t.a.node), 2);
    talk_Talk_echo_async(t.to_b, &later, &lost, echo_done);
    DRIVE(t.a.node, t.b.node, t.b.later != NULL);
    t.to_b->conn->link->proved_at = t.to_b->conn->request_at; /* it was read */
    cut(t.to_b);
    talk_Talk_sum_async(t.to_b, &o, sum_done);
    EQ_INT(lost.count, 0);
    drive(&t, &o, 1);
    EQ_INT(lost.err, KMSG_ELOST);
    HAS(lost.words, kmsg_peer_url(t.to_b));
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(links(t.a.node), 1);
    both_done(&t);
}
