/* secure_test.c -- over encrypted tcp all goes that goes over clear tcp: small and large, one and
 * many, both ways; and what is different is told.
 */
#include "flow.h"

#include <kmsg/security.h>

#include "keys.h"

#define LOCAL "tcp:127.0.0.1:0"
#define LARGE ((size_t)3 << 20)

static void encrypt(kmsg_node *node)
{
    OK(kmsg_node_set_security(node,
                              &(kmsg_security){.folder = test_keys(), .encrypt_loopback = true}));
}

static kmsg_node *new_node(void)
{
    kmsg_node *node = kmsg_node_new();

    CHECK(node != NULL);
    encrypt(node);
    return node;
}

static void serve(server *s)
{
    server_init(s, NULL);
    encrypt(s->node);
    OK(kmsg_listen(s->node, LOCAL, &s->listener));
}

static kmsg_peer_facts facts_of(const kmsg_peer *peer)
{
    kmsg_peer_facts facts;

    kmsg_peer_info(peer, &facts);
    return facts;
}

TEST(both_sides_know_that_it_is_encrypted_and_with_whom)
{
    server     s;
    kmsg_node *node = new_node();
    kmsg_peer *peer;
    kmsg_key   key;
    outcome    o = {0};
    talk_Note  note = note_of("who?", 1);

    serve(&s);
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s.node, o.count == 1);
    OK(o.err);
    OK(kmsg_node_key(node, &key));
    CHECK(facts_of(peer).encrypted);
    EQ_STR(kmsg_peer_identity(peer)->name, "self");
    EQ_MEM(kmsg_peer_identity(peer)->key.bytes, 32, key.bytes, 32);
    CHECK(facts_of(s.back).encrypted);
    EQ_MEM(kmsg_peer_identity(s.back)->key.bytes, 32, key.bytes, 32);
    kmsg_node_free(node);
    CHECK(!facts_of(kmsg_self(s.node)).encrypted);
    server_done(&s);
}

static uint8_t large[LARGE];

static void large_done(void *ctx, kmsg_err err, const talk_Note *note)
{
    outcome *o = ctx;

    OK(err);
    EQ_UINT(note->blob.size, LARGE - (size_t)note->number);
    EQ_MEM(note->blob.data, note->blob.size, large, LARGE - (size_t)note->number);
    o->count++;
}

/* Each fills sockets and rooms for records many times, in both directions at once. */
TEST(large_messages_come_as_they_went_both_ways_at_once)
{
    server     s;
    kmsg_node *node = new_node();
    kmsg_peer *peer;
    outcome    o = {0};
    talk_Note  note = note_of("large", 0);

    for (size_t i = 0; i < LARGE; i++)
        large[i] = (uint8_t)(i * 2654435761u >> 13);
    serve(&s);
    peer = dial(node, &s);
    for (note.number = 0; note.number < 8; note.number++) {
        note.blob = (kmsg_bytes){large, LARGE - (size_t)note.number};
        talk_Talk_echo_async(peer, &note, &o, large_done);
    }
    DRIVE(node, s.node, o.count == 8);
    CHECK(facts_of(peer).bytes_sent > 8 * (LARGE + LARGE / 16384 * 18));
    kmsg_node_free(node);
    server_done(&s);
}

/* Beside the sizes at which a record is full, or the next one begins. */
TEST(messages_of_all_sizes_around_a_record_come_as_they_went)
{
    server     s;
    kmsg_node *node = new_node();
    kmsg_peer *peer;
    outcome    o = {0};
    talk_Note  note = note_of("edge", 0);
    int        asked = 0;

    for (size_t i = 0; i < LARGE; i++)
        large[i] = (uint8_t)(i * 40503u >> 5);
    serve(&s);
    peer = dial(node, &s);
    for (size_t records = 1; records <= 5; records += 4)
        for (size_t size = records * 16384 - 160; size < records * 16384 + 16; size++) {
            note.number = (int64_t)(LARGE - size);
            note.blob = (kmsg_bytes){large, size};
            talk_Talk_echo_async(peer, &note, &o, large_done);
            asked++;
            DRIVE(node, s.node, o.count == asked);
        }
    kmsg_node_free(node);
    server_done(&s);
}

TEST(what_was_told_has_left_when_a_flush_returns)
{
    server     s;
    kmsg_node *node = new_node();
    kmsg_peer *peer;

    serve(&s);
    OK(kmsg_start(s.node));
    peer = dial(node, &s);
    for (int i = 0; i < 10000; i++)
        OK(talk_Talk_push(peer, 1));
    OK(kmsg_flush(peer));
    EQ_UINT(facts_of(peer).waiting_bytes, 0);
    kmsg_peer_close(peer); /* says good-bye behind it, and lingers */
    kmsg_node_free(node);
    node = new_node();
    {
        int64_t     sum = 0, until_ms = clock_ms() + PATIENCE_MS;
        kmsg_arena *mem = kmsg_arena_new();
        peer = dial(node, &s);
        while (sum < 10000 && clock_ms() < until_ms)
            OK(talk_Talk_sum(peer, mem, &sum));
        EQ_INT(sum, 10000);
        kmsg_arena_free(mem);
    }
    kmsg_node_free(node);
    server_done(&s);
}

TEST(streams_go_both_ways)
{
    flow         f;
    kmsg_node   *node = new_node();
    kmsg_peer   *peer;
    kmsg_stream *stream;
    kmsg_arena  *mem = kmsg_arena_new();
    uint64_t     total = 0;
    flow_Event   event;
    int64_t      items = 0;

    flow_init(&f, NULL);
    encrypt(f.node);
    OK(kmsg_listen(f.node, LOCAL, &f.listener));
    OK(kmsg_dial(node, kmsg_listener_url(f.listener), &peer));
    OK(kmsg_start(f.node));
    OK(flow_Flow_upload_open(peer, kmsg_str("sum"), &stream));
    for (int i = 0; i < 100; i++)
        OK(flow_Flow_upload_put(stream, (kmsg_bytes){large, 20000}));
    OK(flow_Flow_upload_finish(stream, mem, &total));
    EQ_UINT(total, 2000000);
    kmsg_stream_close(stream);
    OK(flow_Flow_watch_open(peer, kmsg_str("pump"), 20000, &stream));
    while (flow_Flow_watch_next(stream, mem, &event) == KMSG_OK)
        items++;
    EQ_INT(items, 20000);
    kmsg_stream_close(stream);
    kmsg_arena_free(mem);
    kmsg_node_free(node);
    flow_done(&f);
}

TEST(a_listener_for_one_lets_in_one_who_is_trusted)
{
    server     s;
    kmsg_node *node = new_node(), *late = new_node();
    kmsg_peer *peer, *too_late, *came = NULL;
    outcome    o = {0}, refused = {0};
    talk_Note  note = note_of("first", 1);

    server_init(&s, NULL);
    encrypt(s.node);
    OK(kmsg_listen_once(s.node, LOCAL, &s.listener));
    peer = dial(node, &s);
    talk_Talk_echo_async(peer, &note, &o, echo_done);
    DRIVE(node, s.node, o.count == 1);
    OK(o.err);
    OK(kmsg_accept(s.listener, 0, &came));
    EQ_INT(kmsg_peer_identity(came)->kind, KMSG_IDENTITY_KEY);
    too_late = dial(late, &s);
    talk_Talk_echo_async(too_late, &note, &refused, echo_done);
    DRIVE(late, s.node, refused.count == 1);
    EQ_INT(refused.err, KMSG_EREFUSED);
    kmsg_node_free(late);
    kmsg_node_free(node);
    server_done(&s);
}

/* Connections that were made before stay as they are. */
TEST(what_is_set_anew_is_for_connections_to_come)
{
    server     s;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *clear, *secret;
    outcome    o[3] = {{0}};
    talk_Note  note = note_of("now", 1);

    server_init(&s, LOCAL);
    clear = dial(node, &s);
    talk_Talk_echo_async(clear, &note, &o[0], echo_done);
    DRIVE(node, s.node, o[0].count == 1);
    CHECK(!facts_of(clear).encrypted);
    encrypt(node);
    encrypt(s.node);
    talk_Talk_echo_async(clear, &note, &o[1], echo_done);
    secret = dial(node, &s);
    talk_Talk_echo_async(secret, &note, &o[2], echo_done);
    DRIVE(node, s.node, o[1].count == 1 && o[2].count == 1);
    OK(o[1].err);
    OK(o[2].err);
    CHECK(!facts_of(clear).encrypted);
    CHECK(facts_of(secret).encrypted);
    OK(kmsg_node_set_security(node, NULL));
    talk_Talk_echo_async(secret, &note, &o[2], echo_done);
    DRIVE(node, s.node, o[2].count == 2);
    OK(o[2].err);
    kmsg_node_free(node);
    server_done(&s);
}
