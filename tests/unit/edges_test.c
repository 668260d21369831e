/* edges_test.c -- faults that were found by review, each kept from coming back.
 *
 * What they have in common: two rules that are each right meet at their edges.
 */
#include "talk.h"

#include "net/net.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- the read slab --------------------------------------------------------------------------- */

/* Links are read one after the other into one slab, each at the alignment of its own stream. A link
 * that filled it left less than nothing for a next one at an odd place. */
TEST(two_links_at_odd_places_share_the_read_slab)
{
    kmi_timers timers = {0};
    kmi_net    net = {.timers = &timers};
    kmi_slab  *held = NULL;
    uint8_t   *at;
    size_t     size;

    OK(kmi_net_init(&net, &kmi_sys_uv));
    for (int turn = 0; turn < 1000; turn++)
        for (size_t alignment = 0; alignment < 8; alignment++) {
            at = kmi_net_read_room(&net, alignment, 0, &size);
            CHECK(at != NULL && size > 0);
            CHECK(at >= net.read->data);
            CHECK(size <= net.read->capacity - (size_t)(at - net.read->data));
            EQ_UINT((uintptr_t)at % 8, alignment);
            memset(at, 0x41, size); /* a sanitizer sees what is outside */
            kmi_net_read_done(&net, at, size);
            if (turn % 3 == 0)
                held = kmi_slab_ref(net.read); /* a frame that is still looked at */
            at = kmi_net_read_room(&net, 7 - alignment, 0, &size);
            CHECK(at != NULL && size <= net.read->capacity - (size_t)(at - net.read->data));
            memset(at, 0x42, size);
            kmi_slab_unref(held);
            held = NULL;
        }
    kmi_net_done(&net);
    kmi_timers_done(&timers);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static void pass_ms(int ms)
{
    int64_t until = clock_ms() + ms;

    while (clock_ms() < until)
        continue; /* the program computes */
}

/* A timer that is due when waiting begins must not be waited behind. */
TEST(a_call_after_a_long_computation_keeps_its_deadline)
{
    static const char *const urls[] = {"inproc:edges-deadline", "unix:@kmsg-edges-deadline"};

    for (size_t i = 0; i < 2; i++) {
        server      s;
        kmsg_node  *node = kmsg_node_new();
        kmsg_arena *mem = kmsg_arena_new();
        talk_Note   note = note_of("fine", 0), back;
        kmsg_peer  *peer;
        int64_t     begin;
        server_start(&s, urls[i]);
        OK(kmsg_dial(node, urls[i], &peer));
        kmsg_peer_set_timeout_ms(peer, 100);
        OK(talk_Talk_echo(peer, &note, mem, &back));
        pass_ms(150);
        note = note_of("later", 0);
        begin = clock_ms();
        FAILS(talk_Talk_echo(peer, &note, mem, &back), KMSG_ETIMEDOUT);
        CHECK(clock_ms() - begin < PATIENCE_MS / 4);
        kmsg_node_free(node);
        server_done(&s);
        kmsg_arena_free(mem);
    }
}

/* ---- handlers -------------------------------------------------------------------------------- */

static kmsg_err fail_then_later(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)note;
    (void)ret;
    kmsg_fail(call, KMSG_ENOENT, "in something that it called");
    return KMSG_LATER;
}

static kmsg_err reply_then_later(void *ctx, kmsg_call *call, const talk_Note *note, talk_Note *ret)
{
    (void)ctx;
    (void)ret;
    talk_Talk_echo_reply(call, note);
    return KMSG_LATER;
}

TEST(a_handler_that_has_ended_its_call_cannot_leave_it_for_later)
{
    static const talk_Talk_impl impls[] = {{.echo = fail_then_later}, {.echo = reply_then_later}};

    for (size_t i = 0; i < 2; i++) {
        kmsg_node  *node = kmsg_node_new();
        kmsg_arena *mem = kmsg_arena_new();
        talk_Note   note = note_of("x", 0), back;
        OK(talk_Talk_serve(node, &impls[i], NULL));
        EQ_INT(talk_Talk_echo(kmsg_self(node), &note, mem, &back), i == 0 ? KMSG_ENOENT : KMSG_OK);
        kmsg_node_free(node);
        kmsg_arena_free(mem);
    }
}

static kmsg_err ask_own_node(void *ctx, kmsg_call *call, int64_t *ret)
{
    kmsg_peer *peer = *(kmsg_peer **)ctx;

    return talk_Other_twice(peer, 21, kmsg_call_arena(call), ret);
}

TEST(the_first_call_to_the_own_node_by_its_name_runs_nested_too)
{
    static const talk_Talk_impl impl = {.sum = ask_own_node};
    kmsg_node                  *node = kmsg_node_new();
    kmsg_arena                 *mem = kmsg_arena_new();
    kmsg_peer                  *peer = NULL;
    int64_t                     number = 0;

    OK(talk_Talk_serve(node, &impl, &peer));
    OK(talk_Other_serve(node, &other_impl, NULL));
    OK(kmsg_listen(node, "inproc:edges-self", NULL));
    OK(kmsg_dial(node, "inproc:edges-self", &peer));
    OK(talk_Talk_sum(kmsg_self(node), mem, &number));
    EQ_INT(number, 42);
    kmsg_node_free(node);
    kmsg_arena_free(mem);
}

/* ---- turns ----------------------------------------------------------------------------------- */

typedef struct asker {
    kmsg_peer *peer;
    kmsg_node *node;
    talk_Note  note;
    long       count;
} asker;

static void ask_again(void *ctx, kmsg_err err, const talk_Note *result)
{
    asker *a = ctx;

    (void)result;
    if (++a->count == 5000)
        kmsg_stop_ts(a->node);
    if (err != KMSG_ECLOSED)
        talk_Talk_echo_async(a->peer, &a->note, a, ask_again);
}

/* Also where each answer is followed by a large question at once, the node can be stopped. */
TEST(a_node_that_talks_to_itself_without_end_can_be_stopped)
{
    static uint8_t large[100000];
    server         s;
    asker          a = {.note = note_of("x", 0)};

    server_init(&s, NULL);
    a.node = s.node;
    a.peer = kmsg_self(s.node);
    a.note.blob = (kmsg_bytes){large, sizeof large};
    for (int i = 0; i < 4; i++)
        talk_Talk_echo_async(a.peer, &a.note, &a, ask_again);
    OK(kmsg_run(s.node));
    CHECK(a.count >= 5000);
    server_done(&s);
}

TEST(one_message_may_be_larger_than_the_send_queue)
{
    server      s;
    kmsg_node  *node = kmsg_node_new();
    kmsg_arena *mem = kmsg_arena_new();
    size_t      size = KMSG_SEND_QUEUE_MAX + (1 << 20);
    uint8_t    *bytes = calloc(1, size);
    talk_Note   note = note_of("x", 0), back;
    kmsg_peer  *peer;

    server_init(&s, "unix:@kmsg-edges-large");
    OK(kmsg_node_set_message_max(s.node, (size_t)128 << 20));
    OK(kmsg_node_set_message_max(node, (size_t)128 << 20));
    OK(kmsg_start(s.node));
    OK(kmsg_dial(node, "unix:@kmsg-edges-large", &peer));
    kmsg_peer_set_timeout_ms(peer, 60000);
    note.blob = (kmsg_bytes){bytes, size};
    OK(talk_Talk_echo(peer, &note, mem, &back));
    EQ_UINT(back.blob.size, size);
    kmsg_node_free(node);
    server_done(&s);
    kmsg_arena_free(mem);
    free(bytes);
}
