/* watch_test.c -- who hears of peers that come and go, and what is known of them. */
#include "talk.h"

#include "core/core.h"

/* What was heard: "up down(ELOST) restarted ". */
typedef struct diary {
    char       text[512];
    kmsg_peer *peer;     /* that was spoken of last */
    kmsg_peer *unwatch;  /* at the next event: watch this no more, with this diary */
    kmsg_peer *close;    /* or close it */
    kmsg_peer *ask;      /* or ask it */
    int64_t    answered; /* what came of that */
} diary;

static void heard(void *ctx, kmsg_peer *peer, kmsg_peer_event event, kmsg_err err)
{
    static const char *const names[] = {"up", "restarted", "down", "unreached"};
    diary                   *d = ctx;
    size_t                   size = strlen(d->text);

    d->peer = peer;
    if (err == KMSG_OK)
        snprintf(d->text + size, sizeof d->text - size, "%s ", names[event]);
    else
        snprintf(d->text + size, sizeof d->text - size, "%s(%s) ", names[event],
                 kmsg_err_name(err));
    if (d->unwatch != NULL)
        kmsg_peer_unwatch(d->unwatch, d);
    if (d->ask != NULL)
        OK(talk_Other_twice(d->ask, 21, NULL, &d->answered));
    kmsg_peer_close(d->close);
    d->close = d->unwatch = d->ask = NULL;
}

static bool wrote(const diary *d, const char *words)
{
    return strstr(d->text, words) != NULL;
}

static void cut(kmsg_peer *peer)
{
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut");
}

/* ---- watching ------------------------------------------------------------------------------ */

static void come_and_go(const char *url)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""};
    outcome    o = {0};
    char       was[64];

    server_init(&s, url);
    snprintf(was, sizeof was, "%s", kmsg_listener_url(s.listener));
    peer = dial(node, &s);
    OK(kmsg_peer_set_retry(peer, &(kmsg_retry){.first_ms = 1}));
    OK(kmsg_peer_watch(peer, &d, heard));
    talk_Talk_sum_async(peer, &o, sum_done);
    EQ_STR(d.text, ""); /* never from inside */
    DRIVE(node, s.node, o.count == 1);
    EQ_STR(d.text, "up ");
    EQ_PTR(d.peer, peer);
    server_done(&s);
    DRIVE(node, node, wrote(&d, "down"));
    EQ_STR(d.text, "up down(ECLOSED) ");
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, node, wrote(&d, "unreached"));
    EQ_STR(d.text, "up down(ECLOSED) unreached(EREFUSED) ");
    server_init(&s, was);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, wrote(&d, "restarted"));
    HAS(d.text, "unreached(EREFUSED) restarted ");
    kmsg_node_free(node);
    CHECK(!wrote(&d, "restarted down")); /* its own end is no news */
    server_done(&s);
}

TEST(who_watches_a_peer_hears_that_it_is_up_down_unreached_and_was_started_anew)
{
    come_and_go(new_path());
    come_and_go("tcp:127.0.0.1:0");
    come_and_go("inproc:watched");
}

TEST(a_link_that_breaks_without_a_word_is_lost)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""}, there = {.text = ""};
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    kmsg_node_watch(s.node, &there, heard);
    OK(kmsg_peer_watch(peer, &d, heard));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    cut(peer);
    DRIVE(node, s.node, wrote(&d, "down") && wrote(&there, "down"));
    EQ_STR(d.text, "up down(ELOST) ");
    EQ_STR(there.text, "up down(ELOST) ");
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_is_up_already_is_said_first)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""}, late = {.text = ""};
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    OK(kmsg_peer_watch(peer, &d, heard));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    OK(kmsg_peer_watch(peer, &late, heard));
    EQ_STR(late.text, "");
    OK(kmsg_node_step(node));
    EQ_STR(late.text, "up ");
    EQ_STR(d.text, "up ");
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_watches_a_node_hears_of_those_that_connect_before_they_ask)
{
    server     s;
    kmsg_node *node = kmsg_node_new(), *other = kmsg_node_new();
    diary      d = {.text = ""};
    outcome    o = {0};

    server_init(&s, "tcp:127.0.0.1:0");
    kmsg_node_watch(s.node, &d, heard);
    talk_Talk_sum_async(dial(node, &s), &o, sum_done);
    DRIVE(node, s.node, d.text[0] != '\0');
    EQ_STR(d.text, "up ");
    EQ_INT(o.count, 0);
    DRIVE(node, s.node, o.count == 1);
    kmsg_node_free(node);
    DRIVE(s.node, s.node, wrote(&d, "down"));
    EQ_STR(d.text, "up down(ECLOSED) ");
    kmsg_node_watch(s.node, NULL, NULL);
    talk_Talk_sum_async(dial(other, &s), &o, sum_done);
    DRIVE(other, s.node, o.count == 2);
    EQ_STR(d.text, "up down(ECLOSED) ");
    kmsg_node_free(other);
    server_done(&s);
}

TEST(a_peer_that_has_connected_can_be_asked_by_who_hears_of_it)
{
    server     s, mine;
    kmsg_peer *peer;
    diary      d = {.text = ""};
    outcome    o = {0};

    server_init(&s, "inproc:watched-asks");
    kmsg_node_watch(s.node, &d, heard);
    server_init(&mine, NULL);
    peer = dial(mine.node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(mine.node, s.node, wrote(&d, "up"));
    OK(kmsg_start(mine.node));
    OK(talk_Other_twice(d.peer, 4, NULL, &d.answered));
    EQ_INT(d.answered, 8);
    server_done(&mine);
    server_done(&s);
}

TEST(what_nobody_could_be_told_is_told_as_far_as_it_matters)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""};
    kmi_conn  *conn;

    server_init(&s, new_path());
    peer = dial(node, &s);
    conn = peer->conn;
    OK(kmsg_peer_watch(peer, &d, heard));
    kmi_watch_tell(conn, KMSG_PEER_UNREACHED, KMSG_EREFUSED);
    kmi_watch_tell(conn, KMSG_PEER_UP, KMSG_OK);
    kmi_watch_tell(conn, KMSG_PEER_DOWN, KMSG_ELOST);
    kmi_watch_tell(conn, KMSG_PEER_RESTARTED, KMSG_OK);
    OK(kmsg_node_step(node));
    EQ_STR(d.text, "restarted ");
    kmi_watch_tell(conn, KMSG_PEER_DOWN, KMSG_ELOST);
    kmi_watch_tell(conn, KMSG_PEER_RESTARTED, KMSG_OK);
    kmi_watch_tell(conn, KMSG_PEER_DOWN, KMSG_ECLOSED);
    kmi_watch_tell(conn, KMSG_PEER_UNREACHED, KMSG_EREFUSED);
    kmi_watch_tell(conn, KMSG_PEER_UP, KMSG_OK);
    d.text[0] = '\0';
    for (int i = 0; i < 3; i++)
        OK(kmsg_node_step(node));
    EQ_STR(d.text, "down(ECLOSED) restarted "); /* in between it was another one */
    kmi_watch_tell(conn, KMSG_PEER_DOWN, KMSG_ELOST);
    kmi_watch_tell(conn, KMSG_PEER_UNREACHED, KMSG_EREFUSED);
    d.text[0] = '\0';
    for (int i = 0; i < 3; i++)
        OK(kmsg_node_step(node));
    EQ_STR(d.text, "down(ELOST) unreached(EREFUSED) ");
    kmi_watch_tell(conn, KMSG_PEER_UP, KMSG_OK);
    kmi_watch_tell(conn, KMSG_PEER_DOWN, KMSG_EPROTOCOL);
    d.text[0] = '\0';
    for (int i = 0; i < 3; i++)
        OK(kmsg_node_step(node));
    EQ_STR(d.text, "up down(EPROTOCOL) ");
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_hears_may_stop_watching_close_the_peer_and_ask)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""}, stays = {.text = ""}, asks = {.text = ""};
    outcome    o = {0};

    server_init(&s, new_path());
    OK(talk_Other_serve(node, &other_impl, NULL));
    peer = dial(node, &s);
    d.unwatch = peer;
    asks.ask = kmsg_self(node);
    OK(kmsg_peer_watch(peer, &d, heard));
    OK(kmsg_peer_watch(peer, &stays, heard));
    OK(kmsg_peer_watch(peer, &asks, heard));
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, wrote(&stays, "up") && wrote(&asks, "up") && wrote(&d, "up"));
    EQ_INT(asks.answered, 42);
    stays.close = peer;
    asks.unwatch = peer;
    cut(peer);
    OK(kmsg_node_step(node));
    OK(kmsg_node_step(node));
    EQ_STR(d.text, "up ");
    EQ_STR(asks.text, "up down(ELOST) ");
    EQ_STR(stays.text, "up down(ELOST) ");
    kmsg_node_free(node);
    server_done(&s);
}

TEST(nothing_is_told_of_a_peer_that_was_closed)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    diary      d = {.text = ""};
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    OK(kmsg_peer_watch(peer, &d, heard)); /* is in the inbox now */
    kmsg_peer_close(peer);
    FAILS(kmsg_peer_watch(peer, &d, heard), KMSG_ECLOSED);
    OK(kmsg_node_step(node));
    EQ_STR(d.text, "");
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- facts --------------------------------------------------------------------------------- */

TEST(facts_are_counted_over_all_links_of_a_peer)
{
    const char     *url = new_path();
    server          s;
    kmsg_node      *node = kmsg_node_new();
    kmsg_peer      *peer;
    kmsg_peer_facts f;
    outcome         o = {0};
    talk_Note       later = note_of("later", 1);

    OK(kmsg_dial(node, url, &peer));
    kmsg_peer_info(peer, &f);
    EQ_INT(f.state, KMSG_PEER_IDLE);
    EQ_UINT(f.instance + f.ups + f.restarts + f.sent + f.bytes_sent + f.waiting, 0);
    server_init(&s, url);
    OK(talk_Talk_push(peer, 1));
    talk_Talk_echo_async(peer, &later, &o, echo_done);
    kmsg_peer_info(peer, &f);
    EQ_INT(f.state, KMSG_PEER_CONNECTING);
    EQ_UINT(f.waiting, 2);
    EQ_UINT(f.calls, 1);
    EQ_UINT(f.sent, 0);
    CHECK(f.waiting_bytes > 0 && f.waiting_bytes < 200);
    DRIVE(node, s.node, s.later != NULL);
    kmsg_peer_info(peer, &f);
    EQ_INT(f.state, KMSG_PEER_CONNECTED);
    EQ_UINT(f.ups, 1);
    EQ_UINT(f.instance, s.node->net.session.own.instance);
    EQ_UINT(f.waiting + f.waiting_bytes, 0);
    EQ_UINT(f.sent, 2);
    EQ_UINT(f.calls, 1);
    EQ_INT(f.credit, KMSG_CREDIT - 2);
    CHECK(f.credit_bytes < KMSG_CREDIT_BYTES && f.bytes_sent > 0);
    kmsg_peer_info(s.back, &f);
    CHECK(f.accepted);
    EQ_UINT(f.received, 2);
    EQ_UINT(f.sent, 0);
    CHECK(f.bytes_received > 0);
    OK(talk_Talk_push(peer, 1)); /* counted as sent, but not a byte of it leaves with this link */
    cut(peer);
    kmsg_peer_info(peer, &f);
    EQ_UINT(f.sent, 2);
    EQ_UINT(f.waiting, 1);
    EQ_INT(f.credit, 0);
    server_done(&s);
    server_init(&s, url);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 2);
    kmsg_peer_info(peer, &f);
    EQ_UINT(f.ups, 2);
    EQ_UINT(f.restarts, 1);
    EQ_UINT(f.losses, 1);
    EQ_UINT(f.sent, 4);
    EQ_UINT(f.calls, 0);
    CHECK(f.bytes_sent > 4 * KMI_REQUEST_SIZE && f.bytes_received > 0);
    kmsg_node_free(node);
    server_done(&s);
}

/* ---- pings --------------------------------------------------------------------------------- */

static void ping_over(const char *url)
{
    server          s;
    kmsg_node      *node = kmsg_node_new();
    kmsg_peer      *peer;
    kmsg_peer_facts f;
    kmsg_duration   rtt = 0;

    server_start(&s, url);
    peer = dial(node, &s);
    OK(kmsg_ping(peer, PATIENCE_MS, &rtt)); /* connects */
    CHECK(rtt > 0 && rtt < (int64_t)PATIENCE_MS * KMI_MS);
    kmsg_peer_info(peer, &f);
    EQ_INT(f.rtt, rtt);
    EQ_INT(f.jitter, 0);
    for (int i = 0; i < 5; i++)
        OK(kmsg_ping(peer, PATIENCE_MS, NULL));
    kmsg_peer_info(peer, &f);
    CHECK(f.rtt > 0 && f.jitter > 0);
    EQ_UINT(f.sent + f.calls, 0);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_ping_tells_the_time_there_and_back)
{
    ping_over(new_path());
    ping_over("tcp:127.0.0.1:0");
    ping_over("inproc:pinged");
}

TEST(one_can_ping_oneself)
{
    kmsg_node    *node = kmsg_node_new();
    kmsg_duration rtt = 0;

    OK(kmsg_ping(kmsg_self(node), 1000, &rtt));
    CHECK(rtt > 0);
    kmsg_node_free(node);
}

TEST(times_are_smoothed)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    kmi_ping_answered(peer->conn); /* that nobody has asked for */
    EQ_INT(peer->conn->rtt.smooth_ns, 0);
    peer->conn->rtt = (kmi_rtt){.smooth_ns = 8000 * KMI_MS};
    peer->conn->link->pinged_ns = node->sys->now_ns() - 16000 * KMI_MS;
    kmi_ping_answered(peer->conn);
    EQ_INT(peer->conn->rtt.last_ns / KMI_MS / 100, 160);
    EQ_INT(peer->conn->rtt.smooth_ns / KMI_MS / 100, 90);
    EQ_INT(peer->conn->rtt.jitter_ns / KMI_MS / 100, 20);
    kmsg_node_free(node);
    server_done(&s);
}

TEST(who_keeps_a_connection_alive_learns_the_time_by_the_way)
{
    server          s;
    kmsg_node      *node = kmsg_node_new();
    kmsg_peer      *peer;
    kmsg_peer_facts f = {.rtt = 0};
    outcome         o = {0};

    OK(kmsg_node_set_keepalive(node, 5, 10000));
    server_init(&s, new_path());
    peer = dial(node, &s);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    DRIVE(node, s.node, (kmsg_peer_info(peer, &f), f.rtt > 0));
    kmsg_node_free(node);
    server_done(&s);
}

TEST(a_ping_ends_with_what_is_wrong)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0};

    OK(kmsg_dial(node, new_name(), &peer));
    FAILS(kmsg_ping(peer, PATIENCE_MS, NULL), KMSG_EREFUSED);
    server_init(&s, new_path()); /* nobody drives it */
    peer = dial(node, &s);
    FAILS(kmsg_ping(peer, 20, NULL), KMSG_ETIMEDOUT);
    HAS(kmsg_last_error(), "timed out");
    EQ_PTR(peer->conn->pings, NULL);
    talk_Talk_sum_async(peer, &o, sum_done);
    DRIVE(node, s.node, o.count == 1);
    FAILS(kmsg_ping(peer, 20, NULL), KMSG_ETIMEDOUT);
    server_done(&s);
    FAILS(kmsg_ping(peer, PATIENCE_MS, NULL), KMSG_ECLOSED);
    kmsg_node_free(node);
}
