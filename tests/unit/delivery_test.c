/* delivery_test.c -- one-way messages, acknowledged and not: what their senders hear. */
#include "delivery.h"

#include "core/core.h"

/* ---- acknowledged -------------------------------------------------------------------------- */

static void acknowledge_over(const char *url)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o[3] = {{0}};

    post_init(&p, url);
    peer = post_dial(node, &p);
    for (int i = 0; i < 3; i++)
        delivery_Post_put_async(peer, i + 1, no_blob, &o[i], put_done);
    EQ_INT(o[0].count, 0);
    DRIVE(node, p.node, o[2].count == 1);
    for (int i = 0; i < 3; i++) {
        EQ_INT(o[i].count, 1);
        EQ_INT(o[i].err, KMSG_OK);
    }
    EQ_INT(p.sum, 6);
    kmsg_node_free(node);
    post_done(&p);
}

TEST(an_acknowledged_message_was_released_when_its_sender_hears)
{
    acknowledge_over(new_path());
    acknowledge_over("inproc:acknowledge");
    acknowledge_over("tcp:127.0.0.1:0");
}

TEST(it_works_with_the_node_itself)
{
    post    p;
    outcome o = {0};

    post_init(&p, NULL);
    delivery_Post_put_async(kmsg_self(p.node), 5, no_blob, &o, put_done);
    DRIVE(p.node, p.node, o.count == 1);
    EQ_INT(o.err, KMSG_OK);
    EQ_INT(p.sum, 5);
    post_done(&p);
}

static const uint8_t zeros[1000];

TEST(what_the_handler_of_an_acknowledged_message_fails_with_comes_back)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    failed = {0}, later = {0}, large = {0};

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    p.way = POST_FAIL;
    delivery_Post_put_async(peer, 7, no_blob, &failed, put_done);
    DRIVE(node, p.node, failed.count == 1);
    EQ_INT(failed.err, KMSG_ENOENT);
    HAS(failed.words, "nobody wants 7");
    p.way = POST_LATER; /* which a oneway method has no use for */
    delivery_Post_put_async(peer, 7, no_blob, &later, put_done);
    DRIVE(node, p.node, later.count == 1);
    EQ_INT(later.err, KMSG_EFAILED);
    OK(kmsg_node_set_message_max(node, 1000));
    delivery_Post_put_async(peer, 7, (kmsg_bytes){zeros, sizeof zeros}, &large, put_done);
    EQ_INT(large.count, 0);
    DRIVE(node, p.node, large.count == 1);
    EQ_INT(large.err, KMSG_ETOOBIG);
    EQ_INT(p.puts, 2);
    kmsg_node_free(node);
    post_done(&p);
}

TEST(an_acknowledged_message_to_nobody_fails_with_the_reason)
{
    kmsg_node *node = kmsg_node_new(), *empty = kmsg_node_new();
    kmsg_peer *peer;
    outcome    o = {0}, refused = {0};

    OK(kmsg_listen(empty, "inproc:empty", NULL));
    OK(kmsg_dial(node, "inproc:empty", &peer));
    delivery_Post_put_async(peer, 1, no_blob, &o, put_done);
    DRIVE(node, empty, o.count == 1);
    EQ_INT(o.err, KMSG_ENOSERVICE);
    OK(kmsg_dial(node, new_name(), &peer));
    delivery_Post_put_async(peer, 1, no_blob, &refused, put_done);
    DRIVE(node, empty, refused.count == 1);
    EQ_INT(refused.err, KMSG_EREFUSED);
    kmsg_node_free(node);
    kmsg_node_free(empty);
}

TEST(an_acknowledged_message_can_be_cancelled_and_has_a_deadline)
{
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    canceled = {0}, late = {0}, closed = {0};

    post_init(&p, new_path());
    peer = post_dial(node, &p);
    delivery_Post_put_async(peer, 1, no_blob, &canceled, put_done);
    EQ_UINT(kmsg_cancel(peer, &canceled), 1);
    DRIVE(node, p.node, canceled.count == 1);
    EQ_INT(canceled.err, KMSG_ECANCELED);
    kmsg_peer_set_timeout_ms(peer, 20);
    delivery_Post_put_async(peer, 1, no_blob, &late, put_done);
    DRIVE(node, node, late.count == 1); /* the server does not move */
    EQ_INT(late.err, KMSG_ETIMEDOUT);
    kmsg_peer_set_timeout_ms(peer, 20000);
    delivery_Post_put_async(peer, 1, no_blob, &closed, put_done);
    kmsg_node_free(node);
    EQ_INT(closed.count, 1);
    EQ_INT(closed.err, KMSG_ECLOSED);
    post_done(&p);
}

TEST(a_call_is_no_one_way_message)
{
    static const kmsg_method as_oneway = {
        .name = "sum", .number = 1, .oneway = true, .args = &talk_Note_layout};
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    talk_Note  note = note_of("", 0);
    char       said[1024] = "";

    kmsg_set_log(keep_line, said);
    post_init(&p, new_path());
    peer = post_dial(node, &p);
    OK(kmsg_tell(peer, &delivery_Post_service, &as_oneway, &note));
    DRIVE(node, p.node, said[0] != '\0');
    HAS(said, "it is no one-way message");
    kmsg_set_log(NULL, NULL);
    kmsg_node_free(node);
    post_done(&p);
}

/* ---- plain --------------------------------------------------------------------------------- */

TEST(a_message_that_was_cut_off_with_its_link_is_counted_and_logged)
{
    enum { LARGE = 3 << 20 };
    uint8_t   *blob = calloc(1, LARGE);
    post       p;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    char       said[1024] = "";

    kmsg_set_log(keep_line, said);
    post_init(&p, new_path());
    peer = post_dial(node, &p);
    OK(delivery_Post_put(peer, 1, no_blob));
    DRIVE(node, p.node, p.puts == 1);
    OK(delivery_Post_put(peer, 2, (kmsg_bytes){blob, LARGE}));
    OK(delivery_Post_put(peer, 3, no_blob));
    OK(kmsg_node_step(node));
    CHECK(kmi_out_cut(&peer->conn->out) != NULL);
    EQ_UINT(dropped(peer), 0);
    kmi_conn_events.down(peer->conn->link, KMSG_ELOST, "cut");
    EQ_UINT(dropped(peer), 1);
    HAS(said, "dropped 1 one-way message: cut off with its link");
    DRIVE(node, p.node, p.puts == 2);
    EQ_INT(p.sum, 4); /* the one that had not left goes out on the next link */
    kmsg_set_log(NULL, NULL);
    kmsg_node_free(node);
    post_done(&p);
    free(blob);
}

TEST(what_waits_for_who_came_and_went_is_counted)
{
    post       p;
    server     s;
    kmsg_node *node;
    kmsg_peer *peer;
    outcome    o = {0};
    talk_Note  note = note_of("x", 1);
    char       said[1024] = "";

    kmsg_set_log(keep_line, said);
    server_init(&s, new_path());
    post_init(&p, NULL);
    node = p.node;
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s.node, o.count == 1);
    OK(delivery_Post_put(s.back, 1, no_blob));
    OK(delivery_Post_put(s.back, 2, no_blob));
    kmi_conn_events.down(s.back->conn->link, KMSG_ELOST, "cut");
    HAS(said, "dropped 2 one-way messages: not written");
    kmsg_set_log(NULL, NULL);
    post_done(&p);
    server_done(&s);
}
