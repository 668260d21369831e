/* threads_test.c -- nodes on many threads, talking between threads, coming and going in any order.
 * */
#include "talk.h"

#include <pthread.h>

#define CLIENTS 4
#define ROUNDS 300

static server target;

static void *talk_a_lot(void *arg)
{
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    int        *good = arg;
    talk_Note   note = note_of("x", 0), back;

    kmsg_must(kmsg_dial(node, kmsg_listener_url(target.listener), &peer));
    for (int i = 0; i < ROUNDS; i++) {
        note.number = i;
        kmsg_must(talk_Talk_push(peer, 1));
        kmsg_must(talk_Talk_echo(peer, &note, mem, &back));
        *good += back.number == i;
        kmsg_arena_reset(mem);
    }
    kmsg_node_free(node);
    kmsg_arena_free(mem);
    return NULL;
}

static void many_clients(const char *url)
{
    pthread_t threads[CLIENTS];
    int       good[CLIENTS] = {0};

    server_start(&target, url);
    for (int i = 0; i < CLIENTS; i++)
        CHECK(pthread_create(&threads[i], NULL, talk_a_lot, &good[i]) == 0);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        EQ_INT(good[i], ROUNDS);
    }
    server_done(&target);
    EQ_INT(target.sum, CLIENTS * ROUNDS);
}

TEST(many_threads_talk_to_one)
{
    many_clients("inproc:threads-test");
    many_clients(new_path());
}

/* Two nodes that serve and ask each other, each on its thread. */
static void *chat(void *arg)
{
    server     *mine = arg;
    kmsg_arena *mem = kmsg_arena_new();
    kmsg_peer  *peer;
    int64_t     number;

    server_init(mine, NULL);
    kmsg_must(kmsg_dial(mine->node, kmsg_listener_url(target.listener), &peer));
    for (int i = 0; i < ROUNDS; i++) {
        talk_Note note = note_of("ask me", i), back;
        kmsg_must(talk_Talk_echo(peer, &note, mem, &back));
        mine->sum += back.number == 2 * i;
        kmsg_must(talk_Talk_sum(peer, mem, &number));
        kmsg_arena_reset(mem);
    }
    server_done(mine);
    kmsg_arena_free(mem);
    return NULL;
}

TEST(who_asks_is_asked_in_return_across_threads)
{
    server    mine = {0};
    pthread_t thread;

    server_start(&target, "inproc:chat");
    CHECK(pthread_create(&thread, NULL, chat, &mine) == 0);
    pthread_join(thread, NULL);
    EQ_INT(mine.sum, ROUNDS);
    server_done(&target);
}

static void *dial_and_go(void *arg)
{
    outcome *ended = arg;

    for (int i = 0; i < 100; i++) {
        kmsg_node *node = kmsg_node_new();
        kmsg_peer *peer;
        outcome    o = {0};
        kmsg_must(kmsg_dial(node, "inproc:come-and-go", &peer));
        talk_Talk_sum_async(peer, &o, sum_done);
        for (int k = i % 4; k > 0; k--)
            kmsg_must(kmsg_node_step(node));
        kmsg_node_free(node);
        ended->count += o.count;
    }
    return NULL;
}

TEST(nodes_may_end_at_any_step_of_connecting)
{
    pthread_t threads[2];
    outcome   ended[2] = {{0}};

    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, dial_and_go, &ended[i]) == 0);
    for (int i = 0; i < 100; i++) {
        server_init(&target, "inproc:come-and-go");
        for (int k = i % 5; k > 0; k--)
            OK(kmsg_node_step(target.node));
        server_done(&target);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        EQ_INT(ended[i].count, 100);
    }
}

TEST(a_flood_between_threads_is_held_back_and_arrives_whole)
{
    enum { COUNT = 400000 };
    server     slow;
    kmsg_node *node = kmsg_node_new();
    kmsg_peer *peer;
    outcome    end = {0};

    server_init(&slow, "inproc:flood");
    peer = dial(node, &slow);
    kmsg_peer_set_timeout_ms(peer, PATIENCE_MS);
    for (int i = 0; i < COUNT; i++)
        OK(talk_Talk_push(peer, 1));
    talk_Talk_sum_async(peer, &end, sum_done);
    DRIVE(node, slow.node, end.count == 1);
    EQ_INT(end.number, COUNT);
    kmsg_node_free(node);
    server_done(&slow);
}
